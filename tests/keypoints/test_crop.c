/* The rotated sampler against a naive one in double precision; kernels and thread counts against each other. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../src/keypoints/internal.h"
#include "plumbline/cpu.h"

enum { MAX_SIZE = 256, N_FLOATS = MAX_SIZE * MAX_SIZE * 3 };

static uint32_t seed = 1;

static uint32_t next_random(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

static float between(float low, float high)
{
    return low + (high - low) * (float)next_random() * 0x1p-24f;
}

/* A picture whose last byte is followed by an unreadable page: reading beyond it ends the test. */
struct guarded { struct pl_frame frame; void *map; size_t map_size; };

static struct guarded noise_picture(int width, int height, size_t stride)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), used = stride * (size_t)(height - 1) + 3 * (size_t)width;
    struct guarded g = { .map_size = (used + 2 * page - 1) / page * page };
    g.map = mmap(NULL, g.map_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(g.map != MAP_FAILED);
    uint8_t *data = (uint8_t *)g.map + (g.map_size - page) - used;
    for (size_t i = 0; i < used; i++)
        data[i] = (uint8_t)next_random();
    assert_int_equal(mprotect((uint8_t *)g.map + g.map_size - page, page, PROT_NONE), 0);
    g.frame = (struct pl_frame){ .width_px = width, .height_px = height, .stride = stride,
                                 .pixels = PL_PIXELS_RGB24, .data = data };
    return g;
}

static int clamp(int i, int n)
{
    return i < 0 ? 0 : i > n - 1 ? n - 1 : i;
}

static double texel(const struct pl_frame *f, int x, int y, int c)
{
    int channel = f->pixels == PL_PIXELS_BGR24 ? 2 - c : c;
    return f->data[(size_t)clamp(y, f->height_px) * f->stride + 3 * (size_t)clamp(x, f->width_px) + (size_t)channel];
}

/* The definition, pixel by pixel. */
static double naive(const struct pl_frame *f, const struct pl_crop *crop, const struct pl_region *r, int i, int j,
                    int c)
{
    double u = ((i + 0.5) / crop->size - 0.5) * r->size_px, v = ((j + 0.5) / crop->size - 0.5) * r->size_px;
    double sx = cos(r->rotation_rad) * u - sin(r->rotation_rad) * v + r->cx_px;
    double sy = sin(r->rotation_rad) * u + cos(r->rotation_rad) * v + r->cy_px;
    if (crop->border == PL_BORDER_BLACK && (sx < 0 || sy < 0 || sx > f->width_px || sy > f->height_px))
        return crop->low;
    int x = (int)floor(sx - 0.5), y = (int)floor(sy - 0.5);
    double fx = sx - 0.5 - x, fy = sy - 0.5 - y;
    double pix = (texel(f, x, y, c) * (1 - fx) + texel(f, x + 1, y, c) * fx) * (1 - fy) +
                 (texel(f, x, y + 1, c) * (1 - fx) + texel(f, x + 1, y + 1, c) * fx) * fy;
    return pix / 255 * ((double)crop->high - crop->low) + crop->low;
}

static double worst_error(const float *got, const struct pl_frame *f, const struct pl_crop *crop,
                          const struct pl_region *r)
{
    double worst = 0;
    for (int j = 0; j < crop->size; j++)
        for (int i = 0; i < crop->size; i++)
            for (int c = 0; c < 3; c++)
                worst = fmax(worst, fabs(got[(j * crop->size + i) * 3 + c] - naive(f, crop, r, i, j, c)));
    return worst;
}

/* fx and fy are cut to 24 bits and about six operations round: 8 half-ulps of the range at most. */
static double allowed(const struct pl_crop *crop)
{
    return 8 * FLT_EPSILON * ((double)crop->high - crop->low);
}

static void test_matches_definition(void **state)
{
    (void)state;
    static const struct { int w, h, pad; } pictures[] = { { 1, 1, 0 }, { 2, 2, 1 }, { 3, 1, 0 }, { 1, 7, 5 },
                                                          { 64, 48, 0 }, { 33, 71, 3 }, { 320, 180, 0 } };
    static const int sizes[] = { 1, 5, 8, 17, 64 };
    static float out[N_FLOATS];
    int n = 0;

    for (size_t p = 0; p < sizeof pictures / sizeof pictures[0]; p++) {
        int w = pictures[p].w, h = pictures[p].h;
        struct guarded g = noise_picture(w, h, 3 * (size_t)w + (size_t)pictures[p].pad);
        for (int k = 0; k < 60; k++, n++) {
            struct pl_crop crop = { sizes[k % 5], k % 2 ? 0.0f : -1.0f, 1.0f,
                                    k % 2 ? PL_BORDER_REPLICATE : PL_BORDER_BLACK };
            struct pl_region r = { between(-0.5f, 1.5f) * (float)w, between(-0.5f, 1.5f) * (float)h,
                                   between(0.1f, 2.0f) * (float)(w + h), between(-4.0f, 4.0f) };
            g.frame.pixels = k % 3 ? PL_PIXELS_RGB24 : PL_PIXELS_BGR24;
            pl_crop_cut(out, &crop, &g.frame, &r, PL_CPU_C, NULL);
            double worst = worst_error(out, &g.frame, &crop, &r);
            if (!(worst <= allowed(&crop)))
                fail_msg("picture %dx%d, region %g %g size %g turned %g: off by %g", w, h, (double)r.cx_px,
                         (double)r.cy_px, (double)r.size_px, (double)r.rotation_rad, worst);
        }
        munmap(g.map, g.map_size);
    }
    assert_int_equal(n, 420);
}

static void test_identity_is_exact(void **state)
{
    (void)state;
    struct guarded g = noise_picture(16, 16, 48);
    struct pl_crop crop = { 16, 0.0f, 255.0f, PL_BORDER_BLACK };
    struct pl_region all = pl_region_of_frame(&g.frame);
    float out[16 * 16 * 3];

    pl_crop_cut(out, &crop, &g.frame, &all, PL_CPU_C, NULL);
    for (int i = 0; i < 16 * 16 * 3; i++)
        assert_true(out[i] == (float)g.frame.data[i]);
    munmap(g.map, g.map_size);
}

static void test_letterbox_is_black_outside(void **state)
{
    (void)state;
    struct guarded g = noise_picture(64, 32, 192);
    struct pl_crop crop = { 64, -1.0f, 1.0f, PL_BORDER_BLACK };
    struct pl_region all = pl_region_of_frame(&g.frame);
    static float out[64 * 64 * 3];

    pl_crop_cut(out, &crop, &g.frame, &all, PL_CPU_C, NULL);
    for (int row = 0; row < 64; row++) {
        bool inside = row >= 16 && row < 48;
        for (int i = 0; i < 64 * 3; i++) {
            float want = inside ? (float)g.frame.data[(row - 16) * 192 + i] * (2.0f / 255.0f) - 1.0f : -1.0f;
            assert_true(fabsf(out[row * 192 + i] - want) < 1e-6f);
        }
    }
    munmap(g.map, g.map_size);
}

/* Every level gives the bits of plain C, with any number of threads. */
static void test_same_bits_everywhere(void **state)
{
    (void)state;
    static float plain[N_FLOATS], other[N_FLOATS];
    struct pl_pool *pool = NULL;
    struct pl_err err;
    assert_true(pl_pool_open(&pool, 3, &err));

    for (int k = 0; k < 40; k++) {
        int w = 1 + (int)(next_random() % 300), h = 1 + (int)(next_random() % 200);
        struct guarded g = noise_picture(w, h, 3 * (size_t)w + next_random() % 4);
        struct pl_crop crop = { 1 + (int)(next_random() % MAX_SIZE), -1.0f, 1.0f, (enum pl_border)(k % 2) };
        struct pl_region r = { between(0.2f, 0.8f) * (float)w, between(0.2f, 0.8f) * (float)h,
                               between(0.2f, 1.2f) * (float)w, between(-4.0f, 4.0f) };
        size_t bytes = (size_t)crop.size * (size_t)crop.size * 3 * sizeof(float);
        g.frame.pixels = k % 3 ? PL_PIXELS_RGB24 : PL_PIXELS_BGR24;
        pl_crop_cut(plain, &crop, &g.frame, &r, PL_CPU_C, NULL);
        pl_crop_cut(other, &crop, &g.frame, &r, PL_CPU_C, pool);
        assert_memory_equal(plain, other, bytes);
        memset(other, 0, bytes);
        pl_crop_cut(other, &crop, &g.frame, &r, pl_cpu_detect(), pool);
        assert_memory_equal(plain, other, bytes);
        munmap(g.map, g.map_size);
    }
    pl_pool_close(pool);
    print_message("levels compared: c and %s\n", pl_cpu_name(pl_cpu_detect()));
}

/* The largest regions that count as usable, and those that lie far outside. */
static void test_extreme_regions(void **state)
{
    (void)state;
    static const struct pl_region extreme[] = {
        { 1048576.0f, -1048576.0f, 1048576.0f, 1.0f }, { 10.0f, 10.0f, 1048576.0f, 3.0f }, { 20.0f, 5.0f, 1.0f, 1e6f },
        { -500.0f, 20.0f, 30.0f, 0.0f }, { 39.9f, 29.9f, 1.0f, 0.0f },
    };
    static float out[64 * 64 * 3];
    struct guarded g = noise_picture(40, 30, 120);

    for (size_t k = 0; k < sizeof extreme / sizeof extreme[0]; k++)
        for (unsigned cpu = 0; cpu < 2; cpu++) {
            struct pl_crop crop = { 64, 0.0f, 1.0f, PL_BORDER_REPLICATE };
            assert_true(pl_region_is_usable(&extreme[k]));
            pl_crop_cut(out, &crop, &g.frame, &extreme[k], cpu ? pl_cpu_detect() : PL_CPU_C, NULL);
            for (int i = 0; i < 64 * 64 * 3; i++)
                assert_true(out[i] >= 0.0f && out[i] <= 1.000001f);
        }
    munmap(g.map, g.map_size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches_definition),
        cmocka_unit_test(test_identity_is_exact),
        cmocka_unit_test(test_letterbox_is_black_outside),
        cmocka_unit_test(test_same_bits_everywhere),
        cmocka_unit_test(test_extreme_regions),
    };
    return cmocka_run_group_tests_name("keypoints/crop", tests, NULL, NULL);
}
