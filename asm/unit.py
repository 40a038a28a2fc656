"""One source file being assembled: its sections, symbols, options and mistakes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from asm.diagnostics import Diagnostic, Origin, StatementError
from asm.expressions import Anchor, Expr, bind, constant
from asm.sections import Section, default_attributes
from asm.symbols import Symbols

MAX_ERRORS = 1000
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

    def report(self, diagnostic: Diagnostic) -> None:
        self.diagnostics.append(diagnostic)
        if len(self.diagnostics) >= MAX_ERRORS:
            raise TooManyErrors

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
