"""From a quantised network to what the cluster runs: the firmware, its tables, weights, places of all tensors.

The firmware (firmware/apps/network.S) goes through steps: a routine, its argument, how many harts call it, DMA commands
that run meanwhile.  targets.py has who does what, plan.py where tensors lie, calls.py the routines, tables.py what the
firmware reads, image.py what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from firmware.apps.app import FIRMWARE, INCLUDES
from iss.config import MEMORY_MAX, Config
from periph.hwpe import dw, ima
from tools.deploy.image import Image
from tools.deploy.network import Analog, Digital, Layer, NetworkError, Quantised
from tools.deploy.placement import place, tiles
from tools.deploy.plan import Full, Plan
from tools.deploy.targets import Target, target_of

SOURCES = (
    "runtime/start.S", "apps/network.S", "kernels/hwpe.S", "kernels/dma.S", "kernels/pointwise_i8.S", "kernels/matmul_i8.S",
    "kernels/im2col_i8.S", "kernels/marshal_i8.S", "kernels/depthwise3x3_i8.S", "kernels/elementwise_i8.S",
    "kernels/scalar_i8.S",
)  # fmt: skip


@cache
def firmware(harts: int) -> bytes:
    """The ELF: the runtime and all kernels, for any network."""
    import asm

    defines = {"HARTS": harts, "EVENT_UNIT": 1}
    program = asm.assemble(
        [FIRMWARE / source for source in SOURCES], layout="cluster", defines=defines, include_dirs=INCLUDES
    )
    return bytes(program.elf)


def analog_layers(quantised: Quantised) -> list[Layer]:
    """The layers that are on crossbars."""
    return [layer for layer in quantised.network.layers if isinstance(quantised.parameters[layer.name], Analog)]


def build(
    quantised: Quantised, config: Config, target: str = "ima_dw", streamed: bool = False, wide: bool = False,
    programs: bool = False,
) -> Image:  # fmt: skip
    """The image for a cluster; NetworkError says what does not fit, by how much, and the smallest configuration that would."""
    _check(quantised, config, target_of(target), streamed)
    network = quantised.network
    placement = place(network, analog_layers(quantised), config.ima_rows, config.ima_columns)
    if placement.crossbars > config.ima_crossbars:
        raise NetworkError(
            f"{network.name} does not fit: its {len(placement.tiles)} tiles take {placement.crossbars} crossbars of "
            f"{config.ima_rows} x {config.ima_columns}, and there are {config.ima_crossbars}, "
            f"{placement.crossbars - config.ima_crossbars} too few; ima_crossbars = {placement.crossbars} is the smallest "
            "that holds it"
        )
    image = Image(quantised, target_of(target), wide, firmware(config.harts), placement, programs=programs)
    try:
        _plan(image, config, streamed)
    except Full as full:
        raise NetworkError(
            f"{network.name} does not fit: layer {full.layer!r} needs {full.missing:,} bytes more than the "
            f"{config.tcdm_bytes:,} of L1; {_smallest(image, config, streamed)}"
        ) from full
    if image.l2_bytes > config.l2_bytes:
        least = pages(image.l2_bytes)
        cure = f"l2_bytes = {least} is the smallest that holds it" if least <= MEMORY_MAX else _too_large()
        raise NetworkError(
            f"{network.name} does not fit: it takes {image.l2_bytes:,} bytes of L2, and there are {config.l2_bytes:,}, "
            f"{image.l2_bytes - config.l2_bytes:,} too few; {cure}"
        )
    return image


def settings(
    quantised: Quantised, given: Mapping[str, Any], target: str = "ima_dw", streamed: bool = False
) -> dict[str, Any]:
    """Configuration values that the network needs, without those that are given: crossbars, and memory that is large
    enough; L1 keeps its size where tensors are streamed."""
    found: dict[str, Any] = {"harts": 1} if target == "mcu" else {}
    size = {name: given[name] for name in ("ima_rows", "ima_columns") if name in given}
    config = Config.build({**found, **size, **{name: given[name] for name in ("harts", "tcdm_bytes") if name in given}})
    placement = place(quantised.network, analog_layers(quantised), config.ima_rows, config.ima_columns)
    found["ima_crossbars"] = max(1, placement.crossbars)
    image = Image(quantised, target_of(target), False, firmware(config.harts), placement)
    _check(quantised, config, image.target, streamed)
    if not streamed:
        config = replace(config, tcdm_bytes=MEMORY_MAX)
    try:
        _plan(image, config, streamed)
        found["l2_bytes"] = min(MEMORY_MAX, max(config.l2_bytes, pages(image.l2_bytes)))
        if not streamed:
            found["tcdm_bytes"] = min(MEMORY_MAX, -(-image.l1_bytes // (256 << 10)) * (256 << 10))
    except Full:
        found["tcdm_bytes"] = MEMORY_MAX  # build says what is missing
    return {name: value for name, value in found.items() if name not in given}


def _check(quantised: Quantised, config: Config, target: Target, streamed: bool) -> None:
    network = quantised.network
    if config.machine != "cluster":
        raise NetworkError(f"networks run on the machine 'cluster', not {config.machine!r}")
    if streamed and target.depthwise != "dw":
        raise NetworkError(f"tensors are streamed only with the target ima_dw, not {target.name!r}")
    if target.depthwise == "scalar" and config.harts != 1:
        raise NetworkError(f"the target {target.name!r} is one core: harts = 1, not {config.harts}")
    for layer in network.layers:
        found, source = quantised.parameters[layer.name], network.source(layer)
        if layer.has_matrix and target.analog and not isinstance(found, Analog):
            raise NetworkError(f"layer {layer.name!r}: its weights are not for the IMA, and the target is {target.name!r}")
        if layer.has_matrix and not target.analog and not isinstance(found, Digital):
            raise NetworkError(f"layer {layer.name!r}: its weights are for the IMA only, and the target is {target.name!r}")
        if layer.kind == "dw" and target.depthwise == "dw" and max(source[:2]) > dw.MAX_SIZE:
            raise NetworkError(f"layer {layer.name!r}: an input of {source}; DW reaches {dw.MAX_SIZE} rows and columns")
        if isinstance(found, Analog) and network.shapes[layer.name].pixels > ima.MAX_JOBS:
            pixels = network.shapes[layer.name].pixels
            raise NetworkError(f"layer {layer.name!r}: {pixels:,} output pixels; a trigger of the IMA does {ima.MAX_JOBS:,}")
        if isinstance(found, Analog):
            tiles(network, [layer], config.ima_rows, config.ima_columns)


def pages(size: int) -> int:
    """Bytes of whole pages."""
    return -(-size // 4096) * 4096


def _plan(image: Image, config: Config, streamed: bool) -> None:
    """Fill in the image.  The tables' size is known when they are made; they are made until it is the one assumed."""
    room = 0
    while True:
        attempt = Plan(image, config, streamed, room)
        attempt.run()
        if attempt.tables.size <= room:
            attempt.finish()
            return
        room = attempt.tables.size + 64


def _smallest(image: Image, config: Config, streamed: bool) -> str:
    """The least L1 that a network fits in, in words."""
    low, high = config.tcdm_bytes // 4096, MEMORY_MAX // 4096 + 1
    while high - low > 1:
        middle = (low + high) // 2
        try:
            _plan(replace(image, outputs={}), replace(config, tcdm_bytes=4096 * middle), streamed)
            high = middle
        except Full:
            low = middle
    if high > MEMORY_MAX // 4096:
        return _too_large()
    hint = "" if streamed else ", or let the DMA stream tensors from L2"
    return f"tcdm_bytes = {4096 * high} is the smallest that holds it{hint}"


def _too_large() -> str:
    return f"not even the largest possible one, {MEMORY_MAX:,}, holds it"
