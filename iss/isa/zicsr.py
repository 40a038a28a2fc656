"""Zicsr.  On RI5CY csrrs and csrrc write the CSR also when their operand is x0 or 0 (riscv_cs_registers.sv)."""

from __future__ import annotations

from iss.isa.table import Csr, instruction

EXTENSION = "Zicsr"


@instruction("csrrw rd, csr, rs1", "csr[11:0] rs1 001 rd 1110011", Csr())
def csrrw(rs1, old):
    """Swap a CSR and a register."""
    return rs1


@instruction("csrrs rd, csr, rs1", "csr[11:0] rs1 010 rd 1110011", Csr())
def csrrs(rs1, old):
    """Read a CSR and set the bits that are 1 in rs1."""
    return old | rs1


@instruction("csrrc rd, csr, rs1", "csr[11:0] rs1 011 rd 1110011", Csr())
def csrrc(rs1, old):
    """Read a CSR and clear the bits that are 1 in rs1."""
    return old & ~rs1


@instruction("csrrwi rd, csr, zimm", "csr[11:0] zimm[4:0] 101 rd 1110011", Csr())
def csrrwi(zimm, old):
    """Read a CSR and write an immediate."""
    return zimm


@instruction("csrrsi rd, csr, zimm", "csr[11:0] zimm[4:0] 110 rd 1110011", Csr())
def csrrsi(zimm, old):
    """Read a CSR and set the bits of an immediate."""
    return old | zimm


@instruction("csrrci rd, csr, zimm", "csr[11:0] zimm[4:0] 111 rd 1110011", Csr())
def csrrci(zimm, old):
    """Read a CSR and clear the bits of an immediate."""
    return old & ~zimm
