"""One instruction's body as plain Python: its parameters bound to values, and its result.  The reference for all else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from iss.isa.arith import mask, u32
from iss.isa.decode import Decoded
from iss.isa.table import Branch, HwLoop

Result = int | bool | tuple[int, ...]


def replicate(value: int, bits: int) -> int:
    """A word with the low `bits` bits of a value in every lane."""
    lane = value & mask(bits)
    return sum(lane << bit for bit in range(0, 32, bits))


def bind(decoded: Decoded, registers: Sequence[int], pc: int = 0, old_csr: int = 0) -> dict[str, int]:
    """The body's parameters: register values 0..2**32-1 (x0 reads 0), immediates, constants, pc, size and the CSR's value."""
    row = decoded.row
    scope: dict[str, int] = {"pc": pc, "size": decoded.size, "old": old_csr, **row.constants}
    for name, value in decoded.operands.items():
        scope[name] = (u32(int(registers[value])) if value else 0) if row.fields[name].is_register else value
    if row.splat:
        scope["rs2"] = replicate(_second(scope), row.splat)
    return {name: scope[name] for name in row.body.params}


def _second(scope: Mapping[str, int]) -> int:
    return next(scope[name] for name in ("rs2", "imm", "uimm") if name in scope)


def evaluate(decoded: Decoded, registers: Sequence[int], pc: int = 0, old_csr: int = 0) -> Result:
    """The body's result: of a branch, whether it is taken; of a hardware loop, a tuple of register values; else 32 bits.

    What the result means is the kind's business (iss.isa.table): a value for rd, an address, a target, a CSR's new value."""
    row = decoded.row
    result = row.body.function(**bind(decoded, registers, pc, old_csr))
    if isinstance(row.kind, Branch):
        return bool(result)
    if isinstance(row.kind, HwLoop):
        assert isinstance(result, tuple)
        return tuple(u32(value) for value in result)
    return u32(int(result)) if isinstance(result, int) else 0
