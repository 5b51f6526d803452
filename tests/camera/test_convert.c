/* A camera's own formats to BGR: YUYV against the definition in double precision and its SIMD against its C, MJPEG with
 * all that cameras do to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jpeglib.h>

#include "../../src/camera/convert.h"
#include "plumbline/cpu.h"

static uint32_t noise(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

static struct pl_yuv of(uint32_t colorspace, uint32_t encoding, uint32_t quantization)
{
    struct v4l2_pix_format pix = { .priv = V4L2_PIX_FMT_PRIV_MAGIC, .colorspace = colorspace, .ycbcr_enc = encoding,
                                   .quantization = quantization };
    return pl_camera_yuv(&pix);
}

/* ---- YUYV */

static double clamped(double v)
{
    return fmin(fmax(v, 0), 255);
}

/* Within half a level for the rounding, and what 13-bit weights are off: at most 3 x 0.5/8192 x 239. */
static void expect_matrix(struct pl_yuv k, double kr, double kb, bool full)
{
    double ys = full ? 1 : 255.0 / 219, cs = full ? 1 : 255.0 / 224, kg = 1 - kr - kb;

    for (int i = 0; i < 256 * 256; i++) {
        uint32_t seed = (uint32_t)i;
        uint8_t in[4] = { (uint8_t)i, (uint8_t)(i >> 8), (uint8_t)noise(&seed), (uint8_t)noise(&seed) }, out[6];
        pl_yuyv_row_c(out, in, 2, &k);
        for (int p = 0; p < 2; p++) {
            double y = ys * (in[2 * p] - (full ? 0 : 16)), u = cs * (in[1] - 128), v = cs * (in[3] - 128);
            double want[3] = { y + 2 * (1 - kb) * u, y - 2 * (1 - kb) * kb / kg * u - 2 * (1 - kr) * kr / kg * v,
                               y + 2 * (1 - kr) * v };
            for (int c = 0; c < 3; c++)
                if (!(fabs(out[3 * p + c] - clamped(want[c])) <= 0.55))
                    fail_msg("yuyv %d %d %d %d, pixel %d channel %d: %d, not %f", in[0], in[1], in[2], in[3], p, c, out[3 * p + c],
                             want[c]);
        }
    }
}

static void yuyv_follows_the_matrices(void **state)
{
    (void)state;
    expect_matrix(of(V4L2_COLORSPACE_SRGB, 0, 0), 0.299, 0.114, false);
    expect_matrix(of(V4L2_COLORSPACE_SRGB, V4L2_YCBCR_ENC_601, V4L2_QUANTIZATION_FULL_RANGE), 0.299, 0.114, true);
    expect_matrix(of(V4L2_COLORSPACE_REC709, 0, 0), 0.2126, 0.0722, false);
    expect_matrix(of(V4L2_COLORSPACE_SRGB, V4L2_YCBCR_ENC_709, V4L2_QUANTIZATION_FULL_RANGE), 0.2126, 0.0722, true);
    expect_matrix(of(V4L2_COLORSPACE_BT2020, 0, 0), 0.2627, 0.0593, false);
}

/* What uvcvideo reports, and what a driver reports that knows nothing. */
static void levels_are_as_the_driver_says(void **state)
{
    const uint8_t black_white[4] = { 16, 128, 235, 128 };
    struct v4l2_pix_format old = { .colorspace = V4L2_COLORSPACE_SRGB, .quantization = V4L2_QUANTIZATION_FULL_RANGE };
    const struct { struct pl_yuv k; int black, white; } cases[] = {
        { of(V4L2_COLORSPACE_SRGB, 0, V4L2_QUANTIZATION_DEFAULT), 0, 255 },
        { of(V4L2_COLORSPACE_DEFAULT, 0, 0), 0, 255 },
        { of(V4L2_COLORSPACE_SRGB, V4L2_YCBCR_ENC_601, V4L2_QUANTIZATION_LIM_RANGE), 0, 255 },
        { of(V4L2_COLORSPACE_SRGB, 0, V4L2_QUANTIZATION_FULL_RANGE), 16, 235 },
        { of(V4L2_COLORSPACE_JPEG, 0, 0), 16, 235 },
        { pl_camera_yuv(&old), 0, 255 }, /* without the mark in priv the field means nothing */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t out[6];
        pl_yuyv_row_c(out, black_white, 2, &cases[i].k);
        for (int c = 0; c < 3; c++) {
            assert_int_equal(out[c], cases[i].black);
            assert_int_equal(out[3 + c], cases[i].white);
        }
    }
}

static void yuyv_simd_is_the_same_bits(void **state)
{
    enum { MOST = 100 };
    const struct pl_yuv ks[] = { of(V4L2_COLORSPACE_SRGB, 0, 0), of(V4L2_COLORSPACE_BT2020, 0, V4L2_QUANTIZATION_FULL_RANGE),
                                 of(V4L2_COLORSPACE_REC709, 0, 0) };
    pl_yuyv_fn *fast = pl_yuyv_row(pl_cpu_detect());
    uint32_t seed = 1;
    (void)state;

    if (fast == pl_yuyv_row_c) {
        print_message("skipped: no faster kernel on this machine\n");
        skip();
    }
    for (int round = 0; round < 200; round++)
        for (int n = 0; n <= MOST; n += 2) {
            uint8_t *in = malloc(2 * MOST), want[3 * MOST + 1], got[3 * MOST + 1];
            uint8_t *row = in + 2 * (MOST - n); /* ends with the memory: the sanitizer sees a byte too many */
            for (int i = 0; i < 2 * n; i++)
                row[i] = (uint8_t)(round % 2 ? noise(&seed) : noise(&seed) % 2 * 255);
            memset(want, 77, sizeof want);
            memset(got, 77, sizeof got);
            pl_yuyv_row_c(want, row, n, &ks[round % 3]);
            fast(got, row, n, &ks[round % 3]);
            assert_memory_equal(got, want, sizeof want); /* what lies behind too */
            free(in);
        }
}

/* ---- MJPEG */

enum { W = 96, H = 64, STRIDE = 3 * W + 7 };

static int level_at(int x, int y, int c)
{
    return c == 0 ? 40 + 2 * x : c == 1 ? 60 + 2 * y : 200 - x - y;
}

/* own: free */
static uint8_t *make_jpeg(size_t *size)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *data = NULL;
    unsigned long n = 0;
    uint8_t row[3 * W];

    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &data, &n);
    jpeg.image_width = W;
    jpeg.image_height = H;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_EXT_BGR;
    jpeg_set_defaults(&jpeg);
    jpeg.comp_info[0].h_samp_factor = 2; /* 4:2:2, as webcams send */
    jpeg.comp_info[0].v_samp_factor = 1;
    jpeg_set_quality(&jpeg, 95, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    for (int y = 0; y < H; y++) {
        JSAMPROW rows = row;
        for (int i = 0; i < 3 * W; i++)
            row[i] = (uint8_t)level_at(i / 3, y, i % 3);
        jpeg_write_scanlines(&jpeg, &rows, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    *size = n;
    return data;
}

static bool decode(const uint8_t *data, size_t size, uint8_t *bgr)
{
    struct pl_mjpeg *d = pl_mjpeg_open();
    assert_non_null(d);
    bool ok = pl_mjpeg_decode(d, bgr, STRIDE, W, H, data, size);
    pl_mjpeg_close(d);
    return ok;
}

static void expect_picture(const uint8_t *bgr)
{
    for (int y = 0; y < H; y++)
        for (int i = 0; i < 3 * W; i++)
            if (abs(bgr[y * STRIDE + i] - level_at(i / 3, y, i % 3)) > 8)
                fail_msg("row %d, byte %d: %d, not %d", y, i, bgr[y * STRIDE + i], level_at(i / 3, y, i % 3));
}

static void a_whole_picture(void **state)
{
    size_t size;
    uint8_t *data = make_jpeg(&size), bgr[STRIDE * H];
    struct pl_mjpeg *d = pl_mjpeg_open();
    (void)state;

    memset(bgr, 123, sizeof bgr);
    assert_non_null(d);
    for (int i = 0; i < 3; i++) { /* one decoder, one picture after the other, a bad one between */
        assert_true(pl_mjpeg_decode(d, bgr, STRIDE, W, H, data, size));
        expect_picture(bgr);
        assert_false(pl_mjpeg_decode(d, bgr, STRIDE, W, H, data, size / 2));
    }
    for (int y = 0; y < H; y++)
        for (int i = 3 * W; i < STRIDE; i++)
            assert_int_equal(bgr[y * STRIDE + i], 123); /* between the rows nothing is written */
    pl_mjpeg_close(d);
    free(data);
}

/* Start of the segment with this marker; its length. */
static size_t find_segment(const uint8_t *data, size_t size, uint8_t marker, size_t *length)
{
    for (size_t i = 2; i + 4 < size && data[i] == 0xff; i += 2 + *length) {
        *length = (size_t)data[i + 2] << 8 | data[i + 3];
        if (data[i + 1] == marker)
            return i;
    }
    fail_msg("no segment %02x", marker);
    return 0;
}

/* Not one of these costs a part of the picture, so it is given out. */
static void habits_of_cameras(void **state)
{
    size_t size, length = 0;
    uint8_t *data = make_jpeg(&size), *other = malloc(size + 1000), bgr[STRIDE * H];
    (void)state;

    memcpy(other, data, size);
    memset(other + size, 0, 1000);
    assert_true(decode(other, size + 1000, bgr)); /* the buffer's end is filled up */
    expect_picture(bgr);
    assert_true(decode(data, size - 2, bgr)); /* no end mark */
    expect_picture(bgr);
    memcpy(other + size - 2, "\0\0\0\0\xff\xd9", 6);
    assert_true(decode(other, size + 4, bgr)); /* bytes too many before it */
    expect_picture(bgr);

    memcpy(other, data, size); /* no Huffman tables: these are the standard ones */
    size_t left = size;
    for (int i = 0; i < 4; i++) {
        size_t at = find_segment(other, left, 0xc4, &length);
        memmove(other + at, other + at + 2 + length, left - at - 2 - length);
        left -= 2 + length;
    }
    assert_true(decode(other, left, bgr));
    expect_picture(bgr);
    free(other);
    free(data);
}

static void damage_is_seen_and_nothing_is_said(void **state)
{
    size_t size, length = 0;
    uint8_t *data = make_jpeg(&size), *other = malloc(size), bgr[STRIDE * H];
    size_t scan = find_segment(data, size, 0xda, &length) + 2 + length;
    FILE *said = tmpfile();
    int saved = dup(STDERR_FILENO), n_seen = 0;
    (void)state;

    assert_non_null(said);
    fflush(stderr);
    assert_true(saved >= 0 && dup2(fileno(said), STDERR_FILENO) >= 0);
    bool cut = false, wrong_size;
    for (size_t n = 0; n < size - 8; n++) /* cut off anywhere: never a crash, never a picture */
        cut = decode(data, n, bgr) || cut;
    uint32_t seed = 5;
    for (int i = 0; i < 300; i++) { /* noise in the middle: whatever comes out, it ends, in bounds */
        memcpy(other, data, size);
        for (int k = 0; k < 40; k++)
            other[scan + noise(&seed) % (size - scan)] = (uint8_t)noise(&seed);
        n_seen += !decode(other, size, bgr);
        memcpy(other, data, size);
        for (int k = 0; k < 4; k++)
            other[noise(&seed) % scan] = (uint8_t)noise(&seed);
        decode(other, size, bgr);
    }
    struct pl_mjpeg *d = pl_mjpeg_open();
    wrong_size = pl_mjpeg_decode(d, bgr, STRIDE, W, H - 8, data, size) || pl_mjpeg_decode(d, bgr, STRIDE, W - 16, H, data, size);
    pl_mjpeg_close(d);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    assert_false(cut);
    assert_false(wrong_size);
    assert_true(n_seen > 250);
    assert_int_equal(lseek(fileno(said), 0, SEEK_END), 0);
    fclose(said);
    free(other);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yuyv_follows_the_matrices), cmocka_unit_test(levels_are_as_the_driver_says),
        cmocka_unit_test(yuyv_simd_is_the_same_bits), cmocka_unit_test(a_whole_picture), cmocka_unit_test(habits_of_cameras),
        cmocka_unit_test(damage_is_seen_and_nothing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
