/* Repetitions of a stick person, at any frame rate, from any side; and everything that must not count. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "../support/play.h"

static struct run front(double fps) { return play_from(fps, 0, PL_EXERCISE_AUTO); }

/* ---- motions ---- */

static struct stick on_left(void)
{
    struct stick s = stick_standing();
    s.ankle[PL_SIDE_RIGHT].z += 0.20;
    s.ankle[PL_SIDE_RIGHT].y -= 0.30;
    return s;
}

static struct stick bent_on_left(double bend, double knee_deg)
{
    struct stick s = on_left();
    s.trunk_forward_deg = 20 * bend;
    stick_bend(&s, PL_SIDE_LEFT, 7 + (knee_deg - 7) * bend);
    return s;
}

static struct stick bent_on_right(double bend, double knee_deg)
{
    struct stick s = bent_on_left(bend, knee_deg);
    const struct stick_point free_foot = s.ankle[PL_SIDE_RIGHT];
    s.ankle[PL_SIDE_RIGHT] = s.ankle[PL_SIDE_LEFT];
    s.ankle[PL_SIDE_RIGHT].x = -s.ankle[PL_SIDE_RIGHT].x;
    s.ankle[PL_SIDE_LEFT] = free_foot;
    s.ankle[PL_SIDE_LEFT].x = -s.ankle[PL_SIDE_LEFT].x;
    return s;
}

static struct stick single_left(double t_s) { return bent_on_left(dips(t_s, 4, 3.0, 0), 60); }
static struct stick single_right(double t_s) { return bent_on_right(dips(t_s, 4, 3.0, 0), 60); }
static struct stick single_quick(double t_s) { return bent_on_left(dips(t_s, 4, 1.5, 0), 55); }
static struct stick single_hold(double t_s) { return bent_on_left(dips(t_s, 2, 8.0, 5.0), 50); }
static struct stick single_mini(double t_s) { return bent_on_left(dips(t_s, 4, 2.5, 0), 38); }
static struct stick single_shallow(double t_s) { return bent_on_left(dips(t_s, 4, 2.5, 0), 20); }

static struct stick alternating(double t_s)
{
    const double bend = dips(t_s, 4, 3.0, 0);
    return (int)floor((t_s - 2.5) / 3.0) % 2 == 1 ? bent_on_right(bend, 60) : bent_on_left(bend, 60);
}

static struct stick squat_to(double bend, double knee_deg)
{
    struct stick s = stick_standing();
    s.hips.y -= 0.10 * bend;
    s.trunk_forward_deg = 30 * bend;
    stick_bend(&s, PL_SIDE_LEFT, 7 + (knee_deg - 7) * bend);
    return s;
}

static struct stick squat(double t_s) { return squat_to(dips(t_s, 3, 3.0, 0), 90); }
static struct stick stiff_squat(double t_s) { return squat_to(dips(t_s, 3, 3.0, 0), 42); }

/* Quick ones, each less deep than the one just before it. */
static struct stick ever_less_deep(double t_s)
{
    const double period_s = 1.45, i = fmax(0, floor((t_s - 2.5) / period_s));
    return squat_to(dips(t_s, 3, period_s, 0), 105 - 18 * i);
}

/* From the second dip on it only comes half-way up. */
static struct stick pulses(double t_s)
{
    const double u = t_s - 2.5;
    if (u < 0)
        return stick_standing();
    return squat_to(u < 1.5 ? dip(t_s, 2.5, 1.5, 0) : 0.8 + 0.2 * cos(2 * PL_PI * (u - 1.5)), 90);
}

/* The left foot steps out by 0.8 m and back again; at the bottom both knees are bent by 90 degrees. */
static struct stick lunge(double t_s)
{
    const double period = 4.0, u = t_s - 2.5, v = u - period * floor(u / period);
    struct stick s = stick_standing();
    if (u < 0 || u >= 3 * period)
        return s;
    const double out = dip(v, 0.0, 1.0, 1.6), down = dip(v, 0.3, 1.3, 0.4);
    s.ankle[PL_SIDE_LEFT].y += 0.8 * out;
    s.ankle[PL_SIDE_LEFT].z += 0.10 * sin(PL_PI * out) * (out < 1);
    s.ankle[PL_SIDE_RIGHT].z += 0.10 * down; /* the rear heel rises */
    s.ankle[PL_SIDE_RIGHT].y += 0.05 * down;
    s.hips.y = 0.45 * out;
    s.hips.z -= 0.34 * down;
    return s;
}

static struct stick walking_in(double t_s)
{
    struct stick s = stick_standing();
    const double way = t_s < 4 ? -2.0 + 0.5 * t_s : 0; /* from 2 m further back */
    s.hips.z -= t_s < 4 ? 0.03 * fabs(sin(2 * PL_PI * 0.9 * t_s)) : 0;
    s.hips.y += way;
    for (int side = 0; side < PL_N_SIDES; side++) {
        const double swing = t_s < 4 ? sin(2 * PL_PI * 0.9 * t_s + side * PL_PI) : 0;
        s.ankle[side].y += way + 0.3 * swing;
        s.ankle[side].z += 0.08 * fmax(0, cos(2 * PL_PI * 0.9 * t_s + side * PL_PI)) * (t_s < 4);
    }
    return s;
}

/* Sits for a second, stands up, sits down again, three times. */
static struct stick sit_to_stand(double t_s)
{
    const double up = t_s < 1 ? 0 : dip(fmod(t_s - 1, 5.0), 0, 1.5, 0.8), lean = sin(PL_PI * up) * 35;
    struct stick s = squat_to(1 - up, 95);
    s.hips.y = -0.40 * (1 - up);
    s.hips.z = (0.45 + (stick_standing().hips.z - 0.45) * up);
    s.trunk_forward_deg = lean;
    return s;
}

static struct stick bow(double t_s)
{
    struct stick s = stick_standing();
    const double bend = dips(t_s, 3, 3.0, 0);
    s.trunk_forward_deg = 80 * bend;
    s.hips.y -= 0.20 * bend;
    stick_bend(&s, PL_SIDE_LEFT, 7 + 13 * bend);
    return s;
}

static struct stick high_knees(double t_s)
{
    struct stick s = stick_standing();
    for (int side = 0; side < PL_N_SIDES; side++) {
        const double up = fmax(0, sin(2 * PL_PI * 1.2 * t_s + side * PL_PI));
        s.ankle[side].z += 0.40 * up;
        s.ankle[side].y += 0.15 * up;
    }
    s.hips.z += 0.04 * fabs(sin(2 * PL_PI * 1.2 * t_s));
    return s;
}

static struct stick balance(double t_s)
{
    struct stick s = on_left();
    s.hips.x += 0.02 * sin(2 * PL_PI * 0.4 * t_s);
    s.hips.z -= 0.008 * (1 - cos(2 * PL_PI * 0.7 * t_s));
    return s;
}

/* Every two seconds: dip, jump, land with bent knees, straighten. */
static struct stick jumping(double t_s)
{
    const double v = fmod(t_s, 2.0), dip_m = 0.20 * sin(PL_PI * fmin(1, v / 0.6));
    const double u = v - 0.6, air_m = u > 0 && u < 0.5 ? 4 * 0.30 * (u / 0.5) * (1 - u / 0.5) : 0;
    const double land_m = v > 1.1 && v < 1.6 ? 0.12 * sin(PL_PI * (v - 1.1) / 0.5) : 0;
    struct stick s = stick_standing();
    s.hips.z += air_m - (v < 0.6 ? dip_m : land_m);
    s.ankle[PL_SIDE_LEFT].z += air_m;
    s.ankle[PL_SIDE_RIGHT].z += air_m;
    return s;
}

static struct stick walking_across(double t_s)
{
    struct stick s = walking_in(fmod(t_s, 3.9));
    const double way = -3 + 6 * fmod(t_s, 3.9) / 3.9;
    s.hips.x += way;
    s.ankle[PL_SIDE_LEFT].x += way;
    s.ankle[PL_SIDE_RIGHT].x += way;
    return s;
}

/* On the spot, knees not as high as in high knees. */
static struct stick marching(double t_s)
{
    struct stick s = stick_standing();
    for (int side = 0; side < PL_N_SIDES; side++)
        s.ankle[side].z += 0.18 * fmax(0, sin(2 * PL_PI * 0.8 * t_s + side * PL_PI));
    s.hips.z -= 0.015 * (1 - cos(4 * PL_PI * 0.8 * t_s));
    s.hips.x = 0.03 * sin(2 * PL_PI * 0.8 * t_s);
    return s;
}

/* Once round in 4 s with small steps, and back again. */
static struct stick turning_round(double t_s)
{
    const double way = t_s < 2 ? 0 : t_s < 10 ? rise((t_s - 2) / 4) : 1 - rise((t_s - 10) / 4);
    const bool turns = (t_s > 2 && t_s < 6) || (t_s > 10 && t_s < 14);
    struct stick s = turns ? marching(t_s) : stick_standing();
    s.heading_deg = 360 * way;
    return s;
}

/* Both hands hang, the trunk goes forward from the hips, the knees hardly bend: a hinge as with a weight. */
static struct stick hinging(double t_s)
{
    const double bend = dips(t_s, 4, 2.5, 0.3);
    struct stick s = stick_standing();
    s.hands_on_hips = false;
    s.hips.y -= 0.25 * bend;
    s.trunk_forward_deg = 70 * bend;
    stick_bend(&s, PL_SIDE_LEFT, 7 + 18 * bend);
    return s;
}

/* Stands, sits down on a chair, stays for 4 s, gets up, and all of it again. */
static struct stick sits_down(double t_s)
{
    const double down = dip(fmod(t_s, 10.0), 1.5, 1.4, 4.0);
    struct stick s = squat_to(down, 95);
    s.hips.y = -0.40 * down;
    s.hips.z = stick_standing().hips.z - (stick_standing().hips.z - 0.45) * down;
    s.trunk_forward_deg = 35 * sin(PL_PI * down);
    return s;
}

/* Steps to the side and out of the picture. */
static struct stick leaving(double t_s)
{
    struct stick s = marching(t_s);
    const double way = t_s < 3 ? 0 : 0.6 * (t_s - 3);
    s.hips.x += way;
    s.ankle[PL_SIDE_LEFT].x += way;
    s.ankle[PL_SIDE_RIGHT].x += way;
    return s;
}

/* On tiptoe and down again. */
static struct stick heel_raises(double t_s)
{
    const double up = 0.09 * dips(t_s, 5, 2.2, 0.3);
    struct stick s = stick_standing();
    s.hips.z += up;
    s.ankle[PL_SIDE_LEFT].z += up;
    s.ankle[PL_SIDE_RIGHT].z += up;
    return s;
}

#define AFTER_SQUATS(name) \
    static struct stick after_##name(double t_s) { return t_s < 9 ? squat_to(dips(t_s, 2, 3.0, 0), 80) : name##_later(t_s - 9); }
static struct stick marching_later(double t_s) { return marching(t_s); }
static struct stick turning_later(double t_s) { return turning_round(t_s); }
static struct stick hinging_later(double t_s) { return hinging(t_s); }
static struct stick leaving_later(double t_s) { return leaving(t_s); }
static struct stick heel_raises_later(double t_s) { return heel_raises(t_s); }
AFTER_SQUATS(marching)
AFTER_SQUATS(turning)
AFTER_SQUATS(hinging)
AFTER_SQUATS(leaving)
AFTER_SQUATS(heel_raises)

static struct stick half(double t_s)
{
    return t_s < 2.5 ? stick_standing() : squat_to(dip(t_s, 2.5, 1.5, 60), 90); /* goes down and stays there */
}

/* Heel to the front, toe to the back, standing between: one repetition of the mini squat with a reach. */
static struct stick reach(double t_s)
{
    const int i = (int)floor((t_s - 2.5) / 2.5);
    const double bend = dips(t_s, 6, 2.5, 0), side = i % 2 ? -1 : 1;
    struct stick s = bent_on_left(bend, 50);
    s.ankle[PL_SIDE_RIGHT].y = 0.35 * side * bend;
    s.ankle[PL_SIDE_RIGHT].z = stick_standing().ankle[0].z + 0.10 * (1 - bend);
    return s;
}

static struct stick collapsing(double t_s)
{
    const double bend = dips(t_s, 3, 3.0, 0);
    struct stick s = bent_on_left(bend, 60);
    s.knee_in_m[PL_SIDE_LEFT] = 0.075 * bend; /* about 21 degrees */
    return s;
}

/* At the bottom of each, for a tenth of a second. */
static struct stick twitching(double t_s)
{
    const double in = fmod(t_s - 2.5, 3.0);
    struct stick s = bent_on_left(dips(t_s, 3, 3.0, 0), 60);
    s.knee_in_m[PL_SIDE_LEFT] = t_s > 2.5 && in > 1.3 && in < 1.4 ? 0.075 : 0;
    return s;
}

static struct stick dropping(double t_s)
{
    const double bend = dips(t_s, 3, 3.0, 0);
    struct stick s = bent_on_left(bend, 60);
    s.drop_deg = 10 * bend;
    return s;
}

/* ---- tests ---- */

static const double rates[] = { 15, 24, 30, 60 };
enum { N_RATES = 4 };

static void test_single_leg_squats_at_any_rate(void **state)
{
    (void)state;
    for (int i = 0; i < N_RATES; i++) {
        for (int side = 0; side < PL_N_SIDES; side++) {
            struct run r = front(rates[i]);
            play(&r, side ? single_right : single_left, 16);
            play_check(&r, 4, PL_EXERCISE_SINGLE_LEG_SQUAT);
            assert_int_equal(r.last.n_reps_side[side], 4);
            for (int n = 0; n < 4; n++) {
                const double start_s = 2.5 + 3.0 * n, bottom_s = start_s + 1.35;
                assert_int_equal(r.rep[n].side, side);
                play_check_time(r.rep[n].start_ns, start_s);
                play_check_time(r.rep[n].bottom_ns, bottom_s);
                play_check_time(r.rep[n].end_ns, start_s + 2.7);
                const struct pl_value bend = r.rep[n].m[PL_M_KNEE_FLEXION];
                assert_true(fabsf(bend.value - 60) < 4 && fabsf(bend.value - 60) < bend.err);
            }
            assert_int_equal(r.n_faults, 0); /* a good one is left in peace */
        }
    }
}

static void test_all_views(void **state)
{
    (void)state;
    for (int yaw = -180; yaw < 180; yaw += 30) {
        struct run r = front(30);
        r.camera = stick_camera_at(yaw);
        play(&r, single_left, 16);
        play_check(&r, 4, PL_EXERCISE_SINGLE_LEG_SQUAT);
        struct run q = front(30);
        q.camera = stick_camera_at(yaw);
        play(&q, squat, 13);
        play_check(&q, 3, PL_EXERCISE_SQUAT);
        assert_int_equal(q.rep[0].side, PL_SIDE_UNKNOWN);
    }
}

static void test_quick_and_held(void **state)
{
    (void)state;
    for (int i = 0; i < N_RATES; i++) {
        struct run r = front(rates[i]);
        play(&r, single_quick, 10);
        play_check(&r, 4, PL_EXERCISE_SINGLE_LEG_SQUAT);
        r = front(rates[i]);
        play(&r, single_hold, 20);
        play_check(&r, 2, PL_EXERCISE_SINGLE_LEG_SQUAT);
    }
}

/* The one before is still within what is looked at of a quick one, and deeper: it is not its bottom. */
static void test_quick_ones_have_their_own_bottoms(void **state)
{
    (void)state;
    for (int i = 0; i < N_RATES; i++) {
        struct run r = play_from(rates[i], 90, PL_EXERCISE_AUTO);
        play(&r, ever_less_deep, 9);
        play_check(&r, 3, PL_EXERCISE_SQUAT);
        for (int n = 0; n < 3; n++) {
            play_check_time(r.rep[n].start_ns, 2.5 + 1.45 * n);
            play_check_time(r.rep[n].bottom_ns, 3.075 + 1.45 * n);
            play_check_time(r.rep[n].end_ns, 3.65 + 1.45 * n);
            assert_true(fabsf(r.rep[n].m[PL_M_KNEE_FLEXION].value - (105 - 18 * (float)n)) < 6);
        }
    }
}

static void test_alternating_legs(void **state)
{
    (void)state;
    struct run r = front(30);
    play(&r, alternating, 16);
    play_check(&r, 4, PL_EXERCISE_SINGLE_LEG_SQUAT);
    for (int n = 0; n < 4; n++)
        assert_int_equal(r.rep[n].side, n % 2 ? PL_SIDE_RIGHT : PL_SIDE_LEFT);
}

static void test_lunges(void **state)
{
    (void)state;
    const double yaws[] = { 90, -90, 80, -100 };
    for (int i = 0; i < N_RATES; i++) {
        struct run r = front(rates[i]);
        r.camera = stick_camera_at(yaws[i]);
        play(&r, lunge, 16);
        play_check(&r, 3, PL_EXERCISE_LUNGE);
        for (int n = 0; n < 3; n++)
            assert_int_equal(r.rep[n].side, PL_SIDE_LEFT);
    }
}

/* The first one of 38 degrees counts when the other foot is off the floor; a smaller one does not, nor one on both feet (below). */
static void test_a_mini_squat_comes_first(void **state)
{
    (void)state;
    for (int i = 0; i < N_RATES; i++) {
        for (int yaw = 0; yaw <= 90; yaw += 45) {
            struct run r = play_from(rates[i], yaw, PL_EXERCISE_AUTO);
            play(&r, single_mini, 14);
            play_check(&r, 4, PL_EXERCISE_SINGLE_LEG_SQUAT);
            r = play_from(rates[i], yaw, PL_EXERCISE_AUTO);
            play(&r, single_shallow, 14);
            assert_int_equal(r.n_reps, 0);
        }
    }
}

/* Moments in which the network draws both legs between the two do not change which leg worked, nor what its bend was. */
static void test_bends_in_spite_of_moments(void **state)
{
    (void)state;
    for (int i = 0; i < N_RATES; i++) {
        struct run r = play_from(rates[i], 90, PL_EXERCISE_SINGLE_LEG_SQUAT), q = r;
        q.between_s = 0.13;
        play(&r, single_hold, 20);
        play(&q, single_hold, 20);
        play_check(&q, 2, PL_EXERCISE_SINGLE_LEG_SQUAT);
        for (int n = 0; n < 2; n++)
            assert_true(fabsf(q.rep[n].m[PL_M_KNEE_FLEXION].value - r.rep[n].m[PL_M_KNEE_FLEXION].value) < 1.0f);
    }
}

/* Counting is relative to the person, coaching is not: a stiff knee's squats count and are called shallow. */
static void test_stiff_knees_count(void **state)
{
    (void)state;
    struct run r = front(30);
    r.camera = stick_camera_at(90);
    r.options.kind = PL_EXERCISE_SQUAT;
    play(&r, stiff_squat, 13);
    play_check(&r, 3, PL_EXERCISE_SQUAT);
    struct run told = front(30);
    told.options.kind = PL_EXERCISE_SINGLE_LEG_SQUAT;
    told.camera = stick_camera_at(90);
    play(&told, single_shallow, 14);
    assert_int_equal(told.n_reps, 0); /* 20 degrees are no squat even then */
}

static void test_a_reach_is_two_bends_and_one_repetition(void **state)
{
    (void)state;
    struct run r = front(30);
    r.camera = stick_camera_at(90);
    play(&r, reach, 19);
    play_check(&r, 3, PL_EXERCISE_SINGLE_LEG_SQUAT);
    struct run f = front(30);
    play(&f, reach, 19);
    play_check(&f, 3, PL_EXERCISE_SINGLE_LEG_SQUAT);
}

static void test_what_must_not_count(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        motion_fn *motion;
        double yaw_deg;
    } idle[] = {
        { "walking in", walking_in, 0 },
        { "walking in, side", walking_in, 90 },
        { "sit to stand", sit_to_stand, 45 },
        { "sit to stand, side", sit_to_stand, 90 },
        { "bowing", bow, 0 },
        { "bowing, side", bow, 90 },
        { "high knees", high_knees, 20 },
        { "high knees, side", high_knees, 90 },
        { "balancing", balance, 0 },
        { "jumping", jumping, 0 },
        { "jumping, side", jumping, 90 },
        { "walking across", walking_across, 0 },
        { "half a squat", half, 0 },
        { "marching on the spot", marching, 0 },
        { "marching on the spot, side", marching, 90 },
        { "turning round", turning_round, 0 },
        { "turning round, from the side", turning_round, 90 },
        { "hinging", hinging, 0 },
        { "hinging, side", hinging, 90 },
        { "sitting down", sits_down, 30 },
        { "sitting down, side", sits_down, 90 },
        { "leaving", leaving, 0 },
        { "leaving, seen from the side", leaving, 90 },
        { "heel raises", heel_raises, 0 },
        { "heel raises, side", heel_raises, 90 },
    };
    for (int i = 0; i < (int)(sizeof idle / sizeof idle[0]); i++) {
        for (int j = 0; j < N_RATES; j++) {
            struct run r = front(rates[j]);
            r.camera = stick_camera_at(idle[i].yaw_deg);
            r.noise_px = 1.5;
            play(&r, idle[i].motion, 16);
            if (r.n_reps)
                fail_msg("%s at %g: %d repetitions of %s", idle[i].name, rates[j], r.n_reps,
                         pl_exercise_name(r.rep[0].exercise));
            assert_int_equal(r.n_faults, 0);
            if (r.n_partials)
                fail_msg("%s at %g: partial, %s", idle[i].name, rates[j], pl_partial_id(r.partial[0].why));
        }
    }
}

/* The same after two good squats, when everything is known and a partial one could be told. */
static void test_what_must_not_count_after_squats(void **state)
{
    (void)state;
    static motion_fn *const idle[] = { after_marching, after_turning, after_hinging, after_leaving, after_heel_raises };
    for (int i = 0; i < (int)(sizeof idle / sizeof idle[0]) * N_RATES; i++) {
        struct run r = front(rates[i % N_RATES]);
        r.camera = stick_camera_at(i % 2 ? 90 : 0);
        play(&r, idle[i / N_RATES], 24);
        play_check(&r, 2, PL_EXERCISE_SQUAT);
    }
}

/* Down and never back to standing: the first dip is the only one there could be, and it does not end. */
static void test_pulses_do_not_count(void **state)
{
    (void)state;
    struct run r = front(30);
    play(&r, pulses, 12);
    assert_int_equal(r.n_reps, 0);
}

static void test_short_gaps_are_bridged_long_ones_are_not(void **state)
{
    (void)state;
    struct run r = front(30);
    r.nan_from_s = 3.9; /* at the bottom of the first */
    r.nan_to_s = 4.1;
    play(&r, single_left, 16);
    play_check(&r, 4, PL_EXERCISE_SINGLE_LEG_SQUAT);
    struct run lost = front(30);
    lost.lost_from_s = 6.3; /* out of the picture for most of the second */
    lost.lost_to_s = 8.0;
    play(&lost, single_left, 16);
    play_check(&lost, 3, PL_EXERCISE_SINGLE_LEG_SQUAT);
}

static void test_knee_collapse_in_each_repetition(void **state)
{
    (void)state;
    for (int i = 0; i < N_RATES; i++) {
        struct run r = front(rates[i]);
        bool in[4] = { false };
        play(&r, collapsing, 13);
        play_check(&r, 3, PL_EXERCISE_SINGLE_LEG_SQUAT);
        for (int n = 0; n < r.n_faults; n++) {
            assert_int_equal(r.fault[n].side, PL_SIDE_LEFT);
            assert_true(r.fault[n].rep >= 1 && r.fault[n].rep <= 3);
            assert_true(r.fault[n].kind == PL_FAULT_KNEE_COLLAPSE);
            assert_true(r.fault[n].peak > r.fault[n].limit && r.fault[n].start_ns < r.fault[n].end_ns);
            in[r.fault[n].rep] = true;
        }
        assert_true(in[1] && in[2] && in[3]);
        struct run side = front(rates[i]);
        side.camera = stick_camera_at(90); /* a view that cannot see it */
        play(&side, collapsing, 13);
        assert_int_equal(play_count_faults(&side, PL_FAULT_KNEE_COLLAPSE), 0);
    }
}

/* Hands that slip while the knee bends measure nothing then, and no fault is told; before and after they do. */
static void test_hands_that_slip(void **state)
{
    (void)state;
    struct run r = front(30);
    r.slip_s = 6.9; /* on the way down of the second */
    play(&r, single_left, 16);
    play_check(&r, 4, PL_EXERCISE_SINGLE_LEG_SQUAT);
    for (int i = 0; i < 4; i++) {
        const struct pl_rep *rep = &r.rep[i];
        if (rep->why[PL_M_PELVIC_DROP_CHANGE] != (i == 1 ? PL_REASON_HIPS_SLIPPED : PL_REASON_NONE))
            fail_msg("repetition %d: %s", i + 1, pl_reason_id(rep->why[PL_M_PELVIC_DROP_CHANGE]));
        assert_int_equal(isnan(rep->m[PL_M_PELVIC_DROP_CHANGE].value) != 0, i == 1);
        assert_int_equal(rep->hip_drop_by, i == 1 ? 0 : 1 << PL_PELVIS_HANDS);
    }
    assert_int_equal(play_count_faults(&r, PL_FAULT_HIP_DROP), 0);
}

static void test_hip_drop(void **state)
{
    (void)state;
    struct run r = front(30);
    play(&r, dropping, 13);
    play_check(&r, 3, PL_EXERCISE_SINGLE_LEG_SQUAT);
    assert_true(play_count_faults(&r, PL_FAULT_HIP_DROP) >= 3);
    assert_int_equal(play_count_faults(&r, PL_FAULT_KNEE_COLLAPSE), 0);
    for (int n = 0; n < 3; n++)
        assert_true(fabsf(r.rep[n].m[PL_M_PELVIC_DROP_CHANGE].value - 10) < 1.5f);
}

static void test_unknown_is_never_a_fault(void **state)
{
    (void)state;
    const struct pl_limits limits = pl_limits_default();
    const struct pl_exercise_options options = { PL_EXERCISE_SQUAT, PL_SIDE_UNKNOWN };
    struct pl_exercise_state *es = pl_exercise_open(&options, &limits);
    struct pl_pose pose;
    struct pl_measures m;
    struct pl_progress p;
    memset(&pose, 0xff, sizeof pose); /* every float NAN */
    memset(&m, 0xff, sizeof m);
    pose.person = true;
    pose.swapped = pose.from_behind = false;
    pose.view = PL_VIEW_FRONT;
    for (int side = 0; side < PL_N_SIDES; side++)
        for (int i = 0; i < PL_N_MEASURES; i++)
            m.why[side][i] = PL_REASON_NOT_CLEAR;
    for (int i = 0; i < 200; i++) {
        pose.t_ns = m.t_ns = i * (PL_NS_PER_S / 30);
        pl_exercise_step(es, &pose, &m, &p);
        assert_int_equal(p.n_reps, 0);
        for (int kind = 0; kind < PL_N_FAULTS; kind++)
            assert_false(p.fault[kind].on);
    }
    pl_exercise_close(es);
}

static void test_names(void **state)
{
    (void)state;
    enum pl_exercise_kind kind;
    for (int i = 0; i < PL_N_EXERCISES; i++) {
        assert_true(pl_exercise_from_name(&kind, pl_exercise_name((enum pl_exercise_kind)i)));
        assert_int_equal(kind, i);
    }
    assert_false(pl_exercise_from_name(&kind, "burpee"));
    assert_string_equal(pl_fault_name(PL_FAULT_KNEE_COLLAPSE), "knee_collapse");
    assert_string_equal(pl_phase_name(PL_PHASE_NONE), "");
    assert_string_equal(pl_phase_name(PL_PHASE_BOTTOM), "bottom");
}

/* What was there for a tenth of a second has not lasted for .15, though it takes .25 until it is over. */
static void test_a_twitch_is_no_fault(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct run r = play_from(i ? 60 : 30, 0, PL_EXERCISE_AUTO);
        play(&r, twitching, 13);
        play_check(&r, 3, PL_EXERCISE_SINGLE_LEG_SQUAT);
        assert_int_equal(play_count_faults(&r, PL_FAULT_KNEE_COLLAPSE), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_leg_squats_at_any_rate),
        cmocka_unit_test(test_all_views),
        cmocka_unit_test(test_quick_and_held),
        cmocka_unit_test(test_quick_ones_have_their_own_bottoms),
        cmocka_unit_test(test_alternating_legs),
        cmocka_unit_test(test_lunges),
        cmocka_unit_test(test_a_mini_squat_comes_first), cmocka_unit_test(test_bends_in_spite_of_moments),
        cmocka_unit_test(test_stiff_knees_count),
        cmocka_unit_test(test_a_reach_is_two_bends_and_one_repetition),
        cmocka_unit_test(test_what_must_not_count),
        cmocka_unit_test(test_what_must_not_count_after_squats),
        cmocka_unit_test(test_pulses_do_not_count),
        cmocka_unit_test(test_short_gaps_are_bridged_long_ones_are_not),
        cmocka_unit_test(test_knee_collapse_in_each_repetition),
        cmocka_unit_test(test_hip_drop),
        cmocka_unit_test(test_hands_that_slip),
        cmocka_unit_test(test_unknown_is_never_a_fault),
        cmocka_unit_test(test_a_twitch_is_no_fault),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
