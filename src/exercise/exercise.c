/* exercise: measures over time -> phase, repetitions, faults.
 *
 * in:   pose and measures of one frame
 * out:  struct pl_progress
 * how:  pl_exercise_step: the hips' cycles (motion.c) - what the body does in the present one (posture.c) - which
 *       exercise and leg - a whole cycle that is one becomes a repetition, its values read from the recording -
 *       faults
 * not:  no clock, no allocation, no look into the future: live and replayed give the same
 */
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include "plumbline/geometry.h"
#include "plumbline/signal.h"

enum { N_RANGE = 5 };
static const double look_s = 0.1; /* the posture is looked at ten times a second */
static const double hold_part_s = 20.0;
static const double settle_s = 0.7; /* after a repetition was told: .2-.5 to its end, and the standing that is read for that */
static const double settle_share = 0.35; /* the same of a slow one's length: it is told that much before its end */
static const float grown = 1.05f;    /* limbs only ever look shorter than they are: that much more is no noise */
static const float stature_m = 1.7f; /* where the picture knows only shares of it */

struct pl_exercise_state {
    struct pl_exercise_options options;
    struct pl_limits limits;
    int64_t seen_ns;   /* last frame with a person */
    enum pl_view view; /* then */
    bool seen;
    bool climbs;                /* the exercise being done is made of rises */
    bool in_cycle;
    bool recognised;            /* in the present cycle */
    struct judged_frame judged; /* the last one */
    struct motion motion, rise; /* of hips that sink, that rise */
    struct hold hold;
    struct reach reach;
    struct recording recording;
    struct judge judge;
    const struct pl_exercise *exercise; /* being done, NULL not known */
    enum pl_side side, leg;     /* of the working leg: its name, and which of pose's it is */
    int64_t looked_ns;
    float size_px;              /* the recording's unit: stature, the same within a cycle */
    float range[N_RANGE]; /* depths of the last repetitions, newest first */
    int n_range;
    int n_reps, n_reps_side[PL_N_SIDES];
    struct pl_rep last_rep;
    bool to_settle;       /* its end is not yet known well */
    int64_t told_ns;
    int n_partials;
    int64_t partial_ns; /* end of the last one: the next begins after it */
};

static const char *const phase_names[PL_N_PHASES] = { "", "stand", "down", "bottom", "up" };

const char *pl_phase_name(enum pl_phase phase) { return (unsigned)phase < PL_N_PHASES ? phase_names[phase] : ""; }

const char *pl_fault_name(enum pl_fault_kind kind)
{
    static const char *const names[PL_N_FAULTS] = {
#define X(name, id) id,
        PL_FAULTS(X)
#undef X
    };
    return (unsigned)kind < PL_N_FAULTS ? names[kind] : "?";
}

const char *pl_partial_id(enum pl_partial_why why)
{
    static const char *const ids[PL_N_PARTIALS] = {
#define X(name, id, text) id,
        PL_PARTIALS(X)
#undef X
    };
    return (unsigned)why < PL_N_PARTIALS ? ids[why] : "?";
}

const char *pl_partial_text(enum pl_partial_why why)
{
    static const char *const texts[PL_N_PARTIALS] = {
#define X(name, id, text) text,
        PL_PARTIALS(X)
#undef X
    };
    return (unsigned)why < PL_N_PARTIALS ? texts[why] : "";
}

struct pl_exercise_state *pl_exercise_open(const struct pl_exercise_options *options, const struct pl_limits *limits)
{
    struct pl_exercise_state *state = calloc(1, sizeof *state);
    if (state) {
        state->options = *options;
        state->limits = *limits;
        pl_exercise_reset(state);
    }
    return state;
}

void pl_exercise_close(struct pl_exercise_state *state) { free(state); }

void pl_exercise_reset(struct pl_exercise_state *state)
{
    const struct pl_exercise_options options = state->options;
    const struct pl_limits limits = state->limits;
    *state = (struct pl_exercise_state){ .options = options, .limits = limits, .side = options.side,
                                          .leg = options.side };
    state->exercise = pl_exercise_of(options.kind);
    state->climbs = state->exercise && state->exercise->moves == RISES;
    pl_motion_reset(&state->motion, false);
    pl_motion_reset(&state->rise, true);
}

/* How far a point is in front of mid-hip, by the body's own forward direction: away from the camera's yaw. */
static float ahead_m(const struct pl_pose *pose, struct pl_vec3 p)
{
    const float yaw = pose->yaw_deg * (float)(PL_PI / 180.0);
    return -sinf(yaw) * (p.x - pose->hips_m.x) - cosf(yaw) * (p.z - pose->hips_m.z);
}

/* The motion that the exercise being done is made of. */
static const struct motion *driver(const struct pl_exercise_state *state)
{
    return state->climbs ? &state->rise : &state->motion;
}

static void record_frame(struct pl_exercise_state *state, const struct pl_pose *pose,
                         const struct pl_measures *measures, int64_t t_ns)
{
    const bool in_cycle = driver(state)->phase == MOTION_DOWN || driver(state)->phase == MOTION_UP;
    const bool begins = in_cycle && !state->in_cycle;
    const bool grew = in_cycle && pose->stature_px > grown * state->size_px; /* who came bent gets taller */
    if (begins || grew)
        pl_recording_rescale(&state->recording, pose->stature_px);
    state->in_cycle = in_cycle;
    const float size = in_cycle && !begins && !grew ? state->size_px : pose->stature_px,
                forwards = isnan(pose->facing) ? 1.0f : pose->facing;
    const struct motion *motion = &state->motion, *rise = &state->rise;
    state->size_px = size; /* a foot that stays must not seem to move because the bent body looks smaller */
    /* pose's median of three is what was there a frame ago */
    struct record record = { .t_ns = t_ns,
                             .sunk = (pose->hips_px.y - motion->level_px) / motion->leg_px,
                             .risen = (-pose->hips_px.y - rise->level_px) / rise->leg_px,
                             .size_px = size,
                             .swapped = pose->swapped,
                             .trunk = pose->trunk_px / size,
                             .trunk_forward_deg = measures->v[0][PL_M_TRUNK_LEAN_FORWARD].value };
    record.shoulders = (struct pl_vec2){ forwards * pose->shoulders_px.x / size, pose->shoulders_px.y / size };
    record.hips = (struct pl_vec2){ forwards * pose->hips_px.x / size, pose->hips_px.y / size };
    record.joint_hips_y = pose->joint_hips_y_px / size;
    for (int side = 0; side < PL_N_SIDES; side++) {
        const struct pl_leg *leg = &pose->leg[side];
        record.ankle[side] = (struct pl_vec2){ forwards * leg->ankle_px.x / size, leg->ankle_px.y / size };
        record.ankle_as_seen[side] =
            (struct pl_vec2){ forwards * leg->ankle_px.x / pose->stature_px, leg->ankle_px.y / pose->stature_px };
        record.knee[side] = (struct pl_vec2){ forwards * leg->knee_px.x / size, leg->knee_px.y / size };
        record.ahead_m[side] = ahead_m(pose, leg->ankle_m);
        record.below_m[side] = leg->ankle_m.y - pose->hips_m.y;
        record.hip_ankle[side] = pl_geometry_distance(leg->hip_px, leg->ankle_px) / size;
        for (int m = 0; m < PL_N_MEASURES; m++) {
            record.v[side][m] = measures->v[side][m];
            record.why[side][m] = measures->why[side][m];
        }
        record.hip_drop_by[side] = measures->hip_drop_by[side];
    }
    pl_recording_add(&state->recording, &record);
}

static void recognise(struct pl_exercise_state *state, struct posture *posture)
{
    enum pl_side side = PL_SIDE_UNKNOWN;
    posture->before = state->last_rep.exercise;
    posture->side_before = state->last_rep.side;
    const struct pl_exercise *found = pl_exercise_of(state->options.kind);
    for (int i = 0; !found && pl_exercise_list(i); i++) {
        if (!pl_exercise_list(i)->by_name && pl_exercise_list(i)->fits(posture, &state->limits, &side))
            found = pl_exercise_list(i);
    }
    if (state->options.kind != PL_EXERCISE_AUTO && found->sided)
        found->fits(posture, &state->limits, &side);
    state->exercise = found;
    state->side = !found->sided ? PL_SIDE_UNKNOWN : state->options.side != PL_SIDE_UNKNOWN ? state->options.side : side;
    const bool single = state->exercise->fits == pl_single_leg_squat.fits || state->exercise == &pl_step_down;
    state->leg = single && state->side != PL_SIDE_UNKNOWN ? pl_single_leg_named(posture, state->side) : state->side;
    state->recognised = true;
}

static float own_range(const struct pl_exercise_state *state)
{
    float copy[N_RANGE];
    for (int i = 0; i < state->n_range; i++)
        copy[i] = state->range[i];
    return pl_signal_median(copy, state->n_range);
}

/* Nobody told it and nothing was done yet: what did not become a repetition is no attempt at one either. */
static bool known(const struct pl_exercise_state *state)
{
    return state->n_reps > 0 || state->options.kind != PL_EXERCISE_AUTO;
}

static float least_depth(const struct pl_exercise_state *state, bool one_leg)
{
    const float range = own_range(state);
    return pl_counts_from_depth(&state->limits, known(state), one_leg, isnan(range) ? 0.0f : range);
}

/* The present cycle so far, ten times a second. */
static void look_at_cycle(struct pl_exercise_state *state, const struct pl_pose *pose)
{
    const struct motion *m = driver(state);
    struct posture posture;
    if (state->climbs) {
        state->recognised = m->deepest >= least_depth(state, false);
        return;
    }
    if (pose->t_ns - state->looked_ns < pl_ns_from_s(look_s) || m->deepest < least_depth(state, false))
        return;
    state->looked_ns = pose->t_ns;
    if (pl_posture_of(&state->recording, m->start_ns, m->bottom_ns, pose->t_ns, pose->view, &state->limits, &posture))
        recognise(state, &posture);
}

static void remember_range(struct pl_exercise_state *state, float depth)
{
    for (int i = N_RANGE - 1; i > 0; i--)
        state->range[i] = state->range[i - 1];
    state->range[0] = depth;
    if (state->n_range < N_RANGE)
        state->n_range++;
}

/* A squat on both legs has one value per measure: the leg that looks worse, which is the larger number. */
static void worse_leg(const struct recording *recording, const struct pl_limits *limits, struct pl_rep *rep)
{
    struct pl_rep right = *rep;
    pl_recording_values(recording, PL_SIDE_LEFT, limits, rep);
    pl_recording_values(recording, PL_SIDE_RIGHT, limits, &right);
    for (int m = 0; m < PL_N_MEASURES; m++) {
        if (isnan(rep->m[m].value) || right.m[m].value > rep->m[m].value) {
            rep->m[m] = right.m[m];
            rep->why[m] = right.why[m];
            if (m == PL_M_PELVIC_DROP_CHANGE)
                rep->hip_drop_by = right.hip_drop_by;
        }
    }
}

/* How far the free foot is in front (+) of the standing one, metres; NAN where nobody can tell. */
static float reach_of(const struct pl_exercise_state *state, const struct posture *posture)
{
    const bool single = state->exercise == &pl_single_leg_squat || state->exercise == &pl_mini_squat_reach;
    if (!single || state->side == PL_SIDE_UNKNOWN)
        return NAN;
    const enum pl_side free = pl_side_other(state->leg);
    const bool picture = isnan(posture->foot_ahead_m[free]) && state->exercise == &pl_mini_squat_reach;
    return picture ? stature_m * posture->foot_ahead[free] : posture->foot_ahead_m[free];
}

/* A long hold is longer than the recording: its last part speaks for it. */
static void measure_hold(const struct pl_exercise_state *state, struct pl_rep *rep)
{
    const int64_t start_ns = rep->start_ns, from_ns = rep->end_ns - pl_ns_from_s(hold_part_s);
    rep->start_ns = start_ns > from_ns ? start_ns : from_ns;
    pl_recording_values(&state->recording, rep->side, &state->limits, rep);
    rep->sway_pct = pl_recording_sway(&state->recording, rep->start_ns, rep->end_ns);
    rep->start_ns = start_ns;
}

static void count(struct pl_exercise_state *state, struct pl_rep *rep, float depth, struct pl_progress *out)
{
    rep->n = state->n_reps + 1;
    rep->exercise = state->exercise->kind;
    rep->side = state->side;
    rep->sway_pct = (struct pl_value){ NAN, NAN };
    for (int i = 0; i < PL_N_BENDS; i++)
        rep->fppa_at_bend[i] = (struct pl_value){ NAN, NAN };
    if (rep->hold) {
        measure_hold(state, rep);
    } else {
        if (state->exercise->sided)
            pl_recording_values(&state->recording, state->leg, &state->limits, rep);
        else
            worse_leg(&state->recording, &state->limits, rep);
        for (int i = 0; i < PL_N_SIDES; i++) {
            if (!state->exercise->sided || state->leg == (enum pl_side)i)
                pl_recording_at_bends(&state->recording, (enum pl_side)i, rep);
        }
        remember_range(state, depth);
    }
    state->n_reps++;
    if (rep->side != PL_SIDE_UNKNOWN)
        state->n_reps_side[rep->side]++;
    state->last_rep = *rep;
    state->to_settle = !rep->hold;
    state->told_ns = state->seen_ns;
    state->partial_ns = rep->end_ns;
    out->rep_done = true;
    pl_judge_rep(&state->judge, state->exercise, rep, &state->limits, out);
}

/* A repetition was told when its rise was nearly over. now: nothing more will be seen of it */
static void settle(struct pl_exercise_state *state, bool now, struct pl_progress *out)
{
    const struct pl_rep *rep = &state->last_rep;
    const double since_s = pl_s_from_ns(state->seen_ns - state->told_ns),
                 whole_s = fmax(settle_s, settle_share * pl_s_from_ns(rep->end_ns - rep->start_ns));
    const bool next = driver(state)->phase == MOTION_DOWN; /* has begun: more of the last one will not be seen */
    if (!state->to_settle || out->rep_done || (!now && since_s < (next ? settle_s : whole_s)))
        return;
    pl_recording_rescale(&state->recording, state->size_px); /* what came after it in the unit of what was before */
    pl_recording_settle(&state->recording, &state->limits, &state->last_rep);
    state->partial_ns = state->last_rep.end_ns;
    state->to_settle = false;
    out->rep_settled = true;
}

/* What has become no repetition is told once, with what there was of it. */
static void tell_partial(struct pl_exercise_state *state, enum pl_partial_why why, const struct pl_rep *rep, float depth,
                         struct pl_progress *out)
{
    const float range = own_range(state);
    const int64_t start_ns = rep->start_ns > state->partial_ns ? rep->start_ns : state->partial_ns;
    state->n_partials++;
    out->partial_done = true;
    out->last_partial = (struct pl_partial){ .why = why,
                                             .exercise = state->exercise->kind,
                                             .side = state->exercise->sided ? state->side : PL_SIDE_UNKNOWN,
                                             .start_ns = start_ns,
                                             .bottom_ns = rep->bottom_ns,
                                             .end_ns = rep->end_ns,
                                             .depth = depth / range };
    state->partial_ns = rep->end_ns;
}

static struct pl_rep cycle_of(const struct motion *m)
{
    return (struct pl_rep){ .start_ns = m->cycle_start_ns, .bottom_ns = m->cycle_bottom_ns, .end_ns = m->cycle_end_ns };
}

static struct pl_rep first_half_of(const struct reach *reach)
{
    return (struct pl_rep){ .start_ns = reach->start_ns, .bottom_ns = reach->bottom_ns, .end_ns = reach->end_ns };
}

/* The second bend of a reach that was not told by name: it counts nothing, but what was wrong in it belongs to the
 * repetition. */
static void add_bend(struct pl_exercise_state *state, struct pl_rep *bend, struct pl_progress *out)
{
    bend->n = state->last_rep.n;
    bend->exercise = state->last_rep.exercise;
    bend->side = state->last_rep.side;
    bend->sway_pct = (struct pl_value){ NAN, NAN };
    for (int i = 0; i < PL_N_BENDS; i++)
        bend->fppa_at_bend[i] = (struct pl_value){ NAN, NAN };
    pl_recording_values(&state->recording, state->leg, &state->limits, bend);
    pl_recording_at_bends(&state->recording, state->leg, bend);
    out->bend_done = true;
    out->bend = *bend;
    pl_judge_rep(&state->judge, NULL, &state->last_rep, &state->limits, out);
}

/* A reach that has been told by name needs both touches; nobody knows that of one that has not, so its first half counts
 * at once and the second one adds nothing. */
static void count_bend(struct pl_exercise_state *state, const struct posture *posture, struct pl_progress *out)
{
    const struct motion *m = &state->motion;
    const struct reach before = state->reach;
    const enum reached reached = pl_reach_step(&state->reach, m, reach_of(state, posture), state->side, &state->limits);
    struct pl_rep rep = cycle_of(m), first = first_half_of(&before);
    if (state->exercise == &pl_mini_squat_reach) {
        rep.start_ns = reached == REACHED_BOTH ? before.start_ns : rep.start_ns;
        if (reached != REACHED_BOTH) {
            if (before.front || reached != REACHED_FRONT)
                pl_judge_drop(&state->judge);
            if (before.front)
                tell_partial(state, PL_PARTIAL_MISSING_TOUCH, &first, NAN, out);
            else if (reached != REACHED_FRONT)
                tell_partial(state, PL_PARTIAL_MISSING_TOUCH, &rep, m->cycle_depth, out);
            state->reach.front = reached == REACHED_FRONT;
            return;
        }
    } else if (reached == REACHED_BOTH) {
        add_bend(state, &rep, out);
        return;
    }
    count(state, &rep, m->cycle_depth, out);
}

/* The foot was in front, and the touch behind does not come. */
static void miss_touch(struct pl_exercise_state *state, struct pl_progress *out)
{
    const struct pl_rep first = first_half_of(&state->reach);
    if (state->reach.front) {
        tell_partial(state, PL_PARTIAL_MISSING_TOUCH, &first, NAN, out);
        pl_judge_drop(&state->judge);
    }
    state->reach.front = false;
}

/* Between two step-ups the hips sink from the step to the floor and rise again. */
static bool between_climbs(const struct pl_exercise_state *state)
{
    const struct pl_rep *last = &state->last_rep;
    return last->exercise == PL_EXERCISE_STEP_UP && last->end_ns > state->motion.cycle_start_ns;
}

static void end_cycle(struct pl_exercise_state *state, enum pl_view view, struct pl_progress *out)
{
    const struct motion *m = &state->motion;
    struct posture posture;
    if (!between_climbs(state)
        && pl_posture_of(&state->recording, m->cycle_start_ns, m->cycle_bottom_ns, m->cycle_end_ns, view, &state->limits,
                         &posture)) {
        const struct pl_exercise *exercise = state->exercise;
        const enum pl_side side = state->side, leg = state->leg;
        recognise(state, &posture);
        const bool counts = pl_counts_as_repetition(m, &posture, state->exercise, &state->limits);
        if (m->cycle_depth >= least_depth(state, state->exercise == &pl_single_leg_squat) && counts) {
            state->climbs = false;
            count_bend(state, &posture, out);
            return;
        }
        if (counts && known(state) && m->cycle_depth >= state->limits.partial_depth_least) {
            struct pl_rep rep = cycle_of(m);
            pl_recording_values(&state->recording, PL_SIDE_LEFT, &state->limits, &rep); /* for its times */
            tell_partial(state, PL_PARTIAL_TOO_SHALLOW, &rep, m->cycle_depth, out);
        }
        if (pl_counts_as_sitting(m, &posture, state->exercise, &state->limits))
            state->motion.seat_px = m->cycle_bottom_px;
        state->exercise = exercise;
        state->side = side;
        state->leg = leg;
    }
    pl_judge_drop(&state->judge);
}

/* A cycle that goes no further: was it a repetition up to here? */
static void break_off(struct pl_exercise_state *state, enum pl_partial_why why, enum pl_view view, int64_t t_ns,
                      struct pl_progress *out)
{
    const struct motion *m = &state->motion;
    const struct pl_rep rep = { .start_ns = m->start_ns, .bottom_ns = m->bottom_ns, .end_ns = t_ns };
    struct posture posture;
    if (pl_s_from_ns(t_ns - m->start_ns) < (double)state->limits.rep_min_s)
        return;
    if (!known(state) || state->climbs || !(m->phase == MOTION_DOWN || m->phase == MOTION_UP)
        || !(m->deepest >= least_depth(state, false)) || between_climbs(state)
        || !pl_posture_of(&state->recording, m->start_ns, m->bottom_ns, t_ns, view, &state->limits, &posture))
        return;
    const struct pl_exercise *exercise = state->exercise;
    const enum pl_side side = state->side, leg = state->leg;
    recognise(state, &posture);
    if (pl_counts_as_bend(m, &posture, state->exercise, &state->limits)) {
        tell_partial(state, why, &rep, m->deepest, out);
        return;
    }
    state->exercise = exercise;
    state->side = side;
    state->leg = leg;
}

/* The hips were up on something and are down again. */
static void end_climb(struct pl_exercise_state *state, enum pl_view view, struct pl_progress *out)
{
    const struct motion *m = &state->rise;
    const bool told = state->options.kind == PL_EXERCISE_STEP_UP;
    const float least = state->climbs ? least_depth(state, false) : state->limits.step_rise_min;
    const double lasted_s = pl_s_from_ns(m->cycle_end_ns - m->cycle_start_ns);
    struct pl_rep rep = cycle_of(m);
    enum pl_side side;
    if ((state->options.kind != PL_EXERCISE_AUTO && !told) || lasted_s < (double)state->limits.rep_min_s
        || !pl_climbed(&state->recording, m, view, told, &state->limits, &side))
        return;
    if (m->cycle_depth >= least) {
        state->climbs = true;
        state->exercise = &pl_step_up;
        state->leg = state->side = state->options.side == PL_SIDE_UNKNOWN ? side : state->options.side;
        count(state, &rep, m->cycle_depth, out);
    } else if (state->climbs && known(state) && m->cycle_depth >= state->limits.partial_depth_least) {
        tell_partial(state, PL_PARTIAL_TOO_SHALLOW, &rep, m->cycle_depth, out);
    }
}

static void end_hold(struct pl_exercise_state *state, bool lost, struct pl_progress *out)
{
    const struct hold *h = &state->hold;
    const double lasted_s = pl_s_from_ns(h->last_ns - h->start_ns);
    struct pl_rep rep = { .start_ns = h->start_ns, .bottom_ns = h->start_ns + (h->last_ns - h->start_ns) / 2,
                          .end_ns = h->last_ns, .hold = true };
    state->side = h->side;
    if (lasted_s >= (double)state->limits.stance_hold_min_s)
        count(state, &rep, NAN, out);
    else if (lasted_s >= (double)state->limits.stance_attempt_s)
        tell_partial(state, lost ? PL_PARTIAL_LOST : PL_PARTIAL_TOO_SHORT, &rep, NAN, out);
    if (!out->rep_done)
        pl_judge_drop(&state->judge);
}

static enum pl_phase phase_of(const struct motion *m, const struct pl_limits *limits)
{
    switch (m->phase) {
    case MOTION_LOST: return PL_PHASE_NONE;
    case MOTION_STAND: return PL_PHASE_STAND;
    case MOTION_DOWN:
        return m->rises ? PL_PHASE_UP : m->speed < 0.05f && m->sunk >= limits->rep_depth_least ? PL_PHASE_BOTTOM : PL_PHASE_DOWN;
    case MOTION_UP: return m->rises ? PL_PHASE_DOWN : PL_PHASE_UP;
    }
    return PL_PHASE_NONE;
}

static void describe_motion(const struct pl_exercise_state *state, struct pl_progress *out)
{
    const struct motion *m = driver(state);
    const float range = own_range(state);
    const bool in_cycle = m->phase == MOTION_DOWN || m->phase == MOTION_UP;
    out->phase = phase_of(m, &state->limits);
    out->depth = m->phase == MOTION_LOST ? NAN : fmaxf(0.0f, m->sunk) / (isnan(range) ? state->limits.usual_depth : range);
    out->rep = in_cycle && m->deepest >= least_depth(state, false) ? state->n_reps + 1 : 0;
}

static void describe_hold(const struct pl_exercise_state *state, struct pl_progress *out)
{
    out->phase = state->seen ? PL_PHASE_STAND : PL_PHASE_NONE;
    out->depth = NAN;
    out->rep = state->hold.on ? state->n_reps + 1 : 0;
    out->hold_s = state->hold.on ? (float)pl_s_from_ns(out->t_ns - state->hold.start_ns) : NAN;
}

static bool holds(const struct pl_exercise_state *state) { return state->exercise && state->exercise->moves == HOLDS; }

static void describe(const struct pl_exercise_state *state, struct pl_progress *out)
{
    out->hold_s = NAN;
    out->exercise = state->exercise ? state->exercise->kind : PL_EXERCISE_AUTO;
    out->side = state->exercise && state->exercise->sided ? state->side : PL_SIDE_UNKNOWN;
    if (holds(state))
        describe_hold(state, out);
    else
        describe_motion(state, out);
    out->n_reps = state->n_reps;
    out->n_reps_side[PL_SIDE_LEFT] = state->n_reps_side[PL_SIDE_LEFT];
    out->n_reps_side[PL_SIDE_RIGHT] = state->n_reps_side[PL_SIDE_RIGHT];
    out->last_rep = state->last_rep;
    out->n_partials = state->n_partials;
    for (int i = 0; state->exercise && i < state->exercise->n_faults; i++)
        out->needed[state->exercise->fault[i].measure] = true;
}

/* Out of sight for too long. */
static void lose(struct pl_exercise_state *state, struct pl_progress *out)
{
    settle(state, true, out);
    break_off(state, PL_PARTIAL_LOST, state->view, state->seen_ns, out);
    if (state->hold.on)
        end_hold(state, true, out);
    state->hold = (struct hold){ 0 };
    pl_motion_lose(&state->motion);
    pl_motion_lose(&state->rise);
    state->seen = false;
}

/* Between the two bends of a reach: what was wrong in the first belongs to the repetition. */
static bool halfway(const struct pl_exercise_state *state)
{
    return state->exercise == &pl_mini_squat_reach && state->reach.front;
}

static void move(struct pl_exercise_state *state, const struct pl_pose *pose, struct pl_progress *out)
{
    const struct motion *m = driver(state);
    if (m->phase == MOTION_DOWN || m->phase == MOTION_UP)
        look_at_cycle(state, pose);
    else
        state->recognised = false;
    if (state->motion.again)
        break_off(state, PL_PARTIAL_NOT_BACK_UP, pose->view, pose->t_ns, out);
    if (state->rise.cycle)
        end_climb(state, pose->view, out);
    if (state->motion.cycle && state->options.kind != PL_EXERCISE_STEP_UP)
        end_cycle(state, pose->view, out);
    else if (!out->rep_done && !halfway(state) && (m->phase == MOTION_LOST || m->phase == MOTION_STAND))
        pl_judge_drop(&state->judge);
}

static void stand(struct pl_exercise_state *state, const struct pl_pose *pose, struct pl_progress *out)
{
    pl_hold_step(&state->hold, &state->recording, pose, state->options.side, &state->limits);
    if (state->hold.on || state->hold.ended)
        state->side = state->hold.side;
    state->recognised = state->hold.on;
    if (state->hold.ended)
        end_hold(state, false, out);
}

static void somebody(struct pl_exercise_state *state, const struct pl_pose *pose, const struct pl_measures *measures,
                     struct pl_progress *out)
{
    if (state->seen && pose->t_ns - state->seen_ns > pl_ns_from_s((double)state->limits.lost_s))
        lose(state, out);
    const int64_t before_ns = state->seen ? state->seen_ns : pose->t_ns;
    state->seen = true;
    state->seen_ns = pose->t_ns;
    state->view = pose->view;
    pl_motion_step(&state->motion, pose, &state->limits);
    pl_motion_step(&state->rise, pose, &state->limits);
    record_frame(state, pose, measures, before_ns);
    settle(state, false, out);
    if (holds(state))
        stand(state, pose, out);
    else
        move(state, pose, out);
    if (state->exercise == &pl_mini_squat_reach && state->motion.phase == MOTION_STAND && !out->partial_done
        && pl_reach_overdue(&state->reach, pose->t_ns, &state->limits))
        miss_touch(state, out);
}

/* First frame of what is under way that may be judged: before, weight is still shifted to the leg that is to stand. */
static int judged_from(const struct pl_exercise_state *state)
{
    const struct recording *r = &state->recording;
    const struct motion *m = driver(state);
    const float down = state->limits.rep_down_min * state->limits.rep_depth_least;
    const int64_t start_ns = holds(state) ? state->hold.start_ns : m->start_ns;
    int i = r->n - 1;
    for (; i > 0 && pl_recording_at(r, i - 1)->t_ns >= start_ns; i--) {
        const struct record *f = pl_recording_at(r, i - 1);
        if (!holds(state) && !((state->climbs ? f->risen : f->sunk) > down))
            break;
    }
    return i;
}

/* It takes a good part of the way down until it is clear that this is a repetition, and whose leg works: by then a fault may
 * be old. What it was like in the frames before is judged now; what had come and gone by now nobody has to hear. */
static void judge_so_far(struct pl_exercise_state *state, struct judged_frame frame)
{
    const struct recording *r = &state->recording;
    const int n_ended = state->judge.n_ended;
    struct pl_progress so_far;
    pl_judge_anew(&state->judge);
    for (int i = judged_from(state); i < r->n - 1; i++) {
        frame.t_ns = pl_recording_at(r, i + 1)->t_ns; /* records stand a frame back */
        frame.v = pl_recording_at(r, i)->v;
        pl_judge_frame(&state->judge, &frame, &state->limits, &so_far);
    }
    state->judge.n_ended = n_ended;
}

static void judge(struct pl_exercise_state *state, const struct pl_pose *pose, const struct pl_measures *measures,
                  struct pl_progress *out)
{
    const struct judged_frame before = state->judged;
    const struct judged_frame frame = { .t_ns = pose->t_ns, .exercise = state->exercise, .side = state->side,
                                        .leg = holds(state) ? state->side : state->leg,
                                        .working = state->recognised && out->rep > 0 && pose->person,
                                        .rep = out->rep, .v = measures->v };
    const bool same = before.exercise == frame.exercise && before.side == frame.side && before.leg == frame.leg;
    if (frame.working && !(before.working && same))
        judge_so_far(state, frame);
    pl_judge_frame(&state->judge, &frame, &state->limits, out);
    state->judged = frame;
    state->judged.v = NULL; /* was borrowed */
}

void pl_exercise_step(struct pl_exercise_state *state, const struct pl_pose *pose, const struct pl_measures *measures,
                      struct pl_progress *out)
{
    *out = (struct pl_progress){ .t_ns = pose->t_ns };
    if (pose->person)
        somebody(state, pose, measures, out);
    else if (state->seen && pose->t_ns - state->seen_ns > pl_ns_from_s((double)state->limits.lost_s))
        lose(state, out);
    describe(state, out);
    judge(state, pose, measures, out);
}

void pl_exercise_finish(struct pl_exercise_state *state, struct pl_progress *out)
{
    *out = (struct pl_progress){ .t_ns = state->seen_ns };
    if (holds(state)) {
        if (state->hold.on)
            end_hold(state, true, out);
        describe(state, out);
        return;
    }
    settle(state, true, out);
    pl_motion_finish(&state->motion, &state->limits);
    pl_motion_finish(&state->rise, &state->limits);
    if (state->rise.cycle)
        end_climb(state, state->view, out);
    if (state->motion.cycle && state->options.kind != PL_EXERCISE_STEP_UP)
        end_cycle(state, state->view, out);
    else if (!out->rep_done && state->motion.phase == MOTION_UP)
        break_off(state, PL_PARTIAL_NOT_BACK_UP, state->view, state->seen_ns, out);
    if (state->exercise == &pl_mini_squat_reach && !out->partial_done)
        miss_touch(state, out);
    describe(state, out);
}

void pl_exercise_choose(struct pl_exercise_state *state, const struct pl_exercise_options *options)
{
    const int n_reps = state->n_reps, left = state->n_reps_side[PL_SIDE_LEFT], right = state->n_reps_side[PL_SIDE_RIGHT];
    state->options = *options;
    pl_exercise_reset(state);
    state->n_reps = n_reps;
    state->n_reps_side[PL_SIDE_LEFT] = left;
    state->n_reps_side[PL_SIDE_RIGHT] = right;
}
