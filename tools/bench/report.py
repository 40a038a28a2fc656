"""The measurements of `iss bench` and their table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

from rich.table import Table

from iss.elf import Executable, read_elf
from iss.errors import SimulationError
from iss.observe.report import plain_table

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MATMUL = HERE / "matmul.S"
HARTS = 8
LOOP = "Numba loop"


@dataclass(frozen=True)
class Figure:
    """One line of the table: `rate` in millions a second, the best of the rounds."""

    name: str
    what: str
    rate: float
    unit: str


def run(program: str | None, seconds: float, rounds: int, baseline: str | None) -> tuple[Table, object]:
    """Measure: the table, and what --json writes."""
    with tempfile.TemporaryDirectory(prefix="iss-bench-") as folder:
        elf = _program(program, Path(folder))
        say("measuring; a revision's first run compiles its kernel")
        if baseline is None:
            return _speed(list(_figures(elf, program, seconds, rounds)))
        with _revision(baseline, Path(folder) / "baseline") as root:
            return _compare(elf, root, baseline, seconds, rounds)


def say(text: str) -> None:
    """Tell on stderr what is going on."""
    print(f"iss: {text} ...", file=sys.stderr, flush=True)


def _shipped(app: Any) -> Executable:
    """A shipped application's ELF, as often repeated as it can be."""
    params = {p.name: p.high for p in app.parameters if p.name == "repeat"}
    return read_elf(app.program(HARTS, app.resolve(params)))


def _program(name: str | None, folder: Path) -> Executable:
    """The ELF to measure: the benchmark's own, or one by path or name."""
    from iss import programs

    if name is not None:
        found = programs.find(name)
        if found.app is not None:
            return _shipped(found.app)
        image = found.image("cluster")
        if isinstance(image, str):
            return read_elf(image)
    else:
        image = programs.assemble([MATMUL], "cluster").elf
    path = folder / "program.elf"
    path.write_bytes(image)
    return read_elf(path)


def simulator(elf: Executable, seconds: float, root: Path = ROOT, harts: int = HARTS) -> tuple[float, float]:
    """Million instructions a second, and instructions per cycle, of the simulator at `root`, in a new process."""
    command = [sys.executable, str(HERE / "measure.py"), str(Path(elf.path).resolve()), str(harts), str(seconds)]
    environment = os.environ | {"PYTHONPATH": str(root)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=root)
    if done.returncode:
        raise SimulationError(f"the measurement in {root} failed:\n{done.stderr.strip()}")
    found = json.loads(done.stdout)
    if not found["seconds"]:
        raise SimulationError("the program ends too soon to be measured")
    return found["instructions"] / found["seconds"] / 1e6, found["instructions"] / found["cycles"]


def _figures(elf: Executable, name: str | None, seconds: float, rounds: int) -> Iterator[Figure]:
    """Every measurement, those of one kind spread over the rounds."""
    from iss.programs import find
    from tools.bench import dense, functional

    comparable = "reps" in elf.symbols
    xpulp = _shipped(find("matmul").app) if name is None else None
    ours, shipped, alone, loop, other = [], [], [], [], []
    simulator(elf, 0.1)
    for _ in range(rounds):
        ours.append(simulator(elf, seconds))
        loop.append(dense.measure(seconds))
        if xpulp is not None:
            shipped.append(simulator(xpulp, seconds))
        if comparable:
            alone.append(simulator(elf, seconds, harts=1))
            other.append(functional.measure(elf, seconds))
    rate, ipc = max(ours)
    title = name or "matmul, 32 x 32 words, RV32IM"
    yield Figure("imciss", f"{title}; {HARTS} harts, IPC {ipc:.2f}, cycle by cycle", rate, "instructions")
    if shipped:
        rate, ipc = max(shipped)
        yield Figure(
            "imciss",
            f"the application matmul, XpulpV2; {HARTS} harts, IPC {ipc:.2f}, cycle by cycle",
            rate,
            "instructions",
        )
    if alone:
        rate, ipc = max(alone)
        yield Figure("imciss, 1 hart", f"the same ELF on one hart, IPC {ipc:.2f}", rate, "instructions")
    yield Figure(LOOP, f"{dense.CASES} dense cases, nothing but dispatch", max(loop), "iterations")
    known = [rate for rate in other if rate is not None]
    if known:
        yield Figure("unicorn, 1 hart", "the same ELF, functional, without cycles", max(known), "instructions")


def _speed(figures: list[Figure]) -> tuple[Table, object]:
    loop = next(figure for figure in figures if figure.name == LOOP)
    table = plain_table("Speed", ("", ""), ("million/s", "of the loop's"))
    for figure in figures:
        table.add_row(
            figure.name, f"{figure.what} ({figure.unit})", f"{figure.rate:,.1f}", f"{figure.rate / loop.rate:.2f}"
        )
    return table, [asdict(figure) for figure in figures]


@contextmanager
def _revision(revision: str, folder: Path) -> Iterator[Path]:
    """The files of a git revision of this repository, in a folder of their own."""
    command = ["git", "-C", str(ROOT), "archive", "--format=tar", revision]
    done = subprocess.run(command, capture_output=True)
    if done.returncode:
        raise SimulationError(f"--baseline {revision}: {done.stderr.decode(errors='replace').strip()}")
    folder.mkdir()
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    yield folder


def _compare(elf: Executable, root: Path, revision: str, seconds: float, rounds: int) -> tuple[Table, object]:
    """This tree and another revision, alternately: the median of the rounds' ratios."""
    for tree in (ROOT, root):
        simulator(elf, 0.1, tree)
    here, there = [], []
    for _ in range(rounds):
        here.append(simulator(elf, seconds)[0])
        there.append(simulator(elf, seconds, root)[0])
    ratios = [a / b for a, b in zip(here, there, strict=True)]
    table = plain_table(f"MIPS, {HARTS} harts", ("round",), ("this tree", revision, "ratio"))
    for number, (a, b, ratio) in enumerate(zip(here, there, ratios, strict=True), 1):
        table.add_row(str(number), f"{a:.1f}", f"{b:.1f}", f"{ratio:.3f}")
    table.add_section()
    table.add_row("median", f"{median(here):.1f}", f"{median(there):.1f}", f"{median(ratios):.3f}")
    return table, {"here": here, "baseline": there, "revision": revision, "ratio": median(ratios)}
