"""The Bottleneck in five mappings: speed and energy next to the paper's, and where the cycles go.

[J] = arXiv 2201.01089, section V-C.  All cycles are simulated; energy is iss.observe.energy's, of the whole run.
docs/bottleneck.md explains what differs from the papers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from iss.cluster import Cluster
from iss.config import Config
from iss.errors import SimulationError, suggest
from iss.observe import report
from iss.observe.energy import difference
from iss.programs import applications

EXECUTIONS = ("sequential", "pipelined")
BASELINE = "cores"
SPEEDUP = {"cores": 1.0, "ima8": 1.23, "ima16": 2.27, "hybrid": 4.6, "ima_dw": 11.5}
EFFICIENCY = {"cores": 1.0, "ima8": 1 / 1.23, "ima16": 1.5, "hybrid": 3.4, "ima_dw": 9.2}
"""Printed in [J] against CORES."""
RATIOS = (("hybrid", "ima_dw", 2.55), ("ima8", "ima16", 1.85))
"""Printed in [J]: cycles of the first over cycles of the second."""
CLUSTER_MM2, IMA_MM2, DW_SHARE = 2.5, 0.83, 0.021
"""[J] V-A: the cluster with one IMA, one IMA, DW's part of the cluster."""
SLICE, MAX_CYCLES = 128, 10**9
"""Cycles after which the phase is looked at; cycles in which every mapping must have ended."""
TITLES = {"expand": "expand", "marshal": "marshal", "depthwise": "depth-wise", "project": "project", "add": "add"}


@dataclass(frozen=True)
class Figures:
    """One mapping: cycles of hart 0 in each layer and in all of them; energy of the run and its phases by component.

    The phases are the layers; the start of the program is part of the first, its end of the last."""

    cycles: int
    layers: dict[str, int]
    energy_pj: dict[str, float]
    phases: dict[str, dict[str, float]]
    macs: int
    clock_mhz: int
    crossbars: int

    @property
    def energy_uj(self) -> float:
        return self.energy_pj["total"] / 1e6

    @property
    def gops(self) -> float:
        return 2e-3 * self.macs * self.clock_mhz / self.cycles

    @property
    def tops_per_watt(self) -> float:
        """Operations per pJ."""
        return 2 * self.macs / self.energy_pj["total"]


def simulate(mapping: str, execution: str, values: Mapping[str, Any]) -> Figures:
    """Run a mapping; SimulationError when its outputs are not NumPy's.  `values`: of parameters and configuration."""
    apps = applications()
    if apps is None:
        raise SimulationError("the shipped applications are not installed")
    app = apps.find("bottleneck")
    names = {parameter.name for parameter in app.parameters} - {"mapping"}
    known = {field.name for field in fields(Config)} - {"ima_execution"}
    for name in values.keys() - names - known:
        raise SimulationError(
            f"bottleneck: no parameter or configuration value {name!r}; {suggest(name, names | known)}"
        )
    params = {name: value for name, value in values.items() if name in names} | {"mapping": mapping}
    config = {name: value for name, value in values.items() if name not in names} | {"ima_execution": execution}
    cluster = Cluster(**{**app.settings(params, config), **config})
    job = app.load(cluster, **params)
    regions = app.regions(job.params, cluster.config.harts)
    phases = _run_in_phases(job, regions)
    wrong = job.check()
    if wrong:
        raise SimulationError(f"bottleneck, {mapping}, {execution}: {wrong}")
    layers = {region.name: _cycles(job, region) for region in regions}
    crossbars = int(app.crossbars(job.params)) if mapping != BASELINE else 0
    energy = cluster.stats()["energy"]
    return Figures(
        sum(layers.values()), layers, energy, phases, int(app.macs(job.params)), cluster.config.clock_mhz, crossbars
    )


def _cycles(job: Any, region: Any) -> int:
    return int(job.counters(region)[0, 0])


def _run_in_phases(job: Any, regions: Sequence[Any]) -> dict[str, dict[str, float]]:
    """Run to the end; the energy of each phase.  A phase has ended when hart 0's counters of its region have changed,
    which is looked at every SLICE cycles."""
    cluster: Cluster = job.cluster
    phases: dict[str, dict[str, float]] = {}
    counted = {region.name: 0 for region in regions}
    before: dict[str, float] = {}
    cluster.start()
    machine = cluster.machine
    while machine.ended is None:
        machine.advance(machine.now() + SLICE)
        if machine.now() > MAX_CYCLES:
            raise SimulationError(f"bottleneck has not ended after {MAX_CYCLES:,} cycles")
        for region in regions:
            cycles = _cycles(job, region)
            if cycles != counted[region.name]:
                counted[region.name] = cycles
                before = _add(phases, region.name, cluster.stats()["energy"], before)
    if machine.ended[0]:
        raise SimulationError(f"bottleneck ended with exit code {machine.ended[0]}")
    _add(phases, regions[-1].name, cluster.stats()["energy"], before)
    return phases


def _add(
    phases: dict[str, dict[str, float]], name: str, now: dict[str, float], before: dict[str, float]
) -> dict[str, float]:
    """Charge a phase with what has been used since; `now` is returned."""
    phase = phases.setdefault(name, {})
    for part, value in difference(now, before).items():
        phase[part] = phase.get(part, 0.0) + value
    return now


def measure(execution: str, values: Mapping[str, Any] | None = None) -> dict[str, Figures]:
    """All mappings in one model of execution."""
    return {mapping: simulate(mapping, execution, values or {}) for mapping in SPEEDUP}


def speedup(figures: Mapping[str, Figures], mapping: str) -> float:
    return figures[BASELINE].cycles / figures[mapping].cycles


def gain(figures: Mapping[str, Figures], mapping: str) -> float:
    """Energy of the baseline over a mapping's."""
    return figures[BASELINE].energy_uj / figures[mapping].energy_uj


def distance(figures: Mapping[str, Figures]) -> float:
    """How far the speeds are from the paper's: the mean factor between them, as a logarithm."""
    others = [name for name in SPEEDUP if name != BASELINE]
    return sum(abs(math.log(speedup(figures, name) / SPEEDUP[name])) for name in others) / len(others)


def area(name: str, crossbars: int) -> float:
    """mm2 of a cluster with the accelerators that a mapping uses."""
    dw = CLUSTER_MM2 * DW_SHARE
    return CLUSTER_MM2 - IMA_MM2 - dw + IMA_MM2 * crossbars + (dw if name == "ima_dw" else 0)


def as_json(execution: str, figures: Mapping[str, Figures]) -> dict[str, Any]:
    """What --json writes."""
    mappings = {
        name: {
            "cycles": found.cycles,
            "energy_uj": found.energy_uj,
            "speedup": speedup(figures, name),
            "efficiency_gain": gain(figures, name),
            "layers": dict(found.layers),
        }
        for name, found in figures.items()
    }
    return {"execution": execution, "mappings": mappings}


def tables(execution: str, figures: Mapping[str, Figures], chosen: bool) -> Iterator[RenderableType]:
    """The tables of one model of execution."""
    best = ": the closer to the paper" if chosen else ""
    table = report.plain_table(
        f"Bottleneck, IMA {execution}{best}",
        ("mapping",),
        (
            "cycles", "speed-up", "paper", "off %", "uJ", "efficiency gain", "paper", "off %", "GOPS", "TOPS/W",
            "crossbars", "mm2",
        ),
    )  # fmt: skip
    for name, found in figures.items():
        ratios = []
        for value, paper in ((speedup(figures, name), SPEEDUP[name]), (gain(figures, name), EFFICIENCY[name])):
            ratios.append(
                (f"{value:.2f}", f"{paper:.2f}", f"{100 * (value / paper - 1):+.0f}" if name != BASELINE else "")
            )
        table.add_row(
            name, f"{found.cycles:,}", *ratios[0], f"{found.energy_uj:.1f}", *ratios[1], f"{found.gops:.1f}",
            f"{found.tops_per_watt:.2f}", str(found.crossbars), f"{area(name, found.crossbars):.2f}",
        )  # fmt: skip
    yield table
    for slow, fast, paper in RATIOS:
        ratio = figures[slow].cycles / figures[fast].cycles
        yield Text(f"{slow} / {fast}: {ratio:.2f} times the cycles; paper {paper} ({100 * (ratio / paper - 1):+.0f} %)")
    yield Text("")
    table = report.plain_table("cycles of each layer", ("mapping",), tuple(TITLES.values()))
    for name, found in figures.items():
        table.add_row(name, *(_part(found.layers.get(layer), found.cycles) for layer in TITLES))
    yield table
    parts = [part for part in figures[BASELINE].energy_pj if part != "total"]
    table = report.plain_table("energy of the run, uJ", ("mapping",), tuple(part.replace("_", " ") for part in parts))
    for name, found in figures.items():
        table.add_row(name, *(f"{found.energy_pj[part] / 1e6:.2f}" for part in parts))
    yield table
    table = report.plain_table("energy of each layer, uJ (mean power, mW)", ("mapping",), tuple(TITLES.values()))
    for name, found in figures.items():
        table.add_row(name, *(_power(found, layer) for layer in TITLES))
    yield table


def _power(found: Figures, layer: str) -> str:
    if layer not in found.phases:
        return ""
    pj = found.phases[layer]["total"]
    return f"{pj / 1e6:.2f} ({pj * found.clock_mhz / 1000 / found.layers[layer]:.0f})"


def _part(cycles: int | None, whole: int) -> str:
    return "" if cycles is None else f"{cycles:,} ({100 * cycles / whole:.0f} %)"


def plot(path: str, execution: str, figures: Mapping[str, Figures]) -> None:
    """Speed-up and efficiency next to the paper's, and the layers' cycles."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    names = list(figures)
    axes = figure.subplots(1, 3)
    for axis, title, ours, paper in (
        (axes[0], "speed-up over cores", [speedup(figures, n) for n in names], [SPEEDUP[n] for n in names]),
        (axes[1], "energy efficiency over cores", [gain(figures, n) for n in names], [EFFICIENCY[n] for n in names]),
    ):
        for shift, values, label in ((-0.2, ours, f"simulated, {execution}"), (0.2, paper, "arXiv 2201.01089")):
            bars = axis.bar([i + shift for i in range(len(names))], values, 0.4, label=label)
            axis.bar_label(bars, fmt="%.2f", fontsize=8)
        axis.set_title(title)
        axis.legend(frameon=False)
    bottom = [0.0] * len(names)
    for layer, title in TITLES.items():
        values = [100 * figures[n].layers.get(layer, 0) / figures[n].cycles for n in names]
        axes[2].bar(range(len(names)), values, bottom=bottom, label=title)
        bottom = [a + b for a, b in zip(bottom, values, strict=True)]
    axes[2].set_title("% of the cycles in each layer")
    axes[2].legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    for axis in axes:
        axis.set_xticks(range(len(names)), names)
    figure.savefig(path, dpi=150)


def run(execution: str | None, values: Mapping[str, Any]) -> tuple[str, dict[str, Figures], list[RenderableType]]:
    """Measure; without `execution` in both models, of which the one closer to the paper is chosen.

    The chosen one's tables are the last."""
    if execution is not None and execution not in EXECUTIONS:
        raise SimulationError(f"no execution {execution!r}; {suggest(execution, EXECUTIONS)}")
    wanted: Sequence[str] = EXECUTIONS if execution is None else (execution,)
    found = {name: measure(name, values) for name in wanted}
    chosen = min(found, key=lambda name: distance(found[name]))
    shown: list[RenderableType] = []
    for name in sorted(found, key=lambda name: name == chosen):
        shown += tables(name, found[name], len(found) > 1 and name == chosen)
    return chosen, found[chosen], shown
