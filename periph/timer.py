"""The timer unit, version 2: two 32-bit counters, which can be one of 64 bits (timer_unit.sv, timer_unit_counter.sv;
platform.md section 1).  The cluster has one, the fabric controller another.

A counter is not stepped: between two stores its value follows from the cycle, and the machine calls when it reaches its compare
value.  The comparator looks at the counter whether it runs or not, so a counter that stands at its compare value holds its
event line high."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from periph.device import Access, RegisterDevice
from periph.registers import WORD, Field, Place, Register, RegisterTable

_CONFIG = (
    Field("ENABLE", 0, 1, "counts"),
    Field("RESET", 1, 1, "stored as 1: the counter becomes 0; reads 0"),
    Field("IRQ_ENABLE", 2, 1, "raises its event in every cycle in which the counter is at the compare value"),
    Field("EVENT_ENABLE", 3, 1, "an input event starts it"),
    Field("COMPARE_CLEAR", 4, 1, "the counter becomes 0 after the compare value"),
    Field("ONE_SHOT", 5, 1, "stops after the compare value"),
    Field("PRESCALER_ENABLE", 6, 1, "counts once in PRESCALER + 1 cycles"),
    Field("REFERENCE_CLOCK", 7, 1, "counts cycles of the 32 kHz reference clock"),
    Field("PRESCALER", 8, 8, "see PRESCALER_ENABLE"),
)


def _entries() -> tuple[Register, ...]:
    cascade = Field("CASCADE", 31, 1, "of the low one: the two are one counter of 64 bits, that CFG_LO controls")
    entries = []
    for number, half in enumerate(("LO", "HI")):
        at, what = 4 * number, ("low", "high")[number]
        entries += [
            Register(0x00 + at, f"CFG_{half}", "rw", f"configuration of the {what} counter", fields=(*_CONFIG, cascade)),
            Register(0x08 + at, f"CNT_{half}", "rw", f"the {what} counter"),
            Register(0x10 + at, f"CMP_{half}", "rw", f"compare value of the {what} counter"),
            Register(0x18 + at, f"START_{half}", "w", f"any store starts the {what} counter"),
            Register(0x20 + at, f"RESET_{half}", "w", f"any store makes the {what} counter 0"),
        ]
    return tuple(sorted(entries, key=lambda register: register.offset))


TABLE = RegisterTable(
    "timer",
    "TIMER",
    "Timer unit",
    0x400,
    _entries(),
    "Events 10 (low) and 11 (high); with CASCADE only 10.  A store to a counter or its configuration in cycle t counts from "
    "t + 1 on.",
)
FC_TABLE = RegisterTable("fc_timer", "FC_TIMER", "Timer unit of the fabric controller", 0x800, _entries(), TABLE.notes)

ENABLE, RESET, IRQ_ENABLE, COMPARE_CLEAR, ONE_SHOT = 1, 1 << 1, 1 << 2, 1 << 4, 1 << 5
PRESCALER_ENABLE, REFERENCE_CLOCK, CASCADE = 1 << 6, 1 << 7, 1 << 31
_KEPT = ~RESET & WORD
CONFIG, COMPARE = ("CFG_LO", "CFG_HI"), ("CMP_LO", "CMP_HI")


@dataclass
class Counter:
    """A counter: `value` in cycle `since`, and the ticks that it counts: in `first`, and every `period` cycles after it."""

    bits: int
    value: int = 0
    since: int = 0
    running: bool = False
    first: int = 0
    period: int = 1

    def _ticks_before(self, cycle: int) -> int:
        return max(0, (cycle - self.first + self.period - 1) // self.period)

    def at(self, cycle: int) -> int:
        """The value in a cycle."""
        ticks = self._ticks_before(cycle) - self._ticks_before(self.since) if self.running else 0
        return (self.value + ticks) % (1 << self.bits)

    def reaches(self, value: int) -> int | None:
        """The first cycle after `since` in which the counter has just become `value`."""
        if not self.running:
            return None
        steps = (value - self.value) % (1 << self.bits) or 1 << self.bits
        tick = max(self.first, self.since + (self.first - self.since) % self.period)
        return tick + (steps - 1) * self.period + 1

    def move(self, cycle: int, value: int | None = None) -> None:
        """Take `cycle` as the new start, with the value that the counter has then or another."""
        self.value = self.at(cycle) if value is None else value % (1 << self.bits)
        self.since = cycle

    def clock(self, config: int, cycle: int, reference: int) -> None:
        """Count as configured, from `cycle` on; `reference` is the reference clock's period.

        A tick of the prescaler comes a cycle after its last count, so behind the reference clock PRESCALER = 0 ticks always."""
        was = self.running, self.period
        edge = cycle + -cycle % reference
        scale = config >> 8 & 0xFF
        match bool(config & PRESCALER_ENABLE), bool(config & REFERENCE_CLOCK):
            case False, False:
                period, first = 1, cycle
            case False, True:
                period, first = reference, edge
            case True, False:
                period, first = scale + 1, cycle + scale
            case _:
                period, first = (scale * reference, edge + (scale - 1) * reference + 1) if scale else (1, cycle)
        self.running, self.period = bool(config & ENABLE), period
        if was != (True, period):
            self.first = first


class Timer(RegisterDevice):
    """`on_event(half, high, cycle)` is told the level of the event line of the low (0) or high (1) counter from a cycle on."""

    def __init__(
        self, table: RegisterTable, on_event: Callable[[int, bool, int], None], reference_period: int
    ) -> None:
        super().__init__(table)
        self.on_event = on_event
        self.reference_period = reference_period

    def reset(self) -> None:
        super().reset()
        self.counters = [Counter(32), Counter(32)]
        self.lines = [False, False]
        self._plan = 0

    # -- registers: what a store in `cycle` changes is so from the next one on ---------------------------------------------

    def load_cnt_lo(self, access: Access, place: Place) -> int:
        return self._shown(0, access.cycle) & WORD

    def load_cnt_hi(self, access: Access, place: Place) -> int:
        return self._shown(0, access.cycle) >> 32 if self._cascaded() else self._shown(1, access.cycle)

    def store_cnt_lo(self, access: Access, place: Place, value: int) -> None:
        self._set_half(0, value, access.cycle + 1)

    def store_cnt_hi(self, access: Access, place: Place, value: int) -> None:
        self._set_half(1, value, access.cycle + 1)

    def store_cmp_lo(self, access: Access, place: Place, value: int) -> None:
        self._store_value(access, place, value)
        self._update(access.cycle + 2)  # the comparator is a register behind

    store_cmp_hi = store_cmp_lo

    def store_cfg_lo(self, access: Access, place: Place, value: int) -> None:
        self._configure(0, value, access.cycle + 1)

    def store_cfg_hi(self, access: Access, place: Place, value: int) -> None:
        self._configure(1, value, access.cycle + 1)

    def store_start_lo(self, access: Access, place: Place, value: int) -> None:
        self._configure(0, self.get("CFG_LO") | ENABLE, access.cycle + 1)

    def store_start_hi(self, access: Access, place: Place, value: int) -> None:
        self._configure(1, self.get("CFG_HI") | ENABLE, access.cycle + 1)

    def store_reset_lo(self, access: Access, place: Place, value: int) -> None:
        self._set_half(0, 0, access.cycle + 1)

    def store_reset_hi(self, access: Access, place: Place, value: int) -> None:
        self._set_half(1, 0, access.cycle + 1)

    def _cascaded(self) -> bool:
        return bool(self.get("CFG_LO") & CASCADE)

    def _shown(self, half: int, cycle: int) -> int:
        """What a load in `cycle` returns: the counter in the next one."""
        counter = self.counters[half]
        if self.get(CONFIG[half]) & COMPARE_CLEAR and counter.at(cycle) == self._compare(half):
            return 0
        return counter.at(cycle + 1)

    def _set_half(self, half: int, value: int, cycle: int) -> None:
        if self._cascaded():
            now = self.counters[0].at(cycle)
            value = now & WORD | value << 32 if half else now & ~WORD | value
            half = 0
        self.counters[half].move(cycle, value)
        self._update(cycle)

    def _configure(self, half: int, value: int, cycle: int) -> None:
        low, high = self.counters
        wide = self._cascaded()
        low.move(cycle)
        high.move(cycle)
        self.set(CONFIG[half], value & _KEPT)
        if self._cascaded() and not wide:
            low.bits, low.value = 64, low.value | high.value << 32
        elif wide and not self._cascaded():
            high.value, low.bits, low.value = low.value >> 32, 32, low.value & WORD
        low.clock(self.get("CFG_LO"), cycle, self.reference_period)
        high.clock(0 if self._cascaded() else self.get("CFG_HI"), cycle, self.reference_period)
        if value & RESET:
            self._set_half(half, 0, cycle + 1)
        else:
            self._update(cycle)

    # -- comparing ---------------------------------------------------------------------------------------------------------

    def _update(self, cycle: int) -> None:
        """Registers changed, from `cycle` on: set the lines, and plan the next call."""
        self._plan += 1
        for half in (0, 1):
            counts = half == 0 or not self._cascaded()
            at_value = counts and self.counters[half].at(cycle) == self._compare(half)
            high = at_value and bool(self.get(CONFIG[half]) & IRQ_ENABLE)
            if high != self.lines[half]:
                self.lines[half] = high
                self.machine.at(cycle, partial(self.on_event, half, high))
            if counts:
                self._expect(half, cycle, at_value)

    def _compare(self, half: int) -> int:
        if self._cascaded():
            return self.get("CMP_LO") | self.get("CMP_HI") << 32
        return self.get(COMPARE[half])

    def _expect(self, half: int, cycle: int, at_value: bool) -> None:
        """Have the machine call when something happens at this counter's compare value."""
        config, counter = self.get(CONFIG[half]), self.counters[half]
        if not config & (IRQ_ENABLE | COMPARE_CLEAR | ONE_SHOT):
            return
        if at_value:
            stays = config & COMPARE_CLEAR and self._compare(half) == 0 and not config & ONE_SHOT
            if (counter.running or config & COMPARE_CLEAR) and not stays:
                self.machine.at(cycle + 1, partial(self._leave, half, self._plan))
                return
        due = None if at_value else counter.reaches(self._compare(half))
        if due is not None:
            self.machine.at(due, partial(self._reach, self._plan))

    def _reach(self, plan: int, cycle: int) -> None:
        """A counter has just become its compare value."""
        if plan == self._plan:
            self._update(cycle)

    def _leave(self, half: int, plan: int, cycle: int) -> None:
        """The cycle after that."""
        if plan != self._plan:
            return
        config, counter = self.get(CONFIG[half]), self.counters[half]
        counter.move(cycle, 0 if config & COMPARE_CLEAR else None)
        if config & ONE_SHOT:
            self.set(CONFIG[half], config & ~ENABLE)
            counter.running = False
        self._update(cycle)
