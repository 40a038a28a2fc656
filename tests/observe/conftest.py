"""Programs that meet every kind of instruction and stall, by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

import asm
from iss.cluster import Cluster

CORE_EXIT = """
        li      t6, 0x1A100000
        sw      zero, 0(t6)
1:      j       1b
"""
CLUSTER_EXIT = """
        li      t6, 0x1A1040A0
        lui     t5, 0x80000
        sw      t5, 0(t6)
1:      j       1b
"""

CORE: dict[str, str] = {
    "values": """
        li      a0, 5
        li      a1, -7
        add     a2, a0, a1
        mul     a3, a2, a2
        p.mac   a3, a0, a1
        mulh    a4, a3, a1
        div     a5, a3, a0
        pv.sdotsp.b a5, a0, a1
        p.clip  a6, a5, 5
        pv.add.sci.h a7, a6, 3
        csrrw   s0, mscratch, a7
        csrrs   s1, mscratch, a0
        csrrwi  s2, mstatus, 8
        """,
    "memory": """
        la      a0, data
        lw      a1, 0(a0)
        addi    a1, a1, 1
        sw      a1, 4(a0)
        lb      a2, 3(a0)
        lhu     a3, 1(a0)
        lw      a4, 1(a0)
        p.lw    a5, 4(a0!)
        p.lw    a6, a2(a0!)
        la      a0, data
        li      a2, 4
        p.lhu   a7, a2(a0)
        p.sb    a1, 1(a0!)
        p.sh    a1, a2(a0!)
        p.sw    a1, a2(a0)
        sh      a1, 3(a0)
        lw      a0, 0(a0)
        lw      zero, 0(a2)
        nop
        p.elw   a4, 0(a2)
        """,
    "control": """
        li      a0, 3
        la      a1, there
1:      addi    a0, a0, -1
        bnez    a0, 1b
        p.beqimm a0, 0, 2f
        nop
2:      jal     ra, 3f
3:      jalr    ra, 0(a1)
        nop
there:  mul     a2, a0, a0
        mulh    a2, a0, a0
        j       4f
        .option rvc
        c.nop
4:      c.beqz  s0, 5f
        c.nop
5:      addi    a3, a3, 1
        la      a4, 6f
        lw      a5, 0(sp)
        jr      a4
        .option norvc
6:      auipc   t0, 0
        jalr    t0, 12(t0)
        nop
        """,
    "loops": """
        li      a0, 4
        la      a1, data
        lp.setup x0, a0, 1f
        lw      a2, 0(a1)
        add     a3, a3, a2
1:      lw      a4, 0(a1)
        lp.setupi x1, 3, 2f
        addi    a5, a5, 1
2:      mulh    a5, a5, a0
        lp.starti x0, 3f
        lp.endi x0, 4f
        lp.count x0, a0
        .option rvc
        c.nop
        .option norvc
3:      p.lw    a2, 4(a1!)
4:      lw      a1, 0(a1)
        """,
    "system": """
        fence
        fence.i
        csrr    a0, mhartid
        ecall
        ebreak
        csrw    mepc, a0
        div     a0, a0, a0
        fence
        .word   0xffffffff
        nop
        """,
}
HANDLER = """
        .section .vectors
        csrr    t0, mepc
        addi    t0, t0, 4
        csrw    mepc, t0
        mret
        .text
"""
DATA = """
        .data
        .align  4
data:   .word   data, 0x80818283, 3, 4, 5, 6, 7, 8
        .space  64
"""
CLUSTER: dict[str, str] = {
    "conflicts": """
        csrr    a0, mhartid
        li      a3, 0x10001000
        li      a4, 20
1:      lw      a1, 0(a3)
        addi    a2, a1, 1
        sw      a2, 2(a3)
        lw      a5, 6(a3)
        addi    a4, a4, -1
        bnez    a4, 1b
        bnez    a0, wait
        li      a5, 200
2:      addi    a5, a5, -1
        bnez    a5, 2b
        """,
    "l2 and devices": """
        csrr    a0, mhartid
        bnez    a0, wait
        la      a1, text
        li      a2, 0x1A10F000
        lw      a3, 0(a1)
        sw      a3, 0(a2)
        lw      a3, 2(a1)
        addi    a3, a3, 1
        sw      a3, 0(a2)
        """,
}
BENCH8 = {
    "barriers": """
        csrr    a0, mhartid
        li      a1, 0x1A100000
        slli    a2, a0, 3
1:      addi    a2, a2, -1
        bgez    a2, 1b
        lw      a3, 12(a1)
        lw      a4, 12(a1)
        addi    a3, a3, 1
        """,
}


@cache
def image(machine: str, name: str) -> bytes:
    """The ELF of a program of this file."""
    if machine == "cluster":
        ending = CLUSTER_EXIT + 'wait: j wait\n.section .rodata\ntext: .asciz "trace"\n.space 16\n'
        body = CLUSTER[name]
    else:
        ending = CORE_EXIT + DATA
        body = (CORE if machine == "core" else BENCH8)[name]
    text = f"{HANDLER if machine == 'core' else ''}\n.globl _start\n_start:\n.option norvc\n{body}\n{ending}"
    return asm.assemble_text(text, layout=machine, name=name).elf


PROGRAMS = [(m, n) for m, names in (("core", CORE), ("cluster", CLUSTER), ("bench8", BENCH8)) for n in names]


@pytest.fixture
def build() -> Callable[..., Cluster]:
    """A cluster with a program of this file loaded."""

    def make(machine: str, name: str, **options: Any) -> Cluster:
        cluster = Cluster(machine=machine, icache=options.pop("icache", "ideal"), stdout=lambda h, d: None, **options)
        cluster.load_elf(image(machine, name))
        return cluster

    return make
