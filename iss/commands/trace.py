"""`iss trace`: runs a program, and prints every instruction it executes."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from typing import Any

from iss.commands.machine import add_machine, drive, parameters
from iss.commands.options import add_command, number, settings, writable_or_stdout
from iss.commands.output import writer
from iss.errors import SimulationError, writing
from iss.observe.columns import CLASSES, COLUMNS, HEADER, parse_only, parse_place


def add(commands: Any) -> None:
    columns = "\n".join(f"  {name:<12} {text}" for name, text in COLUMNS.items())
    parser = add_command(
        commands,
        "trace",
        run,
        "run a program and print every instruction it executes",
        "iss trace matmul --hart 0 --last 100              the end of hart 0",
        "iss trace a.elf --from kernel --to kernel+0x40 -o kernel.trace",
        "iss trace a.elf --from 1000 --to 2000 --only mem,stall",
        more=f"columns:\n{columns}",
        parameters=parameters,
    )
    add_machine(parser)
    group = parser.add_argument_group("which instructions")
    group.add_argument("--hart", type=number, action="append", metavar="N", help="of this hart; may be repeated")
    group.add_argument(
        "--from",
        dest="first",
        metavar="PLACE",
        help="of each hart, from where it executes PLACE: a symbol, 0xPC, or a cycle",
    )
    group.add_argument("--to", dest="last_place", metavar="PLACE", help="up to where it executes PLACE")
    group.add_argument(
        "--only", metavar="CLASS,...", default="", help=f"of these classes: {', '.join(CLASSES)} (more than one cycle)"
    )
    group.add_argument("--last", type=number, metavar="N", help="the last N of those")
    group.add_argument(
        "-o",
        "--output",
        type=writable_or_stdout,
        metavar="FILE",
        help="write to a file; else the trace is on stdout, the program's output on stderr",
    )


def run(args: argparse.Namespace) -> int:
    from iss import programs
    from iss.observe.trace import Filter, Tracer

    only = parse_only(args.only)
    if args.output == "-":
        args.output = None
    program = programs.find(args.program)
    output = writer(sys.stdout if args.output else sys.stderr)
    cluster, _ = programs.load(program, settings(args), stdout=output, trace=True)
    for hart in args.hart or ():
        if hart >= cluster.config.harts:
            raise SimulationError(f"--hart {hart}: the machine has harts 0 to {cluster.config.harts - 1}")
    symbols = cluster.executable.symbols if cluster.executable else {}
    first, last = (None if text is None else parse_place(text, symbols) for text in (args.first, args.last_place))
    if first and last and first[0] == last[0] == "cycle" and first[1] > last[1]:
        raise SimulationError(f"--from {args.first} --to {args.last_place}: there is nothing between them")
    wanted = Filter(frozenset(args.hart) if args.hart else None, only, first, last)
    stop = min(args.max_cycles, last[1] + 1) if last and last[0] == "cycle" else args.max_cycles
    programs.announce(cluster)
    if not args.output:
        print(HEADER, file=sys.stderr, flush=True)
    with (
        writing(args.output or "the trace"),
        open(args.output, "wb") if args.output else nullcontext(sys.stdout.buffer) as file,
        Tracer(cluster, file.write, wanted, args.last) as tracer,
    ):
        if stop < args.max_cycles:
            cluster.run(max_cycles=stop)
            code = 0
        else:
            _, code = drive(cluster, stop, ended=tracer.close)
    sys.stdout.flush()
    if args.output:
        print(f"iss: {tracer.lines:,} lines in {args.output}", file=sys.stderr)
    return code
