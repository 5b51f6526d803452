/* Single-leg squat, plain or with a reach: one foot stands still and its leg gets shorter; the other foot moves, or is
 * off the floor. No single sign is sure in every view (a foot held forwards is even lower in
 * the picture), so they are added.
 */
#include "internal.h"

#include <math.h>

/* Votes that this foot is off the floor: by world landmarks, which know no perspective, else by the picture. The picture is
 * sure where it shows more than a foot further back, or on the far side, could. */
static float lift(const struct posture *p, const struct pl_limits *limits, int side)
{
    const float up_m = p->foot_higher_m[side], up = p->foot_higher[side];
    float votes = isnan(up_m) ? (up - limits->lift_unsure_max) / limits->vote_lifted
                              : (up_m - limits->lift_unsure_max_m) / limits->vote_lifted_m;
    if (p->view == PL_VIEW_FRONT)
        votes = fmaxf(votes, (up - limits->lift_unsure_front_max) / limits->vote_lifted_front); /* of a NAN: votes */
    else if (p->view == PL_VIEW_SIDE || p->view == PL_VIEW_OBLIQUE)
        votes = fmaxf(votes, (up - limits->lift_unsure_side_max) / limits->vote_lifted_side);
    return fminf(limits->vote_lifted_most, fmaxf(0.0f, votes));
}

static float difference(const float value[PL_N_SIDES])
{
    const float d = value[PL_SIDE_LEFT] - value[PL_SIDE_RIGHT];
    return isnan(d) ? 0.0f : d;
}

/* Both feet stay and both legs shorten alike while the hips sink far: weight is on both. A held-up foot would have
 * sunk too. */
static bool on_both_legs(const struct posture *p, const struct pl_limits *limits)
{
    const float moved = fmaxf(p->foot_moved[PL_SIDE_LEFT], p->foot_moved[PL_SIDE_RIGHT]);
    const bool stay = moved < limits->both_legs_moved_max && !isnan(p->foot_moved[PL_SIDE_LEFT] - p->foot_moved[PL_SIDE_RIGHT]);
    return p->depth > limits->both_legs_depth_min && stay
           && fabsf(difference(p->shorter))
                  < limits->both_legs_alike_max * fmaxf(p->shorter[PL_SIDE_LEFT], p->shorter[PL_SIDE_RIGHT]);
}

float pl_single_leg_votes(const struct posture *p, const struct pl_limits *limits)
{
    return difference(p->shorter) / limits->vote_shorter - difference(p->foot_moved) / limits->vote_moved;
}

/* pose keeps the order of the legs by continuity; if the network had them the other way round for most of the cycle, it is
 * pose's order that began wrong. */
enum pl_side pl_single_leg_named(const struct posture *p, enum pl_side leg)
{
    return p->against_network ? pl_side_other(leg) : leg;
}

bool pl_single_leg_planted(const struct posture *p, const struct pl_limits *limits, enum pl_side *working)
{
    if (!p->planted_clear || fmaxf(p->planted[PL_SIDE_LEFT], p->planted[PL_SIDE_RIGHT]) < limits->planted_share_min)
        return false;
    *working = p->planted[PL_SIDE_LEFT] > 0.5f ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
    return true;
}

/* Seen from the front, a foot can hide behind the other calf, and the network then draws it where the other one stands. Who
 * stands on both feet shows both, with the body between them; over one foot the body is only when that one bears it.
 * src:  front view, statures from the foot to mid-hip and mid-shoulder: 20 single-leg squats .000-.049, 12 squats .074-.126 */
static const float seen_well = 0.90f, hidden_often = 0.8f; /* of the frames */

static bool other_foot_hides(const struct posture *p, const struct pl_limits *limits, enum pl_side *working)
{
    for (int side = 0; p->view == PL_VIEW_FRONT && side < PL_N_SIDES; side++) {
        if (p->seen[side] >= seen_well && p->seen[1 - side] < hidden_often && p->beside[side] < limits->under_body_max) {
            *working = pl_single_leg_named(p, (enum pl_side)side);
            return true;
        }
    }
    return false;
}

bool pl_single_leg_fits(const struct posture *p, const struct pl_limits *limits, enum pl_side *working)
{
    const float lifts = lift(p, limits, PL_SIDE_LEFT) - lift(p, limits, PL_SIDE_RIGHT);
    const float votes_left = pl_single_leg_votes(p, limits) - lifts;
    const bool again = p->before == PL_EXERCISE_SINGLE_LEG_SQUAT || p->before == PL_EXERCISE_STEP_DOWN;
    *working = pl_single_leg_named(p, votes_left > 0.0f ? PL_SIDE_LEFT : PL_SIDE_RIGHT);
    if (fabsf(lifts) < limits->votes_min && on_both_legs(p, limits))
        return false;
    if (other_foot_hides(p, limits, working))
        return true;
    if (!pl_single_leg_planted(p, limits, working) && again && fabsf(votes_left) < limits->votes_again_min)
        *working = p->side_before; /* unclear: most likely the same once more */
    if (p->planted_clear && isnan(p->shorter[PL_SIDE_LEFT] - p->shorter[PL_SIDE_RIGHT]))
        return true; /* one leg is hidden, but a foot stays and another moves */
    return again || fabsf(votes_left) > limits->votes_min;
}

#define FAULTS \
    .n_faults = 6, \
    .fault = { \
        { PL_FAULT_KNEE_COLLAPSE, PL_M_FPPA_CORRECTED, LIMIT(fppa_limit_deg), ABOVE, DURING }, \
        { PL_FAULT_HIP_DROP, PL_M_PELVIC_DROP_CHANGE, LIMIT(pelvic_drop_limit_deg), ABOVE, DURING }, \
        { PL_FAULT_TRUNK_LEAN, PL_M_TRUNK_LEAN_SIDE, LIMIT(trunk_side_limit_deg), EITHER, DURING }, \
        { PL_FAULT_WOBBLE, PL_M_WOBBLE, LIMIT(wobble_limit_pct), ABOVE, DURING }, \
        { PL_FAULT_TOO_DEEP, PL_M_KNEE_FLEXION, LIMIT(single_leg_squat_depth_max_deg), ABOVE, AT_END }, \
        { PL_FAULT_TOO_SHALLOW, PL_M_KNEE_FLEXION, LIMIT(single_leg_squat_depth_min_deg), BELOW, AT_END }, \
    }

const struct pl_exercise pl_single_leg_squat = {
    .kind = PL_EXERCISE_SINGLE_LEG_SQUAT, .name = "single-leg-squat", .sided = true, .fits = pl_single_leg_fits, FAULTS
};

/* Only with both touches is it one: see reach.c. */
const struct pl_exercise pl_mini_squat_reach = {
    .kind = PL_EXERCISE_MINI_SQUAT_REACH, .name = "mini-squat-reach", .by_name = true, .sided = true,
    .fits = pl_single_leg_fits, FAULTS
};
