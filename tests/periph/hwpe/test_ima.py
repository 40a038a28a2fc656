"""The IMA: its public registers, jobs bit for bit, row tiles, and what a job costs."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from iss.config import Config, parse_setting
from iss.errors import SimulationError
from periph.device import DeviceError
from periph.hwpe.controller import AcceleratorWarning

from . import model
from .bench import TCDM, WORD, Bench, pointwise

OUT = TCDM + 0x40000


def pack(weights: np.ndarray) -> int:
    """Eight weights as SUBMIT_PLOT takes them."""
    return sum((int(w) & 15) << 4 * i for i, w in enumerate(weights))


def plot(bench: Bench, weights: np.ndarray, x: int = 0, y: int = 0, crossbar: int = 0) -> None:
    """Program weights as firmware does."""
    height, width = weights.shape
    assert bench.load(bench.ima, "ACQUIRE") == 0
    bench.store(bench.ima, "CROSSBAR", crossbar)
    bench.configure(bench.ima, {"P_START_X": x, "P_START_Y": y, "P_WIDTH": width, "P_HIGHT": height})
    for row in weights:
        for i in range(0, width, 8):
            bench.store(bench.ima, "SUBMIT_PLOT", pack(row[i : i + 8]))
            bench.run(bench.ima.analog_free)


# -- registers ---------------------------------------------------------------------------------------------------------


def test_the_offsets_are_the_public_ones(bench: Bench) -> None:
    """paper.md section 2: a sample of every group."""
    offsets = {
        "TRIGGER": 0x00, "ACQUIRE": 0x04, "CHECK_STATE": 0x18, "P_START_X": 0x20, "SUBMIT_PLOT": 0x30,
        "J_START_X": 0x34, "J_SRC_ADDR": 0x44, "J_DST_STRID": 0x50, "ADC_LOW": 0x54, "STORE_LENGTH": 0x60,
        "JOB_FEAT_LENGTH": 0x6C,
        "NUM_JOBS": 0x70, "ALPHA_IN_LENGTH": 0x74, "BETA_OUT_STRIDE": 0x90, "JOB_FEAT_ROLL": 0x98, "DW_MODE": 0x9C,
        "PR_ADDR_X": 0xA0, "PR_VAL": 0xA8,
    }  # fmt: skip
    assert {name: bench.ima.table.find(name).offset for name in offsets} == offsets


def test_plot_and_read_back(bench: Bench, rng: np.random.Generator) -> None:
    weights = rng.integers(-7, 8, (3, 20)).astype(np.int8)
    plot(bench, weights, 5, 9)
    assert (bench.ima.cells()[9:12, 5:25] == weights).all()
    assert bench.ima.cells()[9, 25] == 0, "cells beyond P_WIDTH are left alone"
    assert bench.load(bench.ima, "STATUS") == 0, "the last word gives up the lock"
    assert bench.load(bench.ima, "ACQUIRE") == 0
    bench.configure(bench.ima, {"PR_ADDR_X": 7, "PR_ADDR_Y": 10})
    assert bench.load(bench.ima, "CHECK_STATE") == 6
    reply = bench.access(bench.ima, "PR_VAL", None)
    assert reply is not None
    assert (reply.value, reply.extra) == (pack(weights[1, 2:10]), 5)
    assert bench.ima.stats()["plot_words"] == 9


def test_a_word_takes_a_microsecond(bench: Bench) -> None:
    bench.load(bench.ima, "ACQUIRE")
    bench.configure(bench.ima, {"P_WIDTH": 16, "P_HIGHT": 1})
    first = bench.access(bench.ima, "SUBMIT_PLOT", 0x1)
    second = bench.access(bench.ima, "SUBMIT_PLOT", 0x2)
    assert first is not None
    assert second is not None
    assert (first.extra, second.extra) == (500, 999), "the second waits for the first"


def test_acquire_status_and_events(bench: Bench) -> None:
    ima = bench.ima
    assert (bench.load(ima, "STATUS"), bench.load(ima, "RUNNING_TASK"), bench.load(ima, "CHECK_STATE")) == (0, WORD, 0)
    assert bench.load(ima, "ACQUIRE", hart=3) == 0
    assert bench.load(ima, "ACQUIRE", hart=3) == WORD
    assert bench.load(ima, "ACQUIRE", hart=1) == WORD
    assert (bench.load(ima, "STATUS"), bench.load(ima, "RUNNING_TASK"), bench.load(ima, "CHECK_STATE")) == (1, 0, 1)
    bench.configure(ima, pointwise(2, 8, 8, TCDM, OUT))
    assert bench.load(ima, "CHECK_STATE") == 4
    bench.store(ima, "TRIGGER", 0)
    assert bench.load(ima, "CHECK_STATE") == 5
    bench.finish(ima)
    assert bench.load(ima, "STATUS") == 0
    assert [(number, cores) for number, _, cores in bench.events] == [(15, WORD), (14, WORD)]
    assert bench.load(ima, "FINISHED_JOBS") == 2
    assert bench.load(ima, "FINISHED_JOBS") == 0


def test_the_next_job_is_written_while_one_runs(bench: Bench, rng: np.random.Generator) -> None:
    """The registers are copied by the trigger; a third job finds the queue full."""
    weights = rng.integers(-7, 8, (64, 64)).astype(np.int8)
    inputs = rng.integers(-128, 128, (20, 64)).astype(np.int8)
    bench.ima.program(0, 0, 0, weights)
    bench.write(TCDM, inputs)
    bench.job(bench.ima, pointwise(20, 64, 64, TCDM, OUT))
    bench.job(bench.ima, {"J_DST_ADDR": OUT + 0x1000, "ADC_LOW": 5, "ADC_HIGH": 5})
    assert bench.load(bench.ima, "QUEUED") == 2
    assert bench.load(bench.ima, "ACQUIRE") == WORD
    bench.finish(bench.ima)
    expected = model.matmul(inputs, weights)
    assert (bench.read(OUT, (20, 64)) == model.convert(expected, 20, 20)).all()
    assert (bench.read(OUT + 0x1000, (20, 64)) == model.convert(expected, 5, 5)).all()
    assert [number for number, _, _ in bench.events] == [15, 15, 14, 14]


def test_a_queue_of_one_is_the_public_model() -> None:
    bench = Bench(ima_queue=1)
    bench.job(bench.ima, pointwise(5, 64, 64, TCDM, OUT))
    assert bench.load(bench.ima, "ACQUIRE") == WORD
    bench.finish(bench.ima)
    assert bench.load(bench.ima, "ACQUIRE") == 0


def test_finished_jobs_count_while_they_run() -> None:
    """A job counts from the cycle after its last output beat on (sequential: 20 + 65 + 3 cycles each)."""
    bench = Bench(ima_execution="sequential")
    begin = bench.job(bench.ima, pointwise(10, 256, 64, TCDM, OUT)) + 4
    last_beat = begin + 16 + 65 + 2 + 4 - 1
    bench.run(last_beat)
    assert bench.load(bench.ima, "FINISHED_JOBS") == 0
    assert bench.load(bench.ima, "FINISHED_JOBS") == 1
    bench.run(last_beat + 3 * 88 + 1)
    assert bench.load(bench.ima, "FINISHED_JOBS") == 3


def test_plotting_waits_for_jobs(bench: Bench) -> None:
    bench.job(bench.ima, pointwise(100, 64, 64, TCDM, OUT))
    bench.load(bench.ima, "ACQUIRE", hart=2)
    bench.configure(bench.ima, {"P_WIDTH": 8, "P_HIGHT": 1}, hart=2)
    assert bench.access(bench.ima, "SUBMIT_PLOT", 0x77, hart=2) is None
    assert "end its jobs" in bench.ima.waiting(2)
    bench.finish(bench.ima)
    done = next(cycle for number, cycle, _ in bench.events if number == 14) - 1
    assert bench.answers == [(2, 0, done + 500)]
    assert bench.ima.cells()[0, :3].tolist() == [7, 7, 0]


# -- arithmetic --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_random_jobs_bit_for_bit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    bits = int(rng.choice([32, 64, 128, 256, 512]))
    bench = Bench(
        hwpe_port_bits=bits, ima_rows=int(rng.integers(20, 300)), ima_columns=int(rng.integers(20, 300)),
        ima_execution=str(rng.choice(["sequential", "pipelined"])), clock_mhz=int(rng.choice([250, 500, 333])),
        ima_crossbars=3,
    )  # fmt: skip
    bars = bench.ima.crossbars
    rows, columns = int(rng.integers(1, bars.rows + 1)), int(rng.integers(1, bars.columns + 1))
    y, x = int(rng.integers(0, bars.rows - rows + 1)), int(rng.integers(0, bars.columns - columns + 1))
    crossbar, pixels = int(rng.integers(0, 3)), int(rng.integers(1, 12))
    low, high = int(rng.integers(0, 20)), int(rng.integers(1, 20))
    weights = rng.integers(-7, 8, (rows, columns)).astype(np.int8)
    inputs = rng.integers(-128, 128, (pixels, rows)).astype(np.int8)
    source, target = TCDM + int(rng.integers(0, 64)), OUT + int(rng.integers(0, 64))
    bench.ima.program(crossbar, y, x, weights)
    bench.write(source, inputs)
    bench.write(target - 8, np.full(pixels * columns + 16, 0x55, np.int8))
    place = {"J_START_X": x, "J_START_Y": y, "CROSSBAR": crossbar, "ADC_LOW": low, "ADC_HIGH": high}
    bench.job(bench.ima, pointwise(pixels, rows, columns, source, target, **place))
    bench.finish(bench.ima)
    expected = model.convert(model.matmul(inputs, weights), low, high)
    assert (bench.read(target, (pixels, columns)) == expected).all()
    assert (bench.read(target - 8, (8,)) == 0x55).all()
    assert (bench.read(target + pixels * columns, (8,)) == 0x55).all()


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("mode", ["lines", "rolls"])
def test_virtual_im2col(bench: Bench, rng: np.random.Generator, stride: int, mode: str) -> None:
    """A 3x3 convolution as one configuration: alpha steps along a row of pixels, beta to the next row."""
    height, width, channels, outputs = 7, 6, 12, 20
    image = rng.integers(-128, 128, (height, width, channels)).astype(np.int8)
    weights = rng.integers(-7, 8, (9 * channels, outputs)).astype(np.int8)
    bench.ima.program(0, 0, 0, weights)
    bench.write(TCDM, image)
    out = (height - 3) // stride + 1, (width - 3) // stride + 1
    line, pixel = width * channels, channels
    shape = {"JOB_LINE_LENGTH": 3 * pixel, "JOB_FEAT_LENGTH": 3, "J_SRC_STRID": line}
    if mode == "rolls":
        shape = {
            "JOB_LINE_LENGTH": pixel, "JOB_FEAT_LENGTH": 3, "J_SRC_STRID": pixel, "JOB_FEAT_ROLL": 3,
            "JOB_FEAT_STRIDE": line,
        }  # fmt: skip
    walk = {
        "ALPHA_IN_LENGTH": out[1] - 1, "ALPHA_IN_STRIDE": stride * pixel, "BETA_IN_LENGTH": out[0],
        "BETA_IN_STRIDE": stride * line - (out[1] - 1) * stride * pixel, "NUM_JOBS": out[0] * out[1],
    }  # fmt: skip
    bench.job(bench.ima, {**pointwise(1, 9 * channels, outputs, TCDM, OUT), **shape, **walk,
                          "ALPHA_OUT_LENGTH": 1000, "ALPHA_OUT_STRIDE": outputs})  # fmt: skip
    bench.finish(bench.ima)
    corners = [(y * stride, x * stride) for y in range(out[0]) for x in range(out[1])]
    patches = [image[y : y + 3, x : x + 3].ravel() for y, x in corners]
    expected = model.convert(model.matmul(np.array(patches), weights), 20, 20)
    assert (bench.read(OUT, expected.shape) == expected).all()


def test_a_job_reads_what_is_there_when_it_reads(bench: Bench) -> None:
    """Jobs of one trigger over their own results: the second sees what the first has written."""
    bench.ima.program(0, 0, 0, np.eye(16, dtype=np.int8) * 7)
    data = np.arange(-64, 64, 8).astype(np.int8)
    bench.write(TCDM, data)
    registers = pointwise(4, 16, 16, TCDM, TCDM + 16, ADC_LOW=1, ADC_HIGH=1, ALPHA_IN_STRIDE=16)
    sequential = Bench(ima_execution="sequential")
    sequential.ima.program(0, 0, 0, np.eye(16, dtype=np.int8) * 7)
    sequential.write(TCDM, data)
    sequential.job(sequential.ima, registers)
    sequential.finish(sequential.ima)
    for step in range(4):
        following = model.convert(model.matmul(data, np.eye(16, dtype=int) * 7), 1, 1)
        assert (sequential.read(TCDM + 16 * (step + 1), (16,)) == following).all()
        data = following


@pytest.mark.parametrize("execution", ["sequential", "pipelined"])
@pytest.mark.parametrize(("wide", "relu"), [(0, 0), (0, 1), (1, 0)])
def test_row_tiles(execution: str, wide: int, relu: int, rng: np.random.Generator) -> None:
    """640 inputs in three tiles on two crossbars; the sum of 8-bit results, or of the products."""
    bench = Bench(ima_execution=execution, ima_crossbars=2)
    weights = rng.integers(-7, 8, (640, 100)).astype(np.int8)
    inputs = rng.integers(-128, 128, (9, 640)).astype(np.int8)
    tiles = [(1, 3, 0, 256), (0, 10, 0, 250), (0, 110, 100, 134)]
    table: dict[str, int] = {"TILES": 3, "AGGREGATE": wide | relu << 1 | (0 if wide else 1 << 8)}
    first = 0
    for number, (crossbar, x, y, rows) in enumerate(tiles):
        bench.ima.program(crossbar, y, x, weights[first : first + rows])
        first += rows
        names = {"CROSSBAR": crossbar, "X": x, "Y": y, "ROWS": rows}
        table |= {f"TILE{number}_{name}": value for name, value in names.items()}
    bench.write(TCDM + 3, inputs)
    lines = {"JOB_LINE_LENGTH": 320, "JOB_FEAT_LENGTH": 2, "J_SRC_STRID": 320, "ADC_LOW": 9, "ADC_HIGH": 12}
    trigger = bench.job(bench.ima, pointwise(9, 640, 100, TCDM + 3, OUT, **lines, **table))
    bench.finish(bench.ima)
    bounds = [0, 256, 506, 640]
    parts = [model.matmul(inputs[:, a:b], weights[a:b]) for a, b in pairwise(bounds)]
    if wide:
        expected: Any = model.convert(sum(parts), 9, 12)
    else:
        total = sum(model.convert(part, 9, 12).astype(int) for part in parts)
        expected = np.sign(total) * ((np.abs(total) + 1) // 2)
        expected = np.maximum(expected, 0) if relu else expected
    assert (bench.read(OUT, (9, 100)) == expected).all()
    stats = bench.ima.stats()
    assert (stats["jobs"], stats["multiplications"], stats["triggers"]) == (9, 27, 1)
    assert stats["rows"] == 9 * 640
    done = next(cycle for number, cycle, _ in bench.events if number == 14)
    if execution == "pipelined":
        assert (done - trigger) / 27 == pytest.approx(66, abs=2), "each tile costs 130 ns, and the swap"


def test_many_crossbars(rng: np.random.Generator) -> None:
    """34, all programmed up front (arXiv 2201.01089, VI)."""
    bench = Bench(ima_crossbars=34)
    assert bench.load(bench.ima, "CROSSBARS") == 34
    inputs = rng.integers(-128, 128, 256).astype(np.int8)
    bench.write(TCDM, inputs)
    weights = rng.integers(-7, 8, (34, 256, 256)).astype(np.int8)
    for number in range(34):
        bench.ima.program(number, 0, 0, weights[number])
    for number in range(34):
        bench.job(bench.ima, pointwise(1, 256, 256, TCDM, OUT + 256 * number, CROSSBAR=number))
        bench.finish(bench.ima)
    expected = np.array([model.convert(model.matmul(inputs, weights[n]), 20, 20) for n in range(34)])
    assert (bench.read(OUT, (34, 256)) == expected).all()


def test_many_crossbars_programmed_by_registers(rng: np.random.Generator) -> None:
    """A tile in each of 40, plotted up front, before the jobs that use them; each word is programmed once."""
    bench = Bench(ima_crossbars=40)
    weights = rng.integers(-7, 8, (40, 2, 12)).astype(np.int8)
    inputs = rng.integers(-128, 128, 2).astype(np.int8)
    bench.write(TCDM, inputs)
    for number in range(40):
        plot(bench, weights[number], x=number, y=5 * number, crossbar=number)
    for number in range(40):
        place = {"CROSSBAR": number, "J_START_X": number, "J_START_Y": 5 * number, "ADC_LOW": 2, "ADC_HIGH": 2}
        bench.job(bench.ima, pointwise(1, 2, 12, TCDM, OUT + 12 * number, **place))
        bench.finish(bench.ima)
    expected = np.array([model.convert(model.matmul(inputs, weights[n]), 2, 2) for n in range(40)])
    assert (bench.read(OUT, (40, 12)) == expected).all()
    assert bench.ima.stats()["plot_words"] == 40 * 2 * 2


# -- what it costs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [32, 64, 128, 256, 512])
@pytest.mark.parametrize("clock", [250, 500])
@pytest.mark.parametrize(("rows", "columns"), [(256, 256), (128, 200), (40, 12)])
def test_cycles_without_contention(bits: int, clock: int, rows: int, columns: int) -> None:
    """paper.md section 2, with the constants of periph.hwpe.timing."""
    compute = -(-130 * clock // 1000)
    fetch, store = -(-rows * 8 // bits), -(-columns * 8 // bits)
    pixels = 10
    for execution in ("sequential", "pipelined"):
        bench = Bench(hwpe_port_bits=bits, clock_mhz=clock, ima_execution=execution)
        trigger = bench.job(bench.ima, pointwise(pixels, rows, columns, TCDM, OUT))
        bench.finish(bench.ima)
        done = next(cycle for number, cycle, _ in bench.events if number == 14) - 1
        if execution == "sequential":
            expected = pixels * (fetch + compute + store + 3) - 1
        else:
            steps = [max(compute, fetch + 1)] + [max(compute, fetch + store)] * (pixels - 2) + [max(compute, store)]
            expected = fetch + 2 + sum(step + 1 for step in steps) + store
        assert done - (trigger + 4) == expected
        assert bench.ima.stats()["beats"] == pixels * (fetch + store)
        assert bench.ima.stats()["stalls"] == 0


def test_the_printed_throughput() -> None:
    """958 GOPS sustained at 250 MHz, pipelined, 128 bit (arXiv 2201.01089, V-B), on a 16x16 layer."""
    bench = Bench(clock_mhz=250)
    bench.job(bench.ima, pointwise(256, 256, 256, TCDM, OUT))
    bench.finish(bench.ima)
    cycles = bench.ima.stats()["busy_cycles"]
    assert 2 * 256**3 / cycles * 0.25 == pytest.approx(958, rel=0.005)


@pytest.mark.parametrize("name", ["programming", "read", "drift_s", "dac_inl", "adc_inl"])
@pytest.mark.parametrize("value", [-1.0, float("inf"), float("nan")])
def test_noise_of_no_possible_strength(name: str, value: float) -> None:
    with pytest.raises(SimulationError, match=rf"ima_noise_{name} = {value} is not possible: 0\.\."):
        Config.build({f"ima_noise_{name}": value})


def test_noise_is_the_same_in_every_run() -> None:
    def run() -> np.ndarray:
        bench = Bench(ima_noise_programming=1.0, ima_noise_read=1.0, ima_noise_seed=7)
        bench.ima.program(0, 0, 0, np.random.default_rng(1).integers(-7, 8, (64, 64)))
        results = []
        for _ in range(2):
            bench.reset()
            bench.write(TCDM, np.random.default_rng(2).integers(-128, 128, (30, 64)).astype(np.int8))
            bench.job(bench.ima, pointwise(30, 64, 64, TCDM, OUT, ADC_LOW=3, ADC_HIGH=3))
            bench.finish(bench.ima)
            results.append(bench.read(OUT, (30, 64)))
        assert (results[0] == results[1]).all()
        return results[0]

    first = run()
    assert (first == run()).all()
    ideal = Bench()
    ideal.ima.program(0, 0, 0, np.random.default_rng(1).integers(-7, 8, (64, 64)))
    ideal.write(TCDM, np.random.default_rng(2).integers(-128, 128, (30, 64)).astype(np.int8))
    ideal.job(ideal.ima, pointwise(30, 64, 64, TCDM, OUT, ADC_LOW=3, ADC_HIGH=3))
    ideal.finish(ideal.ima)
    assert (first != ideal.read(OUT, (30, 64))).any()


# -- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"J_WIDTH": 0}, "ima.J_WIDTH = 0 at TRIGGER: must be at least 1"),
        ({"J_HIGHT": -5}, "ima.J_HIGHT = -5 at TRIGGER"),
        ({"J_START_X": 250}, "ima.J_WIDTH = 8, J_HIGHT = 8 at TRIGGER: columns 250..257 are not all in a crossbar"),
        ({"J_START_Y": 249}, "rows 249..256 are not all in a crossbar of 256 rows"),
        ({"CROSSBAR": 1}, "crossbar 1 is none of the 1"),
        ({"ADC_LOW": 0, "ADC_HIGH": 0}, "ima.ADC_LOW = 0, ADC_HIGH = 0 at TRIGGER: no range"),
        ({"NUM_JOBS": 1 << 30}, "ima.NUM_JOBS = 1073741824 at TRIGGER: at most"),
        ({"JOB_LINE_LENGTH": 0}, "ima.JOB_LINE_LENGTH = 0 at TRIGGER"),
        ({"JOB_LINE_LENGTH": 3}, "1 lines x JOB_FEAT_ROLL = 1 of JOB_LINE_LENGTH = 3 bytes are only 3"),
        ({"J_SRC_ADDR": 0x0FFFFFF0}, "ima.J_SRC_ADDR = 0x0ffffff0 at TRIGGER: its bytes lie at 0x0ffffff0..0x0ffffff7"),
        ({"J_DST_ADDR": 0x1007FFFC}, "ima.J_DST_ADDR = 0x1007fffc at TRIGGER"),
        ({"TILES": 33}, "ima.TILES = 33 at TRIGGER: at most 32"),
        ({"TILES": 1}, "ima.TILE0_ROWS = 0 at TRIGGER"),
        ({"TILES": 1, "TILE0_ROWS": 9}, "ima.J_HIGHT = 8 at TRIGGER: the rows of the 1 tiles are 9 together"),
    ],
)
def test_impossible_jobs_name_register_and_value(bench: Bench, change: dict[str, int], text: str) -> None:
    with pytest.raises(DeviceError) as error:
        bench.job(bench.ima, {**pointwise(1, 8, 8, TCDM, OUT), **change})
    assert text in str(error.value)


def test_nothing_without_acquire(bench: Bench) -> None:
    for name in ("TRIGGER", "J_WIDTH", "P_WIDTH", "SUBMIT_PLOT"):
        with pytest.raises(DeviceError, match=rf"ima.{name}.*: the IMA is not acquired; load ACQUIRE until it is 0"):
            bench.store(bench.ima, name, 3)
    with pytest.raises(DeviceError, match=r"ima.PR_VAL: the IMA is not acquired"):
        bench.load(bench.ima, "PR_VAL")
    bench.store(bench.ima, "ADC_LOW", 3)


def test_no_jobs_are_done_at_once(bench: Bench) -> None:
    with pytest.warns(AcceleratorWarning, match="NUM_JOBS = 0"):
        bench.job(bench.ima, pointwise(0, 8, 8, TCDM, OUT))
    bench.run(bench.cycle + 10)
    assert [event[0] for event in bench.events] == [15, 14]
    assert bench.load(bench.ima, "STATUS") == 0


def test_weights_out_of_range(bench: Bench) -> None:
    bench.load(bench.ima, "ACQUIRE")
    bench.configure(bench.ima, {"P_WIDTH": 8, "P_HIGHT": 1})
    with pytest.warns(AcceleratorWarning, match="SUBMIT_PLOT = 0x00000008 programs a weight of -8"):
        bench.store(bench.ima, "SUBMIT_PLOT", 8)
    assert bench.ima.cells()[0, 0] == -8, "as the public model keeps it"
    with pytest.raises(SimulationError, match=r"crossbar 0: weights -8..9, and a cell holds -8..7"):
        bench.ima.program(0, 0, 0, [[9, -8]])
    with pytest.raises(SimulationError, match=r"columns 255..256 are not all in a crossbar of 256 columns: see ima_crossbars"):
        bench.ima.program(0, 0, 255, [[1, 2]])
    with pytest.raises(SimulationError, match=r"crossbar 3 is none of the 1: see ima_crossbars"):
        bench.ima.program(3, 0, 0, [[1]])


def test_plots_outside(bench: Bench) -> None:
    bench.load(bench.ima, "ACQUIRE")
    bench.configure(bench.ima, {"P_START_X": 252, "P_WIDTH": 8, "P_HIGHT": 1})
    with pytest.raises(DeviceError, match=r"SUBMIT_PLOT = 0x00000001: columns 252..259"):
        bench.store(bench.ima, "SUBMIT_PLOT", 1)
    bench.configure(bench.ima, {"P_WIDTH": 0})
    with pytest.raises(DeviceError, match="P_WIDTH = 0 x P_HIGHT = 1 cells are all programmed, or none"):
        bench.store(bench.ima, "SUBMIT_PLOT", 1)


def test_soft_clear_keeps_the_crossbars(bench: Bench) -> None:
    bench.ima.program(0, 0, 0, [[3, 4]])
    bench.job(bench.ima, pointwise(100, 64, 64, TCDM, OUT))
    bench.run(bench.cycle + 200)
    bench.store(bench.ima, "SOFT_CLEAR", 0)
    bench.run(bench.cycle + 20_000)
    assert [event[0] for event in bench.events] == [15]
    assert bench.load(bench.ima, "STATUS") == 0
    assert bench.load(bench.ima, "J_WIDTH") == 0
    assert bench.ima.cells()[0, :2].tolist() == [3, 4]
    bench.job(bench.ima, pointwise(3, 64, 64, TCDM, OUT))
    bench.finish(bench.ima)
    assert bench.events[-1][0] == 14


def test_settings(tmp_path: Path) -> None:
    """``--set ima.noise.read=1`` is a number of reads' deviations, also without a decimal point; so it is in a file."""
    file = tmp_path / "noise.toml"
    file.write_text("clock_mhz = 250\nima.noise.read = 2\n[ima.noise]\ndrift_s = 1e6\n")
    with pytest.raises(SimulationError, match=r"noise\.toml"):
        Config.from_toml(file)
    file.write_text("clock_mhz = 250\n[ima.noise]\nread = 2\ndrift_s = 1e6\n")
    found = Config.from_toml(file)
    assert (found.clock_mhz, found.ima_noise_read, found.ima_noise_drift_s) == (250, 2, 1e6)
    name, value = parse_setting("ima.noise.read=1")
    assert Config.build({name: value}).ima_noise_read == 1
    with pytest.raises(SimulationError, match="hwpe_port_bits = 96 is not possible: 32, 64, 128, 256, 512"):
        Config.build({"hwpe_port_bits": 96})
