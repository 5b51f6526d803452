/* When a repetition begins and ends: slow and quick ones, shallow and deep, from the front and the side, at any rate. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include "../support/play.h"

enum { N = 3 };

static struct stick squat_of(double t_s, double period_s, double knee_deg)
{
    const double bend = dips(t_s, N, period_s, 0);
    struct stick s = stick_standing();
    s.trunk_forward_deg = 30 * bend;
    stick_bend(&s, PL_SIDE_LEFT, 7 + (knee_deg - 7) * bend);
    return s;
}

static struct stick quick_60(double t_s) { return squat_of(t_s, 1.5, 60); }
static struct stick quick_85(double t_s) { return squat_of(t_s, 1.5, 85); }
static struct stick quick_110(double t_s) { return squat_of(t_s, 1.5, 110); }
static struct stick usual_60(double t_s) { return squat_of(t_s, 3.0, 60); }
static struct stick usual_85(double t_s) { return squat_of(t_s, 3.0, 85); }
static struct stick usual_110(double t_s) { return squat_of(t_s, 3.0, 110); }
static struct stick slow_60(double t_s) { return squat_of(t_s, 6.3, 60); }
static struct stick slow_85(double t_s) { return squat_of(t_s, 6.3, 85); }
static struct stick slow_110(double t_s) { return squat_of(t_s, 6.3, 110); }

static void check(motion_fn *squat, double period_s, double fps, double yaw_deg)
{
    struct run r = play_from(fps, yaw_deg, PL_EXERCISE_AUTO);
    r.noise_px = 1.0;
    play(&r, squat, 4 + N * period_s);
    play_check(&r, N, PL_EXERCISE_SQUAT);
    for (int n = 0; n < N; n++) {
        const double start_s = 2.5 + n * period_s;
        const double most_s = fmax(0.15, 0.037 * period_s); /* of slow ones, noise hides a part of a second at both ends */
        assert_true(fabs(pl_s_from_ns(r.rep[n].start_ns) - start_s) < most_s);
        assert_true(fabs(pl_s_from_ns(r.rep[n].end_ns) - (start_s + period_s - 0.3)) < most_s);
    }
}

static void test_bounds_of_squats(void **state)
{
    (void)state;
    static motion_fn *const squats[] = { quick_60, quick_85, quick_110, usual_60, usual_85, usual_110, slow_60, slow_85, slow_110 };
    static const double periods[] = { 1.5, 3.0, 6.3 }, rates[] = { 15, 25, 30, 60 };
    for (int i = 0; i < 9 * 4; i++) {
        check(squats[i % 9], periods[i % 9 / 3], rates[i / 9], 0);
        check(squats[i % 9], periods[i % 9 / 3], rates[i / 9], 90);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_bounds_of_squats) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
