"""The address space: what is where, the same for the host, the page table and the harts; aliases and windows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest

from iss.cluster import Cluster
from iss.engine.layout import KIND_MASK, PAGE_BITS, PLACE_SHIFT, Page
from iss.errors import ProgramError, SimulationError
from iss.memory.map import PAGE_BYTES, PAGES, AddressMap, Region

MACHINES = ("core", "bench8", "cluster")
TEST_PORT, CORE_STATUS = 0x1A100000, 0x1A1040A0
TCDM, L2 = 0x10000000, 0x1C000000
EDGE = PAGE_BYTES - 4


def image(words: Sequence[int]) -> bytes:
    return b"".join(word.to_bytes(4, "little") for word in words)


def lui(rd: int, value: int) -> int:
    return value & 0xFFFFF000 | rd << 7 | 0x37


def addi(rd: int, rs1: int, imm: int) -> int:
    return (imm & 0xFFF) << 20 | rs1 << 15 | rd << 7 | 0x13


def lw(rd: int, rs1: int, imm: int = 0) -> int:
    return (imm & 0xFFF) << 20 | rs1 << 15 | 2 << 12 | rd << 7 | 0x03


def sw(rs2: int, rs1: int, imm: int = 0) -> int:
    return (imm >> 5 & 0x7F) << 25 | rs2 << 20 | rs1 << 15 | 2 << 12 | (imm & 0x1F) << 7 | 0x23


FOREVER = 0x6F


# -- the map itself ----------------------------------------------------------------------------------------------------


def test_page_table_says_what_find_says() -> None:
    for name in MACHINES:
        found = Cluster(machine=name).machine.map
        rng = random.Random(name)
        edges = [base + d for r in found.regions for base in r.bases() for d in (-4, 0, EDGE, r.size - 4, r.size)]
        for view in range(len(found.views)):
            for address in [*edges, *(rng.getrandbits(32) for _ in range(2000))]:
                address &= 0xFFFFFFFC
                entry = int(found.table[view * PAGES + (address >> PAGE_BITS)])
                region = found.find(address, view)
                kind = Page.UNMAPPED if region is None else region.kind
                assert entry & KIND_MASK == kind, f"{name} 0x{address:08x}"
                place = found.place(address, 4, view)
                if kind not in (Page.UNMAPPED, Page.DEVICE):
                    assert (entry >> PLACE_SHIFT) + address % PAGE_BYTES == place, f"{name} 0x{address:08x}"
                else:
                    assert place is None


def test_memories_do_not_overlap() -> None:
    for name in MACHINES:
        found = Cluster(machine=name).machine.map
        own = [r for r in found.regions if r.kind != Page.DEVICE and not r.memory]
        spans = sorted((found.places[r.name], found.places[r.name] + r.size) for r in own)
        assert spans[0][0] >= PAGE_BYTES
        assert spans[-1][1] <= found.size
        for (_, end), (begin, _) in pairwise(spans):
            assert end + PAGE_BYTES <= begin, "a page lies between two memories"


def test_earlier_region_covers_later() -> None:
    small, large = Region("small", 0x2000, 0x1000, Page.RAM), Region("large", 0, 0x4000, Page.RAM)
    found = AddressMap([small, large])
    assert [found.describe(a) for a in (0x1FFF, 0x2000, 0x2FFF, 0x3000)] == ["large", "small", "small", "large"]


@pytest.mark.parametrize("region", [Region("odd", 0x100, 0x1000, Page.RAM), Region("odd", 0, 0x800, Page.RAM)])
def test_regions_are_whole_pages(region: Region) -> None:
    with pytest.raises(SimulationError, match=r"region odd .* whole pages of 4096 bytes"):
        AddressMap([region])


def test_place_needs_one_piece() -> None:
    found = AddressMap([Region("a", 0x1000, 0x1000, Page.RAM), Region("b", 0x2000, 0x1000, Page.RAM)])
    assert found.place(0x1FFC, 4) is not None
    assert found.place(0x1FFD, 4) is None
    assert found.place(0x2FFF, 2) is None
    assert found.place(0x3000, 1) is None


def test_unmapped_addresses_are_described_by_their_neighbours() -> None:
    found = AddressMap([Region("low", 0x1000, 0x1000, Page.RAM), Region("high", 0x8000, 0x1000, Page.RAM)])
    assert found.describe(0x2010) == "unmapped: 0x10 bytes past the end of low, 0x5ff0 bytes before high"
    assert found.describe(0) == "unmapped: 0x1000 bytes before low"
    assert found.describe(0xFFFFFFFF) == "unmapped: 0xffff6fff bytes past the end of high"


# -- aliases and windows, for the host and for harts -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("core", 0x1234, 0x1234 + (4 << 20)),
        ("core", 0x1234, 0xFFC01234),
        ("bench8", TCDM + 0x40, TCDM + 0x40040),
        ("bench8", TCDM + 0x40, TCDM + 0xC0040),
        ("cluster", 0x40, TCDM + 0x40),
        ("cluster", 0x7FFFC, TCDM + 0x7FFFC),
    ],
    ids=lambda value: value if isinstance(value, str) else f"0x{value:x}",
)
def test_alias(name: str, first: int, second: int) -> None:
    """What is written at one address is read at the other, by the host and by a hart."""
    cluster = Cluster(machine=name)
    cluster.write(first & ~3, b"abcd")
    assert cluster.read(second & ~3, 4) == b"abcd"

    code = L2 + 0x80 if name == "cluster" else 0x80
    upper, lower = (first & ~3) + 0x800, ((first & 0xFFC) ^ 0x800) - 0x800
    there, below = (second & ~3) + 0x800, ((second & 0xFFC) ^ 0x800) - 0x800
    program = [
        lui(5, upper),
        addi(5, 5, lower),
        lui(6, there),
        addi(6, 6, below),
        lw(7, 5),
        addi(7, 7, 1),
        sw(7, 6),
        lw(8, 5),
    ]
    cluster.write(code, image([*program, FOREVER]))
    cluster.run(entry=code, max_cycles=600)
    assert cluster.harts[0].regs[8] == cluster.harts[0].regs[7]
    assert int.from_bytes(cluster.read(first & ~3, 4), "little") == int(cluster.harts[0].regs[8])
    assert cluster.harts[0].regs[8] > 0x64636261


def test_code_is_the_same_at_its_alias() -> None:
    """Code in the TCDM runs at both of its addresses; a store through one changes what the other executes."""
    cluster = Cluster(machine="cluster", harts=1)
    marker = addi(10, 10, 100)
    cluster.write(TCDM + 0x100, image([addi(10, 10, 1), FOREVER]))
    cluster.run(entry=0x100, max_cycles=100)
    assert cluster.harts[0].regs[10] == 1
    cluster.run(entry=TCDM + 0x100, max_cycles=100)
    assert (cluster.harts[0].regs[10], cluster.harts[0].pc) == (1, TCDM + 0x104)
    cluster.write(0x100, image([marker]))
    cluster.run(entry=TCDM + 0x100, max_cycles=100)
    assert cluster.harts[0].regs[10] == 100
    store = [lui(5, TCDM), addi(6, 6, 0), lui(7, marker + 0x800), addi(7, 7, ((marker & 0xFFF) ^ 0x800) - 0x800)]
    body = [*store, sw(7, 5, 0x300), 0x100F, *[0x13] * 4]
    cluster.write(0x200, image(body))
    cluster.write(0x200 + 4 * len(body), image([lui(8, 0), addi(8, 8, 0x300), 0x00040067]))  # jalr x0, 0(x8)
    cluster.write(0x300, image([addi(10, 10, 1), FOREVER]))
    cluster.run(entry=0x300, max_cycles=100)
    assert cluster.harts[0].regs[10] == 1
    cluster.run(entry=0x200, max_cycles=300)
    assert cluster.harts[0].regs[10] == 100


def test_misaligned_access_wraps_with_repeating_ram() -> None:
    """The core machine's RAM repeats, so that an access over its end goes on at its start."""
    cluster = Cluster(machine="core")
    cluster.write((4 << 20) - 2, b"yz")
    cluster.write(0, b"ab")
    cluster.write(0x80, image([lui(5, 0x400000), lw(6, 5, -2), FOREVER]))
    cluster.run(entry=0x80, max_cycles=50)
    assert int(cluster.harts[0].regs[6]).to_bytes(4, "little") == b"yzab"


@pytest.mark.parametrize(
    ("name", "address", "ok"),
    [
        ("bench8", TCDM, True),
        ("bench8", TCDM + 0xFFFFC, True),
        ("bench8", TCDM + 0x100000, False),
        ("bench8", TCDM - 4, False),
        ("bench8", 0xFFFFC, True),
        ("bench8", 0x100000, False),
        ("cluster", TCDM + 0x7FFFC, True),
        ("cluster", TCDM + 0x80000, False),
        ("cluster", 0x80000, False),
        ("cluster", L2 + 0x7FFFC, True),
        ("cluster", L2 + 0x80000, False),
        ("cluster", L2 - 4, False),
        ("core", 0xFFFFFFFC, True),
    ],
    ids=lambda value: f"0x{value:x}" if type(value) is int else str(value),
)
def test_bounds(name: str, address: int, ok: bool) -> None:
    cluster = Cluster(machine=name)
    code = L2 + 0x80 if name == "cluster" else 0x80
    low = ((address & 0xFFF) ^ 0x800) - 0x800
    cluster.write(code, image([lui(5, address - low), lw(6, 5, low), FOREVER]))
    if ok:
        assert cluster.run(entry=code, max_cycles=500).reason == "max_cycles"
        return
    with pytest.raises(ProgramError, match=f"loads 4 bytes at 0x{address:08x} .*unmapped"):
        cluster.run(entry=code, max_cycles=500)


@pytest.mark.parametrize(("tcdm", "l2"), [(64 << 10, 64 << 10), (1 << 20, 1 << 20), (4096, 4096)])
def test_sizes_are_configurable(tcdm: int, l2: int) -> None:
    cluster = Cluster(machine="cluster", tcdm_bytes=tcdm, l2_bytes=l2)
    cluster.write(TCDM, bytes(tcdm))
    cluster.write(L2, bytes(l2))
    for base, size in ((TCDM, tcdm), (0, tcdm), (L2, l2)):
        with pytest.raises(SimulationError, match="cannot write"):
            cluster.write(base + size - 2, b"abcd")


def test_banks_interleave_words() -> None:
    """Consecutive words lie in consecutive banks, from any address of the TCDM."""
    cluster = Cluster(machine="bench8", harts=1)
    cluster.write(0x80, image([lui(5, TCDM), *(lw(6, 5, 4 * i) for i in range(40)), lui(7, TEST_PORT), sw(0, 7)]))
    result = cluster.run(entry=0x80, max_cycles=500)
    assert [bank["accesses"] for bank in result.stats["tcdm"]["banks"]] == [2] * 8 + [1] * 24
    assert result.stats["tcdm"]["accesses"] == 40


@pytest.mark.parametrize("machine", ["cluster", "pulp"])
def test_a_tcdm_of_more_than_its_space(machine: str) -> None:
    """It lies as a whole at 0x11000000; its first MiB, with the test-and-set alias, is where it always is."""
    cluster = Cluster(machine=machine, tcdm_bytes=3 << 20)
    cluster.write(0x11000000, bytes(range(256)) * (3 << 12))
    for address in (TCDM, 0, TCDM + 0x100000):
        assert cluster.read(address + 0x7FF00, 4) == bytes(range(4))
    cluster.write(TCDM + 0xFFFFC, b"last")
    assert cluster.read(0x110FFFFC, 4) == b"last"
    region = cluster.machine.map.find(0x10200000)
    assert region is not None
    assert region.name == "cluster peripherals"
    with pytest.raises(SimulationError, match="cannot read 4 bytes at 0x11300000"):
        cluster.read(0x11300000, 4)
