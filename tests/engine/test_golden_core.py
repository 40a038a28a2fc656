"""machine="core" against the RTL: every program measured on one RI5CY (golden/README.md), cycle for cycle.

Two programs meet the RTL's ghost division (golden/rtl_notes.md): a division in the shadow of a taken branch still
occupies the divider.  That erratum is not modelled; what such a program takes without it is asserted instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from iss.cluster import Cluster
from iss.result import RunResult

MEMORY = 4 << 20
COMPARED = 0x200000  # rtl_random lists the changes of memory below this
GHOST_DIVISION = {"taken_shadow_div": (577, 65), "hwloop_call_branch_div": (3032, 2669)}
"""Cycles measured on the RTL, and without the erratum: the branch's target follows after 2 cycles, not after the
division."""

Record = Mapping[str, Any]
Run = Callable[[Record], tuple[Cluster, RunResult]]


@pytest.fixture
def run(
    machine: Callable[..., Cluster],
    programmed: Callable[[Record, Cluster], Cluster],
) -> Run:
    """Runs a measured program to its end."""

    def run(record: Record) -> tuple[Cluster, RunResult]:
        cluster = programmed(record, machine(machine="core"))
        result = cluster.run(entry=record["entry"], max_cycles=10**6)
        assert result.reason == "exit"
        if "instrs" in record:
            assert result.instructions == record["instrs"] - 1  # the RTL's tracer has the jump behind the exit, too
        return cluster, result

    return run


def between_markers(result: RunResult) -> int:
    first, second = result.markers
    return second[1] - first[1]


def expected(record: Record, measured: int) -> int:
    """What a program should take between its markers."""
    if record["name"] not in GHOST_DIVISION:
        return measured
    on_rtl, without = GHOST_DIVISION[record["name"]]
    assert measured == on_rtl
    return without


def memory(cluster: Cluster, size: int) -> npt.NDArray[np.uint32]:
    return np.frombuffer(cluster.read(0, size), np.uint32)


@pytest.mark.golden("rtl_timing")
def test_timing(run: Run, record: Record) -> None:
    _, result = run(record)
    assert between_markers(result) == expected(record, record["cycles"])


@pytest.mark.golden("rtl_hwloop")
def test_hwloop(run: Run, record: Record) -> None:
    cluster, result = run(record)
    registers = {name: int(cluster.harts[0].regs[int(name[1:])]) for name in record["regs_at_end"]}
    assert registers == record["regs_at_end"]
    assert result.cycles == record["cycles"]


@pytest.mark.golden("rtl_random")
def test_random(run: Run, record: Record, machine: Callable[..., Cluster], programmed: Callable[..., Cluster]) -> None:
    cluster, result = run(record)
    assert [f"{int(value):08x}" for value in cluster.harts[0].regs[2:]] == record["regs_x2_x31"]
    before, after = memory(programmed(record, machine(machine="core")), COMPARED), memory(cluster, COMPARED)
    changed = [[f"{4 * int(i):08x}", f"{int(after[i]):08x}"] for i in np.flatnonzero(after != before)]
    assert changed == [change for change in record["mem_words_changed"] if int(change[0], 16) < COMPARED]
    assert between_markers(result) == record["cycles_mark_to_mark"]
    assert result.cycles == record["cycles"]


@pytest.mark.golden("rtl_kernels")
def test_kernel(run: Run, record: Record) -> None:
    cluster, result = run(record)
    assert result.exit_code == record["exit"]
    assert cluster.read(record["result_addr"], record["result_len"]).hex() == record["result_hex"]
    assert between_markers(result) == expected(record, record["cycles_mark_to_mark"])
    if record["name"] not in GHOST_DIVISION:
        assert result.cycles == record["cycles"]
