"""The accelerators of the cluster: IMA and DW, and the data port they share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from iss.engine.layout import Page
from iss.memory.map import PAGE_BYTES, Region
from periph import dma
from periph.hwpe import dw, ima
from periph.hwpe.controller import RaiseEvent
from periph.hwpe.dw import Dw
from periph.hwpe.ima import Ima
from periph.hwpe.streamer import Port

if TYPE_CHECKING:
    from iss.config import Config

BUFFERS = "accelerator buffers"


class Accelerators:
    """Both accelerators.  `regions` is memory that the machine must have for their buffers."""

    def __init__(self, config: Config, harts: int, raise_event: RaiseEvent) -> None:
        analog = ima.buffer_bytes(config.ima_rows, config.ima_columns)
        size = -(-(analog + dw.buffer_bytes()) // PAGE_BYTES) * PAGE_BYTES
        self.regions = [Region(BUFFERS, 0, size, Page.UNMAPPED)]
        self.port = Port(config.hwpe_port_bits, harts + dma.MASTERS, BUFFERS)
        self.ima = Ima(config, self.port)
        self.dw = Dw(config, self.port, analog)
        for accelerator in (self.ima, self.dw):
            accelerator.raise_event = raise_event

    def locate(self, describe: Callable[[int], str]) -> None:
        """How warnings say where a hart is."""
        for accelerator in (self.ima, self.dw):
            accelerator.locate = describe

    def stats(self) -> dict[str, Any]:
        """Figures of both, as a plain dict."""
        return {"ima": self.ima.stats(), "dw": self.dw.stats()}

    def state(self) -> list[str]:
        """What each is busy with, for who wonders why nothing happens."""
        return [text for text in (self.ima.state(), self.dw.state()) if text]
