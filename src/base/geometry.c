#include "plumbline/geometry.h"

#include <math.h>

static const float deg_per_rad = (float)(180.0 / PL_PI);

struct pl_vec2 pl_geometry_mid(struct pl_vec2 a, struct pl_vec2 b)
{
    return (struct pl_vec2){ 0.5f * (a.x + b.x), 0.5f * (a.y + b.y) };
}

struct pl_vec3 pl_geometry_mid3(struct pl_vec3 a, struct pl_vec3 b)
{
    return (struct pl_vec3){ 0.5f * (a.x + b.x), 0.5f * (a.y + b.y), 0.5f * (a.z + b.z) };
}

float pl_geometry_distance(struct pl_vec2 a, struct pl_vec2 b) { return hypotf(a.x - b.x, a.y - b.y); }

bool pl_geometry_known(struct pl_vec2 a) { return !isnan(a.x) && !isnan(a.y); }

/* atan2 of the sine and cosine of an angle, both times the same length; NAN where there is no angle. */
static float angle_deg(float sine, float cosine)
{
    if (isnan(sine) || isnan(cosine) || (sine == 0.0f && cosine == 0.0f))
        return NAN;
    return atan2f(sine, cosine) * deg_per_rad;
}

float pl_geometry_bend_deg(struct pl_vec2 a, struct pl_vec2 b, struct pl_vec2 c)
{
    return fabsf(pl_geometry_fppa_deg(a, b, c, 1.0f));
}

float pl_geometry_bend3_deg(struct pl_vec3 a, struct pl_vec3 b, struct pl_vec3 c)
{
    const struct pl_vec3 u = { b.x - a.x, b.y - a.y, b.z - a.z }, v = { c.x - b.x, c.y - b.y, c.z - b.z };
    const float cx = u.y * v.z - u.z * v.y, cy = u.z * v.x - u.x * v.z, cz = u.x * v.y - u.y * v.x;
    return angle_deg(sqrtf(cx * cx + cy * cy + cz * cz), u.x * v.x + u.y * v.y + u.z * v.z);
}

float pl_geometry_fppa_deg(struct pl_vec2 hip, struct pl_vec2 knee, struct pl_vec2 ankle, float medial)
{
    const struct pl_vec2 u = { knee.x - hip.x, knee.y - hip.y }, v = { ankle.x - knee.x, ankle.y - knee.y };
    return medial * angle_deg(u.x * v.y - u.y * v.x, u.x * v.x + u.y * v.y);
}

float pl_geometry_lean_deg(struct pl_vec2 a, struct pl_vec2 b) { return angle_deg(a.x - b.x, b.y - a.y); }

float pl_geometry_tilt_deg(struct pl_vec2 left, struct pl_vec2 right)
{
    return angle_deg(right.y - left.y, fabsf(left.x - right.x));
}

float pl_geometry_wrap_deg(float deg)
{
    float wrapped = fmodf(deg, 360.0f);
    if (wrapped > 180.0f)
        wrapped -= 360.0f;
    return wrapped <= -180.0f ? wrapped + 360.0f : wrapped;
}
