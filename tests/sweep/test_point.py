"""A point's row: how the run ended, and its figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware.apps.matmul import Matmul
from iss.cluster import Cluster
from iss.errors import SimulationError
from tools.deploy import command
from tools.deploy.network import KINDS
from tools.deploy.run import Deployment
from tools.sweep import plan
from tools.sweep.point import Point, run
from tools.sweep.row import Row

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


NETWORK = """
input = [6, 6, 8]
layer = [
    { name = "expand", kind = "pw", channels = 24 },
    { name = "filter", kind = "dw" },
    { name = "project", kind = "pw", channels = 8, relu = false },
    { name = "sum", kind = "add", inputs = ["project", "input"] },
]
"""


@pytest.fixture
def net(tmp_path: Path) -> str:
    (tmp_path / "net.toml").write_text(NETWORK)
    return str(tmp_path / "net.toml")


def test_a_networks_figures_are_the_deployments(net: str):
    found = row(net, "target=ima", "ima_rows=16", "ima_crossbars=5")
    quantised, image = command.read(command.Request(net, target="ima"), 16)
    run = Deployment(quantised, image, {"ima_rows": 16, "ima_crossbars": 5}, "ima").run()
    assert (found["status"], found["exit_code"], found["output_wrong"]) == ("ok", 0, 0)
    assert found["network_cycles"] == run.cycles == sum(found[f"network_{kind}_cycles"] for kind in KINDS)
    assert found["cycles"] == run.cluster.stats()["cycles"]
    assert found["network_crossbars"] == run.image.placement.crossbars
    assert found["network_macs"] == 36 * (8 * 24 + 9 * 24 + 24 * 8 + 8)
    assert found["output_values"] == 6 * 6 * 8
    assert row(net, "target=cores")["network_crossbars"] == 0


def test_a_networks_file_is_not_needed_by_who_runs_it(net: str):
    (point,) = points(net, "seed=3")
    Path(net).unlink()
    assert run(point)["status"] == "ok"


def test_a_network_with_noise(net: str):
    found = row(net, "ima.noise.read=20")
    assert found["status"] == "ok"
    assert found["output_wrong"] > 0
    assert found["output_rms_error"] > 0


@pytest.mark.parametrize(
    ("setting", "limit", "status", "error"),
    [
        ("target=imadw", None, "mistake", "did you mean ima_dw"),
        ("streamed=1", None, "mistake", "streamed = 1 should be of type bool"),
        ("banks=7", None, "mistake", "banks = 7 is not possible"),
        ("ima_crossbars=1", None, "ok", ""),
        ("seed=0", 1000, "limit", "has not ended after 1,000 cycles"),
    ],
)
def test_how_a_network_ends(net: str, setting: str, limit: int | None, status: str, error: str):
    found = row(net, setting, limit=limit)
    assert found["status"] == status
    assert error in found["error"]


def test_a_networks_outputs_that_are_wrong(net: str, monkeypatch: pytest.MonkeyPatch):
    outputs = Deployment.outputs
    monkeypatch.setattr(Deployment, "outputs", lambda self, layer: (outputs(self, layer)[0], outputs(self, layer)[1] ^ 1))
    found = row(net)
    assert (found["status"], found["exit_code"]) == ("wrong", 1)
    assert "layer 'expand'" in found["error"]


def test_another_version_of_the_simulator(program: Any):
    (point,) = points(program(LOOP))
    with pytest.raises(SimulationError, match="another version"):
        run(Point(point.label, point.subject, point.settings, point.max_cycles, "0" * 16))
