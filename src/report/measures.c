/* What was measured of each leg, as lines to read: median over its repetitions with the error band, what was not seen and
 * why, whether it changes from the first repetitions to the last, one leg against the other, and where each fault is.
 *
 * how:  a band is mostly the same for all repetitions of a person in a place, so a median has the median band, not a
 *       smaller one. For the same reason a change from the first half to the second is held against the repetitions' own
 *       scatter, which is much less than the band.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "plumbline/signal.h"

/* What is for a person to read: each quantity once, as it is judged. */
static const enum pl_measure shown[] = { PL_M_KNEE_FLEXION, PL_M_FPPA_CORRECTED, PL_M_HIP_ADDUCTION, PL_M_PELVIC_DROP_CHANGE,
                                         PL_M_KNEE_OVER_TOE, PL_M_TRUNK_LEAN_SIDE, PL_M_TRUNK_LEAN_FORWARD, PL_M_WOBBLE };
enum { N_SHOWN = sizeof shown / sizeof shown[0], TREND_LEAST = 4 };

/* One measure of one leg (PL_N_SIDES: of both together) over its repetitions, in their order. */
struct series {
    float *value, *sorted;
    int n, n_reps;         /* known, all */
    float median, err, least, most;
    enum pl_reason why;    /* the commonest of those not known */
};

static float median(struct series *s)
{
    memcpy(s->sorted, s->value, (size_t)s->n * sizeof s->sorted[0]);
    return pl_signal_median(s->sorted, s->n);
}

static bool of_leg(const struct pl_rep *rep, int leg)
{
    return leg == PL_N_SIDES ? (unsigned)rep->side >= PL_N_SIDES : (int)rep->side == leg;
}

static void gather(struct series *s, const struct pl_log *log, int leg, enum pl_measure m)
{
    const struct pl_rep *rep = log->reps.data;
    int votes[PL_N_REASONS] = { 0 };

    s->n = s->n_reps = 0;
    s->why = PL_REASON_NONE;
    for (int i = 0; i < log->reps.n; i++) {
        if (!of_leg(&rep[i], leg))
            continue;
        s->n_reps++;
        if (isnan(rep[i].m[m].value))
            votes[rep[i].why[m]]++;
        else
            s->value[s->n++] = rep[i].m[m].err;
    }
    s->err = median(s);
    s->n = 0;
    s->least = INFINITY;
    s->most = -INFINITY;
    for (int i = 0; i < log->reps.n; i++) {
        const float v = rep[i].m[m].value;
        if (!of_leg(&rep[i], leg) || isnan(v))
            continue;
        s->value[s->n++] = v;
        s->least = fminf(s->least, v);
        s->most = fmaxf(s->most, v);
    }
    s->median = median(s);
    for (int reason = 1; reason < PL_N_REASONS; reason++)
        if (votes[reason] > votes[s->why])
            s->why = (enum pl_reason)reason;
}

/* Mean of the second half minus mean of the first; more than the repetitions' own scatter makes it. NAN: not surely. */
static float sure_change(const struct series *s)
{
    double mean[2] = { 0, 0 }, square = 0;
    const int half = s->n / 2;

    if (s->n < TREND_LEAST)
        return NAN;
    for (int i = 0; i < half; i++) {
        mean[0] += (double)s->value[i] / half;
        mean[1] += (double)s->value[s->n - half + i] / half;
    }
    for (int i = 0; i < half; i++) {
        const double a = (double)s->value[i] - mean[0], b = (double)s->value[s->n - half + i] - mean[1];
        square += a * a + b * b;
    }
    /* 2.8 standard errors: Student's t for 2 to 18 degrees of freedom is 4.3 to 2.1 at 95 %; a degree is read off nowhere */
    const double scatter = 2.8 * sqrt(square / (2 * half - 2) * 2.0 / half), change = mean[1] - mean[0];
    return fabs(change) > fmax(scatter, 1.0) ? (float)change : NAN;
}

/* Without "change": that it is against standing is in its definition. */
static const char *name_of(enum pl_measure m) { return m == PL_M_PELVIC_DROP_CHANGE ? "hip drop" : pl_measure_text(m); }

static void say_series(FILE *out, const struct series *s, enum pl_measure m)
{
    const int decimals = m == PL_M_WOBBLE ? 1 : 0;
    const float change = sure_change(s);

    fprintf(out, "    %-14s %6.*f%s ±%-4.*f", name_of(m), decimals, (double)s->median, pl_measure_unit(m), decimals,
            (double)s->err);
    if (s->n > 1)
        fprintf(out, " %.*f to %.*f", decimals, (double)s->least, decimals, (double)s->most);
    if (s->n < s->n_reps)
        fprintf(out, ", seen in %d of %d", s->n, s->n_reps);
    if (!isnan(change))
        fprintf(out, ", %s by %.*f from the first half to the second", change > 0 ? "grows" : "shrinks", decimals,
                fabs((double)change));
    fputc('\n', out);
}

static void say_unseen(FILE *out, const struct series s[N_SHOWN])
{
    for (int reason = 1; reason < PL_N_REASONS; reason++) {
        const char *separator = "    not seen  ";
        for (int k = 0; k < N_SHOWN; k++) {
            if (s[k].n || (int)s[k].why != reason)
                continue;
            fprintf(out, "%s%s", separator, name_of(shown[k]));
            separator = ", ";
        }
        if (*separator == ',')
            fprintf(out, " -> %s\n", pl_reason_text((enum pl_reason)reason));
    }
}

static void say_difference(FILE *out, const struct series *left, const struct series *right, enum pl_measure m)
{
    const float difference = left->median - right->median, band = hypotf(left->err, right->err);
    const int decimals = m == PL_M_WOBBLE ? 1 : 0;

    fprintf(out, "    %-14s %6.*f%s ±%-4.*f %s\n", name_of(m), decimals, (double)difference, pl_measure_unit(m), decimals,
            (double)band, fabsf(difference) <= band ? "no sure difference" : difference > 0 ? "left more" : "right more");
}

static void say_time(FILE *out, const struct pl_log *log, int64_t t_ns)
{
    const double s = pl_s_from_ns(t_ns - log->first_ns);
    fprintf(out, "%d:%05.2f", (int)(s / 60), s - 60 * floor(s / 60));
}

static enum pl_measure measure_of(enum pl_fault_kind kind, const struct pl_rep *rep)
{
    static const enum pl_measure of[PL_N_FAULTS] = {
        [PL_FAULT_KNEE_COLLAPSE] = PL_M_FPPA_CORRECTED, [PL_FAULT_HIP_DROP] = PL_M_PELVIC_DROP_CHANGE,
        [PL_FAULT_KNEE_OVER_TOE] = PL_M_KNEE_OVER_TOE, [PL_FAULT_WOBBLE] = PL_M_WOBBLE,
        [PL_FAULT_TOO_DEEP] = PL_M_KNEE_FLEXION, [PL_FAULT_TOO_SHALLOW] = PL_M_KNEE_FLEXION,
    };
    if (kind == PL_FAULT_TRUNK_LEAN)
        return rep && isnan(rep->m[PL_M_TRUNK_LEAN_SIDE].value) ? PL_M_TRUNK_LEAN_FORWARD : PL_M_TRUNK_LEAN_SIDE;
    return of[kind];
}

static const struct pl_rep *rep_of(const struct pl_log *log, int n)
{
    const struct pl_rep *rep = log->reps.data;
    for (int i = 0; i < log->reps.n; i++)
        if (rep[i].n == n)
            return &rep[i];
    return NULL;
}

static void say_faults(FILE *out, const struct pl_log *log)
{
    const struct pl_fault *f = log->faults.data;

    for (int i = 0; i < log->faults.n; i++) {
        const enum pl_measure m = measure_of(f[i].kind, rep_of(log, f[i].rep));
        fprintf(out, "%s", i ? "    " : "  faults, and where to look\n    ");
        say_time(out, log, f[i].start_ns);
        fprintf(out, " to ");
        say_time(out, log, f[i].end_ns);
        fprintf(out, "  repetition %d%s%s: %s %.*f%s, limit %.*f\n", f[i].rep,
                (unsigned)f[i].side < PL_N_SIDES ? ", " : "", (unsigned)f[i].side < PL_N_SIDES ? pl_side_name(f[i].side) : "",
                name_of(m), m == PL_M_WOBBLE, (double)f[i].peak, pl_measure_unit(m), m == PL_M_WOBBLE, (double)f[i].limit);
    }
}

static void say_leg(FILE *out, const struct series s[N_SHOWN], int leg, bool hold)
{
    const int n = s[0].n_reps;

    fprintf(out, "  %s, %d repetition%s; %s, 95 %% band, least to most\n",
            leg == PL_N_SIDES ? "both legs" : leg == PL_SIDE_LEFT ? "left leg" : "right leg", n, n == 1 ? "" : "s",
            hold ? "mean of the hold" : "at the bottom");
    for (int k = 0; k < N_SHOWN; k++)
        if (s[k].n)
            say_series(out, &s[k], shown[k]);
    say_unseen(out, s);
}

static void say_view(FILE *out, const struct pl_log *log)
{
    const char *view = pl_report_view_name(log);
    const double yaw = pl_report_yaw_deg(log), side = fabs(yaw);

    if (!view || isnan(yaw))
        return;
    fprintf(out, "  %s view: the camera %.0f° to the person's %s of straight %s\n", view, side > 90 ? 180 - side : side,
            yaw > 0 ? "left" : "right", side > 90 ? "behind" : "ahead");
}

/* Times in which nothing at all could be measured; what a view cannot see stands with each leg. */
static void say_blind(FILE *out, const struct pl_log *log)
{
    const struct pl_gap *gap = log->gaps.data;

    for (int reason = 1; reason < PL_N_REASONS; reason++) {
        int64_t lost_ns = 0;
        for (int i = 0; i < log->gaps.n; i++)
            if (gap[i].measure == PL_N_MEASURES && (int)gap[i].reason == reason)
                lost_ns += gap[i].end_ns - gap[i].start_ns;
        if (lost_ns)
            fprintf(out, "  nothing measured for %.1f s -> %s\n", pl_s_from_ns(lost_ns), pl_reason_text((enum pl_reason)reason));
    }
}

void pl_report_say_measures(const struct pl_log *log, FILE *out)
{
    struct series s[PL_N_SIDES + 1][N_SHOWN] = { 0 };
    const struct pl_rep *rep = log->reps.data;
    float *values = log->reps.n ? malloc((size_t)log->reps.n * (PL_N_SIDES + 1) * N_SHOWN * 2 * sizeof values[0]) : NULL;
    bool told = false;

    say_view(out, log);
    say_blind(out, log);
    if (!values)
        return;
    for (int leg = 0; leg <= PL_N_SIDES; leg++) {
        for (int k = 0; k < N_SHOWN; k++) {
            s[leg][k].value = values + (size_t)log->reps.n * (size_t)(2 * (leg * N_SHOWN + k));
            s[leg][k].sorted = s[leg][k].value + log->reps.n;
            gather(&s[leg][k], log, leg, shown[k]);
        }
        if (s[leg][0].n_reps)
            say_leg(out, s[leg], leg, rep[0].hold);
    }
    for (int k = 0; k < N_SHOWN; k++) {
        if (!s[PL_SIDE_LEFT][k].n || !s[PL_SIDE_RIGHT][k].n || !pl_measure_has_side(shown[k]))
            continue;
        fprintf(out, "%s", told ? "" : "  left minus right\n");
        told = true;
        say_difference(out, &s[PL_SIDE_LEFT][k], &s[PL_SIDE_RIGHT][k], shown[k]);
    }
    say_faults(out, log);
    free(values);
}
