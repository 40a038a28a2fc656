"""Fixups: fields and data words whose value waits for addresses, and how a value goes into them."""

from __future__ import annotations

from dataclasses import dataclass

from asm.diagnostics import Origin, StatementError
from asm.expressions import Expr
from iss.isa.encoding import EncodingError, Field

UPPER = 12  # lui and auipc take the upper 20 bits of a word


@dataclass(frozen=True, slots=True)
class Fixup:
    """`expr`'s value goes at `offset`: into `target`, a field of an instruction, or as `size` bytes of data."""

    offset: int
    size: int
    expr: Expr
    origin: Origin
    column: int
    target: Field | None = None
    mnemonic: str = ""

    def moved(self, by: int) -> Fixup:
        return Fixup(self.offset + by, self.size, self.expr, self.origin, self.column, self.target, self.mnemonic)

    def bits(self, value: int) -> int:
        """What to OR into the bytes; StatementError when the value does not fit."""
        if self.target is None:
            return data_bits(value, self.size, self.column)
        return field_bits(self.target, value, self.mnemonic, self.column)

    def fits(self, value: int) -> bool:
        try:
            self.bits(value)
        except StatementError:
            return False
        return True


def is_upper(target: Field) -> bool:
    """lui, auipc and c.lui: assembly shows the value without its 12 zeros."""
    return target.step == 1 << UPPER


def field_bits(target: Field, value: int, mnemonic: str, column: int) -> int:
    """The instruction bits of an operand as it is written; StatementError names the range."""
    scaled = value
    if is_upper(target):
        if not -(1 << 19) <= value < 1 << 20:
            message = f"{target.name} must be 0..0xfffff (the upper 20 bits), not {value}"
            raise StatementError(f"{mnemonic}: {message}", column)
        scaled = ((value << UPPER) & 0xFFFFFFFF ^ 0x80000000) - 0x80000000
    elif target.signed and 1 << 31 <= value < 1 << 32:
        scaled = value - (1 << 32)
    try:
        return target.insert(scaled)
    except EncodingError as error:
        if target.pc_relative:
            raise StatementError(_unreachable(target, value, mnemonic), column) from None
        if is_upper(target):
            if value == 0:
                raise StatementError(f"{mnemonic}: {error}", column) from None
            top = target.high >> UPPER
            message = f"{target.name} must be 1..{top} or 0x{0xFFFFF - top:x}..0xfffff, not {value}"
            raise StatementError(f"{mnemonic}: {message}", column) from None
        raise StatementError(f"{mnemonic}: {error}", column) from None


def _unreachable(target: Field, value: int, mnemonic: str) -> str:
    if value % target.step:
        return f"{mnemonic}: the target is {value:+d} bytes away, not a multiple of {target.step}"
    if value < 0 <= target.low:
        return f"{mnemonic}: the target must not lie before the instruction ({value:+d} bytes)"
    return f"{mnemonic}: the target is {value:+d} bytes away, out of range {target.low}..{target.high}"


def data_bits(value: int, size: int, column: int) -> int:
    bits = 8 * size
    if not -(1 << (bits - 1)) <= value < 1 << bits:
        names = {1: "byte", 2: "half-word", 4: "word", 8: "double word"}
        message = f"{value} does not fit a {names[size]} ({-(1 << (bits - 1))}..{(1 << bits) - 1})"
        raise StatementError(message, column)
    return value & ((1 << bits) - 1)
