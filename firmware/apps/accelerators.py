"""What a deployment tool does for the accelerators: tiles on crossbars, lists of jobs, and what the IMA computes.

A list of jobs is what firmware/kernels/hwpe.S runs: pairs of a register's offset and value; 0 (TRIGGER) ends a job."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from firmware.apps.arithmetic import Int8
from iss.errors import SimulationError
from periph.hwpe import dw, ima

ROWS, COLUMNS = 256, 256
EVER = 1 << 20
"""A stride's count that no job reaches."""
WEIGHT_LEVELS = 7
MAX_OUTPUT = 127

TRIGGER, END, END_AHEAD, STORED_AHEAD = 0, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
"""Words of a list instead of an offset (kernels/hwpe.S)."""

Jobs = list[dict[str, int]]


@dataclass(frozen=True)
class Place:
    """A tile's crossbar and its first column and row there."""

    crossbar: int
    x: int
    y: int


@dataclass
class _Shelf:
    crossbar: int
    y: int
    height: int
    used: int = 0


def pieces(size: int, limit: int) -> list[tuple[int, int]]:
    """(first, length) of the parts of at most `limit` that something is cut into."""
    return [(first, min(limit, size - first)) for first in range(0, size, limit)]


def pack(shapes: Sequence[tuple[int, int]], rows: int = ROWS, columns: int = COLUMNS) -> list[Place]:
    """Places of tiles (rows, columns) on crossbars: the highest first, on shelves, where there is room first."""
    shelves: list[_Shelf] = []
    filled: list[int] = []  # rows of each crossbar that have shelves
    found: dict[int, Place] = {}
    for number in sorted(range(len(shapes)), key=lambda i: (-shapes[i][0], -shapes[i][1])):
        height, width = shapes[number]
        if height > rows or width > columns:
            raise SimulationError(f"a tile of {height} x {width} does not fit a crossbar of {rows} x {columns}")
        shelf = next((s for s in shelves if s.height >= height and s.used + width <= columns), None)
        if shelf is None:
            crossbar = next((i for i, n in enumerate(filled) if n + height <= rows), len(filled))
            if crossbar == len(filled):
                filled.append(0)
            shelf = _Shelf(crossbar, filled[crossbar], height)
            filled[crossbar] += height
            shelves.append(shelf)
        found[number] = Place(shelf.crossbar, shelf.used, shelf.y)
        shelf.used += width
    return [found[number] for number in range(len(shapes))]


def registers(table: Any, job: Mapping[str, int], known: dict[str, int]) -> list[int]:
    """Pairs of offset and value for what differs from what the registers hold, `known`, which is brought up to date."""
    offsets = {place.name: place.offset for place in table}
    changed = {name: value for name, value in job.items() if known.get(name) != value}
    known.update(job)
    return [word for name, value in changed.items() for word in (offsets[name], value & 0xFFFFFFFF)]


def encode(table: Any, jobs: Iterable[Mapping[str, int]]) -> bytes:
    """The list of jobs, given as registers by name; of each job, only what differs from the one before."""
    words: list[int] = []
    known: dict[str, int] = {}
    for job in jobs:
        words += [*registers(table, job, known), TRIGGER, 0]
    return struct.pack(f"<{len(words) + 1}I", *words, END)


def ima_list(jobs: Jobs) -> bytes:
    return encode(ima.TABLE, jobs)


def dw_list(job: dict[str, int]) -> bytes:
    return encode(dw.TABLE, [job])


def image_walk(side: str, height_stride: int, width: int, pixel: int) -> dict[str, int]:
    """Registers that move a source ("IN") or destination ("OUT") over the pixels of an image."""
    back = height_stride - (width - 1) * pixel
    if back == pixel:
        return {f"ALPHA_{side}_LENGTH": EVER, f"ALPHA_{side}_STRIDE": pixel, f"BETA_{side}_LENGTH": 1}
    return {
        f"ALPHA_{side}_LENGTH": width - 1,
        f"ALPHA_{side}_STRIDE": pixel,
        f"BETA_{side}_LENGTH": EVER,
        f"BETA_{side}_STRIDE": back,
    }


@dataclass(frozen=True)
class Matrix:
    """A layer's weights [rows][columns] cut into tiles; `first` is the number of its first tile among all layers'."""

    rows: int
    columns: int
    first: int = 0
    limits: tuple[int, int] = (ROWS, COLUMNS)

    @property
    def row_tiles(self) -> list[tuple[int, int]]:
        return pieces(self.rows, self.limits[0])

    @property
    def column_tiles(self) -> list[tuple[int, int]]:
        return pieces(self.columns, self.limits[1])

    def shapes(self) -> list[tuple[int, int]]:
        return [(rows, columns) for _, columns in self.column_tiles for _, rows in self.row_tiles]

    def blocks(self, weights: Int8) -> list[Int8]:
        """The tiles' weights, in the order of `shapes`."""
        return [weights[y : y + h, x : x + w] for x, w in self.column_tiles for y, h in self.row_tiles]

    def jobs(
        self, places: Sequence[Place], source: int, target: int, adc: tuple[int, int], pixels: int,
        walks: Mapping[str, int],
    ) -> Jobs:  # fmt: skip
        """A trigger for each column tile: `pixels` jobs of all row tiles."""
        if len(self.row_tiles) > ima.MAX_TILES:
            raise SimulationError(
                f"{self.rows} inputs are {len(self.row_tiles)} tiles of {self.limits[0]} rows, and a job of the IMA adds "
                f"{ima.MAX_TILES} at most; it takes crossbars of {-(-self.rows // ima.MAX_TILES)} rows (ima_rows)"
            )
        found: Jobs = []
        number = self.first
        for column, width in self.column_tiles:
            job = {
                "J_START_X": 0, "J_START_Y": 0, "J_WIDTH": width, "J_HIGHT": self.rows, "J_SRC_ADDR": source,
                "J_DST_ADDR": target + column, "J_SRC_STRID": 0, "ADC_LOW": adc[0], "ADC_HIGH": adc[1],
                "JOB_LINE_LENGTH": self.rows, "JOB_FEAT_LENGTH": 1, "JOB_FEAT_ROLL": 1, "JOB_FEAT_STRIDE": 0,
                "NUM_JOBS": pixels, **walks, "AGGREGATE": self.shift << 8, "TILES": len(self.row_tiles),
            }  # fmt: skip
            for tile, (_, rows) in enumerate(self.row_tiles):
                place = places[number]
                number += 1
                job |= {f"TILE{tile}_CROSSBAR": place.crossbar, f"TILE{tile}_X": place.x, f"TILE{tile}_Y": place.y}
                job[f"TILE{tile}_ROWS"] = rows
            found.append(job)
        return found

    @property
    def shift(self) -> int:
        """Bits that the sum of the row tiles' results is shifted by: about the square root of their number."""
        return (len(self.row_tiles).bit_length()) // 2


def _divide(value: npt.NDArray[np.int64], by: int) -> npt.NDArray[np.int64]:
    """Division that rounds to nearest, halves away from zero."""
    quotient: npt.NDArray[np.int64] = np.sign(value) * ((2 * np.abs(value) + by) // (2 * by))
    return quotient


def convert(sums: npt.NDArray[np.int64], low: int, high: int) -> npt.NDArray[np.int64]:
    """The ADC of the public model in integers: (x / 127) (w / 7) added, clipped to -low..high, times 127 / (low + high)
    and rounded."""
    unit = MAX_OUTPUT * WEIGHT_LEVELS
    return np.clip(_divide(np.clip(sums, -unit * low, unit * high), WEIGHT_LEVELS * (low + high)), -127, 127)


def analog(x: Int8, weights: Int8, adc: tuple[int, int], matrix: Matrix) -> Int8:
    """A 1x1 layer [pixels][rows] on the IMA: row tiles are converted to 8 bits each, added, shifted, clipped."""
    parts = [
        convert(x[:, y : y + h].astype(np.int64) @ weights[y : y + h].astype(np.int64), *adc)
        for y, h in matrix.row_tiles
    ]
    total: npt.NDArray[np.int64] = sum(parts[1:], parts[0])
    if len(parts) > 1:
        total = np.clip(_divide(total, 1 << matrix.shift), -127, 127)
    return total.astype(np.int8)


def random_int4(rng: np.random.Generator, *shape: int) -> Int8:
    return rng.integers(-WEIGHT_LEVELS, WEIGHT_LEVELS + 1, shape, dtype=np.int8)
