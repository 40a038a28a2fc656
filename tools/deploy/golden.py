"""What a deployed network computes, in NumPy: from the definitions of network.py, and of nothing else.

A conv3x3 or pw on the IMA with more inputs than a crossbar has rows is cut into row tiles of `rows` inputs each.  Either
their sums of products are added exactly and converted once (`wide`), or each is converted to 8 bits with the range of
`tile_range`, and the results are added, divided by 2**shift (halves away from zero), and clipped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.deploy.network import INPUT, Analog, Digital, Int8, Layer, Network, NetworkError, Parameters, Quantised, Sum

Sums = npt.NDArray[np.int64]
UNIT = 127 * 7
"""A full input times a full weight."""


def tile_range(found: Analog, tiles: int) -> tuple[int, int, int]:
    """The ADC's range for one of so many row tiles, and the shift behind their sum.

    Results of tiles have a sign, also with ReLU.  Eight of them are expected to be three times as large as one."""
    if tiles == 1:
        return found.low, found.high, 0
    shift = max(0, ((tiles - 1).bit_length() - 1) // 2)
    whole = max(2, -(-(found.low + found.high) >> shift))
    return whole // 2, whole - whole // 2, shift


def _divide(value: Sums, by: int) -> Sums:
    """To the nearest integer, halves away from zero."""
    quotient: Sums = np.sign(value) * ((2 * np.abs(value) + by) // (2 * by))
    return quotient


def convert(sums: Sums, low: int, high: int) -> Sums:
    """The IMA's ADC."""
    clipped = np.clip(sums, -UNIT * low, UNIT * high)
    return np.clip(_divide(clipped, 7 * (low + high)), -127, 127)


def patches(image: Int8, stride: int) -> Int8:
    """The 3x3 neighbourhoods of an image [H][W][C] with a border of zeros: [H'][W'][9 C]."""
    height, width = ((n - 1) // stride + 1 for n in image.shape[:2])
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)))
    ends = stride * (height - 1) + 1, stride * (width - 1) + 1
    parts = [padded[i : i + ends[0] : stride, j : j + ends[1] : stride] for i in range(3) for j in range(3)]
    return np.concatenate(parts, axis=2)


def _products(x: Int8, weights: Int8) -> Sums:
    """x [..][K] times weights [K][N], exactly: single precision holds sums below 2**24, double precision all there can be."""
    largest = 128 * len(weights) * int(np.abs(weights.astype(np.int16)).max(initial=0))
    kind = np.float32 if largest < 1 << 24 else np.float64
    sums: Sums = np.rint(x.astype(kind) @ weights.astype(kind)).astype(np.int64)
    return sums


def _depthwise(image: Int8, weights: Int8, stride: int) -> Sums:
    channels = image.shape[2]
    around = patches(image, stride)
    around = around.reshape(*around.shape[:2], 9, channels)
    total: Sums = np.zeros((*around.shape[:2], channels), np.int64)
    for position, kernel in enumerate(weights.reshape(9, channels)):
        total += around[:, :, position].astype(np.int32) * kernel.astype(np.int32)
    return total


def _wrap(value: Any) -> Sums:
    """Modulo 2**32, with a sign."""
    wrapped: Sums = (np.asarray(value, np.int64) + 2**31) % 2**32 - 2**31
    return wrapped


def _clip(values: Sums, least: int) -> Int8:
    clipped: Int8 = np.clip(values, least, 127).astype(np.int8)
    return clipped


def sums_of(layer: Layer, weights: Int8, x: Int8) -> Sums:
    """Sums of products of a layer with weights."""
    if layer.kind == "dw":
        return _depthwise(x, weights, layer.stride)
    return _products(patches(x, layer.stride) if layer.kind == "conv3x3" else x, weights.reshape(-1, weights.shape[-1]))


def compute(
    layer: Layer, found: Parameters, inputs: Sequence[Int8], rows: int = 256, wide: bool = False
) -> Int8:
    """A layer's output."""
    least = 0 if layer.relu else -128
    if isinstance(found, Sum):
        a, b = (x.astype(np.int64) for x in inputs)
        return _clip(_wrap(a * found.mult_a + b * found.mult_b + found.bias) >> found.shift, least)
    x = inputs[0]
    if isinstance(found, Digital):
        total = sums_of(layer, found.weights, x) + (0 if found.bias is None else found.bias.astype(np.int64))
        scaled = _wrap(_wrap(total) * found.mult) if found.mult else _wrap(total)
        return _clip(scaled >> found.shift, least)
    matrix = found.weights.reshape(-1, found.weights.shape[-1])
    tiles = -(-len(matrix) // rows)
    if tiles == 1 or wide:
        return convert(sums_of(layer, found.weights, x), found.low, found.high).astype(np.int8)
    low, high, shift = tile_range(found, tiles)
    x = patches(x, layer.stride) if layer.kind == "conv3x3" else x
    pieces = (slice(first, first + rows) for first in range(0, len(matrix), rows))
    results = sum(convert(_products(x[..., piece], matrix[piece]), low, high) for piece in pieces)
    assert not isinstance(results, int)
    return _clip(_divide(results, 1 << shift), max(least, -127))


def infer(quantised: Quantised, image: Int8, rows: int = 256, wide: bool = False) -> dict[str, Int8]:
    """Every tensor of a network, by name."""
    tensors: dict[str, Int8] = {INPUT: image}
    for layer in quantised.network.layers:
        inputs = [tensors[name] for name in layer.inputs]
        tensors[layer.name] = compute(layer, quantised.parameters[layer.name], inputs, rows, wide)
    return tensors


# -- networks without trained weights ----------------------------------------------------------------------------------

SPREAD = 3
"""Deviations of a layer's sums that its output's range holds."""
SAMPLE = 32
"""Rows of an input that show a layer's deviation."""


def generator(seed: int) -> np.random.Generator:
    """Of random numbers; NetworkError for a negative seed."""
    if seed < 0:
        raise NetworkError(f"seed = {seed} is negative")
    return np.random.default_rng(seed)


def synthetic(network: Network, seed: int = 0, analog: bool = True, rows: int = 256) -> tuple[Quantised, Int8]:
    """Random weights, ranges that suit them, and a random image: the same for the same seed.

    `analog`: conv3x3 and pw are the IMA's, else int8 ones; `rows` are of the crossbars that the ranges suit."""
    rng = generator(seed)
    image = rng.integers(-128, 128, network.input, dtype=np.int8)
    tensors: dict[str, Int8] = {INPUT: image}
    last = {name: layer.name for layer in network.layers for name in layer.inputs}
    parameters: dict[str, Parameters] = {}
    for layer in network.layers:
        inputs = [tensors[name] for name in layer.inputs]
        found = _draw(network, layer, rng, inputs[0], analog)
        parameters[layer.name] = found
        tensors[layer.name] = compute(layer, found, inputs, rows)
        for name in layer.inputs:
            if last[name] == layer.name:
                tensors.pop(name, None)
    return Quantised(network, parameters), image


def _draw(network: Network, layer: Layer, rng: np.random.Generator, x: Int8, analog: bool) -> Parameters:
    if layer.kind == "add":
        return Sum()
    limit = 7 if analog and layer.has_matrix else 127
    weights = rng.integers(-limit, limit + 1, network.weight_shape(layer), dtype=np.int8)
    deviation = SPREAD * float(sums_of(layer, weights, x[:SAMPLE]).std())
    if analog and layer.has_matrix:
        high = max(1, round(deviation / UNIT))
        return Analog(weights, 0 if layer.relu else high, high)
    return Digital(weights, shift=max(0, round(float(np.log2(max(deviation, 1) / 127)))))


