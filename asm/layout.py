"""Where sections go in memory, as data: regions, and the output sections that are placed in them in order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from asm.sections import Section

MIB = 1 << 20


@dataclass(frozen=True)
class Region:
    """A memory; its sections start at `origin`."""

    name: str
    origin: int
    size: int


@dataclass(frozen=True)
class Output:
    """A section of the ELF file, and the input sections that it takes: those of its kind whose names match.

    The order of the patterns is the order in memory."""

    name: str
    region: str
    kind: str
    patterns: tuple[str, ...]
    alignment: int = 4

    def rank(self, section: Section) -> int | None:
        """The position of the first pattern that takes the section."""
        if self.kind not in _KINDS[_kind(section)]:
            return None
        for i, pattern in enumerate(self.patterns):
            if fnmatchcase(section.name, pattern):
                return i
        return None


_KINDS = {"text": ("text",), "bss": ("bss",), "data": ("data",), "rodata": ("rodata", "data")}


def _kind(section: Section) -> str:
    if section.nobits:
        return "bss"
    return "text" if section.executable else "data" if section.writable else "rodata"


@dataclass(frozen=True)
class Layout:
    """Outputs in the order of their addresses in each region."""

    name: str
    regions: tuple[Region, ...]
    outputs: tuple[Output, ...]

    def region(self, name: str) -> Region:
        return next(region for region in self.regions if region.name == name)

    def resized(self, **sizes: int) -> Layout:
        """The same layout with other region sizes, for a machine with that much memory."""
        regions = tuple(replace(r, size=sizes[r.name]) if r.name in sizes else r for r in self.regions)
        return replace(self, regions=regions)

    def place(self, section: Section) -> tuple[Output, int]:
        """The output that takes an input section, and its rank in it; unknown names go by their kind."""
        for output in self.outputs:
            rank = output.rank(section)
            if rank is not None:
                return output, rank
        name = {"text": ".text", "bss": ".bss", "data": ".data", "rodata": ".rodata"}[_kind(section)]
        output = next(output for output in self.outputs if output.name == name)
        return output, len(output.patterns)


_TEXT = (".text.init", ".text.start", ".init", ".text", ".text.*", ".l2_text*", ".l1_text*")
_RODATA = (".rodata", ".rodata.*", ".srodata*")
_DATA = (".data", ".data.*", ".sdata*")
_BSS = (".sbss*", ".bss", ".bss.*")
_L1 = (".l1*", ".tcdm*")
_L2 = (".l2*",)


def _cluster(name: str, code: Region, vectors: tuple[Region, ...] = ()) -> Layout:
    """Code, constants and .l2 sections in the `code` region; .data, .bss and .l1 sections in the cluster's L1."""
    l1 = Region("l1", 0x1000_0000, MIB)
    return Layout(
        name,
        (*vectors, code, l1),
        (
            Output(".vectors", vectors[0].name if vectors else code.name, "text", (".vectors*",)),
            Output(".text", code.name, "text", _TEXT),
            Output(".rodata", code.name, "rodata", _RODATA, 16),
            Output(".l2_data", code.name, "data", _L2, 16),
            Output(".l2_bss", code.name, "bss", _L2, 16),
            Output(".data", "l1", "data", (*_DATA, *_L1), 16),
            Output(".bss", "l1", "bss", (*_BSS, *_L1), 16),
        ),
    )


VECTORS = Region("vectors", 0, 0x80)
CLUSTER = _cluster("cluster", Region("l2", 0x1C00_8000, 16 * MIB - 0x8000))
BENCH8 = _cluster("bench8", Region("l2", 0x80, 16 * MIB - 0x80), (VECTORS,))
CORE = Layout(
    "core",
    (VECTORS, Region("ram", 0x80, 16 * MIB - 0x80)),
    (
        Output(".vectors", "vectors", "text", (".vectors*",)),
        Output(".text", "ram", "text", _TEXT),
        Output(".rodata", "ram", "rodata", _RODATA, 16),
        Output(".data", "ram", "data", (*_DATA, *_L1, *_L2), 16),
        Output(".bss", "ram", "bss", (*_BSS, *_L1, *_L2), 16),
    ),
)
LAYOUTS = {layout.name: layout for layout in (CLUSTER, CORE, BENCH8)}


def get_layout(layout: str | Layout) -> Layout:
    """A layout by its name; ValueError names those there are."""
    if isinstance(layout, Layout):
        return layout
    if layout not in LAYOUTS:
        raise ValueError(f"no layout {layout!r}; there are {', '.join(LAYOUTS)}")
    return LAYOUTS[layout]
