"""Interrupts: when they are taken, what they leave in the CSRs, and how they meet hardware loops, sleep and each other.

The rules of time are those measured on the RTL (iss.engine.interrupts); test_event_unit.py replays the measurements."""

from __future__ import annotations

import pytest

from iss.errors import ProgramError

from .support import Issues, run, traced, words

ENABLE = """
    li      t0, {mask}
    sw      t0, EU_MASK_IRQ(s0)
    csrwi   0x300, 8
"""
HANDLER = """
handler:
    csrr    s8, 0x341               # mepc, mcause
    csrr    s9, 0x342
    addi    s10, s10, 1
    mret
"""
ON_HART_0 = "bnez a0, park\n"


def send(event: int) -> str:
    return f"li t1, 1\n sw t1, EU_SW_EVENT+4*{event}(s0)\n"


def ack(issues: Issues) -> int:
    return issues.acks[0][1]


@pytest.mark.parametrize("event", [0, 3, 7])
def test_straight_line(event: int) -> None:
    """Sent in t: in the buffer in t + 1, at the core in t + 2, acknowledged in t + 5, the vector in EX in t + 8."""
    issues = traced(ON_HART_0 + ENABLE.format(mask=0xFF) + f"li t1, 1\nsent: sw t1, EU_SW_EVENT+4*{event}(s0)\n" + "nop\n" * 12
                    + "sw s8, 0(s2)\n sw s9, 4(s2)\n sw s10, 8(s2)\n j exit\n" + HANDLER)  # fmt: skip
    sent = issues.cycle_of(0, "sent")
    assert issues.acks == [(0, sent + 5, event)]
    vector = 0x1C008000 + 4 * event
    assert next(cycle for cycle, pc in issues.harts[0] if pc == vector) == sent + 8
    assert issues.cluster.executable is not None
    # The store left ID in t - 1; in ID in t + 3, the first cycle with a request, is the fourth instruction behind it.
    mepc = issues.cluster.executable.symbols["sent"] + 4 * 4
    assert words(issues.cluster, 0x10000000, 3) == [mepc, 1 << 31 | event, 1]


def test_the_highest_comes_first_and_mret_lets_the_next_in() -> None:
    cluster, _ = run(
        ON_HART_0 + """
        li      t0, 0xff
        sw      t0, EU_MASK_IRQ(s0)
        li      t1, 1
        sw      t1, EU_SW_EVENT+4(s0)
        sw      t1, EU_SW_EVENT+20(s0)
        sw      t1, EU_SW_EVENT+8(s0)
        mv      s3, s2
        csrwi   0x300, 8
        nop
        lw      t2, EU_BUFFER(s0)
        sw      t2, 12(s2)
        j       exit
handler:
        csrr    t0, 0x342
        andi    t0, t0, 31
        sw      t0, 0(s3)
        addi    s3, s3, 4
        mret
        """
    )
    assert words(cluster, 0x10000000, 4) == [5, 2, 1, 0]


def test_nothing_without_mie_or_without_mask() -> None:
    enable = "li t0, 0xff\n sw t0, EU_MASK_IRQ(s0)\n"
    cluster, _ = run(ON_HART_0 + enable + send(1) + "nop\n" * 8 + "sw s10, 0(s2)\n j exit\n" + HANDLER)
    assert words(cluster, 0x10000000, 1) == [0]
    cluster, _ = run(ON_HART_0 + ENABLE.format(mask=0xF0) + send(1) + "nop\n" * 8 + "sw s10, 0(s2)\n j exit\n" + HANDLER)
    assert words(cluster, 0x10000000, 1) == [0]


def test_mie_that_is_set_late_lets_it_in_before_the_next_instruction() -> None:
    issues = traced(ON_HART_0 + "li t0, 0xff\n sw t0, EU_MASK_IRQ(s0)\n" + send(2) + "nop\n" * 4
                    + "enable: csrwi 0x300, 8\nnext: nop\n sw s8, 0(s2)\n j exit\n" + HANDLER)  # fmt: skip
    assert issues.cluster.executable is not None
    assert words(issues.cluster, 0x10000000, 1) == [issues.cluster.executable.symbols["next"]]
    # The CSR is in EX in w; the instruction behind it in ID in w + 3, and killed there; two cycles later the acknowledgement.
    assert ack(issues) == issues.cycle_of(0, "enable") + 5


def test_interrupts_within_nested_hardware_loops() -> None:
    """Another hart interrupts two nested loops all the time: not an iteration is lost or done twice."""
    cluster, result = run(
        """
        bnez    a0, 1f
        li      t0, 0xff
        sw      t0, EU_MASK_IRQ(s0)
        csrwi   0x300, 8
        li      s3, 0
        li      s4, 0
        lp.setupi x1, 60, outer_end
        addi    s3, s3, 1
        lp.setupi x0, 25, inner_end
        addi    s4, s4, 1
        addi    s4, s4, 2
inner_end: addi s4, s4, -2
        nop
outer_end: addi s3, s3, 1
        csrwi   0x300, 0
        sw      s3, 0(s2)
        sw      s4, 4(s2)
        sw      s10, 8(s2)
        j       exit
    1:  li      t0, 1
        bne     a0, t0, park
    2:  sw      t0, EU_SW_EVENT+12(s0)
        li      t1, 9
    3:  addi    t1, t1, -1
        bnez    t1, 3b
        j       2b
handler:
        csrr    s8, 0x7C2               # the handler may look at the loops, and have one of its own
        csrr    s9, 0x7C0
        csrr    s11, 0x7C1
        lp.setupi x0, 3, handler_end
        nop
handler_end: addi s10, s10, 1
        csrw    0x7C0, s9
        csrw    0x7C1, s11
        csrw    0x7C2, s8
        mret
        """
    )
    outer, inner, handled = words(cluster, 0x10000000, 3)
    assert (outer, inner) == (120, 60 * 25)
    assert handled > 3 * 60
    assert result.stats["harts"][0]["stalls"]["trap"] > 60


def test_nested_interrupts() -> None:
    cluster, _ = run(
        ON_HART_0 + ENABLE.format(mask=0xFF) + send(1) + "nop\n" * 10 + """
        sw      s10, 0(s2)
        sw      s11, 4(s2)
        j       exit
handler:
        csrr    t2, 0x342
        andi    t2, t2, 31
        li      t3, 1
        beq     t2, t3, outer
        addi    s11, s11, 1             # the inner one
        mret
outer:  csrr    s8, 0x341
        csrr    s9, 0x300
        li      t1, 1
        sw      t1, EU_SW_EVENT+24(s0)
        csrwi   0x300, 8
        nop
        nop
        nop
        nop
        nop
        addi    s10, s11, 100           # the inner one was here
        csrw    0x300, s9
        csrw    0x341, s8
        mret
        """
    )
    assert words(cluster, 0x10000000, 2) == [101, 1]


@pytest.mark.parametrize("mie", [0, 8])
def test_wfi(mie: int) -> None:
    """With MIE the interrupt is taken, without it the program goes on; either way the hart sleeps until then."""
    issues = traced(
        f"""
        bnez    a0, 1f
        li      t0, 0xff
        sw      t0, EU_MASK_IRQ(s0)
        csrwi   0x300, {mie}
        nop
        wfi
woken:  sw      s10, 0(s2)
        sw      s8, 4(s2)
        j       exit
    1:  li      t0, 1
        bne     a0, t0, park
        li      t1, 30
    2:  addi    t1, t1, -1
        bnez    t1, 2b
sent:   sw      t0, EU_SW_EVENT+16(s0)
        j       park
        """
        + HANDLER
    )
    sent = issues.cycle_of(1, "sent")
    assert issues.cluster.executable is not None
    if mie:
        assert ack(issues) == sent + 4
        assert next(cycle for cycle, pc in issues.harts[0] if pc == 0x1C008010) == sent + 7
        assert words(issues.cluster, 0x10000000, 2) == [1, issues.cluster.executable.symbols["woken"]]
    else:
        assert issues.cycle_of(0, "woken") == sent + 5
        assert words(issues.cluster, 0x10000000, 1) == [0]


def test_a_sleeping_load_is_repeated_after_the_interrupt_and_does_not_trigger_twice() -> None:
    cluster, _ = run(
        """
        li      t0, 1 << EVENT_BARRIER
        sw      t0, EU_MASK(s0)
        bnez    a0, 1f
        li      t0, 3
        sw      t0, EU_BARRIER_TRIGGER_MASK(s0)
        sw      t0, EU_BARRIER_TARGET_MASK(s0)
        li      t0, 0xff
        sw      t0, EU_MASK_IRQ(s0)
        csrwi   0x300, 8
wait:   p.elw   t2, EU_BARRIER_TRIGGER_WAIT_CLEAR(s0)
        sw      t2, 0(s2)
        sw      s8, 4(s2)
        sw      s10, 8(s2)
        j       exit
    1:  li      t0, 1
        bne     a0, t0, park
        li      t1, 20
    2:  addi    t1, t1, -1
        bnez    t1, 2b
        sw      t0, EU_SW_EVENT(s0)
        li      t1, 20
    3:  addi    t1, t1, -1
        bnez    t1, 3b
        lw      t3, EU_BARRIER_STATUS(s0)
        sw      t3, 0(s2)
        p.elw   t2, EU_BARRIER_TRIGGER_WAIT_CLEAR(s0)
        j       park
        """
        + HANDLER
    )
    assert cluster.executable is not None
    assert words(cluster, 0x10000000, 3) == [1 << 16, cluster.executable.symbols["wait"], 1]
    assert words(cluster, 0x10000080, 1) == [1]


def test_an_interrupt_during_a_conflict_waits_for_the_access() -> None:
    """Hart 0 is interrupted while eight harts fight for one bank: its load is done once, and its handler runs."""
    cluster, result = run(
        """
        li      t0, 0xff
        sw      t0, EU_MASK_IRQ(s0)
        csrwi   0x300, 8
        li      s3, 300
    1:  lw      t1, 0(s1)
        addi    s4, s4, 1
        lw      t1, 0(s1)
        addi    s3, s3, -1
        li      t2, 0xff
        sw      t2, EU_SW_EVENT(s0)
        bnez    s3, 1b
        csrwi   0x300, 0
        sw      s4, 4(s2)
        sw      s10, 8(s2)
        li      s3, 1000
    2:  addi    s3, s3, -1
        bnez    s3, 2b
        bnez    a0, park
        j       exit
        """
        + HANDLER,
        banks=16,
    )
    for hart in range(8):
        count, handled = words(cluster, 0x10000004 + 128 * hart, 2)
        assert count == 300
        assert handled > 100
    assert result.stats["tcdm"]["conflicts"] > 300


def test_without_vectors_it_is_an_error() -> None:
    from asm import assemble_text
    from iss.cluster import Cluster

    cluster = Cluster(icache="ideal")
    cluster.load_elf(
        assemble_text(
            """
            .include "registers.inc"
            .globl _start
_start:     li      t0, EU_BASE
            li      t1, 0xff
            sw      t1, EU_MASK_IRQ(t0)
            csrwi   0x300, 8
            sw      t1, EU_SW_EVENT(t0)
            j       .
            """
        ).elf
    )
    with pytest.raises(ProgramError, match="traps on interrupt 0, and there is no code at the trap vector"):
        cluster.run(max_cycles=10**4)
