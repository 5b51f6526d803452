/* Decoding, heatmap refinement and projection of landmarks. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "../../src/keypoints/internal.h"

static float heat[PL_HEAT_SIZE][PL_HEAT_SIZE][PL_N_NET_POINTS];
static struct pl_crop_point points[PL_N_NET_POINTS];

static int start(void **state)
{
    (void)state;
    for (int row = 0; row < PL_HEAT_SIZE; row++)
        for (int col = 0; col < PL_HEAT_SIZE; col++)
            for (int k = 0; k < PL_N_NET_POINTS; k++)
                heat[row][col][k] = -100.0f; /* a likelihood of nothing */
    memset(points, 0, sizeof points);
    return 0;
}

static void near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.9g is not %.9g", a, b);
}

static void test_decode(void **state)
{
    float values[PL_N_NET_POINTS][5] = { { 0 } };
    (void)state;
    values[5][0] = 64, values[5][1] = 128, values[5][2] = -32, values[5][3] = 2, values[5][4] = 7;
    pl_crop_points_decode(points, values[0]);
    near(points[5].x, 0.25, 0), near(points[5].y, 0.5, 0), near(points[5].z, -0.125, 0);
    near(points[5].visibility_p, 1 / (1 + exp(-2.0)), 1e-7);
    near(points[38].visibility_p, 0.5, 0);
}

/* Weights sigmoid(0) = 1/2 at column 30 and sigmoid(log 3) = 3/4 at column 33, both in row 20. */
static void test_refine_is_the_centre_of_mass(void **state)
{
    (void)state;
    points[4] = (struct pl_crop_point){ 30.9f / 64, 21.2f / 64, 0.3f, 0.4f };
    heat[20][30][4] = 0.0f;
    heat[20][33][4] = logf(3.0f);
    heat[20][34][4] = 50.0f;    /* outside of the window, which is three cells to each side of cell 30 */
    heat[20][30][5] = 50.0f;    /* another point's */
    pl_crop_points_refine(points, heat[0][0]);
    near(points[4].x, (30 * 0.5 + 33 * 0.75) / 1.25 / 64, 1e-6);
    near(points[4].y, 20.0 / 64, 1e-6);
    near(points[4].z, 0.3, 1e-7), near(points[4].visibility_p, 0.4, 1e-7);
}

static void test_refine_wants_one_half(void **state)
{
    (void)state;
    points[0] = points[1] = (struct pl_crop_point){ 0.5f, 0.5f, 0, 0 };
    heat[33][33][0] = -1e-4f;
    heat[33][33][1] = 0.0f;
    pl_crop_points_refine(points, heat[0][0]);
    near(points[0].x, 0.5, 0), near(points[0].y, 0.5, 0);
    near(points[1].x, 33.0 / 64, 1e-6), near(points[1].y, 33.0 / 64, 1e-6);
}

/* Which cells beyond the map still count: as in MediaPipe's web build (see landmarks.c). */
static void test_refine_at_the_edges(void **state)
{
    static const struct { float x, y; bool refined; } edge[] = {
        { -0.5f, 5.0f, true }, { -1.0f, 5.0f, false }, { 5.0f, -0.99f, true }, { 5.0f, -1.5f, false },
        { 63.9f, 5.0f, true }, { 64.0f, 5.0f, false }, { 5.0f, 64.0f, true }, { 5.0f, 66.9f, true },
        { 5.0f, 67.0f, false }, { 5.0f, 1e30f, false }, { -1e30f, 5.0f, false }, { NAN, 5.0f, false },
        { 5.0f, NAN, false }, { INFINITY, 5.0f, false },
    };
    (void)state;
    for (size_t k = 0; k < sizeof edge / sizeof edge[0]; k++)
        points[k] = (struct pl_crop_point){ edge[k].x / 64, edge[k].y / 64, 0, 0 };
    for (int row = 0; row < 64; row++)
        for (int col = 0; col < 64; col++)
            for (int k = 0; k < PL_N_NET_POINTS; k++)
                heat[row][col][k] = 3.0f;
    pl_crop_points_refine(points, heat[0][0]);
    for (size_t k = 0; k < sizeof edge / sizeof edge[0]; k++) {
        bool moved = !(points[k].x == edge[k].x / 64 || isnan(edge[k].x)) ||
                     !(points[k].y == edge[k].y / 64 || isnan(edge[k].y));
        if (moved != edge[k].refined)
            fail_msg("(%g, %g) %s refined", (double)edge[k].x, (double)edge[k].y, moved ? "was" : "was not");
    }
    near(points[0].x, 1.5 / 64, 1e-6);      /* cells 0 .. 3 */
    near(points[7].y, 63.0 / 64, 1e-6);     /* cell 66: only row 63 is in reach */
}

/* Back from the frame to the crop by the inverse rotation. */
static void test_project_round_trip(void **state)
{
    const struct pl_region r = { 311.5f, 207.25f, 486.0f, 0.7f };
    float world[PL_N_NET_POINTS][3] = { { 0 } };
    struct pl_person person;
    (void)state;
    for (int i = 0; i < PL_N_NET_POINTS; i++)
        points[i] = (struct pl_crop_point){ (float)i / 38.0f, 1.0f - (float)(i * i) / 1444.0f, -0.01f * (float)i,
                                            (float)i / 40.0f };
    pl_person_project(&person, points, world[0], &r);
    for (int i = 0; i < PL_N_LANDMARKS + PL_N_AUX; i++) {
        double x = i < PL_N_LANDMARKS ? person.body.px[i].x_px : person.aux[i - PL_N_LANDMARKS].x;
        double y = i < PL_N_LANDMARKS ? person.body.px[i].y_px : person.aux[i - PL_N_LANDMARKS].y;
        double dx = (x - r.cx_px) / r.size_px, dy = (y - r.cy_px) / r.size_px;
        near(cos(-r.rotation_rad) * dx - sin(-r.rotation_rad) * dy + 0.5, points[i].x, 1e-6);
        near(sin(-r.rotation_rad) * dx + cos(-r.rotation_rad) * dy + 0.5, points[i].y, 1e-6);
    }
    near(person.body.px[10].z_px, -0.1 * 486, 1e-4);
    near(person.body.px[10].visibility_p, 0.25, 1e-7);
}

/* A region turned clockwise by a quarter: the crop's x axis is the picture's y axis. */
static void test_world_turns_with_the_region(void **state)
{
    const struct pl_region r = { 100.0f, 100.0f, 50.0f, (float)(PL_PI / 2) };
    float world[PL_N_NET_POINTS][3] = { { 0 } };
    struct pl_person person;
    (void)state;
    world[3][0] = 0.25f, world[3][1] = -0.5f, world[3][2] = 0.75f;
    points[3] = (struct pl_crop_point){ 1.0f, 0.5f, 0, 0 };
    pl_person_project(&person, points, world[0], &r);
    near(person.body.m[3].x, 0.5, 1e-6), near(person.body.m[3].y, 0.25, 1e-6), near(person.body.m[3].z, 0.75, 0);
    near(person.body.px[3].x_px, 100, 1e-4), near(person.body.px[3].y_px, 125, 1e-4);
}

static void test_unknown(void **state)
{
    struct pl_landmarks l;
    (void)state;
    memset(&l, 0, sizeof l);
    pl_landmarks_unknown(&l);
    for (int i = 0; i < PL_N_LANDMARKS; i++) {
        assert_true(isnan(l.px[i].x_px) && isnan(l.px[i].y_px) && isnan(l.px[i].z_px) && isnan(l.px[i].visibility_p));
        assert_true(isnan(l.m[i].x) && isnan(l.m[i].y) && isnan(l.m[i].z));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_decode, start),
        cmocka_unit_test_setup(test_refine_is_the_centre_of_mass, start),
        cmocka_unit_test_setup(test_refine_wants_one_half, start),
        cmocka_unit_test_setup(test_refine_at_the_edges, start),
        cmocka_unit_test_setup(test_project_round_trip, start),
        cmocka_unit_test_setup(test_world_turns_with_the_region, start),
        cmocka_unit_test(test_unknown),
    };
    return cmocka_run_group_tests_name("keypoints/landmarks", tests, NULL, NULL);
}
