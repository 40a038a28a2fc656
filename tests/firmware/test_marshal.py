"""hwc_to_chw_i8 and chw_to_hwc_i8 against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from firmware.apps.arithmetic import random_int8

SOURCES = ("marshal_i8.S",)


def marshal(bench, height, width, channels, harts=8, border=(1, 1, 1, 1), pad=0, back=False, seed=0):
    """Both ways; `border` is top, left, bottom, right, `pad` bytes lie between the planes."""
    rng = np.random.default_rng(seed)
    top, left, bottom, right = border
    line, lines = (left + width + right + 3) // 4 * 4, top + height + bottom
    plane = line * lines + pad
    image = random_int8(rng, height, width, channels)
    planes = random_int8(rng, channels, plane)
    inside = planes[:, : line * lines].reshape(channels, lines, line)
    run = bench("chw_to_hwc_i8" if back else "hwc_to_chw_i8", SOURCES, harts)
    if back:
        inside[:, top : top + height, left : left + width] = image.transpose(2, 0, 1)
    at = [run.put(np.zeros_like(image) if back else image), run.put(planes)]
    run.run(*at, channels, height, width, line, lines, plane, top, left)
    if not back:
        inside[...] = 0
        inside[:, top : top + height, left : left + width] = image.transpose(2, 0, 1)
    np.testing.assert_array_equal(run.get(at[0], image.shape), image)
    np.testing.assert_array_equal(run.get(at[1], planes.shape), planes)
    return run


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("harts", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("shape", [(16, 16, 32), (7, 7, 24), (5, 3, 9), (1, 1, 1), (2, 13, 6)])
def test_shapes(bench, shape, harts, back):
    marshal(bench, *shape, harts, back=back)


@pytest.mark.parametrize("left", range(4))
@pytest.mark.parametrize("width", range(1, 11))
def test_every_rest_of_a_row(bench, width, left):
    for right in (0, 1, 5):
        marshal(bench, 2, width, 8, 2, (0, left, 1, right))


@pytest.mark.parametrize("seed", range(40))
def test_random(bench, seed):
    rng = np.random.default_rng(seed)
    height, width, channels = (int(v) for v in rng.integers(1, 20, 3))
    border = tuple(int(v) for v in rng.integers(0, 4, 4))
    pad = 4 * int(rng.integers(0, 3))
    marshal(bench, height, width, channels, int(rng.integers(1, 17)), border, pad, bool(rng.integers(0, 2)), seed)


def test_speed(bench):
    assert 16 * 16 * 128 / marshal(bench, 16, 16, 128, pad=4).cycles >= 2.8
