/* A plain C face over the OpenCV that calibrating a camera needs: the corners of a chessboard, the lens that fits them,
 * and pictures with the lens' distortion taken out. Behind it stands src/opencv/calibrate.cpp, which lets no exception
 * out. Points are undistorted without OpenCV, by lens.h.
 */
#ifndef PLUMBLINE_OPENCV_CALIBRATE_H
#define PLUMBLINE_OPENCV_CALIBRATE_H

#include <stdbool.h>
#include <stdint.h>
#include "plumbline/err.h"
#include "plumbline/frame.h"
#include "plumbline/lens.h"

enum { PL_BOARD_CORNERS_MAX = 160, PL_BOARD_VIEWS_MIN = 3, PL_BOARD_VIEWS_MAX = 64 };

/* A chessboard's inner corners, where four squares meet. */
struct pl_board { int cols, rows; float square_m; };

/* The corners in one picture, row by row, pixels; n = 0: the whole board was not seen. */
struct pl_board_view { int n; struct pl_vec2 at[PL_BOARD_CORNERS_MAX]; };

/* Finds the board's inner corners to a fraction of a pixel. A board that is partly hidden or outside is not found.
 *
 * err:  ARG (board of fewer than 3 or too many corners, a frame without picture), MEMORY, INTERNAL
 * how:  cv::findChessboardCornersSB (Duda & Frese 2018), then cv::cornerSubPix in windows of less than half the smallest square */
bool pl_opencv_board_find(struct pl_board_view *out, const struct pl_board *board, const struct pl_frame *frame,
                          struct pl_err *err) PL_MUST_CHECK;

/* What a fit says about one view. */
struct pl_lens_view {
    double rms_px, max_px;                /* of its corners' distances from where the lens puts them */
    double distance_m;                    /* from the camera to the board's middle */
    double tilt_deg;                      /* between the board's normal and the line to the camera: 0 = seen straight on */
    bool outlier;                         /* rms over 3 x the median view's, and over 0.5 px: moved or bent; leave it out */
};

struct pl_lens_fit {
    struct pl_lens lens;
    double rms_px;                        /* root mean square distance of all corners from where the lens puts them */
    double focal_sd_px, centre_sd_px;     /* how well the views fix fx, fy and cx, cy: the larger of each pair */
    int n_views;
    struct pl_lens_view view[PL_BOARD_VIEWS_MAX];
};

/* Fits the lens to the views: fx, fy, cx, cy, k1, k2, p1, p2, and k3 where that explains at least a tenth more.
 *
 * err:  ARG: fewer than PL_BOARD_VIEWS_MIN or more than PL_BOARD_VIEWS_MAX views, a view without the whole board;
 *       FORMAT: the views are too alike to tell focal length from distance, or no lens fits them; MEMORY
 * src:  cv::calibrateCamera (Zhang 2000); standard deviations from its covariance */
bool pl_opencv_lens_fit(struct pl_lens_fit *out, const struct pl_board *board, const struct pl_board_view *views, int n_views,
                        int width_px, int height_px, struct pl_err *err) PL_MUST_CHECK;

/* Takes the distortion out of pictures: the result is the picture of a pinhole with the same fx, fy, cx, cy; what was
 * outside the real picture is black. own: pl_opencv_undistort_close, NULL is fine */
struct pl_undistort;
bool pl_opencv_undistort_open(struct pl_undistort **out, const struct pl_lens *lens, struct pl_err *err) PL_MUST_CHECK;
void pl_opencv_undistort_close(struct pl_undistort *undistort);

/* pixels: [height][width][3] of the lens' size, the frame's byte order; must not be the frame's own.
 * err: ARG: the frame has another size than the lens, or no picture; MEMORY */
bool pl_opencv_undistort_picture(struct pl_undistort *undistort, uint8_t *pixels, const struct pl_frame *frame,
                                 struct pl_err *err) PL_MUST_CHECK;

#endif
