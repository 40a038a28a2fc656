"""The convolutions of a bottleneck: 1x1 and depth-wise 3x3."""

from __future__ import annotations

import numpy as np

from firmware.apps.app import App, Arrays, Parameter, Params, Region, requantisation
from firmware.apps.arithmetic import FLAG_RELU, depthwise3x3, matmul, random_bias, random_int8, requantise


class Pointwise(App):
    name = "pointwise"
    summary = "int8 1x1 convolution, HWC, with ReLU and requantisation"
    sources = ("apps/pointwise.S", "kernels/pointwise_i8.S", "kernels/matmul_i8.S")
    parameters = (
        Parameter("height", 16, "rows of the image"),
        Parameter("width", 16, "columns of the image"),
        Parameter("cin", 128, "input channels"),
        Parameter("cout", 128, "output channels"),
        *requantisation(bias=1, relu=1),
        Parameter("repeat", 1, "times to do it", 1, 1 << 20),
    )

    def defines(self, params: Params) -> dict[str, int]:
        return {"flags": FLAG_RELU * params["relu"]}

    def bytes_needed(self, params: Params) -> int:
        pixels = params["height"] * params["width"]
        return pixels * (params["cin"] + params["cout"]) + params["cout"] * (params["cin"] + 4) + 64

    def inputs(self, params: Params, rng: np.random.Generator) -> Arrays:
        arrays: Arrays = {"image": random_int8(rng, params["height"], params["width"], params["cin"])}
        arrays["weights"] = random_int8(rng, params["cout"], params["cin"])
        if params["bias"]:
            arrays["bias"] = random_bias(rng, params["cout"])
        return arrays

    def expected(self, params: Params, inputs: Arrays) -> Arrays:
        acc = matmul(inputs["image"], inputs["weights"], inputs.get("bias"))
        return {"result": requantise(acc, params["mult"], params["shift"], bool(params["relu"]))}

    def regions(self, params: Params, harts: int) -> tuple[Region, ...]:
        work = params["height"] * params["width"] * params["cin"] * params["cout"] * params["repeat"]
        return (Region("pointwise", work, "mac"),)


class Depthwise(App):
    name = "dwconv"
    summary = "int8 3x3 depth-wise convolution: HWC to padded CHW planes, convolution, HWC"
    sources = ("apps/dwconv.S", "kernels/marshal_i8.S", "kernels/depthwise3x3_i8.S")
    parameters = (
        Parameter("height", 16, "rows of the image"),
        Parameter("width", 16, "columns of the image"),
        Parameter("channels", 128, "channels"),
        Parameter("stride", 1, "1 or 2", 1, 2),
        *requantisation(bias=1, relu=1),
    )

    def defines(self, params: Params) -> dict[str, int]:
        height, width, stride = params["height"], params["width"], params["stride"]
        line = (width + 2 + 3) // 4 * 4
        words = line // 4 * (height + 2)
        return {
            "out_height": (height - 1) // stride + 1,
            "out_width": (width - 1) // stride + 1,
            "line": line,
            "lines": height + 2,
            "plane": 4 * (words | 1),  # an odd number of words spreads the planes over the banks
            "flags": FLAG_RELU * params["relu"],
        }

    def bytes_needed(self, params: Params) -> int:
        sizes = self.defines(params)
        pixels = params["height"] * params["width"] + sizes["out_height"] * sizes["out_width"]
        return params["channels"] * (pixels + 9 + 4 + sizes["plane"]) + 64

    def inputs(self, params: Params, rng: np.random.Generator) -> Arrays:
        arrays: Arrays = {"image": random_int8(rng, params["height"], params["width"], params["channels"])}
        arrays["weights"] = random_int8(rng, params["channels"], 3, 3)
        if params["bias"]:
            arrays["bias"] = random_bias(rng, params["channels"])
        return arrays

    def expected(self, params: Params, inputs: Arrays) -> Arrays:
        acc = depthwise3x3(inputs["image"], inputs["weights"], inputs.get("bias"), params["stride"])
        return {"result": requantise(acc, params["mult"], params["shift"], bool(params["relu"]))}

    def regions(self, params: Params, harts: int) -> tuple[Region, ...]:
        sizes = self.defines(params)
        work = 9 * sizes["out_height"] * sizes["out_width"] * params["channels"]
        elements = params["height"] * params["width"] * params["channels"]
        return (Region("depthwise", work, "mac", 1), Region("marshal", elements, "elements", 0))
