"""Sections of one file: fragments of known bytes, each ending in something whose size the layout decides."""

from __future__ import annotations

from dataclasses import dataclass, field

from asm.diagnostics import Origin, StatementError
from asm.expressions import Anchor, Expr
from asm.fixups import Fixup

MAX_SECTION = 1 << 25


@dataclass(frozen=True, slots=True)
class Encoded:
    """Bytes, and the places in them that wait for an address."""

    data: bytes
    fixups: tuple[Fixup, ...] = ()


@dataclass(slots=True)
class Align:
    """Padding up to a multiple of `bytes`; left out when it would take more than `limit`."""

    bytes: int
    fill: int | None
    limit: int
    size: int = 0


@dataclass(slots=True)
class Space:
    """Fill of a size that depends on labels."""

    length: Expr
    fill: int
    origin: Origin
    column: int
    size: int = 0


@dataclass(slots=True)
class Choice:
    """Encodings of one instruction, the smallest first; the layout takes the first that reaches its target."""

    variants: tuple[Encoded, ...]
    chosen: int = 0

    @property
    def size(self) -> int:
        return len(self.variants[self.chosen].data)


@dataclass(slots=True, eq=False)
class Fragment:
    """Bytes whose offsets from each other are known, then perhaps a `tail`.  The layout sets `address`."""

    data: bytearray = field(default_factory=bytearray)
    fixups: list[Fixup] = field(default_factory=list)
    tail: Align | Space | Choice | None = None
    address: int = 0
    reserved: int = 0

    @property
    def length(self) -> int:
        """Bytes before the tail: `reserved` counts those of a section without contents."""
        return len(self.data) + self.reserved

    @property
    def size(self) -> int:
        return self.length + (self.tail.size if self.tail else 0)


@dataclass(eq=False)
class Section:
    """What one file puts in a section.

    `modes` marks where an executable section turns to data ("d") and back ("x")."""

    name: str
    writable: bool
    executable: bool
    nobits: bool
    alignment: int = 1
    fragments: list[Fragment] = field(default_factory=lambda: [Fragment()])
    modes: list[tuple[Anchor, str]] = field(default_factory=list)
    total: int = 0
    compressed: bool = False

    @property
    def last(self) -> Fragment:
        return self.fragments[-1]

    def here(self) -> Anchor:
        """The next byte's place."""
        return Anchor(self.last, self.last.length)

    def emit(self, encoded: Encoded, mode: str) -> None:
        """Append bytes: instructions (mode "x") or data ("d")."""
        if self.nobits:
            if encoded.fixups or any(encoded.data):
                raise StatementError(f"section {self.name} holds no contents: only zeros can go here")
            self.reserve(len(encoded.data))
            return
        self._grow(len(encoded.data))
        self._mark(mode)
        self.compressed |= mode == "x" and len(encoded.data) == 2
        fragment = self.last
        offset = len(fragment.data)
        fragment.data += encoded.data
        for fixup in encoded.fixups:
            fragment.fixups.append(fixup.moved(offset) if offset else fixup)

    def reserve(self, count: int) -> None:
        """Count bytes of a section without contents."""
        self._grow(count)
        self.last.reserved += count

    def close(self, tail: Align | Space | Choice, mode: str | None = None) -> None:
        """End the fragment with a tail and begin another."""
        self._grow(tail.size)
        if mode:
            self._mark(mode)
        self.compressed |= isinstance(tail, Choice) and tail.size == 2
        self.last.tail = tail
        self.fragments.append(Fragment())

    def _grow(self, count: int) -> None:
        self.total += count
        if self.total > MAX_SECTION:
            raise StatementError(f"section {self.name} is larger than {MAX_SECTION >> 20} MiB")

    def _mark(self, mode: str) -> None:
        if self.executable and (self.modes[-1][1] if self.modes else "") != mode:
            self.modes.append((self.here(), mode))


def default_attributes(name: str) -> tuple[bool, bool, bool]:
    """(writable, executable, nobits) of a section whose flags are not given."""
    parts = name.split(".")
    kind = parts[1] if len(parts) > 1 else name
    if kind in ("text", "init", "fini", "vectors") or kind.endswith("_text"):
        return False, True, False
    if kind in ("rodata", "srodata"):
        return False, False, False
    return True, False, kind in ("bss", "sbss") or kind.endswith("_bss") or "bss" in parts[2:]
