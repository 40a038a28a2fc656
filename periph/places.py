"""Where the devices are: what the address map, the headers and the names in traces have in common (spec: memory_map.csv)."""

from __future__ import annotations

from dataclasses import dataclass

from periph import cluster_ctrl, dma, event_unit, icache_ctrl, soc, soc_events, timer
from periph.hwpe import dw, ima
from periph.registers import RegisterTable

CLUSTER, CLUSTER_ALIAS = 0x10000000, 0x00000000
TEST_AND_SET = 0x00100000
LARGE_TCDM = 0x11000000
"""Ours, where nothing else is: the whole of a TCDM that is larger than the cluster's space for it, 1 MiB."""
CLUSTER_PERIPHERALS, CLUSTER_PERIPHERALS_BYTES = 0x10200000, 0x4000
DEMUX, DEMUX_BYTES = 0x10204000, 0x1000
SOC_PERIPHERALS, SOC_PERIPHERALS_BYTES = 0x1A100000, 0x10000
STDOUT_WITHOUT_FC = 0x40000000
L2, L2_ALIAS_BYTES = 0x1C000000, 0x8000


@dataclass(frozen=True)
class Placed:
    """A table of registers at an address; in the cluster also at its alias, for the cluster's harts."""

    table: RegisterTable
    base: int

    @property
    def name(self) -> str:
        return self.table.name

    def bases(self) -> tuple[int, ...]:
        in_cluster = CLUSTER <= self.base < CLUSTER + (4 << 20)
        return (self.base, self.base - CLUSTER + CLUSTER_ALIAS) if in_cluster else (self.base,)


PLACED = (
    Placed(cluster_ctrl.TABLE, CLUSTER_PERIPHERALS),
    Placed(timer.TABLE, CLUSTER_PERIPHERALS + 0x400),
    Placed(event_unit.GLOBAL_TABLE, CLUSTER_PERIPHERALS + 0x800),
    Placed(dw.TABLE, CLUSTER_PERIPHERALS + 0x1000),
    Placed(icache_ctrl.TABLE, CLUSTER_PERIPHERALS + 0x1400),
    Placed(dma.CL_TABLE, CLUSTER_PERIPHERALS + 0x1800),
    Placed(dma.FC_TABLE, CLUSTER_PERIPHERALS + 0x1C00),
    Placed(ima.TABLE, CLUSTER_PERIPHERALS + 0x2000),
    Placed(event_unit.TABLE, DEMUX),
    Placed(dma.TABLE, DEMUX + 0x400),
    Placed(soc.FLL, SOC_PERIPHERALS),
    Placed(soc.SOC_CTRL, SOC_PERIPHERALS + 0x4000),
    Placed(soc_events.GENERATOR, SOC_PERIPHERALS + 0x6000),
    Placed(soc_events.ITC, SOC_PERIPHERALS + 0x9800),
    Placed(timer.FC_TABLE, SOC_PERIPHERALS + 0xB000),
    Placed(soc.STDOUT, SOC_PERIPHERALS + 0xF000),
)
"""Every table, by address.  The fabric controller's devices (fc_*) are on machines that have one."""


def base_of(name: str) -> int:
    """The address of a table, by its name."""
    return next(placed.base for placed in PLACED if placed.name == name)


def register_name(address: int) -> str | None:
    """``event_unit.BARRIER0_STATUS``: the register at an address; None when no device has one there."""
    for placed in PLACED:
        for base in placed.bases():
            if base <= address < base + placed.table.size:
                place = placed.table.at(address - base)
                return f"{placed.name}.{place.name}" if place else None
    return None
