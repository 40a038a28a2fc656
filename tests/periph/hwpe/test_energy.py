"""The energy model: its document, its sums, and the printed figures that it must give again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from iss.config import Config
from iss.observe.energy import CONSTANTS, constants, difference, energy, manual, power

from .bench import TCDM, Bench, depthwise, pointwise

DOCS = Path(__file__).parents[3] / "docs" / "energy.md"


def test_the_document_is_made_from_the_table() -> None:
    assert DOCS.read_text() == manual()


def test_every_constant_says_where_it_is_from() -> None:
    for constant in CONSTANTS.values():
        assert constant.status in ("printed", "fitted", "assumed")
        assert constant.source
        assert constant.value > 0


def stats(**hart: int) -> dict[str, Any]:
    stalls = {name: n for name, n in hart.items() if name not in ("instructions", "cycles")}
    row = {"instructions": hart["instructions"], "cycles": hart["cycles"], "stalls": stalls}
    return {"cycles": 1000, "harts": [row], "tcdm": {"accesses": 10}, "dma": {"bytes": 100}}


def test_cores_by_state() -> None:
    found = energy(stats(instructions=500, cycles=900, load_use=100, sleep=200, barrier=100), Config())
    assert found["cores_active"] == 500 * 7.5
    assert found["cores_stalled"] == pytest.approx(100 * 2.6)
    assert found["cores_sleeping"] == pytest.approx((300 + 100) * 0.3)
    assert found["tcdm"] == 40
    assert found["dma"] == pytest.approx(60)
    assert found["background"] == 16000
    assert found["total"] == pytest.approx(sum(value for name, value in found.items() if name != "total"))


def test_phases_and_power() -> None:
    before = energy(stats(instructions=100, cycles=900), Config())
    after = energy(stats(instructions=500, cycles=900), Config())
    phase = difference(after, before)
    assert phase["cores_active"] == 400 * 7.5
    assert power({"total": 100_000.0}, 1000, Config())["total"] == 50.0


def test_the_supply_scales_what_is_digital() -> None:
    low, high = constants(Config(supply_mv=650)), constants(Config())
    assert low["core_active"] / high["core_active"] == pytest.approx((0.65 / 0.8) ** 2)
    assert low["ima_job"] == high["ima_job"]


@pytest.mark.parametrize(("rows", "columns"), [(256, 256), (32, 192), (96, 24), (160, 256)])
def test_an_ima_job_is_the_printed_one(rows: int, columns: int) -> None:
    """paper.md section 6, within 3 %: a job takes 66 cycles here and 65 in the fit."""
    bench = Bench()
    bench.job(bench.ima, pointwise(400, rows, columns, TCDM, TCDM + 0x40000))
    bench.finish(bench.ima)
    figures = bench.cluster.stats()
    figures["cycles"] = figures["hwpe"]["ima"]["busy_cycles"]
    printed = 2159.8 + 22.449 * rows + 35.924 * columns + 0.040807 * rows * columns
    assert energy(figures, bench.cluster.config)["total"] / 400 == pytest.approx(printed, rel=0.03)


def test_dw_takes_the_printed_power() -> None:
    """23.7 mW at 500 MHz (paper.md section 6), 1.6 pJ/MAC."""
    bench = Bench()
    padding = {"PADDING": 0x01010101, "WEIGHT_ADDR": TCDM + 0x30000, "SRC_ADDR": TCDM, "DST_ADDR": TCDM + 0x40000}
    bench.job(bench.dw, depthwise(16, 16, 256, **padding))
    bench.finish(bench.dw)
    figures = bench.cluster.stats()
    figures["cycles"] = figures["hwpe"]["dw"]["busy_cycles"]
    found = energy(figures, bench.cluster.config)
    assert power(found, figures["cycles"], bench.cluster.config)["total"] == pytest.approx(23.7, rel=0.02)
    assert found["total"] / figures["hwpe"]["dw"]["macs"] == pytest.approx(1.597, rel=0.03)


def test_the_printed_efficiency() -> None:
    """6.39 TOPS/W at 250 MHz, 0.65 V (arXiv 2201.01089, Table I), within 10 %."""
    bench = Bench(clock_mhz=250, supply_mv=650)
    bench.job(bench.ima, pointwise(256, 256, 256, TCDM, TCDM + 0x40000))
    bench.finish(bench.ima)
    figures = bench.cluster.stats()
    figures["cycles"] = figures["hwpe"]["ima"]["busy_cycles"]
    operations = 2 * 256 * 256 * 256
    assert operations / energy(figures, bench.cluster.config)["total"] == pytest.approx(6.39, rel=0.1)


def test_results_have_energy_and_accelerators(bench: Bench) -> None:
    figures = bench.cluster.result().stats
    assert set(figures["hwpe"]) == {"ima", "dw"}
    assert {"jobs", "busy_cycles", "compute_cycles", "beats", "stalls", "conflicts"} <= set(figures["hwpe"]["ima"])
    assert all(np.isfinite(value) for value in figures["energy"].values())
