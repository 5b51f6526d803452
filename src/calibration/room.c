/* Where the camera stands, from one standing person: heights of joints are shares of the stature, a pinhole sees them.
 *
 * Unknown: distance along the floor, height of the lens, tilt, and the focal length as far as it is not known. Seen: the height in
 * the picture of eyes, shoulders, hips, knees, ankles, heels and toes. Eyes to ankles give the distance, the spread of the heights
 * above and below the tilt, and toes in front of heels tell how steeply the camera looks down on the floor.
 */
#include <float.h>
#include <math.h>

#include "plumbline/calibrating.h"

enum { N_UNKNOWN = 4, N_JOINTS = 7, MAX_STEPS = 60 };
enum { DISTANCE, HEIGHT, TILT, FOCAL };

/* Where the network puts the joints of a standing person in shoes: height over the floor and distance in front of the ankles,
 * statures, and how far bodies differ, metres. They are not the joints of anatomy: eyes .936, ankles .039 in Drillis & Contini
 * 1966.
 * src:  front views of five rendered clips of two bodies with exact cameras, model full; the spread is wider than theirs,
 *       for other bodies and shoes. Feet: the landmarks lie .123 of the stature apart (sagittal.c) */
static const struct { enum pl_landmark left, right; double up, forwards, sd_m; } joints[N_JOINTS] = {
    { PL_LM_LEFT_EYE, PL_LM_RIGHT_EYE, 0.963, 0.03, 0.02 },
    { PL_LM_LEFT_SHOULDER, PL_LM_RIGHT_SHOULDER, 0.828, 0, 0.025 },
    { PL_LM_LEFT_HIP, PL_LM_RIGHT_HIP, 0.535, 0, 0.025 },
    { PL_LM_LEFT_KNEE, PL_LM_RIGHT_KNEE, 0.29, 0.01, 0.02 },
    { PL_LM_LEFT_ANKLE, PL_LM_RIGHT_ANKLE, 0.067, 0, 0.015 },
    { PL_LM_LEFT_HEEL, PL_LM_RIGHT_HEEL, 0.032, -0.03, 0.015 },
    { PL_LM_LEFT_FOOT_INDEX, PL_LM_RIGHT_FOOT_INDEX, 0.015, 0.093, 0.02 },
};

struct seen { double y_px[N_JOINTS]; double towards; /* share of forwards that is towards the camera */ };

/* Picture height of a point: up_m over the floor, forwards_m in front of the ankles. */
static double project(const double u[N_UNKNOWN], double up_m, double towards_m, double cy)
{
    double away = u[DISTANCE] - towards_m, below = u[HEIGHT] - up_m, s = sin(u[TILT]), c = cos(u[TILT]);
    return cy + u[FOCAL] * (below * c - away * s) / (away * c + below * s);
}

/* Solves a x = b for a symmetric positive 4 x 4 and inverts a; false: singular. */
static bool solve(double a[N_UNKNOWN][N_UNKNOWN], const double b[N_UNKNOWN], double x[N_UNKNOWN],
                  double inverse[N_UNKNOWN][N_UNKNOWN])
{
    double m[N_UNKNOWN][2 * N_UNKNOWN];
    for (int i = 0; i < N_UNKNOWN; i++)
        for (int k = 0; k < N_UNKNOWN; k++) {
            m[i][k] = a[i][k];
            m[i][N_UNKNOWN + k] = i == k;
        }
    for (int i = 0; i < N_UNKNOWN; i++) {
        double pivot = m[i][i];
        if (!(pivot > DBL_MIN))
            return false;
        for (int k = 0; k < 2 * N_UNKNOWN; k++)
            m[i][k] /= pivot;
        for (int j = 0; j < N_UNKNOWN; j++) {
            double factor = m[j][i];
            for (int k = 0; j != i && k < 2 * N_UNKNOWN; k++)
                m[j][k] -= factor * m[i][k];
        }
    }
    for (int i = 0; i < N_UNKNOWN; i++) {
        x[i] = 0;
        for (int k = 0; k < N_UNKNOWN; k++) {
            inverse[i][k] = m[i][N_UNKNOWN + k];
            x[i] += inverse[i][k] * b[k];
        }
    }
    return true;
}

/* One Gauss-Newton step; inverse: the covariance. Returns the sum of squares before the step, negative when singular. */
static double step(double u[N_UNKNOWN], double inverse[N_UNKNOWN][N_UNKNOWN], const struct seen *seen, double stature_m,
                   const struct pl_room_eye *eye)
{
    /* what is known beforehand, loosely: nobody tilts a laptop's camera by more than 20 or 30 degrees; the focal length as told */
    const double before[N_UNKNOWN] = { 2.7, 0.8, 0, (double)eye->focal_px };
    const double focal_sd = fmax(1e-3, (double)eye->focal_err_share / 1.96) * (double)eye->focal_px;
    const double sd[N_UNKNOWN] = { 3, 1, 15 * PL_PI / 180, focal_sd };
    double a[N_UNKNOWN][N_UNKNOWN] = { { 0 } }, b[N_UNKNOWN], x[N_UNKNOWN], sum = 0;

    for (int i = 0; i < N_UNKNOWN; i++) {
        a[i][i] = 1 / (sd[i] * sd[i]);
        b[i] = (before[i] - u[i]) * a[i][i];
        sum += (before[i] - u[i]) * b[i];
    }
    for (int j = 0; j < N_JOINTS; j++) {
        double up = joints[j].up * stature_m, towards = joints[j].forwards * stature_m * seen->towards, g[N_UNKNOWN];
        double here = project(u, up, towards, (double)eye->cy_px), sd_px = hypot(joints[j].sd_m * u[FOCAL] / u[DISTANCE], 1);
        if (isnan(seen->y_px[j]))
            continue;
        for (int i = 0; i < N_UNKNOWN; i++) {
            double moved[N_UNKNOWN] = { u[0], u[1], u[2], u[3] }, by = i == FOCAL ? 0.01 : 1e-5;
            moved[i] += by;
            g[i] = (project(moved, up, towards, (double)eye->cy_px) - here) / by / sd_px;
        }
        double off = (seen->y_px[j] - here) / sd_px;
        sum += off * off;
        for (int i = 0; i < N_UNKNOWN; i++) {
            b[i] += g[i] * off;
            for (int k = 0; k < N_UNKNOWN; k++)
                a[i][k] += g[i] * g[k];
        }
    }
    if (!solve(a, b, x, inverse))
        return -1;
    for (int i = 0; i < N_UNKNOWN; i++)
        u[i] += x[i];
    u[DISTANCE] = fmax(0.3, fmin(30, u[DISTANCE]));
    u[FOCAL] = fmax(0.3 * (double)eye->focal_px, u[FOCAL]);
    return sum;
}

/* The line through both feet: the mean slope of heels, ankles and toes, of those that stand apart. */
static float floor_roll_deg(const struct pl_stance *s)
{
    static const enum pl_landmark feet[] = { PL_LM_LEFT_ANKLE, PL_LM_LEFT_HEEL, PL_LM_LEFT_FOOT_INDEX };
    float dx = 0, dy = 0;

    if (s->view != PL_VIEW_FRONT)
        return NAN;
    for (int i = 0; i < 3; i++) {
        struct pl_vec2 l = s->px[feet[i]], r = s->px[feet[i] + 1];
        if (isnan(l.x) || isnan(r.x))
            continue;
        dx += fabsf(l.x - r.x);
        dy += l.x > r.x ? l.y - r.y : r.y - l.y;
    }
    return dx > 30 ? atan2f(dy, dx) * (float)(180 / PL_PI) : NAN;
}

bool pl_calibrate_room(struct pl_room_calibration *out, const struct pl_stance *stance, float stature_m,
                       const struct pl_room_eye *eye, struct pl_err *err)
{
    struct seen seen = { .towards = isnan(stance->yaw_deg) ? 1 : cos((double)stance->yaw_deg * PL_PI / 180) };
    double u[N_UNKNOWN] = { 2.7, 0.8, 0, (double)eye->focal_px }, covariance[N_UNKNOWN][N_UNKNOWN], sum = -1;
    int n = 0;

    if (stance->from_behind)
        seen.towards = -fabs(seen.towards);
    for (int j = 0; j < N_JOINTS; j++) {
        struct pl_vec2 l = stance->px[joints[j].left], r = stance->px[joints[j].right];
        seen.y_px[j] = isnan(l.y) ? (double)r.y : isnan(r.y) ? (double)l.y : 0.5 * ((double)l.y + (double)r.y);
        n += !isnan(seen.y_px[j]);
    }
    if (n < 5 || isnan(seen.y_px[0]) || isnan(seen.y_px[4]))
        return pl_fail(err, PL_E_FORMAT, "head and feet must both be in the picture: step back or tilt the screen");
    for (int i = 0; i < MAX_STEPS; i++)
        if ((sum = step(u, covariance, &seen, (double)stature_m, eye)) < 0)
            break;
    /* src: own choice: joints on average three times as far off as they ever are */
    if (!(sum >= 0 && sum / n < 9))
        return pl_fail(err, PL_E_FORMAT, "no camera sees a standing person of %.2f m like this: is the stature right, and did you "
                       "stand upright?", (double)stature_m);
    *out = (struct pl_room_calibration){
        .focal_px = (float)u[FOCAL], .camera_height_m = (float)u[HEIGHT],
        .camera_height_err_m = (float)(1.96 * sqrt(covariance[HEIGHT][HEIGHT])), .tilt_deg = (float)(u[TILT] * 180 / PL_PI),
        .tilt_err_deg = (float)(1.96 * sqrt(covariance[TILT][TILT]) * 180 / PL_PI), .roll_deg = floor_roll_deg(stance),
        .distance_m = (float)u[DISTANCE],
    };
    return true;
}
