"""SoC-level devices: the end-of-computation register and stdout (spec: platform.md section 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from periph.device import Access, DeviceError, Peripheral, Reply

if TYPE_CHECKING:
    from iss.engine.machine import Machine

CORE_STATUS = 0xA0
LATENCY = 0


class SocControl(Peripheral):
    """CORE_STATUS at +0xA0: a store of 1 << 31 | status ends the run with that status."""

    def attach(self, machine: Machine) -> None:
        self.machine = machine

    def reset(self) -> None:
        self.status = 0

    def access(self, access: Access) -> Reply | None:
        if access.offset != CORE_STATUS:
            raise DeviceError("SoC control has CORE_STATUS at +0xa0")
        if access.value is None:
            return Reply(self.status)
        self.status = access.value
        if access.value >> 31:
            self.machine.end(access.value & 0x7FFFFFFF, access.cycle, "exit")
        return Reply()


class Stdout(Peripheral):
    """A store puts a character: +(cluster << 7 | core << 3)."""

    def attach(self, machine: Machine) -> None:
        self.machine = machine

    def reset(self) -> None:
        pass

    def access(self, access: Access) -> Reply | None:
        if access.value is None:
            return Reply()
        self.machine.put(access.hart, bytes([access.value & 0xFF]))
        return Reply()
