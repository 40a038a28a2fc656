"""Pseudo-instructions: the RISC-V manual's, each with the instruction it stands for, and those that take several."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from asm.forms import Form, slots
from iss.isa.decode import by_mnemonic
from iss.isa.table import Instruction, Load, Store

# Operands named r* are registers, `offset` is a branch target; the rest are immediates.
PSEUDO_INSTRUCTIONS = (
    ("nop", "addi x0, x0, 0"),
    ("mv rd, rs", "addi rd, rs, 0"),
    ("not rd, rs", "xori rd, rs, -1"),
    ("neg rd, rs", "sub rd, x0, rs"),
    ("seqz rd, rs", "sltiu rd, rs, 1"),
    ("snez rd, rs", "sltu rd, x0, rs"),
    ("sltz rd, rs", "slt rd, rs, x0"),
    ("sgtz rd, rs", "slt rd, x0, rs"),
    ("sgt rd, rs, rt", "slt rd, rt, rs"),
    ("sgtu rd, rs, rt", "sltu rd, rt, rs"),
    ("zext.b rd, rs", "andi rd, rs, 255"),
    ("beqz rs, offset", "beq rs, x0, offset"),
    ("bnez rs, offset", "bne rs, x0, offset"),
    ("blez rs, offset", "bge x0, rs, offset"),
    ("bgez rs, offset", "bge rs, x0, offset"),
    ("bltz rs, offset", "blt rs, x0, offset"),
    ("bgtz rs, offset", "blt x0, rs, offset"),
    ("bgt rs, rt, offset", "blt rt, rs, offset"),
    ("ble rs, rt, offset", "bge rt, rs, offset"),
    ("bgtu rs, rt, offset", "bltu rt, rs, offset"),
    ("bleu rs, rt, offset", "bgeu rt, rs, offset"),
    ("j offset", "jal x0, offset"),
    ("jal offset", "jal x1, offset"),
    ("jr rs", "jalr x0, 0(rs)"),
    ("jr imm(rs)", "jalr x0, imm(rs)"),
    ("jalr rs", "jalr x1, 0(rs)"),
    ("jalr imm(rs)", "jalr x1, imm(rs)"),
    ("jalr rd, rs", "jalr rd, 0(rs)"),
    ("jalr rd, rs, imm", "jalr rd, imm(rs)"),
    ("ret", "jalr x0, 0(x1)"),
    ("csrr rd, csr", "csrrs rd, csr, x0"),
    ("csrw csr, rs", "csrrw x0, csr, rs"),
    ("csrs csr, rs", "csrrs x0, csr, rs"),
    ("csrc csr, rs", "csrrc x0, csr, rs"),
    ("csrwi csr, zimm", "csrrwi x0, csr, zimm"),
    ("csrsi csr, zimm", "csrrsi x0, csr, zimm"),
    ("csrci csr, zimm", "csrrci x0, csr, zimm"),
    ("csrw csr, zimm", "csrrwi x0, csr, zimm"),
    ("csrs csr, zimm", "csrrsi x0, csr, zimm"),
    ("csrc csr, zimm", "csrrci x0, csr, zimm"),
    ("rdcycle rd", "csrrs rd, 3072, x0"),
    ("rdcycleh rd", "csrrs rd, 3200, x0"),
    ("rdtime rd", "csrrs rd, 3073, x0"),
    ("rdtimeh rd", "csrrs rd, 3201, x0"),
    ("rdinstret rd", "csrrs rd, 3074, x0"),
    ("rdinstreth rd", "csrrs rd, 3202, x0"),
    ("unimp", "csrrw x0, 3072, x0"),
    ("fence", "fence 15, 15"),
)
SEQUENCES = (
    "li rd, imm", "la rd, symbol", "lla rd, symbol", "sext.b rd, rs", "sext.h rd, rs", "zext.h rd, rs", "call offset",
    "tail offset",
)  # fmt: skip
_PART = re.compile(r"-?\w+'?")


@dataclass(frozen=True)
class Alias:
    """One row, with the source of each of its operands: an operand of the pseudo-instruction, or a fixed value."""

    row: Instruction
    sources: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sequence:
    """A pseudo-instruction that asm.encode writes out; `row` is the memory access of ``lw rd, symbol``."""

    name: str
    row: Instruction | None = None


def pseudo_forms() -> Iterator[Form]:
    """The forms of all pseudo-instructions."""
    for syntax, expansion in PSEUDO_INSTRUCTIONS:
        mnemonic, _, template = syntax.partition(" ")
        yield Form.of(mnemonic, template, alias(expansion))
    for syntax in SEQUENCES:
        mnemonic, _, template = syntax.partition(" ")
        yield Form.of(mnemonic, template, Sequence(mnemonic))
    for row in (row for found in by_mnemonic().values() for row in found):
        if row.extension in ("RV32I", "Zicsr"):
            yield from _derived_forms(row)


def alias(expansion: str) -> Alias:
    """What an expansion such as ``jalr x0, imm(rs)`` means."""
    mnemonic, _, arguments = expansion.partition(" ")
    shape = _shape(arguments)
    for row in by_mnemonic()[mnemonic]:
        if _shape(row.operands) == shape:
            return Alias(row, tuple(zip(row.operand_names, _PART.findall(arguments), strict=True)))
    raise LookupError(f"{expansion!r} is no instruction")


def _shape(template: str) -> list[tuple[bool, bool]]:
    return [(slot.base is not None, slot.increment) for slot in slots(template)]


def _derived_forms(row: Instruction) -> Iterator[Form]:
    """GNU's short forms: ``add rd, rs1, imm`` for addi, ``lw rd, symbol``, ``sw rs2, symbol, rt``."""
    immediate = row.mnemonic.removesuffix("u") + "i" + "u" * row.mnemonic.endswith("u")  # add: addi, sltu: sltiu
    for twin in by_mnemonic().get(immediate, ()):
        yield Form.of(row.mnemonic, twin.operands, alias(f"{twin.mnemonic} {twin.operands}"))
    if isinstance(row.kind, Load):
        yield Form.of(row.mnemonic, "rd, symbol", Sequence("load", row))
    elif isinstance(row.kind, Store):
        yield Form.of(row.mnemonic, "rs2, symbol, rt", Sequence("store", row))
