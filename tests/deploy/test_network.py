"""Network descriptions: MobileNetV2 is the paper's, shapes chain, what is wrong names the layer."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from iss import reports
from tools.deploy.models import mobilenet_v2
from tools.deploy.network import Analog, Digital, Layer, Network, NetworkError, Quantised, Shape, Sum, from_table, read

TABLE = {
    "name": "tiny",
    "input": [4, 6, 8],
    "layer": [
        {"name": "expand", "kind": "pw", "channels": 16},
        {"name": "filter", "kind": "dw", "stride": 1},
        {"name": "project", "kind": "pw", "channels": 8, "relu": False},
        {"name": "sum", "kind": "add", "inputs": ["project", "input"]},
    ],
}


def test_mobilenet_is_the_paper_s():
    """Every row of Fig. 12(a): shapes, weights, MACs; and the total of the weights."""
    network = mobilenet_v2()
    with (Path(reports.__file__).parent / "data/mobilenetv2_fig12a.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(network.layers) == 63
    for row, layer in zip(rows, network.layers, strict=True):
        source, shape = network.source(layer), network.shapes[layer.name]
        found = source.height, source.channels, shape.channels, layer.stride
        assert found == tuple(int(row[key]) for key in ("in_hw", "in_ch", "out_ch", "stride")), layer.name
        assert network.parameters(layer) == int(row["params"] or 0), layer.name
        assert network.macs(layer) / 1e6 == pytest.approx(float(row["mmac"]), abs=0.006), layer.name
    assert sum(map(network.parameters, network.layers)) == 2_190_784


def test_mobilenet_is_as_wide_as_asked():
    network = mobilenet_v2(0.35, 96)
    assert network.input == (96, 96, 3)
    assert network.shapes["2D_0"] == (48, 48, 16)
    assert network.shapes["2D_1"] == (3, 3, 1280)
    assert network.source(network["600-PW"]).channels == 56
    for width, resolution in ((0, 96), (1.0, 4), (9.0, 96)):
        with pytest.raises(NetworkError, match=r"mobilenetv2: (width|resolution) = "):
            mobilenet_v2(width, resolution)


def test_table():
    network = from_table(TABLE)
    assert [layer.inputs for layer in network.layers] == [("input",), ("expand",), ("filter",), ("project", "input")]
    assert network.shapes["sum"] == (4, 6, 8)
    assert [layer.relu for layer in network.layers] == [True, True, False, False]
    assert network.matrix(network["project"]) == (16, 8)
    assert network.weight_shape(network["filter"]) == (3, 3, 16)


def test_file(tmp_path):
    file = tmp_path / "net.toml"
    file.write_text('input = [8, 8, 3]\n[[layer]]\nname = "a"\nkind = "conv3x3"\nchannels = 5\nstride = 2\n')
    network = read(file)
    assert network.name == "net"
    assert network.shapes["a"] == (4, 4, 5)
    assert network.matrix(network["a"]) == (27, 5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input": [4, 6]}, r"input = \[4, 6\] should be \[height, width, channels\]"),
        ({"input": [4, 0, 8]}, "should be height, width, channels"),
        ({"layer": []}, "has no layers"),
        ({"layers": []}, "no entry 'layers'.*layer"),
        ({"layer": [1]}, r"layers are tables, each under \[\[layer\]\]"),
        ({"name": ["n"]}, r"name = \['n'\] should be of type str"),
        ({"input": [100_000, 100_000, 8]}, "tensor 'input', 100000x100000x8, has 80,000,000,000 bytes; .* 33,554,432 at"),
        ({"input": [1, 1, 65536], "layer": [{"name": "a", "kind": "pw", "channels": 65536}]}, "'a' has 4,294,967,296 weights"),
        ({"layer": [{"kind": "pw"}]}, r"\[\[layer\]\] number 1 has no name"),
        ({"layer": [{"name": "a"}]}, "layer 'a' has no kind"),
        ({"layer": [{"name": "a", "kind": "pool"}]}, "layer 'a': no kind 'pool'; supported are conv3x3: .*add: "),
        ({"layer": [{"name": "a", "kind": "pw", "channels": "8"}]}, "layer 'a': channels = '8' should be of type int"),
        ({"layer": [{"name": "a", "kind": "pw", "chanels": 8}]}, "layer 'a': no entry 'chanels'.*channels"),
        ({"layer": [{"name": "a", "kind": "pw"}]}, "layer 'a': channels = 0"),
        ({"layer": [{"name": "a", "kind": "dw", "channels": 9}]}, "layer 'a': dw keeps the 8 channels"),
        ({"layer": [{"name": "a", "kind": "dw", "stride": 3}]}, "layer 'a': stride 3; dw has 1 or 2"),
        ({"layer": [{"name": "a", "kind": "pw", "channels": 8, "stride": 2}]}, "layer 'a': stride 2; pw has 1"),
        ({"layer": [{"name": "a", "kind": "add"}]}, "layer 'a': add has 2 inputs, not 1"),
        ({"layer": [{"name": "a", "kind": "dw", "inputs": ["b"]}]}, "layer 'a': no tensor 'b' is made before it"),
        ({"layer": [{"name": "input", "kind": "dw"}]}, "layer 'input': its name is empty, or another tensor has it"),
        (
            {"layer": [{"name": "a", "kind": "pw", "channels": 4}, {"name": "b", "kind": "add", "inputs": ["a", "input"]}]},
            "layer 'b': adds 'a', 4x6x4, and 'input', 4x6x8: the shapes must be the same",
        ),
    ],
)
def test_mistakes(change, message):
    with pytest.raises(NetworkError, match=message):
        from_table({**TABLE, **change})


def _quantised() -> tuple[Network, dict]:
    network = Network("n", Shape(4, 4, 8), (Layer("p", "pw", 4), Layer("d", "dw"), Layer("s", "add", inputs=("d", "p"))))
    rng = np.random.default_rng(1)
    return network, {
        "p": Analog(rng.integers(-7, 8, (8, 4), dtype=np.int8), 0, 3),
        "d": Digital(rng.integers(-128, 128, (3, 3, 4), dtype=np.int8), np.arange(4, dtype=np.int32), 3, 9),
        "s": Sum(),
    }


def test_parameters_are_saved_and_loaded(tmp_path):
    network, parameters = _quantised()
    Quantised(network, parameters).save(tmp_path / "w.npz")
    found = Quantised.load(network, tmp_path / "w.npz").parameters
    assert found["s"] == Sum()
    assert (found["p"].low, found["p"].high) == (0, 3)
    assert (found["p"].weights == parameters["p"].weights).all()
    assert (found["d"].bias == parameters["d"].bias).all()
    assert (found["d"].mult, found["d"].shift) == (3, 9)


@pytest.mark.parametrize(
    ("layer", "change", "message"),
    [
        ("p", {"weights": np.full((8, 4), 8, np.int8)}, r"layer 'p': 32 weights are out of range, .*weights\[0, 0\] = 8"),
        ("p", {"weights": np.zeros((4, 8), np.int8)}, r"layer 'p': weights of shape \[4, 8\]; pw wants \[8, 4\]"),
        ("p", {"weights": np.zeros((8, 4))}, "layer 'p': weights are float64, not int8"),
        ("p", {"high": 0}, "layer 'p': high = 0; possible are 1.."),
        ("p", {"low": 2}, "layer 'p': low = 2; with ReLU"),
        ("d", {"shift": 32}, "layer 'd': shift = 32; possible are 0..31"),
        ("d", {"bias": np.zeros(3, np.int32)}, r"layer 'd': bias is int32\[3\], not int32\[4\]"),
        ("d", {"bias": 3}, "layer 'd': bias should be an array, not 3"),
        ("d", {"weights": 3}, "layer 'd': weights should be an array, not 3"),
        ("p", {"high": np.zeros(3)}, "layer 'p': high should be one whole number"),
        ("s", {"bias": 1 << 31}, "layer 's': bias = 2147483648; possible are"),
        ("s", {"mult_a": 128}, "layer 's': mult_a = 128; possible are -128..127"),
    ],
)
def test_integers_out_of_range(layer, change, message):
    network, parameters = _quantised()
    with pytest.raises(NetworkError, match=message):
        Quantised(network, {**parameters, layer: replace(parameters[layer], **change)})


def test_parameters_of_the_wrong_kind(tmp_path):
    network, parameters = _quantised()
    with pytest.raises(NetworkError, match="layer 'd': a dw has parameters of kind Digital, not Analog"):
        Quantised(network, {**parameters, "d": parameters["p"]})
    with pytest.raises(NetworkError, match="layer 's' has no parameters"):
        Quantised(network, {name: parameters[name] for name in "pd"})
    with pytest.raises(NetworkError, match="cannot read"):
        Quantised.load(network, tmp_path / "none.npz")
    for number, content in enumerate((b"", b"PK\x03\x04", b"text", b"\x93NUMPY")):
        (tmp_path / f"{number}.npz").write_bytes(content)
        with pytest.raises(NetworkError, match=rf"{number}\.npz is no \.npz file of numbers"):
            Quantised.load(network, tmp_path / f"{number}.npz")
    np.save(tmp_path / "array.npy", np.zeros(3))
    with pytest.raises(NetworkError, match=r"array\.npy is no \.npz file"):
        Quantised.load(network, tmp_path / "array.npy")
    for value in (np.nan, "text"):
        Quantised(network, parameters).save(tmp_path / "value.npz")
        np.savez(tmp_path / "value.npz", **{**np.load(tmp_path / "value.npz"), "p/high": value})
        with pytest.raises(NetworkError, match="layer 'p': high should be one whole number"):
            Quantised.load(network, tmp_path / "value.npz")
    np.savez(tmp_path / "bad.npz", **{"p/weights": np.zeros((8, 4), np.int8), "p/height": 1})
    with pytest.raises(NetworkError, match=r"layer 'p' in .*height"):
        Quantised.load(network, tmp_path / "bad.npz")
