"""Statements to syntax, by the grammar in grammar.lark."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken, v_args
from lark.exceptions import VisitError

from asm.diagnostics import StatementError
from asm.expressions import Const, Expr, Name, climb, relocation, unary
from asm.syntax import Operand, Parsed

_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]+)|(.))", re.DOTALL)
_SIMPLE_ESCAPES = dict(zip(b"ntrbfvae", b"\n\t\r\b\f\v\a\x1b", strict=True))
_LOCAL = re.compile(r"\d+[fb]$")
_EXPECTED = {
    "NAME": "a name",
    "NUMBER": "a number",
    "BINARY": "an operator",
    "RPAR": "')'",
    "COMMA": "','",
    "STRING": "a string",
    "$END": "the end of the statement",
}
_ORDER = ("COMMA", "RPAR", "BINARY", "NAME", "NUMBER", "STRING", "$END")


@lru_cache(maxsize=1 << 15)
def parse(text: str) -> Parsed:
    """The parts of one statement; StatementError says what does not belong in it."""
    try:
        return _parse(text)
    except UnexpectedInput as error:
        raise _syntax_error(error, text) from None
    except VisitError as error:
        if isinstance(error.orig_exc, StatementError):
            raise error.orig_exc from None
        raise


def parse_expression(text: str) -> Expr:
    """An expression that stands alone, as after .if."""
    parsed = parse(f".if {text}")
    expr = parsed.operands[0].expr if len(parsed.operands) == 1 else None
    if parsed.labels or expr is None or parsed.operands[0].base is not None:
        raise StatementError("expected an expression")
    return expr


def number(text: str, column: int = 0) -> int:
    """A literal: decimal, 0x hexadecimal, 0b binary or 0 octal."""
    if len(text) > 80:
        raise StatementError("number too long", column)
    digits = text.lower()
    base = 16 if digits.startswith("0x") else 2 if digits.startswith("0b") else 8 if digits.startswith("0") else 10
    try:
        value = int(digits[2:] if base in (16, 2) else digits, base)
    except ValueError:
        raise StatementError(f"{text!r} is not a number", column) from None
    if value >= 1 << 64:
        raise StatementError(f"{text} does not fit 64 bits", column)
    return value


def unescape(text: str) -> bytes:
    """The bytes of a quoted string, its quotes taken off."""

    def value(match: re.Match[bytes]) -> bytes:
        octal, hexadecimal, other = match.groups()
        if octal:
            return bytes([int(octal, 8) & 0xFF])
        if hexadecimal:
            return bytes([int(hexadecimal[-2:], 16)])
        return bytes([_SIMPLE_ESCAPES.get(other[0], other[0])])

    return _ESCAPE.sub(value, text.encode("utf-8", "surrogateescape"))


@v_args(inline=True)
class _Builder(Transformer[Token, Parsed]):
    """Grammar rules to syntax, called while parsing."""

    def start(self, *parts: object) -> Parsed:
        labels = tuple(part for part in parts[:-1] if isinstance(part, tuple))
        body = parts[-1] if parts else None
        return Parsed(labels, *body) if isinstance(body, list) else Parsed(labels)

    def label(self, token: Token) -> tuple[str, int]:
        if token.type == "NUMBER" and not token.isdecimal():
            raise StatementError(f"{token.value!r} is not a label", _column(token))
        return str(token), _column(token)

    def assignment(self, name: Token, _equals: Token, value: Expr) -> list[object]:
        return [str(name), _column(name), (), value]

    def operation(self, name: Token, operands: tuple[Operand, ...]) -> list[object]:
        return [str(name), _column(name), operands]

    def operands(self, *parts: Operand | Token) -> tuple[Operand, ...]:
        """An operand that was left out stands where its comma does."""
        found: list[Operand] = []
        for i, part in enumerate(parts):
            if isinstance(part, Token):
                continue
            if part.missing:
                comma = parts[min(i + 1, len(parts) - 1)] if i + 1 < len(parts) else parts[i - 1] if i else None
                part = Operand(_column(comma)) if isinstance(comma, Token) else part
            found.append(part)
        return () if len(found) == 1 and found[0].missing else tuple(found)

    def plain(self, expr: Expr) -> Operand:
        return Operand(expr.column, expr)

    def based(self, expr: Expr, base: Expr) -> Operand:
        return Operand(expr.column, expr, base)

    def incremented(self, expr: Expr, base: Expr, _bang: Token) -> Operand:
        return Operand(expr.column, expr, base, increment=True)

    def incremented_only(self, *parts: Expr | Token) -> Operand:
        base = next(part for part in parts if not isinstance(part, Token))
        return Operand(base.column, None, base, increment=True)

    def string(self, token: Token) -> Operand:
        return Operand(_column(token), text=unescape(token[1:-1]))

    def attribute(self, token: Token) -> Operand:
        return Operand(_column(token), attribute=token[1:])

    def missing(self) -> Operand:
        return Operand(0)

    def operators(self, first: Expr, *rest: Expr | Token) -> Expr:
        pairs = list(zip(map(str, rest[::2]), rest[1::2], strict=True))
        return climb(first, pairs)  # type: ignore[arg-type]

    def name(self, token: Token) -> Expr:
        return Name(str(token), _column(token))

    def number(self, token: Token) -> Expr:
        if token[-1] in "bf" and _LOCAL.match(token):
            return Name(str(token), _column(token))
        return Const(number(str(token), _column(token)), _column(token))

    def character(self, token: Token) -> Expr:
        body = token[1:-1] if len(token) > 2 and token.endswith("'") else token[1:]
        value = unescape(body)
        return Const(value[0] if len(value) == 1 else ord(body[0]), _column(token))

    def prefix(self, operator: Token, operand: Expr) -> Expr:
        return unary(str(operator), operand, _column(operator))

    def group(self, paren: Token, inner: Expr) -> Expr:
        return unary("(", inner, _column(paren))

    def relocation(self, kind: Token, operand: Expr) -> Expr:
        return relocation(kind[1:], operand, _column(kind))


def _column(token: Token) -> int:
    return token.start_pos or 0


@cache
def _lark() -> Callable[[str], Parsed]:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    lark = Lark(grammar, parser="lalr", transformer=_Builder(), maybe_placeholders=True)
    return lark.parse  # type: ignore[return-value]


def _parse(text: str) -> Parsed:
    return _lark()(text)


def _syntax_error(error: UnexpectedInput, text: str) -> StatementError:
    if isinstance(error, UnexpectedToken):
        expected = set(error.accepts or error.expected)
        at_end = error.token.type == "$END"
        column = len(text.rstrip()) if at_end else _column(error.token)
        what = "unexpected end of the statement" if at_end else f"unexpected {str(error.token)[:40]!r}"
    elif isinstance(error, UnexpectedCharacters):
        expected = set(error.allowed or ())
        column = error.pos_in_stream or 0
        what = _bad_character(text, column)
    else:
        expected, column = set(), len(text.rstrip())
        what = "unexpected end of the statement" if isinstance(error, UnexpectedEOF) else "syntax error"
    wanted = [_EXPECTED[name] for name in _ORDER if name in expected]
    return StatementError(what + (f"; expected {_either(wanted)}" if wanted else ""), column)


def _bad_character(text: str, column: int) -> str:
    char = text[column : column + 1]
    if char == '"':
        return "this string does not end, or stands where none belongs"
    if char == "\\":
        found = re.match(r"\\[\w$]*", text[column:])
        return f"{found[0] if found else char!r} is no argument of a macro here"
    return f"unexpected {char!r}"


def _either(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} or {items[-1]}"
