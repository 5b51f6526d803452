/* A folder of images as a recording: order, times, seeks, and what is wrong with which file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../support/media.h"
#include "plumbline/camera.h"
#include "plumbline/video.h"
#include "plumbline/units.h"

enum { W = 24, H = 16 };

static char folder[MEDIA_PATH];

static const char *in_folder(const char *name)
{
    static char path[2 * MEDIA_PATH];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* An image of one brightness, by which it is known again. */
static void put_image(const char *name, int w, int h, int value)
{
    uint8_t *pixels = malloc((size_t)w * (size_t)h * 3);
    struct pl_err err;
    memset(pixels, value, (size_t)w * (size_t)h * 3);
    struct pl_frame f = {
        .width_px = w, .height_px = h, .stride = (size_t)w * 3, .pixels = PL_PIXELS_BGR24, .data = pixels};
    assert_true(pl_image_write_png(in_folder(name), &f, &err));
    free(pixels);
}

static int setup(void **state)
{
    (void)state;
    media_folder(folder);
    put_image("frame10.png", W, H, 30);
    put_image("frame2.PNG", W, H, 20);
    put_image("frame1.png", W, H, 10);
    media_text(in_folder("notes.txt"), "not an image");
    media_text(in_folder(".hidden.png"), "not an image");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    media_remove(folder);
    return 0;
}

static struct pl_camera *open_folder(void)
{
    struct pl_camera_options options = {.source = folder};
    struct pl_camera *camera = NULL;
    struct pl_err err;
    if (!pl_camera_open(&camera, &options, &err))
        fail_msg("%s", err.text);
    return camera;
}

static void expect_refusal(enum pl_err_code code, const char *part, const char *part2)
{
    struct pl_camera_options options = {.source = folder};
    struct pl_camera *camera = NULL;
    struct pl_err err = {0};
    assert_false(pl_camera_open(&camera, &options, &err));
    assert_null(camera);
    assert_int_equal(err.code, code);
    if (!strstr(err.text, part) || !strstr(err.text, part2))
        fail_msg("\"%s\" does not say \"%s\" and \"%s\"", err.text, part, part2);
}

static void order_and_times(void **state)
{
    (void)state;
    struct pl_camera *camera = open_folder();
    const struct pl_camera_info *info = pl_camera_info(camera);
    struct pl_frame f;
    struct pl_err err;
    assert_int_equal(info->kind, PL_CAMERA_IMAGES);
    assert_int_equal(info->n_frames, 3);
    assert_int_equal(info->width_px, W);
    assert_int_equal(info->height_px, H);
    assert_int_equal(info->duration_ns, PL_NS_PER_S / 10);
    assert_true(info->seekable && !info->live);
    for (int k = 0; k < 3; k++) {
        assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME);
        assert_int_equal(f.data[0], 10 * (k + 1));
        assert_int_equal(f.index, k);
        assert_true(llabs(f.t_ns - k * PL_NS_PER_S / 30) <= 1);
        assert_true(isnan(f.given_person_p) && !f.given);
    }
    assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_END);
    assert_int_equal(pl_camera_counts(camera).delivered, 3);
    assert_true(pl_camera_seek(camera, PL_NS_PER_S / 30 + 1000, &err));
    assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME);
    assert_int_equal(f.index, 1);
    pl_camera_close(camera);
}

static void times_file(void **state)
{
    (void)state;
    struct pl_frame f;
    struct pl_err err;
    static const int64_t t_ms[] = {0, 250, 1500};
    media_text(in_folder("times.csv"),
               "name,seconds\n# comment\nframe10.png,11.5\r\nframe1.png,10\nframe2.PNG,10.25\nother.png,3\n");
    struct pl_camera *camera = open_folder();
    for (int k = 0; k < 3; k++) {
        assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME);
        assert_int_equal(f.t_ns, t_ms[k] * 1000000);
        assert_int_equal(f.data[0], 10 * (k + 1));
    }
    pl_camera_close(camera);
    media_text(in_folder("times.csv"), "frame1.png,0\nframe2.PNG,1\n");
    expect_refusal(PL_E_FORMAT, "times.csv", "no time for frame10.png");
    media_text(in_folder("times.csv"), "frame1.png,0\nframe2.PNG,2\nframe10.png,2\n");
    expect_refusal(PL_E_FORMAT, "frame10.png", "not after");
    media_text(in_folder("times.csv"), "frame1.png,0\nframe2.PNG,soon\n");
    expect_refusal(PL_E_FORMAT, "times.csv line 2", "seconds");
    media_text(in_folder("times.csv"), "frame1.png 0\n");
    expect_refusal(PL_E_FORMAT, "times.csv line 1", "name,seconds");
    assert_int_equal(remove(in_folder("times.csv")), 0);
}

static void bad_images(void **state)
{
    (void)state;
    struct pl_frame f;
    struct pl_err err = {0};
    put_image("frame11.png", W, H + 2, 40);
    struct pl_camera *camera = open_folder();
    for (int k = 0; k < 3; k++)
        assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME);
    assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FAILED);
    assert_int_equal(err.code, PL_E_FORMAT);
    assert_non_null(strstr(err.text, "frame11.png is 24x18"));
    pl_camera_close(camera);
    assert_int_equal(remove(in_folder("frame11.png")), 0);

    media_text(in_folder("frame0.png"), "broken");
    expect_refusal(PL_E_FORMAT, "frame0.png", "not an image");
    assert_int_equal(remove(in_folder("frame0.png")), 0);
}

/* Whatever a user may name. */
static void odd_paths(void **state)
{
    (void)state;
    static const struct { const char *name; enum pl_err_code code; const char *part;
    } odd[] = {{"none", PL_E_FORMAT, "holds no images"},  {"missing", PL_E_IO, "no such file"},
               {"pipe", PL_E_UNSUPPORTED, "neither"},     {"pipe.csv", PL_E_UNSUPPORTED, "neither"},
               {"notes.txt", PL_E_FORMAT, "not a video"}, {"empty.csv", PL_E_FORMAT, "is empty"},
               {"notes.txt/x", PL_E_IO, "cannot be read"}};
    assert_int_equal(mkdir(in_folder("none"), 0700), 0);
    assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
    assert_int_equal(mkfifo(in_folder("pipe.csv"), 0600), 0);
    media_text(in_folder("empty.csv"), "");
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct pl_camera_options options = {.source = in_folder(odd[i].name)};
        struct pl_camera *camera = NULL;
        struct pl_err err = {0};
        assert_false(pl_camera_open(&camera, &options, &err));
        assert_int_equal(err.code, odd[i].code);
        if (!strstr(err.text, odd[i].name) || !strstr(err.text, odd[i].part))
            fail_msg("%s: \"%s\"", odd[i].name, err.text);
    }
    struct pl_camera_options options = {.source = "/dev/null"};
    struct pl_camera *camera = NULL;
    struct pl_err err = {0};
    assert_false(pl_camera_open(&camera, &options, &err));
    assert_int_equal(err.code, PL_E_DEVICE);
    options.source = "";
    assert_false(pl_camera_open(&camera, &options, &err));
    assert_int_equal(err.code, PL_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(order_and_times), cmocka_unit_test(times_file),
                                       cmocka_unit_test(bad_images), cmocka_unit_test(odd_paths)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
