"""A cluster whose harts are held, driven by register accesses from Python; and jobs for its accelerators."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from iss.cluster import Cluster
from periph.device import Access, Reply
from periph.hwpe.controller import Accelerator

TCDM = 0x10000000
WORD = 0xFFFFFFFF


class Bench:
    """Registers of IMA and DW, accessed as harts do but at cycles of our choice; events are collected."""

    def __init__(self, **values: Any) -> None:
        self.cluster = Cluster(**values)
        self.machine = self.cluster.machine
        self.accelerators = self.cluster.accelerators
        self.ima, self.dw, self.port = self.accelerators.ima, self.accelerators.dw, self.accelerators.port
        self.events: list[tuple[int, int, int]] = []
        self.answers: list[tuple[int, int, int]] = []
        self.ima.raise_event = self.dw.raise_event = self._event
        self.machine.answer = self._answer  # type: ignore[method-assign]
        self.reset()

    def reset(self) -> None:
        self.cluster.system.reset(list(range(self.machine.harts)))
        self.machine.start([None] * self.machine.harts)
        self.machine.at(1 << 50, _nothing)
        self.cycle = 10

    def _event(self, number: int, cycle: int, cores: int) -> None:
        self.events.append((number, cycle, cores))

    def _answer(self, hart: int, value: int, cycle: int, cause: Any, extra: int = 0) -> None:
        self.answers.append((hart, value & WORD, cycle + extra))

    # -- registers -----------------------------------------------------------------------------------------------------

    def access(self, device: Accelerator, name: str, value: int | None, hart: int = 0) -> Reply | None:
        """One access, in this cycle; the next comes in the cycle after."""
        self.run(self.cycle)
        place = device.table.find(name)
        reply = device.access(Access(hart, 0, place.offset, 4, value, self.cycle))
        self.cycle += 1
        return reply

    def load(self, device: Accelerator, name: str, hart: int = 0) -> int:
        reply = self.access(device, name, None, hart)
        assert reply is not None
        return reply.value

    def store(self, device: Accelerator, name: str, value: int, hart: int = 0) -> None:
        self.access(device, name, value & WORD, hart)

    # -- time ----------------------------------------------------------------------------------------------------------

    def run(self, cycle: int) -> None:
        """Let time pass up to a cycle."""
        self.machine.advance(cycle)
        self.cycle = max(self.cycle, cycle)

    def finish(self, *devices: Accelerator, limit: int = 10_000_000) -> int:
        """Let time pass until the devices are idle; the cycle in which that is noticed."""
        end = self.cycle + limit
        while any(device.queue for device in devices):
            assert self.cycle < end, "it does not end"
            self.run(self.cycle + 1000)
        return self.cycle

    # -- memory --------------------------------------------------------------------------------------------------------

    def write(self, address: int, data: npt.NDArray[Any]) -> None:
        self.cluster.write(address, np.ascontiguousarray(data).tobytes())

    def read(self, address: int, shape: tuple[int, ...], dtype: type = np.int8) -> npt.NDArray[Any]:
        count = int(np.prod(shape))
        data = self.cluster.read(address, count * np.dtype(dtype).itemsize)
        return np.frombuffer(data, dtype).reshape(shape)

    # -- jobs ----------------------------------------------------------------------------------------------------------

    def configure(self, device: Accelerator, registers: dict[str, int], hart: int = 0) -> None:
        for name, value in registers.items():
            self.store(device, name, value, hart)

    def job(self, device: Accelerator, registers: dict[str, int], hart: int = 0) -> int:
        """Acquire, configure, trigger; the cycle of the trigger."""
        assert self.load(device, "ACQUIRE", hart) < 1 << 31
        self.configure(device, registers, hart)
        self.store(device, "TRIGGER", 0, hart)
        return self.cycle - 1


def _nothing(cycle: int) -> None:
    """Only keep the machine from saying that nothing will ever happen."""


def pointwise(pixels: int, rows: int, columns: int, source: int, target: int, **other: int) -> dict[str, int]:
    """The registers of an IMA job over an HWC tensor."""
    return {
        "ADC_LOW": 20, "ADC_HIGH": 20, "J_START_X": 0, "J_START_Y": 0, "J_WIDTH": columns, "J_HIGHT": rows,
        "JOB_LINE_LENGTH": rows, "JOB_FEAT_STRIDE": 0, "JOB_FEAT_LENGTH": 1, "NUM_JOBS": pixels,
        "ALPHA_IN_LENGTH": pixels, "ALPHA_IN_STRIDE": rows, "BETA_IN_LENGTH": 1, "BETA_IN_STRIDE": 0,
        "ALPHA_OUT_LENGTH": pixels, "ALPHA_OUT_STRIDE": columns, "BETA_OUT_LENGTH": 1, "BETA_OUT_STRIDE": 0,
        "J_SRC_ADDR": source, "J_DST_ADDR": target, "J_SRC_STRID": 0, "J_DST_STRID": 0, **other,
    }  # fmt: skip


def depthwise(height: int, width: int, channels: int, **other: int) -> dict[str, int]:
    """The registers of a DW job over dense HWC tensors, of which the addresses are given."""
    padding, stride = other.get("PADDING", 0), 2 if other.get("CONF0", 0) & 1 << 8 else 1
    across = padding >> 8 & 15, padding >> 24 & 15
    columns = (width + sum(across) - 3) // stride + 1
    return {
        "HEIGHT": height, "WIDTH": width, "CHANNELS": channels, "SRC_PIXEL_STRIDE": channels,
        "SRC_LINE_STRIDE": channels * width, "DST_PIXEL_STRIDE": channels, "DST_LINE_STRIDE": channels * columns,
        "WEIGHT_STRIDE": channels, **other,
    }  # fmt: skip
