"""What is loaded into the cluster for a network: the firmware, its tables, the weights, and where its tensors lie.

The crossbars' weights are there from the start."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from iss.cluster import Cluster
from tools.deploy.network import Analog, Int8, NetworkError, Quantised, Shape
from tools.deploy.placement import Placement, Tile
from tools.deploy.targets import Target


@dataclass(frozen=True)
class Buffer:
    """A tensor in memory, [height][width][channels]; with `border`, with a pixel of zeros on each side."""

    address: int
    shape: Shape
    border: bool = False
    in_l2: bool = False

    @property
    def row(self) -> int:
        """Bytes of a row."""
        return (self.shape.width + 2 * self.border) * self.shape.channels

    @property
    def bytes(self) -> int:
        return self.row * (self.shape.height + 2 * self.border)


@dataclass
class Image:
    """What is to be loaded.  `outputs` are the layers' tensors at the end of each layer; `programs`: the firmware programs the
    crossbars, before the network begins, and marks no layers: nobody listens."""

    quantised: Quantised
    target: Target
    wide: bool
    elf: bytes
    placement: Placement
    writes: list[tuple[int, bytes]] = field(default_factory=list)
    inputs: list[Buffer] = field(default_factory=list)
    outputs: dict[str, Buffer] = field(default_factory=dict)
    stripes: dict[str, int] = field(default_factory=dict)
    programs: bool = False
    l1_bytes: int = 0
    l2_bytes: int = 0

    def load(self, cluster: Cluster, image: Int8) -> None:
        """Into a cluster, with the network's input; the crossbars are programmed as if they had always been."""
        shape = self.quantised.network.input
        if image.shape != shape or image.dtype != np.int8:
            raise NetworkError(f"the image is {image.dtype}{list(image.shape)}, and the network's input int8 {shape}")
        cluster.load_elf(self.elf)
        for address, data in [*self.writes, *self.pictures(image)]:
            cluster.write(address, data)
        for tile in self.placement.tiles:
            cluster.accelerators.ima.program(tile.crossbar, tile.y, tile.x, self.block(tile))

    def pictures(self, image: Int8) -> list[tuple[int, bytes]]:
        """The network's input, where the layers read it, with or without a border."""
        found = []
        for buffer in self.inputs:
            edges = ((buffer.border, buffer.border), (buffer.border, buffer.border), (0, 0))
            found.append((buffer.address, np.pad(image, edges).tobytes()))
        return found

    def block(self, tile: Tile) -> Int8:
        """The weights of a tile."""
        found = self.quantised.parameters[tile.layer]
        assert isinstance(found, Analog)
        matrix = found.weights.reshape(-1, found.weights.shape[-1])
        return matrix[tile.first_row :][: tile.rows, tile.first_column :][:, : tile.columns]

    def output(self, cluster: Cluster, layer: str) -> Int8:
        """A layer's tensor, at the end of the layer."""
        buffer = self.outputs[layer]
        data: Int8 = np.frombuffer(cluster.read(buffer.address, buffer.bytes), np.int8).reshape(buffer.shape)
        return data
