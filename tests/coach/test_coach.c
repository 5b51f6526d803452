/* The coach's states with a stick person who walks in, stands, works, rests, leaves, comes back and raises a hand; at 15 and 30
 * frames a second. And whatever happens, no repetition is lost. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/stick.h"
#include "plumbline/coach.h"
#include "plumbline/language.h"

enum { MAX_SAID = 64 };
static const double rates[] = { 15, 30 };
enum { N_RATES = sizeof rates / sizeof rates[0] };

/* A person and everything between them and the coach. */
struct scene {
    double fps;
    int64_t frame;
    struct pl_pose_state *pose;
    struct pl_measures_state *measures;
    struct pl_exercise_state *exercise;
    struct pl_coach *coach;
    struct stick stick;
    struct stick_camera camera;
    struct pl_coach_input input;
    bool nobody, both_up, other_hidden;
    int hand;                 /* side + 1 of the hand that is elsewhere, 0 none; and where, pixels */
    struct pl_vec2 hand_px;
    /* results */
    struct pl_moment m;
    struct pl_coach_view v;
    enum pl_sentence said[MAX_SAID];
    int n_said;
    char text[PL_SENTENCE_BYTES];
    int n_guided;             /* frames in which the guide had the large letters */
};

static struct scene open_scene(double fps, struct pl_coach_options options)
{
    struct scene s = { .fps = fps, .stick = stick_standing(), .camera = stick_camera_at(0),
                       .input = { .brightness = 120, .noise = 2, .fps = (float)fps, .wanted_fps = (float)fps } };
    options.limits = pl_limits_default();
    s.pose = pl_pose_open(&options.limits);
    s.measures = pl_measures_open(&options.limits);
    s.exercise = pl_exercise_open(&options.exercise, &options.limits);
    s.coach = pl_coach_open(&options);
    assert_true(s.pose && s.measures && s.exercise && s.coach);
    return s;
}

static struct pl_coach_options usual(void)
{
    return (struct pl_coach_options){ .exercise = { PL_EXERCISE_AUTO, PL_SIDE_UNKNOWN }, .plan = pl_plan_default(), .hands = true };
}

static void close_scene(struct scene *s)
{
    assert_int_equal(s->v.sum.n_reps, s->m.progress.n_reps); /* none is ever lost */
    pl_coach_close(s->coach);
    pl_exercise_close(s->exercise);
    pl_measures_close(s->measures);
    pl_pose_close(s->pose);
}

static double now_s(const struct scene *s) { return (double)s->frame / s->fps; }

static void one_frame(struct scene *s)
{
    struct pl_keypoints k;

    s->m.t_ns = pl_ns_from_s((double)s->frame++ / s->fps);
    stick_keypoints(&s->stick, &s->camera, s->m.t_ns, &k);
    for (int i = 0; s->hand && i < 3; i++) {
        static const enum pl_landmark of_hand[] = { PL_LM_LEFT_WRIST, PL_LM_LEFT_PINKY, PL_LM_LEFT_INDEX };
        struct pl_point *p = &k.raw.px[pl_landmark_of(of_hand[i], (enum pl_side)(s->hand - 1))];
        p->x_px = s->hand_px.x;
        p->y_px = s->hand_px.y;
        if (s->other_hidden)
            k.raw.px[pl_landmark_of(of_hand[i], PL_SIDE_LEFT)].visibility_p = 0.2f;
        if (s->both_up)
            k.raw.px[pl_landmark_of(of_hand[i], PL_SIDE_LEFT)].y_px = s->hand_px.y;
    }
    k.present = !s->nobody;
    if (s->nobody)
        pl_landmarks_unknown(&k.raw);
    s->m.keypoints = k;
    pl_pose_step(s->pose, &k, &s->m.pose);
    pl_measures_step(s->measures, &s->m.pose, &s->m.measures);
    pl_exercise_step(s->exercise, &s->m.pose, &s->m.measures, &s->m.progress);
    pl_coach_step(s->coach, &s->m, &s->input, &s->v);
    if (s->v.say_fresh && s->n_said < MAX_SAID)
        s->said[s->n_said++] = s->v.say;
    s->n_guided += s->v.guide;
    if (s->v.chosen)
        pl_exercise_choose(s->exercise, &s->v.choice);
}

static void wait_s(struct scene *s, double seconds)
{
    for (double end = now_s(s) + seconds; now_s(s) < end - 1e-9;)
        one_frame(s);
}

/* Until the coach is there; the time that took. */
static double wait_for(struct scene *s, enum pl_coach_state state, double most_s)
{
    const double began = now_s(s);
    while (s->v.state != state) {
        if (now_s(s) - began > most_s)
            fail_msg("%s, not %s, after %g s at %g frames a second", pl_coach_state_name(s->v.state),
                     pl_coach_state_name(state), most_s, s->fps);
        one_frame(s);
    }
    return now_s(s) - began;
}

/* From 0 to 1 with minimum jerk (Flash & Hogan 1985). */
static double rise(double u)
{
    const double x = fmin(1.0, fmax(0.0, u));
    return x * x * x * (10 - 15 * x + 6 * x * x);
}

static void bend(struct scene *s, enum pl_side leg, double knee_deg)
{
    s->stick = stick_standing();
    if (leg == PL_SIDE_UNKNOWN) {
        stick_bend(&s->stick, PL_SIDE_LEFT, knee_deg);
        return;
    }
    s->stick.hips.x = leg == PL_SIDE_LEFT ? 0.06 : -0.06;
    s->stick.ankle[pl_side_other(leg)].z += 0.20;
    s->stick.ankle[pl_side_other(leg)].y -= 0.30;
    stick_bend(&s->stick, leg, knee_deg);
}

/* Three seconds: down, up, a pause. leg UNKNOWN: both. */
static void repetition(struct scene *s, enum pl_side leg)
{
    for (double began = now_s(s), t; (t = now_s(s) - began) < 3.0 - 1e-9; one_frame(s))
        bend(s, leg, 7 + 58 * rise(t / 1.1) * (1 - rise((t - 1.2) / 1.1)));
}

static void raise_hand(struct scene *s, bool up)
{
    s->hand = up ? PL_SIDE_RIGHT + 1 : 0;
    s->hand_px = (struct pl_vec2){ 600, 20 };
}

static const char *said_text(struct scene *s)
{
    pl_language_write(s->text, sizeof s->text, NULL, s->v.say, &s->v.say_number, 1);
    return s->text;
}

static bool said(const struct scene *s, enum pl_sentence what)
{
    for (int i = 0; i < s->n_said; i++)
        if (s->said[i] == what)
            return true;
    return false;
}

/* ---- the usual way: nobody asks for anything */

static void test_walk_in_stand_and_work(void **state)
{
    (void)state;
    for (int k = 0; k < N_RATES; k++) {
        struct scene s = open_scene(rates[k], usual());
        s.nobody = true;
        wait_s(&s, 2);
        assert_int_equal(s.v.state, PL_COACH_SETUP);
        assert_true(s.v.guide && s.v.silhouette && s.v.first_bad == PL_CHECK_PERSON);
        assert_true(said(&s, PL_SAY_STEP_IN));
        s.nobody = false;
        for (s.camera.distance_m = 7; s.camera.distance_m > 3; s.camera.distance_m -= 1.2 / s.fps)
            one_frame(&s);
        assert_int_equal(s.v.sum.n_reps, 0);
        const double took_s = wait_for(&s, PL_COACH_WORK, 4); /* the issue: at most 4 s of standing still */
        assert_true(took_s >= 1.5);
        assert_true(s.v.baseline >= 1);
        assert_int_equal(s.v.say, PL_SAY_BEGIN_OR_CHOOSE);
        for (int i = 1; i <= 3; i++) {
            repetition(&s, PL_SIDE_UNKNOWN);
            assert_int_equal(s.v.set_reps, i);
        }
        assert_int_equal(s.v.state, PL_COACH_WORK);
        assert_int_equal(s.v.exercise, PL_EXERCISE_SQUAT);
        assert_true(s.v.n_sets == 3 && s.v.n_set_reps == 10 && s.v.set == 1 && !s.v.sided);
        assert_false(said(&s, PL_SAY_CHOOSE));
        close_scene(&s);
    }
}

/* Who starts at once, without standing first, is counted all the same. */
static void test_nothing_stands_in_the_way(void **state)
{
    (void)state;
    for (int k = 0; k < N_RATES; k++) {
        struct scene s = open_scene(rates[k], usual());
        wait_s(&s, 0.7);
        repetition(&s, PL_SIDE_UNKNOWN);
        assert_int_equal(s.v.sum.n_reps, 1);
        assert_int_equal(s.v.state, PL_COACH_WORK);
        close_scene(&s);
    }
}

static void test_sets_rest_and_summary(void **state)
{
    (void)state;
    for (int k = 0; k < N_RATES; k++) {
        struct pl_coach_options o = usual();
        o.plan.sets = 3;
        o.plan.reps = 2;
        o.plan.rest_s = 25;
        struct scene s = open_scene(rates[k], o);
        wait_for(&s, PL_COACH_WORK, 5);
        repetition(&s, PL_SIDE_UNKNOWN);
        assert_int_equal(s.v.state, PL_COACH_WORK);
        repetition(&s, PL_SIDE_UNKNOWN);
        assert_int_equal(s.v.state, PL_COACH_REST);
        assert_true(s.v.set == 1 && s.v.set_reps == 2 && s.v.whole_s == 25 && s.v.left_s > 22 && s.v.left_s < 25);
        const double left_s = (double)s.v.left_s;
        assert_float_equal(wait_for(&s, PL_COACH_WORK, 26), left_s, 1.5 / s.fps);
        assert_true(said(&s, PL_SAY_REST) && said(&s, PL_SAY_TEN_LEFT));
        assert_int_equal(s.v.say, PL_SAY_NEXT_SET);
        assert_true(s.v.set == 2 && s.v.set_reps == 0);
        for (int i = 0; i < 4; i++) /* the third set begins during the rest */
            repetition(&s, PL_SIDE_UNKNOWN);
        assert_int_equal(s.v.state, PL_COACH_DONE);
        assert_true(s.v.set == 3 && s.v.set_reps == 2 && s.v.sum.n_reps == 6 && s.v.sum.n_sets == 3);
        assert_int_equal(s.v.say, PL_SAY_ALL_DONE);
        repetition(&s, PL_SIDE_UNKNOWN); /* and one for luck */
        assert_int_equal(s.v.state, PL_COACH_WORK);
        assert_true(s.v.set == 4 && s.v.set_reps == 1);
        close_scene(&s);
    }
}

static void test_the_other_leg(void **state)
{
    (void)state;
    for (int k = 0; k < N_RATES; k++) {
        struct pl_coach_options o = usual();
        o.plan.sets = 1;
        o.plan.reps = 2;
        struct scene s = open_scene(rates[k], o);
        wait_for(&s, PL_COACH_WORK, 5);
        bend(&s, PL_SIDE_LEFT, 7);
        wait_s(&s, 1);
        for (int i = 0; i < 2; i++)
            repetition(&s, PL_SIDE_LEFT);
        assert_int_equal(s.v.state, PL_COACH_REST);
        assert_true(s.v.change_leg && s.v.side == PL_SIDE_RIGHT && s.v.sided);
        assert_true(said(&s, PL_SAY_NOW_RIGHT));
        s.stick = stick_standing();
        wait_for(&s, PL_COACH_WORK, 11);
        assert_true(s.v.set == 1 && s.v.set_side[PL_SIDE_LEFT] == 2 && s.v.set_side[PL_SIDE_RIGHT] == 0);
        bend(&s, PL_SIDE_RIGHT, 7);
        wait_s(&s, 1);
        for (int i = 0; i < 2; i++)
            repetition(&s, PL_SIDE_RIGHT);
        assert_int_equal(s.v.state, PL_COACH_DONE);
        assert_true(s.v.sum.n_reps_side[PL_SIDE_LEFT] == 2 && s.v.sum.n_reps_side[PL_SIDE_RIGHT] == 2);
        close_scene(&s);
    }
}

/* Lunges by turns: nobody is sent to the other leg, which has just worked. */
static void test_alternating_legs_are_left_alone(void **state)
{
    struct pl_coach_options o = usual();
    struct pl_moment m = { .pose = { .person = true, .stature_px = 560 }, .keypoints = { .present = true, .width_px = 1280,
                                                                                       .height_px = 720 } };
    const struct pl_coach_input in = { 120, 2, 30, 30, 0, NULL, NULL };
    struct pl_coach_view v = { 0 };
    (void)state;
    o.limits = pl_limits_default();
    o.plan.reps = 3;
    struct pl_coach *coach = pl_coach_open(&o);
    for (int i = 0; i < 6; i++) {
        const enum pl_side side = (enum pl_side)(i % 2);
        m.t_ns += 3 * PL_NS_PER_S;
        m.progress.n_reps++;
        m.progress.n_reps_side[side]++;
        m.progress.last_rep = (struct pl_rep){ .n = i + 1, .side = side, .exercise = PL_EXERCISE_LUNGE };
        pl_coach_step(coach, &m, &in, &v);
        assert_int_equal(v.state, i < 5 ? PL_COACH_WORK : PL_COACH_REST);
    }
    assert_false(v.change_leg);
    pl_coach_close(coach);
}

/* ---- hands */

static void point_at(struct scene *s, const char *text)
{
    for (int i = 0; i < s->v.n_targets; i++)
        if (!strcmp(pl_language_text(NULL, s->v.target[i].text), text)) {
            const struct pl_coach_box b = s->v.target[i].box;
            assert_true(b.w > 0.05f && b.h > 0.05f && b.x >= 0 && b.x + b.w <= 1 && b.y >= 0 && b.y + b.h <= 1);
            s->hand = PL_SIDE_RIGHT + 1;
            s->hand_px = (struct pl_vec2){ (b.x + b.w / 2) * 1280, (b.y + b.h / 2) * 720 };
            return;
        }
    fail_msg("no target \"%s\"", text);
}

static void test_choose_by_hand(void **state)
{
    (void)state;
    for (int k = 0; k < N_RATES; k++) {
        struct scene s = open_scene(rates[k], usual());
        wait_for(&s, PL_COACH_WORK, 5);
        raise_hand(&s, true);
        const double raised_s = wait_for(&s, PL_COACH_CHOOSE, 1.5);
        assert_true(raised_s >= 1.0 && raised_s < 1.3);
        assert_int_equal(s.v.n_targets, 6);
        raise_hand(&s, false);
        wait_s(&s, 1); /* hands on the hips lie on no target */
        for (int i = 0; i < s.v.n_targets; i++)
            assert_true(s.v.target[i].dwell == 0);
        point_at(&s, "Lunge");
        wait_s(&s, 0.6);
        assert_int_equal(s.v.state, PL_COACH_CHOOSE);
        wait_s(&s, 1);
        assert_int_equal(s.v.n_targets, 3);
        raise_hand(&s, false);
        wait_s(&s, 0.5);
        point_at(&s, "Left leg");
        wait_for(&s, PL_COACH_COUNTDOWN, 2);
        raise_hand(&s, false);
        assert_true(s.v.choice.kind == PL_EXERCISE_LUNGE && s.v.choice.side == PL_SIDE_LEFT);
        const double left_s = (double)s.v.left_s;
        assert_float_equal(wait_for(&s, PL_COACH_BASELINE, 4), left_s, 1.5 / s.fps);
        assert_true(said(&s, PL_SAY_COUNT));
        wait_for(&s, PL_COACH_WORK, 4);
        assert_int_equal(s.v.exercise, PL_EXERCISE_LUNGE);
        close_scene(&s);
    }
}

/* Every exercise stands on one of the pages; "more" leads round. */
static void test_pages_hold_every_exercise(void **state)
{
    int seen[PL_N_SENTENCES] = { 0 };
    (void)state;
    struct scene s = open_scene(30, usual());
    wait_for(&s, PL_COACH_WORK, 5);
    pl_coach_ask(s.coach);
    one_frame(&s);
    const enum pl_sentence first = s.v.target[0].text;
    int n_pages = 0;
    do {
        const int more = s.v.n_targets - 1;
        assert_true(more >= 1 && more <= 8 && s.v.target[more].text == PL_SAY_TARGET_MORE); /* each has a key */
        for (int i = 0; i < more; i++)
            seen[s.v.target[i].text]++;
        pl_coach_take(s.coach, more);
        one_frame(&s);
        assert_int_equal(s.v.state, PL_COACH_CHOOSE);
    } while (++n_pages < 5 && s.v.target[0].text != first);
    assert_int_equal(n_pages, 2);
    assert_int_equal(seen[PL_SAY_TARGET_AUTO], 1);
    for (int k = PL_EXERCISE_AUTO + 1; k < PL_N_EXERCISES; k++)
        assert_int_equal(seen[pl_sentence_of_exercise((enum pl_exercise_kind)k)], 1);
    close_scene(&s);
}

/* The hand that took "more" is still there when the page opens: nothing there is taken until it has been elsewhere. */
static void test_a_hand_that_stays_takes_nothing_more(void **state)
{
    (void)state;
    for (int k = 0; k < N_RATES; k++) {
        struct scene s = open_scene(rates[k], usual());
        wait_for(&s, PL_COACH_WORK, 5);
        pl_coach_ask(s.coach);
        wait_s(&s, 0.2);
        const enum pl_sentence first = s.v.target[0].text;
        point_at(&s, "More");
        wait_s(&s, 1.5);
        const enum pl_sentence second = s.v.target[0].text;
        assert_true(second != first);
        wait_s(&s, 3);
        assert_true(s.v.target[0].text == second && s.v.target[s.v.n_targets - 1].dwell == 0);
        raise_hand(&s, false);
        wait_s(&s, 0.3);
        point_at(&s, "More");
        wait_s(&s, 1.5);
        assert_int_equal(s.v.target[0].text, first);
        close_scene(&s);
    }
}

/* A hand held up sways by 4 cm and more, and what is seen of it jitters by 1.5: on the very edge of a target it takes it all the
 * same, and a hand that merely passes by takes nothing. */
static void test_a_hand_need_not_be_still(void **state)
{
    (void)state;
    for (int k = 0; k < N_RATES; k++) {
        struct scene s = open_scene(rates[k], usual());
        wait_for(&s, PL_COACH_WORK, 5);
        pl_coach_ask(s.coach);
        wait_s(&s, 0.2);
        const double m_px = (double)s.m.pose.stature_px / 1.7;
        unsigned noise = 1;
        point_at(&s, "Lunge");
        const struct pl_coach_box b = s.v.target[2].box;
        const double start_s = now_s(&s);
        while (s.v.n_targets == 6 && now_s(&s) < start_s + 3) {
            double jitter[2];
            for (int i = 0; i < 2; i++) { /* of a triangle: nearly normal */
                const double a = (double)((noise = noise * 1664525u + 1013904223u) >> 8) / (1 << 24);
                const double c = (double)((noise = noise * 1664525u + 1013904223u) >> 8) / (1 << 24);
                jitter[i] = 0.015 * 2.45 * (a + c - 1);
            }
            const double t = 2 * PL_PI * 0.7 * (now_s(&s) - start_s);
            s.hand_px.x = (float)(1280 * (double)b.x + m_px * (0.04 * sin(t) + jitter[0]));
            s.hand_px.y = (float)(720 * (double)(b.y + b.h / 2) + m_px * (0.04 * cos(t) + jitter[1]));
            one_frame(&s);
        }
        assert_int_equal(s.v.n_targets, 3);
        assert_true(now_s(&s) - start_s < 2.0);
        close_scene(&s);

        s = open_scene(rates[k], usual());
        wait_for(&s, PL_COACH_WORK, 5);
        pl_coach_ask(s.coach);
        wait_s(&s, 0.2);
        for (int i = 0; i < 4; i++) { /* over one after the other */
            point_at(&s, i % 2 ? "Lunge" : "Any exercise");
            wait_s(&s, 0.6);
        }
        assert_int_equal(s.v.n_targets, 6);
        close_scene(&s);
    }
}

/* With a lens the landmarks are straightened and the picture is not: what lies under the hand as the picture shows it counts. */
static void test_hands_are_where_the_lens_shows_them(void **state)
{
    const struct pl_lens lens = { .width_px = 1280, .height_px = 720, .fx_px = 700, .fy_px = 700, .cx_px = 640, .cy_px = 360,
                                  .k1 = -0.28, .k2 = 0.05 };
    (void)state;
    for (int k = 0; k < 2; k++) {
        struct scene s = open_scene(30, usual());
        struct pl_lens other = lens;
        other.width_px = 640; /* not of these pictures */
        s.input.lens = k ? &other : &lens;
        wait_for(&s, PL_COACH_WORK, 5);
        pl_coach_ask(s.coach);
        wait_s(&s, 0.2);
        point_at(&s, "Any exercise");
        const struct pl_coach_box b = s.v.target[0].box;
        const struct pl_vec2 seen_px = { 1280 * (b.x + 0.8f * b.w), 720 * (b.y + 0.3f * b.h) };
        s.hand_px = pl_lens_undistort(&lens, seen_px);
        assert_true(s.hand_px.y < 720 * b.y - 0.06f * s.m.pose.stature_px); /* straightened it is beside it */
        wait_s(&s, 1.0);
        assert_int_equal(s.v.target[0].dwell > 0.5f, k == 0);
        if (k == 0)
            assert_true(fabsf(1280 * s.v.hand[PL_SIDE_RIGHT].x - seen_px.x) < 0.5f &&
                        fabsf(720 * s.v.hand[PL_SIDE_RIGHT].y - seen_px.y) < 0.5f);
        close_scene(&s);
    }
}

static void test_targets_go_away_by_themselves(void **state)
{
    (void)state;
    struct scene s = open_scene(30, usual());
    wait_for(&s, PL_COACH_WORK, 5);
    pl_coach_ask(s.coach);
    one_frame(&s);
    assert_int_equal(s.v.state, PL_COACH_CHOOSE);
    wait_for(&s, PL_COACH_WORK, 13);
    assert_int_equal(s.v.n_targets, 0);
    pl_coach_ask(s.coach);
    one_frame(&s);
    repetition(&s, PL_SIDE_UNKNOWN); /* and at once when somebody simply starts */
    assert_int_equal(s.v.state, PL_COACH_WORK);
    assert_int_equal(s.v.n_targets, 0);
    close_scene(&s);
}

static void test_keys_take_targets(void **state)
{
    (void)state;
    struct scene s = open_scene(30, usual());
    wait_s(&s, 3);
    repetition(&s, PL_SIDE_UNKNOWN);
    pl_coach_ask(s.coach);
    one_frame(&s);
    pl_coach_take(s.coach, 99); /* there is none */
    one_frame(&s);
    assert_int_equal(s.v.state, PL_COACH_CHOOSE);
    pl_coach_take(s.coach, PL_EXERCISE_SQUAT);
    one_frame(&s);
    assert_int_equal(s.v.state, PL_COACH_COUNTDOWN);
    assert_int_equal(s.v.exercise, PL_EXERCISE_SQUAT);
    wait_for(&s, PL_COACH_WORK, 8);
    assert_true(s.m.progress.n_reps == 1 && s.v.sum.n_reps == 1 && s.v.set == 1 && s.v.set_reps == 0);
    repetition(&s, PL_SIDE_UNKNOWN); /* another exercise begins its own set, the session counts on */
    assert_true(s.m.progress.n_reps == 2 && s.v.set_reps == 1);
    close_scene(&s);
}

static void test_a_raised_hand_pauses(void **state)
{
    (void)state;
    for (int k = 0; k < N_RATES; k++) {
        struct scene s = open_scene(rates[k], usual());
        wait_for(&s, PL_COACH_WORK, 5);
        repetition(&s, PL_SIDE_UNKNOWN);
        raise_hand(&s, true);
        wait_s(&s, 0.7);
        raise_hand(&s, false); /* scratched */
        wait_s(&s, 0.5);
        assert_false(s.v.paused);
        raise_hand(&s, true);
        wait_s(&s, 1.2);
        assert_true(s.v.paused);
        assert_int_equal(s.v.say, PL_SAY_PAUSED);
        wait_s(&s, 2); /* still up: once is once */
        assert_true(s.v.paused);
        raise_hand(&s, false);
        wait_s(&s, 1);
        raise_hand(&s, true);
        wait_s(&s, 1.2);
        assert_false(s.v.paused);
        raise_hand(&s, false);
        wait_s(&s, 1);
        pl_coach_pause(s.coach);
        one_frame(&s);
        assert_true(s.v.paused);
        repetition(&s, PL_SIDE_UNKNOWN); /* goes on without asking */
        assert_false(s.v.paused);
        assert_int_equal(s.v.set_reps, 2);
        close_scene(&s);
    }
}

static void test_hands_that_ask_for_nothing(void **state)
{
    (void)state;
    for (int k = 0; k < 3; k++) {
        struct pl_coach_options o = usual();
        o.hands = k > 0; /* recordings: nobody can be asked */
        struct scene s = open_scene(30, o);
        wait_for(&s, PL_COACH_WORK, 5);
        raise_hand(&s, true);
        s.both_up = k == 1; /* a stretch, a squat with arms overhead */
        s.other_hidden = k == 2; /* the same from the side: a real clip paused there */
        wait_s(&s, 3);
        assert_int_equal(s.v.state, PL_COACH_WORK);
        close_scene(&s);
    }
}

static void test_a_hand_ends_the_rest(void **state)
{
    (void)state;
    struct pl_coach_options o = usual();
    o.plan.reps = 1;
    struct scene s = open_scene(30, o);
    wait_for(&s, PL_COACH_WORK, 5);
    repetition(&s, PL_SIDE_UNKNOWN);
    assert_int_equal(s.v.state, PL_COACH_REST);
    assert_true(s.v.whole_s == 45);
    raise_hand(&s, true);
    assert_true(wait_for(&s, PL_COACH_WORK, 1.5) >= 1.0);
    assert_int_equal(s.v.set, 2);
    assert_false(s.v.paused);
    close_scene(&s);
}

/* ---- holds */

struct stance { struct pl_coach *coach; struct pl_moment m; struct pl_coach_view v; };

static void hold(struct stance *s, enum pl_side side, double seconds)
{
    const struct pl_coach_input in = { 120, 2, 30, 30, 1, NULL, NULL };
    const int64_t start_ns = s->m.t_ns;

    for (; s->m.t_ns - start_ns < pl_ns_from_s(seconds); s->m.t_ns += PL_NS_PER_S / 10) {
        s->m.progress.hold_s = (float)pl_s_from_ns(s->m.t_ns - start_ns);
        pl_coach_step(s->coach, &s->m, &in, &s->v);
    }
    s->m.progress.hold_s = NAN;
    s->m.progress.n_reps++;
    s->m.progress.n_reps_side[side]++;
    s->m.progress.last_rep = (struct pl_rep){ .n = s->m.progress.n_reps, .side = side, .exercise = PL_EXERCISE_STANCE, .hold = true,
                                              .start_ns = start_ns, .end_ns = s->m.t_ns };
    s->m.say.count = s->m.progress.n_reps;
    pl_coach_step(s->coach, &s->m, &in, &s->v);
    s->m.say.count = 0;
    s->m.t_ns += PL_NS_PER_S;
}

/* A hold that is let go early is no set: it is asked for again, three times at most. */
static void test_a_hold_let_go_early_is_held_again(void **state)
{
    struct pl_coach_options o = usual();
    (void)state;
    o.limits = pl_limits_default();
    o.exercise = (struct pl_exercise_options){ PL_EXERCISE_STANCE, PL_SIDE_UNKNOWN };
    o.plan.hold_s = 20;
    o.plan.change_s = 5;
    o.plan.sets = 1;
    struct stance s = { .coach = pl_coach_open(&o), .m = { .t_ns = PL_NS_PER_S, .pose = { .person = true, .stature_px = 560 },
                        .keypoints = { .present = true, .width_px = 1280, .height_px = 720 } } };
    hold(&s, PL_SIDE_LEFT, 12);
    assert_true(s.v.state == PL_COACH_WORK && s.v.say_fresh && s.v.say == PL_SAY_HOLD_AGAIN);
    assert_true(s.v.set == 1 && s.v.set_reps == 0 && s.v.set_side[PL_SIDE_LEFT] == 0 && s.v.sum.n_short_holds == 1);
    assert_true(s.v.sum.n_reps == 0 && s.v.utterance.count == 0); /* no number is said either */
    hold(&s, PL_SIDE_LEFT, 19.5); /* nearly: good enough */
    assert_true(s.v.state == PL_COACH_REST && s.v.change_leg && s.v.side == PL_SIDE_RIGHT);
    assert_true(s.v.set_side[PL_SIDE_LEFT] == 1 && s.v.sum.n_reps == 1 && s.v.sum.n_short_holds == 1);
    s.m.t_ns += 6 * PL_NS_PER_S;
    for (int i = 0; i < 3; i++)
        hold(&s, PL_SIDE_RIGHT, 8);
    assert_int_equal(s.v.state, PL_COACH_DONE); /* the third was the best that could be had */
    assert_true(s.v.sum.n_reps == 2 && s.v.sum.n_short_holds == 3 && s.v.sum.n_reps_side[PL_SIDE_RIGHT] == 1);
    pl_coach_close(s.coach);
}

/* ---- leaving */

static void test_leave_and_come_back(void **state)
{
    (void)state;
    for (int k = 0; k < N_RATES; k++) {
        struct scene s = open_scene(rates[k], usual());
        wait_for(&s, PL_COACH_WORK, 5);
        for (int i = 0; i < 2; i++)
            repetition(&s, PL_SIDE_UNKNOWN);
        s.nobody = true;
        wait_s(&s, 0.6);
        assert_false(s.v.away);
        wait_s(&s, 0.3);
        assert_true(s.v.away);
        assert_int_equal(s.v.say, PL_SAY_GONE);
        wait_s(&s, 20);
        assert_int_equal(s.v.state, PL_COACH_WORK);
        s.nobody = false;
        wait_s(&s, 1.5);
        assert_false(s.v.away);
        assert_int_equal(s.v.say, PL_SAY_BACK_AGAIN);
        repetition(&s, PL_SIDE_UNKNOWN);
        assert_int_equal(s.v.set_reps, 3);
        close_scene(&s);
    }
}

/* ---- the guide */

static void test_guide_says_what_to_change(void **state)
{
    static const struct trial {
        const char *name;
        double distance_m, yaw_deg, hips_x, lift_m, roll_deg, lens_m; /* 0: as usual */
        float brightness, noise, fps;
        int n_people;
        enum pl_check check;
        const char *text;
    } trials[] = {
        { "far", .distance_m = 6.5, .check = PL_CHECK_DISTANCE, .text = "Come closer" },
        { "near", .distance_m = 2.45, .check = PL_CHECK_FEET,
          .text = "Step back, or tilt the screen down: I can't see your feet" },
        { "nearer", .distance_m = 1.6, .check = PL_CHECK_BODY, .text = "Step back: I can't see your legs" },
        { "lens low", .distance_m = 2.9, .lens_m = 0.5, .check = PL_CHECK_BODY,
          .text = "Step back, or tilt the screen up: I can't see your head" },
        { "left", .hips_x = 0.6, .check = PL_CHECK_CENTRED, .text = "Step to your right" },
        { "right", .hips_x = -0.6, .check = PL_CHECK_CENTRED, .text = "Step to your left" },
        { "oblique", .yaw_deg = 40, .check = PL_CHECK_VIEW, .text = "Face the camera, or turn side-on" },
        { "dark", .brightness = 20, .check = PL_CHECK_LIGHT, .text = "More light: the picture is dark" },
        { "glare", .brightness = 240, .check = PL_CHECK_LIGHT, .text = "Too bright: no window or lamp behind you" },
        { "noise", .noise = 20, .check = PL_CHECK_LIGHT, .text = "More light: the picture is grainy" },
        { "slow", .brightness = 60, .fps = 14.2f, .check = PL_CHECK_RATE, .text = "14 fps: more light" },
        { "slow, bright", .fps = 9.6f, .check = PL_CHECK_RATE, .text = "10 fps: more light, or close other programs" },
        { "lens high", .distance_m = 2.2, .lens_m = 1.7, .check = PL_CHECK_HEIGHT,
          .text = "The camera is high: put the laptop on a chair" },
        { "roll", .roll_deg = 9, .check = PL_CHECK_TILT, .text = "The picture leans: set the laptop level" },
        { "two", .n_people = 2, .check = PL_CHECK_ONE_PERSON, .text = "Two people: I follow the one with the lines" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof trials / sizeof trials[0]; i++) {
        const struct trial *t = &trials[i];
        struct scene s = open_scene(30, usual());
        if (t->distance_m > 0)
            s.camera.distance_m = t->distance_m;
        if (t->lens_m > 0)
            s.camera.height_m = t->lens_m;
        if (t->lens_m > 1) /* from up there only a tall picture holds all of the person */
            s.camera.height_px = 1700;
        s.camera.yaw_deg = t->yaw_deg;
        s.camera.roll_deg = t->roll_deg;
        s.stick.hips.x += t->hips_x;
        s.stick.ankle[0].x += t->hips_x;
        s.stick.ankle[1].x += t->hips_x;
        if (t->brightness > 0) s.input.brightness = t->brightness;
        if (t->noise > 0) s.input.noise = t->noise;
        if (t->fps > 0) s.input.fps = t->fps;
        s.input.n_people = t->n_people;
        wait_s(&s, 1.5);
        if (s.v.first_bad != t->check || s.v.check[t->check].state != PL_CHECK_BAD || strcmp(said_text(&s), t->text))
            fail_msg("%s: check %d, \"%s\"", t->name, (int)s.v.first_bad, said_text(&s));
        assert_true(s.v.guide);
        close_scene(&s);
    }
}

/* Who stands in the dark is not called into the picture; once it is light enough they are. */
static void test_nobody_in_the_dark(void **state)
{
    (void)state;
    struct scene s = open_scene(30, usual());
    s.nobody = true;
    s.input.brightness = 20;
    wait_s(&s, 3);
    assert_int_equal(s.v.first_bad, PL_CHECK_LIGHT);
    assert_true(s.v.check[PL_CHECK_PERSON].state == PL_CHECK_BAD && s.v.guide);
    assert_true(said(&s, PL_SAY_DARK) && !said(&s, PL_SAY_STEP_IN));
    s.input.brightness = 120;
    wait_s(&s, 5);
    assert_int_equal(s.v.first_bad, PL_CHECK_PERSON);
    assert_true(said(&s, PL_SAY_STEP_IN));
    close_scene(&s);
}

/* What calibrate room measured is told where it lies beyond its band, and else stands for the look of the feet. */
static void test_guide_believes_the_room_file(void **state)
{
    static const struct { double lens_m; struct pl_room_calibration room; enum pl_check check; const char *text; } trials[] = {
        { 0.8, { .camera_height_m = 1.6f, .camera_height_err_m = 0.3f }, PL_CHECK_HEIGHT,
          "The camera is high: put the laptop on a chair" },
        { 0.8, { .camera_height_m = 0.2f, .camera_height_err_m = 0.1f }, PL_CHECK_HEIGHT,
          "The camera is low: put the laptop on a chair" },
        { 0.8, { .camera_height_m = 0.8f, .tilt_deg = 16, .tilt_err_deg = 4 }, PL_CHECK_TILT,
          "The camera looks down: set it lower, the screen upright" },
        { 0.8, { .camera_height_m = 0.8f, .tilt_deg = -16, .tilt_err_deg = 4 }, PL_CHECK_TILT,
          "The camera looks up: set it higher, the screen upright" },
        { 0.8, { .camera_height_m = 1.6f, .camera_height_err_m = 0.6f, .tilt_deg = 16, .tilt_err_deg = 8 }, PL_N_CHECKS, "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof trials / sizeof trials[0]; i++) {
        struct scene s = open_scene(30, usual());
        s.input.room = &trials[i].room;
        wait_s(&s, 1.5);
        if (s.v.first_bad != trials[i].check || (*trials[i].text && strcmp(said_text(&s), trials[i].text)))
            fail_msg("%zu: check %d, \"%s\"", i, (int)s.v.first_bad, said_text(&s));
        close_scene(&s);
    }
}

static void test_a_good_place_is_not_talked_about(void **state)
{
    static const double yaws[] = { 0, 90, -90 }, lenses[] = { 0.8, 0.95 }, distances[] = { 2.9, 3.3 };
    (void)state;
    for (int i = 0; i < 12; i++) {
        struct scene s = open_scene(30, usual());
        s.camera.yaw_deg = yaws[i % 3];
        s.camera.height_m = lenses[i / 3 % 2];
        s.camera.distance_m = distances[i / 6];
        wait_for(&s, PL_COACH_WORK, 4);
        if (s.n_guided > 8 || s.v.first_bad != PL_N_CHECKS) /* eight frames: until somebody is known to be there */
            fail_msg("yaw %g, lens %g m, %g m away: %d frames, check %d", s.camera.yaw_deg, s.camera.height_m,
                     s.camera.distance_m, s.n_guided, (int)s.v.first_bad);
        close_scene(&s);
    }
}

/* A squat found from the side is judged from there; a single-leg one that was asked for, from the front, too. */
static void test_view_of_a_chosen_exercise(void **state)
{
    (void)state;
    struct scene s = open_scene(30, usual());
    wait_for(&s, PL_COACH_WORK, 5);
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < PL_N_MEASURES; i++) { /* all that is judged can only be seen from the front */
            s.m.progress.needed[i] = i == PL_M_FPPA;
            s.m.measures.why[PL_SIDE_LEFT][i] = PL_REASON_FACE_CAMERA;
        }
        struct pl_coach_options o = usual();
        o.limits = pl_limits_default();
        o.exercise.kind = k ? PL_EXERCISE_LUNGE : PL_EXERCISE_AUTO;
        struct pl_coach *coach = pl_coach_open(&o);
        for (int i = 0; i < 30; i++) {
            s.m.t_ns += PL_NS_PER_S / 30;
            pl_coach_step(coach, &s.m, &s.input, &s.v);
        }
        assert_int_equal(s.v.check[PL_CHECK_VIEW].state, k ? PL_CHECK_BAD : PL_CHECK_OK);
        assert_int_equal(s.v.check[PL_CHECK_VIEW].what, k ? PL_SAY_FACE_ME : PL_SAY_NOTHING);
        pl_coach_close(coach);
    }
    close_scene(&s);
}

/* Hip drop is judged from hands on the hips: the exercise is known, the hands hang. */
static void test_hands_on_hips_are_asked_for(void **state)
{
    (void)state;
    struct pl_coach_options o = usual();
    o.exercise.kind = PL_EXERCISE_SINGLE_LEG_SQUAT;
    struct scene s = open_scene(30, o);
    s.stick.hands_on_hips = false;
    wait_s(&s, 2);
    assert_int_equal(s.v.check[PL_CHECK_HANDS].state, PL_CHECK_BAD);
    assert_int_equal(s.v.say, PL_SAY_HANDS);
    s.stick.hands_on_hips = true;
    wait_s(&s, 1.5);
    assert_int_equal(s.v.check[PL_CHECK_HANDS].state, PL_CHECK_OK);
    close_scene(&s);
}

/* ---- whatever happens */

static uint32_t random_of(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void test_no_state_loses_a_repetition(void **state)
{
    bool met[PL_N_COACH_STATES] = { false }, counted_in[PL_N_COACH_STATES] = { false };
    uint32_t seed = 7;
    (void)state;
    for (int run = 0; run < 40; run++) {
        struct pl_coach_options o = usual();
        o.limits = pl_limits_default();
        o.plan.reps = (float)(run % 4);
        o.plan.rest_s = 6;
        struct pl_coach *coach = pl_coach_open(&o);
        struct pl_moment m = { 0 };
        struct pl_coach_input in = { 120, 2, 30, 30, 0, NULL, NULL };
        struct pl_coach_view v = { 0 };
        for (int i = 0; i < 3000; i++) {
            const uint32_t r = random_of(&seed) % 400;
            const enum pl_coach_state before = v.state;
            m.t_ns += PL_NS_PER_S / 15;
            m.progress.t_ns = m.pose.t_ns = m.t_ns;
            if (r == 0) m.pose.person = m.keypoints.present = !m.pose.person;
            m.pose.reason = m.pose.person ? PL_REASON_NONE : PL_REASON_NO_PERSON;
            m.keypoints.width_px = 1280;
            m.keypoints.height_px = 720;
            m.pose.stature_px = 560;
            m.pose.hips_px = (struct pl_vec2){ 640, 400 };
            m.keypoints.raw.px[PL_LM_NOSE].y_px = 160;
            if (r == 1) pl_coach_pause(coach);
            if (r == 2) pl_coach_ask(coach);
            if (r == 3) pl_coach_next(coach);
            if (r == 4 || r == 5) pl_coach_take(coach, (int)(random_of(&seed) % 8));
            m.progress.rep_done = r >= 380;
            if (m.progress.rep_done) {
                const enum pl_side side = run % 2 ? (enum pl_side)(random_of(&seed) % 3) : PL_SIDE_UNKNOWN;
                m.progress.n_reps++;
                if (side != PL_SIDE_UNKNOWN)
                    m.progress.n_reps_side[side]++;
                m.progress.last_rep = (struct pl_rep){ .n = m.progress.n_reps, .side = side,
                                                       .exercise = run % 2 ? PL_EXERCISE_LUNGE : PL_EXERCISE_SQUAT };
                counted_in[before] = true;
            }
            const int set_before = v.set, reps_before = v.set_reps;
            pl_coach_step(coach, &m, &in, &v);
            met[v.state] = true;
            assert_int_equal(v.sum.n_reps, m.progress.n_reps);
            assert_int_equal(v.sum.n_reps_side[0], m.progress.n_reps_side[0]);
            if (m.progress.rep_done)
                assert_true(v.set_reps == reps_before + 1 || (v.set_reps == 1 && v.set != set_before) || v.set_reps == 1);
        }
        pl_coach_close(coach);
    }
    for (int i = 0; i < PL_N_COACH_STATES; i++)
        if (!met[i] || !counted_in[i])
            fail_msg("%s was not met, or nothing was counted in it", pl_coach_state_name((enum pl_coach_state)i));
}

static void test_best_repetition_as_a_ghost(void **state)
{
    (void)state;
    struct scene s = open_scene(30, usual());
    wait_for(&s, PL_COACH_WORK, 5);
    assert_false(s.v.ghost);
    repetition(&s, PL_SIDE_UNKNOWN);
    assert_false(s.v.ghost); /* nor in standing */
    for (double t = 0; t < 1.1; t += 1 / s.fps) { /* the same once more: it lies where the person is */
        bend(&s, PL_SIDE_UNKNOWN, 7 + 58 * rise(t / 1.1));
        one_frame(&s);
    }
    assert_true(s.v.ghost);
    const struct pl_point *knee = &s.m.keypoints.raw.px[PL_LM_LEFT_KNEE];
    assert_float_equal(s.v.ghost_px[PL_GHOST_KNEE].x, knee->x_px, 12);
    assert_float_equal(s.v.ghost_px[PL_GHOST_KNEE].y, knee->y_px, 12);
    bend(&s, PL_SIDE_UNKNOWN, 7);
    wait_s(&s, 1.5);
    close_scene(&s);
}

/* ---- pictures */

static void test_look_at_light(void **state)
{
    enum { W = 128, H = 72 };
    static unsigned char rgb[W * H * 3];
    struct pl_frame f = { .width_px = W, .height_px = H, .stride = W * 3, .pixels = PL_PIXELS_RGB24, .data = rgb };
    struct pl_coach_look look = { 0 };
    uint32_t seed = 1;
    (void)state;
    memset(rgb, 90, sizeof rgb);
    pl_coach_look(&look, &f);
    assert_float_equal(look.brightness, 90, 1);
    assert_true(isnan(look.noise));
    pl_coach_look(&look, &f);
    assert_float_equal(look.noise, 0, 0.1);
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < sizeof rgb; i += 3)
            rgb[i] = rgb[i + 1] = rgb[i + 2] = (unsigned char)(80 + random_of(&seed) % 41); /* +-20 */
        pl_coach_look(&look, &f);
    }
    assert_true(look.noise >= 9 && look.noise <= 15); /* median difference of two even distributions: .29 of 41 */
    f.pixels = PL_PIXELS_NONE;
    pl_coach_look(&look, &f);
    assert_true(isnan(look.brightness) && isnan(look.noise));
}

static void test_words(void **state)
{
    (void)state;
    for (int i = 0; i < PL_N_CHECKS; i++)
        assert_true(strlen(pl_language_text(NULL, pl_sentence_of_check((enum pl_check)i))) > 3);
    assert_int_equal(pl_sentence_of_check(PL_N_CHECKS), PL_SAY_NOTHING);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk_in_stand_and_work),
        cmocka_unit_test(test_nothing_stands_in_the_way),
        cmocka_unit_test(test_sets_rest_and_summary),
        cmocka_unit_test(test_the_other_leg),
        cmocka_unit_test(test_alternating_legs_are_left_alone),
        cmocka_unit_test(test_choose_by_hand),
        cmocka_unit_test(test_pages_hold_every_exercise),
        cmocka_unit_test(test_a_hand_that_stays_takes_nothing_more),
        cmocka_unit_test(test_a_hand_need_not_be_still),
        cmocka_unit_test(test_hands_are_where_the_lens_shows_them),
        cmocka_unit_test(test_a_hold_let_go_early_is_held_again),
        cmocka_unit_test(test_targets_go_away_by_themselves),
        cmocka_unit_test(test_keys_take_targets),
        cmocka_unit_test(test_a_raised_hand_pauses),
        cmocka_unit_test(test_hands_that_ask_for_nothing),
        cmocka_unit_test(test_a_hand_ends_the_rest),
        cmocka_unit_test(test_leave_and_come_back),
        cmocka_unit_test(test_guide_says_what_to_change),
        cmocka_unit_test(test_nobody_in_the_dark),
        cmocka_unit_test(test_guide_believes_the_room_file),
        cmocka_unit_test(test_a_good_place_is_not_talked_about),
        cmocka_unit_test(test_view_of_a_chosen_exercise),
        cmocka_unit_test(test_hands_on_hips_are_asked_for),
        cmocka_unit_test(test_no_state_loses_a_repetition),
        cmocka_unit_test(test_best_repetition_as_a_ghost),
        cmocka_unit_test(test_look_at_light),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
