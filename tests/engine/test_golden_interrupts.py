"""Random programs under interrupts, measured on the RTL of RI5CY (pulpissimo-v3.4.0, in Verilator).

tests/data/golden/rtl_interrupts.jsonl.gz has a program's ``code`` (base64, from address 0 on), its ``entry``, and ``requests``:
from a cycle on irq_i asks for an interrupt, until the core acknowledges it.  Results: the cycles in which it ``acknowledged``, its
``cycles``, ``registers`` and ``events``.  Programs that divide were left out (docs/timing.md, ghost_division)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from iss.cluster import Cluster
from iss.engine.machine import Machine

MAX_CYCLES = 30_000


class Requests:
    """Drives irq_i of hart 0: one request after the other, each until it is acknowledged."""

    def __init__(self, machine: Machine, requests: list[tuple[int, int]]) -> None:
        self.machine = machine
        self.waiting = list(requests)
        self.acknowledged: list[int] = []
        self.next(0)

    def next(self, cycle: int) -> None:
        if self.waiting:
            when, number = self.waiting.pop(0)
            if when <= cycle:
                self.rise(number, cycle)
            else:
                self.machine.at(when, lambda now: self.rise(number, now))

    def rise(self, number: int, cycle: int) -> None:
        self.machine.interrupt(0, number, cycle, self.acknowledge)

    def acknowledge(self, hart: int, number: int, cycle: int) -> None:
        self.acknowledged.append(cycle)
        self.machine.at(cycle + 1, self.fall)

    def fall(self, cycle: int) -> None:
        self.machine.interrupt(0, None, cycle, self.acknowledge)
        self.next(cycle)


@pytest.mark.golden("rtl_interrupts")
def test_as_measured(record: dict[str, Any], machine: Callable[..., Cluster]) -> None:
    cluster = machine(machine="core")
    cluster.write(0, base64.b64decode(record["code"]))
    cluster.start(record["entry"])
    requests = Requests(cluster.machine, record["requests"])
    result = cluster.run(max_cycles=MAX_CYCLES)
    assert requests.acknowledged == record["acknowledged"]
    assert result.cycles == record["cycles"]
    assert cluster.harts[0].regs.tolist() == record["registers"]
    counters = result.stats["harts"][0]["counters"]
    assert {event: counters[event] for event in record["events"]} == record["events"]
