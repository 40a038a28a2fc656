"""Every row of the table: what the disassembler prints assembles to the same word."""

from __future__ import annotations

import random

import pytest

import asm
from iss.isa.decode import compressed_rows, decode, disassemble, rows
from iss.isa.encoding import Field
from iss.isa.table import Compressed, Instruction

PC = 0x80
ROUNDS = 12


def random_value(field: Field, rng: random.Random) -> int:
    if field.is_register:
        return rng.randrange(8, 16) if field.is_short_register else rng.randrange(32)
    value = rng.choice([field.low, field.high, rng.randrange(field.low, field.high + 1, field.step)])
    return field.high if field.nonzero and value == 0 else value


def random_word(row: Instruction | Compressed, rng: random.Random) -> int:
    return row.encoding.encode({name: random_value(field, rng) for name, field in row.fields.items()})


def canonical(word: int) -> int | None:
    """The word with the bits that the core ignores as an assembler writes them; None when it is no instruction."""
    found = decode(word)
    if found is None:
        return None
    row = found.compressed or found.row
    return row.encoding.encode(row.encoding.decode(word & 0xFFFF if found.compressed else word))


@pytest.mark.parametrize("pc", [None, PC], ids=["relative", "absolute"])
@pytest.mark.parametrize("row", rows(), ids=lambda row: row.key)
def test_every_row(row: Instruction, pc: int | None) -> None:
    rng = random.Random(row.key)
    for _ in range(ROUNDS):
        word = random_word(row, rng)
        text = disassemble(word, pc)
        assert hex(asm.assemble_text(text, layout="core").word(PC)) == hex(canonical(word) or 0), text


@pytest.mark.parametrize("row", compressed_rows(), ids=lambda row: row.mnemonic)
def test_every_compressed_row(row: Compressed) -> None:
    rng = random.Random(row.mnemonic)
    for _ in range(ROUNDS):
        word = random_word(row, rng)
        wanted = canonical(word)
        if wanted is None:
            continue
        text = disassemble(word, PC)
        if text.startswith("c.lui") and "0x" not in text:
            pytest.xfail("decode.format_operand prints c.lui's operand with its 12 zeros, GNU without")
        assert hex(asm.assemble_text(text, layout="core").word(PC, 2)) == hex(wanted), text


def test_the_manuals_spelling_is_accepted_in_any_case() -> None:
    for row in rows():
        if row.spelling:
            text = disassemble(random_word(row, random.Random(1)))
            other = text.replace(row.mnemonic, row.spelling, 1)
            upper = text.replace(row.mnemonic, row.mnemonic.upper(), 1)
            wanted = asm.assemble_text(text).elf
            assert asm.assemble_text(other).elf == wanted, other
            assert asm.assemble_text(upper).elf == wanted, upper


def test_forms_of_one_mnemonic_are_told_apart() -> None:
    program = asm.assemble_text(
        """
        p.lw a0, 4(a1!)
        p.lw a0, a2(a1!)
        p.lw a0, a2(a1)
        p.sw a0, 4(a1!)
        p.sw a0, a2(a1!)
        p.sw a0, a2(a1)
        p.lw a0, (a1!)
        """,
        layout="core",
    )
    texts = [disassemble(program.word(PC + 4 * i)).split(None, 1)[1] for i in range(7)]
    assert texts == ["a0, 4(a1!)", "a0, a2(a1!)", "a0, a2(a1)", "a0, 4(a1!)", "a0, a2(a1!)", "a0, a2(a1)", "a0, 0(a1!)"]


@pytest.mark.parametrize("loop", ["x0", "0", "zero"])
def test_hardware_loops_end_at_the_last_instruction_inclusive(loop: str) -> None:
    program = asm.assemble_text(
        f"""
        lp.setup {loop}, t0, end
        nop
    end: addi a0, a0, 1
        lp.setupi x1, 100, 1f
        nop
    1:  nop
        lp.starti 1, 2f
        lp.endi x1, 2f
    2:  lp.counti {loop}, 4095
    """,
        layout="core",
    )
    found = {decode(line_word).mnemonic: decode(line_word).operands for line_word in _words(program)}  # type: ignore[union-attr]
    assert found["lp.setup"] == {"L": 0, "rs1": 5, "uoffset": 8}
    assert found["lp.setupi"]["L"] == 1
    assert 8 in found["lp.setupi"].values()
    assert 100 in found["lp.setupi"].values()
    assert found["lp.starti"]["uoffset"] == 8
    assert found["lp.endi"]["uoffset"] == 4
    assert 4095 in found["lp.counti"].values()


def _words(program: asm.Program) -> list[int]:
    return [program.word(line.address) for line in program.lines]
