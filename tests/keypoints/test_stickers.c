/* Stickers on a painted body: two discs or a strip at a known tilt, and everything that must not be taken for them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/keypoints/internal.h"

enum { MAX_W = 1920, MAX_H = 1080 };

struct colour { float rgb[3]; };
static const struct colour green = { { 40, 190, 50 } }, pink = { { 230, 40, 140 } }, orange = { { 240, 120, 20 } },
                           blue = { { 30, 80, 220 } }, yellow = { { 225, 215, 40 } }, grey = { { 120, 118, 121 } },
                           navy = { { 30, 36, 60 } };

struct scene {
    int width_px, height_px;
    bool bgr, left_is_left;             /* the person's left is on the image's left: seen from behind */
    float trunk_px;
    struct pl_vec2 hips;
    struct colour marker, shirt;
    float tilt_deg, gap, across;        /* trunk lengths; tilt + = image right higher */
    bool strip, third, hide_one, none;
    float third_share;                  /* of a sticker's diameter */
    int noise;
};

static uint8_t picture[(size_t)MAX_W * MAX_H * 3];
static struct pl_stickers stickers;
static uint32_t seed;

static uint32_t next_random(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

static struct scene usual(void)
{
    return (struct scene){ .width_px = 640, .height_px = 480, .trunk_px = 90, .hips = { 322.3f, 260.7f }, .marker = green,
                           .shirt = grey, .tilt_deg = 0, .gap = 0.42f, .across = 0.065f, .noise = 10 };
}

static void blend(const struct scene *s, int x, int y, const struct colour *c, float part)
{
    uint8_t *p = picture + 3 * ((size_t)y * (size_t)s->width_px + (size_t)x);
    for (int k = 0; k < 3; k++) {
        uint8_t *v = &p[s->bgr ? 2 - k : k];
        *v = (uint8_t)((1 - part) * (float)*v + part * c->rgb[k] + 0.5f);
    }
}

/* Shirt above the waist, dark shorts below, furniture beside; a weave and noise on all of it. */
static void paint_body(const struct scene *s)
{
    for (int y = 0; y < s->height_px; y++) {
        for (int x = 0; x < s->width_px; x++) {
            if (fabsf((float)y - s->hips.y) > 0.5f * s->trunk_px || fabsf((float)x - s->hips.x) > 0.6f * s->trunk_px)
                continue; /* what nobody looks at */
            const float across = ((float)x - s->hips.x) / s->trunk_px, up = (s->hips.y - (float)y) / s->trunk_px;
            const bool body = fabsf(across) < 0.33f;
            const struct colour wood = { { 150, 110, 80 } }, *c = !body ? &wood : up > 0.22f ? &s->shirt : &navy;
            const float weave = 1.0f + 0.12f * sinf(0.9f * (float)x + 0.4f * (float)y);
            uint8_t *p = picture + 3 * ((size_t)y * (size_t)s->width_px + (size_t)x);
            for (int k = 0; k < 3; k++) {
                const int n = (int)(next_random() % (unsigned)(2 * s->noise + 1)) - s->noise;
                const float v = c->rgb[k] * weave + (float)n;
                p[s->bgr ? 2 - k : k] = (uint8_t)fminf(255.0f, fmaxf(0.0f, v));
            }
        }
    }
}

static void paint_disc(const struct scene *s, struct pl_vec2 at, float radius_px)
{
    for (int y = (int)(at.y - radius_px - 2); y < (int)(at.y + radius_px + 2); y++) {
        for (int x = (int)(at.x - radius_px - 2); x < (int)(at.x + radius_px + 2); x++) {
            const float edge = radius_px - hypotf((float)x + 0.5f - at.x, (float)y + 0.5f - at.y) + 0.5f;
            if (x >= 0 && y >= 0 && x < s->width_px && y < s->height_px && edge > 0)
                blend(s, x, y, &s->marker, fminf(1.0f, edge));
        }
    }
}

static void paint(const struct scene *s)
{
    const float half = 0.5f * s->gap * s->trunk_px, tilt = s->tilt_deg * (float)(PL_PI / 180.0), r = 0.5f * s->across * s->trunk_px;
    const struct pl_vec2 waist = { s->hips.x + 0.03f * s->trunk_px, s->hips.y - 0.14f * s->trunk_px };
    paint_body(s);
    if (s->none)
        return;
    for (int i = s->hide_one ? 1 : 0; i < 2 && !s->strip; i++) {
        const float to = i ? half : -half;
        paint_disc(s, (struct pl_vec2){ waist.x + to * cosf(tilt), waist.y - to * sinf(tilt) }, r);
    }
    for (float to = -half; s->strip && to <= half; to += 0.25f)
        paint_disc(s, (struct pl_vec2){ waist.x + to * cosf(tilt), waist.y - to * sinf(tilt) }, 0.6f * r);
    if (s->third)
        paint_disc(s, (struct pl_vec2){ waist.x + 0.1f * half, waist.y + 0.15f * s->trunk_px }, s->third_share * r);
}

static float step(const struct scene *s, int64_t t_ns)
{
    struct pl_landmarks body;
    struct pl_frame f = { .t_ns = t_ns, .width_px = s->width_px, .height_px = s->height_px, .stride = 3 * (size_t)s->width_px,
                          .pixels = s->bgr ? PL_PIXELS_BGR24 : PL_PIXELS_RGB24, .data = picture, .given_person_p = NAN };
    pl_landmarks_unknown(&body);
    for (int i = 0; i < PL_N_SIDES; i++) {
        const float right = (i == PL_SIDE_LEFT) == s->left_is_left ? -1.0f : 1.0f, t = s->trunk_px;
        /* the network levels the hips: they say nothing of the tilt */
        body.px[PL_LM_LEFT_HIP + i] = (struct pl_point){ s->hips.x + right * 0.2f * t, s->hips.y, 0, 1 };
        body.px[PL_LM_LEFT_SHOULDER + i] = (struct pl_point){ s->hips.x + right * 0.35f * t, s->hips.y - t, 0, 1 };
    }
    return pl_stickers_step(&stickers, &f, &body);
}

/* Frames at 15 a second; the last one's answer. from: how many were shown before. */
static float show(const struct scene *s, int from, int n)
{
    float tilt_deg = NAN;
    for (int i = from; i < from + n; i++) {
        paint(s);
        tilt_deg = step(s, i * (PL_NS_PER_S / 15));
    }
    return tilt_deg;
}

static int start_afresh(void **state)
{
    (void)state;
    memset(&stickers, 0, sizeof stickers);
    seed = 5;
    return 0;
}

static void expect(float got, float want, float tolerance)
{
    if (!(fabsf(got - want) <= tolerance))
        fail_msg("%g degrees instead of %g", (double)got, (double)want);
}

static void test_tilt_of_two_discs(void **state)
{
    const struct colour colours[] = { green, pink, orange, blue, yellow };
    (void)state;
    for (int i = 0; i < 5; i++) {
        struct scene s = usual();
        start_afresh(NULL);
        s.marker = colours[i];
        s.bgr = i % 2;
        assert_true(isnan(show(&s, 0, 3))); /* not at first sight */
        expect(show(&s, 3, 17), 0, 0.8f);
        for (int k = -12; k <= 12; k += 4) {
            s.tilt_deg = (float)k;
            s.hips.x += 1.37f;
            expect(show(&s, 20 + 5 + (k + 12), 1), (float)k, 0.8f); /* one pixel of the gap is 1.5 degrees */
        }
    }
}

/* The person's left is what counts, not the picture's. */
static void test_seen_from_behind(void **state)
{
    struct scene s = usual();
    (void)state;
    s.tilt_deg = 6;
    s.left_is_left = true;
    expect(show(&s, 0, 20), -6, 0.8f);
}

static void test_larger_pictures_are_finer(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct scene s = usual();
        start_afresh(NULL);
        s.width_px = i ? 1920 : 1280;
        s.height_px = i ? 1080 : 720;
        s.trunk_px = i ? 330 : 170;
        s.hips = (struct pl_vec2){ 0.5f * (float)s.width_px, 0.55f * (float)s.height_px };
        s.tilt_deg = -7;
        expect(show(&s, 0, 20), -7, 0.3f);
    }
}

static void test_strip(void **state)
{
    struct scene s = usual();
    (void)state;
    s.strip = true;
    s.gap = 0.5f;
    show(&s, 0, 20);
    s.tilt_deg = 5;
    expect(show(&s, 20, 1), 5, 0.6f);
    s.gap = 0.3f; /* a hand on one end */
    assert_true(isnan(show(&s, 21, 1)));
}

static void never(const struct scene *s)
{
    for (int i = 0; i < 45; i++) {
        paint(s);
        const float tilt_deg = step(s, i * (PL_NS_PER_S / 15));
        if (!isnan(tilt_deg))
            fail_msg("%g degrees in frame %d", (double)tilt_deg, i);
    }
}

static void test_no_stickers(void **state)
{
    struct scene s = usual();
    (void)state;
    s.none = true;
    never(&s);
    s.noise = 60; /* a camera in the dark */
    never(&s);
}

static void test_colour_of_the_shirt(void **state)
{
    struct scene s = usual();
    (void)state;
    s.shirt = s.marker;
    never(&s);
}

static void test_gap_and_size_of_no_stickers(void **state)
{
    const float gap[] = { 0.2f, 0.75f, 0.42f, 0.42f }, across[] = { 0.065f, 0.065f, 0.25f, 0.012f };
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct scene s = usual();
        start_afresh(NULL);
        s.gap = gap[i];
        s.across = across[i];
        never(&s);
    }
}

static void test_third_blob(void **state)
{
    struct scene s = usual();
    (void)state;
    s.third = true;
    s.third_share = 1;
    never(&s);
    start_afresh(NULL);
    s.third_share = 0.5f; /* a quarter of the area */
    expect(show(&s, 0, 20), 0, 0.8f);
    s.third_share = 1;
    assert_true(isnan(show(&s, 20, 1)));
}

/* What was learnt is not exchanged for the next best thing. */
static void test_no_false_lock(void **state)
{
    struct scene s = usual();
    (void)state;
    expect(show(&s, 0, 20), 0, 0.8f);
    s.hide_one = true;
    assert_true(isnan(show(&s, 20, 2)));
    s.hide_one = false;
    s.tilt_deg = 18; /* no pelvis tilts as fast */
    assert_true(isnan(show(&s, 22, 1)));
    s.tilt_deg = 0;
    s.gap = 0.55f;
    assert_true(isnan(show(&s, 23, 1)));
    s.gap = 0.42f;
    s.across = 0.13f;
    assert_true(isnan(show(&s, 24, 1)));
    s.across = 0.065f;
    expect(show(&s, 25, 1), 0, 0.8f); /* and is taken up again when it is back */
}

static void test_forgets_at_a_seek(void **state)
{
    struct scene s = usual();
    (void)state;
    expect(show(&s, 0, 20), 0, 0.8f);
    pl_stickers_reset(&stickers);
    assert_true(isnan(show(&s, 20, 1)));
    s.marker = pink;
    expect(show(&s, 21, 20), 0, 0.8f);
}

/* At the edge of the picture, outside it, and without sense. */
static void test_anywhere(void **state)
{
    const float at[][2] = { { 2, 3 }, { 639, 479 }, { -500, 100 }, { 1e9f, 1e9f }, { NAN, 5 }, { 320, -30 } };
    (void)state;
    for (int i = 0; i < 6; i++) {
        struct scene s = usual();
        paint(&s);
        s.hips = (struct pl_vec2){ at[i][0], at[i][1] };
        assert_true(isnan(step(&s, i)));
        s.trunk_px = 4000;
        assert_true(isnan(step(&s, i)));
        s.trunk_px = 0;
        assert_true(isnan(step(&s, i)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_tilt_of_two_discs, start_afresh),
        cmocka_unit_test_setup(test_seen_from_behind, start_afresh),
        cmocka_unit_test_setup(test_larger_pictures_are_finer, start_afresh),
        cmocka_unit_test_setup(test_strip, start_afresh),
        cmocka_unit_test_setup(test_no_stickers, start_afresh),
        cmocka_unit_test_setup(test_colour_of_the_shirt, start_afresh),
        cmocka_unit_test_setup(test_gap_and_size_of_no_stickers, start_afresh),
        cmocka_unit_test_setup(test_third_blob, start_afresh),
        cmocka_unit_test_setup(test_no_false_lock, start_afresh),
        cmocka_unit_test_setup(test_forgets_at_a_seek, start_afresh),
        cmocka_unit_test_setup(test_anywhere, start_afresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
