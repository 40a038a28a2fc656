"""What a program asks of the computer that it is simulated on: the ecalls of newlib, and HTIF (the ELF's tohost).

    ecall, a7 = 93 or 94   the run ends with exit code a0
    ecall, a7 = 64         write(a0 = file, a1 = address, a2 = bytes): file 1 or 2 is the output; a0 is the count, -9 for others
    ecall, a7 = 57, 80     close and fstat: a0 is 0 for the files 0 to 2 (the answer of fstat says a terminal), -9 for others
    ecall, a7 = 63         read: a0 is 0, the end of the file
    ecall, a7 = 214        brk: a0 is the break that was asked for, where it is memory behind the symbol _end; 0 asks where it is
    store of an odd number to tohost     the run ends with the number / 2 as exit code
    store of another to tohost           the address of a call's number and three arguments, 64 bits each: 64 is write; the
                                         result replaces the number, and fromhost becomes 1

Numbers and meanings are those of RISC-V's newlib (libgloss) and of the riscv-tests.  Any other ecall is the program's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from periph.device import Access

if TYPE_CHECKING:
    from iss.engine.machine import Machine

CLOSE, READ, WRITE, FSTAT, EXIT, EXIT_GROUP, BRK = 57, 63, 64, 80, 93, 94, 214
OUTPUTS = (1, 2)
BAD_FILE = -9
NUMBER, FIRST_ARGUMENT, PARAMETERS = 17, 10, 3
"""Registers a7 and a0, and how many from there on are a call's."""
STAT_BYTES, STAT_MODE, TERMINAL = 72, 16, 0x2000
"""libgloss's struct kernel_stat without its times, where st_mode is, and the mode of a character device."""


class Host:
    """Serves a machine's calls.  `tohost`, `fromhost` and `end` are the addresses of the program's symbols, where it has them."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.fromhost: int | None = None
        self.end = 0
        self.on_mark: Callable[[int, int], None] | None = None
        """Where it is set, numbers that do not end the run are no calls: it gets their cycle and value."""
        self.calls: dict[int, Callable[[int, int, int, int], int]] = {
            WRITE: self._write,
            READ: lambda hart, file, address, count: 0,
            CLOSE: lambda hart, file, address, count: 0 if file <= max(OUTPUTS) else BAD_FILE,
            FSTAT: self._fstat,
            BRK: self._brk,
        }

    def attach(self, symbols: dict[str, int]) -> None:
        """The symbols of the program that runs."""
        tohost = symbols.get("tohost")
        self.fromhost = symbols.get("fromhost")
        self.end = symbols.get("_end", symbols.get("end", 0))
        self.machine.watch(None if tohost is None else self.machine.map.place(tohost, 4))

    def ecall(self, hart: int, cycle: int) -> bool:
        """Serve a hart's ecall; False when it is none of these."""
        registers = self.machine.registers[hart]
        number = int(registers[NUMBER])
        arguments = [int(registers[FIRST_ARGUMENT + i]) for i in range(PARAMETERS)]
        if number in (EXIT, EXIT_GROUP):
            self.machine.end(arguments[0], cycle, "exit")
        elif number in self.calls:
            registers[FIRST_ARGUMENT] = self.calls[number](hart, *arguments) & 0xFFFFFFFF
        else:
            return False
        return True

    def tohost(self, access: Access) -> None:
        """A store to tohost."""
        assert access.value is not None
        machine, value = self.machine, access.value
        place = machine.place(access.hart, access.address, access.size)
        assert place is not None
        self._store(place, value.to_bytes(access.size, "little"))
        if value & 1:
            machine.end(value >> 1, access.cycle, "exit")
        elif self.on_mark is not None:
            self.on_mark(access.cycle, value)
        elif value:
            self._proxied(access.hart, value)

    def _proxied(self, hart: int, address: int) -> None:
        """A call whose number and arguments are at an address."""
        machine, place = self.machine, self._place(hart, address, 8 * (1 + PARAMETERS), "the call that tohost points at")
        number, *arguments = (int(word) for word in self.machine.memory[place >> 2 :][: 2 * (1 + PARAMETERS) : 2])
        if number != WRITE:
            raise machine.fault(hart, f"stores 0x{address:08x} to tohost: of calls only write ({WRITE}) is served, not {number}")
        self._store(place, (self._write(hart, *arguments) & (1 << 64) - 1).to_bytes(8, "little"))
        if self.fromhost is not None:
            self._store(self._place(hart, self.fromhost, 8, "fromhost"), (1).to_bytes(8, "little"))

    def _place(self, hart: int, address: int, count: int, what: str) -> int:
        """Where bytes that a hart speaks of lie in the memory array; an error when they are not memory."""
        place = self.machine.place(hart, address, count)
        if place is None:
            where = self.machine.map.describe(address, self.machine.views[hart])
            raise self.machine.fault(hart, f"calls the host: {what}, {count} bytes at 0x{address:08x}, is not in memory ({where})")
        return place

    def _store(self, place: int, data: bytes) -> None:
        self.machine.memory.view(np.uint8)[place : place + len(data)] = np.frombuffer(data, np.uint8)
        self.machine.forget(place, len(data))

    def _write(self, hart: int, file: int, address: int, count: int) -> int:
        if file not in OUTPUTS:
            return BAD_FILE
        if count:
            place = self._place(hart, address, count, "what it writes")
            self.machine.put(hart, self.machine.memory.view(np.uint8)[place : place + count].tobytes())
        return count

    def _fstat(self, hart: int, file: int, address: int, _: int) -> int:
        if file > max(OUTPUTS):
            return BAD_FILE
        status = bytearray(STAT_BYTES)
        status[STAT_MODE : STAT_MODE + 4] = TERMINAL.to_bytes(4, "little")
        self._store(self._place(hart, address, STAT_BYTES, "struct stat"), bytes(status))
        return 0

    def _brk(self, hart: int, address: int, _: int, __: int) -> int:
        if address >= self.end and self.machine.place(hart, self.end, max(1, address - self.end)) is not None:
            return address
        return self.end
