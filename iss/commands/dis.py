"""`iss dis`: disassembles an ELF file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from iss.commands.options import add_command


def add(commands: Any) -> None:
    parser = add_command(commands, "dis", run, "disassemble an ELF file", "iss dis program.elf")
    parser.add_argument("elf", metavar="X.elf")


def run(args: argparse.Namespace) -> int:
    import asm
    from iss.elf import read_elf

    read_elf(args.elf)
    sys.stdout.write(asm.listing(Path(args.elf).read_bytes()))
    return 0
