"""What commands say: the program's output, tables, JSON, one error; and their exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iss.errors import writing

if TYPE_CHECKING:
    from rich.console import RenderableType

WRONG, MISTAKE, INTERRUPTED = 1, 2, 130


def fail(message: str, code: int = MISTAKE) -> int:
    """Print an error; its exit code."""
    sys.stdout.flush()
    print(f"iss: {message}", file=sys.stderr)
    return code


def writer(file: Any) -> Callable[[int, bytes], None]:
    """Where the program's output goes: byte by byte as it comes, flushed at the end of a line."""

    def write(hart: int, data: bytes) -> None:
        file.buffer.write(data)
        if b"\n" in data:
            file.buffer.flush()

    sys.stdout.flush()
    return write


def show(parts: Iterable[RenderableType]) -> None:
    """Print tables and sentences."""
    from iss.observe.report import console

    target = console()
    for part in parts:
        target.print(part)


def write_json(path: str, data: object) -> None:
    """Write `data` to a file, or to stdout when that is ``-``."""
    text = json.dumps(data, indent=1, default=int) + "\n"
    if path == "-":
        sys.stdout.write(text)
        return
    with writing(path):
        Path(path).write_text(text)


def show_figures(parts: Iterable[RenderableType], json_path: str | None, data: object) -> None:
    """Print tables and write `data` for --json; with ``--json -`` stdout has nothing else."""
    if json_path != "-":
        show(parts)
    if json_path:
        write_json(json_path, data)
