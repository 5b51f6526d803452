/* Step-ups, step-downs, stances, the three lunges and reaches of a stick person, on either side, at any frame rate; and
 * what began as a repetition and became none. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "../support/play.h"

static const double rates[] = { 15, 25, 30, 60 };
enum { N_RATES = 4 };

/* ---- motions; the left leg works ---- */

/* Up onto 18 cm with the left foot first, and down with it last. The hips rise from 0.8 s on and are down at 3.6 s. */
static struct stick step_up(double t_s)
{
    const double period = 5.0, u = t_s - 2.5, v = u - period * floor(u / period);
    struct stick s = stick_standing();
    if (u < 0 || u >= 3 * period)
        return s;
    const double on[PL_N_SIDES] = { rise(v / 0.7) - rise((v - 3.9) / 0.7), rise((v - 1.0) / 0.7) - rise((v - 2.6) / 0.7) };
    for (int side = 0; side < PL_N_SIDES; side++) {
        s.ankle[side].y += 0.30 * on[side];
        s.ankle[side].z += 0.18 * fmin(1, 2 * on[side]) + 0.08 * sin(PL_PI * on[side]);
    }
    s.hips.y = 0.30 * (rise((v - 0.6) / 1.1) - rise((v - 2.7) / 1.1));
    s.hips.z += 0.18 * (rise((v - 0.8) / 0.9) - rise((v - 2.7) / 0.9));
    return s;
}

/* From a step of 20 cm the right foot goes down in front, and comes back. */
static struct stick step_down(double t_s)
{
    const double bend = dips(t_s, 3, 3.0, 0);
    struct stick s = stick_standing();
    s.ankle[PL_SIDE_LEFT].z += 0.20;
    s.ankle[PL_SIDE_RIGHT].z += 0.20 - 0.20 * bend;
    s.ankle[PL_SIDE_RIGHT].y += 0.30 * fmin(1, 2 * bend);
    s.trunk_forward_deg = 15 * bend;
    stick_bend(&s, PL_SIDE_LEFT, 7 + 65 * bend);
    return s;
}

static struct stick standing_on_left(double up)
{
    struct stick s = stick_standing();
    s.ankle[PL_SIDE_RIGHT].z += 0.20 * up;
    s.ankle[PL_SIDE_RIGHT].y -= 0.30 * up;
    return s;
}

/* Twice for 6 s, with the foot on its way for 0.6 s. */
static struct stick stance(double t_s)
{
    const double up = dip(t_s, 2.0, 0.6, 4.8) + dip(t_s, 10.0, 0.6, 4.8);
    struct stick s = standing_on_left(up);
    s.hips.x = 0.06 * (dip(t_s, 1.0, 1.0, 6.0) + dip(t_s, 9.0, 1.0, 6.0)) + 0.008 * sin(2 * PL_PI * 0.5 * t_s);
    return s;
}

static struct stick long_stance(double t_s) { return standing_on_left(dip(t_s, 2.0, 0.6, 45)); }

/* 6 s, then 2 s, then a kick. */
static struct stick short_stance(double t_s)
{
    return standing_on_left(dip(t_s, 2.0, 0.6, 4.8) + dip(t_s, 10.0, 0.5, 1.0) + dip(t_s, 14.0, 0.3, 0));
}

static struct stick hopping_stance(double t_s)
{
    struct stick s = standing_on_left(dip(t_s, 2.0, 0.6, 9.0));
    const double hop = rise((t_s - 7.0) / 0.3);
    s.hips.x += 0.15 * hop;
    s.ankle[PL_SIDE_LEFT].x += 0.15 * hop;
    s.ankle[PL_SIDE_RIGHT].x += 0.15 * hop;
    return s;
}

/* Which foot steps: + the left one forwards, - the right one backwards, 0 none; both knees bend to 90 degrees. */
static struct stick lunge_of(double t_s, int steps)
{
    const double period = 4.0, u = t_s - 2.5, v = u - period * floor(u / period);
    const bool active = u >= 0 && u < 3 * period;
    const double out = !steps ? 1 : active ? dip(v, 0.0, 1.0, 1.6) : 0, down = active ? dip(v, 0.3, 1.3, 0.4) : 0;
    struct stick s = stick_standing();
    const int moves = steps < 0 ? PL_SIDE_RIGHT : PL_SIDE_LEFT;
    s.ankle[moves].y += (steps < 0 ? -0.8 : 0.8) * out;
    s.ankle[moves].z += 0.10 * sin(PL_PI * out) * (out < 1);
    s.ankle[PL_SIDE_RIGHT].z += 0.10 * (steps ? down : 1.0); /* the rear heel is up */
    s.hips.y = (steps < 0 ? -0.35 : 0.45) * out;
    s.hips.z -= 0.34 * down + (steps ? 0 : 0.09 * (1 - down));
    return s;
}

/* A step of half a metre with the hips carried past the foot, the rear leg straight: the knee is far past the toes. */
static struct stick past_the_foot(double t_s)
{
    struct stick s = lunge_of(t_s, 1);
    const double out = s.hips.y / 0.45, down = (stick_standing().hips.z - s.hips.z) / 0.34;
    s.ankle[PL_SIDE_LEFT].y -= 0.3 * out;
    s.hips.y = 0.25 * out + 0.33 * down;
    s.hips.z += 0.10 * down;
    return s;
}

/* The rear heel is up by more than world landmarks should say of one on the floor. */
static struct stick high_heel(double t_s)
{
    struct stick s = lunge_of(t_s, 1);
    s.ankle[PL_SIDE_RIGHT].z += 0.045 * (stick_standing().hips.z - s.hips.z) / 0.34;
    return s;
}

static struct stick forward_lunge(double t_s) { return lunge_of(t_s, 1); }
static struct stick reverse_lunge(double t_s) { return lunge_of(t_s, -1); }
static struct stick split_lunge(double t_s) { return lunge_of(t_s, 0); }

/* The free foot in front (+1) or behind (-1) in each of the bends. */
static struct stick reach_to(double t_s, const int *where, int n)
{
    const int i = (int)floor((t_s - 2.5) / 2.5);
    const double bend = dips(t_s, n, 2.5, 0);
    struct stick s = standing_on_left(1);
    s.trunk_forward_deg = 20 * bend;
    stick_bend(&s, PL_SIDE_LEFT, 7 + 43 * bend);
    s.ankle[PL_SIDE_RIGHT].y = 0.35 * (i >= 0 && i < n ? where[i] : 0) * bend;
    s.ankle[PL_SIDE_RIGHT].z = stick_standing().ankle[0].z + 0.10 * (1 - bend);
    return s;
}

static struct stick reaches(double t_s) { return reach_to(t_s, (const int[]){ 1, -1, 1, -1, 1, -1 }, 6); }

/* The knee falls inward in the first bend only. */
static struct stick collapsing_reaches(double t_s)
{
    struct stick s = reaches(t_s);
    s.knee_in_m[PL_SIDE_LEFT] = (int)floor((t_s - 2.5) / 2.5) == 0 ? 0.075 * dips(t_s, 6, 2.5, 0) : 0;
    return s;
}

static struct stick reaches_without_back(double t_s) { return reach_to(t_s, (const int[]){ 1, -1, 1, 1, -1, 1 }, 6); }
static struct stick reaches_without_front(double t_s) { return reach_to(t_s, (const int[]){ -1, 1, -1 }, 3); }

static struct stick squat_to(double bend, double knee_deg)
{
    struct stick s = stick_standing();
    s.hips.y -= 0.10 * bend;
    s.trunk_forward_deg = 30 * bend;
    stick_bend(&s, PL_SIDE_LEFT, 7 + (knee_deg - 7) * bend);
    return s;
}

/* The third of four is shallow: 40 degrees where the others have 100. */
static struct stick one_shallow(double t_s)
{
    return squat_to(dips(t_s, 4, 3.0, 0), (int)floor((t_s - 2.5) / 3.0) == 2 ? 40 : 100);
}

/* One whole squat, then down and three pulses before it comes up. */
static struct stick squat_and_pulses(double t_s)
{
    const double u = t_s - 7.0, pulse = u > 0 && u < 3 ? 0.775 + 0.225 * cos(2 * PL_PI * u) : 1;
    return squat_to(t_s < 5.5 ? dip(t_s, 2.5, 1.3, 0) : dip(t_s, 5.5, 1.5, 3) * pulse, 70);
}

/* The whole of every motion above, with left and right exchanged. */
#define OTHER(name) static struct stick right_##name(double t_s) { const struct stick s = name(t_s); return stick_other_side(&s); }
OTHER(step_up)
OTHER(step_down)
OTHER(stance)
OTHER(forward_lunge)
OTHER(reverse_lunge)
OTHER(split_lunge)
OTHER(past_the_foot)
OTHER(high_heel)
OTHER(reaches)

/* ---- tests ---- */

static void check_sides(const struct run *r, enum pl_side side)
{
    for (int n = 0; n < r->n_reps; n++) {
        if (r->rep[n].side != side)
            fail_msg("repetition %d of %s from %g degrees at %g: the other side", n + 1, pl_exercise_name(r->rep[n].exercise),
                     r->camera.yaw_deg, r->fps);
    }
}

static void test_each_kind_is_found(void **state)
{
    (void)state;
    static const struct {
        motion_fn *motion[PL_N_SIDES];
        enum pl_exercise_kind kind;
        double yaw_deg[3];
    } cases[] = {
        { { step_up, right_step_up }, PL_EXERCISE_STEP_UP, { 90, -90, 0 } },
        { { step_down, right_step_down }, PL_EXERCISE_STEP_DOWN, { 90, -90, 0 } },
        { { forward_lunge, right_forward_lunge }, PL_EXERCISE_LUNGE, { 90, -90, 0 } },
        { { past_the_foot, right_past_the_foot }, PL_EXERCISE_LUNGE, { 90, -90, 90 } },
        { { reverse_lunge, right_reverse_lunge }, PL_EXERCISE_REVERSE_LUNGE, { 90, -90, 0 } },
        { { split_lunge, right_split_lunge }, PL_EXERCISE_SPLIT_LUNGE, { 90, -90, 0 } },
    };
    for (int i = 0; i < (int)(sizeof cases / sizeof cases[0]); i++) {
        for (int side = 0; side < PL_N_SIDES; side++) {
            for (int j = 0; j < 3 * N_RATES; j++) {
                struct run r = play_from(rates[j % N_RATES], cases[i].yaw_deg[j / N_RATES], PL_EXERCISE_AUTO);
                r.noise_px = 1.0;
                r.camera.distance_m = 3.8; /* the foot that steps forwards stays in the picture */
                play(&r, cases[i].motion[side], 18);
                play_check(&r, 3, cases[i].kind);
                check_sides(&r, (enum pl_side)side);
                assert_int_equal(r.last.n_reps_side[side], 3);
            }
        }
    }
}

/* Up with the right foot; the left knee, which does not work, is held in. */
static struct stick other_knee_in(double t_s)
{
    struct stick s = right_step_up(t_s);
    s.knee_in_m[PL_SIDE_LEFT] = t_s > 2.5 ? 0.12 : 0;
    return s;
}

static void test_the_leg_that_does_not_climb_has_no_fault(void **state)
{
    struct run r = play_from(30, 0, PL_EXERCISE_STEP_UP);
    (void)state;
    play(&r, other_knee_in, 18);
    play_check(&r, 3, PL_EXERCISE_STEP_UP);
    assert_int_equal(play_count_faults(&r, PL_FAULT_KNEE_COLLAPSE), 0);
}

/* By name, too, and then nothing else counts. */
static void test_a_high_rear_heel_near_the_camera(void **state)
{
    (void)state;
    for (int side = 0; side < PL_N_SIDES; side++) {
        struct run r = play_from(30, side ? 90 : -90, PL_EXERCISE_AUTO);
        r.camera.distance_m = 3.8;
        play(&r, side ? right_high_heel : high_heel, 18);
        play_check(&r, 3, PL_EXERCISE_LUNGE);
        check_sides(&r, (enum pl_side)side);
    }
}

static void test_told_kinds(void **state)
{
    (void)state;
    struct run up = play_from(30, 0, PL_EXERCISE_STEP_UP), down = play_from(30, 0, PL_EXERCISE_STEP_DOWN),
               squats = play_from(30, 90, PL_EXERCISE_STEP_UP);
    play(&up, step_up, 18);
    play_check(&up, 3, PL_EXERCISE_STEP_UP);
    play(&down, step_down, 13);
    play_check(&down, 3, PL_EXERCISE_STEP_DOWN);
    play(&squats, one_shallow, 16);
    play_check(&squats, 0, PL_EXERCISE_AUTO);
}

static void test_step_up_times(void **state)
{
    (void)state;
    for (int i = 0; i < N_RATES; i++) {
        struct run r = play_from(rates[i], 90, PL_EXERCISE_AUTO);
        play(&r, step_up, 18);
        play_check(&r, 3, PL_EXERCISE_STEP_UP);
        for (int n = 0; n < 3; n++) {
            play_check_time(r.rep[n].start_ns, 2.5 + 5 * n + 0.8);
            play_check_time(r.rep[n].bottom_ns, 2.5 + 5 * n + 1.1); /* the leg takes the weight */
            play_check_time(r.rep[n].end_ns, 2.5 + 5 * n + 3.6);
            assert_true(r.rep[n].m[PL_M_KNEE_FLEXION].value > 30); /* and is bent there */
        }
    }
}

static void test_lunge_times(void **state)
{
    (void)state;
    motion_fn *const motions[] = { forward_lunge, reverse_lunge };
    for (int i = 0; i < 2 * N_RATES; i++) {
        struct run r = play_from(rates[i / 2], 90, PL_EXERCISE_AUTO);
        play(&r, motions[i % 2], 16);
        for (int n = 0; n < 3; n++) {
            play_check_time(r.rep[n].start_ns, 2.5 + 4 * n - 0.2); /* the weight shifts for a fifth of the step before */
            play_check_time(r.rep[n].end_ns, 2.5 + 4 * n + 3.6 + 0.2);
        }
    }
}

static void test_stances_are_timed(void **state)
{
    (void)state;
    const double yaws[] = { 0, 30, 90 };
    for (int i = 0; i < 3 * N_RATES; i++) {
        for (int side = 0; side < PL_N_SIDES; side++) {
            struct run r = play_from(rates[i % N_RATES], yaws[i / N_RATES], PL_EXERCISE_STANCE);
            play(&r, side ? right_stance : stance, 18);
            play_check(&r, 2, PL_EXERCISE_STANCE);
            check_sides(&r, (enum pl_side)side);
            for (int n = 0; n < 2; n++) {
                assert_true(r.rep[n].hold);
                play_check_time(r.rep[n].start_ns, 2.1 + 8 * n);
                play_check_time(r.rep[n].end_ns, 7.9 + 8 * n);
                assert_int_equal(r.rep[n].at[PL_M_KNEE_FLEXION], PL_AT_HOLD);
                if (yaws[i / N_RATES] == 0) /* 8 mm to either side, RMS 5.7 of 1700 */
                    assert_true(fabsf(r.rep[n].sway_pct.value - 0.33f) < 0.1f && r.rep[n].sway_pct.err < 0.5f);
            }
        }
    }
}

static void test_a_long_hold_is_one(void **state)
{
    (void)state;
    struct run r = play_from(60, 0, PL_EXERCISE_STANCE); /* longer than what is remembered of it */
    play(&r, long_stance, 50);
    play_check(&r, 1, PL_EXERCISE_STANCE);
    play_check_time(r.rep[0].end_ns - r.rep[0].start_ns, 46.0);
    assert_false(isnan(r.rep[0].m[PL_M_KNEE_FLEXION].value));
    assert_false(isnan(r.rep[0].sway_pct.value));
}

static void test_short_and_hopping_stances(void **state)
{
    (void)state;
    struct run r = play_from(30, 0, PL_EXERCISE_STANCE), hop = r, idle = r;
    play(&r, short_stance, 18);
    assert_int_equal(r.n_reps, 1);
    assert_int_equal(r.n_partials, 1);
    assert_int_equal(r.partial[0].why, PL_PARTIAL_TOO_SHORT);
    assert_true(isnan(r.last.hold_s));
    play(&hop, hopping_stance, 14);
    assert_int_equal(hop.n_reps, 2); /* before and after it */
    assert_true(pl_s_from_ns(hop.rep[0].end_ns) < 7.4);
    play(&idle, one_shallow, 12);
    assert_int_equal(idle.n_reps + idle.n_partials, 0);
}

static void test_a_reach_needs_both_touches(void **state)
{
    (void)state;
    for (int yaw = 0; yaw <= 90; yaw += 90) {
        for (int side = 0; side < PL_N_SIDES; side++) {
            struct run r = play_from(30, yaw, PL_EXERCISE_MINI_SQUAT_REACH);
            play(&r, side ? right_reaches : reaches, 19);
            play_check(&r, 3, PL_EXERCISE_MINI_SQUAT_REACH);
            check_sides(&r, (enum pl_side)side);
            for (int n = 0; n < 3; n++) {
                play_check_time(r.rep[n].start_ns, 2.5 + 5 * n);
                play_check_time(r.rep[n].end_ns, 2.5 + 5 * n + 4.7);
            }
        }
        struct run back = play_from(30, yaw, PL_EXERCISE_MINI_SQUAT_REACH), first = back;
        play(&back, reaches_without_back, 19);
        assert_int_equal(back.n_reps, 2);
        assert_int_equal(back.n_partials, 2); /* the third bend, and the last one when the recording is over */
        for (int i = 0; i < 2; i++)
            assert_int_equal(back.partial[i].why, PL_PARTIAL_MISSING_TOUCH);
        play_check_time(back.partial[0].bottom_ns, 2.5 + 5 + 1.1);
        play(&first, reaches_without_front, 11);
        assert_int_equal(first.n_reps, 1);
        assert_int_equal(first.n_partials, 1);
        assert_int_equal(first.partial[0].why, PL_PARTIAL_MISSING_TOUCH);
    }
}

static void test_faults_of_the_first_half_belong_to_the_reach(void **state)
{
    (void)state;
    struct run r = play_from(30, 0, PL_EXERCISE_MINI_SQUAT_REACH);
    play(&r, collapsing_reaches, 19);
    play_check(&r, 3, PL_EXERCISE_MINI_SQUAT_REACH);
    assert_true(play_count_faults(&r, PL_FAULT_KNEE_COLLAPSE) >= 1);
    for (int i = 0; i < r.n_faults; i++)
        assert_int_equal(r.fault[i].rep, 1);
}

static void test_too_shallow_against_the_own_range(void **state)
{
    (void)state;
    for (int i = 0; i < N_RATES; i++) {
        struct run r = play_from(rates[i], 90, PL_EXERCISE_AUTO);
        play(&r, one_shallow, 16);
        assert_int_equal(r.n_reps, 3);
        assert_int_equal(r.n_partials, 1);
        assert_int_equal(r.last.n_partials, 1);
        assert_int_equal(r.partial[0].why, PL_PARTIAL_TOO_SHALLOW);
        assert_int_equal(r.partial[0].exercise, PL_EXERCISE_SQUAT);
        assert_true(r.partial[0].depth > 0.1f && r.partial[0].depth < 0.35f);
        play_check_time(r.partial[0].bottom_ns, 2.5 + 6 + 1.35);
    }
}

static void test_pulses_are_partial(void **state)
{
    (void)state;
    for (int i = 0; i < N_RATES; i++) {
        struct run r = play_from(rates[i], 90, PL_EXERCISE_AUTO);
        play(&r, squat_and_pulses, 13);
        assert_int_equal(r.n_reps, 2); /* the whole one, and the one that the pulses end in */
        assert_int_equal(r.n_partials, 3);
        for (int n = 0; n < 3; n++)
            assert_int_equal(r.partial[n].why, PL_PARTIAL_NOT_BACK_UP);
        assert_true(r.partial[1].start_ns >= r.partial[0].end_ns);
    }
}

static void test_lost_in_the_middle(void **state)
{
    (void)state;
    struct run r = play_from(30, 90, PL_EXERCISE_AUTO);
    r.lost_from_s = 7.2; /* on the way up of the second */
    r.lost_to_s = 8.4;
    play(&r, one_shallow, 9);
    assert_int_equal(r.n_reps, 1);
    assert_int_equal(r.n_partials, 1);
    assert_int_equal(r.partial[0].why, PL_PARTIAL_LOST);
    struct run end = play_from(30, 90, PL_EXERCISE_AUTO);
    play(&end, one_shallow, 7.4); /* the recording ends half-way up */
    assert_int_equal(end.n_reps, 1);
    assert_int_equal(end.n_partials, 1);
    assert_int_equal(end.partial[0].why, PL_PARTIAL_NOT_BACK_UP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind_is_found),
        cmocka_unit_test(test_a_high_rear_heel_near_the_camera),
        cmocka_unit_test(test_told_kinds),
        cmocka_unit_test(test_the_leg_that_does_not_climb_has_no_fault),
        cmocka_unit_test(test_step_up_times),
        cmocka_unit_test(test_lunge_times),
        cmocka_unit_test(test_stances_are_timed),
        cmocka_unit_test(test_a_long_hold_is_one),
        cmocka_unit_test(test_short_and_hopping_stances),
        cmocka_unit_test(test_a_reach_needs_both_touches),
        cmocka_unit_test(test_faults_of_the_first_half_belong_to_the_reach),
        cmocka_unit_test(test_too_shallow_against_the_own_range),
        cmocka_unit_test(test_pulses_are_partial),
        cmocka_unit_test(test_lost_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
