"""Every XpulpV2 instruction and form against a second model, on edge operands.

The model below knows the instructions only from data/xpulpv2.csv and the manual's words: it places operands in words itself,
computes lanes with NumPy's own 8 and 16-bit types and scalars with Python integers and strings of bits."""

from __future__ import annotations

import csv
import itertools
import random
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from iss.isa.decode import decode
from iss.isa.table import Branch, HwLoop, Load

with (Path(__file__).parents[1] / "data" / "xpulpv2.csv").open() as file:
    SPEC = list(csv.DictReader(file))
WORD = 0xFFFFFFFF
PC = 0x1C008004


def identity(row: dict[str, str]) -> str:
    """A readable test id: the mnemonic, and the operands where several forms share it."""
    name = row["gas_mnemonic"]
    operands = row["syntax"].partition(" ")[2].replace(" ", "")
    return name.replace(".", "_") + (f"-{operands}" if FORMS[name] > 1 else "")


FORMS = Counter(row["gas_mnemonic"] for row in SPEC)


def signed(value: int, bits: int = 32) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


# --- operands: where the CSV's column "fields" says they are


def tokens(row: dict[str, str]) -> list[str]:
    return re.findall(r"\w+", row["syntax"].partition(" ")[2])


def immediates(row: dict[str, str], token: str) -> range:
    """The values an assembler takes."""
    name = row["gas_mnemonic"]
    if token == "uimmL":
        return range(4096) if name in ("lp.counti", "lp.setupi") else range(0, 8192, 2)
    if token == "Is3":
        return range(4 if name == "p.bitrev" else 32)
    if token == "I":
        return range(2 if name.endswith("h") else 4)
    return {
        "imm": range(-2048, 2048),
        "L": range(2),
        "uimmS": range(0, 64, 2),
        "Is2": range(32),
        "simm6": range(-32, 32),
        "uimm6": range(64),
        "uimm5": range(32),
        "imm5": range(-16, 16),
        "label": range(-4096, 4096, 2),
    }[token]


def placed(row: dict[str, str], token: str, value: int) -> int:
    """An operand's bits in the instruction."""
    name = row["gas_mnemonic"]
    if token in ("rd", "rs3", "L"):
        return value << 7
    if token in ("rs1", "uimmS"):
        return value << 15 if token == "rs1" else value >> 1 << 15
    if token in ("rs2", "Is2"):
        return value << 20
    if token == "Is3":
        return value << 25
    if token in ("simm6", "uimm6", "uimm5", "I"):
        return (value & 1) << 25 | (value >> 1 & 31) << 20
    if token == "imm5":
        return (value & 31) << 20
    if token == "uimmL":
        return (value if name in ("lp.counti", "lp.setupi") else value >> 1) << 20
    if token == "imm" and name in ("p.sb", "p.sh", "p.sw"):
        return (value >> 5 & 127) << 25 | (value & 31) << 7
    if token == "imm":
        return (value & 0xFFF) << 20
    assert token == "label"
    return (value >> 12 & 1) << 31 | (value >> 5 & 63) << 25 | (value >> 1 & 15) << 8 | (value >> 11 & 1) << 7


EDGES = (
    0x00000000, 0x00000001, 0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 0x80808080, 0x7F7F7F7F, 0x7FFF8000, 0x80007FFF, 0x00FF0100,
    0x01020304, 0x0000FFFF, 0xFFFE8001, 0x0000001F, 0x000003E0,
)  # fmt: skip
REGISTERS = {
    "distinct": {"rd": 10, "rs1": 11, "rs2": 12, "rs3": 13},
    "rd is rs1": {"rd": 10, "rs1": 10, "rs2": 12, "rs3": 10},
    "rd is rs2": {"rd": 10, "rs1": 11, "rs2": 10, "rs3": 12},
    "rs1 is rs2": {"rd": 10, "rs1": 11, "rs2": 11, "rs3": 13},
    "all one": {"rd": 31, "rs1": 31, "rs2": 31, "rs3": 31},
    "rd is x0": {"rd": 0, "rs1": 11, "rs2": 12, "rs3": 13},
    "sources are x0": {"rd": 10, "rs1": 0, "rs2": 0, "rs3": 0},
}


def cases(row: dict[str, str]):
    """(register numbers, their values in order of rd, rs1, rs2, rs3, immediates): directed ones, then random ones."""
    rng = random.Random(row["match"] + row["rtl_mask"])
    names = [token for token in tokens(row) if not token.startswith("r")]
    extremes = []
    for name in names:
        legal = immediates(row, name)
        zero = 0 if 0 in legal else legal[0]
        extremes.append(sorted({legal[0], legal[-1], legal[len(legal) // 2], zero, min(zero + legal.step, legal[-1])}))
    corners = itertools.cycle(itertools.product(*extremes))
    aliases = itertools.cycle(REGISTERS)
    for a, b in itertools.product(EDGES, EDGES):
        values = (rng.choice(EDGES), a, b, rng.choice(EDGES))
        yield REGISTERS[next(aliases)], values, dict(zip(names, next(corners), strict=True))
    for corner in itertools.product(*extremes):
        values = tuple(rng.choice(EDGES) for _ in range(4))
        yield REGISTERS["distinct"], values, dict(zip(names, corner, strict=True))
    for _ in range(50):
        values = tuple(rng.getrandbits(32) for _ in range(4))
        registers = REGISTERS[rng.choice(list(REGISTERS))]
        yield registers, values, {name: rng.choice(immediates(row, name)) for name in names}


# --- the model: vectors


def lanes(word: int, kind: str) -> np.ndarray:
    return np.frombuffer(word.to_bytes(4, "little"), dtype=f"<{kind}").copy()


def joined(values: np.ndarray, kind: str) -> int:
    return int.from_bytes(np.asarray(values).astype(f"<u{kind[1]}").tobytes(), "little")


COMPARE = {
    "eq": np.equal,
    "ne": np.not_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "lt": np.less,
    "le": np.less_equal,
}
VECTOR = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "avg": lambda a, b: (a + b) >> 1,
    "min": np.minimum,
    "max": np.maximum,
    "srl": lambda a, b: a >> (b & (a.itemsize * 8 - 1)),
    "sra": lambda a, b: a >> (b & (a.itemsize * 8 - 1)),
    "sll": lambda a, b: a << (b & (a.itemsize * 8 - 1)),
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "and": np.bitwise_and,
    "abs": lambda a, b: np.where(a > 0, a, 0 - a),
}
VECTOR |= {f"cmp{name}": lambda a, b, test=test: np.where(test(a, b), -1, 0) for name, test in COMPARE.items()}
UNSIGNED = ("avgu", "minu", "maxu", "srl", "sll", "cmpgtu", "cmpgeu", "cmpltu", "cmpleu")
ELEMENTWISE = re.compile(rf"pv\.({'|'.join(VECTOR)})u?(\.sci?)?\.([hb])$")
DOT = re.compile(r"pv\.(s?)dot(up|usp|sp)(\.sci?)?\.([hb])$")
COMPLEX = re.compile(r"pv\.(subrotmj|cplxmul|add(?=.*div)|sub(?=.*div))\.h(\.[ri])?(?:\.div([248]))?$")


def second(form: str | None, kind: str, op: dict[str, int]) -> np.ndarray:
    """The second operand of a vector instruction."""
    if form is None:
        return lanes(op["rs2"], kind) if "rs2" in op else lanes(0, kind)
    if form == ".sc":
        return np.repeat(lanes(op["rs2"], kind)[:1], 4 // int(kind[1]))
    immediate = next(op[name] for name in ("simm6", "uimm6", "uimm5") if name in op)
    return np.full(4 // int(kind[1]), immediate).astype(f"<{kind}")


def vector(name: str, op: dict[str, int]) -> int | None:
    """The result of a pv. instruction other than the complex ones, or None."""
    if found := ELEMENTWISE.match(name):
        sign = "u" if name[3:].partition(".")[0] in UNSIGNED else "i"
        kind = f"{sign}{'2' if found[3] == 'h' else '1'}"
        return joined(VECTOR[found[1]](lanes(op["rs1"], kind), second(found[2], kind, op)), kind)
    if found := DOT.match(name):
        size = "2" if found[4] == "h" else "1"
        a = lanes(op["rs1"], ("i" if found[2] == "sp" else "u") + size).astype(np.int64)
        b = second(found[3], ("u" if found[2] == "up" else "i") + size, op).astype(np.int64)
        return int(np.dot(a, b)) + (op["rd"] if found[1] else 0)
    return None


def bytes_of(word: int) -> list[int]:
    return [word >> 8 * i & 0xFF for i in range(4)]


def halves_of(word: int) -> list[int]:
    return [word & 0xFFFF, word >> 16]


def of_bytes(values: list[int]) -> int:
    return int.from_bytes(bytes(values), "little")


def of_halves(values: list[int]) -> int:
    return (values[0] & 0xFFFF) | (values[1] & 0xFFFF) << 16


def permutation(name: str, op: dict[str, int]) -> int | None:
    """Shuffles, packs, and single lanes."""
    a, rd, b = op["rs1"], op["rd"], op.get("rs2", 0)
    split, join = (halves_of, of_halves) if name.endswith("h") else (bytes_of, of_bytes)
    if name.startswith("pv.extract"):
        lane = split(a)[op["I"]]
        return lane if name.startswith("pv.extractu") else signed(lane, 16 if name.endswith("h") else 8)
    if name.startswith("pv.insert"):
        values = split(rd)
        values[op["I"]] = split(a)[0]
        return join(values)
    if name == "pv.shuffle.sci.h":
        return of_halves([halves_of(a)[op["uimm6"] >> i & 1] for i in (0, 1)])
    if found := re.match(r"pv\.shufflei(\d)\.sci\.b", name):
        source = bytes_of(a)
        return of_bytes([source[op["uimm6"] >> i & 3] for i in (0, 2, 4)] + [source[int(found[1])]])
    if name.startswith("pv.shuffle."):
        source = split(a)
        return join([source[selector % len(source)] for selector in split(b)])
    if name.startswith("pv.shuffle2."):
        source = split(rd) + split(a)
        return join([source[selector % len(source)] for selector in split(b)])
    return {
        "pv.pack.h": of_halves([halves_of(b)[0], halves_of(a)[0]]),
        "pv.pack.h.h": of_halves([halves_of(b)[1], halves_of(a)[1]]),
        "pv.packhi.b": of_bytes([*bytes_of(rd)[:2], bytes_of(b)[0], bytes_of(a)[0]]),
        "pv.packlo.b": of_bytes([bytes_of(b)[0], bytes_of(a)[0], *bytes_of(rd)[2:]]),
    }.get(name)


def complex_numbers(name: str, op: dict[str, int]) -> int | None:
    """Half-word pairs as complex numbers, real part low."""
    re1, im1 = (signed(half, 16) for half in halves_of(op["rs1"]))
    re2, im2 = (signed(half, 16) for half in halves_of(op.get("rs2", 0)))
    if name == "pv.cplxconj.h":
        return of_halves([re1, -im1])
    found = COMPLEX.match(name)
    if found is None:
        return None
    divisor = int(found[3] or 1)
    kept = halves_of(op["rd"])
    if found[2] == ".r":
        return of_halves([signed(re1 * re2 - im1 * im2) // (divisor << 15), kept[1]])
    if found[2] == ".i":
        return of_halves([kept[0], signed(re1 * im2 + im1 * re2) // (divisor << 15)])
    pair = {"add": (re1 + re2, im1 + im2), "sub": (re1 - re2, im1 - im2), "subrotmj": (im1 - im2, re2 - re1)}[found[1]]
    return of_halves([signed(half, 16) // divisor for half in pair])


# --- the model: scalars

SCALED = re.compile(r"p\.(add|sub)(u?)(r?)n(r?)$")
PRODUCT = re.compile(r"p\.(mul|mac)(hh)?([su])(r?)(n?)$")
FIELD = re.compile(r"p\.(extract|extractu|insert|bclr|bset)(r?)$")


def shifted(total: int, amount: int, rounded: bool, unsigned: bool) -> int:
    """Round, wrap to 32 bits, shift right."""
    if rounded and amount:
        total += 2 ** (amount - 1)
    return (total & WORD if unsigned else signed(total)) // 2**amount


def bit_field(operation: str, a: int, rd: int, width: int, position: int) -> int:
    """The bits as characters, the lowest first."""
    bits, old = f"{a:032b}"[::-1], f"{rd:032b}"[::-1]
    end = position + width
    if operation.startswith("extract"):
        above = bits[31] if operation == "extract" else "0"
        found = (bits + above * 32)[position:end]
        value = int(found[::-1], 2)
        return signed(value, width) if operation == "extract" else value
    if operation == "insert":
        return int((old[:position] + bits[:width] + old[end:])[:32][::-1], 2)
    digit = "0" if operation == "bclr" else "1"
    return int((bits[:position] + digit * width + bits[end:])[:32][::-1], 2)


def reversed_groups(value: int, radix: int) -> int:
    digits = f"{value:032b}"
    group = {0: 1, 1: 2, 2: 3, 3: 1}[radix]
    groups = [digits[i : i + group] for i in range(0, 32 - group + 1, group)]
    return int("".join(reversed(groups)), 2)


def clip(value: int, low: int, high: int) -> int:
    """The lower bound first, as RI5CY does: it matters when they cross."""
    if value <= low:
        return low
    return min(value, high)


def scalar(name: str, op: dict[str, int]) -> int:
    """The result of a p. instruction."""
    a, rd, b = op["rs1"], op["rd"], op.get("rs2", 0)
    if found := SCALED.match(name):
        left, right, amount = (rd, a, b % 32) if found[4] else (a, b, op["Is3"])
        return shifted(left + right if found[1] == "add" else left - right, amount, bool(found[3]), bool(found[2]))
    if found := PRODUCT.match(name):
        high, unsigned = bool(found[2]), found[3] == "u"
        x, y = halves_of(a)[high], halves_of(b)[high]
        total = (x * y if unsigned else signed(x, 16) * signed(y, 16)) + (rd if found[1] == "mac" else 0)
        return shifted(total, op.get("Is3", 0), bool(found[4]), unsigned)
    if found := FIELD.match(name):
        width, position = ((b >> 5) % 32 + 1, b % 32) if found[2] else (op["Is3"] + 1, op["Is2"])
        return bit_field(found[1], a, rd, width, position)
    digits = f"{a:032b}"
    bound = 2 ** max(op.get("Is2", 0) - 1, 0) - 1
    simple = {
        "p.abs": lambda: abs(signed(a)),
        "p.slet": lambda: int(signed(a) <= signed(b)),
        "p.sletu": lambda: int(a <= b),
        "p.min": lambda: min(signed(a), signed(b)),
        "p.minu": lambda: min(a, b),
        "p.max": lambda: max(signed(a), signed(b)),
        "p.maxu": lambda: max(a, b),
        "p.exths": lambda: signed(a, 16),
        "p.exthz": lambda: a % 65536,
        "p.extbs": lambda: signed(a, 8),
        "p.extbz": lambda: a % 256,
        "p.clip": lambda: clip(signed(a), -bound - 1, bound),
        "p.clipu": lambda: clip(signed(a), 0, bound),
        "p.clipr": lambda: clip(signed(a), -signed(b) - 1, signed(b)),
        "p.clipur": lambda: clip(signed(a), 0, signed(b)),
        "p.ff1": lambda: digits[::-1].find("1") % 33,
        "p.fl1": lambda: 31 - digits.find("1") if a else 32,
        "p.clb": lambda: len(digits) - len(digits.lstrip(digits[0])) - 1 if a else 0,
        "p.cnt": lambda: digits.count("1"),
        "p.ror": lambda: int((digits * 2)[32 - b % 32 :][:32], 2),
        "p.bitrev": lambda: reversed_groups(a << op["Is2"] & WORD, op["Is3"]),
        "p.mac": lambda: rd + a * b,
        "p.msu": lambda: rd - a * b,
    }
    return simple[name]()


def alu(name: str, op: dict[str, int]) -> int:
    """The value for rd."""
    if not name.startswith("pv."):
        return scalar(name, op)
    results = [found for model in (complex_numbers, permutation, vector) if (found := model(name, op)) is not None]
    assert len(results) == 1, name
    return results[0]


# --- the model: memory, hardware loops, branches


def check_memory(row, op, numbers, machine, core, word):
    """Loads and stores: the registers and bytes that they change."""
    name = row["gas_mnemonic"]
    letters = name.removeprefix("p.")
    size = {"b": 1, "h": 2, "w": 4}[letters.rstrip("u")[-1]]
    offset = next(op[key] for key in ("imm", "rs3", "rs2") if key in op and (key != "rs2" or name.startswith("p.l")))
    post = "!" in row["syntax"]
    address = op["rs1"] if post else (op["rs1"] + offset) & WORD
    expected = machine(list(core.registers))
    if name.startswith("p.s"):
        expected.memory.write(address, op["rs2"], size)
    if post:
        expected.write(numbers["rs1"], op["rs1"] + offset)
    if not name.startswith("p.s"):
        value = core.memory.read(address, size)
        expected.write(numbers["rd"], value if name.endswith("u") else signed(value, 8 * size))
    core.step(word)
    assert core == expected
    kind = decode(word).row.kind
    assert (isinstance(kind, Load) and kind.event) == (name == "p.elw")


def check_loop(row, op, core, word):
    """Hardware loops: the loop and the registers of it that they set."""
    name = row["gas_mnemonic"]
    expected = {
        "lp.starti": lambda: {"start": PC + op["uimmL"]},
        "lp.endi": lambda: {"end": PC + op["uimmL"]},
        "lp.count": lambda: {"count": op["rs1"]},
        "lp.counti": lambda: {"count": op["uimmL"]},
        "lp.setup": lambda: {"start": PC + 4, "end": PC + op["uimmL"], "count": op["rs1"]},
        "lp.setupi": lambda: {"start": PC + 4, "end": PC + op["uimmS"], "count": op["uimmL"]},
    }[name]()
    decoded = decode(word)
    assert isinstance(decoded.row.kind, HwLoop)
    assert dict(zip(decoded.row.kind.sets, core.step(word, PC), strict=True)) == expected
    assert decoded.operands["L"] == op["L"]


def check_branch(row, op, core, word):
    """Branches: the decision and the target."""
    decoded = decode(word)
    assert isinstance(decoded.row.kind, Branch)
    equal = signed(op["rs1"]) == op["imm5"]
    assert core.step(word, PC) is (equal if row["gas_mnemonic"] == "p.beqimm" else not equal)
    assert decoded.operands["offset"] == op["label"]


@pytest.mark.parametrize("row", SPEC, ids=identity)
def test_edges(row, machine):
    name, group = row["gas_mnemonic"], row["group"]
    for numbers, values, constants in cases(row):
        word = int(row["match"], 16)
        core = machine()
        for register, value in zip(("rs3", "rs2", "rs1", "rd"), reversed(values), strict=True):
            core.write(numbers[register], value)
        op = dict(constants)
        for token in tokens(row):
            word |= placed(row, token, constants[token] if token in constants else numbers[token])
            if token not in constants:
                op[token] = core.registers[numbers[token]]
        if "load/store" in group or group == "event":
            check_memory(row, op, numbers, machine, core, word)
        elif group == "hwloop":
            check_loop(row, op, core, word)
        elif group == "imm-branch":
            check_branch(row, op, core, word)
        else:
            expected = list(core.registers)
            if numbers["rd"]:
                expected[numbers["rd"]] = alu(name, op) & WORD
            core.step(word)
            assert core.registers == expected, (numbers, op)
