"""The two entry points: assemble files, assemble a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from asm.diagnostics import AssemblyError, Diagnostic, StatementError
from asm.layout import Layout, get_layout
from asm.linker import Linker
from asm.preprocess import read
from asm.program import Program, build
from asm.statements import read_statements
from asm.unit import Unit

INCLUDE = Path(__file__).resolve().parent.parent / "firmware" / "include"


def assemble(
    sources: Sequence[str | Path],
    layout: str | Layout = "cluster",
    defines: Mapping[str, int] | None = None,
    include_dirs: Sequence[str | Path] = (),
) -> Program:
    """Assemble files into one program; AssemblyError carries everything that is wrong with them.

    Each file has its own symbols; those it makes .globl are everyone's.  `defines` are constants in every file.
    .include looks next to the file that says it, then in `include_dirs`, then in firmware/include."""
    chosen = get_layout(layout)
    folders = (*(Path(folder) for folder in include_dirs), INCLUDE)
    units = []
    for source in sources:
        unit = Unit(str(source), folders)
        try:
            read_statements(unit, read(Path(source)), defines or {})
        except StatementError as error:
            unit.diagnostics.append(Diagnostic(str(source), 1, 1, error.message))
        units.append(unit)
    return _link(units, chosen)


def assemble_text(
    text: str,
    layout: str | Layout = "cluster",
    defines: Mapping[str, int] | None = None,
    name: str = "<text>",
    include_dirs: Sequence[str | Path] = (),
) -> Program:
    """Assemble one text as if it were a file called `name`."""
    unit = Unit(name, (*(Path(folder) for folder in include_dirs), INCLUDE))
    read_statements(unit, text, defines or {})
    return _link([unit], get_layout(layout))


def _link(units: list[Unit], layout: Layout) -> Program:
    link = Linker(units, layout)
    link.run()
    program = build(link)
    problems = [item for unit in units for item in unit.diagnostics]
    if problems or link.diagnostics:
        raise AssemblyError(_ordered([*problems, *link.diagnostics], units))
    return program


def _ordered(problems: list[Diagnostic], units: list[Unit]) -> list[Diagnostic]:
    """By file as given, then by position."""
    order = {unit.file: i for i, unit in enumerate(units)}
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda item: (order.get(item.file, len(order)), item.file, item.line, item.column))
