/* Anchors, decoding, weighted suppression, and the regions made of detections. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "../../src/keypoints/internal.h"

static float boxes[PL_N_ANCHORS][PL_DETECTOR_FLOATS], scores[PL_N_ANCHORS];
static struct pl_vec2 anchors[PL_N_ANCHORS + 1];

static int start(void **state)
{
    (void)state;
    memset(boxes, 0, sizeof boxes);
    for (int i = 0; i < PL_N_ANCHORS; i++)
        scores[i] = -50.0f;
    pl_anchors_fill(anchors);
    return 0;
}

/* Box i: centre and size, and both keypoints, as fractions of the square the detector sees. */
static void put(int i, float logit, float x, float y, float size, float kx, float ky)
{
    float *b = boxes[i];
    const float n = PL_DETECTOR_SIZE;
    b[0] = (x - anchors[i].x) * n, b[1] = (y - anchors[i].y) * n, b[2] = size * n, b[3] = size * n;
    b[4] = (kx - anchors[i].x) * n, b[5] = (ky - anchors[i].y) * n;
    b[6] = (kx - anchors[i].x) * n, b[7] = (ky - 0.2f - anchors[i].y) * n;
    scores[i] = logit;
}

static bool best(struct pl_detection *d)
{
    return pl_detections_take(d, 1, boxes[0], scores, anchors) == 1;
}

static void near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.9g is not %.9g", a, b);
}

static void test_anchors(void **state)
{
    (void)state;
    struct pl_vec2 behind = { -7.0f, -7.0f };
    anchors[PL_N_ANCHORS] = behind;
    pl_anchors_fill(anchors);
    assert_memory_equal(&anchors[PL_N_ANCHORS], &behind, sizeof behind);
    assert_int_equal(PL_N_ANCHORS, 28 * 28 * 2 + 14 * 14 * 2 + 7 * 7 * 6);

    static const struct { int i; double x, y; } want[] = {
        { 0, 0.5 / 28, 0.5 / 28 }, { 1, 0.5 / 28, 0.5 / 28 }, { 2, 1.5 / 28, 0.5 / 28 }, { 56, 0.5 / 28, 1.5 / 28 },
        { 1567, 27.5 / 28, 27.5 / 28 }, { 1568, 0.5 / 14, 0.5 / 14 }, { 1571, 1.5 / 14, 0.5 / 14 },
        { 1959, 13.5 / 14, 13.5 / 14 }, { 1960, 0.5 / 7, 0.5 / 7 }, { 1965, 0.5 / 7, 0.5 / 7 },
        { 1966, 1.5 / 7, 0.5 / 7 }, { 2253, 6.5 / 7, 6.5 / 7 },
    };
    for (size_t k = 0; k < sizeof want / sizeof want[0]; k++) {
        near(anchors[want[k].i].x, want[k].x, 1e-7);
        near(anchors[want[k].i].y, want[k].y, 1e-7);
    }
}

static void test_nobody(void **state)
{
    struct pl_detection d;
    (void)state;
    assert_false(best(&d));
    put(7, -0.001f, 0.5f, 0.5f, 0.1f, 0.5f, 0.5f);  /* just below one half */
    put(8, NAN, 0.5f, 0.5f, 0.1f, 0.5f, 0.5f);
    put(9, 5.0f, 0.5f, 0.5f, -0.1f, 0.5f, 0.5f);    /* a box with a negative side */
    put(10, 5.0f, 0.5f, 0.5f, NAN, 0.5f, 0.5f);
    assert_false(best(&d));
    put(11, 0.0f, 0.5f, 0.5f, 0.1f, 0.5f, 0.5f);    /* exactly one half counts */
    assert_true(best(&d));
    near(d.score_p, 0.5, 1e-7);
}

/* Two boxes of 0.2, shifted by 0.05: overlap 0.75 / 1.25 = 0.6; a third, apart; a fourth that overlaps by 0.25 only. */
static void test_weighted_mean_of_the_overlapping(void **state)
{
    struct pl_detection d;
    (void)state;
    put(100, 1.0f, 0.55f, 0.50f, 0.2f, 0.60f, 0.70f);
    put(900, 2.0f, 0.50f, 0.50f, 0.2f, 0.50f, 0.60f);
    put(1700, 1.5f, 0.80f, 0.80f, 0.2f, 0.90f, 0.90f);
    put(2100, 1.9f, 0.50f, 0.62f, 0.2f, 0.10f, 0.10f);  /* 0.08 / 0.32 = 0.25 <= 0.3 */
    assert_true(best(&d));

    double a = 1 / (1 + exp(-2.0)), b = 1 / (1 + exp(-1.0));
    near(d.score_p, a, 1e-6);
    near(d.centre.x, (0.50 * a + 0.60 * b) / (a + b), 1e-6);
    near(d.centre.y, (0.60 * a + 0.70 * b) / (a + b), 1e-6);
    near(d.reach.y, (0.40 * a + 0.50 * b) / (a + b), 1e-6);
    near(d.left, (0.40 * a + 0.45 * b) / (a + b), 1e-6);
    near(d.right, (0.60 * a + 0.65 * b) / (a + b), 1e-6);
    near(d.top, 0.40, 1e-6);
    near(d.bottom, 0.60, 1e-6);
}

/* Everybody, the most certain first, each once. */
static void test_several_people(void **state)
{
    struct pl_detection d[4];
    (void)state;
    put(100, 1.0f, 0.55f, 0.50f, 0.2f, 0.60f, 0.70f);
    put(900, 2.0f, 0.50f, 0.50f, 0.2f, 0.50f, 0.60f);
    put(1700, 1.5f, 0.80f, 0.80f, 0.2f, 0.90f, 0.90f);
    put(2100, -0.1f, 0.20f, 0.20f, 0.2f, 0.10f, 0.10f); /* too unsure */
    assert_int_equal(pl_detections_take(d, 4, boxes[0], scores, anchors), 2);
    near(d[0].score_p, 1 / (1 + exp(-2.0)), 1e-6);
    near(d[1].score_p, 1 / (1 + exp(-1.5)), 1e-6);
    near(d[1].centre.x, 0.90, 1e-6);
    assert_int_equal(pl_detections_take(d, 1, boxes[0], scores, anchors), 1);
    near(d[0].score_p, 1 / (1 + exp(-2.0)), 1e-6);
}

static void test_empty_box_stands_for_itself(void **state)
{
    struct pl_detection d;
    (void)state;
    put(3, 200.0f, 0.4f, 0.4f, 0.0f, 0.3f, 0.2f); /* also: the logit is clipped, the score is 1 */
    put(4, 1.0f, 0.4f, 0.4f, 0.2f, 0.9f, 0.9f);
    assert_true(best(&d));
    near(d.score_p, 1.0, 1e-7);
    near(d.centre.x, 0.3, 1e-6);
    near(d.centre.y, 0.2, 1e-6);
}

static void test_region_from_points(void **state)
{
    (void)state;
    struct pl_vec2 hips = { 100.0f, 80.0f }, above = { 100.0f, 40.0f }, right = { 140.0f, 80.0f },
                   below_left = { 70.0f, 110.0f };
    struct pl_region r = pl_region_from_points(hips, above);
    near(r.cx_px, 100, 0), near(r.cy_px, 80, 0), near(r.size_px, 2.5 * 40, 1e-5), near(r.rotation_rad, 0, 1e-7);
    r = pl_region_from_points(hips, right);
    near(r.rotation_rad, PL_PI / 2, 1e-6);
    r = pl_region_from_points(hips, below_left);
    near(r.rotation_rad, -PL_PI * 3 / 4, 1e-6), near(r.size_px, 2.5 * 30 * sqrt(2), 1e-4);
}

static void test_letterbox_back_to_frame(void **state)
{
    (void)state;
    struct pl_frame wide = { .width_px = 640, .height_px = 480 }, tall = { .width_px = 1080, .height_px = 1920 };
    struct pl_region all = pl_region_of_frame(&wide);
    struct pl_vec2 p = pl_region_to_frame(&all, 0.25f, 0.125f); /* 0.125 of 640 = the picture's upper edge */
    near(p.x, 160, 1e-4), near(p.y, 0, 1e-4);
    all = pl_region_of_frame(&tall);
    p = pl_region_to_frame(&all, 0.5f, 1.0f);
    near(p.x, 540, 1e-4), near(p.y, 1920, 1e-4);
}

static void test_usable(void **state)
{
    (void)state;
    static const struct pl_region bad[] = {
        { NAN, 1, 10, 0 }, { 1, NAN, 10, 0 }, { 1, 1, NAN, 0 }, { 1, 1, 10, NAN }, { 1, 1, 0, 0 }, { 1, 1, -5, 0 },
        { 1, 1, INFINITY, 0 }, { 1, -INFINITY, 10, 0 }, { 1, 1, 10, INFINITY }, { 1e9f, 1, 10, 0 }, { 1, 1, 1e9f, 0 },
    };
    struct pl_region good = { 320, 240, 500, 0.1f };
    struct pl_vec2 same = { 3, 3 }, nowhere = { NAN, 3 };
    assert_true(pl_region_is_usable(&good));
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++)
        assert_false(pl_region_is_usable(&bad[k]));
    struct pl_region r = pl_region_from_points(same, same);
    assert_false(pl_region_is_usable(&r));
    r = pl_region_from_points(same, nowhere);
    assert_false(pl_region_is_usable(&r));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_anchors, start),
        cmocka_unit_test_setup(test_nobody, start),
        cmocka_unit_test_setup(test_weighted_mean_of_the_overlapping, start),
        cmocka_unit_test_setup(test_several_people, start),
        cmocka_unit_test_setup(test_empty_box_stands_for_itself, start),
        cmocka_unit_test(test_region_from_points),
        cmocka_unit_test(test_letterbox_back_to_frame),
        cmocka_unit_test(test_usable),
    };
    return cmocka_run_group_tests_name("keypoints/detector", tests, NULL, NULL);
}
