"""What is made from the register tables is up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from periph import headers

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", headers.OUTPUTS)
def test_up_to_date(path: str) -> None:
    made = getattr(headers, headers.OUTPUTS[path])()
    assert (ROOT / path).read_text() == made, "run python -m periph.headers"
