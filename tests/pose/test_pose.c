/* A stick person before a camera: who is there, from where, how big, and how it stands. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "../support/stick.h"
#include "plumbline/pose.h"

static const struct pl_limits *limits(void)
{
    static struct pl_limits all;
    all = pl_limits_default();
    return &all;
}

static void near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.9g is not %.9g", a, b);
}

/* The pose after `seconds` of the same picture at 30 frames a second, with a little noise. */
static struct pl_pose hold(struct pl_pose_state *state, const struct stick *s, const struct stick_camera *c,
                           double seconds, int64_t *t_ns)
{
    struct pl_pose pose = { 0 };
    uint64_t seed = 7;
    for (int i = 0; i < (int)(seconds * 30); i++) {
        struct pl_keypoints k;
        stick_keypoints(s, c, *t_ns, &k);
        stick_noise(&k, 0.3, &seed);
        pl_pose_step(state, &k, &pose);
        *t_ns += PL_NS_PER_S / 30;
    }
    return pose;
}

static struct pl_pose pose_from(double yaw_deg)
{
    struct pl_pose_state *state = pl_pose_open(limits());
    const struct stick_camera camera = stick_camera_at(yaw_deg);
    const struct stick s = stick_standing();
    int64_t t_ns = 0;
    assert_non_null(state);
    const struct pl_pose pose = hold(state, &s, &camera, 2.5, &t_ns);
    pl_pose_close(state);
    return pose;
}

static void test_view_and_yaw(void **state)
{
    (void)state;
    for (int yaw = -170; yaw <= 180; yaw += 10) {
        const struct pl_pose pose = pose_from(yaw);
        const int a = yaw < 0 ? -yaw : yaw, off = a > 90 ? 180 - a : a;
        assert_true(pose.person);
        near(remainder((double)pose.yaw_deg - yaw, 360.0), 0, 3);
        assert_int_equal(pose.from_behind, a > 90);
        if (off <= 10)
            assert_int_equal(pose.view, PL_VIEW_FRONT);
        if (off >= 30 && off <= 50)
            assert_int_equal(pose.view, PL_VIEW_OBLIQUE);
        if (off >= 70) {
            assert_int_equal(pose.view, PL_VIEW_SIDE);
            assert_int_equal(pose.near_side, yaw > 0 ? PL_SIDE_LEFT : PL_SIDE_RIGHT);
            near(pose.facing, yaw > 0 ? -1 : 1, 0);
        }
    }
}

/* The network turns shoulders and hips by `lines_deg` more than they are, and points the toes `toes_deg` to the person's left;
 * the right foot is lifted by lift_m. Feet hidden: below the picture's edge. The head says head_deg from head_from_s to
 * head_to_s. */
struct mistaken { double lines_deg, toes_deg[PL_N_SIDES], lift_m; bool feet_hidden; double head_deg, head_from_s, head_to_s; };

static double yaw_when(double yaw_deg, const struct mistaken *wrong)
{
    struct pl_pose_state *ps = pl_pose_open(limits());
    const struct stick_camera camera = stick_camera_at(yaw_deg);
    struct stick s = stick_standing();
    struct pl_pose pose = { 0 };
    const double turn = wrong->lines_deg * PL_PI / 180.0;
    s.ankle[PL_SIDE_RIGHT].z += wrong->lift_m;
    for (int i = 0; i < 75; i++) {
        struct pl_keypoints k;
        stick_keypoints(&s, &camera, i * (PL_NS_PER_S / 30), &k);
        for (int j = 0; j < PL_N_LANDMARKS; j++) {
            const struct pl_vec3 m = k.raw.m[j];
            k.raw.m[j].x = (float)(cos(turn) * (double)m.x + sin(turn) * (double)m.z);
            k.raw.m[j].z = (float)(cos(turn) * (double)m.z - sin(turn) * (double)m.x);
        }
        for (int side = 0; side < PL_N_SIDES; side++) {
            struct pl_point *toe = &k.raw.px[PL_LM_LEFT_FOOT_INDEX + side], *heel = &k.raw.px[PL_LM_LEFT_HEEL + side];
            toe->x_px += (float)(0.123 * STICK_STATURE_M * camera.focal_px / camera.distance_m
                                 * sin(wrong->toes_deg[side] * PL_PI / 180.0));
            if (wrong->feet_hidden)
                toe->y_px = heel->y_px = (float)camera.height_px;
        }
        if (i >= 30 * wrong->head_from_s && i < 30 * wrong->head_to_s)
            k.yaw_head_deg = (float)wrong->head_deg;
        pl_pose_step(ps, &k, &pose);
    }
    pl_pose_close(ps);
    return (double)pose.yaw_deg;
}

/* Lines across the body and feet are both asked: a mistake of one counts by its share. Feet turned out alike, a lifted foot and
 * feet out of the picture say nothing. Feet that disagree much say no more: they are turned, not the body. */
static void test_feet_tell_the_yaw(void **state)
{
    (void)state;
    const struct mistaken nothing = { 0 }, lines = { .lines_deg = 6 }, hidden = { .lines_deg = 6, .feet_hidden = true },
                          feet = { .toes_deg = { -6, -6 } }, out = { .toes_deg = { 12, -12 } },
                          lifted = { .toes_deg = { 0, 40 }, .lift_m = 0.3 }, none_but_lift = { .lift_m = 0.3 },
                          far = { .toes_deg = { -30, -30 } }, farther = { .toes_deg = { -50, -50 } };
    for (int yaw = -6; yaw <= 6; yaw += 6) {
        const double right = yaw_when(yaw, &nothing), by_lines = yaw_when(yaw, &lines), lines_only = yaw_when(yaw, &hidden);
        near(right, yaw, 1);
        near(fabs(lines_only - yaw), 6, 1);
        near((by_lines - right) / (lines_only - right), 0.6, 0.07);
        near(yaw_when(yaw, &feet) - right, 0.4 * 6, 0.5);
        near(yaw_when(yaw, &out), right, 0.3);
        near(yaw_when(yaw, &lifted), yaw_when(yaw, &none_but_lift), 0.01);
        near(yaw_when(yaw, &far), yaw_when(yaw, &farther), 0.01);
        near(yaw_when(yaw, &far) - right, 0.4 * 12, 0.8);
    }
}

/* A head on the network's features is believed most near the front, less and less beyond; what it said is not remembered long. */
static void test_the_head_tells_the_yaw(void **state)
{
    (void)state;
    const struct mistaken nothing = { 0 }, lines = { .lines_deg = 6, .head_deg = -3, .head_to_s = 9 },
                          aside = { .head_deg = 18, .head_to_s = 9 }, far = { .head_deg = 0, .head_to_s = 9 },
                          silent = { .head_deg = 9, .head_to_s = 0.5 },
                          late = { .head_deg = 9, .head_from_s = 2.4, .head_to_s = 9 };
    near(yaw_when(-3, &lines), 0.8 * -3 + 0.2 * (-3 + 0.6 * 6), 0.3);
    near(yaw_when(3, &lines), 0.8 * -3 + 0.2 * (3 + 0.6 * 6), 0.3);
    near(yaw_when(25, &aside), 25 + 0.5 * 0.8 * (18 - 25), 1);
    near(yaw_when(40, &far), yaw_when(40, &nothing), 0.01);
    near(yaw_when(0, &silent), yaw_when(0, &nothing), 0.5);
    assert_true(yaw_when(0, &late) < 3); /* three frames are no turn */
}

/* Both hips' height: of the landmarks, or as the head puts them; also of a leg that is hidden. */
static void test_the_head_tells_how_low_the_hips_are(void **state)
{
    (void)state;
    const struct stick_camera camera = stick_camera_at(0);
    const struct stick s = stick_standing();
    for (int hidden = 0; hidden < 2; hidden++) {
        struct pl_pose_state *ps = pl_pose_open(limits());
        struct pl_pose pose = { 0 };
        for (int i = 0; i < 10; i++) {
            struct pl_keypoints k;
            stick_keypoints(&s, &camera, i * (PL_NS_PER_S / 30), &k);
            if (hidden)
                k.raw.px[PL_LM_RIGHT_HIP].visibility_p = 0.01f;
            k.leg.known = i >= 5;
            k.leg.px[PL_SIDE_LEFT] = (struct pl_vec2){ 3, 2 };
            k.leg.px[PL_SIDE_RIGHT] = (struct pl_vec2){ -4, 8 };
            pl_pose_step(ps, &k, &pose);
            assert_true(pose.person);
            near((double)(pose.joint_hips_y_px - pose.hips_px.y), i >= 5 ? 5 : 0, 0.01);
        }
        pl_pose_close(ps);
    }
}

static void test_size_and_standing(void **state)
{
    (void)state;
    const struct pl_pose pose = pose_from(0);
    const struct stick_camera camera = stick_camera_at(0);
    const double px_per_m = camera.focal_px / camera.distance_m;
    near(pose.stature_px, STICK_STATURE_M * px_per_m, 0.05 * STICK_STATURE_M * px_per_m);
    for (int side = 0; side < PL_N_SIDES; side++) {
        const struct pl_baseline *b = &pose.baseline[side];
        assert_true(b->two_legs);
        assert_true(b->quiet_s >= 2.0f);
        near(b->hip_ankle_px, STICK_LEG_M * px_per_m, 0.02 * STICK_LEG_M * px_per_m);
        near(b->hands.deg, 0, 0.3);
    }
}

static void test_one_leg_is_a_baseline_of_that_leg(void **state)
{
    (void)state;
    struct pl_pose_state *ps = pl_pose_open(limits());
    const struct stick_camera camera = stick_camera_at(0);
    struct stick s = stick_standing();
    int64_t t_ns = 0;
    s.ankle[PL_SIDE_RIGHT].z += 0.35; /* free foot held up behind */
    s.ankle[PL_SIDE_RIGHT].y -= 0.30;
    const struct pl_pose pose = hold(ps, &s, &camera, 2.5, &t_ns);
    assert_true(pose.baseline[PL_SIDE_LEFT].quiet_s >= 2.0f);
    assert_false(pose.baseline[PL_SIDE_LEFT].two_legs);
    pl_pose_close(ps);
}

static void check_gone(const struct pl_pose *pose, enum pl_reason reason)
{
    assert_false(pose->person);
    assert_int_equal(pose->reason, reason);
    assert_int_equal(pose->view, PL_VIEW_UNKNOWN);
    assert_true(isnan(pose->yaw_deg) && isnan(pose->leg[0].knee_px.x) && isnan(pose->hips_px.y)
                && isnan(pose->trunk_px));
}

static void test_nobody(void **state)
{
    (void)state;
    struct pl_pose_state *ps = pl_pose_open(limits());
    const struct pl_keypoints nothing = { .t_ns = 5, .width_px = 640, .height_px = 480 };
    struct pl_pose pose;
    pl_pose_step(ps, &nothing, &pose);
    check_gone(&pose, PL_REASON_NO_PERSON);
    assert_int_equal(pose.t_ns, 5);
    pl_pose_close(ps);
}

/* Nearer and nearer: first the feet, then the legs leave the picture. */
static void test_feet_and_legs_out_of_the_picture(void **state)
{
    (void)state;
    struct stick_camera camera = stick_camera_at(0);
    const struct stick s = stick_standing();
    struct pl_pose_state *ps = pl_pose_open(limits());
    int64_t t_ns = 0;
    camera.height_px = 660; /* the picture ends between ankles and toes */
    camera.height_m = 0.97;
    struct pl_pose pose = hold(ps, &s, &camera, 0.5, &t_ns);
    assert_true(pose.person);
    assert_int_equal(pose.reason, PL_REASON_FEET_HIDDEN);
    assert_true(isnan(pose.leg[0].toe_px.x) && !isnan(pose.leg[0].ankle_px.x));
    camera.height_m = 1.5;
    pl_pose_reset(ps);
    pose = hold(ps, &s, &camera, 0.5, &t_ns);
    check_gone(&pose, PL_REASON_LEGS_HIDDEN);
    pl_pose_close(ps);
}

static void test_too_small(void **state)
{
    (void)state;
    struct stick_camera camera = stick_camera_at(0);
    const struct stick s = stick_standing();
    struct pl_pose_state *ps = pl_pose_open(limits());
    int64_t t_ns = 0;
    camera.distance_m = 20;
    const struct pl_pose pose = hold(ps, &s, &camera, 0.2, &t_ns);
    check_gone(&pose, PL_REASON_TOO_SMALL);
    pl_pose_close(ps);
}

/* A confident skeleton that no body can have: all in a heap, upside down, lying. */
static void test_furniture(void **state)
{
    (void)state;
    struct stick_camera camera = stick_camera_at(0);
    const struct stick s = stick_standing();
    struct pl_pose_state *ps = pl_pose_open(limits());
    struct pl_keypoints k;
    struct pl_pose pose;
    stick_keypoints(&s, &camera, 0, &k);
    for (int i = 0; i < PL_N_LANDMARKS; i++)
        k.raw.px[i].y_px = 720.0f - k.raw.px[i].y_px;
    pl_pose_step(ps, &k, &pose);
    check_gone(&pose, PL_REASON_NO_PERSON);
    camera.roll_deg = 90;
    stick_keypoints(&s, &camera, PL_NS_PER_S, &k);
    pl_pose_step(ps, &k, &pose);
    check_gone(&pose, PL_REASON_NO_PERSON);
    camera.roll_deg = 0;
    stick_keypoints(&s, &camera, 2 * PL_NS_PER_S, &k);
    for (int i = PL_LM_LEFT_HIP; i < PL_N_LANDMARKS; i++) /* a face with legs folded under it */
        k.raw.px[i] = k.raw.px[PL_LM_LEFT_SHOULDER];
    pl_pose_step(ps, &k, &pose);
    check_gone(&pose, PL_REASON_NO_PERSON);
    for (int i = 0; i < PL_N_LANDMARKS; i++)
        k.raw.px[i].x_px = NAN;
    pl_pose_step(ps, &k, &pose);
    check_gone(&pose, PL_REASON_NO_PERSON);
    pl_pose_close(ps);
}

/* A table of landmarks knows no picture size: everything visible counts as inside. */
static void test_no_picture(void **state)
{
    (void)state;
    struct stick_camera camera = stick_camera_at(0);
    const struct stick s = stick_standing();
    struct pl_pose_state *ps = pl_pose_open(limits());
    struct pl_keypoints k;
    struct pl_pose pose;
    stick_keypoints(&s, &camera, 0, &k);
    k.width_px = k.height_px = 0;
    pl_pose_step(ps, &k, &pose);
    assert_true(pose.person);
    for (int i = PL_LM_LEFT_KNEE; i < PL_N_LANDMARKS; i++)
        k.raw.px[i].visibility_p = 0.1f;
    for (int i = 1; i < 30; i++) {
        k.t_ns = i * (PL_NS_PER_S / 30);
        pl_pose_step(ps, &k, &pose);
    }
    check_gone(&pose, PL_REASON_LEGS_HIDDEN);
    pl_pose_close(ps);
}

static void test_one_frame_that_jumps_is_gone(void **state)
{
    (void)state;
    struct stick_camera camera = stick_camera_at(0);
    const struct stick s = stick_standing();
    struct pl_pose_state *ps = pl_pose_open(limits());
    struct pl_pose pose = { 0 };
    for (int i = 0; i < 10; i++) {
        struct pl_keypoints k;
        stick_keypoints(&s, &camera, i * (PL_NS_PER_S / 30), &k);
        const float true_x = k.raw.px[PL_LM_LEFT_KNEE].x_px;
        if (i == 7)
            k.raw.px[PL_LM_LEFT_KNEE].x_px += 80.0f;
        pl_pose_step(ps, &k, &pose);
        near(pose.leg[PL_SIDE_LEFT].knee_px.x, true_x, 1e-3);
    }
    pl_pose_close(ps);
}

/* The tracker slips onto somebody else for a moment: nothing is forgotten. It stays there: a new person. */
static void test_another_person(void **state)
{
    (void)state;
    const struct stick_camera camera = stick_camera_at(0);
    struct stick s = stick_standing(), other = stick_standing();
    struct pl_pose_state *ps = pl_pose_open(limits());
    int64_t t_ns = 0;
    other.hips.x += 1.2;
    other.ankle[PL_SIDE_LEFT].x += 1.2;
    other.ankle[PL_SIDE_RIGHT].x += 1.2;
    hold(ps, &s, &camera, 2.5, &t_ns);
    struct pl_pose pose = hold(ps, &other, &camera, 0.1, &t_ns);
    assert_false(pose.person);
    pose = hold(ps, &s, &camera, 0.1, &t_ns);
    assert_true(pose.person);
    assert_true(pose.baseline[PL_SIDE_LEFT].quiet_s >= 2.0f);
    pose = hold(ps, &other, &camera, 0.3, &t_ns);
    assert_true(pose.person);
    assert_true(pose.baseline[PL_SIDE_LEFT].quiet_s < 1.0f);
    pl_pose_close(ps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view_and_yaw),
        cmocka_unit_test(test_feet_tell_the_yaw),
        cmocka_unit_test(test_the_head_tells_the_yaw),
        cmocka_unit_test(test_the_head_tells_how_low_the_hips_are),
        cmocka_unit_test(test_size_and_standing),
        cmocka_unit_test(test_one_leg_is_a_baseline_of_that_leg),
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_feet_and_legs_out_of_the_picture),
        cmocka_unit_test(test_too_small),
        cmocka_unit_test(test_furniture),
        cmocka_unit_test(test_no_picture),
        cmocka_unit_test(test_one_frame_that_jumps_is_gone),
        cmocka_unit_test(test_another_person),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
