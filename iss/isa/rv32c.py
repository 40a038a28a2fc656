"""RV32C: each row names the 32-bit instruction it expands to (RISC-V ISA manual, chapter C).

The core expands in the fetch stage (riscv_compressed_decoder.sv); what that decoder rejects beyond the manual (shifts by zero,
some hints) is illegal here too.  Compressed floating-point rows do not exist without an FPU."""

from __future__ import annotations

from iss.isa.encoding import Encoding
from iss.isa.table import Compressed

COMPRESSED: list[Compressed] = [
    Compressed(syntax, Encoding.parse(pattern), expansion, nonzero)
    for syntax, pattern, expansion, nonzero in (
        ("c.addi4spn rd', x2, nzuimm", "000 nzuimm[5:4|9:6|2|3] rd' 00", "addi rd', x2, nzuimm", ()),
        ("c.lw rd', uimm(rs1')", "010 uimm[5:3] rs1' uimm[2|6] rd' 00", "lw rd', uimm(rs1')", ()),
        ("c.sw rs2', uimm(rs1')", "110 uimm[5:3] rs1' uimm[2|6] rs2' 00", "sw rs2', uimm(rs1')", ()),
        ("c.nop", "000 0 00000 00000 01", "addi x0, x0, 0", ()),
        ("c.addi rd, imm", "000 imm[5] rd imm[4:0] 01", "addi rd, rd, imm", ()),
        ("c.jal offset", "001 offset[11|4|9:8|10|6|7|3:1|5] 01", "jal x1, offset", ()),
        ("c.li rd, imm", "010 imm[5] rd imm[4:0] 01", "addi rd, x0, imm", ("rd",)),
        ("c.addi16sp x2, nzimm", "011 nzimm[9] 00010 nzimm[4|6|8:7|5] 01", "addi x2, x2, nzimm", ()),
        ("c.lui rd, nzimm", "011 nzimm[17] rd nzimm[16:12] 01", "lui rd, nzimm", ("rd",)),
        ("c.srli rd', nzuimm", "100 0 00 rd' nzuimm[4:0] 01", "srli rd', rd', nzuimm", ()),
        ("c.srai rd', nzuimm", "100 0 01 rd' nzuimm[4:0] 01", "srai rd', rd', nzuimm", ()),
        ("c.andi rd', imm", "100 imm[5] 10 rd' imm[4:0] 01", "andi rd', rd', imm", ()),
        ("c.sub rd', rs2'", "100 0 11 rd' 00 rs2' 01", "sub rd', rd', rs2'", ()),
        ("c.xor rd', rs2'", "100 0 11 rd' 01 rs2' 01", "xor rd', rd', rs2'", ()),
        ("c.or rd', rs2'", "100 0 11 rd' 10 rs2' 01", "or rd', rd', rs2'", ()),
        ("c.and rd', rs2'", "100 0 11 rd' 11 rs2' 01", "and rd', rd', rs2'", ()),
        ("c.j offset", "101 offset[11|4|9:8|10|6|7|3:1|5] 01", "jal x0, offset", ()),
        ("c.beqz rs1', offset", "110 offset[8|4:3] rs1' offset[7:6|2:1|5] 01", "beq rs1', x0, offset", ()),
        ("c.bnez rs1', offset", "111 offset[8|4:3] rs1' offset[7:6|2:1|5] 01", "bne rs1', x0, offset", ()),
        ("c.slli rd, nzuimm", "000 0 rd nzuimm[4:0] 10", "slli rd, rd, nzuimm", ("rd",)),
        ("c.lwsp rd, uimm(x2)", "010 uimm[5] rd uimm[4:2|7:6] 10", "lw rd, uimm(x2)", ("rd",)),
        ("c.jr rs1", "100 0 rs1 00000 10", "jalr x0, 0(rs1)", ()),
        ("c.mv rd, rs2", "100 0 rd rs2 10", "add rd, x0, rs2", ("rs2",)),
        ("c.ebreak", "100 1 00000 00000 10", "ebreak", ()),
        ("c.jalr rs1", "100 1 rs1 00000 10", "jalr x1, 0(rs1)", ("rs1",)),
        ("c.add rd, rs2", "100 1 rd rs2 10", "add rd, rd, rs2", ("rd", "rs2")),
        ("c.swsp rs2, uimm(x2)", "110 uimm[5:2|7:6] rs2 10", "sw rs2, uimm(x2)", ()),
    )
]
