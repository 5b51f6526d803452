/* Standing on one leg, told by name: in every single-leg exercise people do that for a while. A repetition is a hold;
 * hold.c finds it.
 */
#include "internal.h"

static bool fits(const struct posture *p, const struct pl_limits *limits, enum pl_side *working)
{
    (void)p;
    (void)limits;
    (void)working;
    return false;
}

const struct pl_exercise pl_stance = {
    .kind = PL_EXERCISE_STANCE, .name = "single-leg-stance", .moves = HOLDS, .by_name = true, .sided = true, .fits = fits,
    .n_faults = 4,
    .fault = {
        { PL_FAULT_KNEE_COLLAPSE, PL_M_FPPA_CORRECTED, LIMIT(fppa_limit_deg), ABOVE, DURING },
        { PL_FAULT_HIP_DROP, PL_M_PELVIC_DROP_CHANGE, LIMIT(pelvic_drop_limit_deg), ABOVE, DURING },
        { PL_FAULT_TRUNK_LEAN, PL_M_TRUNK_LEAN_SIDE, LIMIT(trunk_side_limit_deg), EITHER, DURING },
        { PL_FAULT_WOBBLE, PL_M_WOBBLE, LIMIT(wobble_limit_pct), ABOVE, DURING },
    },
};
