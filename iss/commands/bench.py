"""`iss bench`: the simulator's speed."""

from __future__ import annotations

import argparse
from typing import Any

from iss.commands.options import add_command, add_json, positive, real
from iss.commands.output import show_figures


def add(commands: Any) -> None:
    parser = add_command(
        commands,
        "bench",
        run,
        "measure the simulator's speed, next to other loops on this machine",
        "iss bench",
        "iss bench --baseline HEAD~1",
        "iss bench --program a.elf --seconds 10",
    )
    parser.add_argument("--program", metavar="PROG", help="what to run (the shipped timed eight-hart matmul)")
    parser.add_argument(
        "--seconds", type=real, default=2.0, metavar="T", help="about how long each measurement takes (2)"
    )
    parser.add_argument(
        "--rounds", type=positive, default=3, metavar="N", help="measurements of each kind; the best counts (3)"
    )
    parser.add_argument(
        "--baseline", metavar="REV", help="measure another revision of this git repository too, alternately"
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    from tools.bench import report

    table, figures = report.run(args.program, args.seconds, args.rounds, args.baseline)
    show_figures([table], args.json, figures)
    return 0
