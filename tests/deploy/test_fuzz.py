"""Networks of any shape on clusters of any kind compute what NumPy does, or are refused with what would hold them."""

from __future__ import annotations

import numpy as np
import pytest

from tools.deploy import golden
from tools.deploy.network import Layer, Network, NetworkError, Shape
from tools.deploy.run import Deployment

KINDS = ("pw", "dw", "conv3x3", "add")
CHANNELS = (1, 3, 8, 16, 33, 64, 100, 300)


def network(rng: np.random.Generator) -> Network:
    """Up to seven layers, each of one of the last three tensors."""
    found = Network("fuzz", Shape(*(int(rng.integers(1, n)) for n in (20, 20, 40))), (Layer("l", "dw"),))
    for number in range(int(rng.integers(1, 7))):
        kind, relu = str(rng.choice(KINDS)), bool(rng.integers(2))
        names = list(found.shapes)
        source = str(rng.choice(names[-3:]))
        same = [name for name in names if found.shapes[name] == found.shapes[source]]
        inputs = (source, str(rng.choice(same))) if kind == "add" else (source,)
        stride = int(rng.integers(1, 3)) if kind in ("dw", "conv3x3") else 1
        channels = int(rng.choice(CHANNELS)) if kind in ("pw", "conv3x3") else 0
        layer = Layer(f"l{number}", kind, channels, stride, relu, inputs)
        found = Network("fuzz", found.input, (*found.layers, layer))
    return found


@pytest.mark.parametrize("seed", range(10))
def test_any_network(seed):
    rng = np.random.default_rng(seed)
    made = network(rng)
    target = str(rng.choice(["ima_dw", "ima_dw", "ima", "cores", "mcu"]))
    streamed = target == "ima_dw" and bool(rng.integers(2))
    values = {
        "harts": 1 if target == "mcu" else int(rng.integers(1, 9)),
        "ima_rows": int(rng.choice([96, 256])),
        "ima_columns": int(rng.choice([32, 256])),
        "ima_queue": int(rng.integers(1, 4)),
        "ima_execution": str(rng.choice(["pipelined", "sequential"])),
        "hwpe_port_bits": int(rng.choice([32, 64, 128, 256])),
        "interconnect": str(rng.choice(["lic", "hci"])),
    }
    if streamed:
        values["tcdm_bytes"] = int(rng.choice([20, 24, 32, 64])) << 10
    quantised, image = golden.synthetic(made, seed, target != "cores", values["ima_rows"])
    arguments = target, streamed, bool(rng.integers(2))
    try:
        deployment = Deployment(quantised, image, values, *arguments)
    except NetworkError as error:
        values["tcdm_bytes"] = int(str(error).split("tcdm_bytes = ")[1].split()[0])
        deployment = Deployment(quantised, image, values, *arguments)
    assert deployment.run().complete
