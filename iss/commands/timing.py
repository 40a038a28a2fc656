"""`iss timing`: the timing rules."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from iss.commands.options import add_command


def add(commands: Any) -> None:
    add_command(commands, "timing", run, "print the timing rules: cycles, stall causes, and how they are known", "iss timing")


def run(args: argparse.Namespace) -> int:
    import shutil

    from iss.engine import timing as rules

    sys.stdout.write(rules.text(min(max(shutil.get_terminal_size((120, 0)).columns, 80), 140)))
    return 0
