/* Owns the stages and takes one frame through all of them (src/session/step.c shows the whole journey). */
#ifndef PLUMBLINE_SESSION_H
#define PLUMBLINE_SESSION_H

#include "plumbline/err.h"
#include "plumbline/frame.h"
#include "plumbline/lens.h"
#include "plumbline/limits.h"
#include "plumbline/moment.h"

struct pl_session;

struct pl_session_options {
    struct pl_tracker_options tracker;
    bool no_model;                        /* landmark tables only: nothing is inferred, no model file is needed */
    struct pl_exercise_options exercise;
    struct pl_limits limits;
};

/* own:  pl_session_close
 * err:  as pl_keypoints_open; MEMORY */
bool pl_session_open(struct pl_session **out, const struct pl_session_options *options, struct pl_err *err) PL_MUST_CHECK;
void pl_session_close(struct pl_session *session);

/* From the next frame on, landmarks of pictures of the lens' size are straightened; width 0: none are. Between steps only. */
void pl_session_set_lens(struct pl_session *session, const struct pl_lens *lens);

/* The lens that was set; width 0: none. Valid until close; not to be read while another thread sets it. */
const struct pl_lens *pl_session_lens(const struct pl_session *session);

/* One frame's whole journey. region: NULL, or where to look (tests). out is always filled. */
void pl_session_step(struct pl_session *session, const struct pl_frame *frame, const struct pl_region *region,
                     struct pl_moment *out);

/* The recording is over: what was still open ends (progress.ended of out). */
void pl_session_finish(struct pl_session *session, struct pl_moment *out);

/* Another exercise or side from the next frame on. */
void pl_session_choose(struct pl_session *session, const struct pl_exercise_options *options);

/* Time jumped (seek, new clip): everything learnt about the person is forgotten. */
void pl_session_reset(struct pl_session *session);

/* From the next step on this network looks; nothing learnt about the person is lost. As pl_keypoints_use. */
bool pl_session_use_model(struct pl_session *session, enum pl_model_kind model, struct pl_err *err) PL_MUST_CHECK;

/* Where the last step's time went (DETECT to JUDGE); valid until the next step. */
const struct pl_stage_times *pl_session_times(const struct pl_session *session);

/* Of it, inference: detector and landmark network, with crop and decoding. */
int64_t pl_session_pose_ns(const struct pl_session *session);

#endif
