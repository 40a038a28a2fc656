"""The manual's entries, and docs/isa.md being up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from iss.isa.decode import compressed_rows, rows
from iss.isa.encoding import Encoding
from iss.isa.manual import describe_word, diagram, entry, markdown

DOCUMENT = Path(__file__).parents[2] / "docs" / "isa.md"


def test_document_is_up_to_date():
    assert DOCUMENT.read_text() == markdown(), "stale: run `python -m iss.isa.manual > docs/isa.md`"


def test_document_names_every_instruction():
    text = markdown()
    for row in [*rows(), *compressed_rows()]:
        assert f"| `{row.syntax}` |".replace("|`", "`") in text


def test_diagram():
    bits, fields = diagram(Encoding.parse("imm[11:0] rs1 000 rd 0010011")).splitlines()
    assert bits == "  31     20   19 15   14 12   11 7   6     0"
    assert fields == "| imm[11:0] |  rs1  |  000  |  rd  | 0010011 |"


def test_diagrams_end_at_bit_0():
    for row in [*rows(), *compressed_rows()]:
        bits = diagram(row.encoding).split("\n")[0].split()
        assert (bits[0], bits[-1]) == (str(row.encoding.width - 1), "0")


def test_entry_has_syntax_meaning_body_timing_and_extension():
    text = entry("pv.sdotsp.b")
    assert text.startswith("pv.sdotsp.b rd, rs1, rs2  ")
    assert text.splitlines()[0].endswith("XpulpV2")
    assert "Dot product" in text
    assert "rd + s8(rs1) * s8(rs2)" in text
    assert "Timing  alu" in text


def test_entry_shows_every_form():
    text = entry("p.lw")
    assert [form in text for form in ("p.lw rd, imm(rs1!)", "p.lw rd, rs2(rs1!)", "p.lw rd, rs2(rs1)")] == [True] * 3
    assert "rd = 4 bytes, at rs1; then rs1 = result" in text


def test_entry_takes_the_manuals_spelling():
    assert entry("p.macsRN") == entry("p.macsrn")
    assert "Also written p.macsRN." in entry("p.macsrn")
    assert entry("pv.pack") == entry("pv.pack.h")


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("pv.add.sc.b", "rs2 is rs2's low 8 bits in every lane"),
        ("pv.add.sci.h", "rs2 is the immediate's low 16 bits in every lane"),
        ("pv.shufflei2.sci.b", "top = 2"),
        ("pv.shufflei2.sci.b", "takes bits 24:20 for a source register"),
        ("p.bitrev", "takes rd for a source register"),
        ("p.muls", "encodings of p.mulsn too"),
        ("p.exths", "ignores the bits marked -"),
        ("addi", "Compressed: c.addi4spn, c.nop, c.addi, c.li, c.addi16sp."),
        ("c.addi16sp", "nzimm: -512..496, a multiple of 16, not 0"),
        ("c.lw", "rs1' is one of x8..x15"),
        ("c.mv", "rs2 is not x0"),
        ("lp.setupi", "uoffset: 0..62, a multiple of 2, from the instruction's address"),
        ("lp.setupi", "start, end, count of loop L = result"),
        ("csrrw", "rd = old; csr = result"),
        ("mret", "acts on the hart"),
    ],
)
def test_notes(name, note):
    assert note in " ".join(entry(name).split())


def test_unknown_name_suggests():
    with pytest.raises(KeyError, match=r"did you mean .*p\.clip"):
        entry("p.clib")


def test_describe_word():
    text = describe_word(0xB8F88357)
    assert text.splitlines()[:2] == [
        "0xb8f88357  pv.sdotsp.h t1, a7, a5",
        "            rd = t1, rs1 = a7, rs2 = a5",
    ]
    assert entry("pv.sdotsp.h") in text


def test_describe_compressed_word():
    text = describe_word(0x1571)
    assert text.splitlines()[0] == "0x1571      c.addi  a0, -4"
    assert text.splitlines()[1] == "0xffc50513  addi    a0, a0, -4  (expanded)"
    assert entry("addi") in text
    assert "Expands to addi rd, rd, imm." in text


def test_describe_illegal_word():
    assert "traps as illegal" in describe_word(0x00000053)
    assert "16-bit" in describe_word(0x0000)


@pytest.mark.parametrize("row", [*rows(), *compressed_rows()], ids=lambda row: row.mnemonic.replace(".", "_"))
def test_entries_fit_the_terminal(row):
    assert max(map(len, entry(row.mnemonic).splitlines())) <= 100
