"""Plots: which values go where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from iss.errors import SimulationError
from tools.sweep.plot import plot

Lines = dict[tuple[str, str], list[tuple[float, float]]]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Plots, and gives the points of each line by its panel's title and its label."""
    figures: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda self, *rest, **options: figures.append(self))

    def draw(
        settings: list[str], rows: list[dict[str, Any]], over: str | None = None, wanted: tuple[str, ...] = ("cycles",)
    ) -> Lines:
        plot(str(tmp_path / "x.png"), settings, [{"status": "ok", **row} for row in rows], over, wanted)
        return {
            (axis.get_title(), str(line.get_label()) if axis.get_legend() else ""): list(zip(*line.get_data(), strict=True))
            for axis in figures[-1].axes
            for line in axis.get_lines()
        }

    return draw


def grid(**settings: list[Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{}]
    for name, values in settings.items():
        rows = [{**row, name: value} for row in rows for value in values]
    return [{**row, "cycles": 10 * number} for number, row in enumerate(rows)]


def test_the_first_setting_across_the_second_lines_the_rest_panels(drawn: Any):
    rows = grid(banks=[16, 8], harts=[1, 2], clock=[250, 500])
    assert drawn(["program", "banks", "harts", "clock"], rows) == {
        (f"clock {clock}", f"harts {harts}"): [(8, first + 40), (16, first)]
        for first, (harts, clock) in zip((0, 10, 20, 30), ((1, 250), (1, 500), (2, 250), (2, 500)), strict=True)
    }


def test_what_does_not_vary_is_not_drawn(drawn: Any):
    assert drawn(["banks", "harts"], grid(banks=[8], harts=[1, 2])) == {("", ""): [(1, 0), (2, 10)]}
    assert drawn(["banks"], grid(banks=[8])) == {("", ""): [(8, 0)]}


def test_words_are_set_apart_in_their_order(drawn: Any):
    assert drawn(["mapping"], grid(mapping=["hybrid", "cores", "ima"])) == {("", ""): [(0, 0), (1, 10), (2, 20)]}


def test_another_axis(drawn: Any):
    lines = drawn(["banks", "harts"], grid(banks=[8, 16], harts=[1, 2]), "harts")
    assert lines == {("", "banks 8"): [(1, 0), (2, 10)], ("", "banks 16"): [(1, 20), (2, 30)]}


def test_rows_that_lack_a_setting_or_a_figure_are_left_out(drawn: Any):
    others = [{"harts": 3, "cycles": 5}, {"banks": 32, "ms": 1.0}, {"banks": 64, "status": "fault", "cycles": 1}]
    lines = drawn(["banks", "harts"], [*grid(banks=[8, 16]), *others])
    assert lines[("", "harts None")] == [(8, 0), (16, 10)]


def test_mistakes(drawn: Any):
    with pytest.raises(SimulationError, match="no column 'cycle'"):
        drawn(["banks"], grid(banks=[8]), None, ("cycle",))
    with pytest.raises(SimulationError, match="no column 'bank'"):
        drawn(["banks"], grid(banks=[8]), "bank")
    with pytest.raises(SimulationError, match="no point is ok"):
        drawn(["banks"], [{"banks": 8, "status": "fault"}])
    with pytest.raises(SimulationError, match="30 panels"):
        drawn(["a", "b", "c"], grid(a=[1, 2], b=[1, 2], c=list(range(30))))
