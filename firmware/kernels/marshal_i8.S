# hwc_to_chw_i8, chw_to_hwc_i8: between pixels that hold their channels and planes that hold their rows.
# Arguments: kernels.inc, MARSHAL_*.
#
# A block of 4 pixels x 4 channels is transposed in registers: 4 loads, 10 instructions, 4 stores for 16 bytes.  One pv.pack.h per
# half pairs up pixels, one pv.shuffle2.b per channel sorts the pair of pairs; two moves keep what a shuffle overwrites.
#
# The unit of work is one row of 4 channels.  Units follow each other channels first, and the harts take turns: neighbours load
# from neighbouring words.  A last group of fewer than 4 channels, and rows too short for blocks, go byte by byte.

.include "macros.inc"
.include "kernels.inc"

# 4x4 bytes in t0..t3, transposed to t4, t6, t1, t0.  a6, a7: selectors of the even and the odd bytes.
.macro transpose
    pv.pack.h   t4, t1, t0                  # 0.0 0.1 1.0 1.1 (word.byte)
    pv.pack.h   t5, t3, t2                  # 2.0 2.1 3.0 3.1
    pv.pack.h.h t1, t1, t0                  # 0.2 0.3 1.2 1.3
    pv.pack.h.h t3, t3, t2
    mv      t6, t4
    pv.shuffle2.b t4, t5, a6                # 0.0 1.0 2.0 3.0
    pv.shuffle2.b t6, t5, a7                # 0.1 1.1 2.1 3.1
    mv      t0, t1
    pv.shuffle2.b t1, t3, a6                # 0.2 ...
    pv.shuffle2.b t0, t3, a7                # 0.3 ...
.endm

# Four words to (a1), each \step after the one before; then a1 moves by \back in all.
.macro store_transposed step, back
    p.sw    t4, \step(a1!)
    p.sw    t6, \step(a1!)
    p.sw    t1, \step(a1!)
    p.sw    t0, \back(a1!)
.endm

.macro load_four step, back
    p.lw    t0, \step(a0!)
    p.lw    t1, \step(a0!)
    p.lw    t2, \step(a0!)
    p.lw    t3, \back(a0!)
.endm

# Registers of both kernels, over all units:
#   a0 a1  pointers of a unit: from, to   a2 channels (step of a pixel)   a3 PLANE (step of a channel)   a4 4 - 3 * PLANE
#   a6 a7  selectors   s0 arguments   s1 group of channels   s2 row   s3 groups   s4 rows   s5 harts
#   s6 width   s7 LEFT   s8 LINE   s9 full blocks of a row   s10 pixels from the first full block on   a5 t0..t6 a unit's own
.macro marshal_begin rows_argument
    enter   0
    mv      s0, a0
    mv      s5, a2
    lw      a2, MARSHAL_CHANNELS(a0)
    lw      a3, MARSHAL_PLANE(a0)
    lw      s4, \rows_argument(a0)
    lw      s6, MARSHAL_WIDTH(a0)
    lw      s7, MARSHAL_LEFT(a0)
    lw      s8, MARSHAL_LINE(a0)
    addi    s3, a2, 3
    srli    s3, s3, 2
    li      a4, -3
    mul     a4, a4, a3
    addi    a4, a4, 4
    li      a6, 0x06040200
    li      a7, 0x07050301
    mv      s1, a1
    li      s2, 0
.endm

# s1 may have gone past the last group: go to the next row; to `done` past the last row.
.macro normalise_unit done
.Lnormalise\@:
    bltu    s1, s3, .Lnormal\@
    sub     s1, s1, s3
    addi    s2, s2, 1
    j       .Lnormalise\@
.Lnormal\@:
    bgeu    s2, s4, \done
.endm

# -- HWC to CHW ---------------------------------------------------------------------------------------------------------------

function hwc_to_chw_i8
    marshal_begin MARSHAL_LINES
    # The first block holds LEFT zeros and 4 - LEFT pixels; with LEFT = 0 there is none of this kind.
    mv      s10, s6
    beqz    s7, .Lno_left
    add     s10, s6, s7
    addi    s10, s10, -4                    # negative: too short for blocks
.Lno_left:
    srai    s9, s10, 2

.Lunit:
    normalise_unit .Lmarshalled
    lw      t0, MARSHAL_CHW(s0)
    slli    t1, s1, 2                       # first channel
    p.mac   t0, t1, a3
    p.mac   t0, s2, s8
    mv      a1, t0
    lw      t2, MARSHAL_TOP(s0)
    lw      t3, MARSHAL_HEIGHT(s0)
    sub     t2, s2, t2                      # row of the image
    sub     t4, a2, t1                      # channels of this unit, if fewer than 4
    bgeu    t2, t3, .Lzero_rows
    lw      a0, MARSHAL_HWC(s0)
    mul     t2, t2, s6
    p.mac   t1, t2, a2
    add     a0, a0, t1
    li      t1, 4
    blt     t4, t1, .Lslow
    bltz    s10, .Lslow_4

    srli    a5, s8, 2                       # words of the line that are to be stored
    beqz    s7, .Lblocks
    li      t0, 0
    li      t1, 0
    li      t2, 0
    p.beqimm s7, 1, .Lleft_1
    p.beqimm s7, 2, .Lleft_2
    j       .Lleft_3
.Lleft_1:
    p.lw    t1, a2(a0!)
.Lleft_2:
    p.lw    t2, a2(a0!)
.Lleft_3:
    p.lw    t3, a2(a0!)
    addi    a5, a5, -1
    transpose
    store_transposed a3, a4
.Lblocks:
    beqz    s9, .Lright
    sub     a5, a5, s9
    lp.setup x0, s9, .Lright - 4
    load_four a2, a2
    transpose
    store_transposed a3, a4
.Lright:
    # What is right of the image, to the end of the line: up to 3 pixels and zeros, then words of zeros.
    blez    a5, .Lnext
    andi    t4, s10, 3
    li      t0, 0
    li      t1, 0
    li      t2, 0
    li      t3, 0
    beqz    t4, .Lpad
    p.lw    t0, a2(a0!)
    p.beqimm t4, 1, .Llast_block
    p.lw    t1, a2(a0!)
    p.beqimm t4, 2, .Llast_block
    p.lw    t2, a2(a0!)
.Llast_block:
    addi    a5, a5, -1
    transpose
    store_transposed a3, a4
.Lpad:
    blez    a5, .Lnext
    lp.setup x0, a5, .Lnext - 4
    p.sw    x0, a3(a1!)
    p.sw    x0, a3(a1!)
    p.sw    x0, a3(a1!)
    p.sw    x0, a4(a1!)
.Lnext:
    add     s1, s1, s5
    j       .Lunit

# A row above or below the image.  t4: channels left, of which 4 at most are of this unit.
.Lzero_rows:
    li      t1, 4
    p.min   t4, t4, t1
    srli    t3, s8, 2
.Lzero_row:
    mv      t1, a1
    lp.setup x0, t3, .Lzeroed - 4
    p.sw    x0, 4(t1!)
    nop
.Lzeroed:
    add     a1, a1, a3
    addi    t4, t4, -1
    bnez    t4, .Lzero_row
    j       .Lnext

# Byte by byte: t4 channels from a0 to a1.
.Lslow_4:
    li      t4, 4
.Lslow:
    srli    t3, s8, 2
.Lslow_channel:
    mv      t1, a1
    lp.setup x0, t3, .Lslow_zeroed - 4
    p.sw    x0, 4(t1!)
    nop
.Lslow_zeroed:
    add     t1, a1, s7
    mv      t0, a0
    lp.setup x0, s6, .Lslow_copied - 4
    p.lb    t2, a2(t0!)
    p.sb    t2, 1(t1!)
.Lslow_copied:
    addi    a0, a0, 1
    add     a1, a1, a3
    addi    t4, t4, -1
    bnez    t4, .Lslow_channel
    j       .Lnext

.Lmarshalled:
    leave   0

# -- CHW to HWC ---------------------------------------------------------------------------------------------------------------

function chw_to_hwc_i8
    marshal_begin MARSHAL_HEIGHT
    srli    s9, s6, 2
    andi    s10, s6, 3
.Lback_unit:
    normalise_unit .Lback_done
    lw      a0, MARSHAL_CHW(s0)
    lw      t2, MARSHAL_TOP(s0)
    slli    t1, s1, 2
    add     a0, a0, s7
    p.mac   a0, t1, a3
    add     t2, t2, s2
    p.mac   a0, t2, s8
    lw      a1, MARSHAL_HWC(s0)
    sub     t4, a2, t1
    mul     t2, s2, s6
    p.mac   t1, t2, a2
    add     a1, a1, t1
    li      t1, 4
    blt     t4, t1, .Lback_few
    beqz    s9, .Lback_4
    lp.setup x0, s9, .Lback_rest - 4
    load_four a3, a4
    transpose
    store_transposed a2, a2
.Lback_rest:
.Lback_4:
    mv      a5, s10
    li      t4, 4
    bnez    a5, .Lback_channel
    j       .Lback_next
.Lback_few:
    mv      a5, s6
.Lback_channel:                             # t4 channels, a5 pixels each
    mv      t0, a0
    mv      t1, a1
    lp.setup x0, a5, .Lback_copied - 4
    p.lb    t2, 1(t0!)
    p.sb    t2, a2(t1!)
.Lback_copied:
    add     a0, a0, a3
    addi    a1, a1, 1
    addi    t4, t4, -1
    bnez    t4, .Lback_channel
.Lback_next:
    add     s1, s1, s5
    j       .Lback_unit
.Lback_done:
    leave   0
