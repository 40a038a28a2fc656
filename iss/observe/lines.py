"""The compiled part of the trace: from rows of numbers and the fixed texts of instructions to lines."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from iss.engine.layout import KIND_MASK, NEVER, PAGE_BITS, Page, Stall

CHARACTER_END = 128
LINE_MAX = 1024


class Place(IntEnum):
    """What a code CHARACTER_END + place in a line's fixed text stands for; eight hexadecimal digits where not said otherwise."""

    RS1 = 0
    RS2 = 1
    RS3 = 2
    RESULT = 3
    ADDRESS = 4
    PLUS_IMMEDIATE = 5  # rs1 after its increment
    PLUS_RS2 = 6
    PLUS_RS3 = 7
    LOADED1 = 8  # two digits
    LOADED2 = 9  # four
    STORED1 = 10
    STORED2 = 11
    TAKEN = 12  # a word


_TCDM, _TAS, _SLOW = int(Page.TCDM), int(Page.TAS), int(Page.SLOW)
_CONFLICT, _L2, _FETCH = int(Stall.TCDM_CONFLICT), int(Stall.L2), int(Stall.FETCH)
_STALL_CLASS = np.uint32(1 << 6)
_DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)
_TAKEN = np.frombuffer(b"taken", np.uint8)
_SPACE, _NEWLINE = 32, 10
_M32 = 0xFFFFFFFF
_RS1, _RS2, _RS3, _RESULT, _ADDRESS = (int(p) for p in (Place.RS1, Place.RS2, Place.RS3, Place.RESULT, Place.ADDRESS))
_PLUS_IMMEDIATE, _PLUS_RS2, _PLUS_RS3 = (int(p) for p in (Place.PLUS_IMMEDIATE, Place.PLUS_RS2, Place.PLUS_RS3))
_LOADED1, _LOADED2, _STORED1 = int(Place.LOADED1), int(Place.LOADED2), int(Place.STORED1)
_STORED2, _PLACE_TAKEN = int(Place.STORED2), int(Place.TAKEN)
assert KIND_MASK < 256
assert NEVER > 0


@njit(cache=True)
def _hexadecimal(out: Any, at: int, value: int, digits: int) -> int:
    for i in range(digits):
        out[at + digits - 1 - i] = _DIGITS[(value >> (4 * i)) & 15]
    return at + digits


@njit(cache=True)
def _decimal(out: Any, at: int, value: int, width: int) -> int:
    """Right-aligned in `width`, longer when it must."""
    digits = 1
    rest = value // 10
    while rest:
        digits += 1
        rest //= 10
    while width > digits:
        out[at] = _SPACE
        at += 1
        width -= 1
    end = at + digits
    for i in range(digits):
        out[end - 1 - i] = _DIGITS[value % 10]
        value //= 10
    return end


@njit(cache=True)
def _value(row: Any, place: int) -> int:
    """A value of the row, in 32 bits."""
    rs1 = int(row[4]) & _M32
    if place == _RS1:
        return rs1
    if place == _RS2 or place == _STORED1 or place == _STORED2:
        return int(row[4] >> np.uint64(32))
    if place == _RS3:
        return int(row[5]) & _M32
    if place == _ADDRESS:
        return int(row[6]) & _M32
    if place == _PLUS_IMMEDIATE:
        return (rs1 + int(row[7] >> np.uint64(32))) & _M32
    if place == _PLUS_RS2:
        return (rs1 + int(row[4] >> np.uint64(32))) & _M32
    if place == _PLUS_RS3:
        return (rs1 + int(row[5])) & _M32
    return int(row[5] >> np.uint64(32))


@njit(cache=True)
def _fill(out: Any, at: int, row: Any, text: Any, begin: int, end: int) -> int:
    """The fixed text with the row's values."""
    for i in range(begin, end):
        code = int(text[i])
        if code < CHARACTER_END:
            out[at] = code
            at += 1
            continue
        place = code - CHARACTER_END
        if place == _PLACE_TAKEN:
            for letter in _TAKEN:
                out[at] = letter if row[6] else _SPACE
                at += 1
            continue
        digits = 8
        if place == _LOADED1 or place == _STORED1:
            digits = 2
        elif place == _LOADED2 or place == _STORED2:
            digits = 4
        at = _hexadecimal(out, at, _value(row, place), digits)
    return at


@njit(cache=True)
def _stall(out: Any, at: int, cause: int, cycles: int, causes: Any, cause_start: Any) -> int:
    if cycles <= 0:
        return at
    out[at] = _SPACE
    at += 1
    for i in range(cause_start[cause], cause_start[cause + 1]):
        out[at] = causes[i]
        at += 1
    out[at] = _SPACE
    return _decimal(out, at + 1, cycles, 0)


@njit(cache=True)
def _rest_cause(row: Any, memory: bool, kinds: Any, view: int) -> int:
    """What cycles are due to that the kernel noted nowhere: of an access, its memory; else the fetch at a loop's end."""
    if memory:
        kind = kinds[view + (int(row[6]) >> PAGE_BITS)]
        if kind == _TCDM or kind == _TAS:
            return _CONFLICT
        if kind == _SLOW:
            return _L2
    return _FETCH


@njit(cache=True, nogil=True)
def write_lines(
    rows: npt.NDArray[np.uint64],
    waits: npt.NDArray[np.uint64],
    done: int,
    entered: npt.NDArray[np.uint64],
    template_of: npt.NDArray[np.int32],
    template_pc: npt.NDArray[np.uint64],
    template_word: npt.NDArray[np.uint64],
    template_class: npt.NDArray[np.uint32],
    template_memory: npt.NDArray[np.uint8],
    template_start: npt.NDArray[np.int64],
    text: npt.NDArray[np.uint8],
    kinds: npt.NDArray[np.uint8],
    views: npt.NDArray[np.uint64],
    causes: npt.NDArray[np.uint8],
    cause_start: npt.NDArray[np.int64],
    harts: npt.NDArray[np.bool_],
    classes: int,
    is_open: npt.NDArray[np.bool_],
    first_pc: int,
    last_pc: int,
    first_cycle: int,
    last_cycle: int,
    out: npt.NDArray[np.uint8],
) -> tuple[int, int, int]:
    """Write the lines of rows from `done` on; how many rows are done then, bytes and lines written.

    It stops early when `out` is full or an instruction has no fixed text yet."""
    at = 0
    lines = 0
    while done < len(rows) and at + LINE_MAX < len(out):
        row = rows[done]
        hart, pc = int(row[1]), row[2]
        template = template_of[row[3]]
        if template == 0 or template_pc[template] != pc or template_word[template] != row[7]:
            break
        cycle, after = int(row[0]), int(row[8])
        begun = int(entered[hart])
        total = after - begun if begun <= cycle else after - cycle
        entered[hart] = row[8]
        newer, older = int(row[9]) & _M32, int(row[9] >> np.uint64(32))
        wait = int(waits[done])
        noted = (newer & 0xFFFFFF) + (older & 0xFFFFFF) + (wait & _M32)
        rest = total - 1 - noted
        if first_pc >= 0 and pc == first_pc or first_cycle >= 0 and cycle >= first_cycle:
            is_open[hart] = True
        wanted = harts[hart] and is_open[hart]
        if last_pc >= 0 and pc == last_pc or last_cycle >= 0 and cycle >= last_cycle:
            wanted = wanted and not (last_cycle >= 0 and cycle > last_cycle)
            is_open[hart] = False
        kind = template_class[template]
        if noted > 0 or rest > 0:
            kind |= _STALL_CLASS
        done += 1
        if not wanted or (classes and kind & classes == 0):
            continue
        at = _decimal(out, at, cycle, 10)
        out[at] = _SPACE
        at = _decimal(out, at + 1, hart, 4)
        at = _fill(out, at, row, text, template_start[template], template_start[template + 1])
        if rest > 0:
            cause = _rest_cause(row, template_memory[template] != 0, kinds, int(views[hart]))
            at = _stall(out, at, cause, rest, causes, cause_start)
        at = _stall(out, at, wait >> 32, wait & _M32, causes, cause_start)
        at = _stall(out, at, older >> 24, older & 0xFFFFFF, causes, cause_start)
        at = _stall(out, at, newer >> 24, newer & 0xFFFFFF, causes, cause_start)
        while out[at - 1] == _SPACE:
            at -= 1
        out[at] = _NEWLINE
        at += 1
        lines += 1
    return done, at, lines
