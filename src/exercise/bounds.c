/* When did a repetition begin and end? Between standing and bottom the body moves so gently at first that noise hides it; so
 * the shape of the whole way is laid over what was seen, of any length and at any time, and where it fits best it begins.
 *
 * in:   the recording's grid of one repetition: filtered without lag, even steps of time whatever the frame rate
 * how:  hips and shoulders go down together, each in its own measure: both have to fit the same times, and each counts as
 *       much as its own noise lets it (maximum likelihood with unknown noise: the sum of the logarithms of what is left).
 *       The network sees shoulders two to four times more quietly than hips, of which the head's are quieter than the
 *       landmarks. But shoulders go forwards as well, and who comes
 *       nearer to the camera does not look as low as he is: some of a plain way may be added to theirs. In a quick repetition
 *       that is a few hundredths of a second, less than it costs to find out; in a slow one it is most of the error.
 * src:  minimum jerk: Flash & Hogan 1985; clips with exact truth: see README
 */
#include "internal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* How a movement of the body looks that has been done up to the share u of its time. */
static float jerkless(float u)
{
    const float x = fminf(1.0f, fmaxf(0.0f, u));
    return x * x * x * (10.0f - 15.0f * x + 6.0f * x * x);
}

enum { WAYS = 2 };
static const float stands_deg = 8.0f;              /* bend of a standing knee, where hips do not yet sink */
static const float least_deg = 30.0f, most_deg = 120.0f;
static const float floor_share = 0.001f;           /* statures: no point is seen more quietly */
static const double standing_s = 0.33, bottom_s = 0.1; /* that the shape must fit before and after the way */
static const double late_s = 0.25, shortest_s = 0.5; /* half of the way is done within this of the shape's half */
static const double longest_bend_s = 5.0, longest_step_s = 2.5; /* feet and steps are quicker than bends */
static const float usual_way_s = 1.35f, stiff_usual = 1.5f, stiff_power = 4.0f; /* see give_stiffness */
static const double longer = 1.065;               /* each length that is tried than the one before */
static const double independent = 20.0;            /* of the steps that are fitted: what is left at 6 Hz of a second and a half */
static const float known_least = 0.9f;             /* of the hips' steps: in so many the shoulders must be seen, too */

/* What is moved over, and how. */
enum { SHAPE_STEPS = 128 };
struct ways {
    const float *x[WAYS]; /* values on the grid */
    int n;
    double longest_s;
    float shape[SHAPE_STEPS + 1]; /* part of the way that is done, over the share of the time */
    float half;                   /* share of the time in which half of it is done */
    float stiff;                  /* how little the second one may depart from the shape; as many steps would say so */
};

/* Of points that themselves move without jerk (bend_deg 0), or of hips over a knee that bends without jerk up to bend_deg. */
static void give_shape(struct ways *w, float bend_deg)
{
    const float half_rad = (float)(PL_PI / 360.0), least = 1.0f - cosf(stands_deg * half_rad),
                most = 1.0f - cosf(bend_deg * half_rad) - least;
    w->half = 0.0f;
    for (int i = 0; i <= SHAPE_STEPS; i++) {
        const float u = (float)i / SHAPE_STEPS, part = jerkless(u), bend = stands_deg + (bend_deg - stands_deg) * part;
        w->shape[i] = bend_deg > 0.0f ? (1.0f - cosf(bend * half_rad) - least) / most : part;
        w->half += w->shape[i] < 0.5f ? 1.0f / SHAPE_STEPS : 0.0f;
    }
}

static float shape_at(const struct ways *w, float u)
{
    const float at = fminf(1.0f, fmaxf(0.0f, u)) * SHAPE_STEPS;
    const int i = at < SHAPE_STEPS ? (int)at : SHAPE_STEPS - 1;
    return w->shape[i] + (at - (float)i) * (w->shape[i + 1] - w->shape[i]);
}

/* What leaning does to the time grows with the way, what noise does hardly: so the longer it is, the less stiff.
 * src:  rendered repetitions of 2.7 s: ends stay as good; stick people of 6.3 s, from the front: .3 s become .1 */
static void give_stiffness(struct ways *w, float way_s) { w->stiff = stiff_usual * powf(usual_way_s / way_s, stiff_power); }

/* The mean squared distance of way `which` from the shape that begins at `start` and takes `length`, both in grid steps, at
 * its best height and size; of the second one, with its best part of a plain way besides. */
static float distance_of(const struct ways *w, int which, int n, float start, float length, int step)
{
    const int before = (int)(standing_s * GRID_HZ), after = (int)(bottom_s * GRID_HZ), first = (int)lrintf(start);
    const float *x = w->x[which];
    double sx = 0, sy = 0, sz = 0, sxx = 0, sxy = 0, syy = 0, szz = 0, sxz = 0, syz = 0;
    int known = 0;
    for (int i = -before; i <= (int)length + after; i++) {
        const int at = first + step * i;
        if (at < 0 || at >= n || isnan(x[at]))
            continue;
        const float u = (float)step * ((float)at - start) / length;
        const double s = (double)shape_at(w, u), z = (double)jerkless(u), y = (double)x[at];
        sx += s, sy += y, sz += z, sxx += s * s, sxy += s * y, syy += y * y, szz += z * z, sxz += s * z, syz += y * z;
        known++;
    }
    const double vx = sxx - sx * sx / known, vxy = sxy - sx * sy / known, vy = syy - sy * sy / known;
    if (known < GRID_HZ / 3 || vx <= 0.0)
        return INFINITY;
    double left = vy - vxy * vxy / vx;
    if (which > 0) { /* what is left of z beside the shape, and of y: a ridge regression */
        const double vxz = sxz - sx * sz / known, vz = szz - sz * sz / known - vxz * vxz / vx,
                     vyz = syz - sy * sz / known - vxy * vxz / vx;
        left -= vyz * vyz / (vz + (double)w->stiff);
    }
    return (float)(fmax(0.0, left) / known);
}

static float cost_of(const struct ways *w, int n, float start, float length, int step)
{
    float cost = 0.0f;
    if (start < 3.0f || start > (float)(n - 4))
        return INFINITY; /* there was nothing of standing to see */
    for (int i = 0; i < w->n; i++)
        cost += logf(distance_of(w, i, n, start, length, step) + floor_share * floor_share);
    return cost;
}

/* Where half of the way to the deepest was done, from the side of step. */
static int halfway(const float *x, int n, int deepest, int step)
{
    float least = x[deepest];
    int half = deepest;
    for (int i = deepest; i >= 0 && i < n && !isnan(x[i]); i -= step)
        least = fminf(least, x[i]);
    while (half - step >= 0 && half - step < n && x[half] > 0.5f * (x[deepest] + least))
        half -= step;
    return half;
}

/* Begin of the way to the deepest of x, and how long that takes: of all times and lengths the mean, each weighted with how
 * likely it is. step: 1 the way there, -1 the way back, told backwards. */
static float onset(struct ways *w, const float *x, int n, int deepest, int step, float *takes)
{
    enum { LENGTHS = 40, LATES = 20 };
    float cost[LENGTHS * LATES], best = INFINITY;
    double weights = 0.0, starts = 0.0, lengths = 0.0;
    const float late_most = (float)(late_s * GRID_HZ), shortest = (float)(shortest_s * GRID_HZ);
    const int n_lengths = (int)(log(w->longest_s / shortest_s) / log(longer)) + 1, n_lates = 2 * (int)late_most + 1;
    assert(n_lengths <= LENGTHS && n_lates <= LATES);
    if (deepest < 0)
        return NAN;
    const int half = halfway(x, n, deepest, step);
    give_stiffness(w, 2.0f * (float)abs(deepest - half) / GRID_HZ);
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < n_lengths * n_lates; i++) {
            const int of_length = i / n_lates;
            const float length = shortest * (float)pow(longer, of_length), late = (float)(i % n_lates) - late_most;
            const float start = (float)half + late - (float)step * w->half * length;
            if (pass == 0) {
                cost[i] = cost_of(w, n, start, length, step);
                best = fminf(best, cost[i]);
                continue;
            }
            const double weight = exp(-0.5 * independent * (double)(cost[i] - best));
            weights += weight;
            starts += weight * (double)start;
            lengths += weight * (double)length;
        }
        if (!isfinite(best))
            return NAN;
    }
    *takes = (float)(lengths / weights);
    return (float)(starts / weights);
}

/* Hips' and shoulders' way in one direction; the shoulders' only if it was seen as long as the hips'. */
static struct ways ways_of(const struct recording *r, const struct grid *g, int hips_q, int shoulders_q, float *hips,
                           float *shoulders)
{
    int n_hips = 0, n_both = 0;
    pl_recording_filtered(r, g, PL_SIDE_LEFT, hips_q, hips);
    pl_recording_filtered(r, g, PL_SIDE_LEFT, shoulders_q, shoulders);
    for (int i = 0; i < g->n; i++) {
        n_hips += !isnan(hips[i]);
        n_both += !isnan(hips[i]) && !isnan(shoulders[i]);
    }
    const bool both = !((float)n_both < known_least * (float)n_hips);
    struct ways w = { .x = { hips, shoulders }, .n = both ? 2 : 1, .longest_s = longest_step_s };
    give_shape(&w, 0.0f);
    return w;
}

/* The knee's bend that sinks the hips so far: of two segments alike, over the foot. sunk: legs */
static float bend_of(float sunk)
{
    const float straight = cosf(stands_deg * (float)(PL_PI / 360.0)), cosine = fmaxf(0.0f, (1.0f - sunk) * straight);
    return fminf(most_deg, fmaxf(least_deg, acosf(cosine) * (float)(360.0 / PL_PI)));
}

/* The lunge that steps begins with the weight that goes to the other foot, before anything of it is to be seen; then foot
 * and trunk go forwards (or backwards) together, and the hips sink last. The trunk's way is the one that is seen best: feet
 * that pass each other are exchanged by the network. Seen from the front it has none, and the feet's distance is left.
 * src:  weight shifts .2-.5 s before the foot leaves in the initiation of gait; the share: limits.h */
static void step_bounds(const struct recording *r, const struct grid *g, int deepest, const struct pl_limits *limits, float *start,
                        float *end)
{
    float hips[GRID_MAX], shoulders[GRID_MAX], apart[GRID_MAX], takes = 0.0f;
    struct ways w = ways_of(r, g, Q_HIPS_X, Q_SHOULDERS_X, hips, shoulders);
    const float *way = hips;
    float least = hips[deepest], most = hips[deepest];
    for (int i = 0; i < g->n; i++) {
        least = fminf(least, hips[i]);
        most = fmaxf(most, hips[i]);
    }
    if (!(most - least > limits->lunge_way_min)) {
        pl_recording_filtered(r, g, PL_SIDE_LEFT, Q_APART, apart);
        w.x[0] = way = apart;
        w.n = 1;
    } else if (hips[deepest] < 0.5f * (least + most)) {
        for (int i = 0; i < g->n; i++) {
            hips[i] = -hips[i];
            shoulders[i] = -shoulders[i];
        }
    }
    const float step = onset(&w, way, g->n, deepest, 1, &takes);
    *start = isnan(step) ? *start : step - limits->lunge_shift_share * takes;
    const float back = onset(&w, way, g->n, deepest, -1, &takes);
    *end = isnan(back) ? *end : back + limits->lunge_shift_share * takes;
}

void pl_bounds_find(const struct recording *r, const struct grid *g, const float *sunk, int deepest,
                    const struct pl_limits *limits, struct pl_rep *rep)
{
    float hips[GRID_MAX], shoulders[GRID_MAX], takes;
    const double step_ns = (double)PL_NS_PER_S / GRID_HZ;
    const bool two = rep->exercise == PL_EXERCISE_MINI_SQUAT_REACH; /* bends: it begins with one and ends with the other */
    const int first = two ? pl_recording_peak(sunk, 0, g->n / 2) : deepest,
              last = two ? pl_recording_peak(sunk, g->n / 2, g->n - 1) : deepest;
    struct ways w = ways_of(r, g, Q_JOINT_HIPS_Y, Q_SHOULDERS_Y, hips, shoulders);
    if (rep->exercise == PL_EXERCISE_STEP_UP) {
        w.n = 1; /* the trunk leans into the step: its shoulders sink first */
    } else {
        give_shape(&w, bend_of(sunk[deepest]));
        w.longest_s = longest_bend_s;
    }
    float start = onset(&w, sunk, g->n, first, 1, &takes), end = onset(&w, sunk, g->n, last, -1, &takes);
    if (rep->exercise == PL_EXERCISE_LUNGE || rep->exercise == PL_EXERCISE_REVERSE_LUNGE)
        step_bounds(r, g, deepest, limits, &start, &end);
    const float bottom = (float)((double)(rep->bottom_ns - g->start_ns) / step_ns);
    if (start < fminf(bottom, (float)deepest))
        rep->start_ns = g->start_ns + (int64_t)((double)start * step_ns);
    if (end > fmaxf(bottom, (float)deepest))
        rep->end_ns = g->start_ns + (int64_t)((double)end * step_ns);
}
