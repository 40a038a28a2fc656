"""The findings as tables, and which execution model of the IMA fits the paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import RenderableType

from iss.observe.page import Sheet
from iss.reports.mobilenetv2.experiments import (
    FIRST,
    KINDS,
    LAST,
    PAPER_ALL,
    PAPER_FACTORS,
    PUBLISHED,
    RESIDENT,
    STREAMED,
    Findings,
    Outcome,
    totals,
)
from tools.deploy.targets import TARGETS


def _off(value: float, paper: float | None) -> str:
    return "" if not paper else f"{100 * (value / paper - 1):+.1f}"


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def sheets(found: Findings) -> list[Sheet]:
    """All tables."""
    main = found.main
    result = [_rows_sheet(found)]
    if main.rows:
        result += [_sums_sheet(found), _stages_sheet(main), _cycles_sheet(main), _energy_sheet(main)]
    result.append(_crossbars_sheet(main))
    done = [outcome for outcome in found.outcomes.values() if outcome.run.complete]
    if STREAMED.name in found.outcomes and len(done) >= 2:
        result.append(_streamed_sheet(main, found.outcomes[STREAMED.name]))
    if len(done) > 1 and main.run.complete:
        result.append(_systems_sheet(found, done))
    return result


def _rows_sheet(found: Findings) -> Sheet:
    main = found.main
    sheet = Sheet(
        f"{found.network.name}, layer by layer: {main.experiment.title}",
        ("layer", "shape"),
        ("cycles", "ms", "paper", "off %", "uJ", "paper", "off %", "GMAC/s/W", "paper", "off %"),
        note=f"Comparison: {main.run.verdict}.  Paper: Fig. 12(a) as printed, two or three digits: a printed 0.02 ms is "
        "0.015 to 0.025.",
    )
    for row in main.rows:
        cells = [row.layer, row.shape, f"{row.run.cycles:,}"]
        for value, name, form in ((row.ms, "ms", ".3f"), (row.uj, "uj", ".2f"), (row.efficiency, "efficiency", ".1f")):
            paper = row.printed(name)
            cells += [format(value, form), _number(paper, ".2f" if name == "ms" else "g"), _off(value, paper)]
        sheet.rows.append(cells)
    return sheet


def _sums_sheet(found: Findings) -> Sheet:
    sheet = Sheet(
        "Sums", ("",), ("ms", "paper", "off %", "uJ", "paper", "off %"), rules={len(KINDS)},
        note="Paper: by kind and all rows with more digits than printed (inferred from MMAC, GMAC/s/W and 130 ns a job); "
        "10.06 ms and 482 uJ are its printed totals, of different subsets.",
    )  # fmt: skip
    for total in totals(found):
        sheet.rows.append(
            (
                total.title, f"{total.ms:.3f}", _number(total.paper_ms, "g"), _off(total.ms, total.paper_ms),
                f"{total.uj:.1f}", _number(total.paper_uj, "g"), _off(total.uj, total.paper_uj),
            )
        )
    return sheet


def _stages_sheet(main: Outcome) -> Sheet:
    """Latency and energy of each stage by kind, as Fig. 12(c) draws them."""
    names = ("2D", "PW", "DW", "ADD")
    heads = [f"{name} {unit}" for unit in ("ms", "uJ") for name in (*names, "all")]
    sheet = Sheet("Stages", ("",), (*heads, "% of ms", "% of uJ"))
    for stage in dict.fromkeys(row.stage for row in main.rows):
        cells, shares = [], []
        for what, whole, form in (("ms", main.ms, ".3f"), ("uj", main.uj, ".2f")):
            sums = [
                sum(getattr(row, what) for row in main.of(kind) if row.stage == stage) for kind in KINDS
            ]  # fmt: skip
            cells += [format(value, form) if value else "" for value in (*sums, sum(sums))]
            shares.append(f"{100 * sum(sums) / whole:.1f}")
        sheet.rows.append((stage if stage in (FIRST, LAST) else f"stage {stage}", *cells, *shares))
    return sheet


def _cycles_sheet(main: Outcome) -> Sheet:
    """Where the cycles are: in the units' work, in what the units do besides, outside of them."""
    sheet = Sheet(
        "Where the cycles go", ("",), ("cycles", "computing", "streaming", "outside", "% outside", "port stalls"),
        note="IMA: computing is 130 ns a multiplication, streaming what its port and its control add to it.  DW: all its cycles "
        "are its schedule's.  Outside: hart 0 writes registers and is woken, barriers; the adds' own work.",
    )  # fmt: skip
    for kind, title in KINDS.items():
        rows = main.of(kind)
        count = {name: sum(row.run.counts[name] for row in rows) for name in (rows[0].run.counts if rows else ())}
        if not rows:
            continue
        cycles = sum(row.run.cycles for row in rows)
        busy = count["ima_busy_cycles"] + count["dw_busy_cycles"]
        computing = count["ima_compute_cycles"] + count["dw_busy_cycles"]
        outside = cycles - busy
        sheet.rows.append(
            (
                title, f"{cycles:,}", f"{computing:,}", f"{busy - computing:,}", f"{outside:,}",
                f"{100 * outside / cycles:.1f}", f"{count['ima_stalls'] + count['dw_stalls']:,}",
            )
        )
    return sheet


def _energy_sheet(main: Outcome) -> Sheet:
    parts = [part for part in main.rows[0].run.energy if part != "total"]
    sheet = Sheet("Energy, uJ", ("",), (*(part.replace("_", " ") for part in parts), "total", "%"))
    for kind, title in KINDS.items():
        rows = main.of(kind)
        values = [sum(row.run.energy[part] for row in rows) / 1e6 for part in parts]
        cells = [f"{value:.2f}" for value in (*values, sum(values))]
        sheet.rows.append([title, *cells, f"{100 * sum(values) / main.uj:.1f}"])
    return sheet


def _crossbars_sheet(main: Outcome) -> Sheet:
    placed = main.run.image.placement
    used = placed.used()
    return Sheet(
        "Crossbars (TILE&PACK)", ("",), ("simulated", "paper"),
        [
            ("layers", str(len({tile.layer for tile in placed.tiles})), "36"),
            ("tiles", str(len(placed.tiles)), "87"),
            (f"crossbars of {placed.rows} x {placed.columns}", str(placed.crossbars), "34"),
            ("cells used, %", f"{100 * placed.utilisation:.1f}", ""),
            ("least and most used crossbar, %", f"{100 * min(used):.0f}, {100 * max(used):.0f}", ""),
        ],
    )  # fmt: skip


def _streamed_sheet(main: Outcome, streamed: Outcome) -> Sheet:
    """What the paper leaves out."""
    more_ms, more_uj = (100 * (a / b - 1) for a, b in ((streamed.ms, main.ms), (streamed.uj, main.uj)))
    size = streamed.run.cluster.config.tcdm_bytes // 1024
    sheet = Sheet(
        f"What the paper leaves out: {size:,} KiB of L1, tensors and digital weights from L2",
        ("",), ("L1 KiB", "L2 KiB", "cycles", "ms", "uJ", "DMA MB", "layers in stripes", "stripes"), [],
        note=f"It costs {more_ms:+.1f} % of the time and {more_uj:+.1f} % of the energy; accesses of L2 itself are outside of "
        "the cluster, and not charged.",
    )  # fmt: skip
    for outcome in (main, streamed):
        image, config = outcome.run.image, outcome.run.cluster.config
        stripes = [n for n in image.stripes.values() if n > 1]
        moved = sum(row.run.counts["dma_bytes"] for row in outcome.rows)
        sheet.rows.append(
            (
                outcome.experiment.title, f"{config.tcdm_bytes // 1024:,}", f"{-(-image.l2_bytes // 1024):,}",
                f"{outcome.cycles:,}", f"{outcome.ms:.3f}", f"{outcome.uj:.1f}", f"{moved / 1e6:.2f}", str(len(stripes)),
                str(sum(stripes)),
            )
        )
    for kind, title in KINDS.items():
        pair = [sum(row.run.cycles for row in outcome.of(kind)) for outcome in (main, streamed)]
        energy = [sum(row.uj for row in outcome.of(kind)) for outcome in (main, streamed)]
        sheet.rows.append(
            (f"more: {title}", "", "", f"{pair[1] - pair[0]:+,}", f"{main.run.ms(pair[1] - pair[0]):+.3f}",
             f"{energy[1] - energy[0]:+.1f}", "", "", "")
        )  # fmt: skip
    sheet.rules = {2}
    return sheet


def _systems_sheet(found: Findings, done: Iterable[Outcome]) -> Sheet:
    """Fig. 13 and Table I."""
    main = found.main
    sheet = Sheet(
        "Systems (Fig. 13, Table I)", ("system", "figures"),
        ("MHz", "ms", "inferences/s", "mJ", "GMAC/s/W", "times slower", "paper", "crossbars"), [],
        note="What is simulated is all 63 rows with the same arithmetic for all but SW, which has int8 weights.  "
        "docs/mobilenetv2.md lists the modelling differences.",
    )  # fmt: skip
    macs = sum(row.macs for row in main.rows)
    for outcome in done:
        crossbars = outcome.run.image.placement.crossbars if TARGETS[outcome.experiment.target].analog else 0
        factor = PAPER_FACTORS.get(outcome.experiment.name) if found.is_paper_s else None
        sheet.rows.append(
            (
                outcome.experiment.title, "simulated", str(outcome.run.clock_mhz), f"{outcome.ms:,.2f}",
                f"{1000 / outcome.ms:.3g}", f"{outcome.uj / 1000:.3f}", f"{macs / outcome.uj / 1e3:.1f}",
                f"{outcome.ms / main.ms:.2f}", _number(factor, "g"), str(crossbars),
            )
        )
    sheet.rules = {len(sheet.rows)}
    if found.is_paper_s:
        for published in PUBLISHED:
            rate, energy = published.inferences, published.millijoules
            sheet.rows.append(
                (
                    published.title, f"published: {published.remark}", "", f"{1000 / rate:,.1f}" if rate else "",
                    _number(rate, "g"), _number(energy, "g"), "", f"{99 / rate:.2f}" if rate else "", "", "",
                )
            )
    return sheet


def verdict(found: Findings) -> str:
    """Which execution model of the IMA fits the paper, where both were run."""
    complete = [outcome for outcome in found.outcomes.values() if outcome.run.complete]
    alike = [o for o in complete if o.experiment.target == RESIDENT.target and not o.experiment.streamed]
    models = {outcome.run.cluster.config.ima_execution: outcome for outcome in alike}
    if len(models) < 2 or not found.is_paper_s:
        return ""
    off = {name: outcome.ms / PAPER_ALL[0] - 1 for name, outcome in models.items()}
    best = min(off, key=lambda name: abs(off[name]))
    text = ", ".join(f"{name} {100 * value:+.1f} %" for name, value in off.items())
    return f"IMA's execution model: {best} fits Fig. 12(a): {text} of {PAPER_ALL[0]} ms; 130 ns a job leave no room for streaming"


def of(found: Findings) -> Iterator[RenderableType]:
    """Every sheet, and the verdict."""
    yield from (sheet.table() for sheet in sheets(found))
    if text := verdict(found):
        yield text
