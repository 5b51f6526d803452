/* Faults -> at most one thing to say now: most important first, with persistence and quiet times in seconds. */
#ifndef PLUMBLINE_CUES_H
#define PLUMBLINE_CUES_H

#include "plumbline/exercise.h"

struct pl_cue {
    bool on;                  /* a cue stands on the screen in this frame */
    bool fresh;               /* ... and appeared with this frame */
    enum pl_fault_kind fault;
    enum pl_side side;
    int64_t since_ns;
    const char *text;         /* "Knee drifting inward"; static storage, never NULL ("" if off) */
    const char *advice;       /* "Push your knee out over your second toe" */
};

const char *pl_cue_text(enum pl_fault_kind fault);
const char *pl_cue_advice(enum pl_fault_kind fault);

struct pl_cues_state;
struct pl_cues_state *pl_cues_open(const struct pl_limits *limits); /* NULL: memory */
void pl_cues_close(struct pl_cues_state *state);
void pl_cues_reset(struct pl_cues_state *state);
void pl_cues_step(struct pl_cues_state *state, const struct pl_progress *progress, struct pl_cue *out);

#endif
