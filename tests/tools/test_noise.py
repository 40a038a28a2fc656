"""The study of accuracy against noise, small: real runs, real effects, files."""

from __future__ import annotations

import csv
import json
import sys

import numpy as np
import pytest

from firmware.apps import find
from tools import noise
from tools.noise import Sweep

SMALL = (
    Sweep("programming", "programming noise", "ima_noise_programming", (1.0, 30.0), "x measured"),
    Sweep("adc_inl", "ADC non-linearity", "ima_noise_adc_inl", (1.0,), "LSB", random=False),
)


@pytest.fixture(scope="module")
def found() -> noise.Study:
    return noise.study(seeds=2, images=120, sweeps=SMALL, epochs=10)


def test_the_network_works_and_strong_noise_breaks_it(found: noise.Study) -> None:
    assert found.images == 120
    assert found.floating > 0.95
    assert found.ideal > 0.92
    assert [(p.sweep, p.value, p.seed) for p in found.points] == [
        ("programming", 1.0, 0), ("programming", 1.0, 1), ("programming", 30.0, 0), ("programming", 30.0, 1), ("adc_inl", 1.0, 0),
    ]  # fmt: skip
    weak, strong = ([p.accuracy for p in found.points if p.value == value and p.sweep == "programming"] for value in (1, 30))
    assert min(weak) > found.ideal - 0.1
    assert max(strong) < 0.6
    assert found.points[2].agreement != found.points[3].agreement, "another seed is another chip"


def test_it_repeats(found: noise.Study) -> None:
    assert noise.study(seeds=2, images=120, sweeps=SMALL[:1], epochs=10).points == found.points[:4]


def test_the_ideal_ima_computes_the_quantised_network() -> None:
    """Against NumPy on its own: integers, the ADC's rounding of halves away from zero."""
    known, labels, unseen, _ = noise.digits()
    weights = [noise.quantise(w) for w in noise.train(known, labels, epochs=2)]
    images = noise.encode(unseen[:30])
    ranges = noise.calibrate((weights[0], weights[1]), noise.encode(known))
    outputs, microjoules = noise.Digits(images, (weights[0], weights[1]), ranges).outputs({})
    x = images.astype(int)
    for w, (low, high) in zip(weights, ranges, strict=True):
        sums = np.clip(x @ w.astype(int), -889 * low, 889 * high)
        x = np.sign(sums) * np.minimum((2 * abs(sums) + 7 * (low + high)) // (14 * (low + high)), 127)
    assert (outputs == x).all()
    assert 0.001 < microjoules < 0.1


def test_files(found: noise.Study, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(noise, "study", lambda seeds, images: found)
    names = {kind: tmp_path / f"n.{kind}" for kind in ("csv", "json", "png")}
    arguments = ["--csv", str(names["csv"]), "--json", str(names["json"]), "--plot", str(names["png"])]
    assert noise.main(arguments) == 0
    assert "ADC non-linearity" in capsys.readouterr().out
    rows = list(csv.DictReader(names["csv"].open()))
    assert len(rows) == len(found.points)
    assert float(rows[0]["accuracy"]) == found.points[0].accuracy
    assert json.loads(names["json"].read_text())["ideal"] == found.ideal
    assert names["png"].read_bytes().startswith(b"\x89PNG")


def test_mistakes(monkeypatch, capsys) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    assert noise.main([]) == 2
    assert "pip install 'imciss[study]'" in capsys.readouterr().err
    for arguments, message in (
        (["--seeds", "0"], "--seeds 0: at least 1"),
        (["--plot", "n.xyz"], "pictures are written as .png"),
        (["--csv", "nowhere/n.csv"], "there is no directory nowhere"),
    ):
        with pytest.raises(SystemExit):
            noise.main(arguments)
        assert message in capsys.readouterr().err


@pytest.mark.parametrize("sizes", [(3, 5, 1, 2), (256, 256, 10, 4), (64, 256, 200, 3)])
def test_mlp_of_any_size(sizes: tuple[int, int, int, int]) -> None:
    params = dict(zip(("inputs", "hidden", "outputs", "images"), sizes, strict=True))
    run = find("mlp").run(**params)
    assert run.ok, run.message
    assert len(np.unique(run.job.read("result", np.zeros((params["images"], 1), np.int8)))) > 1
