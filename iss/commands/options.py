"""Options that several commands have, and what their values mean."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from iss.config import parse_setting, read_settings

MACHINE_OPTIONS = ("machine", "harts", "interconnect")
"""Configuration values that are options, too."""
PICTURES = (".png", ".pdf", ".svg")


def add_command(
    commands: Any,
    name: str,
    function: Callable[[argparse.Namespace], int],
    text: str,
    *examples: str,
    more: str = "",
    parameters: Callable[[argparse.Namespace], set[str]] = lambda args: set(),
) -> argparse.ArgumentParser:
    """A command's parser.  `parameters` are of the programs that are named: they are options, too, which add to --set."""
    lines = ["examples:", *(f"  {line}" for line in examples)]
    epilog = "\n".join([*([more, ""] if more else []), *lines])
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=text[0].upper() + text[1:] + ".", epilog=epilog
    )
    parser.set_defaults(function=function, parser=parser, parameters=parameters)
    return parser


def add_config(group: argparse._ActionsContainer, more: str = "") -> None:
    """--config"""
    group.add_argument("--config", metavar="F.toml", help=f"configuration file of `name = value` lines{more}")


def add_set(group: argparse._ActionsContainer, text: str, metavar: str = "KEY=VALUE") -> None:
    """--set"""
    group.add_argument("--set", metavar=metavar, action="append", default=[], help=f"{text}; may be repeated")


def add_json(group: argparse._ActionsContainer) -> None:
    """--json"""
    text = "write the figures to a file (- for stdout, no tables)"
    group.add_argument("--json", type=writable_or_stdout, metavar="F", help=text)


def settings(args: argparse.Namespace) -> dict[str, Any]:
    """The configuration that the options describe: the file's, overridden by options, those by --set."""
    given = vars(args)
    values = read_settings(given["config"]) if given.get("config") else {}
    values |= {name: given[name] for name in MACHINE_OPTIONS if given.get(name) is not None}
    return values | dict(parse_setting(text) for text in args.set)


def listed(names: Iterable[str]) -> str:
    """The choices, of which the first is the default."""
    first, *others = names
    return f"{first} (default), {', '.join(others)}"


def number(text: str) -> int:
    """A non-negative integer: 1000, 1_000, 0x3e8, 1e3."""
    try:
        value = int(text, 0) if "e" not in text or text.startswith("0x") else float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    if value >= 1 << 64 or value % 1:
        raise argparse.ArgumentTypeError(f"{text} is no whole number below 2**64")
    return int(value)


def positive(text: str) -> int:
    """As `number`, and not 0."""
    value = number(text)
    if not value:
        raise argparse.ArgumentTypeError("it should be 1 or more")
    return value


def real(text: str) -> float:
    """A positive number with a fraction."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not possible: more than 0")
    return value


def writable(text: str) -> str:
    """A file to write to: known before a long run, not after it."""
    path = Path(text)
    if text == "-":
        raise argparse.ArgumentTypeError("this is not written to stdout; ./- is a file of that name")
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a directory")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no directory {path.parent}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"no permission to write {text}")
    return text


def writable_or_stdout(text: str) -> str:
    """As `writable`, or - for stdout."""
    return text if text == "-" else writable(text)


def picture(text: str) -> str:
    """A picture to write."""
    if Path(text).suffix not in PICTURES:
        raise argparse.ArgumentTypeError(f"{text}: pictures are written as {', '.join(PICTURES)}")
    return writable(text)


def check_files(args: argparse.Namespace) -> None:
    """A mistake when two options write the same file, or one writes what the command reads."""
    options: dict[Path, str] = {}
    read = [text for action in args.parser._actions for text in _texts(args, action) if _is_read(action)]
    for action in args.parser._actions:
        for text in _texts(args, action) if action.type in WRITTEN else ():
            path, option = Path(text).resolve(), action.option_strings[-1]
            if path.is_file() and path in [Path(other).resolve() for other in read]:
                args.parser.error(f"{option} would write over {text}, which is read")
            if path in options and (path.is_file() or not path.exists()):
                args.parser.error(f"{options[path]} and {option} would both write {text}")
            options[path] = option


WRITTEN = (writable, writable_or_stdout, picture)
"""Types of the options that name a file to be written."""


def _is_read(action: argparse.Action) -> bool:
    return not action.option_strings or action.dest in ("config", "weights")


def _texts(args: argparse.Namespace, action: argparse.Action) -> list[str]:
    """What was given for an argument, as a list."""
    given = getattr(args, action.dest, None)
    return [text for text in (given if isinstance(given, list) else [given]) if isinstance(text, str)]
