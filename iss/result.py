"""What a run returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class RunResult:
    """How a run ended.  `reason` is "exit", "max_cycles" or, in a ProgramError, "fault"; `markers` are (hart, cycle, value).

    `cycles` counts from reset, `instructions` over all harts; `stats` is a plain dict (see Cluster.stats)."""

    exit_code: int | None
    reason: str
    cycles: int
    instructions: int
    markers: list[tuple[int, int, int]]
    stats: dict[str, Any]
    exits: list[tuple[int, int, int]] = field(default_factory=list)
