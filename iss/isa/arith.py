"""The arithmetic that instruction bodies are written in.

Bodies see register values as integers 0..2**32-1 and may return any integer: only its low 32 bits are kept.  The functions here
are plain Python; the engine compiles the same text.
"""

from __future__ import annotations


def u32(x: int) -> int:
    """The low 32 bits, unsigned."""
    return x & 0xFFFFFFFF


def s32(x: int) -> int:
    """The low 32 bits, as two's complement."""
    return ((x & 0xFFFFFFFF) ^ 0x80000000) - 0x80000000


def u16(x: int) -> int:
    """The low 16 bits, unsigned."""
    return x & 0xFFFF


def s16(x: int) -> int:
    """The low 16 bits, as two's complement."""
    return ((x & 0xFFFF) ^ 0x8000) - 0x8000


def u8(x: int) -> int:
    """The low 8 bits, unsigned."""
    return x & 0xFF


def s8(x: int) -> int:
    """The low 8 bits, as two's complement."""
    return ((x & 0xFF) ^ 0x80) - 0x80


def popcount(x: int) -> int:
    """Number of ones among the low 32 bits."""
    x = x & 0xFFFFFFFF
    x = x - ((x >> 1) & 0x55555555)
    x = (x & 0x33333333) + ((x >> 2) & 0x33333333)
    x = (x + (x >> 4)) & 0x0F0F0F0F
    return ((x * 0x01010101) & 0xFFFFFFFF) >> 24


def clz(x: int) -> int:
    """Leading zeros of the low 32 bits; 32 for zero."""
    x = x & 0xFFFFFFFF
    x = x | (x >> 1)
    x = x | (x >> 2)
    x = x | (x >> 4)
    x = x | (x >> 8)
    x = x | (x >> 16)
    return 32 - popcount(x)


def ctz(x: int) -> int:
    """Trailing zeros of the low 32 bits; 32 for zero."""
    x = x & 0xFFFFFFFF
    return popcount(~x & (x - 1))


def mask(width: int) -> int:
    """`width` ones (0..32)."""
    return (1 << width) - 1


def quotient(a: int, b: int) -> int:
    """a / b rounded towards zero; -1 when b is 0 (RISC-V)."""
    if b == 0:
        return -1
    q = abs(a) // abs(b)
    return -q if (a < 0) != (b < 0) else q


def remainder(a: int, b: int) -> int:
    """a - b * quotient(a, b), with the sign of a; a when b is 0 (RISC-V)."""
    if b == 0:
        return a
    r = abs(a) % abs(b)
    return -r if a < 0 else r


def reverse_groups(x: int, group: int) -> int:
    """The low 32 bits with their groups of `group` bits in reverse order, right-aligned; bits that fill no group are dropped."""
    result = 0
    count = 32 // group
    x = (x & 0xFFFFFFFF) >> (32 - count * group)
    for _ in range(count):
        result = (result << group) | (x & ((1 << group) - 1))
        x = x >> group
    return result


# What the compiled form of each helper is: casts for the first six, the function's own text for the others.
CASTS = {"u32": "uint32", "s32": "int32", "u16": "uint16", "s16": "int16", "u8": "uint8", "s8": "int8"}
FUNCTIONS = (popcount, clz, ctz, mask, quotient, remainder, reverse_groups)
