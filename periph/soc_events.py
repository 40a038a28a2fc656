"""Events of the SoC: the event generator (soc_event_generator.sv) and the fabric controller's interrupt controller
(apb_interrupt_cntrl.sv; platform.md section 1)."""

from __future__ import annotations

from functools import partial

from periph.device import Access, RegisterDevice
from periph.event_unit import EventUnit
from periph.registers import WORD, Field, Place, Register, RegisterTable

TIMER_LO, TIMER_HI, REFERENCE_CLOCK, SOC_EVENT = 10, 11, 14, 26
INTERRUPTS = {
    **{n: f"software interrupt {n}" for n in range(8)}, 8: "DMA", 9: "DMA interrupt",
    TIMER_LO: "timer low", TIMER_HI: "timer high", REFERENCE_CLOCK: "reference clock", SOC_EVENT: "SoC event",
}  # fmt: skip
EVENT_DEPTH = 4
FIRST_SOFTWARE_EVENT = 160
REFERENCE_EVENT = 168
MASK_WORDS = 8

ITC = RegisterTable(
    "fc_itc",
    "FC_ITC",
    "Interrupt controller of the fabric controller",
    0x800,
    (
        Register(0x00, "MASK", "rw", "interrupts that are let through; the highest comes first"),
        Register(0x04, "MASK_SET", "w", "sets the bits of MASK that are stored as 1"),
        Register(0x08, "MASK_CLEAR", "w", "clears the bits of MASK that are stored as 1"),
        Register(0x0C, "STATUS", "rw", "interrupts that have come; the core's acknowledgement clears a bit"),
        Register(0x10, "STATUS_SET", "w", "sets the bits of STATUS that are stored as 1"),
        Register(0x14, "STATUS_CLEAR", "w", "clears the bits of STATUS that are stored as 1"),
        Register(0x18, "ACK", "rw", "interrupts that the core has acknowledged"),
        Register(0x1C, "ACK_SET", "w", "sets the bits of ACK that are stored as 1"),
        Register(0x20, "ACK_CLEAR", "w", "clears the bits of ACK that are stored as 1"),
        Register(0x24, "FIFO", "r", "the SoC event of the last interrupt 26", fields=(Field("ID", 0, 8, "its number"),)),
    ),
    "Interrupts 8 and 9 are the DMA's, 10 and 11 the timer's, 14 both edges of the reference clock, 26 says that there is a SoC "
    "event (acknowledging or clearing it takes the event to FIFO), 0 to 7 are for software.",
)  # fmt: skip

GENERATOR = RegisterTable(
    "soc_events",
    "SOC_EVENTS",
    "SoC event generator",
    0x1000,
    (
        Register(0x00, "EVENT", "w", "raises SoC event 160 + i for every bit i that is 1", writable=0xFF),
        Register(0x04, "FC_MASK", "rw", "events that do not go to the fabric controller", WORD, count=MASK_WORDS),
        Register(0x24, "CL_MASK", "rw", "events that do not go to the cluster", WORD, count=MASK_WORDS),
        Register(0x44, "PR_MASK", "rw", "events that do not go to the peripherals", WORD, count=MASK_WORDS),
        Register(0x64, "ERR", "r", "events that came while one of the same number waited; a load clears them", count=MASK_WORDS),
        Register(0x84, "TIMER_SEL_HI", "rw", "event of the high timer: kept, without effect", writable=0x800000FF),
        Register(0x88, "TIMER_SEL_LO", "rw", "event of the low timer: kept, without effect", writable=0x800000FF),
    ),
    "An event for which the receiver has no place is marked in ERR.",
)


class InterruptController(RegisterDevice):
    """The interrupt controller of one hart.  Its interrupt line follows the registers, which change at a cycle's end."""

    def __init__(self, hart: int, reference_period: int) -> None:
        super().__init__(ITC)
        self.hart = hart
        self.half_period = max(1, reference_period // 2)

    def reset(self) -> None:
        super().reset()
        self.events: list[int] = []
        self.levels = 0
        self.line: int | None = None
        self._edges_wanted = False

    # -- events ------------------------------------------------------------------------------------------------------------

    def raise_event(self, number: int, cycle: int) -> None:
        """An event line is high in `cycle`."""
        self._change("STATUS", self.get("STATUS") | 1 << number, cycle)

    def hold_event(self, number: int, high: bool, cycle: int) -> None:
        """An event line is high, or low, from `cycle` on."""
        self.levels = self.levels & ~(1 << number) | high << number
        if high:
            self.raise_event(number, cycle)

    def hold_timer(self, half: int, high: bool, cycle: int) -> None:
        """The timer's event lines."""
        self.hold_event((TIMER_LO, TIMER_HI)[half], high, cycle)

    def push(self, number: int, cycle: int) -> bool:
        """A SoC event; False when there is no place for it."""
        if len(self.events) == EVENT_DEPTH:
            return False
        self.events.append(number)
        self.hold_event(SOC_EVENT, True, cycle)
        return True

    def _pop(self, cycle: int) -> None:
        if self.events:
            self.set("FIFO", self.events.pop(0))
            self.hold_event(SOC_EVENT, bool(self.events), cycle)

    def acknowledge(self, hart: int, number: int, cycle: int) -> None:
        """The core takes an interrupt."""
        self._change("STATUS", self.get("STATUS") & ~(1 << number), cycle)
        self.set("ACK", self.get("ACK") | 1 << number)
        if number == SOC_EVENT:
            self._pop(cycle)

    # -- registers ---------------------------------------------------------------------------------------------------------

    def store_mask(self, access: Access, place: Place, value: int) -> None:
        self._change("MASK", value, access.cycle)

    def store_mask_set(self, access: Access, place: Place, value: int) -> None:
        self._change("MASK", self.get("MASK") | value, access.cycle)

    def store_mask_clear(self, access: Access, place: Place, value: int) -> None:
        self._change("MASK", self.get("MASK") & ~value, access.cycle)

    def store_status(self, access: Access, place: Place, value: int) -> None:
        self._change("STATUS", value, access.cycle)
        if not value >> SOC_EVENT & 1:
            self._pop(access.cycle)

    def store_status_set(self, access: Access, place: Place, value: int) -> None:
        self._change("STATUS", self.get("STATUS") | value, access.cycle)

    def store_status_clear(self, access: Access, place: Place, value: int) -> None:
        self._change("STATUS", self.get("STATUS") & ~value, access.cycle)
        if value >> SOC_EVENT & 1:
            self._pop(access.cycle)

    def store_ack_set(self, access: Access, place: Place, value: int) -> None:
        self.set("ACK", self.get("ACK") | value)

    def store_ack_clear(self, access: Access, place: Place, value: int) -> None:
        self.set("ACK", self.get("ACK") & ~value)

    def _change(self, name: str, value: int, cycle: int) -> None:
        """A register takes a value at the end of `cycle`."""
        self.set(name, value)
        self.machine.at(cycle + 1, self._follow, early=True)

    def _follow(self, cycle: int) -> None:
        """The interrupt line follows the registers."""
        if self.levels & ~self.get("STATUS"):
            self._change("STATUS", self.get("STATUS") | self.levels, cycle)
        pending = self.get("STATUS") & self.get("MASK")
        line = pending.bit_length() - 1 if pending else None
        if line != self.line:
            self.line = line
            self.machine.interrupt(self.hart, line, cycle, self.acknowledge)
        if self.get("MASK") >> REFERENCE_CLOCK & 1 and not self._edges_wanted:
            self._edges_wanted = True
            self.machine.at(cycle + self.half_period - cycle % self.half_period, self._edge)

    def _edge(self, cycle: int) -> None:
        """The reference clock rises or falls."""
        self._edges_wanted = bool(self.get("MASK") >> REFERENCE_CLOCK & 1)
        if self._edges_wanted:
            self.machine.at(cycle + self.half_period, self._edge)
        self.raise_event(REFERENCE_CLOCK, cycle)

    def interrupts(self) -> str:
        """What can wake the hart from wfi, in words."""
        mask = self.get("MASK")
        names = ", ".join(f"{INTERRUPTS.get(n, 'interrupt')} ({n})" for n in range(32) if mask >> n & 1)
        return f"fc_itc.MASK lets through {names}" if mask else "fc_itc.MASK is 0: no interrupt can wake it"


class EventGenerator(RegisterDevice):
    """Sends SoC events to the fabric controller and to the cluster."""

    def __init__(self, unit: EventUnit, controller: InterruptController | None) -> None:
        super().__init__(GENERATOR)
        self.unit = unit
        self.controller = controller

    def store_event(self, access: Access, place: Place, value: int) -> None:
        for bit in range(8):
            if value >> bit & 1:
                self.machine.at(access.cycle + 1 + bit, partial(self.send, FIRST_SOFTWARE_EVENT + bit))

    def send(self, number: int, cycle: int) -> None:
        """A SoC event, in `cycle`."""
        word, bit = number >> 5, 1 << (number & 31)
        taken = True
        if self.controller is not None and not self.get(f"FC_MASK{word}") & bit:
            taken &= self.controller.push(number, cycle)
        if not self.get(f"CL_MASK{word}") & bit:
            taken &= self.unit.push_soc_event(number, cycle)
        if not taken:
            self.set(f"ERR{word}", self.get(f"ERR{word}") | bit)

    def load_err(self, access: Access, place: Place) -> int:
        value = self.get(place.name)
        self.set(place.name, 0)
        return value
