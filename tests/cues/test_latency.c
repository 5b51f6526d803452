/* From the fault's first frame to the cue: stick people whose fault comes within 0.3 s at a known time, at several frame rates.
 * First frame: the first in which the fault is as large as the least one that is ever raised, which is limit and band; found by
 * making it smaller and smaller. Allowed are 300 ms plus the persistence (cue_persist_s). Prints a table. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "../support/stick.h"
#include "plumbline/speech.h"

static const double ALLOWED_S = 0.300;
static const double COMES_IN_S = 0.3;
/* Just before the hold of the second repetition; and early in the first one, when nobody knows yet that it is one. */
static const double LATE_S = 6.9, EARLY_S = 2.8;

typedef struct stick motion_fn(double t_s, double fault); /* fault: 0 none .. 1 whole */

/* From 0 to 1 with minimum jerk, as people move (Flash & Hogan 1985). */
static double rise(double u)
{
    const double x = fmin(1.0, fmax(0.0, u));
    return x * x * x * (10 - 15 * x + 6 * x * x);
}

/* Two repetitions from 2.5 s on, each 4 s: 1.2 s down, 1 s hold, 1.2 s up. */
static double bend_at(double t_s)
{
    const double u = t_s - 2.5, v = u - 4 * floor(u / 4);
    return u < 0 || u >= 8 ? 0 : rise(v / 1.2) * (1 - rise((v - 2.2) / 1.2));
}

static struct stick on_left(double t_s)
{
    struct stick s = stick_standing();
    const double lift = rise((t_s - 2.2) / 0.3) * (1 - rise((t_s - 11) / 0.3));
    s.ankle[PL_SIDE_RIGHT].z += 0.20 * lift;
    s.ankle[PL_SIDE_RIGHT].y -= 0.30 * lift;
    s.trunk_forward_deg = 10 * bend_at(t_s);
    return s;
}

static struct stick bent(struct stick s, double t_s, double knee_deg)
{
    stick_bend(&s, PL_SIDE_LEFT, 7 + (knee_deg - 7) * bend_at(t_s));
    return s;
}

static struct stick collapse(double t_s, double fault)
{
    struct stick s = on_left(t_s);
    s.knee_in_m[PL_SIDE_LEFT] = 0.09 * fault;
    return bent(s, t_s, 55);
}

static struct stick drop(double t_s, double fault)
{
    struct stick s = on_left(t_s);
    s.drop_deg = 14 * fault;
    return bent(s, t_s, 55);
}

static struct stick lean(double t_s, double fault)
{
    struct stick s = on_left(t_s);
    s.trunk_left_deg = 22 * fault;
    return bent(s, t_s, 55);
}

static struct stick squat_collapse(double t_s, double fault)
{
    struct stick s = stick_standing();
    s.hips.y -= 0.10 * bend_at(t_s);
    s.trunk_forward_deg = 30 * bend_at(t_s);
    s.knee_in_m[PL_SIDE_LEFT] = s.knee_in_m[PL_SIDE_RIGHT] = 0.10 * fault;
    return bent(s, t_s, 70);
}

/* Side-on; the left foot stands 0.6 m in front while the knees bend. */
static struct stick lunge(double t_s, double ahead_m, double lean_deg)
{
    struct stick s = stick_standing();
    const double u = t_s - 2.5, v = u - 4 * floor(u / 4), out = u < 0 || u >= 8 ? 0 : rise(v / 0.9) * (1 - rise((v - 2.6) / 0.9));
    s.ankle[PL_SIDE_LEFT].y += 0.8 * out;
    s.ankle[PL_SIDE_RIGHT].z += 0.10 * bend_at(t_s);
    s.ankle[PL_SIDE_RIGHT].y += 0.05 * bend_at(t_s);
    s.hips.y = 0.45 * out + ahead_m;
    s.hips.z -= 0.34 * bend_at(t_s);
    s.trunk_forward_deg = lean_deg;
    return s;
}

static struct stick knee_past(double t_s, double fault) { return lunge(t_s, 0.25 * fault, 0); }
static struct stick lean_forward(double t_s, double fault) { return lunge(t_s, 0, 35 * fault); }

struct course {
    struct {
        struct pl_pose_state *pose;
        struct pl_measures_state *measures;
        struct pl_exercise_state *exercise;
        struct pl_cues_state *cues;
        struct pl_speech_state *speech;
    } s;
    int64_t since_ns, cue_ns, said_ns; /* of the wanted fault: first frame over the limit, on the screen, said; -1 never */
    int64_t first_ns;                  /* frame in which the fault is `least` or more */
    int n_early;                       /* cues before the fault was there */
};

struct scene { const char *name; motion_fn *motion; enum pl_fault_kind fault; double yaw_deg, fault_s; };

/* whole: how large the fault gets; least: from there it counts as there */
static void play(struct course *c, const struct scene *scene, double fps, double whole, double least)
{
    const enum pl_fault_kind fault = scene->fault;
    const struct pl_limits limits = pl_limits_default();
    const struct pl_exercise_options options = { scene->yaw_deg > 0 ? PL_EXERCISE_LUNGE : PL_EXERCISE_AUTO, PL_SIDE_LEFT };
    const struct stick_camera camera = stick_camera_at(scene->yaw_deg);
    uint64_t seed = 3;
    *c = (struct course){ { pl_pose_open(&limits), pl_measures_open(&limits), pl_exercise_open(&options, &limits),
                            pl_cues_open(&limits), pl_speech_open(&limits) }, -1, -1, -1, -1, 0 };
    for (int i = 0; i < (int)(10 * fps); i++) {
        const double t_s = i / fps;
        const double share = whole * rise((t_s - scene->fault_s) / COMES_IN_S);
        const struct stick stick = scene->motion(t_s, share);
        struct pl_keypoints k;
        struct pl_pose pose;
        struct pl_measures m;
        struct pl_progress p;
        struct pl_cue cue;
        struct pl_utterance u;
        stick_keypoints(&stick, &camera, pl_ns_from_s(t_s), &k);
        stick_noise(&k, 0.5, &seed);
        pl_pose_step(c->s.pose, &k, &pose);
        pl_measures_step(c->s.measures, &pose, &m);
        pl_exercise_step(c->s.exercise, &pose, &m, &p);
        pl_cues_step(c->s.cues, &p, &cue);
        pl_speech_step(c->s.speech, &pose, &m, &p, &cue, &u);
        if (share >= least && c->first_ns < 0)
            c->first_ns = pose.t_ns;
        c->n_early += cue.fresh && t_s < scene->fault_s;
        if (p.fault[fault].on && c->since_ns < 0 && t_s >= scene->fault_s)
            c->since_ns = p.fault[fault].since_ns;
        if (cue.fresh && cue.fault == fault && c->cue_ns < 0 && t_s >= scene->fault_s)
            c->cue_ns = pose.t_ns;
        if (u.urgency == PL_URGENCY_CUE && u.sentence != PL_SAY_NOTHING && c->said_ns < 0 && t_s >= scene->fault_s)
            c->said_ns = pose.t_ns;
    }
    pl_speech_close(c->s.speech);
    pl_cues_close(c->s.cues);
    pl_exercise_close(c->s.exercise);
    pl_measures_close(c->s.measures);
    pl_pose_close(c->s.pose);
}

static double ms_after(const struct course *c, int64_t t_ns)
{
    return t_ns < 0 || c->first_ns < 0 ? NAN : 1e3 * pl_s_from_ns(t_ns - c->first_ns);
}

/* Of the whole fault, the share from which it is raised. */
static double least_share(const struct scene *scene)
{
    double no = 0, yes = 1;
    while (yes - no > 0.02) {
        struct course c;
        const double middle = 0.5 * (no + yes);
        play(&c, scene, 30, middle, 1);
        if (c.since_ns >= 0)
            yes = middle;
        else
            no = middle;
    }
    return yes;
}

static void test_latency(void **state)
{
    static const struct scene table[] = {
        { "single-leg squat, knee collapse", collapse, PL_FAULT_KNEE_COLLAPSE, 0, LATE_S },
        { "single-leg squat, hip drop", drop, PL_FAULT_HIP_DROP, 0, LATE_S },
        { "single-leg squat, lean sideways", lean, PL_FAULT_TRUNK_LEAN, 0, LATE_S },
        { "early in the first: lean sideways", lean, PL_FAULT_TRUNK_LEAN, 0, EARLY_S },
        { "early in the first: knee collapse", collapse, PL_FAULT_KNEE_COLLAPSE, 0, EARLY_S },
        { "early in the first: hip drop", drop, PL_FAULT_HIP_DROP, 0, EARLY_S },
        { "squat, knee collapse", squat_collapse, PL_FAULT_KNEE_COLLAPSE, 0, LATE_S },
        { "early in the first squat: collapse", squat_collapse, PL_FAULT_KNEE_COLLAPSE, 0, EARLY_S },
        { "lunge from the side, knee over toe", knee_past, PL_FAULT_KNEE_OVER_TOE, 90, LATE_S },
        { "lunge from the side, lean forward", lean_forward, PL_FAULT_TRUNK_LEAN, 90, LATE_S },
    };
    static const double rates[] = { 15, 25, 30, 60 };
    const double allowed_ms = 1e3 * (ALLOWED_S + (double)pl_limits_default().cue_persist_s);
    int bad = 0;
    (void)state;
    print_message("# ms after the fault's first frame; allowed %.0f\n", allowed_ms);
    print_message("# %-36s %4s %9s %7s %7s\n", "", "fps", "measured", "cue", "said");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const double least = least_share(&table[i]);
        assert_true(least < 0.9); /* the whole one is a fault */
        for (int k = 0; k < 4; k++) {
            struct course c;
            play(&c, &table[i], rates[k], 1, least);
            const double said_ms = ms_after(&c, c.said_ns);
            const bool ok = said_ms > 0 && said_ms <= allowed_ms && c.said_ns == c.cue_ns && c.n_early == 0;
            print_message("# %-36s %4.0f %9.0f %7.0f %7.0f%s\n", table[i].name, rates[k], ms_after(&c, c.since_ns),
                          ms_after(&c, c.cue_ns), said_ms, ok ? "" : c.n_early ? "  A CUE TOO EARLY" : "  TOO LATE");
            bad += !ok;
        }
    }
    assert_int_equal(bad, 0);
}

/* Half of what is needed: inside the band, so nothing is said. */
static struct stick slight(double t_s, double fault)
{
    struct stick s = on_left(t_s);
    s.knee_in_m[PL_SIDE_LEFT] = 0.02 * fault;
    s.drop_deg = 3 * fault;
    s.trunk_left_deg = 6 * fault;
    return bent(s, t_s, 55);
}

static void test_silence_below_the_band(void **state)
{
    static const struct scene scene = { "slight", slight, PL_FAULT_KNEE_COLLAPSE, 0, LATE_S };
    (void)state;
    for (int k = 0; k < 3; k++) {
        struct course c;
        play(&c, &scene, 15 * (1 << k), 1, 1);
        assert_int_equal(c.n_early, 0);
        assert_true(c.said_ns == -1 && c.cue_ns == -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_latency),
        cmocka_unit_test(test_silence_below_the_band),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
