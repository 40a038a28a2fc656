"""Modules stand one above the other: none is imported by what it imports, be it in a function or for its types only."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("asm", "firmware", "iss", "periph", "tools")
ONE_THING = {("iss.engine.interrupts", "iss.engine.system")}
"""The privileged state of a hart and its interrupts, which act on it."""


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(text: str, modules: set[str]) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module  # relative imports are for tests
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules else node.module for name in names}
    return found & modules


def test_there_are_no_circles():
    paths = {name_of(path): path for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    graph = {
        name: {other for other in imported(path.read_text(), set(paths)) if (name, other) not in ONE_THING}
        for name, path in paths.items()
    }
    TopologicalSorter(graph).prepare()  # a CycleError names the modules
