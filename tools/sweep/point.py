"""One point of a sweep: what runs, with its settings."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from iss.errors import SimulationError
from tools.sweep.row import Row
from tools.sweep.subject import Subject

_ROOT = Path(__file__).resolve().parents[2]
_SIMULATOR = ("iss", "periph", "asm", "firmware", "tools/deploy")
_SOURCES = (".py", ".lark", ".S", ".inc", ".h", ".c", ".ld")
_ALONE = threading.Lock()


@cache
def simulator() -> str:
    """A digest of the simulator and the firmware: of all that decides what a point's row is, but the point."""
    digest = hashlib.sha256()
    for folder in _SIMULATOR:
        for path in sorted((_ROOT / folder).rglob("*")):
            if path.suffix in _SOURCES:
                digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Point:
    """What runs, as `label` named it, its file having been read; and its settings.  `simulator` is whose row it gets."""

    label: str
    subject: Subject
    settings: Mapping[str, Any]
    max_cycles: int
    simulator: str = field(default_factory=simulator)

    @cached_property
    def key(self) -> str:
        """A digest of all that decides the row."""
        parts = [self.simulator, self.subject.identity, sorted(self.settings.items()), self.max_cycles]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]

    def __str__(self) -> str:
        return " ".join([self.label, *(f"{name}={value}" for name, value in self.settings.items())])


def run(point: Point) -> Row:
    """Simulate a point; one at a time in a process, whatever its threads."""
    if point.simulator != simulator():
        raise SimulationError(f"another version of imciss is installed there ({simulator()}, not {point.simulator})")
    with _ALONE:
        return point.subject.run(point.settings, point.max_cycles)
