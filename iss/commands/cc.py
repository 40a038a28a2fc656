"""`iss cc`: compiles C for the cluster."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from iss.commands.options import add_command, number, writable


def add(commands: Any) -> None:
    parser = add_command(
        commands,
        "cc",
        run,
        "compile C for the cluster, with its runtime",
        "iss cc matmul.c -o matmul.elf",
        "iss cc a.c b.S -o a.elf -O3 -D SIZE=64 --flag=-Wall",
        more="The runtime is imciss.h: spmd_main or main and fork, barrier, printf, counters, DMA;\n"
        "hwpe.h has the drivers of IMA and DW, xpulp.h has the XpulpV2 instructions as functions.  .S files are GNU assembly.",
    )
    parser.add_argument("sources", nargs="+", metavar="A.c")
    parser.add_argument("-o", "--output", type=writable, metavar="X.elf", required=True)
    parser.add_argument("-O", dest="level", default="2", metavar="LEVEL", help="optimisation: 0, 1, 2 (default), 3, s")
    parser.add_argument("-D", dest="defines", action="append", default=[], metavar="NAME[=VALUE]", help="a macro (1)")
    parser.add_argument("-I", dest="folders", action="append", default=[], metavar="DIR", help="where #include looks")
    parser.add_argument("--flag", dest="flags", action="append", default=[], metavar="=-FLAG", help="another option")
    parser.add_argument("--stack", type=number, metavar="BYTES", help="each hart's stack (2064)")
    parser.add_argument("--compiler", default="", metavar="NAME", help="zig, gcc or clang, instead of the first there is")


def run(args: argparse.Namespace) -> int:
    from iss import toolchain

    options = [f"-O{args.level}", *(f"-D{d}" for d in args.defines), *(f"-I{i}" for i in args.folders), *args.flags]
    told = toolchain.build(
        args.sources, args.output, options=options, compiler=args.compiler, stack_bytes=args.stack
    )
    sys.stderr.write(told)
    return 0
