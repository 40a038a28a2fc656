"""The ELF file, as pyelftools reads it (and GNU objdump where there is one)."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

import asm

SOURCE = """
    .globl _start, table
    .type _start, @function
_start:
    la a0, table
    call helper
    ret
    .size _start, . - _start
helper:
.Lhidden:
1:  j 1b
    .word 0x12345678
    ret
    .rodata
    .asciz "constant"
    .section .l2_data
    .word 7
    .data
    .type table, @object
table: .word 1, 2, 3
    .size table, . - table
    .bss
    .balign 8
buffer: .space 100
"""


@pytest.fixture(scope="module")
def program() -> asm.Program:
    return asm.assemble_text(SOURCE, name="dir/elf.S")


@pytest.fixture(scope="module")
def elf(program: asm.Program) -> ELFFile:
    return ELFFile(io.BytesIO(program.elf))


def test_header(elf: ELFFile, program: asm.Program) -> None:
    assert elf.header["e_type"] == "ET_EXEC"
    assert elf.header["e_machine"] == "EM_RISCV"
    assert (elf.elfclass, elf.little_endian) == (32, True)
    assert elf.header["e_entry"] == program.symbols["_start"] == 0x1C008000
    assert elf.header["e_flags"] == 0


def test_the_compressed_flag() -> None:
    for text in ("c.nop", ".option rvc\nret", ".option rvc\nx: j x"):
        assert ELFFile(io.BytesIO(asm.assemble_text(text).elf)).header["e_flags"] == 1
    assert ELFFile(io.BytesIO(asm.assemble_text(".option rvc\nmul a0, a0, a0").elf)).header["e_flags"] == 0


def test_segments_hold_the_sections_of_each_region(elf: ELFFile) -> None:
    code, data = elf.iter_segments()
    assert (code["p_vaddr"], code["p_flags"]) == (0x1C008000, 7)  # .l2_data is writable
    assert (data["p_vaddr"], data["p_flags"], data["p_filesz"], data["p_memsz"]) == (0x10000000, 6, 12, 16 + 100)
    for name, segment in ((".text", code), (".rodata", code), (".l2_data", code), (".data", data), (".bss", data)):
        section = elf.get_section_by_name(name)
        assert segment.section_in_segment(section), name
        if name != ".bss":
            offset = section["sh_addr"] - segment["p_vaddr"]
            assert segment.data()[offset : offset + section["sh_size"]] == section.data()
    for segment in (code, data):
        assert segment["p_offset"] % segment["p_align"] == segment["p_vaddr"] % segment["p_align"]


def test_sections(elf: ELFFile, program: asm.Program) -> None:
    kinds = {s.name: (s["sh_type"], s["sh_flags"]) for s in elf.iter_sections() if s["sh_addr"]}
    assert kinds == {
        ".text": ("SHT_PROGBITS", 6),
        ".rodata": ("SHT_PROGBITS", 2),
        ".l2_data": ("SHT_PROGBITS", 3),
        ".data": ("SHT_PROGBITS", 3),
        ".bss": ("SHT_NOBITS", 3),
    }
    assert elf.get_section_by_name(".rodata").data() == b"constant\0"
    for name, section in program.sections.items():
        found = elf.get_section_by_name(name)
        assert (found["sh_addr"], found["sh_size"]) == (section.address, section.size)


def test_symbols(elf: ELFFile, program: asm.Program) -> None:
    table = elf.get_section_by_name(".symtab")
    symbols = {symbol.name: symbol for symbol in table.iter_symbols()}
    found = {
        name: (symbol["st_value"], symbol["st_size"], symbol["st_info"]["bind"], symbol["st_info"]["type"])
        for name, symbol in symbols.items()
    }
    assert found["_start"] == (0x1C008000, 16, "STB_GLOBAL", "STT_FUNC")
    assert found["table"] == (0x10000000, 12, "STB_GLOBAL", "STT_OBJECT")
    assert found["helper"] == (0x1C008010, 0, "STB_LOCAL", "STT_NOTYPE")
    assert found["buffer"] == (0x10000010, 0, "STB_LOCAL", "STT_NOTYPE")
    assert found["dir/elf.S"][3] == "STT_FILE"
    assert found["$d"][0] == 0x1C008014
    assert found["_end"][2] == "STB_GLOBAL"
    assert not any(name.startswith(".L") or "\x01" in name for name in found)
    index = symbols["table"]["st_shndx"]
    assert elf.get_section(index).name == ".data"
    locals_first = [symbol["st_info"]["bind"] == "STB_LOCAL" for symbol in table.iter_symbols()]
    assert locals_first == sorted(locals_first, reverse=True)
    assert table["sh_info"] == sum(locals_first)
    assert program.symbols["helper"] == 0x1C008010
    assert "$d" not in program.symbols


def test_line_table(elf: ELFFile) -> None:
    dwarf = elf.get_dwarf_info()
    (unit,) = dwarf.iter_CUs()
    assert unit.get_top_DIE().attributes["DW_AT_low_pc"].value == 0x1C008000
    lines = dwarf.line_program_for_CU(unit)
    rows = [(entry.state.address, entry.state.line) for entry in lines.get_entries() if entry.state]
    base = 0x1C008000
    assert rows == [(base, 5), (base + 8, 6), (base + 12, 7), (base + 16, 11), (base + 24, 13), (base + 28, 13)]
    assert lines["file_entry"][0].name == b"dir/elf.S"


def test_line_table_of_jumps_in_lines_and_addresses() -> None:
    text = "nop" + "\n" * 3000 + "nop\n.space 100000\n.macro m\nnop\n.endm\n" + "\n" * 20 + "m\nnop"
    program = asm.assemble_text(text)
    dwarf = ELFFile(io.BytesIO(program.elf)).get_dwarf_info()
    (unit,) = dwarf.iter_CUs()
    entries = [entry.state for entry in dwarf.line_program_for_CU(unit).get_entries() if entry.state]
    assert [(state.address, state.line) for state in entries[:-1]] == [
        (line.address, line.line) for line in program.lines
    ]
    assert entries[-1].end_sequence


def test_listing(program: asm.Program) -> None:
    text = asm.listing(program.elf)
    for line in (
        "entry 0x1c008000 _start",
        "1c008000 <_start>:",
        "1c008008:  008000ef  jal     ra, 0x1c008010 <helper>",
        "1c008014:  12345678  .word   0x12345678",
        "1c008018:  00008067  jalr    zero, 0(ra)",
        "10000000 <table>:",
        "10000008:  00000003  .word   0x00000003",
        "10000010 <buffer>:",
    ):
        assert line in text.splitlines(), text


def test_listing_of_compressed_code_and_odd_data() -> None:
    text = asm.listing(
        asm.assemble_text("c.nop\nnop\n.data\n.byte 1\nx: .byte 2\n.space 100\n.byte 3", layout="core").elf
    )
    for line in (
        "      80:  0001      c.nop",
        "      90:  01        .byte   0x01",
        "      91:  000002    .byte   0x02, 0x00, 0x00",
        "      94:  00000000  .zero   96",
    ):
        assert line in text.splitlines(), text


def test_an_empty_program_is_a_file_too() -> None:
    program = asm.assemble_text("")
    assert ELFFile(io.BytesIO(program.elf)).num_segments() == 0
    assert asm.listing(program.elf).startswith("entry")


OBJDUMP = shutil.which("riscv64-unknown-elf-objdump")


@pytest.mark.skipif(OBJDUMP is None, reason="no GNU binutils for RISC-V")
def test_gnu_objdump_agrees(program: asm.Program, tmp_path: Path) -> None:
    path = tmp_path / "a.elf"
    path.write_bytes(program.elf)
    assert OBJDUMP is not None
    done = subprocess.run([OBJDUMP, "-d", "-l", str(path)], capture_output=True, text=True, check=True)
    assert not done.stderr
    assert "jal\t1c008010 <helper>" in done.stdout
    assert ".word\t0x12345678" in done.stdout
    assert "dir/elf.S:6" in done.stdout
