/* A quantity over a repetition against a limit -> yes, no, unclear, not seen.
 *
 * how:  what counts is the highest level that was kept up for long enough: one frame decides nothing. Yes needs it above
 *       the limit by more than the band; no needs it below by more than the band and nearly all of the repetition seen,
 *       because what was not seen may have been worse.
 */
#include "internal.h"

#include <math.h>

void pl_series_add(struct series *s, int64_t t_ns, struct pl_value v, enum pl_reason why)
{
    if (s->n == FRAMES_MAX)
        return;
    s->t_ns[s->n] = t_ns;
    s->value[s->n] = v.value;
    s->err[s->n] = v.err;
    s->why[s->n++] = why;
}

/* Place of the lowest value from i on until hold has passed; -1 if something is not known or the series ends before. */
static int lowest_from(const struct series *s, int i, int64_t hold_ns)
{
    const int64_t gap_ns = PL_NS_PER_S / 2; /* between the bends of a reach: nothing is kept up across them */
    int lowest = i;
    for (int k = i; k < s->n; k++) {
        if (isnan(s->value[k]) || (k > i && s->t_ns[k] - s->t_ns[k - 1] > gap_ns))
            return -1;
        if (s->value[k] < s->value[lowest])
            lowest = k;
        if (s->t_ns[k] - s->t_ns[i] >= hold_ns)
            return lowest;
    }
    return -1;
}

struct pl_value pl_series_held(const struct series *s, float hold_s)
{
    const int64_t hold_ns = pl_ns_from_s((double)hold_s) - 1000; /* a float's .15 s are some nanoseconds more */
    struct pl_value best = { NAN, NAN };
    for (int i = 0; i < s->n; i++) {
        const int k = lowest_from(s, i, hold_ns);
        if (k >= 0 && !(s->value[k] <= best.value))
            best = (struct pl_value){ s->value[k], s->err[k] };
    }
    return best;
}

float pl_series_known(const struct series *s)
{
    int known = 0;
    for (int i = 0; i < s->n; i++)
        known += !isnan(s->value[i]);
    return s->n ? (float)known / (float)s->n : 0.0f;
}

enum pl_reason pl_series_why(const struct series *s)
{
    int votes[PL_N_REASONS] = { 0 }, best = PL_REASON_NOT_CLEAR;
    for (int i = 0; i < s->n; i++) {
        if (isnan(s->value[i]) && (unsigned)s->why[i] < PL_N_REASONS)
            votes[s->why[i]]++;
    }
    for (int reason = PL_REASON_NONE + 1; reason < PL_N_REASONS; reason++) {
        if (votes[reason] > votes[best])
            best = reason;
    }
    return (enum pl_reason)best;
}

struct finding pl_finding_unseen(enum pl_fact fact, enum pl_reason why)
{
    return (struct finding){ PL_ANSWER_NOT_SEEN, why, fact, { NAN, NAN }, NAN };
}

struct finding pl_finding_of(enum pl_fact fact, struct pl_value v, float limit, bool seen, enum pl_reason why)
{
    struct finding f = { PL_ANSWER_UNCLEAR, PL_REASON_NONE, fact, v, limit };
    if (v.value - v.err > limit)
        f.answer = PL_ANSWER_YES;
    else if (!seen || isnan(v.value) || isnan(v.err))
        f = pl_finding_unseen(fact, why);
    else if (v.value + v.err < limit)
        f.answer = PL_ANSWER_NO;
    return f;
}

struct finding pl_finding_over(enum pl_fact fact, const struct series *s, float hold_s, float limit, float seen_min)
{
    return pl_finding_of(fact, pl_series_held(s, hold_s), limit, pl_series_known(s) >= seen_min, pl_series_why(s));
}

int pl_answer_weight(enum pl_answer answer)
{
    static const int weight[PL_N_ANSWERS] = { [PL_ANSWER_NOT_ASKED] = 0, [PL_ANSWER_NO] = 1, [PL_ANSWER_UNCLEAR] = 2,
                                              [PL_ANSWER_NOT_SEEN] = 3, [PL_ANSWER_YES] = 4 };
    return weight[answer];
}

/* The one that says more about the two together. */
struct finding pl_finding_either(struct finding a, struct finding b)
{
    return pl_answer_weight(b.answer) > pl_answer_weight(a.answer) ? b : a;
}

int pl_series_reversals(const float *values, int n, float least)
{
    int turns = 0, way = 0; /* +1: on the way up, -1: down, 0: not known yet */
    float high = NAN, low = NAN;
    for (int i = 0; i < n; i++) {
        const float v = values[i];
        if (isnan(v))
            continue;
        high = v > high || isnan(high) ? v : high;
        low = v < low || isnan(low) ? v : low;
        if (way <= 0 && v - low > least) {
            turns += way != 0;
            way = 1;
            high = v;
        } else if (way >= 0 && high - v > least) {
            turns += way != 0;
            way = -1;
            low = v;
        }
    }
    return turns;
}
