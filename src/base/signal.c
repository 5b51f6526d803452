#include "plumbline/signal.h"

#include <math.h>
#include <stdlib.h>
#include "plumbline/units.h"

static int compare(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Known values to the front, in order. */
static int sort_known(float *values, int n)
{
    int known = 0;
    for (int i = 0; i < n; i++) {
        if (!isnan(values[i]))
            values[known++] = values[i];
    }
    qsort(values, (size_t)known, sizeof *values, compare);
    return known;
}

float pl_signal_median(float *values, int n)
{
    const int known = sort_known(values, n);
    if (!known)
        return NAN;
    return known % 2 ? values[known / 2] : 0.5f * (values[known / 2 - 1] + values[known / 2]);
}

float pl_signal_quantile(float *values, int n, float p)
{
    const int known = sort_known(values, n);
    return known ? values[(int)lroundf(p * (float)(known - 1))] : NAN;
}

float pl_signal_median3(float a, float b, float c)
{
    float values[3] = { a, b, c };
    return pl_signal_median(values, 3);
}

void pl_signal_hampel(const struct pl_sample *in, int n, int64_t half_ns, float least, float spreads, float *out)
{
    enum { MOST = 128 };
    int first = 0;
    for (int i = 0; i < n; i++) {
        float near[MOST];
        int known = 0;
        out[i] = in[i].value;
        if (isnan(in[i].value))
            continue;
        while (in[i].t_ns - in[first].t_ns > half_ns)
            first++;
        for (int j = first; j < n && in[j].t_ns - in[i].t_ns <= half_ns && known < MOST; j++) {
            if (!isnan(in[j].value))
                near[known++] = in[j].value;
        }
        const float middle = pl_signal_median(near, known), off = fabsf(in[i].value - middle);
        if (!(off > least))
            continue;
        for (int j = 0; j < known; j++)
            near[j] = fabsf(near[j] - middle);
        if (off > spreads * 1.4826f * pl_signal_median(near, known))
            out[i] = NAN;
    }
}

void pl_signal_resample(const struct pl_sample *in, int n_in, int64_t gap_ns, int64_t start_ns, int64_t step_ns,
                        float *out, int n_out)
{
    int before = -1, next = 0; /* the known samples round the moment asked for */
    for (int i = 0; i < n_out; i++) {
        const int64_t t_ns = start_ns + i * step_ns;
        while (next < n_in && (in[next].t_ns <= t_ns || isnan(in[next].value))) {
            if (!isnan(in[next].value))
                before = next;
            next++;
        }
        if (before >= 0 && in[before].t_ns == t_ns) {
            out[i] = in[before].value;
        } else if (before < 0 || next == n_in || in[next].t_ns - in[before].t_ns > gap_ns) {
            out[i] = NAN;
        } else {
            const double share = (double)(t_ns - in[before].t_ns) / (double)(in[next].t_ns - in[before].t_ns);
            out[i] = in[before].value + (float)share * (in[next].value - in[before].value);
        }
    }
}

struct biquad {
    double b0, b1, b2, a1, a2;
};

static struct biquad butterworth(double rate_hz, double cutoff_hz)
{
    const double k = tan(PL_PI * cutoff_hz / rate_hz), scale = 1.0 / (1.0 + sqrt(2.0) * k + k * k);
    return (struct biquad){ k * k * scale, 2.0 * k * k * scale, k * k * scale, 2.0 * (k * k - 1.0) * scale,
                            (1.0 - sqrt(2.0) * k + k * k) * scale };
}

/* One pass over values[first], values[first + step], ... The filter starts as if 2 n - 1 mirrored values had gone
 * before. */
static void pass(float *values, int n, int first, int step, const struct biquad *q)
{
    const double pivot = (double)values[first];
    double z1 = (1.0 - q->b0) * (2.0 * pivot - (double)values[first + (n - 1) * step]), z2;
    z2 = (q->b2 - q->a2) * (2.0 * pivot - (double)values[first + (n - 1) * step]);
    for (int i = 1 - n; i < n; i++) {
        const double x = i < 0 ? 2.0 * pivot - (double)values[first - i * step] : (double)values[first + i * step];
        const double y = q->b0 * x + z1;
        z1 = q->b1 * x - q->a1 * y + z2;
        z2 = q->b2 * x - q->a2 * y;
        if (i >= 0)
            values[first + i * step] = (float)y;
    }
}

/* Straight lines over the gaps, the nearest value beyond the ends; false if nothing is known. */
static int bridge(float *values, int n)
{
    int last = -1;
    for (int i = 0; i < n; i++) {
        if (isnan(values[i]))
            continue;
        for (int j = last + 1; j < i; j++)
            values[j] = last < 0 ? values[i]
                                 : values[last] + (values[i] - values[last]) * (float)(j - last) / (float)(i - last);
        last = i;
    }
    for (int j = last + 1; last >= 0 && j < n; j++)
        values[j] = values[last];
    return last >= 0;
}

void pl_signal_smooth(float *values, int n, double rate_hz, double cutoff_hz)
{
    enum { WORDS = 64 }; /* marks of the gaps, 4096 samples: more than any recording here */
    uint64_t gap[WORDS] = { 0 };
    if (n < 3 || n > 64 * WORDS)
        return;
    for (int i = 0; i < n; i++)
        gap[i / 64] |= (uint64_t)(isnan(values[i]) != 0) << (i % 64);
    if (!bridge(values, n))
        return;
    /* each of the two passes takes half the attenuation: (sqrt 2 - 1)^(1/4) = 0.802 */
    const double single_hz = cutoff_hz / 0.802;
    if (single_hz < 0.5 * rate_hz) {
        const struct biquad q = butterworth(rate_hz, single_hz);
        pass(values, n, 0, 1, &q);
        pass(values, n, n - 1, -1, &q);
    }
    for (int i = 0; i < n; i++) {
        if (gap[i / 64] >> (i % 64) & 1)
            values[i] = NAN;
    }
}

float pl_signal_share(double dt_s, double tau_s) { return dt_s <= 0.0 ? 0.0f : (float)(1.0 - exp(-dt_s / tau_s)); }
