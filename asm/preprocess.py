"""The text-level directives: macros, repetitions, conditions and includes.  Statements for the parser are left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from asm.diagnostics import Diagnostic, Origin, StatementError, nearest
from asm.macros import MAX_LINE, Macro, parse_header, split_arguments, substitute, unquote
from asm.parser import unescape
from asm.source import Statement, split, split_line

MAX_STATEMENTS = 300_000
MAX_CHARACTERS = 1 << 24
MAX_DEPTH = 64

_HEAD = re.compile(r"((?:\s*[\w.$]+\s*:)*)\s*([\w.$]*)\s*")
_BLOCKS = {".macro": ".endm", ".rept": ".endr", ".irp": ".endr", ".irpc": ".endr"}
_CLOSERS = {".endm": ".macro", ".endmacro": ".macro", ".endr": ".rept"}
_STRING = re.compile(r'\s*"((?:\\.|[^"\\])*)"\s*$')
_COMPARISONS: dict[str, Callable[[int], bool]] = {
    ".if": lambda v: v != 0,
    ".ifne": lambda v: v != 0,
    ".ifeq": lambda v: v == 0,
    ".ifgt": lambda v: v > 0,
    ".ifge": lambda v: v >= 0,
    ".iflt": lambda v: v < 0,
    ".ifle": lambda v: v <= 0,
}
_TEXT_CONDITIONS = (".ifdef", ".ifndef", ".ifnotdef", ".ifb", ".ifnb", ".ifc", ".ifnc")
_CONDITIONS = (*_COMPARISONS, *_TEXT_CONDITIONS)
DIRECTIVES = frozenset(
    (*_CONDITIONS, *_BLOCKS, *_CLOSERS, ".else", ".elseif", ".endif", ".include", ".exitm", ".purgem", ".end")
)


@dataclass
class Frame:
    """A list of statements being read; `conditions` is how many .if were open when it began."""

    statements: list[Statement]
    conditions: int
    kind: str
    position: int = 0


@dataclass
class Condition:
    """An .if: are its statements read, was any branch of it taken, has .else passed?"""

    active: bool
    taken: bool
    origin: Origin
    in_else: bool = False


@dataclass
class Preprocessor:
    """Reads a file and what it includes.  `evaluate` and `defined` ask the assembler about symbols."""

    evaluate: Callable[[str], int]
    defined: Callable[[str], bool]
    include_dirs: tuple[Path, ...]
    report: Callable[[Diagnostic], None]
    macros: dict[str, Macro] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    expansions: int = 0
    read: int = 0
    characters: int = 0

    def statements(self, text: str, file: str) -> Iterator[Statement]:
        """Every statement to assemble, in order."""
        self._push(self._split(text, file, None, ""), "file")
        while (statement := self._next()) is not None:
            try:
                yield from self._process(statement)
            except StatementError as error:
                self.report(Diagnostic.at(statement.origin, error.message, error.column))
        while self.conditions:
            self.report(Diagnostic.at(self.conditions.pop().origin, "this condition has no .endif"))

    def _split(self, text: str, file: str, parent: Origin | None, via: str) -> list[Statement]:
        self.characters += len(text)
        statements, problems = split(text, file, parent, via)
        for problem in problems:
            self.report(problem)
        return statements

    def _push(self, statements: list[Statement], kind: str) -> None:
        if len(self.frames) >= MAX_DEPTH:
            raise StatementError(f"macros, repetitions and includes are nested more than {MAX_DEPTH} deep")
        self.frames.append(Frame(statements, len(self.conditions), kind))

    def _next(self) -> Statement | None:
        """The next statement; None at the end, or when there are far too many."""
        while self.frames:
            frame = self.frames[-1]
            if frame.position >= len(frame.statements):
                self._leave()
                continue
            statement = frame.statements[frame.position]
            frame.position += 1
            self.read += 1
            if self.read > MAX_STATEMENTS or self.characters > MAX_CHARACTERS:
                limit = f"more than {MAX_STATEMENTS} statements or {MAX_CHARACTERS >> 20} MiB"
                self.report(Diagnostic.at(statement.origin, f"{limit} after expansion: giving up"))
                self.frames.clear()
                self.conditions.clear()
                return None
            return statement
        return None

    def _leave(self) -> None:
        """The end of a frame; conditions that it opened must be closed by now."""
        frame = self.frames.pop()
        while len(self.conditions) > frame.conditions:
            self.report(Diagnostic.at(self.conditions.pop().origin, "this condition has no .endif"))

    def _process(self, statement: Statement) -> Iterator[Statement]:
        text = statement.text
        head = _HEAD.match(text)
        assert head is not None
        word = head[2]
        active = not self.conditions or self.conditions[-1].active
        directive = word.lower() if word.startswith(".") else ""
        if word in self.macros or directive in DIRECTIVES:
            rest, start = text[head.end() :], head.end()
            if active and head[1]:
                yield Statement(head[1], statement.origin)
            try:
                if word in self.macros and directive not in DIRECTIVES:
                    if active:
                        self._call(self.macros[word], rest, statement)
                else:
                    self._directive(directive, rest, statement, active)
            except StatementError as error:
                column = head.start(2) if error.column is None else start + error.column
                raise StatementError(error.message, column) from None
        elif active:
            yield statement

    def _directive(self, word: str, rest: str, statement: Statement, active: bool) -> None:
        if word in _CONDITIONS:
            condition = Condition(False, True, statement.origin)
            self.conditions.append(condition)  # also when what follows fails, for its .endif
            if active:
                condition.active = condition.taken = self._condition(word, rest)
        elif word in (".else", ".elseif", ".endif"):
            self._branch(word, rest)
        elif word in _CLOSERS:
            if active:
                raise StatementError(f"{word} without {_CLOSERS[word]}")
        elif word == ".macro":
            self._define(rest, statement, active)
        elif word in _BLOCKS:
            body = self._block(word, statement)
            if active:
                self._repeat(word, rest, body, statement)
        elif active:
            self._simple(word, rest, statement)

    def _simple(self, word: str, rest: str, statement: Statement) -> None:
        if word == ".include":
            self._include(rest, statement)
        elif word == ".exitm":
            self._exit_macro()
        elif word == ".purgem":
            if self.macros.pop(rest.strip(), None) is None:
                raise StatementError(f"no macro {rest.strip()!r}{nearest(rest.strip(), self.macros)}", 0)
        elif word == ".end":
            self.frames.clear()
            self.conditions.clear()

    def _condition(self, word: str, rest: str) -> bool:
        if word in _COMPARISONS:
            return _COMPARISONS[word](self.evaluate(rest))
        name = rest.strip()
        if word in (".ifdef", ".ifndef", ".ifnotdef"):
            if not re.fullmatch(r"[A-Za-z_.$][\w.$]*", name):
                raise StatementError(f"{word} expects one symbol", 0)
            return self.defined(name) == (word == ".ifdef")
        if word in (".ifb", ".ifnb"):
            return (name == "") == (word == ".ifb")
        parts = [unquote(item) for _, item in split_arguments(rest)]
        if len(parts) != 2:
            raise StatementError(f"{word} expects two texts, separated by a comma", 0)
        return (parts[0] == parts[1]) == (word == ".ifc")

    def _branch(self, word: str, rest: str) -> None:
        opened = self.frames[-1].conditions if self.frames else 0
        if len(self.conditions) <= opened:
            raise StatementError(f"{word} without .if")
        condition = self.conditions[-1]
        if word == ".endif":
            self.conditions.pop()
            return
        if condition.in_else:
            raise StatementError(f"{word} after .else")
        condition.in_else = word == ".else"
        if condition.taken:
            condition.active = False
        else:
            condition.active = condition.taken = word == ".else" or self.evaluate(rest) != 0

    def _block(self, opener: str, statement: Statement) -> list[Statement]:
        """The statements up to the closing directive of the same kind."""
        closer, depth = _BLOCKS[opener], 1
        frame = self.frames[-1]
        body: list[Statement] = []
        while frame.position < len(frame.statements):
            item = frame.statements[frame.position]
            frame.position += 1
            head = _HEAD.match(item.text)
            word = head[2].lower() if head else ""
            if _BLOCKS.get(word) == closer:
                depth += 1
            elif word == closer or (word == ".endmacro" and closer == ".endm"):
                depth -= 1
                if depth == 0:
                    return body
            body.append(item)
        raise StatementError(f"{opener} without {closer}")

    def _define(self, rest: str, statement: Statement, active: bool) -> None:
        body = self._block(".macro", statement)
        if not active:
            return
        macro = parse_header(rest)
        macro.body = body
        if macro.name in self.macros:
            raise StatementError(f"macro {macro.name!r} is already defined")
        if macro.name.lower() in DIRECTIVES:
            raise StatementError(f"{macro.name} cannot be a macro")
        self.macros[macro.name] = macro

    def _call(self, macro: Macro, rest: str, statement: Statement) -> None:
        values = macro.arguments(rest)
        via = f"macro {macro.name!r}, invoked"
        self._push(self._expand(macro.body, values, statement.origin, via), "macro")

    def _expand(self, body: list[Statement], values: dict[str, str], caller: Origin, via: str) -> list[Statement]:
        found: list[Statement] = []
        for text, source in substitute(body, values, self.expansions):
            self.characters += len(text)
            if self.characters > MAX_CHARACTERS:
                raise StatementError(f"the expansions are longer than {MAX_CHARACTERS >> 20} MiB")
            at = source.origin
            start, line = (at.start, at.text) if text == source.text else (0, text)
            origin = Origin(at.file, at.line, start, line, caller, via)
            found.extend(split_line(text, origin))
        self.expansions += 1
        return found

    def _repeat(self, word: str, rest: str, body: list[Statement], statement: Statement) -> None:
        if word == ".rept":
            count = self.evaluate(rest)
            if count < 0:
                raise StatementError(f".rept of {count}: the count must not be negative", 0)
            rounds: Iterator[dict[str, str]] = ({} for _ in range(count))
        else:
            name, items = self._items(word, rest)
            rounds = ({name: item} for item in items)
        found: list[Statement] = []
        for number, values in enumerate(rounds):
            found += self._expand(body, values, statement.origin, f"round {number + 1} of {word}")
            self.read += 1  # a round costs time even when it holds no statements
            if self.read + len(found) > MAX_STATEMENTS:
                raise StatementError(f"{word}: more than {MAX_STATEMENTS} statements")
        self._push(found, "repeat")

    def _items(self, word: str, rest: str) -> tuple[str, list[str]]:
        match = re.match(r"\s*\\?([A-Za-z_$][\w$]*)\s*,?\s*", rest)
        if match is None:
            raise StatementError(f"{word} expects a name and values", 0)
        values = rest[match.end() :]
        if word == ".irpc":
            return match[1], list(unquote(values.strip())) or [""]
        return match[1], [unquote(item) for _, item in split_arguments(values)] or [""]

    def _exit_macro(self) -> None:
        """Leave the innermost macro, and repetitions in it."""
        if not any(frame.kind == "macro" for frame in self.frames):
            raise StatementError(".exitm outside a macro")
        while True:
            frame = self.frames.pop()
            del self.conditions[frame.conditions :]
            if frame.kind == "macro":
                return

    def _include(self, rest: str, statement: Statement) -> None:
        name = string(rest, ".include")
        path = find(name, statement.origin, self.include_dirs, len(rest) - len(rest.lstrip()))
        depth = sum(frame.kind == "file" for frame in self.frames)
        if depth > MAX_DEPTH // 2:
            raise StatementError(f".include nested more than {MAX_DEPTH // 2} deep: does {name!r} include itself?")
        text = read(path)
        self._push(self._split(text, str(path), statement.origin, ".include"), "file")


def string(text: str, directive: str) -> str:
    """The one quoted string that a directive expects."""
    match = _STRING.match(text)
    if match is None or len(text) > MAX_LINE:
        raise StatementError(f'{directive} expects a "file name"', 0)
    return unescape(match[1]).decode("utf-8", "surrogateescape")


def find(name: str, origin: Origin, include_dirs: tuple[Path, ...], column: int | None = None) -> Path:
    """A file by the directory of the file that names it, then the include directories; StatementError lists them."""
    tried = [Path(origin.file).parent, *include_dirs]
    try:
        for folder in tried:
            if (folder / name).is_file():
                return folder / name
    except (OSError, ValueError):
        pass
    folders = ", ".join(dict.fromkeys(map(str, tried)))
    raise StatementError(f"no file {name[:200]!r} in {folders}", column)


def read(path: Path) -> str:
    """The text of a source file."""
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise StatementError(f"cannot read {path}: {error.strerror or error}") from None
