"""The shipped applications, by name.

    job = find("matmul").load(cluster, m=32)   # assembled, loaded, its inputs written
    result = cluster.run()
    job.check()                                # None, or what is wrong
    job.metrics()                              # cycles, MAC/cycle, stalls of the timed region

or all of it: find("matmul").run({"harts": 4}, m=32)."""

from __future__ import annotations

from firmware.apps.app import App, AppResult, Job, Parameter, Region
from firmware.apps.bottleneck import Bottleneck
from firmware.apps.convolution import Depthwise, Pointwise
from firmware.apps.elementwise import Add
from firmware.apps.imajobs import ImaJobs
from firmware.apps.matmul import Matmul
from firmware.apps.mlp import Mlp
from firmware.apps.teaching import Conflicts, Hello

__all__ = ["App", "AppResult", "Job", "Parameter", "Region", "find", "names"]

_ALL = (Matmul(), Pointwise(), Depthwise(), Add(), Bottleneck(), ImaJobs(), Mlp(), Conflicts(), Hello())
_APPS: dict[str, App] = {app.name: app for app in _ALL}


def names() -> list[str]:
    """Every application's name."""
    return list(_APPS)


def find(name: str) -> App | None:
    """The application of a name, None when there is none."""
    return _APPS.get(name)
