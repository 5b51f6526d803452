/* How wide the bands must be: what is left between estimate and truth at the bottoms of the repetitions, by what it may
 * depend on. This is what the bands' constants in src/measures are fitted on.
 *
 * read: of each group the median and the 95 % quantile of |estimate - truth|, the stated band, and the quantile as a share
 *       of the band ("need": 1 is just right, 1.3 a third too narrow). A dependence that the model lacks shows as groups
 *       with different needs.
 * why:  repetitions of one clip err alike; so every clip weighs the same, and what is promised for a stranger is told by
 *       leaving each clip out: bands times the need of all others, and how many of its truths lie inside then
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accuracy.h"

enum { MAX_POINTS = 4096 };

struct weighed { double value, weight; };

struct left {
    struct point p;
    int clip;
    double weight; /* 1 / bottoms of its clip in this row */
};

static int by_value(const void *a, const void *b)
{
    const double x = ((const struct weighed *)a)->value, y = ((const struct weighed *)b)->value;
    return (x > y) - (x < y);
}

/* Smallest value with at least this share of the weight at or below it; NAN of none. */
static double quantile(struct weighed *w, int n, double share)
{
    double sum = 0, so_far = 0;
    qsort(w, (size_t)n, sizeof w[0], by_value);
    for (int i = 0; i < n; i++)
        sum += w[i].weight;
    for (int i = 0; i < n; i++) {
        so_far += w[i].weight;
        if (so_far >= share * sum - 1e-9)
            return w[i].value;
    }
    return NAN;
}

struct group { const char *name; double (*of)(const struct point *); double from, to; };

static double bend(const struct point *p) { return p->flexion_deg; }
static double px(const struct point *p) { return p->body_px; }
static double front(const struct point *p) { return fmin(fabs(p->yaw_deg), fabs(180 - fabs(p->yaw_deg))); }
static double truth(const struct point *p) { return p->truth; }
static double any(const struct point *p) { return p->truth - p->truth; }

static const struct group groups[] = {
    { "all", any, -1, 1 },
    { "bend below 50", bend, -1, 50 }, { "bend 50-75", bend, 50, 75 }, { "bend above 75", bend, 75, 181 },
    { "body below 260 px", px, 0, 260 }, { "body 260-310 px", px, 260, 310 }, { "body above 310 px", px, 310, 1e9 },
    { "camera within 3 deg of ahead", front, -1, 3 }, { "camera 3-10 deg", front, 3, 10 }, { "camera 10-60 deg", front, 10, 60 },
    { "camera 60-80 deg", front, 60, 80 }, { "camera 80-90 deg", front, 80, 91 },
    { "truth below -10", truth, -1e9, -10 }, { "truth -10 to 10", truth, -10, 10 }, { "truth above 10", truth, 10, 1e9 },
};

static bool belongs(const struct group *g, const struct left *l)
{
    const double x = g->of(&l->p);
    return x >= g->from && x < g->to;
}

static double need_of(const struct left *l, int n, const struct group *g, int without, double share, bool of_band)
{
    struct weighed w[MAX_POINTS];
    int k = 0;
    for (int i = 0; i < n; i++) {
        const double off = fabs(l[i].p.estimate - l[i].p.truth);
        if (belongs(g, &l[i]) && l[i].clip != without)
            w[k++] = (struct weighed){ of_band ? off / l[i].p.err : off, l[i].weight };
    }
    return quantile(w, k, share);
}

static void say_group(const struct left *l, int n, const struct group *g)
{
    double band = 0, weight = 0, inside = 0;
    int k = 0, clips = 0;
    for (int i = 0; i < n; i++) {
        if (!belongs(g, &l[i]))
            continue;
        clips += !k || l[i].clip != l[i - 1].clip;
        k++;
        band += l[i].weight * l[i].p.err;
        inside += fabs(l[i].p.estimate - l[i].p.truth) <= l[i].p.err;
        weight += l[i].weight;
    }
    if (k && (k < n || g == groups))
        printf("  %-30s %4d %5d %7.1f %7.1f %7.1f %6.0f %6.2f\n", g->name, k, clips, need_of(l, n, g, -1, 0.5, false),
               need_of(l, n, g, -1, 0.95, false), band / weight, 100 * inside / k, need_of(l, n, g, -1, 0.95, true));
}

static void say_strangers(const struct left *l, int n)
{
    int inside = 0, clips = 0;
    for (int i = 0; i < n; i++) {
        const double need = need_of(l, n, groups, l[i].clip, 0.95, true);
        clips += !i || l[i].clip != l[i - 1].clip;
        inside += fabs(l[i].p.estimate - l[i].p.truth) <= need * l[i].p.err;
    }
    if (clips > 1)
        printf("  each clip left out, bands times the need of the others: %.0f %% inside\n", 100.0 * inside / n);
}

static int gather(struct left *out, const struct clip *clip, int n_clips, int row)
{
    int n = 0;
    for (int c = 0; c < n_clips; c++) {
        const int first = n;
        for (int i = 0; i < clip[c].bottom[row].n && n < MAX_POINTS; i++) {
            const struct point *p = &clip[c].bottom[row].p[i];
            if (isfinite(p->estimate) && isfinite(p->truth) && p->err > 0)
                out[n++] = (struct left){ *p, c, 0 };
        }
        for (int i = first; i < n; i++)
            out[i].weight = 1.0 / (n - first);
    }
    return n;
}

void bands_say(const struct clip *clip, int n_clips)
{
    static struct left left[MAX_POINTS];
    printf("%-32s %4s %5s %7s %7s %7s %6s %6s\n", "errors at the bottom", "n", "clips", "median", "95 %", "band", "in%", "need");
    for (int row = 0; row < N_ROWS; row++) {
        const int n = gather(left, clip, n_clips, row);
        if (!n)
            continue;
        printf("%s, %s\n", row_info[row].name, row_info[row].unit);
        for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++)
            say_group(left, n, &groups[g]);
        say_strangers(left, n);
    }
}
