"""Macros: their parameters, the arguments of a call, and the text of an expansion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from asm.diagnostics import StatementError
from asm.source import Statement

_IDENTIFIER = re.compile(r"[A-Za-z_.$][\w.$]*")
_PARAMETER = re.compile(r"\s*([A-Za-z_$][\w$]*)\s*(?::\s*(req|vararg)\b)?\s*(=)?", re.IGNORECASE)
_PIECE = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^\\])'?|[()\[\],]|\s+|[^\s()\[\],\"']+|.", re.DOTALL)
_HOLE = re.compile(r"\\(\(\)|@|[A-Za-z_$][\w$]*)")
MAX_LINE = 1 << 20


@dataclass(frozen=True)
class Parameter:
    name: str
    default: str = ""
    required: bool = False
    variadic: bool = False


@dataclass
class Macro:
    """A named block of statements with holes."""

    name: str
    parameters: tuple[Parameter, ...]
    body: list[Statement] = field(default_factory=list)

    def arguments(self, text: str) -> dict[str, str]:
        """Values of the parameters for a call, by position or by name."""
        values: dict[str, str] = {}
        rest = list(split_arguments(text))
        position = 0
        for column, item in rest:
            name, equals, value = item.partition("=")
            known = next((p for p in self.parameters if p.name == name.strip()), None)
            if equals and known and not value.startswith("="):
                values[known.name] = unquote(value.strip())
                continue
            if position >= len(self.parameters):
                wanted = f"{len(self.parameters)} argument{'' if len(self.parameters) == 1 else 's'}"
                raise StatementError(f"macro {self.name!r} takes {wanted}, not {len(rest)}", column)
            parameter = self.parameters[position]
            position += 1
            if parameter.variadic:
                values[parameter.name] = text[column:].strip()
                break
            if item:
                values[parameter.name] = unquote(item)
        for parameter in self.parameters:
            if parameter.name not in values:
                if parameter.required:
                    raise StatementError(f"macro {self.name!r} needs a value for {parameter.name!r}")
                values[parameter.name] = parameter.default
        return values


def parse_header(text: str) -> Macro:
    """``name param, param=default, param:req, param:vararg`` after .macro."""
    found = _IDENTIFIER.match(text.strip())
    if found is None:
        raise StatementError("expected a macro name", 0)
    start = text.index(found[0]) + len(found[0])
    parameters: dict[str, Parameter] = {}
    while True:
        while start < len(text) and text[start] in " \t,":
            start += 1
        if start >= len(text):
            break
        match = _PARAMETER.match(text, start)
        if match is None:
            raise StatementError(f"expected a parameter name, not {text[start]!r}", start)
        if match[1] in parameters:
            raise StatementError(f"parameter {match[1]!r} is named twice", start)
        start = match.end()
        default = ""
        if match[3]:
            default, start = _default(text, start)
        kind = (match[2] or "").lower()
        parameters[match[1]] = Parameter(match[1], default, kind == "req", kind == "vararg")
        if kind == "vararg" and text[start:].strip():
            raise StatementError("a vararg parameter must be the last one", start)
    return Macro(found[0], tuple(parameters.values()))


def _default(text: str, start: int) -> tuple[str, int]:
    """The default value that starts here: up to the next comma, or blank that no operator spans."""
    for column, item in split_arguments(text[start:]):
        end = start + column + len(item)
        return unquote(item), end
    return "", len(text)


def split_arguments(text: str) -> Iterator[tuple[int, str]]:
    """Arguments at commas, or at blanks between words; quotes and parentheses keep what is in them together."""
    depth, start, current, blank = 0, 0, "", ""
    seen_comma = False
    for match in _PIECE.finditer(text):
        piece = match[0]
        if piece.isspace():
            blank = piece
            continue
        if depth == 0 and piece == ",":
            yield start, current
            current, blank, seen_comma = "", "", True
            start = match.end()
            continue
        if depth == 0 and blank and current and _breaks(current, piece):
            yield start, current
            current, start, blank, seen_comma = "", match.start(), "", False
        if not current:
            start, blank = match.start(), ""
        depth += (piece in "([") - (piece in ")]" and depth > 0)
        current += blank + piece
        blank = ""
    if current or seen_comma:
        yield start, current


def _breaks(left: str, right: str) -> bool:
    """Does a blank between these separate two arguments (and is not just around an operator)?"""
    return (left[-1].isalnum() or left[-1] in "_.$)\"'") and (right[0].isalnum() or right[0] in "_.$\"'\\%")


def unquote(text: str) -> str:
    """An argument that is one quoted string, without its quotes."""
    if len(text) >= 2 and text[0] == text[-1] == '"' and '"' not in text[1:-1].replace('\\"', ""):
        return text[1:-1].replace('\\"', '"')
    return text


def substitute(body: list[Statement], values: dict[str, str], count: int) -> Iterator[tuple[str, Statement]]:
    """The body's lines with ``\\name``, ``\\@`` and ``\\()`` filled in, each with the statement it was."""

    def fill(match: re.Match[str]) -> str:
        hole = match[1]
        if hole == "()":
            return ""
        return str(count) if hole == "@" else values.get(hole, match[0])

    for statement in body:
        text = _HOLE.sub(fill, statement.text) if "\\" in statement.text else statement.text
        if len(text) > MAX_LINE:
            raise StatementError(f"a line of the expansion is longer than {MAX_LINE} characters")
        yield text, statement
