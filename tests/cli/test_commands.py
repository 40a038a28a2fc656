"""The other commands: trace, asm, dis, isa, timing."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from iss.engine.timing import RULES
from iss.observe.columns import COLUMNS, HEADER

from ..conftest import Iss

Source = Callable[..., Path]


def test_trace_on_stdout_and_the_programs_output_on_stderr(iss: Iss, source: Source):
    done = iss("trace", source(), "--hart", "0")
    assert done.code == 0
    lines = done.out.splitlines()
    assert "mhartid" in lines[0]
    assert lines[0].split()[1:4] == ["0", "1c008000", "_start"]
    said = [line for line in done.err.splitlines() if not line.startswith("iss: compiling")]  # on a fresh machine
    assert said == [*HEADER.splitlines(), "hello"]


def test_trace_to_a_file(iss: Iss, source: Source, tmp_path: Path):
    done = iss("trace", source(), "-o", "x.trace", "--only", "mem", "--last", "3", "--hart", "0")
    assert done.out == "hello\n"
    assert len((tmp_path / "x.trace").read_text().splitlines()) == 3
    assert "3 lines in x.trace" in done.err
    shown = iss("trace", source(), "-o", "-", "--only", "mem", "--last", "3", "--hart", "0").out
    assert shown == (tmp_path / "x.trace").read_text()
    assert not (tmp_path / "-").exists()


def test_trace_of_a_window_stops_the_run_at_its_end(iss: Iss, source: Source):
    forever = ".globl _start\n_start: addi a0, a0, 1\n j _start\n"
    done = iss("trace", source(forever), "--from", "20", "--to", "30", "--hart", "0")
    assert done.code == 0
    cycles = [int(line.split()[0]) for line in done.out.splitlines()]
    assert cycles
    assert all(20 <= cycle <= 30 for cycle in cycles)


def test_a_window_from_a_cycle_to_an_instruction(iss: Iss, source: Source):
    forever = ".globl _start\n_start: addi a0, a0, 1\n j _start\n"
    done = iss("trace", source(forever), "--from", "20", "--to", "_start", "--harts", "2", "--max-cycles", "100")
    lines = [line.split()[:4] for line in done.out.splitlines()]
    for hart in "01":
        found = [line for line in lines if line[1] == hart]
        assert int(found[0][0]) in (20, 21)
        assert [line[3] for line in found].count("_start") == 1
        assert found[-1][3] == "_start"


def test_trace_of_a_fault_ends_with_the_last_instruction(iss: Iss, source: Source):
    done = iss("trace", source(".globl _start\n_start: li a0, 1\n sw a0, 0(a0)\n lw a1, -4(zero)\n"), "--harts", "1")
    assert done.code == 2
    assert "addi" in done.out.splitlines()[0]
    assert done.err.count("iss: ") == 1


def test_a_faults_message_is_behind_its_trace(source: Source):
    path = source(".globl _start\n_start: li a0, 1\n sw a0, 0(a0)\n lw a1, -4(zero)\n")
    command = [sys.executable, "-m", "iss.cli", "trace", str(path), "--harts", "1", "--last", "2"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert [line.split()[0] for line in done.stdout.splitlines()][-3:-1] == ["4", "6"]
    assert "iss: hart 0 at pc" in done.stdout.splitlines()[-1]


def test_trace_mistakes(iss: Iss, source: Source):
    path = source()
    assert "did you mean mem" in iss("trace", path, "--only", "memm").message
    assert "the machine has harts 0 to 7" in iss("trace", path, "--hart", "8").message
    assert "there is nothing between them" in iss("trace", path, "--from", "20", "--to", "10").message
    assert "did you mean _start" in iss("trace", path, "--from", "_stat").message


def test_help_explains_every_column(iss: Iss):
    text = iss("trace", "--help").out
    for name, meaning in COLUMNS.items():
        assert f"{name:<12} {meaning}" in text


def test_asm_defines_layouts_and_mistakes(iss: Iss, source: Source, tmp_path: Path):
    path = source(".globl _start\n_start: li a0, SIZE\n")
    assert iss("asm", path, "-o", "a.elf", "-D", "SIZE=77", "--layout", "core").code == 0
    listing = iss("dis", "a.elf").out
    assert "addi    a0, zero, 77" in listing
    assert "00000080 <_start>" in listing
    assert "SIZE" in iss("asm", path, "-o", "b.elf").message
    assert not (tmp_path / "b.elf").exists()
    assert "did you mean core" in iss("asm", path, "-o", "b.elf", "--layout", "cor").message
    assert "should be a number" in iss("asm", path, "-o", "b.elf", "-D", "SIZE=x").message
    assert iss("asm", "nope.S", "-o", "b.elf").code == 2
    assert "a.elf is an ELF file, no assembly source" in iss("asm", "a.elf", "-o", "b.elf").message


def test_dis_of_what_is_no_elf(iss: Iss, source: Source):
    assert "is not an ELF file" in iss("dis", source()).message


def test_isa(iss: Iss):
    assert "Dot product" in iss("isa", "pv.sdotsp.b").out
    assert "add     a0, a1, a0" in iss("isa", "0x00a58533").out
    everything = iss("isa").out
    assert "pv.sdotsp.b" in everything
    assert "c.addi" in everything
    assert "did you mean" in iss("isa", "pv.sdotsp.x").message
    assert "a word is 0x4501" in iss("isa", "4501").message
    assert iss("isa", "mv").out.startswith("mv rd, rs: pseudo-instruction, addi rd, rs, 0\n\naddi rd, rs1, imm ")
    assert "as many instructions as it takes" in iss("isa", "LI").out
    assert "hexadecimal" in iss("isa", "0xyz").message
    assert "32 bits" in iss("isa", "0x123456789").message


def test_timing_prints_every_rule(iss: Iss):
    text = iss("timing").out
    for name in RULES:
        assert name in text


def test_applications_by_name(iss: Iss):
    listed = iss("run", "--list").out
    assert "matmul" in listed
    done = iss("run", "matmul", "--set", "m=8", "--set", "n=8", "--set", "k=16", "--harts", "2")
    assert done.code == 0
    assert "MAC" in done.out
    assert "the outputs equal NumPy's" in done.out
    assert "did you mean matmul" in iss("run", "matmu").message
    assert "'mm'" in iss("run", "matmul", "--set", "mm=3").message


def test_version(iss: Iss):
    done = iss("--version")
    assert done.code == 0
    assert re.fullmatch(r"imciss [\d.]+ \(Python [\d.]+\S*, Numba [\d.]+\S*, NumPy [\d.]+\S*\)\n", done.out)
