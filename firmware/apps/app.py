"""What an application is: sources, parameters, inputs, expected outputs, and what its timed regions did.

An application's parameters become constants of its sources (`m` is APP_M); its inputs and outputs are at symbols of its
sources."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from iss.errors import SimulationError, suggest
from iss.isa.csr import PCCR_EVENTS

if TYPE_CHECKING:
    from iss.cluster import Cluster
    from iss.result import RunResult

FIRMWARE = Path(__file__).resolve().parent.parent
INCLUDES = (FIRMWARE / "runtime", FIRMWARE / "kernels", FIRMWARE / "include")
REGION_ROWS = 16  # runtime/macros.inc
RESERVED = 6144
"""Bytes of TCDM for the runtime's and the kernels' own data, without the stacks."""
STACK_BYTES = 1040

Arrays = dict[str, npt.NDArray[Any]]
Params = Mapping[str, int]


@dataclass(frozen=True)
class Parameter:
    """A whole number that a user may choose, with its range; or one of several names, which stands for its position."""

    name: str
    default: int
    help: str
    low: int = 1
    high: int = 1 << 16
    choices: tuple[str, ...] = ()


def requantisation(bias: int, relu: int) -> tuple[Parameter, ...]:
    """The parameters of a kernel's requantisation, with these defaults."""
    return (
        Parameter("bias", bias, "add a bias", 0, 1),
        Parameter("mult", 0, "multiplier of the requantisation, 0: none", 0, (1 << 31) - 1),
        Parameter("shift", 9, "bits to shift right", 0, 31),
        Parameter("relu", relu, "clip to 0..127, not to -128..127", 0, 1),
    )


@dataclass(frozen=True)
class Region:
    """A timed region: its number in the sources, in the order in which they run; what it does: `work` counts of `unit`."""

    name: str
    work: int = 0
    unit: str = ""
    index: int = 0


@dataclass
class AppResult:
    """A run of an application: `ok` when it ended with 0 and its outputs are right; else `message` says what is not."""

    result: RunResult
    metrics: dict[str, Any]
    ok: bool
    message: str
    job: Job

    def counters(self, event: str) -> dict[str, npt.NDArray[np.int64]]:
        """A performance counter in each timed region, by hart."""
        job, column = self.job, PCCR_EVENTS.index(event)
        regions = job.app.regions(job.params, job.cluster.config.harts)
        return {region.name: job.counters(region)[:, column].astype(np.int64) for region in regions}


class App:
    """An application; a subclass says what it computes."""

    name: ClassVar[str]
    summary: ClassVar[str]
    sources: ClassVar[tuple[str, ...]]
    """Relative to firmware/."""
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    event_unit: ClassVar[bool] = False
    """Harts wait for each other at the event unit, their clocks stopped, instead of spinning."""

    # -- what a subclass says ------------------------------------------------------------------------------------------

    def defines(self, params: Params) -> dict[str, int]:
        """Further constants of the sources, APP_ put before their names."""
        return {}

    def bytes_needed(self, params: Params) -> int:
        """Bytes of TCDM for inputs and outputs."""
        return 0

    def inputs(self, params: Params, rng: np.random.Generator) -> Arrays:
        """Arrays by the symbols they are written to."""
        return {}

    def expected(self, params: Params, inputs: Arrays) -> Arrays:
        """What NumPy computes, by the symbols it is to be found at."""
        return {}

    def settings(self, given: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
        """Configuration that the application needs with these parameters, where it is not in `values`."""
        return {}

    def places(self, params: Params, symbols: Mapping[str, int]) -> dict[str, int]:
        """Addresses of inputs and outputs that are not at symbols of their own."""
        return {}

    def prepare(self, job: Job) -> None:
        """What else is to be written before the program runs."""

    def regions(self, params: Params, harts: int) -> tuple[Region, ...]:
        """The timed regions, the most important one first."""
        return ()

    # -- what everyone does --------------------------------------------------------------------------------------------

    def resolve(self, given: Mapping[str, Any]) -> dict[str, int]:
        """All parameters, those not given at their defaults; SimulationError for what is not possible."""
        known = {parameter.name: parameter for parameter in self.parameters}
        chosen = {name: parameter.default for name, parameter in known.items()}
        for name, value in given.items():
            if name not in known:
                raise SimulationError(f"{self.name} has no parameter {name!r}; {suggest(name, known)}")
            parameter = known[name]
            if parameter.choices and type(value) is not int:
                if value not in parameter.choices:
                    raise SimulationError(f"{self.name}: no {name} {value!r}; {suggest(str(value), parameter.choices)}")
                chosen[name] = parameter.choices.index(value)
                continue
            if type(value) is not int or not parameter.low <= value <= parameter.high:
                raise SimulationError(
                    f"{self.name}: {name} = {value!r} is not possible: {parameter.low} to {parameter.high}"
                )
            chosen[name] = value
        return chosen

    def program(self, harts: int, params: Params) -> Path:
        """The ELF for so many harts and these parameters; assembled when no earlier one has the same content."""
        from iss.engine.emit import cache_folder

        constants = {**params, **self.defines(params)}
        defines = {"HARTS": harts, **{f"APP_{name.upper()}": value for name, value in constants.items()}}
        if self.event_unit:
            defines["EVENT_UNIT"] = 1
        sources = [FIRMWARE / source for source in ("runtime/start.S", *self.sources)]
        digest = hashlib.sha256(f"{_tools_digest()} {[str(s) for s in sources]} {sorted(defines.items())}".encode())
        path = cache_folder() / "firmware" / f"{self.name}-{digest.hexdigest()[:16]}.elf"
        if not path.exists():
            import asm

            program = asm.assemble(sources, layout="cluster", defines=defines, include_dirs=INCLUDES)
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(f".{os.getpid()}.tmp")
            partial.write_bytes(program.elf)
            partial.replace(path)
        return path

    def load(self, cluster: Cluster, *, seed: int = 0, **given: Any) -> Job:
        """Load the program into a cluster and write random inputs; SimulationError when they do not fit."""
        params = self.resolve(given)
        config = cluster.config
        if config.machine != "cluster":
            raise SimulationError(f"{self.name} is made for the machine 'cluster', not {config.machine!r}")
        needed = self.bytes_needed(params) + RESERVED + STACK_BYTES * config.harts
        if needed > config.tcdm_bytes:
            raise SimulationError(
                f"{self.name} needs {needed} bytes of TCDM, and there are {config.tcdm_bytes}: "
                "choose smaller sizes, or a larger tcdm_bytes"
            )
        executable = cluster.load_elf(self.program(config.harts, params))
        inputs = self.inputs(params, np.random.default_rng(seed))
        symbols = {**executable.symbols, **self.places(params, executable.symbols)}
        job = Job(self, cluster, params, inputs, symbols)
        for symbol, array in inputs.items():
            cluster.write(symbols[symbol], array.tobytes())
        self.prepare(job)
        regions = sorted(self.regions(params, config.harts), key=lambda region: region.index)
        cluster.phases.names = [region.name for region in regions]
        return job

    def run(
        self, cluster_kwargs: Mapping[str, Any] | None = None, *, max_cycles: int = 10**9, seed: int = 0, **given: Any
    ) -> AppResult:
        """Build a cluster, load, run, check."""
        from iss.cluster import Cluster

        values = dict(cluster_kwargs or {})
        job = self.load(Cluster(**{**self.settings(given, values), **values}), seed=seed, **given)
        result = job.cluster.run(max_cycles=max_cycles)
        message = f"ended by {result.reason}" if result.exit_code is None else ""
        if result.exit_code:
            message = f"exit code {result.exit_code}"
        message = message or job.check() or ""
        return AppResult(result, job.metrics(), not message, message or job.verdict(), job)


@dataclass
class Job:
    """An application that is loaded in a cluster."""

    app: App
    cluster: Cluster
    params: dict[str, int]
    inputs: Arrays
    symbols: dict[str, int] = field(repr=False)

    def read(self, symbol: str, like: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The array at a symbol, of the same type and shape as another."""
        data = self.cluster.read(self.symbols[symbol], like.nbytes)
        return np.frombuffer(data, like.dtype).reshape(like.shape)

    def outputs(self) -> Iterator[tuple[str, npt.NDArray[Any], npt.NDArray[Any]]]:
        """Each output: its symbol, what is in memory, and what NumPy computes."""
        for symbol, want in self.expected.items():
            yield symbol, self.read(symbol, want), want

    @cached_property
    def expected(self) -> Arrays:
        """What NumPy computes of the inputs, by symbol."""
        return self.app.expected(self.params, self.inputs)

    def check(self) -> str | None:
        """Compare the outputs with NumPy's: None when they are equal, else the first difference.

        An IMA with noise cannot be exact: then `verdict` says how far off it is, and None is returned."""
        if self._noisy():
            return None
        for symbol, got, want in self.outputs():
            wrong = np.argwhere(got != want)
            if len(wrong):
                at = tuple(int(i) for i in wrong[0])
                where = f"{symbol}{list(at)} is {got[at]}, not {want[at]}"
                return f"{len(wrong)} of {want.size} values of {symbol} are wrong: {where}"
        return None

    def _noisy(self) -> bool:
        """Whether an IMA that is not ideal took part."""
        accelerators = self.cluster.parts.accelerators
        if accelerators is None or not accelerators.ima.crossbars.noise.active:
            return False
        return bool(accelerators.ima.stats()["multiplications"])

    def verdict(self) -> str:
        """What is to be said of outputs that `check` has found nothing wrong with; empty where nothing is expected."""
        if not self.app.expected(self.params, self.inputs):
            return ""
        if not self._noisy():
            return "the outputs equal NumPy's"
        texts = []
        for symbol, got, want in self.outputs():
            off = np.abs(got.astype(np.int64) - want)
            share, mean = 100 * np.count_nonzero(off) / off.size, off.mean()
            texts.append(f"{share:.1f} % of {off.size:,} values of {symbol} differ, by {mean:.2f} on average, {off.max()} at most")
        return f"the IMA has noise, so compared with an ideal one's outputs, {'; '.join(texts)}"

    def metrics(self) -> dict[str, Any]:
        """Figures of the timed regions: the first one's by name, the others' with the region's name before."""
        found: dict[str, Any] = {}
        for region in self.app.regions(self.params, self.cluster.config.harts):
            figures = self.region(region)
            found |= figures if not found else {f"{region.name}_{name}": value for name, value in figures.items()}
        return found

    def counters(self, region: Region) -> npt.NDArray[np.uint32]:
        """The performance counters of a region, a row per hart."""
        events = len(PCCR_EVENTS)
        address = self.symbols["regions"] + 4 * events * REGION_ROWS * region.index
        harts = self.cluster.config.harts
        return np.frombuffer(self.cluster.read(address, 4 * events * harts), np.uint32).reshape(harts, events)

    def region(self, region: Region) -> dict[str, Any]:
        """Cycles of the slowest hart; instructions and stalls over all harts; work done per cycle."""
        table = dict(zip(PCCR_EVENTS, self.counters(region).T.astype(np.int64), strict=True))
        cycles = int(table["CYCLES"].max())
        total = {event: int(column.sum()) for event, column in table.items()}
        figures: dict[str, Any] = {"cycles": cycles, "instructions": total["INSTR"]}
        if region.unit:
            figures |= {region.unit: region.work, f"{region.unit}_per_cycle": round(region.work / cycles, 3) if cycles else 0.0}
        stalls = {
            "load_use": total["LD_STALL"],
            "jump_register": total["JMP_STALL"],
            "tcdm_conflict": total["TCDM_CONT"],
        }
        stalls |= {"branch": 2 * total["BTAKEN"], "jump": total["JUMP"], "event": total["ELW"]}
        # Instruction fetch, misaligned accesses, L2.
        stalls["other"] = total["CYCLES"] - total["INSTR"] - sum(stalls.values())
        return figures | {"stalls": stalls}


@cache
def _tools_digest() -> str:
    """Of everything that ELFs are made with: firmware, assembler, instruction set."""
    digest = hashlib.sha256()
    for pattern in ("firmware/**/*.S", "firmware/**/*.inc", "asm/*.py", "asm/*.lark", "iss/isa/*.py"):
        for path in sorted(FIRMWARE.parent.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
