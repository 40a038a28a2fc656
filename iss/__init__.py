"""A cycle-exact simulator of a cluster of RISC-V cores (RI5CY) over banked memory.

from iss import Cluster
cluster = Cluster(machine="core")
cluster.load_elf("program.elf")
print(cluster.run().cycles)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iss.errors import ProgramError, SimulationError

if TYPE_CHECKING:
    from iss.cluster import Cluster, RunResult
    from iss.config import Config

__all__ = ["Cluster", "Config", "ProgramError", "RunResult", "SimulationError"]


def __getattr__(name: str) -> Any:
    """The simulator is imported when it is first used: the command line's help, and the ISA alone, do not need it."""
    if name in ("Cluster", "RunResult"):
        from iss import cluster

        return getattr(cluster, name)
    if name == "Config":
        from iss.config import Config

        return Config
    raise AttributeError(f"module 'iss' has no attribute {name!r}")
