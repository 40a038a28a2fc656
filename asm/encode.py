"""One row and its operands to bytes: 32 bits, or 16 where a compressed instruction means the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from asm.diagnostics import Origin, StatementError
from asm.expressions import Expr, constant
from asm.fixups import Fixup, field_bits
from asm.forms import Columns, Values
from asm.sections import Encoded
from iss.isa.decode import compressed_rows, decode, expand
from iss.isa.encoding import EncodingError
from iss.isa.table import Compressed, Instruction

COMMUTATIVE = ("add", "and", "or", "xor")


def encode(row: Instruction | Compressed, values: Values, columns: Columns, origin: Origin) -> Encoded:
    """The bytes of a row, with a fixup for each immediate that waits for addresses."""
    word = row.encoding.match | row.encoding.filler
    size = row.encoding.width // 8
    fixups = []
    for name, target in row.fields.items():
        value, column = values[name], columns.get(name, 0)
        number = value if isinstance(value, int) else constant(value)
        if number is None:
            assert not isinstance(value, int)
            fixups.append(Fixup(0, size, value, origin, column, target, row.mnemonic))
        elif target.is_register:
            try:
                word |= target.insert(number)
            except EncodingError as error:
                raise StatementError(f"{row.mnemonic}: {error}", column) from None
        else:
            word |= field_bits(target, number, row.mnemonic, column)
    if isinstance(row, Compressed):
        _check_compressed(row, word, values, columns, bool(fixups))
    return Encoded(word.to_bytes(size, "little"), tuple(fixups))


def _check_compressed(row: Compressed, word: int, values: Values, columns: Columns, open_ended: bool) -> None:
    for name in row.nonzero:
        if values[name] == 0:
            raise StatementError(f"{row.mnemonic}: {name} must not be x0", columns.get(name, 0))
    found = None if open_ended else decode(word)
    if found and found.compressed is not row:
        other = found.compressed.mnemonic if found.compressed else found.mnemonic
        raise StatementError(f"{row.mnemonic} with these operands would be {other}", next(iter(columns.values()), 0))


@dataclass(frozen=True)
class Short:
    """A compressed row by its expansion: (the 32-bit row's operand, our operand's name or a fixed value)."""

    row: Compressed
    pairs: tuple[tuple[str, str | int], ...]

    def operands(self, values: Values) -> Values | None:
        """Our operands when the expansion has exactly these values."""
        found: Values = {}
        for name, source in self.pairs:
            value = values[name]
            if isinstance(source, int):
                if (value if isinstance(value, int) else constant(value)) != source:
                    return None
            elif found.setdefault(source, value) != value:
                return None
        return found


@cache
def _shorts() -> dict[str, list[Short]]:
    """Compressed rows by the key of the 32-bit row that they expand to."""
    table: dict[str, list[Short]] = {}
    for row in compressed_rows():
        names = dict(enumerate(row.fields, 1))
        twin, values = expand(row, {name: -i for i, name in names.items()})  # negative numbers mark our operands
        pairs = tuple((name, value if value >= 0 else names[-value]) for name, value in values.items())
        table.setdefault(twin.key, []).append(Short(row, pairs))
    return table


def compress(row: Instruction, values: Values, origin: Origin) -> Encoded | None:
    """The 16-bit encoding of a 32-bit instruction, perhaps with a branch target still open; None when there is none."""
    for twin, operands in _equivalents(row, values):
        for short in _shorts().get(twin, ()):
            found = short.operands(operands)
            if found is None or not _may_wait(short.row, found):
                continue
            try:
                return encode(short.row, found, {}, origin)
            except StatementError:
                continue
    return None


def _may_wait(row: Compressed, values: Values) -> bool:
    """Only a branch target may be open: the layout then decides between the two sizes."""
    for name, value in values.items():
        if not isinstance(value, int) and constant(value) is None and not row.fields[name].pc_relative:
            return False
    return True


def _equivalents(row: Instruction, values: Values) -> Iterator[tuple[str, Values]]:
    """The instruction itself, and others that mean the same: GNU as compresses these too."""
    if row.mnemonic == "addi" and _is_zero(values["imm"]):
        yield "add rd, rs1, rs2", {"rd": values["rd"], "rs1": 0, "rs2": values["rs1"]}
    yield row.key, values
    if row.mnemonic in COMMUTATIVE:
        yield row.key, values | {"rs1": values["rs2"], "rs2": values["rs1"]}


def _is_zero(value: int | Expr) -> bool:
    return (value if isinstance(value, int) else constant(value)) == 0
