"""A cycle-exact simulator of a cluster of RISC-V cores (RI5CY) over banked memory.

from iss import Cluster
cluster = Cluster(machine="core")
cluster.load_elf("program.elf")
print(cluster.run().cycles)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iss.config import Config
from iss.errors import ProgramError, SimulationError
from iss.result import RunResult

if TYPE_CHECKING:
    from iss.cluster import Cluster

__all__ = ["Cluster", "Config", "ProgramError", "RunResult", "SimulationError"]


def __getattr__(name: str) -> Any:
    """The simulator is imported when it is first used: the command line's help, and the ISA alone, do not need it."""
    if name == "Cluster":
        from iss.cluster import Cluster

        return Cluster
    raise AttributeError(f"module 'iss' has no attribute {name!r}")
