"""The Bottleneck in five mappings: speed and energy next to the papers', and where cycles and energy go.

[J] = arXiv 2201.01089, section V-C; [A] = arXiv 2109.01404.  All cycles are simulated; energy is iss.observe.energy's,
of the whole run.  `differences` sets each kind of layer next to what [J]'s printed ratios imply of it; what it puts
together from both is arithmetic, and is called so.  docs/bottleneck.md explains what differs from the papers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from iss.config import Config, unknown_value
from iss.errors import SimulationError, suggest
from iss.observe import report
from iss.observe.energy import CONSTANTS
from iss.observe.phases import REST
from iss.programs import applications

EXECUTIONS = ("sequential", "pipelined")
BASELINE = "cores"
SPEEDUP = {"cores": 1.0, "ima8": 1.23, "ima16": 2.27, "hybrid": 4.6, "ima_dw": 11.5}
EFFICIENCY = {"cores": 1.0, "ima8": 1 / 1.23, "ima16": 1.5, "hybrid": 3.4, "ima_dw": 9.2}
"""Printed in [J] against CORES."""
RATIOS = (("hybrid", "ima_dw", 2.55), ("ima8", "ima16", 1.85))
"""Printed in [J]: cycles of the first over cycles of the second."""
HYBRID_OVER_CORES, HYBRID_AREA = 3.0, 0.5
"""[A]: speed over software; area over an all-in IMA mapping's."""
DW_SHARE_OF_TIME, DW_RATE = 0.22, 29.7
IMPLIED = (
    ("1x1 on the IMA, and the add", "ima_dw", ("expand", "project", "add"), 0.78),
    ("depth-wise on the DW engine", "ima_dw", ("depthwise",), 0.22),
    ("depth-wise on cores, marshalled", "hybrid", ("marshal", "depthwise"), 1.72),
    ("depth-wise on the IMA, 16 a job", "ima16", ("depthwise",), 4.29),
    ("depth-wise on the IMA, 8 a job", "ima8", ("depthwise",), 8.57),
    ("everything on cores", "cores", ("expand", "marshal", "depthwise", "project", "add"), 11.5),
)
"""What [J]'s printed ratios, solved together, imply (paper.md section 4): in units of the IMA+DW mapping's time, of which
the DW engine takes 0.22, at the printed 29.7 MAC/cycle."""
CLUSTER_MM2, IMA_MM2, DW_SHARE = 2.5, 0.83, 0.021
"""[J] V-A: the cluster with one IMA, one IMA, DW's part of the cluster."""
KERNEL = 9
CROSSBAR = 256
PAPER_MACS = 256 * 640 * (2 * 128 + KERNEL)
"""Of the shape that [J]'s ratios are of (inferred, paper.md section 4)."""
TITLES = {"expand": "expand", "marshal": "marshal", "depthwise": "depth-wise", "project": "project", "add": "add"}


@dataclass(frozen=True)
class Figures:
    """One mapping: cycles of hart 0 in each layer and in all of them; energy of the run and its phases by component.

    The phases are the layers and the rest: the start of the program, the reading of counters, its end.  `pixels` are those
    of the image, `elements` those of the hidden layer, `groups` the channels of each depth-wise job of a pixel on the IMA."""

    cycles: int
    layers: dict[str, int]
    energy_pj: dict[str, float]
    phases: dict[str, dict[str, float]]
    macs: int
    clock_mhz: int
    crossbars: int
    pixels: int
    elements: int
    groups: tuple[int, ...]

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
        raise unknown_value(name, names)
    params = {name: value for name, value in values.items() if name in names} | {"mapping": mapping}
    config = {name: value for name, value in values.items() if name not in names} | {"ima_execution": execution}
    run = app.run(config, **params)
    if not run.ok:
        raise SimulationError(f"bottleneck, {mapping}, {execution}: {run.message}")
    job, stats = run.job, run.result.stats
    layers = {region.name: int(job.counters(region)[0, 0]) for region in app.regions(job.params, job.cluster.config.harts)}
    pixels = job.params["height"] * job.params["width"]
    return Figures(
        cycles=sum(layers.values()),
        layers=layers,
        energy_pj=stats["energy"],
        phases={phase["name"]: phase["energy"] for phase in stats["phases"]},
        macs=app.macs(job.params),
        clock_mhz=job.cluster.config.clock_mhz,
        crossbars=app.crossbars(job.params) if mapping != BASELINE else 0,
        pixels=pixels,
        elements=pixels * app.hidden(job.params),
        groups=tuple(size for _, size in app.groups(job.params)),
    )


def measure(execution: str, values: Mapping[str, Any] | None = None) -> dict[str, Figures]:
    """All mappings in one model of execution."""
    mappings = report.tracked(tuple(SPEEDUP), f"bottleneck, {execution}")
    return {mapping: simulate(mapping, execution, values or {}) for mapping in mappings}


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
    """What --json writes: `phases` have the pJ of each component in each layer, and in the rest."""
    mappings = {
        name: {
            "cycles": found.cycles,
            "energy_uj": found.energy_uj,
            "speedup": speedup(figures, name),
            "efficiency_gain": gain(figures, name),
            "layers": dict(found.layers),
            "energy_pj": dict(found.energy_pj),
            "phases": {phase: dict(energy) for phase, energy in found.phases.items()},
            "gops": found.gops,
            "tops_per_watt": found.tops_per_watt,
            "crossbars": found.crossbars,
            "area_mm2": area(name, found.crossbars),
        }
        for name, found in figures.items()
    }
    return {"execution": execution, "mappings": mappings}


def tables(execution: str, figures: Mapping[str, Figures], best: bool, details: bool) -> Iterator[RenderableType]:
    """The tables of one model of execution; `best`: it is the closer one to the paper; `details`: all there is to say."""
    closer = ": the closer to the paper" if best else ""
    table = report.plain_table(
        f"Bottleneck, IMA {execution}{closer}",
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
    if not details:
        return
    titles = (*TITLES.values(), REST)
    table = report.plain_table("energy of each layer, uJ (mean power, mW)", ("mapping", "component"), titles)
    for name, found in figures.items():
        for part in found.energy_pj:
            if found.energy_pj[part]:
                table.add_row(name, part.replace("_", " "), *(_power(found, phase, part) for phase in (*TITLES, REST)))
        table.add_section()
    yield table
    yield from _claims(figures)
    if figures[BASELINE].macs == PAPER_MACS:
        yield from differences(figures)


def _power(found: Figures, phase: str, part: str) -> str:
    pj = found.phases.get(phase, {}).get(part, 0.0)
    if not pj:
        return ""
    cycles = found.layers.get(phase)
    return f"{pj / 1e6:.2f}" + (f" ({pj * found.clock_mhz / 1000 / cycles:.1f})" if cycles else "")


def _claims(figures: Mapping[str, Figures]) -> Iterator[RenderableType]:
    """What [A] claims of HYBRID."""
    ratio = speedup(figures, "hybrid")
    yield Text(f"[A] hybrid / cores: {ratio:.2f}x; paper {HYBRID_OVER_CORES:.0f}x ({100 * (ratio / HYBRID_OVER_CORES - 1):+.0f} %)")
    for name in ("ima16", "ima8"):
        bars = figures["hybrid"].crossbars / max(1, figures[name].crossbars)
        whole = area("hybrid", figures["hybrid"].crossbars) / area(name, figures[name].crossbars)
        faster = figures[name].cycles / figures["hybrid"].cycles
        yield Text(
            f"[A] hybrid has {100 * (1 - bars):.0f} % fewer crossbars than {name} ({100 * (1 - whole):.0f} % less area of the "
            f"cluster) and is {faster:.1f} times as fast; paper {100 * HYBRID_AREA:.0f} % less area at a like speed"
        )
    yield Text("")


def _unused(rows: int, columns: int) -> float:
    """pJ that a job would take besides, if all rows and cells of the paper's crossbar were charged."""
    cells = CROSSBAR**2 - rows * columns
    return (CROSSBAR - rows) * CONSTANTS["ima_row"].value + cells * CONSTANTS["ima_cell"].value


def differences(figures: Mapping[str, Figures]) -> Iterator[RenderableType]:
    """Each kind of layer next to what [J]'s ratios imply of it, and what that makes of the ratios."""
    dw_macs = KERNEL * figures["ima_dw"].elements
    unit = dw_macs / DW_RATE / DW_SHARE_OF_TIME
    table = report.plain_table("what [J]'s ratios imply (paper.md section 4)", ("",), ("cycles", "implied", "off %"))
    for title, mapping, layers, share in IMPLIED:
        cycles = sum(figures[mapping].layers.get(layer, 0) for layer in layers)
        table.add_row(title, f"{cycles:,}", f"{share * unit:,.0f}", f"{100 * (cycles / (share * unit) - 1):+.0f}")
    yield table
    implied = 1.72 * unit
    slower = {}
    for name in ("cores", "hybrid"):
        found = figures[name]
        ours = found.layers["marshal"] + found.layers["depthwise"]
        picojoules = found.phases["marshal"]["total"] + found.phases["depthwise"]["total"]
        slower[name] = (
            found.cycles + implied - ours,
            found.energy_uj + picojoules / ours * (implied - ours) / 1e6,
        )
    (cores, cores_uj), (hybrid, hybrid_uj), dw = slower["cores"], slower["hybrid"], figures["ima_dw"]
    yield Text(
        "Arithmetic, no simulation: were the depth-wise layer on cores as slow as implied, at the power it has here, hybrid "
        f"would be {cores / hybrid:.2f}x cores (paper {SPEEDUP['hybrid']}), ima_dw {cores / dw.cycles:.2f}x ({SPEEDUP['ima_dw']}), "
        f"hybrid / ima_dw {hybrid / dw.cycles:.2f} ({RATIOS[0][2]}); energy gains {cores_uj / hybrid_uj:.2f} "
        f"({EFFICIENCY['hybrid']}) and {cores_uj / dw.energy_uj:.2f} ({EFFICIENCY['ima_dw']})."
    )
    for name in ("ima8", "ima16"):
        found = figures[name]
        others = found.energy_pj["total"] - found.phases["depthwise"]["total"]
        jobs = found.pixels * len(found.groups)
        printed = (figures[BASELINE].energy_pj["total"] / EFFICIENCY[name] - others) / jobs / 1000
        here = found.phases["depthwise"]["total"] / jobs / 1000
        unused = sum(_unused(KERNEL * size, size) for size in found.groups) * found.pixels
        whole = figures[BASELINE].energy_pj["total"] / (found.energy_pj["total"] + unused)
        yield Text(
            f"{name}: a depth-wise job takes {here:.1f} nJ here, its share of cores and background included; the printed gain of "
            f"{EFFICIENCY[name]:.2f} would be {printed:.1f} nJ.  Arithmetic: were every job charged all rows and cells of the "
            f"crossbar, {here + unused / jobs / 1000:.1f} nJ and a gain of {whole:.2f}."
        )
    yield Text("")


def _part(cycles: int | None, whole: int) -> str:
    return "" if cycles is None else f"{cycles:,} ({100 * cycles / whole:.0f} %)"


def plot(path: str, execution: str, figures: Mapping[str, Figures]) -> None:
    """Speed-up and efficiency next to the paper's; cycles by layer, energy by component; GOPS, TOPS/W, area."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(17, 7.5), layout="constrained")
    FigureCanvasAgg(figure)
    names = list(figures)
    axes = figure.subplots(2, 4).ravel()
    for axis, title, ours, paper in (
        (axes[0], "speed-up over cores", [speedup(figures, n) for n in names], [SPEEDUP[n] for n in names]),
        (axes[1], "energy efficiency over cores", [gain(figures, n) for n in names], [EFFICIENCY[n] for n in names]),
    ):
        for shift, values, label in ((-0.2, ours, f"simulated, {execution}"), (0.2, paper, "arXiv 2201.01089")):
            bars = axis.bar([i + shift for i in range(len(names))], values, 0.4, label=label)
            axis.bar_label(bars, fmt="%.1f", fontsize=8)
        axis.set_title(title)
        axis.legend(frameon=False)
    parts = [part for part in figures[BASELINE].energy_pj if part != "total"]
    stacks: tuple[tuple[str, Mapping[str, list[float]]], ...] = (
        (
            "% of the cycles in each layer",
            {t: [100 * figures[n].layers.get(layer, 0) / figures[n].cycles for n in names] for layer, t in TITLES.items()},
        ),
        (
            "% of the energy in each component",
            {
                part.replace("_", " "): [100 * figures[n].energy_pj[part] / figures[n].energy_pj["total"] for n in names]
                for part in parts
            },
        ),
    )
    for axis, (title, rows) in zip(axes[2:4], stacks, strict=True):
        bottom = [0.0] * len(names)
        for label, values in rows.items():
            axis.bar(range(len(names)), values, bottom=bottom, label=label)
            bottom = [a + b for a, b in zip(bottom, values, strict=True)]
        axis.set_title(title)
        axis.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    plain = (
        ("energy, uJ", [figures[n].energy_uj for n in names]),
        ("GOPS", [figures[n].gops for n in names]),
        ("TOPS/W", [figures[n].tops_per_watt for n in names]),
        ("area of the cluster, mm2", [area(n, figures[n].crossbars) for n in names]),
    )
    for axis, (title, values) in zip(axes[4:], plain, strict=True):
        axis.bar_label(axis.bar(range(len(names)), values), fmt="%.3g", fontsize=8)
        axis.set_title(title)
    for axis in axes:
        axis.set_xticks(range(len(names)), names)
    figure.savefig(path, dpi=130)


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
        shown += tables(name, found[name], len(found) > 1 and name == chosen, name == chosen)
    return chosen, found[chosen], shown
