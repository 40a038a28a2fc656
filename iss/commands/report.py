"""`iss report`: experiments, next to the papers' figures."""

from __future__ import annotations

import argparse
from typing import Any

from iss.commands.options import add_command, add_json, add_set, picture, settings, writable
from iss.commands.output import INTERRUPTED, fail, show_figures
from iss.errors import SimulationError, writing


def add(commands: Any) -> None:
    parser = add_command(
        commands,
        "report",
        run,
        "run an experiment, and print its figures next to the papers'",
        "iss report bottleneck                            cores, IMA, both, IMA + DW; both models of execution",
        "iss report bottleneck --execution pipelined --json b.json --plot b.png",
        "iss report bottleneck --set height=8 --set width=8 --set interconnect=hci",
        "iss report roofline --plot roofline.png          IMA: bus width, clock, execution",
        "iss report mobilenetv2 --html m.html             the whole network, row by row, resident and streamed",
        "iss report mobilenetv2 --compare                 and the systems of Fig. 13",
    )
    parser.add_argument(
        "report", metavar="REPORT", choices=tuple(REPORTS), help="bottleneck, roofline or mobilenetv2"
    )
    parser.add_argument(
        "--execution",
        metavar="MODEL",
        choices=("sequential", "pipelined"),
        help="the IMA's: sequential or pipelined (bottleneck: both, files have the closer to the paper; mobilenetv2: pipelined)",
    )
    add_set(parser, "bottleneck, mobilenetv2: a configuration value, or a parameter of the experiment")
    add_json(parser)
    parser.add_argument("--plot", type=picture, metavar="F.png", help="write a plot to a file")
    parser.add_argument("--html", type=writable, metavar="F.html", help="mobilenetv2: write tables and plots to one file")
    parser.add_argument("--csv", type=writable, metavar="F.csv", help="mobilenetv2: write the rows to a file")
    parser.add_argument("--compare", action="store_true", help="mobilenetv2: run the other systems, and the sequential IMA, too")


def run(args: argparse.Namespace) -> int:
    return REPORTS[args.report](args)


def _bottleneck(args: argparse.Namespace) -> int:
    from iss.reports import bottleneck

    _refuse(args, "html", "csv", "compare")
    if "ima_execution" in settings(args):
        raise SimulationError("--set ima_execution: say --execution MODEL")
    execution, figures, tables = bottleneck.run(args.execution, settings(args))
    show_figures(tables, args.json, bottleneck.as_json(execution, figures))
    if args.plot:
        with writing(args.plot):
            bottleneck.plot(args.plot, execution, figures)
    return 0


def _roofline(args: argparse.Namespace) -> int:
    from iss.reports import roofline

    _refuse(args, "html", "csv", "compare")
    _refuse(args, "set", "execution", why=": it goes through all models itself")
    points = roofline.measure()
    show_figures(roofline.tables(points), args.json, roofline.as_json(points))
    if args.plot:
        with writing(args.plot):
            roofline.plot(args.plot, points)
    return 0


def _mobilenetv2(args: argparse.Namespace) -> int:
    from iss.observe.report import bars
    from iss.reports.mobilenetv2 import experiments, pictures, tables

    values = settings(args)
    if args.execution:
        values["ima_execution"] = args.execution
    others = experiments.COMPARED if args.compare else ()
    with bars() as advance:
        found = experiments.measure(values, (experiments.RESIDENT, experiments.STREAMED, *others), advance)
    if experiments.RESIDENT.name not in found.outcomes:
        raise KeyboardInterrupt
    show_figures(tables.of(found), args.json, experiments.as_json(found))
    if args.csv:
        with writing(args.csv):
            experiments.write_csv(args.csv, found)
    if args.html:
        with writing(args.html):
            pictures.write_html(args.html, found)
    if args.plot:
        with writing(args.plot):
            pictures.figure(found).savefig(args.plot)
    if not found.complete:
        return fail("interrupted: these are the layers that had ended", INTERRUPTED)
    return 0


def _refuse(args: argparse.Namespace, *options: str, why: str = "") -> None:
    """Options that another report has."""
    for option in options:
        if getattr(args, option):
            raise SimulationError(f"iss report {args.report} has no --{option}{why}")


REPORTS = {"bottleneck": _bottleneck, "roofline": _roofline, "mobilenetv2": _mobilenetv2}
