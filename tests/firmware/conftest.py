"""A bench for kernels: one kernel called by all harts, its arguments and buffers written by the test."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import asm
from firmware.apps.app import FIRMWARE, INCLUDES
from iss import toolchain
from iss.cluster import Cluster
from iss.errors import SimulationError

MAIN = """
    .include "macros.inc"
    .equ APP_REPEAT, 1
    timed_kernel {kernel}, 0
    .data
    .balign 4
    .globl  arguments
arguments:
    .space  64
"""
EVENTS = 17
CYCLES, INSTRUCTIONS, LOAD_STALLS, CONFLICTS = 0, 1, 2, 16


@cache
def _program(folder: Path, kernel: str, sources: tuple[str, ...], harts: int) -> asm.Program:
    main = folder / f"{kernel}.S"
    main.write_text(MAIN.format(kernel=kernel))
    paths = [FIRMWARE / "runtime/start.S", main, *(FIRMWARE / "kernels" / source for source in sources)]
    return asm.assemble(paths, defines={"HARTS": harts}, include_dirs=INCLUDES)


class Bench:
    """A cluster with a kernel; `put` places buffers with guard bytes behind them, `run` calls it."""

    def __init__(self, program: asm.Program, harts: int, **config: Any) -> None:
        self.program = program
        self.harts = harts
        self.cluster = Cluster(harts=harts, **config)
        self.cluster.load_elf(program.elf)
        self.free = (program.symbols["__l1_end"] + 63) & ~63
        self.guards: list[int] = []

    def put(self, array: np.ndarray, offset: int = 0) -> int:
        """Write an array, `offset` bytes behind a word boundary; its address."""
        address = ((self.free + 3) & ~3) + offset
        self.cluster.write(address, array.tobytes() + bytes([0xA5] * 8))
        self.guards.append(address + array.nbytes)
        self.free = address + array.nbytes + 8
        return address

    def run(self, *arguments: int) -> None:
        """Call the kernel; nothing behind a buffer may have changed."""
        words = [value & 0xFFFFFFFF for value in arguments]
        self.cluster.write(self.program.symbols["arguments"], struct.pack(f"<{len(words)}I", *words))
        result = self.cluster.run(max_cycles=10**7)
        assert result.exit_code == 0
        for guard in self.guards:
            assert self.cluster.read(guard, 8) == bytes([0xA5] * 8)

    def get(self, address: int, shape: Sequence[int], dtype: type = np.int8) -> np.ndarray:
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        return np.frombuffer(self.cluster.read(address, size), dtype).reshape(shape)

    def counter(self, index: int) -> np.ndarray:
        """A performance counter over the call, by hart."""
        data = self.cluster.read(self.program.symbols["regions"], 4 * EVENTS * self.harts)
        return np.frombuffer(data, np.uint32).reshape(self.harts, EVENTS)[:, index].astype(np.int64)

    @property
    def cycles(self) -> int:
        return int(self.counter(CYCLES).max())


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Bench]:
    """bench(kernel, sources, harts, **config) is a new Bench."""
    folder = tmp_path_factory.mktemp("firmware")

    def make(kernel: str, sources: tuple[str, ...], harts: int = 8, **config: Any) -> Bench:
        return Bench(_program(folder, kernel, sources, harts), harts, **config)

    return make


@pytest.fixture
def c_compiler() -> None:
    """Skips where there is no compiler."""
    try:
        toolchain.find()
    except SimulationError as error:
        pytest.skip(str(error))
