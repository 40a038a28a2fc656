"""The analog part of the IMA: crossbars of phase-change memory, their converters, and what makes them imprecise.

Arithmetic, without imperfections.  Inputs x are int8, weights w int4; the public model [G] says
    s = sum((x / 127) * (w / 7)), clipped to [-LOW, HIGH]
    out = s * 127 / (LOW + HIGH), rounded with halves away from zero, clipped to +-127.
With S = sum(x * w) and R = LOW + HIGH that is, exactly, S clipped to [-889 LOW, 889 HIGH] and out = round(S / (7 R)),
because 127 * 7 = 889; so the model computes with whole numbers: |out| = floor((2 |S| + 7 R) / (14 R)).  [G] itself
rounds in 32-bit floating point and may differ where S / (7 R) lies half-way between two integers.  S is a sum of
products below 2**24 for up to 16383 rows, which float32 BLAS adds without rounding; larger crossbars use float64.

Imperfections (all off by default, seeded) are those of the PCM model of IBM's aihwkit, docs/source/pcm_inference.rst,
fitted to a million devices: Nandakumar et al., ICECS 2019; Joshi et al., Nature Communications 11, 2473 (2020).  A
weight is a pair of devices, of which the one for its sign has the conductance g = |w| / 7 of 25 uS and the other 0:
    programming   g + N(0, max(-1.1731 g^2 + 1.9650 g + 0.2635, 0) uS)
    drift         g (t / 20 s)^-nu, nu from N(mu, sigma): mu = clip(-0.0155 ln g + 0.0244, 0.049, 0.1),
                  sigma = clip(-0.0125 ln g - 0.0059, 0.008, 0.045)
    read          g + N(0, g Q sqrt(ln((t + 250 ns) / 500 ns))), Q = min(0.0088 / g^0.65, 0.2), in every multiplication
DAC and ADC deviate from the straight line by an odd cubic whose peak is the converter's integral non-linearity in LSB
(IEEE Std 1241); the IMA's ADCs are of the family of the linearised ones of Khaddam-Aljameh et al., JSSC 57(4), 2022
(HERMES), whose remaining error is not given as one number, so there is no default but 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

WEIGHT_MAX = 7
INPUT_MAX = 127
OUTPUT_MAX = 127
EXACT_ROWS = (1 << 24) // (128 * 8) - 1
G_MAX = 25.0  # uS
DRIFT_START = 20.0  # seconds after programming at which the conductance is what was programmed
READ_PULSE = 250e-9  # seconds
Floats = npt.NDArray[Any]


@dataclass(frozen=True)
class Noise:
    """Imperfections.  `programming` and `read` scale the measured deviations (1: as measured, 0: none)."""

    seed: int = 0
    programming: float = 0.0
    read: float = 0.0
    drift_seconds: float = 0.0  # since programming; up to 20 s: none
    dac_inl: float = 0.0  # LSB
    adc_inl: float = 0.0  # LSB

    @property
    def changes_weights(self) -> bool:
        return bool(self.programming or self.drift_seconds > DRIFT_START)

    @property
    def active(self) -> bool:
        return bool(self.changes_weights or self.read or self.dac_inl or self.adc_inl)


@dataclass(frozen=True)
class Tile:
    """A part of a crossbar."""

    crossbar: int
    column: int
    row: int
    columns: int
    rows: int


def bow(u: Floats) -> Floats:
    """An odd cubic that is 0 at -1, 0 and 1, and +-1 at its peaks."""
    bent: Floats = 1.5 * 3**0.5 * (u - u**3)
    return bent


def convert(sums: Floats, low: int, high: int, inl: float = 0.0) -> npt.NDArray[np.int8]:
    """The ADC: sums of products to int8."""
    unit = INPUT_MAX * WEIGHT_MAX
    clipped = np.clip(sums.astype(np.float64), -unit * low, unit * high)
    span = 7 * (low + high)
    if inl:
        clipped += inl * span * bow(clipped / (unit * max(low, high)))
    size = np.floor((2 * np.abs(clipped) + span) / (2 * span))
    converted: npt.NDArray[np.int8] = np.copysign(np.minimum(size, OUTPUT_MAX), clipped).astype(np.int8)
    return converted


def round_shift(values: npt.NDArray[np.int64], shift: int) -> npt.NDArray[np.int64]:
    """values / 2**shift, halves away from zero."""
    if not shift:
        return values
    rounded: npt.NDArray[np.int64] = np.sign(values) * ((np.abs(values) + (1 << shift - 1)) >> shift)
    return rounded


class Crossbars:
    """The arrays.  They are not volatile: a reset leaves what was programmed.  At first each holds the identity, as in
    [G]."""

    def __init__(self, count: int, rows: int, columns: int, noise: Noise) -> None:
        self.count, self.rows, self.columns, self.noise = count, rows, columns, noise
        self.cells = np.zeros((count, rows, columns), np.int8)
        diagonal = np.arange(min(rows, columns))
        self.cells[:, diagonal, diagonal] = 1
        self.kind = np.float32 if rows <= EXACT_ROWS else np.float64
        self._weights: list[Floats | None] = [None] * count
        self._spread: list[Floats | None] = [None] * count  # variance of the read noise of each cell
        self.reset()

    def reset(self) -> None:
        """The read noise begins anew."""
        self._reads = np.random.default_rng([self.noise.seed, 2])

    def write(self, crossbar: int, row: int, column: int, weights: npt.NDArray[np.int8]) -> None:
        """Program a block of cells."""
        height, width = weights.shape
        self.cells[crossbar, row : row + height, column : column + width] = weights
        if self.noise.active:
            self._weights[crossbar] = self._spread[crossbar] = None
        elif (ideal := self._weights[crossbar]) is not None:
            ideal[row : row + height, column : column + width] = weights

    def read(self, crossbar: int, row: int, column: int, width: int) -> npt.NDArray[np.int8]:
        """Read cells back: the level next to what they hold."""
        values = self.weights(crossbar)[row, column : column + width]
        return np.clip(np.rint(values), -8, 7).astype(np.int8)

    def weights(self, crossbar: int) -> Floats:
        """What the cells are worth, in units of a weight."""
        found = self._weights[crossbar]
        if found is None:
            found = self.cells[crossbar].astype(self.kind)
            if self.noise.changes_weights or self.noise.read:
                found = self._imperfect(crossbar)
            self._weights[crossbar] = found
        return found

    def multiply(self, tile: Tile, inputs: npt.NDArray[np.int8]) -> Floats:
        """Sums of products of a tile's columns; whole numbers when nothing is imperfect."""
        noise = self.noise
        x: Floats = inputs.astype(self.kind)
        if noise.dac_inl:
            x = x + noise.dac_inl * bow(x / INPUT_MAX)
        rows, columns = slice(tile.row, tile.row + tile.rows), slice(tile.column, tile.column + tile.columns)
        sums: Floats = x @ self.weights(tile.crossbar)[rows, columns]
        spread = self._spread[tile.crossbar]
        if spread is not None:
            deviation = np.sqrt((x.astype(np.float64) ** 2) @ spread[rows, columns])
            sums = sums + deviation * self._reads.standard_normal(tile.columns)
        return sums

    def _imperfect(self, crossbar: int) -> Floats:
        """The cells' worth after programming and drift; sets the read noise's variance."""
        noise = self.noise
        cells = self.cells[crossbar].astype(np.float64) / WEIGHT_MAX
        pair = np.stack([np.maximum(cells, 0), np.maximum(-cells, 0)])
        draws = np.random.default_rng([noise.seed, 1, crossbar]).standard_normal((2, *pair.shape))
        sigma = np.maximum(-1.1731 * pair**2 + 1.9650 * pair + 0.2635, 0) * noise.programming
        conductance = np.maximum(pair * G_MAX + sigma * draws[0], 0)
        time = max(noise.drift_seconds, DRIFT_START)
        level = np.log(np.maximum(pair, 1e-6))
        mean = np.clip(-0.0155 * level + 0.0244, 0.049, 0.1)
        spread = np.clip(-0.0125 * level - 0.0059, 0.008, 0.045)
        conductance = conductance * (time / DRIFT_START) ** -(mean + spread * draws[1])
        if noise.read:
            quality = np.minimum(0.0088 / np.maximum(pair, 1e-6) ** 0.65, 0.2)
            deviation = conductance * quality * np.sqrt(np.log((time + READ_PULSE) / (2 * READ_PULSE))) * noise.read
            self._spread[crossbar] = (deviation**2).sum(axis=0) * (WEIGHT_MAX / G_MAX) ** 2
        worth: Floats = ((conductance[0] - conductance[1]) * (WEIGHT_MAX / G_MAX)).astype(self.kind)
        return worth
