/* Step-ups and step-downs.
 *
 * A step-up is a cycle of the hips the other way round: from the floor up onto the step and back. A step-down is a bend
 * of the leg on the step like a single-leg squat; only where the free foot clearly goes lower than the standing one can
 * they be told apart, and a low step seen from the front has to be told by name.
 */
#include "internal.h"

#include <math.h>
#include "plumbline/signal.h"

static const float top = 0.8f, early_from = 0.1f, early_to = 0.4f; /* of the rise */
static const double start_s = 0.15;

struct mean { double sum; int n; };
static void add(struct mean *m, float v)
{
    if (!isnan(v)) {
        m->sum += (double)v;
        m->n++;
    }
}
static float mean(const struct mean *m) { return m->n ? (float)(m->sum / m->n) : NAN; }

/* How far apart in height the feet come on the floor, before the rise: a foot that is on the step all the time is not
 * down there. */
static float feet_on_floor(const struct recording *r, int from, const struct motion *m, float floor_y, float rise)
{
    float apart = INFINITY;
    for (int i = from; i < r->n && pl_recording_at(r, i)->t_ns < m->cycle_start_ns; i++) {
        const struct record *f = pl_recording_at(r, i);
        if (fabsf(f->hips.y - floor_y) < early_from * rise)
            apart = fminf(apart, fabsf(f->ankle[PL_SIDE_LEFT].y - f->ankle[PL_SIDE_RIGHT].y));
    }
    return apart;
}

bool pl_climbed(const struct recording *r, const struct motion *m, enum pl_view view, bool told,
                const struct pl_limits *limits, enum pl_side *working)
{
    const int first = pl_recording_find(r, m->cycle_start_ns - pl_ns_from_s((double)limits->step_before_s)),
              last = pl_recording_find(r, m->cycle_end_ns + 1);
    struct mean early = { 0 }, top_hips = { 0 }, floor_hips = { 0 }, top_foot = { 0 }, floor_foot = { 0 }, top_leg = { 0 },
                floor_leg = { 0 };
    float lifted = 0.0f, longest = 0.0f;
    for (int i = first; i < last; i++) {
        const struct record *f = pl_recording_at(r, i);
        const float risen = f->risen / m->cycle_depth,
                    leg = fmaxf(f->hip_ankle[PL_SIDE_LEFT], f->hip_ankle[PL_SIDE_RIGHT]);
        const float foot = fmaxf(f->ankle[PL_SIDE_LEFT].y, f->ankle[PL_SIDE_RIGHT].y); /* the lower one */
        const bool before_top = f->t_ns <= m->cycle_bottom_ns;
        longest = fmaxf(longest, leg);
        if (before_top)
            lifted = fmaxf(lifted, fabsf(f->knee[PL_SIDE_LEFT].y - f->knee[PL_SIDE_RIGHT].y));
        if (before_top && risen > early_from && risen < early_to)
            add(&early, f->ankle[PL_SIDE_RIGHT].y - f->ankle[PL_SIDE_LEFT].y); /* + = left foot higher */
        if (f->t_ns > m->cycle_start_ns && risen > top) {
            add(&top_hips, f->hips.y);
            add(&top_foot, foot);
            add(&top_leg, leg);
        } else if (before_top && risen < early_from && f->t_ns > m->cycle_start_ns - pl_ns_from_s(start_s)) {
            add(&floor_hips, f->hips.y);
            add(&floor_foot, foot);
            add(&floor_leg, leg);
        }
    }
    const float rise = mean(&floor_hips) - mean(&top_hips);
    const bool follow = mean(&floor_foot) - mean(&top_foot) > limits->step_feet_follow_min * rise;
    const float straight_least = limits->step_straight_min * longest;
    const bool straight = mean(&floor_leg) > straight_least && mean(&top_leg) > straight_least;
    *working = mean(&early) > 0.0f ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
    if (!told && !(feet_on_floor(r, first, m, mean(&floor_hips), rise) < limits->foot_lift_min))
        return false;
    return lifted > limits->step_knee_lift_min && straight
           && (follow || view == PL_VIEW_FRONT); /* seen from the front, a foot that comes nearer looks lower */
}

/* Where the free foot goes far below the standing one, it is no single-leg squat, not even on a platform of 10 cm. */
static bool fits_down(const struct posture *p, const struct pl_limits *limits, enum pl_side *working)
{
    const float votes_left = pl_single_leg_votes(p, limits); /* not the lifted foot's: here the standing one is higher */
    const enum pl_side free = votes_left > 0.0f ? PL_SIDE_RIGHT : PL_SIDE_LEFT;
    *working = pl_single_leg_named(p, pl_side_other(free));
    if (!pl_single_leg_planted(p, limits, working) && fabsf(votes_left) < limits->step_down_votes_min)
        return false;
    return p->foot_lower_m[free] > limits->step_down_below_min_m
           || (isnan(p->foot_lower_m[free]) && p->view == PL_VIEW_SIDE && p->foot_lower[free] > limits->step_down_below_min);
}

static bool never(const struct posture *p, const struct pl_limits *limits, enum pl_side *working)
{
    (void)p;
    (void)limits;
    (void)working;
    return false;
}

#define FAULTS \
    .n_faults = 4, \
    .fault = { \
        { PL_FAULT_KNEE_COLLAPSE, PL_M_FPPA_CORRECTED, LIMIT(fppa_limit_deg), ABOVE, DURING }, \
        { PL_FAULT_HIP_DROP, PL_M_PELVIC_DROP_CHANGE, LIMIT(pelvic_drop_limit_deg), ABOVE, DURING }, \
        { PL_FAULT_TRUNK_LEAN, PL_M_TRUNK_LEAN_SIDE, LIMIT(trunk_side_limit_deg), EITHER, DURING }, \
        { PL_FAULT_WOBBLE, PL_M_WOBBLE, LIMIT(wobble_limit_pct), ABOVE, DURING }, \
    }

/* AUTO finds it by pl_climbed. */
const struct pl_exercise pl_step_up = {
    .kind = PL_EXERCISE_STEP_UP, .name = "step-up", .moves = RISES, .sided = true, .fits = never, FAULTS
};

const struct pl_exercise pl_step_down = {
    .kind = PL_EXERCISE_STEP_DOWN, .name = "step-down", .sided = true, .fits = fits_down, FAULTS
};
