"""Both accelerators driven by firmware: events, conflicts with the cores, interconnects, and errors that say where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import asm
from iss.cluster import Cluster
from iss.errors import ProgramError
from iss.result import RunResult
from periph.hwpe import dw, ima
from periph.registers import RegisterTable

from . import model
from .bench import TCDM, depthwise, pointwise

SOURCE, WEIGHTS, TARGET = TCDM + 0x10000, TCDM + 0x20000, TCDM + 0x40000
PLACES = {"ima": (ima.TABLE, 0x10202000, 14), "dw": (dw.TABLE, 0x10201000, 12)}
LOADS = """
2:  lw t1, 0(t0)
    lw t2, 4(t0)
    lw t3, 8(t0)
    lw t4, 12(t0)
    lw t5, 64(t0)
    lw t6, 68(t0)
    addi s1, s1, -1
    bnez s1, 2b
"""


def stores(table: RegisterTable, base: int, registers: dict[str, int]) -> str:
    """Assembly that stores to registers."""
    lines = [f"li a1, 0x{base:x}"]
    for name, value in registers.items():
        lines += [f"li a2, 0x{value & 0xFFFFFFFF:x}", f"sw a2, 0x{table.find(name).offset:x}(a1)"]
    return "\n".join(lines)


def program(unit: str, registers: dict[str, int], loads: int) -> str:
    """Hart 0 runs a job and sleeps until its event; the others load from the TCDM meanwhile."""
    table, base, event = PLACES[unit]
    return f"""
    .globl _start
_start:
    csrr a0, mhartid
    li t0, 0x{SOURCE:x}
    li s1, {loads}
    bnez a0, 2f
    li a3, 0x10204000
    li a2, {1 << event}
    sw a2, 0x8(a3)            # event_unit.MASK_OR
    li a1, 0x{base:x}
1:  lw a2, 4(a1)              # ACQUIRE
    bltz a2, 1b
    {stores(table, base, registers)}
    sw zero, 0(a1)            # TRIGGER
    p.elw a2, 0x3c(a3)        # event_unit.EVENT_WAIT_CLEAR
    lw a4, 0xc(a1)            # STATUS
    li a5, {1 << event}
    sub a0, a2, a5
    or a0, a0, a4
    li a6, 0x1A1040A0
    li a7, 1 << 31
    or a0, a0, a7
    sw a0, 0(a6)
    j .
    {LOADS if loads else "2:"}
    wfi
    j .
"""


def run(text: str, setup: Any, **values: Any) -> tuple[Cluster, RunResult]:
    cluster = Cluster(**values)
    cluster.load_elf(asm.assemble_text(text, layout="cluster").elf)
    setup(cluster)
    result = cluster.run(max_cycles=2_000_000)
    assert (result.reason, result.exit_code) == ("exit", 0)
    return cluster, result


class Ima:
    """A pointwise layer."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.weights = rng.integers(-7, 8, (128, 96)).astype(np.int8)
        self.inputs = rng.integers(-128, 128, (40, 128)).astype(np.int8)
        self.registers = pointwise(40, 128, 96, SOURCE, TARGET)
        self.expected = model.convert(model.matmul(self.inputs, self.weights), 20, 20)

    def setup(self, cluster: Cluster) -> None:
        cluster.accelerators.ima.program(0, 0, 0, self.weights)
        cluster.write(SOURCE, self.inputs.tobytes())


class Dw:
    """A depth-wise layer."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.image = rng.integers(-128, 128, (12, 12, 32)).astype(np.int8)
        self.weights = rng.integers(-128, 128, (3, 3, 32)).astype(np.int8)
        place = {"SRC_ADDR": SOURCE, "DST_ADDR": TARGET, "WEIGHT_ADDR": WEIGHTS}
        conf = 1 << 5 | 1 << 23 | 8 << 16
        self.registers = depthwise(12, 12, 32, **place, PADDING=0x01010101, CONF0=conf)
        plain = [0] * 32, [1] * 32, [8] * 32
        self.expected = model.depthwise(self.image, self.weights, (1, 1, 1, 1), 1, *plain, -128, 127)

    def setup(self, cluster: Cluster) -> None:
        cluster.write(SOURCE, self.image.tobytes())
        cluster.write(WEIGHTS, self.weights.tobytes())


LAYERS = {"ima": Ima(), "dw": Dw()}


@pytest.mark.parametrize("unit", ["ima", "dw"])
@pytest.mark.parametrize("interconnect", ["lic", "xbar12", "xbar84", "hci"])
def test_conflicts_slow_both(unit: str, interconnect: str) -> None:
    """Results are the same; stalls of the pipelined IMA hide behind its multiplications, those of DW do not."""
    layer = LAYERS[unit]
    values = {"interconnect": interconnect, "low_prio_max_stall": 4 if interconnect == "hci" else 0}
    alone, quiet = run(program(unit, layer.registers, 0), layer.setup, **values)
    both, busy = run(program(unit, layer.registers, 3000), layer.setup, **values)
    for cluster in (alone, both):
        data = np.frombuffer(cluster.read(TARGET, layer.expected.size), np.int8)
        assert (data == layer.expected.ravel()).all()
    free, contended = quiet.stats["hwpe"][unit], busy.stats["hwpe"][unit]
    assert free["stalls"] == free["conflicts"] == 0
    assert contended["stalls"] > 0
    assert contended["conflicts"] >= contended["stalls"]
    assert contended["busy_cycles"] > free["busy_cycles"]
    slower = contended["busy_cycles"] - free["busy_cycles"]
    assert slower == contended["stalls"] if unit == "dw" else slower < contended["stalls"]
    harts = busy.stats["harts"][1:]
    assert sum(hart["conflicts"] for hart in harts) > 0
    cycles = [hart["instructions"] + sum(hart["stalls"].values()) for hart in harts]
    assert cycles == [hart["cycles"] for hart in harts]


@pytest.mark.parametrize(("value", "slowed"), [(0, "dw"), (1 << 8, "cores"), (1 << 8 | 2, "both"), (2, "both")])
def test_cluster_control_has_the_priority(value: int, slowed: str) -> None:
    """hci: INVERT_PRIO says who wins; MAX_STALL after how many cycles the other side is served once."""
    layer = LAYERS["dw"]
    store = f"_start:\nli a1, 0x10200000\nli a2, {value}\nsw a2, 0x18(a1)  # CLUSTER_CFG"
    text = program("dw", layer.registers, 2000).replace("_start:", store, 1)
    cluster, result = run(text, layer.setup, interconnect="hci")
    assert np.array_equal(np.frombuffer(cluster.read(TARGET, layer.expected.size), np.int8), layer.expected.ravel())
    # The cores also meet each other: with the accelerator in front of them they lose more than that.
    lost = sum(hart["conflicts"] for hart in result.stats["harts"])
    alone = run(program("dw", {**layer.registers, "HEIGHT": 1, "PADDING": 0x00020002}, 2000), layer.setup, interconnect="hci")[1]
    own = sum(hart["conflicts"] for hart in alone.stats["harts"])
    assert (result.stats["hwpe"]["dw"]["stalls"] > 0) == (slowed != "cores")
    assert (lost > own + 100) == (slowed != "dw")


def test_an_accelerator_slows_the_cores() -> None:
    """The same loads take longer while the IMA streams."""
    layer = LAYERS["ima"]
    _, with_ima = run(program("ima", {**layer.registers, "NUM_JOBS": 40}, 400), layer.setup, hwpe_port_bits=512)
    _, short = run(program("ima", {**layer.registers, "NUM_JOBS": 1}, 400), layer.setup, hwpe_port_bits=512)
    assert with_ima.stats["hwpe"]["ima"]["jobs"] == 40
    assert short.stats["hwpe"]["ima"]["jobs"] == 1
    assert with_ima.stats["harts"][1]["conflicts"] != short.stats["harts"][1]["conflicts"]


def test_runs_repeat() -> None:
    layer = LAYERS["dw"]
    cluster, first = run(program("dw", layer.registers, 500), layer.setup)
    second = cluster.run(max_cycles=1_000_000)
    assert second.stats == first.stats


def test_firmware_programs_the_crossbar_itself(rng: np.random.Generator) -> None:
    """Plot, job, read back, as the public HAL does them: 1000 ns a word, 10 ns to read one."""
    weights = rng.integers(-7, 8, (4, 16)).astype(np.int8)
    words = [sum((int(w) & 15) << 4 * i for i, w in enumerate(row[at : at + 8])) for row in weights for at in (0, 8)]
    table, base, _ = PLACES["ima"]
    submit = "\n".join(f"li a2, 0x{word:x}\nsw a2, 0x30(a1)" for word in words)
    text = f"""
    .globl _start
_start:
    csrr a0, mhartid
    bnez a0, 2f
    li a1, 0x{base:x}
    lw a2, 4(a1)
    {stores(table, base, {"P_START_X": 8, "P_START_Y": 2, "P_WIDTH": 16, "P_HIGHT": 4})}
    {submit}
    lw a2, 4(a1)
    {stores(table, base, {"PR_ADDR_X": 16, "PR_ADDR_Y": 4})}
    lw a0, 0xa8(a1)
    li a2, 0x{words[5]:x}
    sub a0, a0, a2
    snez a0, a0
    li a6, 0x1A1040A0
    li a7, 1 << 31
    or a0, a0, a7
    sw a0, 0(a6)
2:  wfi
    j 2b
"""
    cluster, result = run(text, lambda cluster: None)
    assert (cluster.accelerators.ima.cells()[2:6, 8:24] == weights).all()
    assert 8 * 500 < result.cycles < 8 * 520 + 500
    assert result.stats["harts"][0]["stalls"]["peripheral"] > 8 * 500


def test_errors_say_register_value_and_line() -> None:
    layer = LAYERS["ima"]
    text = program("ima", {**layer.registers, "J_HIGHT": 300}, 0)
    cluster = Cluster()
    cluster.load_elf(asm.assemble_text(text, layout="cluster", name="layer.S").elf)
    with pytest.raises(ProgramError) as error:
        cluster.run()
    message = str(error.value)
    assert "hart 0 at pc 0x" in message
    line = text.split("\n").index("    sw zero, 0(a1)            # TRIGGER") + 1
    assert f"layer.S:{line}" in message
    assert "stores 4 bytes at 0x10202000" in message
    assert "ima.J_WIDTH = 96, J_HIGHT = 300 at TRIGGER: rows 0..299 are not all in a crossbar of 256 rows" in message


def test_a_job_that_never_starts_is_diagnosed() -> None:
    layer = LAYERS["dw"]
    text = program("dw", layer.registers, 0).replace("sw zero, 0(a1) ", "li a2, 1\nsw a2, 0(a1)")
    cluster = Cluster()
    cluster.load_elf(asm.assemble_text(text, layout="cluster").elf)
    with pytest.raises(ProgramError, match="dw has 1 jobs that were committed but not triggered"):
        cluster.run()
