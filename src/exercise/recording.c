/* The frames of the last seconds, and what a repetition's values are: filtered forwards and backwards, so that the
 * bottom is where it was and not where a causal filter would see it. Fixed size: a session of any length allocates
 * nothing.
 */
#include "internal.h"

#include <math.h>
#include "plumbline/geometry.h"
#include "plumbline/signal.h"

enum { RATE_HZ = 30, GRID_MAX = 26 * RATE_HZ };
static const double margin_s = 0.9;      /* before and after: the filter's ends */
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

static struct pl_vec2 times(struct pl_vec2 v, float factor) { return (struct pl_vec2){ factor * v.x, factor * v.y }; }

void pl_recording_rescale(struct recording *r, float size_px)
{
    for (int i = 0; i < r->n; i++) {
        struct record *f = &r->record[(r->first + i) % RECORDING_MAX];
        const float factor = f->size_px / size_px;
        f->size_px = size_px;
        f->hips = times(f->hips, factor);
        f->shoulders = times(f->shoulders, factor);
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

/* What is not a measure, in place of one. */
enum { SUNK = -1, RISEN = -2, APART = -3, SIDEWAYS = -4 };

static float quantity(const struct record *record, enum pl_side side, int what)
{
    switch (what) {
    case SUNK: return record->sunk;
    case RISEN: return record->risen;
    case APART: return pl_geometry_distance(record->ankle[PL_SIDE_LEFT], record->ankle[PL_SIDE_RIGHT]);
    case SIDEWAYS: return record->hips.x;
    default: return record->v[side][what].value;
    }
}

/* The even grid of one quantity, filtered; NAN where it was not known. */
static void filtered(const struct recording *r, const struct span *s, enum pl_side side, int what, float *out)
{
    struct pl_sample sample[RECORDING_MAX];
    for (int i = 0; i < s->n; i++) {
        const struct record *record = pl_recording_at(r, s->first + i);
        sample[i] = (struct pl_sample){ record->t_ns, quantity(record, side, what) };
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

/* How a movement of the body looks that has been done up to the share u of its time: with minimum jerk.
 * src:  Flash & Hogan 1985 */
static float jerkless(float u)
{
    const float x = fminf(1.0f, fmaxf(0.0f, u));
    return x * x * x * (10.0f - 15.0f * x + 6.0f * x * x);
}

/* Hips sink with 1 - cos of half the knee's bend, while that goes from 8 to 60 degrees: own derivation. */
static float sinking(float u)
{
    const float half_rad = (float)(PL_PI / 360.0), least = 1.0f - cosf(8.0f * half_rad), most = 1.0f - cosf(60.0f * half_rad);
    return (1.0f - cosf((8.0f + 52.0f * jerkless(u)) * half_rad) - least) / (most - least);
}

typedef float shape_fn(float u);

/* Mean squared distance of the values from the shape that begins at `start` and takes `length`, both in grid steps, at its
 * best height and size. */
static float cost_of(const float *x, int n, float start, float length, int step, shape_fn *shape)
{
    const int before = RATE_HZ / 3, after = RATE_HZ / 10; /* of standing, and at the bottom */
    if (start < 3.0f || start > (float)(n - 4))
        return INFINITY; /* there was nothing of standing to see */
    double sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0;
    int known = 0;
    for (int i = -before; i <= (int)length + after; i++) {
        const int at = (int)lrintf(start) + step * i;
        if (at < 0 || at >= n || isnan(x[at]))
            continue;
        const double u = (double)shape((float)step * ((float)at - start) / length), y = (double)x[at];
        sx += u, sy += y, sxx += u * u, sxy += u * y, syy += y * y;
        known++;
    }
    const double vx = sxx - sx * sx / known, vxy = sxy - sx * sy / known, vy = syy - sy * sy / known;
    return known < RATE_HZ / 3 || vx <= 0.0 ? INFINITY : (float)((vy - vxy * vxy / vx) / known);
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

/* When did the way to the deepest begin? Motion begins so gently that noise hides it; so the shape of the whole way is laid
 * over it, of any length, within a quarter of a second of where half of it was done. step: 1 the way there, -1 the way
 * back, told backwards. */
static float onset(const float *x, int n, int deepest, int step, shape_fn *shape)
{
    const float half_u = shape == jerkless ? 0.5f : 0.596f;
    float best = INFINITY, start = NAN;
    if (deepest < 0)
        return NAN;
    float least = x[deepest];
    int half = deepest;
    for (int i = deepest; i >= 0 && i < n && !isnan(x[i]); i -= step)
        least = fminf(least, x[i]);
    while (half - step >= 0 && half - step < n && x[half] > 0.5f * (x[deepest] + least))
        half -= step;
    const float longest = (shape == jerkless ? 1.6f : 2.6f) * RATE_HZ; /* feet and steps are quicker than bends */
    for (float length = 0.5f * RATE_HZ; length < longest; length += 2.0f) {
        for (float late = -0.25f * RATE_HZ; late <= 0.25f * RATE_HZ; late += 1.0f) {
            const float at = (float)half + late - (float)step * half_u * length;
            const float cost = cost_of(x, n, at, length, step, shape);
            if (cost < best) {
                best = cost;
                start = at;
            }
        }
    }
    return start;
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

/* The lunge that steps begins and ends with its foot, and before that with the weight that goes to the other one.
 * src:  weight shifts .2-.5 s before the foot leaves in the initiation of gait; the pictures show nothing of it, so no more
 *       than a part of that is taken */
static const float shift_s = 0.18f, shift_reverse_s = 0.06f; /* backwards the foot's way begins sooner than it shows ahead */

static void step_times(const struct recording *r, const struct span *s, int deepest, float shift, float *start, float *end)
{
    float apart[GRID_MAX];
    filtered(r, s, PL_SIDE_LEFT, APART, apart);
    const float step = onset(apart, s->n_grid, deepest, 1, jerkless), back = onset(apart, s->n_grid, deepest, -1, jerkless);
    *start = fminf(*start, step - shift * RATE_HZ);
    *end = fmaxf(*end, back + shift * RATE_HZ);
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

/* Deeper than a single-leg squat, a squat's first and last degrees are a smaller part of the way: the shape is laid on late.
 * src:  8 repetitions of 3 rendered clips: starts .09 s late, ends .10 s early */
static const float squat_late_s = 0.08f;

static void set_times(const struct recording *r, struct pl_rep *rep, const float *sunk, const struct span *s, int deepest,
                      int bottom)
{
    const double step_ns = (double)PL_NS_PER_S / RATE_HZ;
    shape_fn *shape = rep->exercise == PL_EXERCISE_STEP_UP ? jerkless : sinking;
    const bool two = rep->exercise == PL_EXERCISE_MINI_SQUAT_REACH; /* bends: it begins with one and ends with the other */
    const int first = two ? peak_of(sunk, 0, s->n_grid / 2) : deepest,
              last = two ? peak_of(sunk, s->n_grid / 2, s->n_grid - 1) : deepest;
    float start = onset(sunk, s->n_grid, first, 1, shape), end = onset(sunk, s->n_grid, last, -1, shape);
    if (rep->exercise == PL_EXERCISE_LUNGE || rep->exercise == PL_EXERCISE_REVERSE_LUNGE)
        step_times(r, s, deepest, rep->exercise == PL_EXERCISE_LUNGE ? shift_s : shift_reverse_s, &start, &end);
    if (rep->exercise == PL_EXERCISE_SQUAT) {
        start -= squat_late_s * RATE_HZ;
        end += squat_late_s * RATE_HZ;
    }
    if (!isnan(start))
        rep->start_ns = s->start_ns + (int64_t)((double)start * step_ns);
    if (!isnan(end))
        rep->end_ns = s->start_ns + (int64_t)((double)end * step_ns);
    rep->bottom_ns = s->start_ns + (int64_t)((double)bottom * step_ns);
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

void pl_recording_values(const struct recording *r, enum pl_side side, struct pl_rep *rep)
{
    float sunk[GRID_MAX], value[GRID_MAX];
    const struct span s = span_of(r, rep);
    const int64_t step_ns = PL_NS_PER_S / RATE_HZ;
    const int inner = (int)(margin_s * RATE_HZ);
    int from, to, deepest;
    filtered(r, &s, side, rep->exercise == PL_EXERCISE_STEP_UP ? RISEN : SUNK, sunk);
    deepest = peak_of(sunk, 0, s.n_grid - 1);
    deepest = deepest < 0 ? 0 : deepest;
    find_bottom(sunk, s.n_grid, deepest, &from, &to);
    deepest = (from + to) / 2;
    if (rep->exercise == PL_EXERCISE_STEP_UP)
        find_loading(sunk, deepest, &from, &to);
    if (!rep->hold)
        set_times(r, rep, sunk, &s, deepest, (from + to) / 2);
    for (int m = 0; m < PL_N_MEASURES; m++) {
        const bool peak = m == PL_M_WOBBLE;
        int first = rep->hold ? inner : from, last = rep->hold ? s.n_grid - 1 - inner : to;
        filtered(r, &s, side, m, value);
        if (peak) {
            const int at = peak_of(value, inner, s.n_grid - 1 - inner);
            first = last = at < 0 ? from : at;
        }
        rep->at[m] = peak ? PL_AT_PEAK : rep->hold ? PL_AT_HOLD : PL_AT_BOTTOM;
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

struct pl_value pl_recording_sway(const struct recording *r, int64_t start_ns, int64_t end_ns)
{
    float way[GRID_MAX];
    const struct pl_rep hold = { .start_ns = start_ns + pl_ns_from_s(margin_s), .end_ns = end_ns - pl_ns_from_s(margin_s) };
    const struct span s = span_of(r, &hold); /* no margin: the foot is on its way there */
    double sum = 0.0, square = 0.0, noise = 0.0;
    int n = 0, n_noise = 0;
    filtered(r, &s, PL_SIDE_LEFT, SIDEWAYS, way);
    for (int i = 0; i < s.n_grid; i++) {
        if (isnan(way[i]))
            continue;
        sum += (double)way[i];
        square += (double)way[i] * (double)way[i];
        n++;
    }
    for (int i = 0; i < s.n; i++) {
        const struct record *record = pl_recording_at(r, s.first + i);
        const int64_t at = (record->t_ns - s.start_ns) * RATE_HZ / PL_NS_PER_S;
        const double d = at < s.n_grid ? (double)(record->hips.x - way[at]) : NAN;
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
