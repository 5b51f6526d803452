/* Is a whole cycle of the hips a repetition? Everything else that moves the hips down and up again is told apart here,
 * each by one physical reason; the numbers are in the table of limits.
 */
#include "internal.h"

#include <math.h>

/* Anybody moves a little. Once it is clear that exercises are done, or which, less depth will do, and so it will where one
 * knee bends and the other foot is off the floor: nobody curls like that. Never less than a share of what this person does
 * otherwise. */
float pl_counts_from_depth(const struct pl_limits *limits, bool known, bool one_leg, float own_range)
{
    const float first = one_leg ? limits->rep_depth_one_leg_min : limits->rep_depth_min;
    return fmaxf(known ? limits->rep_depth_least : first, limits->rep_range_min * own_range);
}

/* Sitting down on a chair and getting up again looks like a squat, but: who was seen getting up from a seat goes
 * down to that height and rests; and nobody rests at the bottom of a deep squat for long, least of all with a
 * swinging trunk. */
bool pl_counts_as_sitting(const struct motion *m, const struct posture *posture, const struct pl_exercise *exercise,
                          const struct pl_limits *limits)
{
    const bool at_seat = fabsf(m->cycle_bottom_px - m->seat_px) < limits->seat_height_max * m->leg_px;
    const bool swings = posture->trunk_swing > limits->seat_swing_min;
    const float rest_s = at_seat  ? limits->seat_rest_at_height_s
                         : swings ? limits->seat_rest_swinging_s
                                  : limits->seat_rest_s;
    return exercise == &pl_squat && posture->depth > limits->seat_depth_min && posture->rest_s > rest_s;
}

/* Bowing with nearly straight legs: the trunk goes down far, the hips hardly. */
static bool bows(const struct posture *posture, const struct pl_limits *limits)
{
    const float upright =
        cosf(limits->bow_trunk_deg * (float)(PL_PI / 180.0)); /* of the trunk's length in the picture */
    return posture->depth < limits->bow_depth_max
           && (posture->trunk_forward_deg > limits->bow_trunk_deg || posture->trunk_share < upright);
}

/* The hips sink because a leg gets shorter, not because landmarks sway. Unknown legs get the benefit of the doubt, and lunges,
 * in which the hips sink because the feet are apart. */
static bool legs_shorten(const struct posture *posture, const struct pl_exercise *exercise, const struct pl_limits *limits)
{
    if (exercise == &pl_lunge || exercise == &pl_reverse_lunge || exercise == &pl_split_lunge)
        return true;

    const float most = fmaxf(posture->shorter[PL_SIDE_LEFT], posture->shorter[PL_SIDE_RIGHT]);
    return !(most < limits->leg_shorten_min * posture->depth);
}

bool pl_counts_as_bend(const struct motion *m, const struct posture *posture, const struct pl_exercise *exercise,
                       const struct pl_limits *limits)
{
    const bool foot_stands = !(posture->foot_slip > limits->foot_slip_max); /* not walking */
    return foot_stands && legs_shorten(posture, exercise, limits) && !bows(posture, limits)
           && !pl_counts_as_sitting(m, posture, exercise, limits);
}

bool pl_counts_as_repetition(const struct motion *m, const struct posture *posture, const struct pl_exercise *exercise,
                             const struct pl_limits *limits)
{
    const double lasted_s = pl_s_from_ns(m->cycle_end_ns - m->cycle_start_ns);
    const bool in_time = lasted_s >= (double)limits->rep_min_s && lasted_s <= (double)limits->rep_max_s;
    return in_time && pl_counts_as_bend(m, posture, exercise, limits);
}
