/* The kernels that AVX2 and FMA speed up. What they compute: kernels_c.c.
 *
 * Convolutions: a tile of output, 6 pixels x 16 channels (or 12 x 8), is kept in 12 of the 16 registers while one term
 * of the sum after another is added: per term two loads of packed weights, six broadcasts of inputs, twelve FMAs, which
 * is what the two FMA units can take. Depthwise: 8 channels x up to 8 neighbouring pixels, so that an input loaded
 * once serves every window it lies in. Each output is one chain of FMAs, bias first and terms in their order, whatever
 * tile it falls into: that is why the bits do not depend on how the work was cut.
 *
 * Tails: leftover channels are loaded and stored through a mask. Leftover pixels get smaller tiles or, in depthwise
 * rows, a tile that overlaps the one before it.
 */
#if defined(__x86_64__)
#include "plumbline/kernels.h"

#include <immintrin.h>
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

/* First n of 8 lanes. */
INLINE __m256i mask_of(int n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

struct clamp {
    __m256 min, max;
};

INLINE struct clamp clamp_of(float min, float max)
{
    return (struct clamp){ _mm256_set1_ps(min), _mm256_set1_ps(max) };
}

/* The order of the arguments keeps a NAN: both instructions return the second when one is NAN. */
INLINE __m256 clamped(__m256 v, const struct clamp *c)
{
    return _mm256_min_ps(c->max, _mm256_max_ps(c->min, v));
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

/* rows pixels x 8*regs channels; step: floats between pixels. rows and regs are constants in every call, so that the
 * sums live in registers. */
INLINE void conv_tile(int rows, int regs, size_t step, const struct tile *t, const struct inputs *in,
                      const struct clamp *clamp)
{
    __m256 sum[12][2];

    UNROLL for (int r = 0; r < rows; r++)
        for (int q = 0; q < regs; q++)
            sum[r][q] = _mm256_load_ps(t->w + 8 * q);
    for (size_t i = 0; i < in->rows; i++) {
        const float *w = t->w + PL_PANEL * (1 + in->first_term + i * in->row_terms);
        for (size_t j = 0; j < in->columns; j++) {
            const float *x = t->x + i * in->row_step + j * in->column_step;
            for (size_t k = 0; k < in->length; k += PL_PANEL, x += in->panel_step) {
                size_t n = in->length - k < PL_PANEL ? in->length - k : PL_PANEL;
#pragma GCC unroll 4
                for (size_t l = 0; l < n; l++, w += PL_PANEL) {
                    __m256 wl[2];
                    for (int q = 0; q < regs; q++)
                        wl[q] = _mm256_load_ps(w + 8 * q);
                    UNROLL for (int r = 0; r < rows; r++) {
                        __m256 xl = _mm256_broadcast_ss(x + (size_t)r * step + l);
                        for (int q = 0; q < regs; q++)
                            sum[r][q] = _mm256_fmadd_ps(xl, wl[q], sum[r][q]);
                    }
                }
            }
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
        for (int q = 0; q < regs; q++) {
            float *y = t->y + (size_t)r * t->y_pixel + 8 * q;
            if (t->n >= 8 * (q + 1))
                _mm256_storeu_ps(y, clamped(sum[r][q], clamp));
            else if (t->n > 8 * q)
                _mm256_maskstore_ps(y, mask_of(t->n - 8 * q), clamped(sum[r][q], clamp));
        }
}

/* Up to 6 pixels x 16 channels. */
INLINE void conv_6x16(int rows, size_t step, const struct tile *t, const struct inputs *in, const struct clamp *clamp)
{
    switch (rows) {
    case 1: conv_tile(1, 2, step, t, in, clamp); break;
    case 2: conv_tile(2, 2, step, t, in, clamp); break;
    case 3: conv_tile(3, 2, step, t, in, clamp); break;
    case 4: conv_tile(4, 2, step, t, in, clamp); break;
    case 5: conv_tile(5, 2, step, t, in, clamp); break;
    case 6: conv_tile(6, 2, step, t, in, clamp); break;
    }
}

/* Up to 12 pixels x 8 channels. */
INLINE void conv_12x8(int rows, size_t step, const struct tile *t, const struct inputs *in, const struct clamp *clamp)
{
    switch ((rows + 1) / 2) {
    case 6: rows == 12 ? conv_tile(12, 1, step, t, in, clamp) : conv_tile(11, 1, step, t, in, clamp); break;
    case 5: rows == 10 ? conv_tile(10, 1, step, t, in, clamp) : conv_tile(9, 1, step, t, in, clamp); break;
    case 4: rows == 8 ? conv_tile(8, 1, step, t, in, clamp) : conv_tile(7, 1, step, t, in, clamp); break;
    case 3: rows == 6 ? conv_tile(6, 1, step, t, in, clamp) : conv_tile(5, 1, step, t, in, clamp); break;
    case 2: rows == 4 ? conv_tile(4, 1, step, t, in, clamp) : conv_tile(3, 1, step, t, in, clamp); break;
    case 1: rows == 2 ? conv_tile(2, 1, step, t, in, clamp) : conv_tile(1, 1, step, t, in, clamp); break;
    }
}

/* n_pixels pixels from y on, channels [c, c_end): panel after panel, so that a panel's weights stay in the first cache
 * while all pixels pass by. The distance of pixels in panels is a constant where they have it. */
static void conv_pixels(float *y, const struct inputs *in, int n_pixels, const float *w, const struct pl_window *win,
                        const struct pl_part *part)
{
    size_t panel = PL_PANEL * (1 + (size_t)win->k_h * (size_t)win->k_w * (size_t)win->in_c);
    const struct clamp clamp = clamp_of(win->min, win->max);
    bool panels = in->pixel_step == PL_PANEL;

    for (int c = part->c; c < part->c_end; c += PL_PANEL) {
        struct tile t = { .w = w + (size_t)(c / PL_PANEL) * panel, .y_pixel = win->out.pixel,
                          .n = min_int(PL_PANEL, part->c_end - c) };
        int most = t.n <= 8 ? 12 : 6, n_tiles = (n_pixels + most - 1) / most;
        for (int i = 0, p = 0, end; i < n_tiles; i++, p = end) {
            end = (int)((long)n_pixels * (i + 1) / n_tiles);
            t.x = in->at + (size_t)p * in->pixel_step;
            t.y = y + (size_t)p * t.y_pixel + (size_t)(c / PL_PANEL) * win->out.panel;
            if (t.n <= 8)
                panels ? conv_12x8(end - p, PL_PANEL, &t, in, &clamp) : conv_12x8(end - p, in->pixel_step, &t, in, &clamp);
            else
                panels ? conv_6x16(end - p, PL_PANEL, &t, in, &clamp) : conv_6x16(end - p, in->pixel_step, &t, in, &clamp);
        }
    }
}

static void conv1x1(float *y, const float *x, const float *w, const struct pl_window *win, const struct pl_part *part)
{
    const int cache_floats = 1 << 15; /* inputs of a block of pixels: 128 kB of the second cache */
    int block = max_int(1, cache_floats / win->in_c / 12) * 12;

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

/* n pixels from column s on of 8 channels. k, stride, n are constants in every call; edge: some windows leave the input
 * to the left or right. */
INLINE void dw_tile(int k, int stride, int n, bool edge, const struct line *t, const struct pl_window *win, int s,
                    const struct clamp *clamp)
{
    int left = s * stride - win->pad_left, reach = (n - 1) * stride + k;
    __m256 sum[8];

    UNROLL for (int i = 0; i < n; i++)
        sum[i] = _mm256_load_ps(t->w);
    for (int i = t->v.first; i < t->v.end; i++) {
        const float *x = t->x + (size_t)(t->v.at + i - t->v.first) * (size_t)win->in_w * t->step_x;
        __m256 tap[5];
        for (int j = 0; j < k; j++)
            tap[j] = _mm256_load_ps(t->w + PL_PANEL * (1 + i * k + j));
        UNROLL for (int d = 0; d < reach; d++) {
            if (edge && (left + d < 0 || left + d >= win->in_w))
                continue;
            __m256 in = _mm256_loadu_ps(x + (size_t)(left + d) * t->step_x);
            UNROLL for (int j = 0; j < k; j++)
                if (d >= j && (d - j) % stride == 0 && (d - j) / stride < n)
                    sum[(d - j) / stride] = _mm256_fmadd_ps(in, tap[j], sum[(d - j) / stride]);
        }
    }
    UNROLL for (int i = 0; i < n; i++)
        _mm256_storeu_ps(t->y + (size_t)(s + i) * t->step_y, clamped(sum[i], clamp));
}

/* One pixel x up to 8 channels, any window. */
static void dw_pixel(const struct line *t, const struct pl_window *win, int s, const struct clamp *clamp)
{
    struct span h = clip(s, win->stride_w, win->pad_left, win->k_w, win->in_w);
    __m256i mask = mask_of(t->n);
    __m256 sum = _mm256_load_ps(t->w);

    for (int i = t->v.first; i < t->v.end; i++)
        for (int j = h.first; j < h.end; j++) {
            size_t pixel = (size_t)(t->v.at + i - t->v.first) * (size_t)win->in_w + (size_t)(h.at + j - h.first);
            __m256 tap = _mm256_load_ps(t->w + PL_PANEL * (1 + i * win->k_w + j));
            sum = _mm256_fmadd_ps(_mm256_maskload_ps(t->x + pixel * t->step_x, mask), tap, sum);
        }
    _mm256_maskstore_ps(t->y + (size_t)s * t->step_y, mask, clamped(sum, clamp));
}

INLINE void dw_edge(int k, int stride, int n, const struct line *t, const struct pl_window *win, int s,
                    const struct clamp *clamp)
{
    int left = s * stride - win->pad_left;
    if (left < 0 || left + (n - 1) * stride + k > win->in_w)
        dw_tile(k, stride, n, true, t, win, s, clamp);
    else
        dw_tile(k, stride, n, false, t, win, s, clamp);
}

/* A row of at least 4 pixels; the last tile moves left until it fits and computes some pixels again. */
INLINE void dw_line(int k, int stride, const struct line *t, const struct pl_window *win, const struct clamp *clamp)
{
    int width = win->out_w;

    for (int s = 0; s < width;) {
        if (width >= 8 && width - s > 4) {
            dw_edge(k, stride, 8, t, win, min_int(s, width - 8), clamp);
            s += 8;
        } else {
            dw_edge(k, stride, 4, t, win, min_int(s, width - 4), clamp);
            s += 4;
        }
    }
}

static void dw_line_any(const struct line *t, const struct pl_window *win, const struct clamp *clamp)
{
    for (int s = 0; s < win->out_w; s++)
        dw_pixel(t, win, s, clamp);
}

/* Rows [row, row_end); t: row 0. k = 0 stands for any window. */
INLINE void dw_rows(int k, int stride, struct line t, const struct pl_window *win, int row, int row_end,
                    const struct clamp *clamp)
{
    float *y = t.y;

    for (int r = row; r < row_end; r++) {
        t.y = y + (size_t)r * (size_t)win->out_w * t.step_y;
        t.v = clip(r, win->stride_h, win->pad_top, win->k_h, win->in_h);
        if (k)
            dw_line(k, stride, &t, win, clamp);
        else
            dw_line_any(&t, win, clamp);
    }
}

/* Eight channels after eight channels: the rows of them that a window covers stay in the first cache. */
static void dwconv(float *y, const float *x, const float *w, const struct pl_window *win, const struct pl_part *part)
{
    const struct clamp clamp = clamp_of(win->min, win->max);
    bool square = win->k_h == win->k_w && win->stride_h == win->stride_w && win->out_w >= 4;
    size_t w_panel = PL_PANEL * (1 + (size_t)win->k_h * (size_t)win->k_w);

    for (int c = part->c; c < part->c_end; c += 8) {
        size_t panel = (size_t)(c / PL_PANEL), lane = (size_t)(c % PL_PANEL);
        struct line t = { .y = y + panel * win->out.panel + lane, .x = x + panel * win->in.panel + lane,
                          .w = w + panel * w_panel + lane, .step_x = win->in.pixel, .step_y = win->out.pixel,
                          .n = min_int(8, part->c_end - c) };
        switch (square && t.n == 8 ? 10 * win->k_w + win->stride_w : 0) {
        case 31: dw_rows(3, 1, t, win, part->row, part->row_end, &clamp); break;
        case 32: dw_rows(3, 2, t, win, part->row, part->row_end, &clamp); break;
        case 51: dw_rows(5, 1, t, win, part->row, part->row_end, &clamp); break;
        case 52: dw_rows(5, 2, t, win, part->row, part->row_end, &clamp); break;
        default: dw_rows(0, 0, t, win, part->row, part->row_end, &clamp);
        }
    }
}

/* ---- element by element ---- */

/* Floats [0, n) of a, b and y, which lie together. */
INLINE void add_run(float *y, const float *a, const float *b, size_t n, const struct clamp *clamp)
{
    size_t i = 0;

    for (; i + 8 <= n; i += 8)
        _mm256_storeu_ps(y + i, clamped(_mm256_add_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i)), clamp));
    if (i < n) {
        __m256i mask = mask_of((int)(n - i));
        __m256 sum = _mm256_add_ps(_mm256_maskload_ps(a + i, mask), _mm256_maskload_ps(b + i, mask));
        _mm256_maskstore_ps(y + i, mask, clamped(sum, clamp));
    }
}

static void add(float *y, const float *a, const float *b, const struct pl_window *win, int pixel, int pixel_end)
{
    const struct clamp clamp = clamp_of(win->min, win->max);
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

INLINE __m256 mix(__m256 a, __m256 b, __m256 t)
{
    return _mm256_fmadd_ps(b, t, _mm256_mul_ps(a, _mm256_sub_ps(_mm256_set1_ps(1), t)));
}

/* Between which two input positions output position d of 2n lies, and the weight of the second: 0.75 and 0.25 in turn;
 * at the borders both are the same position. */
struct lerp {
    size_t a, b;
    float t;
};

static struct lerp resize2x_at(int d, int n)
{
    int below = (d - 1) >> 1; /* -1 for d = 0 */
    return (struct lerp){ (size_t)max_int(below, 0), (size_t)min_int(below + 1, n - 1), d % 2 ? 0.25f : 0.75f };
}

static void resize2x(float *y, const float *x, const struct pl_window *win, int row, int row_end)
{
    size_t width = (size_t)win->in_w, step = win->in.pixel;

    for (int c = 0; c < win->in_c; c += 8) {
        size_t panel = (size_t)(c / PL_PANEL), lane = (size_t)(c % PL_PANEL);
        const float *xp = x + panel * win->in.panel + lane;
        float *yp = y + panel * win->out.panel + lane;
        __m256i mask = mask_of(win->in_c - c);
        bool whole = win->in_c - c >= 8; /* masked loads and stores are slow on some processors: only where needed */
        for (int r = row; r < row_end; r++) {
            struct lerp v = resize2x_at(r, win->in_h);
            const float *top = xp + v.a * width * step, *low = xp + v.b * width * step;
            __m256 tv = _mm256_set1_ps(v.t);
            for (int s = 0; s < 2 * win->in_w; s++) {
                struct lerp u = resize2x_at(s, win->in_w);
                float *out = yp + ((size_t)r * 2 * width + (size_t)s) * win->out.pixel;
                __m256 tu = _mm256_set1_ps(u.t);
                if (whole) {
                    __m256 a = mix(_mm256_loadu_ps(top + u.a * step), _mm256_loadu_ps(low + u.a * step), tv);
                    __m256 b = mix(_mm256_loadu_ps(top + u.b * step), _mm256_loadu_ps(low + u.b * step), tv);
                    _mm256_storeu_ps(out, mix(a, b, tu));
                } else {
                    __m256 a = mix(_mm256_maskload_ps(top + u.a * step, mask), _mm256_maskload_ps(low + u.a * step, mask), tv);
                    __m256 b = mix(_mm256_maskload_ps(top + u.b * step, mask), _mm256_maskload_ps(low + u.b * step, mask), tv);
                    _mm256_maskstore_ps(out, mask, mix(a, b, tu));
                }
            }
        }
    }
}

void pl_kernels_fill_avx2(struct pl_kernels *k)
{
    k->conv1x1 = conv1x1;
    k->conv = conv;
    k->dwconv = dwconv;
    k->add = add;
    k->resize2x = resize2x;
}
#endif
