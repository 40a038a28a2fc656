"""The README's examples run, its two commands are those of .ci/run, and generated documents are fresh."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from iss.cluster import Cluster
from iss.config import DEFAULTS, Config
from tools import constants

from ..conftest import Iss
from .conftest import HELLO

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_examples(iss: Iss, tmp_path: Path):
    (tmp_path / "hello.S").write_text(f".equ CODE, 0\n{HELLO}")
    assert iss("asm", "hello.S", "-o", "program.elf").code == 0
    exec("\n".join(blocks("python")), {})


def test_the_example_in_c(iss: Iss, tmp_path: Path):
    """A matrix multiplication on eight harts, in ten lines; the matrices are written into its memory."""
    (program,) = blocks("c")
    assert program.count("\n") <= 10
    (tmp_path / "matmul.c").write_text(program)
    done = iss("cc", "matmul.c", "-o", "matmul.elf")
    if "there is no C compiler" in done.err:
        pytest.skip("there is no C compiler")
    assert (done.code, done.err) == (0, "")
    lines = iss("run", "matmul.elf", "-q").out.splitlines()
    assert sorted(lines) == [f"hart {hart} is done" for hart in range(8)]
    cluster = Cluster(stdout=lambda hart, text: None)
    symbols = cluster.load_elf(tmp_path / "matmul.elf").symbols
    a, b = np.random.default_rng(1).integers(-128, 128, (2, 64, 64), np.int8)
    cluster.write(symbols["a"], a.tobytes())
    cluster.write(symbols["b"], b.tobytes())
    assert cluster.run().exit_code == 0
    c = np.frombuffer(cluster.read(symbols["c"], 4 * 64 * 64), "<i4").reshape(64, 64)
    np.testing.assert_array_equal(c, a.astype(int) @ b.T.astype(int))


def test_continuous_integration_runs_the_readmes_commands():
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    assert commands == ["pip install . && iss run matmul", "pip install '.[test]' && pytest"]
    script = (ROOT / ".ci" / "run").read_text()
    for command in commands:
        assert f'step "{command}"' in script


def test_every_machine_is_described():
    for machine in DEFAULTS:
        assert f"| `{machine}` |" in README


def test_constants_are_up_to_date():
    text = (ROOT / "docs" / "constants.md").read_text()
    assert text == constants.markdown(), "stale: run `python -m tools.constants > docs/constants.md`"


@pytest.mark.parametrize("name", sorted(constants.SOURCES))
def test_sources_are_those_of_configuration_values(name: str):
    assert hasattr(Config(), name)
