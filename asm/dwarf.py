"""DWARF 4 line tables: which source line each instruction came from, for GDB and for messages of the simulator."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

LINE_BASE, LINE_RANGE, OPCODE_BASE = -5, 14, 13
STANDARD_LENGTHS = bytes((0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1))
COPY, ADVANCE_PC, ADVANCE_LINE, SET_FILE = 1, 2, 3, 4
END_SEQUENCE, SET_ADDRESS = 1, 2
LANGUAGE_ASSEMBLER = 0x8001
PRODUCER = "imciss asm"
# One abbreviation: a compile unit without children, with the attributes that `_unit` writes.
_ATTRIBUTES = ((0x10, 0x17), (0x11, 0x01), (0x12, 0x06), (0x03, 0x08), (0x1B, 0x08), (0x25, 0x08), (0x13, 0x05))


@dataclass(frozen=True)
class Line:
    """An instruction's address and the source line it came from."""

    address: int
    file: str
    line: int


@dataclass(frozen=True)
class Code:
    """A range of code and its lines, by address."""

    start: int
    end: int
    lines: Sequence[Line]


def sections(codes: Sequence[Code]) -> dict[str, bytes]:
    """.debug_line and what it takes for debuggers to find it."""
    codes = [code for code in codes if code.lines]
    if not codes:
        return {}
    table = bytearray()
    info = bytearray()
    for code in codes:
        info += _unit(code, len(table))
        table += _line_table(code)
    abbreviation = b"\x01\x11\x00" + b"".join(map(bytes, _ATTRIBUTES)) + b"\0\0\0"
    return {".debug_line": bytes(table), ".debug_info": bytes(info), ".debug_abbrev": abbreviation}


def _unit(code: Code, table_offset: int) -> bytes:
    """A compile unit for one range of code."""
    body = b"\x01" + struct.pack("<III", table_offset, code.start, code.end - code.start)
    body += _text(code.lines[0].file) + _text(".") + _text(PRODUCER) + struct.pack("<H", LANGUAGE_ASSEMBLER)
    head = struct.pack("<HIB", 4, 0, 4)
    return struct.pack("<I", len(head) + len(body)) + head + body


def _line_table(code: Code) -> bytes:
    files = {name: i for i, name in enumerate(dict.fromkeys(line.file for line in code.lines), 1)}
    names = b"".join(_text(name) + b"\0\0\0" for name in files)
    rest = (
        struct.pack("<BBBbBB", 1, 1, 1, LINE_BASE, LINE_RANGE, OPCODE_BASE) + STANDARD_LENGTHS + b"\0" + names + b"\0"
    )
    body = struct.pack("<HI", 4, len(rest)) + rest + _program(code, files)
    return struct.pack("<I", len(body)) + body


def _program(code: Code, files: dict[str, int]) -> bytes:
    """The state machine's opcodes for one sequence."""
    out = bytearray(b"\0\x05" + bytes([SET_ADDRESS]) + struct.pack("<I", code.start))
    address, file, number = code.start, 1, 1
    for line in code.lines:
        if files[line.file] != file:
            file = files[line.file]
            out += bytes([SET_FILE]) + _unsigned(file)
        advance = line.line - number
        opcode = advance - LINE_BASE + LINE_RANGE * (line.address - address) + OPCODE_BASE
        if LINE_BASE <= advance < LINE_BASE + LINE_RANGE and opcode < 256:
            out.append(opcode)
        else:
            out += bytes([ADVANCE_LINE]) + _signed(advance) + bytes([ADVANCE_PC]) + _unsigned(line.address - address)
            out.append(COPY)
        address, number = line.address, line.line
    out += bytes([ADVANCE_PC]) + _unsigned(code.end - address)
    return bytes(out) + b"\0\x01" + bytes([END_SEQUENCE])


def _text(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape").replace(b"\0", b"?") + b"\0"


def _unsigned(value: int) -> bytes:
    """ULEB128."""
    out = bytearray()
    while True:
        byte, value = value & 0x7F, value >> 7
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


def _signed(value: int) -> bytes:
    """SLEB128."""
    out = bytearray()
    while True:
        byte, value = value & 0x7F, value >> 7
        done = value == (-1 if byte & 0x40 else 0)
        out.append(byte | (0 if done else 0x80))
        if done:
            return bytes(out)
