"""XpulpV2 memory access: post-increment and register-offset loads and stores, and p.elw (RI5CY manual, chapter 14.1)."""

from __future__ import annotations

from iss.isa.table import Body, Load, Store, define

EXTENSION = "XpulpV2"


def immediate_offset(rs1, imm):
    return rs1 + imm


def register_offset(rs1, rs2):
    return rs1 + rs2


def store_register_offset(rs1, rs3):
    return rs1 + rs3


IMMEDIATE = Body.of(immediate_offset)
REGISTER = Body.of(register_offset)
STORE_REGISTER = Body.of(store_register_offset)

POST = "at rs1, then add {} to rs1"
POST_LOAD = f"{POST}. When rd is rs1 the loaded value stays."
POST_STORE = f"{POST}. When rs2 is rs1 its old value is stored."


def loads(suffix: str, size: int, funct3: str, funct7: str, what: str) -> None:
    """The three forms of one load; `funct7` tells the loads apart where funct3 is taken by the form."""
    signed = not suffix.endswith("u")
    for syntax, pattern, post, body, where in (
        ("rd, imm(rs1!)", f"imm[11:0] rs1 {funct3} rd 0001011", True, IMMEDIATE, POST_LOAD.format("an immediate")),
        ("rd, rs2(rs1!)", f"{funct7} rs2 rs1 111 rd 0001011", True, REGISTER, POST_LOAD.format("rs2")),
        ("rd, rs2(rs1)", f"{funct7} rs2 rs1 111 rd 0000011", False, REGISTER, "at rs1 + rs2."),
    ):
        kind = Load(size, signed, post)
        define(body, f"p.{suffix} {syntax}", pattern, kind, manual=f"Load {what} {where}", extension=EXTENSION)


def stores(suffix: str, size: int, width: str, what: str) -> None:
    """The three forms of one store; `width` are the low bits of funct3.  rs3 is where other instructions have rd."""
    for syntax, pattern, post, body, where in (
        (
            "rs2, imm(rs1!)",
            f"imm[11:5] rs2 rs1 0{width} imm[4:0] 0101011",
            True,
            IMMEDIATE,
            POST_STORE.format("an immediate"),
        ),
        ("rs2, rs3(rs1!)", f"------- rs2 rs1 1{width} rs3 0101011", True, STORE_REGISTER, POST_STORE.format("rs3")),
        ("rs2, rs3(rs1)", f"------- rs2 rs1 1{width} rs3 0100011", False, STORE_REGISTER, "at rs1 + rs3."),
    ):
        kind = Store(size, post)
        define(body, f"p.{suffix} {syntax}", pattern, kind, manual=f"Store {what} {where}", extension=EXTENSION)


loads("lb", 1, "000", "0000000", "a byte, sign-extended,")
loads("lbu", 1, "100", "0100000", "a byte, zero-extended,")
loads("lh", 2, "001", "0001000", "a half-word, sign-extended,")
loads("lhu", 2, "101", "0101000", "a half-word, zero-extended,")
loads("lw", 4, "010", "0010000", "a word")
stores("sb", 1, "00", "a byte")
stores("sh", 2, "01", "a half-word")
stores("sw", 4, "10", "a word")

define(
    IMMEDIATE,
    "p.elw rd, imm(rs1)",
    "imm[11:0] rs1 110 rd 0000011",
    Load(4, event=True),
    manual="Load a word from the event unit, which answers when the awaited event has happened; until then the core's "
    "clock is stopped.",
    extension=EXTENSION,
)
