"""xpulp.h: it is up to date, and every function compiles to its instruction, with its immediates."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from firmware import intrinsics
from iss import toolchain
from iss.isa.decode import decode
from iss.isa.table import Alu, Instruction, Load

HEADER = Path(__file__).parents[2] / intrinsics.OUTPUT
ROWS = list(intrinsics.usable())


def test_the_header_is_up_to_date() -> None:
    assert HEADER.read_text() == intrinsics.header(), "run python -m firmware.intrinsics"


def test_names_are_unique() -> None:
    assert len({intrinsics.name(row) for row in ROWS}) == len(ROWS)


def values(row: Instruction) -> list[dict[str, int]]:
    """Immediates to try: the smallest, the largest, one between."""
    fields = intrinsics.immediates(row)
    return [{f.name: pick(f.low, f.high) for f in fields} for pick in (min, max, lambda a, b: (a + b + 1) // 2)]


def call(row: Instruction, number: int, case: int, chosen: dict[str, int]) -> str:
    """A C function that uses an instruction."""
    name, numbers = intrinsics.name(row), [str(value) for value in chosen.values()]
    start = f"int f{number}_{case}"
    if isinstance(row.kind, Alu):
        arguments = (["d"] if "rd" in row.sources else []) + [n for n in ("rs1", "rs2") if n in row.fields]
        return f"{start}(int d, int rs1, int rs2) {{ return {name}({', '.join(arguments + numbers)}); }}"
    step = numbers[0] if numbers else "step"
    given = f"p, {step}" if isinstance(row.kind, Load) else f"value, p, {step}"
    result = f"int v = {name}({given});" if isinstance(row.kind, Load) else f"{name}({given}); int v = 0;"
    return f"{start}(char *p, int step, int value) {{ {result} return v + (int)p; }}"


@pytest.fixture(scope="module", params=toolchain.COMPILERS)
def compiler(request: pytest.FixtureRequest) -> toolchain.Compiler:
    found = toolchain.COMPILERS[str(request.param)]()
    if found is None:
        pytest.skip(f"{request.param} is not installed")
    return found


@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_every_function_is_its_instruction(compiler: toolchain.Compiler, tmp_path: Path, level: str) -> None:
    cases = [(n, row, case, chosen) for n, row in enumerate(ROWS) for case, chosen in enumerate(values(row))]
    text = ['#include "xpulp.h"', *(call(row, n, case, chosen) for n, row, case, chosen in cases)]
    source, target = tmp_path / "all.c", tmp_path / "all.o"
    source.write_text("\n".join(text) + "\n")
    options = [level, "-g0", "-fno-function-sections", "-Wall", "-Werror", "-c"]
    command = [*compiler.command, *options, str(source), "-o", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:2000]
    elf = ELFFile(io.BytesIO(target.read_bytes()))
    code = elf.get_section_by_name(".text").data()
    places = {s.name: (s["st_value"], s["st_size"]) for s in elf.get_section_by_name(".symtab").iter_symbols()}
    for n, row, case, chosen in cases:
        start, size = places[f"f{n}_{case}"]
        found, at = [], start
        while at < start + size:
            word = int.from_bytes(code[at : at + 4], "little")
            wide = word & 3 == 3
            decoded = decode(word if wide else word & 0xFFFF)
            if decoded is not None and decoded.row.extension == intrinsics.EXTENSION:
                operands = {name: value for name, value in decoded.operands.items() if name in chosen}
                found.append((decoded.row.key, operands))
            at += 4 if wide else 2
        zero = row.mnemonic.endswith("n") and chosen.get("Is3") == 0 and row.mnemonic.startswith(("p.mul", "p.mac"))
        if zero:
            assert [key.partition(" ")[0] for key, _ in found] in ([row.mnemonic], [row.mnemonic[:-1]])
        else:
            assert found == [(row.key, chosen)]


def test_an_immediate_that_does_not_fit_is_an_error(compiler: toolchain.Compiler, tmp_path: Path) -> None:
    source = tmp_path / "bad.c"
    source.write_text('#include "xpulp.h"\nint f(int a) { return p_clip(a, 32); }\n')
    command = [*compiler.command, "-c", str(source), "-o", str(tmp_path / "bad.o")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode
    assert "p.clip: Is2 is 0..31" in done.stderr
