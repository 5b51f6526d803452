/* 1x1 convolutions with sparse weights, NEON. What they compute: sparse1x1 in kernels_c.c.
 *
 * The non-zero weights of an output channel have no pattern, so lanes must be pixels: inputs of up to 64 pixels are
 * turned channel by channel (a block of them at a time, which the first cache holds); then each output channel runs
 * through its weights, one broadcast and up to sixteen FMAs each, whose sums stay in registers; between blocks sums wait
 * in a second array, at the end they are turned back. Sixteen FMAs take eight paired loads and 31 instructions; the
 * detector's run takes 112 million where plain C takes 2480, and dense tiles would take about 170.
 */
#if defined(__aarch64__)
#include "plumbline/kernels.h"

#if !defined(__clang__)
#pragma GCC optimize("no-schedule-insns") /* see kernels_neon.c */
#endif

#include <arm_neon.h>
#include <stdbool.h>

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

/* 4 rows of 4 -> 4 columns of 4 */
INLINE void turn(float32x4_t v[4])
{
    float64x2_t a = vreinterpretq_f64_f32(vtrn1q_f32(v[0], v[1])), b = vreinterpretq_f64_f32(vtrn2q_f32(v[0], v[1]));
    float64x2_t c = vreinterpretq_f64_f32(vtrn1q_f32(v[2], v[3])), d = vreinterpretq_f64_f32(vtrn2q_f32(v[2], v[3]));

    v[0] = vreinterpretq_f32_f64(vtrn1q_f64(a, c));
    v[1] = vreinterpretq_f32_f64(vtrn1q_f64(b, d));
    v[2] = vreinterpretq_f32_f64(vtrn2q_f64(a, c));
    v[3] = vreinterpretq_f32_f64(vtrn2q_f64(b, d));
}

/* First n of 4 floats, n > 0; the other lanes are 0. */
INLINE float32x4_t load(const float *x, int n)
{
    float lanes[4] = { 0 };

    if (n >= 4)
        return vld1q_f32(x);
    for (int i = 0; i < n; i++)
        lanes[i] = x[i];
    return vld1q_f32(lanes);
}

INLINE void store(float *y, float32x4_t v, int n)
{
    float lanes[4];

    if (n >= 4) {
        vst1q_f32(y, v);
        return;
    }
    vst1q_f32(lanes, v);
    for (int i = 0; i < n; i++)
        y[i] = lanes[i];
}

/* v[i] = n_c channels of pixel i, of n; behind the last pixel: it once more. step: floats between pixels */
INLINE void load_pixels(float32x4_t v[4], const float *x, size_t step, int n, int n_c)
{
    if (n >= 4 && n_c >= 4) {
        UNROLL for (int i = 0; i < 4; i++)
            v[i] = vld1q_f32(x + (size_t)i * step);
    } else {
        UNROLL for (int i = 0; i < 4; i++)
            v[i] = load(x + (size_t)(i < n ? i : n - 1) * step, n_c);
    }
}

INLINE void store_pixels(float *y, const float32x4_t v[4], size_t step, int n, int n_c)
{
    if (n >= 4 && n_c >= 4) {
        UNROLL for (int i = 0; i < 4; i++)
            vst1q_f32(y + (size_t)i * step, v[i]);
    } else {
        UNROLL for (int i = 0; i < 4; i++)
            if (i < n)
                store(y + (size_t)i * step, v[i], n_c);
    }
}

/* turned [n_c][PIXELS] = channels [c, c + n_c) of n pixels of x; c is a multiple of PL_PANEL. Up to a multiple of 8, the
 * last pixel once more and once more. */
static void turn_inputs(float *turned, const float *x, const struct pl_window *win, int n, int c, int n_c)
{
    size_t step = win->in.pixel;
    int n_filled = (n + 7) / 8 * 8;

    for (int k = 0; k < n_c; k += 4) {
        const float *panel = x + (size_t)((c + k) / PL_PANEL) * win->in.panel + (c + k) % PL_PANEL;
        for (int p = 0; p < n_filled; p += 4) {
            int first = min_int(p, n - 1);
            float32x4_t v[4];
            load_pixels(v, panel + (size_t)first * step, step, n - first, n_c - k);
            turn(v);
            UNROLL for (int i = 0; i < 4; i++) /* blocks are multiples of PL_PANEL: there is room behind n_c */
                vst1q_f32(turned + (size_t)(k + i) * PIXELS + p, v[i]);
        }
    }
}

/* y = clamped sums [n_c][PIXELS] of n pixels, channels from c on */
static void turn_outputs(float *y, const float *sums, const struct pl_window *win, int n, int c, int n_c)
{
    const float32x4_t min = vdupq_n_f32(win->min), max = vdupq_n_f32(win->max);
    size_t step = win->out.pixel;

    for (int k = 0; k < n_c; k += 4) {
        float *panel = y + (size_t)((c + k) / PL_PANEL) * win->out.panel + (c + k) % PL_PANEL;
        for (int p = 0; p < n; p += 4) {
            float32x4_t v[4];
            UNROLL for (int i = 0; i < 4; i++) /* behind the last channel: sums of none, which no lane takes */
                v[i] = vminq_f32(max, vmaxq_f32(min, vld1q_f32(sums + (size_t)(k + i) * PIXELS + p)));
            turn(v);
            store_pixels(panel + (size_t)p * step, v, step, n - p, n_c - k);
        }
    }
}

/* One output channel: entries [n] of a block, added to sums, or to the bias for the first block; regs: registers of
 * pixels, a constant in every call */
INLINE void add_entries(int regs, float *sums, const float *bias, const float *turned, const struct pl_sparse_entry *entries,
                        int n)
{
    float32x4_t sum[16];

    UNROLL for (int r = 0; r < regs; r++)
        sum[r] = bias ? vdupq_n_f32(*bias) : vld1q_f32(sums + 4 * r);
    for (int i = 0; i < n; i++) {
        const float *in = turned + entries[i].input;
        float32x4_t w = vld1q_dup_f32(&entries[i].weight);
        UNROLL for (int r = 0; r < regs; r += 2) { /* two side by side: one instruction loads both */
            float32x4_t in0 = vld1q_f32(in + 4 * r), in1 = vld1q_f32(in + 4 * r + 4);
            sum[r] = vfmaq_f32(sum[r], in0, w);
            sum[r + 1] = vfmaq_f32(sum[r + 1], in1, w);
        }
    }
    UNROLL for (int r = 0; r < regs; r++)
        vst1q_f32(sums + 4 * r, sum[r]);
}

INLINE void add_outputs(int regs, float *sums, const float *bias, const float *turned, const struct pl_sparse_entry *entries,
                        const int *starts, int n_c)
{
    for (int o = 0; o < n_c; o++)
        add_entries(regs, sums + (size_t)o * PIXELS, bias ? bias + o : NULL, turned, entries + starts[o],
                    starts[o + 1] - starts[o]);
}

/* Block b of the inputs, for n pixels and channels [c, c + n_c). Not inlined: distances from the stack pointer would be too
 * long for instructions that load two registers. */
static __attribute__((noinline)) void add_block(float *sums, const float *turned, const struct pl_sparse *w,
                                                const struct pl_window *win, int b, int n, int c, int n_c)
{
    const int *starts = w->starts + (size_t)b * (size_t)win->out_c + c;
    const float *bias = b == 0 ? w->bias + c : NULL;

    switch ((n + 7) / 8) {
    case 1: add_outputs(2, sums, bias, turned, w->entries, starts, n_c); break;
    case 2: add_outputs(4, sums, bias, turned, w->entries, starts, n_c); break;
    case 3: add_outputs(6, sums, bias, turned, w->entries, starts, n_c); break;
    case 4: add_outputs(8, sums, bias, turned, w->entries, starts, n_c); break;
    case 5: add_outputs(10, sums, bias, turned, w->entries, starts, n_c); break;
    case 6: add_outputs(12, sums, bias, turned, w->entries, starts, n_c); break;
    case 7: add_outputs(14, sums, bias, turned, w->entries, starts, n_c); break;
    case 8: add_outputs(16, sums, bias, turned, w->entries, starts, n_c); break;
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

void pl_sparse_fill_neon(struct pl_kernels *k)
{
    k->sparse1x1 = sparse1x1;
}
#endif
