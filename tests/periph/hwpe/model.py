"""What IMA and DW compute, independently of their models: from the formulas, with exact fractions and plain loops."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt


def round_half_away(value: Fraction) -> int:
    """To the nearest integer, halves away from zero."""
    size = int(abs(value) + Fraction(1, 2))
    return size if value >= 0 else -size


def adc(total: int, low: int, high: int) -> int:
    """The public model's conversion of sum(x * w), in the units of its formula (paper.md section 2)."""
    current = Fraction(total, 127 * 7)
    current = max(min(current, Fraction(high)), Fraction(-low))
    return max(-127, min(127, round_half_away(current * 127 / (low + high))))


def convert(sums: npt.NDArray[Any], low: int, high: int) -> npt.NDArray[np.int8]:
    """`adc` of an array."""
    flat = [adc(int(total), low, high) for total in sums.ravel()]
    return np.array(flat, np.int8).reshape(sums.shape)


def matmul(inputs: npt.NDArray[Any], weights: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Sums of products, in integers."""
    return inputs.astype(np.int64) @ weights.astype(np.int64)


def wrap(value: int) -> int:
    """To 32 bits, signed."""
    return (value + (1 << 31)) % (1 << 32) - (1 << 31)


def depthwise(
    image: npt.NDArray[np.int8], weights: npt.NDArray[np.int8], padding: tuple[int, int, int, int], stride: int,
    bias: list[int], scale: list[int], shift: list[int], low: int, high: int,
) -> npt.NDArray[np.int8]:  # fmt: skip
    """3x3 depth-wise convolution of an HWC image; padding is top, right, bottom, left."""
    top, right, bottom, left = padding
    padded = np.pad(image.astype(int), ((top, bottom), (left, right), (0, 0)))
    rows, columns = ((n - 3) // stride + 1 for n in padded.shape[:2])
    out = np.zeros((rows, columns, image.shape[2]), np.int8)
    for y in range(rows):
        for x in range(columns):
            window = padded[y * stride : y * stride + 3, x * stride : x * stride + 3]
            for c in range(image.shape[2]):
                total = int((window[:, :, c] * weights[:, :, c]).sum())
                result = wrap(wrap(total + bias[c]) * scale[c]) >> shift[c]
                out[y, x, c] = max(low, min(high, result))
    return out


def slow_engine(
    memory: npt.NDArray[np.uint8], shape: tuple[int, int, int], source: int, target: int, weights: int,
    padding: tuple[int, int, int, int], stride: int, shift: int, changes: dict[int, tuple[int, int]],
) -> int:  # fmt: skip
    """DW's schedule slot by slot, on dense tensors (paper.md section 3): each slot reads or writes memory when
    it comes.  `changes` are bytes that another writes before a slot: slot -> (place, value).  Returns the slots."""
    height, width, channels = shape
    top, right, bottom, left = padding
    rows, columns = (height + top + bottom - 3) // stride + 1, (width + left + right - 3) // stride + 1
    slot = 0

    def tick() -> None:
        nonlocal slot
        if slot in changes:
            place, value = changes[slot]
            memory[place] = value
        slot += 1

    def pixel(y: int, x: int, first: int, last: int) -> npt.NDArray[np.int64]:
        tick()
        y, x = y - top, x - left
        if not (0 <= y < height and 0 <= x < width):
            return np.zeros(last - first, np.int64)
        place = source + (y * width + x) * channels
        return memory[place + first : place + last].view(np.int8).astype(np.int64)

    for first in range(0, channels, 16):
        last = min(channels, first + 16)
        kernel = []
        for k in range(9):
            tick()
            place = weights + k * channels
            kernel.append(memory[place + first : place + last].view(np.int8).astype(np.int64))
        for x in range(columns):
            window = {(i, j): pixel(i, stride * x + j, first, last) for i in range(3) for j in range(3)}
            pending = None
            for y in range(rows + 1):
                result = None
                if y < rows:
                    total = sum(window[stride * y + i, j] * kernel[3 * i + j] for i in range(3) for j in range(3))
                    result = np.clip(total >> shift, -128, 127).astype(np.int8)
                more = y < rows - 1
                for j in range(3):
                    if more:
                        window[stride * y + 3, j] = pixel(stride * y + 3, stride * x + j, first, last)
                    else:
                        tick()
                tick()
                if pending is not None:
                    place = target + ((y - 1) * columns + x) * channels
                    memory[place + first : place + last] = pending.view(np.uint8)
                if more and stride == 2:
                    for j in range(3):
                        window[stride * y + 4, j] = pixel(stride * y + 4, stride * x + j, first, last)
                pending = result
    return slot
