"""XpulpV2 branches that compare with an immediate (RI5CY manual, chapter 14.3)."""

from __future__ import annotations

from iss.isa.arith import s32
from iss.isa.table import Branch, instruction

EXTENSION = "XpulpV2"


@instruction("p.beqimm rs1, imm, offset", "offset[12|10:5] imm[4:0] rs1 010 offset[4:1|11] 1100011", Branch())
def p_beqimm(rs1, imm):
    """Branch if equal to an immediate."""
    return s32(rs1) == imm


@instruction("p.bneimm rs1, imm, offset", "offset[12|10:5] imm[4:0] rs1 011 offset[4:1|11] 1100011", Branch())
def p_bneimm(rs1, imm):
    """Branch if not equal to an immediate."""
    return s32(rs1) != imm
