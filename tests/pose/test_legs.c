/* Legs that the network exchanges in profile are put right: a stick person with exchanges of our own, and a real
 * recording. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/stick.h"
#include "plumbline/pose.h"
#include "plumbline/signal.h"

static void test_exchanges_are_undone(void **state)
{
    (void)state;
    const struct pl_limits limits = pl_limits_default();
    struct pl_pose_state *ps = pl_pose_open(&limits);
    const struct stick_camera camera = stick_camera_at(90);
    struct stick s = stick_standing();
    int swapped = 0;
    s.ankle[PL_SIDE_RIGHT].y -= 0.35; /* the free foot behind and up */
    s.ankle[PL_SIDE_RIGHT].z += 0.20;
    for (int i = 0; i < 120; i++) {
        struct pl_keypoints k;
        struct pl_pose pose;
        stick_bend(&s, PL_SIDE_LEFT, 30 - 23 * cos(2 * PL_PI * i / 90.0));
        stick_keypoints(&s, &camera, i * (PL_NS_PER_S / 30), &k);
        const struct pl_point truth = k.raw.px[PL_LM_LEFT_ANKLE];
        if (i == 20 || (i >= 40 && i < 46) || i == 80 || i == 82)
            stick_mix_legs(&k, 1.0f);
        pl_pose_step(ps, &k, &pose);
        swapped += pose.swapped;
        assert_true(fabsf(pose.leg[PL_SIDE_LEFT].ankle_px.x - truth.x_px) < 1.0f);
    }
    assert_int_equal(swapped, 9);
    pl_pose_close(ps);
}

/* An order that lasts is the person's: then ours was wrong. */
static void test_a_lasting_order_is_accepted(void **state)
{
    (void)state;
    const struct pl_limits limits = pl_limits_default();
    struct pl_pose_state *ps = pl_pose_open(&limits);
    const struct stick_camera camera = stick_camera_at(90);
    struct stick s = stick_standing();
    struct pl_pose pose = { 0 };
    struct pl_keypoints k = { 0 };
    s.ankle[PL_SIDE_RIGHT].y -= 0.35;
    s.ankle[PL_SIDE_RIGHT].z += 0.20;
    for (int i = 0; i < 150; i++) {
        stick_keypoints(&s, &camera, i * (PL_NS_PER_S / 30), &k);
        if (i > 30)
            stick_mix_legs(&k, 1.0f);
        pl_pose_step(ps, &k, &pose);
    }
    assert_false(pose.swapped);
    assert_true(fabsf(pose.leg[PL_SIDE_LEFT].ankle_px.x - k.raw.px[PL_LM_LEFT_ANKLE].x_px) < 1.0f);
    pl_pose_close(ps);
}

/* One lunge seen from the side, at 30 fps: stand, half a second forwards, 1.5 s deep, half a second back, stand. */
enum { STEP_AT = 30, DEEP_AT = 45, BACK_AT = 90, STAND_AT = 105, LUNGE_ENDS = 135 };

static struct stick lunge_at(int i)
{
    const double way = i < STEP_AT || i >= STAND_AT ? 0.0
                       : i < DEEP_AT               ? (double)(i - STEP_AT) / (DEEP_AT - STEP_AT)
                       : i < BACK_AT               ? 1.0
                                                   : (double)(STAND_AT - i) / (STAND_AT - BACK_AT);
    struct stick s = stick_standing();
    s.ankle[PL_SIDE_LEFT].y += 0.65 * way; /* forwards */
    s.hips.y += 0.35 * way;
    s.hips.z -= 0.25 * way;
    return s;
}

/* The network begins each step with the legs exchanged, has them right when they are well apart, and exchanges them again on
 * the way back: the right order is found within 0.3 s and kept. */
static void test_wide_apart_the_network_is_right(void **state)
{
    (void)state;
    const struct pl_limits limits = pl_limits_default();
    struct pl_pose_state *ps = pl_pose_open(&limits);
    const struct stick_camera camera = stick_camera_at(90);
    for (int i = 0; i < 2 * LUNGE_ENDS; i++) {
        const int at = i % LUNGE_ENDS;
        const struct stick s = lunge_at(at);
        struct pl_keypoints k;
        struct pl_pose pose;
        stick_keypoints(&s, &camera, i * (PL_NS_PER_S / 30), &k);
        const struct pl_point truth = k.raw.px[PL_LM_LEFT_ANKLE], other = k.raw.px[PL_LM_RIGHT_ANKLE];
        if ((at > STEP_AT && at < DEEP_AT - 4) || (at > BACK_AT + 3 && at < STAND_AT))
            stick_mix_legs(&k, 1.0f);
        pl_pose_step(ps, &k, &pose);
        if (at > DEEP_AT + 5 && at < STAND_AT - 4) /* the pose is a frame late */
            assert_true(fabsf(pose.leg[PL_SIDE_LEFT].ankle_px.x - truth.x_px) < 0.3f * fabsf(other.x_px - truth.x_px));
    }
    pl_pose_close(ps);
}

/* A picture in which both legs are drawn between the two says nothing of the next one, in which they are exchanged. */
static void test_legs_drawn_between_the_two(void **state)
{
    (void)state;
    const struct pl_limits limits = pl_limits_default();
    struct pl_pose_state *ps = pl_pose_open(&limits);
    const struct stick_camera camera = stick_camera_at(90);
    const struct stick s = lunge_at(DEEP_AT);
    for (int i = 0; i < 60; i++) {
        struct pl_keypoints k;
        struct pl_pose pose;
        stick_keypoints(&s, &camera, i * (PL_NS_PER_S / 15), &k);
        const struct pl_point truth = k.raw.px[PL_LM_LEFT_ANKLE];
        if (i == 30 || i == 33)
            stick_mix_legs(&k, 0.55f); /* a little nearer to the other leg's place */
        else if (i == 31)
            stick_mix_legs(&k, 1.0f);
        pl_pose_step(ps, &k, &pose);
        if (i > 15)
            assert_true(fabsf(pose.leg[PL_SIDE_LEFT].ankle_px.x - truth.x_px) < 1.0f);
    }
    pl_pose_close(ps);
}

enum { LINE_MAX_SIZE = 1 << 14 };

/* One row of t[ms], mode, lm0_x, lm0_y, lm0_z, lm0_v, ...; false at the end. */
static bool next_row(FILE *file, struct pl_keypoints *out)
{
    static char line[LINE_MAX_SIZE];
    const float width = 720.0f, height = 1280.0f;
    if (!fgets(line, sizeof line, file))
        return false;
    char *at = line;
    *out = (struct pl_keypoints){
        .t_ns = (int64_t)(strtod(at, &at) * 1e6), .width_px = 720, .height_px = 1280, .present = true, .person_p = 1,
        .pelvis_head_deg = NAN, .pelvis_stickers_deg = NAN, .yaw_head_deg = NAN
    };
    at = strchr(at + 1, ','); /* past the mode */
    for (int i = 0; at && i < PL_N_LANDMARKS; i++) {
        float v[4] = { NAN, NAN, NAN, NAN };
        for (int j = 0; j < 4 && at && *at == ','; j++)
            v[j] = strtof(at + 1, &at);
        out->raw.px[i] = (struct pl_point){ v[0] * width, v[1] * height, v[2] * width, v[3] };
        out->raw.m[i] = (struct pl_vec3){ NAN, NAN, NAN };
    }
    return true;
}

enum { MAX_FRAMES = 1000, HALF_WINDOW = 15 };

/* Frames in which a point is away from where it mostly is in the second around. */
static int away(const float *x, int n, float limit)
{
    int count = 0;
    for (int i = HALF_WINDOW; i < n - HALF_WINDOW; i++) {
        float window[2 * HALF_WINDOW + 1];
        memcpy(window, &x[i - HALF_WINDOW], sizeof window);
        count += fabsf(x[i] - pl_signal_median(window, 2 * HALF_WINDOW + 1)) > limit;
    }
    return count;
}

/* A single-leg squat on the left leg in profile: the standing foot stays where it is for seconds, but the network
 * gives it to the right leg again and again, and blends both on the way. */
static void test_real_recording(void **state)
{
    (void)state;
    static float raw[MAX_FRAMES], repaired[MAX_FRAMES];
    const char *shared = getenv("PL_SHARED");
    char path[512];
    snprintf(path, sizeof path, "%s/clips/landmarks/calibration_01_left_sls_frames.csv", shared ? shared : "../shared");
    FILE *file = fopen(path, "r");
    if (!file) {
        print_message("skipped: %s is not there\n", path);
        skip();
        return;
    }
    const struct pl_limits limits = pl_limits_default();
    struct pl_pose_state *ps = pl_pose_open(&limits);
    struct pl_keypoints k;
    struct pl_pose pose = { 0 };
    int n = 0, swapped = 0;
    next_row(file, &k); /* the header */
    while (n < MAX_FRAMES && next_row(file, &k)) {
        pl_pose_step(ps, &k, &pose);
        swapped += pose.swapped;
        raw[n] = k.raw.px[PL_LM_LEFT_ANKLE].x_px;
        repaired[n++] = pose.leg[PL_SIDE_LEFT].ankle_px.x;
    }
    fclose(file);
    const float limit = 0.06f * pose.stature_px;
    const int raw_away = away(raw, n, limit), repaired_away = away(repaired, n, limit);
    pl_pose_close(ps);
    print_message("%d frames, %d put right; standing foot away from its place in %d, after the repair in %d\n", n,
                  swapped, raw_away, repaired_away);
    assert_true(n > 700);
    assert_true(swapped >= 20);
    assert_true(repaired_away * 3 <= raw_away * 2); /* the rest are blends of both feet, not exchanges */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchanges_are_undone),
        cmocka_unit_test(test_a_lasting_order_is_accepted),
        cmocka_unit_test(test_wide_apart_the_network_is_right),
        cmocka_unit_test(test_legs_drawn_between_the_two),
        cmocka_unit_test(test_real_recording),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
