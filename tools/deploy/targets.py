"""Who does what.

    target     conv3x3, pw   dw                                   add
    ima_dw     IMA           DW                                   cores
    ima        IMA           cores, behind a marshalling          cores
    cores      cores         cores, behind a marshalling          cores
    mcu        IMA           one core without XpulpV2             the same core"""

from __future__ import annotations

from dataclasses import dataclass

from iss.errors import suggest
from tools.deploy.network import NetworkError


@dataclass(frozen=True)
class Target:
    """Who does depth-wise layers and adds ("dw", "cores", "scalar"); `analog`: the IMA does the others."""

    name: str
    title: str
    analog: bool
    depthwise: str
    add: str = "cores"


TARGETS = {
    target.name: target
    for target in (
        Target("ima_dw", "this work: IMA + DW, 8 cores", True, "dw"),
        Target("ima", "SW + IMA: 8 cores, IMA", True, "cores"),
        Target("cores", "SW: 8 cores", False, "cores"),
        Target("mcu", "IMA + MCU: one RV32IMC core, IMA", True, "scalar", "scalar"),
    )
}


def target_of(name: str) -> Target:
    """A target by its name."""
    if name not in TARGETS:
        raise NetworkError(f"no target {name!r}; {suggest(name, TARGETS)}")
    return TARGETS[name]
