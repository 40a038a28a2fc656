"""The journal and the tables."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from iss.errors import SimulationError
from tools.sweep import plan, results
from tools.sweep.point import Point, run
from tools.sweep.results import Journal
from tools.sweep.row import LOST, outcome

from .conftest import rows

DOCUMENT = Path(__file__).parents[2] / "docs" / "sweep.md"


@pytest.fixture
def points() -> list[Point]:
    return plan.points(plan.from_arguments(["matmul"], [plan.parse_axis("banks=8,16,32")]))


def test_rows_come_back(tmp_path: Path, points: list[Point]):
    with Journal(tmp_path / "j.jsonl") as journal:
        journal.add(points[0], outcome("ok", 0) | {"ms": 0.1 + 0.2})
        journal.add(points[1], outcome(LOST, None, "gone"))
    again = Journal(tmp_path / "j.jsonl")
    assert again.rows == {points[0].key: outcome("ok", 0) | {"ms": 0.1 + 0.2}}  # what was lost is to be run again


def test_a_line_that_was_cut_off_is_forgotten(tmp_path: Path, points: list[Point]):
    path = tmp_path / "j.jsonl"
    with Journal(path) as journal:
        for point in points[:2]:
            journal.add(point, outcome("ok", 0))
    path.write_bytes(path.read_bytes()[:-9])
    with Journal(path) as journal:
        assert list(journal.rows) == [points[0].key]
        journal.add(points[2], outcome("ok", 0))
    assert list(Journal(path).rows) == [points[0].key, points[2].key]
    assert all(json.loads(line) for line in path.read_text().splitlines())


@pytest.mark.parametrize("text", ["hello\n", '{"a": 1}\n', f"{json.dumps(results.HEADER)}\nx\n", "[1]\n"])
def test_a_file_of_another_kind_is_left_alone(tmp_path: Path, text: str):
    path = tmp_path / "j.jsonl"
    path.write_text(text)
    with pytest.raises(SimulationError, match=r"delete it, or choose another -o"):
        Journal(path)
    assert path.read_text() == text


def table(points: list[Point], *measured: dict[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
    found = results.table(points, {p.key: outcome("ok", 0) | m for p, m in zip(points, measured, strict=True)})
    return results.columns(points, found), found


def test_csv_has_a_cell_for_each_column(tmp_path: Path, points: list[Point]):
    results.write(tmp_path / "t.csv", *table(points, {"a": 1}, {"b": 0.1}, {"a": 2, "c": "x, y"}))
    found = rows(tmp_path / "t.csv")
    assert list(found[0]) == ["program", "banks", "status", "exit_code", "error", "a", "b", "c"]
    cells = [(r["banks"], r["a"], r["b"], r["c"]) for r in found]
    assert cells == [("8", "1", "", ""), ("16", "", "0.1", ""), ("32", "2", "", "x, y")]


def test_parquet_has_the_same_values_with_their_types(tmp_path: Path, points: list[Point]):
    parquet = pytest.importorskip("pyarrow.parquet")
    names, found = table(points, {"a": 1, "m": "x"}, {"b": 0.5, "m": 3}, {"a": 2, "b": 1})
    results.write(tmp_path / "t.parquet", names, found)
    read = parquet.read_table(tmp_path / "t.parquet")
    assert read.column_names == names
    assert str(read.schema.field("a").type) == "int64"
    assert str(read.schema.field("b").type) == "double"
    assert read["b"].to_pylist() == [None, 0.5, 1.0]
    assert read["m"].to_pylist() == ["x", "3", None]


def test_a_table_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, points: list[Point]):
    (tmp_path / "t.csv").write_text("old")
    _, found = table(points, {"a": 1}, {"a": 2}, {"a": 3})
    with pytest.raises(ValueError, match="fields not in"):
        results.write(tmp_path / "t.csv", ["program"], found)
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]
    assert (tmp_path / "t.csv").read_text() == "old"


@pytest.mark.parametrize(
    ("name", "settings", "regions"),
    [("matmul", ["m=8", "n=8", "k=16"], ["matmul_*"]), ("mobilenetv2", ["width=0.1", "resolution=8"], [])],
)
def test_every_column_is_explained(name: str, settings: list[str], regions: list[str]):
    lines = [line.split("|")[1] for line in DOCUMENT.read_text().splitlines() if line.startswith("| `")]
    explained = [column for line in lines for column in re.findall(r"`([^`]+)`", line) if not column.startswith("REGION")]
    (point,) = plan.points(plan.from_arguments([name], [plan.parse_axis(text) for text in settings]))
    found = run(point)
    assert found["status"] == "ok"
    assert [c for c in found if not any(fnmatch(c, pattern) for pattern in explained + regions)] == []
    assert [p for p in explained if not any(fnmatch(c, p) for c in ("program", *found)) and "network" not in p] == []


def test_every_status_is_explained():
    text = DOCUMENT.read_text()
    for status in ("ok", "wrong", "exit", "fault", "limit", "mistake", LOST):
        assert f"\n| {status} | " in text
