"""A picture of a sweep: a measured column over the first setting that varies; lines for the second, panels for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iss.errors import SimulationError, suggest
from tools.sweep.row import Row

MOST_PANELS = 24


def varying(names: Sequence[str], found: Sequence[Row]) -> list[str]:
    """Those of the columns that have more than one value."""
    return [name for name in names if len({row.get(name) for row in found}) > 1]


def check(rows: Sequence[Row], over: str | None, wanted: Sequence[str]) -> None:
    """SimulationError for a column that rows do not have, or that is not of numbers."""
    known = list(dict.fromkeys(name for row in rows for name in row))
    numbers = [name for name in known if all(isinstance(row.get(name, 0), (int, float)) for row in rows)]
    for name, possible in [(over, known)] * bool(over) + [(name, numbers) for name in wanted]:
        if name not in possible:
            raise SimulationError(f"no column {name!r} that can be plotted; {suggest(str(name), possible)}")


def plot(path: str, settings: Sequence[str], found: Sequence[Row], over: str | None, wanted: Sequence[str]) -> None:
    """Draw the columns `wanted` of the points that are ok, over a setting; `settings` are all of them, program included."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    good = [row for row in found if row["status"] == "ok"]
    if not good:
        raise SimulationError("there is nothing to plot: no point is ok")
    check(good, over, wanted)
    ways = varying(settings, good)
    over = over or next((name for name in ways if name != "program"), None) or (ways or settings)[0]
    good = [row for row in good if row.get(over) is not None]
    lines, *panels = [name for name in ways if name != over] or [""]
    groups = _grouped(good, panels)
    if len(groups) > MOST_PANELS:
        raise SimulationError(f"{' x '.join(panels)} are {len(groups)} panels; plot fewer than {MOST_PANELS}, or choose --over")
    figure = Figure(figsize=(1 + 5 * len(groups), 0.6 + 3.6 * len(wanted)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(wanted), len(groups), squeeze=False, sharey="row")
    ticks = list(dict.fromkeys(row[over] for row in good))
    numeric = all(type(value) in (int, float) for value in ticks)
    for column, (title, rows) in enumerate(groups.items()):
        for line, name in enumerate(wanted):
            axis = axes[line][column]
            for label, part in _grouped(rows, [lines] if lines else []).items():
                drawn = [row for row in part if row.get(name) is not None]
                drawn = sorted(drawn, key=lambda row: row[over]) if numeric else drawn
                where = [row[over] if numeric else ticks.index(row[over]) for row in drawn]
                axis.plot(where, [row[name] for row in drawn], "o-", label=label or None)
            axis.set(xlabel=over, ylabel=name if not column else "", title=title)
            _scale(axis, ticks, numeric)
            axis.grid(alpha=0.3)
            if lines:
                axis.legend(frameon=False, fontsize=8)
    for axis in axes.flat:  # once all are drawn: a row shares its scale
        axis.set_ylim(bottom=0)
    figure.savefig(path, dpi=150)


def _scale(axis: Any, ticks: list[Any], numeric: bool) -> None:
    """Ticks at the values; as they are set apart: by their number, or doubling, or by words."""
    if not numeric:
        axis.set_xticks(range(len(ticks)), [str(value) for value in ticks])
        return
    if len(ticks) > 2 and min(ticks) > 0 and max(ticks) >= 8 * min(ticks):
        axis.set_xscale("log", base=2)
    if len(ticks) <= 16:
        axis.set_xticks(sorted(ticks), [f"{value:g}" for value in sorted(ticks)])
        axis.minorticks_off()


def _grouped(rows: Sequence[Row], names: Sequence[str]) -> dict[str, list[Row]]:
    """Rows by the values of columns, in order of appearance."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        values = (f"{name} {row.get(name)}" if name != "program" else str(row[name]) for name in names)
        groups.setdefault(", ".join(values), []).append(row)
    return groups
