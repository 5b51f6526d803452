/* A camera's lens: a pinhole with radial and tangential distortion, in the pixels of one picture size.
 *
 *     x = X/Z, y = Y/Z, r2 = x x + y y                     camera frame: x right, y down, z away from the camera
 *     s = 1 + k1 r2 + k2 r2^2 + k3 r2^3
 *     u = cx + fx (s x + 2 p1 x y + p2 (r2 + 2 x x))
 *     v = cy + fy (s y + p1 (r2 + 2 y y) + 2 p2 x y)
 *
 * src: Brown 1966; Zhang 2000 (DOI 10.1109/34.888718); the coefficients are those of OpenCV's calib3d
 * why: pixel centres are at .5 here (units.h) and at whole numbers in OpenCV: cx, cy are larger by half a pixel
 */
#ifndef PLUMBLINE_LENS_H
#define PLUMBLINE_LENS_H

#include <stdbool.h>
#include "plumbline/units.h"

struct pl_lens {
    int width_px, height_px;              /* the pictures it belongs to */
    double fx_px, fy_px, cx_px, cy_px;
    double k1, k2, p1, p2, k3;
};

/* Where a point of the ideal picture (a pinhole with the same fx, fy, cx, cy) stands in the real one. */
struct pl_vec2 pl_lens_distort(const struct pl_lens *lens, struct pl_vec2 ideal_px);

/* The reverse: straight lines of the world become straight. NAN where no point of the ideal picture ends up there
 * (beyond the picture's edge, where the polynomial turns back), and for NAN.
 *
 * how: Newton's method on the two equations, to a thousandth of a pixel
 * src: own derivation; compared with pl_lens_distort and with OpenCV's maps in the tests */
struct pl_vec2 pl_lens_undistort(const struct pl_lens *lens, struct pl_vec2 real_px);

/* Whether the distortion can be undone in the whole picture: corners and edges are tried. */
bool pl_lens_invertible(const struct pl_lens *lens);

#endif
