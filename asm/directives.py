"""The directives that define data, symbols and sections.  (Macros and conditions are text: see preprocess.py.)"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from asm.diagnostics import Origin, StatementError, nearest
from asm.expressions import Const, Expr, constant
from asm.fixups import Fixup, data_bits
from asm.preprocess import find
from asm.sections import MAX_SECTION, Align, Encoded, Space, default_attributes
from asm.syntax import Operand
from asm.unit import Unit

MAX_ALIGN = 1 << 16
_SECTION_NAME = re.compile(r"[^\s,\"]+")
_FLAGS = "awxMSGToR?"


@dataclass
class Arguments:
    """The operands of a directive, taken out by position; a mistake names the directive."""

    unit: Unit
    directive: str
    operands: tuple[Operand, ...]
    text: str
    origin: Origin
    column: int

    def __len__(self) -> int:
        return len(self.operands)

    def fail(self, message: str, index: int | None = None) -> StatementError:
        known = index is not None and index < len(self.operands)
        column = self.operands[index].column if known and index is not None else self.column
        return StatementError(f"{self.directive}: {message}", column)

    def expect(self, low: int, high: int) -> None:
        """Check the number of operands."""
        if not low <= len(self.operands) <= high:
            wanted = str(low) if low == high else f"{low} to {high}"
            raise self.fail(f"expected {wanted} operand{'' if wanted == '1' else 's'}, not {len(self.operands)}", high)

    def has(self, index: int) -> bool:
        return index < len(self.operands) and not self.operands[index].missing

    def expression(self, index: int) -> Expr:
        operand = self.operands[index] if index < len(self.operands) else None
        if operand is None or operand.expr is None or operand.base is not None:
            raise self.fail("expected an expression", index)
        return operand.expr

    def integer(self, index: int, default: int | None = None) -> int:
        """A value that is known now."""
        if not self.has(index) and default is not None:
            return default
        return self.unit.known(self.expression(index), self.operands[index].column)

    def name(self, index: int) -> str:
        operand = self.operands[index] if index < len(self.operands) else None
        if operand is not None and operand.text is not None:
            return operand.text.decode("utf-8", "surrogateescape")
        if operand is None or operand.name is None or operand.name == "." or operand.name[0].isdecimal():
            raise self.fail("expected a name", index)
        return operand.name

    def string(self, index: int) -> bytes:
        operand = self.operands[index] if index < len(self.operands) else None
        if operand is None or operand.text is None:
            raise self.fail('expected a "string"', index)
        return operand.text

    def emit(self, data: bytes) -> None:
        self.unit.section.emit(Encoded(data), "d")


Handler = Callable[[Unit, Arguments], None]
DIRECTIVES: dict[str, Handler] = {}


def directive(*names: str) -> Callable[[Handler], Handler]:
    """Register a handler under its names."""

    def register(handler: Handler) -> Handler:
        DIRECTIVES.update({f".{name}": handler for name in names})
        return handler

    return register


# Data


def _data(size: int) -> Handler:
    def handler(unit: Unit, arguments: Arguments) -> None:
        """Integers of this size, perhaps with addresses in them."""
        for index, operand in enumerate(arguments.operands):
            expr = unit.bind(arguments.expression(index))
            value = constant(expr)
            if value is None:
                fixup = Fixup(0, size, expr, arguments.origin, operand.column)
                unit.section.emit(Encoded(bytes(size), (fixup,)), "d")
            else:
                arguments.emit(data_bits(value, size, operand.column).to_bytes(size, "little"))

    return handler


DIRECTIVES |= {
    f".{name}": _data(size)
    for size, names in ((1, "byte"), (2, "half short hword 2byte"), (4, "word long int 4byte"), (8, "dword quad 8byte"))
    for name in names.split()
}


@directive("ascii")
def _ascii(unit: Unit, arguments: Arguments) -> None:
    arguments.emit(b"".join(arguments.string(i) for i in range(len(arguments))))


@directive("asciz", "string", "asciiz")
def _asciz(unit: Unit, arguments: Arguments) -> None:
    arguments.emit(b"".join(arguments.string(i) + b"\0" for i in range(len(arguments))))


@directive("space", "skip", "zero")
def _space(unit: Unit, arguments: Arguments) -> None:
    arguments.expect(1, 2)
    fill = arguments.integer(1, 0) & 0xFF
    length = unit.bind(arguments.expression(0))
    count = constant(length)
    if count is None:
        column = arguments.operands[0].column
        unit.section.close(Space(length, fill, arguments.origin, column), "d")
        return
    _fill(unit, arguments, count, bytes([fill]))


@directive("fill")
def _fill_directive(unit: Unit, arguments: Arguments) -> None:
    arguments.expect(1, 3)
    size, value = arguments.integer(1, 1), arguments.integer(2, 0)
    if not 0 <= size <= 8:
        raise arguments.fail("the size must be 0..8", 1)
    item = (value & ((1 << 8 * size) - 1)).to_bytes(size, "little") if size else b""
    _fill(unit, arguments, arguments.integer(0), item)


def _fill(unit: Unit, arguments: Arguments, count: int, item: bytes) -> None:
    if count < 0:
        raise arguments.fail(f"the count must not be negative, but is {count}", 0)
    if count * max(1, len(item)) > MAX_SECTION:
        raise arguments.fail(f"{count} times {len(item)} bytes is more than {MAX_SECTION >> 20} MiB", 0)
    if unit.section.nobits and not any(item):
        unit.section.reserve(count * len(item))
    else:
        arguments.emit(item * count)


@directive("incbin")
def _incbin(unit: Unit, arguments: Arguments) -> None:
    arguments.expect(1, 3)
    path = find(arguments.name(0), arguments.origin, unit.include_dirs, arguments.operands[0].column)
    skip = arguments.integer(1, 0)
    count = arguments.integer(2, MAX_SECTION)
    if skip < 0 or count < 0:
        raise arguments.fail("skip and count must not be negative", 1)
    try:
        with path.open("rb") as file:
            file.seek(skip)
            data = file.read(min(count, MAX_SECTION) + 1)
    except OSError as error:
        raise arguments.fail(f"cannot read {path}: {error.strerror}", 0) from None
    if len(data) > MAX_SECTION:
        raise arguments.fail(f"{path} is larger than {MAX_SECTION >> 20} MiB", 0)
    arguments.emit(data[:count])


# Alignment


@directive("align", "p2align")
def _align_power(unit: Unit, arguments: Arguments) -> None:
    arguments.expect(1, 3)
    power = arguments.integer(0)
    if not 0 <= power <= 16:
        raise arguments.fail(f"the alignment is a power of two, 2**0..2**16, not 2**{power}", 0)
    _align(unit, arguments, 1 << power)


@directive("balign")
def _align_bytes(unit: Unit, arguments: Arguments) -> None:
    arguments.expect(1, 3)
    count = arguments.integer(0)
    if count < 0 or count > MAX_ALIGN or count & (count - 1):
        raise arguments.fail(f"the alignment must be a power of two up to {MAX_ALIGN}, not {count}", 0)
    _align(unit, arguments, max(count, 1))


def _align(unit: Unit, arguments: Arguments, count: int) -> None:
    fill = arguments.integer(1) & 0xFF if arguments.has(1) else None
    limit = arguments.integer(2) if arguments.has(2) else count
    unit.section.alignment = max(unit.section.alignment, count)
    if count > 1:
        unit.section.close(Align(count, fill, limit))


# Sections


def _plain_section(name: str) -> Handler:
    def handler(unit: Unit, arguments: Arguments) -> None:
        arguments.expect(0, 0)
        unit.enter(unit.get_section(name))

    return handler


DIRECTIVES |= {name: _plain_section(name) for name in (".text", ".data", ".bss", ".rodata", ".sdata", ".sbss")}


@directive("section", "pushsection")
def _section(unit: Unit, arguments: Arguments) -> None:
    arguments.expect(1, 5)
    if arguments.directive == ".pushsection":
        unit.section_stack.append((unit.section, unit.previous))
    operand = arguments.operands[0]
    if operand.text is not None:
        name = arguments.name(0)
    else:
        match = _SECTION_NAME.match(arguments.text, operand.column)
        name = match[0] if match else ""
    if not name:
        raise arguments.fail("expected a section name", 0)
    unit.enter(unit.get_section(name, _attributes(name, arguments)))


def _attributes(name: str, arguments: Arguments) -> tuple[bool, bool, bool]:
    """(writable, executable, nobits) by the flags and the type, else by the name."""
    writable, executable, nobits = default_attributes(name)
    if arguments.has(1):
        flags = arguments.string(1).decode("latin-1")
        unknown = set(flags) - set(_FLAGS)
        if unknown:
            raise arguments.fail(f"unknown section flag {min(unknown)!r}; known are a, w and x", 1)
        writable, executable = "w" in flags, "x" in flags
    if arguments.has(2):
        kind = arguments.operands[2].attribute or arguments.name(2)
        if kind.lstrip("@%") not in ("progbits", "nobits", "note", "init_array", "fini_array", "preinit_array"):
            raise arguments.fail(f"unknown section type {kind!r}; known are @progbits and @nobits", 2)
        nobits = kind.endswith("nobits")
    return writable, executable, nobits


@directive("popsection")
def _popsection(unit: Unit, arguments: Arguments) -> None:
    if not unit.section_stack:
        raise arguments.fail("no .pushsection before")
    unit.section, unit.previous = unit.section_stack.pop()


@directive("previous")
def _previous(unit: Unit, arguments: Arguments) -> None:
    unit.enter(unit.previous)


# Symbols


@directive("equ", "set")
def _set(unit: Unit, arguments: Arguments) -> None:
    arguments.expect(2, 2)
    unit.assign(arguments.name(0), arguments.expression(1), arguments.origin, arguments.operands[0].column)


@directive("equiv")
def _equiv(unit: Unit, arguments: Arguments) -> None:
    arguments.expect(2, 2)
    unit.assign(arguments.name(0), arguments.expression(1), arguments.origin, arguments.operands[0].column, once=True)


def _binding(binding: str) -> Handler:
    def handler(unit: Unit, arguments: Arguments) -> None:
        """Make symbols visible to other files, or not."""
        if not arguments.operands:
            raise arguments.fail("expected a name")
        for index in range(len(arguments)):
            symbol = unit.symbols.get(arguments.name(index))
            symbol.binding = binding
            if symbol.origin is None:
                symbol.origin, symbol.column = arguments.origin, arguments.operands[index].column

    return handler


DIRECTIVES |= {
    f".{name}": _binding(kind) for name, kind in (("globl", "global"), ("global", "global"), ("weak", "weak"))
}
DIRECTIVES[".local"] = _binding("local")


@directive("type")
def _type(unit: Unit, arguments: Arguments) -> None:
    arguments.expect(2, 2)
    kind = (arguments.operands[1].attribute or arguments.name(1)).lower().lstrip("@%").removeprefix("stt_")
    kinds = {"function": "func", "func": "func", "object": "object", "notype": "notype"}
    if kind not in kinds:
        raise arguments.fail(f"unknown type {kind!r}{nearest(kind, kinds)}", 1)
    unit.symbols.get(arguments.name(0)).kind = kinds[kind]


@directive("size")
def _size(unit: Unit, arguments: Arguments) -> None:
    arguments.expect(2, 2)
    symbol = unit.symbols.get(arguments.name(0))
    symbol.size = unit.bind(arguments.expression(1))


@directive("comm", "lcomm")
def _comm(unit: Unit, arguments: Arguments) -> None:
    arguments.expect(2, 3)
    size, alignment = arguments.integer(1), arguments.integer(2, 4)
    if size < 0 or not 0 < alignment <= MAX_ALIGN or alignment & (alignment - 1):
        raise arguments.fail("the size must not be negative, and the alignment a power of two", 1)
    section = unit.get_section(".bss")
    section.alignment = max(section.alignment, alignment)
    section.close(Align(alignment, None, alignment))
    name = arguments.name(0)
    unit.symbols.define_label(name, section.here(), arguments.origin, arguments.operands[0].column)
    section.reserve(size)
    symbol = unit.symbols.get(name)
    symbol.kind, symbol.size = "object", Const(size)
    if arguments.directive == ".comm":
        symbol.binding = "global"


# The rest


@directive("option")
def _option(unit: Unit, arguments: Arguments) -> None:
    if not arguments.operands:
        raise arguments.fail("expected push, pop, rvc, norvc, relax or norelax")
    option = arguments.name(0)
    if option == "push":
        unit.option_stack.append(unit.options)
    elif option == "pop":
        if not unit.option_stack:
            raise arguments.fail("pop without push", 0)
        unit.options = unit.option_stack.pop()
    elif option.removeprefix("no") in ("rvc", "relax"):
        unit.set_options(**{option.removeprefix("no"): not option.startswith("no")})
    elif option not in ("pic", "nopic", "arch"):
        known = ("push", "pop", "rvc", "norvc", "relax", "norelax", "pic", "nopic")
        raise arguments.fail(f"unknown option {option!r}{nearest(option, known)}", 0)


@directive("error", "err")
def _error(unit: Unit, arguments: Arguments) -> None:
    text = arguments.string(0).decode("utf-8", "replace") if arguments.operands else "the source asks for an error"
    raise StatementError(text, arguments.column)
