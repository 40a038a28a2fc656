"""Small programs to look at: one line per hart, and what bank conflicts cost."""

from __future__ import annotations

from firmware.apps.app import App, Parameter, Params, Region


class Hello(App):
    name = "hello"
    summary = "every hart prints a line, in turn"
    sources = ("apps/hello.S", "runtime/print.S")


class Conflicts(App):
    name = "conflicts"
    summary = "what it costs when harts meet in a TCDM bank: all in one, each in its own, walking, striding"
    sources = ("apps/conflicts.S",)
    parameters = (
        Parameter("loads", 1024, "loads of each hart, even", 2, 1 << 14),
        Parameter("stride", 8, "words from a load to the next in the last region", 1, 64),
    )

    def bytes_needed(self, params: Params) -> int:
        return 4 * params["loads"] * params["stride"] + 128

    def regions(self, params: Params, harts: int) -> tuple[Region, ...]:
        loads = params["loads"] // 2 * 2 * harts
        return tuple(Region(name, loads, "loads", i) for i, name in enumerate(("one", "own", "walk", "stride")))
