"""The accelerators' streamer: strided addresses, realignment, and the one data port that IMA and DW share.

[J] = arXiv 2201.01089.  An accelerator's streamer has a source and a sink, each a 3-D strided address generator with a
realigner; they share one data port of 32..512 bit, which is that many 32-bit ports of the TCDM interconnect [J IV-A,
V-B].  The ports of IMA and DW are statically multiplexed: one of them owns the data port until its jobs have ended [J
IV-A].

A beat is one request of the port: up to `ports` consecutive words.  The realigner works on words (hwpe-stream's source
and sink realigners): a line that does not begin at a word touches one more word, which costs one more beat where the
last one was full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from iss.engine.layout import NEVER, Beat, Global, Interconnect, Page, Stream
from periph.device import DeviceError, Platform
from periph.hwpe.timing import TIMING

WRITE = 1 << 32
Places = npt.NDArray[np.int64]
Rows = npt.NDArray[np.uint64]


def grid(lengths: tuple[int, int, int], strides: tuple[int, int, int]) -> Places:
    """Offsets of a 3-D address generator, the innermost dimension first."""
    inner, middle, outer = (np.arange(n, dtype=np.int64) * stride for n, stride in zip(lengths, strides, strict=True))
    return (outer[:, None, None] + middle[None, :, None] + inner[None, None, :]).ravel()


def walk(jobs: int, lengths: tuple[int, int], strides: tuple[int, int]) -> Places:
    """How far the address has moved before each of `jobs` jobs: `lengths[0]` times the alpha stride, then once the beta
    stride, and so on; with a beta length of 0 it stays (public IMA model: the alpha and beta registers)."""
    steps = np.zeros(jobs, np.int64)
    if lengths[1]:
        number = np.arange(1, jobs, dtype=np.int64)
        steps[1:] = np.where(number % (lengths[0] + 1), strides[0], strides[1])
    return np.cumsum(steps)


def beats(places: Places, sizes: Places | int, buffers: Places, ports: int, write: bool = False) -> Rows:
    """The beats of lines of `sizes` bytes at places of the memory array, to or from places of the buffer."""
    sizes = np.broadcast_to(np.asarray(sizes, np.int64), places.shape)
    ends = places + sizes
    first = places & ~3
    span = 4 * ports
    counts = -(-(ends - first) // span)
    line = np.repeat(np.arange(len(places)), counts)
    number = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    begin = np.maximum(places[line], first[line] + number * span)
    end = np.minimum(ends[line], first[line] + (number + 1) * span)
    rows = np.zeros((len(line), len(Beat)), np.uint64)
    rows[:, Beat.PLACE] = begin
    rows[:, Beat.BYTES] = end - begin + (WRITE if write else 0)
    rows[:, Beat.BUFFER] = buffers[line] + begin - places[line]
    return rows


class Memory:
    """The TCDM as the data port sees it; it reaches nothing else."""

    def __init__(self, machine: Platform) -> None:
        self.regions = [region for region in machine.map.regions if region.kind == Page.TCDM]
        self.starts = [machine.map.places[region.name] for region in self.regions]
        self.machine = machine

    @property
    def bytes(self) -> npt.NDArray[np.uint8]:
        """The machine's memory array."""
        return self.machine.memory.view(np.uint8)

    def places(self, addresses: Places, size: int, what: str) -> Places:
        """Where `size` bytes at each address lie in the memory array; DeviceError when one is not in the TCDM."""
        low, high = int(addresses.min()), int(addresses.max())
        for region, start in zip(self.regions, self.starts, strict=True):
            for base in region.bases():
                if base <= low and high + size <= base + region.size:
                    return addresses - base + start
        where = " or ".join(f"0x{base:08x}..0x{base + r.size - 1:08x}" for r in self.regions for base in r.bases())
        raise DeviceError(
            f"{what}: its bytes lie at 0x{low & 0xFFFFFFFF:08x}..0x{high + size - 1 & 0xFFFFFFFF:08x}, "
            f"and the data port reaches only the TCDM, {where}"
        )


@dataclass
class Traffic:
    """What the port did for one owner: beats, cycles in which a beat was not complete, and lost arbitrations of each
    word port."""

    beats: int = 0
    stalls: int = 0
    conflicts: list[int] = field(default_factory=list)


class Port:
    """The data port: one stream of the machine, owned by one accelerator at a time."""

    def __init__(self, bits: int, first_master: int, buffer: str) -> None:
        self.bits = bits
        self.ports = bits // 32
        self.first_master = first_master
        self.buffer = buffer
        self.users: list[str] = []
        self._clear()

    def join(self, user: str) -> None:
        """Let one more accelerator use the port."""
        self.users.append(user)
        self._clear()

    def _clear(self) -> None:
        self.owner = ""
        self.waiting: list[tuple[str, Callable[[int], None]]] = []
        self.traffic = {user: Traffic(conflicts=[0] * self.ports) for user in self.users}
        self._seen = np.zeros(2 + self.ports, np.int64)

    def attach(self, machine: Platform) -> None:
        """Called once, when the machine is built."""
        self.machine = machine
        self.memory = Memory(machine)
        wide = machine.world[Global.INTERCONNECT] == Interconnect.HCI
        self.stream = machine.add_stream(self.first_master, self.ports, bool(wide))

    def reset(self) -> None:
        """Back to the state after reset; the machine has emptied the stream."""
        self._clear()

    @property
    def base(self) -> int:
        """Place of the accelerators' buffers in the memory array."""
        return self.machine.map.places[self.buffer]

    def request(self, user: str, cycle: int, granted: Callable[[int], None]) -> None:
        """Ask for the port; `granted` is called with the first cycle in which the user may request."""
        if self.owner in ("", user):
            self._give(user)
            granted(cycle)
        else:
            self.waiting.append((user, granted))

    def _give(self, user: str) -> None:
        self._account()
        self.owner = user

    def release(self, user: str, cycle: int) -> None:
        """The user's jobs have ended; the next owner may request in the cycle after."""
        self.waiting = [(who, granted) for who, granted in self.waiting if who != user]
        if self.owner != user:
            return
        self._give("")
        if self.waiting:
            who, granted = self.waiting.pop(0)
            self._give(who)
            self.machine.at(cycle + TIMING["switch"].cycles, granted)

    def run(self, rows: Rows, cycle: int, on_end: Callable[[int], None]) -> None:
        """Do beats from `cycle` on; `on_end` is called in the cycle of the last."""
        self.machine.run_beats(self.stream, rows, cycle, on_end)

    def abort(self) -> None:
        """Forget the beats that were not done."""
        row = self.machine.stream[self.stream]
        row[Stream.CLOCK], row[Stream.GRANTED], row[Stream.ENDED] = NEVER, 0, 0
        row[Stream.HEAD] = row[Stream.TAIL]

    def left(self) -> int:
        """Beats of the last `run` that are not done."""
        row = self.machine.stream[self.stream]
        return int(row[Stream.TAIL]) - int(row[Stream.HEAD])

    def _account(self) -> None:
        """Add what the stream counted since the last time to its owner's traffic."""
        counted = self.machine.stream[self.stream, Stream.BEATS : Stream.PORT_CONFLICTS + self.ports].astype(np.int64)
        done, self._seen = counted - self._seen, counted
        if self.owner:
            traffic = self.traffic[self.owner]
            traffic.beats += int(done[0])
            traffic.stalls += int(done[1])
            traffic.conflicts = [a + int(b) for a, b in zip(traffic.conflicts, done[2:], strict=True)]

    def stats(self, user: str) -> Traffic:
        """What the port has done for a user up to now."""
        self._account()
        return self.traffic[user]
