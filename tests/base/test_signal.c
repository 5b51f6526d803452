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

/* Two of thirteen that are far off are left out, half of them are not; a slope and what is unknown stay as they are. */
static void test_hampel(void **state)
{
    (void)state;
    enum { N = 13 };
    struct pl_sample in[N];
    float out[N];
    for (int i = 0; i < N; i++)
        in[i] = (struct pl_sample){ i * PL_NS_PER_S / 30, 10.0f + (float)i + (i % 2 ? 0.3f : -0.3f) };
    in[2].value = NAN;
    in[6].value += 40.0f;
    in[7].value -= 30.0f;
    pl_signal_hampel(in, N, PL_NS_PER_S / 4, 5.0f, 3.0f, out);
    for (int i = 0; i < N; i++) {
        if (i == 2 || i == 6 || i == 7)
            assert_true(isnan(out[i]));
        else
            assert_true(out[i] == in[i].value);
    }
    pl_signal_hampel(in, N, PL_NS_PER_S / 4, 50.0f, 3.0f, out); /* no more than what is believed anyway */
    assert_true(out[6] == in[6].value && out[7] == in[7].value);
    for (int i = 0; i < N; i++)
        in[i].value = i < 6 ? 0.0f : 100.0f; /* a step lasts */
    pl_signal_hampel(in, N, PL_NS_PER_S / 10, 5.0f, 3.0f, out);
    for (int i = 0; i < N; i++)
        assert_true(out[i] == in[i].value);
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
        cmocka_unit_test(test_median), cmocka_unit_test(test_hampel),
        cmocka_unit_test(test_resample),
        cmocka_unit_test(test_smooth_passes_and_stops),
        cmocka_unit_test(test_smooth_has_no_lag_and_keeps_ends),
        cmocka_unit_test(test_smooth_keeps_gaps),
        cmocka_unit_test(test_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
