/* cues: faults -> at most one thing to say now.
 *
 * in:   struct pl_progress of one frame
 * out:  struct pl_cue
 * how:  the first fault of PL_FAULTS (its order is the order of importance) that lasts long enough is said; it stays
 *       readable for a while, then there is quiet; a repetition gets at most one new correction, because a learner
 *       can work on one thing
 * not:  no sound, no drawing, no judgement of its own
 */
#include "plumbline/cues.h"

#include <stdlib.h>

struct text {
    const char *text, *advice;
};

/* External focus ("over your toe", "your belt") where there is one: instructions about the goal are learnt better than
 * instructions about the limb. Short enough to be read from three metres. */
static const struct text texts[PL_N_FAULTS] = {
    [PL_FAULT_KNEE_COLLAPSE] = { "Knee drifting inward", "Push your knee out over your second toe" },
    [PL_FAULT_HIP_DROP] = { "Hip dropping", "Keep your belt level: lift the free side" },
    [PL_FAULT_KNEE_OVER_TOE] = { "Knee past your toes", "Sit back and keep your shin upright" },
    [PL_FAULT_TRUNK_LEAN] = { "Upper body leaning", "Stand tall: chest over your hips" },
    [PL_FAULT_WOBBLE] = { "Knee wobbling", "Slow down and press your whole foot into the floor" },
    [PL_FAULT_TOO_DEEP] = { "Too deep", "Stop a little higher" },
    [PL_FAULT_TOO_SHALLOW] = { "Not deep enough", "Go a little lower if it does not hurt" },
};

struct pl_cues_state {
    struct pl_limits limits;
    struct pl_cue cue; /* what stands on the screen */
    int64_t over_ns;   /* when the last cue went, quiet counts from here */
    int spoken_rep;    /* the repetition the last correction was for */
    bool spoken;
};

const char *pl_cue_text(enum pl_fault_kind fault) { return (unsigned)fault < PL_N_FAULTS ? texts[fault].text : ""; }

const char *pl_cue_advice(enum pl_fault_kind fault) { return (unsigned)fault < PL_N_FAULTS ? texts[fault].advice : ""; }

struct pl_cues_state *pl_cues_open(const struct pl_limits *limits)
{
    struct pl_cues_state *state = calloc(1, sizeof *state);
    if (state) {
        state->limits = *limits;
        pl_cues_reset(state);
    }
    return state;
}

void pl_cues_close(struct pl_cues_state *state) { free(state); }

void pl_cues_reset(struct pl_cues_state *state)
{
    *state = (struct pl_cues_state){ .limits = state->limits, .over_ns = INT64_MIN };
    state->cue = (struct pl_cue){ .side = PL_SIDE_UNKNOWN, .text = "", .advice = "" };
}

/* Repetition n and the standing after it are one: what is judged when it ends still belongs to it. */
static int rep_of(const struct pl_progress *progress) { return progress->rep > 0 ? progress->rep : progress->n_reps; }

static bool quiet(const struct pl_cues_state *state, const struct pl_progress *progress)
{
    if (state->spoken && rep_of(progress) == state->spoken_rep)
        return true;
    return state->over_ns != INT64_MIN
           && progress->t_ns - state->over_ns < pl_ns_from_s((double)state->limits.cue_quiet_s);
}

/* The most important fault that has lasted; PL_N_FAULTS: none. */
static enum pl_fault_kind worst(const struct pl_cues_state *state, const struct pl_progress *progress)
{
    const double persist_s = (double)state->limits.cue_persist_s;
    for (int kind = 0; kind < PL_N_FAULTS; kind++) {
        const struct pl_fault_now *now = &progress->fault[kind];
        if (now->on && pl_has_lasted(now->since_ns, progress->t_ns, persist_s))
            return (enum pl_fault_kind)kind;
    }
    return PL_N_FAULTS;
}

static void expire(struct pl_cues_state *state, const struct pl_progress *progress)
{
    struct pl_cue *cue = &state->cue;
    const int64_t shown_ns = progress->t_ns - cue->since_ns;
    if (!cue->on || shown_ns < pl_ns_from_s((double)state->limits.cue_show_s))
        return;
    if (progress->fault[cue->fault].on && shown_ns < pl_ns_from_s((double)state->limits.cue_show_max_s))
        return;
    *cue = (struct pl_cue){ .side = PL_SIDE_UNKNOWN, .text = "", .advice = "" };
    state->over_ns = progress->t_ns;
}

void pl_cues_step(struct pl_cues_state *state, const struct pl_progress *progress, struct pl_cue *out)
{
    state->cue.fresh = false;
    expire(state, progress);
    if (progress->partial_done) /* the next attempt has the same number, and is another one */
        state->spoken = false;
    if (!state->cue.on && !quiet(state, progress)) {
        enum pl_fault_kind fault = worst(state, progress);
        if (fault != PL_N_FAULTS) {
            state->cue = (struct pl_cue){
                .on = true,
                .fresh = true,
                .fault = fault,
                .side = progress->fault[fault].side,
                .since_ns = progress->t_ns,
                .text = pl_cue_text(fault),
                .advice = pl_cue_advice(fault),
            };
            state->spoken = true;
            state->spoken_rep = rep_of(progress);
        }
    }
    *out = state->cue;
}
