/* Collapse at set bends on the way down, of a stick person whose knee goes in with the depth. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "../support/stick.h"
#include "plumbline/exercise.h"

/* Two seconds of standing, then down to bend_deg and up in three; the knee goes in by in_m at the bottom. */
static struct stick squat_at(double t_s, double bend_deg, double in_m)
{
    struct stick s = stick_standing();
    const double depth = t_s < 2.5 || t_s > 5.5 ? 0 : 0.5 - 0.5 * cos(2 * PL_PI * (t_s - 2.5) / 3);
    s.ankle[PL_SIDE_RIGHT].z += t_s > 2.0 ? 0.25 : 0.0;
    if (depth > 0)
        stick_bend(&s, PL_SIDE_LEFT, 7 + (bend_deg - 7) * depth);
    s.knee_in_m[PL_SIDE_LEFT] = in_m * depth;
    return s;
}

static struct pl_rep rep_of(double bend_deg, double in_m)
{
    const struct pl_limits limits = pl_limits_default();
    const struct pl_exercise_options options = { PL_EXERCISE_SINGLE_LEG_SQUAT, PL_SIDE_LEFT };
    const struct stick_camera camera = stick_camera_at(0);
    struct pl_pose_state *ps = pl_pose_open(&limits);
    struct pl_measures_state *ms = pl_measures_open(&limits);
    struct pl_exercise_state *es = pl_exercise_open(&options, &limits);
    struct pl_progress progress;
    struct pl_pose pose;
    struct pl_measures m;
    assert_true(ps && ms && es);
    for (int i = 0; i < 7 * 30; i++) {
        const struct stick s = squat_at(i / 30.0, bend_deg, in_m);
        struct pl_keypoints k;
        stick_keypoints(&s, &camera, i * (PL_NS_PER_S / 30), &k);
        pl_pose_step(ps, &k, &pose);
        pl_measures_step(ms, &pose, &m);
        pl_exercise_step(es, &pose, &m, &progress);
    }
    pl_exercise_finish(es, &progress);
    pl_pose_close(ps);
    pl_measures_close(ms);
    pl_exercise_close(es);
    assert_int_equal(progress.n_reps, 1);
    return progress.last_rep;
}

static void test_grows_with_the_bend(void **state)
{
    (void)state;
    const struct pl_rep deep = rep_of(75, 0.06), straight = rep_of(75, 0);
    for (int i = 0; i < PL_N_BENDS; i++) {
        const double before = i ? (double)deep.fppa_at_bend[i - 1].value : (double)straight.fppa_at_bend[0].value;
        if (!((double)deep.fppa_at_bend[i].value > before + 2))
            fail_msg("bend %d: %g after %g", i, (double)deep.fppa_at_bend[i].value, before);
        assert_true(deep.fppa_at_bend[i].err > 0);
    }
    assert_true(deep.m[PL_M_FPPA_CORRECTED].value > deep.fppa_at_bend[PL_N_BENDS - 1].value);
}

static void test_what_was_not_reached_is_not_known(void **state)
{
    (void)state;
    const struct pl_rep shallow = rep_of(50, 0.04);
    assert_false(isnan((double)shallow.fppa_at_bend[0].value));
    assert_true(isnan((double)shallow.fppa_at_bend[PL_N_BENDS - 1].value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grows_with_the_bend),
        cmocka_unit_test(test_what_was_not_reached_is_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
