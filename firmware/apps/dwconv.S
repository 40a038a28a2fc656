# The application `dwconv`: HWC to padded CHW planes (region 0), then the 3x3 depth-wise convolution, back to HWC (region 1).

.include "macros.inc"
.include "kernels.inc"

function main
    enter   0
    mv      s0, a0
    mv      s1, a1
    barrier
    region_begin
    la      a0, marshal_arguments
    mv      a1, s0
    mv      a2, s1
    call    hwc_to_chw_i8
    barrier
    region_end 0, s0
    barrier
    region_begin
    la      a0, depthwise_arguments
    mv      a1, s0
    mv      a2, s1
    call    depthwise3x3_i8
    barrier
    region_end 1, s0
    li      a0, 0
    leave   0

    .data
    .balign 4
marshal_arguments:
    .word   image, planes
    .word   APP_CHANNELS, APP_HEIGHT, APP_WIDTH
    .word   APP_LINE, APP_LINES, APP_PLANE
    .word   1, 1
depthwise_arguments:
    .word   planes, weights, result
    .word   APP_CHANNELS, APP_OUT_HEIGHT, APP_OUT_WIDTH, APP_STRIDE
    .word   APP_LINE, APP_PLANE
    optional_address bias, APP_BIAS
    .word   APP_MULT, APP_SHIFT, APP_FLAGS

    .bss
    .balign 4
    .globl  image, weights, bias, planes, result
image:
    .space  APP_HEIGHT * APP_WIDTH * APP_CHANNELS
    .balign 4
weights:
    .space  9 * APP_CHANNELS
    .balign 4
bias:
    .space  4 * APP_CHANNELS * APP_BIAS
    .balign 4
planes:
    .space  APP_PLANE * APP_CHANNELS
    .balign 4
result:
    .space  APP_OUT_HEIGHT * APP_OUT_WIDTH * APP_CHANNELS
