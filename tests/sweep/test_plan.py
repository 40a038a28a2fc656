"""Values, files and combinations: which points there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from iss.errors import SimulationError
from tools.sweep import plan
from tools.sweep.plan import Axis, parse_axis, parse_values

from .conftest import LOOP


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("8", [8]),
        ("8,16, 32", [8, 16, 32]),
        ("1..4", [1, 2, 3, 4]),
        ("3..3", [3]),
        ("10..45+10", [10, 20, 30, 40]),
        ("8..64*2", [8, 16, 32, 64]),
        ("1,4..6,0x10", [1, 4, 5, 6, 16]),
        ("0..0.3+0.1", [0.0, 0.1, 0.2, 0.3]),
        ("0.5..4*2", [0.5, 1.0, 2.0, 4.0]),
        ("-2..1", [-2, -1, 0, 1]),
        ("lic,hci", ["lic", "hci"]),
        ("true,false", [True, False]),
        ("[8, 16]", [8, 16]),
        ('"lic"', ["lic"]),
    ],
)
def test_values(text: str, values: list[Any]):
    found = parse_values(text)
    assert found == values
    assert [type(value) for value in found] == [type(value) for value in values]


@pytest.mark.parametrize("text", ["", "8,,16", "4..1", "1..8+0", "1..8*1", "0..8*2", "1..x", "1..", "[8, 16", "0..10000000"])
def test_values_that_are_none(text: str):
    with pytest.raises(SimulationError):
        parse_values(text)


def test_names_that_have_the_same_value():
    assert parse_axis("ima_rows=ima.columns=64,128") == Axis(("ima_rows", "ima_columns"), (64, 128))


def labels(names: list[str], *settings: str) -> list[str]:
    return [str(p) for p in plan.points(plan.from_arguments(names, [parse_axis(text) for text in settings]))]


def test_every_combination_the_first_slowest():
    assert labels(["matmul", "add"], "banks=8,16", "harts=1..2") == [
        f"{name} banks={banks} harts={harts}" for name in ("matmul", "add") for banks in (8, 16) for harts in (1, 2)
    ]


def test_a_point_is_there_once():
    assert labels(["matmul"], "banks=8,8..16*2") == ["matmul banks=8", "matmul banks=16"]


def test_parameters_and_configuration_are_one_kind_of_setting():
    assert labels(["bottleneck"], "mapping=cores,hybrid", "ima_rows=ima_columns=64") == [
        f"bottleneck mapping={m} ima_rows=64 ima_columns=64" for m in ("cores", "hybrid")
    ]


@pytest.mark.parametrize(
    ("names", "settings", "message"),
    [
        (["matmul"], ["bank=8"], "did you mean banks"),
        (["matmul", "add"], ["k=8"], "no configuration value or parameter 'k'"),
        (["matmull"], [], "did you mean matmul"),
        (["matmul"], ["banks=8", "banks=16"], "banks is set twice"),
        (["matmul"], ["banks"], "should be name=values"),
        (["matmul"], ["m=1..1000", "n=1..1000", "k=1..1000"], "1,000,000,000 points"),
        (["a.toml", "matmul"], [], "give it alone"),
    ],
)
def test_mistakes(names: list[str], settings: list[str], message: str):
    with pytest.raises(SimulationError, match=message):
        labels(names, *settings)


FILE = """
program = ["matmul", "loop.S"]
output = "r.csv"
max_cycles = 1000
[set]
banks = [8, 16]
clock_mhz = 250
[[sweep]]
set = { interconnect = "lic,hci" }
[[sweep]]
program = "bottleneck"
max_cycles = 2000
set = { mapping = "hybrid", banks = "32", "ima_rows=ima_columns" = [64, 128] }
"""


def test_a_file(tmp_path: Path):
    (tmp_path / "s.toml").write_text(FILE)
    (tmp_path / "loop.S").write_text(LOOP)
    sweep = plan.from_arguments([str(tmp_path / "s.toml")], [])
    found = plan.points(sweep)
    assert sweep.outputs == ("r.csv",)
    first = [f" banks={b} clock_mhz=250 interconnect={i}" for b in (8, 16) for i in ("lic", "hci")]
    assert [str(p) for p in found] == [
        *(f"matmul{text}" for text in first),
        *(f"{tmp_path / 'loop.S'}{text}" for text in first),
        *(f"bottleneck banks=32 clock_mhz=250 mapping=hybrid ima_rows={n} ima_columns={n}" for n in (64, 128)),
    ]
    assert [p.max_cycles for p in found] == [1000] * 8 + [2000] * 2


def test_the_command_line_overrides_the_file(tmp_path: Path):
    (tmp_path / "s.toml").write_text('program = "matmul"\n[set]\nbanks = [8, 16]\nharts = 2\n')
    (tmp_path / "c.toml").write_text("clock_mhz = 100\nharts = 4\n")
    sweep = plan.from_arguments([str(tmp_path / "s.toml")], [parse_axis("banks=32")], str(tmp_path / "c.toml"), 5000)
    (point,) = plan.points(sweep)
    assert dict(point.settings) == {"clock_mhz": 100, "harts": 2, "banks": 32}
    assert point.max_cycles == 5000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("programs = 1", "did you mean program"),
        ("", "program = "),
        ("program = 3", "program = "),
        ('program = "matmul"\nset = 1', "set should be a table"),
        ('program = "matmul"\nmax_cycles = "x"', "max_cycles"),
        ('program = "matmul"\noutput = 1', "output"),
        ('program = "matmul"\nsweep = 1', "sweep should be tables"),
        ('program = "matmul"\nsweep = [1]', "sweep should be tables"),
        ('program = "matmul"\n[set]\nbanks = []', "banks"),
        ('program = "matmul"\n[set.banks]\na = 1', "banks"),
        ('program = "matmul"\n[[sweep]]\nbanks = 8', "no 'banks' in a sweep"),
        ("program = ", "s.toml"),
    ],
)
def test_mistakes_in_a_file(tmp_path: Path, text: str, message: str):
    path = tmp_path / "s.toml"
    path.write_text(text)
    with pytest.raises(SimulationError, match=message):
        plan.points(plan.from_arguments([str(path)], []))


def test_a_key_changes_with_all_that_decides_a_row(tmp_path: Path):
    source = tmp_path / "loop.S"
    source.write_text(LOOP)

    def key(setting: str = "harts=1", limit: int = 1000) -> str:
        (point,) = plan.points(plan.from_arguments([str(source)], [parse_axis(setting)], None, limit))
        return point.key

    before = key()
    assert key() == before
    assert len({before, key("harts=2"), key(limit=999)}) == 3
    source.write_text(LOOP.replace("1000", "1001"))
    assert key() != before
