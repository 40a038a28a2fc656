"""`iss run`: runs a program, and prints its figures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iss.commands.machine import add_machine, drive, parameters
from iss.commands.options import add_command, settings, writable, writable_or_stdout
from iss.commands.output import WRONG, fail, show, write_json, writer
from iss.config import Config, meanings
from iss.errors import writing

if TYPE_CHECKING:
    from iss.cluster import Cluster
    from iss.programs import Program
    from iss.result import RunResult


def add(commands: Any) -> None:
    parser = add_command(
        commands,
        "run",
        run,
        "run a program; its exit code is the command's",
        "iss run matmul                             a shipped application (iss run --list: all of them)",
        "iss run matmul --set m=32 --harts 4        with a parameter of its own",
        "iss run bottleneck --mapping ima_dw        its parameters are options, too",
        "iss run kernel.S --harts 4 --stats         assembled on the fly; where the cycles went",
        "iss run a.elf --machine core               the single-core machine of the RTL measurements",
        "iss run a.elf --set tcdm_bytes=65536 --set banks=16 --stats-json a.json",
        more="Exit code: the program's low 8 bits (never 0 for another code); 2 for a mistake, fault or --max-cycles;\n"
        "130 when interrupted.",
        parameters=parameters,
    )
    add_machine(parser)
    parser.add_argument("--list", action=_List, help="list applications with their parameters, and configuration values")
    group = parser.add_argument_group("output")
    group.add_argument("--stats", action="store_true", help="where the cycles went, banks, instructions that conflict")
    group.add_argument(
        "--stats-json", type=writable_or_stdout, metavar="F", help="write the statistics to a file (- for stdout, no tables)"
    )
    group.add_argument(
        "--signature",
        type=writable,
        metavar="F",
        help="write memory from begin_signature to end_signature to a file, a hexadecimal word a line",
    )
    group.add_argument(
        "-q", "--quiet", action="store_true", help="the program's output only, without the table of figures"
    )


class _List(argparse.Action):
    """--list: print and end, as --help does."""

    def __init__(self, option_strings: Sequence[str], dest: str, **options: Any) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, **options)

    def __call__(self, parser: argparse.ArgumentParser, *rest: Any) -> None:
        from iss import programs

        apps = programs.applications()
        print("applications, and their parameters (--set NAME=VALUE, or --NAME VALUE):")
        for app in map(apps.find, apps.names()) if apps else ():
            print(f"  {app.name:<12} {app.summary}")
            for parameter in app.parameters:
                default = parameter.choices[parameter.default] if parameter.choices else parameter.default
                print(f"{'':<16}{parameter.name} = {default}: {parameter.help}")
        print("configuration values of every program (--set NAME=VALUE; --machine has defaults of its own: docs/constants.md):")
        texts = meanings()
        for field in fields(Config):
            meaning = f": {texts[field.name]}" if texts[field.name] else ""
            default = str(field.default).lower() if isinstance(field.default, bool) else field.default
            print(f"  {field.name} = {default}{meaning}")
        parser.exit()


def run(args: argparse.Namespace) -> int:
    from iss import programs

    program = programs.find(args.program)
    alone = args.stats_json == "-"
    cluster, job = programs.load(program, settings(args), stdout=writer(sys.stderr if alone else sys.stdout))
    if args.signature:
        cluster.signature()  # a program that has none is said before the run
    programs.announce(cluster)
    result, code = drive(cluster, args.max_cycles, args.program)
    wrong = job.check() if job is not None and code == 0 else None
    if wrong:
        code = fail(f"{program.name}: {wrong}", WRONG)
    if result is not None and not args.quiet and not alone:
        _report(args, program, cluster, result)
        if job is not None and result.exit_code == 0:
            _report_job(job, wrong)
    if result is not None and args.stats_json:
        write_json(args.stats_json, result.stats)
    if result is not None and result.exit_code is not None and args.signature:
        with writing(args.signature):
            Path(args.signature).write_text(cluster.signature())
    return code


def _report(args: argparse.Namespace, program: Program, cluster: Cluster, result: RunResult) -> None:
    from iss.observe import report

    show(report.figures(result, program.name))
    if args.stats:
        show(report.breakdown(cluster, result))


def _report_job(job: Any, wrong: str | None) -> None:
    """An application's timed regions, and whether its outputs are right."""
    from iss.observe import report

    regions = job.app.regions(job.params, job.cluster.config.harts)
    if regions:
        show([report.timed_regions({region.name: job.region(region) for region in regions})])
    if not wrong and (verdict := job.verdict()):
        show([verdict])
