"""The assembler: GNU as syntax to an ELF executable, with the instruction set of iss.isa.

program = asm.assemble([Path("start.S"), Path("kernel.S")], layout="cluster", defines={"SIZE": 64})
Path("kernel.elf").write_bytes(program.elf)
"""

from asm.assembler import assemble, assemble_text
from asm.diagnostics import AssemblyError, Diagnostic
from asm.dwarf import Line
from asm.layout import LAYOUTS, Layout, Output, Region
from asm.listing import listing
from asm.program import Program

__all__ = [
    "LAYOUTS",
    "AssemblyError",
    "Diagnostic",
    "Layout",
    "Line",
    "Output",
    "Program",
    "Region",
    "assemble",
    "assemble_text",
    "listing",
]
