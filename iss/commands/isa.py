"""`iss isa`: the manual's entries of instructions."""

from __future__ import annotations

import argparse
import sys
from string import hexdigits
from typing import Any

from iss.commands.options import add_command
from iss.errors import SimulationError


def add(commands: Any) -> None:
    parser = add_command(
        commands,
        "isa",
        run,
        "look an instruction up",
        "iss isa pv.sdotsp.b      the entry of an instruction: bits, meaning, timing",
        "iss isa 0x02a58533       what a word is",
        "iss isa                  every mnemonic",
    )
    parser.add_argument("name", nargs="?", metavar="MNEMONIC|0xWORD")


def run(args: argparse.Namespace) -> int:
    from iss.isa import manual as pages

    if not args.name:
        sys.stdout.write(_mnemonics())
        return 0
    if args.name.lower().startswith("0x"):
        try:
            word = int(args.name, 16)
        except ValueError:
            raise SimulationError(f"{args.name} is not a hexadecimal number") from None
        if word >> 32:
            raise SimulationError(f"{args.name} has more than 32 bits")
        sys.stdout.write(pages.describe_word(word))
        return 0
    try:
        found = pages.entry(args.name)
    except KeyError as error:
        found = _pseudo(args.name.lower())
        if not found:
            hint = f"; a word is 0x{args.name}" if set(args.name.lower()) <= set(hexdigits) else ""
            raise SimulationError(f"{error.args[0]}{hint}") from None
    sys.stdout.write(found)
    return 0


def _pseudo(name: str) -> str:
    """What a pseudo-instruction of the assembler stands for, all its forms, and the entries of those; empty for another name."""
    from asm.pseudo import PSEUDO_INSTRUCTIONS, SEQUENCES
    from iss.isa import manual as pages

    forms = {syntax: expansion for syntax, expansion in PSEUDO_INSTRUCTIONS if syntax.split()[0] == name}
    lines = [f"{syntax}: pseudo-instruction, {expansion}" for syntax, expansion in forms.items()]
    lines += [
        f"{syntax}: pseudo-instruction, as many instructions as it takes; `iss dis` shows them"
        for syntax in SEQUENCES
        if syntax.split()[0] == name
    ]
    entries = [pages.entry(mnemonic) for mnemonic in dict.fromkeys(text.split()[0] for text in forms.values())]
    return "\n".join(["\n".join(lines) + "\n", *entries]) if lines else ""


def _mnemonics() -> str:
    """Every mnemonic, by extension."""
    import textwrap

    from iss.isa.decode import compressed_rows, rows

    groups: dict[str, list[str]] = {}
    for row in rows():
        groups.setdefault(row.extension, []).append(row.mnemonic)
    groups["RV32C"] = [row.mnemonic for row in compressed_rows()]
    lines = []
    for extension, names in groups.items():
        unique = list(dict.fromkeys(names))
        text = textwrap.fill(
            "  ".join(unique), 110, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
        )
        lines.append(f"{extension} ({len(unique)})\n{text}\n")
    return "\n".join([*lines, "`iss isa MNEMONIC` explains one.\n"])
