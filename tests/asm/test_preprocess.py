"""Macros, repetitions, conditions and includes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import asm
from asm.macros import split_arguments

Data = Callable[[str], bytes]
Errors = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (".macro m a, b\n.byte \\a, \\b\n.endm\nm 1, 2\nm 3 4", b"\1\2\3\4"),
        (".macro m a=7, b = 8\n.byte \\a, \\b\n.endm\nm\nm 1\nm , 2\nm b=3\nm b=4, a=5", b"\7\x08\1\x08\7\2\7\3\5\4"),
        (".macro m a:req, rest:vararg\n.byte \\a\n.byte \\rest\n.endm\nm 1, 2, 3, 4", b"\1\2\3\4"),
        (".macro m a\n.byte \\a\n.endm\nm 1 + 2\nm (3 + 4)\nm 'a'\nm ','", b"\3\7a,"),
        ('.macro m a\n.ascii "\\a"\n.endm\nm "x, y"\nm plain', b"x, yplain"),
        (".macro m n\nl_\\n\\()_x: .byte l_\\n\\()_x - l_\\n\\()_x\n.endm\nm 1\nm 2", bytes(2)),
        (".macro m\nl\\@: .byte 1\n.byte l\\@ - first\n.endm\nfirst: m\nm", b"\1\0\1\2"),
        (".macro in a\n.byte \\a\n.endm\n.macro out a\nin \\a\nin \\a + 1\n.endm\nout 5", b"\5\6"),
        (".macro m n\n.if \\n\n.byte \\n\nm (\\n - 1)\n.endif\n.endm\nm 3", b"\3\2\1"),
        (".macro m n\n.byte 1\n.if \\n\n.exitm\n.endif\n.byte 2\n.endm\nm 1\nm 0", b"\1\1\2"),
        (".macro m\n.rept 5\n.byte 1\n.exitm\n.endr\n.byte 2\n.endm\nm", b"\1"),
        (".macro byte.pair a\n.byte \\a, \\a\n.endm\nbyte.pair 4", b"\4\4"),
        (".macro m a\n.byte \\a\n.endm\n.purgem m\n.macro m\n.byte 9\n.endm\nm", b"\x09"),
        (".macro m a; .byte \\a; .endm; m 1; m 2", b"\1\2"),
        (".macro m name\n.macro \\name v\n.byte \\v\n.endm\n.endm\nm inner\ninner 6", b"\6"),
        (".rept 3\n.byte 1\n.endr", b"\1\1\1"),
        (".rept 0\n.byte 1\n.endr\n.byte 2", b"\2"),
        (".rept 2\n.rept 2\n.byte 1\n.endr\n.byte 2\n.endr", b"\1\1\2\1\1\2"),
        (".set i, 0\n.rept 4\n.byte i\n.set i, i + 1\n.endr", b"\0\1\2\3"),
        (".rept 2\n1: .byte . - 1b\n.endr", b"\0\0"),
        (".irp x, 1, 2, 3\n.byte \\x\n.endr", b"\1\2\3"),
        (".irp x 4 5\n.byte \\x\n.endr", b"\4\5"),
        (".irpc x, 123\n.byte \\x\n.endr", b"\1\2\3"),
        (".irp r, a, b\n.irp n, 0, 1\ns\\r\\n = \\n\n.byte s\\r\\n\n.endr\n.endr", b"\0\1\0\1"),
        (".if 1\n.byte 1\n.else\n.byte 2\n.endif", b"\1"),
        (".if 0\n.byte 1\n.elseif 1\n.byte 2\n.elseif 1\n.byte 3\n.else\n.byte 4\n.endif", b"\2"),
        (".if 0\n.if 1\n.byte 1\n.else\n.byte 2\n.endif\n.else\n.byte 3\n.endif", b"\3"),
        (".if 0\nthis is ! not assembled\n.error \"no\"\n.endif\n.byte 1", b"\1"),
        (".equ x, 1\n.ifdef x\n.byte 1\n.endif\n.ifndef y\n.byte 2\n.endif\n.ifdef y\n.byte 3\n.endif", b"\1\2"),
        (".ifc a, a\n.byte 1\n.endif\n.ifnc a, b\n.byte 2\n.endif", b"\1\2"),
        (".ifb\n.byte 3\n.endif\n.ifnb x\n.byte 4\n.endif", b"\3\4"),
        (".ifeq 0\n.byte 1\n.endif\n.ifne 0\n.byte 2\n.endif", b"\1"),
        (".ifgt 1\n.byte 3\n.endif\n.iflt 1\n.byte 4\n.endif", b"\3"),
        ("a: .word 0\n.if . - a == 4\n.byte 1\n.endif", b"\0\0\0\0\1"),
        (".byte 1\n.end\n.byte 2\nnonsense (", b"\1"),
        ("lab: .rept 2\n.byte . - lab\n.endr", b"\0\1"),
    ],
)  # fmt: skip
def test_expansion(text: str, wanted: bytes, data: Data) -> None:
    assert data(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a, b", ["a", "b"]),
        ("a b", ["a", "b"]),
        ("a + b, c", ["a + b", "c"]),
        ("4(a0), (a, b)", ["4(a0)", "(a, b)"]),
        ('"a, b" c', ['"a, b"', "c"]),
        ("a,,b,", ["a", "", "b", ""]),
        ("", []),
        ("  ", []),
        ("','", ["','"]),
        ("%lo(x)(a0)", ["%lo(x)(a0)"]),
    ],
)
def test_arguments_are_split_at_commas_and_between_words(text: str, wanted: list[str]) -> None:
    assert [item for _, item in split_arguments(text)] == wanted


def test_include(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / "sub" / "a.inc").write_text('.byte 1\n.include "b.inc"\n')
    (tmp_path / "sub" / "b.inc").write_text(".byte 2\n")
    (tmp_path / "lib" / "c.inc").write_text(".macro m\n.byte 3\n.endm\n")
    (tmp_path / "main.S").write_text('.data\n.include "sub/a.inc"\n.include "c.inc"\nm\n')
    assert asm.assemble([tmp_path / "main.S"], include_dirs=[tmp_path / "lib"]).sections[".data"].data == b"\1\2\3"


def test_an_error_in_an_include_says_how_it_got_there(tmp_path: Path) -> None:
    (tmp_path / "a.inc").write_text("\n  .macro bad\n  oops\n  .endm\n")
    (tmp_path / "main.S").write_text('.include "a.inc"\n\nbad\n')
    with pytest.raises(asm.AssemblyError) as caught:
        asm.assemble([tmp_path / "main.S"])
    (found,) = caught.value.diagnostics
    assert (found.file, found.line, found.column) == (str(tmp_path / "a.inc"), 3, 3)
    assert found.notes == (f"in macro 'bad', invoked at {tmp_path / 'main.S'}:3",)


def test_defines() -> None:
    text = ".data\n.byte N\n.ifdef FLAG\n.byte 2\n.endif"
    assert asm.assemble_text(text, defines={"N": 5}).sections[".data"].data == b"\5"
    assert asm.assemble_text(text, defines={"N": 5, "FLAG": 0}).sections[".data"].data == b"\5\2"


def test_macro_arguments_in_instructions() -> None:
    program = asm.assemble_text(
        """
        .macro row op, reg, base, step=4
        \\op.h \\reg, \\step(\\base!)
        .endm
        .macro p.lh2 d, s
        row p.l, \\d, \\s
        .endm
        row op=p.l, reg=a0, base=a1, step=2
        p.lh2 a0, a1
        p.lh a0, 2(a1!)
        p.lh a0, 4(a1!)
        """.replace("\\op.h", "\\op\\()h"),
        layout="core",
    )
    assert program.word(0x80) == program.word(0x88)
    assert program.word(0x84) == program.word(0x8C)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".macro m\nnop", "1:1 .macro without .endm"),
        (".rept 2\nnop", "1:1 .rept without .endr"),
        (".endm", "1:1 .endm without .macro"),
        ("  .endr", "1:3 .endr without .rept"),
        (".macro\n.endm", "1:7 expected a macro name"),
        (".macro m 1x\n.endm", "1:10 expected a parameter name, not '1'"),
        (".macro m x, x\n.endm", "1:13 parameter 'x' is named twice"),
        (".macro m x:vararg, y\n.endm", "1:18 a vararg parameter must be the last one"),
        (".macro m\n.endm\n.macro m\n.endm", "3:1 macro 'm' is already defined"),
        (".macro m x\n.endm\nm 1, 2", "3:6 macro 'm' takes 1 argument, not 2"),
        (".macro m x:req\n.endm\nx: m", "3:4 macro 'm' needs a value for 'x'"),
        (".macro m\nadd a0, \\x, a1\n.endm\nm", "2:9 '\\\\x' is no argument of a macro here; expected"),
        (".purgem m", "1:9 no macro 'm'"),
        (".exitm", "1:1 .exitm outside a macro"),
        (".rept -1\n.endr", "1:7 .rept of -1: the count must not be negative"),
        (".rept\n.endr", "1:6 expected an expression"),
        (".irp\n.endr", "1:5 .irp expects a name and values"),
        ("  .if 1\nnop", "1:3 this condition has no .endif"),
        (".else", "1:1 .else without .if"),
        (".endif", "1:1 .endif without .if"),
        (".if 1\n.else\n.else\n.endif", "3:1 .else after .else"),
        (".if 1 +\n.endif", "1:8 unexpected end of the statement; expected a name or a number"),
        (".ifdef 3\n.endif", "1:8 .ifdef expects one symbol"),
        (".ifc a\n.endif", "1:6 .ifc expects two texts, separated by a comma"),
        ('.include "x.inc"', "1:10 no file 'x.inc' in ., "),
        (".include x", '1:10 .include expects a "file name"'),
        ("nop /* open", "1:5 unclosed /* comment"),
        ("#include <stdio.h>", "1:1 the C preprocessor is not run: use .include, .equ, .macro and .if"),
        ("#define N 3", "1:1 the C preprocessor is not run: use .include, .equ, .macro and .if"),
        (".macro m\n.if 1\n.endm\nm\n.endif", "2:1 this condition has no .endif"),
    ],
)
def test_mistakes(text: str, message: str, errors: Errors) -> None:
    assert errors(text)[0].startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".macro m\nm\n.endm\nm", "nested more than 64 deep"),
        (".macro a\nb\n.endm\n.macro b\na\n.endm\na", "nested more than 64 deep"),
        (".macro m x\nm \\x\\x\\x\\x\n.endm\nm 12345678", "longer than 1048576 characters"),
        (".rept 1000000000000\n.endr", "more than 300000 statements"),
        (".rept 10000\n.rept 10000\n.rept 10000\n.endr\n.endr\n.endr", "more than 300000 statements"),
        (".rept 100\n.space 0x1000000\n.endr", "larger than 32 MiB"),
    ],
)
def test_runaway_sources_end(text: str, message: str, errors: Errors) -> None:
    assert message in errors(text)[0] + errors(text)[-1]


def test_a_file_that_includes_itself(tmp_path: Path) -> None:
    path = tmp_path / "self.S"
    path.write_text('.include "self.S"\n')
    with pytest.raises(asm.AssemblyError, match=r"\.include nested more than 32 deep: does 'self.S' include itself\?"):
        asm.assemble([path])
