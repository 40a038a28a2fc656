"""A synthetic point-wise layer of n inputs and n outputs on the IMA: the points of the roofline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from firmware.apps.accelerators import Matrix, Place, analog, ima_list, image_walk, random_int4
from firmware.apps.app import App, Arrays, Job, Parameter, Params, Region
from firmware.apps.arithmetic import random_int8


class ImaJobs(App):
    name = "imajobs"
    summary = "one layer of n x n on the IMA: a job for each pixel"
    sources = ("apps/imalists.S", "kernels/hwpe.S")
    parameters = (
        Parameter("n", 256, "inputs, and outputs, of a job", 1, 1024),
        Parameter("pixels", 256, "jobs"),
    )
    event_unit = True

    def defines(self, params: Params) -> dict[str, int]:
        return {
            "table_bytes": len(ima_list(self._jobs(params, 0, 0))),
            "arena_bytes": self._image_bytes(params) + params["n"] * params["pixels"],
        }

    def _image_bytes(self, params: Params) -> int:
        return (params["n"] * params["pixels"] + 15) // 16 * 16

    def bytes_needed(self, params: Params) -> int:
        return sum(self.defines(params).values()) + 64

    def places(self, params: Params, symbols: Mapping[str, int]) -> dict[str, int]:
        return {"image": symbols["arena"], "result": symbols["arena"] + self._image_bytes(params)}

    def settings(self, given: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
        """A crossbar that is large enough."""
        size = max(256, self.resolve(given)["n"])
        return {name: size for name in ("ima_rows", "ima_columns") if name not in values and size > 256}

    def _matrix(self, params: Params) -> Matrix:
        return Matrix(params["n"], params["n"], limits=(params["n"], params["n"]))

    def _adc(self, params: Params) -> tuple[int, int]:
        high = max(1, round(3 * 320 * params["n"] ** 0.5 / 889))
        return high, high

    def _jobs(self, params: Params, source: int, target: int) -> list[dict[str, int]]:
        n, pixels = params["n"], params["pixels"]
        walks = {**image_walk("IN", n, 1, n), **image_walk("OUT", n, 1, n)}
        return self._matrix(params).jobs([Place(0, 0, 0)], source, target, self._adc(params), pixels, walks)

    def inputs(self, params: Params, rng: np.random.Generator) -> Arrays:
        return {"image": random_int8(rng, params["pixels"], params["n"])}

    def _weights(self, params: Params) -> Any:
        return random_int4(np.random.default_rng(params["n"]), params["n"], params["n"])

    def prepare(self, job: Job) -> None:
        symbols = job.symbols
        job.cluster.accelerators.ima.program(0, 0, 0, self._weights(job.params))
        job.cluster.write(symbols["tables"], ima_list(self._jobs(job.params, symbols["image"], symbols["result"])))

    def expected(self, params: Params, inputs: Arrays) -> Arrays:
        matrix = self._matrix(params)
        return {"result": analog(inputs["image"], self._weights(params), self._adc(params), matrix)}

    def regions(self, params: Params, harts: int) -> tuple[Region, ...]:
        return (Region("jobs", params["pixels"] * params["n"] ** 2, "mac"),)
