# The application `add`: residual addition with requantisation, APP_REPEAT times.

.include "macros.inc"
.include "kernels.inc"

    timed_kernel add_i8, 0

    .data
    .balign 4
arguments:
    .word   input_a, input_b, result
    .word   APP_N, APP_MULT_A, APP_MULT_B, APP_BIAS, APP_SHIFT, APP_FLAGS

    .bss
    .balign 4
    .globl  input_a, input_b, result
input_a:
    .space  APP_N
    .balign 4
input_b:
    .space  APP_N
    .balign 4
result:
    .space  APP_N
