"""`iss sweep` on this machine's processes."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from iss.engine import emit
from tools.sweep import command, plan, workers
from tools.sweep.point import Point
from tools.sweep.row import Row, outcome
from tools.sweep.subject import find

from ..conftest import Iss
from .conftest import LOOP, rows


def test_same_rows_with_any_number_of_workers(sweep: Iss, tmp_path: Path):
    tables = []
    for jobs in (1, 3):
        name = f"r{jobs}.csv"
        done = sweep("loop.S", "hello", "--harts", "2,1", "--set", "banks=8,7", "-o", name, "-j", jobs)
        assert done.code == 1
        tables.append((tmp_path / name).read_bytes())
        found = rows(name)
        assert [(r["program"], r["harts"], r["banks"]) for r in found] == [
            (p, h, b) for p in ("loop.S", "hello") for h in "21" for b in "87"
        ]
        assert [r["status"] for r in found] == ["ok", "mistake"] * 4
        assert all("banks = 7 is not possible" in r["error"] for r in found[1::2])
        assert "4 of 8 points failed" in done.err
        assert "loop.S harts=2 banks=7: banks = 7 is not possible" in done.err
    assert tables[0] == tables[1]


def test_finished_points_are_not_run_again(sweep: Iss, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    arguments = ("loop.S", "--set", "harts=1,2", "-o", "r.csv", "-o", "r.parquet", "--plot", "r.png", "--y", "cycles,ms")
    pytest.importorskip("pyarrow")
    done = sweep(*arguments)
    assert done.code == 0
    assert "status" in done.out
    first = (tmp_path / "r.csv").read_bytes()
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "r.csv").unlink()
    monkeypatch.setattr(workers, "on_processes", None)
    again = sweep(*arguments)
    assert (again.code, "2 points, 2 done before" in again.err) == (0, True)
    assert (tmp_path / "r.csv").read_bytes() == first
    assert [r["harts"] for r in rows("r.csv") if sweep("loop.S", "--set", "harts=2", "-o", "r.csv").code == 0] == ["1", "2"]
    assert [r["harts"] for r in rows("r.csv")] == ["2"]  # the table is always the command's
    assert len((tmp_path / "r.jsonl").read_text().splitlines()) == 1 + 2


def test_a_process_that_dies_stops_nothing(sweep: Iss, tmp_path: Path):
    (tmp_path / "slow.S").write_text(LOOP.replace("1000", "20000000"))
    killed: list[int | None] = []

    def kill() -> None:
        until = time.monotonic() + 60
        while not journal_lines(tmp_path) > 1 and time.monotonic() < until:
            time.sleep(0.02)
        for child in multiprocessing.active_children():
            child.kill()
            killed.append(child.pid)

    thread = threading.Thread(target=kill)
    thread.start()
    done = sweep("slow.S", "--harts", "1", "--set", "banks=8,16,32", "-o", "r.csv", "-j", "1")
    thread.join()
    assert len(killed) == 1
    assert done.code == 0
    assert [r["status"] for r in rows("r.csv")] == ["ok"] * 3


def test_a_point_whose_processes_die_is_lost_and_run_again_next_time(sweep: Iss, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.syspath_prepend(Path(__file__).parents[2])  # where the processes find `die`
    monkeypatch.setattr(workers, "run", die)
    done = sweep("loop.S", "-o", "r.csv")
    assert done.code == 1
    (row,) = rows("r.csv")
    assert (row["status"], row["exit_code"], row.get("cycles", "")) == ("lost", "", "")
    assert "died with code 7" in row["error"]
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert sweep("loop.S", "-o", "r.csv").code == 0


def die(point: Point) -> Row:
    os._exit(7)


def journal_lines(folder: Path) -> int:
    path = folder / "r.jsonl"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_interrupted_then_continued(sweep: Iss, tmp_path: Path):
    (tmp_path / "endless.S").write_text(".globl _start\n_start: j _start\n")
    arguments = ["loop.S", "endless.S", "--harts", "1,2", "-o", "r.csv", "-j", "1"]
    command = [sys.executable, "-m", "iss.cli", "sweep", *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    journal = tmp_path / "r.jsonl"
    until = time.monotonic() + 60
    while journal_lines(tmp_path) < 3 and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "2 of 4 points are done; the same command goes on with the others" in said
    assert "Traceback" not in said
    assert [r["program"] for r in rows("r.csv")] == ["loop.S"] * 2
    keys = [json.loads(line).get("key") for line in journal.read_text().splitlines()]
    done = sweep(*arguments, "--max-cycles", "5000")  # another limit: other points
    assert done.code == 1
    assert [r["status"] for r in rows("r.csv")] == ["ok", "ok", "limit", "limit"]
    assert [json.loads(line).get("key") for line in journal.read_text().splitlines()][:3] == keys


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["loop.S"], "-o results.csv"),
        (["loop.S", "-o", "r.txt"], "written as .csv or .parquet"),
        (["loop.S", "-o", "r.csv", "--plot", "r.gif"], "r.gif: pictures are written as"),
        (["loop.S", "-o", "r.csv", "--set", "bank=8"], "did you mean banks"),
        (["loop.S", "-o", "r.csv", "--hart", "8"], "no option --hart; did you mean --harts"),
        (["loop.S", "-o", "nowhere/r.csv"], "nowhere"),
        (["loop.s", "-o", "r.csv"], "no program 'loop.s'"),
        (["bad.S", "-o", "r.csv"], "bad.S"),
        (["text.elf", "-o", "r.csv"], "text.elf"),
        (["s.toml", "-o", "r.csv"], "s.toml"),
    ],
)
def test_mistakes(sweep: Iss, tmp_path: Path, arguments: list[str], message: str):
    (tmp_path / "bad.S").write_text("_start: nonsense a0\n")
    (tmp_path / "text.elf").write_text("text")
    done = sweep(*arguments)
    assert message in done.message
    assert not list(tmp_path.glob("r.*"))


def test_kernels_are_compiled_before_the_work_begins(sweep: Iss, monkeypatch: pytest.MonkeyPatch):
    """Each once, whatever the number of points; a machine that is not possible is its points' mistake."""
    monkeypatch.setattr(emit, "is_compiled", lambda features: False)
    monkeypatch.setattr(workers, "ProcessPool", None)
    with pytest.raises(TypeError):  # there the work would begin
        sweep("loop.S", "--set", "icache=ideal,hierarchical,none", "--set", "banks=8..32*2", "-o", "r.csv")
    said = sweep("nothing").err
    assert said.count("compiling the simulator's kernel (plain)") == 1
    assert said.count("compiling the simulator's kernel (icache)") == 1


def test_the_helps_examples(sweep: Iss, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    text = sweep("--help").out
    example = textwrap.dedent(text.split("exploration.toml:\n")[1].split("\n\n")[0]).replace("conv.elf", "loop.S")
    (tmp_path / "exploration.toml").write_text(example)
    planned: list[list[Point]] = []

    def main(described: plan.Sweep, **options: object) -> int:
        assert described.outputs
        planned.append(plan.points(described))
        return 0

    monkeypatch.setattr(command, "main", main)
    lines = [line.split("   ")[0].split()[2:] for line in text.splitlines() if line.startswith("  iss sweep")]
    assert all(sweep(*line).code == 0 for line in lines if "net.onnx" not in line)
    assert [len(points) for points in planned] == [24, 4, 6, 3, 4, 192, 192]


def test_a_column_that_cannot_be_plotted_is_said_before_the_run(sweep: Iss, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workers, "on_processes", None)
    every = ("loop.S", "matmul", "--set", "banks=7,8", "-o", "r.csv", "--plot", "r.png")
    assert "no column 'cylces' that can be plotted; did you mean cycles?" in sweep(*every, "--y", "cylces").message
    assert "no column 'error' that can be plotted" in sweep(*every, "--y", "error").message
    assert "no column 'program' that can be plotted" in sweep(*every, "--y", "program").message
    assert "did you mean matmul_mac_per_cycle" in sweep(*every, "--y", "cycles,matmul_mac_per_cylce").message
    assert "no column 'bank' that can be plotted; did you mean banks" in sweep(*every, "--over", "bank").message
    assert not Path("r.csv").exists()
    with pytest.raises(TypeError):  # these are columns: it goes on to the run
        sweep(*every, "--over", "banks", "--y", "matmul_mac_per_cycle,output_rms_error")


@pytest.mark.parametrize(
    ("program", "settings"),
    [
        ("loop.S", {}),
        ("bottleneck", {"mapping": "ima_dw", "height": 4, "width": 4}),
        ("mobilenetv2", {"width": 0.1, "resolution": 16}),
    ],
)
def test_the_columns_are_known_before_a_run(sweep: Iss, tmp_path: Path, program: str, settings: dict[str, object]):
    subject = find(str(tmp_path / program) if program.endswith(".S") else program).read("cluster")
    row = subject.run(settings, 10**9)
    assert row["status"] == "ok"
    assert {name: type(value) for name, value in row.items() if name not in outcome("ok", 0)} == {
        name: type(value) for name, value in subject.before(settings).items()
    }


def test_results_where_nothing_can_be_written(sweep: Iss):
    assert "there is no directory no" in sweep("loop.S", "-o", "no/r.csv").message
    assert "would both write r.csv" in sweep("loop.S", "-o", "r.csv", "-o", "r.csv").message
