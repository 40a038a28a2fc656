"""`iss sweep`, and a small program to run with it."""

from __future__ import annotations

import csv
from functools import partial
from pathlib import Path

import pytest

from ..conftest import Iss

LOOP = """
        .globl  _start
_start: li      t0, 1000
1:      addi    t0, t0, -1
        bnez    t0, 1b
        li      a0, 0
        li      a7, 93
        ecall
"""


@pytest.fixture
def sweep(iss: Iss, tmp_path: Path) -> Iss:
    """`sweep("matmul", "--set", "banks=8,16")`, and ``loop.S`` in the folder."""
    (tmp_path / "loop.S").write_text(LOOP)
    return partial(iss, "sweep")


def rows(path: Path | str) -> list[dict[str, str]]:
    """A CSV file's rows."""
    with open(path, newline="") as file:
        return list(csv.DictReader(file))
