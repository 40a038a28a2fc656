"""XpulpV2 packed SIMD on four bytes (.b) or two half-words (.h) (RI5CY manual, chapter 14.4).

The second operand is a vector (no suffix), the low lane of rs2 for every lane (.sc) or an immediate for every lane (.sci).  The
three forms share one body: with `splat` the interpreters replicate the low lane of rs2, or the immediate, before they call it.

A family is written once as a lane function.  Its parameters are ``a`` and ``b``, the lanes of rs1 and rs2, and where it needs
them ``last``, the number of the lane's last bit, and ``signed`` or ``unsigned``, which cut a value to the lane."""

from __future__ import annotations

import ast
from collections.abc import Callable

from iss.isa.arith import s16, s32, u16
from iss.isa.table import Alu, Body, Instruction, define, instruction

EXTENSION = "XpulpV2"
LANE_BITS = {"h": 16, "b": 8}
LaneFunction = Callable[..., object]


def shifted(name: str, bit: int) -> str:
    """The text of a value shifted so that `bit` becomes bit 0."""
    return f"({name} >> {bit})" if bit else name


def joined(lanes: list[str], bits: int) -> str:
    """The text of a word made of unsigned lane values, the lowest first."""
    return " | ".join(f"({lane} << {i * bits})" if i else lane for i, lane in enumerate(lanes))


class _Substitute(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.parse(self.names[node.id], mode="eval").body if node.id in self.names else node


def whole_word(name: str, function: LaneFunction, bits: int, lane_type: str) -> Body:
    """The body on registers of a lane function, unrolled; `lane_type` is how it sees its operands: s or u.

    A function of rs1 and rs2 is the body itself, for operations that do not care where lanes end."""
    body = Body.of(function)
    if "rs1" in body.params:
        return body
    returned = body.tree.body[-1]
    assert isinstance(returned, ast.Return)
    assert returned.value is not None
    expression = ast.unparse(returned.value)
    uses = [node.id for node in ast.walk(returned) if isinstance(node, ast.Name)]
    names = {"last": str(bits - 1), "signed": f"s{bits}", "unsigned": f"u{bits}"}
    lines, lanes = [], []
    for lane in range(32 // bits):
        for operand, register in (("a", "rs1"), ("b", "rs2")):
            value = f"{lane_type}{bits}({shifted(register, lane * bits)})"
            if uses.count(operand) > 1:
                lines.append(f"{operand}{lane} = {value}")
                value = f"{operand}{lane}"
            names[operand] = value
        result = ast.unparse(_Substitute(names).visit(ast.parse(expression, mode="eval")))
        lanes.append(f"u{bits}({result})")
    params = "rs1, rs2" if "b" in body.params else "rs1"
    lines.append(f"return {joined(lanes, bits)}")
    return Body.generate(f"def {name}({params}):\n" + "".join(f"    {line}\n" for line in lines))


def row(body: Body, syntax: str, pattern: str, manual: str, **options: object) -> Instruction:
    """Define one row of this extension."""
    return define(body, syntax, f"{pattern} rd 1010111", Alu(), manual=manual, extension=EXTENSION, **options)


def forms(name: str, funct6: str, width: str, body: Body, manual: str, immediate: str) -> None:
    """The three forms of a vector instruction for one lane width; `immediate` holds the pattern of the .sci form's."""
    bits = LANE_BITS[width]
    wide = f"{width == 'b':d}"
    lanes = f"{manual} Lanes of {bits} bits"
    operand = immediate.partition("[")[0]
    row(body, f"{name}.{width} rd, rs1, rs2", f"{funct6} - rs2 rs1 0-{wide}", f"{lanes}.")
    row(
        body,
        f"{name}.sc.{width} rd, rs1, rs2",
        f"{funct6} - rs2 rs1 10{wide}",
        f"{lanes}; b is rs2's low lane.",
        splat=bits,
    )
    row(
        body,
        f"{name}.sci.{width} rd, rs1, {operand}",
        f"{funct6} {immediate} rs1 11{wide}",
        f"{lanes}; b is the immediate.",
        splat=bits,
    )


# The immediate's bit 0 is bit 25 of the instruction; a shift amount above 31 is not assembled, and RI5CY ignores that bit.
SIGNED = "imm[0] imm[5:1]"
UNSIGNED = "uimm[0] uimm[5:1]"
AMOUNT = "uimm[0] - uimm[4:1]"


def vector(
    name: str, funct6: str, lane_type: str, immediate: str | None = None
) -> Callable[[LaneFunction], LaneFunction]:
    """Define all forms and widths of a vector instruction from its lane function; its docstring is the manual's text."""

    def decorate(function: LaneFunction) -> LaneFunction:
        for width, bits in LANE_BITS.items():
            body = whole_word(f"{name}.{width}".replace(".", "_"), function, bits, lane_type)
            default = SIGNED if lane_type == "s" else UNSIGNED
            forms(name, funct6, width, body, function.__doc__ or "", immediate or default)
        return function

    return decorate


@vector("pv.add", "000000", "s")
def add(a, b):
    """a + b, modulo the lane."""
    return a + b


@vector("pv.sub", "000010", "s")
def sub(a, b):
    """a - b, modulo the lane."""
    return a - b


@vector("pv.avg", "000100", "s")
def avg(a, b, signed):
    """Half of a + b, signed.  The sum wraps around in the lane first."""
    return signed(a + b) >> 1


@vector("pv.avgu", "000110", "u")
def avgu(a, b, unsigned):
    """Half of a + b, unsigned.  The sum wraps around in the lane first."""
    return unsigned(a + b) >> 1


@vector("pv.min", "001000", "s")
def minimum(a, b):
    """Minimum, signed."""
    return a if a < b else b


@vector("pv.minu", "001010", "u")
def minimum_unsigned(a, b):
    """Minimum, unsigned."""
    return a if a < b else b


@vector("pv.max", "001100", "s")
def maximum(a, b):
    """Maximum, signed."""
    return a if a > b else b


@vector("pv.maxu", "001110", "u")
def maximum_unsigned(a, b):
    """Maximum, unsigned."""
    return a if a > b else b


@vector("pv.srl", "010000", "u", AMOUNT)
def srl(a, b, last):
    """Shift a right by b modulo the lane's width, zeros in."""
    return a >> (b & last)


@vector("pv.sra", "010010", "s", AMOUNT)
def sra(a, b, last):
    """Shift a right by b modulo the lane's width, sign in."""
    return a >> (b & last)


@vector("pv.sll", "010100", "u", AMOUNT)
def sll(a, b, last):
    """Shift a left by b modulo the lane's width."""
    return a << (b & last)


@vector("pv.or", "010110", "s")
def pv_or(rs1, rs2):
    """Or."""
    return rs1 | rs2


@vector("pv.xor", "011000", "s")
def pv_xor(rs1, rs2):
    """Exclusive or."""
    return rs1 ^ rs2


@vector("pv.and", "011010", "s")
def pv_and(rs1, rs2):
    """And."""
    return rs1 & rs2


def absolute(a):
    return a if a > 0 else -a


for width, bits in LANE_BITS.items():
    row(
        whole_word(f"pv_abs_{width}", absolute, bits, "s"),
        f"pv.abs.{width} rd, rs1",
        f"011100 - 00000 rs1 0-{width == 'b':d}",
        f"Absolute value; the most negative lane stays. Lanes of {bits} bits.",
    )


@vector("pv.cmpeq", "000001", "s")
def cmpeq(a, b):
    """All ones where a is equal to b, else 0."""
    return -1 if a == b else 0


@vector("pv.cmpne", "000011", "s")
def cmpne(a, b):
    """All ones where a is not equal to b, else 0."""
    return -1 if a != b else 0


@vector("pv.cmpgt", "000101", "s")
def cmpgt(a, b):
    """All ones where a is greater than b, signed, else 0."""
    return -1 if a > b else 0


@vector("pv.cmpge", "000111", "s")
def cmpge(a, b):
    """All ones where a is greater than or equal to b, signed, else 0."""
    return -1 if a >= b else 0


@vector("pv.cmplt", "001001", "s")
def cmplt(a, b):
    """All ones where a is less than b, signed, else 0."""
    return -1 if a < b else 0


@vector("pv.cmple", "001011", "s")
def cmple(a, b):
    """All ones where a is less than or equal to b, signed, else 0."""
    return -1 if a <= b else 0


@vector("pv.cmpgtu", "001101", "u")
def cmpgtu(a, b):
    """All ones where a is greater than b, unsigned, else 0."""
    return -1 if a > b else 0


@vector("pv.cmpgeu", "001111", "u")
def cmpgeu(a, b):
    """All ones where a is greater than or equal to b, unsigned, else 0."""
    return -1 if a >= b else 0


@vector("pv.cmpltu", "010001", "u")
def cmpltu(a, b):
    """All ones where a is less than b, unsigned, else 0."""
    return -1 if a < b else 0


@vector("pv.cmpleu", "010011", "u")
def cmpleu(a, b):
    """All ones where a is less than or equal to b, unsigned, else 0."""
    return -1 if a <= b else 0


def dot_product(name: str, funct6: str, types: str) -> None:
    """A sum of lane products; `types` are the signedness of rs1's and of rs2's lanes.  pv.sdot* adds it to rd."""
    accumulate = name.startswith("pv.sdot")
    signs = {"s": "signed", "u": "unsigned"}
    what = f"{signs[types[0]]} by {signs[types[1]]}{', added to rd' if accumulate else ''}"
    for width, bits in LANE_BITS.items():
        terms = ["rd"] if accumulate else []
        for bit in range(0, 32, bits):
            terms.append(f"{types[0]}{bits}({shifted('rs1', bit)}) * {types[1]}{bits}({shifted('rs2', bit)})")
        body = Body.generate(
            f"def {name.replace('.', '_')}_{width}(rs1, rs2{', rd' if accumulate else ''}):\n    return {' + '.join(terms)}"
        )
        immediate = SIGNED if types[1] == "s" else UNSIGNED
        forms(name, funct6, width, body, f"Dot product: the sum of a * b, {what}.", immediate)


dot_product("pv.dotup", "100000", "uu")
dot_product("pv.dotusp", "100010", "us")
dot_product("pv.dotsp", "100110", "ss")
dot_product("pv.sdotup", "101000", "uu")
dot_product("pv.sdotusp", "101010", "us")
dot_product("pv.sdotsp", "101110", "ss")


# Of one lane: its number is an immediate whose other bits RI5CY ignores.
for width, bits in LANE_BITS.items():
    wide = f"{width == 'b':d}"
    lane = "uimm[0] -----" if width == "h" else "uimm[0] ---- uimm[1]"
    first = f"uimm << {bits.bit_length() - 1}"
    for name, funct6, cast, how in (("extract", "011110", "s", "sign"), ("extractu", "100100", "u", "zero")):
        row(
            Body.generate(f"def pv_{name}_{width}(rs1, uimm):\n    return {cast}{bits}(rs1 >> ({first}))"),
            f"pv.{name}.{width} rd, rs1, uimm",
            f"{funct6} {lane} rs1 ++{wide}",
            f"Extract one lane of {bits} bits, {how}-extended.",
        )
    row(
        Body.generate(
            f"def pv_insert_{width}(rs1, rd, uimm):\n"
            f"    bit = {first}\n"
            f"    return (rd & ~({(1 << bits) - 1} << bit)) | (u{bits}(rs1) << bit)"
        ),
        f"pv.insert.{width} rd, rs1, uimm",
        f"101100 {lane} rs1 ++{wide}",
        f"Replace one lane of {bits} bits of rd by rs1's low lane.",
    )


def selected(source: str, width: str, selectors: list[str]) -> str:
    """The text of a word whose lanes are those of `source` that the selectors, texts of bit numbers, name."""
    bits = LANE_BITS[width]
    return joined([f"u{bits}({source} >> ({selector}))" for selector in selectors], bits)


def selectors(width: str, index_bits: int) -> list[str]:
    """For each lane, the first bit of the lane that the low `index_bits` bits of rs2's lane name."""
    bits = LANE_BITS[width]
    return [f"({shifted('rs2', bit)} & {(1 << index_bits) - 1}) * {bits}" for bit in range(0, 32, bits)]


for width, index_bits in (("h", 1), ("b", 2)):
    wide = f"{width == 'b':d}"
    bits = LANE_BITS[width]
    row(
        Body.generate(
            f"def pv_shuffle_{width}(rs1, rs2):\n    return {selected('rs1', width, selectors(width, index_bits))}"
        ),
        f"pv.shuffle.{width} rd, rs1, rs2",
        f"110000 - rs2 rs1 0-{wide}",
        f"Each lane is the lane of rs1 that the low bits of rs2's lane name. Lanes of {bits} bits.",
    )
    row(
        Body.generate(
            f"def pv_shuffle2_{width}(rs1, rs2, rd):\n"
            "    both = rd | (rs1 << 32)\n"
            f"    return {selected('both', width, selectors(width, index_bits + 1))}"
        ),
        f"pv.shuffle2.{width} rd, rs1, rs2",
        f"110010 - rs2 rs1 0-{wide}",
        f"Each lane is the lane of {{rs1, rd}} that the low bits of rs2's lane name: rd's lanes come first. "
        f"Lanes of {bits} bits.",
    )

# The decoder takes bits 24:20 of these for a second source register.
row(
    Body.generate(
        f"def pv_shuffle_sci_h(rs1, uimm):\n    return {selected('rs1', 'h', ['(uimm & 1) * 16', '(uimm >> 1 & 1) * 16'])}"
    ),
    "pv.shuffle.sci.h rd, rs1, uimm",
    "110000 uimm[0] uimm[5:1] rs1 110",
    "The half-words of rs1 that the immediate's two low bits name.",
    false_reads=("rs2",),
)
SHUFFLE_BYTES = Body.generate(
    "def pv_shufflei_sci_b(rs1, uimm, top):\n    return "
    + selected("rs1", "b", ["(uimm & 3) * 8", "(uimm >> 2 & 3) * 8", "(uimm >> 4 & 3) * 8", "top * 8"])
)
for top, funct6 in enumerate(("110000", "111010", "111100", "111110")):
    row(
        SHUFFLE_BYTES,
        f"pv.shufflei{top}.sci.b rd, rs1, uimm",
        f"{funct6} uimm[0] uimm[5:1] rs1 111",
        f"The bytes of rs1 that the immediate's three bit pairs name, and byte {top} on top.",
        constants={"top": top},
        spelling=f"pv.shuffleI{top}.sci.b",
        false_reads=("rs2",),
    )


def pack(rs1, rs2, low):
    return (u16(rs1 >> low) << 16) | u16(rs2 >> low)


for name, upper, spelling in (("pv.pack.h", False, "pv.pack"), ("pv.pack.h.h", True, "")):
    row(
        Body.of(pack),
        f"{name} rd, rs1, rs2",
        f"110100 {upper:d} rs2 rs1 0-0",
        f"Pack the {'upper' if upper else 'lower'} half-words of rs1 and rs2.",
        constants={"low": 16 * upper},
        spelling=spelling,
    )


@instruction("pv.packhi.b rd, rs1, rs2", "110110 - rs2 rs1 0-1 rd 1010111")
def packhi(rs1, rs2, rd):
    """Replace the upper half-word of rd by the low bytes of rs1 and rs2."""
    return ((rs1 & 0xFF) << 24) | ((rs2 & 0xFF) << 16) | u16(rd)


@instruction("pv.packlo.b rd, rs1, rs2", "111000 - rs2 rs1 0-1 rd 1010111")
def packlo(rs1, rs2, rd):
    """Replace the lower half-word of rd by the low bytes of rs1 and rs2."""
    return (rd & 0xFFFF0000) | ((rs1 & 0xFF) << 8) | (rs2 & 0xFF)


# Complex numbers: the real part is the lower half-word.


def cplxmul_real(rs1, rs2, rd, shift):
    product = s16(rs1) * s16(rs2) - s16(rs1 >> 16) * s16(rs2 >> 16)
    return (rd & 0xFFFF0000) | u16(s32(product) >> shift)


def cplxmul_imaginary(rs1, rs2, rd, shift):
    product = s16(rs1) * s16(rs2 >> 16) + s16(rs1 >> 16) * s16(rs2)
    return (u16(s32(product) >> shift) << 16) | u16(rd)


def subrotmj(rs1, rs2, shift):
    real = s16((rs1 >> 16) - (rs2 >> 16)) >> shift
    imaginary = s16(rs2 - rs1) >> shift
    return (u16(imaginary) << 16) | u16(real)


def add_scaled(rs1, rs2, shift):
    return (u16(s16((rs1 >> 16) + (rs2 >> 16)) >> shift) << 16) | u16(s16(rs1 + rs2) >> shift)


def sub_scaled(rs1, rs2, shift):
    return (u16(s16((rs1 >> 16) - (rs2 >> 16)) >> shift) << 16) | u16(s16(rs1 - rs2) >> shift)


def divided(name: str, prefix: str, function: LaneFunction, manual: str, first: int = 0, base: int = 0) -> None:
    """The plain form and the ones divided by 2, 4 and 8; without the plain form when `first` is 1."""
    body = Body.of(function)
    for shift in range(first, 4):
        row(
            body,
            f"{name}{f'.div{1 << shift}' if shift else ''} rd, rs1, rs2",
            f"{prefix} rs2 rs1 {shift:02b}0",
            manual + (f" Divided by {1 << shift}, rounded down." if shift else ""),
            constants={"shift": base + shift},
        )


PRODUCT = "part of the product of two complex numbers in Q15, not rounded; the other half-word of rd stays."
divided("pv.cplxmul.h.r", "010101 0", cplxmul_real, f"Real {PRODUCT}", base=15)
divided("pv.cplxmul.h.i", "010101 1", cplxmul_imaginary, f"Imaginary {PRODUCT}", base=15)
divided("pv.subrotmj.h", "011011 -", subrotmj, "Subtract two complex numbers and multiply the difference by -j.")


@instruction("pv.cplxconj.h rd, rs1", "010111 - 00000 rs1 000 rd 1010111")
def cplxconj(rs1):
    """The complex conjugate."""
    return (-(rs1 >> 16) << 16) | u16(rs1)


WRAPPED = "lane by lane; the result wraps around in the lane before it is divided."
divided("pv.add.h", "011101 -", add_scaled, f"Add {WRAPPED}", first=1)
divided("pv.sub.h", "011001 -", sub_scaled, f"Subtract {WRAPPED}", first=1)
