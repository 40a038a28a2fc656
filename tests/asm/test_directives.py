"""Directives for data, alignment, sections and symbols."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import asm

Data = Callable[[str], bytes]
Errors = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (".byte 1, -1, 255, 'a'", b"\x01\xff\xffa"),
        (".half 0x1234, -2", b"\x34\x12\xfe\xff"),
        (".short 1\n.hword 2\n.2byte 3", b"\1\0\2\0\3\0"),
        (".word 0x12345678, -1", b"\x78\x56\x34\x12\xff\xff\xff\xff"),
        (".int 1\n.long 2\n.4byte 3", b"\1\0\0\0\2\0\0\0\3\0\0\0"),
        (".dword 0x123456789abcdef0", bytes.fromhex("f0debc9a78563412")),
        (".quad -1\n.8byte 1", b"\xff" * 8 + b"\1" + bytes(7)),
        ('.ascii "ab", "c"', b"abc"),
        ('.asciz "ab", "c"', b"ab\0c\0"),
        ('.string "a;b#c//d/*e"', b"a;b#c//d/*e\0"),
        (r'.ascii "\n\t\\\"\x41\101\0"', b'\n\t\\"AA\0'),
        ('.ascii "é"', "é".encode()),
        (".space 3", bytes(3)),
        (".skip 2, 0xaa\n.zero 1", b"\xaa\xaa\0"),
        (".fill 3, 2, 0x1234", b"\x34\x12" * 3),
        (".fill 2", bytes(2)),
        (".byte 1\n.align 2\n.byte 2", b"\1\0\0\0\2"),
        (".byte 1\n.p2align 3, 0xff\n.byte 2", b"\1" + b"\xff" * 7 + b"\2"),
        (".byte 1\n.balign 4\n.byte 2\n.balign 2", b"\1\0\0\0\2\0"),
        (".byte 1\n.p2align 4,,3\n.byte 2", b"\1\2"),
        (".byte 1\n.p2align 2,,3\n.byte 2", b"\1\0\0\0\2"),
        ("a: .byte 1\n.balign 4\nb: .space b - a\n.byte 9", b"\1" + bytes(7) + b"\x09"),
        (".byte 1 ; .byte 2 # three\n.byte 3 // four\n/* five\nsix */ .byte 7", b"\1\2\3\7"),
        (".byte '#', ';', '\"', '/'", b'#;"/'),
        ("x: y: .byte 1; z:", b"\1"),
        ("", b""),
    ],
)
def test_data(text: str, wanted: bytes, data: Data) -> None:
    assert data(text) == wanted


def test_code_is_padded_with_instructions() -> None:
    code = asm.assemble_text("nop\n.balign 16\nc.nop\n.balign 8\nc.nop\nnop").sections[".text"].data
    nop = b"\x13\0\0\0"
    assert code == nop * 4 + b"\1\0" * 2 + nop + b"\1\0" + nop


def test_sections_go_where_their_names_say() -> None:
    program = asm.assemble_text(
        """
        .section .text.later, "ax"
        nop
        .text
    start: nop
        .section .l2_data, "aw"
    in_l2: .word 1
        .rodata
    constant: .word 2
        .data
    variable: .word 3
        .section .l2_bss
    big: .space 8
        .bss
    zeroed: .space 4
        .section .l1
    in_l1: .word 4
        .section .l2.input, "aw", @progbits
    also_l2: .word 5
        .section .foo, "a"
    unknown: .word 6
        .section .text.init
    _start: nop
        """
    )
    names = program.symbols
    assert names["_start"] == 0x1C008000 == program.entry
    assert program.sections[".text"].size == 12
    assert names["_start"] < names["start"] < names["constant"] < names["unknown"] < names["in_l2"] < names["big"]
    assert names["in_l2"] < names["also_l2"] < names["big"] < 0x1D000000
    assert names["variable"] == 0x10000000
    assert names["in_l1"] == 0x10000004
    assert names["zeroed"] == names["__bss_start"] == 0x10000010
    assert names["__bss_end"] == 0x10000014
    assert names["_end"] == names["__l1_end"] == 0x10000020
    assert names["__l2_end"] % 16 == 0
    assert names["__l2_end"] >= names["big"] + 8


@pytest.mark.parametrize(
    ("layout", "text", "data"),
    [("cluster", 0x1C008000, 0x10000000), ("core", 0x80, 0x90), ("bench8", 0x80, 0x10000000)],
)
def test_layouts(layout: str, text: int, data: int) -> None:
    program = asm.assemble_text("nop\n.data\n.word 1\n.section .vectors\nnop", layout=layout)
    vectors = program.sections[".vectors"].address
    assert program.sections[".text"].address == (text if layout != "cluster" else text + 4)
    assert vectors == (0 if layout != "cluster" else text)
    assert program.sections[".data"].address == data


def test_a_layout_is_data() -> None:
    with pytest.raises(asm.AssemblyError, match="region 'l1' of layout 'cluster' overflows: 1028 bytes of 1024"):
        asm.assemble_text(".bss\n.space 1028", layout=asm.LAYOUTS["cluster"].resized(l1=1024))
    with pytest.raises(ValueError, match="no layout 'moon'; there are cluster, core, bench8"):
        asm.assemble_text("nop", layout="moon")


def test_section_stack() -> None:
    program = asm.assemble_text(
        """
        nop
        .pushsection .data
        .byte 1
        .popsection
        nop
        .data
        .byte 2
        .previous
        nop
        .text
        .section "my.code", "ax"
        nop
        """
    )
    assert program.sections[".text"].size == 16
    assert program.sections[".data"].data == b"\1\2"


def test_incbin(tmp_path: Path) -> None:
    (tmp_path / "blob.bin").write_bytes(bytes(range(10)))
    source = tmp_path / "a.S"
    source.write_text('.data\n.incbin "blob.bin"\n.incbin "blob.bin", 8\n.incbin "blob.bin", 2, 3\n')
    assert asm.assemble([source]).sections[".data"].data == bytes(range(10)) + b"\x08\x09\x02\x03\x04"


def test_common_symbols() -> None:
    program = asm.assemble_text(".comm shared, 10, 8\n.lcomm private, 4\n.bss\n.byte 0")
    assert program.symbols["shared"] % 8 == 0
    assert program.sections[".bss"].nobits
    sizes = {symbol.name: (symbol.size, symbol.binding, symbol.kind) for symbol in program.symbol_table}
    assert sizes["shared"] == (10, "global", "object")
    assert sizes["private"] == (4, "local", "object")


def test_what_compilers_write_is_read_over() -> None:
    program = asm.assemble_text(
        """
        .file 1 "a.c"
        .attribute arch, "rv32i2p0"
        .ident "GCC"
        .loc 1 2 3
        .cfi_startproc
        .option nopic
        .section .note.GNU-stack,"",@progbits
        .text
        .globl main
        .type main, @function
    main: ret
        .size main, .-main
        """
    )
    assert program.sections[".text"].size == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".byte 256", "1:7 256 does not fit a byte (-128..255)"),
        (".byte 1, -129", "1:10 -129 does not fit a byte (-128..255)"),
        (".half 65536", "1:7 65536 does not fit a half-word (-32768..65535)"),
        (".word 1 << 32", "1:7 4294967296 does not fit a word (-2147483648..4294967295)"),
        (".byte x\nx:", f"1:7 {0x1C008001} does not fit a byte (-128..255)"),
        (".word 1,,2", "1:9 .word: expected an expression"),
        (".ascii 1", '1:8 .ascii: expected a "string"'),
        (".space", "1:1 .space: expected 1 to 2 operands, not 0"),
        (".space -1", "1:8 .space: the count must not be negative, but is -1"),
        (".space 1 << 40", "1:8 .space: 1099511627776 times 1 bytes is more than 32 MiB"),
        (".fill 1, 9", "1:10 .fill: the size must be 0..8"),
        (".align 17", "1:8 .align: the alignment is a power of two, 2**0..2**16, not 2**17"),
        (".balign 3", "1:9 .balign: the alignment must be a power of two up to 65536, not 3"),
        (".bss\n.byte 1", "2:1 section .bss holds no contents: only zeros can go here"),
        (".bss\nnop", "2:1 an instruction cannot go into section .bss, which has no contents"),
        ("x:\nx: nop", "2:1 symbol 'x' is already defined at <text>:1"),
        ("x: nop\nx = 3", "2:1 symbol 'x' is already defined at <text>:1"),
        (".equiv x, 1\n.equiv x, 2", "2:8 symbol 'x' is already defined at <text>:1"),
        ("t0 = 3", "1:1 't0' is a register and cannot be a symbol"),
        (". = 4", "1:1 '.' cannot be assigned; use .space or .balign"),
        (".globl", "1:1 .globl: expected a name"),
        (".globl 3", "1:8 .globl: expected a name"),
        (".type f, @funktion", "1:10 .type: unknown type 'funktion'; did you mean 'function'?"),
        (".option pop", "1:9 .option: pop without push"),
        (".option rvcc", "1:9 .option: unknown option 'rvcc'; did you mean 'rvc' or 'norvc'?"),
        (".popsection", "1:1 .popsection: no .pushsection before"),
        ('.section .x, "q"', "1:14 .section: unknown section flag 'q'; known are a, w and x"),
        ('.section .x, "a", @nobit', "1:19 .section: unknown section type 'nobit'; known are @progbits and @nobits"),
        (".wrd 1", "1:1 unknown directive '.wrd'; did you mean '.word' or '.hword' or '.dword'?"),
        ('.incbin "no such"', "1:9 no file 'no such' in ., "),
        (".byte 1\nnop", "2:1 the instruction is at an odd address; put .balign 2 before it"),
        ('.error "not today"', "1:1 not today"),
        ("a: .space b - a + 1\nb:", "1:11 the size 101 is too large or depends on itself"),
    ],
)
def test_mistakes(text: str, message: str, errors: Errors) -> None:
    assert errors(text)[0].startswith(message)
