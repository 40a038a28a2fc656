"""What the machine and a device say to each other, and what devices have in common."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
import numpy.typing as npt

from iss.engine.layout import Stall
from iss.memory.icache import InstructionCache
from iss.memory.map import AddressMap
from periph.registers import WORD, Place, RegisterTable

Acknowledge = Callable[[int, int, int], None]
"""Called with hart, interrupt and cycle when a core acknowledges an interrupt."""


@dataclass(frozen=True)
class Access:
    """A load (`value` is None) or store of `size` bytes by a hart, `offset` bytes into the device, in EX in `cycle`.

    An answer that comes later takes `back` further cycles to the hart.  `event` says that it is a p.elw."""

    hart: int
    address: int
    offset: int
    size: int
    value: int | None
    cycle: int
    back: int = 0
    event: bool = False

    def moved(self, offset: int, cycle: int, back: int) -> Access:
        """The access as it reaches a device that begins at `offset`, in `cycle`."""
        return Access(self.hart, self.address, self.offset - offset, self.size, self.value, cycle, back, self.event)


@dataclass(frozen=True)
class Reply:
    """The loaded value, and how many cycles longer than a granted TCDM access it takes, with the cause those count as."""

    value: int = 0
    extra: int = 0
    cause: Stall = Stall.PERIPHERAL


class Platform(Protocol):
    """The machine, as far as its devices use it (iss.engine.machine.Machine)."""

    harts: int
    exits: list[tuple[int, int, int]]
    map: AddressMap
    icache: InstructionCache

    # The machine's arrays: memory in words; rows of layout.Hart and layout.Stream; layout.Global.
    @property
    def memory(self) -> npt.NDArray[np.uint32]: ...
    @property
    def hart(self) -> npt.NDArray[np.uint64]: ...
    @property
    def stream(self) -> npt.NDArray[np.uint64]: ...
    @property
    def world(self) -> npt.NDArray[np.uint64]: ...

    # -- time --------------------------------------------------------------------------------------------------------------

    def now(self) -> int:
        """Cycles since reset."""

    def at(self, cycle: int, callback: Callable[[int], None], early: bool = False) -> None:
        """Call `callback` with the cycle when time reaches it; the early ones come first."""

    # -- a hart whose access was not answered at once ----------------------------------------------------------------------

    def answer(self, hart: int, value: int, cycle: int, cause: Stall, extra: int = 0) -> None:
        """Grant its access in `cycle`, which is now, or `extra` cycles later; the wait counts as `cause`'s."""

    def amend(self, hart: int, value: int) -> None:
        """Change the value of an answer given in this cycle."""

    def retry(self, hart: int, cycle: int) -> None:
        """Do not grant its access: it asks again in `cycle`."""

    def waits(self, hart: int, cause: Stall) -> None:
        """Say why it waits, for who looks at it meanwhile."""

    def refused(self, access: Access, text: str) -> Exception:
        """The error for an access that turned out to be impossible."""

    # -- harts -------------------------------------------------------------------------------------------------------------

    def pc(self, hart: int) -> int:
        """The address of its next instruction."""

    def release(self, hart: int, pc: int, cycle: int) -> None:
        """It begins: its first instruction, at `pc`, is in EX in `cycle`."""

    def interrupt(self, hart: int, number: int | None, cycle: int, acknowledge: Acknowledge) -> None:
        """From `cycle` on its interrupt line asks for `number`; None: it is low."""

    # -- bus masters -------------------------------------------------------------------------------------------------------

    def add_stream(self, master: int, ports: int, wide: bool) -> int:
        """The number of a new stream with `ports` word ports, the first of them `master` at the interconnect."""

    def run_beats(self, stream: int, beats: npt.NDArray[np.uint64], cycle: int, on_end: Callable[[int], None]) -> None:
        """Have an idle stream do beats (rows of layout.Beat); `on_end` is called in the cycle of the last."""

    def forget(self, place: int, size: int) -> None:
        """Forget the code decoded from a part of the memory array, which has changed."""

    # -- the program -------------------------------------------------------------------------------------------------------

    def marker(self, hart: int, cycle: int, value: int) -> None:
        """Add to the run's markers."""

    def put(self, hart: int, data: bytes) -> None:
        """It prints."""

    def end(self, code: int, cycle: int, reason: str) -> None:
        """It has ended, in `cycle`; the first end counts."""


class Device(Protocol):
    """Something at an address.  `access` returns None when it will call `Platform.answer` or `retry` later: the hart waits."""

    def attach(self, machine: Platform) -> None:
        """Called once, when the machine is built.  The machine owns its devices: a Bus, or a device on its own, refers to it
        weakly, so that a machine is gone, with its memories, as soon as nobody uses it."""

    def reset(self) -> None:
        """Back to the state after reset."""

    def access(self, access: Access) -> Reply | None:
        """Serve a load or store; DeviceError when the device has nothing there."""

    def waiting(self, hart: int) -> str:
        """What a hart whose access has not been answered waits for; empty when it does not wait for this device."""

    def finish(self) -> None:
        """The program has ended."""


class TableDevice(Device, Protocol):
    """A device with a table of registers."""

    table: RegisterTable


class DeviceError(Exception):
    """An access that the device does not have; the text says what it has."""


class Peripheral:
    """A device without anything to say when harts wait or the program ends."""

    machine: Platform

    def attach(self, machine: Platform) -> None:
        self.machine = machine

    def reset(self) -> None:
        """Nothing to reset."""

    def waiting(self, hart: int) -> str:
        return ""

    def finish(self) -> None:
        """Nothing to hand over."""


Load = Callable[["RegisterDevice", Access, Place], "int | Reply | None"]
Store = Callable[["RegisterDevice", Access, Place, int], "Reply | None"]


class RegisterDevice(Peripheral):
    """A device that is its register table.

    A subclass's methods ``load_name(access, place)`` and ``store_name(access, place, value)`` serve the register NAME, those of
    a block's register the name with the block's before it (``load_barrier_status``).  A load returns the value, or None when
    the answer comes later; a store's method returns nothing, or a Reply.  A register without methods keeps what is stored.
    Registers are words: a shorter load gives its part of the word, a shorter store is an error.  `values` holds the words by
    offset."""

    def __init__(self, table: RegisterTable) -> None:
        self.table = table
        self.values: dict[int, int] = {}
        self._loads: dict[int, Load] = {}
        self._stores: dict[int, Store] = {}
        known = set()
        kind = type(self)  # bound methods would be a cycle of references
        for place in table:
            known |= {f"load_{place.key}", f"store_{place.key}"}
            if "r" in place.register.access:
                self._loads[place.offset] = getattr(kind, f"load_{place.key}", kind._load_value)
            if "w" in place.register.access:
                self._stores[place.offset] = getattr(kind, f"store_{place.key}", kind._store_value)
        unknown = [n for n in dir(self) if n.startswith(("load_", "store_")) and n not in known]
        if unknown:
            raise ValueError(f"{table.name} has no registers for {', '.join(unknown)}")

    def reset(self) -> None:
        self.values = {place.offset: place.register.reset for place in self.table}

    def get(self, name: str) -> int:
        """A register's stored value, by name."""
        return self.values[self.table.find(name).offset]

    def set(self, name: str, value: int) -> None:
        """Store a register's value, by name, as hardware does."""
        self.values[self.table.find(name).offset] = value & WORD

    def access(self, access: Access) -> Reply | None:
        place = self.table.at(access.offset)
        if place is None:
            raise DeviceError(self.table.hole(access.offset))
        if access.value is None:
            load = self._loads.get(place.offset)
            value = load(self, access, place) if load else 0
            if isinstance(value, int):
                return Reply(value >> 8 * (access.offset & 3) & WORD)
            return value
        if access.size != 4:
            raise DeviceError(f"{self.table.name}.{place.name} is a register: it is stored to as a word")
        store = self._stores.get(place.offset)
        return (store(self, access, place, access.value) if store else None) or Reply()

    def _load_value(self, access: Access, place: Place) -> int:
        return self.values[place.offset]

    def _store_value(self, access: Access, place: Place, value: int) -> None:
        writable = place.register.writable
        self.values[place.offset] = self.values[place.offset] & ~writable | value & writable


@dataclass(frozen=True)
class Slot:
    """A device at an offset of a bus."""

    offset: int
    size: int
    device: Device


class Bus(Peripheral):
    """Devices behind one interconnect, by offset.

    An access takes `latencies[hart]` further cycles, half of them until it reaches the device; a device serves one access in a
    cycle, in the order in which they reach it.  With latency 0 the device is asked at once."""

    def __init__(self, name: str, slots: Sequence[Slot], latencies: Sequence[int]) -> None:
        self.name = name
        self.slots = tuple(slots)
        self.latencies = tuple(latencies)
        self._free: dict[int, int] = {}

    def attach(self, machine: Platform) -> None:
        self.machine = weakref.proxy(machine)
        for slot in self.slots:
            slot.device.attach(self.machine)

    def reset(self) -> None:
        self._free.clear()
        for slot in self.slots:
            slot.device.reset()

    def finish(self) -> None:
        for slot in self.slots:
            slot.device.finish()

    def waiting(self, hart: int) -> str:
        texts = (slot.device.waiting(hart) for slot in self.slots)
        return next((text for text in texts if text), "")

    def find(self, offset: int) -> Slot | None:
        """The slot that an offset lies in."""
        return next((s for s in self.slots if s.offset <= offset < s.offset + s.size), None)

    def access(self, access: Access) -> Reply | None:
        slot = self.find(access.offset)
        if slot is None:
            raise DeviceError(f"{self.name} has no device at +0x{access.offset:x}")
        latency = self.latencies[access.hart]
        if not latency:
            return slot.device.access(access.moved(slot.offset, access.cycle, 0))
        arrival = max(access.cycle + latency // 2, self._free.get(slot.offset, 0))
        self._free[slot.offset] = arrival + 1
        inner = access.moved(slot.offset, arrival, latency - latency // 2)
        self.machine.at(arrival, partial(self._arrive, slot, inner))
        return None

    def _arrive(self, slot: Slot, access: Access, cycle: int) -> None:
        try:
            reply = slot.device.access(access)
        except DeviceError as error:
            raise self.machine.refused(access, str(error)) from error
        if reply is not None:
            self.machine.answer(access.hart, reply.value, cycle, reply.cause, access.back + reply.extra)
