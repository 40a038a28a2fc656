"""The reference machine: the cores and their memory in plain Python, cycle by cycle, slow and obvious.

It exists to be compared with the compiled kernel (tests/engine/test_reference.py) and shares nothing with it but the instruction
table and the names of the stalls.  Where the kernel marks hazards when it decodes and keeps notes of who waited, this machine
follows every instruction through the pipeline of RI5CY:

    arrival   first cycle in which the whole instruction is at the fetch buffer's output (IF)
    entry     first cycle in ID
    issue     last cycle in ID
    done      last cycle in EX; execution is in cycle issue + 1

and every word from memory through the fetch buffer.  Rules and their sources: docs/timing.md; the measurements are described in
golden/rtl_notes.md and rtl8_notes.md.  A hart is a generator that yields whenever time must pass, so that its code reads in
program order; `ReferenceMachine.run` gives each hart its turn in every cycle, and then lets the banks choose.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from iss.engine.layout import Stall
from iss.errors import SimulationError
from iss.isa.csr import CSRS, PCCR0, PCCR_ALL, PCCR_EVENTS
from iss.isa.decode import Decoded, decode
from iss.isa.execute import evaluate
from iss.isa.table import Alu, Branch, Csr, HwLoop, Jump, Load, Store, System

BANKS = 32
FETCH_LIMIT = 2
"""A word is requested while the fetch buffer holds at most this many (riscv_prefetch_buffer.sv: its third entry is free)."""
WORD = 0xFFFFFFFF
_MIE, _MPIE = 1 << 3, 1 << 7
_LOOP_CSRS = {0x7C0: (0, 0), 0x7C1: (0, 1), 0x7C2: (0, 2), 0x7C4: (1, 0), 0x7C5: (1, 1), 0x7C6: (1, 2)}
_CSR_ALIASES = {0xCC0: 0x7E0, 0xCC1: 0x7E1, 0x014: 0xF14}
_FIELD_BITS = {"rd": 7, "rs1": 15, "rs2": 20, "rs3": 7}


# -- the fetch stage -------------------------------------------------------------------------------------------------------


class Fetch:
    """The words of straight-line code since the last redirection: when each reaches the fetch buffer's output, and leaves.

    One word arrives per cycle, unless the buffer was full in the cycle of its request (riscv_fetch_fifo.sv)."""

    def __init__(self) -> None:
        self.restart(0, 0)

    def restart(self, pc: int, arrival: int) -> None:
        """A new stream: the word of `pc` arrives in a given cycle."""
        self.base = pc & ~3
        self.arrivals = [arrival]
        self.pops: list[int] = []
        self.held = arrival  # up to this cycle the last instruction of a loop occupies an entry too

    def stored(self, cycle: int) -> int:
        """Entries in use at the start of a cycle."""
        words = sum(arrival < cycle for arrival in self.arrivals) - sum(pop < cycle for pop in self.pops)
        return words + (self.arrivals[0] <= cycle <= self.held and self.held > self.arrivals[0])

    def _request_next(self, limit: int | None = None) -> bool:
        """Request one more word, before cycle `limit`; False when the buffer has no room for it until then."""
        cycle = self.arrivals[-1]
        while self.stored(cycle) > FETCH_LIMIT and (limit is None or cycle < limit):
            cycle += 1
        if limit is not None and cycle >= limit:
            return False
        self.arrivals.append(cycle + 1)
        return True

    def arrival(self, address: int) -> int:
        """When the word that holds an address arrives."""
        index = ((address - self.base) & WORD) >> 2
        while len(self.arrivals) <= index:
            self._request_next()
        return self.arrivals[index]

    def leave(self, pc: int, size: int, cycle: int) -> None:
        """An instruction moves on to ID at the end of a cycle; a word goes with its last instruction."""
        if (pc + size) >> 2 > pc >> 2:
            self.pops.append(cycle)

    def jump_back(self, request: int, left: int, start: int, late: int) -> None:
        """A hardware loop: its last instruction was at the output in cycle `request`, when the first word of `start` was
        requested (`late` cycles later when the buffer had already gone on); it left in cycle `left`.

        The second word's request waits a cycle more when the buffer was full and the last instruction still there."""
        while self._request_next(request):
            pass
        full = left > request and self.stored(request + 1) > FETCH_LIMIT
        self.restart(start, request + 1 + late)
        self.held = left
        if full:
            self.arrivals.append(self.arrivals[0] + 2)


# -- memory ----------------------------------------------------------------------------------------------------------------


@dataclass
class Region:
    """Memory at an address; `repeat` is how far apart its images lie in `span` bytes."""

    name: str
    base: int
    span: int
    data: bytearray
    banked: bool = False

    def offset(self, address: int) -> int | None:
        """Where an address lies in the data, or None."""
        inside = (address - self.base) & WORD
        return inside % len(self.data) if inside < self.span else None


class Banks:
    """The arbiters of the TCDM's banks (golden/rtl8_notes.md, 3)."""

    def __init__(self, kind: str, harts: int) -> None:
        self.kind = kind
        self.masters = harts + 4 if kind == "xbar12" else harts
        self.pointer = [0] * BANKS
        self.flag = [0] * BANKS

    def grant(self, bank: int, requests: Sequence[int]) -> int:
        """The master that a bank serves, of those that request it."""
        pointer = self.pointer[bank]
        winner = min(requests, key=lambda master: master ^ pointer)
        if self.kind == "lic":
            above = [master for master in requests if master > pointer]
            self.pointer[bank] = min(above or requests)
        else:
            self.pointer[bank] = (pointer + 1) % self.masters
        return winner


# -- a hart ----------------------------------------------------------------------------------------------------------------


class Path(Enum):
    """How an instruction came to be next."""

    SEQUENTIAL = 0
    LOOP = 1  # a hardware loop jumped back to it
    REDIRECT = 2  # a branch, a jump, a trap, a fence


@dataclass
class Slot:
    """An instruction's way through the pipeline (see the module's text)."""

    pc: int
    decoded: Decoded | None
    size: int
    path: Path
    arrival: int = 0
    entry: int = 0
    issue: int = 0
    done: int = 0
    target_set: int = 0  # a jump, branch, trap: the cycle in which the fetch is redirected
    cause: Stall | None = None  # of the cycles until the next instruction
    retires: bool = True

    @property
    def kind(self) -> object:
        return None if self.decoded is None else self.decoded.row.kind

    def reads(self) -> set[int]:
        """The registers that the core's hazard logic takes it to read, apart from x0."""
        if self.decoded is None:
            return set()
        row = self.decoded.row
        return {self.decoded.word >> _FIELD_BITS[name] & 31 for name in (*row.sources, *row.false_reads)} - {0}

    def alu_writes(self) -> int | None:
        """The register it writes at the end of EX."""
        if self.decoded is None:
            return None
        kind, operands = self.decoded.row.kind, self.decoded.operands
        if isinstance(kind, (Alu, Jump, Csr)):
            return operands["rd"]
        return operands["rs1"] if isinstance(kind, (Load, Store)) and kind.post else None

    def loads(self) -> int | None:
        """The register it writes with loaded data."""
        return self.decoded.operands["rd"] if self.decoded is not None and isinstance(self.kind, Load) else None

    @property
    def split(self) -> bool:
        """A 32-bit instruction in two words of memory."""
        return self.size == 4 and self.pc & 2 == 2

    def stalls_for_itself(self) -> bool:
        """Left behind in ID by a fetch bubble, it sees itself in EX as the producer of its own operand."""
        if isinstance(self.kind, Load):
            return self.loads() in self.reads()
        return isinstance(self.kind, Jump) and self.kind.indirect and self.alu_writes() in self.reads()


@dataclass
class Loop:
    """A hardware loop's registers."""

    start: int = 0
    end: int = 0
    count: int = 0


@dataclass
class Counter:
    """A performance counter: a value, and the first cycle whose events are not in it yet."""

    value: int = 0
    since: int = 0


@dataclass
class Hart:
    """One core.  `turn` is its program; `wake` is the cycle of its next turn."""

    number: int
    machine: ReferenceMachine
    boot: int
    first: int
    regs: list[int] = field(default_factory=lambda: [0] * 32)
    loops: tuple[Loop, Loop] = field(default_factory=lambda: (Loop(), Loop()))
    stalls: dict[Stall, int] = field(default_factory=dict)
    instructions: int = 0
    conflicts: int = 0

    def __post_init__(self) -> None:
        self.csrs = {csr.address: csr.reset for csr in CSRS}
        self.csrs[0xF14] = self.number
        self.csrs[0x305] = self.boot & ~0xFF | 1
        self.counters = [Counter() for _ in PCCR_EVENTS]
        self.enabled: list[tuple[int, int]] = [(0, 0)]  # (first cycle, events): the history of pcer and pcmr
        self.happened: dict[str, list[int]] = {event: [] for event in PCCR_EVENTS}
        self.fetch = Fetch()
        self.loop_history: list[tuple[int, tuple[Loop, Loop]]] = []
        self.now = 0
        self.wake = 0
        self.bank: int | None = None
        self.granted = False
        self.pc = self.boot
        self.clock = self.first
        issue = self.first - 1
        self.last = Slot(0, None, 4, Path.SEQUENTIAL, issue, issue - 1, issue - 1, issue)
        self.before = self.last
        self.fetch.restart(self.boot, issue - 1)
        if self.machine.decode_at(self.boot)[1] == 4 and self.boot & 2:
            self.fetch.restart(self.boot, issue - 2)
        self.path = Path.SEQUENTIAL
        self.turn = self.live()

    # -- time ------------------------------------------------------------------------------------------------------------

    def live(self) -> Iterator[None]:
        """One instruction after the other."""
        while True:
            slot = self.next_slot()
            while self.now < slot.issue + 1:
                self.wake = self.clock = slot.issue + 1
                yield
            slot.done = slot.issue + 1
            self.path = Path.SEQUENTIAL
            looping = self.loop_taken(slot)
            self.pc = (slot.pc + slot.size) & WORD
            yield from self.execute(slot)
            self.instructions += slot.retires
            if looping is not None and self.path is Path.SEQUENTIAL and not isinstance(slot.kind, System | None):
                self.jump_back(slot, looping)
            self.before, self.last = self.last, slot

    def stall(self, cause: Stall, cycles: int) -> None:
        if cycles:
            self.stalls[cause] = self.stalls.get(cause, 0) + cycles

    def event(self, name: str, cycle: int) -> None:
        self.happened[name].append(cycle)

    def next_slot(self) -> Slot:
        """When the next instruction arrives, enters ID and leaves it; the cycles in between are stalls."""
        decoded, size = self.machine.decode_at(self.pc)
        slot, last = Slot(self.pc, decoded, size, self.path), self.last
        first = self.fetch.arrival(slot.pc)
        whole = max(first, self.fetch.arrival(slot.pc + 2)) if slot.split else first
        if slot.path is Path.SEQUENTIAL:
            first, whole = max(first, last.entry), max(whole, last.entry)
        slot.arrival = whole
        charged = last.done
        for cause, cycle in self.entries(slot, first, whole):
            if cycle > charged:
                self.stall(cause, cycle - charged)
                charged = cycle
            slot.entry = cycle
        self.fetch.leave(slot.pc, slot.size, slot.entry - 1)
        begin = last.target_set + 1 if slot.path is Path.REDIRECT else last.entry
        for cycle in range(begin, slot.arrival):
            self.event("IMISS", cycle)
        slot.issue = max(slot.entry, last.done)
        for cause, cycle in self.hazards(slot):
            slot.issue = max(slot.issue, cycle)
            if cycle > charged:
                self.stall(cause, cycle - charged)
                charged = cycle
        self.count_issue(slot)
        return slot

    def entries(self, slot: Slot, first: int, whole: int) -> Iterator[tuple[Stall, int]]:
        """The entry into ID in steps, each with the cause of what it adds: without a split word, with it, with all."""
        last = self.last
        if last.cause in (Stall.CSR, Stall.EVENT_LOAD):
            yield last.cause, last.done + 3  # the core halts IF while it empties
            return

        def entry(arrival: int, ready: int) -> int:
            return (last.issue if arrival <= last.issue else max(arrival, ready)) + 1

        flow = last.cause if slot.path is Path.REDIRECT and last.cause is not None else Stall.FETCH
        yield flow, entry(first, last.done)
        yield flow if isinstance(last.kind, System | None) else Stall.FETCH, entry(whole, last.done)
        if last.stalls_for_itself():
            yield Stall.LOAD_USE if isinstance(last.kind, Load) else Stall.JUMP_REGISTER, entry(whole, last.done + 1)
            if whole > last.issue:
                self.event("LD_STALL" if isinstance(last.kind, Load) else "JMP_STALL", last.issue + 1)

    def hazards(self, slot: Slot) -> Iterator[tuple[Stall, int]]:
        """What an instruction waits for in ID: the first cycle in which it may leave."""
        last = self.last
        if isinstance(slot.kind, System | None):
            # It leaves at once, even behind a busy EX; the pipeline then empties.
            slot.target_set = max(slot.entry + 2, last.done + 1)
            return
        loaded = last.loads()
        if loaded is not None:
            reads = loaded in slot.reads()
            if reads or slot.alu_writes() == loaded:
                yield Stall.LOAD_USE, last.done + 1
                if slot.entry == last.issue + 1 and (reads or last.done == last.issue + 1):
                    self.event("LD_STALL", slot.entry)
        if not isinstance(slot.kind, Jump):
            return
        ready = 0
        if slot.kind.indirect and slot.decoded is not None and (register := slot.decoded.operands["rs1"]):
            producer = last if register in (last.alu_writes(), last.loads()) else self.before
            if producer.alu_writes() == register:
                ready = producer.done + 1
            if producer.loads() == register:
                ready = producer.done + 2
        slot.target_set = max(slot.entry, ready)
        self.event("JMP_STALL" if ready > slot.entry else "JUMP", slot.entry)
        yield Stall.JUMP_REGISTER, slot.target_set

    def count_issue(self, slot: Slot) -> None:
        if not isinstance(slot.kind, System | None):
            self.event("INSTR", slot.issue)
            if slot.size == 2:
                self.event("RVC", slot.issue)

    # -- hardware loops --------------------------------------------------------------------------------------------------

    def loop_write(self, visible: int) -> None:
        """Before a loop register changes: until cycle `visible` the fetch stage sees the old ones."""
        old = tuple(Loop(loop.start, loop.end, loop.count) for loop in self.loops)
        self.loop_history.append((visible, (old[0], old[1])))

    def loop_taken(self, slot: Slot) -> int | None:
        """The loop that fetch finds at its end when the instruction is in IF; the target of a jump back is not looked at."""
        if slot.path is Path.LOOP:
            return None
        self.loop_history = [entry for entry in self.loop_history if entry[0] > slot.entry - 1]
        seen = self.loop_history[0][1] if self.loop_history else self.loops
        for number, loop in enumerate(seen):
            if loop.end == slot.pc and loop.count > 1:
                return number
        return None

    def jump_back(self, slot: Slot, number: int) -> None:
        """Go on at the loop's start.  A compressed last instruction at a half-word address, itself the target of a jump, is
        recognized a cycle late (riscv_prefetch_buffer.sv, HWLP_UNALIGNED_COMPRESSED)."""
        loop = self.loops[number]
        loop.count = (loop.count - 1) & WORD
        late = slot.path is Path.REDIRECT and slot.size == 2 and slot.pc & 2 == 2
        self.fetch.jump_back(slot.arrival, slot.entry - 1, loop.start, int(late))
        self.path, self.pc = Path.LOOP, loop.start

    # -- execution -------------------------------------------------------------------------------------------------------

    def execute(self, slot: Slot) -> Iterator[None]:
        """The instruction's effect, in its EX cycle; sets how many cycles it is there."""
        decoded, kind = slot.decoded, slot.kind
        if decoded is None or isinstance(kind, System):
            self.system(slot)
        elif isinstance(kind, (Load, Store)):
            yield from self.access(slot, decoded)
        elif isinstance(kind, Csr):
            self.access_csr(slot, decoded)
        else:
            self.compute(slot, decoded)

    def compute(self, slot: Slot, decoded: Decoded) -> None:
        kind, operands = slot.kind, decoded.operands
        result = evaluate(decoded, self.regs, slot.pc)
        if isinstance(kind, HwLoop):
            assert isinstance(result, tuple)
            self.loop_write(slot.issue + 1)
            for name, value in zip(kind.sets, result, strict=True):
                setattr(self.loops[operands["L"]], name, value)
        elif isinstance(kind, Branch):
            self.event("BRANCH", slot.issue + 1)
            if result:
                self.event("BTAKEN", slot.issue + 1)
                slot.target_set = slot.issue + 1
                self.redirect(slot, slot.pc + operands["offset"], Stall.BRANCH)
        elif isinstance(kind, Jump):
            assert isinstance(result, int)
            self.redirect(slot, result, Stall.JUMP)
            self.write(operands["rd"], slot.pc + slot.size)
        else:
            assert isinstance(kind, Alu) and isinstance(result, int)
            latency = self.latency(kind.unit, operands)
            slot.done = slot.issue + latency
            self.stall(Stall.MULTIPLY if kind.unit == "mulh" else Stall.DIVIDE, latency - 1)
            self.write(operands["rd"], result)

    def latency(self, unit: str, operands: dict[str, int] | object) -> int:
        """Cycles in EX (golden/rtl_notes.md, rule 1)."""
        if unit == "mulh":
            return 5
        if unit.startswith("div"):
            assert isinstance(operands, dict)
            divisor = self.regs[operands["rs2"]]
            if unit == "div_signed" and divisor >> 31:
                return 2 + 32 - (~divisor & WORD).bit_length()
            return 3 + 32 - divisor.bit_length()
        return 1

    def write(self, register: int, value: int) -> None:
        if register:
            self.regs[register] = value & WORD

    def redirect(self, slot: Slot, pc: int, cause: Stall) -> None:
        """The next instruction is at `pc`; its first word arrives in the cycle after the fetch is redirected."""
        self.pc, self.path, slot.cause = pc & WORD, Path.REDIRECT, cause
        self.fetch.restart(self.pc, slot.target_set + 1)

    # -- loads and stores ------------------------------------------------------------------------------------------------

    def access(self, slot: Slot, decoded: Decoded) -> Iterator[None]:
        kind, operands = decoded.row.kind, decoded.operands
        assert isinstance(kind, (Load, Store))
        result = evaluate(decoded, self.regs, slot.pc)
        assert isinstance(result, int)
        address = self.regs[operands["rs1"]] if kind.post else result
        data = self.regs[operands["rs2"]].to_bytes(4, "little") if isinstance(kind, Store) else None
        first = min(kind.size, 4 - address % 4)
        value = b""
        for part, size in enumerate((first, kind.size - first)):
            if not size:
                continue
            place = (address + part * first) & WORD
            if part:
                self.stall(Stall.MISALIGNED, 1)
            while self.now < slot.issue + 1 + part:
                self.wake = self.now + 1
                yield
            begun = self.now
            sent = None if data is None else data[part * first : part * first + size]
            value += yield from self.request(slot, place, size, sent)
            slot.issue += self.now - begun  # as if it had been issued later
        slot.done = self.now
        value_bytes = value
        if kind.post:
            self.write(operands["rs1"], result)
        if isinstance(kind, Load):
            self.write(operands["rd"], int.from_bytes(value_bytes, "little", signed=kind.signed))
            if kind.event:
                slot.cause = Stall.EVENT_LOAD
                for cycle in range(3):
                    self.event("ELW", slot.done + cycle)

    def request(self, slot: Slot, address: int, size: int, data: bytes | None) -> Iterator[None]:
        raise NotImplementedError
