"""Corners of the pipeline that the golden files do not have, measured on the same RTL (RI5CY, pulpissimo-v3.4.0, in
Verilator): what random programs on both sides found different, in its smallest form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

import asm
from iss.cluster import Cluster
from iss.engine.reference import ReferenceMachine

PREFIX = """
_start:
    .option norvc
    li s1, 0x1a100000
    li s0, 0x1000
    sw x0, 4(s1)
"""
SUFFIX = """
    sw x0, 4(s1)
    sw x0, 0(s1)
9:  j 9b
"""
RVC, NORVC = ".option rvc\n", ".option norvc\n"
SPLIT_LOOP = f"""
    la a0, 1f
    sw a0, 0(s0)
    li a0, 0
    {RVC} c.nop
    {NORVC} lp.setupi x0, 2, 2f
    {{body}}
    {RVC} c.nop
    {NORVC}
1:  nop
"""
"""A hardware loop that begins at a half-word address with an instruction of two words, and is left by its last one."""


@dataclass(frozen=True)
class Measured:
    """A program between two markers, what it takes on the RTL, and what the core's events and registers are then."""

    name: str
    source: str
    cycles: int
    events: dict[str, int] = field(default_factory=dict)
    registers: dict[int, int] = field(default_factory=dict)


PROGRAMS = [
    Measured(
        "a CSR instruction at a loop's start overwrites what the last one loaded",
        "lp.setupi x0, 4, 2f\n csrrw t0, mscratch, t1\n nop\n2: lw t0, 0(s0)\n",
        17,
        {"LD_STALL": 3},
    ),
    Measured(
        "a CSR instruction at a loop's start overwrites something else",
        "lp.setupi x0, 4, 2f\n csrrw t2, mscratch, t1\n nop\n2: lw t0, 0(s0)\n",
        14,
        {"LD_STALL": 0},
    ),
    Measured(
        "a jump through its own rd that waited one cycle, to a split target",
        "la ra, 1f\n nop\n lw t0, 1(s0)\n jalr ra, 0(ra)\n nop\n .option rvc\n c.nop\n .option norvc\n1: nop\n"
        " .option rvc\n c.nop\n .option norvc\n",
        11,
        {"JMP_STALL": 1, "IMISS": 1},
    ),
    Measured(
        "a wait for a jump's loaded register that a multiplication hides is counted",
        "la t2, 1f\n sw t2, 0(s0)\n nop\n lw t2, 0(s0)\n mulh t1, t0, t0\n jalr x0, 0(t2)\n nop\n1: nop\n",
        13,
        {"JMP_STALL": 1},
    ),
    Measured(
        "an overwritten misaligned load at a loop's end stalls uncounted",
        "lp.setupi x0, 4, 2f\n addi t0, t1, 1\n nop\n2: lw t0, 1(s0)\n",
        21,
        {"LD_STALL": 0, "LD": 8},
    ),
    Measured(
        "a misaligned load at a loop's end that is read at its start",
        "lp.setupi x0, 4, 2f\n addi t1, t0, 1\n nop\n2: lw t0, 1(s0)\n",
        21,
        {"LD_STALL": 3, "LD": 8},
    ),
    *(
        Measured(
            f"a register jump at a loop's start behind {before} and {last}",
            f"la t0, 1f\n sw t0, 0(s0)\n nop\n lp.setupi x0, 3, 2f\n jalr x0, 0(t0)\n nop\n1: nop\n {before}\n2: {last}\n",
            cycles + 4,
            {"JMP_STALL": waits},
        )
        for before, last, cycles, waits in (
            ("nop", "nop", 17, 0),
            ("nop", "addi t0, t0, 0", 19, 2),
            ("lw t0, 0(s0)", "addi t0, t0, 0", 22, 2),
            ("nop", "lw t0, 0(s0)", 21, 2),
            ("lw t0, 0(s0)", "nop", 19, 2),
            ("lw t0, 0(s0)", "mulh t1, t1, t1", 27, 2),
            ("nop", "p.lw t2, 0(t0!)", 19, 2),
        )
    ),
    *(
        Measured(
            f"the start of a hardware loop, left by its last instruction, is missed or not behind {what}",
            SPLIT_LOOP.format(body=body),
            cycles,
            {"IMISS": misses},
        )
        for what, body, cycles, misses in (
            ("a fence", "nop\n nop\n2: fence", 15, 1),
            ("a fence that waits", "nop\n mulh t1, t1, t1\n2: fence", 18, 1),
            ("a fence behind what waits", "mulh t1, t1, t1\n nop\n2: fence", 19, 0),
            ("a split target that is a fence", "jal x0, 2f\n nop\n2: fence", 16, 2),
            ("a taken branch", "nop\n nop\n2: beq x0, x0, 1f", 13, 1),
            ("a compressed branch, seen late", f"jal x0, 2f\n nop\n {RVC}2: c.beqz a0, 1f\n c.nop\n {NORVC}", 13, 0),
            ("a compressed branch, seen late and not taken", f"jal x0, 2f\n nop\n {RVC}2: c.bnez a0, 1f\n c.nop\n {NORVC}", 18, 1),
            ("a jump", "nop\n nop\n2: jal x0, 1f", 12, 0),
            ("a register jump", "la t0, 1f\n nop\n nop\n2: jalr x0, 0(t0)", 14, 0),
            ("a register jump that waits", "la t0, 1f\n addi t0, t0, 0\n2: jalr x0, 0(t0)", 14, 1),
            ("a register jump that waits for a load", "lw t0, 0(s0)\n2: jalr x0, 0(t0)", 13, 1),
        )
    ),
    Measured(
        "a hardware loop's last instruction writes PCER when a wait has hidden the fetch of its start",
        "li t3, 2\n csrrwi x0, 0x79f, 0\n csrrwi x0, pcer, 0\n nop\n"
        + SPLIT_LOOP.format(body="mulh t1, t1, t1\n nop\n2: csrrw t3, pcer, t3")
        + " csrrwi x0, pcer, 0\n nop\n nop\n csrrs t2, 0x781, x0\n",
        31,
        registers={7: 3},
    ),
    *(
        Measured(
            f"a hardware loop's last instruction reads IMISS and so writes it, behind {before}",
            "csrrwi x0, 0x79f, 0\n csrrwi x0, pcer, 16\n nop\n"
            + SPLIT_LOOP.format(body=f"nop\n {before}\n2: csrrs t2, 0x784, x0")
            + " nop\n csrrs t3, 0x784, x0\n",
            cycles,
            registers={7: seen, 28: seen},
        )
        for before, cycles, seen in (("nop", 21, 0), ("mulh t1, t1, t1", 28, 1), ("lw t1, 1(s0)", 22, 1))
    ),
    Measured(
        "a counter read behind a write of PCER does not see the cycle of the write",
        "csrrwi x0, pcer, 9\n nop\n nop\n csrrwi x0, pcer, 0\n csrrs t1, 0x780, x0\n csrrs t2, 0x780, x0\n",
        7,
        registers={6: 2, 7: 2},
    ),
    Measured(
        "PCER and the counters exist for the core's own events",
        "li t0, -1\n csrrw x0, pcer, t0\n csrrs t1, pcer, x0\n csrrw x0, 0x78c, t0\n csrrs t2, 0x78c, x0\n",
        6,
        registers={6: 0xFFF, 7: 0},
    ),
]


def image(source: str, layout: str) -> tuple[bytes, int]:
    """The program as the bytes from address 0, and its entry."""
    cluster = Cluster(machine=layout)
    cluster.load_elf(asm.assemble_text(source, layout=layout).elf)
    assert cluster.executable is not None
    return cluster.read(0, 0x1000), cluster.executable.entry


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name.replace(" ", "_"))
def test_core(program: Measured, machine: Callable[..., Cluster]) -> None:
    code, entry = image(PREFIX + program.source + SUFFIX, "core")
    cluster, reference = machine(machine="core"), ReferenceMachine("core")
    for target in (cluster, reference):
        target.write(0, code)
    result = cluster.run(entry=entry)
    reference.run(entry)
    for markers in (result.markers, reference.markers):
        (_, first, _), (_, second, _) = markers
        assert second - first == program.cycles
    (hart,) = result.stats["harts"]
    happened = reference.harts[0].counters.happened
    assert {name: hart["counters"][name] for name in program.events} == program.events
    assert {name: len(happened[name]) for name in program.events} == program.events
    assert {n: int(cluster.harts[0].regs[n]) for n in program.registers} == program.registers
    assert {n: reference.harts[0].regs[n] for n in program.registers} == program.registers


@pytest.mark.parametrize("fence", ["fence", "fence.i"])
@pytest.mark.parametrize(
    ("access", "between", "first"),
    [
        ("lw t0, 2(s0)", "", [7, 7, 8, 9, 10, 11, 12, 13]),
        ("sw t0, 2(s0)", "", [7, 7, 8, 9, 10, 11, 12, 13]),
        ("lh t0, 3(s0)", "nop", [9, 10, 11, 12, 13, 14, 15, 16]),
        ("lw t0, 0(s0)", "", [7, 7, 8, 9, 10, 11, 12, 13]),
        ("lw t0, 0(s0)", "nop", [8, 9, 10, 11, 12, 13, 14, 15]),
    ],
)
def test_fence_behind_a_contended_access(
    fence: str,
    access: str,
    between: str,
    first: list[int],
    machine: Callable[..., Cluster],
) -> None:
    """Of an access in two words, which takes a cycle more, a fence waits for one grant: on eight cores at one bank."""
    wait = "lw x0, 12(s1)\n"
    source = f"""
_start:
    li s1, 0x1a100000
    li s0, 0x10000000
    {wait} {wait}
    sw x0, 4(s1)
    {access}
    {between}
    {fence}
    nop
{SUFFIX}"""
    code, entry = image(source, "bench8")
    cluster = machine(machine="bench8")
    cluster.write(0, code)
    result = cluster.run(entry=entry)
    marks = sorted(result.markers)
    assert [after[1] - before[1] for before, after in zip(marks[::2], marks[1::2], strict=True)] == first
    assert [hart["conflicts"] for hart in result.stats["harts"]] == list(range(8))
