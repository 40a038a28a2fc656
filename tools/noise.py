"""How imperfect devices cost accuracy: a small network on scikit-learn's digits, on the simulated IMA with noise.

    python -m tools.noise [--plot noise.png] [--csv noise.csv] [--json noise.json] [--seeds 5] [--images 450]

The network has two layers (64, 64, 10) without biases.  It is trained here, in plain NumPy; its weights are rounded to int4,
its activations to int8, the ADC's ranges taken from the training images.  Every point of the study is a run of firmware:
the application `mlp` (firmware/apps/mlp.py), in which hart 0 has the IMA do a job for each test image and layer, through the
TCDM's banks.  Only the largest of the ten outputs is looked for in Python.

The noise is the IMA's (periph/hwpe/crossbar.py has formulas and sources), each kind at several strengths, those that are
drawn at random with several seeds: a seed is another chip."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from firmware.apps.mlp import Mlp, Range
from iss.commands.options import PICTURES
from iss.errors import SimulationError, writing
from iss.observe import report

if TYPE_CHECKING:
    from firmware.apps.app import Arrays, Params

Floats = npt.NDArray[np.float64]
Int8 = npt.NDArray[np.int8]
CLASSES, HIDDEN = 10, 64
LEVELS = 7
INPUT_MAX = 127
PIXEL_MAX = 16
TEST_SHARE = 4  # one image in so many is for the test
HEADROOM = 99.9  # per cent of the training images' sums that the ADC does not clip
DAY = 86400.0
TIMES = ((365 * DAY, "y"), (DAY, "d"), (3600.0, "h"), (1.0, "s"))


# -- the network -------------------------------------------------------------------------------------------------------


def digits(seed: int = 0) -> tuple[Floats, npt.NDArray[np.int64], Floats, npt.NDArray[np.int64]]:
    """Images (0..1) and digits for training, and for the test; SimulationError without scikit-learn."""
    try:
        from sklearn.datasets import load_digits
    except ModuleNotFoundError:
        raise SimulationError("this needs scikit-learn: pip install 'imciss[study]'") from None
    found = load_digits()
    order = np.random.default_rng(seed).permutation(len(found.data))
    images, labels = found.data[order] / PIXEL_MAX, found.target[order]
    split = len(order) - len(order) // TEST_SHARE
    return images[:split], labels[:split], images[split:], labels[split:]


def train(images: Floats, labels: npt.NDArray[np.int64], seed: int = 0, epochs: int = 40) -> list[Floats]:
    """Weights of both layers: softmax cross-entropy, gradient descent with momentum, batches of 32."""
    rng = np.random.default_rng(seed)
    sizes = images.shape[1], HIDDEN, CLASSES
    weights = [rng.normal(0, (2 / n) ** 0.5, (n, m)) for n, m in pairwise(sizes)]
    speeds = [np.zeros_like(w) for w in weights]
    wanted = np.eye(CLASSES)[labels]
    for _ in range(epochs):
        for batch in np.array_split(rng.permutation(len(images)), len(images) // 32):
            x = images[batch]
            hidden = np.maximum(x @ weights[0], 0)
            outputs = np.exp(hidden @ weights[1])
            error = (outputs / outputs.sum(axis=1, keepdims=True) - wanted[batch]) / len(batch)
            slopes = x.T @ (error @ weights[1].T * (hidden > 0)), hidden.T @ error
            for weight, speed, slope in zip(weights, speeds, slopes, strict=True):
                speed *= 0.9
                speed -= 0.1 * slope
                weight += speed
    return weights


def quantise(weights: Floats) -> Int8:
    """To -7..7, the largest clipped so that the mean square error is least."""
    largest = np.abs(weights).max()

    def rounded(limit: float) -> Floats:
        levels: Floats = np.clip(np.rint(weights / limit * LEVELS), -LEVELS, LEVELS)
        return levels

    def error(limit: float) -> float:
        return float(((rounded(limit) * limit / LEVELS - weights) ** 2).sum())

    return rounded(min(np.linspace(0.3, 1, 36) * largest, key=error)).astype(np.int8)


def encode(images: Floats) -> Int8:
    """0..1 to int8."""
    levels: Int8 = np.rint(images * INPUT_MAX).astype(np.int8)
    return levels


class Digits(Mlp):
    """`mlp` with a trained network, and the test's images."""

    def __init__(self, images: Int8, weights: tuple[Int8, Int8], ranges: tuple[Range, Range]) -> None:
        self.images = images
        self.trained = weights
        self.calibrated = ranges

    def weights(self, params: Params) -> tuple[Int8, Int8]:
        return self.trained

    def ranges(self, params: Params) -> tuple[Range, Range]:
        return self.calibrated

    def inputs(self, params: Params, rng: np.random.Generator) -> Arrays:
        return {"image": self.images}

    def outputs(self, config: Mapping[str, Any]) -> tuple[Int8, float]:
        """Run it: the outputs of every image, and the uJ of an image; SimulationError when an ideal IMA's are not NumPy's."""
        run = self.run(config, images=len(self.images), inputs=self.images.shape[1], hidden=HIDDEN, outputs=CLASSES)
        if not run.ok:
            raise SimulationError(f"digits: {run.message}")
        outputs: Int8 = run.job.read("result", np.zeros((len(self.images), CLASSES), np.int8))
        return outputs, run.result.stats["energy"]["total"] / 1e6 / len(self.images)


def calibrate(weights: tuple[Int8, Int8], images: Int8) -> tuple[Range, Range]:
    """The ADC's ranges: what holds nearly all sums of the training images; the hidden layer's begins at 0, its ReLU."""
    x = images.astype(np.int64)
    sums = x @ weights[0].astype(np.int64)
    unit = INPUT_MAX * LEVELS
    inner = max(1, round(float(np.percentile(sums, HEADROOM)) / unit))
    hidden = np.clip(np.rint(sums / (LEVELS * inner)), 0, INPUT_MAX)
    outer = max(1, round(float(np.percentile(np.abs(hidden @ weights[1].astype(np.int64)), HEADROOM)) / unit))
    return (0, inner), (outer, outer)


# -- the study ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sweep:
    """A kind of noise: the configuration that its strengths stand for, what else is on, whether seeds matter."""

    name: str
    title: str
    parameter: str
    values: tuple[float, ...]
    unit: str
    also: tuple[tuple[str, float], ...] = ()
    random: bool = True


SWEEPS = (
    Sweep("programming", "programming noise", "ima_noise_programming", (0.5, 1, 2, 3, 4), "x measured"),
    Sweep("read", "read noise", "ima_noise_read", (1, 2, 4, 8, 16), "x measured"),
    Sweep(
        "drift", "drift, programming and read noise as measured", "ima_noise_drift_s",
        (20.0, 3600.0, DAY, 30 * DAY, 365 * DAY), "s", (("ima_noise_programming", 1.0), ("ima_noise_read", 1.0)),
    ),
    Sweep("dac_inl", "DAC non-linearity", "ima_noise_dac_inl", (1, 2, 4, 8, 16), "LSB", random=False),
    Sweep("adc_inl", "ADC non-linearity", "ima_noise_adc_inl", (1, 2, 4, 8, 16), "LSB", random=False),
)  # fmt: skip


@dataclass(frozen=True)
class Point:
    """One run: the share of test images whose digit is found, and that of those where the ideal IMA says the same."""

    sweep: str
    parameter: str
    value: float
    unit: str
    seed: int
    accuracy: float
    agreement: float


@dataclass(frozen=True)
class Study:
    """All runs; accuracy in floating point, and on an ideal IMA; uJ of an image there."""

    images: int
    floating: float
    ideal: float
    image_uj: float
    points: tuple[Point, ...]


def study(seeds: int = 5, images: int | None = None, sweeps: Sequence[Sweep] = SWEEPS, epochs: int = 40) -> Study:
    """Train, and run every point."""
    known, labels, unseen, truth = digits()
    unseen, truth = unseen[:images], truth[:images]
    trained = train(known, labels, epochs=epochs)
    weights = quantise(trained[0]), quantise(trained[1])
    network = Digits(encode(unseen), weights, calibrate(weights, encode(known)))
    floating = float((np.argmax(np.maximum(unseen @ trained[0], 0) @ trained[1], axis=1) == truth).mean())
    outputs, microjoules = network.outputs({})
    ideal = outputs.argmax(axis=1)
    runs = [
        (sweep, value, seed)
        for sweep in sweeps for value in sweep.values for seed in range(seeds if sweep.random else 1)
    ]  # fmt: skip
    points = []
    for sweep, value, seed in report.tracked(runs, "noise"):
        config = {sweep.parameter: float(value), "ima_noise_seed": seed, **dict(sweep.also)}
        found = network.outputs(config)[0].argmax(axis=1)
        shares = float((found == truth).mean()), float((found == ideal).mean())
        points.append(Point(sweep.name, sweep.parameter, float(value), sweep.unit, seed, *shares))
    return Study(len(truth), floating, float((ideal == truth).mean()), microjoules, tuple(points))


def spread(points: Sequence[Point], sweep: str) -> Iterator[tuple[float, str, list[float]]]:
    """For every strength of a kind of noise: value, unit, the seeds' accuracies."""
    mine = [point for point in points if point.sweep == sweep]
    for value in dict.fromkeys(point.value for point in mine):
        yield value, mine[0].unit, [point.accuracy for point in mine if point.value == value]


def summary(found: Study) -> str:
    """What there is without noise."""
    return (
        f"digits on the IMA: {found.images} test images, accuracy {100 * found.floating:.1f} % in floating point, "
        f"{100 * found.ideal:.1f} % on an ideal IMA (int4 weights, int8 activations), {1000 * found.image_uj:.1f} nJ an image"
    )


def strength(value: float, unit: str) -> str:
    """A value for people; seconds as the longest time they fill."""
    if unit == "s":
        value, unit = next((value / size, name) for size, name in TIMES if value >= size)
    return f"{value:g} {unit}"


def table(found: Study, sweeps: Sequence[Sweep] = SWEEPS) -> Any:
    """Accuracy by kind and strength of noise."""
    shown = report.plain_table("Accuracy on the test images", ("noise", "strength"), ("mean %", "least %", "most %", "chips"))
    for sweep in sweeps:
        for value, unit, shares in spread(found.points, sweep.name):
            cells = (f"{100 * share:.1f}" for share in (np.mean(shares), min(shares), max(shares)))
            shown.add_row(sweep.title, strength(value, unit), *cells, str(len(shares)))
        shown.add_section()
    return shown


def plot(path: str, found: Study, sweeps: Sequence[Sweep] = SWEEPS) -> None:
    """Accuracy over strength, a panel for each kind; the band is from the worst chip to the best."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = [(sweep, list(spread(found.points, sweep.name))) for sweep in sweeps]
    shown = [(sweep, rows) for sweep, rows in shown if rows]
    figure = Figure(figsize=(3.2 * len(shown), 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
    for axis, (sweep, rows) in zip(panels, shown, strict=True):
        values = [value for value, _, _ in rows]
        axis.fill_between(values, [100 * min(s) for *_, s in rows], [100 * max(s) for *_, s in rows], alpha=0.25)
        axis.plot(values, [100 * float(np.mean(s)) for *_, s in rows], "o-")
        axis.axhline(100 * found.ideal, color="k", linestyle="--", linewidth=1, label="ideal IMA")
        axis.set_title(sweep.title.replace(", ", ",\n", 1), fontsize=9)
        axis.set(xlabel=f"{sweep.parameter} ({sweep.unit})", xscale="log")
        axis.set_xticks(values, [strength(*row[:2]).replace(" x measured", "").removesuffix(" LSB") for row in rows], fontsize=8)
        axis.set_xticks([], minor=True)
    panels[0].set_ylabel("accuracy, %")
    panels[0].legend(frameon=False)
    figure.savefig(path, dpi=110)


def write_csv(path: str, found: Study) -> None:
    """A row for each run."""
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, list(Point.__dataclass_fields__))
        writer.writeheader()
        writer.writerows(asdict(point) for point in found.points)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(
        prog="python -m tools.noise", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="chips for each point that is random (5)")
    parser.add_argument("--images", type=int, metavar="N", help="test images (all 449)")
    parser.add_argument("--csv", metavar="F", help="write a row for each run")
    parser.add_argument("--json", metavar="F", help="write everything")
    parser.add_argument("--plot", metavar="F.png", help="plot accuracy over strength")
    args = parser.parse_args(arguments)
    for name in ("seeds", "images"):
        if getattr(args, name) is not None and getattr(args, name) < 1:
            parser.error(f"--{name} {getattr(args, name)}: at least 1")
    for option, text in (("--csv", args.csv), ("--json", args.json), ("--plot", args.plot)):
        if text and not Path(text).parent.is_dir():
            parser.error(f"{option} {text}: there is no directory {Path(text).parent}")
    if args.plot and Path(args.plot).suffix not in PICTURES:
        parser.error(f"--plot {args.plot}: pictures are written as {', '.join(PICTURES)}")
    try:
        found = study(args.seeds, args.images)
        console = report.console()
        console.print(summary(found))
        console.print(table(found))
        if args.csv:
            with writing(args.csv):
                write_csv(args.csv, found)
        if args.json:
            with writing(args.json):
                Path(args.json).write_text(json.dumps(asdict(found), indent=1) + "\n")
        if args.plot:
            with writing(args.plot):
                plot(args.plot, found)
    except SimulationError as error:
        print(f"noise: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
