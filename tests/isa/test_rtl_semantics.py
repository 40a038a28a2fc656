"""Every instruction against the real core: vectors of RI5CY v3.4.0 in a Verilator simulation (data/rtl_semantics.jsonl.gz).

`pytest -k pv_sdotsp` selects by mnemonic, with underscores for dots."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from pathlib import Path

import pytest

from iss.isa.decode import decode

VECTORS: dict[str, list[dict]] = defaultdict(list)
with gzip.open(Path(__file__).parents[1] / "data" / "rtl_semantics.jsonl.gz", "rt") as lines:
    for line in lines:
        vector = json.loads(line)
        VECTORS[vector["mnemonic"]].append(vector)

# The RTL's tracer names the two packs as binutils 2.34-pulp does.
RENAMED = {"pv.pack": "pv.pack.h", "pv.pack.h": "pv.pack.h.h"}
# p.mulsN with a shift by zero is p.muls, and so on: the tracer prints the general name, we print the plain one.
SHIFTED = tuple(f"p.{m}{hh}{s}" for m in ("mul", "mac") for hh in ("", "hh") for s in "su")


def names(mnemonic: str) -> set[str]:
    """The mnemonics by which we may know a vector's instruction."""
    plain = mnemonic.removesuffix("n")
    return {RENAMED.get(mnemonic, mnemonic), *({plain} if plain in SHIFTED else ())}


@pytest.mark.parametrize("mnemonic", VECTORS, ids=lambda name: name.replace(".", "_"))
def test_rtl(mnemonic, machine):
    for vector in VECTORS[mnemonic]:
        word = int(vector["word"], 16)
        decoded = decode(word)
        assert decoded is not None, vector
        assert decoded.row.mnemonic in names(mnemonic), vector
        core = machine()
        check = {"LDST": check_memory, "BRANCH": check_branch}.get(vector["class"], check_result)
        check(core, word, decoded, vector)


def check_result(core, word, decoded, vector):
    operands = decoded.operands
    core.write(operands["rd"], int(vector["rd_in"], 16))
    for name in ("rs2", "rs1"):
        if name in operands:
            core.write(operands[name], int(vector[name], 16))
    core.step(word)
    assert f"{core.registers[operands['rd']]:08x}" == vector["rd_out"], vector


def check_branch(core, word, decoded, vector):
    for name in ("rs2", "rs1"):
        if name in decoded.operands:
            core.write(decoded.operands[name], int(vector[name], 16))
    assert core.step(word) == bool(vector["taken"]), vector


def check_memory(core, word, decoded, vector):
    base = int(vector["mem_base"], 16)
    before = bytes.fromhex(vector["mem_before"])
    core.memory.bytes.update((base + i, byte) for i, byte in enumerate(before))
    for name, value in vector["regs_in"].items():
        core.write(int(name[1:]), int(value, 16))
    core.step(word)
    assert {name: f"{core.registers[int(name[1:])]:08x}" for name in vector["regs_out"]} == vector["regs_out"], vector
    assert bytes(core.memory.bytes[base + i] for i in range(len(before))).hex() == vector["mem_after"], vector
