/* Drivers of the accelerators in C (firmware/runtime/hwpe.c): IMA, the analog in-memory accelerator, and DW, the engine for 3x3
   depth-wise convolution.

   A start queues a job and returns; the accelerator reads and writes L1 while the hart goes on.  A start waits while the queue is
   full, a wait until the accelerator is idle; whoever waits sleeps.  All are for one hart at a time: the one that starts DW's jobs
   waits for them.  A member that is 0 means what its comment says, so a job names only what it needs. */

#ifndef IMCISS_HWPE_H
#define IMCISS_HWPE_H

/* -- IMA ------------------------------------------------------------------------------------------------------------------ */

/* A part of a layer's rows that lies elsewhere on the crossbars: its first column and row there. */
typedef struct {
    int crossbar, x, y, rows;
} ima_tile;

/* Products of int8 vectors with a block of weights, `outputs` columns of `inputs` rows from column x and row y of a crossbar on.
   A sum is clipped to -adc_low..adc_high, where 1 is an input of 127 times a weight of 7, times 127 / (adc_low + adc_high), and
   rounded to an int8. */
typedef struct {
    int crossbar, x, y, inputs, outputs;
    int adc_low, adc_high;
    int vectors;                      /* how many products */
    const void *source;               /* the first vector */
    int source_stride;                /* bytes from a vector to the next */
    void *target;                     /* the first result, `outputs` bytes */
    int target_stride;                /* bytes from a result to the next */
    int row, source_row, target_row;  /* an image: vectors in a row (0: all), bytes from a row's first vector, or result, to the next's */
    int line, line_stride;            /* inputs in lines: bytes of one (0: all inputs), bytes from one to the next */
    const ima_tile *tile;             /* row tiles, instead of crossbar, x and y; their results are added */
    int tiles, shift, relu;           /* how many; the sum is divided by 2**shift, with relu clipped to 0..127 */
} ima_job;

/* Program weights, -7..7, [height][width], from column x and row y of a crossbar on.  It takes 1 us for eight of a row. */
void ima_plot(int crossbar, int x, int y, int width, int height, const signed char *weights);

/* Read a weight back. */
int ima_weight(int crossbar, int x, int y);

void ima_start(const ima_job *job);
void ima_wait(void);

/* -- DW ------------------------------------------------------------------------------------------------------------------- */

/* A 3x3 depth-wise convolution of int8, HWC in and out, weights [3][3][channels]:
   out = clip(((sum + bias) * scale) >> shift), all in 32 bits. */
typedef struct {
    const void *source;
    void *target;
    const void *weights;
    int height, width, channels;      /* of the input */
    int source_pixel, source_line;    /* bytes from a pixel to the next (0: channels), from a row to the next (0: width pixels) */
    int target_pixel, target_line;    /* the same of the output */
    int top, bottom, left, right;     /* rows and columns of zeros around the input, up to 2 each */
    int stride;                       /* 1 or 2; 0: 1 */
    int relu;                         /* clip to 0..127 instead of -128..127 */
    int bias, scale, shift;           /* of the layer; scale 0: no multiplication */
    const int *biases, *scales;       /* of the channels, instead */
    const unsigned char *shifts;
} dw_job;

void dw_start(const dw_job *job);
void dw_wait(void);

#endif
