"""What the kernels compute, in NumPy, written from the definition in firmware/kernels/kernels.inc."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Int8 = npt.NDArray[np.int8]
FLAG_INT8, FLAG_RELU = 1, 2
"""Of the kernels' arguments (firmware/kernels/kernels.inc)."""


def wrap32(value: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Modulo 2**32, as a signed number."""
    return (value.astype(np.int64) + 2**31) % 2**32 - 2**31


def requantise(acc: npt.NDArray[Any], mult: int, shift: int, relu: bool) -> Int8:
    """clip((acc * mult) >> shift); mult = 0 is no multiplication."""
    scaled = wrap32(acc.astype(np.int64) * mult) if mult else wrap32(acc)
    result: Int8 = np.clip(scaled >> shift, 0 if relu else -128, 127).astype(np.int8)
    return result


def matmul(a: npt.NDArray[Any], b: npt.NDArray[Any], bias: npt.NDArray[Any] | None = None) -> npt.NDArray[np.int64]:
    """a [M][K] x transposed b [N][K] + bias [N].  Products in double precision are exact and fast."""
    acc = np.rint(a.astype(np.float64) @ b.astype(np.float64).T).astype(np.int64)
    return acc if bias is None else acc + bias


def depthwise3x3(image: Int8, weights: Int8, bias: npt.NDArray[Any] | None, stride: int) -> npt.NDArray[np.int64]:
    """Accumulators [H'][W'][C] of an image [H][W][C] with a zero on each side, weights [C][3][3]."""
    h, w, channels = image.shape
    height, width = (h - 1) // stride + 1, (w - 1) // stride + 1
    padded = np.zeros((h + 2, w + 2, channels), np.int64)
    padded[1 : h + 1, 1 : w + 1] = image
    acc = np.zeros((height, width, channels), np.int64)
    for i in range(3):
        for j in range(3):
            window = padded[i : i + stride * (height - 1) + 1 : stride, j : j + stride * (width - 1) + 1 : stride]
            acc += window * weights[:, i, j].astype(np.int64)
    return acc if bias is None else acc + bias


def random_int8(rng: np.random.Generator, *shape: int) -> Int8:
    return rng.integers(-128, 128, shape, dtype=np.int8)


def random_bias(rng: np.random.Generator, n: int, size: int = 2000) -> npt.NDArray[np.int32]:
    return rng.integers(-size, size, n, dtype=np.int32)
