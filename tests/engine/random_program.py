"""Random programs over the whole instruction table, for machines that should agree on them.

A program is built from elements: single instructions, forward branches, calls, hardware loops (nested, with any
alignment), traps.  Registers have roles, so that whatever runs stays in bounds: BASES point into the data, INDICES
and COUNTS are small, LINK and the handler's registers are left alone, everything else is data.  The program ends with
a store to the test port."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from iss.isa.decode import compressed_rows, decode, expand, rows
from iss.isa.table import Alu, Branch, Compressed, Csr, HwLoop, Instruction, Jump, Load, Store

ENTRY = 0x80
TEST_PORT = 0x1A100000
LINK, BASES, INDICES, COUNTS, PORT, HANDLER, SCRATCH = 1, (2, 3, 8, 9), (18, 19), (20, 21), 27, (28, 29), 30
DATA = [r for r in range(4, 32) if r not in (*BASES, *INDICES, *COUNTS, PORT, *HANDLER, SCRATCH)]
SHORT_DATA = [r for r in DATA if 8 <= r <= 15]
CSRS = (0x340, 0x341, 0x342, 0x300, 0x305, 0x301, 0xF14, 0x014, 0xC10, 0x7C0, 0x7C1, 0x7C2, 0x7C5, 0x123, 0xB00)
COUNTER_CSRS = (0x7E0, 0x7E1, *range(0x780, 0x78C), 0x79F, 0xCC0)
LOOP_CSRS = range(0x7C0, 0x7C8)
CORNERS = (0, 1, 2, 3, 0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 0x80008000, 0x7FFF7FFF, 0x8080FF7F, 0xFFFF0000, 31, 32)


@dataclass(eq=False)
class Item:
    """One instruction; `target` is where its offset leads to."""

    row: Instruction | Compressed
    operands: dict[str, int]
    target: Item | None = None
    raw: int | None = None
    address: int = 0

    @property
    def size(self) -> int:
        if self.raw is not None:
            return 4 if self.raw & 3 == 3 else 2
        return self.row.encoding.width // 8

    def word(self) -> int:
        if self.raw is not None:
            return self.raw
        name = next((n for n in ("offset", "uoffset") if n in self.row.fields), None)
        if name is not None:
            assert self.target is not None
            self.operands[name] = self.target.address - self.address
        return self.row.encoding.encode(self.operands)


@dataclass
class RandomProgram:
    """`code` belongs at 0; `keys` are the rows that it has; the store at `end` ends it."""

    code: bytes
    keys: set[str]
    end: int
    entry: int = ENTRY


@cache
def _by_key() -> dict[str, Instruction]:
    return {row.key: row for row in rows()}


@cache
def _compressed() -> dict[str, Compressed]:
    return {row.mnemonic: row for row in compressed_rows()}


@cache
def _pools(base: bool) -> dict[str, list[Instruction | Compressed]]:
    """The rows by what they need around them; of RV32IMC alone when it is to be the base instruction set."""
    pools: dict[str, list[Instruction | Compressed]] = {}
    everything: list[Instruction | Compressed] = [*rows(), *compressed_rows()]
    for row in everything:
        if not base or isinstance(row, Compressed) or row.extension in ("RV32I", "RV32M"):
            pools.setdefault(_pool(row), []).append(row)
    return pools


def _pool(row: Instruction | Compressed) -> str:
    twin = row if isinstance(row, Instruction) else expand(row, dict.fromkeys(row.fields, 8))[0]
    kinds = {Alu: "alu", Branch: "branch", Jump: "jump", Load: "load", Store: "store", HwLoop: "loop", Csr: "csr"}
    return kinds.get(type(twin.kind), "system")


@dataclass
class Generator:
    """Makes one program of some `length` in elements.

    `banked` puts its data in the TCDM, for eight harts.  `base` restricts it to RV32IMC, without traps and CSRs.  It
    runs `repeat` times."""

    seed: int
    length: int = 40
    banked: bool = False
    base: bool = False
    repeat: int = 1
    keys: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.subroutines: list[list[Item]] = []
        self.depth = 0

    # -- building blocks -----------------------------------------------------------------------------------------------

    def item(self, key: str, target: Item | None = None, **operands: int) -> Item:
        """An instruction by its key, or its mnemonic when that is compressed."""
        row = _compressed()[key] if key in _compressed() else _by_key()[key]
        self.keys.add(row.mnemonic if isinstance(row, Compressed) else row.key)
        return Item(row, operands, target)

    def load_constant(self, register: int, value: int) -> list[Item]:
        value &= 0xFFFFFFFF
        low = ((value & 0xFFF) ^ 0x800) - 0x800
        upper = (value - low) & 0xFFFFFFFF
        return [
            self.item("lui rd, imm", rd=register, imm=upper - (1 << 32) if upper >> 31 else upper),
            self.item("addi rd, rs1, imm", rd=register, rs1=register, imm=low),
        ]

    def data_address(self) -> int:
        if self.banked:
            return 0x10000000 + self.rng.randrange(0x400, 0x800) + self.rng.choice([0, 0, 0x20000])
        return 0x100800 + self.rng.randrange(0x1000)

    def set_base(self, register: int) -> list[Item]:
        """Point a base register at data; near its neighbours' where harts share it."""
        items = self.load_constant(register, self.data_address() & ~self.rng.choice([0, 1, 3, 3]))
        if self.banked:
            items.append(self.item("add rd, rs1, rs2", rd=register, rs1=register, rs2=INDICES[1]))
        return items

    # -- single instructions -------------------------------------------------------------------------------------------

    def operands(self, row: Instruction | Compressed, **given: int) -> dict[str, int]:
        """Operands by their roles; `given` ones stay."""
        rng, chosen = self.rng, {}
        for name, item in row.fields.items():
            if name in given:
                chosen[name] = given[name]
            elif item.is_register:
                pool = SHORT_DATA if item.is_short_register else DATA
                chosen[name] = rng.choice([*pool, *([] if item.is_short_register or rng.random() < 0.9 else [0])])
                if name.startswith("rs") and not item.is_short_register and rng.random() < 0.2:
                    chosen[name] = rng.choice([0, *BASES, *DATA[:3]])
            else:
                low, high = item.low // item.step, item.high // item.step
                value = rng.choice([rng.randint(low, high), rng.randint(max(low, -3), min(high, 3))])
                chosen[name] = (value or int(item.nonzero)) * item.step
        return chosen

    def plain(self, pool: str, **given: int) -> Item:
        """A random instruction of a pool."""
        while True:
            row = self.rng.choice(_pools(self.base)[pool])
            usable = {name: value for name, value in given.items() if name in row.fields}
            item = Item(row, self.operands(row, **usable))
            word = item.word()
            found = decode(word)
            if found is not None and (found.compressed or found.row) is row and self._harmless(item):
                self.keys.add(row.mnemonic if isinstance(row, Compressed) else row.key)
                return item

    def _harmless(self, item: Item) -> bool:
        """Whether the registers keep their roles."""
        found = decode(item.word())
        assert found is not None
        written = found.operands.get("rd", 0)
        return written == 0 or written in DATA or isinstance(found.row.kind, (Load, Store, Branch))

    def memory(self, pool: str) -> list[Item]:
        """A load or store from a base; the base is set anew when it was overwritten or moved far."""
        while True:
            row = self.rng.choice(_pools(self.base)[pool])
            given: dict[str, int] = {}
            for name, part in row.fields.items():
                if name.rstrip("'") == "rs1":
                    given[name] = self.rng.choice([b for b in BASES if not part.is_short_register or b >= 8])
                elif name == "imm":
                    given[name] = self.rng.choice([0, 4, 8, self.rng.randint(-60, 60)])
            twin = row if isinstance(row, Instruction) else None
            if twin is not None and "imm" not in twin.fields:
                given["rs2" if isinstance(twin.kind, Load) else "rs3"] = self.rng.choice(INDICES)
            chosen = self.operands(row, **given)
            item = Item(row, chosen)
            found = decode(item.word())
            if found is None or (found.compressed or found.row) is not row:
                continue
            kind = found.row.kind
            assert isinstance(kind, (Load, Store))
            base = found.operands["rs1"]
            if isinstance(kind, Load) and self.rng.random() < 0.04 and "rd" in chosen:
                chosen["rd"] = base
            if isinstance(kind, Load) and chosen.get("rd", 0) in (LINK, *INDICES, *COUNTS, PORT, SCRATCH):
                continue
            self.keys.add(row.mnemonic if isinstance(row, Compressed) else row.key)
            spoiled = chosen.get("rd") == base or (kind.post and self.rng.random() < 0.1)
            return [item, *(self.set_base(base) if spoiled else [])]

    def csr(self) -> Item:
        """A CSR access.  The hardware loops' own are left alone inside loops, where they would never end."""
        choices = [*CSRS, *(COUNTER_CSRS if self.rng.random() < 0.6 else ())]
        while True:
            address = self.rng.choice(choices)
            if self.depth and address in LOOP_CSRS:
                continue
            if address in LOOP_CSRS:
                return self.item("csrrs rd, csr, rs1", csr=address, rd=self.rng.choice(DATA), rs1=0)
            return self.plain("csr", csr=address)

    def trap(self) -> Item:
        choice = self.rng.choice(["ecall", "ebreak", "c.ebreak", "illegal", "fence pred, succ", "fence.i"])
        if choice != "illegal":
            row: Instruction | Compressed = _compressed().get(choice) or _by_key()[choice]
            self.keys.add(row.mnemonic if isinstance(row, Compressed) else row.key)
            return Item(row, self.operands(row))
        raw = self.rng.choice([0, 0xFFFFFFFF, 0x0000, 0x10500073 ^ 1 << 20, 0x8000, 0xDEADBEEF | 0x7F])
        return Item(_by_key()["ecall"], {}, raw=raw if decode(raw) is None else 0)

    # -- elements with several instructions ----------------------------------------------------------------------------

    def far_call(self) -> list[Item]:
        """auipc, addi, a register jump: the target is the instruction behind, or one further."""
        rng = self.rng
        register = rng.choice([LINK, SCRATCH])
        skipped = [self.plain("alu")] if rng.random() < 0.5 else []
        filler = [self.plain("alu") for _ in range(rng.choice([0, 0, 1, 2]))]
        link = rng.choice([register, register, 0, rng.choice(DATA)])
        short = rng.random() < 0.5
        if short:
            jump = self.item("c.jr" if link == 0 or register != LINK else "c.jalr", rs1=register)
        else:
            jump = self.item("jalr rd, imm(rs1)", rd=link, rs1=register, imm=0)
        size = 8 + sum(i.size for i in [*filler, jump, *skipped])
        offset = size if short else size - rng.choice([0, 8])
        if not short:
            jump.operands["imm"] = size - offset
        head = self.item("auipc rd, imm", rd=register, imm=0)
        if rng.random() < 0.3 and filler and not self.banked:
            # The address comes from memory: the hazard of a loaded target.
            store = [self.item("sw rs2, imm(rs1)", rs1=BASES[0], rs2=register, imm=0)]
            load = [self.item("lw rd, imm(rs1)", rs1=BASES[0], rd=register, imm=0)]
            extra = sum(i.size for i in [*store, *load])
            add = self.item("addi rd, rs1, imm", rd=register, rs1=register, imm=offset + extra)
            return [head, add, *store, *filler[:1], *load, *filler[1:], jump, *skipped]
        return [head, self.item("addi rd, rs1, imm", rd=register, rs1=register, imm=offset), *filler, jump, *skipped]

    def call(self) -> list[Item]:
        """A call of a new subroutine behind the program."""
        body = [item for _ in range(self.rng.randint(1, 4)) for item in self.simple()]
        back = (
            self.item("c.jr", rs1=LINK)
            if self.rng.random() < 0.6
            else self.item("jalr rd, imm(rs1)", rd=0, rs1=LINK, imm=0)
        )
        self.subroutines.append([*body, back])
        if self.rng.random() < 0.4:
            return [self.item("c.jal", target=body[0])]
        return [self.item("jal rd, offset", target=body[0], rd=LINK)]

    def loop(self) -> list[Item]:
        """A hardware loop, set up in one of the ways there are, maybe with another one inside."""
        rng = self.rng
        self.depth += 1
        level = self.depth
        body = self.block(rng.choice([2, 2, 3, 3, 4, 6]) if level > 1 else rng.choice([2, 2, 3, 4, 6, 9]), level < 2)
        self.depth -= 1
        number = rng.choice([2 - level, 2 - level, 2 - level, level - 1])
        count = rng.choice([0, 1, 2, 3, 3, 4, 5])
        span = sum(item.size for item in body) - body[-1].size + 4
        last = body[-1]
        if span <= 62 and rng.random() < 0.4:
            return [self.item("lp.setupi L, uimm, uoffset", target=last, L=number, uimm=count), *body]
        if rng.random() < 0.5:
            return [self.item("lp.setup L, rs1, uoffset", target=last, L=number, rs1=rng.choice(COUNTS)), *body]
        parts = [
            self.item("lp.starti L, uoffset", target=body[0], L=number),
            self.item("lp.endi L, uoffset", target=last, L=number),
            self.item("lp.counti L, uimm", L=number, uimm=count)
            if rng.random() < 0.6
            else self.item("lp.count L, rs1", L=number, rs1=rng.choice(COUNTS)),
        ]
        rng.shuffle(parts)
        between = [self.plain("alu") for _ in range(rng.choice([0, 0, 1, 2]))]
        return [*parts, *between, *body]

    # -- the program ---------------------------------------------------------------------------------------------------

    def simple(self) -> list[Item]:
        """An element without control flow."""
        choice = self.rng.random()
        if choice < 0.55:
            return [self.plain("alu")]
        if choice < 0.76:
            return self.memory("load")
        if choice < 0.92:
            return self.memory("store")
        return [self.plain("alu") if self.base else self.csr()]

    def element(self, loops: bool) -> list[Item]:
        choice = self.rng.random()
        if choice < 0.10 and loops and not self.base:
            return self.loop()
        if choice < 0.14 and not self.depth:
            return self.call()
        if choice < 0.18:
            return self.far_call()
        if choice < 0.21 and not self.base:
            return [self.trap()]
        if choice < 0.22:
            size = self.rng.choice([-48, 16, 80])
            return [self.item("c.addi16sp", nzimm=size), *self.set_base(2)]
        if choice < 0.25 and self.banked and not self.depth:
            return [self.item("lw rd, imm(rs1)", rd=self.rng.choice(DATA), rs1=PORT, imm=0xC)]
        return self.simple()

    def block(self, length: int, loops: bool) -> list[Item]:
        """Elements with forward branches and jumps among them."""
        elements = [self.element(loops) for _ in range(length)]
        for i in reversed(range(length - 1)):
            choice = self.rng.random()
            if choice > 0.12:
                continue
            goal = elements[min(length - 1, i + self.rng.choice([1, 2, 2, 3]))][0]
            elements[i] = [self.transfer(goal, choice < 0.08)]
        return [item for element in elements for item in element]

    def transfer(self, goal: Item, conditional: bool) -> Item:
        """A branch, or a jump that does not come back."""
        row: Instruction | Compressed
        if not conditional:
            row = _compressed()["c.j"] if self.rng.random() < 0.5 else _by_key()["jal rd, offset"]
            operands = {"rd": self.rng.choice([0, *DATA])} if isinstance(row, Instruction) else {}
        else:
            row = self.rng.choice(_pools(self.base)["branch"])
            operands = {k: v for k, v in self.operands(row).items() if k != "offset"}
        self.keys.add(row.mnemonic if isinstance(row, Compressed) else row.key)
        return Item(row, operands, goal)

    def preamble(self) -> Iterator[Item]:
        rng = self.rng
        for register in DATA:
            yield from self.load_constant(
                register, rng.choice([rng.choice(CORNERS), rng.getrandbits(32), rng.getrandbits(9)])
            )
        yield from self.load_constant(PORT, TEST_PORT)
        yield from self.load_constant(INDICES[0], rng.choice([-8, -4, 0, 3, 4]))
        yield from self.load_constant(INDICES[1], rng.choice([-3, 2, 4, 8]))
        if self.banked:
            # Harts differ in their second index, and so in their addresses and, by what they load, in everything.
            hart = INDICES[1]
            yield self.item("csrrs rd, csr, rs1", rd=hart, csr=0xF14, rs1=0)
            yield self.item("slli rd, rs1, shamt", rd=hart, rs1=hart, shamt=rng.choice([0, 1, 2, 7, 7]))
        yield from self.load_constant(COUNTS[0], rng.choice([0, 1, 2, 3, 4]))
        yield from self.load_constant(COUNTS[1], rng.choice([2, 3, 5]))
        for base in BASES:
            yield from self.set_base(base)
        if self.rng.random() < 0.5:
            yield self.item("c.nop")

    def handler(self) -> list[Item]:
        """Goes on behind the instruction that trapped."""
        pc, half = HANDLER
        last = self.item("csrrw rd, csr, rs1", rd=0, csr=0x341, rs1=pc)
        return [
            self.item("csrrs rd, csr, rs1", rd=pc, csr=0x341, rs1=0),
            self.item("lhu rd, imm(rs1)", rd=half, rs1=pc, imm=0),
            self.item("addi rd, rs1, imm", rd=pc, rs1=pc, imm=2),
            self.item("andi rd, rs1, imm", rd=half, rs1=half, imm=3),
            self.item("addi rd, rs1, imm", rd=half, rs1=half, imm=-3),
            self.item("bne rs1, rs2, offset", target=last, rs1=half, rs2=0),
            self.item("addi rd, rs1, imm", rd=pc, rs1=pc, imm=2),
            last,
            self.item("mret"),
        ]

    def make(self) -> RandomProgram:
        code = list(self.preamble())
        block = self.block(self.length, True)
        end = self.item("sw rs2, imm(rs1)", rs1=PORT, rs2=0, imm=0)
        if self.repeat > 1:
            code += self.load_constant(COUNTS[1], self.repeat)
            block.append(self.item("addi rd, rs1, imm", rd=COUNTS[1], rs1=COUNTS[1], imm=-1))
            block.append(self.item("beq rs1, rs2, offset", target=end, rs1=COUNTS[1], rs2=0))
            block.append(self.item("jal rd, offset", target=block[0], rd=0))
        forever = self.item("jal rd, offset", rd=0)
        forever.target = forever
        code += [*block, end, forever]
        for body in self.subroutines:
            code += body
        low, high = assemble(self.handler(), 0), assemble(code, ENTRY)
        return RandomProgram(low.ljust(ENTRY, b"\0") + high, self.keys, end.address)


def assemble(items: Sequence[Item], address: int) -> bytes:
    """Give every instruction its address, then encode."""
    for item in items:
        item.address = address
        address += item.size
    return b"".join(item.word().to_bytes(item.size, "little") for item in items)
