/* Landmark tables: both kinds, and the line and reason of what is wrong with one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/media.h"
#include "plumbline/camera.h"
#include "plumbline/units.h"

static char folder[MEDIA_PATH], path[MEDIA_PATH + 16];

static int setup(void **state)
{
    (void)state;
    media_folder(folder);
    snprintf(path, sizeof path, "%s/t.csv", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    media_remove(folder);
    return 0;
}

static struct pl_camera *open_table(const char *file)
{
    struct pl_camera_options options = {.source = file};
    struct pl_camera *camera = NULL;
    struct pl_err err;
    if (!pl_camera_open(&camera, &options, &err))
        fail_msg("%s", err.text);
    return camera;
}

static void expect_refusal(const char *text, const char *part)
{
    struct pl_camera_options options = {.source = path};
    struct pl_camera *camera = NULL;
    struct pl_err err = {0};
    media_text(path, text);
    assert_false(pl_camera_open(&camera, &options, &err));
    assert_null(camera);
    assert_int_equal(err.code, PL_E_FORMAT);
    assert_non_null(strstr(err.text, path));
    if (!strstr(err.text, part))
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
}

/* Every field of every landmark in the layout of `analyze --frames`, with a value that tells its place. */
static float own_value(int row, int landmark, int k) { return (float)(row * 1000 + landmark * 10 + k) / 8; }

static void write_own_table(void)
{
    static const char *const suffix[] = {"_x_px", "_y_px", "_z_px", "_vis_p", "_wx_m", "_wy_m", "_wz_m"};
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "phase,t_s,person_p,width_px,height_px");
    for (int i = PL_N_LANDMARKS - 1; i >= 0; i--) /* the order is free */
        for (int k = 0; k < 7; k++)
            fprintf(f, ",%s%s", pl_landmark_name((enum pl_landmark)i), suffix[k]);
    for (int row = 0; row < 3; row++) {
        fprintf(f, "\nstanding, %.3f,%.2f,640,480", 2 + row * 0.125, row == 1 ? 0.25 : 0.75);
        for (int i = PL_N_LANDMARKS - 1; i >= 0; i--)
            for (int k = 0; k < 7; k++) {
                if (row == 1)
                    fprintf(f, ",");
                else
                    fprintf(f, ",%.9g", (double)own_value(row, i, k));
            }
    }
    fprintf(f, "\n");
    assert_int_equal(fclose(f), 0);
}

static void own_table(void **state)
{
    (void)state;
    struct pl_frame f;
    struct pl_err err;
    write_own_table();
    struct pl_camera *camera = open_table(path);
    const struct pl_camera_info *info = pl_camera_info(camera);
    assert_int_equal(info->kind, PL_CAMERA_TABLE);
    assert_int_equal(info->n_frames, 3);
    assert_int_equal(info->width_px, 640);
    assert_int_equal(info->height_px, 480);
    assert_true(fabs(info->fps - 8) < 1e-9);
    for (int row = 0; row < 3; row++) {
        assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME);
        assert_int_equal(f.t_ns, row * PL_NS_PER_S / 8);
        assert_int_equal(f.index, row);
        assert_int_equal(f.pixels, PL_PIXELS_NONE);
        assert_true(f.given_person_p == (row == 1 ? 0.25f : 0.75f));
        assert_int_equal(f.given == NULL, row == 1);
        for (int i = 0; f.given && i < PL_N_LANDMARKS; i++) {
            const float v[] = {
                f.given->px[i].x_px, f.given->px[i].y_px, f.given->px[i].z_px, f.given->px[i].visibility_p,
                f.given->m[i].x,     f.given->m[i].y,     f.given->m[i].z};
            for (int k = 0; k < 7; k++)
                assert_true(v[k] == own_value(row, i, k));
        }
    }
    assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_END);
    for (int t_ms = -100; t_ms < 600; t_ms += 20) {
        int want = t_ms < 125 ? 0 : t_ms < 250 ? 1 : 2;
        assert_true(pl_camera_seek(camera, t_ms * INT64_C(1000000), &err));
        assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME);
        assert_int_equal(f.index, want);
    }
    pl_camera_close(camera);
}

/* A stream is normalised by the picture's size: a phone's unless the file says otherwise. */
static void stream_table(void **state)
{
    (void)state;
    static const char rows[] = "t,mode,lm0_x,lm0_y,lm0_z,lm0_v,lm32_x,lm32_y\n"
                               "40,ref,0.5,0.25,-0.1,0.75,1,1\n"
                               "73,ref,,,,,,\n"
                               "106.5,ref,0.5,,-0.1,0.75,2e-1,+.5\n";
    for (int sized = 0; sized < 2; sized++) {
        char text[400];
        float w = sized ? 100 : 720, h = sized ? 50 : 1280;
        struct pl_frame f;
        struct pl_err err;
        snprintf(text, sizeof text, "%s%s", sized ? "\xef\xbb\xbf# size_px 100 50\r\n\n" : "", rows);
        media_text(path, text);
        struct pl_camera *camera = open_table(path);
        assert_int_equal(pl_camera_info(camera)->width_px, (int)w);
        assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME);
        assert_non_null(f.given);
        assert_true(f.given->px[0].x_px == 0.5f * w && f.given->px[0].y_px == 0.25f * h);
        assert_true(fabsf(f.given->px[0].z_px + 0.1f * w) < 1e-4f && f.given->px[0].visibility_p == 0.75f);
        assert_true(isnan(f.given->px[1].x_px) && isnan(f.given->m[0].x));
        assert_true(f.given->px[32].x_px == w && isnan(f.given->px[32].visibility_p));
        assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME);
        assert_int_equal(f.t_ns, 33000000);
        assert_true(!f.given && f.given_person_p == 0);
        assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME);
        assert_int_equal(f.t_ns, 66500000);
        assert_true(isnan(f.given->px[0].x_px)); /* half a point is no point */
        assert_true(fabsf(f.given->px[32].x_px - 0.2f * w) < 1e-4f && f.given->px[32].y_px == 0.5f * h);
        pl_camera_close(camera);
    }
}

static void bad_tables(void **state)
{
    (void)state;
    expect_refusal("", "empty");
    expect_refusal("\n\n# only this\n", "empty");
    expect_refusal("t_s,nose_x_px,nose_y_px\n", "no rows");
    expect_refusal("a,b,c\n1,2,3\n", "line 1: this is not the header");
    expect_refusal("t_s,person_p\n0,1\n", "line 1: this is not the header");
    expect_refusal("t,lm33_x,lm_x,lm0_q\n0,1,1,1\n", "line 1: this is not the header");
    expect_refusal("t_s,nose_x_px,nose_x_px\n0,1,1\n", "nose_x_px is there twice");
    expect_refusal("t_s,nose_x_px,nose_y_px\n0,1,2\n1,1\n", "line 3: 2 columns where the header has 3");
    expect_refusal("t_s,nose_x_px,nose_y_px\n0,1,2\n1,1,2,3\n", "line 3: 4 columns");
    expect_refusal("t_s,nose_x_px,nose_y_px\n0,1,2\n1,1,2x\n", "line 3, column 3: \"2x\" is not a number");
    expect_refusal("t_s,nose_x_px,nose_y_px\n0,1\x1b[2J,2\n", "\"1?[2J\"");
    expect_refusal("t_s,nose_x_px,nose_y_px\n0,nan,2\n", "not a number");
    expect_refusal("t_s,nose_x_px,nose_y_px\n0,1e999,2\n", "not a number");
    expect_refusal("t_s,nose_x_px,nose_y_px\n0,1,2\n# rest\n0,1,2\n", "line 4: its time is not after");
    expect_refusal("t_s,nose_x_px,nose_y_px\n,1,2\n", "line 2: the row has no usable time");
    expect_refusal("t_s,nose_x_px,nose_y_px\n1e12,1,2\n", "line 2: the row has no usable time");
    expect_refusal("t_s,nose_x_px,width_px,height_px\n0,1,640,480\n1,1,320,240\n",
                   "line 3: the picture's size differs");
    expect_refusal("t_s,nose_x_px,width_px,height_px\n0,1,-640,480\n", "line 2: width_px and height_px");
}

static void odd_bytes(void **state)
{
    (void)state;
    enum { HUGE_LINE = 3 << 20 };
    struct pl_camera_options options = {.source = path};
    struct pl_camera *camera = NULL;
    struct pl_err err = {0};
    char *text = malloc(HUGE_LINE);
    memset(text, ',', HUGE_LINE);
    media_write(path, text, HUGE_LINE);
    assert_false(pl_camera_open(&camera, &options, &err));
    assert_non_null(strstr(err.text, "line 1: the line is too long"));
    media_write(path, text, 100000);
    assert_false(pl_camera_open(&camera, &options, &err));
    memcpy(text, "t_s,nose_x_px\n0,\0001\n", 20);
    media_write(path, text, 20);
    assert_false(pl_camera_open(&camera, &options, &err));
    assert_non_null(strstr(err.text, "line 2: this is not a text file"));
    free(text);
}

/* Numbers look the same in every country. */
static void german_locale(void **state)
{
    (void)state;
    struct pl_frame f;
    struct pl_err err;
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8")) {
        print_message("skipped: no German locale on this machine\n");
        skip();
    }
    media_text(path, "t_s,nose_x_px,nose_y_px\n0.5,1.25,2\n");
    struct pl_camera *camera = open_table(path);
    assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME);
    assert_true(f.given->px[0].x_px == 1.25f);
    pl_camera_close(camera);
    setlocale(LC_NUMERIC, "C");
}

/* Real streams of MediaPipe, where they are at hand. */
static void real_streams(void **state)
{
    (void)state;
    static const struct { const char *name; int n; double last_s; } streams[] = {
        {"single_leg_squat_frames.csv", 1061, 35.333}, {"calibration_01_left_sls_frames.csv", 756, 26.034},
        {"calibration_03_left_lsd_frames.csv", 674, 23.206}};
    const char *shared = getenv("PL_SHARED") ? getenv("PL_SHARED") : "../shared";
    char file[4096];
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        struct pl_frame f;
        struct pl_err err;
        int n = 0;
        double last_s = 0;
        snprintf(file, sizeof file, "%s/clips/landmarks/%s", shared, streams[i].name);
        if (access(file, R_OK)) {
            print_message("skipped: %s is not here\n", file);
            skip();
        }
        struct pl_camera *camera = open_table(file);
        for (; pl_camera_next(camera, 0, &f, &err) == PL_NEXT_FRAME; n++) {
            assert_non_null(f.given);
            assert_true(f.given->px[PL_LM_LEFT_HIP].x_px > 0 && f.given->px[PL_LM_LEFT_HIP].y_px < 1280);
            last_s = pl_s_from_ns(f.t_ns);
        }
        assert_int_equal(n, streams[i].n);
        assert_true(fabs(last_s - streams[i].last_s) < 1e-6);
        pl_camera_close(camera);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(own_table),     cmocka_unit_test(stream_table),
                                       cmocka_unit_test(bad_tables),    cmocka_unit_test(odd_bytes),
                                       cmocka_unit_test(german_locale), cmocka_unit_test(real_streams)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
