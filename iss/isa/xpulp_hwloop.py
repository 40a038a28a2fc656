"""XpulpV2 hardware loops (RI5CY manual, chapters 7 and 14.2).

The end is the address of the body's last instruction.  The loop number is bit 7; RI5CY ignores bits 11:8."""

from __future__ import annotations

from iss.isa.table import HwLoop, instruction

EXTENSION = "XpulpV2"


@instruction("lp.starti L, uoffset", "uoffset[12:1] ----- 000 ---- L[0] 1111011", HwLoop(("start",)))
def lp_starti(pc, uoffset):
    """Set the address of a hardware loop's first instruction."""
    return (pc + uoffset,)


@instruction("lp.endi L, uoffset", "uoffset[12:1] ----- 001 ---- L[0] 1111011", HwLoop(("end",)))
def lp_endi(pc, uoffset):
    """Set the address of a hardware loop's last instruction."""
    return (pc + uoffset,)


@instruction("lp.count L, rs1", "------------ rs1 010 ---- L[0] 1111011", HwLoop(("count",)))
def lp_count(rs1):
    """Set the number of iterations of a hardware loop."""
    return (rs1,)


@instruction("lp.counti L, uimm", "uimm[11:0] ----- 011 ---- L[0] 1111011", HwLoop(("count",)))
def lp_counti(uimm):
    """Set the number of iterations of a hardware loop."""
    return (uimm,)


@instruction("lp.setup L, rs1, uoffset", "uoffset[12:1] rs1 100 ---- L[0] 1111011", HwLoop(("start", "end", "count")))
def lp_setup(pc, rs1, uoffset):
    """Set up a hardware loop of rs1 iterations: it starts with the next instruction; the offset leads to its last one."""
    return (pc + 4, pc + uoffset, rs1)


@instruction(
    "lp.setupi L, uimm, uoffset", "uimm[11:0] uoffset[5:1] 101 ---- L[0] 1111011", HwLoop(("start", "end", "count"))
)
def lp_setupi(pc, uimm, uoffset):
    """Set up a hardware loop: it starts with the next instruction; the offset leads to its last one."""
    return (pc + 4, pc + uoffset, uimm)
