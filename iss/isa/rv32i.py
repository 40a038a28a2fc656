"""RV32I and the privileged instructions (RISC-V ISA manual, volume I chapter 2, volume II chapter 3)."""

from __future__ import annotations

from iss.isa.arith import s32
from iss.isa.table import Branch, Jump, Load, Store, System, instruction

EXTENSION = "RV32I"


@instruction("lui rd, imm", "imm[31:12] rd 0110111")
def lui(imm):
    """Load the upper 20 bits; the low 12 are zero."""
    return imm


@instruction("auipc rd, imm", "imm[31:12] rd 0010111")
def auipc(pc, imm):
    """Add the upper immediate to the instruction's address."""
    return pc + imm


@instruction("jal rd, offset", "offset[20|10:1|11|19:12] rd 1101111", Jump())
def jal(pc, offset):
    """Jump, and link."""
    return pc + offset


@instruction("jalr rd, imm(rs1)", "imm[11:0] rs1 000 rd 1100111", Jump(indirect=True))
def jalr(rs1, imm):
    """Jump to a register plus an immediate, bit 0 cleared, and link."""
    return (rs1 + imm) & ~1


@instruction("beq rs1, rs2, offset", "offset[12|10:5] rs2 rs1 000 offset[4:1|11] 1100011", Branch())
def beq(rs1, rs2):
    """Branch if equal."""
    return rs1 == rs2


@instruction("bne rs1, rs2, offset", "offset[12|10:5] rs2 rs1 001 offset[4:1|11] 1100011", Branch())
def bne(rs1, rs2):
    """Branch if not equal."""
    return rs1 != rs2


@instruction("blt rs1, rs2, offset", "offset[12|10:5] rs2 rs1 100 offset[4:1|11] 1100011", Branch())
def blt(rs1, rs2):
    """Branch if less, signed."""
    return s32(rs1) < s32(rs2)


@instruction("bge rs1, rs2, offset", "offset[12|10:5] rs2 rs1 101 offset[4:1|11] 1100011", Branch())
def bge(rs1, rs2):
    """Branch if greater or equal, signed."""
    return s32(rs1) >= s32(rs2)


@instruction("bltu rs1, rs2, offset", "offset[12|10:5] rs2 rs1 110 offset[4:1|11] 1100011", Branch())
def bltu(rs1, rs2):
    """Branch if less, unsigned."""
    return rs1 < rs2


@instruction("bgeu rs1, rs2, offset", "offset[12|10:5] rs2 rs1 111 offset[4:1|11] 1100011", Branch())
def bgeu(rs1, rs2):
    """Branch if greater or equal, unsigned."""
    return rs1 >= rs2


@instruction("lb rd, imm(rs1)", "imm[11:0] rs1 000 rd 0000011", Load(1))
def lb(rs1, imm):
    """Load a byte, sign-extended."""
    return rs1 + imm


@instruction("lh rd, imm(rs1)", "imm[11:0] rs1 001 rd 0000011", Load(2))
def lh(rs1, imm):
    """Load a half-word, sign-extended."""
    return rs1 + imm


@instruction("lw rd, imm(rs1)", "imm[11:0] rs1 010 rd 0000011", Load(4))
def lw(rs1, imm):
    """Load a word."""
    return rs1 + imm


@instruction("lbu rd, imm(rs1)", "imm[11:0] rs1 100 rd 0000011", Load(1, signed=False))
def lbu(rs1, imm):
    """Load a byte, zero-extended."""
    return rs1 + imm


@instruction("lhu rd, imm(rs1)", "imm[11:0] rs1 101 rd 0000011", Load(2, signed=False))
def lhu(rs1, imm):
    """Load a half-word, zero-extended."""
    return rs1 + imm


@instruction("sb rs2, imm(rs1)", "imm[11:5] rs2 rs1 000 imm[4:0] 0100011", Store(1))
def sb(rs1, imm):
    """Store a byte."""
    return rs1 + imm


@instruction("sh rs2, imm(rs1)", "imm[11:5] rs2 rs1 001 imm[4:0] 0100011", Store(2))
def sh(rs1, imm):
    """Store a half-word."""
    return rs1 + imm


@instruction("sw rs2, imm(rs1)", "imm[11:5] rs2 rs1 010 imm[4:0] 0100011", Store(4))
def sw(rs1, imm):
    """Store a word."""
    return rs1 + imm


@instruction("addi rd, rs1, imm", "imm[11:0] rs1 000 rd 0010011")
def addi(rs1, imm):
    """Add an immediate."""
    return rs1 + imm


@instruction("slti rd, rs1, imm", "imm[11:0] rs1 010 rd 0010011")
def slti(rs1, imm):
    """Set if less than an immediate, signed."""
    return s32(rs1) < imm


@instruction("sltiu rd, rs1, imm", "imm[11:0] rs1 011 rd 0010011")
def sltiu(rs1, imm):
    """Set if less than the sign-extended immediate, unsigned."""
    return rs1 < (imm & 0xFFFFFFFF)


@instruction("xori rd, rs1, imm", "imm[11:0] rs1 100 rd 0010011")
def xori(rs1, imm):
    """Exclusive or with an immediate."""
    return rs1 ^ imm


@instruction("ori rd, rs1, imm", "imm[11:0] rs1 110 rd 0010011")
def ori(rs1, imm):
    """Or with an immediate."""
    return rs1 | imm


@instruction("andi rd, rs1, imm", "imm[11:0] rs1 111 rd 0010011")
def andi(rs1, imm):
    """And with an immediate."""
    return rs1 & imm


@instruction("slli rd, rs1, shamt", "0000000 shamt[4:0] rs1 001 rd 0010011")
def slli(rs1, shamt):
    """Shift left."""
    return rs1 << shamt


@instruction("srli rd, rs1, shamt", "0000000 shamt[4:0] rs1 101 rd 0010011")
def srli(rs1, shamt):
    """Shift right, zeros in."""
    return rs1 >> shamt


@instruction("srai rd, rs1, shamt", "0100000 shamt[4:0] rs1 101 rd 0010011")
def srai(rs1, shamt):
    """Shift right, sign in."""
    return s32(rs1) >> shamt


@instruction("add rd, rs1, rs2", "0000000 rs2 rs1 000 rd 0110011")
def add(rs1, rs2):
    """Add."""
    return rs1 + rs2


@instruction("sub rd, rs1, rs2", "0100000 rs2 rs1 000 rd 0110011")
def sub(rs1, rs2):
    """Subtract."""
    return rs1 - rs2


@instruction("sll rd, rs1, rs2", "0000000 rs2 rs1 001 rd 0110011")
def sll(rs1, rs2):
    """Shift left by the low five bits of rs2."""
    return rs1 << (rs2 & 31)


@instruction("slt rd, rs1, rs2", "0000000 rs2 rs1 010 rd 0110011")
def slt(rs1, rs2):
    """Set if less, signed."""
    return s32(rs1) < s32(rs2)


@instruction("sltu rd, rs1, rs2", "0000000 rs2 rs1 011 rd 0110011")
def sltu(rs1, rs2):
    """Set if less, unsigned."""
    return rs1 < rs2


@instruction("xor rd, rs1, rs2", "0000000 rs2 rs1 100 rd 0110011")
def xor(rs1, rs2):
    """Exclusive or."""
    return rs1 ^ rs2


@instruction("srl rd, rs1, rs2", "0000000 rs2 rs1 101 rd 0110011")
def srl(rs1, rs2):
    """Shift right by the low five bits of rs2, zeros in."""
    return rs1 >> (rs2 & 31)


@instruction("sra rd, rs1, rs2", "0100000 rs2 rs1 101 rd 0110011")
def sra(rs1, rs2):
    """Shift right by the low five bits of rs2, sign in."""
    return s32(rs1) >> (rs2 & 31)


@instruction("or rd, rs1, rs2", "0000000 rs2 rs1 110 rd 0110011")
def or_(rs1, rs2):
    """Or."""
    return rs1 | rs2


@instruction("and rd, rs1, rs2", "0000000 rs2 rs1 111 rd 0110011")
def and_(rs1, rs2):
    """And."""
    return rs1 & rs2


@instruction("fence pred, succ", "---- pred[3:0] succ[3:0] ----- 000 ----- 0001111", System())
def fence():
    """Order memory accesses.  RI5CY empties its pipeline and fetches again, as for fence.i."""


@instruction("fence.i", "------------ ----- 001 ----- 0001111", System())
def fence_i():
    """Fetch the instructions that follow again."""


@instruction("ecall", "000000000000 00000 000 00000 1110011", System())
def ecall():
    """Environment call."""


@instruction("ebreak", "000000000001 00000 000 00000 1110011", System())
def ebreak():
    """Breakpoint."""


@instruction("mret", "001100000010 00000 000 00000 1110011", System())
def mret():
    """Return from a machine-mode trap."""


@instruction("wfi", "000100000101 00000 000 00000 1110011", System())
def wfi():
    """Wait for an interrupt."""
