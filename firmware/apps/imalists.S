# The applications `imajobs` and `mlp`: a list of jobs on the IMA, its data in `arena`.

.include "macros.inc"

function main
    enter   0
    mv      s0, a0
    barrier
    region_begin
    bnez    s0, .Lsleep
    la      a0, tables
    call    ima_run
.Lsleep:
    barrier
    region_end 0, s0
    li      a0, 0
    leave   0

    .bss
    .balign 16
    .globl  tables, arena
tables:
    .space  APP_TABLE_BYTES
    .balign 16
arena:
    .space  APP_ARENA_BYTES
