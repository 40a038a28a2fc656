"""The timer unit: as measured on the RTL, its events in programs, and that waiting for it costs no time.

tests/data/golden/rtl_timer.jsonl.gz holds random accesses to timer_unit.sv (own RTL runs): ``accesses`` (cycle, offset, value or
null for a load), the ``loads``' values, and the event ``lines`` from a cycle on.  The reference clock's edge is seen in every cycle
that is a multiple of ``reference``."""

from __future__ import annotations

import gzip
import heapq
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from periph.device import Access, Reply
from periph.timer import TABLE, Timer

from .support import run, words

GOLDEN = Path(__file__).parents[1] / "data" / "golden" / "rtl_timer.jsonl.gz"
CFG_LO, CFG_HI, CNT_LO, CNT_HI, CMP_LO, CMP_HI, START_LO = (
    TABLE.find(name).offset for name in ("CFG_LO", "CFG_HI", "CNT_LO", "CNT_HI", "CMP_LO", "CMP_HI", "START_LO")
)


class Clock:
    """Stands in for the machine: calls back in order of the cycles."""

    def __init__(self) -> None:
        self.events: list[tuple[int, int, Callable[[int], None]]] = []

    def at(self, cycle: int, callback: Callable[[int], None], early: bool = False) -> None:
        heapq.heappush(self.events, (cycle, len(self.events) + id(callback), callback))

    def go_on(self, cycle: int) -> None:
        """All that is due before `cycle`, and in it."""
        while self.events and self.events[0][0] <= cycle:
            due, _, callback = heapq.heappop(self.events)
            callback(due)


class Bench:
    """A timer alone, and the levels of its lines by cycle."""

    def __init__(self, reference: int = 1526) -> None:
        self.clock, self.levels, self.changes = Clock(), [0, 0], {0: (0, 0)}
        self.timer = Timer(TABLE, self._line, reference)
        self.timer.machine = self.clock  # type: ignore[assignment]
        self.timer.reset()

    def _line(self, half: int, high: bool, cycle: int) -> None:
        self.levels[half] = int(high)
        self.changes[cycle] = (self.levels[0], self.levels[1])

    def access(self, cycle: int, offset: int, value: int | None = None) -> int:
        self.clock.go_on(cycle)
        reply = self.timer.access(Access(0, offset, offset, 4, value, cycle))
        assert isinstance(reply, Reply)
        return reply.value

    def lines(self) -> list[list[int]]:
        """Cycle, low, high for every change."""
        found, before = [], (0, 0)
        for cycle in sorted(self.changes):
            if self.changes[cycle] != before:
                before = self.changes[cycle]
                found.append([cycle, *before])
        return found


def records() -> list[dict[str, Any]]:
    with gzip.open(GOLDEN, "rt") as file:
        return [json.loads(line) for line in file]


@pytest.mark.parametrize("record", [pytest.param(r, id=r["name"].replace(" ", "_")) for r in records()])
def test_as_measured(record: dict[str, Any]) -> None:
    bench = Bench(record["reference"])
    loads = []
    for cycle, offset, value in record["accesses"]:
        found = bench.access(cycle, offset, value)
        if value is None:
            loads.append([cycle, found])
    bench.clock.go_on(record["until"] - 1)
    assert loads == record["loads"]
    assert [line for line in bench.lines() if line[0] < record["until"]] == record["lines"]


ENABLE, IRQ, COMPARE_CLEAR, ONE_SHOT, PRESCALED, REFERENCE, CASCADE = (1 << bit for bit in (0, 2, 4, 5, 6, 7, 31))
LONG = 10**6


@pytest.mark.parametrize(("config", "compare", "period"), [
    (ENABLE, 0, 1), (ENABLE | PRESCALED | 99 << 8, 0, 100), (ENABLE | REFERENCE, 0, 1526),
    (ENABLE | PRESCALED | REFERENCE | 10 << 8, 0, 15260),
])  # fmt: skip
def test_a_long_time_costs_nothing(config: int, compare: int, period: int) -> None:
    bench, begun = Bench(), time.perf_counter()
    bench.access(10, CFG_LO, config)
    first = bench.access(2 * 15260, CNT_LO)
    assert bench.access(2 * 15260 + LONG * 15260, CNT_LO) == (first + LONG * 15260 // period) & 0xFFFFFFFF
    assert time.perf_counter() - begun < 2


def test_a_counter_that_begins_anew() -> None:
    """COMPARE_CLEAR without event: as many laps as there are are skipped."""
    bench, begun = Bench(), time.perf_counter()
    bench.access(0, CMP_LO, 999)
    bench.access(1, CFG_LO, ENABLE | COMPARE_CLEAR)
    values = [bench.access(cycle, CNT_LO) for cycle in (500, 1001, 1002, LONG * 1000 + 500)]
    assert (values, time.perf_counter() - begun < 2) == ([499, 0, 1, 499], True)


def test_periodic_event() -> None:
    bench = Bench()
    bench.access(0, CMP_LO, 99)
    bench.access(1, CFG_LO, ENABLE | COMPARE_CLEAR | IRQ)
    bench.clock.go_on(1000)
    rises = [cycle for cycle, low, _ in bench.lines() if low]
    assert rises == [101 + 100 * lap for lap in range(9)]


def test_one_shot_stops_behind_the_compare_value() -> None:
    bench = Bench()
    bench.access(0, CMP_LO, 10)
    bench.access(5, CFG_LO, ENABLE | ONE_SHOT | IRQ)
    assert bench.access(100, CNT_LO) == 11
    assert bench.access(101, CFG_LO) == ONE_SHOT | IRQ
    assert [line[0] for line in bench.lines()] == [16, 17]
    bench.access(200, START_LO, 1)
    assert bench.access(300, CNT_LO) == 11 + 100


def test_one_shot_stops_at_once_while_the_counter_is_at_the_compare_value() -> None:
    """After reset both are 0; the comparator is a cycle behind."""
    bench = Bench()
    bench.access(0, CMP_LO, 10)
    bench.access(1, CFG_LO, ENABLE | ONE_SHOT)
    assert bench.access(100, CNT_LO) == 0


def test_cascaded_counter_of_64_bits() -> None:
    bench = Bench()
    bench.access(0, CMP_HI, 3)
    bench.access(1, CMP_LO, 5)
    bench.access(2, CFG_LO, ENABLE | IRQ | CASCADE)
    bench.clock.go_on(1 << 40)
    at = (3 << 32) + 5
    assert [line for line in bench.lines() if line[0] > 2] == [[3 + at, 1, 0], [4 + at, 0, 0]]
    assert bench.access(1 << 41, CNT_HI) == ((1 << 41) - 2) >> 32


def test_the_other_counter_does_not_hold_the_search_up() -> None:
    """A fast counter beside one that waits for long."""
    bench, begun = Bench(), time.perf_counter()
    bench.access(0, CMP_LO, 2)
    bench.access(1, CFG_LO, ENABLE | COMPARE_CLEAR)
    bench.access(2, CMP_HI, 10**9)
    bench.access(3, CFG_HI, ENABLE | IRQ)
    bench.clock.go_on(2 * 10**9)
    assert [line[0] for line in bench.lines() if line[2]] == [10**9 + 4]
    assert time.perf_counter() - begun < 2


@pytest.mark.parametrize(("half", "event"), [("LO", "LOW"), ("HI", "HIGH")])
def test_a_hart_sleeps_until_its_event(half: str, event: str) -> None:
    cluster, result = run(
        f"""
        bnez    a0, park2
        li      t0, TIMER_BASE
        li      t1, 5000
        sw      t1, TIMER_CMP_{half}(t0)
        li      t1, 1 << EVENT_TIMER_{event}
        sw      t1, EU_MASK(s0)
        li      t1, TIMER_CFG_{half}_ENABLE_MASK | TIMER_CFG_{half}_IRQ_ENABLE_MASK
        sw      t1, TIMER_CFG_{half}(t0)
        p.elw   t2, EU_EVENT_WAIT_CLEAR(s0)
        lw      t3, TIMER_CNT_{half}(t0)
        sw      t2, 0(s2)
        sw      t3, 4(s2)
        j       exit
park2:  p.elw   t0, EU_EVENT_WAIT(s0)
        """
    )
    found, count = words(cluster, 0x10000000, 2)
    assert found == 1 << {"LOW": 10, "HIGH": 11}[event]
    assert 5000 < count < 5020
    assert result.stats["harts"][0]["stalls"]["sleep"] > 4900
