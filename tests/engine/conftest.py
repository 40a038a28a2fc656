"""What the tests of the engine share: the measurements as parameters, and ways to run programs.

``@pytest.mark.golden("rtl_timing")`` runs a test once per line of tests/data/golden/rtl_timing.jsonl.gz, as `record`;
with `where`, once per record of which that function says yes."""

from __future__ import annotations

import gzip
import importlib.util
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from iss.cluster import Cluster

GOLDEN = Path(__file__).parents[1] / "data" / "golden"
RANDOM_DATA = 0x100000, bytes(((i * 37 + 11) ^ ((i >> 3) * 91)) & 0xFF for i in range(0x2000))
"""Where rtl_random's programs have their data, and the data, by the formula in the records' field `data`."""

Record = Mapping[str, Any]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "golden(name): once per measured program of tests/data/golden/NAME.jsonl.gz")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    mark = metafunc.definition.get_closest_marker("golden")
    if mark is None:
        return
    where = mark.kwargs.get("where", lambda record: True)
    records = [record for name in mark.args for record in read_golden(name) if where(record)]
    metafunc.parametrize("record", [pytest.param(record, id=_label(record)) for record in records])


def _label(record: Record) -> str:
    options = "".join(record.get("ico_args", "").split()).replace("--", "-")
    return str(record["name"]) + options


def read_golden(name: str) -> list[dict[str, Any]]:
    """The measured programs of a file."""
    with gzip.open(GOLDEN / f"{name}.jsonl.gz", "rt") as lines:
        return [json.loads(line) for line in lines]


def image(words: Iterable[str | int]) -> bytes:
    """Little-endian bytes of 32-bit words, given as numbers or in hexadecimal."""
    return b"".join((int(word, 16) if isinstance(word, str) else word).to_bytes(4, "little") for word in words)


def load(record: Record, machine: Any) -> Any:
    """Write a measured program and its data to the memory of a machine (a Cluster or a ReferenceMachine)."""
    machine.write(record["base"], image(record["words"]))
    if "data" in record:
        machine.write(*RANDOM_DATA)
    return machine


def quiet(**configuration: Any) -> Cluster:
    """A machine that keeps what the program prints to itself."""
    return Cluster(stdout=lambda hart, data: None, **configuration)


def _sibling(name: str) -> ModuleType:
    """A module of this folder, which is no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def random_program() -> Callable[..., Any]:
    """Makes the random program of a seed (see random_program.py)."""
    generator = _sibling("random_program").Generator

    def make(seed: int, **options: Any) -> Any:
        return generator(seed, **options).make()

    return make


@pytest.fixture(scope="session")
def machine() -> Callable[..., Cluster]:
    """Builds a machine from configuration values."""
    return quiet


@pytest.fixture(scope="session")
def words() -> Callable[[Iterable[str | int]], bytes]:
    """Words to bytes."""
    return image


@pytest.fixture(scope="session")
def programmed() -> Callable[[Record, Any], Any]:
    """Writes a measured program to a machine's memory."""
    return load
