/* The frames of the last seconds, and what a repetition's values are: filtered forwards and backwards, so that the
 * bottom is where it was and not where a causal filter would see it. Fixed size: a session of any length allocates
 * nothing.
 */
#include "internal.h"

#include <math.h>
#include "plumbline/geometry.h"
#include "plumbline/signal.h"

enum { RATE_HZ = GRID_HZ };
static const double margin_s = 0.9;      /* before and after: the filter's ends */
static const double gap_s = 0.25;        /* longer gaps are not bridged */
static const double cutoff_hz = 6.0;     /* Winter 2009; measures.md 3 */
static const double mistake_s = 0.25;     /* before and after; Pearson 2002 for the spreads */
static const float mistake_spreads = 3.0f;
static const float bottom_share = 0.95f; /* of the depth: the frames that are the bottom */
static const float bottom_known = 0.6f;  /* share of them in which a measure must be known */
static const double least_step_s = 0.015;

void pl_recording_add(struct recording *r, const struct record *record)
{
    if (r->n && record->t_ns - pl_recording_at(r, r->n - 1)->t_ns < pl_ns_from_s(least_step_s))
        return; /* faster than any knee */
    if (r->n == RECORDING_MAX) {
        r->first = (r->first + 1) % RECORDING_MAX;
        r->n--;
    }
    r->record[(r->first + r->n++) % RECORDING_MAX] = *record;
}

static struct pl_vec2 times(struct pl_vec2 v, float factor) { return (struct pl_vec2){ factor * v.x, factor * v.y }; }

void pl_recording_rescale(struct recording *r, float size_px)
{
    for (int i = 0; i < r->n; i++) {
        struct record *f = &r->record[(r->first + i) % RECORDING_MAX];
        const float factor = f->size_px / size_px;
        f->size_px = size_px;
        f->hips = times(f->hips, factor);
        f->shoulders = times(f->shoulders, factor);
        f->joint_hips_y *= factor;
        f->trunk *= factor;
        for (int side = 0; side < PL_N_SIDES; side++) {
            f->ankle[side] = times(f->ankle[side], factor);
            f->knee[side] = times(f->knee[side], factor);
            f->hip_ankle[side] *= factor;
        }
    }
}

const struct record *pl_recording_at(const struct recording *r, int i)
{
    return &r->record[(r->first + i) % RECORDING_MAX];
}

int pl_recording_find(const struct recording *r, int64_t t_ns)
{
    int low = 0, high = r->n;
    while (low < high) {
        const int mid = (low + high) / 2;
        if (pl_recording_at(r, mid)->t_ns < t_ns)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct grid grid_of(const struct recording *r, const struct pl_rep *rep)
{
    struct grid g = { .start_ns = rep->start_ns - pl_ns_from_s(margin_s) };
    const int64_t end_ns = rep->end_ns + pl_ns_from_s(margin_s);
    g.first = pl_recording_find(r, g.start_ns);
    g.n_records = pl_recording_find(r, end_ns + 1) - g.first;
    g.n = (int)((end_ns - g.start_ns) * RATE_HZ / PL_NS_PER_S) + 1;
    if (g.n > GRID_MAX)
        g.n = GRID_MAX;
    return g;
}

static float quantity(const struct record *record, enum pl_side side, int what)
{
    switch (what) {
    case Q_SUNK: return record->sunk;
    case Q_RISEN: return record->risen;
    case Q_HIPS_X: return record->hips.x;
    case Q_JOINT_HIPS_Y: return record->joint_hips_y;
    case Q_SHOULDERS_X: return record->shoulders.x;
    case Q_SHOULDERS_Y: return record->shoulders.y;
    case Q_APART: return pl_geometry_distance(record->ankle[PL_SIDE_LEFT], record->ankle[PL_SIDE_RIGHT]);
    default: return record->v[side][what].value;
    }
}

/* Frames in which the network mixed the legs up or lost a joint for a moment; a measure's own band is no mistake. */
static void leave_out_mistakes(const struct recording *r, const struct grid *g, enum pl_side side, int measure,
                               struct pl_sample *sample)
{
    float err[RECORDING_MAX], value[RECORDING_MAX];
    for (int i = 0; i < g->n_records; i++)
        err[i] = pl_recording_at(r, g->first + i)->v[side][measure].err;
    const float band = pl_signal_median(err, g->n_records);
    pl_signal_hampel(sample, g->n_records, pl_ns_from_s(mistake_s), band, mistake_spreads, value);
    for (int i = 0; i < g->n_records; i++)
        sample[i].value = value[i];
}

void pl_recording_filtered(const struct recording *r, const struct grid *g, enum pl_side side, int what, float *out)
{
    struct pl_sample sample[RECORDING_MAX];
    for (int i = 0; i < g->n_records; i++) {
        const struct record *record = pl_recording_at(r, g->first + i);
        sample[i] = (struct pl_sample){ record->t_ns, quantity(record, side, what) };
    }
    if (what >= 0 && what != PL_M_WOBBLE)
        leave_out_mistakes(r, g, side, what, sample);
    pl_signal_resample(sample, g->n_records, pl_ns_from_s(gap_s), g->start_ns, PL_NS_PER_S / RATE_HZ, out, g->n);
    pl_signal_smooth(out, g->n, RATE_HZ, cutoff_hz);
}

/* The grid points round the deepest one that belong to the bottom: [*from, *to]. */
static void find_bottom(const float *sunk, int n, int deepest, int *from, int *to)
{
    *from = *to = deepest;
    while (*from > 0 && sunk[*from - 1] >= bottom_share * sunk[deepest])
        --*from;
    while (*to < n - 1 && sunk[*to + 1] >= bottom_share * sunk[deepest])
        ++*to;
}

int pl_recording_peak(const float *values, int from, int to)
{
    int best = -1;
    for (int i = from; i <= to; i++) {
        if (!isnan(values[i]) && (best < 0 || values[i] > values[best]))
            best = i;
    }
    return best;
}

static float median_known(const float *values, int from, int to)
{
    float copy[GRID_MAX];
    int known = 0;
    for (int i = from; i <= to; i++) {
        if (!isnan(values[i]))
            copy[known++] = values[i];
    }
    return (float)known < bottom_known * (float)(to - from + 1) ? NAN : pl_signal_median(copy, known);
}

/* Band and reason of the frames between two times: the median band; the commonest reason. */
static float band_between(const struct recording *r, enum pl_side side, int measure, int64_t from_ns, int64_t to_ns,
                          enum pl_reason *why)
{
    float err[RECORDING_MAX];
    int votes[PL_N_REASONS] = { 0 }, n = 0, best = PL_REASON_NONE;
    for (int i = pl_recording_find(r, from_ns); i < r->n && pl_recording_at(r, i)->t_ns <= to_ns; i++) {
        err[n++] = pl_recording_at(r, i)->v[side][measure].err;
        votes[pl_recording_at(r, i)->why[side][measure]]++;
    }
    for (int reason = PL_REASON_NONE + 1; reason < PL_N_REASONS; reason++) {
        if (votes[reason] > votes[best] || (best == PL_REASON_NONE && votes[reason]))
            best = reason;
    }
    *why = (enum pl_reason)best;
    return pl_signal_median(err, n);
}

/* Who spoke of the hips in most of the frames between two times in which anybody did. */
static unsigned speakers(const struct recording *r, enum pl_side side, int64_t from_ns, int64_t to_ns)
{
    int votes[PL_N_PELVIS_SOURCES] = { 0 }, n = 0;
    unsigned by = 0;
    for (int i = pl_recording_find(r, from_ns); i < r->n && pl_recording_at(r, i)->t_ns <= to_ns; i++) {
        const unsigned spoke = pl_recording_at(r, i)->hip_drop_by[side];
        n += spoke != 0;
        for (int k = 0; k < PL_N_PELVIS_SOURCES; k++)
            votes[k] += spoke >> k & 1;
    }
    for (int k = 0; k < PL_N_PELVIS_SOURCES; k++)
        by |= 2 * votes[k] > n ? 1u << k : 0;
    return by;
}

/* The tilt of the pelvis in standing, before and after, must be the same; else hands or stickers slipped meanwhile. After
 * is the end of what was recorded: a repetition is told when its rise is over, and what is left of the drop then is no
 * slip.
 * src:  hip-drop study: 0-1.2 without slip; rendered clips, end of the rise: up to .25 of the drop, the median's lag */
static bool hips_slipped(const float *tilt, int n, int start, float drop)
{
    enum { STANDING = RATE_HZ / 8 };
    static const float slip_deg = 2.5f, left_over = 0.25f;
    float before[STANDING], after[STANDING];
    int end = n;
    while (end > 0 && isnan(tilt[end - 1]))
        end--;
    if (start < STANDING || end - start < 2 * STANDING)
        return false;
    for (int i = 0; i < STANDING; i++) {
        before[i] = tilt[start - STANDING + i];
        after[i] = tilt[end - STANDING + i];
    }
    const float b = pl_signal_median(before, STANDING), a = pl_signal_median(after, STANDING);
    return fabsf(a - b) > slip_deg + left_over * fabsf(drop);
}

static void check_hips(const float *tilt, int n, int start, struct pl_rep *rep)
{
    static const enum pl_measure by_hips[] = { PL_M_PELVIC_DROP, PL_M_PELVIC_DROP_CHANGE, PL_M_HIP_ADDUCTION };
    if (rep->why[PL_M_PELVIC_DROP_CHANGE] != PL_REASON_NONE) {
        rep->hip_drop_by = 0;
        return;
    }
    if (!hips_slipped(tilt, n, start, rep->m[PL_M_PELVIC_DROP_CHANGE].value))
        return;
    rep->hip_drop_by = 0;
    for (size_t i = 0; i < sizeof by_hips / sizeof by_hips[0]; i++) {
        rep->m[by_hips[i]] = (struct pl_value){ NAN, NAN };
        rep->why[by_hips[i]] = PL_REASON_HIPS_SLIPPED;
    }
}

/* Where the leg on the step takes the weight: from a tenth to a third of the rise before the top. */
static void find_loading(const float *risen, int top, int *from, int *to)
{
    *to = top;
    while (*to > 0 && risen[*to] > 0.35f * risen[top])
        --*to;
    *from = *to;
    while (*from > 0 && risen[*from - 1] > 0.1f * risen[top])
        --*from;
}

void pl_recording_values(const struct recording *r, enum pl_side side, const struct pl_limits *limits, struct pl_rep *rep)
{
    float sunk[GRID_MAX], value[GRID_MAX];
    const struct grid g = grid_of(r, rep);
    const int64_t step_ns = PL_NS_PER_S / RATE_HZ;
    const int inner = (int)(margin_s * RATE_HZ);
    int from, to, deepest;
    pl_recording_filtered(r, &g, side, rep->exercise == PL_EXERCISE_STEP_UP ? Q_RISEN : Q_SUNK, sunk);
    deepest = pl_recording_peak(sunk, inner, g.n - 1 - inner); /* the one before may have been deeper */
    deepest = deepest < 0 ? inner : deepest;
    find_bottom(sunk, g.n, deepest, &from, &to);
    deepest = (from + to) / 2;
    if (rep->exercise == PL_EXERCISE_STEP_UP)
        find_loading(sunk, deepest, &from, &to);
    if (!rep->hold) {
        rep->bottom_ns = g.start_ns + (from + to) / 2 * step_ns;
        pl_bounds_find(r, &g, sunk, deepest, limits, rep);
    }
    for (int m = 0; m < PL_N_MEASURES; m++) {
        const bool peak = m == PL_M_WOBBLE;
        int first = rep->hold ? inner : from, last = rep->hold ? g.n - 1 - inner : to;
        pl_recording_filtered(r, &g, side, m, value);
        if (peak) {
            const int at = pl_recording_peak(value, inner, g.n - 1 - inner);
            first = last = at < 0 ? from : at;
        }
        rep->at[m] = peak ? PL_AT_PEAK : rep->hold ? PL_AT_HOLD : PL_AT_BOTTOM;
        rep->m[m].value = median_known(value, first, last);
        rep->m[m].err = band_between(r, side, m, g.start_ns + first * step_ns - step_ns,
                                     g.start_ns + last * step_ns + step_ns, &rep->why[m]);
        if (isnan(rep->m[m].value))
            rep->m[m].err = NAN;
        else
            rep->why[m] = PL_REASON_NONE;
    }
    rep->hip_drop_by = speakers(r, side, g.start_ns + from * step_ns - step_ns, g.start_ns + to * step_ns + step_ns);
    pl_recording_filtered(r, &g, side, PL_M_PELVIC_DROP, value); /* its change is soon against the new standing */
    check_hips(value, g.n, (int)((rep->start_ns - g.start_ns) / step_ns), rep);
}

void pl_recording_settle(const struct recording *r, const struct pl_limits *limits, struct pl_rep *rep)
{
    float sunk[GRID_MAX];
    const struct grid g = grid_of(r, rep);
    const int half = GRID_HZ / 3, bottom = (int)((rep->bottom_ns - g.start_ns) * GRID_HZ / PL_NS_PER_S);
    pl_recording_filtered(r, &g, PL_SIDE_LEFT, rep->exercise == PL_EXERCISE_STEP_UP ? Q_RISEN : Q_SUNK, sunk);
    const int deepest = rep->exercise == PL_EXERCISE_STEP_UP ? pl_recording_peak(sunk, 0, g.n - 1)
                                                             : pl_recording_peak(sunk, bottom - half, bottom + half);
    if (deepest >= 0) /* the next repetition may have begun, and be deeper */
        pl_bounds_find(r, &g, sunk, deepest, limits, rep);
}

struct pl_value pl_recording_sway(const struct recording *r, int64_t start_ns, int64_t end_ns)
{
    float way[GRID_MAX];
    const struct pl_rep hold = { .start_ns = start_ns + pl_ns_from_s(margin_s), .end_ns = end_ns - pl_ns_from_s(margin_s) };
    const struct grid g = grid_of(r, &hold); /* no margin: the foot is on its way there */
    double sum = 0.0, square = 0.0, noise = 0.0;
    int n = 0, n_noise = 0;
    pl_recording_filtered(r, &g, PL_SIDE_LEFT, Q_HIPS_X, way);
    for (int i = 0; i < g.n; i++) {
        if (isnan(way[i]))
            continue;
        sum += (double)way[i];
        square += (double)way[i] * (double)way[i];
        n++;
    }
    for (int i = 0; i < g.n_records; i++) {
        const struct record *record = pl_recording_at(r, g.first + i);
        const int64_t at = (record->t_ns - g.start_ns) * RATE_HZ / PL_NS_PER_S;
        const double d = at < g.n ? (double)(record->hips.x - way[at]) : NAN;
        if (!isnan(d)) {
            noise += d * d;
            n_noise++;
        }
    }
    if (n < RATE_HZ || !n_noise)
        return (struct pl_value){ NAN, NAN };
    const double mean = sum / n;
    return (struct pl_value){ (float)(100.0 * sqrt(fmax(0.0, square / n - mean * mean))),
                              (float)(100.0 * 1.96 * sqrt(noise / n_noise)) };
}
