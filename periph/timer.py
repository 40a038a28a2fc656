"""The timer unit, version 2: two 32-bit counters, which can be one of 64 bits (timer_unit.sv, timer_unit_counter.sv,
timer_unit_counter_presc.sv; platform.md section 1).  The cluster has one, the fabric controller another.

It is modelled register by register, as the chip's.  The comparator looks at the counter whether it runs or not, so a counter that
stands at its compare value holds its event line high.  A prescaler whose count is beyond a smaller PRESCALER goes on to 2**32.
What the state repeats, but for its counts, is not stepped through: time that nobody looks at costs nothing.  The chip's input
events, which EVENT_ENABLE lets start a counter, are not connected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from math import prod

from iss.engine.layout import NEVER
from periph.device import Access, RegisterDevice
from periph.registers import WORD, Field, Place, Register, RegisterTable

_CONFIG = (
    Field("ENABLE", 0, 1, "counts"),
    Field("RESET", 1, 1, "stored as 1: the counter becomes 0; reads 0"),
    Field("IRQ_ENABLE", 2, 1, "raises its event in every cycle in which the counter is at the compare value"),
    Field("EVENT_ENABLE", 3, 1, "an input event starts it; there are none here"),
    Field("COMPARE_CLEAR", 4, 1, "the counter becomes 0 after the compare value"),
    Field("ONE_SHOT", 5, 1, "stops after the compare value"),
    Field("PRESCALER_ENABLE", 6, 1, "counts once in PRESCALER + 1 cycles, or in PRESCALER cycles of the reference clock"),
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
LOW, HIGH = 0, 1
LOOKS_AHEAD = 256
"""Steps that are looked at to find the next change of an event line; then the machine calls again."""
Line = Callable[[int, bool, int], None]


@dataclass
class Half:
    """The registers of one counter.  `reached` and `tick`: it, or its prescaler's count `scale`, is at its compare value."""

    config: int = 0
    compare: int = 0
    count: int = 0
    reached: bool = False
    scale: int = 0
    tick: bool = False

    @property
    def prescaler(self) -> int:
        return self.config >> 8 & 0xFF

    def end_cycle(self, reset: bool, counts: bool, reset_scale: bool, scales: bool, written: int | None) -> None:
        """The registers behind the configuration take their next values."""
        if reset:
            self.count = 0
        elif written is not None:
            self.count = written
        else:
            self.count = (self.count + counts) & WORD
        self.reached = self.count == self.compare
        self.scale = 0 if reset_scale or self.tick else (self.scale + scales) & WORD
        self.tick = self.scale == self.prescaler


@dataclass
class Unit:
    """Both counters, at the beginning of `cycle`.  The reference clock rises in every cycle that is a multiple of `reference`."""

    reference: int
    cycle: int = 0
    halves: list[Half] = field(default_factory=lambda: [Half(), Half()])

    @property
    def cascaded(self) -> bool:
        return bool(self.halves[LOW].config & CASCADE)

    @property
    def lines(self) -> tuple[bool, bool]:
        """The event lines."""
        low, high = self.halves
        if self.cascaded:
            return low.reached and high.reached and bool(low.config & IRQ_ENABLE), False
        return low.reached and bool(low.config & IRQ_ENABLE), high.reached and bool(high.config & IRQ_ENABLE)

    def step(self, register: str = "", value: int = 0) -> None:
        """A cycle, in which a register may be stored to."""
        both = [half.reached for half in self.halves] == [True, True]
        ticks = [self._ticks(number) for number in (LOW, HIGH)]
        if self.cascaded and self.halves[LOW].config & ENABLE:
            ticks[HIGH] = self._carries(), ticks[HIGH][1]
        cascaded = self.cascaded
        configs: list[int] = []
        resets: list[tuple[bool, bool]] = []
        for number, half in enumerate(self.halves):
            suffix = ("LO", "HI")[number]
            config = value if register == f"CFG_{suffix}" else half.config
            if register == f"START_{suffix}":
                config |= ENABLE
            elif self._one_shot(number, config, configs, both):
                config &= ~ENABLE
            asked = bool(half.config & RESET) or register == f"RESET_{suffix}"
            clears = self.halves[LOW].config & COMPARE_CLEAR and both if cascaded else half.config & COMPARE_CLEAR and half.reached
            configs.append(config & ~RESET if asked or clears else config)
            resets.append((asked, bool(asked or clears)))
        for number, half in enumerate(self.halves):
            suffix = ("LO", "HI")[number]
            counts, scales = ticks[number]
            asked, reset = resets[number]
            written = value if register == f"CNT_{suffix}" else None
            half.end_cycle(reset, counts, asked or bool(half.config & PRESCALER_ENABLE and half.tick), scales, written)
            half.config = configs[number]
            if register == f"CMP_{suffix}":
                half.compare = value
        self.cycle += 1

    def _one_shot(self, number: int, config: int, configs: list[int], both: bool) -> bool:
        """Whether a counter stops because it, or `both`, have reached the compare value; `configs`: of those before it.

        The high one also stops, cascaded or not, when the low one is ONE_SHOT and both are at their values."""
        half = self.halves[number]
        if number == LOW:
            return bool(config & ONE_SHOT) and (both if self.cascaded else half.reached)
        own = bool(config & ONE_SHOT) and half.reached and not half.config & CASCADE
        return own or (bool(configs[LOW] & ONE_SHOT) and both)

    def _ticks(self, number: int) -> tuple[bool, bool]:
        """Whether a counter counts in this cycle, and its prescaler."""
        half = self.halves[number]
        if not half.config & ENABLE:
            return False, False
        clock = not half.config & REFERENCE_CLOCK or self.cycle % self.reference == 0
        return (half.tick, clock) if half.config & PRESCALER_ENABLE else (clock, False)

    def _carries(self) -> bool:
        """Whether the high counter counts as the upper half of 64 bits.  With the reference clock it does when the low one has
        become all ones, which is a period early."""
        low = self.halves[LOW]
        if low.count != WORD:
            return False
        late = not low.config & REFERENCE_CLOCK or self.cycle % self.reference == 1
        return late and (low.tick or not low.config & PRESCALER_ENABLE)

    # -- time that nobody looks at -----------------------------------------------------------------------------------------

    def run(self, cycle: int) -> None:
        """Go on to the beginning of a cycle."""
        for _ in self._walk(cycle, self._periods(True)):
            pass

    def next_lines(self) -> int:
        """When the event lines change next at the earliest; NEVER: they do not change by themselves."""
        asked = [number for number, half in enumerate(self.halves) if half.config & IRQ_ENABLE]
        return min((self._next_line(number) for number in asked), default=NEVER)

    def _next_line(self, number: int) -> int:
        """The same of one counter, whose event is enabled."""
        alone = [copy(half) if self.cascaded or half is self.halves[number] else Half() for half in self.halves]
        unit = Unit(self.reference, self.cycle, alone)
        lines = unit.lines
        for looks, _ in enumerate(unit._walk(NEVER, unit._periods(False), steady=True)):
            if unit.lines != lines or looks == LOOKS_AHEAD:
                break
        return unit.cycle

    def _periods(self, with_compare: bool) -> list[int]:
        """Cycles after which the state may repeat but for its counts, the longest first: that of counters which begin anew behind
        their compare value, that of the prescalers, and that of the clocks."""
        running = [half for half in self.halves if half.config & ENABLE]
        periods = [self.reference if any(half.config & REFERENCE_CLOCK for half in running) else 1]
        scales = [
            max(1, half.prescaler + (not half.config & REFERENCE_CLOCK)) for half in running if half.config & PRESCALER_ENABLE
        ]
        compares = [half.compare + 1 for half in running if half.config & COMPARE_CLEAR and with_compare]
        for factors in (scales, compares):
            if factors:
                periods.insert(0, periods[0] * prod(factors))
        return periods

    def _walk(self, cycle: int, periods: list[int], steady: bool = False) -> Iterator[None]:
        """Go on to the beginning of a cycle, in jumps over periods that only count, and steps where something else happens;
        `steady`: no jumps over periods in which the event lines change."""
        while self.cycle < cycle:
            if not periods:
                self.step()
            elif not self._jump(cycle, periods, steady):
                yield from self._walk(min(cycle, self.cycle + periods[0]), periods[1:], steady)
            yield

    def _jump(self, cycle: int, periods: list[int], steady: bool) -> bool:
        """Skip as many periods of the first kind as go on like the next one; False when there are none."""
        period = periods[0]
        if cycle - self.cycle < 2 * period:
            return False
        later = Unit(self.reference, self.cycle, [copy(half) for half in self.halves])
        for _ in later._walk(self.cycle + period, periods[1:], steady):
            if steady and later.lines != self.lines:
                return False
        turns = (cycle - self.cycle) // period
        changes = []
        for number, (half, after) in enumerate(zip(self.halves, later.halves, strict=True)):
            counted, scaled = (after.count - half.count) & WORD, (after.scale - half.scale) & WORD
            changes.append((counted, scaled))
            after.count, after.scale = half.count, half.scale
            if counted:
                turns = min(turns, ((half.compare - half.count & WORD) - 1) // counted)
                if number == LOW and self.cascaded:
                    turns = min(turns, (WORD - 1 - half.count) // counted)
            if scaled:
                turns = min(turns, 0 if len(periods) > 1 else ((half.prescaler - half.scale & WORD) - 1) // scaled)
        if later.halves != self.halves or turns < 1:
            return False
        for half, (counted, scaled) in zip(self.halves, changes, strict=True):
            half.count = (half.count + turns * counted) & WORD
            half.scale = (half.scale + turns * scaled) & WORD
        self.cycle += turns * period
        return True


class Timer(RegisterDevice):
    """`on_event(half, high, cycle)` is told the level of the event line of the low (0) or high (1) counter from a cycle on."""

    def __init__(self, table: RegisterTable, on_event: Line, reference_period: int) -> None:
        super().__init__(table)
        self.on_event = on_event
        self.reference_period = reference_period

    def reset(self) -> None:
        super().reset()
        self.unit = Unit(self.reference_period)
        self.lines = (False, False)
        self._plan = 0

    # What a store in `cycle` changes is so from the next one on, and a load in it returns what is so in the next one.

    def _load_value(self, access: Access, place: Place) -> int:
        self.unit.run(access.cycle + 1)
        half = self.unit.halves[place.name.endswith("HI")]
        return {"CFG": half.config & ~RESET & WORD, "CNT": half.count, "CMP": half.compare}[place.name[:3]]

    def _store_value(self, access: Access, place: Place, value: int) -> None:
        self.unit.run(access.cycle)
        self.unit.step(place.name, value)
        self._tell(self.unit.cycle)

    def _tell(self, cycle: int) -> None:
        """Set the event lines as they are from `cycle` on, which is now or the next one, and plan the next call."""
        for half, (before, now) in enumerate(zip(self.lines, self.unit.lines, strict=True)):
            if before != now:
                self.machine.at(cycle, partial(self.on_event, half, now))
        self.lines = self.unit.lines
        self._plan += 1
        following = self.unit.next_lines()
        if following < NEVER:
            self.machine.at(following, partial(self._reach, self._plan))

    def _reach(self, plan: int, cycle: int) -> None:
        """An event line changes, if nothing was stored meanwhile."""
        if plan == self._plan:
            self.unit.run(cycle)
            self._tell(cycle)
