/* The step from frame to frame, where there is nobody, nothing, or no sense in what is given. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/keypoints/internal.h"
#include "plumbline/cpu.h"
#include "plumbline/keypoints.h"

enum { W = 320, H = 240 };

static uint8_t black[H][W][3];
static struct pl_tracker *tracker; /* NULL: the models are not here */

static const char *models_dir(void)
{
    const char *dir = getenv("PL_MODELS");
    return dir && *dir ? dir : "models";
}

static bool have_models(void)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/pose_landmark_lite.tflite", models_dir());
    return !access(path, R_OK);
}

static int open_tracker(void **state)
{
    struct pl_tracker_options options = { .models_dir = models_dir(), .model = PL_MODEL_LITE, .cpu = pl_cpu_detect(),
                                          .threads = 2 };
    struct pl_err err = { 0 };
    (void)state;
    if (have_models() && !pl_keypoints_open(&tracker, &options, &err))
        fail_msg("%s", err.text);
    return 0;
}

static int close_tracker(void **state)
{
    (void)state;
    pl_keypoints_close(tracker);
    tracker = NULL;
    return 0;
}

static void need_tracker(void)
{
    if (tracker)
        return;
    print_message("skipped: needs the pose networks in %s (make models)\n", models_dir());
    skip();
}

static struct pl_frame picture(int64_t t_ns)
{
    return (struct pl_frame){ .t_ns = t_ns, .width_px = W, .height_px = H, .stride = sizeof black[0],
                              .pixels = PL_PIXELS_RGB24, .data = black[0][0], .given_person_p = NAN };
}

static void expect_nobody(const struct pl_keypoints *k, int64_t t_ns)
{
    assert_true(k->t_ns == t_ns);
    assert_false(k->present);
    for (int i = 0; i < PL_N_LANDMARKS; i++) {
        assert_true(isnan(k->raw.px[i].x_px) && isnan(k->raw.px[i].visibility_p) && isnan(k->raw.m[i].z));
        assert_true(isnan(k->smooth.px[i].x_px) && isnan(k->smooth.px[i].visibility_p) && isnan(k->smooth.m[i].z));
    }
}

static void test_nobody_in_the_dark(void **state)
{
    struct pl_keypoints k;
    (void)state;
    need_tracker();
    for (int i = 0; i < 3; i++) {
        struct pl_frame f = picture(i);
        pl_keypoints_step(tracker, &f, &k);
        expect_nobody(&k, i);
        assert_false(k.detected);
        assert_true(k.person_p == 0.0f && isnan(k.region.cx_px));
        assert_int_equal(k.width_px, W);
    }
}

/* The detector's work, spread over several frames, gives the same bits as done at once. */
static void test_parts_are_the_whole(void **state)
{
    static float whole[PL_N_ANCHORS * PL_DETECTOR_FLOATS];
    static struct pl_detector detector;
    struct pl_frame f = picture(1);
    struct pl_pool *pool = NULL;
    struct pl_err err;
    (void)state;
    need_tracker();
    for (int i = 0; i < W * H * 3; i++)
        ((uint8_t *)black)[i] = (uint8_t)(i * 2654435761u >> 24);
    if (!pl_pool_open(&pool, 2, &err) || !pl_detector_open(&detector, models_dir(), pl_cpu_detect(), pool, &err))
        fail_msg("%s", err.text);
    pl_detector_run(&detector, &f, pl_cpu_detect(), pool, 0, 1);
    memcpy(whole, pl_runner_output(detector.network.runner, 0).data, sizeof whole);
    memset(black, 0, sizeof black);
    pl_detector_run(&detector, &f, pl_cpu_detect(), pool, 0, 1);
    assert_memory_not_equal(whole, pl_runner_output(detector.network.runner, 0).data, sizeof whole);
    for (int parts = 3; parts <= 200; parts += 197 / 2) { /* also more than there are steps */
        for (int i = 0; i < W * H * 3; i++)
            ((uint8_t *)black)[i] = (uint8_t)(i * 2654435761u >> 24);
        pl_detector_run(&detector, &f, pl_cpu_detect(), pool, 0, parts);
        memset(black, 0, sizeof black); /* later frames: only the first part looks */
        for (int part = 1; part < parts; part++)
            pl_detector_run(&detector, &f, pl_cpu_detect(), pool, part, parts);
        assert_memory_equal(whole, pl_runner_output(detector.network.runner, 0).data, sizeof whole);
    }
    pl_detector_close(&detector);
    pl_pool_close(pool);
}

static void test_region_on_nothing(void **state)
{
    static const struct pl_region regions[] = {
        { NAN, NAN, NAN, NAN }, { 10, 10, 0, 0 }, { 10, 10, -4, 0 }, { 10, 10, INFINITY, 0 }, { 10, 10, 3e38f, 0 },
        { 10, 10, 100, NAN }, { -1e5f, 4e5f, 200, 1 }, { 10, 10, 1e6f, 1 }, { 160, 120, 1.0f, 1e30f },
    };
    struct pl_keypoints k;
    (void)state;
    need_tracker();
    for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++) {
        struct pl_frame f = picture((int64_t)i);
        pl_keypoints_step_in(tracker, &f, &regions[i], &k);
        expect_nobody(&k, (int64_t)i);
        assert_true(k.person_p >= 0.0f && k.person_p <= 0.5f);
    }
}

static void test_frames_that_are_none(void **state)
{
    struct pl_keypoints k;
    const struct pl_region region = { 100, 100, 100, 0 };
    (void)state;
    need_tracker();
    for (int kind = 0; kind < 5; kind++) {
        struct pl_frame f = picture(kind);
        if (kind == 0) f.data = NULL;
        if (kind == 1) f.width_px = 0;
        if (kind == 2) f.height_px = -1;
        if (kind == 3) f.stride = 5;
        if (kind == 4) f.pixels = PL_PIXELS_NONE;
        pl_keypoints_step(tracker, &f, &k);
        expect_nobody(&k, kind);
        pl_keypoints_step_in(tracker, &f, &region, &k);
        expect_nobody(&k, kind);
    }
}

static void test_tiny_and_changing_sizes(void **state)
{
    static const int sizes[][2] = { { 1, 1 }, { 2, 1 }, { 1, 200 }, { 320, 1 }, { 17, 31 } };
    struct pl_keypoints k;
    (void)state;
    need_tracker();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct pl_frame f = picture((int64_t)i);
        f.width_px = sizes[i][0], f.height_px = sizes[i][1];
        pl_keypoints_step(tracker, &f, &k);
        assert_int_equal(k.width_px, sizes[i][0]);
    }
}

static void test_given_landmarks_pass(void **state)
{
    struct pl_landmarks given;
    struct pl_frame f = { .t_ns = 5, .width_px = 640, .height_px = 480, .given = &given, .given_person_p = 0.75f };
    struct pl_keypoints k;
    (void)state;
    need_tracker();
    pl_landmarks_unknown(&given);
    given.px[PL_LM_LEFT_KNEE] = (struct pl_point){ 1, 2, 3, 0.5f };
    pl_keypoints_step(tracker, &f, &k);
    assert_true(k.present);
    assert_false(k.detected);
    assert_true(k.person_p == 0.75f);
    assert_memory_equal(&k.raw, &given, sizeof given);
    assert_memory_equal(&k.smooth, &given, sizeof given);
    assert_true(isnan(k.pelvis_head_deg) && isnan(k.pelvis_stickers_deg) && isnan(k.yaw_head_deg));
    f.given_added = &(struct pl_added){ .pelvis_head_deg = 2.5f, .pelvis_stickers_deg = -1.5f, .yaw_head_deg = 4.0f };
    pl_keypoints_step(tracker, &f, &k);
    assert_true(k.pelvis_head_deg == 2.5f && k.pelvis_stickers_deg == -1.5f && k.yaw_head_deg == 4.0f);
    f.given = NULL, f.given_person_p = 0.0f;
    pl_keypoints_step(tracker, &f, &k);
    expect_nobody(&k, 5);
    assert_true(k.person_p == 0.0f);
}

static void test_open_says_what_is_missing(void **state)
{
    struct pl_tracker_options options = { .models_dir = "/nowhere", .model = PL_MODEL_FULL, .cpu = PL_CPU_C, .threads = 1 };
    struct pl_tracker *t = NULL;
    struct pl_err err = { 0 };
    (void)state;
    assert_false(pl_keypoints_open(&t, &options, &err));
    assert_int_equal(err.code, PL_E_IO);
    assert_non_null(strstr(err.text, "/nowhere/pose_landmark_full.tflite"));
    assert_non_null(strstr(err.text, "run: make models"));
    options.model = PL_N_MODELS;
    assert_false(pl_keypoints_open(&t, &options, &err));
    assert_int_equal(err.code, PL_E_ARG);
    options.model = PL_MODEL_LITE, options.threads = 0;
    assert_false(pl_keypoints_open(&t, &options, &err));
    assert_int_equal(err.code, PL_E_ARG);
    assert_null(t);
    pl_keypoints_close(NULL);
}

/* The detector's file under a landmark network's name. */
static void test_open_refuses_another_network(void **state)
{
    char dir[] = "/tmp/plumbline-models-XXXXXX", link[64], target[4096];
    struct pl_tracker_options options = { .models_dir = dir, .model = PL_MODEL_LITE, .cpu = PL_CPU_C, .threads = 1,
                                          .roi_only = true };
    struct pl_tracker *t = NULL;
    struct pl_err err = { 0 };
    (void)state;
    need_tracker();
    if (!realpath(models_dir(), target) || strlen(target) > 4000)
        fail();
    strcat(target, "/pose_detection.tflite");
    assert_non_null(mkdtemp(dir));
    snprintf(link, sizeof link, "%s/pose_landmark_lite.tflite", dir);
    assert_int_equal(symlink(target, link), 0);
    bool ok = pl_keypoints_open(&t, &options, &err);
    unlink(link);
    rmdir(dir);
    assert_false(ok);
    assert_int_equal(err.code, PL_E_FORMAT);
    assert_non_null(strstr(err.text, "not the expected pose network"));
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(pl_model_kind_name(PL_MODEL_LITE), "lite");
    assert_string_equal(pl_model_kind_name(PL_MODEL_FULL), "full");
    assert_string_equal(pl_model_kind_name(PL_MODEL_HEAVY), "heavy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_in_the_dark),
        cmocka_unit_test(test_parts_are_the_whole),
        cmocka_unit_test(test_region_on_nothing),
        cmocka_unit_test(test_frames_that_are_none),
        cmocka_unit_test(test_tiny_and_changing_sizes),
        cmocka_unit_test(test_given_landmarks_pass),
        cmocka_unit_test(test_open_says_what_is_missing),
        cmocka_unit_test(test_open_refuses_another_network),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("keypoints/tracker", tests, open_tracker, close_tracker);
}
