/* Which network keeps up with the camera: --model auto.
 *
 * in:   of each frame with a tracked person, how long vision worked on it and the time from one frame of the camera to the next
 * out:  the best network that keeps up, with room to spare
 * how:  load = work / interval, smoothed. Too much for a second: a smaller network. So little, for long enough, that the next
 *       larger would still leave room: that one. A larger one that had to be taken back is tried again ever more rarely.
 *       Networks see a body slightly differently: while a repetition runs, a change waits until it is over (a needed smaller
 *       one for 3 s at most).
 * pure: no clock; time is the frames' timestamps
 */
#ifndef PLUMBLINE_PACE_H
#define PLUMBLINE_PACE_H

#include <stdbool.h>
#include <stdint.h>
#include "plumbline/keypoints.h"

struct pl_pace {
    enum pl_model_kind model;     /* in use */
    enum pl_model_kind largest;   /* that can be used: lower it when a network cannot be loaded */
    bool started;
    double load;                  /* work / interval, smoothed; 1 = every moment is needed */
    int64_t last_ns, calm_ns, busy_ns, changed_ns; /* the last frame; since when the load is low; high; the last change */
    int64_t patience_ns;          /* how long the load must be low */
    bool tried;                   /* the last change was to a larger network */
};

struct pl_pace pl_pace_start(enum pl_model_kind first);

/* The network from the next frame on. t_ns: of the frame; between: no repetition is under way. */
enum pl_model_kind pl_pace_step(struct pl_pace *pace, int64_t t_ns, int64_t work_ns, int64_t interval_ns, bool between);

#endif
