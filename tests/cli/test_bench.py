"""The benchmark: what it compares does the same work, and its figures come out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from iss.cluster import Cluster
from iss.elf import read_elf
from iss.programs import assemble
from tools.bench import dense
from tools.bench.report import MATMUL

from ..conftest import Iss

N, HARTS = 32, 2


def matrix(cluster: Cluster, address: int) -> np.ndarray:
    return np.frombuffer(cluster.read(address, 4 * N * N), np.uint32).reshape(N, N)


def test_every_hart_multiplies_the_matrices(tmp_path: Path):
    (tmp_path / "m.elf").write_bytes(assemble([MATMUL], "cluster").elf)
    elf = read_elf(tmp_path / "m.elf")
    cluster = Cluster(harts=HARTS, icache="ideal")
    cluster.load_elf(tmp_path / "m.elf")
    cluster.write(elf.symbols["harts"], HARTS.to_bytes(4, "little"))
    assert cluster.run().exit_code == 0
    product = matrix(cluster, elf.symbols["a"]) @ matrix(cluster, elf.symbols["b"])
    for hart in range(HARTS):
        assert (matrix(cluster, elf.symbols["c"] + 4 * N * N * hart) == product).all()


def test_the_dense_loop_has_a_case_for_every_number():
    text = dense.source()
    assert text.count("op ==") == dense.CASES == 300


@pytest.mark.slow
def test_figures(iss: Iss, tmp_path: Path):
    done = iss("bench", "--seconds", "0.2", "--rounds", "1", "--json", "b.json")
    assert done.code == 0
    figures = json.loads((tmp_path / "b.json").read_text())
    assert {"imciss", "imciss, 1 hart", "Numba loop"} <= {figure["name"] for figure in figures}
    assert all(figure["rate"] > 1 for figure in figures)


@pytest.mark.slow
def test_a_revision_that_is_not_there(iss: Iss):
    assert iss("bench", "--baseline", "no-such-revision").code == 2
