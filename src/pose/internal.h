/* The steps of src/pose/pose.c, in the order they are taken. */
#ifndef POSE_INTERNAL_H
#define POSE_INTERNAL_H

#include "plumbline/pose.h"

/* legs.c: which leg is which in profile */
struct legs {
    struct pl_landmarks last, lately; /* put right: of the frame before, and a fading mean */
    bool known;
    double torn_s; /* since a frame was remembered */
    double sure_s; /* for how long our order has been seen more than the network's, at most 1; see legs.c */
};

/* Exchanges the legs of now if continuity says that the network did; dt_s since the frame before. */
bool pl_legs_repair(struct legs *legs, struct pl_landmarks *now, float stature_px, double dt_s);

/* pl_pose_plausible.c */
struct frame_size {
    int width_px, height_px;
}; /* 0, 0: not known */

/* Could this be a person's skeleton? size_px: its stature in the picture. */
bool pl_pose_plausible(const struct pl_landmarks *now, float size_px);
bool pl_pose_inside(struct pl_vec2 p, struct frame_size size);

/* Stature that this frame's limbs speak for, pixels: the longest of trunk and legs in units of their share of a
 * body. */
float pl_pose_stature_px(const struct pl_landmarks *now);

/* view.c */
struct view {
    float x,
        z; /* low-passed line from the right to the left side of the body: to the image's right, away from the camera */
    float feet_deg, feet_share; /* low-passed yaw by the planted feet, and how much it counts now */
    float head_deg, head_share; /* the same by the head on the network's features */
    bool known, metric;
    enum pl_view view;
};

struct person {
    const struct pl_landmarks *now;
    float stature_px, yaw_head_deg;
    struct frame_size size;
    const struct pl_limits *limits;
};

void pl_view_step(struct view *view, const struct person *person, double dt_s);
void pl_view_result(const struct view *view, struct pl_pose *out);

/* baseline.c: quiet standing */
enum { STAND_MAX = 96 };

struct stand_leg {
    struct pl_vec2 ankle_px, joint_ankle_px;
    float hip_ankle_px, joint_hip_ankle_px, knee_flexion_deg, fppa_deg, foot_px;
};

struct stand_frame {
    int64_t t_ns;
    struct pl_vec2 hips_px;
    float yaw_deg, hands_deg, head_deg, stickers_deg, hand_gap_px;
    struct stand_leg leg[PL_N_SIDES];
};

struct standing {
    struct stand_frame frame[STAND_MAX]; /* of the quiet run under way, oldest first */
    int n;
    int64_t since_ns;          /* start of the run */
    double age_s;              /* since the person came; body size settles first */
    float longest[PL_N_SIDES]; /* hip-ankle length in statures when straight; slowly forgotten */
    struct pl_baseline baseline[PL_N_SIDES];
};

/* Takes what pose says and keeps pose->baseline up to date. */
void pl_standing_step(struct standing *standing, struct pl_pose *pose, double dt_s, const struct pl_limits *limits);
void pl_standing_reset(struct standing *standing);
void pl_standing_forget_place(struct standing *standing); /* somebody or somewhere else */

#endif
