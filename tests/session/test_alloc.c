/* After the first frames nothing of ours allocates: the linker hands every malloc of libplumbline.a to this file
 * (Makefile: --wrap). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "plumbline/camera.h"
#include "plumbline/coach.h"
#include "plumbline/cpu.h"
#include "plumbline/report.h"
#include "plumbline/session.h"

enum { WARM_UP = 10, FRAMES = 60 };

static atomic_long n_allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
int __real_posix_memalign(void **p, size_t alignment, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
int __wrap_posix_memalign(void **p, size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *__wrap_malloc(size_t size) { atomic_fetch_add(&n_allocations, 1); return __real_malloc(size); }
void *__wrap_calloc(size_t n, size_t size) { atomic_fetch_add(&n_allocations, 1); return __real_calloc(n, size); }
void *__wrap_realloc(void *p, size_t size) { atomic_fetch_add(&n_allocations, 1); return __real_realloc(p, size); }
int __wrap_posix_memalign(void **p, size_t a, size_t size)
{
    atomic_fetch_add(&n_allocations, 1);
    return __real_posix_memalign(p, a, size);
}
void *__wrap_aligned_alloc(size_t a, size_t size) { atomic_fetch_add(&n_allocations, 1); return __real_aligned_alloc(a, size); }

static void a_frames_whole_journey_allocates_nothing(void **state)
{
    static const char *const sample = "samples/sls_front_stickers_L.mp4";
    const char *models = getenv("PL_MODELS") ? getenv("PL_MODELS") : "models";
    struct pl_camera_options co = { .source = sample };
    struct pl_session_options so = { .tracker = { .models_dir = models, .model = PL_MODEL_LITE, .cpu = pl_cpu_detect(),
                                                  .threads = 2, .stickers = true },
                                     .exercise = { .side = PL_SIDE_UNKNOWN }, .limits = pl_limits_default() };
    struct pl_camera *camera;
    struct pl_session *session;
    struct pl_moment m = { 0 };
    struct pl_frame frame;
    struct pl_err err;
    char model_file[4200];
    long before = 0;
    int people = 0;
    (void)state;

    snprintf(model_file, sizeof model_file, "%s/pose_landmark_lite.tflite", models);
    if (access(model_file, R_OK)) {
        print_message("skipped: no model (make models)\n");
        skip();
    }
    FILE *null = fopen("/dev/null", "w");
    const struct pl_coach_options ko = { .exercise = so.exercise, .limits = so.limits, .plan = pl_plan_default(), .hands = true };
    struct pl_coach *coach = pl_coach_open(&ko);
    struct pl_coach_look look = { 0 };
    struct pl_coach_view view;
    struct pl_trace *trace = pl_report_trace_open(null);
    struct pl_log *log = pl_report_open();
    assert_true(pl_camera_open(&camera, &co, &err));
    assert_true(pl_session_open(&session, &so, &err));
    assert_true(atomic_load(&n_allocations) > 5); /* the counter counts */
    for (int i = 0; i < FRAMES; i++) {
        if (i == WARM_UP)
            before = atomic_load(&n_allocations);
        assert_int_equal(pl_camera_next(camera, 0, &frame, &err), PL_NEXT_FRAME);
        pl_session_step(session, &frame, NULL, &m);
        pl_coach_look(&look, &frame);
        if (i == FRAMES / 2)
            pl_coach_ask(coach); /* targets are nothing new either */
        pl_coach_step(coach, &m, &(struct pl_coach_input){ look.brightness, look.noise, 30, 30, 0, NULL, NULL }, &view);
        pl_report_add(log, &m, pl_session_pose_ns(session), 1000);
        assert_true(pl_report_csv_row(null, &m, true));
        pl_report_trace_add(trace, m.t_ns, pl_session_times(session));
        people += m.keypoints.present;
    }
    assert_true(people > FRAMES / 2); /* the networks did work */
    assert_int_equal(atomic_load(&n_allocations) - before, 0);
    pl_coach_close(coach);
    pl_session_close(session);
    pl_camera_close(camera);
    pl_report_close(log);
    pl_report_trace_close(trace);
    fclose(null);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_frames_whole_journey_allocates_nothing) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
