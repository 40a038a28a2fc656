"""The object people use: a configured machine that loads a program, runs it and shows its state."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt

from iss import cache
from iss.config import Config, read_settings
from iss.elf import Executable, Segment, parse_elf, read_elf
from iss.engine.code import word_at
from iss.engine.layout import NEVER, Hart, Interconnect, Page, Pending
from iss.engine.machine import Arbiter, Machine
from iss.engine.system import System
from iss.errors import ProgramError, SimulationError, suggest
from iss.host import Host
from iss.isa.csr import BY_NAME
from iss.isa.decode import disassemble
from iss.machines import assemble
from iss.memory.icache import CacheConfig
from iss.memory.map import AddressMap
from iss.observe import counts
from iss.observe.energy import Joules, energy, power
from iss.observe.phases import Phases
from iss.result import RunResult
from periph import dma, traffic
from periph.hwpe import Accelerators

P = ParamSpec("P")
T = TypeVar("T")
RA = 1
"""The register of the return address, by the calling convention."""
FIRST_CYCLE = {"core": 1, "bench8": 4, "cluster": 4, "pulp": 4}
"""EX cycle of the first instruction.  The measurements of a core alone count from its cycle in ID, those of eight from reset:
fetch, answer, decode (golden/rtl8: mark0)."""
EXTERNAL_EVENTS = {"core": 0, "bench8": 1, "cluster": 5, "pulp": 5}
"""N_EXT_PERF_COUNTERS of the cores: in the measurements (golden/rtl8_notes.md, 1), and in PULP's cluster."""


class HartView:
    """One hart's state: `regs` is a writable uint32 view of x0..x31, `pc` the next instruction's address."""

    def __init__(self, cluster: Cluster, number: int) -> None:
        self._cluster = cluster
        self.number = number

    @property
    def regs(self) -> npt.NDArray[np.uint32]:
        return self._cluster.machine.registers[self.number, :32]

    @property
    def pc(self) -> int:
        return self._cluster.machine.pc(self.number)

    @pc.setter
    def pc(self, value: int) -> None:
        self._cluster.machine.set_pc(self.number, value & 0xFFFFFFFE)

    @property
    def cycle(self) -> int:
        """The cycle in which the next instruction is in EX."""
        return int(self._cluster.machine.hart[self.number, Hart.CLOCK])

    @property
    def instructions(self) -> int:
        """Instructions retired since reset."""
        return int(self._cluster.machine.hart[self.number, Hart.RETIRED]) & 0xFFFFFFFF

    def csr(self, name: str) -> int:
        """A CSR's stored value by name, e.g. ``mepc``; SimulationError names the nearest ones of an unknown name."""
        if name not in BY_NAME:
            raise SimulationError(f"no CSR {name!r}; {suggest(name, BY_NAME)}")
        return self._cluster.system.get(self.number, name)


class Cluster:
    """A machine: ``Cluster(machine="core")``, ``Cluster(harts=4, banks=16)``, ``Cluster.from_toml(path)``.

    Keywords are the fields of iss.config.Config.  `stdout` receives what the program prints, as (hart, bytes)."""

    def __init__(self, *, stdout: Callable[[int, bytes], None] | None = None, trace: bool = False, **values: Any) -> None:
        self._build(Config.build(values), stdout, trace)

    @classmethod
    def from_toml(cls, path: str | Path, **values: Any) -> Cluster:
        """From a TOML file; keywords override it."""
        return cls(**{**read_settings(path), **values})

    def _build(self, config: Config, stdout: Callable[[int, bytes], None] | None, trace: bool) -> None:
        cache.prepare()
        self.config = config
        self.parts = assemble(config)
        self.machine = Machine(
            len(self.parts.hart_ids),
            AddressMap(self.parts.regions),
            self.parts.devices,
            config.banks,
            _arbiter(config),
            config.l2_latency,
            FIRST_CYCLE[config.machine],
            _cache(config),
            frozenset({"trace"} if trace else ()),
            self.parts.views,
            config.l2_response_latency,
            self.parts.responses,
        )
        machine = weakref.proxy(self.machine)
        self.machine.output = stdout or _write_stdout
        self.machine.fault = _weak(self._fault)
        self.host = Host(machine)
        self.machine.on_watch = self.host.tohost
        if self.parts.accelerators is not None:
            self.parts.accelerators.locate(_weak(self.describe))
        self.system = System(machine, _weak(self._environment), EXTERNAL_EVENTS[config.machine])
        self.system.on_counting = _weak(self._counting)
        self.phases = Phases(_weak(self._used), _weak(self._name))
        self.executable: Executable | None = None
        self._started = False

    @property
    def harts(self) -> list[HartView]:
        """The harts, by number."""
        return [HartView(self, number) for number in range(self.machine.harts)]

    # -- loading and memory ------------------------------------------------------------------------------------------------

    def load_elf(self, program: str | Path | bytes | bytearray | memoryview) -> Executable:
        """Load an executable, by path or as bytes; SimulationError says what does not fit."""
        found = parse_elf(bytes(program), "<bytes>") if isinstance(program, (bytes, bytearray, memoryview)) else read_elf(program)
        places: dict[int, Segment] = {}
        for segment in found.segments:
            place = self.machine.map.place(segment.address, segment.size)
            if place is None:
                region = self.machine.map.find(segment.address)
                where = "is outside memory" if region is None or region.kind == Page.DEVICE else "does not fit"
                raise SimulationError(
                    f"{found.path}: the segment at 0x{segment.address:08x}, {segment.size} bytes, {where}: "
                    f"{self.machine.map.describe(segment.address)}; {self._memories()}"
                )
            for other, earlier in places.items():
                if place < other + earlier.size and other < place + segment.size:
                    raise SimulationError(
                        f"{found.path}: the segments at 0x{earlier.address:08x} and 0x{segment.address:08x} lie in the same "
                        f"memory: {self._memories()}"
                    )
            places[place] = segment
            self.machine.write(segment.address, segment.data + bytes(segment.size - len(segment.data)))
        code = [s for s in found.segments if s.executable]
        if not any(s.address <= found.entry < s.address + s.size for s in code):
            where = ", ".join(f"0x{s.address:08x}..0x{s.address + s.size - 1:08x}" for s in code) or "nowhere"
            raise SimulationError(
                f"{found.path}: the entry 0x{found.entry:08x} is outside the program's code, which is at {where}: "
                "name it with the linker script's ENTRY, or -e"
            )
        if found.entry & 1:
            raise SimulationError(f"{found.path}: the entry 0x{found.entry:08x} is odd; instructions are at even addresses")
        self.executable = found
        self.phases.names = ()
        self._started = False
        self.host.attach(found.symbols)
        return found

    def _memories(self) -> str:
        regions = [r for r in self.machine.map.regions if r.kind not in (Page.DEVICE, Page.UNMAPPED)]
        parts = ", ".join(f"{r.name} 0x{r.base:08x}..0x{r.base + r.size - 1:08x}" for r in regions)
        if self.config.machine == "core":
            hint = ", which repeats in the whole address space"
        else:
            hint = "; tcdm_bytes and l2_bytes make it larger, and --machine core has memory at every address"
        return f"this machine has {parts}{hint}"

    def read(self, address: int, n: int) -> bytes:
        """`n` bytes of memory at `address`."""
        data = self.machine.read(address, n) if n >= 0 else None
        if data is None:
            raise SimulationError(f"cannot read {n} bytes at 0x{address:08x} ({self.machine.map.describe(address)})")
        return data

    def write(self, address: int, data: bytes | bytearray | memoryview | npt.NDArray[Any]) -> None:
        """Write bytes, or those of an array, to memory at `address`."""
        given = data.tobytes() if isinstance(data, np.ndarray) else bytes(memoryview(data))
        if not self.machine.write(address, given):
            raise SimulationError(
                f"cannot write {len(given)} bytes at 0x{address:08x} ({self.machine.map.describe(address)})"
            )

    def signature(self) -> str:
        """Memory from the symbol begin_signature up to end_signature: a line for each word, in hexadecimal (riscv-arch-test)."""
        symbols = self.executable.symbols if self.executable is not None else {}
        missing = [name for name in ("begin_signature", "end_signature") if name not in symbols]
        if missing:
            raise SimulationError(f"there is no signature: the program has no symbol {' and no symbol '.join(missing)}")
        begin, end = symbols["begin_signature"], symbols["end_signature"]
        if end < begin or (end - begin) % 4:
            raise SimulationError(f"the signature from 0x{begin:08x} to 0x{end:08x} is not a number of words")
        return "".join(f"{word:08x}\n" for word in np.frombuffer(self.read(begin, end - begin), "<u4"))

    # -- running -----------------------------------------------------------------------------------------------------------

    def start(self, entry: int | None = None) -> None:
        """Reset, and start every hart, or the fabric controller alone, at `entry`, by default the program's.

        Memory stays as it is."""
        if entry is None:
            if self.executable is None:
                raise SimulationError("there is nothing to run: load an ELF, or give an entry")
            entry = self.executable.entry
        if entry & 1 or not 0 <= entry < 1 << 32:
            what = "is odd; instructions are at even addresses" if entry & 1 else "is no 32-bit address"
            raise SimulationError(f"the entry {entry:#010x} {what}")
        self.system.reset(self.parts.hart_ids)
        self.phases.reset()
        self.machine.start([None if hart in self.parts.held else entry for hart in range(self.machine.harts)])
        self.machine.hart[:, Hart.ID] = self.parts.hart_ids
        self._started = True

    def run(self, entry: int | None = None, max_cycles: int = 10**9) -> RunResult:
        """Run until the program ends, at most `max_cycles` more cycles.

        With `entry`, or when the program has not begun or has ended, it starts from reset; otherwise it goes on where it was.
        SimulationError when `max_cycles` is negative or no whole number."""
        if not max_cycles >= 0 or max_cycles % 1 != 0:
            raise SimulationError(f"max_cycles = {max_cycles} is not possible: a whole number, 0 or more")
        if entry is not None or not self._started or self.machine.ended is not None:
            self.start(entry)
        self._advance(min(self.machine.now() + int(max_cycles), NEVER - 1))
        return self.result()

    def step(self, hart: int = 0) -> RunResult:
        """Run until `hart` has retired one more instruction; the others advance for as long as that takes."""
        if not 0 <= hart < len(self.harts):
            raise SimulationError(f"there is no hart {hart}: the machine has harts 0 to {len(self.harts) - 1}")
        if not self._started or self.machine.ended is not None:
            self.start()
        view = self.harts[hart]
        before = view.instructions
        while self.machine.ended is None and view.instructions == before:
            clock = view.cycle
            self._advance((clock if clock < NEVER else self.machine.now()) + 1)
        return self.result()

    def _advance(self, cycle: int) -> None:
        self.machine.advance(cycle)
        if self.machine.ended is not None:
            self.machine.events.clear()  # nothing comes any more, and answers that were due refer to the machine

    def result(self) -> RunResult:
        """The state of the run as a RunResult."""
        ended = self.machine.ended
        stats = self.stats()
        return RunResult(
            exit_code=ended[0] if ended else None,
            reason=ended[2] if ended else "max_cycles",
            cycles=stats["cycles"],
            instructions=sum(h["instructions"] for h in stats["harts"]),
            markers=list(self.machine.markers),
            stats=stats,
            exits=list(self.machine.exits),
        )

    def stats(self) -> dict[str, Any]:
        """Figures as a plain dict: cycles; per hart cycles = instructions + stalls, conflicts, counters; per bank.

        `energy` is in pJ and `power` in mW by component; `phases` has both and the cycles of each phase (observe.phases)."""
        stats = self._figures()
        for number, hart in enumerate(stats["harts"]):
            hart["counters"] = self.system.counters(number)
        used = energy(stats, self.config)
        phases = [
            {
                "name": name,
                "times": phase.times,
                "cycles": phase.cycles,
                "energy": phase.energy,
                "power": power(phase.energy, phase.cycles, self.config),
            }
            for name, phase in self.phases.list(stats["cycles"], used)
        ]
        return {**stats, "energy": used, "power": power(used, stats["cycles"], self.config), "phases": phases}

    def _used(self) -> tuple[int, Joules]:
        """Cycles since reset, and the energy they took."""
        stats = self._figures()
        return stats["cycles"], energy(stats, self.config)

    def _counting(self, hart: int, running: bool) -> None:
        if hart == 0:
            self.phases.counting(running, self.machine.pc(hart))

    def _name(self, pc: int) -> str:
        """An address by its symbol and source line."""
        names = [self.executable.symbol(pc), self.executable.line(pc)] if self.executable is not None else []
        return " ".join(name for name in names if name) or f"0x{pc:08x}"

    def _figures(self) -> dict[str, Any]:
        """The counts that everything else is made from."""
        machine = self.machine
        now = machine.now()
        machine.take_back_all()
        rows = zip(machine.hart.tolist(), machine.stall.tolist(), strict=True)
        accelerators = self.parts.accelerators
        return {
            "cycles": now,
            "harts": [counts.hart(number, row, waits, now) for number, (row, waits) in enumerate(rows)],
            "tcdm": counts.tcdm(machine.bank.tolist()),
            **({"hwpe": accelerators.stats()} if accelerators is not None else {}),
            **({"dma": self.parts.dma.stats()} if self.parts.dma is not None else {}),
        }

    def conflicts_by_pc(self) -> dict[int, int]:
        """Lost arbitrations by the address of the instruction that lost them."""
        places = np.flatnonzero(self.machine.conflict_pc)
        return {self.machine.address_of(2 * int(i)): int(self.machine.conflict_pc[i]) for i in places}

    @property
    def accelerators(self) -> Accelerators:
        """IMA and DW: ``cluster.accelerators.ima.program(crossbar, row, column, weights)``."""
        if self.parts.accelerators is None:
            raise SimulationError(f"machine {self.config.machine!r} has no accelerators")
        return self.parts.accelerators

    # -- what ends or breaks a run -----------------------------------------------------------------------------------------

    def _environment(self, hart: int, cycle: int) -> bool:
        """An ecall for the host; False when it is the program's own."""
        if self.config.machine != "cluster" and self.system.has_vector(hart):
            return False
        return self.host.ecall(hart, cycle)

    def describe(self, hart: int) -> str:
        """Where a hart is: pc, symbol, source line, disassembly; of a jump to no code, where it jumped from."""
        pc = self.machine.origin(hart)
        parts = [f"hart {hart} at pc 0x{pc:08x}"]
        if self.executable is not None:
            names = [self.executable.symbol(pc), self.executable.line(pc)]
            parts += [f"<{name}>" for name in names if name]
            if not self.executable.holds(pc):
                parts.append(f"({self.machine.map.describe(pc, self.machine.views[hart])}, outside the program)")
        place = self.machine.place(hart, pc, 2)
        if place is not None:
            symbol = self.executable.symbol if self.executable else None
            parts.append(f"`{' '.join(disassemble(word_at(self.machine.memory, place), pc, symbol).split())}`")
        return " ".join(parts)

    def _fault(self, hart: int, text: str) -> Exception:
        self.machine.finish()
        result = self.result()
        result.reason = "fault"
        if hart < 0:
            return ProgramError("\n".join(self._deadlock()), result)
        caller = self._caller(hart)
        more = f"\n  its {caller}" if caller else ""
        return ProgramError(f"{self.describe(hart)} {text}, in cycle {self.machine.now()}{more}", result, hart)

    def _caller(self, hart: int) -> str:
        """A hart's return address, where that is one of the program."""
        ra = int(self.harts[hart].regs[RA])
        if self.executable is None or not self.executable.holds(ra):
            return ""
        # The call is before ra; it has 2 or 4 bytes.
        names = [self.executable.symbol(ra), self.executable.line(ra - 2)]
        return " ".join([f"ra is 0x{ra:08x}", *(f"<{name}>" for name in names if name)])

    def _deadlock(self) -> list[str]:
        """Lines that say, for every hart, what it waits for, where, and since when."""
        lines = ["nothing can happen any more: every hart waits for something that will not come"]
        return [*lines, *(f"  {line}" for line in self.positions())]

    def positions(self) -> list[str]:
        """Lines that say where every hart is, what it waits for, and what accelerators and DMA are busy with."""
        lines = []
        for hart in range(self.machine.harts):
            row = self.machine.hart[hart]
            why = self.waiting(hart)
            if row[Hart.FIRST] == NEVER:
                lines.append(f"hart {hart}: {why}")
                continue
            caller = self._caller(hart)
            place = f"{self.describe(hart)}{f', {caller},' if caller else ''}"
            lines.append(f"{place} waits since cycle {int(row[Hart.ISSUED])}: {why}" if why else place.rstrip(","))
        lines += self.parts.accelerators.state() if self.parts.accelerators is not None else []
        lines += [self.parts.dma.state()] if self.parts.dma is not None and self.parts.dma.busy() else []
        return lines

    def waiting(self, hart: int) -> str:
        """What a hart that does not run waits for, in words; empty for one that runs."""
        if self.machine.hart[hart, Hart.PENDING] != Pending.BLOCKED:
            return ""
        if self.system.interrupts.asleep(hart):
            return f"wfi; {self.parts.interrupts(hart)}"
        texts = (device.waiting(hart) for device in self.machine.devices.values())
        return next((text for text in texts if text), "the answer of a device")


def _weak(method: Callable[P, T]) -> Callable[P, T]:
    """A cluster's method for what the cluster itself has: a cluster that nobody uses is gone at once, with its memories."""
    found = weakref.WeakMethod(method)

    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        bound = found()
        assert bound is not None
        return bound(*args, **kwargs)

    return call


def _write_stdout(hart: int, data: bytes) -> None:
    sys.stdout.write(data.decode("latin-1"))


def _arbiter(config: Config) -> Arbiter:
    """The arbiter of a bank (golden/rtl8_notes.md, 3): the masters are the cores, then the accelerators' word ports.

    In the cluster they are the harts, the DMA's ports and the accelerators'; with hci those are on the other side."""
    cores, ports = config.harts, traffic.PORTS
    if config.machine in ("cluster", "pulp"):
        cores += config.machine == "pulp"
        if config.interconnect == "hci":
            cores += dma.MASTERS
        else:
            ports = dma.MASTERS + config.hwpe_port_bits // 32
    if config.interconnect == "lic":
        return Arbiter(Interconnect.LIC, cores + ports)
    if config.interconnect == "xbar12":
        return Arbiter(Interconnect.XBAR, cores + ports)
    if config.interconnect == "xbar84":
        return Arbiter(Interconnect.XBAR, cores, ports)
    return Arbiter(Interconnect.HCI, cores, 0, config.low_prio_max_stall, config.invert_prio)


def _cache(config: Config) -> CacheConfig | None:
    """The instruction cache's geometry; None for an ideal one."""
    if config.icache == "ideal":
        return None
    names = ("private_bytes", "private_ways", "shared_bytes", "shared_ways", "shared_banks", "private_refill", "shared_refill")
    return CacheConfig(**{name: getattr(config, f"icache_{name}") for name in names})
