/* The threads of live work, driven by a landmark table in place of a camera. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/stick.h"
#include "plumbline/clock.h"
#include "plumbline/live.h"
#include "plumbline/report.h"

enum { N_FRAMES = 400 };

static char path[64];

static int write_table(void **state)
{
    (void)state;
    strcpy(path, "/tmp/plumbline-live-XXXXXX.csv");
    FILE *f = fdopen(mkstemps(path, 4), "w");
    if (!f || !pl_report_csv_header(f))
        return -1;
    for (int k = 0; k < N_FRAMES; k++) {
        struct pl_moment m = { .t_ns = k * (PL_NS_PER_S / 30) };
        for (int s = 0; s < PL_N_SIDES; s++)
            for (int i = 0; i < PL_N_MEASURES; i++)
                m.measures.v[s][i] = (struct pl_value){ NAN, NAN };
        m.pose.yaw_deg = NAN;
        m.keypoints = (struct pl_keypoints){ .present = true, .person_p = 1, .width_px = 640, .height_px = 480 };
        for (int i = 0; i < PL_N_LANDMARKS; i++) {
            m.keypoints.raw.px[i] = (struct pl_point){ (float)(k % 100) + (float)i, 50, 0, 1 };
            m.keypoints.raw.m[i] = (struct pl_vec3){ 0, 0, 0 };
        }
        pl_report_csv_row(f, &m, true);
    }
    return fclose(f);
}

static int remove_table(void **state)
{
    (void)state;
    return remove(path);
}

static struct pl_session *open_session(void)
{
    struct pl_session_options o = { .no_model = true, .exercise = { .side = PL_SIDE_UNKNOWN }, .limits = pl_limits_default() };
    struct pl_session *s;
    struct pl_err err;

    assert_true(pl_session_open(&s, &o, &err));
    return s;
}

static void count_wakes(void *context)
{
    atomic_fetch_add((atomic_int *)context, 1);
}

static void moments_come_in_order_until_the_end(void **state)
{
    struct pl_session *session = open_session();
    atomic_int wakes = 0;
    struct pl_live_options o = { .camera = { .source = path }, .wake = count_wakes, .context = &wakes };
    struct pl_live_result r;
    struct pl_live *live;
    struct pl_frame frame;
    struct pl_moment moment;
    struct pl_err err;
    int64_t last_ns = -1, began_ns = pl_clock_now_ns();
    int n = 0;
    (void)state;

    assert_true(pl_live_open(&live, session, &o, &err));
    do {
        while (pl_live_next(live, PL_NS_PER_S / 10, &r)) {
            assert_true(r.moment.t_ns > last_ns);
            /* the newest frame wins, but what arrives is one frame and not two halves */
            float x = r.moment.keypoints.raw.px[0].x_px;
            assert_true(fabsf(r.moment.keypoints.raw.px[32].x_px - x - 32) < 1e-3f);
            last_ns = r.moment.t_ns;
            n++;
        }
    } while (pl_live_status(live).state != PL_LIVE_ENDED && pl_clock_now_ns() - began_ns < 60 * PL_NS_PER_S);
    while (pl_live_next(live, PL_NS_PER_S, &r)) {
        last_ns = r.moment.t_ns;
        n++;
    }
    assert_int_equal(pl_live_status(live).state, PL_LIVE_ENDED);
    assert_int_equal(last_ns, (int64_t)(N_FRAMES - 1) * (PL_NS_PER_S / 30)); /* the last frame is never dropped */
    assert_true(n > 0 && n + pl_live_status(live).dropped == N_FRAMES);
    assert_true(atomic_load(&wakes) >= n);
    assert_true(pl_live_picture(live, &frame, &moment));
    assert_int_equal(frame.t_ns, last_ns);
    assert_int_equal(moment.t_ns, last_ns);
    assert_false(pl_live_picture(live, &frame, &moment)); /* only once */
    pl_live_close(live);
    pl_session_close(session);
}

/* A stick person's squats, written as a table. */
static void write_squats(char *squats)
{
    strcpy(squats, "/tmp/plumbline-squats-XXXXXX.csv");
    FILE *f = fdopen(mkstemps(squats, 4), "w");
    const struct stick_camera camera = stick_camera_at(90);
    uint64_t seed = 5;
    assert_non_null(f);
    assert_true(pl_report_csv_header(f));
    for (int k = 0; k < N_FRAMES; k++) {
        struct pl_moment m = { .t_ns = k * (PL_NS_PER_S / 30) };
        struct stick s = stick_standing();
        const double bend = k < 60 ? 0 : 0.5 - 0.5 * cos(2 * PL_PI * (k - 60) / 80.0);
        s.hips.y -= 0.10 * bend;
        stick_bend(&s, PL_SIDE_LEFT, 7 + 80 * bend);
        stick_keypoints(&s, &camera, m.t_ns, &m.keypoints);
        stick_noise(&m.keypoints, 0.5, &seed);
        pl_report_csv_row(f, &m, true);
    }
    fclose(f);
}

static int play_table(struct pl_session *session, const char *table, int64_t since_ns, struct pl_moment *out)
{
    struct pl_camera *camera;
    struct pl_frame frame;
    struct pl_err err;
    int n = 0;

    pl_session_reset(session);
    assert_true(pl_camera_open(&camera, &(struct pl_camera_options){ .source = table }, &err));
    while (n < N_FRAMES && pl_camera_next(camera, PL_NS_PER_S, &frame, &err) == PL_NEXT_FRAME) {
        frame.t_ns += since_ns;
        pl_session_step(session, &frame, NULL, &out[n++]);
    }
    pl_camera_close(camera);
    return n;
}

/* A camera's clock began days ago and a recording's with its first frame; the same frames give the same, to the bit, in a
 * session that has seen something before, too. */
static void live_and_replay_agree(void **state)
{
    static struct pl_moment live[N_FRAMES], replay[N_FRAMES];
    struct pl_session *session = open_session();
    const int64_t since_ns = 987654321 * INT64_C(1000003);
    char squats[64];
    (void)state;

    write_squats(squats);
    assert_int_equal(play_table(session, squats, since_ns, live), N_FRAMES);
    assert_int_equal(play_table(session, squats, 0, replay), N_FRAMES);
    assert_true(replay[N_FRAMES - 1].progress.n_reps >= 3);
    for (int i = 0; i < N_FRAMES; i++) {
        struct pl_rep a = live[i].progress.last_rep;
        const struct pl_rep b = replay[i].progress.last_rep;
        assert_int_equal(live[i].progress.n_reps, replay[i].progress.n_reps);
        assert_int_equal(live[i].progress.phase, replay[i].progress.phase);
        assert_memory_equal(&live[i].measures.v, &replay[i].measures.v, sizeof a.m);
        assert_memory_equal(a.m, b.m, sizeof a.m);
        if (b.n) {
            assert_int_equal(a.start_ns - since_ns, b.start_ns);
            assert_int_equal(a.bottom_ns - since_ns, b.bottom_ns);
            assert_int_equal(a.end_ns - since_ns, b.end_ns);
        }
    }
    pl_session_close(session);
    remove(squats);
}

/* The choice reaches the vision thread. A table is over in milliseconds, perhaps before the choice is made: then once more. */
static void another_exercise_can_be_chosen(void **state)
{
    bool chosen = false;
    (void)state;

    for (int i = 0; i < 100 && !chosen; i++) {
        struct pl_session *session = open_session();
        struct pl_live_options o = { .camera = { .source = path } };
        struct pl_live_result r;
        struct pl_live *live;
        struct pl_err err;
        assert_true(pl_live_open(&live, session, &o, &err));
        pl_live_choose(live, &(struct pl_exercise_options){ PL_EXERCISE_LUNGE, PL_SIDE_LEFT });
        while (!chosen && pl_live_next(live, 5 * PL_NS_PER_S, &r))
            chosen = r.moment.progress.exercise == PL_EXERCISE_LUNGE && r.moment.progress.side == PL_SIDE_LEFT;
        pl_live_close(live);
        pl_session_close(session);
    }
    assert_true(chosen);
}

static void it_can_be_closed_at_any_time(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        struct pl_session *session = open_session();
        struct pl_live_options o = { .camera = { .source = path }, .keep_trying = i % 2 };
        struct pl_live *live;
        struct pl_err err;
        assert_true(pl_live_open(&live, session, &o, &err));
        pl_clock_sleep_ns(i * PL_NS_PER_S / 2000);
        pl_live_close(live);
        pl_session_close(session);
    }
}

static void a_missing_camera_is_one_sentence(void **state)
{
    struct pl_session *session = open_session();
    struct pl_live_options o = { .camera = { .source = "/dev/video99" } };
    struct pl_live *live = NULL;
    struct pl_err err;
    (void)state;

    if (!access("/dev/video99", F_OK)) {
        print_message("skipped: there is a /dev/video99\n");
        skip();
    }
    assert_false(pl_live_open(&live, session, &o, &err));
    assert_null(live);
    assert_non_null(strstr(err.text, "/dev/video99"));
    assert_null(strchr(err.text, '\n'));
    pl_session_close(session);
}

/* What looks in place of a session; the person's place tells which frame it is. */
struct looks { atomic_int n; int64_t last_ns; };

static void look(void *context, const struct pl_frame *frame)
{
    struct looks *l = context;
    assert_true(frame->t_ns > l->last_ns && frame->given);
    l->last_ns = frame->t_ns;
    atomic_fetch_add(&l->n, 1);
}

/* A camera that is open already, and a look of the caller's own: each moment has its time and nothing else. */
static void another_look_at_an_opened_camera(void **state)
{
    struct looks looks = { .last_ns = -1 };
    const struct pl_camera_options co = { .source = path };
    struct pl_live_options o = { .camera = { .source = "/nowhere" }, .look = look, .look_context = &looks };
    struct pl_live_result r;
    struct pl_live *live;
    struct pl_frame frame;
    struct pl_moment moment;
    struct pl_err err;
    int n = 0;
    (void)state;

    assert_true(pl_camera_open(&o.opened, &co, &err));
    assert_true(pl_live_open(&live, NULL, &o, &err));
    while (pl_live_next(live, 10 * PL_NS_PER_S, &r)) {
        assert_true(r.moment.t_ns >= 0 && !r.moment.keypoints.present && r.pose_ns == 0);
        n++;
    }
    assert_int_equal(r.moment.t_ns, (int64_t)(N_FRAMES - 1) * (PL_NS_PER_S / 30));
    assert_int_equal(atomic_load(&looks.n), n);
    assert_true(n > 0 && n + pl_live_status(live).dropped == N_FRAMES);
    assert_true(pl_live_picture(live, &frame, &moment));
    assert_int_equal(frame.t_ns, looks.last_ns);
    pl_live_close(live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_come_in_order_until_the_end),
        cmocka_unit_test(live_and_replay_agree),
        cmocka_unit_test(another_exercise_can_be_chosen),
        cmocka_unit_test(it_can_be_closed_at_any_time),
        cmocka_unit_test(a_missing_camera_is_one_sentence),
        cmocka_unit_test(another_look_at_an_opened_camera),
    };
    return cmocka_run_group_tests(tests, write_table, remove_table);
}
