"""The routines that compute a layer, or a stripe of it: which they are, and their arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from firmware.apps import accelerators as acc
from firmware.apps.arithmetic import FLAG_INT8, FLAG_RELU
from periph.hwpe import dw
from tools.deploy.golden import tile_range
from tools.deploy.image import Buffer, Image
from tools.deploy.network import Analog, Digital, Layer, Shape, Sum
from tools.deploy.tables import Call, Tables


@dataclass(frozen=True)
class Stripe:
    """Rows [first, last) of an output, from rows [low, high) of the input as it lies in memory."""

    first: int
    last: int
    low: int
    high: int

    @classmethod
    def of(cls, layer: Layer, source: Shape, first: int, last: int) -> Stripe:
        """Rows [first, last) of a layer's output, from an input of this shape."""
        if layer.kind == "conv3x3":  # whose input has a border
            return cls(first, last, first * layer.stride, (last - 1) * layer.stride + 3)
        if layer.kind == "dw":
            low, high = first * layer.stride - 1, (last - 1) * layer.stride + 2
            return cls(first, last, max(low, 0), min(high, source.height))
        return cls(first, last, first, last)


class Calls:
    """The calls of one plan, with their arguments in its tables.  `weights` are the addresses in L1 of digital layers' weights;
    `scratch` finds so many bytes of L1 that a kernel needs while it runs."""

    def __init__(
        self, image: Image, harts: int, tables: Tables, weights: Mapping[str, int], scratch: Callable[[int], int]
    ) -> None:  # fmt: skip
        self.image, self.harts, self.tables, self.weights, self.scratch = image, harts, tables, weights, scratch
        self.network = image.quantised.network
        self.biases: dict[str, int] = {}

    def _digital(self, layer: Layer) -> Digital:
        found = self.image.quantised.parameters[layer.name]
        assert isinstance(found, Digital)
        return found

    def layout(self, layer: Layer) -> bytes:
        """A digital layer's weights as its kernel wants them."""
        weights = self._digital(layer).weights
        if layer.kind == "dw":
            return (weights if self.image.target.depthwise == "dw" else weights.transpose(2, 0, 1)).tobytes()
        matrix = weights.reshape(-1, weights.shape[-1])
        return np.pad(matrix, ((0, self._depth(layer) - len(matrix)), (0, 0))).T.tobytes()

    def _depth(self, layer: Layer) -> int:
        """Inputs of a digital conv3x3 or pw, for conv3x3 a multiple of 4."""
        rows = self.network.matrix(layer)[0]
        return -(-rows // 4) * 4 if layer.kind == "conv3x3" else rows

    def _bias(self, layer: Layer, found: Digital) -> int:
        """The address of a layer's biases, 0 for none."""
        if found.bias is None:
            return 0
        if layer.name not in self.biases:
            self.biases[layer.name] = self.tables.add(found.bias.astype("<i4").tobytes())
        return self.biases[layer.name]

    def of(self, layer: Layer, sources: Sequence[Buffer], out: Buffer, stripe: Stripe) -> list[Call]:
        """The routines that compute a stripe.  Addresses of buffers are those that row 0 has, or would have."""
        found = self.image.quantised.parameters[layer.name]
        if isinstance(found, Sum):
            return [self._add(layer, found, sources, out, stripe)]
        if isinstance(found, Analog):
            return [self.tables.accelerate("ima_run", self._ima(layer, found, sources[0], out, stripe))]
        if layer.kind == "dw":
            how = {"dw": self._depthwise, "cores": self._depthwise_on_cores, "scalar": self._depthwise_scalar}
            return how[self.image.target.depthwise](layer, found, sources[0], out, stripe)
        return self._matrix_on_cores(layer, found, sources[0], out)

    def cores(self, routine: str, *words: int) -> Call:
        """A kernel on all harts."""
        return routine, self.tables.words([word & 0xFFFFFFFF for word in words]), self.harts

    def _add(self, layer: Layer, found: Sum, sources: Sequence[Buffer], out: Buffer, stripe: Stripe) -> Call:
        at = stripe.first * out.row
        routine = "add_i8" if self.image.target.add == "cores" else "add_scalar_i8"
        return self.cores(
            routine, sources[0].address + at, sources[1].address + at, out.address + at,
            (stripe.last - stripe.first) * out.row, found.mult_a, found.mult_b, found.bias, found.shift,
            FLAG_RELU * layer.relu,
        )  # fmt: skip

    def _ima(self, layer: Layer, found: Analog, source: Buffer, out: Buffer, stripe: Stripe) -> acc.Jobs:
        """A trigger for each tile column."""
        height, _ = self.network.matrix(layer)
        parts = self.image.placement.of(layer.name)
        low, high, shift = (found.low, found.high, 0) if self.image.wide else tile_range(found, len(parts[0]))
        aggregate = int(self.image.wide) or (2 * layer.relu | shift << 8)
        channels, width, stride = source.shape.channels, out.shape.width, layer.stride
        line = channels * (3 if layer.kind == "conv3x3" else 1)
        common = {
            "J_HIGHT": height, "J_SRC_ADDR": source.address + stripe.low * source.row, "J_SRC_STRID": source.row,
            "ADC_LOW": low, "ADC_HIGH": high, "JOB_LINE_LENGTH": line, "JOB_FEAT_LENGTH": height // line,
            "JOB_FEAT_ROLL": 1, "JOB_FEAT_STRIDE": 0, "NUM_JOBS": (stripe.last - stripe.first) * width,
            **acc.image_walk("IN", stride * source.row, width, stride * channels),
            **acc.image_walk("OUT", out.row, width, out.shape.channels), "AGGREGATE": aggregate,
        }  # fmt: skip
        jobs: acc.Jobs = []
        for tiles_ in parts:
            job = {
                **common, "J_START_X": 0, "J_START_Y": 0, "J_WIDTH": tiles_[0].columns, "TILES": len(tiles_),
                "J_DST_ADDR": out.address + stripe.first * out.row + tiles_[0].first_column,
            }  # fmt: skip
            for number, tile in enumerate(tiles_):
                values = {"CROSSBAR": tile.crossbar, "X": tile.x, "Y": tile.y, "ROWS": tile.rows}
                job |= {f"TILE{number}_{name}": value for name, value in values.items()}
            jobs.append(job)
        return jobs

    def _depthwise(self, layer: Layer, found: Digital, source: Buffer, out: Buffer, stripe: Stripe) -> list[Call]:
        channels, stride = source.shape.channels, layer.stride
        top = int(stripe.first * stride - 1 < 0)
        bottom = int((stripe.last - 1) * stride + 2 > source.shape.height)
        conf = 1 << 5 | found.shift << 16 | (dw.STRIDE2 if stride == 2 else 0) | (0 if layer.relu else dw.NO_RELU)
        conf |= (dw.NORM if found.mult else 0) | (dw.CHANNEL_BIAS if found.bias is not None else 0)
        job = {
            "SRC_ADDR": source.address + stripe.low * source.row, "DST_ADDR": out.address + stripe.first * out.row,
            "WEIGHT_ADDR": self.weights[layer.name], "HEIGHT": stripe.high - stripe.low, "WIDTH": source.shape.width,
            "CHANNELS": channels, "SRC_PIXEL_STRIDE": channels, "SRC_LINE_STRIDE": source.row,
            "DST_PIXEL_STRIDE": channels, "DST_LINE_STRIDE": out.row, "WEIGHT_STRIDE": channels,
            "PADDING": top | 1 << 8 | bottom << 16 | 1 << 24, "BIAS": 0, "CLIP": 0x7F80, "CONF0": conf,
        }  # fmt: skip
        if found.mult:
            job["SCALE"] = found.mult
        if found.bias is not None:
            job["BIAS_ADDR"] = self._bias(layer, found)
        return [self.tables.accelerate("dw_run", [job])]

    def _depthwise_on_cores(
        self, layer: Layer, found: Digital, source: Buffer, out: Buffer, stripe: Stripe
    ) -> list[Call]:
        """Planes with a border of zeros, then the kernel."""
        shape = source.shape
        line = -(-(shape.width + 2) // 4) * 4
        lines = shape.height + 2
        plane = 4 * (line // 4 * lines | 1)
        planes = self.scratch(plane * shape.channels)
        return [
            self.cores(
                "hwc_to_chw_i8", source.address, planes, shape.channels, shape.height, shape.width, line, lines, plane, 1, 1
            ),
            self.cores(
                "depthwise3x3_i8", planes, self.weights[layer.name], out.address, shape.channels, out.shape.height,
                out.shape.width, layer.stride, line, plane, self._bias(layer, found), found.mult, found.shift,
                FLAG_RELU * layer.relu,
            ),
        ]  # fmt: skip

    def _depthwise_scalar(
        self, layer: Layer, found: Digital, source: Buffer, out: Buffer, stripe: Stripe
    ) -> list[Call]:
        shape = source.shape
        zeros = self.tables.add(bytes(shape.channels))
        call = self.cores(
            "depthwise3x3_scalar_i8", source.address, self.weights[layer.name], out.address, shape.channels,
            out.shape.height, out.shape.width, layer.stride, shape.height, shape.width, self._bias(layer, found), found.mult,
            found.shift, FLAG_RELU * layer.relu, zeros,
        )  # fmt: skip
        return [call]

    def _matrix_on_cores(self, layer: Layer, found: Digital, source: Buffer, out: Buffer) -> list[Call]:
        shape, depth = out.shape, self._depth(layer)
        bias, flags = self._bias(layer, found), FLAG_RELU * layer.relu
        weights = self.weights[layer.name]
        if layer.kind == "pw":
            return [
                self.cores(
                    "pointwise_i8", source.address, weights, out.address, shape.pixels, depth, shape.channels, bias,
                    found.mult, found.shift, flags,
                )
            ]  # fmt: skip
        patches = self.scratch(shape.pixels * depth)
        channels = source.shape.channels
        return [
            self.cores(
                "im2col3x3_i8", source.address, patches, shape.height, shape.width, layer.stride, source.row, channels,
                3 * channels, depth,
            ),
            self.cores(
                "matmul_i8", patches, weights, out.address, shape.pixels, shape.channels, depth, depth, depth,
                shape.channels, bias, found.mult, found.shift, flags | FLAG_INT8,
            ),
        ]  # fmt: skip
