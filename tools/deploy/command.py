"""`iss deploy`: a network from its description to figures of each layer."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from iss.errors import SimulationError
from iss.observe import report
from iss.observe.page import Sheet
from tools.deploy import export, golden, network, onnx_import, placement
from tools.deploy.models import mobilenet_v2
from tools.deploy.network import Int8, Network, Quantised
from tools.deploy.run import Deployment, Run
from tools.deploy.targets import target_of

MODELS = ("mobilenetv2",)


@dataclass(frozen=True)
class Request:
    """What is asked for: `source` is a model's name or a file (.toml, .onnx), `weights` an .npz file; `values` are of the
    configuration."""

    source: str
    width: float = 1.0
    resolution: int = 224
    seed: int = 0
    weights: str | None = None
    target: str = "ima_dw"
    streamed: bool = False
    wide: bool = False


def read(request: Request, rows: int) -> tuple[Quantised, Int8]:
    """The network with its integers, and an image."""
    analog = target_of(request.target).analog
    if Path(request.source).suffix == ".onnx":
        if request.weights is not None:
            raise SimulationError(f"{request.source} has its own integers; give it without --weights")
        quantised = onnx_import.read(request.source, analog).quantised
        shape = quantised.network.input
        return quantised, golden.generator(request.seed).integers(-128, 128, shape, dtype=np.int8)
    found = _network(request)
    quantised, image = golden.synthetic(found, request.seed, analog, rows)
    if request.weights is not None:
        quantised = Quantised.load(found, request.weights)
    return quantised, image


def _network(request: Request) -> Network:
    if request.source in MODELS:
        return mobilenet_v2(request.width, request.resolution)
    path = Path(request.source)
    if path.suffix != ".toml":
        what = "is no network" if path.exists() else "does not exist"
        raise SimulationError(
            f"{request.source} {what}: give a quantised ONNX model (.onnx), a description (.toml), or {' or '.join(MODELS)}"
        )
    return network.read(request.source)


def deploy(request: Request, values: Mapping[str, Any]) -> Run:
    """Place, build, run, compare; a KeyboardInterrupt leaves what has been done."""
    with report.bars() as advance:
        advance(request.source, "made ready", 0, 1)
        quantised, image = read(request, values.get("ima_rows", 256))
        deployment = Deployment(quantised, image, values, request.target, request.streamed, request.wide)
        name, layers = quantised.network.name, quantised.network.layers
        advance(request.source, "", 1, 1)
        advance(name, "", 0, len(layers))
        with suppress(KeyboardInterrupt):
            deployment.run(lambda run: advance(name, run.layer, len(deployment.result.layers), len(layers)))
    return deployment.result


def sheets(run: Run) -> list[Sheet]:
    """Layers, and what they take of the machine."""
    image, config = run.image, run.cluster.config
    found = image.quantised.network
    layers = Sheet(
        f"{found.name}, {image.target.title}: {run.verdict}", ("layer", "kind", "output"),
        ("MMAC", "cycles", "ms", "MAC/cycle", "uJ", "GMAC/s/W", "stripes"), [],
    )  # fmt: skip
    for row in run.layers:
        layer, macs = found[row.layer], found.macs(found[row.layer])
        uj = row.energy["total"] / 1e6
        layers.rows.append(
            (
                row.layer, layer.kind, str(found.shapes[row.layer]), f"{macs / 1e6:.2f}", f"{row.cycles:,}",
                f"{run.ms(row.cycles):.4f}", f"{macs / row.cycles:.1f}", f"{uj:.3f}", f"{macs / uj / 1e3:.1f}",
                str(image.stripes[row.layer]),
            )
        )
    layers.rules = {len(layers.rows)}
    macs = sum(found.macs(found[row.layer]) for row in run.layers)
    if run.layers:
        layers.rows.append(
            (
                "all", "", "", f"{macs / 1e6:.2f}", f"{run.cycles:,}", f"{run.ms(run.cycles):.4f}",
                f"{macs / run.cycles:.1f}", f"{run.energy_uj:.3f}", f"{macs / run.energy_uj / 1e3:.1f}",
                str(sum(image.stripes[row.layer] for row in run.layers)),
            )
        )
    placed = image.placement
    machine = Sheet(
        "Takes", ("",), ("of the network", "of the machine"),
        [
            (f"crossbars of {placed.rows} x {placed.columns}", str(placed.crossbars), str(config.ima_crossbars)),
            ("L1, bytes", f"{image.l1_bytes:,}", f"{config.tcdm_bytes:,}"),
            ("L2, bytes", f"{image.l2_bytes:,}", f"{config.l2_bytes:,}"),
            ("moved by the DMA, bytes", f"{sum(row.counts['dma_bytes'] for row in run.layers):,}", ""),
        ],
    )  # fmt: skip
    if placed.tiles:
        machine.title += f": {len(placed.tiles)} tiles, {100 * placed.utilisation:.1f} % of their crossbars' cells"
    return [layers, machine]


def as_json(run: Run) -> dict[str, Any]:
    """What --json writes."""
    return {
        "network": run.image.quantised.network.name,
        "target": run.image.target.name,
        "complete": run.complete,
        "cycles": run.cycles,
        "ms": run.ms(run.cycles),
        "uj": run.energy_uj,
        "crossbars": run.image.placement.crossbars,
        "l1_bytes": run.image.l1_bytes,
        "l2_bytes": run.image.l2_bytes,
        "layers": [
            {"layer": row.layer, "cycles": row.cycles, "ms": run.ms(row.cycles), "energy_pj": row.energy, **row.counts}
            for row in run.layers
        ],
    }


def save_packing(run: Run, path: str) -> None:
    """The picture of the crossbars."""
    if not run.image.placement.tiles:
        raise SimulationError(f"the target {run.image.target.name!r} has no crossbars to draw")
    placement.draw(run.image.placement).savefig(path)


def save_elf(run: Run, request: Request, path: str) -> None:
    """The network as a program of its own, and its configuration next to it."""
    image, config = run.image, run.cluster.config
    _, picture = read(request, config.ima_rows)
    elf, values, _ = export.export(image.quantised, picture, config, request.target, request.streamed, request.wide)
    Path(path).write_bytes(elf)
    Path(f"{path}.toml").write_text(export.toml(values))
