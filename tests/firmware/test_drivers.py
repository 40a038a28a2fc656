"""The drivers of the accelerators: weights plotted and read back by a program, jobs that wait for a free queue."""

from __future__ import annotations

import struct

import numpy as np
import pytest

import asm
from firmware.apps import accelerators as acc
from firmware.apps.app import FIRMWARE, INCLUDES
from iss.cluster import Cluster

MAIN = """
    .include "macros.inc"
function main
    enter   0
    mv      s0, a0
    bnez    s0, .Lend
    la      a0, block
    call    ima_plot
    li      a0, 1
    li      a1, 8
    li      a2, 5
    call    ima_read
    la      t0, seen
    sw      a0, 0(t0)
    la      a0, jobs
    call    ima_run
.Lend:
    barrier
    li      a0, 0
    leave   0
    .data
    .balign 4
    .globl  block, words, seen, jobs, source, target
block:
    .word   1, 3, 4, 21, 6, words
words:
    .space  4 * 3 * 6
seen:
    .word   0
jobs:
    .space  1024
source:
    .space  64
target:
    .space  256
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    main = tmp_path_factory.mktemp("drivers") / "main.S"
    main.write_text(MAIN)
    sources = [FIRMWARE / "runtime/start.S", main, FIRMWARE / "kernels/hwpe.S"]
    return asm.assemble(sources, defines={"HARTS": 2, "EVENT_UNIT": 1}, include_dirs=INCLUDES)


@pytest.mark.parametrize("queue", [1, 2])
def test_plot_read_run(program, queue):
    """Plot 21 x 6 weights at column 3, row 4 of crossbar 1; read from column 8 on; four jobs with a queue of 1 or 2."""
    rng = np.random.default_rng(2)
    weights, x = acc.random_int4(rng, 6, 21), rng.integers(-128, 128, 6, dtype=np.int8)
    cluster = Cluster(harts=2, ima_crossbars=2, ima_queue=queue)
    cluster.load_elf(program.elf)
    padded = np.zeros((6, 24), np.uint32)
    padded[:, :21] = weights & 15
    words = (padded.reshape(6, 3, 8) << np.arange(0, 32, 4, dtype=np.uint32)).sum(axis=2, dtype=np.uint32)
    cluster.write(program.symbols["words"], words.tobytes())
    cluster.write(program.symbols["source"], x.tobytes())
    target = program.symbols["target"]
    job = {
        "CROSSBAR": 1, "J_START_X": 3, "J_START_Y": 4, "J_WIDTH": 21, "J_HIGHT": 6,
        "J_SRC_ADDR": program.symbols["source"], "ADC_LOW": 2, "ADC_HIGH": 2,
        "JOB_LINE_LENGTH": 6, "JOB_FEAT_LENGTH": 1, "NUM_JOBS": 1,
    }  # fmt: skip
    jobs = acc.ima_list([{**job, "J_DST_ADDR": target + 24 * i} for i in range(4)])
    cluster.write(program.symbols["jobs"], jobs)
    assert cluster.run(max_cycles=10**6).exit_code == 0
    (seen,) = struct.unpack("<I", cluster.read(program.symbols["seen"], 4))
    levels = [(seen >> shift & 15) - (seen >> shift & 8) * 2 for shift in range(0, 32, 4)]
    assert levels == weights[1, 5:13].tolist()
    want = acc.analog(x[None], weights, (2, 2), acc.Matrix(6, 21))[0]
    for i in range(4):
        assert (np.frombuffer(cluster.read(target + 24 * i, 21), np.int8) == want).all()
