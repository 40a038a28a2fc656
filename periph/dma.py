"""The DMA (MCHAN v7): transfers between the TCDM and L2 (platform.md, section 3; mchan: ctrl_fsm.sv, mchan_defines.sv,
told in words).

Every core has a control port of its own; two more are on the peripheral interconnect (CL and FC).  A port is two
registers: a load of CMD takes one of 16 transfer ids, and stores to CMD are the words of commands, which belong to
the id the port took last:

    command word, TCDM address, external address, [2D_EXT: bytes per line, stride], [2D_TCDM: bytes per line, stride]

An id is active until all its commands are done, and taken until a 1 is stored to its bit of STATUS.

A command goes from its port's queue (2 deep) to the queue of all ports (2 per core), and from there to the engine of
its direction: one reads the TCDM, one writes it, each with two 32-bit ports at the banks, so 8 bytes a cycle each
way.  A beat is the part of a line that lies in one aligned double word of the TCDM.

Cycles (START and the external latency stand for what is not measured): a command whose last word is stored in cycle c
is ready in c + START.  To the TCDM the first write is `l2_latency` cycles later, and it is done in the cycle after
its last one; from the TCDM the first read is at once, and it is done `l2_latency` cycles after its last one.  In the
cycle in which it is done its event is raised.  A transfer that is ready begins in the cycle after the last beat of
the one before it.

Where the manual is silent: an empty transfer, empty lines, and a transfer that leaves memory are errors, when the
last word of the command is stored.  The external side may be the TCDM too; it does not meet the banks there.  Without
INC the external address stands still: each beat of a line, 8 bytes or what is left, is at the line's address (AXI's fixed
burst), so lines of 1, 2 or 4 bytes with stride 0 reach a device of that width."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from iss.engine.layout import Beat, Page, Stall, Stream
from periph.device import Access, DeviceError, Peripheral, Platform, Reply
from periph.event_unit import DMA, DMA_EXTERNAL, DMA_INTERRUPT
from periph.registers import WORD, Field, Register, RegisterTable

IDS = 16
PORTS = 2
"""32-bit ports of each direction."""
MASTERS = 2 * PORTS
"""At the interconnect."""
BEAT_BYTES = 4 * PORTS
PORT_QUEUE = 2
START = 3
"""Cycles from the last word of a command to its first access: one to each of the two queues, one to the engine (GVSoC:
one a hop)."""
WRITE = 1 << 32
TO_TCDM = 1
_FIELDS = (
    Field("LEN", 0, 17, "bytes"),
    Field("TYPE", 17, 1, "1: from the external address to the TCDM, 0: from the TCDM"),
    Field("INC", 18, 1, "0: the external address stands still"),
    Field("TWO_D_EXT", 19, 1, "the external side has lines"),
    Field("ELE", 20, 1, "raise event 8 at the end"),
    Field("ILE", 21, 1, "raise event 9 at the end"),
    Field("BLE", 22, 1, "events for all cores, instead of the one that stored the command"),
    Field("TWO_D_TCDM", 23, 1, "the TCDM side has lines"),
)
_REGISTERS = (
    Register(
        0x0, "CMD", "rw",
        "a load takes a transfer id, and waits until there is one; stores are the words of commands: this one, the "
        "TCDM address, the external address, with TWO_D_EXT bytes per line and stride, with TWO_D_TCDM the same",
        fields=_FIELDS,
    ),
    Register(
        0x4, "STATUS", "rw", "a store frees the ids whose bits are 1", writable=0xFFFF,
        fields=(
            Field("ACTIVE", 0, IDS, "ids with commands that are not done"),
            Field("TAKEN", 16, IDS, "ids that are taken"),
        ),
    ),
)  # fmt: skip
_NOTES = (
    "A store of a command's word waits while the port's queue is full.  A transfer that leaves memory, without bytes, "
    "or with lines of no bytes is an error."
)


def _table(name: str, prefix: str, title: str, notes: str) -> RegisterTable:
    return RegisterTable(name, prefix, title, 0x400, _REGISTERS, f"{notes}  {_NOTES}")


TABLE = _table("dma", "DMA", "DMA (MCHAN), a core's own port", "Each core reaches its own port at the same address.")
CL_TABLE = _table(
    "dma_cl",
    "DMA_CL",
    "DMA, port on the peripheral interconnect",
    "Events of its transfers are number 22, for all cores.",
)
FC_TABLE = _table(
    "dma_fc", "DMA_FC", "DMA, port of the fabric controller",
    "Events of its transfers are the fabric controller's interrupts 8 and 9; where there is none, as with the CL port.",
)  # fmt: skip
RaiseEvent = Callable[[int, int, int], None]


@dataclass(frozen=True)
class Side:
    """Lines of `count` bytes, `stride` bytes from start to start, in memory from `address` on."""

    address: int
    count: int
    stride: int


@dataclass
class Transfer:
    """A command.  `ready` is the cycle of its first access, when nothing is in its way."""

    port: int
    number: int
    write: bool
    rows: npt.NDArray[np.uint64]
    target: tuple[int, int]
    events: tuple[bool, bool, bool]
    bytes: int
    ready: int = 0


@dataclass
class Port:
    """A control port: the words of the command that is being stored, the id that commands belong to, its queue."""

    words: list[int] = field(default_factory=list)
    number: int = 0
    queue: list[Transfer] = field(default_factory=list)


@dataclass
class Engine:
    """One direction."""

    stream: int
    waiting: list[Transfer] = field(default_factory=list)
    current: Transfer | None = None


def cut(length: int, tcdm: Side, external: Side, increments: bool = True) -> npt.NDArray[np.int64]:
    """The beats of a transfer: rows of bytes, offset on the TCDM side, offset on the external side."""
    index = np.arange(length, dtype=np.int64)
    near = index // tcdm.count * tcdm.stride + index % tcdm.count
    far = index // external.count * external.stride + index % external.count
    begins = (index % tcdm.count == 0) | (index % external.count == 0) | ((tcdm.address + near) % BEAT_BYTES == 0)
    if not increments:
        within = index % external.count
        begins |= within % BEAT_BYTES == 0
        far += within % BEAT_BYTES - within
    starts = np.flatnonzero(begins)
    return np.stack([np.diff(starts, append=length), near[starts], far[starts]], axis=1)


class Dma:
    """The DMA itself; harts reach it through its ports: `cores` of their own, then CL, then FC."""

    def __init__(
        self, cores: int, harts: int, external_latency: int, raise_event: RaiseEvent,
        raise_fabric: Callable[[int, int], None] | None = None,
    ) -> None:  # fmt: skip
        self.cores = cores
        self.first_master = harts
        self.latency = external_latency
        self.raise_event = raise_event
        self.raise_fabric = raise_fabric
        self.depth = 2 * cores
        self.machine: Platform | None = None
        self._clear()

    def _clear(self) -> None:
        self.ports = [Port() for _ in range(self.cores + 2)]
        self.taken = 0
        self.open = [0] * IDS
        self.asking: list[tuple[int, Access]] = []
        self.turn = 0
        self.tick_at = -1
        self.done = {"transfers": 0, "bytes": 0}

    def attach(self, machine: Platform) -> None:
        """Every port calls this."""
        if self.machine is None:
            self.machine = machine
            streams = [machine.add_stream(self.first_master + PORTS * way, PORTS, False) for way in range(2)]
            self.engines = [Engine(stream) for stream in streams]

    def reset(self) -> None:
        self._clear()
        self.engines = [Engine(engine.stream) for engine in self.engines]

    # -- registers -----------------------------------------------------------------------------------------------------

    def access(self, port: int, access: Access, name: str) -> Reply | None:
        """A load or store through a port."""
        if name == "STATUS":
            if access.value is None:
                return Reply(self.status() >> 8 * (access.offset & 3))
            self.taken &= ~access.value
            self._wake(access.cycle)
            return Reply()
        reply = None if any(other == port for other, _ in self.asking) else self._command(port, access)
        if reply is None:
            assert self.machine is not None
            self.machine.waits(access.hart, Stall.PERIPHERAL)
            self.asking.append((port, access))
        return reply

    def status(self) -> int:
        """The register STATUS."""
        return self.taken << 16 | sum((count > 0) << number for number, count in enumerate(self.open))

    def _command(self, number: int, access: Access) -> Reply | None:
        """An access to CMD; None when it must wait."""
        port = self.ports[number]
        if access.value is None:
            free = [n for n in range(IDS) if not self.taken >> n & 1 and not self.open[n]]
            if not free:
                return None
            port.number = free[0]
            self.taken |= 1 << free[0]
            return Reply(free[0] >> 8 * (access.offset & 3))
        if not port.words and len(port.queue) == PORT_QUEUE:
            return None
        port.words.append(access.value)
        command = port.words[0]
        if len(port.words) == 3 + 2 * (command >> 19 & 1) + 2 * (command >> 23 & 1):
            words, port.words = port.words, []
            port.queue.append(self._transfer(number, port.number, words))
            self.open[port.number] += 1
            self._tick_in(access.cycle + 1)
        return Reply()

    def _transfer(self, port: int, number: int, words: list[int]) -> Transfer:
        """The transfer that a command's words describe."""
        command, near, far, *lines = words
        length = command & 0x1FFFF
        if not length:
            raise DeviceError("a DMA transfer of no bytes")
        sides = []
        for address, bit in ((far, 19), (near, 23)):
            count, stride = (lines.pop(0), lines.pop(0)) if command >> bit & 1 else (length, 0)
            if not count:
                raise DeviceError("a DMA transfer with lines of no bytes")
            sides.append(Side(address, min(count, length), stride))
        external, tcdm = sides
        write = bool(command >> 17 & 1)
        beats = cut(length, tcdm, external, bool(command >> 18 & 1))
        sizes = beats[:, 0]
        near_place = self._place(tcdm, beats[:, 1] + sizes, True)
        far_place = self._place(external, beats[:, 2] + sizes, False)
        rows = np.zeros((len(beats), len(Beat)), np.uint64)
        rows[:, Beat.PLACE], rows[:, Beat.BUFFER] = near_place + beats[:, 1], far_place + beats[:, 2]
        rows[:, Beat.BYTES] = sizes + (WRITE if write else 0)
        column, offset = (Beat.PLACE, near_place) if write else (Beat.BUFFER, far_place)
        target = offset, int(rows[:, column].max()) + BEAT_BYTES - offset
        events = bool(command >> 20 & 1), bool(command >> 21 & 1), bool(command >> 22 & 1)
        return Transfer(port, number, write, rows, target, events, length)

    def _place(self, side: Side, ends: npt.NDArray[np.int64], tcdm: bool) -> int:
        """Where a side begins in the memory array; DeviceError when it leaves its memory."""
        assert self.machine is not None
        found = self.machine.map.find(side.address)
        span = int(ends.max())
        wanted = "the TCDM" if tcdm else "memory"
        kinds = (Page.TCDM,) if tcdm else (Page.TCDM, Page.SLOW, Page.RAM)
        place = self.machine.map.place(side.address, span)
        if place is None or found is None or found.kind not in kinds:
            last = side.address + span - 1
            text = f"a DMA transfer whose bytes 0x{side.address:08x}..0x{last:08x} are not in {wanted}"
            where = side.address if found is None or found.kind not in kinds else last
            raise DeviceError(f"{text} (0x{where:08x}: {self.machine.map.describe(where & WORD)})")
        return place

    # -- time ----------------------------------------------------------------------------------------------------------

    def _tick_in(self, cycle: int) -> None:
        if self.tick_at < cycle:
            self.tick_at = cycle
            assert self.machine is not None
            self.machine.at(cycle, self._tick)

    def _tick(self, cycle: int) -> None:
        """One command goes from its port's queue to the queue of all, the ports in turn."""
        order = [(self.turn + i) % len(self.ports) for i in range(len(self.ports))]
        asking = [n for n in order if self.ports[n].queue]
        if asking and sum(len(engine.waiting) for engine in self.engines) < self.depth:
            number = asking[0]
            self.turn = number + 1
            transfer = self.ports[number].queue.pop(0)
            transfer.ready = cycle + START - 1 + (self.latency if transfer.write else 0)
            engine = self.engines[transfer.write]
            engine.waiting.append(transfer)
            self._begin(engine, cycle)
            self._wake(cycle)
            if any(port.queue for port in self.ports):
                self._tick_in(cycle + 1)

    def _begin(self, engine: Engine, cycle: int) -> None:
        """An idle engine takes its next transfer."""
        if engine.current is not None or not engine.waiting:
            return
        assert self.machine is not None
        engine.current = transfer = engine.waiting.pop(0)
        begin = max(cycle + 1, transfer.ready)
        self.machine.run_beats(engine.stream, transfer.rows, begin, lambda last: self._ended(engine, last))
        if any(port.queue for port in self.ports):
            self._tick_in(cycle + 1)

    def _ended(self, engine: Engine, cycle: int) -> None:
        """The last beat of an engine's transfer was in `cycle`."""
        assert self.machine is not None
        assert engine.current is not None
        transfer, engine.current = engine.current, None
        self.machine.forget(*transfer.target)
        later = 1 if transfer.write else max(1, self.latency)
        self.machine.at(cycle + later, lambda now: self._complete(transfer, now))
        self._begin(engine, cycle)

    def _complete(self, transfer: Transfer, cycle: int) -> None:
        """All bytes of a transfer are where they belong."""
        self.open[transfer.number] -= 1
        self.done["transfers"] += 1
        self.done["bytes"] += transfer.bytes
        event, interrupt, all_cores = transfer.events
        for wanted, number in ((event, DMA), (interrupt, DMA_INTERRUPT)):
            if not wanted:
                continue
            if all_cores or transfer.port < self.cores:
                self.raise_event(number, cycle, WORD if all_cores else 1 << transfer.port)
            elif transfer.port == self.cores + 1 and self.raise_fabric is not None:
                self.raise_fabric(number, cycle)
            else:
                self.raise_event(DMA_EXTERNAL, cycle, WORD)
        self._wake(cycle)

    def _wake(self, cycle: int) -> None:
        """Something may have become free: accesses that wait try again in the next cycle."""
        if self.asking:
            assert self.machine is not None
            self.machine.at(cycle + 1, self._retry)

    def _retry(self, cycle: int) -> None:
        assert self.machine is not None
        asking, self.asking = self.asking, []
        for port, access in asking:
            late = Access(access.hart, access.address, access.offset, access.size, access.value, cycle, access.back)
            try:
                blocked = any(other == port for other, _ in self.asking)
                reply = None if blocked else self._command(port, late)
            except DeviceError as error:
                raise self.machine.refused(late, str(error)) from error
            if reply is None:
                self.asking.append((port, access))
            else:
                self.machine.answer(access.hart, reply.value, cycle, reply.cause, access.back)

    # -- for people ----------------------------------------------------------------------------------------------------

    def waiting(self, hart: int) -> str:
        """What a hart whose access was not answered waits for."""
        for _, access in self.asking:
            if access.hart == hart:
                what = "a transfer id" if access.value is None else "a place in the port's queue"
                return f"dma.CMD: {what}; {self.state()}"
        return ""

    def busy(self) -> bool:
        """Whether ids are taken or commands are not done."""
        return self.taken != 0 or any(self.open)

    def state(self) -> str:
        """What the DMA is busy with."""
        queued = sum(len(port.queue) for port in self.ports) + sum(len(engine.waiting) for engine in self.engines)
        running = sum(engine.current is not None for engine in self.engines)
        ids = f"{self.taken.bit_count()} of {IDS} ids taken"
        return f"the DMA has {running} transfers under way, {queued} queued, {ids}"

    def stats(self) -> dict[str, Any]:
        """Figures as a plain dict: what is done; beats, cycles in which one was not complete, lost arbitrations."""
        assert self.machine is not None
        counted = sum(self.machine.stream[engine.stream].astype(np.int64) for engine in self.engines)
        assert isinstance(counted, np.ndarray)
        return {
            **self.done,
            "beats": int(counted[Stream.BEATS]),
            "stalls": int(counted[Stream.STALLS]),
            "conflicts": int(counted[Stream.PORT_CONFLICTS :][:PORTS].sum()),
        }


class DmaPort(Peripheral):
    """A control port: `number` of the DMA's ports, or the own port of the hart that asks."""

    def __init__(self, dma: Dma, table: RegisterTable = TABLE, number: int | None = None) -> None:
        self.dma = dma
        self.table = table
        self.number = number

    def attach(self, machine: Platform) -> None:
        self.machine = machine
        self.dma.attach(machine)

    def reset(self) -> None:
        self.dma.reset()

    def waiting(self, hart: int) -> str:
        return self.dma.waiting(hart)

    def access(self, access: Access) -> Reply | None:
        place = self.table.at(access.offset)
        if place is None:
            raise DeviceError(self.table.hole(access.offset))
        if access.value is not None and access.size != 4:
            raise DeviceError(f"{self.table.name}.{place.name} is a register: it is stored to as a word")
        return self.dma.access(access.hart if self.number is None else self.number, access, place.name)


def ports(dma: Dma) -> tuple[DmaPort, DmaPort, DmaPort]:
    """The cores' own port, CL, FC."""
    return DmaPort(dma), DmaPort(dma, CL_TABLE, dma.cores), DmaPort(dma, FC_TABLE, dma.cores + 1)
