"""The C header of XpulpV2, made from the instruction table (iss.isa.table).

    python -m firmware.intrinsics [folder]

renews firmware/include/xpulp.h below the folder.  An instruction is written with GNU as's ``.insn``, whose formats r,
i and s hold every field of these encodings: any RISC-V gcc, clang or zig compiles it without knowing XpulpV2."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from iss.isa.decode import rows
from iss.isa.encoding import Field
from iss.isa.table import Alu, Instruction, Load, Store

EXTENSION = "XpulpV2"
OUTPUT = "firmware/include/xpulp.h"
_TYPES = {(1, True): "signed char", (1, False): "unsigned char", (2, True): "short", (2, False): "unsigned short"}

_HEAD = """/* XpulpV2 for C: every instruction that C can use, as a function or macro.

   Made from the instruction table by `python -m firmware.intrinsics`; do not edit.

   Names are the mnemonics with _ for dots.  Arguments are int; a vector is an int of four bytes or two half-words.
   Where the instruction adds to, or keeps a part of, its destination, the first argument is the destination's old
   value.  Those with immediates are macros; an immediate that does not fit is an error when it is compiled.

   Loads and stores: p_lw_post(p, step) loads from the pointer variable p, then adds the constant `step` bytes to it;
   p_lw_post_r(p, step) adds a variable; p_lw_r(base, offset) loads from base + offset bytes.  Stores have the
   value first.

   The header stands alone, and is empty for assembly: `-include xpulp.h` gives it to programs that do not know it. */

#if !defined(IMCISS_XPULP_H) && !defined(__ASSEMBLER__)
#define IMCISS_XPULP_H

#define XPULP_INLINE static inline __attribute__((always_inline, unused))

/* A hardware loop as one asm statement, which the compiler cannot move code into or out of: loop 0 or 1, the number of
   iterations (an asm operand, at least 1), the body but for its last instruction, the last instruction.  The body is
   at least three instructions in all, none compressed (the macro sees to that), without jumps out of it.

       asm(XPULP_LOOP(0, "%[n]", "lw t0, 0(%[p])\\n addi %[p], %[p], 4", "add %[s], %[s], t0")
           : [s] "+r"(sum), [p] "+r"(p) : [n] "r"(n) : "t0", "memory"); */
#define XPULP_LOOP(number, count, body, last) \\
    ".option push\\n.option norelax\\n.option norvc\\n.balign 4\\n" \\
    ".4byte 0x0000007b | " #number " << 7 | (((96f - .) / 2) & 0xfff) << 20\\n" \\
    ".4byte 0x0000107b | " #number " << 7 | (((97f - .) / 2) & 0xfff) << 20\\n" \\
    ".insn i 0x7b, 2, x" #number ", " count ", 0\\n" \\
    "nop\\n" \\
    "96:\\n" body "\\n97:\\n" last "\\n.option pop\\n"
"""


def name(row: Instruction) -> str:
    """The C name of an instruction's form."""
    base = row.mnemonic.replace(".", "_")
    if not isinstance(row.kind, (Load, Store)) or "!" not in row.operands:
        return base + ("_r" if row.operands.endswith(("rs2(rs1)", "rs3(rs1)")) else "")
    return base + ("_post" if "imm" in row.fields else "_post_r")


def usable() -> Iterator[Instruction]:
    """The instructions that C can use: all but branches and hardware loops."""
    return (row for row in rows() if row.extension == EXTENSION and isinstance(row.kind, (Alu, Load, Store)))


def immediates(row: Instruction) -> list[Field]:
    """The immediate operands in the order of the syntax."""
    return [row.fields[n] for n in row.operand_names if not row.fields[n].is_register]


def _fixed(row: Instruction, low: int, width: int) -> int:
    """The value of bits that no operand has."""
    return (row.encoding.match | row.encoding.filler) >> low & (1 << width) - 1


def _bits(row: Instruction, low: int, width: int) -> str:
    """A C expression for bits of the instruction, from the constants and the immediates."""
    terms = [f"0x{_fixed(row, low, width):x}"]
    for field in immediates(row):
        for bit, value_bit, count in field.slices:
            if low <= bit < low + width:
                term = f"((unsigned)({field.name}) >> {value_bit} & 0x{(1 << count) - 1:x}) << {bit - low}"
                terms.append(term)
    return " | ".join(terms)


def _check(row: Instruction) -> str:
    """C that refuses immediates that do not fit."""
    return "".join(
        f"_Static_assert(({f.name}) >= {f.low} && ({f.name}) <= {f.high}, "
        f'"{row.mnemonic}: {f.name} is {f.low}..{f.high}"); '
        for f in immediates(row)
    )


def _insn(row: Instruction, operands: dict[str, str]) -> tuple[str, str]:
    """The .insn statement, and the asm operand of its constant part (empty: it has none)."""
    opcode, funct3 = f"0x{row.encoding.match & 0x7F:x}", str(_fixed(row, 12, 3))
    where = {field.slices[0][0]: operands[n] for n, field in row.fields.items() if field.is_register}
    if isinstance(row.kind, Store) and "imm" in row.fields:
        return f".insn s {opcode}, {funct3}, {where[20]}, %[xi]({where[15]})", '[xi] "i"(imm)'
    rd, rs1 = where.get(7, "x0"), where[15]
    if 20 not in where:
        constant = f'[xi] "i"((int)(({_bits(row, 20, 12)}) ^ 0x800) - 0x800)'
        return f".insn i {opcode}, {funct3}, {rd}, {rs1}, %[xi]", constant
    if immediates(row):
        return f".insn r {opcode}, {funct3}, %[xi], {rd}, {rs1}, {where[20]}", f'[xi] "i"({_bits(row, 25, 7)})'
    return f".insn r {opcode}, {funct3}, 0x{_fixed(row, 25, 7):x}, {rd}, {rs1}, {where[20]}", ""


def _statement(text: str, outputs: list[str], inputs: list[str], memory: bool) -> str:
    lists = f'"{text}" : {", ".join(outputs)} : {", ".join(inputs)}'
    return f'__asm__ volatile({lists} : "memory");' if memory else f"__asm__({lists});"


def _alu(row: Instruction) -> str:
    """An instruction from registers, and immediates, to a register."""
    own = "rd" in row.sources
    arguments = (["rd"] if own else []) + [n for n in ("rs1", "rs2") if n in row.fields]
    text, constant = _insn(row, {n: f"%[x{n}]" for n in ("rd", "rs1", "rs2")})
    if not immediates(row):
        inputs = [f'[x{n}] "r"({n})' for n in arguments if n != "rd"]
        inputs += [constant] if constant else []
        start = "" if own else "int rd; "
        body = start + _statement(text, [f'[xrd] "{"+" if own else "="}r"(rd)'], inputs, False)
        return f"XPULP_INLINE int {name(row)}({', '.join('int ' + a for a in arguments)}) {{ {body} return rd; }}"
    inputs = [f'[x{n}] "r"((int)({n}))' for n in arguments if n != "rd"] + [constant]
    start = f"int xp_{' = (int)(rd)' if own else ''}; "
    body = _check(row) + start + _statement(text, [f'[xrd] "{"+" if own else "="}r"(xp_)'], inputs, False)
    parameters = ", ".join(arguments + [f.name for f in immediates(row)])
    return f"#define {name(row)}({parameters}) \\\n    __extension__({{ {body} xp_; }})"


def _memory(row: Instruction) -> str:
    """A load or store."""
    load, kind = isinstance(row.kind, Load), row.kind
    assert isinstance(kind, (Load, Store))
    post = "!" in row.operands
    offset = "imm" if "imm" in row.fields else "rs2" if load else "rs3"
    parameters = ([] if load else ["value"]) + ["pointer", "step" if post else "offset"]
    register = "rd" if load else "rs2"
    operands = {register: "%[xv]", "rs1": "%[xp]", offset: "%[xs]"}
    text, constant = _insn(row, operands)
    last = f"({parameters[-1]})"
    checked = _check(row).replace("(imm)", last)
    outputs: list[str] = []
    inputs: list[str] = []
    (outputs if load else inputs).append('[xv] "=r"(xp_)' if load else '[xv] "r"((int)(value))')
    (outputs if post else inputs).append('[xp] "+r"(pointer)' if post else '[xp] "r"(pointer)')
    inputs.append(constant.replace("(imm)", last) if constant else f'[xs] "r"((int){last})')
    body = checked + ("int xp_; " if load else "") + _statement(text, outputs, inputs, True) + (" xp_;" if load else "")
    return f"#define {name(row)}({', '.join(parameters)}) \\\n    __extension__({{ {body} }})"


def header() -> str:
    """The header's text."""
    parts = [_HEAD]
    for row in usable():
        text = f"/* {row.syntax}: {row.manual} */"
        manual = textwrap.fill(text, 120, subsequent_indent="   ", break_on_hyphens=False)
        parts.append(f"{manual}\n{_alu(row) if isinstance(row.kind, Alu) else _memory(row)}\n")
    return "\n".join([*parts, "#endif\n"])


def main(folder: str = ".") -> None:
    target = Path(folder) / OUTPUT
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(header())


if __name__ == "__main__":
    main(*sys.argv[1:2])
