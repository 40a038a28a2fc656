"""Which points a sweep has: values of the command line or of a TOML file, every combination of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from iss.config import parse_setting, read_settings, read_toml
from iss.errors import SimulationError, suggest
from tools.sweep.point import Point
from tools.sweep.subject import Subject, check, find, is_network

MAX_CYCLES = 10**9
MOST_POINTS = 1_000_000
SYNTAX = "values: 8,16,32 or 1..8 or 10..50+10 (in steps) or 8..256*2 (by a factor)"
_NUMBER = r"-?\d[\d_]*(?:\.\d+)?"
_RANGE = re.compile(rf"(?P<first>{_NUMBER})\.\.(?P<last>{_NUMBER})(?:(?P<how>[+*])(?P<step>{_NUMBER}))?")
_TABLE_KEYS = ("program", "set", "max_cycles")
_FILE_KEYS = (*_TABLE_KEYS, "output", "sweep")


@dataclass(frozen=True)
class Axis:
    """Names that have the same value, one of `values`, at every point."""

    names: tuple[str, ...]
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Block:
    """Programs, as they were named, over every combination of values; the first axis varies slowest."""

    programs: tuple[str, ...]
    axes: tuple[Axis, ...]
    max_cycles: int = MAX_CYCLES


@dataclass(frozen=True)
class Sweep:
    """What a sweep is to run, and the files that its description names for the results."""

    blocks: tuple[Block, ...]
    outputs: tuple[str, ...] = field(default=())


# -- values --------------------------------------------------------------------------------------------------------------


def parse_values(text: str) -> list[Any]:
    """``8,16,32``, ``1..8``, ``10..50+10``, ``8..256*2``, ``lic,hci``, ``[8, 16]``: the values of a text."""
    if text.lstrip().startswith("["):
        try:
            return list(tomllib.loads(f"values = {text}")["values"])
        except tomllib.TOMLDecodeError as error:
            raise SimulationError(f"{text}: {error}") from error
    return [value for item in text.split(",") for value in _expand(item.strip())]


def _expand(text: str) -> list[Any]:
    """One item between commas."""
    found = _RANGE.fullmatch(text)
    if found is None:
        if not text or ".." in text:
            raise SimulationError(f"{text!r} is no value; {SYNTAX}")
        return [parse_setting(f"value={text}")[1]]
    first, last, step = (Decimal((found[name] or "1").replace("_", "")) for name in ("first", "last", "step"))
    factor = found["how"] == "*"
    if first > last or (step <= 1 or first <= 0 if factor else step <= 0):
        raise SimulationError(f"{text} never ends or has no value; {SYNTAX}")
    whole = not any("." in (found[name] or "") for name in ("first", "last", "step"))
    values = []
    while first <= last:
        values.append(int(first) if whole else float(first))
        if len(values) > MOST_POINTS:
            raise SimulationError(f"{text} has more than {MOST_POINTS:,} values")
        first = first * step if factor else first + step
    return values


def parse_axis(text: str) -> Axis:
    """``banks=8,16``; ``ima_rows=ima_columns=64..256*2`` gives both the same value."""
    *names, values = text.split("=")
    if not names:
        raise SimulationError(f"--set {text}: should be name=values; {SYNTAX}")
    return _axis("=".join(names), parse_values(values))


def _axis(key: str, values: Any) -> Axis:
    """As a TOML line has it: names, and a value, a list, or a text of values."""
    names = tuple(name.strip().replace(".", "_") for name in key.split("="))
    if isinstance(values, str):
        values = parse_values(values)
    if isinstance(values, Mapping):
        raise SimulationError(f"{key} should have a value, a list of values, or a text: {SYNTAX}")
    found = list(values) if isinstance(values, list) else [values]
    if not found or any(isinstance(value, (list, Mapping)) for value in found):
        raise SimulationError(f"{key} = {values!r} should be a list of values")
    return Axis(names, tuple(found))


def override(axes: Iterable[Axis], others: Iterable[Axis]) -> tuple[Axis, ...]:
    """`axes`, those replaced or followed by `others`; SimulationError when `others` have a name twice."""
    later = list(others)
    names = [name for axis in later for name in axis.names]
    for name in names:
        if names.count(name) > 1:
            raise SimulationError(f"{name} is set twice; give all its values at once: --set {name}=1,2,3")
    kept = {axis.names: axis for axis in axes}
    for axis in later:
        if axis.names in kept:
            kept[axis.names] = axis
            continue
        for old in [names for names in kept if set(names) & set(axis.names)]:
            rest = tuple(name for name in old if name not in axis.names)
            values = kept.pop(old).values
            if rest:
                kept[rest] = Axis(rest, values)
        kept[axis.names] = axis
    return tuple(kept.values())


# -- descriptions --------------------------------------------------------------------------------------------------------


def from_arguments(
    names: Sequence[str], settings: Sequence[Axis], config: str | None = None, max_cycles: int | None = None
) -> Sweep:
    """What the command line describes: programs and `settings`, or one TOML file and `settings` that override its own.

    `config` is a file of values that the settings override."""
    base = [_axis(key, [value]) for key, value in (read_settings(config) if config else {}).items()]
    files = [name for name in names if name.endswith(".toml") and not is_network(name)]
    if not files:
        axes = override(base, settings)
        return Sweep((Block(tuple(names), axes, max_cycles or MAX_CYCLES),))
    if len(names) > 1:
        raise SimulationError(f"{files[0]} describes a whole sweep; give it alone, or programs")
    return _from_file(files[0], base, settings, max_cycles)


def _from_file(path: str, base: Sequence[Axis], settings: Sequence[Axis], max_cycles: int | None) -> Sweep:
    table = read_toml(path)
    _check_keys(path, table, _FILE_KEYS)
    common = override(base, _axes(path, table))
    blocks = []
    parts = table.get("sweep", [{}])
    if not isinstance(parts, list) or not all(isinstance(part, Mapping) for part in parts):
        raise SimulationError(f"{path}: sweep should be tables: [[sweep]]")
    for part in parts:
        _check_keys(path, part, _TABLE_KEYS)
        chosen = _texts(path, "program", part.get("program", table.get("program", [])))
        if not chosen:
            raise SimulationError(f'{path}: program = "name", or a list of names, is missing')
        limit = max_cycles or part.get("max_cycles", table.get("max_cycles", MAX_CYCLES))
        if type(limit) is not int or limit < 1:
            raise SimulationError(f"{path}: max_cycles = {limit!r} should be a number of cycles")
        folder = Path(path).parent
        found = (str(folder / name) if (folder / name).is_file() else name for name in chosen)
        blocks.append(Block(tuple(found), override(override(common, _axes(path, part)), settings), limit))
    return Sweep(tuple(blocks), _texts(path, "output", table.get("output", [])))


def _texts(path: str, name: str, value: Any) -> tuple[str, ...]:
    """A text, or a list of texts."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise SimulationError(f"{path}: {name} = {value!r} should be a text or a list of texts")
    return tuple(found)


def _check_keys(path: str, table: Mapping[str, Any], known: Iterable[str]) -> None:
    for name in table:
        if name not in known:
            raise SimulationError(f"{path}: no {name!r} in a sweep; {suggest(name, known)}")


def _axes(path: str, table: Mapping[str, Any]) -> list[Axis]:
    values = table.get("set", {})
    if not isinstance(values, Mapping):
        raise SimulationError(f"{path}: set should be a table: [set] or [sweep.set]")
    return [_axis(key, value) for key, value in values.items()]


# -- points --------------------------------------------------------------------------------------------------------------


def points(sweep: Sweep) -> list[Point]:
    """Every point once, in order: block, program, then the values, the first axis varying slowest.

    SimulationError for what is wrong with all of them: names, files."""
    count = sum(len(block.programs) * prod(len(axis.values) for axis in block.axes) for block in sweep.blocks)
    if count > MOST_POINTS:
        raise SimulationError(f"these are {count:,} points; at most {MOST_POINTS:,} are possible")
    found: dict[str, Point] = {}
    read: dict[tuple[str, str], Subject] = {}
    for block in sweep.blocks:
        for label in block.programs:
            subject = find(label)
            check(subject, (name for axis in block.axes for name in axis.names))
            for chosen in product(*(axis.values for axis in block.axes)):
                values = {n: v for axis, v in zip(block.axes, chosen, strict=True) for n in axis.names}
                machine = str(values.get("machine", "cluster"))
                if (label, machine) not in read:
                    read[label, machine] = subject.read(machine)
                point = Point(label, read[label, machine], values, block.max_cycles)
                found.setdefault(point.key, point)
    return list(found.values())
