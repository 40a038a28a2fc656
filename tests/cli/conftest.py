"""What the command needs: small sources."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

HELLO = """
        .globl  _start
_start: csrr    t0, mhartid
        bnez    t0, wait
        la      a0, text
        li      a1, 0x1A10F000
1:      lbu     a2, 0(a0)
        beqz    a2, 2f
        sw      a2, 0(a1)
        addi    a0, a0, 1
        j       1b
2:      li      a0, CODE
        li      a1, 0x1A1040A0
        lui     a2, 0x80000
        or      a2, a2, a0
        sw      a2, 0(a1)
wait:   j       wait
        .section .rodata
text:   .asciz  "hello\\n"
"""


@pytest.fixture
def source(tmp_path: Path) -> Callable[..., Path]:
    """A file with a program."""

    def write(text: str = HELLO, name: str = "program.S", code: int = 0) -> Path:
        path = tmp_path / name
        path.write_text(f".equ CODE, {code}\n{text}")
        return path

    return write
