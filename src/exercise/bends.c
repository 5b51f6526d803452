/* What the knee did at set bends on the way down: collapse grows with depth, so that repetitions and days can be compared
 * only at the same one (Uhlár 2021; measures.md 4.1).
 *
 * how:  where the bend passes 30, 45 and 60 degrees for the last time before the bottom, the mean of the frames round it
 */
#include "internal.h"

#include <math.h>

static const double half_window_s = 0.1;

/* Of the frames between two times; NAN and its band where none is known. */
static struct pl_value mean_between(const struct recording *r, enum pl_side side, int64_t from_ns, int64_t to_ns)
{
    double value = 0.0, err = 0.0;
    int n = 0;
    for (int i = pl_recording_find(r, from_ns); i < r->n && pl_recording_at(r, i)->t_ns <= to_ns; i++) {
        const struct pl_value v = pl_recording_at(r, i)->v[side][PL_M_FPPA_CORRECTED];
        if (isnan(v.value))
            continue;
        value += (double)v.value;
        err += (double)v.err;
        n++;
    }
    return n ? (struct pl_value){ (float)(value / n), (float)(err / n) } : (struct pl_value){ NAN, NAN };
}

/* When the bend was below and then, at the bottom, beyond; 0 where it never got there. */
static int64_t passed_ns(const struct recording *r, enum pl_side side, const struct pl_rep *rep, float bend_deg)
{
    bool beyond = false;
    for (int i = pl_recording_find(r, rep->bottom_ns); i >= 0; i--) {
        const struct record *f = i < r->n ? pl_recording_at(r, i) : NULL;
        const float bend = f ? f->v[side][PL_M_KNEE_FLEXION].value : NAN;
        if (f && f->t_ns < rep->start_ns)
            return 0;
        if (beyond && bend < bend_deg)
            return f->t_ns;
        beyond = beyond || bend >= bend_deg;
    }
    return 0;
}

void pl_recording_at_bends(const struct recording *r, enum pl_side side, struct pl_rep *rep)
{
    static const float bends_deg[PL_N_BENDS] = PL_BENDS_DEG;
    for (int i = 0; i < PL_N_BENDS; i++) {
        const int64_t t_ns = passed_ns(r, side, rep, bends_deg[i]), half_ns = pl_ns_from_s(half_window_s);
        const struct pl_value v = t_ns ? mean_between(r, side, t_ns - half_ns, t_ns + half_ns) : (struct pl_value){ NAN, NAN };
        if (isnan(rep->fppa_at_bend[i].value) || v.value > rep->fppa_at_bend[i].value)
            rep->fppa_at_bend[i] = v;
    }
}
