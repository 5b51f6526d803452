/* What live takes of the user's folder: the offset of the working knee, the stature; what does not fit is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../src/app/internal.h"
#include "../support/media.h"

static char folder[MEDIA_PATH];

static void put(struct pl_calibration c)
{
    char path[4096];
    struct pl_err err = { 0 };
    assert_true(pl_calibration_path(path, sizeof path, c.kind, &err));
    if (!pl_calibration_write(path, &c, &err))
        fail_msg("%s", err.text);
}

static struct pl_calibration toe(float left, float right, int days_ago)
{
    return (struct pl_calibration){ .kind = PL_CALIBRATION_TOE, .toe = {
        .left_offset_pct = left, .right_offset_pct = right, .left_touches = 3, .right_touches = 3, .left_spread_pct = 1,
        .right_spread_pct = 1, .date = pl_calibration_date_of(time(NULL) - days_ago * 86400) } };
}

static void check_offsets(float left_configured, float left, float right)
{
    struct pl_limits limits = pl_limits_default();
    float height_m = 1.5f;
    limits.left_knee_over_toe_offset_pct = left_configured;
    pl_app_use_body(&limits, &height_m);
    assert_true(height_m == 1.5f); /* told */
    assert_true(limits.left_knee_over_toe_offset_pct == left && limits.right_knee_over_toe_offset_pct == right);
}

static void toe_offset(void **state)
{
    (void)state;
    check_offsets(0, 0, 0); /* no file */
    put(toe(-4, -6, 1));
    check_offsets(0, -4, -6);
    check_offsets(2, 2, 0); /* the user's own configuration wins */
    put(toe(NAN, -6, 1));
    check_offsets(0, -6, -6); /* the other knee was not tested */
    put(toe(-4, NAN, 1));
    check_offsets(0, -4, -4);
    put(toe(-4, -6, 400));
    check_offsets(0, 0, 0); /* too old */
}

static void stature(void **state)
{
    (void)state;
    struct pl_limits limits = pl_limits_default();
    float height_m = NAN;
    pl_app_use_body(&limits, &height_m);
    assert_true(isnan(height_m));
    put((struct pl_calibration){ .kind = PL_CALIBRATION_BODY, .body = {
        .stature_m = 1.75f, .left_leg_m = NAN, .right_leg_m = NAN, .left_foot_m = NAN, .right_foot_m = NAN,
        .left_standing_fppa_deg = NAN, .right_standing_fppa_deg = NAN, .left_standing_bend_deg = NAN,
        .right_standing_bend_deg = NAN, .quiet_s = 2, .date = pl_calibration_date_of(time(NULL)) } });
    pl_app_use_body(&limits, &height_m);
    assert_true(height_m == 1.75f);
}

static void lens(void **state)
{
    (void)state;
    struct pl_app_options o = { 0 };
    struct pl_lens l;
    struct pl_err err = { 0 };
    put((struct pl_calibration){ .kind = PL_CALIBRATION_CAMERA, .camera = {
        .device = { "Cam" }, .width_px = 640, .height_px = 480, .fx_px = 500, .fy_px = 500, .cx_px = 320, .cy_px = 240,
        .reprojection_px = .2, .views = 12, .reach = .8, .date = pl_calibration_date_of(time(NULL)) } });
    assert_true(pl_app_lens(&l, &o, "Cam", 640, 480, &err) && l.width_px == 640);
    assert_true(pl_app_lens(&l, &o, "Cam", 0, 0, &err) && l.width_px == 640);
    assert_true(pl_app_lens(&l, &o, "Cam", 1280, 720, &err) && l.width_px == 0);  /* said, not used */
    assert_true(pl_app_lens(&l, &o, "Other", 640, 480, &err) && l.width_px == 0);
    assert_true(pl_app_lens(&l, &o, NULL, 640, 480, &err) && l.width_px == 0);    /* a recording may be of any camera */
    char path[4096];
    assert_true(pl_calibration_path(path, sizeof path, PL_CALIBRATION_CAMERA, &err));
    o.camera_calibration = path;
    assert_true(pl_app_lens(&l, &o, NULL, 640, 480, &err) && l.width_px == 640);
    assert_false(pl_app_lens(&l, &o, NULL, 1280, 720, &err));
    assert_false(pl_app_lens(&l, &o, NULL, 0, 0, &err));
    assert_non_null(strstr(err.text, "does not say how large"));
}

static void room(void **state)
{
    (void)state;
    struct pl_room_calibration r;
    struct pl_calibration c = { .kind = PL_CALIBRATION_ROOM, .room = {
        .device = { "Cam" }, .width_px = 640, .height_px = 480, .focal_px = 500, .camera_height_m = .8f, .camera_height_err_m = .2f,
        .tilt_deg = 3, .tilt_err_deg = 2, .roll_deg = NAN, .distance_m = 2.7f, .date = pl_calibration_date_of(time(NULL)) } };
    assert_false(pl_app_room(&r, "Cam", 640, 480)); /* there is none */
    put(c);
    assert_true(pl_app_room(&r, "Cam", 640, 480) && r.tilt_deg == 3);
    assert_false(pl_app_room(&r, "Cam", 1280, 720));
    assert_false(pl_app_room(&r, "Other", 640, 480));
    c.room.date = pl_calibration_date_of(time(NULL) - 8 * 86400);
    put(c);
    assert_false(pl_app_room(&r, "Cam", 640, 480)); /* a week is all that a laptop stays where it is */
}

static int setup(void **state)
{
    (void)state;
    media_folder(folder);
    return setenv("XDG_DATA_HOME", folder, 1);
}

static int teardown(void **state)
{
    (void)state;
    media_remove(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(toe_offset), cmocka_unit_test(stature), cmocka_unit_test(lens),
                                         cmocka_unit_test(room) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
