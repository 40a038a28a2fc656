"""The trace: one line for every instruction, with the values it read and wrote, and what its stall cycles are due to.

    cluster = Cluster(trace=True)
    cluster.load_elf("program.elf")
    with open("program.trace", "wb") as file, Tracer(cluster, file.write) as tracer:
        cluster.run()
    print(tracer.lines)

The kernel's trace variant hands over rows of numbers (iss.engine.layout.TRACE_WORDS).  A line is a text that depends on
the instruction alone, made once, with places for the row's values, which compiled code fills in."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from iss.engine import layout
from iss.engine.code import word_at
from iss.engine.layout import Global, Hart, Stall
from iss.engine.timing import cause_name
from iss.errors import SimulationError
from iss.isa.decode import Decoded, decode, disassemble, register_name
from iss.isa.execute import evaluate
from iss.isa.table import Alu, Branch, Csr, HwLoop, Instruction, Jump, Load, Store
from iss.observe.columns import (
    CLASSES,
    CYCLE_WIDTH,
    HART_WIDTH,
    INSTRUCTION_WIDTH,
    MEMORY_WIDTH,
    REGISTERS_WIDTH,
    SYMBOL_WIDTH,
)
from iss.observe.lines import BEFORE, MEMORY, OPEN, TEXT_MAX, Place, write_lines

if TYPE_CHECKING:
    from iss.cluster import Cluster

_BUFFER = 1 << 20
_NOTHING = -1


@dataclass
class Filter:
    """Which lines are wanted.

    `first` and `last` are pcs or cycles, as (kind, value): a hart's lines from where it executes `first` to where it
    executes `last`, every time that it does."""

    harts: frozenset[int] | None = None
    only: frozenset[str] = frozenset()
    first: tuple[str, int] | None = None
    last: tuple[str, int] | None = None

    def bounds(self, kind: str) -> tuple[int, int]:
        """Numbers for the compiled code: first and last of this kind, -1 for none."""
        return (
            self.first[1] if self.first and self.first[0] == kind else _NOTHING,
            self.last[1] if self.last and self.last[0] == kind else _NOTHING,
        )


def class_of(row: Instruction) -> str:
    """The class of an instruction."""
    match row.kind:
        case Load() | Store():
            return "mem"
        case Branch() | Jump():
            return "branch"
        case HwLoop():
            return "hwloop"
        case Alu(unit=unit):
            return "mul" if unit != "alu" or _multiplies(row) else "alu"
        case _:
            return "csr"


@cache
def _multiplies(row: Instruction) -> bool:
    return any(isinstance(node, ast.Mult) for node in ast.walk(row.body.tree))


def _rest_cause(row: Instruction | None) -> int:
    """A row holds two notes.  What else an access waited for was its memory, and a jump its register."""
    if row is not None and isinstance(row.kind, (Load, Store)):
        return MEMORY
    return Stall.JUMP_REGISTER if row is not None and isinstance(row.kind, Jump) else Stall.FETCH


class _Templates:
    """The fixed texts of lines, with blanks where a value goes; `rows` has one for every instruction met.

    Its columns: pc, decoded word, classes, cause of stalls that the kernel does not note, begin and end of its text,
    begin and end of its slots (place in the text, iss.observe.lines.Place, digits).  Row 0 is none."""

    def __init__(self, codes: int) -> None:
        self.of_index = np.zeros(codes, np.uint32)
        self.rows = np.zeros((256, 8), np.uint64)
        self.slots = np.zeros((1024, 3), np.uint64)
        self.text = np.zeros(1 << 14, np.uint8)
        self.count, self.n_slots, self.n_text = 1, 0, 0

    def add(self, index: int, pc: int, word: int, found: Instruction | None, text: str, slots: list[_Slot]) -> None:
        """The line of the instruction at a place of the decoded code."""
        data = text.encode("ascii", "replace")[:TEXT_MAX]
        self.rows = _grown(self.rows, self.count + 1)
        self.slots = _grown(self.slots, self.n_slots + len(slots))
        self.text = _grown(self.text, self.n_text + len(data))
        self.text[self.n_text : self.n_text + len(data)] = np.frombuffer(data, np.uint8)
        self.slots[self.n_slots : self.n_slots + len(slots)] = np.array(slots, np.uint64).reshape(-1, 3)
        kind = "csr" if found is None else class_of(found)
        ends = self.n_text, self.n_text + len(data), self.n_slots, self.n_slots + len(slots)
        self.rows[self.count] = pc, word, 1 << CLASSES.index(kind), _rest_cause(found), *ends
        self.of_index[index] = self.count
        self.count, self.n_text, self.n_slots = self.count + 1, ends[1], ends[3]


_Slot = tuple[int, int, int]


def _grown(array: npt.NDArray[Any], length: int) -> npt.NDArray[Any]:
    while len(array) < length:
        array = np.concatenate([array, np.zeros_like(array)])
    return array


class Tracer:
    """Writes the trace of a cluster made with ``trace=True``, as bytes, to `write`; `lines` counts them."""

    def __init__(
        self, cluster: Cluster, write: Callable[[bytes], Any], wanted: Filter | None = None, last: int | None = None
    ) -> None:
        machine = cluster.machine
        if "trace" not in machine.features:
            raise SimulationError("a trace needs Cluster(trace=True)")
        self.cluster = cluster
        self.lines = 0
        self._write = write
        self._filter = wanted or Filter()
        self._keep = last
        self._kept: deque[tuple[int, bytes]] = deque()
        self._rows: npt.NDArray[np.uint64] = np.zeros((0, layout.TRACE_WORDS), np.uint64)
        self._waits = np.zeros((machine.harts, len(Stall)), np.uint64)
        self._templates = _Templates(len(machine.codes.code))
        self._kinds = (machine.map.table & np.uint64(layout.KIND_MASK)).astype(np.uint8)
        self._entered = np.zeros(machine.harts, np.uint64)
        self._open = np.full(machine.harts, OPEN if self._filter.first is None else BEFORE, np.uint8)
        self._harts = np.array([self._filter.harts is None or h in self._filter.harts for h in range(machine.harts)])
        self._classes = sum(1 << CLASSES.index(name) for name in self._filter.only)
        names = [cause_name(stall).encode() for stall in Stall]
        self._causes = np.frombuffer(b"".join(names), np.uint8)
        self._cause_start = np.cumsum([0, *map(len, names)]).astype(np.uint64)
        self._out = np.zeros(_BUFFER, np.uint8)
        machine.on_trace = self._take

    def __enter__(self) -> Tracer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write what is still held back; what runs from then on is not in the trace."""
        self.cluster.machine.drain()
        self.cluster.machine.on_trace = lambda rows: None
        self._format(self._rows)
        self._rows = self._rows[:0]
        while self._kept:
            lines, text = self._kept.popleft()
            if self._keep is not None and self.lines > self._keep:
                drop = min(lines, self.lines - self._keep)
                text = text.split(b"\n", drop)[drop]
                self.lines -= drop
            self._write(text)

    def _take(self, rows: npt.NDArray[np.uint64]) -> None:
        """Rows come almost in the order of cycles: the newest wait for others that belong before them."""
        rows = np.concatenate([self._rows, rows])
        before = np.uint64(max(0, int(self.cluster.machine.world[Global.NOW]) - 1))
        order = np.argsort(rows[:, 0] << np.uint64(8) | rows[:, 1] & np.uint64(layout.TRACE_WAIT - 1), kind="stable")
        rows = rows[order]
        split = int(np.searchsorted(rows[:, 0], before))
        self._rows = rows[split:]
        self._format(rows[:split])

    def _format(self, rows: npt.NDArray[np.uint64]) -> None:
        if not len(rows):
            return
        machine, templates = self.cluster.machine, self._templates
        fresh = self._entered == 0
        self._entered[fresh] = machine.hart[fresh, Hart.FIRST]
        window = np.array([*self._filter.bounds("pc"), *self._filter.bounds("cycle")], np.int64)
        done = 0
        while done < len(rows):
            done, length, lines = write_lines(
                rows,
                done,
                self._entered,
                self._waits,
                templates.of_index,
                templates.rows,
                templates.slots,
                templates.text,
                self._kinds,
                machine.hart[:, Hart.VIEW].copy(),
                self._causes,
                self._cause_start,
                self._harts,
                self._classes,
                self._open,
                window,
                self._out,
            )
            self._put(lines, self._out[:length].tobytes())
            if done < len(rows):
                self._prepare(rows[done])

    def _put(self, lines: int, text: bytes) -> None:
        self.lines += lines
        if self._keep is None:
            self._write(text)
            return
        self._kept.append((lines, text))
        while self._kept and self.lines - self._kept[0][0] >= self._keep:
            self.lines -= self._kept.popleft()[0]

    def _prepare(self, row: npt.NDArray[np.uint64]) -> None:
        """Make the template of a row's instruction, when it is not there."""
        index, pc, word = int(row[3]), int(row[2]), int(row[7])
        templates = self._templates
        if list(templates.rows[templates.of_index[index], :2]) == [pc, word] and templates.of_index[index]:
            return  # only the buffer was full
        raw = word_at(self.cluster.machine.memory, 2 * index)
        executable = self.cluster.executable
        symbol = executable.symbol if executable else None
        found = decode(raw)
        name = symbol(pc) if symbol else ""
        text = disassemble(raw, pc, symbol)
        head = f"{'':{CYCLE_WIDTH + HART_WIDTH}} {pc:08x} {name:<{SYMBOL_WIDTH}} {text:<{INSTRUCTION_WIDTH}} "
        line = _Line(head)
        if found is not None:
            line.describe(found, pc)
        templates.add(index, pc, word, found.row if found else None, line.text, line.slots)


class _Line:
    """A line's fixed text as it grows, and the places of its values."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.slots: list[_Slot] = []

    def value(self, place: Place, digits: int = 8) -> None:
        self.slots.append((len(self.text), place, digits))
        self.text += " " * digits

    def registers(self, pairs: Iterable[tuple[str, Place | int]]) -> None:
        """``name=value`` pairs, then blanks up to the next column."""
        end = len(self.text) + REGISTERS_WIDTH
        for name, value in pairs:
            self.text += f"{name}="
            if isinstance(value, Place):
                self.value(value)
            else:
                self.text += f"{value:08x}"
            self.text += " "
        self.text = self.text.ljust(end)

    def describe(self, found: Decoded, pc: int) -> None:
        """The columns behind the disassembly."""
        row, operands = found.row, found.operands
        self.registers(
            (register_name(operands[name]), place) for name, place in _SOURCES if name in row.sources and operands[name]
        )
        self.registers([*_written(found), *_loop_registers(found, pc)])
        end = len(self.text) + MEMORY_WIDTH
        if isinstance(row.kind, (Load, Store)):
            self.text += "["
            self.value(Place.ADDRESS)
            self.text += "]="
            self.value(Place.RESULT if isinstance(row.kind, Load) else Place.RS2, 2 * row.kind.size)
        elif isinstance(row.kind, Branch):
            self.value(Place.TAKEN, len("taken"))
        self.text = self.text.ljust(end)


_SOURCES = (("rs1", Place.RS1), ("rs2", Place.RS2), ("rs3", Place.RS3), ("rd", Place.RS3))


def _written(found: Decoded) -> Iterator[tuple[str, Place]]:
    """The registers that the instruction writes, and where their values come from."""
    row, operands = found.row, found.operands
    loads = isinstance(row.kind, (Alu, Load, Jump, Csr))
    if loads and operands["rd"]:
        yield register_name(operands["rd"]), Place.RESULT
    if isinstance(row.kind, (Load, Store)) and row.kind.post:
        base, params = operands["rs1"], row.body.params
        if base and not (loads and operands["rd"] == base):
            place = Place.PLUS_RS2 if "rs2" in params else Place.PLUS_RS3 if "rs3" in params else Place.PLUS_IMMEDIATE
            yield register_name(base), place


def _loop_registers(found: Decoded, pc: int) -> Iterator[tuple[str, Place | int]]:
    """The hardware-loop registers that the instruction writes; only a count comes from a register."""
    kind = found.row.kind
    if isinstance(kind, HwLoop):
        values = evaluate(found, [0] * 32, pc)
        assert isinstance(values, tuple)
        for name, value in zip(kind.sets, values, strict=True):
            counted = name == "count" and "rs1" in found.row.body.params
            yield f"lp{name}{found.operands['L']}", Place.RS1 if counted else value
