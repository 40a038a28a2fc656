"""Machines where compiled code cannot be kept in the usual places."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import iss
from iss.engine.emit import cache_folder

PREPARE = "import os; from iss import cache; cache.prepare(); print(os.environ['IMCISS_CACHE'], os.environ.get('NUMBA_CACHE_DIR'))"


def run(code: str, root: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    root = root or Path(iss.__file__).parents[1]
    given = os.environ | {"PYTHONPATH": str(root)} | environment
    given.pop("NUMBA_CACHE_DIR", None)
    return subprocess.run(command, env=given, cwd=root, capture_output=True, text=True, check=False)


def test_a_temporary_folder_takes_its_place(tmp_path: Path):
    (tmp_path / "file").touch()
    done = run(f"{PREPARE}; cache.prepare(); assert os.path.isdir(os.environ['IMCISS_CACHE'])", IMCISS_CACHE=str(tmp_path / "file"))
    assert done.returncode == 0, done.stderr
    folder = done.stdout.split()[0]
    assert Path(folder).name.startswith("imciss-")
    assert not Path(folder).exists()  # the end of the process removes it
    assert done.stderr.count("iss: ") == 1
    assert f"cannot be kept in {tmp_path / 'file'} (File exists): every run compiles anew; set IMCISS_CACHE" in done.stderr


def test_no_folder_at_all(tmp_path: Path):
    (tmp_path / "file").touch()
    code = f"import tempfile; tempfile.tempdir = {str(tmp_path / 'none')!r}\n{PREPARE}"
    done = run(code, IMCISS_CACHE=str(tmp_path / "file"))
    assert "SimulationError: compiled code cannot be kept in" in done.stderr


def test_a_package_that_cannot_be_written(tmp_path: Path):
    for package in ("iss", "periph"):
        shutil.copytree(Path(iss.__file__).parents[1] / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "iss" / "observe" / "__pycache__").touch()
    done = run(PREPARE, tmp_path, IMCISS_CACHE=str(tmp_path / "cache"), PYTHONDONTWRITEBYTECODE="1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(tmp_path / "cache"), str(tmp_path / "cache" / "numba")]
    assert not done.stderr


def test_nothing_changes_where_it_can_be_kept():
    done = run(PREPARE, IMCISS_CACHE=str(cache_folder()))
    assert (done.stdout.split(), done.stderr) == ([str(cache_folder()), "None"], "")
