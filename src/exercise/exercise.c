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
static const double lost_s = 0.5; /* out of sight for longer breaks a repetition */
static const double look_s = 0.1; /* the posture is looked at ten times a second */
static const float reach_least_m = 0.08f;
static const double reach_pause_s = 4.0;
static const float usual_depth = 0.13f; /* legs: a bend of 60 degrees, until the person's own range is known */

struct pl_exercise_state {
    struct pl_exercise_options options;
    struct pl_limits limits;
    bool seen;
    int64_t seen_ns;   /* last frame with a person */
    enum pl_view view; /* then */
    struct motion motion;
    struct recording recording;
    struct judge judge;
    const struct pl_exercise *exercise; /* being done, NULL not known */
    enum pl_side side;
    bool recognised; /* in the present cycle */
    int64_t looked_ns;
    float range[N_RANGE]; /* depths of the last repetitions, newest first */
    int n_range;
    int n_reps, n_reps_side[PL_N_SIDES];
    struct pl_rep last_rep;
    float last_reach; /* of the free foot in the last repetition, forwards, statures; NAN */
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
    *state =
        (struct pl_exercise_state){ .options = options, .limits = limits, .side = options.side, .last_reach = NAN };
    state->exercise = pl_exercise_of(options.kind);
    pl_motion_reset(&state->motion);
}

/* How far a point is in front of mid-hip, by the body's own forward direction: away from the camera's yaw. */
static float ahead_m(const struct pl_pose *pose, struct pl_vec3 p)
{
    const float yaw = pose->yaw_deg * (float)(PL_PI / 180.0);
    return -sinf(yaw) * (p.x - pose->hips_m.x) - cosf(yaw) * (p.z - pose->hips_m.z);
}

static void record_frame(struct pl_exercise_state *state, const struct pl_pose *pose,
                         const struct pl_measures *measures, int64_t t_ns)
{
    const float size = pose->stature_px, forwards = isnan(pose->facing) ? 1.0f : pose->facing;
    const struct motion *motion = &state->motion;
    /* pose's median of three is what was there a frame ago */
    struct record record = { .t_ns = t_ns,
                             .sunk = (pose->hips_px.y - motion->level_px) / motion->leg_px,
                             .trunk = pose->trunk_px / size,
                             .trunk_forward_deg = measures->v[0][PL_M_TRUNK_LEAN_FORWARD].value };
    record.shoulders = (struct pl_vec2){ forwards * pose->shoulders_px.x / size, pose->shoulders_px.y / size };
    record.hips = (struct pl_vec2){ forwards * pose->hips_px.x / size, pose->hips_px.y / size };
    for (int side = 0; side < PL_N_SIDES; side++) {
        const struct pl_leg *leg = &pose->leg[side];
        record.ankle[side] = (struct pl_vec2){ forwards * leg->ankle_px.x / size, leg->ankle_px.y / size };
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
        if (pl_exercise_list(i)->fits(posture, &side))
            found = pl_exercise_list(i);
    }
    if (state->options.kind != PL_EXERCISE_AUTO && found->sided)
        found->fits(posture, &side);
    state->exercise = found;
    state->side = !found->sided ? PL_SIDE_UNKNOWN : state->options.side != PL_SIDE_UNKNOWN ? state->options.side : side;
    state->recognised = true;
}

static float own_range(const struct pl_exercise_state *state)
{
    float copy[N_RANGE];
    for (int i = 0; i < state->n_range; i++)
        copy[i] = state->range[i];
    return pl_signal_median(copy, state->n_range);
}

static float least_depth(const struct pl_exercise_state *state)
{
    const bool known = state->n_reps > 0 || state->options.kind != PL_EXERCISE_AUTO;
    const float range = own_range(state);
    return pl_counts_from_depth(&state->limits, known, isnan(range) ? 0.0f : range);
}

/* The present cycle so far, ten times a second. */
static void look_at_cycle(struct pl_exercise_state *state, const struct pl_pose *pose)
{
    const struct motion *m = &state->motion;
    struct posture posture;
    if (pose->t_ns - state->looked_ns < pl_ns_from_s(look_s) || m->deepest < least_depth(state))
        return;
    state->looked_ns = pose->t_ns;
    if (pl_posture_of(&state->recording, m->start_ns, m->bottom_ns, pose->t_ns, pose->view, &posture))
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
static void worse_leg(const struct recording *recording, struct pl_rep *rep)
{
    struct pl_rep right = *rep;
    pl_recording_values(recording, PL_SIDE_LEFT, rep);
    pl_recording_values(recording, PL_SIDE_RIGHT, &right);
    for (int m = 0; m < PL_N_MEASURES; m++) {
        if (isnan(rep->m[m].value) || right.m[m].value > rep->m[m].value) {
            rep->m[m] = right.m[m];
            rep->why[m] = right.why[m];
            if (m == PL_M_PELVIC_DROP_CHANGE)
                rep->hip_drop_by = right.hip_drop_by;
        }
    }
}

/* How far the free foot reaches in front (+) of the standing one, metres; NAN where nobody can tell. */
static float reach_of(const struct pl_exercise_state *state, const struct posture *posture)
{
    if (state->exercise != &pl_single_leg_squat || state->side == PL_SIDE_UNKNOWN)
        return NAN;
    return posture->foot_ahead_m[pl_side_other(state->side)];
}

/* The single-leg squat with a reach is two bends, heel to the front and then toe to the back, and one repetition: a
 * bend with the foot behind that follows one with the foot in front belongs to it. Who holds the foot on one side
 * all the time never does that. */
static bool is_second_half(const struct pl_exercise_state *state, float reach)
{
    const struct pl_rep *last = &state->last_rep;
    return state->last_reach > reach_least_m && reach < -reach_least_m && last->exercise == PL_EXERCISE_SINGLE_LEG_SQUAT
           && last->side == state->side && state->motion.cycle_start_ns - last->end_ns < pl_ns_from_s(reach_pause_s);
}

static void count(struct pl_exercise_state *state, struct pl_progress *out)
{
    const struct motion *m = &state->motion;
    struct pl_rep rep = { .n = state->n_reps + 1,
                          .exercise = state->exercise->kind,
                          .side = state->side,
                          .start_ns = m->cycle_start_ns,
                          .bottom_ns = m->cycle_bottom_ns,
                          .end_ns = m->cycle_end_ns };
    if (state->exercise->sided)
        pl_recording_values(&state->recording, state->side, &rep);
    else
        worse_leg(&state->recording, &rep);
    for (int i = 0; i < PL_N_BENDS; i++)
        rep.fppa_at_bend[i] = (struct pl_value){ NAN, NAN };
    for (int i = 0; i < PL_N_SIDES; i++) {
        if (!state->exercise->sided || state->side == (enum pl_side)i)
            pl_recording_at_bends(&state->recording, (enum pl_side)i, &rep);
    }
    remember_range(state, m->cycle_depth);
    state->n_reps++;
    if (rep.side != PL_SIDE_UNKNOWN)
        state->n_reps_side[rep.side]++;
    state->last_rep = rep;
    out->rep_done = true;
    pl_judge_rep(&state->judge, state->exercise, &rep, &state->limits, out);
}

static void end_cycle(struct pl_exercise_state *state, enum pl_view view, struct pl_progress *out)
{
    const struct motion *m = &state->motion;
    struct posture posture;
    if (pl_posture_of(&state->recording, m->cycle_start_ns, m->cycle_bottom_ns, m->cycle_end_ns, view, &posture)) {
        const struct pl_exercise *exercise = state->exercise;
        const enum pl_side side = state->side;
        recognise(state, &posture);
        if (m->cycle_depth >= least_depth(state)
            && pl_counts_as_repetition(m, &posture, state->exercise, &state->limits)) {
            const float reach = reach_of(state, &posture);
            const bool second_half = is_second_half(state, reach);
            state->last_reach = second_half ? NAN : reach;
            if (second_half)
                pl_judge_rep(&state->judge, NULL, &state->last_rep, &state->limits, out);
            else
                count(state, out);
            return;
        }
        if (pl_counts_as_sitting(m, &posture, state->exercise, &state->limits))
            state->motion.seat_px = m->cycle_bottom_px;
        state->exercise = exercise;
        state->side = side;
    }
    pl_judge_drop(&state->judge);
}

static enum pl_phase phase_of(const struct motion *m, const struct pl_limits *limits)
{
    switch (m->phase) {
    case MOTION_LOST: return PL_PHASE_NONE;
    case MOTION_STAND: return PL_PHASE_STAND;
    case MOTION_DOWN: return m->speed < 0.05f && m->sunk >= limits->rep_depth_least ? PL_PHASE_BOTTOM : PL_PHASE_DOWN;
    case MOTION_UP: return PL_PHASE_UP;
    }
    return PL_PHASE_NONE;
}

static void describe(const struct pl_exercise_state *state, struct pl_progress *out)
{
    const struct motion *m = &state->motion;
    const float range = own_range(state);
    const bool in_cycle = m->phase == MOTION_DOWN || m->phase == MOTION_UP;
    out->exercise = state->exercise ? state->exercise->kind : PL_EXERCISE_AUTO;
    out->side = state->exercise && state->exercise->sided ? state->side : PL_SIDE_UNKNOWN;
    out->phase = phase_of(m, &state->limits);
    out->depth = m->phase == MOTION_LOST ? NAN : fmaxf(0.0f, m->sunk) / (isnan(range) ? usual_depth : range);
    out->rep = in_cycle && m->deepest >= least_depth(state) ? state->n_reps + 1 : 0;
    out->n_reps = state->n_reps;
    out->n_reps_side[PL_SIDE_LEFT] = state->n_reps_side[PL_SIDE_LEFT];
    out->n_reps_side[PL_SIDE_RIGHT] = state->n_reps_side[PL_SIDE_RIGHT];
    out->last_rep = state->last_rep;
    for (int i = 0; state->exercise && i < state->exercise->n_faults; i++)
        out->needed[state->exercise->fault[i].measure] = true;
}

static void nobody(struct pl_exercise_state *state, int64_t t_ns)
{
    if (state->seen && t_ns - state->seen_ns > pl_ns_from_s(lost_s)) {
        pl_motion_lose(&state->motion);
        state->seen = false;
    }
}

static void somebody(struct pl_exercise_state *state, const struct pl_pose *pose, const struct pl_measures *measures,
                     struct pl_progress *out)
{
    if (state->seen && pose->t_ns - state->seen_ns > pl_ns_from_s(lost_s))
        pl_motion_lose(&state->motion);
    const int64_t before_ns = state->seen ? state->seen_ns : pose->t_ns;
    state->seen = true;
    state->seen_ns = pose->t_ns;
    state->view = pose->view;
    pl_motion_step(&state->motion, pose, &state->limits);
    record_frame(state, pose, measures, before_ns);
    if (state->motion.phase == MOTION_DOWN || state->motion.phase == MOTION_UP)
        look_at_cycle(state, pose);
    else
        state->recognised = false;
    if (state->motion.cycle)
        end_cycle(state, pose->view, out);
    else if (state->motion.phase == MOTION_LOST || state->motion.phase == MOTION_STAND)
        pl_judge_drop(&state->judge);
}

void pl_exercise_step(struct pl_exercise_state *state, const struct pl_pose *pose, const struct pl_measures *measures,
                      struct pl_progress *out)
{
    *out = (struct pl_progress){ .t_ns = pose->t_ns };
    if (pose->person)
        somebody(state, pose, measures, out);
    else
        nobody(state, pose->t_ns);
    describe(state, out);
    const struct judged_frame frame = { state->exercise, state->side, state->recognised && out->rep > 0 && pose->person,
                                        out->rep };
    pl_judge_frame(&state->judge, &frame, measures, &state->limits, out);
}

void pl_exercise_finish(struct pl_exercise_state *state, struct pl_progress *out)
{
    *out = (struct pl_progress){ .t_ns = state->seen_ns };
    pl_motion_finish(&state->motion, &state->limits);
    if (state->motion.cycle)
        end_cycle(state, state->view, out);
    describe(state, out);
}
