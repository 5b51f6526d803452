/* Frame -> the 33 landmarks of one person, tracked, and where others are: MediaPipe Pose's pipeline around our own inference.
 *
 * in:   a picture (frame.h), or a landmark table's row, which passes straight through
 * out:  raw and smoothed landmarks. Measures come from the raw ones: MediaPipe's smoothing (0.05 Hz at rest) hides wobble.
 * how:  detector on the letterboxed frame -> region of the person -> rotated crop -> landmark network -> heatmap
 *       refinement -> projection -> One-Euro smoothing; the next region comes from this frame's two auxiliary points.
 * src:  google-ai-edge/mediapipe, modules/pose_landmark and pose_detection (constants in the .c files)
 */
#ifndef PLUMBLINE_KEYPOINTS_H
#define PLUMBLINE_KEYPOINTS_H

#include "plumbline/err.h"
#include "plumbline/frame.h"
#include "plumbline/landmarks.h"
#include "plumbline/trace.h"

enum pl_model_kind { PL_MODEL_LITE, PL_MODEL_FULL, PL_MODEL_HEAVY, PL_N_MODELS };

const char *pl_model_kind_name(enum pl_model_kind kind); /* "lite", "full", "heavy" */

/* A rotated square in the frame: centre and size in pixels, rotation clockwise (as seen) in radians. */
struct pl_region { float cx_px, cy_px, size_px, rotation_rad; };

enum { PL_MAX_OTHERS = 4 };

struct pl_keypoints {
    int64_t t_ns;
    int width_px, height_px;    /* of the frame */
    bool present;               /* a person was found; otherwise both sets of landmarks are NAN */
    bool detected;              /* the region came from the detector in this frame (not from tracking) */
    float person_p;             /* the network's own certainty that the region holds a person, 0..1; 0 if none was looked at */
    struct pl_region region;    /* where the landmark network looked; NAN if nowhere */
    int person;                 /* number of the person followed, from 1; another number is another person. 0: not known */
    bool waiting;               /* that person is not seen, though others are: nobody else is taken for some seconds */
    int n_others;               /* people who are not followed, as the detector saw them last: up to a second ago */
    struct pl_region other[PL_MAX_OTHERS];
    /* Tilt of the pelvis in the picture, degrees, + = the person's left side higher in the picture; NAN where not known.
     * By the small head on the network's features (for full only, where its file is there; models/leg_head.md says how
     * good it is), and by two stickers on the waistband. */
    float pelvis_head_deg, pelvis_stickers_deg;
    /* Line of sight about the person, degrees, as pl_pose.yaw_deg, by the same head; NAN where not known, or far from the front. */
    float yaw_head_deg;
    /* Where hips, knees, ankles, heels and second toes are, against `raw`: the network's own have errors that are the same for
     * many people and postures. By the same head; the measures come from the landmarks put right. */
    struct pl_leg_shift leg;
    struct pl_landmarks raw;    /* the network's, before smoothing */
    struct pl_landmarks smooth; /* MediaPipe's smoothing */
};

struct pl_tracker;

struct pl_tracker_options {
    const char *models_dir;     /* folder with pose_detection.tflite and pose_landmark_{lite,full,heavy}.tflite, and
                                   leg_head_full.bin if there is one */
    enum pl_model_kind model;
    unsigned cpu;               /* bits of enum pl_cpu */
    int threads;                /* >= 1 */
    bool roi_only;              /* the detector is not needed (every region is given) */
    bool stickers;              /* look for two stickers or a strip on the waistband (pelvis_stickers_deg) */
};

/* options NULL: no network is loaded; only landmark tables can be tracked (frame->given), pictures give nobody.
 * own:  pl_keypoints_close
 * err:  as pl_model_open; a missing model file says "run: make models" */
bool pl_keypoints_open(struct pl_tracker **out, const struct pl_tracker_options *options, struct pl_err *err) PL_MUST_CHECK;
void pl_keypoints_close(struct pl_tracker *tracker);

/* From the next frame on this network looks. Person, region and filters are kept; a network used for the first time is
 * loaded now, which takes the time of some frames, and stays loaded.
 * err:  as pl_keypoints_open; the network before stays in use */
bool pl_keypoints_use(struct pl_tracker *tracker, enum pl_model_kind model, struct pl_err *err) PL_MUST_CHECK;

/* One frame. out is always filled. Allocates nothing.
 * A picture of another size than the last one starts anew, as pl_keypoints_reset does. A picture without a person
 * does so too; the detector then runs on the next picture, not again on this one.
 * Of a frame without a picture, frame->given is passed on as raw and as smooth. */
void pl_keypoints_step(struct pl_tracker *tracker, const struct pl_frame *frame, struct pl_keypoints *out);

/* One frame with its region given (tests, --roi-from): detector and tracking feedback are left out, smoothing is not.
 * A region with NAN or without a size: nobody is there, as when a table of regions has none for this frame. */
void pl_keypoints_step_in(struct pl_tracker *tracker, const struct pl_frame *frame, const struct pl_region *region,
                          struct pl_keypoints *out);

/* The laps of detector, crop, landmark network and landmarks go to this watch, which the caller starts before each step;
 * NULL (as after opening): no clock is read. own: borrowed until the next call or close */
void pl_keypoints_time(struct pl_tracker *tracker, struct pl_stage_times *watch);

/* Forgets the person and the filters (a new clip, a seek). */
void pl_keypoints_reset(struct pl_tracker *tracker);

/* Regions of a clip's frames, read from a file: JSON with "frames": array of {"roi_det", "roi_lm"}, each null or
 * {"cx", "cy", "w", "h", "rot"}: centre and size as fractions of the picture's width and height, radians. roi_det is
 * where the detector sent the landmark network in this frame, roi_lm what this frame's landmarks give for the next.
 * src: the reference outputs of MediaPipe that our tests compare with (it writes no such file itself) */
struct pl_regions;

/* own:  pl_regions_close
 * err:  IO (cannot be read), FORMAT (not such a file: says what and where), MEMORY */
bool pl_regions_open(struct pl_regions **out, const char *path, struct pl_err *err) PL_MUST_CHECK;
void pl_regions_close(struct pl_regions *regions);
int pl_regions_n_frames(const struct pl_regions *regions);

/* out:  the region used in frame k (from 0) of a picture of this size: that of the detector, else that of the
 *       landmarks one frame earlier
 * returns false, out untouched, when the file has none for this frame */
bool pl_regions_get(const struct pl_regions *regions, int64_t k, int width_px, int height_px, struct pl_region *out);

/* An "unknown" set: every field NAN. */
void pl_landmarks_unknown(struct pl_landmarks *out);

#endif
