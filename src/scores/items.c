/* The items of both scores, each from its findings over one repetition.
 *
 * src:  rules and anchors: measures.md 5; limits with their sources in limits.h. Several items of the two scores are the
 *       same question; then both have the same answer.
 */
#include "internal.h"

#include <math.h>
#include <string.h>
#include "plumbline/geometry.h"
#include "plumbline/signal.h"

enum { RATE_HZ = 30, GRID_MAX = 24 * RATE_HZ };
static const double gap_s = 0.25, cutoff_hz = 6.0;         /* as for the repetition's values */
static const double before_s = 0.3, after_s = 0.1;         /* what the hands and the pelvis are compared with: round the start */
static const float hand_band = 0.03f;                      /* statures: rendered people with hands on the hips: up to .016 */
static const float lift_band = 0.05f;                      /* statures: a foot 30 cm behind looks that much higher */
static const float reversal_noise_deg = 1.5f;              /* of the filtered knee angle, from peak to peak */

/* The frames of one repetition. */
struct span {
    const struct ring *ring;
    const struct pl_limits *limits;
    const struct pl_rep *rep;
    bool reach;             /* one of the bends of a reach, whatever the repetition is called */
    int from, to;           /* frames [from, to) of the ring */
    int down_from, down_to; /* of them from the first to the last in which the hips are down: here the leg is judged, */
    float down_least;       /* but for those in between (of a reach) in which the depth is less */
    int side, free;
};

static const struct frame_facts *frame_of(const struct span *s, int i) { return pl_facts_at(s->ring, i); }

static struct finding over(const struct span *s, enum pl_fact fact, const struct series *series, float hold_s, float limit)
{
    return pl_finding_over(fact, series, hold_s, limit, s->limits->score_seen_min);
}

static bool is_down(const struct span *s, int i)
{
    return i >= s->down_from && i < s->down_to && !(frame_of(s, i)->depth < s->down_least);
}

/* A fact of one leg, as it is or without its sign. */
static void series_of(const struct span *s, int side, enum pl_fact fact, bool either_way, struct series *out)
{
    out->n = 0;
    for (int i = s->down_from; i < s->down_to; i++) {
        const struct frame_facts *f = frame_of(s, i);
        const struct known *k = &f->fact[side][fact];
        if (!is_down(s, i))
            continue;
        const struct pl_value v = { either_way ? fabsf(k->v.value) : k->v.value, k->v.err };
        pl_series_add(out, f->t_ns, v, k->why);
    }
}

static struct finding plain(const struct span *s, enum pl_fact fact, bool either_way, float limit)
{
    struct series series;
    series_of(s, s->side, fact, either_way, &series);
    return over(s, fact, &series, s->limits->fault_persist_s, limit);
}

/* ---- against the start of the repetition ---- */

enum { AT_START_MAX = 64 };

static float median_at_start(const struct span *s, float (*get)(const struct frame_facts *, int), int side)
{
    float values[AT_START_MAX];
    int n = 0;
    const int to = pl_facts_find(s->ring, s->rep->start_ns + pl_ns_from_s(after_s) + 1);
    for (int i = pl_facts_find(s->ring, s->rep->start_ns - pl_ns_from_s(before_s)); i < to && n < AT_START_MAX; i++)
        values[n++] = get(frame_of(s, i), side);
    return pl_signal_median(values, n);
}

static float hips_x(const struct frame_facts *f, int side) { return f->from_hips[side].x; }
static float hips_y(const struct frame_facts *f, int side) { return f->from_hips[side].y; }
static float shoulders_x(const struct frame_facts *f, int side) { return f->from_shoulders[side].x; }
static float shoulders_y(const struct frame_facts *f, int side) { return f->from_shoulders[side].y; }
static float turn(const struct frame_facts *f, int side) { return f->fact[side][PL_FACT_PELVIS_TURN].v.value; }

/* A hand that goes along with the hips (on the hips) or with the shoulders (on the chest, hanging) does not balance. */
static struct finding one_hand(const struct span *s, int side)
{
    const struct pl_vec2 hips = { median_at_start(s, hips_x, side), median_at_start(s, hips_y, side) };
    const struct pl_vec2 shoulders = { median_at_start(s, shoulders_x, side), median_at_start(s, shoulders_y, side) };
    struct series way = { .n = 0 };
    for (int i = s->from; i < s->to; i++) {
        const struct frame_facts *f = frame_of(s, i);
        const float by_hips = pl_geometry_distance(f->from_hips[side], hips);
        const float by_shoulders = pl_geometry_distance(f->from_shoulders[side], shoulders);
        const struct pl_value v = { fminf(by_hips, by_shoulders), hand_band };
        pl_series_add(&way, f->t_ns, v, f->hand_why[side] == PL_REASON_NONE ? PL_REASON_STAND_STILL : f->hand_why[side]);
    }
    return over(s, PL_FACT_HAND_WAY, &way, s->limits->score_arms_s, s->limits->score_arms_limit);
}

static struct finding pelvis_turns(const struct span *s)
{
    const float at_start = median_at_start(s, turn, s->side);
    struct series series;
    series_of(s, s->side, PL_FACT_PELVIS_TURN, false, &series);
    for (int i = 0; i < series.n; i++) {
        if (isnan(at_start) && !isnan(series.value[i]))
            series.why[i] = PL_REASON_STAND_STILL;
        series.value[i] = fabsf(pl_geometry_wrap_deg(series.value[i] - at_start));
    }
    return over(s, PL_FACT_PELVIS_TURN, &series, s->limits->fault_persist_s, s->limits->score_pelvis_turn_limit_deg);
}

/* ---- the knee ---- */

/* Over the second toe, or collapsing noticeably. The knee's angle bounds it from both sides; its place over a foot that
 * is turned out says less, and is only asked not to speak against a no. */
static struct finding knee_inside_toe(const struct span *s)
{
    const struct finding angle = plain(s, PL_FACT_FPPA, false, s->limits->score_fppa_limit_deg);
    struct finding place = plain(s, PL_FACT_KNEE_TO_TOE, false, s->limits->score_knee_toe_limit);
    if (angle.answer == PL_ANSWER_NO && place.answer == PL_ANSWER_UNCLEAR && place.v.value < place.limit)
        place.answer = PL_ANSWER_NO;
    return pl_finding_either(angle, place);
}

static struct finding knee_inside_border(const struct span *s)
{
    return pl_finding_either(plain(s, PL_FACT_FPPA, false, s->limits->score_fppa_far_limit_deg),
                             plain(s, PL_FACT_KNEE_TO_TOE, false, s->limits->score_knee_border_limit));
}

/* ---- steadiness ---- */

/* Lunges and step-ups have the free foot on the floor, whatever kinds of them there are; a reach is there to touch the
 * floor, and its thigh goes where the foot goes (measures.md 5: items 6 and 9 are skipped in reach tasks). */
static bool free_foot_busy(const struct span *s)
{
    const char *name = pl_exercise_name(s->rep->exercise);
    return s->reach || strstr(name, "lunge") || strstr(name, "step-up") || strstr(name, "reach");
}

static struct finding not_asked(enum pl_fact fact)
{
    return (struct finding){ PL_ANSWER_NOT_ASKED, PL_REASON_NONE, fact, { NAN, NAN }, NAN };
}

/* The free foot, while the hips are down: clearly off the floor all the time is no; at rest at the very place where it
 * stood before, after it had been lifted, is yes. A foot somewhere else near the floor is unclear: one camera does not
 * know how far behind or in front it is. */
static struct finding touches_down(const struct span *s)
{
    const struct pl_limits *limits = s->limits;
    struct series place = { .n = 0 }, low = { .n = 0 };
    bool lifted = false;
    if (free_foot_busy(s))
        return not_asked(PL_FACT_FOOT_LIFT);
    for (int i = s->from; i < s->to; i++) {
        const struct frame_facts *f = frame_of(s, i);
        const float lift = f->lift[s->free];
        lifted = lifted || lift > limits->foot_lift_min + lift_band;
        if (!is_down(s, i))
            continue;
        const bool at_place = lifted && f->from_place[s->free] < limits->score_touch_max;
        pl_series_add(&place, f->t_ns, (struct pl_value){ at_place ? 1.0f : 0.0f, 0.0f }, PL_REASON_NONE);
        pl_series_add(&low, f->t_ns, (struct pl_value){ -lift, lift_band }, PL_REASON_NOT_CLEAR);
    }
    const bool touched = pl_series_held(&place, limits->fault_persist_s).value > 0.5f;
    struct finding f = over(s, PL_FACT_FOOT_LIFT, &low, limits->fault_persist_s, -limits->foot_lift_min);
    f.v.value = -f.v.value;
    f.limit = -f.limit;
    if (f.answer == PL_ANSWER_YES) /* low in the picture alone is no touch */
        f.answer = PL_ANSWER_UNCLEAR;
    if (touched)
        f.answer = PL_ANSWER_YES;
    if (f.answer == PL_ANSWER_YES)
        f.why = PL_REASON_NONE;
    return f;
}

/* Quick turns of the knee from in to out. A count cannot be off by more than the noise makes it: counted once with turns
 * that noise may have made and once without. */
static struct finding knee_turns(const struct span *s)
{
    struct series series;
    struct pl_sample sample[FRAMES_MAX];
    float grid[GRID_MAX];
    const int64_t step_ns = PL_NS_PER_S / RATE_HZ;
    series_of(s, s->side, PL_FACT_REVERSALS, false, &series);
    if (!series.n)
        return pl_finding_unseen(PL_FACT_REVERSALS, PL_REASON_NOT_CLEAR);
    const int64_t start_ns = series.t_ns[0], steps = (series.t_ns[series.n - 1] - start_ns) / step_ns + 1;
    const int n_grid = steps < GRID_MAX ? (int)steps : GRID_MAX;
    for (int i = 0; i < series.n; i++)
        sample[i] = (struct pl_sample){ series.t_ns[i], series.value[i] };
    pl_signal_resample(sample, series.n, pl_ns_from_s(gap_s), start_ns, step_ns, grid, n_grid);
    pl_signal_smooth(grid, n_grid, RATE_HZ, cutoff_hz);
    const float most = (float)pl_series_reversals(grid, n_grid, s->limits->score_reversal_deg);
    const float least = (float)pl_series_reversals(grid, n_grid, s->limits->score_reversal_deg + reversal_noise_deg);
    const struct pl_value count = { 0.5f * (most + least), 0.5f * (most - least) };
    const bool seen = pl_series_known(&series) >= s->limits->score_seen_min;
    return pl_finding_of(PL_FACT_REVERSALS, count, s->limits->score_reversals_limit - 0.5f, seen, pl_series_why(&series));
}

static struct finding wobbles(const struct span *s)
{
    const struct pl_value wobble = s->rep->m[PL_M_WOBBLE];
    const enum pl_reason why = s->rep->why[PL_M_WOBBLE] == PL_REASON_NONE ? PL_REASON_NOT_CLEAR : s->rep->why[PL_M_WOBBLE];
    return pl_finding_either(pl_finding_of(PL_FACT_WOBBLE, wobble, s->limits->wobble_limit_pct, true, why), knee_turns(s));
}

/* ---- trunk ---- */

/* Both scores are rated from the front, where a sideways lean shows; a forward lean that a side view shows is an error
 * too, but none there says nothing about sideways. */
static struct finding trunk_leans(const struct span *s, struct finding sideways)
{
    const struct finding forward = plain(s, PL_FACT_TRUNK_FORWARD, false, s->limits->score_trunk_forward_limit_deg);
    return sideways.answer != PL_ANSWER_YES && forward.answer == PL_ANSWER_YES ? forward : sideways;
}

/* The other thigh; its angle has the same sign convention, and either way is off neutral. */
static struct finding free_thigh(const struct span *s)
{
    struct series series;
    if (free_foot_busy(s))
        return not_asked(PL_FACT_FREE_THIGH);
    series_of(s, s->free, PL_FACT_THIGH_IN, true, &series);
    return over(s, PL_FACT_FREE_THIGH, &series, s->limits->fault_persist_s, s->limits->score_free_thigh_limit_deg);
}

/* ---- items ---- */

static void set(struct pl_item *item, struct finding f)
{
    *item = (struct pl_item){ .answer = f.answer, .why = f.why, .fact = f.fact, .v = f.v, .limit = f.limit,
                              .least = f.answer == PL_ANSWER_YES,
                              .most = f.answer != PL_ANSWER_NO && f.answer != PL_ANSWER_NOT_ASKED };
}

/* 1 inside the second toe or 2 inside the foot's border: whoever is past the border is past the toe. */
static void set_knee(struct pl_item *item, struct finding toe, struct finding border)
{
    set(item, border.answer == PL_ANSWER_YES ? border : toe);
    item->least = border.answer == PL_ANSWER_YES ? 2 : toe.answer == PL_ANSWER_YES ? 1 : 0;
    item->most = toe.answer == PL_ANSWER_NO ? 0 : border.answer == PL_ANSWER_NO ? 1 : 2;
}

void pl_item_add(struct pl_item *item, const struct pl_item *more)
{
    const int least = more->least > item->least ? more->least : item->least,
              most = more->most > item->most ? more->most : item->most;
    if (pl_answer_weight(more->answer) > pl_answer_weight(item->answer)
        || (more->answer == item->answer && more->v.value - more->limit > item->v.value - item->limit))
        *item = *more;
    item->least = least;
    item->most = most;
}

static struct span span_of(const struct ring *ring, const struct pl_rep *rep, bool reach, const struct pl_limits *limits)
{
    struct span s = { .ring = ring, .limits = limits, .rep = rep, .reach = reach, .side = (int)rep->side,
                      .free = (int)pl_side_other(rep->side), .from = pl_facts_find(ring, rep->start_ns),
                      .to = pl_facts_find(ring, rep->end_ns + 1) };
    float deepest = NAN;
    for (int i = s.from; i < s.to; i++)
        deepest = fmaxf(deepest, frame_of(&s, i)->depth);
    s.down_from = s.from;
    s.down_to = s.to;
    s.down_least = rep->hold ? -INFINITY : limits->score_down_min * deepest; /* nothing goes down in a hold: all of it */
    if (rep->hold)
        return s;
    while (s.down_from < s.to && !(frame_of(&s, s.down_from)->depth >= s.down_least))
        s.down_from++;
    while (s.down_to > s.down_from && !(frame_of(&s, s.down_to - 1)->depth >= s.down_least))
        s.down_to--;
    return s;
}

void pl_items_of(const struct ring *ring, const struct pl_rep *rep, bool reach, const struct pl_limits *limits,
                 struct pl_scores *out)
{
    const struct span s = span_of(ring, rep, reach, limits);
    const struct finding arms = pl_finding_either(one_hand(&s, PL_SIDE_LEFT), one_hand(&s, PL_SIDE_RIGHT));
    const struct finding sideways = plain(&s, PL_FACT_TRUNK_SIDE, true, limits->trunk_side_limit_deg);
    const struct finding turns = pelvis_turns(&s), toe = knee_inside_toe(&s), border = knee_inside_border(&s);
    const struct finding touch = touches_down(&s), wobble = wobbles(&s);
    set(&out->piva[PL_PIVA_ARMS], arms);
    set(&out->piva[PL_PIVA_TRUNK], sideways);
    set(&out->piva[PL_PIVA_PELVIS],
        pl_finding_either(plain(&s, PL_FACT_PELVIS_DROP, true, limits->piva_pelvis_limit_deg), turns));
    set_knee(&out->piva[PL_PIVA_KNEE], toe, border);
    set(&out->piva[PL_PIVA_STEADY], pl_finding_either(touch, wobble));
    set(&out->qasls[PL_QASLS_ARMS], arms);
    set(&out->qasls[PL_QASLS_TRUNK], trunk_leans(&s, sideways));
    set(&out->qasls[PL_QASLS_PELVIS_LEVEL], plain(&s, PL_FACT_PELVIS_DROP, true, limits->qasls_pelvis_limit_deg));
    set(&out->qasls[PL_QASLS_PELVIS_TURN], turns);
    set(&out->qasls[PL_QASLS_THIGH], plain(&s, PL_FACT_THIGH_IN, false, limits->score_thigh_limit_deg));
    set(&out->qasls[PL_QASLS_FREE_THIGH], free_thigh(&s));
    set(&out->qasls[PL_QASLS_KNEE_TOE], toe);
    set(&out->qasls[PL_QASLS_KNEE_BORDER], border);
    set(&out->qasls[PL_QASLS_TOUCH], touch);
    set(&out->qasls[PL_QASLS_WOBBLE], wobble);
}
