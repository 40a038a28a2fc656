"""Random programs measured on the RTL of RI5CY (pulpissimo-v3.4.0, in Verilator): cycles, registers, memory, and the events of the
performance counters, of each hart.

tests/data/golden/rtl_programs.jsonl.gz has a program's ``code`` (base64, from address 0 on), its ``entry``, and the results: per
hart ``cycles``, ``registers``, ``events`` (all that happened until the end), ``conflicts``; the ``memory`` at the end as a sha256.
``latency`` is how many cycles each access waited for its grant, ``response_latency`` how many its answer was late, of all memory
and the test port; the exit store's own wait is not in ``cycles``.  Programs in which the core may start a ghost division
(docs/timing.md) were left out, and of those with late answers the ones that clear a counter."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from iss.cluster import Cluster
from iss.engine.reference import ReferenceMachine

MAX_CYCLES = 60_000
MEMORY = {"core": (0, 4 << 20), "bench8": (0x10000000, 256 << 10)}
"""Where the memory is that was measured, and its size."""


def memory_digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.golden("rtl_programs")
def test_kernel(record: dict[str, Any], machine: Callable[..., Cluster]) -> None:
    waits = {f"{place}_{kind}": record.get(kind, 0) for place in ("l2", "peripheral") for kind in ("latency", "response_latency")}
    cluster = machine(machine=record["machine"], interconnect=record.get("interconnect", "lic"), **waits)
    cluster.write(0, base64.b64decode(record["code"]))
    result = cluster.run(record["entry"], max_cycles=MAX_CYCLES)
    harts = result.stats["harts"]
    exits = {hart: cycle for hart, cycle, _ in result.exits}
    assert ([result.cycles] if len(harts) == 1 else [exits[hart] for hart in range(len(harts))]) == record["cycles"]
    assert [hart.regs.tolist() for hart in cluster.harts] == record["registers"]
    assert [{event: hart["counters"][event] for event in record["events"][0]} for hart in harts] == record["events"]
    assert memory_digest(cluster.read(*MEMORY[record["machine"]])) == record["memory"]
    if "conflicts" in record:
        assert [hart["conflicts"] for hart in harts] == record["conflicts"]


@pytest.mark.golden("rtl_programs", where=lambda record: not (record.get("latency") or record.get("response_latency")))
def test_reference(record: dict[str, Any]) -> None:
    reference = ReferenceMachine(record["machine"], interconnect=record.get("interconnect", "lic"))
    reference.write(0, base64.b64decode(record["code"]))
    reference.run(record["entry"], MAX_CYCLES)
    assert [hart.regs for hart in reference.harts] == record["registers"]
    counted = [{event: len(hart.counters.happened[event]) for event in record["events"][0]} for hart in reference.harts]
    assert counted == record["events"]
    assert memory_digest(bytes(reference.regions[-1].data)) == record["memory"]
