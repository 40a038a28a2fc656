"""A program as text: symbols, addresses, words and instructions."""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from iss.isa.decode import disassemble

_ZEROS = re.compile(rb"(?:\0{4}){8,}")


@dataclass(frozen=True)
class _Names:
    """Symbols by address, the one to show first in front; `modes` are the marks of data in code."""

    labels: dict[int, list[str]]
    modes: dict[int, str]

    def name(self, address: int) -> str:
        """A symbol at the address, or one before it and the distance."""
        if address in self.labels:
            return self.labels[address][0]
        places = self.places
        i = bisect_right(places, address) - 1
        if i < 0 or address - places[i] > 1 << 16:
            return ""
        return f"{self.labels[places[i]][0]}+0x{address - places[i]:x}"

    @cached_property
    def places(self) -> list[int]:
        return sorted(self.labels)

    @cached_property
    def stops(self) -> list[int]:
        """Where a line of data has to end."""
        return sorted({*self.labels, *self.modes})

    def room(self, address: int, limit: int) -> int:
        """Bytes from the address to the next stop, at most `limit`."""
        i = bisect_right(self.stops, address)
        return min(limit, self.stops[i] - address) if i < len(self.stops) else limit


def listing(elf: bytes) -> str:
    """Every section of an ELF file that is loaded: code disassembled, data as words."""
    file = ELFFile(io.BytesIO(elf))
    names = _names(file)
    parts = [f"entry 0x{file['e_entry']:08x} {names.name(file['e_entry'])}".rstrip()]
    for section in file.iter_sections():
        if not section["sh_flags"] & SH_FLAGS.SHF_ALLOC:
            continue
        parts.append(f"\nsection {section.name}  0x{section['sh_addr']:08x}  {section['sh_size']} bytes")
        if section["sh_type"] == "SHT_NOBITS":
            parts.extend(_labels_in(names, section["sh_addr"], section["sh_size"]))
        else:
            code = bool(section["sh_flags"] & SH_FLAGS.SHF_EXECINSTR)
            parts.extend(_lines(names, section["sh_addr"], section.data(), code))
    return "\n".join(parts) + "\n"


def _names(file: ELFFile) -> _Names:
    ranked: dict[int, list[tuple[tuple[bool, bool, bool], str]]] = {}
    modes: dict[int, str] = {}
    for table in file.iter_sections():
        if not isinstance(table, SymbolTableSection):
            continue
        for symbol in table.iter_symbols():
            kind = symbol["st_info"]["type"]
            if symbol.name.startswith(("$d", "$x")):
                modes[symbol["st_value"]] = symbol.name[1]
            elif symbol.name and kind not in ("STT_FILE", "STT_SECTION") and symbol["st_shndx"] != "SHN_UNDEF":
                absolute = symbol["st_shndx"] == "SHN_ABS"
                if absolute and not symbol.name.startswith("_"):
                    continue  # a number, not a place
                local = symbol["st_info"]["bind"] == "STB_LOCAL"
                ranked.setdefault(symbol["st_value"], []).append(((absolute, local, kind == "STT_NOTYPE"), symbol.name))
    return _Names({at: [name for _, name in sorted(found)] for at, found in ranked.items()}, modes)


def _labels_in(names: _Names, start: int, size: int) -> Iterator[str]:
    for address in names.places:
        if start <= address < start + size:
            yield from _headings(names, address)


def _headings(names: _Names, address: int) -> Iterator[str]:
    for name in names.labels.get(address, ()):
        yield f"{address:08x} <{name}>:"


def _lines(names: _Names, start: int, data: bytes, code: bool) -> Iterator[str]:
    at, mode = 0, "x" if code else "d"
    while at < len(data):
        address = start + at
        yield from _headings(names, address)
        mode = names.modes.get(address, mode)
        if mode == "x" and len(data) - at >= 2:
            size = 2 if data[at] & 3 != 3 or len(data) - at < 4 else 4
            word = int.from_bytes(data[at : at + size], "little")
            text = disassemble(word, address, names.name)
            yield f"{address:8x}:  {word:0{2 * size}x}{' ' * (8 - 2 * size)}  {text}"
        else:
            size = names.room(address, min(4 - address % 4, len(data) - at))
            zeros = _ZEROS.match(data, at, at + names.room(address, len(data) - at)) if address % 4 == 0 else None
            if zeros:
                size = len(zeros[0])
                yield f"{address:8x}:  {'0' * 8}  .zero   {size}"
            else:
                yield _data_line(address, data[at : at + size])
        at += size


def _data_line(address: int, data: bytes) -> str:
    word = int.from_bytes(data, "little")
    if len(data) == 4:
        return f"{address:8x}:  {word:08x}  .word   0x{word:08x}"
    values = ", ".join(f"0x{byte:02x}" for byte in data)
    return f"{address:8x}:  {data[::-1].hex():<8}  .byte   {values}"
