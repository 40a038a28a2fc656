# depthwise3x3_i8: 3x3 depth-wise convolution, stride 1 or 2, CHW planes in, HWC out, int8.  Arguments: kernels.inc, DW_*.
#
# The harts share the channels.  A plane is done in strips of 4 output columns, from top to bottom.
# - A word holds 4 pixels of an input row, and the three weights of a kernel row are in a word with a zero: one dot product is a
#   kernel row.  With stride 1 the weights come in two alignments, so that one word serves two outputs, and a strip needs two words of
#   a row, at x and x + 2; with stride 2 every output has its own word.  Words at x + 2 are misaligned and cost one cycle more.
# - Rows stay in registers: a new output row loads one new input row (stride 2: two).  The names of the rows rotate, so the loop is
#   unrolled 3 times (stride 2: 2 times).  It is all of a strip's code that repeats, and fits the private instruction cache.
# - bias and shift are one p.addnr, as in matmul_i8.
#
# Registers in a strip
#   a0 pointer into the input   a1 step to the next row, from a row's last word   a2 pointer into the output   a3 channels
#   t3 step of the output to the next row, from a row's last pixel   t4 rounds of the row loop   t5 rows of the first, 0: all
#   t0 bias (* mult)   t1 shift   t2 mult   a4..a7 accumulators
#   stride 1: s0..s2 weights   s3..s5 weights one byte up   rows s6 s7 | s8 s9 | s10 s11
#   stride 2: s0..s2 weights   rows s3..s6 | s7..s10 | s11 t6 gp tp

.include "macros.inc"
.include "kernels.inc"

.equ PLANES, FRAME_OWN          # channels of this pass still to do
.equ BIAS, FRAME_OWN + 4        # of the next channel
.equ BIASSTEP, FRAME_OWN + 8    # 4; 0 without bias, and BIAS is the address of ZERO
.equ ZERO, FRAME_OWN + 12
.equ ROUTINE, FRAME_OWN + 16    # of this pass
.equ STRIPS, FRAME_OWN + 20     # WIDTH / 4
.equ NEXTIN, FRAME_OWN + 24     # from a strip's end to the next strip's beginning, input and output
.equ NEXTOUT, FRAME_OWN + 28
.equ PLANEIN, FRAME_OWN + 32    # from the last strip's end to the next channel's first strip
.equ PLANEOUT, FRAME_OWN + 36
.equ REST, FRAME_OWN + 40       # WIDTH % 4
.equ CHANNELS, FRAME_OWN + 44   # of this hart
.equ IN, FRAME_OWN + 48         # its first plane
.equ OUT, FRAME_OWN + 52
.equ WEIGHTS, FRAME_OWN + 56
.equ FIRSTBIAS, FRAME_OWN + 60
.equ PLANE, FRAME_OWN + 64
.equ LINE, FRAME_OWN + 68
.equ STRIDE, FRAME_OWN + 72
.equ KIND, FRAME_OWN + 76       # 16 * (4 * (STRIDE - 1) + 2 * (mult != 0) + relu): row of the table of routines
.equ INSIZE, FRAME_OWN + 80     # what a strip advances a0 by
.equ OUTSIZE, FRAME_OWN + 84    # a2
.equ ROW, FRAME_OWN + 88        # bytes of an output row
.equ FRAME, 96

.macro store_outputs n, mult, relu
    requantise a4, t0, t1, t2, \mult, \relu
    .if \n > 1
    requantise a5, t0, t1, t2, \mult, \relu
    .endif
    .if \n > 2
    requantise a6, t0, t1, t2, \mult, \relu
    .endif
    .if \n > 3
    requantise a7, t0, t1, t2, \mult, \relu
    .endif
    .if \n == 1
    p.sb    a4, t3(a2!)
    .else
    p.sb    a4, a3(a2!)
    .endif
    .if \n == 2
    p.sb    a5, t3(a2!)
    .elseif \n > 2
    p.sb    a5, a3(a2!)
    .endif
    .if \n == 3
    p.sb    a6, t3(a2!)
    .elseif \n > 3
    p.sb    a6, a3(a2!)
    p.sb    a7, t3(a2!)
    .endif
.endm

# -- stride 1 -----------------------------------------------------------------------------------------------------------------

.macro load_1 n, x, y
    .if \n > 2
    p.lw    \x, 2(a0!)
    p.lw    \y, a1(a0!)
    .else
    p.lw    \x, a1(a0!)
    .endif
.endm

.macro dots_1 n, op, low, high, x, y
    \op     a4, \x, \low
    .if \n > 1
    \op     a5, \x, \high
    .endif
    .if \n > 2
    \op     a6, \y, \low
    .endif
    .if \n > 3
    \op     a7, \y, \high
    .endif
.endm

# One output row from input rows x, y and z, the last of which is loaded.
.macro row_1 n, mult, relu, x0, x1, y0, y1, z0, z1
    load_1  \n, \z0, \z1
    dots_1  \n, pv.dotsp.b, s0, s3, \x0, \x1
    dots_1  \n, pv.sdotsp.b, s1, s4, \y0, \y1
    dots_1  \n, pv.sdotsp.b, s2, s5, \z0, \z1
    store_outputs \n, \mult, \relu
.endm

# A strip.  HEIGHT % 3 rows come first, as an incomplete first round of the loop: it is entered in the middle.  It ends with an
# instruction that is no jump, so that it can end a hardware loop.
.macro strip_1 n, mult, relu
    lp.starti x0, .Lrow_1\@
    lp.endi x0, .Lend\@ - 4
    lp.count x0, t4
    p.beqimm t5, 0, .Lfrom_1\@
    p.beqimm t5, 2, .Lfrom_2\@
    load_1  \n, s10, s11
    load_1  \n, s6, s7
    j       .Lrow_3\@
.Lfrom_2\@:
    load_1  \n, s8, s9
    load_1  \n, s10, s11
    j       .Lrow_2\@
.Lfrom_1\@:
    load_1  \n, s6, s7
    load_1  \n, s8, s9
.Lrow_1\@:
    row_1   \n, \mult, \relu, s6, s7, s8, s9, s10, s11
.Lrow_2\@:
    row_1   \n, \mult, \relu, s8, s9, s10, s11, s6, s7
.Lrow_3\@:
    row_1   \n, \mult, \relu, s10, s11, s6, s7, s8, s9
.Lend\@:
.endm

# -- stride 2 -----------------------------------------------------------------------------------------------------------------

# An output's word begins 2 pixels after its neighbour's.
.macro load_2 n, x0, x1, x2, x3
    .if \n == 1
    p.lw    \x0, a1(a0!)
    .else
    p.lw    \x0, 2(a0!)
    .endif
    .if \n == 2
    p.lw    \x1, a1(a0!)
    .elseif \n > 2
    p.lw    \x1, 2(a0!)
    .endif
    .if \n == 3
    p.lw    \x2, a1(a0!)
    .elseif \n > 3
    p.lw    \x2, 2(a0!)
    p.lw    \x3, a1(a0!)
    .endif
.endm

.macro dots_2 n, op, weights, x0, x1, x2, x3
    \op     a4, \x0, \weights
    .if \n > 1
    \op     a5, \x1, \weights
    .endif
    .if \n > 2
    \op     a6, \x2, \weights
    .endif
    .if \n > 3
    \op     a7, \x3, \weights
    .endif
.endm

# One output row from input rows x, y and z, the last two of which are loaded.
.macro row_2 n, mult, relu, x0, x1, x2, x3, y0, y1, y2, y3, z0, z1, z2, z3
    load_2  \n, \y0, \y1, \y2, \y3
    load_2  \n, \z0, \z1, \z2, \z3
    dots_2  \n, pv.dotsp.b, s0, \x0, \x1, \x2, \x3
    dots_2  \n, pv.sdotsp.b, s1, \y0, \y1, \y2, \y3
    dots_2  \n, pv.sdotsp.b, s2, \z0, \z1, \z2, \z3
    store_outputs \n, \mult, \relu
.endm

.macro strip_2 n, mult, relu
    lp.starti x0, .Lrow_1\@
    lp.endi x0, .Lend\@ - 4
    lp.count x0, t4
    p.beqimm t5, 0, .Lfrom_1\@
    load_2  \n, s11, t6, gp, tp
    j       .Lrow_2\@
.Lfrom_1\@:
    load_2  \n, s3, s4, s5, s6
.Lrow_1\@:
    row_2   \n, \mult, \relu, s3, s4, s5, s6, s7, s8, s9, s10, s11, t6, gp, tp
.Lrow_2\@:
    row_2   \n, \mult, \relu, s11, t6, gp, tp, s7, s8, s9, s10, s3, s4, s5, s6
.Lend\@:
.endm

# -- planes -------------------------------------------------------------------------------------------------------------------
# First all channels' strips of 4, then, in a second pass, all channels' last columns: so that one loop at a time has to be in the
# instruction cache.

# One channel's strips in this pass, from a0 to a2; a0 and a2 end at the end of the last one.
.macro plane S, mult, relu, n
    .balign 4
.Lplane_\S\()_\mult\()_\relu\()_\n:
    .if \mult
    mul     t0, t0, t2
    .endif
    .if \n == 4
    lw      a4, STRIPS(sp)
    nop
    lp.setup x1, a4, .Lstrips\@ - 4
    .endif
    strip_\S \n, \mult, \relu
    .if \n == 4
    lw      a4, NEXTIN(sp)
    lw      a5, NEXTOUT(sp)
    add     a0, a0, a4
    add     a2, a2, a5
.Lstrips\@:
    .endif
    j       .Lnext_plane
.endm

.macro plane_address S, mult, relu, n
    .word   .Lplane_\S\()_\mult\()_\relu\()_\n
.endm

# The table that KIND and the number of columns, 1..4, point into.
.macro planes S, mult, relu
    .irp n, 1, 2, 3, 4
    plane   \S, \mult, \relu, \n
    .endr
    .pushsection .l1.depthwise3x3_i8, "aw"
    .irp n, 1, 2, 3, 4
    plane_address \S, \mult, \relu, \n
    .endr
    .popsection
.endm

    .section .l1.depthwise3x3_i8, "aw"
    .balign 4
.Lplanes:

function depthwise3x3_i8
    enter   FRAME
    # Channels of this hart: ceil(channels / harts) of them, one after the other.
    lw      a3, DW_CHANNELS(a0)
    divide_up t0, a3, a2, t1
    mul     s0, t0, a1                      # the first
    sub     t1, a3, s0
    p.min   t0, t0, t1
    blez    t0, .Ldone
    sw      t0, CHANNELS(sp)

    lw      s1, DW_PLANE(a0)
    lw      s2, DW_LINE(a0)
    lw      s3, DW_HEIGHT(a0)
    lw      s4, DW_WIDTH(a0)
    lw      s5, DW_STRIDE(a0)
    lw      t2, DW_MULT(a0)
    lw      t3, DW_IN(a0)
    lw      t4, DW_WEIGHTS(a0)
    lw      t5, DW_OUT(a0)
    lw      t6, DW_BIAS(a0)
    lw      t1, DW_FLAGS(a0)
    beqz    s3, .Ldone
    beqz    s4, .Ldone
    sw      s1, PLANE(sp)
    sw      s2, LINE(sp)
    sw      s5, STRIDE(sp)
    p.mac   t3, s0, s1
    sw      t3, IN(sp)
    li      t0, 9
    p.mac   t4, s0, t0
    sw      t4, WEIGHTS(sp)
    add     t5, t5, s0
    sw      t5, OUT(sp)
    sw      x0, ZERO(sp)
    li      t0, 4
    bnez    t6, .Lbias
    addi    t6, sp, ZERO
    li      t0, 0
.Lbias:
    p.mac   t6, s0, t0
    sw      t6, FIRSTBIAS(sp)
    sw      t0, BIASSTEP(sp)

    andi    t1, t1, FLAG_RELU
    srli    t1, t1, 1
    snez    t0, t2
    slli    t0, t0, 1
    or      t1, t1, t0
    addi    t0, s5, -1
    slli    t0, t0, 2
    or      t1, t1, t0
    slli    t1, t1, 4
    sw      t1, KIND(sp)
    lw      t1, DW_SHIFT(a0)

    srli    t3, s4, 2
    andi    t5, s4, 3
    sw      t3, STRIPS(sp)
    sw      t5, REST(sp)
    addi    t0, s3, -1
    mul     t0, t0, s5
    addi    t0, t0, 3                       # input rows of a strip
    mul     t0, t0, s2
    sw      t0, INSIZE(sp)
    mul     t4, s4, a3
    sw      t4, ROW(sp)
    mul     s6, t4, s3
    sw      s6, OUTSIZE(sp)
    slli    s7, s5, 2
    sub     s7, s7, t0
    sw      s7, NEXTIN(sp)                  # to 4 outputs on
    slli    s8, a3, 2
    sub     s8, s8, s6
    sw      s8, NEXTOUT(sp)

    # The row loop: rounds, and rows of the first round.
    p.beqimm s5, 1, .Lby_3
    andi    t5, s3, 1
    addi    t4, s3, 1
    srli    t4, t4, 1
    j       .Lrounds
.Lby_3:
    li      t6, 3
    addi    t4, s3, 2
    divu    t4, t4, t6
    remu    t5, s3, t6
.Lrounds:

    # First pass: strips of 4.  A channel ends at column 4 * STRIPS of its first row.
    beqz    t3, .Lrest
    slli    s7, t3, 2
    mul     s8, s7, a3
    mul     s7, s7, s5
    li      s6, 4
    lw      a0, IN(sp)
    lw      a2, OUT(sp)
    j       .Lpass

    # Second pass: the last 1..3 columns.  A channel ends below the last row, in the same column.
.Lrest:
    lw      s6, REST(sp)
    lw      t0, STRIPS(sp)
    lw      t3, STRIDE(sp)
    beqz    s6, .Ldone
    sw      x0, REST(sp)
    lw      a0, IN(sp)
    lw      a2, OUT(sp)
    slli    t0, t0, 2
    p.mac   a0, t0, t3
    p.mac   a2, t0, a3
    lw      s7, INSIZE(sp)
    lw      s8, OUTSIZE(sp)

    # s6 columns at a time; s7 and s8 lead from a channel's beginning to its end, in the input and the output.
.Lpass:
    lw      s2, PLANE(sp)
    li      s3, 1
    lw      s4, CHANNELS(sp)
    lw      s5, FIRSTBIAS(sp)
    sub     s2, s2, s7
    sub     s3, s3, s8
    sw      s2, PLANEIN(sp)
    sw      s3, PLANEOUT(sp)
    sw      s4, PLANES(sp)
    sw      s5, BIAS(sp)
    lw      ra, WEIGHTS(sp)
    addi    s6, s6, -1
    lw      s2, KIND(sp)
    slli    s3, s6, 2
    la      s4, .Lplanes
    add     s2, s2, s3
    p.lw    s2, s2(s4)
    lw      a1, LINE(sp)
    sw      s2, ROUTINE(sp)
    lw      t3, ROW(sp)
    lw      s3, STRIDE(sp)
    mul     s2, s6, a3
    sub     t3, t3, s2
    slli    s2, s6, 1
    p.beqimm s3, 2, .Lword_each
    andi    s2, s2, 4                       # stride 1: the second word is there for 3 and 4 columns
    srli    s2, s2, 1
.Lword_each:
    sub     a1, a1, s2

.Lplane:
    lw      a5, BIAS(sp)
    lw      s0, 0(ra)
    lw      s1, 3(ra)
    lw      s2, 5(ra)                       # the word that ends with the last weight: no read past it
    lw      t0, 0(a5)
    lw      a7, ROUTINE(sp)
    lw      a4, BIASSTEP(sp)
    addi    ra, ra, 9
    p.bclr  s0, s0, 7, 24
    p.bclr  s1, s1, 7, 24
    srli    s2, s2, 8
    slli    s3, s0, 8
    slli    s4, s1, 8
    slli    s5, s2, 8
    add     a5, a5, a4
    sw      a5, BIAS(sp)
    jr      a7
.Lnext_plane:
    lw      a4, PLANEIN(sp)
    lw      a5, PLANEOUT(sp)
    lw      a6, PLANES(sp)
    add     a0, a0, a4
    add     a2, a2, a5
    addi    a6, a6, -1
    sw      a6, PLANES(sp)
    bnez    a6, .Lplane
    j       .Lrest
.Ldone:
    leave   FRAME

    planes  1, 0, 0
    planes  1, 0, 1
    planes  1, 1, 0
    planes  1, 1, 1
    planes  2, 0, 0
    planes  2, 0, 1
    planes  2, 1, 0
    planes  2, 1, 1
