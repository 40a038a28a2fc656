/* Start of C programs (GNU syntax): every hart gets its stack and calls imciss_start(hart), which does not return. */

#ifndef IMCISS_STACK_BYTES
#define IMCISS_STACK_BYTES 2064             /* 16 bytes more than 2 KiB: the harts' frames lie in different banks */
#endif
#define HARTS 16

    .section .text.init, "ax", @progbits
    .globl  _start
    .type   _start, @function
_start:
    .option push
    .option norelax
    la      gp, __global_pointer$
    .option pop
    csrr    a0, 0xF14                       /* mhartid */
    andi    a0, a0, 31
    li      t0, IMCISS_STACK_BYTES
    addi    t1, a0, 1
    mul     t0, t0, t1
    la      sp, stacks
    add     sp, sp, t0
    mv      s0, zero
    call    imciss_start
1:  wfi
    j       1b

    .section .stacks, "aw", @nobits
    .balign 16
stacks:
    .space  IMCISS_STACK_BYTES * HARTS
