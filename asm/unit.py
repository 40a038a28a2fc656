"""One source file being assembled: its sections, symbols, options and mistakes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from asm.diagnostics import Diagnostic, Origin, StatementError, nearest
from asm.directives import DIRECTIVES, Arguments
from asm.expressions import Anchor, Const, Expr, bind, constant
from asm.instructions import Writer
from asm.parser import parse, parse_expression
from asm.preprocess import DIRECTIVES as TEXT_DIRECTIVES
from asm.preprocess import Preprocessor
from asm.sections import Encoded, Section, default_attributes
from asm.source import Statement
from asm.symbols import Symbols
from asm.syntax import Parsed

MAX_ERRORS = 1000
_FIRST = re.compile(r"\s*(\.[\w.]+)")
_LABELS = re.compile(r"\s*([A-Za-z_.$][\w.$]*|\d+)\s*:")
# What compilers write for tools that we are not: read over.
IGNORED = frozenset(
    (".file", ".ident", ".loc", ".line", ".attribute", ".hidden", ".protected", ".internal", ".addrsig", ".addrsig_sym")
)
UNKNOWN = "the value must be known here: constants, and differences of labels with fixed distance"


class TooManyErrors(Exception):
    """Enough has gone wrong in this file."""


@dataclass(frozen=True, slots=True)
class Options:
    """What .option says: compress instructions, shorten calls."""

    rvc: bool = False
    relax: bool = True


@dataclass
class Unit:
    """A file.  `lines` says which statement each instruction came from."""

    file: str
    include_dirs: tuple[Path, ...] = ()
    sections: dict[str, Section] = field(default_factory=dict)
    symbols: Symbols = field(default_factory=Symbols)
    options: Options = field(default_factory=Options)
    option_stack: list[Options] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    lines: list[tuple[Anchor, Origin]] = field(default_factory=list)
    section_stack: list[tuple[Section, Section]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.section = self.previous = self.get_section(".text")

    def assemble(self, text: str, defines: Mapping[str, int]) -> None:
        """Read the whole file; what is wrong with it ends up in `diagnostics`."""
        for name, value in defines.items():
            self.symbols.assign(name, Const(value), Origin("command line", 0, 0, ""), 0)
        reader = Preprocessor(self.evaluate_text, self.symbols.defined, self.include_dirs, self.report)
        try:
            for statement in reader.statements(text, self.file):
                self.statement(statement)
        except TooManyErrors:
            pass

    def report(self, diagnostic: Diagnostic) -> None:
        self.diagnostics.append(diagnostic)
        if len(self.diagnostics) >= MAX_ERRORS:
            raise TooManyErrors

    def statement(self, statement: Statement) -> None:
        """Assemble one statement; a mistake in it is reported and the next one goes on."""
        text, origin = statement.text, statement.origin
        first = _FIRST.match(text)
        if first and (first[1] in IGNORED or first[1].startswith(".cfi_")):
            return
        try:
            parsed = parse(text)
        except StatementError as error:
            self.report(Diagnostic.at(origin, error.message, error.column))
            self._recover(text, origin)
            return
        for name, column in parsed.labels:
            try:
                self.symbols.define_label(name, self.section.here(), origin, column)
            except StatementError as error:
                self.report(Diagnostic.at(origin, error.message, error.column))
        if not parsed.name:
            return
        try:
            self._body(parsed, text, origin)
        except StatementError as error:
            self.report(Diagnostic.at(origin, error.message, error.column))

    def _body(self, parsed: Parsed, text: str, origin: Origin) -> None:
        if parsed.value is not None:
            self.assign(parsed.name, parsed.value, origin, parsed.column)
        elif parsed.name.startswith("."):
            self._directive(parsed, text, origin)
        else:
            self._instruction(parsed, origin)

    def _instruction(self, parsed: Parsed, origin: Origin) -> None:
        here = self.section.here()
        if self.section.nobits:
            raise StatementError(f"an instruction cannot go into section {self.section.name}, which has no contents")
        self.lines.append((here, origin))
        self.section.alignment = max(self.section.alignment, 2 if self.options.rvc else 4)
        try:
            writer = Writer(self.section, self.symbols, origin, self.options.rvc, self.options.relax)
            writer.statement(parsed.name, parsed.column, parsed.operands)
        except StatementError:
            self.section.emit(Encoded(bytes(4)), "x")  # keeps distances plausible for the checks that follow
            raise

    def _directive(self, parsed: Parsed, text: str, origin: Origin) -> None:
        handler = DIRECTIVES.get(parsed.name) or DIRECTIVES.get(parsed.name.lower())
        if handler is None:
            known = (*DIRECTIVES, *TEXT_DIRECTIVES)
            raise StatementError(f"unknown directive {parsed.name!r}{nearest(parsed.name, known)}", parsed.column)
        handler(self, Arguments(self, parsed.name, parsed.operands, text, origin, parsed.column))

    def _recover(self, text: str, origin: Origin) -> None:
        """Define the labels of a statement that does not parse, so that they are not reported as missing too."""
        start = 0
        while (match := _LABELS.match(text, start)) is not None:
            try:
                self.symbols.define_label(match[1], self.section.here(), origin, match.start(1))
            except StatementError:
                return
            start = match.end()

    def assign(self, name: str, value: Expr, origin: Origin, column: int, once: bool = False) -> None:
        """``name = value`` with what is known at this point."""
        self.symbols.assign(name, self.bind(value), origin, column, once)

    def bind(self, expr: Expr) -> Expr:
        return bind(expr, self.symbols.resolver(self.section.here()))

    def known(self, expr: Expr, column: int) -> int:
        """The value of an expression that is needed now."""
        value = constant(self.bind(expr))
        if value is None:
            raise StatementError(UNKNOWN, column)
        return value

    def evaluate_text(self, text: str) -> int:
        """The value of the expression after .if or .rept."""
        prefix = 4
        try:
            return self.known(parse_expression(text.rstrip()), prefix)
        except StatementError as error:
            raise StatementError(error.message, max((error.column or 0) - prefix, 0)) from None

    def get_section(self, name: str, attributes: tuple[bool, bool, bool] | None = None) -> Section:
        """The section, made when it is new."""
        found = self.sections.get(name)
        if found is None:
            found = self.sections[name] = Section(name, *(attributes or default_attributes(name)))
        return found

    def enter(self, section: Section) -> None:
        """Continue in another section."""
        self.previous, self.section = self.section, section

    def set_options(self, **changes: bool) -> None:
        self.options = replace(self.options, **changes)
