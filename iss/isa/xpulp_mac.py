"""XpulpV2 multiplication and multiply-accumulate (RI5CY manual, chapter 14.3.4)."""

from __future__ import annotations

from itertools import product

from iss.isa.table import Alu, Body, define, instruction

EXTENSION = "XpulpV2"


@instruction("p.mac rd, rs1, rs2", "0100001 rs2 rs1 000 rd 0110011")
def p_mac(rs1, rs2, rd):
    """Multiply and add to rd."""
    return rd + rs1 * rs2


@instruction("p.msu rd, rs1, rs2", "0100001 rs2 rs1 001 rd 0110011")
def p_msu(rs1, rs2, rd):
    """Multiply and subtract from rd."""
    return rd - rs1 * rs2


def half_words(accumulate: bool, signed: bool) -> None:
    """p.muls, p.mulsN, p.mulsRN and their upper-half forms, or the same of p.macs: a product of half-words, plain or scaled.

    One body for the plain forms and one for the others: `low` is the half-word's lowest bit, `half` is 1 to round."""
    stem = f"p_{'mac' if accumulate else 'mul'}{'s' if signed else 'u'}"
    half_word, word = ("s16", "s32") if signed else ("u16", "u32")
    accumulator, rd = ("rd + ", ", rd") if accumulate else ("", "")
    value = f"{accumulator}{half_word}(rs1 >> low) * {half_word}(rs2 >> low)"
    plain = Body.generate(f"def {stem}(rs1, rs2{rd}, low):\n    return {value}")
    scaled = Body.generate(
        f"def {stem}n(rs1, rs2{rd}, Is3, low, half):\n    return {word}({value} + (half << Is3 >> 1)) >> Is3"
    )
    for upper, scale in product((False, True), ("", "N", "RN")):
        name = f"p.{'mac' if accumulate else 'mul'}{'hh' if upper else ''}{'s' if signed else 'u'}"
        constants = {"low": 16 if upper else 0}
        manual = (
            f"Multiply the {'upper' if upper else 'lower'} half-words, {'signed' if signed else 'unsigned'}"
            f"{', and add to rd' if accumulate else ''}"
        )
        if scale:
            constants["half"] = int(scale == "RN")
            manual += (
                f"{', add half of the last bit to be dropped' if scale == 'RN' else ''} (modulo 2**32), and shift right "
                f"{'arithmetically' if signed else 'logically'} by Is3"
            )
        define(
            scaled if scale else plain,
            f"{name}{scale.lower()} rd, rs1, rs2{', Is3' if scale else ''}",
            f"{signed:d}{upper:d} {'Is3[4:0]' if scale else '00000'} rs2 rs1 {scale == 'RN':d}0{accumulate:d} rd 1011011",
            Alu(),
            manual=f"{manual}.",
            extension=EXTENSION,
            constants=constants,
            refines="" if scale else f"{name}n",
            spelling=name + scale if scale else "",
        )


for accumulate, signed in product((False, True), (True, False)):
    half_words(accumulate, signed)
