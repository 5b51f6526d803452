/* Lunges: one foot well in front of the other, both on the floor, the hips between them; the front leg works. Forward,
 * reverse and split lunges are the same at the bottom: what tells them apart is the foot that stepped, or none.
 */
#include "internal.h"

#include <math.h>

/* src: nine lunges of seven people and figures; single-leg squats with the free foot behind or in front */
static const float apart = 0.23f;     /* statures between the ankles: lunges .25-.44 */
static const float both_bend = 0.12f; /* each leg shorter by this: lunges from 60 degrees on */
static const float both_bend_front = 0.07f; /* seen from the front: the front foot comes nearer and looks longer */
static const float between_least = 0.25f,
                   between_most = 0.86f; /* hips: lunges .51-.85, over the standing foot 0 or 1 */
static const float off_floor_m = 0.13f,
                   off_floor = 0.09f; /* of the higher foot: lunges to .11 m (rear heel), free feet from .16 */
static const float knee_drop = 0.08f; /* front view: the rear knee below the front one; free leg .04 */

static bool both_on_floor(const struct posture *p)
{
    const float up_m = fmaxf(p->foot_higher_m[PL_SIDE_LEFT], p->foot_higher_m[PL_SIDE_RIGHT]);
    return isnan(up_m) ? fmaxf(p->foot_higher[PL_SIDE_LEFT], p->foot_higher[PL_SIDE_RIGHT]) < off_floor
                       : up_m < off_floor_m;
}

static const float steps = 0.10f;      /* statures from where the feet were: steps .13-.45 */
static const float other_way = 0.3f;   /* of the step: forward lunges -.2-.0; split ones, whose feet the network blends, .5-1 */

static bool is_lunge(const struct posture *p, enum pl_side *working)
{
    const bool bend = p->shorter[PL_SIDE_LEFT] > both_bend && p->shorter[PL_SIDE_RIGHT] > both_bend;
    const bool between = p->hips_between > between_least && p->hips_between < between_most;
    if (p->view == PL_VIEW_SIDE) {
        *working = p->foot_ahead[PL_SIDE_LEFT] > 0.0f ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
        return fabsf(p->foot_ahead[PL_SIDE_LEFT]) > apart && both_on_floor(p) && (bend || between);
    }
    *working = p->knee_higher[PL_SIDE_LEFT] > 0.0f ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
    const float least = fminf(p->shorter[PL_SIDE_LEFT], p->shorter[PL_SIDE_RIGHT]);
    return least > both_bend_front && fabsf(p->knee_higher[PL_SIDE_LEFT]) > knee_drop;
}

static const float steps_front = 0.08f, other_foot = 0.75f; /* from the front: a rising heel is .07, steps .10-.18 */

static bool stepped(const struct posture *p, float foot, float other)
{
    return p->view == PL_VIEW_SIDE ? foot > steps && other < other_way * foot : foot > steps_front && other < other_foot * foot;
}

static bool fits_forward(const struct posture *p, enum pl_side *working)
{
    return is_lunge(p, working) && stepped(p, p->stepped_ahead, p->stepped_back);
}

static bool fits_reverse(const struct posture *p, enum pl_side *working)
{
    return is_lunge(p, working) && stepped(p, p->stepped_back, p->stepped_ahead);
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
