"""The instruction table: complete, provably unambiguous, and its own inverse."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from iss.isa.decode import (
    by_mnemonic,
    compressed_by_mnemonic,
    compressed_rows,
    decode,
    disassemble,
    expand,
    find,
    register_name,
    rows,
)
from iss.isa.encoding import REGISTERS, Encoding, EncodingError, Field
from iss.isa.table import TABLE, Alu, Body, Instruction, Store, define, instruction, prove

EXTENSION = "test"
with (Path(__file__).parents[1] / "data" / "xpulpv2.csv").open() as file:
    SPEC = list(csv.DictReader(file))
ROWS = rows()


def row_id(row) -> str:
    return re.sub(r"\W+", "_", f"{row.mnemonic} {row.operands}").strip("_")


# --- complete


def test_every_specified_instruction_is_there_once_and_no_other():
    ours = sorted(
        (row.mnemonic, row.encoding.match | row.encoding.filler, row.encoding.mask)
        for row in ROWS
        if row.extension == "XpulpV2"
    )
    specified = sorted((s["gas_mnemonic"], int(s["match"], 16), int(s["rtl_mask"], 16)) for s in SPEC)
    assert ours == specified


def test_other_spellings_are_the_manuals():
    written = {s["gas_mnemonic"]: s["mnemonic"] for s in SPEC} | {"pv.pack.h": "pv.pack", "pv.pack.h.h": "pv.pack.h.h"}
    for row in ROWS:
        if row.extension == "XpulpV2":
            assert (row.spelling or row.mnemonic) == written[row.mnemonic]


def test_rv32imc():
    base = """lui auipc jal jalr beq bne blt bge bltu bgeu lb lh lw lbu lhu sb sh sw addi slti sltiu xori ori andi slli
        srli srai add sub sll slt sltu xor srl sra or and fence fence.i ecall ebreak mret wfi mul mulh mulhsu mulhu div
        divu rem remu csrrw csrrs csrrc csrrwi csrrsi csrrci"""
    assert {row.mnemonic for row in ROWS if row.extension != "XpulpV2"} == set(base.split())
    short = """addi4spn lw sw nop addi jal li addi16sp lui srli srai andi sub xor or and j beqz bnez slli lwsp jr mv
        ebreak jalr add swsp"""
    assert {row.mnemonic for row in compressed_rows()} == {f"c.{name}" for name in short.split()}


def test_every_row_is_documented():
    assert [row.key for row in ROWS if not row.manual.endswith(".")] == []


# --- what the engine relies on


def test_the_interpreter_stays_small():
    assert len({(row.kind, row.body) for row in ROWS}) < 230


def test_constants_and_immediates_fit_the_packed_instruction():
    bits = {1: 32, 2: 16, 3: 8, 4: 8}
    for row in ROWS:
        values = {name: (value, value) for name, value in row.constants.items()}
        for name, item in row.fields.items():
            if not item.is_register and name in row.body.params:
                values[name] = (item.low, item.high)
        for low, high in values.values():
            limit = 1 << (bits[len(values)] - 1)
            assert -limit <= low, row.key
            assert high < (limit if len(values) > 1 else 1 << 32), row.key


def test_a_vector_instructions_three_forms_share_one_body():
    families: dict[str, list[Instruction]] = {}
    for row in ROWS:
        if row.mnemonic.startswith("pv.") and (
            row.splat or f"{row.mnemonic[:-2]}.sc{row.mnemonic[-2:]}" in by_mnemonic()
        ):
            families.setdefault(re.sub(r"\.sci?", "", row.mnemonic), []).append(row)
    assert len(families) == 60
    for name, forms in families.items():
        bits = 16 if name.endswith("h") else 8
        assert sorted(row.splat for row in forms) == [0, bits, bits]
        assert len({id(row.body) for row in forms}) == 1


# --- the proof


def row(
    syntax: str, pattern: str, params: str = "rs1", constants: Mapping[str, int] | None = None, refines: str = ""
) -> Instruction:
    body = Body.generate(f"def body({params}):\n    return 0")
    encoding = Encoding.parse(pattern)
    made = Instruction(syntax, encoding, Alu(), body, "Test.", EXTENSION, constants=constants or {}, refines=refines)
    made.check()
    return made


GOOD = "imm[11:0] rs1 000 rd 0001011"


def test_proof_accepts_the_table():
    prove(ROWS)
    prove([row("t.a rd, imm(rs1)", GOOD)])


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("imm[11:0] rs1 000 rd 000101", "31 bits"),
        ("imm[11:0] rs1 000 rd 00010110", "33 bits"),
        ("imm[11:0] rs1 000 rd", "25 bits"),
        ("imm[11:5|5:1] rs1 000 rd 0001011", "names a bit twice"),
        ("imm rs1 000 rd 0001011", "names no bits"),
        ("imm[11:0] rs1 0x0 rd 0001011", "cannot read"),
    ],
)
def test_bad_patterns_are_rejected(pattern, complaint):
    with pytest.raises(EncodingError, match=complaint):
        row("t.a rd, imm(rs1)", pattern)


@pytest.mark.parametrize(
    ("syntax", "params", "complaint"),
    [
        ("t.a rd, imm(rs2)", "rs1", r"disagree on \['rs1', 'rs2'\]"),
        ("t.a rd, rs1", "rs1", r"disagree on \['imm'\]"),
        ("t.a rd, imm(rs1)", "rs1, uimm", r"\['uimm'\], which the pattern does not have"),
        ("t.a rd, imm(rs1)", "rs1, rs2", r"\['rs2'\], which the pattern does not have"),
    ],
)
def test_bad_rows_are_rejected(syntax, params, complaint):
    with pytest.raises(EncodingError, match=complaint):
        row(syntax, GOOD, params)


def test_constants_count_as_known():
    assert row("t.a rd, imm(rs1)", GOOD, "rs1, shift", {"shift": 3}).body.params == ("rs1", "shift")


def test_a_bad_row_does_not_enter_the_table():
    before = len(TABLE)
    with pytest.raises(EncodingError):

        @instruction("t.a rd, rs1", GOOD)
        def t_a(rs1):
            """Nothing."""
            return rs1

    with pytest.raises(EncodingError):
        define(Body.generate("def b(x):\n    return x"), "t.a rd, imm(rs1)", GOOD, Alu(), manual="", extension="test")
    assert len(TABLE) == before


def test_undeclared_overlap_is_rejected():
    general, special = row("t.a rd, imm(rs1)", GOOD), row("t.b rd, rs1", "000000000000 rs1 000 rd 0001011")
    with pytest.raises(EncodingError, match=r"t\.a .* and t\.b .* overlap"):
        prove([general, special])
    prove([general, row("t.b rd, rs1", "000000000000 rs1 000 rd 0001011", refines="t.a")])
    prove([general, row("t.b rd, rs1", "000000000000 rs1 001 rd 0001011")])


def test_one_name_twice_is_rejected():
    with pytest.raises(EncodingError, match="defined twice"):
        prove([row("t.a rd, imm(rs1)", GOOD), row("t.a rd, imm(rs1)", "imm[11:0] rs1 001 rd 0001011")])


# --- decoding


@pytest.mark.parametrize("spec", SPEC, ids=lambda s: re.sub(r"\W+", "_", s["syntax"]))
def test_decode_ignores_what_the_core_ignores(spec):
    rng = random.Random(spec["syntax"])
    mask, match = int(spec["rtl_mask"], 16), int(spec["match"], 16)
    for word in (match, match | ~mask & 0xFFFFFFFF, *(match & mask | rng.getrandbits(32) & ~mask for _ in range(50))):
        decoded = decode(word)
        assert decoded is not None
        assert spec["gas_mnemonic"] in (decoded.row.mnemonic, decoded.row.refines)
        assert decoded.size == 4


@pytest.mark.parametrize("opcode", [0x03, 0x0B, 0x23, 0x2B, 0x33, 0x57, 0x5B, 0x63, 0x7B])
def test_decode_follows_the_specification(opcode):
    specified = [(int(s["rtl_mask"], 16), int(s["match"], 16), s["gas_mnemonic"]) for s in SPEC]
    specified.sort(key=lambda s: -s[0].bit_count())
    rng = random.Random(opcode)
    for _ in range(20000):
        word = rng.getrandbits(25) << 7 | opcode
        expected = next((name for mask, match, name in specified if (word ^ match) & mask == 0), None)
        decoded = decode(word)
        if expected is None:
            assert decoded is None or decoded.row.extension != "XpulpV2"
        else:
            assert decoded is not None
            assert decoded.row.mnemonic == expected


@pytest.mark.parametrize(
    "word",
    [
        0x0000700B | 1 << 25,  # p.lb, register post-increment, with an unused funct7
        0x04100033,  # p.abs with rs2
        0x10106033,  # p.extbs that selects byte 2
        0x00003003,  # ld
        0x00003023,  # sd
        0x0000707B,  # hardware loop, funct3 7
        0x82000033,  # register bit manipulation with bits 29:25
        0xF0000073,  # system, unknown
        0x00004073,  # csr, funct3 4
        0x0000002F,  # amo
        0x00000053,  # floating point
        0x7C000057,  # vector, unused function
    ],
)
def test_illegal(word):
    assert decode(word) is None
    assert disassemble(word) == f".word   0x{word:08x}"


# --- encoding


def random_operand(item: Field, rng: random.Random) -> int:
    if item.is_short_register:
        return rng.randrange(8, 16)
    if item.is_register:
        return rng.randrange(32)
    values = range(item.low, item.high + 1, item.step)
    value = rng.choice((rng.choice(values), values[0], values[-1]))
    return value or (item.step if item.nonzero else 0)


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_encoding_is_the_inverse_of_decoding(row):
    rng = random.Random(row.key)
    for _ in range(100):
        operands = {name: random_operand(item, rng) for name, item in row.fields.items()}
        word = row.encoding.encode(operands)
        assert row.encoding.decode(word) == operands
        decoded = decode(word)
        assert decoded is not None
        assert row.mnemonic in (decoded.row.mnemonic, decoded.row.refines)
        assert decoded.row.encoding.encode(decoded.operands) == decoded.word == word
        if decoded.row is row:
            assert decoded.operands == operands


@pytest.mark.parametrize("row", compressed_rows(), ids=row_id)
def test_compressed_encoding_is_the_inverse_of_decoding(row):
    rng = random.Random(row.mnemonic)
    for _ in range(100):
        operands = {name: random_operand(item, rng) for name, item in row.fields.items()}
        operands |= {name: operands[name] or 1 for name in row.nonzero}
        half = row.encoding.encode(operands)
        assert row.encoding.decode(half) == operands
        decoded = decode(half)
        assert decoded is not None
        assert decoded.compressed is not None
        assert decoded.size == 2
        if decoded.compressed is row:
            twin, values = expand(row, operands)
            assert decoded.row is twin
            assert decoded.operands == values
        else:  # c.lui to x2 is c.addi16sp, c.addi x0, 0 is c.nop
            assert (row.mnemonic, decoded.compressed.mnemonic) in (("c.lui", "c.addi16sp"), ("c.addi", "c.nop"))


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_operands_that_do_not_fit_are_rejected(row):
    fine = {name: item.step if item.nonzero else 0 for name, item in row.fields.items()}
    row.encoding.encode(fine)
    for name, item in row.fields.items():
        for value in (item.low - item.step, item.high + item.step, *((1,) if item.step > 1 else ())):
            with pytest.raises(EncodingError, match=re.escape(name)):
                row.encoding.encode({**fine, name: value})


# --- disassembling


@pytest.mark.parametrize("row", [*ROWS, *compressed_rows()], ids=row_id)
def test_disassemble_names_the_mnemonic_and_every_operand(row):
    rng = random.Random(row.syntax)
    operands = {name: random_operand(item, rng) for name, item in row.fields.items()}
    operands |= {name: operands[name] or 1 for name in getattr(row, "nonzero", ())}
    word = row.encoding.encode(operands)
    text = disassemble(word, pc=0x1C008000)
    decoded = decode(word)
    assert decoded is not None
    assert text.split()[0] == decoded.mnemonic
    for name, item in row.fields.items():
        if item.is_register:
            assert re.search(rf"\b{register_name(operands[name])}\b", text)
        elif item.pc_relative:
            assert f"0x{(0x1C008000 + operands[name]) & 0xFFFFFFFF:x}" in text


def test_disassemble_uses_symbols():
    names = {0x1C008010: "loop"}
    assert disassemble(0x0100006F, 0x1C008000, names.get) == "jal     zero, 0x1c008010 <loop>"


def test_find():
    assert find("PV.SDOTSP.B") == by_mnemonic()["pv.sdotsp.b"]
    assert len(find("p.lw")) == 3
    assert find("c.mv") == [compressed_by_mnemonic()["c.mv"]]
    with pytest.raises(KeyError, match=r"did you mean .*pv\.sdotsp\.b"):
        find("pv.sdotps.b")


# --- hazards


def rtl_reads(word: int) -> set[int]:
    """The registers that RI5CY's decoder marks as read (rega/regb/regc_used_o of riscv_decoder.sv); x0 never stalls."""
    opcode, funct3, prefix = word & 0x7F, word >> 12 & 7, word >> 30
    rd, rs1, rs2 = word >> 7 & 31, word >> 15 & 31, word >> 20 & 31
    reads: set[int] = set()
    if opcode in (0x67, 0x13):
        reads = {rs1}
    elif opcode == 0x63:
        reads = {rs1} if funct3 in (2, 3) else {rs1, rs2}
    elif opcode in (0x03, 0x0B):
        reads = {rs1, rs2} if funct3 == 7 else {rs1}
    elif opcode in (0x23, 0x2B):
        reads = {rs1, rs2, rd} if funct3 >= 4 else {rs1, rs2}
    elif opcode == 0x33 and prefix == 3:  # p.insert and p.bitrev
        reads = {rs1, rd} if funct3 in (2, 5) else {rs1}
    elif opcode == 0x33 and prefix == 2:  # p.insertr
        reads = {rs1, rs2, rd} if funct3 == 2 else {rs1, rs2}
    elif opcode == 0x33:
        reads = {rs1}
        if not word >> 28 & 1 or (word >> 25 == 0b0001010 and funct3 in (5, 6)):  # p.clipr, p.clipur
            reads.add(rs2)
        if word >> 25 == 0b0100001:  # p.mac, p.msu
            reads.add(rd)
    elif opcode == 0x5B:
        reads = {rs1, rs2}
        if funct3 & 3 == 1 or (funct3 & 2 and word >> 30 & 1):  # multiply-accumulate; shift amount in rs2
            reads.add(rd)
    elif opcode == 0x57:
        reads = vector_reads(word >> 26, funct3 >= 6, rd, rs1, rs2)
    elif opcode == 0x7B:
        reads = {rs1} if funct3 in (2, 4) else set()
    elif opcode == 0x73:
        reads = {rs1} if funct3 in (1, 2, 3) else set()
    return reads - {0}


def vector_reads(funct6: int, immediate: bool, rd: int, rs1: int, rs2: int) -> set[int]:
    shuffles = {0b110000, 0b111010, 0b111100, 0b111110}
    packs = {0b110100, 0b110110, 0b111000}
    complex_numbers = {0b010101, 0b011011, 0b011101, 0b011001}
    reads = {rs1}
    if not immediate or funct6 in shuffles | packs | complex_numbers:
        reads.add(rs2)
    if funct6 == 0b010111:  # pv.cplxconj
        reads = {rs1}
    # shuffle2, packhi, packlo, insert, the three sdot, cplxmul
    if funct6 in (0b110010, 0b110110, 0b111000, 0b101100, 0b101000, 0b101010, 0b101110, 0b010101):
        reads.add(rd)
    return reads


PLACES = {"rd": 7, "rs1": 15, "rs2": 20, "rs3": 7}


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_hazard_reads_are_the_cores(row):
    rng = random.Random(row.key)
    for _ in range(50):
        word = row.encoding.encode({name: random_operand(item, rng) for name, item in row.fields.items()})
        names = set(row.sources) | set(row.false_reads)
        assert {word >> PLACES[name] & 31 for name in names} - {0} == rtl_reads(word)


def test_sources_are_fields():
    for row in ROWS:
        assert set(row.sources) <= set(row.fields) & set(REGISTERS)
        assert not set(row.false_reads) & set(row.sources)
        if isinstance(row.kind, Store):
            assert {"rs1", "rs2"} <= set(row.sources)
