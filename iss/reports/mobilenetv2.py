"""MobileNetV2 end to end, row by row next to Fig. 12(a) of [J] = arXiv 2201.01089, and the systems of its Fig. 13.

All cycles are simulated and all energy is iss.observe.energy's; every layer's output is compared with NumPy's.  The printed
rows are data/mobilenetv2_fig12a.csv.  docs/mobilenetv2.md explains what differs."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iss.config import Config, unknown_value
from iss.errors import SimulationError
from iss.observe.page import Sheet, page, picture
from tools.deploy import golden, placement
from tools.deploy.models import mobilenet_v2
from tools.deploy.network import Network
from tools.deploy.run import Deployment, LayerRun, Run
from tools.deploy.targets import TARGETS

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import RenderableType

PAPER = Path(__file__).parent / "data/mobilenetv2_fig12a.csv"
PARAMETERS = {"width": 1.0, "resolution": 224, "seed": 0}
KINDS = {"conv3x3s2": "2D_0", "pw": "point-wise, and 2D_1", "dw": "depth-wise", "add": "add"}
PAPER_KINDS = {"conv3x3s2": (1.631, 42.4), "pw": (8.211, 397.3), "dw": (1.395, 33.1), "add": (0.53, 17.9)}
PAPER_ALL = (11.77, 490.6)
"""ms and uJ by kind and of all 63 rows, with more digits than the rows are printed with (paper.md section 5, inferred)."""
PAPER_LATENCY_MS, PAPER_ENERGY_UJ = 10.06, 482.0
"""Printed totals: the latency leaves out 2D_0 and 2D_1, the energy only 2D_1."""
FIRST, LAST = "2D_0", "2D_1"


@dataclass(frozen=True)
class Experiment:
    """One system: a target of tools/deploy, whether tensors are streamed from L2, configuration values."""

    name: str
    title: str
    target: str = "ima_dw"
    streamed: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)


RESIDENT = Experiment("resident", "IMA + DW, activations in L1 (as the paper assumes)")
STREAMED = Experiment("streamed", "IMA + DW, L1 as it is, the rest from L2 by DMA", streamed=True)
MCU_VALUES = {"harts": 1, "clock_mhz": 100, "hwpe_port_bits": 32, "ima_execution": "sequential"}
COMPARED = (
    Experiment("sequential", "IMA + DW, sequential IMA", values={"ima_execution": "sequential"}),
    Experiment("hybrid", "SW + IMA: depth-wise on 8 cores", "ima"),
    Experiment("cores", "SW: everything on 8 cores", "cores"),
    Experiment("mcu", "IMA + MCU: one RV32IMC core, 32-bit port, 100 MHz", "mcu", values=MCU_VALUES),
)
PAPER_FACTORS = {"hybrid": 2.7, "mcu": 423.0}
"""[J] Fig. 13: how much faster this work is."""


@dataclass(frozen=True)
class Published:
    """A published row; None where nothing is printed."""

    title: str
    inferences: float | None
    millijoules: float | None
    remark: str


PUBLISHED = (
    Published("[J] this work", 99, 0.482, "Table I; printed totals of two subsets of the rows"),
    Published("[J] IMA + MCU", 0.232, None, "Table I: one RV32IMC core, loosely coupled charge-based IMC"),
    Published("Vega", 10, 1.19, "Table I: 8 + 1 RISC-V cores, digital, silicon"),
    Published("AnalogNets, AON-CiM", None, None, "arXiv 2111.06503, abstract: 8.58/4.37 TOPS/W, KWS/VWW: not this network"),
)


# -- measuring ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A layer next to the paper's row; its figures are None where the network is not the paper's."""

    layer: str
    kind: str
    shape: str
    macs: int
    run: LayerRun
    ms: float
    paper: Mapping[str, float] | None

    @property
    def uj(self) -> float:
        return self.run.energy["total"] / 1e6

    @property
    def efficiency(self) -> float:
        """GMAC/s/W, which is MAC/nJ."""
        return self.macs / self.uj / 1e3

    def printed(self, name: str) -> float | None:
        return None if self.paper is None else self.paper[name]


@dataclass
class Outcome:
    """An experiment's rows, as far as it came."""

    experiment: Experiment
    run: Run
    rows: list[Row]

    def of(self, *kinds: str) -> list[Row]:
        return [row for row in self.rows if row.kind in kinds]

    @property
    def ms(self) -> float:
        return sum(row.ms for row in self.rows)

    @property
    def uj(self) -> float:
        return sum(row.uj for row in self.rows)

    @property
    def cycles(self) -> int:
        return sum(row.run.cycles for row in self.rows)


@dataclass
class Findings:
    """All outcomes, by the experiments' names; `complete`: none was interrupted."""

    network: Network
    parameters: Mapping[str, Any]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    complete: bool = False

    @property
    def main(self) -> Outcome:
        return self.outcomes[RESIDENT.name]

    @property
    def is_paper_s(self) -> bool:
        return all(self.parameters[name] == PARAMETERS[name] for name in ("width", "resolution"))


def printed_rows() -> list[dict[str, Any]]:
    """Fig. 12(a): latency in ms, energy in uJ, efficiency in GMAC/s/W."""
    with PAPER.open() as file:
        return [
            {
                "layer": row["layer"],
                "kind": row["kind"],
                "ms": float(row["latency_ms"]),
                "uj": 1000 * float(row["energy_mj"]),
                "efficiency": float(row["gmac_per_s_per_w"]),
            }
            for row in csv.DictReader(file)
        ]


def measure(
    values: Mapping[str, Any], experiments: Sequence[Experiment], advance: Callable[[str, str, int, int], None]
) -> Findings:
    """Run experiments; a KeyboardInterrupt ends them, and what was done until then is returned.

    `values`: of PARAMETERS and of the configuration; an experiment's own come first, and `tcdm_bytes` is that of the streamed one:
    elsewhere L1 is as large as it needs to be.  `advance` is told the experiment, the
    layer that has ended, and how many of how many have."""
    parameters, config = _split(values)
    network = mobilenet_v2(float(parameters["width"]), parameters["resolution"])
    found = Findings(network, parameters)
    drawn: dict[bool, Any] = {}
    try:
        for experiment in experiments:
            advance(experiment.title, "made ready", 0, len(network.layers))
            analog = TARGETS[experiment.target].analog
            if analog not in drawn:
                drawn[analog] = golden.synthetic(network, parameters["seed"], analog, config.get("ima_rows", 256))
            quantised, image = drawn[analog]
            given = {**config, **experiment.values}
            if not experiment.streamed:
                given.pop("tcdm_bytes", None)
            deployment = Deployment(quantised, image, given, experiment.target, experiment.streamed)
            outcome = Outcome(experiment, deployment.result, [])
            found.outcomes[experiment.name] = outcome
            _run(found, outcome, deployment, advance)
        found.complete = True
    except KeyboardInterrupt:
        pass
    return found


def _run(
    found: Findings, outcome: Outcome, deployment: Deployment, advance: Callable[[str, str, int, int], None]
) -> None:
    layers = found.network.layers
    printed: list[Any] = list(printed_rows()) if found.is_paper_s else [None] * len(layers)

    def add(run: LayerRun) -> None:
        number = len(outcome.rows)
        outcome.rows.append(_row(found.network, number, run, outcome.run.ms(run.cycles), printed[number]))
        advance(outcome.experiment.title, run.layer, number + 1, len(layers))

    deployment.run(add)


def _row(network: Network, number: int, run: LayerRun, ms: float, paper: Mapping[str, Any] | None) -> Row:
    layer = network.layers[number]
    source, out = network.source(layer), network.shapes[layer.name]
    kind = "conv3x3s2" if layer.kind == "conv3x3" else layer.kind
    name = layer.name if layer.has_matrix else layer.kind.upper()
    stride = ", /2" if layer.stride == 2 else ""
    shape = f"{source.height}x{source.width}, {source.channels} > {out.channels}{stride}"
    return Row(name, kind, shape, network.macs(layer), run, ms, paper)


def _split(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    known = {field.name for field in fields(Config)}
    for name, value in values.items():
        if name not in known and name not in PARAMETERS:
            raise unknown_value(name, PARAMETERS)
        if name in PARAMETERS and type(value) is not int and not (name == "width" and type(value) is float):
            raise SimulationError(f"mobilenetv2: {name} = {value!r} is not a number of the kind of {PARAMETERS[name]}")
    parameters = {**PARAMETERS, **{name: value for name, value in values.items() if name in PARAMETERS}}
    return parameters, {name: value for name, value in values.items() if name not in PARAMETERS}


# -- sums --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Total:
    """A sum of rows next to the paper's."""

    title: str
    ms: float
    uj: float
    paper_ms: float | None
    paper_uj: float | None


def totals(found: Findings) -> list[Total]:
    """By kind, of all rows, and of the subsets that the paper sums; those need all rows."""
    main, result = found.main, []
    for kind, title in KINDS.items():
        rows, paper = main.of(kind), PAPER_KINDS[kind] if found.is_paper_s else (None, None)
        result.append(Total(title, sum(r.ms for r in rows), sum(r.uj for r in rows), *paper))
    if len(main.rows) == len(found.network.layers):
        result.append(Total("all rows", main.ms, main.uj, *(PAPER_ALL if found.is_paper_s else (None, None))))
        inner = [row for row in main.rows if row.layer not in (FIRST, LAST)]
        latency = PAPER_LATENCY_MS if found.is_paper_s else None
        energy = PAPER_ENERGY_UJ if found.is_paper_s else None
        result.append(
            Total("without 2D_0 and 2D_1", sum(r.ms for r in inner), sum(r.uj for r in inner), latency, None)
        )
        most = [row for row in main.rows if row.layer != LAST]
        result.append(Total("without 2D_1", sum(r.ms for r in most), sum(r.uj for r in most), None, energy))
    return result


def as_json(found: Findings) -> dict[str, Any]:
    """What --json writes."""
    main = found.main
    rows = [
        {
            "layer": row.layer, "kind": row.kind, "cycles": row.run.cycles, "ms": row.ms, "uj": row.uj,
            "paper_ms": row.printed("ms"), "paper_uj": row.printed("uj"),
        }
        for row in main.rows
    ]  # fmt: skip
    sums = {
        total.title: {"ms": total.ms, "uj": total.uj, "paper_ms": total.paper_ms, "paper_uj": total.paper_uj}
        for total in totals(found)
    }
    paper = PAPER_ALL if found.is_paper_s else (None, None)
    experiments = {
        name: {
            "title": outcome.experiment.title, "cycles": outcome.cycles, "ms": outcome.ms, "uj": outcome.uj,
            "layers": len(outcome.rows), "config": _differences(outcome.run.cluster.config),
        }
        for name, outcome in found.outcomes.items()
    }  # fmt: skip
    return {
        "rows": rows,
        "totals": {
            "cycles": main.cycles, "ms": main.ms, "uj": main.uj, "paper_ms": paper[0], "paper_uj": paper[1],
            "inferences_per_s": 1000 / main.ms if main.run.complete else None, "sums": sums, "experiments": experiments,
            "complete": found.complete,
        },
        "crossbars": main.run.image.placement.crossbars,
    }  # fmt: skip


def _differences(config: Config) -> dict[str, Any]:
    """Configuration values that are not the defaults."""
    default = Config()
    return {
        field.name: getattr(config, field.name)
        for field in fields(config)
        if getattr(config, field.name) != getattr(default, field.name)
    }


def write_csv(path: str, found: Findings) -> None:
    """A line for each row, with all its counts."""
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        counts = list(found.main.rows[0].run.counts) if found.main.rows else []
        parts = [name for name in found.main.rows[0].run.energy if name != "total"] if found.main.rows else []
        writer.writerow(
            ["layer", "kind", "shape", "macs", "cycles", "ms", "uj", "gmac_per_s_per_w", "paper_ms", "paper_uj",
             "paper_gmac_per_s_per_w", *counts, *(f"{name}_pj" for name in parts)]
        )  # fmt: skip
        for row in found.main.rows:
            paper = [row.printed(name) for name in ("ms", "uj", "efficiency")]
            energy = [round(row.run.energy[name], 1) for name in parts]
            writer.writerow(
                [row.layer, row.kind, row.shape, row.macs, row.run.cycles, row.ms, round(row.uj, 6),
                 round(row.efficiency, 3), *paper, *row.run.counts.values(), *energy]
            )


# -- tables ------------------------------------------------------------------------------------------------------------


def _off(value: float, paper: float | None) -> str:
    return "" if not paper else f"{100 * (value / paper - 1):+.1f}"


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def sheets(found: Findings) -> list[Sheet]:
    """All tables."""
    main = found.main
    result = [_rows_sheet(found)]
    if main.rows:
        result += [_sums_sheet(found), _stages_sheet(main), _cycles_sheet(main), _energy_sheet(main)]
    result.append(_crossbars_sheet(main))
    done = [outcome for outcome in found.outcomes.values() if outcome.run.complete]
    if STREAMED.name in found.outcomes and len(done) >= 2:
        result.append(_streamed_sheet(main, found.outcomes[STREAMED.name]))
    if len(done) > 1 and main.run.complete:
        result.append(_systems_sheet(found, done))
    return result


def _rows_sheet(found: Findings) -> Sheet:
    main = found.main
    sheet = Sheet(
        f"{found.network.name}, layer by layer: {main.experiment.title}",
        ("layer", "shape"),
        ("cycles", "ms", "paper", "off %", "uJ", "paper", "off %", "GMAC/s/W", "paper", "off %"),
        note=f"Comparison: {main.run.verdict}.  Paper: Fig. 12(a) as printed, two or three digits: a printed 0.02 ms is "
        "0.015 to 0.025.",
    )
    for row in main.rows:
        cells = [row.layer, row.shape, f"{row.run.cycles:,}"]
        for value, name, form in ((row.ms, "ms", ".3f"), (row.uj, "uj", ".2f"), (row.efficiency, "efficiency", ".1f")):
            paper = row.printed(name)
            cells += [format(value, form), _number(paper, ".2f" if name == "ms" else "g"), _off(value, paper)]
        sheet.rows.append(cells)
    return sheet


def _sums_sheet(found: Findings) -> Sheet:
    sheet = Sheet(
        "Sums", ("",), ("ms", "paper", "off %", "uJ", "paper", "off %"), rules={len(KINDS)},
        note="Paper: by kind and all rows with more digits than printed (inferred from MMAC, GMAC/s/W and 130 ns a job); "
        "10.06 ms and 482 uJ are its printed totals, of different subsets.",
    )  # fmt: skip
    for total in totals(found):
        sheet.rows.append(
            (
                total.title, f"{total.ms:.3f}", _number(total.paper_ms, "g"), _off(total.ms, total.paper_ms),
                f"{total.uj:.1f}", _number(total.paper_uj, "g"), _off(total.uj, total.paper_uj),
            )
        )
    return sheet


def _stages_sheet(main: Outcome) -> Sheet:
    """Latency and energy of each stage by kind, as Fig. 12(c) draws them."""
    names = ("2D", "PW", "DW", "ADD")
    heads = [f"{name} {unit}" for unit in ("ms", "uJ") for name in (*names, "all")]
    sheet = Sheet("Stages", ("",), (*heads, "% of ms", "% of uJ"))
    for stage in dict.fromkeys(map(_stage, main.rows)):
        cells, shares = [], []
        for what, whole, form in (("ms", main.ms, ".3f"), ("uj", main.uj, ".2f")):
            sums = [
                sum(getattr(row, what) for row in main.of(kind) if _stage(row) == stage) for kind in KINDS
            ]  # fmt: skip
            cells += [format(value, form) if value else "" for value in (*sums, sum(sums))]
            shares.append(f"{100 * sum(sums) / whole:.1f}")
        sheet.rows.append((stage if stage in (FIRST, LAST) else f"stage {stage}", *cells, *shares))
    return sheet


def _cycles_sheet(main: Outcome) -> Sheet:
    """Where the cycles are: in the units' work, in what the units do besides, outside of them."""
    sheet = Sheet(
        "Where the cycles go", ("",), ("cycles", "computing", "streaming", "outside", "% outside", "port stalls"),
        note="IMA: computing is 130 ns a multiplication, streaming what its port and its control add to it.  DW: all its cycles "
        "are its schedule's.  Outside: hart 0 writes registers and is woken, barriers; the adds' own work.",
    )  # fmt: skip
    for kind, title in KINDS.items():
        rows = main.of(kind)
        count = {name: sum(row.run.counts[name] for row in rows) for name in (rows[0].run.counts if rows else ())}
        if not rows:
            continue
        cycles = sum(row.run.cycles for row in rows)
        busy = count["ima_busy_cycles"] + count["dw_busy_cycles"]
        computing = count["ima_compute_cycles"] + count["dw_busy_cycles"]
        outside = cycles - busy
        sheet.rows.append(
            (
                title, f"{cycles:,}", f"{computing:,}", f"{busy - computing:,}", f"{outside:,}",
                f"{100 * outside / cycles:.1f}", f"{count['ima_stalls'] + count['dw_stalls']:,}",
            )
        )
    return sheet


def _energy_sheet(main: Outcome) -> Sheet:
    parts = [part for part in main.rows[0].run.energy if part != "total"]
    sheet = Sheet("Energy, uJ", ("",), (*(part.replace("_", " ") for part in parts), "total", "%"))
    for kind, title in KINDS.items():
        rows = main.of(kind)
        values = [sum(row.run.energy[part] for row in rows) / 1e6 for part in parts]
        cells = [f"{value:.2f}" for value in (*values, sum(values))]
        sheet.rows.append([title, *cells, f"{100 * sum(values) / main.uj:.1f}"])
    return sheet


def _crossbars_sheet(main: Outcome) -> Sheet:
    placed = main.run.image.placement
    used = placed.used()
    return Sheet(
        "Crossbars (TILE&PACK)", ("",), ("simulated", "paper"),
        [
            ("layers", str(len({tile.layer for tile in placed.tiles})), "36"),
            ("tiles", str(len(placed.tiles)), "87"),
            (f"crossbars of {placed.rows} x {placed.columns}", str(placed.crossbars), "34"),
            ("cells used, %", f"{100 * placed.utilisation:.1f}", ""),
            ("least and most used crossbar, %", f"{100 * min(used):.0f}, {100 * max(used):.0f}", ""),
        ],
    )  # fmt: skip


def _streamed_sheet(main: Outcome, streamed: Outcome) -> Sheet:
    """What the paper leaves out."""
    more_ms, more_uj = (100 * (a / b - 1) for a, b in ((streamed.ms, main.ms), (streamed.uj, main.uj)))
    size = streamed.run.cluster.config.tcdm_bytes // 1024
    sheet = Sheet(
        f"What the paper leaves out: {size:,} KiB of L1, tensors and digital weights from L2",
        ("",), ("L1 KiB", "L2 KiB", "cycles", "ms", "uJ", "DMA MB", "layers in stripes", "stripes"), [],
        note=f"It costs {more_ms:+.1f} % of the time and {more_uj:+.1f} % of the energy; accesses of L2 itself are outside of "
        "the cluster, and not charged.",
    )  # fmt: skip
    for outcome in (main, streamed):
        image, config = outcome.run.image, outcome.run.cluster.config
        stripes = [n for n in image.stripes.values() if n > 1]
        moved = sum(row.run.counts["dma_bytes"] for row in outcome.rows)
        sheet.rows.append(
            (
                outcome.experiment.title, f"{config.tcdm_bytes // 1024:,}", f"{-(-image.l2_bytes // 1024):,}",
                f"{outcome.cycles:,}", f"{outcome.ms:.3f}", f"{outcome.uj:.1f}", f"{moved / 1e6:.2f}", str(len(stripes)),
                str(sum(stripes)),
            )
        )
    for kind, title in KINDS.items():
        pair = [sum(row.run.cycles for row in outcome.of(kind)) for outcome in (main, streamed)]
        energy = [sum(row.uj for row in outcome.of(kind)) for outcome in (main, streamed)]
        sheet.rows.append(
            (f"more: {title}", "", "", f"{pair[1] - pair[0]:+,}", f"{main.run.ms(pair[1] - pair[0]):+.3f}",
             f"{energy[1] - energy[0]:+.1f}", "", "", "")
        )  # fmt: skip
    sheet.rules = {2}
    return sheet


def _systems_sheet(found: Findings, done: Iterable[Outcome]) -> Sheet:
    """Fig. 13 and Table I."""
    main = found.main
    sheet = Sheet(
        "Systems (Fig. 13, Table I)", ("system", "figures"),
        ("MHz", "ms", "inferences/s", "mJ", "GMAC/s/W", "times slower", "paper", "crossbars"), [],
        note="What is simulated is all 63 rows with the same arithmetic for all but SW, which has int8 weights.  "
        "docs/mobilenetv2.md lists the modelling differences.",
    )  # fmt: skip
    macs = sum(row.macs for row in main.rows)
    for outcome in done:
        crossbars = outcome.run.image.placement.crossbars if TARGETS[outcome.experiment.target].analog else 0
        factor = PAPER_FACTORS.get(outcome.experiment.name) if found.is_paper_s else None
        sheet.rows.append(
            (
                outcome.experiment.title, "simulated", str(outcome.run.clock_mhz), f"{outcome.ms:,.2f}",
                f"{1000 / outcome.ms:.3g}", f"{outcome.uj / 1000:.3f}", f"{macs / outcome.uj / 1e3:.1f}",
                f"{outcome.ms / main.ms:.2f}", _number(factor, "g"), str(crossbars),
            )
        )
    sheet.rules = {len(sheet.rows)}
    if found.is_paper_s:
        for published in PUBLISHED:
            rate, energy = published.inferences, published.millijoules
            sheet.rows.append(
                (
                    published.title, f"published: {published.remark}", "", f"{1000 / rate:,.1f}" if rate else "",
                    _number(rate, "g"), _number(energy, "g"), "", f"{99 / rate:.2f}" if rate else "", "", "",
                )
            )
    return sheet


def verdict(found: Findings) -> str:
    """Which execution model of the IMA fits the paper, where both were run."""
    complete = [outcome for outcome in found.outcomes.values() if outcome.run.complete]
    alike = [o for o in complete if o.experiment.target == RESIDENT.target and not o.experiment.streamed]
    models = {outcome.run.cluster.config.ima_execution: outcome for outcome in alike}
    if len(models) < 2 or not found.is_paper_s:
        return ""
    off = {name: outcome.ms / PAPER_ALL[0] - 1 for name, outcome in models.items()}
    best = min(off, key=lambda name: abs(off[name]))
    text = ", ".join(f"{name} {100 * value:+.1f} %" for name, value in off.items())
    return f"IMA's execution model: {best} fits Fig. 12(a): {text} of {PAPER_ALL[0]} ms; 130 ns a job leave no room for streaming"


def tables(found: Findings) -> Iterator[RenderableType]:
    """Every sheet, and the verdict."""
    yield from (sheet.table() for sheet in sheets(found))
    if text := verdict(found):
        yield text


# -- pictures and files ------------------------------------------------------------------------------------------------

_COLOURS = {"conv3x3s2": "#7a5195", "pw": "#2f6db3", "dw": "#ef8a3c", "add": "#4c9f70"}


def figure(found: Findings) -> Figure:
    """Rows next to the paper's; shares of time and energy (as Fig. 12(c)); crossbars; systems."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as New

    main = found.main
    drawn = New(figsize=(15, 13), layout="constrained")
    FigureCanvasAgg(drawn)
    grid = drawn.add_gridspec(4, 3, height_ratios=[1.1, 0.6, 1, 1])
    axis = drawn.add_subplot(grid[0, :])
    places = range(len(main.rows))
    axis.bar(places, [row.ms for row in main.rows], 0.8, color=[_COLOURS[row.kind] for row in main.rows], label="simulated")
    if found.is_paper_s:
        axis.plot(places, [row.printed("ms") or 0 for row in main.rows], "k_", markersize=9, label="Fig. 12(a)")
    axis.set(yscale="log", ylabel="ms", title="latency of each layer", xlim=(-1, len(main.rows)))
    axis.set_xticks(places, [row.layer for row in main.rows], rotation=90, fontsize=7)
    axis.legend(frameon=False)
    if found.is_paper_s:
        below = drawn.add_subplot(grid[1, :])
        off = [100 * (row.ms / (row.printed("ms") or 1) - 1) for row in main.rows]
        below.bar(places, off, 0.8, color=[_COLOURS[row.kind] for row in main.rows])
        below.axhline(0, color="black", linewidth=0.8)
        below.set(ylabel="% off", title="latency, difference from the printed row", xlim=(-1, len(main.rows)))
        below.set_xticks([])
    stages = list(dict.fromkeys(_stage(row) for row in main.rows))
    for column, (what, title) in enumerate((("ms", "latency, ms"), ("uj", "energy, uJ"))):
        axis = drawn.add_subplot(grid[2, column])
        bottom = [0.0] * len(stages)
        for kind, name in KINDS.items():
            heights = [
                sum(getattr(row, what) for row in main.rows if _stage(row) == stage and row.kind == kind)
                for stage in stages
            ]
            axis.bar(stages, heights, bottom=bottom, color=_COLOURS[kind], label=name)
            bottom = [a + b for a, b in zip(bottom, heights, strict=True)]
        axis.set(title=f"{title}, by stage", ylim=(0, 1.05 * max(bottom, default=1)))
        axis.legend(frameon=False, fontsize=8)
    axis = drawn.add_subplot(grid[2, 2])
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
    axis = drawn.add_subplot(grid[3, 0])
    used = main.run.image.placement.used()
    axis.bar(range(len(used)), [100 * part for part in used], color="#2f6db3")
    axis.set(title="cells used of each crossbar, %", xlabel="crossbar", ylim=(0, 100))
    done = [outcome for outcome in found.outcomes.values() if outcome.run.complete]
    for column, (what, title) in enumerate((("rate", "inferences/s"), ("energy", "mJ an inference"))):
        axis = drawn.add_subplot(grid[3, 1 + column])
        bars = [
            (o.experiment.name, 1000 / o.ms if what == "rate" else o.uj / 1000, "#2f6db3") for o in done
        ]  # fmt: skip
        if found.is_paper_s:
            pairs = [(p.title, p.inferences if what == "rate" else p.millijoules) for p in PUBLISHED]
            bars += [(title, value, "#999999") for title, value in pairs if value is not None]
        axis.barh([b[0] for b in bars], [b[1] for b in bars], color=[b[2] for b in bars])
        values = [value for _, value, _ in bars]
        scale = "log" if max(values, default=1) > 20 * min(values, default=1) else "linear"
        axis.set(xscale=scale, title=f"{title} (grey: published)")
        axis.invert_yaxis()
        axis.tick_params(axis="y", labelsize=8)
    return drawn


def _stage(row: Row) -> str:
    """The first digit of a Bottleneck's name; the convolutions are by themselves."""
    return row.run.layer if row.layer in (FIRST, LAST) else row.run.layer[0]


def write_html(path: str, found: Findings) -> None:
    """All tables and pictures in one file."""
    main = found.main
    configuration = ", ".join(f"{name} = {value}" for name, value in _differences(main.run.cluster.config).items())
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
