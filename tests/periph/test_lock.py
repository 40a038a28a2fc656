"""The test-and-set alias of L1: a load returns the old word and leaves 0xFFFFFFFF, a store is a store."""

from __future__ import annotations

import pytest

from .support import run, words

LOCK = """
        li      s3, {each}
        li      s4, 0x10100000 + 512    # the lock, in the alias
        li      s5, -1
        li      s6, 0x10000000 + 516
        li      s7, 0x10000000 + 1024
again:  lw      t0, 0(s4)
        beq     t0, s5, again
        lw      t1, 0(s6)
        addi    t1, t1, 1
        sw      t1, 0(s6)
        sw      x0, 0(s4)
        addi    s3, s3, -1
        bnez    s3, again
        slli    t0, a0, 2               # done
        add     t0, t0, s7
        li      t1, 1
        sw      t1, 0(t0)
        bnez    a0, park
        addi    t2, s7, 28
wait:   lw      t1, 0(t2)
        beqz    t1, wait
        addi    t2, t2, -4
        bgeu    t2, s7, wait
"""


@pytest.mark.parametrize("base", [0x10100000, 0x00100000])
def test_load_takes_and_store_gives_back(base: int) -> None:
    cluster, _ = run(
        f"""
        bnez    a0, park
        li      t0, {base} + 256
        li      t1, 0x12345678
        sw      t1, 0(t0)
        lw      t2, 0(t0)
        lw      t3, 0(t0)
        sw      t2, 0(s2)
        sw      t3, 4(s2)
        lw      t4, 256(s1)
        sw      t4, 8(s2)
        sh      t1, 2(t0)
        lw      t4, 256(s1)
        sw      t4, 12(s2)
        """
    )
    assert words(cluster, 0x10000000, 4) == [0x12345678, 0xFFFFFFFF, 0xFFFFFFFF, 0x5678FFFF]


@pytest.mark.parametrize("interconnect", ["lic", "xbar12", "xbar84", "hci"])
def test_nothing_is_lost(interconnect: str) -> None:
    cluster, result = run(LOCK.format(each=500), interconnect=interconnect, banks=16)
    assert words(cluster, 0x10000200, 2) == [0, 4000]
    assert result.stats["tcdm"]["conflicts"] > 4000


def test_a_million_acquisitions() -> None:
    """Eight harts hammer one lock."""
    cluster, result = run(LOCK.format(each=125_000), max_cycles=10**9)
    assert words(cluster, 0x10000200, 2) == [0, 1_000_000]
    for hart in result.stats["harts"]:
        assert hart["instructions"] > 125_000 * 8
