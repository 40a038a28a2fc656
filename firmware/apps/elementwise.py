"""The residual addition."""

from __future__ import annotations

import numpy as np

from firmware.apps.app import App, Arrays, Parameter, Params, Region
from firmware.apps.arithmetic import FLAG_RELU, random_int8, requantise


class Add(App):
    name = "add"
    summary = "int8 residual addition with requantisation: clip((a * mult_a + b * mult_b + bias) >> shift)"
    sources = ("apps/add.S", "kernels/elementwise_i8.S")
    parameters = (
        Parameter("n", 32768, "elements", 1, 1 << 20),
        Parameter("mult_a", 64, "multiplier of a", -128, 127),
        Parameter("mult_b", 48, "multiplier of b", -128, 127),
        Parameter("bias", 64, "added before the shift, to round", -(1 << 31), (1 << 31) - 1),
        Parameter("shift", 7, "bits to shift right", 0, 31),
        Parameter("relu", 0, "clip to 0..127, not to -128..127", 0, 1),
        Parameter("repeat", 1, "times to do it", 1, 1 << 20),
    )

    def defines(self, params: Params) -> dict[str, int]:
        return {"flags": FLAG_RELU * params["relu"]}

    def bytes_needed(self, params: Params) -> int:
        return 3 * params["n"] + 64

    def inputs(self, params: Params, rng: np.random.Generator) -> Arrays:
        return {"input_a": random_int8(rng, params["n"]), "input_b": random_int8(rng, params["n"])}

    def expected(self, params: Params, inputs: Arrays) -> Arrays:
        a, b = (inputs[name].astype(np.int64) for name in ("input_a", "input_b"))
        acc = a * params["mult_a"] + b * params["mult_b"] + params["bias"]
        return {"result": requantise(acc, 0, params["shift"], bool(params["relu"]))}

    def regions(self, params: Params, harts: int) -> tuple[Region, ...]:
        return (Region("add", params["n"] * params["repeat"], "elements"),)
