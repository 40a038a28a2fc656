"""What goes wrong for a user's reason: one clear message that names the place and the cure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from iss.result import RunResult


class SimulationError(Exception):
    """A mistake in what was given to the simulator: a file, a configuration, an argument, a program."""


class ProgramError(SimulationError):
    """The simulated program did what the machine cannot do.  `result` holds the statistics up to then."""

    def __init__(self, message: str, result: RunResult | None = None) -> None:
        super().__init__(message)
        self.result = result


def suggest(name: str, known: Iterable[str]) -> str:
    """A clause that names the nearest known names, or all of them when none is near."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 3)
    return f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names)}"
