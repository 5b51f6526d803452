/* Another network from one frame to the next: the person stays found. */
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

#include "plumbline/camera.h"
#include "plumbline/clock.h"
#include "plumbline/cpu.h"
#include "plumbline/keypoints.h"

static const char *models(void) { return getenv("PL_MODELS") ? getenv("PL_MODELS") : "models"; }

static void need(enum pl_model_kind kind)
{
    char path[4200];

    snprintf(path, sizeof path, "%s/pose_landmark_%s.tflite", models(), pl_model_kind_name(kind));
    if (access(path, R_OK)) {
        print_message("skipped: no %s (make models)\n", path);
        skip();
    }
}

static struct pl_tracker *open_tracker(const char *dir)
{
    struct pl_tracker_options o = { .models_dir = dir, .model = PL_MODEL_LITE, .cpu = pl_cpu_detect(), .threads = 1 };
    struct pl_tracker *t;
    struct pl_err err;

    if (!pl_keypoints_open(&t, &o, &err))
        fail_msg("%s", err.text);
    return t;
}

static float furthest_px(const struct pl_landmarks *a, const struct pl_landmarks *b)
{
    float most = 0;

    for (int i = 11; i < PL_N_LANDMARKS; i++) /* the body; the face and its depth are another matter */
        most = fmaxf(most, hypotf(a->px[i].x_px - b->px[i].x_px, a->px[i].y_px - b->px[i].y_px));
    return most;
}

static void the_person_stays_found(void **state)
{
    static const enum pl_model_kind turn[] = { PL_MODEL_FULL, PL_MODEL_HEAVY, PL_MODEL_LITE, PL_MODEL_FULL, PL_MODEL_HEAVY };
    struct pl_camera_options co = { .source = "samples/squat_front_good.mp4" };
    struct pl_camera *camera;
    struct pl_frame frame;
    struct pl_keypoints k, before;
    struct pl_err err;
    (void)state;

    for (int i = 0; i < PL_N_MODELS; i++)
        need((enum pl_model_kind)i);
    struct pl_tracker *t = open_tracker(models());
    assert_true(pl_camera_open(&camera, &co, &err));
    for (int i = 0; i < 24; i++) {
        assert_int_equal(pl_camera_next(camera, 0, &frame, &err), PL_NEXT_FRAME);
        bool change = i >= 4 && i % 4 == 0;
        if (change) {
            int64_t began_ns = pl_clock_now_ns();
            assert_true(pl_keypoints_use(t, turn[i / 4 - 1], &err));
            print_message("%s in use after %.1f ms\n", pl_model_kind_name(turn[i / 4 - 1]),
                          1e3 * pl_s_from_ns(pl_clock_now_ns() - began_ns));
        }
        pl_keypoints_step(t, &frame, &k);
        assert_true(k.present);
        assert_int_equal(k.detected, i == 0); /* nobody had to be looked for again */
        if (change)
            assert_true(furthest_px(&k.raw, &before.raw) < 25);
        before = k;
    }
    pl_camera_close(camera);
    pl_keypoints_close(t);
}

/* A folder with the lite network alone: it stays in use. */
static void one_that_is_missing_is_told(void **state)
{
    char dir[] = "/tmp/plumbline-use-XXXXXX", from[4200], to[4200], here[2000];
    static const char *const files[] = { "pose_detection.tflite", "pose_landmark_lite.tflite" };
    struct pl_camera_options co = { .source = "samples/squat_front_good.mp4" };
    struct pl_camera *camera;
    struct pl_frame frame;
    struct pl_keypoints k;
    struct pl_err err;
    (void)state;

    need(PL_MODEL_LITE);
    assert_non_null(mkdtemp(dir));
    assert_non_null(getcwd(here, sizeof here));
    for (int i = 0; i < 2; i++) {
        snprintf(from, sizeof from, "%s%s%s/%s", models()[0] == '/' ? "" : here, models()[0] == '/' ? "" : "/", models(), files[i]);
        snprintf(to, sizeof to, "%s/%s", dir, files[i]);
        assert_int_equal(symlink(from, to), 0);
    }
    struct pl_tracker *t = open_tracker(dir);
    assert_true(pl_camera_open(&camera, &co, &err));
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pl_camera_next(camera, 0, &frame, &err), PL_NEXT_FRAME);
        if (i == 2) {
            assert_false(pl_keypoints_use(t, PL_MODEL_FULL, &err));
            assert_non_null(strstr(err.text, "pose_landmark_full.tflite"));
        }
        pl_keypoints_step(t, &frame, &k);
        assert_true(k.present && k.detected == (i == 0));
    }
    pl_camera_close(camera);
    pl_keypoints_close(t);
    for (int i = 0; i < 2; i++) {
        snprintf(to, sizeof to, "%s/%s", dir, files[i]);
        remove(to);
    }
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_person_stays_found),
        cmocka_unit_test(one_that_is_missing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
