"""What the kernel counted in a hart's row and in the banks' rows (iss.engine.layout), as plain dicts of Cluster.stats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iss.engine.layout import NEVER, Bank, Hart, Pending, Stall
from iss.engine.timing import cause_name

_CAUSES = {int(stall): cause_name(stall) for stall in Stall}


def hart(number: int, row: Sequence[int], waits: Sequence[int], now: int) -> dict[str, Any]:
    """Of one hart: cycles = instructions + stalls; what it waits for in cycle `now` is among the stalls."""
    stalls = {_CAUSES[cause]: cycles for cause, cycles in enumerate(waits) if cycles}
    instructions = row[Hart.RETIRED] & 0xFFFFFFFF
    clock = row[Hart.CLOCK]
    if row[Hart.PENDING] == Pending.ANSWERED:
        clock -= 1  # an error stopped the run before the access was completed
    if row[Hart.PENDING] == Pending.BLOCKED and row[Hart.FIRST] != NEVER:
        waited = max(0, now - row[Hart.ISSUED])
        clock = row[Hart.ISSUED] + waited
        if waited:
            cause = _CAUSES[row[Hart.CAUSE]]
            stalls[cause] = stalls.get(cause, 0) + waited
    return {
        "id": number,
        "cycles": clock - row[Hart.FIRST],
        "instructions": instructions,
        "stalls": stalls,
        "conflicts": row[Hart.CONFLICTS],
        "icache": {
            "hits": instructions - row[Hart.PRIVATE_MISSES],
            "misses": row[Hart.PRIVATE_MISSES],
            "shared_misses": row[Hart.SHARED_MISSES],
        },
    }


def tcdm(rows: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Of the banks: word accesses, and lost arbitrations."""
    banks = [{"accesses": row[Bank.ACCESSES], "conflicts": row[Bank.CONFLICTS]} for row in rows]
    return {
        "accesses": sum(bank["accesses"] for bank in banks),
        "conflicts": sum(bank["conflicts"] for bank in banks),
        "banks": banks,
    }
