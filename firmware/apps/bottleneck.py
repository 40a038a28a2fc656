"""The Bottleneck of MobileNetV2 in five mappings: expand (1x1), depth-wise 3x3, project (1x1), residual add.

    mapping    1x1          depth-wise
    cores      cores        cores, behind the marshalling to planes
    ima8       IMA          IMA, 8 channels a job: a crossbar tile of 72 x 8, of which one weight in 8 is not 0
    ima16      IMA          IMA, 16 channels a job: 144 x 16
    hybrid     IMA          cores, behind the marshalling to planes
    ima_dw     IMA          DW

The add is always the cores'.  Cores and DW compute with int8 weights and 32-bit sums, the IMA with int4 weights and its
ADC.  The crossbars hold their weights before the program starts, as in inference; cores and DW have theirs in TCDM.

Where everything is on cores, the planes of the whole depth-wise layer do not fit next to the 1x1 layers' weights: it
goes in stripes of rows, and its output takes the place of its input, a row further up."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from firmware.apps import accelerators as acc
from firmware.apps.app import RESERVED, STACK_BYTES, App, Arrays, Job, Parameter, Params, Region
from firmware.apps.arithmetic import FLAG_RELU, Int8, depthwise3x3, matmul, random_int8, requantise
from iss.errors import SimulationError

if TYPE_CHECKING:
    from iss.cluster import Cluster

MAPPINGS = ("cores", "ima8", "ima16", "hybrid", "ima_dw")
LAYERS = ("expand", "marshal", "depthwise", "project", "add")
CORES, ON_IMA, ON_DW = 0, 1, 2
KERNEL = 9
SIGMA_X, SIGMA_RELU, SIGMA_INT4, SIGMA_INT8 = 74.0, 45.0, 4.3, 74.0
"""Deviations of random inputs, of what ReLU leaves of them, and of weights: from them come shifts and ADC ranges that
use the int8 range of each layer's output."""


def _shift(sigma: float) -> int:
    """Bits to shift right, so that three deviations of the sum are the int8 range."""
    return max(0, round(float(np.log2(3 * sigma / 127))))


def _adc(sigma: float) -> int:
    """The ADC's range for three deviations of the sum."""
    return max(1, round(3 * sigma / (127 * 7)))


class Bottleneck(App):
    name = "bottleneck"
    summary = "MobileNetV2's Bottleneck on cores, IMA and DW: expand, depth-wise 3x3, project, residual add"
    sources = (
        "apps/bottleneck.S", "kernels/pointwise_i8.S", "kernels/matmul_i8.S", "kernels/marshal_i8.S",
        "kernels/depthwise3x3_i8.S", "kernels/elementwise_i8.S", "kernels/hwpe.S",
    )  # fmt: skip
    parameters = (
        Parameter("mapping", 0, f"who does what: {', '.join(MAPPINGS)}", 0, len(MAPPINGS) - 1, MAPPINGS),
        Parameter("height", 16, "rows of the image", 1, 256),
        Parameter("width", 16, "columns of the image", 1, 256),
        Parameter("channels", 128, "input, and output, channels", 1, 1024),
        Parameter("expansion", 5, "hidden channels for each of them", 1, 16),
        Parameter("cjob", 0, "channels of a depth-wise job on the IMA; 0: as the mapping's name says", 0, 455),
        Parameter("ima_rows", acc.ROWS, "rows of a crossbar", 1, 4096),
        Parameter("ima_columns", acc.COLUMNS, "columns of a crossbar", 1, 4096),
        Parameter("stripe", 0, "rows that a depth-wise layer on cores is done in; 0: as many as fit", 0, 256),
    )
    event_unit = True

    # -- shapes --------------------------------------------------------------------------------------------------------

    def pointwise_on(self, params: Params) -> int:
        return CORES if params["mapping"] == 0 else ON_IMA

    def depthwise_on(self, params: Params) -> int:
        return (CORES, ON_IMA, ON_IMA, CORES, ON_DW)[params["mapping"]]

    def hidden(self, params: Params) -> int:
        return params["channels"] * params["expansion"]

    def group(self, params: Params) -> int:
        """Channels of a depth-wise job on the IMA."""
        return params["cjob"] or (8 if params["mapping"] == 1 else 16)

    def macs(self, params: Params) -> int:
        hidden = self.hidden(params)
        return params["height"] * params["width"] * hidden * (2 * params["channels"] + KERNEL)

    def _plane(self, params: Params, rows: int) -> tuple[int, int]:
        """Bytes of a row and of a plane of a stripe."""
        line = (params["width"] + 2 + 3) // 4 * 4
        return line, 4 * (line // 4 * (rows + 2) | 1)

    def _stripes(self, params: Params) -> list[tuple[int, int]]:
        if self.depthwise_on(params) != CORES:
            return []
        return acc.pieces(params["height"], params["stripe"] or params["height"])

    def layout(self, params: Params) -> tuple[dict[str, int], int]:
        """Offsets of the buffers in the arena, and its size."""
        channels, hidden = params["channels"], self.hidden(params)
        pixels, row = params["height"] * params["width"], params["width"] * hidden
        sizes = {"image": pixels * channels}
        where = self.depthwise_on(params)
        if where == CORES:
            sizes["shifted"] = row  # the output's first row; what follows is the input, then the output
            sizes["expanded"] = pixels * hidden
            rows = params["stripe"] or params["height"]
            sizes["planes"] = max(self._plane(params, rows)[1] * hidden, pixels * channels)
        else:
            padding = 2 if where == ON_IMA else 0
            sizes["expanded"] = (params["height"] + padding) * (params["width"] + padding) * hidden
            sizes["filtered"] = pixels * hidden
            sizes["projected"] = pixels * channels
        if self.pointwise_on(params) == CORES:
            sizes["weights_expand"] = sizes["weights_project"] = hidden * channels
        if where != ON_IMA:
            sizes["weights_depthwise"] = KERNEL * hidden
        offsets, end = {}, 0
        for name, size in sizes.items():
            offsets[name] = end
            end += (size + 3) // 4 * 4
        if where == CORES:
            offsets["filtered"] = offsets["expanded"] - row
            offsets["projected"] = offsets["planes"]
        offsets["result"] = offsets["projected"]
        return offsets, end

    def load(self, cluster: Cluster, *, seed: int = 0, **given: Any) -> Job:
        """As any application's; the stripe is as large as the memory of this cluster allows."""
        params = self.resolve(given)
        if params["stripe"] == 0 and self.depthwise_on(params) == CORES:
            room = cluster.config.tcdm_bytes - RESERVED - STACK_BYTES * cluster.config.harts
            for stripes in range(1, params["height"] + 1):
                params["stripe"] = -(-params["height"] // stripes)
                if self.bytes_needed(params) <= room:
                    break
        return super().load(cluster, seed=seed, **params)

    def defines(self, params: Params) -> dict[str, int]:
        return {
            "pointwise_on": self.pointwise_on(params),
            "depthwise_on": self.depthwise_on(params),
            "stripes": len(self._stripes(params)),
            "arena_bytes": self.layout(params)[1],
            "table_bytes": sum(map(len, self._tables(params, 0))),
        }

    def bytes_needed(self, params: Params) -> int:
        sizes = self.defines(params)
        return sizes["arena_bytes"] + sizes["table_bytes"] + 64

    # -- the crossbars -------------------------------------------------------------------------------------------------

    def _matrices(self, params: Params) -> tuple[acc.Matrix, acc.Matrix]:
        channels, hidden = params["channels"], self.hidden(params)
        size = params["ima_rows"], params["ima_columns"]
        expand = acc.Matrix(channels, hidden, 0, size)
        return expand, acc.Matrix(hidden, channels, len(expand.shapes()), size)

    def groups(self, params: Params) -> list[tuple[int, int]]:
        """(first, number) of the channels of each depth-wise job of a pixel on the IMA."""
        return acc.pieces(self.hidden(params), self.group(params)) if self.depthwise_on(params) == ON_IMA else []

    def _packed(self, params: Params) -> list[acc.Place]:
        if self.pointwise_on(params) != ON_IMA:
            return []
        expand, project = self._matrices(params)
        groups = [(KERNEL * size, size) for _, size in self.groups(params)]
        shapes = [*expand.shapes(), *project.shapes(), *groups]
        return acc.pack(shapes, params["ima_rows"], params["ima_columns"])

    def crossbars(self, params: Params) -> int:
        """How many the mapping needs."""
        return 1 + max((place.crossbar for place in self._packed(params)), default=0)

    def cells(self, params: Params) -> int:
        """Devices that hold the layer's weights, with the zeros around depth-wise ones."""
        expand, project = self._matrices(params)
        shapes = [*expand.shapes(), *project.shapes(), *((KERNEL * n, n) for _, n in self.groups(params))]
        return sum(rows * columns for rows, columns in shapes) if self.pointwise_on(params) == ON_IMA else 0

    def settings(self, given: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
        """Crossbars of the size that the parameters say, and enough of them."""
        params = self.resolve(given)
        found = {"ima_rows": params["ima_rows"], "ima_columns": params["ima_columns"]}
        found["ima_crossbars"] = self.crossbars(params)
        return {name: value for name, value in found.items() if name not in values}

    # -- ranges --------------------------------------------------------------------------------------------------------

    def _sigma(self, params: Params, layer: str) -> float:
        """The deviation of a layer's sums; of a tile's, on the IMA."""
        terms = {"expand": params["channels"], "depthwise": KERNEL, "project": self.hidden(params)}[layer]
        where = self.depthwise_on(params) if layer == "depthwise" else self.pointwise_on(params)
        if where == ON_IMA:
            terms = min(terms, params["ima_rows"])
        sigma_w = SIGMA_INT4 if where == ON_IMA else SIGMA_INT8
        return (SIGMA_X if layer == "expand" else SIGMA_RELU) * sigma_w * float(np.sqrt(terms))

    def _range(self, params: Params, layer: str) -> tuple[int, int]:
        """ADC_LOW and ADC_HIGH: ReLU but after project."""
        high = _adc(self._sigma(params, layer))
        return (high, high) if layer == "project" else (0, high)

    def _shift(self, params: Params, layer: str) -> int:
        return _shift(self._sigma(params, layer))

    # -- arguments and lists of jobs -----------------------------------------------------------------------------------

    def _tables(self, params: Params, arena: int) -> list[bytes]:
        """What `plan` points to: expand, depth-wise, project, add."""
        offsets, _ = self.layout(params)
        at = {name: arena + offset for name, offset in offsets.items()}
        channels, hidden = params["channels"], self.hidden(params)
        height, width = params["height"], params["width"]
        pixels = height * width
        on_ima = self.pointwise_on(params) == ON_IMA
        if on_ima:
            padded = self.depthwise_on(params) == ON_IMA
            line = (width + 2 if padded else width) * hidden
            start = at["expanded"] + (line + hidden if padded else 0)
            expand, project = self._matrices(params)
            packed = self._packed(params)
            walks = {
                **acc.image_walk("IN", width * channels, width, channels),
                **acc.image_walk("OUT", line, width, hidden),
            }
            first = acc.ima_list(expand.jobs(packed, at["image"], start, self._range(params, "expand"), pixels, walks))
            walks = {
                **acc.image_walk("IN", width * hidden, width, hidden),
                **acc.image_walk("OUT", width * channels, width, channels),
            }
            last = acc.ima_list(
                project.jobs(packed, at["filtered"], at["projected"], self._range(params, "project"), pixels, walks)
            )
        else:
            shifts = self._shift(params, "expand"), self._shift(params, "project")
            first = struct.pack(
                "<10I", at["image"], at["weights_expand"], at["expanded"], pixels, channels, hidden, 0, 0, shifts[0],
                FLAG_RELU,
            )  # fmt: skip
            last = struct.pack(
                "<10I", at["filtered"], at["weights_project"], at["projected"], pixels, hidden, channels, 0, 0,
                shifts[1], 0,
            )  # fmt: skip
        middle = (self._on_cores, self._on_ima, self._on_dw)[self.depthwise_on(params)](params, at)
        add = struct.pack("<9I", at["projected"], at["image"], at["result"], pixels * channels, 64, 64, 64, 7, 0)
        return [first, middle, last, add]

    def _on_cores(self, params: Params, at: Mapping[str, int]) -> bytes:
        """Arguments of the marshalling and of the depth-wise kernel for each stripe."""
        hidden, height, width = self.hidden(params), params["height"], params["width"]
        row, found = width * hidden, b""
        for first, rows in self._stripes(params):
            line, plane = self._plane(params, rows)
            begin, end = max(first - 1, 0), min(first + rows + 1, height)
            found += struct.pack(
                "<10I", at["expanded"] + begin * row, at["planes"], hidden, end - begin, width, line, rows + 2, plane,
                begin - first + 1, 1,
            )  # fmt: skip
            found += struct.pack(
                "<13I", at["planes"], at["weights_depthwise"], at["filtered"] + first * row, hidden, rows, width, 1,
                line, plane, 0, 0, self._shift(params, "depthwise"), FLAG_RELU,
            )  # fmt: skip
        return found

    def _on_ima(self, params: Params, at: Mapping[str, int]) -> bytes:
        """A trigger for each group of channels: the kernel's nine pixels are nine lines of a job."""
        hidden, height, width = self.hidden(params), params["height"], params["width"]
        expand, project = self._matrices(params)
        packed = self._packed(params)[len(expand.shapes()) + len(project.shapes()) :]
        low, high = self._range(params, "depthwise")
        line = (width + 2) * hidden
        walks = {**acc.image_walk("IN", line, width, hidden), **acc.image_walk("OUT", width * hidden, width, hidden)}
        jobs = [
            {
                "CROSSBAR": place.crossbar, "J_START_X": place.x, "J_START_Y": place.y, "J_WIDTH": size,
                "J_HIGHT": KERNEL * size, "J_SRC_ADDR": at["expanded"] + first, "J_DST_ADDR": at["filtered"] + first,
                "J_SRC_STRID": hidden, "ADC_LOW": low, "ADC_HIGH": high, "JOB_LINE_LENGTH": size, "JOB_FEAT_LENGTH": 3,
                "JOB_FEAT_STRIDE": line, "JOB_FEAT_ROLL": 3, "NUM_JOBS": height * width, **walks, "TILES": 0,
            }
            for (first, size), place in zip(self.groups(params), packed, strict=True)
        ]  # fmt: skip
        return acc.ima_list(jobs)

    def _on_dw(self, params: Params, at: Mapping[str, int]) -> bytes:
        hidden, width = self.hidden(params), params["width"]
        return acc.dw_list(
            {
                "SRC_ADDR": at["expanded"], "DST_ADDR": at["filtered"], "WEIGHT_ADDR": at["weights_depthwise"],
                "HEIGHT": params["height"], "WIDTH": width, "CHANNELS": hidden, "SRC_PIXEL_STRIDE": hidden,
                "SRC_LINE_STRIDE": width * hidden, "DST_PIXEL_STRIDE": hidden, "DST_LINE_STRIDE": width * hidden,
                "WEIGHT_STRIDE": hidden, "PADDING": 0x01010101, "BIAS": 0, "CLIP": 0x7F80,
                "CONF0": 1 << 5 | self._shift(params, "depthwise") << 16,
            }
        )  # fmt: skip

    # -- data ----------------------------------------------------------------------------------------------------------

    def places(self, params: Params, symbols: Mapping[str, int]) -> dict[str, int]:
        return {name: symbols["arena"] + offset for name, offset in self.layout(params)[0].items()}

    def inputs(self, params: Params, rng: np.random.Generator) -> Arrays:
        channels, hidden = params["channels"], self.hidden(params)
        arrays: Arrays = {"image": random_int8(rng, params["height"], params["width"], channels)}
        if self.pointwise_on(params) == CORES:
            arrays["weights_expand"] = random_int8(rng, hidden, channels)
            arrays["weights_project"] = random_int8(rng, channels, hidden)
        where = self.depthwise_on(params)
        if where != ON_IMA:
            shape = (hidden, 3, 3) if where == CORES else (3, 3, hidden)
            arrays["weights_depthwise"] = random_int8(rng, *shape)
        return arrays

    def weights(self, params: Params) -> dict[str, Int8]:
        """What the crossbars hold: [inputs][outputs], and [channels][3][3]."""
        channels, hidden = params["channels"], self.hidden(params)
        rng = np.random.default_rng([channels, hidden])
        return {
            "expand": acc.random_int4(rng, channels, hidden),
            "project": acc.random_int4(rng, hidden, channels),
            "depthwise": acc.random_int4(rng, hidden, 3, 3),
        }

    def prepare(self, job: Job) -> None:
        """Write arguments and lists of jobs, and program the crossbars."""
        params, symbols = job.params, job.symbols
        address, addresses = symbols["tables"], []
        for table in self._tables(params, symbols["arena"]):
            job.cluster.write(address, table)
            addresses.append(address)
            address += len(table)
        job.cluster.write(symbols["plan"], struct.pack("<4I", *addresses))
        if self.pointwise_on(params) != ON_IMA:
            return
        config, needed = job.cluster.config, self.crossbars(params)
        size = params["ima_rows"], params["ima_columns"]
        if config.ima_crossbars < needed or (config.ima_rows, config.ima_columns) != size:
            raise SimulationError(
                f"bottleneck needs {needed} crossbars of {size[0]} x {size[1]}, and there are "
                f"{config.ima_crossbars} of {config.ima_rows} x {config.ima_columns}: set ima_crossbars, ima_rows"
            )
        expand, project = self._matrices(params)
        weights = self.weights(params)
        blocks = [*expand.blocks(weights["expand"]), *project.blocks(weights["project"])]
        blocks += [_diagonal(weights["depthwise"][first : first + size]) for first, size in self.groups(params)]
        for place, block in zip(self._packed(params), blocks, strict=True):
            job.cluster.accelerators.ima.program(place.crossbar, place.y, place.x, block)

    def expected(self, params: Params, inputs: Arrays) -> Arrays:
        """All layers in NumPy."""
        channels, hidden = params["channels"], self.hidden(params)
        height, width = params["height"], params["width"]
        image = inputs["image"].reshape(-1, channels)
        on_ima, where = self.pointwise_on(params) == ON_IMA, self.depthwise_on(params)
        weights = self.weights(params)
        expand, project = self._matrices(params)
        if on_ima:
            x = acc.analog(image, weights["expand"], self._range(params, "expand"), expand)
        else:
            x = requantise(matmul(image, inputs["weights_expand"]), 0, self._shift(params, "expand"), True)
        kernel = weights["depthwise"] if where == ON_IMA else inputs["weights_depthwise"]
        if where == ON_DW:
            kernel = kernel.transpose(2, 0, 1)
        sums = depthwise3x3(x.reshape(height, width, hidden), kernel, None, 1)
        if where == ON_IMA:
            y = acc.convert(sums, *self._range(params, "depthwise")).astype(np.int8)
        else:
            y = requantise(sums, 0, self._shift(params, "depthwise"), True)
        y = y.reshape(-1, hidden)
        if on_ima:
            z = acc.analog(y, weights["project"], self._range(params, "project"), project)
        else:
            z = requantise(matmul(y, inputs["weights_project"]), 0, self._shift(params, "project"), False)
        total = 64 * z.astype(np.int64) + 64 * image.astype(np.int64) + 64
        return {"result": requantise(total, 0, 7, False).reshape(height, width, channels)}

    def regions(self, params: Params, harts: int) -> tuple[Region, ...]:
        channels, hidden = params["channels"], self.hidden(params)
        pixels = params["height"] * params["width"]
        found = [
            Region("expand", pixels * channels * hidden, "mac", 0),
            Region("marshal", pixels * hidden, "elements", 1),
            Region("depthwise", pixels * hidden * KERNEL, "mac", 2),
            Region("project", pixels * channels * hidden, "mac", 3),
            Region("add", pixels * channels, "elements", 4),
        ]
        return tuple(r for r in found if r.index != 1 or self.depthwise_on(params) == CORES)


def _diagonal(kernel: Int8) -> Int8:
    """A group's depth-wise weights [n][3][3] as a matrix: input (position, channel), output channel."""
    n = len(kernel)
    block = np.zeros((KERNEL, n, n), np.int8)
    channel = np.arange(n)
    block[:, channel, channel] = kernel.reshape(n, KERNEL).T
    return block.reshape(KERNEL * n, n)
