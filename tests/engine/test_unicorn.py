"""RV32IMC against unicorn (QEMU's translator): the same random programs, the same registers and memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import unicorn
from unicorn import riscv_const

from iss.cluster import Cluster

RAM_BYTES = 4 << 20
MAX_CYCLES = 10**8
REGISTERS = [getattr(riscv_const, f"UC_RISCV_REG_X{i}") for i in range(32)]


@pytest.fixture(scope="session")
def check(random_program: Callable[..., Any], machine: Callable[..., Cluster]) -> Callable[..., int]:
    """Runs a seed's program on both; how many instructions that were."""

    def check(seed: int, length: int, repeat: int) -> int:
        program = random_program(seed, length=length, repeat=repeat, base=True)
        cluster = machine(machine="core")
        cluster.write(0, program.code)
        result = cluster.run(entry=program.entry, max_cycles=MAX_CYCLES)
        assert result.reason == "exit", f"seed {seed}"

        other = unicorn.Uc(unicorn.UC_ARCH_RISCV, unicorn.UC_MODE_RISCV32)
        other.mem_map(0, RAM_BYTES)
        other.mem_write(0, program.code)
        other.emu_start(program.entry, program.end)
        assert other.reg_read(riscv_const.UC_RISCV_REG_PC) == program.end, f"seed {seed}"
        assert cluster.harts[0].regs.tolist() == [other.reg_read(register) for register in REGISTERS], f"seed {seed}"
        assert cluster.read(0, RAM_BYTES) == bytes(other.mem_read(0, RAM_BYTES)), f"seed {seed}"
        return result.instructions

    return check


def test_random_programs(check: Callable[..., int]) -> None:
    assert sum(check(seed, length=300, repeat=30) for seed in range(40)) >= 10**5


def test_short_programs(check: Callable[..., int]) -> None:
    for seed in range(1000, 1100):
        check(seed, length=30, repeat=1)


@pytest.mark.slow
def test_random_programs_many(check: Callable[..., int]) -> None:
    seed, total = 10_000, 0
    while total < 10**7:
        total += check(seed, length=400, repeat=100)
        seed += 1
