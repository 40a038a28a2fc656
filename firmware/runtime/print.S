# Output to stdout, one character a store, to this hart's own window: the lines of different harts do not mix.

.include "macros.inc"

# a1 = this hart's window; t0 is overwritten.
.macro stdout_window
    csrr    t0, CSR_MHARTID
    andi    t0, t0, 31
    slli    t0, t0, 3
    li      a1, STDOUT
    add     a1, a1, t0
.endm

# print_string(a0 = address of characters that end with 0)
function print_string
    stdout_window
    j       .Lcharacter
.Lprint:
    sw      t0, 0(a1)
.Lcharacter:
    p.lbu   t0, 1(a0!)
    bnez    t0, .Lprint
    ret

# print_number(a0 = unsigned number), in decimal
function print_number
    addi    sp, sp, -16
    stdout_window
    addi    t1, sp, 12                      # digits, the last one first
    li      t2, 10
.Ldigit:
    remu    t0, a0, t2
    divu    a0, a0, t2
    addi    t0, t0, '0'
    addi    t1, t1, -1
    sb      t0, 0(t1)
    bnez    a0, .Ldigit
    addi    t2, sp, 12
.Lput:
    p.lbu   t0, 1(t1!)
    nop
    sw      t0, 0(a1)
    bne     t1, t2, .Lput
    addi    sp, sp, 16
    ret
