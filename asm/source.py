"""Source text to statements: comments out, lines split at ``;``, every statement with its origin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from asm.diagnostics import Diagnostic, Origin

_QUOTED = r"\"(?:\\[^\n]|[^\"\\\n])*\"|'(?:\\[^\n]|[^\\\n])'?"
_COMMENT = re.compile(_QUOTED + r"|//[^\n]*|\#[^\n]*|/\*[\s\S]*?\*/|/\*")
_SEPARATOR = re.compile(_QUOTED + r"|;")
_NOT_NEWLINE = re.compile(r"[^\n]")
_CPP = re.compile(r"#\s*(?:include\s*[\"<]|define\s+[A-Za-z_]|(?:ifdef|ifndef|undef)\s+[A-Za-z_])")


@dataclass(frozen=True, slots=True)
class Statement:
    """The text of one statement, without comments, and where it stands."""

    text: str
    origin: Origin


def split(
    text: str, file: str, parent: Origin | None = None, via: str = ""
) -> tuple[list[Statement], list[Diagnostic]]:
    """The statements of a file that are not blank, and what is wrong with its comments."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    clean, unclosed = _without_comments(text)
    statements: list[Statement] = []
    problems: list[Diagnostic] = []
    originals = text.split("\n")
    for number, line in enumerate(clean.split("\n"), 1):
        original = originals[number - 1]
        if original.startswith("#") and _CPP.match(original):
            origin = Origin(file, number, 0, original, parent, via)
            hint = "the C preprocessor is not run: use .include, .equ, .macro and .if"
            problems.append(Diagnostic.at(origin, hint))
        if not line or line.isspace():
            continue
        for start, part in _parts(line):
            if part and not part.isspace():
                statements.append(Statement(part, Origin(file, number, start, original, parent, via)))
    if unclosed is not None:
        number = text.count("\n", 0, unclosed) + 1
        start = unclosed - (text.rfind("\n", 0, unclosed) + 1)
        origin = Origin(file, number, start, originals[number - 1], parent, via)
        problems.append(Diagnostic.at(origin, "unclosed /* comment"))
    return statements, problems


def split_line(text: str, origin: Origin) -> Iterator[Statement]:
    """The statements of a line that a macro produced: its arguments may bring separators with them."""
    if ";" not in text:
        yield Statement(text, origin)
        return
    for start, part in _parts(text):
        if part and not part.isspace():
            yield Statement(part, Origin(origin.file, origin.line, start, text, origin.parent, origin.via))


def _without_comments(text: str) -> tuple[str, int | None]:
    """The text with blanks for comments, and the offset of a comment that does not end."""
    unclosed: int | None = None

    def blank(match: re.Match[str]) -> str:
        nonlocal unclosed
        found = match[0]
        if found[0] in "\"'":
            return found
        if found == "/*":
            if unclosed is None:
                unclosed = match.start()
            return "  "
        return _NOT_NEWLINE.sub(" ", found)

    if "#" not in text and "/" not in text:
        return text, None
    return _COMMENT.sub(blank, text), unclosed


def _parts(line: str) -> Iterator[tuple[int, str]]:
    if ";" not in line:
        yield 0, line
        return
    start = 0
    for match in _SEPARATOR.finditer(line):
        if match[0] == ";":
            yield start, line[start : match.start()]
            start = match.end()
    yield start, line[start:]
