/* One-Euro and visibility filters against values worked out by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "../../src/keypoints/internal.h"

#define S PL_NS_PER_S

static void near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.9g is not %.9g", a, b);
}

static double once(struct pl_euro *e, int64_t t_ns, double scale, double value)
{
    pl_euro_apply(e, t_ns, scale, &value, 1);
    return value;
}

/* At 1 Hz a cut-off of 1/(2 pi) Hz takes half of the new value; at 3 Hz a quarter. */
static void test_fixed_cutoff(void **state)
{
    struct pl_euro e;
    (void)state;
    pl_euro_init(&e, 1 / (2 * PL_PI), 0.0);
    near(once(&e, 0, 1, 16), 16, 0);
    near(once(&e, S, 1, 8), 12, 1e-12);
    near(once(&e, 2 * S, 1, 8), 10, 1e-12);
    near(once(&e, 2 * S + S / 3, 1, 2), 8, 1e-8);
}

/* Speed 8/s, low-passed with 1 / (1 + 1/(2 pi)) = 0.8626974, is 6.9015795; the cut-off is then 1/(2 pi) * 7.9015795,
 * and 1 / (1 + 1/7.9015795) = 0.8876604 of 8 is 7.1012831. Half the scale: 4.4507898, 0.8165403, 6.5323228. */
static void test_cutoff_rises_with_speed(void **state)
{
    struct pl_euro e;
    (void)state;
    pl_euro_init(&e, 1 / (2 * PL_PI), 1 / (2 * PL_PI));
    once(&e, S, 1, 0);
    near(once(&e, 2 * S, 1, 8), 7.1012831, 1e-7);
    pl_euro_init(&e, 1 / (2 * PL_PI), 1 / (2 * PL_PI));
    once(&e, S, 0.5, 0);
    near(once(&e, 2 * S, 0.5, 8), 6.5323228, 1e-7);
}

static void test_time_zero_starts_the_filter(void **state)
{
    struct pl_euro from_zero, from_later;
    (void)state;
    pl_euro_init(&from_zero, 0.05, 80);
    pl_euro_init(&from_later, 0.05, 80);
    for (int k = 0; k < 5; k++) {
        double v = 100 + 7 * k * (k % 2), a = once(&from_zero, k * (S / 30), 0.01, v);
        near(a, once(&from_later, S + k * (S / 30), 0.01, v), 0);
        assert_true(k == 0 || k % 2 == 0 || fabs(a - v) > 1e-3); /* it does filter */
    }
}

static void test_time_that_stands_still(void **state)
{
    struct pl_euro e;
    (void)state;
    pl_euro_init(&e, 1 / (2 * PL_PI), 0.0);
    once(&e, 5 * S, 1, 16);
    near(once(&e, 5 * S, 1, 99), 99, 0);    /* passes, and leaves no trace */
    near(once(&e, 4 * S, 1, -99), -99, 0);
    near(once(&e, 6 * S, 1, 8), 12, 1e-12);
}

static struct pl_person someone(float offset, float visibility_p)
{
    struct pl_person p = { .person_p = 1 };
    for (int i = 0; i < PL_N_LANDMARKS; i++) {
        p.body.px[i] = (struct pl_point){ (float)i + offset, 2 * (float)i + offset, offset, visibility_p };
        p.body.m[i] = (struct pl_vec3){ 0.01f * offset, 0.02f * offset, (float)i };
    }
    p.aux[PL_AUX_CENTRE] = (struct pl_vec2){ 100 + offset, 100 };
    p.aux[PL_AUX_REACH] = (struct pl_vec2){ 100 + offset, 50 };
    return p;
}

static void test_person(void **state)
{
    struct pl_smoother s;
    struct pl_person a = someone(0, 1.0f), b = someone(10, 0.5f);
    struct pl_landmarks out;
    struct pl_vec2 aux[PL_N_AUX];
    struct pl_euro e;
    (void)state;

    pl_smoother_reset(&s);
    pl_smoother_apply(&s, 0, &a, &out, aux);
    assert_memory_equal(&out, &a.body, sizeof out);
    assert_memory_equal(aux, a.aux, sizeof aux);
    pl_smoother_apply(&s, S / 30, &b, &out, aux);
    near(out.px[7].visibility_p, 0.95, 1e-6);

    /* the same step, one coordinate at a time; |reach - centre| = 50 px, so the size is 100 px */
    pl_euro_init(&e, 0.05, 80), once(&e, 0, 0.01, 3);
    near(out.px[3].x_px, once(&e, S / 30, 0.01, 13), 1e-5);
    pl_euro_init(&e, 0.1, 40), once(&e, 0, 1, 0);
    near(out.m[3].x, once(&e, S / 30, 1, 0.1), 1e-7);
    pl_euro_init(&e, 0.01, 10), once(&e, 0, 0.01, 100);
    near(aux[PL_AUX_CENTRE].x, once(&e, S / 30, 0.01, 110), 1e-4);
    near(out.m[3].z, 3, 1e-6);

    pl_smoother_reset(&s);
    pl_smoother_apply(&s, S, &b, &out, aux);
    assert_memory_equal(&out, &b.body, sizeof out);
}

/* Centre and reach in one place: nothing to scale speeds with, so image points pass and no number is born of 1/0. */
static void test_person_without_size(void **state)
{
    struct pl_smoother s;
    struct pl_person a = someone(0, 1.0f), b = someone(10, 1.0f);
    struct pl_landmarks out;
    struct pl_vec2 aux[PL_N_AUX];
    (void)state;
    b.aux[PL_AUX_REACH] = b.aux[PL_AUX_CENTRE];
    pl_smoother_reset(&s);
    pl_smoother_apply(&s, S, &a, &out, aux);
    pl_smoother_apply(&s, 2 * S, &b, &out, aux);
    near(out.px[3].x_px, 13, 0), near(aux[PL_AUX_REACH].x, 110, 0);
    assert_true(isfinite(out.m[3].x));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixed_cutoff),
        cmocka_unit_test(test_cutoff_rises_with_speed),
        cmocka_unit_test(test_time_zero_starts_the_filter),
        cmocka_unit_test(test_time_that_stands_still),
        cmocka_unit_test(test_person),
        cmocka_unit_test(test_person_without_size),
    };
    return cmocka_run_group_tests_name("keypoints/smooth", tests, NULL, NULL);
}
