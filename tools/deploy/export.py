"""A deployed network as an ELF file of its own, which any command that runs programs takes: its firmware programs the
crossbars itself before the network begins."""

from __future__ import annotations

import dataclasses
import struct
from typing import Any

from iss.config import MEMORY_MAX, Config
from tools.deploy.build import build, pages
from tools.deploy.image import Image
from tools.deploy.network import Int8, Quantised

PHDR = "<8I"
PT_LOAD, READ_WRITE = 1, 6
PHOFF_AT, PHNUM_AT = 28, 44
"""Where an ELF32 header has the program headers' offset and number."""


def export(
    quantised: Quantised, picture: Int8, config: Config, target: str = "ima_dw", streamed: bool = False, wide: bool = False
) -> tuple[bytes, dict[str, Any], Image]:
    """The file, with the input in it; the configuration values that it needs, where they are not the defaults; the image.

    L2 may have to be larger than in `config`: the weights of the crossbars come from there."""
    config = dataclasses.replace(config, l2_bytes=MEMORY_MAX)
    image = build(quantised, config, target, streamed, wide, programs=True)
    config = dataclasses.replace(config, l2_bytes=max(Config().l2_bytes, pages(image.l2_bytes)))
    data = [*image.writes, *image.pictures(picture)]
    return _with_data(image.elf, data), config.changed(), image


def _with_data(elf: bytes, data: list[tuple[int, bytes]]) -> bytes:
    """An ELF file with more to load; what lies in a segment of the file changes there."""
    file = bytearray(elf)
    offset, number = struct.unpack_from("<I", file, PHOFF_AT)[0], struct.unpack_from("<H", file, PHNUM_AT)[0]
    headers = [struct.unpack_from(PHDR, file, offset + struct.calcsize(PHDR) * i) for i in range(number)]
    more = []
    for address, content in data:
        inside = next((h for h in headers if h[2] <= address and address + len(content) <= h[2] + h[4]), None)
        if inside is not None:
            place = inside[1] + address - inside[2]
            file[place : place + len(content)] = content
            continue
        file += bytes((address - len(file)) % 16)
        more.append((PT_LOAD, len(file), address, address, len(content), len(content), READ_WRITE, 16))
        file += content
    file += bytes(-len(file) % 4)
    struct.pack_into("<I", file, PHOFF_AT, len(file))
    struct.pack_into("<H", file, PHNUM_AT, number + len(more))
    file += b"".join(struct.pack(PHDR, *header) for header in [*headers, *more])
    return bytes(file)


def toml(values: dict[str, Any]) -> str:
    """Configuration values as a file for --config."""
    return "".join(f"{name} = {_text(value)}\n" for name, value in values.items())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else repr(value)
