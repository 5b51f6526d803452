/* Every kernel at every level of this machine against a naive computation in double.
 *
 * Shapes: systematic around the tile sizes (1 .. tile + 1), then random ones with odd strides, padding and clamps, cut
 * into random parts, each tensor interleaved or in panels; what fills up a last panel is NAN, which must not spread.
 * A result of n terms may differ by (n + 2) * 0.5 * FLT_EPSILON * sum |w * x|: the standard bound for summing in any
 * order. Tensors are allocated at their exact size with a guard around the output, so a write outside is seen here and
 * a read outside by AddressSanitizer. PL_SEED repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "plumbline/cpu.h"
#include "plumbline/kernels.h"

enum { GUARD = 16, MAX_LEVELS = 4 };
static const float UNTOUCHED = 12345.5f;

static uint64_t random_state;
static struct { unsigned cpu; struct pl_kernels k; } levels[MAX_LEVELS];
static int n_levels;

/* ---- help ---- */

static uint32_t random_bits(void) /* xorshift64* */
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)(random_state * 2685821657736338717u >> 32);
}

static int between(int low, int high)
{
    return low + (int)(random_bits() % (uint32_t)(high - low + 1));
}

static float random_float(void)
{
    return ((float)random_bits() / 4294967296.0f - 0.5f) * 8;
}

static float *random_floats(size_t n)
{
    float *x = malloc(n * sizeof *x + (n == 0));
    assert_non_null(x);
    for (size_t i = 0; i < n; i++)
        x[i] = random_float();
    return x;
}

static struct pl_layout random_layout(int h, int w, int c)
{
    if (between(0, 1))
        return (struct pl_layout){ .pixel = (size_t)c, .panel = PL_PANEL };
    return (struct pl_layout){ .pixel = PL_PANEL, .panel = (size_t)h * (size_t)w * PL_PANEL };
}

static size_t floats_of(const struct pl_layout *layout, int h, int w, int c)
{
    bool panels = layout->pixel == PL_PANEL; /* interleaved, that is 16 channels: the same size */
    size_t channels = panels ? ((size_t)c + PL_PANEL - 1) / PL_PANEL * PL_PANEL : (size_t)c;
    return (size_t)h * (size_t)w * channels;
}

static size_t place(const struct pl_layout *layout, size_t pixel, int c)
{
    return (size_t)(c / PL_PANEL) * layout->panel + pixel * layout->pixel + (size_t)(c % PL_PANEL);
}

/* A tensor of random numbers; lanes behind the last channel are NAN. */
static float *random_tensor(const struct pl_layout *layout, int h, int w, int c)
{
    size_t n = floats_of(layout, h, w, c);
    float *x = malloc(n * sizeof *x + (n == 0));
    assert_non_null(x);
    for (size_t i = 0; i < n; i++)
        x[i] = NAN;
    for (size_t p = 0; p < (size_t)h * (size_t)w; p++)
        for (int k = 0; k < c; k++)
            x[place(layout, p, k)] = random_float();
    return x;
}

static float *output_new(size_t n)
{
    float *y = malloc((n + 2 * GUARD) * sizeof *y);
    assert_non_null(y);
    for (size_t i = 0; i < n + 2 * GUARD; i++)
        y[i] = UNTOUCHED;
    return y + GUARD;
}

static void output_free(float *y)
{
    free(y - GUARD);
}

static float *packed_new(size_t n)
{
    float *w = aligned_alloc(64, n * sizeof *w);
    assert_non_null(w);
    return w;
}

/* A sum in double with what its rounding in float may amount to. */
struct sum {
    double value, magnitude;
    int n;
};

static void sum_add(struct sum *s, double term)
{
    s->value += term;
    s->magnitude += fabs(term);
    s->n++;
}

static double bounded(double v, float min, float max)
{
    return v < (double)min ? (double)min : v > (double)max ? (double)max : v;
}

static void expect(const struct sum *s, float min, float max, float got, const char *what, const struct pl_window *w,
                   size_t at, unsigned cpu)
{
    double allowed = (s->n + 2) * 0.5 * (double)FLT_EPSILON * s->magnitude;
    double want = bounded(s->value, min, max);

    if (fabs((double)got - want) <= allowed)
        return;
    fail_msg("%s at level %s: in %dx%dx%d out %dx%dx%d window %dx%d stride %dx%d pad %d,%d clamp %g..%g: "
             "element %zu is %.9g, should be %.9g +- %.3g", what, pl_cpu_name(cpu), w->in_h, w->in_w, w->in_c, w->out_h,
             w->out_w, w->out_c, w->k_h, w->k_w, w->stride_h, w->stride_w, w->pad_top, w->pad_left, (double)w->min,
             (double)w->max, at, (double)got, want, allowed);
}

static void expect_guard(const float *y, size_t n, const char *what, unsigned cpu)
{
    for (int i = 1; i <= GUARD; i++)
        if (y[-i] != UNTOUCHED || y[n + (size_t)i - 1] != UNTOUCHED)
            fail_msg("%s at level %s writes outside its output of %zu floats", what, pl_cpu_name(cpu), n);
}

static void set_clamp(struct pl_window *w)
{
    static const float ranges[][2] = { { -INFINITY, INFINITY }, { 0, INFINITY }, { 0, 6 }, { -1, 1 } };
    const float *range = ranges[between(0, 3)];
    w->min = range[0];
    w->max = range[1];
}

/* Output size of a window that may start up to its own size outside. */
static struct pl_window window_of(int in_h, int in_w, int in_c, int out_c, int k_h, int k_w, int stride_h, int stride_w,
                                  int pad_h, int pad_w)
{
    struct pl_window w = { .in_h = in_h, .in_w = in_w, .in_c = in_c, .out_c = out_c, .k_h = k_h, .k_w = k_w,
                           .stride_h = stride_h, .stride_w = stride_w, .pad_top = pad_h, .pad_left = pad_w };
    int room_h = in_h + 2 * pad_h - k_h, room_w = in_w + 2 * pad_w - k_w;
    w.out_h = room_h < 0 ? 0 : room_h / stride_h + 1;
    w.out_w = room_w < 0 ? 0 : room_w / stride_w + 1;
    w.in = random_layout(in_h, in_w, in_c);
    w.out = random_layout(w.out_h, w.out_w, out_c);
    set_clamp(&w);
    return w;
}

static struct pl_window random_window(int max_side, int in_c, int out_c)
{
    static const int strides[] = { 1, 1, 2, 2, 3, 5, 7 };
    struct pl_window w;
    do {
        int k_h = between(1, 6), k_w = between(0, 1) ? k_h : between(1, 6);
        int s_h = strides[between(0, 6)], s_w = between(0, 1) ? s_h : strides[between(0, 6)];
        w = window_of(between(1, max_side), between(1, max_side), in_c, out_c, k_h, k_w, s_h, s_w, between(0, k_h),
                      between(0, k_w));
    } while (w.out_h < 1 || w.out_w < 1);
    return w;
}

static float *random_input(const struct pl_window *w)
{
    return random_tensor(&w->in, w->in_h, w->in_w, w->in_c);
}

static size_t output_floats(const struct pl_window *w)
{
    return floats_of(&w->out, w->out_h, w->out_w, w->out_c);
}

/* Index into x, or -1 outside. */
static ptrdiff_t input_at(const struct pl_window *w, int row, int column, int c)
{
    if (row < 0 || row >= w->in_h || column < 0 || column >= w->in_w)
        return -1;
    return (ptrdiff_t)place(&w->in, (size_t)row * (size_t)w->in_w + (size_t)column, c);
}

static size_t output_at(const struct pl_window *w, int row, int column, int c)
{
    return place(&w->out, (size_t)row * (size_t)w->out_w + (size_t)column, c);
}

/* ---- convolutions ---- */

static struct sum conv_sum(const float *x, const float *weights, const float *bias, const struct pl_window *w, int r, int s,
                           int o)
{
    struct sum sum = { 0 };
    sum_add(&sum, (double)bias[o]);
    for (int i = 0; i < w->k_h; i++)
        for (int j = 0; j < w->k_w; j++)
            for (int c = 0; c < w->in_c; c++) {
                ptrdiff_t at = input_at(w, r * w->stride_h - w->pad_top + i, s * w->stride_w - w->pad_left + j, c);
                size_t term = (((size_t)o * (size_t)w->k_h + (size_t)i) * (size_t)w->k_w + (size_t)j) * (size_t)w->in_c;
                if (at >= 0)
                    sum_add(&sum, (double)x[at] * (double)weights[term + (size_t)c]);
            }
    return sum;
}

typedef void conv_fn(float *y, const float *x, const float *w, const struct pl_window *win, const struct pl_part *part);

/* Four parts, cut somewhere in rows and at a panel of channels, in any order. */
static void run_in_parts(conv_fn *fn, float *y, const float *x, const float *packed, const struct pl_window *w)
{
    int row = between(0, w->out_h), c = between(0, (w->out_c - 1) / PL_PANEL) * PL_PANEL;
    const struct pl_part parts[] = {
        { row, w->out_h, c, w->out_c }, { 0, row, 0, c }, { row, w->out_h, 0, c }, { 0, row, c, w->out_c },
    };
    for (int i = 0; i < 4; i++)
        fn(y, x, packed, w, &parts[i]);
}

static void check_conv(struct pl_window w, bool pixels_only)
{
    size_t n_out = output_floats(&w);
    float *x = random_input(&w), *bias = random_floats((size_t)w.out_c);
    float *weights = random_floats((size_t)w.out_c * (size_t)w.k_h * (size_t)w.k_w * (size_t)w.in_c);
    float *packed = packed_new(pl_pack_conv_size(&w));
    const char *what = pixels_only ? "conv1x1" : "conv";

    pl_pack_conv(packed, weights, bias, &w);
    for (int l = 0; l < n_levels; l++) {
        conv_fn *fn = pixels_only ? levels[l].k.conv1x1 : levels[l].k.conv;
        float *whole = output_new(n_out), *cut = output_new(n_out);
        fn(whole, x, packed, &w, &(struct pl_part){ 0, w.out_h, 0, w.out_c });
        run_in_parts(fn, cut, x, packed, &w);
        for (int r = 0; r < w.out_h; r++)
            for (int s = 0; s < w.out_w; s++)
                for (int o = 0; o < w.out_c; o++) {
                    size_t at = output_at(&w, r, s, o);
                    struct sum sum = conv_sum(x, weights, bias, &w, r, s, o);
                    expect(&sum, w.min, w.max, whole[at], what, &w, at, levels[l].cpu);
                    if (memcmp(&whole[at], &cut[at], sizeof *whole))
                        fail_msg("%s at level %s: other bits when cut into parts (%d rows, %d channels)", what,
                                 pl_cpu_name(levels[l].cpu), w.out_h, w.out_c);
                }
        expect_guard(whole, n_out, what, levels[l].cpu);
        expect_guard(cut, n_out, what, levels[l].cpu);
        output_free(whole);
        output_free(cut);
    }
    free(packed);
    free(weights);
    free(bias);
    free(x);
}

static void test_conv1x1(void **state)
{
    (void)state;
    for (int pixels = 1; pixels <= 13; pixels++)
        for (int out_c = 1; out_c <= PL_PANEL + 1; out_c++)
            check_conv(window_of(pixels, 1, between(1, 9), out_c, 1, 1, 1, 1, 0, 0), true);
    for (int i = 0; i < 60; i++)
        check_conv(window_of(between(1, 60), 1, between(1, 80), between(1, 70), 1, 1, 1, 1, 0, 0), true);
    /* more pixels and channels than one block of the cache holds */
    check_conv(window_of(41, 1, 1031, 19, 1, 1, 1, 1, 0, 0), true);
}

static void check_sparse(struct pl_window w, int percent)
{
    size_t n_out = output_floats(&w), n_weights = (size_t)w.out_c * (size_t)w.in_c;
    float *x = random_input(&w), *bias = random_floats((size_t)w.out_c), *weights = random_floats(n_weights);
    struct pl_sparse packed;

    for (size_t i = 0; i < n_weights; i++)
        weights[i] = between(1, 100) <= percent ? weights[i] : 0;
    void *memory = pl_pack_sparse(&packed, weights, bias, &w);
    assert_non_null(memory);
    for (int l = 0; l < n_levels; l++) {
        float *y = output_new(n_out);
        int cut = between(0, w.out_h), c = between(0, (w.out_c - 1) / PL_PANEL) * PL_PANEL;
        levels[l].k.sparse1x1(y, x, &packed, &w, &(struct pl_part){ cut, w.out_h, c, w.out_c });
        levels[l].k.sparse1x1(y, x, &packed, &w, &(struct pl_part){ 0, cut, c, w.out_c });
        levels[l].k.sparse1x1(y, x, &packed, &w, &(struct pl_part){ 0, w.out_h, 0, c });
        for (int r = 0; r < w.out_h; r++)
            for (int o = 0; o < w.out_c; o++) {
                size_t at = output_at(&w, r, 0, o);
                struct sum sum = conv_sum(x, weights, bias, &w, r, 0, o);
                expect(&sum, w.min, w.max, y[at], "sparse1x1", &w, at, levels[l].cpu);
            }
        expect_guard(y, n_out, "sparse1x1", levels[l].cpu);
        output_free(y);
    }
    free(memory);
    free(weights);
    free(bias);
    free(x);
}

static void test_sparse1x1(void **state)
{
    (void)state;
    for (int pixels = 1; pixels <= 65; pixels++)
        check_sparse(window_of(pixels, 1, between(1, 40), between(1, 40), 1, 1, 1, 1, 0, 0), 25);
    for (int in_c = 127; in_c <= 400; in_c += 13)
        check_sparse(window_of(between(1, 140), 1, in_c, between(1, 50), 1, 1, 1, 1, 0, 0), between(0, 50));
    check_sparse(window_of(70, 1, 33, 211, 1, 1, 1, 1, 0, 0), 25); /* more outputs than sums are kept */
}

static void test_conv(void **state)
{
    (void)state;
    for (int in_w = 1; in_w <= 15; in_w++)
        for (int k = 1; k <= 3; k++)
            for (int stride = 1; stride <= 3; stride++)
                for (int pad = 0; pad < k; pad++) {
                    struct pl_window w = window_of(between(k, 5), in_w, between(1, 4), between(1, 18), k, k, stride, stride,
                                                   pad, pad);
                    if (w.out_w > 0)
                        check_conv(w, false);
                }
    for (int i = 0; i < 150; i++)
        check_conv(random_window(14, between(1, 9), between(1, 35)), false);
    check_conv(window_of(2, 2, 288, 39, 2, 2, 1, 1, 0, 0), false); /* the heads of the landmark network */
}

static void check_dwconv(struct pl_window w)
{
    size_t channels = (size_t)w.in_c, n_out = output_floats(&w);
    float *x = random_input(&w), *bias = random_floats(channels);
    float *weights = random_floats((size_t)w.k_h * (size_t)w.k_w * channels);
    float *packed = packed_new(pl_pack_dwconv_size(&w));

    pl_pack_dwconv(packed, weights, bias, &w);
    for (int l = 0; l < n_levels; l++) {
        float *y = output_new(n_out);
        run_in_parts(levels[l].k.dwconv, y, x, packed, &w);
        for (int r = 0; r < w.out_h; r++)
            for (int s = 0; s < w.out_w; s++)
                for (int c = 0; c < w.out_c; c++) {
                    struct sum sum = { 0 };
                    sum_add(&sum, (double)bias[c]);
                    for (int i = 0; i < w.k_h; i++)
                        for (int j = 0; j < w.k_w; j++) {
                            int row = r * w.stride_h - w.pad_top + i, column = s * w.stride_w - w.pad_left + j;
                            ptrdiff_t at = input_at(&w, row, column, c);
                            size_t tap = (size_t)(i * w.k_w + j) * channels + (size_t)c;
                            if (at >= 0)
                                sum_add(&sum, (double)x[at] * (double)weights[tap]);
                        }
                    size_t at = output_at(&w, r, s, c);
                    expect(&sum, w.min, w.max, y[at], "dwconv", &w, at, levels[l].cpu);
                }
        expect_guard(y, n_out, "dwconv", levels[l].cpu);
        output_free(y);
    }
    free(packed);
    free(weights);
    free(bias);
    free(x);
}

static void test_dwconv(void **state)
{
    (void)state;
    for (int k = 1; k <= 5; k++)
        for (int stride = 1; stride <= 3; stride++)
            for (int width = 1; width <= 18; width++) {
                int c = between(1, 2 * PL_PANEL + 1), pad = between(0, k);
                struct pl_window w = window_of(between(k, 7), width * stride, c, c, k, k, stride, stride, pad, pad);
                if (w.out_w > 0)
                    check_dwconv(w);
            }
    for (int i = 0; i < 200; i++) {
        int c = between(1, 40);
        check_dwconv(random_window(22, c, c));
    }
}

/* ---- the others ---- */

static void test_add(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        struct pl_window w = { .in_h = between(1, 9), .in_w = between(1, 4), .in_c = i % 50 + 1 };
        w.out_h = w.in_h;
        w.out_w = w.in_w;
        w.out_c = w.in_c;
        w.in = random_layout(w.in_h, w.in_w, w.in_c);
        w.out = random_layout(w.in_h, w.in_w, w.in_c);
        w.other = random_layout(w.in_h, w.in_w, w.in_c);
        set_clamp(&w);
        float *a = random_input(&w), *b = random_tensor(&w.other, w.in_h, w.in_w, w.in_c);
        int n = w.in_h * w.in_w, cut = between(0, n);
        for (int l = 0; l < n_levels; l++) {
            float *y = output_new(output_floats(&w));
            levels[l].k.add(y, a, b, &w, cut, n);
            levels[l].k.add(y, a, b, &w, 0, cut);
            for (int p = 0; p < n; p++)
                for (int c = 0; c < w.in_c; c++) {
                    struct sum sum = { 0 };
                    size_t at = place(&w.out, (size_t)p, c);
                    sum_add(&sum, (double)a[place(&w.in, (size_t)p, c)]);
                    sum_add(&sum, (double)b[place(&w.other, (size_t)p, c)]);
                    expect(&sum, w.min, w.max, y[at], "add", &w, at, levels[l].cpu);
                }
            expect_guard(y, output_floats(&w), "add", levels[l].cpu);
            output_free(y);
        }
        free(a);
        free(b);
    }
}

static double pool_max(const struct pl_window *w, const float *x, int r, int s, int c)
{
    double best = -INFINITY;
    for (int a = 0; a < w->k_h; a++)
        for (int b = 0; b < w->k_w; b++) {
            ptrdiff_t at = input_at(w, r * w->stride_h - w->pad_top + a, s * w->stride_w - w->pad_left + b, c);
            if (at >= 0)
                best = fmax(best, (double)x[at]);
        }
    return bounded(best, w->min, w->max);
}

static void test_maxpool(void **state)
{
    (void)state;
    for (int i = 0; i < 150; i++) {
        int c = between(1, 40);
        struct pl_window w = random_window(11, c, c);
        float *x = random_input(&w);
        for (int l = 0; l < n_levels; l++) {
            float *y = output_new(output_floats(&w));
            int cut = between(0, w.out_h);
            levels[l].k.maxpool(y, x, &w, cut, w.out_h);
            levels[l].k.maxpool(y, x, &w, 0, cut);
            for (int r = 0; r < w.out_h; r++)
                for (int s = 0; s < w.out_w; s++)
                    for (int k = 0; k < c; k++) {
                        double want = pool_max(&w, x, r, s, k), got = (double)y[output_at(&w, r, s, k)];
                        if (got != want)
                            fail_msg("maxpool at level %s: row %d column %d channel %d is %g, should be %g",
                                     pl_cpu_name(levels[l].cpu), r, s, k, got, want);
                    }
            expect_guard(y, output_floats(&w), "maxpool", levels[l].cpu);
            output_free(y);
        }
        free(x);
    }
}

static int limited(int v, int last)
{
    return v < 0 ? 0 : v > last ? last : v;
}

static struct sum resize_sum(const struct pl_window *win, const float *x, int r, int s, int k)
{
    double at_r = (r + 0.5) / 2 - 0.5, at_s = (s + 0.5) / 2 - 0.5;
    struct sum sum = { 0 };
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) {
            double wr = 1 - fabs(at_r - (floor(at_r) + i)), ws = 1 - fabs(at_s - (floor(at_s) + j));
            int row = limited((int)floor(at_r) + i, win->in_h - 1), column = limited((int)floor(at_s) + j, win->in_w - 1);
            sum_add(&sum, wr * ws * (double)x[input_at(win, row, column, k)]);
        }
    return sum;
}

static void test_resize2x(void **state)
{
    (void)state;
    for (int i = 0; i < 120; i++) {
        int h = between(1, 6), w = between(1, 6), c = i < 18 ? i + 1 : between(1, 50);
        struct pl_window shape = { .in_h = h, .in_w = w, .in_c = c, .out_h = 2 * h, .out_w = 2 * w, .out_c = c,
                                   .in = random_layout(h, w, c), .out = random_layout(2 * h, 2 * w, c) };
        size_t n_out = output_floats(&shape);
        float *x = random_input(&shape);
        for (int l = 0; l < n_levels; l++) {
            float *y = output_new(n_out);
            int cut = between(0, 2 * h);
            levels[l].k.resize2x(y, x, &shape, cut, 2 * h);
            levels[l].k.resize2x(y, x, &shape, 0, cut);
            for (int r = 0; r < 2 * h; r++)
                for (int s = 0; s < 2 * w; s++)
                    for (int k = 0; k < c; k++) {
                        struct sum sum = resize_sum(&shape, x, r, s, k);
                        size_t at = output_at(&shape, r, s, k);
                        expect(&sum, -INFINITY, INFINITY, y[at], "resize2x", &shape, at, levels[l].cpu);
                    }
            expect_guard(y, n_out, "resize2x", levels[l].cpu);
            output_free(y);
        }
        free(x);
    }
}

static void test_pad(void **state)
{
    (void)state;
    for (int i = 0; i < 60; i++) {
        struct pl_window w = { .in_h = between(1, 5), .in_w = between(1, 5), .in_c = between(1, 40), .pad_top = between(0, 2),
                               .pad_left = between(0, 2) };
        int pad_c = between(0, 1) * between(0, 40);
        w.out_h = w.in_h + w.pad_top + between(0, 2);
        w.out_w = w.in_w + w.pad_left + between(0, 2);
        w.out_c = w.in_c + pad_c + between(0, 40);
        w.in = random_layout(w.in_h, w.in_w, w.in_c);
        w.out = random_layout(w.out_h, w.out_w, w.out_c);
        size_t n_out = output_floats(&w);
        float *x = random_input(&w);
        for (int l = 0; l < n_levels; l++) {
            float *y = output_new(n_out);
            levels[l].k.pad(y, x, &w, pad_c, 0, w.out_h);
            for (int r = 0; r < w.out_h; r++)
                for (int s = 0; s < w.out_w; s++)
                    for (int c = 0; c < w.out_c; c++) {
                        bool inside = c >= pad_c && c < pad_c + w.in_c;
                        ptrdiff_t at = inside ? input_at(&w, r - w.pad_top, s - w.pad_left, c - pad_c) : -1;
                        assert_true(y[output_at(&w, r, s, c)] == (at < 0 ? 0 : x[at]));
                    }
            expect_guard(y, n_out, "pad", levels[l].cpu);
            output_free(y);
        }
        free(x);
    }
}

static void test_concat(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) {
        size_t rows = (size_t)between(1, 9), n = (size_t)between(1, 20), stride = n + (size_t)between(0, 7);
        size_t n_out = (rows - 1) * stride + n;
        float *x = random_floats(rows * n);
        for (int l = 0; l < n_levels; l++) {
            float *y = output_new(n_out);
            levels[l].k.concat(y, x, rows, n, stride);
            for (size_t at = 0; at < n_out; at++)
                assert_true(y[at] == (at % stride < n ? x[at / stride * n + at % stride] : UNTOUCHED));
            expect_guard(y, n_out, "concat", levels[l].cpu);
            output_free(y);
        }
        free(x);
    }
}

static void test_depth_to_space(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) {
        int h = between(1, 5), w = between(1, 5), c = between(1, 9), b = between(1, 3);
        size_t n = (size_t)(h * w * c * b * b);
        float *x = random_floats(n);
        for (int l = 0; l < n_levels; l++) {
            float *y = output_new(n);
            levels[l].k.depth_to_space(y, x, h, w, c, b, 0, h * b);
            for (int r = 0; r < h * b; r++)
                for (int s = 0; s < w * b; s++)
                    for (int k = 0; k < c; k++)
                        assert_true(y[(r * w * b + s) * c + k] ==
                                    x[((r / b * w + s / b) * b * b + r % b * b + s % b) * c + k]);
            expect_guard(y, n, "depth_to_space", levels[l].cpu);
            output_free(y);
        }
        free(x);
    }
}

static void test_logistic(void **state)
{
    (void)state;
    for (int l = 0; l < n_levels; l++)
        for (float x = -120; x <= 120; x += 0.37f) {
            float *y = output_new(1);
            double want = 1 / (1 + exp(-(double)x));
            levels[l].k.logistic(y, &x, 1);
            /* exp, sum and quotient round once each; exp in float is off by at most 1 ulp. Below 2^-126 floats thin out. */
            if (fabs((double)*y - want) > 4 * (double)FLT_EPSILON * want + (double)FLT_MIN)
                fail_msg("logistic at level %s: of %g is %.9g, should be %.9g", pl_cpu_name(levels[l].cpu), (double)x,
                         (double)*y, want);
            expect_guard(y, 1, "logistic", levels[l].cpu);
            output_free(y);
        }
}

/* Not a number stays so through sums and clamps: what is unknown must not turn into a 0 or a 6. */
static void test_nan_stays(void **state)
{
    (void)state;
    for (int l = 0; l < n_levels; l++) {
        struct pl_window w = window_of(5, 5, 9, 9, 3, 3, 1, 1, 1, 1);
        float *x = random_floats(5 * 5 * 9), *weights = random_floats(9 * 9 * 9), *y = output_new(5 * 5 * 9);
        float *packed = packed_new(pl_pack_conv_size(&w));
        w.min = 0;
        w.max = 6;
        w.in = w.out = w.other = (struct pl_layout){ .pixel = 9, .panel = PL_PANEL };
        x[(2 * 5 + 2) * 9] = NAN;
        pl_pack_conv(packed, weights, NULL, &w);
        levels[l].k.conv(y, x, packed, &w, &(struct pl_part){ 0, 5, 0, 9 });
        assert_true(isnan(y[(2 * 5 + 2) * 9 + 8]) && isnan(y[(1 * 5 + 1) * 9]) && !isnan(y[0]));
        pl_pack_dwconv(packed, weights, NULL, &w);
        levels[l].k.dwconv(y, x, packed, &w, &(struct pl_part){ 0, 5, 0, 9 });
        assert_true(isnan(y[(3 * 5 + 3) * 9]) && !isnan(y[(3 * 5 + 3) * 9 + 1]) && !isnan(y[0]));
        levels[l].k.add(y, x, x, &w, 0, 5 * 5);
        assert_true(isnan(y[(2 * 5 + 2) * 9]) && !isnan(y[0]));
        output_free(y);
        free(packed);
        free(weights);
        free(x);
    }
}

static void pick_levels(void)
{
    static const unsigned all[MAX_LEVELS] = { PL_CPU_C, PL_CPU_AVX2, PL_CPU_AVX2 | PL_CPU_AVX512, PL_CPU_NEON };
    unsigned have = pl_cpu_detect();

    for (int i = 0; i < MAX_LEVELS; i++) {
        struct pl_kernels k;
        if ((all[i] & have) != all[i])
            continue;
        pl_kernels_pick(&k, all[i]);
        if (n_levels && !memcmp(&k, &levels[n_levels - 1].k, sizeof k))
            continue; /* nothing of its own */
        levels[n_levels].cpu = all[i];
        levels[n_levels++].k = k;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test(test_##name), /* a kernel without a test does not compile */
        PL_KERNELS(X)
#undef X
        cmocka_unit_test(test_nan_stays),
    };
    const char *seed = getenv("PL_SEED");

    random_state = seed ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL);
    printf("# PL_SEED=%llu\n", (unsigned long long)random_state);
    random_state = random_state * 2 + 1; /* never 0 */
    pick_levels();
    for (int l = 0; l < n_levels; l++)
        printf("# level %s\n", pl_cpu_name(levels[l].cpu));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
