"""One measurement of a program's speed, in a process of its own: `python measure.py PROGRAM.elf HARTS SECONDS`.

It prints a line of JSON.  It needs nothing but iss.cluster.Cluster: PYTHONPATH chooses the revision it measures."""

from __future__ import annotations

import json
import sys
import time

SLICE = 200_000
WARM = 1_000_000


def measure(program: str, harts: int, seconds: float) -> dict[str, float]:
    """Run for about `seconds`, after the compilation and a warm start: instructions, cycles and time."""
    from iss.cluster import Cluster

    cluster = Cluster(harts=harts, stdout=lambda hart, data: None)
    executable = cluster.load_elf(program)
    if "reps" in executable.symbols:  # tools/bench/matmul.S
        cluster.write(executable.symbols["harts"], harts.to_bytes(4, "little"))
        cluster.write(executable.symbols["reps"], (1 << 30).to_bytes(4, "little"))
    first = last = cluster.run(max_cycles=WARM)
    began = now = time.perf_counter()
    while last.exit_code is None and now - began < seconds:
        last = cluster.run(max_cycles=SLICE)
        now = time.perf_counter()
    return {
        "instructions": last.instructions - first.instructions,
        "cycles": last.cycles - first.cycles,
        "seconds": now - began,
    }


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))))
