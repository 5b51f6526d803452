/* Single-leg squat, plain or with a reach: one foot stands still and its leg gets shorter; the other foot moves, or is
 * off the floor. No single sign is sure in every view (a foot held forwards is even lower in
 * the picture), so they are added.
 */
#include "internal.h"

#include <math.h>

/* How much of each sign is one vote; one vote in sum decides. Statures, and shares of the leg's length.
 * src:  squats to .04 .04 .16, single-leg squats and step-downs .01-.24 .00-.30 and a foot .13-.31 m up, in sixteen
 *       recordings */
static const float vote_moved = 0.05f, vote_shorter = 0.20f, vote_lifted = 0.05f;
static const float votes_first = 1.0f, votes_again = 0.5f; /* after another single-leg squat less will do */
static const float moved_max = 0.06f;
static const float alike = 0.4f; /* of the leg that shortens more: squats .0-.33, single-leg squats from .5 */
static const float lift_noise = 0.045f; /* feet side by side, seen obliquely, differ by this in the picture */
static const float vote_lifted_m = 0.05f, lift_noise_m = 0.10f, lift_most = 2.0f; /* a step-down's foot stands higher */

/* Votes that this foot is off the floor: by world landmarks, which know no perspective, else by the picture. */
static float lift(const struct posture *p, int side)
{
    const float up_m = p->foot_higher_m[side];
    const float votes =
        isnan(up_m) ? (p->foot_higher[side] - lift_noise) / vote_lifted : (up_m - lift_noise_m) / vote_lifted_m;
    return fminf(lift_most, fmaxf(0.0f, votes));
}

static float difference(const float value[PL_N_SIDES])
{
    const float d = value[PL_SIDE_LEFT] - value[PL_SIDE_RIGHT];
    return isnan(d) ? 0.0f : d;
}

/* Both feet stay and both legs shorten alike while the hips sink far: weight is on both. A held-up foot would have
 * sunk too. */
static bool on_both_legs(const struct posture *p)
{
    return p->depth > 0.25f && p->foot_moved[PL_SIDE_LEFT] < moved_max && p->foot_moved[PL_SIDE_RIGHT] < moved_max
           && fabsf(difference(p->shorter)) < alike * fmaxf(p->shorter[PL_SIDE_LEFT], p->shorter[PL_SIDE_RIGHT]);
}

static const float planted_most = 0.55f; /* share of the cycle: whose foot it is that stays */

float pl_single_leg_votes(const struct posture *p)
{
    return difference(p->shorter) / vote_shorter - difference(p->foot_moved) / vote_moved;
}

/* pose keeps the order of the legs by continuity; if the network had them the other way round for most of the cycle, it is
 * pose's order that began wrong. */
enum pl_side pl_single_leg_named(const struct posture *p, enum pl_side leg)
{
    return p->against_network ? pl_side_other(leg) : leg;
}

bool pl_single_leg_planted(const struct posture *p, enum pl_side *working)
{
    if (!p->planted_clear || fmaxf(p->planted[PL_SIDE_LEFT], p->planted[PL_SIDE_RIGHT]) < planted_most)
        return false;
    *working = p->planted[PL_SIDE_LEFT] > 0.5f ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
    return true;
}

/* Seen from the front, a foot can hide behind the other calf, and the network then draws it where the other one stands. Who
 * stands on both feet shows both, with the body between them; over one foot the body is only when that one bears it.
 * src:  front view, statures from the foot to mid-hip and mid-shoulder: 20 single-leg squats .000-.049, 12 squats .074-.126 */
static const float under_body = 0.06f, seen_well = 0.95f, hidden_often = 0.8f;

static bool other_foot_hides(const struct posture *p, enum pl_side *working)
{
    for (int side = 0; p->view == PL_VIEW_FRONT && side < PL_N_SIDES; side++) {
        if (p->seen[side] >= seen_well && p->seen[1 - side] < hidden_often && p->beside[side] < under_body) {
            *working = pl_single_leg_named(p, (enum pl_side)side);
            return true;
        }
    }
    return false;
}

bool pl_single_leg_fits(const struct posture *p, enum pl_side *working)
{
    const float lifts = lift(p, PL_SIDE_LEFT) - lift(p, PL_SIDE_RIGHT);
    const float votes_left = pl_single_leg_votes(p) - lifts;
    const bool again = p->before == PL_EXERCISE_SINGLE_LEG_SQUAT || p->before == PL_EXERCISE_STEP_DOWN;
    *working = pl_single_leg_named(p, votes_left > 0.0f ? PL_SIDE_LEFT : PL_SIDE_RIGHT);
    if (on_both_legs(p))
        return false;
    if (other_foot_hides(p, working))
        return true;
    if (!pl_single_leg_planted(p, working) && again && fabsf(votes_left) < votes_again)
        *working = p->side_before; /* unclear: most likely the same once more */
    if (p->planted_clear && isnan(p->shorter[PL_SIDE_LEFT] - p->shorter[PL_SIDE_RIGHT]))
        return true; /* one leg is hidden, but a foot stays and another moves */
    return again || fabsf(votes_left) > votes_first;
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
