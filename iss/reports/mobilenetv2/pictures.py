"""The findings as pictures, and as a page of tables and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from iss.observe.page import page, picture
from iss.reports.mobilenetv2.experiments import KINDS, PUBLISHED, Findings, Outcome
from iss.reports.mobilenetv2.tables import sheets, verdict
from tools.deploy import placement

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Bars = Sequence[tuple[str, float]]
_COLOURS = {"conv3x3s2": "#7a5195", "pw": "#2f6db3", "dw": "#ef8a3c", "add": "#4c9f70"}
_OURS, _PUBLISHED = "#2f6db3", "#999999"


def figure(found: Findings) -> Figure:
    """Rows next to the paper's; shares of time and energy (as Fig. 12(c)); crossbars; systems."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as New

    drawn = New(figsize=(15, 13), layout="constrained")
    FigureCanvasAgg(drawn)
    grid = drawn.add_gridspec(4, 3, height_ratios=[1.1, 0.6, 1, 1])
    _latencies(drawn.add_subplot(grid[0, :]), found)
    if found.is_paper_s:
        _differences(drawn.add_subplot(grid[1, :]), found.main)
    _stages(drawn.add_subplot(grid[2, 0]), found.main, "ms", "latency, ms")
    _stages(drawn.add_subplot(grid[2, 1]), found.main, "uj", "energy, uJ")
    _shares(drawn.add_subplot(grid[2, 2]), found.main)
    _crossbars(drawn.add_subplot(grid[3, 0]), found.main)
    done = [outcome for outcome in found.outcomes.values() if outcome.run.complete]
    rates = [(outcome.experiment.name, 1000 / outcome.ms) for outcome in done]
    energies = [(outcome.experiment.name, outcome.uj / 1000) for outcome in done]
    others = PUBLISHED if found.is_paper_s else ()
    _systems(drawn.add_subplot(grid[3, 1]), "inferences/s", rates, [(p.title, p.inferences) for p in others])
    _systems(drawn.add_subplot(grid[3, 2]), "mJ an inference", energies, [(p.title, p.millijoules) for p in others])
    return drawn


def _latencies(axis: Axes, found: Findings) -> None:
    rows = found.main.rows
    places = range(len(rows))
    axis.bar(places, [row.ms for row in rows], 0.8, color=[_COLOURS[row.kind] for row in rows], label="simulated")
    if found.is_paper_s:
        axis.plot(places, [row.printed("ms") or 0 for row in rows], "k_", markersize=9, label="Fig. 12(a)")
    axis.set(yscale="log", ylabel="ms", title="latency of each layer", xlim=(-1, len(rows)))
    axis.set_xticks(places, [row.layer for row in rows], rotation=90, fontsize=7)
    axis.legend(frameon=False)


def _differences(axis: Axes, main: Outcome) -> None:
    off = [100 * (row.ms / (row.printed("ms") or 1) - 1) for row in main.rows]
    axis.bar(range(len(off)), off, 0.8, color=[_COLOURS[row.kind] for row in main.rows])
    axis.axhline(0, color="black", linewidth=0.8)
    axis.set(ylabel="% off", title="latency, difference from the printed row", xlim=(-1, len(off)))
    axis.set_xticks([])


def _stages(axis: Axes, main: Outcome, what: str, title: str) -> None:
    """A property of the rows, summed by stage and kind."""
    stages = list(dict.fromkeys(row.stage for row in main.rows))
    bottom = [0.0] * len(stages)
    for kind, name in KINDS.items():
        rows = main.of(kind)
        heights = [sum(getattr(row, what) for row in rows if row.stage == stage) for stage in stages]
        axis.bar(stages, heights, bottom=bottom, color=_COLOURS[kind], label=name)
        bottom = [a + b for a, b in zip(bottom, heights, strict=True)]
    axis.set(title=f"{title}, by stage", ylim=(0, 1.05 * max(bottom, default=1)))
    axis.legend(frameon=False, fontsize=8)


def _shares(axis: Axes, main: Outcome) -> None:
    for place, (what, label) in enumerate((("ms", "latency"), ("uj", "energy"))):
        left = 0.0
        whole = sum(getattr(row, what) for row in main.rows) or 1
        for kind in KINDS:
            share = 100 * sum(getattr(row, what) for row in main.of(kind)) / whole
            axis.barh(label, share, left=left, color=_COLOURS[kind])
            if share > 4:
                axis.text(left + share / 2, place, f"{share:.0f}", ha="center", va="center", color="white")
            left += share
    axis.set(title="shares by kind, %")


def _crossbars(axis: Axes, main: Outcome) -> None:
    used = main.run.image.placement.used()
    axis.bar(range(len(used)), [100 * part for part in used], color=_OURS)
    axis.set(title="cells used of each crossbar, %", xlabel="crossbar", ylim=(0, 100))


def _systems(axis: Axes, title: str, ours: Bars, published: Sequence[tuple[str, float | None]]) -> None:
    bars = [*ours, *((name, value) for name, value in published if value is not None)]
    values = [value for _, value in bars]
    colours = [_OURS] * len(ours) + [_PUBLISHED] * (len(bars) - len(ours))
    axis.barh([name for name, _ in bars], values, color=colours)
    scale = "log" if max(values, default=1) > 20 * min(values, default=1) else "linear"
    axis.set(xscale=scale, title=f"{title} (grey: published)")
    axis.invert_yaxis()
    axis.tick_params(axis="y", labelsize=8)


def write_html(path: str, found: Findings) -> None:
    """All tables and pictures in one file."""
    main = found.main
    configuration = ", ".join(f"{name} = {value}" for name, value in main.run.cluster.config.changed().items())
    intro = [
        "Cycles are those of the firmware on the simulated cluster, from the barrier before a layer to the one behind it.  "
        f"Comparison: {main.run.verdict}.  Energy is the model of docs/energy.md.  Printed figures are those of "
        "arXiv 2201.01089.",
        f"Configuration: {configuration}.  Weights and image: seed {found.parameters['seed']}.",
    ]
    if not found.complete:
        intro.append("The run was interrupted: these are the layers that had ended.")
    text = verdict(found)
    parts = [
        picture(figure(found), "In pictures"),
        *([f"<p>{text}</p>"] if text else []),
        *(sheet.html() for sheet in sheets(found)),
        picture(placement.draw(main.run.image.placement), "Crossbars"),
    ]
    Path(path).write_text(page(f"{found.network.name} on the simulated cluster", intro, parts), encoding="utf-8")
