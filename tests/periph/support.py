"""What the tests of the peripherals share: assembled programs, the cycles of their instructions, access to a device."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from asm import assemble_text
from iss.cluster import Cluster
from iss.engine import layout
from iss.errors import ProgramError
from iss.isa.decode import decode
from iss.isa.table import Load, Store, System
from iss.result import RunResult
from periph.device import Access, Bus, Reply

HEAD = """
    .include "registers.inc"
    .section .vectors, "ax"
    .option norvc
    .rept 32
    j       handler
    .endr
    .section .text.init, "ax"
    .option norvc
    .globl  _start
_start:
    csrr    a0, 0xF14
    andi    a0, a0, 31
    li      s0, EU_BASE
    li      s1, 0x10000000
    slli    t0, a0, 7
    add     s2, s1, t0              # 128 bytes of each hart's own, in banks of its own
"""
BARRIER_SETUP = """
    li      t0, 7 << EVENT_BARRIER
    sw      t0, EU_MASK(s0)
    bnez    a0, 9f
    li      t0, 0xff
    sw      t0, EU_BARRIER_TRIGGER_MASK(s0)
    sw      t0, EU_BARRIER_TARGET_MASK(s0)
9:
"""
EXIT = """
exit:
    li      t5, SOC_CTRL_BASE
    li      t6, SOC_CTRL_CORE_STATUS_END_MASK
    sw      t6, SOC_CTRL_CORE_STATUS(t5)
park:
    j       park
"""
HANDLER = """
handler:
    mret
"""


@cache
def image(text: str) -> bytes:
    """The program: HEAD, the text, EXIT, and a handler when the text has none."""
    tail = EXIT + ("" if "handler:" in text else HANDLER)
    return bytes(assemble_text(HEAD + text + tail).elf)


def machine(text: str, **values: Any) -> Cluster:
    """A cluster with many banks and an ideal instruction cache, and the program."""
    made = Cluster(**{"icache": "ideal", "banks": 256, **values})
    made.load_elf(image(text))
    return made


def run(text: str, max_cycles: int = 10**6, **values: Any) -> tuple[Cluster, RunResult]:
    """Run a program to its end."""
    made = machine(text, **values)
    result = made.run(max_cycles=max_cycles)
    assert result.reason == "exit", result.reason
    return made, result


def words(cluster: Cluster, address: int, count: int) -> list[int]:
    return [int(word) for word in np.frombuffer(cluster.read(address, 4 * count), "<u4")]


@dataclass
class Issues:
    """For every hart, the (EX cycle, pc) of its instructions; those that never leave ID are left out."""

    cluster: Cluster
    harts: list[list[tuple[int, int]]] = field(default_factory=list)
    acks: list[tuple[int, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        count = self.cluster.machine.harts
        self.harts = [[] for _ in range(count)]
        self._waited = [0] * count
        self.cluster.machine.on_trace = self._take
        unit = self.cluster.parts.unit
        assert unit is not None
        original = type(unit).acknowledge

        def acknowledge(hart: int, number: int, cycle: int) -> None:
            self.acks.append((hart, cycle, number))
            original(unit, hart, number, cycle)

        unit.acknowledge = acknowledge  # type: ignore[method-assign]

    def _take(self, rows: npt.NDArray[np.uint64]) -> None:
        for row in rows:
            hart, pc = int(row[1]) & 0xFF, int(row[2])
            if int(row[1]) & layout.TRACE_WAIT:
                self._waited[hart] += int(row[9]) & (1 << layout.TRACE_CAUSE_SHIFT) - 1
                continue
            kind = _kind(self.cluster, pc)
            waited, self._waited[hart] = self._waited[hart], 0
            if kind is not System:
                self.harts[hart].append((int(row[0]) - (waited if kind in (Load, Store) else 0), pc))

    def cycle_of(self, hart: int, symbol: str) -> int:
        """The cycle in which a hart first was at a symbol."""
        assert self.cluster.executable is not None
        address = self.cluster.executable.symbols[symbol]
        return next(cycle for cycle, pc in self.harts[hart] if pc == address)


def _kind(cluster: Cluster, pc: int) -> type:
    found = decode(int.from_bytes(cluster.read(pc, 4), "little"))
    assert found is not None
    return type(found.row.kind)


def traced(text: str, max_cycles: int = 10**5, **values: Any) -> Issues:
    """Run a program, to its end or its deadlock, and note when each instruction was in EX."""
    made = machine(text, trace=True, **values)
    issues = Issues(made)
    try:
        made.run(max_cycles=max_cycles)
    except ProgramError:
        made.machine.drain()
    return issues


def touch(cluster: Cluster, address: int, value: int | None = None, hart: int = 0, size: int = 4) -> Reply | None:
    """Have a device serve an access, without the way there, and let it take effect."""
    found = cluster.machine.map.find(address, cluster.machine.views[hart])
    assert found is not None
    bus = cluster.machine.devices[found.memory or found.name]
    assert isinstance(bus, Bus)
    offset = found.offset(address)
    assert offset is not None
    slot = bus.find(offset)
    assert slot is not None
    cycle = cluster.machine.now() + 1
    reply = slot.device.access(Access(hart, address, offset - slot.offset, size, value, cycle))
    settle(cluster)
    return reply


def settle(cluster: Cluster, cycles: int = 2) -> None:
    """Let time pass on a machine whose harts do nothing."""
    until = cluster.machine.now() + cycles
    cluster.machine.at(until + 1, lambda cycle: None)
    cluster.machine.advance(until)
