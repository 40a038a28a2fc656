"""XpulpV2 bit manipulation (RI5CY manual, chapter 14.3.1)."""

from __future__ import annotations

import ast
from collections.abc import Callable

from iss.isa.arith import clz, ctz, mask, popcount, reverse_groups, s32
from iss.isa.table import Alu, Body, define, instruction

EXTENSION = "XpulpV2"


def bit_field(name: str, funct3: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """The two forms of an instruction on the Is3 + 1 bits from bit Is2 up: given as immediates, or in rs2."""

    def decorate(function: Callable[..., object]) -> Callable[..., object]:
        body = Body.of(function)
        manual = function.__doc__ or ""
        define(
            body,
            f"{name} rd, rs1, Is3, Is2",
            f"11 Is3[4:0] Is2[4:0] rs1 {funct3} rd 0110011",
            Alu(),
            manual=manual,
            extension=EXTENSION,
        )
        define(
            _from_register(body),
            f"{name}r rd, rs1, rs2",
            f"1000000 rs2 rs1 {funct3} rd 0110011",
            Alu(),
            manual=f"{manual} Is3 is rs2[9:5], Is2 is rs2[4:0].",
            extension=EXTENSION,
        )
        return function

    return decorate


def _from_register(body: Body) -> Body:
    node = body.tree
    node.name += "r"
    node.args.args = [a for a in node.args.args if a.arg not in ("Is3", "Is2")] + [ast.arg("rs2")]
    node.body = [*ast.parse("Is3 = rs2 >> 5 & 31; Is2 = rs2 & 31").body, *node.body]
    return Body.generate(ast.unparse(node))


@bit_field("p.extract", "000")
def p_extract(rs1, Is3, Is2):
    """Extract Is3 + 1 bits from bit Is2 up, sign-extended; above bit 31 the sign continues."""
    unused = 31 - Is3
    return s32((s32(rs1) >> Is2) << unused) >> unused


@bit_field("p.extractu", "001")
def p_extractu(rs1, Is3, Is2):
    """Extract Is3 + 1 bits from bit Is2 up, zero-extended."""
    return (rs1 >> Is2) & mask(Is3 + 1)


@bit_field("p.insert", "010")
def p_insert(rs1, rd, Is3, Is2):
    """Replace Is3 + 1 bits of rd from bit Is2 up by the low bits of rs1."""
    field = mask(Is3 + 1) << Is2
    return (rd & ~field) | ((rs1 << Is2) & field)


@bit_field("p.bclr", "011")
def p_bclr(rs1, Is3, Is2):
    """Clear Is3 + 1 bits from bit Is2 up."""
    return rs1 & ~(mask(Is3 + 1) << Is2)


@bit_field("p.bset", "100")
def p_bset(rs1, Is3, Is2):
    """Set Is3 + 1 bits from bit Is2 up."""
    return rs1 | (mask(Is3 + 1) << Is2)


@instruction("p.ff1 rd, rs1", "0001000 ----- rs1 000 rd 0110011")
def p_ff1(rs1):
    """Find the first one from the right: its bit number, or 32."""
    return ctz(rs1)


@instruction("p.fl1 rd, rs1", "0001000 ----- rs1 001 rd 0110011")
def p_fl1(rs1):
    """Find the last one, the first from the left: its bit number, or 32."""
    return 32 if rs1 == 0 else 31 - clz(rs1)


@instruction("p.clb rd, rs1", "0001000 ----- rs1 010 rd 0110011")
def p_clb(rs1):
    """Count the leading bits that repeat the sign bit, without itself; 0 for 0."""
    return 0 if rs1 == 0 else clz(rs1 ^ (s32(rs1) >> 31)) - 1


@instruction("p.cnt rd, rs1", "0001000 ----- rs1 011 rd 0110011")
def p_cnt(rs1):
    """Count the ones."""
    return popcount(rs1)


@instruction("p.ror rd, rs1, rs2", "0000100 rs2 rs1 101 rd 0110011")
def p_ror(rs1, rs2):
    """Rotate right by rs2[4:0]."""
    n = rs2 & 31
    return (rs1 >> n) | (rs1 << (32 - n))


# RI5CY's decoder marks rd as a source here, as for p.insert.
@instruction("p.bitrev rd, rs1, Is2, Is3", "11 --- Is3[1:0] Is2[4:0] rs1 101 rd 0110011", false_reads=("rd",))
def p_bitrev(rs1, Is2, Is3):
    """Shift left by Is2, then reverse the order of the bits (Is3 = 0 or 3), of the 16 bit pairs (1), or of the upper 10
    groups of three bits (2; the result has 30 bits)."""
    return reverse_groups(rs1 << Is2, 1 if Is3 == 3 else Is3 + 1)
