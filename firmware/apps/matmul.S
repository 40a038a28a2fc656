# The application `matmul`: matmul_i8 on all harts, APP_REPEAT times, timed with the barrier behind each.

.include "macros.inc"
.include "kernels.inc"

    timed_kernel matmul_i8, 0

    .data
    .balign 4
arguments:
    .word   matrix_a, matrix_b, matrix_c
    .word   APP_M, APP_N, APP_K
    .word   APP_K, APP_K, APP_N * APP_ELEMENT
    optional_address bias, APP_BIAS
    .word   APP_MULT, APP_SHIFT, APP_FLAGS

    .bss
    .balign 4
    .globl  matrix_a, matrix_b, matrix_c, bias
matrix_a:
    .space  APP_M * APP_K
    .balign 4
matrix_b:
    .space  APP_N * APP_K
    .balign 4
bias:
    .space  4 * APP_N * APP_BIAS
    .balign 4
matrix_c:
    .space  APP_M * APP_N * APP_ELEMENT
