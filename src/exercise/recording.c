/* The frames of the last seconds, and what a repetition's values are: filtered forwards and backwards, so that the
 * bottom is where it was and not where a causal filter would see it. Fixed size: a session of any length allocates
 * nothing.
 */
#include "internal.h"

#include <math.h>
#include "plumbline/signal.h"

enum { RATE_HZ = 30, GRID_MAX = 26 * RATE_HZ };
static const double margin_s = 0.5;      /* before and after: the filter's ends */
static const double gap_s = 0.25;        /* longer gaps are not bridged */
static const double cutoff_hz = 6.0;     /* Winter 2009; measures.md 3 */
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

struct span {
    int first, n;
    int64_t start_ns;
    int n_grid;
};

static struct span span_of(const struct recording *r, const struct pl_rep *rep)
{
    struct span s = { .start_ns = rep->start_ns - pl_ns_from_s(margin_s) };
    const int64_t end_ns = rep->end_ns + pl_ns_from_s(margin_s);
    s.first = pl_recording_find(r, s.start_ns);
    s.n = pl_recording_find(r, end_ns + 1) - s.first;
    s.n_grid = (int)((end_ns - s.start_ns) * RATE_HZ / PL_NS_PER_S) + 1;
    if (s.n_grid > GRID_MAX)
        s.n_grid = GRID_MAX;
    return s;
}

/* The even grid of one quantity, filtered; NAN where it was not known. */
static void filtered(const struct recording *r, const struct span *s, enum pl_side side, int measure, float *out)
{
    struct pl_sample sample[RECORDING_MAX];
    for (int i = 0; i < s->n; i++) {
        const struct record *record = pl_recording_at(r, s->first + i);
        sample[i] = (struct pl_sample){ record->t_ns, measure < 0 ? record->sunk : record->v[side][measure].value };
    }
    pl_signal_resample(sample, s->n, pl_ns_from_s(gap_s), s->start_ns, PL_NS_PER_S / RATE_HZ, out, s->n_grid);
    pl_signal_smooth(out, s->n_grid, RATE_HZ, cutoff_hz);
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

/* When the hips began to sink and when they were back up. Motion begins and ends so gently that noise hides it; so
 * the times at which a tenth and half of the depth were reached are carried on.
 * src:  own derivation: the hips sink with 1 - cos of half the knee's bend, which goes from 7 to about 60 degrees
 *       with minimum jerk (Flash & Hogan 1985): then a tenth is reached after .357 and half after .596 of the time */
static void find_ends(const float *sunk, int n, int deepest, float depth, float *start, float *end)
{
    const float before = 0.357f / (0.596f - 0.357f);
    float tenth = NAN, half = NAN;
    for (int i = deepest; i > 0 && isnan(tenth); i--) {
        if (isnan(half) && sunk[i - 1] < 0.5f * depth)
            half = (float)i;
        if (sunk[i - 1] < 0.1f * depth)
            tenth = (float)i;
    }
    *start = tenth - before * (half - tenth);
    tenth = half = NAN;
    for (int i = deepest; i < n - 1 && isnan(tenth); i++) {
        if (isnan(half) && sunk[i + 1] < 0.5f * depth)
            half = (float)i;
        if (sunk[i + 1] < 0.1f * depth)
            tenth = (float)i;
    }
    *end = tenth + before * (tenth - half);
}

static float mean_known(const float *values, int from, int to)
{
    double sum = 0.0;
    int known = 0;
    for (int i = from; i <= to; i++) {
        if (isnan(values[i]))
            continue;
        sum += (double)values[i];
        known++;
    }
    return (float)known < bottom_known * (float)(to - from + 1) ? NAN : (float)(sum / known);
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

static int peak_of(const float *values, int from, int to)
{
    int best = -1;
    for (int i = from; i <= to; i++) {
        if (!isnan(values[i]) && (best < 0 || values[i] > values[best]))
            best = i;
    }
    return best;
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

static void set_times(struct pl_rep *rep, const float *sunk, const struct span *s, int bottom)
{
    const double step_ns = (double)PL_NS_PER_S / RATE_HZ;
    float start, end;
    find_ends(sunk, s->n_grid, bottom, sunk[bottom], &start, &end);
    if (!isnan(start))
        rep->start_ns = s->start_ns + (int64_t)((double)start * step_ns);
    if (!isnan(end))
        rep->end_ns = s->start_ns + (int64_t)((double)end * step_ns);
    rep->bottom_ns = s->start_ns + (int64_t)((double)bottom * step_ns);
}

void pl_recording_values(const struct recording *r, enum pl_side side, struct pl_rep *rep)
{
    float sunk[GRID_MAX], value[GRID_MAX];
    const struct span s = span_of(r, rep);
    const int64_t step_ns = PL_NS_PER_S / RATE_HZ;
    const int inner = (int)(margin_s * RATE_HZ);
    int from, to, deepest;
    filtered(r, &s, side, -1, sunk);
    deepest = peak_of(sunk, 0, s.n_grid - 1);
    find_bottom(sunk, s.n_grid, deepest < 0 ? 0 : deepest, &from, &to);
    set_times(rep, sunk, &s, (from + to) / 2);
    for (int m = 0; m < PL_N_MEASURES; m++) {
        const bool peak = m == PL_M_WOBBLE;
        int first = from, last = to;
        filtered(r, &s, side, m, value);
        if (peak) {
            const int at = peak_of(value, inner, s.n_grid - 1 - inner);
            first = last = at < 0 ? from : at;
        }
        rep->at[m] = peak ? PL_AT_PEAK : PL_AT_BOTTOM;
        rep->m[m].value = mean_known(value, first, last);
        rep->m[m].err = band_between(r, side, m, s.start_ns + first * step_ns - step_ns,
                                     s.start_ns + last * step_ns + step_ns, &rep->why[m]);
        if (isnan(rep->m[m].value))
            rep->m[m].err = NAN;
        else
            rep->why[m] = PL_REASON_NONE;
    }
    rep->hip_drop_by = speakers(r, side, s.start_ns + from * step_ns - step_ns, s.start_ns + to * step_ns + step_ns);
    filtered(r, &s, side, PL_M_PELVIC_DROP, value); /* its change is soon against the new standing */
    check_hips(value, s.n_grid, (int)((rep->start_ns - s.start_ns) / step_ns), rep);
}
