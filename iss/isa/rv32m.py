"""RV32M: multiplication and division (RISC-V ISA manual, chapter M).

RI5CY's `mul` takes one cycle; the upper halves and the divider iterate (spec: riscv_mult.sv, riscv_alu_div.sv)."""

from __future__ import annotations

from iss.isa.arith import quotient, remainder, s32
from iss.isa.table import Alu, instruction

EXTENSION = "RV32M"


@instruction("mul rd, rs1, rs2", "0000001 rs2 rs1 000 rd 0110011")
def mul(rs1, rs2):
    """Multiply: the lower half."""
    return rs1 * rs2


@instruction("mulh rd, rs1, rs2", "0000001 rs2 rs1 001 rd 0110011", Alu("mulh"))
def mulh(rs1, rs2):
    """Multiply: the upper half, signed by signed."""
    return (s32(rs1) * s32(rs2)) >> 32


@instruction("mulhsu rd, rs1, rs2", "0000001 rs2 rs1 010 rd 0110011", Alu("mulh"))
def mulhsu(rs1, rs2):
    """Multiply: the upper half, signed by unsigned."""
    return (s32(rs1) * rs2) >> 32


@instruction("mulhu rd, rs1, rs2", "0000001 rs2 rs1 011 rd 0110011", Alu("mulh"))
def mulhu(rs1, rs2):
    """Multiply: the upper half, unsigned."""
    return (rs1 * rs2) >> 32


@instruction("div rd, rs1, rs2", "0000001 rs2 rs1 100 rd 0110011", Alu("div_signed"))
def div(rs1, rs2):
    """Divide, signed, towards zero; -1 for a zero divisor."""
    return quotient(s32(rs1), s32(rs2))


@instruction("divu rd, rs1, rs2", "0000001 rs2 rs1 101 rd 0110011", Alu("div_unsigned"))
def divu(rs1, rs2):
    """Divide, unsigned; 2**32-1 for a zero divisor."""
    return quotient(rs1, rs2)


@instruction("rem rd, rs1, rs2", "0000001 rs2 rs1 110 rd 0110011", Alu("div_signed"))
def rem(rs1, rs2):
    """Remainder, with the dividend's sign; the dividend for a zero divisor."""
    return remainder(s32(rs1), s32(rs2))


@instruction("remu rd, rs1, rs2", "0000001 rs2 rs1 111 rd 0110011", Alu("div_unsigned"))
def remu(rs1, rs2):
    """Remainder, unsigned; the dividend for a zero divisor."""
    return remainder(rs1, rs2)
