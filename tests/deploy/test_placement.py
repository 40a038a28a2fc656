"""TILE&PACK: the paper's counts; tiles cover each matrix once, lie in crossbars, and do not overlap."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.deploy.heap import ALIGNMENT, Heap
from tools.deploy.models import mobilenet_v2
from tools.deploy.network import Layer, Network, NetworkError, Shape
from tools.deploy.placement import Placement, draw, place


def matrices(network: Network) -> list[Layer]:
    return [layer for layer in network.layers if layer.has_matrix]


def check(network: Network, placement: Placement) -> None:
    crossbars = np.zeros((placement.crossbars, placement.rows, placement.columns), np.int64)
    for layer in matrices(network):
        matrix = np.zeros(network.matrix(layer), np.int64)
        for column in placement.of(layer.name):
            assert len({(tile.first_column, tile.columns) for tile in column}) == 1
            for tile in column:
                assert tile.x + tile.columns <= placement.columns
                assert tile.y + tile.rows <= placement.rows
                matrix[tile.first_row :][: tile.rows, tile.first_column :][:, : tile.columns] += 1
                crossbars[tile.crossbar, tile.y :][: tile.rows, tile.x :][:, : tile.columns] += 1
        assert (matrix == 1).all(), layer.name
    assert crossbars.max() == 1
    assert placement.used() == pytest.approx(crossbars.mean(axis=(1, 2)))
    assert placement.utilisation == pytest.approx(crossbars.mean())


def test_mobilenet(tmp_path):
    """arXiv 2201.01089, VI: 36 layers, 87 tiles, 34 crossbars."""
    network = mobilenet_v2()
    placement = place(network, matrices(network))
    assert len(matrices(network)) == 36
    assert len(placement.tiles) == 87
    assert placement.crossbars == 34
    check(network, placement)
    draw(placement).savefig(tmp_path / "p.png")
    assert (tmp_path / "p.png").stat().st_size > 50_000


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1 << 30), st.integers(16, 80), st.integers(5, 80))
def test_any_network(seed, rows, columns):
    rng = np.random.default_rng(seed)
    layers = [Layer(f"l{i}", "pw", int(rng.integers(1, 200))) for i in range(int(rng.integers(1, 6)))]
    network = Network("n", Shape(1, 1, int(rng.integers(1, 200))), tuple(layers))
    check(network, place(network, network.layers, rows, columns))


def test_too_many_row_tiles():
    network = Network("n", Shape(1, 1, 1000), (Layer("a", "pw", 5),))
    with pytest.raises(NetworkError, match=r"layer 'a': 1000 inputs are 34 tiles of 30 rows.*it takes crossbars of 32 rows"):
        place(network, network.layers, 30, 30)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), st.booleans()), max_size=40))
def test_heap(actions):
    """Blocks do not overlap, are aligned and inside; a request fails only when no gap is large enough."""
    heap = Heap(7, 1000)
    for size, free in actions:
        if free and heap.used:
            heap.free(next(iter(heap.used)))
            continue
        largest = heap.largest
        address = heap.allocate(size)
        assert (address is None) == (size > largest) or size == 0
        taken = sorted(heap.used.items())
        assert all(a % ALIGNMENT == 0 and a + n <= heap.end for a, n in taken)
        assert all(a + n <= b for (a, n), (b, _) in pairwise(taken))
        assert heap.peak <= heap.end
