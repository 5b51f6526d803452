#include "plumbline/lens.h"

#include <math.h>

enum { MAX_STEPS = 20, EDGE_STEPS = 16 };
static const double done_px = 1e-4, accepted_px = 1e-3;

/* A point in units of the focal length, and how it moves with x and y. */
struct bent { double x, y, dx_dx, dx_dy, dy_dx, dy_dy; };

static struct bent bend(const struct pl_lens *l, double x, double y)
{
    double r2 = x * x + y * y;
    double s = 1 + r2 * (l->k1 + r2 * (l->k2 + r2 * l->k3));
    double ds = 2 * (l->k1 + r2 * (2 * l->k2 + r2 * 3 * l->k3)); /* of s by r2, times 2: times x or y it is ds/dx, ds/dy */
    double cross = ds * x * y + 2 * l->p1 * x + 2 * l->p2 * y;
    return (struct bent){
        .x = s * x + 2 * l->p1 * x * y + l->p2 * (r2 + 2 * x * x),
        .y = s * y + l->p1 * (r2 + 2 * y * y) + 2 * l->p2 * x * y,
        .dx_dx = s + ds * x * x + 2 * l->p1 * y + 6 * l->p2 * x,
        .dx_dy = cross,
        .dy_dx = cross,
        .dy_dy = s + ds * y * y + 6 * l->p1 * y + 2 * l->p2 * x,
    };
}

struct pl_vec2 pl_lens_distort(const struct pl_lens *l, struct pl_vec2 p)
{
    struct bent b = bend(l, (p.x - l->cx_px) / l->fx_px, (p.y - l->cy_px) / l->fy_px);
    return (struct pl_vec2){ (float)(l->cx_px + l->fx_px * b.x), (float)(l->cy_px + l->fy_px * b.y) };
}

struct pl_vec2 pl_lens_undistort(const struct pl_lens *l, struct pl_vec2 p)
{
    const struct pl_vec2 nowhere = { NAN, NAN };
    double to_x = (p.x - l->cx_px) / l->fx_px, to_y = (p.y - l->cy_px) / l->fy_px, x = to_x, y = to_y;

    for (int step = 0; step < MAX_STEPS; step++) {
        struct bent b = bend(l, x, y);
        double ex = b.x - to_x, ey = b.y - to_y, det = b.dx_dx * b.dy_dy - b.dx_dy * b.dy_dx;
        double off_px = hypot(ex * l->fx_px, ey * l->fy_px);
        if (!(det > 0 && b.dx_dx > 0)) /* beyond here the picture is folded back, or a NAN */
            return nowhere;
        if (off_px < done_px || (step == MAX_STEPS - 1 && off_px < accepted_px))
            return (struct pl_vec2){ (float)(l->cx_px + l->fx_px * x), (float)(l->cy_px + l->fy_px * y) };
        x -= (b.dy_dy * ex - b.dx_dy * ey) / det;
        y -= (b.dx_dx * ey - b.dy_dx * ex) / det;
    }
    return nowhere;
}

static bool reaches(const struct pl_lens *l, double x, double y)
{
    return !isnan(pl_lens_undistort(l, (struct pl_vec2){ (float)x, (float)y }).x);
}

bool pl_lens_invertible(const struct pl_lens *l)
{
    for (int i = 0; i <= EDGE_STEPS; i++) {
        double x = (double)l->width_px * i / EDGE_STEPS, y = (double)l->height_px * i / EDGE_STEPS;
        if (!reaches(l, x, 0) || !reaches(l, x, l->height_px) || !reaches(l, 0, y) || !reaches(l, l->width_px, y))
            return false;
    }
    return true;
}
