"""The results: a journal that gets each row as it comes, and the tables made of it in the points' order."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from iss.errors import SimulationError, writing
from tools.sweep.point import Point
from tools.sweep.row import LOST, Row

HEADER = {"imciss": "journal of a sweep"}
FORMATS = (".csv", ".parquet")


class Journal:
    """A file with a JSON line for each point that has been run: nothing is lost when the sweep is.

    `rows` are those of the file and those added since, by the points' keys."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, Row] = {}
        self._size = self._read() if path.exists() else 0

    def _read(self) -> int:
        """Reads the lines; returns how many bytes are whole ones: the last may have been cut off."""
        data = self.path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                entry = json.loads(line)
                if number == 1 and entry == HEADER:
                    continue
                self.rows[entry["key"]] = entry["row"]
            except (ValueError, KeyError, TypeError):
                what = "is not the journal of a sweep" if number == 1 else f"line {number} cannot be read"
                raise SimulationError(f"{self.path}: {what}; delete it, or choose another -o") from None
        return len(whole)

    def __enter__(self) -> Journal:
        with writing(self.path):
            self._file = open(self.path, "ab", buffering=0)
            self._file.truncate(self._size)
        if not self._size:
            self._write(HEADER)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def _write(self, entry: Mapping[str, Any]) -> None:
        with writing(self.path):
            self._file.write(json.dumps(entry).encode() + b"\n")

    def add(self, point: Point, row: Row) -> None:
        """Keep a row; that of a lost point is not written, so that it is run again."""
        self.rows[point.key] = row
        if row["status"] != LOST:
            self._write({"key": point.key, "program": point.label, "settings": point.settings, "row": row})


def table(points: Iterable[Point], rows: Mapping[str, Row]) -> list[Row]:
    """The rows of the points that have one, in the points' order: program, settings, what was measured."""
    return [
        {"program": point.label, **point.settings, **rows[point.key]} for point in points if point.key in rows
    ]


def columns(points: Iterable[Point], found: Iterable[Row]) -> list[str]:
    """Every column: program, then the settings, then what was measured."""
    names: dict[str, None] = {"program": None}
    for point in points:
        names |= dict.fromkeys(point.settings)
    for row in found:
        names |= dict.fromkeys(row)
    return list(names)


def check_output(path: str) -> Path:
    """A path that can be written; SimulationError for one of another format, or in a folder that is not there."""
    found = Path(path)
    if found.suffix not in FORMATS:
        raise SimulationError(f"-o {path}: results are written as {' or '.join(FORMATS)}")
    if found.suffix == ".parquet":
        _pyarrow()
    return found


def write(path: Path, names: Sequence[str], found: Sequence[Row]) -> None:
    """The table as CSV or Parquet; a file that is there is replaced when the new one is whole."""
    partial = path.with_name(f".{path.name}.tmp")
    try:
        with writing(path):
            (_write_parquet if path.suffix == ".parquet" else _write_csv)(partial, names, found)
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _write_csv(path: Path, names: Sequence[str], found: Sequence[Row]) -> None:
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)


def _write_parquet(path: Path, names: Sequence[str], found: Sequence[Row]) -> None:
    arrow, parquet = _pyarrow()
    data = {name: _of_one_type([row.get(name) for row in found]) for name in names}
    parquet.write_table(arrow.table(data), path)


def _of_one_type(values: list[Any]) -> list[Any]:
    """As text, where numbers and words are mixed: a choice may be given by name or by number."""
    kinds = {type(value) for value in values if value is not None}
    mixed = len(kinds) > 1 and kinds != {int, float}
    return [None if value is None else str(value) for value in values] if mixed else values


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise SimulationError(
            "Parquet needs pyarrow, which is not installed: pip install 'imciss[sweep]' (or: pip install pyarrow)"
        ) from None
    return pyarrow, parquet
