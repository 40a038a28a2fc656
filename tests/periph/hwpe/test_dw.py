"""DW: results bit for bit, the schedule's cycles, and inputs that change while they are read."""

from __future__ import annotations

import numpy as np
import pytest

from periph.hwpe.controller import AcceleratorWarning
from periph.hwpe.dw import CHANNEL_BIAS, CHANNEL_CLIP, CHANNEL_SCALE, CHANNEL_SHIFT, NO_RELU, NORM, STRIDE2

from . import model
from .bench import TCDM, Bench, depthwise

IMAGE, WEIGHTS, TABLES, OUT = TCDM, TCDM + 0x20000, TCDM + 0x28000, TCDM + 0x40000
MODE = 1 << 5
ONES = 0x01010101


def packed(padding: tuple[int, int, int, int]) -> int:
    return sum(n << 8 * i for i, n in enumerate(padding))


def words(
    bench: Bench, height: int, width: int, channels: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A random image and random weights, in memory."""
    image = rng.integers(-128, 128, (height, width, channels)).astype(np.int8)
    weights = rng.integers(-128, 128, (3, 3, channels)).astype(np.int8)
    bench.write(IMAGE, image)
    bench.write(WEIGHTS, weights)
    return image, weights


def addresses() -> dict[str, int]:
    return {"SRC_ADDR": IMAGE, "DST_ADDR": OUT, "WEIGHT_ADDR": WEIGHTS}


@pytest.mark.parametrize("seed", range(20))
def test_random_layers_bit_for_bit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    bench = Bench(hwpe_port_bits=int(rng.choice([32, 64, 128, 256, 512])))
    stride = int(rng.integers(1, 3))
    padding = tuple(int(n) for n in rng.integers(0, 3, 4))
    height, width, channels = int(rng.integers(3, 12)), int(rng.integers(3, 12)), int(rng.integers(1, 40))
    image, weights = words(bench, height, width, channels, rng)
    bias = rng.integers(-(1 << 31), 1 << 31, channels)
    scale = rng.integers(-(1 << 31), 1 << 31, channels) if rng.random() < 0.2 else rng.integers(1, 99, channels)
    shift = rng.integers(0, 20, channels)
    for i, (table, kind) in enumerate(((bias, np.int32), (scale, np.int32), (shift, np.uint8))):
        bench.write(TABLES + 1000 * i, table.astype(kind))
    conf = MODE | (STRIDE2 if stride == 2 else 0)
    low, high, registers = -128, 127, {}
    if rng.random() < 0.5:
        conf |= NORM | CHANNEL_BIAS | CHANNEL_SCALE | CHANNEL_SHIFT
    else:
        bias[:], scale[:], shift[:] = int(bias[0]), int(scale[0]), int(shift[0])
        conf |= NORM | int(shift[0]) << 16
        registers = {"BIAS": int(bias[0]), "SCALE": int(scale[0])}
    if rng.random() < 0.5:
        low = 0
    else:
        conf |= NO_RELU
    if rng.random() < 0.3:
        high = int(rng.integers(1, 127))
        registers["CLIP"] = 0x80 | high << 8
    bounds = np.array([[low, high]] * channels)
    if rng.random() < 0.3:
        bounds = rng.integers(-128, 128, (channels, 2))
        bench.write(TABLES + 3001, bounds.astype(np.int8))
        registers["CLIP_ADDR"] = TABLES + 3001
        conf |= CHANNEL_CLIP
        if low == 0:
            bounds[:, 0] = np.maximum(bounds[:, 0], 0)
    job = depthwise(
        height, width, channels, **addresses(), CONF0=conf, PADDING=packed(padding), BIAS_ADDR=TABLES,
        SCALE_ADDR=TABLES + 1000, SHIFT_ADDR=TABLES + 2000, **registers,
    )  # fmt: skip
    bench.job(bench.dw, job)
    bench.finish(bench.dw)
    sums = model.depthwise(image, weights, padding, stride, bias.tolist(), scale.tolist(), shift.tolist(), -128, 127)
    expected = np.minimum(np.maximum(sums, bounds[:, 0]), bounds[:, 1])
    assert (bench.read(OUT, expected.shape) == expected).all()
    assert bench.dw.stats()["races"] == 0


def test_strides_of_a_larger_tensor(bench: Bench, rng: np.random.Generator) -> None:
    """Channels 4..19 of 24, a part of a larger image, into channels 16..31 of 40, from odd addresses."""
    image = rng.integers(-128, 128, (9, 8, 24)).astype(np.int8)
    weights = rng.integers(-9, 10, (3, 3, 24)).astype(np.int8)
    out = np.full((4, 5, 40), 77, np.int8)
    bench.write(IMAGE + 1, image)
    bench.write(WEIGHTS + 3, weights)
    bench.write(OUT + 2, out)
    job = depthwise(
        6, 7, 16, SRC_ADDR=IMAGE + 1 + 2 * 8 * 24 + 24 + 4, DST_ADDR=OUT + 2 + 16, WEIGHT_ADDR=WEIGHTS + 3 + 4,
        SRC_LINE_STRIDE=8 * 24, SRC_PIXEL_STRIDE=24, DST_LINE_STRIDE=5 * 40, DST_PIXEL_STRIDE=40, WEIGHT_STRIDE=24,
        CONF0=MODE | NO_RELU | 4 << 16,
    )  # fmt: skip
    bench.job(bench.dw, job)
    bench.finish(bench.dw)
    part = image[2:8, 1:8, 4:20]
    ones = [1] * 16
    expected = model.depthwise(part, weights[:, :, 4:20], (0, 0, 0, 0), 1, [0] * 16, ones, [4] * 16, -128, 127)
    out[:, :, 16:32] = expected
    assert (bench.read(OUT + 2, out.shape) == out).all()


# -- cycles ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("height", "width", "channels"), [(16, 16, 32), (14, 14, 16), (3, 3, 16), (5, 9, 48)])
@pytest.mark.parametrize("padding", [0, 1])
def test_cycles_of_stride_1(bench: Bench, height: int, width: int, channels: int, padding: int) -> None:
    """9 + W (9 + 4 H + 4) for each block of 16 channels; the start adds the streamer's one."""
    bench.job(bench.dw, depthwise(height, width, channels, **addresses(), PADDING=ONES * padding))
    bench.finish(bench.dw)
    rows, columns = height + 2 * padding - 2, width + 2 * padding - 2
    blocks = channels // 16
    assert bench.dw.stats()["busy_cycles"] == blocks * (9 + columns * (9 + 4 * rows + 4)) + 1


def test_the_printed_throughput(bench: Bench) -> None:
    """29.7 MAC/cycle on average (arXiv 2201.01089, IV-C), at 16x16."""
    bench.job(bench.dw, depthwise(16, 16, 64, **addresses(), PADDING=ONES))
    bench.finish(bench.dw)
    stats = bench.dw.stats()
    assert stats["macs"] / stats["busy_cycles"] == pytest.approx(29.7, abs=0.05)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (2, 3), (7, 7)])
def test_cycles_of_stride_2(bench: Bench, rows: int, columns: int) -> None:
    """Three more loads a row, but for the last."""
    job = depthwise(2 * rows + 1, 2 * columns + 1, 16, **addresses(), CONF0=MODE | NO_RELU | STRIDE2)
    bench.job(bench.dw, job)
    bench.finish(bench.dw)
    assert bench.dw.stats()["busy_cycles"] == 9 + columns * (9 + 7 * (rows - 1) + 4 + 4) + 1


@pytest.mark.parametrize(("bits", "factor"), [(32, 4), (64, 2), (256, 1), (512, 1)])
def test_cycles_of_other_ports(bits: int, factor: int) -> None:
    """A slot takes 16 bytes; idle slots stay one cycle."""
    bench = Bench(hwpe_port_bits=bits)
    bench.job(bench.dw, depthwise(10, 10, 16, **addresses()))
    bench.finish(bench.dw)
    used = 9 + 8 * (9 + 3 * 7 + 8)
    idle = 8 * (3 + 3 + 1)
    assert bench.dw.stats()["busy_cycles"] == factor * used + idle + 1
    assert bench.dw.stats()["beats"] == factor * used


def test_an_unaligned_image_costs_a_beat_more_a_pixel(bench: Bench) -> None:
    bench.job(bench.dw, depthwise(10, 10, 16, **{**addresses(), "SRC_ADDR": IMAGE + 2}))
    bench.finish(bench.dw)
    assert bench.dw.stats()["beats"] == 9 + 8 * (2 * (9 + 3 * 7) + 8)


def test_channels_parameters_are_loaded(bench: Bench) -> None:
    """Bias and scale are four beats each for 16 channels, bounds two, shifts one."""
    conf = MODE | NORM | CHANNEL_BIAS | CHANNEL_SCALE | CHANNEL_SHIFT | CHANNEL_CLIP
    tables = {f"{name}_ADDR": TABLES for name in ("BIAS", "SCALE", "SHIFT", "CLIP")}
    bench.job(bench.dw, depthwise(3, 3, 32, **addresses(), **tables, CONF0=conf))
    bench.finish(bench.dw)
    assert bench.dw.stats()["beats"] == 2 * (9 + 4 + 4 + 1 + 2 + 9 + 1)


# -- inputs that change ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("distance", [-32, 0, 16, 96])
@pytest.mark.parametrize("columns", [1, 4])
def test_in_place(bench: Bench, rng: np.random.Generator, stride: int, distance: int, columns: int) -> None:
    """Where the output overlaps the input, it holds what the schedule makes of it, slot by slot."""
    padding = (1, 0, 1, 0)
    shape = 6, (columns - 1) * stride + 3, 20
    words(bench, *shape, rng)
    start = IMAGE - TCDM + 64
    bench.write(IMAGE + 64, rng.integers(-128, 128, shape).astype(np.int8))
    memory = bench.read(TCDM, (0x30000,), np.uint8).copy()
    conf = MODE | NO_RELU | 3 << 16 | (STRIDE2 if stride == 2 else 0)
    place = {"SRC_ADDR": IMAGE + 64, "DST_ADDR": IMAGE + 64 + distance, "WEIGHT_ADDR": WEIGHTS}
    with pytest.warns(AcceleratorWarning, match="the output overlaps the input"):
        bench.job(bench.dw, depthwise(*shape, **place, CONF0=conf, PADDING=packed(padding)))
    bench.finish(bench.dw)
    slots = model.slow_engine(memory, shape, start, start + distance, WEIGHTS - TCDM, padding, stride, 3, {})
    assert (bench.read(TCDM, (0x30000,), np.uint8) == memory).all()
    assert bench.dw.stats()["busy_cycles"] == slots + 1


@pytest.mark.parametrize("seed", range(8))
def test_inputs_written_while_they_are_read(bench: Bench, seed: int) -> None:
    """Results are those of the bytes that the port found when it came by."""
    rng = np.random.default_rng(seed)
    stride = 1 + seed % 2
    padding = (1, 1, 1, 1)
    shape = 9, 8, 32
    words(bench, *shape, rng)
    memory = bench.read(TCDM, (0x80000,), np.uint8).copy()
    conf = MODE | NO_RELU | 7 << 16 | (STRIDE2 if stride == 2 else 0)
    trigger = bench.job(bench.dw, depthwise(*shape, **addresses(), CONF0=conf, PADDING=ONES))
    total = 9 + 8 * (9 + 4 * 9 + 4) if stride == 1 else 9 + 4 * (9 + 7 * 4 + 8)
    changes = {
        int(slot): (int(rng.integers(0, 9 * 8 * 32)), int(rng.integers(0, 256)))
        for slot in rng.integers(1, 2 * total, 6)
    }
    for slot, (place, value) in changes.items():
        data = bytes([value])
        bench.machine.at(trigger + 4 + slot, lambda cycle, p=place, d=data: bench.machine.write(TCDM + p, d))
    bench.finish(bench.dw)
    slots = model.slow_engine(memory, shape, 0, OUT - TCDM, WEIGHTS - TCDM, padding, stride, 7, changes)
    assert slots == 2 * total
    assert (bench.read(TCDM, (0x80000,), np.uint8) == memory).all()


def test_weights_are_those_of_their_preload(bench: Bench, rng: np.random.Generator) -> None:
    """A block's weights are stationary: a change after their preload does not matter to it."""
    shape = 6, 6, 32
    image, weights = words(bench, *shape, rng)
    conf = MODE | NO_RELU | 8 << 16
    trigger = bench.job(bench.dw, depthwise(*shape, **addresses(), CONF0=conf))
    changed = rng.integers(-128, 128, (3, 3, 32)).astype(np.int8)
    bench.machine.at(trigger + 4 + 30, lambda cycle: bench.machine.write(WEIGHTS, changed.tobytes()))
    bench.finish(bench.dw)
    used = np.concatenate([weights[:, :, :16], changed[:, :, 16:]], axis=2)
    expected = model.depthwise(image, used, (0, 0, 0, 0), 1, [0] * 32, [1] * 32, [8] * 32, -128, 127)
    assert (bench.read(OUT, expected.shape) == expected).all()


def test_rate_on_mobilenetv2() -> None:
    """docs/bottleneck.md: its 17 depth-wise layers together, 29.7 MAC/cycle in arXiv 2201.01089 (Fig. 12a), within 10 %."""
    layers = {
        (112, 1): 32, (112, 2): 96, (56, 1): 144, (56, 2): 144, (28, 1): 2 * 192, (28, 2): 192, (14, 1): 4 * 384 + 2 * 576,
        (14, 2): 576, (7, 1): 3 * 960,
    }  # fmt: skip
    macs = cycles = 0
    for (size, stride), channels in layers.items():
        bench = Bench()
        place = {"SRC_ADDR": TCDM, "DST_ADDR": TCDM + 16 * size * size, "WEIGHT_ADDR": TCDM + 0x7F000}
        conf = MODE | NO_RELU | (STRIDE2 if stride == 2 else 0)
        bench.job(bench.dw, depthwise(size, size, 16, **place, PADDING=ONES, CONF0=conf))
        bench.finish(bench.dw)
        macs += bench.dw.stats()["macs"] * channels // 16
        cycles += bench.dw.stats()["busy_cycles"] * channels // 16
    assert macs == 9 * sum(channels * (-(-size // stride)) ** 2 for (size, stride), channels in layers.items())
    assert macs / cycles == pytest.approx(29.7, rel=0.1)
    assert macs / cycles == pytest.approx(27.8, abs=0.05)
