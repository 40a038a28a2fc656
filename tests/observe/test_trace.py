"""The trace: complete, true, and in no way in the way of the run."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from iss.cluster import Cluster
from iss.engine.code import word_at
from iss.engine.layout import Stall
from iss.engine.timing import cause_name
from iss.errors import SimulationError
from iss.isa.decode import decode
from iss.observe.columns import CLASSES, COLUMNS, HEADER, parse_only, parse_place
from iss.observe.trace import Filter, Tracer, class_of
from iss.result import RunResult

from .conftest import PROGRAMS

Build = Callable[..., Cluster]
ILLEGAL = ".word   0xffffffff"  # traps without being retired; the trace shows it all the same
CAUSES = {cause_name(stall) for stall in Stall}
every_program = pytest.mark.parametrize(("machine", "name"), PROGRAMS, ids=[f"{m}-{n}" for m, n in PROGRAMS])


def trace(cluster: Cluster, wanted: Filter | None = None, last: int | None = None) -> tuple[list[str], RunResult]:
    """The lines of a whole run."""
    parts: list[bytes] = []
    with Tracer(cluster, parts.append, wanted, last) as tracer:
        result = cluster.run(max_cycles=100_000)
    lines = b"".join(parts).decode().splitlines()
    assert len(lines) == tracer.lines
    return lines, result


def stalls_of(line: str) -> dict[str, int]:
    """The pairs at a line's end."""
    words, found = line.split(), {}
    while len(words) > 4 and words[-1].isdecimal() and words[-2] in CAUSES:
        found[words[-2]] = int(words[-1])
        words = words[:-2]
    return found


def hart_of(line: str) -> int:
    return int(line.split()[1])


@every_program
def test_one_line_for_every_instruction(build: Build, machine: str, name: str):
    lines, result = trace(build(machine, name, trace=True))
    assert result.exit_code == 0
    assert len([line for line in lines if ILLEGAL not in line]) == result.instructions
    keys = [(int(line.split()[0]), hart_of(line)) for line in lines]
    assert keys == sorted(keys)


@every_program
def test_a_trace_changes_nothing(build: Build, machine: str, name: str):
    traced, plain = build(machine, name, trace=True), build(machine, name)
    _, with_trace = trace(traced)
    without = plain.run()
    assert with_trace.stats == without.stats
    assert with_trace.markers == without.markers
    assert (traced.machine.registers[:, :32] == plain.machine.registers[:, :32]).all()
    assert (traced.machine.memory == plain.machine.memory).all()


@every_program
def test_stalls_add_up_by_cause(build: Build, machine: str, name: str):
    add_up(*trace(build(machine, name, trace=True)))


@pytest.mark.slow  # another variant of the kernel
@every_program
def test_stalls_of_late_answers_add_up(build: Build, machine: str, name: str):
    add_up(*trace(build(machine, name, trace=True, l2_response_latency=3, peripheral_response_latency=2)))


def add_up(lines: list[str], result: RunResult) -> None:
    for hart in result.stats["harts"]:
        own = [line for line in lines if hart_of(line) == hart["id"]]
        sums: Counter[str] = Counter()
        for line in own:
            sums.update(stalls_of(line))
        missing = Counter(hart["stalls"])
        missing.subtract(sums)
        unended = {cause: cycles for cause, cycles in missing.items() if cycles}
        # An instruction that the end of the run cut short is not in the trace, its stalls are of one cause.
        assert len(unended) <= 1
        retired = [line for line in own if ILLEGAL not in line]
        assert sum(unended.values()) == hart["cycles"] - len(retired) - sum(sums.values()) >= 0


def test_stalls_of_instruction_fetch(build: Build):
    lines, result = trace(build("cluster", "conflicts", trace=True, icache="hierarchical"))
    assert len(lines) == result.instructions
    for hart in result.stats["harts"]:
        traced = sum(stalls_of(line).get("fetch", 0) for line in lines if hart_of(line) == hart["id"])
        assert traced <= hart["stalls"]["fetch"]  # the last fetch of a hart may not have come to its instruction
        assert traced >= hart["stalls"]["fetch"] - 40


@every_program
def test_values_read_are_values_written(build: Build, machine: str, name: str):
    cluster = build(machine, name, trace=True)
    lines, _ = trace(cluster)
    registers: dict[tuple[int, str], str] = {}
    seen = 0
    for line in lines:
        place = cluster.machine.place(hart_of(line), int(line.split()[2], 16), 2)
        found = decode(word_at(cluster.machine.memory, place))
        count = 0 if found is None else len([n for n in found.row.sources if found.operands[n]])
        pairs = re.findall(r"(?<= )([a-z]+\d*)=([0-9a-f]{8})", line)
        for i, (register, value) in enumerate(pairs):
            if i < count:
                assert registers.get((hart_of(line), register), "00000000") == value, line
                seen += 1
            else:
                registers[hart_of(line), register] = value
    assert seen


def test_a_line(build: Build):
    lines, _ = trace(build("core", "memory", trace=True))
    (line,) = [line for line in lines if "p.lw    a6, a2(a0!)" in line]
    words = line.split()
    pc = words[2]
    assert words[:4] == [words[0], "0", pc, f"_start+0x{int(pc, 16) - 0x80:x}"]
    assert re.search(r"a0=([0-9a-f]{8}) a2=([0-9a-f]{8}) +a6=", line)
    base, index, result = (int(x, 16) for x in re.search(r"a0=(\w+) a2=(\w+) .* a0=(\w+)", line).groups())
    assert result == (base + index) & 0xFFFFFFFF
    assert f"[{base:08x}]=" in line


def test_sizes_of_data(build: Build):
    lines, _ = trace(build("core", "memory", trace=True))
    data = {line.split("]=")[1].split()[0] for line in lines if " lb " in line or " p.sb" in line}
    assert {len(digits) for digits in data} == {2}
    assert {len(line.split("]=")[1].split()[0]) for line in lines if " lhu " in line} == {4}


def test_a_post_increment_of_the_loaded_register_is_one_write(build: Build):
    lines, _ = trace(build("core", "control", trace=True))
    assert any("taken" in line for line in lines)
    assert any("bne" in line and "taken" not in line for line in lines)


def test_hardware_loop_registers(build: Build):
    lines, _ = trace(build("core", "loops", trace=True))
    (setup,) = [line for line in lines if "lp.setup " in line]
    pc = int(setup.split()[2], 16)
    assert f"lpstart0={pc + 4:08x}" in setup
    assert "lpcount0=00000004" in setup


def test_filter_harts(build: Build):
    every, _ = trace(build("cluster", "conflicts", trace=True))
    some, _ = trace(build("cluster", "conflicts", trace=True), Filter(harts=frozenset({2, 5})))
    assert some == [line for line in every if hart_of(line) in (2, 5)]


@pytest.mark.parametrize("name", CLASSES)
def test_filter_classes(build: Build, name: str):
    every, _ = trace(build("core", "values", trace=True))
    some, _ = trace(build("core", "values", trace=True), Filter(only=frozenset({name})))
    assert set(some) <= set(every)
    if name == "stall":
        assert some == [line for line in every if stalls_of(line)]
    if name == "mul":
        assert [line.split()[4] for line in some] == ["mul", "p.mac", "mulh", "div", "pv.sdotsp.b"]
    if name == "csr":
        assert {line.split()[4] for line in some} == {"csrrw", "csrrs", "csrrwi"}


def test_classes_are_disjoint_and_complete(build: Build):
    every, _ = trace(build("core", "values", trace=True))
    parts = [trace(build("core", "values", trace=True), Filter(only=frozenset({n})))[0] for n in CLASSES[:-1]]
    assert sorted(line for part in parts for line in part) == sorted(every)


def test_window_by_symbol_pc_and_cycle(build: Build):
    every, _ = trace(build("core", "control", trace=True))
    there = next(i for i, line in enumerate(every) if line.split()[3] == "there")
    pc = int(every[there].split()[2], 16)
    cluster = build("core", "control", trace=True)
    assert parse_place("there", cluster.executable.symbols) == parse_place(f"{pc:#x}", {}) == ("pc", pc)
    assert parse_place("there+8", cluster.executable.symbols) == ("pc", pc + 8)
    assert trace(cluster, Filter(first=("pc", pc)))[0] == every[there:]
    assert trace(build("core", "control", trace=True), Filter(last=("pc", pc)))[0] == every[: there + 1]
    middle = Filter(first=parse_place("5", {}), last=parse_place("9", {}))
    lines, _ = trace(build("core", "control", trace=True), middle)
    assert lines == [line for line in every if 5 <= int(line.split()[0]) <= 9]


def test_a_window_opens_every_time(build: Build):
    every, _ = trace(build("core", "loops", trace=True))
    pc = int(next(line for line in every if "add     a3, a3, a2" in line).split()[2], 16)
    lines, _ = trace(build("core", "loops", trace=True), Filter(first=("pc", pc), last=("pc", pc)))
    assert len(lines) == 4


@pytest.mark.parametrize("count", [0, 1, 7, 10_000])
def test_last_lines(build: Build, count: int):
    every, _ = trace(build("cluster", "conflicts", trace=True))
    assert (
        trace(build("cluster", "conflicts", trace=True), last=count)[0]
        == every[len(every) - count :][-count:][: count or 0]
    )


def test_a_run_in_slices_gives_the_same_trace(build: Build):
    every, _ = trace(build("cluster", "conflicts", trace=True))
    parts: list[bytes] = []
    cluster = build("cluster", "conflicts", trace=True)
    with Tracer(cluster, parts.append):
        while cluster.run(max_cycles=7).exit_code is None:
            pass
    assert b"".join(parts).decode().splitlines() == every


def test_mistakes(build: Build):
    with pytest.raises(SimulationError, match="did you mean mem"):
        parse_only("memm")
    with pytest.raises(SimulationError, match="did you mean there"):
        parse_place("thee", {"there": 4})
    with pytest.raises(SimulationError, match="neither a cycle"):
        parse_place("0xqq", {})
    with pytest.raises(SimulationError, match="trace=True"):
        Tracer(build("core", "values"), lambda text: None)


def test_header_names_the_columns():
    assert HEADER.split() == list(COLUMNS)


def test_every_instruction_has_a_class():
    from iss.isa.decode import rows

    assert {class_of(row) for row in rows()} == set(CLASSES) - {"stall"}


def test_a_million_lines_a_second(build: Build, tmp_path: Path):
    import asm

    text = "_start: li a0, 30000\n1: lw a1, 0(a2)\nadd a3, a3, a1\naddi a0, a0, -1\nbnez a0, 1b\nli a7, 93\necall"
    elf = asm.assemble_text(".globl _start\nli a2, 0x10000000\n" + text, layout="cluster").elf
    best = 0.0
    for _ in range(3):
        cluster = Cluster(trace=True, icache="ideal")
        cluster.load_elf(elf)
        with open(tmp_path / "trace", "wb") as file, Tracer(cluster, file.write) as tracer:
            cluster.run(max_cycles=100)
            began, lines = time.perf_counter(), tracer.lines
            cluster.run()
            best = max(best, (tracer.lines - lines) / (time.perf_counter() - began))
    assert best > 1e6
