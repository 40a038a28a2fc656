"""The accelerator traffic generator of the eight-core RTL measurements (golden/rtl8_notes.md section 2): four word ports that
access ``base + stride * beat + 4 * port``, each on its own, in lockstep, or (hci) as one 128-bit port."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from iss.engine.layout import Beat, Global, Interconnect, Stream
from periph.device import DeviceError, Platform

PORTS = 4
WRITE, LOCKSTEP, AT_ONCE = 1, 2, 4
MAX_BEATS = 1 << 14
BUFFER_BYTES = 4 * PORTS * MAX_BEATS


class TrafficGenerator:
    """Armed by a store of its mode; it begins after the next barrier release, or with mode bit 2 in the cycle after."""

    def __init__(self, machine: Platform, first_master: int, buffer: int, on_idle: Callable[[int], None]) -> None:
        self.machine = machine
        self.buffer = buffer  # place of the words it reads or writes, PORTS * MAX_BEATS of them
        self.on_idle = on_idle
        self.wide = machine.world[Global.INTERCONNECT] == Interconnect.HCI
        self.together = machine.add_stream(first_master, PORTS, self.wide)
        self.single = [machine.add_stream(first_master + port, 1, False) for port in range(PORTS)]
        self.reset()

    def reset(self) -> None:
        self.registers = {"base": 0, "stride": 0, "beats": 0}
        self.armed: int | None = None
        self.running = 0
        self.ended = -1
        self.read = False

    def store(self, name: str, value: int, cycle: int) -> None:
        """Write a register; writing the mode arms the generator."""
        if name != "mode":
            self.registers[name] = value
            return
        self.armed = value
        if value & AT_ONCE:
            self._start(cycle + 1)

    def release(self, cycle: int) -> None:
        """The harts left a barrier in `cycle`."""
        if self.armed is not None:
            self._start(cycle + 1)

    def load(self, total: bool, cycle: int) -> int:
        """Whether it runs (to be seen until the cycle of its last grant), or the sum of the words read."""
        if not total:
            return int(self.running > 0 or cycle <= self.ended)
        count = PORTS * self.registers["beats"] if self.read else 0
        return int(self.machine.memory[self.buffer >> 2 :][:count].sum(dtype=np.uint64)) & 0xFFFFFFFF

    def conflicts(self) -> list[int]:
        """Cycles in which each port was not granted."""
        together = self.machine.stream[self.together, Stream.PORT_CONFLICTS :]
        single = self.machine.stream[self.single, Stream.PORT_CONFLICTS]
        return [int(together[port] + single[port]) for port in range(PORTS)]

    def _start(self, cycle: int) -> None:
        assert self.armed is not None
        mode, self.armed = self.armed, None
        count = self.registers["beats"]
        if count > MAX_BEATS:
            raise DeviceError(f"the traffic generator has at most {MAX_BEATS} beats, not {count}")
        if count == 0:
            return
        write = mode & WRITE
        self.read = not write
        beats = np.arange(count, dtype=np.uint64)
        words = self.machine.memory[self.buffer >> 2 :][: PORTS * count].reshape(count, PORTS)
        ports = np.arange(PORTS, dtype=np.uint32)
        words[:] = (0xC0000000 | ports[None, :] << 24 | beats[:, None].astype(np.uint32)) if write else 0
        address = (self.registers["base"] + self.registers["stride"] * beats.astype(np.int64)) & 0xFFFFFFFF
        place = np.array([self._place(int(a)) for a in address], np.uint64)
        rows = np.zeros((count, len(Beat)), np.uint64)
        if self.wide or mode & LOCKSTEP:
            rows[:, Beat.PLACE], rows[:, Beat.BYTES] = place, 4 * PORTS | write << 32
            rows[:, Beat.BUFFER] = self.buffer + 16 * beats
            self.running = 1
            self.machine.run_beats(self.together, rows, cycle, self._ended)
            return
        self.running = PORTS
        for port, stream in enumerate(self.single):
            rows[:, Beat.PLACE], rows[:, Beat.BYTES] = place + np.uint64(4 * port), 4 | write << 32
            rows[:, Beat.BUFFER] = self.buffer + 16 * beats + np.uint64(4 * port)
            self.machine.run_beats(stream, rows, cycle, self._ended)

    def _place(self, address: int) -> int:
        place = self.machine.map.place(address, 4 * PORTS)
        if place is None:
            raise DeviceError(f"the traffic generator's address 0x{address:08x} is outside the TCDM")
        return place

    def _ended(self, cycle: int) -> None:
        self.running -= 1
        if self.running == 0:
            self.ended = cycle
            self.on_idle(cycle)
