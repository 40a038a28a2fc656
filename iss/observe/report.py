"""Statistics as tables for people: a run's figures, where its cycles went, which banks and instructions conflicted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    track,
)  # fmt: skip
from rich.table import Table
from rich.text import Text

from iss.engine.layout import Stall
from iss.engine.timing import CAUSES, cause_name

if TYPE_CHECKING:
    from iss.cluster import Cluster
    from iss.result import RunResult

T = TypeVar("T")
HINT_FROM = 0.02
"""Share of the cycles from which a stall cause gets its line of advice."""
PLAIN_WIDTH = 200
BETWEEN_COLUMNS = 3
_UNITS = {"mac": "MAC"}
_ORDER = [cause_name(stall) for stall in Stall]
_ADVICE = {cause_name(stall): text for stall, text in CAUSES.items()}


class _Console(Console):
    """A rich console that shows every figure whole, however narrow the terminal is: a table is as wide as its longest words.

    When the reader leaves, the command ends as for any other output (iss.cli)."""

    def print(self, *parts: Any, **options: Any) -> None:
        width = self.width
        for table in (part for part in parts if isinstance(part, Table)):
            self._fit(table)
        super().print(*parts, **options)
        self.width = width

    def _fit(self, table: Table) -> None:
        """Give each column the width of its longest word, and what is left over to those that would be wider."""
        plenty = self.options.update(max_width=PLAIN_WIDTH)
        cells = [(column, Measurement.get(self, plenty, Group(column.header, *column.cells))) for column in table.columns]
        needed = 1 + sum(measured.minimum + BETWEEN_COLUMNS for _, measured in cells)
        left = max(0, self.width - needed)
        self.width = max(self.width, needed)
        for column, (least, most) in cells:
            column.width = min(most, least + left)
            left -= column.width - least

    def on_broken_pipe(self) -> None:
        raise  # the BrokenPipeError that is being handled


def console(file: TextIO | None = None) -> Console:
    """Where tables go: as wide as the terminal, and as wide as needed where there is none."""
    target = file or sys.stdout
    return _Console(file=target, highlight=False, width=None if target.isatty() else PLAIN_WIDTH)


def plain_table(title: str, texts: Sequence[str] = (), numbers: Sequence[str] = ()) -> Table:
    """An empty table with columns of text, then columns of numbers."""
    table = Table(title=title or None, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for head in texts:
        table.add_column(head)
    for head in numbers:
        table.add_column(head, justify="right")
    return table


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f}" if whole else ""


def figures(result: RunResult, name: str) -> Iterator[RenderableType]:
    """The figures of a run: one line, and a line for each hart."""
    cycles, harts = result.cycles, result.stats["harts"]
    end = f"exit code {result.exit_code}" if result.exit_code is not None else "not ended"
    parts = [
        end,
        f"{cycles:,} cycles",
        f"{result.instructions:,} instructions",
        f"IPC {result.instructions / max(cycles, 1):.2f}",
    ]
    yield Text(f"{name}: {', '.join(parts)}", style="bold")
    heads = ("hart", "cycles", "instructions", "IPC", "stalls", "% stalled", "bank conflicts")
    table = plain_table("", numbers=heads)
    table.add_column("mostly")
    for hart in harts:
        table.add_row(str(hart["id"]), *_figures_of(hart))
    if len(harts) > 1:
        table.add_section()
        table.add_row("all", *_figures_of(_sum(harts)))
    yield table
    yield energy_line(result.stats)


def _figures_of(hart: Mapping[str, Any]) -> tuple[str, ...]:
    stalls = hart["stalls"]
    total = sum(stalls.values())
    most = sorted(stalls, key=lambda cause: -stalls[cause])[:2]
    return (
        f"{hart['cycles']:,}",
        f"{hart['instructions']:,}",
        f"{hart['instructions'] / max(hart['cycles'], 1):.2f}",
        f"{total:,}",
        _share(total, hart["cycles"]),
        f"{hart['conflicts']:,}",
        ", ".join(f"{cause} {_share(stalls[cause], hart['cycles'])} %" for cause in most),
    )


def _sum(harts: list[dict[str, Any]]) -> dict[str, Any]:
    stalls: dict[str, int] = {}
    for hart in harts:
        for cause, cycles in hart["stalls"].items():
            stalls[cause] = stalls.get(cause, 0) + cycles
    return {name: sum(hart[name] for hart in harts) for name in ("cycles", "instructions", "conflicts")} | {
        "stalls": stalls
    }


def timed_regions(regions: Mapping[str, Mapping[str, Any]]) -> Table:
    """An application's timed regions: the slowest hart's cycles, the work done, where all harts' cycles went."""
    table = plain_table("Timed regions", ("",), ("cycles", "instructions", "IPC", "work", "per cycle"))
    table.add_column("mostly")
    for name, region in regions.items():
        cycles, instructions, stalls = region["cycles"], region["instructions"], region["stalls"]
        rate = next((key for key in region if key.endswith("_per_cycle")), "")
        unit = rate.removesuffix("_per_cycle")
        total = instructions + sum(stalls.values())
        most = [cause for cause in sorted(stalls, key=lambda cause: -stalls[cause])[:2] if stalls[cause]]
        table.add_row(
            name,
            f"{cycles:,}",
            f"{instructions:,}",
            f"{instructions / max(cycles, 1):.2f}",
            f"{region[unit]:,} {_UNITS.get(unit, unit)}" if rate else "",
            f"{region[rate]:.2f} {_UNITS.get(unit, unit)}" if rate else "",
            ", ".join(f"{cause} {_share(stalls[cause], total)} %" for cause in most),
        )
    return table


def tracked(items: Sequence[T], text: str) -> Iterable[T]:
    """The items one after the other, a bar on a terminal's stderr saying how many are done."""
    errors = Console(stderr=True)
    return track(items, text, console=errors, transient=True, disable=not errors.is_terminal)


@contextmanager
def bars() -> Iterator[Callable[[str, str, int, int], None]]:
    """Bars on a terminal's stderr: call what comes with a task's name, what has just been done, how many of how many."""
    errors = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[last]}"),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        tasks: dict[str, TaskID] = {}

        def advance(name: str, last: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=total, last="")
            progress.update(tasks[name], completed=done, last=last)

        yield advance


def energy_line(stats: Mapping[str, Any]) -> Text:
    """The energy of a run in one line."""
    total, power = stats["energy"]["total"], stats["power"]["total"]
    return Text(f"energy {total / 1e6:,.3f} uJ, {power:.1f} mW (model: docs/energy.md)")


def energy_table(stats: Mapping[str, Any]) -> Table:
    """uJ, and mW, of each component in each phase and in the whole run."""
    phases = [*stats["phases"], {"name": "run", "cycles": stats["cycles"], **{n: stats[n] for n in ("energy", "power")}}]
    table = plain_table("Energy, uJ (mean power, mW)", ("",), [phase["name"] for phase in phases])
    for part in stats["energy"]:
        if part == "total":
            table.add_section()
        if stats["energy"][part]:
            cells = [_energy(phase["energy"].get(part, 0.0), phase["power"].get(part, 0.0)) for phase in phases]
            table.add_row(part.replace("_", " "), *cells)
    table.add_row("cycles", *(f"{phase['cycles']:,}" for phase in phases))
    return table


def _energy(picojoules: float, milliwatts: float) -> str:
    # Adding 0 makes -0 a 0: a phase's end may be some cycles off for a hart that runs ahead or sleeps.
    return f"{round(picojoules / 1e6, 3) + 0.0:.3f} ({round(milliwatts, 1) + 0.0:.1f})" if picojoules else ""


def _masters(stats: Mapping[str, Any]) -> Iterator[RenderableType]:
    """What the accelerators and the DMA did, and how often banks did not grant their ports."""
    units = {name.upper(): unit for name, unit in stats.get("hwpe", {}).items() if unit["beats"]}
    if stats.get("dma", {}).get("beats"):
        units["DMA"] = stats["dma"]
    if not units:
        return
    heads = ("jobs", "busy cycles", "beats", "stalls", "bank conflicts", "MAC", "MAC per busy cycle")
    table = plain_table("Accelerators and DMA", ("",), heads)
    for name, unit in units.items():
        jobs, busy, macs = unit.get("jobs", unit.get("transfers")), unit.get("busy_cycles", 0), unit.get("macs", 0)
        rate = f"{macs / busy:.1f}" if busy else ""
        cells = [f"{value:,}" if value else "" for value in (jobs, busy, unit["beats"])]
        cells += [f"{unit['stalls']:,}", f"{unit['conflicts']:,}", f"{macs:,}" if macs else "", rate]
        table.add_row(name, *cells)
    yield table


def breakdown(cluster: Cluster, result: RunResult) -> Iterator[RenderableType]:
    """Where the cycles went, per hart and in sum; advice on the largest causes; accelerators, energy; banks;
    instructions that conflict."""
    harts = result.stats["harts"]
    total = _sum(harts)
    heads = ("cycles of all", "%", *(f"hart {hart['id']}" for hart in harts))
    table = plain_table("Where the cycles went, in % of each hart's", ("",), heads)
    causes = [cause for cause in _ORDER if total["stalls"].get(cause)]
    table.add_row("instructions", *_shares(total, harts, lambda hart: hart["instructions"]))
    for cause in sorted(causes, key=lambda cause: -total["stalls"][cause]):
        table.add_row(cause, *_shares(total, harts, lambda hart, cause=cause: hart["stalls"].get(cause, 0)))
    table.add_section()
    table.add_row("cycles", *_shares(total, harts, lambda hart: hart["cycles"]))
    yield table
    for cause in sorted(causes, key=lambda cause: -total["stalls"][cause]):
        share = total["stalls"][cause] / max(total["cycles"], 1)
        if share >= HINT_FROM:
            yield Text(f"{cause} {100 * share:.1f} %: {_ADVICE[cause]}")
    yield from _masters(result.stats)
    yield energy_table(result.stats)
    yield from _banks(result.stats["tcdm"])
    yield from _conflicting(cluster)


def _shares(total: dict[str, Any], harts: list[dict[str, Any]], value: Any) -> tuple[str, ...]:
    cells = (f"{value(total):,}", _share(value(total), total["cycles"]))
    return (*cells, *(_share(value(hart), hart["cycles"]) for hart in harts))


def _banks(tcdm: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Accesses and conflicts of each bank, four columns of them."""
    accesses, conflicts = tcdm["accesses"], tcdm["conflicts"]
    if not accesses:
        return
    if not conflicts:
        yield Padding(Text(f"TCDM: {accesses:,} accesses, no bank conflicts"), (1, 0))
        return
    share = _share(conflicts, accesses + conflicts)
    heads = ("bank", "accesses", "conflicts", "%")
    groups = 4 if len(tcdm["banks"]) >= 8 else 1
    table = plain_table(
        f"TCDM: {accesses:,} accesses, {conflicts:,} conflicts ({share} % of the requests)", (), heads * groups
    )
    rows = [
        (
            str(i),
            f"{bank['accesses']:,}",
            f"{bank['conflicts']:,}",
            _share(bank["conflicts"], bank["accesses"] + bank["conflicts"]),
        )
        for i, bank in enumerate(tcdm["banks"])
    ]
    height = -(-len(rows) // groups)
    for i in range(height):
        table.add_row(*(cell for row in rows[i::height] for cell in row))
    yield table


def _conflicting(cluster: Cluster, most: int = 10) -> Iterator[RenderableType]:
    """The instructions that lost most arbitrations."""
    lost = cluster.conflicts_by_pc()
    if not lost:
        return
    total = sum(lost.values())
    table = plain_table("Instructions that lost most arbitrations", numbers=("conflicts", "%"))
    for head in ("pc", "symbol", "line", "instruction"):
        table.add_column(head)
    for pc in sorted(lost, key=lambda pc: (-lost[pc], pc))[:most]:
        table.add_row(f"{lost[pc]:,}", _share(lost[pc], total), f"0x{pc:08x}", *_place_of(cluster, pc))
    yield table


def _place_of(cluster: Cluster, pc: int) -> tuple[str, str, str]:
    from iss.isa.decode import disassemble

    executable = cluster.executable
    word = int.from_bytes(cluster.read(pc, 4), "little")
    if executable is None:
        return "", "", disassemble(word, pc)
    return executable.symbol(pc), executable.line(pc), disassemble(word, pc, executable.symbol)
