/* Making calibrations: pictures of a chessboard -> camera; quiet standing -> room and body; touches of a wall -> toe.
 *
 * in:   frames, or what the session made of them; one call per frame
 * out:  calibration.h's structs; device, picture size (room) and date are the caller's to fill in
 * not:  no clock, no files; but for open, no allocation of ours
 */
#ifndef PLUMBLINE_CALIBRATING_H
#define PLUMBLINE_CALIBRATING_H

#include "plumbline/calibration.h"
#include "plumbline/measures.h"
#include "plumbline/opencv_calibrate.h"

/* --- camera --- */

enum { PL_BOARD_COLS = 9, PL_BOARD_ROWS = 6, PL_VIEWS_WISHED = 15, PL_VIEWS_LEAST = 8 };

/* What became of a picture. */
enum pl_board_seen {
    PL_BOARD_TAKEN,
    PL_BOARD_NOT_SEEN,
    PL_BOARD_MOVES,                       /* wait until it is held still */
    PL_BOARD_ALIKE                        /* like a view that is there already */
};

/* stills: every picture stands for itself (photos); else a view is taken only where two frames agree.
 * own: pl_calibrate_camera_close    err: MEMORY */
struct pl_calibrate_camera;
bool pl_calibrate_camera_open(struct pl_calibrate_camera **out, double square_m, bool stills, struct pl_err *err) PL_MUST_CHECK;
void pl_calibrate_camera_close(struct pl_calibrate_camera *c);

/* err: ARG: pictures of another size than the first one, or none at all; else as pl_opencv_board_find */
bool pl_calibrate_camera_step(struct pl_calibrate_camera *c, const struct pl_frame *frame, enum pl_board_seen *seen,
                              struct pl_err *err) PL_MUST_CHECK;
int pl_calibrate_camera_n_views(const struct pl_calibrate_camera *c);

/* The view that is missed most: a corner of the picture (as the camera sees it), an edge of the board in the picture away from the
 * camera, or none of these. */
enum pl_board_wish { PL_WISH_UPPER_LEFT, PL_WISH_UPPER_RIGHT, PL_WISH_LOWER_LEFT, PL_WISH_LOWER_RIGHT, PL_WISH_RIGHT_AWAY,
                     PL_WISH_LEFT_AWAY, PL_WISH_LOWER_AWAY, PL_WISH_UPPER_AWAY, PL_WISH_OTHER, PL_N_BOARD_WISHES };
enum pl_board_wish pl_calibrate_camera_missing(const struct pl_calibrate_camera *c);
/* The same as a request: "hold the board into the upper left corner"; static storage. */
const char *pl_calibrate_camera_wish(const struct pl_calibrate_camera *c);

/* Fits the lens, leaves out views that do not fit it, fits again. n_left_out: how many.
 * err: FORMAT, with what to do: too few views, too alike, not into the corners, a board that is not flat or is blurred */
bool pl_calibrate_camera_finish(struct pl_camera_calibration *out, int *n_left_out, struct pl_calibrate_camera *c,
                                struct pl_err *err) PL_MUST_CHECK;

/* --- quiet standing, for room and body --- */

enum { PL_STANCE_FRAMES = 128 };

/* Medians over two seconds (stand_s) of standing still on both straight legs. */
struct pl_stance {
    float quiet_s;                        /* 0: none yet */
    enum pl_view view;
    float yaw_deg;
    enum pl_side near_side;
    bool from_behind;
    struct pl_vec2 px[PL_N_LANDMARKS];    /* NAN where a point was not clear */
};

/* Zero it, then one call per frame. */
struct pl_standing {
    int n;
    int64_t since_ns, last_ns;
    enum pl_reason why;                   /* why it cannot begin: NOT_CLEAR, FEET_HIDDEN, ... STAND_STILL */
    float x[PL_N_LANDMARKS][PL_STANCE_FRAMES], y[PL_N_LANDMARKS][PL_STANCE_FRAMES];
    float ankle_hips[6];                  /* where it began */
};

/* Returns whether a whole stance was seen; out then holds it, and the next call begins anew. */
bool pl_standing_watch(struct pl_standing *s, const struct pl_keypoints *k, const struct pl_pose *pose,
                       const struct pl_limits *limits, struct pl_stance *out);
float pl_standing_quiet_s(const struct pl_standing *s, int64_t now_ns);

/* Lengths from pictures of the standing person, scaled by the stature: eyes to ankles are .896 of it. Front views give legs and
 * stance, side views foot and bend of the near side; what no stance shows is NAN.
 *
 * err: FORMAT: no stance shows head and ankles, or a length is out of any body's range: is the stature right? */
bool pl_calibrate_body(struct pl_body_calibration *out, const struct pl_stance *stances, int n, float stature_m, struct pl_err *err)
    PL_MUST_CHECK;

/* Height and tilt of the camera: a pinhole sees the body's joints, whose heights are shares of the stature, and the feet on
 * the floor.
 *
 * how: least squares over distance, height, tilt and (as known as it is) focal length; bands from its covariance: heights of joints
 *      are known to 2-3 cm
 * in:  points already straightened where the lens is known; centre of the picture in pixels
 * err: FORMAT: too few joints in the picture, or no camera fits them */
struct pl_room_eye { float focal_px, focal_err_share, cx_px, cy_px; };
bool pl_calibrate_room(struct pl_room_calibration *out, const struct pl_stance *stance, float stature_m,
                       const struct pl_room_eye *eye, struct pl_err *err) PL_MUST_CHECK;

/* --- wall test --- */

enum { PL_TOE_TOUCHES_MAX = 32, PL_TOE_WINDOW = 64, PL_TOE_TOUCHES_LEAST = 2 };

/* Zero it, then one call per frame. Toes and knee touch a wall: there knee over toe is 0 by construction, so what is read at its
 * still peaks is the offset of this person's shoe and of the network. */
struct pl_toe_test {
    struct pl_toe_side {
        int n_touches;
        float touch[PL_TOE_TOUCHES_MAX];
        int n, next;                      /* the last half second */
        int64_t t_ns[PL_TOE_WINDOW];
        float value[PL_TOE_WINDOW];
        float lowest, plateau;            /* since the last touch; of the touch that is on, NAN: none */
    } side[PL_N_SIDES];
    bool begun;
};

/* measures: with both knee_over_toe_offset_pct 0. Returns whether a touch ended in this frame. */
bool pl_toe_test_step(struct pl_toe_test *t, const struct pl_measures *measures, const struct pl_pose *pose);

/* err: FORMAT: no touches, too few, or too different */
bool pl_calibrate_toe(struct pl_toe_calibration *out, struct pl_toe_test *t, struct pl_err *err) PL_MUST_CHECK;

#endif
