/* Measures over time -> phase, repetitions, faults.
 *
 * in:   pose and measures of one frame; state from the frames before
 * out:  struct pl_progress: what is going on now, and what ended with this frame
 * how:  the exercise and the working leg are found automatically unless told; repetitions by hysteresis on a body-
 *       scaled depth signal relative to the person's own range (counting is relative, coaching absolute); a fault
 *       needs its limit passed by more than the error band, for long enough, in a view that can see it
 *       what began as a repetition and is none is told with its reason
 * not:  walking in, sitting down, hinging, arm exercises, high knees, leaving the picture count nothing
 */
#ifndef PLUMBLINE_EXERCISE_H
#define PLUMBLINE_EXERCISE_H

#include "plumbline/limits.h"
#include "plumbline/measures.h"
#include "plumbline/pose.h"

/* AUTO tells squat, single-leg squat, the three lunges, step-ups and most step-downs apart. The others look like one of
 * these, or like standing about, and are done when they are asked for by name. */
enum pl_exercise_kind {
    PL_EXERCISE_AUTO,
    PL_EXERCISE_SINGLE_LEG_SQUAT, /* plain; with a reach, two bends are one repetition */
    PL_EXERCISE_LUNGE,            /* forward: the front foot steps */
    PL_EXERCISE_SQUAT,
    PL_EXERCISE_REVERSE_LUNGE,    /* the rear foot steps */
    PL_EXERCISE_SPLIT_LUNGE,      /* neither does */
    PL_EXERCISE_STEP_UP,          /* a repetition: the hips rise onto the step and come back */
    PL_EXERCISE_STEP_DOWN,        /* found where the free foot goes far down, else by name */
    PL_EXERCISE_MINI_SQUAT_REACH, /* by name: heel touch in front, then toe touch behind, and only both are one */
    PL_EXERCISE_STANCE,           /* by name; a repetition is a hold */
    PL_N_EXERCISES
};
const char *pl_exercise_name(enum pl_exercise_kind kind); /* "auto", "single-leg-squat", "lunge", ... */
bool pl_exercise_from_name(enum pl_exercise_kind *out, const char *name); /* false: no such exercise */

enum pl_phase { PL_PHASE_NONE, PL_PHASE_STAND, PL_PHASE_DOWN, PL_PHASE_BOTTOM, PL_PHASE_UP, PL_N_PHASES };
const char *pl_phase_name(enum pl_phase phase);                                  /* "", "stand", "down", "bottom", "up" */

/* Most important first. */
#define PL_FAULTS(X) \
    X(KNEE_COLLAPSE, "knee_collapse") X(HIP_DROP, "hip_drop") X(KNEE_OVER_TOE, "knee_over_toe") X(TRUNK_LEAN, "trunk_lean") \
    X(WOBBLE, "wobble") X(TOO_DEEP, "too_deep") X(TOO_SHALLOW, "too_shallow")
enum pl_fault_kind {
#define X(name, id) PL_FAULT_##name,
    PL_FAULTS(X)
#undef X
    PL_N_FAULTS
};
const char *pl_fault_name(enum pl_fault_kind kind);

enum pl_at { PL_AT_BOTTOM, PL_AT_PEAK, PL_AT_HOLD };

/* Bends at which collapse is noted, degrees: only at the same depth repetitions and days compare. */
#define PL_BENDS_DEG { 30, 45, 60 }
enum { PL_N_BENDS = 3 };

/* One whole repetition. Values at the bottom (zero-lag, from the repetition's own frames), the peak over the
 * repetition, or the mean of a hold. The bottom of a step-up is where the leg on the step takes the weight: the first
 * third of the rise. */
struct pl_rep {
    int n;                        /* 1, 2, ... over the session */
    enum pl_exercise_kind exercise;
    enum pl_side side;            /* working leg; UNKNOWN for a squat on both */
    int64_t start_ns, bottom_ns, end_ns;
    struct pl_value m[PL_N_MEASURES]; /* of the working leg; for a squat of the worse-looking leg as the measure says */
    enum pl_at at[PL_N_MEASURES];
    enum pl_reason why[PL_N_MEASURES]; /* where m is NAN */
    unsigned hip_drop_by;         /* who spoke of PELVIC_DROP_CHANGE at the bottom (measures.h) */
    struct pl_value fppa_at_bend[PL_N_BENDS]; /* FPPA_CORRECTED on the way down; of a squat the larger; NAN: not reached or seen */
    bool hold;                    /* a stance: it lasted end - start */
    struct pl_value sway_pct;     /* of a stance: RMS of the hips' sideways way, of the stature; else NAN */
};

/* What began as a repetition and did not become one. Walking, sitting down, bowing, jumping and leaving are neither. */
#define PL_PARTIALS(X) \
    X(TOO_SHALLOW,   "too_shallow",    "Not counted: a little lower if you can") /* counting is relative to the person */ \
    X(NOT_BACK_UP,   "not_back_up",    "Not counted: come all the way up") \
    X(MISSING_TOUCH, "missing_touch",  "Not counted: heel in front, then toe behind") \
    X(LOST,          "lost_from_sight", "Not counted: stay in the picture") \
    X(TOO_SHORT,     "too_short",      "Not counted: hold it longer")
enum pl_partial_why {
#define X(name, id, text) PL_PARTIAL_##name,
    PL_PARTIALS(X)
#undef X
    PL_N_PARTIALS
};
const char *pl_partial_id(enum pl_partial_why why);   /* "too_shallow" */
const char *pl_partial_text(enum pl_partial_why why); /* "Not counted: come all the way up" */

struct pl_partial {
    enum pl_partial_why why;
    enum pl_exercise_kind exercise;
    enum pl_side side;
    int64_t start_ns, bottom_ns, end_ns;
    float depth;                  /* share of the person's own range; NAN where that is not known */
};

/* One episode: from the first frame over the limit to the last. Episodes are told when their repetition is complete
 * (fault[] tells them at once); what was seen while sitting down or stretching belongs to no repetition and is
 * dropped. */
struct pl_fault {
    enum pl_fault_kind kind;
    enum pl_side side;
    int64_t start_ns, end_ns;
    float peak, limit;            /* in the measure's unit */
    int rep;                      /* the repetition it happened in */
};

struct pl_fault_now {
    bool on;                      /* there in this frame: over the limit by more than the band, for long enough */
    enum pl_side side;
    float value, limit;
    int64_t since_ns;             /* first frame over the limit */
};

enum { PL_MAX_ENDED = 16 };

struct pl_progress {
    int64_t t_ns;
    enum pl_exercise_kind exercise; /* AUTO while not known */
    enum pl_side side;              /* working (stance or front) leg now; UNKNOWN if both or none */
    enum pl_phase phase;
    float depth;                    /* 0 standing .. 1 at the person's own range, may exceed 1; NAN unknown */
    int rep;                        /* number of the repetition under way, 0 = none */
    int n_reps, n_reps_side[PL_N_SIDES]; /* whole repetitions so far */
    bool rep_done;                  /* one was completed with this frame: last_rep */
    struct pl_rep last_rep;         /* n = 0: none yet */
    bool bend_done;                 /* a reach's second bend, which nobody asked for by name and so counts nothing, ended with */
    struct pl_rep bend;             /* this frame: it belongs to last_rep, n and side are that one's, times and values its own */
    bool rep_settled;               /* with this frame, start_ns and end_ns of last_rep are known as well as they get: it is told
                                     * when its rise is nearly over, and the end lies in what comes after */
    float hold_s;                   /* how long the stance under way has lasted; NAN: none is */
    int n_partials;                 /* so far */
    bool partial_done;              /* one ended with this frame: last_partial */
    struct pl_partial last_partial;
    struct pl_fault_now fault[PL_N_FAULTS];
    int n_ended;                    /* fault episodes of the repetition that was completed with this frame */
    struct pl_fault ended[PL_MAX_ENDED];
    bool needed[PL_N_MEASURES];     /* what this exercise judges: not measurable among these is worth telling */
};

struct pl_exercise_options {
    enum pl_exercise_kind kind;     /* AUTO: found by itself */
    enum pl_side side;              /* UNKNOWN: found by itself */
};

struct pl_exercise_state;
/* own: pl_exercise_close; NULL when out of memory. options and limits are copied. */
struct pl_exercise_state *pl_exercise_open(const struct pl_exercise_options *options, const struct pl_limits *limits);
void pl_exercise_close(struct pl_exercise_state *state);
void pl_exercise_reset(struct pl_exercise_state *state);
/* Another exercise from now on: what was learnt is forgotten, the repetitions so far stay counted. */
void pl_exercise_choose(struct pl_exercise_state *state, const struct pl_exercise_options *options);
void pl_exercise_step(struct pl_exercise_state *state, const struct pl_pose *pose, const struct pl_measures *measures,
                      struct pl_progress *out);

/* The recording is over. A repetition that has come back to standing but for the last of the rise is completed
 * (out->rep_done, with its episodes in out->ended); one that has not is none, and its episodes go with it. */
void pl_exercise_finish(struct pl_exercise_state *state, struct pl_progress *out);

#endif
