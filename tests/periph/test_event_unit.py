"""The event unit: barriers, software events, mutex, dispatch, masks, by what harts see and in which cycle.

tests/data/golden/rtl_events.jsonl.gz holds programs that eight RI5CY cores with event_unit_flex executed (own RTL runs):
``words`` at ``base``, the EX cycle and place ((pc - base) / 2) of every instruction of every hart up to cycle ``until``, and
(hart, cycle, number) of the interrupts that the cores acknowledged.  Memories answer at once there, and the cycles are shifted to
those of this machine.  Programs in which an interrupt is withdrawn behind a busy EX are left out: the core then loses an
instruction."""

from __future__ import annotations

import gzip
import itertools
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from iss.cluster import Cluster
from iss.engine.layout import Hart, Pending
from iss.errors import ProgramError

from .support import BARRIER_SETUP, Issues, machine, run, touch, traced, words

GOLDEN = Path(__file__).parents[1] / "data" / "golden" / "rtl_events.jsonl.gz"
ELW = 4  # cycles of a p.elw that is granted at once
OPENING = 2  # from the last arrival at a barrier to the grant


def records() -> list[dict[str, Any]]:
    with gzip.open(GOLDEN, "rt") as file:
        return [json.loads(line) for line in file]


@cache
def bare() -> Cluster:
    return Cluster(icache="ideal", banks=256, trace=True)


@pytest.mark.parametrize("record", [pytest.param(r, id=r["name"].replace(" ", "_")) for r in records()])
def test_as_measured(record: dict[str, Any]) -> None:
    cluster = bare()
    issues = Issues(cluster)
    cluster.write(0x10000000, bytes(4096))
    cluster.write(record["base"], b"".join(word.to_bytes(4, "little") for word in record["words"]))
    try:
        cluster.run(record["entry"], max_cycles=record["until"] + 20)
    except ProgramError:
        cluster.machine.drain()
    cluster.result()
    for hart, (cycles, places) in enumerate(zip(record["cycles"], record["places"], strict=True)):
        measured = [(cycle, record["base"] + 2 * place) for cycle, place in zip(cycles, places, strict=True)]
        seen = [(cycle, pc) for cycle, pc in issues.harts[hart] if cycle < record["until"]]
        if len(seen) + 1 == len(measured) and cluster.harts[hart].pc == measured[-1][1]:
            seen.append((int(cluster.machine.hart[hart, Hart.ISSUED]), measured[-1][1]))  # a load that still sleeps
        assert seen == measured, f"hart {hart}"
    assert sorted(list(ack) for ack in issues.acks if ack[1] < record["until"]) == record["acks"]


# -- barriers --------------------------------------------------------------------------------------------------------------


def delay(hart_cycles: str) -> str:
    """A loop that costs some cycles, from t3."""
    return f"""
        {hart_cycles}
        beqz    t3, 2f
    1:  addi    t3, t3, -1
        bnez    t3, 1b
    2:
    """


@pytest.mark.parametrize("load", ["p.elw", "lw"])
@pytest.mark.parametrize("step", [0, 1, 5])
def test_all_leave_the_barrier_when_the_last_has_come(load: str, step: int) -> None:
    issues = traced(
        BARRIER_SETUP + delay(f"li t3, {step}\n mul t3, t3, a0")
        + f"arrive: {load} t4, EU_BARRIER_TRIGGER_WAIT_CLEAR(s0)\nleft: beqz a0, exit\n j park"
    )  # fmt: skip
    arrivals = [issues.cycle_of(hart, "arrive") for hart in range(8)]
    assert step == 0 or len(set(arrivals)) > 6
    after = max(arrivals) + OPENING + (ELW if load == "p.elw" else 1)
    assert [issues.cycle_of(hart, "left") for hart in range(8)] == [after] * 8


def test_a_hart_alone_opens_its_own_barrier() -> None:
    issues = traced(
        """
        li      t0, 1 << EVENT_BARRIER
        sw      t0, EU_MASK(s0)
        li      t0, 1
        sll     t0, t0, a0
        slli    t1, a0, 5
        add     t1, t1, s0
        sw      t0, EU_BARRIER_TRIGGER_MASK(t1)
        sw      t0, EU_BARRIER_TARGET_MASK(t1)
arrive: p.elw   t2, EU_BARRIER_TRIGGER_WAIT_CLEAR(t1)
left:   sw      t2, 0(s2)
        bnez    a0, park
        """
    )
    for hart in range(8):
        assert issues.cycle_of(hart, "left") - issues.cycle_of(hart, "arrive") == OPENING + ELW
        assert words(issues.cluster, 0x10000000 + 128 * hart, 1) == [1 << 16]


def test_some_harts_meet_and_others_are_told() -> None:
    cluster, _ = run(
        """
        li      t0, 1 << EVENT_BARRIER
        sw      t0, EU_MASK(s0)
        li      t0, 0b00001101          # who must come
        li      t1, 0b11001101          # who is told
        bnez    a0, 1f
        sw      t0, EU_BARRIER_TRIGGER_MASK+EU_BARRIER_STRIDE(s0)
        sw      t1, EU_BARRIER_TARGET_MASK+EU_BARRIER_STRIDE(s0)
    1:  srl     t2, t1, a0
        andi    t2, t2, 1
        beqz    t2, park
        srl     t2, t0, a0
        andi    t2, t2, 1
        bnez    t2, 2f
        p.elw   t3, EU_EVENT_WAIT_CLEAR(s0)
        j       3f
    2:  li      t4, 20                  # the masks are stored by then
    4:  addi    t4, t4, -1
        bnez    t4, 4b
        p.elw   t3, EU_BARRIER_TRIGGER_WAIT_CLEAR+EU_BARRIER_STRIDE(s0)
    3:  sw      t3, 0(s2)
        li      t5, 40
    5:  addi    t5, t5, -1
        bnez    t5, 5b
        bnez    a0, park
        """
    )
    told = [words(cluster, 0x10000000 + 128 * hart, 1)[0] for hart in range(8)]
    assert told == [(0b11001101 >> hart & 1) << 16 for hart in range(8)]


def test_status_shows_who_has_come_and_trigger_stands_in() -> None:
    cluster, _ = run(
        """
        bnez    a0, park
        li      t0, 0b111
        sw      t0, EU_BARRIER_TRIGGER_MASK(s0)
        lw      t1, EU_BARRIER_TRIGGER_SELF(s0)
        nop
        lw      t2, EU_BARRIER_STATUS(s0)
        li      t0, 0b010
        sw      t0, EU_BARRIER_TRIGGER(s0)
        nop
        lw      t3, EU_BARRIER_STATUS(s0)
        li      t0, 0b100
        sw      t0, EU_BARRIER_TRIGGER(s0)
        nop
        nop
        lw      t4, EU_BARRIER_STATUS(s0)
        sw      t2, 0(s2)
        sw      t3, 4(s2)
        sw      t4, 8(s2)
        """
    )
    assert words(cluster, 0x10000000, 3) == [0b001, 0b011, 0]


def test_eight_stores_to_one_barrier_take_turns() -> None:
    issues = traced("nop\nstore: sw a0, EU_BARRIER_TRIGGER_MASK(s0)\nafter: nop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nbnez a0, park")
    assert [issues.cycle_of(hart, "after") - issues.cycle_of(hart, "store") for hart in range(8)] == list(range(1, 9))
    assert issues.cluster.parts.unit is not None
    assert issues.cluster.parts.unit.barriers[0].trigger_mask == 7


# -- software events -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mask", "receivers"), [(0b101000, 0b101000), (0, 0xFF), (0xFFFFFF10, 0x10)])
def test_software_event_reaches_the_cores_of_its_mask(mask: int, receivers: int) -> None:
    cluster, _ = run(
        f"""
        bnez    a0, 1f
        li      t0, {mask}
        sw      t0, EU_SW_EVENT+3*EU_SW_EVENT_STRIDE(s0)
    1:  li      t1, 30
    2:  addi    t1, t1, -1
        bnez    t1, 2b
        lw      t2, EU_BUFFER(s0)
        sw      t2, 0(s2)
        bnez    a0, park
        """
    )
    seen = [words(cluster, 0x10000000 + 128 * hart, 1)[0] for hart in range(8)]
    assert seen == [(receivers >> hart & 1) << 3 for hart in range(8)]


def test_event_that_is_pending_does_not_sleep() -> None:
    issues = traced(
        """
        bnez    a0, park
        li      t0, 0xff
        sw      t0, EU_MASK(s0)
        li      t0, 1
        sw      t0, EU_SW_EVENT(s0)
        nop
first:  p.elw   t1, EU_EVENT_WAIT(s0)
second: lw      t2, EU_EVENT_WAIT_CLEAR(s0)
third:  lw      t3, EU_BUFFER(s0)
last:   sw      t1, 0(s2)
        sw      t2, 4(s2)
        sw      t3, 8(s2)
        """
    )
    cycles = [issues.cycle_of(0, name) for name in ("first", "second", "third", "last")]
    # Behind a load that clears, the port is not free for a cycle; the store uses what the load before it loads not.
    assert [b - a for a, b in itertools.pairwise(cycles)] == [ELW, 1, 2]
    assert words(issues.cluster, 0x10000000, 3) == [1, 1, 0]


def test_a_clearing_load_takes_every_event_of_the_mask() -> None:
    cluster, _ = run(
        """
        bnez    a0, park
        li      t0, 0b0111
        sw      t0, EU_MASK(s0)
        li      t0, 1
        sw      t0, EU_SW_EVENT(s0)
        sw      t0, EU_SW_EVENT+4(s0)
        sw      t0, EU_SW_EVENT+12(s0)
        nop
        p.elw   t1, EU_EVENT_WAIT_CLEAR(s0)
        lw      t2, EU_BUFFER(s0)
        sw      t1, 0(s2)
        sw      t2, 4(s2)
        """
    )
    assert words(cluster, 0x10000000, 2) == [0b0011, 0b1000]


def test_trigger_and_wait_uses_the_cores_own_mask() -> None:
    cluster, _ = run(
        """
        li      t0, 0xff
        sw      t0, EU_MASK(s0)
        li      t0, 0b10
        sw      t0, EU_SW_EVENTS_MASK(s0)
        bnez    a0, 1f
        li      t3, 40
    2:  addi    t3, t3, -1
        bnez    t3, 2b
        li      t0, 1
        sw      t0, EU_SW_EVENT+28(s0)  # so that hart 0 wakes
        p.elw   t1, EU_SW_EVENT_WAIT_CLEAR+8(s0)
        sw      t1, 0(s2)
        li      t3, 40
    3:  addi    t3, t3, -1
        bnez    t3, 3b
        j       exit
    1:  p.elw   t1, EU_EVENT_WAIT_CLEAR(s0)
        sw      t1, 0(s2)
        j       park
        """
    )
    assert [words(cluster, 0x10000000 + 128 * hart, 1)[0] for hart in range(3)] == [1 << 7, 1 << 2, 0]


def test_mask_registers() -> None:
    cluster, _ = run(
        """
        bnez    a0, park
        li      t0, 0xf0f0
        li      t1, 0x00ff
        sw      t0, EU_MASK(s0)
        sw      t1, EU_MASK_OR(s0)
        lw      t2, EU_MASK(s0)
        sw      t0, EU_MASK_AND(s0)
        lw      t3, EU_MASK(s0)
        sw      t2, 0(s2)
        sw      t3, 4(s2)
        sw      t0, EU_MASK_IRQ(s0)
        sw      t1, EU_MASK_IRQ_OR(s0)
        lw      t2, EU_MASK_IRQ(s0)
        sw      t0, EU_MASK_IRQ_AND(s0)
        lw      t3, EU_MASK_IRQ(s0)
        sw      t2, 8(s2)
        sw      t3, 12(s2)
        li      t0, 0xf1
        sw      t0, EU_SW_EVENTS_MASK(s0)
        li      t0, 0x0e
        sw      t0, EU_SW_EVENTS_MASK_OR(s0)
        lw      t2, EU_SW_EVENTS_MASK(s0)
        li      t0, 0xc0
        sw      t0, EU_SW_EVENTS_MASK_AND(s0)
        lw      t3, EU_SW_EVENTS_MASK(s0)
        sw      t2, 16(s2)
        sw      t3, 20(s2)
        """
    )
    assert words(cluster, 0x10000000, 6) == [0xF0FF, 0x000F, 0xF0FF, 0x000F, 0xFF, 0x3F]


def test_the_global_view_is_the_same_unit() -> None:
    cluster, result = run(
        """
        bnez    a0, 1f
        li      t0, EU_GLOBAL_BASE
        li      t1, 0x1234
        sw      t1, EU_GLOBAL_CORE_MASK+2*EU_GLOBAL_CORE_STRIDE(t0)
        li      t1, 1 << 2
        sw      t1, EU_GLOBAL_SW_EVENT+5*EU_GLOBAL_SW_EVENT_STRIDE(t0)
        lw      t2, EU_GLOBAL_CORE_BUFFER+2*EU_GLOBAL_CORE_STRIDE(t0)
        li      t1, 7
        sw      t1, EU_GLOBAL_BARRIER_TRIGGER_MASK+3*EU_GLOBAL_BARRIER_STRIDE(t0)
        lw      t3, EU_BARRIER_TRIGGER_MASK+3*EU_BARRIER_STRIDE(s0)
        lw      t4, EU_GLOBAL_CORE_STATUS+4*EU_GLOBAL_CORE_STRIDE(t0)
        lw      t5, EU_GLOBAL_CORE_STATUS(t0)
        sw      t2, 0(s2)
        sw      t3, 4(s2)
        sw      t4, 8(s2)
        sw      t5, 12(s2)
        li      t3, 100
    4:  addi    t3, t3, -1
        bnez    t3, 4b
        j       exit
    1:  li      t0, 4
        bne     a0, t0, 2f
        p.elw   t0, EU_EVENT_WAIT(s0)
    2:  li      t3, 50
    3:  addi    t3, t3, -1
        bnez    t3, 3b
        lw      t0, EU_MASK(s0)
        sw      t0, 0(s2)
        j       park
        """
    )
    assert words(cluster, 0x10000000, 4) == [1 << 5, 7, 0, 1]
    assert words(cluster, 0x10000100, 1) == [0x1234]
    assert result.stats["harts"][0]["stalls"]["peripheral"] >= 6 * cluster.config.peripheral_latency


def test_soc_events_come_through_a_queue() -> None:
    cluster, _ = run(
        """
        bnez    a0, park
        li      t0, SOC_EVENTS_BASE
        li      t1, 0xfffffffa          # 160 and 162 go to the cluster
        sw      t1, SOC_EVENTS_CL_MASK+5*SOC_EVENTS_CL_MASK_STRIDE(t0)
        li      t1, 1 << EVENT_SOC
        sw      t1, EU_MASK(s0)
        li      t1, 0b111
        sw      t1, SOC_EVENTS_EVENT(t0)
        p.elw   t1, EU_EVENT_WAIT_CLEAR(s0)
        sw      t1, 0(s2)
        li      t0, EU_GLOBAL_BASE
        lw      t1, EU_GLOBAL_SOC_EVENT(t0)
        sw      t1, 4(s2)
        p.elw   t1, EU_EVENT_WAIT_CLEAR(s0)     # there is another one
        lw      t1, EU_GLOBAL_SOC_EVENT(t0)
        sw      t1, 8(s2)
        sw      t1, EU_BUFFER_CLEAR(s0)
        lw      t1, EU_GLOBAL_SOC_EVENT(t0)
        sw      t1, 12(s2)
        """
    )
    assert words(cluster, 0x10000000, 4) == [1 << 27, 1 << 31 | 160, 1 << 31 | 162, 0]


# -- mutex and dispatch ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("load", ["p.elw", "lw"])
def test_mutex_goes_to_the_lowest_hart_that_waits_with_the_message(load: str) -> None:
    cluster, _ = run(
        BARRIER_SETUP + f"""
        p.elw   t0, EU_BARRIER_TRIGGER_WAIT_CLEAR(s0)
        {load}  t1, EU_MUTEX(s0)
        lw      t2, 64(s1)              # order of the owners
        addi    t3, t2, 1
        sw      t3, 64(s1)
        sw      t1, 0(s2)
        sw      t2, 4(s2)
        addi    t4, a0, 100
        sw      t4, EU_MUTEX(s0)
        p.elw   t0, EU_BARRIER_TRIGGER_WAIT_CLEAR(s0)
        bnez    a0, park
        """
    )
    got = [words(cluster, 0x10000000 + 128 * hart, 2) for hart in range(8)]
    assert [order for _, order in got] == list(range(8))
    assert [message for message, _ in got] == [0, *range(100, 107)]


def test_eight_harts_and_one_mutex_lose_nothing() -> None:
    cluster, _ = run(
        BARRIER_SETUP + """
        li      s3, 200
    1:  p.elw   t1, EU_MUTEX(s0)
        lw      t2, 64(s1)
        addi    t2, t2, 1
        sw      t2, 64(s1)
        sw      x0, EU_MUTEX(s0)
        addi    s3, s3, -1
        bnez    s3, 1b
        p.elw   t0, EU_BARRIER_TRIGGER_WAIT_CLEAR(s0)
        bnez    a0, park
        """
    )
    assert words(cluster, 0x10000040, 1) == [1600]


def test_dispatch_gives_each_task_to_its_team_in_order() -> None:
    cluster, _ = run(
        BARRIER_SETUP + """
        bnez    a0, 1f
        li      t0, 0xff
        sw      t0, EU_DISPATCH_TEAM(s0)
        li      t0, 11
        sw      t0, EU_DISPATCH_FIFO(s0)
        li      t0, 0x0f
        sw      t0, EU_DISPATCH_TEAM(s0)
        li      t0, 22
        sw      t0, EU_DISPATCH_FIFO(s0)
        li      t0, 0xf0
        sw      t0, EU_DISPATCH_TEAM(s0)
        li      t0, 33
        sw      t0, EU_DISPATCH_FIFO(s0)
    1:  p.elw   t1, EU_DISPATCH_FIFO(s0)
        p.elw   t2, EU_DISPATCH_FIFO(s0)
        sw      t1, 0(s2)
        sw      t2, 4(s2)
        p.elw   t0, EU_BARRIER_TRIGGER_WAIT_CLEAR(s0)
        bnez    a0, park
        """
    )
    tasks = [words(cluster, 0x10000000 + 128 * hart, 2) for hart in range(8)]
    assert tasks == [[11, 22]] * 4 + [[11, 33]] * 4


def test_a_full_dispatch_queue_overwrites_its_oldest_value() -> None:
    """Eight values fit; the ninth takes the place of the first."""
    cluster, _ = run(
        BARRIER_SETUP + """
        bnez    a0, park
        li      t0, 1
        sw      t0, EU_DISPATCH_TEAM(s0)
        li      t0, 100
        li      t1, 109
    1:  sw      t0, EU_DISPATCH_FIFO(s0)
        addi    t0, t0, 1
        bne     t0, t1, 1b
        p.elw   t0, EU_DISPATCH_FIFO(s0)
        p.elw   t1, EU_DISPATCH_FIFO(s0)
        sw      t0, 0(s2)
        sw      t1, 4(s2)
        """
    )
    assert words(cluster, 0x10000000, 2) == [108, 101]


def test_any_core_may_release_the_mutex() -> None:
    cluster, _ = run(
        BARRIER_SETUP + """
        li      t0, 1
        bgtu    a0, t0, park
        bnez    a0, 1f
        p.elw   t1, EU_MUTEX(s0)        # hart 0 owns it, and asks for it again
        p.elw   t1, EU_MUTEX(s0)
        sw      t1, 0(s2)
        j       exit
    1:  li      t1, 60
    2:  addi    t1, t1, -1
        bnez    t1, 2b
        li      t1, 55
        sw      t1, EU_MUTEX(s0)
        j       park
        """
    )
    assert words(cluster, 0x10000000, 1) == [55]


def test_events_that_nothing_raises_never_come() -> None:
    with pytest.raises(ProgramError, match=r"EVENT_WAIT; wakes on event \(23\), event \(30\)"):
        run("li t0, 1 << 23 | 1 << 30\n sw t0, EU_MASK(s0)\n p.elw t0, EU_EVENT_WAIT(s0)")


def test_the_mutex_needs_its_event_in_the_mask() -> None:
    with pytest.raises(ProgramError) as error:
        run("lw t0, EU_MUTEX(s0)")
    assert "event_unit.MUTEX; mutex held by hart 0; its event, mutex (17), is not in the core's MASK" in str(error.value)


# -- deadlock --------------------------------------------------------------------------------------------------------------


def test_deadlock_says_who_waits_for_what_where_and_since_when() -> None:
    text = BARRIER_SETUP + """
        li      t1, 3
        beq     a0, t1, sleeper
        li      t1, 5
        beq     a0, t1, handless
        li      t1, 6
        beq     a0, t1, empty
        p.elw   t0, EU_BARRIER_TRIGGER_WAIT_CLEAR(s0)
sleeper:
        li      t1, 1 << EVENT_DMA
        sw      t1, EU_MASK(s0)
        p.elw   t0, EU_EVENT_WAIT(s0)
handless:
        wfi
empty:  sw      x0, EU_MASK(s0)
        p.elw   t0, EU_BARRIER_TRIGGER_WAIT+EU_BARRIER_STRIDE(s0)
        """  # fmt: skip
    with pytest.raises(ProgramError) as error:
        run(text)
    lines = str(error.value).splitlines()
    assert lines[0] == "nothing can happen any more: every hart waits for something that will not come"
    assert len(lines) == 9
    barrier = "event_unit.BARRIER0_TRIGGER_WAIT_CLEAR; barrier 0: arrived harts 0, 1, 2, 4, 7, missing harts 3, 5, 6; wakes on "
    assert barrier + "barrier (16), mutex (17), dispatch (18)" in lines[1]
    assert "hart 3 at pc 0x1c0080" in lines[4]
    assert "<sleeper+0x" in lines[4]
    assert "`p.elw t0, 56(s0)` waits since cycle " in lines[4]
    assert lines[4].endswith("event_unit.EVENT_WAIT; wakes on DMA (8)")
    assert lines[6].endswith("wfi; MASK_IRQ is 0: no interrupt can wake it")
    assert lines[7].endswith(
        "event_unit.BARRIER1_TRIGGER_WAIT; barrier 1 has an empty TRIGGER_MASK: it never opens; the core's MASK is 0: no event "
        "can wake it"
    )


def test_a_sleeping_hart_costs_no_time() -> None:
    """A billion cycles pass at once when only a timer is to come."""
    cluster = machine(
        """
        bnez    a0, park2
        li      t0, TIMER_BASE
        li      t1, 1000000000
        sw      t1, TIMER_CMP_LO(t0)
        li      t1, TIMER_CFG_LO_ENABLE_MASK | TIMER_CFG_LO_IRQ_ENABLE_MASK
        sw      t1, TIMER_CFG_LO(t0)
        li      t1, 1 << EVENT_TIMER_LOW
        sw      t1, EU_MASK(s0)
        p.elw   t0, EU_EVENT_WAIT_CLEAR(s0)
        j       exit
park2:  p.elw   t0, EU_EVENT_WAIT(s0)
        """
    )
    result = cluster.run(max_cycles=2 * 10**9)
    assert result.reason == "exit"
    assert 10**9 < result.cycles < 10**9 + 200
    assert result.stats["harts"][0]["stalls"]["sleep"] > 10**9 - 100


def test_holes_are_errors() -> None:
    with pytest.raises(ProgramError, match=r"event_unit has no register at \+0x60; next to it: EVENT_WAIT_CLEAR"):
        run("lw t0, 0x60(s0)")
    with pytest.raises(ProgramError, match="the core's own peripheral space has no device"):
        run("li t0, 0x10204c00\n lw t0, 0(t0)")
    with pytest.raises(ProgramError, match="multiple of the size"):
        run("lw t0, 2(s0)")


def test_fewer_harts_have_fewer_barriers() -> None:
    _, result = run("bnez a0, park\n lw t0, EU_BARRIER_STATUS+3*EU_BARRIER_STRIDE(s0)", harts=4)
    assert result.exit_code == 0
    with pytest.raises(ProgramError, match="event_unit has no register"):
        run("bnez a0, park\n lw t0, EU_BARRIER_STATUS+4*EU_BARRIER_STRIDE(s0)", harts=4)


def test_reset_forgets_sleepers() -> None:
    cluster = machine("bnez a0, 1f\n li t0, 40\n2: addi t0, t0, -1\n bnez t0, 2b\n j exit\n1: p.elw t0, EU_EVENT_WAIT(s0)")
    first, second = cluster.run(), cluster.run()
    assert (first.cycles, first.stats["harts"]) == (second.cycles, second.stats["harts"])
    assert cluster.machine.hart[1, Hart.PENDING] == Pending.BLOCKED
    assert touch(cluster, 0x10200800) is not None
