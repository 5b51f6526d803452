/* The wall test: knee over toe rises to the wall, stays there for a moment, and falls again. */
#include <math.h>

#include "plumbline/calibrating.h"
#include "plumbline/signal.h"

/* src: own choice: the measure's own noise is 1-2 % of the foot, and it settles by 4 within a second; a knee that comes to a
 *      wall travels a third of a foot and more */
static const float still_pct = 6, rise_pct = 15, fall_pct = 8, alike_pct = 8, most_pct = 60;
static const double hold_s = 0.5;
static const int least_samples = 5;

static void forget(struct pl_toe_side *s)
{
    s->n = 0;
    s->plateau = NAN;
}

static void begin(struct pl_toe_test *t)
{
    for (int side = 0; side < PL_N_SIDES; side++) {
        t->side[side].lowest = INFINITY;
        forget(&t->side[side]);
    }
    t->begun = true;
}

/* The median of the last half second if it was still, else NAN. */
static float still_value(const struct pl_toe_side *s, int64_t now_ns)
{
    float v[PL_TOE_WINDOW], least = INFINITY, most = -INFINITY;
    int64_t oldest = now_ns;
    int n = 0;
    for (int i = 0; i < s->n; i++) {
        if (now_ns - s->t_ns[i] > pl_ns_from_s(1.2 * hold_s))
            continue;
        v[n++] = s->value[i];
        least = fminf(least, s->value[i]);
        most = fmaxf(most, s->value[i]);
        if (s->t_ns[i] < oldest)
            oldest = s->t_ns[i];
    }
    bool still = n >= least_samples && now_ns - oldest >= pl_ns_from_s(hold_s) && most - least <= still_pct;
    return still ? pl_signal_median(v, n) : NAN;
}

static bool end_touch(struct pl_toe_side *s)
{
    bool ended = !isnan(s->plateau) && s->n_touches < PL_TOE_TOUCHES_MAX;
    if (ended)
        s->touch[s->n_touches++] = s->plateau;
    s->plateau = NAN;
    return ended;
}

static bool step(struct pl_toe_side *s, float value, int64_t t_ns)
{
    bool ended = false;
    if (s->n < PL_TOE_WINDOW)
        s->next = s->n++;
    else
        s->next = (s->next + 1) % PL_TOE_WINDOW;
    s->t_ns[s->next] = t_ns;
    s->value[s->next] = value;
    if (!isnan(s->plateau) && value < s->plateau - fall_pct) {
        ended = end_touch(s);
        s->lowest = value;
    }
    s->lowest = fminf(s->lowest, value);
    float still = still_value(s, t_ns);
    if (still > s->lowest + rise_pct && !(still <= s->plateau))
        s->plateau = still;
    return ended;
}

bool pl_toe_test_step(struct pl_toe_test *t, const struct pl_measures *measures, const struct pl_pose *pose)
{
    bool ended = false;
    if (!t->begun)
        begin(t);
    for (int side = 0; side < PL_N_SIDES; side++) {
        float value = measures->v[side][PL_M_KNEE_OVER_TOE].value;
        if (pose->view == PL_VIEW_SIDE && side == (int)pose->near_side && !isnan(value))
            ended = step(&t->side[side], value, measures->t_ns) || ended;
    }
    return ended;
}

bool pl_calibrate_toe(struct pl_toe_calibration *out, struct pl_toe_test *t, struct pl_err *err)
{
    float offset[PL_N_SIDES] = { NAN, NAN }, spread[PL_N_SIDES] = { NAN, NAN };
    int most = 0;

    if (!t->begun)
        begin(t);
    for (int side = 0; side < PL_N_SIDES; side++) {
        struct pl_toe_side *s = &t->side[side];
        end_touch(s); /* the recording may end at the wall */
        most = s->n_touches > most ? s->n_touches : most;
        if (s->n_touches < PL_TOE_TOUCHES_LEAST)
            continue;
        offset[side] = -pl_signal_median(s->touch, s->n_touches); /* sorts, or not: the ends are looked for anew */
        float low = INFINITY, high = -INFINITY;
        for (int i = 0; i < s->n_touches; i++) {
            low = fminf(low, s->touch[i]);
            high = fmaxf(high, s->touch[i]);
        }
        spread[side] = 0.5f * (high - low);
        if (spread[side] > alike_pct)
            return pl_fail(err, PL_E_FORMAT, "the %s knee's touches differ by %.0f %% of the foot: keep the heel down and the "
                           "toes at the wall, and hold each touch for a second", pl_side_name((enum pl_side)side),
                           (double)(high - low));
        if (fabsf(offset[side]) > most_pct)
            return pl_fail(err, PL_E_FORMAT, "the %s knee is read %.0f %% of the foot off the wall: do toes and knee both touch "
                           "it?", pl_side_name((enum pl_side)side), (double)-offset[side]);
    }
    if (most < PL_TOE_TOUCHES_LEAST)
        return pl_fail(err, PL_E_FORMAT, "%s: stand side-on, toes at a wall, and bring the knee to the wall at least %d times, "
                       "each held for a second, the heel down", most ? "only one touch was seen" : "no touch of the wall was seen",
                       PL_TOE_TOUCHES_LEAST);
    *out = (struct pl_toe_calibration){
        .left_offset_pct = offset[0], .right_offset_pct = offset[1], .left_touches = t->side[0].n_touches,
        .right_touches = t->side[1].n_touches, .left_spread_pct = spread[0], .right_spread_pct = spread[1],
    };
    return true;
}
