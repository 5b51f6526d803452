/* A stick person before a pinhole camera: landmarks with known truth, for tests of everything behind the network.
 *
 * body    metres; x to the person's left, y forwards, z up, floor at 0. Segment lengths: Drillis & Contini 1966
 * (Winter 2009). legs    hips and ankles are given, the knees follow (two segments of known length, bending
 * forwards)
 */
#ifndef PLUMBLINE_TESTS_STICK_H
#define PLUMBLINE_TESTS_STICK_H

#include "plumbline/keypoints.h"

#define STICK_STATURE_M 1.70
#define STICK_LEG_M (0.490 * STICK_STATURE_M) /* hip to ankle, straight; thigh and shank equal */

struct stick_point { double x, y, z; };

struct stick {
    struct stick_point hips;                  /* middle of both hips */
    double drop_deg;                          /* + = right hip lower */
    struct stick_point ankle[PL_N_SIDES];
    double knee_in_m[PL_N_SIDES];             /* the knee's way towards the midline */
    double trunk_forward_deg, trunk_left_deg;
    bool hands_on_hips;                       /* else they hang */
    double heading_deg;                       /* the whole body turned about its hips, + = towards its left */
};

struct stick_camera {
    double yaw_deg, distance_m, height_m, roll_deg;
    double focal_px;
    int width_px, height_px;
};

struct stick stick_standing(void);                                  /* on both feet, knees straight but for 7 degrees */
/* The hips sink over that ankle until its knee bends so far. */
void stick_bend(struct stick *stick, enum pl_side side, double knee_deg);
struct stick stick_other_side(const struct stick *stick);           /* left and right exchanged */
struct stick_camera stick_camera_at(double yaw_deg);                /* 3 m away, hip high, 1280x720 */

/* The keypoints of one frame, all landmarks visible. noise_px: standard deviation; seed goes on from call to call. */
void stick_keypoints(const struct stick *stick, const struct stick_camera *camera, int64_t t_ns, struct pl_keypoints *out);
void stick_noise(struct pl_keypoints *keypoints, double noise_px, uint64_t *seed);
/* Each leg from the knee down drawn by this share of the way to the other one's place: 0.5 both between the two, 1 exchanged. */
void stick_mix_legs(struct pl_keypoints *keypoints, float share);

#endif
