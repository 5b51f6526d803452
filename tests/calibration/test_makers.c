/* Room, body and toe from people whose lengths and camera are known, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "../support/stick.h"
#include "plumbline/calibrating.h"

static const struct pl_room_eye eye = { 900, 0.01f, 640, 360 };

/* Joints at the heights that room.c expects, seen by a camera that looks down by tilt_deg. */
static struct pl_stance stance_seen(double stature_m, double distance_m, double height_m, double tilt_deg, double focal_px)
{
    static const struct { enum pl_landmark left; double up, forwards; } joints[] = {
        { PL_LM_LEFT_SHOULDER, .828, 0 }, { PL_LM_LEFT_HIP, .535, 0 },      { PL_LM_LEFT_KNEE, .29, .01 },
        { PL_LM_LEFT_ANKLE, .067, 0 },    { PL_LM_LEFT_HEEL, .032, -.03 }, { PL_LM_LEFT_FOOT_INDEX, .015, .093 },
    };
    struct pl_stance s = { .quiet_s = 2, .view = PL_VIEW_FRONT };
    double tilt = tilt_deg * PL_PI / 180;
    for (int i = 0; i < PL_N_LANDMARKS; i++)
        s.px[i] = (struct pl_vec2){ NAN, NAN };
    for (int i = -1; i < 6; i++) {
        double up = (i < 0 ? .963 : joints[i].up) * stature_m, away = distance_m - (i < 0 ? .03 : joints[i].forwards) * stature_m;
        /* turn the camera's own axes: forwards (0, c, -s), down (0, -s, -c) in (away, up) */
        double forwards = away * cos(tilt) + (height_m - up) * sin(tilt), down = (height_m - up) * cos(tilt) - away * sin(tilt);
        float y = (float)(360 + focal_px * down / forwards), x = (float)(0.1 * focal_px / forwards);
        s.px[i < 0 ? PL_LM_LEFT_EYE : joints[i].left] = (struct pl_vec2){ 640 + x, y };
        s.px[i < 0 ? PL_LM_RIGHT_EYE : joints[i].left + 1] = (struct pl_vec2){ 640 - x, y };
    }
    return s;
}

static void room_is_found(void **state)
{
    (void)state;
    static const struct { double stature_m, distance_m, height_m, tilt_deg; } rooms[] = {
        { 1.70, 2.7, 0.8, 0 }, { 1.55, 2.4, 0.45, -12 }, { 1.92, 3.4, 1.3, 12 }, { 1.70, 2.5, 0.75, 20 },
    };
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        struct pl_stance s = stance_seen(rooms[i].stature_m, rooms[i].distance_m, rooms[i].height_m, rooms[i].tilt_deg, 900);
        struct pl_room_calibration room;
        struct pl_err err = { 0 };
        if (!pl_calibrate_room(&room, &s, (float)rooms[i].stature_m, &eye, &err))
            fail_msg("room %zu: %s", i, err.text);
        /* the loose knowledge beforehand pulls a little */
        assert_float_equal(room.camera_height_m, rooms[i].height_m, 0.12);
        assert_float_equal(room.tilt_deg, rooms[i].tilt_deg, 2.5);
        assert_float_equal(room.distance_m, rooms[i].distance_m, 0.1);
        assert_true(room.camera_height_err_m > 0.05f && room.camera_height_err_m < 0.8f);
        assert_true(fabs(room.camera_height_m - rooms[i].height_m) < (double)room.camera_height_err_m);
        assert_true(room.tilt_err_deg > 1 && room.tilt_err_deg < 13);
        assert_float_equal(room.roll_deg, 0, 1e-3);
    }
}

static void floor_line(void **state)
{
    (void)state;
    struct pl_stance s = stance_seen(1.7, 2.7, 0.8, 0, 900);
    struct pl_room_calibration room;
    struct pl_err err = { 0 };
    for (int i = PL_LM_LEFT_ANKLE; i <= PL_LM_RIGHT_FOOT_INDEX; i++) /* the picture's right is lower */
        s.px[i].y += 0.05f * (s.px[i].x - 640);
    assert_true(pl_calibrate_room(&room, &s, 1.7f, &eye, &err));
    assert_float_equal(room.roll_deg, atan(0.05) * 180 / PL_PI, 0.05);
}

static void room_refuses(void **state)
{
    (void)state;
    struct pl_room_calibration room;
    struct pl_err err = { 0 };
    struct pl_stance s = stance_seen(1.7, 2.7, 0.8, 0, 900);
    s.px[PL_LM_LEFT_EYE].y = s.px[PL_LM_RIGHT_EYE].y = NAN;
    assert_false(pl_calibrate_room(&room, &s, 1.7f, &eye, &err));
    assert_non_null(strstr(err.text, "head and feet"));
    s = stance_seen(1.7, 2.7, 0.8, 0, 900);
    for (int i = PL_LM_LEFT_HIP; i <= PL_LM_RIGHT_KNEE; i++) /* hips and knees at the shoulders: no body */
        s.px[i].y = s.px[PL_LM_LEFT_SHOULDER].y;
    assert_false(pl_calibrate_room(&room, &s, 1.7f, &eye, &err));
    assert_int_equal(err.code, PL_E_FORMAT);
    assert_non_null(strstr(err.text, "no camera sees"));
}

/* --- standing --- */

/* Keypoints and pose of a stick person, through the program's own pose; returns whether a stance was seen, and when. After a second
 * no picture comes for gap_s. */
static bool watch_stick_over(double gap_s, double yaw_deg, double sway_m, double bend_deg, double seconds, struct pl_stance *out,
                             double *when_s)
{
    static struct pl_standing standing;
    struct pl_limits limits = pl_limits_default();
    struct pl_pose_state *pose = pl_pose_open(&limits);
    struct stick_camera camera = stick_camera_at(yaw_deg);
    uint64_t seed = 7;
    bool done = false;
    memset(&standing, 0, sizeof standing);
    for (int i = 0; !done && i < seconds * 30; i++) {
        struct stick stick = stick_standing();
        struct pl_keypoints k;
        struct pl_pose p;
        if (bend_deg > 0)
            stick_bend(&stick, PL_SIDE_LEFT, bend_deg);
        stick.hips.x += sway_m * sin(2 * PL_PI * i / 60.0);
        *when_s = i / 30.0 + (i > 30 ? gap_s : 0);
        stick_keypoints(&stick, &camera, pl_ns_from_s(*when_s), &k);
        stick_noise(&k, 0.7, &seed);
        pl_pose_step(pose, &k, &p);
        done = pl_standing_watch(&standing, &k, &p, &limits, out);
    }
    pl_pose_close(pose);
    return done;
}

static bool watch_stick(double yaw_deg, double sway_m, double bend_deg, double seconds, struct pl_stance *out, double *when_s)
{
    return watch_stick_over(0, yaw_deg, sway_m, bend_deg, seconds, out, when_s);
}

static void stands_still(void **state)
{
    (void)state;
    struct pl_stance s;
    double when_s;
    assert_true(watch_stick(0, 0, 0, 5, &s, &when_s));
    assert_true(when_s >= 2.0 && when_s < 2.7);
    assert_int_equal(s.view, PL_VIEW_FRONT);
    assert_true(s.quiet_s >= 2);
    assert_false(watch_stick(0, 0.15, 0, 5, &s, &when_s)); /* sways */
    assert_false(watch_stick(0, 0, 90, 5, &s, &when_s));   /* squats */
}

/* Who stands there when the camera comes back has not stood still meanwhile, for all we know; a lost picture or two is nothing. */
static void stands_still_while_seen(void **state)
{
    (void)state;
    struct pl_stance s;
    double when_s;
    assert_true(watch_stick_over(4, 0, 0, 0, 10, &s, &when_s));
    assert_true(when_s >= 7.0 && when_s < 8.0 && s.quiet_s < 2.7f);
    assert_true(watch_stick_over(0.4, 0, 0, 0, 10, &s, &when_s));
    assert_true(when_s >= 2.0 && when_s < 2.7);
}

static void body_is_measured(void **state)
{
    (void)state;
    struct pl_stance s[2];
    struct pl_body_calibration b;
    struct pl_err err = { 0 };
    double when_s;
    assert_true(watch_stick(0, 0, 0, 5, &s[0], &when_s) && watch_stick(90, 0, 0, 5, &s[1], &when_s));
    assert_true(pl_calibrate_body(&b, s, 1, STICK_STATURE_M, &err));
    /* the stick's head and ankles are where anatomy puts them: .897 of the stature apart instead of .896 */
    assert_float_equal(b.left_leg_m, STICK_LEG_M, 0.03 * STICK_LEG_M);
    assert_float_equal(b.right_leg_m, STICK_LEG_M, 0.03 * STICK_LEG_M);
    assert_true(fabsf(b.left_standing_fppa_deg) < 2 && isnan(b.left_foot_m) && isnan(b.left_standing_bend_deg));
    assert_true(pl_calibrate_body(&b, s, 2, STICK_STATURE_M, &err));
    int near = s[1].near_side == PL_SIDE_LEFT;
    assert_true(isnan(near ? b.right_foot_m : b.left_foot_m));
    assert_true((near ? b.left_foot_m : b.right_foot_m) > 0.15f && (near ? b.left_foot_m : b.right_foot_m) < 0.3f);
    assert_float_equal(near ? b.left_standing_bend_deg : b.right_standing_bend_deg, 7, 2);

    assert_false(pl_calibrate_body(&b, s, 0, STICK_STATURE_M, &err));
    assert_non_null(strstr(err.text, "nobody stood still"));
    for (int i = PL_LM_LEFT_KNEE; i <= PL_LM_RIGHT_KNEE; i++)
        s[0].px[i].x += 300; /* a leg with a corner */
    assert_false(pl_calibrate_body(&b, s, 1, STICK_STATURE_M, &err));
    assert_non_null(strstr(err.text, "no body's"));
}

/* --- wall --- */

/* n touches at `at` percent (one more each time by `more`), from `rest` percent, each held for hold_s. */
static void touches(struct pl_toe_test *t, int n, float at, float more, float rest, double hold_s)
{
    int64_t t_ns = 0;
    for (int k = 0; k < n; k++) {
        double whole_s = 2 + hold_s;
        for (double s = 0; s < whole_s; s += 1 / 30.0, t_ns += PL_NS_PER_S / 30) {
            float way = (float)fmin(1, fmin(s, whole_s - s)); /* a second there, a second back */
            struct pl_measures m = { .t_ns = t_ns };
            struct pl_pose p = { .view = PL_VIEW_SIDE, .near_side = PL_SIDE_LEFT };
            m.v[0][PL_M_KNEE_OVER_TOE].value = rest + way * (at + (float)k * more - rest) + sinf((float)t_ns);
            m.v[1][PL_M_KNEE_OVER_TOE].value = 77; /* the far leg does not count */
            pl_toe_test_step(t, &m, &p);
        }
    }
}

static void wall_gives_the_offset(void **state)
{
    (void)state;
    static struct pl_toe_test t;
    struct pl_toe_calibration toe;
    struct pl_err err = { 0 };
    memset(&t, 0, sizeof t);
    touches(&t, 4, 6, 1, -50, 1.0);
    if (!pl_calibrate_toe(&toe, &t, &err))
        fail_msg("%s", err.text);
    assert_int_equal(toe.left_touches, 4);
    assert_float_equal(toe.left_offset_pct, -7.5, 0.7);
    assert_float_equal(toe.left_spread_pct, 1.5, 0.6);
    assert_int_equal(toe.right_touches, 0);
    assert_true(isnan(toe.right_offset_pct) && isnan(toe.right_spread_pct));
}

static void refuse_wall(int n, float at, float more, double hold_s, const char *says)
{
    static struct pl_toe_test t;
    struct pl_toe_calibration toe;
    struct pl_err err = { 0 };
    memset(&t, 0, sizeof t);
    touches(&t, n, at, more, -50, hold_s);
    assert_false(pl_calibrate_toe(&toe, &t, &err));
    assert_int_equal(err.code, PL_E_FORMAT);
    if (!strstr(err.text, says))
        fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}

static void wall_refuses(void **state)
{
    (void)state;
    refuse_wall(0, 0, 0, 1, "no touch of the wall");
    refuse_wall(1, 6, 0, 1, "only one touch");
    refuse_wall(4, 6, 0, 0, "no touch of the wall"); /* squats: turned round at once, not held */
    refuse_wall(3, 6, 12, 1, "touches differ by");
    refuse_wall(3, 70, 0, 1, "off the wall");
    refuse_wall(3, -45, 0, 1, "no touch of the wall"); /* hardly moved */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room_is_found),    cmocka_unit_test(floor_line),            cmocka_unit_test(room_refuses),
        cmocka_unit_test(stands_still),     cmocka_unit_test(body_is_measured),      cmocka_unit_test(wall_gives_the_offset),
        cmocka_unit_test(wall_refuses),     cmocka_unit_test(stands_still_while_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
