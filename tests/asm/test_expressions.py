"""Expressions: C's operators and precedence on 64 bits, labels, and the high and low parts of addresses."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

import asm
from asm.expressions import high_part, low_part

Data = Callable[[str], bytes]
Words = Callable[[str], list[int]]
Errors = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 4 - 3", 3),
        ("100 / 7 / 2", 7),
        ("-7 / 2", -3),
        ("-7 % 3", -1),
        ("7 % -3", 1),
        ("1 << 4 - 1", 8),
        ("1 << 4 | 1", 17),
        ("-16 >> 2", -4),
        ("6 & 3 ^ 5 | 8", 15),
        ("1 | 2 == 2", 1),
        ("3 > 2 > 1", 0),
        ("1 < 2 == 1", 1),
        ("2 >= 2 && 0 <= 1", 1),
        ("0 || 5", 1),
        ("1 != 1 || 1 <> 2", 1),
        ("~0x0f & 0xff", 0xF0),
        ("!5 + !0", 1),
        ("- -5", 5),
        ("-~5", 6),
        ("2-1", 1),
        ("0x1F + 0b101 + 017 + 9", 60),
        ("'a' + 1", 98),
        ("'\\n'", 10),
        ("'\\''", 39),
        ("'#' + ';'", 94),
        ("' '", 32),
        ("%hi(0x12345fff)", 0x12346),
        ("%lo(0x12345fff)", -1),
        ("0xffffffff", 0xFFFFFFFF),
    ],
)
def test_values(text: str, value: int, data: Data) -> None:
    assert int.from_bytes(data(f".dword {text}"), "little", signed=value < 0) == value


def test_arithmetic_wraps_at_64_bits(data: Data) -> None:
    assert data(".dword 0xffffffffffffffff + 1, 1 << 63, 1 << 64, 1 << 1000000000000") == (
        bytes(8) + (1 << 63).to_bytes(8, "little") + bytes(16)
    )


def as_c(node: object) -> int:
    """The value of a random tree, from Python's own operators."""
    if isinstance(node, int):
        return node
    operator, left, right = node  # type: ignore[misc]
    a, b = as_c(left), as_c(right)
    operations: dict[str, Callable[[], int]] = {
        "+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "&": lambda: a & b, "|": lambda: a | b,
        "^": lambda: a ^ b, "<": lambda: int(a < b), "==": lambda: int(a == b), "&&": lambda: int(bool(a and b)),
        "||": lambda: int(bool(a or b)),
    }  # fmt: skip
    return operations[operator]()


LEVELS = (("||",), ("&&",), ("|",), ("^",), ("&",), ("==",), ("<",), ("+", "-"), ("*",))


def random_tree(rng: random.Random, level: int) -> tuple[object, str]:
    """A tree and its text, with parentheses only where the precedence asks for them."""
    if level == len(LEVELS) or rng.random() < 0.1:
        value = rng.randrange(10)
        return value, str(value)
    tree, text = random_tree(rng, level + 1)
    for _ in range(rng.randrange(3)):
        operator = rng.choice(LEVELS[level])
        if rng.random() < 0.1:
            right, right_text = random_tree(rng, 6)
            right_text = f"({right_text})"
        else:
            right, right_text = random_tree(rng, level + 1)
        tree, text = (operator, tree, right), f"{text} {operator} {right_text}"
    return tree, text


def test_precedence_is_c_s(data: Data) -> None:
    rng = random.Random(5)
    for _ in range(60):
        tree, text = random_tree(rng, 0)
        value = as_c(tree)
        if -(1 << 31) < value < 1 << 31:
            assert int.from_bytes(data(f".dword {text}"), "little", signed=True) == value, text


def test_label_differences_and_here(data: Data) -> None:
    assert data("a: .word b - a, . - a, c - .\nb: .byte c - b\nc:") == bytes([12, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 1])


def test_here_is_the_start_of_the_item(data: Data) -> None:
    assert data("a: .byte . - a, . - a, . - a") == bytes([0, 1, 2])


def test_differences_across_alignment_wait_for_the_layout(data: Data) -> None:
    assert data("a: .byte b - a\n.balign 8\nb: .half b - a + 1") == bytes([8, 0, 0, 0, 0, 0, 0, 0, 9, 0])


def test_numeric_labels(words: Words) -> None:
    found = words("1: j 1f\n1: j 1b\nj 1f\n1: j 1b\n2: j 2b")
    assert found == [0x0040006F, 0x0000006F, 0x0040006F, 0x0000006F, 0x0000006F]


@given(st.integers(0, 0xFFFFFFFF))
def test_high_and_low_parts_make_the_address(value: int) -> None:
    assert (high_part(value) << 12) + low_part(value) & 0xFFFFFFFF == value
    assert -2048 <= low_part(value) < 2048


@pytest.mark.parametrize("offset", [0, 0x7FC, 0x7FF, 0x800, 0x804, 0xFFC, 0x1000, 0x17FF, 0x1800])
@pytest.mark.parametrize(
    "code",
    [
        "lui a0, %hi(x)\naddi a0, a0, %lo(x)",
        "lui a0, %hi(x)\nlw a0, %lo(x)(a0)",
        "lui a0, %hi(x)\nsw a1, %lo(x)(a0)",
        "1: auipc a0, %pcrel_hi(x)\naddi a0, a0, %pcrel_lo(1b)",
        "1: auipc a0, %pcrel_hi(x)\nsw a1, %pcrel_lo(1b)(a0)",
        "la a0, x",
        "lw a0, x",
        "call x",
    ],
)
def test_the_carry_of_the_low_part(code: str, offset: int) -> None:
    """Adding up the two instructions gives the address, wherever it lies."""
    program = asm.assemble_text(f".option norelax\n{code}\n.data\n.space {offset}\nx: .byte 1")
    high, low = program.word(0x1C008000), program.word(0x1C008004)
    base = 0x1C008000 if high & 0x7F == 0x17 else 0
    store = low & 0x7F == 0x23
    bits = (low >> 25 << 5 | low >> 7 & 31) if store else low >> 20
    signed = (bits ^ 0x800) - 0x800
    assert (base + (high & 0xFFFFF000) + signed) & 0xFFFFFFFF == program.symbols["x"] == 0x10000000 + offset


def test_pcrel_lo_needs_the_label_of_an_auipc(errors: Errors) -> None:
    assert errors("x: nop\naddi a0, a0, %pcrel_lo(x)") == [
        "2:14 %pcrel_lo expects the label of an instruction that uses %pcrel_hi"
    ]


def test_assignments_mean_what_they_were_when_used(data: Data) -> None:
    assert data(".set x, 1\n.byte x\n.set x, x + 1\n.byte x\nx = x * 10\n.byte x, y\n.equ y, 7") == bytes([1, 2, 20, 7])


def test_values_that_are_needed_at_once(errors: Errors) -> None:
    unknown = "the value must be known here: constants, and differences of labels with fixed distance"
    assert errors(".if x\n.endif\n.rept x\n.endr\n.balign x\nx:") == [
        f"1:5 {unknown}",
        f"3:7 {unknown}",
        f"5:9 {unknown}",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / 0", "1:11 division by zero"),
        ("5 % (3 - 3)", "1:12 division by zero"),
        ("1 << -1", "1:12 shift by a negative number (-1)"),
        ("0x", "1:7 '0x' is not a number"),
        ("12ab", "1:7 '12ab' is not a number"),
        ("09", "1:7 '09' is not a number"),
        ("0b12", "1:7 '0b12' is not a number"),
        ("0x10000000000000000", "1:7 0x10000000000000000 does not fit 64 bits"),
        ("%foo(1)", "1:7 unknown relocation %foo; known are %hi, %lo, %pcrel_hi and %pcrel_lo"),
        ("(" * 200 + "1" + ")" * 200, "1:106 expression too complex"),
        ("x\n.set x, x", "1:7 symbol 'x' is defined by itself, or through too many others"),
        ("1b", "1:7 no label '1:' before '1b'"),
        ("1f", "1:7 no label '1:' after '1f'"),
        ("a0 + 1", "1:7 register 'a0' cannot be part of an expression"),
    ],
)
def test_mistakes(text: str, message: str, errors: Errors) -> None:
    assert errors(f".word {text}")[0] == message
