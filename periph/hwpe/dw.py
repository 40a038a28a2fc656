"""DW: the digital engine for 3x3 depth-wise convolution, int8, HWC in and out.

The engine and its schedule are those of [J] = arXiv 2201.01089, section IV-C and Fig. 5 (paper.md section 3): weight
stationary, 16 channels at a time, a weight buffer of 3x3x16, a window buffer of 4x3x16 (three rows, and one that is
being loaded), 36 multipliers that do 3x3x4 products a cycle, an output buffer of 16 channels.  For each block of 16
channels it loads 9 weight words (16 bytes each); for each output column 9 window words; then, for each output row, a
loop of four cycles: in t = 0..2 it loads one pixel of the next row each, in every t it multiplies 4 channels, in t = 3
it stores a pixel and the window slides down.

Modelled, because [J] does not say:

- The pixel stored in t = 3 is that of the row before: the last 4 channels are multiplied in t = 3 itself.  So a column
  ends with one more loop, and costs 9 + 4 H + 4 cycles; that gives the 29.7 MAC/cycle of [J] at 16x16 (paper.md: the
  d = 4 that fits).
- A slot without an access (nothing more to load, nothing to store yet, a pixel of the padding) passes as a cycle.
- Stride 2 needs two new rows for each output, and the window buffer has room for one: 3 more loads follow t = 3, 7
  cycles a row.
- A beat that is not granted holds the schedule up.  A narrower port takes several beats for a slot, as does a pixel
  that does not begin at a word; a wider port gains nothing, because a slot is 16 bytes.
- acc = sum(x * w); out = clip(((acc + bias) * scale) >> shift), all in 32 bits modulo 2**32, >> rounds down: as the
  firmware's kernels.  Bias, scale, shift, clip are the layer's or the channel's; the channels' are loaded with the weights.
- The register map is ours, under the rules of hwpe-ctrl, job registers at 0x40; bits of CONF0 are where NE16 has them.

A block's results are computed ahead from memory as it is when its weights have been loaded, and checked against what
the port then reads; where a core or the DMA changed an input meanwhile, the column is computed again from what was
read.  When source and destination overlap, each row is computed only when its inputs have been read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from iss.engine.layout import Beat
from periph.device import Access
from periph.hwpe.controller import CONTEXT_WINDOW, CONTEXTS, MANDATORY, HwpeController, Job
from periph.hwpe.streamer import Port, Rows, beats
from periph.hwpe.timing import TIMING
from periph.registers import Block, Field, Register, RegisterTable

if TYPE_CHECKING:
    from iss.config import Config

CHANNELS = 16
KERNEL = 3
LOOP = 4
MAX_SIZE = 1023
MAX_CHANNELS = 65535
MAX_PADDING = 2
DEPTHWISE = 1
NORM, STRIDE2, NO_RELU, CHANNEL_SHIFT, CHANNEL_BIAS, CHANNEL_SCALE, CHANNEL_CLIP = (
    1 << bit for bit in (4, 8, 23, 24, 25, 26, 27)
)
SLOTS = 8192
"""Slots of a run of the port: a column of the highest image fits."""
STORE = -1
IDLE = -2

_JOB = (
    Register(0x40, "SRC_ADDR", "rw", "address of the input's first pixel"),
    Register(0x44, "DST_ADDR", "rw", "address of the output's first pixel"),
    Register(0x48, "WEIGHT_ADDR", "rw", "address of the weights, int8 [3][3][CHANNELS]"),
    Register(0x4C, "SCALE_ADDR", "rw", "address of the channels' scales, int32 (CHANNEL_SCALE)"),
    Register(0x50, "SHIFT_ADDR", "rw", "address of the channels' shifts, uint8, 0..31 (CHANNEL_SHIFT)"),
    Register(0x54, "BIAS_ADDR", "rw", "address of the channels' biases, int32 (CHANNEL_BIAS)"),
    Register(0x58, "HEIGHT", "rw", f"rows of the input, 1..{MAX_SIZE}"),
    Register(0x5C, "WIDTH", "rw", f"columns of the input, 1..{MAX_SIZE}"),
    Register(0x60, "CHANNELS", "rw", "channels, done 16 at a time"),
    Register(0x64, "SRC_PIXEL_STRIDE", "rw", "bytes from a pixel of the input to the next"),
    Register(0x68, "SRC_LINE_STRIDE", "rw", "bytes from a row of the input to the next"),
    Register(0x6C, "DST_PIXEL_STRIDE", "rw", "bytes from a pixel of the output to the next"),
    Register(0x70, "DST_LINE_STRIDE", "rw", "bytes from a row of the output to the next"),
    Register(0x74, "WEIGHT_STRIDE", "rw", "bytes from the channels' weights of a kernel position to those of the next"),
    Register(
        0x78, "PADDING", "rw", f"rows and columns of zeros around the input, 0..{MAX_PADDING} each",
        fields=(
            Field("TOP", 0, 4, "rows above"), Field("RIGHT", 8, 4, "columns right"),
            Field("BOTTOM", 16, 4, "rows below"), Field("LEFT", 24, 4, "columns left"),
        ),
    ),
    Register(0x7C, "SCALE", "rw", "the layer's scale, int32 (without CHANNEL_SCALE)", 1),
    Register(0x80, "BIAS", "rw", "the layer's bias, int32 (without CHANNEL_BIAS)"),
    Register(
        0x84, "CLIP", "rw", "bounds of the output (without CHANNEL_CLIP)", 0x7F80,
        fields=(Field("LOW", 0, 8, "int8; at least 0 with ReLU"), Field("HIGH", 8, 8, "int8")),
    ),
    Register(
        0x88, "CONF0", "rw", "what the job is", DEPTHWISE << 5 | NO_RELU,
        fields=(
            Field("NORM", 4, 1, "multiply by the scale"),
            Field("MODE", 5, 2, "1: 3x3 depth-wise; nothing else can be done"),
            Field("STRIDE2", 8, 1, "stride 2"),
            Field("SHIFT", 16, 5, "the layer's shift (without CHANNEL_SHIFT)"),
            Field("NO_RELU", 23, 1, "no ReLU"),
            Field("CHANNEL_SHIFT", 24, 1, "shifts are the channels'"),
            Field("CHANNEL_BIAS", 25, 1, "biases are the channels'"),
            Field("CHANNEL_SCALE", 26, 1, "scales are the channels'"),
            Field("CHANNEL_CLIP", 27, 1, "bounds of the output are the channels'"),
        ),
    ),
    Register(
        0x8C, "CLIP_ADDR", "rw", "address of the channels' bounds, int8 low and int8 high of each (CHANNEL_CLIP); where low "
        "is above high, the output is high",
    ),
)  # fmt: skip

TABLE = RegisterTable(
    "dw",
    "DW",
    "DW, the engine for 3x3 depth-wise convolution",
    0x400,
    (
        *MANDATORY,
        *_JOB,
        Block(
            "CONTEXT", CONTEXT_WINDOW, CONTEXT_WINDOW, CONTEXTS,
            tuple(replace(r, access="r", meaning=f"{r.name} of this context") for r in _JOB),
            "the job registers of a certain context",
        ),
    ),
    "Job registers are there twice: a job is written to one context while that of the other runs; a context keeps what "
    "was stored to it.  Done raises event 12, for the core that stored to TRIGGER; SWEVT raises event 13.",
)  # fmt: skip


@dataclass
class DwJob(Job):
    """A committed job: places in the memory array, shapes, and how results are made."""

    source: int
    target: int
    weights: int
    parameters: tuple[tuple[str, int, int], ...]  # name, place, bytes a channel, of those that are the channels'
    size: tuple[int, int]
    channels: int
    out: tuple[int, int]
    source_strides: tuple[int, int]
    target_strides: tuple[int, int]
    weight_stride: int
    padding: tuple[int, int]  # top, left
    stride: int
    scale: int
    bias: int
    shift: int
    clip: tuple[int, int]
    relu: bool
    overlap: bool


Integers = npt.NDArray[np.int64]


class Slots(NamedTuple):
    """A part of the schedule.  `row` and `column` are of the input, or, where `store` is set, of the output."""

    row: Integers
    column: Integers
    store: npt.NDArray[np.bool_]
    idle: npt.NDArray[np.bool_]

    def part(self, first: int, last: int) -> Slots:
        rows = slice(first, last)
        return Slots(self.row[rows], self.column[rows], self.store[rows], self.idle[rows])


def convolve(image: npt.NDArray[np.int32], weights: npt.NDArray[np.int32], stride: int) -> npt.NDArray[np.int32]:
    """Sums of products of a padded image (rows, columns, channels)."""
    height, width = ((n - KERNEL) // stride + 1 for n in image.shape[:2])
    total = np.zeros((height, width, image.shape[2]), np.int32)
    for i in range(KERNEL):
        for j in range(KERNEL):
            pixels = image[i : i + stride * height : stride, j : j + stride * width : stride]
            total += pixels[:height, :width] * weights[i, j]
    return total


def requantise(
    sums: npt.NDArray[np.int32], bias: Any, scale: Any, shift: Any, clip: tuple[Any, Any]
) -> npt.NDArray[np.int8]:
    """clip(((sums + bias) * scale) >> shift), modulo 2**32."""
    results = (sums + bias).astype(np.int32) * scale
    clipped: npt.NDArray[np.int8] = np.clip(results >> shift, *clip).astype(np.int8)
    return clipped


def schedule(rows: int, stride: int) -> npt.NDArray[np.int64]:
    """The slots of a column: (row, column) of the window's first pixel that is loaded, (row, STORE), or (0, IDLE)."""
    loads = [(row, column) for row in range(KERNEL) for column in range(KERNEL)]
    pause = [(0, IDLE)] * KERNEL
    for row in range(rows + 1):
        new = [[(stride * row + KERNEL + more, column) for column in range(KERNEL)] for more in range(stride)]
        more = row < rows - 1
        loads += new[0] if more else pause
        loads.append((row - 1, STORE) if row else (0, IDLE))
        if more and stride == 2:
            loads += new[1]
    return np.array(loads, np.int64)


class Dw(HwpeController):
    """The device."""

    def __init__(self, config: Config, port: Port, buffer: int) -> None:
        super().__init__(TABLE, port)
        self.buffer = buffer

    def _clear_state(self) -> None:
        super()._clear_state()
        self.macs = self.pixels = self.blocks = self.races = 0
        self.block = self.chunk = 0

    # -- a job from its registers --------------------------------------------------------------------------------------

    def prepare(self, access: Access) -> DwJob:
        registers = self.registers()
        height, width, channels = (registers[name] for name in ("HEIGHT", "WIDTH", "CHANNELS"))
        for name, limit in (("HEIGHT", MAX_SIZE), ("WIDTH", MAX_SIZE), ("CHANNELS", MAX_CHANNELS)):
            if not 1 <= registers[name] <= limit:
                raise self.refusal(name, f"{registers[name]}", f"must be 1..{limit}")
        conf, padding = registers["CONF0"], registers["PADDING"]
        if conf >> 5 & 3 != DEPTHWISE:
            raise self.refusal("CONF0", f"0x{conf:08x}", f"MODE is {conf >> 5 & 3}; the engine does only 1, depth-wise")
        top, right, bottom, left = (padding >> shift & 15 for shift in (0, 8, 16, 24))
        if max(top, right, bottom, left) > MAX_PADDING:
            raise self.refusal("PADDING", f"0x{padding:08x}", f"at most {MAX_PADDING} on each side")
        stride = 2 if conf & STRIDE2 else 1
        out = (height + top + bottom - KERNEL) // stride + 1, (width + left + right - KERNEL) // stride + 1
        if min(out) < 1:
            raise self.refusal("HEIGHT", f"{height}, WIDTH = {width}", "with its padding smaller than the 3x3 kernel")
        source_strides, target_strides = (
            (_signed(registers[f"{side}_LINE_STRIDE"]), _signed(registers[f"{side}_PIXEL_STRIDE"]))
            for side in ("SRC", "DST")
        )
        source, source_range = self._box("SRC_ADDR", (height, width), source_strides, channels)
        target, target_range = self._box("DST_ADDR", out, target_strides, channels)
        weight_stride = _signed(registers["WEIGHT_STRIDE"])
        weights, _ = self._box("WEIGHT_ADDR", (KERNEL * KERNEL, 1), (weight_stride, 0), channels)
        overlap = source_range[0] < target_range[1] and target_range[0] < source_range[1]
        if overlap:
            self.warn(access, "DST_ADDR: the output overlaps the input, which is overwritten before it is all read")
        written = target_range[0], target_range[1] - target_range[0]
        return DwJob(
            access.hart, self.pointer, written, source, target, weights, self._parameters(conf, channels),
            (height, width), channels, out, source_strides, target_strides, weight_stride, (top, left), stride,
            _signed(registers["SCALE"]) if conf & NORM else 1, _signed(registers["BIAS"]), conf >> 16 & 31,
            self._clip(registers["CLIP"], conf), not conf & NO_RELU, overlap,
        )  # fmt: skip

    def _clip(self, value: int, conf: int) -> tuple[int, int]:
        low, high = _signed(value & 255, 8), _signed(value >> 8 & 255, 8)
        if not conf & NO_RELU:
            low = max(low, 0)
        if low > high:
            raise self.refusal("CLIP", f"0x{value:04x}", f"the low bound {low} is above the high one, {high}")
        return low, high

    def _parameters(self, conf: int, channels: int) -> tuple[tuple[str, int, int], ...]:
        """What is loaded for each channel besides its weights."""
        found = []
        kinds = (
            ("BIAS", CHANNEL_BIAS, 4), ("SCALE", CHANNEL_SCALE | NORM, 4), ("SHIFT", CHANNEL_SHIFT, 1), ("CLIP", CHANNEL_CLIP, 2),
        )  # fmt: skip
        for name, flag, size in kinds:
            if conf & flag == flag:
                found.append((name, self._box(f"{name}_ADDR", (1, 1), (0, 0), size * channels)[0], size))
        return tuple(found)

    def _box(
        self, register: str, size: tuple[int, int], strides: tuple[int, int], length: int
    ) -> tuple[int, tuple[int, int]]:
        """The place of a tensor's first byte, and the first and last places it occupies."""
        address = self.registers()[register]
        corners = [y * strides[0] + x * strides[1] for y in (0, size[0] - 1) for x in (0, size[1] - 1)]
        low, high = min(corners), max(corners) + length
        what = f"dw.{register} = 0x{address:08x} at TRIGGER"
        place = int(self.port.memory.places(np.array([address + low]), high - low, what)[0])
        return place - low, (place, place + high - low)

    # -- running -------------------------------------------------------------------------------------------------------

    @property
    def job(self) -> DwJob:
        job = self.queue[0]
        assert isinstance(job, DwJob)
        return job

    @property
    def _width(self) -> int:
        """Channels of this block."""
        return min(CHANNELS, self.job.channels - CHANNELS * self.block)

    def begin(self, job: Job, cycle: int) -> None:
        self.block = 0
        self._load_weights(cycle)

    def _load_weights(self, cycle: int) -> None:
        job, first, width = self.job, CHANNELS * self.block, self._width
        weights = job.weights + first + job.weight_stride * np.arange(KERNEL * KERNEL)
        pieces = [(int(place), width) for place in weights]
        for _, place, size in job.parameters:
            end = place + size * (first + width)
            pieces += [(p, min(CHANNELS, end - p)) for p in range(place + size * first, end, CHANNELS)]
        places, sizes = (np.array(column, np.int64) for column in zip(*pieces, strict=True))
        buffers = self._slots_place + CHANNELS * np.arange(len(places))
        self.port.run(beats(places, sizes, buffers, self.port.ports), cycle, self._weights_loaded)

    @property
    def _slots_place(self) -> int:
        """Place of the buffer that loads fill; that of stores follows."""
        return self.port.base + self.buffer

    def _weights_loaded(self, cycle: int) -> None:
        job, width = self.job, self._width
        data = self.port.memory.bytes[self._slots_place :][: CHANNELS * 32]
        kernel = data[: CHANNELS * KERNEL * KERNEL].reshape(-1, CHANNELS)[:, :width].view(np.int8)
        self.weights = kernel.astype(np.int32).reshape(KERNEL, KERNEL, width)
        self.bias: Any = np.int32(job.bias)
        self.scale: Any = np.int32(job.scale)
        self.shift: Any = np.int32(job.shift)
        self.clip: Any = job.clip
        at = CHANNELS * KERNEL * KERNEL
        for name, _, size in job.parameters:
            values = data[at:][: size * width].copy()
            if name == "CLIP":
                low, high = values.view(np.int8).astype(np.int32).reshape(width, 2).T
                self.clip = np.maximum(low, 0) if job.relu else low, high
            elif name == "SHIFT":
                self.shift = values.astype(np.int32) & 31
            else:
                setattr(self, name.lower(), values.view(np.int32))
            at += -(-size * width // CHANNELS) * CHANNELS
        self.image = self._image()
        self.results = self._finish(convolve(self.image, self.weights, job.stride))
        self.slots, self.bounds = self._plan()
        self.seen = np.zeros(((job.out[0] - 1) * job.stride + KERNEL, KERNEL, width), np.int32)
        self.chunk = 0
        self._run_chunk(cycle + 1)

    def _finish(self, sums: npt.NDArray[np.int32]) -> npt.NDArray[np.int8]:
        return requantise(sums, self.bias, self.scale, self.shift, self.clip)

    def _image(self) -> npt.NDArray[np.int32]:
        """This block's input as it is in memory now, with its padding, as large as the windows reach."""
        job, width = self.job, self._width
        (height, columns), (line, pixel), (top, left) = job.size, job.source_strides, job.padding
        reach = [(n - 1) * job.stride + KERNEL for n in job.out]
        image = np.zeros((max(reach[0], height + top), max(reach[1], columns + left), width), np.int32)
        start = job.source + CHANNELS * self.block
        rows, across = np.arange(height)[:, None, None], np.arange(columns)[:, None]
        places = start + line * rows + pixel * across + np.arange(width)
        image[top : top + height, left : left + columns] = self.port.memory.bytes[places].view(np.int8)
        return image[: reach[0], : reach[1]]

    def _plan(self) -> tuple[Slots, list[int]]:
        """The schedule of this block's columns, and where the runs of the port begin and end."""
        job = self.job
        column = schedule(job.out[0], job.stride)
        count, columns = len(column), job.out[1]
        number = np.repeat(np.arange(columns), count)
        row, what = np.tile(column[:, 0], columns), np.tile(column[:, 1], columns)
        store = what == STORE
        across = np.where(store, number, number * job.stride + what)
        (height, width), (top, left) = job.size, job.padding
        inside = (row >= top) & (row < top + height) & (across >= left) & (across < left + width)
        idle = (what == IDLE) | (~store & ~inside)
        if job.overlap:
            loop = KERNEL * KERNEL + np.arange(job.out[0] + 1) * (LOOP if job.stride == 1 else LOOP + KERNEL)
            loop[-1] = count - LOOP
            bounds = (np.arange(columns)[:, None] * count + np.array([0, *loop])).ravel().tolist()
        else:
            bounds = list(range(0, columns * count, SLOTS // count * count))
        return Slots(row, across, store, idle), [*bounds, columns * count]

    def _run_chunk(self, cycle: int) -> None:
        """Give the port the next part of the schedule, with the results that it stores."""
        job, memory = self.job, self.port.memory.bytes
        part = self.slots.part(*self.bounds[self.chunk : self.chunk + 2])
        used = np.flatnonzero(~part.idle)
        if not len(used):
            if job.overlap:
                self._record(part.row[used], part.column[used], np.zeros((0, self._width), np.int32))
            self._next_chunk(cycle + len(part.idle) - 1)
            return
        store = part.store[used]
        row, column = part.row[used], part.column[used]
        (line, pixel), (top, left) = job.source_strides, job.padding
        loads = job.source + (row - top) * line + (column - left) * pixel
        stores = job.target + row * job.target_strides[0] + column * job.target_strides[1]
        places = np.where(store, stores, loads) + CHANNELS * self.block
        buffers = self._slots_place + CHANNELS * np.arange(len(used))
        first = CHANNELS * np.flatnonzero(store)
        results = self.results[row[store], column[store]]
        memory[self._slots_place + first[:, None] + np.arange(self._width)] = results.view(np.uint8)
        rows = self._beats(places, buffers, store)
        gaps = np.diff(used, prepend=-1) - 1
        rows[self.starts, Beat.GAP] = gaps
        self.used = used
        self.tail = len(part.idle) - 1 - int(used[-1])
        self.port.run(rows, cycle, self._chunk_done)

    def _beats(self, places: Integers, buffers: Integers, store: npt.NDArray[np.bool_]) -> Rows:
        """The slots' beats; `starts` are those that a slot begins with."""
        rows = beats(places, self._width, buffers, self.port.ports)
        slot = ((rows[:, Beat.BUFFER].astype(np.int64) - self._slots_place) // CHANNELS).astype(np.int64)
        rows[store[slot], Beat.BYTES] |= np.uint64(1 << 32)
        self.starts = np.flatnonzero(np.diff(slot, prepend=-1))
        return rows

    def _chunk_done(self, cycle: int) -> None:
        part = self.slots.part(*self.bounds[self.chunk : self.chunk + 2])
        used = self.used[~part.store[self.used]]
        slots = np.flatnonzero(~part.store[self.used])
        width = self._width
        data = self.port.memory.bytes[self._slots_place :][: CHANNELS * len(self.used)].reshape(-1, CHANNELS)
        read = data[slots, :width].view(np.int8).astype(np.int32)
        row, column = part.row[used], part.column[used]
        if self.job.overlap:
            self._record(row, column, read)
        elif not np.array_equal(read, self.image[row, column]):
            self._repair(part, used, read)
        self._next_chunk(cycle + self.tail)

    def _next_chunk(self, cycle: int) -> None:
        """What follows a part of the schedule whose last slot is in `cycle`."""
        self.chunk += 1
        if self.chunk < len(self.bounds) - 1:
            self._run_chunk(cycle + 1)
            return
        job = self.job
        self.blocks += 1
        self.pixels += job.out[0] * job.out[1]
        self.macs += job.out[0] * job.out[1] * KERNEL * KERNEL * self._width
        self.block += 1
        if CHANNELS * self.block < job.channels:
            self._load_weights(cycle + 1)
        else:
            self.later(cycle + TIMING["done"].cycles, self.finished)

    def _record(self, row: npt.NDArray[np.int64], column: npt.NDArray[np.int64], read: npt.NDArray[np.int32]) -> None:
        """With overlapping tensors: compute what the windows that have been read give, as far as the column's loops
        have come."""
        job = self.job
        loops = (len(self.bounds) - 1) // job.out[1]
        number, loop = divmod(self.chunk, loops)
        if loop == 0:
            self.seen[:] = 0
        self.seen[row, column - number * job.stride] = read
        if loop < job.out[0]:
            window = self.seen[loop * job.stride :][:KERNEL]
            self.results[loop, number] = self._finish(convolve(window, self.weights, 1))[0, 0]

    def _repair(self, part: Slots, used: npt.NDArray[np.int64], read: npt.NDArray[np.int32]) -> None:
        """Inputs changed while they were read: compute these columns again from what was read, and correct what was
        stored."""
        job, memory = self.job, self.port.memory.bytes
        self.races += 1
        slots = len(schedule(job.out[0], job.stride))
        first = self.bounds[self.chunk] // slots
        owner = first + used // slots
        row, column = part.row[used], part.column[used]
        for number in np.unique(owner):
            mine = owner == number
            self.seen[:] = 0
            self.seen[row[mine], column[mine] - number * job.stride] = read[mine]
            correct = self._finish(convolve(self.seen, self.weights, job.stride))[:, 0]
            stored = self.results[:, number]
            start = job.target + number * job.target_strides[1] + CHANNELS * self.block
            places = start + job.target_strides[0] * np.arange(job.out[0])[:, None] + np.arange(self._width)
            wrong = (correct != stored) & (memory[places].view(np.int8) == stored)
            memory[places[wrong]] = correct[wrong].view(np.uint8)

    def stats(self) -> dict[str, Any]:
        found = super().stats()
        return {
            **found, "blocks": self.blocks, "block_pixels": self.pixels, "macs": self.macs, "races": self.races,
        }  # fmt: skip


def buffer_bytes() -> int:
    """Bytes of the buffers of loads and stores."""
    return CHANNELS * SLOTS


def _signed(value: int, bits: int = 32) -> int:
    return value - ((value & 1 << bits - 1) << 1)
