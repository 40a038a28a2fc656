"""Devices of the SoC that firmware touches: SoC control, stdout, clock generators (platform.md section 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from periph.device import Access, DeviceError, Peripheral, RegisterDevice, Reply
from periph.registers import Block, Field, Place, Register, RegisterTable

if TYPE_CHECKING:
    from collections.abc import Sequence

CLUSTER_CORES, CHANNELS = 16, 32
FABRIC_CLUSTER = 31
_END = 1 << 31

SOC_CTRL = RegisterTable(
    "soc_ctrl",
    "SOC_CTRL",
    "SoC control",
    0x1000,
    (
        Register(
            0x00, "INFO", "r", "what the chip has",
            fields=(Field("CORES", 16, 16, "cores of a cluster"), Field("CLUSTERS", 0, 16, "clusters")),
        ),
        Register(0x04, "FC_BOOT", "rw", "boot address of the fabric controller: kept, without effect", 0x1A000080),
        Register(0x08, "FC_FETCH", "rw", "kept, without effect"),
        Register(0x0C, "CL_ISOLATE", "rw", "kept, without effect"),
        Register(0x10, "PADFUN", "rw", "kept, without effect", count=4),
        Register(0x20, "PADCFG", "rw", "kept, without effect", count=16),
        Register(0x6C, "BUSY", "r", "reads 0"),
        Register(0x70, "CLUSTER_CTRL", "rw", "kept, without effect"),
        Register(0x74, "JTAG_REG", "rw", "towards JTAG; the bits from there read 0", writable=0xFF),
        Register(
            0xA0, "CORE_STATUS", "rw", "end of computation",
            fields=(Field("END", 31, 1, "stored as 1: the run ends"), Field("STATUS", 0, 31, "exit code")),
        ),
        Register(0xC0, "CORE_STATUS_RO", "r", "CORE_STATUS"),
        Register(0xC4, "BOOTSEL", "r", "reads 0"),
        Register(0xD0, "FLL_CTRL", "rw", "kept, without effect"),
        Register(0xD4, "CLKDIV_SOC", "rw", "kept, without effect"),
        Register(0xD8, "CLKDIV_CLUSTER", "rw", "kept, without effect"),
        Register(0xDC, "CLKDIV_PERIPH", "rw", "kept, without effect"),
    ),
    "Every other word is memory, as software that sets up pads and clocks expects.",
)  # fmt: skip

STDOUT = RegisterTable(
    "stdout",
    "STDOUT",
    "Standard output",
    0x1000,
    (
        Block(
            "CLUSTER", 0, 0x80, CHANNELS,
            (Register(0, "CORE", "w", "puts the low byte, a character", count=CLUSTER_CORES, stride=8),),
            "a channel for each core; the fabric controller is cluster 31",
        ),
    ),
    "A channel's characters come out when its line ends, and when the run does.  Stores of any size put one character; loads "
    "return 0.",
)  # fmt: skip

FLL = RegisterTable(
    "fll",
    "FLL",
    "Clock generators",
    0x1000,
    (
        Block(
            "FLL", 0, 0x10, 3,
            (
                Register(0x0, "STATUS", "r", "the multiplication factor that is reached: that of CONF1"),
                Register(
                    0x4, "CONF1", "rw", "frequency", 0x452105F5,
                    fields=(
                        Field("MULT", 0, 16, "multiplication factor of the 32 kHz reference"),
                        Field("DCO", 16, 10, "oscillator input of the open loop"),
                        Field("DIV", 26, 4, "output divider: 2**(DIV - 1)"),
                        Field("LOCK", 30, 1, "output only while locked"),
                        Field("MODE", 31, 1, "closed loop"),
                    ),
                ),
                Register(0x8, "CONF2", "rw", "lock conditions: kept, without effect", 0x22004109),
                Register(0xC, "INTEGRATOR", "rw", "kept, without effect"),
            ),
            "SoC, peripherals, cluster",
        ),
    ),
    "Everything runs in one clock here: the generators lock at once, and change nothing.",
)  # fmt: skip


class SocControl(RegisterDevice):
    """CORE_STATUS ends the run; the rest is memory."""

    def __init__(self, cores: int = 8) -> None:
        super().__init__(SOC_CTRL)
        self.cores = cores

    def reset(self) -> None:
        super().reset()
        self.set("INFO", self.cores << 16 | 1)

    def access(self, access: Access) -> Reply | None:
        if self.table.at(access.offset) is not None:
            return super().access(access)
        word, shift = access.offset & ~3, 8 * (access.offset & 3)
        old = self.values.get(word, 0)
        if access.value is None:
            return Reply(old >> shift)
        ones = (1 << 8 * access.size) - 1 << shift
        self.values[word] = old & ~ones | access.value << shift
        return Reply()

    def store_core_status(self, access: Access, place: Place, value: int) -> None:
        self._store_value(access, place, value)
        if value & _END:
            self.machine.end(value & ~_END, access.cycle, "exit")

    def load_core_status_ro(self, access: Access, place: Place) -> int:
        return self.get("CORE_STATUS")

    def load_jtag_reg(self, access: Access, place: Place) -> int:
        return 0


class Stdout(Peripheral):
    """Lines of text, from each (cluster, core) on its own."""

    table = STDOUT

    def __init__(self, harts: Sequence[int] = ()) -> None:
        self.fabric = next((hart for hart, number in enumerate(harts) if number >> 5 == FABRIC_CLUSTER), None)
        self.lines: dict[int, bytearray] = {}

    def reset(self) -> None:
        self.lines.clear()

    def access(self, access: Access) -> Reply | None:
        place = STDOUT.at(access.offset)
        if place is None:
            raise DeviceError(STDOUT.hole(access.offset))
        if access.value is None:
            return Reply()
        hart = place.index
        if place.block == FABRIC_CLUSTER and self.fabric is not None:
            hart = self.fabric
        line = self.lines.setdefault(hart, bytearray())
        line.append(access.value & 0xFF)
        if line.endswith(b"\n"):
            self._put(hart)
        return Reply()

    def finish(self) -> None:
        for hart in sorted(self.lines):
            self._put(hart)

    def _put(self, hart: int) -> None:
        line = self.lines.pop(hart)
        self.machine.put(hart, bytes(line))


class ClockGenerators(RegisterDevice):
    """The three FLLs."""

    def __init__(self) -> None:
        super().__init__(FLL)

    def load_fll_status(self, access: Access, place: Place) -> int:
        return self.get(f"FLL{place.block}_CONF1") & 0xFFFF
