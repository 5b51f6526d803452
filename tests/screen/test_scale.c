/* Scaling against its definition in double precision, and SIMD against C. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/screen/scale.h"

static uint32_t noise(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

static double at(const struct pl_frame *f, double x, double y, int c)
{
    x = fmin(fmax(x, 0), f->width_px - 1);
    y = fmin(fmax(y, 0), f->height_px - 1);
    int x0 = (int)x, y0 = (int)y, x1 = x0 + 1 < f->width_px ? x0 + 1 : x0, y1 = y0 + 1 < f->height_px ? y0 + 1 : y0;
    double fx = x - x0, fy = y - y0;
    const uint8_t *a = f->data + (size_t)y0 * f->stride + c, *b = f->data + (size_t)y1 * f->stride + c;
    return (1 - fy) * ((1 - fx) * a[3 * x0] + fx * a[3 * x1]) + fy * ((1 - fx) * b[3 * x0] + fx * b[3 * x1]);
}

/* Weights are 64ths and the mix is rounded in between: 255/128 for each direction and half a level twice. */
static void expect_scaled(struct pl_scaler *s, const struct pl_frame *f, int w, int h, bool mirror)
{
    const double tolerance = 2 * 255.0 / 128 + 1;
    size_t pitch = 4 * (size_t)w + 8;
    uint8_t *out = malloc(pitch * (size_t)h);

    memset(out, 77, pitch * (size_t)h);
    assert_true(pl_scaler_run(s, (uint32_t *)(void *)out, pitch, w, h, f, mirror));
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            uint32_t pixel;
            memcpy(&pixel, out + (size_t)y * pitch + 4 * (size_t)x, 4);
            assert_int_equal(pixel >> 24, 255);
            for (int c = 0; c < 3; c++) { /* 0 = red */
                int from = f->pixels == PL_PIXELS_RGB24 ? c : 2 - c, got = pixel >> (16 - 8 * c) & 255;
                double sx = ((mirror ? w - 1 - x : x) + 0.5) * f->width_px / w - 0.5, sy = (y + 0.5) * f->height_px / h - 0.5;
                double want = at(f, sx, sy, from);
                if (!(fabs(got - want) <= tolerance))
                    fail_msg("%dx%d to %dx%d, pixel %d %d colour %d: %d, not %f", f->width_px, f->height_px, w, h,
                              x, y, c, got, want);
            }
        }
        for (size_t i = 4 * (size_t)w; i < pitch; i++)
            assert_int_equal(out[(size_t)y * pitch + i], 77);
    }
    free(out);
}

static void scaling_follows_its_definition(void **state)
{
    static const int sizes[][4] = { { 64, 48, 44, 33 }, { 64, 48, 64, 48 }, { 31, 17, 95, 60 }, { 1, 1, 9, 7 }, { 2, 1, 5, 3 },
                                    { 1, 9, 4, 4 }, { 100, 75, 3, 2 }, { 640, 2, 401, 1 } };
    struct pl_scaler s = { 0 };
    uint32_t seed = 3;
    (void)state;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int way = 0; way < 4; way++) {
            size_t stride = 3 * (size_t)sizes[i][0], size = stride * (size_t)sizes[i][1];
            uint8_t *data = malloc(size); /* no byte behind the last pixel: the sanitizer sees one too many */
            for (size_t k = 0; k < size; k++)
                data[k] = (uint8_t)noise(&seed);
            struct pl_frame f = { .width_px = sizes[i][0], .height_px = sizes[i][1], .stride = stride, .data = data,
                                  .pixels = way & 1 ? PL_PIXELS_RGB24 : PL_PIXELS_BGR24 };
            expect_scaled(&s, &f, sizes[i][2], sizes[i][3], way & 2);
            free(data);
        }
    pl_scaler_free(&s);
}

static void simd_is_the_same_bits(void **state)
{
#if defined(__x86_64__)
    enum { MOST = 70 };
    uint8_t a[3 * MOST], b[3 * MOST], want[3 * MOST], got[3 * MOST];
    uint32_t seed = 4, pixels[MOST], other[MOST];
    struct pl_tap taps[MOST];
    (void)state;

    if (!__builtin_cpu_supports("avx2")) {
        print_message("skipped: no AVX2 on this machine\n");
        skip();
    }
    for (int round = 0; round < 500; round++) {
        size_t n = noise(&seed) % (3 * MOST + 1);
        for (size_t i = 0; i < sizeof a; i++) {
            a[i] = (uint8_t)(round % 2 ? noise(&seed) : noise(&seed) % 2 * 255);
            b[i] = (uint8_t)(round % 2 ? noise(&seed) : noise(&seed) % 2 * 255);
        }
        memset(want, 9, sizeof want);
        memset(got, 9, sizeof got);
        pl_scale_mix_c(want, a, b, n, (uint8_t)(round % 65));
        pl_scale_mix_avx2(got, a, b, n, (uint8_t)(round % 65));
        assert_memory_equal(got, want, sizeof want);

        int n_pixels = (int)(noise(&seed) % (MOST + 1));
        for (int i = 0; i < MOST; i++)
            taps[i] = (struct pl_tap){ (int32_t)(noise(&seed) % (3 * MOST - 7)), (uint8_t)(noise(&seed) % 65) };
        memset(pixels, 9, sizeof pixels);
        memset(other, 9, sizeof other);
        pl_scale_pick_c(pixels, a, taps, n_pixels, round & 4);
        pl_scale_pick_avx2(other, a, taps, n_pixels, round & 4);
        assert_memory_equal(other, pixels, sizeof pixels);
    }
#else
    (void)state;
    print_message("skipped: no faster kernel for this machine\n");
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(scaling_follows_its_definition), cmocka_unit_test(simd_is_the_same_bits) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
