/* The 33 BlazePose landmarks: names, order, and one person's set of them.
 * src: MediaPipe Pose (BlazePose GHUM 3D), landmark order of the published model card. */
#ifndef PLUMBLINE_LANDMARKS_H
#define PLUMBLINE_LANDMARKS_H

#include <stdbool.h>
#include "plumbline/units.h"

#define PL_LANDMARKS(X) \
    X(NOSE, "nose") \
    X(LEFT_EYE_INNER, "left_eye_inner") X(LEFT_EYE, "left_eye") X(LEFT_EYE_OUTER, "left_eye_outer") \
    X(RIGHT_EYE_INNER, "right_eye_inner") X(RIGHT_EYE, "right_eye") X(RIGHT_EYE_OUTER, "right_eye_outer") \
    X(LEFT_EAR, "left_ear") X(RIGHT_EAR, "right_ear") \
    X(MOUTH_LEFT, "mouth_left") X(MOUTH_RIGHT, "mouth_right") \
    X(LEFT_SHOULDER, "left_shoulder") X(RIGHT_SHOULDER, "right_shoulder") \
    X(LEFT_ELBOW, "left_elbow") X(RIGHT_ELBOW, "right_elbow") \
    X(LEFT_WRIST, "left_wrist") X(RIGHT_WRIST, "right_wrist") \
    X(LEFT_PINKY, "left_pinky") X(RIGHT_PINKY, "right_pinky") \
    X(LEFT_INDEX, "left_index") X(RIGHT_INDEX, "right_index") \
    X(LEFT_THUMB, "left_thumb") X(RIGHT_THUMB, "right_thumb") \
    X(LEFT_HIP, "left_hip") X(RIGHT_HIP, "right_hip") \
    X(LEFT_KNEE, "left_knee") X(RIGHT_KNEE, "right_knee") \
    X(LEFT_ANKLE, "left_ankle") X(RIGHT_ANKLE, "right_ankle") \
    X(LEFT_HEEL, "left_heel") X(RIGHT_HEEL, "right_heel") \
    X(LEFT_FOOT_INDEX, "left_foot_index") X(RIGHT_FOOT_INDEX, "right_foot_index")

enum pl_landmark {
#define X(name, text) PL_LM_##name,
    PL_LANDMARKS(X)
#undef X
    PL_N_LANDMARKS
};

/* MediaPipe's name of a landmark, e.g. "left_foot_index"; static storage. */
const char *pl_landmark_name(enum pl_landmark i);

/* The same joint on the given side: pl_landmark_of(PL_LM_LEFT_HIP, PL_SIDE_RIGHT) is PL_LM_RIGHT_HIP.
 * left_landmark must be a LEFT_* landmark from the shoulder on (11, 13, ... 31). */
static inline enum pl_landmark pl_landmark_of(enum pl_landmark left_landmark, enum pl_side side)
{
    return (enum pl_landmark)((int)left_landmark + (side == PL_SIDE_RIGHT ? 1 : 0));
}

/* image: x, y in pixels of the frame; z in pixels too, same scale as x, 0 at mid-hip, negative towards the camera.
 * visibility_p: likelihood that the point is in the picture and not hidden, 0..1. */
struct pl_point { float x_px, y_px, z_px, visibility_p; };

/* One set: image points and world metres (units.h). Unknown: NAN in all fields of the point. */
struct pl_landmarks {
    struct pl_point px[PL_N_LANDMARKS];
    struct pl_vec3 m[PL_N_LANDMARKS];
};

/* Hips, knees, ankles, heels and second toes, left and right: PL_LM_LEFT_HIP .. PL_LM_RIGHT_FOOT_INDEX. */
enum { PL_N_LEG_POINTS = 10 };

/* Where the leg's joints lie against their landmarks, as a head of our own on the network's features tells it: pixels of the
 * frame to be added. known false: nobody told (px means nothing). t_ns: of the frame it is from. */
struct pl_leg_shift { bool known; int64_t t_ns; struct pl_vec2 px[PL_N_LEG_POINTS]; };

/* The leg's landmarks become joints, where that is known. */
static inline void pl_leg_put_right(struct pl_landmarks *set, const struct pl_leg_shift *shift)
{
    for (int i = 0; shift->known && i < PL_N_LEG_POINTS; i++) {
        set->px[PL_LM_LEFT_HIP + i].x_px += shift->px[i].x;
        set->px[PL_LM_LEFT_HIP + i].y_px += shift->px[i].y;
    }
}

#endif
