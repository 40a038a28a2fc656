"""Address generators, realignment, and the port that IMA and DW share."""

from __future__ import annotations

import numpy as np
import pytest

from iss.cluster import Cluster
from iss.config import DEFAULTS
from iss.engine.layout import Beat
from periph.device import DeviceError
from periph.hwpe.streamer import beats, grid, walk

from .bench import TCDM, Bench, depthwise, pointwise
from .model import adc


def test_grid_is_three_nested_loops() -> None:
    expected = [100 * c + 10 * b + a for c in range(2) for b in range(3) for a in range(4)]
    assert grid((4, 3, 2), (1, 10, 100)).tolist() == expected


@pytest.mark.parametrize(("alpha", "beta"), [(0, 1), (3, 2), (5, 1), (2, 0), (100, 4)])
def test_walk_is_the_public_models_counters(alpha: int, beta: int) -> None:
    """paper.md: ALPHA_LENGTH times += ALPHA_STRIDE, then once += BETA_STRIDE, BETA_LENGTH times."""
    address, expected, alphas, betas = 0, [], 0, 0
    for _ in range(20):
        expected.append(address)
        if betas < beta:
            if alphas < alpha:
                address, alphas = address + 7, alphas + 1
            else:
                address, alphas, betas = address + 1000, 0, betas + 1
                if betas == beta:
                    betas = 0
    assert walk(20, (alpha, beta), (7, 1000)).tolist() == expected


@pytest.mark.parametrize("ports", [1, 2, 4, 8, 16])
def test_beats_cover_every_byte_once(ports: int, rng: np.random.Generator) -> None:
    places = rng.integers(0, 1 << 16, 50)
    sizes = rng.integers(1, 200, 50)
    buffers = np.cumsum(sizes) - sizes + (1 << 20)
    rows = beats(places, sizes, buffers, ports)
    moved = {}
    for row in rows:
        place, size, buffer = int(row[Beat.PLACE]), int(row[Beat.BYTES]), int(row[Beat.BUFFER])
        assert (place % 4 + size + 3) // 4 <= ports, "more words than the port has"
        for i in range(size):
            assert buffer + i not in moved
            moved[buffer + i] = place + i
    expected = {int(b) + i: int(p) + i for p, s, b in zip(places, sizes, buffers, strict=True) for i in range(s)}
    assert moved == expected


@pytest.mark.parametrize(("offset", "size", "count"), [(0, 256, 16), (1, 256, 17), (3, 13, 1), (3, 14, 2), (0, 1, 1)])
def test_an_unaligned_line_touches_one_more_word(offset: int, size: int, count: int) -> None:
    assert len(beats(np.array([offset]), size, np.array([4096]), 4)) == count


def test_the_port_reaches_only_the_tcdm(bench: Bench) -> None:
    with pytest.raises(DeviceError, match=r"J_SRC_ADDR = 0x1c000000 .* reaches only the TCDM"):
        bench.job(bench.ima, pointwise(1, 8, 8, 0x1C000000, TCDM))
    bench.reset()
    with pytest.raises(DeviceError, match="J_DST_ADDR"):
        bench.job(bench.ima, pointwise(16, 8, 8, TCDM, TCDM + (512 << 10) - 64))


def test_the_alias_is_the_tcdm(bench: Bench) -> None:
    data = np.arange(-8, 8, dtype=np.int8)
    bench.write(TCDM, data)
    bench.job(bench.ima, pointwise(1, 16, 16, 0, 0x1000, ADC_LOW=1, ADC_HIGH=1))
    bench.finish(bench.ima)
    assert bench.read(TCDM + 0x1000, (16,)).tolist() == [adc(int(x), 1, 1) for x in data]


def test_one_owner_at_a_time(bench: Bench) -> None:
    """The other's job begins when the owner's jobs have ended (arXiv 2201.01089, IV-A)."""
    bench.write(TCDM, np.arange(4096, dtype=np.uint8))
    bench.job(bench.ima, pointwise(50, 64, 64, TCDM, TCDM + 0x8000))
    bench.job(
        bench.dw, depthwise(6, 6, 16, SRC_ADDR=TCDM, DST_ADDR=TCDM + 0x4000, WEIGHT_ADDR=TCDM + 0x2000), hart=3
    )
    bench.run(bench.cycle + 50)
    assert bench.port.owner == "ima"
    assert bench.dw.state() == "dw waits for the data port, which ima owns"
    assert bench.dw.stats()["beats"] == 0
    bench.finish(bench.ima, bench.dw)
    order = [(number, cores) for number, _, cores in bench.events if number in (12, 14)]
    assert order == [(14, 0xFFFFFFFF), (12, 1 << 3)]
    assert bench.port.owner == ""
    ima, dw = bench.ima.stats(), bench.dw.stats()
    assert ima["beats"] == 50 * 8
    assert dw["beats"] == 9 + 4 * (9 + 3 * 3 + 4)
    assert ima["stalls"] == dw["stalls"] == 0


@pytest.mark.parametrize("machine", DEFAULTS)
def test_a_machine_that_has_not_started_has_statistics(machine: str):
    stats = Cluster(machine=machine).stats()
    assert stats["cycles"] == 0
    assert all(not hart["cycles"] for hart in stats["harts"])
