"""What is made from the register tables: a C header, an assembler include, a page of documentation.

    python -m periph.headers [folder]

renews firmware/include/registers.h, firmware/include/registers.inc and docs/registers.md below the folder."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from iss.isa.manual import markdown_table
from periph.event_unit import EVENTS
from periph.places import PLACED, Placed
from periph.registers import Block, Register

_MADE = "Made from the register tables in periph/ by `python -m periph.headers`; do not edit."
OUTPUTS = {
    "firmware/include/registers.h": "c_header",
    "firmware/include/registers.inc": "asm_include",
    "docs/registers.md": "markdown",
}


def _registers(placed: Placed) -> Iterator[tuple[str, Register, Block | None]]:
    """Every register once, with its full name without numbers."""
    prefix = placed.table.prefix
    for entry in placed.table.entries:
        if isinstance(entry, Register):
            yield f"{prefix}_{entry.name}", entry, None
        else:
            for register in entry.registers:
                yield f"{prefix}_{entry.name}_{register.name}", register, entry


def _offset(register: Register, block: Block | None) -> int:
    return register.offset + (block.offset if block else 0)


def _event_symbols() -> Iterator[tuple[str, int]]:
    for number, name in EVENTS.items():
        yield "EVENT_" + name.upper().replace(" EVENT", "").replace(" ", "_"), number


def c_header() -> str:
    """The C header: addresses as macros, those of repeated registers with arguments; fields as masks and shifts."""
    lines = [f"/* {_MADE} */", "", "#ifndef IMCISS_REGISTERS_H", "#define IMCISS_REGISTERS_H", ""]
    lines += ["/* A register as a variable: REGISTER(TIMER_CNT_LO) = 0; */"]
    lines += ["#define REGISTER(address) (*(volatile unsigned int *)(address))", "", "/* Events and interrupts */"]
    lines += [f"#define {name} {number}" for name, number in _event_symbols()]
    for placed in PLACED:
        base = f"{placed.table.prefix}_BASE"
        lines += ["", f"/* {placed.table.title} */", f"#define {base} 0x{placed.base:08X}u"]
        for name, register, block in _registers(placed):
            arguments = (["n"] if block else []) + (["i"] if register.count > 1 else [])
            terms = [base, f"0x{_offset(register, block):X}u"]
            terms += [f"0x{block.stride:X}u * (n)"] if block else []
            terms += [f"{register.stride}u * (i)"] if register.count > 1 else []
            call = f"({', '.join(arguments)})" if arguments else ""
            lines.append(f"#define {name}{call} ({' + '.join(terms)})")
            for field in register.fields:
                lines.append(f"#define {name}_{field.name}_SHIFT {field.low}")
                lines.append(f"#define {name}_{field.name}_MASK 0x{field.mask:X}u")
    return "\n".join([*lines, "", "#endif", ""])


def asm_include() -> str:
    """The assembler include: base addresses, and offsets from them; of repeated registers the first, and the strides."""
    lines = [f"# {_MADE}", "#", "# Offsets count from the device's _BASE: of what repeats, those of number 0, and a _STRIDE.", ""]
    lines += [f".equ {name}, {number}" for name, number in _event_symbols()]
    for placed in PLACED:
        prefix = placed.table.prefix
        lines += ["", f"# {placed.table.title}", f".equ {prefix}_BASE, 0x{placed.base:08X}"]
        for entry in placed.table.entries:
            if isinstance(entry, Block):
                lines.append(f".equ {prefix}_{entry.name}_STRIDE, 0x{entry.stride:X}")
        for name, register, block in _registers(placed):
            lines.append(f".equ {name}, 0x{_offset(register, block):X}")
            if register.count > 1:
                lines.append(f".equ {name}_STRIDE, {register.stride}")
            for field in register.fields:
                lines.append(f".equ {name}_{field.name}_SHIFT, {field.low}")
                lines.append(f".equ {name}_{field.name}_MASK, 0x{field.mask:X}")
    return "\n".join([*lines, ""])


_INTRODUCTION = f"""# Registers

{_MADE}

Registers are 32-bit words.  A shorter load returns its part of the word; a shorter store is an error, but for stdout.  As on
the chip, a load of a register that can only be written returns 0, and a store to one that can only be read does nothing.
An access to an offset without register, or to a part of the peripheral space without device, ends the run with an error that
names its neighbours.  The exception is SoC control, whose every other word is memory.  docs/pulp.md lists what else is an error,
and what is as on the chip.

The cluster's harts see the cluster also at address 0: add the address without 0x10000000.

`firmware/include/registers.h` has these names for C, `registers.inc` for the assembler.  `[n]` and `[i]` stand for numbers.
"""


def _rows(placed: Placed) -> Iterable[tuple[str, ...]]:
    for name, register, block in _registers(placed):
        name = name.removeprefix(placed.table.prefix + "_")
        if block:
            name = name.replace(block.name, block.name + "[n]", 1)
        name += "[i]" if register.count > 1 else ""
        where = f"0x{_offset(register, block):03x}"
        where += f" + 0x{block.stride:x} n" if block else ""
        where += f" + {register.stride} i" if register.count > 1 else ""
        yield f"`{name}`", where, register.access, f"0x{register.reset:x}", register.meaning
        for field in register.fields:
            bits = f"{field.low + field.width - 1}:{field.low}" if field.width > 1 else str(field.low)
            yield f"&nbsp;&nbsp;`.{field.name}`", f"bits {bits}", "", "", field.meaning


def markdown() -> str:
    """The text of docs/registers.md."""
    lines = [_INTRODUCTION]
    for placed in PLACED:
        table = placed.table
        lines += [f"## {table.title}", "", f"`{table.name}` at 0x{placed.base:08x}, 0x{table.size:x} bytes.  {table.notes}", ""]
        for entry in table.entries:
            if isinstance(entry, Block):
                lines += [f"`{entry.name}[n]`, n = 0..{entry.count - 1}: {entry.meaning}.", ""]
        lines += [*markdown_table(("Register", "Offset", "Access", "Reset", "Meaning"), _rows(placed)), ""]
    lines += ["## Events and interrupts of the event unit", ""]
    lines += markdown_table(("Number", "Event"), ((str(number), name) for number, name in sorted(EVENTS.items())))
    return "\n".join(lines) + "\n"


def main(folder: str = ".") -> None:
    for path, make in OUTPUTS.items():
        target = Path(folder) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(globals()[make]())


if __name__ == "__main__":
    main(*sys.argv[1:2])
