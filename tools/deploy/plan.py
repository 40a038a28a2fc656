"""Where a network's tensors lie, in which stripes its layers run, and which routines do that.

Without `streamed` all tensors and digital weights are in L1.  With it, a tensor is in L1 where there is room, else in L2: the
layers around it then run in stripes of rows, and while one is computed the DMA loads the next and stores the one before;
digital weights come from L2 while the layer before runs."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from firmware.apps import accelerators as acc
from firmware.apps.arithmetic import FLAG_INT8, FLAG_RELU
from iss.config import Config
from iss.elf import parse_elf
from periph import places
from periph.hwpe import dw
from tools.deploy.golden import tile_range
from tools.deploy.heap import Heap
from tools.deploy.image import Buffer, Image
from tools.deploy.network import INPUT, Analog, Digital, Layer, Shape, Sum
from tools.deploy.placement import Tile
from tools.deploy.tables import Call, Copy, Tables, plot_words

BEGIN_MARK = 2
DMA_BYTES_A_CYCLE = 8
STRIPE_CYCLES, COLUMN_CYCLES = 400, 13
"""About what a further stripe costs: configuration and barrier; of DW, the begin and end of each column of 16 channels."""
MIN_STRIPE = 2
"""Rows of a stripe for which there is to be room before a tensor stays in L1."""


class Full(Exception):
    """A layer whose buffers do not fit in L1."""

    def __init__(self, layer: str, missing: int) -> None:
        self.layer, self.missing = layer, missing


@dataclass(frozen=True)
class Stripe:
    """Rows [first, last) of an output, from rows [low, high) of the input as it lies in memory."""

    first: int
    last: int
    low: int
    high: int


class Plan:
    """One attempt at an image, with `room` bytes for the tables: where tensors lie, in which stripes layers run, what is called."""

    def __init__(self, image: Image, config: Config, streamed: bool, room: int) -> None:
        self.image, self.config, self.streamed = image, config, streamed
        self.network = image.quantised.network
        executable = parse_elf(image.elf, "<firmware>")
        self.symbols = executable.symbols
        ends = [s.address + s.size for s in executable.segments]
        l1 = max(end for end in ends if end < places.L2) - places.CLUSTER
        l2 = max(end for end in ends if end >= places.L2)
        large = config.tcdm_bytes > places.TEST_AND_SET
        self.origin = places.LARGE_TCDM if large else places.CLUSTER
        start = self.origin + -(-l1 // 16) * 16
        self.tables = Tables(start, self.symbols)
        self.l1 = Heap(start + room, self.origin + config.tcdm_bytes)
        self.l2 = Heap(l2, 1 << 40)  # what is too large is said when its size is known
        self.buffers: dict[str, Buffer] = {}
        self.last = {name: number for number, layer in enumerate(self.network.layers) for name in layer.inputs}
        self.writes: list[tuple[int, bytes]] = []
        self.inputs: list[Buffer] = []
        self.outputs: dict[str, Buffer] = {}
        self.stripes: dict[str, int] = {}
        self.weights: dict[str, int] = {}  # in L1
        self.far_weights: dict[str, int] = {}  # in L2
        self.biases: dict[str, int] = {}
        self.waiting: list[Copy] = []  # for the next step's DMA
        self.layer = self.network.layers[0]

    def finish(self) -> None:
        """Hand over what was found."""
        image = self.image
        steps, data = self.tables.finish()
        image.writes = [*self.writes, (self.tables.base, data), (self.symbols["steps"], struct.pack("<I", steps))]
        image.inputs, image.outputs, image.stripes = self.inputs, self.outputs, self.stripes
        image.l1_bytes = self.l1.peak - self.origin
        image.l2_bytes = self.l2.peak - places.L2

    # -- memory --------------------------------------------------------------------------------------------------------

    def _allocate(self, size: int) -> int:
        address = self.l1.allocate(size)
        if address is None:
            raise Full(self.layer.name, max(1, size - max(0, self.l1.largest)))
        return address

    def _in_l2(self, size: int) -> int:
        address = self.l2.allocate(size)
        assert address is not None, "it has no end"
        return address

    def _free(self, buffer: Buffer) -> None:
        (self.l2 if buffer.in_l2 else self.l1).free(buffer.address)

    def _tensor(self, name: str, shape: Shape, border: bool = False) -> Buffer:
        """A place for a tensor: in L1, or, where that is too small for what else is needed meanwhile, in L2."""
        buffer = Buffer(0, shape, border)
        if self.streamed:
            if not self._has_room(name, buffer.bytes):
                return replace(buffer, address=self._in_l2(buffer.bytes), in_l2=True)
            address = self.l1.allocate(buffer.bytes)
            if address is None:
                return replace(buffer, address=self._in_l2(buffer.bytes), in_l2=True)
            return replace(buffer, address=address)
        return replace(buffer, address=self._allocate(buffer.bytes))

    def _has_room(self, name: str, size: int) -> bool:
        """Whether a tensor can stay in L1 until its last use, next to the other tensors there and stripes of each layer."""
        layers = self.network.layers
        begin = next((i for i, layer in enumerate(layers) if layer.name == name), 0)
        for number in range(begin, self.last.get(name, begin) + 1):
            layer = layers[number]
            others = sum(
                b.bytes for n, b in self.buffers.items()
                if not b.in_l2 and n != name and self.last.get(n.removesuffix("+border"), -1) >= number
            )  # fmt: skip
            needed = 0
            for tensor in (*layer.inputs, layer.name):
                known = self.buffers.get(tensor)
                if tensor != name and (known is None or known.in_l2):
                    shape = self.network.shapes[tensor]
                    rows = 3 if tensor != layer.name and layer.kind in ("dw", "conv3x3") else 1
                    needed += 2 * min(MIN_STRIPE + rows - 1, shape.height) * (shape.width + 2) * shape.channels
            weights = sum(self._weight_bytes(layers[n]) for n in (number, number + 1) if n < len(layers))
            if size + others + needed + weights > self.l1.end - self.l1.start:
                return False
        return True

    def _weight_bytes(self, layer: Layer) -> int:
        return self.network.parameters(layer) if layer.kind == "dw" else 0

    # -- the whole network ---------------------------------------------------------------------------------------------

    def run(self) -> None:
        layers = self.network.layers
        readers = [layer.kind == "conv3x3" for layer in layers if INPUT in layer.inputs]
        for border in sorted(set(readers)):
            buffer = self._tensor(INPUT, self.network.input, border)
            self.buffers[INPUT + "+border" * border] = buffer
            self.inputs.append(buffer)
        for layer in layers:
            self._place_weights(layer)
        if self.image.programs:
            for tile in self.image.placement.tiles:
                self._plot(tile)
        self._step([], BEGIN_MARK)
        for number, layer in enumerate(layers):
            self.layer = layer
            if self.streamed:
                for following in layers[number : number + 2]:
                    self._fetch_weights(following)
                if layer.kind == "dw" and number == 0:
                    self._step([])
            self._run_layer(number, layer)
            for name in [n for n in self.buffers if self.last.get(n.removesuffix("+border"), -1) <= number]:
                self._free(self.buffers.pop(name))
            if self.streamed and layer.name in self.weights:
                self.l1.free(self.weights.pop(layer.name))
        self.tables.encode_runs()

    def _plot(self, tile: Tile) -> None:
        """Have the firmware program a tile, from weights in L2."""
        data = plot_words(self.image.block(tile))
        address = self._in_l2(len(data))
        self.writes.append((address, data))
        args = self.tables.words([tile.crossbar, tile.x, tile.y, tile.columns, tile.rows, address])
        self._step([("ima_plot", args, 1)])

    def _digital(self, layer: Layer) -> Digital:
        found = self.image.quantised.parameters[layer.name]
        assert isinstance(found, Digital)
        return found

    def _layout(self, layer: Layer) -> bytes:
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

    def _place_weights(self, layer: Layer) -> None:
        """A digital layer's weights are in L1 from the start, or in L2 to the end: no tensor may take their place."""
        if isinstance(self.image.quantised.parameters[layer.name], Digital):
            data = self._layout(layer)
            if self.streamed:
                self.far_weights[layer.name] = address = self._in_l2(len(data))
            else:
                self.weights[layer.name] = address = self._allocate(len(data))
            self.writes.append((address, data))

    def _fetch_weights(self, layer: Layer) -> None:
        """Have the next step's DMA load a digital layer's weights."""
        if layer.name in self.far_weights and layer.name not in self.weights:
            size = self.network.parameters(layer)
            self.weights[layer.name] = self._allocate(size)
            self.waiting.append((self.weights[layer.name], self.far_weights[layer.name], size, True))

    def _bias(self, layer: Layer, found: Digital) -> int:
        """The address of a layer's biases, 0 for none."""
        if found.bias is None:
            return 0
        if layer.name not in self.biases:
            self.biases[layer.name] = self.tables.add(found.bias.astype("<i4").tobytes())
        return self.biases[layer.name]

    def _step(self, calls: Sequence[Call], mark: int = 0, copies: Sequence[Copy] = ()) -> None:
        """A step, with the copies that wait for one; an image that programs its crossbars has no marks."""
        found, self.waiting = [*self.waiting, *copies], []
        self.tables.step(calls, 0 if self.image.programs else mark, found)

    # -- a layer -------------------------------------------------------------------------------------------------------

    def _sources(self, layer: Layer) -> list[Buffer]:
        """A layer's inputs; a conv3x3 reads one with a border, which the cores make where it is not the network's input."""
        if layer.kind != "conv3x3":
            return [self.buffers[name] for name in layer.inputs]
        name = layer.inputs[0] + "+border"
        if name not in self.buffers:
            source = self.buffers[layer.inputs[0]]
            if source.in_l2:
                raise Full(layer.name, source.bytes)
            buffer = replace(source, border=True)
            buffer = replace(buffer, address=self._allocate(buffer.bytes))
            self.buffers[name] = buffer
            shape = source.shape
            args = source.address, buffer.address, shape.height, source.row, shape.channels
            self._step([self._cores("pad_i8", *args)])
        return [self.buffers[name]]

    def _run_layer(self, number: int, layer: Layer) -> None:
        sources = self._sources(layer)
        out = self._tensor(layer.name, self.network.shapes[layer.name])
        self.buffers[layer.name] = self.outputs[layer.name] = out
        mark = BEGIN_MARK + 2 * (number + 1)
        streams = [*(b for b in sources if b.in_l2), *([out] if out.in_l2 else [])]
        if not streams:
            self.stripes[layer.name] = 1
            whole = self._stripe(layer, sources[0], 0, out.shape.height)
            self._step(self._calls(layer, sources, out, whole), mark)
            return
        stripes, near = self._cut(layer, sources, out)
        self.stripes[layer.name] = len(stripes)
        loads, stores, calls = [], [], []
        for index, stripe in enumerate(stripes):
            moved, load = [], []
            for position, buffer in enumerate(sources):
                if not buffer.in_l2:
                    moved.append(buffer)
                    continue
                at = near[position][index % 2]
                size = (stripe.high - stripe.low) * buffer.row
                load.append((at, buffer.address + stripe.low * buffer.row, size, True))
                moved.append(replace(buffer, address=at - stripe.low * buffer.row, in_l2=False))
            target, store = out, []
            if out.in_l2:
                at = near[-1][index % 2]
                size = (stripe.last - stripe.first) * out.row
                store.append((at, out.address + stripe.first * out.row, size, False))
                target = replace(out, address=at - stripe.first * out.row, in_l2=False)
            loads.append(load)
            stores.append(store)
            calls.append(self._calls(layer, moved, target, stripe))
        if loads[0]:
            self._step([], copies=loads[0])
        for index, call in enumerate(calls):
            copies = [*(loads[index + 1] if index + 1 < len(calls) else []), *(stores[index - 1] if index else [])]
            self._step(call, mark if index == len(calls) - 1 and not out.in_l2 else 0, copies)
        if out.in_l2:
            self._step([], mark, stores[-1])
        for address in {address for pair in near.values() for address in pair}:
            self.l1.free(address)

    def _stripe(self, layer: Layer, source: Buffer, first: int, last: int) -> Stripe:
        """The rows of the input, as it lies in memory, that rows of the output are made of."""
        if layer.kind == "conv3x3":  # with its border
            return Stripe(first, last, first * layer.stride, (last - 1) * layer.stride + 3)
        if layer.kind == "dw":
            low, high = first * layer.stride - 1, (last - 1) * layer.stride + 2
            return Stripe(first, last, max(low, 0), min(high, source.shape.height))
        return Stripe(first, last, first, last)

    def _cut(self, layer: Layer, sources: Sequence[Buffer], out: Buffer) -> tuple[list[Stripe], dict[int, tuple[int, int]]]:
        """Stripes of an output, and two buffers for each tensor in L2; the output's are those of -1.

        As many stripes as make the transfers that nothing overlaps about as long as what the stripes cost, or as many more as
        it takes for their buffers to fit."""
        streams = {index: buffer for index, buffer in enumerate(sources) if buffer.in_l2}
        moved = sum(buffer.bytes for buffer in streams.values()) + (out.bytes if out.in_l2 else 0)
        cost = STRIPE_CYCLES
        if layer.kind == "dw":
            cost += COLUMN_CYCLES * out.shape.width * -(-out.shape.channels // dw.CHANNELS)
        height = out.shape.height
        count = min(height, max(2, round(math.sqrt(moved / DMA_BYTES_A_CYCLE / cost))))
        while True:
            rows = -(-height // count)
            stripes = [self._stripe(layer, sources[0], a, a + n) for a, n in acc.pieces(height, rows)]
            most = max(s.high - s.low for s in stripes)
            sizes = {index: most * buffer.row for index, buffer in streams.items()}
            if out.in_l2:
                sizes[-1] = rows * out.row
            found: dict[int, tuple[int, int]] = {}
            missing = 0
            for index, size in sizes.items():
                pair = []
                for _ in range(2):
                    address = self.l1.allocate(size)
                    if address is None:
                        missing += size
                    else:
                        pair.append(address)
                if len(pair) == 2:
                    found[index] = pair[0], pair[1]
                else:
                    for address in pair:
                        self.l1.free(address)
                        missing += sizes[index]
            if not missing:
                return stripes, found
            for address in (address for pair in found.values() for address in pair):
                self.l1.free(address)
            if rows == 1:
                raise Full(layer.name, missing)
            count = max(count + 1, -(-height // (rows - 1)))

    # -- calls ---------------------------------------------------------------------------------------------------------

    def _calls(self, layer: Layer, sources: Sequence[Buffer], out: Buffer, stripe: Stripe) -> list[Call]:
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

    def _cores(self, routine: str, *words: int) -> Call:
        """A kernel on all harts."""
        return routine, self.tables.words([word & 0xFFFFFFFF for word in words]), self.config.harts

    def _add(self, layer: Layer, found: Sum, sources: Sequence[Buffer], out: Buffer, stripe: Stripe) -> Call:
        at = stripe.first * out.row
        routine = "add_i8" if self.image.target.add == "cores" else "add_scalar_i8"
        return self._cores(
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
        planes = self._allocate(plane * shape.channels)
        self.l1.free(planes)
        return [
            self._cores(
                "hwc_to_chw_i8", source.address, planes, shape.channels, shape.height, shape.width, line, lines, plane, 1, 1
            ),
            self._cores(
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
        call = self._cores(
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
                self._cores(
                    "pointwise_i8", source.address, weights, out.address, shape.pixels, depth, shape.channels, bias,
                    found.mult, found.shift, flags,
                )
            ]  # fmt: skip
        patches = self._allocate(shape.pixels * depth)
        self.l1.free(patches)
        channels = source.shape.channels
        return [
            self._cores(
                "im2col3x3_i8", source.address, patches, shape.height, shape.width, layer.stride, source.row, channels,
                3 * channels, depth,
            ),
            self._cores(
                "matmul_i8", patches, weights, out.address, shape.pixels, shape.channels, depth, depth, depth,
                shape.channels, bias, found.mult, found.shift, flags | FLAG_INT8,
            ),
        ]  # fmt: skip
