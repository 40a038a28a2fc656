"""Phases of a run: the stretches in which hart 0's performance counters run, with their cycles and their energy.

A phase begins where hart 0 switches its counters on (a store to PCER or PCMR) and ends where it switches them off, or
stores again.  It goes by the address of the instruction that began it: what begins there again is added to it.  So the
timed regions of the applications (region_begin) and of C programs (perf_start) are phases, and cost nothing extra.

Other harts are charged up to the instruction that they are at in that cycle.  The phases and the rest add up to the whole run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from iss.observe.energy import Joules, difference

REST = "rest"


@dataclass
class Phase:
    """What one phase took: `times` is how often it was begun, `energy` in pJ by component."""

    times: int = 0
    cycles: int = 0
    energy: Joules = field(default_factory=dict)

    def add(self, cycles: int, energy: Joules) -> None:
        """Another stretch of it."""
        self.cycles += cycles
        for component, value in energy.items():
            self.energy[component] = self.energy.get(component, 0.0) + value


class Phases:
    """The phases of a run so far.  `figures` returns the cycles since reset and the energy used since then.

    `names` are of the phases in the order in which they first begin; `describe` makes one of an address."""

    def __init__(self, figures: Callable[[], tuple[int, Joules]], describe: Callable[[int], str]) -> None:
        self.figures = figures
        self.describe = describe
        self.names: Sequence[str] = ()
        self.reset()

    def reset(self) -> None:
        """A new run begins."""
        self.found: dict[int, Phase] = {}
        self.open: int | None = None
        self.begun: tuple[int, Joules] = 0, {}

    def counting(self, running: bool, pc: int) -> None:
        """Hart 0's counters have been set by the instruction at `pc`: do they run?"""
        if self.open is None and not running:
            return
        now = self.figures()
        if self.open is not None:
            self.found[self.open].add(*self._since(now))
        self.open, self.begun = (pc if running else None), now
        if running:
            self.found.setdefault(pc, Phase()).times += 1

    def _since(self, now: tuple[int, Joules]) -> tuple[int, Joules]:
        return now[0] - self.begun[0], difference(now[1], self.begun[1])

    def list(self, cycles: int, energy: Joules) -> list[tuple[str, Phase]]:
        """Every phase with its name, up to now; what belongs to none is the last one.  Empty when there are none.

        `cycles` and `energy` are of the run up to now."""
        if not self.found:
            return []
        shown = []
        rest = Phase(0, cycles, dict(energy))
        for number, (pc, phase) in enumerate(self.found.items()):
            whole = Phase(phase.times, phase.cycles, dict(phase.energy))
            if pc == self.open:
                whole.add(*self._since((cycles, energy)))
            shown.append((self.names[number] if number < len(self.names) else self.describe(pc), whole))
            rest.cycles -= whole.cycles
            rest.energy = difference(rest.energy, whole.energy)
        return [*shown, (REST, rest)]
