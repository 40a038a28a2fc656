"""`iss report roofline`: points against the analytic roofs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from iss.cli import main
from iss.reports import roofline


@pytest.fixture(scope="module")
def points():
    return roofline.measure(sizes=(112, 256), pixels=64)


def test_points_lie_under_their_roofs(points):
    assert len(points) == 2 * 2 * 5 * 2
    for point in points:
        assert 0.85 * point.roof < point.gops < point.roof


def test_the_papers_statements(points):
    gops = {(p.clock_mhz, p.mode, p.bus_bits): p.gops for p in points if p.n == 256}
    pipelined = [gops[250, "pipelined", bus] for bus in roofline.BUSES]
    assert pipelined[1] > 1.9 * pipelined[0]
    assert pipelined[2] > 1.8 * pipelined[1]
    assert pipelined[4] < 1.02 * pipelined[2]
    streaming = {p.bus_bits: p.streaming_ns / roofline.COMPUTE_NS for p in points if (p.n, p.clock_mhz) == (256, 500)}
    assert [bus for bus, share in streaming.items() if share > 1] == [32]
    said = list(roofline.statements(points))
    assert [text[:3] for text in said if "holds." in text] == ["(a)", "(b)", "(c)"]
    slow = [replace(p, gops=p.gops / 2) if p.bus_bits == 128 else p for p in points]
    assert any(text.startswith("(c)") and "does not hold" in text for text in roofline.statements(slow))


def test_sustained_figure():
    point = roofline.simulate(250, "pipelined", 128, 256)
    assert point.gops == pytest.approx(958, rel=0.01)


def test_command(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(roofline.measure, "__defaults__", ((64, 256), (32, 128), (250,), 16))
    file, picture = tmp_path / "r.json", tmp_path / "r.png"
    assert main(["report", "roofline", "--json", str(file), "--plot", str(picture)]) == 0
    found = json.loads(file.read_text())
    assert set(found) == {"points"}
    assert len(found["points"]) == 8
    assert set(found["points"][0]) == {"clock_mhz", "mode", "bus_bits", "n", "cycles_per_job", "gops"}
    assert picture.stat().st_size > 0
    assert "250 MHz, pipelined" in capsys.readouterr().out
    assert main(["report", "roofline", "--set", "harts=2"]) == 2
