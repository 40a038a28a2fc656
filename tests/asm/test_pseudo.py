"""Pseudo-instructions against words made by hand from the manual's encodings (GNU as makes the same)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import asm
from asm.instructions import forms
from asm.pseudo import PSEUDO_INSTRUCTIONS, SEQUENCES

Words = Callable[[str], list[int]]

CASES = (
    ("nop", 0x00000013),
    ("mv a0, a1", 0x00058513),
    ("not a0, a1", 0xFFF5C513),
    ("neg a0, a1", 0x40B00533),
    ("seqz a0, a1", 0x0015B513),
    ("snez a0, a1", 0x00B03533),
    ("sltz a0, a1", 0x0005A533),
    ("sgtz a0, a1", 0x00B02533),
    ("sgt a0, a1, a2", 0x00B62533),
    ("sgtu a0, a1, a2", 0x00B63533),
    ("zext.b a0, a1", 0x0FF5F513),
    ("beqz a0, .+8", 0x00050463),
    ("bnez a0, .+8", 0x00051463),
    ("blez a0, .+8", 0x00A05463),
    ("bgez a0, .+8", 0x00055463),
    ("bltz a0, .+8", 0x00054463),
    ("bgtz a0, .+8", 0x00A04463),
    ("bgt a0, a1, .+8", 0x00A5C463),
    ("ble a0, a1, .+8", 0x00A5D463),
    ("bgtu a0, a1, .+8", 0x00A5E463),
    ("bleu a0, a1, .-8", 0xFEA5FCE3),
    ("j .+16", 0x0100006F),
    ("jal .+16", 0x010000EF),
    ("jal t0, .-16", 0xFF1FF2EF),
    ("jr a0", 0x00050067),
    ("jr 4(a0)", 0x00450067),
    ("jalr a0", 0x000500E7),
    ("jalr 4(a0)", 0x004500E7),
    ("jalr a0, a1", 0x00058567),
    ("jalr a0, a1, 4", 0x00458567),
    ("jalr a0, 4(a1)", 0x00458567),
    ("jalr a0, (a1)", 0x00058567),
    ("ret", 0x00008067),
    ("csrr a0, mstatus", 0x30002573),
    ("csrw mstatus, a0", 0x30051073),
    ("csrs mepc, a0", 0x34152073),
    ("csrc mepc, a0", 0x34153073),
    ("csrwi mepc, 5", 0x3412D073),
    ("csrsi mcause, 31", 0x342FE073),
    ("csrci mcause, 0", 0x34207073),
    ("csrw mepc, 5", 0x3412D073),
    ("csrs mepc, 5", 0x3412E073),
    ("csrc mepc, 5", 0x3412F073),
    ("fence", 0x0FF0000F),
    ("fence rw, w", 0x0310000F),
    ("fence iorw, r", 0x0F20000F),
    ("add a0, a1, 4", 0x00458513),
    ("and a0, a1, 4", 0x0045F513),
    ("or a0, a1, -1", 0xFFF5E513),
    ("xor a0, a1, 2047", 0x7FF5C513),
    ("slt a0, a1, -2048", 0x8005A513),
    ("sltu a0, a1, 4", 0x0045B513),
    ("sll a0, a1, 4", 0x00459513),
    ("srl a0, a1, 31", 0x01F5D513),
    ("sra a0, a1, 1", 0x4015D513),
    ("csrrw a0, mepc, 3", 0x3411D573),
    ("li a0, 0", 0x00000513),
    ("li a0, 2047", 0x7FF00513),
    ("li a0, -2048", 0x80000513),
    ("li a0, 2048", 0x00001537, 0x80050513),
    ("li a0, 0xfffff000", 0xFFFFF537),
    ("li a0, 0x12345678", 0x12345537, 0x67850513),
    ("li a0, 0x12345fff", 0x12346537, 0xFFF50513),
    ("li a0, -1", 0xFFF00513),
    ("li a0, 0xffffffff", 0xFFF00513),
    ("li a0, 0x7fffffff", 0x80000537, 0xFFF50513),
    ("li a0, 0x80000000", 0x80000537),
    ("li a0, 0x7ffff800", 0x80000537, 0x80050513),
    ("li a0, -0x80000000", 0x80000537),
    ("sext.b a0, a1", 0x01859513, 0x41855513),
    ("sext.h a0, a1", 0x01059513, 0x41055513),
    ("zext.h a0, a1", 0x01059513, 0x01055513),
    ("rdcycle a0", 0xC0002573),
    ("rdcycleh a0", 0xC8002573),
    ("rdtime a0", 0xC0102573),
    ("rdtimeh a0", 0xC8102573),
    ("rdinstret a0", 0xC0202573),
    ("rdinstreth a0", 0xC8202573),
    ("csrr a0, mcycle", 0xB0002573),
    ("unimp", 0xC0001073),
    ("lw a0, (a1)", 0x0005A503),
    ("lui a0, 0xfffff", 0xFFFFF537),
    ("la a0, .+8", 0x00000517, 0x00850513),
    ("lla a0, .+0x1000", 0x00001517, 0x00050513),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_pseudo_instruction(case: tuple[str | int, ...], words: Words) -> None:
    text, *wanted = case
    assert [hex(word) for word in words(f"nop\nnop\nnop\nnop\n{text}")[4:]] == [hex(int(word)) for word in wanted]


def test_no_pseudo_instruction_is_untested() -> None:
    tested = {(str(case[0]).split()[0], str(case[0]).count(",")) for case in CASES}
    for syntax in (*(syntax for syntax, _ in PSEUDO_INSTRUCTIONS), *SEQUENCES[:-2]):
        assert (syntax.split()[0], syntax.count(",")) in tested, syntax


def test_a_pseudo_instruction_never_hides_a_row() -> None:
    for found in forms().values():
        templates = [form.template for form in found]
        assert len(templates) == len(set(templates)), found


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("call .+8", [0x008000EF]),  # what a relaxing linker makes of it
        ("tail .+8", [0x0080006F]),
        (".option norelax\ncall .+8", [0x00000097, 0x008080E7]),
        (".option norelax\ntail .+8", [0x00000317, 0x00830067]),
    ],
)
def test_calls(text: str, wanted: list[int], words: Words) -> None:
    assert words(text) == wanted


def test_calls_that_jal_does_not_reach() -> None:
    program = asm.assemble_text(
        """
        call far
        tail far
        .space 0x100000
    far: ret
    """,
        layout="core",
    )
    first, second = program.word(0x80), program.word(0x84)
    target = 0x80 + (first & 0xFFFFF000) + (second >> 20)
    assert target == program.symbols["far"]
    assert first & 0xFFF == 0x097
    assert second & 0xFFFFF == 0x080E7


def test_memory_access_by_symbol(words: Words) -> None:
    found = words("x: nop\nlw a0, x\nsw a0, x, t0\nlbu a1, x+1")
    assert found[1:] == [
        0x00000517, 0xFFC52503,  # auipc a0, 0; lw a0, -4(a0)
        0x00000297, 0xFEA2AA23,  # auipc t0, 0; sw a0, -12(t0)
        0x00000597, 0xFED5C583,  # auipc a1, 0; lbu a1, -19(a1)
    ]  # fmt: skip


def test_li_of_what_the_layout_decides_takes_two_instructions(words: Words) -> None:
    assert words("li a0, N\n.equ N, 5") == [0x00000537, 0x00550513]
    assert words("li a0, x\nx:") == [0x00000537, 0x08850513]


def test_registers_by_both_names(words: Words) -> None:
    assert words("add x10, fp, s0\nadd a0, x8, x8") == [0x00840533] * 2
