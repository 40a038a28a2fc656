"""The address space: regions, their places in the one memory array, and the page table the kernel translates with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iss.engine.layout import PAGE_BITS, PLACE_SHIFT, Page
from iss.errors import SimulationError

PAGE_BYTES = 1 << PAGE_BITS
PAGES = 1 << (32 - PAGE_BITS)


@dataclass(frozen=True)
class Region:
    """A part of the address space, in bytes; of kind UNMAPPED, memory that no address leads to: a device's buffer.  `windows`
    are further base addresses at which the same memory appears; with `repeats` it repeats through the whole address space below
    everything else.  `memory` names an earlier region whose memory this one shows; `view` is the only view that has it (None:
    all have it)."""

    name: str
    base: int
    size: int
    kind: Page
    windows: tuple[int, ...] = ()
    repeats: bool = False
    memory: str = ""
    view: int | None = None

    def bases(self) -> Iterator[int]:
        yield self.base
        yield from self.windows

    def offset(self, address: int) -> int | None:
        """Where `address` lies in the region, or None."""
        if self.kind == Page.UNMAPPED:
            return None
        if self.repeats:
            return (address - self.base) % self.size
        for base in self.bases():
            if base <= address < base + self.size:
                return address - base
        return None


class AddressMap:
    """Regions laid out over 4 GiB.  An earlier region covers a later one.

    Masters that see different regions have different views: `table` holds one page table after the other."""

    def __init__(self, regions: Iterable[Region]) -> None:
        self.regions = tuple(regions)
        self.places: dict[str, int] = {}
        place = PAGE_BYTES  # a page that nothing maps keeps neighbours of the first word inside the array
        for region in self.regions:
            if region.size % PAGE_BYTES or any(base % PAGE_BYTES for base in region.bases()):
                raise SimulationError(
                    f"region {region.name} at 0x{region.base:08x}, {region.size} bytes, is not made of whole pages of "
                    f"{PAGE_BYTES} bytes"
                )
            if region.kind == Page.DEVICE:
                continue
            if region.memory:
                self.places[region.name] = self.places[region.memory]
                continue
            self.places[region.name] = place
            place += region.size + PAGE_BYTES
        self.size = place
        views = 1 + max((region.view or 0 for region in self.regions), default=0)
        self.views = tuple(tuple(r for r in self.regions if r.view in (None, view)) for view in range(views))
        self._found: dict[tuple[int, int], Region | None] = {}
        self.table: npt.NDArray[np.uint64] = np.concatenate([self._table(regions) for regions in self.views])

    def _table(self, regions: tuple[Region, ...]) -> npt.NDArray[np.uint64]:
        table = np.zeros(PAGES, np.uint64)
        for region in reversed(regions):
            if region.kind == Page.UNMAPPED:
                continue
            pages = region.size >> PAGE_BITS
            place = self.places.get(region.name, 0)
            steps = np.arange(pages, dtype=np.uint64) << np.uint64(PAGE_BITS)
            if region.kind == Page.DEVICE:
                steps[:] = 0
            entries = ((steps + np.uint64(place)) << np.uint64(PLACE_SHIFT)) | np.uint64(region.kind)
            if region.repeats:
                table[:] = np.resize(np.roll(entries, region.base >> PAGE_BITS), PAGES)
                continue
            for base in region.bases():
                table[base >> PAGE_BITS : (base >> PAGE_BITS) + pages] = entries
        return table

    def find(self, address: int, view: int = 0) -> Region | None:
        """The region that holds an address."""
        page = address >> PAGE_BITS, view
        if page not in self._found:
            regions = (region for region in self.views[view] if region.offset(address) is not None)
            self._found[page] = next(regions, None)
        return self._found[page]

    def place(self, address: int, size: int, view: int = 0) -> int | None:
        """Where `size` bytes from `address` lie in the memory array; None when they are not one piece of memory."""
        region = self.find(address, view)
        if region is None or region.kind == Page.DEVICE:
            return None
        offset = region.offset(address)
        assert offset is not None
        if offset + size > region.size:
            return None
        return self.places[region.name] + offset

    def describe(self, address: int, view: int = 0) -> str:
        """The region of an address in words; the nearest one when it is in none."""
        region = self.find(address, view)
        if region is not None:
            return region.name
        regions = [region for region in self.views[view] if region.kind != Page.UNMAPPED]
        below = [(base + r.size, r) for r in regions for base in r.bases() if base + r.size <= address]
        above = [(base, r) for r in regions for base in r.bases() if base > address]
        parts = []
        if below:
            end, region = max(below, key=lambda item: item[0])
            parts.append(f"0x{address - end:x} bytes past the end of {region.name}")
        if above:
            base, region = min(above, key=lambda item: item[0])
            parts.append(f"0x{base - address:x} bytes before {region.name}")
        return "unmapped: " + ", ".join(parts)
