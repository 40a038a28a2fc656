"""`iss run`: output, exit codes, figures, and every mistake as one message."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from iss.cluster import Cluster
from iss.config import DEFAULTS, Config

from ..conftest import Iss

Source = Callable[..., Path]
FOREVER = ".globl _start\n_start: addi a0, a0, 1\n j _start\n"
CALLS = """
        .globl  _start
_start: call    outer
outer:  mv      s0, ra
        call    inner
        ret
inner:  li      a0, 0x30000000
        INSTRUCTION
"""
FAULT = ".globl _start\n_start: li a0, 0x30000000\n lw a1, 4(a0)\n"


def test_output_then_figures(iss: Iss, source: Source):
    done = iss("run", source())
    assert done.code == 0
    assert done.out.startswith("hello\nprogram: exit code 0, ")
    for word in ("cycles", "instructions", "IPC", "stalls", "bank conflicts", "all"):
        assert word in done.out


@pytest.mark.parametrize("machine", DEFAULTS)
def test_a_source_runs_on_every_machine(iss: Iss, source: Source, machine: str):
    done = iss("run", source(".globl _start\n_start: li a0, 5\n li a7, 93\n ecall\n"), "--machine", machine, "-q")
    assert (done.code, done.out) == (5, "")


def test_quiet_is_the_output_alone(iss: Iss, source: Source):
    assert iss("run", source(), "-q").out == "hello\n"


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (1, 1), (255, 255), (256, 1), (512 + 3, 3)])
def test_exit_code_is_the_programs(iss: Iss, source: Source, code: int, expected: int):
    assert iss("run", source(code=code), "-q").code == expected


def test_an_elf_runs_as_its_source_does(iss: Iss, source: Source):
    path = source()
    assert iss("asm", path, "-o", "x.elf").code == 0
    assert iss("run", "x.elf").out.replace("x:", "program:") == iss("run", path).out


def test_statistics(iss: Iss, source: Source):
    done = iss("run", source(), "--stats")
    for word in ("Where the cycles went", "load_use", "TCDM", "hart 7"):
        assert word in done.out


def test_conflicting_instructions(iss: Iss, source: Source):
    text = "_start: li a0, 0x10000000\n li a2, 40\nhere: lw a1, 0(a0)\n addi a2, a2, -1\n bnez a2, here\n"
    done = iss("run", source(f".globl _start\n{text} li a7, 93\n li a0, 0\n ecall\n"), "--stats")
    assert "Instructions that lost most arbitrations" in done.out
    assert "here" in done.out
    assert "lw      a1, 0(a0)" in done.out


def test_statistics_as_json(iss: Iss, source: Source, tmp_path: Path):
    path = source()
    assert iss("run", path, "--stats-json", "s.json", "-q").code == 0
    cluster = Cluster(stdout=lambda hart, data: None)
    iss("asm", path, "-o", "x.elf")
    cluster.load_elf(tmp_path / "x.elf")
    assert json.loads((tmp_path / "s.json").read_text()) == json.loads(json.dumps(cluster.run().stats, default=int))


def test_options_reach_the_machine(iss: Iss, source: Source, tmp_path: Path):
    (tmp_path / "c.toml").write_text("harts = 2\nbanks = 16\n")
    arguments = ("--config", "c.toml", "--set", "tcdm_bytes=65536", "--stats-json", "-", "-q", "--interconnect", "hci")
    stats = json.loads(iss("run", source(), *arguments).out.removeprefix("hello\n"))
    assert (len(stats["harts"]), len(stats["tcdm"]["banks"])) == (2, 16)
    stats = json.loads(iss("run", source(), *arguments, "--harts", "3").out.removeprefix("hello\n"))
    assert len(stats["harts"]) == 3


def test_max_cycles(iss: Iss, source: Source):
    done = iss("run", source(FOREVER), "--max-cycles", "1e4", "--harts", 2)
    assert done.code == 2
    assert "has not ended after 10,000 cycles" in done.err
    assert "hart 1 at pc 0x1c00" in done.err
    assert "not ended, 10,000 cycles" in done.out


def test_fault_has_one_message_and_the_statistics_so_far(iss: Iss, source: Source):
    done = iss("run", source(FAULT), "--harts", "1")
    assert done.code == 2
    assert "`lw a1, 4(a0)` loads 4 bytes at 0x30000004 (unmapped" in done.message
    assert "instructions" in done.out


def test_a_pc_outside_the_program_is_said(iss: Iss, source: Source):
    for instruction, place in (("nop", "0x1c008004 (L2"), ("jr zero", "0x00000000 (TCDM")):
        done = iss("run", source(f".globl _start\n_start: {instruction}\n"), "--harts", "1", "-q")
        assert f"hart 0 at pc {place}, outside the program)" in done.message


@pytest.mark.parametrize("instruction", ["lw a1, 4(a0)", "jr a0", ".word -1", "1: wfi", "1: j 1b"])
def test_where_it_stopped_and_who_called(iss: Iss, source: Source, instruction: str):
    path = source(CALLS.replace("INSTRUCTION", instruction))
    done = iss("run", path, "--harts", "1", "--max-cycles", "1000")
    assert done.code == 2
    assert "<inner+0x4>" in done.message
    assert "ra is 0x1c00800c <outer+0x8> <program.S:6>" in done.message
    if "1:" in instruction:
        return  # no instruction's fault
    hint = next(line for line in done.err.splitlines() if "iss trace" in line)
    traced = iss(*hint.split("`")[1].split()[1:], "--harts", "1")
    assert "<inner+0x4>" in traced.message
    assert "iss trace" not in traced.message
    assert [line.split()[3] for line in traced.out.splitlines()][:3] == ["_start", "outer", "outer+0x4"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run", "nope"], "no program 'nope'"),
        (["run", "."], "is a directory"),
        (["run", "x.S"], "no program 'x.S'"),
        (["rnu"], "no command 'rnu'; did you mean run?"),
        (["run"], "PROG; `iss run --help` explains them"),
        (["run", "{hello}", "--machine", "cor"], "no machine 'cor'; did you mean core?"),
        (["run", "{hello}", "--interconnect", "hcl"], "did you mean hci?"),
        (["run", "{hello}", "--machne", "core"], "no option --machne; did you mean --machine"),
        (["run", "{hello}", "again"], "one argument too many"),
        (["run", "{hello}", "--harts", "many"], "'many' is not a number"),
        (["run", "{hello}", "--harts", "17"], "harts = 17 is not possible: 1..16"),
        (["run", "{hello}", "--max-cycles", "-1"], "-1"),
        (["run", "{hello}", "--set", "tcdm_byte=1"], "did you mean tcdm_bytes"),
        (["run", "{hello}", "--set", "noise.read=1"], "did you mean ima_noise_read"),
        (["run", "{hello}", "--set", "xyz=1"], "no configuration value 'xyz'; `iss run --list` shows all"),
        (["run", "{hello}", "--set", "invert_prio=False"], "invert_prio = 'False' should be true or false"),
        (["run", "{hello}", "--signature", "s"], "no symbol begin_signature"),
        (["run", "{hello}", "--signature", "."], ". is a directory"),
        (["run", "{hello}", "--set", "banks"], "should be key=value"),
        (["run", "{hello}", "--set", "-q"], "--set: expected a value; one that begins with - follows an ="),
        (["run", "{hello}", "--max-cycles", "1.5e0"], "1.5e0 is no whole number"),
        (["run", "{hello}", "--max-cycles", "1e400"], "1e400 is no whole number"),
        (["run", "{hello}", "--stats-json", "program.S"], "--stats-json would write over program.S, which is read"),
        (["trace", "{hello}", "-o", "./program.S"], "--output would write over ./program.S, which is read"),
        (["asm", "{hello}", "-o", "program.S"], "--output would write over program.S, which is read"),
        (["asm", "{hello}", "-o", "-"], "this is not written to stdout"),
        (["bench", "--rounds", "0"], "it should be 1 or more"),
        (["bench", "--seconds", "0"], "more than 0"),
        (["bench", "--seconds", "x"], "'x' is not a number"),
        (["report", "bottleneck", "--set", "ima.execution=pipelined"], "say --execution MODEL"),
        (["run", "{hello}", "--set", "banks=3"], "banks = 3 is not possible"),
        (["run", "{hello}", "--set", "banks=many"], "should be of type int"),
        (["run", "{hello}", "--config", "nope.toml"], "cannot read nope.toml"),
        (["run", "{hello}", "--stats-json", "no/such/folder"], "there is no directory no/such"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistakes_are_one_message(iss: Iss, source: Source, arguments: list[str], expected: str):
    hello = str(source())
    done = iss(*(hello if argument == "{hello}" else argument for argument in arguments))
    assert done.code == 2
    assert expected in done.message


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda data: data[:30], "damaged or truncated"),
        (lambda data: b"text", "is not an ELF file"),
        (lambda data: data[:4] + b"\2" + data[5:], ""),
        (lambda data: data[:5] + b"\2" + data[6:], ""),
        (lambda data: data[:18] + b"\x3e\0" + data[20:], "not for RISC-V"),
        (lambda data: data[:16] + b"\1\0" + data[18:], "is an object file"),
        (lambda data: data[:24] + b"\0\0\0\x90" + data[28:], "entry 0x90000000 is outside the program's code, which is at 0x1c"),
        (lambda data: data[:24] + b"\1\x80\0\x1c" + data[28:], "entry 0x1c008001 is odd"),
        (lambda data: b"", "bad.elf is empty"),
    ],
    ids=["short", "text", "64-bit", "big-endian", "x86", "object", "entry", "odd", "empty"],
)
def test_bad_elf_files(iss: Iss, source: Source, tmp_path: Path, change: Callable[[bytes], bytes], expected: str):
    iss("asm", source(), "-o", "x.elf")
    (tmp_path / "bad.elf").write_bytes(change((tmp_path / "x.elf").read_bytes()))
    done = iss("run", "bad.elf")
    assert done.code == 2
    assert expected in done.message


def test_every_assembly_mistake_is_shown(iss: Iss, source: Source):
    done = iss("run", source("foo x1\n addi x1, x2\n"))
    assert done.code == 2
    assert "2 mistakes in the assembly" in done.err
    assert "unknown instruction 'foo'" in done.err


def test_help_of_every_command_has_examples(iss: Iss):
    assert "run a program" in iss("--help").out
    for command in ("run", "trace", "asm", "dis", "isa", "timing", "bench"):
        done = iss(command, "--help")
        assert done.code == 0
        assert f"  iss {command}" in done.out.split("examples:")[1]


ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


def python(*arguments: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, *arguments], stdout=pipe, stderr=pipe, text=True, env=ENVIRONMENT)


def test_interrupted(source: Source):
    path = source(FOREVER)
    process = python("-m", "iss.cli", "run", str(path), "--max-cycles", "1e12", "--harts", "1")
    try:
        process.communicate(timeout=3)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "iss: interrupted in cycle" in err
    assert "Traceback" not in err
    assert "not ended" in out


def test_a_reader_that_stops_reading_is_no_error(source: Source):
    text = f'{sys.executable} -m iss.cli trace {source()} | head -1; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(["bash", "-c", text], capture_output=True, text=True, timeout=60, env=ENVIRONMENT)
    assert "Traceback" not in done.stderr
    assert "mhartid" in done.stdout


def test_start_up_imports_only_what_is_used(iss: Iss, source: Source, tmp_path: Path):
    iss("asm", source(), "-o", "x.elf")
    code = "import sys; from iss.cli import main; main(['run', 'x.elf', '-q']); print(*sys.modules)"
    out, err = python("-c", code).communicate(timeout=60)
    assert out.startswith("hello\n"), err
    unused = {"rich", "matplotlib", "lark", "asm", "tools", "firmware.apps", "iss.observe.trace", "iss.reports"}
    assert not unused & set(out.split())


def test_compilation_is_announced_once(iss: Iss, source: Source, monkeypatch: pytest.MonkeyPatch):
    from iss.engine import emit

    monkeypatch.setattr(emit, "is_compiled", lambda features: False)
    done = iss("run", source())
    assert done.err.count("compiling the simulator's kernel") == 1
    monkeypatch.undo()
    assert iss("run", source()).err == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "{hello}", "--stats-json", "/dev/full"],
        ["trace", "{hello}", "-o", "/dev/full"],
        ["asm", "{hello}", "-o", "/dev/full"],
        ["report", "bottleneck", "--set", "height=2", "--set", "width=2", "--execution", "pipelined", "--json", "/dev/full"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_full_disk_names_the_file(iss: Iss, source: Source, arguments: list[str]):
    hello = str(source())
    done = iss(*(hello if argument == "{hello}" else argument for argument in arguments))
    assert "cannot write /dev/full: No space left on device" in done.message
    if arguments[0] == "run":
        assert "instructions" in done.out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_output_that_cannot_be_written(source: Source):
    command = [sys.executable, "-m", "iss.cli"]
    for arguments in (["isa", "0x13"], ["isa"], ["run", str(source())]):
        with open("/dev/full", "w") as full:
            done = subprocess.run([*command, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert (done.returncode, done.stderr) == (2, "iss: cannot write the output: No space left on device\n")


@pytest.mark.parametrize("arguments", [["isa"], ["run", "--list"], ["run", "{hello}", "--stats"]], ids=" ".join)
def test_a_reader_that_leaves(source: Source, arguments: list[str]):
    hello = str(source())
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "iss.cli", *(hello if argument == "{hello}" else argument for argument in arguments)]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (128 + 13, "")


def test_statistics_alone_on_stdout(iss: Iss, source: Source):
    done = iss("run", source(), "--stats-json", "-", "--stats")
    assert json.loads(done.out)["cycles"] > 0
    assert done.err.endswith("hello\n")


def test_list_has_every_configuration_value(iss: Iss):
    words = iss("run", "--list").out.split()
    assert {field.name for field in dataclasses.fields(Config)} <= set(words)
    assert "mapping" in words
