"""What goes wrong for a user's reason is one clear error: damaged files, programs that leave their memory or never
end."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from iss.cluster import Cluster
from iss.errors import ProgramError, SimulationError
from iss.result import RunResult

L2 = 0x1C000000
ENTRY = L2 + 0x80
MACHINES = ("core", "bench8", "cluster")
Machine = Callable[..., Cluster]
Words = Callable[[Sequence[int]], bytes]


# -- instructions, packed by hand --------------------------------------------------------------------------------------


def lui(rd: int, value: int) -> int:
    return value & 0xFFFFF000 | rd << 7 | 0x37


def addi(rd: int, rs1: int, imm: int) -> int:
    return (imm & 0xFFF) << 20 | rs1 << 15 | rd << 7 | 0x13


def jalr(rd: int, rs1: int, imm: int = 0) -> int:
    return (imm & 0xFFF) << 20 | rs1 << 15 | rd << 7 | 0x67


def lw(rd: int, rs1: int, imm: int = 0) -> int:
    return (imm & 0xFFF) << 20 | rs1 << 15 | 2 << 12 | rd << 7 | 0x03


def sw(rs2: int, rs1: int, imm: int = 0) -> int:
    return (imm >> 5 & 0x7F) << 25 | rs2 << 20 | rs1 << 15 | 2 << 12 | (imm & 0x1F) << 7 | 0x23


def csrw(csr: int, rs1: int) -> int:
    return csr << 20 | rs1 << 15 | 1 << 12 | 0x73


FOREVER, ECALL, EBREAK, WFI, FENCE_I, ILLEGAL, NOP = 0x6F, 0x73, 0x100073, 0x10500073, 0x100F, 0xFFFFFFFF, 0x13


# -- ELF files, packed by hand -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Segment:
    """A program header and its bytes."""

    address: int
    data: bytes
    kind: int = 1  # PT_LOAD
    flags: int = 5  # read, execute
    in_file: int | None = None
    in_memory: int | None = None


@dataclass(frozen=True)
class Elf:
    """An ELF32 file without sections; each field may be made wrong."""

    segments: tuple[Segment, ...]
    entry: int = ENTRY
    magic: bytes = b"\x7fELF"
    bits: int = 1
    order: int = 1
    machine: int = 243
    kind: int = 2

    def pack(self) -> bytes:
        start = 52 + 32 * len(self.segments)
        headers, body = b"", b""
        for s in self.segments:
            size = len(s.data) if s.in_file is None else s.in_file
            total = len(s.data) if s.in_memory is None else s.in_memory
            headers += struct.pack("<8I", s.kind, start + len(body), s.address, s.address, size, total, s.flags, 4)
            body += s.data
        identity = self.magic + bytes([self.bits, self.order, 1]) + bytes(9)
        layout = "<HHIIIIIHHHHHH" if self.order == 1 else ">HHIIIIIHHHHHH"
        header = struct.pack(
            layout, self.kind, self.machine, 1, self.entry, 52, 0, 0, 52, 32, len(self.segments), 40, 0, 0
        )
        return identity + header + headers + body


@pytest.fixture(scope="module")
def elf(words: Words) -> Elf:
    """A file that loads."""
    return Elf((Segment(ENTRY, words([FOREVER])),))


@pytest.fixture(scope="module")
def cluster(machine: Machine) -> Cluster:
    return machine()


def refuse(cluster: Cluster, data: bytes, *parts: str) -> None:
    """The file is refused with a message that has these parts."""
    with pytest.raises(SimulationError) as caught:
        cluster.load_elf(data)
    for part in parts:
        assert part in str(caught.value)


def test_a_good_file_loads(cluster: Cluster, elf: Elf) -> None:
    assert cluster.load_elf(elf.pack()).entry == ENTRY
    assert cluster.run(max_cycles=100).reason == "max_cycles"


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"magic": b"\x7fELG"}, "not an ELF file"),
        ({"bits": 2}, "64-bit"),
        ({"order": 2}, "big-endian"),
        ({"machine": 40}, "not for RISC-V"),
        ({"kind": 1}, "link it first"),
        ({"kind": 3}, "position-independent; link it with -static -nostdlib -no-pie"),
        ({"entry": L2}, "the entry 0x1c000000 is outside the program's code"),
        ({"entry": ENTRY + 1}, "the entry 0x1c000081 is odd"),
        ({"segments": ()}, "nothing to load"),
    ],
    ids=lambda value: "" if isinstance(value, str) else next(iter(value)),
)
def test_header(cluster: Cluster, elf: Elf, change: dict[str, Any], part: str) -> None:
    refuse(cluster, replace(elf, **change).pack(), part)


@pytest.mark.parametrize(
    ("segment", "parts"),
    [
        (Segment(L2, b"/lib/ld.so\0", kind=3), ["dynamically linked", "-static"]),
        (Segment(L2, bytes(8), kind=2), ["dynamically linked"]),
        (Segment(ENTRY + 2, bytes(64)), ["overlap", "0x1c000080", "0x1c000082"]),
        (Segment(0x40000000, bytes(64)), ["0x40000000", "64 bytes", "is outside memory", "L2 0x1c000000"]),
        (Segment(L2 + (512 << 10) - 32, bytes(64)), ["0x1c07ffe0", "does not fit: L2", "l2_bytes"]),
        (Segment(0x1A104000, bytes(4)), ["0x1a104000", "is outside memory"]),
        (Segment(0xFFFFFFF0, bytes(64)), ["0xfffffff0", "is outside memory"]),
        (Segment(L2 + 0x1000, bytes(8), in_memory=1 << 31), ["does not fit: L2"]),
        (Segment(L2 + 0x1000, bytes(8), in_file=1 << 20, in_memory=1 << 20), ["truncated"]),
        (Segment(L2 + 0x1000, bytes(8), in_memory=4), ["larger in the file than in memory"]),
    ],
    ids=["interpreter", "dynamic", "overlap", "nowhere", "over_the_end", "device", "wraps", "huge", "short", "shrinks"],
)
def test_segment(cluster: Cluster, elf: Elf, segment: Segment, parts: list[str]) -> None:
    refuse(cluster, replace(elf, segments=(*elf.segments, segment)).pack(), *parts)


def test_segments_in_the_same_memory(machine: Machine, elf: Elf) -> None:
    """The core machine's 4 MiB are everywhere: a program of the cluster may be written over by its own data."""
    both = (Segment(ENTRY, bytes(64)), Segment(0x10000000, bytes(0x100)))
    machine(machine="cluster").load_elf(replace(elf, segments=both).pack())
    with pytest.raises(SimulationError, match="segments at 0x1c000080 and 0x10000000 lie in the same memory"):
        machine(machine="core").load_elf(replace(elf, segments=both).pack())


def test_truncated_anywhere(cluster: Cluster, elf: Elf) -> None:
    data = elf.pack()
    for length in range(len(data)):
        refuse(cluster, data[:length])


def test_entry_in_data(cluster: Cluster, elf: Elf) -> None:
    data = Segment(L2 + 0x2000, bytes(16), flags=6)
    refuse(
        cluster, replace(elf, segments=(*elf.segments, data), entry=L2 + 0x2000).pack(), "outside the program's code"
    )


def test_missing_file(cluster: Cluster) -> None:
    with pytest.raises(SimulationError, match=r"cannot read /nowhere/program\.elf"):
        cluster.load_elf("/nowhere/program.elf")


def test_nothing_loaded(machine: Machine) -> None:
    with pytest.raises(SimulationError, match="load an ELF"):
        machine().run()


def test_damaged_files(machine: Machine, elf: Elf) -> None:
    """Bytes changed at random: loaded or refused, and never anything else."""
    cluster, rng, refused = machine(), random.Random(1), 0
    good = replace(elf, segments=(*elf.segments, Segment(L2 + 0x1000, bytes(range(64)), flags=6))).pack()
    for _ in range(1500):
        data = bytearray(good)
        for _ in range(rng.choice([1, 1, 2, 8])):
            data[rng.randrange(len(data))] = rng.choice([0, 1, 0xFF, 0x7F, 0x80, rng.randrange(256)])
        try:
            cluster.load_elf(bytes(data))
        except SimulationError:
            refused += 1
    assert 200 < refused < 1500


# -- programs that leave their memory ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wrong:
    """A program, and what the error of it says."""

    code: list[int]
    parts: list[str]
    machine: str = "bench8"


NOWHERE = 0x20000000
WRONG = {
    "load_unmapped": Wrong(
        [lui(5, NOWHERE), lw(6, 5, 4)], ["`lw t1, 4(t0)`", "loads 4 bytes at 0x20000004", "unmapped"]
    ),
    "store_unmapped": Wrong(
        [lui(5, NOWHERE), sw(6, 5, 4)], ["`sw t1, 4(t0)`", "stores 4 bytes at 0x20000004", "unmapped"]
    ),
    "load_over_the_end": Wrong(
        [lui(5, 0x100000), lw(6, 5, -2)], ["loads 4 bytes at 0x000ffffe", "image", "0x00100001 is unmapped"]
    ),
    "store_over_the_end": Wrong(
        [lui(5, 0x10100000), sw(6, 5, -2)], ["stores 4 bytes at 0x100ffffe", "TCDM", "0x10100001 is unmapped"]
    ),
    "load_into_the_start": Wrong([lui(5, 0x10000000), lw(6, 5, -2)], ["at 0x0ffffffe", "0x2 bytes before TCDM"]),
    "no_such_register": Wrong([lui(5, 0x1A100000), sw(0, 5, 12)], ["0x1a10000c (test port)", "+0x0 exit"], "core"),
    "misaligned_register": Wrong([lui(5, 0x1A100000), sw(0, 5, 5)], ["0x1a100005", "multiple of the size"], "core"),
    "jump_unmapped": Wrong(
        [lui(5, NOWHERE), jalr(0, 5, 8)], ["`jalr zero, 8(t0)` goes on at 0x20000008", "holds no code", "past the end"]
    ),
    "jump_to_device": Wrong([lui(5, 0x1A100000), jalr(0, 5)], ["0x1a100000", "holds no code (test port)"], "core"),
    "illegal": Wrong([ILLEGAL], ["`.word 0xffffffff`", "illegal instruction", "no code at the trap vector 0x00000000"]),
    "ebreak": Wrong([EBREAK], ["`ebreak`", "traps on ebreak", "no code at the trap vector"]),
    "ecall": Wrong([ECALL], ["`ecall`", "traps on ecall", "no code at the trap vector"]),
    "sleep_for_ever": Wrong([WFI], ["hart 0", "`wfi`", "waits since cycle"], "core"),
    "missed_barrier": Wrong([lui(5, 0x1A100000), lw(6, 5, 0xC), WFI], ["every hart waits", "hart 7"]),
    "code_ends": Wrong([lui(5, 0x100000), addi(5, 5, -4), sw(7, 5), jalr(0, 5)], ["illegal instruction"]),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_wrong_program(machine: Machine, words: Words, case: Wrong) -> None:
    target = machine(machine=case.machine)
    target.write(0x80, words(case.code))
    with pytest.raises(ProgramError) as caught:
        target.run(entry=0x80, max_cycles=1000)
    text = str(caught.value)
    for part in ["hart 0", "pc 0x", "cycle", *case.parts]:
        assert part in text
    result = caught.value.result
    assert result is not None
    assert (result.reason, result.exit_code) == ("fault", None)
    assert result.stats["harts"][0]["instructions"] == result.stats["harts"][0]["counters"]["INSTR"]


def test_message_names_the_symbol(machine: Machine, words: Words) -> None:
    """The place is given as symbol and offset when the file has symbols."""
    names = b"\0_start\0"
    symbols = bytes(16) + struct.pack("<IIIBBH", 1, ENTRY, 64, 0x12, 0, 1)
    code = words([NOP, lui(5, NOWHERE), lw(6, 5, 4)])
    base = Elf((Segment(ENTRY, code),)).pack()
    sections = struct.pack("<10I", *[0] * 10)
    sections += struct.pack("<10I", 0, 1, 6, ENTRY, 84, len(code), 0, 0, 4, 0)
    sections += struct.pack("<10I", 0, 2, 0, 0, len(base), len(symbols), 3, 1, 4, 16)
    sections += struct.pack("<10I", 0, 3, 0, 0, len(base) + len(symbols), len(names), 0, 0, 1, 0)
    data = bytearray(base + symbols + names)
    data += bytes(-len(data) % 4)
    struct.pack_into("<I", data, 32, len(data))  # e_shoff
    struct.pack_into("<HHH", data, 46, 40, 4, 3)  # e_shentsize, e_shnum, e_shstrndx
    target = machine()
    target.load_elf(bytes(data) + sections)
    with pytest.raises(ProgramError, match=r"hart \d at pc 0x1c000088 <_start\+0x8> `lw t1, 4\(t0\)` loads 4 bytes"):
        target.run()


@pytest.mark.parametrize("name", MACHINES)
def test_pc_outside_memory(machine: Machine, name: str) -> None:
    target = machine(machine=name)
    where = 0x1A100000 if name == "core" else 0x40000000
    with pytest.raises(ProgramError, match=f"fetches an instruction from 0x{where:08x}, which holds no code"):
        target.run(entry=where, max_cycles=100)
    with pytest.raises(SimulationError, match="0x00000081 is odd"):
        target.run(entry=0x81)


def test_host_access_outside_memory(cluster: Cluster) -> None:
    with pytest.raises(SimulationError, match="cannot read 4 bytes at 0x40000000"):
        cluster.read(0x40000000, 4)
    with pytest.raises(SimulationError, match="cannot write 8 bytes at 0x1c07fffc"):
        cluster.write(0x1C07FFFC, bytes(8))
    with pytest.raises(SimulationError, match="cannot read -4 bytes"):
        cluster.read(0x1C000000, -4)
    with pytest.raises(TypeError):
        cluster.write(0x1C000000, 4)  # type: ignore[arg-type]  # bytes(4) are four zeros
    values = np.arange(6, dtype=np.int16)
    for given in (values, values[::-1], values.reshape(2, 3).T, bytearray(b"abc"), memoryview(b"abcd")):
        cluster.write(0x1C000000, given)
        expected = given.tobytes() if isinstance(given, np.ndarray) else bytes(given)
        assert cluster.read(0x1C000000, len(expected)) == expected


def test_what_the_api_is_given_is_checked(cluster: Cluster, elf: Elf) -> None:
    cluster.load_elf(bytearray(elf.pack()))
    for entry, part in ((1 << 32, "0x100000000 is no 32-bit address"), (-2, "is no 32-bit address"), (L2 + 1, "is odd")):
        with pytest.raises(SimulationError, match=part):
            cluster.start(entry)
    for cycles in (-1, 1.5, float("inf")):
        with pytest.raises(SimulationError, match=r"max_cycles = .* a whole number"):
            cluster.run(max_cycles=cycles)  # type: ignore[arg-type]
    with pytest.raises(SimulationError, match="there is no hart 8: the machine has harts 0 to 7"):
        cluster.step(8)
    with pytest.raises(SimulationError, match="no CSR 'mepcc'; did you mean mepc"):
        cluster.harts[0].csr("mepcc")


@pytest.mark.parametrize("name", MACHINES)
def test_never_ends(machine: Machine, words: Words, name: str) -> None:
    target = machine(machine=name)
    entry = ENTRY if name == "cluster" else 0x80
    target.write(entry, words([FOREVER]))
    result = target.run(entry=entry, max_cycles=1234)
    assert (result.reason, result.exit_code, result.cycles) == ("max_cycles", None, 1234)
    assert result.instructions > 0


def attempt(target: Cluster, **arguments: int) -> RunResult:
    """The result of a run, also of one that an error stopped."""
    try:
        return target.run(**arguments)
    except ProgramError as error:
        if error.result is None:
            raise
        return error.result


# -- odd programs that are fine ----------------------------------------------------------------------------------------


EXIT = [lui(31, 0x1A100000), sw(10, 31)]


def ends_with(machine: Machine, words: Words, code: list[int]) -> int:
    target = machine(machine="core")
    target.write(0x80, words(code))
    result = target.run(entry=0x80, max_cycles=1000)
    assert result.reason == "exit"
    assert result.exit_code is not None
    return result.exit_code


@pytest.mark.parametrize("fence", [FENCE_I, NOP], ids=["with_fence_i", "without"])
def test_self_modifying_code(machine: Machine, words: Words, fence: int) -> None:
    """A store to code that has been executed is executed the next time, far enough behind the fetch."""
    one, two = addi(10, 10, 1), addi(10, 10, 100)
    body = [addi(5, 0, 0x80 + 4 * 6), lui(6, two + 0x800), addi(6, 6, (two & 0xFFF) - ((two & 0x800) << 1)), NOP]
    body += [addi(7, 0, 2), NOP, one, sw(6, 5), fence, NOP, NOP, NOP, NOP, addi(7, 7, -1)]
    back = -8 * 4
    branch = (back >> 12 & 1) << 31 | (back >> 5 & 0x3F) << 25 | 7 << 15 | 1 << 12 | (back >> 1 & 15) << 8
    branch |= (back >> 11 & 1) << 7 | 0x63
    assert ends_with(machine, words, [*body, branch, *EXIT]) == 101


def test_jump_to_odd_address(machine: Machine, words: Words) -> None:
    """jalr clears bit 0 of its target."""
    assert ends_with(machine, words, [addi(5, 0, 0x80 + 13), jalr(10, 5), ILLEGAL, addi(10, 10, 1), *EXIT]) == 0x88 + 1


@pytest.mark.parametrize("garbage", [0xFFFFFFFF, 0x81, 0x82, 0x40000000, 0x1A100000, 0xFFFFFFFE, 0x94, 0x95])
@pytest.mark.parametrize("register", range(6))
def test_garbage_in_loop_registers(machine: Machine, words: Words, garbage: int, register: int) -> None:
    """A hardware loop from or to nowhere is an error when it jumps there, and nothing before."""
    csr = 0x7C0 + register % 3 + 4 * (register // 3)
    start, end, count = (0x7C0 + 4 * (register // 3) + i for i in range(3))
    code = [lui(5, garbage + 0x800), addi(5, 5, (garbage & 0xFFF) - ((garbage & 0x800) << 1))]
    code += [addi(6, 0, 0x80 + 4 * 10), csrw(start, 6), addi(6, 0, 0x80 + 4 * 11), csrw(end, 6), addi(6, 0, 3)]
    code += [csrw(count, 6), csrw(csr, 5), NOP, NOP, NOP, addi(10, 0, 7), *EXIT]
    target = machine(machine="core")
    target.write(0x80, words(code))
    result = attempt(target, entry=0x80, max_cycles=2000)
    assert result.exit_code == 7 or result.reason in ("max_cycles", "fault")


# -- anything at all ---------------------------------------------------------------------------------------------------


def random_code(rng: random.Random, size: int) -> bytes:
    """Bytes that are often instructions."""
    half = bytearray(rng.randbytes(size))
    for i in range(0, size - 4, 4):
        if rng.random() < 0.7:
            opcode = rng.choice(
                [0x03, 0x0B, 0x13, 0x23, 0x2B, 0x33, 0x57, 0x5B, 0x63, 0x6F, 0x73, 0x7B, 0x0F, 0x67, 0x37]
            )
            half[i] = opcode | half[i] & 0x80
    return bytes(half)


def fuzz(machine: Machine, name: str, seeds: range) -> tuple[int, int]:
    """Run random bytes; (how many runs ended in an error, instructions in sum)."""
    errors = instructions = 0
    target = machine(machine=name)
    base = L2 if name == "cluster" else 0
    for seed in seeds:
        rng = random.Random(seed)
        target.write(base, random_code(rng, 0x4000))
        target.start(base + 0x80)
        for hart in target.harts:
            for i in range(1, 32):
                hart.regs[i] = rng.choice(
                    [base + rng.randrange(0x4000), rng.getrandbits(32), 0x10000000 + rng.randrange(4096)]
                )
        result = attempt(target, max_cycles=4000)
        errors += result.reason == "fault"
        instructions += result.instructions
        assert result.cycles <= 4000
    return errors, instructions


@pytest.mark.parametrize("name", MACHINES)
def test_random_bytes(machine: Machine, name: str) -> None:
    errors, instructions = fuzz(machine, name, range(80))
    assert instructions > 1000
    assert errors > 5


@pytest.mark.slow
@pytest.mark.parametrize("name", MACHINES)
def test_random_bytes_many(machine: Machine, name: str) -> None:
    fuzz(machine, name, range(1000, 2500))
