"""The configuration of a machine: one dataclass, from keywords, TOML or ``--set key=value``."""

from __future__ import annotations

import dataclasses
import inspect
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iss.errors import SimulationError, suggest

KIB = 1024
MEMORY_MAX = 16 << 20
CELLS_MAX = 1 << 28
"""Bytes of TCDM and of L2, and cells of all crossbars, at most."""


NOISE_LIMITS = {"programming": 1000, "read": 1000, "drift_s": 1e12, "dac_inl": 127, "adc_inl": 127}
"""The largest strengths of the IMA's imperfections that mean something: a converter has 127 steps to each side."""
LATENCIES = ("l2_latency", "l2_response_latency", "peripheral_latency", "peripheral_response_latency")


@dataclass(frozen=True)
class Config:
    """Every parameter of a machine, with its unit.  `machine` chooses the defaults of the others (see DEFAULTS)."""

    machine: str = "cluster"
    harts: int = 8  # 1..16
    tcdm_bytes: int = 512 * KIB  # the cluster reaches those beyond 1 MiB, like all of them, from 0x11000000 on
    banks: int = 32  # TCDM banks, a power of two
    l2_bytes: int = 512 * KIB
    interconnect: str = "lic"  # lic, xbar12, xbar84, hci
    low_prio_max_stall: int = 0  # hci: cycles until the side with low priority is served once; 0: never
    invert_prio: bool = False  # hci: the accelerators have priority over the cores
    l2_latency: int = 15  # cycles until a data access to L2 is granted
    l2_response_latency: int = 0  # cycles that its answer takes longer than one; the next instruction waits for it in EX
    icache: str = "ideal"  # ideal (every fetch in one cycle, as measured) or hierarchical (private and shared, from documents)
    icache_private_bytes: int = 512
    icache_private_ways: int = 4
    icache_shared_bytes: int = 4096
    icache_shared_ways: int = 4
    icache_shared_banks: int = 2
    icache_private_refill: int = 2  # cycles of a refill from the shared cache
    icache_shared_refill: int = 16  # further cycles of a refill from L2
    peripheral_latency: int = 7  # cycles until an access to a peripheral behind the peripheral interconnect is granted
    peripheral_response_latency: int = 0  # cycles that its answer takes longer than one
    reference_period: int = 1526  # cycles in one of the 32 kHz reference clock
    clock_mhz: int = 500  # of the cluster
    supply_mv: int = 800  # of the cluster's digital part, for the energy
    hwpe_port_bits: int = 128  # data port that IMA and DW share: 32, 64, 128, 256 or 512
    ima_execution: str = "pipelined"  # pipelined or sequential
    ima_rows: int = 256  # inputs of a crossbar
    ima_columns: int = 256  # outputs of a crossbar
    ima_crossbars: int = 1
    ima_queue: int = 2  # jobs that run or wait; 1: the next can be written only when the one before is done
    ima_compute_ns: int = 130  # one matrix-vector multiplication, whatever the clock
    ima_write_ns: int = 1000  # programming one word of eight weights
    ima_read_ns: int = 10  # reading a word back
    ima_noise_seed: int = 0
    ima_noise_programming: float = 0.0  # times the measured deviation of PCM (periph/hwpe/crossbar.py); 0: none
    ima_noise_read: float = 0.0  # times the measured deviation of a read
    ima_noise_drift_s: float = 0.0  # seconds since programming; conductances drift after 20
    ima_noise_dac_inl: float = 0.0  # integral non-linearity of the input converters, LSB
    ima_noise_adc_inl: float = 0.0  # integral non-linearity of the output converters, LSB

    def __post_init__(self) -> None:
        if self.machine not in DEFAULTS:
            raise SimulationError(f"no machine {self.machine!r}; {suggest(self.machine, DEFAULTS)}")
        self._require("harts", 1 <= self.harts <= 16, "1..16")
        self._require("banks", 1 <= self.banks <= 256 and not self.banks & (self.banks - 1), "a power of two, 1..256")
        for name in ("tcdm_bytes", "l2_bytes"):
            value = getattr(self, name)
            self._require(name, 0 < value <= MEMORY_MAX and value % 4096 == 0, "a multiple of 4096 up to 16 MiB")
        self._require("icache", self.icache in ("hierarchical", "ideal"), "hierarchical or ideal")
        for name in ("icache_private_refill", "icache_shared_refill"):
            self._require(name, 0 <= getattr(self, name) <= 1000, "0..1000 cycles")
        self._require("interconnect", self.interconnect in INTERCONNECTS, ", ".join(INTERCONNECTS))
        self._require_accelerators()
        self._require("reference_period", 2 <= self.reference_period <= 1 << 20, "2..1048576 cycles")
        for name in (*LATENCIES, "low_prio_max_stall"):
            self._require(name, 0 <= getattr(self, name) <= 1000, "0..1000 cycles")

    def _require_accelerators(self) -> None:
        for name in ("clock_mhz", "supply_mv"):
            self._require(name, 1 <= getattr(self, name) <= 10_000, "1..10000")
        self._require("hwpe_port_bits", self.hwpe_port_bits in PORT_BITS, ", ".join(map(str, PORT_BITS)))
        self._require("ima_execution", self.ima_execution in ("pipelined", "sequential"), "pipelined or sequential")
        for name, limit in (("ima_rows", 65536), ("ima_columns", 65536), ("ima_crossbars", 4096), ("ima_queue", 4096)):
            self._require(name, 1 <= getattr(self, name) <= limit, f"1..{limit}")
        cells = self.ima_rows * self.ima_columns * self.ima_crossbars
        self._require("ima_crossbars", cells <= CELLS_MAX, f"their {cells} cells are more than {CELLS_MAX}")
        for name in ("ima_compute_ns", "ima_write_ns", "ima_read_ns"):
            self._require(name, 1 <= getattr(self, name) <= 10**6, "1..1000000 ns")
        self._require("ima_noise_seed", 0 <= self.ima_noise_seed < 1 << 64, "0..2**64 - 1")
        for name, most in NOISE_LIMITS.items():
            self._require(f"ima_noise_{name}", 0 <= getattr(self, f"ima_noise_{name}") <= most, f"0..{most:g}")

    def _require(self, name: str, holds: bool, allowed: str) -> None:
        if not holds:
            raise SimulationError(f"{name} = {getattr(self, name)!r} is not possible: {allowed}")

    @classmethod
    def build(cls, values: Mapping[str, Any]) -> Config:
        """From names and values, those of the machine's defaults filled in; SimulationError names what is unknown."""
        known = {f.name: f for f in dataclasses.fields(cls)}
        for name, value in values.items():
            if name not in known:
                raise unknown_value(name)
            wanted = type(known[name].default)
            if type(value) is not wanted and not (wanted is float and type(value) is int):
                kind = "true or false" if wanted is bool else f"of type {wanted.__name__}"
                raise SimulationError(f"{name} = {value!r} should be {kind}")
        machine = values.get("machine", "cluster")
        return cls(**{**DEFAULTS.get(machine, {}), **values})

    @classmethod
    def from_toml(cls, path: str | Path) -> Config:
        """From a TOML file of ``name = value`` lines."""
        return cls.build(read_settings(path))

    def changed(self) -> dict[str, Any]:
        """The values that are not the defaults, by name."""
        default = Config()
        values = ((field.name, getattr(self, field.name)) for field in dataclasses.fields(self))
        return {name: value for name, value in values if value != getattr(default, name)}


LISTING = "iss run --list"
"""The command that shows every configuration value, and the applications with their parameters."""


def meanings() -> dict[str, str]:
    """The comments of the configuration's fields, by name; empty where there is none."""
    found = re.findall(r"^    (\w+): [\w.]+ = .+?(?:  # (.*))?$", inspect.getsource(Config), re.MULTILINE)
    return dict(found)


def unknown_value(name: str, parameters: Iterable[str] = ()) -> SimulationError:
    """The mistake of a name that is neither a configuration value nor one of `parameters`."""
    more = set(parameters)
    known = more | {field.name for field in dataclasses.fields(Config)}
    return SimulationError(f"no configuration value{' or parameter' * bool(more)} {name!r}; {suggest(name, known, LISTING)}")


PORT_BITS = (32, 64, 128, 256, 512)
INTERCONNECTS = ("lic", "xbar12", "xbar84", "hci")

DEFAULTS: dict[str, dict[str, Any]] = {
    "cluster": {},
    "pulp": {"icache": "hierarchical", "l2_bytes": 0x190000},
    "core": {"harts": 1, "l2_latency": 0, "peripheral_latency": 0},
    "bench8": {"tcdm_bytes": 256 * KIB, "l2_latency": 0, "peripheral_latency": 0},
}


def read_toml(path: str | Path) -> dict[str, Any]:
    """The table of a TOML file; SimulationError names file and line."""
    try:
        with open(path, "rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise SimulationError(f"cannot read {path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise SimulationError(f"{path}: {error}") from error
    except UnicodeDecodeError as error:
        raise SimulationError(f"{path} is no TOML file: byte {error.start} is not UTF-8 text") from error


def read_settings(path: str | Path) -> dict[str, Any]:
    """The settings in a TOML file; ``ima.noise.read``, or ``read`` in a table ``[ima.noise]``, is ``ima_noise_read``."""
    return _flat(read_toml(path))


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """Tables within tables as names joined by underscores."""
    found: dict[str, Any] = {}
    for name, value in table.items():
        found |= {f"{name}_{key}": v for key, v in _flat(value).items()} if isinstance(value, dict) else {name: value}
    return found


def parse_setting(text: str) -> tuple[str, Any]:
    """A ``key=value`` of the command line, the value as TOML would read it (a bare word is a string); ``ima.noise.read`` is
    ``ima_noise_read``."""
    name, equals, value = text.partition("=")
    if not equals:
        raise SimulationError(f"--set {text}: should be key=value")
    try:
        return name.strip().replace(".", "_"), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name.strip().replace(".", "_"), value.strip()
