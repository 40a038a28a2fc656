"""Statements to instructions: which form the operands have, and what a pseudo-instruction stands for."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from asm.diagnostics import Origin, StatementError, nearest
from asm.encode import compress, encode
from asm.expressions import Anchor, Const, Expr, bind, constant, difference, high_part, low_part, relocation
from asm.forms import Columns, Form, Mismatch, Values
from asm.pseudo import Alias, Sequence, pseudo_forms
from asm.sections import Choice, Encoded, Section
from asm.symbols import Symbols
from asm.syntax import Operand
from iss.isa.csr import BY_NAME
from iss.isa.decode import by_mnemonic, compressed_rows, rows
from iss.isa.table import Compressed, Instruction

RA, T1 = 1, 6


@cache
def forms() -> dict[str, tuple[Form, ...]]:
    """Every form by mnemonic in lower case: the table's rows first, then the pseudo-instructions."""
    table: dict[str, list[Form]] = {}
    table_rows: list[Instruction | Compressed] = [*rows(), *compressed_rows()]
    for row in table_rows:
        spelling = getattr(row, "spelling", "") or row.mnemonic
        for mnemonic in dict.fromkeys((row.mnemonic.lower(), spelling.lower())):
            table.setdefault(mnemonic, []).append(Form.of(row.mnemonic, row.operands, row))
    for form in pseudo_forms():
        table.setdefault(form.mnemonic, []).append(form)
    return {mnemonic: tuple(found) for mnemonic, found in table.items()}


def select(mnemonic: str, column: int, operands: tuple[Operand, ...]) -> tuple[Form, Values, Columns]:
    """The form that the operands have; StatementError explains the nearest one."""
    found = forms().get(mnemonic) or forms().get(mnemonic.lower())
    if found is None:
        raise StatementError(f"unknown instruction {mnemonic!r}{nearest(mnemonic.lower(), forms())}", column)
    misses = []
    for form in found:
        try:
            return form, *form.match(operands)
        except Mismatch as miss:
            misses.append(miss.with_traceback(None))  # a traceback keeps the callers' variables
    best = max(misses, key=lambda miss: miss.progress)
    if best.progress < 0:
        wanted = " or ".join(repr(str(form)) for form in found)
        count = f"{len(operands)} operand{'' if len(operands) == 1 else 's'}"
        raise StatementError(f"{mnemonic} with {count}: expected {wanted}", best.column if operands else column)
    tied = [
        form for form, miss in zip(found, misses, strict=True) if miss.progress == best.progress and miss is not best
    ]
    others = [str(form) for form in tied]
    hint = f" (or {' or '.join(map(repr, others))})" if others else ""
    raise StatementError(best.message + hint, best.column)


@dataclass
class Writer:
    """Puts the instructions of one statement into a section."""

    section: Section
    symbols: Symbols
    origin: Origin
    rvc: bool
    relax: bool

    def statement(self, mnemonic: str, column: int, operands: tuple[Operand, ...]) -> None:
        """Assemble an instruction or a pseudo-instruction."""
        form, values, columns = select(mnemonic, column, operands)
        meaning = form.meaning
        if isinstance(meaning, (Instruction, Compressed)):
            self.put(meaning, values, columns)
        elif isinstance(meaning, Alias):
            row, values, columns = _expand(meaning, values, columns)
            self.put(row, values, columns)
        elif isinstance(meaning, Sequence):
            self.sequence(meaning, values, columns)

    def put(self, row: Instruction | Compressed, values: Values, columns: Columns) -> None:
        """Append one instruction, as short as the options allow."""
        here = self.section.here()
        bound = self.bind(row, values, columns, here)
        full = encode(row, bound, columns, self.origin)
        short = compress(row, bound, self.origin) if self.rvc and isinstance(row, Instruction) else None
        if short is None:
            self.section.emit(full, "x")
        elif short.fixups:
            self.section.close(Choice((short, full)), "x")
        else:
            self.section.emit(short, "x")

    def bind(self, row: Instruction | Compressed, values: Values, columns: Columns, here: Anchor) -> Values:
        """Operands with their names resolved, and branch targets relative to the instruction."""
        bound: Values = {}
        for name, target in row.fields.items():
            value = values[name]
            if isinstance(value, int):
                bound[name] = value
                continue
            expr = bind(value, self.symbols.resolver(here))
            if target.pc_relative:
                expr = difference(expr, here)
            elif name == "csr" and constant(expr) is None:
                raise StatementError(_unknown_csr(value), columns.get(name, 0))
            bound[name] = expr
        return bound

    def sequence(self, meaning: Sequence, values: Values, columns: Columns) -> None:
        """Write out li, la, call, tail, extensions of the sign or of zeros, and memory accesses by symbol."""
        if meaning.name == "li":
            self.li(values, columns)
        elif meaning.name[1:4] == "ext":
            unused = Const(24 if meaning.name.endswith("b") else 16)
            back = "srai" if meaning.name.startswith("s") else "srli"
            self.put(_row("slli"), {"rd": values["rd"], "rs1": values["rs"], "shamt": unused}, columns)
            self.put(_row(back), {"rd": values["rd"], "rs1": values["rd"], "shamt": unused}, columns)
        elif meaning.name in ("call", "tail"):
            self.call(values["offset"], columns, RA if meaning.name == "call" else T1)
        else:
            self.near(meaning, values, columns)

    def li(self, values: Values, columns: Columns) -> None:
        """One instruction when the value is known and allows it; two otherwise."""
        rd, column = values["rd"], columns["imm"]
        expr = bind(_expression(values["imm"]), self.symbols.resolver(self.section.here()))
        value = constant(expr)
        if value is None:
            self.put(_row("lui"), {"rd": rd, "imm": relocation("hi", expr, column)}, {"imm": column})
            low = {"rd": rd, "rs1": rd, "imm": relocation("lo", expr, column)}
            self.put(_row("addi"), low, {"imm": column})
            return
        if not -(1 << 31) <= value < 1 << 32:
            raise StatementError(f"li: {value} does not fit 32 bits (-2147483648..4294967295)", column)
        value = ((value & 0xFFFFFFFF) ^ 0x80000000) - 0x80000000
        if -2048 <= value < 2048:
            self.put(_row("addi"), {"rd": rd, "rs1": 0, "imm": Const(value)}, columns)
            return
        self.put(_row("lui"), {"rd": rd, "imm": Const(high_part(value))}, columns)
        if low_part(value):
            self.put(_row("addi"), {"rd": rd, "rs1": rd, "imm": Const(low_part(value))}, columns)

    def call(self, target: int | Expr, columns: Columns, scratch: int) -> None:
        """``call`` and ``tail``: a jal when it reaches, which is what a relaxing linker makes of them."""
        here = self.section.here()
        distance = difference(bind(_expression(target), self.symbols.resolver(here)), here)
        link = RA if scratch == RA else 0
        column = columns["offset"]
        high: Values = {"rd": scratch, "imm": relocation("hi", distance, column)}
        low: Values = {"rd": link, "rs1": scratch, "imm": relocation("lo", distance, column)}
        first = encode(_row("auipc"), high, {"imm": column}, self.origin)
        second = encode(_row("jalr"), low, {"imm": column}, self.origin)
        moved = tuple(fixup.moved(4) for fixup in second.fixups)
        variants = [Encoded(first.data + second.data, first.fixups + moved)]
        if self.relax:
            jump: Values = {"rd": link, "offset": distance}
            shorter = [compress(_row("jal"), jump, self.origin)] if self.rvc else []
            with suppress(StatementError):  # known to be out of reach
                shorter.append(encode(_row("jal"), jump, {"offset": column}, self.origin))
            variants[:0] = [item for item in shorter if item]
        if variants[0].fixups:
            self.section.close(Choice(tuple(variants)), "x")
        else:
            self.section.emit(variants[0], "x")

    def near(self, meaning: Sequence, values: Values, columns: Columns) -> None:
        """la, and loads and stores by symbol: auipc and an instruction with the low part."""
        symbol = _expression(values["symbol"])
        row = meaning.row or _row("addi")
        if meaning.row and isinstance(symbol, Const):
            wanted = f"{row.mnemonic} {row.operands}"
            raise StatementError(f"{row.mnemonic}: a base register is missing; expected {wanted!r}", columns["symbol"])
        here, column = self.section.here(), columns["symbol"]
        distance = difference(bind(symbol, self.symbols.resolver(here)), here)
        base = values["rt"] if meaning.name == "store" else values["rd"]
        self.put(_row("auipc"), {"rd": base, "imm": relocation("hi", distance, column)}, {"imm": column})
        data = "rs2" if meaning.name == "store" else "rd"
        low: Values = {data: values[data], "rs1": base, "imm": relocation("lo", distance, column)}
        self.put(row, low, {"imm": column})


def _expand(meaning: Alias, values: Values, columns: Columns) -> tuple[Instruction, Values, Columns]:
    """The row of an alias with its operands."""
    operands: Values = {}
    places: Columns = {}
    for name, source in meaning.sources:
        if source in values:
            operands[name] = values[source]
            places[name] = columns[source]
        elif source[0] == "x":
            operands[name] = int(source[1:])
        else:
            operands[name] = Const(int(source))
    return meaning.row, operands, places


@cache
def _row(mnemonic: str) -> Instruction:
    return by_mnemonic()[mnemonic][0]


def _expression(value: int | Expr) -> Expr:
    return Const(value) if isinstance(value, int) else value


def _unknown_csr(value: Expr) -> str:
    name = getattr(value, "name", "")
    if not name:
        return "the CSR's number must be known here"
    return f"unknown CSR {name!r}{nearest(name.lower(), BY_NAME)}"
