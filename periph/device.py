"""What the machine and a device say to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from iss.engine.layout import Stall

if TYPE_CHECKING:
    from iss.engine.machine import Machine


@dataclass(frozen=True)
class Access:
    """A load (`value` is None) or store of `size` bytes by a hart, `offset` bytes into the device, in EX in `cycle`."""

    hart: int
    address: int
    offset: int
    size: int
    value: int | None
    cycle: int


@dataclass(frozen=True)
class Reply:
    """The loaded value, and how many cycles longer than a granted TCDM access it takes, with the cause those count as."""

    value: int = 0
    extra: int = 0
    cause: Stall = Stall.PERIPHERAL


class Device(Protocol):
    """Something at an address.  `access` returns None when it will call `Machine.answer` later: the hart waits."""

    def attach(self, machine: Machine) -> None:
        """Called once, when the machine is built."""

    def reset(self) -> None:
        """Back to the state after reset."""

    def access(self, access: Access) -> Reply | None:
        """Serve a load or store; DeviceError when the device has nothing there."""


class DeviceError(Exception):
    """An access that the device does not have; the text says what it has."""
