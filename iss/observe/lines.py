"""The compiled part of the trace: from rows of numbers and the fixed texts of instructions to lines."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from iss import cache
from iss.engine.layout import PAGE_BITS, TRACE_CAUSE_SHIFT, TRACE_WAIT, Page, Stall
from iss.observe.columns import CLASSES, CYCLE_WIDTH, HART_WIDTH

cache.prepare()
TEXT_MAX = 600
LINE_MAX = TEXT_MAX + 200
MEMORY = len(Stall)
BEFORE, OPEN, BEHIND = 0, 1, 2
"""Where a hart is: before the first line that is wanted, among them, behind the last.  A pc may open the window again, a cycle
comes once."""


class Place(IntEnum):
    """A value that is filled in a line's fixed text, in hexadecimal."""

    RS1 = 0
    RS2 = 1
    RS3 = 2
    RESULT = 3
    ADDRESS = 4
    PLUS_IMMEDIATE = 5  # rs1 after its increment
    PLUS_RS2 = 6
    PLUS_RS3 = 7
    TAKEN = 8  # a word, or nothing


_TCDM, _TAS, _SLOW = int(Page.TCDM), int(Page.TAS), int(Page.SLOW)
_CONFLICT, _L2, _PERIPHERAL = (np.uint64(s) for s in (Stall.TCDM_CONFLICT, Stall.L2, Stall.PERIPHERAL))
_MEMORY = np.uint64(MEMORY)
_RS1, _RS2, _RS3, _RESULT, _ADDRESS = (int(p) for p in (Place.RS1, Place.RS2, Place.RS3, Place.RESULT, Place.ADDRESS))
_PLUS_IMMEDIATE, _PLUS_RS2, _PLACE_TAKEN = int(Place.PLUS_IMMEDIATE), int(Place.PLUS_RS2), int(Place.TAKEN)
_STALL_CLASS = np.uint64(1 << CLASSES.index("stall"))
_PAIRS = np.frombuffer("".join(f"{i:02x}" for i in range(256)).encode(), np.uint8)
_TAKEN = np.frombuffer(b"taken", np.uint8)
# Unsigned, all of them: signed indices cost a test each.
_ZERO, _ONE, _TWO, _EIGHT, _TEN, _HALF = (np.uint64(n) for n in (0, 1, 2, 8, 10, 32))
_BYTE, _WORD = np.uint64(0xFF), np.uint64(0xFFFFFFFF)
_CAUSE_SHIFT, _COUNT = np.uint64(TRACE_CAUSE_SHIFT), np.uint64((1 << TRACE_CAUSE_SHIFT) - 1)
_WAIT, _HARTS = np.uint64(TRACE_WAIT), np.uint64(TRACE_WAIT - 1)
_SPACE, _NEWLINE, _ZERO_DIGIT = np.uint64(32), np.uint64(10), np.uint64(48)
_RS_WORD, _RD_WORD, _ADDRESS_WORD, _CODE_WORD = (np.uint64(n) for n in (4, 5, 6, 7))
_PAGE_BITS = np.uint64(PAGE_BITS)
_CYCLE, _HART = np.uint64(CYCLE_WIDTH), np.uint64(HART_WIDTH)


@njit(cache=True)
def _hexadecimal(out: Any, at: Any, value: Any, digits: Any) -> None:
    """Write an even number of digits, `at` the first."""
    at += digits
    while digits:
        at -= _TWO
        digits -= _TWO
        pair = (value & _BYTE) << _ONE
        out[at] = _PAIRS[pair]
        out[at + _ONE] = _PAIRS[pair + _ONE]
        value >>= _EIGHT


@njit(cache=True)
def _decimal(out: Any, at: Any, value: Any, width: Any) -> Any:
    """Write a number right-aligned in `width`, longer when it must; the place behind it."""
    digits = _ONE
    rest = value // _TEN
    while rest:
        digits += _ONE
        rest //= _TEN
    end = at + max(width, digits)
    at = end
    while digits:
        at -= _ONE
        digits -= _ONE
        out[at] = _ZERO_DIGIT + value % _TEN
        value //= _TEN
    return end


@njit(cache=True)
def _value(row: Any, place: int) -> Any:
    """A value of the row; its low 32 bits count."""
    if place == _RS1:
        return row[_RS_WORD]
    if place == _RS2:
        return row[_RS_WORD] >> _HALF
    if place == _RS3:
        return row[_RD_WORD]
    if place == _RESULT:
        return row[_RD_WORD] >> _HALF
    if place == _ADDRESS:
        return row[_ADDRESS_WORD]
    if place == _PLUS_IMMEDIATE:
        return row[_RS_WORD] + (row[_CODE_WORD] >> _HALF)
    if place == _PLUS_RS2:
        return row[_RS_WORD] + (row[_RS_WORD] >> _HALF)
    return row[_RS_WORD] + row[_RD_WORD]


@njit(cache=True)
def _stall(out: Any, at: Any, cause: Any, cycles: Any, causes: Any, cause_start: Any) -> Any:
    out[at] = _SPACE
    at += _ONE
    i = cause_start[cause]
    while i < cause_start[cause + _ONE]:
        out[at] = causes[i]
        at += _ONE
        i += _ONE
    out[at] = _SPACE
    return _decimal(out, at + _ONE, cycles, _ONE)


@njit(cache=True)
def _memory_cause(row: Any, kinds: Any, view: Any) -> Any:
    """The cause of an access's cycles that the kernel noted nowhere: its memory's."""
    kind = kinds[view + (row[_ADDRESS_WORD] >> _PAGE_BITS)]
    if kind in (_TCDM, _TAS):
        return _CONFLICT
    return _L2 if kind == _SLOW else _PERIPHERAL


@njit(cache=True)
def _fill(out: Any, at: Any, row: Any, slots: Any, first: Any, end: Any) -> None:
    """Put the row's values in their places of a line that begins at `at`."""
    while first < end:
        place = slots[first, 1]
        if place == _PLACE_TAKEN:
            if row[_ADDRESS_WORD]:
                for i in range(len(_TAKEN)):
                    out[at + slots[first, 0] + np.uint64(i)] = _TAKEN[i]
        else:
            _hexadecimal(out, at + slots[first, 0], _value(row, place), slots[first, 2])
        first += _ONE


@njit(cache=True)
def _add_stalls(row: Any, begun: Any, waits: Any, cause: Any, kinds: Any, view: Any) -> None:
    """Add to `waits` what the row notes, and the rest of the instruction's cycles as `cause`; MEMORY: its memory's."""
    for note in (row[9] & _WORD, row[9] >> _HALF):
        waits[note >> _CAUSE_SHIFT] += note & _COUNT
    known = begun + _ONE
    for i in range(len(waits)):
        known += waits[i]
    if row[8] > known:
        if cause == _MEMORY:
            cause = _memory_cause(row, kinds, view)
        waits[cause] += row[8] - known


@njit(cache=True, nogil=True)
def write_lines(
    rows: npt.NDArray[np.uint64],
    done: int,
    entered: npt.NDArray[np.uint64],
    waits: npt.NDArray[np.uint64],
    template_of: npt.NDArray[np.uint32],
    templates: npt.NDArray[np.uint64],
    slots: npt.NDArray[np.uint64],
    text: npt.NDArray[np.uint8],
    kinds: npt.NDArray[np.uint8],
    views: npt.NDArray[np.uint64],
    causes: npt.NDArray[np.uint8],
    cause_start: npt.NDArray[np.uint64],
    harts: npt.NDArray[np.bool_],
    classes: int,
    is_open: npt.NDArray[np.uint8],
    window: npt.NDArray[np.int64],
    out: npt.NDArray[np.uint8],
) -> tuple[int, int, int]:
    """Write the lines of rows from `done` on; how many rows are done then, bytes and lines written.

    `templates` is iss.observe.trace's; `is_open` says of each hart where it is (BEFORE, ...); `window` is first and last pc,
    first and last cycle, -1 for none.  It stops early when `out` is full or an instruction has no template yet."""
    at = _ZERO
    lines = 0
    room = np.uint64(len(out) - LINE_MAX)
    while done < len(rows) and at < room:
        row = rows[done]
        if row[1] & _WAIT:
            waits[row[1] & _HARTS, row[9] >> _CAUSE_SHIFT] += row[9] & _COUNT
            done += 1
            continue
        hart, pc, cycle = row[1], row[2], row[0]
        template = templates[template_of[row[3]]]
        if template[0] != pc or template[1] != row[7] or template_of[row[3]] == 0:
            break
        begun = min(entered[hart], cycle)
        entered[hart] = row[8]
        noted = row[8] > begun + _ONE
        if noted:
            _add_stalls(row, begun, waits[hart], template[3], kinds, views[hart])
        done += 1
        if np.int64(pc) == window[0] or (window[2] >= 0 and np.int64(cycle) >= window[2] and is_open[hart] == BEFORE):
            is_open[hart] = OPEN
        wanted = harts[hart] and is_open[hart] == OPEN
        if np.int64(pc) == window[1] and is_open[hart] == OPEN:
            is_open[hart] = BEHIND
        if window[3] >= 0 and np.int64(cycle) > window[3]:
            wanted = False
        if not wanted or (classes and template[2] & np.uint64(classes) == 0 and not (noted and classes & _STALL_CLASS)):
            waits[hart] = _ZERO
            continue
        begin, end = template[4], template[5]
        line = at
        while begin < end:
            out[at] = text[begin]
            at += _ONE
            begin += _ONE
        _decimal(out, line, cycle, _CYCLE)
        _decimal(out, line + _CYCLE, hart, _HART)
        _fill(out, line, row, slots, template[6], template[7])
        if noted:
            for cause in range(waits.shape[1]):
                if waits[hart, cause]:
                    at = _stall(out, at, np.uint64(cause), waits[hart, cause], causes, cause_start)
            waits[hart] = _ZERO
        else:
            while out[at - _ONE] == _SPACE:
                at -= _ONE
        out[at] = _NEWLINE
        at += _ONE
        lines += 1
    return done, int(at), lines
