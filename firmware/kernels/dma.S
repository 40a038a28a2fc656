# The DMA through a hart's own port.
#
#   dma_start(a0 = list)   queue commands; a0 = the transfer id they belong to
#   dma_wait(a0 = id)      sleep until they are done, and free the id
#
# A list is the number of its words, then the words of commands as they are stored to CMD (periph/dma.py).  Each command raises
# event 8 for the hart that stored it.  dma_wait leaves the hart's MASK at the event of the barrier, as barrier_init does.

.include "macros.inc"

.equ DMA_PORT, 0x10204400
.equ DMA_CMD, 0
.equ DMA_STATUS, 4
.equ DMA_EVENT, 1 << 8
.equ EU_PORT, 0x10204000
.equ EU_PORT_MASK, 0x00
.equ EU_PORT_WAIT_CLEAR, 0x3C
.equ EU_BARRIER_EVENT, 1 << 16

function dma_start
    li      a1, DMA_PORT
    lw      t0, 0(a0)
    mv      t1, a0
    lw      a0, DMA_CMD(a1)
.Lword:
    lw      t2, 4(t1)
    addi    t1, t1, 4
    addi    t0, t0, -1
    sw      t2, DMA_CMD(a1)
    bnez    t0, .Lword
    ret

function dma_wait
    li      a1, DMA_PORT
    li      a2, EU_PORT
    li      t0, DMA_EVENT
    li      t1, 1
    sll     t1, t1, a0
    sw      t0, EU_PORT_MASK(a2)
.Lactive:
    lw      t0, DMA_STATUS(a1)
    and     t0, t0, t1
    beqz    t0, .Ldone
    p.elw   t0, EU_PORT_WAIT_CLEAR(a2)
    j       .Lactive
.Ldone:
    sw      t1, DMA_STATUS(a1)
    li      t0, EU_BARRIER_EVENT
    sw      t0, EU_PORT_MASK(a2)
    ret
