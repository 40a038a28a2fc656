"""The trace: one line for every instruction, with the values it read and wrote, and what its stall cycles are due to.

    cluster = Cluster(trace=True)
    cluster.load_elf("program.elf")
    with open("program.trace", "wb") as file, Tracer(cluster, file.write) as tracer:
        cluster.run()
    print(tracer.lines)

The kernel's trace variant hands over rows of numbers (iss.engine.layout.TRACE_WORDS).  A line is a text that depends on the
instruction alone, made once, with places for the row's values, which compiled code fills in."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from iss.engine import layout
from iss.engine.code import word_at
from iss.engine.layout import Global, Hart, Stall
from iss.engine.timing import cause_name
from iss.errors import SimulationError, suggest
from iss.isa.decode import Decoded, decode, disassemble, register_name
from iss.isa.execute import evaluate
from iss.isa.table import Alu, Branch, Csr, HwLoop, Instruction, Jump, Load, Store
from iss.observe.lines import CHARACTER_END, Place, write_lines

if TYPE_CHECKING:
    from iss.cluster import Cluster

CLASSES = ("mem", "branch", "alu", "mul", "hwloop", "csr", "stall")
"""What `--only` chooses from; an instruction is of one class, and of "stall" too when it cost more than a cycle."""

HEADER = (
    f"{'cycle':>10} {'hart':>2} {'pc':<8} {'symbol':<22} {'instruction':<34} {'read':<24} {'written':<24} {'memory':<20} stalls"
)
COLUMNS = {
    "cycle": "in which the instruction is in EX, counted from reset; of a memory access, in which it was granted",
    "hart": "the hart's number",
    "pc": "address of the instruction",
    "symbol": "symbol and offset of that address",
    "instruction": "disassembly; a target with its symbol",
    "read": "source registers and their values, in hexadecimal",
    "written": "destination registers and their new values; of a hardware loop, its registers",
    "memory": "[address]=data of a load or store, as many digits as it has bytes; or `taken`, of a branch",
    "stalls": "cycles beyond the first, by their cause (iss timing)",
}
_BUFFER = 1 << 22
_NOTHING = -1


@dataclass
class Filter:
    """Which lines are wanted.  `first` and `last` are pcs or cycles (kind, value): a hart's lines from where it executes `first`
    to where it executes `last`, every time that it does."""

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


def parse_place(text: str, symbols: dict[str, int]) -> tuple[str, int]:
    """A place of --from and --to: a cycle (a plain number), a pc (0x...), or a symbol, perhaps with an offset."""
    if text.isdecimal():
        return "cycle", int(text)
    name, plus, offset = text.partition("+")
    try:
        base = int(name, 16) if name.lower().startswith("0x") else symbols[name]
        return "pc", base + (int(offset, 0) if plus else 0)
    except KeyError:
        raise SimulationError(f"no symbol {name!r} in the program; {suggest(name, symbols)}") from None
    except ValueError:
        raise SimulationError(f"{text!r} is neither a cycle, a pc (0x...) nor a symbol") from None


def parse_only(text: str) -> frozenset[str]:
    """The classes of --only, separated by commas."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in CLASSES:
            raise SimulationError(f"no class of instructions {name!r}; {suggest(name, CLASSES)}")
    return frozenset(names)


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


@dataclass
class _Templates:
    """The fixed parts of lines: text, with codes from CHARACTER_END on where a value goes (see Place)."""

    of_index: npt.NDArray[np.int32]
    pc: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros(256, np.uint64))
    word: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros(256, np.uint64))
    classes: npt.NDArray[np.uint32] = field(default_factory=lambda: np.zeros(256, np.uint32))
    memory: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros(256, np.uint8))
    start: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(257, np.int64))
    text: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros(1 << 14, np.uint8))
    count: int = 1  # 0 is none

    def add(self, index: int, pc: int, word: int, found: Instruction | None, text: bytes) -> None:
        """The template of the instruction at a place of the decoded code."""
        if self.count + 1 >= len(self.pc):
            for name in ("pc", "word", "classes", "memory", "start"):
                setattr(self, name, np.concatenate([getattr(self, name), np.zeros_like(getattr(self, name))]))
        start = int(self.start[self.count])
        while start + len(text) > len(self.text):
            self.text = np.concatenate([self.text, np.zeros_like(self.text)])
        self.text[start : start + len(text)] = np.frombuffer(text, np.uint8)
        self.pc[self.count], self.word[self.count] = pc, word
        self.classes[self.count] = 1 << CLASSES.index("csr" if found is None else class_of(found))
        self.memory[self.count] = found is not None and isinstance(found.kind, (Load, Store))
        self.of_index[index] = self.count
        self.count += 1
        self.start[self.count] = start + len(text)


class Tracer:
    """Writes the trace of a cluster made with ``trace=True``, as bytes, to `write`; `lines` counts them."""

    def __init__(self, cluster: Cluster, write: Callable[[bytes], Any], wanted: Filter | None = None, last: int | None = None) -> None:
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
        self._waits: list[tuple[int, int, Stall, int]] = []
        self._templates = _Templates(np.zeros(len(machine.codes.code), np.int32))
        self._kinds = (machine.map.table & np.uint64(layout.KIND_MASK)).astype(np.uint8)
        self._entered = np.zeros(machine.harts, np.uint64)
        self._open = np.full(machine.harts, self._filter.first is None)
        self._harts = np.array([self._filter.harts is None or h in self._filter.harts for h in range(machine.harts)])
        self._classes = sum(1 << CLASSES.index(name) for name in self._filter.only)
        names = [cause_name(stall).encode() for stall in Stall]
        self._causes = np.frombuffer(b"".join(names), np.uint8)
        self._cause_start = np.cumsum([0, *map(len, names)])
        self._out = np.zeros(_BUFFER, np.uint8)
        machine.on_trace = self._take
        machine.on_wait = lambda *wait: self._waits.append(wait)

    def __enter__(self) -> Tracer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Write what is still held back."""
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
        """Rows come almost in the order of cycles: those of the newest cycles wait for others that belong before them."""
        rows = np.concatenate([self._rows, rows])
        before = np.uint64(max(0, int(self.cluster.machine.world[Global.NOW]) - 1))
        order = np.argsort(rows[:, 0] << np.uint64(5) | rows[:, 1], kind="stable")
        rows = rows[order]
        split = int(np.searchsorted(rows[:, 0], before))
        self._rows = rows[split:]
        self._format(rows[:split])

    def _noted_waits(self, rows: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        """What each row's access waited for a device's answer: cause << 32 | cycles."""
        waits = np.zeros(len(rows), np.uint64)
        later = []
        places = {(int(c), int(h)): i for i, (c, h) in enumerate(rows[:, :2])} if self._waits else {}
        for hart, cycle, cause, cycles in self._waits:
            place = places.get((cycle, hart))
            if place is None:
                later.append((hart, cycle, cause, cycles))
            else:
                waits[place] = cause << 32 | cycles
        self._waits = later
        return waits

    def _format(self, rows: npt.NDArray[np.uint64]) -> None:
        if not len(rows):
            return
        machine, templates = self.cluster.machine, self._templates
        fresh = self._entered == 0
        self._entered[fresh] = machine.hart[fresh, Hart.FIRST]
        first_cycle, last_cycle = self._filter.bounds("cycle")
        first_pc, last_pc = self._filter.bounds("pc")
        waits = self._noted_waits(rows)
        done = 0
        while done < len(rows):
            done, length, lines = write_lines(
                rows, waits, done, self._entered, templates.of_index, templates.pc, templates.word, templates.classes, templates.memory,
                templates.start, templates.text, self._kinds, machine.hart[:, Hart.VIEW].copy(), self._causes, self._cause_start,
                self._harts, self._classes, self._open, first_pc, last_pc, first_cycle, last_cycle, self._out,
            )  # fmt: skip
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
        number = int(templates.of_index[index])
        if number and templates.pc[number] == pc and templates.word[number] == word:
            return  # only the buffer was full
        raw = word_at(self.cluster.machine.memory, 2 * index)
        executable = self.cluster.executable
        symbol = executable.symbol if executable else None
        name = symbol(pc) if symbol else ""
        found = decode(raw)
        text = f" {pc:08x} {name:<22} {disassemble(raw, pc, symbol):<34} ".encode("ascii", "replace")
        values = b"" if found is None else _values(found, pc)
        templates.add(index, pc, word, found.row if found else None, text + values)


def _values(found: Decoded, pc: int) -> bytes:
    """The line's part with values."""
    row, operands = found.row, found.operands
    read = [(operands[name], place) for name, place in _SOURCES if name in row.sources and operands[name]]
    written = _written(found)
    cells = [
        _cells([(register_name(number), _code(place)) for number, place in read], 24),
        _cells(written + _loop_registers(found, pc), 24),
    ]
    if isinstance(row.kind, (Load, Store)):
        size, load = row.kind.size, isinstance(row.kind, Load)
        data = {1: Place.LOADED1, 2: Place.LOADED2, 4: Place.RESULT} if load else {1: Place.STORED1, 2: Place.STORED2, 4: Place.RS2}
        cells.append(b"[" + _code(Place.ADDRESS) + b"]=" + _code(data[size]) + b" " * (9 - 2 * size))
    elif isinstance(row.kind, Branch):
        cells.append(_code(Place.TAKEN) + b" " * 15)
    else:
        cells.append(b" " * 20)
    return b" ".join(cells)


_SOURCES = (("rs1", Place.RS1), ("rs2", Place.RS2), ("rs3", Place.RS3), ("rd", Place.RS3))


def _code(place: Place) -> bytes:
    return bytes([CHARACTER_END + place])


def _written(found: Decoded) -> list[tuple[str, bytes]]:
    """The registers that the instruction writes, with where their values come from."""
    row, operands = found.row, found.operands
    written = []
    if isinstance(row.kind, (Alu, Load, Jump, Csr)) and operands["rd"]:
        written.append((register_name(operands["rd"]), _code(Place.RESULT)))
    if isinstance(row.kind, (Load, Store)) and row.kind.post:
        base = operands["rs1"]
        if base and not (isinstance(row.kind, Load) and operands["rd"] == base):
            params = row.body.params
            place = Place.PLUS_RS2 if "rs2" in params else Place.PLUS_RS3 if "rs3" in params else Place.PLUS_IMMEDIATE
            written.append((register_name(base), _code(place)))
    return written


def _loop_registers(found: Decoded, pc: int) -> list[tuple[str, bytes]]:
    kind = found.row.kind
    if not isinstance(kind, HwLoop):
        return []
    values = evaluate(found, [0] * 32, pc)
    assert isinstance(values, tuple)
    from_register = "rs1" in found.row.body.params
    return [
        (
            f"lp{name}{found.operands['L']}",
            _code(Place.RS1) if name == "count" and from_register else f"{value:08x}".encode(),
        )
        for name, value in zip(kind.sets, values, strict=True)
    ]


def _cells(pairs: list[tuple[str, bytes]], width: int) -> bytes:
    """``name=value`` pairs, padded; a code stands for eight digits."""
    text = b" ".join(name.encode() + b"=" + value for name, value in pairs)
    shown = len(text) + 7 * sum(value[0] >= CHARACTER_END for _, value in pairs)
    return text + b" " * (width - shown)
