/* Moment -> what the live coach is doing now: setting up, choosing, standing, working, resting, done; and what it says.
 *
 * in:   one frame's moment, and what else is known about the picture: its size, brightness, noise, rate
 * out:  struct pl_coach_view: a plain value that the screen draws and the voice says
 * how:  a state machine over the moments' own times (src/coach/coach.c has its picture). It only watches: repetitions are the
 *       exercise's business, and one that it counts is counted here, too, in whatever state: asking, pausing and resting never
 *       stand in the way
 * not:  no clock, no I/O, nothing is allocated after opening. Places are in the camera's picture; only the screen mirrors.
 */
#ifndef PLUMBLINE_COACH_H
#define PLUMBLINE_COACH_H

#include "plumbline/calibration.h"
#include "plumbline/frame.h"
#include "plumbline/lens.h"
#include "plumbline/limits.h"
#include "plumbline/moment.h"
#include "plumbline/plan.h"
#include "plumbline/sentences.h"

/* The set-up guide, most important first; the list is in sentences.h. */
enum pl_check {
#define X(name, id, text) PL_CHECK_##name,
    PL_CHECKS(X)
#undef X
    PL_N_CHECKS
};
enum pl_sentence pl_sentence_of_check(enum pl_check check); /* its name: "Whole body" */

enum pl_check_state { PL_CHECK_UNKNOWN, PL_CHECK_OK, PL_CHECK_BAD };

struct pl_check_now {
    enum pl_check_state state;
    enum pl_sentence what;        /* to change; NOTHING unless bad */
    int number;                   /* for its %d */
};

enum pl_coach_state {
    PL_COACH_SETUP,               /* somebody, and a picture that they can be measured in */
    PL_COACH_CHOOSE,              /* targets are shown */
    PL_COACH_COUNTDOWN,
    PL_COACH_BASELINE,            /* standing still, without a word */
    PL_COACH_WORK,
    PL_COACH_REST,
    PL_COACH_DONE,                /* summary; a further repetition goes on with the work */
    PL_N_COACH_STATES
};
const char *pl_coach_state_name(enum pl_coach_state state); /* "setup", ... */

/* Shares of the picture's width and height, origin top left, not mirrored. */
struct pl_coach_box { float x, y, w, h; };

enum { PL_MAX_TARGETS = 16 };

struct pl_coach_target {
    struct pl_coach_box box;
    enum pl_sentence text;
    float dwell;                  /* 0..1; at 1 it is taken */
};

/* Joints of the ghost: left, right of each. */
enum pl_ghost_joint { PL_GHOST_SHOULDER, PL_GHOST_ELBOW = 2, PL_GHOST_WRIST = 4, PL_GHOST_HIP = 6, PL_GHOST_KNEE = 8,
                      PL_GHOST_ANKLE = 10, PL_GHOST_TOE = 12, PL_N_GHOST = 14 };

struct pl_coach_summary {
    int n_reps, n_reps_side[PL_N_SIDES], n_sets;
    int n_short_holds;            /* let go before their time, and held again: no repetitions */
    int64_t work_ns;              /* from the first repetition's start to the last one's end */
    int n_faults[PL_N_FAULTS];    /* episodes */
};

struct pl_coach_view {
    int64_t t_ns;
    enum pl_coach_state state;
    bool paused;                  /* on request */
    bool away;                    /* nobody in the picture for a while, although the work has begun */

    struct pl_check_now check[PL_N_CHECKS];
    enum pl_check first_bad;      /* PL_N_CHECKS: none */
    bool guide;                   /* first_bad is worth the large letters now */
    bool silhouette, silhouette_side_on;
    struct pl_coach_box stand_here; /* head to feet of the silhouette */

    enum pl_sentence question;    /* what the targets are for, NOTHING if none are shown */
    int n_targets;
    struct pl_coach_target target[PL_MAX_TARGETS];
    struct pl_vec2 hand[PL_N_SIDES]; /* what is held on a target: in shares, as its box. NAN: not seen, or no targets */

    float baseline;               /* 0..1 of the standing that the measures want */
    float left_s, whole_s;        /* of the countdown or the rest; 0 else */
    bool change_leg;              /* the rest is one between legs, the set goes on */

    enum pl_exercise_kind exercise; /* of the set: done, else chosen; AUTO not known */
    enum pl_side side;            /* leg of the present part; UNKNOWN both, or not known */
    enum pl_side only;            /* the one leg that was asked for; UNKNOWN: each in its turn, or both */
    bool sided;                   /* the legs take turns: set_side counts, else set_reps alone */
    int set, n_sets;              /* from 1; set may pass n_sets: who goes on is not stopped */
    int set_reps, set_side[PL_N_SIDES], n_set_reps; /* in this set, and of how many (on each leg) */
    struct pl_coach_summary sum;

    bool ghost;                   /* the person's best repetition at the present depth, pixels of the frame */
    struct pl_vec2 ghost_px[PL_N_GHOST]; /* NAN unknown */

    float hold_s;                 /* of a hold under way; NAN: none is */
    float hold_goal_s;            /* how long each hold is to last; 0: this exercise has none */

    enum pl_sentence say;         /* what the coach itself said last; NOTHING: nothing yet */
    int say_number;               /* for its %d */
    bool say_fresh;               /* ... with this frame */
    struct pl_utterance utterance; /* what is to be said with this frame: the moment's or the coach's own, never both */

    bool chosen;                  /* with this frame an exercise was chosen: the session is to be told */
    struct pl_exercise_options choice;
};

struct pl_coach_options {
    struct pl_exercise_options exercise;
    struct pl_limits limits;
    struct pl_plan plan;
    bool hands;                   /* a raised hand asks for the choice or a pause (live; not in recordings) */
};

/* What the moment does not know. Unknown: NAN, or 0 people. */
struct pl_coach_input {
    float brightness, noise;      /* of pl_coach_look: 0..255 */
    float fps, wanted_fps;        /* measured, and what the camera promised */
    int n_people;
    const struct pl_room_calibration *room; /* of this camera as it stands; NULL: none. Borrowed for the call */
    const struct pl_lens *lens;   /* that the moment's points were straightened with; NULL, or of another size: none. "" */
};

struct pl_coach;

/* own:  pl_coach_close; NULL when out of memory. options are copied. */
struct pl_coach *pl_coach_open(const struct pl_coach_options *options);
void pl_coach_close(struct pl_coach *coach);
void pl_coach_reset(struct pl_coach *coach); /* time jumped */

/* One frame, in the order of time; every moment exactly once. out is always filled. */
void pl_coach_step(struct pl_coach *coach, const struct pl_moment *moment, const struct pl_coach_input *input,
                   struct pl_coach_view *out);

/* The same as with hands, by keys and mouse; they act with the next step. */
void pl_coach_pause(struct pl_coach *coach);            /* pause, go on */
void pl_coach_ask(struct pl_coach *coach);              /* show the exercises, or close them */
void pl_coach_next(struct pl_coach *coach);             /* end the rest, or the set */
void pl_coach_take(struct pl_coach *coach, int target); /* as if a hand had dwelt on it */

/* A picture's brightness and noise from some hundred of its pixels.
 *
 * how:  mean luma; the noise is the median difference of pixels to those of the picture before: most of a room stands still
 * out:  NAN where there is no picture, noise also at the first one */
enum { PL_LOOK_X = 32, PL_LOOK_Y = 18 };
struct pl_coach_look {
    bool any;
    unsigned char luma[PL_LOOK_X * PL_LOOK_Y];
    float brightness, noise;
};
void pl_coach_look(struct pl_coach_look *look, const struct pl_frame *frame);

#endif
