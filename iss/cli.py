"""The `iss` command: its parser, and where every mistake becomes one clear error and an exit code.

iss/commands has the commands."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from iss.commands import asm, bench, cc, deploy, dis, isa, report, run, sweep, timing, trace
from iss.commands.options import check_files
from iss.commands.output import INTERRUPTED, MISTAKE, fail
from iss.errors import SimulationError, suggest

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
COMMANDS = (run, trace, asm, cc, dis, isa, timing, bench, report, sweep, deploy)


class Parser(argparse.ArgumentParser):
    """As argparse's, with a suggestion for a name that does not exist."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            name = (action.option_strings or [str(action.metavar)])[-1]
            raise argparse.ArgumentError(
                None, f"no {name.lower().lstrip('-')} {value!r}; {suggest(str(value), map(str, action.choices))}"
            )

    def error(self, message: str) -> NoReturn:
        if message.endswith("expected one argument"):
            message = message.replace("expected one argument", "expected a value; one that begins with - follows an =")
        if message.startswith("the following arguments are required"):
            message += f"; `{self.prog} --help` explains them"
        self.exit(MISTAKE, f"{self.prog}: {message}\n")


class _Version(argparse.Action):
    """--version: those of the packages that the cycles and the compiled code depend on, too."""

    def __init__(self, option_strings: Sequence[str], dest: str, **options: Any) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, **options)

    def __call__(self, parser: argparse.ArgumentParser, *rest: Any) -> None:
        from importlib.metadata import version
        from platform import python_version

        print(f"imciss {version('imciss')} (Python {python_version()}, Numba {version('numba')}, NumPy {version('numpy')})")
        parser.exit()


def build_parser() -> Parser:
    """Every command with its options."""
    parser = Parser(
        prog="iss",
        description="Cycle-exact simulator of a RISC-V cluster: RI5CY cores (RV32IMC + XpulpV2) over banked memory.",
        epilog="`iss COMMAND --help` explains a command.",
    )
    parser.add_argument("--version", action=_Version, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    for module in COMMANDS:
        module.add(commands)
    return parser


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The parsed command line; a mistake ends the process with exit code 2."""
    parser = build_parser()
    args, unknown = parser.parse_known_args(arguments)
    unknown = _take_parameters(args, unknown)
    if unknown:
        chosen: Parser = args.parser
        name = unknown[0].partition("=")[0]
        options = [option for action in chosen._actions for option in action.option_strings]
        chosen.error(
            f"no option {name}; {suggest(name, options)}"
            if name.startswith("-")
            else f"{name!r} is one argument too many"
        )
    check_files(args)
    return args


def _take_parameters(args: argparse.Namespace, unknown: list[str]) -> list[str]:
    """``--mapping hybrid``, where the application has that parameter, is ``--set mapping=hybrid``; returns the rest."""
    known: set[str] = set()
    if unknown:
        with suppress(SimulationError):  # the command will say so
            known = args.parameters(args)
    rest: list[str] = []
    words = iter(unknown)
    for word in words:
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or name not in known:
            rest.append(word)
            continue
        given = value if equals else next(words, None)
        if given is None:
            args.parser.error(f"{word}: expected a value")
        args.set.append(f"{name}={given}")
    return rest


def main(arguments: Sequence[str] | None = None) -> int:
    """The command's entry: the exit code."""
    try:
        try:
            args = parse(arguments)
            function: Callable[[argparse.Namespace], int] = args.function
            return function(args)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has seen enough.
        _drop_output()
        return 128 + 13
    except KeyboardInterrupt:
        return fail("interrupted", INTERRUPTED)
    except SimulationError as error:
        return fail(str(error))
    except MemoryError as error:
        return fail(f"this machine has not enough memory for that: {error}")
    except OSError as error:
        if error.filename is None and error.errno in FULL:  # every other file is named: iss.errors.writing
            _drop_output()
            return fail(f"cannot write the output: {error.strerror}")
        return fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def _drop_output() -> None:
    """What has not been written yet goes nowhere, not to a second error when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
