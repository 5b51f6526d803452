/* Somebody else in the picture: composed of two samples, taken through the whole session.
 *
 * The exerciser is that of one sample; the other person is cut out of a second one, by the difference between a frame and one of
 * the empty room, and pasted where the scene wants them. What the same sample gives with nobody else is the truth.
 * PL_SCENES=folder keeps the scenes as videos. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plumbline/camera.h"
#include "plumbline/cpu.h"
#include "plumbline/session.h"
#include "plumbline/video.h"

enum { W = 640, H = 480, MOST = 400 };

struct picture { uint8_t px[H][W][3]; };

static struct picture room, person;     /* of the sample that the other one is cut out of */
static int left = W, right, top = H, bottom; /* of the cut-out */
static const char *const exerciser = "samples/sls_front_good_L.mp4", *const other = "samples/walk_in_sls_front_R.mp4";

/* What stands in the scene at t: the other one (scale 0: not there) with the feet at x, y; a board over the exerciser. */
struct stage { float scale, x, y; bool board; };
typedef struct stage scene_fn(double t_s);

struct seen { bool present, waiting; int person, n_others, n_reps; struct pl_vec2 hips; double t_s; struct pl_region other; };
struct run { struct seen f[MOST]; int n; enum pl_sentence said[64]; int n_said; };

static struct run alone, scene;

static const char *models_dir(void)
{
    const char *dir = getenv("PL_MODELS");
    return dir && *dir ? dir : "models";
}

static struct pl_camera *open_clip(const char *path)
{
    struct pl_camera_options o = { .source = path };
    struct pl_camera *c;
    struct pl_err err;
    if (!pl_camera_open(&c, &o, &err))
        fail_msg("%s", err.text);
    return c;
}

static void take(struct picture *out, const struct pl_frame *f)
{
    assert_true(f->width_px == W && f->height_px == H);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            for (int c = 0; c < 3; c++)
                out->px[y][x][c] = f->data[(size_t)y * f->stride + (size_t)(3 * x + (f->pixels == PL_PIXELS_RGB24 ? 2 - c : c))];
}

static bool mask[H][W];

static bool differs(int x, int y)
{
    int d = 0;
    for (int c = 0; c < 3; c++)
        d += abs(person.px[y][x][c] - room.px[y][x][c]);
    return d > 30;
}

/* What differs, and gaps of a few pixels in it: here the shirt or the skin has the room's colour. */
static void fill_mask(int y, int from, int to)
{
    int last = -100;
    for (int x = from; x < to; x++)
        if (differs(x, y)) {
            for (int k = x - last < 14 ? last : x; k <= x; k++)
                mask[y][k] = true;
            last = x;
        }
}

/* The one who stands in the middle, against the room while they were still at its edge. */
static int cut_out(void **state)
{
    struct pl_camera *c = open_clip(other);
    struct pl_frame f;
    struct pl_err err;
    (void)state;
    for (int i = 0; pl_camera_next(c, 0, &f, &err) == PL_NEXT_FRAME && i <= 100; i++) {
        if (i == 5)
            take(&room, &f);
        if (i == 100)
            take(&person, &f);
    }
    pl_camera_close(c);
    for (int y = 0; y < H; y++) {
        fill_mask(y, W / 4, W * 3 / 4);
        for (int x = W / 4; x < W * 3 / 4; x++)
            if (mask[y][x]) {
                left = x < left ? x : left, right = x > right ? x : right;
                top = y < top ? y : top, bottom = y > bottom ? y : bottom;
            }
    }
    return !(right - left > 30 && bottom - top > 150);
}

static void paste(struct picture *to, const struct stage *s)
{
    const float w = s->scale * (float)(right - left), h = s->scale * (float)(bottom - top);
    for (int y = 0; y < (int)h; y++)
        for (int x = 0; x < (int)w; x++) {
            int px = (int)(s->x - 0.5f * w) + x, py = (int)(s->y - h) + y;
            int fx = left + (int)((float)x / s->scale), fy = top + (int)((float)y / s->scale);
            if (px >= 0 && py >= 0 && px < W && py < H && mask[fy][fx])
                memcpy(to->px[py][px], person.px[fy][fx], 3);
        }
}

static void act(struct picture *to, const struct stage *s)
{
    if (s->board)
        for (int y = 40; y < 440; y++)
            for (int x = 230; x < 410; x++)
                memcpy(to->px[y][x], (uint8_t[]){ 90, 110, 120 }, 3);
    if (s->scale > 0)
        paste(to, s);
}

static void note(struct run *r, const struct pl_moment *m)
{
    const struct pl_point *a = &m->keypoints.raw.px[PL_LM_LEFT_HIP], *b = &m->keypoints.raw.px[PL_LM_RIGHT_HIP];
    r->f[r->n++] = (struct seen){ m->pose.person, m->keypoints.waiting, m->keypoints.person, m->keypoints.n_others,
                                  m->progress.n_reps, { (a->x_px + b->x_px) / 2, (a->y_px + b->y_px) / 2 },
                                  pl_s_from_ns(m->t_ns), m->keypoints.other[0] };
    if (m->say.sentence != PL_SAY_NOTHING && r->n_said < 64)
        r->said[r->n_said++] = m->say.sentence;
}

static void play(struct run *r, const char *name, scene_fn *plan, double seconds)
{
    struct pl_session_options o = { .exercise = { .side = PL_SIDE_UNKNOWN }, .limits = pl_limits_default(),
                                    .tracker = { .models_dir = models_dir(), .model = PL_MODEL_LITE, .cpu = pl_cpu_detect(),
                                                 .threads = 1 } };
    static struct picture p;
    struct pl_camera *c = open_clip(exerciser);
    struct pl_video_writer *video = NULL;
    struct pl_session *session;
    struct pl_moment m;
    struct pl_frame f;
    struct pl_err err;
    char path[300];

    *r = (struct run){ .n = 0 };
    if (!pl_session_open(&session, &o, &err))
        fail_msg("%s", err.text);
    snprintf(path, sizeof path, "%s/%s.mp4", getenv("PL_SCENES") ? getenv("PL_SCENES") : "", name);
    if (getenv("PL_SCENES") && !pl_video_writer_open(&video, path, W, H, 20, &err))
        fail_msg("%s", err.text);
    while (r->n < MOST && pl_camera_next(c, 0, &f, &err) == PL_NEXT_FRAME && pl_s_from_ns(f.t_ns) < seconds) {
        struct stage s = plan(pl_s_from_ns(f.t_ns));
        take(&p, &f);
        act(&p, &s);
        f.data = p.px[0][0];
        f.stride = sizeof p.px[0];
        f.pixels = PL_PIXELS_BGR24;
        if (video && !pl_video_writer_put(video, &f, &err))
            fail_msg("%s", err.text);
        pl_session_step(session, &f, NULL, &m);
        note(r, &m);
    }
    if (video && !pl_video_writer_close(video, &err))
        fail_msg("%s", err.text);
    pl_session_close(session);
    pl_camera_close(c);
    if (getenv("PL_SCENES"))
        for (int i = 0; i < r->n; i++) {
            const struct seen *s = &r->f[i];
            printf("%s %.2f %s%s person %d others %d reps %d hips %.0f %.0f (alone %.0f %.0f)\n", name, s->t_s,
                   s->present ? "seen" : "-", s->waiting ? " waiting" : "", s->person, s->n_others, s->n_reps, (double)s->hips.x,
                   (double)s->hips.y, (double)alone.f[i].hips.x, (double)alone.f[i].hips.y);
        }
}

static struct stage nobody_else(double t_s)
{
    (void)t_s;
    return (struct stage){ 0 };
}

static struct stage joins_at_the_side(double t_s)
{
    return (struct stage){ .scale = t_s > 4 ? 1.0f : 0, .x = fmaxf(530, (float)(700 - 120 * (t_s - 4))), .y = 420 };
}

/* At 1.2 m/s before the exerciser, who is 300 pixels tall; a third larger. */
static struct stage passes_in_front(double t_s)
{
    return (struct stage){ .scale = t_s > 6 && t_s < 9 ? 1.4f : 0, .x = (float)(760 - 320 * (t_s - 6)), .y = 470 };
}

static struct stage hidden_beside_a_larger_one(double t_s)
{
    return (struct stage){ .scale = t_s > 3 ? 1.4f : 0, .x = 540, .y = 470,
                           .board = (t_s > 6.1 && t_s < 6.6) || (t_s > 10.5 && t_s < 11) };
}

static struct stage leaves_the_other(double t_s)
{
    return (struct stage){ .scale = t_s > 3 ? 1.0f : 0, .x = 530, .y = 420, .board = t_s > 6 };
}

/* Frames in which somebody was measured who was not where the exerciser is. */
static int n_others_measured(const struct run *r)
{
    int n = 0;
    for (int i = 0; i < r->n; i++)
        n += r->f[i].present && alone.f[i].present &&
             !(hypotf(r->f[i].hips.x - alone.f[i].hips.x, r->f[i].hips.y - alone.f[i].hips.y) < 40);
    return n;
}

static int n_measured(const struct run *r)
{
    int n = 0;
    for (int i = 0; i < r->n; i++)
        n += r->f[i].present;
    return n;
}

static void check_one_person(const struct run *r)
{
    for (int i = 0; i < r->n; i++)
        assert_int_equal(r->f[i].person, 1);
}

static int n_said(const struct run *r, enum pl_sentence what)
{
    int n = 0;
    for (int i = 0; i < r->n_said; i++)
        n += r->said[i] == what;
    return n;
}

static void need_models(void)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/pose_landmark_lite.tflite", models_dir());
    if (!access(path, R_OK))
        return;
    print_message("skipped: needs the pose networks in %s (make models)\n", models_dir());
    skip();
}

static void one_alone(void **state)
{
    (void)state;
    need_models();
    play(&alone, "alone", nobody_else, 15);
    check_one_person(&alone);
    assert_true(alone.n > 200 && alone.f[alone.n - 1].n_reps >= 2);
    assert_true(n_measured(&alone) > alone.n - 5);
    for (int i = 0; i < alone.n; i++)
        assert_int_equal(alone.f[i].n_others, 0);
}

static void one_who_joins_is_seen_and_ignored(void **state)
{
    (void)state;
    need_models();
    play(&scene, "joins", joins_at_the_side, 15);
    check_one_person(&scene);
    assert_int_equal(n_said(&scene, PL_SAY_FOLLOWING), 1);
    assert_int_equal(n_said(&alone, PL_SAY_FOLLOWING), 0);
    assert_int_equal(n_others_measured(&scene), 0);
    assert_true(n_measured(&scene) >= n_measured(&alone) - 1);
    assert_int_equal(scene.f[scene.n - 1].n_reps, alone.f[alone.n - 1].n_reps);
    for (int i = 0; i < scene.n; i++)
        if (scene.f[i].t_s > 8) { /* where they stand, the hips half way up */
            assert_int_equal(scene.f[i].n_others, 1);
            assert_true(fabsf(scene.f[i].other.cx_px - 455) < 50 && scene.f[i].other.cy_px > 200 && scene.f[i].other.cy_px < 380);
        }
}

static void one_who_passes_in_front_takes_nothing_along(void **state)
{
    (void)state;
    need_models();
    play(&scene, "passes", passes_in_front, 15);
    check_one_person(&scene);
    assert_true(n_others_measured(&scene) <= 2);
    assert_int_equal(scene.f[scene.n - 1].n_reps, alone.f[alone.n - 1].n_reps);
    assert_true(n_measured(&scene) > alone.n - 30);
}

static void hidden_for_half_a_second_the_same_one_comes_back(void **state)
{
    (void)state;
    need_models();
    play(&scene, "hidden", hidden_beside_a_larger_one, 15);
    check_one_person(&scene);
    assert_int_equal(n_others_measured(&scene), 0);
    /* hidden while they stood; and in the middle of a repetition, which is then none */
    assert_int_equal(scene.f[scene.n - 1].n_reps, alone.f[alone.n - 1].n_reps - 1);
    for (int i = 0; i < scene.n; i++) {
        const struct seen *s = &scene.f[i];
        assert_true(s->present || (s->t_s > 6 && s->t_s < 7) || (s->t_s > 10.4 && s->t_s < 11.4));
    }
}

static void who_stays_is_taken_after_a_while_and_as_another_person(void **state)
{
    double waits_s = 0, taken_s = 0;
    (void)state;
    need_models();
    play(&scene, "leaves", leaves_the_other, 15);
    for (int i = 1; i < scene.n; i++) {
        const struct seen *s = &scene.f[i];
        if (s->waiting)
            waits_s += s->t_s - scene.f[i - 1].t_s;
        if (s->person == 2 && taken_s == 0)
            taken_s = s->t_s;
        assert_true(!s->present || s->person == 2 || s->t_s < 6.6);
    }
    assert_true(taken_s > 8.5 && taken_s < 11);
    assert_true(waits_s > 2);
    assert_int_equal(n_said(&scene, PL_SAY_FOLLOWING), 2); /* told of the first, and that it is another one now */
    assert_true(scene.f[scene.n - 1].present && fabsf(scene.f[scene.n - 1].hips.x - 475) < 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_alone),
        cmocka_unit_test(one_who_joins_is_seen_and_ignored),
        cmocka_unit_test(one_who_passes_in_front_takes_nothing_along),
        cmocka_unit_test(hidden_for_half_a_second_the_same_one_comes_back),
        cmocka_unit_test(who_stays_is_taken_after_a_while_and_as_another_person),
    };
    const struct CMUnitTest quick[] = {
        cmocka_unit_test(one_alone),
        cmocka_unit_test(one_who_passes_in_front_takes_nothing_along),
    };
    const char *q = getenv("PL_QUICK");

    if (q && *q && strcmp(q, "0")) { /* sanitizers: 10 to 100 times slower; this one has both people and a meeting */
        print_message("skipped: PL_QUICK: all but the meeting\n");
        return cmocka_run_group_tests_name("session/people", quick, cut_out, NULL);
    }
    return cmocka_run_group_tests_name("session/people", tests, cut_out, NULL);
}
