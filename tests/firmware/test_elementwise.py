"""add_i8 and requantise_i8 against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from firmware.apps.arithmetic import random_int8, requantise

SOURCES = ("elementwise_i8.S",)


def add(bench, n, harts=8, mult_a=3, mult_b=-2, bias=5, shift=2, relu=0, seed=0, offset=0, **config):
    rng = np.random.default_rng(seed)
    a, b = random_int8(rng, 2, n)
    run = bench("add_i8", SOURCES, harts, **config)
    at = [run.put(a, offset), run.put(b), run.put(np.zeros(n, np.int8))]
    run.run(*at, n, mult_a, mult_b, bias, shift, relu << 1)
    acc = a.astype(np.int64) * mult_a + b.astype(np.int64) * mult_b + bias
    np.testing.assert_array_equal(run.get(at[2], (n,)), requantise(acc, 0, shift, bool(relu)))
    return run


def narrow(bench, n, harts=8, mult=0, bias=5, shift=4, relu=0, seed=0, **config):
    rng = np.random.default_rng(seed)
    values = rng.integers(-(2**31), 2**31, n, dtype=np.int32) >> rng.integers(0, 32, n)
    run = bench("requantise_i8", SOURCES, harts, **config)
    at = [run.put(values.astype(np.int32)), run.put(np.zeros(n, np.int8))]
    run.run(*at, n, bias, mult, shift, relu << 1)
    want = requantise(values.astype(np.int64) + bias, mult, shift, bool(relu))
    np.testing.assert_array_equal(run.get(at[1], (n,)), want)
    return run


@pytest.mark.parametrize("harts", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("n", [1, 7, 8, 9, 63, 64, 65, 130, 1000])
def test_every_length(bench, n, harts):
    add(bench, n, harts)
    narrow(bench, n, harts)


@pytest.mark.parametrize("mult_a", [-128, 0, 127])
@pytest.mark.parametrize("mult_b", [-128, 1, 127])
@pytest.mark.parametrize("relu", [0, 1])
def test_multipliers_of_add(bench, mult_a, mult_b, relu):
    add(bench, 100, 4, mult_a, mult_b, -300, 6, relu, offset=1)


@pytest.mark.parametrize("mult", [0, 1, -5, 0x7FFFFFFF])
@pytest.mark.parametrize("shift", [0, 11, 31])
@pytest.mark.parametrize("relu", [0, 1])
def test_multipliers_of_requantise(bench, mult, shift, relu):
    narrow(bench, 50, 3, mult, -77, shift, relu)


def test_speed(bench):
    """Elements per cycle: 8 harts, 38 cycles for 8 elements; 15 cycles for 4."""
    assert 32768 / add(bench, 32768, icache="ideal").cycles >= 1.65
    assert 16384 / narrow(bench, 16384, icache="ideal").cycles >= 2.05
    assert 32768 / add(bench, 32768).cycles >= 1.5


def test_harts_in_step_do_not_meet(bench):
    """Blocks in turn: with 8 harts in step hardly an access is refused."""
    assert add(bench, 32768).counter(16).sum() < 100
