"""A network: layers and the tensors between them, and the integers that make it a quantised one.

A tensor is int8 [height][width][channels] and has the name of the layer that makes it; the network's input is called
"input".  Kinds of layers:

    conv3x3   3x3 convolution of all channels, padding 1, stride 1 or 2
    pw        1x1 convolution (point-wise)
    dw        3x3 depth-wise convolution, padding 1, stride 1 or 2
    add       sum of two tensors, each with a factor

A TOML file names them in their order; a layer reads what the layer before it made, unless `inputs` says otherwise:

    name = "bottleneck"
    input = [16, 16, 24]                  # height, width, channels

    [[layer]]
    name = "expand"
    kind = "pw"
    channels = 144                        # of the output; dw and add keep those of their input

    [[layer]]
    name = "filter"
    kind = "dw"
    stride = 1                            # or 2

    [[layer]]
    name = "project"
    kind = "pw"
    channels = 24
    relu = false                          # the default is true, for add false

    [[layer]]
    name = "sum"
    kind = "add"
    inputs = ["project", "input"]"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from iss.config import CELLS_MAX, MEMORY_MAX, read_toml
from iss.errors import SimulationError, suggest

KINDS = {
    "conv3x3": "3x3 convolution, padding 1, stride 1 or 2",
    "pw": "1x1 convolution, stride 1",
    "dw": "3x3 depth-wise convolution, padding 1, stride 1 or 2",
    "add": "sum of two tensors of the same shape",
}
INPUT = "input"
WEIGHT_LEVELS = 7
"""The IMA's weights are -7..7."""
SUM_LIMIT = 1 << 31
Int8 = npt.NDArray[np.int8]
Int32 = npt.NDArray[np.int32]


class NetworkError(SimulationError):
    """A network that is not possible; the text names the layer and says why."""


class Shape(NamedTuple):
    """Of a tensor."""

    height: int
    width: int
    channels: int

    @property
    def pixels(self) -> int:
        return self.height * self.width

    @property
    def bytes(self) -> int:
        return self.height * self.width * self.channels

    def __str__(self) -> str:
        return f"{self.height}x{self.width}x{self.channels}"


@dataclass(frozen=True)
class Layer:
    """`inputs` are tensors, empty for the layer before; `channels` is of the output, 0 for that of the input."""

    name: str
    kind: str
    channels: int = 0
    stride: int = 1
    relu: bool = True
    inputs: tuple[str, ...] = ()

    @property
    def has_matrix(self) -> bool:
        """Whether the layer is a matrix of weights, which the IMA can hold."""
        return self.kind in ("conv3x3", "pw")


@dataclass(frozen=True)
class Network:
    """Layers in the order in which they run; NetworkError when they do not fit together."""

    name: str
    input: Shape
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        named, before = [], INPUT
        for layer in self.layers:
            named.append(layer if layer.inputs else replace(layer, inputs=(before,)))
            before = layer.name
        object.__setattr__(self, "layers", tuple(named))
        self.shapes  # noqa: B018 - checks

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """Of every tensor, by name."""
        if len(self.input) != 3 or min(self.input) < 1:
            raise NetworkError(f"network {self.name}: input {tuple(self.input)} should be height, width, channels")
        if not self.layers:
            raise NetworkError(f"network {self.name} has no layers")
        found = {INPUT: self.input}
        for layer in self.layers:
            if not layer.name or layer.name in found:
                raise NetworkError(f"layer {layer.name!r}: its name is empty, or another tensor has it")
            found[layer.name] = _output(layer, found)
        for name, shape in found.items():
            if shape.bytes > 2 * MEMORY_MAX:
                raise NetworkError(
                    f"network {self.name}: tensor {name!r}, {shape}, has {shape.bytes:,} bytes; L1 and L2 together "
                    f"have {2 * MEMORY_MAX:,} at most"
                )
        for layer in self.layers:
            size = math.prod(weight_shape(layer, found[layer.inputs[0]].channels, found[layer.name].channels))
            if size > CELLS_MAX:
                raise NetworkError(f"layer {layer.name!r} has {size:,} weights; {CELLS_MAX:,} is the most that is possible")
        return found

    @cached_property
    def _by_name(self) -> dict[str, Layer]:
        return {layer.name: layer for layer in self.layers}

    def __getitem__(self, name: str) -> Layer:
        return self._by_name[name]

    def source(self, layer: Layer) -> Shape:
        """The shape of a layer's (first) input."""
        return self.shapes[layer.inputs[0]]

    def matrix(self, layer: Layer) -> tuple[int, int]:
        """Rows (inputs of an output pixel) and columns (outputs) of a layer's weights."""
        rows = self.source(layer).channels * (9 if layer.kind == "conv3x3" else 1)
        return rows, self.shapes[layer.name].channels

    def weight_shape(self, layer: Layer) -> tuple[int, ...]:
        """Of a layer's weights."""
        return weight_shape(layer, self.source(layer).channels, self.shapes[layer.name].channels)

    def parameters(self, layer: Layer) -> int:
        """How many weights."""
        shape = self.weight_shape(layer)
        return int(np.prod(shape)) if shape else 0

    def macs(self, layer: Layer) -> int:
        """Multiplications and additions; one for each output of an add."""
        shape = self.shapes[layer.name]
        return shape.bytes if layer.kind == "add" else shape.pixels * self.parameters(layer)


def weight_shape(layer: Layer, inputs: int, outputs: int) -> tuple[int, ...]:
    """Of so many channels: conv3x3 [3][3][inputs][outputs], pw [inputs][outputs], dw [3][3][channels], add ()."""
    shapes = {"conv3x3": (3, 3, inputs, outputs), "pw": (inputs, outputs), "dw": (3, 3, inputs)}
    return shapes.get(layer.kind, ())


def _output(layer: Layer, shapes: Mapping[str, Shape]) -> Shape:
    """The shape of what a layer makes."""
    where = f"layer {layer.name!r}"
    if layer.kind not in KINDS:
        supported = "; ".join(f"{kind}: {text}" for kind, text in KINDS.items())
        raise NetworkError(f"{where}: no kind {layer.kind!r}; supported are {supported}")
    for name in layer.inputs:
        if name not in shapes:
            raise NetworkError(f"{where}: no tensor {name!r} is made before it; {suggest(name, shapes)}")
    wanted = 2 if layer.kind == "add" else 1
    if len(layer.inputs) != wanted:
        raise NetworkError(f"{where}: {layer.kind} has {wanted} input{'s' * (wanted > 1)}, not {len(layer.inputs)}")
    strides = (1, 2) if layer.kind in ("conv3x3", "dw") else (1,)
    if layer.stride not in strides:
        raise NetworkError(f"{where}: stride {layer.stride}; {layer.kind} has {' or '.join(map(str, strides))}")
    source = shapes[layer.inputs[0]]
    if layer.kind in ("add", "dw"):
        if layer.channels not in (0, source.channels):
            raise NetworkError(
                f"{where}: {layer.kind} keeps the {source.channels} channels of {layer.inputs[0]!r}; it cannot make "
                f"{layer.channels}"
            )
    elif layer.channels < 1:
        raise NetworkError(f"{where}: channels = {layer.channels}; {layer.kind} makes at least 1")
    if layer.kind == "add" and shapes[layer.inputs[1]] != source:
        other = shapes[layer.inputs[1]]
        raise NetworkError(
            f"{where}: adds {layer.inputs[0]!r}, {source}, and {layer.inputs[1]!r}, {other}: the shapes must be the same"
        )
    height, width = ((n - 1) // layer.stride + 1 for n in source[:2])
    return Shape(height, width, layer.channels or source.channels)


# -- integers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Analog:
    """A conv3x3 or pw on the IMA: int4 weights, -7..7, of Network.weight_shape, and the ADC's range.

    With S = sum(x * w):  out = round(clip(S, -889 low, 889 high) / (7 (low + high))), halves away from zero.
    `low` is 0 with ReLU.  The IMA has no bias.  golden.py says what happens where a layer has more rows than a crossbar."""

    weights: Int8
    low: int
    high: int


@dataclass(frozen=True)
class Digital:
    """A conv3x3, pw or dw in int8 and 32 bits:  out = clip(((sum(x * w) + bias) * mult) >> shift), modulo 2**32.

    `mult` 0 means no multiplication; clip is to -128..127, with ReLU to 0..127.  `bias` is int32 [outputs]."""

    weights: Int8
    bias: Int32 | None = None
    mult: int = 0
    shift: int = 0


@dataclass(frozen=True)
class Sum:
    """An add:  out = clip((a * mult_a + b * mult_b + bias) >> shift)."""

    mult_a: int = 64
    mult_b: int = 64
    bias: int = 64
    shift: int = 7


Parameters = Analog | Digital | Sum


@dataclass(frozen=True)
class Quantised:
    """A network and its integers, by layer; NetworkError names the layer whose integers are not possible."""

    network: Network
    parameters: Mapping[str, Parameters]

    def __post_init__(self) -> None:
        for layer in self.network.layers:
            if layer.name not in self.parameters:
                raise NetworkError(f"layer {layer.name!r} has no parameters")
            _check(self.network, layer, self.parameters[layer.name])

    def save(self, path: str | Path) -> None:
        """As .npz: arrays `<layer>/weights`, `<layer>/bias`, numbers `<layer>/low` and so on."""
        arrays: dict[str, Any] = {}
        for name, found in self.parameters.items():
            for field in fields(found):
                value = getattr(found, field.name)
                if value is not None:
                    arrays[f"{name}/{field.name}"] = np.asarray(value)
        np.savez_compressed(path, **arrays)

    @classmethod
    def load(cls, network: Network, path: str | Path) -> Quantised:
        """From such a file."""
        try:
            with np.load(path) as file:
                arrays = dict(file)
        except FileNotFoundError as error:
            raise NetworkError(f"cannot read {path}: {error.strerror}") from error
        except (OSError, ValueError, TypeError, EOFError, BadZipFile) as error:
            raise NetworkError(f"{path} is no .npz file of numbers, as numpy.savez writes it") from error
        groups: dict[str, dict[str, Any]] = {}
        for key, array in arrays.items():
            name, _, field = key.rpartition("/")
            groups.setdefault(name, {})[field] = array if array.ndim or array.dtype.kind not in "iu" else int(array)
        found: dict[str, Parameters] = {}
        for layer in network.layers:
            if layer.name not in groups:
                raise NetworkError(f"layer {layer.name!r} has no parameters in {path}")
            values = groups[layer.name]
            kind = Sum if layer.kind == "add" else Analog if "high" in values else Digital
            try:
                found[layer.name] = kind(**values)
            except TypeError as error:
                raise NetworkError(f"layer {layer.name!r} in {path}: {error}") from error
        return cls(network, found)


def _check(network: Network, layer: Layer, found: Parameters) -> None:
    where = f"layer {layer.name!r}"
    for field in fields(found):
        value = getattr(found, field.name)
        array = field.name == "weights" or (field.name == "bias" and not isinstance(found, Sum))
        if value is not None and not isinstance(value, np.ndarray if array else int):
            raise NetworkError(f"{where}: {field.name} should be {'an array' if array else 'one whole number'}, not {value!r}")
    wanted: tuple[type, ...] = (Sum,) if layer.kind == "add" else (Analog, Digital) if layer.has_matrix else (Digital,)
    if not isinstance(found, wanted):
        names = " or ".join(kind.__name__ for kind in wanted)
        raise NetworkError(f"{where}: a {layer.kind} has parameters of kind {names}, not {type(found).__name__}")
    if isinstance(found, Sum):
        for name in ("mult_a", "mult_b"):
            _within(f"{where}: {name}", getattr(found, name), -128, 127)
        _within(f"{where}: bias", found.bias, -SUM_LIMIT, SUM_LIMIT - 1)
        _within(f"{where}: shift", found.shift, 0, 31)
        return
    shape = network.weight_shape(layer)
    if found.weights.shape != shape:
        raise NetworkError(f"{where}: weights of shape {list(found.weights.shape)}; {layer.kind} wants {list(shape)}")
    low, high = (-WEIGHT_LEVELS, WEIGHT_LEVELS) if isinstance(found, Analog) else (-128, 127)
    wrong = np.argwhere((found.weights < low) | (found.weights > high))
    if len(wrong):
        at = tuple(int(i) for i in wrong[0])
        what = "the IMA's cells hold" if isinstance(found, Analog) else "int8 holds"
        raise NetworkError(
            f"{where}: {len(wrong)} weights are out of range, the first is weights{list(at)} = {found.weights[at]}: "
            f"{what} {low}..{high}"
        )
    if found.weights.dtype != np.int8:
        raise NetworkError(f"{where}: weights are {found.weights.dtype}, not int8")
    if isinstance(found, Analog):
        _within(f"{where}: low", found.low, 0, SUM_LIMIT - 1)
        _within(f"{where}: high", found.high, 1, SUM_LIMIT - 1)
        if layer.relu and found.low:
            raise NetworkError(f"{where}: low = {found.low}; with ReLU the ADC's range begins at 0")
        return
    _within(f"{where}: shift", found.shift, 0, 31)
    _within(f"{where}: mult", found.mult, -SUM_LIMIT, SUM_LIMIT - 1)
    outputs = network.shapes[layer.name].channels
    if found.bias is not None and (found.bias.shape != (outputs,) or found.bias.dtype != np.int32):
        raise NetworkError(f"{where}: bias is {found.bias.dtype}{list(found.bias.shape)}, not int32[{outputs}]")


def _within(what: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise NetworkError(f"{what} = {value}; possible are {low}..{high}")


# -- files -------------------------------------------------------------------------------------------------------------


def read(path: str | Path) -> Network:
    """A network from a TOML file."""
    return from_table(read_toml(path), Path(path).stem)


def from_table(table: Mapping[str, Any], name: str = "network") -> Network:
    """A network from what such a file holds."""
    _known(f"network {name}", table, ("name", "input", "layer"))
    name = table.get("name", name)
    if not isinstance(name, str):
        raise NetworkError(f"network: name = {name!r} should be of type str")
    given = table.get("input")
    if not isinstance(given, list) or len(given) != 3 or not all(type(n) is int for n in given):
        raise NetworkError(f"network {name}: input = {given!r} should be [height, width, channels]")
    layers = table.get("layer", [])
    if not isinstance(layers, list) or not all(isinstance(row, dict) for row in layers):
        raise NetworkError(f"network {name}: layers are tables, each under [[layer]]")
    return Network(name, Shape(*given), tuple(_layer(number, row) for number, row in enumerate(layers)))


def _layer(number: int, row: Mapping[str, Any]) -> Layer:
    where = f"layer {row['name']!r}" if "name" in row else f"[[layer]] number {number + 1}"
    types = {"name": str, "kind": str, "channels": int, "stride": int, "relu": bool, "inputs": list}
    _known(where, row, types)
    for name, kind in types.items():
        if name in row and type(row[name]) is not kind:
            raise NetworkError(f"{where}: {name} = {row[name]!r} should be of type {kind.__name__}")
    for name in ("name", "kind"):
        if name not in row:
            raise NetworkError(f"{where} has no {name}")
    values = {"relu": row["kind"] != "add", **row}
    return Layer(**{**values, "inputs": tuple(str(name) for name in row.get("inputs", ()))})


def _known(where: str, table: Mapping[str, Any], names: Iterable[str]) -> None:
    for name in table:
        if name not in names:
            raise NetworkError(f"{where}: no entry {name!r}; {suggest(name, names)}")
