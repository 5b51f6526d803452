/* Distortion by its formula, and that undistorting takes it back; where it cannot, it says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "plumbline/lens.h"

static const struct pl_lens webcam = { 1280, 720, 900, 905, 645, 355, 0.09, -0.21, 0.002, -0.003, 0.01 };
static const struct pl_lens wide = { 640, 480, 360, 360, 318, 243, -0.24, 0.06, 0, 0, -0.006 };

static void by_hand(void **state)
{
    (void)state;
    const struct pl_lens l = { 1000, 1000, 100, 200, 500, 400, 0.1, 0.01, 0.02, 0.03, 0.001 };
    /* x = 1, y = 1: r2 = 2, s = 1 + 0.2 + 0.04 + 0.008 = 1.248 */
    struct pl_vec2 p = pl_lens_distort(&l, (struct pl_vec2){ 600, 600 });
    assert_float_equal(p.x, 500 + 100 * (1.248 + 2 * 0.02 + 0.03 * 4), 1e-3);
    assert_float_equal(p.y, 400 + 200 * (1.248 + 0.02 * 4 + 2 * 0.03), 1e-3);
    p = pl_lens_distort(&l, (struct pl_vec2){ 500, 400 });
    assert_float_equal(p.x, 500, 0);
    assert_float_equal(p.y, 400, 0);
}

static void there_and_back(void **state)
{
    (void)state;
    const struct pl_lens *lenses[] = { &webcam, &wide };
    for (int i = 0; i < 2; i++) {
        const struct pl_lens *l = lenses[i];
        double most = 0;
        assert_true(pl_lens_invertible(l));
        for (int y = 0; y <= l->height_px; y += 20)
            for (int x = 0; x <= l->width_px; x += 20) {
                struct pl_vec2 at = { (float)x, (float)y }, flat = pl_lens_undistort(l, at), back = pl_lens_distort(l, flat);
                assert_float_equal(back.x, at.x, 2e-3);
                assert_float_equal(back.y, at.y, 2e-3);
                most = fmax(most, hypot(flat.x - at.x, flat.y - at.y));
            }
        assert_true(most > 5); /* else there was nothing to take back */
    }
}

static void nowhere(void **state)
{
    (void)state;
    /* k1 alone: s r = r (1 - 0.3 r2) turns back at r = 1.054, where it is 0.703; 330 px of focal length put that at 232 px */
    const struct pl_lens folds = { 640, 480, 330, 330, 320, 240, -0.3, 0, 0, 0, 0 };
    assert_false(pl_lens_invertible(&folds));
    assert_true(isnan(pl_lens_undistort(&folds, (struct pl_vec2){ 320 + 240, 240 }).x));
    assert_float_equal(pl_lens_distort(&folds, pl_lens_undistort(&folds, (struct pl_vec2){ 320 + 220, 240 })).x, 540, 2e-3);
    assert_true(isnan(pl_lens_undistort(&webcam, (struct pl_vec2){ NAN, 3 }).x));
    assert_true(isnan(pl_lens_undistort(&webcam, (struct pl_vec2){ 3, NAN }).y));
    const struct pl_lens none = { 640, 480, 0, 0, 320, 240, 0, 0, 0, 0, 0 };
    assert_true(isnan(pl_lens_undistort(&none, (struct pl_vec2){ 3, 3 }).x));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(by_hand), cmocka_unit_test(there_and_back), cmocka_unit_test(nowhere) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
