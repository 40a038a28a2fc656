"""What the tests of IMA and DW share."""

from __future__ import annotations

import numpy as np
import pytest

from .bench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1234)
