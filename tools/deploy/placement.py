"""TILE&PACK (arXiv 2201.01089, VI): layers cut into tiles that fit a crossbar, tiles packed on as few crossbars as found.

The tiles of a layer of h rows and w columns are floor(h/S) floor(w/S) whole ones and the remainders.  Packing is
rectpack's: best bin fit, MaxRects with the best short side, larger tiles first, no rotation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import rectpack

from firmware.apps.accelerators import pieces
from periph.hwpe.ima import MAX_TILES
from tools.deploy.network import Layer, Network, NetworkError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Tile:
    """A part of a layer's matrix, `rows` x `columns` from `first_row`, `first_column` on, at (x, y) of a crossbar."""

    layer: str
    first_row: int
    first_column: int
    rows: int
    columns: int
    crossbar: int = -1
    x: int = -1
    y: int = -1

    @property
    def cells(self) -> int:
        return self.rows * self.columns


@dataclass(frozen=True)
class Placement:
    """Tiles in the order of layers, of a layer columns first; crossbars of `rows` x `columns`."""

    rows: int
    columns: int
    tiles: tuple[Tile, ...]

    @property
    def crossbars(self) -> int:
        return 1 + max((tile.crossbar for tile in self.tiles), default=-1)

    @property
    def utilisation(self) -> float:
        """Used cells of all there are."""
        return sum(tile.cells for tile in self.tiles) / (self.crossbars * self.rows * self.columns or 1)

    def used(self) -> list[float]:
        """The utilisation of each crossbar."""
        found = [0.0] * self.crossbars
        for tile in self.tiles:
            found[tile.crossbar] += tile.cells / (self.rows * self.columns)
        return found

    def of(self, layer: str) -> list[list[Tile]]:
        """A layer's tiles: for each of its parts of columns, the tiles of its rows."""
        columns: dict[int, list[Tile]] = {}
        for tile in self.tiles:
            if tile.layer == layer:
                columns.setdefault(tile.first_column, []).append(tile)
        return list(columns.values())


def tiles(network: Network, layers: Sequence[Layer], rows: int, columns: int) -> list[Tile]:
    """The tiles of the layers' matrices, not yet placed."""
    found = []
    for layer in layers:
        height, width = network.matrix(layer)
        parts = pieces(height, rows)
        if len(parts) > MAX_TILES:
            raise NetworkError(
                f"layer {layer.name!r}: {height} inputs are {len(parts)} tiles of {rows} rows, and a job of the IMA adds "
                f"{MAX_TILES} at most; it takes crossbars of {-(-height // MAX_TILES)} rows (ima_rows)"
            )
        for x, w in pieces(width, columns):
            found += [Tile(layer.name, y, x, h, w) for y, h in parts]
    return found


def place(network: Network, layers: Sequence[Layer], rows: int = 256, columns: int = 256) -> Placement:
    """Pack the layers' tiles."""
    loose = tiles(network, layers, rows, columns)
    packer = rectpack.newPacker(
        mode=rectpack.PackingMode.Offline, bin_algo=rectpack.PackingBin.BBF, pack_algo=rectpack.MaxRectsBssf,
        sort_algo=rectpack.SORT_AREA, rotation=False,
    )  # fmt: skip
    for number, tile in enumerate(loose):
        packer.add_rect(tile.columns, tile.rows, rid=number)
    packer.add_bin(columns, rows, count=len(loose))
    packer.pack()
    placed = list(loose)
    for crossbar, x, y, _, _, number in packer.rect_list():
        tile = loose[number]
        placed[number] = Tile(tile.layer, tile.first_row, tile.first_column, tile.rows, tile.columns, crossbar, x, y)
    return Placement(rows, columns, tuple(placed))


def draw(placement: Placement) -> Figure:
    """Every crossbar with its tiles, coloured by layer."""
    from matplotlib import colormaps
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as New
    from matplotlib.patches import Rectangle

    across = min(9, placement.crossbars)
    down = -(-placement.crossbars // across)
    figure = New(figsize=(2 * across, 2.15 * down), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(down, across, squeeze=False).ravel()
    names = list(dict.fromkeys(tile.layer for tile in placement.tiles))
    colours = {name: colormaps["turbo"](0.08 + 0.84 * i / max(1, len(names) - 1)) for i, name in enumerate(names)}
    for number, (axis, used) in enumerate(zip(axes, placement.used(), strict=False)):
        axis.set(xlim=(0, placement.columns), ylim=(placement.rows, 0), xticks=[], yticks=[], aspect="equal")
        axis.set_title(f"crossbar {number}: {100 * used:.0f} %", fontsize=8)
        for tile in placement.tiles:
            if tile.crossbar == number:
                axis.add_patch(
                    Rectangle((tile.x, tile.y), tile.columns, tile.rows, facecolor=colours[tile.layer], edgecolor="white")
                )
                if tile.rows >= placement.rows / 12 and tile.columns >= placement.columns / 12:
                    upright = tile.columns < tile.rows / 2
                    axis.text(
                        tile.x + tile.columns / 2, tile.y + tile.rows / 2, tile.layer, ha="center", va="center", fontsize=5,
                        color="white", rotation=90 if upright else 0,
                    )  # fmt: skip
    for axis in axes[placement.crossbars :]:
        axis.axis("off")
    figure.suptitle(
        f"{len(placement.tiles)} tiles of {len(names)} layers on {placement.crossbars} crossbars of {placement.rows} x "
        f"{placement.columns}, {100 * placement.utilisation:.1f} % used",
        fontsize=10,
    )
    return figure
