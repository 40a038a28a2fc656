"""The compiled kernel against the plain-Python reference machine, on random programs over the whole instruction table.

Registers, memory, pc, cycles, instructions, every cause of stalls and every bank conflict must be the same.  The
reference itself is compared with the RTL's measurements too, so that the two cannot be wrong together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from iss.cluster import Cluster
from iss.engine.reference import ReferenceMachine
from iss.isa.decode import compressed_rows, rows
from iss.result import RunResult

MAX_CYCLES = 30_000
CORE_SEEDS, BENCH_SEEDS, MANY_SEEDS = 200, 36, 4000
BATCH = 10
TCDM, TCDM_BYTES = 0x10000000, 256 << 10
RAM_BYTES = 4 << 20
WITHOUT = {"wfi"}  # nothing would wake it
INTERCONNECTS = ("lic", "xbar12", "xbar84")
GHOST_DIVISION = {"taken_shadow_div", "hwloop_call_branch_div"}
LONG = 10**4
EVENTS = ("LD_STALL", "JMP_STALL", "IMISS", "LD", "BRANCH", "BTAKEN", "RVC", "TCDM_CONT")
"""The core's events that the end of the program does not cut."""

Machines = tuple[Cluster, RunResult, ReferenceMachine]
Compare = Callable[..., set[str]]


def difference(cluster: Cluster, result: RunResult, reference: ReferenceMachine) -> dict[str, Any]:
    """What the machines disagree on, as (the kernel's, the reference's)."""
    pairs: dict[str, tuple[Any, Any]] = {
        "exit": (result.exit_code, reference.exit_code),
        "cycles": (result.cycles, reference.cycles),
        "markers": (sorted(result.markers), sorted(reference.markers)),
    }
    for number, hart in enumerate(reference.harts):
        stats = result.stats["harts"][number]
        stalls = {cause.name.lower(): cycles for cause, cycles in hart.stalls.items() if cycles}
        registers = [int(value) for value in cluster.harts[number].regs]
        pairs |= {
            f"hart {number} instructions": (stats["instructions"], hart.instructions),
            f"hart {number} stalls": (stats["stalls"], stalls),
            f"hart {number} conflicts": (stats["conflicts"], hart.conflicts),
            f"hart {number} pc": (hex(cluster.harts[number].pc), hex(hart.pc)),
        }
        events = hart.counters.happened
        pairs |= {f"hart {number} {event}": (stats["counters"][event], len(events[event])) for event in EVENTS}
        pairs |= {f"hart {number} x{i}": (a, b) for i, (a, b) in enumerate(zip(registers, hart.regs, strict=True))}
    base, size = (0, RAM_BYTES) if reference.name == "core" else (TCDM, TCDM_BYTES)
    ours, theirs = cluster.read(base, size), bytes(reference.regions[-1].data)
    if ours != theirs:
        place = next(i for i in range(size) if ours[i] != theirs[i])
        pairs[f"memory at 0x{base + place:08x}"] = (ours[place], theirs[place])
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@pytest.fixture
def compare(random_program: Callable[..., Any], machine: Callable[..., Cluster]) -> Compare:
    """Runs the program of a seed on both machines; the rows that it had."""

    def compare(seed: int, name: str, interconnect: str = "lic") -> set[str]:
        program = random_program(seed, banked=name == "bench8")
        cluster = machine(machine=name, interconnect=interconnect)
        reference = ReferenceMachine(name, interconnect=interconnect)
        for target in (cluster, reference):
            target.write(0, program.code)
        result = cluster.run(entry=program.entry, max_cycles=MAX_CYCLES)
        reference.run(program.entry, MAX_CYCLES)
        assert json.dumps(result.stats), "the statistics are plain numbers"
        assert reference.ended is not None, f"seed {seed} does not end"
        for hart in reference.harts:
            assert hart.cycles == hart.instructions + sum(hart.stalls.values())
        assert difference(cluster, result, reference) == {}, f"seed {seed}"
        keys: set[str] = program.keys
        return keys

    return compare


def batches(seeds: int, first: int = 0) -> list[Any]:
    return [pytest.param(range(s, s + BATCH), id=f"seeds_{s}_to_{s + BATCH - 1}") for s in range(first, seeds, BATCH)]


@pytest.mark.parametrize("seeds", batches(CORE_SEEDS))
def test_core(compare: Compare, seeds: range) -> None:
    for seed in seeds:
        compare(seed, "core")


@pytest.mark.parametrize("interconnect", INTERCONNECTS)
@pytest.mark.parametrize("seed", range(BENCH_SEEDS // len(INTERCONNECTS)))
def test_eight_harts(compare: Compare, seed: int, interconnect: str) -> None:
    compare(seed + 100 * INTERCONNECTS.index(interconnect), "bench8", interconnect)


def test_programs_have_every_instruction(random_program: Callable[..., Any]) -> None:
    found: set[str] = set()
    for seed in range(CORE_SEEDS):
        found |= random_program(seed).keys
    assert {row.key for row in rows()} | {row.mnemonic for row in compressed_rows()} == found | WITHOUT


def test_harts_do_conflict(random_program: Callable[..., Any], machine: Callable[..., Cluster]) -> None:
    conflicts = 0
    for seed in range(4):
        program = random_program(seed, banked=True)
        cluster = machine(machine="bench8")
        cluster.write(0, program.code)
        conflicts += cluster.run(entry=program.entry, max_cycles=MAX_CYCLES).stats["tcdm"]["conflicts"]
    assert conflicts > 100


@pytest.mark.slow
@pytest.mark.parametrize("seeds", batches(MANY_SEEDS, CORE_SEEDS))
def test_core_many(compare: Compare, seeds: range) -> None:
    for seed in seeds:
        compare(seed, "core")


@pytest.mark.slow
@pytest.mark.parametrize("interconnect", INTERCONNECTS)
@pytest.mark.parametrize("seed", range(1000, 1200))
def test_eight_harts_many(compare: Compare, seed: int, interconnect: str) -> None:
    compare(seed, "bench8", interconnect)


def measurable(record: Mapping[str, Any]) -> bool:
    """Neither an erratum that is not modelled, nor long, nor with the traffic generator."""
    cycles = record.get("total_cycles", 0) * 8 + max(record["cycles"] if "mark0" in record else [record["cycles"]])
    return record["name"] not in GHOST_DIVISION and not record["name"].startswith("hwpe_") and cycles < LONG


@pytest.mark.golden("rtl_timing", "rtl_hwloop", "rtl_random", "rtl_kernels", where=measurable)
def test_reference_against_rtl(record: Mapping[str, Any], programmed: Callable[..., ReferenceMachine]) -> None:
    reference = programmed(record, ReferenceMachine("core"))
    reference.run(record["entry"], 2 * LONG)
    (hart,) = reference.harts
    if "regs_at_end" in record:
        assert reference.cycles == record["cycles"]
        assert {name: hart.regs[int(name[1:])] for name in record["regs_at_end"]} == record["regs_at_end"]
        return
    (_, first, _), (_, second, _) = reference.markers
    assert second - first == record.get("cycles_mark_to_mark", record["cycles"])
    if "regs_x2_x31" in record:
        assert [f"{value:08x}" for value in hart.regs[2:]] == record["regs_x2_x31"]


@pytest.mark.golden("rtl8_lic", where=measurable)
def test_reference_against_rtl_of_eight(record: Mapping[str, Any], programmed: Callable[..., ReferenceMachine]) -> None:
    reference = programmed(record, ReferenceMachine("bench8"))
    reference.run(record["entry"], 2 * LONG)
    assert [hart.conflicts for hart in reference.harts] == record["stalls_total"][:8]
    assert [cycle for _, cycle, _ in sorted(reference.exits)] == record["exit_cycle"]
