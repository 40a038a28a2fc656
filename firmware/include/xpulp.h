/* XpulpV2 for C: every instruction that C can use, as a function or macro.

   Made from the instruction table by `python -m firmware.intrinsics`; do not edit.

   Names are the mnemonics with _ for dots.  Arguments are int; a vector is an int of four bytes or two half-words.
   Where the instruction adds to, or keeps a part of, its destination, the first argument is the destination's old
   value.  Those with immediates are macros; an immediate that does not fit is an error when it is compiled.

   Loads and stores: p_lw_post(p, step) loads from the pointer variable p, then adds the constant `step` bytes to it;
   p_lw_post_r(p, step) adds a variable; p_lw_r(base, offset) loads from base + offset bytes.  Stores have the
   value first.

   The header stands alone, and is empty for assembly: `-include xpulp.h` gives it to programs that do not know it. */

#if !defined(IMCISS_XPULP_H) && !defined(__ASSEMBLER__)
#define IMCISS_XPULP_H

#define XPULP_INLINE static inline __attribute__((always_inline, unused))

/* A hardware loop as one asm statement, which the compiler cannot move code into or out of: loop 0 or 1, the number of
   iterations (an asm operand, at least 1), the body but for its last instruction, the last instruction.  The body is
   at least three instructions in all, none compressed (the macro sees to that), without jumps out of it.

       asm(XPULP_LOOP(0, "%[n]", "lw t0, 0(%[p])\n addi %[p], %[p], 4", "add %[s], %[s], t0")
           : [s] "+r"(sum), [p] "+r"(p) : [n] "r"(n) : "t0", "memory"); */
#define XPULP_LOOP(number, count, body, last) \
    ".option push\n.option norelax\n.option norvc\n.balign 4\n" \
    ".4byte 0x0000007b | " #number " << 7 | (((96f - .) / 2) & 0xfff) << 20\n" \
    ".4byte 0x0000107b | " #number " << 7 | (((97f - .) / 2) & 0xfff) << 20\n" \
    ".insn i 0x7b, 2, x" #number ", " count ", 0\n" \
    "nop\n" \
    "96:\n" body "\n97:\n" last "\n.option pop\n"

/* p.abs rd, rs1: Absolute value, signed; that of -2**31 is -2**31. */
XPULP_INLINE int p_abs(int rs1) { int rd; __asm__(".insn i 0x33, 0, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xi] "i"((int)((0x40) ^ 0x800) - 0x800)); return rd; }

/* p.slet rd, rs1, rs2: Set if less or equal, signed. */
XPULP_INLINE int p_slet(int rs1, int rs2) { int rd; __asm__(".insn r 0x33, 2, 0x2, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.sletu rd, rs1, rs2: Set if less or equal, unsigned. */
XPULP_INLINE int p_sletu(int rs1, int rs2) { int rd; __asm__(".insn r 0x33, 3, 0x2, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.min rd, rs1, rs2: Minimum, signed. */
XPULP_INLINE int p_min(int rs1, int rs2) { int rd; __asm__(".insn r 0x33, 4, 0x2, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.minu rd, rs1, rs2: Minimum, unsigned. */
XPULP_INLINE int p_minu(int rs1, int rs2) { int rd; __asm__(".insn r 0x33, 5, 0x2, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.max rd, rs1, rs2: Maximum, signed. */
XPULP_INLINE int p_max(int rs1, int rs2) { int rd; __asm__(".insn r 0x33, 6, 0x2, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.maxu rd, rs1, rs2: Maximum, unsigned. */
XPULP_INLINE int p_maxu(int rs1, int rs2) { int rd; __asm__(".insn r 0x33, 7, 0x2, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.exths rd, rs1: Sign-extend the low half-word. */
XPULP_INLINE int p_exths(int rs1) { int rd; __asm__(".insn i 0x33, 4, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xi] "i"((int)((0x100) ^ 0x800) - 0x800)); return rd; }

/* p.exthz rd, rs1: Zero-extend the low half-word. */
XPULP_INLINE int p_exthz(int rs1) { int rd; __asm__(".insn i 0x33, 5, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xi] "i"((int)((0x100) ^ 0x800) - 0x800)); return rd; }

/* p.extbs rd, rs1: Sign-extend the low byte. */
XPULP_INLINE int p_extbs(int rs1) { int rd; __asm__(".insn i 0x33, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xi] "i"((int)((0x100) ^ 0x800) - 0x800)); return rd; }

/* p.extbz rd, rs1: Zero-extend the low byte. */
XPULP_INLINE int p_extbz(int rs1) { int rd; __asm__(".insn i 0x33, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xi] "i"((int)((0x100) ^ 0x800) - 0x800)); return rd; }

/* p.clip rd, rs1, Is2: Clip to -2**(Is2-1) .. 2**(Is2-1)-1, signed; to -1 .. 0 for Is2 = 0. */
#define p_clip(rs1, Is2) \
    __extension__({ _Static_assert((Is2) >= 0 && (Is2) <= 31, "p.clip: Is2 is 0..31"); int xp_; __asm__(".insn i 0x33, 1, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x140 | ((unsigned)(Is2) >> 0 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* p.clipu rd, rs1, Is2: Clip a signed value to 0 .. 2**(Is2-1)-1; to 0 for Is2 = 0. */
#define p_clipu(rs1, Is2) \
    __extension__({ _Static_assert((Is2) >= 0 && (Is2) <= 31, "p.clipu: Is2 is 0..31"); int xp_; __asm__(".insn i 0x33, 2, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x140 | ((unsigned)(Is2) >> 0 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* p.clipr rd, rs1, rs2: Clip to -rs2-1 .. rs2, signed; the lower bound is tested first. */
XPULP_INLINE int p_clipr(int rs1, int rs2) { int rd; __asm__(".insn r 0x33, 5, 0xa, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.clipur rd, rs1, rs2: Clip a signed value to 0 .. rs2; the lower bound is tested first. */
XPULP_INLINE int p_clipur(int rs1, int rs2) { int rd; __asm__(".insn r 0x33, 6, 0xa, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.addn rd, rs1, rs2, Is3: Add rs1 and rs2 (modulo 2**32), and shift right arithmetically by Is3. */
#define p_addn(rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.addn: Is3 is 0..31"); int xp_; __asm__(".insn r 0x5b, 2, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x0 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.addrn rd, rs1, rs2, Is3: Add rs1 and rs2, add half of the last bit to be dropped (modulo 2**32), and shift right
   arithmetically by Is3. */
#define p_addrn(rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.addrn: Is3 is 0..31"); int xp_; __asm__(".insn r 0x5b, 6, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x0 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.addnr rd, rs1, rs2: Add rd and rs1 (modulo 2**32), and shift right arithmetically by rs2[4:0]. */
XPULP_INLINE int p_addnr(int rd, int rs1, int rs2) { __asm__(".insn r 0x5b, 2, 0x20, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.addrnr rd, rs1, rs2: Add rd and rs1, add half of the last bit to be dropped (modulo 2**32), and shift right
   arithmetically by rs2[4:0]. */
XPULP_INLINE int p_addrnr(int rd, int rs1, int rs2) { __asm__(".insn r 0x5b, 6, 0x20, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.addun rd, rs1, rs2, Is3: Add rs1 and rs2 (modulo 2**32), and shift right logically by Is3. */
#define p_addun(rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.addun: Is3 is 0..31"); int xp_; __asm__(".insn r 0x5b, 2, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x40 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.addurn rd, rs1, rs2, Is3: Add rs1 and rs2, add half of the last bit to be dropped (modulo 2**32), and shift right
   logically by Is3. */
#define p_addurn(rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.addurn: Is3 is 0..31"); int xp_; __asm__(".insn r 0x5b, 6, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x40 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.addunr rd, rs1, rs2: Add rd and rs1 (modulo 2**32), and shift right logically by rs2[4:0]. */
XPULP_INLINE int p_addunr(int rd, int rs1, int rs2) { __asm__(".insn r 0x5b, 2, 0x60, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.addurnr rd, rs1, rs2: Add rd and rs1, add half of the last bit to be dropped (modulo 2**32), and shift right
   logically by rs2[4:0]. */
XPULP_INLINE int p_addurnr(int rd, int rs1, int rs2) { __asm__(".insn r 0x5b, 6, 0x60, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.subn rd, rs1, rs2, Is3: Subtract rs2 from rs1 (modulo 2**32), and shift right arithmetically by Is3. */
#define p_subn(rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.subn: Is3 is 0..31"); int xp_; __asm__(".insn r 0x5b, 3, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x0 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.subrn rd, rs1, rs2, Is3: Subtract rs2 from rs1, add half of the last bit to be dropped (modulo 2**32), and shift
   right arithmetically by Is3. */
#define p_subrn(rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.subrn: Is3 is 0..31"); int xp_; __asm__(".insn r 0x5b, 7, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x0 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.subnr rd, rs1, rs2: Subtract rs1 from rd (modulo 2**32), and shift right arithmetically by rs2[4:0]. */
XPULP_INLINE int p_subnr(int rd, int rs1, int rs2) { __asm__(".insn r 0x5b, 3, 0x20, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.subrnr rd, rs1, rs2: Subtract rs1 from rd, add half of the last bit to be dropped (modulo 2**32), and shift right
   arithmetically by rs2[4:0]. */
XPULP_INLINE int p_subrnr(int rd, int rs1, int rs2) { __asm__(".insn r 0x5b, 7, 0x20, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.subun rd, rs1, rs2, Is3: Subtract rs2 from rs1 (modulo 2**32), and shift right logically by Is3. */
#define p_subun(rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.subun: Is3 is 0..31"); int xp_; __asm__(".insn r 0x5b, 3, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x40 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.suburn rd, rs1, rs2, Is3: Subtract rs2 from rs1, add half of the last bit to be dropped (modulo 2**32), and shift
   right logically by Is3. */
#define p_suburn(rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.suburn: Is3 is 0..31"); int xp_; __asm__(".insn r 0x5b, 7, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x40 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.subunr rd, rs1, rs2: Subtract rs1 from rd (modulo 2**32), and shift right logically by rs2[4:0]. */
XPULP_INLINE int p_subunr(int rd, int rs1, int rs2) { __asm__(".insn r 0x5b, 3, 0x60, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.suburnr rd, rs1, rs2: Subtract rs1 from rd, add half of the last bit to be dropped (modulo 2**32), and shift right
   logically by rs2[4:0]. */
XPULP_INLINE int p_suburnr(int rd, int rs1, int rs2) { __asm__(".insn r 0x5b, 7, 0x60, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.extract rd, rs1, Is3, Is2: Extract Is3 + 1 bits from bit Is2 up, sign-extended; above bit 31 the sign continues. */
#define p_extract(rs1, Is3, Is2) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.extract: Is3 is 0..31"); _Static_assert((Is2) >= 0 && (Is2) <= 31, "p.extract: Is2 is 0..31"); int xp_; __asm__(".insn i 0x33, 0, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xc00 | ((unsigned)(Is3) >> 0 & 0x1f) << 5 | ((unsigned)(Is2) >> 0 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* p.extractr rd, rs1, rs2: Extract Is3 + 1 bits from bit Is2 up, sign-extended; above bit 31 the sign continues. Is3 is
   rs2[9:5], Is2 is rs2[4:0]. */
XPULP_INLINE int p_extractr(int rs1, int rs2) { int rd; __asm__(".insn r 0x33, 0, 0x40, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.extractu rd, rs1, Is3, Is2: Extract Is3 + 1 bits from bit Is2 up, zero-extended. */
#define p_extractu(rs1, Is3, Is2) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.extractu: Is3 is 0..31"); _Static_assert((Is2) >= 0 && (Is2) <= 31, "p.extractu: Is2 is 0..31"); int xp_; __asm__(".insn i 0x33, 1, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xc00 | ((unsigned)(Is3) >> 0 & 0x1f) << 5 | ((unsigned)(Is2) >> 0 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* p.extractur rd, rs1, rs2: Extract Is3 + 1 bits from bit Is2 up, zero-extended. Is3 is rs2[9:5], Is2 is rs2[4:0]. */
XPULP_INLINE int p_extractur(int rs1, int rs2) { int rd; __asm__(".insn r 0x33, 1, 0x40, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.insert rd, rs1, Is3, Is2: Replace Is3 + 1 bits of rd from bit Is2 up by the low bits of rs1. */
#define p_insert(rd, rs1, Is3, Is2) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.insert: Is3 is 0..31"); _Static_assert((Is2) >= 0 && (Is2) <= 31, "p.insert: Is2 is 0..31"); int xp_ = (int)(rd); __asm__(".insn i 0x33, 2, %[xrd], %[xrs1], %[xi]" : [xrd] "+r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xc00 | ((unsigned)(Is3) >> 0 & 0x1f) << 5 | ((unsigned)(Is2) >> 0 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* p.insertr rd, rs1, rs2: Replace Is3 + 1 bits of rd from bit Is2 up by the low bits of rs1. Is3 is rs2[9:5], Is2 is
   rs2[4:0]. */
XPULP_INLINE int p_insertr(int rd, int rs1, int rs2) { __asm__(".insn r 0x33, 2, 0x40, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.bclr rd, rs1, Is3, Is2: Clear Is3 + 1 bits from bit Is2 up. */
#define p_bclr(rs1, Is3, Is2) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.bclr: Is3 is 0..31"); _Static_assert((Is2) >= 0 && (Is2) <= 31, "p.bclr: Is2 is 0..31"); int xp_; __asm__(".insn i 0x33, 3, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xc00 | ((unsigned)(Is3) >> 0 & 0x1f) << 5 | ((unsigned)(Is2) >> 0 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* p.bclrr rd, rs1, rs2: Clear Is3 + 1 bits from bit Is2 up. Is3 is rs2[9:5], Is2 is rs2[4:0]. */
XPULP_INLINE int p_bclrr(int rs1, int rs2) { int rd; __asm__(".insn r 0x33, 3, 0x40, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.bset rd, rs1, Is3, Is2: Set Is3 + 1 bits from bit Is2 up. */
#define p_bset(rs1, Is3, Is2) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.bset: Is3 is 0..31"); _Static_assert((Is2) >= 0 && (Is2) <= 31, "p.bset: Is2 is 0..31"); int xp_; __asm__(".insn i 0x33, 4, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xc00 | ((unsigned)(Is3) >> 0 & 0x1f) << 5 | ((unsigned)(Is2) >> 0 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* p.bsetr rd, rs1, rs2: Set Is3 + 1 bits from bit Is2 up. Is3 is rs2[9:5], Is2 is rs2[4:0]. */
XPULP_INLINE int p_bsetr(int rs1, int rs2) { int rd; __asm__(".insn r 0x33, 4, 0x40, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.ff1 rd, rs1: Find the first one from the right: its bit number, or 32. */
XPULP_INLINE int p_ff1(int rs1) { int rd; __asm__(".insn i 0x33, 0, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xi] "i"((int)((0x100) ^ 0x800) - 0x800)); return rd; }

/* p.fl1 rd, rs1: Find the last one, the first from the left: its bit number, or 32. */
XPULP_INLINE int p_fl1(int rs1) { int rd; __asm__(".insn i 0x33, 1, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xi] "i"((int)((0x100) ^ 0x800) - 0x800)); return rd; }

/* p.clb rd, rs1: Count the leading bits that repeat the sign bit, without itself; 0 for 0. */
XPULP_INLINE int p_clb(int rs1) { int rd; __asm__(".insn i 0x33, 2, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xi] "i"((int)((0x100) ^ 0x800) - 0x800)); return rd; }

/* p.cnt rd, rs1: Count the ones. */
XPULP_INLINE int p_cnt(int rs1) { int rd; __asm__(".insn i 0x33, 3, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xi] "i"((int)((0x100) ^ 0x800) - 0x800)); return rd; }

/* p.ror rd, rs1, rs2: Rotate right by rs2[4:0]. */
XPULP_INLINE int p_ror(int rs1, int rs2) { int rd; __asm__(".insn r 0x33, 5, 0x4, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.bitrev rd, rs1, Is2, Is3: Shift left by Is2, then reverse the order of the bits (Is3 = 0 or 3), of the 16 bit pairs
   (1), or of the upper 10 groups of three bits (2; the result has 30 bits). */
#define p_bitrev(rs1, Is2, Is3) \
    __extension__({ _Static_assert((Is2) >= 0 && (Is2) <= 31, "p.bitrev: Is2 is 0..31"); _Static_assert((Is3) >= 0 && (Is3) <= 3, "p.bitrev: Is3 is 0..3"); int xp_; __asm__(".insn i 0x33, 5, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xc00 | ((unsigned)(Is2) >> 0 & 0x1f) << 0 | ((unsigned)(Is3) >> 0 & 0x3) << 5) ^ 0x800) - 0x800)); xp_; })

/* p.mac rd, rs1, rs2: Multiply and add to rd. */
XPULP_INLINE int p_mac(int rd, int rs1, int rs2) { __asm__(".insn r 0x33, 0, 0x21, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.msu rd, rs1, rs2: Multiply and subtract from rd. */
XPULP_INLINE int p_msu(int rd, int rs1, int rs2) { __asm__(".insn r 0x33, 1, 0x21, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.muls rd, rs1, rs2: Multiply the lower half-words, signed. */
XPULP_INLINE int p_muls(int rs1, int rs2) { int rd; __asm__(".insn r 0x5b, 0, 0x40, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.mulsn rd, rs1, rs2, Is3: Multiply the lower half-words, signed (modulo 2**32), and shift right arithmetically by
   Is3. */
#define p_mulsn(rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.mulsn: Is3 is 0..31"); int xp_; __asm__(".insn r 0x5b, 0, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x40 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.mulsrn rd, rs1, rs2, Is3: Multiply the lower half-words, signed, add half of the last bit to be dropped (modulo
   2**32), and shift right arithmetically by Is3. */
#define p_mulsrn(rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.mulsrn: Is3 is 0..31"); int xp_; __asm__(".insn r 0x5b, 4, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x40 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.mulhhs rd, rs1, rs2: Multiply the upper half-words, signed. */
XPULP_INLINE int p_mulhhs(int rs1, int rs2) { int rd; __asm__(".insn r 0x5b, 0, 0x60, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.mulhhsn rd, rs1, rs2, Is3: Multiply the upper half-words, signed (modulo 2**32), and shift right arithmetically by
   Is3. */
#define p_mulhhsn(rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.mulhhsn: Is3 is 0..31"); int xp_; __asm__(".insn r 0x5b, 0, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x60 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.mulhhsrn rd, rs1, rs2, Is3: Multiply the upper half-words, signed, add half of the last bit to be dropped (modulo
   2**32), and shift right arithmetically by Is3. */
#define p_mulhhsrn(rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.mulhhsrn: Is3 is 0..31"); int xp_; __asm__(".insn r 0x5b, 4, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x60 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.mulu rd, rs1, rs2: Multiply the lower half-words, unsigned. */
XPULP_INLINE int p_mulu(int rs1, int rs2) { int rd; __asm__(".insn r 0x5b, 0, 0x0, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.mulun rd, rs1, rs2, Is3: Multiply the lower half-words, unsigned (modulo 2**32), and shift right logically by Is3.
   */
#define p_mulun(rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.mulun: Is3 is 0..31"); int xp_; __asm__(".insn r 0x5b, 0, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x0 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.mulurn rd, rs1, rs2, Is3: Multiply the lower half-words, unsigned, add half of the last bit to be dropped (modulo
   2**32), and shift right logically by Is3. */
#define p_mulurn(rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.mulurn: Is3 is 0..31"); int xp_; __asm__(".insn r 0x5b, 4, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x0 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.mulhhu rd, rs1, rs2: Multiply the upper half-words, unsigned. */
XPULP_INLINE int p_mulhhu(int rs1, int rs2) { int rd; __asm__(".insn r 0x5b, 0, 0x20, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.mulhhun rd, rs1, rs2, Is3: Multiply the upper half-words, unsigned (modulo 2**32), and shift right logically by
   Is3. */
#define p_mulhhun(rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.mulhhun: Is3 is 0..31"); int xp_; __asm__(".insn r 0x5b, 0, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x20 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.mulhhurn rd, rs1, rs2, Is3: Multiply the upper half-words, unsigned, add half of the last bit to be dropped (modulo
   2**32), and shift right logically by Is3. */
#define p_mulhhurn(rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.mulhhurn: Is3 is 0..31"); int xp_; __asm__(".insn r 0x5b, 4, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x20 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.macs rd, rs1, rs2: Multiply the lower half-words, signed, and add to rd. */
XPULP_INLINE int p_macs(int rd, int rs1, int rs2) { __asm__(".insn r 0x5b, 1, 0x40, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.macsn rd, rs1, rs2, Is3: Multiply the lower half-words, signed, and add to rd (modulo 2**32), and shift right
   arithmetically by Is3. */
#define p_macsn(rd, rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.macsn: Is3 is 0..31"); int xp_ = (int)(rd); __asm__(".insn r 0x5b, 1, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x40 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.macsrn rd, rs1, rs2, Is3: Multiply the lower half-words, signed, and add to rd, add half of the last bit to be
   dropped (modulo 2**32), and shift right arithmetically by Is3. */
#define p_macsrn(rd, rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.macsrn: Is3 is 0..31"); int xp_ = (int)(rd); __asm__(".insn r 0x5b, 5, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x40 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.machhs rd, rs1, rs2: Multiply the upper half-words, signed, and add to rd. */
XPULP_INLINE int p_machhs(int rd, int rs1, int rs2) { __asm__(".insn r 0x5b, 1, 0x60, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.machhsn rd, rs1, rs2, Is3: Multiply the upper half-words, signed, and add to rd (modulo 2**32), and shift right
   arithmetically by Is3. */
#define p_machhsn(rd, rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.machhsn: Is3 is 0..31"); int xp_ = (int)(rd); __asm__(".insn r 0x5b, 1, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x60 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.machhsrn rd, rs1, rs2, Is3: Multiply the upper half-words, signed, and add to rd, add half of the last bit to be
   dropped (modulo 2**32), and shift right arithmetically by Is3. */
#define p_machhsrn(rd, rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.machhsrn: Is3 is 0..31"); int xp_ = (int)(rd); __asm__(".insn r 0x5b, 5, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x60 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.macu rd, rs1, rs2: Multiply the lower half-words, unsigned, and add to rd. */
XPULP_INLINE int p_macu(int rd, int rs1, int rs2) { __asm__(".insn r 0x5b, 1, 0x0, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.macun rd, rs1, rs2, Is3: Multiply the lower half-words, unsigned, and add to rd (modulo 2**32), and shift right
   logically by Is3. */
#define p_macun(rd, rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.macun: Is3 is 0..31"); int xp_ = (int)(rd); __asm__(".insn r 0x5b, 1, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x0 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.macurn rd, rs1, rs2, Is3: Multiply the lower half-words, unsigned, and add to rd, add half of the last bit to be
   dropped (modulo 2**32), and shift right logically by Is3. */
#define p_macurn(rd, rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.macurn: Is3 is 0..31"); int xp_ = (int)(rd); __asm__(".insn r 0x5b, 5, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x0 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.machhu rd, rs1, rs2: Multiply the upper half-words, unsigned, and add to rd. */
XPULP_INLINE int p_machhu(int rd, int rs1, int rs2) { __asm__(".insn r 0x5b, 1, 0x20, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* p.machhun rd, rs1, rs2, Is3: Multiply the upper half-words, unsigned, and add to rd (modulo 2**32), and shift right
   logically by Is3. */
#define p_machhun(rd, rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.machhun: Is3 is 0..31"); int xp_ = (int)(rd); __asm__(".insn r 0x5b, 1, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x20 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.machhurn rd, rs1, rs2, Is3: Multiply the upper half-words, unsigned, and add to rd, add half of the last bit to be
   dropped (modulo 2**32), and shift right logically by Is3. */
#define p_machhurn(rd, rs1, rs2, Is3) \
    __extension__({ _Static_assert((Is3) >= 0 && (Is3) <= 31, "p.machhurn: Is3 is 0..31"); int xp_ = (int)(rd); __asm__(".insn r 0x5b, 5, %[xi], %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(xp_) : [xrs1] "r"((int)(rs1)), [xrs2] "r"((int)(rs2)), [xi] "i"(0x20 | ((unsigned)(Is3) >> 0 & 0x1f) << 0)); xp_; })

/* p.lb rd, imm(rs1!): Load a byte, sign-extended, at rs1, then add an immediate to rs1. When rd is rs1 the loaded value
   stays. */
#define p_lb_post(pointer, step) \
    __extension__({ _Static_assert((step) >= -2048 && (step) <= 2047, "p.lb: imm is -2048..2047"); int xp_; __asm__ volatile(".insn i 0xb, 0, %[xv], %[xp], %[xi]" : [xv] "=r"(xp_), [xp] "+r"(pointer) : [xi] "i"((int)((0x0 | ((unsigned)(step) >> 0 & 0xfff) << 0) ^ 0x800) - 0x800) : "memory"); xp_; })

/* p.lb rd, rs2(rs1!): Load a byte, sign-extended, at rs1, then add rs2 to rs1. When rd is rs1 the loaded value stays.
   */
#define p_lb_post_r(pointer, step) \
    __extension__({ int xp_; __asm__ volatile(".insn r 0xb, 7, 0x0, %[xv], %[xp], %[xs]" : [xv] "=r"(xp_), [xp] "+r"(pointer) : [xs] "r"((int)(step)) : "memory"); xp_; })

/* p.lb rd, rs2(rs1): Load a byte, sign-extended, at rs1 + rs2. */
#define p_lb_r(pointer, offset) \
    __extension__({ int xp_; __asm__ volatile(".insn r 0x3, 7, 0x0, %[xv], %[xp], %[xs]" : [xv] "=r"(xp_) : [xp] "r"(pointer), [xs] "r"((int)(offset)) : "memory"); xp_; })

/* p.lbu rd, imm(rs1!): Load a byte, zero-extended, at rs1, then add an immediate to rs1. When rd is rs1 the loaded
   value stays. */
#define p_lbu_post(pointer, step) \
    __extension__({ _Static_assert((step) >= -2048 && (step) <= 2047, "p.lbu: imm is -2048..2047"); int xp_; __asm__ volatile(".insn i 0xb, 4, %[xv], %[xp], %[xi]" : [xv] "=r"(xp_), [xp] "+r"(pointer) : [xi] "i"((int)((0x0 | ((unsigned)(step) >> 0 & 0xfff) << 0) ^ 0x800) - 0x800) : "memory"); xp_; })

/* p.lbu rd, rs2(rs1!): Load a byte, zero-extended, at rs1, then add rs2 to rs1. When rd is rs1 the loaded value stays.
   */
#define p_lbu_post_r(pointer, step) \
    __extension__({ int xp_; __asm__ volatile(".insn r 0xb, 7, 0x20, %[xv], %[xp], %[xs]" : [xv] "=r"(xp_), [xp] "+r"(pointer) : [xs] "r"((int)(step)) : "memory"); xp_; })

/* p.lbu rd, rs2(rs1): Load a byte, zero-extended, at rs1 + rs2. */
#define p_lbu_r(pointer, offset) \
    __extension__({ int xp_; __asm__ volatile(".insn r 0x3, 7, 0x20, %[xv], %[xp], %[xs]" : [xv] "=r"(xp_) : [xp] "r"(pointer), [xs] "r"((int)(offset)) : "memory"); xp_; })

/* p.lh rd, imm(rs1!): Load a half-word, sign-extended, at rs1, then add an immediate to rs1. When rd is rs1 the loaded
   value stays. */
#define p_lh_post(pointer, step) \
    __extension__({ _Static_assert((step) >= -2048 && (step) <= 2047, "p.lh: imm is -2048..2047"); int xp_; __asm__ volatile(".insn i 0xb, 1, %[xv], %[xp], %[xi]" : [xv] "=r"(xp_), [xp] "+r"(pointer) : [xi] "i"((int)((0x0 | ((unsigned)(step) >> 0 & 0xfff) << 0) ^ 0x800) - 0x800) : "memory"); xp_; })

/* p.lh rd, rs2(rs1!): Load a half-word, sign-extended, at rs1, then add rs2 to rs1. When rd is rs1 the loaded value
   stays. */
#define p_lh_post_r(pointer, step) \
    __extension__({ int xp_; __asm__ volatile(".insn r 0xb, 7, 0x8, %[xv], %[xp], %[xs]" : [xv] "=r"(xp_), [xp] "+r"(pointer) : [xs] "r"((int)(step)) : "memory"); xp_; })

/* p.lh rd, rs2(rs1): Load a half-word, sign-extended, at rs1 + rs2. */
#define p_lh_r(pointer, offset) \
    __extension__({ int xp_; __asm__ volatile(".insn r 0x3, 7, 0x8, %[xv], %[xp], %[xs]" : [xv] "=r"(xp_) : [xp] "r"(pointer), [xs] "r"((int)(offset)) : "memory"); xp_; })

/* p.lhu rd, imm(rs1!): Load a half-word, zero-extended, at rs1, then add an immediate to rs1. When rd is rs1 the loaded
   value stays. */
#define p_lhu_post(pointer, step) \
    __extension__({ _Static_assert((step) >= -2048 && (step) <= 2047, "p.lhu: imm is -2048..2047"); int xp_; __asm__ volatile(".insn i 0xb, 5, %[xv], %[xp], %[xi]" : [xv] "=r"(xp_), [xp] "+r"(pointer) : [xi] "i"((int)((0x0 | ((unsigned)(step) >> 0 & 0xfff) << 0) ^ 0x800) - 0x800) : "memory"); xp_; })

/* p.lhu rd, rs2(rs1!): Load a half-word, zero-extended, at rs1, then add rs2 to rs1. When rd is rs1 the loaded value
   stays. */
#define p_lhu_post_r(pointer, step) \
    __extension__({ int xp_; __asm__ volatile(".insn r 0xb, 7, 0x28, %[xv], %[xp], %[xs]" : [xv] "=r"(xp_), [xp] "+r"(pointer) : [xs] "r"((int)(step)) : "memory"); xp_; })

/* p.lhu rd, rs2(rs1): Load a half-word, zero-extended, at rs1 + rs2. */
#define p_lhu_r(pointer, offset) \
    __extension__({ int xp_; __asm__ volatile(".insn r 0x3, 7, 0x28, %[xv], %[xp], %[xs]" : [xv] "=r"(xp_) : [xp] "r"(pointer), [xs] "r"((int)(offset)) : "memory"); xp_; })

/* p.lw rd, imm(rs1!): Load a word at rs1, then add an immediate to rs1. When rd is rs1 the loaded value stays. */
#define p_lw_post(pointer, step) \
    __extension__({ _Static_assert((step) >= -2048 && (step) <= 2047, "p.lw: imm is -2048..2047"); int xp_; __asm__ volatile(".insn i 0xb, 2, %[xv], %[xp], %[xi]" : [xv] "=r"(xp_), [xp] "+r"(pointer) : [xi] "i"((int)((0x0 | ((unsigned)(step) >> 0 & 0xfff) << 0) ^ 0x800) - 0x800) : "memory"); xp_; })

/* p.lw rd, rs2(rs1!): Load a word at rs1, then add rs2 to rs1. When rd is rs1 the loaded value stays. */
#define p_lw_post_r(pointer, step) \
    __extension__({ int xp_; __asm__ volatile(".insn r 0xb, 7, 0x10, %[xv], %[xp], %[xs]" : [xv] "=r"(xp_), [xp] "+r"(pointer) : [xs] "r"((int)(step)) : "memory"); xp_; })

/* p.lw rd, rs2(rs1): Load a word at rs1 + rs2. */
#define p_lw_r(pointer, offset) \
    __extension__({ int xp_; __asm__ volatile(".insn r 0x3, 7, 0x10, %[xv], %[xp], %[xs]" : [xv] "=r"(xp_) : [xp] "r"(pointer), [xs] "r"((int)(offset)) : "memory"); xp_; })

/* p.sb rs2, imm(rs1!): Store a byte at rs1, then add an immediate to rs1. When rs2 is rs1 its old value is stored. */
#define p_sb_post(value, pointer, step) \
    __extension__({ _Static_assert((step) >= -2048 && (step) <= 2047, "p.sb: imm is -2048..2047"); __asm__ volatile(".insn s 0x2b, 0, %[xv], %[xi](%[xp])" : [xp] "+r"(pointer) : [xv] "r"((int)(value)), [xi] "i"(step) : "memory"); })

/* p.sb rs2, rs3(rs1!): Store a byte at rs1, then add rs3 to rs1. When rs2 is rs1 its old value is stored. */
#define p_sb_post_r(value, pointer, step) \
    __extension__({ __asm__ volatile(".insn r 0x2b, 4, 0x0, %[xs], %[xp], %[xv]" : [xp] "+r"(pointer) : [xv] "r"((int)(value)), [xs] "r"((int)(step)) : "memory"); })

/* p.sb rs2, rs3(rs1): Store a byte at rs1 + rs3. */
#define p_sb_r(value, pointer, offset) \
    __extension__({ __asm__ volatile(".insn r 0x23, 4, 0x0, %[xs], %[xp], %[xv]" :  : [xv] "r"((int)(value)), [xp] "r"(pointer), [xs] "r"((int)(offset)) : "memory"); })

/* p.sh rs2, imm(rs1!): Store a half-word at rs1, then add an immediate to rs1. When rs2 is rs1 its old value is stored.
   */
#define p_sh_post(value, pointer, step) \
    __extension__({ _Static_assert((step) >= -2048 && (step) <= 2047, "p.sh: imm is -2048..2047"); __asm__ volatile(".insn s 0x2b, 1, %[xv], %[xi](%[xp])" : [xp] "+r"(pointer) : [xv] "r"((int)(value)), [xi] "i"(step) : "memory"); })

/* p.sh rs2, rs3(rs1!): Store a half-word at rs1, then add rs3 to rs1. When rs2 is rs1 its old value is stored. */
#define p_sh_post_r(value, pointer, step) \
    __extension__({ __asm__ volatile(".insn r 0x2b, 5, 0x0, %[xs], %[xp], %[xv]" : [xp] "+r"(pointer) : [xv] "r"((int)(value)), [xs] "r"((int)(step)) : "memory"); })

/* p.sh rs2, rs3(rs1): Store a half-word at rs1 + rs3. */
#define p_sh_r(value, pointer, offset) \
    __extension__({ __asm__ volatile(".insn r 0x23, 5, 0x0, %[xs], %[xp], %[xv]" :  : [xv] "r"((int)(value)), [xp] "r"(pointer), [xs] "r"((int)(offset)) : "memory"); })

/* p.sw rs2, imm(rs1!): Store a word at rs1, then add an immediate to rs1. When rs2 is rs1 its old value is stored. */
#define p_sw_post(value, pointer, step) \
    __extension__({ _Static_assert((step) >= -2048 && (step) <= 2047, "p.sw: imm is -2048..2047"); __asm__ volatile(".insn s 0x2b, 2, %[xv], %[xi](%[xp])" : [xp] "+r"(pointer) : [xv] "r"((int)(value)), [xi] "i"(step) : "memory"); })

/* p.sw rs2, rs3(rs1!): Store a word at rs1, then add rs3 to rs1. When rs2 is rs1 its old value is stored. */
#define p_sw_post_r(value, pointer, step) \
    __extension__({ __asm__ volatile(".insn r 0x2b, 6, 0x0, %[xs], %[xp], %[xv]" : [xp] "+r"(pointer) : [xv] "r"((int)(value)), [xs] "r"((int)(step)) : "memory"); })

/* p.sw rs2, rs3(rs1): Store a word at rs1 + rs3. */
#define p_sw_r(value, pointer, offset) \
    __extension__({ __asm__ volatile(".insn r 0x23, 6, 0x0, %[xs], %[xp], %[xv]" :  : [xv] "r"((int)(value)), [xp] "r"(pointer), [xs] "r"((int)(offset)) : "memory"); })

/* p.elw rd, imm(rs1): Load a word from the event unit, which answers when the awaited event has happened; until then
   the core's clock is stopped. */
#define p_elw(pointer, offset) \
    __extension__({ _Static_assert((offset) >= -2048 && (offset) <= 2047, "p.elw: imm is -2048..2047"); int xp_; __asm__ volatile(".insn i 0x3, 6, %[xv], %[xp], %[xi]" : [xv] "=r"(xp_) : [xp] "r"(pointer), [xi] "i"((int)((0x0 | ((unsigned)(offset) >> 0 & 0xfff) << 0) ^ 0x800) - 0x800) : "memory"); xp_; })

/* pv.add.h rd, rs1, rs2: a + b, modulo the lane. Lanes of 16 bits. */
XPULP_INLINE int pv_add_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x0, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.add.sc.h rd, rs1, rs2: a + b, modulo the lane. Lanes of 16 bits; b is rs2's low lane. */
XPULP_INLINE int pv_add_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x0, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.add.sci.h rd, rs1, imm: a + b, modulo the lane. Lanes of 16 bits; b is the immediate. */
#define pv_add_sci_h(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.add.sci.h: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x0 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.add.b rd, rs1, rs2: a + b, modulo the lane. Lanes of 8 bits. */
XPULP_INLINE int pv_add_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x0, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.add.sc.b rd, rs1, rs2: a + b, modulo the lane. Lanes of 8 bits; b is rs2's low lane. */
XPULP_INLINE int pv_add_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x0, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.add.sci.b rd, rs1, imm: a + b, modulo the lane. Lanes of 8 bits; b is the immediate. */
#define pv_add_sci_b(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.add.sci.b: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x0 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.sub.h rd, rs1, rs2: a - b, modulo the lane. Lanes of 16 bits. */
XPULP_INLINE int pv_sub_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x4, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sub.sc.h rd, rs1, rs2: a - b, modulo the lane. Lanes of 16 bits; b is rs2's low lane. */
XPULP_INLINE int pv_sub_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x4, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sub.sci.h rd, rs1, imm: a - b, modulo the lane. Lanes of 16 bits; b is the immediate. */
#define pv_sub_sci_h(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.sub.sci.h: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x80 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.sub.b rd, rs1, rs2: a - b, modulo the lane. Lanes of 8 bits. */
XPULP_INLINE int pv_sub_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x4, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sub.sc.b rd, rs1, rs2: a - b, modulo the lane. Lanes of 8 bits; b is rs2's low lane. */
XPULP_INLINE int pv_sub_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x4, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sub.sci.b rd, rs1, imm: a - b, modulo the lane. Lanes of 8 bits; b is the immediate. */
#define pv_sub_sci_b(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.sub.sci.b: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x80 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.avg.h rd, rs1, rs2: Half of a + b, signed. The sum wraps around in the lane first. Lanes of 16 bits. */
XPULP_INLINE int pv_avg_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x8, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.avg.sc.h rd, rs1, rs2: Half of a + b, signed. The sum wraps around in the lane first. Lanes of 16 bits; b is rs2's
   low lane. */
XPULP_INLINE int pv_avg_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x8, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.avg.sci.h rd, rs1, imm: Half of a + b, signed. The sum wraps around in the lane first. Lanes of 16 bits; b is the
   immediate. */
#define pv_avg_sci_h(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.avg.sci.h: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x100 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.avg.b rd, rs1, rs2: Half of a + b, signed. The sum wraps around in the lane first. Lanes of 8 bits. */
XPULP_INLINE int pv_avg_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x8, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.avg.sc.b rd, rs1, rs2: Half of a + b, signed. The sum wraps around in the lane first. Lanes of 8 bits; b is rs2's
   low lane. */
XPULP_INLINE int pv_avg_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x8, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.avg.sci.b rd, rs1, imm: Half of a + b, signed. The sum wraps around in the lane first. Lanes of 8 bits; b is the
   immediate. */
#define pv_avg_sci_b(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.avg.sci.b: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x100 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.avgu.h rd, rs1, rs2: Half of a + b, unsigned. The sum wraps around in the lane first. Lanes of 16 bits. */
XPULP_INLINE int pv_avgu_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0xc, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.avgu.sc.h rd, rs1, rs2: Half of a + b, unsigned. The sum wraps around in the lane first. Lanes of 16 bits; b is
   rs2's low lane. */
XPULP_INLINE int pv_avgu_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0xc, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.avgu.sci.h rd, rs1, uimm: Half of a + b, unsigned. The sum wraps around in the lane first. Lanes of 16 bits; b is
   the immediate. */
#define pv_avgu_sci_h(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.avgu.sci.h: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x180 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.avgu.b rd, rs1, rs2: Half of a + b, unsigned. The sum wraps around in the lane first. Lanes of 8 bits. */
XPULP_INLINE int pv_avgu_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0xc, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.avgu.sc.b rd, rs1, rs2: Half of a + b, unsigned. The sum wraps around in the lane first. Lanes of 8 bits; b is
   rs2's low lane. */
XPULP_INLINE int pv_avgu_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0xc, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.avgu.sci.b rd, rs1, uimm: Half of a + b, unsigned. The sum wraps around in the lane first. Lanes of 8 bits; b is
   the immediate. */
#define pv_avgu_sci_b(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.avgu.sci.b: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x180 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.min.h rd, rs1, rs2: Minimum, signed. Lanes of 16 bits. */
XPULP_INLINE int pv_min_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x10, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.min.sc.h rd, rs1, rs2: Minimum, signed. Lanes of 16 bits; b is rs2's low lane. */
XPULP_INLINE int pv_min_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x10, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.min.sci.h rd, rs1, imm: Minimum, signed. Lanes of 16 bits; b is the immediate. */
#define pv_min_sci_h(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.min.sci.h: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x200 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.min.b rd, rs1, rs2: Minimum, signed. Lanes of 8 bits. */
XPULP_INLINE int pv_min_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x10, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.min.sc.b rd, rs1, rs2: Minimum, signed. Lanes of 8 bits; b is rs2's low lane. */
XPULP_INLINE int pv_min_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x10, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.min.sci.b rd, rs1, imm: Minimum, signed. Lanes of 8 bits; b is the immediate. */
#define pv_min_sci_b(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.min.sci.b: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x200 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.minu.h rd, rs1, rs2: Minimum, unsigned. Lanes of 16 bits. */
XPULP_INLINE int pv_minu_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x14, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.minu.sc.h rd, rs1, rs2: Minimum, unsigned. Lanes of 16 bits; b is rs2's low lane. */
XPULP_INLINE int pv_minu_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x14, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.minu.sci.h rd, rs1, uimm: Minimum, unsigned. Lanes of 16 bits; b is the immediate. */
#define pv_minu_sci_h(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.minu.sci.h: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x280 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.minu.b rd, rs1, rs2: Minimum, unsigned. Lanes of 8 bits. */
XPULP_INLINE int pv_minu_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x14, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.minu.sc.b rd, rs1, rs2: Minimum, unsigned. Lanes of 8 bits; b is rs2's low lane. */
XPULP_INLINE int pv_minu_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x14, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.minu.sci.b rd, rs1, uimm: Minimum, unsigned. Lanes of 8 bits; b is the immediate. */
#define pv_minu_sci_b(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.minu.sci.b: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x280 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.max.h rd, rs1, rs2: Maximum, signed. Lanes of 16 bits. */
XPULP_INLINE int pv_max_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x18, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.max.sc.h rd, rs1, rs2: Maximum, signed. Lanes of 16 bits; b is rs2's low lane. */
XPULP_INLINE int pv_max_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x18, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.max.sci.h rd, rs1, imm: Maximum, signed. Lanes of 16 bits; b is the immediate. */
#define pv_max_sci_h(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.max.sci.h: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x300 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.max.b rd, rs1, rs2: Maximum, signed. Lanes of 8 bits. */
XPULP_INLINE int pv_max_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x18, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.max.sc.b rd, rs1, rs2: Maximum, signed. Lanes of 8 bits; b is rs2's low lane. */
XPULP_INLINE int pv_max_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x18, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.max.sci.b rd, rs1, imm: Maximum, signed. Lanes of 8 bits; b is the immediate. */
#define pv_max_sci_b(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.max.sci.b: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x300 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.maxu.h rd, rs1, rs2: Maximum, unsigned. Lanes of 16 bits. */
XPULP_INLINE int pv_maxu_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x1c, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.maxu.sc.h rd, rs1, rs2: Maximum, unsigned. Lanes of 16 bits; b is rs2's low lane. */
XPULP_INLINE int pv_maxu_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x1c, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.maxu.sci.h rd, rs1, uimm: Maximum, unsigned. Lanes of 16 bits; b is the immediate. */
#define pv_maxu_sci_h(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.maxu.sci.h: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x380 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.maxu.b rd, rs1, rs2: Maximum, unsigned. Lanes of 8 bits. */
XPULP_INLINE int pv_maxu_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x1c, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.maxu.sc.b rd, rs1, rs2: Maximum, unsigned. Lanes of 8 bits; b is rs2's low lane. */
XPULP_INLINE int pv_maxu_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x1c, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.maxu.sci.b rd, rs1, uimm: Maximum, unsigned. Lanes of 8 bits; b is the immediate. */
#define pv_maxu_sci_b(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.maxu.sci.b: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x380 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.srl.h rd, rs1, rs2: Shift a right by b modulo the lane's width, zeros in. Lanes of 16 bits. */
XPULP_INLINE int pv_srl_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x20, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.srl.sc.h rd, rs1, rs2: Shift a right by b modulo the lane's width, zeros in. Lanes of 16 bits; b is rs2's low
   lane. */
XPULP_INLINE int pv_srl_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x20, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.srl.sci.h rd, rs1, uimm: Shift a right by b modulo the lane's width, zeros in. Lanes of 16 bits; b is the
   immediate. */
#define pv_srl_sci_h(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 31, "pv.srl.sci.h: uimm is 0..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x400 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0xf) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.srl.b rd, rs1, rs2: Shift a right by b modulo the lane's width, zeros in. Lanes of 8 bits. */
XPULP_INLINE int pv_srl_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x20, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.srl.sc.b rd, rs1, rs2: Shift a right by b modulo the lane's width, zeros in. Lanes of 8 bits; b is rs2's low lane.
   */
XPULP_INLINE int pv_srl_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x20, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.srl.sci.b rd, rs1, uimm: Shift a right by b modulo the lane's width, zeros in. Lanes of 8 bits; b is the
   immediate. */
#define pv_srl_sci_b(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 31, "pv.srl.sci.b: uimm is 0..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x400 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0xf) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.sra.h rd, rs1, rs2: Shift a right by b modulo the lane's width, sign in. Lanes of 16 bits. */
XPULP_INLINE int pv_sra_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x24, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sra.sc.h rd, rs1, rs2: Shift a right by b modulo the lane's width, sign in. Lanes of 16 bits; b is rs2's low lane.
   */
XPULP_INLINE int pv_sra_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x24, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sra.sci.h rd, rs1, uimm: Shift a right by b modulo the lane's width, sign in. Lanes of 16 bits; b is the
   immediate. */
#define pv_sra_sci_h(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 31, "pv.sra.sci.h: uimm is 0..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x480 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0xf) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.sra.b rd, rs1, rs2: Shift a right by b modulo the lane's width, sign in. Lanes of 8 bits. */
XPULP_INLINE int pv_sra_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x24, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sra.sc.b rd, rs1, rs2: Shift a right by b modulo the lane's width, sign in. Lanes of 8 bits; b is rs2's low lane.
   */
XPULP_INLINE int pv_sra_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x24, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sra.sci.b rd, rs1, uimm: Shift a right by b modulo the lane's width, sign in. Lanes of 8 bits; b is the immediate.
   */
#define pv_sra_sci_b(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 31, "pv.sra.sci.b: uimm is 0..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x480 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0xf) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.sll.h rd, rs1, rs2: Shift a left by b modulo the lane's width. Lanes of 16 bits. */
XPULP_INLINE int pv_sll_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x28, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sll.sc.h rd, rs1, rs2: Shift a left by b modulo the lane's width. Lanes of 16 bits; b is rs2's low lane. */
XPULP_INLINE int pv_sll_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x28, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sll.sci.h rd, rs1, uimm: Shift a left by b modulo the lane's width. Lanes of 16 bits; b is the immediate. */
#define pv_sll_sci_h(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 31, "pv.sll.sci.h: uimm is 0..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x500 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0xf) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.sll.b rd, rs1, rs2: Shift a left by b modulo the lane's width. Lanes of 8 bits. */
XPULP_INLINE int pv_sll_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x28, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sll.sc.b rd, rs1, rs2: Shift a left by b modulo the lane's width. Lanes of 8 bits; b is rs2's low lane. */
XPULP_INLINE int pv_sll_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x28, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sll.sci.b rd, rs1, uimm: Shift a left by b modulo the lane's width. Lanes of 8 bits; b is the immediate. */
#define pv_sll_sci_b(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 31, "pv.sll.sci.b: uimm is 0..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x500 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0xf) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.or.h rd, rs1, rs2: Or. Lanes of 16 bits. */
XPULP_INLINE int pv_or_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x2c, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.or.sc.h rd, rs1, rs2: Or. Lanes of 16 bits; b is rs2's low lane. */
XPULP_INLINE int pv_or_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x2c, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.or.sci.h rd, rs1, imm: Or. Lanes of 16 bits; b is the immediate. */
#define pv_or_sci_h(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.or.sci.h: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x580 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.or.b rd, rs1, rs2: Or. Lanes of 8 bits. */
XPULP_INLINE int pv_or_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x2c, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.or.sc.b rd, rs1, rs2: Or. Lanes of 8 bits; b is rs2's low lane. */
XPULP_INLINE int pv_or_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x2c, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.or.sci.b rd, rs1, imm: Or. Lanes of 8 bits; b is the immediate. */
#define pv_or_sci_b(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.or.sci.b: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x580 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.xor.h rd, rs1, rs2: Exclusive or. Lanes of 16 bits. */
XPULP_INLINE int pv_xor_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x30, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.xor.sc.h rd, rs1, rs2: Exclusive or. Lanes of 16 bits; b is rs2's low lane. */
XPULP_INLINE int pv_xor_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x30, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.xor.sci.h rd, rs1, imm: Exclusive or. Lanes of 16 bits; b is the immediate. */
#define pv_xor_sci_h(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.xor.sci.h: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x600 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.xor.b rd, rs1, rs2: Exclusive or. Lanes of 8 bits. */
XPULP_INLINE int pv_xor_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x30, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.xor.sc.b rd, rs1, rs2: Exclusive or. Lanes of 8 bits; b is rs2's low lane. */
XPULP_INLINE int pv_xor_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x30, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.xor.sci.b rd, rs1, imm: Exclusive or. Lanes of 8 bits; b is the immediate. */
#define pv_xor_sci_b(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.xor.sci.b: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x600 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.and.h rd, rs1, rs2: And. Lanes of 16 bits. */
XPULP_INLINE int pv_and_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x34, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.and.sc.h rd, rs1, rs2: And. Lanes of 16 bits; b is rs2's low lane. */
XPULP_INLINE int pv_and_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x34, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.and.sci.h rd, rs1, imm: And. Lanes of 16 bits; b is the immediate. */
#define pv_and_sci_h(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.and.sci.h: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x680 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.and.b rd, rs1, rs2: And. Lanes of 8 bits. */
XPULP_INLINE int pv_and_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x34, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.and.sc.b rd, rs1, rs2: And. Lanes of 8 bits; b is rs2's low lane. */
XPULP_INLINE int pv_and_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x34, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.and.sci.b rd, rs1, imm: And. Lanes of 8 bits; b is the immediate. */
#define pv_and_sci_b(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.and.sci.b: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x680 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.abs.h rd, rs1: Absolute value; the most negative lane stays. Lanes of 16 bits. */
XPULP_INLINE int pv_abs_h(int rs1) { int rd; __asm__(".insn i 0x57, 0, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xi] "i"((int)((0x700) ^ 0x800) - 0x800)); return rd; }

/* pv.abs.b rd, rs1: Absolute value; the most negative lane stays. Lanes of 8 bits. */
XPULP_INLINE int pv_abs_b(int rs1) { int rd; __asm__(".insn i 0x57, 1, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xi] "i"((int)((0x700) ^ 0x800) - 0x800)); return rd; }

/* pv.cmpeq.h rd, rs1, rs2: All ones where a is equal to b, else 0. Lanes of 16 bits. */
XPULP_INLINE int pv_cmpeq_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x2, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpeq.sc.h rd, rs1, rs2: All ones where a is equal to b, else 0. Lanes of 16 bits; b is rs2's low lane. */
XPULP_INLINE int pv_cmpeq_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x2, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpeq.sci.h rd, rs1, imm: All ones where a is equal to b, else 0. Lanes of 16 bits; b is the immediate. */
#define pv_cmpeq_sci_h(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.cmpeq.sci.h: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x40 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmpeq.b rd, rs1, rs2: All ones where a is equal to b, else 0. Lanes of 8 bits. */
XPULP_INLINE int pv_cmpeq_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x2, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpeq.sc.b rd, rs1, rs2: All ones where a is equal to b, else 0. Lanes of 8 bits; b is rs2's low lane. */
XPULP_INLINE int pv_cmpeq_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x2, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpeq.sci.b rd, rs1, imm: All ones where a is equal to b, else 0. Lanes of 8 bits; b is the immediate. */
#define pv_cmpeq_sci_b(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.cmpeq.sci.b: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x40 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmpne.h rd, rs1, rs2: All ones where a is not equal to b, else 0. Lanes of 16 bits. */
XPULP_INLINE int pv_cmpne_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x6, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpne.sc.h rd, rs1, rs2: All ones where a is not equal to b, else 0. Lanes of 16 bits; b is rs2's low lane. */
XPULP_INLINE int pv_cmpne_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x6, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpne.sci.h rd, rs1, imm: All ones where a is not equal to b, else 0. Lanes of 16 bits; b is the immediate. */
#define pv_cmpne_sci_h(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.cmpne.sci.h: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xc0 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmpne.b rd, rs1, rs2: All ones where a is not equal to b, else 0. Lanes of 8 bits. */
XPULP_INLINE int pv_cmpne_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x6, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpne.sc.b rd, rs1, rs2: All ones where a is not equal to b, else 0. Lanes of 8 bits; b is rs2's low lane. */
XPULP_INLINE int pv_cmpne_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x6, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpne.sci.b rd, rs1, imm: All ones where a is not equal to b, else 0. Lanes of 8 bits; b is the immediate. */
#define pv_cmpne_sci_b(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.cmpne.sci.b: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xc0 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmpgt.h rd, rs1, rs2: All ones where a is greater than b, signed, else 0. Lanes of 16 bits. */
XPULP_INLINE int pv_cmpgt_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0xa, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpgt.sc.h rd, rs1, rs2: All ones where a is greater than b, signed, else 0. Lanes of 16 bits; b is rs2's low
   lane. */
XPULP_INLINE int pv_cmpgt_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0xa, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpgt.sci.h rd, rs1, imm: All ones where a is greater than b, signed, else 0. Lanes of 16 bits; b is the
   immediate. */
#define pv_cmpgt_sci_h(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.cmpgt.sci.h: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x140 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmpgt.b rd, rs1, rs2: All ones where a is greater than b, signed, else 0. Lanes of 8 bits. */
XPULP_INLINE int pv_cmpgt_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0xa, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpgt.sc.b rd, rs1, rs2: All ones where a is greater than b, signed, else 0. Lanes of 8 bits; b is rs2's low lane.
   */
XPULP_INLINE int pv_cmpgt_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0xa, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpgt.sci.b rd, rs1, imm: All ones where a is greater than b, signed, else 0. Lanes of 8 bits; b is the immediate.
   */
#define pv_cmpgt_sci_b(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.cmpgt.sci.b: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x140 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmpge.h rd, rs1, rs2: All ones where a is greater than or equal to b, signed, else 0. Lanes of 16 bits. */
XPULP_INLINE int pv_cmpge_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0xe, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpge.sc.h rd, rs1, rs2: All ones where a is greater than or equal to b, signed, else 0. Lanes of 16 bits; b is
   rs2's low lane. */
XPULP_INLINE int pv_cmpge_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0xe, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpge.sci.h rd, rs1, imm: All ones where a is greater than or equal to b, signed, else 0. Lanes of 16 bits; b is
   the immediate. */
#define pv_cmpge_sci_h(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.cmpge.sci.h: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x1c0 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmpge.b rd, rs1, rs2: All ones where a is greater than or equal to b, signed, else 0. Lanes of 8 bits. */
XPULP_INLINE int pv_cmpge_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0xe, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpge.sc.b rd, rs1, rs2: All ones where a is greater than or equal to b, signed, else 0. Lanes of 8 bits; b is
   rs2's low lane. */
XPULP_INLINE int pv_cmpge_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0xe, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpge.sci.b rd, rs1, imm: All ones where a is greater than or equal to b, signed, else 0. Lanes of 8 bits; b is
   the immediate. */
#define pv_cmpge_sci_b(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.cmpge.sci.b: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x1c0 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmplt.h rd, rs1, rs2: All ones where a is less than b, signed, else 0. Lanes of 16 bits. */
XPULP_INLINE int pv_cmplt_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x12, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmplt.sc.h rd, rs1, rs2: All ones where a is less than b, signed, else 0. Lanes of 16 bits; b is rs2's low lane.
   */
XPULP_INLINE int pv_cmplt_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x12, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmplt.sci.h rd, rs1, imm: All ones where a is less than b, signed, else 0. Lanes of 16 bits; b is the immediate.
   */
#define pv_cmplt_sci_h(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.cmplt.sci.h: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x240 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmplt.b rd, rs1, rs2: All ones where a is less than b, signed, else 0. Lanes of 8 bits. */
XPULP_INLINE int pv_cmplt_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x12, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmplt.sc.b rd, rs1, rs2: All ones where a is less than b, signed, else 0. Lanes of 8 bits; b is rs2's low lane. */
XPULP_INLINE int pv_cmplt_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x12, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmplt.sci.b rd, rs1, imm: All ones where a is less than b, signed, else 0. Lanes of 8 bits; b is the immediate. */
#define pv_cmplt_sci_b(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.cmplt.sci.b: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x240 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmple.h rd, rs1, rs2: All ones where a is less than or equal to b, signed, else 0. Lanes of 16 bits. */
XPULP_INLINE int pv_cmple_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x16, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmple.sc.h rd, rs1, rs2: All ones where a is less than or equal to b, signed, else 0. Lanes of 16 bits; b is rs2's
   low lane. */
XPULP_INLINE int pv_cmple_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x16, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmple.sci.h rd, rs1, imm: All ones where a is less than or equal to b, signed, else 0. Lanes of 16 bits; b is the
   immediate. */
#define pv_cmple_sci_h(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.cmple.sci.h: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x2c0 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmple.b rd, rs1, rs2: All ones where a is less than or equal to b, signed, else 0. Lanes of 8 bits. */
XPULP_INLINE int pv_cmple_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x16, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmple.sc.b rd, rs1, rs2: All ones where a is less than or equal to b, signed, else 0. Lanes of 8 bits; b is rs2's
   low lane. */
XPULP_INLINE int pv_cmple_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x16, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmple.sci.b rd, rs1, imm: All ones where a is less than or equal to b, signed, else 0. Lanes of 8 bits; b is the
   immediate. */
#define pv_cmple_sci_b(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.cmple.sci.b: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x2c0 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmpgtu.h rd, rs1, rs2: All ones where a is greater than b, unsigned, else 0. Lanes of 16 bits. */
XPULP_INLINE int pv_cmpgtu_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x1a, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpgtu.sc.h rd, rs1, rs2: All ones where a is greater than b, unsigned, else 0. Lanes of 16 bits; b is rs2's low
   lane. */
XPULP_INLINE int pv_cmpgtu_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x1a, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpgtu.sci.h rd, rs1, uimm: All ones where a is greater than b, unsigned, else 0. Lanes of 16 bits; b is the
   immediate. */
#define pv_cmpgtu_sci_h(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.cmpgtu.sci.h: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x340 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmpgtu.b rd, rs1, rs2: All ones where a is greater than b, unsigned, else 0. Lanes of 8 bits. */
XPULP_INLINE int pv_cmpgtu_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x1a, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpgtu.sc.b rd, rs1, rs2: All ones where a is greater than b, unsigned, else 0. Lanes of 8 bits; b is rs2's low
   lane. */
XPULP_INLINE int pv_cmpgtu_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x1a, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpgtu.sci.b rd, rs1, uimm: All ones where a is greater than b, unsigned, else 0. Lanes of 8 bits; b is the
   immediate. */
#define pv_cmpgtu_sci_b(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.cmpgtu.sci.b: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x340 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmpgeu.h rd, rs1, rs2: All ones where a is greater than or equal to b, unsigned, else 0. Lanes of 16 bits. */
XPULP_INLINE int pv_cmpgeu_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x1e, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpgeu.sc.h rd, rs1, rs2: All ones where a is greater than or equal to b, unsigned, else 0. Lanes of 16 bits; b is
   rs2's low lane. */
XPULP_INLINE int pv_cmpgeu_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x1e, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpgeu.sci.h rd, rs1, uimm: All ones where a is greater than or equal to b, unsigned, else 0. Lanes of 16 bits; b
   is the immediate. */
#define pv_cmpgeu_sci_h(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.cmpgeu.sci.h: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x3c0 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmpgeu.b rd, rs1, rs2: All ones where a is greater than or equal to b, unsigned, else 0. Lanes of 8 bits. */
XPULP_INLINE int pv_cmpgeu_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x1e, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpgeu.sc.b rd, rs1, rs2: All ones where a is greater than or equal to b, unsigned, else 0. Lanes of 8 bits; b is
   rs2's low lane. */
XPULP_INLINE int pv_cmpgeu_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x1e, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpgeu.sci.b rd, rs1, uimm: All ones where a is greater than or equal to b, unsigned, else 0. Lanes of 8 bits; b
   is the immediate. */
#define pv_cmpgeu_sci_b(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.cmpgeu.sci.b: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x3c0 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmpltu.h rd, rs1, rs2: All ones where a is less than b, unsigned, else 0. Lanes of 16 bits. */
XPULP_INLINE int pv_cmpltu_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x22, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpltu.sc.h rd, rs1, rs2: All ones where a is less than b, unsigned, else 0. Lanes of 16 bits; b is rs2's low
   lane. */
XPULP_INLINE int pv_cmpltu_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x22, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpltu.sci.h rd, rs1, uimm: All ones where a is less than b, unsigned, else 0. Lanes of 16 bits; b is the
   immediate. */
#define pv_cmpltu_sci_h(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.cmpltu.sci.h: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x440 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmpltu.b rd, rs1, rs2: All ones where a is less than b, unsigned, else 0. Lanes of 8 bits. */
XPULP_INLINE int pv_cmpltu_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x22, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpltu.sc.b rd, rs1, rs2: All ones where a is less than b, unsigned, else 0. Lanes of 8 bits; b is rs2's low lane.
   */
XPULP_INLINE int pv_cmpltu_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x22, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpltu.sci.b rd, rs1, uimm: All ones where a is less than b, unsigned, else 0. Lanes of 8 bits; b is the
   immediate. */
#define pv_cmpltu_sci_b(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.cmpltu.sci.b: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x440 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmpleu.h rd, rs1, rs2: All ones where a is less than or equal to b, unsigned, else 0. Lanes of 16 bits. */
XPULP_INLINE int pv_cmpleu_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x26, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpleu.sc.h rd, rs1, rs2: All ones where a is less than or equal to b, unsigned, else 0. Lanes of 16 bits; b is
   rs2's low lane. */
XPULP_INLINE int pv_cmpleu_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x26, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpleu.sci.h rd, rs1, uimm: All ones where a is less than or equal to b, unsigned, else 0. Lanes of 16 bits; b is
   the immediate. */
#define pv_cmpleu_sci_h(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.cmpleu.sci.h: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x4c0 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.cmpleu.b rd, rs1, rs2: All ones where a is less than or equal to b, unsigned, else 0. Lanes of 8 bits. */
XPULP_INLINE int pv_cmpleu_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x26, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpleu.sc.b rd, rs1, rs2: All ones where a is less than or equal to b, unsigned, else 0. Lanes of 8 bits; b is
   rs2's low lane. */
XPULP_INLINE int pv_cmpleu_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x26, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cmpleu.sci.b rd, rs1, uimm: All ones where a is less than or equal to b, unsigned, else 0. Lanes of 8 bits; b is
   the immediate. */
#define pv_cmpleu_sci_b(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.cmpleu.sci.b: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x4c0 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.dotup.h rd, rs1, rs2: Dot product: the sum of a * b, unsigned by unsigned. Lanes of 16 bits. */
XPULP_INLINE int pv_dotup_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x40, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.dotup.sc.h rd, rs1, rs2: Dot product: the sum of a * b, unsigned by unsigned. Lanes of 16 bits; b is rs2's low
   lane. */
XPULP_INLINE int pv_dotup_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x40, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.dotup.sci.h rd, rs1, uimm: Dot product: the sum of a * b, unsigned by unsigned. Lanes of 16 bits; b is the
   immediate. */
#define pv_dotup_sci_h(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.dotup.sci.h: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x800 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.dotup.b rd, rs1, rs2: Dot product: the sum of a * b, unsigned by unsigned. Lanes of 8 bits. */
XPULP_INLINE int pv_dotup_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x40, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.dotup.sc.b rd, rs1, rs2: Dot product: the sum of a * b, unsigned by unsigned. Lanes of 8 bits; b is rs2's low
   lane. */
XPULP_INLINE int pv_dotup_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x40, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.dotup.sci.b rd, rs1, uimm: Dot product: the sum of a * b, unsigned by unsigned. Lanes of 8 bits; b is the
   immediate. */
#define pv_dotup_sci_b(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.dotup.sci.b: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x800 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.dotusp.h rd, rs1, rs2: Dot product: the sum of a * b, unsigned by signed. Lanes of 16 bits. */
XPULP_INLINE int pv_dotusp_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x44, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.dotusp.sc.h rd, rs1, rs2: Dot product: the sum of a * b, unsigned by signed. Lanes of 16 bits; b is rs2's low
   lane. */
XPULP_INLINE int pv_dotusp_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x44, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.dotusp.sci.h rd, rs1, imm: Dot product: the sum of a * b, unsigned by signed. Lanes of 16 bits; b is the
   immediate. */
#define pv_dotusp_sci_h(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.dotusp.sci.h: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x880 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.dotusp.b rd, rs1, rs2: Dot product: the sum of a * b, unsigned by signed. Lanes of 8 bits. */
XPULP_INLINE int pv_dotusp_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x44, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.dotusp.sc.b rd, rs1, rs2: Dot product: the sum of a * b, unsigned by signed. Lanes of 8 bits; b is rs2's low lane.
   */
XPULP_INLINE int pv_dotusp_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x44, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.dotusp.sci.b rd, rs1, imm: Dot product: the sum of a * b, unsigned by signed. Lanes of 8 bits; b is the immediate.
   */
#define pv_dotusp_sci_b(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.dotusp.sci.b: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x880 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.dotsp.h rd, rs1, rs2: Dot product: the sum of a * b, signed by signed. Lanes of 16 bits. */
XPULP_INLINE int pv_dotsp_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x4c, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.dotsp.sc.h rd, rs1, rs2: Dot product: the sum of a * b, signed by signed. Lanes of 16 bits; b is rs2's low lane.
   */
XPULP_INLINE int pv_dotsp_sc_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x4c, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.dotsp.sci.h rd, rs1, imm: Dot product: the sum of a * b, signed by signed. Lanes of 16 bits; b is the immediate.
   */
#define pv_dotsp_sci_h(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.dotsp.sci.h: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x980 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.dotsp.b rd, rs1, rs2: Dot product: the sum of a * b, signed by signed. Lanes of 8 bits. */
XPULP_INLINE int pv_dotsp_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x4c, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.dotsp.sc.b rd, rs1, rs2: Dot product: the sum of a * b, signed by signed. Lanes of 8 bits; b is rs2's low lane. */
XPULP_INLINE int pv_dotsp_sc_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 5, 0x4c, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.dotsp.sci.b rd, rs1, imm: Dot product: the sum of a * b, signed by signed. Lanes of 8 bits; b is the immediate. */
#define pv_dotsp_sci_b(rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.dotsp.sci.b: imm is -32..31"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x980 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.sdotup.h rd, rs1, rs2: Dot product: the sum of a * b, unsigned by unsigned, added to rd. Lanes of 16 bits. */
XPULP_INLINE int pv_sdotup_h(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 0, 0x50, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sdotup.sc.h rd, rs1, rs2: Dot product: the sum of a * b, unsigned by unsigned, added to rd. Lanes of 16 bits; b is
   rs2's low lane. */
XPULP_INLINE int pv_sdotup_sc_h(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 4, 0x50, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sdotup.sci.h rd, rs1, uimm: Dot product: the sum of a * b, unsigned by unsigned, added to rd. Lanes of 16 bits; b
   is the immediate. */
#define pv_sdotup_sci_h(rd, rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.sdotup.sci.h: uimm is 0..63"); int xp_ = (int)(rd); __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "+r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xa00 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.sdotup.b rd, rs1, rs2: Dot product: the sum of a * b, unsigned by unsigned, added to rd. Lanes of 8 bits. */
XPULP_INLINE int pv_sdotup_b(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 1, 0x50, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sdotup.sc.b rd, rs1, rs2: Dot product: the sum of a * b, unsigned by unsigned, added to rd. Lanes of 8 bits; b is
   rs2's low lane. */
XPULP_INLINE int pv_sdotup_sc_b(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 5, 0x50, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sdotup.sci.b rd, rs1, uimm: Dot product: the sum of a * b, unsigned by unsigned, added to rd. Lanes of 8 bits; b
   is the immediate. */
#define pv_sdotup_sci_b(rd, rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.sdotup.sci.b: uimm is 0..63"); int xp_ = (int)(rd); __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "+r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xa00 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.sdotusp.h rd, rs1, rs2: Dot product: the sum of a * b, unsigned by signed, added to rd. Lanes of 16 bits. */
XPULP_INLINE int pv_sdotusp_h(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 0, 0x54, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sdotusp.sc.h rd, rs1, rs2: Dot product: the sum of a * b, unsigned by signed, added to rd. Lanes of 16 bits; b is
   rs2's low lane. */
XPULP_INLINE int pv_sdotusp_sc_h(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 4, 0x54, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sdotusp.sci.h rd, rs1, imm: Dot product: the sum of a * b, unsigned by signed, added to rd. Lanes of 16 bits; b is
   the immediate. */
#define pv_sdotusp_sci_h(rd, rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.sdotusp.sci.h: imm is -32..31"); int xp_ = (int)(rd); __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "+r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xa80 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.sdotusp.b rd, rs1, rs2: Dot product: the sum of a * b, unsigned by signed, added to rd. Lanes of 8 bits. */
XPULP_INLINE int pv_sdotusp_b(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 1, 0x54, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sdotusp.sc.b rd, rs1, rs2: Dot product: the sum of a * b, unsigned by signed, added to rd. Lanes of 8 bits; b is
   rs2's low lane. */
XPULP_INLINE int pv_sdotusp_sc_b(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 5, 0x54, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sdotusp.sci.b rd, rs1, imm: Dot product: the sum of a * b, unsigned by signed, added to rd. Lanes of 8 bits; b is
   the immediate. */
#define pv_sdotusp_sci_b(rd, rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.sdotusp.sci.b: imm is -32..31"); int xp_ = (int)(rd); __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "+r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xa80 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.sdotsp.h rd, rs1, rs2: Dot product: the sum of a * b, signed by signed, added to rd. Lanes of 16 bits. */
XPULP_INLINE int pv_sdotsp_h(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 0, 0x5c, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sdotsp.sc.h rd, rs1, rs2: Dot product: the sum of a * b, signed by signed, added to rd. Lanes of 16 bits; b is
   rs2's low lane. */
XPULP_INLINE int pv_sdotsp_sc_h(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 4, 0x5c, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sdotsp.sci.h rd, rs1, imm: Dot product: the sum of a * b, signed by signed, added to rd. Lanes of 16 bits; b is
   the immediate. */
#define pv_sdotsp_sci_h(rd, rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.sdotsp.sci.h: imm is -32..31"); int xp_ = (int)(rd); __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "+r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xb80 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.sdotsp.b rd, rs1, rs2: Dot product: the sum of a * b, signed by signed, added to rd. Lanes of 8 bits. */
XPULP_INLINE int pv_sdotsp_b(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 1, 0x5c, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sdotsp.sc.b rd, rs1, rs2: Dot product: the sum of a * b, signed by signed, added to rd. Lanes of 8 bits; b is
   rs2's low lane. */
XPULP_INLINE int pv_sdotsp_sc_b(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 5, 0x5c, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sdotsp.sci.b rd, rs1, imm: Dot product: the sum of a * b, signed by signed, added to rd. Lanes of 8 bits; b is the
   immediate. */
#define pv_sdotsp_sci_b(rd, rs1, imm) \
    __extension__({ _Static_assert((imm) >= -32 && (imm) <= 31, "pv.sdotsp.sci.b: imm is -32..31"); int xp_ = (int)(rd); __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "+r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xb80 | ((unsigned)(imm) >> 0 & 0x1) << 5 | ((unsigned)(imm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.extract.h rd, rs1, uimm: Extract one lane of 16 bits, sign-extended. */
#define pv_extract_h(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 1, "pv.extract.h: uimm is 0..1"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x780 | ((unsigned)(uimm) >> 0 & 0x1) << 5) ^ 0x800) - 0x800)); xp_; })

/* pv.extractu.h rd, rs1, uimm: Extract one lane of 16 bits, zero-extended. */
#define pv_extractu_h(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 1, "pv.extractu.h: uimm is 0..1"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x900 | ((unsigned)(uimm) >> 0 & 0x1) << 5) ^ 0x800) - 0x800)); xp_; })

/* pv.insert.h rd, rs1, uimm: Replace one lane of 16 bits of rd by rs1's low lane. */
#define pv_insert_h(rd, rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 1, "pv.insert.h: uimm is 0..1"); int xp_ = (int)(rd); __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "+r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xb00 | ((unsigned)(uimm) >> 0 & 0x1) << 5) ^ 0x800) - 0x800)); xp_; })

/* pv.extract.b rd, rs1, uimm: Extract one lane of 8 bits, sign-extended. */
#define pv_extract_b(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 3, "pv.extract.b: uimm is 0..3"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x780 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.extractu.b rd, rs1, uimm: Extract one lane of 8 bits, zero-extended. */
#define pv_extractu_b(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 3, "pv.extractu.b: uimm is 0..3"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0x900 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.insert.b rd, rs1, uimm: Replace one lane of 8 bits of rd by rs1's low lane. */
#define pv_insert_b(rd, rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 3, "pv.insert.b: uimm is 0..3"); int xp_ = (int)(rd); __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "+r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xb00 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.shuffle.h rd, rs1, rs2: Each lane is the lane of rs1 that the low bits of rs2's lane name. Lanes of 16 bits. */
XPULP_INLINE int pv_shuffle_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x60, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.shuffle2.h rd, rs1, rs2: Each lane is the lane of {rs1, rd} that the low bits of rs2's lane name: rd's lanes come
   first. Lanes of 16 bits. */
XPULP_INLINE int pv_shuffle2_h(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 0, 0x64, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.shuffle.b rd, rs1, rs2: Each lane is the lane of rs1 that the low bits of rs2's lane name. Lanes of 8 bits. */
XPULP_INLINE int pv_shuffle_b(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 1, 0x60, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.shuffle2.b rd, rs1, rs2: Each lane is the lane of {rs1, rd} that the low bits of rs2's lane name: rd's lanes come
   first. Lanes of 8 bits. */
XPULP_INLINE int pv_shuffle2_b(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 1, 0x64, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.shuffle.sci.h rd, rs1, uimm: The half-words of rs1 that the immediate's two low bits name. */
#define pv_shuffle_sci_h(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.shuffle.sci.h: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 6, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xc00 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.shufflei0.sci.b rd, rs1, uimm: The bytes of rs1 that the immediate's three bit pairs name, and byte 0 on top. */
#define pv_shufflei0_sci_b(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.shufflei0.sci.b: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xc00 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.shufflei1.sci.b rd, rs1, uimm: The bytes of rs1 that the immediate's three bit pairs name, and byte 1 on top. */
#define pv_shufflei1_sci_b(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.shufflei1.sci.b: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xe80 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.shufflei2.sci.b rd, rs1, uimm: The bytes of rs1 that the immediate's three bit pairs name, and byte 2 on top. */
#define pv_shufflei2_sci_b(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.shufflei2.sci.b: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xf00 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.shufflei3.sci.b rd, rs1, uimm: The bytes of rs1 that the immediate's three bit pairs name, and byte 3 on top. */
#define pv_shufflei3_sci_b(rs1, uimm) \
    __extension__({ _Static_assert((uimm) >= 0 && (uimm) <= 63, "pv.shufflei3.sci.b: uimm is 0..63"); int xp_; __asm__(".insn i 0x57, 7, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(xp_) : [xrs1] "r"((int)(rs1)), [xi] "i"((int)((0xf80 | ((unsigned)(uimm) >> 0 & 0x1) << 5 | ((unsigned)(uimm) >> 1 & 0x1f) << 0) ^ 0x800) - 0x800)); xp_; })

/* pv.pack.h rd, rs1, rs2: Pack the lower half-words of rs1 and rs2. */
XPULP_INLINE int pv_pack_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x68, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.pack.h.h rd, rs1, rs2: Pack the upper half-words of rs1 and rs2. */
XPULP_INLINE int pv_pack_h_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x69, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.packhi.b rd, rs1, rs2: Replace the upper half-word of rd by the low bytes of rs1 and rs2. */
XPULP_INLINE int pv_packhi_b(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 1, 0x6c, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.packlo.b rd, rs1, rs2: Replace the lower half-word of rd by the low bytes of rs1 and rs2. */
XPULP_INLINE int pv_packlo_b(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 1, 0x70, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cplxmul.h.r rd, rs1, rs2: Real part of the product of two complex numbers in Q15, not rounded; the other half-word
   of rd stays. */
XPULP_INLINE int pv_cplxmul_h_r(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 0, 0x2a, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cplxmul.h.r.div2 rd, rs1, rs2: Real part of the product of two complex numbers in Q15, not rounded; the other
   half-word of rd stays. Divided by 2, rounded down. */
XPULP_INLINE int pv_cplxmul_h_r_div2(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 2, 0x2a, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cplxmul.h.r.div4 rd, rs1, rs2: Real part of the product of two complex numbers in Q15, not rounded; the other
   half-word of rd stays. Divided by 4, rounded down. */
XPULP_INLINE int pv_cplxmul_h_r_div4(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 4, 0x2a, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cplxmul.h.r.div8 rd, rs1, rs2: Real part of the product of two complex numbers in Q15, not rounded; the other
   half-word of rd stays. Divided by 8, rounded down. */
XPULP_INLINE int pv_cplxmul_h_r_div8(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 6, 0x2a, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cplxmul.h.i rd, rs1, rs2: Imaginary part of the product of two complex numbers in Q15, not rounded; the other
   half-word of rd stays. */
XPULP_INLINE int pv_cplxmul_h_i(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 0, 0x2b, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cplxmul.h.i.div2 rd, rs1, rs2: Imaginary part of the product of two complex numbers in Q15, not rounded; the other
   half-word of rd stays. Divided by 2, rounded down. */
XPULP_INLINE int pv_cplxmul_h_i_div2(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 2, 0x2b, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cplxmul.h.i.div4 rd, rs1, rs2: Imaginary part of the product of two complex numbers in Q15, not rounded; the other
   half-word of rd stays. Divided by 4, rounded down. */
XPULP_INLINE int pv_cplxmul_h_i_div4(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 4, 0x2b, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cplxmul.h.i.div8 rd, rs1, rs2: Imaginary part of the product of two complex numbers in Q15, not rounded; the other
   half-word of rd stays. Divided by 8, rounded down. */
XPULP_INLINE int pv_cplxmul_h_i_div8(int rd, int rs1, int rs2) { __asm__(".insn r 0x57, 6, 0x2b, %[xrd], %[xrs1], %[xrs2]" : [xrd] "+r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.subrotmj.h rd, rs1, rs2: Subtract two complex numbers and multiply the difference by -j. */
XPULP_INLINE int pv_subrotmj_h(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 0, 0x36, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.subrotmj.h.div2 rd, rs1, rs2: Subtract two complex numbers and multiply the difference by -j. Divided by 2,
   rounded down. */
XPULP_INLINE int pv_subrotmj_h_div2(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 2, 0x36, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.subrotmj.h.div4 rd, rs1, rs2: Subtract two complex numbers and multiply the difference by -j. Divided by 4,
   rounded down. */
XPULP_INLINE int pv_subrotmj_h_div4(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x36, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.subrotmj.h.div8 rd, rs1, rs2: Subtract two complex numbers and multiply the difference by -j. Divided by 8,
   rounded down. */
XPULP_INLINE int pv_subrotmj_h_div8(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 6, 0x36, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.cplxconj.h rd, rs1: The complex conjugate. */
XPULP_INLINE int pv_cplxconj_h(int rs1) { int rd; __asm__(".insn i 0x57, 0, %[xrd], %[xrs1], %[xi]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xi] "i"((int)((0x5c0) ^ 0x800) - 0x800)); return rd; }

/* pv.add.h.div2 rd, rs1, rs2: Add lane by lane; the result wraps around in the lane before it is divided. Divided by 2,
   rounded down. */
XPULP_INLINE int pv_add_h_div2(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 2, 0x3a, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.add.h.div4 rd, rs1, rs2: Add lane by lane; the result wraps around in the lane before it is divided. Divided by 4,
   rounded down. */
XPULP_INLINE int pv_add_h_div4(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x3a, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.add.h.div8 rd, rs1, rs2: Add lane by lane; the result wraps around in the lane before it is divided. Divided by 8,
   rounded down. */
XPULP_INLINE int pv_add_h_div8(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 6, 0x3a, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sub.h.div2 rd, rs1, rs2: Subtract lane by lane; the result wraps around in the lane before it is divided. Divided
   by 2, rounded down. */
XPULP_INLINE int pv_sub_h_div2(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 2, 0x32, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sub.h.div4 rd, rs1, rs2: Subtract lane by lane; the result wraps around in the lane before it is divided. Divided
   by 4, rounded down. */
XPULP_INLINE int pv_sub_h_div4(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 4, 0x32, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

/* pv.sub.h.div8 rd, rs1, rs2: Subtract lane by lane; the result wraps around in the lane before it is divided. Divided
   by 8, rounded down. */
XPULP_INLINE int pv_sub_h_div8(int rs1, int rs2) { int rd; __asm__(".insn r 0x57, 6, 0x32, %[xrd], %[xrs1], %[xrs2]" : [xrd] "=r"(rd) : [xrs1] "r"(rs1), [xrs2] "r"(rs2)); return rd; }

#endif
