# The application `bottleneck`: expand (1x1), depth-wise 3x3, project (1x1), residual add.  APP_EXPAND_ON_IMA and
# APP_DEPTHWISE_ON (0 cores, 1 IMA, 2 DW) say who does what; hart 0 drives the accelerators while the others sleep.
#
# Buffers are in `arena`; where, is said in the arguments, which are written next to the program (firmware/apps/bottleneck.py):
# `plan` holds the addresses of the arguments, or lists of jobs, of expand, depth-wise, project and add.
# Regions: 0 expand, 1 marshal, 2 depth-wise, 3 project, 4 add.  Those of stripes are added up.

.include "macros.inc"
.include "kernels.inc"

.equ CORES, 0
.equ ON_IMA, 1
.equ ON_DW, 2
.equ STRIPE_BYTES, MARSHAL_BYTES + DW_BYTES

# As region_end, added to what is there.
.macro region_add index, hart
    csrw    CSR_PCER, x0
    la      t0, regions + 4 * REGION_EVENTS * REGION_ROWS * \index
    li      t1, 4 * REGION_EVENTS
    p.mac   t0, t1, \hart
    .set    .Levent, 0
    .rept   REGION_EVENTS
    csrr    t1, CSR_PCCR0 + .Levent
    lw      t2, 0(t0)
    add     t1, t1, t2
    p.sw    t1, 4(t0!)
    .set    .Levent, .Levent + 1
    .endr
.endm

# Everyone calls a kernel with the arguments at a register.
.macro on_cores kernel, arguments
    mv      a0, \arguments
    mv      a1, s0
    mv      a2, s1
    call    \kernel
    barrier
.endm

# Hart 0 has a list of jobs done.
.macro on_accelerator run, list
    bnez    s0, .Lsleep\@
    mv      a0, \list
    call    \run
.Lsleep\@:
    barrier
.endm

.macro pointwise index
    lw      s3, plan + 4 * \index
    barrier
    region_begin
    .if APP_POINTWISE_ON == ON_IMA
    on_accelerator ima_run, s3
    .else
    on_cores pointwise_i8, s3
    .endif
.endm

function main
    enter   0
    mv      s0, a0
    mv      s1, a1

    pointwise 0
    region_end 0, s0

    lw      s3, plan + 4
    .if APP_DEPTHWISE_ON == CORES
    li      s2, APP_STRIPES
.Lstripe:
    barrier
    region_begin
    on_cores hwc_to_chw_i8, s3
    region_add 1, s0
    addi    s3, s3, MARSHAL_BYTES
    barrier
    region_begin
    on_cores depthwise3x3_i8, s3
    region_add 2, s0
    addi    s3, s3, DW_BYTES
    addi    s2, s2, -1
    bnez    s2, .Lstripe
    .else
    barrier
    region_begin
    .if APP_DEPTHWISE_ON == ON_IMA
    on_accelerator ima_run, s3
    .else
    on_accelerator dw_run, s3
    .endif
    region_end 2, s0
    .endif

    pointwise 2
    region_end 3, s0

    lw      s3, plan + 12
    barrier
    region_begin
    on_cores add_i8, s3
    region_end 4, s0
    li      a0, 0
    leave   0

    .bss
    .balign 4
    .globl  plan, tables, arena
plan:
    .space  16
tables:
    .space  APP_TABLE_BYTES
    .balign 16
arena:
    .space  APP_ARENA_BYTES
