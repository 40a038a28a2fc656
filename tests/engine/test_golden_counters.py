"""Performance counters read and written next to each other, as the RTL of RI5CY does it.

tests/data/golden/rtl_counters.jsonl.gz holds random programs (``words``, from address 0x80 on) that switch counters on and off,
read and clear them between loads, branches and compressed instructions, and the 64 ``results`` that they leave at 0x1000 (own RTL
runs of riscv_core, pulpissimo-v3.4.0; memory answers in the next cycle)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np

from iss.cluster import Cluster

GOLDEN = Path(__file__).parents[1] / "data" / "golden" / "rtl_counters.jsonl.gz"
CODE, RESULTS = 0x80, 0x1000


def test_counters_as_measured() -> None:
    cluster = Cluster(machine="core")
    with gzip.open(GOLDEN, "rt") as file:
        records = [json.loads(line) for line in file]
    assert len(records) == 150
    for number, record in enumerate(records):
        cluster.write(CODE, np.array(record["words"], "<u4").tobytes())
        cluster.write(RESULTS, bytes(4 * len(record["results"])))
        assert cluster.run(CODE, max_cycles=20_000).exit_code == 0
        found = np.frombuffer(cluster.read(RESULTS, 4 * len(record["results"])), "<u4").tolist()
        assert found == record["results"], f"program {number}"
