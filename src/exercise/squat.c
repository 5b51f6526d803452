/* Squat on both legs: what is left when nothing more particular fits. Either knee may collapse; both are judged.
 * Knees past the toes are no fault here: in a squat they belong there.
 */
#include "internal.h"

static bool fits(const struct posture *p, const struct pl_limits *limits, enum pl_side *working)
{
    (void)p;
    (void)limits;
    *working = PL_SIDE_UNKNOWN;
    return true;
}

const struct pl_exercise pl_squat = {
    .kind = PL_EXERCISE_SQUAT, .name = "squat", .sided = false, .fits = fits,
    .n_faults = 5,
    .fault = {
        { PL_FAULT_KNEE_COLLAPSE, PL_M_FPPA_CORRECTED, LIMIT(fppa_limit_deg), ABOVE, DURING },
        { PL_FAULT_TRUNK_LEAN, PL_M_TRUNK_LEAN_SIDE, LIMIT(trunk_side_limit_deg), EITHER, DURING },
        { PL_FAULT_WOBBLE, PL_M_WOBBLE, LIMIT(wobble_limit_pct), ABOVE, DURING },
        { PL_FAULT_TOO_DEEP, PL_M_KNEE_FLEXION, LIMIT(squat_depth_max_deg), ABOVE, AT_END },
        { PL_FAULT_TOO_SHALLOW, PL_M_KNEE_FLEXION, LIMIT(squat_depth_min_deg), BELOW, AT_END },
    },
};
