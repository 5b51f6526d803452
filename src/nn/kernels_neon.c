/* The kernels that NEON speeds up, for 64-bit ARM. What they compute: kernels_c.c.
 *
 * Convolutions: a tile of output, 6 pixels x 16 channels (or 8 x 8), is kept in 24 of the 32 registers while the terms of
 * the sum are added four at a time: six loads fetch four inputs of each pixel, eight paired loads the weights, and 96 FMAs
 * multiply a weight register by one lane of an input register. Depthwise: 8 channels x up to 8 neighbouring pixels, so that
 * an input loaded once serves every window it lies in. Each output is one chain of FMAs, bias first and terms in their
 * order, whatever tile it falls into: that is why the bits do not depend on how the work was cut.
 *
 * Chosen by counting, not by timing: written without an ARM machine at hand, run in an emulator. Inner loops as gcc 12
 * compiles them, instructions per FMA: 6x16 tile 1.25, 8x8 1.27, depthwise 3x3 1.6, 5x5 1.55. A core that decodes four
 * instructions and starts two FMAs a cycle, such as Cortex-A76, needs less than 2; the widest (four FMA units,
 * four cycles) need 16 chains of FMAs, and there are 24. A whole run of pose_landmark_full takes 159 million instructions
 * for 88 million FMAs, plain C 563 million.
 *
 * Tails: leftover channels are loaded and stored one or two at a time. Leftover pixels get smaller tiles or, in depthwise
 * rows, a tile that overlaps the one before it.
 */
#if defined(__aarch64__)
#include "plumbline/kernels.h"

/* gcc would move loads up to where they no longer find a register and spill: 70 loads and stores per 96 FMAs, not 26. */
#if !defined(__clang__)
#pragma GCC optimize("no-schedule-insns")
#endif

#include <arm_neon.h>
#include <stdbool.h>

#define INLINE static inline __attribute__((always_inline))

/* Before a loop whose bounds are constants: unroll it whole, so that the arrays it indexes become registers. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

/* First n of 4 floats, n > 0; the other lanes are 0. */
INLINE float32x4_t load(const float *x, int n)
{
    float32x4_t v = vdupq_n_f32(0);

    if (n >= 4)
        return vld1q_f32(x);
    v = vld1q_lane_f32(x, v, 0);
    if (n > 1)
        v = vld1q_lane_f32(x + 1, v, 1);
    if (n > 2)
        v = vld1q_lane_f32(x + 2, v, 2);
    return v;
}

INLINE void store(float *y, float32x4_t v, int n)
{
    if (n >= 4) {
        vst1q_f32(y, v);
        return;
    }
    vst1q_lane_f32(y, v, 0);
    if (n > 1)
        vst1q_lane_f32(y + 1, v, 1);
    if (n > 2)
        vst1q_lane_f32(y + 2, v, 2);
}

struct clamp {
    float32x4_t min, max;
};

INLINE struct clamp clamp_of(const struct pl_window *win)
{
    return (struct clamp){ vdupq_n_f32(win->min), vdupq_n_f32(win->max) };
}

/* Both instructions return NAN when one argument is. */
INLINE float32x4_t clamped(float32x4_t v, const struct clamp *c)
{
    return vminq_f32(vmaxq_f32(v, c->min), c->max);
}

/* ---- convolution ---- */

/* The inputs that a row of neighbouring pixels sums over: rows x columns runs of `length` numbers. Run (i, j) starts
 * i*row_step + j*column_step after the first; 16 numbers later it goes on panel_step after its start. The next pixel's
 * lie pixel_step further. Weights: runs (i, 0) are row_terms apart, runs (i, j) `length` terms each.
 * A 1x1 convolution is one run of in_c numbers. */
struct inputs {
    const float *at;
    size_t pixel_step, rows, row_step, columns, column_step, length, panel_step;
    size_t first_term, row_terms;
};

struct tile {
    float *y;
    const float *x, *w; /* first pixel's inputs; panel from its biases on */
    size_t y_pixel;
    int n;              /* channels to store */
};

/* The sums of a tile: rows pixels x 4*regs channels. Both are constants wherever this is used, so that the sums live in
 * registers. */
struct sums {
    float32x4_t at[8][4];
};

/* sum + w * x[lane]; the lane must be written as a number */
INLINE float32x4_t fma_lane(float32x4_t sum, float32x4_t w, float32x4_t x, int lane)
{
    switch (lane) {
    case 0: return vfmaq_laneq_f32(sum, w, x, 0);
    case 1: return vfmaq_laneq_f32(sum, w, x, 1);
    case 2: return vfmaq_laneq_f32(sum, w, x, 2);
    default: return vfmaq_laneq_f32(sum, w, x, 3);
    }
}

/* Adds the next four terms: x the first pixel's inputs, w their weights; step: floats between pixels. */
INLINE void add_four(struct sums *sum, int rows, int regs, const float *x, size_t step, const float *w)
{
    float32x4_t in[8];

    UNROLL for (int r = 0; r < rows; r++)
        in[r] = vld1q_f32(x + (size_t)r * step);
    UNROLL for (int l = 0; l < 4; l++)
        UNROLL for (int q = 0; q < regs; q += 2) { /* two side by side: one instruction loads both */
            float32x4_t w0 = vld1q_f32(w + PL_PANEL * l + 4 * q), w1 = vld1q_f32(w + PL_PANEL * l + 4 * q + 4);
            UNROLL for (int r = 0; r < rows; r++) {
                sum->at[r][q] = fma_lane(sum->at[r][q], w0, in[r], l);
                sum->at[r][q + 1] = fma_lane(sum->at[r][q + 1], w1, in[r], l);
            }
        }
}

INLINE void add_one(struct sums *sum, int rows, int regs, const float *x, size_t step, const float *w)
{
    float32x4_t wq[4];

    UNROLL for (int q = 0; q < regs; q++)
        wq[q] = vld1q_f32(w + 4 * q);
    UNROLL for (int r = 0; r < rows; r++) {
        float32x4_t in = vld1q_dup_f32(x + (size_t)r * step);
        UNROLL for (int q = 0; q < regs; q++)
            sum->at[r][q] = vfmaq_f32(sum->at[r][q], wq[q], in);
    }
}

INLINE void conv_tile(int rows, int regs, const struct tile *t, const struct inputs *in, const struct clamp *clamp)
{
    size_t step = in->pixel_step;
    struct sums sum;

    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int q = 0; q < regs; q++)
            sum.at[r][q] = vld1q_f32(t->w + 4 * q);
    for (size_t i = 0; i < in->rows; i++) {
        const float *w = t->w + PL_PANEL * (1 + in->first_term + i * in->row_terms);
        for (size_t j = 0; j < in->columns; j++) {
            const float *x = t->x + i * in->row_step + j * in->column_step;
            for (size_t k = 0; k < in->length; k += PL_PANEL, x += in->panel_step) {
                size_t n = in->length - k < PL_PANEL ? in->length - k : PL_PANEL, l = 0;
                for (; l + 4 <= n; l += 4, w += 4 * PL_PANEL)
                    add_four(&sum, rows, regs, x + l, step, w);
                for (; l < n; l++, w += PL_PANEL)
                    add_one(&sum, rows, regs, x + l, step, w);
            }
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int q = 0; q < regs; q++)
            if (t->n > 4 * q)
                store(t->y + (size_t)r * t->y_pixel + 4 * q, clamped(sum.at[r][q], clamp), t->n - 4 * q);
}

/* Up to 6 pixels x 16 channels. */
static void conv_6x16(int rows, const struct tile *t, const struct inputs *in, const struct clamp *clamp)
{
    switch (rows) {
    case 1: conv_tile(1, 4, t, in, clamp); break;
    case 2: conv_tile(2, 4, t, in, clamp); break;
    case 3: conv_tile(3, 4, t, in, clamp); break;
    case 4: conv_tile(4, 4, t, in, clamp); break;
    case 5: conv_tile(5, 4, t, in, clamp); break;
    case 6: conv_tile(6, 4, t, in, clamp); break;
    }
}

/* Up to 8 pixels x 8 channels. */
static void conv_8x8(int rows, const struct tile *t, const struct inputs *in, const struct clamp *clamp)
{
    switch (rows) {
    case 1: conv_tile(1, 2, t, in, clamp); break;
    case 2: conv_tile(2, 2, t, in, clamp); break;
    case 3: conv_tile(3, 2, t, in, clamp); break;
    case 4: conv_tile(4, 2, t, in, clamp); break;
    case 5: conv_tile(5, 2, t, in, clamp); break;
    case 6: conv_tile(6, 2, t, in, clamp); break;
    case 7: conv_tile(7, 2, t, in, clamp); break;
    case 8: conv_tile(8, 2, t, in, clamp); break;
    }
}

/* n_pixels pixels from y on, channels [c, c_end): panel after panel, so that a panel's weights stay in the first cache
 * while all pixels pass by. */
static void conv_pixels(float *y, const struct inputs *in, int n_pixels, const float *w, const struct pl_window *win,
                        const struct pl_part *part)
{
    size_t panel = PL_PANEL * (1 + (size_t)win->k_h * (size_t)win->k_w * (size_t)win->in_c);
    const struct clamp clamp = clamp_of(win);

    for (int c = part->c; c < part->c_end; c += PL_PANEL) {
        struct tile t = { .w = w + (size_t)(c / PL_PANEL) * panel, .y_pixel = win->out.pixel,
                          .n = min_int(PL_PANEL, part->c_end - c) };
        int most = t.n <= 8 ? 8 : 6, n_tiles = (n_pixels + most - 1) / most;
        for (int i = 0, p = 0, end; i < n_tiles; i++, p = end) {
            end = (int)((long)n_pixels * (i + 1) / n_tiles);
            t.x = in->at + (size_t)p * in->pixel_step;
            t.y = y + (size_t)p * t.y_pixel + (size_t)(c / PL_PANEL) * win->out.panel;
            if (t.n <= 8)
                conv_8x8(end - p, &t, in, &clamp);
            else
                conv_6x16(end - p, &t, in, &clamp);
        }
    }
}

static void conv1x1(float *y, const float *x, const float *w, const struct pl_window *win, const struct pl_part *part)
{
    const int cache_floats = 1 << 15; /* inputs of a block of pixels: 128 kB of the second cache */
    int block = max_int(1, cache_floats / win->in_c / 24) * 24;

    for (int p = part->row; p < part->row_end; p += block) {
        struct inputs in = { .at = x + (size_t)p * win->in.pixel, .pixel_step = win->in.pixel, .rows = 1, .columns = 1,
                             .length = (size_t)win->in_c, .panel_step = win->in.panel };
        conv_pixels(y + (size_t)p * win->out.pixel, &in, min_int(block, part->row_end - p), w, win, part);
    }
}

/* Taps [first, end) of k lie inside the input; the first of them reads input position `at`. */
struct span {
    int first, end, at;
};

static struct span clip(int out, int stride, int pad, int k, int in)
{
    int start = out * stride - pad, first = min_int(k, max_int(0, -start));
    return (struct span){ first, max_int(first, min_int(k, in - start)), start + first };
}

/* Pixels from column s on of one output row, as many as have the same taps inside the input: one where the window
 * leaves it to the left or right, otherwise all up to where it does. Returns how many. */
static int conv_run(float *line, const float *x, const float *w, const struct pl_window *win, const struct pl_part *part,
                    const struct span *v, int s)
{
    size_t in_c = (size_t)win->in_c, taps;
    struct span h = clip(s, win->stride_w, win->pad_left, win->k_w, win->in_w);
    int n = 1;

    if (h.end - h.first == win->k_w)
        n = min_int(win->out_w - s, (win->in_w - win->k_w - h.at) / win->stride_w + 1);
    taps = (size_t)(h.end - h.first);
    struct inputs in = {
        .at = x + (taps && v->end > v->first ? ((size_t)v->at * (size_t)win->in_w + (size_t)h.at) * win->in.pixel : 0),
        .pixel_step = (size_t)win->stride_w * win->in.pixel,
        .rows = (size_t)(v->end - v->first),
        .row_step = (size_t)win->in_w * win->in.pixel,
        .columns = taps,
        .column_step = win->in.pixel,
        .length = in_c,
        .panel_step = win->in.panel,
        .first_term = ((size_t)v->first * (size_t)win->k_w + (size_t)h.first) * in_c,
        .row_terms = (size_t)win->k_w * in_c,
    };
    if (win->in.pixel == in_c && win->in.panel == PL_PANEL) { /* interleaved: the taps of a row lie together */
        in.columns = 1;
        in.length = taps * in_c;
    }
    conv_pixels(line + (size_t)s * win->out.pixel, &in, n, w, win, part);
    return n;
}

static void conv(float *y, const float *x, const float *w, const struct pl_window *win, const struct pl_part *part)
{
    for (int r = part->row; r < part->row_end; r++) {
        struct span v = clip(r, win->stride_h, win->pad_top, win->k_h, win->in_h);
        float *line = y + (size_t)r * (size_t)win->out_w * win->out.pixel;
        v.at = v.end > v.first ? v.at : 0;
        for (int s = 0; s < win->out_w;)
            s += conv_run(line, x, w, win, part, &v, s);
    }
}

/* ---- depthwise convolution ---- */

/* Up to 8 channels of one output row: y, x at the row's and the picture's start, w the weights from the channel on, v the
 * window's rows; step_x, step_y: floats between pixels; n: channels. */
struct line {
    float *y;
    const float *x, *w;
    size_t step_x, step_y;
    struct span v;
    int n;
};

/* n pixels from column s on of 8 channels; step: floats between pixels. k, stride, n are constants in every call, and step
 * where all windows are inside the input. */
INLINE void dw_tile(int k, int stride, int n, bool inside, size_t step, const struct line *t, const struct pl_window *win,
                    int s, const struct clamp *clamp)
{
    int left = s * stride - win->pad_left, reach = (n - 1) * stride + k;
    float32x4_t sum[8][2];

    UNROLL for (int i = 0; i < n; i++)
        for (int q = 0; q < 2; q++)
            sum[i][q] = vld1q_f32(t->w + 4 * q);
    for (int i = t->v.first; i < t->v.end; i++) {
        size_t first = ((size_t)(t->v.at + i - t->v.first) * (size_t)win->in_w + (size_t)left) * step; /* may wrap around */
        float32x4_t tap[5][2];
        for (int j = 0; j < k; j++)
            for (int q = 0; q < 2; q++)
                tap[j][q] = vld1q_f32(t->w + PL_PANEL * (1 + i * k + j) + 4 * q);
        UNROLL for (int d = 0; d < reach; d++) {
            if (!inside && (left + d < 0 || left + d >= win->in_w))
                continue;
            for (int q = 0; q < 2; q++) {
                float32x4_t in = vld1q_f32(t->x + (first + (size_t)d * step) + 4 * q);
                UNROLL for (int j = 0; j < k; j++)
                    if (d >= j && (d - j) % stride == 0 && (d - j) / stride < n)
                        sum[(d - j) / stride][q] = vfmaq_f32(sum[(d - j) / stride][q], in, tap[j][q]);
            }
        }
    }
    UNROLL for (int i = 0; i < n; i++)
        for (int q = 0; q < 2; q++)
            vst1q_f32(t->y + (size_t)(s + i) * t->step_y + 4 * q, clamped(sum[i][q], clamp));
}

/* One pixel x up to 8 channels, any window. */
static void dw_pixel(const struct line *t, const struct pl_window *win, int s, const struct clamp *clamp)
{
    struct span h = clip(s, win->stride_w, win->pad_left, win->k_w, win->in_w);

    for (int c = 0; c < t->n; c += 4) {
        float32x4_t sum = vld1q_f32(t->w + c);
        for (int i = t->v.first; i < t->v.end; i++)
            for (int j = h.first; j < h.end; j++) {
                size_t pixel = (size_t)(t->v.at + i - t->v.first) * (size_t)win->in_w + (size_t)(h.at + j - h.first);
                float32x4_t tap = vld1q_f32(t->w + PL_PANEL * (1 + i * win->k_w + j) + c);
                sum = vfmaq_f32(sum, load(t->x + pixel * t->step_x + c, t->n - c), tap);
            }
        store(t->y + (size_t)s * t->step_y + c, clamped(sum, clamp), t->n - c);
    }
}

INLINE void dw_any(int k, int stride, int n, const struct line *t, const struct pl_window *win, int s,
                   const struct clamp *clamp)
{
    int left = s * stride - win->pad_left;
    if (left >= 0 && left + (n - 1) * stride + k <= win->in_w && t->step_x == PL_PANEL)
        dw_tile(k, stride, n, true, PL_PANEL, t, win, s, clamp);
    else
        dw_tile(k, stride, n, false, t->step_x, t, win, s, clamp);
}

/* A row of at least 4 pixels; the last tile moves left until it fits and computes some pixels again. */
INLINE void dw_line(int k, int stride, const struct line *t, const struct pl_window *win, const struct clamp *clamp)
{
    int width = win->out_w;

    for (int s = 0; s < width;) {
        if (width >= 8 && width - s > 4) {
            dw_any(k, stride, 8, t, win, min_int(s, width - 8), clamp);
            s += 8;
        } else {
            dw_any(k, stride, 4, t, win, min_int(s, width - 4), clamp);
            s += 4;
        }
    }
}

static void dw_line_any(const struct line *t, const struct pl_window *win, const struct clamp *clamp)
{
    for (int s = 0; s < win->out_w; s++)
        dw_pixel(t, win, s, clamp);
}

/* Eight channels after eight channels: the rows of them that a window covers stay in the first cache. */
static void dwconv(float *y, const float *x, const float *w, const struct pl_window *win, const struct pl_part *part)
{
    const struct clamp clamp = clamp_of(win);
    bool square = win->k_h == win->k_w && win->stride_h == win->stride_w && win->out_w >= 4;
    int square_kind = square ? 10 * win->k_w + win->stride_w : 0;
    size_t w_panel = PL_PANEL * (1 + (size_t)win->k_h * (size_t)win->k_w);

    for (int c = part->c; c < part->c_end; c += 8) {
        size_t panel = (size_t)(c / PL_PANEL), lane = (size_t)(c % PL_PANEL);
        int kind = part->c_end - c < 8 ? 0 : square_kind;
        for (int r = part->row; r < part->row_end; r++) {
            struct line t = {
                .y = y + panel * win->out.panel + (size_t)r * (size_t)win->out_w * win->out.pixel + lane,
                .x = x + panel * win->in.panel + lane, .w = w + panel * w_panel + lane,
                .step_x = win->in.pixel, .step_y = win->out.pixel,
                .v = clip(r, win->stride_h, win->pad_top, win->k_h, win->in_h),
                .n = min_int(8, part->c_end - c),
            };
            switch (kind) {
            case 31: dw_line(3, 1, &t, win, &clamp); break;
            case 32: dw_line(3, 2, &t, win, &clamp); break;
            case 51: dw_line(5, 1, &t, win, &clamp); break;
            case 52: dw_line(5, 2, &t, win, &clamp); break;
            default: dw_line_any(&t, win, &clamp);
            }
        }
    }
}

/* ---- element by element ---- */

/* Floats [0, n) of a, b and y, which lie together. */
INLINE void add_run(float *y, const float *a, const float *b, size_t n, const struct clamp *clamp)
{
    size_t i = 0;

#pragma GCC unroll 4
    for (; i + 4 <= n; i += 4)
        vst1q_f32(y + i, clamped(vaddq_f32(vld1q_f32(a + i), vld1q_f32(b + i)), clamp));
    if (i < n) {
        int left = (int)(n - i);
        store(y + i, clamped(vaddq_f32(load(a + i, left), load(b + i, left)), clamp), left);
    }
}

static void add(float *y, const float *a, const float *b, const struct pl_window *win, int pixel, int pixel_end)
{
    const struct clamp clamp = clamp_of(win);
    bool panels = win->in.pixel == PL_PANEL && win->other.pixel == PL_PANEL && win->out.pixel == PL_PANEL;
    size_t first = (size_t)pixel, n = (size_t)(pixel_end - pixel);

    for (int c = 0; c < win->out_c; c += PL_PANEL) {
        size_t panel = (size_t)(c / PL_PANEL), left = (size_t)min_int(PL_PANEL, win->out_c - c);
        const float *pa = a + panel * win->in.panel + first * win->in.pixel;
        const float *pb = b + panel * win->other.panel + first * win->other.pixel;
        float *py = y + panel * win->out.panel + first * win->out.pixel;
        if (panels)
            add_run(py, pa, pb, n ? (n - 1) * PL_PANEL + left : 0, &clamp);
        else
            for (size_t p = 0; p < n; p++)
                add_run(py + p * win->out.pixel, pa + p * win->in.pixel, pb + p * win->other.pixel, left, &clamp);
    }
}

/* a*(1 - t) + b*t */
INLINE float32x4_t mix(float32x4_t a, float32x4_t b, float t)
{
    return vfmaq_n_f32(vmulq_n_f32(a, 1 - t), b, t);
}

/* One output row of n channels: outputs 2k - 1 and 2k lie between inputs k - 1 and k, at the borders on one of them. top,
 * low: the input rows above and below; t: the weight of the second. */
static void resize2x_row(float *y, const float *top, const float *low, float t, const struct pl_window *win, int n)
{
    size_t width = (size_t)win->in_w, step = win->in.pixel, out = win->out.pixel;
    float32x4_t left = mix(load(top, n), load(low, n), t), right = left;

    store(y, mix(left, right, 0.75f), n);
    for (size_t k = 1; k < width; k++, left = right) {
        right = mix(load(top + k * step, n), load(low + k * step, n), t);
        store(y + (2 * k - 1) * out, mix(left, right, 0.25f), n);
        store(y + 2 * k * out, mix(left, right, 0.75f), n);
    }
    store(y + (2 * width - 1) * out, mix(right, right, 0.25f), n);
}

static void resize2x(float *y, const float *x, const struct pl_window *win, int row, int row_end)
{
    for (int c = 0; c < win->in_c; c += 4) {
        size_t panel = (size_t)(c / PL_PANEL), lane = (size_t)(c % PL_PANEL);
        const float *xp = x + panel * win->in.panel + lane;
        float *yp = y + panel * win->out.panel + lane;
        for (int r = row; r < row_end; r++) {
            int below = (r - 1) >> 1; /* -1 for r = 0 */
            size_t a = (size_t)max_int(below, 0), b = (size_t)min_int(below + 1, win->in_h - 1);
            resize2x_row(yp + (size_t)r * 2 * (size_t)win->in_w * win->out.pixel, xp + a * (size_t)win->in_w * win->in.pixel,
                         xp + b * (size_t)win->in_w * win->in.pixel, r % 2 ? 0.25f : 0.75f, win, win->in_c - c);
        }
    }
}

/* n channels of one output pixel: the largest inside window v x h. */
INLINE float32x4_t largest(const float *x, const struct span *v, const struct span *h, const struct pl_window *win, int n)
{
    float32x4_t best = vdupq_n_f32(-__builtin_inff());

    for (int i = 0; i < v->end - v->first; i++)
        for (int j = 0; j < h->end - h->first; j++) {
            size_t pixel = (size_t)(v->at + i) * (size_t)win->in_w + (size_t)(h->at + j);
            float32x4_t in = load(x + pixel * win->in.pixel, n);
            best = vbslq_f32(vcgtq_f32(best, in), best, in); /* of NANs, what plain C does */
        }
    return best;
}

static void maxpool(float *y, const float *x, const struct pl_window *win, int row, int row_end)
{
    const struct clamp clamp = clamp_of(win);

    for (int c = 0; c < win->in_c; c += 4) {
        size_t panel = (size_t)(c / PL_PANEL), lane = (size_t)(c % PL_PANEL);
        const float *xp = x + panel * win->in.panel + lane;
        float *yp = y + panel * win->out.panel + lane;
        for (int r = row; r < row_end; r++) {
            struct span v = clip(r, win->stride_h, win->pad_top, win->k_h, win->in_h);
            for (int s = 0; s < win->out_w; s++) {
                struct span h = clip(s, win->stride_w, win->pad_left, win->k_w, win->in_w);
                store(yp + ((size_t)r * (size_t)win->out_w + (size_t)s) * win->out.pixel,
                      clamped(largest(xp, &v, &h, win, win->in_c - c), &clamp), win->in_c - c);
            }
        }
    }
}

void pl_kernels_fill_neon(struct pl_kernels *k)
{
    k->conv1x1 = conv1x1;
    k->conv = conv;
    k->dwconv = dwconv;
    k->add = add;
    k->maxpool = maxpool;
    k->resize2x = resize2x;
}
#endif
