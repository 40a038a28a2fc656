"""XpulpV2 general ALU: absolute value, comparison, minimum, extension, clipping, scaled addition (RI5CY manual, 14.3.3)."""

from __future__ import annotations

from itertools import product

from iss.isa.arith import mask, s8, s16, s32, u8, u16
from iss.isa.table import Alu, Body, define, instruction

EXTENSION = "XpulpV2"


@instruction("p.abs rd, rs1", "0000010 00000 rs1 000 rd 0110011")
def p_abs(rs1):
    """Absolute value, signed; that of -2**31 is -2**31."""
    return rs1 if s32(rs1) > 0 else -rs1


@instruction("p.slet rd, rs1, rs2", "0000010 rs2 rs1 010 rd 0110011")
def p_slet(rs1, rs2):
    """Set if less or equal, signed."""
    return s32(rs1) <= s32(rs2)


@instruction("p.sletu rd, rs1, rs2", "0000010 rs2 rs1 011 rd 0110011")
def p_sletu(rs1, rs2):
    """Set if less or equal, unsigned."""
    return rs1 <= rs2


@instruction("p.min rd, rs1, rs2", "0000010 rs2 rs1 100 rd 0110011")
def p_min(rs1, rs2):
    """Minimum, signed."""
    return rs1 if s32(rs1) < s32(rs2) else rs2


@instruction("p.minu rd, rs1, rs2", "0000010 rs2 rs1 101 rd 0110011")
def p_minu(rs1, rs2):
    """Minimum, unsigned."""
    return rs1 if rs1 < rs2 else rs2


@instruction("p.max rd, rs1, rs2", "0000010 rs2 rs1 110 rd 0110011")
def p_max(rs1, rs2):
    """Maximum, signed."""
    return rs1 if s32(rs1) > s32(rs2) else rs2


@instruction("p.maxu rd, rs1, rs2", "0000010 rs2 rs1 111 rd 0110011")
def p_maxu(rs1, rs2):
    """Maximum, unsigned."""
    return rs1 if rs1 > rs2 else rs2


@instruction("p.exths rd, rs1", "0001000 ----- rs1 100 rd 0110011")
def p_exths(rs1):
    """Sign-extend the low half-word."""
    return s16(rs1)


@instruction("p.exthz rd, rs1", "0001000 ----- rs1 101 rd 0110011")
def p_exthz(rs1):
    """Zero-extend the low half-word."""
    return u16(rs1)


@instruction("p.extbs rd, rs1", "0001000 ---- 0 rs1 110 rd 0110011")
def p_extbs(rs1):
    """Sign-extend the low byte."""
    return s8(rs1)


@instruction("p.extbz rd, rs1", "0001000 ---- 0 rs1 111 rd 0110011")
def p_extbz(rs1):
    """Zero-extend the low byte."""
    return u8(rs1)


@instruction("p.clip rd, rs1, Is2", "0001010 Is2[4:0] rs1 001 rd 0110011")
def p_clip(rs1, Is2):
    """Clip to -2**(Is2-1) .. 2**(Is2-1)-1, signed; to -1 .. 0 for Is2 = 0."""
    value = s32(rs1)
    high = mask(Is2) >> 1
    return ~high if value <= ~high else high if value >= high else value


@instruction("p.clipu rd, rs1, Is2", "0001010 Is2[4:0] rs1 010 rd 0110011")
def p_clipu(rs1, Is2):
    """Clip a signed value to 0 .. 2**(Is2-1)-1; to 0 for Is2 = 0."""
    value = s32(rs1)
    high = mask(Is2) >> 1
    return 0 if value <= 0 else high if value >= high else value


@instruction("p.clipr rd, rs1, rs2", "0001010 rs2 rs1 101 rd 0110011")
def p_clipr(rs1, rs2):
    """Clip to -rs2-1 .. rs2, signed; the lower bound is tested first."""
    value = s32(rs1)
    high = s32(rs2)
    return ~high if value <= ~high else high if value >= high else value


@instruction("p.clipur rd, rs1, rs2", "0001010 rs2 rs1 110 rd 0110011")
def p_clipur(rs1, rs2):
    """Clip a signed value to 0 .. rs2; the lower bound is tested first."""
    value = s32(rs1)
    high = s32(rs2)
    return 0 if value <= 0 else high if value >= high else value


def scaled(operation: str, unsigned: bool, from_register: bool) -> None:
    """p.addN, p.addRN and so on: an addition or subtraction, rounding, and a shift right, with one body for both roundings."""
    u, r = "u" if unsigned else "", "r" if from_register else ""
    sign = {"add": "+", "sub": "-"}[operation]
    left, right, amount = ("rd", "rs1", "n") if from_register else ("rs1", "rs2", "Is3")
    body = Body.generate(
        f"def p_{operation}{u}n{r}(rs1, rs2, {'rd' if from_register else 'Is3'}, half):\n"
        + ("    n = rs2 & 31\n" if from_register else "")
        + f"    return {'u32' if unsigned else 's32'}({left} {sign} {right} + (half << {amount} >> 1)) >> {amount}"
    )
    shift = f"shift right {'logically' if unsigned else 'arithmetically'} by {'rs2[4:0]' if from_register else 'Is3'}"
    verb = {"add": f"Add {left} and {right}", "sub": f"Subtract {right} from {left}"}[operation]
    for rounded in (False, True):
        name = f"p.{operation}{u}{'R' if rounded else ''}N{r}"
        define(
            body,
            f"{name.lower()} rd, rs1, rs2" + ("" if from_register else ", Is3"),
            f"{unsigned:d}{from_register:d} {'-----' if from_register else 'Is3[4:0]'} rs2 rs1 "
            f"{rounded:d}1{operation == 'sub':d} rd 1011011",
            Alu(),
            manual=f"{verb}{', add half of the last bit to be dropped' if rounded else ''} (modulo 2**32), and {shift}.",
            extension=EXTENSION,
            constants={"half": int(rounded)},
            spelling=name,
        )


for operation, unsigned, from_register in product(("add", "sub"), (False, True), (False, True)):
    scaled(operation, unsigned, from_register)
