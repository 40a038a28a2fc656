"""What holds in every test that runs a program: no cycle without a cause; and the command, in this process."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from iss import cli
from iss.cluster import Cluster
from iss.commands.output import MISTAKE


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


@dataclass
class Output:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def message(self) -> str:
        """Its one error."""
        assert self.code == MISTAKE
        assert "Traceback" not in self.err
        assert len(re.findall(r"^iss.*?: ", self.err, re.MULTILINE)) == 1, self.err
        return self.err


Iss = Callable[..., Output]


@pytest.fixture
def iss(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iss:
    """`iss("run", "x.S")` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Output:
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        said = capsys.readouterr()
        return Output(code, said.out, said.err)

    return run
