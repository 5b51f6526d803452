/* Lunge: one foot well in front of the other, both knees bend, the rear one sinks towards the floor. Forward, reverse and split
 * lunges are the same at the bottom; the front leg works.
 */
#include "internal.h"

#include <math.h>

static const float apart = 0.25f;      /* statures between the ankles; lunges .36-.50, a free foot held back up to .24 */
static const float both_bend = 0.12f;  /* each leg shorter by this */
static const float knee_drop = 0.08f;  /* the rear knee below the front one; free leg of a single-leg squat .04 */

static bool fits(const struct posture *p, enum pl_side *working)
{
    const bool bend = p->shorter[PL_SIDE_LEFT] > both_bend && p->shorter[PL_SIDE_RIGHT] > both_bend;
    if (p->view == PL_VIEW_SIDE) {
        *working = p->foot_ahead[PL_SIDE_LEFT] > 0.0f ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
        return bend && fabsf(p->foot_ahead[PL_SIDE_LEFT]) > apart;
    }
    *working = p->knee_higher[PL_SIDE_LEFT] > 0.0f ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
    return bend && fabsf(p->knee_higher[PL_SIDE_LEFT]) > knee_drop;
}

const struct pl_exercise pl_lunge = {
    .kind = PL_EXERCISE_LUNGE, .name = "lunge", .sided = true, .fits = fits,
    .n_faults = 7,
    .fault = {
        { PL_FAULT_KNEE_COLLAPSE, PL_M_FPPA, LIMIT(fppa_limit_deg), ABOVE, DURING },
        { PL_FAULT_KNEE_OVER_TOE, PL_M_KNEE_OVER_TOE, LIMIT(knee_over_toe_limit_pct), ABOVE, DURING },
        { PL_FAULT_TRUNK_LEAN, PL_M_TRUNK_LEAN_FORWARD, LIMIT(trunk_forward_limit_deg), ABOVE, DURING },
        { PL_FAULT_TRUNK_LEAN, PL_M_TRUNK_LEAN_SIDE, LIMIT(trunk_side_limit_deg), EITHER, DURING },
        { PL_FAULT_WOBBLE, PL_M_WOBBLE, LIMIT(wobble_limit_pct), ABOVE, DURING },
        { PL_FAULT_TOO_DEEP, PL_M_KNEE_FLEXION, LIMIT(lunge_depth_max_deg), ABOVE, AT_END },
        { PL_FAULT_TOO_SHALLOW, PL_M_KNEE_FLEXION, LIMIT(lunge_depth_min_deg), BELOW, AT_END },
    },
};
