"""Writes a static ELF32 executable for RISC-V: sections, program headers, symbols.  Layouts by struct, nothing else."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

EM_RISCV = 243
EF_RVC = 1
SHT = {"progbits": 1, "symtab": 2, "strtab": 3, "nobits": 8}
SHF = {"w": 1, "a": 2, "x": 4}
PF = {"x": 1, "w": 2, "r": 4}
BINDING = {"local": 0, "global": 1, "weak": 2}
KIND = {"notype": 0, "object": 1, "func": 2, "file": 4}
SHN_ABS = 0xFFF1
EHDR, PHDR, SHDR = 52, 32, 40
PAGE = 16  # enough for tools that check p_offset against p_vaddr; keeps small programs small


@dataclass(frozen=True)
class ElfSection:
    """A section of the file; `flags` are of "awx".  One without contents (nobits) has a `size` only."""

    name: str
    address: int
    flags: str
    data: bytes
    size: int
    alignment: int = 4
    nobits: bool = False


@dataclass(frozen=True)
class ElfSymbol:
    """A symbol; `section` is a section's name, or None for a plain number."""

    name: str
    value: int
    size: int = 0
    binding: str = "local"
    kind: str = "notype"
    section: str | None = None


@dataclass(frozen=True)
class Segment:
    """What one program header loads: sections next to each other in one region."""

    sections: tuple[ElfSection, ...]


class _Strings:
    """A string table."""

    def __init__(self) -> None:
        self.data = bytearray(b"\0")
        self._at: dict[str, int] = {"": 0}

    def add(self, text: str) -> int:
        if text not in self._at:
            self._at[text] = len(self.data)
            self.data += text.encode("utf-8", "surrogateescape") + b"\0"
        return self._at[text]


@dataclass
class _Writer:
    """The file as it grows."""

    segments: Sequence[Segment]
    out: bytearray = field(default_factory=bytearray)
    names: _Strings = field(default_factory=_Strings)
    headers: list[bytes] = field(default_factory=lambda: [bytes(SHDR)])
    index: dict[str, int] = field(default_factory=dict)

    def contents(self) -> list[bytes]:
        """Append the segments' bytes; their program headers."""
        programs = []
        for segment in self.segments:
            first = segment.sections[0]
            self.pad_to(first.address % PAGE, PAGE)
            start, file_end = len(self.out), len(self.out)
            for section in segment.sections:
                offset = start + section.address - first.address
                if not section.nobits:
                    self.out += bytes(offset - len(self.out))
                    self.out += section.data
                    file_end = len(self.out)
                self.header(section, min(offset, len(self.out)) if section.nobits else offset)
            last = segment.sections[-1]
            flags = PF["r"] | sum(PF[c] for c in "wx" if any(c in s.flags for s in segment.sections))
            memory = last.address + last.size - first.address
            values = (1, start, first.address, first.address, file_end - start, memory, flags, PAGE)
            programs.append(struct.pack("<8I", *values))
        return programs

    def pad_to(self, remainder: int, modulus: int) -> None:
        self.out += bytes((remainder - len(self.out)) % modulus)

    def header(
        self, section: ElfSection, offset: int, kind: str = "", link: int = 0, info: int = 0, entry: int = 0
    ) -> None:
        """Append a section header."""
        kind = kind or ("nobits" if section.nobits else "progbits")
        flags = sum(SHF[c] for c in section.flags)
        name = self.names.add(section.name)
        values = (name, SHT[kind], flags, section.address, offset, section.size, link, info, section.alignment, entry)
        self.index[section.name] = len(self.headers)
        self.headers.append(struct.pack("<10I", *values))

    def table(self, name: str, kind: str, data: bytes, **fields: int) -> None:
        """Append a section that is not loaded."""
        self.pad_to(0, 4)
        section = ElfSection(name, 0, "", data, len(data), 4 if kind == "symtab" else 1)
        offset = len(self.out)
        self.out += data
        self.header(section, offset, kind, **fields)


def write(
    entry: int, segments: Sequence[Segment], symbols: Sequence[ElfSymbol], rvc: bool, debug: Sequence[ElfSection] = ()
) -> bytes:
    """The bytes of the file."""
    segments = [segment for segment in segments if segment.sections]
    writer = _Writer(segments)
    writer.out += bytes(EHDR + PHDR * len(segments))
    programs = writer.contents()
    for section in debug:
        writer.table(section.name, "progbits", section.data)
    strings = _Strings()
    ordered = sorted(symbols, key=lambda symbol: symbol.binding != "local")
    table = bytes(16) + b"".join(_symbol(symbol, strings, writer.index) for symbol in ordered)
    local = 1 + sum(symbol.binding == "local" for symbol in ordered)
    writer.table(".symtab", "symtab", table, link=len(writer.headers) + 1, info=local, entry=16)
    writer.table(".strtab", "strtab", bytes(strings.data))
    writer.names.add(".shstrtab")
    writer.table(".shstrtab", "strtab", bytes(writer.names.data))
    writer.pad_to(0, 4)
    section_offset = len(writer.out)
    writer.out += b"".join(writer.headers)
    ident = b"\x7fELF" + bytes((1, 1, 1)) + bytes(9)
    head = struct.pack(
        "<HHIIIIIHHHHHH",
        2, EM_RISCV, 1, entry, EHDR if programs else 0, section_offset, EF_RVC if rvc else 0,
        EHDR, PHDR, len(programs), SHDR, len(writer.headers), len(writer.headers) - 1,
    )  # fmt: skip
    writer.out[: EHDR + PHDR * len(programs)] = ident + head + b"".join(programs)
    return bytes(writer.out)


def _symbol(symbol: ElfSymbol, strings: _Strings, index: dict[str, int]) -> bytes:
    info = BINDING[symbol.binding] << 4 | KIND[symbol.kind]
    section = SHN_ABS if symbol.section is None else index[symbol.section]
    name = strings.add(symbol.name)
    return struct.pack("<IIIBBH", name, symbol.value & 0xFFFFFFFF, symbol.size & 0xFFFFFFFF, info, 0, section)
