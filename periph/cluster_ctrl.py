"""The cluster control unit: boot addresses, fetch enable, end of computation, configuration of the interconnect and the
accelerators (cluster_control_unit.sv; platform.md section 1)."""

from __future__ import annotations

from iss.engine.layout import Global
from periph.device import Access, RegisterDevice
from periph.registers import Field, Place, Register, RegisterTable

BOOT_ADDRESS = 0x1C000000
FETCH_CYCLES = 5
"""From a store to FETCH_EN to the EX cycle of a core's first instruction: the register, then fetch, answer, decode."""

TABLE = RegisterTable(
    "cluster_ctrl",
    "CLUSTER_CTRL",
    "Cluster control",
    0x400,
    (
        Register(0x00, "EOC", "rw", "bit 0: end of computation", writable=1),
        Register(
            0x08, "FETCH_EN", "rw", "setting a core's bit for the first time starts it at its BOOT_ADDR; then it does nothing",
            writable=0xFFFF,
        ),
        Register(0x10, "EVENT", "w", "not connected"),
        Register(
            0x18, "CLUSTER_CFG", "rw", "interconnect and accelerators", writable=0xFFFF,
            fields=(
                Field("MAX_STALL", 0, 8, "hci: cycles until the side with low priority is served once; 0: never"),
                Field("INVERT_PRIO", 8, 1, "hci: the accelerators have priority over the cores"),
                Field("ARB_POLICY", 9, 2, "kept, without effect"),
                Field("HWPE_ENABLE", 11, 1, "clock of the accelerators"),
                Field("FREGFILE_DISABLE", 12, 1, "kept, without effect"),
                Field("HWPE_SEL", 13, 3, "accelerator that the HWPE slot leads to"),
            ),
        ),
        Register(0x20, "CLUSTER_CLK_GATE", "rw", "kept, without effect", writable=1),
        Register(0x28, "DBG_STATUS", "rw", "halted cores, always 0; stored: cores to resume", writable=0),
        Register(0x38, "DBG_HALT_MASK", "rw", "kept, without effect", writable=0xFFFF),
        Register(0x40, "BOOT_ADDR", "rw", "a core's first instruction; its trap vectors are at this address & ~0xff", BOOT_ADDRESS,
                 count=16),
        Register(0x80, "TCDM_ARB_POLICY_CH0", "rw", "kept, without effect", writable=1),
        Register(0x88, "TCDM_ARB_POLICY_CH1", "rw", "kept, without effect", writable=1),
        Register(0x100, "RETURN", "rw", "result of the cluster's program"),
    ),
    "On a machine without fabric controller EOC ends the run, with RETURN as exit code (bit 31 does not count); FETCH_EN is all "
    "ones after reset there, and the cores begin at the program's entry.",
)  # fmt: skip


class ClusterControl(RegisterDevice):
    """`held`: the cores wait for FETCH_EN, and EOC does not end the run: there is a fabric controller."""

    def __init__(self, cores: int, held: bool, max_stall: int = 0, invert_prio: bool = False) -> None:
        super().__init__(TABLE)
        self.cores = cores
        self.held = held
        self.configuration = max_stall & 0xFF | invert_prio << 8

    def reset(self) -> None:
        super().reset()
        self.started = 0 if self.held else (1 << self.cores) - 1
        self.set("FETCH_EN", self.started)
        self._configure(self.configuration)

    def store_eoc(self, access: Access, place: Place, value: int) -> None:
        self._store_value(access, place, value)
        if value & 1 and not self.held:
            self.machine.end(self.get("RETURN") & 0x7FFFFFFF, access.cycle, "exit")

    def store_fetch_en(self, access: Access, place: Place, value: int) -> None:
        value &= (1 << self.cores) - 1
        starting = value & ~self.started
        self.started |= value
        self._store_value(access, place, value)
        for core in range(self.cores):
            if starting >> core & 1:
                self.machine.release(core, self.get(f"BOOT_ADDR{core}"), access.cycle + FETCH_CYCLES)

    def store_cluster_cfg(self, access: Access, place: Place, value: int) -> None:
        self._configure(value & place.register.writable)

    def _configure(self, value: int) -> None:
        self.set("CLUSTER_CFG", value)
        self.machine.world[Global.MAX_STALL] = value & 0xFF
        self.machine.world[Global.INVERT_PRIO] = value >> 8 & 1

    def waiting(self, hart: int) -> str:
        if hart < self.cores and not self.started >> hart & 1:
            return f"it has not been started: bit {hart} of cluster_ctrl.FETCH_EN is 0"
        return ""
