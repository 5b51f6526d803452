/* Live work on three threads: capture -> vision -> the caller's (screen, log).
 *
 * capture never waits for vision (the newest frame wins, drops are counted), vision never waits for the screen.
 * Every moment reaches the caller through a queue; pictures only the newest.
 */
#ifndef PLUMBLINE_LIVE_H
#define PLUMBLINE_LIVE_H

#include "plumbline/camera.h"
#include "plumbline/sentences.h"
#include "plumbline/session.h"

struct pl_live;

struct pl_live_options {
    struct pl_camera_options camera;
    struct pl_camera *opened;             /* that camera if it is open already, live's from now on, also on failure; else NULL */
    /* In place of the session, which is then NULL: called from the vision thread with each frame; of moments only t_ns is filled */
    void (*look)(void *look_context, const struct pl_frame *frame);
    void *look_context;
    bool keep_trying;                     /* camera lost: try to open it again every second (a recording just ends); false: end */
    bool auto_model;                      /* change to the best network that keeps up (pace.h), from `model` on */
    enum pl_model_kind model;             /* the one that the session was opened with */
    void (*wake)(void *context);          /* called from the vision thread when something new is there; may be NULL */
    void *context;
};

struct pl_live_result {
    struct pl_moment moment;
    int64_t pose_ns, frame_ns;            /* inference; everything from the frame's hand-over to the result */
    struct pl_stage_times times;          /* DECODE to JUDGE */
};

/* NO_CAMERA: it was lost, or sends no pictures; RUNNING again with the first new picture. The session is not touched by this:
 * what was counted stays counted. */
enum pl_live_state { PL_LIVE_RUNNING, PL_LIVE_NO_CAMERA, PL_LIVE_ENDED };

struct pl_live_status {
    enum pl_live_state state;
    char problem[512];                    /* why there is no camera, for a terminal */
    enum pl_sentence card;                /* the same for the person, in their language; NOTHING: there is one */
    struct pl_camera_info camera;
    float measured_fps;                   /* what the camera sends, from its timestamps; NAN unknown */
    char hint[64];                        /* the camera is much slower than its mode: "14 fps: more light"; else empty */
    enum pl_model_kind model;             /* that looks at the frames now */
    int n_model_changes;
    int64_t dropped;                      /* by the driver, on the way to vision, or marked bad */
};

/* Opens the camera and starts the threads. session: borrowed until close; nobody else may use it.
 * own: pl_live_close    err: as pl_camera_open; MEMORY, INTERNAL */
bool pl_live_open(struct pl_live **out, struct pl_session *session, const struct pl_live_options *options,
                  struct pl_err *err) PL_MUST_CHECK;

/* The next result in order, waiting up to timeout_ns. false: none. */
bool pl_live_next(struct pl_live *live, int64_t timeout_ns, struct pl_live_result *out);

/* The newest picture that was looked at, with its moment; false if no newer one than last time. Valid until the next call. */
bool pl_live_picture(struct pl_live *live, struct pl_frame *frame, struct pl_moment *moment);

struct pl_live_status pl_live_status(struct pl_live *live);

/* Another exercise or side from the next frame on. */
void pl_live_choose(struct pl_live *live, const struct pl_exercise_options *options);

/* Stops the threads and closes the camera. */
void pl_live_close(struct pl_live *live);

#endif
