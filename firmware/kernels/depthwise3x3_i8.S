# depthwise3x3_i8: 3x3 depth-wise convolution, stride 1 or 2, CHW planes in, HWC out, int8.  Arguments: kernels.inc, DW_*.
#
# The harts share the channels.  A plane is done in strips of 4 output columns, from top to bottom.
# - A word holds 4 pixels of an input row, and the three weights of a kernel row are in a word with a zero: one dot product is a
#   kernel row.  With stride 1 the weights come in two alignments, so that one word serves two outputs, and a strip needs two words of
#   a row, at x and x + 2; with stride 2 every output has its own word.  Words at x + 2 are misaligned and cost one cycle more.
# - Rows stay in registers: a new output row loads one new input row (stride 2: two).  The names of the rows rotate, so the loop is
#   unrolled 3 times (stride 2: 2 times).
# - bias and shift are one p.addnr, as in matmul_i8.
#
# Registers in a strip
#   a0 pointer into the input   a1 step to the next row, from a row's last word   a2 pointer into the output   a3 channels
#   t3 step of the output to the next row, from a row's last pixel   t4 rounds of the row loop   t5 rows behind it
#   t0 bias (* mult)   t1 shift   t2 mult   a4..a7 accumulators
#   stride 1: s0..s2 weights   s3..s5 weights one byte up   rows s6 s7 | s8 s9 | s10 s11
#   stride 2: s0..s2 weights   rows s3..s6 | s7..s10 | s11 t6 gp tp

.include "macros.inc"
.include "kernels.inc"

.equ PLANES, FRAME_OWN          # channels still to do
.equ IN, FRAME_OWN + 4          # this channel's plane
.equ OUT, FRAME_OWN + 8
.equ WEIGHTS, FRAME_OWN + 12
.equ BIAS, FRAME_OWN + 16
.equ BIASSTEP, FRAME_OWN + 20   # 4; 0 without bias, and BIAS is the address of ZERO
.equ ZERO, FRAME_OWN + 24
.equ ROUTINE, FRAME_OWN + 28    # for this stride and requantisation
.equ STRIPS, FRAME_OWN + 32     # WIDTH / 4
.equ REST, FRAME_OWN + 36       # WIDTH % 4
.equ NEXTIN, FRAME_OWN + 40     # from a strip's end to the next strip's beginning, input and output
.equ NEXTOUT, FRAME_OWN + 44
.equ INSTEP, FRAME_OWN + 48     # a1 of a strip of 4
.equ OUTSTEP, FRAME_OWN + 52    # t3 of a strip of 4
.equ PLANE, FRAME_OWN + 56
.equ LINE, FRAME_OWN + 60
.equ MULT, FRAME_OWN + 64
.equ FRAME, 72

.macro requantise acc, mult, relu
    .if \mult
    mul     \acc, \acc, t2
    .endif
    p.addnr \acc, t0, t1
    .if \relu
    p.clipu \acc, \acc, 8
    .else
    p.clip  \acc, \acc, 8
    .endif
.endm

.macro store_outputs n, mult, relu
    requantise a4, \mult, \relu
    .if \n > 1
    requantise a5, \mult, \relu
    .endif
    .if \n > 2
    requantise a6, \mult, \relu
    .endif
    .if \n > 3
    requantise a7, \mult, \relu
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

# A strip; it ends with an instruction that is no jump, so that it can end a hardware loop.
.macro strip_1 n, mult, relu
    load_1  \n, s6, s7
    load_1  \n, s8, s9
    beqz    t4, .Lrows\@
    lp.setup x0, t4, .Lrows\@ - 4
    row_1   \n, \mult, \relu, s6, s7, s8, s9, s10, s11
    row_1   \n, \mult, \relu, s8, s9, s10, s11, s6, s7
    row_1   \n, \mult, \relu, s10, s11, s6, s7, s8, s9
.Lrows\@:
    beqz    t5, .Lend\@
    row_1   \n, \mult, \relu, s6, s7, s8, s9, s10, s11
    p.beqimm t5, 1, .Lend\@
    row_1   \n, \mult, \relu, s8, s9, s10, s11, s6, s7
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
    load_2  \n, s3, s4, s5, s6
    beqz    t4, .Lrows\@
    lp.setup x0, t4, .Lrows\@ - 4
    row_2   \n, \mult, \relu, s3, s4, s5, s6, s7, s8, s9, s10, s11, t6, gp, tp
    row_2   \n, \mult, \relu, s11, t6, gp, tp, s7, s8, s9, s10, s3, s4, s5, s6
.Lrows\@:
    beqz    t5, .Lend\@
    row_2   \n, \mult, \relu, s3, s4, s5, s6, s7, s8, s9, s10, s11, t6, gp, tp
.Lend\@:
.endm

# -- a plane ------------------------------------------------------------------------------------------------------------------

# For a strip of n < 4: the steps begin at an earlier word and pixel.
.macro rest S, n, mult, relu
    .if \S == 2
    addi    a1, a1, 2 * (4 - \n)
    .elseif \n < 3
    addi    a1, a1, 2
    .endif
    li      a4, 4 - \n
    p.mac   t3, a4, a3
    strip_\S \n, \mult, \relu
    j       .Lnext_plane
.endm

.macro plane S, mult, relu
    .balign 4
.Lplane_\S\()_\mult\()_\relu:
    lw      a4, STRIPS(sp)
    nop
    beqz    a4, .Lrest_\S\()_\mult\()_\relu
    lp.setup x1, a4, .Lrest_\S\()_\mult\()_\relu - 4
    strip_\S 4, \mult, \relu
    lw      a4, NEXTIN(sp)
    lw      a5, NEXTOUT(sp)
    add     a0, a0, a4
    add     a2, a2, a5
.Lrest_\S\()_\mult\()_\relu:
    lw      a4, REST(sp)
    nop
    beqz    a4, .Lplane_end_\S\()_\mult\()_\relu
    p.beqimm a4, 1, .Lrest_1_\S\()_\mult\()_\relu
    p.beqimm a4, 2, .Lrest_2_\S\()_\mult\()_\relu
    rest    \S, 3, \mult, \relu
.Lrest_2_\S\()_\mult\()_\relu:
    rest    \S, 2, \mult, \relu
.Lrest_1_\S\()_\mult\()_\relu:
    rest    \S, 1, \mult, \relu
.Lplane_end_\S\()_\mult\()_\relu:
    j       .Lnext_plane
.endm

function depthwise3x3_i8
    enter   FRAME
    # Channels of this hart: a row of ceil(channels / harts).
    lw      a3, DW_CHANNELS(a0)
    divide_up t0, a3, a2, t1
    mul     t1, t0, a1                      # the first
    sub     t2, a3, t1
    p.min   t0, t0, t2
    blez    t0, .Ldone
    sw      t0, PLANES(sp)

    lw      s1, DW_PLANE(a0)
    lw      s2, DW_LINE(a0)
    lw      t3, DW_IN(a0)
    lw      t4, DW_WEIGHTS(a0)
    lw      t5, DW_OUT(a0)
    lw      t6, DW_BIAS(a0)
    sw      s1, PLANE(sp)
    sw      s2, LINE(sp)
    p.mac   t3, t1, s1
    sw      t3, IN(sp)
    li      s3, 9
    p.mac   t4, t1, s3
    sw      t4, WEIGHTS(sp)
    add     t5, t5, t1
    sw      t5, OUT(sp)
    li      s3, 4
    p.mac   t6, t1, s3
    lw      t5, DW_BIAS(a0)
    sw      x0, ZERO(sp)
    bnez    t5, .Lbias
    addi    t6, sp, ZERO
    li      s3, 0
.Lbias:
    sw      t6, BIAS(sp)
    sw      s3, BIASSTEP(sp)

    lw      s4, DW_HEIGHT(a0)
    lw      s5, DW_WIDTH(a0)
    lw      s6, DW_STRIDE(a0)
    lw      t2, DW_MULT(a0)
    lw      t1, DW_SHIFT(a0)
    lw      s7, DW_FLAGS(a0)
    beqz    s4, .Ldone
    beqz    s5, .Ldone
    sw      t2, MULT(sp)
    srli    t3, s5, 2
    andi    t6, s5, 3
    sw      t3, STRIPS(sp)
    sw      t6, REST(sp)
    addi    s8, s4, -1
    mul     s8, s8, s6
    addi    s8, s8, 3                       # input rows that a strip reads
    mul     s8, s8, s2
    slli    t3, s6, 2
    sub     t3, t3, s8
    sw      t3, NEXTIN(sp)                  # 4 * STRIDE - rows * LINE
    mul     s9, s5, a3                      # bytes of an output row
    mul     s10, s9, s4
    slli    t3, a3, 2
    sub     s10, t3, s10
    sw      s10, NEXTOUT(sp)                # 4 * channels - HEIGHT * row
    sub     t3, s9, t3
    add     t3, t3, a3
    sw      t3, OUTSTEP(sp)                 # row - 3 * channels

    # ROUTINE; a1 of a strip of 4; rounds and rest of the row loop.
    snez    t3, t2
    slli    t3, t3, 1
    andi    s7, s7, FLAG_RELU
    srli    s7, s7, 1
    or      t3, t3, s7                      # 2 * mult + relu
    p.beqimm s6, 1, .Lstride_1
    addi    s2, s2, -6
    andi    t5, s4, 1
    srli    t4, s4, 1
    addi    t3, t3, 4
    j       .Lsteps
.Lstride_1:
    addi    s2, s2, -2
    li      t6, 3
    divu    t4, s4, t6
    slli    t6, t4, 1
    add     t6, t6, t4
    sub     t5, s4, t6
.Lsteps:
    sw      s2, INSTEP(sp)
    slli    t3, t3, 2
    la      t6, .Lplanes
    p.lw    t6, t3(t6)
    sw      t6, ROUTINE(sp)

.Lplane:
    lw      a4, WEIGHTS(sp)
    lw      a5, BIAS(sp)
    lw      a0, IN(sp)
    lw      s0, 0(a4)
    lw      s1, 3(a4)
    lw      s2, 5(a4)                       # the word that ends with the last weight: no read past it
    lw      t0, 0(a5)
    addi    a4, a4, 9
    sw      a4, WEIGHTS(sp)
    p.bclr  s0, s0, 7, 24
    p.bclr  s1, s1, 7, 24
    srli    s2, s2, 8
    slli    s3, s0, 8
    slli    s4, s1, 8
    slli    s5, s2, 8
    lw      a4, BIASSTEP(sp)
    beqz    t2, .Lunscaled
    mul     t0, t0, t2
.Lunscaled:
    add     a5, a5, a4
    sw      a5, BIAS(sp)
    lw      a5, PLANE(sp)
    lw      a2, OUT(sp)
    lw      a1, INSTEP(sp)
    lw      t3, OUTSTEP(sp)
    lw      a7, ROUTINE(sp)
    add     a5, a5, a0
    sw      a5, IN(sp)
    addi    a6, a2, 1
    sw      a6, OUT(sp)
    jr      a7
.Lnext_plane:
    lw      t6, PLANES(sp)
    nop
    addi    t6, t6, -1
    sw      t6, PLANES(sp)
    bnez    t6, .Lplane
.Ldone:
    leave   FRAME

    .irp S, 1, 2
    .irp mult, 0, 1
    .irp relu, 0, 1
    plane   \S, \mult, \relu
    .endr
    .endr
    .endr

.macro plane_address S, mult, relu
    .word   .Lplane_\S\()_\mult\()_\relu
.endm

    .section .l1.depthwise3x3_i8, "aw"
    .balign 4
.Lplanes:
    .irp S, 1, 2
    .irp mult, 0, 1
    .irp relu, 0, 1
    plane_address \S, \mult, \relu
    .endr
    .endr
    .endr
