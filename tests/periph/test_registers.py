"""Every register of every table: reset value, access, and what a store keeps; tables that cannot be; names; holes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from iss.cluster import Cluster
from iss.errors import ProgramError, SimulationError
from periph import event_unit
from periph.device import DeviceError, RegisterDevice, Reply
from periph.places import PLACED, Placed, register_name
from periph.registers import WORD, Block, Field, Place, Register, RegisterTable

from .support import machine, run, touch

CORES = 8
BY_CONFIGURATION = {
    "soc_ctrl.INFO": CORES << 16 | 1, "icache_ctrl.ENABLE": 0xFFF, "ima.CROSSBARS": 1, "ima.ROWS": 256, "ima.COLUMNS": 256,
    **{f"fll.FLL{n}_STATUS": 0x5F5 for n in range(3)},
}  # fmt: skip
"""What registers hold after reset because of the machine's configuration."""
SLEEPING = ("EVENT_WAIT", "SW_EVENT_WAIT", "DISPATCH_FIFO", "MUTEX", "TRIGGER_WAIT")
SPECIAL = {
    "soc_ctrl.CORE_STATUS", "cluster_ctrl.EOC", "cluster_ctrl.FETCH_EN", "icache_ctrl.ENABLE", "soc_ctrl.JTAG_REG",
    *(f"{name}.{register}_{half}" for name in ("timer", "fc_timer") for register in ("CFG", "CNT") for half in ("LO", "HI")),
    *(f"event_unit.SW_EVENT{i}" for i in range(8)), *(f"{port}.{name}" for port in ("dma", "dma_cl", "dma_fc") for name in
    ("CMD", "STATUS")), "dw.FINISHED_JOBS", "dw.TRIGGER", "ima.TRIGGER", "ima.SUBMIT_PLOT", "ima.PR_VAL",
}  # fmt: skip
"""Registers that do something else with what is stored: they have tests of their own."""


Filter = Callable[[Placed, Place], bool]


def every(access: str, *filters: Filter) -> list[object]:
    """(table, register) as parameters: those of the tables here with one of these kinds of access, and that the filters keep."""
    return [
        pytest.param(placed, place, id=f"{placed.name}.{place.name}")
        for placed in PLACED
        for place in placed.table
        if place.register.access in access.split() and exists(placed, place) and all(f(placed, place) for f in filters)
    ]


def exists(placed: Placed, place: Place) -> bool:
    return not (placed.name.startswith("event_unit") and place.block >= CORES) and placed.name != "stdout"


def answers(placed: Placed, place: Place) -> bool:
    """Whether a load is answered at once."""
    return placed.name != "event_unit" or not any(word in place.name for word in SLEEPING)


def plain(placed: Placed, place: Place) -> bool:
    return f"{placed.name}.{place.name}" not in SPECIAL


def hart_of(placed: Placed) -> int:
    """Who accesses: the fabric controller its own devices, hart 0 the others."""
    return CORES if placed.name.startswith("fc_") else 0


@pytest.fixture(scope="module")
def started() -> Cluster:
    return machine("", machine="pulp")


@pytest.fixture
def idle(started: Cluster) -> Cluster:
    """A machine after reset, with all harts held."""
    started.start()
    for hart in range(started.machine.harts):
        started.machine.hart[hart] = started.machine.hart[0]
    return started


def after_reset(placed: Placed, place: Place) -> int:
    return BY_CONFIGURATION.get(f"{placed.name}.{place.name}", place.register.reset)


@pytest.mark.parametrize(("placed", "place"), every("r", answers, plain) + every("rw", answers))
def test_reset_value(idle: Cluster, placed: Placed, place: Place) -> None:
    assert touch(idle, placed.base + place.offset, hart=hart_of(placed)) == Reply(after_reset(placed, place))


@pytest.mark.parametrize(("placed", "place"), every("w", plain))
def test_write_only_reads_0(idle: Cluster, placed: Placed, place: Place) -> None:
    touch(idle, placed.base + place.offset, 0, hart_of(placed))
    assert touch(idle, placed.base + place.offset, hart=hart_of(placed)) == Reply(0)


@pytest.mark.parametrize(("placed", "place"), every("r", answers, plain))
def test_read_only_ignores_stores(idle: Cluster, placed: Placed, place: Place) -> None:
    touch(idle, placed.base + place.offset, WORD, hart_of(placed))
    assert touch(idle, placed.base + place.offset, hart=hart_of(placed)) == Reply(after_reset(placed, place))


@pytest.mark.parametrize(("placed", "place"), every("rw", answers, plain))
@pytest.mark.parametrize("value", [WORD, 0x12345678, 0])
def test_store_then_load(idle: Cluster, placed: Placed, place: Place, value: int) -> None:
    address, hart = placed.base + place.offset, hart_of(placed)
    if placed.name == "ima":
        touch(idle, placed.base + placed.table.find("ACQUIRE").offset)
    writable = place.register.writable
    if placed.name.startswith("event_unit") and writable == 0xFFFF:
        writable = (1 << CORES) - 1
    touch(idle, address, value, hart)
    expected = place.register.reset & ~writable | value & writable
    assert touch(idle, address, hart=hart) == Reply(expected)
    assert touch(idle, address + 2, hart=hart, size=2) == Reply(expected >> 16)
    assert touch(idle, address + 3, hart=hart, size=1) == Reply(expected >> 24)


@pytest.mark.parametrize(("placed", "place"), every("w rw"))
def test_registers_are_words(idle: Cluster, placed: Placed, place: Place) -> None:
    with pytest.raises(DeviceError, match="stored to as a word"):
        touch(idle, placed.base + place.offset, 1, hart_of(placed), size=1)


@pytest.mark.parametrize("placed", [p for p in PLACED if p.name not in ("soc_ctrl", "stdout")], ids=lambda p: p.name)
def test_holes(idle: Cluster, placed: Placed) -> None:
    taken = {place.offset for place in placed.table if exists(placed, place)}
    for offset in range(0, placed.table.size, 4):
        if offset not in taken:
            with pytest.raises(DeviceError, match=rf"{placed.name} has no register at \+0x{offset:x}"):
                touch(idle, placed.base + offset, hart=hart_of(placed))


def test_the_rest_of_soc_control_is_memory(idle: Cluster) -> None:
    base = 0x1A104000
    touch(idle, base + 0x1D0, 0x11223344)
    touch(idle, base + 0x1D2, 0xAB, size=1)
    assert touch(idle, base + 0x1D0) == Reply(0x11AB3344)
    assert touch(idle, base + 0x1D3, size=1) == Reply(0x11)


def test_error_names_register_neighbours_and_place() -> None:
    with pytest.raises(ProgramError, match=r"at 0x10200030.*cluster_ctrl has no register at \+0x30; next to it: ") as e:
        run("lw t0, 0x30(t1)".replace("lw", "li t1, CLUSTER_CTRL_BASE\nlw", 1))
    assert "hart " in str(e.value)
    assert "`lw      t0" in str(e.value) or "lw t0" in str(e.value)


@pytest.mark.parametrize(("address", "name"), [
    (0x1020421C, "event_unit.BARRIER0_TRIGGER_WAIT_CLEAR"), (0x0020421C, "event_unit.BARRIER0_TRIGGER_WAIT_CLEAR"),
    (0x10200848, "event_unit_global.CORE1_MASK_OR"), (0x1020004C, "cluster_ctrl.BOOT_ADDR3"), (0x1A1040A0, "soc_ctrl.CORE_STATUS"),
    (0x1A10F088, "stdout.CLUSTER1_CORE1"), (0x1A10B00A, "fc_timer.CNT_LO"), (0x10200030, None), (0x1C000000, None),
])  # fmt: skip
def test_register_names(address: int, name: str | None) -> None:
    assert register_name(address) == name


def test_lookup_by_name() -> None:
    assert event_unit.TABLE.find("BARRIER2_STATUS").offset == 0x244
    with pytest.raises(SimulationError, match="did you mean BARRIER0_STATUS"):
        event_unit.TABLE.find("BARRIER0_STATE")


WORD_REGISTER = Register(0, "A", "rw", "")


@pytest.mark.parametrize(("entries", "message"), [
    ((WORD_REGISTER, Register(0, "B", "r", "")), "in use"),
    ((WORD_REGISTER, Register(4, "A", "r", "")), "in use"),
    ((Register(2, "A", "rw", ""),), "no word"),
    ((Register(64, "A", "rw", ""),), "no word"),
    ((Register(0, "A", "x", ""),), "none of r, w, rw"),
    ((Register(0, "A", "rw", "", fields=(Field("F", 0, 4, ""), Field("G", 3, 2, ""))),), "overlaps"),
    ((Register(0, "A", "rw", "", fields=(Field("F", 30, 4, ""),)),), "leaves the word"),
    ((Block("B", 0, 4, 2, (WORD_REGISTER, Register(4, "C", "r", "")), ""),), "in use"),
])  # fmt: skip
def test_a_bad_table_cannot_be(entries: tuple[Register | Block, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RegisterTable("device", "DEVICE", "", 64, entries)


def test_methods_without_register_cannot_be() -> None:
    class Wrong(RegisterDevice):
        def load_b(self, access: object, place: object) -> int:
            return 0

    with pytest.raises(ValueError, match="no registers for load_b"):
        Wrong(RegisterTable("device", "DEVICE", "", 64, (WORD_REGISTER,)))
