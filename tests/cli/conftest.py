"""Runs the command in this process, and what it needs: small sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from iss import cli

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


@dataclass
class Output:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def message(self) -> str:
        """Its one error."""
        assert "Traceback" not in self.err
        assert self.err.count("iss") == 1, self.err
        return self.err


Iss = Callable[..., Output]


@pytest.fixture
def iss(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iss:
    """`iss("run", "x.S")` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Output:
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        captured = capsys.readouterr()
        return Output(code, captured.out, captured.err)

    return run


@pytest.fixture
def source(tmp_path: Path) -> Callable[..., Path]:
    """A file with a program."""

    def write(text: str = HELLO, name: str = "program.S", code: int = 0) -> Path:
        path = tmp_path / name
        path.write_text(f".equ CODE, {code}\n{text}")
        return path

    return write
