/* What an exercise is, and the engine's parts.
 *
 *   motion.c      hip height -> standing, away, back, and whole cycles
 *   recording.c   the cycle's frames, and values from them without lag
 *   bounds.c      when a repetition began and ended
 *   posture.c     what the body did in a cycle: which foot stood, how far the feet were apart
 *   <exercise>.c  one table each: how it is recognised, what is judged
 *   reach.c       two bends that are one repetition
 *   hold.c        standing on one leg
 *   counts.c      is a cycle a repetition, or walking, sitting, bowing, swaying?
 *   judge.c       measures -> faults and their episodes
 *   exercise.c    puts them together
 */
#ifndef EXERCISE_INTERNAL_H
#define EXERCISE_INTERNAL_H

#include <stddef.h>
#include "plumbline/exercise.h"

/* ---- an exercise ---- */

/* The body in a cycle, from its start (standing) to its deepest. Lengths in statures, up and forwards positive. */
struct posture {
    enum pl_view view;
    float depth;                    /* that the hips sank, legs */
    float shorter[PL_N_SIDES];      /* 1 - hip-ankle length at the deepest / at the start */
    float foot_moved[PL_N_SIDES];   /* ankle at the deepest from ankle at the start */
    float foot_higher[PL_N_SIDES];  /* ankle above the other ankle, the higher of start and deepest */
    float knee_higher[PL_N_SIDES];  /* knee above the other knee at the deepest */
    float foot_ahead[PL_N_SIDES];   /* ankle in front of the other ankle at the deepest; side view only, else NAN */
    float foot_ahead_m[PL_N_SIDES]; /* the same from world landmarks, metres; rough, any view */
    float hips_between; /* place of the hips on the way from the rear ankle (0) to the front one (1); side view only */
    float foot_higher_m[PL_N_SIDES]; /* ankle above the other ankle, from world landmarks: no perspective */
    float foot_lower[PL_N_SIDES];    /* ankle below the other ankle at the deepest, in the picture */
    float foot_lower_m[PL_N_SIDES];  /* ankle below the other ankle at the deepest, from world landmarks */
    float stepped_ahead, stepped_back; /* the front foot forwards, the rear foot backwards; not in profile: in any direction */
    float apart_before;              /* distance of the ankles where they were nearest, before the deepest; along the picture */
    float slip[PL_N_SIDES];          /* how far the ankle got from its usual place, over the whole cycle */
    float planted[PL_N_SIDES];       /* share of the time that the foot which stays is this one: the network's own opinion */
    bool planted_clear;              /* one foot stays and the other does not */
    bool against_network;            /* most of the time it had left and right the other way round than pose has */
    float seen[PL_N_SIDES];          /* share of the frames since the start in which this ankle was seen */
    float beside[PL_N_SIDES];        /* how far this ankle is beside the hips and shoulders at the deepest, along the picture */
    float foot_slip;                 /* of the foot that moved least */
    float trunk_forward_deg;         /* at the deepest; side view only, else NAN */
    float trunk_share;               /* trunk's length in the picture at the deepest, of that at the start */
    float trunk_swing;               /* way of the shoulders against the hips while these rest at the deepest */
    float rest_s;                    /* for how long they rest there */
    enum pl_exercise_kind before;    /* what the last repetition was, AUTO: none yet; people repeat */
    enum pl_side side_before;
};

enum judged { DURING, AT_END };
enum beyond { ABOVE, BELOW, EITHER };

struct fault_row {
    enum pl_fault_kind kind;
    enum pl_measure measure;
    size_t limit; /* offset in struct pl_limits: LIMIT(name) */
    enum beyond beyond;
    enum judged when;
};
#define LIMIT(name) offsetof(struct pl_limits, name)

enum { MAX_FAULT_ROWS = 10 };

/* What a repetition is made of: the hips sink and come back, rise and come back, or nothing moves. */
enum moves { SINKS, RISES, HOLDS };

struct pl_exercise {
    enum pl_exercise_kind kind;
    const char *name;
    enum moves moves;
    bool by_name;                                                       /* AUTO never takes it */
    bool sided;                                                         /* has a working leg */
    bool (*fits)(const struct posture *posture, const struct pl_limits *limits, enum pl_side *working); /* working: set if sided */
    struct fault_row fault[MAX_FAULT_ROWS];                             /* ends with measure == kind == limit == 0 */
    int n_faults;
};

extern const struct pl_exercise pl_single_leg_squat, pl_mini_squat_reach, pl_lunge, pl_reverse_lunge, pl_split_lunge, pl_squat,
    pl_step_up, pl_step_down, pl_stance;

/* Shared by the exercises on one leg. */
bool pl_single_leg_fits(const struct posture *posture, const struct pl_limits *limits, enum pl_side *working);
/* Votes that the left leg works, by what bends and what moves; negative: the right one. */
float pl_single_leg_votes(const struct posture *posture, const struct pl_limits *limits);
/* The name of pose's leg, and pose's leg of that name. */
enum pl_side pl_single_leg_named(const struct posture *posture, enum pl_side leg);
/* Is it clear whose foot stays? */
bool pl_single_leg_planted(const struct posture *posture, const struct pl_limits *limits, enum pl_side *working);

/* Tried in this order, the most particular first; the last fits anything. */
const struct pl_exercise *pl_exercise_list(int i);               /* NULL after the last */
const struct pl_exercise *pl_exercise_of(enum pl_exercise_kind); /* NULL for AUTO */

/* ---- recording.c ---- */

enum { RECORDING_MAX = 1536 }; /* 24 s at 60 frames a second */

struct record {
    int64_t t_ns;
    float sunk, risen;                                                   /* hips below, above standing, legs */
    float size_px;                                                       /* of a stature, the unit of the lengths below */
    bool swapped;                                                        /* the network had the legs the other way round */
    struct pl_vec2 hips, shoulders, ankle[PL_N_SIDES], knee[PL_N_SIDES]; /* statures */
    float joint_hips_y;                                                  /* statures; hips.y, put right by the head */
    struct pl_vec2 ankle_as_seen[PL_N_SIDES];                            /* statures of that moment: follows a zoom */
    float ahead_m[PL_N_SIDES];                                           /* ankle in front of mid-hip, world metres */
    float below_m[PL_N_SIDES];                                           /* ankle below mid-hip, world metres */
    float hip_ankle[PL_N_SIDES], trunk;                                  /* statures */
    float trunk_forward_deg;
    struct pl_value v[PL_N_SIDES][PL_N_MEASURES];
    enum pl_reason why[PL_N_SIDES][PL_N_MEASURES];
    unsigned hip_drop_by[PL_N_SIDES];
};

struct recording {
    struct record record[RECORDING_MAX];
    int first, n;
};

/* All its lengths in one unit: statures of so many pixels. */
void pl_recording_rescale(struct recording *r, float size_px);
void pl_recording_add(struct recording *r, const struct record *record);
const struct record *pl_recording_at(const struct recording *r, int i); /* 0 = oldest */
int pl_recording_find(const struct recording *r, int64_t t_ns);         /* first at or after t_ns; n if none */

/* A stretch of a recording in even steps. */
enum { GRID_HZ = 30, GRID_MAX = 26 * GRID_HZ };
struct grid {
    int first, n_records; /* of the recording */
    int64_t start_ns;
    int n;                /* steps */
};

/* What is not a measure, in place of one. Up and forwards as in the recording. */
enum { Q_SUNK = -1, Q_RISEN = -2, Q_APART = -3, Q_HIPS_X = -4, Q_JOINT_HIPS_Y = -5, Q_SHOULDERS_X = -6, Q_SHOULDERS_Y = -7 };

/* One quantity, filtered without lag; NAN where it was not known. out: g->n values */
void pl_recording_filtered(const struct recording *r, const struct grid *g, enum pl_side side, int quantity, float *out);
int pl_recording_peak(const float *values, int from, int to); /* where the largest of [from, to] is, -1: none is known */

/* rep->fppa_at_bend of this leg, where it is more than what stands there. */
void pl_recording_at_bends(const struct recording *r, enum pl_side side, struct pl_rep *rep);
/* Fills rep->m, at, why from the frames of its cycle, and makes its times exact; side: whose measures. */
void pl_recording_values(const struct recording *r, enum pl_side side, const struct pl_limits *limits, struct pl_rep *rep);

/* Start and end once more, from what has been recorded since. */
void pl_recording_settle(const struct recording *r, const struct pl_limits *limits, struct pl_rep *rep);

/* RMS of the hips' sideways way from one time to another, percent of the stature. */
struct pl_value pl_recording_sway(const struct recording *r, int64_t start_ns, int64_t end_ns);

/* ---- bounds.c ---- */

/* Makes start and end of a repetition with a known bottom exact; they stay what they are where nothing better is known, and
 * on their sides of the bottom. sunk: the hips' way from standing (of a step-up: risen) on the grid, deepest at its maximum. */
void pl_bounds_find(const struct recording *r, const struct grid *g, const float *sunk, int deepest,
                    const struct pl_limits *limits, struct pl_rep *rep);

/* ---- motion.c ---- */

enum motion_phase { MOTION_LOST, MOTION_STAND, MOTION_DOWN, MOTION_UP };

/* Heights point away from standing: down in a squat, up in a step-up. */
struct motion {
    bool rises;
    enum motion_phase phase;
    int64_t t_ns;
    bool known;
    float y_px, level_px; /* of the hips, smoothed: now and when standing */
    float leg_px;         /* the unit: hip to ankle, standing */
    float speed;          /* legs a second, + = sinking */
    float sunk, deepest;  /* legs */
    float highest;        /* on the way up: least sunk */
    int64_t start_ns, bottom_ns, straight_since_ns;
    int64_t back_ns; /* on the way up: when nearly all was undone, 0 not yet */
    float rest_px;   /* where the hips rested last while standing was not yet seen: perhaps a seat */
    int64_t rest_since_ns;
    bool rested;
    float seat_px; /* height of a seat that was got up from, NAN */
    bool cycle;    /* one was completed with this frame */
    float turned_at; /* on the way up the hips turned down again here; 0: they have not, or are all the way down */
    bool again;      /* in this frame they are: a pulse */
    int64_t cycle_start_ns, cycle_bottom_ns, cycle_end_ns;
    float cycle_depth;
    float cycle_bottom_px; /* height of the hips at the bottom */
};

void pl_motion_reset(struct motion *motion, bool rises);
void pl_motion_lose(struct motion *motion); /* nobody there: standing has to be seen again */
void pl_motion_step(struct motion *motion, const struct pl_pose *pose, const struct pl_limits *limits);

/* The recording is over: completes the cycle that only lacks the last of its rise. */
void pl_motion_finish(struct motion *motion, const struct pl_limits *limits);

/* ---- posture.c ---- */

/* From the frames of a cycle: [start_ns, end_ns], deepest at bottom_ns. False when too little was seen. */
bool pl_posture_of(const struct recording *r, int64_t start_ns, int64_t bottom_ns, int64_t end_ns, enum pl_view view,
                   const struct pl_limits *limits, struct posture *out);

/* Has the body climbed a step in this cycle of a rising motion, and with which leg first? told: it was asked for; else both
 * feet must have been on the floor before. */
bool pl_climbed(const struct recording *r, const struct motion *m, enum pl_view view, bool told,
                const struct pl_limits *limits, enum pl_side *working);

/* ---- hold.c ---- */

struct hold {
    bool clear, on; /* one foot is off the floor; for long enough to be a hold */
    enum pl_side side; /* that stands */
    int64_t start_ns, last_ns; /* first and last moment with the foot off the floor */
    float usual; /* the right ankle above the left one in quiet standing, statures */
    struct pl_vec2 place; /* of the standing ankle, pixels */
    bool ended;       /* with this frame */
};

/* side: the one that is to stand, UNKNOWN: either */
void pl_hold_step(struct hold *hold, const struct recording *r, const struct pl_pose *pose, enum pl_side side,
                  const struct pl_limits *limits);

/* ---- reach.c ---- */

/* Bends with the free foot in front and behind. */
struct reach {
    bool front;                          /* one with the foot in front waits for the one behind */
    enum pl_side side;
    int64_t start_ns, bottom_ns, end_ns; /* of it */
};
enum reached { REACHED_NOWHERE, REACHED_FRONT, REACHED_BOTH, REACHED_BACK_ONLY };

/* A bend was completed. ahead_m: of the free foot, + = in front of the standing one; NAN not known. */
enum reached pl_reach_step(struct reach *reach, const struct motion *m, float ahead_m, enum pl_side side,
                           const struct pl_limits *limits);
bool pl_reach_overdue(const struct reach *reach, int64_t t_ns, const struct pl_limits *limits); /* no second touch */

/* ---- counts.c ---- */

/* The least depth of a repetition, legs. known: that exercises are done, or which; one_leg: recognised as done on one;
 * own_range: usual depth of this person, 0 not known. */
float pl_counts_from_depth(const struct pl_limits *limits, bool known, bool one_leg, float own_range);
bool pl_counts_as_sitting(const struct motion *m, const struct posture *posture, const struct pl_exercise *exercise,
                          const struct pl_limits *limits);
/* All of a repetition but its depth and its end. */
bool pl_counts_as_bend(const struct motion *m, const struct posture *posture, const struct pl_exercise *exercise,
                       const struct pl_limits *limits);
bool pl_counts_as_repetition(const struct motion *m, const struct posture *posture, const struct pl_exercise *exercise,
                             const struct pl_limits *limits);

/* ---- judge.c ---- */

struct episode {
    bool over; /* over the limit by more than the band in the last frame that could be judged */
    bool on;
    int64_t since_ns, last_ns; /* first and last frame over */
    struct pl_fault fault;
};

struct judge {
    struct episode episode[PL_N_FAULTS];
    struct pl_fault ended[PL_MAX_ENDED]; /* of the repetition under way */
    int n_ended;
};

struct judged_frame {
    int64_t t_ns;
    const struct pl_exercise *exercise; /* NULL: nothing is judged */
    enum pl_side side, leg;             /* of the working leg: its name, and which of pose's it is */
    bool working;                       /* in a repetition: faults are looked for */
    int rep;
    const struct pl_value (*v)[PL_N_MEASURES]; /* of each of pose's legs; borrowed for the call */
};

/* Faults of this frame: out->fault. */
void pl_judge_frame(struct judge *judge, const struct judged_frame *frame, const struct pl_limits *limits,
                    struct pl_progress *out);

/* What is under way is judged from its beginning once more: what has ended stays. */
void pl_judge_anew(struct judge *judge);

/* The repetition is complete: what is judged at its end (exercise NULL: nothing), and out->ended. */
void pl_judge_rep(struct judge *judge, const struct pl_exercise *exercise, const struct pl_rep *rep,
                  const struct pl_limits *limits, struct pl_progress *out);

/* What was under way was no repetition. */
void pl_judge_drop(struct judge *judge);

#endif
