/* Angles with known answers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "plumbline/geometry.h"

static void near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.9g is not %.9g", a, b);
}

static void test_fppa(void **state)
{
    (void)state;
    const struct pl_vec2 hip = { 0, 0 }, knee = { 0.1f, 1 }, ankle = { 0, 2 };
    near(pl_geometry_fppa_deg(hip, knee, ankle, 1), 11.42, 0.01);   /* measures.md 4.1 */
    near(pl_geometry_fppa_deg(hip, knee, ankle, -1), -11.42, 0.01); /* the other leg: the same knee is out */
    const struct pl_vec2 straight = { 0, 1 };
    near(pl_geometry_fppa_deg(hip, straight, ankle, 1), 0, 1e-6);
}

static void test_bend(void **state)
{
    (void)state;
    const double angles[] = { 0, 30, 60, 90, 150, 179.9 };
    for (int i = 0; i < 6; i++) {
        const double a = angles[i] * PL_PI / 180;
        const struct pl_vec2 hip = { 3, 4 }, knee = { 3, 5 },
                             ankle = { (float)(3 + 2 * sin(a)), (float)(5 + 2 * cos(a)) };
        near(pl_geometry_bend_deg(hip, knee, ankle), angles[i], 0.01);
        const struct pl_vec3 h = { 1, 0, 3 }, k = { 1, 1, 3 }, f = { 1, (float)(1 + cos(a)), (float)(3 + sin(a)) };
        near(pl_geometry_bend3_deg(h, k, f), angles[i], 0.01);
    }
}

static void test_unknown_stays_unknown(void **state)
{
    (void)state;
    const struct pl_vec2 p = { 0, 0 }, q = { 1, 1 }, nowhere = { NAN, 1 };
    assert_true(isnan(pl_geometry_bend_deg(p, nowhere, q)));
    assert_true(isnan(pl_geometry_bend_deg(p, p, q))); /* no direction from a point to itself */
    assert_true(isnan(pl_geometry_lean_deg(p, p)));
    assert_false(pl_geometry_known(nowhere));
    assert_true(pl_geometry_known(q));
}

static void test_lean_and_tilt(void **state)
{
    (void)state;
    const struct pl_vec2 hips = { 10, 20 }, right = { 11, 19 }, left = { 9, 19 }, over = { 10, 12 };
    near(pl_geometry_lean_deg(right, hips), 45, 1e-4);
    near(pl_geometry_lean_deg(left, hips), -45, 1e-4);
    near(pl_geometry_lean_deg(over, hips), 0, 1e-6);
    const struct pl_vec2 high = { 0, 0 }, low = { 1, 1 };
    near(pl_geometry_tilt_deg(high, low), 45, 1e-4);  /* left hand higher, seen from behind */
    near(pl_geometry_tilt_deg(low, high), -45, 1e-4); /* left hand lower, seen from the front */
}

static void test_wrap(void **state)
{
    (void)state;
    near(pl_geometry_wrap_deg(190), -170, 1e-4);
    near(pl_geometry_wrap_deg(-190), 170, 1e-4);
    near(pl_geometry_wrap_deg(180), 180, 1e-4);
    near(pl_geometry_wrap_deg(-180), 180, 1e-4);
    near(pl_geometry_wrap_deg(725), 5, 1e-3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fppa),          cmocka_unit_test(test_bend), cmocka_unit_test(test_unknown_stays_unknown),
        cmocka_unit_test(test_lean_and_tilt), cmocka_unit_test(test_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
