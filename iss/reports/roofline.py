"""The roofline of the IMA: synthetic n x n point-wise layers, simulated, next to the analytic roofs.

An n x n job does 2 n^2 operations and moves 2 n bytes, inputs and outputs on one port: n operations a byte.  It
computes for 130 ns and streams for 2 n / (bus bytes x clock): the sequential roof is their sum, the pipelined one the
longer.  The simulated points have what the roofs leave out: filling, the state machine's cycles, whole cycles, bank
conflicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from iss.errors import SimulationError
from iss.observe import report
from iss.programs import applications

BUSES = (32, 64, 128, 256, 512)
CLOCKS = (500, 250)
MODES = ("sequential", "pipelined")
SIZES = (56, 80, 112, 160, 208, 256)
"""5, 10, 19, 39, 66, 100 % of the crossbar."""
PIXELS = 256
COMPUTE_NS = 130.0
NOTHING = 1.02
"""A gain up to this factor is nothing."""
PAPER_GOPS = 958.0
"""[J] V-B: 250 MHz, 128 bit, pipelined."""


@dataclass(frozen=True)
class Point:
    """A simulated layer; `cycles_per_job` is what the IMA was busy, over its jobs."""

    clock_mhz: int
    mode: str
    bus_bits: int
    n: int
    cycles_per_job: float
    gops: float

    @property
    def streaming_ns(self) -> float:
        return 2 * self.n / (self.bus_bits / 8 * self.clock_mhz / 1000)

    @property
    def roof(self) -> float:
        """GOPS of the analytic roof."""
        pipelined = self.mode == "pipelined"
        nanoseconds = max(self.streaming_ns, COMPUTE_NS) if pipelined else self.streaming_ns + COMPUTE_NS
        return 2 * self.n**2 / nanoseconds


def simulate(clock: int, mode: str, bus: int, n: int, pixels: int = PIXELS) -> Point:
    """Run a layer; SimulationError when its outputs are not NumPy's."""
    apps = applications()
    if apps is None:
        raise SimulationError("the shipped applications are not installed")
    config = {"clock_mhz": clock, "ima_execution": mode, "hwpe_port_bits": bus}
    run = apps.find("imajobs").run(config, n=n, pixels=pixels)
    if not run.ok:
        raise SimulationError(f"roofline, {n} x {n}, {bus} bit, {clock} MHz, {mode}: {run.message}")
    ima = run.result.stats["hwpe"]["ima"]
    cycles = ima["busy_cycles"] / ima["jobs"]
    return Point(clock, mode, bus, n, cycles, 2e-3 * n * n * clock / cycles)


def measure(
    sizes: Sequence[int] = SIZES, buses: Sequence[int] = BUSES, clocks: Sequence[int] = CLOCKS, pixels: int = PIXELS
) -> list[Point]:
    """All points."""
    points = [(clock, mode, bus, n) for clock in clocks for mode in MODES for bus in buses for n in sizes]
    return [simulate(*point, pixels) for point in report.tracked(points, "roofline")]


def as_json(points: Sequence[Point]) -> dict[str, Any]:
    """What --json writes."""
    return {"points": [asdict(point) for point in points]}


def tables(points: Sequence[Point]) -> Iterator[RenderableType]:
    """A table for each clock and mode: simulated GOPS over the roof, cycles a job; then what [J] says of it."""
    buses = list(dict.fromkeys(p.bus_bits for p in points))
    for clock, mode in dict.fromkeys((p.clock_mhz, p.mode) for p in points):
        mine = {(p.n, p.bus_bits): p for p in points if (p.clock_mhz, p.mode) == (clock, mode)}
        title = f"{clock} MHz, {mode}: GOPS (% of the roof), cycles a job"
        table = report.plain_table(title, (), ("n", "compute roof", *(f"{bus} bit" for bus in buses)))
        for n in dict.fromkeys(p.n for p in mine.values()):
            row = [mine[n, bus] for bus in buses]
            texts = [f"{p.gops:.0f} ({100 * p.gops / p.roof:.0f} %) {p.cycles_per_job:.1f}" for p in row]
            table.add_row(str(n), f"{2 * n * n / COMPUTE_NS:.0f}", *texts)
        yield table
    for text in statements(points):
        yield Text(text)


def statements(points: Sequence[Point]) -> Iterator[str]:
    """The paper's statements, whether they hold, and the simulated figures at the largest n."""
    n = max(p.n for p in points)
    at = {(p.clock_mhz, p.mode, p.bus_bits): p for p in points if p.n == n}
    kinds: tuple[tuple[int, str, str, Callable[[list[Point]], bool]], ...] = (
        (
            500, "sequential", "(a) 500 MHz sequential: only 32 bit is memory-bound",
            lambda row: [p.bus_bits for p in row if p.streaming_ns > COMPUTE_NS] == [32],
        ),
        (
            250, "sequential", "(b) 250 MHz sequential: 128 bit needed",
            lambda row: min(p.bus_bits for p in row if p.streaming_ns <= COMPUTE_NS) == 128,
        ),
        (
            250, "pipelined", "(c) 250 MHz pipelined: 128 bit is optimal, wider gains nothing",
            lambda row: min(p.bus_bits for p in row if p.gops > row[-1].gops / NOTHING) == 128,
        ),
    )  # fmt: skip
    for clock, mode, text, holds in kinds:
        row = [p for (c, m, _), p in at.items() if (c, m) == (clock, mode)]
        if [p.bus_bits for p in row] == list(BUSES) and n == 256:
            shares = ", ".join(f"{p.bus_bits} bit {100 * p.streaming_ns / COMPUTE_NS:.0f} %" for p in row)
            gops = " / ".join(f"{p.gops:.0f}" for p in row)
            verdict = "holds" if holds(row) else "does not hold"
            yield f"{text}: {verdict}.  n = {n}: {gops} GOPS; streaming over computing: {shares}"
    point = at.get((250, "pipelined", 128))
    if point is not None and n == 256:
        off = 100 * (point.gops / PAPER_GOPS - 1)
        yield (
            f"250 MHz, 128 bit, pipelined: {point.gops:.0f} GOPS, {point.cycles_per_job:.2f} cycles a job; "
            f"paper {PAPER_GOPS:.0f} ({off:+.1f} %)"
        )


def plot(path: str, points: Sequence[Point]) -> None:
    """Simulated points over the roofs, a panel for each clock and mode."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    kinds = list(dict.fromkeys((p.clock_mhz, p.mode) for p in points))
    figure = Figure(figsize=(11, 8), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(2, -(-len(kinds) // 2), squeeze=False).ravel()
    for axis, (clock, mode) in zip(panels, kinds, strict=False):
        for bus in dict.fromkeys(p.bus_bits for p in points):
            row = [p for p in points if (p.clock_mhz, p.mode, p.bus_bits) == (clock, mode, bus)]
            (line,) = axis.plot([p.n for p in row], [p.roof for p in row], "-", label=f"{bus} bit")
            axis.plot([p.n for p in row], [p.gops for p in row], "o", color=line.get_color())
        sizes = sorted({p.n for p in points})
        axis.plot(sizes, [2 * n * n / COMPUTE_NS for n in sizes], "k--", label="compute roof")
        axis.set(
            title=f"{clock} MHz, {mode}", xlabel="operations a byte (n)", ylabel="GOPS", xscale="log", yscale="log"
        )
        axis.set_xticks(sizes, [str(n) for n in sizes])
        axis.set_xticks([], minor=True)
        axis.legend(frameon=False, fontsize=8)
    figure.suptitle("IMA: analytic roofs (lines), simulated layers (points)")
    figure.savefig(path, dpi=150)
