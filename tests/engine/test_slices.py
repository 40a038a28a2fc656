"""A run may be cut anywhere: single steps, slices of any length, one run and a traced run are the same run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iss.cluster import Cluster
from iss.result import RunResult

MAX_CYCLES = 30_000
MEMORY = {"core": (0, 4 << 20), "bench8": (0x10000000, 256 << 10)}
EXAMPLES = settings(max_examples=20, deadline=None, derandomize=True)

seeds = st.integers(0, 1 << 20)
lengths = st.lists(st.integers(1, 60), min_size=1, max_size=12)

Machine = Callable[..., Cluster]


def state(cluster: Cluster, result: RunResult) -> dict[str, Any]:
    """All that a run leaves behind."""
    memory = hashlib.sha256(cluster.read(*MEMORY[cluster.config.machine])).hexdigest()
    return {
        "registers": [hart.regs.tolist() for hart in cluster.harts],
        "pcs": [hart.pc for hart in cluster.harts],
        "memory": memory,
        "stats": result.stats,
        "cycles": (result.cycles, result.instructions, result.reason, result.exit_code),
        "devices": (sorted(result.markers), sorted(result.exits)),
        "conflicts": cluster.conflicts_by_pc(),
    }


def at_once(cluster: Cluster, entry: int) -> RunResult:
    return cluster.run(entry=entry, max_cycles=MAX_CYCLES)


def in_slices(cluster: Cluster, entry: int, cuts: Sequence[int]) -> RunResult:
    """Run for so many cycles, then so many, and again from the first."""
    result = cluster.run(entry=entry, max_cycles=cuts[0])
    place = 1
    while result.reason != "exit" and result.cycles < MAX_CYCLES:
        result = cluster.run(max_cycles=cuts[place % len(cuts)])
        place += 1
    return result


def in_steps(cluster: Cluster, entry: int, order: Sequence[int]) -> RunResult:
    """One instruction of a hart, then of another, in an order that repeats."""
    cluster.start(entry)
    result, place = cluster.result(), 0
    while result.reason != "exit" and result.cycles < MAX_CYCLES:
        hart = order[place % len(order)] % len(cluster.harts)
        before = cluster.harts[hart].instructions
        result = cluster.step(hart)
        assert result.reason == "exit" or cluster.harts[hart].instructions == before + 1
        place += 1
    return result


@pytest.fixture(scope="session")
def same(machine: Machine, random_program: Callable[..., Any]) -> Callable[..., None]:
    """Checks that a seed's program ends in the same state however it is run."""

    def same(name: str, seed: int, how: Callable[..., RunResult], *cuts: Any, **configuration: Any) -> None:
        program = random_program(seed, banked=name == "bench8")
        states = []
        for run, arguments in ((at_once, ()), (how, cuts)):
            extra = configuration if run is how else {}
            cluster = machine(machine=name, **extra)
            cluster.write(0, program.code)
            result = run(cluster, program.entry, *arguments)
            states.append(state(cluster, result))
        assert states[0] == states[1]

    return same


@EXAMPLES
@given(seed=seeds, cuts=lengths)
def test_slices_of_one_hart(same: Callable[..., None], seed: int, cuts: list[int]) -> None:
    same("core", seed, in_slices, cuts)


@EXAMPLES
@given(seed=seeds, cuts=lengths)
def test_slices_of_eight_harts(same: Callable[..., None], seed: int, cuts: list[int]) -> None:
    same("bench8", seed, in_slices, cuts)


@EXAMPLES
@given(seed=seeds)
def test_steps_of_one_hart(same: Callable[..., None], seed: int) -> None:
    same("core", seed, in_steps, [0])


@settings(EXAMPLES, max_examples=8)
@given(seed=seeds, order=st.lists(st.integers(0, 7), min_size=1, max_size=10))
def test_steps_of_eight_harts(same: Callable[..., None], seed: int, order: list[int]) -> None:
    same("bench8", seed, in_steps, order)


@EXAMPLES
@given(seed=seeds)
def test_trace_of_one_hart(same: Callable[..., None], seed: int) -> None:
    same("core", seed, at_once, trace=True)


@settings(EXAMPLES, max_examples=10)
@given(seed=seeds)
def test_trace_of_eight_harts(same: Callable[..., None], seed: int) -> None:
    same("bench8", seed, at_once, trace=True)


@settings(EXAMPLES, max_examples=8)
@given(seed=seeds, cuts=lengths)
def test_slices_of_a_trace(same: Callable[..., None], seed: int, cuts: list[int]) -> None:
    same("bench8", seed, in_slices, cuts, trace=True)


@pytest.mark.golden("rtl8_hci", where=lambda record: record["ico_args"] == "--lpms 1")
def test_slices_with_accelerators(record: dict[str, Any], machine: Machine, programmed: Callable[..., Cluster]) -> None:
    configuration = {"machine": "bench8", "interconnect": "hci", "low_prio_max_stall": 1}
    whole, cut = (programmed(record, machine(**configuration)) for _ in range(2))
    first = state(whole, at_once(whole, record["entry"]))
    assert first == state(cut, in_slices(cut, record["entry"], [1, 7, 2, 30, 3]))


@pytest.mark.slow
@settings(EXAMPLES, max_examples=2000)
@given(name=st.sampled_from(["core", "bench8"]), seed=seeds, cuts=lengths)
def test_slices_many(same: Callable[..., None], name: str, seed: int, cuts: list[int]) -> None:
    same(name, seed, in_slices, cuts)
