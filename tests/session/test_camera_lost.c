/* Live work with a camera that is pulled, stalls, hangs, slows down in the dark, for minutes or for a day: this program
 * takes the place of camera.h and of the clock (Makefile: --wrap), so that a simulated second takes as long as its frames
 * need. The camera sees a stick person who squats. It waits until each result was taken: what is dropped, it drops itself.
 * Who watches may be late when the machine is busy: upper bounds are wide. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../support/stick.h"
#include "plumbline/camera.h"
#include "plumbline/clock.h"
#include "plumbline/live.h"
#include "plumbline/report.h"

enum { MAX_REPS = 64 };
static const double period_s = 3, first_s = 2.5; /* of the squats */

/* --- the clock and the camera --- */

static struct {
    /* the script; times in seconds of the fake clock */
    double fps, slow_from_s, slow_to_s, slow_fps;
    double gone_from_s, gone_to_s;   /* the cable is pulled */
    double stall_from_s, stall_to_s; /* no pictures */
    double hang_from_s;              /* no pictures until it is opened anew */
    double drop_from_s;              /* every second frame is lost on the way, from then on */
    double busy_to_s;                /* after the cable was put back another program has it until then */
    int64_t n_frames;                /* then the test ends */
    bool paced;                      /* waits for the results */
    /* what happens */
    int n_opened;
    bool hung;
    struct pl_camera_info info;
    struct pl_camera_counts counts;
    struct pl_landmarks given;
    int64_t last_ns, n_sent;
} cam;
static _Atomic int64_t now_ns, n_seen;
static atomic_bool finished;

static double now_s(void) { return pl_s_from_ns(atomic_load(&now_ns)); }
static void pass(int64_t ns) { atomic_fetch_add(&now_ns, ns); }

int64_t __wrap_pl_clock_now_ns(void);
void __wrap_pl_clock_sleep_ns(int64_t ns);
bool __wrap_pl_camera_open(struct pl_camera **out, const struct pl_camera_options *options, struct pl_err *err);
const struct pl_camera_info *__wrap_pl_camera_info(const struct pl_camera *camera);
struct pl_camera_counts __wrap_pl_camera_counts(const struct pl_camera *camera);
const struct pl_stage_times *__wrap_pl_camera_times(const struct pl_camera *camera);
enum pl_next __wrap_pl_camera_next(struct pl_camera *camera, int64_t timeout_ns, struct pl_frame *out, struct pl_err *err);
void __wrap_pl_camera_close(struct pl_camera *camera);

int64_t __wrap_pl_clock_now_ns(void) { return atomic_load(&now_ns); }

void __wrap_pl_clock_sleep_ns(int64_t ns)
{
    pass(ns);
    usleep(100);
}

static bool is_gone(void) { return now_s() >= cam.gone_from_s && now_s() < cam.gone_to_s; }

/* It comes back as another device; at its old place is another camera then. */
bool __wrap_pl_camera_open(struct pl_camera **out, const struct pl_camera_options *options, struct pl_err *err)
{
    bool back = now_s() >= cam.gone_to_s && cam.gone_to_s > 0;
    const char *path = back ? "/dev/video2" : "/dev/video0";

    if (is_gone())
        return pl_fail(err, PL_E_DEVICE, "%s: there is no such camera", options->source);
    bool other = back && options->source && !strcmp(options->source, "/dev/video0");
    if (now_s() < cam.busy_to_s && now_s() > cam.gone_to_s && !other)
        return pl_fail(err, PL_E_BUSY, "%s is in use by another program", path);
    cam.info = (struct pl_camera_info){ .kind = PL_CAMERA_DEVICE, .fps = 30, .live = true };
    strcpy(cam.info.source, path);
    strcpy(cam.info.name, other ? "Other Camera" : "Stick Camera");
    cam.n_opened += !other;
    cam.hung = false;
    cam.counts = (struct pl_camera_counts){ 0 };
    *out = (struct pl_camera *)&cam;
    return true;
}

const struct pl_camera_info *__wrap_pl_camera_info(const struct pl_camera *camera)
{
    assert_non_null(camera);
    return &cam.info;
}
struct pl_camera_counts __wrap_pl_camera_counts(const struct pl_camera *camera) { return assert_non_null(camera), cam.counts; }
const struct pl_stage_times *__wrap_pl_camera_times(const struct pl_camera *camera)
{
    static const struct pl_stage_times none;
    (void)camera;
    return &none;
}
void __wrap_pl_camera_close(struct pl_camera *camera) { (void)camera; }

/* Down and up again in 2.4 s of each period, with minimum jerk. */
static void squat(double t_s)
{
    struct stick_camera camera = stick_camera_at(0);
    double u = fmod(t_s - first_s, period_s) / 1.2;
    double x = t_s < first_s ? 0 : u < 1 ? u : u < 2 ? 2 - u : 0, bend = x * x * x * (10 - 15 * x + 6 * x * x);
    struct stick s = stick_standing();
    struct pl_keypoints k;

    s.hips.y -= 0.10 * bend;
    s.trunk_forward_deg = 30 * bend;
    stick_bend(&s, PL_SIDE_LEFT, 7 + 83 * bend);
    stick_keypoints(&s, &camera, 0, &k);
    cam.given = k.raw;
}

static enum pl_next nothing(int64_t timeout_ns)
{
    usleep(3000); /* so that the test sees each step */
    pass(timeout_ns);
    return PL_NEXT_NONE;
}

enum pl_next __wrap_pl_camera_next(struct pl_camera *camera, int64_t timeout_ns, struct pl_frame *out, struct pl_err *err)
{
    assert_non_null(camera);
    while (cam.paced && atomic_load(&n_seen) < cam.n_sent && !atomic_load(&finished))
        sched_yield();
    if (cam.n_sent >= cam.n_frames || atomic_load(&finished)) {
        atomic_store(&finished, true);
        usleep(1000);
        return PL_NEXT_NONE;
    }
    if (is_gone()) {
        pl_fail(err, PL_E_GONE, "%s was unplugged: plug it in again", cam.info.source);
        return PL_NEXT_FAILED;
    }
    if (cam.hang_from_s > 0 && now_s() >= cam.hang_from_s && cam.n_opened == 1)
        cam.hung = true;
    if (cam.hung || (now_s() >= cam.stall_from_s && now_s() < cam.stall_to_s))
        return nothing(timeout_ns);
    bool slow = now_s() >= cam.slow_from_s && now_s() < cam.slow_to_s;
    int skipped = cam.drop_from_s > 0 && now_s() >= cam.drop_from_s;
    pass((1 + skipped) * pl_ns_from_s(1 / (slow ? cam.slow_fps : cam.fps)));
    cam.counts.dropped += skipped;
    squat(now_s());
    *out = (struct pl_frame){ .t_ns = atomic_load(&now_ns), .width_px = 1280, .height_px = 720, .given = &cam.given,
                              .given_person_p = 1 };
    cam.n_sent++;
    cam.counts.delivered++;
    return PL_NEXT_FRAME;
}

/* --- a run --- */

struct run {
    struct pl_live_options options;
    int n_reps;
    int64_t rep_ns[MAX_REPS];        /* each repetition's bottom */
    int last_rep;                    /* number of the newest */
    int n_lost;                      /* times that the camera was lost */
    char problem[512];               /* the first */
    double lost_s, back_s;           /* the first time */
    struct pl_live_status last;
    char hint[64];                   /* the last before the light comes back */
    double hint_s, no_hint_s;
    int64_t bytes_early, bytes_late; /* of memory, at a tenth of the frames and at the end */
    bool logs;                       /* the report is kept, too */
    double seconds;                  /* of real time */
    int64_t n;
};

static int setup(void **state)
{
    (void)state;
    memset(&cam, 0, sizeof cam);
    cam.fps = 30;
    cam.paced = true;
    cam.n_frames = 30 * 30;
    cam.gone_from_s = cam.stall_from_s = cam.slow_from_s = 1e9;
    atomic_store(&now_ns, 0);
    atomic_store(&n_seen, 0);
    atomic_store(&finished, false);
    return 0;
}

static int64_t memory_bytes(void)
{
    long long pages = 0, all = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f) {
        if (fscanf(f, "%lld %lld", &all, &pages) != 2)
            pages = 0;
        fclose(f);
    }
    return pages * sysconf(_SC_PAGESIZE);
}

static void note_status(struct run *r, struct pl_live *live)
{
    struct pl_live_status s = pl_live_status(live);
    bool was_lost = r->last.state == PL_LIVE_NO_CAMERA, lost = s.state == PL_LIVE_NO_CAMERA;

    if (lost && !was_lost && r->n_lost++ == 0) {
        r->lost_s = now_s();
        strcpy(r->problem, s.problem);
    }
    if (was_lost && !lost && r->back_s == 0)
        r->back_s = now_s();
    if (s.hint[0] && !r->hint[0])
        r->hint_s = now_s();
    if (s.hint[0] && now_s() < cam.slow_to_s)
        strcpy(r->hint, s.hint);
    if (!s.hint[0] && r->last.hint[0])
        r->no_hint_s = now_s();
    r->last = s;
}

static void note_result(struct run *r, const struct pl_live_result *result)
{
    const struct pl_progress *p = &result->moment.progress;

    if (p->rep_done && p->last_rep.n != r->last_rep + 1)
        fail_msg("repetition %d came after %d", p->last_rep.n, r->last_rep);
    if (p->rep_done) {
        if (r->n_reps < MAX_REPS)
            r->rep_ns[r->n_reps] = p->last_rep.bottom_ns;
        r->n_reps++;
        r->last_rep = p->last_rep.n;
    }
    if (++r->n == cam.n_frames / 10)
        r->bytes_early = memory_bytes();
}

static void play(struct run *r)
{
    struct pl_session_options so = { .no_model = true, .exercise = { .side = PL_SIDE_UNKNOWN }, .limits = pl_limits_default() };
    struct pl_session *session;
    struct pl_live_result result;
    struct pl_live *live;
    struct pl_err err;
    struct pl_log *log = r->logs ? pl_report_open() : NULL;
    struct timespec t0, t1;

    clock_gettime(CLOCK_MONOTONIC, &t0);
    assert_true(pl_session_open(&session, &so, &err));
    if (!pl_live_open(&live, session, &r->options, &err))
        fail_msg("%s", err.text);
    while (!atomic_load(&finished) && r->last.state != PL_LIVE_ENDED) {
        while (pl_live_next(live, 200000, &result)) {
            note_result(r, &result);
            if (log)
                pl_report_add(log, &result.moment, result.pose_ns, result.frame_ns);
            if (r->n % 8 == 0 || now_s() < 60)
                note_status(r, live);
            atomic_fetch_add(&n_seen, 1);
        }
        note_status(r, live);
    }
    r->bytes_late = memory_bytes();
    clock_gettime(CLOCK_MONOTONIC, &t1);
    r->seconds = (double)(t1.tv_sec - t0.tv_sec) + 1e-9 * (double)(t1.tv_nsec - t0.tv_nsec);
    pl_live_close(live);
    pl_session_close(session);
    pl_report_close(log);
}

static struct run watch(void)
{
    struct run r = { .options = { .camera = { .source = "/dev/video0" }, .keep_trying = true } };
    play(&r);
    return r;
}

/* --- the tests --- */

/* 30 s hold nine squats. */
static void a_steady_camera(void **state)
{
    struct run r = watch();
    (void)state;

    assert_int_equal(r.n_reps, 9);
    assert_int_equal(r.n_lost, 0);
    assert_int_equal(r.last.dropped, 0);
    assert_string_equal(r.last.hint, "");
    assert_true(fabsf(r.last.measured_fps - 30) < 0.1f);
    assert_int_equal(cam.n_opened, 1);
}

/* The cable is pulled between two squats, and put back between two. Frames that were not sent are no frames. */
static void unplugged_between_repetitions(void **state)
{
    (void)state;
    cam.gone_from_s = first_s + 3 * period_s - 0.2;
    cam.gone_to_s = first_s + 5 * period_s - 1.5; /* seen again a second later at most */
    struct run r = watch();

    assert_true(r.n_reps >= 9);
    assert_int_equal(r.last_rep, r.n_reps);
    assert_int_equal(r.n_lost, 1);
    assert_non_null(strstr(r.problem, "was unplugged"));
    assert_true(r.back_s > cam.gone_to_s && r.back_s < cam.gone_to_s + 4);
    assert_string_equal(r.last.camera.source, "/dev/video2"); /* it came back elsewhere */
    assert_string_equal(r.last.camera.name, "Stick Camera");
    assert_int_equal(cam.n_opened, 2);
    int before = 0;
    for (int i = 0; i < r.n_reps; i++)
        before += pl_s_from_ns(r.rep_ns[i]) < cam.gone_from_s;
    assert_int_equal(before, 3);
}

/* The cable is pulled at the bottom: this one is lost, and no other; none is counted twice. */
static void unplugged_within_a_repetition(void **state)
{
    (void)state;
    cam.gone_from_s = first_s + 3 * period_s + 1.2;
    cam.gone_to_s = cam.gone_from_s + 2;
    struct run r = watch();

    assert_int_equal(r.last_rep, r.n_reps);
    int before = 0, after = 0;
    for (int i = 0; i < r.n_reps; i++) {
        before += pl_s_from_ns(r.rep_ns[i]) < cam.gone_from_s - 0.5;
        after += pl_s_from_ns(r.rep_ns[i]) > r.back_s;
        for (int k = 0; k < i; k++)
            assert_true(r.rep_ns[i] > r.rep_ns[k] + pl_ns_from_s(2));
    }
    assert_int_equal(before, 3);
    assert_true(after >= 4);
}

static void another_program_took_it(void **state)
{
    (void)state;
    cam.gone_from_s = 10;
    cam.gone_to_s = 12;
    cam.busy_to_s = 16;
    struct run r = watch();

    assert_true(r.back_s > 16 && r.back_s < 20);
    assert_true(r.n_reps >= 6);
}

/* The card comes after three seconds, goes by itself, and the camera is not opened anew. */
static void a_stall(void **state)
{
    (void)state;
    cam.stall_from_s = 11;
    cam.stall_to_s = 17;
    struct run r = watch();

    assert_true(r.lost_s > 14 && r.lost_s < 17);
    assert_non_null(strstr(r.problem, "sends no pictures"));
    assert_true(r.back_s >= 17 && r.back_s < 19);
    assert_int_equal(r.n_lost, 1);
    assert_int_equal(cam.n_opened, 1);
    assert_true(r.n_reps >= 7);
}

static void a_short_stall_is_no_card(void **state)
{
    (void)state;
    cam.stall_from_s = 11;
    cam.stall_to_s = 13.5;
    assert_int_equal(watch().n_lost, 0);
}

static void a_hung_camera_is_opened_anew(void **state)
{
    (void)state;
    cam.hang_from_s = 11;
    struct run r = watch();

    assert_true(r.lost_s > 14 && r.lost_s < 20);
    assert_true(r.back_s > 21 && r.back_s < 27);
    assert_int_equal(r.n_lost, 1); /* the card stays until a picture comes */
    assert_int_equal(cam.n_opened, 2);
    assert_true(r.n_reps >= 7);
}

static void a_script_ends(void **state)
{
    struct run r = { .options = { .camera = { .source = "/dev/video0" } } };
    (void)state;

    cam.gone_from_s = 10;
    cam.gone_to_s = 12;
    play(&r);
    assert_int_equal(r.last.state, PL_LIVE_ENDED);
    assert_non_null(strstr(r.last.problem, "was unplugged"));
}

static void a_dark_room_is_told(void **state)
{
    (void)state;
    cam.slow_from_s = 10;
    cam.slow_to_s = 20;
    cam.slow_fps = 14;
    struct run r = watch();

    assert_string_equal(r.hint, "14 fps: more light");
    assert_true(r.hint_s > 12 && r.hint_s < 17);
    assert_true(r.no_hint_s > 20 && r.no_hint_s < 26);
    assert_int_equal(r.n_reps, 11); /* 35 s: time is the timestamps' */
}

/* Frames that are lost on the way say nothing about the light. */
static void drops_are_not_darkness(void **state)
{
    (void)state;
    cam.drop_from_s = 5;
    cam.n_frames = 400;
    struct run r = watch();

    assert_string_equal(r.hint, "");
    assert_true(fabsf(r.last.measured_fps - 30) < 0.5f);
    assert_true(r.last.dropped > 240 && r.last.dropped < 260);
}

/* What was dropped before the cable was pulled stays counted. */
static void drops_are_counted_over_a_new_opening(void **state)
{
    (void)state;
    cam.drop_from_s = 1;
    cam.n_frames = 400;
    cam.gone_from_s = 10;
    cam.gone_to_s = 11;
    struct run r = watch();

    assert_int_equal(cam.n_opened, 2);
    assert_true(r.last.dropped > 350);
}

static void endure(int64_t n_frames, bool logs)
{
    struct run r = { .options = { .camera = { .source = "/dev/video0" }, .keep_trying = true }, .logs = logs };

    cam.n_frames = n_frames;
    play(&r);
    double minutes = (double)n_frames / 30 / 60, mb = (double)(r.bytes_late - r.bytes_early) / 1e6;
    print_message("%.0f simulated minutes%s: %" PRId64 " frames in %.1f s (%.0f a second), %d repetitions, memory %.1f MB, "
                  "%+.2f MB since a tenth of it, %" PRId64 " dropped\n", minutes, logs ? " with the report" : "", r.n, r.seconds,
                  (double)r.n / r.seconds, r.n_reps, (double)r.bytes_late / 1e6, mb, r.last.dropped);
    assert_true(abs(r.n_reps - (int)(minutes * 60 / period_s)) <= 2);
    assert_int_equal(r.last.dropped, 0);
    assert_int_equal(r.n_lost, 0);
    assert_true(fabs(mb) < 2);
}

static void twenty_minutes(void **state) { (void)state; endure(20 * 60 * 30, true); }

/* PL_LONG=1 (make test-long): a day. The report is left out: it grows by design with what it holds. */
static void a_day(void **state)
{
    (void)state;
    if (!getenv("PL_LONG")) {
        print_message("skipped: a day takes minutes (make test-long)\n");
        skip();
    }
    endure(24 * INT64_C(60) * 60 * 30, false);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(a_steady_camera), TEST(unplugged_between_repetitions), TEST(unplugged_within_a_repetition),
        TEST(another_program_took_it), TEST(a_stall), TEST(a_short_stall_is_no_card), TEST(a_hung_camera_is_opened_anew),
        TEST(a_script_ends), TEST(a_dark_room_is_told), TEST(drops_are_not_darkness),
        TEST(drops_are_counted_over_a_new_opening), TEST(twenty_minutes), TEST(a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
