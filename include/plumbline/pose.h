/* Keypoints -> the person as the measures need them: legs put right, the view, the scale, the standing baseline.
 *
 * in:   raw landmarks of one frame (keypoints.h); state from the frames before
 * out:  struct pl_pose; points that cannot be trusted are NAN, and `reason` says what to change
 * how:  plausibility by geometry, not by confidence alone (networks see skeletons in furniture); a median of three
 *       frames against single-frame jumps; left/right swaps in profile undone by continuity; camera yaw from hips,
 *       shoulders and feet; baseline = medians over quiet standing on both feet (or, where none was seen, quiet
 *       standing on the stance leg)
 * not:  no clock, no I/O, no allocation
 */
#ifndef PLUMBLINE_POSE_H
#define PLUMBLINE_POSE_H

#include "plumbline/keypoints.h"
#include "plumbline/limits.h"

/* FRONT also stands for seen from behind (`from_behind`). Oblique serves neither sagittal nor frontal measures well. */
enum pl_view { PL_VIEW_UNKNOWN, PL_VIEW_FRONT, PL_VIEW_OBLIQUE, PL_VIEW_SIDE };
const char *pl_view_name(enum pl_view view); /* "front", "side", "oblique", "unknown" */

/* Why something cannot be measured; the text is what to change, in the second person, short enough for a screen. */
#define PL_REASONS(X) \
    X(NONE,            "none",            "") \
    X(NO_PERSON,       "no_person",       "Step into the picture") \
    X(LEGS_HIDDEN,     "legs_hidden",     "Step back: I can't see your legs") \
    X(FEET_HIDDEN,     "feet_hidden",     "Step back or tilt the screen: I can't see your feet") \
    X(NOT_CLEAR,       "not_clear",       "More light, or tighter clothes: I can't see your leg clearly") \
    X(TOO_SMALL,       "too_small",       "Come closer: you are too small in the picture") \
    X(FACE_CAMERA,     "face_camera",     "Face the camera") \
    X(TURN_SIDE_ON,    "turn_side_on",    "Turn side-on to the camera") \
    X(TOES_TO_CAMERA,  "toes_to_camera",  "Point your toes at the camera") \
    X(HANDS_ON_HIPS,   "hands_on_hips",   "Put your hands on your hips") \
    X(STAND_STILL,     "stand_still",     "Stand still for two seconds first") \
    X(FAR_LEG,         "far_leg",         "That leg is hidden behind the other: turn round") \
    X(OTHER_LEG,       "other_leg",       "That leg is not the working leg") \
    X(HIPS_SLIPPED,    "hips_slipped",    "Hands or stickers slipped: set them firmly and stand still") \
    X(HIPS_DISAGREE,   "hips_disagree",   "Set your hands firmly on your hips and stand still") \
    X(OTHER_PERSON,    "other_person",    "I am waiting for the person I was following") \
    X(TOO_BENT,        "too_bent",        "Too deep: from the front I can't judge the knee that low")

enum pl_reason {
#define X(name, id, text) PL_REASON_##name,
    PL_REASONS(X)
#undef X
    PL_N_REASONS
};
const char *pl_reason_id(enum pl_reason reason);   /* "face_camera" */
const char *pl_reason_text(enum pl_reason reason); /* "Face the camera" */

/* Where a leg's joints are, for the angles between them, and its heel: the landmarks put right by the head on the network's
 * features (keypoints.h, leg). put_right false: nothing is known of that, and these are the landmarks. */
struct pl_joints { bool put_right; struct pl_vec2 hip_px, knee_px, ankle_px, heel_px; };

/* One leg. px: pixels of the frame, m: world metres (units.h). visibility_p is the least of hip, knee and ankle. */
struct pl_leg {
    struct pl_vec2 hip_px, knee_px, ankle_px, heel_px, toe_px; /* the network's landmarks */
    struct pl_joints joint;
    struct pl_vec3 hip_m, knee_m, ankle_m, heel_m, toe_m;
    float visibility_p, foot_visibility_p;
    float straight_px; /* hip to ankle as long as it gets (the knee as straight as this one goes), slowly forgotten */
};

/* One line across the pelvis in quiet standing: image tilt, + = left end higher; NAN where it was not seen. */
struct pl_standing_tilt {
    float deg, sd_deg; /* median, and standard deviation from frame to frame */
    float quiet_s;     /* seconds that it rests on */
};

/* What quiet standing on a leg looked like; NAN (quiet_s 0) where it was not seen. */
struct pl_baseline {
    float quiet_s;                /* seconds of standing still that it rests on; below 1: a pause between repetitions */
    bool two_legs;                /* stood on both feet; false: on this leg only */
    int64_t t_ns;                 /* when it was seen last */
    float hip_ankle_px;           /* of the landmarks */
    float knee_flexion_deg;       /* as the picture shows it, of the joints */
    float fppa_deg;               /* of the joints */
    float joint_hip_ankle_px;     /* d0 of the length formula */
    struct pl_vec2 joint_ankle_px;
    bool put_right;               /* those joints are (pl_joints) */
    float yaw_deg;                /* as below */
    struct pl_standing_tilt hands, head, stickers; /* line through both hands; the pelvis as keypoints.h's two see it */
    float hand_gap_px;            /* length of the hands' line */
    bool hands_one_leg;           /* hands and stickers are from standing on this leg only */
    float foot_px;                /* heel to toe */
    float stature_px;             /* body size in the picture */
    struct pl_vec2 hips_px, ankle_px;
};

struct pl_pose {
    int64_t t_ns;
    bool person;                  /* a plausible person whose legs can be seen; else only reason, view UNKNOWN and NANs */
    enum pl_reason reason;        /* the first thing to change, NONE if nothing */
    float person_p;
    enum pl_view view;
    bool from_behind;
    float yaw_deg;                /* line of sight about the person: 0 in front, + = towards the person's left, +90 = at the left */
    float yaw_err_deg;            /* half width of the 95 % band */
    float facing;                 /* where the toes point in the picture in side view: +1 right, -1 left; else NAN */
    enum pl_side near_side;       /* the side nearer to the camera; UNKNOWN in a front view */
    int followed, n_others;       /* of keypoints.h: person, n_others */
    bool swapped;                 /* the network's legs were exchanged in this frame and put right */
    struct pl_leg leg[PL_N_SIDES];
    struct pl_vec2 hips_px, shoulders_px;   /* mid points */
    float joint_hips_y_px;                  /* how low hips_px is, put right as pl_joints are; else as it is */
    struct pl_vec2 hand_px[PL_N_SIDES];     /* .4 wrist + .3 pinky + .3 index */
    float hand_visibility_p[PL_N_SIDES];
    float pelvis_head_deg, pelvis_stickers_deg; /* of this frame, as in keypoints.h */
    struct pl_vec3 hips_m, shoulders_m;
    float trunk_px;               /* mid-hip to mid-shoulder */
    float stature_px;             /* body size in the picture, from the limbs; they only ever look shorter than they are */
    float leg_px;                 /* the longer straight_px: what "legs" are counted in */
    struct pl_baseline baseline[PL_N_SIDES]; /* of the stance leg */
};

struct pl_pose_state;

/* own:  the caller frees with pl_pose_close; NULL when out of memory. limits are copied. */
struct pl_pose_state *pl_pose_open(const struct pl_limits *limits);
void pl_pose_close(struct pl_pose_state *state);
void pl_pose_reset(struct pl_pose_state *state);

/* One frame; out is always filled. Frames must come with growing t_ns; a gap over 1 s starts afresh (baseline kept). */
void pl_pose_step(struct pl_pose_state *state, const struct pl_keypoints *keypoints, struct pl_pose *out);

/* Angle between the camera's axis and straight ahead or straight behind the person, degrees, 0..90; NAN where not known. */
float pl_pose_off_front_deg(const struct pl_pose *pose);

/* +1 where the body's midline lies to the image's right of this leg, -1 to the left. */
float pl_pose_medial(const struct pl_pose *pose, enum pl_side side);

#endif
