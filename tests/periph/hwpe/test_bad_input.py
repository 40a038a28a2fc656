"""What a program does wrong with IMA and DW: an error or a warning that names register, value and source line; and no
register values whatever that crash or hang the simulator."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import asm
from iss.cli import main
from iss.cluster import Cluster
from iss.errors import ProgramError
from periph.device import DeviceError
from periph.hwpe import dw, ima
from periph.hwpe.controller import AcceleratorWarning

from .bench import TCDM, WORD, Bench, depthwise, pointwise
from .test_firmware import stores

IMA, DW = 0x10202000, 0x10201000
IMA_JOB = pointwise(1, 8, 8, TCDM + 0x1000, TCDM + 0x2000)
DW_JOB = depthwise(5, 5, 16, SRC_ADDR=TCDM, DST_ADDR=TCDM + 0x4000, WEIGHT_ADDR=TCDM + 0x2000)
HEAD = """
    .globl _start
_start:
    csrr a0, mhartid
    bnez a0, idle
"""
TAIL = """
    li a0, 0
    li a6, 0x1A1040A0
    li a7, 1 << 31
    sw a7, 0(a6)
idle:
    wfi
    j idle
"""
WAIT = """
    li a3, 0x10204000
    li a2, 1 << 14 | 1 << 12
    sw a2, 0x8(a3)
    p.elw a2, 0x3c(a3)
"""
HERE = "# here"


def job(unit: str, changes: dict[str, int], acquire: bool = True) -> str:
    """A job of a unit with registers changed; the line of its trigger is marked."""
    table, base, registers = (ima.TABLE, IMA, IMA_JOB) if unit == "ima" else (dw.TABLE, DW, DW_JOB)
    lock = f"li a1, 0x{base:x}\nlw a2, 4(a1)\n" if acquire else ""
    return f"{lock}{stores(table, base, {**registers, **changes})}\nsw zero, 0(a1) {HERE}\n"


def plot(changes: dict[str, int], word: int) -> str:
    """A plot of one word."""
    registers = {"P_START_X": 0, "P_START_Y": 0, "P_WIDTH": 8, "P_HIGHT": 1, **changes}
    begin = f"li a1, 0x{IMA:x}\nlw a2, 4(a1)\n{stores(ima.TABLE, IMA, registers)}\n"
    return f"{begin}li a2, 0x{word:x}\nsw a2, 0x30(a1) {HERE}\n"


def start(text: str) -> tuple[Cluster, str]:
    """A cluster with a program, and how messages name its marked line."""
    source = HEAD + text + TAIL
    cluster = Cluster(harts=2)
    cluster.load_elf(asm.assemble_text(source, layout="cluster", name="bad.S").elf)
    marked = [number for number, line in enumerate(source.split("\n"), 1) if HERE in line]
    return cluster, f"bad.S:{marked[0]}" if marked else "bad.S:"


ERRORS = {
    "source outside memory": (job("ima", {"J_SRC_ADDR": 0x1C000000}), "ima.J_SRC_ADDR = 0x1c000000 at TRIGGER"),
    "a stride out of memory": (job("ima", {"NUM_JOBS": 3, "ALPHA_OUT_STRIDE": 1 << 30}), "ima.J_DST_ADDR = 0x10002000 at"),
    "outside the crossbar": (job("ima", {"J_START_X": 255}), "ima.J_WIDTH = 8, J_HIGHT = 8 at TRIGGER: columns 255..262"),
    "a crossbar that is not there": (job("ima", {"CROSSBAR": 7}), "crossbar 7 is none of the 1"),
    "no columns": (job("ima", {"J_WIDTH": 0}), "ima.J_WIDTH = 0 at TRIGGER: must be at least 1"),
    "no rows": (job("ima", {"J_HIGHT": 0}), "ima.J_HIGHT = 0 at TRIGGER: must be at least 1"),
    "an overflowing length": (job("ima", {"JOB_LINE_LENGTH": WORD}), "ima.JOB_LINE_LENGTH = -1 at TRIGGER"),
    "an overflowing width": (job("ima", {"J_WIDTH": 0x7FFFFFFF}), "ima.J_WIDTH = 2147483647, J_HIGHT = 8 at TRIGGER"),
    "too many jobs": (job("ima", {"NUM_JOBS": 0x7FFFFFFF}), "ima.NUM_JOBS = 2147483647 at TRIGGER: at most"),
    "no acquire": (job("ima", {}, acquire=False).replace(HERE, "", 1), "the IMA is not acquired; load ACQUIRE until it is 0"),
    "a plot outside": (plot({"P_START_Y": 256}, 1), "ima.SUBMIT_PLOT = 0x00000001: rows 256..256 are not all in a crossbar"),
    "a plot of nothing": (plot({"P_HIGHT": 0}, 1), "ima.SUBMIT_PLOT = 0x00000001: P_WIDTH = 8 x P_HIGHT = 0"),
    "an unaligned register": (f"li a1, 0x{IMA:x}\nsw zero, 2(a1) {HERE}\n", "multiple of the size"),
    "half a register": (f"li a1, 0x{IMA:x}\nsh zero, 0(a1) {HERE}\n", "ima.TRIGGER"),
    "a register that is not there": (f"li a1, 0x{IMA:x}\nsw zero, 0xf0(a1) {HERE}\n", "ima"),
    "DW: no rows": (job("dw", {"HEIGHT": 0}), "dw.HEIGHT = 0 at TRIGGER: must be 1..1023"),
    "DW: too many channels": (job("dw", {"CHANNELS": 1 << 16}), "dw.CHANNELS = 65536 at TRIGGER: must be 1..65535"),
    "DW: source outside memory": (job("dw", {"SRC_ADDR": 0x1007FFF0}), "dw.SRC_ADDR = 0x1007fff0 at TRIGGER"),
    "DW: result outside memory": (job("dw", {"DST_ADDR": 0x1C000000}), "dw.DST_ADDR = 0x1c000000 at TRIGGER"),
    "DW: weights outside memory": (job("dw", {"WEIGHT_STRIDE": 1 << 30}), "dw.WEIGHT_ADDR = 0x10002000 at TRIGGER"),
    "DW: smaller than the kernel": (job("dw", {"HEIGHT": 2}), "dw.HEIGHT = 2, WIDTH = 5 at TRIGGER"),
    "DW: another engine's mode": (job("dw", {"CONF0": 2 << 5}), "dw.CONF0 = 0x00000040 at TRIGGER: MODE is 2"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_name_register_value_and_line(name: str) -> None:
    text, expected = ERRORS[name]
    cluster, line = start(text)
    with pytest.raises(ProgramError) as error:
        cluster.run(max_cycles=10**5)
    message = str(error.value)
    assert "hart 0 at pc 0x" in message
    assert (line if HERE in text else "bad.S:") in message
    assert expected in message


WARNINGS = {
    "no acquire": (job("dw", {}, acquire=False), "dw: TRIGGER = 0x0 without ACQUIRE"),
    "a weight of -8": (plot({}, 0x00000800), "ima: SUBMIT_PLOT = 0x00000800 programs a weight of -8, out of the range -7..7"),
    "no jobs": (job("ima", {"NUM_JOBS": 0}), "ima: NUM_JOBS = 0: the trigger runs nothing"),
    "in place": (job("dw", {"DST_ADDR": TCDM + 16}), "dw: DST_ADDR: the output overlaps the input"),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_what_the_hardware_does_is_warned_of_and_done(name: str) -> None:
    text, expected = WARNINGS[name]
    cluster, line = start(text)
    with pytest.warns(AcceleratorWarning) as seen:
        result = cluster.run(max_cycles=10**5)
    assert result.exit_code == 0
    (message,) = (str(warning.message) for warning in seen)
    assert line in message
    assert expected in message
    unit = expected[:3].strip(":")
    assert result.stats["hwpe"][unit]["warnings"] == [message]


HANGS = {
    "acquired, not triggered": (f"li a1, 0x{IMA:x}\nlw a2, 4(a1)\n{WAIT}", "ima is locked by hart 0, which has not triggered"),
    "committed, not triggered": (job("dw", {}).replace("sw zero, 0(a1)", "li a2, 1\nsw a2, 0(a1)") + WAIT, "dw has 1 jobs"),
}


@pytest.mark.parametrize("name", HANGS)
def test_who_sleeps_for_ever_is_told_why(name: str) -> None:
    text, expected = HANGS[name]
    cluster, _ = start(text)
    with pytest.raises(ProgramError) as error:
        cluster.run()
    assert expected in str(error.value)


def test_who_asks_for_ever_is_told_why(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    """ACQUIRE answers -1 until the one who has the lock triggers."""
    source = tmp_path / "spin.S"
    source.write_text(f"{HEAD}li a1, 0x{IMA:x}\n1:\nlw a2, 4(a1)\nj 1b\n{TAIL}")
    assert main(["run", str(source), "--harts", "2", "--max-cycles", "20000"]) == 2
    assert "ima is locked by hart 0, which has not triggered" in capsys.readouterr().err


# -- any values at all -------------------------------------------------------------------------------------------------

VALUES = st.one_of(
    st.sampled_from([0, 1, 2, 3, 7, 8, 16, 255, 256, 257, 1 << 16, 1 << 20, 1 << 31, WORD, WORD - 7, TCDM, TCDM + 0x7FFF8]),
    st.integers(0, 64),
    st.integers(0, WORD),
)
LIMIT = 40_000


def anything(table: ima.RegisterTable, job: dict[str, int]) -> st.SearchStrategy[dict[str, int]]:
    """A job with some registers changed to anything."""
    names = [place.name for place in table if place.offset >= 0x20 and "w" in place.register.access and place.name != "SUBMIT_PLOT"]
    names = [name for name in names if not name.startswith("TILE") or name < "TILE3" or name == "TILES"]
    return st.dictionaries(st.sampled_from(names), VALUES, max_size=6).map(lambda changes: {**job, **changes})


@pytest.mark.parametrize("unit", ["ima", "dw"])
def test_any_registers_are_an_error_or_a_job(unit: str) -> None:
    bench = Bench(ima_crossbars=2)
    device, table, plain = (bench.ima, ima.TABLE, IMA_JOB) if unit == "ima" else (bench.dw, dw.TABLE, DW_JOB)
    texts: list[str] = []
    done = []

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(anything(table, plain))
    def check(registers: dict[str, int]) -> None:
        bench.reset()
        assert bench.load(device, "ACQUIRE") == 0
        bench.configure(device, registers)
        try:
            bench.store(device, "TRIGGER", 0)
        except DeviceError as error:
            texts.append(str(error))
            return
        bench.run(bench.cycle + LIMIT)
        done.append(not device.queue)
        assert len(bench.machine.memory) == bench.machine.map.size // 4 + 2

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AcceleratorWarning)
        check()
    assert texts
    assert all(re.match(rf"{unit}\.[A-Z_0-9]+", text) for text in texts)
    assert min(len(texts), sum(done)) > 10
    guard = np.frombuffer(bench.cluster.read(0x1C000000, 4096), np.uint8)
    assert not guard.any(), "nothing but the TCDM is written"


PLOTS = ["P_START_X", "P_START_Y", "P_WIDTH", "P_HIGHT", "CROSSBAR", "PR_ADDR_X", "PR_ADDR_Y"]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.dictionaries(st.sampled_from(PLOTS), VALUES), st.lists(st.integers(0, WORD), max_size=4))
def test_any_plot_is_an_error_or_stays_in_its_block(registers: dict[str, int], plotted: list[int]) -> None:
    bench = Bench(ima_crossbars=2, ima_rows=40, ima_columns=24)
    before = [bench.ima.cells(number) for number in range(2)]
    block = {"P_START_X": 3, "P_START_Y": 5, "P_WIDTH": 12, "P_HIGHT": 3, "CROSSBAR": 1, **registers}
    assert bench.load(bench.ima, "ACQUIRE") == 0
    bench.configure(bench.ima, block)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AcceleratorWarning)
        try:
            for word in plotted:
                bench.store(bench.ima, "SUBMIT_PLOT", word)
            bench.load(bench.ima, "PR_VAL")
        except DeviceError as error:
            assert re.match(r"ima\.(SUBMIT_PLOT|PR_VAL)", str(error))  # noqa: PT017
    x, y, width, height = (block[f"P_{name}"] for name in ("START_X", "START_Y", "WIDTH", "HIGHT"))
    for number in range(2):
        changed = np.argwhere(bench.ima.cells(number) != before[number])
        assert all(number == block["CROSSBAR"] and y <= r < y + height and x <= c < x + width for r, c in changed)
