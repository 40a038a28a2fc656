"""A point's row: how the run ended, and its figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware.apps.matmul import Matmul
from iss.cluster import Cluster
from iss.errors import SimulationError
from tools.sweep import plan
from tools.sweep.point import Point, Row, run

from .conftest import LOOP


def points(name: str, *settings: str, limit: int | None = None) -> list[Point]:
    return plan.points(plan.from_arguments([name], [plan.parse_axis(text) for text in settings], None, limit))


def row(name: str, *settings: str, limit: int | None = None) -> Row:
    (point,) = points(name, *settings, limit=limit)
    return run(point)


@pytest.fixture
def program(tmp_path: Path) -> Any:
    def write(text: str) -> str:
        (tmp_path / "p.S").write_text(text)
        return str(tmp_path / "p.S")

    return write


SMALL = ("m=8", "n=8", "k=16", "harts=2")


def test_figures_are_the_clusters():
    found = row("matmul", *SMALL, "clock_mhz=250")
    cluster = Cluster(harts=2, clock_mhz=250)
    job = Matmul().load(cluster, m=8, n=8, k=16)
    result = cluster.run()
    harts = result.stats["harts"]
    assert (found["status"], found["exit_code"], found["error"]) == ("ok", 0, "")
    assert found["cycles"] == result.cycles
    assert found["ms"] == result.cycles / 250e3
    stalls = {name: value for name, value in found.items() if name.startswith("stall_")}
    assert found["instructions"] + sum(stalls.values()) == sum(hart["cycles"] for hart in harts)
    assert found["tcdm_accesses"] == result.stats["tcdm"]["accesses"]
    energy = {name: value for name, value in found.items() if name.startswith("energy_")}
    assert energy.pop("energy_total_uj") == pytest.approx(sum(energy.values()))
    assert found["matmul_mac"] == 8 * 8 * 16
    assert found["matmul_cycles"] == job.metrics()["cycles"]
    assert (found["output_values"], found["output_wrong"]) == (64, 0)
    assert all(type(value) in (int, float, str) for value in found.values())


def test_outputs_that_are_wrong(monkeypatch: pytest.MonkeyPatch):
    expected = Matmul.expected

    def other(self: Matmul, params: Any, inputs: Any) -> Any:
        found = expected(self, params, inputs)
        for array in found.values():
            array.flat[0] ^= 4
        return found

    monkeypatch.setattr(Matmul, "expected", other)
    found = row("matmul", *SMALL)
    assert (found["status"], found["exit_code"]) == ("wrong", 1)
    assert "1 of 64 values" in found["error"]
    assert (found["output_wrong"], found["output_max_error"], found["output_rms_error"]) == (1, 4.0, np.sqrt(16 / 64))


def test_noise_makes_differences_not_failures():
    quiet, noisy = (row("imajobs", "n=32", "pixels=8", f"ima.noise.read={x}") for x in (0, 20))
    assert quiet["status"] == noisy["status"] == "ok"
    assert quiet["output_rms_error"] == 0
    assert 0 < noisy["output_wrong"] <= noisy["output_values"]
    assert noisy["output_rms_error"] > 0


@pytest.mark.parametrize(("code", "shown"), [(3, 3), (256, 1)])
def test_a_programs_exit_code(program: Any, code: int, shown: int):
    found = row(program(LOOP.replace("a0, 0", f"a0, {code}")))
    assert (found["status"], found["exit_code"]) == ("exit", shown)
    assert str(code) in found["error"]
    assert found["cycles"] > 2000


def test_a_fault_has_its_place_and_the_figures_so_far(program: Any):
    found = row(program(".globl _start\n_start: li a0, 0x30000000\nhere: lw a1, 4(a0)\n"), "harts=1")
    assert (found["status"], found["exit_code"]) == ("fault", 2)
    assert "0x30000004" in found["error"]
    assert found["instructions"] >= 1


def test_a_limit(program: Any):
    found = row(program(LOOP), limit=500)
    assert (found["status"], found["exit_code"], found["cycles"]) == ("limit", 2, 500)
    assert "500 cycles" in found["error"]


def test_a_setting_that_is_not_possible():
    found = row("matmul", "banks=7")
    assert found == {"status": "mistake", "exit_code": 2, "error": "banks = 7 is not possible: a power of two, 1..256"}


def test_another_version_of_the_simulator(program: Any):
    (point,) = points(program(LOOP))
    with pytest.raises(SimulationError, match="another version"):
        run(Point(point.label, point.program, point.settings, point.max_cycles, "0" * 16))
