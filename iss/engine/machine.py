"""The machine: its arrays, and the loop that runs the kernel and serves what the kernel leaves to Python."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from iss.engine import emit, layout
from iss.engine.code import CodeStore, word_at
from iss.engine.layout import NEVER, Beat, Exit, Global, Hart, Interconnect, Page, Pending, Stall, Stream
from iss.engine.operations import ILLEGAL, number_named
from iss.isa.decode import Decoded, decode
from iss.isa.table import Load, Store
from iss.memory.icache import CacheConfig, InstructionCache
from iss.memory.map import AddressMap
from periph.device import Access, Device, DeviceError, Reply

Fault = Callable[[int, str], Exception]
Acknowledge = Callable[[int, int, int], None]
"""Called with hart, interrupt and cycle when a core acknowledges an interrupt."""
EVENT_LOAD_CYCLES = 3
"""What p.elw takes longer than another load (RTL: ELW_EXE, and the fetch that begins anew)."""


@dataclass(frozen=True)
class Arbiter:
    """How the banks choose: the kind, the masters of one or two channels, and hci's priorities."""

    kind: Interconnect
    masters: int
    second_masters: int = 0
    low_prio_max_stall: int = 0
    invert_prio: bool = False


class Machine:
    """Arrays, devices and time.  `memory` is the one memory array; `hart`, `stall`, `bank` have a row per hart or bank."""

    def __init__(
        self,
        harts: int,
        regions: AddressMap,
        devices: Mapping[str, Device],
        banks: int,
        arbiter: Arbiter,
        slow_latency: int,
        first_cycle: int,
        icache: CacheConfig | None = None,
        features: frozenset[str] = frozenset(),
        views: Sequence[int] = (),
        slow_response: int = 0,
        responses: Mapping[str, int] | None = None,
    ) -> None:
        self.harts = harts
        self.first_cycle = first_cycle
        self.map = regions
        self.views = tuple(views) or (0,) * harts
        self.devices = dict(devices)
        late = slow_response or any((responses or {}).values())
        self.features = features | ({"icache"} if icache else set()) | ({"late"} if late else set())
        self.memory = np.zeros(regions.size // 4 + 2, np.uint32)
        self.codes = CodeStore(self.memory)
        self.state = np.zeros((harts, layout.BLOCK_WORDS), np.uint64)
        self.hart = self.state[:, : layout.HART_WORDS]
        self.stall = self.state[:, layout.STALLS : layout.REGISTERS]
        self.registers = self.state[:, layout.REGISTERS : layout.NOTES].view(np.uint32)
        self.undo = self.state[:, layout.UNDO :].view(np.uint32)
        self.bank = np.zeros((banks, layout.BANK_WORDS), np.uint64)
        self.world = np.zeros(len(Global), np.uint64)
        self.stream = np.zeros((0, layout.STREAM_WORDS), np.uint64)
        self.beats = np.zeros((0, layout.BEAT_WORDS), np.uint64)
        self._beats_of: list[tuple[int, int]] = []  # first row of each stream's beats, and how many there is room for
        self._on_end: list[Callable[[int], None]] = []
        self.conflict_pc = np.zeros(len(self.codes.code), np.uint64)
        self.icache = InstructionCache(harts, self.world, icache)
        rows = emit.TRACED_MAX + 4 * harts + 4 if "trace" in features else 1
        self.trace = np.zeros((rows, layout.TRACE_WORDS), np.uint64)
        self.world[Global.HARTS] = harts
        self.world[Global.BANK_MASK] = banks - 1
        self.world[Global.INTERCONNECT] = arbiter.kind
        self.world[Global.MASTERS] = arbiter.masters
        self.world[Global.MASTERS1] = arbiter.second_masters
        self.world[Global.MAX_STALL] = arbiter.low_prio_max_stall
        self.world[Global.INVERT_PRIO] = arbiter.invert_prio
        self.world[Global.SLOW_LATENCY], self.world[Global.SLOW_RESPONSE] = slow_latency, slow_response
        self.responses = responses or {}
        self.world[Global.WATCH] = self.world[Global.HOT] = NEVER
        self.markers: list[tuple[int, int, int]] = []
        self.exits: list[tuple[int, int, int]] = []
        self.ended: tuple[int, int, str] | None = None
        self.events: list[tuple[int, bool, int, Callable[[int], None]]] = []
        self._sequence = 0
        self._reached = 0
        self._arguments: tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], tuple[Any, ...]] | None = None
        self.output: Callable[[int, bytes], None] = lambda hart, data: None
        self.on_system: Callable[[int, Decoded | None, int], None]
        self.on_trace: Callable[[npt.NDArray[np.uint64]], None] = lambda rows: None
        self.on_start: Callable[[int, int], None] = lambda hart, pc: None
        self.on_answer: Callable[[int, int, bool], None] = lambda hart, cycle, event: None
        self.on_interrupt: Callable[[int, int | None, int, Acknowledge], None]
        self.on_watch: Callable[[Access], None] = lambda access: None
        self.fault: Fault
        for device in self.devices.values():
            device.attach(self)

    # -- what devices call -------------------------------------------------------------------------------------------------

    def marker(self, hart: int, cycle: int, value: int) -> None:
        self.markers.append((hart, cycle, value))

    def put(self, hart: int, data: bytes) -> None:
        self.output(hart, data)

    def end(self, code: int, cycle: int, reason: str) -> None:
        """The program has ended, in `cycle`; the first end counts."""
        if self.ended is None:
            self.ended = (code, cycle, reason)

    def at(self, cycle: int, callback: Callable[[int], None], early: bool = False) -> None:
        """Call `callback` with the cycle when time reaches it, before any hart acts in it.

        The early ones come before the others of their cycle: a device's registers take their new values there."""
        self._sequence += 1
        heapq.heappush(self.events, (cycle, not early, self._sequence, callback))

    def answer(self, hart: int, value: int, cycle: int, cause: Stall, extra: int = 0) -> None:
        """Grant a waiting hart's access in `cycle`, which is now, or `extra` cycles later; the wait counts as `cause`'s."""
        if extra:
            self.at(cycle + extra, partial(self._grant, hart, value, cause))
        else:
            self._grant(hart, value, cause, cycle)

    def _grant(self, hart: int, value: int, cause: Stall, cycle: int) -> None:
        row = self.hart[hart]
        waited = cycle - int(max(row[Hart.ISSUED], row[Hart.ANSWER]))
        if waited:
            self.record_wait(hart, cycle, cause, waited)
        self.stall[hart, cause] += np.uint64(waited)
        event = self.loads_event(hart)
        row[Hart.VALUE] = value & 0xFFFFFFFF
        row[Hart.CAUSE] = Stall.PERIPHERAL
        row[Hart.PENDING], row[Hart.CLOCK] = Pending.ANSWERED, cycle + 1
        self.on_answer(hart, cycle, event)

    def amend(self, hart: int, value: int) -> None:
        """Change the value of an answer given in this cycle: what a register holds at the end of it."""
        if self.hart[hart, Hart.PENDING] == Pending.ANSWERED:
            self.hart[hart, Hart.VALUE] = value & 0xFFFFFFFF

    def waits(self, hart: int, cause: Stall) -> None:
        """Say why a hart waits for the answer to its access, for who looks at it meanwhile."""
        self.hart[hart, Hart.CAUSE] = cause

    def retry(self, hart: int, cycle: int) -> None:
        """Do not grant a waiting hart's access: it asks again in `cycle`."""
        self.hart[hart, Hart.PENDING], self.hart[hart, Hart.CLOCK] = Pending.ACCESS, cycle

    def refused(self, access: Access, text: str) -> Exception:
        """The error for an access that a device found impossible after it had made the hart wait."""
        row = self.hart[access.hart]
        self.stall[access.hart, int(row[Hart.CAUSE])] += np.uint64(access.cycle - int(max(row[Hart.ISSUED], row[Hart.ANSWER])))
        row[Hart.ISSUED] = access.cycle
        self.retry(access.hart, access.cycle)
        what = "loads" if access.value is None else "stores"
        return self.fault(access.hart, f"{what} {access.size} bytes at 0x{access.address:08x}: {text}")

    def interrupt(self, hart: int, number: int | None, cycle: int, acknowledge: Acknowledge) -> None:
        """From `cycle` on, until the next call, the hart's interrupt line asks for `number`; None: it is low."""
        self.on_interrupt(hart, number, cycle, acknowledge)

    def loads_event(self, hart: int) -> bool:
        """Whether the hart's last access to a device is a p.elw."""
        return int(self.hart[hart, Hart.WORD]) & ((1 << layout.OP_BITS) - 1) == number_named("p.elw")

    # -- bus masters -------------------------------------------------------------------------------------------------------

    def add_stream(self, master: int, ports: int, wide: bool) -> int:
        """A bus master with `ports` word ports, the first of them `master` at the interconnect; returns its number."""
        row = np.zeros((1, layout.STREAM_WORDS), np.uint64)
        row[0, Stream.MASTER], row[0, Stream.PORTS], row[0, Stream.WIDE] = master, ports, wide
        row[0, Stream.CLOCK] = NEVER
        self.stream = np.concatenate([self.stream, row])
        self._beats_of.append((0, 0))
        self._on_end.append(lambda cycle: None)
        self.world[Global.STREAMS] = len(self.stream)
        return len(self.stream) - 1

    def run_beats(self, stream: int, beats: npt.NDArray[np.uint64], cycle: int, on_end: Callable[[int], None]) -> None:
        """Have an idle stream do beats (rows of layout.Beat) from `cycle` on; `on_end` is called in the cycle of the last."""
        row = self.stream[stream]
        if row[Stream.CLOCK] != NEVER:
            raise RuntimeError(f"stream {stream} is busy")
        first, room = self._beats_of[stream]
        if len(beats) > room:
            # Others may be under way in the rows that there are: the new ones come behind them.
            first, room = len(self.beats), 2 * len(beats)
            self._beats_of[stream] = first, room
            self.beats = np.concatenate([self.beats, np.zeros((room, layout.BEAT_WORDS), np.uint64)])
        end = first + len(beats)
        self.beats[first:end] = beats
        row[Stream.HEAD], row[Stream.TAIL], row[Stream.GRANTED] = first, end, 0
        row[Stream.CLOCK] = cycle + int(beats[0, Beat.GAP])
        self._on_end[stream] = on_end

    def _end_streams(self) -> None:
        for stream in np.flatnonzero(self.stream[:, Stream.ENDED]):
            self.stream[stream, Stream.ENDED] = 0
            self._on_end[stream](int(self.world[Global.NOW]))

    # -- memory ------------------------------------------------------------------------------------------------------------

    def read(self, address: int, size: int) -> bytes | None:
        """Bytes of memory; None when they are not all in one region of memory."""
        place = self.map.place(address, size)
        return None if place is None else self.memory.view(np.uint8)[place : place + size].tobytes()

    def write(self, address: int, data: bytes) -> bool:
        """Write memory, and forget code decoded from it; False when it is not all in one region of memory."""
        place = self.map.place(address, len(data))
        if place is None:
            return False
        self.memory.view(np.uint8)[place : place + len(data)] = np.frombuffer(data, np.uint8)
        self.forget(place, len(data))
        return True

    def forget(self, place: int, size: int) -> None:
        """Forget the code decoded from a part of the memory array, which has changed."""
        self.codes.forget(max(0, (place >> 1) - 4), (place + size + 13 >> 1) + 1)

    # -- time --------------------------------------------------------------------------------------------------------------

    def start(self, pcs: Sequence[int | None]) -> None:
        """Reset: every hart begins at its pc, or is held when that is None; memory stays as it is."""
        for array in (self.state, self.bank):
            array[...] = 0
        self.conflict_pc = np.zeros(len(self.codes.code), np.uint64)  # large, and mostly never touched
        self._arguments = None
        self.markers.clear()
        self.exits.clear()
        self.events.clear()
        self.ended = None
        self.icache.reset()
        self._reached = 0
        self.stream[:, [Stream.HEAD, Stream.TAIL, Stream.GRANTED, Stream.ENDED]] = 0
        self.stream[:, Stream.BEATS :] = 0
        self.stream[:, Stream.CLOCK] = NEVER
        self.world[Global.STALLED], self.world[Global.SHARED] = 0, NEVER
        for device in self.devices.values():
            device.reset()
        for hart, pc in enumerate(pcs):
            self.hart[hart, Hart.VIEW] = self.views[hart] << 32 - layout.PAGE_BITS
            if pc is None:
                self.hart[hart, Hart.PENDING] = Pending.BLOCKED
                self.hart[hart, Hart.CLOCK] = self.hart[hart, Hart.FIRST] = NEVER
                self.hart[hart, Hart.CAUSE] = Stall.SLEEP
            else:
                self.release(hart, pc, self.first_cycle)

    def release(self, hart: int, pc: int, cycle: int) -> None:
        """A hart begins: its first instruction, at `pc`, is in EX in `cycle`."""
        self.hart[hart, Hart.CLOCK] = self.hart[hart, Hart.FIRST] = cycle
        self.hart[hart, Hart.PENDING] = Pending.RUN
        self.set_pc(hart, pc)
        split = bool(pc & 2) and self.size_at(hart, pc) == 4
        row = self.hart[hart]
        row[Hart.START], row[Hart.ARRIVAL] = row[Hart.INDEX], (cycle - 2 - split) % (1 << 64)
        row[Hart.FIRST_EX] = cycle
        self.on_start(hart, pc)

    def place(self, hart: int, address: int, size: int) -> int | None:
        """Where `size` bytes from `address`, as a hart sees it, lie in the memory array; None when they are not memory."""
        return self.map.place(address, size, self.views[hart])

    def set_pc(self, hart: int, pc: int) -> None:
        """The hart's next instruction is at `pc`; an address that holds no code is an error when it is fetched."""
        row = self.hart[hart]
        place = self.place(hart, pc, 2)
        if place is None:
            row[Hart.VADDR], row[Hart.PENDING], row[Hart.INDEX] = pc, Pending.FETCH, 0
            row[Hart.BIAS] = pc
            return
        row[Hart.INDEX] = place >> 1
        row[Hart.BIAS] = (pc - (place & ~1)) % (1 << 32)

    def redirect(self, hart: int, pc: int, arrival: int, cycle: int) -> None:
        """The hart fetches anew: the first word at `pc` arrives in a cycle, and its instruction is in EX in `cycle`."""
        row = self.hart[hart]
        row[Hart.CLOCK], row[Hart.PENDING], row[Hart.REDIRECT] = cycle, Pending.RUN, cycle
        self.set_pc(hart, pc)
        row[Hart.START], row[Hart.ARRIVAL], row[Hart.FIRST_EX] = row[Hart.INDEX], arrival, cycle
        row[Hart.FULL] = row[Hart.LEFT] = 0

    def entered(self, hart: int, cycle: int | None = None) -> int:
        """When the instruction in EX in `cycle`, by default the hart's next, would have been there without waiting in ID."""
        row = self.hart[hart]
        cycle = int(row[Hart.CLOCK]) if cycle is None else cycle
        return int(row[Hart.HOLD_ENTRY]) if row[Hart.HOLD] == cycle else cycle

    def loop_back(self, hart: int, pc: int, cycle: int) -> int | None:
        """Where a hardware loop goes on behind the instruction at `pc`, in EX in `cycle`; None: there is none (the kernel's
        `loop_at_end`)."""
        row = self.hart[hart]
        if cycle < row[Hart.LP_VISIBLE] or cycle == row[Hart.LOOPED]:
            return None
        starts = (Hart.LPSTART0, Hart.LPSTART1)
        return next((int(row[start]) for start in starts if row[start + 1] == pc and row[start + 2] > 1), None)

    def hold(self, hart: int, cycle: int) -> None:
        """The hart's next instruction, now in ID, waits there for EX until `cycle` (the kernel's `hold`)."""
        row = self.hart[hart]
        entry, place = int(row[Hart.CLOCK]), layout.NOTES + 2 * (int(row[Hart.NOTED]) % (layout.NOTE_WORDS // 2))
        self.state[hart, place : place + 2] = entry, cycle
        row[Hart.NOTED] += np.uint64(1)
        row[Hart.HOLD], row[Hart.HOLD_ENTRY], row[Hart.CLOCK] = cycle, entry, cycle

    def pc(self, hart: int) -> int:
        row = self.hart[hart]
        if row[Hart.PENDING] == Pending.FETCH:
            return int(row[Hart.VADDR])
        return (2 * int(row[Hart.INDEX]) + int(row[Hart.BIAS])) & 0xFFFFFFFF

    def origin(self, hart: int) -> int:
        """As `pc`; of a hart that jumped where no code is, the jump's address."""
        row = self.hart[hart]
        if row[Hart.PENDING] == Pending.FETCH and row[Hart.INDEX]:
            return (2 * int(row[Hart.INDEX]) + int(row[Hart.BIAS])) & 0xFFFFFFFF
        return self.pc(hart)

    def size_at(self, hart: int, pc: int) -> int:
        """Bytes of the instruction at `pc`: 2 or 4."""
        place = self.place(hart, pc, 2)
        return 4 if place is None or self.memory.view(np.uint8)[place] & 3 == 3 else 2

    def split_target(self, hart: int, pc: int) -> bool:
        """Whether a jump to `pc` waits for a second word: a 32-bit instruction at a half-word address."""
        return bool(pc & 2) and self.size_at(hart, pc) == 4

    def decode_at(self, hart: int, pc: int) -> None:
        """Decode the code from `pc` on, where there is any."""
        region = self.map.find(pc, self.views[hart])
        place = self.place(hart, pc, 2)
        if region is not None and place is not None:
            offset = region.offset(pc)
            assert offset is not None
            self.codes.decode_from(place, place - offset + region.size)

    def now(self) -> int:
        """Cycles since reset: all before the one that comes next, or up to the end of the program."""
        return self.ended[1] + 1 if self.ended is not None else self._reached

    def watch(self, place: int | None) -> None:
        """Have `on_watch` serve stores to the word at a place of the memory array."""
        self.world[Global.WATCH] = NEVER if place is None else place & ~3

    def address_of(self, place: int) -> int:
        """The address of a place in the memory array."""
        for region in self.map.regions:
            start = self.map.places.get(region.name)
            if start is not None and start <= place < start + region.size:
                return region.base + place - start
        raise ValueError(f"place {place} is in no region")

    def advance(self, stop: int) -> None:
        """Run every cycle before `stop`, or until the program ends; when it ends, its last cycle is completed."""
        kernel = emit.load(self.features)
        while self.ended is None:
            due = self.events[0][0] if self.events else NEVER
            self.world[Global.STOP] = min(stop, due)
            reason = Exit(self._call(kernel))
            self._reached = min(stop, int(self.world[Global.NOW]))
            if reason == Exit.LIMIT:
                if due <= stop and due < NEVER:
                    while self.events and self.events[0][0] <= due and self.ended is None:
                        heapq.heappop(self.events)[-1](due)
                elif due == NEVER and self.world[Global.NOW] >= NEVER:
                    raise self.fault(-1, "")
                else:
                    self._reached = stop
                    break
            elif reason == Exit.DECODE:
                self._decode(int(self.world[Global.HART]), int(self.world[Global.ADDRESS]))
            elif reason == Exit.SERVE:
                self._serve(int(self.world[Global.HART]))
            elif reason == Exit.STREAM:
                self._end_streams()
            elif reason == Exit.HOT:
                self._compile()
            else:
                self.drain()
        if self.ended is not None:
            self._settle(kernel, self.ended[1] + 1)
            self.finish()
        self.drain()

    def finish(self) -> None:
        """Have the devices hand over what they still hold: the run has ended."""
        for device in self.devices.values():
            device.finish()

    def _call(self, kernel: Callable[..., int]) -> int:
        if self._arguments is None or self._arguments[0] is not self.stream or self._arguments[1] is not self.beats:
            arrays = (
                self.state, self.memory, self.map.table, self.codes.code, self.codes.pages, self.codes.blocks, self.bank,
                self.stream, self.beats, self.world, self.conflict_pc, self.icache.tags, self.trace,
            )  # fmt: skip
            self._arguments = (self.stream, self.beats, tuple(array.ravel() for array in arrays))
        return int(kernel(*self._arguments[2]))

    def _settle(self, kernel: Callable[..., int], stop: int) -> None:
        """Complete the cycle in which the program ended, for the harts that still act in it."""
        for hart in range(self.harts):
            self.take_back(hart, stop)
        while True:
            self.world[Global.STOP] = stop
            reason = Exit(self._call(kernel))
            if reason == Exit.LIMIT:
                return
            hart = int(self.world[Global.HART])
            if reason == Exit.DECODE:
                self._decode(hart, int(self.world[Global.ADDRESS]))
            elif reason == Exit.TRACE:
                self.drain()
            elif reason == Exit.STREAM:
                self._end_streams()
            elif reason == Exit.HOT:
                self._compile()
            else:
                # What a hart asks of a device in that cycle is too late: it waits for that to the end.
                row = self.hart[hart]
                cause = Stall.TRAP if row[Hart.PENDING] == Pending.SYSTEM else Stall.PERIPHERAL
                self.stall[hart, cause] += np.uint64(stop) - row[Hart.CLOCK]
                row[Hart.CLOCK] = stop

    def compile_from(self, count: int) -> None:
        """Compile an access's block after HOT - `count` more grants: HOT - 1, at the first; HOT, never."""
        self.world[Global.COLD] = self.codes.cold = count
        self.codes.blocks[:] = count

    def _compile(self) -> None:
        """Compile the block that the kernel found hot."""
        self.codes.compile(int(self.world[Global.HOT]))
        self.world[Global.HOT] = NEVER

    def take_back(self, hart: int, cycle: int) -> None:
        """Undo what the hart has executed, or prepared, ahead of time in `cycle` and after it."""
        row = self.hart[hart]
        clock = int(row[Hart.CLOCK])
        if row[Hart.PENDING] == Pending.BANK:
            if row[Hart.ISSUED] == clock:
                row[Hart.PENDING] = Pending.RUN
            else:
                row[Hart.WORD] = row[Hart.REQUEST]
        if row[Hart.BURST_END] != clock or clock <= cycle:
            return
        # The decoded code may be gone: somebody stored next to it.
        done: list[tuple[int, Decoded]] = []
        place = int(row[Hart.BURST_START])
        for _ in range(int(row[Hart.BURST])):
            found = decode(word_at(self.memory, 2 * place))
            assert found is not None
            done.append((place, found))
            place += found.size >> 1
        while done and clock > cycle:
            clock -= 1
            place, found = done.pop()
            self.registers[hart, found.operands["rd"] or layout.X0_SINK] = self.undo[hart, len(done) % layout.UNDO_ENTRIES]
            row[Hart.RETIRED] -= np.uint64(1 | (found.size == 2) << 32)
        row[Hart.CLOCK] = row[Hart.BURST_END] = clock
        row[Hart.INDEX], row[Hart.BURST] = place, len(done)

    def take_back_all(self) -> None:
        """Undo what every hart has executed ahead of the cycle that is under way: what they did then depends on nothing else."""
        for hart in range(self.harts):
            self.take_back(hart, int(self.world[Global.NOW]) + 1)

    def drain(self) -> None:
        """Hand the trace's rows to `on_trace`."""
        count = int(self.world[Global.TRACED])
        if count:
            self.world[Global.TRACED] = 0
            self.on_trace(self.trace[:count])

    def record(self, hart: int, cycle: int, after: int, cause: Stall, stalled: int) -> None:
        """Add an instruction that the kernel did not execute to the trace, where there is one; it is still the hart's next."""
        row = self.hart[hart]
        note = int(cause) << layout.TRACE_CAUSE_SHIFT | stalled
        self._trace_row([cycle, hart, self.pc(hart), row[Hart.INDEX], 0, 0, 0, row[Hart.WORD], after, note])

    def record_wait(self, hart: int, cycle: int, cause: Stall, cycles: int) -> None:
        """Add to the trace why the hart's instruction that is in EX in `cycle` was not there so many cycles earlier."""
        note = int(cause) << layout.TRACE_CAUSE_SHIFT | cycles
        self._trace_row([cycle, hart | layout.TRACE_WAIT, 0, 0, 0, 0, 0, 0, 0, note])

    def _trace_row(self, values: list[int]) -> None:
        if "trace" not in self.features:
            return
        if self.world[Global.TRACED] == len(self.trace):
            self.drain()
        self.trace[int(self.world[Global.TRACED])] = values
        self.world[Global.TRACED] += np.uint64(1)

    def _decode(self, hart: int, pc: int) -> None:
        place = self.place(hart, pc, 2)
        if place is None:
            row = self.hart[hart]
            row[Hart.VADDR], row[Hart.PENDING] = pc, Pending.FETCH
            return
        if self.pc(hart) == pc and int(self.hart[hart, Hart.INDEX]) != place >> 1:
            self.set_pc(hart, pc)
        self.decode_at(hart, pc)

    def _serve(self, hart: int) -> None:
        row = self.hart[hart]
        pending = Pending(int(row[Hart.PENDING]))
        if pending == Pending.FETCH:
            pc = int(row[Hart.VADDR])
            where = self.map.describe(pc, self.views[hart])
            what = "fetches an instruction from" if self.origin(hart) == pc else "goes on at"
            raise self.fault(hart, f"{what} 0x{pc:08x}, which holds no code ({where})")
        if pending == Pending.SYSTEM:
            place = 2 * int(row[Hart.INDEX])
            word = word_at(self.memory, place)
            illegal = int(row[Hart.WORD]) & ((1 << layout.OP_BITS) - 1) == ILLEGAL
            self.on_system(hart, None if illegal else decode(word), int(row[Hart.CLOCK]))
            return
        self._serve_access(hart)

    def _serve_access(self, hart: int) -> None:
        row = self.hart[hart]
        address, cycle = int(row[Hart.VADDR]), int(row[Hart.CLOCK])
        found = decode(word_at(self.memory, 2 * int(row[Hart.INDEX])))
        assert found is not None
        assert isinstance(found.row.kind, (Load, Store))
        size = found.row.kind.size
        value = None
        if isinstance(found.row.kind, Store):
            value = int(self.registers[hart, found.operands["rs2"]]) & ((1 << 8 * size) - 1)
        view = self.views[hart]
        region = self.map.find(address, view)
        what = "loads" if value is None else "stores"
        if region is not None and region.kind != Page.DEVICE and row[Hart.PARTS] == 1:
            self.on_watch(Access(hart, address, 0, size, value, cycle))
            row[Hart.PENDING], row[Hart.RESPONSE] = Pending.RUN, 0
            reply: Reply | None = Reply()
        elif region is None or region.kind != Page.DEVICE:
            where = self.map.describe(address, view)
            beyond = (address + size - 1) & 0xFFFFFFFF
            if region is not None:
                where += f", and on past its end: 0x{beyond:08x} is {self.map.describe(beyond, view)}"
            raise self.fault(hart, f"{what} {size} bytes at 0x{address:08x} ({where})")
        else:
            offset = region.offset(address)
            assert offset is not None
            row[Hart.PENDING], row[Hart.CLOCK], row[Hart.CAUSE] = Pending.BLOCKED, NEVER, Stall.PERIPHERAL
            row[Hart.RESPONSE] = self.responses.get(region.memory or region.name, 0)
            try:
                if address % size:
                    raise DeviceError("a device is accessed at addresses that are a multiple of the size")
                event = self.loads_event(hart)
                access = Access(hart, address, offset, size, value, cycle, event=event)
                reply = self.devices[region.memory or region.name].access(access)
            except DeviceError as error:
                row[Hart.PENDING], row[Hart.CLOCK] = Pending.ACCESS, cycle
                raise self.fault(hart, f"{what} {size} bytes at 0x{address:08x} ({region.name}): {error}") from error
        if reply is not None:
            self.answer(hart, reply.value, cycle, reply.cause, reply.extra)
