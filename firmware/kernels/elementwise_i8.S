# add_i8: residual addition with requantisation;  requantise_i8: int32 to int8.  Arguments: kernels.inc, ADD_* and RQ_*.
#
# The harts take turns at short blocks (block b is hart b modulo the number of harts): in step, they are in different banks.
# What is left at the end, less than a block, is the next hart's in turn.

.include "macros.inc"
.include "kernels.inc"

# t6 = blocks of this hart, of n >> \log2 blocks: ceil((blocks - hart) / harts).  a2 = harts, a1 = hart, which is advanced so that
# hart 0 (a1 = 0 afterwards) is the one that does the rest.
.macro share_blocks n, log2
    srli    t6, \n, \log2
    sub     t5, t6, a1                      # the rest is this hart's if blocks = hart modulo harts
    blez    t5, .Lnone\@
    divide_up t6, t5, a2, t4
    j       .Lshared\@
.Lnone\@:
    li      t6, 0
.Lshared\@:
    mul     t4, t6, a2
    sub     a1, t5, t4                      # 0 for the hart whose turn it is: its next block would be number `blocks`
.endm

# -- add ----------------------------------------------------------------------------------------------------------------------
# A pair (b, a) in one register and the pair of multipliers in another: a dot product is a * MULT_A + b * MULT_B.  pv.pack.h puts
# two elements of both inputs in one register: bytes b0 b1 a0 a1, to be multiplied by (mb 0 ma 0) and (0 mb 0 ma).
#   a0 a3 a4  pointers to A, B, OUT   a5 step to the hart's next block, from a block's second word
#   a6 a7     multipliers (mb 0 ma 0), (0 mb 0 ma)   a1 bias   a2 shift

# Four elements of A in \a and of B in \b, to one word at a4.
.macro add_word a, b, step, relu
    pv.pack.h   t4, \a, \b
    pv.pack.h.h \a, \a, \b
    pv.dotsp.b  t5, t4, a6
    pv.dotsp.b  t4, t4, a7
    pv.dotsp.b  \b, \a, a6
    pv.dotsp.b  \a, \a, a7
    p.addnr t5, a1, a2
    p.addnr t4, a1, a2
    p.addnr \b, a1, a2
    p.addnr \a, a1, a2
    clip_int8 t5, \relu
    clip_int8 t4, \relu
    clip_int8 \b, \relu
    clip_int8 \a, \relu
    pv.packlo.b t5, t4, t5
    pv.packhi.b t5, \a, \b
    p.sw    t5, \step(a4!)
.endm

.macro add_blocks relu
    beqz    t6, .Lrest\@
    lp.setup x0, t6, .Lblocks\@ - 4
    p.lw    t0, 4(a0!)
    p.lw    t1, 4(a3!)
    p.lw    t2, a5(a0!)
    p.lw    t3, a5(a3!)
    add_word t0, t1, 4, \relu
    add_word t2, t3, a5, \relu
.Lblocks\@:
.Lrest\@:
    blez    s0, .Ladded
    lp.setup x0, s0, .Lbytes\@ - 4
    p.lb    t0, 1(a0!)
    p.lb    t1, 1(a3!)
    nop                                     # t1 is not there yet
    pv.pack.h t0, t0, t1
    pv.dotsp.b t0, t0, a6
    p.addnr t0, a1, a2
    clip_int8 t0, \relu
    p.sb    t0, 1(a4!)
.Lbytes\@:
    j       .Ladded
.endm

function add_i8
    addi    sp, sp, -16
    sw      s0, 0(sp)
    lw      t0, ADD_N(a0)
    lw      a3, ADD_B(a0)
    lw      a4, ADD_OUT(a0)
    slli    t1, a1, 3                       # the hart's first block
    share_blocks t0, 3
    andi    s0, t0, 7                       # elements left over, for the hart whose turn it is
    beqz    a1, .Lmine
    li      s0, 0
.Lmine:
    slli    a5, a2, 3
    addi    a5, a5, -4
    lw      t2, ADD_MULT_A(a0)
    lw      t3, ADD_MULT_B(a0)
    p.extbz t2, t2
    p.extbz t3, t3
    slli    t2, t2, 16
    or      a6, t2, t3
    slli    a7, a6, 8
    add     a3, a3, t1
    add     a4, a4, t1
    lw      a1, ADD_BIAS(a0)
    lw      a2, ADD_SHIFT(a0)
    lw      t2, ADD_FLAGS(a0)
    lw      a0, ADD_A(a0)
    andi    t2, t2, FLAG_RELU
    add     a0, a0, t1
    bnez    t2, .Ladd_relu
    add_blocks 0
.Ladd_relu:
    add_blocks 1
.Ladded:
    lw      s0, 0(sp)
    addi    sp, sp, 16
    ret

# -- requantise ---------------------------------------------------------------------------------------------------------------
#   a0 a3  pointers to IN, OUT   a4 step of IN to the hart's next block, from a block's fourth word   a5 the same of OUT
#   a6 mult   a7 bias * mult   a2 shift

.macro requantise_blocks mult, relu
    beqz    t6, .Lrest\@
    lp.setup x0, t6, .Lblocks\@ - 4
    p.lw    t0, 4(a0!)
    p.lw    t1, 4(a0!)
    p.lw    t2, 4(a0!)
    p.lw    t3, a4(a0!)
    requantise t0, a7, a2, a6, \mult, \relu
    requantise t1, a7, a2, a6, \mult, \relu
    requantise t2, a7, a2, a6, \mult, \relu
    requantise t3, a7, a2, a6, \mult, \relu
    pv.packlo.b t0, t1, t0
    pv.packhi.b t0, t3, t2
    p.sw    t0, a5(a3!)
.Lblocks\@:
.Lrest\@:
    beqz    t5, .Ldone\@
    lp.setup x0, t5, .Lbytes\@ - 4
    p.lw    t0, 4(a0!)
    nop
    requantise t0, a7, a2, a6, \mult, \relu
    p.sb    t0, 1(a3!)
.Lbytes\@:
.Ldone\@:
    ret
.endm

function requantise_i8
    lw      t0, RQ_N(a0)
    lw      a3, RQ_OUT(a0)
    slli    t1, a1, 2
    add     a3, a3, t1                      # the hart's first block, of 4 elements
    slli    t1, t1, 2
    slli    a5, a2, 2
    slli    a4, a2, 4
    addi    a4, a4, -12
    share_blocks t0, 2
    andi    t5, t0, 3
    beqz    a1, .Lmy_rest
    li      t5, 0
.Lmy_rest:
    lw      a6, RQ_MULT(a0)
    lw      a7, RQ_BIAS(a0)
    lw      a2, RQ_SHIFT(a0)
    lw      t2, RQ_FLAGS(a0)
    lw      a0, RQ_IN(a0)
    andi    t2, t2, FLAG_RELU
    add     a0, a0, t1
    beqz    a6, .Lno_mult
    mul     a7, a7, a6
    bnez    t2, .Lmult_relu
    requantise_blocks 1, 0
.Lmult_relu:
    requantise_blocks 1, 1
.Lno_mult:
    bnez    t2, .Lonly_relu
    requantise_blocks 0, 0
.Lonly_relu:
    requantise_blocks 0, 1
