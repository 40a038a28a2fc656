"""The reference machine: the cores and their memory in plain Python, cycle by cycle, slow and obvious.

It exists to be compared with the compiled kernel (tests/engine/test_reference.py) and shares nothing with it but the
instruction table and the names of the stalls.  Where the kernel marks hazards when it decodes and keeps notes of who
waited, this machine follows every instruction through the pipeline of RI5CY:

    arrival   first cycle in which the whole instruction is at the fetch buffer's output (IF)
    entry     first cycle in ID
    issue     last cycle in ID
    done      last cycle in EX; execution is in cycle issue + 1

and every word from memory through the fetch buffer.  Rules and their sources: docs/timing.md; the measurements are
described in golden/rtl_notes.md and rtl8_notes.md.  A hart is a generator that yields whenever time must pass, so
that its code reads in program order; `ReferenceMachine.run` gives each hart its turn in every cycle, and then lets
the banks choose.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from iss.engine.layout import Stall
from iss.errors import SimulationError
from iss.isa.csr import CORE_EVENTS, CSRS, PCCR0, PCCR_ALL, PCCR_EVENTS
from iss.isa.decode import Decoded, decode
from iss.isa.execute import evaluate
from iss.isa.table import Alu, Branch, Csr, HwLoop, Jump, Kind, Load, Store, System

BANKS = 32
TEST_PORT, TEST_PORT_SIZE = 0x1A100000, 0x1000
NEVER = 1 << 62
FETCH_LIMIT = 2
"""A word is requested while the fetch buffer holds at most this many (riscv_prefetch_buffer.sv: entry 2 is free)."""
WORD = 0xFFFFFFFF
_MIE, _MPIE = 1 << 3, 1 << 7
_ILLEGAL, _BREAKPOINT, _ENVIRONMENT_CALL = 2, 3, 11
_LOOP_CSRS = {0x7C0 + 4 * loop + i: (loop, name) for loop in (0, 1) for i, name in enumerate(("start", "end", "count"))}
_PCER, _PCMR = 0x7E0, 0x7E1
_CSR_ALIASES = {0xCC0: _PCER, 0xCC1: _PCMR, 0x014: 0xF14}
_BY_ADDRESS = {csr.address: csr for csr in CSRS}
_FIELD_BITS = {"rd": 7, "rs1": 15, "rs2": 20, "rs3": 7}


# -- the fetch stage ---------------------------------------------------------------------------------------------------


class Fetch:
    """The words of straight-line code since the last redirection: when each reaches the fetch buffer's output, and
    leaves.

    One word arrives per cycle, unless the buffer was full in the cycle of its request (riscv_fetch_fifo.sv)."""

    def __init__(self) -> None:
        self.restart(0, 0)

    def restart(self, pc: int, arrival: int) -> None:
        """A new stream: the word of `pc` arrives in a given cycle."""
        self.base = pc & ~3
        self.arrivals = [arrival]
        self.pops: list[int] = []
        self.held = -1  # up to this cycle the last instruction of a loop occupies an entry too

    def stored(self, cycle: int) -> int:
        """Entries in use at the start of a cycle."""
        words = sum(arrival < cycle for arrival in self.arrivals) - sum(pop < cycle for pop in self.pops)
        return words + (cycle <= self.held)

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
        """A hardware loop: its last instruction was at the output in cycle `request`, when the first word of `start`
        was requested (`late` cycles later when the buffer had already gone on); it left in cycle `left`.

        The second word's request waits a cycle more when the buffer was full and the last instruction still there."""
        while self._request_next(request):
            pass
        full = left > request and self.stored(request + 1) > FETCH_LIMIT
        self.restart(start, request + 1 + late)
        self.held = left
        if full:
            self.arrivals.append(self.arrivals[0] + 2)


# -- memory ------------------------------------------------------------------------------------------------------------


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


# -- a hart ------------------------------------------------------------------------------------------------------------


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
    target_set: int = 0  # a jump, branch or trap: the cycle in which it redirects the fetch
    cause: Stall | None = None  # of the cycles until the next instruction, where its kind has one
    grants: tuple[int, ...] = ()  # of its accesses to memory

    @property
    def retires(self) -> bool:
        """An illegal instruction does not."""
        return self.decoded is not None

    @property
    def kind(self) -> Kind | None:
        return None if self.decoded is None else self.decoded.row.kind

    @property
    def traps(self) -> bool:
        """It leaves ID at once and empties the pipeline: a trap, an illegal instruction, a return, a fence."""
        return isinstance(self.kind, System | None)

    @property
    def split(self) -> bool:
        """A 32-bit instruction in two words of memory."""
        return self.size == 4 and self.pc & 2 == 2

    @property
    def seen_late(self) -> bool:
        """As a loop's last instruction: when it is compressed, at a half-word address and the target of a jump, it is
        recognized a cycle late, in which the buffer's output is dropped (riscv_prefetch_buffer.sv,
        HWLP_UNALIGNED_COMPRESSED)."""
        return self.path is Path.REDIRECT and self.size == 2 and self.pc & 2 == 2

    def operand(self, name: str) -> int:
        assert self.decoded is not None
        return self.decoded.operands[name]

    def reads(self) -> set[int]:
        """The registers that the core's hazard logic takes it to read, apart from x0."""
        if self.decoded is None:
            return set()
        row = self.decoded.row
        return {self.decoded.word >> _FIELD_BITS[name] & 31 for name in (*row.sources, *row.false_reads)} - {0}

    def alu_writes(self) -> int | None:
        """The register it writes at the end of EX."""
        if isinstance(self.kind, (Alu, Jump, Csr)):
            return self.operand("rd")
        return self.operand("rs1") if isinstance(self.kind, (Load, Store)) and self.kind.post else None

    def loads(self) -> int | None:
        """The register it writes with loaded data."""
        return self.operand("rd") if isinstance(self.kind, Load) else None

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
    """A performance counter: a value, and the first cycle whose events it does not have yet."""

    value: int = 0
    since: int = 0


class Counters:
    """PCCR, PCER, PCMR.  Every event is remembered with its cycle; a counter is worked out when it is read.

    An access in EX in cycle x reads the events up to x - 2, and writes: those of x - 1 are lost."""

    def __init__(self) -> None:
        self.counters = [Counter() for _ in PCCR_EVENTS]
        self.happened: dict[str, list[int]] = {event: [] for event in PCCR_EVENTS}
        self.enables = [(0, 0)]  # (first cycle, enabled events)
        self.saturating = True

    def event(self, name: str, cycle: int) -> None:
        self.happened[name].append(cycle)

    def enable(self, pcer: int, pcmr: int, cycle: int) -> None:
        """What a write to PCER or PCMR in EX in `cycle` changes from the next one on."""
        if self.saturating != bool(pcmr & 2):
            # What has been counted until now saturated, or did not.
            self.counters = [Counter(self.read(index, cycle + 1), cycle) for index in range(len(self.counters))]
            self.saturating = not self.saturating
        self.enables.append((cycle + 1, pcer if pcmr & 1 else 0))

    def read(self, index: int, cycle: int) -> int:
        counter, name = self.counters[index], PCCR_EVENTS[index]
        total = counter.value
        ends = [start for start, _ in self.enables[1:]] + [cycle]
        for (start, mask), end in zip(self.enables, ends, strict=True):
            low, high = max(start, counter.since), min(end, cycle - 1)
            if not mask >> index & 1 or low >= high:
                continue
            happened = self.happened[name]
            total += high - low if name == "CYCLES" else bisect_left(happened, high) - bisect_left(happened, low)
        return min(total, WORD) if self.saturating else total & WORD

    def write(self, index: int, value: int, cycle: int) -> None:
        self.counters[index] = Counter(value & WORD, cycle)


class Hart:
    """One core.  `turn` is its life as a generator, `wake` the cycle of its next turn."""

    def __init__(self, number: int, machine: ReferenceMachine, boot: int, first: int) -> None:
        self.number = number
        self.machine = machine
        self.boot = boot
        self.first = first
        self.regs = [0] * 32
        self.loops = (Loop(), Loop())
        self.stalls = dict.fromkeys(Stall, 0)
        self.instructions = 0
        self.conflicts = 0
        self.counters = Counters()
        self.csrs = {csr.address: csr.reset for csr in CSRS} | {0xF14: number, 0x305: boot & ~0xFF | 1}
        self.fetch = Fetch()
        self.old_loops: list[tuple[int, tuple[Loop, Loop]]] = []
        self.loops_since = 0
        self.behind: int | None = None  # what is in ID while the last instruction is in EX, were it to go straight on
        self.pc, self.path = boot, Path.SEQUENTIAL
        self.now = 0
        self.bank: int | None = None
        self.granted = -1
        self.answer = b""
        # Before the first instruction there is nothing: it has been fetched, and is in ID in the cycle before `first`.
        nothing = first - 2
        self.last = self.before = Slot(0, None, 4, self.path, nothing, nothing, nothing, first - 1)
        self.fetch.restart(boot, nothing - self.split_at(boot))
        self.wake = self.clock = first
        self.turn = self.live()

    def split_at(self, pc: int) -> bool:
        """Whether a 32-bit instruction in two words of memory is there."""
        return bool(pc & 2) and self.machine.decode_at(pc)[1] == 4

    @property
    def cycles(self) -> int:
        """Up to the EX cycle of the next instruction: instructions and stalls."""
        return self.clock - self.first

    # -- the pipeline --------------------------------------------------------------------------------------------------

    def live(self) -> Iterator[None]:
        """One instruction after the other."""
        while True:
            slot = self.next_slot()
            yield from self.until(slot.issue + 1)
            slot.done = slot.issue + slot.retires
            loop = self.loop_at(slot)
            self.fetch_on(slot, None if loop is None else self.loops[loop])
            self.pc, self.path = (slot.pc + slot.size) & WORD, Path.SEQUENTIAL
            yield from self.execute(slot)
            self.instructions += slot.retires
            if loop is not None and self.path is Path.SEQUENTIAL:
                self.jump_back(self.loops[loop])
            self.before, self.last = self.last, slot

    def until(self, cycle: int) -> Iterator[None]:
        """Let time pass; nothing begins in a cycle after the program's end."""
        self.wake = self.clock = cycle
        while self.now < cycle or self.machine.closing:
            yield

    def next_slot(self) -> Slot:
        """When the next instruction arrives, enters ID and leaves it; every cycle in between is a stall."""
        decoded, size = self.machine.decode_at(self.pc)
        slot, last = Slot(self.pc, decoded, size, self.path), self.last
        first = self.fetch.arrival(slot.pc)
        slot.arrival = self.fetch.arrival(slot.pc + 2) if slot.split else first
        if slot.path is Path.SEQUENTIAL:
            first, slot.arrival = max(first, last.entry), max(slot.arrival, last.entry)
        self.miss((last.target_set if slot.path is Path.REDIRECT else last.issue) + 1, slot.arrival)
        reached = last.done
        for cause, cycle in self.entries(slot, first):
            self.stalls[cause] += max(0, cycle - reached)
            reached, slot.entry = max(reached, cycle), cycle
        self.linger(slot)
        self.fetch.leave(slot.pc, slot.size, slot.entry - 1)
        for cause, cycle in self.hazards(slot):
            self.stalls[cause] += max(0, cycle - reached)
            reached = max(reached, cycle)
        slot.issue = reached
        if not slot.traps:
            self.counters.event("INSTR", slot.issue)
            if slot.size == 2:
                self.counters.event("RVC", slot.issue)
        return slot

    def entries(self, slot: Slot, first: int) -> Iterator[tuple[Stall, int]]:
        """The entry into ID in steps, each with the cause of what it adds: had the first word been enough; with all
        words; with what keeps ID busy.  An instruction moves to ID as its predecessor leaves, or else when EX is
        free."""
        last, load = self.last, isinstance(self.last.kind, Load)
        if last.cause in (Stall.CSR, Stall.EVENT_LOAD):
            yield last.cause, last.done + 3  # IF is halted while the pipeline empties
            if last.stalls_for_itself():
                self.counters.event("LD_STALL", last.issue + 1)
                yield Stall.LOAD_USE, last.done + 4
            return

        def entry(arrival: int, ready: int) -> int:
            return (last.issue if arrival <= last.issue else max(arrival, ready)) + 1

        cause = last.cause if slot.path is Path.REDIRECT and last.cause is not None else Stall.FETCH
        ready = last.issue if last.traps else last.done
        yield cause, entry(first, ready)
        yield cause if last.traps else Stall.FETCH, entry(slot.arrival, ready)
        if last.stalls_for_itself() and slot.arrival > last.issue:
            self.counters.event("LD_STALL" if load else "JMP_STALL", last.issue + 1)
            yield Stall.LOAD_USE if load else Stall.JUMP_REGISTER, entry(slot.arrival, last.done + 1)

    def hazards(self, slot: Slot) -> Iterator[tuple[Stall, int]]:
        """What an instruction waits for in ID: each time the first cycle in which it may leave."""
        last, loaded = self.last, self.last.loads()
        if slot.traps:
            # It empties EX: of an access in two words it waits for one grant (riscv_controller.sv, FLUSH_EX: ex_valid_i).
            emptied = next((grant for grant in last.grants if grant > slot.entry), last.done)
            slot.target_set = max(slot.entry + 1, emptied) + 1
            return
        if loaded is not None:
            reads = loaded in slot.reads()
            if reads or slot.alu_writes() == loaded:
                yield Stall.LOAD_USE, last.done + 1
                if slot.entry == last.issue + 1 and (reads or len(last.grants) == 1):
                    self.counters.event("LD_STALL", slot.entry)
        if isinstance(slot.kind, Jump):
            ready = self.target_known(slot.operand("rs1")) if slot.kind.indirect else 0
            slot.target_set = max(slot.entry, ready)
            self.counters.event("JMP_STALL" if ready > slot.entry else "JUMP", slot.entry)
            yield Stall.JUMP_REGISTER, slot.target_set

    def target_known(self, register: int) -> int:
        """The first cycle in which a jump in ID reads its register: nothing is forwarded to it."""
        producer = self.last if register in (self.last.alu_writes(), self.last.loads()) else self.before
        if not register:
            return 0
        if producer.loads() == register:
            return producer.done + 2
        return producer.done + 1 if producer.alu_writes() == register else 0

    # -- hardware loops ------------------------------------------------------------------------------------------------

    def set_loop(self, number: int, names: Sequence[str], values: Sequence[int], visible: int) -> None:
        """Write registers of a loop; the fetch stage sees them from cycle `visible` on."""
        zero, one = self.loops
        self.old_loops.append((visible, (replace(zero), replace(one))))
        self.loops_since = visible
        for name, value in zip(names, values, strict=True):
            setattr(self.loops[number], name, value)

    def loop_at(self, slot: Slot) -> int | None:
        """The loop that the fetch stage sees an instruction to be the last of; it does not look at the target of a
        jump back."""
        leaving = slot.entry - 1
        self.old_loops = [old for old in self.old_loops if old[0] > leaving]
        seen = self.old_loops[0][1] if self.old_loops else self.loops
        if slot.path is Path.LOOP:
            return None
        return next((i for i, loop in enumerate(seen) if loop.end == slot.pc and loop.count > 1), None)

    def jump_back(self, loop: Loop) -> None:
        """Go on at a loop's start."""
        loop.count = (loop.count - 1) & WORD
        self.path, self.pc = Path.LOOP, loop.start

    def fetch_on(self, slot: Slot, loop: Loop | None) -> None:
        """The fetch goes on behind an instruction, at the start of the loop that it ends or straight on, whatever the
        instruction turns out to do; what is missed until that redirects the fetch, or is in EX."""
        idle, behind = slot.entry, (slot.pc + slot.size) & WORD
        if loop is not None:
            self.fetch.jump_back(max(slot.arrival, self.loops_since), slot.entry - 1, loop.start, int(slot.seen_late))
            idle, behind = idle + slot.seen_late, loop.start
        whole = self.fetch.arrival(behind + 2 * self.split_at(behind))
        self.behind = behind if whole <= slot.issue else None
        self.miss(idle, min(whole, slot.target_set or slot.issue + 1))

    def linger(self, slot: Slot) -> None:
        """A p.elw is in ID until the next instruction is, also when a taken branch has dropped it there: the core counts
        these cycles as its (riscv_controller.sv, perf_pipeline_stall_o)."""
        last = self.last
        left = last.issue + 1
        held: Decoded | None = last.decoded
        if slot.path is Path.REDIRECT and isinstance(last.kind, Branch):
            left += 1
            held = None if self.behind is None else self.machine.decode_at(self.behind)[0]
        if held is not None and isinstance(held.row.kind, Load) and held.row.kind.event:
            for cycle in range(left, slot.entry):
                self.counters.event("ELW", cycle)

    def miss(self, first: int, end: int) -> None:
        """Cycles in which nothing whole is at the fetch buffer's output (riscv_if_stage.sv, perf_imiss_o)."""
        for cycle in range(first, end):
            self.counters.event("IMISS", cycle)

    # -- execution -----------------------------------------------------------------------------------------------------

    def execute(self, slot: Slot) -> Iterator[None]:
        """The instruction's effect, from its first EX cycle on; sets the last one."""
        decoded, kind = slot.decoded, slot.kind
        if decoded is None or isinstance(kind, System):
            yield from self.system(slot)
        elif isinstance(kind, (Load, Store)):
            yield from self.access(slot, decoded, kind)
        elif isinstance(kind, Csr):
            self.access_csr(slot, decoded)
        else:
            self.compute(slot, decoded)

    def compute(self, slot: Slot, decoded: Decoded) -> None:
        """Everything that needs neither memory nor CSRs."""
        kind, operands = slot.kind, decoded.operands
        result = evaluate(decoded, self.regs, slot.pc)
        if isinstance(kind, HwLoop):
            assert isinstance(result, tuple)
            self.set_loop(operands["L"], kind.sets, result, slot.issue + 1)
            return
        if isinstance(kind, Branch):
            self.counters.event("BRANCH", slot.issue + 1)
            if result:
                self.counters.event("BTAKEN", slot.issue + 1)
                slot.target_set = slot.issue + 1
                self.redirect(slot, slot.pc + operands["offset"], Stall.BRANCH)
            return
        assert isinstance(kind, (Alu, Jump))
        assert isinstance(result, int)
        if isinstance(kind, Jump):
            self.redirect(slot, result, Stall.JUMP)
            result = slot.pc + slot.size
        elif kind.unit != "alu":
            cycles = self.latency(kind.unit, operands)
            slot.done = slot.issue + cycles
            self.stalls[Stall.MULTIPLY if kind.unit == "mulh" else Stall.DIVIDE] += cycles - 1
        self.set(operands["rd"], result)

    def latency(self, unit: str, operands: Mapping[str, int]) -> int:
        """Cycles in EX (golden/rtl_notes.md, rule 1)."""
        if not unit.startswith("div"):
            return 5 if unit == "mulh" else 1
        divisor = self.regs[operands["rs2"]]
        if unit == "div_signed" and divisor >> 31:
            return 2 + 32 - (~divisor & WORD).bit_length()
        return 3 + 32 - divisor.bit_length()

    def set(self, register: int, value: int) -> None:
        """Write a register; x0 stays 0."""
        if register:
            self.regs[register] = value & WORD

    def redirect(self, slot: Slot, pc: int, cause: Stall) -> None:
        """The next instruction is at `pc`; its first word arrives in the cycle after the fetch was redirected."""
        self.pc, self.path, slot.cause = pc & WORD, Path.REDIRECT, cause
        self.fetch.restart(self.pc, slot.target_set + 1)

    # -- loads and stores ----------------------------------------------------------------------------------------------

    def access(self, slot: Slot, decoded: Decoded, kind: Load | Store) -> Iterator[None]:
        """A load or store: one access, or two when it crosses a word's end, the second a cycle after the first's
        grant."""
        operands = decoded.operands
        result = evaluate(decoded, self.regs, slot.pc)
        assert isinstance(result, int)
        address = self.regs[operands["rs1"]] if kind.post else result
        data = self.regs[operands["rs2"]].to_bytes(4, "little")[: kind.size] if isinstance(kind, Store) else None
        first = min(kind.size, 4 - address % 4)
        slot.done = yield from self.request(slot.issue + 1, address, first, data and data[:first])
        slot.grants = (slot.done,)
        value = self.answer
        if first < kind.size:
            self.stalls[Stall.MISALIGNED] += 1
            begin, place = slot.done + 1, (address + first) & WORD
            slot.done = yield from self.request(begin, place, kind.size - first, data and data[first:])
            slot.grants += (slot.done,)
            value += self.answer
        if kind.post:
            self.set(operands["rs1"], result)
        if isinstance(kind, Load):
            self.set(operands["rd"], int.from_bytes(value, "little", signed=kind.signed))
            if kind.event:
                slot.cause = Stall.EVENT_LOAD

    def request(self, cycle: int, address: int, size: int, data: bytes | None) -> Generator[None, None, int]:
        """One access, requested in `cycle`; the cycle of its grant.  `self.answer` is what was loaded."""
        machine = self.machine
        region, offset = machine.find(address, size)
        if region is None:
            granted = yield from machine.port.access(self, cycle, address - TEST_PORT, data)
        elif region.banked:
            yield from self.until(cycle)
            self.bank, self.granted = offset // 4 % BANKS, -1
            while self.granted < 0:
                self.wake = self.now + 1
                yield
            granted = self.granted
        else:
            granted = cycle  # for a second word, the next cycle: nobody can tell
        if region is not None:
            self.answer = bytes(region.data[offset : offset + size])
            if data is not None:
                region.data[offset : offset + size] = data
        self.counters.event("LD" if data is None else "ST", granted)
        return granted

    # -- traps and CSRs ------------------------------------------------------------------------------------------------

    def system(self, slot: Slot) -> Iterator[None]:
        """Traps, returns and fences; each goes on somewhere after the pipeline is empty."""
        name = slot.decoded.row.mnemonic if slot.decoded is not None else ""
        status = self.csrs[0x300]
        if name.startswith("fence"):
            self.redirect(slot, slot.pc + slot.size, Stall.FENCE)
        elif name == "wfi":
            yield from self.until(NEVER)
        elif name == "mret":
            slot.target_set += 1
            self.csrs[0x300] = status & ~_MIE | _MPIE | (_MIE if status & _MPIE else 0)
            self.redirect(slot, self.csrs[0x341], Stall.TRAP)
        else:
            self.csrs[0x341] = slot.pc
            self.csrs[0x342] = {"ecall": _ENVIRONMENT_CALL, "ebreak": _BREAKPOINT}.get(name, _ILLEGAL)
            self.csrs[0x300] = status & ~(_MIE | _MPIE) | (_MPIE if status & _MIE else 0)
            self.redirect(slot, self.boot & ~0xFF, Stall.TRAP)

    def access_csr(self, slot: Slot, decoded: Decoded) -> None:
        """A CSR is read and written in EX; every access writes, also a csrrs of x0."""
        cycle = slot.issue + 1
        address = _CSR_ALIASES.get(decoded.operands["csr"], decoded.operands["csr"])
        old = self.load_csr(address, cycle)
        everyone = range(self.machine.events) if address == PCCR_ALL else range(0)
        for index in everyone:
            self.counters.write(index, self.new_value(decoded, self.counters.read(index, cycle), True), cycle)
        csr = _BY_ADDRESS.get(address)
        if csr is not None and not everyone:
            self.store_csr(address, self.new_value(decoded, old, csr.counter), cycle)
        if csr is not None and csr.flushes:
            slot.cause = Stall.CSR
        self.set(decoded.operands["rd"], old)

    def new_value(self, decoded: Decoded, old: int, counter: bool) -> int:
        """What is written: of the counters' registers, csrrc writes the operand without the old bits."""
        new = evaluate(decoded, self.regs, old_csr=old)
        assert isinstance(new, int)
        if counter and decoded.row.mnemonic.startswith("csrrc"):
            return self.operand(decoded) & ~old
        return new

    def operand(self, decoded: Decoded) -> int:
        operands = decoded.operands
        return self.regs[operands["rs1"]] if "rs1" in operands else operands["zimm"]

    def load_csr(self, address: int, cycle: int) -> int:
        """A CSR's value; 0 when RI5CY does not have it."""
        if address in _LOOP_CSRS:
            loop, name = _LOOP_CSRS[address]
            return int(getattr(self.loops[loop], name))
        if 0 <= address - PCCR0 < self.machine.events:
            return self.counters.read(address - PCCR0, cycle)
        return self.csrs.get(address, 0)

    def store_csr(self, address: int, value: int, cycle: int) -> None:
        if address in _LOOP_CSRS:
            loop, name = _LOOP_CSRS[address]
            self.set_loop(loop, [name], [value], cycle + 1)
        elif 0 <= address - PCCR0 < len(PCCR_EVENTS):
            if address < PCCR0 + self.machine.events:
                self.counters.write(address - PCCR0, value, cycle)
        else:
            writable = _BY_ADDRESS[address].writable
            if address == _PCER:
                writable &= (1 << self.machine.events) - 1
            self.csrs[address] = self.csrs[address] & ~writable | value & writable
            if address in (_PCER, _PCMR):
                self.counters.enable(self.csrs[_PCER], self.csrs[_PCMR], cycle)


# -- the machine -------------------------------------------------------------------------------------------------------


class TestPort:
    """The measurements' device: exit, markers, characters; for eight cores also a barrier (golden/rtl8_notes.md, 2)."""

    __test__ = False  # not a pytest class

    def __init__(self, machine: ReferenceMachine) -> None:
        self.machine = machine
        self.together = machine.name == "bench8"
        self.waiting: list[Hart] = []

    def access(self, hart: Hart, cycle: int, offset: int, data: bytes | None) -> Generator[None, None, int]:
        """A load or store; the cycle of its grant."""
        machine = self.machine
        hart.answer = bytes(4)
        if data is not None:
            value = int.from_bytes(data, "little")
            if offset == 0:
                machine.exits.append((hart.number, cycle, value))
                self.release(cycle)
                if not self.together or len(machine.exits) == len(machine.harts):
                    machine.ended = cycle
            elif offset == 4:
                machine.markers.append((hart.number, cycle, value))
            return cycle
        if self.together and offset == 0x28:
            hart.answer = cycle.to_bytes(4, "little")
            return cycle
        if not self.together or offset != 0xC:
            raise SimulationError(f"the reference machine's test port has nothing at +0x{offset:x}")
        hart.granted = -1
        self.waiting.append(hart)
        self.release(cycle)
        while hart.granted < 0:
            hart.wake = NEVER
            yield
        hart.stalls[Stall.BARRIER] += hart.granted - cycle
        return hart.granted

    def release(self, cycle: int) -> None:
        """When every hart that has not exited waits, all go on."""
        if len(self.waiting) + len(self.machine.exits) < len(self.machine.harts):
            return
        for hart in self.waiting:
            hart.granted, hart.wake = cycle, cycle + 1
        self.waiting = []


class ReferenceMachine:
    """The RTL measurements' machines: "core", alone with 4 MiB of RAM at every address; "bench8", harts over a banked
    TCDM.

    `interconnect` is "lic", "xbar12" or "xbar84".  After `run`: `harts` (regs, pc, instructions, stalls, conflicts,
    cycles), `markers` and `exits` as (hart, cycle, value), `cycles`, `exit_code`."""

    def __init__(self, machine: str = "core", harts: int | None = None, interconnect: str = "lic") -> None:
        if machine not in ("core", "bench8"):
            raise SimulationError(f"there is no reference of machine {machine!r}; known: bench8, core")
        self.name = machine
        self.count = harts if harts is not None else {"core": 1, "bench8": 8}[machine]
        self.first = {"core": 1, "bench8": 4}[machine]
        self.events = CORE_EVENTS + {"core": 0, "bench8": 1}[machine]  # N_EXT_PERF_COUNTERS
        if machine == "core":
            self.regions = [Region("RAM", 0, 1 << 32, bytearray(4 << 20))]
        else:
            self.regions = [
                Region("image", 0, 1 << 20, bytearray(1 << 20)),
                Region("TCDM", 0x10000000, 1 << 20, bytearray(256 << 10), banked=True),
            ]
        self.interconnect = interconnect
        self.harts: list[Hart] = []
        self.markers: list[tuple[int, int, int]] = []
        self.exits: list[tuple[int, int, int]] = []
        self.ended: int | None = None
        self.closing = False
        self.cycles = 0

    @property
    def exit_code(self) -> int | None:
        """The first exit value that is not 0; None while the program runs."""
        if self.ended is None:
            return None
        return next((value for _, _, value in sorted(self.exits) if value), 0)

    # -- memory --------------------------------------------------------------------------------------------------------

    def find(self, address: int, size: int) -> tuple[Region | None, int]:
        """The region of an access and where it is in it; None for the test port."""
        if 0 <= address - TEST_PORT < TEST_PORT_SIZE:
            return None, 0
        for region in self.regions:
            offset = region.offset(address)
            if offset is not None:
                return region, offset
        raise SimulationError(f"{size} bytes at 0x{address:08x} are not memory")

    def read(self, address: int, size: int) -> bytes:
        """Bytes of memory."""
        return b"".join(self._byte(address + i) for i in range(size))

    def _byte(self, address: int) -> bytes:
        region, offset = self.find(address, 1)
        assert region is not None
        return bytes(region.data[offset : offset + 1])

    def write(self, address: int, data: bytes) -> None:
        """Write bytes to memory, in one region."""
        region, offset = self.find(address, len(data))
        assert region is not None
        region.data[offset : offset + len(data)] = data

    def decode_at(self, pc: int) -> tuple[Decoded | None, int]:
        """The instruction at an address, and its size."""
        word = int.from_bytes(self.read(pc, 2), "little")
        if word & 3 != 3:
            return decode(word), 2
        return decode(word | int.from_bytes(self.read((pc + 2) & WORD, 2), "little") << 16), 4

    # -- time ----------------------------------------------------------------------------------------------------------

    def run(self, entry: int, max_cycles: int = 1_000_000) -> int:
        """From reset at `entry` until the program ends, or for `max_cycles`; the number of cycles."""
        self.markers, self.exits, self.ended, self.closing = [], [], None, False
        self.port = TestPort(self)
        self.banks = Banks(self.interconnect, self.count)
        self.harts = [Hart(number, self, entry, self.first) for number in range(self.count)]
        cycle = 0
        while cycle < max_cycles and self.ended is None:
            self._turns(cycle)
            self._arbitrate(cycle)
            cycle += 1
        # What was granted in the last cycle is still completed.
        self.closing = True
        self._turns(cycle)
        self.cycles = cycle
        return cycle

    def _turns(self, cycle: int) -> None:
        for hart in self.harts:
            hart.now = cycle
            if hart.wake <= cycle:
                next(hart.turn)

    def _arbitrate(self, cycle: int) -> None:
        """Every requested bank grants one hart; the others request it again in the next cycle."""
        for bank in {hart.bank for hart in self.harts if hart.bank is not None}:
            requests = [hart.number for hart in self.harts if hart.bank == bank]
            winner = self.banks.grant(bank, requests)
            for number in requests:
                hart = self.harts[number]
                if number == winner:
                    hart.granted, hart.bank = cycle, None
                else:
                    hart.conflicts += 1
                    hart.stalls[Stall.TCDM_CONFLICT] += 1
                    hart.counters.event("TCDM_CONT", cycle)
