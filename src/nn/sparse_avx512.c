/* 1x1 convolutions with sparse weights, AVX-512. What they compute: sparse1x1 in kernels_c.c.
 *
 * The non-zero weights of an output channel have no pattern, so lanes must be pixels: inputs of up to 64 pixels are
 * turned channel by channel (a block of them: 24 kB, which the first cache holds); then each output channel runs through
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

/* turned [n_c][PIXELS] = channels [c, c + n_c) of n pixels of x; c is a multiple of PL_PANEL */
static void turn_inputs(float *turned, const float *x, const struct pl_window *win, int n, int c, int n_c)
{
    for (int k = 0; k < n_c; k += 16) {
        const float *panel = x + (size_t)((c + k) / PL_PANEL) * win->in.panel;
        __mmask16 lanes = mask_of(n_c - k);
        for (int p = 0; p < n; p += 16) {
            __m512 v[16];
            UNROLL for (int i = 0; i < 16; i++)
                v[i] = _mm512_maskz_loadu_ps(p + i < n ? lanes : 0, panel + (size_t)(p + i < n ? p + i : 0) * win->in.pixel);
            turn(v);
            UNROLL for (int i = 0; i < 16; i++)
                if (k + i < n_c)
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
        __mmask16 lanes = mask_of(n_c - k);
        for (int p = 0; p < n; p += 16) {
            __m512 v[16];
            UNROLL for (int i = 0; i < 16; i++) /* rows behind the last hold older sums, which no lane takes */
                v[i] = _mm512_min_ps(max, _mm512_max_ps(min, _mm512_load_ps(sums + (size_t)(k + i) * PIXELS + p)));
            turn(v);
            UNROLL for (int i = 0; i < 16; i++)
                if (p + i < n)
                    _mm512_mask_storeu_ps(panel + (size_t)(p + i) * win->out.pixel, lanes, v[i]);
        }
    }
}

/* One output channel: entries [n] of a block, the even and the odd ones in sums of their own, so that an FMA need not
 * wait for the one before it; regs: registers of pixels, a constant in every call */
INLINE void add_entries(int regs, float *sums, const float *turned, const struct pl_sparse_entry *entries, int n)
{
    __m512 even[4], odd[4];
    int i = 0;

    UNROLL for (int r = 0; r < regs; r++) {
        even[r] = _mm512_load_ps(sums + 16 * r);
        odd[r] = _mm512_setzero_ps();
    }
    for (; i + 2 <= n; i += 2) {
        const float *in = turned + entries[i].input, *in2 = turned + entries[i + 1].input;
        __m512 w = _mm512_set1_ps(entries[i].weight), w2 = _mm512_set1_ps(entries[i + 1].weight);
        UNROLL for (int r = 0; r < regs; r++) {
            even[r] = _mm512_fmadd_ps(w, _mm512_load_ps(in + 16 * r), even[r]);
            odd[r] = _mm512_fmadd_ps(w2, _mm512_load_ps(in2 + 16 * r), odd[r]);
        }
    }
    if (i < n) {
        const float *in = turned + entries[i].input;
        __m512 w = _mm512_set1_ps(entries[i].weight);
        UNROLL for (int r = 0; r < regs; r++)
            even[r] = _mm512_fmadd_ps(w, _mm512_load_ps(in + 16 * r), even[r]);
    }
    UNROLL for (int r = 0; r < regs; r++)
        _mm512_store_ps(sums + 16 * r, _mm512_add_ps(even[r], odd[r]));
}

INLINE void add_block(int regs, float *sums, const float *turned, const struct pl_sparse_entry *entries, const int *starts,
                      int n_c)
{
    for (int o = 0; o < n_c; o++)
        add_entries(regs, sums + (size_t)o * PIXELS, turned, entries + starts[o], starts[o + 1] - starts[o]);
}

static void sparse1x1(float *y, const float *x, const struct pl_sparse *w, const struct pl_window *win,
                      const struct pl_part *part)
{
    _Alignas(64) float turned[PL_SPARSE_BLOCK * PIXELS], sums[OUTPUTS * PIXELS];

    for (int p = part->row; p < part->row_end; p += PIXELS)
        for (int c = part->c; c < part->c_end; c += OUTPUTS) {
            int n = min_int(PIXELS, part->row_end - p), n_c = min_int(OUTPUTS, part->c_end - c);
            for (int o = 0; o < n_c; o++)
                for (int r = 0; r < PIXELS; r += 16)
                    _mm512_store_ps(sums + (size_t)o * PIXELS + r, _mm512_set1_ps(w->bias[c + o]));
            for (int b = 0, k = 0; k < win->in_c; b++, k += w->block) {
                const int *starts = w->starts + (size_t)b * (size_t)win->out_c + c;
                turn_inputs(turned, x + (size_t)p * win->in.pixel, win, n, k, min_int(w->block, win->in_c - k));
                switch ((n + 15) / 16) {
                case 1: add_block(1, sums, turned, w->entries, starts, n_c); break;
                case 2: add_block(2, sums, turned, w->entries, starts, n_c); break;
                case 3: add_block(3, sums, turned, w->entries, starts, n_c); break;
                case 4: add_block(4, sums, turned, w->entries, starts, n_c); break;
                }
            }
            turn_outputs(y + (size_t)p * win->out.pixel, sums, win, n, c, n_c);
        }
}

void pl_sparse_fill_avx512(struct pl_kernels *k)
{
    k->sparse1x1 = sparse1x1;
}
#endif
