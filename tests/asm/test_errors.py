"""What an assembler has to say about mistakes: all of them, each where it is, and what was expected."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import asm

Errors = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x: adi a0, a1, 3", "1:4 unknown instruction 'adi'; did you mean 'andi' or 'addi' or 'div'?"),
        ("qqqqqq", "1:1 unknown instruction 'qqqqqq'"),
        ("addi a0, a1", "1:10 addi with 2 operands: expected 'addi rd, rs1, imm'"),
        ("ret a0", "1:5 ret with 1 operand: expected 'ret'"),
        ("addi", "1:1 addi with 0 operands: expected 'addi rd, rs1, imm'"),
        ("jal a0, a1, a2", "1:13 jal with 3 operands: expected 'jal rd, offset' or 'jal offset'"),
        ("addi a0,, 3", "1:9 an operand is missing; expected 'addi rd, rs1, imm'"),
        ("addi a0, a1,", "1:12 an operand is missing; expected 'addi rd, rs1, imm'"),
        ("addi a0, b1, 3", "1:10 addi: rs1 must be a register, and 'b1' is none; did you mean 'x1' or 't1' or 's1'?"),
        ("addi a0, 3, a1", "1:10 addi: rs1 must be a register"),
        ("addi a0, a1, a2", "1:14 addi: imm must be an immediate, not a register"),
        ("beq a0, a1, a2", "1:13 beq: offset must be a label, not a register"),
        ("addi a0, a1, 2048", "1:14 addi: imm must be -2048..2047, not 2048"),
        ("addi a0, a1, 0xfff", "1:14 addi: imm must be -2048..2047, not 4095"),
        ("slli a0, a1, 32", "1:14 slli: shamt must be 0..31, not 32"),
        ("lui a0, 0x100000", "1:9 lui: imm must be 0..0xfffff (the upper 20 bits), not 1048576"),
        ("lw a0, 2048(a1)", "1:8 lw: imm must be -2048..2047, not 2048"),
        ("lw a0, 4(x)", "1:10 lw: rs1 must be a register, and 'x' is none"),
        ("lw a0, 4", "1:8 lw: a base register is missing; expected 'lw rd, imm(rs1)'"),
        ("lw a0, 4(a1!)", "1:8 expected 'imm(rs1)' here, as in 'lw rd, imm(rs1)' (or 'lw rd, symbol')"),
        ("sw a0, a1", "1:8 expected 'imm(rs1)' here, as in 'sw rs2, imm(rs1)'"),
        ("addi a0, 4(a1), 3", "1:10 expected 'rs1' here, as in 'addi rd, rs1, imm'"),
        ('addi a0, a1, "x"', "1:14 expected 'addi rd, rs1, imm'"),
        ("li a0, 0x100000000", "1:8 li: 4294967296 does not fit 32 bits (-2147483648..4294967295)"),
        ("li a0, -0x80000001", "1:8 li: -2147483649 does not fit 32 bits (-2147483648..4294967295)"),
        ("csrr a0, mhartidd", "1:10 unknown CSR 'mhartidd'; did you mean 'mhartid' or 'uhartid' or 'marchid'?"),
        ("csrwi mepc, 32", "1:13 csrrwi: zimm must be 0..31, not 32"),
        ("csrr a0, 4096", "1:10 csrrs: csr must be 0..4095, not 4096"),
        ("fence x, y", "1:7 undefined symbol 'x'"),
        ("lp.setup x2, t0, x\nx:", "1:10 lp.setup: the loop must be x0 or x1 (or 0 or 1)"),
        ("lp.setup 2, t0, x\nx:", "1:10 lp.setup: L must be 0..1, not 2"),
        ("c.addi a0, 32", "1:12 c.addi: imm must be -32..31, not 32"),
        ("c.lw a0, 0(t6)", "1:10 c.lw: rs1' must be one of x8..x15, not x31"),
        ("c.mv a0, x0", "1:10 c.mv: rs2 must not be x0"),
        ("c.lui sp, 3", "1:7 c.lui with these operands would be c.addi16sp"),
        ("c.lui a0, 0", "1:11 c.lui: nzimm must not be zero"),
        ("c.lwsp a0, 4(a1)", "1:14 c.lwsp: this operand must be sp (x2)"),
        ("beqz a0, nowere\nnowhere:", "1:10 undefined symbol 'nowere'; did you mean 'nowhere'?"),
        ("li a0, a1", "1:8 li: imm must be an immediate, not a register"),
        ("addi a0 a1", "1:9 unexpected 'a1'; expected ',', an operator or the end of the statement"),
        ("addi a0, (a1", "1:13 unexpected end of the statement; expected ')'"),
        ("addi a0, a1, 5)", "1:15 unexpected ')'; expected ',' or the end of the statement"),
        ("p.lw a0, 4[a1]", "1:11 unexpected '['; expected ',', ')' or an operator"),
        ("addi a0, a1, 1 +", "1:17 unexpected end of the statement; expected a name or a number"),
        ('.ascii "abc', "1:8 this string does not end, or stands where none belongs; expected ',', a name"),
        ("12x: nop", "1:1 '12x' is not a label"),
        ("é", "1:1 unexpected 'é'; expected a name or a number"),
        ("nop; nop; adi", "1:11 unknown instruction 'adi'"),
        ("/* two\nlines */ adi", "2:10 unknown instruction 'adi'"),
        ("\t adi", "1:3 unknown instruction 'adi'"),
    ],
)
def test_position_and_message(text: str, message: str, errors: Errors) -> None:
    assert errors(text)[0].startswith(message), errors(text)[0]


def test_every_mistake_of_a_file_is_reported_in_order(errors: Errors) -> None:
    found = errors(".data\n.byte 256\n.text\nbad\nlab: addi a0, a1, (\nj lab\nj nowhere\nli a0, 1 << 40\n")
    assert [item.split(" ")[0] for item in found] == ["2:7", "4:1", "5:20", "7:3", "8:8"]


def test_how_a_mistake_is_shown() -> None:
    with pytest.raises(asm.AssemblyError) as caught:
        asm.assemble_text("\t.macro m x\n\taddi\ta0, a0, \\x\n\t.endm\n\tm 5000", name="kernel.S")
    assert str(caught.value) == (
        "kernel.S:2:15: error: addi: imm must be -2048..2047, not 5000\n"
        "    \taddi\ta0, a0, 5000\n"
        "    \t    \t        ^~~~\n"
        "    note: in macro 'm', invoked at kernel.S:4"
    )


def test_long_lines_are_shown_around_the_mistake() -> None:
    with pytest.raises(asm.AssemblyError) as caught:
        asm.assemble_text(".byte " + "1, " * 5000 + "256, " + "1, " * 5000 + "1")
    _, source, marks = str(caught.value).split("\n")
    assert len(source) < 200
    assert source[marks.index("^") :].startswith("256")


def test_deep_expansions_are_abbreviated() -> None:
    with pytest.raises(asm.AssemblyError) as caught:
        asm.assemble_text(".macro m n\n.if \\n\nm \\n-1\n.else\nbad\n.endif\n.endm\nm 40")
    assert len(str(caught.value).split("\n")) < 15


def test_an_error_in_a_repetition_says_which_round(errors: Errors) -> None:
    with pytest.raises(asm.AssemblyError) as caught:
        asm.assemble_text(".irp n, 1, 2, 5000\naddi a0, a0, \\n\n.endr")
    (found,) = caught.value.diagnostics
    assert found.notes == ("in round 3 of .irp at <text>:1",)


def test_too_many_mistakes_stop() -> None:
    with pytest.raises(asm.AssemblyError) as caught:
        asm.assemble_text("bad\n" * 5000)
    assert len(caught.value.diagnostics) == 1000
    assert str(caught.value).endswith("... and 900 more errors")
