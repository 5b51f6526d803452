/* Where a frame's time goes: a stopwatch with one lap for each stage of the journey.
 *
 * how:  each stage's owner calls pl_stage_lap where the stage ends; the time since the last lap is that stage's. Times
 *       of several threads (capture, vision, screen) are taken in watches of their own and added up.
 * not:  CPU time is that of the thread that calls; what the pool's other workers do is not in it. With --threads 1 it
 *       is all there is.
 */
#ifndef PLUMBLINE_TRACE_H
#define PLUMBLINE_TRACE_H

#include <stdint.h>

/* The one list: name, what it is. */
#define PL_STAGES(X) \
    X(DECODE, "decode", "the camera's or file's picture to RGB; waiting for it not counted") \
    X(DETECT, "detect", "finding the person in the whole picture: crop, network, choice") \
    X(CROP, "crop", "the person's region, turned and scaled, into the network's input") \
    X(NETWORK, "network", "the landmark network") \
    X(LANDMARKS, "landmarks", "heatmaps to landmarks, smoothing") \
    X(JUDGE, "judge", "pose, measures, exercise, cues") \
    X(DRAW, "draw", "the overlay") \
    X(WRITE, "write", "tables, and with --overlay reading back and encoding")

enum pl_stage {
#define X(id, name, what) PL_STAGE_##id,
    PL_STAGES(X)
#undef X
    PL_N_STAGES
};

struct pl_stage_times {
    int64_t wall_ns[PL_N_STAGES], cpu_ns[PL_N_STAGES];
    int64_t lap_wall_ns, lap_cpu_ns; /* when the running lap began */
};

const char *pl_stage_name(enum pl_stage stage); /* "decode"; static storage */

/* The next lap begins now; earlier laps stay. watch NULL: nothing happens, here and in pl_stage_lap. */
void pl_stage_start(struct pl_stage_times *watch);

/* The time since the last call goes to this stage, on top of what it has, and the next lap begins. Same thread as the call
 * before. */
void pl_stage_lap(struct pl_stage_times *watch, enum pl_stage stage);

/* sum += part, stage by stage; running laps are not touched. */
void pl_stage_add(struct pl_stage_times *sum, const struct pl_stage_times *part);

int64_t pl_stage_total_ns(const struct pl_stage_times *times); /* wall time of all stages */

#endif
