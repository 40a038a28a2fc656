"""Where compiled code is kept, on machines that do not let it be kept in the usual places."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

from numba.core import config

from iss.engine.emit import cache_folder
from iss.errors import SimulationError


@cache
def prepare() -> None:
    """To be called before code is compiled: where the cache cannot be written, a temporary folder takes its place, and a line
    on stderr says so.

    Numba keeps what belongs to a file of the package beside it; where that cannot be written, in our cache, too.  The processes
    that this one starts do the same."""
    try:
        folder = cache_folder()
        problem = _problem(folder)
    except RuntimeError:  # a user without a home
        folder, problem = Path("~/.cache/imciss"), "there is no home directory"
    if problem:
        folder = _temporary(folder, problem)
        os.environ["IMCISS_CACHE"] = str(folder)
    if "NUMBA_CACHE_DIR" not in os.environ and _problem(Path(__file__).parent / "observe" / "__pycache__"):
        os.environ["NUMBA_CACHE_DIR"] = str(folder / "numba")
        config.reload_config()  # type: ignore[no-untyped-call]


def _problem(folder: Path) -> str:
    """Why files cannot be written in a folder; empty when they can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def _temporary(folder: Path, problem: str) -> Path:
    cure = "set IMCISS_CACHE to a directory that can be written"
    try:
        found = Path(tempfile.mkdtemp(prefix="imciss-"))
    except OSError:
        raise SimulationError(f"compiled code cannot be kept in {folder} ({problem}), nor in a temporary folder; {cure}") from None
    atexit.register(shutil.rmtree, found, ignore_errors=True)
    text = f"compiled code cannot be kept in {folder} ({problem}): every run compiles anew; {cure}"
    print(f"iss: {text}", file=sys.stderr, flush=True)
    return found
