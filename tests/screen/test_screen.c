/* The drawing, looked at: colours and letters are read back from the picture, words from the list of texts drawn last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/screen/internal.h"

enum { W = 640, H = 480 };

static uint8_t gray[W * H * 3];

static struct pl_frame gray_frame(void)
{
    memset(gray, 128, sizeof gray);
    return (struct pl_frame){ .width_px = W, .height_px = H, .stride = W * 3, .pixels = PL_PIXELS_RGB24, .data = gray };
}

static struct pl_screen *open_screen(int w, int h, bool mirror, bool window)
{
    struct pl_screen *s = NULL;
    struct pl_err err = { 0 };
    struct pl_screen_options options = { .width_px = w, .height_px = h, .mirror = mirror, .window = window };
    if (!pl_screen_open(&s, &options, &err))
        fail_msg("%s", err.text);
    return s;
}

static struct pl_frame picture_of(struct pl_screen *s)
{
    struct pl_frame f;
    struct pl_err err = { 0 };
    if (!pl_screen_picture(s, &f, &err))
        fail_msg("%s", err.text);
    return f;
}

static SDL_Color pixel(const struct pl_frame *f, float x, float y)
{
    assert_true(x >= 0 && x < (float)f->width_px && y >= 0 && y < (float)f->height_px);
    const uint8_t *p = f->data + (size_t)y * f->stride + (size_t)x * 3;
    return PL_COLOUR(p[0], p[1], p[2], 255);
}

static bool close_to(SDL_Color a, SDL_Color b, int tolerance)
{
    return abs(a.r - b.r) <= tolerance && abs(a.g - b.g) <= tolerance && abs(a.b - b.b) <= tolerance;
}

static bool has_ink(const struct pl_frame *f, SDL_FRect r, SDL_Color ink)
{
    for (float y = r.y; y < r.y + r.h; y++)
        for (float x = r.x; x < r.x + r.w; x++)
            if (close_to(pixel(f, x, y), ink, 24))
                return true;
    return false;
}

/* Was the text drawn since the text clock stood at `since`? */
static bool drawn_since(const struct pl_screen *s, uint64_t since, const char *text)
{
    for (int i = 0; i < PL_N_TEXTS; i++)
        if (s->texts.text[i].used > since && !strcmp(s->texts.text[i].text, text))
            return true;
    return false;
}

/* Someone on the left leg, all measures of a front view known, no fault. The knee is over the toe. */
static struct pl_moment standing(void)
{
    static const float xy[][3] = { /* left landmark, x, y; the right one lies as far from the middle (x = 320) */
        { PL_LM_LEFT_SHOULDER, 360, 150 }, { PL_LM_LEFT_ELBOW, 385, 200 }, { PL_LM_LEFT_WRIST, 350, 235 },
        { PL_LM_LEFT_HIP, 345, 250 }, { PL_LM_LEFT_KNEE, 350, 330 }, { PL_LM_LEFT_ANKLE, 350, 400 },
        { PL_LM_LEFT_HEEL, 350, 405 }, { PL_LM_LEFT_FOOT_INDEX, 350, 425 },
    };
    struct pl_moment m = { .t_ns = PL_NS_PER_S, .keypoints = { .width_px = W, .height_px = H, .present = true } };

    for (int i = 0; i < PL_N_LANDMARKS; i++)
        m.keypoints.raw.px[i] = (struct pl_point){ NAN, NAN, NAN, NAN };
    for (size_t i = 0; i < sizeof xy / sizeof xy[0]; i++)
        for (int side = 0; side < PL_N_SIDES; side++)
            m.keypoints.raw.px[pl_landmark_of((enum pl_landmark)xy[i][0], (enum pl_side)side)] =
                (struct pl_point){ side == PL_SIDE_LEFT ? xy[i][1] : W - xy[i][1], xy[i][2], 0, 0.99f };
    const struct pl_point *p = m.keypoints.raw.px;
    for (int side = 0; side < PL_N_SIDES; side++) {
        m.pose.leg[side] = (struct pl_leg){
            .hip_px = { p[PL_LM_LEFT_HIP + side].x_px, 250 }, .knee_px = { p[PL_LM_LEFT_KNEE + side].x_px, 330 },
            .ankle_px = { p[PL_LM_LEFT_ANKLE + side].x_px, 400 }, .heel_px = { p[PL_LM_LEFT_HEEL + side].x_px, 405 },
            .toe_px = { p[PL_LM_LEFT_FOOT_INDEX + side].x_px, 425 } };
        m.pose.leg[side].joint = (struct pl_joints){ false, m.pose.leg[side].hip_px, m.pose.leg[side].knee_px,
                                                     m.pose.leg[side].ankle_px, m.pose.leg[side].heel_px };
        for (int i = 0; i < PL_N_MEASURES; i++)
            m.measures.v[side][i] = (struct pl_value){ 0, 5 };
        m.measures.v[side][PL_M_KNEE_FLEXION] = (struct pl_value){ 52.4f, 5.6f };
    }
    m.pose.person = true;
    m.pose.view = PL_VIEW_FRONT;
    m.pose.hips_px = (struct pl_vec2){ 320, 250 };
    m.pose.stature_px = 340;
    m.progress = (struct pl_progress){ .exercise = PL_EXERCISE_SINGLE_LEG_SQUAT, .side = PL_SIDE_LEFT, .phase = PL_PHASE_DOWN,
                                       .depth = 0.5f, .n_reps = 8, .n_reps_side = { 5, 3 } };
    m.progress.needed[PL_M_KNEE_FLEXION] = m.progress.needed[PL_M_FPPA] = m.progress.needed[PL_M_PELVIC_DROP] = true;
    m.cue = (struct pl_cue){ .side = PL_SIDE_UNKNOWN, .text = "", .advice = "" };
    return m;
}

static struct pl_moment collapsing(void)
{
    struct pl_moment m = standing();
    m.pose.leg[PL_SIDE_LEFT].knee_px.x -= 30;
    m.pose.leg[PL_SIDE_LEFT].joint.knee_px.x -= 30;
    m.cue = (struct pl_cue){ .on = true, .fresh = true, .fault = PL_FAULT_KNEE_COLLAPSE, .side = PL_SIDE_LEFT,
                             .text = "Knee drifting inward", .advice = "Push your knee out over your second toe" };
    return m;
}

/* From pixels of the frame to the window, as the test understands it. */
static SDL_FPoint at(const struct pl_screen *s, float x, float y, bool mirror)
{
    SDL_FRect r = s->layout.picture;
    return (SDL_FPoint){ r.x + r.w / W * (mirror ? W - x : x), r.y + r.h / H * y };
}

/* ---- layout */

static bool apart(SDL_FRect a, SDL_FRect b)
{
    return a.x + a.w <= b.x + 0.5f || b.x + b.w <= a.x + 0.5f || a.y + a.h <= b.y + 0.5f || b.y + b.h <= a.y + 0.5f;
}

static void test_nothing_overlaps(void **state)
{
    static const int sizes[][2] = { { 640, 480 }, { 1280, 720 }, { 1920, 1080 }, { 3840, 2160 }, { 720, 1280 }, { 2560, 1080 },
                                    { 320, 240 }, { 800, 600 } };
    static const float aspects[] = { 16.0f / 9, 4.0f / 3, 9.0f / 16, 1 };
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (size_t j = 0; j < sizeof aspects / sizeof aspects[0]; j++) {
            struct pl_screen_layout l;
            float w = (float)sizes[i][0], h = (float)sizes[i][1];
            pl_screen_layout(&l, sizes[i][0], sizes[i][1], aspects[j]);
            SDL_FRect r[] = { l.picture, l.depth, l.counter, l.numbers, l.band, l.status };
            for (size_t a = 0; a < 6; a++) {
                if (!(r[a].w > 0.02f * w && r[a].h > 0.015f * h && r[a].x >= -0.5f && r[a].y >= -0.5f &&
                      r[a].x + r[a].w <= w + 0.5f && r[a].y + r[a].h <= h + 0.5f))
                    fail_msg("%gx%g, picture %g: piece %zu is %g,%g %gx%g", w, h, aspects[j], a, r[a].x, r[a].y, r[a].w, r[a].h);
                for (size_t b = 0; b < a; b++)
                    if (!apart(r[a], r[b]))
                        fail_msg("%gx%g, picture %g: pieces %zu and %zu overlap", w, h, aspects[j], a, b);
            }
            assert_true(fabsf(l.picture.w / l.picture.h / aspects[j] - 1) < 0.02f);
        }
}

/* ---- the camera picture */

static void check_halves(bool mirror, enum pl_pixels pixels)
{
    struct pl_screen *s = open_screen(1280, 720, mirror, false);
    struct pl_frame f = gray_frame();
    SDL_Color red = PL_COLOUR(200, 0, 0, 255), blue = PL_COLOUR(0, 0, 200, 255);

    f.pixels = pixels;
    memset(gray, 0, sizeof gray);
    for (int y = 0; y < H; y++) /* left half red, right half blue */
        for (int x = 0; x < W; x++)
            gray[(y * W + x) * 3 + ((x < W / 2) == (pixels == PL_PIXELS_RGB24) ? 0 : 2)] = 200;
    pl_screen_draw(s, &f, NULL, NULL);
    struct pl_frame p = picture_of(s);
    SDL_FRect r = s->layout.picture;
    SDL_Color left = pixel(&p, r.x + 0.25f * r.w, r.y + 0.5f * r.h);
    SDL_Color right = pixel(&p, r.x + 0.75f * r.w, r.y + 0.5f * r.h);
    assert_true(close_to(left, mirror ? blue : red, 3));
    assert_true(close_to(right, mirror ? red : blue, 3));
    pl_screen_close(s);
}

static void test_picture_is_mirrored_on_request_only(void **state)
{
    (void)state;
    check_halves(false, PL_PIXELS_RGB24);
    check_halves(true, PL_PIXELS_RGB24);
    check_halves(false, PL_PIXELS_BGR24);
    check_halves(true, PL_PIXELS_BGR24);
}

static void test_letters_are_never_mirrored(void **state)
{
    struct pl_screen *a = open_screen(1280, 720, false, false), *b = open_screen(1280, 720, true, false);
    struct pl_moment m = collapsing();
    struct pl_frame f = gray_frame();
    (void)state;
    pl_screen_draw(a, &f, &m, NULL);
    pl_screen_draw(b, &f, &m, NULL);
    struct pl_frame p = picture_of(a), q = picture_of(b);
    assert_true(has_ink(&p, a->layout.cue, PL_BLACK));
    for (float y = a->layout.band.y; y < a->layout.band.y + a->layout.band.h; y++)
        assert_memory_equal(p.data + (size_t)y * p.stride, q.data + (size_t)y * q.stride, p.stride);
    pl_screen_close(a);
    pl_screen_close(b);
}

static void test_nothing_at_all_can_be_drawn(void **state)
{
    struct pl_screen *s = open_screen(0, 0, false, false);
    struct pl_frame f = { .width_px = W, .height_px = H }, out;
    struct pl_err err = { 0 };
    (void)state;
    assert_false(pl_screen_picture(s, &out, &err)); /* nothing drawn yet */
    assert_int_equal(err.code, PL_E_DEVICE);
    pl_screen_draw(s, NULL, NULL, NULL);
    pl_screen_draw(s, &f, NULL, &(struct pl_screen_status){ .measured_fps = NAN, .speed = 1 });
    struct pl_frame p = picture_of(s);
    assert_int_equal(p.width_px, 1280);
    assert_int_equal(p.height_px, 720);
    pl_screen_close(s);
}

/* ---- the figure */

static int changed_pixels(const struct pl_frame *p, SDL_FRect r)
{
    int n = 0;
    for (float y = r.y + 2; y < r.y + r.h - 2; y++)
        for (float x = r.x + 2; x < r.x + r.w - 2; x++)
            n += !close_to(pixel(p, x, y), PL_COLOUR(128, 128, 128, 255), 2);
    return n;
}

static void test_skeleton_follows_the_mirror(void **state)
{
    (void)state;
    for (int mirror = 0; mirror < 2; mirror++) {
        struct pl_screen *s = open_screen(1280, 720, mirror, false);
        struct pl_moment m = standing();
        struct pl_frame f = gray_frame();
        m.keypoints.raw.px[PL_LM_RIGHT_KNEE].visibility_p = 0; /* else the body looks the same both ways */
        pl_screen_draw(s, &f, &m, NULL);
        struct pl_frame p = picture_of(s);
        SDL_FPoint thigh = at(s, 347.5f, 290, mirror), there = at(s, 347.5f, 290, !mirror);
        assert_true(close_to(pixel(&p, thigh.x, thigh.y), PL_SKY, 30)); /* sure, so blue */
        assert_true(close_to(pixel(&p, there.x, there.y), PL_COLOUR(128, 128, 128, 255), 2));
        pl_screen_close(s);
    }
}

/* Points that were straightened are drawn where the picture, which was not, shows them. */
static void test_points_are_drawn_where_the_lens_shows_them(void **state)
{
    const struct pl_lens lens = { W, H, 500, 500, W / 2.0, H / 2.0, -0.3, 0.05, 0, 0, 0 };
    struct pl_lens other = lens;
    const SDL_Color ground = PL_COLOUR(128, 128, 128, 255);
    (void)state;
    other.width_px = 2 * W;
    for (int mirror = 0; mirror < 2; mirror++) {
        struct pl_screen *s = open_screen(1280, 720, mirror, false);
        struct pl_moment straight = standing();
        struct pl_frame f = gray_frame();
        struct pl_screen_status status = { .measured_fps = NAN, .speed = 1, .lens = &lens };
        for (int i = 0; i < PL_N_LANDMARKS; i++) { /* as if the person stood in the picture's corner: it bends there */
            straight.keypoints.raw.px[i].x_px += 210;
            straight.keypoints.raw.px[i].visibility_p = 1;
        }
        for (int side = 0; side < PL_N_SIDES; side++) {
            struct pl_leg *leg = &straight.pose.leg[side];
            struct pl_vec2 *points[] = { &leg->hip_px, &leg->knee_px, &leg->ankle_px, &leg->heel_px, &leg->toe_px,
                                         &leg->joint.hip_px, &leg->joint.knee_px, &leg->joint.ankle_px };
            for (size_t i = 0; i < sizeof points / sizeof points[0]; i++)
                points[i]->x += 210;
        }
        const struct pl_vec2 hip = straight.pose.leg[PL_SIDE_LEFT].hip_px, knee = straight.pose.leg[PL_SIDE_LEFT].knee_px;
        const struct pl_vec2 a = pl_lens_distort(&lens, hip), b = pl_lens_distort(&lens, knee);
        const struct pl_vec2 seen = { (a.x + b.x) / 2, (a.y + b.y) / 2 }, ideal = { (hip.x + knee.x) / 2, (hip.y + knee.y) / 2 };
        assert_true(hypotf(seen.x - ideal.x, seen.y - ideal.y) > 15);
        pl_screen_draw(s, &f, &straight, &status);
        struct pl_frame p = picture_of(s);
        SDL_FPoint there = at(s, seen.x, seen.y, mirror), not_there = at(s, ideal.x, ideal.y, mirror);
        assert_true(close_to(pixel(&p, there.x, there.y), PL_SKY, 30));
        assert_true(close_to(pixel(&p, not_there.x, not_there.y), ground, 2));
        status.lens = &other; /* of another size: not this picture's */
        pl_screen_draw(s, &f, &straight, &status);
        p = picture_of(s);
        assert_true(close_to(pixel(&p, not_there.x, not_there.y), PL_SKY, 30));
        pl_screen_close(s);
    }
}

/* Somebody else is dimmed, framed and labelled, mirrored with the picture, also while nobody is followed. */
static void test_others_are_dimmed_and_named(void **state)
{
    (void)state;
    for (int mirror = 0; mirror < 2; mirror++) {
        struct pl_screen *s = open_screen(1280, 720, mirror, false);
        struct pl_moment m = standing();
        struct pl_frame f = gray_frame();
        m.keypoints.n_others = 1;
        m.keypoints.other[0] = (struct pl_region){ 540, 260, 380, 0 };
        for (int present = 0; present < 2; present++) {
            m.keypoints.present = m.pose.person = present;
            pl_screen_draw(s, &f, &m, NULL);
            struct pl_frame p = picture_of(s);
            SDL_FPoint in = at(s, 520, 180, mirror), mirrored = at(s, 520, 180, !mirror);
            SDL_FPoint label = at(s, 540, 260 + 0.42f * 380, mirror);
            assert_true(pixel(&p, in.x, in.y).r < 80);
            assert_true(close_to(pixel(&p, mirrored.x, mirrored.y), PL_COLOUR(128, 128, 128, 255), 2));
            assert_true(has_ink(&p, (SDL_FRect){ label.x - 60, label.y - 8 * s->layout.u, 120, 6 * s->layout.u }, PL_WHITE));
        }
        pl_screen_close(s);
    }
}

/* What is drawn is what the angles are of: the joints put right, not the network's landmarks. */
static void test_joints_put_right_are_drawn(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, false);
    struct pl_moment m = standing();
    struct pl_frame f = gray_frame();
    struct pl_leg *leg = &m.pose.leg[PL_SIDE_LEFT];
    (void)state;
    leg->joint = (struct pl_joints){ true, { leg->hip_px.x + 40, leg->hip_px.y }, { leg->knee_px.x + 40, leg->knee_px.y },
                                     leg->ankle_px, leg->heel_px };
    pl_screen_draw(s, &f, &m, &(struct pl_screen_status){ .measured_fps = NAN, .speed = 1 });
    struct pl_frame p = picture_of(s);
    SDL_FPoint drawn = at(s, (leg->joint.hip_px.x + leg->joint.knee_px.x) / 2, 290, false);
    SDL_FPoint landmarks = at(s, (leg->hip_px.x + leg->knee_px.x) / 2, 290, false);
    assert_true(close_to(pixel(&p, drawn.x, drawn.y), PL_SKY, 30));
    assert_true(close_to(pixel(&p, landmarks.x, landmarks.y), PL_COLOUR(128, 128, 128, 255), 2));
    pl_screen_close(s);
}

static void test_no_skeleton_without_a_person(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, false);
    struct pl_moment m = standing();
    struct pl_frame f = gray_frame();
    (void)state;
    pl_screen_draw(s, &f, &m, NULL);
    struct pl_frame p = picture_of(s);
    assert_true(changed_pixels(&p, s->layout.picture) > 500);
    m.pose.person = false; /* landmarks are still there: a network sees people in furniture */
    m.pose.reason = PL_REASON_NO_PERSON;
    uint64_t before = s->texts.clock;
    pl_screen_draw(s, &f, &m, NULL);
    p = picture_of(s);
    assert_int_equal(changed_pixels(&p, s->layout.picture), 0);
    assert_true(drawn_since(s, before, pl_reason_text(PL_REASON_NO_PERSON)));
    assert_true(close_to(pixel(&p, s->layout.band.x + s->layout.band.w - 3, s->layout.band.y + 3), PL_NOTICE, 3));
    pl_screen_close(s);
}

static void test_hidden_bones_are_not_drawn_as_seen(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, false);
    struct pl_moment m = standing();
    struct pl_frame f = gray_frame();
    (void)state;
    m.keypoints.raw.px[PL_LM_RIGHT_KNEE].visibility_p = 0.05f;
    m.keypoints.raw.px[PL_LM_RIGHT_WRIST].visibility_p = 0.3f;
    pl_screen_draw(s, &f, &m, NULL);
    struct pl_frame p = picture_of(s);
    SDL_FPoint thigh = at(s, 292.5f, 290, false), shin = at(s, 290, 365, false);
    SDL_FPoint a = at(s, 250, 195, false), b = at(s, 285, 235, false);
    assert_true(close_to(pixel(&p, thigh.x, thigh.y), PL_COLOUR(128, 128, 128, 255), 2));
    assert_true(close_to(pixel(&p, shin.x, shin.y), PL_COLOUR(128, 128, 128, 255), 2));
    SDL_FRect forearm = { a.x, a.y + 8, b.x - a.x - 8, b.y - a.y - 8 };
    assert_true(has_ink(&p, forearm, PL_MUTED)); /* dashes */
    assert_false(has_ink(&p, forearm, PL_SKY));
    pl_screen_close(s);
}

static void test_wedge_only_where_drift_is_measured(void **state)
{
    (void)state;
    for (int known = 0; known < 2; known++) {
        struct pl_screen *s = open_screen(1280, 720, false, false);
        struct pl_moment m = collapsing();
        struct pl_frame f = gray_frame();
        m.cue.on = false;
        if (!known)
            m.measures.v[PL_SIDE_LEFT][PL_M_FPPA] = (struct pl_value){ NAN, NAN };
        pl_screen_draw(s, &f, &m, NULL);
        struct pl_frame p = picture_of(s);
        SDL_FPoint inside = at(s, 329, 412, false); /* between knee plumb (x 320) and toe (350, 425), left of the shin */
        SDL_Color c = pixel(&p, inside.x, inside.y);
        assert_int_equal(c.r > c.b + 50, known);
        pl_screen_close(s);
    }
}

/* ---- the band */

static void test_band_is_amber_only_with_a_cue(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, false);
    struct pl_moment on = collapsing(), off = standing();
    struct pl_frame f = gray_frame();
    (void)state;
    for (int i = 0; i < 4; i++) {
        uint64_t before = s->texts.clock;
        pl_screen_draw(s, &f, i % 2 ? &off : &on, NULL);
        struct pl_frame p = picture_of(s);
        SDL_Color corner = pixel(&p, s->layout.band.x + 2, s->layout.band.y + 2);
        assert_int_equal(close_to(corner, PL_AMBER, 3), i % 2 == 0);
        assert_int_equal(drawn_since(s, before, "Knee drifting inward"), i % 2 == 0);
        assert_int_equal(drawn_since(s, before, on.cue.advice), i % 2 == 0);
        assert_int_equal(drawn_since(s, before, "Down"), i % 2 == 1);
    }
    pl_screen_close(s);
}

/* Height of the first capital in the box: the first run of rows with ink in the first run of columns with ink. */
static int capital_px(const struct pl_frame *p, SDL_FRect r, SDL_Color colour)
{
    int x0 = -1, x1 = -1, y0 = -1;

    for (int x = (int)r.x; x < (int)(r.x + r.w) && x1 < 0; x++) {
        bool ink = has_ink(p, (SDL_FRect){ (float)x, r.y, 1, r.h * 0.5f }, colour);
        if (ink && x0 < 0)
            x0 = x;
        if (!ink && x0 >= 0)
            x1 = x;
    }
    assert_true(x0 >= 0 && x1 > x0);
    for (int y = (int)r.y; y < (int)(r.y + r.h); y++) {
        bool ink = has_ink(p, (SDL_FRect){ (float)x0, (float)y, (float)(x1 - x0), 1 }, colour);
        if (ink && y0 < 0)
            y0 = y;
        if (!ink && y0 >= 0)
            return y - y0;
    }
    return 0;
}

static void test_cue_letters_reach_three_metres(void **state)
{
    static const int sizes[][2] = { { 640, 480 }, { 800, 600 }, { 1280, 720 }, { 1366, 768 }, { 1920, 1080 } };
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int fault = 0; fault < PL_N_FAULTS; fault++) {
            struct pl_screen *s = open_screen(sizes[i][0], sizes[i][1], false, false);
            struct pl_moment m = collapsing();
            struct pl_frame f = gray_frame();
            m.cue.text = pl_cue_text((enum pl_fault_kind)fault);
            m.cue.advice = pl_cue_advice((enum pl_fault_kind)fault);
            pl_screen_draw(s, &f, &m, NULL);
            struct pl_frame p = picture_of(s);
            int h = capital_px(&p, s->layout.cue, PL_BLACK);
            if (h < 0.08f * (float)sizes[i][1] || h > 0.12f * (float)sizes[i][1])
                fail_msg("%dx%d: \"%s\": capitals are %d pixels high", sizes[i][0], sizes[i][1], m.cue.text, h);
            pl_screen_close(s);
        }
}

static void test_reasons_are_told_once_each_and_at_most_two(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, false);
    struct pl_moment m = standing();
    struct pl_frame f = gray_frame();
    char both[PL_TEXT_BYTES];
    (void)state;
    m.progress.needed[PL_M_WOBBLE] = m.progress.needed[PL_M_TRUNK_LEAN_SIDE] = true;
    const struct { enum pl_measure m; enum pl_reason why; } unknown[] = {
        { PL_M_FPPA, PL_REASON_NOT_CLEAR }, { PL_M_PELVIC_DROP, PL_REASON_HANDS_ON_HIPS },
        { PL_M_TRUNK_LEAN_SIDE, PL_REASON_NOT_CLEAR }, { PL_M_WOBBLE, PL_REASON_STAND_STILL } };
    for (int i = 0; i < 4; i++) {
        m.measures.v[PL_SIDE_LEFT][unknown[i].m] = (struct pl_value){ NAN, NAN };
        m.measures.why[PL_SIDE_LEFT][unknown[i].m] = unknown[i].why;
    }
    uint64_t before = s->texts.clock;
    snprintf(both, sizeof both, "\xe2\x80\xa2 %s: m%s\n\xe2\x80\xa2 %s: p%s", "Knee in", pl_reason_text(PL_REASON_NOT_CLEAR) + 1,
             "Hip drop", pl_reason_text(PL_REASON_HANDS_ON_HIPS) + 1);
    for (int i = 0; i < 3; i++) { /* told once it has lasted half a second, not at the first unclear frame */
        pl_screen_draw(s, &f, &m, NULL);
        assert_int_equal(drawn_since(s, before, both), i == 2);
        m.t_ns += PL_NS_PER_S * 3 / 10;
    }
    pl_screen_close(s);
}

/* Someone who walks in bends the knees as well: no phase, no depth before an exercise is known. */
static void test_no_phase_before_an_exercise(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, false);
    struct pl_moment m = standing();
    struct pl_frame f = gray_frame();
    (void)state;
    for (int known = 0; known < 2; known++) {
        m.progress.exercise = known ? PL_EXERCISE_LUNGE : PL_EXERCISE_AUTO;
        uint64_t before = s->texts.clock;
        pl_screen_draw(s, &f, &m, NULL);
        struct pl_frame p = picture_of(s);
        assert_int_equal(drawn_since(s, before, "Down"), known);
        assert_int_equal(drawn_since(s, before, "Start when you like"), !known);
        assert_int_equal(has_ink(&p, s->layout.depth, PL_SKY), known);
    }
    pl_screen_close(s);
}

static void test_wrong_view_is_a_remark_while_something_is_measured(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, false);
    struct pl_moment m = standing();
    struct pl_frame f = gray_frame();
    (void)state;
    m.progress.needed[PL_M_KNEE_OVER_TOE] = true;
    m.measures.v[PL_SIDE_LEFT][PL_M_KNEE_OVER_TOE] = (struct pl_value){ NAN, NAN };
    m.measures.why[PL_SIDE_LEFT][PL_M_KNEE_OVER_TOE] = PL_REASON_TURN_SIDE_ON;
    uint64_t before = s->texts.clock;
    pl_screen_draw(s, &f, &m, NULL);
    assert_true(drawn_since(s, before, "Not measured: knee over toe (turn side-on to the camera)"));
    assert_true(drawn_since(s, before, "Down"));
    pl_screen_close(s);
}

/* ---- numbers and counters */

static void test_unknown_is_a_dash_with_its_reason(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, false);
    struct pl_moment m = standing();
    struct pl_frame f = gray_frame();
    (void)state;
    uint64_t before = s->texts.clock;
    pl_screen_draw(s, &f, &m, NULL);
    assert_true(drawn_since(s, before, "52\xc2\xb0"));
    assert_true(drawn_since(s, before, "\xc2\xb1" "6"));
    assert_false(drawn_since(s, before, "\xe2\x80\x93"));
    m.t_ns += PL_NS_PER_S / 30;
    m.measures.v[PL_SIDE_LEFT][PL_M_KNEE_FLEXION] = (struct pl_value){ NAN, NAN };
    m.measures.why[PL_SIDE_LEFT][PL_M_KNEE_FLEXION] = PL_REASON_NOT_CLEAR;
    before = s->texts.clock;
    pl_screen_draw(s, &f, &m, NULL);
    assert_false(drawn_since(s, before, "52\xc2\xb0")); /* at once, not after the hold time */
    assert_true(drawn_since(s, before, "\xe2\x80\x93"));
    assert_true(drawn_since(s, before, pl_reason_text(PL_REASON_NOT_CLEAR)));
    pl_screen_close(s);
}

static void test_knee_over_toe_is_told_in_cm_too(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, false);
    struct pl_moment m = standing();
    struct pl_frame f = gray_frame();
    struct pl_screen_status status = { .measured_fps = NAN, .speed = 1, .height_m = NAN };
    (void)state;
    m.progress.needed[PL_M_KNEE_OVER_TOE] = true;
    m.measures.v[PL_SIDE_LEFT][PL_M_KNEE_OVER_TOE] = (struct pl_value){ 20, 6 };
    for (int told = 0; told < 2; told++) {
        status.height_m = told ? 1.75f : NAN; /* foot .152 * 175 cm = 26.6 cm; a fifth of it is 5.3 cm */
        uint64_t before = s->texts.clock;
        pl_screen_draw(s, &f, &m, &status);
        assert_true(drawn_since(s, before, "20%"));
        assert_int_equal(drawn_since(s, before, "= 5 \xc2\xb1" "2 cm"), told);
    }
    pl_screen_close(s);
}

static void test_numbers_can_be_read_before_they_change(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, false);
    struct pl_moment m = standing();
    (void)state;
    int64_t start = m.t_ns;
    int changes = 0;
    float last = -1;
    for (int i = 0; i <= 30; i++) { /* one second at 30 Hz, one degree per frame */
        m.t_ns = start + i * PL_NS_PER_S / 30;
        m.measures.v[PL_SIDE_LEFT][PL_M_KNEE_FLEXION].value = (float)i;
        pl_screen_hold(s, &m);
        changes += s->held[PL_SIDE_LEFT][PL_M_KNEE_FLEXION].v.value != last;
        last = s->held[PL_SIDE_LEFT][PL_M_KNEE_FLEXION].v.value;
    }
    assert_in_range(changes, 5, 6);
    m.t_ns = 0; /* back in time: the old number is not held */
    m.measures.v[PL_SIDE_LEFT][PL_M_KNEE_FLEXION].value = 77;
    pl_screen_hold(s, &m);
    assert_true(s->held[PL_SIDE_LEFT][PL_M_KNEE_FLEXION].v.value == 77);
    pl_screen_close(s);
}

static void test_counters_name_the_side(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, true, false);
    struct pl_moment m = standing();
    struct pl_frame f = gray_frame();
    (void)state;
    uint64_t before = s->texts.clock;
    pl_screen_draw(s, &f, &m, NULL);
    static const char *const words[] = { "8", "L 5", "R 3", "LEFT leg", "Single-leg squat", "L" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (!drawn_since(s, before, words[i]))
            fail_msg("\"%s\" is not on the screen", words[i]);
    struct pl_frame p = picture_of(s);
    assert_true(has_ink(&p, s->layout.counter, PL_WHITE));
    assert_true(has_ink(&p, s->layout.numbers, PL_WHITE));
    pl_screen_close(s);
}

/* For as long as a cue stands; a whole repetition ends it, and in a rest it is nobody's business. */
static void test_what_does_not_count_is_shown_with_its_reason(void **state)
{
    static const struct { bool partial, rep; int wait_s; enum pl_coach_state state; bool shown; } steps[] = {
        { false, false, 1, PL_COACH_WORK, false }, { true, false, 1, PL_COACH_WORK, true },
        { false, false, 1, PL_COACH_WORK, true },  { false, false, 2, PL_COACH_WORK, false },
        { true, false, 1, PL_COACH_REST, false },  { true, false, 1, PL_COACH_WORK, true },
        { false, true, 1, PL_COACH_WORK, false },
    };
    struct pl_screen *s = open_screen(1280, 720, true, false);
    struct pl_moment m = standing();
    struct pl_coach_view v = { .first_bad = PL_N_CHECKS, .set = 1, .n_sets = 1, .n_set_reps = 10 };
    struct pl_screen_status status = { .measured_fps = NAN, .speed = 1, .coach = &v };
    struct pl_frame f = gray_frame();
    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        const uint64_t before = s->texts.clock;
        m.t_ns += steps[i].wait_s * PL_NS_PER_S;
        m.progress.partial_done = steps[i].partial;
        m.progress.last_partial = (struct pl_partial){ .why = steps[i].partial ? PL_PARTIAL_NOT_BACK_UP : 0 };
        m.progress.rep_done = steps[i].rep;
        v.state = steps[i].state;
        pl_screen_draw(s, &f, &m, &status);
        if (drawn_since(s, before, "Not counted") != steps[i].shown
            || drawn_since(s, before, "Not counted: come all the way up") != steps[i].shown)
            fail_msg("step %zu: %sshown", i, steps[i].shown ? "not " : "");
    }
    pl_screen_close(s);
}

static void test_status_tells_source_rates_and_pause(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, true, false);
    struct pl_moment m = standing();
    struct pl_frame f = gray_frame();
    struct pl_screen_status status = { .source = "squat.mp4", .mode = "640x480 30 fps", .measured_fps = 14.2f, .dropped = 3,
                                       .paused = true, .speed = 0.5f, .duration_ns = 4 * PL_NS_PER_S,
                                       .card = "The camera is gone." };
    (void)state;
    f.t_ns = 2 * PL_NS_PER_S;
    uint64_t before = s->texts.clock;
    pl_screen_draw(s, &f, &m, &status);
    struct pl_frame p = picture_of(s);
    SDL_FRect bar = s->layout.status;
    assert_true(close_to(pixel(&p, 0.49f * bar.w, bar.y + 2), PL_WHITE, 3)); /* time bar: half */
    assert_false(close_to(pixel(&p, 0.51f * bar.w, bar.y + 2), PL_WHITE, 3));
    static const char *const words[] = { "squat.mp4", "PAUSED", "0.5\xc3\x97 speed", "The camera is gone.",
        "640x480 30 fps \xc2\xb7 now 14 fps \xc2\xb7 3 dropped \xc2\xb7 mirrored \xc2\xb7 0:02 / 0:04 \xc2\xb7 F1 keys" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (!drawn_since(s, before, words[i]))
            fail_msg("\"%s\" is not on the screen", words[i]);
    pl_screen_close(s);
}

static void test_words_that_stay_are_not_rendered_again(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, false);
    struct pl_moment m = standing();
    struct pl_frame f = gray_frame();
    (void)state;
    pl_screen_draw(s, &f, &m, NULL);
    int64_t after_first = s->texts.n_rendered;
    assert_true(after_first > 10);
    for (int i = 1; i <= 10; i++) {
        m.t_ns += PL_NS_PER_S / 30;
        pl_screen_draw(s, &f, &m, NULL);
    }
    assert_true(s->texts.n_rendered == after_first);
    for (int i = 0; i < 3 * PL_N_TEXTS; i++) { /* more texts than places: the oldest give way */
        m.progress.n_reps = i;
        pl_screen_draw(s, &f, &m, NULL);
    }
    assert_true(s->texts.n_rendered <= after_first + 3 * PL_N_TEXTS);
    pl_screen_close(s);
}

static void test_long_texts_stay_inside_their_box(void **state)
{
    struct pl_screen *s = open_screen(640, 480, false, false);
    char longest[400];
    SDL_FRect box = { 100, 100, 200, 40 };
    (void)state;
    memset(longest, 'M', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    for (int blanks = 0; blanks < 2; blanks++) {
        for (size_t i = 7; blanks && i < sizeof longest - 1; i += 8)
            longest[i] = ' ';
        SDL_FRect r = pl_screen_label(s, &(struct pl_screen_label){ .text = longest, .box = box, .em_px = 30, .em_least_px = 9,
                                                                    .lines = 2, .colour = PL_WHITE });
        assert_true(r.w > 100 && r.w <= 200);
    }
    SDL_FRect r = pl_screen_label(s, &(struct pl_screen_label){ .text = "Other exercise", .box = { 100, 100, 84, 51 }, .em_px = 43,
                                                                .em_least_px = 9, .lines = 3, .bold = true, .colour = PL_WHITE });
    assert_true(r.w > 40 && r.w <= 84); /* the last word of a broken line, too */
    pl_screen_close(s);
}

/* Every sentence of both languages finds room in the band, whole: what does not fit ends in dots, and those are of one size. */
static void test_every_sentence_fits_the_band(void **state)
{
    static const int sizes[][2] = { { 640, 480 }, { 1280, 720 }, { 1920, 1080 } };
    static struct pl_language de;
    struct pl_err err = { 0 };
    (void)state;
    assert_true(pl_language_read(&de, "src/cues/languages/de.ini", &err));
    for (int i = 0; i < 6; i++) {
        struct pl_screen *s = open_screen(sizes[i / 2][0], sizes[i / 2][1], false, false);
        struct pl_screen_layout l;
        pl_screen_layout(&l, sizes[i / 2][0], sizes[i / 2][1], 4.0f / 3);
        const SDL_FRect box = pl_screen_inset(l.band, 5 * l.u, 2 * l.u);
        for (int k = PL_SAY_NOTHING + 1; k < PL_N_SENTENCES; k++) {
            const char *text = pl_language_text(i % 2 ? &de : NULL, (enum pl_sentence)k);
            if (!*text)
                continue;
            const SDL_FRect r = pl_screen_label(s, &(struct pl_screen_label){ .text = text, .box = box, .em_px = 11.5f * l.u,
                                                .em_good_px = 8 * l.u, .em_least_px = 7 * l.u, .lines = 5, .bold = true,
                                                .colour = PL_WHITE });
            const bool one_line = r.h < 12 * l.u;
            if (!(r.w > 0 && r.w <= box.w) || r.h > l.band.h || (one_line && strlen(text) > 50))
                fail_msg("%dx%d: \"%s\" has no room: %g x %g of %g x %g", sizes[i / 2][0], sizes[i / 2][1], text, (double)r.w,
                         (double)r.h, (double)box.w, (double)box.h);
        }
        pl_screen_close(s);
    }
}

/* ---- the coach */

static enum pl_screen_action press(struct pl_screen *s, SDL_Keycode key, uint16_t mod);

static struct pl_coach_view working(void)
{
    struct pl_coach_view v = { .state = PL_COACH_WORK, .first_bad = PL_N_CHECKS, .exercise = PL_EXERCISE_SINGLE_LEG_SQUAT,
                               .side = PL_SIDE_LEFT, .sided = true, .set = 2, .n_sets = 3, .set_reps = 7, .set_side = { 4, 3 },
                               .n_set_reps = 10, .only = PL_SIDE_UNKNOWN, .stand_here = { 0.4f, 0.14f, 0.2f, 0.8f } };
    return v;
}

static struct pl_coach_view asking(void)
{
    struct pl_coach_view v = working();
    v.state = PL_COACH_CHOOSE;
    v.question = PL_SAY_CHOOSE;
    v.n_targets = 2;
    v.target[0] = (struct pl_coach_target){ { 0.7f, 0.1f, 0.25f, 0.3f }, PL_SAY_EXERCISE_LUNGE, 0.5f };
    v.target[1] = (struct pl_coach_target){ { 0.05f, 0.1f, 0.25f, 0.3f }, PL_SAY_EXERCISE_SQUAT, 0 };
    v.hand[0] = v.hand[1] = (struct pl_vec2){ NAN, NAN };
    return v;
}

static void test_the_set_is_counted(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, false);
    struct pl_moment m = standing();
    struct pl_coach_view v = working();
    struct pl_screen_status status = { .measured_fps = NAN, .speed = 1, .coach = &v };
    struct pl_frame f = gray_frame();
    (void)state;
    uint64_t before = s->texts.clock;
    pl_screen_draw(s, &f, &m, &status);
    static const char *const words[] = { "Set 2 of 3, 10 each leg", "4", "L 4", "R 3", "LEFT leg" };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (!drawn_since(s, before, words[i]))
            fail_msg("\"%s\" is not on the screen", words[i]);
    v.sided = false;
    before = s->texts.clock;
    pl_screen_draw(s, &f, &m, &status);
    assert_true(drawn_since(s, before, "Set 2 of 3, 10 reps") && drawn_since(s, before, "7"));
    assert_false(drawn_since(s, before, "L 4"));
    v.sided = true; /* one leg was asked for: it is no "each" */
    v.only = PL_SIDE_LEFT;
    before = s->texts.clock;
    pl_screen_draw(s, &f, &m, &status);
    assert_true(drawn_since(s, before, "Set 2 of 3, 10 reps"));
    v.hold_goal_s = 30;
    v.n_set_reps = 1;
    before = s->texts.clock;
    pl_screen_draw(s, &f, &m, &status);
    assert_true(drawn_since(s, before, "Set 2 of 3, 30 s"));
    pl_screen_close(s);
}

static void test_guide_shows_where_and_what(void **state)
{
    (void)state;
    for (int mirror = 0; mirror < 2; mirror++) {
        struct pl_screen *s = open_screen(1280, 720, mirror, false);
        struct pl_moment m = standing();
        struct pl_coach_view v = working();
        struct pl_screen_status status = { .measured_fps = NAN, .speed = 1, .coach = &v };
        struct pl_frame f = gray_frame();
        v.state = PL_COACH_SETUP;
        v.guide = v.silhouette = true;
        v.first_bad = PL_CHECK_RATE;
        v.check[PL_CHECK_RATE] = (struct pl_check_now){ PL_CHECK_BAD, PL_SAY_SLOW_DARK, 14 };
        v.check[PL_CHECK_LIGHT] = (struct pl_check_now){ PL_CHECK_OK, PL_SAY_NOTHING, 0 };
        v.stand_here.x = 0.6f;
        s->skeleton = false;
        uint64_t before = s->texts.clock;
        pl_screen_draw(s, &f, &m, &status);
        struct pl_frame p = picture_of(s);
        assert_true(drawn_since(s, before, "14 fps: more light"));
        assert_true(drawn_since(s, before, "Camera speed") && drawn_since(s, before, "Light"));
        assert_false(drawn_since(s, before, "Feet")); /* not known: not listed */
        for (int i = 0; i < PL_N_TEXTS; i++) /* beside the picture, where nothing is hidden by it */
            if (s->texts.text[i].used > before && !strcmp(s->texts.text[i].text, "Camera speed"))
                assert_true((float)s->texts.text[i].box_w < s->layout.numbers.w);
        assert_true(has_ink(&p, s->layout.counter, PL_AMBER) && !has_ink(&p, s->layout.picture, PL_AMBER));
        SDL_FRect here = pl_screen_box(s, v.stand_here), r = s->layout.picture;
        assert_true(has_ink(&p, here, PL_WHITE));
        assert_int_equal(here.x + here.w / 2 < r.x + r.w / 2, mirror);
        pl_screen_close(s);
    }
}

/* The last word, on a line of its own, is measured, too. */
static void test_words_stay_in_their_box(void **state)
{
    static const char *const texts[] = { "Other exercise", "Go on", "A longest", "Knee over the second toe" };
    struct pl_screen *s = open_screen(640, 480, false, false);
    struct pl_moment m = standing();
    (void)state;
    pl_screen_draw(s, NULL, &m, NULL);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (float w = 60; w < 400; w += 17)
            for (int lines = 1; lines <= 3; lines++) {
                SDL_FRect box = { 10, 10, w, 100 };
                SDL_FRect r = pl_screen_label(s, &(struct pl_screen_label){ .text = texts[i], .box = box, .em_px = 64,
                                              .em_least_px = 4, .lines = lines, .bold = true, .colour = PL_WHITE });
                assert_true(r.w > 0 && r.w <= w + 2);
            }
    pl_screen_close(s);
}

/* The height of a capital of the text as it was drawn last: that of the font at whose size so many pixels are one or two lines. */
static int capital_of(struct pl_screen *s, const char *text)
{
    const struct pl_screen_text *newest = NULL;
    int h = 0;

    for (int i = 0; i < PL_N_TEXTS; i++)
        if (!strcmp(s->texts.text[i].text, text) && (!newest || s->texts.text[i].used > newest->used))
            newest = &s->texts.text[i];
    assert_non_null(newest);
    for (int em = 4; em < 300; em++) {
        TTF_Font *font = s->texts.font[newest->bold];
        TTF_SetFontSize(font, em);
        TTF_GlyphMetrics32(font, 'H', NULL, NULL, NULL, &h, NULL);
        int w = 0;
        TTF_SizeUTF8(font, text, &w, NULL);
        if (newest->h_px == TTF_FontHeight(font) + (newest->w_px < w ? TTF_FontLineSkip(font) : 0))
            return h;
    }
    fail_msg("\"%s\" is %d pixels high", text, newest->h_px);
    return 0;
}

/* Every target of every page, as the coach places them round people far and near: capitals of 5 % of the window's height, none
 * cut, none across another or the person, taken by a click. */
static void test_targets_can_be_read_from_three_metres(void **state)
{
    static const struct { int w, h; float aspect; } windows[] = { { 1280, 720, 4.0f / 3 }, { 1280, 720, 16.0f / 9 },
                                                                  { 1366, 768, 4.0f / 3 }, { 1920, 1080, 16.0f / 9 } };
    static const float statures[] = { 0.45f, 0.62f, 0.85f };
    static struct pl_language de;
    struct pl_err err = { 0 };
    (void)state;
    assert_true(pl_language_read(&de, "src/cues/languages/de.ini", &err));
    for (int i = 0; i < 4 * 3 * 2; i++) {
        struct pl_screen *s = NULL;
        struct pl_moment m = standing();
        struct pl_coach_view v;
        const struct pl_coach_input in = { 120, 2, 30, 30, 1, NULL, NULL };
        const struct pl_coach_options ko = { .exercise = { PL_EXERCISE_AUTO, PL_SIDE_UNKNOWN }, .plan = pl_plan_default(),
                                             .limits = pl_limits_default(), .hands = true };
        const int k = i / 6;
        const struct pl_screen_options so = { .width_px = windows[k].w, .height_px = windows[k].h, .language = i % 2 ? &de : NULL };
        const float h = (float)windows[k].h, size = statures[i / 2 % 3];
        struct pl_coach *coach = pl_coach_open(&ko);
        m.keypoints.width_px = (int)(480 * windows[k].aspect);
        m.pose.stature_px = size * 480;
        m.pose.hips_px = (struct pl_vec2){ 0.5f * (float)m.keypoints.width_px, 0.9f * 480 - 0.52f * size * 480 };
        m.keypoints.raw.px[PL_LM_NOSE] = (struct pl_point){ m.pose.hips_px.x, 0.9f * 480 - 0.93f * size * 480, 0, 0.99f };
        struct pl_frame f = { .width_px = m.keypoints.width_px, .height_px = 480 };
        assert_true(coach && pl_screen_open(&s, &so, &err));
        const struct pl_screen_status status = { .measured_fps = NAN, .speed = 1, .coach = &v };
        pl_coach_ask(coach);
        for (int page = 0; page < 4; page++) { /* two of exercises, legs, pause */
            pl_coach_step(coach, &m, &in, &v);
            assert_true(v.n_targets >= 3);
            pl_screen_draw(s, &f, &m, &status);
            struct pl_frame p = picture_of(s);
            for (int t = 0; t < v.n_targets; t++) {
                const char *text = pl_screen_words(s, v.target[t].text);
                const SDL_FRect r = s->hit[t], body = pl_screen_box(s, (struct pl_coach_box){ 0.5f, 0, 0, 1 });
                const int capital = capital_of(s, text);
                if (capital < 0.05f * h || !has_ink(&p, pl_screen_inset(r, 1.2f * s->layout.u, s->layout.u), PL_WHITE))
                    fail_msg("%dx%d, stature %g: \"%s\": capitals are %d pixels high", windows[k].w, windows[k].h, (double)size,
                             text, capital);
                assert_true(r.h > 0.09f * h && r.w > 0.3f * (float)windows[k].w);
                const float free = 0.2f * size * s->layout.picture.h;
                assert_true(r.x + r.w < body.x - free || r.x > body.x + free);
                assert_true(r.x >= 0 && r.x + r.w <= (float)windows[k].w && apart(r, s->layout.band));
                for (int o = 0; o < t; o++)
                    assert_true(apart(r, s->hit[o]));
            }
            m.t_ns += PL_NS_PER_S / 30;
            if (page == 2)
                pl_coach_pause(coach);
            else
                pl_coach_take(coach, page == 0 ? 5 : 0); /* more; its first */
        }
        pl_coach_close(coach);
        pl_screen_close(s);
    }
}

static void test_targets_by_mouse_and_key(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, true, true);
    struct pl_moment m = standing();
    struct pl_coach_view v = asking();
    struct pl_screen_status status = { .measured_fps = NAN, .speed = 1, .coach = &v };
    struct pl_frame f = gray_frame();
    (void)state;
    uint64_t before = s->texts.clock;
    pl_screen_draw(s, &f, &m, &status);
    struct pl_frame p = picture_of(s);
    assert_true(drawn_since(s, before, "Lunge") && drawn_since(s, before, "Squat"));
    assert_true(drawn_since(s, before, pl_language_text(NULL, PL_SAY_CHOOSE)));
    assert_true(has_ink(&p, s->hit[0], PL_YELLOW)); /* half full */
    assert_false(has_ink(&p, s->hit[1], PL_YELLOW));
    assert_true(s->hit[0].x + s->hit[0].w < s->layout.picture.x + 0.5f * s->layout.picture.w); /* mirrored, as the hand is */
    for (int i = 0; i < 3; i++) {
        SDL_FRect r = i < 2 ? s->hit[i] : s->layout.band;
        SDL_Event e = { .button = { .type = SDL_MOUSEBUTTONDOWN, .button = SDL_BUTTON_LEFT, .x = (int)(r.x + r.w / 2),
                                    .y = (int)(r.y + r.h / 2) } };
        SDL_PushEvent(&e);
        assert_int_equal(pl_screen_poll(s), i < 2 ? PL_SCREEN_TARGET + i : PL_SCREEN_NOTHING);
        assert_int_equal(pl_screen_poll(s), PL_SCREEN_NOTHING);
    }
    assert_int_equal(press(s, SDLK_2, 0), PL_SCREEN_TARGET + 1);
    assert_int_equal(press(s, SDLK_3, 0), PL_SCREEN_NOTHING); /* there are two */
    assert_int_equal(press(s, SDLK_c, 0), PL_SCREEN_CHOOSE);
    assert_int_equal(press(s, SDLK_n, 0), PL_SCREEN_NEXT);
    assert_int_equal(press(s, SDLK_ESCAPE, 0), PL_SCREEN_CHOOSE); /* closes the question, not the program */
    v.paused = true;
    pl_screen_draw(s, &f, &m, &status);
    assert_int_equal(press(s, SDLK_ESCAPE, 0), PL_SCREEN_PAUSE);
    v.n_targets = 0;
    v.question = PL_SAY_NOTHING;
    pl_screen_draw(s, &f, &m, &status);
    assert_int_equal(press(s, SDLK_1, 0), PL_SCREEN_NOTHING);
    assert_int_equal(press(s, SDLK_ESCAPE, 0), PL_SCREEN_NOTHING); /* they went by themselves: they were meant */
    s->targets_ns -= 2 * PL_NS_PER_S;
    assert_int_equal(press(s, SDLK_ESCAPE, 0), PL_SCREEN_QUIT);
    pl_screen_close(s);
}

static void test_rest_countdown_and_end(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, false);
    struct pl_moment m = standing();
    struct pl_coach_view v = working();
    struct pl_screen_status status = { .measured_fps = NAN, .speed = 1, .coach = &v };
    struct pl_frame f = gray_frame();
    static const struct { enum pl_coach_state state; bool change; const char *words[2]; } trials[] = {
        { PL_COACH_REST, false, { "Rest 0:33", "Then set 3 of 3. One hand up: go on" } },
        { PL_COACH_REST, true, { "Change legs 0:33", "Now the left leg" } },
        { PL_COACH_COUNTDOWN, false, { "Get ready", "33" } },
        { PL_COACH_BASELINE, false, { "Stand still", "Stand still" } },
        { PL_COACH_DONE, false, { "12 repetitions", "Most often: Hip dropping, 3 times" } },
        { PL_COACH_WORK, false, { "Down", "Down" } },
    };
    (void)state;
    v.left_s = 32.2f;
    v.whole_s = 45;
    v.baseline = 0.5f;
    v.sum = (struct pl_coach_summary){ .n_reps = 12, .n_faults = { [PL_FAULT_HIP_DROP] = 3 } };
    for (size_t i = 0; i < sizeof trials / sizeof trials[0]; i++) {
        v.state = trials[i].state;
        v.change_leg = trials[i].change;
        uint64_t before = s->texts.clock;
        pl_screen_draw(s, &f, &m, &status);
        for (int k = 0; k < 2; k++)
            if (!drawn_since(s, before, trials[i].words[k]))
                fail_msg("%s: \"%s\" is not on the screen", pl_coach_state_name(v.state), trials[i].words[k]);
    }
    v.state = PL_COACH_DONE; /* one of each, and a hold that was let go */
    v.sum = (struct pl_coach_summary){ .n_reps = 1, .n_short_holds = 2, .n_faults = { [PL_FAULT_HIP_DROP] = 1 } };
    uint64_t before = s->texts.clock;
    pl_screen_draw(s, &f, &m, &status);
    assert_true(drawn_since(s, before, "1 repetition") && drawn_since(s, before, "Let go too soon: 2"));
    assert_true(drawn_since(s, before, "Most often: Hip dropping, once"));
    status.card = "Gone";
    status.card_of = "Desk Camera";
    before = s->texts.clock;
    pl_screen_draw(s, &f, &m, &status);
    assert_true(drawn_since(s, before, "Gone") && drawn_since(s, before, "Desk Camera"));
    assert_true(drawn_since(s, before, "1 repetition counted: kept"));
    status.card = NULL;
    m = collapsing(); /* a cue goes before all that, a pause before the cue */
    v.state = PL_COACH_REST;
    before = s->texts.clock;
    pl_screen_draw(s, &f, &m, &status);
    assert_true(drawn_since(s, before, "Knee drifting inward"));
    assert_false(drawn_since(s, before, "Rest 0:33"));
    v.paused = true;
    before = s->texts.clock;
    pl_screen_draw(s, &f, &m, &status);
    assert_true(drawn_since(s, before, pl_language_text(NULL, PL_SAY_PAUSED)) && drawn_since(s, before, "PAUSED"));
    pl_screen_close(s);
}

/* The seconds left stand large beside the picture and in the band; whatever cannot be measured is told below them. */
static void test_hold_shows_what_is_left(void **state)
{
    static const struct { float held; const char *words[4]; } trials[] = {
        { 11.6f, { "Hold 19 s", "11 s of 30 s held", "19", "Set 2 of 3, 30 s each leg" } },
        { 33.2f, { "Time! Foot down", "33 s of 30 s held", "+3", "LEFT leg" } },
    };
    struct pl_screen *s = open_screen(1280, 720, false, false);
    struct pl_moment m = standing();
    struct pl_coach_view v = working();
    struct pl_screen_status status = { .measured_fps = NAN, .speed = 1, .coach = &v };
    struct pl_frame f = gray_frame();
    (void)state;
    v.exercise = m.progress.exercise = PL_EXERCISE_STANCE;
    v.n_set_reps = 1;
    v.hold_goal_s = 30;
    for (int i = 0; i < 2; i++) {
        v.hold_s = m.progress.hold_s = trials[i].held;
        uint64_t before = s->texts.clock;
        pl_screen_draw(s, &f, &m, &status);
        for (int k = 0; k < 4; k++)
            if (!drawn_since(s, before, trials[i].words[k]))
                fail_msg("\"%s\" is not on the screen", trials[i].words[k]);
    }
    m.measures.v[PL_SIDE_LEFT][PL_M_PELVIC_DROP] = (struct pl_value){ NAN, NAN };
    m.measures.why[PL_SIDE_LEFT][PL_M_PELVIC_DROP] = PL_REASON_HANDS_ON_HIPS;
    uint64_t before = 0;
    for (int i = 0; i < 3; i++, m.t_ns += PL_NS_PER_S * 3 / 10) {
        before = s->texts.clock;
        pl_screen_draw(s, &f, &m, &status);
    }
    assert_true(drawn_since(s, before, "Time! Foot down") && drawn_since(s, before, "+3"));
    assert_true(drawn_since(s, before, "Hip drop: put your hands on your hips"));
    v.hold_s = m.progress.hold_s = NAN;
    before = s->texts.clock;
    pl_screen_draw(s, &f, &m, &status);
    assert_false(drawn_since(s, before, "Time! Foot down"));
    pl_screen_close(s);
}

/* The step of a calibration, or what to change to be seen: whole, in letters of 5 %; the bar, what is done, and no cue. */
static void test_calibration_steps_reach_three_metres(void **state)
{
    static const int sizes[][2] = { { 640, 480 }, { 1280, 720 } };
    static struct pl_language de;
    struct pl_moment m = collapsing(); /* a cue that nobody who calibrates is to see */
    struct pl_frame f = gray_frame();
    struct pl_err err = { 0 };
    (void)state;
    assert_true(pl_language_read(&de, "src/cues/languages/de.ini", &err));
    for (int i = 0; i < 4; i++) {
        struct pl_screen *s = NULL;
        struct pl_task task = { .title = PL_SAY_CALIBRATE_BODY, .done = 1, .of = 2, .part = 0.25f };
        const struct pl_screen_status status = { .measured_fps = NAN, .speed = 1, .task = &task };
        const int h = sizes[i / 2][1];
        const struct pl_screen_options options = { .width_px = sizes[i / 2][0], .height_px = h, .language = i % 2 ? &de : NULL };
        assert_true(pl_screen_open(&s, &options, &err));
        for (int k = PL_SAY_NOTHING + 1; k < PL_N_SENTENCES; k++) {
            const char *id = pl_sentence_id((enum pl_sentence)k), *text = pl_screen_words(s, (enum pl_sentence)k);
            task.blind = !strncmp(id, "reason.", 7) || k == PL_SAY_SHOW_HEAD;
            if (!*text || (strncmp(id, "calibrate.", 10) && !task.blind))
                continue;
            const uint64_t before = s->texts.clock;
            task.text = (enum pl_sentence)k;
            pl_screen_draw(s, &f, &m, &status);
            struct pl_frame p = picture_of(s);
            const SDL_FRect band = s->layout.band;
            const int capital = capital_px(&p, pl_screen_inset(band, 3 * s->layout.u, 0), PL_WHITE);
            bool whole = false;
            for (int t = 0; t < PL_N_TEXTS; t++) /* what has no room ends in dots on one line */
                whole |= s->texts.text[t].used > before && !strcmp(s->texts.text[t].text, text) &&
                         (s->texts.text[t].h_px > 12 * s->layout.u || strlen(text) < 42);
            if (capital < 0.05f * (float)h || !whole)
                fail_msg("%dx%d: \"%s\": capitals are %d pixels high%s", sizes[i / 2][0], h, text, capital, whole ? "" : ", cut");
            assert_false(drawn_since(s, before, "Knee drifting inward"));
            const float bar = band.y + band.h - s->layout.u;
            assert_true(close_to(pixel(&p, band.x + 0.2f * band.w, bar), PL_WHITE, 2));
            assert_true(close_to(pixel(&p, band.x + 0.3f * band.w, bar), PL_TRACK, 2));
            assert_true(close_to(pixel(&p, band.x + 0.99f * band.w, band.y + 2), task.blind ? PL_NOTICE : PL_PANEL, 2));
        }
        assert_true(drawn_since(s, 0, i % 2 ? "K\303\266rper" : "Body") && drawn_since(s, 0, "1 / 2"));
        pl_screen_close(s);
    }
}

/* Panels, targets, keys and status line in the language; a German noun keeps its capital. */
static void test_german(void **state)
{
    static struct pl_language de;
    struct pl_screen *s = NULL;
    struct pl_err err = { 0 };
    struct pl_moment m = standing();
    struct pl_coach_view v = asking();
    struct pl_screen_status status = { .measured_fps = 29.6f, .speed = 1, .coach = &v };
    struct pl_frame f = gray_frame();
    static const char *const words[] = { "Ausfallschritt", "Zeig auf deine \303\234bung", "Satz 2 von 3, je Bein 10",
        "LINKES Bein", "Kniebeugung", "Einbeinkniebeuge", "jetzt 30 Bilder/s \xc2\xb7 F1 Tasten", "Leertaste",
        "Pause, weiter" };
    (void)state;
    assert_true(pl_language_read(&de, "src/cues/languages/de.ini", &err));
    assert_true(pl_screen_open(&s, &(struct pl_screen_options){ .language = &de }, &err));
    s->help = true;
    uint64_t before = s->texts.clock;
    pl_screen_draw(s, &f, &m, &status);
    v.n_targets = 0; /* counter and numbers are back */
    pl_screen_draw(s, &f, &m, &status);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (!drawn_since(s, before, words[i]))
            fail_msg("\"%s\" is not on the screen", words[i]);
    s->help = false;
    m.measures.v[PL_SIDE_LEFT][PL_M_PELVIC_DROP] = (struct pl_value){ NAN, NAN };
    m.measures.why[PL_SIDE_LEFT][PL_M_PELVIC_DROP] = PL_REASON_HIPS_SLIPPED;
    for (int i = 0; i < 3; i++, m.t_ns += PL_NS_PER_S * 3 / 10)
        pl_screen_draw(s, &f, &m, NULL);
    assert_true(drawn_since(s, before, "H\xc3\xbc" "fte tiefer: H\xc3\xa4nde oder Aufkleber sind verrutscht: setz sie fest an und "
                            "steh still"));
    pl_screen_close(s);
}

static void test_ghost_on_a_key(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, true);
    struct pl_moment m = standing();
    struct pl_coach_view v = working();
    struct pl_screen_status status = { .measured_fps = NAN, .speed = 1, .coach = &v };
    struct pl_frame f = gray_frame();
    (void)state;
    for (int i = 0; i < PL_N_GHOST; i++)
        v.ghost_px[i] = (struct pl_vec2){ 100 + 12 * (float)(i % 2), 100 + 20 * (float)(i / 2) }; /* beside the person */
    SDL_FPoint from, to;
    for (int i = 0; i < 3; i++) {
        v.ghost = i > 0;
        pl_screen_draw(s, &f, &m, &status);
        struct pl_frame p = picture_of(s);
        from = at(s, 80, 90, false);
        to = at(s, 140, 260, false);
        assert_int_equal(has_ink(&p, (SDL_FRect){ from.x, from.y, to.x - from.x, to.y - from.y }, PL_WHITE), i == 1);
        if (i == 1)
            press(s, SDLK_g, 0);
    }
    pl_screen_close(s);
}

static void test_pelvis_line_with_its_angle(void **state)
{
    (void)state;
    for (int by = 0; by < 3; by++) { /* nobody, the hands, the stickers */
        struct pl_screen *s = open_screen(1280, 720, false, false);
        struct pl_moment m = standing();
        struct pl_frame f = gray_frame();
        m.pose.hand_px[PL_SIDE_LEFT] = (struct pl_vec2){ 365, 222 };
        m.pose.hand_px[PL_SIDE_RIGHT] = (struct pl_vec2){ 275, 230 };
        m.keypoints.pelvis_stickers_deg = 30;
        m.progress.needed[PL_M_PELVIC_DROP_CHANGE] = true;
        m.measures.v[PL_SIDE_LEFT][PL_M_PELVIC_DROP_CHANGE] = by ? (struct pl_value){ 7.3f, 4 } : (struct pl_value){ NAN, NAN };
        m.measures.hip_drop_by[PL_SIDE_LEFT] = by == 1 ? 1u << PL_PELVIS_HANDS : by == 2 ? 1u << PL_PELVIS_STICKERS : 0;
        uint64_t before = s->texts.clock;
        pl_screen_draw(s, &f, &m, NULL);
        struct pl_frame p = picture_of(s);
        SDL_FPoint hands = at(s, 320, 226, false), hips = at(s, 320 + 26, 250 - 15, false); /* up at the person's left */
        assert_int_equal(has_ink(&p, (SDL_FRect){ hands.x - 3, hands.y - 4, 6, 8 }, PL_WHITE), by == 1);
        assert_int_equal(has_ink(&p, (SDL_FRect){ hips.x - 2, hips.y - 3, 4, 6 }, PL_WHITE), by == 2);
        assert_int_equal(drawn_since(s, before, "7\xc2\xb0"), by > 0);
        pl_screen_close(s);
    }
}

/* The panels turn over; the picture, the cue and every word stay. */
static void test_light_theme(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, true);
    struct pl_moment m = standing();
    struct pl_frame f = gray_frame();
    (void)state;
    for (int light = 0; light < 2; light++) {
        uint64_t before = s->texts.clock;
        pl_screen_draw(s, &f, &m, NULL);
        struct pl_frame p = picture_of(s);
        SDL_Color ground = pixel(&p, s->layout.counter.x + 2, s->layout.counter.y + 2);
        assert_int_equal(ground.r > 200, light);
        SDL_FRect number = { s->layout.numbers.x, s->layout.numbers.y, s->layout.numbers.w, 10 * s->layout.u };
        assert_true(has_ink(&p, number, light ? PL_COLOUR(6, 8, 12, 255) : PL_WHITE));
        assert_true(drawn_since(s, before, "L 5") && drawn_since(s, before, "52\xc2\xb0"));
        SDL_FPoint thigh = at(s, 347.5f, 290, false);
        assert_true(close_to(pixel(&p, thigh.x, thigh.y), PL_SKY, 30));
        assert_int_equal(press(s, SDLK_d, 0), PL_SCREEN_NOTHING);
    }
    m = collapsing();
    s->light = true;
    pl_screen_draw(s, &f, &m, NULL);
    struct pl_frame p = picture_of(s);
    assert_true(close_to(pixel(&p, s->layout.band.x + 2, s->layout.band.y + 2), PL_AMBER, 3));
    assert_true(has_ink(&p, s->layout.cue, PL_BLACK));
    pl_screen_close(s);
}

/* ---- window, keys, events: SDL's dummy driver */

static enum pl_screen_action press(struct pl_screen *s, SDL_Keycode key, uint16_t mod)
{
    SDL_Event e = { .key = { .type = SDL_KEYDOWN, .state = SDL_PRESSED, .keysym = { .sym = key, .mod = mod } } };
    assert_int_equal(SDL_PushEvent(&e), 1);
    enum pl_screen_action action = pl_screen_poll(s);
    if (action != PL_SCREEN_NOTHING)
        assert_int_equal(pl_screen_poll(s), PL_SCREEN_NOTHING); /* one key, one action */
    return action;
}

static void test_keys(void **state)
{
    static const struct { SDL_Keycode key; enum pl_screen_action playing, paused; } keys[] = {
        { SDLK_SPACE, PL_SCREEN_PAUSE, PL_SCREEN_PAUSE },
        { SDLK_LEFT, PL_SCREEN_SEEK_BACK, PL_SCREEN_STEP_BACK }, { SDLK_RIGHT, PL_SCREEN_SEEK_FORWARD, PL_SCREEN_STEP_FORWARD },
        { SDLK_PLUS, PL_SCREEN_FASTER, PL_SCREEN_FASTER }, { SDLK_EQUALS, PL_SCREEN_FASTER, PL_SCREEN_FASTER },
        { SDLK_KP_PLUS, PL_SCREEN_FASTER, PL_SCREEN_FASTER }, { SDLK_MINUS, PL_SCREEN_SLOWER, PL_SCREEN_SLOWER },
        { SDLK_KP_MINUS, PL_SCREEN_SLOWER, PL_SCREEN_SLOWER }, { SDLK_r, PL_SCREEN_RESTART, PL_SCREEN_RESTART },
        { SDLK_q, PL_SCREEN_QUIT, PL_SCREEN_QUIT }, { SDLK_ESCAPE, PL_SCREEN_QUIT, PL_SCREEN_QUIT },
        { SDLK_x, PL_SCREEN_NOTHING, PL_SCREEN_NOTHING },
    };
    struct pl_screen *s = open_screen(640, 480, false, true);
    struct pl_screen_status status = { .measured_fps = NAN, .speed = 1 };
    (void)state;
    for (int paused = 0; paused < 2; paused++) {
        status.paused = paused;
        pl_screen_draw(s, NULL, NULL, &status);
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
            assert_int_equal(press(s, keys[i].key, 0), paused ? keys[i].paused : keys[i].playing);
    }
    assert_int_equal(press(s, SDLK_q, KMOD_LCTRL), PL_SCREEN_NOTHING); /* belongs to the desktop */
    assert_int_equal(press(s, SDLK_m, 0), PL_SCREEN_NOTHING);
    assert_true(s->mirror);
    assert_int_equal(press(s, SDLK_s, 0), PL_SCREEN_NOTHING);
    assert_false(s->skeleton);
    SDL_Event quit = { .type = SDL_QUIT };
    SDL_PushEvent(&quit);
    assert_int_equal(pl_screen_poll(s), PL_SCREEN_QUIT);
    pl_screen_close(s);
}

static void test_help_covers_and_goes(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, true);
    struct pl_frame f = gray_frame();
    struct pl_moment m = collapsing();
    (void)state;
    for (int i = 0; i < 3; i++) {
        uint64_t before = s->texts.clock;
        pl_screen_draw(s, &f, &m, NULL);
        struct pl_frame p = picture_of(s);
        assert_int_equal(close_to(pixel(&p, 2, s->layout.band.y + 2), PL_AMBER, 3), i != 1);
        assert_int_equal(drawn_since(s, before, "pause, go on"), i == 1);
        assert_int_equal(press(s, i == 0 ? SDLK_F1 : i == 1 ? SDLK_ESCAPE : SDLK_x, 0), PL_SCREEN_NOTHING);
    }
    pl_screen_close(s);
}

/* Level ones, too: SDL's own triangles leave rows out there. */
static void test_lines_have_no_holes(void **state)
{
    struct pl_screen *s = open_screen(W, H, false, false);
    (void)state;
    pl_screen_draw(s, NULL, NULL, NULL);
    for (int k = 0; k < 300; k++) {
        float angle = k % 4 < 2 ? (float)(PL_PI / 2) * (float)(k % 4) : 0.37f * (float)k;
        float w = (float)(3 + k % 17), length = (float)(20 + k % 90);
        SDL_FPoint a = { 300 + 0.13f * (float)(k % 7), 200 + 0.09f * (float)(k % 11) }, d = { cosf(angle), sinf(angle) };
        pl_screen_rect(s, (SDL_FRect){ 0, 0, W, H }, PL_BLACK);
        pl_screen_line(s, a, (SDL_FPoint){ a.x + length * d.x, a.y + length * d.y }, w, PL_WHITE);
        struct pl_frame p = picture_of(s);
        for (float t = 0; t <= length; t += 0.5f)
            for (float u = 1.5f - w / 2; u <= w / 2 - 1.5f; u += 0.5f)
                if (!close_to(pixel(&p, a.x + t * d.x - u * d.y, a.y + t * d.y + u * d.x), PL_WHITE, 40))
                    fail_msg("line %d: a hole at %f along, %f across", k, (double)t, (double)u);
    }
    pl_screen_close(s);
}

/* What is left standing from frame to frame looks as if it had been drawn anew. */
static void test_nothing_old_stays(void **state)
{
    struct pl_screen_status status = { .source = "a", .measured_fps = 30, .speed = 1, .duration_ns = 9 * PL_NS_PER_S };
    (void)state;
    for (int window = 0; window < 2; window++) {
        struct pl_screen *kept = open_screen(960, 640, true, window), *anew = open_screen(960, 640, true, window);
        struct pl_frame f = gray_frame();
        for (int i = 0; i < 24; i++) {
            struct pl_moment m = i % 5 < 3 ? collapsing() : standing();
            m.t_ns = i * (PL_NS_PER_S / 8);
            m.progress.n_reps = i / 6;
            m.progress.depth = (float)(i % 4) * 0.3f;
            f.t_ns = m.t_ns;
            status.paused = i % 7 == 3;
            status.card = i == 9 ? "gone" : NULL;
            kept->help = anew->help = i == 12;
            kept->light = anew->light = i >= 20;
            struct pl_coach_view view = i % 4 == 3 ? asking() : working();
            view.state = (enum pl_coach_state)(i % PL_N_COACH_STATES);
            view.set_reps = i;
            status.coach = i % 3 ? &view : NULL;
            f.height_px = i > 15 ? H - 100 : H; /* another shape: another layout */
            anew->stale = true;
            kept->stale |= i == 20; /* as the key does */
            pl_screen_draw(kept, i == 5 ? NULL : &f, i == 6 ? NULL : &m, i == 18 ? NULL : &status);
            pl_screen_draw(anew, i == 5 ? NULL : &f, i == 6 ? NULL : &m, i == 18 ? NULL : &status);
            struct pl_frame p = picture_of(kept), q = picture_of(anew);
            if (memcmp(p.data, q.data, p.stride * (size_t)p.height_px))
                fail_msg("picture %d differs", i);
        }
        pl_screen_close(kept);
        pl_screen_close(anew);
    }
}

static void test_parts_that_do_not_change_are_not_drawn(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, false);
    struct pl_frame f = gray_frame();
    struct pl_moment m = collapsing();
    (void)state;
    pl_screen_draw(s, &f, &m, NULL);
    SDL_FRect r = { s->layout.band.x, s->layout.band.y, 4, 4 };
    pl_screen_rect(s, r, PL_GREEN); /* a stain that only drawing anew would wipe off */
    pl_screen_draw(s, &f, &m, NULL);
    struct pl_frame p = picture_of(s);
    assert_true(close_to(pixel(&p, r.x + 1, r.y + 1), PL_GREEN, 1));
    m.cue.on = false;
    pl_screen_draw(s, &f, &m, NULL);
    p = picture_of(s);
    assert_false(close_to(pixel(&p, r.x + 1, r.y + 1), PL_GREEN, 1));
    pl_screen_close(s);
}

static void test_stage_times_on_a_key(void **state)
{
    struct pl_stage_times times = { .wall_ns = { [PL_STAGE_DECODE] = 1250000, [PL_STAGE_NETWORK] = 3000000 } };
    struct pl_screen_status status = { .measured_fps = NAN, .speed = 1, .times = &times };
    struct pl_screen *s = open_screen(1280, 720, false, true);
    struct pl_frame f = gray_frame();
    struct pl_moment m = standing();
    (void)state;
    for (int i = 0; i < 3; i++) {
        uint64_t before = s->texts.clock;
        pl_screen_draw(s, &f, &m, &status);
        assert_int_equal(drawn_since(s, before, "1.25 ms"), i == 1);
        assert_int_equal(drawn_since(s, before, "4.25 ms"), i == 1); /* all together */
        assert_int_equal(press(s, SDLK_t, 0), PL_SCREEN_NOTHING);
    }
    status.times = NULL; /* nothing known: nothing shown, whatever the key says */
    uint64_t before = s->texts.clock;
    pl_screen_draw(s, &f, &m, &status);
    assert_false(drawn_since(s, before, "1.25 ms"));
    pl_screen_close(s);
}

static void test_window_and_memory_show_the_same(void **state)
{
    struct pl_screen *a = open_screen(1280, 720, true, true), *b = open_screen(1280, 720, true, false);
    struct pl_frame f = gray_frame();
    struct pl_moment m = collapsing();
    (void)state;
    pl_screen_draw(a, &f, &m, NULL);
    pl_screen_draw(b, &f, &m, NULL);
    struct pl_frame p = picture_of(a), q = picture_of(b);
    assert_int_equal(p.width_px, q.width_px);
    assert_int_equal(p.height_px, q.height_px);
    assert_memory_equal(p.data, q.data, p.stride * (size_t)p.height_px);
    pl_screen_close(a);
    pl_screen_close(b);
}

static void test_resizing(void **state)
{
    struct pl_screen *s = open_screen(1280, 720, false, true);
    struct pl_frame f = gray_frame();
    struct pl_moment m = standing();
    (void)state;
    pl_screen_draw(s, &f, &m, NULL);
    SDL_SetWindowSize(s->window, 800, 600);
    pl_screen_poll(s);
    pl_screen_draw(s, &f, &m, NULL);
    struct pl_frame p = picture_of(s);
    assert_int_equal(p.width_px, 800);
    assert_int_equal(p.height_px, 600);
    pl_screen_close(s);
}

static void test_wake_ends_a_wait(void **state)
{
    struct pl_screen *s = open_screen(640, 480, false, true);
    (void)state;
    while (pl_screen_poll(s) != PL_SCREEN_NOTHING)
        ;
    for (int i = 0; i < 100; i++)
        pl_screen_wake(s);
    pl_screen_wait(s, 3600 * PL_NS_PER_S); /* comes back, or the test never ends */
    assert_true(SDL_HasEvent(s->wake_event));
    assert_int_equal(pl_screen_poll(s), PL_SCREEN_NOTHING);
    assert_false(SDL_HasEvent(s->wake_event));
    pl_screen_close(s);
}

/* ---- what fails says what to do */

static void test_failures_are_sentences(void **state)
{
    struct pl_screen *s = NULL;
    struct pl_err err = { 0 };
    (void)state;
    assert_false(pl_screen_open(&s, &(struct pl_screen_options){ .width_px = -5, .height_px = 10 }, &err));
    assert_int_equal(err.code, PL_E_ARG);
    setenv("PL_FONT", "/nowhere/none.ttf", 1);
    assert_false(pl_screen_open(&s, &(struct pl_screen_options){ 0 }, &err));
    assert_int_equal(err.code, PL_E_IO);
    assert_non_null(strstr(err.text, "/nowhere/none.ttf"));
    unsetenv("PL_FONT");
    setenv("SDL_VIDEODRIVER", "no-such-driver", 1);
    assert_false(pl_screen_open(&s, &(struct pl_screen_options){ .window = true }, &err));
    assert_int_equal(err.code, PL_E_DEVICE);
    assert_non_null(strstr(err.text, "display"));
    assert_null(s);
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    pl_screen_close(NULL);
}

static void test_probes(void **state)
{
    char text[200] = "";
    (void)state;
    assert_true(pl_screen_probe_display(text, sizeof text));
    assert_non_null(strstr(text, "dummy"));
    setenv("SDL_AUDIODRIVER", "dummy", 1);
    assert_true(pl_screen_probe_sound(text, sizeof text));
    assert_string_equal(text, "dummy");
    setenv("SDL_AUDIODRIVER", "no-such-driver", 1);
    setenv("SDL_VIDEODRIVER", "no-such-driver", 1);
    strcpy(text, "");
    assert_false(pl_screen_probe_sound(text, sizeof text));
    assert_true(strlen(text) > 5);
    strcpy(text, "");
    assert_false(pl_screen_probe_display(text, sizeof text));
    assert_true(strlen(text) > 5);
    setenv("SDL_VIDEODRIVER", "dummy", 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_overlaps),
        cmocka_unit_test(test_picture_is_mirrored_on_request_only),
        cmocka_unit_test(test_letters_are_never_mirrored),
        cmocka_unit_test(test_nothing_at_all_can_be_drawn),
        cmocka_unit_test(test_skeleton_follows_the_mirror),
        cmocka_unit_test(test_points_are_drawn_where_the_lens_shows_them),
        cmocka_unit_test(test_others_are_dimmed_and_named),
        cmocka_unit_test(test_joints_put_right_are_drawn),
        cmocka_unit_test(test_no_skeleton_without_a_person),
        cmocka_unit_test(test_hidden_bones_are_not_drawn_as_seen),
        cmocka_unit_test(test_wedge_only_where_drift_is_measured),
        cmocka_unit_test(test_band_is_amber_only_with_a_cue),
        cmocka_unit_test(test_cue_letters_reach_three_metres),
        cmocka_unit_test(test_reasons_are_told_once_each_and_at_most_two),
        cmocka_unit_test(test_no_phase_before_an_exercise),
        cmocka_unit_test(test_wrong_view_is_a_remark_while_something_is_measured),
        cmocka_unit_test(test_unknown_is_a_dash_with_its_reason),
        cmocka_unit_test(test_knee_over_toe_is_told_in_cm_too),
        cmocka_unit_test(test_numbers_can_be_read_before_they_change),
        cmocka_unit_test(test_counters_name_the_side),
        cmocka_unit_test(test_what_does_not_count_is_shown_with_its_reason),
        cmocka_unit_test(test_status_tells_source_rates_and_pause),
        cmocka_unit_test(test_words_that_stay_are_not_rendered_again),
        cmocka_unit_test(test_long_texts_stay_inside_their_box),
        cmocka_unit_test(test_every_sentence_fits_the_band),
        cmocka_unit_test(test_the_set_is_counted),
        cmocka_unit_test(test_guide_shows_where_and_what),
        cmocka_unit_test(test_words_stay_in_their_box),
        cmocka_unit_test(test_targets_can_be_read_from_three_metres),
        cmocka_unit_test(test_targets_by_mouse_and_key),
        cmocka_unit_test(test_rest_countdown_and_end),
        cmocka_unit_test(test_hold_shows_what_is_left),
        cmocka_unit_test(test_calibration_steps_reach_three_metres),
        cmocka_unit_test(test_german),
        cmocka_unit_test(test_ghost_on_a_key),
        cmocka_unit_test(test_pelvis_line_with_its_angle),
        cmocka_unit_test(test_light_theme),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_help_covers_and_goes),
        cmocka_unit_test(test_lines_have_no_holes),
        cmocka_unit_test(test_nothing_old_stays),
        cmocka_unit_test(test_parts_that_do_not_change_are_not_drawn),
        cmocka_unit_test(test_stage_times_on_a_key),
        cmocka_unit_test(test_window_and_memory_show_the_same),
        cmocka_unit_test(test_resizing),
        cmocka_unit_test(test_wake_ends_a_wait),
        cmocka_unit_test(test_failures_are_sentences),
        cmocka_unit_test(test_probes),
    };
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
