"""The event unit (event_unit_flex): software events, masks, barriers, mutexes, task dispatch, interrupts, and the loads that
sleep until an event comes.

It is modelled register by register, as the chip's: what harts ask for in a cycle changes the registers at the next, an early
callback of the machine.  Rules are in platform.md, section 2; where that is silent they are those of the sources named there
(event_unit_core.sv, hw_barrier_unit.sv, hw_mutex_unit.sv, hw_dispatch.sv), told in words.

A load from a sleeping register is granted in the first cycle in which an event of the core's mask is in its buffer.  Its value
is what the buffer holds, masked, a cycle later; the registers that clear take all of these events out of the buffer in that
cycle, also those that arrive in it, and another access of the core in that cycle is not granted (but does what it does, for a
second time in the next).  While an interrupt is pending, a sleeping load is granted without an event, a cycle later: the core
takes the interrupt and repeats a p.elw; it triggers nothing again."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from iss.engine.layout import Hart, Stall
from periph.device import Access, DeviceError, Peripheral, Platform, RegisterDevice, Reply
from periph.registers import WORD, Block, Field, Place, Register, RegisterTable

SOFTWARE_EVENTS = 8
MAX_CORES = 16
DISPATCH_DEPTH = 8
SLEEP_CYCLES = 5
"""From the first cycle of a p.elw in EX until its core's clock is off, which is when the fetch buffer is full: less the words
that are in it, at most three (measured on the RTL)."""
SOC_EVENT_DEPTH = 8
DMA, DMA_INTERRUPT, TIMER_LO, TIMER_HI, ACCELERATOR = 8, 9, 10, 11, 12
BARRIER, MUTEX, DISPATCH, DMA_EXTERNAL, SOC_EVENT = 16, 17, 18, 22, 27
EVENTS = (
    {n: f"software event {n}" for n in range(SOFTWARE_EVENTS)}
    | {ACCELERATOR + n: f"accelerator {n}" for n in range(4)}
    | {
        DMA: "DMA", DMA_INTERRUPT: "DMA interrupt", TIMER_LO: "timer low", TIMER_HI: "timer high", BARRIER: "barrier",
        MUTEX: "mutex", DISPATCH: "dispatch", DMA_EXTERNAL: "DMA external port", SOC_EVENT: "SoC event",
    }
)  # fmt: skip
"""Names of the events and interrupts by number (platform.md 2.2)."""

_CORE = (
    Register(0x00, "MASK", "rw", "events that a sleeping load waits for"),
    Register(0x04, "MASK_AND", "w", "clears the bits of MASK that are stored as 1"),
    Register(0x08, "MASK_OR", "w", "sets the bits of MASK that are stored as 1"),
    Register(0x0C, "MASK_IRQ", "rw", "events that interrupt the core; the highest comes first"),
    Register(0x10, "MASK_IRQ_AND", "w", "clears the bits of MASK_IRQ that are stored as 1"),
    Register(0x14, "MASK_IRQ_OR", "w", "sets the bits of MASK_IRQ that are stored as 1"),
    Register(0x18, "STATUS", "r", "bit 0: the core's clock is on", 1),
    Register(0x1C, "BUFFER", "r", "events that have come and were not cleared"),
    Register(0x20, "BUFFER_MASKED", "r", "BUFFER and MASK"),
    Register(0x24, "BUFFER_IRQ_MASKED", "r", "BUFFER and MASK_IRQ"),
    Register(0x28, "BUFFER_CLEAR", "w", "clears the bits of BUFFER that are stored as 1"),
    Register(0x2C, "SW_EVENTS_MASK", "rw", "cores that the trigger-and-wait loads send to; 0: all", writable=0xFFFF),
    Register(0x30, "SW_EVENTS_MASK_AND", "w", "clears the bits of SW_EVENTS_MASK that are stored as 1"),
    Register(0x34, "SW_EVENTS_MASK_OR", "w", "sets the bits of SW_EVENTS_MASK that are stored as 1"),
)
_SLEEP = "; a load sleeps until an event of MASK is in BUFFER, and returns them"
_CLEAR = " and clears them in BUFFER"
_BARRIER = (
    Register(0x00, "TRIGGER_MASK", "rw", "cores that must arrive; 0: the barrier never opens", writable=0xFFFF),
    Register(0x04, "STATUS", "r", "cores that have arrived"),
    Register(0x08, "STATUS_SUMMARY", "r", "reads 0: not connected"),
    Register(0x0C, "TARGET_MASK", "rw", "cores that get event 16 when it opens", writable=0xFFFF),
    Register(0x10, "TRIGGER", "w", "the cores whose bits are stored as 1 arrive"),
)
_BARRIER_OWN = (
    Register(0x14, "TRIGGER_SELF", "r", "a load makes the core arrive, and returns BUFFER_MASKED"),
    Register(0x18, "TRIGGER_WAIT", "r", "a load makes the core arrive" + _SLEEP),
    Register(0x1C, "TRIGGER_WAIT_CLEAR", "r", "a load makes the core arrive" + _SLEEP + _CLEAR),
)

TABLE = RegisterTable(
    "event_unit",
    "EU",
    "Event unit, a core's own port",
    0x400,
    (
        *_CORE,
        Register(0x38, "EVENT_WAIT", "r", "no trigger" + _SLEEP),
        Register(0x3C, "EVENT_WAIT_CLEAR", "r", "no trigger" + _SLEEP + _CLEAR),
        Register(
            0x80, "DISPATCH_FIFO", "rw", "a store gives a value to the cores of the team; a load sleeps until there is one for "
            "the core (event 18, which must be in MASK), and returns it" + _CLEAR,
        ),
        Register(0x84, "DISPATCH_TEAM", "w", "cores that the values stored from now on are for"),
        Register(
            0xC0, "MUTEX", "rw", "a load sleeps until the core owns the mutex (event 17, which must be in MASK), and returns the "
            "last owner's message" + _CLEAR + "; a store releases it with a message, and the waiting core with the lowest number "
            "is next",
        ),
        Register(
            0x100, "SW_EVENT", "rw", "a store sends the software event to the cores whose bits are 1, 0: to all; a load returns "
            "BUFFER_MASKED", count=SOFTWARE_EVENTS,
        ),
        Register(0x140, "SW_EVENT_WAIT", "r", "a load sends the event to SW_EVENTS_MASK" + _SLEEP, count=SOFTWARE_EVENTS),
        Register(
            0x180, "SW_EVENT_WAIT_CLEAR", "r", "a load sends the event to SW_EVENTS_MASK" + _SLEEP + _CLEAR, count=SOFTWARE_EVENTS
        ),
        Block("BARRIER", 0x200, 0x20, MAX_CORES, (*_BARRIER, *_BARRIER_OWN), "a barrier for each core"),
    ),
    "Each core reaches its own port at the same address, without wait states; nobody else does.  Any load from a sleeping "
    "register waits; p.elw turns the core's clock off meanwhile.  Barriers beyond the number of cores are holes.",
)  # fmt: skip

GLOBAL_TABLE = RegisterTable(
    "event_unit_global",
    "EU_GLOBAL",
    "Event unit, seen from the peripheral interconnect",
    0x800,
    (
        Block("CORE", 0x000, 0x40, MAX_CORES, _CORE, "the registers of each core"),
        Block("BARRIER", 0x400, 0x20, MAX_CORES, _BARRIER, "the barriers"),
        Register(
            0x600, "SW_EVENT", "w", "sends the software event to the cores whose bits are 1; 0: to all", count=SOFTWARE_EVENTS
        ),
        Register(
            0x700, "SOC_EVENT", "r", "takes the oldest SoC event; event 27 is raised while there is one",
            fields=(Field("VALID", 31, 1, "there was one"), Field("ID", 0, 8, "its number")),
        ),
    ),
    "Cores and barriers beyond the number of cores are holes.",
)  # fmt: skip

_SLEEPING = {
    "event_wait", "event_wait_clear", "dispatch_fifo", "mutex", "sw_event_wait", "sw_event_wait_clear", "barrier_trigger_wait",
    "barrier_trigger_wait_clear",
}  # fmt: skip
_CLEARING = {key for key in _SLEEPING if key.endswith("clear")} | {"dispatch_fifo", "mutex"}
_BUFFERED = {"buffer", "buffer_masked", "buffer_irq_masked", "sw_event", "barrier_trigger_self"}
_OWN = {f"barrier_{register.name.lower()}" for register in _BARRIER_OWN}


def event_names(mask: int) -> str:
    """The events of a mask in words."""
    return ", ".join(f"{EVENTS.get(n, 'event')} ({n})" for n in range(32) if mask >> n & 1) or "none"


class Clock(Enum):
    """What the event unit does with a core's clock."""

    ACTIVE = 0
    SLEEP = 1
    INTERRUPTED = 2  # an interrupt came for a sleeping load, which has not got its event yet


@dataclass
class Core:
    """The registers of one core's part.  `lines` are the events that come in this cycle."""

    mask: int = 0
    irq_mask: int = 0
    buffer: int = 0
    sw_mask: int = 0
    lines: int = 0
    acknowledged: int = 0  # interrupts that the core acknowledges in this cycle
    clearing: bool = False  # in this cycle the events of `mask` leave the buffer
    clear_next: bool = False
    clock: Clock = Clock.ACTIVE
    interrupted: int = 0  # cycle in which the interrupt came
    armed: bool = True  # the next sleeping load triggers
    request: Access | None = None  # a load that sleeps
    off: int = 0  # cycle from which on its core's clock is off, if it is a p.elw
    place: Place | None = None  # its register
    irq_pending: bool = False
    irq: int | None = None  # what the core's interrupt line asks for
    read: int = -1  # cycle of the last load of the buffer, whose value is that at the end of the cycle
    read_key: str = ""


@dataclass
class Barrier:
    """One barrier.  `triggers` arrive in this cycle."""

    trigger_mask: int = 0
    target_mask: int = 0
    status: int = 0
    triggers: int = 0
    matched: bool = False
    served: int = -1  # last cycle in which a core's port reached it


@dataclass
class Mutex:
    """The mutex.  `locks`, `unlocked` and `sent` are what comes in this cycle."""

    locked: bool = False
    owner: int = 0
    queue: int = 0
    message: int = 0
    locks: int = 0
    unlocked: bool = False
    sent: int = 0

    def edge(self) -> int | None:
        """The end of a cycle; the core that gets the mutex."""
        locks, unlocked = self.locks, self.unlocked
        if unlocked:
            self.message = self.sent
        self.queue |= locks
        self.locks, self.unlocked, self.sent = 0, False, 0
        if not (unlocked if self.locked else locks):
            return None
        self.locked = self.queue != 0
        if not self.locked:
            return None
        self.owner = (self.queue & -self.queue).bit_length() - 1
        self.queue &= ~(1 << self.owner)
        return self.owner


@dataclass
class Dispatch:
    """The task dispatcher: a queue that every core reads on its own.  `pops`, `acks` and `pushes` are what comes in this cycle."""

    cores: int
    team: int = 0
    values: list[int] = field(default_factory=lambda: [0] * DISPATCH_DEPTH)
    teams: list[int] = field(default_factory=lambda: [0] * DISPATCH_DEPTH)
    write: int = 0
    read: list[int] = field(default_factory=list)
    waiting: int = 0
    leaving: int = 0  # cores whose pointer moves on at the end of this cycle
    pops: int = 0
    acks: int = 0
    pushes: list[int] = field(default_factory=list)
    next_team: int | None = None

    def __post_init__(self) -> None:
        self.read = [0] * self.cores

    def value(self, core: int) -> int:
        return self.values[self.read[core]]

    def edge(self) -> int:
        """The end of a cycle; the cores for which there is a value."""
        events, done, asking = 0, self.acks & self.waiting, self.pops | self.waiting
        teams, write = list(self.teams), self.write
        for core in range(self.cores):
            bit, at = 1 << core, self.read[core]
            if asking & bit:
                if teams[at] & bit:
                    events |= bit
                elif at != write:
                    self.read[core] = (at + 1) % DISPATCH_DEPTH
            if done & bit:
                self.teams[at] &= ~bit
            if self.leaving & bit:
                self.read[core] = (at + 1) % DISPATCH_DEPTH
        if self.pushes:
            value = 0
            for pushed in self.pushes:
                value |= pushed
            self.values[write], self.teams[write] = value, self.team
            self.write = (write + 1) % DISPATCH_DEPTH
        if self.next_team is not None:
            self.team = self.next_team
        self.waiting, self.leaving = asking & ~done, done
        self.pops, self.acks, self.pushes, self.next_team = 0, 0, [], None
        return events

    def busy(self, told: int) -> bool:
        """Whether the next cycle changes something; `told` are the cores that have their event."""
        for core in range(self.cores):
            if self.waiting >> core & 1:
                at = self.read[core]
                if not told >> core & 1 if self.teams[at] >> core & 1 else at != self.write:
                    return True
        return self.leaving != 0


class EventUnit:
    """The unit itself; harts reach it through EventPort and EventView.  Core n is hart n."""

    def __init__(self, cores: int) -> None:
        self.count = cores
        self.all = (1 << cores) - 1
        self.machine: Platform
        self.reset()

    def reset(self) -> None:
        self.cores = [Core() for _ in range(self.count)]
        self.barriers = [Barrier() for _ in range(self.count)]
        self.mutex = Mutex()
        self.dispatch = Dispatch(self.count)
        self.levels = 0
        self.soc_events: list[int] = []
        self._edge_at = -1

    # -- events from elsewhere ---------------------------------------------------------------------------------------------

    def raise_event(self, number: int, cycle: int, cores: int = WORD) -> None:
        """An event line is high in `cycle`, for the cores of a mask."""
        for index, core in enumerate(self.cores):
            if cores >> index & 1:
                core.lines |= 1 << number
                if core.read == cycle:
                    self.machine.amend(index, self.buffered(core, core.read_key))
        self.touch(cycle)

    def hold_event(self, number: int, high: bool, cycle: int) -> None:
        """An event line for all cores is high, or low, from `cycle` on."""
        if high:
            self.levels |= 1 << number
            self.raise_event(number, cycle)
        else:
            self.levels &= ~(1 << number)

    def hold_timer(self, half: int, high: bool, cycle: int) -> None:
        """The timer's event lines."""
        self.hold_event((TIMER_LO, TIMER_HI)[half], high, cycle)

    def push_soc_event(self, number: int, cycle: int) -> bool:
        """An event from the SoC; False when there is no place for it."""
        if len(self.soc_events) == SOC_EVENT_DEPTH:
            return False
        self.soc_events.append(number)
        self.hold_event(SOC_EVENT, True, cycle)
        return True

    def pop_soc_event(self, cycle: int) -> int:
        if not self.soc_events:
            return 0
        number = self.soc_events.pop(0)
        self.hold_event(SOC_EVENT, bool(self.soc_events), cycle)
        return 1 << 31 | number

    def acknowledge(self, hart: int, number: int, cycle: int) -> None:
        """The core takes an interrupt: its bit leaves the buffer."""
        self.cores[hart].acknowledged |= 1 << number
        self.touch(cycle)

    # -- registers ---------------------------------------------------------------------------------------------------------

    def load(self, index: int, key: str, cycle: int) -> int:
        """A load of a core's register that does not sleep."""
        core = self.cores[index]
        match key:
            case "mask":
                return core.mask
            case "mask_irq":
                return core.irq_mask
            case "sw_events_mask":
                return core.sw_mask
            case "status":
                return int(not self._sleeps(core, cycle))
        return self.buffered(core, key) if key in _BUFFERED else 0

    def buffered(self, core: Core, key: str) -> int:
        """The buffer at the end of this cycle, as a register shows it."""
        held = core.buffer | core.lines
        return held & {"buffer": WORD, "buffer_irq_masked": core.irq_mask}.get(key, core.mask)

    def store(self, index: int, key: str, value: int, cycle: int) -> None:
        """A store to a register of a core's part, or what every core may store to through its own port."""
        core = self.cores[index]
        match key:
            case "mask":
                core.mask = value
            case "mask_and":
                core.mask &= ~value
            case "mask_or":
                core.mask |= value
            case "mask_irq":
                core.irq_mask = value
            case "mask_irq_and":
                core.irq_mask &= ~value
            case "mask_irq_or":
                core.irq_mask |= value
            case "buffer_clear":
                core.buffer &= ~value
            case "sw_events_mask":
                core.sw_mask = value & self.all
            case "sw_events_mask_and":
                core.sw_mask &= ~value
            case "sw_events_mask_or":
                core.sw_mask |= value & self.all
            case "dispatch_fifo":
                self.dispatch.pushes.append(value)
            case "dispatch_team":
                self.dispatch.next_team = (self.dispatch.next_team or 0) | value & self.all
            case "mutex":
                self.mutex.unlocked = True
                self.mutex.sent |= value
        self.touch(cycle)

    def send(self, number: int, cores: int, cycle: int) -> None:
        """A software event to the cores of a mask, 0: to all."""
        self.raise_event(number, cycle, cores & self.all or self.all)

    def load_barrier(self, number: int, key: str) -> int:
        barrier = self.barriers[number]
        values = {
            "barrier_trigger_mask": barrier.trigger_mask,
            "barrier_target_mask": barrier.target_mask,
            "barrier_status": 0 if barrier.matched else barrier.status | barrier.triggers,
        }
        return values.get(key, 0)

    def store_barrier(self, number: int, key: str, value: int, cycle: int) -> None:
        barrier = self.barriers[number]
        if key == "barrier_trigger_mask":
            barrier.trigger_mask = value & self.all
        elif key == "barrier_target_mask":
            barrier.target_mask = value & self.all
        elif key == "barrier_trigger":
            barrier.triggers |= value & self.all
        self.touch(cycle)

    # -- sleeping loads ----------------------------------------------------------------------------------------------------

    def sleep(self, access: Access, place: Place) -> None:
        """A load of a sleeping register begins."""
        core = self.cores[access.hart]
        core.request, core.place = access, place
        core.off = access.cycle + max(SLEEP_CYCLES - self._words_waiting(access), SLEEP_CYCLES - 3)
        self.machine.waits(access.hart, _cause(place))
        self._step(access.hart, access.cycle)
        self.touch(access.cycle)

    def _words_waiting(self, access: Access) -> int:
        """Words of code that the core has fetched ahead: one for each cycle that it waited in since the last jump."""
        row = self.machine.hart[access.hart]
        used = int(row[Hart.INDEX]) - int(row[Hart.START]) >> 1
        return max(0, access.cycle - int(row[Hart.ARRIVAL]) - 2 - used)

    def trigger(self, index: int, place: Place, cycle: int) -> None:
        """What a load of a register makes happen, apart from its value."""
        key, bit = place.key, 1 << index
        if key.startswith("barrier_trigger"):
            self.barriers[place.block].triggers |= bit
        elif key.startswith("sw_event_wait"):
            self.send(place.index, self.cores[index].sw_mask, cycle)
        elif key == "mutex":
            self.mutex.locks |= bit
        elif key == "dispatch_fifo":
            self.dispatch.pops |= bit
        self.touch(cycle)

    def _step(self, index: int, cycle: int) -> bool:
        """One cycle of a sleeping load; says whether the next one may be different without anything else happening."""
        core = self.cores[index]
        assert core.request is not None
        assert core.place is not None
        if core.armed:
            self.trigger(index, core.place, cycle)
        if core.clock == Clock.INTERRUPTED and core.interrupted < core.request.cycle and self._sleeps(core, cycle):
            core.clock = Clock.SLEEP
        irq, events = core.buffer & core.irq_mask, core.buffer & core.mask
        if irq and core.clock != Clock.INTERRUPTED:
            core.clock, core.armed, core.interrupted = Clock.INTERRUPTED, False, cycle
            return True
        if not irq and not events:
            core.armed = False
            return False
        if not irq:
            core.clock, core.armed = Clock.ACTIVE, True
            self.dispatch.acks |= 1 << index
            core.clear_next = core.place.key in _CLEARING
        if core.clearing:
            return True
        self._grant(index, cycle)
        return core.clear_next

    def _sleeps(self, core: Core, cycle: int) -> bool:
        """Whether the core's clock is off: a p.elw waits, and the pipeline has emptied."""
        return core.request is not None and core.request.event and cycle >= core.off

    def _grant(self, index: int, cycle: int) -> None:
        core = self.cores[index]
        assert core.place is not None
        key, core.request = core.place.key, None
        cause = _cause(core.place)
        if key == "mutex":
            value = self.mutex.message
        elif key == "dispatch_fifo":
            value = self.dispatch.value(index)
        else:
            value = self.buffered(core, key)
            core.read, core.read_key = cycle, key
        self.machine.answer(index, value, cycle, cause)

    # -- time --------------------------------------------------------------------------------------------------------------

    def touch(self, cycle: int) -> None:
        """Something in `cycle` changes registers at its end."""
        if self._edge_at != cycle + 1:
            self._edge_at = cycle + 1
            self.machine.at(cycle + 1, self._edge, early=True)

    def _edge(self, cycle: int) -> None:
        """The registers take the values that they have in `cycle`, and the sleeping loads see them."""
        winner = self.mutex.edge()
        if winner is not None:
            self.cores[winner].lines |= 1 << MUTEX
        dispatched = self.dispatch.edge()
        again, told = False, 0
        for index, core in enumerate(self.cores):
            core.lines |= (dispatched >> index & 1) << DISPATCH
            core.buffer |= core.lines
            if core.clearing:
                core.buffer &= ~core.mask
            core.buffer &= ~core.acknowledged
            core.lines = self.levels & ~core.buffer
            core.acknowledged, core.clearing, core.clear_next = 0, core.clear_next, False
            again |= core.clearing or core.lines != 0
            told |= (core.buffer >> DISPATCH & 1) << index
        again |= self.dispatch.busy(told) | self._open_barriers()
        for index, core in enumerate(self.cores):
            if core.request is not None:
                again |= self._step(index, cycle)
            again |= self._interrupt(index, cycle)
        if again:
            self.touch(cycle)

    def _open_barriers(self) -> bool:
        """Barriers at the beginning of a cycle: one at which all have arrived raises its event in this cycle."""
        opened = False
        for barrier in self.barriers:
            barrier.status = 0 if barrier.matched else barrier.status | barrier.triggers
            barrier.triggers = 0
            barrier.matched = barrier.trigger_mask != 0 and barrier.status == barrier.trigger_mask
            if barrier.matched:
                opened = True
                for index, core in enumerate(self.cores):
                    core.lines |= (barrier.target_mask >> index & 1) << BARRIER
        return opened

    def _interrupt(self, index: int, cycle: int) -> bool:
        """The interrupt line follows the buffer a cycle later, its number at once; says whether it will change."""
        core = self.cores[index]
        pending = core.buffer & core.irq_mask
        irq = max(pending.bit_length() - 1, 0) if core.irq_pending else None
        if irq != core.irq:
            core.irq = irq
            self.machine.interrupt(index, irq, cycle, self.acknowledge)
        changes = core.irq_pending != bool(pending)
        core.irq_pending = bool(pending)
        return changes

    # -- for people --------------------------------------------------------------------------------------------------------

    def waiting(self, index: int) -> str:
        """What a core sleeps for."""
        core = self.cores[index]
        if core.request is None:
            return ""
        assert core.place is not None
        parts = [f"event_unit.{core.place.name}"]
        match core.place.key:
            case "barrier_trigger_wait" | "barrier_trigger_wait_clear":
                parts.append(self._barrier_text(core.place.block, index))
            case "mutex":
                parts.append(f"mutex held by hart {self.mutex.owner}" if self.mutex.locked else "the mutex is free")
                parts += [] if core.mask >> MUTEX & 1 else ["its event, mutex (17), is not in the core's MASK"]
            case "dispatch_fifo":
                parts.append("no task for it")
                parts += [] if core.mask >> DISPATCH & 1 else ["its event, dispatch (18), is not in the core's MASK"]
        parts.append(
            f"wakes on {event_names(core.mask)}" if core.mask else "the core's MASK is 0: no event can wake it"
        )
        return "; ".join(parts)

    def interrupts(self, index: int) -> str:
        """What can wake a core from wfi, in words."""
        mask = self.cores[index].irq_mask
        return f"MASK_IRQ lets through {event_names(mask)}" if mask else "MASK_IRQ is 0: no interrupt can wake it"

    def _barrier_text(self, number: int, index: int) -> str:
        barrier = self.barriers[number]
        if barrier.trigger_mask == 0:
            return f"barrier {number} has an empty TRIGGER_MASK: it never opens"
        missing = barrier.trigger_mask & ~barrier.status
        text = f"barrier {number}: arrived {_harts(barrier.status)}, missing {_harts(missing)}"
        if barrier.status & ~barrier.trigger_mask:
            text += f", and {_harts(barrier.status & ~barrier.trigger_mask)} that TRIGGER_MASK does not have"
        if not missing and not barrier.status:
            text += " (it has opened)"
        if not barrier.target_mask >> index & 1:
            text += f"; TARGET_MASK does not have hart {index}"
        return text


def _harts(mask: int) -> str:
    numbers = [str(n) for n in range(MAX_CORES) if mask >> n & 1]
    return ("harts " if len(numbers) > 1 else "hart ") + ", ".join(numbers) if numbers else "nobody"


def _cause(place: Place) -> Stall:
    """What the cycles of a sleeping load count as."""
    return Stall.BARRIER if place.key in _OWN else Stall.SLEEP


class EventPort(Peripheral):
    """The port of the hart that asks."""

    table = TABLE

    def __init__(self, unit: EventUnit) -> None:
        self.unit = unit

    def attach(self, machine: Platform) -> None:
        self.machine = self.unit.machine = machine

    def reset(self) -> None:
        self.unit.reset()

    def waiting(self, hart: int) -> str:
        return self.unit.waiting(hart) if hart < self.unit.count else ""

    def access(self, access: Access) -> Reply | None:
        unit, place = self.unit, TABLE.at(access.offset)
        if place is None or (place.key.startswith("barrier_") and place.block >= unit.count):
            raise DeviceError(TABLE.hole(access.offset))
        if access.value is not None and access.size != 4:
            raise DeviceError(f"event_unit.{place.name} is a register: it is stored to as a word")
        if place.key.startswith("barrier_") and place.key not in _OWN:
            return self._barrier(access, place)
        if access.value is None and place.key in _SLEEPING:
            unit.sleep(access, place)
            return None
        core, value = unit.cores[access.hart], 0
        if access.value is None:
            if place.key == "barrier_trigger_self" and core.armed:
                unit.trigger(access.hart, place, access.cycle)
            value = unit.load(access.hart, place.key, access.cycle)
            if place.key in _BUFFERED and access.size == 4:
                core.read, core.read_key = access.cycle, place.key
        elif place.key == "sw_event":
            unit.send(place.index, access.value, access.cycle)
        elif "w" in place.register.access:
            unit.store(access.hart, place.key, access.value, access.cycle)
        if core.clearing:
            self.machine.retry(access.hart, access.cycle + 1)
            return None
        return Reply(value >> 8 * (access.offset & 3))

    def _barrier(self, access: Access, place: Place) -> Reply | None:
        """An access to a barrier, which serves one core in a cycle: the lowest."""
        barrier = self.unit.barriers[place.block]
        if barrier.served == access.cycle:
            self.machine.retry(access.hart, access.cycle + 1)
            return None
        barrier.served = access.cycle
        if access.value is None:
            return Reply(self.unit.load_barrier(place.block, place.key) >> 8 * (access.offset & 3))
        self.unit.store_barrier(place.block, place.key, access.value, access.cycle)
        return Reply()


class EventView(RegisterDevice):
    """The unit seen from the peripheral interconnect: every core's registers, the barriers, software and SoC events."""

    def __init__(self, unit: EventUnit) -> None:
        super().__init__(GLOBAL_TABLE)
        self.unit = unit

    def access(self, access: Access) -> Reply | None:
        place = GLOBAL_TABLE.at(access.offset)
        if place is not None and place.block >= self.unit.count:
            raise DeviceError(GLOBAL_TABLE.hole(access.offset))
        return super().access(access)

    def _load_value(self, access: Access, place: Place) -> int:
        if place.key.startswith("barrier_"):
            return self.unit.load_barrier(place.block, place.key)
        return self.unit.load(place.block, place.key.removeprefix("core_"), access.cycle)

    def _store_value(self, access: Access, place: Place, value: int) -> None:
        if place.key.startswith("barrier_"):
            self.unit.store_barrier(place.block, place.key, value, access.cycle)
        else:
            self.unit.store(place.block, place.key.removeprefix("core_"), value, access.cycle)

    def store_sw_event(self, access: Access, place: Place, value: int) -> None:
        self.unit.send(place.index, value, access.cycle)

    def load_soc_event(self, access: Access, place: Place) -> int:
        return self.unit.pop_soc_event(access.cycle)
