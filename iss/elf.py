"""ELF files: what is loaded where, the entry, the symbols and source lines.  Anything wrong is one SimulationError."""

from __future__ import annotations

import bisect
import io
import itertools
from dataclasses import dataclass, field
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.constants import P_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from iss.errors import SimulationError


@dataclass(frozen=True)
class Segment:
    """Bytes to be loaded at a physical address."""

    address: int
    data: bytes
    size: int  # in memory; what `data` lacks is zero
    executable: bool


@dataclass
class Executable:
    """A program as loaded: segments, entry, and names for addresses."""

    path: str
    entry: int
    segments: list[Segment]
    symbols: dict[str, int]
    _spans: list[tuple[int, int]] = field(default_factory=list)  # address and size of each segment where the program runs
    _addresses: list[int] = field(default_factory=list)
    _names: list[str] = field(default_factory=list)
    _sizes: list[int] = field(default_factory=list)
    _dwarf: ELFFile | None = None
    _lines: tuple[list[int], list[str]] | None = None

    def holds(self, address: int) -> bool:
        """Whether an address is in one of the segments."""
        return any(0 <= address - start < size for start, size in self._spans)

    def symbol(self, address: int) -> str:
        """``name`` or ``name+0x12`` of the symbol at or before an address of the program; empty when there is none."""
        if not self.holds(address):
            return ""
        i = bisect.bisect_right(self._addresses, address) - 1
        if i < 0:
            return ""
        offset = address - self._addresses[i]
        if self._sizes[i] and offset >= self._sizes[i]:
            return ""
        return f"{self._names[i]}+0x{offset:x}" if offset else self._names[i]

    def line(self, address: int) -> str:
        """``file:line`` of an address of the program, from the file's debug information; empty without it."""
        if not self.holds(address):
            return ""
        if self._lines is None:
            self._lines = _line_table(self._dwarf)
        addresses, places = self._lines
        i = bisect.bisect_right(addresses, address) - 1
        return places[i] if i >= 0 else ""


def read_elf(path: str | Path) -> Executable:
    """Read an executable; SimulationError says what is wrong with it."""
    name = str(path)
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise SimulationError(f"cannot read {name}: {error.strerror}") from error
    return parse_elf(data, name)


def parse_elf(data: bytes, name: str) -> Executable:
    """As `read_elf`, from the file's bytes."""
    if data[:4] != b"\x7fELF":
        what = "is not an ELF file" if data else "is empty"
        raise SimulationError(f"{name} {what}; `iss asm` makes one of assembly sources (.S), `iss cc` of C")
    try:
        return _parse(data, name)
    except (ELFError, ValueError, KeyError, OverflowError, TypeError, IndexError, AttributeError, UnicodeDecodeError) as error:
        raise SimulationError(
            f"{name}, {len(data):,} bytes, is a damaged or truncated ELF file; link or copy it again ({error})"
        ) from error


def _parse(data: bytes, name: str) -> Executable:
    elf = ELFFile(io.BytesIO(data))
    if elf.elfclass != 32:
        raise SimulationError(
            f"{name} is a {elf.elfclass}-bit ELF file; the cores are RV32: compile with -march=rv32imc -mabi=ilp32"
        )
    if not elf.little_endian:
        raise SimulationError(f"{name} is big-endian; the cores are little-endian: compile with -mlittle-endian")
    machine = elf["e_machine"]
    if machine != "EM_RISCV":
        machine = f"machine {machine}" if isinstance(machine, int) else machine.removeprefix("EM_")
        raise SimulationError(f"{name} is for {machine}, not for RISC-V: compile with a riscv32 compiler, or iss cc")
    if elf["e_type"] == "ET_DYN":
        raise SimulationError(f"{name} is dynamically linked or position-independent; link it with -static -nostdlib -no-pie")
    if elf["e_type"] != "ET_EXEC":
        raise SimulationError(f"{name} is an object file ({elf['e_type']}); link it first")
    segments, spans = [], []
    for segment in elf.iter_segments():
        kind = segment["p_type"]
        if kind in ("PT_INTERP", "PT_DYNAMIC"):
            raise SimulationError(f"{name} is dynamically linked; link it with -static -nostdlib -no-pie")
        if kind != "PT_LOAD" or segment["p_memsz"] == 0:
            continue
        end = segment["p_offset"] + segment["p_filesz"]
        if end > len(data):
            raise SimulationError(f"{name} is truncated: a segment ends at byte {end}, the file at {len(data)}")
        if segment["p_filesz"] > segment["p_memsz"]:
            raise SimulationError(f"{name} is damaged: a segment is larger in the file than in memory")
        spans.append((segment["p_vaddr"], segment["p_memsz"]))
        # A linker script may leave a segment without any permission (riscv-tests' does): it may hold code, too.
        executable = bool(segment["p_flags"] & P_FLAGS.PF_X) or not segment["p_flags"]
        segments.append(Segment(segment["p_paddr"], segment.data(), segment["p_memsz"], executable))
    if not segments:
        raise SimulationError(f"{name} has nothing to load")
    _check_overlap(segments, name)
    found = Executable(name, elf["e_entry"], segments, {}, spans, _dwarf=elf if elf.has_dwarf_info() else None)
    _read_symbols(elf, found)
    return found


def _check_overlap(segments: list[Segment], name: str) -> None:
    ordered = sorted(segments, key=lambda s: s.address)
    for a, b in itertools.pairwise(ordered):
        if a.address + a.size > b.address:
            raise SimulationError(
                f"{name}: the segments at 0x{a.address:08x} ({a.size} bytes) and 0x{b.address:08x} overlap"
            )


def _read_symbols(elf: ELFFile, found: Executable) -> None:
    rows = []
    for section in elf.iter_sections():
        if not isinstance(section, SymbolTableSection):
            continue
        for symbol in section.iter_symbols():
            kind = symbol["st_info"]["type"]
            if not symbol.name or symbol["st_shndx"] == "SHN_UNDEF" or kind in ("STT_FILE", "STT_SECTION"):
                continue
            found.symbols[symbol.name] = symbol["st_value"]
            if symbol["st_shndx"] != "SHN_ABS" and not symbol.name.startswith((".L", "$")):
                rows.append((symbol["st_value"], kind != "STT_FUNC", symbol.name, symbol["st_size"]))
    best: dict[int, tuple[bool, str, int]] = {}
    for address, *rest in sorted(rows):
        best.setdefault(address, (rest[0], rest[1], rest[2]))
    for address in sorted(best):
        found._addresses.append(address)
        found._names.append(best[address][1])
        found._sizes.append(best[address][2])


def _line_table(elf: ELFFile | None) -> tuple[list[int], list[str]]:
    rows: list[tuple[int, str]] = []
    if elf is not None:
        dwarf = elf.get_dwarf_info()
        for unit in dwarf.iter_CUs():
            program = dwarf.line_program_for_CU(unit)
            if program is None:
                continue
            files = program["file_entry"]
            base = 0 if program["version"] >= 5 else 1
            for entry in program.get_entries():
                state = entry.state
                if state is None or state.end_sequence or not 0 <= state.file - base < len(files):
                    continue
                file = files[state.file - base].name.decode(errors="replace")
                rows.append((state.address, f"{Path(file).name}:{state.line}"))
    rows.sort()
    return [address for address, _ in rows], [place for _, place in rows]
