# Drivers of the accelerators, for one hart at a time.  A hart that waits sleeps at the event unit.
#
#   ima_run(a0 = list), dw_run(a0 = list)   run a list of jobs; back when all are done
#   ima_plot(a0 = arguments)                program a block of weights (ima.inc, PLOT_*)
#   ima_read(a0 = crossbar, a1 = column, a2 = row)   read eight weights back, packed as they are plotted
#
# A list is pairs of words: a register's offset, what is stored to it.  Offset 0 is TRIGGER: it ends a job.  After the last job
# comes -1.  Registers keep their values: a job names only those that are not as in the job before.  (DW has two sets, which take
# turns: a job's registers are those of the job before the last.)
#
# The registers of a list's first job may be stored ahead, while the jobs of another list run: that one ends with -2 and the address
# of the words accelerator's base, pairs of the job without its TRIGGER, -1; the list itself begins with -3, then the TRIGGER.  (Not
# from one list of DW to another.)
#
# All of them leave the hart's MASK at the event of the barrier, as barrier_init does.

.include "macros.inc"
.include "ima.inc"
.include "dw.inc"

.equ EU_PORT, 0x10204000
.equ EU_PORT_MASK, 0x00
.equ EU_PORT_WAIT_CLEAR, 0x3C
.equ EU_BARRIER_EVENT, 1 << 16

# IMA and DW have TRIGGER, ACQUIRE and STATUS at the same offsets, and a negative ACQUIRE means: not now.  The event is buffered, so
# one that comes between a look at the register and the sleep is not lost; one left from before costs a second look.
# a1 = the accelerator, a2 = the event unit's port, a3 = its events
.macro begin_events
    li      a2, EU_PORT
    sw      a3, EU_PORT_MASK(a2)
.endm

.macro end_events
    li      t0, EU_BARRIER_EVENT
    sw      t0, EU_PORT_MASK(a2)
.endm

.macro acquire
.Lacquire\@:
    lw      t0, IMA_ACQUIRE(a1)
    bgez    t0, .Lacquired\@
    p.elw   t0, EU_PORT_WAIT_CLEAR(a2)
    j       .Lacquire\@
.Lacquired\@:
.endm

function ima_run
    li      a1, IMA_BASE
    li      a3, IMA_EVENTS
    li      a4, IMA_BASE + IMA_QUEUED       # STATUS is 1 also when a job is being written
    j       run_list

function dw_run
    li      a1, DW_ENGINE_BASE
    li      a3, DW_ENGINE_EVENTS
    li      a4, DW_ENGINE_BASE + DW_ENGINE_STATUS

# a4 = what is 0 when the accelerator is idle
run_list:
    begin_events
    lw      t1, 0(a0)
    bgez    t1, .Ljob
    addi    t1, t1, 3
    bnez    t1, .Lall
    addi    a0, a0, 4
    j       .Lregister
.Ljob:
    acquire
.Lregister:
    p.lw    t1, 4(a0!)
    p.lw    t2, 4(a0!)
    add     t3, a1, t1
    sw      t2, 0(t3)
    bnez    t1, .Lregister
    lw      t1, 0(a0)
    bgez    t1, .Ljob
    addi    t1, t1, 1
    beqz    t1, .Lall
    lw      a0, 4(a0)
    p.lw    a1, 4(a0!)
    p.lw    t1, 4(a0!)
    acquire
    bltz    t1, .Lall
.Lahead:
    p.lw    t2, 4(a0!)
    add     t3, a1, t1
    p.lw    t1, 4(a0!)
    sw      t2, 0(t3)
    bgez    t1, .Lahead
.Lall:
    lw      t0, 0(a4)
    beqz    t0, .Ldone
    p.elw   t0, EU_PORT_WAIT_CLEAR(a2)
    j       .Lall
.Ldone:
    end_events
    ret

function ima_plot
    li      a1, IMA_BASE
    li      a3, IMA_EVENTS
    begin_events
    acquire
    lw      t0, PLOT_CROSSBAR(a0)
    lw      t1, PLOT_X(a0)
    lw      t2, PLOT_Y(a0)
    lw      t3, PLOT_WIDTH(a0)
    lw      t4, PLOT_HEIGHT(a0)
    lw      t5, PLOT_WORDS(a0)
    sw      t0, IMA_CROSSBAR(a1)
    sw      t1, IMA_P_START_X(a1)
    sw      t2, IMA_P_START_Y(a1)
    sw      t3, IMA_P_WIDTH(a1)
    sw      t4, IMA_P_HIGHT(a1)
    addi    t3, t3, 7
    srli    t3, t3, 3
    mul     t3, t3, t4
.Lplot:
    p.lw    t0, 4(t5!)
    sw      t0, IMA_SUBMIT_PLOT(a1)
    addi    t3, t3, -1
    bnez    t3, .Lplot
    end_events
    ret

function ima_read
    mv      t4, a1
    mv      t5, a2
    mv      t6, a0
    li      a1, IMA_BASE
    li      a3, IMA_EVENTS
    begin_events
    acquire
    sw      t6, IMA_CROSSBAR(a1)
    sw      t4, IMA_PR_ADDR_X(a1)
    sw      t5, IMA_PR_ADDR_Y(a1)
    lw      a0, IMA_PR_VAL(a1)
    end_events
    ret
