/* What is said with which frame, of the moment's and the coach's: priorities, repeats, holds. Moments are made up. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "plumbline/coach.h"

enum { FPS = 20, MAX_HEARD = 400 };

struct scene {
    struct pl_coach *coach;
    struct pl_moment m;
    struct pl_coach_input input;
    struct pl_coach_view v;
    struct pl_utterance heard[MAX_HEARD]; /* all that were not empty */
    int n;
};

static void open_scene(struct scene *s, struct pl_exercise_options exercise)
{
    struct pl_coach_options o = { .exercise = exercise, .limits = pl_limits_default(), .plan = pl_plan_default(), .hands = true };
    memset(s, 0, sizeof *s);
    s->coach = pl_coach_open(&o);
    assert_non_null(s->coach);
    s->input = (struct pl_coach_input){ 120, 2, 30, 30, 0, NULL, NULL };
    s->m.keypoints.width_px = 1280;
    s->m.keypoints.height_px = 720;
    s->m.keypoints.present = s->m.pose.person = true;
    s->m.keypoints.raw.px[PL_LM_NOSE].y_px = 160;
    s->m.pose.view = PL_VIEW_FRONT;
    s->m.pose.stature_px = 560;
    s->m.pose.hips_px = (struct pl_vec2){ 640, 400 };
    s->m.progress.hold_s = NAN;
}

static void frame(struct scene *s)
{
    s->m.t_ns += PL_NS_PER_S / FPS;
    s->m.progress.t_ns = s->m.pose.t_ns = s->m.say.t_ns = s->m.t_ns;
    pl_coach_step(s->coach, &s->m, &s->input, &s->v);
    assert_true(s->v.utterance.t_ns == s->m.t_ns);
    if ((s->v.utterance.sentence != PL_SAY_NOTHING || s->v.utterance.count) && s->n < MAX_HEARD)
        s->heard[s->n++] = s->v.utterance;
    s->m.say = (struct pl_utterance){ 0 };
    s->m.progress.rep_done = false;
}

static void wait_s(struct scene *s, double seconds)
{
    for (int i = 0; i < (int)(seconds * FPS + 0.5); i++)
        frame(s);
}

static void moment_says(struct scene *s, enum pl_sentence sentence, enum pl_urgency urgency, int count)
{
    s->m.say = (struct pl_utterance){ .sentence = sentence, .urgency = urgency, .count = count };
}

static void count_rep(struct scene *s, enum pl_side side)
{
    s->m.progress.n_reps++;
    s->m.progress.n_reps_side[side]++;
    s->m.progress.rep_done = true;
    s->m.progress.last_rep = (struct pl_rep){ .n = s->m.progress.n_reps, .side = side, .exercise = PL_EXERCISE_LUNGE };
}

static int count_said(const struct scene *s, enum pl_sentence sentence)
{
    int n = 0;
    for (int i = 0; i < s->n; i++)
        n += s->heard[i].sentence == sentence;
    return n;
}

static const struct pl_exercise_options any = { PL_EXERCISE_AUTO, PL_SIDE_UNKNOWN };

static void absent(struct scene *s, bool is)
{
    s->m.keypoints.present = s->m.pose.person = !is;
    s->m.pose.reason = is ? PL_REASON_NO_PERSON : PL_REASON_NONE;
}

/* An empty room is called twice, not for ever; and again when somebody was there. */
static void test_nobody_is_called_for_ever(void **state)
{
    struct scene s;
    (void)state;
    open_scene(&s, any);
    absent(&s, true);
    wait_s(&s, 120);
    assert_int_equal(count_said(&s, PL_SAY_STEP_IN), 2);
    assert_true(s.heard[0].t_ns <= PL_NS_PER_S); /* the first at once */
    assert_int_equal(s.heard[0].urgency, PL_URGENCY_BLIND);
    absent(&s, false);
    wait_s(&s, 1);
    absent(&s, true);
    wait_s(&s, 60);
    assert_int_equal(count_said(&s, PL_SAY_STEP_IN), 4);
    pl_coach_close(s.coach);
}

/* Who stays where they cannot be seen is told again, but ever more seldom. */
static void test_hints_do_not_nag(void **state)
{
    struct scene s;
    (void)state;
    open_scene(&s, any);
    s.m.pose.reason = PL_REASON_FEET_HIDDEN;
    wait_s(&s, 120);
    assert_int_equal(s.n, count_said(&s, PL_SAY_SHOW_FEET));
    assert_in_range(s.n, 3, 6);
    for (int i = 1; i < s.n; i++)
        assert_true(s.heard[i].t_ns - s.heard[i - 1].t_ns >= 8 * PL_NS_PER_S);
    pl_coach_close(s.coach);
}

/* The guide's words, not the moment's for the same thing; what the guide does not watch passes; nothing while resting or paused. */
static void test_one_of_them_says_what_to_change(void **state)
{
    struct scene s;
    (void)state;
    open_scene(&s, any);
    s.m.pose.reason = PL_REASON_FEET_HIDDEN;
    for (int i = 0; i < 200; i++) {
        moment_says(&s, PL_SAY_REASON_FEET_HIDDEN, PL_URGENCY_BLIND, 0);
        frame(&s);
    }
    assert_true(count_said(&s, PL_SAY_SHOW_FEET) > 0);
    assert_int_equal(count_said(&s, PL_SAY_REASON_FEET_HIDDEN), 0);
    s.m.pose.reason = PL_REASON_NONE;
    wait_s(&s, 9);
    assert_int_equal(s.v.state, PL_COACH_WORK);
    count_rep(&s, PL_SIDE_LEFT);
    wait_s(&s, 3);
    moment_says(&s, PL_SAY_REASON_FEET_HIDDEN, PL_URGENCY_BLIND, 0); /* in the work: at once */
    frame(&s);
    assert_int_equal(s.v.utterance.sentence, PL_SAY_REASON_FEET_HIDDEN);
    assert_int_equal(s.v.utterance.urgency, PL_URGENCY_BLIND);
    wait_s(&s, 3);
    moment_says(&s, PL_SAY_REASON_NO_PERSON, PL_URGENCY_BLIND, 0); /* "I can't see you. I'll wait" is the coach's */
    frame(&s);
    assert_int_equal(s.v.utterance.sentence, PL_SAY_NOTHING);
    pl_coach_pause(s.coach);
    frame(&s);
    assert_int_equal(s.v.utterance.sentence, PL_SAY_PAUSED);
    wait_s(&s, 3);
    moment_says(&s, PL_SAY_REASON_HANDS_ON_HIPS, PL_URGENCY_HINT, 0);
    frame(&s);
    assert_int_equal(s.v.utterance.sentence, PL_SAY_NOTHING);
    moment_says(&s, PL_SAY_CUE_WOBBLE, PL_URGENCY_CUE, 0);
    frame(&s);
    assert_int_equal(s.v.utterance.sentence, PL_SAY_CUE_WOBBLE);
    pl_coach_close(s.coach);
}

/* Stop rules and corrections go first; what comes next is said in the frame after, and no number is lost. */
static void test_corrections_go_first(void **state)
{
    static const struct { enum pl_sentence sentence; enum pl_urgency urgency; } first[] = {
        { PL_SAY_STOP_POOR, PL_URGENCY_STOP }, { PL_SAY_ADVICE_KNEE_COLLAPSE, PL_URGENCY_CUE },
    };
    (void)state;
    for (int k = 0; k < 2; k++) {
        struct scene s;
        open_scene(&s, (struct pl_exercise_options){ PL_EXERCISE_LUNGE, PL_SIDE_LEFT });
        wait_s(&s, 8);
        for (int i = 1; i <= 10; i++) {
            count_rep(&s, PL_SIDE_LEFT);
            moment_says(&s, i == 10 ? first[k].sentence : PL_SAY_NOTHING, first[k].urgency, i);
            frame(&s);
            assert_int_equal(s.v.utterance.count, i);
        }
        assert_int_equal(s.v.state, PL_COACH_REST);
        assert_true(s.v.utterance.sentence == first[k].sentence && s.v.utterance.urgency == first[k].urgency);
        frame(&s);
        assert_true(s.v.utterance.sentence == PL_SAY_REST && s.v.utterance.urgency == PL_URGENCY_FLOW);
        wait_s(&s, 46);
        assert_int_equal(count_said(&s, PL_SAY_HAND_ENDS_REST), 1);
        assert_int_equal(count_said(&s, PL_SAY_TEN_LEFT), 1);
        assert_int_equal(s.heard[s.n - 1].sentence, PL_SAY_NEXT_SET);
        pl_coach_close(s.coach);
    }
}

/* Why one does not count is said in the work; who rests or has paused need not count. */
static void test_what_does_not_count_matters_in_the_work(void **state)
{
    struct scene s;
    (void)state;
    open_scene(&s, (struct pl_exercise_options){ PL_EXERCISE_LUNGE, PL_SIDE_LEFT });
    wait_s(&s, 8);
    assert_int_equal(s.v.state, PL_COACH_WORK);
    for (int i = 0; i < 3; i++) {
        moment_says(&s, PL_SAY_PARTIAL_TOO_SHALLOW, PL_URGENCY_CUE, 0);
        frame(&s);
        assert_int_equal(s.v.utterance.sentence, i == 1 ? PL_SAY_NOTHING : PL_SAY_PARTIAL_TOO_SHALLOW);
        if (i < 2) { /* pause, go on */
            pl_coach_pause(s.coach);
            wait_s(&s, 3);
        }
    }
    for (int i = 0; i < 10; i++) {
        count_rep(&s, PL_SIDE_LEFT);
        frame(&s);
    }
    wait_s(&s, 3);
    assert_int_equal(s.v.state, PL_COACH_REST);
    moment_says(&s, PL_SAY_PARTIAL_TOO_SHORT, PL_URGENCY_CUE, 0);
    frame(&s);
    assert_int_equal(s.v.utterance.sentence, PL_SAY_NOTHING);
    pl_coach_close(s.coach);
}

static void test_stop_if_it_hurts_once(void **state)
{
    struct scene s;
    (void)state;
    open_scene(&s, any);
    absent(&s, true);
    wait_s(&s, 1);
    absent(&s, false);
    s.m.pose.reason = PL_REASON_FEET_HIDDEN;
    moment_says(&s, PL_SAY_START, PL_URGENCY_HINT, 0);
    frame(&s);
    pl_coach_reset(s.coach); /* a seek while it waits */
    wait_s(&s, 30);
    assert_int_equal(count_said(&s, PL_SAY_START), 1);
    for (int i = 2; i < s.n; i++) /* nor two things at once, after the seek */
        assert_true(s.heard[i].t_ns - s.heard[i - 1].t_ns >= PL_NS_PER_S);
    pl_coach_close(s.coach);
}

/* Half of the time and its end, once each, however long the foot stays up; the seconds are there to be shown. */
static void test_hold(void **state)
{
    struct scene s;
    (void)state;
    open_scene(&s, (struct pl_exercise_options){ PL_EXERCISE_STANCE, PL_SIDE_UNKNOWN });
    assert_true(pl_plan_default().hold_s == 30);
    wait_s(&s, 8);
    assert_true(isnan(s.v.hold_s) && s.v.hold_goal_s == 30 && s.v.n_set_reps == 1);
    for (int k = 0; k < 2; k++) {
        const int before = s.n;
        for (double held = k ? 3 : 0.5; held < (k ? 14 : 40); held += 1.0 / FPS) {
            s.m.progress.hold_s = (float)held;
            frame(&s);
            assert_float_equal(s.v.hold_s, held, 0.01);
        }
        s.m.progress.hold_s = NAN;
        frame(&s);
        assert_int_equal(s.n - before, k ? 0 : 2);
    }
    assert_int_equal(s.heard[s.n - 2].sentence, PL_SAY_HOLD_HALF);
    assert_int_equal(s.heard[s.n - 2].urgency, PL_URGENCY_TICK);
    assert_int_equal(s.heard[s.n - 1].sentence, PL_SAY_HOLD_END);
    assert_float_equal(pl_s_from_ns(s.heard[s.n - 1].t_ns - s.heard[s.n - 2].t_ns), 15, 0.11);
    pl_coach_close(s.coach);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_is_called_for_ever),
        cmocka_unit_test(test_hints_do_not_nag),
        cmocka_unit_test(test_one_of_them_says_what_to_change),
        cmocka_unit_test(test_corrections_go_first),
        cmocka_unit_test(test_what_does_not_count_matters_in_the_work),
        cmocka_unit_test(test_stop_if_it_hurts_once),
        cmocka_unit_test(test_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
