"""The shipped applications, and the runtime under them."""

from __future__ import annotations

import pytest

import asm
from firmware.apps import find, names
from firmware.apps.app import FIRMWARE, INCLUDES
from iss.cluster import Cluster
from iss.errors import SimulationError


@pytest.mark.parametrize("harts", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("name", names())
def test_every_application_is_right_on_any_number_of_harts(name, harts):
    run = find(name).run({"harts": harts, "stdout": lambda hart, data: None})
    assert run.ok, run.message


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("matmul", {"m": 7, "n": 5, "k": 3, "int8": 0, "bias": 1}),
        ("matmul", {"m": 30, "n": 30, "k": 30, "mult": 7, "relu": 1, "repeat": 3}),
        ("pointwise", {"height": 5, "width": 3, "cin": 20, "cout": 9, "mult": 3, "bias": 0}),
        ("dwconv", {"height": 9, "width": 11, "channels": 10, "stride": 2}),
        ("dwconv", {"height": 1, "width": 1, "channels": 3, "mult": 2, "bias": 0, "relu": 0}),
        ("add", {"n": 1001, "relu": 1, "mult_a": -128}),
        ("conflicts", {"loads": 100, "stride": 32}),
    ],
)
def test_parameters(name, params):
    run = find(name).run(**params)
    assert run.ok, run.message


def test_another_seed_gives_other_inputs():
    first, second = (find("add").load(Cluster(), seed=seed, n=64).inputs["input_a"] for seed in (0, 1))
    assert (first != second).any()


def test_matmul_reports_its_rate():
    metrics = find("matmul").run().metrics
    assert metrics["mac"] == 64 * 64 * 128
    assert metrics["mac_per_cycle"] >= 17
    total = metrics["instructions"] + sum(metrics["stalls"].values())
    assert 0.98 * 8 * metrics["cycles"] <= total <= 8 * metrics["cycles"]


def test_repeat_repeats():
    ideal = {"icache": "ideal"}
    once, often = (find("matmul").run(ideal, m=16, n=16, k=32, repeat=repeat).metrics for repeat in (1, 10))
    assert often["mac"] == 10 * once["mac"]
    assert 9 < often["cycles"] / once["cycles"] < 10.1


def test_conflicts_teaches():
    metrics = find("conflicts").run(stride=32).metrics
    assert metrics["loads_per_cycle"] == pytest.approx(1, rel=0.02)
    assert metrics["own_loads_per_cycle"] == pytest.approx(8, rel=0.05)
    assert metrics["walk_loads_per_cycle"] == pytest.approx(8, rel=0.05)
    assert metrics["stride_loads_per_cycle"] == pytest.approx(1, rel=0.02)


def test_hello_speaks_in_turn():
    said: list[tuple[int, bytes]] = []
    find("hello").run({"harts": 3, "stdout": lambda hart, data: said.append((hart, data))})
    text = b"".join(data for _, data in said).decode()
    assert text == "".join(f"hello from hart {hart} of 3\n" for hart in range(3))


def test_a_wrong_output_is_described():
    job = find("add").load(Cluster(), n=8)
    job.cluster.run()
    assert job.check() is None
    address = job.symbols["result"] + 3
    job.cluster.write(address, bytes([job.cluster.read(address, 1)[0] ^ 1]))
    message = job.check()
    assert message is not None
    assert message.startswith("1 of 8 values of result are wrong: result[3] is ")


@pytest.mark.parametrize(
    ("params", "config", "text"),
    [
        ({"j": 3}, {}, "no parameter 'j'"),
        ({"m": 0}, {}, "m = 0 is not possible: 1 to 65536"),
        ({"m": 1000, "n": 1000}, {}, "bytes of TCDM, and there are 524288"),
        ({}, {"machine": "core"}, "made for the machine 'cluster'"),
    ],
)
def test_what_is_not_possible_is_said(params, config, text):
    with pytest.raises(SimulationError, match=text.replace("'", ".")):
        find("matmul").load(Cluster(**config), **params)


def test_an_unknown_name_is_none():
    assert find("matmull") is None


# -- the runtime ------------------------------------------------------------------------------------------------------

BARRIERS = """
    .include "macros.inc"
    .equ ROUNDS, 50
# In each round every hart adds to a counter of its own after a delay of its own; behind the barrier all must be equal.
function main
    enter   0
    mv      s0, a0
    mv      s1, a1
    li      s2, 1
.Lround:
    mul     t0, s2, s0
    andi    t0, t0, 31
.Ldelay:
    addi    t0, t0, -1
    bgez    t0, .Ldelay
    la      s3, counters
    slli    t0, s0, 2
    add     t0, t0, s3
    sw      s2, 0(t0)
    barrier
    mv      t1, s1
.Lcompare:
    p.lw    t0, 4(s3!)
    nop
    bne     t0, s2, .Lwrong
    addi    t1, t1, -1
    bnez    t1, .Lcompare
    barrier
    addi    s2, s2, 1
    li      t0, ROUNDS
    ble     s2, t0, .Lround
    li      a0, 0
    leave   0
.Lwrong:
    li      t0, CORE_STATUS
    li      t1, 1 << 31 | 1
    sw      t1, 0(t0)
    j       .Lwrong
    .bss
counters:
    .space  64
"""


@pytest.mark.parametrize("harts", [1, 2, 3, 8, 16])
def test_the_barrier_holds_everyone(tmp_path, harts):
    source = tmp_path / "barriers.S"
    source.write_text(BARRIERS)
    program = asm.assemble([FIRMWARE / "runtime/start.S", source], defines={"HARTS": harts}, include_dirs=INCLUDES)
    cluster = Cluster(harts=harts)
    cluster.load_elf(program.elf)
    assert cluster.run(max_cycles=10**6).exit_code == 0


def test_main_s_result_is_the_exit_code_and_further_harts_sleep(tmp_path):
    source = tmp_path / "main.S"
    source.write_text('.include "macros.inc"\nfunction main\nli a0, 42\nret\n')
    program = asm.assemble([FIRMWARE / "runtime/start.S", source], defines={"HARTS": 2}, include_dirs=INCLUDES)
    cluster = Cluster(harts=8)
    cluster.load_elf(program.elf)
    result = cluster.run(max_cycles=10**5)
    assert result.exit_code == 42
    assert all(hart["instructions"] < 20 for hart in result.stats["harts"][2:])
