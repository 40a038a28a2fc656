"""From the files' sections to memory: places, sizes that depend on places, and the values of fixups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from asm.diagnostics import Diagnostic, Origin, StatementError, nearest
from asm.expressions import Anchor, Expr, Name, NotConstant, Number, Place, Relocation, evaluate, low_part
from asm.fixups import Fixup
from asm.layout import Layout, Output
from asm.sections import MAX_SECTION, Align, Choice, Fragment, Section, Space
from asm.symbols import Symbol, shown
from asm.unit import Unit
from iss.isa.decode import REGISTER_NUMBERS

MAX_ROUNDS = 50
MAX_CHAIN = 50
NOP = (0x13).to_bytes(4, "little")
SHORT_NOP = (0x01).to_bytes(2, "little")


@dataclass(eq=False)
class Chunk:
    """One file's part of an output section."""

    unit: Unit
    section: Section


@dataclass(eq=False)
class Placed:
    """An output section with its address."""

    output: Output
    chunks: list[Chunk] = field(default_factory=list)
    address: int = 0
    size: int = 0
    contents: bytes = b""

    @property
    def end(self) -> int:
        return self.address + self.size


@dataclass
class Scope:
    """Values of names in one file once addresses are known."""

    link: Linker
    unit: Unit

    def name(self, name: str, column: int) -> Number:
        return Number(self.link.symbol(self.unit, name, column))

    def anchor(self, place: Place, offset: int) -> Number:
        return Number(place.address + offset)

    def pcrel_lo(self, operand: Expr, column: int) -> int:
        return self.link.pcrel_lo(self.unit, operand, column)


@dataclass(eq=False)
class Linker:
    """Lays out all files; mistakes go to `diagnostics`."""

    units: Sequence[Unit]
    layout: Layout
    placed: list[Placed] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    exported: dict[str, tuple[Unit, Symbol]] = field(default_factory=dict)
    provided: dict[str, int] = field(default_factory=dict)
    used_provided: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._scopes = {id(unit): Scope(self, unit) for unit in self.units}
        self._values: dict[tuple[int, str], int] = {}
        self._busy: set[tuple[int, str]] = set()
        self._high: dict[tuple[int, int], tuple[Unit, Expr]] = {}
        self._missing: set[tuple[int, str]] = set()

    def run(self) -> None:
        """Place everything, then fill in what waited for it."""
        self._collect()
        self._export()
        self._relax()
        self._find_pcrel_hi()
        self._resolve()
        self._check_regions()

    # Collecting

    def _collect(self) -> None:
        outputs = {output.name: Placed(output) for output in self.layout.outputs}
        ranked: dict[str, list[tuple[int, int, Chunk]]] = {name: [] for name in outputs}
        for unit in self.units:
            for section in unit.sections.values():
                output, rank = self.layout.place(section)
                ranked[output.name].append((rank, len(ranked[output.name]), Chunk(unit, section)))
        for name, found in ranked.items():
            outputs[name].chunks = [chunk for _, _, chunk in sorted(found, key=lambda item: item[:2])]
        self.placed = list(outputs.values())

    def _export(self) -> None:
        for unit in self.units:
            for symbol in unit.symbols.table.values():
                if symbol.binding == "local" or symbol.value is None:
                    continue
                other = self.exported.get(symbol.name)
                if other is None or (other[1].binding == "weak" and symbol.binding == "global"):
                    self.exported[symbol.name] = (unit, symbol)
                elif symbol.binding == "global" and other[1].binding == "global":
                    where = other[1].origin
                    message = f"symbol {symbol.name!r} is already defined at {where.file}:{where.line}" if where else ""
                    self._report(symbol.origin, message, symbol.column)

    # Addresses

    def _relax(self) -> None:
        """Addresses by growing what does not reach until everything does.  What has grown stays so: this ends."""
        fragments = [
            (chunk, fragment)
            for placed in self.placed
            for chunk in placed.chunks
            for fragment in chunk.section.fragments
        ]
        open_ended = [(chunk, f) for chunk, f in fragments if isinstance(f.tail, (Choice, Space))]
        spaces = [(chunk, f.tail) for chunk, f in open_ended if isinstance(f.tail, Space)]
        for round_number in range(2 * MAX_ROUNDS):
            self._assign_addresses()
            self._values.clear()
            changed = False
            for chunk, fragment in open_ended:
                if isinstance(fragment.tail, Choice):
                    changed |= self._grow(chunk.unit, fragment.tail, round_number >= MAX_ROUNDS)
                elif isinstance(fragment.tail, Space):
                    changed |= self._stretch(chunk.unit, fragment.tail)
            if not changed:
                break
        self._assign_addresses()
        self._values.clear()
        for chunk, space in spaces:
            self._check_space(chunk.unit, space)

    def _assign_addresses(self) -> None:
        cursors = {region.name: region.origin for region in self.layout.regions}
        for placed in self.placed:
            chunks = [
                chunk.section for chunk in placed.chunks if chunk.section.total or len(chunk.section.fragments) > 1
            ]
            at = cursors[placed.output.region]
            if chunks:
                at = _up(at, max(placed.output.alignment, *(section.alignment for section in chunks)))
            placed.address = at
            for chunk in placed.chunks:
                section = chunk.section
                if section.total or len(section.fragments) > 1:
                    at = _up(at, section.alignment)
                for fragment in section.fragments:
                    fragment.address = at
                    if isinstance(fragment.tail, Align):
                        padding = -(at + fragment.length) % fragment.tail.bytes
                        fragment.tail.size = padding if padding <= fragment.tail.limit else 0
                    at += fragment.size
            if placed.output.kind == "bss" and chunks:
                at = _up(at, 4)  # start-up code clears words
            placed.size = at - placed.address
            cursors[placed.output.region] = at
        self._provide()

    def _provide(self) -> None:
        """Symbols that the layout defines, unless the program does."""
        values: dict[str, int] = {}
        for placed in self.placed:
            name = placed.output.name.lstrip(".")
            values[f"__{name}_start"], values[f"__{name}_end"] = placed.address, placed.end
        for region in self.layout.regions:
            ends = [placed.end for placed in self.placed if placed.output.region == region.name]
            values[f"__{region.name}_start"], values[f"__{region.name}_end"] = region.origin, _up(max(ends), 16)
        data_region = next(placed.output.region for placed in self.placed if placed.output.name == ".bss")
        values["_end"] = values[f"__{data_region}_end"]
        values.setdefault("__l1_end", values["_end"])
        values.setdefault("__l2_end", values["_end"])
        self.provided = values

    def _grow(self, unit: Unit, choice: Choice, late: bool) -> bool:
        """Take the next larger encoding while the present one does not reach, or the largest; True if it changed."""
        before = choice.chosen
        if late:
            choice.chosen = len(choice.variants) - 1
        while choice.chosen < len(choice.variants) - 1:
            fixups = choice.variants[choice.chosen].fixups
            values = [self._value(unit, fixup.expr) for fixup in fixups]
            if all(value is None or fixup.fits(value) for fixup, value in zip(fixups, values, strict=True)):
                break
            choice.chosen += 1
        return choice.chosen != before

    def _stretch(self, unit: Unit, space: Space) -> bool:
        value = self._value(unit, space.length)
        size = value if value is not None and 0 <= value <= MAX_SECTION else 0
        changed = size != space.size
        space.size = size
        return changed

    def _check_space(self, unit: Unit, space: Space) -> None:
        try:
            value = evaluate(space.length, self._scopes[id(unit)]).value
        except (StatementError, NotConstant) as error:
            self._report_error(space.origin, error)
            return
        if value != space.size:
            problem = "must not be negative" if value < 0 else "is too large or depends on itself"
            self._report(space.origin, f"the size {value} {problem}", space.column)

    # Values

    def symbol(self, unit: Unit, name: str, column: int) -> int:
        """The value of a name as one file sees it."""
        found = unit.symbols.table.get(name)
        if found is not None and found.value is not None and found.binding != "weak":
            return self._symbol_value(unit, found, column)
        if name in self.exported:
            return self._symbol_value(*self.exported[name], column)
        if name in self.provided:
            self.used_provided.add(name)
            return self.provided[name]
        if found is not None and found.binding == "weak":
            return 0
        raise Undefined(name, column, (id(unit), name))

    def _symbol_value(self, unit: Unit, symbol: Symbol, column: int) -> int:
        key = (id(unit), symbol.name)
        if key in self._values:
            return self._values[key]
        if key in self._busy or len(self._busy) > MAX_CHAIN:
            raise StatementError(f"symbol {symbol.name!r} is defined by itself, or through too many others", column)
        assert symbol.value is not None
        self._busy.add(key)
        try:
            value = evaluate(symbol.value, self._scopes[id(unit)]).value
        except StatementError as error:
            error.column = column  # where the symbol is used, not where in its own definition
            raise
        finally:
            self._busy.discard(key)
        self._values[key] = value
        return value

    def _value(self, unit: Unit, expr: Expr) -> int | None:
        try:
            return evaluate(expr, self._scopes[id(unit)]).value
        except (StatementError, NotConstant):
            return None

    def _find_pcrel_hi(self) -> None:
        """Where %pcrel_hi is used, and of what: %pcrel_lo names that place."""
        for unit, fragment, fixup in self._fixups():
            if isinstance(fixup.expr, Relocation) and fixup.expr.kind == "pcrel_hi":
                self._high[(id(fragment), fixup.offset)] = (unit, fixup.expr.operand)

    def pcrel_lo(self, unit: Unit, operand: Expr, column: int) -> int:
        """The low part that goes with the %pcrel_hi at the label `operand`."""
        anchor: Expr | None = operand
        if isinstance(operand, Name):
            symbol = unit.symbols.table.get(operand.name)
            anchor = symbol.value if symbol else None
        found = self._high.get((id(anchor.place), anchor.offset)) if isinstance(anchor, Anchor) else None
        if found is None:
            raise StatementError("%pcrel_lo expects the label of an instruction that uses %pcrel_hi", column)
        assert isinstance(anchor, Anchor)
        owner, target = found
        return low_part(evaluate(target, self._scopes[id(owner)]).value)

    # Contents

    def _fixups(self) -> Iterator[tuple[Unit, Fragment, Fixup]]:
        for placed in self.placed:
            for chunk in placed.chunks:
                for fragment in chunk.section.fragments:
                    yield from ((chunk.unit, fragment, fixup) for fixup in fragment.fixups)
                    if isinstance(fragment.tail, Choice):
                        chosen = fragment.tail.variants[fragment.tail.chosen].fixups
                        yield from ((chunk.unit, fragment, fixup.moved(fragment.length)) for fixup in chosen)

    def _resolve(self) -> None:
        patches: dict[int, list[tuple[Fixup, int]]] = {}
        for unit, fragment, fixup in self._fixups():
            try:
                bits = fixup.bits(self._final(unit, fixup))
            except (StatementError, NotConstant) as error:
                self._report_error(fixup.origin, error, unit)
                continue
            patches.setdefault(id(fragment), []).append((fixup, bits))
        for placed in self.placed:
            if placed.output.kind != "bss":
                placed.contents = b"".join(self._contents(placed, patches))
        self._check_instructions()

    def _final(self, unit: Unit, fixup: Fixup) -> int:
        return evaluate(fixup.expr, self._scopes[id(unit)]).value

    def _contents(self, placed: Placed, patches: dict[int, list[tuple[Fixup, int]]]) -> Iterator[bytes]:
        at = placed.address
        text = placed.output.kind == "text"
        for chunk in placed.chunks:
            for fragment in chunk.section.fragments:
                if fragment.address > at:
                    yield _padding(at, fragment.address - at, None, text)
                data = bytearray(fragment.data)
                tail = fragment.tail
                if isinstance(tail, Choice):
                    data += tail.variants[tail.chosen].data
                elif isinstance(tail, Align):
                    data += _padding(fragment.address + len(data), tail.size, tail.fill, text)
                elif isinstance(tail, Space):
                    data += bytes([tail.fill]) * tail.size
                for fixup, bits in patches.get(id(fragment), ()):
                    end = fixup.offset + fixup.size
                    word = int.from_bytes(data[fixup.offset : end], "little") | bits
                    data[fixup.offset : end] = word.to_bytes(fixup.size, "little")
                yield bytes(data)
                at = fragment.address + len(data)

    # Checks

    def _check_instructions(self) -> None:
        for unit in self.units:
            for anchor, origin in unit.lines:
                if (anchor.place.address + anchor.offset) & 1:
                    self._report(origin, "the instruction is at an odd address; put .balign 2 before it", None)
                    break

    def _check_regions(self) -> None:
        for region in self.layout.regions:
            placed = [item for item in self.placed if item.output.region == region.name]
            used = max(item.end for item in placed) - region.origin
            if used > region.size:
                parts = ", ".join(f"{item.output.name} {item.size}" for item in placed if item.size)
                message = f"region {region.name!r} of layout {self.layout.name!r} overflows"
                text = f"{message}: {used} bytes of {region.size} at 0x{region.origin:08x} ({parts})"
                self.diagnostics.append(Diagnostic(self.units[0].file if self.units else "", 1, 1, text))

    def _report(self, origin: Origin | None, message: str, column: int | None) -> None:
        self.diagnostics.append(Diagnostic.at(origin or Origin("?", 0, 0, ""), message, column))

    def _report_error(self, origin: Origin, error: StatementError | NotConstant, unit: Unit | None = None) -> None:
        if isinstance(error, Undefined):
            if error.key in self._missing:
                return
            self._missing.add(error.key)
            self._report(origin, self._undefined(error.name, unit), error.column)
        elif isinstance(error, StatementError):
            self._report(origin, error.message, error.column)

    def _undefined(self, name: str, unit: Unit | None) -> str:
        number, mark, _ = name.partition("\x01")
        if mark:
            return f"no label '{number}:' after {shown(name)!r}"
        known = {*self.exported, *self.provided, *REGISTER_NUMBERS}
        if unit is not None:
            known |= {s.name for s in unit.symbols.table.values() if s.value is not None and not s.numeric}
        elsewhere = [u.file for u in self.units if u is not unit and u.symbols.defined(name)]
        if elsewhere:
            return f"undefined symbol {name!r}; {elsewhere[0]} defines it, but does not make it .globl"
        return f"undefined symbol {name!r}{nearest(name, known)}"


class Undefined(StatementError):
    """A symbol that no file defines; reported once for each file."""

    def __init__(self, name: str, column: int, key: tuple[int, str]) -> None:
        super().__init__(f"undefined symbol {name!r}", column)
        self.name, self.key = name, key


def _up(value: int, alignment: int) -> int:
    return -(-value // alignment) * alignment


def _padding(at: int, count: int, fill: int | None, text: bool) -> bytes:
    """Bytes between fragments: instructions that do nothing in code, zeros elsewhere."""
    if fill is not None or not text:
        return bytes([fill or 0]) * count
    odd = at & 1 and min(count, 1)
    head = bytes(odd)
    if (at + odd) & 2 and count - odd >= 2:
        head += SHORT_NOP
    body = NOP * ((count - len(head)) // 4)
    tail = count - len(head) - len(body)
    return head + body + (SHORT_NOP if tail >= 2 else b"") + bytes(tail & 1)
