/* 1x1 convolutions with sparse weights, AVX-512. What they compute: sparse1x1 in kernels_c.c.
 *
 * The non-zero weights of an output channel have no pattern, so lanes must be pixels: inputs of up to 64 pixels are
 * turned channel by channel (a block of them: 28 kB, which the first cache holds); then each output channel runs through
 * its weights, one broadcast and up to four FMAs each; sums wait in a second array until all blocks are through, and are
 * turned back. Turning takes a tenth of the time; loading one input per FMA is what binds.
 */
#if defined(__x86_64__)
#include "plumbline/kernels.h"

#include <immintrin.h>
#include <stdbool.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

enum { PIXELS = PL_SPARSE_PIXELS, OUTPUTS = 192 }; /* of which sums are kept at a time: 48 kB */

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

/* First n of 16 lanes; none if n < 1. */
INLINE __mmask16 mask_of(int n)
{
    return (__mmask16)(n >= 16 ? 0xffff : n < 1 ? 0 : (1u << n) - 1);
}

/* 16 rows of 16 -> 16 columns of 16 */
INLINE void turn(__m512 v[16])
{
    __m512 t[16];

    UNROLL for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_ps(v[i], v[i + 1]);
        t[i + 1] = _mm512_unpackhi_ps(v[i], v[i + 1]);
    }
    UNROLL for (int i = 0; i < 16; i += 4) {
        v[i] = _mm512_shuffle_ps(t[i], t[i + 2], 0x44);
        v[i + 1] = _mm512_shuffle_ps(t[i], t[i + 2], 0xee);
        v[i + 2] = _mm512_shuffle_ps(t[i + 1], t[i + 3], 0x44);
        v[i + 3] = _mm512_shuffle_ps(t[i + 1], t[i + 3], 0xee);
    }
    UNROLL for (int i = 0; i < 4; i++) { /* quarters of four neighbours: rows 0-3 with 4-7, 8-11 with 12-15 */
        t[i] = _mm512_shuffle_f32x4(v[i], v[i + 4], 0x88);
        t[i + 4] = _mm512_shuffle_f32x4(v[i], v[i + 4], 0xdd);
        t[i + 8] = _mm512_shuffle_f32x4(v[i + 8], v[i + 12], 0x88);
        t[i + 12] = _mm512_shuffle_f32x4(v[i + 8], v[i + 12], 0xdd);
    }
    UNROLL for (int i = 0; i < 4; i++) {
        v[i] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0x88);
        v[i + 8] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0xdd);
        v[i + 4] = _mm512_shuffle_f32x4(t[i + 4], t[i + 12], 0x88);
        v[i + 12] = _mm512_shuffle_f32x4(t[i + 4], t[i + 12], 0xdd);
    }
}

/* v[i] = 16 channels of pixel i, of n; step: floats between pixels */
INLINE void load_pixels(__m512 v[16], const float *x, size_t step, int n, __mmask16 lanes)
{
    if (n >= 16 && lanes == 0xffff && step == PL_PANEL) {
        UNROLL for (int i = 0; i < 16; i++)
            v[i] = _mm512_loadu_ps(x + i * PL_PANEL);
    } else {
        UNROLL for (int i = 0; i < 16; i++)
            v[i] = _mm512_maskz_loadu_ps(i < n ? lanes : 0, x + (i < n ? (size_t)i * step : 0));
    }
}

INLINE void store_pixels(float *y, const __m512 v[16], size_t step, int n, __mmask16 lanes)
{
    if (n >= 16 && lanes == 0xffff && step == PL_PANEL) {
        UNROLL for (int i = 0; i < 16; i++)
            _mm512_storeu_ps(y + i * PL_PANEL, v[i]);
    } else {
        UNROLL for (int i = 0; i < 16; i++)
            if (i < n)
                _mm512_mask_storeu_ps(y + (size_t)i * step, lanes, v[i]);
    }
}

/* turned [n_c][PIXELS] = channels [c, c + n_c) of n pixels of x; c is a multiple of PL_PANEL. Rows behind the last up to a
 * multiple of 16 are filled with zeros. */
static void turn_inputs(float *turned, const float *x, const struct pl_window *win, int n, int c, int n_c)
{
    for (int k = 0; k < n_c; k += 16) {
        const float *panel = x + (size_t)((c + k) / PL_PANEL) * win->in.panel;
        for (int p = 0; p < n; p += 16) {
            __m512 v[16];
            load_pixels(v, panel + (size_t)p * win->in.pixel, win->in.pixel, n - p, mask_of(n_c - k));
            turn(v);
            UNROLL for (int i = 0; i < 16; i++)
                _mm512_store_ps(turned + (size_t)(k + i) * PIXELS + p, v[i]);
        }
    }
}

/* y = clamped sums [n_c][PIXELS] of n pixels, channels from c on */
static void turn_outputs(float *y, const float *sums, const struct pl_window *win, int n, int c, int n_c)
{
    const __m512 min = _mm512_set1_ps(win->min), max = _mm512_set1_ps(win->max);

    for (int k = 0; k < n_c; k += 16) {
        float *panel = y + (size_t)((c + k) / PL_PANEL) * win->out.panel;
        for (int p = 0; p < n; p += 16) {
            __m512 v[16];
            UNROLL for (int i = 0; i < 16; i++) /* rows behind the last hold older sums, which no lane takes */
                v[i] = _mm512_min_ps(max, _mm512_max_ps(min, _mm512_load_ps(sums + (size_t)(k + i) * PIXELS + p)));
            turn(v);
            store_pixels(panel + (size_t)p * win->out.pixel, v, win->out.pixel, n - p, mask_of(n_c - k));
        }
    }
}

/* One output channel: entries [n] of a block, added to sums, or to the bias for the first block; regs: registers of
 * pixels, a constant in every call */
INLINE void add_entries(int regs, float *sums, const float *bias, const float *turned, const struct pl_sparse_entry *entries,
                        int n)
{
    __m512 sum[4];

    UNROLL for (int r = 0; r < regs; r++)
        sum[r] = bias ? _mm512_set1_ps(*bias) : _mm512_load_ps(sums + 16 * r);
    for (int i = 0; i < n; i++) {
        const float *in = turned + entries[i].input;
        __m512 w = _mm512_set1_ps(entries[i].weight);
        UNROLL for (int r = 0; r < regs; r++)
            sum[r] = _mm512_fmadd_ps(w, _mm512_load_ps(in + 16 * r), sum[r]);
    }
    UNROLL for (int r = 0; r < regs; r++)
        _mm512_store_ps(sums + 16 * r, sum[r]);
}

INLINE void add_outputs(int regs, float *sums, const float *bias, const float *turned, const struct pl_sparse_entry *entries,
                        const int *starts, int n_c)
{
    for (int o = 0; o < n_c; o++)
        add_entries(regs, sums + (size_t)o * PIXELS, bias ? bias + o : NULL, turned, entries + starts[o],
                    starts[o + 1] - starts[o]);
}

/* Block b of the inputs, for n pixels and channels [c, c + n_c) */
static void add_block(float *sums, const float *turned, const struct pl_sparse *w, const struct pl_window *win, int b, int n,
                      int c, int n_c)
{
    const int *starts = w->starts + (size_t)b * (size_t)win->out_c + c;
    const float *bias = b == 0 ? w->bias + c : NULL;

    switch ((n + 15) / 16) {
    case 1: add_outputs(1, sums, bias, turned, w->entries, starts, n_c); break;
    case 2: add_outputs(2, sums, bias, turned, w->entries, starts, n_c); break;
    case 3: add_outputs(3, sums, bias, turned, w->entries, starts, n_c); break;
    case 4: add_outputs(4, sums, bias, turned, w->entries, starts, n_c); break;
    }
}

static void sparse1x1(float *y, const float *x, const struct pl_sparse *w, const struct pl_window *win,
                      const struct pl_part *part)
{
    _Alignas(64) float turned[PL_SPARSE_BLOCK * PIXELS], sums[OUTPUTS * PIXELS];
    int step = win->in_c <= w->block ? PL_PANEL : OUTPUTS; /* one block: turned once, sums that stay in the first cache */

    for (int p = part->row; p < part->row_end; p += PIXELS)
        for (int c = part->c; c < part->c_end; c += step) {
            int n = min_int(PIXELS, part->row_end - p), n_c = min_int(step, part->c_end - c);
            for (int b = 0, k = 0; k < win->in_c; b++, k += w->block) {
                if (step == OUTPUTS || c == part->c)
                    turn_inputs(turned, x + (size_t)p * win->in.pixel, win, n, k, min_int(w->block, win->in_c - k));
                add_block(sums, turned, w, win, b, n, c, n_c);
            }
            turn_outputs(y + (size_t)p * win->out.pixel, sums, win, n, c, n_c);
        }
}

void pl_sparse_fill_avx512(struct pl_kernels *k)
{
    k->sparse1x1 = sparse1x1;
}
#endif
