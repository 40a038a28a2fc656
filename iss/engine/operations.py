"""Instructions to operations: the numbering the kernel dispatches on, and the packing of a decoded instruction in 64 bits.

Rows with the same kind and body are one operation; what tells them apart (constants, immediates) is packed in the word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from iss.engine import layout
from iss.isa.decode import Decoded, rows
from iss.isa.encoding import REGISTERS
from iss.isa.table import Alu, Branch, Csr, HwLoop, Instruction, Jump, Kind, Load, Store, System

UNDECODED = 0
FIRST_OPERATION = 1
GROUPS = ("ALU", "JUMP", "BRANCH", "LOAD", "STORE", "UNIT", "LOOP", "SYSTEM")
"""The order of the operations' numbers: first those that take one cycle in the ALU."""


@dataclass(frozen=True)
class Operation:
    """One case of the interpreter: its number, a row that stands for it, and whether its second operand may be splatted."""

    number: int
    row: Instruction
    splat: int

    @property
    def kind(self) -> Kind:
        return self.row.kind


def _key(row: Instruction) -> tuple[object, ...]:
    if isinstance(row.kind, (Csr, System)):
        return (type(row.kind), row.mnemonic if isinstance(row.kind, System) and row.mnemonic.startswith("fence") else "")
    lanes = next((part for part in row.mnemonic.split(".") if part in ("b", "h")), "")
    return (row.kind, row.body.text.partition("(")[2], lanes, row.body.params if isinstance(row.kind, HwLoop) else ())


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation, those of one kind next to each other."""
    groups: dict[tuple[object, ...], list[Instruction]] = {}
    for row in rows():
        groups.setdefault(_key(row), []).append(row)
    ordered = sorted(groups.values(), key=lambda g: (GROUPS.index(group_of(g[0])), _leaf(g[0])))
    return tuple(Operation(FIRST_OPERATION + i, group[0], max(row.splat for row in group)) for i, group in enumerate(ordered))


def group_of(row: Instruction) -> str:
    """Which group of GROUPS a row's operation is in."""
    kind = row.kind
    if isinstance(kind, Alu):
        return "ALU" if kind.unit == "alu" else "UNIT"
    return {Jump: "JUMP", Branch: "BRANCH", Load: "LOAD", Store: "STORE", HwLoop: "LOOP"}.get(type(kind), "SYSTEM")


def _leaf(row: Instruction) -> str:
    """Operations that compute the same are neighbours, so that they share a case."""
    return row.body.text.partition("(")[2] if isinstance(row.kind, (Load, Store)) else row.key


@cache
def _numbers() -> dict[tuple[object, ...], int]:
    return {_key(operation.row): operation.number for operation in operations()}


@cache
def number_of(row: Instruction) -> int:
    """The operation number of a row."""
    return _numbers()[_key(row)]


def end_of(group: str) -> int:
    """One past the last number of a group's operations."""
    wanted = GROUPS.index(group)
    return 1 + max(o.number for o in operations() if GROUPS.index(group_of(o.row)) <= wanted)


@cache
def number_named(mnemonic: str) -> int:
    """The number of an instruction's operation."""
    return next(o.number for o in operations() if o.row.mnemonic == mnemonic)


def packed_names(row: Instruction) -> tuple[str, ...]:
    """The body's parameters that the word's upper half holds, from its low bits up (see `slot_bits`)."""
    names = [p for p in row.body.params if p not in REGISTERS and p not in ("pc", "size", "old")]
    if isinstance(row.kind, (Branch,)) and "offset" not in names:
        names.append("offset")
    return tuple(names)


def slot_bits(count: int) -> int:
    """How many bits each of `count` packed values has."""
    return {0: 32, 1: 32, 2: 16}.get(count, 8)


def pack(decoded: Decoded) -> int:
    """The 64-bit word of a decoded instruction, without hazards and loop flags."""
    row, operands = decoded.row, decoded.operands
    values = {**row.constants, **operands}
    word = number_of(row) | (decoded.size == 2) << layout.COMPRESSED_BIT
    rd = operands.get("rd", 0)
    if not isinstance(row.kind, (Store, Branch, HwLoop)):
        word |= (rd or layout.X0_SINK) << layout.RD_SHIFT
    for name, shift in (("rs1", layout.RS1_SHIFT), ("rs2", layout.RS2_SHIFT), ("rs3", layout.RS3_SHIFT)):
        if name in row.sources:
            word |= operands[name] << shift
        elif name in row.false_reads:
            word |= _register_bits(decoded, name) << shift
    if "rd" in row.false_reads or ("rd" in row.body.params and not isinstance(row.kind, (Csr, System))):
        word |= rd << layout.RS3_SHIFT
    if isinstance(row.kind, HwLoop):
        word |= operands["L"] << layout.RD_SHIFT
    names = packed_names(row)
    width = slot_bits(len(names))
    for i, name in enumerate(names):
        word |= (values[name] & ((1 << width) - 1)) << (layout.IMM_SHIFT + i * width)
    if row.splat:
        immediates = [v for k, v in operands.items() if k not in REGISTERS]
        low = (immediates[0] if immediates else 0) & ((1 << row.splat) - 1)
        word |= low << layout.IMM_SHIFT | 1 << layout.SPLAT_BIT
    return word


def hazard_reads(decoded: Decoded) -> Iterator[int]:
    """The registers that the core's hazard logic takes the instruction to read (x0 never stalls a read)."""
    for name in (*decoded.row.sources, *decoded.row.false_reads):
        number = _register_bits(decoded, name)
        if number:
            yield number


def _register_bits(decoded: Decoded, name: str) -> int:
    """What stands in the place of a register's field, whether the instruction has that field or not."""
    return decoded.word >> {"rd": 7, "rs1": 15, "rs2": 20, "rs3": 7}[name] & 31


def alu_write(decoded: Decoded) -> int | None:
    """The register written through the ALU's port (an address update too), or None."""
    kind = decoded.row.kind
    if isinstance(kind, (Alu, Jump, Csr)):
        return decoded.operands["rd"]
    if isinstance(kind, (Load, Store)) and kind.post:
        return decoded.operands["rs1"]
    return None


def is_event_load(decoded: Decoded) -> bool:
    """Whether it is p.elw."""
    return isinstance(decoded.row.kind, Load) and decoded.row.kind.event


def load_use(load: Decoded, following: Decoded | None) -> int:
    """Whether `following` (None: no instruction), directly behind `load`, stalls a cycle for it: 1 when it reads the loaded
    register, 3 when it only writes it through the ALU's port (RI5CY riscv_controller.sv: also x0), else 0."""
    if not isinstance(load.row.kind, Load):
        return 0
    register = load.operands["rd"]
    if load.row.kind.event:
        # While p.elw waits, ID still holds it: it stalls for its own base; its successor comes after the answer.
        return int(register != 0 and register in hazard_reads(load))
    if following is None:
        return 0
    if register in hazard_reads(following):
        return 1
    return 3 if alu_write(following) == register else 0


ILLEGAL = end_of("SYSTEM")
"""The operation of a word that is no instruction."""
