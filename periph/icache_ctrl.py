"""Control of the instruction caches, in the layout of the two-level cache (hier_icache_ctrl_unit.sv; platform.md section 1).

Counters of hits and transactions are not modelled: they read 0."""

from __future__ import annotations

from periph.device import Access, RegisterDevice
from periph.registers import Place, Register, RegisterTable

SHARED_BANKS = 4

TABLE = RegisterTable(
    "icache_ctrl",
    "ICACHE_CTRL",
    "Instruction cache control",
    0x400,
    (
        Register(0x00, "ENABLE", "rw", "bit 0 stored: every cache on or off; loaded: one bit for each cache"),
        Register(0x04, "FLUSH", "w", "bit 0: every line is forgotten"),
        Register(0x08, "FLUSH_L1_ONLY", "w", "bit 0: the private caches' lines are forgotten"),
        Register(0x0C, "SEL_FLUSH", "rw", "the line of this address is forgotten"),
        Register(0x10, "CLEAR_STATS", "w", "no effect"),
        Register(0x14, "ENABLE_STATS", "rw", "kept, without effect"),
        Register(0x1C, "PREFETCH", "rw", "cores whose private cache prefetches: kept, without effect", writable=0xFFFF),
        Register(0x40, "HITS", "r", "reads 0"),
        Register(0x44, "TRANSACTIONS", "r", "reads 0"),
    ),
    "The caches are on after reset.",
)


class IcacheControl(RegisterDevice):
    """Stores act on the machine's instruction cache."""

    def __init__(self, cores: int) -> None:
        super().__init__(TABLE)
        self.caches = (1 << cores + SHARED_BANKS) - 1

    def reset(self) -> None:
        super().reset()
        self.set("ENABLE", self.caches)

    def store_enable(self, access: Access, place: Place, value: int) -> None:
        self.set("ENABLE", self.caches if value & 1 else 0)
        self.machine.icache.enable(bool(value & 1))

    def store_flush(self, access: Access, place: Place, value: int) -> None:
        if value & 1:
            self.machine.icache.flush()

    def store_flush_l1_only(self, access: Access, place: Place, value: int) -> None:
        if value & 1:
            self.machine.icache.flush_private()

    def store_sel_flush(self, access: Access, place: Place, value: int) -> None:
        self._store_value(access, place, value)
        found = self.machine.map.place(value, 1)
        if found is not None:
            self.machine.icache.flush_line(found >> 4)
