# matmul_i8: C[M][N] = A[M][K] x transposed B[N][K], int8 in, int32 or requantised int8 out.  Arguments: kernels.inc, MM_*.
#
# How it is fast
# - Register blocking: a tile of 4 rows x 4 columns of C keeps 16 accumulators; for 4 steps of k it loads 4 words of A and 4 of B
#   and does 16 pv.sdotsp.b: 64 MAC in 24 instructions, 2.67 a cycle (a 4x2 tile does 32 in 14, 2.29).
# - One pointer walks down the 4 rows by post-increments of LDA, and back up to the next k by 4 - 3 * LDA, so A costs 3 registers
#   and B as many: 16 + 6 + 8 words of data are the 30 registers besides sp.  Everything else is in the frame.
# - The first step is a pv.dotsp.b, which overwrites: no accumulator is cleared.  The other K/4 - 1 are a hardware loop.
# - All loads of a step come before its products: no load-use stall.
# - bias and shift are one p.addnr: (acc * mult + bias * mult) >> shift is what (acc + bias) * mult >> shift is, modulo 2**32.
# - With LDA = LDB = 128 all loads of a step go to one bank, and all harts begin there.  That costs some 200 cycles once: the
#   losers fall behind until the harts follow one another through the banks, and stay there.  Delaying the harts on purpose,
#   or padding the rows by a word, gains less than 1 %.
# - Rows, or columns when those divide better, are dealt to the harts in blocks of 4.  What is left of a block is done in tiles of
#   2 and 1; what is left of K, byte by byte.
#
# Registers in a tile
#   a0 pointer into A   a2 LDA   a4 step from the last row to the next k      a6 a7 t0 t1  words of A, rows 0..3
#   a1 pointer into B   a3 LDB   a5 the same for B                            t2 ra gp tp  words of B, columns 0..3
#   s0..s11, t3..t6     accumulators, row by row

.include "macros.inc"
.include "kernels.inc"

# The frame, above what `enter` saves.
.equ ROW, FRAME_OWN             # A: first row of the tile
.equ COL, FRAME_OWN + 4         # B: first row of the tile
.equ OUT, FRAME_OWN + 8         # C: first element of the tile
.equ END, FRAME_OWN + 12        # C: where this phase's tiles end
.equ STEPS, FRAME_OWN + 16      # K/4 - 1: rounds of the loop
.equ BYTES, FRAME_OWN + 20      # K % 4
.equ FINISH, FRAME_OWN + 24     # code behind the loop: the last bytes of K, or STORE
.equ STORE, FRAME_OWN + 28      # code that makes the results
.equ BIAS, FRAME_OWN + 32       # bias of the tile's first column
.equ MULT, FRAME_OWN + 36
.equ SHIFT, FRAME_OWN + 40
.equ LDC, FRAME_OWN + 44
.equ ROWS, FRAME_OWN + 48       # rows still to do
.equ ROWOUT, FRAME_OWN + 52     # C: first element of the row of tiles
.equ COLSTEP, FRAME_OWN + 56    # from a tile's B to the next one's
.equ FIRSTCOL, FRAME_OWN + 60   # B: this hart's first row
.equ FIRSTBIAS, FRAME_OWN + 64
.equ COLUMNS, FRAME_OWN + 68    # columns of this hart
.equ MODE, FRAME_OWN + 72       # 4 * index into the tables of stores
.equ ESIZE, FRAME_OWN + 76      # log2 of an element of C
.equ FRAME, 80

# -- one step of k ------------------------------------------------------------------------------------------------------------

.macro load_row load, reg, r, R
    .if \r < \R - 1
    \load   \reg, a2(a0!)
    .elseif \r == \R - 1
    \load   \reg, a4(a0!)
    .endif
.endm

.macro load_column load, reg, c, C
    .if \c < \C - 1
    \load   \reg, a3(a1!)
    .elseif \c == \C - 1
    \load   \reg, a5(a1!)
    .endif
.endm

.macro load_rows load, R
    load_row \load, a6, 0, \R
    load_row \load, a7, 1, \R
    load_row \load, t0, 2, \R
    load_row \load, t1, 3, \R
.endm

.macro load_columns load, C
    load_column \load, t2, 0, \C
    load_column \load, ra, 1, \C
    load_column \load, gp, 2, \C
    load_column \load, tp, 3, \C
.endm

.macro product op, acc, a, b, r, c, R, C
    .if \r < \R && \c < \C
    \op     \acc, \a, \b
    .endif
.endm

# The last loaded word must not be of the first product: a single column is loaded first.
.macro step load, op, R, C
    .if \C == 1
    load_columns \load, \C
    load_rows \load, \R
    .else
    load_rows \load, \R
    load_columns \load, \C
    .endif
    product \op, s0, a6, t2, 0, 0, \R, \C
    product \op, s1, a6, ra, 0, 1, \R, \C
    product \op, s2, a6, gp, 0, 2, \R, \C
    product \op, s3, a6, tp, 0, 3, \R, \C
    product \op, s4, a7, t2, 1, 0, \R, \C
    product \op, s5, a7, ra, 1, 1, \R, \C
    product \op, s6, a7, gp, 1, 2, \R, \C
    product \op, s7, a7, tp, 1, 3, \R, \C
    product \op, s8, t0, t2, 2, 0, \R, \C
    product \op, s9, t0, ra, 2, 1, \R, \C
    product \op, s10, t0, gp, 2, 2, \R, \C
    product \op, s11, t0, tp, 2, 3, \R, \C
    product \op, t3, t1, t2, 3, 0, \R, \C
    product \op, t4, t1, ra, 3, 1, \R, \C
    product \op, t5, t1, gp, 3, 2, \R, \C
    product \op, t6, t1, tp, 3, 3, \R, \C
.endm

# -- results ------------------------------------------------------------------------------------------------------------------
# Between the last product and the next tile a2..a5 stay; all but the accumulators is free.  The code that jumps to a store has
# loaded t1 = BIAS and t2 = MULT, which fill the gap between the load of its address and the jump.
# a0 OUT, later rows   a1 LDC   t1 SHIFT   t2 MULT   a6 a7 t0 ra bias of columns 0..3   gp next OUT   tp COL

# Row r of a tile as int8: one word, half-word or byte at a0.
.macro store_row_int8 r, R, C, mult, relu, s0, s1, s2, s3, b0, b1, b2, b3
    .if \r < \R
    requantise \s0, \b0, t1, t2, \mult, \relu
    .if \C > 1
    requantise \s1, \b1, t1, t2, \mult, \relu
    .endif
    .if \C > 2
    requantise \s2, \b2, t1, t2, \mult, \relu
    requantise \s3, \b3, t1, t2, \mult, \relu
    .endif
    .if \C > 1
    pv.packlo.b \s0, \s1, \s0
    .endif
    .if \C > 2
    pv.packhi.b \s0, \s3, \s2
    p.sw    \s0, a1(a0!)
    .elseif \C > 1
    p.sh    \s0, a1(a0!)
    .else
    p.sb    \s0, a1(a0!)
    .endif
    .endif
.endm

.macro store_row_int32 r, R, C, bias, s0, s1, s2, s3
    .if \r < \R
    .if \bias
    add     \s0, \s0, a6
    .if \C > 1
    add     \s1, \s1, a7
    .endif
    .if \C > 2
    add     \s2, \s2, t0
    add     \s3, \s3, ra
    .endif
    .endif
    .if \C > 1
    sw      \s1, 4(a0)
    .endif
    .if \C > 2
    sw      \s2, 8(a0)
    sw      \s3, 12(a0)
    .endif
    p.sw    \s0, a1(a0!)
    .endif
.endm

# Biases of the tile's columns to a6, a7, t0, ra.
.macro load_biases C
    p.lw    a6, 4(t1!)
    .if \C > 1
    p.lw    a7, 4(t1!)
    .endif
    .if \C > 2
    p.lw    t0, 4(t1!)
    p.lw    ra, 4(t1!)
    .endif
    sw      t1, BIAS(sp)
.endm

.macro scale_biases C
    mul     a6, a6, t2
    .if \C > 1
    mul     a7, a7, t2
    .endif
    .if \C > 2
    mul     t0, t0, t2
    mul     ra, ra, t2
    .endif
.endm

# The end of a tile: make its results, then go on to the next tile of the phase.
.macro store_tile R, C, int8, bias, mult, relu
    .balign 4
.Lstore_\R\()_\C\()_\int8\()_\bias\()_\mult\()_\relu:
    .if \bias
    load_biases \C
    .endif
    lw      a0, OUT(sp)
    lw      t1, SHIFT(sp)
    lw      a1, LDC(sp)
    lw      tp, COL(sp)
    .if \bias && \mult
    scale_biases \C
    .endif
    .if \int8
    addi    gp, a0, \C
    .if \bias
    store_row_int8 0, \R, \C, \mult, \relu, s0, s1, s2, s3, a6, a7, t0, ra
    store_row_int8 1, \R, \C, \mult, \relu, s4, s5, s6, s7, a6, a7, t0, ra
    store_row_int8 2, \R, \C, \mult, \relu, s8, s9, s10, s11, a6, a7, t0, ra
    store_row_int8 3, \R, \C, \mult, \relu, t3, t4, t5, t6, a6, a7, t0, ra
    .else
    store_row_int8 0, \R, \C, \mult, \relu, s0, s1, s2, s3, x0, x0, x0, x0
    store_row_int8 1, \R, \C, \mult, \relu, s4, s5, s6, s7, x0, x0, x0, x0
    store_row_int8 2, \R, \C, \mult, \relu, s8, s9, s10, s11, x0, x0, x0, x0
    store_row_int8 3, \R, \C, \mult, \relu, t3, t4, t5, t6, x0, x0, x0, x0
    .endif
    .else
    addi    gp, a0, 4 * \C
    store_row_int32 0, \R, \C, \bias, s0, s1, s2, s3
    store_row_int32 1, \R, \C, \bias, s4, s5, s6, s7
    store_row_int32 2, \R, \C, \bias, s8, s9, s10, s11
    store_row_int32 3, \R, \C, \bias, t3, t4, t5, t6
    .endif
    lw      a0, COLSTEP(sp)
    lw      t0, END(sp)
    sw      gp, OUT(sp)
    add     a1, tp, a0
    sw      a1, COL(sp)
    bne     gp, t0, .Ltile_\R\()_\C
    j       .Lphase_end_\R\()_\C
.endm

.macro store_address R, C, int8, bias, mult, relu
    .word   .Lstore_\R\()_\C\()_\int8\()_\bias\()_\mult\()_\relu
.endm

# The stores of a tile size, and the table that MODE points into: int32 without and with bias, then
# int8 by relu, mult, bias.
.macro stores R, C
    store_tile \R, \C, 0, 0, 0, 0
    store_tile \R, \C, 0, 1, 0, 0
    .irp relu, 0, 1
    .irp mult, 0, 1
    .irp bias, 0, 1
    store_tile \R, \C, 1, \bias, \mult, \relu
    .endr
    .endr
    .endr
    .pushsection .l1.matmul_i8, "aw"
.Lstores_\R\()_\C:
    store_address \R, \C, 0, 0, 0, 0
    store_address \R, \C, 0, 1, 0, 0
    .irp relu, 0, 1
    .irp mult, 0, 1
    .irp bias, 0, 1
    store_address \R, \C, 1, \bias, \mult, \relu
    .endr
    .endr
    .endr
    .popsection
.endm

# -- tiles --------------------------------------------------------------------------------------------------------------------

.macro clear_accumulators
    .irp acc, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, t3, t4, t5, t6
    li      \acc, 0
    .endr
.endm

# A phase: the tiles of R rows x C columns along a row of tiles.  It falls through to the next phase.
.macro phase R, C
    lw      t0, COLUMNS(sp)
    lw      t1, ESIZE(sp)
    .if \C == 4
    srli    t0, t0, 2
    slli    t0, t0, 2
    .else
    andi    t0, t0, \C
    .endif
    beqz    t0, .Lphase_end_\R\()_\C
    lw      t2, OUT(sp)
    sll     t0, t0, t1
    lw      t1, MODE(sp)
    add     t0, t0, t2
    sw      t0, END(sp)
    la      t0, .Lstores_\R\()_\C
    p.lw    t0, t1(t0)
    lw      t2, BYTES(sp)
    sw      t0, STORE(sp)
    beqz    t2, .Lwhole_\R\()_\C
    la      t0, .Lbytes_\R\()_\C
.Lwhole_\R\()_\C:
    sw      t0, FINISH(sp)
    li      t0, \C
    mul     t0, t0, a3
    sw      t0, COLSTEP(sp)
    sub     a5, a3, t0
    addi    a5, a5, 4                       # 4 - (C - 1) * LDB
    lp.starti x0, .Lloop_\R\()_\C
    lp.endi x0, .Lfinish_\R\()_\C - 4
    lw      a1, COL(sp)

.Ltile_\R\()_\C:
    lw      t2, STEPS(sp)
    lw      a0, ROW(sp)
    blez    t2, .Lshort_\R\()_\C
    lp.count x0, t2
    step    p.lw, pv.dotsp.b, \R, \C
    .balign 4
.Lloop_\R\()_\C:
    step    p.lw, pv.sdotsp.b, \R, \C
.Lfinish_\R\()_\C:
    lw      ra, FINISH(sp)
    lw      t1, BIAS(sp)
    lw      t2, MULT(sp)
    jr      ra

# K < 8: clear the accumulators, and do one round when K has a word.
.Lshort_\R\()_\C:
    clear_accumulators
    lp.counti x0, 1
    beqz    t2, .Lloop_\R\()_\C
    j       .Lfinish_\R\()_\C

# The last K % 4 of k, byte by byte; the steps of the pointers become 1 - (R - 1) * LDA and 1 - (C - 1) * LDB.
.Lbytes_\R\()_\C:
    lw      t2, BYTES(sp)
    addi    a4, a4, -3
    addi    a5, a5, -3
    lp.setup x1, t2, .Lbytes_end_\R\()_\C - 4
    step    p.lb, p.mac, \R, \C
.Lbytes_end_\R\()_\C:
    lw      ra, STORE(sp)
    lw      t1, BIAS(sp)
    lw      t2, MULT(sp)
    addi    a4, a4, 3
    addi    a5, a5, 3
    jr      ra

    stores  \R, \C
    .balign 4
.Lphase_end_\R\()_\C:
.endm

# A row of tiles: R rows of A with all the columns of this hart.
.macro row_of_tiles R
    .balign 4
.Lrows_\R:
    addi    t0, t0, -\R
    sw      t0, ROWS(sp)
    lw      t0, ROWOUT(sp)
    lw      t1, FIRSTCOL(sp)
    lw      t2, FIRSTBIAS(sp)
    sw      t0, OUT(sp)
    sw      t1, COL(sp)
    sw      t2, BIAS(sp)
    li      a4, -(\R - 1)
    mul     a4, a4, a2
    addi    a4, a4, 4                       # 4 - (R - 1) * LDA
    phase   \R, 4
    phase   \R, 2
    phase   \R, 1
    lw      t0, ROW(sp)
    lw      t1, ROWOUT(sp)
    lw      t2, LDC(sp)
    li      t3, \R
    p.mac   t0, t3, a2
    sw      t0, ROW(sp)
    p.mac   t1, t3, t2
    sw      t1, ROWOUT(sp)
    j       .Lrows
.endm

# -- the kernel ---------------------------------------------------------------------------------------------------------------

function matmul_i8
    enter   FRAME
    # This hart's share: blocks of 4 rows, or of 4 columns where the longest share is shorter that way.
    lw      a3, MM_M(a0)
    lw      a4, MM_N(a0)
    addi    s0, a3, 3
    srli    s0, s0, 2                       # blocks of rows
    addi    s1, a4, 3
    srli    s1, s1, 2                       # blocks of columns
    divide_up s2, s0, a2, t0                # most blocks of rows a hart gets
    divide_up s3, s1, a2, t0
    mul     t0, s2, s1                      # tiles of the longest share by rows, by columns
    mul     t1, s3, s0
    li      s4, 0                           # first row
    li      s5, 0                           # first column
    bltu    t1, t0, .Lby_columns
    slli    s2, s2, 2
    mul     s4, s2, a1
    sub     a3, a3, s4
    p.min   a3, a3, s2
    j       .Lshared
.Lby_columns:
    slli    s3, s3, 2
    mul     s5, s3, a1
    sub     a4, a4, s5
    p.min   a4, a4, s3
.Lshared:
    blez    a3, .Ldone
    blez    a4, .Ldone
    sw      a3, ROWS(sp)
    sw      a4, COLUMNS(sp)

    lw      t0, MM_LDA(a0)
    lw      t1, MM_A(a0)
    lw      t2, MM_LDB(a0)
    lw      t3, MM_B(a0)
    p.mac   t1, t0, s4
    sw      t1, ROW(sp)
    p.mac   t3, t2, s5
    sw      t3, FIRSTCOL(sp)

    lw      t1, MM_K(a0)
    lw      t3, MM_SHIFT(a0)
    srli    t4, t1, 2
    addi    t4, t4, -1
    sw      t4, STEPS(sp)
    andi    t1, t1, 3
    sw      t1, BYTES(sp)
    sw      t3, SHIFT(sp)

    lw      t1, MM_FLAGS(a0)
    lw      t3, MM_MULT(a0)
    lw      t4, MM_BIAS(a0)
    sw      t3, MULT(sp)
    snez    t5, t4                          # MODE: bias
    slli    t6, s5, 2
    add     t4, t4, t6
    sw      t4, FIRSTBIAS(sp)
    li      t4, 2                           # ESIZE of int32
    andi    t6, t1, FLAG_INT8
    beqz    t6, .Lmode
    li      t4, 0
    snez    t3, t3
    slli    t3, t3, 1
    or      t5, t5, t3                      # + 2 * mult
    andi    t1, t1, FLAG_RELU
    slli    t1, t1, 1
    or      t5, t5, t1                      # + 4 * relu
    addi    t5, t5, 2
.Lmode:
    slli    t5, t5, 2
    sw      t5, MODE(sp)
    sw      t4, ESIZE(sp)

    lw      t1, MM_LDC(a0)
    lw      t3, MM_C(a0)
    sw      t1, LDC(sp)
    p.mac   t3, t1, s4
    sll     s5, s5, t4
    add     t3, t3, s5
    sw      t3, ROWOUT(sp)
    mv      a2, t0
    mv      a3, t2

.Lrows:
    lw      t0, ROWS(sp)
    li      t1, 4
    bge     t0, t1, .Lrows_4
    andi    t1, t0, 2
    beqz    t1, .Lat_most_1
    j       .Lrows_2
.Lat_most_1:
    beqz    t0, .Ldone
    j       .Lrows_1
.Ldone:
    leave   FRAME

    row_of_tiles 4
    row_of_tiles 2
    row_of_tiles 1
