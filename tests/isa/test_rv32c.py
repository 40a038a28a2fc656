"""Compressed instructions: all 65536 half-words against a second decoder."""

from __future__ import annotations

from iss.isa.decode import compressed_rows, decode, disassemble


def bit(half: int, *places: tuple[int, int]) -> int:
    """A value from (bit of the half-word, bit of the value) pairs."""
    return sum((half >> source & 1) << target for source, target in places)


def signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


def i_type(immediate: int, rs1: int, funct3: int, rd: int, opcode: int) -> int:
    return (immediate & 0xFFF) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode


def r_type(funct7: int, rs2: int, rs1: int, funct3: int, rd: int) -> int:
    return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x33


def sw(immediate: int, rs1: int, rs2: int) -> int:
    return (immediate >> 5) << 25 | rs2 << 20 | rs1 << 15 | 2 << 12 | (immediate & 31) << 7 | 0x23


def jal(offset: int, rd: int) -> int:
    bits = (offset >> 20 & 1) << 19 | (offset >> 1 & 0x3FF) << 9 | (offset >> 11 & 1) << 8 | offset >> 12 & 0xFF
    return bits << 12 | rd << 7 | 0x6F


def branch(offset: int, rs1: int, funct3: int) -> int:
    upper = (offset >> 12 & 1) << 6 | offset >> 5 & 0x3F
    return upper << 25 | rs1 << 15 | funct3 << 12 | (offset >> 1 & 15) << 8 | (offset >> 11 & 1) << 7 | 0x63


def expanded(half: int) -> int | None:
    """The 32-bit instruction, or None if RI5CY rejects the half-word: beyond what the ISA manual reserves, it rejects
    shifts by zero and x0 as the destination of c.li, c.lui, c.slli and c.add, but it takes c.jr x0."""
    rd, rs2 = half >> 7 & 31, half >> 2 & 31
    short1, short2 = 8 + (half >> 7 & 7), 8 + (half >> 2 & 7)
    imm6 = signed(bit(half, (12, 5)) | rs2, 6)
    lw_offset = bit(half, (5, 6), (12, 5), (11, 4), (10, 3), (6, 2))
    jump = signed(
        bit(half, (12, 11), (11, 4), (10, 9), (9, 8), (8, 10), (7, 6), (6, 7), (5, 3), (4, 2), (3, 1), (2, 5)), 12
    )
    match half & 3, half >> 13:
        case 0, 0:
            offset = bit(half, (12, 5), (11, 4), (10, 9), (9, 8), (8, 7), (7, 6), (6, 2), (5, 3))
            return i_type(offset, 2, 0, short2, 0x13) if offset else None
        case 0, 2:
            return i_type(lw_offset, short1, 2, short2, 0x03)
        case 0, 6:
            return sw(lw_offset, short1, short2)
        case 1, 0:
            return i_type(imm6, rd, 0, rd, 0x13)
        case 1, 1:
            return jal(jump, 1)
        case 1, 2:
            return i_type(imm6, 0, 0, rd, 0x13) if rd else None
        case 1, 3 if rd == 2:
            offset = signed(bit(half, (12, 9), (6, 4), (5, 6), (4, 8), (3, 7), (2, 5)), 10)
            return i_type(offset, 2, 0, 2, 0x13) if offset else None
        case 1, 3:
            return (imm6 & 0xFFFFF) << 12 | rd << 7 | 0x37 if imm6 and rd else None
        case 1, 4:
            return arithmetic(half, short1, short2, imm6)
        case 1, 5:
            return jal(jump, 0)
        case 1, 6 | 7:
            offset = signed(bit(half, (12, 8), (11, 4), (10, 3), (6, 7), (5, 6), (4, 2), (3, 1), (2, 5)), 9)
            return branch(offset, short1, half >> 13 & 1)
        case 2, 0:
            return i_type(rs2, rd, 1, rd, 0x13) if rd and rs2 and not half >> 12 & 1 else None
        case 2, 2:
            offset = bit(half, (12, 5), (6, 4), (5, 3), (4, 2), (3, 7), (2, 6))
            return i_type(offset, 2, 2, rd, 0x03) if rd else None
        case 2, 4 if not half >> 12 & 1:
            return r_type(0, rs2, 0, 0, rd) if rs2 else i_type(0, rd, 0, 0, 0x67)
        case 2, 4:
            if rd == 0:
                return None if rs2 else 0x00100073
            return r_type(0, rs2, rd, 0, rd) if rs2 else i_type(0, rd, 0, 1, 0x67)
        case 2, 6:
            return sw(bit(half, (12, 5), (11, 4), (10, 3), (9, 2), (8, 7), (7, 6)), 2, rs2)
    return None


def arithmetic(half: int, rd: int, rs2: int, imm6: int) -> int | None:
    function, high, shamt = half >> 10 & 3, half >> 12 & 1, half >> 2 & 31
    if function < 2:
        return i_type(shamt | function << 10, rd, 5, rd, 0x13) if shamt and not high else None
    if function == 2:
        return i_type(imm6, rd, 7, rd, 0x13)
    if high:
        return None
    funct7, funct3 = ((0x20, 0), (0, 4), (0, 6), (0, 7))[half >> 5 & 3]
    return r_type(funct7, rs2, rd, funct3, rd)


def test_every_half_word():
    seen = set()
    for half in range(1 << 16):
        if half & 3 == 3:
            continue
        found = decode(half)
        expected = expanded(half)
        assert (found and found.word) == expected, f"{half:#06x}"
        if found is not None:
            assert found.size == 2
            assert found.compressed is not None
            assert found.mnemonic == found.compressed.mnemonic
            assert found.row.encoding.decode(found.word) == found.operands
            seen.add(found.mnemonic)
    assert seen == {row.mnemonic for row in compressed_rows()}


def test_the_next_half_word_does_not_matter():
    for half in range(0, 1 << 16, 97):
        if half & 3 != 3:
            low, high = decode(half), decode(half | 0xA5A50000)
            assert (low and (low.row, low.operands)) == (high and (high.row, high.operands))


def test_disassembly():
    assert disassemble(0x4501).split() == ["c.li", "a0,", "0"]
    assert disassemble(0x8082).split() == ["c.jr", "ra"]
    assert disassemble(0x4512).split() == ["c.lwsp", "a0,", "4(sp)"]
    assert disassemble(0x0000) == ".half   0x0000"
