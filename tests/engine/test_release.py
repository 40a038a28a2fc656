"""A cluster's memories, tens of megabytes, are freed with the last reference to it: nothing waits for the garbage collector."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from iss.cluster import Cluster
from iss.config import DEFAULTS

ENTRY = 0x10000000
FOREVER = (0x6F).to_bytes(4, "little")  # j .


@pytest.fixture
def _no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_no_collector")
@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_freed_at_once(name: str):
    cluster = Cluster(machine=name)
    cluster.write(ENTRY, FOREVER)
    assert cluster.run(ENTRY, max_cycles=100).reason == "max_cycles"
    memories = [weakref.ref(cluster.machine.memory), weakref.ref(cluster.machine.map.table)]
    if cluster.parts.accelerators is not None:
        memories.append(weakref.ref(cluster.accelerators.ima.crossbars))
    assert all(memory() is not None for memory in memories)
    del cluster
    assert all(memory() is None for memory in memories)
