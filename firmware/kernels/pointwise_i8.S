# pointwise_i8: 1x1 convolution, stride 1, HWC int8 in and out.  Arguments: kernels.inc, PW_*.
#
# It is the matrix multiplication of pixels x input channels with the weights [COUT][CIN]: no im2col, rows follow each other
# without gaps.

.include "macros.inc"
.include "kernels.inc"

function pointwise_i8
    addi    sp, sp, -64
    sw      ra, 60(sp)
    lw      t0, PW_IN(a0)
    lw      t1, PW_WEIGHTS(a0)
    lw      t2, PW_OUT(a0)
    sw      t0, MM_A(sp)
    sw      t1, MM_B(sp)
    sw      t2, MM_C(sp)
    lw      t0, PW_PIXELS(a0)
    lw      t1, PW_COUT(a0)
    lw      t2, PW_CIN(a0)
    sw      t0, MM_M(sp)
    sw      t1, MM_N(sp)
    sw      t2, MM_K(sp)
    sw      t2, MM_LDA(sp)
    sw      t2, MM_LDB(sp)
    sw      t1, MM_LDC(sp)
    lw      t0, PW_BIAS(a0)
    lw      t1, PW_MULT(a0)
    lw      t2, PW_SHIFT(a0)
    sw      t0, MM_BIAS(sp)
    sw      t1, MM_MULT(sp)
    sw      t2, MM_SHIFT(sp)
    lw      t0, PW_FLAGS(a0)
    ori     t0, t0, FLAG_INT8
    sw      t0, MM_FLAGS(sp)
    mv      a0, sp
    call    matmul_i8
    lw      ra, 60(sp)
    addi    sp, sp, 64
    ret
