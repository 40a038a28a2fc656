"""IMA, DW, DMA in both directions and the cores at once: data exact, conflicts counted, every cycle with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import asm
from iss.cluster import Cluster
from iss.result import RunResult
from periph.hwpe import dw, ima

from . import model
from .bench import TCDM, depthwise, pointwise
from .test_firmware import stores

IMA_IN, IMA_OUT, DW_IN, DW_WEIGHTS, DW_OUT = (TCDM + 0x8000 * i for i in range(1, 6))
DMA_OUT, DMA_IN, CORES, FLAGS = (TCDM + 0x8000 * i for i in range(6, 10))
L2_FROM, L2_TO = 0x1C040000, 0x1C050000
DMA_BYTES = 0x4000
WORDS = 256
TO_TCDM, INC = 1 << 17, 1 << 18


def program(ima_registers: dict[str, int], dw_registers: dict[str, int], rounds: int, transfers: int) -> str:
    """Hart 0 starts everything and waits for all; the others add 1 to each of their words, `rounds` times."""
    dma = "".join(
        f"""
    lw t0, 0(s3)
    li t1, {command | INC | DMA_BYTES}
    sw t1, 0(s3)
    li t1, {near}
    sw t1, 0(s3)
    li t1, {far}
    sw t1, 0(s3)
    """
        for command, near, far in [(TO_TCDM, DMA_IN, L2_FROM), (0, DMA_OUT, L2_TO)] * transfers
    )
    return f"""
    .globl _start
_start:
    csrr a0, mhartid
    bnez a0, others
    li s3, 0x10204400
    li s4, 0x10202000
    li s5, 0x10201000
    lw a2, 4(s4)
    bltz a2, fail
    lw a2, 4(s5)
    bltz a2, fail
    {stores(ima.TABLE, 0x10202000, ima_registers)}
    {stores(dw.TABLE, 0x10201000, dw_registers)}
    sw zero, 0(s4)
    sw zero, 0(s5)
    {dma}
1:  lw a2, 0xc(s4)
    lw a3, 0xc(s5)
    lhu a4, 4(s3)
    or a2, a2, a3
    or a2, a2, a4
    bnez a2, 1b
    li t0, {FLAGS + 4}
    li t1, 7
2:  lw a2, 0(t0)
    beqz a2, 2b
    addi t0, t0, 4
    addi t1, t1, -1
    bnez t1, 2b
    li a0, 0
exit:
    li t0, 0x1A1040A0
    li t1, 1 << 31
    or a0, a0, t1
    sw a0, 0(t0)
    j .
fail:
    li a0, 1
    j exit
others:
    li t0, {CORES}
    slli t1, a0, 10
    add s2, t0, t1
    li s1, {rounds}
round:
    mv t0, s2
    li t1, {WORDS}
word:
    lw t2, 0(t0)
    addi t0, t0, 4
    addi t2, t2, 1
    sw t2, -4(t0)
    addi t1, t1, -1
    bnez t1, word
    addi s1, s1, -1
    bnez s1, round
    li t0, {FLAGS}
    slli t1, a0, 2
    add t0, t0, t1
    li t1, 1
    sw t1, 0(t0)
    wfi
    j .
"""


class Everything:
    """The data of all, and what they must become."""

    def __init__(self, pixels: int, rounds: int, transfers: int) -> None:
        rng = np.random.default_rng(7)
        self.weights = rng.integers(-7, 8, (128, 96)).astype(np.int8)
        self.inputs = rng.integers(-128, 128, (pixels, 128)).astype(np.int8)
        self.image = rng.integers(-128, 128, (12, 12, 32)).astype(np.int8)
        self.kernel = rng.integers(-128, 128, (3, 3, 32)).astype(np.int8)
        self.blocks = rng.integers(0, 256, (2, DMA_BYTES), np.uint8)
        self.words = rng.integers(0, 1 << 31, (8, WORDS), np.uint32)
        self.rounds = rounds
        place = {"SRC_ADDR": DW_IN, "DST_ADDR": DW_OUT, "WEIGHT_ADDR": DW_WEIGHTS}
        conf = 1 << 5 | 1 << 23 | 8 << 16
        self.text = program(
            pointwise(pixels, 128, 96, IMA_IN, IMA_OUT),
            depthwise(12, 12, 32, **place, PADDING=0x01010101, CONF0=conf),
            rounds, transfers,
        )  # fmt: skip

    def run(self, **values: Any) -> tuple[Cluster, RunResult]:
        cluster = Cluster(**values)
        cluster.load_elf(asm.assemble_text(self.text, layout="cluster").elf)
        cluster.accelerators.ima.program(0, 0, 0, self.weights)
        parts = [(IMA_IN, self.inputs), (DW_IN, self.image), (DW_WEIGHTS, self.kernel)]
        parts += [(L2_FROM, self.blocks[0]), (DMA_OUT, self.blocks[1]), (CORES, self.words)]
        for address, data in parts:
            cluster.write(address, data.tobytes())
        result = cluster.run(max_cycles=3_000_000)
        assert (result.reason, result.exit_code) == ("exit", 0)
        return cluster, result

    def results(self) -> Iterator[tuple[int, np.ndarray]]:
        """Addresses, and what is to be found there."""
        yield IMA_OUT, model.convert(model.matmul(self.inputs, self.weights), 20, 20)
        plain = [0] * 32, [1] * 32, [8] * 32
        yield DW_OUT, model.depthwise(self.image, self.kernel, (1, 1, 1, 1), 1, *plain, -128, 127)
        yield DMA_IN, self.blocks[0]
        yield L2_TO, self.blocks[1]
        yield CORES + 4 * WORDS, self.words[1:] + np.uint32(self.rounds)


@pytest.mark.parametrize("interconnect", ["lic", "xbar12", "xbar84", "hci"])
@pytest.mark.parametrize("execution", ["sequential", "pipelined"])
def test_all_at_once(interconnect: str, execution: str) -> None:
    everything = Everything(pixels=60, rounds=10, transfers=3)
    values = {"interconnect": interconnect, "low_prio_max_stall": 4 if interconnect == "hci" else 0}
    cluster, result = everything.run(ima_execution=execution, **values)
    for address, expected in everything.results():
        assert cluster.read(address, expected.nbytes) == expected.tobytes()
    stats = result.stats
    for hart in stats["harts"]:
        assert hart["cycles"] == hart["instructions"] + sum(hart["stalls"].values())
    for unit, beats in (("ima", 60 * (8 + 6)), ("dw", None)):
        found = stats["hwpe"][unit]
        assert found["conflicts"] == sum(found["port_conflicts"]) > 0
        assert found["stalls"] > 0
        assert beats is None or found["beats"] == beats
    dma = stats["dma"]
    assert (dma["transfers"], dma["bytes"], dma["beats"]) == (6, 6 * DMA_BYTES, 6 * DMA_BYTES // 8)
    assert dma["conflicts"] >= dma["stalls"] > 0
    assert sum(hart["conflicts"] for hart in stats["harts"][1:]) > 0


def test_streams_that_overlap_need_no_more_room() -> None:
    """However long the IMA and the DMA stream at the same time."""
    rows = []
    for pixels, transfers in ((40, 1), (240, 6)):
        cluster, _ = Everything(pixels, 1, transfers).run()
        rows.append(len(cluster.machine.beats))
    assert rows[0] == rows[1]
