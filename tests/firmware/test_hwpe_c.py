"""The accelerators' drivers in C: layers on IMA and DW, against NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from iss import toolchain
from iss.cluster import Cluster
from iss.result import RunResult

Int8 = npt.NDArray[np.int8]
Arrays = Mapping[str, npt.NDArray[np.generic]]
Run = Callable[..., tuple[Cluster, RunResult]]


@pytest.fixture
def run(tmp_path: Path, c_compiler: None) -> Run:
    """Compile the body of hart 0's main with arrays of bytes of its own, fill them, and run it on harts that wait meanwhile."""

    def compile_and_run(body: str, arrays: Arrays, output: int, **values: object) -> tuple[Cluster, RunResult]:
        names = {name: array.nbytes for name, array in arrays.items()} | {"target": output}
        lines = [f"signed char {name}[{size}] __attribute__((aligned(4)));" for name, size in names.items()]
        text = "\n".join(['#include "hwpe.h"', '#include "imciss.h"', *lines, "int main(void) {", body, "return 0; }\n"])
        (tmp_path / "layer.c").write_text(text)
        assert toolchain.build([tmp_path / "layer.c"], tmp_path / "layer.elf", options=["-Wall", "-Wextra"]) == ""
        cluster = Cluster(**values)  # type: ignore[arg-type]
        symbols = cluster.load_elf(tmp_path / "layer.elf").symbols
        for name, array in arrays.items():
            cluster.write(symbols[name], array.tobytes())
        cluster.write(symbols["target"], bytes([0x5A]) * output)
        result = cluster.run(max_cycles=10**7)
        assert result.exit_code == 0
        return cluster, result

    return compile_and_run


def target(cluster: Cluster, size: int) -> Int8:
    assert cluster.executable is not None
    return np.frombuffer(cluster.read(cluster.executable.symbols["target"], size), np.int8)


def converted(sums: npt.NDArray[np.integer], low: int, high: int) -> Int8:
    """What the IMA's ADC makes of sums of products: exact, halves away from zero."""
    value = np.clip(sums.astype(np.float64) / (127 * 7), -low, high) * 127 / (low + high)
    return np.clip(np.sign(value) * np.floor(np.abs(value) + 0.5), -127, 127).astype(np.int8)


def test_a_layer_on_ima(run: Run) -> None:
    """A 1x1 layer: 24 channels to 40, 5 x 7 pixels, weights plotted by the program; one of them is read back."""
    rng = np.random.default_rng(1)
    x, w = rng.integers(-128, 128, (35, 24), np.int8), rng.integers(-7, 8, (24, 40), np.int8)
    body = """
    ima_plot(1, 3, 5, 40, 24, weights);
    if (ima_weight(1, 3 + 17, 5 + 6) != weights[6 * 40 + 17])
        return 1;
    ima_job job = {.crossbar = 1, .x = 3, .y = 5, .inputs = 24, .outputs = 40, .adc_low = 3, .adc_high = 4, .vectors = 35,
                   .source = source, .source_stride = 24, .target = target, .target_stride = 40};
    ima_start(&job);
    ima_wait();
"""
    cluster, result = run(body, {"source": x, "weights": w}, 35 * 40 + 4, ima_crossbars=2)
    found = target(cluster, 35 * 40 + 4)
    np.testing.assert_array_equal(found[:-4].reshape(35, 40), converted(x.astype(np.int64) @ w.astype(np.int64), 3, 4))
    assert (found[-4:] == 0x5A).all()
    assert result.stats["hwpe"]["ima"]["jobs"] == 35
    assert result.stats["harts"][0]["stalls"]["sleep"] > 35 * 33


@pytest.mark.parametrize("queue", [1, 2])
def test_a_convolution_on_ima(run: Run, queue: int) -> None:
    """3x3 over an image of 6 x 8 x 5, to 12 channels at every second column: lines of inputs, rows of vectors; two jobs wait for
    their turn."""
    rng = np.random.default_rng(2)
    x, w = rng.integers(-128, 128, (6, 8, 5), np.int8), rng.integers(-7, 8, (45, 12), np.int8)
    body = """
    ima_plot(0, 0, 0, 12, 45, weights);
    ima_job job = {.inputs = 45, .outputs = 6, .adc_low = 2, .adc_high = 2, .vectors = 12,
                   .source = source, .source_stride = 10, .target = target, .target_stride = 12,
                   .row = 3, .source_row = 40, .target_row = 3 * 12, .line = 15, .line_stride = 40};
    ima_start(&job);
    job.x = 6;
    job.target = target + 6;
    ima_start(&job);
    ima_wait();
"""
    cluster, _ = run(body, {"source": x, "weights": w}, 4 * 3 * 12, ima_queue=queue)
    windows = np.array([[x[r : r + 3, 2 * c : 2 * c + 3].ravel() for c in range(3)] for r in range(4)])
    want = converted(windows.astype(np.int64) @ w.astype(np.int64), 2, 2)
    np.testing.assert_array_equal(target(cluster, 144).reshape(4, 3, 12), want)


def test_row_tiles_on_ima(run: Run) -> None:
    """48 inputs on two crossbars; the results are added, halved and have no sign."""
    rng = np.random.default_rng(3)
    x, w = rng.integers(-128, 128, (9, 48), np.int8), rng.integers(-7, 8, (48, 10), np.int8)
    body = """
    ima_plot(0, 2, 1, 10, 32, weights);
    ima_plot(1, 0, 0, 10, 16, weights + 320);
    static const ima_tile tiles[] = {{0, 2, 1, 32}, {1, 0, 0, 16}};
    ima_job job = {.inputs = 48, .outputs = 10, .adc_low = 2, .adc_high = 2, .vectors = 9, .source = source,
                   .source_stride = 48, .target = target, .target_stride = 10, .tile = tiles, .tiles = 2, .shift = 1, .relu = 1};
    ima_start(&job);
    ima_wait();
"""
    cluster, _ = run(body, {"source": x, "weights": w}, 90, ima_crossbars=2)
    parts = [converted(x[:, a:b].astype(np.int64) @ w[a:b].astype(np.int64), 2, 2).astype(int) for a, b in ((0, 32), (32, 48))]
    total = np.floor((parts[0] + parts[1]) / 2 + 0.5)  # halves away from zero, where it is above
    np.testing.assert_array_equal(target(cluster, 90).reshape(9, 10), np.clip(total, 0, 127))


def depthwise(x: Int8, w: Int8, padding: tuple[int, int, int, int], stride: int) -> npt.NDArray[np.int64]:
    """Sums of a 3x3 depth-wise convolution: HWC, weights [3][3][C], padding top, bottom, left, right."""
    padded = np.pad(x.astype(np.int64), (padding[:2], padding[2:], (0, 0)))
    rows, columns = ((size - 3) // stride + 1 for size in padded.shape[:2])
    sums = np.zeros((rows, columns, x.shape[2]), np.int64)
    for i in range(3):
        for j in range(3):
            sums += padded[i : i + stride * rows : stride, j : j + stride * columns : stride][:rows, :columns] * w[i, j]
    return sums


@pytest.mark.parametrize("stride", [1, 2])
def test_a_layer_on_dw(run: Run, stride: int) -> None:
    """Scale, bias and shift of the layer, with ReLU."""
    rng = np.random.default_rng(4)
    x, w = rng.integers(-128, 128, (9, 7, 20), np.int8), rng.integers(-128, 128, (3, 3, 20), np.int8)
    body = f"""
    dw_job job = {{.source = source, .target = target, .weights = weights, .height = 9, .width = 7, .channels = 20, .top = 1,
                  .bottom = 1, .left = 1, .right = 1, .stride = {stride}, .relu = 1, .bias = -300, .scale = 5, .shift = 12}};
    dw_start(&job);
    dw_wait();
"""
    sums = depthwise(x, w, (1, 1, 1, 1), stride)
    want = np.clip(((sums - 300) * 5) >> 12, 0, 127).astype(np.int8)
    assert len(np.unique(want)) > 5
    cluster, result = run(body, {"source": x, "weights": w}, want.size + 4)
    found = target(cluster, want.size + 4)
    np.testing.assert_array_equal(found[:-4].reshape(want.shape), want)
    assert (found[-4:] == 0x5A).all()
    assert result.stats["harts"][0]["stalls"]["sleep"] > 0


def test_parameters_of_channels_on_dw(run: Run) -> None:
    """Three jobs, one after the other into a queue of two contexts: bias, scale and shift of each channel, strides of a part of an
    image, and nothing left over from the job before."""
    rng = np.random.default_rng(5)
    x, w = rng.integers(-128, 128, (6, 6, 32), np.int8), rng.integers(-128, 128, (3, 3, 32), np.int8)
    biases, scales = rng.integers(-4000, 4000, 32).astype("<i4"), rng.integers(1, 9, 32).astype("<i4")
    shifts = rng.integers(8, 14, 32).astype(np.uint8)
    arrays = {"source": x, "weights": w, "biases": biases, "scales": scales, "shifts": shifts}
    body = """
    dw_job job = {.source = source, .target = target, .weights = weights, .height = 6, .width = 6, .channels = 32,
                  .biases = (int *)biases, .scales = (int *)scales, .shifts = (unsigned char *)shifts};
    dw_start(&job);
    dw_job part = {.source = source + 32, .target = target + 512, .weights = weights, .height = 6, .width = 3, .channels = 32,
                   .source_line = 6 * 32, .target_pixel = 40, .target_line = 48, .shift = 9};
    dw_start(&part);
    dw_job plain = {.source = source, .target = target + 768, .weights = weights, .height = 3, .width = 3, .channels = 32,
                    .source_line = 6 * 32, .shift = 8};
    dw_start(&plain);
    dw_wait();
"""
    cluster, _ = run(body, arrays, 1024)
    found = target(cluster, 1024)
    sums = depthwise(x, w, (0, 0, 0, 0), 1)
    want = np.clip((sums + biases) * scales >> shifts, -128, 127)
    np.testing.assert_array_equal(found[:512].reshape(4, 4, 32), want)
    for row in range(4):
        np.testing.assert_array_equal(found[512 + 48 * row :][:32], np.clip(sums[row, 1] >> 9, -128, 127))
    np.testing.assert_array_equal(found[768:800], np.clip(sums[0, 0] >> 8, -128, 127))


def test_both_at_once(run: Run) -> None:
    """IMA and DW have jobs at the same time, and hart 0 does something else meanwhile."""
    rng = np.random.default_rng(6)
    x, w, k = (rng.integers(-7, 8, shape, np.int8) for shape in ((16, 16), (16, 16), (3, 3, 16)))
    body = """
    ima_plot(0, 0, 0, 16, 16, weights);
    ima_job analog = {.inputs = 16, .outputs = 16, .adc_low = 1, .adc_high = 1, .vectors = 16, .source = source,
                      .source_stride = 16, .target = target, .target_stride = 16};
    dw_job digital = {.source = source, .target = target + 256, .weights = kernel, .height = 4, .width = 4, .channels = 16,
                      .shift = 2};
    ima_start(&analog);
    dw_start(&digital);
    int sum = 0;
    for (int i = 0; i < 256; i++)
        sum += source[i];
    ima_wait();
    dw_wait();
    *(int *)(target + 320) = sum;
"""
    cluster, _ = run(body, {"source": x, "weights": w, "kernel": k}, 324)
    found = target(cluster, 324)
    np.testing.assert_array_equal(found[:256].reshape(16, 16), converted(x.astype(np.int64) @ w.astype(np.int64), 1, 1))
    sums = depthwise(x.reshape(4, 4, 16), k, (0, 0, 0, 0), 1)
    np.testing.assert_array_equal(found[256:320].reshape(2, 2, 16), np.clip(sums >> 2, -128, 127))
    assert found[320:324].copy().view("<i4")[0] == x.sum(dtype=np.int64)
