"""The cycles that accelerators spend besides beats and computation: one table, with where each figure comes from.

Status: "read in RTL" and "read from documents" are public hardware's; "modelled" is ours, where nothing is public."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cycles:
    """A number of cycles."""

    cycles: int
    meaning: str
    source: str
    status: str


TIMING = {
    "start": Cycles(
        3,
        "from the cycle of TRIGGER's store, or of `done` for a queued job, to the start pulse",
        "hwpe-ctrl dfcf1cb, hwpe_ctrl_slave: states RUN_IDLE and RUN_STARTING, and the register behind them",
        "read in RTL",
    ),
    "request": Cycles(
        1,
        "from the start pulse to the streamer's first request",
        "the engine's state machine takes it at the next edge",
        "modelled",
    ),
    "done": Cycles(
        1,
        "from a job's last beat to `done`",
        "the state machine sees the streamer's flag at the next edge",
        "modelled",
    ),
    "event": Cycles(1, "from `done` to the event line", "hwpe-ctrl: one register", "read in RTL"),
    "clear": Cycles(
        4,
        "how long after its store a soft clear is still held",
        "hwpe-ctrl: clear_o is high from the second cycle after the store on",
        "read in RTL",
    ),
    "switch": Cycles(
        1, "from a job's `done` to the first request of the port's next owner", "a static multiplexer", "modelled"
    ),
    "response": Cycles(
        1,
        "IMA: from the grant of the last input beat to its data",
        "TCDM: the answer comes in the cycle after the grant (platform.md section 5)",
        "read from documents",
    ),
    "result": Cycles(
        1,
        "IMA, sequential: from the end of the conversion to the first output beat",
        "the sink's FIFO falls through in one cycle (platform.md 4.4)",
        "modelled",
    ),
    "next": Cycles(
        1,
        "IMA, sequential: from a job's last output beat to the next job's first input beat",
        "a state of the FSM; with response and result 3 cycles a job, where the printed Bottleneck ratios imply 2.7 "
        "(paper.md section 4: 89 cycles for 86.3 of beats and 130 ns)",
        "modelled",
    ),
    "swap": Cycles(
        1,
        "IMA, pipelined: from the end of one step to the begin of the next, when the buffers change over",
        "33 + 1 cycles at 250 MHz; with the filling of a 16x16 layer 34.1 a job, where the printed 958 GOPS imply 34.2",
        "modelled",
    ),
}
