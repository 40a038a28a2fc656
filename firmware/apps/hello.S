# The application `hello`: every hart prints a line, in the order of their numbers.

.include "macros.inc"

function main
    enter   0
    mv      s0, a0
    mv      s1, a1
    li      s2, 0
.Lturn:
    bne     s2, s0, .Lnot_mine
    la      a0, hello
    call    print_string
    mv      a0, s0
    call    print_number
    la      a0, of
    call    print_string
    mv      a0, s1
    call    print_number
    la      a0, end_of_line
    call    print_string
    la      t0, greeted
    slli    t1, s0, 2
    add     t0, t0, t1
    addi    t1, s0, 1
    sw      t1, 0(t0)
.Lnot_mine:
    barrier
    addi    s2, s2, 1
    bne     s2, s1, .Lturn
    li      a0, 0
    leave   0

    .section .rodata
hello:
    .asciz  "hello from hart "
of:
    .asciz  " of "
end_of_line:
    .asciz  "\n"

    .bss
    .balign 4
    .globl  greeted
greeted:
    .space  4 * HARTS
