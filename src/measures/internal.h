/* Families of measures; each function fills the values (or the reasons) of one side. */
#ifndef MEASURES_INTERNAL_H
#define MEASURES_INTERNAL_H

#include "plumbline/measures.h"
#include "plumbline/signal.h"

enum { KMD_MAX = 192, PELVIS_FRAMES = 5, FOOT_MAX = 128 };

/* Of the last seconds: sideways knee position, percent of the leg's length, and how long the leg looked, of its
 * standing length. */
struct kmd {
    struct pl_sample sideways[KMD_MAX], length[KMD_MAX];
    int n;
};

/* How the near foot stands: its ankle, told by itself and by the heel, and how far the heel is above the toe; NAN: not seen. */
struct stood { struct pl_vec2 ankle_px; float rise_px; };

/* The same of the last frames, oldest first. */
struct foot {
    struct foot_then { int64_t t_ns; struct stood stood; } then[FOOT_MAX];
    int n;
};

struct pl_measures_state {
    struct pl_limits limits;
    /* newest first: what is said of the pelvis is a median of five frames */
    struct pl_vec2 hand[PELVIS_FRAMES][PL_N_SIDES];
    float head_deg[PELVIS_FRAMES], stickers_deg[PELVIS_FRAMES];
    int64_t pelvis_ns[PELVIS_FRAMES]; /* their times */
    int n_hand;
    struct kmd kmd[PL_N_SIDES];
    struct foot foot[PL_N_SIDES];
};

/* One side's place in the result. */
struct slot {
    struct pl_value *v;
    enum pl_reason *why;
};

static inline void measure_known(struct slot slot, enum pl_measure m, float value, float err)
{
    slot.v[m] = (struct pl_value){ value, err };
    slot.why[m] = PL_REASON_NONE;
}

static inline void measure_unknown(struct slot slot, enum pl_measure m, enum pl_reason why) { slot.why[m] = why; }

/* Standard deviation of one coordinate of one landmark, pixels. */
float pl_measure_noise_px(const struct pl_pose *pose, float visibility_p);

/* How many times coarser than well resolved the body is, 1 and more: the network's own slips, which are shares of the body
 * in a near picture, grow in a far one. */
float pl_measure_coarse(const struct pl_pose *pose);

/* ---- foot.c ---- */

/* Cosine of how far what points straight ahead is turned out of the picture. */
float pl_measure_turned_cosine(const struct pl_pose *pose);
/* How this side's foot stands, for the two below. */
struct stood pl_measure_stood(struct foot *foot, const struct pl_pose *pose, enum pl_side side);

void pl_measure_knee_flexion(const struct pl_pose *pose, const struct pl_limits *limits, enum pl_side side, struct stood stood,
                             struct slot slot);
void pl_measure_knee_over_toe(const struct pl_pose *pose, const struct pl_limits *limits, enum pl_side side, struct stood stood,
                              struct slot slot);
void pl_measure_trunk_forward(const struct pl_pose *pose, struct slot slot);
void pl_measure_fppa(const struct pl_pose *pose, const struct pl_limits *limits, enum pl_side side, struct slot slot);
void pl_measure_trunk_side(const struct pl_pose *pose, enum pl_side side, struct slot slot);
/* After pl_measure_knee_flexion. Returns who spoke of the change: bits of PL_PELVIS_SOURCES. */
unsigned pl_measure_pelvis(const struct pl_measures_state *state, const struct pl_pose *pose, enum pl_side side,
                           struct slot slot);
void pl_measure_hip_adduction(const struct pl_pose *pose, enum pl_side side,
                              struct slot slot); /* after pl_measure_pelvis */
void pl_measure_wobble(struct kmd *kmd, const struct pl_pose *pose, const struct pl_limits *limits, enum pl_side side,
                       struct slot slot);

#endif
