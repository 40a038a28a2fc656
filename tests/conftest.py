"""What holds in every test that runs a program: no cycle without a cause."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from iss.cluster import Cluster


@pytest.fixture(scope="session", autouse=True)
def every_cycle_has_a_cause() -> Iterator[None]:
    """Asserts of all statistics that a test gets, of whole runs and in between: per hart cycles = instructions + stalls; the
    conflicts of the harts are among those of the banks."""
    original = Cluster.stats

    def stats(self: Cluster) -> dict[str, Any]:
        found = original(self)
        for hart in found["harts"]:
            assert hart["cycles"] == hart["instructions"] + sum(hart["stalls"].values()), hart
            assert hart["stalls"].get("tcdm_conflict", 0) == hart["conflicts"], hart
        tcdm = found["tcdm"]
        assert sum(hart["conflicts"] for hart in found["harts"]) <= tcdm["conflicts"]
        for name in ("accesses", "conflicts"):
            assert tcdm[name] == sum(bank[name] for bank in tcdm["banks"])
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Cluster, "stats", stats)
        yield
