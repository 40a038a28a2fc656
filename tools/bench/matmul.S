# The benchmark's program, RV32IM only, so that other simulators run it too: every hart multiplies the same two 32 x 32
# matrices of words into its own result, `reps` times; hart 0 ends the run when `harts` harts are done.

        .equ    N, 32
        .equ    CORE_STATUS, 0x1A1040A0

        .globl  _start
_start:
        csrr    s0, mhartid
        la      t0, c
        slli    t1, s0, 12
        add     s1, t0, t1              # this hart's result
        la      s2, a
        la      s3, b
        la      t0, reps
        lw      s4, 0(t0)
repeat:
        mv      a0, s2                  # row of a
        mv      a5, s1
        li      a1, N
row:
        mv      a2, s3                  # column of b
        li      a3, N
column:
        mv      t0, a0
        mv      t1, a2
        addi    t2, a0, 4 * N
        li      a4, 0
dot:
        lw      t3, 0(t0)
        lw      t4, 0(t1)
        addi    t0, t0, 4
        addi    t1, t1, 4 * N
        mul     t3, t3, t4
        add     a4, a4, t3
        bne     t0, t2, dot
        sw      a4, 0(a5)
        addi    a5, a5, 4
        addi    a2, a2, 4
        addi    a3, a3, -1
        bnez    a3, column
        addi    a0, a0, 4 * N
        addi    a1, a1, -1
        bnez    a1, row
        addi    s4, s4, -1
        bnez    s4, repeat

        la      t0, done
        slli    t1, s0, 2
        add     t1, t1, t0
        li      t2, 1
        sw      t2, 0(t1)
        bnez    s0, wait
        la      t1, harts
        lw      t1, 0(t1)
        slli    t1, t1, 2
        add     t1, t1, t0
1:      lw      t2, 0(t0)
        beqz    t2, 1b
        addi    t0, t0, 4
        bne     t0, t1, 1b
        li      t0, CORE_STATUS
        lui     t1, 0x80000
        sw      t1, 0(t0)
wait:
        j       wait

        .data
        .globl  reps, harts
reps:   .word   1
harts:  .word   1
done:   .space  4 * 16
a:
        .set    value, 1
        .rept   N * N
        .set    value, (value * 1103515245 + 12345) & 0x7fffffff
        .word   (value >> 8) & 0xffff
        .endr
b:
        .rept   N * N
        .set    value, (value * 1103515245 + 12345) & 0x7fffffff
        .word   (value >> 8) & 0xffff
        .endr

        .bss
        .align  4
c:      .space  16 * 4 * N * N
