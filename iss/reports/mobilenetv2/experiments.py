"""The experiments and what they find: rows next to the paper's, their sums; as JSON and CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from iss.config import Config, unknown_value
from iss.errors import SimulationError
from tools.deploy import golden
from tools.deploy.models import mobilenet_v2
from tools.deploy.network import Network
from tools.deploy.run import Deployment, LayerRun, Run
from tools.deploy.targets import TARGETS

PAPER = Path(__file__).parents[1] / "data/mobilenetv2_fig12a.csv"
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

    @property
    def stage(self) -> str:
        """The first digit of a Bottleneck's name; the convolutions are by themselves."""
        return self.run.layer if self.layer in (FIRST, LAST) else self.run.layer[0]

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
            "layers": len(outcome.rows), "config": outcome.run.cluster.config.changed(),
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
