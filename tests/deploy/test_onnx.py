"""ONNX files: the imported integers compute what onnx's own reference evaluator does, up to the stated differences."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from iss.cli import main
from tools.deploy import golden, onnx_import
from tools.deploy.network import INPUT, Analog, Digital, NetworkError, Shape, Sum
from tools.deploy.run import Deployment

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402
from onnx.reference.op_run import OpRun  # noqa: E402

HEIGHT, WIDTH, CHANNELS, HIDDEN, OUT = 9, 10, 3, 8, 12
POWERS = {"input": 2**-5, "first": 2**-4, "expand": 2**-5, "filter": 2**-4, "project": 2**-4, "sum": 2**-3}
UNEVEN = {"input": 0.0371, "first": 0.0612, "expand": 0.0417, "filter": 0.0539, "project": 0.0702, "sum": 0.0911}
WEIGHTS = {"power": 2**-6, "uneven": 0.0107}


class QLinearAdd(OpRun):
    """com.microsoft's, as its documentation says."""

    op_domain = "com.microsoft"

    def _run(self, a, a_scale, a_zero, b, b_scale, b_zero, c_scale, c_zero):
        real = (a.astype(np.float32) - a_zero) * a_scale + (b.astype(np.float32) - b_zero) * b_scale
        return (np.clip(np.rint(real / c_scale) + c_zero, -128, 127).astype(np.int8),)


class Graph:
    """A model that is put together: nodes and constants, in either form of quantisation."""

    def __init__(self, levels: int = 127, seed: int = 0, scale: float = 2**-6) -> None:
        self.rng = np.random.default_rng(seed)
        self.levels, self.scale = levels, scale
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, values: Any, dtype: Any = None) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def scales(self, name: str, scale: float) -> list[str]:
        return [self.constant(f"{name}_s", scale, np.float32), self.constant(f"{name}_z", 0, np.int8)]

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=f"{output}_node", **attributes))
        return output

    def weights(self, name: str, shape: tuple[int, ...]) -> Any:
        values = self.rng.integers(-self.levels, self.levels + 1, shape)
        values.flat[0] = self.levels
        self.constant(f"{name}_w", values, np.int8)
        return values

    def quantise(self, source: str, name: str, scale: float) -> str:
        scales = self.scales(name, scale)
        self.node("QuantizeLinear", [source, *scales], f"{name}_q")
        return self.node("DequantizeLinear", [f"{name}_q", *scales], f"{name}_d")

    def model(self, output: str, kind: int = TensorProto.FLOAT, source: int = TensorProto.FLOAT) -> Any:
        shape = [1, CHANNELS, HEIGHT, WIDTH]
        graph = helper.make_graph(
            self.nodes,
            "bottleneck",
            [helper.make_tensor_value_info("image", source, shape)],
            [helper.make_tensor_value_info(output, kind, ["n", "c", "h", "w"])],
            self.constants,
        )
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)


LAYERS = (  # name, source, outputs, weights' shape without them, attributes, ReLU
    ("first", "input", HIDDEN, (CHANNELS, 3, 3), {"strides": [2, 2], "pads": [1, 1, 1, 1]}, True),
    ("expand", "first", OUT, (HIDDEN, 1, 1), {}, True),
    ("filter", "expand", OUT, (1, 3, 3), {"pads": [1, 1, 1, 1], "group": OUT}, True),
    ("project", "filter", HIDDEN, (OUT, 1, 1), {}, False),
)


def qdq(scales: dict[str, float], bias: bool = True, between: float = 0, **options: Any) -> Any:
    """Convolutions and an add between DequantizeLinear and QuantizeLinear.

    With `between`, as onnxruntime makes them: quantised before the ReLU, too, with scales that are so many times larger; and
    a ReLU at the end that is not quantised."""
    graph = Graph(**options)
    graph.quantise("image", "input", scales["input"])
    for name, source, outputs, inner, attributes, relu in LAYERS:
        graph.weights(name, (outputs, *inner))
        own = graph.scales(f"{name}_ws", graph.scale)
        inputs = [f"{source}_d", graph.node("DequantizeLinear", [f"{name}_w", *own], f"{name}_wd")]
        if bias:
            steps = graph.constant(f"{name}_b", graph.rng.integers(-2000, 2000, outputs), np.int32)
            scale = graph.constant(f"{name}_bs", np.float32(scales[source]) * np.float32(graph.scale), np.float32)
            inputs.append(graph.node("DequantizeLinear", [steps, scale], f"{name}_bd"))
        out = graph.node("Conv", inputs, f"{name}_c", **attributes)
        if relu and between:
            out = graph.quantise(out, f"{name}_before", scales[name] * between)
        if relu and name == "expand":
            top = graph.constant("top", 127 * scales[name], np.float32)
            out = graph.node("Clip", [out, graph.constant("zero", 0, np.float32), top], f"{name}_r")
        elif relu:
            out = graph.node("Relu", [out], f"{name}_r")
        graph.quantise(out, name, scales[name])
    out = graph.quantise(graph.node("Add", ["project_d", "first_d"], "sum_c"), "sum", scales["sum"])
    return graph.model(graph.node("Relu", [out], "sum_r") if between else out)


def qlinear(scales: dict[str, float], **options: Any) -> Any:
    """The same layers as QLinearConv and QLinearAdd on int8 tensors."""
    graph = Graph(**options)
    at = {"input": ["image", *graph.scales("input", scales["input"])]}
    for name, source, outputs, inner, attributes, relu in LAYERS:
        graph.weights(name, (outputs, *inner))
        steps = graph.constant(f"{name}_b", graph.rng.integers(-2000, 2000, outputs), np.int32)
        own = graph.scales(name, scales[name])
        inputs = [*at[source], f"{name}_w", *graph.scales(f"{name}_ws", graph.scale), *own, steps]
        out = graph.node("QLinearConv", inputs, f"{name}_{'c' if relu else 'q'}", **attributes)
        at[name] = [graph.node("Relu", [out], f"{name}_q") if relu else out, *own]
    inputs = [*at["project"], *at["first"], *graph.scales("sum", scales["sum"])]
    graph.node("QLinearAdd", inputs, "sum_q", domain="com.microsoft")
    return graph.model("sum_q", TensorProto.INT8, TensorProto.INT8)


def load(tmp_path: Path, model: Any, analog: bool = False) -> onnx_import.Imported:
    path = tmp_path / "net.onnx"
    onnx.save(model, path)
    return onnx_import.read(path, analog)


def evaluate(model: Any, image: Any) -> dict[str, Any]:
    """Every tensor, by onnx's reference evaluator."""
    return ReferenceEvaluator(model, new_ops=[QLinearAdd]).run(None, {"image": image}, intermediate=True)


def picture() -> Any:
    """int8 [H][W][C]"""
    return np.random.default_rng(7).integers(-128, 128, (HEIGHT, WIDTH, CHANNELS), dtype=np.int8)


def hwc(tensor: Any) -> Any:
    return tensor[0].transpose(1, 2, 0)


def chw(tensor: Any) -> Any:
    return tensor.transpose(2, 0, 1)[None]


def layer_by_layer(found: onnx_import.Imported, tensors: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Of each layer, from the evaluator's own inputs of it: what is computed here, and what there."""
    quantised = found.quantised
    pairs = {}
    for layer in quantised.network.layers:
        inputs = [hwc(tensors[found.tensors[name]]) for name in layer.inputs]
        here = golden.compute(layer, quantised.parameters[layer.name], inputs)
        pairs[found.tensors[layer.name]] = here, hwc(tensors[found.tensors[layer.name]])
    return pairs


@pytest.mark.parametrize("form", [qdq, qlinear])
def test_layers(tmp_path: Path, form: Any):
    found = load(tmp_path, form(POWERS))
    network = found.quantised.network
    assert network.input == Shape(HEIGHT, WIDTH, CHANNELS)
    assert [(layer.kind, layer.stride, layer.relu) for layer in network.layers] == [
        ("conv3x3", 2, True), ("pw", 1, True), ("dw", 1, True), ("pw", 1, False), ("add", 1, False)
    ]  # fmt: skip
    first, expand, filtered, project, total = network.layers
    assert (expand.inputs, filtered.inputs, project.inputs) == ((first.name,), (expand.name,), (filtered.name,))
    assert total.inputs == (project.name, first.name)
    assert list(found.tensors.values())[1:] == ["first_q", "expand_q", "filter_q", "project_q", "sum_q"]
    assert list(found.scales.values()) == [POWERS[name] for name in ("input", "first", "expand", "filter", "project", "sum")]


@pytest.mark.parametrize("form", [qdq, qlinear])
def test_powers_of_two_are_exact_but_for_halves(tmp_path: Path, form: Any):
    """ONNX rounds them to even, the cluster up."""
    model = form(POWERS)
    found = load(tmp_path, model)
    image = picture()
    tensors = evaluate(model, chw(image) if form is qlinear else chw(image) * np.float32(POWERS["input"]))
    halves = 0
    for layer, (here, there) in zip(found.quantised.network.layers, layer_by_layer(found, tensors).values(), strict=True):
        parameters = found.quantised.parameters[layer.name]
        assert getattr(parameters, "mult", 0) == 0
        inputs = [hwc(tensors[found.tensors[name]]) for name in layer.inputs]
        if isinstance(parameters, Sum):
            steps = sum(x.astype(np.int64) * m for x, m in zip(inputs, (parameters.mult_a, parameters.mult_b), strict=True))
            remainder = (steps + parameters.bias) % (1 << parameters.shift)
        else:
            assert isinstance(parameters, Digital)
            assert parameters.bias is not None
            sums = golden.sums_of(layer, parameters.weights, inputs[0]) + parameters.bias
            remainder = sums % (1 << parameters.shift)
        tie = (remainder == 0) & (parameters.shift > 0)
        assert np.array_equal(here[~tie], there[~tie]), layer.name
        off = here.astype(int) - there
        assert set(np.unique(off[tie])) <= {0, 1}
        halves += np.count_nonzero(off)
    assert halves  # there are some, or nothing was compared


@pytest.mark.parametrize("form", [qdq, qlinear])
def test_other_scales_are_off_by_one_at_most(tmp_path: Path, form: Any):
    model = form(UNEVEN, scale=WEIGHTS["uneven"])
    found = load(tmp_path, model)
    image = picture()
    tensors = evaluate(model, chw(image) if form is qlinear else chw(image) * np.float32(UNEVEN["input"]))
    for name, (here, there) in layer_by_layer(found, tensors).items():
        off = np.abs(here.astype(int) - there)
        assert off.max() <= 1, name
        assert np.mean(off != 0) < (0.25 if name == "sum_q" else 0.01), name  # an add's factors have 7 bits
        assert np.std(there) > 5  # no saturation, no zeros


@pytest.mark.parametrize("between", [1, 2.5])
def test_a_relu_between_two_quantisations_is_one_with_the_layer(tmp_path: Path, between: float):
    whole, parted = qdq(UNEVEN, scale=WEIGHTS["uneven"]), qdq(UNEVEN, between=between, scale=WEIGHTS["uneven"])
    one, other = load(tmp_path, whole), load(tmp_path, parted)
    for layer, same in zip(one.quantised.network.layers, other.quantised.network.layers, strict=True):
        assert same.relu or not layer.relu
        here, there = one.quantised.parameters[layer.name], other.quantised.parameters[same.name]
        assert here.shift == there.shift
        if isinstance(here, Digital) and isinstance(there, Digital):
            assert (here.weights == there.weights).all()
            assert (here.bias == there.bias).all()
            assert here.mult == there.mult
    assert [layer.relu for layer in other.quantised.network.layers] == [True, True, True, False, True]
    assert other.tensors[other.quantised.network.layers[-1].name] == "sum_r"
    image = picture()
    exact = evaluate(parted, chw(image) * np.float32(UNEVEN["input"]))
    for name in ("first", "expand"):
        layer = next(layer for layer in other.quantised.network.layers if other.tensors[layer.name] == f"{name}_q")
        inputs = [hwc(exact[other.tensors[source]]) for source in layer.inputs]
        off = golden.compute(layer, other.quantised.parameters[layer.name], inputs).astype(int) - hwc(exact[f"{name}_q"])
        assert np.abs(off).max() <= 1 + between / 2


def test_the_imas_tensors_have_scales_of_its_own(tmp_path: Path):
    """Real values are within half a step of the exact convolution, from inputs of the imported network itself."""
    model = qdq(UNEVEN, bias=False, levels=7, scale=0.11)
    found = load(tmp_path, model, analog=True)
    quantised, image = found.quantised, picture()
    values = golden.infer(quantised, image)
    exact = evaluate(model, chw(image) * np.float32(UNEVEN["input"]))
    kinds = [type(quantised.parameters[layer.name]) for layer in quantised.network.layers]
    assert kinds == [Analog, Analog, Digital, Analog, Sum]
    for layer in quantised.network.layers:
        parameters = quantised.parameters[layer.name]
        step = found.scales[layer.name]
        there = hwc(exact[found.tensors[layer.name]]) * UNEVEN[found.tensors[layer.name].removesuffix("_q")]
        here = values[layer.name] * step
        assert np.corrcoef(here.ravel(), there.ravel())[0, 1] > 0.995, layer.name
        if isinstance(parameters, Analog):
            source = layer.inputs[0]
            sums = golden.sums_of(layer, parameters.weights, values[source]) * found.scales[source] * 0.11
            low, high = (-127 * step * n / (parameters.low + parameters.high) for n in (parameters.low, -parameters.high))
            assert np.all(np.abs(here - np.clip(sums, low, high)) <= step / 2 * 1.0001), layer.name
            nearest = 0.5 / (parameters.high - 0.5)  # the ADC's range is a whole number
            assert high == pytest.approx(127 * UNEVEN[found.tensors[layer.name].removesuffix("_q")], rel=nearest)


@pytest.mark.parametrize("analog", [False, True])
def test_the_cluster_runs_it(tmp_path: Path, analog: bool):
    """Deployment compares every layer with NumPy's."""
    model = qdq(UNEVEN, bias=not analog, levels=7 if analog else 127, scale=0.11 if analog else WEIGHTS["uneven"])
    found = load(tmp_path, model, analog)
    run = Deployment(found.quantised, picture(), {}, "ima_dw" if analog else "cores").run()
    assert run.complete
    assert [layer.layer for layer in run.layers] == [layer.name for layer in found.quantised.network.layers]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    onnx.save(qdq(UNEVEN, scale=WEIGHTS["uneven"]), tmp_path / "net.onnx")
    arguments = ["deploy", str(tmp_path / "net.onnx"), "--target", "cores"]
    assert main(arguments) == 0
    assert "outputs equal NumPy's" in capsys.readouterr().out
    assert main([*arguments, "--weights", "w.npz"]) == 2
    assert "has its own integers" in capsys.readouterr().err
    assert main(arguments[:2]) == 2
    assert "'first_c_node' (Conv) has a bias, which the IMA does not have" in capsys.readouterr().err


# -- what is not possible ------------------------------------------------------------------------------------------------


def tail(kind: str, **attributes: Any) -> Any:
    """A model that ends with another operator."""
    graph = Graph()
    graph.quantise("image", "input", 0.5)
    graph.node(kind, ["input_d"], "last", **attributes)
    return graph.model("last")


def single(shape: tuple[int, ...], attributes: dict[str, Any], zero: int = 0, kind: Any = np.int8, scale: Any = 0.25) -> Any:
    """One QLinearConv."""
    graph = Graph()
    graph.constant("w", np.ones(shape), kind)
    scales = [graph.constant("ys", scale, np.float32), graph.constant("yz", zero, kind)]
    own = [graph.constant("ws", 0.25, np.float32), graph.constant("wz", 0, kind)]
    graph.node("QLinearConv", ["image", *graph.scales("x", 0.5), "w", *own, *scales], "conv", **attributes)
    return graph.model("conv", TensorProto.INT8, TensorProto.INT8)


def limited(low: float, high: float) -> Any:
    graph = Graph()
    graph.quantise("image", "input", 0.5)
    graph.weights("c", (4, CHANNELS, 1, 1))
    graph.node("DequantizeLinear", ["c_w", *graph.scales("c_ws", 0.5)], "c_d")
    limits = [graph.constant("low", low, np.float32), graph.constant("high", high, np.float32)]
    graph.node("Clip", [graph.node("Conv", ["input_d", "c_d"], "c"), *limits], "clipped")
    graph.quantise("clipped", "out", 0.5)
    return graph.model("out_d")


def forked() -> Any:
    """A convolution of which one reader wants the ReLU, and another does not."""
    graph = Graph()
    graph.quantise("image", "input", 0.5)
    graph.weights("c", (4, CHANNELS, 1, 1))
    graph.node("DequantizeLinear", ["c_w", *graph.scales("c_ws", 0.5)], "c_d")
    graph.node("Relu", [graph.node("Conv", ["input_d", "c_d"], "c")], "clipped")
    parts = [graph.quantise("clipped", "one", 0.5), graph.quantise("c", "other", 0.5)]
    graph.quantise(graph.node("Add", parts, "sum"), "out", 0.5)
    return graph.model("out_d")


PADDED = {"pads": [1, 1, 1, 1]}


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (tail("GlobalAveragePool"), r"'last_node' \(GlobalAveragePool\) is not supported; supported are QLinearConv or Conv"),
        (tail("Relu"), r"'last_node' \(Relu\) has the input 'input_d', which no convolution or add makes"),
        (single((4, CHANNELS, 5, 5), {}), r"'conv_node' \(QLinearConv\) is a 5x5 convolution"),
        (single((4, CHANNELS, 3, 3), {}), "pads"),
        (single((4, CHANNELS, 1, 1), {"strides": [2, 2]}), "stride 2; pw has 1"),
        (single((4, CHANNELS, 3, 3), {**PADDED, "strides": [3, 3]}), "stride 3"),
        (single((4, CHANNELS, 3, 3), {**PADDED, "dilations": [2, 2]}), "convolution of 4 outputs"),
        (single((4, CHANNELS, 3, 3), {"auto_pad": "SAME_UPPER", "strides": [2, 2]}), "auto_pad SAME_UPPER"),
        (single((6, 1, 3, 3), {**PADDED, "group": CHANNELS}), f"group {CHANNELS}"),
        (single((4, CHANNELS, 1, 1), {}, zero=3), "zero point of 3"),
        (single((4, CHANNELS, 1, 1), {}, kind=np.uint8), "uint8"),
        (single((4, CHANNELS, 1, 1), {}, scale=[0.1, 0.2, 0.3, 0.4]), "has 4 scales"),
        (single((4, CHANNELS, 1, 1), {}, scale=0.0), "scales"),
        (single((4, CHANNELS, 1, 1), {}, scale=1e-12), "scales its sums by"),
        (limited(0, 6), r"'c_node' \(Conv\) is clipped at 6"),
        (limited(-1, 100), "clips at -1"),
        (forked(), r"'clipped_node' \(Relu\) has the input 'c', which others read without the clipping"),
    ],
)
def test_mistakes(tmp_path: Path, model: Any, message: str):
    with pytest.raises(NetworkError, match=message):
        load(tmp_path, model)


def test_every_unsupported_operator_is_counted(tmp_path: Path):
    graph = Graph()
    graph.node("MaxPool", [graph.node("Sigmoid", ["image"], "s")], "p", kernel_shape=[2, 2])
    with pytest.raises(NetworkError, match=r"'s_node' \(Sigmoid\) is not supported and 1 other node; supported are"):
        load(tmp_path, graph.model("p"))


def test_what_the_ima_does_not_hold(tmp_path: Path):
    with pytest.raises(NetworkError, match=r"'first_c_node' \(Conv\) has a bias"):
        load(tmp_path, qdq(POWERS, levels=7), analog=True)
    with pytest.raises(NetworkError, match=r"'first_c_node' \(Conv\) has weights beyond -7..7"):
        load(tmp_path, qdq(POWERS, bias=False), analog=True)


def test_files_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(NetworkError, match="No such file"):
        onnx_import.read(tmp_path / "nothing.onnx")
    (tmp_path / "text.onnx").write_text("text")
    with pytest.raises(NetworkError, match=r"cannot read .*text.onnx"):
        onnx_import.read(tmp_path / "text.onnx")
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(NetworkError, match=r"pip install 'imciss\[onnx\]'"):
        onnx_import.read(tmp_path / "text.onnx")


def test_the_inputs_name(tmp_path: Path):
    assert load(tmp_path, qdq(POWERS)).tensors[INPUT] == "input_q"
    assert load(tmp_path, qlinear(POWERS)).tensors[INPUT] == "image"
