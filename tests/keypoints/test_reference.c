/* Landmarks of real clips against MediaPipe's own (../shared/reference/mediapipe: its web build, smoothing on).
 *
 * "given": each frame's region is MediaPipe's, so that crop, network, refinement, projection and smoothing are compared
 * without the feedback of tracking. "tracked": detector and tracking run as they do in use.
 * The first 40 frames of each clip (8 with plain C kernels); with PL_LONG=1 all that the reference has. PL_CPU=c and
 * the like choose the kernels. */
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

#include <cjson/cJSON.h>

#include "plumbline/cpu.h"
#include "plumbline/keypoints.h"

struct run {
    const char *clip, *reference;   /* under $PL_SHARED, and in its reference/mediapipe */
    enum pl_model_kind model;
    bool given;                     /* else tracked */
    double max_p50_px, max_p99_px, max_p50_m, max_p99_m;
};

struct errors { double *px, *z, *m, *visibility; int n, room; }; /* z: px too; m: the worst of three axes */

static const char *setting(const char *variable, const char *otherwise)
{
    const char *value = getenv(variable);
    return value && *value ? value : otherwise;
}

static unsigned cpu_level(void)
{
    unsigned cpu = 0;
    struct pl_err err = { 0 };
    if (!pl_cpu_from_name(&cpu, setting("PL_CPU", "auto"), &err))
        fail_msg("%s", err.text);
    return cpu;
}

static bool is_readable(const char *dir, const char *name, char path[1024])
{
    snprintf(path, 1024, "%s/%s", dir, name);
    return !access(path, R_OK);
}

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    long size = ftell(f);
    char *text = malloc((size_t)size + 1);
    assert_non_null(text);
    rewind(f);
    assert_int_equal(fread(text, 1, (size_t)size, f), size);
    text[size] = 0;
    fclose(f);
    return text;
}

static double number(const cJSON *object, const char *key)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, key);
    assert_true(cJSON_IsNumber(v));
    return v->valuedouble;
}

static double element(const cJSON *array, int i)
{
    const cJSON *v = cJSON_GetArrayItem(array, i);
    assert_true(cJSON_IsNumber(v));
    return v->valuedouble;
}

static void add_errors(struct errors *e, const struct pl_keypoints *k, const cJSON *frame)
{
    const cJSON *point, *world = cJSON_GetObjectItemCaseSensitive(frame, "world");
    int i = 0;
    cJSON_ArrayForEach(point, cJSON_GetObjectItemCaseSensitive(frame, "landmarks")) {
        const cJSON *metres = cJSON_GetArrayItem(world, i);
        const struct pl_point *p = &k->smooth.px[i];
        const struct pl_vec3 *m = &k->smooth.m[i];
        assert_true(e->n < e->room);
        e->px[e->n] = hypot(p->x_px - element(point, 0) * k->width_px, p->y_px - element(point, 1) * k->height_px);
        e->z[e->n] = fabs(p->z_px - element(point, 2) * k->width_px);
        e->visibility[e->n] = fabs(p->visibility_p - element(point, 3));
        e->m[e->n++] = fmax(fmax(fabs(m->x - element(metres, 0)), fabs(m->y - element(metres, 1))),
                            fabs(m->z - element(metres, 2)));
        i++;
    }
    assert_int_equal(i, PL_N_LANDMARKS);
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* value[floor(share * (n-1))] of the sorted values */
static double percentile(double *values, int n, double share)
{
    qsort(values, (size_t)n, sizeof *values, rising);
    return values[(int)(share * (n - 1))];
}

static void judge(const struct run *run, struct errors *e)
{
    double p50 = percentile(e->px, e->n, 0.5), p99 = percentile(e->px, e->n, 0.99);
    double m50 = percentile(e->m, e->n, 0.5), m99 = percentile(e->m, e->n, 0.99);
    double z50 = percentile(e->z, e->n, 0.5), v99 = percentile(e->visibility, e->n, 0.99);
    print_message("%s, %s, %s, region %s, %d frames:\n  xy median %.5f p99 %.5f max %.3f px, z median %.5f px, "
                  "world median %.4f p99 %.4f max %.3f mm, visibility p99 %.5f\n", run->clip,
                  pl_model_kind_name(run->model), pl_cpu_name(cpu_level()), run->given ? "given" : "tracked",
                  e->n / PL_N_LANDMARKS, p50, p99, e->px[e->n - 1], z50, 1e3 * m50, 1e3 * m99, 1e3 * e->m[e->n - 1],
                  v99);
    assert_true(p50 <= run->max_p50_px);
    assert_true(p99 <= run->max_p99_px);
    assert_true(m50 <= run->max_p50_m);
    assert_true(m99 <= run->max_p99_m);
    assert_true(z50 <= 0.1); /* z is the network's weakest number; its tolerance is five times that of x and y */
    assert_true(v99 <= 0.001 || !run->given);
}

/* One frame of the clip through the tracker; its errors, if MediaPipe saw somebody. */
static void compare_frame(struct pl_tracker *tracker, const struct run *run, const struct pl_regions *regions,
                          const struct pl_frame *frame, const cJSON *expected, struct errors *e)
{
    struct pl_keypoints k;
    struct pl_region region = { NAN, NAN, NAN, NAN };

    if (run->given) {
        pl_regions_get(regions, frame->index, frame->width_px, frame->height_px, &region);
        pl_keypoints_step_in(tracker, frame, &region, &k);
    } else {
        pl_keypoints_step(tracker, frame, &k);
        assert_int_equal(k.detected, cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(expected, "roi_det")));
    }
    assert_true(k.t_ns == frame->t_ns);
    assert_int_equal(k.present, cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(expected, "landmarks")));
    if (k.present)
        add_errors(e, &k, expected);
}

static int frames_to_compare(int available)
{
    int few = cpu_level() == PL_CPU_C ? 8 : 40;
    return getenv("PL_LONG") || available < few ? available : few;
}

static void compare(const struct run *run)
{
    char clip[1024], reference[1024], model[1024], name[256], command[2048];
    const char *models = setting("PL_MODELS", "models"), *shared = setting("PL_SHARED", "../shared");

    snprintf(name, sizeof name, "reference/mediapipe/%s", run->reference);
    bool have = is_readable(shared, run->clip, clip) && is_readable(shared, name, reference);
    snprintf(name, sizeof name, "pose_landmark_%s.tflite", pl_model_kind_name(run->model));
    if (!have || !is_readable(models, name, model) || system("command -v ffmpeg >/dev/null 2>&1")) {
        print_message("skipped: needs ffmpeg, %s and %s/%s\n", clip, models, name);
        skip();
    }

    struct pl_err err = { 0 };
    struct pl_tracker *tracker = NULL;
    struct pl_regions *regions = NULL;
    struct pl_tracker_options options = { .models_dir = models, .model = run->model, .cpu = cpu_level(), .threads = 2,
                                          .roi_only = run->given };
    if (!pl_keypoints_open(&tracker, &options, &err) || !pl_regions_open(&regions, reference, &err))
        fail_msg("%s", err.text);

    char *text = read_file(reference);
    cJSON *root = cJSON_Parse(text);
    const cJSON *frames = cJSON_GetObjectItemCaseSensitive(root, "frames");
    int width = (int)number(root, "width"), height = (int)number(root, "height");
    int n = frames_to_compare(cJSON_GetArraySize(frames));
    assert_int_equal(pl_regions_n_frames(regions), cJSON_GetArraySize(frames));
    struct errors e = { .room = n * PL_N_LANDMARKS };
    size_t bytes = (size_t)width * (size_t)height * 3;
    uint8_t *picture = malloc(bytes);
    e.px = malloc((size_t)e.room * sizeof(double));
    e.z = malloc((size_t)e.room * sizeof(double));
    e.m = malloc((size_t)e.room * sizeof(double));
    e.visibility = malloc((size_t)e.room * sizeof(double));
    assert_true(picture && e.px && e.z && e.m && e.visibility);

    snprintf(command, sizeof command, "ffmpeg -v error -i '%s' -fps_mode passthrough -frames:v %d -pix_fmt rgb24 "
             "-f rawvideo -", clip, n);
    FILE *ffmpeg = popen(command, "r");
    assert_non_null(ffmpeg);
    for (int k = 0; k < n; k++) {
        struct pl_frame frame = {
            /* MediaPipe counts whole microseconds */
            .t_ns = (int64_t)((k + 1) * 1e6 / number(root, "fps")) * 1000, .index = k, .width_px = width,
            .height_px = height, .stride = 3 * (size_t)width, .pixels = PL_PIXELS_RGB24, .data = picture,
            .given_person_p = NAN,
        };
        if (fread(picture, 1, bytes, ffmpeg) != bytes)
            fail_msg("%s: only %d of %d frames decoded", clip, k, n);
        compare_frame(tracker, run, regions, &frame, cJSON_GetArrayItem(frames, k), &e);
    }
    pclose(ffmpeg);
    assert_true(e.n >= n * PL_N_LANDMARKS * 9 / 10);
    judge(run, &e);

    free(e.px), free(e.z), free(e.m), free(e.visibility), free(picture), free(text);
    cJSON_Delete(root);
    pl_regions_close(regions);
    pl_keypoints_close(tracker);
}

/* Bars of the task: median 0.02 px, p99 0.2 px, world 1 mm. */
#define GIVEN true, 0.02, 0.2, 0.001, 0.001
static const struct run synthetic = { "synth/clips/02_sls_front_valgus15_L.mp4", "02_sls_front_valgus15_L.roi.json",
                                      PL_MODEL_FULL, GIVEN };
static const struct run squat_lite = { "clips/gymai__squat3.mp4", "gymai__squat3.c0.roi.json", PL_MODEL_LITE, GIVEN };
static const struct run squat_heavy = { "clips/gymai__squat3.mp4", "gymai__squat3.c2.roi.json", PL_MODEL_HEAVY, GIVEN };
static const struct run portrait = { "clips/pose2sim__single_cam01.mp4", "pose2sim__single_cam01.roi.json",
                                     PL_MODEL_FULL, GIVEN };
static const struct run side = { "clips/sls_side_rep1__eyantra_0-20.mp4", "sls_side_rep1__eyantra_0-20.roi.json",
                                 PL_MODEL_FULL, GIVEN };
/* Tracking feeds tiny differences back, and refinement has two jumps (which cell a point lies in; whether the peak
 * reaches one half): where MediaPipe's 16.9999 is our 17.0000, one point moves by pixels. Only medians are bounded. */
#define TRACKED false, 0.05, INFINITY, 0.001, INFINITY
static const struct run synthetic_tracked = { "synth/clips/02_sls_front_valgus15_L.mp4",
                                              "02_sls_front_valgus15_L.roi.json", PL_MODEL_FULL, TRACKED };
static const struct run portrait_tracked = { "clips/pose2sim__single_cam01.mp4", "pose2sim__single_cam01.roi.json",
                                             PL_MODEL_FULL, TRACKED };
static const struct run side_tracked = { "clips/sls_side_rep1__eyantra_0-20.mp4",
                                         "sls_side_rep1__eyantra_0-20.roi.json", PL_MODEL_FULL, TRACKED };
static const struct run squat_tracked = { "clips/gymai__squat3.mp4", "gymai__squat3.c0.roi.json", PL_MODEL_LITE,
                                          TRACKED };

static void test_given_synthetic(void **state) { (void)state; compare(&synthetic); }
static void test_given_squat_lite(void **state) { (void)state; compare(&squat_lite); }
static void test_given_squat_heavy(void **state) { (void)state; compare(&squat_heavy); }
static void test_given_portrait(void **state) { (void)state; compare(&portrait); }
static void test_given_side(void **state) { (void)state; compare(&side); }
static void test_tracked_synthetic(void **state) { (void)state; compare(&synthetic_tracked); }
static void test_tracked_portrait(void **state) { (void)state; compare(&portrait_tracked); }
static void test_tracked_side(void **state) { (void)state; compare(&side_tracked); }
static void test_tracked_squat_lite(void **state) { (void)state; compare(&squat_tracked); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_given_synthetic),
        cmocka_unit_test(test_given_squat_lite),
        cmocka_unit_test(test_given_squat_heavy),
        cmocka_unit_test(test_given_portrait),
        cmocka_unit_test(test_given_side),
        cmocka_unit_test(test_tracked_synthetic),
        cmocka_unit_test(test_tracked_portrait),
        cmocka_unit_test(test_tracked_side),
        cmocka_unit_test(test_tracked_squat_lite),
    };
    return cmocka_run_group_tests_name("keypoints/reference", tests, NULL, NULL);
}
