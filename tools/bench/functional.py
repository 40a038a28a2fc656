"""The benchmark's program on `unicorn` (QEMU's translator): functional, one hart, no cycles."""

from __future__ import annotations

import time
from typing import Any

from iss.elf import Executable

CORE_STATUS = 0x1A104000
MEMORIES = ((0x10000000, 1 << 20), (0x1C000000, 1 << 20))


def measure(executable: Executable, seconds: float) -> float | None:
    """Million instructions a second; None when unicorn is not installed."""
    try:
        import unicorn
    except ImportError:
        return None
    each = _instructions(executable, 2) - _instructions(executable, 1)
    _run(unicorn, executable, 1)
    reps = 16
    while True:
        taken = _run(unicorn, executable, reps)
        if taken > seconds / 2:
            return each * reps / taken / 1e6
        reps *= 2


def _instructions(executable: Executable, reps: int) -> int:
    """How many instructions one hart executes, as our simulator counts them."""
    from iss.cluster import Cluster

    cluster = Cluster(harts=1)
    cluster.load_elf(executable.path)
    cluster.write(executable.symbols["reps"], reps.to_bytes(4, "little"))
    return cluster.run().instructions


def _run(unicorn: Any, executable: Executable, reps: int) -> float:
    engine = unicorn.Uc(unicorn.UC_ARCH_RISCV, unicorn.UC_MODE_RISCV32)
    for base, size in (*MEMORIES, (CORE_STATUS, 4096)):
        engine.mem_map(base, size)
    for segment in executable.segments:
        engine.mem_write(segment.address, segment.data)
    engine.mem_write(executable.symbols["reps"], reps.to_bytes(4, "little"))

    def end(uc: Any, *access: Any) -> None:
        uc.emu_stop()

    engine.hook_add(unicorn.UC_HOOK_MEM_WRITE, end, begin=CORE_STATUS, end=CORE_STATUS + 4095)
    began = time.perf_counter()
    engine.emu_start(executable.entry, 0)
    return time.perf_counter() - began
