/* Angles and lengths of points in the picture and in the world. A NAN in gives a NAN out. */
#ifndef PLUMBLINE_GEOMETRY_H
#define PLUMBLINE_GEOMETRY_H

#include <stdbool.h>
#include "plumbline/units.h"

struct pl_vec2 pl_geometry_mid(struct pl_vec2 a, struct pl_vec2 b);
struct pl_vec3 pl_geometry_mid3(struct pl_vec3 a, struct pl_vec3 b);
float pl_geometry_distance(struct pl_vec2 a, struct pl_vec2 b);
bool pl_geometry_known(struct pl_vec2 a); /* neither coordinate is NAN */

/* How far a limb is bent at its middle joint, 0 = straight, 180 = folded.
 *
 * in:   a, b, c  e.g. hip, knee, ankle
 * out:  degrees in [0, 180]; NAN if two points coincide
 * why:  atan2 of cross and dot: on a straight limb rounding can carry a cosine past 1 and acos turns NAN */
float pl_geometry_bend_deg(struct pl_vec2 a, struct pl_vec2 b, struct pl_vec2 c);
float pl_geometry_bend3_deg(struct pl_vec3 a, struct pl_vec3 b, struct pl_vec3 c);

/* Frontal plane projection angle: the signed bend of hip-knee-ankle in the picture, + = knee medial of the hip-ankle
 * line.
 *
 * in:   medial  image direction of the body's midline seen from this leg: +1 to the right, -1 to the left
 * src:  Willson & Davis 2008, Munro 2012; sign by own derivation: H(0,0) K(.1,1) A(0,2) medial +1 -> +11.42 */
float pl_geometry_fppa_deg(struct pl_vec2 hip, struct pl_vec2 knee, struct pl_vec2 ankle, float medial);

/* Tilt of the line from b up to a against the vertical, + = a to the image's right of b; (-180, 180]. */
float pl_geometry_lean_deg(struct pl_vec2 a, struct pl_vec2 b);

/* Tilt of the line between two points at about the same height against the horizontal, + = left higher, whichever of
 * them is on the image's right; (-90, 90). */
float pl_geometry_tilt_deg(struct pl_vec2 left, struct pl_vec2 right);

/* An angle brought into (-180, 180]. */
float pl_geometry_wrap_deg(float deg);

#endif
