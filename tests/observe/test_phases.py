"""Phases: where they begin and end, what they are called, and that nothing is lost between them."""

from __future__ import annotations

import pytest

import asm
from firmware.apps import find
from iss.cluster import Cluster
from iss.observe.energy import CONSTANTS

PROGRAM = """
    .globl _start
_start:
    csrr a0, mhartid
    li s0, 3
    li t0, 1
again:
    csrw 0x7E0, t0                  # a phase, three times
    .rept 100
    addi a1, a1, 1
    .endr
    csrw 0x7E0, zero
    .rept 50
    addi a1, a1, 1
    .endr
    addi s0, s0, -1
    bnez s0, again
second:
    csrw 0x7E0, t0                  # another, which goes on to the end
    .rept 10
    lw a1, 0(sp)
    .endr
    li a7, 93
    li a0, 0
    ecall
    j .
"""


def run(**values):
    cluster = Cluster(**values)
    cluster.load_elf(asm.assemble_text(PROGRAM.replace("0(sp)", "0x100(gp)").replace("_start:", "_start: li gp, 0x10000000", 1),
                                       layout="cluster", name="p.S").elf)  # fmt: skip
    return cluster.run(max_cycles=10**5).stats


def test_phases_go_by_where_they_begin():
    stats = run(harts=1)
    first, second, rest = stats["phases"]
    assert [phase["times"] for phase in stats["phases"]] == [3, 1, 0]
    assert first["name"].startswith("again p.S:")
    assert second["name"].startswith("second p.S:")
    assert rest["name"] == "rest"
    active = CONSTANTS["core_active"].value
    assert first["energy"]["cores_active"] == pytest.approx(3 * 101 * active, abs=6 * active)
    assert first["cycles"] == pytest.approx(3 * 101, abs=15)
    assert first["energy"]["tcdm"] == 0
    assert second["energy"]["tcdm"] == 10 * CONSTANTS["tcdm_word"].value
    assert sum(phase["cycles"] for phase in stats["phases"]) == stats["cycles"]
    for part, whole in stats["energy"].items():
        assert sum(phase["energy"][part] for phase in stats["phases"]) == pytest.approx(whole)


def test_power_is_energy_over_time():
    stats = run(harts=2, clock_mhz=250)
    for phase in [*stats["phases"], stats]:
        for part, watts in phase["power"].items():
            assert watts == pytest.approx(phase["energy"][part] / (4 * phase["cycles"]))


def test_only_hart_0_begins_phases_and_a_run_begins_anew():
    cluster = Cluster(harts=4)
    cluster.load_elf(asm.assemble_text(PROGRAM.replace("0(sp)", "0(a2)").replace("li s0, 3", "li s0, 3\nli a2, 0x10000000"),
                                       layout="cluster").elf)  # fmt: skip
    first = cluster.run(max_cycles=10**5).stats
    assert [phase["times"] for phase in first["phases"]] == [3, 1, 0]
    assert cluster.run(max_cycles=10**5).stats == first


def test_applications_name_theirs():
    run = find("bottleneck").run(mapping="cores", height=7, width=4, channels=12, expansion=2, stripe=2)
    phases = {phase["name"]: phase for phase in run.result.stats["phases"]}
    assert list(phases) == ["expand", "marshal", "depthwise", "project", "add", "rest"]
    assert phases["marshal"]["times"] == phases["depthwise"]["times"] == 4
    for region in run.job.app.regions(run.job.params, 8):
        assert phases[region.name]["cycles"] == pytest.approx(run.job.region(region)["cycles"], abs=12)
    assert list(find("matmul").run(m=8, n=8, k=8).result.stats["phases"][0]["energy"]) == list(run.result.stats["energy"])


def test_no_counters_no_phases():
    assert find("hello").run({"stdout": lambda hart, data: None}).result.stats["phases"] == []
