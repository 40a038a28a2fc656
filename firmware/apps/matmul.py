"""The matrix multiplication."""

from __future__ import annotations

import numpy as np

from firmware.apps.app import App, Arrays, Parameter, Params, Region, requantisation
from firmware.apps.arithmetic import FLAG_INT8, FLAG_RELU, matmul, random_bias, random_int8, requantise


class Matmul(App):
    name = "matmul"
    summary = "int8 matrix multiplication C[m][n] = A[m][k] x B[n][k] transposed, on all harts"
    sources = ("apps/matmul.S", "kernels/matmul_i8.S")
    parameters = (
        Parameter("m", 64, "rows of A"),
        Parameter("n", 64, "rows of B"),
        Parameter("k", 128, "columns of both", low=0),
        Parameter("int8", 1, "requantise the results to int8 (1) or keep them int32 (0)", 0, 1),
        *requantisation(bias=0, relu=0),
        Parameter("repeat", 1, "times to do it", 1, 1 << 20),
    )

    def defines(self, params: Params) -> dict[str, int]:
        return {"flags": FLAG_INT8 * params["int8"] + FLAG_RELU * params["relu"], "element": 1 if params["int8"] else 4}

    def bytes_needed(self, params: Params) -> int:
        m, n, k = params["m"], params["n"], params["k"]
        return k * (m + n) + m * n * (1 if params["int8"] else 4) + 4 * n + 64

    def inputs(self, params: Params, rng: np.random.Generator) -> Arrays:
        arrays: Arrays = {"matrix_a": random_int8(rng, params["m"], params["k"])}
        arrays["matrix_b"] = random_int8(rng, params["n"], params["k"])
        if params["bias"]:
            arrays["bias"] = random_bias(rng, params["n"])
        return arrays

    def expected(self, params: Params, inputs: Arrays) -> Arrays:
        acc = matmul(inputs["matrix_a"], inputs["matrix_b"], inputs.get("bias"))
        if not params["int8"]:
            return {"matrix_c": acc.astype(np.int32)}
        return {"matrix_c": requantise(acc, params["mult"], params["shift"], bool(params["relu"]))}

    def regions(self, params: Params, harts: int) -> tuple[Region, ...]:
        return (Region("matmul", params["m"] * params["n"] * params["k"] * params["repeat"], "mac"),)
