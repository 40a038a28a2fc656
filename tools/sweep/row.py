"""A row of the table: how a point ended, and its figures by column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from iss.cluster import Cluster
from iss.engine.layout import Stall
from iss.engine.timing import cause_name
from iss.result import RunResult

Row = dict[str, Any]
"""Values by column.  Every row has `status`, `exit_code` (what `iss run` would end with) and `error`.

`status`: ok; wrong (the outputs are not NumPy's), exit (a program's exit code that is not 0), fault, limit (max_cycles),
mistake (a setting that is not possible); or lost, where the simulation itself was (a worker died): such a point is run
again by the next sweep."""

LOST = "lost"


def outcome(status: str, exit_code: int | None, error: str = "") -> Row:
    """How a point ended."""
    return {"status": status, "exit_code": exit_code, "error": error}


def figures(cluster: Cluster, result: RunResult) -> Row:
    """Sums over the harts and components of a run, named and in an order that is the same for every run."""
    stats, harts = result.stats, result.stats["harts"]
    row: Row = {
        "cycles": result.cycles,
        "ms": result.cycles / cluster.config.clock_mhz / 1000,
        "instructions": result.instructions,
        "ipc": round(result.instructions / max(result.cycles, 1), 6),
    }
    for cause in Stall:
        name = cause_name(cause)
        row[f"stall_{name}"] = sum(hart["stalls"].get(name, 0) for hart in harts)
    row |= _flat("tcdm", stats["tcdm"]) | _flat("hwpe", stats.get("hwpe", {})) | _flat("dma", stats.get("dma", {}))
    for part, picojoules in stats["energy"].items():
        row[f"energy_{part}_uj"] = round(picojoules / 1e6, 9)
    row["power_mw"] = round(stats["power"]["total"], 6)
    return row


def _flat(name: str, values: Mapping[str, Any]) -> Row:
    """The numbers of a nest of tables, by their path; lists are left out."""
    row: Row = {}
    for key, value in values.items():
        path = f"{name}_{key}"
        row |= _flat(path, value) if isinstance(value, Mapping) else {} if isinstance(value, list) else {path: value}
    return row


def regions(job: Any) -> Row:
    """An application's timed regions."""
    row: Row = {}
    for region in job.app.regions(job.params, job.cluster.config.harts):
        found = {name: value for name, value in job.region(region).items() if name != "stalls"}
        row |= _flat(region.name.replace(" ", "_").replace("-", "_"), found)
    return row


def differences(outputs: Iterable[tuple[npt.NDArray[Any], npt.NDArray[Any]]]) -> Row:
    """How far outputs are from NumPy's: how many values, how many of them differ, and by how much."""
    errors = [(got.astype(np.float64) - want.astype(np.float64)).ravel() for got, want in outputs]
    every = np.concatenate(errors) if errors else np.zeros(0)
    if not every.size:
        return {}
    return {
        "output_values": int(every.size),
        "output_wrong": int(np.count_nonzero(every)),
        "output_max_error": float(np.abs(every).max()),
        "output_rms_error": float(np.sqrt(np.mean(every**2))),
    }
