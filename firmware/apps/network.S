# A deployed network: every hart goes through a table of steps that tools/deploy has made.  It knows nothing of layers.
#
# A step is a routine, its argument, and how many harts call it (routine(a0 = argument, a1 = hart, a2 = harts)); before it, hart 0
# starts the DMA commands of a list, after it, it waits for them; then comes a barrier.  A step with a mark is the last of a layer:
# hart 0 stores the mark to `tohost`, where the simulator sees it (an even number, so that it does not end the run).

.include "macros.inc"

.equ STEP_ROUTINE, 0            # 0: the end
.equ STEP_ARGUMENT, 4
.equ STEP_HARTS, 8
.equ STEP_DMA, 12               # address of a list (kernels/dma.S), or 0
.equ STEP_MARK, 16              # 0: none
.equ STEP_BYTES, 20

# s0 hart   s2 step   s3 routine   s4 DMA's list   s5 its transfer id
function main
    enter   0
    mv      s0, a0
    lw      s2, steps
    lw      s3, STEP_ROUTINE(s2)
    beqz    s3, .Lend
.Lstep:
    lw      s4, STEP_DMA(s2)
    bnez    s0, .Lstarted
    beqz    s4, .Lstarted
    mv      a0, s4
    call    dma_start
    mv      s5, a0
.Lstarted:
    lw      a2, STEP_HARTS(s2)
    lw      a0, STEP_ARGUMENT(s2)
    mv      a1, s0
    bgeu    s0, a2, .Lcalled
    jalr    s3
.Lcalled:
    bnez    s0, .Lwaited
    beqz    s4, .Lwaited
    mv      a0, s5
    call    dma_wait
.Lwaited:
    barrier
    lw      t0, STEP_MARK(s2)
    addi    s2, s2, STEP_BYTES
    lw      s3, STEP_ROUTINE(s2)
    bnez    s0, .Lmarked
    beqz    t0, .Lmarked
    la      t1, tohost
    sw      t0, 0(t1)
.Lmarked:
    bnez    s3, .Lstep
.Lend:
    li      a0, 0
    leave   0

# For a step that only has the DMA work.
function nothing
    ret

    .data
    .balign 4
    .globl  steps
steps:
    .word   0
    .bss
    .balign 64
    .globl  tohost
tohost:
    .space  4
