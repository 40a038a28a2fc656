"""The fabric controller's side: it boots the cluster and hears from it; cluster control, I-cache control, interrupt
controller, stdout, clock generators."""

from __future__ import annotations

import pytest

from iss.cluster import Cluster
from iss.engine.layout import Global
from iss.errors import ProgramError

from .support import machine, run, touch, words

FC = 8
"""The fabric controller's number, behind eight cores."""
BOOT = """
        li      t0, 31 << 5
        csrr    t1, 0xF14
        beq     t0, t1, fabric
        j       core
fabric:
        li      s3, CLUSTER_CTRL_BASE
        la      t0, core
        li      t1, 8
        addi    t2, s3, CLUSTER_CTRL_BOOT_ADDR
1:      sw      t0, 0(t2)
        addi    t2, t2, 4
        addi    t1, t1, -1
        bnez    t1, 1b
        li      t0, 0xff
        sw      t0, CLUSTER_CTRL_FETCH_EN(s3)
"""
MARK = """
        j       2f
core:
2:      li      t0, 0x1C070000          # a word for each core that is here
        csrr    t1, 0xF14
        slli    t2, t1, 2
        add     t0, t0, t2
        li      t2, 1
        sw      t2, 0(t0)
        li      t2, 31 << 5
        bne     t1, t2, park
        li      t1, 300
1:      addi    t1, t1, -1
        bnez    t1, 1b
"""


def pulp(text: str, **values: object) -> Cluster:
    return run(BOOT + text, machine="pulp", **values)[0]


# -- from boot to the cluster and back ---------------------------------------------------------------------------------


@pytest.mark.parametrize("icache", ["ideal", "hierarchical"])
def test_boot_to_the_cluster_and_back(icache: str) -> None:
    """The fabric controller starts eight cores, which meet at a barrier and report by a SoC event; it sleeps until then."""
    cluster = pulp(
        """
        li      s4, FC_ITC_BASE
        li      t0, 1 << 26
        sw      t0, FC_ITC_MASK(s4)
        li      s5, SOC_EVENTS_BASE
        li      t0, 0xfffffffe
        sw      t0, SOC_EVENTS_FC_MASK + 5*SOC_EVENTS_FC_MASK_STRIDE(s5)
        wfi
        lw      t0, FC_ITC_STATUS(s4)
        sw      t0, FC_ITC_STATUS_CLEAR(s4)
        lw      t1, FC_ITC_FIFO(s4)
        li      t2, 0x1C070000
        sw      t0, 0(t2)
        sw      t1, 4(t2)
        lw      t3, CLUSTER_CTRL_FETCH_EN(s3)
        sw      t3, 8(t2)
        lw      t3, 0x400(s1)           # what the cores have left in L1
        sw      t3, 12(t2)
        j       exit
core:   csrr    a0, 0xF14
        li      s0, 0x00204000          # the alias that the cluster's cores have
        li      t0, 1 << EVENT_BARRIER
        sw      t0, EU_MASK(s0)
        li      t0, 0xff
        sw      t0, EU_BARRIER_TRIGGER_MASK(s0)
        sw      t0, EU_BARRIER_TARGET_MASK(s0)
        p.elw   t0, EU_BARRIER_TRIGGER_WAIT_CLEAR(s0)
        li      s6, 0x00100400          # a lock in the test-and-set alias, a sum beside it
        li      t1, -1
1:      lw      t0, 4(s6)
        beq     t0, t1, 1b
        li      s7, 0x10000400
        lw      t2, 0(s7)
        add     t2, t2, a0
        addi    t2, t2, 1
        sw      t2, 0(s7)
        sw      x0, 4(s6)
        p.elw   t0, EU_BARRIER_TRIGGER_WAIT_CLEAR(s0)
        bnez    a0, 2f
        li      t0, SOC_EVENTS_BASE
        li      t1, 1
        sw      t1, SOC_EVENTS_EVENT(t0)
2:      wfi
        j       2b
        """,
        icache=icache,
    )
    assert words(cluster, 0x1C070000, 4) == [1 << 26, 160, 0xFF, 36]
    assert cluster.result().stats["harts"][FC]["stalls"]["sleep"] > 50


def test_cores_that_are_not_started_say_so() -> None:
    with pytest.raises(ProgramError) as error:
        run("wfi", machine="pulp")
    lines = str(error.value).splitlines()
    assert "hart 0: it has not been started: bit 0 of cluster_ctrl.FETCH_EN is 0" in lines[1]
    assert "hart 8 at pc" in lines[9]
    assert "fc_itc.MASK is 0: no interrupt can wake it" in lines[9]


def test_fetch_enable_starts_a_core_once_at_its_own_address() -> None:
    cluster = pulp(
        """
        la      t0, others
        sw      t0, CLUSTER_CTRL_BOOT_ADDR + 4(s3)
        sw      x0, CLUSTER_CTRL_FETCH_EN(s3)
        li      t1, 0x102
        sw      t1, CLUSTER_CTRL_FETCH_EN(s3)   # core 1 runs already; there is no core 8
        lw      t1, CLUSTER_CTRL_FETCH_EN(s3)
        li      t2, 0x1C070000
        sw      t1, 0(t2)
        lw      t3, 0x404(s1)
        sw      t3, 4(t2)
        j       exit
others: li      t0, 0x10000404
        li      t1, 77
        sw      t1, 0(t0)
core:   j       core
        """
    )
    assert words(cluster, 0x1C070000, 2) == [2, 0]
    cluster = pulp(MARK)
    assert words(cluster, 0x1C070000, 9) == [1] * 8 + [0]


def test_the_end_without_fabric_controller() -> None:
    """EOC ends the run with RETURN, whose bit 31 does not count."""
    cluster = machine(
        """
        bnez    a0, park
        li      t0, CLUSTER_CTRL_BASE
        li      t1, 0x80000011
        sw      t1, CLUSTER_CTRL_RETURN(t0)
        li      t1, 1
        sw      t1, CLUSTER_CTRL_EOC(t0)
        j       park
        """
    )
    result = cluster.run(max_cycles=10**5)
    assert (result.exit_code, result.reason) == (0x11, "exit")


def test_cluster_cfg_sets_the_arbiter() -> None:
    cluster = machine("j park", interconnect="hci", low_prio_max_stall=3)
    cluster.run(max_cycles=100)
    world = cluster.machine.world
    assert (world[Global.MAX_STALL], world[Global.INVERT_PRIO]) == (3, 0)
    touch(cluster, 0x10200018, 0x10A)
    assert (world[Global.MAX_STALL], world[Global.INVERT_PRIO]) == (10, 1)


@pytest.mark.parametrize("register", ["FLUSH", "FLUSH_L1_ONLY", "SEL_FLUSH"])
def test_a_flushed_line_is_fetched_again(register: str) -> None:
    """The same loop, with and without a flush in it."""
    misses = []
    for name in ("HITS", register):
        value = "la t1, again" if register == "SEL_FLUSH" else "li t1, 1"
        text = f"bnez a0, park\n li t0, ICACHE_CTRL_BASE\n li t2, 20\n{value}\nagain: sw t1, ICACHE_CTRL_{name}(t0)\n"
        _, result = run(text + "nop\n nop\n nop\n nop\n nop\n nop\n addi t2, t2, -1\n bnez t2, again\n", icache="hierarchical")
        misses.append(result.stats["harts"][0]["icache"]["misses"])
    assert misses[1] >= misses[0] + 19  # the first one is cold anyway


def test_a_cache_that_is_off_fetches_every_line_from_l2() -> None:
    cycles = []
    for name in ("HITS", "ENABLE"):
        text = f"bnez a0, park\n li t0, ICACHE_CTRL_BASE\n sw x0, ICACHE_CTRL_{name}(t0)\n"
        cycles.append(run(text + "li t2, 50\n1: addi t2, t2, -1\n bnez t2, 1b\n", icache="hierarchical")[1].cycles)
    assert cycles[1] > cycles[0] + 40 * 18


# -- the fabric controller's interrupt controller ----------------------------------------------------------------------


def fabric(text: str) -> Cluster:
    """A program of the fabric controller alone, whose interrupt controller is at s4; t2: where it leaves words."""
    start = "li s4, FC_ITC_BASE\n li t2, 0x1C070000\n"
    return run(start + text, machine="pulp")[0]


def test_masks_and_status() -> None:
    cluster = fabric(
        """
        li      t0, 0xf0
        sw      t0, FC_ITC_MASK(s4)
        li      t0, 0x0f
        sw      t0, FC_ITC_MASK_SET(s4)
        li      t0, 0x11
        sw      t0, FC_ITC_MASK_CLEAR(s4)
        lw      t1, FC_ITC_MASK(s4)
        sw      t1, 0(t2)
        li      t0, 0x700
        sw      t0, FC_ITC_STATUS_SET(s4)
        li      t0, 0x200
        sw      t0, FC_ITC_STATUS_CLEAR(s4)
        lw      t1, FC_ITC_STATUS(s4)
        sw      t1, 4(t2)
        li      t0, 0x30
        sw      t0, FC_ITC_ACK_SET(s4)
        li      t0, 0x10
        sw      t0, FC_ITC_ACK_CLEAR(s4)
        lw      t1, FC_ITC_ACK(s4)
        sw      t1, 8(t2)
        """
    )
    assert words(cluster, 0x1C070000, 3) == [0xEE, 0x500, 0x20]


def test_the_highest_interrupt_comes_first_and_is_acknowledged() -> None:
    cluster = fabric(
        """
        li      t0, -1
        sw      t0, FC_ITC_MASK(s4)
        li      t0, 0x12
        sw      t0, FC_ITC_STATUS_SET(s4)
        csrwi   0x300, 8
        nop
        nop
        lw      t1, FC_ITC_ACK(s4)
        sw      t1, 8(t2)
        j       exit
handler:
        csrr    t0, 0x342
        andi    t0, t0, 31
        sw      t0, 0(t2)
        addi    t2, t2, 4
        mret
        """
    )
    assert words(cluster, 0x1C070000, 2) == [4, 1]
    assert words(cluster, 0x1C070010, 1) == [0x12]


def test_the_timer_of_the_fabric_controller_interrupts_it() -> None:
    cluster = fabric(
        """
        li      t0, 1 << 11
        sw      t0, FC_ITC_MASK(s4)
        li      t0, FC_TIMER_BASE
        li      t1, 500
        sw      t1, FC_TIMER_CMP_HI(t0)
        li      t1, FC_TIMER_CFG_HI_ENABLE_MASK | FC_TIMER_CFG_HI_IRQ_ENABLE_MASK
        sw      t1, FC_TIMER_CFG_HI(t0)
        wfi
        lw      t1, FC_TIMER_CNT_HI(t0)
        sw      t1, 0(t2)
        """
    )
    assert 500 < words(cluster, 0x1C070000, 1)[0] < 520


def test_soc_events_wait_in_a_queue_and_the_fifth_is_marked() -> None:
    cluster = fabric(
        """
        li      s5, SOC_EVENTS_BASE
        li      t0, 0xffffff00
        sw      t0, SOC_EVENTS_FC_MASK + 5*SOC_EVENTS_FC_MASK_STRIDE(s5)
        li      t0, 0b10110111
        sw      t0, SOC_EVENTS_EVENT(s5)
        li      t1, 30
1:      addi    t1, t1, -1
        bnez    t1, 1b
        lw      t1, SOC_EVENTS_ERR + 5*SOC_EVENTS_ERR_STRIDE(s5)
        sw      t1, 0(t2)
        lw      t1, SOC_EVENTS_ERR + 5*SOC_EVENTS_ERR_STRIDE(s5)
        sw      t1, 4(t2)
        li      t0, 1 << 26
        li      t3, 4
2:      sw      t0, FC_ITC_STATUS_CLEAR(s4)
        lw      t1, FC_ITC_FIFO(s4)
        sw      t1, 8(t2)
        addi    t2, t2, 4
        addi    t3, t3, -1
        bnez    t3, 2b
        """
    )
    assert words(cluster, 0x1C070000, 6) == [0b10100000, 0, 160, 161, 162, 164]


# -- stdout, clocks ----------------------------------------------------------------------------------------------------


def test_lines_of_different_harts_do_not_mix() -> None:
    printed: list[tuple[int, bytes]] = []
    cluster = machine(
        """
        li      t0, STDOUT_BASE
        slli    t1, a0, 3
        add     t0, t0, t1
        addi    t1, a0, 'a'
        sb      t1, 0(t0)
        sh      t1, 0(t0)
        sw      t1, 0(t0)
        lw      t2, 0(t0)
        add     t1, t1, t2
        sw      t1, 0(t0)
        li      t1, '\\n'
        beqz    a0, 1f
        sw      t1, 0(t0)
1:      li      t1, 300
2:      addi    t1, t1, -1
        bnez    t1, 2b
        bnez    a0, park
        """
    )
    cluster.machine.output = lambda hart, data: printed.append((hart, data))
    assert cluster.run(max_cycles=10**5).exit_code == 0
    assert sorted(printed) == [(0, b"aaaa"), *((h, bytes([97 + h]) * 4 + b"\n") for h in range(1, 8))]
    assert printed[-1][0] == 0  # its line has not ended: it comes when the run ends


def test_clock_generators_lock_at_once() -> None:
    cluster, _ = run(
        """
        bnez    a0, park
        li      t0, FLL_BASE
        li      t1, 0xC8001234
        sw      t1, FLL_FLL_CONF1 + FLL_FLL_STRIDE(t0)
        lw      t1, FLL_FLL_STATUS + FLL_FLL_STRIDE(t0)
        lw      t2, FLL_FLL_STATUS(t0)
        sw      t1, 0(s2)
        sw      t2, 4(s2)
        """
    )
    assert words(cluster, 0x10000000, 2) == [0x1234, 0x5F5]
