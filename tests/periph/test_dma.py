"""The DMA: data against NumPy for random shapes, ids, events, cycles, conflicts, mistakes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iss.cluster import Cluster
from iss.engine.layout import Stream
from iss.errors import ProgramError
from iss.programs import assemble
from iss.result import RunResult
from periph.dma import BEAT_BYTES, START, Side, cut

TCDM, L2, COMMANDS = 0x10000000, 0x1C040000, 0x1C070000
WINDOW = 4096
"""Transfers of the random tests stay in this many bytes of both memories."""
TO_TCDM, INC, TWO_D_EXT, ELE, ILE, BLE, TWO_D_TCDM = (1 << bit for bit in range(17, 24))
OWN, CL, FC = 0x10204400, 0x10201800, 0x10201C00
HEAD = """
    .equ    EVENTS, 0x10204000
    .globl  _start
_start:
    csrr    s11, 0xF14
    andi    s11, s11, 31
"""
END = """
end:
    li      t0, 0x1A1040A0
    li      t1, 1 << 31
    sw      t1, 0(t0)
park:
    wfi
    j       park
"""
DRIVER = f"""
    bnez    s11, others
    li      s2, {COMMANDS}
    lw      s0, 0(s2)               # the port
    addi    s2, s2, 4
transfer:
    lw      t0, 0(s2)               # words of the command
    beqz    t0, end
    lw      a0, 0(s0)
word:
    addi    s2, s2, 4
    lw      t1, 0(s2)
    sw      t1, 0(s0)
    addi    t0, t0, -1
    bnez    t0, word
    addi    s2, s2, 4
    li      t2, 1
    sll     t2, t2, a0
wait:
    lw      t1, 4(s0)
    and     t1, t1, t2
    bnez    t1, wait
    sw      t2, 4(s0)
    j       transfer
"""


@cache
def image(text: str) -> bytes:
    """The assembled program."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.S"
        path.write_text(HEAD + text + END)
        return bytes(assemble([path], "cluster").elf)


def cluster(text: str = DRIVER + "others: j park", **values: object) -> Cluster:
    made = Cluster(**{"harts": 4, "banks": 16, "tcdm_bytes": 65536, "icache": "ideal", **values})  # type: ignore[arg-type]
    made.load_elf(image(text))
    return made


@cache
def shared() -> Cluster:
    """One machine for all transfers of the random tests."""
    return cluster()


def run(machine: Cluster, commands: list[list[int]], port: int = OWN, max_cycles: int = 10**6) -> RunResult:
    words = [port] + [word for command in commands for word in (len(command), *command)] + [0]
    machine.write(COMMANDS, np.array(words, "<u4").tobytes())
    result = machine.run(machine.executable.entry if machine.executable else None, max_cycles=max_cycles)
    assert result.exit_code == 0
    return result


@dataclass(frozen=True)
class Shape:
    """A transfer within the windows of both memories: (start, bytes per line, stride) of each side."""

    length: int
    to_tcdm: bool
    tcdm: tuple[int, int, int]
    external: tuple[int, int, int]
    lines: tuple[bool, bool]

    def command(self) -> list[int]:
        word = self.length | INC | TO_TCDM * self.to_tcdm | TWO_D_EXT * self.lines[1] | TWO_D_TCDM * self.lines[0]
        words = [word, TCDM + self.tcdm[0], L2 + self.external[0]]
        words += self.external[1:] if self.lines[1] else ()
        return words + list(self.tcdm[1:] if self.lines[0] else ())

    def offsets(self, side: int) -> npt.NDArray[np.int64]:
        start, count, stride = (self.tcdm, self.external)[side]
        index = np.arange(self.length)
        return start + (index // count * stride + index % count if self.lines[side] else index)

    def move(self, near: npt.NDArray[np.uint8], far: npt.NDArray[np.uint8]) -> None:
        """What the transfer does, byte after byte."""
        (source, a), (target, b) = (near, self.offsets(0)), (far, self.offsets(1))
        if self.to_tcdm:
            (source, a), (target, b) = (target, b), (source, a)
        values = source[a]
        for place, value in zip(b, values, strict=True):
            target[place] = value


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    length = draw(st.integers(1, 600))
    sides, lines = [], []
    for _ in range(2):
        lined = draw(st.booleans())
        count = draw(st.integers(1, length + 3)) if lined else length
        number = -(-length // count)
        most = (WINDOW - count) // max(1, number - 1) if number > 1 else WINDOW
        stride = draw(st.integers(0, min(most, 2 * count + 8))) if lined else 0
        extent = (number - 1) * stride + count
        sides.append((draw(st.integers(0, WINDOW - min(extent, WINDOW))), count, stride))
        lines.append(lined)
    return Shape(length, draw(st.booleans()), sides[0], sides[1], (lines[0], lines[1]))


def windows(machine: Cluster) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    return (
        np.frombuffer(machine.read(TCDM, WINDOW), np.uint8).copy(),
        np.frombuffer(machine.read(L2, WINDOW), np.uint8).copy(),
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(shapes(), min_size=1, max_size=3), st.sampled_from([OWN, OWN - TCDM, CL, FC]), st.integers(0, 2**32 - 1)
)
def test_data_equal_numpy(transfers: list[Shape], port: int, seed: int) -> None:
    machine = shared()
    random = np.random.default_rng(seed)
    near, far = (random.integers(0, 256, WINDOW, np.uint8) for _ in range(2))
    machine.write(TCDM, near.tobytes())
    machine.write(L2, far.tobytes())
    run(machine, [transfer.command() for transfer in transfers], port)
    for transfer in transfers:
        transfer.move(near, far)
    found = windows(machine)
    np.testing.assert_array_equal(found[0], near)
    np.testing.assert_array_equal(found[1], far)


def test_tcdm_to_tcdm() -> None:
    machine = shared()
    machine.write(TCDM, bytes(range(200)))
    run(machine, [[200 | INC | TO_TCDM, TCDM + 1001, TCDM]])
    assert machine.read(TCDM + 1001, 200) == bytes(range(200))


def test_largest_transfer() -> None:
    machine = cluster(tcdm_bytes=1 << 18, l2_bytes=1 << 20)
    data = np.random.default_rng(1).integers(0, 256, 0x1FFFF, np.uint8).tobytes()
    machine.write(L2 + 0x80000 - 0x40000, data)
    run(machine, [[0x1FFFF | INC | TO_TCDM, TCDM + 3, L2 + 0x40000]])
    assert machine.read(TCDM + 3, len(data)) == data


def test_external_address_that_stands_still() -> None:
    machine = shared()
    machine.write(L2, bytes(range(16)))
    run(machine, [[20 | TO_TCDM, TCDM, L2]])
    assert machine.read(TCDM, 20) == bytes([*range(8), *range(8), *range(4)])


@pytest.mark.parametrize("width", [1, 2, 4, 8, 12])
def test_lines_of_a_standing_external_address(width: int) -> None:
    """Lines of `width` bytes with stride 0, as for a device of that width: every line begins at the same address."""
    machine = shared()
    machine.write(L2, bytes(range(16)))
    machine.write(TCDM, bytes(64))
    run(machine, [[48 | TO_TCDM | TWO_D_EXT, TCDM, L2, width, 0]])
    line = [*range(8), *range(4)][:width]
    assert machine.read(TCDM, 52) == bytes(line * (48 // width)) + bytes(4)
    run(machine, [[48 | TWO_D_EXT, TCDM, L2 + 16, width, 0]])
    expected = bytes(line[8:] + line[4:8] if width == 12 else line)
    assert machine.read(L2 + 16, len(expected)) == expected


def test_loaded_code_is_executed() -> None:
    """Code that a transfer replaces is decoded anew."""
    text = DRIVER.replace("j       transfer", "li s4, 0x10000000\n jalr s4\n j transfer") + "others: j park"
    machine = cluster(text)
    code = [0x00158593, 0x00008067], [0x01058593, 0x00008067]  # addi a1, a1, 1 or 16; ret
    for number, words in enumerate(code):
        machine.write(L2 + 8 * number, np.array(words, "<u4").tobytes())
    run(machine, [[8 | INC | TO_TCDM, TCDM, L2], [8 | INC | TO_TCDM, TCDM, L2 + 8]])
    assert machine.harts[0].regs[11] == 17


# -- cycles ------------------------------------------------------------------------------------------------------------


def watch(machine: Cluster) -> tuple[list[int], list[tuple[int, int, int]]]:
    """Cycles of stores to CMD, and events as (number, cycle, cores)."""
    stores: list[int] = []
    events: list[tuple[int, int, int]] = []
    dma = machine.parts.dma
    assert dma is not None
    access, raise_event = dma.access, dma.raise_event

    def record(port, asked, name):  # type: ignore[no-untyped-def]
        if asked.value is not None and name == "CMD":
            stores.append(asked.cycle)
        return access(port, asked, name)

    def event(number: int, cycle: int, cores: int) -> None:
        events.append((number, cycle, cores))
        raise_event(number, cycle, cores)

    dma.access, dma.raise_event = record, event  # type: ignore[method-assign]
    return stores, events


@pytest.mark.parametrize("latency", [0, 15])
@pytest.mark.parametrize("to_tcdm", [False, True])
@pytest.mark.parametrize(("start", "length"), [(0, 1), (0, 8), (4, 8), (1, 8), (0, 1024), (3, 1024)])
def test_cycles(latency: int, to_tcdm: bool, start: int, length: int) -> None:
    machine = cluster(l2_latency=latency)
    stores, events = watch(machine)
    run(machine, [[length | INC | ELE | TO_TCDM * to_tcdm, TCDM + start, L2]])
    beats = -(-(start + length) // BEAT_BYTES)
    after = (latency + 1) if to_tcdm else max(1, latency)
    assert events == [(8, stores[-1] + START + beats - 1 + after, 1)]


def pieces(shape: Shape) -> int:
    """How many beats a transfer takes: a new one begins where a line of either side does, and at every double word of the TCDM."""
    near, far = shape.offsets(0), shape.offsets(1)
    counts = [(shape.tcdm, shape.external)[side][1] if shape.lines[side] else shape.length for side in (0, 1)]
    return sum(
        index == 0 or index % counts[0] == 0 or index % counts[1] == 0 or near[index] // BEAT_BYTES != near[index - 1] // BEAT_BYTES
        or near[index] != near[index - 1] + 1 or far[index] != far[index - 1] + 1
        for index in range(shape.length)
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(shapes())
def test_cycles_of_any_shape(shape: Shape) -> None:
    """1-D and 2-D on both sides, any alignment: a beat a cycle."""
    machine = shared()
    dma = machine.parts.dma
    assert dma is not None
    before = dma.access, dma.raise_event
    stores, events = watch(machine)
    words = shape.command()
    try:
        run(machine, [[words[0] | ELE, *words[1:]]])
    finally:
        dma.access, dma.raise_event = before  # type: ignore[method-assign]
    latency = machine.config.l2_latency
    assert events == [(8, stores[-1] + START + pieces(shape) - 1 + (latency + 1 if shape.to_tcdm else latency), 1)]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 300), st.integers(0, 40), st.integers(-40, 40), st.booleans())
def test_source_and_destination_overlap(length: int, start: int, distance: int, to_tcdm: bool) -> None:
    """Within the TCDM: byte after byte is moved."""
    machine = shared()
    data = np.random.default_rng(length).integers(0, 256, 512, np.uint8)
    machine.write(TCDM, data.tobytes())
    near, far = 64 + start, 64 + start + distance
    run(machine, [[length | INC | TO_TCDM * to_tcdm, TCDM + near, TCDM + far]])
    source, target = (far, near) if to_tcdm else (near, far)
    for index in range(length):
        data[target + index] = data[source + index]
    assert machine.read(TCDM, 512) == data.tobytes()


def test_both_directions_at_once() -> None:
    """Two transfers of 8 KiB, one each way, take little longer than one."""
    both = """
    bnez    s11, park
    li      s0, 0x10204400
    lw      a0, 0(s0)
    li      t0, 8192 | 1 << 18
    li      t1, 0x10000000
    li      t2, 0x1C040000
    sw      t0, 0(s0)
    sw      t1, 0(s0)
    sw      t2, 0(s0)
    li      t0, 8192 | 3 << 17
    li      t1, 0x10004000
    li      t2, 0x1C050000
    sw      t0, 0(s0)
    sw      t1, 0(s0)
    sw      t2, 0(s0)
wait:
    lw      t1, 4(s0)
    slli    t1, t1, 16
    bnez    t1, wait
"""
    machine = cluster(both)
    assert machine.run(max_cycles=10**5).cycles < 1024 + 220
    machine = cluster(both.replace("8192 | 3 << 17", "8192 | 1 << 18"))
    assert machine.run(max_cycles=10**5).cycles > 2048


HAMMER = DRIVER + """
others:
    li      t0, 0x10000000
    slli    t1, s11, 2
    add     t0, t0, t1
again:
    lw      t1, 0(t0)
    lw      t1, 8(t0)
    lw      t1, 16(t0)
    j       again
"""


@pytest.mark.parametrize("interconnect", ["lic", "xbar12", "xbar84", "hci"])
@pytest.mark.parametrize("to_tcdm", [False, True])
def test_conflicts_with_cores(interconnect: str, to_tcdm: bool) -> None:
    data = np.random.default_rng(2).integers(0, 256, 2048, np.uint8).tobytes()
    command = [2048 | INC | ELE | TO_TCDM * to_tcdm, TCDM + 0x1000, L2]
    spans = []
    for text in (DRIVER + "others: j park", HAMMER):
        machine = cluster(text, interconnect=interconnect)
        stores, events = watch(machine)
        machine.write(L2 if to_tcdm else TCDM + 0x1000, data)
        run(machine, [command])
        assert machine.read(TCDM + 0x1000 if to_tcdm else L2, 2048) == data
        spans.append(events[0][1] - stores[-1])
    assert spans[1] > spans[0]
    assert machine.parts.dma is not None
    stream = machine.parts.dma.engines[to_tcdm].stream
    assert machine.machine.stream[stream, Stream.PORT_CONFLICTS : Stream.PORT_CONFLICTS + 2].sum() > 0
    if interconnect in ("xbar12", "xbar84"):
        assert sum(hart["conflicts"] for hart in machine.stats()["harts"]) > 0


# -- ids and events ----------------------------------------------------------------------------------------------------

IDS = """
    li      s0, 0x10204400
    bnez    s11, others
    li      s1, 16
    li      s2, 0x10000000
more:
    lw      a0, 0(s0)
    sw      a0, 0(s2)
    addi    s2, s2, 4
    addi    s1, s1, -1
    bnez    s1, more
    lw      s3, 4(s0)
    li      t0, 1
    li      t1, 0x10000100
    sw      t0, 0(t1)
    lw      s4, 0(s0)               # waits for one
    j       end
others:
    addi    t0, s11, -1
    bnez    t0, park
    li      t1, 0x10000100
spin:
    lw      t0, 0(t1)
    beqz    t0, spin
    FREE
    j       park
"""


def test_ids() -> None:
    machine = cluster(IDS.replace("FREE", "li t0, 1 << 5\n sw t0, 4(s0)"))
    machine.run(max_cycles=10**5)
    assert np.frombuffer(machine.read(TCDM, 64), "<u4").tolist() == list(range(16))
    assert machine.harts[0].regs[19] == 0xFFFF0000
    assert machine.harts[0].regs[20] == 5


def test_no_id_is_a_deadlock_that_says_so() -> None:
    with pytest.raises(ProgramError, match=r"dma.CMD: a transfer id.*16 of 16 ids taken"):
        cluster(IDS.replace("FREE", "")).run(max_cycles=10**6)


def test_an_id_with_several_commands() -> None:
    """An id is active until the last of its commands is done; a full queue makes the stores wait."""
    text = """
    bnez    s11, park
    li      s0, 0x10204400
    lw      a0, 0(s0)
    li      s1, 12
    li      t1, 0x10000000
    li      t2, 0x1C040000
    li      t0, 64 | 3 << 17
more:
    sw      t0, 0(s0)
    sw      t1, 0(s0)
    sw      t2, 0(s0)
    addi    t1, t1, 64
    addi    t2, t2, 64
    addi    s1, s1, -1
    bnez    s1, more
wait:
    lw      t1, 4(s0)
    andi    t1, t1, 1
    bnez    t1, wait
"""
    machine = cluster(text, harts=1)
    data = bytes(i * 7 & 255 for i in range(768))
    machine.write(L2, data)
    assert machine.run(max_cycles=10**5).stats["harts"][0]["stalls"]["peripheral"] > 0
    assert machine.read(TCDM, 768) == data


@pytest.mark.parametrize(("port", "flags", "expected"), [
    (OWN, ELE, [(8, 1)]), (OWN, ILE, [(9, 1)]), (OWN, ELE | ILE | BLE, [(8, 2**32 - 1), (9, 2**32 - 1)]), (OWN, 0, []),
    (CL, ELE, [(22, 2**32 - 1)]), (FC, ELE, [(22, 2**32 - 1)]), (CL, ELE | BLE, [(8, 2**32 - 1)]),
])  # fmt: skip
def test_events(port: int, flags: int, expected: list[tuple[int, int]]) -> None:
    machine = cluster()
    _, events = watch(machine)
    run(machine, [[64 | INC | TO_TCDM | flags, TCDM, L2]], port)
    assert [(number, cores) for number, _, cores in events] == expected


def test_a_core_sleeps_until_the_event() -> None:
    text = """
    bnez    s11, park
    li      s0, 0x10204400
    li      s1, EVENTS
    li      t0, 1 << 8
    sw      t0, 0(s1)
    lw      a0, 0(s0)
    li      t0, 4096 | 11 << 17
    li      t1, 0x10000000
    li      t2, 0x1C040000
    sw      t0, 0(s0)
    sw      t1, 0(s0)
    sw      t2, 0(s0)
    p.elw   s2, 0x3C(s1)
    lw      s3, 4(s0)
"""
    machine = cluster(text)
    result = machine.run(max_cycles=10**5)
    assert (machine.harts[0].regs[18], machine.harts[0].regs[19]) == (1 << 8, 1 << 16)
    assert result.stats["harts"][0]["stalls"]["sleep"] > 480


# -- mistakes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("command", "text"), [
    ([INC | TO_TCDM, TCDM, L2], "no bytes"),
    ([64 | INC | TWO_D_EXT, TCDM, L2, 0, 8], "lines of no bytes"),
    ([64 | INC, TCDM + 65536 - 63, L2], r"0x1000ffc1\.\.0x10010000 are not in the TCDM"),
    ([64 | INC, L2, L2], "are not in the TCDM"),
    ([64 | INC, TCDM, 0x1C07FFFF], r"are not in memory .*past the end of L2"),
    ([64 | INC, TCDM, 0x1A100000], "are not in memory"),
    ([64 | INC | TWO_D_TCDM, TCDM, L2, 8, 0x10000], "are not in the TCDM"),
])  # fmt: skip
@pytest.mark.parametrize("port", [OWN, CL])
def test_mistakes(command: list[int], text: str, port: int) -> None:
    with pytest.raises(ProgramError, match=text):
        run(cluster(), [command], port)


@pytest.mark.parametrize(("offset", "text"), [(8, "dma has no register"), (0x3FC, "dma has no register")])
def test_holes(offset: int, text: str) -> None:
    with pytest.raises(ProgramError, match=text):
        cluster(f"li t0, {OWN + offset}\n lw t0, 0(t0)").run(max_cycles=10**4)


def _lines(length: int, side: Side) -> Iterator[int]:
    return (side.address + i // side.count * side.stride + i % side.count for i in range(length))


@settings(max_examples=100, deadline=None)
@given(shapes())
def test_beats_are_pieces_of_lines(shape: Shape) -> None:
    """A beat stays in a line of both sides and in a double word of the TCDM; together they are the transfer."""
    near, far = (
        Side(start, count if lined else shape.length, stride)
        for (start, count, stride), lined in zip((shape.tcdm, shape.external), shape.lines, strict=True)
    )
    beats = cut(shape.length, near, far)
    assert beats[:, 0].sum() == shape.length
    bytes_near = [near.address + b + i for n, b, _ in beats for i in range(n)]
    bytes_far = [far.address + b + i for n, _, b in beats for i in range(n)]
    assert (bytes_near, bytes_far) == (list(_lines(shape.length, near)), list(_lines(shape.length, far)))
    for size, offset, _ in beats.tolist():
        assert (near.address + offset) // BEAT_BYTES == (near.address + offset + size - 1) // BEAT_BYTES


def test_the_port_of_the_fabric_controller() -> None:
    """Its transfers interrupt the fabric controller, which also starts them without a cluster core running."""
    text = f"""
    li      s0, {FC}
    lw      a0, 0(s0)
    li      t0, 128 | 11 << 17
    li      t1, 0x10000000
    li      t2, {L2}
    sw      t0, 0(s0)
    sw      t1, 0(s0)
    sw      t2, 0(s0)
    li      s1, 0x1A109800
wait:
    lw      s2, 0xC(s1)
    andi    s2, s2, 1 << 8
    beqz    s2, wait
"""
    machine = cluster(text, machine="pulp")
    machine.write(L2, bytes(range(128)))
    assert machine.run(max_cycles=10**5).exit_code == 0
    assert machine.read(TCDM, 128) == bytes(range(128))
