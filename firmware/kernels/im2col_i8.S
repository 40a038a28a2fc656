# pad_i8: an image with a border of zeros around it;  im2col3x3_i8: the 3x3 neighbourhoods of such an image, as the rows of a
# matrix.  Arguments: kernels.inc, PAD_* and IM2COL_*.  The harts take turns at rows of the image.

.include "macros.inc"
.include "kernels.inc"

# `count` (a register) bytes to t1, which advances.
.macro zeros count
    lp.setup x0, \count, .Lzeros\@ - 4
    p.sb    x0, 1(t1!)
    nop
.Lzeros\@:
.endm

function pad_i8
    lw      a3, PAD_IN(a0)
    lw      a4, PAD_OUT(a0)
    lw      a5, PAD_HEIGHT(a0)
    lw      a6, PAD_LINE(a0)
    lw      a7, PAD_BORDER(a0)
    addi    t5, a5, 1                       # the last row
    slli    t6, a7, 1
    add     t6, t6, a6                      # bytes of a row
.Lpad_row:
    bgt     a1, t5, .Lpadded
    mul     t1, a1, t6
    add     t1, t1, a4
    beqz    a1, .Lempty
    beq     a1, t5, .Lempty
    addi    t0, a1, -1
    mul     t0, t0, a6
    add     t0, t0, a3
    zeros   a7
    lp.setup x0, a6, .Lcopied - 4
    p.lb    t2, 1(t0!)
    p.sb    t2, 1(t1!)
.Lcopied:
    zeros   a7
    j       .Lpad_next
.Lempty:
    zeros   t6
.Lpad_next:
    add     a1, a1, a2
    j       .Lpad_row
.Lpadded:
    ret

# a1 row   a2 harts   a3 IN   a4 OUT   a5 HEIGHT   a6 LINE   a7 PATCH   t6 bytes from a row's image lines to the next row's
function im2col3x3_i8
    enter   0
    lw      a3, IM2COL_IN(a0)
    lw      a4, IM2COL_OUT(a0)
    lw      a5, IM2COL_HEIGHT(a0)
    lw      a6, IM2COL_LINE(a0)
    lw      a7, IM2COL_PATCH(a0)
    lw      s0, IM2COL_STRIDE(a0)
    lw      s1, IM2COL_CHANNELS(a0)
    lw      s2, IM2COL_WIDTH(a0)
    lw      s3, IM2COL_ROW(a0)
    mul     t6, s0, a6
    mul     s1, s1, s0                      # bytes from a pixel's patch to the next
    mul     s4, s2, s3                      # bytes of a row's patches
.Lrow:
    bge     a1, a5, .Ldone
    mul     t0, a1, t6
    mul     t1, a1, s4
    add     t0, t0, a3
    add     t1, t1, a4
    mv      t2, s2
.Lpixel:
    mv      s5, t0
    mv      s6, t1
    li      s8, 3
.Lline:
    mv      s7, s5
    lp.setup x0, a7, .Lpatch - 4
    p.lb    t3, 1(s7!)
    p.sb    t3, 1(s6!)
.Lpatch:
    add     s5, s5, a6
    addi    s8, s8, -1
    bnez    s8, .Lline
    add     t0, t0, s1
    add     t1, t1, s3
    addi    t2, t2, -1
    bnez    t2, .Lpixel
    add     a1, a1, a2
    j       .Lrow
.Ldone:
    leave   0
