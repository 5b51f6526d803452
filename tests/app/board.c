/* A clip of the printed chessboard (calibration/chessboard.svg) moved about in front of a known lens, for the camera that is not
 * there: grey pictures, one after the other, on standard output.
 *
 *   board WIDTH HEIGHT FPS HOLD_S MOVE_S  FX FY CX CY K1 K2 P1 P2  <POSES
 *   POSES: a line each: x y z (metres, the board's middle; x right, y down, z away), a b (degrees about the x and the y axis)
 *
 * Each pose is held, then the board moves on to the next, and from the last to the first. The lens is Brown's as lens.h has it,
 * but undone here by an iteration of its own, so that nothing of the program is needed to test it. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { COLS = 10, ROWS = 7, MAX_POSES = 64 };
static const double square_m = 0.025, margin = 1; /* squares of white around it */

struct pose { double v[5]; };
struct ray { double x, y; };

static int w, h;
static struct ray *rays; /* of the pixels' middles and, to the right and below, of one more each */

static struct ray undistort(const double lens[8], double u, double v)
{
    const double xd = (u - lens[2]) / lens[0], yd = (v - lens[3]) / lens[1];
    double x = xd, y = yd;

    for (int i = 0; i < 60; i++) {
        const double r2 = x * x + y * y, s = 1 + r2 * (lens[4] + r2 * lens[5]);
        const double dx = 2 * lens[6] * x * y + lens[7] * (r2 + 2 * x * x), dy = lens[6] * (r2 + 2 * y * y) + 2 * lens[7] * x * y;
        x = (xd - dx) / s;
        y = (yd - dy) / s;
    }
    return (struct ray){ x, y };
}

/* Which side of the nearest line between squares: -1..1, between over the width of a pixel. */
static double side(double at, double per_px)
{
    const double nearest = floor(at + 0.5), off = 2 * (at - nearest) / per_px;
    const double s = off < -1 ? -1 : off > 1 ? 1 : off;
    return fmod(fabs(nearest), 2) > 0 ? -s : s;
}

static double shade(double u, double v, double per_u, double per_v)
{
    if (u < -margin || v < -margin || u > COLS + margin || v > ROWS + margin)
        return 110 + 30 * sin(u * 0.4) * sin(v * 0.3);   /* whoever holds it */
    if (u < -0.5 * per_u || v < -0.5 * per_v || u > COLS + 0.5 * per_u || v > ROWS + 0.5 * per_v)
        return 225;
    return 122 + 103 * side(u, per_u) * side(v, per_v);
}

/* Where a ray meets the board, in squares from its corner. */
static struct ray meet(const struct pose *p, struct ray r)
{
    const double deg = acos(-1) / 180, ca = cos(p->v[3] * deg), sa = sin(p->v[3] * deg), cb = cos(p->v[4] * deg);
    const double sb = sin(p->v[4] * deg);
    /* the board's axes: columns of Ry(b) Rx(a) */
    const double ex[3] = { cb, 0, -sb }, ey[3] = { sb * sa, ca, cb * sa }, n[3] = { sb * ca, -sa, cb * ca };
    const double t = (n[0] * p->v[0] + n[1] * p->v[1] + n[2] * p->v[2]) / (n[0] * r.x + n[1] * r.y + n[2]);
    const double d[3] = { t * r.x - p->v[0], t * r.y - p->v[1], t - p->v[2] };
    return (struct ray){ (d[0] * ex[0] + d[2] * ex[2]) / square_m + 0.5 * COLS,
                         (d[0] * ey[0] + d[1] * ey[1] + d[2] * ey[2]) / square_m + 0.5 * ROWS };
}

static void render(uint8_t *out, const struct pose *p)
{
    static uint32_t seed = 1;

    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const struct ray *r = &rays[y * (w + 1) + x];
            const struct ray at = meet(p, *r), right = meet(p, r[1]), below = meet(p, r[w + 1]);
            const double per_u = fabs(right.x - at.x) + fabs(below.x - at.x), per_v = fabs(right.y - at.y) + fabs(below.y - at.y);
            seed = seed * 1664525 + 1013904223;
            out[y * w + x] = (uint8_t)(shade(at.x, at.y, per_u, per_v) + (double)(seed >> 24) / 64 - 2);
        }
}

int main(int argc, char **argv)
{
    static struct pose poses[MAX_POSES];
    double lens[8];
    int n = 0;

    if (argc != 14) {
        fprintf(stderr, "board: its first page says what it takes\n");
        return 2;
    }
    w = atoi(argv[1]);
    h = atoi(argv[2]);
    const double fps = atof(argv[3]);
    const int n_hold = (int)(atof(argv[4]) * fps + 0.5), n_move = (int)(atof(argv[5]) * fps + 0.5);
    for (int i = 0; i < 8; i++)
        lens[i] = atof(argv[6 + i]);
    while (n < MAX_POSES && scanf("%lf %lf %lf %lf %lf", &poses[n].v[0], &poses[n].v[1], &poses[n].v[2], &poses[n].v[3],
                                  &poses[n].v[4]) == 5)
        n++;
    rays = malloc((size_t)(w + 1) * (size_t)(h + 1) * sizeof *rays);
    uint8_t *out = malloc((size_t)w * (size_t)h);
    if (!rays || !out || n < 1)
        return 1;
    for (int y = 0; y <= h; y++)
        for (int x = 0; x <= w; x++)
            rays[y * (w + 1) + x] = undistort(lens, x + 0.5, y + 0.5);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n_hold + n_move; k++) {
            struct pose p = poses[i];
            for (int j = 0; j < 5 && k >= n_hold; j++)
                p.v[j] += (poses[(i + 1) % n].v[j] - p.v[j]) * (k - n_hold + 1) / (n_move + 1);
            if (k == 0 || k >= n_hold)
                render(out, &p);
            if (fwrite(out, (size_t)w, (size_t)h, stdout) != (size_t)h)
                return 1;
        }
    free(rays);
    free(out);
    return fflush(stdout) != 0;
}
