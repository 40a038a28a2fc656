"""What goes wrong for a user's reason: one clear message that names the place and the cure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from iss.result import RunResult


class SimulationError(Exception):
    """A mistake in what was given to the simulator: a file, a configuration, an argument, a program."""


class ProgramError(SimulationError):
    """The simulated program did what the machine cannot do.  `result` holds the statistics up to then; `hart` is who did it,
    None where all of them wait."""

    def __init__(self, message: str, result: RunResult | None = None, hart: int | None = None) -> None:
        super().__init__(message)
        self.result = result
        self.hart = hart


def suggest(name: str, known: Iterable[str], listing: str = "") -> str:
    """A clause that names the nearest known names, or all of them when none is near.

    `listing` is a command that shows them, where there are too many to name."""
    names = sorted(known)
    words = [word for word in name.split("_") if len(word) > 2]
    holding = [other for other in names if words and all(word in other for word in words)]
    near = list(dict.fromkeys([*holding, *difflib.get_close_matches(name, names, 3, 0.5 if listing else 0.6)]))[:3]
    if not listing:
        return f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names)}"
    return f"did you mean {' or '.join(near)}? `{listing}` shows all" if near else f"`{listing}` shows all"


@contextmanager
def writing(path: str | Path) -> Iterator[None]:
    """Names the file that cannot be written: the system's error does so only when it is opened, not when the disk is full."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SimulationError(f"cannot write {path}: {error.strerror or error}") from error
