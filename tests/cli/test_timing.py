"""The timing table: its document is fresh, and it covers what is simulated."""

from __future__ import annotations

from pathlib import Path

from iss.engine import timing
from iss.engine.layout import Stall
from iss.isa.decode import rows
from iss.isa.manual import unit

DOCUMENT = Path(__file__).parents[2] / "docs" / "timing.md"


def test_document_is_up_to_date():
    assert DOCUMENT.read_text() == timing.markdown(), "stale: run `python -m iss.engine.timing > docs/timing.md`"


def test_every_instruction_has_its_rule():
    assert {unit(row.kind) for row in rows()} <= set(timing.RULES)


def test_every_stall_cause_has_a_meaning_and_a_rule():
    assert set(timing.CAUSES) == set(Stall)
    known = [*timing.RULES.values(), *timing.UNSIMULATED]
    assert {rule.stall for rule in known} - {None} == set(Stall)


def test_rules_have_one_name_each():
    every = [rule.name for _, rules in timing.SECTIONS for rule in rules] + [rule.name for rule in timing.UNSIMULATED]
    assert len(set(every)) == len(every)
    assert all(rule.reference for rule in timing.RULES.values())
