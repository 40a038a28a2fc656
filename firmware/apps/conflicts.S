# The application `conflicts`: what it costs when harts meet in a bank.  Each hart loads APP_LOADS words, a load every cycle
# where nothing is in its way, in four ways:
#   region 0, one     all from the same word: a bank serves one of them a cycle
#   region 1, own     each from a bank of its own
#   region 2, walk    through neighbouring words, all harts from the same start: they meet once, and then follow one another
#   region 3, stride  as `walk`, but APP_STRIDE words on each time: strides with a common factor with the number of banks use few

.include "macros.inc"

# APP_LOADS loads from s1 on, s2 bytes further each time, as region \index.
.macro timed_loads index
    li      t4, APP_LOADS / 2
    barrier
    region_begin
    lp.setup x0, t4, .Lloaded\@ - 4
    p.lw    t5, s2(s1!)
    p.lw    t6, s2(s1!)
.Lloaded\@:
    region_end \index, s0
.endm

function main
    enter   0
    mv      s0, a0

    la      s1, table
    li      s2, 0
    timed_loads 0

    la      s1, table
    slli    t0, s0, 2
    add     s1, s1, t0
    li      s2, 0
    timed_loads 1

    la      s1, table
    li      s2, 4
    timed_loads 2

    la      s1, table
    li      s2, 4 * APP_STRIDE
    timed_loads 3

    li      a0, 0
    leave   0

    .bss
    .balign 128
    .globl  table
table:
    .space  4 * APP_LOADS * APP_STRIDE
