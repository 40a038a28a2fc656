"""Programs by name: a shipped application, an ELF file, or an assembly source that is assembled on the fly."""

from __future__ import annotations

import importlib
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from iss.config import Config, unknown_value
from iss.errors import SimulationError, suggest

if TYPE_CHECKING:
    from asm import Program as AssembledProgram
    from iss.cluster import Cluster
    from iss.result import RunResult

SLICE_CYCLES = 1 << 20
"""A run is cut in slices of this many cycles, between which Ctrl-C is heard."""
COMPILE_SECONDS = 20


@dataclass(frozen=True)
class Program:
    """What a name or path stands for: `app` (firmware.apps.App) or `path`; `elf` is the file's content where it has been
    read (see `read`)."""

    name: str
    path: Path | None = None
    app: Any = None
    elf: bytes = b""

    @property
    def parameters(self) -> set[str]:
        """Names of the application's parameters."""
        return {parameter.name for parameter in self.app.parameters} if self.app else set()

    def image(self, machine: str) -> str | bytes:
        """What Cluster.load_elf takes: an ELF's path, or the bytes of one assembled for a machine's memories."""
        if self.elf:
            return self.elf
        assert self.path is not None
        if self.path.suffix not in (".S", ".s"):
            return str(self.path)
        layout = "cluster" if machine == "pulp" else machine  # the fabric controller's program lies in the same memories
        return assemble([self.path], layout).elf

    def read(self, machine: str) -> Program:
        """The same, independent of the file."""
        if self.path is None:
            return self
        image = self.image(machine)
        return replace(self, elf=image if isinstance(image, bytes) else self.path.read_bytes())

    def check(self, names: Iterable[str]) -> None:
        """SimulationError for a name that is neither a configuration value nor a parameter."""
        known = self.parameters | {field.name for field in fields(Config)}
        for name in names:
            if name not in known:
                raise unknown_value(name, self.parameters)


def find(name: str) -> Program:
    """The program of a name or path; SimulationError names the nearest applications."""
    path = Path(name)
    if path.is_file():
        return Program(path.stem, path=path)
    apps = applications()
    found = apps.find(name) if apps else None
    if found is not None:
        return Program(name, app=found)
    if path.is_dir() and name:
        raise SimulationError(
            f"{name} is a directory; give an ELF, an assembly source (.S) or a shipped application's name"
        )
    known = list(apps.names()) if apps else []
    hint = f"; {suggest(name, known)}" if known and not path.suffix and path.name == name else ""
    raise SimulationError(f"no program {name!r}: it is neither a file nor a shipped application{hint}")


def assemble(
    sources: Sequence[str | Path],
    layout: str,
    defines: Mapping[str, int] | None = None,
    folders: Sequence[str | Path] = (),
) -> AssembledProgram:
    """As asm.assemble; what is wrong with the sources is one SimulationError."""
    import asm

    if layout not in asm.LAYOUTS:
        raise SimulationError(f"no layout {layout!r}; {suggest(layout, asm.LAYOUTS)}")
    for source in sources:
        if _is_elf(Path(source)):
            raise SimulationError(f"{source} is an ELF file, no assembly source; `iss dis` shows what is in it")
    try:
        return asm.assemble(sources, layout=layout, defines=defines, include_dirs=folders)
    except asm.AssemblyError as error:
        count = len(error.diagnostics)
        raise SimulationError(f"{count} mistake{'s' if count > 1 else ''} in the assembly\n{error}") from error


def _is_elf(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def applications() -> Any:
    """The package of shipped applications, None where it is not installed."""
    try:
        return importlib.import_module("firmware.apps")
    except ModuleNotFoundError as error:
        if error.name not in ("firmware", "firmware.apps"):
            raise
        return None


def load(
    program: Program,
    values: Mapping[str, Any],
    *,
    stdout: Callable[[int, bytes], None] | None = None,
    trace: bool = False,
) -> tuple[Cluster, Any]:
    """A cluster with the program in its memory; the application's job (firmware.apps.Job) where it is one.

    `values`: of the configuration, and of the application's parameters."""
    from iss.cluster import Cluster

    program.check(values)
    params = {name: value for name, value in values.items() if name in program.parameters}
    config = {name: value for name, value in values.items() if name not in params}
    if program.app is not None:
        config = program.app.settings(params, config) | config
    cluster = Cluster(stdout=stdout, trace=trace, **config)
    if program.app is not None:
        return cluster, program.app.load(cluster, **params)
    found = cluster.load_elf(program.image(cluster.config.machine))
    found.path = str(program.path)
    return cluster, None


def announce(cluster: Cluster) -> None:
    """Say so when the machine's kernel has yet to be compiled."""
    from iss.engine import emit

    features = frozenset(cluster.machine.features)
    if not emit.is_compiled(features):
        which = ", ".join(sorted(features)) or "plain"
        text = f"compiling the simulator's kernel ({which}): about {COMPILE_SECONDS} s, once on this machine"
        print(f"iss: {text} ...", file=sys.stderr, flush=True)


def run(cluster: Cluster, max_cycles: int) -> RunResult:
    """Run up to `max_cycles` cycles; KeyboardInterrupt comes between two slices, where the machine's state is whole."""
    left = max_cycles
    with _interrupt_later() as interrupted:
        while True:
            now = min(left, SLICE_CYCLES)
            result = cluster.run(max_cycles=now)
            left -= now
            if result.exit_code is not None or left <= 0:
                return result
            if interrupted:
                raise KeyboardInterrupt


def exit_status(result: RunResult) -> int | None:
    """What a shell sees of a program's exit code: its low 8 bits, never 0 for another code; None when it has not ended."""
    if result.exit_code is None:
        return None
    return result.exit_code & 0xFF or int(result.exit_code != 0)


@contextmanager
def _interrupt_later() -> Iterator[list[int]]:
    """Collect the first Ctrl-C in a list; a second one is raised at once."""
    if threading.current_thread() is not threading.main_thread():
        yield []
        return
    heard: list[int] = []
    before = signal.getsignal(signal.SIGINT)

    def hear(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, hear)
    try:
        yield heard
    finally:
        signal.signal(signal.SIGINT, before)
