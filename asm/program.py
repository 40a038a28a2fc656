"""The result of assembling: an ELF file, and what is in it."""

from __future__ import annotations

from dataclasses import dataclass

from asm import dwarf
from asm.diagnostics import Diagnostic, StatementError
from asm.dwarf import Code, Line
from asm.elf import ElfSection, ElfSymbol, Segment, write
from asm.expressions import Anchor, NotConstant, evaluate
from asm.linker import Linker, Placed, Scope
from asm.symbols import Symbol
from asm.unit import Unit

ALWAYS = ("__bss_start", "__bss_end", "_end", "__l1_end", "__l2_end")
FLAGS = {"text": "ax", "rodata": "a", "data": "aw", "bss": "aw"}


@dataclass(frozen=True)
class Program:
    """A program: `elf` is the file; `symbols` gives addresses by name (a global symbol hides local ones)."""

    elf: bytes
    entry: int
    symbols: dict[str, int]
    sections: dict[str, ElfSection]
    symbol_table: tuple[ElfSymbol, ...]
    lines: tuple[Line, ...]

    def word(self, address: int, size: int = 4) -> int:
        """The little-endian value in memory at an address; KeyError when nothing is loaded there."""
        for section in self.sections.values():
            offset = address - section.address
            if 0 <= offset <= section.size - size:
                return 0 if section.nobits else int.from_bytes(section.data[offset : offset + size], "little")
        raise KeyError(f"nothing is loaded at 0x{address:08x}")


def build(link: Linker) -> Program:
    """The program that a linker has laid out; symbols that cannot be evaluated go to its diagnostics."""
    sections = {p.output.name: _section(p) for p in link.placed if p.size}
    segments = [
        Segment(tuple(sections[p.output.name] for p in link.placed if p.size and p.output.region == region.name))
        for region in link.layout.regions
    ]
    symbols = _symbols(link, sections)
    values = {symbol.name: symbol.value for symbol in reversed(symbols) if symbol.kind != "file"}
    values |= {symbol.name: symbol.value for symbol in symbols if symbol.binding != "local"}
    values = {name: value for name, value in values.items() if not name.startswith("$")}
    text = sections.get(".text")
    entry = values.get("_start", text.address if text else 0)
    rvc = any(section.compressed for unit in link.units for section in unit.sections.values())
    lines = _lines(link)
    codes = [_code(placed, lines) for placed in link.placed if placed.output.kind == "text" and placed.size]
    debug = [ElfSection(name, 0, "", data, len(data), 1) for name, data in dwarf.sections(codes).items()]
    elf = write(entry, segments, symbols, rvc, debug)
    return Program(elf, entry, values, sections, tuple(symbols), lines)


def _lines(link: Linker) -> tuple[Line, ...]:
    """Each instruction's line, by address."""
    found = {
        anchor.place.address + anchor.offset: Line(anchor.place.address + anchor.offset, origin.file, origin.line)
        for unit in link.units
        for anchor, origin in unit.lines
    }
    return tuple(found[address] for address in sorted(found))


def _code(placed: Placed, lines: tuple[Line, ...]) -> Code:
    inside = [line for line in lines if placed.address <= line.address < placed.end]
    return Code(placed.address, placed.end, inside)


def _section(placed: Placed) -> ElfSection:
    nobits = placed.output.kind == "bss"
    used = [chunk.section.alignment for chunk in placed.chunks if chunk.section.total]
    alignment = max((placed.output.alignment, *used))
    return ElfSection(
        placed.output.name, placed.address, FLAGS[placed.output.kind], placed.contents, placed.size, alignment, nobits
    )


def _symbols(link: Linker, sections: dict[str, ElfSection]) -> list[ElfSymbol]:
    found: list[ElfSymbol] = []
    owners = {
        id(fragment): placed.output.name
        for placed in link.placed
        if placed.size
        for chunk in placed.chunks
        for fragment in chunk.section.fragments
    }
    for unit in link.units:
        found.append(ElfSymbol(unit.file, 0, kind="file"))
        found += _mapping_symbols(unit, owners)
        for symbol in unit.symbols.table.values():
            if _is_listed(symbol):
                item = _symbol(link, unit, symbol, owners)
                if item is not None:
                    found.append(item)
    taken = {symbol.name for symbol in found if symbol.binding != "local"}
    for name in sorted({*ALWAYS, *link.used_provided} - taken):
        found.append(ElfSymbol(name, link.provided[name], binding="global"))
    return found


def _is_listed(symbol: Symbol) -> bool:
    """Labels, and numbers that other files see; not .L names, numeric labels or what is undefined."""
    if symbol.value is None or symbol.numeric or symbol.name.startswith(".L"):
        return False
    return symbol.label or symbol.binding != "local"


def _symbol(link: Linker, unit: Unit, symbol: Symbol, owners: dict[int, str]) -> ElfSymbol | None:
    scope = Scope(link, unit)
    try:
        value = link.symbol(unit, symbol.name, symbol.column)
        size = evaluate(symbol.size, scope).value if symbol.size is not None else 0
    except (StatementError, NotConstant) as error:
        if symbol.origin is not None and isinstance(error, StatementError):
            link.diagnostics.append(Diagnostic.at(symbol.origin, error.message, symbol.column))
        return None
    anchor = symbol.value
    section = owners.get(id(anchor.place)) if isinstance(anchor, Anchor) else None
    return ElfSymbol(symbol.name, value, size, symbol.binding, symbol.kind, section)


def _mapping_symbols(unit: Unit, owners: dict[int, str]) -> list[ElfSymbol]:
    """$d and $x where code has data in it, as disassemblers expect."""
    found = []
    for section in unit.sections.values():
        if any(mode == "d" for _, mode in section.modes):
            for anchor, mode in section.modes:
                address = anchor.place.address + anchor.offset
                found.append(ElfSymbol(f"${mode}", address, section=owners.get(id(anchor.place))))
    return found
