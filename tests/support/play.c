#include "play.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

struct run play_from(double fps, double yaw_deg, enum pl_exercise_kind kind)
{
    return (struct run){
        .fps = fps, .noise_px = 0.5, .camera = stick_camera_at(yaw_deg), .options = { kind, PL_SIDE_UNKNOWN }
    };
}

static void take(struct run *r, const struct pl_progress *p)
{
    if (p->rep_done && r->n_reps < PLAY_MAX_REPS)
        r->rep[r->n_reps++] = p->last_rep;
    if (p->rep_settled && r->n_reps && p->last_rep.n == r->rep[r->n_reps - 1].n)
        r->rep[r->n_reps - 1] = p->last_rep;
    if (p->partial_done && r->n_partials < PLAY_MAX_PARTIALS)
        r->partial[r->n_partials++] = p->last_partial;
    for (int i = 0; i < p->n_ended && r->n_faults < PLAY_MAX_FAULTS; i++)
        r->fault[r->n_faults++] = p->ended[i];
    r->phases[p->phase]++;
    r->last = *p;
}

/* The picture in a mirror. The network turns everybody to the same side (stick.c): so the world is that of a mirrored person. */
static void mirror(const struct run *r, const struct stick *stick, struct pl_keypoints *k)
{
    const struct pl_landmarks from = k->raw;
    const struct stick other_stick = stick_other_side(stick);
    struct stick_camera camera = r->camera;
    struct pl_keypoints mirrored;
    camera.yaw_deg = -camera.yaw_deg;
    camera.roll_deg = -camera.roll_deg;
    stick_keypoints(&other_stick, &camera, k->t_ns, &mirrored);
    k->raw = mirrored.raw;
    for (int i = 0; i < PL_N_LANDMARKS; i++) {
        const int other = i == PL_LM_NOSE ? i : i <= PL_LM_RIGHT_EYE_OUTER ? (i <= 3 ? i + 3 : i - 3) : i % 2 ? i + 1 : i - 1;
        k->raw.px[i] = from.px[other];
        k->raw.px[i].x_px = (float)k->width_px - k->raw.px[i].x_px;
    }
}

void play(struct run *r, motion_fn *motion, double seconds)
{
    const struct pl_limits limits = pl_limits_default();
    struct pl_pose_state *ps = pl_pose_open(&limits);
    struct pl_measures_state *ms = pl_measures_open(&limits);
    struct pl_exercise_state *es = pl_exercise_open(&r->options, &limits);
    struct pl_progress progress;
    uint64_t seed = 3;
    assert_true(ps && ms && es);
    for (int i = 0; i < (int)(seconds * r->fps); i++) {
        const double t_s = i / r->fps;
        const struct stick s = motion(t_s);
        struct pl_keypoints k;
        struct pl_pose pose;
        struct pl_measures m;
        stick_keypoints(&s, &r->camera, pl_ns_from_s(t_s), &k);
        stick_noise(&k, r->noise_px, &seed);
        for (int j = PL_LM_LEFT_WRIST; r->slip_s > 0 && t_s >= r->slip_s && j <= PL_LM_LEFT_INDEX; j += 2)
            k.raw.px[j].y_px -= 0.176f * (k.raw.px[PL_LM_LEFT_WRIST].x_px - k.raw.px[PL_LM_RIGHT_WRIST].x_px);
        if (r->mirrored)
            mirror(r, &s, &k);
        if (r->period_s > 0 && fmod(t_s, r->period_s) < r->exchanged_s)
            stick_mix_legs(&k, 1.0f);
        if (fmod(t_s, 1.0) < r->between_s)
            stick_mix_legs(&k, 0.5f);
        k.present = !(t_s >= r->lost_from_s && t_s < r->lost_to_s);
        for (int j = 0; t_s >= r->nan_from_s && t_s < r->nan_to_s && j < PL_N_LANDMARKS; j++)
            k.raw.px[j] = (struct pl_point){ NAN, NAN, NAN, NAN };
        pl_pose_step(ps, &k, &pose);
        pl_measures_step(ms, &pose, &m);
        pl_exercise_step(es, &pose, &m, &progress);
        take(r, &progress);
    }
    pl_exercise_finish(es, &progress);
    take(r, &progress);
    pl_pose_close(ps);
    pl_measures_close(ms);
    pl_exercise_close(es);
}

int play_count_faults(const struct run *r, enum pl_fault_kind kind)
{
    int n = 0;
    for (int i = 0; i < r->n_faults; i++)
        n += r->fault[i].kind == kind;
    return n;
}

void play_check(const struct run *r, int n, enum pl_exercise_kind exercise)
{
    if (r->n_reps != n)
        fail_msg("%d repetitions, not %d, at %g frames a second from %g degrees; the first is a %s", r->n_reps, n, r->fps,
                 r->camera.yaw_deg, r->n_reps ? pl_exercise_name(r->rep[0].exercise) : "-");
    if (r->n_partials)
        fail_msg("a partial %s: %s, at %.2f s", pl_exercise_name(r->partial[0].exercise), pl_partial_id(r->partial[0].why),
                 pl_s_from_ns(r->partial[0].bottom_ns));
    for (int i = 0; i < n; i++) {
        assert_int_equal(r->rep[i].n, i + 1);
        if (r->rep[i].exercise != exercise)
            fail_msg("repetition %d is a %s, not a %s", i + 1, pl_exercise_name(r->rep[i].exercise),
                     pl_exercise_name(exercise));
        assert_true(r->rep[i].start_ns < r->rep[i].bottom_ns && r->rep[i].bottom_ns < r->rep[i].end_ns);
    }
    assert_int_equal(r->last.n_reps, n);
}

double rise(double u)
{
    const double x = fmin(1.0, fmax(0.0, u));
    return x * x * x * (10 - 15 * x + 6 * x * x);
}

double dip(double t_s, double start_s, double down_s, double hold_s)
{
    const double u = t_s - start_s;
    return rise(u / down_s) * (1.0 - rise((u - down_s - hold_s) / down_s));
}

double dips(double t_s, int n, double period_s, double hold_s)
{
    const int i = (int)floor((t_s - 2.5) / period_s);
    if (i < 0 || i >= n)
        return 0;
    return dip(t_s, 2.5 + i * period_s, 0.5 * (period_s - hold_s) - 0.15, hold_s);
}

void play_check_time(int64_t t_ns, double truth_s)
{
    if (!(fabs(pl_s_from_ns(t_ns) - truth_s) < 0.15))
        fail_msg("%.3f s, should be %.3f", pl_s_from_ns(t_ns), truth_s);
}
