"""Where a network's tensors lie, and in which stripes and steps its layers run.

Without `streamed` all tensors and digital weights are in L1.  With it, a tensor is in L1 where there is room, else in L2: the
layers around it then run in stripes of rows, and while one is computed the DMA loads the next and stores the one before;
digital weights come from L2 while the layer before runs."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import replace

from firmware.apps import accelerators as acc
from iss.config import Config
from iss.elf import parse_elf
from periph import places
from periph.hwpe import dw
from tools.deploy.calls import Calls, Stripe
from tools.deploy.heap import Heap
from tools.deploy.image import Buffer, Image
from tools.deploy.network import INPUT, Digital, Layer, Shape
from tools.deploy.placement import Tile
from tools.deploy.tables import Call, Copy, Tables, plot_words

BEGIN_MARK = 2
DMA_BYTES_A_CYCLE = 8
STRIPE_CYCLES, COLUMN_CYCLES = 400, 13
"""About what a further stripe costs: configuration and barrier; of DW, the begin and end of each column of 16 channels."""
MIN_STRIPE = 2
"""Rows of a stripe for which there is to be room before a tensor stays in L1."""
Pairs = dict[int, tuple[int, int]]
"""Addresses of two buffers in L1, by the tensor's position."""


class Full(Exception):
    """A layer whose buffers do not fit in L1."""

    def __init__(self, layer: str, missing: int) -> None:
        self.layer, self.missing = layer, missing


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
        self.calls = Calls(image, config.harts, self.tables, self.weights, self._scratch)
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

    def _scratch(self, size: int) -> int:
        """Room in L1 while a step runs."""
        address = self._allocate(size)
        self.l1.free(address)
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

    def _place_weights(self, layer: Layer) -> None:
        """A digital layer's weights are in L1 from the start, or in L2 to the end: no tensor may take their place."""
        if isinstance(self.image.quantised.parameters[layer.name], Digital):
            data = self.calls.layout(layer)
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
            self._step([self.calls.cores("pad_i8", *args)])
        return [self.buffers[name]]

    def _run_layer(self, number: int, layer: Layer) -> None:
        sources = self._sources(layer)
        out = self._tensor(layer.name, self.network.shapes[layer.name])
        self.buffers[layer.name] = self.outputs[layer.name] = out
        mark = BEGIN_MARK + 2 * (number + 1)
        if out.in_l2 or any(buffer.in_l2 for buffer in sources):
            self._run_stripes(layer, sources, out, mark)
            return
        self.stripes[layer.name] = 1
        whole = Stripe.of(layer, sources[0].shape, 0, out.shape.height)
        self._step(self.calls.of(layer, sources, out, whole), mark)

    def _run_stripes(self, layer: Layer, sources: Sequence[Buffer], out: Buffer, mark: int) -> None:
        """The DMA loads the next stripe, and stores the one before, while one is computed."""
        stripes, near = self._cut(layer, sources, out)
        self.stripes[layer.name] = len(stripes)
        loads: list[list[Copy]] = []
        stores: list[list[Copy]] = []
        calls = []
        for index, stripe in enumerate(stripes):
            moved, load = list(sources), []
            for position, buffer in enumerate(sources):
                if buffer.in_l2:
                    at = near[position][index % 2]
                    moved[position], copy = _staged(buffer, at, stripe.low, stripe.high, to_l1=True)
                    load.append(copy)
            target, store = out, []
            if out.in_l2:
                target, copy = _staged(out, near[-1][index % 2], stripe.first, stripe.last, to_l1=False)
                store.append(copy)
            loads.append(load)
            stores.append(store)
            calls.append(self.calls.of(layer, moved, target, stripe))
        if loads[0]:
            self._step([], copies=loads[0])
        for index, call in enumerate(calls):
            copies = [*(loads[index + 1] if index + 1 < len(calls) else []), *(stores[index - 1] if index else [])]
            self._step(call, mark if index == len(calls) - 1 and not out.in_l2 else 0, copies)
        if out.in_l2:
            self._step([], mark, stores[-1])
        self._free_pairs(near)

    def _cut(self, layer: Layer, sources: Sequence[Buffer], out: Buffer) -> tuple[list[Stripe], Pairs]:
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
            stripes = [Stripe.of(layer, sources[0].shape, a, a + n) for a, n in acc.pieces(height, rows)]
            most = max(s.high - s.low for s in stripes)
            sizes = {index: most * buffer.row for index, buffer in streams.items()}
            if out.in_l2:
                sizes[-1] = rows * out.row
            found, missing = self._pairs(sizes)
            if not missing:
                return stripes, found
            self._free_pairs(found)
            if rows == 1:
                raise Full(layer.name, missing)
            count = max(count + 1, -(-height // (rows - 1)))

    def _pairs(self, sizes: Mapping[int, int]) -> tuple[Pairs, int]:
        """Two buffers in L1 of each size, where there is room for both; how many bytes the others are."""
        found: Pairs = {}
        missing = 0
        for index, size in sizes.items():
            first, second = self.l1.allocate(size), self.l1.allocate(size)
            if first is not None and second is not None:
                found[index] = first, second
                continue
            missing += 2 * size
            if first is not None:
                self.l1.free(first)
        return found, missing

    def _free_pairs(self, pairs: Pairs) -> None:
        for address in (address for pair in pairs.values() for address in pair):
            self.l1.free(address)


def _staged(buffer: Buffer, at: int, low: int, high: int, *, to_l1: bool) -> tuple[Buffer, Copy]:
    """A tensor in L2 of which rows [low, high) are at an address in L1: as its kernel sees it, and their transfer."""
    skipped = low * buffer.row
    copy = at, buffer.address + skipped, (high - low) * buffer.row, to_l1
    return replace(buffer, address=at - skipped, in_l2=False), copy
