# The application `pointwise`: a 1x1 convolution, APP_REPEAT times.

.include "macros.inc"
.include "kernels.inc"

    timed_kernel pointwise_i8, 0

    .data
    .balign 4
arguments:
    .word   image, weights, result
    .word   APP_HEIGHT * APP_WIDTH, APP_CIN, APP_COUT
    optional_address bias, APP_BIAS
    .word   APP_MULT, APP_SHIFT, APP_FLAGS

    .bss
    .balign 4
    .globl  image, weights, result, bias
image:
    .space  APP_HEIGHT * APP_WIDTH * APP_CIN
    .balign 4
weights:
    .space  APP_COUT * APP_CIN
    .balign 4
bias:
    .space  4 * APP_COUT * APP_BIAS
    .balign 4
result:
    .space  APP_HEIGHT * APP_WIDTH * APP_COUT
