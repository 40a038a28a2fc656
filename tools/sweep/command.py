"""`iss sweep`: runs the points that have not been run, keeps what comes, writes the tables."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from iss.errors import SimulationError, writing
from iss.observe import report
from tools.sweep import plot, results, workers
from tools.sweep.plan import Sweep, points
from tools.sweep.point import Point
from tools.sweep.row import Row

SHOWN_ROWS, SHOWN_FAILURES = 40, 10
TRIED = 10
_FIGURES = ("cycles", "ms", "ipc", "energy_total_uj")


def main(
    sweep: Sweep, *, jobs: int | None = None, scheduler: str | None = None, picture: str | None = None,
    over: str | None = None, wanted: Sequence[str] = ("cycles",),
) -> int:  # fmt: skip
    """Run a sweep; 0, or 1 when points failed.  After Ctrl-C what there is has been written."""
    if not sweep.outputs:
        raise SimulationError("where should the results go?  -o results.csv")
    outputs = [results.check_output(path) for path in sweep.outputs]
    every = points(sweep)
    journal = results.Journal(outputs[0].with_suffix(".jsonl"))
    todo = [point for point in every if point.key not in journal.rows]
    if picture and (expected := _expected(todo)):
        plot.check(expected, over, wanted)
    try:
        with journal:
            known = f", {len(every) - len(todo):,} done before" if len(todo) < len(every) else ""
            _tell(f"{len(every):,} point{'s' if len(every) > 1 else ''}{known}")
            if todo:
                done = (
                    workers.on_dask(todo, scheduler, _tell)
                    if scheduler
                    else workers.on_processes(todo, jobs or workers.processors())
                )
                with closing(_followed(done, every, todo)) as followed:
                    for point, row in followed:
                        journal.add(point, row)
    except KeyboardInterrupt:
        found = _write(outputs, every, journal)
        _tell(f"{len(found):,} of {len(every):,} points are done; the same command goes on with the others")
        raise
    found = _write(outputs, every, journal)
    settings = [name for name in results.columns(every, []) if name]
    for part in _summary(settings, found, outputs):
        report.console().print(part)
    if picture:
        with writing(picture):
            plot.plot(picture, settings, found, over, wanted)
    failed = sum(row["status"] != "ok" for row in found)
    if failed:
        _tell(f"{failed:,} of {len(every):,} points failed: columns status and error of {outputs[0]}")
    return int(failed > 0)


def _tell(text: str) -> None:
    print(f"iss: {text}", file=sys.stderr, flush=True)


def _expected(todo: Sequence[Point]) -> list[Row]:
    """A row of each program with the columns that it will have; empty when they cannot be known: no point of a program is
    possible, of the first ones."""
    found = []
    for label in dict.fromkeys(point.label for point in todo):
        for point in [point for point in todo if point.label == label][:TRIED]:
            with suppress(SimulationError):
                found.append({"program": label, **point.settings, **point.subject.before(point.settings)})
                break
        else:
            return []
    return found


def _write(outputs: Sequence[Path], every: Sequence[Point], journal: results.Journal) -> list[Row]:
    found = results.table(every, journal.rows)
    names = results.columns(every, found)
    for path in outputs:
        results.write(path, names, found)
    return found


def _followed(done: workers.Done, every: Sequence[Point], todo: Sequence[Point]) -> workers.Done:
    """As `done`, with a progress bar on a terminal, and a line for each of the first points that fail."""
    count, failed = len(every) - len(todo), 0
    with report.bars() as advance, closing(done):
        advance("sweep", "", count, len(every))
        for point, row in done:
            yield point, row
            count += 1
            if row["status"] != "ok":
                failed += 1
                if failed <= SHOWN_FAILURES:
                    _tell(f"{point}: {row['error'].splitlines()[0]}")
                elif failed == SHOWN_FAILURES + 1:
                    _tell("more points fail; their errors are in the results")
            advance("sweep", f"{failed} failed" if failed else "", count, len(every))


def _summary(settings: Sequence[str], found: Sequence[Row], outputs: Sequence[Path]) -> Iterator[RenderableType]:
    """The settings that vary, and the most important figures, of the first points."""
    shown = plot.varying(settings, found) or settings[:1]
    figures = [name for name in _FIGURES if any(name in row for row in found)]
    figures += [name for name in results.columns([], found) if name.endswith("_per_cycle") or name == "network_crossbars"][:2]
    figures += [name for name in ("output_rms_error",) if any(row.get(name) for row in found)]
    table = report.plain_table("", (*shown, "status"), figures)
    for row in found[:SHOWN_ROWS]:
        values = (row.get(name) for name in figures)
        table.add_row(*(str(row.get(name, "")) for name in (*shown, "status")), *map(_number, values))
    yield table
    more = f"{len(found) - SHOWN_ROWS:,} more rows; " if len(found) > SHOWN_ROWS else ""
    yield Text(f"{more}all figures are in {', '.join(map(str, outputs))}")


def _number(value: object) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"
