"""Words to instructions and back, derived from the table: decode, expand, disassemble, find."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from iss.isa import rv32c
from iss.isa.encoding import Field
from iss.isa.table import TABLE, Compressed, Instruction, prove

ABI_NAMES = (
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
    "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
)  # fmt: skip
REGISTER_NUMBERS = {name: i for i, name in enumerate(ABI_NAMES)} | {f"x{i}": i for i in range(32)} | {"fp": 8}
OPERAND = re.compile(r"[A-Za-z_]\w*'?|\d+")


@dataclass(frozen=True)
class Decoded:
    """One instruction in memory: the row, its operands by field name, the (expanded) 32-bit word and its size in bytes."""

    row: Instruction
    operands: Mapping[str, int]
    word: int
    size: int
    compressed: Compressed | None = None

    @property
    def mnemonic(self) -> str:
        """As an assembler would print it: the compressed name where there is one."""
        return self.compressed.mnemonic if self.compressed else self.row.mnemonic


def rows() -> list[Instruction]:
    """The instruction table: every 32-bit row, in the order of definition."""
    _load()
    return TABLE


def compressed_rows() -> list[Compressed]:
    """Every 16-bit row; of two that match a word the earlier one wins."""
    return rv32c.COMPRESSED


@cache
def _load() -> None:
    from iss.isa import EXTENSIONS  # defines the rows

    assert EXTENSIONS
    prove(TABLE)


@cache
def _buckets() -> dict[int, list[Instruction]]:
    """Rows by opcode; a row that refines another comes before it."""
    buckets: dict[int, list[Instruction]] = {}
    for row in sorted(rows(), key=lambda r: -r.encoding.mask.bit_count()):
        buckets.setdefault(row.encoding.match & 0x7F, []).append(row)
    return buckets


@cache
def by_mnemonic() -> dict[str, list[Instruction]]:
    """Rows by mnemonic; one with several operand forms (p.lw) has several rows."""
    table: dict[str, list[Instruction]] = {}
    for row in rows():
        table.setdefault(row.mnemonic, []).append(row)
    return table


@cache
def compressed_by_mnemonic() -> dict[str, Compressed]:
    return {row.mnemonic: row for row in compressed_rows()}


def template_skeleton(template: str) -> str:
    """An operand template with its names taken out: what tells the forms of one mnemonic apart."""
    return OPERAND.sub("_", template).replace(" ", "")


@cache
def _expansion(row: Compressed) -> tuple[Instruction, tuple[tuple[str, str], ...]]:
    """The 32-bit row, and (its operand, our operand or literal) pairs."""
    mnemonic, _, arguments = row.expansion.partition(" ")
    for twin in by_mnemonic()[mnemonic]:
        if template_skeleton(twin.operands) == template_skeleton(arguments):
            return twin, tuple(zip(twin.operand_names, OPERAND.findall(arguments), strict=True))
    raise LookupError(f"{row.mnemonic} expands to {row.expansion!r}, which no row matches")


def expand(row: Compressed, operands: Mapping[str, int]) -> tuple[Instruction, dict[str, int]]:
    """The 32-bit row of a compressed instruction and its operands."""
    twin, pairs = _expansion(row)
    values = {}
    for name, source in pairs:
        if source in operands:
            values[name] = operands[source]
        elif source.startswith("x"):
            values[name] = int(source[1:])
        else:
            values[name] = int(source)
    return twin, values


@lru_cache(maxsize=1 << 16)
def decode(word: int) -> Decoded | None:
    """Decode a word as the core does; of its low 16 bits alone when they are a compressed instruction.  None: illegal."""
    if word & 3 != 3:
        half = word & 0xFFFF
        for short in compressed_rows():
            if short.matches(half):
                row, operands = expand(short, short.encoding.decode(half))
                return Decoded(row, operands, row.encoding.encode(operands), 2, short)
        return None
    for row in _buckets().get(word & 0x7F, ()):
        if row.encoding.matches(word):
            return Decoded(row, row.encoding.decode(word), word, 4)
    return None


def register_name(number: int) -> str:
    return ABI_NAMES[number]


def format_operand(field: Field, value: int, pc: int | None, symbol: Callable[[int], str] | None = None) -> str:
    """One operand as the assembler reads it; a target as an address when `pc` is known, with its symbol when there is one."""
    if field.is_register:
        return register_name(value)
    if field.name == "L":
        return f"x{value}"
    if field.name == "csr":
        from iss.isa.csr import csr_name

        return csr_name(value)
    if field.pc_relative:
        if pc is None:
            return f".{value:+d}"
        target = (pc + value) & 0xFFFFFFFF
        name = symbol(target) if symbol else ""
        return f"0x{target:x} <{name}>" if name else f"0x{target:x}"
    if field.step == 4096:
        return f"0x{(value >> 12) & 0xFFFFF:x}"
    return str(value)


def disassemble(word: int, pc: int | None = None, symbol: Callable[[int], str] | None = None) -> str:
    """GNU-style assembly text of a word; ``.word``/``.half`` for an illegal one."""
    found = decode(word)
    if found is None:
        return f".word   0x{word:08x}" if word & 3 == 3 else f".half   0x{word & 0xFFFF:04x}"
    row: Instruction | Compressed = found.row
    operands = found.operands
    if found.compressed:
        row = found.compressed
        operands = row.encoding.decode(word & 0xFFFF)

    def text(match: re.Match[str]) -> str:
        name = match[0]
        if name in row.fields:
            return format_operand(row.fields[name], operands[name], pc, symbol)
        return register_name(int(name[1:])) if name.startswith("x") else name

    return f"{row.mnemonic:<7} {OPERAND.sub(text, row.operands)}".rstrip()


def find(name: str) -> list[Instruction | Compressed]:
    """The rows of a mnemonic, in any case and in the manual's spelling too; KeyError names the nearest ones."""
    wanted = name.lower()
    wanted = next((row.mnemonic for row in rows() if row.spelling.lower() == wanted), wanted)
    if wanted in by_mnemonic():
        return list(by_mnemonic()[wanted])
    if wanted in compressed_by_mnemonic():
        return [compressed_by_mnemonic()[wanted]]
    near = difflib.get_close_matches(wanted, [*by_mnemonic(), *compressed_by_mnemonic()], 3)
    raise KeyError(f"no instruction {name!r}" + (f"; did you mean {', '.join(near)}?" if near else ""))
