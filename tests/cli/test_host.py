"""What programs ask of the host: newlib's ecalls, HTIF's tohost, and the signature of riscv-arch-test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ..conftest import Iss

Source = Callable[..., Path]
START = """
        .globl  _start
_start: csrr    t0, mhartid
        bnez    t0, park
"""
END = """
park:   j       park
        .section .rodata
text:   .asciz  "hello\\n"
        .data
        .balign 8
        .globl  tohost, fromhost, _end
tohost: .space  8
fromhost: .space 8
call:   .word   64, 0, 1, 0, text, 0, 6, 0
buffer: .space  80
_end:   .space  64
"""


def program(source: Source, text: str, end: str = END) -> Path:
    return source(START + text + end)


@pytest.mark.parametrize("number", [93, 94])
def test_exit(iss: Iss, source: Source, number: int):
    assert iss("run", program(source, f"li a7, {number}\n li a0, 37\n ecall\n"), "-q").code == 37


@pytest.mark.parametrize("file", [1, 2])
@pytest.mark.parametrize("machine", ["cluster", "core"])
def test_write(iss: Iss, source: Source, file: int, machine: str):
    """The count comes back, and the program goes on."""
    text = f"li a7, 64\n li a0, {file}\n la a1, text\n li a2, 6\n ecall\n li a7, 93\n ecall\n"
    done = iss("run", program(source, text), "-q", "--machine", machine)
    assert (done.code, done.out) == (6, "hello\n")


@pytest.mark.parametrize(("call", "result"), [
    ("li a7, 64\n li a0, 3\n la a1, text\n li a2, 6", -9),
    ("li a7, 63\n li a0, 0\n la a1, buffer\n li a2, 80", 0),
    ("li a7, 57\n li a0, 1", 0),
    ("li a7, 57\n li a0, 7", -9),
    ("li a7, 80\n li a0, 1\n la a1, buffer", 0),
    ("li a7, 80\n li a0, 9\n la a1, buffer", -9),
])  # fmt: skip
def test_other_calls(iss: Iss, source: Source, call: str, result: int):
    done = iss("run", program(source, f"{call}\n ecall\n addi a0, a0, {100 - result}\n li a7, 93\n ecall\n"), "-q")
    assert done.code == 100


def test_a_file_is_a_terminal(iss: Iss, source: Source):
    text = "li a7, 80\n li a0, 1\n la a1, buffer\n ecall\n la a1, buffer\n lhu a0, 16(a1)\n srli a0, a0, 12\n li a7, 93\n ecall\n"
    assert iss("run", program(source, text), "-q").code == 2  # S_IFCHR >> 12


def test_break(iss: Iss, source: Source):
    """brk(0) is _end; a break in memory is granted, one outside is not."""
    text = """
        li a7, 214
        li a0, 0
        ecall
        la s0, _end
        bne a0, s0, wrong
        addi a0, s0, 32
        mv s1, a0
        ecall
        bne a0, s1, wrong
        li a0, 0x30000000
        ecall
        bne a0, s0, wrong
        li a0, 0
        li a7, 93
        ecall
wrong:  li a0, 1
        li a7, 93
        ecall
"""
    assert iss("run", program(source, text), "-q").code == 0


def test_tohost_ends_the_run(iss: Iss, source: Source):
    assert iss("run", program(source, "la a1, tohost\n li a0, 2 * 21 + 1\n sw a0, 0(a1)\n sw x0, 4(a1)\n"), "-q").code == 21


def test_write_through_tohost(iss: Iss, source: Source):
    """The call's result is in its first word, and fromhost says that it is there."""
    text = """
        la a0, call
        la a1, tohost
        sw a0, 0(a1)
        lw a2, 8(a1)
        lw a3, 0(a0)
        slli a3, a3, 4
        add a0, a2, a3
        li a7, 93
        ecall
"""
    done = iss("run", program(source, text), "-q")
    assert (done.code, done.out) == (1 + (6 << 4), "hello\n")


@pytest.mark.parametrize(("text", "parts"), [
    ("li a7, 64\n li a0, 1\n li a1, 0x30000000\n li a2, 6\n ecall\n", ["what it writes, 6 bytes at 0x30000000, is not in memory"]),
    ("li a7, 80\n li a0, 1\n li a1, 0x1A100000\n ecall\n", ["struct stat", "0x1a100000, is not in memory (SoC peripherals)"]),
    ("li a7, 4000\n ecall\n", ["traps on ecall", "no code at the trap vector"]),
    ("la a0, 0x30000000\n la a1, tohost\n sw a0, 0(a1)\n", ["the call that tohost points at, 32 bytes at 0x30000000"]),
    ("la a0, call\n li a1, 5\n sw a1, 0(a0)\n la a1, tohost\n sw a0, 0(a1)\n", ["only write (64) is served, not 5"]),
])  # fmt: skip
def test_mistakes(iss: Iss, source: Source, text: str, parts: list[str]):
    done = iss("run", program(source, text))
    assert done.code == 2
    for part in ["hart 0 at pc 0x", *parts]:
        assert part in done.message


# -- signature -------------------------------------------------------------------------------------------------------------

SIGNED = """
        la a0, begin_signature
        li a1, 0xDEADBEEF
        sw a1, 4(a0)
        li a7, 93
        li a0, CODE
        ecall
park:   j park
        .data
        .globl begin_signature, end_signature
        .balign 16
begin_signature:
        .word 1, 0, 0x0A0B0C0D
end_signature:
        .word 99
"""


@pytest.mark.parametrize("code", [0, 5])
@pytest.mark.parametrize("machine", ["core", "cluster"])
def test_signature(iss: Iss, source: Source, tmp_path: Path, machine: str, code: int):
    path = source(START + SIGNED, code=code)
    assert iss("run", path, "-q", "--machine", machine, "--signature", "s.txt").code == code
    assert (tmp_path / "s.txt").read_text() == "00000001\ndeadbeef\n0a0b0c0d\n"


def test_a_program_without_signature(iss: Iss, source: Source):
    done = iss("run", source(), "-q", "--signature", "s.txt")
    assert done.code == 2
    assert "no symbol begin_signature and no symbol end_signature" in done.message


def test_a_signature_that_is_not_words(iss: Iss, source: Source):
    done = iss("run", source(START + SIGNED.replace("end_signature:\n", ".byte 7\nend_signature:\n")), "-q", "--signature", "s.txt")
    assert done.code == 2
    assert "is not a number of words" in done.message


def test_a_program_for_0x80000000(iss: Iss, source: Source):
    """Where riscv-tests are linked to: there is memory on the machine core, and the error says so."""
    text = program(source, "li a7, 93\n li a0, 4\n ecall\n").read_text().replace(".data", ".section .data")
    path = source(text)
    assert iss("asm", path, "-o", "x.elf", "--layout", "core").code == 0
    data = bytearray(Path("x.elf").read_bytes())
    headers, count = int.from_bytes(data[28:32], "little"), int.from_bytes(data[44:46], "little")
    for place in (24, *(headers + 32 * number + field for number in range(count) for field in (8, 12))):
        data[place + 3] |= 0x80
    Path("x.elf").write_bytes(data)
    assert iss("run", "x.elf", "-q", "--machine", "core").code == 4
    done = iss("run", "x.elf", "-q")
    assert done.code == 2
    assert "is outside memory" in done.message
    assert "--machine core has memory at every address" in done.message


def test_a_segment_without_permissions_may_hold_the_entry(iss: Iss, source: Source, tmp_path: Path):
    """riscv-tests' linker script gives its segment no flags."""
    assert iss("asm", program(source, "li a7, 93\n li a0, 3\n ecall\n"), "-o", "x.elf").code == 0
    data = bytearray((tmp_path / "x.elf").read_bytes())
    headers, count = int.from_bytes(data[28:32], "little"), int.from_bytes(data[44:46], "little")
    for number in range(count):
        data[headers + 32 * number + 24 : headers + 32 * number + 28] = bytes(4)
    (tmp_path / "x.elf").write_bytes(data)
    assert iss("run", "x.elf", "-q").code == 3
