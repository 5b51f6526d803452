/* What to say with this frame: at most one sentence, and the number of a repetition that was completed.
 *
 * in:   pose, measures, progress and cue of one frame; state from the frames before
 * out:  struct pl_utterance
 * how:  the most urgent of: stop rules, the cue that appeared, what did not count, "I can't see you", set-up hints, encouragement.
 *       Each has its persistence and its quiet time in seconds (limits.h)
 * not:  no clock, no I/O, no allocation, no sound: whether and when it is spoken is voice.h's business
 */
#ifndef PLUMBLINE_SPEECH_H
#define PLUMBLINE_SPEECH_H

#include "plumbline/cues.h"
#include "plumbline/sentences.h"

/* The more urgent replaces what waits to be said; STOP also breaks off what is being said. TICK is of the moment, as a number is: a
 * countdown, half of a hold. FLOW is what comes next, a rest, the other leg: it waits for its turn and gives way to nothing. */
enum pl_urgency { PL_URGENCY_PRAISE, PL_URGENCY_HINT, PL_URGENCY_BLIND, PL_URGENCY_TICK, PL_URGENCY_FLOW, PL_URGENCY_CUE,
                  PL_URGENCY_STOP };

struct pl_utterance {
    int64_t t_ns;                    /* of the frame */
    enum pl_sentence sentence;       /* NOTHING: none */
    int number;                      /* for the sentence's %d, where it has one */
    enum pl_urgency urgency;         /* of the sentence */
    int count;                       /* number of the repetition completed with this frame; 0: none */
};

/* Something that was said, or sounded: for the log. */
enum { PL_SPOKEN_BYTES = 192 };
struct pl_spoken {
    int64_t start_ns, end_ns;        /* the frames' time; end: as far as it got */
    char text[PL_SPOKEN_BYTES];      /* "3"; empty: a tone alone */
};

struct pl_speech_state;
struct pl_speech_state *pl_speech_open(const struct pl_limits *limits); /* NULL: memory; limits are copied */
void pl_speech_close(struct pl_speech_state *state);
/* Time jumped. That "stop if it hurts" was said is remembered. */
void pl_speech_reset(struct pl_speech_state *state);
void pl_speech_step(struct pl_speech_state *state, const struct pl_pose *pose, const struct pl_measures *measures,
                    const struct pl_progress *progress, const struct pl_cue *cue, struct pl_utterance *out);

#endif
