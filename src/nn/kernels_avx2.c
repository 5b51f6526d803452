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

enum { TILE = 12 }; /* pixels per step: two tiles of 6 x 16 or one of 12 x 8 */

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

/* The inputs that a row of neighbouring pixels sums over: `lines` runs of `line` floats, line_step floats apart; the
 * next pixel's lie pixel_step floats further. Their weights: runs of `line` terms from term first_term on, term_step
 * terms apart. A 1x1 convolution has one line of in_c; a window has one per row of it. */
struct inputs {
    const float *at;
    size_t pixel_step, lines, line, line_step, first_term, term_step;
};

/* rows pixels x 8*regs channels; w: the panel, from its biases on; n channels to store.
 * rows and regs are constants in every call, so that the sums live in registers. */
INLINE void conv_tile(int rows, int regs, float *y, size_t ldy, const float *a, const struct inputs *in, const float *w,
                      int n, const struct clamp *clamp)
{
    __m256 sum[12][2];

    for (int r = 0; r < rows; r++)
        for (int j = 0; j < regs; j++)
            sum[r][j] = _mm256_load_ps(w + 8 * j);
    for (size_t l = 0; l < in->lines; l++) {
        const float *al = a + l * in->line_step;
        const float *wl = w + PL_PANEL * (1 + in->first_term + l * in->term_step);
        for (size_t i = 0; i < in->line; i++, wl += PL_PANEL) {
            __m256 wi[2];
            for (int j = 0; j < regs; j++)
                wi[j] = _mm256_load_ps(wl + 8 * j);
            UNROLL for (int r = 0; r < rows; r++) {
                __m256 x = _mm256_broadcast_ss(al + (size_t)r * in->pixel_step + i);
                for (int j = 0; j < regs; j++)
                    sum[r][j] = _mm256_fmadd_ps(x, wi[j], sum[r][j]);
            }
        }
    }
    for (int r = 0; r < rows; r++, y += ldy)
        for (int j = 0; j < regs; j++) {
            if (n >= 8 * (j + 1))
                _mm256_storeu_ps(y + 8 * j, clamped(sum[r][j], clamp));
            else if (n > 8 * j)
                _mm256_maskstore_ps(y + 8 * j, mask_of(n - 8 * j), clamped(sum[r][j], clamp));
        }
}

/* Up to 6 pixels x up to 16 channels. */
static void conv_6x16(int rows, float *y, size_t ldy, const float *a, const struct inputs *in, const float *w, int n,
                      const struct clamp *clamp)
{
    switch (rows) {
    case 1: conv_tile(1, 2, y, ldy, a, in, w, n, clamp); break;
    case 2: conv_tile(2, 2, y, ldy, a, in, w, n, clamp); break;
    case 3: conv_tile(3, 2, y, ldy, a, in, w, n, clamp); break;
    case 4: conv_tile(4, 2, y, ldy, a, in, w, n, clamp); break;
    case 5: conv_tile(5, 2, y, ldy, a, in, w, n, clamp); break;
    case 6: conv_tile(6, 2, y, ldy, a, in, w, n, clamp); break;
    }
}

/* y [n_pixels][out_c], channels [c, c_end): panel after panel, so that a panel's weights stay in the first cache while
 * all pixels pass by. */
static void conv_pixels(float *y, const struct inputs *in, int n_pixels, const float *w, const struct pl_window *win,
                        const struct pl_part *part)
{
    size_t ldy = (size_t)win->out_c, panel = PL_PANEL * (1 + (size_t)win->k_h * (size_t)win->k_w * (size_t)win->in_c);
    const struct clamp clamp = clamp_of(win->min, win->max);

    for (int c = part->c; c < part->c_end; c += PL_PANEL) {
        const float *wp = w + (size_t)(c / PL_PANEL) * panel;
        int n = min_int(PL_PANEL, part->c_end - c), p = 0;
        if (n <= 8)
            for (; p + TILE <= n_pixels; p += TILE)
                conv_tile(TILE, 1, y + (size_t)p * ldy + c, ldy, in->at + (size_t)p * in->pixel_step, in, wp, n, &clamp);
        for (; p < n_pixels; p += 6)
            conv_6x16(min_int(6, n_pixels - p), y + (size_t)p * ldy + c, ldy, in->at + (size_t)p * in->pixel_step, in, wp,
                      n, &clamp);
    }
}

static void conv1x1(float *y, const float *x, const float *w, const struct pl_window *win, const struct pl_part *part)
{
    const int cache_floats = 1 << 15; /* inputs of a block of pixels: 128 kB of the second cache */
    size_t in_c = (size_t)win->in_c;
    int block = max_int(1, cache_floats / win->in_c / TILE) * TILE;

    for (int p = part->row; p < part->row_end; p += block) {
        struct inputs in = { .at = x + (size_t)p * in_c, .pixel_step = in_c, .lines = 1, .line = in_c };
        conv_pixels(y + (size_t)p * (size_t)win->out_c, &in, min_int(block, part->row_end - p), w, win, part);
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
    size_t in_c = (size_t)win->in_c;
    struct span h = clip(s, win->stride_w, win->pad_left, win->k_w, win->in_w);
    int n = 1;

    if (h.end - h.first == win->k_w)
        n = min_int(win->out_w - s, (win->in_w - win->k_w - h.at) / win->stride_w + 1);
    struct inputs in = {
        .at = x + (h.end > h.first ? ((size_t)v->at * (size_t)win->in_w + (size_t)h.at) * in_c : 0),
        .pixel_step = (size_t)win->stride_w * in_c,
        .lines = (size_t)(v->end - v->first),
        .line = (size_t)(h.end - h.first) * in_c,
        .line_step = (size_t)win->in_w * in_c,
        .first_term = ((size_t)v->first * (size_t)win->k_w + (size_t)h.first) * in_c,
        .term_step = (size_t)win->k_w * in_c,
    };
    conv_pixels(line + (size_t)s * (size_t)win->out_c, &in, n, w, win, part);
    return n;
}

static void conv(float *y, const float *x, const float *w, const struct pl_window *win, const struct pl_part *part)
{
    for (int r = part->row; r < part->row_end; r++) {
        struct span v = clip(r, win->stride_h, win->pad_top, win->k_h, win->in_h);
        float *line = y + (size_t)r * (size_t)win->out_w * (size_t)win->out_c;
        v.at = v.end > v.first ? v.at : 0;
        for (int s = 0; s < win->out_w;)
            s += conv_run(line, x, w, win, part, &v, s);
    }
}

/* ---- depthwise convolution ---- */

/* n pixels from column s of one output row x 8 channels. y, x: the tensors from the channel on, y at the row's start,
 * w: the packed weights from the channel on. k, stride, n are constants in every call; edge: some windows leave the
 * input to the left or right. */
INLINE void dw_tile(int k, int stride, int n, bool edge, float *y, const float *x, const float *w,
                    const struct pl_window *win, struct span v, int s, const struct clamp *clamp)
{
    size_t channels = (size_t)win->in_c;
    int left = s * stride - win->pad_left, reach = (n - 1) * stride + k;
    __m256 sum[8];

    for (int t = 0; t < n; t++)
        sum[t] = _mm256_load_ps(w);
    for (int i = v.first; i < v.end; i++) {
        const float *line = x + (size_t)(v.at + i - v.first) * (size_t)win->in_w * channels;
        __m256 tap[5];
        for (int j = 0; j < k; j++)
            tap[j] = _mm256_load_ps(w + PL_PANEL * (1 + i * k + j));
        UNROLL for (int d = 0; d < reach; d++) {
            if (edge && (left + d < 0 || left + d >= win->in_w))
                continue;
            __m256 in = _mm256_loadu_ps(line + (size_t)(left + d) * channels);
            UNROLL for (int j = 0; j < k; j++)
                if (d >= j && (d - j) % stride == 0 && (d - j) / stride < n)
                    sum[(d - j) / stride] = _mm256_fmadd_ps(in, tap[j], sum[(d - j) / stride]);
        }
    }
    for (int t = 0; t < n; t++)
        _mm256_storeu_ps(y + (size_t)(s + t) * channels, clamped(sum[t], clamp));
}

/* One pixel x up to 8 channels, any window. */
static void dw_pixel(float *y, const float *x, const float *w, const struct pl_window *win, struct span v, int s, int n,
                     const struct clamp *clamp)
{
    size_t channels = (size_t)win->in_c;
    struct span h = clip(s, win->stride_w, win->pad_left, win->k_w, win->in_w);
    __m256i mask = mask_of(n);
    __m256 sum = _mm256_load_ps(w);

    for (int i = v.first; i < v.end; i++)
        for (int j = h.first; j < h.end; j++) {
            size_t pixel = (size_t)(v.at + i - v.first) * (size_t)win->in_w + (size_t)(h.at + j - h.first);
            __m256 tap = _mm256_load_ps(w + PL_PANEL * (1 + i * win->k_w + j));
            sum = _mm256_fmadd_ps(_mm256_maskload_ps(x + pixel * channels, mask), tap, sum);
        }
    _mm256_maskstore_ps(y + (size_t)s * channels, mask, clamped(sum, clamp));
}

/* Panel of channel c, from that channel on. */
INLINE const float *dw_weights(const float *w, const struct pl_window *win, int c)
{
    return w + (size_t)(c / PL_PANEL) * PL_PANEL * (1 + (size_t)win->k_h * (size_t)win->k_w) + c % PL_PANEL;
}

INLINE void dw_tile_channels(int k, int stride, int n, float *y, const float *x, const float *w,
                             const struct pl_window *win, struct span v, int s, const struct clamp *clamp)
{
    int left = s * stride - win->pad_left, c = 0;
    bool edge = left < 0 || left + (n - 1) * stride + k > win->in_w;

    if (edge)
        for (; c + 8 <= win->in_c; c += 8)
            dw_tile(k, stride, n, true, y + c, x + c, dw_weights(w, win, c), win, v, s, clamp);
    else
        for (; c + 8 <= win->in_c; c += 8)
            dw_tile(k, stride, n, false, y + c, x + c, dw_weights(w, win, c), win, v, s, clamp);
    for (int t = 0; c < win->in_c && t < n; t++)
        dw_pixel(y + c, x + c, dw_weights(w, win, c), win, v, s + t, win->in_c - c, clamp);
}

/* One output row of at least 4 pixels; the last tile moves left until it fits and computes some pixels again. */
INLINE void dw_row(int k, int stride, float *y, const float *x, const float *w, const struct pl_window *win, struct span v,
                   const struct clamp *clamp)
{
    int width = win->out_w;

    for (int s = 0; s < width;) {
        if (width >= 8 && width - s > 4) {
            dw_tile_channels(k, stride, 8, y, x, w, win, v, min_int(s, width - 8), clamp);
            s += 8;
        } else {
            dw_tile_channels(k, stride, 4, y, x, w, win, v, min_int(s, width - 4), clamp);
            s += 4;
        }
    }
}

static void dw_row_any(float *y, const float *x, const float *w, const struct pl_window *win, struct span v,
                       const struct clamp *clamp)
{
    for (int s = 0; s < win->out_w; s++)
        for (int c = 0; c < win->in_c; c += 8)
            dw_pixel(y + c, x + c, dw_weights(w, win, c), win, v, s, min_int(8, win->in_c - c), clamp);
}

static void dwconv(float *y, const float *x, const float *w, const struct pl_window *win, int row, int row_end)
{
    const struct clamp clamp = clamp_of(win->min, win->max);
    bool square = win->k_h == win->k_w && win->stride_h == win->stride_w && win->out_w >= 4;
    int kind = square ? 10 * win->k_w + win->stride_w : 0;

    for (int r = row; r < row_end; r++) {
        struct span v = clip(r, win->stride_h, win->pad_top, win->k_h, win->in_h);
        float *line = y + (size_t)r * (size_t)win->out_w * (size_t)win->out_c;
        switch (kind) {
        case 31: dw_row(3, 1, line, x, w, win, v, &clamp); break;
        case 32: dw_row(3, 2, line, x, w, win, v, &clamp); break;
        case 51: dw_row(5, 1, line, x, w, win, v, &clamp); break;
        case 52: dw_row(5, 2, line, x, w, win, v, &clamp); break;
        default: dw_row_any(line, x, w, win, v, &clamp);
        }
    }
}

/* ---- element by element ---- */

static void add(float *y, const float *a, const float *b, size_t n, float min, float max)
{
    const struct clamp clamp = clamp_of(min, max);
    size_t i = 0;

    for (; i + 8 <= n; i += 8)
        _mm256_storeu_ps(y + i, clamped(_mm256_add_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i)), &clamp));
    if (i < n) {
        __m256i mask = mask_of((int)(n - i));
        __m256 sum = _mm256_add_ps(_mm256_maskload_ps(a + i, mask), _mm256_maskload_ps(b + i, mask));
        _mm256_maskstore_ps(y + i, mask, clamped(sum, &clamp));
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

static void resize2x(float *y, const float *x, int h, int w, int c, int row, int row_end)
{
    size_t width = (size_t)w, channels = (size_t)c;

    for (int r = row; r < row_end; r++) {
        struct lerp v = resize2x_at(r, h);
        __m256 tv = _mm256_set1_ps(v.t);
        for (int s = 0; s < 2 * w; s++) {
            struct lerp u = resize2x_at(s, w);
            const float *top_a = x + (v.a * width + u.a) * channels, *top_b = x + (v.a * width + u.b) * channels;
            const float *low_a = x + (v.b * width + u.a) * channels, *low_b = x + (v.b * width + u.b) * channels;
            float *out = y + ((size_t)r * 2 * width + (size_t)s) * channels;
            __m256 tu = _mm256_set1_ps(u.t);
            int k = 0;
            for (; k + 8 <= c; k += 8) {
                __m256 a = mix(_mm256_loadu_ps(top_a + k), _mm256_loadu_ps(low_a + k), tv);
                __m256 b = mix(_mm256_loadu_ps(top_b + k), _mm256_loadu_ps(low_b + k), tv);
                _mm256_storeu_ps(out + k, mix(a, b, tu));
            }
            if (k < c) { /* masked loads and stores are slow on some processors: only where they are needed */
                __m256i mask = mask_of(c - k);
                __m256 a = mix(_mm256_maskload_ps(top_a + k, mask), _mm256_maskload_ps(low_a + k, mask), tv);
                __m256 b = mix(_mm256_maskload_ps(top_b + k, mask), _mm256_maskload_ps(low_b + k, mask), tv);
                _mm256_maskstore_ps(out + k, mask, mix(a, b, tu));
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
