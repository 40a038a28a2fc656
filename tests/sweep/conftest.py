"""`iss sweep` in this process, in an empty folder, and a small program to run with it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from iss import cli

LOOP = """
        .globl  _start
_start: li      t0, 1000
1:      addi    t0, t0, -1
        bnez    t0, 1b
        li      a0, 0
        li      a7, 93
        ecall
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
        assert self.code == 2
        assert "Traceback" not in self.err
        assert self.err.count("iss: ") + self.err.count("iss sweep: ") == 1, self.err
        return self.err


Sweep = Callable[..., Output]


@pytest.fixture
def sweep(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Sweep:
    """`sweep("matmul", "--set", "banks=8,16")`, and ``loop.S`` in the folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop.S").write_text(LOOP)

    def run(*arguments: object) -> Output:
        try:
            code = cli.main(["sweep", *map(str, arguments)])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        said = capsys.readouterr()
        return Output(code, said.out, said.err)

    return run


def rows(path: Path | str) -> list[dict[str, str]]:
    """A CSV file's rows."""
    with open(path, newline="") as file:
        return list(csv.DictReader(file))
