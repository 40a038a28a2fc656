"""A file's statements, one after the other: labels, assignments, directives, instructions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from asm.diagnostics import Diagnostic, Origin, StatementError, nearest
from asm.directives import DIRECTIVES, Arguments
from asm.expressions import Const
from asm.instructions import Writer
from asm.parser import parse, parse_expression
from asm.preprocess import DIRECTIVES as TEXT_DIRECTIVES
from asm.preprocess import Preprocessor
from asm.sections import Encoded
from asm.source import Statement
from asm.syntax import Parsed
from asm.unit import TooManyErrors, Unit

_FIRST = re.compile(r"\s*(\.[\w.]+)")
_LABELS = re.compile(r"\s*([A-Za-z_.$][\w.$]*|\d+)\s*:")
# What compilers write for tools that we are not: read over.
IGNORED = frozenset(
    (".file", ".ident", ".loc", ".line", ".attribute", ".hidden", ".protected", ".internal", ".addrsig", ".addrsig_sym")
)


def read_statements(unit: Unit, text: str, defines: Mapping[str, int]) -> None:
    """Assemble a whole file; what is wrong with it ends up in the unit's `diagnostics`."""
    for name, value in defines.items():
        unit.symbols.assign(name, Const(value), Origin("command line", 0, 0, ""), 0)
    reader = Preprocessor(partial(_evaluate, unit), unit.symbols.defined, unit.include_dirs, unit.report)
    try:
        for statement in reader.statements(text, unit.file):
            _statement(unit, statement)
    except TooManyErrors:
        pass


def _statement(unit: Unit, statement: Statement) -> None:
    """Assemble one statement; a mistake in it is reported and the next one goes on."""
    text, origin = statement.text, statement.origin
    first = _FIRST.match(text)
    if first and (first[1] in IGNORED or first[1].startswith(".cfi_")):
        return
    try:
        parsed = parse(text)
    except StatementError as error:
        unit.report(Diagnostic.at(origin, error.message, error.column))
        _recover(unit, text, origin)
        return
    for name, column in parsed.labels:
        try:
            unit.symbols.define_label(name, unit.section.here(), origin, column)
        except StatementError as error:
            unit.report(Diagnostic.at(origin, error.message, error.column))
    if not parsed.name:
        return
    try:
        _body(unit, parsed, text, origin)
    except StatementError as error:
        unit.report(Diagnostic.at(origin, error.message, error.column))


def _body(unit: Unit, parsed: Parsed, text: str, origin: Origin) -> None:
    if parsed.value is not None:
        unit.assign(parsed.name, parsed.value, origin, parsed.column)
    elif parsed.name.startswith("."):
        _directive(unit, parsed, text, origin)
    else:
        _instruction(unit, parsed, origin)


def _instruction(unit: Unit, parsed: Parsed, origin: Origin) -> None:
    here = unit.section.here()
    if unit.section.nobits:
        raise StatementError(f"an instruction cannot go into section {unit.section.name}, which has no contents")
    unit.lines.append((here, origin))
    unit.section.alignment = max(unit.section.alignment, 2 if unit.options.rvc else 4)
    try:
        writer = Writer(unit.section, unit.symbols, origin, unit.options.rvc, unit.options.relax)
        writer.statement(parsed.name, parsed.column, parsed.operands)
    except StatementError:
        unit.section.emit(Encoded(bytes(4)), "x")  # keeps distances plausible for the checks that follow
        raise


def _directive(unit: Unit, parsed: Parsed, text: str, origin: Origin) -> None:
    handler = DIRECTIVES.get(parsed.name) or DIRECTIVES.get(parsed.name.lower())
    if handler is None:
        known = (*DIRECTIVES, *TEXT_DIRECTIVES)
        raise StatementError(f"unknown directive {parsed.name!r}{nearest(parsed.name, known)}", parsed.column)
    handler(unit, Arguments(unit, parsed.name, parsed.operands, text, origin, parsed.column))


def _recover(unit: Unit, text: str, origin: Origin) -> None:
    """Define the labels of a statement that does not parse, so that they are not reported as missing too."""
    start = 0
    while (match := _LABELS.match(text, start)) is not None:
        try:
            unit.symbols.define_label(match[1], unit.section.here(), origin, match.start(1))
        except StatementError:
            return
        start = match.end()


def _evaluate(unit: Unit, text: str) -> int:
    """The value of the expression after .if or .rept."""
    prefix = 4
    try:
        return unit.known(parse_expression(text.rstrip()), prefix)
    except StatementError as error:
        raise StatementError(error.message, max((error.column or 0) - prefix, 0)) from None
