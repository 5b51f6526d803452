/* Wobble: how much the knee moves sideways other than the exercise makes it.
 *
 * how:  sideways position of the knee against the line hip-ankle, percent of the leg's length, over the last
 *       seconds; minus what the bend explains (the same place at the same depth, down and up, is no wobble: a least-
 *       squares parabola in the leg's length); minus its own 0.5 Hz low-pass without lag; root mean square. 6 Hz
 *       data, never the tracker's smoothing.
 * src:  measures.md 4.7 (own choice after Ressman 2021's "medial-lateral shake"; no published norms); the parabola
 *       is ours: a quick deep squat moves the knees out and in faster than 0.5 Hz and would count as wobble
 */
#include "internal.h"

#include <math.h>
#include <string.h>
#include "plumbline/geometry.h"

enum { RATE_HZ = 30, MAX_S = 5, N = RATE_HZ * MAX_S };
static const double window_s = 3.0, ends_s = 0.5; /* the low-pass is unsure at the ends of what it has seen */
static const double slow_hz = 0.5, fast_hz = 6.0;

static float standing_length(const struct pl_pose *pose, enum pl_side side)
{
    const float standing = pose->baseline[side].hip_ankle_px;
    return isnan(standing) ? pose->leg_px : standing;
}

/* Sideways distance of the knee from the line hip-ankle, percent of the standing leg, + = medial. */
static float sideways_pct(const struct pl_pose *pose, enum pl_side side)
{
    const struct pl_leg *leg = &pose->leg[side];
    const float share = (leg->knee_px.y - leg->hip_px.y) / (leg->ankle_px.y - leg->hip_px.y);
    const float line_x = leg->hip_px.x + share * (leg->ankle_px.x - leg->hip_px.x);
    return 100.0f * pl_pose_medial(pose, side) * (leg->knee_px.x - line_x) / standing_length(pose, side);
}

static void remember(struct kmd *kmd, int64_t t_ns, float sideways, float length)
{
    int old = 0;
    while (old < kmd->n && (kmd->n - old >= KMD_MAX || t_ns - kmd->sideways[old].t_ns > pl_ns_from_s(window_s)))
        old++;
    kmd->n -= old;
    memmove(&kmd->sideways[0], &kmd->sideways[old], (size_t)kmd->n * sizeof kmd->sideways[0]);
    memmove(&kmd->length[0], &kmd->length[old], (size_t)kmd->n * sizeof kmd->length[0]);
    if (!kmd->n || t_ns - kmd->sideways[kmd->n - 1].t_ns >= pl_ns_from_s(1.0 / 62.0)) {
        kmd->sideways[kmd->n] = (struct pl_sample){ t_ns, sideways };
        kmd->length[kmd->n++] = (struct pl_sample){ t_ns, length };
    }
}

/* Subtracts the least-squares parabola in x from y; nothing where x does not vary. */
static void subtract_parabola(const float *x, float *y, int n)
{
    double s[5] = { 0 }, t[3] = { 0 }, middle = 0.0;
    for (int i = 0; i < n; i++)
        middle += (double)x[i] / n;
    for (int i = 0; i < n; i++) {
        double power = 1.0;
        for (int k = 0; k < 5; k++, power *= (double)x[i] - middle) {
            s[k] += power;
            if (k < 3)
                t[k] += power * (double)y[i];
        }
    }
    const double det =
        s[0] * (s[2] * s[4] - s[3] * s[3]) - s[1] * (s[1] * s[4] - s[2] * s[3]) + s[2] * (s[1] * s[3] - s[2] * s[2]);
    if (s[2] / n < 0.01 * 0.01 || fabs(det) < 1e-12)
        return; /* the leg hardly bent */
    const double c0 =
        (t[0] * (s[2] * s[4] - s[3] * s[3]) - s[1] * (t[1] * s[4] - s[3] * t[2]) + s[2] * (t[1] * s[3] - s[2] * t[2]))
        / det;
    const double c1 =
        (s[0] * (t[1] * s[4] - t[2] * s[3]) - t[0] * (s[1] * s[4] - s[3] * s[2]) + s[2] * (s[1] * t[2] - t[1] * s[2]))
        / det;
    const double c2 =
        (s[0] * (s[2] * t[2] - s[3] * t[1]) - s[1] * (s[1] * t[2] - t[1] * s[2]) + t[0] * (s[1] * s[3] - s[2] * s[2]))
        / det;
    for (int i = 0; i < n; i++) {
        const double u = (double)x[i] - middle;
        y[i] -= (float)(c0 + c1 * u + c2 * u * u);
    }
}

static bool all_known(const float *values, int n)
{
    for (int i = 0; i < n; i++) {
        if (isnan(values[i]))
            return false;
    }
    return true;
}

static float rms_of(const struct kmd *kmd)
{
    float fast[N], slow[N], length[N];
    const int64_t step_ns = PL_NS_PER_S / RATE_HZ, start_ns = kmd->sideways[0].t_ns;
    const int64_t span_ns = kmd->sideways[kmd->n - 1].t_ns - start_ns, gap_ns = pl_ns_from_s(0.2);
    const int n = (int)(span_ns / step_ns) + 1, ends = (int)(ends_s * RATE_HZ);
    double sum = 0.0;
    if (n > N || span_ns < pl_ns_from_s(window_s - ends_s))
        return NAN;
    pl_signal_resample(kmd->sideways, kmd->n, gap_ns, start_ns, step_ns, fast, n);
    pl_signal_resample(kmd->length, kmd->n, gap_ns, start_ns, step_ns, length, n);
    if (!all_known(fast, n) || !all_known(length, n))
        return NAN;
    pl_signal_smooth(fast, n, RATE_HZ, fast_hz);
    pl_signal_smooth(length, n, RATE_HZ, fast_hz);
    subtract_parabola(length, fast, n);
    memcpy(slow, fast, sizeof fast[0] * (size_t)n);
    pl_signal_smooth(slow, n, RATE_HZ, slow_hz);
    for (int i = ends; i < n - ends; i++)
        sum += (double)(fast[i] - slow[i]) * (double)(fast[i] - slow[i]);
    return (float)sqrt(sum / (n - 2 * ends));
}

void pl_measure_wobble(struct kmd *kmd, const struct pl_pose *pose, const struct pl_limits *limits, enum pl_side side,
                       struct slot slot)
{
    const struct pl_leg *leg = &pose->leg[side];
    if (pose->view != PL_VIEW_FRONT || pl_pose_off_front_deg(pose) > limits->view_front_max_deg) {
        kmd->n = 0;
        measure_unknown(slot, PL_M_WOBBLE, PL_REASON_FACE_CAMERA);
        return;
    }
    remember(kmd, pose->t_ns, sideways_pct(pose, side),
             pl_geometry_distance(leg->hip_px, leg->ankle_px) / standing_length(pose, side));
    const float rms = rms_of(kmd);
    /* the landmark noise itself: about a third of its power is left below 6 Hz */
    const float noise_pct = 100.0f * 1.2f * 0.6f * pl_measure_noise_px(pose, leg->visibility_p) / pose->leg_px;
    if (isnan(rms))
        measure_unknown(slot, PL_M_WOBBLE, PL_REASON_STAND_STILL);
    else
        measure_known(slot, PL_M_WOBBLE, rms, noise_pct);
}
