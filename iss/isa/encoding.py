"""Bit patterns in the notation of the RISC-V ISA manual: one text is both encoder and decoder.

A pattern lists an instruction's fields from the most significant bit down, separated by blanks:

* ``0101``            fixed bits;
* ``----``            bits the core ignores: encoded as zero, not looked at when decoding;
* ``++``              the same, encoded as ones;
* ``rd rs1 rs2 rs3``  a register, five bits; ``rd'`` is one of x8..x15, three bits;
* ``imm[4:1|11]``     named bits of a value, most significant first, as the manual prints them.

A name starting with ``imm``, ``nzimm`` or ``offset`` is sign-extended from its highest bit; others are unsigned.  ``offset``
and ``uoffset`` are relative to the instruction's own address.  Bits below the lowest one named are zero, so a value's
alignment follows from its pattern.  A ``nz`` name must not be zero (the encoding is reserved).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_TOKEN = re.compile(r"(?P<fixed>[01+-]+)$|(?P<name>[A-Za-z]\w*'?)(?:\[(?P<bits>[\d:|]+)\])?$")
REGISTERS = ("rd", "rs1", "rs2", "rs3")
SIGNED_PREFIXES = ("imm", "nzimm", "offset")


class EncodingError(ValueError):
    """A value that a field cannot hold, or a pattern that does not describe every bit once."""


@dataclass(frozen=True)
class Field:
    """One operand of a pattern: ``slices`` are (lowest instruction bit, lowest value bit, number of bits)."""

    name: str
    slices: tuple[tuple[int, int, int], ...]

    @property
    def is_register(self) -> bool:
        return self.name.rstrip("'") in REGISTERS

    @property
    def is_short_register(self) -> bool:
        return self.name.endswith("'")

    @property
    def signed(self) -> bool:
        return self.name.startswith(SIGNED_PREFIXES)

    @property
    def pc_relative(self) -> bool:
        return self.name in ("offset", "uoffset")

    @property
    def nonzero(self) -> bool:
        return self.name.startswith("nz")

    @property
    def width(self) -> int:
        """Bits of the value, counting those that are always zero."""
        return max(value_bit + count for _, value_bit, count in self.slices)

    @property
    def step(self) -> int:
        """The value is a multiple of this."""
        return 1 << min(value_bit for _, value_bit, _ in self.slices)

    @property
    def low(self) -> int:
        return -(1 << (self.width - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        """The largest value that fits."""
        return (1 << (self.width - 1 if self.signed else self.width)) - self.step

    def extract(self, word: int) -> int:
        value = 0
        for bit, value_bit, count in self.slices:
            value |= ((word >> bit) & ((1 << count) - 1)) << value_bit
        if self.is_short_register:
            return value + 8
        if self.signed and value >> (self.width - 1):
            value -= 1 << self.width
        return value

    def insert(self, value: int) -> int:
        """The instruction bits that hold `value`; EncodingError when it does not fit."""
        if self.is_short_register:
            if not 8 <= value <= 15:
                raise EncodingError(f"{self.name} must be one of x8..x15, not x{value}")
            value -= 8
        elif not self.low <= value <= self.high or value % self.step:
            multiple = f", a multiple of {self.step}" if self.step > 1 else ""
            raise EncodingError(f"{self.name} must be {self.low}..{self.high}{multiple}, not {value}")
        if self.nonzero and value == 0:
            raise EncodingError(f"{self.name} must not be zero")
        word = 0
        for bit, value_bit, count in self.slices:
            word |= ((value >> value_bit) & ((1 << count) - 1)) << bit
        return word


@dataclass(frozen=True)
class Encoding:
    """A parsed pattern.  A word matches when ``word & mask == match`` and no nonzero field is zero.

    `filler` are the ignored bits that are encoded as ones."""

    pattern: str
    width: int
    mask: int
    match: int
    fields: Mapping[str, Field] = field(hash=False)
    filler: int = 0

    @classmethod
    def parse(cls, pattern: str) -> Encoding:
        tokens = pattern.split()
        width = sum(token_width(token, pattern) for token in tokens)
        if width not in (16, 32):
            raise EncodingError(f"pattern describes {width} bits, not 16 or 32: {pattern!r}")
        mask = match = filler = 0
        slices: dict[str, list[tuple[int, int, int]]] = {}
        bit = width
        for token in tokens:
            if token[0] in "01+-":
                for char in token:
                    bit -= 1
                    mask |= (char in "01") << bit
                    match |= (char == "1") << bit
                    filler |= (char == "+") << bit
                continue
            name, parts = _parse_field(token)
            for high, low in parts:
                bit -= high - low + 1
                slices.setdefault(name, []).append((bit, low, high - low + 1))
        fields = {name: Field(name, tuple(parts)) for name, parts in slices.items()}
        for item in fields.values():
            covered = [value_bit + i for _, value_bit, count in item.slices for i in range(count)]
            if len(covered) != len(set(covered)):
                raise EncodingError(f"{item.name} names a bit twice: {pattern!r}")
        return cls(pattern, width, mask, match, fields, filler)

    def matches(self, word: int) -> bool:
        return word & self.mask == self.match and all(f.extract(word) != 0 for f in self.fields.values() if f.nonzero)

    def decode(self, word: int) -> dict[str, int]:
        return {name: item.extract(word) for name, item in self.fields.items()}

    def encode(self, operands: Mapping[str, int]) -> int:
        """The instruction word; EncodingError names the operand that does not fit."""
        word = self.match | self.filler
        for name, item in self.fields.items():
            word |= item.insert(operands[name])
        return word

    def overlaps(self, other: Encoding) -> bool:
        return self.width == other.width and not (self.match ^ other.match) & self.mask & other.mask


def _parse_field(token: str) -> tuple[str, list[tuple[int, int]]]:
    found = _TOKEN.match(token)
    if found is None or found["name"] is None:
        raise EncodingError(f"cannot read pattern token {token!r}")
    name = found["name"]
    if found["bits"] is None:
        if name.rstrip("'") not in REGISTERS:
            raise EncodingError(f"{name!r} is no register and names no bits")
        return name, [(2, 0) if name.endswith("'") else (4, 0)]
    parts = []
    for part in found["bits"].split("|"):
        high, _, low = part.partition(":")
        parts.append((int(high), int(low or high)))
    return name, parts


def token_width(token: str, pattern: str = "") -> int:
    """How many instruction bits one token of a pattern describes."""
    if re.fullmatch(r"[01+-]+", token):
        return len(token)
    if not token[0].isalpha():
        raise EncodingError(f"cannot read {token!r} in {pattern!r}")
    return sum(high - low + 1 for high, low in _parse_field(token)[1])
