"""`iss asm`: assembles sources to an ELF file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from iss.commands.options import add_command, writable
from iss.errors import SimulationError, writing


def add(commands: Any) -> None:
    parser = add_command(
        commands,
        "asm",
        run,
        "assemble sources to an ELF file",
        "iss asm kernel.S -o kernel.elf",
        "iss asm start.S kernel.S -o a.elf --layout core -D SIZE=64",
    )
    parser.add_argument("sources", nargs="+", metavar="A.S")
    parser.add_argument("-o", "--output", type=writable, metavar="X.elf", required=True)
    parser.add_argument(
        "--layout", metavar="LAYOUT", default="cluster", help="memories of a machine: cluster (default), core or bench8"
    )
    parser.add_argument(
        "-D", dest="defines", action="append", default=[], metavar="NAME[=VALUE]", help="a constant in every source (1)"
    )
    parser.add_argument("-I", dest="folders", action="append", default=[], metavar="DIR", help="where .include looks")


def run(args: argparse.Namespace) -> int:
    from iss import programs

    defines = {}
    for text in args.defines:
        name, equals, value = text.partition("=")
        try:
            defines[name] = int(value, 0) if equals else 1
        except ValueError:
            raise SimulationError(f"-D {text}: the value should be a number") from None
    program = programs.assemble(args.sources, args.layout, defines, args.folders)
    with writing(args.output):
        Path(args.output).write_bytes(program.elf)
    return 0
