/* The C runtime: start, fork and join, output, DMA.  imciss.h says what each function does. */

#include <stdarg.h>

#include "imciss.h"

int imciss_harts;

static struct {
    void (*function)(void *);
    void *argument;
} volatile job;

static volatile int spmd_result;

static void spmd(void *unused) {
    (void)unused;
    int hart = hart_id(), result = spmd_main(hart, imciss_harts);
    if (hart == 0)
        spmd_result = result;
}

__attribute__((weak)) int main(void) {
    fork(spmd, 0);
    return spmd_result;
}

__attribute__((weak)) int spmd_main(int hart, int harts) {
    (void)hart;
    (void)harts;
    return 0;
}

void fork(void (*function)(void *), void *argument) {
    job.function = function;
    job.argument = argument;
    barrier();
    function(argument);
    barrier();
}

__attribute__((noreturn)) void exit(int code) {
    REGISTER(SOC_CTRL_CORE_STATUS) = SOC_CTRL_CORE_STATUS_END_MASK | (unsigned)code;
    for (;;)
        __asm__ volatile("wfi");
}

__attribute__((noreturn, used)) void imciss_start(int hart) {
    int harts = (int)(REGISTER(SOC_CTRL_INFO) >> SOC_CTRL_INFO_CORES_SHIFT);
    if (hart == 0) {
        imciss_harts = harts;
        REGISTER(EU_BARRIER_TRIGGER_MASK(0)) = (1u << harts) - 1;
        REGISTER(EU_BARRIER_TARGET_MASK(0)) = (1u << harts) - 1;
        exit(main());
    }
    for (;;) {
        barrier();
        job.function(job.argument);
        barrier();
    }
}

/* -- output ------------------------------------------------------------------------------------------------------------ */

int putchar(int character) {
    REGISTER(0x1A10F000u + 8u * (unsigned)hart_id()) = (unsigned)character;
    return character;
}

int puts(const char *text) {
    while (*text)
        putchar(*text++);
    return putchar('\n');
}

static int padded(const char *text, int length, int width, int left, int fill) {
    int count = length > width ? length : width;
    for (int i = length; !left && i < width; i++)
        putchar(fill);
    for (int i = 0; i < length; i++)
        putchar(text[i]);
    for (int i = length; left && i < width; i++)
        putchar(' ');
    return count;
}

static int number(unsigned value, int negative, unsigned base, const char *digits, int width, int left, int fill) {
    char text[12], *at = text + sizeof text;
    int count = 0;
    do
        *--at = digits[value % base];
    while (value /= base);
    if (negative && fill == '0') {
        putchar('-');
        count = 1;
        width--;
    } else if (negative) {
        *--at = '-';
    }
    return count + padded(at, (int)(text + sizeof text - at), width, left, fill);
}

int printf(const char *format, ...) {
    va_list list;
    int count = 0;
    va_start(list, format);
    for (; *format; format++) {
        if (*format != '%') {
            putchar(*format);
            count++;
            continue;
        }
        int left = 0, fill = ' ', width = 0;
        for (format++; *format == '-' || *format == '0'; format++) {
            left |= *format == '-';
            fill = *format == '0' ? '0' : fill;
        }
        if (left)
            fill = ' ';
        for (; *format >= '0' && *format <= '9'; format++)
            width = 10 * width + *format - '0';
        while (*format == 'l' || *format == 'h' || *format == 'z')
            format++;
        switch (*format) {
        case 'd':
        case 'i': {
            int value = va_arg(list, int);
            count += number(value < 0 ? 0u - (unsigned)value : (unsigned)value, value < 0, 10, "0123456789", width, left, fill);
            break;
        }
        case 'u':
            count += number(va_arg(list, unsigned), 0, 10, "0123456789", width, left, fill);
            break;
        case 'X':
            count += number(va_arg(list, unsigned), 0, 16, "0123456789ABCDEF", width, left, fill);
            break;
        case 'p':
        case 'x':
            count += number(va_arg(list, unsigned), 0, 16, "0123456789abcdef", width, left, fill);
            break;
        case 'c': {
            char character = (char)va_arg(list, int);
            count += padded(&character, 1, width, left, ' ');
            break;
        }
        case 's': {
            const char *text = va_arg(list, const char *);
            int length = 0;
            while (text[length])
                length++;
            count += padded(text, length, width, left, ' ');
            break;
        }
        case 0:
            format--;
            break;
        default:
            putchar(*format);
            count++;
        }
    }
    va_end(list);
    return count;
}

/* -- DMA --------------------------------------------------------------------------------------------------------------- */

#define TO_L1 DMA_CMD_TYPE_MASK
#define COMMAND (DMA_CMD_INC_MASK | DMA_CMD_ELE_MASK)
#define LINES DMA_CMD_TWO_D_EXT_MASK

static int start(unsigned command, const void *l1, const void *l2) {
    int id = (int)REGISTER(DMA_CMD);
    REGISTER(DMA_CMD) = command | COMMAND;
    REGISTER(DMA_CMD) = (unsigned)l1;
    REGISTER(DMA_CMD) = (unsigned)l2;
    return id;
}

static int start_lines(unsigned command, const void *l1, const void *l2, unsigned line, unsigned stride) {
    int id = start(command | LINES, l1, l2);
    REGISTER(DMA_CMD) = line;
    REGISTER(DMA_CMD) = stride;
    return id;
}

int dma_to_l1(void *l1, const void *l2, unsigned bytes) {
    __asm__ volatile("" ::: "memory");
    return start(bytes | TO_L1, l1, l2);
}

int dma_to_l2(void *l2, const void *l1, unsigned bytes) {
    __asm__ volatile("" ::: "memory");
    return start(bytes, l1, l2);
}

int dma_to_l1_2d(void *l1, const void *l2, unsigned bytes, unsigned line, unsigned stride) {
    __asm__ volatile("" ::: "memory");
    return start_lines(bytes | TO_L1, l1, l2, line, stride);
}

int dma_to_l2_2d(void *l2, const void *l1, unsigned bytes, unsigned line, unsigned stride) {
    __asm__ volatile("" ::: "memory");
    return start_lines(bytes, l1, l2, line, stride);
}

void dma_wait(int id) {
    REGISTER(EU_MASK) = 1u << EVENT_DMA;
    while (REGISTER(DMA_STATUS) >> id & 1)
        (void)p_elw((void *)EU_EVENT_WAIT_CLEAR, 0);
    REGISTER(DMA_STATUS) = 1u << id;
    __asm__ volatile("" ::: "memory");
}

/* -- what compilers call ----------------------------------------------------------------------------------------------- */

__attribute__((weak)) void *memcpy(void *target, const void *source, __SIZE_TYPE__ bytes) {
    char *to = target;
    const char *from = source;
    if ((((unsigned)to | (unsigned)from) & 3) == 0)
        for (; bytes >= 4; bytes -= 4, to += 4, from += 4)
            *(unsigned *)to = *(const unsigned *)from;
    while (bytes--)
        *to++ = *from++;
    return target;
}

__attribute__((weak)) void *memmove(void *target, const void *source, __SIZE_TYPE__ bytes) {
    char *to = target;
    const char *from = source;
    if ((unsigned)to - (unsigned)from >= bytes)
        return memcpy(target, source, bytes);
    while (bytes--)
        to[bytes] = from[bytes];
    return target;
}

__attribute__((weak)) void *memset(void *target, int value, __SIZE_TYPE__ bytes) {
    char *to = target;
    while (bytes--)
        *to++ = (char)value;
    return target;
}

__attribute__((weak)) int memcmp(const void *a, const void *b, __SIZE_TYPE__ bytes) {
    const unsigned char *left = a, *right = b;
    for (; bytes--; left++, right++)
        if (*left != *right)
            return *left - *right;
    return 0;
}
