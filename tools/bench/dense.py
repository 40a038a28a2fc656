"""The yardstick: a Numba loop that dispatches over 300 dense cases and does nothing else a simulator does."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import njit

CASES = 300
PROGRAM = 64
_FORMS = (
    "a + b + C",
    "a - b + C",
    "(a ^ b) - C",
    "(a | C) + b",
    "(a & b) ^ C",
    "a + (b << S)",
    "(a >> S) ^ b",
    "a * C + b",
    "(a + C) ^ (b >> S)",
    "(b - a) | C",
)


def source() -> str:
    """The loop's text: a word of the program names a case and three of 32 registers."""
    lines = ["def loop(program, registers, count):", "    pc = ZERO", "    while count:"]
    lines += ["        w = program[pc]", "        op = w & U511", "        a = registers[(w >> U9) & U31]"]
    lines += ["        b = registers[(w >> U14) & U31]", "        v = a"]
    for i in range(CASES):
        form = _FORMS[i % len(_FORMS)].replace("C", f"U{7 * i + 1}").replace("S", f"U{i % 13 + 1}")
        lines += [f"        {'elif' if i else 'if'} op == U{i}:", f"            v = {form}"]
    lines += [
        "        registers[(w >> U19) & U31] = v",
        f"        pc = (pc + U1) & U{PROGRAM - 1}",
        "        count -= U1",
    ]
    return "\n".join([*lines, "    return registers[ZERO]"])


@cache
def compiled() -> Callable[..., Any]:
    """The loop, compiled (about 10 s)."""
    scope: dict[str, Any] = {f"U{n}": np.uint64(n) for n in range(max(512, 7 * CASES + 2))}
    scope["ZERO"] = np.uint64(0)
    exec(compile(source(), "<dense>", "exec"), scope)
    loop: Callable[..., Any] = njit(error_model="numpy")(scope["loop"])
    loop(*_state(), np.uint64(1))
    return loop


def _state() -> tuple[Any, Any]:
    rng = np.random.default_rng(1)
    fields = [
        rng.integers(0, high, PROGRAM, dtype=np.uint64) << np.uint64(at)
        for high, at in ((CASES, 0), (32, 9), (32, 14), (32, 19))
    ]
    return fields[0] | fields[1] | fields[2] | fields[3], np.arange(32, dtype=np.uint64)


def measure(seconds: float) -> float:
    """Million iterations a second."""
    loop, state, count = compiled(), _state(), 1 << 22
    while True:
        began = time.perf_counter()
        loop(*state, np.uint64(count))
        taken = time.perf_counter() - began
        if taken > seconds / 2:
            return count / taken / 1e6
        count *= 2
