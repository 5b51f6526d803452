/* Moment -> what the live coach is doing now: setting up, choosing, standing, working, resting, done.
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

#include "plumbline/frame.h"
#include "plumbline/limits.h"
#include "plumbline/moment.h"
#include "plumbline/plan.h"

/* Everything that the coach can say; at most one at a time. Texts with %d get a number. */
#define PL_SAYINGS(X) \
    X(NONE,         "none",          "") \
    X(STEP_IN,      "step_in",       "Step into the picture") \
    X(SHOW_LEGS,    "show_legs",     "Step back: I can't see your legs") \
    X(SHOW_HEAD,    "show_head",     "Step back, or tilt the screen up: I can't see your head") \
    X(SHOW_FEET,    "show_feet",     "Step back, or tilt the screen down: I can't see your feet") \
    X(CLOSER,       "closer",        "Come closer") \
    X(FURTHER,      "further",       "Step back a little") \
    X(GO_LEFT,      "go_left",       "Step to your left") \
    X(GO_RIGHT,     "go_right",      "Step to your right") \
    X(GO_MIDDLE,    "go_middle",     "Come to the middle of the picture") \
    X(FACE_ME,      "face_me",       "Face the camera") \
    X(SIDE_ON,      "side_on",       "Turn side-on to the camera") \
    X(FACE_OR_SIDE, "face_or_side",  "Face the camera, or turn side-on") \
    X(HANDS,        "hands",         "Put your hands on your hips") \
    X(DARK,         "dark",          "More light: the picture is dark") \
    X(GLARE,        "glare",         "Too bright: no window or lamp behind you") \
    X(NOISY,        "noisy",         "More light: the picture is grainy") \
    X(SLOW_DARK,    "slow_dark",     "%d fps: more light") \
    X(SLOW,         "slow",          "%d fps: more light, or close other programs") \
    X(LENS_HIGH,    "lens_high",     "The camera is high: put the laptop on a chair") \
    X(LENS_LOW,     "lens_low",      "The camera is low: put the laptop on a chair") \
    X(LEVEL,        "level",         "The picture leans: set the laptop level") \
    X(ONE_PERSON,   "one_person",    "One person at a time, please") \
    X(CHOOSE,       "choose",        "Point at your exercise") \
    X(CHOOSE_LEG,   "choose_leg",    "Point at the leg") \
    X(COUNT,        "count",         "%d") \
    X(START,        "start",         "Start when you like") \
    X(PAUSED,       "paused",        "Paused. Raise a hand to go on") \
    X(GO_ON,        "go_on",         "Go on") \
    X(GONE,         "gone",          "I can't see you. I'll wait") \
    X(BACK_AGAIN,   "back_again",    "There you are. Go on") \
    X(OTHER_LEG,    "other_leg",     "Now the other leg") \
    X(REST,         "rest",          "Set done. Rest") \
    X(TEN_LEFT,     "ten_left",      "Ten seconds") \
    X(NEXT_SET,     "next_set",      "Next set") \
    X(ALL_DONE,     "all_done",      "All done. Well done")

enum pl_saying {
#define X(name, id, text) PL_SAYING_##name,
    PL_SAYINGS(X)
#undef X
    PL_N_SAYINGS
};
const char *pl_saying_id(enum pl_saying saying);
const char *pl_saying_text(enum pl_saying saying); /* as in the table, "%d" and all */
void pl_saying_write(char *out, size_t size, enum pl_saying saying, int number);

/* The set-up guide, most important first. name: a word for the list on the screen */
#define PL_CHECKS(X) \
    X(PERSON, "In the picture") X(BODY, "Whole body") X(FEET, "Feet") X(DISTANCE, "Distance") X(CENTRED, "In the middle") \
    X(VIEW, "Direction") X(HANDS, "Hands on hips") X(LIGHT, "Light") X(RATE, "Camera speed") X(HEIGHT, "Camera height") \
    X(TILT, "Camera level") X(ONE_PERSON, "One person")
enum pl_check {
#define X(name, text) PL_CHECK_##name,
    PL_CHECKS(X)
#undef X
    PL_N_CHECKS
};
const char *pl_check_text(enum pl_check check);

enum pl_check_state { PL_CHECK_UNKNOWN, PL_CHECK_OK, PL_CHECK_BAD };

struct pl_check_now {
    enum pl_check_state state;
    enum pl_saying what;          /* to change; NONE unless bad */
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

enum { PL_MAX_TARGETS = 16, PL_TARGET_BYTES = 32 };

struct pl_coach_target {
    struct pl_coach_box box;
    char text[PL_TARGET_BYTES];
    float dwell;                  /* 0..1; at 1 it is taken */
};

/* Joints of the ghost: left, right of each. */
enum pl_ghost_joint { PL_GHOST_SHOULDER, PL_GHOST_ELBOW = 2, PL_GHOST_WRIST = 4, PL_GHOST_HIP = 6, PL_GHOST_KNEE = 8,
                      PL_GHOST_ANKLE = 10, PL_GHOST_TOE = 12, PL_N_GHOST = 14 };

struct pl_coach_summary {
    int n_reps, n_reps_side[PL_N_SIDES], n_sets;
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

    enum pl_saying question;      /* what the targets are for, NONE if none are shown */
    int n_targets;
    struct pl_coach_target target[PL_MAX_TARGETS];

    float baseline;               /* 0..1 of the standing that the measures want */
    float left_s, whole_s;        /* of the countdown or the rest; 0 else */
    bool change_leg;              /* the rest is one between legs, the set goes on */

    enum pl_exercise_kind exercise; /* of the set: done, else chosen; AUTO not known */
    enum pl_side side;            /* leg of the present part; UNKNOWN both, or not known */
    bool sided;                   /* the legs take turns: set_side counts, else set_reps alone */
    int set, n_sets;              /* from 1; set may pass n_sets: who goes on is not stopped */
    int set_reps, set_side[PL_N_SIDES], n_set_reps; /* in this set, and of how many (on each leg) */
    struct pl_coach_summary sum;

    bool ghost;                   /* the person's best repetition at the present depth, pixels of the frame */
    struct pl_vec2 ghost_px[PL_N_GHOST]; /* NAN unknown */

    bool say_fresh;               /* say_text is to be said from this frame on */
    enum pl_saying say;           /* the last one said; NONE: none yet */
    char say_text[64];

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
