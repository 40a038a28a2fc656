"""What a sweep can run: a program, or a network that is deployed.  Either is found by name, and its run gives a row."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from iss import programs
from iss.config import Config, read_toml, unknown_value
from iss.elf import parse_elf
from iss.errors import ProgramError, SimulationError
from iss.programs import Program
from tools.deploy import command, network, onnx_import
from tools.deploy.network import KINDS
from tools.deploy.run import Deployment, WrongOutputs
from tools.sweep.row import Row, differences, figures, outcome, regions


class Subject(Protocol):
    """`identity` stands for its content; `parameters` are the names of its own settings."""

    @property
    def identity(self) -> str: ...

    @property
    def parameters(self) -> set[str]: ...

    def read(self, machine: str) -> Subject:
        """The same, independent of its file, for a machine; SimulationError when there is something wrong with the file."""

    def run(self, settings: Mapping[str, Any], max_cycles: int) -> Row:
        """Simulate it."""

    def before(self, settings: Mapping[str, Any]) -> Row:
        """The figures of a run that has not begun: what columns there will be.  SimulationError for a setting that is not
        possible."""


def find(label: str) -> Subject:
    """What a name or a file is; SimulationError when it is nothing."""
    if label in command.MODELS or label.endswith(".onnx") or is_network(label):
        return Net(label)
    return Firmware(programs.find(label))


def is_network(path: str) -> bool:
    """Whether a file is the description of a network."""
    return path.endswith(".toml") and Path(path).is_file() and "layer" in read_toml(path)


def check(subject: Subject, names: Iterable[str]) -> None:
    """SimulationError for a name that is neither a configuration value nor a parameter."""
    known = subject.parameters | {field.name for field in fields(Config)}
    for name in names:
        if name not in known:
            raise unknown_value(name, subject.parameters)


@dataclass(frozen=True)
class Firmware:
    """A shipped application, an ELF file, or an assembly source."""

    program: Program

    @cached_property
    def identity(self) -> str:
        return self.program.name if self.program.app else hashlib.sha256(self.program.elf).hexdigest()

    @property
    def parameters(self) -> set[str]:
        return self.program.parameters

    def read(self, machine: str) -> Firmware:
        found = self.program.read(machine)
        if found.elf:
            parse_elf(found.elf, str(found.path))
        return Firmware(found)

    def run(self, settings: Mapping[str, Any], max_cycles: int) -> Row:
        """What the program prints is dropped."""
        try:
            cluster, job = programs.load(self.program, settings, stdout=lambda hart, data: None)
        except SimulationError as error:
            return outcome("mistake", 2, str(error))
        try:
            result = programs.run(cluster, max_cycles)
        except ProgramError as error:
            return outcome("fault", 2, str(error)) | (figures(cluster, error.result) if error.result else {})
        found = figures(cluster, result)
        code = programs.exit_status(result)
        if code is None:
            return outcome("limit", 2, f"the program has not ended after {max_cycles:,} cycles") | found
        if code:
            return outcome("exit", code, f"the program ended with exit code {result.exit_code}") | found
        if job is None:
            return outcome("ok", 0) | found
        found |= self._figures(job)
        wrong = job.check()
        return (outcome("wrong", 1, wrong) if wrong else outcome("ok", 0)) | found

    def before(self, settings: Mapping[str, Any]) -> Row:
        cluster, job = programs.load(self.program, settings)
        return figures(cluster, cluster.result()) | (self._figures(job) if job is not None else {})

    def _figures(self, job: Any) -> Row:
        """Of an application's regions, and of its outputs."""
        return regions(job) | differences((got, want) for _, got, want in job.outputs())


@dataclass(frozen=True)
class Net:
    """A network by name, or from a file whose content is `data`: what `iss deploy` runs, its options being parameters."""

    source: str
    data: bytes = b""

    @cached_property
    def identity(self) -> str:
        return hashlib.sha256(self.data).hexdigest() if self.data else self.source

    @property
    def parameters(self) -> set[str]:
        return {"target", "streamed", "wide", "seed"} | (set() if self.data else {"width", "resolution"})

    def read(self, machine: str) -> Net:
        if self.source in command.MODELS:
            return self
        if self.source.endswith(".onnx"):
            onnx_import.read(self.source)
        else:
            network.read(self.source)
        return replace(self, data=Path(self.source).read_bytes())

    def run(self, settings: Mapping[str, Any], max_cycles: int) -> Row:
        try:
            deployment = self._deployment(settings)
        except SimulationError as error:
            return outcome("mistake", 2, str(error))
        cluster = deployment.cluster
        try:
            deployment.run(max_cycles=max_cycles)
        except SimulationError as error:
            status = "wrong" if isinstance(error, WrongOutputs) else "fault" if isinstance(error, ProgramError) else "exit"
            if status == "exit" and cluster.result().exit_code is None:
                status, error = "limit", SimulationError(f"the network has not ended after {max_cycles:,} cycles")
            return outcome(status, 1 if status == "wrong" else 2, str(error)) | figures(cluster, cluster.result())
        return outcome("ok", 0) | figures(cluster, cluster.result()) | self._figures(deployment)

    def before(self, settings: Mapping[str, Any]) -> Row:
        deployment = self._deployment(settings)
        return figures(deployment.cluster, deployment.cluster.result()) | self._figures(deployment)

    def _deployment(self, settings: Mapping[str, Any]) -> Deployment:
        chosen = {name: value for name, value in settings.items() if name in self.parameters}
        kinds = {field.name: type(field.default) for field in fields(command.Request)}
        for name, value in chosen.items():
            wanted = kinds[name]
            if type(value) is not wanted and not (wanted is float and type(value) is int):
                raise SimulationError(f"{name} = {value!r} should be of type {wanted.__name__}")
        values = {name: value for name, value in settings.items() if name not in chosen}
        Config.build(values)  # its mistakes before those of the network
        with tempfile.TemporaryDirectory() as folder:
            source = self.source
            if self.data:
                source = str(Path(folder) / Path(self.source).name)
                Path(source).write_bytes(self.data)
            request = command.Request(source, **chosen)
            quantised, image = command.read(request, values.get("ima_rows", Config.ima_rows))
        return Deployment(quantised, image, values, request.target, request.streamed, request.wide)

    def _figures(self, deployment: Deployment) -> Row:
        """Of the layers, by kind and in sum, from barrier to barrier; of what the network takes of the machine."""
        run, image = deployment.result, deployment.image
        net = image.quantised.network
        row: Row = {
            "network_cycles": run.cycles,
            "network_ms": run.ms(run.cycles),
            "network_energy_uj": round(run.energy_uj, 9),
            "network_macs": sum(net.macs(layer) for layer in net.layers),
        }
        row["network_macs_per_cycle"] = round(row["network_macs"] / max(run.cycles, 1), 3)
        for kind in KINDS:
            row[f"network_{kind}_cycles"] = sum(layer.cycles for layer in run.layers if net[layer.layer].kind == kind)
        row |= {
            "network_crossbars": image.placement.crossbars,
            "network_utilisation": round(image.placement.utilisation, 6),
            "network_l1_bytes": image.l1_bytes,
            "network_l2_bytes": image.l2_bytes,
        }
        return row | differences([deployment.outputs(net.layers[-1].name)])
