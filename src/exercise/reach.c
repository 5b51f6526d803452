/* The single-leg mini squat with a reach: heel to the front, toe to the back, two bends and one repetition. Who holds
 * the foot on one side all the time never does that.
 */
#include "internal.h"

#include <math.h>

static const float reach_least_m = 0.08f; /* src: own choice; free feet that only hang are within .05 of the other */
static const double pause_s = 4.0;        /* between the bends */

bool pl_reach_overdue(const struct reach *reach, int64_t t_ns)
{
    return reach->front && t_ns - reach->end_ns > pl_ns_from_s(pause_s);
}

enum reached pl_reach_step(struct reach *reach, const struct motion *m, float ahead_m, enum pl_side side)
{
    if (ahead_m > reach_least_m) {
        *reach = (struct reach){ true, side, m->cycle_start_ns, m->cycle_bottom_ns, m->cycle_end_ns };
        return REACHED_FRONT;
    }
    if (!(ahead_m < -reach_least_m))
        return REACHED_NOWHERE;
    const bool both =
        reach->front && reach->side == side && m->cycle_start_ns - reach->end_ns < pl_ns_from_s(pause_s);
    reach->front = false;
    return both ? REACHED_BOTH : REACHED_BACK_ONLY;
}
