"""`iss sweep --scheduler` on a real Dask cluster."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Iss
from .conftest import LOOP, rows

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as found:
        yield found


def test_a_worker_is_lost_in_mid_sweep(sweep: Iss, cluster: Any, tmp_path: Path):
    (tmp_path / "long.S").write_text(LOOP.replace("1000", "3000000"))
    arguments = ("long.S", "--set", "banks=1..16*2", "--set", "harts=1,2,99", "-o", "dask.csv")
    killed: list[int] = []

    def kill() -> None:
        until = time.monotonic() + 100
        while time.monotonic() < until:
            lines = (tmp_path / "dask.jsonl").read_text().splitlines() if (tmp_path / "dask.jsonl").exists() else []
            if len(lines) >= 4:
                killed.append(next(iter(cluster.workers.values())).pid)
                os.kill(killed[0], signal.SIGKILL)
                return
            time.sleep(0.02)

    thread = threading.Thread(target=kill)
    thread.start()
    done = sweep(*arguments, "--scheduler", cluster.scheduler_address)
    thread.join()
    assert killed
    assert done.code == 1
    found = rows("dask.csv")
    assert [r["status"] for r in found] == ["ok", "ok", "mistake"] * 5
    assert [r["banks"] for r in found] == [str(1 << i) for i in range(5) for _ in range(3)]
    local = sweep(*arguments[:-1], "local.csv")
    assert local.code == 1
    assert (tmp_path / "local.csv").read_bytes() == (tmp_path / "dask.csv").read_bytes()


def test_a_worker_of_another_version(sweep: Iss, cluster: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tools.sweep.workers.simulator", lambda: "0123456789abcdef")
    done = sweep("loop.S", "-o", "r.csv", "--scheduler", cluster.scheduler_address)
    assert done.code == 2
    assert "has another version of imciss: its files are " in done.err
    assert "0123456789abcdef" in done.err


def test_a_worker_without_imciss(sweep: Iss, cluster: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tools.sweep.workers.__name__", "tools.sweep.not_there")
    done = sweep("loop.S", "-o", "r.csv", "--scheduler", cluster.scheduler_address)
    assert done.code == 2
    assert "cannot run the simulator, ModuleNotFoundError: No module named 'tools.sweep.not_there'" in done.err


def test_no_scheduler(sweep: Iss, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tools.sweep.workers.SCHEDULER_SECONDS", 0.5)
    done = sweep("loop.S", "-o", "r.csv", "--scheduler", "tcp://127.0.0.1:1")
    assert done.code == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:1" in done.err
    assert "dask worker" in done.err


def test_without_dask(sweep: Iss, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = sweep("loop.S", "-o", "r.csv", "--scheduler", "tcp://127.0.0.1:1")
    assert done.code == 2
    assert "dask.distributed, which is not installed: pip install 'imciss[sweep]'" in done.err
