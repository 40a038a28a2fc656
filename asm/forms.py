"""Operand forms: an operand template such as ``rd, imm(rs1!)`` as a matcher for what was written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from asm.diagnostics import nearest
from asm.expressions import Const, Expr, Name
from asm.syntax import Operand
from iss.isa.csr import BY_NAME
from iss.isa.decode import REGISTER_NUMBERS, register_name

_SLOT = re.compile(r"(?P<value>-?\w+'?)(?:\((?P<base>\w+'?)(?P<bang>!)?\))?$")
_ORDERING = {"i": 8, "o": 4, "r": 2, "w": 1}

Values = dict[str, int | Expr]  # operands by name: registers as numbers, immediates as expressions
Columns = dict[str, int]


class Mismatch(Exception):
    """These operands are not this form's.

    `progress` says how far they went along: two steps for each operand, the first for its shape."""

    def __init__(self, message: str, column: int, progress: int) -> None:
        super().__init__(message)
        self.message, self.column, self.progress = message, column, progress


@dataclass(frozen=True, slots=True)
class Slot:
    """One operand of a form."""

    value: str
    base: str | None
    increment: bool


@dataclass(frozen=True)
class Form:
    """A mnemonic with one operand template; `meaning` is a row, or what a pseudo-instruction stands for."""

    mnemonic: str
    template: str
    meaning: object
    slots: tuple[Slot, ...]

    @classmethod
    def of(cls, mnemonic: str, template: str, meaning: object) -> Form:
        return cls(mnemonic, template, meaning, slots(template))

    def __str__(self) -> str:
        return f"{self.mnemonic} {self.template}".strip()

    def match(self, operands: tuple[Operand, ...]) -> tuple[Values, Columns]:
        """The operands by name and their columns; Mismatch when they are not this form's."""
        if len(operands) != len(self.slots):
            column = operands[-1].column if operands else 0
            raise Mismatch(f"expected {str(self)!r}", column, -1)
        values: Values = {}
        columns: Columns = {}
        for progress, (slot, operand) in enumerate(zip(self.slots, operands, strict=True)):
            _match_slot(self, slot, operand, values, 2 * progress)
            columns[slot.value] = operand.column
            if slot.base is not None:
                columns[slot.base] = operand.column
        return values, columns


def slots(template: str) -> tuple[Slot, ...]:
    """The operands of a template, literals such as ``x2`` included."""
    found = []
    for part in filter(None, (part.strip() for part in template.split(","))):
        match = _SLOT.match(part)
        if match is None:
            raise ValueError(f"cannot read operand {part!r} of template {template!r}")
        found.append(Slot(match["value"], match["base"], match["bang"] is not None))
    return tuple(found)


def is_register(name: str) -> bool:
    """Does a template's name stand for a register?"""
    return re.match(r"r[dst]?[123]?'?$", name) is not None


def _match_slot(form: Form, slot: Slot, operand: Operand, values: Values, progress: int) -> None:
    if operand.missing:
        raise Mismatch(f"an operand is missing; expected {str(form)!r}", operand.column, progress)
    if slot.base is not None:
        operand = operand.with_base()
    if (operand.base is None) != (slot.base is None) or operand.increment != slot.increment:
        raise Mismatch(f"expected {_shape(slot)!r} here, as in {str(form)!r}", operand.column, progress)
    if operand.text is not None or operand.attribute is not None:
        raise Mismatch(f"expected {str(form)!r}", operand.column, progress)
    if slot.base is not None and operand.base is not None:
        _match_part(form, slot.base, operand.base, values, progress + 1)
    _match_part(form, slot.value, operand.expr or Const(0, operand.column), values, progress + 1)


def _shape(slot: Slot) -> str:
    return slot.value if slot.base is None else f"{slot.value}({slot.base}{'!' if slot.increment else ''})"


def _match_part(form: Form, part: str, expr: Expr, values: Values, progress: int) -> None:
    register = REGISTER_NUMBERS.get(expr.name) if isinstance(expr, Name) else None
    if is_register(part):
        if register is None:
            raise Mismatch(_not_a_register(form, part, expr), expr.column, progress)
        values[part] = register
    elif part[0] == "x" and part[1:].isdecimal():
        if register != int(part[1:]):
            raise Mismatch(f"{form.mnemonic}: this operand must be {_both_names(part)}", expr.column, progress)
    elif part == "L":
        if register is not None and register > 1:
            raise Mismatch(f"{form.mnemonic}: the loop must be x0 or x1 (or 0 or 1)", expr.column, progress)
        values[part] = expr if register is None else Const(register, expr.column)
    elif part == "csr":
        values[part] = csr(expr)
    elif part in ("pred", "succ"):
        values[part] = _ordering(expr)
    elif register is not None:
        what = "a label" if "offset" in part else "an immediate"
        raise Mismatch(f"{form.mnemonic}: {part} must be {what}, not a register", expr.column, progress)
    else:
        values[part] = expr


def _both_names(part: str) -> str:
    return f"{register_name(int(part[1:]))} ({part})"


def _not_a_register(form: Form, part: str, expr: Expr) -> str:
    if not isinstance(expr, Name):
        return f"{form.mnemonic}: {part} must be a register"
    hint = nearest(expr.name, REGISTER_NUMBERS)
    return f"{form.mnemonic}: {part} must be a register, and {expr.name!r} is none{hint}"


def csr(expr: Expr) -> Expr:
    """The number of a CSR that was named; other expressions as they are."""
    if isinstance(expr, Name) and expr.name.lower() in BY_NAME:
        return Const(BY_NAME[expr.name.lower()].address, expr.column)
    return expr


def _ordering(expr: Expr) -> Expr:
    """``iorw`` sets of fence as a number."""
    if isinstance(expr, Name) and expr.name and set(expr.name) <= set(_ORDERING):
        return Const(sum(_ORDERING[char] for char in set(expr.name)), expr.column)
    return expr
