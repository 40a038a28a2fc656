"""Where buffers go in a memory: first fit, with the highest address ever used."""

from __future__ import annotations

from itertools import pairwise

ALIGNMENT = 16


class Heap:
    """Free and used bytes of an address range."""

    def __init__(self, start: int, end: int) -> None:
        self.start = _up(start)
        self.end = end
        self.used: dict[int, int] = {}
        self.peak = self.start

    def allocate(self, size: int) -> int | None:
        """The lowest address that has room; None when none has."""
        address = self.start
        for begin, taken in sorted(self.used.items()):
            if begin - address >= size:
                break
            address = max(address, _up(begin + taken))
        if address + size > self.end:
            return None
        self.used[address] = max(size, 1)
        self.peak = max(self.peak, address + size)
        return address

    def free(self, address: int) -> None:
        del self.used[address]

    @property
    def taken(self) -> int:
        """Bytes in use."""
        return sum(map(_up, self.used.values()))

    @property
    def largest(self) -> int:
        """Bytes of the largest gap."""
        edges = [(self.start, self.start), *((a, _up(a + n)) for a, n in sorted(self.used.items())), (self.end, self.end)]
        return max(after[0] - before[1] for before, after in pairwise(edges))


def _up(n: int) -> int:
    return -(-n // ALIGNMENT) * ALIGNMENT
