"""Interrupts: when a core takes one, and how it wakes from wfi and p.elw.

A device sets a hart's line with `Machine.interrupt`: the level of irq_i and irq_id_i from a cycle on.  Rules, all stated for
cycles of the core (RI5CY riscv_int_controller.sv, riscv_controller.sv; measured on the RTL, docs/timing.md):

- irq_i and MIE in cycle c make a request from c + 1 on.  In f, the first cycle >= c + 1 in which an instruction is in ID and may
  be decoded, that instruction is killed; if irq_i and MIE still hold in f + 1, the interrupt is acknowledged in f + 2, and the
  vector's first instruction is in EX in f + 5 or later: one cycle later than what the killed one could have been at best.
- wfi looks at irq_i from the cycle on in which the pipeline is empty.  It goes on with the next instruction without MIE, and with
  the interrupt otherwise.
- A p.elw whose access was granted in cycle g, with irq_i and MIE in g + 1, is executed again after the interrupt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from iss.engine import layout
from iss.engine.code import word_at
from iss.engine.layout import NEVER, Hart, Pending, Stall
from iss.engine.machine import EVENT_LOAD_CYCLES, Acknowledge, Machine
from iss.engine.operations import end_of, number_named
from iss.isa import table
from iss.isa.decode import decode

if TYPE_CHECKING:
    from iss.engine.system import System

WAKE_CYCLES = 3
"""From irq_i to the EX cycle of the instruction behind wfi."""
VECTOR_CYCLES = 5
"""From the killed instruction's cycle in ID to the vector's in EX; from irq_i to it behind wfi."""
REPLAY_CYCLES = 3
"""From the killed instruction's cycle in ID to its cycle in EX when the interrupt has gone away meanwhile."""
_INTERRUPT = 1 << 31


def _never(hart: int, number: int, cycle: int) -> None:
    """The acknowledgement of a line that no device has set."""


@dataclass
class Line:
    """One hart's interrupt: the line, the request that the core has noticed, and what it sleeps in."""

    number: int | None = None  # irq_id_i while irq_i is high
    since: int = 0
    until: int = 0
    acknowledge: Acknowledge = _never
    enabled: int = 0  # cycle since which MIE, if it is set, has been seen by the core
    request: int | None = None
    requested: int = 0  # first cycle of the request
    killed: int | None = None  # cycle in ID of the instruction that it kills, when that is settled
    asleep: int | None = None  # first cycle in which wfi looks at the line
    granted: int = -1  # cycle in which the last p.elw was granted
    event_pc: int = 0  # its address


class Interrupts:
    """The interrupt controllers of the cores."""

    def __init__(self, machine: Machine, system: System) -> None:
        self.machine = machine
        self.system = system
        self.lines = [Line() for _ in range(machine.harts)]
        machine.on_interrupt = self.level
        machine.on_answer = self.answered

    def reset(self) -> None:
        self.lines = [Line() for _ in range(self.machine.harts)]

    def asleep(self, hart: int) -> bool:
        """Whether a hart sleeps in wfi."""
        return self.lines[hart].asleep is not None

    def level(self, hart: int, number: int | None, cycle: int, acknowledge: Acknowledge) -> None:
        """The line's level from `cycle` on; called in that cycle, before any hart acts."""
        line = self.lines[hart]
        if number is not None and line.number is None:
            line.since, line.until = cycle, NEVER
        elif number is None and line.number is not None:
            line.until = cycle
        line.number, line.acknowledge = number, acknowledge
        self._notice(hart, cycle)

    def enabled(self, hart: int, cycle: int) -> None:
        """MIE is set from the cycle after `cycle` on."""
        self.lines[hart].enabled = cycle + 1
        self.machine.at(cycle + 1, partial(self._notice, hart))

    def sleep(self, hart: int, cycle: int) -> None:
        """wfi: the hart sleeps, and looks at its line from `cycle` on."""
        self.lines[hart].asleep = cycle
        self.machine.at(cycle, partial(self._notice, hart))

    def answered(self, hart: int, cycle: int, event: bool) -> None:
        """A device granted the hart's access in `cycle`; `event`: that of a p.elw."""
        line = self.lines[hart]
        if event:
            line.granted, line.event_pc = cycle, self.machine.pc(hart)
        if line.request is not None or (event and line.number is not None):
            self.machine.at(cycle + 2, partial(self._look, hart))

    def _notice(self, hart: int, cycle: int) -> None:
        line = self.lines[hart]
        if line.number is None:
            return
        unnoticed = line.request is None and self.system.interruptible(hart) and cycle >= line.enabled
        if unnoticed:
            line.request, line.requested, line.killed = line.number, cycle + 1, None
        if line.asleep is not None:
            if cycle >= line.asleep:
                self._wake(hart, cycle)
        elif unnoticed:
            # A jump that waits for its register is seen in the cycle of the request, all else in the one behind it.
            self.machine.at(cycle + 1, partial(self._look, hart))

    def _look(self, hart: int, cycle: int) -> None:
        """See whether the hart is at a boundary where it takes its request.  All before `cycle` has happened."""
        line, row = self.lines[hart], self.machine.hart[hart]
        if line.request is None:
            return
        if line.asleep is not None:
            return  # wfi was faster; its end sees to the request
        self.machine.take_back(hart, cycle)
        pending, clock = Pending(int(row[Hart.PENDING])), int(row[Hart.CLOCK])
        if pending == Pending.RUN and line.granted + 1 + EVENT_LOAD_CYCLES == clock and line.requested <= line.granted + 2:
            self._repeat(hart)
            return
        begun = pending in (Pending.GRANTED, Pending.ANSWERED, Pending.RESULT, Pending.BLOCKED)
        begun |= pending in (Pending.BANK, Pending.ACCESS) and int(row[Hart.ISSUED]) < cycle
        if begun and self.machine.loads_event(hart):
            return  # `answered` comes back to it
        if line.killed is None:
            entered = self.machine.entered(hart) - 1
            killed = max(line.requested, int(row[Hart.ISSUED]) if begun else entered)
            if not begun and entered < killed and self._leaves_at_once(hart):
                self.machine.at(clock + 1, partial(self._look, hart))
                return
            in_id = not begun and killed == clock == cycle and self._waits_for_register(hart)
            if cycle <= killed and not in_id:
                self.machine.at(clock if not begun and cycle < clock == killed else killed + 1, partial(self._look, hart))
                return
            if line.number is None or not self.system.interruptible(hart):
                if self.system.interruptible(hart):
                    self._resume(hart, begun, killed)
                line.request = None
                return
            self._settle(hart, killed)
        if not begun:
            assert line.killed is not None
            best = clock - self._waits_for_load(hart, clock) + self._waits_for_register(hart)
            self._count_killed(hart, clock)
            self._take(hart, self.machine.pc(hart), max(line.killed + VECTOR_CYCLES, best + 1))
        elif pending != Pending.BLOCKED:
            self.machine.at(cycle + 1, partial(self._look, hart))

    def _repeat(self, hart: int) -> None:
        """The hart's p.elw was granted two cycles ago: does an interrupt come before what follows?"""
        line = self.lines[hart]
        if line.since <= line.granted + 1 < line.until:
            self._settle(hart, line.granted)
            self._take(hart, line.event_pc, line.granted + VECTOR_CYCLES)
        else:
            line.request = None

    def _resume(self, hart: int, begun: bool, killed: int) -> None:
        """The interrupt has gone away again: the killed instruction is decoded once more."""
        row = self.machine.hart[hart]
        clock, after = int(row[Hart.CLOCK]), killed + REPLAY_CYCLES
        if not begun and after > clock:
            self.machine.stall[hart, Stall.TRAP] += np.uint64(after - clock)
            row[Hart.CLOCK] = after

    def _settle(self, hart: int, killed: int) -> None:
        """The instruction in ID in cycle `killed` is killed: the core acknowledges two cycles later."""
        line = self.lines[hart]
        assert line.request is not None
        line.killed = killed
        self.machine.at(killed + 2, partial(line.acknowledge, hart, line.request))

    def _leaves_at_once(self, hart: int) -> bool:
        """Whether the hart's next instruction is one that leaves decoding in its first cycle in ID, even behind a busy EX."""
        place = self.machine.place(hart, self.machine.pc(hart), 2)
        found = None if place is None else decode(word_at(self.machine.memory, place))
        return found is None or isinstance(found.row.kind, table.System)

    def _waits_for_load(self, hart: int, clock: int) -> int:
        """1 when the hart's next instruction, in EX in `clock`, has been held up a cycle by the load before it."""
        row = self.machine.hart[hart]
        word = int(row[Hart.WORD])
        held = row[Hart.HOLD] == clock and row[Hart.HOLD_ENTRY] == row[Hart.ISSUED] + np.uint64(1)
        load = end_of("BRANCH") <= word & ((1 << layout.OP_BITS) - 1) < end_of("LOAD")
        return int(held and load and word >> layout.RS3_SHIFT & 1)

    def _waits_for_register(self, hart: int) -> bool:
        """Whether the hart's next instruction is a register jump that waits in ID for its register (the kernel's `jump`)."""
        row = self.machine.hart[hart]
        word, clock, entered = int(self.machine.codes.code[int(row[Hart.INDEX])]), int(row[Hart.CLOCK]), self.machine.entered(hart)
        if word & ((1 << layout.OP_BITS) - 1) != number_named("jalr") or row[Hart.REDIRECT] == entered:
            return False
        hazard = int(row[Hart.LOOP_HAZARD]) if row[Hart.LOOPED] == clock else word >> layout.RS3_SHIFT & 3
        if hazard & 1:
            return True
        return bool(hazard) and entered == clock and entered - 1 not in (row[Hart.REDIRECT], row[Hart.LOOPED])

    def _count_killed(self, hart: int, clock: int) -> None:
        """What the core's counters see of the hart's next instruction, killed in ID: a jump's wait for its register; behind a
        loop's last instruction, the second word of the loop's start."""
        machine, row, pc = self.machine, self.machine.hart[hart], self.machine.pc(hart)
        row[Hart.SELF_JUMPS] += np.uint64(self._waits_for_register(hart))
        start = machine.loop_back(hart, pc, clock)
        if start is not None and machine.split_target(hart, start):
            # A jump's target is in IF when it arrives, two cycles before EX or earlier (the kernel's `fetch_start`).
            wide = pc & 2 == 2 and machine.size_at(hart, pc) == 4
            entered = self.machine.entered(hart)
            seen = int(row[Hart.ARRIVAL]) + wide if row[Hart.REDIRECT] == entered else entered - 2
            row[Hart.MISSES] += np.uint64(max(0, seen + 3 - entered))

    def _take(self, hart: int, pc: int, start: int) -> None:
        """Enter the handler, whose first instruction is in EX in `start`; `pc` is executed after it."""
        line, row = self.lines[hart], self.machine.hart[hart]
        number, line.request, line.killed = line.request, None, None
        assert number is not None
        vector = self.system.enter(hart, pc, _INTERRUPT | number, 4 * number)
        self.machine.stall[hart, Stall.TRAP] += np.uint64(start - int(row[Hart.CLOCK]))
        self.machine.record_wait(hart, start, Stall.TRAP, start - int(row[Hart.CLOCK]))
        self.machine.redirect(hart, vector, start - 2, start)

    def _wake(self, hart: int, cycle: int) -> None:
        """irq_i is high for a hart asleep in wfi."""
        line, row = self.lines[hart], self.machine.hart[hart]
        line.asleep = None
        issued, after = int(row[Hart.ISSUED]), cycle + WAKE_CYCLES
        self.machine.record(hart, issued, after, Stall.SLEEP, after - issued - 1)
        self.machine.stall[hart, Stall.SLEEP] += np.uint64(after - issued - 1)
        row[Hart.RETIRED] += np.uint64(1)
        row[Hart.UNCOUNTED] += np.uint64(1)
        row[Hart.CLOCK], row[Hart.PENDING] = after, Pending.RUN
        self.machine.set_pc(hart, self.machine.pc(hart) + 4)
        if self.system.interruptible(hart):
            self._settle(hart, cycle)
            self._take(hart, self.machine.pc(hart), cycle + VECTOR_CYCLES)
