"""Expressions: their nodes, the operators, and evaluation now (while assembling) or later (when addresses are known).

Numbers behave as in C on 64 bits.  While assembling, a label is an offset in its fragment: differences of labels in one
fragment are numbers, anything else about them has to wait for the layout and raises `NotConstant`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from asm.diagnostics import StatementError

MAX_DEPTH = 100
MAX_NODES = 5000
RELOCATIONS = ("hi", "lo", "pcrel_hi", "pcrel_lo")
PRECEDENCE = {
    operator: level
    for level, group in enumerate(("||", "&&", "|", "^", "&", "== != <>", "< > <= >=", "<< >>", "+ -", "* / %"))
    for operator in group.split()
}


class NotConstant(Exception):
    """The value is not known before the layout."""


class Place(Protocol):
    """What a label points into: a fragment, which the layout gives its address."""

    address: int


class Number(NamedTuple):
    """An integer, or an offset from `base` while its address is not known."""

    value: int
    base: Place | None = None


@dataclass(frozen=True, slots=True)
class Const:
    value: int
    column: int = 0
    depth: int = field(default=0, init=False)
    nodes: int = field(default=1, init=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A symbol as written: also ``.`` and numeric labels such as ``1f``."""

    name: str
    column: int = 0
    depth: int = field(default=0, init=False)
    nodes: int = field(default=1, init=False)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A label that has been placed."""

    place: Place
    offset: int
    column: int = 0
    depth: int = field(default=0, init=False)
    nodes: int = field(default=1, init=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """A prefix operator; ``(`` stands for parentheses, which tell `(a0)` from `a0`."""

    operator: str
    operand: Expr
    column: int
    depth: int
    nodes: int


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Expr
    right: Expr
    column: int
    depth: int
    nodes: int


@dataclass(frozen=True, slots=True)
class Relocation:
    """``%hi(expr)`` and its kin."""

    kind: str
    operand: Expr
    column: int
    depth: int
    nodes: int


Expr = Const | Name | Anchor | Unary | Binary | Relocation


class Scope(Protocol):
    """Where evaluation finds what it does not know."""

    def name(self, name: str, column: int) -> Number: ...

    def anchor(self, place: Place, offset: int) -> Number: ...

    def pcrel_lo(self, operand: Expr, column: int) -> int: ...


class EarlyScope:
    """What is known while assembling: nothing about names that are not bound yet."""

    def name(self, name: str, column: int) -> Number:
        raise NotConstant

    def anchor(self, place: Place, offset: int) -> Number:
        return Number(offset, place)

    def pcrel_lo(self, operand: Expr, column: int) -> int:
        raise NotConstant


EARLY = EarlyScope()


def unary(operator: str, operand: Expr, column: int = 0) -> Expr:
    if isinstance(operand, Const) and operator != "(":
        return Const(_apply_unary(operator, operand.value), column)
    _check_size(operand.depth, operand.nodes, column)
    return Unary(operator, operand, column, operand.depth + 1, operand.nodes + 1)


def binary(operator: str, left: Expr, right: Expr) -> Expr:
    """A node, or a constant when both sides are."""
    if isinstance(left, Const) and isinstance(right, Const):
        return Const(_apply(operator, left.value, right.value, right.column), left.column)
    depth, nodes = max(left.depth, right.depth), left.nodes + right.nodes
    _check_size(depth, nodes, left.column)
    return Binary(operator, left, right, left.column, depth + 1, nodes + 1)


def relocation(kind: str, operand: Expr, column: int = 0) -> Expr:
    if kind not in RELOCATIONS:
        raise StatementError(f"unknown relocation %{kind}; known are %hi, %lo, %pcrel_hi and %pcrel_lo", column)
    _check_size(operand.depth, operand.nodes, column)
    return Relocation(kind, operand, column, operand.depth + 1, operand.nodes + 1)


def difference(left: Expr, right: Expr) -> Expr:
    return binary("-", left, right)


def climb(first: Expr, rest: list[tuple[str, Expr]]) -> Expr:
    """The tree of ``first op expr op expr ...`` by C's precedence; all operators are left-associative."""
    operands: list[Expr] = [first]
    operators: list[str] = []

    def reduce() -> None:
        right = operands.pop()
        operands.append(binary(operators.pop(), operands.pop(), right))

    for operator, operand in rest:
        while operators and PRECEDENCE[operators[-1]] >= PRECEDENCE[operator]:
            reduce()
        operators.append(operator)
        operands.append(operand)
    while operators:
        reduce()
    return operands[0]


def _check_size(depth: int, nodes: int, column: int) -> None:
    if depth >= MAX_DEPTH or nodes >= MAX_NODES:
        raise StatementError("expression too complex", column)


def bind(expr: Expr, resolve: Callable[[Name], Expr]) -> Expr:
    """The expression with every name replaced by what `resolve` makes of it at this point of the source."""
    if isinstance(expr, Name):
        return resolve(expr)
    if isinstance(expr, Unary):
        inner = bind(expr.operand, resolve)
        return inner if expr.operator == "(" else unary(expr.operator, inner, expr.column)
    if isinstance(expr, Binary):
        return binary(expr.operator, bind(expr.left, resolve), bind(expr.right, resolve))
    if isinstance(expr, Relocation):
        operand = bind(expr.operand, resolve)
        if expr.kind == "pcrel_hi":
            operand = difference(operand, resolve(Name(".", expr.column)))
        return relocation(expr.kind, operand, expr.column)
    return expr


def constant(expr: Expr) -> int | None:
    """The value of a bound expression that does not depend on the layout, else None."""
    if isinstance(expr, Const):
        return expr.value
    try:
        number = evaluate(expr, EARLY)
    except NotConstant:
        return None
    return number.value if number.base is None else None


def evaluate(expr: Expr, scope: Scope) -> Number:
    """The value of a bound expression; NotConstant when the scope does not know it."""
    if isinstance(expr, Const):
        return Number(expr.value)
    if isinstance(expr, Anchor):
        return scope.anchor(expr.place, expr.offset)
    if isinstance(expr, Name):
        return scope.name(expr.name, expr.column)
    if isinstance(expr, Relocation):
        return Number(_relocate(expr, scope))
    if isinstance(expr, Unary):
        number = evaluate(expr.operand, scope)
        if expr.operator in "(+":
            return number
        return Number(_apply_unary(expr.operator, _absolute(number)))
    return _evaluate_binary(expr, scope)


def _evaluate_binary(expr: Binary, scope: Scope) -> Number:
    left, right = evaluate(expr.left, scope), evaluate(expr.right, scope)
    value = _apply(expr.operator, left.value, right.value, expr.right.column)
    if left.base is None and right.base is None:
        return Number(value)
    if expr.operator == "+" and (left.base is None or right.base is None):
        return Number(value, left.base or right.base)
    if expr.operator == "-" and right.base is None:
        return Number(value, left.base)
    if left.base is right.base and (expr.operator == "-" or PRECEDENCE[expr.operator] in (5, 6)):
        return Number(value)
    raise NotConstant


def _relocate(expr: Relocation, scope: Scope) -> int:
    if expr.kind == "pcrel_lo":
        return scope.pcrel_lo(expr.operand, expr.column)
    if expr.kind == "pcrel_hi" and scope is EARLY:
        raise NotConstant  # stays a fixup, where %pcrel_lo looks for it
    value = _absolute(evaluate(expr.operand, scope))
    return low_part(value) if expr.kind == "lo" else high_part(value)


def high_part(value: int) -> int:
    """%hi: the upper 20 bits, one more when the low part is negative."""
    return ((value + 0x800) >> 12) & 0xFFFFF


def low_part(value: int) -> int:
    """%lo: the low 12 bits, signed."""
    return ((value & 0xFFF) ^ 0x800) - 0x800


def _absolute(number: Number) -> int:
    if number.base is not None:
        raise NotConstant
    return number.value


def _wrap(value: int) -> int:
    """64 bits; what fits as unsigned is kept as it is, so that large literals print as written."""
    if -(1 << 63) <= value < 1 << 64:
        return value
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


def _apply_unary(operator: str, value: int) -> int:
    if operator == "-":
        return _wrap(-value)
    if operator == "~":
        return _wrap(~value)
    return int(not value) if operator == "!" else value


def _divide(left: int, right: int) -> int:
    quotient = abs(left) // abs(right)
    return -quotient if (left < 0) != (right < 0) else quotient


_OPERATORS: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide,
    "%": lambda a, b: a - b * _divide(a, b),
    "<<": lambda a, b: a << b if b < 64 else 0,
    ">>": lambda a, b: a >> min(b, 64),
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "==": lambda a, b: int(a == b),
    "!=": lambda a, b: int(a != b),
    "<>": lambda a, b: int(a != b),
    "<": lambda a, b: int(a < b),
    ">": lambda a, b: int(a > b),
    "<=": lambda a, b: int(a <= b),
    ">=": lambda a, b: int(a >= b),
    "&&": lambda a, b: int(bool(a) and bool(b)),
    "||": lambda a, b: int(bool(a) or bool(b)),
}


def _apply(operator: str, left: int, right: int, column: int) -> int:
    if operator in ("/", "%") and right == 0:
        raise StatementError("division by zero", column)
    if operator in ("<<", ">>") and right < 0:
        raise StatementError(f"shift by a negative number ({right})", column)
    return _wrap(_OPERATORS[operator](left, right))
