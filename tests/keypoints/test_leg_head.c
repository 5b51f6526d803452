/* The head on the landmark network's features: its file, its arithmetic, and whether it knows left from right. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/keypoints/internal.h"
#include "../support/media.h"
#include "plumbline/cpu.h"
#include "plumbline/video.h"

enum { N = PL_LEG_SAMPLES * PL_LEG_CHANNELS, CELLS = 16 };
static const uint32_t full_crc32 = 0xfecd3a27;

static char folder[MEDIA_PATH], head_file[MEDIA_PATH + 32];
static uint8_t *shipped;
static size_t shipped_size;

static const char *models_dir(void)
{
    const char *dir = getenv("PL_MODELS");
    return dir && *dir ? dir : "models";
}

static int start(void **state)
{
    char path[1024];
    (void)state;
    media_folder(folder);
    snprintf(head_file, sizeof head_file, "%s/leg_head_full.bin", folder);
    shipped = media_read(&shipped_size, "models/leg_head_full.bin");
    snprintf(path, sizeof path, "%s/pose_landmark_full.tflite", models_dir());
    if (!access(path, R_OK))
        for (int i = 0; i < 2; i++) {
            static const char *const names[] = { "pose_landmark_full.tflite", "pose_detection.tflite" };
            char from[1024], to[MEDIA_PATH + 32], *real;
            snprintf(from, sizeof from, "%s/%s", models_dir(), names[i]);
            snprintf(to, sizeof to, "%s/%s", folder, names[i]);
            real = realpath(from, NULL);
            assert_true(real && !symlink(real, to));
            free(real);
        }
    return 0;
}

static int end(void **state)
{
    (void)state;
    free(shipped);
    media_remove(folder);
    return 0;
}

static void near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.9g is not %.9g", a, b);
}

static struct pl_leg_head *open_shipped(void)
{
    struct pl_leg_head *head = NULL;
    struct pl_err err = { 0 };

    media_write(head_file, shipped, shipped_size);
    if (!pl_leg_head_open(&head, folder, PL_MODEL_FULL, full_crc32, &err))
        fail_msg("%s", err.text);
    assert_non_null(head);
    return head;
}

/* The same made-up features and landmarks in PyTorch: models/leg_head/train.py - expect models/leg_head_full.bin
 * Pixels of the crop, x and y of each joint; the yaw and the tilt last. */
static void test_same_as_where_it_was_trained(void **state)
{
    static const double expected[3][2 * PL_N_LEG_POINTS + 2] = {
        { -4.09199, 2.88314, 3.16435, 10.19717, -4.69444, 7.17506, 9.80409, -2.12578, 3.87113, 20.56561, -3.10310, 20.18340,
          8.84429, 20.03832, 1.65946, 25.44781, -10.27386, 1.22839, -5.32572, 2.10084, 1.28122, -11.77106 },
        { -9.51965, -3.00481, -16.54806, -11.36710, -3.26483, -2.56059, 10.45267, -0.07055, 5.63074, 18.75043, -5.44070,
          32.25960, 8.48225, 15.28989, 4.27319, 32.19676, -0.93884, 3.85644, 3.42672, 20.37821, -24.32832, -11.65180 },
        { 15.91365, -5.93550, -18.36749, 5.41925, -2.41209, 3.09077, 6.95731, -7.12446, 11.59988, 25.63287, -4.56099, 10.24290,
          20.35243, 25.28007, -21.10668, 19.22980, 1.53469, 10.76075, -11.40552, -5.97592, 20.98177, -11.05726 },
    };
    static float samples[N];
    struct pl_leg_head *head = open_shipped();
    (void)state;
    for (int k = 0; k < 3; k++) {
        struct pl_crop_point points[PL_N_NET_POINTS] = { { 0 } };
        struct pl_vec2 shift[PL_N_LEG_POINTS];
        for (int i = 0; i < N; i++)
            samples[i] = (float)((i * (7 + 4 * k)) % 31 - 15) / 8.0f;
        for (int i = 0; i < 2 + PL_N_LEG_POINTS; i++) {
            float v[4];
            for (int c = 0; c < 4; c++)
                v[c] = (float)(((4 * i + c) * (3 + 2 * k)) % 17) / 16.0f;
            points[i < 2 ? PL_LM_LEFT_SHOULDER + i : PL_LM_LEFT_HIP + i - 2] = (struct pl_crop_point){ v[0], v[1], v[2], v[3] };
        }
        pl_leg_head_joints(shift, head, samples, points);
        for (int i = 0; i < PL_N_LEG_POINTS; i++) {
            near(256.0 * (double)shift[i].x, expected[k][2 * i], 5e-4);
            near(256.0 * (double)shift[i].y, expected[k][2 * i + 1], 5e-4);
        }
        near(pl_leg_head_yaw_deg(head, samples, points), expected[k][2 * PL_N_LEG_POINTS], 5e-4);
        near(pl_leg_head_tilt_deg(head, samples), expected[k][2 * PL_N_LEG_POINTS + 1], 2e-4);
    }
    pl_leg_head_close(head);
}

/* In pixels of the frame, turned as the crop is; a step is followed with a time constant of 0.1 s. */
static void test_how_a_shift_is_followed(void **state)
{
    const struct pl_region region = { 300, 200, 400, (float)(PL_PI / 2) };
    struct pl_vec2 by[PL_N_LEG_POINTS] = { [1] = { 0.01f, 0.0f }, [9] = { 0.0f, -0.02f } };
    struct pl_leg_shift shift = { .known = false };
    (void)state;
    pl_leg_shift_follow(&shift, 1000, by, &region);
    assert_true(shift.known);
    near((double)shift.px[1].x, 0, 1e-4), near((double)shift.px[1].y, 4, 1e-4); /* a quarter turn clockwise */
    near((double)shift.px[9].x, 8, 1e-4), near((double)shift.px[9].y, 0, 1e-4);
    by[1].x = 0.02f;
    pl_leg_shift_follow(&shift, 1000 + 100000000, by, &region);
    near((double)shift.px[1].y, 4 + 4 * (1 - exp(-1.0)), 1e-4);
    pl_leg_shift_follow(&shift, 5, by, &region); /* time goes back: another recording */
    near((double)shift.px[1].y, 8, 1e-4);
}

/* A map whose channels are column, row and the constant 1. */
static void test_samples_lie_where_they_should(void **state)
{
    static float map[CELLS * CELLS * PL_LEG_CHANNELS], samples[N];
    struct pl_crop_point points[PL_N_NET_POINTS] = { { 0 } };
    (void)state;
    for (int i = 0; i < CELLS * CELLS; i++) {
        float *f = map + i * PL_LEG_CHANNELS;
        f[0] = (float)(i % CELLS), f[1] = (float)(i / CELLS), f[PL_LEG_CHANNELS - 1] = 1.0f;
    }
    points[PL_LM_LEFT_HIP] = (struct pl_crop_point){ 140 / 256.0f, 100 / 256.0f, 0, 0 };
    points[PL_LM_RIGHT_HIP] = (struct pl_crop_point){ 116 / 256.0f, 108 / 256.0f, 0, 0 };
    points[PL_LM_RIGHT_KNEE] = (struct pl_crop_point){ 90 / 256.0f, 2.0f, 0, 0 }; /* below the crop */
    points[PL_LM_LEFT_ANKLE] = (struct pl_crop_point){ NAN, INFINITY, 0, 0 };
    pl_leg_head_sample(samples, map, points);

    const float *first = samples, *middle = samples + 24 * PL_LEG_CHANNELS, *next = samples + 25 * PL_LEG_CHANNELS;
    near(middle[0], 128 / 16.0 - 0.5, 1e-5), near(middle[1], 104 / 16.0 - 0.5, 1e-5), near(middle[87], 1, 1e-6);
    near(first[0], middle[0] - 3 * 0.5, 1e-5), near(first[1], middle[1] - 3 * 0.5, 1e-5);
    near(next[0], middle[0] + 0.5, 1e-5), near(next[1], middle[1], 1e-5);
    const float *left_hip = samples + (49 + 4) * PL_LEG_CHANNELS, *above = samples + (49 + 1) * PL_LEG_CHANNELS;
    near(left_hip[0], 140 / 16.0 - 0.5, 1e-5), near(above[1], left_hip[1] - 12 / 16.0, 1e-5);
    const float *right_knee = samples + (49 + 3 * 9 + 4) * PL_LEG_CHANNELS, *left_ankle = right_knee + 9 * PL_LEG_CHANNELS;
    near(right_knee[0], 90 / 16.0 - 0.5, 1e-5), near(right_knee[1], CELLS - 1, 1e-5);
    near(left_ankle[0], 0, 0), near(left_ankle[1], CELLS - 1, 1e-5);
}

static void refuse(const uint8_t *data, size_t size, uint32_t network_crc32, const char *why)
{
    struct pl_leg_head *head = NULL;
    struct pl_err err = { 0 };

    media_write(head_file, data, size);
    assert_false(pl_leg_head_open(&head, folder, PL_MODEL_FULL, network_crc32, &err));
    assert_null(head);
    assert_int_equal(err.code, PL_E_FORMAT);
    if (!strstr(err.text, why) || !strstr(err.text, head_file))
        fail_msg("\"%s\" does not say \"%s\" of %s", err.text, why, head_file);
}

static void test_bad_files(void **state)
{
    uint8_t *data = malloc(shipped_size + 1);
    (void)state;
    assert_non_null(data);
    memcpy(data, shipped, shipped_size);
    data[shipped_size] = 0;
    refuse(data, shipped_size, 1, "another release of the pose network");
    refuse(data, shipped_size + 1, full_crc32, "cannot be a leg head");
    refuse(data, shipped_size - 1, full_crc32, "cannot be a leg head");
    refuse(data, 0, full_crc32, "cannot be a leg head");
    for (size_t at = 36; at < shipped_size; at += 9973) { /* any one byte of the weights */
        data[at] ^= 4;
        refuse(data, shipped_size, full_crc32, "damaged");
        data[at] ^= 4;
    }
    data[8] = 3;
    refuse(data, shipped_size, full_crc32, "another version");
    data[8] = 4;
    data[0] ^= 1;
    refuse(data, shipped_size, full_crc32, "not a leg head");
    free(data);
}

static void test_no_file_is_no_head(void **state)
{
    struct pl_leg_head *head = NULL;
    struct pl_err err = { 0 };
    (void)state;
    unlink(head_file);
    assert_true(pl_leg_head_open(&head, folder, PL_MODEL_FULL, full_crc32, &err));
    assert_null(head);
    pl_leg_head_close(NULL);
}

/* Looks at 30 frames a second: every eighth frame (a quarter of a second), and at 5 frames a second every third. */
static void test_when_to_look_at_the_mirror_image(void **state)
{
    static const struct { int64_t frame_ns; int every; } rates[] = { { 33333333, 8 }, { 66666667, 4 }, { 200000000, 3 } };
    const struct pl_leg_answer picture = { .tilt_deg = 5.0f }, mirror = { .tilt_deg = -2.0f };
    (void)state;
    for (int r = 0; r < 3; r++) {
        struct pl_mirror_bias bias = { 0 };
        for (int k = 0; k < 40; k++) {
            int64_t t_ns = k * rates[r].frame_ns;
            bool wanted = pl_mirror_bias_wanted(&bias, t_ns, true);
            assert_true(wanted == (k % rates[r].every == 0));
            if (wanted)
                pl_mirror_bias_update(&bias, t_ns, &picture, &mirror);
            near((double)bias.by.tilt_deg, -1.5, 1e-6);
        }
        assert_true(pl_mirror_bias_wanted(&bias, 0, true)); /* time goes back: another recording */
        assert_false(bias.known);
    }
}

/* A step of the error is followed with a time constant of 0.1 s. */
static void test_how_the_mirror_image_counts(void **state)
{
    const struct pl_leg_answer picture = { .tilt_deg = 4.0f };
    struct pl_leg_answer mirror = { .tilt_deg = -4.0f };
    struct pl_mirror_bias bias = { 0 };
    (void)state;
    assert_true(pl_mirror_bias_wanted(&bias, 7, true));
    pl_mirror_bias_update(&bias, 7, &picture, &mirror);
    near((double)bias.by.tilt_deg, 0, 0);
    mirror.tilt_deg = -2.0f;
    pl_mirror_bias_update(&bias, 7 + 200000000, &picture, &mirror);
    near((double)bias.by.tilt_deg, exp(-2.0) - 1, 1e-6);
    pl_mirror_bias_update(&bias, 7 + 400000000, &picture, NULL); /* nobody seen there: as it was, and asked for again later */
    near((double)bias.by.tilt_deg, exp(-2.0) - 1, 1e-6);
    assert_false(pl_mirror_bias_wanted(&bias, 7 + 410000000, true));
}

/* Seen from the side there is no tilt; the first frame that has one looks for its bias at once. */
static void test_the_tilt_of_who_turns_to_the_camera(void **state)
{
    const struct pl_leg_answer side = { .tilt_deg = NAN, .yaw_deg = NAN }, picture = { .tilt_deg = 3.0f, .yaw_deg = 4.0f },
                               mirror = { .tilt_deg = 1.0f, .yaw_deg = 2.0f };
    struct pl_mirror_bias bias = { 0 };
    (void)state;
    assert_true(pl_mirror_bias_wanted(&bias, 0, false));
    pl_mirror_bias_update(&bias, 0, &side, &side);
    assert_true(isnan(bias.by.tilt_deg) && isnan(bias.by.yaw_deg));
    assert_false(pl_mirror_bias_wanted(&bias, 33333333, false));
    assert_true(pl_mirror_bias_wanted(&bias, 66666667, true));
    pl_mirror_bias_update(&bias, 66666667, &picture, &mirror);
    near((double)bias.by.tilt_deg, -2, 1e-6);
    near((double)bias.by.yaw_deg, -3, 1e-6);
    bias = (struct pl_mirror_bias){ 0 };
    pl_mirror_bias_update(&bias, 0, &picture, NULL); /* nobody seen there: the picture alone */
    near((double)bias.by.tilt_deg, 0, 0);
    near((double)bias.by.yaw_deg, 0, 0);
}

/* Each joint goes half of the way to where the mirror image has it, left being right there; a leg of which it has a joint far
 * off is left alone. */
static void test_how_the_mirror_images_joints_count(void **state)
{
    struct pl_leg_answer picture = { .tilt_deg = NAN }, mirror = { .tilt_deg = NAN };
    struct pl_mirror_bias bias = { 0 };
    (void)state;
    for (int i = 0; i < PL_N_LEG_POINTS; i++) {
        picture.joint[i] = (struct pl_vec2){ 0.3f + 0.05f * (float)i, 0.1f * (float)i };
        mirror.joint[i ^ 1] = (struct pl_vec2){ 1.0f - picture.joint[i].x - 0.02f, picture.joint[i].y + 0.01f };
    }
    pl_mirror_bias_update(&bias, 0, &picture, &mirror);
    for (int i = 0; i < PL_N_LEG_POINTS; i++) {
        near((double)bias.by.joint[i].x, 0.01, 1e-6);
        near((double)bias.by.joint[i].y, 0.005, 1e-6);
    }
    mirror.joint[3].x -= 0.1f; /* its right knee is the person's left one */
    mirror.joint[2].y += 0.01f;
    pl_mirror_bias_update(&bias, 1000000000, &picture, &mirror);
    near((double)bias.by.joint[2].x, 0.01, 1e-6);
    near((double)bias.by.joint[4].x, 0.01, 1e-6);
    near((double)bias.by.joint[3].y, 0.01, 1e-5);
    pl_mirror_bias_update(&bias, 2000000000, &picture, NULL);
    near((double)bias.by.joint[3].y, 0.01, 1e-5);
}

/* ---- on pictures ---- */

static struct pl_tracker *open_tracker(const char *dir, int threads)
{
    struct pl_tracker_options options = { .models_dir = dir, .model = PL_MODEL_FULL, .cpu = pl_cpu_detect(),
                                          .threads = threads, .roi_only = true };
    struct pl_tracker *tracker = NULL;
    struct pl_err err = { 0 };

    if (!pl_keypoints_open(&tracker, &options, &err))
        fail_msg("%s", err.text);
    return tracker;
}

static void mirror(uint8_t *out, const struct pl_frame *f)
{
    for (int y = 0; y < f->height_px; y++)
        for (int x = 0; x < f->width_px; x++)
            memcpy(out + 3 * ((size_t)y * (size_t)f->width_px + (size_t)(f->width_px - 1 - x)),
                   f->data + (size_t)y * f->stride + 3 * (size_t)x, 3);
}

static bool have_networks(void)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/pose_landmark_full.tflite", models_dir());
    if (!access(path, R_OK))
        return true;
    print_message("skipped: needs the pose networks in %s (make models)\n", models_dir());
    return false;
}

/* The frame of a sample at this time, and its region, by following the person up to it. */
static uint8_t *sample_frame(const char *path, int64_t t_ns, struct pl_frame *frame, struct pl_keypoints *seen)
{
    struct pl_tracker_options options = { .models_dir = models_dir(), .model = PL_MODEL_FULL, .cpu = pl_cpu_detect(),
                                          .threads = 1 };
    struct pl_tracker *tracker = NULL;
    struct pl_video *video = NULL;
    struct pl_err err = { 0 };
    uint8_t *copy = NULL;

    if (!pl_keypoints_open(&tracker, &options, &err) || !pl_video_open(&video, path, &err) || !pl_video_seek(video, t_ns, &err))
        fail_msg("%s", err.text);
    for (int k = 0; k < 4; k++) { /* the detector's region, then the landmarks' own */
        assert_int_equal(pl_video_next(video, frame, &err), PL_NEXT_FRAME);
        pl_keypoints_step(tracker, frame, seen);
        assert_true(seen->present);
    }
    size_t size = frame->stride * (size_t)frame->height_px;
    copy = malloc(size);
    assert_non_null(copy);
    memcpy(copy, frame->data, size);
    frame->data = copy;
    pl_video_close(video);
    pl_keypoints_close(tracker);
    return copy;
}

static struct pl_keypoints look_in(struct pl_tracker *tracker, const struct pl_frame *frame, const struct pl_region *region)
{
    struct pl_keypoints k;
    pl_keypoints_reset(tracker);
    pl_keypoints_step_in(tracker, frame, region, &k);
    assert_true(k.present && k.leg.known);
    return k;
}

static double tilt_in(struct pl_tracker *tracker, const struct pl_frame *frame, const struct pl_region *region)
{
    return (double)look_in(tracker, frame, region).pelvis_head_deg;
}

/* Standing on the left leg, right hip dropped by 8 degrees (models/leg_head.md says how near it comes). */
static void test_picture_and_mirror_image(void **state)
{
    struct pl_frame frame, mirrored;
    struct pl_keypoints seen;
    (void)state;
    if (!have_networks())
        skip();
    media_write(head_file, shipped, shipped_size);
    uint8_t *pixels = sample_frame("samples/sls_front_drop_L.mp4", 4000000000, &frame, &seen), *other = calloc(1, 3 * 1280 * 720);
    struct pl_tracker *with = open_tracker(folder, 1), *with2 = open_tracker(folder, 2);

    double tilt = tilt_in(with, &frame, &seen.region);
    mirrored = frame;
    mirrored.data = other, mirrored.stride = 3 * (size_t)frame.width_px;
    mirror(other, &frame);
    struct pl_region region = seen.region;
    region.cx_px = (float)frame.width_px - region.cx_px;
    region.rotation_rad = -region.rotation_rad;
    const struct pl_keypoints here = look_in(with, &frame, &seen.region), there = look_in(with, &mirrored, &region);
    double back = (double)there.pelvis_head_deg, landmarks_apart = 0;
    print_message("tilt %.2f, of the mirror image %.2f\n", tilt, back);
    near(tilt, -back, 0.1); /* each is half the difference of the same two looks, but for the crop's rounding */
    near((double)here.yaw_head_deg, -(double)there.yaw_head_deg, 0.1);
    assert_true(fabsf(here.yaw_head_deg) < 5.0f);
    assert_true(tilt > 3.0 && back < -3.0);
    for (int i = 0; i < PL_N_LEG_POINTS; i++) { /* joints are half-way between the two; the landmarks stay what they are */
        const struct pl_vec2 a = here.leg.px[i], b = there.leg.px[i ^ 1];
        const struct pl_point *p = &here.raw.px[PL_LM_LEFT_HIP + i], *q = &there.raw.px[PL_LM_LEFT_HIP + (i ^ 1)];
        const double edge = (double)frame.width_px;
        landmarks_apart = fmax(landmarks_apart, fabs(edge - (double)(p->x_px + q->x_px)));
        near((double)(p->x_px + a.x), edge - (double)(q->x_px + b.x), 0.2);
        near((double)(p->y_px + a.y), (double)(q->y_px + b.y), 0.2);
    }
    print_message("landmarks and those of the mirror image: up to %.1f px apart\n", landmarks_apart);
    assert_true(landmarks_apart > 1.0);
    assert_true(tilt == tilt_in(with2, &frame, &seen.region)); /* the same bits on two threads */

    /* turning the region by 10 degrees turns the crop, not the picture */
    region = seen.region;
    region.rotation_rad += 0.1745f;
    near(tilt_in(with, &frame, &region), tilt, 4.0);

    pl_keypoints_close(with);
    pl_keypoints_close(with2);
    free(pixels);
    free(other);
}

/* Nothing else changes: the same landmarks, bit for bit; no joints, and NAN instead of the tilt. */
static void test_without_the_file(void **state)
{
    struct pl_frame frame;
    struct pl_keypoints seen, a, b;
    (void)state;
    if (!have_networks())
        skip();
    uint8_t *pixels = sample_frame("samples/sls_front_drop_L.mp4", 2000000000, &frame, &seen);
    media_write(head_file, shipped, shipped_size);
    struct pl_tracker *with = open_tracker(folder, 1);
    unlink(head_file);
    struct pl_tracker *without = open_tracker(folder, 1);

    pl_keypoints_step_in(with, &frame, &seen.region, &a);
    pl_keypoints_step_in(without, &frame, &seen.region, &b);
    assert_true(a.present && b.present);
    assert_true(isfinite(a.pelvis_head_deg) && isnan(b.pelvis_head_deg) && isfinite(a.yaw_head_deg) && isnan(b.yaw_head_deg));
    assert_true(a.leg.known && !b.leg.known);
    assert_memory_equal(&a.raw, &b.raw, sizeof a.raw);
    assert_memory_equal(&a.smooth, &b.smooth, sizeof a.smooth);
    pl_keypoints_close(with);
    pl_keypoints_close(without);
    free(pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_as_where_it_was_trained),
        cmocka_unit_test(test_how_a_shift_is_followed),
        cmocka_unit_test(test_samples_lie_where_they_should),
        cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_no_file_is_no_head),
        cmocka_unit_test(test_when_to_look_at_the_mirror_image),
        cmocka_unit_test(test_how_the_mirror_image_counts),
        cmocka_unit_test(test_the_tilt_of_who_turns_to_the_camera),
        cmocka_unit_test(test_how_the_mirror_images_joints_count),
        cmocka_unit_test(test_picture_and_mirror_image),
        cmocka_unit_test(test_without_the_file),
    };
    return cmocka_run_group_tests_name("pelvis_head", tests, start, end);
}
