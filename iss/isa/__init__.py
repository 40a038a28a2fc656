"""The instruction set: one definition each.  Importing the package defines every row."""

from iss.isa import (
    rv32i,
    rv32m,
    xpulp_alu,
    xpulp_bitmanip,
    xpulp_branch,
    xpulp_hwloop,
    xpulp_mac,
    xpulp_memory,
    xpulp_simd,
    zicsr,
)

EXTENSIONS = (
    rv32i,
    rv32m,
    zicsr,
    xpulp_memory,
    xpulp_hwloop,
    xpulp_alu,
    xpulp_bitmanip,
    xpulp_mac,
    xpulp_simd,
    xpulp_branch,
)
