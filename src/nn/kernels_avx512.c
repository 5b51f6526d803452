/* The kernels that AVX-512 speeds up. What they compute: kernels_c.c.
 *
 * Convolutions: a tile of output, up to 14 pixels x 32 channels, is kept in 28 of the 32 registers while one term of the
 * sum after another is added: per term two loads of packed weights, 14 broadcasts of inputs, 28 FMAs. Depthwise: the 16
 * channels of a panel x up to 8 neighbouring pixels, so that an input loaded once serves every window it lies in. Each
 * output is one chain of FMAs, bias first and terms in their order, whatever tile it falls into: that is why the bits do
 * not depend on how the work was cut.
 *
 * Tails: pixels are shared out evenly among the tiles, so that none is much smaller than the others; in depthwise rows
 * the last tile overlaps the one before it. Eight channels or fewer in a last panel use half a register; leftover
 * channels are loaded and stored through a mask.
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

enum { TILE = 14 }; /* pixels of a convolution's tile */

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

/* First n of 16 lanes. */
INLINE __mmask16 mask_of(int n)
{
    return (__mmask16)(n >= 16 ? 0xffff : (1u << n) - 1);
}

struct clamp {
    __m512 min, max;
};

INLINE struct clamp clamp_of(const struct pl_window *win)
{
    return (struct clamp){ _mm512_set1_ps(win->min), _mm512_set1_ps(win->max) };
}

/* The order of the arguments keeps a NAN: both instructions return the second when one is NAN. */
INLINE __m512 clamped(__m512 v, const struct clamp *c)
{
    return _mm512_min_ps(c->max, _mm512_max_ps(c->min, v));
}

/* First n of 16 floats, of 8 floats. */
INLINE void store(float *y, __m512 v, int n)
{
    if (n < PL_PANEL)
        _mm512_mask_storeu_ps(y, mask_of(n), v);
    else
        _mm512_storeu_ps(y, v);
}

INLINE void store_low(float *y, __m256 v, int n)
{
    if (n < PL_PANEL / 2)
        _mm256_mask_storeu_ps(y, (__mmask8)mask_of(n), v);
    else
        _mm256_storeu_ps(y, v);
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
    size_t y_pixel, y_panel, w_panel;
    int n;              /* channels of the last of its panels */
};

/* The sums of a tile: rows pixels x `full` panels, and behind them the lower half of one more if `half`. All three are
 * constants wherever this is used, so that the sums live in registers. */
struct sums {
    __m512 full[2 * TILE][2];
    __m256 low[2 * TILE];
};

/* Adds the next term: x its input of the first pixel, w its weights; step: floats between pixels. */
INLINE void add_term(struct sums *sum, int rows, int full, bool half, const float *x, size_t step, const float *w,
                     size_t w_panel)
{
    __m512 wf[2];
    __m256 wl = half ? _mm256_load_ps(w + (size_t)full * w_panel) : _mm256_setzero_ps();

    for (int q = 0; q < full; q++)
        wf[q] = _mm512_load_ps(w + (size_t)q * w_panel);
    UNROLL for (int r = 0; r < rows; r++) {
        if (full) {
            __m512 xr = _mm512_set1_ps(x[(size_t)r * step]);
            for (int q = 0; q < full; q++)
                sum->full[r][q] = _mm512_fmadd_ps(xr, wf[q], sum->full[r][q]);
            if (half)
                sum->low[r] = _mm256_fmadd_ps(_mm512_castps512_ps256(xr), wl, sum->low[r]);
        } else {
            sum->low[r] = _mm256_fmadd_ps(_mm256_set1_ps(x[(size_t)r * step]), wl, sum->low[r]);
        }
    }
}

/* rows pixels x `regs` panels, of the last of which only the lower half is wanted if `half`. */
INLINE void conv_tile(int rows, int regs, bool half, size_t step, const struct tile *t, const struct inputs *in,
                      const struct clamp *clamp)
{
    struct sums sum;
    int full = half ? regs - 1 : regs;

    UNROLL for (int r = 0; r < rows; r++) {
        for (int q = 0; q < full; q++)
            sum.full[r][q] = _mm512_load_ps(t->w + (size_t)q * t->w_panel);
        sum.low[r] = half ? _mm256_load_ps(t->w + (size_t)full * t->w_panel) : _mm256_setzero_ps();
    }
    for (size_t i = 0; i < in->rows; i++) {
        const float *w = t->w + PL_PANEL * (1 + in->first_term + i * in->row_terms);
        for (size_t j = 0; j < in->columns; j++) {
            const float *x = t->x + i * in->row_step + j * in->column_step;
            size_t k = 0;
            for (; k + PL_PANEL <= in->length; k += PL_PANEL, x += in->panel_step, w += PL_PANEL * PL_PANEL)
#pragma GCC unroll 4
                for (size_t l = 0; l < PL_PANEL; l++)
                    add_term(&sum, rows, full, half, x + l, step, w + l * PL_PANEL, t->w_panel);
            for (; k < in->length; k++, x++, w += PL_PANEL)
                add_term(&sum, rows, full, half, x, step, w, t->w_panel);
        }
    }
    UNROLL for (int r = 0; r < rows; r++) {
        float *y = t->y + (size_t)r * t->y_pixel;
        for (int q = 0; q < full; q++, y += t->y_panel)
            store(y, clamped(sum.full[r][q], clamp), half || q < full - 1 ? PL_PANEL : t->n);
        if (half)
            store_low(y, _mm256_min_ps(_mm512_castps512_ps256(clamp->max),
                                       _mm256_max_ps(_mm512_castps512_ps256(clamp->min), sum.low[r])), t->n);
    }
}

INLINE void conv_rows(int rows, int regs, bool half, size_t step, const struct tile *t, const struct inputs *in,
                      const struct clamp *clamp)
{
    switch (rows) {
    case 1: conv_tile(1, regs, half, step, t, in, clamp); break;
    case 2: conv_tile(2, regs, half, step, t, in, clamp); break;
    case 3: conv_tile(3, regs, half, step, t, in, clamp); break;
    case 4: conv_tile(4, regs, half, step, t, in, clamp); break;
    case 5: conv_tile(5, regs, half, step, t, in, clamp); break;
    case 6: conv_tile(6, regs, half, step, t, in, clamp); break;
    case 7: conv_tile(7, regs, half, step, t, in, clamp); break;
    case 8: conv_tile(8, regs, half, step, t, in, clamp); break;
    case 9: conv_tile(9, regs, half, step, t, in, clamp); break;
    case 10: conv_tile(10, regs, half, step, t, in, clamp); break;
    case 11: conv_tile(11, regs, half, step, t, in, clamp); break;
    case 12: conv_tile(12, regs, half, step, t, in, clamp); break;
    case 13: conv_tile(13, regs, half, step, t, in, clamp); break;
    case 14: conv_tile(14, regs, half, step, t, in, clamp); break;
    }
}

/* The next tile of at most n pixels in panels: its pixels shared out evenly if many are left, so that no tile is small.
 * One panel leaves room for twice as many. */
static int next_tile(int n, int panels)
{
    if (panels == 1 && n >= 2 * TILE)
        return 2 * TILE;
    int tiles = (n + TILE - 1) / TILE;
    return (n + tiles - 1) / tiles;
}

static void conv_panels(int rows, int panels, bool half, const struct tile *t, const struct inputs *in,
                        const struct clamp *clamp)
{
    if (rows == 2 * TILE)
        half ? conv_tile(2 * TILE, 1, true, PL_PANEL, t, in, clamp) : conv_tile(2 * TILE, 1, false, PL_PANEL, t, in, clamp);
    else if (panels == 1)
        half ? conv_rows(rows, 1, true, PL_PANEL, t, in, clamp) : conv_rows(rows, 1, false, PL_PANEL, t, in, clamp);
    else
        half ? conv_rows(rows, 2, true, PL_PANEL, t, in, clamp) : conv_rows(rows, 2, false, PL_PANEL, t, in, clamp);
}

/* Interleaved inputs are those of the first operation and of few small ones: three sizes of tile have to do. */
static int next_tile_any(int n)
{
    return n >= TILE ? TILE : n >= 4 ? 4 : 1;
}

static void conv_any(int rows, int panels, bool half, const struct tile *t, const struct inputs *in,
                     const struct clamp *clamp)
{
    size_t step = in->pixel_step;

    switch (rows + (panels == 2 ? 100 : 0) + (panels == 2 && half ? 100 : 0)) {
    case 1: conv_tile(1, 1, false, step, t, in, clamp); break;
    case 4: conv_tile(4, 1, false, step, t, in, clamp); break;
    case 14: conv_tile(14, 1, false, step, t, in, clamp); break;
    case 101: conv_tile(1, 2, false, step, t, in, clamp); break;
    case 104: conv_tile(4, 2, false, step, t, in, clamp); break;
    case 114: conv_tile(14, 2, false, step, t, in, clamp); break;
    case 201: conv_tile(1, 2, true, step, t, in, clamp); break;
    case 204: conv_tile(4, 2, true, step, t, in, clamp); break;
    case 214: conv_tile(14, 2, true, step, t, in, clamp); break;
    }
}

/* n_pixels pixels from y on, channels [c, c_end): two panels after two panels, so that their weights stay in the first
 * caches while all pixels pass by. */
static void conv_pixels(float *y, const struct inputs *in, int n_pixels, const float *w, const struct pl_window *win,
                        const struct pl_part *part)
{
    const struct clamp clamp = clamp_of(win);
    struct tile t = { .y_pixel = win->out.pixel, .y_panel = win->out.panel,
                      .w_panel = PL_PANEL * (1 + (size_t)win->k_h * (size_t)win->k_w * (size_t)win->in_c) };

    for (int c = part->c, panels; c < part->c_end; c += panels * PL_PANEL) {
        panels = part->c_end - c > PL_PANEL ? 2 : 1;
        t.n = min_int(PL_PANEL, part->c_end - c - (panels - 1) * PL_PANEL);
        t.w = w + (size_t)(c / PL_PANEL) * t.w_panel;
        bool half = t.n <= PL_PANEL / 2;
        for (int p = 0, rows; p < n_pixels; p += rows) {
            t.x = in->at + (size_t)p * in->pixel_step;
            t.y = y + (size_t)p * t.y_pixel + (size_t)(c / PL_PANEL) * t.y_panel;
            if (in->pixel_step == PL_PANEL) {
                rows = next_tile(n_pixels - p, panels);
                conv_panels(rows, panels, half, &t, in, &clamp);
            } else {
                rows = next_tile_any(n_pixels - p);
                conv_any(rows, panels, half, &t, in, &clamp);
            }
        }
    }
}

static void conv1x1(float *y, const float *x, const float *w, const struct pl_window *win, const struct pl_part *part)
{
    const int cache_floats = 1 << 15; /* inputs of a block of pixels: 128 kB of the second cache */
    int block = max_int(1, cache_floats / win->in_c / TILE) * TILE;

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

/* One panel of one output row: y, x at the row's and the picture's start, w the panel's weights, v the window's rows;
 * lanes: its channels; step_x, step_y: floats between pixels. */
struct line {
    float *y;
    const float *x, *w;
    size_t step_x, step_y;
    struct span v;
    __mmask16 lanes;
};

/* volatile: gcc would load it anew for each FMA that takes it, and loads are what a depthwise window is short of. */
INLINE __m512 load_once(const float *x)
{
    return *(const volatile __m512_u *)x;
}

/* n pixels from column s on. k, stride, n are constants in every call; edge: some windows leave the input to the left or
 * right; whole: all 16 lanes may be read and written. */
INLINE void dw_tile(int k, int stride, int n, bool edge, bool whole, const struct line *t, const struct pl_window *win, int s,
                    const struct clamp *clamp)
{
    int left = s * stride - win->pad_left, reach = (n - 1) * stride + k;
    __m512 sum[8];

    UNROLL for (int i = 0; i < n; i++)
        sum[i] = _mm512_load_ps(t->w);
    for (int i = t->v.first; i < t->v.end; i++) {
        const float *x = t->x + (size_t)(t->v.at + i - t->v.first) * (size_t)win->in_w * t->step_x;
        __m512 tap[5];
        for (int j = 0; j < k; j++)
            tap[j] = _mm512_load_ps(t->w + PL_PANEL * (1 + i * k + j));
        UNROLL for (int d = 0; d < reach; d++) {
            if (edge && (left + d < 0 || left + d >= win->in_w))
                continue;
            const float *at = x + (size_t)(left + d) * (whole ? PL_PANEL : t->step_x);
            __m512 in = whole ? load_once(at) : _mm512_maskz_loadu_ps(t->lanes, at);
            UNROLL for (int j = 0; j < k; j++)
                if (d >= j && (d - j) % stride == 0 && (d - j) / stride < n)
                    sum[(d - j) / stride] = _mm512_fmadd_ps(in, tap[j], sum[(d - j) / stride]);
        }
    }
    UNROLL for (int i = 0; i < n; i++) {
        if (whole)
            _mm512_storeu_ps(t->y + (size_t)(s + i) * PL_PANEL, clamped(sum[i], clamp));
        else
            _mm512_mask_storeu_ps(t->y + (size_t)(s + i) * t->step_y, t->lanes, clamped(sum[i], clamp));
    }
}

/* One pixel, any window. */
static void dw_pixel(const struct line *t, const struct pl_window *win, int s, const struct clamp *clamp)
{
    struct span h = clip(s, win->stride_w, win->pad_left, win->k_w, win->in_w);
    __m512 sum = _mm512_load_ps(t->w);

    for (int i = t->v.first; i < t->v.end; i++)
        for (int j = h.first; j < h.end; j++) {
            size_t pixel = (size_t)(t->v.at + i - t->v.first) * (size_t)win->in_w + (size_t)(h.at + j - h.first);
            __m512 tap = _mm512_load_ps(t->w + PL_PANEL * (1 + i * win->k_w + j));
            sum = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(t->lanes, t->x + pixel * t->step_x), tap, sum);
        }
    _mm512_mask_storeu_ps(t->y + (size_t)s * t->step_y, t->lanes, clamped(sum, clamp));
}

INLINE void dw_edge(int k, int stride, int n, bool whole, const struct line *t, const struct pl_window *win, int s,
                    const struct clamp *clamp)
{
    int left = s * stride - win->pad_left;
    if (left < 0 || left + (n - 1) * stride + k > win->in_w)
        dw_tile(k, stride, n, true, whole, t, win, s, clamp);
    else
        dw_tile(k, stride, n, false, whole, t, win, s, clamp);
}

/* A row of at least 4 pixels; the last tile moves left until it fits and computes some pixels again. */
INLINE void dw_line(int k, int stride, bool whole, const struct line *t, const struct pl_window *win, const struct clamp *clamp)
{
    int width = win->out_w;

    for (int s = 0; s < width;) {
        if (width >= 8 && width - s > 4) {
            dw_edge(k, stride, 8, whole, t, win, min_int(s, width - 8), clamp);
            s += 8;
        } else {
            dw_edge(k, stride, 4, whole, t, win, min_int(s, width - 4), clamp);
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
INLINE void dw_rows(int k, int stride, bool whole, struct line t, const struct pl_window *win, int row, int row_end,
                    const struct clamp *clamp)
{
    float *y = t.y;

    for (int r = row; r < row_end; r++) {
        t.y = y + (size_t)r * (size_t)win->out_w * t.step_y;
        t.v = clip(r, win->stride_h, win->pad_top, win->k_h, win->in_h);
        if (k)
            dw_line(k, stride, whole, &t, win, clamp);
        else
            dw_line_any(&t, win, clamp);
    }
}

/* Panel after panel: the rows of one that a window covers stay in the first cache. */
static void dwconv(float *y, const float *x, const float *w, const struct pl_window *win, const struct pl_part *part)
{
    const struct clamp clamp = clamp_of(win);
    bool square = win->k_h == win->k_w && win->stride_h == win->stride_w && win->out_w >= 4;
    bool whole = win->in.pixel == PL_PANEL && win->out.pixel == PL_PANEL; /* in panels: the last one is filled up */
    int kind = square ? (whole ? 100 : 0) + 10 * win->k_w + win->stride_w : 0;
    size_t w_panel = PL_PANEL * (1 + (size_t)win->k_h * (size_t)win->k_w);

    for (int c = part->c; c < part->c_end; c += PL_PANEL) {
        size_t panel = (size_t)(c / PL_PANEL);
        struct line t = { .y = y + panel * win->out.panel, .x = x + panel * win->in.panel, .w = w + panel * w_panel,
                          .step_x = win->in.pixel, .step_y = win->out.pixel, .lanes = mask_of(part->c_end - c) };
        switch (kind) {
        case 31: dw_rows(3, 1, false, t, win, part->row, part->row_end, &clamp); break;
        case 32: dw_rows(3, 2, false, t, win, part->row, part->row_end, &clamp); break;
        case 51: dw_rows(5, 1, false, t, win, part->row, part->row_end, &clamp); break;
        case 52: dw_rows(5, 2, false, t, win, part->row, part->row_end, &clamp); break;
        case 131: dw_rows(3, 1, true, t, win, part->row, part->row_end, &clamp); break;
        case 132: dw_rows(3, 2, true, t, win, part->row, part->row_end, &clamp); break;
        case 151: dw_rows(5, 1, true, t, win, part->row, part->row_end, &clamp); break;
        case 152: dw_rows(5, 2, true, t, win, part->row, part->row_end, &clamp); break;
        default: dw_rows(0, 0, false, t, win, part->row, part->row_end, &clamp);
        }
    }
}

/* ---- element by element ---- */

/* Floats [0, n) of a, b and y, which lie together. */
INLINE void add_run(float *y, const float *a, const float *b, size_t n, const struct clamp *clamp)
{
    for (size_t i = 0; i < n; i += 16) {
        __mmask16 lanes = mask_of(n - i < 16 ? (int)(n - i) : 16);
        __m512 sum = _mm512_add_ps(_mm512_maskz_loadu_ps(lanes, a + i), _mm512_maskz_loadu_ps(lanes, b + i));
        _mm512_mask_storeu_ps(y + i, lanes, clamped(sum, clamp));
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

INLINE __m512 mix(__m512 a, __m512 b, __m512 t)
{
    return _mm512_fmadd_ps(b, t, _mm512_mul_ps(a, _mm512_sub_ps(_mm512_set1_ps(1), t)));
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

    for (int c = 0; c < win->in_c; c += PL_PANEL) {
        const float *xp = x + (size_t)(c / PL_PANEL) * win->in.panel;
        float *yp = y + (size_t)(c / PL_PANEL) * win->out.panel;
        __mmask16 lanes = mask_of(win->in_c - c);
        for (int r = row; r < row_end; r++) {
            struct lerp v = resize2x_at(r, win->in_h);
            const float *top = xp + v.a * width * step, *low = xp + v.b * width * step;
            __m512 tv = _mm512_set1_ps(v.t);
            for (int s = 0; s < 2 * win->in_w; s++) {
                struct lerp u = resize2x_at(s, win->in_w);
                __m512 a = mix(_mm512_maskz_loadu_ps(lanes, top + u.a * step), _mm512_maskz_loadu_ps(lanes, low + u.a * step), tv);
                __m512 b = mix(_mm512_maskz_loadu_ps(lanes, top + u.b * step), _mm512_maskz_loadu_ps(lanes, low + u.b * step), tv);
                _mm512_mask_storeu_ps(yp + ((size_t)r * 2 * width + (size_t)s) * win->out.pixel, lanes,
                                      mix(a, b, _mm512_set1_ps(u.t)));
            }
        }
    }
}

static void maxpool(float *y, const float *x, const struct pl_window *win, int row, int row_end)
{
    const struct clamp clamp = clamp_of(win);

    for (int c = 0; c < win->in_c; c += PL_PANEL) {
        const float *xp = x + (size_t)(c / PL_PANEL) * win->in.panel;
        float *yp = y + (size_t)(c / PL_PANEL) * win->out.panel;
        __mmask16 lanes = mask_of(win->in_c - c);
        for (int r = row; r < row_end; r++) {
            struct span v = clip(r, win->stride_h, win->pad_top, win->k_h, win->in_h);
            for (int s = 0; s < win->out_w; s++) {
                struct span h = clip(s, win->stride_w, win->pad_left, win->k_w, win->in_w);
                __m512 best = _mm512_set1_ps(-__builtin_inff());
                for (int i = 0; i < v.end - v.first; i++)
                    for (int j = 0; j < h.end - h.first; j++) {
                        size_t pixel = (size_t)(v.at + i) * (size_t)win->in_w + (size_t)(h.at + j);
                        best = _mm512_max_ps(best, _mm512_maskz_loadu_ps(lanes, xp + pixel * win->in.pixel));
                    }
                _mm512_mask_storeu_ps(yp + ((size_t)r * (size_t)win->out_w + (size_t)s) * win->out.pixel, lanes,
                                      clamped(best, &clamp));
            }
        }
    }
}

void pl_kernels_fill_avx512(struct pl_kernels *k)
{
    k->conv1x1 = conv1x1;
    k->conv = conv;
    k->dwconv = dwconv;
    k->add = add;
    k->maxpool = maxpool;
    k->resize2x = resize2x;
}
#endif
