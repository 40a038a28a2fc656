"""Memory that grants or answers late, on one core: the rules that programs measured on the RTL follow (test_golden_programs.py)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import asm
from iss.cluster import Cluster

Run = Callable[..., int]


@pytest.fixture
def run(machine: Callable[..., Cluster]) -> Run:
    """Cycles from one marker store to the next, around some instructions; s0 points to data, a0 and a1 are 3 and -5."""

    def run(text: str, **values: int) -> int:
        source = f"""
        .globl _start
_start: la s0, data
        li a0, 3
        li a1, -5
        lui t6, 0x1a100
        sw zero, 4(t6)
        {text}
        sw zero, 4(t6)
        sw zero, 0(t6)
        .align 2
data:   .space 64
"""
        cluster = machine(machine="core", **values)
        cluster.load_elf(asm.assemble_text(source, layout="core").elf)
        result = cluster.run(max_cycles=10_000)
        (_, first, _), (_, second, _) = result.markers
        return second - first

    return run


@pytest.mark.parametrize("late", [0, 1, 2, 5, 40])
@pytest.mark.parametrize("kind", ["l2_latency", "l2_response_latency"])
@pytest.mark.parametrize("access", ["lw a2, 0(s0)", "sw a2, 0(s0)", "lb a2, 3(s0)", "p.lw a2, 4(s0!)"])
def test_each_access_costs_its_wait(run: Run, access: str, kind: str, late: int) -> None:
    text = f"{access}\n addi a3, a0, 1\n {access}\n {access}\n addi a3, a0, 1"
    assert run(text, **{kind: late}) == run(text) + 3 * late


@pytest.mark.parametrize("late", [0, 1, 2, 5, 40])
@pytest.mark.parametrize(("following", "cycles"), [("mulh a3, a0, a1", 5), ("divu a3, a1, a0", 33), ("div a3, a0, a1", 31)])
def test_the_next_instruction_covers_a_late_answer(run: Run, following: str, cycles: int, late: int) -> None:
    text = f"lw a2, 0(s0)\n {following}\n addi a4, a0, 1"
    assert run(text) == 1 + 1 + cycles + 1
    assert run(text, l2_response_latency=late) == run(text) + max(0, late - (cycles - 1))
    assert run(text, l2_latency=late) == run(text) + late


@pytest.mark.parametrize("late", [0, 1, 2, 5, 40])
@pytest.mark.parametrize(
    ("following", "cycles", "covered"),
    [
        ("addi a3, a0, 1\n addi a4, a0, 1", 2, 0),
        ("bne a0, a0, 1f\n1: addi a3, a0, 1", 2, 1),  # leaves EX at once: the one behind it waits
        ("bne a0, a0, 1f\n addi a2, a0, 1\n1:", 2, 0),  # but for what is loaded
        ("beq a0, a0, 1f\n1: addi a3, a0, 1", 4, 1),  # its target comes to an empty ID
        ("j 1f\n1: addi a3, a0, 1", 3, 0),
        ("addi a3, a0, 1\n j 1f\n1: addi a3, a0, 1", 4, 1),  # the jump waits in ID, and its target's fetch with it
    ],
)
def test_what_overlaps_with_a_late_answer(run: Run, following: str, cycles: int, covered: int, late: int) -> None:
    text = f".option norvc\n lw a2, 0(s0)\n {following}\n"
    assert run(text) == 1 + 1 + cycles
    assert run(text, l2_response_latency=late) == run(text) + max(0, late - covered)


@pytest.mark.parametrize("late", [1, 5, 40])
def test_a_division_of_what_is_loaded_covers_nothing(run: Run, late: int) -> None:
    text = "lw a2, 0(s0)\n divu a3, a0, a2"
    assert run(text, l2_response_latency=late) == run(text) + late


@pytest.mark.parametrize("late", [0, 3, 20])
def test_both_add_up(run: Run, late: int) -> None:
    text = "lw a2, 0(s0)\n mulh a3, a0, a1"
    assert run(text, l2_latency=7, l2_response_latency=late) == run(text) + 7 + max(0, late - 4)


def test_late_answers_of_peripherals(machine: Callable[..., Cluster]) -> None:
    program = asm.assemble_text(
        "_start: li t0, 0x10200400\n lw a0, 8(t0)\n lw a0, 8(t0)\n li a0, 0\n li a7, 93\n ecall\n", layout="cluster"
    )
    waits = []
    for late in (0, 6):
        cluster = machine(harts=1, peripheral_response_latency=late)
        cluster.load_elf(program.elf)
        result = cluster.run(max_cycles=10_000)
        waits.append(result.stats["harts"][0]["stalls"]["peripheral"])
    assert waits[1] == waits[0] + 2 * 6
