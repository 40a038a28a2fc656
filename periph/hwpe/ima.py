"""The IMA: analog in-memory computing behind the public register map ``ima_v1`` of the PULP SDK.

[J] = arXiv 2201.01089, [S] = the SDK's ima_v1.h, [G] = the public GVSoC model (paper.md section 2, platform.md 4.6).
Firmware written against [S] runs; differences from [G], all of them deliberate:

- ACQUIRE succeeds as soon as the registers are free: a job is copied from them by TRIGGER and waits in a queue while
  another runs ([J] VI: the configuration registers are replicated); configuration ima_queue = 1 is [G]'s single job.
- TRIGGER takes every register as it is then; [G] takes what was stored last to J_START_X..J_DST_STRID.  J_SRC_ADDR and
  J_DST_ADDR keep what was stored.
- JOB_FEAT_ROLL works (0 counts as 1); a plot writes no cells beyond P_WIDTH.
- Registers from 0xac on are ours: the crossbar, row tiles and their aggregation.

A layer with more inputs than the crossbar has rows is split into row tiles, each with an input of its own, 130 ns, and
an ADC conversion; [J] draws a block that adds the tiles' results behind the ADC and charges nothing for it.  TILES and
the TILE registers describe them: a job's J_HIGHT inputs are dealt out to the tiles in order.  AGGREGATE says in which
precision they are added; a sum has 32 bits, is divided by 2**SHIFT (halves away from zero) and clipped to +-127, with
RELU to 0..127 (a layer with ReLU needs it there: its tiles' own results have a sign)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from iss.engine.layout import Beat, Stall
from iss.errors import SimulationError
from periph.device import Access, DeviceError, RegisterDevice, Reply
from periph.hwpe.controller import Accelerator, Job
from periph.hwpe.crossbar import OUTPUT_MAX, Crossbars, Noise, Tile, convert, round_shift
from periph.hwpe.streamer import Places, Port, Rows, beats, grid, walk
from periph.hwpe.timing import TIMING
from periph.registers import WORD, Block, Field, Place, Register, RegisterTable

if TYPE_CHECKING:
    from iss.config import Config

DONE, EVENT, RESPONSE, RESULT, NEXT, SWAP = (
    TIMING[name].cycles for name in ("done", "event", "response", "result", "next", "swap")
)
ACQUIRED_EVENT, DONE_EVENT = 15, 14
WEIGHTS_A_WORD = 8
MAX_TILES = 32
MAX_JOBS = 1 << 20
FREE, BUSY = 0, -1
IDLE, ACQUIRE, PLOT_REQUEST, PLOT, JOB_REQUEST, EVALUATE, READ_REQUEST, READ = range(8)

_JOB = (
    Register(0x34, "J_START_X", "rw", "first column of the job: its first output"),
    Register(0x38, "J_START_Y", "rw", "first row: its first input"),
    Register(0x3C, "J_WIDTH", "rw", "columns: outputs of a job, one byte each, stored one after the other"),
    Register(0x40, "J_HIGHT", "rw", "rows: inputs of a job, one byte each"),
    Register(0x44, "J_SRC_ADDR", "rw", "address of the first job's first input"),
    Register(0x48, "J_DST_ADDR", "rw", "address of the first job's first output"),
    Register(0x4C, "J_SRC_STRID", "rw", "bytes from a line of inputs to the next"),
    Register(0x50, "J_DST_STRID", "rw", "kept, not used: outputs are one line"),
    Register(
        0x54, "ADC_LOW", "rw", "the ADC's range: sums are clipped to -ADC_LOW..ADC_HIGH, where 1 is an input of 127 "
        "times a weight of 7",
    ),
    Register(0x58, "ADC_HIGH", "rw", "and scaled by 127 / (ADC_LOW + ADC_HIGH)"),
    Register(0x5C, "FETCH_LENGTH", "rw", "kept, not used"),
    Register(0x60, "STORE_LENGTH", "rw", "kept, not used"),
    Register(0x64, "JOB_LINE_LENGTH", "rw", "bytes of a line of inputs"),
    Register(0x68, "JOB_FEAT_STRIDE", "rw", "bytes from a group of lines to the next"),
    Register(0x6C, "JOB_FEAT_LENGTH", "rw", "lines of a group"),
    Register(0x70, "NUM_JOBS", "rw", "jobs that one trigger runs"),
    Register(0x74, "ALPHA_IN_LENGTH", "rw", "how many times the source moves by ALPHA_IN_STRIDE between jobs"),
    Register(0x78, "ALPHA_IN_STRIDE", "rw", "bytes"),
    Register(0x7C, "BETA_IN_LENGTH", "rw", "0: the source never moves"),
    Register(0x80, "BETA_IN_STRIDE", "rw", "bytes that the source moves by after those, once; then it begins anew"),
    Register(0x84, "ALPHA_OUT_LENGTH", "rw", "the same for the destination"),
    Register(0x88, "ALPHA_OUT_STRIDE", "rw", "bytes"),
    Register(0x8C, "BETA_OUT_LENGTH", "rw", "0: the destination never moves"),
    Register(0x90, "BETA_OUT_STRIDE", "rw", "bytes"),
    Register(0x94, "JOB_LL_MEMT", "rw", "kept, not used"),
    Register(0x98, "JOB_FEAT_ROLL", "rw", "groups of lines; 0 counts as 1"),
    Register(0x9C, "DW_MODE", "rw", "kept, not used"),
)  # fmt: skip

TABLE = RegisterTable(
    "ima",
    "IMA",
    "IMA, the analog in-memory accelerator",
    0x400,
    (
        Register(0x00, "TRIGGER", "w", "a store queues the job in the registers, and gives up the lock"),
        Register(0x04, "ACQUIRE", "r", "0: the lock is yours (event 15); -1: another has it, or the queue is full"),
        Register(0x08, "FINISHED_JOBS", "r", "jobs done since the last load; a load clears it"),
        Register(0x0C, "STATUS", "r", "0: idle, 1: acquired or busy"),
        Register(0x10, "RUNNING_TASK", "r", "-1: none, else 0", WORD),
        Register(
            0x14, "SOFT_CLEAR", "w", "clears jobs, lock, state machine; data 0 the registers too, never the crossbars"
        ),
        Register(
            0x18, "CHECK_STATE", "r", "0 idle, 1 acquired, 2 plot requested, 3 plotting, 4 job requested, 5 "
            "evaluating, 6 read requested, 7 reading",
        ),
        Register(0x20, "P_START_X", "rw", "plot: first column"),
        Register(0x24, "P_START_Y", "rw", "plot: first row"),
        Register(0x28, "P_WIDTH", "rw", "plot: columns"),
        Register(0x2C, "P_HIGHT", "rw", "plot: rows"),
        Register(
            0x30, "SUBMIT_PLOT", "rw", "plot: a store programs the next 8 columns, lowest bits first, 4 bits two's "
            "complement each; after the row's last column comes the next row; the last word gives up the lock",
        ),
        *_JOB,
        Register(0xA0, "PR_ADDR_X", "rw", "read back: first column"),
        Register(0xA4, "PR_ADDR_Y", "rw", "read back: row"),
        Register(0xA8, "PR_VAL", "r", "read back: 8 columns, as SUBMIT_PLOT takes them; a load gives up the lock"),
        Register(0xAC, "CROSSBAR", "rw", "crossbar of plots, reads, and jobs without tiles"),
        Register(
            0xB0, "AGGREGATE", "rw", "how the results of row tiles are added",
            fields=(
                Field("WIDE", 0, 1, "0: 8-bit ADC results; 1: sums of products, exactly, and converted once"),
                Field("RELU", 1, 1, "sums below 0 become 0; not with WIDE, where ADC_LOW = 0 does that"),
                Field("SHIFT", 8, 5, "the sum is divided by 2**SHIFT; not with WIDE"),
            ),
        ),
        Register(
            0xB4, "TILES", "rw", f"row tiles of a job, {MAX_TILES} at most; 0: none, the job is where J_START_X and "
            "J_START_Y say",
        ),
        Register(0xB8, "QUEUED", "r", "triggered jobs that are not done, with the running one"),
        Register(0xBC, "CROSSBARS", "r", "crossbars that there are"),
        Register(0xC0, "ROWS", "r", "rows of a crossbar"),
        Register(0xC4, "COLUMNS", "r", "columns of a crossbar"),
        Block(
            "TILE", 0x100, 0x10, MAX_TILES,
            (
                Register(0x0, "CROSSBAR", "rw", "crossbar of the tile"),
                Register(0x4, "X", "rw", "its first column"),
                Register(0x8, "Y", "rw", "its first row"),
                Register(0xC, "ROWS", "rw", "its rows; those of all tiles are J_HIGHT together"),
            ),
            "row tiles of a job",
        ),
    ),
    "Registers up to 0xa8 are the public ima_v1.h's.  An input's address is J_SRC_ADDR + line * J_SRC_STRID + group * "
    "JOB_FEAT_STRIDE + byte.  All may be stored to while a job runs.",
)  # fmt: skip

_GUARDED = frozenset(range(0x20, 0x34, 4)) | frozenset(range(0x34, 0x54, 4))
"""Stores that [G] refuses to who has not acquired."""


@dataclass
class ImaJob(Job):
    """A triggered job: places in the memory array, what each tile reads, and how results are converted."""

    jobs: int
    width: int
    sources: Places
    targets: Places
    tiles: tuple[Tile, ...]
    pieces: tuple[tuple[Places, Places, Places], ...]
    low: int
    high: int
    wide: bool
    relu: bool
    shift: int

    @property
    def steps(self) -> int:
        """Multiplications."""
        return self.jobs * len(self.tiles)


class Ima(Accelerator):
    """The device.  `crossbars` holds the weights; `program` and `cells` reach them without taking time."""

    def __init__(self, config: Config, port: Port) -> None:
        self.pipelined = config.ima_execution == "pipelined"
        self.compute = _cycles(config.ima_compute_ns, config.clock_mhz)
        self.plot_cycles = _cycles(config.ima_write_ns, config.clock_mhz)
        self.read_cycles = _cycles(config.ima_read_ns, config.clock_mhz)
        noise = Noise(
            config.ima_noise_seed, config.ima_noise_programming, config.ima_noise_read, config.ima_noise_drift_s,
            config.ima_noise_dac_inl, config.ima_noise_adc_inl,
        )  # fmt: skip
        self.crossbars = Crossbars(config.ima_crossbars, config.ima_rows, config.ima_columns, noise)
        super().__init__(TABLE, port, config.ima_queue)

    def _clear_state(self) -> None:
        super()._clear_state()
        self.cursor = (0, 0)
        self.activity = IDLE
        self.analog_free = 0  # first cycle in which the arrays can be programmed or read
        self.deferred: list[Access] = []
        self.counts = dict.fromkeys(COUNTS, 0)
        self._forget()

    def _forget(self) -> None:
        self.step = 0
        self.began = 0
        self.storing = False  # the beats that run store a job's results
        self.behind = 0  # beats behind those
        self.stored_last = False  # pipelined: the last beats of this step wait for no answer
        self.sums: Any = 0
        self.templates: dict[tuple[int, int, int], tuple[int, Rows]] = {}

    def reset(self) -> None:
        super().reset()
        self.crossbars.reset()

    # -- without time --------------------------------------------------------------------------------------------------

    def program(self, crossbar: int, row: int, column: int, weights: npt.ArrayLike) -> None:
        """Put weights (rows x columns, -8..7) into a crossbar, as if they had always been there.

        SimulationError when they do not fit the crossbar, or a cell."""
        block = np.atleast_2d(np.asarray(weights))
        height, width = block.shape
        try:
            self._inside(Tile(crossbar, column, row, width, height), f"IMA, crossbar {crossbar}, {height} x {width} weights")
        except DeviceError as error:
            raise SimulationError(f"{error}: see ima_crossbars, ima_rows, ima_columns") from None
        if block.min() < -8 or block.max() > 7:
            raise SimulationError(f"IMA, crossbar {crossbar}: weights {block.min()}..{block.max()}, and a cell holds -8..7")
        self.crossbars.write(crossbar, row, column, block.astype(np.int8))

    def cells(self, crossbar: int = 0) -> npt.NDArray[np.int8]:
        """What was programmed into a crossbar."""
        copied: npt.NDArray[np.int8] = self.crossbars.cells[crossbar].copy()
        return copied

    def _inside(self, tile: Tile, what: str) -> None:
        bars = self.crossbars
        if not 0 <= tile.crossbar < bars.count:
            raise DeviceError(f"{what}: crossbar {tile.crossbar} is none of the {bars.count}")
        for name, first, size, limit in (
            ("columns", tile.column, tile.columns, bars.columns), ("rows", tile.row, tile.rows, bars.rows),
        ):  # fmt: skip
            if first < 0 or first + size > limit:
                last = first + size - 1
                raise DeviceError(f"{what}: {name} {first}..{last} are not all in a crossbar of {limit} {name}")

    # -- registers -----------------------------------------------------------------------------------------------------

    def load_acquire(self, access: Access, place: Place) -> int:
        if self.clearing(access, "ACQUIRE"):
            return BUSY & WORD
        if self.lock is not None or len(self.queue) == self.contexts:
            return BUSY & WORD
        self.lock, self.activity = access.hart, ACQUIRE
        self.send(ACQUIRED_EVENT, access.cycle + EVENT)
        return FREE

    def load_finished_jobs(self, access: Access, place: Place) -> int:
        self._look()
        count, self.finished_jobs = self.finished_jobs, 0
        return count

    def load_status(self, access: Access, place: Place) -> int:
        return int(self.lock is not None or bool(self.queue))

    def load_running_task(self, access: Access, place: Place) -> int:
        return 0 if self.load_status(access, place) else WORD

    def load_check_state(self, access: Access, place: Place) -> int:
        if self.lock is not None:
            return self.activity
        return EVALUATE if self.queue else IDLE

    def load_queued(self, access: Access, place: Place) -> int:
        return len(self.queue)

    def load_crossbars(self, access: Access, place: Place) -> int:
        return self.crossbars.count

    def load_rows(self, access: Access, place: Place) -> int:
        return self.crossbars.rows

    def load_columns(self, access: Access, place: Place) -> int:
        return self.crossbars.columns

    def _store_value(self, access: Access, place: Place, value: int) -> None:
        name = place.name
        if place.offset in _GUARDED and self.lock is None:
            raise DeviceError(f"ima.{name} = 0x{value:x}: the IMA is not acquired; load ACQUIRE until it is 0")
        super()._store_value(access, place, value)
        if name.startswith("P_"):
            self.cursor, self.activity = (self.get("P_START_X"), self.get("P_START_Y")), PLOT_REQUEST
        elif name.startswith("J_"):
            self.activity = JOB_REQUEST
        elif name.startswith("PR_"):
            self.activity = READ_REQUEST

    def store_soft_clear(self, access: Access, place: Place, value: int) -> None:
        self.clear(access)
        for waiting in self.deferred:
            self.machine.answer(waiting.hart, 0, access.cycle + waiting.back, Stall.PERIPHERAL)
        self.deferred.clear()
        self.activity, self.cursor = IDLE, (0, 0)
        if value == 0:
            self.finished_jobs = 0
            RegisterDevice.reset(self)

    def store_trigger(self, access: Access, place: Place, value: int) -> None:
        if self.clearing(access, "TRIGGER"):
            return
        if self.lock is None:
            raise DeviceError(f"ima.TRIGGER = 0x{value:x}: the IMA is not acquired; load ACQUIRE until it is 0")
        if self.get("NUM_JOBS") == 0:
            self.warn(access, "NUM_JOBS = 0: the trigger runs nothing, and is done at once")
            self.lock = None
            self.send(DONE_EVENT, access.cycle + DONE + EVENT)
            return
        self.commit(self.prepare(access), access.cycle, True)

    # -- programming and reading cells ---------------------------------------------------------------------------------

    def access(self, access: Access) -> Reply | None:
        """As any register; programming and reading cells waits for the jobs that run."""
        place = self.table.at(access.offset)
        analog = place is not None and place.name == ("PR_VAL" if access.value is None else "SUBMIT_PLOT")
        if analog and self.queue and self.lock is not None:
            self.machine.waits(access.hart, Stall.PERIPHERAL)
            self.deferred.append(access)
            return None
        return super().access(access)

    def store_submit_plot(self, access: Access, place: Place, value: int) -> Reply:
        return self._analog(access)

    def load_pr_val(self, access: Access, place: Place) -> Reply:
        return self._analog(access)

    def _analog(self, access: Access) -> Reply:
        """Program or read cells: it keeps the arrays busy, and waits for the access before."""
        name = "PR_VAL" if access.value is None else "SUBMIT_PLOT"
        if self.lock is None:
            raise DeviceError(f"ima.{name}: the IMA is not acquired; load ACQUIRE until it is 0")
        self.activity = READ if access.value is None else PLOT
        begin = max(self.analog_free, access.cycle)
        self.analog_free = begin + (self.read_cycles if access.value is None else self.plot_cycles)
        result = self._read() if access.value is None else self._plot(access, access.value)
        return Reply(result, self.analog_free - access.cycle, Stall.PERIPHERAL)

    def _resume(self, cycle: int) -> None:
        """The queue is empty: serve the accesses that waited for it."""
        waiting, self.deferred = self.deferred, []
        for access in waiting:
            try:
                reply = self._analog(replace(access, cycle=cycle))
            except DeviceError as error:
                raise self.machine.refused(access, str(error)) from error
            self.machine.answer(access.hart, reply.value, cycle + access.back, reply.cause, reply.extra)

    def waiting(self, hart: int) -> str:
        if any(access.hart == hart for access in self.deferred):
            return "the IMA to end its jobs before cells are programmed or read"
        return ""

    def _plot(self, access: Access, value: int) -> int:
        column, row = self.cursor
        first, end = self.get("P_START_X"), self.get("P_START_X") + self.get("P_WIDTH")
        last = self.get("P_START_Y") + self.get("P_HIGHT")
        if column >= end or row >= last:
            raise DeviceError(
                f"ima.SUBMIT_PLOT = 0x{value:08x}: P_WIDTH = {self.get('P_WIDTH')} x P_HIGHT = {self.get('P_HIGHT')} "
                "cells are all programmed, or none"
            )
        width = min(WEIGHTS_A_WORD, end - column)
        crossbar = self.get("CROSSBAR")
        self._inside(Tile(crossbar, column, row, width, 1), f"ima.SUBMIT_PLOT = 0x{value:08x}")
        weights = np.array([(value >> 4 * i & 15) - (value >> 4 * i & 8) * 2 for i in range(width)], np.int8)
        if weights.min() == -8:
            self.warn(access, f"SUBMIT_PLOT = 0x{value:08x} programs a weight of -8, out of the range -7..7")
        self.crossbars.write(crossbar, row, column, weights[None, :])
        self.counts["plot_words"] += 1
        column += WEIGHTS_A_WORD
        if column >= end:
            column, row = first, row + 1
            if row == last:
                self.lock = None
        self.cursor = (column, row)
        return 0

    def _read(self) -> int:
        crossbar, column, row = self.get("CROSSBAR"), self.get("PR_ADDR_X"), self.get("PR_ADDR_Y")
        self._inside(Tile(crossbar, column, row, 1, 1), "ima.PR_VAL")
        levels = self.crossbars.read(crossbar, row, column, WEIGHTS_A_WORD)
        self.lock = None
        self.counts["read_words"] += 1
        return sum((int(level) & 15) << 4 * i for i, level in enumerate(levels))

    # -- a job from its registers --------------------------------------------------------------------------------------

    def _signed(self, name: str) -> int:
        value = self.get(name)
        return value - ((value & 1 << 31) << 1)

    def prepare(self, access: Access) -> ImaJob:
        for name in ("J_WIDTH", "J_HIGHT", "JOB_LINE_LENGTH", "JOB_FEAT_LENGTH"):
            if self._signed(name) <= 0:
                raise self.refusal(name, f"{self._signed(name)}", "must be at least 1")
        jobs, width, height = self.get("NUM_JOBS"), self.get("J_WIDTH"), self.get("J_HIGHT")
        if jobs > MAX_JOBS:
            raise self.refusal("NUM_JOBS", f"{jobs}", f"at most {MAX_JOBS}")
        low, high = self._signed("ADC_LOW"), self._signed("ADC_HIGH")
        if low < 0 or high < 0 or low + high == 0:
            raise self.refusal("ADC_LOW", f"{low}, ADC_HIGH = {high}", "no range that can be converted")
        tiles = self._tiles(width, height)
        offsets, sizes = self._lines(height)
        aggregate = self.get("AGGREGATE")
        sources = self._moves("IN", "J_SRC_ADDR", jobs, int(offsets.min()), int((offsets + sizes).max()))
        targets = self._moves("OUT", "J_DST_ADDR", jobs, 0, width)
        first = int(targets.min())
        return ImaJob(
            access.hart, 0, (first, int(targets.max()) - first + width), jobs, width, sources, targets, tiles,
            _deal(offsets, sizes, tiles), low, high, bool(aggregate & 1), bool(aggregate & 2),
            aggregate >> 8 & 31,
        )  # fmt: skip

    def _tiles(self, width: int, height: int) -> tuple[Tile, ...]:
        count = self.get("TILES")
        if count > MAX_TILES:
            raise self.refusal("TILES", f"{count}", f"at most {MAX_TILES}")
        if not count:
            tile = Tile(self.get("CROSSBAR"), self.get("J_START_X"), self.get("J_START_Y"), width, height)
            self._inside(tile, f"ima.J_WIDTH = {width}, J_HIGHT = {height} at TRIGGER")
            return (tile,)
        tiles = []
        for number in range(count):
            crossbar, x, y, rows = (self.get(f"TILE{number}_{name}") for name in ("CROSSBAR", "X", "Y", "ROWS"))
            if not rows:
                raise self.refusal(f"TILE{number}_ROWS", "0", "must be at least 1")
            tiles.append(Tile(crossbar, x, y, width, rows))
            self._inside(tiles[-1], f"ima.TILE{number} at TRIGGER")
        total = sum(tile.rows for tile in tiles)
        if total != height:
            raise self.refusal("J_HIGHT", f"{height}", f"the rows of the {count} tiles are {total} together")
        return tuple(tiles)

    def _lines(self, height: int) -> tuple[Places, Places]:
        """Offsets and sizes of the lines that a job's inputs are read in."""
        length, lines = self.get("JOB_LINE_LENGTH"), self.get("JOB_FEAT_LENGTH")
        groups = self.get("JOB_FEAT_ROLL") or 1
        needed = -(-height // length)
        if lines * groups < needed:
            what = f"JOB_FEAT_LENGTH = {lines} lines x JOB_FEAT_ROLL = {groups} of JOB_LINE_LENGTH = {length} bytes"
            raise self.refusal("J_HIGHT", f"{height}", f"{what} are only {lines * groups * length}")
        inner, outer = min(lines, needed), -(-needed // lines)
        strides = 0, self._signed("J_SRC_STRID"), self._signed("JOB_FEAT_STRIDE")
        offsets = grid((1, inner, outer), strides)[:needed]
        sizes = np.full(needed, length, np.int64)
        sizes[-1] = height - (needed - 1) * length
        return offsets, sizes

    def _moves(self, side: str, register: str, jobs: int, low: int, high: int) -> Places:
        """Places of all jobs' sources or destinations, of which bytes from `low` to `high` are used."""
        lengths = self.get(f"ALPHA_{side}_LENGTH"), self.get(f"BETA_{side}_LENGTH")
        strides = self._signed(f"ALPHA_{side}_STRIDE"), self._signed(f"BETA_{side}_STRIDE")
        addresses = self.get(register) + walk(jobs, lengths, strides) + low
        what = f"ima.{register} = 0x{self.get(register):08x} at TRIGGER"
        return self.port.memory.places(addresses, high - low, what) - low

    # -- running -------------------------------------------------------------------------------------------------------

    @property
    def job(self) -> ImaJob:
        job = self.queue[0]
        assert isinstance(job, ImaJob)
        return job

    def cancel(self) -> None:
        self._look()
        self._forget()

    def begin(self, job: Job, cycle: int) -> None:
        self._forget()
        self.port.run(self._fetch(0), cycle, self._fill if self.pipelined else self._sequential)

    def _input(self, step: int) -> int:
        return self.port.base + step % 2 * _pad(self.crossbars.rows)

    def _output(self, step: int) -> int:
        number = step // len(self.job.tiles)
        return self.port.base + 2 * _pad(self.crossbars.rows) + number % 2 * _pad(self.crossbars.columns)

    def _fetch(self, step: int) -> Rows:
        """The beats that read a multiplication's inputs."""
        job = self.job
        number, tile = divmod(step, len(job.tiles))
        place = int(job.sources[number])
        key = (tile, place & 3, step & 1)
        if key not in self.templates:
            offsets, sizes, rows = job.pieces[tile]
            self.templates[key] = place, beats(place + offsets, sizes, self._input(step) + rows, self.port.ports)
        return _moved(self.templates[key], place)

    def _store(self, step: int) -> Rows:
        """The beats that write a job's outputs."""
        job = self.job
        place = int(job.targets[step // len(job.tiles)])
        buffer = self._output(step)
        key = (-1, place & 3, buffer)
        if key not in self.templates:
            here = np.array([place]), job.width, np.array([buffer])
            self.templates[key] = place, beats(*here, self.port.ports, write=True)
        return _moved(self.templates[key], place)

    def _last(self, step: int) -> bool:
        """Whether a multiplication is a job's last."""
        return (step + 1) % len(self.job.tiles) == 0

    def _multiply(self, step: int) -> None:
        """Do a multiplication whose inputs have arrived."""
        job, memory = self.job, self.port.memory.bytes
        tile = job.tiles[step % len(job.tiles)]
        inputs = memory[self._input(step) :][: tile.rows].view(np.int8)
        sums: Any = self.crossbars.multiply(tile, inputs)
        inl = self.crossbars.noise.adc_inl
        if len(job.tiles) == 1:
            result = convert(sums, job.low, job.high, inl)
        else:
            first = step % len(job.tiles) == 0
            part = sums.astype(np.float64) if job.wide else convert(sums, job.low, job.high, inl).astype(np.int64)
            self.sums = part if first else self.sums + part
            if not self._last(step):
                result = None
            elif job.wide:
                result = convert(self.sums, job.low, job.high, inl)
            else:
                least = 0 if job.relu else -OUTPUT_MAX
                result = np.clip(round_shift(self.sums, job.shift), least, OUTPUT_MAX).astype(np.int8)
        if result is not None:
            memory[self._output(step) :][: job.width] = result.view(np.uint8)
        counts = self.counts
        counts["multiplications"] += 1
        counts["rows"] += tile.rows
        counts["columns"] += tile.columns
        counts["macs"] += tile.rows * tile.columns
        counts["compute_cycles"] += self.compute

    def _look(self) -> None:
        """Notice that the results of a job have all been stored."""
        if self.storing and self.port.left() <= self.behind:
            self.storing = False
            self.finished_jobs += 1
            self.counts["pixels"] += 1

    def _run(self, parts: list[Rows], cycle: int, storing: bool, behind: int, following: Any) -> None:
        self.storing, self.behind = storing, behind
        self.port.run(parts[0] if len(parts) == 1 else np.concatenate(parts), cycle, following)

    def _sequential(self, cycle: int) -> None:
        """The inputs of this step have arrived: multiply, store the results, fetch the next inputs."""
        self._look()
        step, self.step = self.step, self.step + 1
        self._multiply(step)
        ready = cycle + 1 + RESPONSE + self.compute
        more, last = self.step < self.job.steps, self._last(step)
        parts = [self._store(step)] if last else []
        behind = 0
        if more:
            fetch = self._fetch(self.step)
            behind = len(fetch)
            if last:
                fetch[0, Beat.GAP] = NEXT
            parts.append(fetch)
        start = ready + (RESULT if last else NEXT)
        self._run(parts, start, last, behind, self._sequential if more else self._end)

    def _fill(self, cycle: int) -> None:
        """Pipelined: the first inputs have arrived."""
        self._advance(0, cycle + 1 + RESPONSE + SWAP)

    def _pipelined(self, cycle: int) -> None:
        """What was streamed during this step's multiplication is done."""
        self._look()
        streamed = cycle + 1 + (0 if self.stored_last else RESPONSE)
        self._advance(self.step + 1, max(self.began + self.compute, streamed) + SWAP)

    def _advance(self, step: int, cycle: int) -> None:
        """Begin a step: a multiplication, meanwhile the next inputs are fetched and the results before stored."""
        self.step, self.began = step, cycle
        steps = self.job.steps
        if step == steps:
            self._run([self._store(step - 1)], cycle, True, 0, self._end)
            return
        self._multiply(step)
        parts = [self._fetch(step + 1)] if step + 1 < steps else []
        storing = step > 0 and self._last(step - 1)
        if storing:
            parts.append(self._store(step - 1))
        if parts:
            self.stored_last = storing
            self._run(parts, cycle, storing, 0, self._pipelined)
        else:
            self.stored_last = True
            self.later(cycle + self.compute - 1, self._pipelined)

    def _end(self, cycle: int) -> None:
        self._look()
        self.later(cycle + DONE, self.finished)

    def completed(self, job: Job, cycle: int) -> None:
        self.send(DONE_EVENT, cycle + EVENT)
        if not self.queue:
            self._resume(cycle)

    def stats(self) -> dict[str, Any]:
        """Figures since reset.  `jobs` are the pixels of all triggers, each one or more multiplications."""
        self._look()
        found = super().stats()
        triggers = found.pop("jobs")
        counts = dict(self.counts)
        return {"jobs": counts.pop("pixels"), "triggers": triggers, **found, **counts}


COUNTS = (
    "pixels", "multiplications", "compute_cycles", "rows", "columns", "macs", "plot_words", "read_words",
)  # fmt: skip


def _cycles(nanoseconds: int, megahertz: int) -> int:
    """Whole cycles that a time takes."""
    return max(1, -(-nanoseconds * megahertz // 1000))


def _pad(size: int) -> int:
    """Bytes of a buffer."""
    return size + 3 & ~3


def buffer_bytes(rows: int, columns: int) -> int:
    """Bytes of all the IMA's buffers: two of inputs, two of outputs."""
    return 2 * _pad(rows) + 2 * _pad(columns)


def _moved(template: tuple[int, Rows], place: int) -> Rows:
    """Beats like those made for one place, for another that is as far from a word's begin."""
    origin, rows = template
    moved = rows.copy()
    moved[:, Beat.PLACE] = (rows[:, Beat.PLACE].astype(np.int64) + (place - origin)).astype(np.uint64)
    return moved


def _deal(offsets: Places, sizes: Places, tiles: tuple[Tile, ...]) -> tuple[tuple[Places, Places, Places], ...]:
    """The lines of inputs dealt out to tiles: for each, the pieces' offsets, sizes and first rows."""
    ends = np.cumsum(sizes)
    begins = ends - sizes
    dealt, row = [], 0
    for tile in tiles:
        low, high = np.maximum(begins, row), np.minimum(ends, row + tile.rows)
        used = high > low
        dealt.append(((offsets + low - begins)[used], (high - low)[used], (low - row)[used]))
        row += tile.rows
    return tuple(dealt)
