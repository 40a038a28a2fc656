"""A network of two fully connected layers, int4 weights and int8 activations, all of it on the IMA.

Two triggers: the hidden layer of all images, then the output layer.  ReLU is the hidden layer's ADC range, 0 to HIGH;
there are no biases, as the IMA has none.  Each image is a job of each layer, as a pixel is of a 1x1 convolution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from firmware.apps import accelerators as acc
from firmware.apps.app import App, Arrays, Job, Parameter, Params, Region
from firmware.apps.arithmetic import Int8, random_int8

Range = tuple[int, int]
"""ADC_LOW and ADC_HIGH."""


class Mlp(App):
    name = "mlp"
    summary = "two fully connected layers on the IMA: a job for each image in each of them"
    sources = ("apps/imalists.S", "kernels/hwpe.S")
    parameters = (
        Parameter("inputs", 64, "values of an image", 1, 256),
        Parameter("hidden", 64, "neurons of the hidden layer", 1, 256),
        Parameter("outputs", 10, "classes", 1, 256),
        Parameter("images", 256, "images", 1, 4096),
    )
    event_unit = True

    # -- what a trained network puts in place of random numbers ----------------------------------------------------------

    def weights(self, params: Params) -> tuple[Int8, Int8]:
        """[inputs][hidden] and [hidden][outputs], -7..7."""
        rng = np.random.default_rng([params["inputs"], params["hidden"], params["outputs"]])
        shapes = (params["inputs"], params["hidden"]), (params["hidden"], params["outputs"])
        return acc.random_int4(rng, *shapes[0]), acc.random_int4(rng, *shapes[1])

    def ranges(self, params: Params) -> tuple[Range, Range]:
        """The ADC's ranges: three deviations of the sums."""
        inner, outer = (max(1, round(3 * sigma * params[n] ** 0.5 / 889)) for sigma, n in ((320, "inputs"), (200, "hidden")))
        return (0, inner), (outer, outer)

    # -- the rest --------------------------------------------------------------------------------------------------------

    def _matrices(self, params: Params) -> tuple[acc.Matrix, acc.Matrix]:
        return acc.Matrix(params["inputs"], params["hidden"]), acc.Matrix(params["hidden"], params["outputs"], 1)

    def _packed(self, params: Params) -> list[acc.Place]:
        return acc.pack([shape for matrix in self._matrices(params) for shape in matrix.shapes()])

    def _layout(self, params: Params) -> tuple[dict[str, int], int]:
        """Offsets of the activations in the arena, and its size."""
        offsets, end = {}, 0
        for name, size in (("image", "inputs"), ("activations", "hidden"), ("result", "outputs")):
            offsets[name] = end
            end += (params[size] * params["images"] + 15) // 16 * 16
        return offsets, end

    def _jobs(self, params: Params, arena: int) -> acc.Jobs:
        at = {name: arena + offset for name, offset in self._layout(params)[0].items()}
        found: acc.Jobs = []
        layers = zip(self._matrices(params), self.ranges(params), ("image", "activations"), ("activations", "result"), strict=True)
        for matrix, adc, source, target in layers:
            walks = {
                **acc.image_walk("IN", matrix.rows, 1, matrix.rows), **acc.image_walk("OUT", matrix.columns, 1, matrix.columns),
            }  # fmt: skip
            found += matrix.jobs(self._packed(params), at[source], at[target], adc, params["images"], walks)
        return found

    def settings(self, given: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
        """Enough crossbars."""
        needed = 1 + max(place.crossbar for place in self._packed(self.resolve(given)))
        return {} if "ima_crossbars" in values else {"ima_crossbars": needed}

    def defines(self, params: Params) -> dict[str, int]:
        return {"table_bytes": len(acc.ima_list(self._jobs(params, 0))), "arena_bytes": self._layout(params)[1]}

    def bytes_needed(self, params: Params) -> int:
        return sum(self.defines(params).values()) + 64

    def places(self, params: Params, symbols: Mapping[str, int]) -> dict[str, int]:
        return {name: symbols["arena"] + offset for name, offset in self._layout(params)[0].items()}

    def inputs(self, params: Params, rng: np.random.Generator) -> Arrays:
        return {"image": random_int8(rng, params["images"], params["inputs"])}

    def prepare(self, job: Job) -> None:
        params = job.params
        for place, weights in zip(self._packed(params), self.weights(params), strict=True):
            job.cluster.accelerators.ima.program(place.crossbar, place.y, place.x, weights)
        job.cluster.write(job.symbols["tables"], acc.ima_list(self._jobs(params, job.symbols["arena"])))

    def expected(self, params: Params, inputs: Arrays) -> Arrays:
        x = inputs["image"]
        for matrix, weights, adc in zip(self._matrices(params), self.weights(params), self.ranges(params), strict=True):
            x = acc.analog(x, weights, adc, matrix)
        return {"result": x}

    def macs(self, params: Params) -> int:
        return params["images"] * params["hidden"] * (params["inputs"] + params["outputs"])

    def regions(self, params: Params, harts: int) -> tuple[Region, ...]:
        return (Region("layers", self.macs(params), "mac"),)
