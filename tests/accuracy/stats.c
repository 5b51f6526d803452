/* Points of estimate and truth, and what they amount to. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "accuracy.h"

void points_add(struct points *to, struct point p)
{
    if (!isfinite(p.estimate) || !isfinite(p.truth))
        return;
    if (to->n == to->room) {
        to->room = to->room ? 2 * to->room : 64;
        to->p = realloc(to->p, (size_t)to->room * sizeof *to->p);
        if (!to->p) {
            fprintf(stderr, "accuracy: out of memory\n");
            exit(2);
        }
    }
    to->p[to->n++] = p;
}

struct stats stats_of(const struct points *p)
{
    static const double least_variance = 2.0 * 2.0; /* degrees, percent: below, the slope is the noise's */
    struct stats s = { .n = p->n, .bias = NAN, .spread = NAN, .gain = NAN, .mae = NAN, .band = NAN, .inside = NAN };
    double e = 0, ee = 0, t = 0, tt = 0, te = 0, a = 0, band = 0;
    int in = 0;
    if (!p->n)
        return s;
    for (int i = 0; i < p->n; i++) {
        const double error = p->p[i].estimate - p->p[i].truth;
        e += error / p->n;
        t += p->p[i].truth / p->n;
        a += fabs(error) / p->n;
        band += p->p[i].err / p->n;
        in += fabs(error) <= p->p[i].err;
    }
    for (int i = 0; i < p->n; i++) {
        const double error = p->p[i].estimate - p->p[i].truth - e, truth = p->p[i].truth - t;
        ee += error * error / p->n;
        tt += truth * truth / p->n;
        te += truth * error / p->n;
    }
    s.bias = e;
    s.spread = sqrt(ee);
    s.gain = tt > least_variance ? 1.0 + te / tt : NAN;
    s.mae = a;
    s.band = band;
    s.inside = (double)in / p->n;
    return s;
}
