"""`iss deploy`: networks by name and from files, what it prints and writes, mistakes."""

from __future__ import annotations

import json

import pytest

from iss.cli import main
from iss.cluster import Cluster
from iss.commands.output import INTERRUPTED
from tools.deploy import export, golden, network
from tools.deploy.run import Deployment

NET = """
name = "small"
input = [6, 6, 8]
[[layer]]
name = "expand"
kind = "pw"
channels = 24
[[layer]]
name = "filter"
kind = "dw"
[[layer]]
name = "project"
kind = "pw"
channels = 8
relu = false
[[layer]]
name = "sum"
kind = "add"
inputs = ["project", "input"]
"""


@pytest.fixture
def net(tmp_path):
    file = tmp_path / "net.toml"
    file.write_text(NET)
    return file


def test_noise_is_measured(net, capsys):
    assert main(["deploy", str(net), "--set", "ima.noise.read=20"]) == 0
    assert "the IMA has noise: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--packing", "p.xyz"], "p.xyz: pictures are written as .png"),
        (["--json", "f", "--elf", "./f"], "--json and --elf would both write ./f"),
        (["--seed", "-1"], "-1 is negative"),
        (["--width", "0.5"], "net.toml says that itself; it is for mobilenetv2"),
        (["--resolution", "96"], "net.toml says that itself; it is for mobilenetv2"),
        (["--target", "cores", "--packing", "p.png"], "the target 'cores' has no crossbars to draw"),
        (["--elf", "net.toml"], "--elf would write over net.toml, which is read"),
        (["--config", "binary.toml"], "binary.toml is no TOML file: byte 1 is not UTF-8"),
    ],
)
def test_mistakes_are_said_before_the_run(net, tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Deployment, "run", None)
    (tmp_path / "binary.toml").write_bytes(b"a\xff")
    files = set(tmp_path.iterdir())
    try:
        code = main(["deploy", str(net), *arguments])
    except SystemExit as stop:
        code = stop.code
    assert code == 2
    assert message in capsys.readouterr().err
    assert set(tmp_path.iterdir()) == files


def test_file(net, tmp_path, capsys):
    picture, figures = tmp_path / "p.png", tmp_path / "f.json"
    assert main(["deploy", str(net), "--packing", str(picture), "--json", str(figures)]) == 0
    out = capsys.readouterr().out
    assert "outputs equal NumPy's" in out
    assert all(name in out for name in ("expand", "filter", "project", "sum"))
    assert picture.stat().st_size > 1000
    found = json.loads(figures.read_text())
    assert [layer["layer"] for layer in found["layers"]] == ["expand", "filter", "project", "sum"]
    assert found["cycles"] == sum(layer["cycles"] for layer in found["layers"])
    assert found["complete"]


@pytest.mark.parametrize("options", [["--target", "cores"], ["--target", "mcu"], ["--streamed"], ["--wide"]])
def test_options(net, options):
    assert main(["deploy", str(net), *options]) == 0


def test_a_model(capsys):
    assert main(["deploy", "mobilenetv2", "--width", "0.35", "--resolution", "16", "--json", "-"]) == 0
    assert len(json.loads(capsys.readouterr().out)["layers"]) == 63


def test_weights(net, tmp_path, capsys):
    quantised, _ = golden.synthetic(network.read(net), 9)
    quantised.save(tmp_path / "w.npz")
    assert main(["deploy", str(net), "--weights", str(tmp_path / "w.npz")]) == 0
    assert main(["deploy", str(net), "--weights", str(tmp_path / "w.npz"), "--target", "cores"]) == 2
    assert "layer 'expand': its weights are for the IMA only" in capsys.readouterr().err


@pytest.mark.parametrize("options", [[], ["--streamed", "--set", "tcdm_bytes=24576"], ["--target", "cores"]])
def test_a_program_of_its_own(net, tmp_path, options, capsys):
    """Its firmware programs the crossbars; any command takes it."""
    elf = tmp_path / "net.elf"
    assert main(["deploy", str(net), "--elf", str(elf), *options]) == 0
    assert net.read_text() == NET
    capsys.readouterr()
    assert main(["run", str(elf), "--config", f"{elf}.toml"]) == 0
    assert "exit code 0" in capsys.readouterr().out


@pytest.mark.parametrize("target", ["ima_dw", "cores"])
def test_what_the_program_computes(net, target):
    quantised, picture = golden.synthetic(network.read(net), 3, target != "cores")
    config = Deployment(quantised, picture, {}, target).cluster.config
    elf, values, image = export.export(quantised, picture, config, target)
    cluster = Cluster(**values)
    cluster.load_elf(elf)
    assert cluster.run().exit_code == 0
    expected = golden.infer(quantised, picture)
    assert (image.output(cluster, "sum") == expected["sum"]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.toml"], "cannot read nothing.toml"),
        (["network.json"], "network.json does not exist: give a quantised ONNX model (.onnx), a description"),
        ([__file__], "test_command.py is no network: give a quantised ONNX model"),
        (["mobilenetv2", "--width", "5"], "width = 5.0; possible are 0.05..4"),
        (["{net}", "--set", "ima_crossbars=1", "--set", "ima_rows=8", "--set", "ima_columns=8"], "ima_crossbars = 6 is"),
        (["{net}", "--set", "tcdm_bytes=16384"], "tcdm_bytes = 20480 is the smallest that holds it"),
        (["{net}", "--target", "dw"], "no target 'dw'"),
        (["{net}", "--weights", "none.npz"], "cannot read none.npz"),
        (["{net}", "--set", "machine=pulp"], "networks run on the machine 'cluster', not 'pulp'"),
    ],
)
def test_mistakes(net, arguments, message, capsys):
    assert main(["deploy", *(text.format(net=net) for text in arguments)]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert "Traceback" not in told


def test_an_unsupported_layer(net, capsys):
    net.write_text(NET.replace('kind = "dw"', 'kind = "maxpool"'))
    assert main(["deploy", str(net)]) == 2
    told = capsys.readouterr().err
    assert "layer 'filter': no kind 'maxpool'; supported are conv3x3" in told


def test_an_interrupt_keeps_what_has_been_done(net, capsys, monkeypatch):
    compare = Deployment._compare

    def interrupted(self, layer):
        if layer == "project":
            raise KeyboardInterrupt
        compare(self, layer)

    monkeypatch.setattr(Deployment, "_compare", interrupted)
    assert main(["deploy", str(net), "--json", "-"]) == INTERRUPTED
    told = capsys.readouterr()
    assert [layer["layer"] for layer in json.loads(told.out)["layers"]] == ["expand", "filter"]
    assert "interrupted after 2 of 4 layers" in told.err
