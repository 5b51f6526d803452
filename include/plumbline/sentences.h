/* Every sentence that is said or shown, by id: what speech.h decides on, language.h puts into words.
 *
 * how:  reasons, faults, advices and names of measures come from their own lists, so that a new row there has a sentence here
 *       without a change; the rest stands in PL_SENTENCES_OWN
 * ids:  "reason.face_camera", "cue.knee_collapse", "advice.knee_collapse", "measure.fppa_deg", "say.start" ...
 */
#ifndef PLUMBLINE_SENTENCES_H
#define PLUMBLINE_SENTENCES_H

#include "plumbline/exercise.h"
#include "plumbline/measures.h"
#include "plumbline/pose.h"

/* name, id, English */
#define PL_SENTENCES_OWN(X) \
    X(START, "say.start", "Stop if it hurts") \
    X(MENDED, "say.mended", "Better. Keep it like that") \
    X(STOP_POOR, "say.stop_poor", "Rest, or make it smaller") \
    X(STOP_WOBBLE, "say.stop_wobble", "Your knee wobbles more and more. Rest, or make it smaller") \
    X(STOP_KNEE, "say.stop_knee", "Your knee drifts in more and more. Rest, or make it smaller") \
    X(STOP_HIP, "say.stop_hip", "Your hip drops more and more. Rest, or make it smaller") \
    X(PHASE_READY, "phase.ready", "Ready") \
    X(PHASE_START, "phase.start", "Start when you like") \
    X(PHASE_STAND, "phase.stand", "Standing") \
    X(PHASE_DOWN, "phase.down", "Down") \
    X(PHASE_BOTTOM, "phase.bottom", "Bottom") \
    X(PHASE_UP, "phase.up", "Up") \
    X(NOT_MEASURED, "screen.not_measured", "Not measured")

enum pl_sentence {
    PL_SAY_NOTHING,
#define X(name, id, text) PL_SAY_REASON_##name,
    PL_REASONS(X)
#undef X
#define X(name, id) PL_SAY_CUE_##name,
    PL_FAULTS(X)
#undef X
#define X(name, id) PL_SAY_ADVICE_##name,
    PL_FAULTS(X)
#undef X
#define X(name, id, sided, unit, text) PL_SAY_MEASURE_##name,
    PL_MEASURES(X)
#undef X
#define X(name, id, text) PL_SAY_##name,
    PL_SENTENCES_OWN(X)
#undef X
    PL_N_SENTENCES
};

const char *pl_sentence_id(enum pl_sentence sentence);      /* "reason.face_camera"; "" for NOTHING; static storage */
const char *pl_sentence_english(enum pl_sentence sentence); /* "Face the camera"; "" where there is none; static storage */

/* NOTHING for values outside the lists. */
enum pl_sentence pl_sentence_of_reason(enum pl_reason reason);
enum pl_sentence pl_sentence_of_cue(enum pl_fault_kind fault);
enum pl_sentence pl_sentence_of_advice(enum pl_fault_kind fault);
enum pl_sentence pl_sentence_of_measure(enum pl_measure measure);

#endif
