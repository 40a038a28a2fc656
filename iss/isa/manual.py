"""The instruction-set manual, printed from the table: `iss isa MNEMONIC`, `iss isa 0xWORD`, and docs/isa.md.

`python -m iss.isa.manual > docs/isa.md` renews the document."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from iss.isa import arith
from iss.isa.csr import CSRS
from iss.isa.decode import compressed_rows, decode, disassemble, find, register_name, rows
from iss.isa.encoding import Encoding, Field, token_width
from iss.isa.table import Alu, Branch, Compressed, Csr, HwLoop, Instruction, Jump, Kind, Load, Store

WIDTH = 100


def entry(name: str) -> str:
    """The manual's entry for a mnemonic, all its forms; KeyError with suggestions for an unknown one."""
    return "\n".join(_entry(row) for row in find(name))


def describe_word(word: int) -> str:
    """What a word is: its assembly, its operands, the instruction it expands to, and that one's entry."""
    found = decode(word)
    if found is None:
        size = 32 if word & 3 == 3 else 16
        return f"{disassemble(word)}\nThis core has no such {size}-bit instruction; it traps as illegal.\n"
    operands = ", ".join(
        f"{name} = {_value(found.row.fields[name], value)}" for name, value in sorted(found.operands.items())
    )
    lines = [f"0x{word:08x}  {disassemble(word)}"]
    if found.compressed:
        lines = [
            f"0x{word & 0xFFFF:04x}      {disassemble(word & 0xFFFF)}",
            f"0x{found.word:08x}  {disassemble(found.word)}  (expanded)",
        ]
    if operands:
        lines.append(f"            {operands}")
    if found.compressed:
        lines += ["", _entry(found.compressed).rstrip()]
    return "\n".join([*lines, "", _entry(found.row)])


def diagram(encoding: Encoding) -> str:
    """The instruction's bits in two lines: bit numbers, and what is there."""
    numbers, fields = [], []
    high = encoding.width
    for token in encoding.pattern.split():
        low = high - token_width(token)
        ends = f"{high - 1}" if low == high - 1 else f"{high - 1} {low}"
        width = max(len(token), len(ends))
        first, _, last = ends.partition(" ")
        numbers.append(first + last.rjust(width - len(first)) if last else first.center(width))
        fields.append(token.center(width))
        high = low
    return f"  {'   '.join(numbers).rstrip()}\n| {' | '.join(fields)} |"


def _value(field: Field, value: int) -> str:
    if field.is_register:
        return register_name(value)
    return f"{value}" if abs(value) < 10 else f"{value} (0x{value & ((1 << field.width) - 1):x})"


def effect(kind: Kind) -> str:
    """What becomes of the body's result."""
    match kind:
        case Alu():
            return "rd = result"
        case Load(size=size, signed=signed, post=post):
            extended = "" if size == 4 else ", sign-extended" if signed else ", zero-extended"
            amount = f"rd = {size} byte{'s' if size > 1 else ''}{extended}"
            return f"{amount}, at rs1; then rs1 = result" if post else f"{amount}, at result"
        case Store(size=size, post=post):
            amount = f"low {size} byte{'s' if size > 1 else ''} of rs2 stored"
            return f"{amount} at rs1; then rs1 = result" if post else f"{amount} at result"
        case Branch():
            return "jump to pc + offset if result"
        case Jump():
            return "rd = address of the next instruction; jump to result"
        case HwLoop(sets=sets):
            return f"{', '.join(sets)} of loop L = result"
        case Csr():
            return "rd = old; csr = result"
    return "acts on the hart"


def unit(kind: Kind) -> str:
    """The name of the timing rule."""
    return kind.unit if isinstance(kind, Alu) else type(kind).__name__.lower()


def _ranges(fields: Iterable[Field]) -> Iterator[str]:
    for field in fields:
        if field.is_short_register:
            yield f"{field.name} is one of x8..x15"
        elif not field.is_register:
            step = f", a multiple of {field.step}" if field.step > 1 else ""
            zero = ", not 0" if field.nonzero else ""
            base = ", from the instruction's address" if field.pc_relative else ""
            yield f"{field.name}: {field.low}..{field.high}{step}{zero}{base}"


def _notes(row: Instruction) -> Iterator[str]:
    if row.spelling:
        yield f"Also written {row.spelling}."
    if row.splat:
        source = "rs2's low" if "rs2" in row.fields else "the immediate's low"
        yield f"In the body rs2 is {source} {row.splat} bits in every lane."
    if row.constants:
        yield f"In the body {', '.join(f'{name} = {value}' for name, value in row.constants.items())}."
    if row.refines:
        yield f"These words are encodings of {row.refines} too."
    if "-" in row.encoding.pattern or "+" in row.encoding.pattern:
        yield "The core ignores the bits marked - (encoded as 0) and + (encoded as 1)."
    for name in row.false_reads:
        field = "bits 24:20" if name not in row.fields else name
        yield f"RI5CY takes {field} for a source register: after a load to it, it stalls."
    short = [c.mnemonic for c in compressed_rows() if c.expansion.partition(" ")[0] == row.mnemonic]
    if short:
        yield f"Compressed: {', '.join(short)}."


def _entry(row: Instruction | Compressed) -> str:
    extension = "RV32C" if isinstance(row, Compressed) else row.extension
    lines = [f"{row.syntax:<{WIDTH - len(extension)}}{extension}", "", textwrap.indent(diagram(row.encoding), "  "), ""]
    if isinstance(row, Compressed):
        lines.append(f"  Expands to {row.expansion}.")
        notes = [f"{name} is not x0." for name in row.nonzero]
    else:
        lines += [f"  {line}" for line in textwrap.wrap(row.manual, WIDTH - 2)]
        statements = row.body.text.splitlines()[1:]
        if statements != ["    pass"]:
            lines.append("")
            for statement in statements:
                lines += textwrap.wrap(statement, WIDTH, initial_indent="  ", subsequent_indent=" " * 10)
        lines += ["", f"  Effect  {effect(row.kind)}", f"  Timing  {unit(row.kind)}"]
        notes = list(_notes(row))
    for title, texts in (("Range", list(_ranges(row.fields.values()))), ("Note", notes)):
        for text in texts:
            lines += textwrap.wrap(
                text, WIDTH, initial_indent=f"  {title:<8}", subsequent_indent=" " * 10, break_on_hyphens=False
            )
            title = ""
    return "\n".join(lines) + "\n"


SECTIONS: tuple[tuple[type, str], ...] = (
    (Load, "Loads"),
    (Store, "Stores"),
    (Branch, "Branches"),
    (Jump, "Jumps"),
    (HwLoop, "Hardware loops"),
    (Csr, "CSR access"),
    (Alu, "Arithmetic"),
)


def _section(row: Instruction) -> str:
    if row.mnemonic.startswith("pv."):
        return "Packed SIMD"
    return next((title for kind, title in SECTIONS if isinstance(row.kind, kind)), "System")


def markdown_table(header: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> list[str]:
    """The lines of a Markdown table."""
    cells = [header, ("---",) * len(header), *(tuple(c.replace("|", "\\|") for c in line) for line in lines)]
    return [f"| {' | '.join(line)} |" for line in cells]


INTRODUCTION = """\
# The instruction set

Generated by `python -m iss.isa.manual > docs/isa.md` from the table in `iss/isa`: do not edit.  `iss isa MNEMONIC` prints an
instruction's full entry with its meaning as code, `iss isa 0xWORD` explains a word.

Encodings list the fields from bit 31 down.  `-` and `+` are bits that the core ignores, encoded as 0 and 1; a prime marks a
register of x8..x15; names in brackets say which bits of the value are there.  Values whose names start with `imm`, `nzimm` or
`offset` are signed.  `offset` and `uoffset` count from the instruction's own address.  *Timing* names the rule in the timing
table.  In the SIMD instructions a and b are lanes of rs1 and of the second operand.
"""


def markdown() -> str:
    """The text of docs/isa.md: every instruction by extension, the compressed ones, the CSRs, the helpers of bodies."""
    lines = [INTRODUCTION]
    for extension in dict.fromkeys(row.extension for row in rows()):
        lines += [f"## {extension}", ""]
        members = [row for row in rows() if row.extension == extension]
        for section in dict.fromkeys(_section(row) for row in members):
            lines += [f"### {extension}: {section.lower() if section != 'CSR access' else section}", ""]
            lines += markdown_table(
                ("Instruction", "Encoding", "Meaning", "Timing"),
                (
                    (f"`{row.syntax}`", f"`{row.encoding.pattern}`", row.manual, unit(row.kind))
                    for row in members
                    if _section(row) == section
                ),
            )
            lines.append("")
    lines += ["## RV32C", "", "Expanded when fetched; the cost is that of the 32-bit instruction.", ""]
    lines += markdown_table(
        ("Instruction", "Encoding", "Expands to", "Not x0"),
        (
            (f"`{row.syntax}`", f"`{row.encoding.pattern}`", f"`{row.expansion}`", ", ".join(row.nonzero))
            for row in compressed_rows()
        ),
    )
    lines += ["", "## CSRs", "", "Other addresses read 0 and ignore writes.", ""]
    lines += markdown_table(
        ("Address", "Name", "Reset", "Writable bits", "Meaning"),
        ((f"0x{csr.address:03x}", csr.name, f"0x{csr.reset:x}", f"0x{csr.writable:08x}", csr.manual) for csr in CSRS),
    )
    lines += ["", "## Helpers", "", "What the bodies of `iss isa MNEMONIC` call.", ""]
    helpers = [getattr(arith, name) for name in arith.CASTS] + list(arith.FUNCTIONS)
    lines += markdown_table(("Helper", "Value"), ((f"`{h.__name__}`", " ".join((h.__doc__ or "").split())) for h in helpers))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(markdown(), end="")
