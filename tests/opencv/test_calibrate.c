/* A lens is recovered from rendered views of a chessboard; what is no such set of views is refused.
 *
 * The pictures are rendered here from a known lens: the board is seen along rays that lens.h undistorts (its other
 * direction, and OpenCV's own maps, are compared with it below). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "plumbline/opencv_calibrate.h"

enum { W = 640, H = 480, COLS = 9, ROWS = 6, N_POSES = 14 };

static const struct pl_board board = { COLS, ROWS, 0.025f };
static const struct pl_lens webcam = { W, H, 560, 562, 326, 236, 0.09, -0.21, 0.001, -0.0015, 0 };
static const struct pl_lens wide = { W, H, 430, 430, 318, 243, -0.24, 0.06, 0, 0, -0.006 };

/* The board's middle relative to the camera, and turns about its x, y and z axes. */
struct pose { double x_m, y_m, z_m, about_x_deg, about_y_deg, about_z_deg; };

static struct pose poses[N_POSES]; /* those below, brought so near that they fill the lens' picture */
static const struct pose poses_at_560_px[N_POSES] = {
    { 0, 0, .40, 0, 0, 0 }, { -.08, -.05, .42, 25, 0, 0 }, { .08, -.05, .42, -25, 0, 5 },
    { -.08, .05, .42, 0, 30, 0 }, { .08, .05, .42, 0, -30, 0 }, { 0, 0, .36, 20, 20, 3 },
    { 0, .02, .50, -35, 15, -4 }, { -.15, .13, .55, 15, -25, 5 }, { .15, .13, .55, 20, 25, -5 },
    { .15, -.13, .55, -20, 30, 4 }, { -.15, -.13, .55, -25, -20, 0 }, { 0, -.08, .45, 30, 0, 0 },
    { .06, 0, .34, -10, 15, 0 }, { -.06, 0, .38, 10, -35, 0 },
};

static struct pl_vec2 ideal[H + 1][W + 1]; /* of the pixels' corners, in the lens' pixels; filled by use_lens */
static uint8_t pixels[H][W][3];
static const struct pl_lens *now;
static double seed = 0.5; /* of the pictures' noise */

static void use_lens(const struct pl_lens *lens)
{
    now = lens;
    for (int i = 0; i < N_POSES; i++) {
        poses[i] = poses_at_560_px[i];
        poses[i].z_m *= lens->fx_px / 560;
    }
    for (int y = 0; y <= H; y++)
        for (int x = 0; x <= W; x++)
            ideal[y][x] = pl_lens_undistort(lens, (struct pl_vec2){ (float)x, (float)y });
}

static void turn(double r[3][3], const struct pose *p)
{
    double a = p->about_x_deg * PL_PI / 180, b = p->about_y_deg * PL_PI / 180, c = p->about_z_deg * PL_PI / 180;
    double x[3][3] = { { 1, 0, 0 }, { 0, cos(a), -sin(a) }, { 0, sin(a), cos(a) } };
    double y[3][3] = { { cos(b), 0, sin(b) }, { 0, 1, 0 }, { -sin(b), 0, cos(b) } };
    double z[3][3] = { { cos(c), -sin(c), 0 }, { sin(c), cos(c), 0 }, { 0, 0, 1 } };
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            r[i][j] = 0;
            for (int k = 0; k < 3; k++)
                for (int l = 0; l < 3; l++)
                    r[i][j] += z[i][k] * y[k][l] * x[l][j];
        }
}

/* How far inside a square a coordinate is: +1 in even ones, -1 in odd ones, passing evenly through 0 over a pixel's width
 * at the lines between them. */
static double side(double square, double per_px)
{
    double line = floor(square + 0.5), ramp = fmax(-1, fmin(1, 2 * (square - line) / per_px));
    return fmod(fabs(line), 2) > 0.5 ? -ramp : ramp;
}

/* White paper with one square's margin around (COLS + 1) x (ROWS + 1) squares; grey wall around it. at: in squares from
 * the board's corner; hide: the part of the board, from its left, that something covers. */
static double shade(struct pl_vec2 at, double u_per_px, double v_per_px, double hide)
{
    if (at.x < hide * (COLS + 1))
        return 120;
    if (at.x < -1 || at.y < -1 || at.x > COLS + 2 || at.y > ROWS + 2)
        return 100;
    if (at.x < 0 || at.y < 0 || at.x >= COLS + 1 || at.y >= ROWS + 1)
        return 225;
    return 125 - 100 * side(at.x, u_per_px) * side(at.y, v_per_px);
}

static double noise(void)
{
    seed = fmod(seed * 8121 + 0.28411, 1);
    return 6 * (seed - 0.5);
}

static struct pl_frame render(const struct pose *p, double hide)
{
    static struct pl_vec2 at[H + 1][W + 1]; /* on the board, in squares from its corner, of the pixels' corners */
    double r[3][3];
    turn(r, p);
    for (int y = 0; y <= H; y++)
        for (int x = 0; x <= W; x++) {
            double ray[2] = { (ideal[y][x].x - now->cx_px) / now->fx_px, (ideal[y][x].y - now->cy_px) / now->fy_px };
            /* t ray = middle + R (u, v, 0): by the normal, R's third column */
            double t = (r[0][2] * p->x_m + r[1][2] * p->y_m + r[2][2] * p->z_m) / (r[0][2] * ray[0] + r[1][2] * ray[1] + r[2][2]);
            double d[3] = { t * ray[0] - p->x_m, t * ray[1] - p->y_m, t - p->z_m };
            at[y][x].x = (float)((r[0][0] * d[0] + r[1][0] * d[1] + r[2][0] * d[2]) / board.square_m + 0.5 * (COLS + 1));
            at[y][x].y = (float)((r[0][1] * d[0] + r[1][1] * d[1] + r[2][1] * d[2]) / board.square_m + 0.5 * (ROWS + 1));
        }
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            struct pl_vec2 a = at[y][x], b = at[y][x + 1], c = at[y + 1][x], e = at[y + 1][x + 1];
            struct pl_vec2 middle = { (a.x + b.x + c.x + e.x) / 4, (a.y + b.y + c.y + e.y) / 4 };
            double grey = shade(middle, fabsf(b.x - a.x) + fabsf(c.x - a.x), fabsf(b.y - a.y) + fabsf(c.y - a.y), hide);
            memset(pixels[y][x], (int)(grey + noise() + 0.5), 3);
        }
    return (struct pl_frame){ .width_px = W, .height_px = H, .stride = 3 * W, .pixels = PL_PIXELS_BGR24, .data = pixels[0][0] };
}

/* Where the board's corner stands in the picture. */
static struct pl_vec2 corner(const struct pose *p, int i)
{
    double r[3][3], u = (i % COLS - 0.5 * (COLS - 1)) * board.square_m, v = (i / COLS - 0.5 * (ROWS - 1)) * board.square_m;
    turn(r, p);
    double x = p->x_m + r[0][0] * u + r[0][1] * v, y = p->y_m + r[1][0] * u + r[1][1] * v, z = p->z_m + r[2][0] * u + r[2][1] * v;
    struct pl_vec2 pinhole = { (float)(now->cx_px + now->fx_px * x / z), (float)(now->cy_px + now->fy_px * y / z) };
    return pl_lens_distort(now, pinhole);
}

/* The views of all poses, rendered and found. */
static void find_all(struct pl_board_view views[N_POSES])
{
    struct pl_err err = { 0 };
    for (int i = 0; i < N_POSES; i++) {
        struct pl_frame f = render(&poses[i], 0);
        assert_true(pl_opencv_board_find(&views[i], &board, &f, &err));
        if (views[i].n != COLS * ROWS)
            fail_msg("pose %d: the board was not found", i);
    }
}

static void corners_to_a_tenth_of_a_pixel(void **state)
{
    (void)state;
    static struct pl_board_view views[N_POSES];
    use_lens(&webcam);
    find_all(views);
    for (int i = 0; i < N_POSES; i++) {
        double sum = 0, worst = 0;
        /* the finder may start at either end of the board */
        bool turned = hypot(views[i].at[0].x - corner(&poses[i], 0).x, views[i].at[0].y - corner(&poses[i], 0).y) > 20;
        for (int c = 0; c < COLS * ROWS; c++) {
            struct pl_vec2 at = corner(&poses[i], turned ? COLS * ROWS - 1 - c : c);
            double off = hypot(views[i].at[c].x - at.x, views[i].at[c].y - at.y);
            sum += off * off;
            worst = fmax(worst, off);
        }
        if (sqrt(sum / (COLS * ROWS)) > 0.1 || worst > 0.3)
            fail_msg("pose %d: corners are %.3f px off, at worst %.3f px", i, sqrt(sum / (COLS * ROWS)), worst);
    }
}

static void expect_near(const char *what, double is, double should, double tolerance)
{
    if (!(fabs(is - should) <= tolerance))
        fail_msg("%s is %.5g, should be %.5g +- %.2g", what, is, should, tolerance);
}

/* How far the two lenses differ in where they put points, over the middle 80 % of the picture, where the
 * boards were. */
static double disagreement_px(const struct pl_lens *a, const struct pl_lens *b)
{
    double worst = 0;
    for (int y = H / 10; y <= H - H / 10; y += 24)
        for (int x = W / 10; x <= W - W / 10; x += 32) {
            struct pl_vec2 p = pl_lens_undistort(a, (struct pl_vec2){ (float)x, (float)y });
            struct pl_vec2 q = pl_lens_undistort(b, (struct pl_vec2){ (float)x, (float)y });
            double ax = (p.x - a->cx_px) / a->fx_px, bx = (q.x - b->cx_px) / b->fx_px;
            double ay = (p.y - a->cy_px) / a->fy_px, by = (q.y - b->cy_px) / b->fy_px;
            worst = fmax(worst, a->fx_px * hypot(ax - bx, ay - by));
        }
    return worst;
}

static void recovers(const struct pl_lens *lens, double focal_tolerance, double direction_px)
{
    static struct pl_board_view views[N_POSES];
    static struct pl_lens_fit fit;
    struct pl_err err = { 0 };
    use_lens(lens);
    find_all(views);
    if (!pl_opencv_lens_fit(&fit, &board, views, N_POSES, W, H, &err))
        fail_msg("%s", err.text);
    print_message("f %.2f %.2f c %.2f %.2f k %.4f %.4f %.4f p %.4f %.4f rms %.3f sd f %.2f c %.2f, directions within %.2f px\n",
                  fit.lens.fx_px, fit.lens.fy_px, fit.lens.cx_px, fit.lens.cy_px, fit.lens.k1, fit.lens.k2, fit.lens.k3,
                  fit.lens.p1, fit.lens.p2, fit.rms_px, fit.focal_sd_px, fit.centre_sd_px, disagreement_px(lens, &fit.lens));
    assert_int_equal(fit.n_views, N_POSES);
    assert_int_equal(fit.lens.width_px, W);
    assert_int_equal(fit.lens.height_px, H);
    expect_near("rms_px", fit.rms_px, 0, 0.15);
    expect_near("fx_px", fit.lens.fx_px, lens->fx_px, focal_tolerance * lens->fx_px);
    expect_near("fy_px", fit.lens.fy_px, lens->fy_px, focal_tolerance * lens->fy_px);
    expect_near("cx_px", fit.lens.cx_px, lens->cx_px, 2);
    expect_near("cy_px", fit.lens.cy_px, lens->cy_px, 2);
    expect_near("k1", fit.lens.k1, lens->k1, 0.02);
    expect_near("the directions' difference", disagreement_px(lens, &fit.lens), 0, direction_px);
    for (int i = 0; i < N_POSES; i++) {
        double r[3][3], x = poses[i].x_m, y = poses[i].y_m, z = poses[i].z_m, far = sqrt(x * x + y * y + z * z);
        turn(r, &poses[i]);
        double tilt = acos(fabs(r[0][2] * x + r[1][2] * y + r[2][2] * z) / far) * 180 / PL_PI;
        expect_near("a view's distance", fit.view[i].distance_m, far, 0.01 * far);
        expect_near("a view's tilt", fit.view[i].tilt_deg, tilt, 1.5);
        assert_false(fit.view[i].outlier);
    }
}

static void recovers_a_webcam(void **state)
{
    (void)state;
    recovers(&webcam, 0.003, 1.0);
}

static void recovers_a_wide_angle(void **state)
{
    (void)state;
    recovers(&wide, 0.003, 1.0);
}

static void marks_the_outlier(void **state)
{
    (void)state;
    static struct pl_board_view views[N_POSES];
    static struct pl_lens_fit fit;
    struct pl_err err = { 0 };
    use_lens(&webcam);
    find_all(views);
    for (int c = 0; c < COLS * ROWS; c++) /* bent paper: the rows bulge */
        views[6].at[c].y += 4 * sinf((float)(c % COLS) * (float)PL_PI / (COLS - 1));
    assert_true(pl_opencv_lens_fit(&fit, &board, views, N_POSES, W, H, &err));
    for (int i = 0; i < N_POSES; i++)
        assert_int_equal(fit.view[i].outlier, i == 6);
    assert_true(fit.view[6].max_px > 1);
}

static void no_board(void **state)
{
    (void)state;
    struct pl_board_view view = { .n = -1 };
    struct pl_err err = { 0 };
    use_lens(&webcam);
    /* half the board covered, half of it outside the picture, far outside */
    static const struct pose partly[] = { { 0, 0, .4, 0, 0, 0 }, { .22, 0, .40, 0, 0, 0 }, { 3, 0, .4, 0, 0, 0 } };
    for (int i = 0; i < 3; i++) {
        struct pl_frame f = render(&partly[i], i == 0 ? 0.5 : 0);
        view.n = -1;
        assert_true(pl_opencv_board_find(&view, &board, &f, &err));
        assert_int_equal(view.n, 0);
    }
    /* a whole board of another size is another board */
    struct pl_frame f = render(&poses[0], 0);
    assert_true(pl_opencv_board_find(&view, &(struct pl_board){ 11, 7, 0.025f }, &f, &err));
    assert_int_equal(view.n, 0);

    f.pixels = PL_PIXELS_NONE;
    assert_false(pl_opencv_board_find(&view, &board, &f, &err));
    assert_int_equal(err.code, PL_E_ARG);
    f.pixels = PL_PIXELS_RGB24;
    static const struct pl_board impossible[] = { { 2, 6, .025f }, { 100, 100, .025f }, { 9, 6, 0 }, { 9, 6, NAN } };
    for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++) {
        assert_false(pl_opencv_board_find(&view, &impossible[i], &f, &err));
        assert_int_equal(err.code, PL_E_ARG);
    }
}

static void expect_refusal(const struct pl_board_view *views, int n, enum pl_err_code code, const char *part)
{
    static struct pl_lens_fit fit;
    struct pl_err err = { 0 };
    fit.n_views = -1;
    assert_false(pl_opencv_lens_fit(&fit, &board, views, n, W, H, &err));
    assert_int_equal(fit.n_views, -1);
    assert_int_equal(err.code, code);
    if (!strstr(err.text, part))
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
}

static void refuses_poor_views(void **state)
{
    (void)state;
    static struct pl_board_view views[N_POSES], alike[N_POSES];
    struct pl_err err = { 0 };
    use_lens(&webcam);
    find_all(views);
    expect_refusal(views, 2, PL_E_ARG, "2 views");
    expect_refusal(views, 0, PL_E_ARG, "0 views");

    for (int i = 0; i < N_POSES; i++) { /* always straight on, moved a little */
        struct pl_frame f = render(&(struct pose){ 0.01 * (i % 4 - 1.5), 0.01 * (i / 4 - 1.5), 0.42, 0, 0, i }, 0);
        assert_true(pl_opencv_board_find(&alike[i], &board, &f, &err));
        assert_int_equal(alike[i].n, COLS * ROWS);
    }
    expect_refusal(alike, N_POSES, PL_E_FORMAT, "too alike");

    for (int i = 0; i < N_POSES; i++) /* one and the same picture */
        alike[i] = views[0];
    expect_refusal(alike, N_POSES, PL_E_FORMAT, "too alike");

    alike[3].n = 20;
    expect_refusal(alike, N_POSES, PL_E_ARG, "view 4 has 20 corners");
    for (int c = 0; c < COLS * ROWS; c++) /* all corners in one point: no board at all */
        for (int i = 0; i < N_POSES; i++)
            alike[i].at[c] = (struct pl_vec2){ 320, 240 };
    alike[3].n = COLS * ROWS;
    expect_refusal(alike, N_POSES, PL_E_FORMAT, "");
}

/* Rendered with the lens' distortion, undistorted by its maps: the corners must stand on the pinhole's places. */
static void straightens_pictures(void **state)
{
    (void)state;
    static uint8_t straight[H][W][3];
    struct pl_undistort *u = NULL;
    struct pl_err err = { 0 };
    struct pl_board_view view;
    use_lens(&wide);
    struct pl_frame f = render(&poses[5], 0);
    assert_true(pl_opencv_undistort_open(&u, &wide, &err));
    assert_true(pl_opencv_undistort_picture(u, straight[0][0], &f, &err));
    f.data = straight[0][0];
    assert_true(pl_opencv_board_find(&view, &board, &f, &err));
    assert_int_equal(view.n, COLS * ROWS);
    for (int c = 0; c < COLS * ROWS; c++) {
        struct pl_vec2 p = pl_lens_undistort(&wide, corner(&poses[5], c));
        struct pl_vec2 q = pl_lens_undistort(&wide, corner(&poses[5], COLS * ROWS - 1 - c));
        double off = fmin(hypot(view.at[c].x - p.x, view.at[c].y - p.y), hypot(view.at[c].x - q.x, view.at[c].y - q.y));
        expect_near("a straightened corner's place", off, 0, 0.35);
    }
    f.width_px = W - 2;
    assert_false(pl_opencv_undistort_picture(u, straight[0][0], &f, &err));
    assert_int_equal(err.code, PL_E_ARG);
    pl_opencv_undistort_close(u);
    pl_opencv_undistort_close(NULL);
    assert_false(pl_opencv_undistort_open(&u, &(struct pl_lens){ W, H, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, &err));
    assert_int_equal(err.code, PL_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corners_to_a_tenth_of_a_pixel), cmocka_unit_test(recovers_a_webcam),
        cmocka_unit_test(recovers_a_wide_angle),         cmocka_unit_test(marks_the_outlier),
        cmocka_unit_test(no_board),                      cmocka_unit_test(refuses_poor_views),
        cmocka_unit_test(straightens_pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
