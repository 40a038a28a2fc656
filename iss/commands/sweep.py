"""`iss sweep`: runs programs over configuration values and parameters."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from iss.commands.options import MACHINE_OPTIONS, add_command, add_config, add_set, number, picture, writable


def add(commands: Any) -> None:
    parser = add_command(
        commands,
        "sweep",
        run,
        "run programs over configuration values and parameters: one table of all results",
        "iss sweep matmul --set banks=8,16,32 --set harts=1..8 -o results.csv",
        "iss sweep matmul --m 16..128*2 --harts 8 -o m.csv -o m.parquet --plot m.png --y matmul_mac_per_cycle",
        "iss sweep bottleneck --mapping cores,hybrid,ima_dw --set clock_mhz=250,500 -o b.csv --plot b.png",
        "iss sweep bottleneck --mapping ima_dw --set ima.noise.read=0,0.5,1 -o n.csv --plot n.png --y output_rms_error",
        "iss sweep mobilenetv2 --width 0.35 --resolution 96 --set ima_rows=ima_columns=64..512*2 -o crossbars.csv",
        "iss sweep net.onnx --target ima,ima_dw --set hwpe_port_bits=32..256*2 -o net.csv",
        "iss sweep exploration.toml                        described in a file",
        "iss sweep exploration.toml --scheduler tcp://head:8786     the same on a Dask cluster",
        more="""values, of any configuration value and any parameter of the programs; every combination is a point:
  8,16,32       these           10..50+10     10, 20, 30, 40, 50
  1..8          1 to 8          8..256*2      8, 16, 32, ... 256
  a=b=1..8      a and b, which have the same value at every point

exploration.toml:
  program = ["matmul", "conv.elf"]      # names, or files beside this one
  output = ["exploration.csv"]
  max_cycles = 10_000_000
  [set]
  banks = [8, 16, 32]
  harts = "1..8"
  [[sweep]]                             # any number of these, each with a program, set and max_cycles of its own
  set = { interconnect = "lic,hci" }
  [[sweep]]
  program = "bottleneck"
  set = { mapping = "hybrid,ima_dw", "ima_rows=ima_columns" = [128, 256] }

A row has program, settings, status, exit_code, error, cycles, ms, stalls, accesses, energy, the application's timed
regions, and how its outputs differ from NumPy's.  Each point's row is kept in results.jsonl as soon as it is there; the
same command goes on after Ctrl-C or a crash, and runs only what has not been run with this program and this simulator.
A point that fails does not stop the others.  Exit code: 0; 1 when points failed; 2 for a mistake; 130 when interrupted.""",
        parameters=parameters,
    )
    parser.add_argument(
        "program", metavar="PROG", nargs="+",
        help="applications' names, ELF files, sources (.S), networks as of iss deploy; or one sweep file (.toml)",
    )
    group = parser.add_argument_group("points")
    add_set(group, "values to go through", "NAME=VALUES")
    for name in MACHINE_OPTIONS:
        group.add_argument(f"--{name}", metavar="VALUES", help=f"the same as --set {name}=VALUES")
    add_config(group, " for all points")
    group.add_argument("--max-cycles", type=number, metavar="N", help="a point fails that has not ended by then (1e9)")
    group = parser.add_argument_group("results")
    group.add_argument(
        "-o", "--output", type=writable, metavar="F", action="append", default=[], help="F.csv or F.parquet; may be repeated"
    )
    group.add_argument("--plot", type=picture, metavar="F.png", help="draw the results")
    group.add_argument("--over", metavar="NAME", help="the plot's horizontal axis (the first setting that varies)")
    group.add_argument("--y", metavar="COLUMN,...", default="cycles", help="what to plot (cycles)")
    group = parser.add_argument_group("workers")
    group.add_argument("-j", "--jobs", type=number, metavar="N", help="processes on this machine (one for each processor)")
    group.add_argument("--scheduler", metavar="ADDRESS", help="run on this Dask cluster instead, e.g. tcp://head:8786")


def parameters(args: argparse.Namespace) -> set[str]:
    """Those of all programs that are named."""
    from tools.sweep.subject import find

    found = [find(name).parameters for name in args.program if not name.endswith(".toml")]
    return set().union(*found)


def run(args: argparse.Namespace) -> int:
    from tools.sweep import command, plan

    options = ((name, getattr(args, name)) for name in MACHINE_OPTIONS)
    texts = [f"{name}={values}" for name, values in options if values is not None] + args.set
    sweep = plan.from_arguments(args.program, [plan.parse_axis(text) for text in texts], args.config, args.max_cycles)
    return command.main(
        dataclasses.replace(sweep, outputs=tuple(args.output) or sweep.outputs),
        jobs=args.jobs,
        scheduler=args.scheduler,
        picture=args.plot,
        over=args.over,
        wanted=args.y.split(","),
    )
