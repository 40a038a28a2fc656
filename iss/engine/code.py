"""Decoded code: fills the kernel's array of 64-bit words, with the hazards between neighbours worked out once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from iss.engine import blocks, layout
from iss.engine.operations import ILLEGAL, alu_write, is_event_load, load_use, pack
from iss.isa.decode import Decoded, decode
from iss.isa.table import Branch, Jump, Load

_OP_MASK = (1 << layout.OP_BITS) - 1
_LOOP_END = 1 << layout.LOOP_END_BIT
# Register-jump hazards, in the rs3 bits: 1, rs1 comes from the instruction before; 2, it is loaded by the one before that.
_FROM_LAST, _FROM_LOAD_BEFORE = 1, 2
_FROM_ITSELF = layout.SELF_JUMP


def word_at(memory: npt.NDArray[np.uint32], place: int) -> int:
    """The 32 bits at a half-word place of the memory array."""
    low = int(memory[place >> 2])
    if place & 2:
        return low >> 16 | (int(memory[(place >> 2) + 1]) & 0xFFFF) << 16
    return low


class CodeStore:
    """Decodes runs of instructions on demand: from a place up to a jump that does not fall through."""

    def __init__(self, memory: npt.NDArray[np.uint32]) -> None:
        self.memory = memory
        self.code: npt.NDArray[np.uint64] = np.zeros(2 * len(memory) + 16, np.uint64)
        self.cold = 0  # what a place's count of grants begins with
        self.blocks: npt.NDArray[np.uint64] = np.zeros(len(self.code), np.uint64)
        self.pages: npt.NDArray[np.uint8] = np.zeros((4 * len(memory) >> layout.PAGE_BITS) + 2, np.uint8)

    def decode_from(self, place: int, end: int) -> None:
        """Decode from byte `place`, before byte `end` of its region."""
        history: list[Decoded | None] = [None, None]
        known = 0
        while place < end:
            word = word_at(self.memory, place)
            found = decode(word)
            size = 2 if word & 3 != 3 else 4
            if place + size > end:
                found = None
            index = place >> 1
            # Code met again was decoded from another start: the two instructions after the meeting have new predecessors.
            known = known + 1 if int(self.code[index]) & _OP_MASK else 0
            self._put(index, found, word, place + size, end, history)
            self.pages[place >> layout.PAGE_BITS] = 1
            self.pages[(place + size - 1) >> layout.PAGE_BITS] = 1
            if found is None or known > 2 or _ends_run(found):
                return
            history = [history[1], found]
            place += size

    def _put(
        self, index: int, found: Decoded | None, word: int, following: int, end: int, history: list[Decoded | None]
    ) -> None:
        if self.code[index]:
            self.drop_blocks(index + 1)
        flags = int(self.code[index]) & _LOOP_END
        if found is None:
            self.code[index] = ILLEGAL | (word & 3 != 3) << layout.COMPRESSED_BIT | flags
            return
        word = pack(found) | flags
        kind = found.row.kind
        if isinstance(kind, Load | Branch):
            successor = decode(word_at(self.memory, following)) if following < end else None
            word |= load_use(found, successor) << layout.RS3_SHIFT
            if isinstance(kind, Branch) and successor is not None and is_event_load(successor):
                word |= _LOOP_END
        if isinstance(kind, Jump) and kind.indirect:
            word |= _jump_hazards(found, history) << layout.RS3_SHIFT
            if found.operands["rd"] == found.operands["rs1"] != 0:
                word |= _FROM_ITSELF
        self.code[index] = word

    def mark_loop_end(self, place: int) -> None:
        self.code[place >> 1] |= np.uint64(_LOOP_END)
        self.drop_blocks((place >> 1) + 1)

    def forget(self, first: int, last: int) -> None:
        """Decode these places again when they are next run."""
        self.code[first:last] &= np.uint64(_LOOP_END)
        self.drop_blocks(last, first)

    def drop_blocks(self, last: int, first: int | None = None) -> None:
        """The compiled blocks that a change of the places from `first`, by default the last, before `last` concerns are void."""
        self.blocks[max(0, (last if first is None else first) - blocks.REACH) : last] = self.cold

    def compile(self, index: int) -> None:
        """Compile the block of the access at `index`."""
        self.blocks[index] = blocks.compile_block(self.code, index)


def _ends_run(found: Decoded) -> bool:
    if isinstance(found.row.kind, Jump):
        return found.operands["rd"] == 0
    return found.row.mnemonic == "mret"


def _jump_hazards(jump: Decoded, history: list[Decoded | None]) -> int:
    register = jump.operands["rs1"]
    before, last = history
    if not register or last is None:
        return 0
    if alu_write(last) == register or (isinstance(last.row.kind, Load) and last.operands["rd"] == register):
        return _FROM_LAST
    if before is not None and isinstance(before.row.kind, Load) and before.operands["rd"] == register:
        return 0 if load_use(before, last) else _FROM_LOAD_BEFORE
    return 0
