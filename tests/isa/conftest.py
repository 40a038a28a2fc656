"""What the ISA tests share: a machine of registers and bytes that executes one instruction through `evaluate`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from iss.isa.decode import decode
from iss.isa.execute import Result, evaluate
from iss.isa.table import Alu, Branch, HwLoop, Load, Store


@dataclass
class Memory:
    """Bytes by address; those never written are a fixed function of their address."""

    bytes: dict[int, int] = field(default_factory=dict)

    def read(self, address: int, size: int) -> int:
        """A little-endian unsigned value."""
        addresses = [(address + i) & 0xFFFFFFFF for i in range(size)]
        return sum(self.bytes.get(a, (a * 167 + 13) & 0xFF) << 8 * i for i, a in enumerate(addresses))

    def write(self, address: int, value: int, size: int) -> None:
        """Store the low `size` bytes, little-endian."""
        for i in range(size):
            self.bytes[(address + i) & 0xFFFFFFFF] = value >> 8 * i & 0xFF


@dataclass
class Machine:
    """Thirty-two registers and memory."""

    registers: list[int] = field(default_factory=lambda: [0] * 32)
    memory: Memory = field(default_factory=Memory)

    def write(self, register: int, value: int) -> None:
        """Set a register, except x0."""
        if register:
            self.registers[register] = value & 0xFFFFFFFF

    def step(self, word: int, pc: int = 0) -> Result:
        """Execute a word that does not jump; what `evaluate` said of it."""
        decoded = decode(word)
        assert decoded is not None
        result = evaluate(decoded, self.registers, pc)
        kind, operands = decoded.row.kind, decoded.operands
        if isinstance(kind, (Branch, HwLoop)):
            return result
        assert isinstance(result, int)
        if isinstance(kind, Alu):
            self.write(operands["rd"], result)
            return result
        assert isinstance(kind, (Load, Store))
        address = self.registers[operands["rs1"]] if kind.post else result
        if isinstance(kind, Store):
            self.memory.write(address, self.registers[operands["rs2"]], kind.size)
        if kind.post:
            self.write(operands["rs1"], result)
        if isinstance(kind, Load):
            value = self.memory.read(address, kind.size)
            if kind.signed and value >> (8 * kind.size - 1):
                value -= 1 << 8 * kind.size
            self.write(operands["rd"], value)
        return result


@pytest.fixture
def machine() -> Callable[..., Machine]:
    """The machine's class."""
    return Machine
