"""What is printed: whole, on any terminal."""

from __future__ import annotations

from io import StringIO

import pytest

from iss.observe import report


class Terminal(StringIO):
    """Where tables are as wide as the terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("width", [1, 40, 80, 90, 300])
def test_figures_are_whole_on_narrow_terminals(width: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    file = Terminal()
    console = report.console(file)
    table = report.plain_table("", ("hart", "mostly"), ("cycles", "instructions", "% stalled", "bank conflicts"))
    table.add_row("0", "branch 0.3 %, tcdm_conflict 0.1 %", "107,598", "107,109", "0.5", "1,234,567,890")
    console.print(table)
    text = file.getvalue()
    for word in ("hart", "mostly", "instructions", "conflicts", "branch", "tcdm_conflict", "107,598", "107,109", "1,234,567,890"):
        assert word in text
    assert console.width == width
