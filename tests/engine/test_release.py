"""A cluster's memories, tens of megabytes, are freed with the last reference to it: nothing waits for the garbage collector."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from iss import programs
from iss.cluster import Cluster
from iss.config import DEFAULTS
from iss.observe.trace import Tracer
from tools.deploy import golden
from tools.deploy.models import mobilenet_v2
from tools.deploy.run import Deployment

ENTRY = 0x10000000
FOREVER = (0x6F).to_bytes(4, "little")  # j .


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def memories(cluster: Cluster) -> list[weakref.ref[object]]:
    found = [cluster.machine.memory, cluster.machine.map.table]
    crossbars = [cluster.accelerators.ima.crossbars] if cluster.parts.accelerators is not None else []
    return [weakref.ref(memory) for memory in (*found, *crossbars)]


def freed(references: list[weakref.ref[object]]) -> bool:
    return all(reference() is None for reference in references)


@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_amid_a_run(name: str):
    cluster = Cluster(machine=name)
    cluster.write(ENTRY, FOREVER)
    assert cluster.run(ENTRY, max_cycles=100).reason == "max_cycles"
    found = memories(cluster)
    assert not freed(found)
    del cluster
    assert freed(found)


def test_after_a_program_s_end():
    """Answers of the event unit are on their way to the other harts when hart 0 ends the program."""
    cluster, job = programs.load(programs.find("conflicts"), {})
    assert cluster.run().exit_code == 0
    found = memories(cluster)
    del cluster, job
    assert freed(found)


def test_after_a_trace():
    cluster = Cluster(trace=True)
    cluster.write(ENTRY, FOREVER)
    with Tracer(cluster, lambda text: None) as tracer:
        cluster.run(ENTRY, max_cycles=100)
    found = memories(cluster)
    del cluster, tracer
    assert freed(found)


def test_after_a_network():
    network = mobilenet_v2(0.35, 32)
    deployment = Deployment(*golden.synthetic(network, 0, True, 256))
    deployment.run()
    found = memories(deployment.cluster)
    del deployment
    assert freed(found)
