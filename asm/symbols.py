"""The symbols of one file, and what a name means at a point of the source."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from asm.diagnostics import Origin, StatementError
from asm.expressions import Anchor, Const, Expr, Name
from iss.isa.decode import REGISTER_NUMBERS

_LOCAL = re.compile(r"(\d+)([fb])$")
_MARK = "\x01"  # in the names that numeric labels get: 1:, the second time, is "1\x012"


@dataclass
class Symbol:
    """`value` is an Anchor for a label, any expression for an assignment, None while undefined here."""

    name: str
    value: Expr | None = None
    label: bool = False
    constant: bool = False
    binding: str = "local"
    kind: str = "notype"
    size: Expr | None = None
    origin: Origin | None = None
    column: int = 0

    @property
    def numeric(self) -> bool:
        return _MARK in self.name


def shown(name: str) -> str:
    """A symbol's name for messages: numeric labels as they were written."""
    number, mark, _ = name.partition(_MARK)
    return number + "f" if mark else name


class Symbols:
    """One file's symbols."""

    def __init__(self) -> None:
        self.table: dict[str, Symbol] = {}
        self._seen: dict[int, int] = {}  # how often each numeric label was defined

    def get(self, name: str) -> Symbol:
        """The symbol, made when it is new."""
        return self.table.setdefault(name, Symbol(name))

    def defined(self, name: str) -> bool:
        found = self.table.get(name)
        return found is not None and found.value is not None

    def define_label(self, name: str, place: Anchor, origin: Origin, column: int) -> None:
        """A label here; a number can be one any number of times."""
        if name[0].isdecimal():
            number = _label_number(name, column)
            count = self._seen[number] = self._seen.get(number, 0) + 1
            name = f"{number}{_MARK}{count}"
        self._check_name(name, column)
        symbol = self.get(name)
        self._check_new(symbol, column)
        symbol.value, symbol.label, symbol.origin, symbol.column = place, True, origin, column

    def assign(self, name: str, value: Expr, origin: Origin, column: int, once: bool = False) -> None:
        """``name = value``; again and again unless it is `once`."""
        if name == ".":
            raise StatementError("'.' cannot be assigned; use .space or .balign", column)
        self._check_name(name, column)
        symbol = self.get(name)
        if symbol.label or symbol.constant or once:
            self._check_new(symbol, column)
        symbol.value, symbol.origin, symbol.column = value, origin, column

    def resolver(self, here: Anchor) -> Callable[[Name], Expr]:
        """What names mean at this point: values that are known, else the name itself for the layout to find."""

        def resolve(found: Name) -> Expr:
            name = found.name
            if name == ".":
                return here
            symbol = self.table.get(name)
            if symbol is not None:
                return _known(symbol, found)
            if _MARK in name:
                return found  # bound already
            if name[0].isdecimal():
                return self._numeric(name, found.column)
            if name in REGISTER_NUMBERS:
                raise StatementError(f"register {name!r} cannot be part of an expression", found.column)
            return found

        return resolve

    def _numeric(self, name: str, column: int) -> Expr:
        match = _LOCAL.match(name)
        assert match is not None
        number = _label_number(match[1], column)
        count = self._seen.get(number, 0)
        if match[2] == "f":
            return Name(f"{number}{_MARK}{count + 1}", column)
        if count == 0:
            raise StatementError(f"no label '{number}:' before {name!r}", column)
        value = self.table[f"{number}{_MARK}{count}"].value
        assert value is not None
        return value

    def _check_name(self, name: str, column: int) -> None:
        if name in REGISTER_NUMBERS:
            raise StatementError(f"{name!r} is a register and cannot be a symbol", column)

    def _check_new(self, symbol: Symbol, column: int) -> None:
        if symbol.value is None:
            return
        where = f" at {symbol.origin.file}:{symbol.origin.line}" if symbol.origin and symbol.origin.line else ""
        raise StatementError(f"symbol {symbol.name!r} is already defined{where}", column)


def _known(symbol: Symbol, found: Name) -> Expr:
    """The symbol's value where it was named; the name when another file may have the last word."""
    value = symbol.value
    if value is None or symbol.binding == "weak":
        return found
    if isinstance(value, Const):
        return Const(value.value, found.column)
    return Anchor(value.place, value.offset, found.column) if isinstance(value, Anchor) else value


def _label_number(digits: str, column: int) -> int:
    if len(digits) > 9:
        raise StatementError("numeric label too large", column)
    return int(digits)
