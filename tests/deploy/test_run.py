"""Deployed networks run on the cluster: every layer's output is NumPy's, on every target, resident and streamed."""

from __future__ import annotations

import numpy as np
import pytest

from iss.errors import SimulationError
from tools.deploy import golden
from tools.deploy.models import mobilenet_v2
from tools.deploy.network import INPUT, Analog, Digital, Layer, Network, NetworkError, Quantised, Shape, Sum
from tools.deploy.run import Deployment, Run
from tools.deploy.targets import TARGETS

SMALL = mobilenet_v2(0.35, 32)
ODD = Network(
    "odd",
    Shape(11, 9, 5),
    (
        Layer("first", "conv3x3", 12, 2),
        Layer("wide", "pw", 300),
        Layer("deep", "pw", 17),
        Layer("again", "conv3x3", 17, 1, relu=False),
        Layer("half", "dw", stride=2),
        Layer("same", "dw", relu=False),
        Layer("sum", "add", relu=True, inputs=("same", "half")),
        Layer("last", "pw", 33, relu=False),
    ),
)


def deploy(network: Network, target: str = "ima_dw", streamed: bool = False, seed: int = 0, **values) -> Run:
    quantised, image = golden.synthetic(network, seed, TARGETS[target].analog)
    return Deployment(quantised, image, values, target, streamed).run()


def test_mobilenet():
    """MobileNetV2 0.35 at 96x96, end to end."""
    seen = []
    network = mobilenet_v2(0.35, 96)
    quantised, image = golden.synthetic(network, 1)
    run = Deployment(quantised, image).run(seen.append)
    assert run.complete
    assert [layer.layer for layer in run.layers] == [layer.name for layer in network.layers]
    assert seen == run.layers
    stats = run.cluster.stats()
    assert run.cycles < stats["cycles"] < run.cycles + 2000
    for hart in stats["harts"]:
        assert hart["cycles"] == hart["instructions"] + sum(hart["stalls"].values())
    assert sum(layer.counts["ima_macs"] + layer.counts["dw_macs"] for layer in run.layers) == sum(
        network.macs(layer) for layer in network.layers if layer.kind != "add"
    )


@pytest.mark.slow
@pytest.mark.parametrize("streamed", [False, True])
def test_mobilenet_224(streamed):
    run = deploy(mobilenet_v2(), streamed=streamed)
    assert run.complete
    assert run.image.placement.crossbars == 34


@pytest.mark.parametrize("target", ["ima", "cores", "mcu"])
def test_targets(target):
    run = deploy(SMALL, target)
    done = {name: sum(layer.counts[name] for layer in run.layers) for name in ("ima_macs", "dw_macs", "instructions")}
    matrices = sum(SMALL.macs(layer) for layer in SMALL.layers if layer.has_matrix)
    assert done["dw_macs"] == 0
    assert done["ima_macs"] == (0 if target == "cores" else matrices)
    assert len(run.cluster.harts) == (1 if target == "mcu" else 8)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("target", TARGETS)
def test_odd_sizes(target, seed):
    assert deploy(ODD, target, seed=seed).complete


@pytest.mark.parametrize("harts", [1, 3])
def test_fewer_harts(harts):
    assert deploy(ODD, harts=harts).complete
    assert deploy(ODD, "cores", harts=harts).complete


def test_smaller_crossbars():
    """Rows in up to 10 tiles, and columns in 10."""
    quantised, image = golden.synthetic(ODD, 3, rows=32)
    assert Deployment(quantised, image, {"ima_rows": 32, "ima_columns": 30}).run().complete


def test_wide_sums_do_not_depend_on_the_crossbars():
    quantised, image = golden.synthetic(ODD, 3)
    runs = [Deployment(quantised, image, {"ima_rows": rows}, wide=True) for rows in (64, 512)]
    for layer in ODD.layers:
        assert (runs[0].expected[layer.name] == runs[1].expected[layer.name]).all()
    assert all(run.run().complete for run in runs)


def test_sequential_crossbars_take_longer():
    pipelined, sequential = (deploy(SMALL, ima_execution=execution) for execution in ("pipelined", "sequential"))
    assert sequential.cycles > 1.05 * pipelined.cycles


def test_bias_multiplier_and_factors():
    """What the synthetic networks do not have."""
    rng = np.random.default_rng(5)
    for target, found in TARGETS.items():
        network = Network(
            "n",
            Shape(6, 7, 20),
            (
                Layer("p", "pw", 24),
                Layer("d", "dw", relu=False),
                Layer("s", "add", relu=False, inputs=("d", "p")),
                Layer("q", "pw", 8, relu=False),
            ),
        )
        quantised, image = golden.synthetic(network, 0, found.analog)
        bias = rng.integers(-30000, 30000, 24, dtype=np.int32)
        kernel = quantised.parameters["d"]
        assert isinstance(kernel, Digital)
        changed = {"d": Digital(kernel.weights, bias, 5, kernel.shift + 2), "s": Sum(-128, 127, -900, 8)}
        if not found.analog:
            matrix = quantised.parameters["p"]
            assert isinstance(matrix, Digital)
            changed["p"] = Digital(matrix.weights, bias, -3, matrix.shift + 2)
        assert Deployment(Quantised(network, {**quantised.parameters, **changed}), image, {}, target).run().complete


# -- streamed ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kib", [48, 64])
def test_streamed(kib):
    """L1 too small for most tensors; those that fit stay there."""
    run = deploy(mobilenet_v2(0.35, 64), streamed=True, tcdm_bytes=kib << 10, seed=kib)
    assert run.complete
    stripes = run.image.stripes
    assert max(stripes.values()) > 1
    assert min(stripes.values()) == 1
    assert sum(layer.counts["dma_bytes"] for layer in run.layers) > 0
    assert run.image.l1_bytes <= kib << 10


def test_streamed_in_a_large_l1_moves_only_weights():
    run = deploy(SMALL, streamed=True)
    weights = sum(SMALL.parameters(layer) for layer in SMALL.layers if layer.kind == "dw")
    assert set(run.image.stripes.values()) == {1}
    assert run.cluster.stats()["dma"]["bytes"] == weights


def test_streamed_odd_sizes():
    for seed in range(4):
        assert deploy(ODD, streamed=True, tcdm_bytes=32 << 10, seed=seed).complete


# -- what is not possible ----------------------------------------------------------------------------------------------


def test_what_does_not_fit():
    quantised, image = golden.synthetic(SMALL)
    with pytest.raises(NetworkError, match=r"take 6 crossbars of 256 x 256, and there are 2, 4 too few; ima_crossbars = 6 is"):
        Deployment(quantised, image, {"ima_crossbars": 2})
    with pytest.raises(NetworkError, match=r"layer '2D_0' needs .* bytes more than the 32,768 of L1; tcdm_bytes = ") as error:
        Deployment(quantised, image, {"tcdm_bytes": 32 << 10})
    least = int(str(error.value).split("tcdm_bytes = ")[1].split()[0])
    Deployment(quantised, image, {"tcdm_bytes": least})
    with pytest.raises(NetworkError, match="bytes more"):
        Deployment(quantised, image, {"tcdm_bytes": least - 4096})
    with pytest.raises(NetworkError, match=r"takes .* bytes of L2, and there are 40,960, .* too few; l2_bytes = "):
        Deployment(quantised, image, {"l2_bytes": 40 << 10, "tcdm_bytes": 64 << 10}, streamed=True)


def test_what_no_memory_holds():
    network = Network("huge", Shape(640, 640, 1), (Layer("a", "pw", 48), Layer("b", "dw")))
    quantised, image = golden.synthetic(network)
    for streamed, memory in ((False, "L1"), (True, "L2")):
        with pytest.raises(NetworkError, match=f"of {memory}.* not even the largest possible one, 16,777,216, holds it"):
            Deployment(quantised, image, {}, "ima_dw", streamed)


def test_what_is_not_possible():
    quantised, image = golden.synthetic(ODD)
    with pytest.raises(NetworkError, match=r"the image is float64\[2\], and the network's input int8 11x9x5"):
        Deployment(quantised, np.zeros(2))
    with pytest.raises(NetworkError, match="layer 'first': its weights are for the IMA only, and the target is 'cores'"):
        Deployment(quantised, image, {}, "cores")
    with pytest.raises(NetworkError, match="layer 'first': its weights are not for the IMA"):
        Deployment(golden.synthetic(ODD, analog=False)[0], image)
    with pytest.raises(NetworkError, match=r"no target 'imadw'.*ima_dw"):
        Deployment(quantised, image, {}, "imadw")
    with pytest.raises(NetworkError, match="streamed only with the target ima_dw"):
        Deployment(quantised, image, {}, "ima", streamed=True)
    with pytest.raises(NetworkError, match=r"layer 'deep': 300 inputs are 38 tiles of 8 rows.*ima_rows"):
        Deployment(quantised, image, {"ima_rows": 8})


def test_a_wrong_output_names_the_layer():
    quantised, image = golden.synthetic(ODD)
    deployment = Deployment(quantised, image)
    deployment.expected["half"] = deployment.expected["half"].copy()
    deployment.expected["half"][1, 2, 3] ^= 1
    with pytest.raises(SimulationError, match=r"layer 'half': 1 of 153 outputs are not NumPy's; the first is \[1, 2, 3\]"):
        deployment.run()
    assert [layer.layer for layer in deployment.result.layers] == ["first", "wide", "deep", "again"]
    assert not deployment.result.complete


# -- NumPy's side, against loops ---------------------------------------------------------------------------------------


def test_numpy_against_loops():
    """The definitions, pixel by pixel, with Python's integers."""
    quantised, image = golden.synthetic(ODD, 7, rows=64)
    tensors = golden.infer(quantised, image, rows=64)
    assert (tensors[INPUT] == image).all()
    rng = np.random.default_rng(0)
    for layer in ODD.layers:
        found, x = quantised.parameters[layer.name], tensors[layer.inputs[0]].astype(int)
        out = tensors[layer.name]
        for _ in range(20):
            y, c, k = (int(rng.integers(n)) for n in out.shape)
            if isinstance(found, Sum):
                a, b = (int(tensors[name][y, c, k]) for name in layer.inputs)
                want = min(127, max(0, (a * found.mult_a + b * found.mult_b + found.bias) >> found.shift))
            elif isinstance(found, Digital):
                total = 0
                for i in range(3):
                    for j in range(3):
                        v, u = y * layer.stride + i - 1, c * layer.stride + j - 1
                        if 0 <= v < x.shape[0] and 0 <= u < x.shape[1]:
                            total += int(x[v, u, k]) * int(found.weights[i, j, k])
                want = min(127, max(0 if layer.relu else -128, total >> found.shift))
            else:
                want = _analog(layer, found, x, y, c, k, 64)
            assert out[y, c, k] == want, (layer.name, y, c, k)


def _analog(layer: Layer, found: Analog, x: np.ndarray, y: int, c: int, k: int, rows: int) -> int:
    inputs, weights = [], []
    reach = range(3) if layer.kind == "conv3x3" else range(1)
    for i in reach:
        for j in reach:
            v, u = (y * layer.stride + i - 1, c * layer.stride + j - 1) if len(reach) == 3 else (y, c)
            for channel in range(x.shape[2]):
                inside = 0 <= v < x.shape[0] and 0 <= u < x.shape[1]
                inputs.append(int(x[v, u, channel]) if inside else 0)
                weights.append(int(found.weights[i, j, channel, k] if len(reach) == 3 else found.weights[channel, k]))
    tiles = -(-len(inputs) // rows)
    low, high, shift = golden.tile_range(found, tiles)
    results = []
    for tile in range(tiles):
        total = sum(a * b for a, b in zip(inputs[tile * rows :][:rows], weights[tile * rows :][:rows], strict=True))
        total = min(889 * high, max(-889 * low, total))
        results.append(_round(total, 7 * (low + high)))
    if tiles == 1:
        return max(-127, min(127, results[0]))
    least = 0 if layer.relu else -127
    return min(127, max(least, _round(sum(results), 1 << shift)))


def _round(value: int, by: int) -> int:
    size = (2 * abs(value) + by) // (2 * by)
    return size if value >= 0 else -size
