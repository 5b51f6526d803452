/* Medians, resampling and the filter without lag. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "plumbline/signal.h"
#include "plumbline/units.h"

static void near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.9g is not %.9g", a, b);
}

static void test_median(void **state)
{
    (void)state;
    float odd[] = { 5, NAN, 1, 3 }, even[] = { 4, 1, 2, 3 }, none[] = { NAN, NAN };
    near(pl_signal_median(odd, 4), 3, 0);
    near(pl_signal_median(even, 4), 2.5, 0);
    assert_true(isnan(pl_signal_median(none, 2)));
    near(pl_signal_median3(NAN, 7, NAN), 7, 0);
    near(pl_signal_median3(1, 100, 2), 2, 0); /* one frame that jumps is gone */
    float tenths[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
    near(pl_signal_quantile(tenths, 11, 0.9f), 9, 0);
}

static void test_resample(void **state)
{
    (void)state;
    const struct pl_sample in[] = { { 0, 0 }, { 100, 10 }, { 150, NAN }, { 200, 20 }, { 900, 90 } };
    float out[12];
    pl_signal_resample(in, 5, 300, -50, 50, out, 12);
    assert_true(isnan(out[0])); /* before the first */
    near(out[1], 0, 1e-6);
    near(out[2], 5, 1e-6);
    near(out[4], 15, 1e-6); /* across an unknown sample */
    near(out[5], 20, 1e-6);
    assert_true(isnan(out[6])); /* the gap is too long */
    assert_true(isnan(out[11]));
}

static double amplitude_after(double hz, double cutoff_hz)
{
    enum { N = 600 };
    float v[N];
    float most = 0; /* gcc 12 for ARM stops with an internal error if this is a double */
    for (int i = 0; i < N; i++)
        v[i] = (float)sin(2 * PL_PI * hz * i / 60.0);
    pl_signal_smooth(v, N, 60, cutoff_hz);
    for (int i = N / 4; i < 3 * N / 4; i++)
        most = fmaxf(most, fabsf(v[i]));
    return (double)most;
}

static void test_smooth_passes_and_stops(void **state)
{
    (void)state;
    near(amplitude_after(1, 6), 1.0, 0.01);
    near(amplitude_after(6, 6), sqrt(0.5), 0.03); /* both passes together are 3 dB down at the cut-off */
    assert_true(amplitude_after(20, 6) < 0.02);
}

static void test_smooth_has_no_lag_and_keeps_ends(void **state)
{
    enum { N = 90 };
    float v[N], line[N];
    int peak = 0;
    (void)state;
    for (int i = 0; i < N; i++) {
        v[i] = (float)exp(-0.5 * (i - 40) * (i - 40) / 36.0);
        line[i] = 3.0f + 0.5f * (float)i;
    }
    pl_signal_smooth(v, N, 30, 6);
    pl_signal_smooth(line, N, 30, 6);
    for (int i = 0; i < N; i++) {
        if (v[i] > v[peak])
            peak = i;
        near(line[i], 3.0 + 0.5 * i, 0.02); /* a trend goes through to its ends */
    }
    assert_int_equal(peak, 40);
}

static void test_smooth_keeps_gaps(void **state)
{
    enum { N = 60 };
    float v[N];
    (void)state;
    for (int i = 0; i < N; i++)
        v[i] = i >= 20 && i < 25 ? NAN : 2.0f;
    pl_signal_smooth(v, N, 30, 6);
    for (int i = 0; i < N; i++) {
        if (i >= 20 && i < 25)
            assert_true(isnan(v[i]));
        else
            near(v[i], 2, 1e-5);
    }
    float none[] = { NAN, NAN, NAN, NAN };
    pl_signal_smooth(none, 4, 30, 6);
    assert_true(isnan(none[0]));
}

static void test_share(void **state)
{
    (void)state;
    near(pl_signal_share(1, 1), 1 - exp(-1), 1e-6);
    near(pl_signal_share(0, 1), 0, 0);
    const double two = 1 - (1 - (double)pl_signal_share(0.1, 0.5)) * (1 - (double)pl_signal_share(0.1, 0.5));
    near(two, pl_signal_share(0.2, 0.5), 1e-6); /* the same at any frame rate */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_median),
        cmocka_unit_test(test_resample),
        cmocka_unit_test(test_smooth_passes_and_stops),
        cmocka_unit_test(test_smooth_has_no_lag_and_keeps_ends),
        cmocka_unit_test(test_smooth_keeps_gaps),
        cmocka_unit_test(test_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
