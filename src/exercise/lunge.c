/* Lunge: one foot well in front of the other, both on the floor, the hips between them. Forward, reverse and split
 * lunges are the same at the bottom; the front leg works.
 */
#include "internal.h"

#include <math.h>

/* src: nine lunges of seven people and figures; single-leg squats with the free foot behind or in front */
static const float apart = 0.23f;     /* statures between the ankles: lunges .25-.44 */
static const float both_bend = 0.12f; /* each leg shorter by this: lunges from 60 degrees on */
static const float between_least = 0.25f,
                   between_most = 0.80f; /* hips: lunges .51-.85, over the standing foot 0 or 1 */
static const float off_floor_m = 0.13f,
                   off_floor = 0.09f; /* of the higher foot: lunges to .11 m (rear heel), free feet from .16 */
static const float knee_drop = 0.08f; /* front view: the rear knee below the front one; free leg .04 */

static bool both_on_floor(const struct posture *p)
{
    const float up_m = fmaxf(p->foot_higher_m[PL_SIDE_LEFT], p->foot_higher_m[PL_SIDE_RIGHT]);
    return isnan(up_m) ? fmaxf(p->foot_higher[PL_SIDE_LEFT], p->foot_higher[PL_SIDE_RIGHT]) < off_floor
                       : up_m < off_floor_m;
}

static bool fits(const struct posture *p, enum pl_side *working)
{
    const bool bend = p->shorter[PL_SIDE_LEFT] > both_bend && p->shorter[PL_SIDE_RIGHT] > both_bend;
    const bool between = p->hips_between > between_least && p->hips_between < between_most;
    if (p->view == PL_VIEW_SIDE) {
        *working = p->foot_ahead[PL_SIDE_LEFT] > 0.0f ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
        return fabsf(p->foot_ahead[PL_SIDE_LEFT]) > apart && both_on_floor(p) && (bend || between);
    }
    *working = p->knee_higher[PL_SIDE_LEFT] > 0.0f ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
    return bend && fabsf(p->knee_higher[PL_SIDE_LEFT]) > knee_drop;
}

const struct pl_exercise pl_lunge = {
    .kind = PL_EXERCISE_LUNGE, .name = "lunge", .sided = true, .fits = fits,
    .n_faults = 7,
    .fault = {
        { PL_FAULT_KNEE_COLLAPSE, PL_M_FPPA_CORRECTED, LIMIT(fppa_limit_deg), ABOVE, DURING },
        { PL_FAULT_KNEE_OVER_TOE, PL_M_KNEE_OVER_TOE, LIMIT(knee_over_toe_limit_pct), ABOVE, DURING },
        { PL_FAULT_TRUNK_LEAN, PL_M_TRUNK_LEAN_FORWARD, LIMIT(trunk_forward_limit_deg), ABOVE, DURING },
        { PL_FAULT_TRUNK_LEAN, PL_M_TRUNK_LEAN_SIDE, LIMIT(trunk_side_limit_deg), EITHER, DURING },
        { PL_FAULT_WOBBLE, PL_M_WOBBLE, LIMIT(wobble_limit_pct), ABOVE, DURING },
        { PL_FAULT_TOO_DEEP, PL_M_KNEE_FLEXION, LIMIT(lunge_depth_max_deg), ABOVE, AT_END },
        { PL_FAULT_TOO_SHALLOW, PL_M_KNEE_FLEXION, LIMIT(lunge_depth_min_deg), BELOW, AT_END },
    },
};
