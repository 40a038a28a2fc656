"""What the parser makes of a statement."""

from __future__ import annotations

from dataclasses import dataclass

from asm.expressions import Expr, Name, Unary


@dataclass(frozen=True, slots=True)
class Operand:
    """``expr``, ``expr(base)``, ``expr(base!)``, a string or an ``@attribute``; all None: left out."""

    column: int
    expr: Expr | None = None
    base: Expr | None = None
    increment: bool = False
    text: bytes | None = None
    attribute: str | None = None

    @property
    def missing(self) -> bool:
        return self.expr is None and self.base is None and self.text is None and self.attribute is None

    def with_base(self) -> Operand:
        """``(a0)`` read as a base without displacement; other operands as they are."""
        if self.base is None and isinstance(self.expr, Unary) and self.expr.operator == "(":
            return Operand(self.column, None, self.expr.operand)
        return self

    @property
    def name(self) -> str | None:
        """The operand when it is a bare name."""
        return self.expr.name if isinstance(self.expr, Name) and self.base is None else None


@dataclass(frozen=True, slots=True)
class Parsed:
    """Labels with their columns, then nothing, an assignment (`value` is set) or an operation."""

    labels: tuple[tuple[str, int], ...]
    name: str = ""
    column: int = 0
    operands: tuple[Operand, ...] = ()
    value: Expr | None = None
