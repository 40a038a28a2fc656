"""`iss deploy`: runs a network on the cluster."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from iss.commands.options import add_command, add_config, add_json, add_set, number, picture, real, settings, writable
from iss.commands.output import INTERRUPTED, fail, show_figures
from iss.errors import SimulationError, writing


def add(commands: Any) -> None:
    parser = add_command(
        commands,
        "deploy",
        run,
        "run a network on the cluster: placement, firmware, figures of each layer",
        "iss deploy mobilenetv2 --width 0.35 --resolution 96",
        "iss deploy mobilenetv2 --streamed --packing p.png     512 KiB of L1, tensors from L2",
        "iss deploy net.toml --weights net.npz --set ima_rows=128",
        "iss deploy net.onnx --target cores                    a quantised network, with its own weights",
        more="NETWORK is mobilenetv2, a file as tools/deploy/network.py describes it, or an ONNX file as tools/deploy/\n"
        "onnx_import.py does; weights are random ones, if none are given.  Every layer's output is compared with NumPy's.",
    )
    parser.add_argument("network", metavar="NETWORK", help="mobilenetv2, or a file .toml or .onnx")
    parser.add_argument("--width", type=real, default=1.0, metavar="X", help="mobilenetv2: factor of the channels (1)")
    parser.add_argument("--resolution", type=number, default=224, metavar="N", help="mobilenetv2: of the image (224)")
    parser.add_argument("--weights", metavar="F.npz", help="the network's integers")
    parser.add_argument("--seed", type=number, default=0, metavar="N", help="of random weights, and of the image (0)")
    parser.add_argument(
        "--target", default="ima_dw", metavar="NAME", help="who computes: ima_dw (default), ima, cores, mcu"
    )
    parser.add_argument("--streamed", action="store_true", help="keep L1 as it is; tensors that do not fit come from L2")
    parser.add_argument("--wide", action="store_true", help="add row tiles before the conversion, not behind it")
    add_config(parser)
    add_set(parser, "a configuration value")
    add_json(parser)
    parser.add_argument("--packing", type=picture, metavar="F.png", help="draw the crossbars")
    parser.add_argument(
        "--elf", type=writable, metavar="F.elf",
        help="write a program that any command takes, and F.elf.toml, the --config that it needs",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    from tools.deploy import command
    from tools.deploy.targets import target_of

    if args.packing and not target_of(args.target).analog:
        raise SimulationError(f"--packing: the target {args.target!r} has no crossbars to draw")
    if args.network not in command.MODELS:
        for name in ("width", "resolution"):
            if getattr(args, name) != args.parser.get_default(name):
                raise SimulationError(f"--{name}: {args.network} says that itself; it is for {' or '.join(command.MODELS)}")
    names = ("width", "resolution", "seed", "weights", "target", "streamed", "wide")
    request = command.Request(args.network, **{name: getattr(args, name) for name in names})
    found = command.deploy(request, settings(args))
    show_figures((sheet.table() for sheet in command.sheets(found)), args.json, command.as_json(found))
    if args.packing:
        with writing(args.packing):
            command.save_packing(found, args.packing)
    if args.elf:
        with writing(args.elf):
            command.save_elf(found, request, args.elf)
        print(f"iss: `iss run {args.elf} --config {args.elf}.toml` runs it", file=sys.stderr)
    if not found.complete:
        return fail(f"interrupted after {len(found.layers)} of {len(found.image.quantised.network.layers)} layers", INTERRUPTED)
    return 0
