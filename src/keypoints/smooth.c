/* MediaPipe's smoothing: a One-Euro filter per coordinate and a low-pass per visibility.
 *
 * At rest the cut-off is 0.05 Hz, and rises with speed: good to look at, bad to measure wobble with.
 * The visibility low-pass is per frame, not per second, and so depends on the frame rate: as in MediaPipe.
 * A filter knows its first sample by a flag. (MediaPipe's web build takes the time 0 for "no sample yet", so that a
 * frame at t = 0 passes without starting the filter; later versions corrected this, and a camera's clock may start
 * at 0.) For rising timestamps > 0 the results are the same.
 * src: Casiez, Roussel, Vogel, "1 Euro Filter", CHI 2012; MediaPipe, pose_landmark_filtering.pbtxt, one_euro_filter.cc,
 *      low_pass_filter.cc, landmarks_smoothing_calculator_utils.cc, visibility_smoothing_calculator.cc
 */
#include "internal.h"

#include <math.h>

#define SLOPE_CUTOFF_HZ 1.0         /* src: pose_landmark_filtering.pbtxt, derivate_cutoff */
#define VISIBILITY_ALPHA 0.1f       /* src: pose_landmark_filtering.pbtxt, low_pass_filter alpha */
#define MIN_SIZE_PX 1e-6            /* src: landmarks_smoothing_calculator.proto, min_allowed_object_scale */

void pl_euro_init(struct pl_euro *euro, double min_cutoff_hz, double beta)
{
    euro->min_cutoff_hz = min_cutoff_hz;
    euro->beta = beta;
    euro->started = false;
}

/* Share of the new value in an exponential low-pass. */
static double alpha(double cutoff_hz, double rate_hz)
{
    return 1.0 / (1.0 + rate_hz / (2.0 * PL_PI * cutoff_hz));
}

static double low_pass(double value, double previous, double a)
{
    return a * value + (1.0 - a) * previous;
}

static void euro_start(struct pl_euro *e, int64_t t_ns, const double *values, int n)
{
    e->started = true;
    e->last_ns = t_ns;
    for (int i = 0; i < n; i++) {
        e->raw[i] = e->smooth[i] = values[i];
        e->slope[i] = 0.0;
    }
}

void pl_euro_apply(struct pl_euro *e, int64_t t_ns, double value_scale, double *values, int n)
{
    if (!e->started) {
        euro_start(e, t_ns, values, n);
        return;
    }
    if (t_ns <= e->last_ns) /* time stands still: nothing can be said about speed */
        return;
    double rate_hz = (double)PL_NS_PER_S / (double)(t_ns - e->last_ns);
    double slope_alpha = alpha(SLOPE_CUTOFF_HZ, rate_hz);
    e->last_ns = t_ns;

    for (int i = 0; i < n; i++) {
        double slope = (values[i] - e->raw[i]) * value_scale * rate_hz;
        e->slope[i] = low_pass(slope, e->slope[i], slope_alpha);
        e->raw[i] = values[i];
        e->smooth[i] = low_pass(values[i], e->smooth[i],
                                alpha(e->min_cutoff_hz + e->beta * fabs(e->slope[i]), rate_hz));
        values[i] = e->smooth[i];
    }
}

void pl_smoother_reset(struct pl_smoother *s)
{
    /* src: pose_landmark_filtering.pbtxt, min_cutoff and beta */
    pl_euro_init(&s->image, 0.05, 80.0);
    pl_euro_init(&s->world, 0.1, 40.0);
    pl_euro_init(&s->aux, 0.01, 10.0);
    s->started = false;
}

static void smooth_visibility(struct pl_smoother *s, const struct pl_landmarks *raw, struct pl_landmarks *out)
{
    for (int i = 0; i < PL_N_LANDMARKS; i++) {
        float p = raw->px[i].visibility_p;
        if (s->started)
            p = VISIBILITY_ALPHA * p + (1.0f - VISIBILITY_ALPHA) * s->visibility_p[i];
        s->visibility_p[i] = out->px[i].visibility_p = p;
    }
    s->started = true;
}

static void smooth_image(struct pl_smoother *s, int64_t t_ns, double scale, const struct pl_landmarks *raw,
                         struct pl_landmarks *out)
{
    double v[PL_N_LANDMARKS][3];
    for (int i = 0; i < PL_N_LANDMARKS; i++)
        v[i][0] = raw->px[i].x_px, v[i][1] = raw->px[i].y_px, v[i][2] = raw->px[i].z_px;
    pl_euro_apply(&s->image, t_ns, scale, v[0], PL_EURO_MAX);
    for (int i = 0; i < PL_N_LANDMARKS; i++)
        out->px[i].x_px = (float)v[i][0], out->px[i].y_px = (float)v[i][1], out->px[i].z_px = (float)v[i][2];
}

static void smooth_world(struct pl_smoother *s, int64_t t_ns, const struct pl_landmarks *raw, struct pl_landmarks *out)
{
    double v[PL_N_LANDMARKS][3];
    for (int i = 0; i < PL_N_LANDMARKS; i++)
        v[i][0] = raw->m[i].x, v[i][1] = raw->m[i].y, v[i][2] = raw->m[i].z;
    pl_euro_apply(&s->world, t_ns, 1.0, v[0], PL_EURO_MAX);
    for (int i = 0; i < PL_N_LANDMARKS; i++)
        out->m[i] = (struct pl_vec3){ (float)v[i][0], (float)v[i][1], (float)v[i][2] };
}

static void smooth_aux(struct pl_smoother *s, int64_t t_ns, double scale, struct pl_vec2 aux[PL_N_AUX])
{
    double v[PL_N_AUX][2];
    for (int i = 0; i < PL_N_AUX; i++)
        v[i][0] = aux[i].x, v[i][1] = aux[i].y;
    pl_euro_apply(&s->aux, t_ns, scale, v[0], 2 * PL_N_AUX);
    for (int i = 0; i < PL_N_AUX; i++)
        aux[i] = (struct pl_vec2){ (float)v[i][0], (float)v[i][1] };
}

void pl_smoother_apply(struct pl_smoother *s, int64_t t_ns, const struct pl_person *person, struct pl_landmarks *out,
                       struct pl_vec2 aux[PL_N_AUX])
{
    struct pl_vec2 centre = person->aux[PL_AUX_CENTRE], reach = person->aux[PL_AUX_REACH];
    double size_px = 2.0 * hypot((double)reach.x - centre.x, (double)reach.y - centre.y);

    *out = person->body;
    aux[PL_AUX_CENTRE] = centre;
    aux[PL_AUX_REACH] = reach;
    smooth_visibility(s, &person->body, out);
    smooth_world(s, t_ns, &person->body, out);
    if (size_px < MIN_SIZE_PX) /* no scale to compare speeds with: the filters wait */
        return;
    smooth_image(s, t_ns, 1.0 / size_px, &person->body, out);
    smooth_aux(s, t_ns, 1.0 / size_px, aux);
}
