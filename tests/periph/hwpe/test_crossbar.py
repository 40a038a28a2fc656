"""The crossbar's arithmetic against exact fractions, its imperfections, and its speed."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from periph.hwpe.crossbar import EXACT_ROWS, Crossbars, Noise, Tile, convert, round_shift

from . import model


@given(st.integers(-300_000, 300_000), st.integers(0, 400), st.integers(0, 400))
def test_adc_is_the_documented_formula(total: int, low: int, high: int) -> None:
    if low + high:
        assert convert(np.array([total]), low, high)[0] == model.adc(total, low, high)


def test_adc_rounds_halves_away_from_zero() -> None:
    assert convert(np.array([7, -7, 6, -6, 21, -21]), 1, 1).tolist() == [1, -1, 0, 0, 2, -2]


@given(st.integers(-5000, 5000), st.integers(0, 12))
def test_round_shift(value: int, shift: int) -> None:
    from fractions import Fraction

    expected = model.round_half_away(Fraction(value, 1 << shift))
    assert round_shift(np.array([value], np.int64), shift)[0] == expected


@pytest.mark.parametrize("rows", [1, 256, EXACT_ROWS, EXACT_ROWS + 1])
def test_sums_are_exact(rows: int, rng: np.random.Generator) -> None:
    """Also in float32, for the largest products there can be."""
    bars = Crossbars(1, rows, 3, Noise())
    weights = rng.integers(-8, 8, (rows, 3)).astype(np.int8)
    weights[:, 0] = -8
    inputs = rng.integers(-128, 128, rows).astype(np.int8)
    inputs[:] = np.where(rng.random(rows) < 0.9, -128, inputs)
    bars.write(0, 0, 0, weights)
    assert (bars.multiply(Tile(0, 0, 0, 3, rows), inputs) == model.matmul(inputs, weights)).all()


def test_the_identity_at_first_and_no_reset() -> None:
    bars = Crossbars(2, 4, 6, Noise())
    assert (bars.cells[1] == np.eye(4, 6)).all()
    bars.write(1, 0, 0, np.full((2, 2), 5, np.int8))
    bars.reset()
    assert bars.read(1, 1, 0, 3).tolist() == [5, 5, 0]


def _filled(noise: Noise, seed: int = 5) -> tuple[Crossbars, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    bars = Crossbars(1, 256, 256, noise)
    weights = rng.integers(-7, 8, (256, 256)).astype(np.int8)
    bars.write(0, 0, 0, weights)
    return bars, weights, rng.integers(-127, 128, 256).astype(np.int8)


ALL = Tile(0, 0, 0, 256, 256)


@pytest.mark.parametrize(
    "noise",
    [Noise(1, programming=1.0), Noise(1, drift_seconds=1e6), Noise(1, read=1.0), Noise(1, adc_inl=1.0, dac_inl=1.0)],
)
def test_noise_is_seeded(noise: Noise) -> None:
    first, second = _filled(noise), _filled(noise)
    a = [first[0].multiply(ALL, first[2]) for _ in range(3)]
    b = [second[0].multiply(ALL, second[2]) for _ in range(3)]
    assert all((x == y).all() for x, y in zip(a, b, strict=True))
    first[0].reset()
    assert (first[0].multiply(ALL, first[2]) == a[0]).all(), "a reset begins the noise anew"
    if noise.read:
        assert (a[0] != a[1]).any()
    other = _filled(Noise(2, noise.programming, noise.read, noise.drift_seconds, noise.dac_inl, noise.adc_inl))
    if not noise.dac_inl:
        assert (other[0].multiply(ALL, other[2]) != a[0]).any()


def test_programming_noise_is_as_measured() -> None:
    """The deviation of a device programmed to g is max(-1.1731 g^2 + 1.9650 g + 0.2635, 0) uS of 25."""
    bars = Crossbars(1, 512, 512, Noise(3, programming=1.0))
    for level in (2, 5, 7):
        bars.write(0, 0, 0, np.full((512, 512), level, np.int8))
        g = level / 7
        sigma = np.hypot(-1.1731 * g * g + 1.9650 * g + 0.2635, 0.2635 * 0.584) * 7 / 25
        found = bars.weights(0)
        assert found.std() == pytest.approx(sigma, rel=0.02)
        assert found.mean() == pytest.approx(level - 0.2635 * 0.399 * 7 / 25, abs=0.01)


def test_drift_lowers_conductances_by_its_power_law() -> None:
    bars = Crossbars(1, 512, 512, Noise(3, drift_seconds=86400.0))
    bars.write(0, 0, 0, np.full((512, 512), 7, np.int8))
    exponent = -np.log(bars.weights(0).mean() / 7) / np.log(86400 / 20)
    assert exponent == pytest.approx(0.049, abs=0.001)
    assert (Crossbars(1, 8, 8, Noise(3, drift_seconds=20.0)).weights(0) == np.eye(8)).all()


def test_read_noise_is_that_of_every_cell() -> None:
    """A column's deviation is the root of the sum of its cells' variances."""
    bars, weights, inputs = _filled(Noise(4, read=1.0))
    sums = np.array([bars.multiply(ALL, inputs) for _ in range(400)])
    g = np.abs(weights) / 7
    quality = np.minimum(0.0088 / np.maximum(g, 1e-6) ** 0.65, 0.2)
    cell = 7 * g * quality * np.sqrt(np.log((20 + 250e-9) / 500e-9))
    expected = np.sqrt((inputs.astype(float)[:, None] ** 2 * cell**2).sum(0))
    assert (sums.std(0) / expected).mean() == pytest.approx(1, abs=0.02)
    assert np.abs(sums.mean(0) - model.matmul(inputs, weights)).max() < 5 * expected.max() / 20


def test_non_linearity_peaks_at_its_lsb() -> None:
    totals = np.arange(-889 * 20, 889 * 20 + 1)
    straight, bent = convert(totals, 20, 20).astype(int), convert(totals, 20, 20, inl=3.0).astype(int)
    assert np.abs(bent - straight).max() == 3
    assert bent[0] == straight[0]
    assert bent[-1] == straight[-1]


def test_a_multiplication_costs_about_numpys() -> None:
    """Not more than NumPy's integer product of the same shape, conversion included (some 17 us, NumPy's 150)."""
    bars, weights, inputs = _filled(Noise())
    wide, narrow = weights.astype(np.int32), inputs.astype(np.int32)

    def fastest(action: object) -> float:
        times = []
        for _ in range(20):
            begin = time.perf_counter()
            for _ in range(10):
                action()  # type: ignore[operator]
            times.append(time.perf_counter() - begin)
        return min(times)

    ours = fastest(lambda: convert(bars.multiply(ALL, inputs), 20, 20))
    numpys = fastest(lambda: narrow @ wide)
    assert ours < numpys
