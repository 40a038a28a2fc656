"""The instruction table: what an instruction definition is, and the decorators the extension modules define them with.

An instruction is written once, as a decorated function: its syntax, its bits, its kind and its meaning.  The decoder, the
disassembler, the assembler, both interpreters, the manual and the tests read this table.  A body is restricted Python over the
operands it names: a register's value (``rs1``, ``rs2``, ``rs3``; ``rd`` is the destination's old value), an immediate (by its
name in the pattern), ``pc``, ``size`` (2 or 4, the instruction's length in bytes) or a constant of its family.  It assigns
local names, and returns its result.  x0, write-back, post-increment, link registers, timing and tracing are the interpreters'
business, never a body's.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from iss.isa import arith
from iss.isa.encoding import REGISTERS, Encoding, EncodingError, Field

_NAME = re.compile(r"[A-Za-z_]\w*'?")
_HELPERS = {name: getattr(arith, name) for name in arith.CASTS} | {f.__name__: f for f in arith.FUNCTIONS}


@dataclass(frozen=True)
class Alu:
    """The body's result is written to rd.  `unit` names the timing rule of its functional unit (iss.engine.timing)."""

    unit: str = "alu"


@dataclass(frozen=True)
class Load:
    """The body is the address; `size` bytes are loaded into rd.

    With `post` the address is rs1's old value and the body is rs1's new one; the loaded value wins when rd is rs1.
    `event` marks p.elw: a load that gates the core's clock while the event unit withholds its grant."""

    size: int
    signed: bool = True
    post: bool = False
    event: bool = False


@dataclass(frozen=True)
class Store:
    """As `Load`; the low `size` bytes of rs2 are stored (its old value, also when rs2 is the incremented rs1)."""

    size: int
    post: bool = False


@dataclass(frozen=True)
class Branch:
    """The body says whether the branch to pc + offset is taken."""


@dataclass(frozen=True)
class Jump:
    """The body is the target; rd receives the address of the next instruction."""

    indirect: bool = False


@dataclass(frozen=True)
class HwLoop:
    """The body is a tuple of new values for the registers of loop L that `sets` names: start, end, count."""

    sets: tuple[str, ...]


@dataclass(frozen=True)
class Csr:
    """The body is the CSR's new value, from its old one (``old``) and the operand; rd receives the old one."""


@dataclass(frozen=True)
class System:
    """An instruction without operands that acts on the hart: ecall, ebreak, mret, wfi, fence, fence.i."""


Kind = Alu | Load | Store | Branch | Jump | HwLoop | Csr | System


@dataclass(frozen=True)
class Body:
    """A restricted function: `tree` is what the engine compiles, `function` the same as plain Python."""

    name: str
    params: tuple[str, ...]
    text: str

    @classmethod
    def of(cls, function: Callable[..., object]) -> Body:
        """The body of a function, without its docstring."""
        node = next(n for n in ast.parse(textwrap.dedent(inspect.getsource(function))).body if isinstance(n, ast.FunctionDef))
        node.decorator_list = []
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return cls._of(node)

    @classmethod
    def generate(cls, text: str) -> Body:
        """A body from source text, for families whose members are unrolled from one definition."""
        return cls._of(next(n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)))

    @classmethod
    def _of(cls, node: ast.FunctionDef) -> Body:
        return cls(node.name, tuple(a.arg for a in node.args.args), ast.unparse(node))

    @cached_property
    def function(self) -> Callable[..., object]:
        """Made when it is first called: most runs need few of them."""
        scope: dict[str, Callable[..., object]] = dict(_HELPERS)
        exec(compile(self.text, f"<body {self.name}>", "exec"), scope)
        return scope[self.name]

    @property
    def tree(self) -> ast.FunctionDef:
        node = ast.parse(self.text).body[0]
        assert isinstance(node, ast.FunctionDef)
        return node


@dataclass(frozen=True)
class Row:
    """What every instruction has: its assembly and its bits."""

    syntax: str
    encoding: Encoding

    @cached_property
    def mnemonic(self) -> str:
        return self.syntax.partition(" ")[0]

    @cached_property
    def operands(self) -> str:
        """The operand template, e.g. ``rd, imm(rs1!)``."""
        return self.syntax.partition(" ")[2].strip()

    @property
    def fields(self) -> Mapping[str, Field]:
        return self.encoding.fields


@dataclass(frozen=True)
class Instruction(Row):
    """One row of the instruction set (see the module's text).

    `constants` are a family's fixed parameters of the body.  `splat` is the lane width in bits when the second operand is
    replicated over the lanes (the .sc and .sci forms), else 0.  `refines` names the instruction whose encodings this one
    takes a part of.  `false_reads` are fields that RI5CY's hazard logic takes for source registers although the body
    does not read them."""

    kind: Kind
    body: Body
    manual: str
    extension: str
    constants: Mapping[str, int] = field(default_factory=dict, hash=False)
    splat: int = 0
    refines: str = ""
    false_reads: tuple[str, ...] = ()
    spelling: str = ""

    @cached_property
    def operand_names(self) -> tuple[str, ...]:
        return tuple(_NAME.findall(self.operands))

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The register fields whose values the instruction really reads."""
        names = [p for p in self.body.params if p in REGISTERS]
        if isinstance(self.kind, Store) and "rs2" not in names:
            names.append("rs2")
        if isinstance(self.kind, (Load, Store)) and self.kind.post and "rs1" not in names:
            names.append("rs1")
        return tuple(name for name in names if name in self.fields)

    @cached_property
    def key(self) -> str:
        """A unique name: mnemonic and operand template."""
        return f"{self.mnemonic} {self.operands}".strip()

    def check(self) -> None:
        """EncodingError when syntax, pattern and body do not name the same things."""
        named, encoded = set(self.operand_names), set(self.fields)
        if named != encoded:
            raise EncodingError(f"{self.key}: syntax and pattern disagree on {sorted(named ^ encoded)}")
        known = encoded | set(self.constants) | {"pc", "size", "old"} | ({"rs2"} if self.splat else set())
        unknown = set(self.body.params) - known
        if unknown:
            raise EncodingError(f"{self.key}: the body names {sorted(unknown)}, which the pattern does not have")


TABLE: list[Instruction] = []


def define(
    body: Body,
    syntax: str,
    pattern: str,
    kind: Kind,
    *,
    manual: str,
    extension: str,
    **options: object,
) -> Instruction:
    """Add one row to the table."""
    row = Instruction(syntax, Encoding.parse(pattern), kind, body, " ".join(manual.split()), extension, **options)  # type: ignore[arg-type]
    row.check()
    TABLE.append(row)
    return row


def instruction(
    syntax: str, pattern: str, kind: Kind | None = None, **options: object
) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Define an instruction with the decorated function as its body and its docstring as the manual's text."""

    def decorate(function: Callable[..., object]) -> Callable[..., object]:
        extension = str(function.__globals__["EXTENSION"])
        define(
            Body.of(function), syntax, pattern, kind or Alu(), manual=function.__doc__ or "", extension=extension, **options
        )
        return function

    return decorate


@dataclass(frozen=True)
class Compressed(Row):
    """A 16-bit instruction: its pattern and the 32-bit instruction it expands to, in assembly with its own operands."""

    expansion: str
    nonzero: tuple[str, ...] = ()

    def matches(self, word: int) -> bool:
        return self.encoding.matches(word) and all(self.fields[name].extract(word) for name in self.nonzero)


def prove(rows: Iterable[Instruction]) -> None:
    """EncodingError when two rows claim the same word without saying so, or two rows have one name."""
    seen: dict[str, Instruction] = {}
    by_opcode: dict[int, list[Instruction]] = {}
    for row in rows:
        if row.key in seen:
            raise EncodingError(f"{row.key} is defined twice")
        seen[row.key] = row
        by_opcode.setdefault(row.encoding.match & 0x7F, []).append(row)
    for group in by_opcode.values():
        for i, a in enumerate(group):
            for b in group[i + 1 :]:
                if a.encoding.overlaps(b.encoding) and a.mnemonic != b.refines and b.mnemonic != a.refines:
                    raise EncodingError(f"{a.key} and {b.key} overlap: {a.encoding.pattern} / {b.encoding.pattern}")
