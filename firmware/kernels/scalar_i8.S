# depthwise3x3_scalar_i8, add_scalar_i8: for a core that has RV32IMC and nothing more.  One hart does all the work.
# Arguments: kernels.inc, DWS_* and ADD_*.
#
# Depth-wise: nine pointers, one for each pixel of the window, walk through the channels; where the window hangs over the image, they
# walk through zeros.  A channel is 18 loads, 9 multiplications, 9 additions, and moves 10 pointers.

.include "macros.inc"
.include "kernels.inc"

# reg = clip(reg) to \low (a register) .. 127 (\high, a register)
.macro clip_scalar reg, low, high
    bge     \reg, \low, .Llow\@
    mv      \reg, \low
.Llow\@:
    ble     \reg, \high, .Lhigh\@
    mv      \reg, \high
.Lhigh\@:
.endm

# t0 = -128, or 0 with FLAG_RELU; t1 = 127.  \flags is overwritten.
.macro bounds flags, low, high
    andi    \flags, \flags, FLAG_RELU
    li      \low, -128
    beqz    \flags, .Lsigned\@
    li      \low, 0
.Lsigned\@:
    li      \high, 127
.endm

# Frame: what does not fit in registers.
.equ ARGS, FRAME_OWN
.equ X, FRAME_OWN + 4
.equ Y, FRAME_OWN + 8
.equ CHANNELS_END, FRAME_OWN + 12
.equ TAPS, FRAME_OWN + 16        # nine pointers
.equ FRAME, 56

.macro tap pointer, offset
    lb      t4, 0(\pointer)
    lb      t5, \offset(a1)
    addi    \pointer, \pointer, 1
    mul     t4, t4, t5
    add     t3, t3, t4
.endm

function depthwise3x3_scalar_i8
    enter   FRAME
    sw      a0, ARGS(sp)
    sw      x0, Y(sp)
.Ldw_row:
    sw      x0, X(sp)
.Ldw_pixel:
    # The window's nine pointers.
    lw      a0, ARGS(sp)
    lw      t0, Y(sp)
    lw      t1, X(sp)
    lw      t2, DWS_STRIDE(a0)
    mul     t0, t0, t2
    mul     t1, t1, t2
    addi    t0, t0, -1                      # first row and column of the window
    addi    t1, t1, -1
    lw      a1, DWS_CHANNELS(a0)
    lw      a2, DWS_IN_HEIGHT(a0)
    lw      a3, DWS_IN_WIDTH(a0)
    lw      a4, DWS_IN(a0)
    lw      a5, DWS_ZEROS(a0)
    addi    a6, sp, TAPS
    addi    t3, t0, 3
.Ltap_row:
    mul     a7, t0, a3
    addi    t4, t1, 3
.Ltap:
    mv      t6, a5
    bgeu    t0, a2, .Loutside
    bgeu    t1, a3, .Loutside
    add     t6, a7, t1
    mul     t6, t6, a1
    add     t6, t6, a4
.Loutside:
    sw      t6, 0(a6)
    addi    a6, a6, 4
    addi    t1, t1, 1
    bne     t1, t4, .Ltap
    addi    t1, t1, -3
    addi    t0, t0, 1
    bne     t0, t3, .Ltap_row
    lw      s0, TAPS(sp)
    lw      s1, TAPS + 4(sp)
    lw      s2, TAPS + 8(sp)
    lw      s3, TAPS + 12(sp)
    lw      s4, TAPS + 16(sp)
    lw      s5, TAPS + 20(sp)
    lw      s6, TAPS + 24(sp)
    lw      s7, TAPS + 28(sp)
    lw      s8, TAPS + 32(sp)
    lw      t0, Y(sp)
    lw      t1, X(sp)
    lw      t2, DWS_WIDTH(a0)
    mul     t0, t0, t2
    add     t0, t0, t1
    mul     t0, t0, a1
    lw      a2, DWS_OUT(a0)
    add     a2, a2, t0                      # output
    add     t0, a2, a1
    mv      s11, t0                         # and where it ends
    lw      a1, DWS_WEIGHTS(a0)
    lw      a3, DWS_BIAS(a0)
    lw      a4, DWS_MULT(a0)
    lw      a5, DWS_SHIFT(a0)
    lw      t2, DWS_FLAGS(a0)
    bounds  t2, s9, s10
.Lchannel:
    li      t3, 0
    beqz    a3, .Lno_bias
    lw      t3, 0(a3)
    addi    a3, a3, 4
.Lno_bias:
    tap     s0, 0
    tap     s1, 1
    tap     s2, 2
    tap     s3, 3
    tap     s4, 4
    tap     s5, 5
    tap     s6, 6
    tap     s7, 7
    tap     s8, 8
    addi    a1, a1, 9
    beqz    a4, .Lno_mult
    mul     t3, t3, a4
.Lno_mult:
    sra     t3, t3, a5
    clip_scalar t3, s9, s10
    sb      t3, 0(a2)
    addi    a2, a2, 1
    bne     a2, s11, .Lchannel
    lw      t1, X(sp)
    lw      t2, DWS_WIDTH(a0)
    addi    t1, t1, 1
    sw      t1, X(sp)
    bne     t1, t2, .Ldw_pixel
    lw      t1, Y(sp)
    lw      t2, DWS_HEIGHT(a0)
    addi    t1, t1, 1
    sw      t1, Y(sp)
    bne     t1, t2, .Ldw_row
    leave   FRAME

function add_scalar_i8
    lw      a1, ADD_A(a0)
    lw      a2, ADD_B(a0)
    lw      a3, ADD_OUT(a0)
    lw      a4, ADD_N(a0)
    lw      a5, ADD_MULT_A(a0)
    lw      a6, ADD_MULT_B(a0)
    lw      a7, ADD_BIAS(a0)
    lw      t6, ADD_SHIFT(a0)
    lw      t2, ADD_FLAGS(a0)
    bounds  t2, t0, t1
    add     a4, a4, a3
.Lelement:
    lb      t3, 0(a1)
    lb      t4, 0(a2)
    mul     t3, t3, a5
    mul     t4, t4, a6
    addi    a1, a1, 1
    addi    a2, a2, 1
    add     t3, t3, a7
    add     t3, t3, t4
    sra     t3, t3, t6
    clip_scalar t3, t0, t1
    sb      t3, 0(a3)
    addi    a3, a3, 1
    bne     a3, a4, .Lelement
    ret
