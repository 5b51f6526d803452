/* A calibration leads through itself: which words are asked for with recorded samples, in which order, as sound in both languages;
 * and how often. */
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

#include "plumbline/calibration_guide.h"
#include "plumbline/camera.h"
#include "plumbline/cpu.h"
#include "plumbline/session.h"
#include "plumbline/voice.h"

enum { MAX_FRAMES = 900, FPS = 20, WISHED = 3 };

/* What is asked for with each frame. */
struct course { struct pl_utterance frame[MAX_FRAMES]; int n; };

static const char *models(void) { return getenv("PL_MODELS") ? getenv("PL_MODELS") : "models"; }

static void must(bool ok, const struct pl_err *err)
{
    if (!ok)
        fail_msg("%s", err->text);
}

/* ---- with samples */

struct calibration {
    enum pl_calibration_kind kind;
    struct pl_limits limits;
    struct pl_calibration_guide guide;
    struct pl_standing standing;
    struct pl_stance stance[2];
    struct pl_toe_test toe;
    bool front, side;
    int64_t t_ns;           /* goes on from one sample to the next */
    struct course course;
    struct pl_task task;
};

static void add(struct calibration *c, const struct pl_ask *ask)
{
    assert_true(c->course.n < MAX_FRAMES);
    pl_calibration_guide_step(&c->guide, c->kind, ask, c->t_ns, &c->task);
    assert_true(c->task.part >= 0 && c->task.part <= 1 && c->task.done <= c->task.of);
    c->course.frame[c->course.n++] = c->task.utterance;
}

static struct pl_ask ask(struct calibration *c, const struct pl_moment *m)
{
    if (c->kind == PL_CALIBRATION_TOE)
        return pl_ask_toe(&c->toe, m, pl_toe_test_step(&c->toe, &m->measures, &m->pose), WISHED);
    struct pl_stance s;
    if (pl_standing_watch(&c->standing, &m->keypoints, &m->pose, &c->limits, &s)) {
        c->front |= s.view == PL_VIEW_FRONT;
        c->side |= s.view == PL_VIEW_SIDE;
    }
    return pl_ask_stand(c->kind, &c->standing, c->front, c->side, m, &c->limits);
}

/* The sample's first most_s, that many times slower. */
static void watch(struct calibration *c, const char *sample, double most_s, double slower)
{
    struct pl_session_options so = { .tracker = { .models_dir = models(), .model = PL_MODEL_LITE, .cpu = pl_cpu_detect(),
                                                  .threads = 1 }, .limits = c->limits };
    const int64_t began_ns = c->t_ns + PL_NS_PER_S / 10;
    struct pl_session *session = NULL;
    struct pl_camera *camera = NULL;
    struct pl_err err = { 0 };
    struct pl_frame frame;
    static struct pl_moment m;

    must(pl_camera_open(&camera, &(struct pl_camera_options){ .source = sample }, &err), &err);
    must(pl_session_open(&session, &so, &err), &err);
    while (pl_camera_next(camera, PL_NS_PER_S, &frame, &err) == PL_NEXT_FRAME && pl_s_from_ns(frame.t_ns) < most_s) {
        frame.t_ns = began_ns + (int64_t)(slower * (double)frame.t_ns); /* later than the sample before */
        pl_session_step(session, &frame, NULL, &m);
        c->t_ns = frame.t_ns;
        const struct pl_ask a = ask(c, &m);
        add(c, &a);
    }
    pl_session_close(session);
    pl_camera_close(camera);
}

static struct calibration *begin(enum pl_calibration_kind kind)
{
    static struct calibration c;
    c = (struct calibration){ .kind = kind, .limits = pl_limits_default() };
    return &c;
}

static void end(struct calibration *c, bool ok)
{
    const struct pl_ask e = pl_ask_end(ok, c->task.of);
    add(c, &e);
}

static void check_order(const struct course *c, const char *want)
{
    char order[1000] = "";
    size_t used = 0;

    for (int i = 0; i < c->n && used < sizeof order; i++) {
        const struct pl_utterance *u = &c->frame[i];
        if (u->count && used < sizeof order)
            used += (size_t)snprintf(order + used, sizeof order - used, " %d", u->count);
        if (u->sentence != PL_SAY_NOTHING && used < sizeof order)
            used += (size_t)snprintf(order + used, sizeof order - used, " %s", pl_sentence_id(u->sentence));
    }
    assert_string_equal(order, want);
}

/* All of it is heard, one thing after the other. */
static void check_spoken(const struct course *c, const char *language_file, const char *const want[], int n)
{
    static struct pl_language language;
    struct pl_voice *voice = NULL;
    struct pl_spoken said;
    struct pl_err err = { 0 };
    int64_t free_ns = 0;

    must(pl_language_read(&language, language_file, &err), &err);
    const struct pl_voice_options options = { .mode = PL_VOICE_FULL, .language = &language };
    must(pl_voice_open(&voice, &options, &err), &err);
    for (int i = 0; i < c->n; i++)
        pl_voice_say(voice, &c->frame[i]);
    must(pl_voice_finish(voice, &err), &err);
    for (int i = 0; i < n; i++) {
        assert_true(pl_voice_spoken(voice, &said));
        assert_string_equal(said.text, want[i]);
        assert_true(said.start_ns >= free_ns && said.end_ns > said.start_ns + PL_NS_PER_S / 10);
        free_ns = said.end_ns;
    }
    assert_false(pl_voice_spoken(voice, &said));
    pl_voice_close(voice);
}

static bool no_models(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/pose_landmark_lite.tflite", models());
    return access(path, R_OK) != 0;
}

static void test_body(void **state)
{
    struct calibration *c = begin(PL_CALIBRATION_BODY);
    (void)state;
    if (no_models())
        skip();
    watch(c, "samples/squat_front_good.mp4", 5, 1);
    assert_true(c->front && !c->side && c->task.done == 1 && c->task.of == 2);
    watch(c, "samples/squat_side_good.mp4", 3, 1);
    assert_true(c->side && c->task.done == 2);
    end(c, true);
    assert_float_equal(c->task.part, 1, 0);
    check_order(&c->course, " calibrate.stand_facing calibrate.stand_side calibrate.done");
    check_spoken(&c->course, "src/cues/languages/en.ini",
                 (const char *const[]){ "Face the camera and stand still on both feet.", "Good. Now turn side-on and stand still.",
                                        "Done. It is saved." }, 3);
    check_spoken(&c->course, "src/cues/languages/de.ini",
                 (const char *const[]){ "Schau zur Kamera und steh still auf beiden F\303\274\303\237en.",
                                        "Gut. Jetzt dreh dich seitlich und steh still.", "Fertig. Gespeichert." }, 3);
}

/* A slow squat from the side stands for the wall: the knee comes forward, stays for a second, and goes back, three times. */
static void test_toe(void **state)
{
    struct calibration *c = begin(PL_CALIBRATION_TOE);
    (void)state;
    if (no_models())
        skip();
    watch(c, "samples/squat_side_good.mp4", 100, 1.5);
    assert_int_equal(c->toe.side[PL_SIDE_LEFT].n_touches, 3);
    assert_true(c->task.done == 3 && c->task.of == 6);
    end(c, true);
    check_order(&c->course, " calibrate.toe_touch calibrate.toe_back 1 calibrate.toe_touch calibrate.toe_back 2 calibrate.toe_touch"
                            " calibrate.toe_back 3 calibrate.toe_other calibrate.done");
    check_spoken(&c->course, "src/cues/languages/en.ini",
                 (const char *const[]){ "Toes and knee to the wall, heel down, hold it.", "Good. Knee back again.", "1",
                                        "Toes and knee to the wall, heel down, hold it.", "Good. Knee back again.", "2",
                                        "Toes and knee to the wall, heel down, hold it.", "Good. Knee back again.", "3",
                                        "Turn round: the same with the other knee.", "Done. It is saved." }, 11);
}

/* ---- made up, frame by frame */

static void say_for(struct calibration *c, double seconds, struct pl_ask a)
{
    for (int i = 0; i < (int)lround(seconds * FPS); i++) {
        c->t_ns += PL_NS_PER_S / FPS;
        add(c, &a);
    }
}

static int said_at(const struct course *c, enum pl_sentence s, double out_s[], int most)
{
    int n = 0;
    for (int i = 0; i < c->n; i++)
        if (c->frame[i].sentence == s && n < most)
            out_s[n++] = pl_s_from_ns(c->frame[i].t_ns);
    return n;
}

static void test_said_again_ever_more_seldom(void **state)
{
    static const double want[] = { 0.65, 8.65, 24.65 };
    struct calibration *c = begin(PL_CALIBRATION_BODY);
    double at[9];
    (void)state;
    say_for(c, 40, (struct pl_ask){ .text = PL_SAY_STAND_FACING, .of = 2 });
    assert_int_equal(said_at(&c->course, PL_SAY_STAND_FACING, at, 9), 3);
    for (int i = 0; i < 3; i++)
        assert_true(fabs(at[i] - want[i]) < 0.06);
    for (int i = 0, n = 0; i < c->course.n; i++) /* tones: the first sounds, what is repeated does not */
        if (c->course.frame[i].sentence != PL_SAY_NOTHING)
            assert_int_equal(c->course.frame[i].urgency, n++ ? PL_URGENCY_HINT : PL_URGENCY_FLOW);
}

/* One that comes and goes is no reason to say two sentences by turns. */
static void test_to_and_fro(void **state)
{
    struct calibration *c = begin(PL_CALIBRATION_BODY);
    const struct pl_ask stand = { .text = PL_SAY_STAND_FACING, .of = 2 };
    const struct pl_ask feet = { .text = PL_SAY_REASON_FEET_HIDDEN, .of = 2, .blind = true };
    double at[9];
    (void)state;
    for (int i = 0; i < 20; i++) { /* each too short to be believed */
        say_for(c, 0.4, stand);
        say_for(c, 0.4, feet);
    }
    assert_int_equal(said_at(&c->course, PL_SAY_STAND_FACING, at, 9) + said_at(&c->course, PL_SAY_REASON_FEET_HIDDEN, at, 9), 0);
    for (int i = 0; i < 10; i++) { /* long enough to be shown */
        say_for(c, 1, stand);
        say_for(c, 1, feet);
        assert_int_equal(c->task.text, PL_SAY_REASON_FEET_HIDDEN);
        assert_true(c->task.blind);
    }
    for (int k = 0; k < 2; k++) {
        const int n = said_at(&c->course, k ? PL_SAY_REASON_FEET_HIDDEN : PL_SAY_STAND_FACING, at, 9);
        assert_true(n >= 1 && n <= 3);
        for (int i = 1; i < n; i++)
            assert_true(at[i] - at[i - 1] > 7.9);
    }
}

/* What was achieved is told at once, although something was said a moment ago. */
static void test_achieved_is_told_at_once(void **state)
{
    struct calibration *c = begin(PL_CALIBRATION_BODY);
    double at[2];
    (void)state;
    say_for(c, 1, (struct pl_ask){ .text = PL_SAY_STAND_FACING, .of = 2 });
    say_for(c, 1, (struct pl_ask){ .text = PL_SAY_STAND_SIDE, .done = 1, .of = 2 });
    assert_int_equal(said_at(&c->course, PL_SAY_STAND_SIDE, at, 2), 1);
    assert_true(fabs(at[0] - 1.05) < 0.01);
}

static struct pl_moment person(enum pl_view view, enum pl_side near)
{
    struct pl_moment m = { .keypoints = { .present = true, .width_px = 640, .height_px = 480 } };
    m.pose = (struct pl_pose){ .person = true, .view = view, .near_side = near, .stature_px = 300 };
    m.keypoints.raw.px[PL_LM_NOSE].y_px = 100;
    return m;
}

static void test_what_a_frame_asks_for(void **state)
{
    const struct pl_limits limits = pl_limits_default();
    struct pl_standing standing = { .why = PL_REASON_STAND_STILL, .n = 5 };
    static struct pl_toe_test toe;
    struct pl_moment front = person(PL_VIEW_FRONT, PL_SIDE_LEFT), left = person(PL_VIEW_SIDE, PL_SIDE_LEFT),
                     right = person(PL_VIEW_SIDE, PL_SIDE_RIGHT);
    (void)state;
    front.t_ns = left.t_ns = PL_NS_PER_S;
    /* the bar moves only where standing helps */
    assert_float_equal(pl_ask_stand(PL_CALIBRATION_BODY, &standing, false, false, &front, &limits).part, 1 / limits.stand_s, 0.01);
    assert_float_equal(pl_ask_stand(PL_CALIBRATION_BODY, &standing, true, false, &front, &limits).part, 0, 0);
    assert_int_equal(pl_ask_stand(PL_CALIBRATION_ROOM, &standing, false, false, &left, &limits).text, PL_SAY_STAND_ROOM);
    front.keypoints.raw.px[PL_LM_NOSE].y_px = 10; /* its crown is beyond the edge */
    assert_int_equal(pl_ask_stand(PL_CALIBRATION_ROOM, &standing, false, false, &front, &limits).text, PL_SAY_SHOW_HEAD);
    standing.why = PL_REASON_NO_PERSON;
    assert_true(pl_ask_stand(PL_CALIBRATION_ROOM, &standing, false, false, &front, &limits).blind);

    toe.side[0].plateau = toe.side[1].plateau = NAN;
    assert_int_equal(pl_ask_toe(&toe, &front, false, WISHED).text, PL_SAY_TOE_WALL);
    assert_int_equal(pl_ask_toe(&toe, &left, false, WISHED).text, PL_SAY_TOE_TOUCH);
    toe.side[PL_SIDE_LEFT].plateau = -5;
    assert_int_equal(pl_ask_toe(&toe, &left, false, WISHED).text, PL_SAY_TOE_BACK);
    toe.side[PL_SIDE_LEFT].plateau = NAN;
    toe.side[PL_SIDE_LEFT].n_touches = 3;
    assert_int_equal(pl_ask_toe(&toe, &left, true, WISHED).text, PL_SAY_TOE_OTHER);
    assert_int_equal(pl_ask_toe(&toe, &left, true, WISHED).count, 3);
    assert_int_equal(pl_ask_toe(&toe, &front, false, WISHED).text, PL_SAY_TOE_OTHER);
    assert_int_equal(pl_ask_toe(&toe, &right, false, WISHED).text, PL_SAY_TOE_TOUCH);
    toe.side[PL_SIDE_RIGHT].n_touches = 4;
    assert_int_equal(pl_ask_toe(&toe, &right, true, WISHED).text, PL_SAY_TOE_BACK); /* nothing new: it is over */
    assert_float_equal(pl_ask_toe(&toe, &right, true, WISHED).part, 1, 0);

    assert_int_equal(pl_ask_board(PL_BOARD_NOT_SEEN, PL_WISH_OTHER, 0).text, PL_SAY_BOARD_SHOW);
    assert_int_equal(pl_ask_board(PL_BOARD_MOVES, PL_WISH_OTHER, 0).text, PL_SAY_BOARD_STILL);
    assert_int_equal(pl_ask_board(PL_BOARD_TAKEN, PL_WISH_UPPER_LEFT, 4).text, PL_SAY_BOARD_UP_RIGHT); /* of the person */
    assert_int_equal(pl_ask_board(PL_BOARD_TAKEN, PL_WISH_UPPER_LEFT, 4).count, 4);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_body),
        cmocka_unit_test(test_toe),
        cmocka_unit_test(test_said_again_ever_more_seldom),
        cmocka_unit_test(test_to_and_fro),
        cmocka_unit_test(test_achieved_is_told_at_once),
        cmocka_unit_test(test_what_a_frame_asks_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
