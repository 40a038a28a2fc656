"""Registers as data: a device's table says offset, name, access, reset and meaning of each, once.

What a device does on an access, the C header and the assembler include (periph.headers), docs/registers.md and the names in
traces are all made from these tables.  A register that repeats has a `count`; a group of registers that repeats is a Block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from iss.errors import SimulationError, suggest

WORD = 0xFFFFFFFF


@dataclass(frozen=True)
class Field:
    """Some bits of a register."""

    name: str
    low: int
    width: int
    meaning: str

    @property
    def mask(self) -> int:
        return ((1 << self.width) - 1) << self.low


@dataclass(frozen=True)
class Register:
    """A 32-bit register.  `access` is "r", "w" or "rw"; a store changes the bits of `writable`.

    A load of a register that cannot be read gives 0, a store to one that cannot be written does nothing, as on the chip."""

    offset: int
    name: str
    access: str
    meaning: str
    reset: int = 0
    writable: int = WORD
    fields: tuple[Field, ...] = ()
    count: int = 1
    stride: int = 4


@dataclass(frozen=True)
class Block:
    """A group of registers that repeats; their offsets count from each repetition's start."""

    name: str
    offset: int
    stride: int
    count: int
    registers: tuple[Register, ...]
    meaning: str


@dataclass(frozen=True)
class Place:
    """One register at one offset: its full name, and its number in its block (`block`) and in its array (`index`).

    `key` is its name without the numbers, in lower case."""

    offset: int
    name: str
    key: str
    register: Register
    block: int = 0
    index: int = 0


class RegisterTable:
    """The registers of one device.  A mistake in a table is an error when it is imported.

    `prefix` begins the names in headers, `notes` are sentences for the documentation."""

    def __init__(
        self, name: str, prefix: str, title: str, size: int, entries: Sequence[Register | Block], notes: str = ""
    ) -> None:
        self.name = name
        self.prefix = prefix
        self.title = title
        self.size = size
        self.entries = tuple(entries)
        self.notes = notes
        self.places: dict[int, Place] = {}
        self.names: dict[str, Place] = {}
        for place in self._expand():
            self._add(place)

    def _expand(self) -> Iterator[Place]:
        for entry in self.entries:
            if isinstance(entry, Register):
                yield from _array(entry, None, 0)
                continue
            for number in range(entry.count):
                for register in entry.registers:
                    yield from _array(register, entry, number)

    def _add(self, place: Place) -> None:
        register = place.register
        taken = 0
        for field in register.fields:
            if field.mask & (taken | ~WORD):
                raise ValueError(f"{self.name}.{place.name}: field {field.name} overlaps another, or leaves the word")
            taken |= field.mask
        if register.access not in ("r", "w", "rw"):
            raise ValueError(f"{self.name}.{place.name}: access {register.access!r} is none of r, w, rw")
        if place.offset % 4 or not 0 <= place.offset < self.size:
            raise ValueError(f"{self.name}.{place.name}: offset 0x{place.offset:x} is no word of 0x{self.size:x} bytes")
        if place.offset in self.places or place.name in self.names:
            raise ValueError(f"{self.name}.{place.name}: its offset 0x{place.offset:x} or its name is in use")
        self.places[place.offset] = self.names[place.name] = place

    def __iter__(self) -> Iterator[Place]:
        return iter(self.places.values())

    def at(self, offset: int) -> Place | None:
        """The register that holds the byte at an offset."""
        return self.places.get(offset & ~3)

    def find(self, name: str) -> Place:
        """A register by its name, of a repeated one with its number: ``BARRIER0_STATUS``."""
        if name not in self.names:
            raise SimulationError(f"{self.name} has no register {name!r}; {suggest(name, self.names)}")
        return self.names[name]

    def hole(self, offset: int) -> str:
        """What to say about an offset that holds no register."""
        below = [place for place in self if place.offset < offset]
        above = [place for place in self if place.offset > offset]
        near = ([max(below, key=lambda p: p.offset)] if below else []) + (
            [min(above, key=lambda p: p.offset)] if above else []
        )
        names = " and ".join(f"{place.name} (+0x{place.offset:x})" for place in near)
        return f"{self.name} has no register at +0x{offset:x}; next to it: {names}"


def _array(register: Register, block: Block | None, number: int) -> Iterator[Place]:
    start = block.offset + number * block.stride if block else 0
    prefix = f"{block.name}{number}_" if block else ""
    key = (f"{block.name}_" if block else "") + register.name
    for index in range(register.count):
        name = prefix + register.name + (str(index) if register.count > 1 else "")
        yield Place(start + register.offset + index * register.stride, name, key.lower(), register, number, index)
