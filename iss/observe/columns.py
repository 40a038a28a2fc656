"""The trace's columns and filters, as the command line names them."""

from __future__ import annotations

from iss.errors import SimulationError, suggest

CYCLE_WIDTH, HART_WIDTH, SYMBOL_WIDTH, INSTRUCTION_WIDTH, REGISTERS_WIDTH, MEMORY_WIDTH = 10, 5, 22, 40, 25, 20
CLASSES = ("mem", "branch", "alu", "mul", "hwloop", "csr", "stall")
"""What `--only` chooses from; an instruction is of one class, and of "stall" too when it cost more than a cycle."""

HEADER = (
    f"{'cycle':>{CYCLE_WIDTH}} {'hart':>{HART_WIDTH - 1}} {'pc':<8} {'symbol':<{SYMBOL_WIDTH}} "
    f"{'instruction':<{INSTRUCTION_WIDTH}} "
    f"{'read':<{REGISTERS_WIDTH}}{'written':<{REGISTERS_WIDTH}}{'memory':<{MEMORY_WIDTH}} stalls"
)
HINT_MAX = 200
COLUMNS = {
    "cycle": "in which the instruction is in EX, counted from reset; of a memory access, in which it was granted",
    "hart": "the hart's number",
    "pc": "address of the instruction",
    "symbol": "symbol and offset of that address",
    "instruction": "disassembly; a target with its symbol",
    "read": "source registers and their values, in hexadecimal",
    "written": "destination registers and their new values; of a hardware loop, its registers",
    "memory": "[address]=data of a load or store, as many digits as it has bytes; or `taken`, of a branch",
    "stalls": "cycles beyond the first, by their cause (iss timing)",
}


def parse_place(text: str, symbols: dict[str, int]) -> tuple[str, int]:
    """A place of --from and --to: a cycle (a plain number), a pc (0x...), or a symbol, perhaps with an offset."""
    if text.isdecimal():
        return "cycle", int(text)
    name, plus, offset = text.partition("+")
    try:
        base = int(name, 16) if name.lower().startswith("0x") else symbols[name]
        return "pc", base + (int(offset, 0) if plus else 0)
    except KeyError:
        hint = suggest(name, symbols)
        raise SimulationError(
            f"no symbol {name!r} in the program; {hint if len(hint) < HINT_MAX else '`iss dis` shows them'}"
        ) from None
    except ValueError:
        raise SimulationError(f"{text!r} is neither a cycle, a pc (0x...) nor a symbol") from None


def parse_only(text: str) -> frozenset[str]:
    """The classes of --only, separated by commas."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in CLASSES:
            raise SimulationError(f"no class of instructions {name!r}; {suggest(name, CLASSES)}")
    return frozenset(names)
