"""What `iss run` and `iss trace` share: a program on a machine, to its end."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING

from iss.commands.options import add_config, add_set, listed, number
from iss.commands.output import INTERRUPTED, fail
from iss.config import DEFAULTS, INTERCONNECTS
from iss.errors import ProgramError

if TYPE_CHECKING:
    from iss.cluster import Cluster
    from iss.result import RunResult


def add_machine(parser: argparse.ArgumentParser) -> None:
    """PROG and the options that describe the machine."""
    parser.add_argument(
        "program", metavar="PROG", help="a shipped application's name, an ELF file, or an assembly source (.S)"
    )
    group = parser.add_argument_group("machine")
    group.add_argument("--machine", metavar="MACHINE", choices=tuple(DEFAULTS), help=listed(DEFAULTS))
    group.add_argument("--harts", type=number, metavar="N", help="number of harts, 1 to 16")
    group.add_argument("--interconnect", metavar="NAME", choices=INTERCONNECTS, help=listed(INTERCONNECTS))
    add_config(group)
    add_set(group, "a configuration value, or an application's parameter")
    group.add_argument(
        "--max-cycles",
        type=number,
        default=10**9,
        metavar="N",
        help="stop a program that has not ended by then (1e9)",
    )


def parameters(args: argparse.Namespace) -> set[str]:
    """Those of PROG."""
    from iss import programs

    return programs.find(args.program).parameters


def drive(
    cluster: Cluster, max_cycles: int, name: str = "", ended: Callable[[], None] = lambda: None
) -> tuple[RunResult | None, int]:
    """Run a loaded program to its end: the result as far as it came, and the exit code.  Prints what went wrong.

    `name` is what the program is called on the command line: a fault's message says how to trace it.  `ended` is called before
    a message is printed: what belongs before it can be written."""
    from iss import programs

    try:
        try:
            result = programs.run(cluster, max_cycles)
        finally:
            ended()
    except ProgramError as error:
        hint = ""
        if name and error.hart is not None:
            command = f"iss trace {shlex.quote(name)} --hart {error.hart} --last 20"
            hint = f"\n  `{command}`, with the same options, shows what led there"
        return error.result, fail(f"{error}{hint}")
    except KeyboardInterrupt:
        return cluster.result(), fail(
            f"interrupted in cycle {cluster.machine.now():,}\n{_positions(cluster)}", INTERRUPTED
        )
    code = programs.exit_status(result)
    if code is None:
        return result, fail(
            f"the program has not ended after {max_cycles:,} cycles (--max-cycles)\n{_positions(cluster)}"
        )
    return result, code


def _positions(cluster: Cluster) -> str:
    """Where every hart is, what it waits for, and what the accelerators and the DMA are busy with."""
    return "\n".join(f"  {line}" for line in cluster.positions())
