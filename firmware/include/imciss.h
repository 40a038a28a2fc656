/* The C runtime of the cluster (firmware/runtime/runtime.c).

   Define `int spmd_main(int hart, int harts)`, which every hart runs; or `int main(void)`, which hart 0 runs, and let it share work
   with fork().  Hart 0's result is the program's exit code. */

#ifndef IMCISS_H
#define IMCISS_H

#include "registers.h"
#include "xpulp.h"

#define L1 __attribute__((section(".l1.data")))
#define L2 __attribute__((section(".l2.data")))

int main(void);
int spmd_main(int hart, int harts);

/* This hart's number. */
XPULP_INLINE int hart_id(void) {
    int id;
    __asm__("csrr %0, 0xF14" : "=r"(id));
    return id & 31;
}

/* How many harts the cluster has. */
extern int imciss_harts;
XPULP_INLINE int hart_count(void) { return imciss_harts; }

/* Wait until every hart is here; a waiting hart's clock is stopped (event unit, barrier 0). */
XPULP_INLINE void barrier(void) {
    REGISTER(EU_MASK) = 1u << EVENT_BARRIER;
    (void)p_elw((void *)EU_BARRIER_TRIGGER_WAIT_CLEAR(0), 0);
}

/* From hart 0: every hart calls function(argument); returns when all have. */
void fork(void (*function)(void *), void *argument);

/* End the run. */
__attribute__((noreturn)) void exit(int code);

/* The hardware mutex: one hart at a time. */
XPULP_INLINE void lock(void) {
    REGISTER(EU_MASK) = 1u << EVENT_MUTEX;
    (void)p_elw((void *)EU_MUTEX, 0);
}
XPULP_INLINE void unlock(void) {
    __asm__ volatile("" ::: "memory");
    REGISTER(EU_MUTEX) = 0;
}

/* %d %i %u %x %X %p %c %s %%, with - 0 and a width. */
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int puts(const char *text);
int putchar(int character);

void *memcpy(void *target, const void *source, __SIZE_TYPE__ bytes);
void *memmove(void *target, const void *source, __SIZE_TYPE__ bytes);
void *memset(void *target, int value, __SIZE_TYPE__ bytes);
int memcmp(const void *a, const void *b, __SIZE_TYPE__ bytes);

/* Performance counters of this hart: perf_start(), ..., perf_stop(), perf_read(PERF_CYCLES). */
enum {
    PERF_CYCLES, PERF_INSTRUCTIONS, PERF_LOAD_STALLS, PERF_JUMP_STALLS, PERF_FETCH_STALLS, PERF_LOADS, PERF_STORES, PERF_JUMPS,
    PERF_BRANCHES, PERF_TAKEN, PERF_COMPRESSED, PERF_EVENT_LOADS, PERF_EXTERNAL_LOADS, PERF_EXTERNAL_STORES,
    PERF_EXTERNAL_LOAD_CYCLES, PERF_EXTERNAL_STORE_CYCLES, PERF_CONFLICTS
};
XPULP_INLINE void perf_start(void) {
    __asm__ volatile("csrw 0x79F, zero\n csrw 0x7E0, %0" : : "r"(0x1FFFF) : "memory");
}
XPULP_INLINE void perf_stop(void) { __asm__ volatile("csrw 0x7E0, zero" : : : "memory"); }
#define perf_read(counter) \
    __extension__({ unsigned xp_; __asm__ volatile("csrr %0, %1" : "=r"(xp_) : "i"(0x780 + (counter))); xp_; })

/* The DMA.  One side is in L1; transfers of any size up to 128 KiB - 1, any alignment.  A start returns an id at once;
   dma_wait(id) sleeps until it is done, and frees it.  In 2-D, a side has lines of `line` bytes, `stride` bytes from start to start,
   on the L2 side. */
int dma_to_l1(void *l1, const void *l2, unsigned bytes);
int dma_to_l2(void *l2, const void *l1, unsigned bytes);
int dma_to_l1_2d(void *l1, const void *l2, unsigned bytes, unsigned line, unsigned stride);
int dma_to_l2_2d(void *l2, const void *l1, unsigned bytes, unsigned line, unsigned stride);
void dma_wait(int id);

#endif
