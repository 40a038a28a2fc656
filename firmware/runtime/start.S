# Start of every program: all harts begin at _start, each calls main(a0 = hart, a1 = number of harts) on its own stack; when all
# have returned, hart 0 ends the run with what its main returned as exit code.
#
# HARTS (default 8) is how many harts the program is made for; further ones sleep.

.include "macros.inc"

.ifndef HARTS
.equ HARTS, 8
.endif

# 16 bytes more than 1 KiB: the harts' frames lie in different banks when all are in the same function.
.equ STACK_BYTES, 1024 + 16

    .section .text.init, "ax"
    .option norvc
    .globl  _start
_start:
    csrr    a0, CSR_MHARTID
    andi    a0, a0, 31
    li      a1, HARTS
    bgeu    a0, a1, .Lpark
    la      sp, stacks + STACK_BYTES
    li      t0, STACK_BYTES
    p.mac   sp, t0, a0
    mv      s0, a0
    barrier_init
    call    main
    mv      s1, a0
    barrier
    bnez    s0, .Lpark
    li      t0, CORE_STATUS
    li      t1, 1 << 31
    or      t1, t1, s1
    sw      t1, 0(t0)
.Lpark:
    wfi
    j       .Lpark

    .section .l1.runtime, "aw", @nobits
    .balign 64
    .globl  barrier_words
barrier_words:
    .space  64
    .globl  regions
regions:
    .space  4 * REGION_EVENTS * REGION_ROWS * REGIONS
    .balign 16
stacks:
    .space  STACK_BYTES * HARTS

    .data
    .balign 4
    .globl  harts
harts:
    .word   HARTS
