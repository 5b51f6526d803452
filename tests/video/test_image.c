/* Still images: pixels survive PNG exactly, EXIF turns are honoured, and files that are no images are named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/media.h"
#include "plumbline/video.h"

enum { W = 7, H = 5 };

static char folder[MEDIA_PATH];

static const char *in_folder(const char *name)
{
    static char path[2 * MEDIA_PATH];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int setup(void **state)
{
    (void)state;
    media_folder(folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    media_remove(folder);
    return 0;
}

static void png_round_trip(void **state)
{
    (void)state;
    enum { STRIDE = 32 };
    uint8_t pixels[H * STRIDE];
    struct pl_image image;
    struct pl_err err;
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 37 + 11);
    for (int rgb = 0; rgb < 2; rgb++) {
        struct pl_frame f = {.width_px = W, .height_px = H, .stride = STRIDE, .data = pixels,
                             .pixels = rgb ? PL_PIXELS_RGB24 : PL_PIXELS_BGR24};
        assert_true(pl_image_write_png(in_folder("a.png"), &f, &err));
        assert_true(pl_image_read(&image, in_folder("a.png"), &err));
        assert_int_equal(image.width_px, W);
        assert_int_equal(image.height_px, H);
        for (int y = 0; y < H; y++)
            for (int i = 0; i < W * 3; i++)
                assert_int_equal(image.bgr[y * W * 3 + i], pixels[y * STRIDE + (rgb ? i / 3 * 3 + 2 - i % 3 : i)]);
        pl_image_free(&image);
        assert_null(image.bgr);
    }
    struct pl_frame f = {.width_px = W, .height_px = H, .stride = STRIDE, .data = pixels, .pixels = PL_PIXELS_BGR24};
    assert_false(pl_image_write_png(in_folder("none/a.png"), &f, &err));
    assert_int_equal(err.code, PL_E_IO);
}

/* Orientation 6: the camera was turned, the picture is to be shown a quarter turn clockwise: the left half becomes the
 * upper one. */
static void exif_turn(void **state)
{
    (void)state;
    static const uint8_t exif[] = {0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1,
                                   0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0};
    uint8_t turned[TINY_JPEG_SIZE + sizeof exif];
    struct pl_image image;
    struct pl_err err;
    memcpy(turned, tiny_jpeg, 2);
    memcpy(turned + 2, exif, sizeof exif);
    memcpy(turned + 2 + sizeof exif, tiny_jpeg + 2, TINY_JPEG_SIZE - 2);
    media_write(in_folder("plain.jpg"), tiny_jpeg, TINY_JPEG_SIZE);
    media_write(in_folder("turned.jpg"), turned, sizeof turned);

    assert_true(pl_image_read(&image, in_folder("plain.jpg"), &err));
    assert_int_equal(image.width_px, TINY_JPEG_WIDTH);
    assert_int_equal(image.height_px, TINY_JPEG_HEIGHT);
    assert_true(image.bgr[3 * 4] < 40 && image.bgr[3 * (TINY_JPEG_WIDTH - 4)] > 215);
    pl_image_free(&image);

    assert_true(pl_image_read(&image, in_folder("turned.jpg"), &err));
    assert_int_equal(image.width_px, TINY_JPEG_HEIGHT);
    assert_int_equal(image.height_px, TINY_JPEG_WIDTH);
    assert_true(image.bgr[3 * 4] < 40 && image.bgr[3 * TINY_JPEG_HEIGHT * (TINY_JPEG_WIDTH - 4)] > 215);
    pl_image_free(&image);
}

static void expect_refusal(const char *name, enum pl_err_code code, const char *part)
{
    struct pl_image image = {0};
    struct pl_err err = {0};
    assert_false(pl_image_read(&image, in_folder(name), &err));
    assert_null(image.bgr);
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.text, name));
    if (!strstr(err.text, part))
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
}

static void no_images(void **state)
{
    (void)state;
    media_text(in_folder("text.png"), "not a picture");
    media_text(in_folder("empty.png"), "");
    media_write(in_folder("short.jpg"), tiny_jpeg, 60);
    expect_refusal("text.png", PL_E_FORMAT, "not an image");
    expect_refusal("empty.png", PL_E_FORMAT, "empty");
    expect_refusal("short.jpg", PL_E_FORMAT, "not an image");
    expect_refusal("missing.png", PL_E_IO, "no such file");
    expect_refusal(".", PL_E_FORMAT, "is a folder");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(png_round_trip), cmocka_unit_test(exif_turn),
                                       cmocka_unit_test(no_images)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
