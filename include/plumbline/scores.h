/* A repetition on one leg -> the two scores that physiotherapists fill in by eye.
 *
 * in:   pose, measures and progress of every frame
 * out:  struct pl_scores with the frame that completes a repetition
 * what: the lateral step-down score (Piva 2006: five items, 0 best .. 6) and QASLS (Qualitative Analysis of Single Leg
 *       loading: ten items, 0 best .. 10; Herrington & Munro, Parry 2023), as far as one camera can decide them
 * how:  an item is "yes" (the error is there) only when its limit is passed by more than the error band, for long
 *       enough; "no" only when it stays below by more than the band and nearly all of the repetition was seen; between
 *       them it is unclear; what the view cannot see is not seen, with what to change. Nothing is guessed: a sum is
 *       the range that the items leave, a grade is given only where the whole range has it.
 * not:  no clock, no I/O, no allocation after open
 */
#ifndef PLUMBLINE_SCORES_H
#define PLUMBLINE_SCORES_H

#include "plumbline/exercise.h"

/* What an item is decided by: id (with its unit; "stature" = share of the body's height), text for a sentence. */
#define PL_FACTS(X) \
    X(HAND_WAY,       "hand_way_stature",       "hand from where it was")            /* against hips and shoulders */ \
    X(TRUNK_SIDE,     "trunk_lean_side_deg",    "sideways lean") \
    X(TRUNK_FORWARD,  "trunk_lean_forward_deg", "forward lean") \
    X(PELVIS_DROP,    "pelvic_drop_change_deg", "pelvis off level")                  /* against standing */ \
    X(PELVIS_TURN,    "pelvis_turn_deg",        "pelvis turned")                     /* against the repetition's start */ \
    X(THIGH_IN,       "thigh_in_deg",           "thigh inwards")                     /* against the vertical, + = knee medial */ \
    X(FREE_THIGH,     "free_thigh_deg",         "free thigh sideways")               /* against the vertical */ \
    X(FPPA,           "fppa_corrected_deg",     "knee in")                           /* as seen from straight in front */ \
    X(KNEE_TO_TOE,    "knee_inside_toe_stature","knee inside the second toe")        /* + = medial */ \
    X(FOOT_LIFT,      "free_foot_lift_stature", "free foot above the standing one")  /* in the picture */ \
    X(WOBBLE,         "wobble_pct",             "wobble") \
    X(REVERSALS,      "knee_reversals",         "turns of the knee from in to out")  /* a count */

enum pl_fact {
#define X(name, id, text) PL_FACT_##name,
    PL_FACTS(X)
#undef X
    PL_N_FACTS
};
const char *pl_fact_id(enum pl_fact fact);
const char *pl_fact_text(enum pl_fact fact);

enum pl_answer {
    PL_ANSWER_NOT_SEEN,  /* why says what to change */
    PL_ANSWER_NOT_ASKED, /* does not belong to this exercise (a free foot that is meant to stand on the floor) */
    PL_ANSWER_NO,
    PL_ANSWER_UNCLEAR,   /* seen, but the limit lies in the error band */
    PL_ANSWER_YES,
    PL_N_ANSWERS
};
const char *pl_answer_id(enum pl_answer answer); /* "not_seen", "not_asked", "no", "unclear", "yes" */

/* id, text, most points */
#define PL_PIVA(X) \
    X(ARMS,   "arms",   "arms move to balance",     1) \
    X(TRUNK,  "trunk",  "trunk leans",              1) \
    X(PELVIS, "pelvis", "pelvis drops or turns",    1) \
    X(KNEE,   "knee",   "knee inside the foot",     2) /* 1 inside the second toe, 2 inside the foot's inner border */ \
    X(STEADY, "steady", "steps down or wavers",     1)

#define PL_QASLS(X) \
    X(ARMS,         "arms",         "arms move to balance",               1) \
    X(TRUNK,        "trunk",        "trunk leans",                        1) \
    X(PELVIS_LEVEL, "pelvis_level", "pelvis not level",                   1) \
    X(PELVIS_TURN,  "pelvis_turn",  "pelvis turns",                       1) \
    X(THIGH,        "thigh",        "standing thigh falls in",            1) \
    X(FREE_THIGH,   "free_thigh",   "free thigh not neutral",             1) \
    X(KNEE_TOE,     "knee_toe",     "knee not over the second toe",       1) \
    X(KNEE_BORDER,  "knee_border",  "knee inside the foot's inner border",1) \
    X(TOUCH,        "touch",        "free foot touches down",             1) \
    X(WOBBLE,       "wobble",       "standing leg wobbles",               1)

enum pl_piva {
#define X(name, id, text, most) PL_PIVA_##name,
    PL_PIVA(X)
#undef X
    PL_N_PIVA
};
enum pl_qasls {
#define X(name, id, text, most) PL_QASLS_##name,
    PL_QASLS(X)
#undef X
    PL_N_QASLS
};
const char *pl_piva_id(enum pl_piva item);
const char *pl_piva_text(enum pl_piva item);
const char *pl_qasls_id(enum pl_qasls item);
const char *pl_qasls_text(enum pl_qasls item);

/* One item. v and limit: what decided it, or came nearest to; NAN where nothing was seen or asked. */
struct pl_item {
    enum pl_answer answer;
    enum pl_reason why;   /* NOT_SEEN: what to change; else NONE */
    int least, most;      /* the points it may have; equal where it is decided */
    enum pl_fact fact;
    struct pl_value v;
    float limit;
};

struct pl_sum {
    int least, most;      /* the total lies between */
    int of;               /* the most that could have been had from the items asked */
    int n_decided, n_asked;
};

/* Piva 2006: 0-1 good, 2-3 medium, 4 and more poor. UNKNOWN: the range has more than one grade. */
enum pl_grade { PL_GRADE_UNKNOWN, PL_GRADE_GOOD, PL_GRADE_MEDIUM, PL_GRADE_POOR };
const char *pl_grade_name(enum pl_grade grade); /* "good"; NULL for UNKNOWN */
enum pl_grade pl_scores_grade(int least, int most, const struct pl_limits *limits); /* of a Piva total */

struct pl_scores {
    int rep;              /* the repetition they are of (struct pl_rep's n); 0: none on one leg was completed yet */
    enum pl_side side;    /* its working leg */
    struct pl_item piva[PL_N_PIVA], qasls[PL_N_QASLS];
    struct pl_sum piva_sum, qasls_sum;
    enum pl_grade grade;  /* of the Piva sum */
};

struct pl_scores_state;
/* own: pl_scores_close; NULL when out of memory. limits are copied. */
struct pl_scores_state *pl_scores_open(const struct pl_limits *limits);
void pl_scores_close(struct pl_scores_state *state);
void pl_scores_reset(struct pl_scores_state *state);

/* One frame. out is always filled: the scores of the newest repetition that has some. A repetition on both legs has none. A
 * reach has two bends and one set of scores; where the second one ends later (progress bend_done), they are told anew. */
void pl_scores_step(struct pl_scores_state *state, const struct pl_pose *pose, const struct pl_measures *measures,
                    const struct pl_progress *progress, struct pl_scores *out);

/* The recording is over: progress as pl_exercise_finish left it. */
void pl_scores_finish(struct pl_scores_state *state, const struct pl_progress *progress, struct pl_scores *out);

/* The range of a sum as text, e.g. "2" or "2 to 3". out: size bytes, always ended. */
void pl_scores_range_text(char *out, int size, int least, int most);

#endif
