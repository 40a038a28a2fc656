"""Quantised networks from ONNX files: the subset that the cluster runs, to the integers of network.py.

Either form of quantisation is read: QLinearConv and QLinearAdd (com.microsoft), or Conv and Add in single precision between
DequantizeLinear and QuantizeLinear.  Tensors and weights are int8 or int4, symmetric (zero points 0), with one scale for a
tensor.  What is computed differs from ONNX's definition in this:

- A factor between scales becomes `mult` / 2**`shift` with as many bits as 32-bit arithmetic leaves; an add's factors have 7.
- A ReLU between two quantisations is one with the layer before it: that is rounded once.
- Halves are rounded up, on the IMA away from zero; ONNX rounds them to even.
- On the IMA (`analog`) a tensor gets the scale of the nearest range of the ADC, which without ReLU uses half of the int8 range;
  the layers behind it are adapted to that (`Imported.scales`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.deploy.network import (
    INPUT,
    SUM_LIMIT,
    WEIGHT_LEVELS,
    Analog,
    Digital,
    Layer,
    Network,
    NetworkError,
    Parameters,
    Quantised,
    Shape,
    Sum,
)  # fmt: skip

SUPPORTED = (
    "QLinearConv or Conv (1x1 with stride 1; 3x3 with padding 1 and stride 1 or 2, of all channels or depth-wise)",
    "QLinearAdd or Add of two tensors of the same shape",
    "Relu, Clip and Identity behind them",
    "QuantizeLinear, DequantizeLinear",
    "Constant",
)
MAX_SHIFT = 31
NO_LIMIT = -1e30
"""A lower limit of a Clip that limits nothing; files have -inf, or the least number."""
SYMMETRIC = "quantise with int8 tensors, symmetric activations and weights, and one scale for a tensor"
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Imported:
    """A network from a file.  Of each tensor, the network's input included: `scales` is the value of one step, `tensors` its
    name in the file."""

    quantised: Quantised
    scales: Mapping[str, float]
    tensors: Mapping[str, str]


@dataclass(frozen=True)
class _Integers:
    """An int8 tensor: the layer that makes it, its scale in the file, and the one that it has here."""

    layer: str
    scale: float
    actual: float


@dataclass(frozen=True)
class _Real:
    """A tensor of real values: a dequantised one."""

    of: _Integers


@dataclass(frozen=True)
class _Constant:
    """Integers with their scale."""

    values: Array
    scale: float


@dataclass(frozen=True)
class _Result:
    """What a convolution or an add makes, before it is quantised.  `bias` is in steps of the sums, `top` where it is clipped,
    `scale` that of an int8 tensor which it has already been.

    `factors`: the values of one step of the sums of products, or of each of an add's inputs."""

    node: Any
    layer: Layer
    factors: tuple[float, ...]
    weights: Array = field(default_factory=lambda: np.zeros(0, np.int8))
    bias: Array | None = None
    top: float | None = None
    scale: float | None = None


def read(path: str | Path, analog: bool = False) -> Imported:
    """The network of an ONNX file; NetworkError names the node that is not possible.

    `analog`: the matrices are the IMA's, which has 4-bit weights and no bias; else they are the cores'."""
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError:
        raise NetworkError(
            "ONNX files need onnx, which is not installed: pip install 'imciss[onnx]' (or: pip install onnx)"
        ) from None
    try:
        model = onnx.load(str(path))
        onnx.checker.check_model(model)
    except OSError as error:
        raise NetworkError(f"cannot read {path}: {error.strerror}") from None
    except (DecodeError, onnx.checker.ValidationError) as error:
        reason = str(error).strip().splitlines()[0]
        raise NetworkError(f"cannot read {path}: it is no ONNX model, or a damaged one ({reason})") from None
    return _Importer(model.graph, str(path), analog).run()


class _Importer:
    def __init__(self, graph: Any, path: str, analog: bool) -> None:
        from onnx.numpy_helper import to_array

        self.graph, self.path, self.analog = graph, path, analog
        self.to_array: Callable[[Any], Array] = to_array
        self.constants: dict[str, Array] = {tensor.name: to_array(tensor) for tensor in graph.initializer}
        self.values: dict[str, _Integers | _Real | _Constant | _Result] = {}
        self.readers = Counter([name for node in graph.node for name in node.input] + [out.name for out in graph.output])
        self.names = {INPUT}
        self.layers: dict[str, Layer] = {}
        self.parameters: dict[str, Parameters] = {}
        self.results: dict[str, tuple[_Result, float]] = {}
        self.scales: dict[str, float] = {}
        self.tensors: dict[str, str] = {}
        self.handlers: dict[str, Callable[[Any], None]] = {
            "QuantizeLinear": self.quantise, "DequantizeLinear": self.dequantise, "Constant": self.constant,
            "QLinearConv": self.quantised_conv, "QLinearAdd": self.quantised_add, "Conv": self.conv, "Add": self.add,
            "Relu": self.relu, "Clip": self.clip, "Identity": self.identity,
        }  # fmt: skip

    def run(self) -> Imported:
        unknown = [node for node in self.graph.node if node.op_type not in self.handlers]
        if unknown:
            more = f" and {len(unknown) - 1} other node{'s' * (len(unknown) > 2)}" if len(unknown) > 1 else ""
            raise self._error(
                unknown[0],
                f"is not supported{more}; supported are {'; '.join(SUPPORTED)}; "
                "onnx.utils.extract_model makes a file of the part that is",
            )
        inputs = [value for value in self.graph.input if value.name not in self.constants]
        if len(inputs) != 1 or len(self.graph.output) != 1:
            raise NetworkError(
                f"{self.path}: {len(inputs)} inputs and {len(self.graph.output)} outputs; a network has one of each"
            )
        shape = self._input_shape(inputs[0])
        self.source = inputs[0].name
        for node in self.graph.node:
            self.handlers[node.op_type](node)
        out = self.values.get(self.graph.output[0].name)
        if isinstance(out, _Result) and out.scale is not None:
            out = self._finish(out, out.scale, self.graph.output[0].name)
        if not isinstance(out, (_Real, _Integers)):
            raise NetworkError(f"{self.path}: the output {self.graph.output[0].name!r} is not quantised; {SYMMETRIC}")
        for name, (result, scale) in self.results.items():
            self.parameters[name] = self._parameters(result, scale)
        network = Network(self.graph.name or Path(self.path).stem, shape, tuple(self.layers.values()))
        return Imported(Quantised(network, self.parameters), self.scales, self.tensors)

    # -- what is common ----------------------------------------------------------------------------------------------------

    def _error(self, node: Any, text: str) -> NetworkError:
        return NetworkError(f"{self.path}: node {node.name or node.output[0]!r} ({node.op_type}) {text}")

    def _input_shape(self, value: Any) -> Shape:
        sizes = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        if len(sizes) != 4 or sizes[0] > 1 or min(sizes[1:]) < 1:
            shown = [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
            raise NetworkError(f"{self.path}: the input {value.name!r} is {shown}; it should be [1, channels, height, width]")
        return Shape(sizes[2], sizes[3], sizes[1])

    def _attributes(self, node: Any) -> dict[str, Any]:
        from onnx.helper import get_attribute_value

        return {attribute.name: get_attribute_value(attribute) for attribute in node.attribute}

    def _input(self, node: Any, number: int) -> str:
        """The name of an input, empty where there is none."""
        return str(node.input[number]) if number < len(node.input) else ""

    def _given(self, node: Any, number: int) -> Array:
        """A constant input."""
        name = self._input(node, number)
        if name not in self.constants:
            raise self._error(node, f"has the input {name!r}, which is not a constant")
        return self.constants[name]

    def _scale(self, node: Any, number: int) -> float:
        """A scale, with the zero point behind it."""
        scales = np.unique(self._given(node, number).astype(np.float64))
        if len(scales) != 1 or not isfinite(scales[0]) or scales[0] <= 0:
            raise self._error(node, f"has {len(scales)} scales, {scales[:3]}; {SYMMETRIC}")
        if self._input(node, number + 1):
            zero = self._given(node, number + 1)
            if np.any(zero.astype(np.int64)):
                raise self._error(node, f"has a zero point of {zero.ravel()[0]}; {SYMMETRIC}")
            if str(zero.dtype) not in ("int8", "int4", "int32"):
                raise self._error(node, f"makes {zero.dtype}; {SYMMETRIC}")
        return float(scales[0])

    def _integers(self, node: Any, number: int, scale: float) -> _Integers:
        """An input that is an int8 tensor of that scale."""
        name = self._input(node, number)
        if name == self.source and name not in self.values:  # the network's input is int8 already
            self._begin(name, scale)
        found = self.values.get(name)
        if not isinstance(found, _Integers):
            raise self._error(node, f"has the input {name!r}, which is not a quantised tensor; {SYMMETRIC}")
        if found.scale != scale:
            raise self._error(node, f"reads {name!r} with the scale {scale}; it was made with {found.scale}")
        return found

    def _begin(self, name: str, scale: float) -> None:
        self.values[name] = _Integers(INPUT, scale, scale)
        self.scales[INPUT], self.tensors[INPUT] = scale, name

    def _real(self, node: Any, number: int) -> _Integers:
        """What an input is the dequantised form of."""
        name = self._input(node, number)
        found = self.values.get(name)
        if not isinstance(found, _Real):
            raise self._error(node, f"has the input {name!r}, which does not come from a DequantizeLinear; {SYMMETRIC}")
        return found.of

    def _name(self, node: Any) -> str:
        """A name for the layer that a node makes: outputs have one each, nodes need not."""
        name = str(node.name or node.output[0])
        name = f"{name}:{node.output[0]}" if name in self.names else name
        self.names.add(name)
        return name

    # -- nodes -------------------------------------------------------------------------------------------------------------

    def constant(self, node: Any) -> None:
        value = self._attributes(node)
        if "value" not in value:
            raise self._error(node, "should have a tensor")
        self.constants[node.output[0]] = self.to_array(value["value"])

    def identity(self, node: Any) -> None:
        name = self._input(node, 0)
        if name in self.constants:
            self.constants[node.output[0]] = self.constants[name]
        elif name in self.values:
            self.values[node.output[0]] = self.values[name]
        else:
            raise self._error(node, f"has the input {name!r}, which is not a quantised tensor; {SYMMETRIC}")

    def quantise(self, node: Any) -> None:
        scale, name = self._scale(node, 1), self._input(node, 0)
        if not self._input(node, 2) and self._attributes(node).get("output_dtype") != 3:  # TensorProto.INT8
            raise self._error(node, f"makes uint8; {SYMMETRIC}")
        if name in self.constants:
            steps = np.rint(self.constants[name] / scale)
            self.constants[node.output[0]] = np.clip(steps, -128, 127).astype(np.int8)
        elif name == self.source:
            self._begin(node.output[0], scale)
        else:
            found = self.values.get(name)
            if isinstance(found, _Real) and found.of.scale == scale:
                self.values[node.output[0]] = found.of
            elif isinstance(found, _Result) and found.layer.name not in self.layers:
                self._finish(found, scale, node.output[0])
            elif isinstance(found, _Result):
                raise self._error(node, f"quantises {name!r} a second time")
            else:
                raise self._error(node, f"has the input {name!r}, which no convolution or add makes")

    def dequantise(self, node: Any) -> None:
        scale, name = self._scale(node, 1), self._input(node, 0)
        if name in self.constants:
            self.values[node.output[0]] = _Constant(self.constants[name], scale)
        else:
            self.values[node.output[0]] = _Real(self._integers(node, 0, scale))

    def quantised_conv(self, node: Any) -> None:
        source = self._integers(node, 0, self._scale(node, 1))
        bias = self._given(node, 8) if self._input(node, 8) else None
        result = self._convolution(node, source, self._given(node, 3), self._scale(node, 4), bias)
        self._finish(result, self._scale(node, 6), node.output[0])

    def conv(self, node: Any) -> None:
        source, weights = self._real(node, 0), self.values.get(self._input(node, 1))
        if not isinstance(weights, _Constant):
            raise self._error(node, f"has weights {self._input(node, 1)!r} that are not dequantised constants; {SYMMETRIC}")
        bias, name = None, self._input(node, 2)
        if name:
            given = self.values.get(name)
            real = given.values * given.scale if isinstance(given, _Constant) else self._given(node, 2)
            bias = np.rint(real.astype(np.float64) / (source.scale * weights.scale))
            if not np.all(np.abs(bias) < SUM_LIMIT):
                raise self._error(node, "has a bias that 32 bits do not hold")
        self.values[node.output[0]] = self._convolution(node, source, weights.values, weights.scale, bias)

    def quantised_add(self, node: Any) -> None:
        sources = [self._integers(node, number, self._scale(node, number + 1)) for number in (0, 3)]
        self._finish(self._sum(node, sources), self._scale(node, 6), node.output[0])

    def add(self, node: Any) -> None:
        self.values[node.output[0]] = self._sum(node, [self._real(node, 0), self._real(node, 1)])

    def relu(self, node: Any) -> None:
        self._clipped(node, 0.0, None)

    def clip(self, node: Any) -> None:
        limits = self._attributes(node)
        low, high = limits.get("min"), limits.get("max")
        low = float(self._given(node, 1).item()) if self._input(node, 1) else low
        high = float(self._given(node, 2).item()) if self._input(node, 2) else high
        self._clipped(node, low, high)

    def _clipped(self, node: Any, low: float | None, high: float | None) -> None:
        """ReLU of what a layer makes: of the result, of its int8 tensor, or of that dequantised, to be quantised again."""
        name = self._input(node, 0)
        found = self.values.get(name)
        if isinstance(found, _Result):
            read, clipped = [name], self._limit(node, found, low, high)
        else:
            of = found.of if isinstance(found, _Real) else found
            if not isinstance(of, _Integers) or of.layer not in self.results:
                raise self._error(node, f"has the input {name!r}, which no convolution or add makes")
            result, scale = self.results[of.layer]
            if isinstance(found, _Integers):
                low = None if low is None or low <= -128 else low * scale
                high = None if high is None else high * scale
            read, clipped = [name, self.tensors[of.layer]], replace(self._limit(node, result, low, high), scale=scale)
        if any(self.readers[tensor] > 1 for tensor in read):
            raise self._error(node, f"has the input {name!r}, which others read without the clipping")
        if isinstance(found, _Integers):
            self._finish(clipped, found.scale, node.output[0])
        else:
            self.layers.pop(clipped.layer.name, None)
            self.values[node.output[0]] = clipped

    def _limit(self, node: Any, result: _Result, low: float | None, high: float | None) -> _Result:
        if high is not None:
            result = replace(result, top=high if result.top is None else min(high, result.top))
        if low is None or low <= NO_LIMIT:
            return result
        if low:
            raise self._error(node, f"clips at {low:g}; only 0, the ReLU, is supported")
        return replace(result, layer=replace(result.layer, relu=True))

    # -- layers ------------------------------------------------------------------------------------------------------------

    def _convolution(self, node: Any, source: _Integers, weights: Array, scale: float, bias: Array | None) -> _Result:
        if weights.ndim != 4 or str(weights.dtype) not in ("int8", "int4"):
            raise self._error(node, f"has weights of {weights.dtype}{list(weights.shape)}; {SYMMETRIC}")
        given = self._attributes(node)
        outputs, inputs, *kernel = weights.shape
        group, strides = given.get("group", 1), tuple(given.get("strides", (1, 1)))
        pads, auto = tuple(given.get("pads", (0, 0, 0, 0))), given.get("auto_pad", b"NOTSET")
        if auto in (b"SAME_UPPER", b"SAME_LOWER") and strides == (1, 1):
            pads = tuple(n // 2 for n in kernel) * 2
        elif auto not in (b"NOTSET", b"VALID"):
            raise self._error(node, f"has auto_pad {auto.decode()} with strides {strides}; give its pads")
        kind = "pw" if kernel == [1, 1] else "conv3x3" if group == 1 else "dw"
        wanted = {"pw": ([1, 1], (0,) * 4, 1), "conv3x3": ([3, 3], (1,) * 4, 1), "dw": ([3, 3], (1,) * 4, outputs)}[kind]
        dense = set(given.get("dilations", (1, 1))) == {1} and strides[0] == strides[1]
        if (kernel, pads, group) != wanted or not dense or (kind == "dw" and inputs != 1):
            raise self._error(
                node,
                f"is a {'x'.join(map(str, kernel))} convolution of {outputs} outputs, group {group}, strides {strides}, pads "
                f"{pads}; supported are {SUPPORTED[0]}",
            )
        small = weights.astype(np.int8)
        order = {"pw": small[:, :, 0, 0].T, "conv3x3": small.transpose(2, 3, 1, 0), "dw": small[:, 0].transpose(1, 2, 0)}
        steps = None if bias is None or not np.any(bias) else np.rint(bias * (source.scale / source.actual))
        layer = Layer(self._name(node), kind, 0 if kind == "dw" else outputs, strides[0], False, (source.layer,))
        return _Result(node, layer, (source.actual * scale,), np.ascontiguousarray(order[kind]), steps)

    def _sum(self, node: Any, sources: Sequence[_Integers]) -> _Result:
        layer = Layer(self._name(node), "add", relu=False, inputs=tuple(source.layer for source in sources))
        return _Result(node, layer, tuple(source.actual for source in sources))

    def _finish(self, result: _Result, scale: float, tensor: str) -> _Integers:
        """A result is quantised: it is a layer."""
        layer = result.layer
        if result.top is not None and result.top < 126.5 * scale:
            raise self._error(result.node, f"is clipped at {result.top:g}, below the top of int8 at the scale {scale:g}")
        actual = scale
        if self.analog and layer.has_matrix:
            actual = 7 * _adc(result, scale) * (1 if layer.relu else 2) * result.factors[0]
        self.layers[layer.name] = layer
        self.results[layer.name] = result, scale
        self.scales[layer.name], self.tensors[layer.name] = actual, tensor
        self.values[tensor] = found = _Integers(layer.name, scale, actual)
        return found

    def _parameters(self, result: _Result, scale: float) -> Parameters:
        layer = result.layer
        if layer.kind == "add":
            return self._factors(result, scale)
        if not (self.analog and layer.has_matrix):
            return self._digital(result, scale)
        if result.bias is not None:
            raise self._error(result.node, "has a bias, which the IMA does not have; the target cores computes it")
        if np.abs(result.weights.astype(np.int16)).max(initial=0) > WEIGHT_LEVELS:
            raise self._error(
                result.node,
                f"has weights beyond -{WEIGHT_LEVELS}..{WEIGHT_LEVELS}, which the IMA's cells do not hold; quantise them to "
                "4 bits, or deploy it to the target cores",
            )
        high = _adc(result, scale)
        return Analog(result.weights, 0 if layer.relu else high, high)

    def _digital(self, result: _Result, scale: float) -> Digital:
        """mult and shift with the most bits that the sums leave; the bias rounds."""
        weights, bias = result.weights.astype(np.int64), result.bias
        outputs = weights.shape[-1]
        offsets = np.zeros(outputs, np.int64) if bias is None else bias.astype(np.int64).ravel()
        largest = int((128 * np.abs(weights).reshape(-1, outputs).sum(axis=0) + np.abs(offsets)).max())
        factor = result.factors[0] / scale
        for shift in range(MAX_SHIFT, -1, -1):
            mult = round(factor * 2**shift)
            half = round(2 ** (shift - 1) / mult) if shift and mult else 0
            if mult * (largest + half) < SUM_LIMIT:
                break
        if not 0 < mult * (largest + half) < SUM_LIMIT:
            raise self._error(result.node, f"scales its sums by {factor:g}, which 32-bit arithmetic does not")
        (mult,), shift = _reduced([mult], shift)
        half = round(2 ** (shift - 1) / mult) if shift else 0
        steps = (offsets + half).astype(np.int32)
        return Digital(result.weights, steps if np.any(steps) else None, 0 if mult == 1 else mult, shift)

    def _factors(self, result: _Result, scale: float) -> Sum:
        factors = [factor / scale for factor in result.factors]
        shift = next((n for n in range(MAX_SHIFT, -1, -1) if max(round(f * 2**n) for f in factors) <= 127), -1)
        if shift < 0:
            raise self._error(result.node, f"scales its inputs by {factors[0]:g} and {factors[1]:g}; at most 127 is possible")
        mults, shift = _reduced([round(f * 2**shift) for f in factors], shift)
        return Sum(mults[0], mults[1], 1 << shift - 1 if shift else 0, shift)


def _adc(result: _Result, scale: float) -> int:
    """The range of the ADC whose top is the nearest to that of int8 at a scale."""
    return max(1, round(scale / (7 * result.factors[0])))


def _reduced(mults: Sequence[int], shift: int) -> tuple[list[int], int]:
    """Factors without the powers of two that all have."""
    while shift and not any(mult & 1 for mult in mults):
        mults, shift = [mult >> 1 for mult in mults], shift - 1
    return list(mults), shift
