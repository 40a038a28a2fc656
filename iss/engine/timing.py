"""The timing of the machine as data: what costs how many cycles, as which stall cause, and how that is known.

`iss timing` prints it; `python -m iss.engine.timing > docs/timing.md` renews the document."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from iss.engine.layout import Stall


class Source(StrEnum):
    """How a rule is known."""

    MEASURED = "RTL-measured"
    READ = "RTL-read"
    DOCUMENT = "document"


@dataclass(frozen=True)
class Rule:
    """One rule.

    `cycles` is what an instruction takes in all or, with `further`, on top of that; `formula` is what varies, added to
    it.  `stall` is the cause that all but an instruction's own cycle count as."""

    name: str
    cycles: int
    when: str
    source: Source
    reference: str
    stall: Stall | None = None
    further: bool = False
    formula: str = ""

    @property
    def cost(self) -> str:
        """The cycles as text: ``5``, ``3 + n``, ``+1``."""
        text = f"{self.cycles} + {self.formula}" if self.cycles and self.formula else self.formula or str(self.cycles)
        return f"+{text}" if self.further and self.cycles >= 0 else text

    @property
    def cause(self) -> str:
        """The name of the stall cause, empty when there is none."""
        return "" if self.stall is None else cause_name(self.stall)


def cause_name(stall: Stall) -> str:
    """A stall cause as the statistics name it."""
    return stall.name.lower()


_M, _R, _D = Source.MEASURED, Source.READ, Source.DOCUMENT
_OWN = "own RTL runs"

_INSTRUCTIONS = (
    Rule(
        "alu",
        1,
        "Every ALU, bit-manipulation, SIMD, dot-product, multiply and multiply-accumulate instruction but those "
        "below. The next one gets the result without waiting, an accumulator too",
        _M,
        "rtl_timing alu_dep, pv.sdotsp.b_dep_acc, p.macsrn_acc, pv.cplxmul.h.r_dep_acc",
    ),
    Rule("mulh", 5, "mulh, mulhu, mulhsu", _M, "rtl_timing mulh_dep_acc, mulhu_dep_acc", Stall.MULTIPLY),
    Rule(
        "div_unsigned",
        3,
        "divu, remu; n is the number of leading zeros of the divisor (32 for 0). The dividend does not matter",
        _M,
        "rtl_timing divu_*, remu_*",
        Stall.DIVIDE,
        formula="n",
    ),
    Rule(
        "div_signed",
        3,
        "div, rem; as above, and for a negative divisor n is the number of leading zeros of ~divisor, less 1",
        _M,
        "rtl_timing div_*, rem_*",
        Stall.DIVIDE,
        formula="n",
    ),
    Rule(
        "load",
        1,
        "A load that is granted at once, post-increment and register-register forms too",
        _M,
        "rtl_timing load_indep, lwpost, lwpost_rr",
    ),
    Rule("store", 1, "A store that is granted at once", _M, "rtl_timing store, swpost, store_then_load"),
    Rule("branch", 1, "A branch that is not taken", _M, "rtl_timing beq_not_taken, p.beqimm_nt"),
    Rule(
        "jump",
        2,
        "jal, jalr and their compressed forms: the target is known in ID",
        _M,
        "rtl_timing jal_next, c.j_fwd",
        Stall.JUMP,
    ),
    Rule(
        "hwloop",
        1,
        "lp.start, lp.end, lp.count, lp.setup and their immediate forms",
        _M,
        "rtl_timing hwsetup_*, hw_starti_endi_counti",
    ),
    Rule("csr", 1, "A CSR access, but for those below", _M, "rtl_timing csr_pccr, csrr_lpcount, csrrw_then_use"),
    Rule(
        "system",
        4,
        "ecall, ebreak, fence, fence.i, an illegal instruction; see traps and fences",
        _M,
        "rtl_timing fence, fence.i",
        Stall.TRAP,
    ),
)

_JUMPS = (
    Rule(
        "branch_taken",
        3,
        "A taken branch, decided in EX; also to the next instruction",
        _M,
        "rtl_timing beq_taken_fwd_skip0, p.bneimm_taken, loop_bne_back_1alu",
        Stall.BRANCH,
    ),
    Rule(
        "split_target",
        1,
        "The target of a taken branch, jump, fence or mret is a 32-bit instruction at a half-word address: it is "
        "two fetches. Hidden when the jump itself waited in ID for two cycles or more",
        _M,
        "rtl_timing beq_taken_alC_then_mis32, beq_taken_mis32_mis32, loop_bne_back_mis32; rtl8 jump_mis32",
        Stall.FETCH,
        True,
    ),
    Rule(
        "jump_hidden",
        -1,
        "A jump waits in ID for EX (behind mulh, div, a lost arbitration, a misaligned access) and its target is "
        "fetched meanwhile: the jump costs 1",
        _M,
        "rtl_timing jal_after_div; rtl8 lw_j_same_bank",
        Stall.JUMP,
        True,
    ),
    Rule(
        "jump_register_alu",
        1,
        "jalr directly behind the ALU instruction, or the post-increment, that writes its rs1",
        _M,
        "rtl_timing jalr_haz_alu0, jalr_haz_lwpost_base, jalr_link",
        Stall.JUMP_REGISTER,
        True,
    ),
    Rule(
        "jump_register_load",
        2,
        "jalr directly behind the load of its rs1; 1 with one instruction between them. Also at a hardware loop's "
        "start, behind its last instructions",
        _M,
        "rtl_timing jalr_haz_load0, jalr_haz_load1, jalr_haz_load2",
        Stall.JUMP_REGISTER,
        True,
    ),
    Rule(
        "jump_register_self",
        1,
        "jalr with rd = rs1: in the bubble behind it ID still holds the jump, which stalls for itself. Not when "
        "the jump itself waited for EX, nor when the target is split: but then when it waited one cycle",
        _M,
        f"{_OWN}: stale ID",
        Stall.JUMP_REGISTER,
        True,
    ),
)

_HAZARDS = (
    Rule(
        "load_use",
        1,
        "The instruction directly behind a load reads the loaded register: as operand, store data, address or "
        "loop count. The stall counts with the load",
        _M,
        "rtl_timing load_use_next, load_then_store_data, load_then_load_addr, hwsetup_setup_loaddep",
        Stall.LOAD_USE,
        True,
    ),
    Rule(
        "load_overwrite",
        1,
        "The instruction directly behind a load writes the loaded register through the ALU's port; also x0, so lw x0 and nop",
        _M,
        "rtl_timing load_then_waw, load_x0_then_use_x0; rtl_notes 3",
        Stall.LOAD_USE,
        True,
    ),
    Rule(
        "load_false_use",
        1,
        "As load_use, for fields that are no registers but that the hazard logic takes for one (pv.shuffle*.sci's "
        "immediate; iss isa names them)",
        _M,
        "rtl_notes 3",
        Stall.LOAD_USE,
        True,
    ),
)

_LOOPS = (
    Rule(
        "loop_back",
        0,
        "The jump from a hardware loop's last instruction to its first",
        _M,
        "rtl_timing hwloop_setup_4, hwloop_c_2, hwloop_nest_*",
        further=True,
    ),
    Rule(
        "loop_back_split",
        1,
        "The same when the first instruction is a 32-bit instruction at a half-word address. Hidden when the "
        "last instruction waited in ID, or the one before it did and the fetch buffer, of four words, held less "
        "than three: else the second word is requested a cycle too late",
        _M,
        f"rtl_timing hwloop_setup_2_mis, hwloop_setup_8_mis; rtl_random; {_OWN}: fetch buffer",
        Stall.FETCH,
        True,
    ),
    Rule(
        "loop_end_entered",
        1,
        "The last instruction is compressed, at a half-word address, and was jumped to",
        _M,
        "rtl_random; rtl_notes 9",
        Stall.FETCH,
        True,
    ),
    Rule(
        "loop_back_load",
        1,
        "A load that overwrites its own base or index is the last instruction and the way back has a bubble: ID "
        "still holds it, and it stalls for itself",
        _M,
        f"{_OWN}: stale ID",
        Stall.LOAD_USE,
        True,
    ),
    Rule(
        "loop_visible",
        2,
        "An lp.* instruction acts on the fetch of the second instruction behind it, so a body of one instruction "
        "directly behind runs once, and one further behind twice",
        _M,
        "rtl_hwloop setupi_cnt2_body1, setup_cnt7_body1",
    ),
    Rule("loop_csr_visible", 3, "The same for a CSR write to a hardware-loop register", _M, "spec xpulpv2_notes 4"),
)

_SYSTEM = (
    Rule(
        "csr_flush",
        4,
        "An access to mstatus, ustatus, uepc or a debug CSR (0x7b0..0x7b3) empties the pipeline",
        _M,
        "rtl_timing csrr_mstatus, csrw_mstatus",
        Stall.CSR,
    ),
    Rule(
        "fence",
        4,
        "fence and fence.i: the next instruction is in EX 4 cycles after the fence would have been without "
        "waiting for EX, and at least 3 after EX is free; of an access in two words in EX, 3 after the first of its "
        "grants since",
        _M,
        "rtl_timing fence, fence.i, load_then_fence, mulh_then_fence",
        Stall.FENCE,
    ),
    Rule(
        "trap",
        4,
        "ecall, ebreak, an illegal instruction: to the handler's first instruction, as fence",
        _M,
        f"{_OWN}: traps",
        Stall.TRAP,
    ),
    Rule("trap_return", 5, "mret: as fence, and one more", _M, f"{_OWN}: traps", Stall.TRAP),
)

_INTERRUPTS = (
    Rule(
        "interrupt_request",
        1,
        "irq_i with MIE in cycle c kills the instruction that is first in ID from cycle c + 1 on; killed in f, "
        "the core acknowledges in f + 2, if irq_i and MIE still hold in f + 1",
        _M,
        f"{_OWN}: interrupts",
    ),
    Rule(
        "interrupt",
        5,
        "From the killed instruction's cycle in ID to the first one of the vector in EX; at least one more than "
        "the killed instruction would have waited for EX",
        _M,
        f"{_OWN}: interrupts",
        Stall.TRAP,
    ),
    Rule(
        "sleep",
        3,
        "wfi: from irq_i, seen when the pipeline is empty, to the next instruction in EX; with MIE to the vector's, 5",
        _M,
        f"{_OWN}: wfi",
        Stall.SLEEP,
        formula="wait",
    ),
    Rule(
        "event_load_interrupted",
        5,
        "p.elw granted in cycle g with an interrupt in g + 1 at the latest: from g to the vector; the p.elw is executed again",
        _M,
        f"{_OWN}: p.elw",
        Stall.TRAP,
    ),
)

_MEMORY = (
    Rule(
        "misaligned",
        1,
        "An access that crosses a word boundary is two accesses",
        _M,
        "rtl_timing lw_mis1, lw_mis2, lw_mis1_use, lwpost_mis; rtl8 mis_mix_alu",
        Stall.MISALIGNED,
        True,
    ),
    Rule(
        "tcdm_conflict",
        1,
        "Each cycle in which the bank grants another master.  A granted access answers in the next cycle",
        _M,
        "rtl8_lic, every program",
        Stall.TCDM_CONFLICT,
        True,
    ),
    Rule(
        "lic",
        0,
        "Arbitration of a bank, interconnect `lic`: with R the requesters and p the pointer, the winner is the i "
        "of R with the least i XOR p; then p is the least i > p of R, or the least of R. p starts at 0",
        _M,
        "rtl8_lic, rtl8_notes 3a",
        further=True,
    ),
    Rule(
        "xbar",
        0,
        "Interconnects `xbar12`, `xbar84`: the same winner, and p counts every grant modulo the number of "
        "masters; of two channels that both request, a flag that toggles on every grant chooses",
        _M,
        "rtl8_xbar12, rtl8_xbar84, rtl8_notes 3b",
        further=True,
    ),
    Rule(
        "hci",
        0,
        "Interconnect `hci`: the cores' side is `lic`; the side with priority wins whole banks, and after "
        "low_prio_max_stall cycles in which both sides request, the other side is served once",
        _M,
        "rtl8_hci, rtl8_notes 3c",
        further=True,
    ),
    Rule(
        "l2",
        0,
        "A data access to L2; the core waits for its grant, for stores too, and for its answer as late_answer says.  An access in "
        "two words waits twice",
        _D,
        "spec platform 5",
        Stall.L2,
        True,
        "Config.l2_latency + l2_response_latency",
    ),
    Rule(
        "peripheral",
        0,
        "An access to a peripheral behind the peripheral interconnect",
        _D,
        "spec platform 5",
        Stall.PERIPHERAL,
        True,
        "Config.peripheral_latency + peripheral_response_latency",
    ),
    Rule(
        "late_answer",
        0,
        "An answer that comes r cycles late, in cycle a: the next instruction is in EX meanwhile and stays there, an access makes "
        "its request in a; what mulh, div, a taken branch's or a jump's own cycles cover costs nothing.  A branch leaves EX "
        "at once.  Who needs what is loaded is in EX in a + 1, and so is who waits in ID; who comes to an empty ID, in a + 2",
        _M,
        "tests' rtl_programs, late; rtl_notes 10",
        Stall.L2,
        True,
        "r",
    ),
    Rule(
        "event_load",
        4,
        "p.elw that is granted at once; the wait for its grant comes on top, as the device's cause",
        _M,
        "rtl_timing p.elw_then_alu",
        Stall.EVENT_LOAD,
    ),
    Rule(
        "barrier",
        0,
        "A load from the test port's barrier, until the last hart's; then all are granted in that cycle",
        _M,
        "rtl8_lic barrier_*",
        Stall.BARRIER,
        True,
        "wait",
    ),
    Rule(
        "fetch",
        1,
        'The instruction memory answers each request in the next cycle (`icache = "ideal"`)',
        _M,
        "rtl_notes; rtl8_notes 2",
    ),
)

_CACHE = (
    Rule(
        "cache_private",
        0,
        "A line of 16 bytes that is in the core's private cache",
        _D,
        "spec platform 5",
        further=True,
    ),
    Rule(
        "cache_shared",
        0,
        "A line that is in the shared cache: the core waits; a bank of it serves one core in a cycle",
        _D,
        "spec platform 5: GVSoC's pulp-open",
        Stall.FETCH,
        True,
        "Config.icache_private_refill",
    ),
    Rule(
        "cache_refill",
        0,
        "A line from L2, on top of cache_shared; the bank is busy until it is there",
        _D,
        "spec platform 5: refill, cluster interconnect, AXI",
        Stall.FETCH,
        True,
        "Config.icache_shared_refill",
    ),
)

_COUNTERS = (
    Rule("counter_lag", 2, "A PCCR read in EX in cycle e holds the events up to cycle e - 2", _M, f"{_OWN}: counters"),
    Rule(
        "counter_write_lag",
        1,
        "Every CSR instruction on a PCCR writes it back, and so loses the events of the cycle before",
        _M,
        f"{_OWN}: counters",
    ),
    Rule(
        "counter_uncounted",
        0,
        "ecall, ebreak, mret, fence, fence.i, wfi and illegal instructions are not in the event INSTR: they never leave ID",
        _M,
        f"{_OWN}: counters",
    ),
    Rule(
        "counter_misses",
        1,
        "IMISS counts each cycle in which the fetch buffer has no whole instruction at its output, apart from those in "
        "which the fetch is redirected; also what a jump, a taken branch or a trap then drops, as the start of a "
        "hardware loop.  With an instruction cache, the cycles that the fetch waits for it too",
        _M,
        "tests' rtl_programs, on one core and on eight; the cache: riscv_if_stage.sv, perf_imiss_o",
    ),
    Rule(
        "counter_event_load",
        1,
        "ELW counts each cycle in which ID still holds a p.elw that has gone on to EX, or that a taken branch dropped there",
        _M,
        "tests' rtl_programs, event loads; riscv_controller.sv, perf_pipeline_stall_o",
    ),
)

_START = (
    Rule(
        "start_core",
        1,
        "Machine `core`: EX cycle of the first instruction, counted from its cycle in ID",
        _M,
        "rtl_kernels cycles",
    ),
    Rule(
        "start_cluster",
        4,
        "Machines `bench8`, `cluster`: the same, counted from reset (fetch, answer, decode)",
        _M,
        "rtl8_lic mark0",
    ),
)

SECTIONS: tuple[tuple[str, tuple[Rule, ...]], ...] = (
    ("Instructions", _INSTRUCTIONS),
    ("Branches and jumps", _JUMPS),
    ("Behind a load", _HAZARDS),
    ("Hardware loops", _LOOPS),
    ("CSRs, fences, traps", _SYSTEM),
    ("Interrupts", _INTERRUPTS),
    ("Memory", _MEMORY),
    ("Instruction cache", _CACHE),
    ("Performance counters", _COUNTERS),
    ("Start", _START),
)
RULES: dict[str, Rule] = {rule.name: rule for _, rules in SECTIONS for rule in rules}

UNSIMULATED = (
    Rule(
        "ghost_division",
        0,
        "A div or rem behind a taken branch, at the end of a hardware loop with a split start, or killed by an interrupt, occupies "
        "the divider although it does not execute (again)",
        _M,
        "rtl_timing taken_shadow_div; rtl_kernels hwloop_call_branch_div",
        Stall.DIVIDE,
        True,
        "2 + n",
    ),
    Rule(
        "loop_end_skipped",
        0,
        "A compressed last instruction of a hardware loop at a half-word address, jumped to, is not executed when it "
        "cannot go on to ID at once (behind mulh and a jump, say): the core goes on at the loop's start",
        _M,
        f"{_OWN}: random programs",
    ),
    Rule(
        "counter_corners",
        0,
        "The event IMISS behind a ghost division.  While an answer is late: LD_STALL behind an access in two words, and csrrc of a "
        "counter, which the core carries out anew in each cycle that it stays in EX",
        _M,
        f"{_OWN}: random programs",
    ),
    Rule(
        "counter_clock",
        0,
        "Where the event unit has the clock of a core off, its counters stand still on silicon.  Here CYCLES and ELW go on, as in "
        "the RTL runs, whose clock gates are transparent: CYCLES is all cycles, and those asleep are in the stalls",
        _R,
        "riscv_core.sv, core_clock_gate_i",
    ),
    Rule(
        "interrupt_corners",
        0,
        "The 590 interrupts of the tests' rtl_interrupts are exact; of some 3,000 in other random programs about one in 500 comes "
        "a few cycles off or makes IMISS wrong by one.  A p.elw that memory, not the event unit, answers is not executed again",
        _M,
        f"{_OWN}: interrupts",
    ),
    Rule(
        "slow_fetch",
        0,
        "With slow instruction memory: one word per 1 + k cycles, one request at a time",
        _M,
        f"rtl_notes 10; {_OWN}: slow instruction memory",
        Stall.FETCH,
        True,
        "k",
    ),
)
"""What is known of the RTL and not simulated."""

CAUSES: dict[Stall, str] = {
    Stall.LOAD_USE: "the instruction behind a load needs it: put another one between them",
    Stall.JUMP_REGISTER: "jalr waits for its register: compute it earlier",
    Stall.BRANCH: "taken branches: use a hardware loop, or make the common way fall through",
    Stall.JUMP: "jumps and calls: inline",
    Stall.MULTIPLY: "mulh, mulhu, mulhsu take 5 cycles",
    Stall.DIVIDE: "divisions take 3 to 35 cycles: shift, or multiply by the inverse",
    Stall.MISALIGNED: "accesses across a word boundary: align the data",
    Stall.TCDM_CONFLICT: "a bank granted another master: spread or stagger the addresses",
    Stall.L2: "data in L2: copy it to the TCDM",
    Stall.PERIPHERAL: "accesses to peripherals",
    Stall.FETCH: "instruction fetch: align loop starts and jump targets to 4 bytes",
    Stall.CSR: "CSRs that empty the pipeline",
    Stall.FENCE: "fence, fence.i",
    Stall.EVENT_LOAD: "p.elw takes 4 cycles at least",
    Stall.SLEEP: "the clock was off: waiting for an event",
    Stall.BARRIER: "waiting for the slowest hart: balance the work",
    Stall.TRAP: "entering and leaving trap handlers",
}
"""What each stall cause means to a person who wants fewer of them."""

INTRODUCTION = """\
# Timing

Generated by `python -m iss.engine.timing > docs/timing.md` from the table in `iss/engine/timing.py`: do not edit.
`iss timing` prints it.

The core is RI5CY (pulp-platform/riscv, tag pulpissimo-v3.4.0): four stages (IF, ID, EX, WB), in order. An
instruction's cycle is its first one in EX; without stalls the next instruction is there one cycle later. *Cycles* is
what an instruction takes in all, or with a plus sign what comes on top. All but an instruction's own cycle count as
stalls of one cause, so per hart cycles = instructions + stalls.

How a rule is known: *RTL-measured*, on the core's RTL in Verilator (`rtl_*` name golden data and programs of
tests/data, *own RTL runs* are measurements of the same RTL that are not in it); *RTL-read*, in its source;
*document*, in a manual or another simulator's source, not measured.
"""


def _rows(rules: tuple[Rule, ...]) -> Iterator[tuple[str, ...]]:
    for rule in rules:
        yield (f"`{rule.name}`", rule.cost, rule.cause, " ".join(rule.when.split()) + ".", rule.source, rule.reference)


def markdown() -> str:
    """The text of docs/timing.md."""
    from iss.isa.manual import markdown_table

    header = ("Rule", "Cycles", "Stall cause", "When", "Source", "Reference")
    lines = [INTRODUCTION]
    for title, rules in SECTIONS:
        lines += [f"## {title}", "", *markdown_table(header, _rows(rules)), ""]
    lines += ["## Known, not simulated", "", *markdown_table(header, _rows(UNSIMULATED)), ""]
    lines += [
        "## Stall causes",
        "",
        *markdown_table(("Cause", "What it means"), ((cause_name(s), t) for s, t in CAUSES.items())),
    ]
    return "\n".join(lines) + "\n"


def text(width: int = 120) -> str:
    """The rules for a terminal, without references."""
    lines = []
    indent = " " * 38
    for title, rules in (*SECTIONS, ("Known, not simulated", UNSIMULATED)):
        lines += [title, ""]
        for rule in rules:
            head = f"  {rule.name:<20} {rule.cost:<15}"
            head += "" if len(head) <= len(indent) else "\n" + indent
            note = f"{' '.join(rule.when.split())}.  [{', '.join(x for x in (rule.cause, rule.source) if x)}]"
            body = textwrap.wrap(note, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
            lines += [head.ljust(len(indent)) + body[0][len(indent) :], *body[1:]]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown(), end="")
