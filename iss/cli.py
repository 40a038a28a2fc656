"""The `iss` command.

Each subcommand is a function from parsed arguments to an exit code, which imports what it needs."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from iss.config import DEFAULTS, INTERCONNECTS
from iss.errors import ProgramError, SimulationError, suggest

if TYPE_CHECKING:
    from iss.cluster import Cluster, RunResult
    from iss.programs import Program

WRONG, MISTAKE, INTERRUPTED = 1, 2, 130
MACHINE_OPTIONS = ("machine", "harts", "interconnect")
"""Configuration values that are options, too."""


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
        self.exit(MISTAKE, f"{self.prog}: {message}\n")


# -- the command line --------------------------------------------------------------------------------------------------


def build_parser() -> Parser:
    """Every subcommand with its options."""
    parser = Parser(
        prog="iss",
        description="Cycle-exact simulator of a RISC-V cluster: RI5CY cores (RV32IMC + XpulpV2) over banked memory.",
        epilog="`iss COMMAND --help` explains a command.",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    _add_run(commands)
    _add_trace(commands)
    _add_asm(commands)
    _add_cc(commands)
    dis = _command(commands, "dis", disassemble_file, "disassemble an ELF file", "iss dis program.elf")
    dis.add_argument("elf", metavar="X.elf")
    isa = _command(
        commands,
        "isa",
        manual,
        "look an instruction up",
        "iss isa pv.sdotsp.b      the entry of an instruction: bits, meaning, timing",
        "iss isa 0x02a58533       what a word is",
        "iss isa                  every mnemonic",
    )
    isa.add_argument("name", nargs="?", metavar="MNEMONIC|0xWORD")
    _command(
        commands, "timing", timing, "print the timing rules: cycles, stall causes, and how they are known", "iss timing"
    )
    _add_bench(commands)
    _add_report(commands)
    _add_sweep(commands)
    _add_deploy(commands)
    return parser


def _command(
    commands: Any, name: str, function: Callable[[argparse.Namespace], int], text: str, *examples: str, more: str = ""
) -> Parser:
    lines = ["examples:", *(f"  {line}" for line in examples)]
    epilog = "\n".join([*([more, ""] if more else []), *lines])
    parser: Parser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".", epilog=epilog)
    parser.set_defaults(function=function, parser=parser)
    return parser


def _listed(names: Iterable[str]) -> str:
    first, *others = names
    return f"{first} (default), {', '.join(others)}"


def _add_machine(parser: Parser) -> None:
    """PROG and the options that describe the machine."""
    parser.add_argument(
        "program", metavar="PROG", help="a shipped application's name, an ELF file, or an assembly source (.S)"
    )
    group = parser.add_argument_group("machine")
    group.add_argument("--machine", metavar="MACHINE", choices=tuple(DEFAULTS), help=_listed(DEFAULTS))
    group.add_argument("--harts", type=_number, metavar="N", help="number of harts, 1 to 16")
    group.add_argument("--interconnect", metavar="NAME", choices=INTERCONNECTS, help=_listed(INTERCONNECTS))
    group.add_argument("--config", metavar="F.toml", help="configuration file of `name = value` lines")
    group.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="a configuration value, or an application's parameter; may be repeated",
    )
    group.add_argument(
        "--max-cycles",
        type=_number,
        default=10**9,
        metavar="N",
        help="stop a program that has not ended by then (10**9)",
    )


def _add_run(commands: Any) -> None:
    run = _command(
        commands,
        "run",
        run_program,
        "run a program; its exit code is the command's",
        "iss run matmul                             a shipped application (iss run --list: all of them)",
        "iss run matmul --set m=32 --harts 4        with a parameter of its own",
        "iss run bottleneck --mapping ima_dw        its parameters are options, too",
        "iss run kernel.S --harts 4 --stats         assembled on the fly; where the cycles went",
        "iss run a.elf --machine core               the single-core machine of the RTL measurements",
        "iss run a.elf --set tcdm_bytes=65536 --set banks=16 --stats-json a.json",
        more="Exit code: the program's low 8 bits (never 0 for another code); 2 for a mistake, fault or --max-cycles;\n"
        "130 when interrupted.",
    )
    _add_machine(run)
    run.add_argument("--list", action=_List, help="list the shipped applications with their parameters")
    group = run.add_argument_group("output")
    group.add_argument("--stats", action="store_true", help="where the cycles went, banks, instructions that conflict")
    group.add_argument("--stats-json", type=_writable, metavar="F", help="write the statistics to a file (- for stdout)")
    group.add_argument(
        "--signature", metavar="F", help="write memory from begin_signature to end_signature to a file, a hexadecimal word a line"
    )
    group.add_argument(
        "-q", "--quiet", action="store_true", help="the program's output only, without the table of figures"
    )


def _add_trace(commands: Any) -> None:
    from iss.observe.columns import CLASSES, COLUMNS

    columns = "\n".join(f"  {name:<12} {text}" for name, text in COLUMNS.items())
    trace = _command(
        commands,
        "trace",
        trace_program,
        "run a program and print every instruction it executes",
        "iss trace matmul --hart 0 --last 100              the end of hart 0",
        "iss trace a.elf --from kernel --to kernel+0x40 -o kernel.trace",
        "iss trace a.elf --from 1000 --to 2000 --only mem,stall",
        more=f"columns:\n{columns}",
    )
    _add_machine(trace)
    group = trace.add_argument_group("which instructions")
    group.add_argument("--hart", type=_number, action="append", metavar="N", help="of this hart; may be repeated")
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
    group.add_argument("--last", type=_number, metavar="N", help="the last N of those")
    group.add_argument(
        "-o",
        "--output",
        type=_writable,
        metavar="FILE",
        help="write to a file; else the trace is on stdout, the program's output on stderr",
    )


def _add_asm(commands: Any) -> None:
    asm = _command(
        commands,
        "asm",
        assemble,
        "assemble sources to an ELF file",
        "iss asm kernel.S -o kernel.elf",
        "iss asm start.S kernel.S -o a.elf --layout core -D SIZE=64",
    )
    asm.add_argument("sources", nargs="+", metavar="A.S")
    asm.add_argument("-o", "--output", type=_writable, metavar="X.elf", required=True)
    asm.add_argument(
        "--layout", metavar="LAYOUT", default="cluster", help="memories of a machine: cluster (default), core or bench8"
    )
    asm.add_argument(
        "-D", dest="defines", action="append", default=[], metavar="NAME[=VALUE]", help="a constant in every source (1)"
    )
    asm.add_argument("-I", dest="folders", action="append", default=[], metavar="DIR", help="where .include looks")


def _add_cc(commands: Any) -> None:
    cc = _command(
        commands,
        "cc",
        compile_c,
        "compile C for the cluster, with its runtime",
        "iss cc matmul.c -o matmul.elf",
        "iss cc a.c b.S -o a.elf -O3 -D SIZE=64 --flag=-Wall",
        more="The runtime is imciss.h: spmd_main or main and fork, barrier, printf, counters, DMA;\n"
        "hwpe.h has the drivers of IMA and DW, xpulp.h has the XpulpV2 instructions as functions.  .S files are GNU assembly.",
    )
    cc.add_argument("sources", nargs="+", metavar="A.c")
    cc.add_argument("-o", "--output", type=_writable, metavar="X.elf", required=True)
    cc.add_argument("-O", dest="level", default="2", metavar="LEVEL", help="optimisation: 0, 1, 2 (default), 3, s")
    cc.add_argument("-D", dest="defines", action="append", default=[], metavar="NAME[=VALUE]", help="a macro (1)")
    cc.add_argument("-I", dest="folders", action="append", default=[], metavar="DIR", help="where #include looks")
    cc.add_argument("--flag", dest="flags", action="append", default=[], metavar="=-FLAG", help="another option")
    cc.add_argument("--stack", type=_number, metavar="BYTES", help="each hart's stack (2064)")
    cc.add_argument("--compiler", default="", metavar="NAME", help="zig, gcc or clang, instead of the first there is")


def compile_c(args: argparse.Namespace) -> int:
    """`iss cc`"""
    from iss import toolchain

    options = [f"-O{args.level}", *(f"-D{d}" for d in args.defines), *(f"-I{i}" for i in args.folders), *args.flags]
    told = toolchain.build(
        args.sources, args.output, options=options, compiler=args.compiler, stack_bytes=args.stack
    )
    sys.stderr.write(told)
    return 0


def _add_bench(commands: Any) -> None:
    bench = _command(
        commands,
        "bench",
        benchmark,
        "measure the simulator's speed, next to other loops on this machine",
        "iss bench",
        "iss bench --baseline HEAD~1",
        "iss bench --program a.elf --seconds 10",
    )
    bench.add_argument("--program", metavar="PROG", help="what to run (the shipped timed eight-hart matmul)")
    bench.add_argument(
        "--seconds", type=float, default=2.0, metavar="T", help="about how long each measurement takes (2)"
    )
    bench.add_argument(
        "--rounds", type=_number, default=3, metavar="N", help="measurements of each kind; the best counts (3)"
    )
    bench.add_argument(
        "--baseline", metavar="REV", help="measure another revision of this git repository too, alternately"
    )
    bench.add_argument("--json", type=_writable, metavar="F", help="write the figures to a file (- for stdout)")


def _add_report(commands: Any) -> None:
    report = _command(
        commands,
        "report",
        make_report,
        "run an experiment, and print its figures next to the papers'",
        "iss report bottleneck                            cores, IMA, both, IMA + DW; both models of execution",
        "iss report bottleneck --execution pipelined --json b.json --plot b.png",
        "iss report bottleneck --set height=8 --set width=8 --set interconnect=hci",
        "iss report roofline --plot roofline.png          IMA: bus width, clock, execution",
        "iss report mobilenetv2 --html m.html             the whole network, row by row, resident and streamed",
        "iss report mobilenetv2 --compare                 and the systems of Fig. 13",
    )
    report.add_argument(
        "report", metavar="REPORT", choices=("bottleneck", "roofline", "mobilenetv2"), help="bottleneck, roofline or mobilenetv2"
    )
    report.add_argument(
        "--execution",
        metavar="MODEL",
        choices=("sequential", "pipelined"),
        help="bottleneck: the IMA's execution, sequential or pipelined (both; files have the closer to the paper)",
    )
    report.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="bottleneck: a configuration value, or a parameter of the application; may be repeated",
    )
    report.add_argument("--json", type=_writable, metavar="F", help="write the figures to a file (- for stdout, no tables)")
    report.add_argument("--plot", type=_writable, metavar="F.png", help="write a plot to a file")
    report.add_argument("--html", type=_writable, metavar="F.html", help="mobilenetv2: write tables and plots to one file")
    report.add_argument("--csv", type=_writable, metavar="F.csv", help="mobilenetv2: write the rows to a file")
    report.add_argument("--compare", action="store_true", help="mobilenetv2: run the other systems, and the sequential IMA, too")


def _add_deploy(commands: Any) -> None:
    deploy = _command(
        commands,
        "deploy",
        deploy_network,
        "run a network on the cluster: placement, firmware, figures of each layer",
        "iss deploy mobilenetv2 --width 0.35 --resolution 96",
        "iss deploy mobilenetv2 --streamed --packing p.png     512 KiB of L1, tensors from L2",
        "iss deploy net.toml --weights net.npz --set ima_rows=128",
        "iss deploy net.onnx --target cores                    a quantised network, with its own weights",
        more="NETWORK is mobilenetv2, a file as tools/deploy/network.py describes it, or an ONNX file as tools/deploy/\n"
        "onnx_import.py does; weights are random ones, if none are given.  Every layer's output is compared with NumPy's.",
    )
    deploy.add_argument("network", metavar="NETWORK", help="mobilenetv2, or a file .toml or .onnx")
    deploy.add_argument("--width", type=float, default=1.0, metavar="X", help="mobilenetv2: factor of the channels (1)")
    deploy.add_argument("--resolution", type=_number, default=224, metavar="N", help="mobilenetv2: of the image (224)")
    deploy.add_argument("--weights", metavar="F.npz", help="the network's integers")
    deploy.add_argument("--seed", type=int, default=0, metavar="N", help="of random weights, and of the image (0)")
    deploy.add_argument(
        "--target", default="ima_dw", metavar="NAME", help="who computes: ima_dw (default), ima, cores, mcu"
    )
    deploy.add_argument("--streamed", action="store_true", help="keep L1 as it is; tensors that do not fit come from L2")
    deploy.add_argument("--wide", action="store_true", help="add row tiles before the conversion, not behind it")
    deploy.add_argument("--config", metavar="F.toml", help="configuration file of `name = value` lines")
    deploy.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[], help="a configuration value; may be repeated"
    )
    deploy.add_argument("--json", type=_writable, metavar="F", help="write the figures to a file (- for stdout, no tables)")
    deploy.add_argument("--packing", type=_writable, metavar="F.png", help="draw the crossbars")
    deploy.add_argument(
        "--elf", type=_writable, metavar="F.elf",
        help="write a program that any command takes, and F.toml, the --config that it needs",
    )  # fmt: skip


def _add_sweep(commands: Any) -> None:
    sweep = _command(
        commands,
        "sweep",
        run_sweep,
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
    )
    sweep.add_argument(
        "program", metavar="PROG", nargs="+",
        help="applications' names, ELF files, sources (.S), networks as of iss deploy; or one sweep file (.toml)",
    )
    group = sweep.add_argument_group("points")
    group.add_argument(
        "--set", metavar="NAME=VALUES", action="append", default=[], help="values to go through; may be repeated"
    )
    for name in MACHINE_OPTIONS:
        group.add_argument(f"--{name}", metavar="VALUES", help=f"the same as --set {name}=VALUES")
    group.add_argument("--config", metavar="F.toml", help="configuration file of `name = value` lines for all points")
    group.add_argument("--max-cycles", type=_number, metavar="N", help="a point fails that has not ended by then (10**9)")
    group = sweep.add_argument_group("results")
    group.add_argument(
        "-o", "--output", metavar="F", action="append", default=[], help="F.csv or F.parquet; may be repeated"
    )
    group.add_argument("--plot", metavar="F.png", help="draw the results")
    group.add_argument("--over", metavar="NAME", help="the plot's horizontal axis (the first setting that varies)")
    group.add_argument("--y", metavar="COLUMN,...", default="cycles", help="what to plot (cycles)")
    group = sweep.add_argument_group("workers")
    group.add_argument("-j", "--jobs", type=_number, metavar="N", help="processes on this machine (one for each processor)")
    group.add_argument("--scheduler", metavar="ADDRESS", help="run on this Dask cluster instead, e.g. tcp://head:8786")


class _List(argparse.Action):
    """--list: print and end, as --help does."""

    def __init__(self, option_strings: Sequence[str], dest: str, **options: Any) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, **options)

    def __call__(self, parser: argparse.ArgumentParser, *rest: Any) -> None:
        from iss import programs

        apps = programs.applications()
        for app in map(apps.find, apps.names()) if apps else ():
            print(f"{app.name:<12} {app.summary}")
            for parameter in app.parameters:
                print(f"{'':<14}{parameter.name} = {parameter.default}: {parameter.help}")
        parser.exit()


def _number(text: str) -> int:
    """A non-negative integer: 1000, 1_000, 0x3e8, 1e3."""
    try:
        value = int(text, 0) if "e" not in text or text.startswith("0x") else int(float(text))
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if value < 0:
        raise argparse.ArgumentTypeError(f"{value} is negative")
    return value


def _writable(text: str) -> str:
    """A file to write to, - for stdout: known before a long run, not after it."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a directory")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no directory {path.parent}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"no permission to write {text}")
    return text


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
    return args


def _parameters(args: argparse.Namespace) -> set[str]:
    """Parameters of the programs that are named."""
    from iss import programs

    if args.function is run_sweep:
        from tools.sweep.subject import find

        found = [find(name).parameters for name in args.program if not name.endswith(".toml")]
        return set().union(*found)
    if hasattr(args, "program") and hasattr(args, "set"):
        return programs.find(args.program or "").parameters
    return set()


def _take_parameters(args: argparse.Namespace, unknown: list[str]) -> list[str]:
    """``--mapping hybrid``, where the application has that parameter, is ``--set mapping=hybrid``; returns the rest."""
    known: set[str] = set()
    if unknown:
        with suppress(SimulationError):  # the command will say so
            known = _parameters(args)
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
    args = parse(arguments)
    try:
        function: Callable[[argparse.Namespace], int] = args.function
        return function(args)
    except BrokenPipeError:
        # Whoever read the output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13
    except KeyboardInterrupt:
        return fail("interrupted", INTERRUPTED)
    except SimulationError as error:
        return fail(str(error))
    except OSError as error:
        return fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def fail(message: str, code: int = MISTAKE) -> int:
    """Print an error; its exit code."""
    sys.stdout.flush()
    print(f"iss: {message}", file=sys.stderr)
    return code


# -- run ---------------------------------------------------------------------------------------------------------------


def settings(args: argparse.Namespace) -> dict[str, Any]:
    """The configuration that the options describe: the file's, overridden by options, those by --set."""
    from iss.config import parse_setting, read_settings

    values = read_settings(args.config) if args.config else {}
    for name in MACHINE_OPTIONS:
        if getattr(args, name) is not None:
            values[name] = getattr(args, name)
    return values | dict(parse_setting(text) for text in args.set)


def writer(file: Any) -> Callable[[int, bytes], None]:
    """Where the program's output goes: byte by byte as it comes, flushed at the end of a line."""

    def write(hart: int, data: bytes) -> None:
        file.buffer.write(data)
        if b"\n" in data:
            file.buffer.flush()

    sys.stdout.flush()
    return write


def run_program(args: argparse.Namespace) -> int:
    """`iss run`"""
    from iss import programs

    program = programs.find(args.program)
    cluster, job = programs.load(program, settings(args), stdout=writer(sys.stdout))
    programs.announce(cluster)
    result, code = drive(cluster, args.max_cycles)
    if args.signature and result is not None and result.exit_code is not None:
        Path(args.signature).write_text(cluster.signature())
    wrong = job.check() if job is not None and code == 0 else None
    if wrong:
        code = fail(f"{program.name}: {wrong}", WRONG)
    if result is not None:
        _report(args, program, cluster, result)
    if job is not None and not args.quiet and result is not None and result.exit_code == 0:
        _report_job(job, wrong)
    return code


def drive(cluster: Cluster, max_cycles: int) -> tuple[RunResult | None, int]:
    """Run a loaded program to its end: the result as far as it came, and the exit code.  Prints what went wrong."""
    from iss import programs

    try:
        result = programs.run(cluster, max_cycles)
    except ProgramError as error:
        return error.result, fail(str(error))
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


def _report(args: argparse.Namespace, program: Program, cluster: Cluster, result: RunResult) -> None:
    if args.stats_json:
        _write_json(args.stats_json, result.stats)
    if args.quiet:
        return
    from iss.observe import report

    console = report.console()
    for part in report.figures(result, program.name):
        console.print(part)
    if args.stats:
        for part in report.breakdown(cluster, result):
            console.print(part)


def _report_job(job: Any, wrong: str | None) -> None:
    """An application's timed regions, and whether its outputs are right."""
    from iss.observe import report

    console = report.console()
    regions = job.app.regions(job.params, job.cluster.config.harts)
    if regions:
        console.print(report.timed_regions({region.name: job.region(region) for region in regions}))
    if not wrong and (verdict := job.verdict()):
        console.print(verdict)


def _write_json(path: str, data: object) -> None:
    text = json.dumps(data, indent=1, default=int) + "\n"
    if path == "-":
        sys.stdout.write(text)
    else:
        Path(path).write_text(text)


# -- trace -------------------------------------------------------------------------------------------------------------


def trace_program(args: argparse.Namespace) -> int:
    """`iss trace`"""
    from iss import programs
    from iss.observe.columns import HEADER, parse_only, parse_place
    from iss.observe.trace import Filter, Tracer

    only = parse_only(args.only)
    program = programs.find(args.program)
    output = writer(sys.stdout if args.output else sys.stderr)
    cluster, _ = programs.load(program, settings(args), stdout=output, trace=True)
    for hart in args.hart or ():
        if hart >= cluster.config.harts:
            raise SimulationError(f"--hart {hart}: the machine has harts 0 to {cluster.config.harts - 1}")
    symbols = cluster.executable.symbols if cluster.executable else {}
    first, last = (None if text is None else parse_place(text, symbols) for text in (args.first, args.last_place))
    wanted = Filter(frozenset(args.hart) if args.hart else None, only, first, last)
    stop = min(args.max_cycles, last[1] + 1) if last and last[0] == "cycle" else args.max_cycles
    programs.announce(cluster)
    if not args.output:
        print(HEADER, file=sys.stderr, flush=True)
    with (
        open(args.output, "wb") if args.output else nullcontext(sys.stdout.buffer) as file,
        Tracer(cluster, file.write, wanted, args.last) as tracer,
    ):
        if stop < args.max_cycles:
            cluster.run(max_cycles=stop)
            code = 0
        else:
            _, code = drive(cluster, stop)
    sys.stdout.flush()
    if args.output:
        print(f"iss: {tracer.lines:,} lines in {args.output}", file=sys.stderr)
    return code


# -- the others --------------------------------------------------------------------------------------------------------


def assemble(args: argparse.Namespace) -> int:
    """`iss asm`"""
    from iss import programs

    defines = {}
    for text in args.defines:
        name, equals, value = text.partition("=")
        try:
            defines[name] = int(value, 0) if equals else 1
        except ValueError:
            raise SimulationError(f"-D {text}: the value should be a number") from None
    program = programs.assemble(args.sources, args.layout, defines, args.folders)
    Path(args.output).write_bytes(program.elf)
    return 0


def disassemble_file(args: argparse.Namespace) -> int:
    """`iss dis`"""
    import asm
    from iss.elf import read_elf

    read_elf(args.elf)
    sys.stdout.write(asm.listing(Path(args.elf).read_bytes()))
    return 0


def manual(args: argparse.Namespace) -> int:
    """`iss isa`"""
    from iss.isa import manual as pages

    if args.name is None:
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
        sys.stdout.write(pages.entry(args.name))
    except KeyError as error:
        raise SimulationError(str(error.args[0])) from None
    return 0


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


def timing(args: argparse.Namespace) -> int:
    """`iss timing`"""
    import shutil

    from iss.engine import timing as rules

    sys.stdout.write(rules.text(min(shutil.get_terminal_size((120, 0)).columns, 140)))
    return 0


def benchmark(args: argparse.Namespace) -> int:
    """`iss bench`"""
    from tools.bench import report

    return report.main(args.program, args.seconds, args.rounds, args.baseline, args.json)


def make_report(args: argparse.Namespace) -> int:
    """`iss report`"""
    from iss.config import parse_setting
    from iss.observe.report import console
    from iss.reports import bottleneck, roofline

    if args.report == "mobilenetv2":
        return _report_mobilenet(args)
    for option in ("html", "csv", "compare"):
        if getattr(args, option):
            raise SimulationError(f"iss report {args.report} has no --{option}")
    if args.report == "roofline":
        for option in ("set", "execution"):
            if getattr(args, option):
                raise SimulationError(f"iss report roofline has no --{option}: it goes through all models itself")
        points = roofline.measure()
        found, shown = roofline.as_json(points), list(roofline.tables(points))
        if args.plot:
            roofline.plot(args.plot, points)
    else:
        values = dict(parse_setting(text) for text in args.set)
        execution, figures, shown = bottleneck.run(args.execution, values)
        found = bottleneck.as_json(execution, figures)
        if args.plot:
            bottleneck.plot(args.plot, execution, figures)
    if args.json != "-":
        for part in shown:
            console().print(part)
    if args.json:
        _write_json(args.json, found)
    return 0


def run_sweep(args: argparse.Namespace) -> int:
    """`iss sweep`"""
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


def _report_mobilenet(args: argparse.Namespace) -> int:
    from iss.config import parse_setting
    from iss.observe.report import bars, console
    from iss.reports import mobilenetv2

    values = dict(parse_setting(text) for text in args.set)
    if args.execution:
        values["ima_execution"] = args.execution
    others = mobilenetv2.COMPARED if args.compare else ()
    with bars() as advance:
        found = mobilenetv2.measure(values, (mobilenetv2.RESIDENT, mobilenetv2.STREAMED, *others), advance)
    if mobilenetv2.RESIDENT.name not in found.outcomes:
        raise KeyboardInterrupt
    if args.json != "-":
        for sheet in mobilenetv2.sheets(found):
            console().print(sheet.table())
        if text := mobilenetv2.verdict(found):
            console().print(text)
    if args.json:
        _write_json(args.json, mobilenetv2.as_json(found))
    if args.csv:
        mobilenetv2.write_csv(args.csv, found)
    if args.html:
        mobilenetv2.write_html(args.html, found)
    if args.plot:
        mobilenetv2.figure(found).savefig(args.plot)
    if not found.complete:
        return fail("interrupted: these are the layers that had ended", INTERRUPTED)
    return 0


def deploy_network(args: argparse.Namespace) -> int:
    """`iss deploy`"""
    from iss.config import parse_setting, read_settings
    from iss.observe.report import console
    from tools.deploy import command

    names = ("width", "resolution", "seed", "weights", "target", "streamed", "wide")
    request = command.Request(args.network, **{name: getattr(args, name) for name in names})
    values = read_settings(args.config) if args.config else {}
    run = command.deploy(request, values | dict(parse_setting(text) for text in args.set))
    if args.json != "-":
        for sheet in command.sheets(run):
            console().print(sheet.table())
    if args.json:
        _write_json(args.json, command.as_json(run))
    if args.packing:
        command.save_packing(run, args.packing)
    if args.elf:
        command.save_elf(run, request, args.elf)
    if not run.complete:
        return fail(f"interrupted after {len(run.layers)} of {len(run.image.quantised.network.layers)} layers", INTERRUPTED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
