/* Lunges: one foot well in front of the other, both on the floor, the hips between them; the front leg works. Forward,
 * reverse and split lunges are the same at the bottom: what tells them apart is the foot that stepped, or none.
 */
#include "internal.h"

#include <math.h>

/* The network's world landmarks raise a rear heel too far now and then: the picture may say that it is not, which alone takes a
 * nearer foot for a lower one.
 * src:  shares of both limits, mean, 31 streams of three networks: lunges to .9 (once 1.1), single-leg squats from 1.46 */
static bool both_on_floor(const struct posture *p, const struct pl_limits *limits)
{
    const float up_m = fmaxf(p->foot_higher_m[PL_SIDE_LEFT], p->foot_higher_m[PL_SIDE_RIGHT]) / limits->lunge_heel_max_m,
                up = fmaxf(p->foot_higher[PL_SIDE_LEFT], p->foot_higher[PL_SIDE_RIGHT]) / limits->lunge_heel_max;
    return isnan(up_m) ? up < 1.0f : up_m < 1.0f || 0.5f * (up_m + up) < 1.0f;
}

static bool is_lunge(const struct posture *p, const struct pl_limits *limits, enum pl_side *working)
{
    const bool bend = p->shorter[PL_SIDE_LEFT] > limits->lunge_bend_min && p->shorter[PL_SIDE_RIGHT] > limits->lunge_bend_min;
    const bool between = p->hips_between > limits->lunge_between_min && p->hips_between < limits->lunge_between_max;
    if (p->view == PL_VIEW_SIDE) {
        *working = p->foot_ahead[PL_SIDE_LEFT] > 0.0f ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
        return fabsf(p->foot_ahead[PL_SIDE_LEFT]) > limits->lunge_apart_min && both_on_floor(p, limits) && (bend || between);
    }
    *working = p->knee_higher[PL_SIDE_LEFT] > 0.0f ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
    const float least = fminf(p->shorter[PL_SIDE_LEFT], p->shorter[PL_SIDE_RIGHT]);
    return least > limits->lunge_bend_front_min && fabsf(p->knee_higher[PL_SIDE_LEFT]) > limits->lunge_knee_drop_min;
}

static bool stepped(const struct posture *p, const struct pl_limits *limits, float foot, float other)
{
    const bool side = p->view == PL_VIEW_SIDE;
    const float least = side ? limits->lunge_step_min : limits->lunge_step_front_min,
                most = side ? limits->lunge_other_foot_max : limits->lunge_other_foot_front_max;
    return foot > least && other < most * foot;
}

/* Who puts the knee far past the toes carries the hips past the foot, too. If that foot stepped there it is a lunge, a short
 * one also: a single-leg squat is done over the foot that stayed. */
static bool past_the_foot(const struct posture *p, const struct pl_limits *limits, enum pl_side *working)
{
    *working = p->foot_ahead[PL_SIDE_LEFT] > 0.0f ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
    return p->view == PL_VIEW_SIDE && fabsf(p->foot_ahead[PL_SIDE_LEFT]) > limits->lunge_apart_past_min
           && p->hips_between >= limits->lunge_between_max && both_on_floor(p, limits);
}

static bool fits_forward(const struct posture *p, const struct pl_limits *limits, enum pl_side *working)
{
    return (past_the_foot(p, limits, working) || is_lunge(p, limits, working))
           && stepped(p, limits, p->stepped_ahead, p->stepped_back);
}

static bool fits_reverse(const struct posture *p, const struct pl_limits *limits, enum pl_side *working)
{
    return is_lunge(p, limits, working) && stepped(p, limits, p->stepped_back, p->stepped_ahead);
}

#define FAULTS \
    .n_faults = 7, \
    .fault = { \
        { PL_FAULT_KNEE_COLLAPSE, PL_M_FPPA_CORRECTED, LIMIT(fppa_limit_deg), ABOVE, DURING }, \
        { PL_FAULT_KNEE_OVER_TOE, PL_M_KNEE_OVER_TOE, LIMIT(knee_over_toe_limit_pct), ABOVE, DURING }, \
        { PL_FAULT_TRUNK_LEAN, PL_M_TRUNK_LEAN_FORWARD, LIMIT(trunk_forward_limit_deg), ABOVE, DURING }, \
        { PL_FAULT_TRUNK_LEAN, PL_M_TRUNK_LEAN_SIDE, LIMIT(trunk_side_limit_deg), EITHER, DURING }, \
        { PL_FAULT_WOBBLE, PL_M_WOBBLE, LIMIT(wobble_limit_pct), ABOVE, DURING }, \
        { PL_FAULT_TOO_DEEP, PL_M_KNEE_FLEXION, LIMIT(lunge_depth_max_deg), ABOVE, AT_END }, \
        { PL_FAULT_TOO_SHALLOW, PL_M_KNEE_FLEXION, LIMIT(lunge_depth_min_deg), BELOW, AT_END }, \
    }

const struct pl_exercise pl_lunge = {
    .kind = PL_EXERCISE_LUNGE, .name = "lunge", .sided = true, .fits = fits_forward, FAULTS
};

const struct pl_exercise pl_reverse_lunge = {
    .kind = PL_EXERCISE_REVERSE_LUNGE, .name = "reverse-lunge", .sided = true, .fits = fits_reverse, FAULTS
};

const struct pl_exercise pl_split_lunge = {
    .kind = PL_EXERCISE_SPLIT_LUNGE, .name = "split-lunge", .sided = true, .fits = is_lunge, FAULTS
};
