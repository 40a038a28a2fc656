"""What a hart does outside the kernel: CSRs, traps, fences.  Rules: docs/timing.md, RI5CY riscv_cs_registers.sv and
riscv_controller.sv."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from iss.engine import layout
from iss.engine.code import word_at
from iss.engine.interrupts import Interrupts
from iss.engine.layout import NEVER, Hart, Pending, Stall
from iss.engine.machine import Machine
from iss.isa.csr import BY_ADDRESS, BY_NAME, CORE_EVENTS, CSRS, PCCR0, PCCR_ALL, PCCR_EVENTS
from iss.isa.decode import Decoded, decode
from iss.isa.execute import evaluate
from iss.isa.table import Csr, Jump
from iss.isa.table import System as Trap

ILLEGAL_INSTRUCTION, BREAKPOINT, ENVIRONMENT_CALL = 2, 3, 11
FLUSH_CYCLES = 3  # further cycles of a CSR that empties the pipeline
TRAPS = {ILLEGAL_INSTRUCTION: "an illegal instruction", BREAKPOINT: "ebreak", ENVIRONMENT_CALL: "ecall"}
_MIE, _MPIE = 1 << 3, 1 << 7
_PLACE = {csr.address: i for i, csr in enumerate(CSRS)}
_LOOP = {
    0x7C0: Hart.LPSTART0, 0x7C1: Hart.LPEND0, 0x7C2: Hart.LPCOUNT0,
    0x7C4: Hart.LPSTART1, 0x7C5: Hart.LPEND1, 0x7C6: Hart.LPCOUNT1,
}  # fmt: skip
_COUNTERS = len(PCCR_EVENTS)
_IMISS = PCCR_EVENTS.index("IMISS")
_PCER, _PCMR = 0x7E0, 0x7E1
_ALIASES = {0xCC0: _PCER, 0xCC1: _PCMR, 0x014: 0xF14}


class System:
    """The privileged state of every hart, and the instructions that act on it.

    `environment` is asked before an ecall traps: it says whether it has served the call.  `external_events` is the core's
    parameter N_EXT_PERF_COUNTERS: how many of the events behind its own PCER and the counters have.  `on_counting` hears,
    after each store to PCER or PCMR, of the hart and whether its performance counters run."""

    def __init__(
        self, machine: Machine, environment: Callable[[int, int], bool], external_events: int = _COUNTERS - CORE_EVENTS
    ) -> None:
        self.machine = machine
        self.environment = environment
        self.events = CORE_EVENTS + external_events
        self.csr = np.zeros((machine.harts, len(CSRS)), np.uint32)
        self.counted = np.zeros((machine.harts, _COUNTERS), np.int64)
        self.held_back = np.zeros((machine.harts, 1 + _COUNTERS), np.int64)  # a cycle, and each event's count in it
        self.enabled_before = [0] * machine.harts  # the events counted in the cycle of the last write to PCER or PCMR
        self.boot = [0] * machine.harts
        self.interrupts = Interrupts(machine, self)
        self.on_counting: Callable[[int, bool], None] = lambda hart, running: None
        machine.on_system = self.execute
        machine.on_start = self.begin

    def reset(self, hart_ids: list[int]) -> None:
        """Every CSR to its reset value."""
        self.csr[:] = [csr.reset for csr in CSRS]
        self.counted[:] = 0
        self.held_back[:] = 0
        self.enabled_before = [0] * self.machine.harts
        self.csr[:, _PLACE[0xF14]] = hart_ids
        self.interrupts.reset()

    def begin(self, hart: int, boot: int) -> None:
        """The hart begins at its boot address, which is where its trap vectors are too."""
        self.boot[hart] = boot
        self.csr[hart, _PLACE[0x305]] = (boot & ~0xFF) | 1

    def execute(self, hart: int, decoded: Decoded | None, cycle: int) -> None:
        """Execute an instruction that the kernel left: in EX, were it not held, in `cycle`."""
        if decoded is None:
            self.trap(hart, ILLEGAL_INSTRUCTION, cycle, retired=False)
        elif isinstance(decoded.row.kind, Csr):
            self._csr(hart, decoded, cycle)
        elif decoded.row.mnemonic == "ecall":
            if self.environment(hart, cycle):
                self._retire(hart, decoded.size, cycle)
            else:
                self.trap(hart, ENVIRONMENT_CALL, cycle)
        elif decoded.row.mnemonic == "ebreak":
            self.trap(hart, BREAKPOINT, cycle)
        elif decoded.row.mnemonic == "mret":
            self._return(hart, cycle)
        elif decoded.row.mnemonic == "wfi":
            self._wait(hart, cycle)
        else:
            self._refetch(hart, self.machine.pc(hart) + decoded.size, cycle, Stall.FENCE, decoded.size)

    # -- control flow ------------------------------------------------------------------------------------------------------

    def has_vector(self, hart: int) -> bool:
        """Whether code lies at the trap vector, apart from the program's own start."""
        base = self.boot[hart] & ~0xFF
        place = self.machine.place(hart, base, 4)
        return base != self.boot[hart] and place is not None and decode(word_at(self.machine.memory, place)) is not None

    def trap(self, hart: int, cause: int, cycle: int, retired: bool = True) -> None:
        """Take an exception; an error when the program has no trap vector."""
        pc = self.machine.pc(hart)
        size = self.machine.size_at(hart, pc)
        self._refetch(hart, self.enter(hart, pc, cause, 0), cycle, Stall.TRAP, size, retired)

    def enter(self, hart: int, pc: int, cause: int, offset: int) -> int:
        """The CSRs' change when a trap is taken at `pc`; returns the address of its vector, `offset` behind the first."""
        base = self.boot[hart] & ~0xFF
        if not self.has_vector(hart):
            what = TRAPS.get(cause, f"interrupt {cause & 31}")
            raise self.machine.fault(hart, f"traps on {what}, and there is no code at the trap vector 0x{base:08x}")
        self.set(hart, "mepc", pc)
        self.set(hart, "mcause", cause)
        status = self.get(hart, "mstatus")
        self.set(hart, "mstatus", (status & ~(_MIE | _MPIE)) | (_MPIE if status & _MIE else 0))
        return base + offset

    def interruptible(self, hart: int) -> bool:
        """Whether MIE is set."""
        return bool(self.get(hart, "mstatus") & _MIE)

    def _return(self, hart: int, cycle: int) -> None:
        status = self.get(hart, "mstatus")
        self.set(hart, "mstatus", (status & ~(_MIE | _MPIE)) | _MPIE | (_MIE if status & _MPIE else 0))
        target = self.get(hart, "mepc")
        self._refetch(hart, target, cycle, Stall.TRAP, 4, further=1)
        # The core sees MIE two cycles before the target is in ID.
        restored = int(self.machine.hart[hart, Hart.CLOCK]) - self.machine.split_target(hart, target) - 4
        self.interrupts.enabled(hart, restored)

    def _wait(self, hart: int, cycle: int) -> None:
        """wfi: the pipeline empties, and the hart sleeps until its interrupt line is high."""
        row = self.machine.hart[hart]
        row[Hart.PENDING], row[Hart.CLOCK], row[Hart.ISSUED] = Pending.BLOCKED, NEVER, cycle
        row[Hart.CAUSE] = Stall.SLEEP
        self.interrupts.sleep(hart, self._emptied(hart, cycle) + 2)

    def _retire(self, hart: int, size: int, cycle: int) -> None:
        """An instruction that the environment has served takes its one cycle."""
        machine, row = self.machine, self.machine.hart[hart]
        machine.record(hart, cycle, cycle + 1, Stall.TRAP, 0)
        row[Hart.RETIRED] += np.uint64(1)
        row[Hart.UNCOUNTED] += np.uint64(1)
        row[Hart.CLOCK], row[Hart.PENDING] = cycle + 1, Pending.RUN
        machine.set_pc(hart, (machine.pc(hart) + size) & 0xFFFFFFFF)

    def _refetch(self, hart: int, pc: int, cycle: int, cause: Stall, size: int, retired: bool = True, further: int = 0) -> None:
        """The pipeline empties and fetches from `pc`: it waits for EX, but the instruction itself was never held in ID."""
        machine, row = self.machine, self.machine.hart[hart]
        split = machine.split_target(hart, pc)
        row[Hart.MISSES] += np.uint64(split)
        arrival = self._emptied(hart, cycle) + 1 + further
        enters, answer = max(arrival + split, cycle - 1), int(row[Hart.ANSWER])
        if enters >= cycle:
            enters = max(enters, answer)
        after = max(enters + 2, answer + 1)
        machine.stall[hart, cause] += np.uint64(after - cycle - retired)
        machine.record(hart, cycle, after, cause, after - cycle - retired)
        if retired:
            row[Hart.RETIRED] += np.uint64(1 | (size == 2) << 32)
            row[Hart.UNCOUNTED] += np.uint64(1 | (size == 2) << 32)
        machine.redirect(hart, pc & 0xFFFFFFFF, arrival, enters + 2)
        if after > enters + 2:
            machine.hold(hart, after)

    def _emptied(self, hart: int, cycle: int) -> int:
        """When the fetch is redirected behind an instruction that leaves ID at once: two cycles after it entered ID, and behind
        what was in EX then; of an access in two words, behind the first grant from there on; of one that has left EX, behind its
        answer."""
        row, entered = self.machine.hart[hart], self.machine.entered(hart, cycle)
        half = int(row[Hart.HALF_GRANT])
        if entered <= half < cycle:
            return half + 1
        return cycle if entered < cycle else max(entered, int(row[Hart.ANSWER])) + 1

    # -- CSRs --------------------------------------------------------------------------------------------------------------

    def get(self, hart: int, name: str) -> int:
        """A CSR's stored value, by name."""
        return int(self.csr[hart, _PLACE[BY_NAME[name].address]])

    def set(self, hart: int, name: str, value: int) -> None:
        """Store a CSR's value, by name, as hardware does."""
        self.csr[hart, _PLACE[BY_NAME[name].address]] = value & 0xFFFFFFFF

    def _csr(self, hart: int, decoded: Decoded, cycle: int) -> None:
        row = self.machine.hart[hart]
        address = decoded.operands["csr"]
        address = _ALIASES.get(address, address)
        old = self.load(hart, address, cycle)
        csr = BY_ADDRESS.get(address)
        if address == PCCR_ALL:
            for i in range(self.events):
                count = self.load(hart, PCCR0 + i, cycle)
                self._write_counter(hart, i, self._written(hart, decoded, count, True), cycle)
        elif csr is not None:
            self.store(hart, address, self._written(hart, decoded, old, csr.counter), cycle)
        row[Hart.VALUE], row[Hart.PENDING] = old, Pending.RESULT
        row[Hart.EXTRA], row[Hart.CAUSE] = FLUSH_CYCLES if csr is not None and csr.flushes else 0, Stall.CSR

    def _written(self, hart: int, decoded: Decoded, old: int, counter: bool) -> int:
        """What a CSR instruction writes.  Of the counters' registers, csrrc writes its operand without the old bits."""
        registers = self.machine.registers[hart]
        if counter and decoded.row.mnemonic.startswith("csrrc"):
            operands = decoded.operands
            return (int(registers[operands["rs1"]]) if "rs1" in operands else operands["zimm"]) & ~old & 0xFFFFFFFF
        new = evaluate(decoded, registers, old_csr=old)
        assert isinstance(new, int)
        return new & 0xFFFFFFFF

    def load(self, hart: int, address: int, cycle: int) -> int:
        """A CSR's value as an instruction in EX in `cycle` reads it; 0 for an address that RI5CY does not have."""
        if address in _LOOP:
            return int(self.machine.hart[hart, _LOOP[address]])
        if PCCR0 <= address < PCCR0 + self.events:
            self._count(hart, cycle, 2)
        return int(self.csr[hart, _PLACE[address]]) if address in _PLACE and address != PCCR_ALL else 0

    def store(self, hart: int, address: int, value: int, cycle: int) -> None:
        """Write a CSR from an instruction in EX in `cycle`."""
        machine = self.machine
        if address in _LOOP:
            row = machine.hart[hart]
            row[_LOOP[address]] = value
            row[Hart.LP_VISIBLE] = cycle + 3
            place = machine.place(hart, value & ~1, 2)
            if place is not None and _LOOP[address] in (Hart.LPEND0, Hart.LPEND1):
                machine.codes.mark_loop_end(place)
            elif place is not None and _LOOP[address] in (Hart.LPSTART0, Hart.LPSTART1):
                row[Hart.SPLIT_LOOP] |= np.uint64(value & 2)
                machine.decode_at(hart, value & ~1)
            return
        if PCCR0 <= address < PCCR0 + _COUNTERS:
            if address < PCCR0 + self.events:
                self._write_counter(hart, address - PCCR0, value, cycle)
            return
        if address in (_PCER, _PCMR):
            self._count(hart, cycle, 1)
            self._hold_back(hart, cycle)
            self.machine.hart[hart, Hart.PCER_WRITTEN], self.enabled_before[hart] = cycle, self._enabled(hart)
        writable = BY_ADDRESS[address].writable
        if address == _PCER:
            writable &= (1 << self.events) - 1
        kept = int(self.csr[hart, _PLACE[address]]) & ~writable
        self.csr[hart, _PLACE[address]] = kept | value & writable
        if address in (_PCER, _PCMR):
            self.on_counting(hart, bool(self._enabled(hart)))
        if address == 0x300 and value & _MIE:
            self.interrupts.enabled(hart, cycle)

    # -- performance counters ----------------------------------------------------------------------------------------------

    def _events(self, hart: int, cycle: int, lag: int) -> list[int]:
        """Each event's count up to `cycle - lag`, seen from an instruction in EX in `cycle` (lag 0, 1, 2)."""
        row, stall = self.machine.hart[hart], self.machine.stall[hart]

        def until(count: Hart, just_now: bool) -> int:
            return int(row[count]) - (lag == 2 and bool(just_now))

        # An access or a branch counts in EX: that of the instruction before is not seen yet.
        loaded, stored = (row[Hart.LAST_ACCESS] == 2 * (cycle - 1) + load for load in (1, 0))
        retired = int(row[Hart.RETIRED]) - int(row[Hart.UNCOUNTED])
        # An instruction counts in the cycle before EX, a jump in its first in ID: with lag 0 the one behind the CSR access is
        # seen.
        follower = self._follower(hart, cycle) if lag == 0 else frozenset()
        # The fetch misses a hardware loop's start from the cycle on in which its last instruction comes to ID.
        missed = min(max(cycle - lag - self.machine.entered(hart, cycle) + 2, 0), int(row[Hart.MISSED]))
        hazards = int(row[Hart.JUMP_HAZARDS])
        counts = {
            "CYCLES": cycle - lag,
            "INSTR": (retired & 0xFFFFFFFF) + (lag < 2) + ("INSTR" in follower),
            "LD_STALL": int(stall[Stall.LOAD_USE]) - int(row[Hart.UNSEEN].astype(np.int64)),
            "JMP_STALL": hazards + int(row[Hart.SELF_JUMPS]) + ("JMP_STALL" in follower),
            "IMISS": int(row[Hart.MISSES]) + missed,
            "LD": until(Hart.LOADS, loaded),
            "ST": until(Hart.STORES, stored),
            "JUMP": int(row[Hart.JUMPS]) - hazards + ("JUMP" in follower),
            "BRANCH": until(Hart.BRANCHES, row[Hart.LAST_BRANCH] == cycle - 1),
            "BTAKEN": until(Hart.TAKEN, row[Hart.LAST_TAKEN] == cycle - 1),
            "RVC": (retired >> 32) + ("RVC" in follower),
            "ELW": int(row[Hart.EVENT_CYCLES]),
            "TCDM_CONT": int(row[Hart.CONFLICTS]),
        }
        return [counts.get(event, 0) for event in PCCR_EVENTS]

    def _follower(self, hart: int, cycle: int) -> frozenset[str]:
        """The events of the instruction behind a CSR access in the cycle in which that is in EX."""
        row, pc = self.machine.hart[hart], self.machine.pc(hart)
        start = self.machine.loop_back(hart, pc, cycle)
        following = pc + 4 if start is None else start
        place = self.machine.place(hart, following, 2)
        found = None if place is None else decode(word_at(self.machine.memory, place))
        if place is None or found is None or isinstance(found.row.kind, Trap):
            return frozenset()
        if row[Hart.MISSED] > cycle - self.machine.entered(hart, cycle):
            return frozenset()  # it is not in ID yet
        counted = frozenset({"INSTR", "RVC"} if found.size == 2 else {"INSTR"})
        if not isinstance(found.row.kind, Jump):
            return counted
        hazard = int(self.machine.codes.code[place >> 1]) >> layout.RS3_SHIFT & 3 if found.row.kind.indirect else 0
        if following != pc + 4 or (hazard == 2 and cycle in (row[Hart.REDIRECT], row[Hart.LOOPED])):
            hazard = 0
        return frozenset({"JMP_STALL"}) if hazard else counted | {"JUMP"}

    def _enabled(self, hart: int) -> int:
        """The events that are counted, a bit each."""
        return self.get(hart, "pcer") if self.get(hart, "pcmr") & 1 else 0

    def _count(self, hart: int, cycle: int, lag: int) -> None:
        """Bring the enabled counters up to date."""
        if self.held_back[hart, 0] <= cycle - lag:
            self._add(hart, self.held_back[hart, 1:].tolist())
            self.held_back[hart] = 0
        self._add(hart, self._take(hart, self._events(hart, cycle, lag)))

    def _take(self, hart: int, counts: list[int]) -> list[int]:
        """What is new in the events' counts, of those that are enabled."""
        enabled, before = self._enabled(hart), self.counted[hart].tolist()
        self.counted[hart] = [max(pair) for pair in zip(counts, before, strict=True)]
        new = [max(0, count - old) * (enabled >> i & 1) for i, (count, old) in enumerate(zip(counts, before, strict=True))]
        if counts[_IMISS] > before[_IMISS] and self.machine.hart[hart, Hart.MISSED_THEN]:
            # One of them was in the cycle of the last write.
            self.machine.hart[hart, Hart.MISSED_THEN] = 0
            new[_IMISS] += (self.enabled_before[hart] >> _IMISS & 1) - (enabled >> _IMISS & 1)
        return new

    def _hold_back(self, hart: int, cycle: int) -> None:
        """The events of the cycle in which PCER or PCMR is written count by its old value, but an access to a counter in the
        next cycle does not see them yet."""
        self.held_back[hart] = [cycle, *self._take(hart, self._events(hart, cycle, 0))]

    def _add(self, hart: int, amounts: list[int]) -> None:
        saturating = bool(self.get(hart, "pcmr") & 2)
        for i, amount in enumerate(amounts):
            if amount:
                total = int(self.csr[hart, _PLACE[PCCR0 + i]]) + amount
                self.csr[hart, _PLACE[PCCR0 + i]] = min(total, 0xFFFFFFFF) if saturating else total & 0xFFFFFFFF

    def _write_counter(self, hart: int, index: int, value: int, cycle: int) -> None:
        self.csr[hart, _PLACE[PCCR0 + index]] = value
        self.held_back[hart, 1 + index] = 0
        if index == _IMISS:
            self.machine.hart[hart, Hart.PCER_WRITTEN], self.machine.hart[hart, Hart.MISSED_THEN] = NEVER, 0
        self.counted[hart, index] = self._events(hart, cycle, 1)[index]

    def counters(self, hart: int) -> dict[str, int]:
        """Every event's count since reset, enabled or not."""
        row = self.machine.hart[hart]
        cycle = int(min(row[Hart.CLOCK], self.machine.world[layout.Global.NOW]))
        return dict(zip(PCCR_EVENTS, self._events(hart, cycle, 2), strict=True))
