"""`iss report mobilenetv2`: what it measures and writes; on the paper's network (slow) how near it is to the paper."""

from __future__ import annotations

import csv
import json
from html import escape

import pytest

from iss.cli import main
from iss.commands.output import INTERRUPTED
from iss.errors import SimulationError
from iss.reports.mobilenetv2 import experiments, pictures, tables

SMALL = {"width": 0.35, "resolution": 32}
EXPERIMENTS = (experiments.RESIDENT, experiments.STREAMED, *experiments.COMPARED)


def nothing(*_: object) -> None:
    """No progress bar."""


@pytest.fixture(scope="module")
def found():
    return experiments.measure(SMALL, EXPERIMENTS, nothing)


def test_rows(found):
    """The rows of Fig. 12(a), in their order."""
    printed = experiments.printed_rows()
    assert found.complete
    for outcome in found.outcomes.values():
        assert [(row.layer, row.kind) for row in outcome.rows] == [(row["layer"], row["kind"]) for row in printed]
        assert min(row.run.cycles for row in outcome.rows) > 0
        assert outcome.cycles == outcome.run.cycles
    assert all(row.printed("ms") is None for row in found.main.rows), "it is not the paper's network"


def test_sums(found):
    sums = {total.title: total for total in experiments.totals(found)}
    kinds = [sums[title] for title in experiments.KINDS.values()]
    assert sum(total.ms for total in kinds) == pytest.approx(found.main.ms) == pytest.approx(sums["all rows"].ms)
    assert sum(total.uj for total in kinds) == pytest.approx(found.main.uj)
    first, last = found.main.rows[0], found.main.rows[-1]
    assert sums["without 2D_0 and 2D_1"].ms == pytest.approx(found.main.ms - first.ms - last.ms)
    assert sums["without 2D_1"].uj == pytest.approx(found.main.uj - last.uj)


def test_stages(found):
    sheet = next(sheet for sheet in tables.sheets(found) if sheet.title == "Stages")
    assert [row[0] for row in sheet.rows] == ["2D_0", *(f"stage {n}" for n in range(7)), "2D_1"]
    for shares in ([float(row[i]) for row in sheet.rows] for i in (-2, -1)):
        assert sum(shares) == pytest.approx(100, abs=1)


def test_systems(found):
    """This work is the fastest and takes the least; the MCU is the slowest."""
    ms = {name: outcome.ms for name, outcome in found.outcomes.items()}
    assert min(ms, key=ms.__getitem__) == "resident"
    assert max(ms, key=ms.__getitem__) == "mcu"
    assert found.outcomes["mcu"].run.clock_mhz == 100
    assert found.outcomes["hybrid"].uj > found.main.uj
    assert found.outcomes["cores"].run.image.placement.crossbars == 0


def test_a_small_l1_is_the_streamed_one_s():
    found = experiments.measure({**SMALL, "tcdm_bytes": 40 << 10}, (experiments.RESIDENT, experiments.STREAMED), nothing)
    sizes = {name: outcome.run.cluster.config.tcdm_bytes for name, outcome in found.outcomes.items()}
    assert sizes["streamed"] == 40 << 10 < sizes["resident"]
    assert max(found.outcomes["streamed"].run.image.stripes.values()) > 1
    assert any("40 KiB of L1" in sheet.title for sheet in tables.sheets(found))


def test_cycles_are_explained(found):
    """Of an IMA layer: computing, what the port adds, what is outside of the unit."""
    for row in found.main.of("pw"):
        counts = row.run.counts
        assert counts["ima_compute_cycles"] == 65 * counts["ima_multiplications"]
        assert 0 < counts["ima_compute_cycles"] < counts["ima_busy_cycles"] < row.run.cycles
        assert counts["dw_busy_cycles"] == 0


def test_noise_is_said():
    found = experiments.measure({**SMALL, "ima_noise_read": 20.0}, (experiments.RESIDENT,), nothing)
    assert "the IMA has noise: " in tables.sheets(found)[0].note


def test_files(found, tmp_path):
    experiments.write_csv(str(tmp_path / "m.csv"), found)
    with (tmp_path / "m.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["cycles"]) for row in rows] == [row.run.cycles for row in found.main.rows]
    pictures.write_html(str(tmp_path / "m.html"), found)
    text = (tmp_path / "m.html").read_text()
    assert text.count("<img") == text.count("data:image/png;base64,") == 2
    assert "<link" not in text
    assert "<script" not in text
    assert "Fig. 13" in text
    assert "Comparison: outputs equal NumPy&#x27;s" in text
    for sheet in tables.sheets(found):
        assert escape(sheet.title) in text


def test_command(tmp_path, capsys):
    files = {name: tmp_path / f"m.{name}" for name in ("json", "csv", "html")}
    arguments = [word for name, file in files.items() for word in (f"--{name}", str(file))]
    plot = tmp_path / "m.png"
    small = [word for name, value in SMALL.items() for word in ("--set", f"{name}={value}")]
    assert main(["report", "mobilenetv2", *small, *arguments, "--plot", str(plot)]) == 0
    out = capsys.readouterr().out
    assert "What the paper leaves out" in out
    assert all(file.stat().st_size > 1000 for file in (*files.values(), plot))
    written = json.loads(files["json"].read_text())
    assert set(written) == {"rows", "totals", "crossbars"}
    assert len(written["rows"]) == 63
    assert set(written["rows"][0]) == {"layer", "kind", "cycles", "ms", "uj", "paper_ms", "paper_uj"}
    assert written["crossbars"] == 6
    assert written["totals"]["cycles"] == sum(row["cycles"] for row in written["rows"])
    assert set(written["totals"]["experiments"]) == {"resident", "streamed"}


def test_an_interrupt_keeps_what_has_been_done(tmp_path, capsys, monkeypatch):
    def advance(title, layer, done, total):
        if layer == "001-PW":
            raise KeyboardInterrupt

    measure = experiments.measure
    monkeypatch.setattr(experiments, "measure", lambda values, experiments, _: measure(values, experiments, advance))
    small = [word for name, value in SMALL.items() for word in ("--set", f"{name}={value}")]
    code = main(["report", "mobilenetv2", *small, "--json", str(tmp_path / "m.json"), "--html", str(tmp_path / "m.html")])
    assert code == INTERRUPTED
    assert "interrupted" in capsys.readouterr().err
    written = json.loads((tmp_path / "m.json").read_text())
    assert [row["layer"] for row in written["rows"]] == ["2D_0", "000-PW", "DW", "001-PW"]
    assert written["totals"]["complete"] is False
    assert written["totals"]["inferences_per_s"] is None, "four layers are no inference"
    assert "interrupted" in (tmp_path / "m.html").read_text()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"widht": 1.0}, "no configuration value or parameter 'widht'.*width"),
        ({"width": "wide"}, "width = 'wide' is not a number"),
        ({"resolution": 96.5}, "resolution = 96.5 is not a number"),
        ({"resolution": 2000}, "resolution = 2000"),
        ({"seed": -1, **SMALL}, "seed = -1 is negative"),
        ({"ima_noise_seed": -1, **SMALL}, "ima_noise_seed = -1 is not possible: 0.."),
        ({"width": 4.0, "resolution": 1022}, "tensor '100-PW', 511x511x384, has 100,270,464 bytes"),
        ({"ima_crossbars": 3, **SMALL}, "ima_crossbars = 6 is the smallest"),
    ],
)
def test_mistakes(values, message):
    with pytest.raises(SimulationError, match=message):
        experiments.measure(values, (experiments.RESIDENT,), nothing)


def test_options_of_other_reports(capsys):
    assert main(["report", "roofline", "--html", "x.html"]) == 2
    assert "has no --html" in capsys.readouterr().err


@pytest.mark.slow
def test_the_paper():
    """Fig. 12(a): point-wise rows of at least 0.05 ms within 10 %, DW rows of stride 1 within 20 %, sums within 5 %."""
    found = experiments.measure({}, (experiments.RESIDENT, experiments.STREAMED, experiments.COMPARED[0]), nothing)
    main_ = found.main
    for row in main_.rows:
        paper = row.printed("ms")
        if row.kind == "pw" and paper >= 0.05:
            assert row.ms == pytest.approx(paper, rel=0.10), row.layer
        if row.kind == "dw" and "/2" not in row.shape:
            assert row.ms == pytest.approx(paper, rel=0.20), row.shape
    assert main_.ms == pytest.approx(11.77, rel=0.05)
    assert main_.uj == pytest.approx(490.6, rel=0.05)
    sums = {total.title: total for total in experiments.totals(found)}
    assert sums["without 2D_0 and 2D_1"].ms == pytest.approx(10.06, rel=0.05)
    assert sums["without 2D_1"].uj == pytest.approx(482, rel=0.05)
    assert main_.run.image.placement.crossbars == 34
    assert 1 < found.outcomes["streamed"].ms / main_.ms < 1.1
    assert "pipelined fits" in tables.verdict(found)
