"""machine="bench8" against the RTL: eight cores, and the bench's four accelerator ports, over 32 banks behind each
interconnect that was measured (golden/rtl8_notes.md).  Every number that a record holds and the simulator has is
compared exactly."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from iss.cluster import Cluster
from iss.engine.layout import Bank
from iss.result import RunResult
from periph.test_port import TestPort

HARTS = range(8)
TCDM, TCDM_BYTES = 0x10000000, 256 << 10

Record = Mapping[str, Any]
Run = Callable[..., tuple[Cluster, RunResult]]


def priorities(record: Record) -> dict[str, Any]:
    """The hci settings of a record, ``--lpms L [--inv]``."""
    arguments = record["ico_args"].split()
    stall = int(arguments[arguments.index("--lpms") + 1])
    return {"low_prio_max_stall": stall, "invert_prio": "--inv" in arguments}


@pytest.fixture
def run(machine: Callable[..., Cluster], programmed: Callable[..., Cluster]) -> Run:
    """Runs a measured program for at most so many cycles."""

    def run(record: Record, max_cycles: int = 10**6, **configuration: Any) -> tuple[Cluster, RunResult]:
        cluster = programmed(record, machine(machine="bench8", **configuration))
        result = cluster.run(entry=record["entry"], max_cycles=max_cycles)
        return cluster, result

    return run


def compare(record: Record, cluster: Cluster, result: RunResult) -> None:
    """What every record says of a whole run."""
    marks: dict[int, list[int]] = defaultdict(list)
    for hart, cycle, _ in result.markers:
        marks[hart].append(cycle)
    assert [marks[hart][0] for hart in HARTS] == record["mark0"]
    assert [marks[hart][1] - marks[hart][0] for hart in HARTS] == record["cycles"]
    assert [hart["conflicts"] for hart in result.stats["harts"]] == record["stalls_total"][:8]
    assert [cycle for _, cycle, _ in sorted(result.exits)] == record["exit_cycle"]
    assert [code for _, _, code in sorted(result.exits)] == record["exit_code"]
    assert hashlib.sha256(cluster.read(TCDM, TCDM_BYTES)).hexdigest() == record["tcdm_sha256"]


def compare_banks(record: Record, run: Run, **configuration: Any) -> None:
    """Grants and refusals per bank in the cycles behind the first mark, up to the last one."""
    counts = []
    for end in (min(record["mark0"]) + 1, max(record["mark1"]) + 1):
        _, result = run(record, end, **configuration)
        counts.append([(bank["accesses"], bank["conflicts"]) for bank in result.stats["tcdm"]["banks"]])
    grants, refusals = ([after[i] - before[i] for before, after in zip(*counts, strict=True)] for i in (0, 1))
    assert grants == record["bank_grants_win"]
    assert refusals == record["bank_denied_win"]


def check(record: Record, run: Run, **configuration: Any) -> None:
    cluster, result = run(record, **configuration)
    assert result.reason == "exit"
    compare(record, cluster, result)
    port = cluster.machine.devices["test port"]
    assert isinstance(port, TestPort)
    assert port.traffic.conflicts() == record["stalls_total"][8:]
    assert port.traffic.load(True, result.cycles) == record["hwpe_first_last_sum"][2]
    if configuration["interconnect"] in ("lic", "hci"):
        assert cluster.machine.bank[:, Bank.POINTER].tolist() == record["rr_final"]
    if not record["name"].startswith("hwpe_"):
        tcdm = result.stats["tcdm"]
        assert tcdm["conflicts"] == sum(bank["conflicts"] for bank in tcdm["banks"]) == sum(record["stalls_total"])
        compare_banks(record, run, **configuration)


@pytest.mark.golden("rtl8_lic")
def test_lic(run: Run, record: Record) -> None:
    check(record, run, interconnect="lic")


@pytest.mark.golden("rtl8_xbar12")
def test_xbar12(run: Run, record: Record) -> None:
    check(record, run, interconnect="xbar12")


@pytest.mark.golden("rtl8_xbar84")
def test_xbar84(run: Run, record: Record) -> None:
    check(record, run, interconnect="xbar84")


@pytest.mark.golden("rtl8_hci")
def test_hci(run: Run, record: Record) -> None:
    check(record, run, interconnect="hci", **priorities(record))


def test_default_is_lic(machine: Callable[..., Cluster]) -> None:
    assert machine(machine="bench8").config.interconnect == "lic"
