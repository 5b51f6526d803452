/* The camera picture to the size in which it is shown, where no graphics card does it. */
#ifndef PLUMBLINE_SCREEN_SCALE_H
#define PLUMBLINE_SCREEN_SCALE_H

#include "plumbline/frame.h"

/* For each output column or row: where its two neighbours begin in the source, and the second one's weight in 64ths. */
struct pl_tap { int32_t at; uint8_t weight; };

/* out [n] = first + (second - first) * weight/64, rounded, byte by byte; nothing is read or written beyond n */
typedef void pl_scale_mix_fn(uint8_t *out, const uint8_t *first, const uint8_t *second, size_t n, uint8_t weight);

/* out [n] 0xffRRGGBB: each from the two pixels at row + tap.at and 3 bytes on, of which red is byte 0 or 2. Behind the last
 * pixel of row two bytes more are read. */
typedef void pl_scale_pick_fn(uint32_t *out, const uint8_t *row, const struct pl_tap *taps, int n, bool red_first);

struct pl_scale_kernels { pl_scale_mix_fn *mix; pl_scale_pick_fn *pick; };
pl_scale_mix_fn pl_scale_mix_c;
pl_scale_pick_fn pl_scale_pick_c;
#if defined(__x86_64__)
pl_scale_mix_fn pl_scale_mix_avx2; /* the same bits, both */
pl_scale_pick_fn pl_scale_pick_avx2;
#endif

/* Tables and memory for one pair of sizes; made anew when a size changes. Zero it before the first use. */
struct pl_scaler {
    int from_w, from_h, to_w, to_h;
    bool mirror;
    struct pl_tap *columns, *rows;
    uint8_t *row;                   /* the source at one output row's height, with room behind it */
    struct pl_scale_kernels kernels;
};

/* out [height][pitch bytes] ARGB of this size; bilinear, pixel centres at .5, the edge repeated. false: out of memory.
 * own: pl_scaler_free */
bool pl_scaler_run(struct pl_scaler *s, uint32_t *out, size_t pitch, int width, int height, const struct pl_frame *frame,
                   bool mirror);
void pl_scaler_free(struct pl_scaler *s);

#endif
