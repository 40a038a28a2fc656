"""One point of a sweep: a program with its settings; running it gives the row of the table."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from iss import programs
from iss.cluster import Cluster, RunResult
from iss.engine.layout import Stall
from iss.errors import ProgramError, SimulationError
from iss.programs import Program

Row = dict[str, Any]
"""Values by column.  Every row has `status`, `exit_code` (what `iss run` would end with) and `error`.

`status`: ok; wrong (the outputs are not NumPy's), exit (a program's exit code that is not 0), fault, limit (max_cycles),
mistake (a setting that is not possible); or lost, where the simulation itself was (a worker died): such a point is run
again by the next sweep."""

LOST = "lost"
_ROOT = Path(__file__).resolve().parents[2]
_SIMULATOR = ("iss", "periph", "asm", "firmware")
_ALONE = threading.Lock()


@cache
def simulator() -> str:
    """A digest of the simulator and the firmware: of all that decides what a point's row is, but the point."""
    digest = hashlib.sha256()
    for folder in _SIMULATOR:
        for path in sorted((_ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".lark", ".S", ".inc", ".h", ".c", ".ld"):
                digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Point:
    """A program, as `label` named it, whose file has been read; and its settings.  `simulator` is whose row it gets."""

    label: str
    program: Program
    settings: Mapping[str, Any]
    max_cycles: int
    simulator: str = field(default_factory=simulator)

    @cached_property
    def key(self) -> str:
        """A digest of all that decides the row."""
        what = self.program.name if self.program.app else hashlib.sha256(self.program.elf).hexdigest()
        parts = [self.simulator, what, sorted(self.settings.items()), self.max_cycles]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]

    def __str__(self) -> str:
        return " ".join([self.label, *(f"{name}={value}" for name, value in self.settings.items())])

    def load(self) -> tuple[Cluster, Any]:
        """Its cluster, and the application's job if there is one; what the program prints is dropped."""
        return programs.load(self.program, self.settings, stdout=lambda hart, data: None)


def run(point: Point) -> Row:
    """Simulate a point; one at a time in a process, whatever its threads."""
    if point.simulator != simulator():
        raise SimulationError(f"another version of imciss is installed there ({simulator()}, not {point.simulator})")
    with _ALONE:
        return _run(point)


def outcome(status: str, exit_code: int | None, error: str = "") -> Row:
    return {"status": status, "exit_code": exit_code, "error": error}


def _run(point: Point) -> Row:
    try:
        cluster, job = point.load()
    except SimulationError as error:
        return outcome("mistake", 2, str(error))
    try:
        result = programs.run(cluster, point.max_cycles)
    except ProgramError as error:
        return outcome("fault", 2, str(error)) | (_figures(cluster, error.result) if error.result else {})
    figures = _figures(cluster, result)
    code = programs.exit_status(result)
    if code is None:
        return outcome("limit", 2, f"the program has not ended after {point.max_cycles:,} cycles") | figures
    if code:
        return outcome("exit", code, f"the program ended with exit code {result.exit_code}") | figures
    if job is None:
        return outcome("ok", 0) | figures
    figures |= _regions(job) | _differences(job)
    wrong = job.check()
    return (outcome("wrong", 1, wrong) if wrong else outcome("ok", 0)) | figures


def _figures(cluster: Cluster, result: RunResult) -> Row:
    """Sums over the harts and components of a run, named and in an order that is the same for every run."""
    stats, harts = result.stats, result.stats["harts"]
    row: Row = {
        "cycles": result.cycles,
        "ms": result.cycles / cluster.config.clock_mhz / 1000,
        "instructions": result.instructions,
        "ipc": round(result.instructions / max(result.cycles, 1), 6),
    }
    for cause in Stall:
        name = cause.name.lower()
        row[f"stall_{name}"] = sum(hart["stalls"].get(name, 0) for hart in harts)
    row |= _flat("tcdm", stats["tcdm"]) | _flat("hwpe", stats.get("hwpe", {})) | _flat("dma", stats.get("dma", {}))
    for part, picojoules in stats["energy"].items():
        row[f"energy_{part}_uj"] = round(picojoules / 1e6, 9)
    return row


def _flat(name: str, values: Mapping[str, Any]) -> Row:
    """The numbers of a nest of tables, by their path; lists are left out."""
    row: Row = {}
    for key, value in values.items():
        path = f"{name}_{key}"
        row |= _flat(path, value) if isinstance(value, Mapping) else {} if isinstance(value, list) else {path: value}
    return row


def _regions(job: Any) -> Row:
    """An application's timed regions."""
    row: Row = {}
    for region in job.app.regions(job.params, job.cluster.config.harts):
        figures = {name: value for name, value in job.region(region).items() if name != "stalls"}
        row |= _flat(region.name.replace(" ", "_").replace("-", "_"), figures)
    return row


def _differences(job: Any) -> Row:
    """How far the outputs are from NumPy's: how many values, how many of them differ, and by how much."""
    errors = [(got.astype(np.float64) - want.astype(np.float64)).ravel() for _, got, want in job.outputs()]
    every = np.concatenate(errors) if errors else np.zeros(0)
    if not every.size:
        return {}
    return {
        "output_values": int(every.size),
        "output_wrong": int(np.count_nonzero(every)),
        "output_max_error": float(np.abs(every).max()),
        "output_rms_error": float(np.sqrt(np.mean(every**2))),
    }
