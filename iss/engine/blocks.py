"""Compiled blocks: what the kernel does most often, as native code of its own.

A block begins with a load or store that a bank grants.  It completes the access, executes the instructions behind it that only the
ALU is busy with, and makes the next access's request: what the kernel's `complete` does, with every operand known.  `complete`
counts how often it meets an access, and has the Python side compile the block of one that is hot.  A block returns the hart's
CLOCK; or 0, and has done nothing then, when it is a case for `complete`.  The instructions' meanings are their bodies (iss.isa),
translated to LLVM's language; a property test holds blocks and interpreter to the same cycles, registers and counters."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Sequence
from functools import cache
from typing import Any

import llvmlite.binding as llvm
import numpy as np
import numpy.typing as npt
from llvmlite import ir

from iss.engine import layout
from iss.engine.layout import Global, Hart, Page, Pending, Stall
from iss.engine.operations import UNDECODED, Operation, end_of, operations, packed_names, slot_bits
from iss.isa import arith
from iss.isa.table import Load, Store

MAX_INSTRUCTIONS = 24
"""Behind the access; the undo entries are for 32 cycles."""
REACH = 2 * (MAX_INSTRUCTIONS + 2)
"""A block depends on at most so many places of decoded code, from its own on."""
_I8, _I16, _I32, _I64 = (ir.IntType(n) for n in (8, 16, 32, 64))
_SIGNATURE = ir.FunctionType(_I64, [_I64] * 4)
_FULL = 0xFFFFFFFF
_TYPES = {"u32": _I32, "s32": _I32, "u16": _I16, "s16": _I16, "u8": _I8, "s8": _I8}
_BINARY = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.LShift: "shl", ast.RShift: "ashr", ast.BitAnd: "and_",
    ast.BitOr: "or_", ast.BitXor: "xor",
}  # fmt: skip
_COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


class _Untranslatable(Exception):
    """A body uses something that has no translation here: its instruction ends the block."""


def _field(word: int, shift: int, bits: int = 5) -> int:
    return word >> shift & ((1 << bits) - 1)


@cache
def _operation(number: int) -> Operation:
    return operations()[number - operations()[0].number]


@cache
def _helper(name: str) -> ast.FunctionDef:
    node = ast.parse(inspect.getsource(getattr(arith, name))).body[0]
    assert isinstance(node, ast.FunctionDef)
    return node


def extent(code: npt.NDArray[np.uint64], index: int) -> list[int]:
    """The places of a block's instructions: the access, those for the ALU, and the one behind them."""
    places = [index]
    alu_end = end_of("ALU")
    while True:
        place = places[-1] + 2 - _field(int(code[places[-1]]), layout.COMPRESSED_BIT, 1)
        places.append(place)
        word = int(code[place])
        number = _field(word, 0, layout.OP_BITS)
        plain = UNDECODED < number < alu_end and not _field(word, layout.LOOP_END_BIT, 1) and _translatable(number)
        if not plain or len(places) == MAX_INSTRUCTIONS + 1:
            return places


@cache
def _translatable(number: int) -> bool:
    """Whether the operation's body can be translated: it has no loops."""
    nodes = list(ast.walk(_operation(number).row.body.tree))
    names = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    helpers = [_helper(name) for name in names - set(_TYPES)]
    return not any(isinstance(node, ast.For) for helper in helpers for node in ast.walk(helper))


class _Block:
    """Builds one block's function."""

    def __init__(self, name: str, code: npt.NDArray[np.uint64], places: Sequence[int]) -> None:
        self.module = ir.Module(name)
        self.function = ir.Function(self.module, _SIGNATURE, name)
        self.hart, self.world, self.now, self.ahead = self.function.args
        self.build = ir.IRBuilder(self.function.append_basic_block())
        self.places = places
        self.words = [int(code[place]) for place in places]
        self.registers: dict[int, ir.Value] = {0: _I64(0)}
        self.written: set[int] = set()
        self.access()
        for number, place in enumerate(places[1:-1]):
            self.execute(number, place, self.words[number + 1])
        self.finish()

    # -- memory of the machine ---------------------------------------------------------------------------------------------

    def at(self, base: ir.Value, offset: int | ir.Value, kind: ir.IntType) -> ir.Value:
        place = self.build.add(base, offset if isinstance(offset, ir.Value) else _I64(offset))
        return self.build.inttoptr(place, kind.as_pointer())

    def load(self, base: ir.Value, offset: int | ir.Value, kind: ir.IntType = _I64) -> ir.Value:
        return self.build.load(self.at(base, offset, kind))

    def get(self, word: int) -> ir.Value:
        return self.load(self.hart, 8 * word)

    def set(self, word: int, value: int | ir.Value) -> None:
        self.build.store(value if isinstance(value, ir.Value) else _I64(value), self.at(self.hart, 8 * word, _I64))

    def add(self, word: int, amount: int) -> None:
        self.set(word, self.build.add(self.get(word), _I64(amount)))

    def register(self, number: int) -> ir.Value:
        """A register's value, zero-extended."""
        if number not in self.registers:
            value = self.load(self.hart, 8 * layout.REGISTERS + 4 * number, _I32)
            self.registers[number] = self.build.zext(value, _I64)
        return self.registers[number]

    def write(self, number: int, value: ir.Value) -> None:
        if number and number != layout.X0_SINK:
            self.registers[number] = self.build.and_(value, _I64(_FULL))
            self.written.add(number)

    def leave(self, condition: ir.Value) -> None:
        """Return 0, with nothing done, when the condition holds."""
        stay = self.function.append_basic_block()
        leave = self.function.append_basic_block()
        self.build.cbranch(condition, leave, stay)
        self.build.position_at_end(leave)
        self.build.ret(_I64(0))
        self.build.position_at_end(stay)

    def less(self, a: ir.Value, b: int | ir.Value) -> ir.Value:
        return self.build.icmp_unsigned("<", a, b if isinstance(b, ir.Value) else _I64(b))

    # -- the access --------------------------------------------------------------------------------------------------------

    def access(self) -> None:
        """Complete the granted access, as `complete` does."""
        build, word = self.build, self.words[0]
        kind = _operation(_field(word, 0, layout.OP_BITS)).kind
        assert isinstance(kind, (Load, Store))
        count = len(self.places) - 2
        self.hazard = _field(word, layout.RS3_SHIFT, 1) if isinstance(kind, Load) else 0
        self.after = build.add(self.now, _I64(1 + self.hazard))
        self.end = build.add(self.after, _I64(count))
        self.leave(self.less(self.ahead, self.end))
        place = self.get(Hart.PADDR)
        if isinstance(kind, Store):
            page = build.lshr(place, _I64(layout.PAGE_BITS))
            self.leave(build.icmp_unsigned("!=", self.load(self.load(self.world, 8 * Global.AT_CODE_PAGE), page, _I8), _I8(0)))
        memory = self.load(self.world, 8 * Global.AT_MEM)
        cell = build.inttoptr(build.add(memory, place), ir.IntType(8 * kind.size).as_pointer())
        issued = self.get(Hart.ISSUED)
        base = self.register(_field(word, layout.RS1_SHIFT))
        stored = None if isinstance(kind, Load) else self.register(_field(word, layout.RS2_SHIFT))
        value = build.load(cell) if isinstance(kind, Load) else None
        if kind.post:
            self.write(_field(word, layout.RS1_SHIFT), build.add(base, self.offset(word)))
        if isinstance(kind, Load):
            extend = build.sext if kind.signed else build.zext
            self.write(_field(word, layout.RD_SHIFT, 6), extend(value, _I64))
            self.add(Hart.LOADS, 1)
        else:
            build.store(build.trunc(stored, ir.IntType(8 * kind.size)), cell)
            self.add(Hart.STORES, 1)
        twice = build.shl(self.now, _I64(1))
        self.set(Hart.LAST_ACCESS, build.or_(twice, _I64(int(isinstance(kind, Load)))))
        if self.hazard:
            self.add(layout.STALLS + Stall.LOAD_USE, 1)
            self.note(issued)
        else:
            with build.if_then(self.less(issued, self.now), likely=False):
                self.note(issued)

    def offset(self, word: int) -> ir.Value:
        """What an access adds to rs1, for the address or afterwards."""
        operation = _operation(_field(word, 0, layout.OP_BITS))
        if "imm" in operation.row.body.params:
            immediate = _field(word, layout.IMM_SHIFT, 32)
            return _I64(immediate - (immediate >> 31 << 32))
        return self.register(_field(word, layout.RS2_SHIFT if "rs2" in operation.row.body.params else layout.RS3_SHIFT))

    def note(self, issued: ir.Value) -> None:
        """The kernel's `note_wait`, and HOLD."""
        build = self.build
        entry = build.add(issued, _I64(1))
        self.set(Hart.HOLD, self.after)
        self.set(Hart.HOLD_ENTRY, entry)
        number = self.get(Hart.NOTED)
        self.set(Hart.NOTED, build.add(number, _I64(1)))
        place = build.shl(build.and_(number, _I64(layout.NOTE_WORDS // 2 - 1)), _I64(4))
        notes = build.add(self.hart, _I64(8 * layout.NOTES))
        build.store(entry, self.at(notes, place, _I64))
        build.store(self.after, self.at(notes, build.add(place, _I64(8)), _I64))

    # -- the instructions for the ALU --------------------------------------------------------------------------------------

    def execute(self, number: int, place: int, word: int) -> None:
        """One instruction, the block's `number`-th; the old value of its register goes to the undo entries."""
        build = self.build
        operation = _operation(_field(word, 0, layout.OP_BITS))
        row, splat = operation.row, operation.splat
        second = self.register(_field(word, layout.RS2_SHIFT))
        if splat and word >> layout.SPLAT_BIT:
            ones = 0x01010101 if splat == 8 else 0x00010001
            lane = build.or_(second, _I64(_field(word, layout.IMM_SHIFT, 16)))
            lane = build.mul(build.and_(lane, _I64((1 << splat) - 1)), _I64(ones))
            second = build.and_(lane, _I64(_FULL))
        third = self.register(_field(word, layout.RS3_SHIFT))
        names = {"rs1": self.register(_field(word, layout.RS1_SHIFT)), "rs2": second, "rs3": third, "rd": third}
        names["size"] = _I64(4 - 2 * _field(word, layout.COMPRESSED_BIT, 1))
        if "pc" in row.body.params:
            names["pc"] = build.add(self.get(Hart.BIAS), _I64(2 * place))
        packed = packed_names(row)
        width = slot_bits(len(packed))
        for i, name in enumerate(packed):
            value = _field(word, layout.IMM_SHIFT + i * width, width)
            names[name] = _I64(value - (value >> width - 1 << width))
        result = self.body(row.body.tree.body, names)
        target = _field(word, layout.RD_SHIFT, 6)
        if target != layout.X0_SINK:
            entry = self.at(self.hart, 8 * layout.UNDO + 4 * number, _I32)
            build.store(build.trunc(self.register(target), _I32), entry)
        self.write(target, result)

    def body(self, statements: Sequence[ast.stmt], names: dict[str, ir.Value]) -> ir.Value:
        for statement in statements:
            if isinstance(statement, ast.Return) and statement.value is not None:
                return self.expression(statement.value, names)
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue  # a docstring
            if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
                raise _Untranslatable(ast.unparse(statement))
            names[statement.targets[0].id] = self.expression(statement.value, names)
        raise _Untranslatable("no result")

    def expression(self, node: ast.expr, names: dict[str, ir.Value]) -> ir.Value:
        """A 64-bit value, signed."""
        build = self.build
        match node:
            case ast.Constant(value=int(value)):
                return _I64(value)
            case ast.Name(id=name):
                return names[name]
            case ast.BinOp():
                operator = getattr(build, _BINARY[type(node.op)])
                return operator(self.expression(node.left, names), self.expression(node.right, names))
            case ast.UnaryOp(op=ast.USub()):
                return build.neg(self.expression(node.operand, names))
            case ast.UnaryOp(op=ast.Invert()):
                return build.not_(self.expression(node.operand, names))
            case ast.Compare():
                return build.zext(self.condition(node, names), _I64)
            case ast.IfExp():
                test, yes, no = self.condition(node.test, names), node.body, node.orelse
                return build.select(test, self.expression(yes, names), self.expression(no, names))
            case ast.Call(func=ast.Name(id=name)) if name in _TYPES:
                extend = build.sext if name.startswith("s") else build.zext
                return extend(build.trunc(self.expression(node.args[0], names), _TYPES[name]), _I64)
            case ast.Call(func=ast.Name(id=name)):
                helper = _helper(name)
                arguments = [self.expression(argument, names) for argument in node.args]
                return self.body(helper.body, dict(zip((a.arg for a in helper.args.args), arguments, strict=True)))
        raise _Untranslatable(ast.unparse(node))

    def condition(self, node: ast.expr, names: dict[str, ir.Value]) -> ir.Value:
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            left, right = self.expression(node.left, names), self.expression(node.comparators[0], names)
            return self.build.icmp_signed(_COMPARE[type(node.ops[0])], left, right)
        return self.build.icmp_signed("!=", self.expression(node, names), _I64(0))

    # -- what comes next ---------------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Store what has changed, and make the next request."""
        build, count = self.build, len(self.places) - 2
        compressed = sum(_field(word, layout.COMPRESSED_BIT, 1) for word in self.words[:-1])
        for number in sorted(self.written):
            value = build.trunc(self.registers[number], _I32)
            build.store(value, self.at(self.hart, 8 * layout.REGISTERS + 4 * number, _I32))
        self.add(Hart.RETIRED, count + 1 | compressed << 32)
        self.set(Hart.WORD, self.words[0])
        self.set(Hart.CLOCK, self.end)
        self.set(Hart.INDEX, self.places[-1])
        self.set(Hart.PENDING, Pending.RUN)
        if count:
            self.set(Hart.BURST, count)
            self.set(Hart.BURST_START, self.places[1])
            self.set(Hart.BURST_END, self.end)
        last = self.words[-1]
        if end_of("BRANCH") <= _field(last, 0, layout.OP_BITS) < end_of("STORE"):
            with build.if_then(self.less(self.end, self.ahead)):
                self.request(last)
        build.ret(self.end)

    def request(self, word: int) -> None:
        """Request a bank for the access behind the block; one that is not the common kind is left to the kernel."""
        build = self.build
        kind = _operation(_field(word, 0, layout.OP_BITS)).kind
        assert isinstance(kind, (Load, Store))
        address = self.register(_field(word, layout.RS1_SHIFT))
        if not kind.post:
            address = build.and_(build.add(address, self.offset(word)), _I64(_FULL))
        page = build.add(self.get(Hart.VIEW), build.lshr(address, _I64(layout.PAGE_BITS)))
        entry = self.load(self.load(self.world, 8 * Global.AT_PAGE), build.shl(page, _I64(3)))
        common = build.icmp_unsigned("==", build.and_(entry, _I64(layout.KIND_MASK)), _I64(Page.TCDM))
        if kind.size > 1:
            inside = build.icmp_unsigned("<=", build.and_(address, _I64(3)), _I64(4 - kind.size))
            common = build.and_(common, inside)
        place = build.lshr(entry, _I64(layout.PLACE_SHIFT))
        place = build.add(place, build.and_(address, _I64((1 << layout.PAGE_BITS) - 1)))
        if isinstance(kind, Store):
            watched = build.icmp_unsigned("!=", build.and_(place, _I64(0xFFFFFFFC)), self.load(self.world, 8 * Global.WATCH))
            common = build.and_(common, watched)
        with build.if_then(common, likely=True):
            self.set(Hart.REQUEST, word)
            self.set(Hart.ISSUED, self.end)
            self.set(Hart.PADDR, place)
            self.set(Hart.PENDING, Pending.BANK)


@cache
def _machine() -> llvm.TargetMachine:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=2, jit=True
    )


_compiled: dict[tuple[int, ...], tuple[Any, int]] = {}
"""By the block's words: what keeps the code alive, and its address."""


def compile_block(code: npt.NDArray[np.uint64], index: int) -> int:
    """The address of the function for the block at a place of the decoded code: uint64 f(hart, world, now, ahead)."""
    places = extent(code, index)
    key = (index, *(int(code[place]) for place in places))
    if key not in _compiled:
        module = llvm.parse_assembly(str(_Block("block", code, places).module))
        passes = llvm.create_new_function_pass_manager()
        passes.add_instruction_combine_pass()  # all that a block gains from: the builder makes no memory or jumps too many
        passes.run(module.get_function("block"), llvm.create_pass_builder(_machine(), llvm.create_pipeline_tuning_options()))
        engine = llvm.create_mcjit_compiler(module, _machine())
        engine.finalize_object()
        _compiled[key] = engine, engine.get_function_address("block")
    return _compiled[key][1]
