"""The two-level instruction cache: a private cache for each core and one shared by all, refilled from L2.

Modelled from documents, not measured: sizes and structure after pulp_cluster's hier-icache and GVSoC's pulp-open (spec:
platform.md section 5): private 512 B, shared 4 KiB in two line-interleaved banks, lines of 16 bytes, replacement by an 8-bit
shift register, a fetch blocks its core.  The kernel (template.fetch) looks up and refills; here are geometry and control."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iss.engine.layout import Global
from iss.errors import SimulationError

LINE_BYTES = 16


@dataclass(frozen=True)
class CacheConfig:
    """Sizes in bytes, latencies in cycles."""

    private_bytes: int = 512
    private_ways: int = 4
    shared_bytes: int = 4096
    shared_ways: int = 4
    shared_banks: int = 2
    private_refill: int = 2  # from the shared cache
    shared_refill: int = 16  # further cycles from L2: refill 2, cluster interconnect 2, AXI 12

    def __post_init__(self) -> None:
        for level, size, ways in (
            ("private", self.private_bytes, self.private_ways),
            ("shared", self.shared_bytes, self.shared_ways),
        ):
            lines = size // LINE_BYTES
            if ways < 1 or ways & (ways - 1) or lines < ways or lines & (lines - 1) or size % LINE_BYTES:
                raise SimulationError(
                    f"{level} instruction cache of {size} bytes, {ways} ways: both must be powers of two, "
                    f"with at least one line of {LINE_BYTES} bytes a way"
                )
        if self.shared_banks < 1 or self.shared_banks & (self.shared_banks - 1):
            raise SimulationError(f"{self.shared_banks} banks of the shared instruction cache: must be a power of two")


class InstructionCache:
    """Tags (1 + line number, 0: empty) of every hart's private cache, of the shared cache, and the banks' busy times."""

    def __init__(self, harts: int, world: npt.NDArray[np.uint64], config: CacheConfig | None) -> None:
        self.world = world
        self.config = config or CacheConfig()
        private, shared = self.config.private_bytes // LINE_BYTES, self.config.shared_bytes // LINE_BYTES
        self.tags = np.zeros(harts * private + shared + self.config.shared_banks, np.uint64)
        world[Global.PRIVATE_LINES], world[Global.SHARED_LINES] = private, shared
        world[Global.PRIVATE_WAYS], world[Global.SHARED_WAYS] = self.config.private_ways, self.config.shared_ways
        world[Global.PRIVATE_MASK] = private // self.config.private_ways - 1
        world[Global.SHARED_MASK] = shared // self.config.shared_ways - 1
        world[Global.SHARED_BANK_MASK] = self.config.shared_banks - 1
        world[Global.PRIVATE_REFILL], world[Global.SHARED_REFILL] = self.config.private_refill, self.config.shared_refill
        self.reset()

    def reset(self) -> None:
        """Empty and enabled."""
        self.tags[:] = 0
        self.world[Global.LFSR] = 1
        self.enable(True)

    def enable(self, on: bool) -> None:
        """With the cache off, and so empty, every line is fetched from L2."""
        self.world[Global.CACHE_ON] = on
        if not on:
            self.flush()

    def flush(self) -> None:
        """Every line is forgotten."""
        self.tags[:] = 0

    def flush_private(self) -> None:
        """The private caches' lines are forgotten."""
        lines = int(self.world[Global.PRIVATE_LINES]) * int(self.world[Global.HARTS])
        self.tags[:lines] = 0

    def flush_line(self, line: int) -> None:
        """One line is forgotten, by its number (byte place of its code >> 4)."""
        count = len(self.tags) - self.config.shared_banks
        self.tags[:count][self.tags[:count] == line + 1] = 0
