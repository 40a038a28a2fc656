"""Energy of a run: what each component's events cost.  docs/energy.md is made from the table here.

Cores are charged by the state they are in, memory by words, accelerators by what they did.  Constants hold for 22FDX at
0.8 V; the digital ones scale with the square of the supply (configuration supply_mv).  The printed figures of IMA and
DW are those of the whole cluster while the unit works, so the unit's own share is that figure less what is charged for
the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iss.config import Config

NOMINAL_MV = 800
Joules = dict[str, float]
"""pJ of each component, their sum as ``total``."""
SLEEPING = ("sleep", "barrier")
"""Causes of stalls in which a core's clock is off."""


@dataclass(frozen=True)
class Constant:
    """A constant of the model.  `status` is "printed" (in a publication), "fitted" (from printed figures) or
    "assumed"."""

    value: float
    unit: str
    meaning: str
    source: str
    status: str
    scales: bool = True  # with the square of the supply


PAPER = "paper.md section 6, from Fig. 12(a) of arXiv 2201.01089"
CONSTANTS: dict[str, Constant] = {
    "core_active": Constant(
        7.5,
        "pJ/cycle",
        "a core that retires an instruction, with its private cache",
        "Vega (22FDX, RI5CY cluster; Rossi et al., JSSC 57(1), 2022, abstract): 615 GOPS/W on 8-bit integers, taken to "
        "be at 0.6 V and scaled to 0.8 V: 2.89 pJ an operation; at PULP-NN's 15.5 MAC/cycle 89.6 pJ/cycle for the "
        "cluster, less its memory accesses (6 loads in 14 instructions) and background, over 8 cores",
        "fitted",
    ),
    "core_stalled": Constant(
        2.6,
        "pJ/cycle",
        "a core whose clock runs and that waits",
        "35 % of an active core: clock tree and stage registers",
        "assumed",
    ),
    "core_sleeping": Constant(0.3, "pJ/cycle", "a core whose clock is off", "4 % of an active core", "assumed"),
    "tcdm_word": Constant(
        4.0,
        "pJ/access",
        "a granted 32-bit access of a bank, with the interconnect",
        "of the order of a load from a bank of 16 KiB in 22FDX; half of it the interconnect",
        "assumed",
    ),
    "dma_byte": Constant(
        0.6, "pJ/byte", "a byte that the DMA moves, less TCDM accesses", "about half a TCDM word for 4 bytes", "assumed"
    ),
    "background": Constant(
        16.0,
        "pJ/cycle",
        "shared cache, interconnect, event unit, leakage of the cluster: 8 mW at 500 MHz",
        "half of the constant part of an IMA job (2.16 nJ in 130 ns are 16.6 mW)",
        "assumed",
    ),
    "ima_job": Constant(
        964.0,
        "pJ",
        "IMA: a job (one multiplication)",
        f"{PAPER}: 2.1598 nJ, less 65 cycles of background and 8 sleeping cores",
        "fitted",
        False,
    ),
    "ima_row": Constant(
        21.449, "pJ", "IMA: an input of a job", f"{PAPER}: 22.449 pJ, less a quarter of a TCDM word", "fitted", False
    ),
    "ima_column": Constant(
        34.924, "pJ", "IMA: an output of a job", f"{PAPER}: 35.924 pJ, less a quarter of a TCDM word", "fitted", False
    ),
    "ima_cell": Constant(0.040807, "pJ", "IMA: a cell of a job", PAPER, "fitted", False),
    "dw_cycle": Constant(
        16.1,
        "pJ/cycle",
        "DW: a cycle in which it is busy",
        f"{PAPER}: 23.7 mW at 500 MHz are 47.4 pJ/cycle, less background, 8 sleeping cores and 3.23 TCDM words a cycle "
        "(16x16, padding 1)",
        "fitted",
    ),
}


def constants(config: Config) -> dict[str, float]:
    """The constants at the configured supply."""
    factor = (config.supply_mv / NOMINAL_MV) ** 2
    return {name: c.value * (factor if c.scales else 1) for name, c in CONSTANTS.items()}


def energy(stats: Mapping[str, Any], config: Config) -> Joules:
    """The energy in pJ of each component, and their sum as ``total``."""
    cost = constants(config)
    active = stalled = sleeping = 0
    for hart in stats["harts"]:
        asleep = sum(hart["stalls"].get(cause, 0) for cause in SLEEPING)
        active += hart["instructions"]
        stalled += max(0, hart["cycles"] - hart["instructions"] - asleep)
        sleeping += asleep + max(0, stats["cycles"] - hart["cycles"])
    found = {
        "cores_active": active * cost["core_active"],
        "cores_stalled": stalled * cost["core_stalled"],
        "cores_sleeping": sleeping * cost["core_sleeping"],
        "tcdm": stats["tcdm"]["accesses"] * cost["tcdm_word"],
        "dma": stats.get("dma", {}).get("bytes", 0) * cost["dma_byte"],
        "background": stats["cycles"] * cost["background"],
    }
    units = stats.get("hwpe", {})
    if "ima" in units:
        ima = units["ima"]
        found["ima"] = (
            ima["multiplications"] * cost["ima_job"] + ima["rows"] * cost["ima_row"]
            + ima["columns"] * cost["ima_column"] + ima["macs"] * cost["ima_cell"]
        )  # fmt: skip
    if "dw" in units:
        found["dw"] = units["dw"]["busy_cycles"] * cost["dw_cycle"]
    return {**found, "total": sum(found.values())}


def difference(after: Mapping[str, float], before: Mapping[str, float]) -> Joules:
    """The energy of a phase: that up to its end, less that up to its begin."""
    return {name: value - before.get(name, 0.0) for name, value in after.items()}


def power(found: Mapping[str, float], cycles: int, config: Config) -> dict[str, float]:
    """Mean power in mW of each component over a number of cycles."""
    nanoseconds = cycles * 1000 / config.clock_mhz
    return {name: value / nanoseconds if nanoseconds else 0.0 for name, value in found.items()}


def manual() -> str:
    """docs/energy.md."""
    assert __doc__ is not None
    lines = [
        "# Energy",
        "",
        "Made from `iss/observe/energy.py`; a test compares them.  `result.stats[\"energy\"]` has the pJ of each component,",
        "`result.stats[\"power\"]` the mean mW; `result.stats[\"phases\"]` has both, and the cycles, of each phase: the stretches",
        "in which hart 0's performance counters run (iss/observe/phases.py), and the rest.  `iss run PROG --stats` prints them.",
        "",
        *__doc__.split("\n\n", 1)[1].strip().splitlines(),
        "",
        "Status: *printed* in a publication, *fitted* to printed figures, *assumed* by us.",
        "",
        "| constant | value at 0.8 V | what | source | status | scales with supply |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, c in CONSTANTS.items():
        scales = "yes" if c.scales else "no"
        lines.append(f"| {name} | {c.value:g} {c.unit} | {c.meaning} | {c.source} | {c.status} | {scales} |")
    return "\n".join([*lines, "", *_CHECKS.strip().splitlines(), ""])


_CHECKS = """
## What the model can be checked against

The cores' power comes from Vega alone, not from the ratios of arXiv 2201.01089 that it is used to check.  The rows for
cores and MemPool are independent of it; those for IMA and DW check that shares and totals were put together right.

| figure | printed | model |
| --- | --- | --- |
| 8 cores, int8 kernels, 500 MHz | about 50 mW, rough, from the 9.2x ratio (paper.md 6) | 43 mW (matmul, 20 MAC/cycle) |
| residual add on 8 cores | 69 pJ/cycle: 82.6 pJ/element, 0.84 element/cycle (Fig. 12a) | 80 pJ/cycle (1.65 a cycle) |
| a 22FDX core of a cluster, memory included | 8.3 pJ a cycle (MemPool, Riedel et al., IEEE TC 2023, abstract: \
229 GOPS, 180 GOPS/W, 256 cores, 600 MHz) | 11.2 pJ (RI5CY has a DSP data path) |
| IMA, 256x256, 250 MHz, 0.65 V, pipelined | 6.39 TOPS/W (Table I) | 7.0 TOPS/W |
| IMA, 256x256, 500 MHz, 0.8 V | 19.78 nJ a job (Fig. 12a) | 19.8 nJ |
| DW at 16x16, 500 MHz | 23.7 mW (Fig. 12a) | 23.7 mW |

Not charged: programming of crossbars (no figure is public; weights stay during inference), the SoC outside the cluster.
"""
