"""Run a deployed network: cycles, energy and the output of each layer, compared with NumPy's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from iss import programs
from iss.cluster import Cluster
from iss.errors import SimulationError
from iss.observe.energy import difference
from tools.deploy import golden
from tools.deploy.build import build, settings
from tools.deploy.image import Image
from tools.deploy.network import Int8, Quantised
from tools.deploy.plan import BEGIN_MARK

MAX_CYCLES = 10**10


class WrongOutputs(SimulationError):
    """A layer's outputs are not NumPy's."""


@dataclass(frozen=True)
class LayerRun:
    """What a layer took: `cycles` from the barrier before it to the one behind it, energy in pJ by component, and counts of
    the machine (see `_counts`)."""

    layer: str
    cycles: int
    energy: dict[str, float]
    counts: dict[str, int]


@dataclass
class Run:
    """A network's run on one configuration; `layers` are those that have ended, `verdict` says how their outputs compare."""

    image: Image
    cluster: Cluster
    layers: list[LayerRun] = field(default_factory=list)
    complete: bool = False
    verdict: str = "outputs equal NumPy's"

    @property
    def clock_mhz(self) -> int:
        return self.cluster.config.clock_mhz

    @property
    def cycles(self) -> int:
        return sum(layer.cycles for layer in self.layers)

    @property
    def energy_uj(self) -> float:
        return sum(layer.energy["total"] for layer in self.layers) / 1e6

    def ms(self, cycles: int) -> float:
        return cycles / self.clock_mhz / 1e3


class Deployment:
    """A network that is loaded in a cluster of its own.  Configuration values that are not given suit the network."""

    def __init__(
        self, quantised: Quantised, picture: Int8, values: Mapping[str, Any] | None = None, target: str = "ima_dw",
        streamed: bool = False, wide: bool = False,
    ) -> None:  # fmt: skip
        given = dict(values or {})
        self.cluster = Cluster(**{**settings(quantised, given, target, streamed), **given})
        config = self.cluster.config
        self.image = build(quantised, config, target, streamed, wide)
        self.image.load(self.cluster, picture)
        self.expected = golden.infer(quantised, picture, config.ima_rows, wide)
        self.result = Run(self.image, self.cluster)

    @property
    def noisy(self) -> bool:
        """Whether an IMA that is not ideal takes part: its outputs cannot be NumPy's."""
        return self.image.target.analog and self.cluster.accelerators.ima.crossbars.noise.active

    def run(self, on_layer: Callable[[LayerRun], None] = lambda layer: None, max_cycles: int = MAX_CYCLES) -> Run:
        """Run to the end; WrongOutputs when a layer's are not NumPy's, though the IMA has no noise.  A KeyboardInterrupt comes
        out of here with what has been done kept in `result`."""
        layers = self.image.quantised.network.layers
        self.result.layers.clear()
        if self.noisy:
            self.result.verdict = "the IMA has noise, and the network has not ended: no outputs are compared"
        before: list[tuple[int, dict[str, float], dict[str, int]]] = []

        def mark(cycle: int, value: int) -> None:
            stats = self.cluster.stats()
            now = cycle, stats["energy"], _counts(stats)
            if value > BEGIN_MARK:
                layer = layers[(value - BEGIN_MARK) // 2 - 1].name
                self._compare(layer)
                begin = before[-1]
                counts = {name: count - begin[2][name] for name, count in now[2].items()}
                done = LayerRun(layer, cycle - begin[0], difference(now[1], begin[1]), counts)
                self.result.layers.append(done)
                on_layer(done)
            before[:] = [now]

        self.cluster.host.on_mark = mark
        try:
            end = programs.run(self.cluster, max_cycles)
        finally:
            self.cluster.host.on_mark = None
        if end.exit_code != 0 or len(self.result.layers) != len(layers):
            raise SimulationError(
                f"the network's firmware ended by {end.reason} with exit code {end.exit_code} after "
                f"{len(self.result.layers)} of {len(layers)} layers"
            )
        self.result.complete = True
        if self.noisy:
            got, want = self.outputs(layers[-1].name)
            off = np.abs(got.astype(np.int64) - want)
            share = 100 * np.count_nonzero(off) / off.size
            self.result.verdict = (
                f"the IMA has noise: {share:.1f} % of the outputs are not an ideal one's, by {off.mean():.2f} on average"
            )
        return self.result

    def outputs(self, layer: str) -> tuple[Int8, Int8]:
        """A layer's outputs, as long as they are in memory, and NumPy's."""
        return self.image.output(self.cluster, layer), self.expected[layer]

    def _compare(self, layer: str) -> None:
        got, want = self.outputs(layer)
        wrong = np.argwhere(got != want)
        if len(wrong) and not self.noisy:
            at = tuple(int(i) for i in wrong[0])
            raise WrongOutputs(
                f"layer {layer!r}: {len(wrong)} of {want.size} outputs are not NumPy's; the first is {list(at)}: "
                f"{got[at]}, not {want[at]}"
            )


def _counts(stats: Mapping[str, Any]) -> dict[str, int]:
    """Of the machine since reset: instructions and stalls of all harts, the accelerators' work, DMA bytes."""
    found = {"instructions": sum(hart["instructions"] for hart in stats["harts"])}
    for name in ("sleep", "barrier"):
        found[name] = sum(hart["stalls"].get(name, 0) for hart in stats["harts"])
    ima, dw = stats["hwpe"]["ima"], stats["hwpe"]["dw"]
    for name in ("multiplications", "compute_cycles", "macs", "busy_cycles", "stalls", "beats", "conflicts"):
        found[f"ima_{name}"] = ima[name]
    for name in ("macs", "busy_cycles", "stalls", "beats"):
        found[f"dw_{name}"] = dw[name]
    found["conflicts"] = stats["tcdm"]["conflicts"]
    found["dma_bytes"] = stats["dma"]["bytes"]
    return found
