"""depthwise3x3_i8 against NumPy, and how fast it is."""

from __future__ import annotations

import numpy as np
import pytest

from firmware.apps.arithmetic import random_bias, random_int8, requantise


def convolve(
    bench, height, width, channels, stride=1, harts=8, seed=0, mult=0, bias=1, shift=8, relu=0, pad=0, **config
):
    """Run one convolution over planes of random bytes and check it; `pad` bytes more between the planes."""
    rng = np.random.default_rng(seed)
    rows, columns = stride * (height - 1) + 3, stride * (width - 1) + 3
    line = (columns + 3) // 4 * 4
    plane = line * rows + pad
    planes, weights, biases = (
        random_int8(rng, channels, plane),
        random_int8(rng, channels, 3, 3),
        random_bias(rng, channels),
    )
    run = bench("depthwise3x3_i8", ("depthwise3x3_i8.S",), harts, **config)
    shape = (height, width, channels)
    at = [run.put(planes), run.put(weights), run.put(np.zeros(shape, np.int8)), run.put(biases)]
    run.run(*at[:3], channels, height, width, stride, line, plane, at[3] if bias else 0, mult, shift, relu << 1)
    image = planes[:, : line * rows].reshape(channels, rows, line).astype(np.int64)
    acc = np.zeros((channels, height, width), np.int64)
    for i in range(3):
        for j in range(3):
            window = image[:, i : i + stride * (height - 1) + 1 : stride, j : j + stride * (width - 1) + 1 : stride]
            acc += window * weights[:, i, j].astype(np.int64)[:, None, None]
    if bias:
        acc += biases[:, None, None]
    want = requantise(acc, mult, shift, bool(relu)).transpose(1, 2, 0)
    np.testing.assert_array_equal(run.get(at[2], shape), want)
    return run


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("width", range(1, 10))
def test_every_rest_of_the_width(bench, width, stride):
    convolve(bench, 4, width, 5, stride, harts=2)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("height", range(1, 9))
def test_every_rest_of_the_height(bench, height, stride):
    convolve(bench, height, 5, 3, stride, harts=2)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("harts", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("channels", [1, 7, 16, 33])
def test_channels_over_harts(bench, channels, harts, stride):
    convolve(bench, 7, 7, channels, stride, harts)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("relu", [0, 1])
@pytest.mark.parametrize("mult", [0, 3, -70])
@pytest.mark.parametrize("bias", [0, 1])
def test_every_requantisation(bench, stride, relu, mult, bias):
    convolve(bench, 6, 7, 8, stride, 4, 1, mult, bias, 9, relu)


@pytest.mark.parametrize("seed", range(30))
def test_random(bench, seed):
    rng = np.random.default_rng(seed)
    height, width, channels = (int(v) for v in rng.integers(1, 20, 3))
    options = {"mult": int(rng.integers(-9, 10)), "bias": int(rng.integers(0, 2)), "shift": int(rng.integers(0, 14))}
    options |= {"relu": int(rng.integers(0, 2)), "pad": int(rng.integers(0, 9))}
    convolve(bench, height, width, channels, int(rng.integers(1, 3)), int(rng.integers(1, 17)), seed, **options)


SHAPES = {(16, 16, 128, 1): 9.6, (14, 14, 576, 1): 9.4, (7, 7, 960, 1): 7.8, (14, 14, 192, 2): 7}


@pytest.mark.parametrize("shape", SHAPES)
def test_eight_harts_reach(bench, shape):
    """MAC/cycle; with the instruction cache at least 90 % of what it is without."""
    work = 9 * shape[0] * shape[1] * shape[2]
    least = SHAPES[shape]
    assert work / convolve(bench, *shape, pad=4, icache="ideal").cycles >= least
    assert work / convolve(bench, *shape, pad=4).cycles >= 0.9 * least
