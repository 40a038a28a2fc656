"""Compiled blocks against the interpreter: the same programs, with every access's block compiled at its first grant and never."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iss.cluster import Cluster
from iss.engine.layout import HOT

AT_ONCE, NEVER = HOT - 1, HOT
Machine = Callable[..., Cluster]


def run(cluster: Cluster, entry: int, count: int, slices: int = 30_000) -> dict[str, Any]:
    """All that a run leaves behind."""
    cluster.machine.compile_from(count)
    result = cluster.run(entry=entry, max_cycles=slices)
    while result.reason != "exit" and result.cycles < 30_000:
        result = cluster.run(max_cycles=slices)
    return {
        "registers": [hart.regs.tolist() for hart in cluster.harts],
        "pcs": [hart.pc for hart in cluster.harts],
        "memory": hashlib.sha256(cluster.read(0x10000000, 256 << 10)).hexdigest(),
        "stats": result.stats,
        "devices": (sorted(result.markers), sorted(result.exits)),
        "conflicts": cluster.conflicts_by_pc(),
        "compiled": int((cluster.machine.codes.blocks > HOT).sum()),
    }


@pytest.fixture(scope="session")
def check(machine: Machine, random_program: Callable[..., Any]) -> Callable[..., None]:
    """Compares both ways to run a seed's program."""

    def check(seed: int, slices: int = 30_000) -> None:
        program = random_program(seed, banked=True)
        ends = []
        for count in (NEVER, AT_ONCE):
            cluster = machine(machine="bench8")
            cluster.write(0, program.code)
            ends.append(run(cluster, program.entry, count, slices if count == AT_ONCE else 30_000))
        never, at_once = ends
        assert never.pop("compiled") == 0
        at_once.pop("compiled")
        assert never == at_once

    return check


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seed=st.integers(0, 1 << 20))
def test_random_programs(check: Callable[..., None], seed: int) -> None:
    check(seed)


@settings(max_examples=6, deadline=None, derandomize=True)
@given(seed=st.integers(0, 1 << 20), slices=st.integers(1, 40))
def test_slices(check: Callable[..., None], seed: int, slices: int) -> None:
    check(seed, slices)


@pytest.mark.slow
@settings(max_examples=500, deadline=None, derandomize=True)
@given(seed=st.integers(1 << 20, 1 << 30), slices=st.sampled_from([3, 17, 30_000]))
def test_random_programs_many(check: Callable[..., None], seed: int, slices: int) -> None:
    check(seed, slices)


def matches(record: dict[str, Any], machine: Machine, programmed: Callable[..., Cluster], **values: Any) -> None:
    """A measured program, with blocks: the marks, lost grants and memory of the RTL."""
    cluster = programmed(record, machine(machine="bench8", **values))
    found = run(cluster, record["entry"], AT_ONCE)
    marks = {hart: [cycle for h, cycle, _ in found["devices"][0] if h == hart] for hart in range(8)}
    assert [marks[hart][1] - marks[hart][0] for hart in range(8)] == record["cycles"]
    assert [hart["conflicts"] for hart in found["stats"]["harts"]] == record["stalls_total"][:8]
    assert found["memory"] == record["tcdm_sha256"]
    assert found["compiled"] > 0


@pytest.mark.golden("rtl8_lic", where=lambda record: len(record["words"]) % 6 == 0)
def test_measured(record: dict[str, Any], machine: Machine, programmed: Callable[..., Cluster]) -> None:
    matches(record, machine, programmed)


@pytest.mark.slow
@pytest.mark.golden("rtl8_lic", where=lambda record: len(record["words"]) % 6 != 0)
def test_measured_many(record: dict[str, Any], machine: Machine, programmed: Callable[..., Cluster]) -> None:
    matches(record, machine, programmed)


@pytest.mark.parametrize("count", [AT_ONCE, NEVER])
def test_code_that_changes(machine: Machine, count: int) -> None:
    """A block is dropped when its code is stored to, and when a loop's end is set inside it."""
    import asm

    program = asm.assemble_text(
        """
        .equ ITERATIONS, 50
_start: la t0, data
        li s0, 2
again:  li t2, ITERATIONS
1:      lw t1, 0(t0)
patch:  addi a0, a0, 1
        addi t2, t2, -1
        bnez t2, 1b
        la t3, patch
        lw t4, new
        sw t4, 0(t3)
        addi s0, s0, -1
        bnez s0, again
        lp.setupi x0, 4, end
        lw t1, 0(t0)
        addi a0, a0, 1
end:    addi a0, a0, 100
        li a7, 93
        ecall
        .align 2
new:    addi a0, a0, 3
        .data
data:   .word 7
        .section .text
""",
        layout="cluster",
    )
    cluster = machine(harts=2)
    cluster.load_elf(program.elf)
    cluster.machine.compile_from(count)
    result = cluster.run(max_cycles=10_000)
    assert result.exit_code == 50 + 3 * 50 + 4 * 101
