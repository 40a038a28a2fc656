"""The control side of an accelerator: its register file, the queue of jobs, the lock, events, and when a job starts.

Rules are hwpe-ctrl's (platform.md 4.1; RTL of pulp-platform/hwpe-ctrl dfcf1cb, hwpe_ctrl_slave and hwpe_ctrl_regfile,
read and told in words).  `Accelerator` is what DW and IMA have in common; `HwpeController` the register rules of the
classic slave, which DW follows.  The IMA's public register map has its own (periph.hwpe.ima)."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from periph.device import Access, DeviceError, Platform, RegisterDevice
from periph.hwpe.streamer import Port
from periph.hwpe.timing import TIMING
from periph.registers import WORD, Field, Place, Register, RegisterTable

START, REQUEST, EVENT, CLEAR = (TIMING[name].cycles for name in ("start", "request", "event", "clear"))
ALL_BUSY, LOCKED = -1, -2
CONTEXTS = 2
JOB_REGISTERS = 0x40
CONTEXT_WINDOW = 0x100
MAX_FINISHED = 2

RaiseEvent = Callable[[int, int, int], None]
"""Event number, cycle, mask of cores."""


class AcceleratorWarning(UserWarning):
    """The program asked an accelerator for something that the hardware does, but that nobody wants."""


@dataclass
class Job:
    """A committed job: what its registers said, in the subclass's terms, and who committed it.  `written` are place and
    size of the part of the memory array that its results lie in."""

    hart: int
    context: int
    written: tuple[int, int]


class Accelerator(RegisterDevice, ABC):
    """A register file, a lock, a queue of jobs, and the port that jobs use.

    A subclass implements `prepare` (a job from the registers; DeviceError when it is impossible), `begin` (start it:
    the streamer may request from a given cycle on) and calls `finished` in the cycle of `done`."""

    def __init__(self, table: RegisterTable, port: Port, contexts: int) -> None:
        super().__init__(table)
        self.name = table.name
        self.port = port
        self.contexts = contexts
        self.raise_event: RaiseEvent = lambda number, cycle, cores: None
        self.locate: Callable[[int], str] = self._locate
        port.join(self.name)
        self._clear_state()

    def _clear_state(self) -> None:
        self.lock: int | None = None
        self.queue: list[Job] = []
        self.working = False
        self.triggered = False
        self.finished_jobs = 0
        self.cleared_until = -1
        self.generation = 0
        self.busy_cycles = 0
        self.jobs_done = 0
        self.started_at = 0
        self.warnings: list[str] = []

    def attach(self, machine: Platform) -> None:
        super().attach(machine)
        if not hasattr(self.port, "machine"):
            self.port.attach(machine)

    def reset(self) -> None:
        super().reset()
        self.port.reset()
        generation = self.generation
        self._clear_state()
        self.generation = generation + 1

    def _locate(self, hart: int) -> str:
        return f"hart {hart} at pc 0x{self.machine.pc(hart):08x}"

    def warn(self, access: Access, text: str) -> None:
        """Say what the program did that the hardware accepts; it is in the statistics too."""
        message = f"{self.locate(access.hart)}: {self.name}: {text}, in cycle {access.cycle}"
        self.warnings.append(message)
        warnings.warn(message, AcceleratorWarning, stacklevel=2)

    # -- jobs ----------------------------------------------------------------------------------------------------------

    def refusal(self, name: str, value: str, why: str) -> DeviceError:
        """The error for a job that a register's value makes impossible."""
        return DeviceError(f"{self.name}.{name} = {value} at TRIGGER: {why}")

    @abstractmethod
    def prepare(self, access: Access) -> Job:
        """The job that the registers describe."""

    @abstractmethod
    def begin(self, job: Job, cycle: int) -> None:
        """Start a job whose first request may come in `cycle`."""

    def cancel(self) -> None:
        """Forget a job that is running."""

    def completed(self, job: Job, cycle: int) -> None:
        """A job's events; `done` is in `cycle`."""

    def commit(self, job: Job, cycle: int, trigger: bool) -> None:
        """A job enters the queue, and starts when it is its turn and one has been triggered since the last clear."""
        self.queue.append(job)
        self.lock = None
        self.triggered |= trigger
        self._next(cycle)

    def _next(self, cycle: int) -> None:
        if self.queue and self.triggered and not self.working:
            self.working = True
            self.started_at = cycle + START
            self.machine.at(self.started_at, partial(self._start, self.generation))

    def _start(self, generation: int, cycle: int) -> None:
        if generation == self.generation:
            self.port.request(self.name, cycle + REQUEST, partial(self._granted, generation))

    def _granted(self, generation: int, cycle: int) -> None:
        if generation == self.generation:
            self.begin(self.queue[0], cycle)

    def later(self, cycle: int, callback: Callable[[int], None]) -> None:
        """Call back in `cycle`, unless the accelerator is cleared before."""
        self.machine.at(cycle, partial(self._unless_cleared, self.generation, callback))

    def _unless_cleared(self, generation: int, callback: Callable[[int], None], cycle: int) -> None:
        if generation == self.generation:
            callback(cycle)

    def finished(self, cycle: int) -> None:
        """The running job is done in `cycle`."""
        job = self.queue.pop(0)
        self.working = False
        self.jobs_done += 1
        self.busy_cycles += cycle - self.started_at
        self.machine.forget(*job.written)
        self.completed(job, cycle)
        if not self.queue or not self.triggered:
            self.port.release(self.name, cycle)
        self._next(cycle)

    def send(self, number: int, cycle: int, cores: int = WORD) -> None:
        """Raise an event line in `cycle`, which may be later."""
        self.later(cycle, partial(self._send, number, cores))

    def _send(self, number: int, cores: int, cycle: int) -> None:
        self.raise_event(number, cycle, cores)

    def clear(self, access: Access) -> None:
        """SOFT_CLEAR: jobs, lock and state machines; data 0: the registers too."""
        if self.working:
            self.busy_cycles += max(0, access.cycle - self.started_at)
            self.cancel()
            if self.port.owner == self.name:
                self.port.abort()
        self.port.release(self.name, access.cycle)
        self.generation += 1
        self.queue.clear()
        self.working = self.triggered = False
        self.lock = None
        self.cleared_until = access.cycle + CLEAR

    def clearing(self, access: Access, what: str) -> bool:
        """Whether a soft clear is still held, and the access is lost."""
        if access.cycle > self.cleared_until:
            return False
        self.warn(access, f"{what} while SOFT_CLEAR is held, {CLEAR} cycles after its store: it is lost")
        return True

    def state(self) -> str:
        """What the accelerator is doing, for who wonders why nothing happens."""
        if self.working and self.port.owner not in ("", self.name):
            return f"{self.name} waits for the data port, which {self.port.owner} owns"
        if self.working:
            return f"{self.name} runs a job since cycle {self.started_at}"
        if self.queue:
            return f"{self.name} has {len(self.queue)} jobs that were committed but not triggered"
        if self.lock is not None:
            return f"{self.name} is locked by hart {self.lock}, which has not triggered"
        return ""

    def stats(self) -> dict[str, Any]:
        """Figures of this accelerator since reset."""
        traffic = self.port.stats(self.name)
        busy = self.busy_cycles
        if self.working:
            busy += max(0, self.machine.now() - self.started_at)
        return {
            "jobs": self.jobs_done,
            "busy_cycles": busy,
            "beats": traffic.beats,
            "stalls": traffic.stalls,
            "conflicts": sum(traffic.conflicts),
            "port_conflicts": list(traffic.conflicts),
            "warnings": list(self.warnings),
        }


MANDATORY = (
    Register(
        0x00, "TRIGGER", "w", "a store commits the job in the registers and gives up the lock; data 0 starts the queue",
    ),
    Register(
        0x04, "ACQUIRE", "r", "test and set of the lock: the job's number (0..255), -1 when all contexts are in use, "
        "-2 when a core has the lock",
    ),
    Register(0x08, "FINISHED_JOBS", "rw", "jobs done since the last access, 2 at most; any access clears it"),
    Register(
        0x0C, "STATUS", "r", "a byte for each context: 1 while its job is queued or runs",
        fields=(Field("CONTEXT0", 0, 8, "context 0 is in use"), Field("CONTEXT1", 8, 8, "context 1 is in use")),
    ),
    Register(0x10, "RUNNING_JOB", "r", "number of the running, or of the next job; modulo 256, how many were done"),
    Register(0x14, "SOFT_CLEAR", "w", "clears jobs, lock and state machines; data 0 the registers and numbers too"),
    Register(0x1C, "SWEVT", "w", "raises the software event line of the core whose number is in the low 4 bits"),
)  # fmt: skip
"""The registers that every accelerator under hwpe-ctrl has."""


class HwpeController(Accelerator):
    """The classic slave: two contexts of job registers from 0x40 on.

    Stores and loads at 0x40 reach the context that is being programmed; loads at 0x100 * (context + 1) + 0x40 a certain
    one."""

    event = 12
    software_event = 13

    def __init__(self, table: RegisterTable, port: Port) -> None:
        super().__init__(table, port, CONTEXTS)

    def _clear_state(self) -> None:
        super()._clear_state()
        self.pointer = 0
        self.job_number = 0
        self.running_number = 0
        self.banks = [self._empty() for _ in range(CONTEXTS)]

    def _empty(self) -> dict[int, int]:
        return {p.offset: p.register.reset for p in self.table if JOB_REGISTERS <= p.offset < CONTEXT_WINDOW}

    def registers(self) -> Mapping[str, int]:
        """The job registers of the context that is being programmed, by name."""
        bank = self.banks[self.pointer]
        return {self.table.places[offset].name: value for offset, value in bank.items()}

    def _load_value(self, access: Access, place: Place) -> int:
        if place.offset < JOB_REGISTERS:
            return super()._load_value(access, place)
        context = place.offset // CONTEXT_WINDOW - 1
        return self.banks[self.pointer if context < 0 else context][place.offset % CONTEXT_WINDOW]

    def _store_value(self, access: Access, place: Place, value: int) -> None:
        if place.offset < JOB_REGISTERS:
            super()._store_value(access, place, value)
            return
        bank = self.banks[self.pointer]
        if len(self.queue) == self.contexts:
            text = "changes the registers of a job that is queued or runs: acquire first"
            self.warn(access, f"{place.name} = 0x{value:x} {text}")
        bank[place.offset] = value & place.register.writable

    def load_acquire(self, access: Access, place: Place) -> int:
        if self.clearing(access, "ACQUIRE"):
            return self.job_number
        if self.lock is not None:
            return LOCKED & WORD
        if len(self.queue) == self.contexts:
            return ALL_BUSY & WORD
        self.lock = access.hart
        number, self.job_number = self.job_number, (self.job_number + 1) % 256
        return number

    def store_trigger(self, access: Access, place: Place, value: int) -> None:
        if self.clearing(access, "TRIGGER"):
            return
        if len(self.queue) == self.contexts:
            raise DeviceError(
                f"{self.name}.TRIGGER = 0x{value:x}: both contexts are in use, and ACQUIRE was not asked or "
                f"answered -1; the job would overwrite one that is queued"
            )
        if self.lock is None:
            self.warn(access, f"TRIGGER = 0x{value:x} without ACQUIRE: context {self.pointer} runs as it is")
        job = self.prepare(access)
        self.pointer = (self.pointer + 1) % CONTEXTS
        self.commit(job, access.cycle, value == 0)

    def load_finished_jobs(self, access: Access, place: Place) -> int:
        count, self.finished_jobs = self.finished_jobs, 0
        return count

    def store_finished_jobs(self, access: Access, place: Place, value: int) -> None:
        self.finished_jobs = 0

    def load_status(self, access: Access, place: Place) -> int:
        return sum(1 << 8 * job.context for job in self.queue)

    def load_running_job(self, access: Access, place: Place) -> int:
        return self.running_number

    def store_soft_clear(self, access: Access, place: Place, value: int) -> None:
        self.clear(access)
        self.pointer = 0
        if value == 0:
            self.banks = [self._empty() for _ in range(CONTEXTS)]
            self.values = {offset: self.table.places[offset].register.reset for offset in self.values}
            self.job_number = self.running_number = self.finished_jobs = 0

    def store_swevt(self, access: Access, place: Place, value: int) -> None:
        self.send(self.software_event, access.cycle + 1, 1 << (value & 15))

    def completed(self, job: Job, cycle: int) -> None:
        self.finished_jobs = min(self.finished_jobs + 1, MAX_FINISHED)
        self.running_number = (self.running_number + 1) % 256
        self.send(self.event, cycle + EVENT, 1 << job.hart)
