/* A stick person's exercises from landmarks to repetitions, for tests. Uses cmocka's checks. */
#ifndef PLUMBLINE_TESTS_PLAY_H
#define PLUMBLINE_TESTS_PLAY_H

#include "plumbline/exercise.h"
#include "stick.h"

enum { PLAY_MAX_REPS = 40, PLAY_MAX_FAULTS = 40, PLAY_MAX_PARTIALS = 40 };

struct run {
    double fps, noise_px;
    struct stick_camera camera;
    struct pl_exercise_options options;
    double lost_from_s, lost_to_s; /* nobody is found */
    double nan_from_s, nan_to_s;   /* found, but no landmark is */
    double slip_s;                 /* 0 or when the left hand slips up for good, by a tilt of 10 degrees */
    bool mirrored;                 /* the picture is */
    double exchanged_s, period_s;  /* the network has the legs the other way round for so long in every period, if not 0 */
    double between_s;              /* both legs are drawn between the two for so long in every second */
    /* results */
    struct pl_rep rep[PLAY_MAX_REPS];
    int n_reps;
    struct pl_partial partial[PLAY_MAX_PARTIALS];
    int n_partials;
    struct pl_fault fault[PLAY_MAX_FAULTS];
    int n_faults;
    int phases[PL_N_PHASES];
    struct pl_progress last;
};

typedef struct stick motion_fn(double t_s);

struct run play_from(double fps, double yaw_deg, enum pl_exercise_kind kind);
void play(struct run *run, motion_fn *motion, double seconds);

/* n repetitions of that exercise, one after another in time, and no partial one. */
void play_check(const struct run *run, int n, enum pl_exercise_kind exercise);
int play_count_faults(const struct run *run, enum pl_fault_kind kind);
void play_check_time(int64_t t_ns, double truth_s); /* within 0.15 s */

/* Movement: from 0 to 1 with minimum jerk, as people move (Flash & Hogan 1985). */
double rise(double u);
/* 0 .. 1 .. 0 in `down` + `hold` + `down` seconds, 0 before and after. */
double dip(double t_s, double start_s, double down_s, double hold_s);
/* Every period one dip, the first after 2.5 s of standing; `n` of them. */
double dips(double t_s, int n, double period_s, double hold_s);

#endif
