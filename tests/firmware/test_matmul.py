"""matmul_i8 and pointwise_i8 against NumPy, and how fast they are."""

from __future__ import annotations

import numpy as np
import pytest

from firmware.apps.arithmetic import matmul, random_bias, random_int8, requantise

SOURCES = ("matmul_i8.S",)


def multiply(
    bench, m, n, k, harts=8, seed=0, int8=1, relu=0, mult=0, shift=8, bias=1, pad=(0, 0, 0), offset=0, **config
):
    """Run one multiplication and check it; the bench, for its counters."""
    rng = np.random.default_rng(seed)
    lda, ldb, ldc = k + pad[0], k + pad[1], (n + pad[2]) * (1 if int8 else 4)
    a, b, biases = random_int8(rng, m, lda), random_int8(rng, n, ldb), random_bias(rng, n)
    dtype = np.int8 if int8 else np.int32
    run = bench("matmul_i8", SOURCES, harts, **config)
    c = np.full((m, n + pad[2]), 0x5A, dtype)
    at = [run.put(a, offset), run.put(b), run.put(c), run.put(biases)]
    run.run(*at[:3], m, n, k, lda, ldb, ldc, at[3] if bias else 0, mult, shift, int8 | relu << 1)
    acc = matmul(a[:, :k], b[:, :k], biases if bias else None)
    c[:, :n] = requantise(acc, mult, shift, bool(relu)) if int8 else acc
    np.testing.assert_array_equal(run.get(at[2], c.shape, dtype), c)
    return run


@pytest.mark.parametrize("harts", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("shape", [(16, 16, 32), (13, 7, 21), (1, 1, 1), (33, 35, 6), (4, 50, 64), (70, 3, 17)])
def test_shapes(bench, shape, harts):
    multiply(bench, *shape, harts)


@pytest.mark.parametrize("k", range(14))
def test_every_rest_of_k(bench, k):
    multiply(bench, 9, 7, k, harts=2, int8=0)


@pytest.mark.parametrize("m", range(1, 9))
def test_every_rest_of_rows_and_columns(bench, m):
    for n in range(1, 9):
        multiply(bench, m, n, 8, harts=1, seed=n)


@pytest.mark.parametrize("int8", [0, 1])
@pytest.mark.parametrize("relu", [0, 1])
@pytest.mark.parametrize("mult", [0, 1, -3, 0x12345])
@pytest.mark.parametrize("bias", [0, 1])
def test_every_way_to_store(bench, int8, relu, mult, bias):
    for m, n in ((8, 8), (7, 7)):
        multiply(bench, m, n, 20, 3, 1, int8, relu if int8 else 0, mult, 7, bias)


@pytest.mark.parametrize("seed", range(60))
def test_random(bench, seed):
    rng = np.random.default_rng(1000 + seed)
    m, n, k = (int(v) for v in rng.integers(1, 48, 3))
    pad = tuple(int(v) for v in rng.integers(0, 6, 3))
    int8 = int(rng.integers(0, 2))
    options = {"int8": int8, "relu": int8 * int(rng.integers(0, 2)), "bias": int(rng.integers(0, 2)), "pad": pad}
    options |= {
        "mult": int(rng.integers(-200, 200)),
        "shift": int(rng.integers(0, 20)),
        "offset": int(rng.integers(0, 4)),
    }
    multiply(bench, m, n, k, int(rng.integers(1, 17)), seed, **options)


def test_extreme_values_wrap_as_documented(bench):
    run = bench("matmul_i8", SOURCES, 2)
    a = np.full((4, 64), -128, np.int8)
    at = [run.put(a), run.put(a), run.put(np.zeros((4, 4), np.int8))]
    run.run(*at, 4, 4, 64, 64, 64, 4, 0, 0x7FFFFFFF, 3, 1)
    acc = matmul(a, a)
    np.testing.assert_array_equal(run.get(at[2], (4, 4)), requantise(acc, 0x7FFFFFFF, 3, False))


# -- speed -----------------------------------------------------------------------------------------------------------


SHAPES = {(64, 64, 128): 18.5, (128, 64, 256): 19.5, (64, 64, 100): 18, (49, 160, 960): 20}


def rate(run, m, n, k):
    return m * n * k / run.cycles


@pytest.mark.parametrize("shape", SHAPES)
def test_eight_harts_reach(bench, shape):
    """The issue asks for 15 MAC/cycle, conflicts included; without the instruction cache a bound near what it does."""
    assert rate(multiply(bench, *shape), *shape) >= 17
    assert rate(multiply(bench, *shape, icache="ideal"), *shape) >= SHAPES[shape]


def test_it_scales_with_the_harts(bench):
    one, sixteen = (multiply(bench, 64, 64, 128, harts, icache="ideal").cycles for harts in (1, 16))
    assert one / sixteen > 14


def test_no_bank_is_a_bottleneck(bench):
    """All rows in the same banks (a step of 128 bytes) or not: less than 3 % of the time is lost to conflicts."""
    for pad in ((0, 0, 0), (4, 4, 0), (0, 4, 0)):
        run = multiply(bench, 64, 64, 128, pad=pad)
        assert run.counter(16).max() < 0.03 * run.cycles


def test_the_inner_loop_is_24_cycles_without_a_stall(bench):
    """16 tiles of 4x4: 4 more steps of k are exactly 16 * 24 cycles more, and no load-use stall."""
    runs = [multiply(bench, 16, 16, k, harts=1, bias=0, icache="ideal") for k in (64, 128)]
    cycles, stalls = ([int(run.counter(i)[0]) for run in runs] for i in (0, 2))
    assert cycles[1] - cycles[0] == 16 * 16 * 24
    assert stalls[1] == stalls[0]


# -- the 1x1 convolution -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("harts", [1, 8])
@pytest.mark.parametrize("shape", [(16, 16, 24), (49, 20, 13), (3, 96, 16), (25, 7, 40)])
@pytest.mark.parametrize("relu", [0, 1])
def test_pointwise(bench, shape, harts, relu):
    pixels, cin, cout = shape
    rng = np.random.default_rng(5)
    x, w, biases = random_int8(rng, pixels, cin), random_int8(rng, cout, cin), random_bias(rng, cout)
    run = bench("pointwise_i8", ("pointwise_i8.S", *SOURCES), harts)
    at = [run.put(x), run.put(w), run.put(np.zeros((pixels, cout), np.int8)), run.put(biases)]
    run.run(*at[:3], pixels, cin, cout, at[3], 5, 9, relu << 1)
    np.testing.assert_array_equal(run.get(at[2], (pixels, cout)), requantise(matmul(x, w, biases), 5, 9, bool(relu)))
