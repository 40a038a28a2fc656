"""Every vector measured on the RTL through the compiled kernel: what tests/isa checks of the definitions, of what is
made of them.

`pytest -k pv_sdotsp` selects by mnemonic, with underscores for dots."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from iss.cluster import Cluster
from iss.isa.decode import decode

CODE = 0x1000
SPACING = 16  # bytes of code per vector; a taken branch leads 8 bytes on

Vector = dict[str, Any]

VECTORS: dict[str, list[Vector]] = defaultdict(list)
with gzip.open(Path(__file__).parents[1] / "data" / "rtl_semantics.jsonl.gz", "rt") as lines:
    for line in lines:
        vector = json.loads(line)
        VECTORS[vector["mnemonic"]].append(vector)


@pytest.fixture(scope="module")
def core(machine: Callable[..., Cluster]) -> Cluster:
    return machine(machine="core")


@pytest.mark.parametrize("mnemonic", VECTORS, ids=lambda name: name.replace(".", "_"))
def test_rtl(core: Cluster, mnemonic: str) -> None:
    vectors = VECTORS[mnemonic]
    core.write(CODE, b"".join(int(v["word"], 16).to_bytes(4, "little").ljust(SPACING, b"\0") for v in vectors))
    core.start(CODE)
    for i, vector in enumerate(vectors):
        pc = CODE + SPACING * i
        core.harts[0].pc = pc
        {"LDST": check_memory, "BRANCH": check_branch}.get(vector["class"], check_result)(core, vector, pc)


def step(core: Cluster, registers: dict[int, int]) -> None:
    for register, value in registers.items():
        core.harts[0].regs[register] = value
    core.step()


def sources(vector: Vector) -> dict[int, int]:
    """The registers before; where rd is a source too, the source's value counts."""
    decoded = decode(int(vector["word"], 16))
    assert decoded is not None
    fields = {"rd": "rd_in", "rs2": "rs2", "rs1": "rs1"}
    return {decoded.operands[name]: int(vector[key], 16) for name, key in fields.items() if name in decoded.operands}


def check_result(core: Cluster, vector: Vector, pc: int) -> None:
    decoded = decode(int(vector["word"], 16))
    assert decoded is not None
    step(core, sources(vector))
    assert f"{int(core.harts[0].regs[decoded.operands['rd']]):08x}" == vector["rd_out"], vector
    assert core.harts[0].pc == pc + 4


def check_branch(core: Cluster, vector: Vector, pc: int) -> None:
    step(core, sources(vector))
    assert core.harts[0].pc == pc + (8 if vector["taken"] else 4), vector


def check_memory(core: Cluster, vector: Vector, pc: int) -> None:
    base, before = int(vector["mem_base"], 16), bytes.fromhex(vector["mem_before"])
    core.write(base, before)
    step(core, {int(name[1:]): int(value, 16) for name, value in vector["regs_in"].items()})
    after = {name: f"{int(core.harts[0].regs[int(name[1:])]):08x}" for name in vector["regs_out"]}
    assert after == vector["regs_out"], vector
    assert core.read(base, len(before)).hex() == vector["mem_after"], vector
    assert core.harts[0].pc == pc + 4
