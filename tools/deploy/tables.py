"""What the firmware reads (firmware/apps/network.S): steps, arguments of kernels, lists of jobs and of DMA commands."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from itertools import zip_longest

import numpy as np

from firmware.apps import accelerators as acc
from periph import places
from periph.hwpe import dw, ima
from periph.hwpe.controller import CONTEXTS
from periph.registers import RegisterTable
from tools.deploy.network import Int8

STEP = "<5I"
DMA_MAX = 1 << 16
"""Bytes of a DMA command; the register has room for twice as many."""
DMA_TO_L1, DMA_INCREMENTS, DMA_EVENT = 1 << 17, 1 << 18, 1 << 20
Call = tuple[str, int, int]
"""A routine, its argument, how many harts call it."""
Copy = tuple[int, int, int, bool]
"""An address in L1, one in L2, bytes, and whether to L1."""


class Tables:
    """Arguments, lists and steps, one after the other from `base` on.  `symbols` are the firmware's."""

    def __init__(self, base: int, symbols: Mapping[str, int]) -> None:
        self.base = base
        self.symbols = symbols
        self.data = bytearray()
        self.steps: list[tuple[int, int, int, int, int]] = []
        self.runs: list[tuple[str, acc.Jobs]] = []  # lists of jobs, in the order in which they run

    @property
    def size(self) -> int:
        return len(self.data) + struct.calcsize(STEP) * (len(self.steps) + 1)

    def add(self, data: bytes) -> int:
        """The address of a table."""
        address = self.base + len(self.data)
        self.data += data + bytes(-len(data) % 4)
        return address

    def words(self, words: Sequence[int]) -> int:
        """The address of a table of words."""
        return self.add(struct.pack(f"<{len(words)}I", *words))

    def finish(self) -> tuple[int, bytes]:
        """The address of the steps, and all bytes."""
        steps = b"".join(struct.pack(STEP, *step) for step in [*self.steps, (0, 0, 0, 0, 0)])
        return self.base + len(self.data), bytes(self.data) + steps

    def step(self, calls: Sequence[Call], mark: int = 0, copies: Sequence[Copy] = ()) -> None:
        """Routines one after the other; the DMA's work beside the first, the mark behind the last."""
        dma = self._dma_list(copies) if copies else 0
        todo = list(calls) or [("nothing", 0, 0)]
        for number, (routine, argument, harts) in enumerate(todo):
            behind = mark if number == len(todo) - 1 else 0
            self.steps.append((self.symbols[routine], argument, harts, 0 if number else dma, behind))

    def _dma_list(self, copies: Sequence[Copy]) -> int:
        words: list[int] = []
        for near, far, size, to_l1 in copies:
            for first, length in acc.pieces(size, DMA_MAX):
                words += [length | DMA_INCREMENTS | DMA_EVENT | (DMA_TO_L1 if to_l1 else 0), near + first, far + first]
        return self.words([len(words), *words])

    def accelerate(self, routine: str, jobs: acc.Jobs) -> Call:
        """A list of jobs; until all are known, its argument is its number."""
        self.runs.append((routine, jobs))
        return routine, len(self.runs) - 1, 1

    def encode_runs(self) -> None:
        """Make the lists: a list's first job is stored ahead, while the jobs of the list before it run."""
        tables: dict[str, tuple[RegisterTable, list[dict[str, int]]]]
        tables = {"ima_run": (ima.TABLE, [{}]), "dw_run": (dw.TABLE, [{} for _ in range(CONTEXTS)])}
        lists: list[list[int]] = []
        ahead: list[list[int]] = []
        for number, (routine, jobs) in enumerate(self.runs):
            table, contexts = tables[routine]
            words, stored = [], []
            for index, job in enumerate(jobs):
                contexts.append(contexts.pop(0))
                pairs = acc.registers(table, job, contexts[-1])
                if index == 0 and number and not routine == self.runs[number - 1][0] == "dw_run":
                    stored = [places.base_of(table.name), *pairs, acc.END]
                    pairs = [acc.STORED_AHEAD]
                words += [*pairs, acc.TRIGGER, 0]
            lists.append(words)
            ahead.append(stored)
        addresses = []
        for words, following in zip_longest(lists, ahead[1:], fillvalue=list[int]()):
            end = [acc.END_AHEAD, self.words(following)] if following else [acc.END]
            addresses.append(self.words([*words, *end]))
        routines = {self.symbols[routine] for routine in tables}
        self.steps = [
            (step[0], addresses[step[1]], *step[2:]) if step[0] in routines else step for step in self.steps
        ]


def plot_words(block: Int8) -> bytes:
    """Weights [rows][columns] as ima_plot takes them: each row in words of eight, the first in the lowest bits."""
    rows, columns = block.shape
    padded = np.zeros((rows, -(-columns // 8) * 8), np.uint32)
    padded[:, :columns] = block & 15
    shifts = np.arange(8, dtype=np.uint32) * 4
    words = np.bitwise_or.reduce(padded.reshape(rows, -1, 8) << shifts, axis=2)
    return bytes(words.astype("<u4").tobytes())
