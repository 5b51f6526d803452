/* The single-leg mini squat with a reach: heel to the front, toe to the back, two bends and one repetition. Who holds
 * the foot on one side all the time never does that.
 */
#include "internal.h"

#include <math.h>

bool pl_reach_overdue(const struct reach *reach, int64_t t_ns, const struct pl_limits *limits)
{
    return reach->front && t_ns - reach->end_ns > pl_ns_from_s((double)limits->reach_pause_s);
}

enum reached pl_reach_step(struct reach *reach, const struct motion *m, float ahead_m, enum pl_side side,
                           const struct pl_limits *limits)
{
    if (ahead_m > limits->reach_min_m) {
        *reach = (struct reach){ true, side, m->cycle_start_ns, m->cycle_bottom_ns, m->cycle_end_ns };
        return REACHED_FRONT;
    }
    if (!(ahead_m < -limits->reach_min_m))
        return REACHED_NOWHERE;
    const bool both =
        reach->front && reach->side == side && m->cycle_start_ns - reach->end_ns < pl_ns_from_s((double)limits->reach_pause_s);
    reach->front = false;
    return both ? REACHED_BOTH : REACHED_BACK_ONLY;
}
