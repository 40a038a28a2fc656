"""The Bottleneck in every mapping, against NumPy, where its shapes are awkward; what its golden model is made of."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from firmware.apps import accelerators as acc
from firmware.apps import find
from firmware.apps.bottleneck import MAPPINGS
from iss.cli import main
from iss.cluster import Cluster
from iss.errors import SimulationError

SHAPES = [
    {"height": 5, "width": 4, "channels": 20, "expansion": 3},
    {"height": 1, "width": 1, "channels": 16, "expansion": 1},
    {"height": 2, "width": 3, "channels": 7, "expansion": 3},
    {"height": 3, "width": 3, "channels": 120, "expansion": 5},  # row and column tiles
    {"height": 3, "width": 1, "channels": 264, "expansion": 1},
]


@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_outputs_are_numpys(mapping, shape):
    run = find("bottleneck").run({"stdout": lambda hart, data: None}, seed=3, mapping=mapping, **shape)
    assert run.ok, run.message


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_what_lies_between_the_layers_is_numpys_too(mapping):
    """The output of the depth-wise layer is still in memory."""
    app = find("bottleneck")
    values = app.settings({"mapping": mapping}, {})
    job = app.load(Cluster(**values), mapping=mapping, height=6, width=5, channels=24, expansion=2)
    assert job.cluster.run().exit_code == 0
    params, x = job.params, job.inputs["image"].reshape(-1, 24)
    expand, _ = app._matrices(params)
    if mapping == "cores":
        return
    hidden = acc.analog(x, app.weights(params)["expand"], app._range(params, "expand"), expand)
    assert len(np.unique(hidden)) > 60
    if mapping == "ima_dw":
        assert (job.read("expanded", hidden) == hidden).all()


@pytest.mark.parametrize("mapping", ["ima16", "hybrid"])
@pytest.mark.parametrize("size", [(160, 64), (512, 300)])
def test_crossbars_of_other_sizes(mapping, size):
    shape = {"height": 2, "width": 3, "channels": 96, "expansion": 4}
    run = find("bottleneck").run(mapping=mapping, ima_rows=size[0], ima_columns=size[1], **shape)
    assert run.ok, run.message


@pytest.mark.parametrize(("mapping", "layer"), [("ima8", 2), ("hybrid", 0), ("ima_dw", 1)])
def test_one_wrong_weight_is_found(mapping, layer):
    """One cell in a tile of expand, project or depth-wise."""
    app = find("bottleneck")
    values = app.settings({"mapping": mapping}, {})
    job = app.load(Cluster(**values), mapping=mapping, height=4, width=4, channels=16, expansion=2)
    place, block = app._packed(job.params)[layer], app.weights(job.params)
    kernel = {0: block["expand"], 1: block["project"], 2: None}[layer]
    row, column = (0, 0) if kernel is None else (kernel.shape[0] - 1, kernel.shape[1] - 1)
    ima = job.cluster.accelerators.ima
    before = int(ima.cells(place.crossbar)[place.y + row, place.x + column])
    ima.program(place.crossbar, place.y + row, place.x + column, [[7 if before < 1 else -7]])
    assert job.cluster.run().exit_code == 0
    assert "are wrong" in (job.check() or "")


@pytest.mark.parametrize("stripe", [1, 2, 3, 7])
def test_stripes_do_not_change_the_outputs(stripe):
    run = find("bottleneck").run(mapping="cores", height=7, width=6, channels=12, expansion=2, stripe=stripe)
    assert run.ok, run.message


@pytest.mark.parametrize("execution", ["sequential", "pipelined"])
@pytest.mark.parametrize("bits", [32, 512])
def test_execution_and_bus(execution, bits):
    values = {"ima_execution": execution, "hwpe_port_bits": bits}
    run = find("bottleneck").run(values, mapping="ima_dw", height=4, width=4, channels=32, expansion=2)
    assert run.ok, run.message


def test_imajobs():
    for n in (1, 30, 256, 300):
        run = find("imajobs").run(n=n, pixels=5)
        assert run.ok, run.message


def test_convert_is_the_public_models_formula():
    """s = sum((x / 127) (w / 7)) clipped; round(s 127 / (LOW + HIGH)), halves away from zero: in fractions."""
    for low, high in ((0, 2), (3, 3), (1, 12)):
        sums = np.arange(-12000, 12000, 7)
        for total, got in zip(sums.tolist(), acc.convert(sums, low, high).tolist(), strict=True):
            s = min(max(Fraction(total, 127 * 7), Fraction(-low)), Fraction(high)) * 127 / (low + high)
            size = int(abs(s) + Fraction(1, 2))
            assert got == (min(size, 127) if s >= 0 else -min(size, 127))


def test_packed_tiles_do_not_overlap():
    rng = np.random.default_rng(1)
    shapes = [(int(h), int(w)) for h, w in rng.integers(1, 257, (60, 2))]
    places = acc.pack(shapes)
    cells = np.zeros((1 + max(p.crossbar for p in places), 256, 256), int)
    for (height, width), place in zip(shapes, places, strict=True):
        cells[place.crossbar, place.y : place.y + height, place.x : place.x + width] += 1
    assert cells.max() == 1
    assert cells.sum() == sum(h * w for h, w in shapes)
    with pytest.raises(SimulationError, match="does not fit"):
        acc.pack([(257, 1)])


def test_parameters_as_options(capsys):
    small = ["--height", "2", "--width=3", "--channels", "8", "--expansion", "2"]
    assert main(["run", "bottleneck", "--mapping", "hybrid", *small]) == 0
    assert "equal NumPy's" in capsys.readouterr().out
    assert main(["run", "bottleneck", "--set", "mapping=hybird"]) == 2
    assert "hybrid" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["run", "bottleneck", "--maping", "hybrid"])


def test_too_large_says_so():
    with pytest.raises(SimulationError, match="bytes of TCDM"):
        find("bottleneck").run(mapping="ima_dw", height=64, width=64)
    with pytest.raises(SimulationError, match="needs 4 crossbars of 256 x 256, and there are 2"):
        find("bottleneck").run({"ima_crossbars": 2}, mapping="ima8")
