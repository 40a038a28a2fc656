"""What went wrong, where, and what was expected: the values that an `AssemblyError` carries."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

_TOKEN = re.compile(r"[%@\\]?[\w.$]+|\S")
MAX_SHOWN = 100
MAX_WIDTH = 160


class StatementError(Exception):
    """A mistake in the statement being assembled; `column` counts from 0 in its text, None is its first word."""

    def __init__(self, message: str, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a statement was written: `start` is its offset in the source line `text`.

    A line that a macro, a .rept or an .include produced has a `parent`, and says in `via` what it came through."""

    file: str
    line: int
    start: int
    text: str
    parent: Origin | None = None
    via: str = ""

    def notes(self) -> list[str]:
        """One line for each macro or include on the way here, innermost first."""
        found = []
        at: Origin | None = self
        while at is not None and at.parent is not None:
            found.append(f"in {at.via} at {at.parent.file}:{at.parent.line}")
            at = at.parent
        return found


@dataclass(frozen=True)
class Diagnostic:
    """One mistake.  `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    message: str
    source: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def at(cls, origin: Origin, message: str, column: int | None = None) -> Diagnostic:
        rest = origin.text[origin.start :]
        position = origin.start + (len(rest) - len(rest.lstrip()) if column is None else column)
        return cls(origin.file, origin.line, position + 1, message, origin.text, tuple(origin.notes()))

    def __str__(self) -> str:
        lines = [f"{self.file}:{self.line}:{self.column}: error: {self.message}"]
        if self.source.strip():
            text, at = _window(self.source.rstrip(), self.column - 1)
            token = _TOKEN.match(text, min(at, len(text)))
            marks = "~" * (len(token[0]) - 1) if token else ""
            indent = "".join("\t" if c == "\t" else " " for c in text[:at])
            lines += [f"    {text}", f"    {indent}^{marks}"]
        notes = list(self.notes)
        if len(notes) > 8:
            notes[4:-3] = [f"... {len(notes) - 7} more ..."]
        lines += [f"    note: {note}" for note in notes]
        return "\n".join(lines)


def _window(text: str, at: int) -> tuple[str, int]:
    """A long line's part around the column, and the column in it."""
    if len(text) <= MAX_WIDTH:
        return text, at
    start = max(0, min(at - MAX_WIDTH // 2, len(text) - MAX_WIDTH))
    part = text[start : start + MAX_WIDTH]
    head, tail = "... " if start else "", " ..." if start + MAX_WIDTH < len(text) else ""
    return head + part + tail, at - start + len(head)


class AssemblyError(Exception):
    """The sources do not assemble; `diagnostics` holds every mistake that was found, in the order of the sources."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = list(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        shown = [str(item) for item in self.diagnostics[:MAX_SHOWN]]
        if len(self.diagnostics) > MAX_SHOWN:
            shown.append(f"... and {len(self.diagnostics) - MAX_SHOWN} more errors")
        return "\n".join(shown)


def nearest(name: str, known: Iterable[str]) -> str:
    """``; did you mean 'a' or 'b'?``, or nothing when no known name is near."""
    if len(name) > 80:
        return ""
    found = difflib.get_close_matches(name, known, 3, 0.6 if len(name) > 3 else 0.5)
    return f"; did you mean {' or '.join(repr(item) for item in found)}?" if found else ""
