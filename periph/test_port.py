"""The test devices of the RTL measurements (machines ``core`` and ``bench8``)."""

from __future__ import annotations

import weakref
from collections.abc import Sequence

from iss.engine.layout import Stall
from periph.device import Access, DeviceError, Peripheral, Platform, Reply
from periph.traffic import TrafficGenerator

BUFFER = "traffic buffer"
EXIT, MARKER, CHARACTER, BARRIER = 0x0, 0x4, 0x8, 0xC
HWPE_BASE, HWPE_STRIDE, HWPE_BEATS, HWPE_MODE, HWPE_BUSY, HWPE_SUM, CYCLE = 0x10, 0x14, 0x18, 0x1C, 0x20, 0x24, 0x28


class TestPort(Peripheral):
    """Stores: +0 exit, +4 marker (value and cycle), +8 a character.  It grants at once and answers in the next cycle.

    With `barrier` (bench8) a load from +0xC is granted when every hart that has not exited makes it, and the run ends when all
    have exited; otherwise (core) the first exit ends it."""

    __test__ = False  # not a pytest class

    def __init__(self, barrier: bool) -> None:
        self.barrier = barrier
        self.arrived: list[int] = []
        self.exited: dict[int, int] = {}

    def attach(self, machine: Platform) -> None:
        self.machine = weakref.proxy(machine)
        if self.barrier:
            self.traffic = TrafficGenerator(self.machine, machine.harts, machine.map.places[BUFFER], self._end)

    def reset(self) -> None:
        self.arrived.clear()
        self.exited.clear()
        if self.barrier:
            self.traffic.reset()

    def access(self, access: Access) -> Reply | None:
        if access.value is None:
            return self._load(access)
        if access.offset == EXIT:
            self._exit(access.hart, access.value, access.cycle)
        elif access.offset == MARKER:
            self.machine.marker(access.hart, access.cycle, access.value)
        elif access.offset == CHARACTER:
            self.machine.put(access.hart, bytes([access.value & 0xFF]))
        elif not self._store_hwpe(access):
            raise DeviceError("the test port has stores to +0x0 exit, +0x4 marker, +0x8 character")
        return Reply()

    def _load(self, access: Access) -> Reply | None:
        if self.barrier and access.offset == BARRIER:
            self.arrived.append(access.hart)
            self._release(access.cycle)
            return None
        if self.barrier and access.offset == CYCLE:
            return Reply(access.cycle & 0xFFFFFFFF)
        if self.barrier and access.offset in (HWPE_BUSY, HWPE_SUM):
            return Reply(self.traffic.load(access.offset == HWPE_SUM, access.cycle))
        raise DeviceError("the test port has nothing to load here")

    def _store_hwpe(self, access: Access) -> bool:
        names = {HWPE_BASE: "base", HWPE_STRIDE: "stride", HWPE_BEATS: "beats", HWPE_MODE: "mode"}
        if not self.barrier or access.offset not in names:
            return False
        assert access.value is not None
        self.traffic.store(names[access.offset], access.value, access.cycle)
        return True

    def _exit(self, hart: int, value: int, cycle: int) -> None:
        if not self.barrier:
            self.machine.end(value, cycle, "exit")
            return
        self.exited[hart] = value
        self.machine.exits.append((hart, cycle, value))
        self._release(cycle)
        self._end(cycle)

    def _end(self, cycle: int) -> None:
        """The run ends when every hart has exited and the traffic generator is idle."""
        if len(self.exited) == self.machine.harts and not self.traffic.running:
            codes = [self.exited[h] for h in sorted(self.exited)]
            self.machine.end(next((code for code in codes if code), 0), cycle, "exit")

    def _release(self, cycle: int) -> None:
        waiting: Sequence[int] = sorted(self.arrived)
        if not waiting or len(waiting) + len(self.exited) < self.machine.harts:
            return
        self.arrived.clear()
        for hart in waiting:
            self.machine.answer(hart, 0, cycle, Stall.BARRIER)
        self.traffic.release(cycle)
