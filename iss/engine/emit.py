"""Writes the kernels: the template's frame with one case per operation, as one self-contained module for Numba.

The module's name is a hash of everything it was made from (the files of instruction set and engine, Numba's version, the CPU), so a
cached compilation is never used when it might be another's."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import os
import re
import sys
import textwrap
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba

from iss import isa
from iss.engine import blocks, layout, operations, template
from iss.engine.operations import number_named
from iss.isa import arith
from iss.isa.csr import CSRS
from iss.isa.table import Alu, Branch, HwLoop, Jump, Load, Store

TRACED_MAX = 1 << 15
_CONSTANT_PREFIXES = {
    "H": layout.Hart,
    "P": layout.Pending,
    "S": layout.Stall,
    "PG": layout.Page,
    "G": layout.Global,
    "B": layout.Bank,
    "Q": layout.Stream,
}
_UNITS = {"mulh": ("S_MULTIPLY", 1), "div_signed": ("S_DIVIDE", 2), "div_unsigned": ("S_DIVIDE", 3)}
"""Units with several cycles: the cause of their stalls, and what the template's `unit_cycles` knows them by."""
_OPERANDS = {"rs1": "a", "rs2": "b", "rs3": "d", "rd": "d"}


class _Splice(ast.NodeTransformer):
    """Turns a body into statements over the frame's variables."""

    def __init__(self, names: dict[str, str], prefix: str) -> None:
        self.names = names
        self.prefix = prefix

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self.names:
            return ast.parse(self.names[node.id], mode="eval").body
        if isinstance(node.ctx, ast.Store) or node.id.startswith("_"):
            self.names[node.id] = self.prefix + node.id
            return ast.Name(self.prefix + node.id, node.ctx)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in arith.CASTS:
            return ast.parse(f"int64({arith.CASTS[node.func.id]}({ast.unparse(node.args[0])}))", mode="eval").body
        return node


def _case(operation: operations.Operation) -> list[str]:
    """The statements of one operation."""
    row, kind = operation.row, operation.kind
    names = dict(_OPERANDS)
    names["pc"] = "(int64(ix << ONE) + int64(HART[H_BIAS]))"
    names["size"] = "int64(FOUR - ((w >> COMPRESSED) & ONE) * TWO)"
    packed = operations.packed_names(row)
    width = operations.slot_bits(len(packed))
    for i, name in enumerate(packed):
        if width == 32:
            names[name] = "imm"
        else:
            names[name] = f"int64(int{width}(w >> U{layout.IMM_SHIFT + i * width}))"
    lines = []
    if operation.splat:
        ones = "U0x1010101" if operation.splat == 8 else "U0x10001"
        keep = "UXFF" if operation.splat == 8 else "UXFFFF"
        lines += [
            "if w >> U63:",
            f"    b = int64(((uint64(b) | ((w >> IMM) & UXFFFF)) & {keep}) * {ones} & M32)",
        ]
    tree = row.body.tree
    splice = _Splice(names, f"t{operation.number}_")
    for statement in tree.body:
        done = splice.visit(statement)
        if not isinstance(done, ast.Return):
            lines += ast.unparse(ast.fix_missing_locations(done)).splitlines()
            continue
        assert done.value is not None
        ast.fix_missing_locations(done)
        lines += _result(kind, done.value)
    if isinstance(kind, Alu) and kind.unit in _UNITS:
        cause, number = _UNITS[kind.unit]
        lines += [f"extra = unit_cycles(U{number}, b)", f"cause = {cause}"]
    return lines


def _result(kind: object, value: ast.expr) -> list[str]:
    text = ast.unparse(value)
    if isinstance(kind, Alu):
        return [f"v = int64({text})"]
    if isinstance(kind, Jump):
        return [f"target = {text}"]
    if isinstance(kind, Branch):
        return [f"taken = {text}", "target = " + ("imm" if "int16" not in text else "int64(int16(w >> U48))")]
    assert isinstance(kind, HwLoop)
    assert isinstance(value, ast.Tuple)
    bits = {"start": 1, "finish": 2, "count": 4}
    names = ["finish" if name == "end" else name for name in kind.sets]
    lines = [f"{name} = {ast.unparse(item)}" for name, item in zip(names, value.elts, strict=True)]
    return [*lines, f"sets = U{sum(bits[name] for name in names)}"]


def _dispatch(groups: Sequence[str], indent: int) -> list[str]:
    """The cases of some groups as a chain of comparisons, which LLVM turns into a jump table."""
    pad = "    " * indent
    lines: list[str] = []
    for numbers, statements in _cases(groups):
        test = " or ".join(f"op == U{number}" for number in numbers)
        lines.append(f"{pad}{'elif' if lines else 'if'} {test}:")
        lines += [f"{pad}    {line}" for line in statements]
    return lines


def _cases(groups: Sequence[str]) -> list[tuple[list[int], list[str]]]:
    """Operation numbers with their statements; neighbours that do the same share them."""
    cases: list[tuple[list[int], list[str]]] = []
    for operation in operations.operations():
        if operations.group_of(operation.row) not in groups:
            continue
        statements = _case(operation)
        if cases and cases[-1][1] == statements:
            cases[-1][0].append(operation.number)
        else:
            cases.append(([operation.number], statements))
    return cases


def _constants(features: frozenset[str]) -> list[str]:
    lines = [
        f"{prefix}_{member.name} = np.uint64({int(member)})" for prefix, kind in _CONSTANT_PREFIXES.items() for member in kind
    ]
    lines += [f"X_{member.name} = {int(member)}" for member in layout.Exit]
    special = {
        "ZERO": 0, "ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5, "SIX": 6, "SEVEN": 7, "EIGHT": 8, "NINE": 9,
        "NEVER": layout.NEVER, "H_ROW": layout.BLOCK_WORDS, "R_ROW": layout.REGISTER_STRIDE, "STALLS": layout.STALLS,
        "REGISTERS": 8 * layout.REGISTERS, "UNDO_ROWS": 8 * layout.UNDO, "NOTES": layout.NOTES, "NOTES_END": layout.UNDO,
        "G_ROW": len(layout.Global), "BURST_COUNT": layout.BURST_COUNT_SHIFT, "BURST_INDEX": (1 << layout.BURST_COUNT_SHIFT) - 1,
        "B_ROW": layout.BANK_WORDS, "T_ROW": layout.TRACE_WORDS, "Q_ROW": layout.STREAM_WORDS, "BEAT_ROW": layout.BEAT_WORDS,
        "UNDO_ROW": layout.UNDO_ENTRIES, "UNDO_MASK": layout.UNDO_ENTRIES - 1,
        "WHEEL_MASK": 63, "STREAM_BIT": 32, "HART_BITS": 0xFFFFFFFF,
        "MAX_BANKS": layout.MAX_BANKS, "LINE_SHIFT": layout.LINE_SHIFT,
        "BRANCH_STALL": 2, "ELW_STALL": 3, "XBAR": int(layout.Interconnect.XBAR), "TRACED_MAX": TRACED_MAX,
        "M_OP": (1 << layout.OP_BITS) - 1, "M5": 31, "M6": 63, "M32": 0xFFFFFFFF, "M_KIND": layout.KIND_MASK,
        "M_PAGE": (1 << layout.PAGE_BITS) - 1, "M_WORD": 0xFFFFFFFC, "PAGE_SHIFT": layout.PAGE_BITS, "PLACE": layout.PLACE_SHIFT,
        "RS1": layout.RS1_SHIFT, "RS2": layout.RS2_SHIFT, "RS3": layout.RS3_SHIFT, "RD": layout.RD_SHIFT, "IMM": layout.IMM_SHIFT,
        "COMPRESSED": layout.COMPRESSED_BIT, "LOOP_END": 1 << layout.LOOP_END_BIT, "HALF": 32, "NOTE": 32, "NOTE_COUNT": 24,
        "UNDECODED": operations.UNDECODED, "FIRST_STORE": operations.end_of("LOAD"), "ALU_END": operations.end_of("ALU") - 1,
        "JUMP_END": operations.end_of("JUMP") - 1, "BRANCH_END": operations.end_of("BRANCH") - 1,
        "MEMORY_END": operations.end_of("STORE") - 1, "UNIT_END": operations.end_of("UNIT") - 1,
        "LOOP_SET_END": operations.end_of("LOOP") - 1,
        "OP_JALR": number_named("jalr"), "OP_ELW": number_named("p.elw"), "OP_CSR": number_named("csrrw"),
        "LIC": int(layout.Interconnect.LIC),
        **{register.name.upper(): register.address for register in CSRS if register.name.endswith("hartid")},
        "HCI": int(layout.Interconnect.HCI),
        "SELF_JUMP": layout.SELF_JUMP, "UNCOMMON": layout.UNCOMMON, "BEHIND": 4, "FORGET": 12, "UXFF": 0xFF, "UXFFFF": 0xFFFF,
        "HOT": layout.HOT, "BLOCK_REACH": blocks.REACH,
    }  # fmt: skip
    lines += [f"{name} = np.uint64({value})" for name, value in special.items()]
    count = operations.operations()[-1].number + 1
    size, signed, post = [0] * count, [0] * count, [0] * count
    by: dict[str, list[int]] = {name: [0] * count for name in ("imm", "rs2", "rs3")}
    for operation in operations.operations():
        kind = operation.kind
        if isinstance(kind, (Load, Store)):
            size[operation.number] = kind.size
            signed[operation.number] = int(isinstance(kind, Load) and kind.signed)
            params = operation.row.body.params
            # The kernel adds what BY_... chooses to rs1: that must be what the body says.
            assert operation.row.body.function(3, 5) == 8, operation.row.key
            by[next(name for name in by if name in params)][operation.number] = -1
            post[operation.number] = int(kind.post)
    lines += [
        f"SIZE = np.array({size}, np.uint64)",
        f"UNUSED_BITS = np.array({[64 - 8 * n if n else 0 for n in size]}, np.uint64)",
        f"ONES = np.array({[(1 << 8 * n) - 1 for n in size]}, np.uint64)",
        f"SIGNED = np.array({signed}, np.uint64)",
        *(f"BY_{name.upper()} = np.array({values}, np.int64)" for name, values in by.items()),
        f"NOT_POST = np.array({[0 if form else -1 for form in post]}, np.int64)",
        f"POST_SINK = np.array({_post_sinks(post)}, np.uint64)",
    ]
    return lines


def _post_sinks(post: Sequence[int]) -> list[int]:
    """Where an address update goes, by rs1 << 9 | operation."""
    padded = [*post, *[0] * ((1 << layout.OP_BITS) - len(post))]
    return [register if form and register else layout.X0_SINK for register in range(32) for form in padded]


_GROUPS = {"ALU": ("ALU",), "BRANCH": ("JUMP", "BRANCH"), "UNIT": ("UNIT",), "LOOP": ("LOOP",)}


def source(features: frozenset[str] = frozenset()) -> str:
    """The text of the kernel module with these features: "trace"; "icache"; "late", answers that come later than in the cycle
    behind the grant."""
    marks = features | {"rich" if features else "bare"} | (set() if "trace" in features else {"plain"})
    lines = []
    for line in inspect.getsource(template).splitlines():
        mark = re.search(r"  # \[([\w+]+)\]$", line)
        if mark and not set(mark[1].split("+")) <= marks:
            continue
        line = line[: mark.start()] if mark else line
        if line.strip().startswith("DISPATCH_"):
            group, otherwise, statement = line.strip().removeprefix("DISPATCH_").partition("_OR_")
            pad = line[: len(line) - len(line.lstrip())]
            lines += _dispatch(_GROUPS[group], len(pad) // 4)
            lines += [f"{pad}else:", f"{pad}    {statement.lower()}"] if otherwise else []
        else:
            lines.append(_DECORATOR + line if line.startswith("def ") else line)
    body = "\n".join(lines)
    helpers = [_DECORATOR + _untyped(textwrap.dedent(inspect.getsource(f))) for f in arith.FUNCTIONS]
    literals = sorted(set(re.findall(r"\bU(?:0x[0-9a-f]+|\d+)\b", body)))
    head = [_HEAD]
    head += [f"{name} = np.uint64({name[1:]})" for name in literals]
    return "\n".join([*head, *_constants(features), *helpers, body, ""])


_HEAD = '''import numpy as np
from llvmlite import ir
from numba import njit, int8, int16, int32, int64, uint8, uint16, uint32, uint64, types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array
from iss.engine.pipeline import LeanCompiler


@intrinsic
def trailing_zeros(context, value):
    def generate(context, builder, signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))
    return types.uint64(types.uint64), generate


def array_at(dtype):
    """An array that begins at an address; its length is not known here."""
    @intrinsic
    def view(context, address):
        kind = types.Array(dtype, 1, "C")

        def generate(context, builder, signature, arguments):
            array = make_array(kind)(context, builder)
            data = builder.inttoptr(arguments[0], context.get_data_type(dtype).as_pointer())
            size = ir.Constant(ir.IntType(64), dtype.bitwidth // 8)
            populate_array(array, data, [ir.Constant(ir.IntType(64), 1)], [size], size, None)
            return array._getvalue()
        return kind(types.uint64), generate
    return view


@intrinsic
def call(context, function, hart, world, now, ahead):
    """Call a compiled block (iss.engine.blocks)."""
    def generate(context, builder, signature, arguments):
        kind = ir.FunctionType(ir.IntType(64), [ir.IntType(64)] * 4)
        return builder.call(builder.inttoptr(arguments[0], kind.as_pointer()), arguments[1:])
    return types.uint64(*[types.uint64] * 5), generate


array64 = array_at(types.uint64)
array32 = array_at(types.uint32)
array8 = array_at(types.uint8)

'''
_DECORATOR = '@njit(cache=True, error_model="numpy", nogil=True, pipeline_class=LeanCompiler)\n'


def _untyped(text: str) -> str:
    return re.sub(r"(\w+): int|\) -> int:", lambda m: m[1] if m[1] else "):", text)


def _sources() -> list[bytes]:
    """All that the kernel's text is made from: the files of the instruction set and of the engine."""
    folders = Path(isa.__file__).parent, Path(__file__).parent
    return [path.read_bytes() for folder in folders for path in sorted(folder.glob("*.py"))]


@cache
def load(features: frozenset[str] = frozenset()) -> Callable[..., Any]:
    """The kernel's entry, compiled on its first call; compilations are kept in the user's cache directory."""
    cpu = llvmlite.binding.get_host_cpu_name() + llvmlite.binding.get_host_cpu_features().flatten()
    made_from = [*_sources(), *(text.encode() for text in (numba.__version__, cpu, sys.version, *sorted(features)))]
    key = hashlib.sha256(b"\n".join(made_from)).hexdigest()[:16]
    name = "_".join(["kernel", *sorted(features), key])
    folder = cache_folder()
    path = folder / f"{name}.py"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.tmp")
        partial.write_text(source(features))
        partial.replace(path)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where Numba looks a cached function up
    spec.loader.exec_module(module)
    return module.run  # type: ignore[no-any-return]


def cache_folder() -> Path:
    """Where compiled kernels are kept: $IMCISS_CACHE, else imciss in the user's cache directory."""
    named = os.environ.get("IMCISS_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "imciss"


def is_compiled(features: frozenset[str] = frozenset()) -> bool:
    """Whether the kernel is in the cache; if not, its first call compiles it."""
    kernel = load(features)
    return any(Path(kernel.stats.cache_path).glob(f"{kernel.__module__}.run-*.nbi"))  # type: ignore[attr-defined]
