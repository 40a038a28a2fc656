/* The drivers of IMA and DW.  hwpe.h says what each function does; docs/registers.md has the registers. */

#include "hwpe.h"

#include "imciss.h"

#define EVER (1 << 20) /* a count that no job reaches */
#define DEPTHWISE 1    /* DW_CONF0_MODE */

static void sleep_for(int event) {
    REGISTER(EU_MASK) = 1u << event;
    (void)p_elw((void *)EU_EVENT_WAIT_CLEAR, 0);
}

/* The event stays in the unit's buffer, so one that comes between a look at a register and the sleep is not lost. */
static void acquire(unsigned register_address, int event) {
    while ((int)REGISTER(register_address) < 0)
        sleep_for(event);
}

static void wait_idle(unsigned register_address, int event) {
    while (REGISTER(register_address))
        sleep_for(event);
    __asm__ volatile("" ::: "memory");
}

/* -- IMA ------------------------------------------------------------------------------------------------------------------ */

void ima_plot(int crossbar, int x, int y, int width, int height, const signed char *weights) {
    acquire(IMA_ACQUIRE, EVENT_ACCELERATOR_2);
    REGISTER(IMA_CROSSBAR) = (unsigned)crossbar;
    REGISTER(IMA_P_START_X) = (unsigned)x;
    REGISTER(IMA_P_START_Y) = (unsigned)y;
    REGISTER(IMA_P_WIDTH) = (unsigned)width;
    REGISTER(IMA_P_HIGHT) = (unsigned)height;
    for (int row = 0; row < height; row++, weights += width)
        for (int first = 0; first < width; first += 8) {
            unsigned word = 0;
            for (int i = 0; i < 8 && first + i < width; i++)
                word |= ((unsigned)weights[first + i] & 15) << 4 * i;
            REGISTER(IMA_SUBMIT_PLOT) = word;
        }
}

int ima_weight(int crossbar, int x, int y) {
    acquire(IMA_ACQUIRE, EVENT_ACCELERATOR_2);
    REGISTER(IMA_CROSSBAR) = (unsigned)crossbar;
    REGISTER(IMA_PR_ADDR_X) = (unsigned)x;
    REGISTER(IMA_PR_ADDR_Y) = (unsigned)y;
    return p_extract((int)REGISTER(IMA_PR_VAL), 3, 0);
}

/* After `row` - 1 steps of a stride comes one to the next row. */
static int to_next_row(int row, int stride, int row_stride) {
    return row_stride - (row - 1) * stride;
}

void ima_start(const ima_job *job) {
    int line = job->line ? job->line : job->inputs, row = job->row ? job->row : job->vectors;
    acquire(IMA_ACQUIRE, EVENT_ACCELERATOR_2);
    REGISTER(IMA_CROSSBAR) = (unsigned)job->crossbar;
    REGISTER(IMA_J_START_X) = (unsigned)job->x;
    REGISTER(IMA_J_START_Y) = (unsigned)job->y;
    REGISTER(IMA_J_WIDTH) = (unsigned)job->outputs;
    REGISTER(IMA_J_HIGHT) = (unsigned)job->inputs;
    REGISTER(IMA_J_SRC_ADDR) = (unsigned)job->source;
    REGISTER(IMA_J_DST_ADDR) = (unsigned)job->target;
    REGISTER(IMA_J_SRC_STRID) = (unsigned)job->line_stride;
    REGISTER(IMA_ADC_LOW) = (unsigned)job->adc_low;
    REGISTER(IMA_ADC_HIGH) = (unsigned)job->adc_high;
    REGISTER(IMA_JOB_LINE_LENGTH) = (unsigned)line;
    REGISTER(IMA_JOB_FEAT_LENGTH) = (unsigned)((job->inputs + line - 1) / line);
    REGISTER(IMA_JOB_FEAT_STRIDE) = 0;
    REGISTER(IMA_JOB_FEAT_ROLL) = 1;
    REGISTER(IMA_NUM_JOBS) = (unsigned)job->vectors;
    REGISTER(IMA_ALPHA_IN_LENGTH) = (unsigned)row - 1;
    REGISTER(IMA_ALPHA_OUT_LENGTH) = (unsigned)row - 1;
    REGISTER(IMA_ALPHA_IN_STRIDE) = (unsigned)job->source_stride;
    REGISTER(IMA_ALPHA_OUT_STRIDE) = (unsigned)job->target_stride;
    REGISTER(IMA_BETA_IN_LENGTH) = EVER;
    REGISTER(IMA_BETA_OUT_LENGTH) = EVER;
    REGISTER(IMA_BETA_IN_STRIDE) = (unsigned)to_next_row(row, job->source_stride, job->source_row);
    REGISTER(IMA_BETA_OUT_STRIDE) = (unsigned)to_next_row(row, job->target_stride, job->target_row);
    REGISTER(IMA_TILES) = (unsigned)job->tiles;
    REGISTER(IMA_AGGREGATE) =
        (unsigned)job->shift << IMA_AGGREGATE_SHIFT_SHIFT | (job->relu ? IMA_AGGREGATE_RELU_MASK : 0);
    for (int i = 0; i < job->tiles; i++) {
        REGISTER(IMA_TILE_CROSSBAR(i)) = (unsigned)job->tile[i].crossbar;
        REGISTER(IMA_TILE_X(i)) = (unsigned)job->tile[i].x;
        REGISTER(IMA_TILE_Y(i)) = (unsigned)job->tile[i].y;
        REGISTER(IMA_TILE_ROWS(i)) = (unsigned)job->tile[i].rows;
    }
    __asm__ volatile("" ::: "memory");
    REGISTER(IMA_TRIGGER) = 0;
}

void ima_wait(void) {
    wait_idle(IMA_STATUS, EVENT_ACCELERATOR_2);
}

/* -- DW ------------------------------------------------------------------------------------------------------------------- */

void dw_start(const dw_job *job) {
    int stride = job->stride ? job->stride : 1;
    int columns = (job->width + job->left + job->right - 3) / stride + 1;
    int source_pixel = job->source_pixel ? job->source_pixel : job->channels;
    int target_pixel = job->target_pixel ? job->target_pixel : job->channels;
    unsigned conf = DEPTHWISE << DW_CONF0_MODE_SHIFT | (unsigned)job->shift << DW_CONF0_SHIFT_SHIFT;
    conf |= stride == 2 ? DW_CONF0_STRIDE2_MASK : 0;
    conf |= job->relu ? 0 : DW_CONF0_NO_RELU_MASK;
    conf |= job->scale || job->scales ? DW_CONF0_NORM_MASK : 0;
    conf |= job->biases ? DW_CONF0_CHANNEL_BIAS_MASK : 0;
    conf |= job->scales ? DW_CONF0_CHANNEL_SCALE_MASK : 0;
    conf |= job->shifts ? DW_CONF0_CHANNEL_SHIFT_MASK : 0;
    acquire(DW_ACQUIRE, EVENT_ACCELERATOR_0);
    REGISTER(DW_SRC_ADDR) = (unsigned)job->source;
    REGISTER(DW_DST_ADDR) = (unsigned)job->target;
    REGISTER(DW_WEIGHT_ADDR) = (unsigned)job->weights;
    REGISTER(DW_SCALE_ADDR) = (unsigned)job->scales;
    REGISTER(DW_SHIFT_ADDR) = (unsigned)job->shifts;
    REGISTER(DW_BIAS_ADDR) = (unsigned)job->biases;
    REGISTER(DW_HEIGHT) = (unsigned)job->height;
    REGISTER(DW_WIDTH) = (unsigned)job->width;
    REGISTER(DW_CHANNELS) = (unsigned)job->channels;
    REGISTER(DW_SRC_PIXEL_STRIDE) = (unsigned)source_pixel;
    REGISTER(DW_SRC_LINE_STRIDE) = (unsigned)(job->source_line ? job->source_line : job->width * source_pixel);
    REGISTER(DW_DST_PIXEL_STRIDE) = (unsigned)target_pixel;
    REGISTER(DW_DST_LINE_STRIDE) = (unsigned)(job->target_line ? job->target_line : columns * target_pixel);
    REGISTER(DW_WEIGHT_STRIDE) = (unsigned)job->channels;
    REGISTER(DW_PADDING) = (unsigned)job->top << DW_PADDING_TOP_SHIFT | (unsigned)job->right << DW_PADDING_RIGHT_SHIFT |
                           (unsigned)job->bottom << DW_PADDING_BOTTOM_SHIFT | (unsigned)job->left << DW_PADDING_LEFT_SHIFT;
    REGISTER(DW_SCALE) = (unsigned)job->scale;
    REGISTER(DW_BIAS) = (unsigned)job->bias;
    REGISTER(DW_CLIP) = 0x7Fu << DW_CLIP_HIGH_SHIFT | 0x80u << DW_CLIP_LOW_SHIFT;
    REGISTER(DW_CONF0) = conf;
    __asm__ volatile("" ::: "memory");
    REGISTER(DW_TRIGGER) = 0;
}

void dw_wait(void) {
    wait_idle(DW_STATUS, EVENT_ACCELERATOR_0);
}
