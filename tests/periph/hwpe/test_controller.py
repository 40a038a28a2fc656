"""hwpe-ctrl's rules, on DW (platform.md 4.1)."""

from __future__ import annotations

import pytest

from iss.engine.layout import Stream
from periph.device import DeviceError
from periph.hwpe.controller import AcceleratorWarning

from .bench import TCDM, WORD, Bench, depthwise

JOB = depthwise(5, 5, 16, SRC_ADDR=TCDM, DST_ADDR=TCDM + 0x4000, WEIGHT_ADDR=TCDM + 0x2000)
CYCLES = 9 + 3 * (9 + 4 * 4)
"""Slots of that job: from its first beat to its last."""


def start(bench: Bench, hart: int = 0) -> int:
    return bench.job(bench.dw, JOB, hart)


def test_acquire_counts_and_locks(bench: Bench) -> None:
    dw = bench.dw
    assert bench.load(dw, "ACQUIRE", 2) == 0
    assert bench.load(dw, "ACQUIRE", 2) == WORD - 1
    assert bench.load(dw, "ACQUIRE", 5) == WORD - 1
    bench.configure(dw, JOB)
    bench.store(dw, "TRIGGER", 0)
    assert bench.load(dw, "ACQUIRE") == 1
    bench.configure(dw, JOB)
    bench.store(dw, "TRIGGER", 0)
    assert bench.load(dw, "ACQUIRE") == WORD
    bench.finish(dw)
    assert bench.load(dw, "ACQUIRE") == 2


def test_status_and_job_numbers(bench: Bench) -> None:
    dw = bench.dw
    assert bench.load(dw, "STATUS") == 0
    start(bench)
    assert bench.load(dw, "STATUS") == 0x001
    start(bench)
    assert bench.load(dw, "STATUS") == 0x101
    assert bench.load(dw, "RUNNING_JOB") == 0
    while bench.load(dw, "RUNNING_JOB") == 0:
        pass
    assert bench.load(dw, "STATUS") == 0x100
    bench.finish(dw)
    assert bench.load(dw, "STATUS") == 0
    assert bench.load(dw, "RUNNING_JOB") == 2


def test_finished_jobs_saturate_and_any_access_clears(bench: Bench) -> None:
    dw = bench.dw
    for _ in range(3):
        start(bench)
        bench.finish(dw)
    assert bench.load(dw, "FINISHED_JOBS") == 2
    assert bench.load(dw, "FINISHED_JOBS") == 0
    start(bench)
    bench.finish(dw)
    bench.store(dw, "FINISHED_JOBS", 99)
    assert bench.load(dw, "FINISHED_JOBS") == 0


def test_when_jobs_start_and_end(bench: Bench) -> None:
    """Start pulse 3 cycles after the trigger, and 3 after done for a queued job; the event a cycle after done."""
    first = start(bench, hart=1)
    bench.run(first + 4)
    row = bench.machine.stream[bench.port.stream]
    assert row[Stream.CLOCK] == first + 4, "the first request comes in the cycle after the start pulse"
    start(bench, hart=6)
    bench.finish(bench.dw)
    begin = first + 4
    done = begin + CYCLES - 1 + 1
    again = done + 4
    done_again = again + CYCLES - 1 + 1
    assert bench.events == [(12, done + 1, 1 << 1), (12, done_again + 1, 1 << 6)]
    assert bench.dw.stats()["busy_cycles"] == 2 * (CYCLES + 1)


def test_commit_waits_for_the_first_trigger(bench: Bench) -> None:
    dw = bench.dw
    assert bench.load(dw, "ACQUIRE") == 0
    bench.configure(dw, JOB)
    bench.store(dw, "TRIGGER", 1)
    bench.run(bench.cycle + 1000)
    assert bench.load(dw, "STATUS") == 1
    assert bench.port.owner == ""
    assert dw.state() == "dw has 1 jobs that were committed but not triggered"
    start(bench)
    bench.finish(dw)
    assert dw.stats()["jobs"] == 2
    assert bench.load(dw, "ACQUIRE") == 2
    bench.configure(dw, JOB)
    bench.store(dw, "TRIGGER", 1)
    bench.finish(dw)
    assert dw.stats()["jobs"] == 3, "once triggered, the queue goes on running"


def test_contexts_are_banked(bench: Bench) -> None:
    dw = bench.dw
    bench.load(dw, "ACQUIRE")
    bench.configure(dw, {**JOB, "SCALE": 11})
    assert bench.load(dw, "CONTEXT0_SCALE") == 11
    bench.store(dw, "TRIGGER", 1)
    assert bench.load(dw, "SCALE") == 1, "the other context"
    bench.store(dw, "SCALE", 22)
    assert bench.load(dw, "CONTEXT0_SCALE") == 11
    assert bench.load(dw, "CONTEXT1_SCALE") == bench.load(dw, "SCALE") == 22
    bench.store(dw, "CONTEXT0_SCALE", 33)
    assert bench.load(dw, "CONTEXT0_SCALE") == 11, "stores reach only the context that is being programmed"


def test_soft_clear_stops_everything(bench: Bench) -> None:
    dw = bench.dw
    start(bench)
    start(bench)
    bench.run(bench.cycle + 30)
    assert bench.port.owner == "dw"
    done = dw.stats()["beats"]
    assert done
    bench.store(dw, "SOFT_CLEAR", 1)
    bench.run(bench.cycle + 1000)
    assert bench.events == []
    assert bench.load(dw, "STATUS") == 0
    assert dw.stats()["beats"] <= done + 1
    assert bench.load(dw, "SRC_ADDR") == TCDM, "data 1 keeps the registers"
    assert bench.load(dw, "ACQUIRE") == 2
    bench.store(dw, "SOFT_CLEAR", 0)
    bench.run(bench.cycle + 10)
    assert bench.load(dw, "SRC_ADDR") == 0
    assert bench.load(dw, "ACQUIRE") == 0
    bench.configure(dw, JOB)
    bench.store(dw, "TRIGGER", 0)
    bench.finish(dw)
    assert [event[0] for event in bench.events] == [12]


def test_what_comes_while_a_clear_is_held_is_lost(bench: Bench) -> None:
    bench.store(bench.dw, "SOFT_CLEAR", 0)
    with pytest.warns(AcceleratorWarning, match="ACQUIRE while SOFT_CLEAR is held"):
        bench.load(bench.dw, "ACQUIRE")
    with pytest.warns(AcceleratorWarning, match="TRIGGER while SOFT_CLEAR is held"):
        bench.store(bench.dw, "TRIGGER", 0)
    assert not bench.dw.queue


def test_trigger_without_acquire_runs_and_warns(bench: Bench) -> None:
    bench.configure(bench.dw, JOB)
    with pytest.warns(AcceleratorWarning, match=r"hart 4 at pc .*: dw: TRIGGER = 0x0 without ACQUIRE: context 0"):
        bench.store(bench.dw, "TRIGGER", 0, hart=4)
    bench.finish(bench.dw)
    assert len(bench.dw.stats()["warnings"]) == 1
    assert bench.events[0][2] == 1 << 4


def test_a_third_job_is_an_error(bench: Bench) -> None:
    start(bench)
    start(bench)
    with pytest.raises(DeviceError, match=r"dw.TRIGGER = 0x0: both contexts are in use"):
        bench.store(bench.dw, "TRIGGER", 0)


def test_writing_registers_of_a_queued_job_warns(bench: Bench) -> None:
    start(bench)
    start(bench)
    with pytest.warns(AcceleratorWarning, match="SCALE = 0x5 changes the registers of a job"):
        bench.store(bench.dw, "SCALE", 5)


def test_software_events(bench: Bench) -> None:
    bench.store(bench.dw, "SWEVT", 0x25)
    bench.run(bench.cycle + 5)
    assert bench.events == [(13, bench.cycle - 5, 1 << 5)]


def test_a_reset_forgets_jobs(bench: Bench) -> None:
    start(bench)
    bench.run(bench.cycle + 20)
    bench.reset()
    bench.events.clear()
    bench.run(5000)
    assert bench.events == []
    assert bench.load(bench.dw, "STATUS") == 0
    start(bench)
    bench.finish(bench.dw)
    assert bench.dw.stats()["jobs"] == 1


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"HEIGHT": 0}, "dw.HEIGHT = 0 at TRIGGER: must be 1..1023"),
        ({"WIDTH": 5000}, "dw.WIDTH = 5000 at TRIGGER"),
        ({"CHANNELS": 0}, "dw.CHANNELS = 0 at TRIGGER"),
        ({"HEIGHT": 2}, "dw.HEIGHT = 2, WIDTH = 5 at TRIGGER: with its padding smaller than the 3x3 kernel"),
        ({"CONF0": 0}, "MODE is 0; the engine does only 1"),
        ({"PADDING": 3}, "dw.PADDING = 0x00000003 at TRIGGER: at most 2 on each side"),
        ({"CLIP": 0x01 << 8 | 0x05}, "dw.CLIP = 0x0105 at TRIGGER: the low bound 5 is above the high one, 1"),
        ({"SRC_ADDR": 0x1FFFFFF0}, "dw.SRC_ADDR = 0x1ffffff0 at TRIGGER: its bytes lie at 0x1ffffff0"),
        ({"DST_LINE_STRIDE": 1 << 20}, "dw.DST_ADDR = 0x10004000 at TRIGGER"),
        ({"WEIGHT_ADDR": 64}, ""),
    ],
)
def test_impossible_jobs_name_register_and_value(bench: Bench, change: dict[str, int], text: str) -> None:
    if not text:
        bench.job(bench.dw, {**JOB, **change})
        return
    with pytest.raises(DeviceError) as error:
        bench.job(bench.dw, {**JOB, **change})
    assert text in str(error.value)
