"""Whatever the text, assembling ends soon, with a program or an AssemblyError."""

from __future__ import annotations

import contextlib
import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import asm
from iss.isa.decode import disassemble

LINES = (
    "foo: addi a0, a1, 3", ".macro m x, y=3", ".endm", ".rept 3", ".endr", "m 1, 2", "m a0", "addi a0, \\x, \\y",
    ".if foo - bar", ".else", ".endif", "p.lw a0, 4(a1!)", "la a0, foo", "1: beqz a0, 1b", "call bar", "bar = foo + 4",
    ".space foo - bar", ".balign 8", ".equ n, n + 1", ".option rvc", "li a0, n", "lw a0, %pcrel_lo(1b)(a0)",
    "auipc a0, %pcrel_hi(foo)", ".irp r, a0, a1", ".data", ".text", ".bss", ".word foo, bar - foo, 3 << 2", "m m",
    ".macro n", "n", "n; n", '.section .l2_data, "aw", @progbits', ".size foo, . - foo", ".rept n", ".space 1 << 70",
    ".align foo", ".globl foo", "lp.setup x0, a0, 1f", '.ascii "x\\n"', "/* #", "*/", "'", '"', "\\", ".include \"x\"",
    ".comm foo, 3", ".exitm", ".end", ".pushsection .bss", ".popsection", "c.lui a0, 3", "sw a0, foo, t0", "tail foo",
)  # fmt: skip
TOKENS = (
    "a0",
    "foo",
    "1f",
    "(",
    ")",
    ",",
    "!",
    "%hi(",
    "-",
    "<<",
    "==",
    "0x",
    "99999999999",
    "'a'",
    '"b"',
    "@x",
    ":",
    ".",
    "=",
)


def check(text: str) -> None:
    mistakes = None
    try:
        asm.listing(asm.assemble_text(text).elf)
    except asm.AssemblyError as error:
        mistakes = error
    if mistakes is not None:
        assert mistakes.diagnostics
        assert str(mistakes)
        assert all(item.line >= 1 and item.column >= 1 for item in mistakes.diagnostics)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    check(text)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.sampled_from(LINES) | st.lists(st.sampled_from((*TOKENS, *LINES)), max_size=8).map(" ".join), max_size=20
    )
)
def test_likely_lines_in_any_order(lines: list[str]) -> None:
    check("\n".join(lines))


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=100))
def test_any_bytes_in_a_file(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "x.S"
    path.write_bytes(content)
    with contextlib.suppress(asm.AssemblyError):
        asm.assemble([path])


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 0xFFFFFFFF))
def test_any_word_disassembles_to_something_that_assembles(word: int) -> None:
    text = disassemble(word, 0x80)
    check(text)


def test_ten_thousand_lines_in_a_couple_of_seconds() -> None:
    rng = random.Random(0)
    kinds = (
        "l{i}: addi a0, a1, {n}", "p.lw a1, {n}(a2!)", "beq a0, a1, l{j}", "pv.sdotusp.b a0, a1, s1",
        "li t0, {n}*1234", "sw a0, {n}(sp) # stored", "mv a0, a1", "la a0, l{j}",
    )  # fmt: skip
    lines = [kinds[i % 8].format(i=i, j=i // 8 * 8, n=rng.randrange(2000)) for i in range(10_000)]
    start = time.perf_counter()
    program = asm.assemble_text("\n".join(lines))
    assert time.perf_counter() - start < 6  # about 0.5 s on an idle machine
    assert program.sections[".text"].size >= 40_000
