/* Conventions that hold everywhere in plumbline.
 *
 * image      origin top left, x right, y down, pixels; the centre of the first pixel is (0.5, 0.5)
 * world      metres, origin mid-hip, x to the image's right, y DOWN, z away from the camera (BlazePose's own frame)
 * tensors    NHWC float32
 * time       int64 nanoseconds of a monotonic clock or of the recording; never frame counts
 * angles     degrees between modules, radians only inside a function
 * sides      left and right are the person's; the picture is mirrored in screen and nowhere else
 * unknown    NAN in every float, and a comparison with it is false: a fault is never raised from NAN
 */
#ifndef PLUMBLINE_UNITS_H
#define PLUMBLINE_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#define PL_NS_PER_S INT64_C(1000000000)
#define PL_PI 3.14159265358979323846

enum pl_side { PL_SIDE_LEFT = 0, PL_SIDE_RIGHT = 1, PL_N_SIDES = 2, PL_SIDE_UNKNOWN = 2 };

static inline enum pl_side pl_side_other(enum pl_side s)
{
    return s == PL_SIDE_LEFT ? PL_SIDE_RIGHT : s == PL_SIDE_RIGHT ? PL_SIDE_LEFT : PL_SIDE_UNKNOWN;
}

/* "left", "right" or "unknown"; static storage */
static inline const char *pl_side_name(enum pl_side s)
{
    return s == PL_SIDE_LEFT ? "left" : s == PL_SIDE_RIGHT ? "right" : "unknown";
}

static inline double pl_s_from_ns(int64_t t_ns) { return (double)t_ns / (double)PL_NS_PER_S; }
static inline int64_t pl_ns_from_s(double t_s) { return (int64_t)(t_s * (double)PL_NS_PER_S + (t_s < 0 ? -0.5 : 0.5)); }

/* Has what began with one frame lasted so long with another? A camera's times jitter and are rounded: 200 ms at 15 frames a
 * second are three frames, and not a fourth for a nanosecond. src: 5 ms, a third of a frame at 60 a second: own choice */
static inline bool pl_has_lasted(int64_t since_ns, int64_t t_ns, double least_s)
{
    return t_ns - since_ns >= pl_ns_from_s(least_s) - 5 * (PL_NS_PER_S / 1000);
}

struct pl_vec2 { float x, y; };
struct pl_vec3 { float x, y, z; };

#endif
