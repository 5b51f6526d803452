/* At most one thing at a time, the most important first, and quiet in between. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "plumbline/cues.h"

struct talk {
    struct pl_limits limits;
    struct pl_cues_state *state;
    struct pl_progress progress;
    struct pl_cue cue;
    int n_fresh;
};

static void open_talk(struct talk *t)
{
    *t = (struct talk){ .limits = pl_limits_default() };
    t->limits.cue_persist_s = 0.2f;
    t->limits.cue_show_s = 2.0f;
    t->limits.cue_show_max_s = 5.0f;
    t->limits.cue_quiet_s = 1.0f;
    t->state = pl_cues_open(&t->limits);
    assert_non_null(t->state);
}

static void set_fault(struct talk *t, enum pl_fault_kind kind, bool on)
{
    t->progress.fault[kind] = (struct pl_fault_now){ on, PL_SIDE_LEFT, 12, 8, t->progress.t_ns };
}

/* Goes on for some seconds at 50 frames a second; at most one cue at any time is implied by the type. */
static void wait_s(struct talk *t, double seconds)
{
    for (int i = 0; i < (int)(seconds * 50 + 0.5); i++) {
        t->progress.t_ns += PL_NS_PER_S / 50;
        pl_cues_step(t->state, &t->progress, &t->cue);
        t->n_fresh += t->cue.fresh;
        assert_non_null(t->cue.text);
        assert_int_equal(t->cue.on, t->cue.text[0] != '\0');
    }
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(pl_cue_text(PL_FAULT_KNEE_COLLAPSE), "Knee drifting inward");
    assert_string_equal(pl_cue_advice(PL_FAULT_KNEE_COLLAPSE), "Push your knee out over your second toe");
    for (int kind = 0; kind < PL_N_FAULTS; kind++) {
        const size_t n = strlen(pl_cue_text((enum pl_fault_kind)kind));
        assert_true(n > 3 && n <= 24); /* readable from three metres */
        assert_true(strlen(pl_cue_advice((enum pl_fault_kind)kind)) > 10);
    }
    assert_string_equal(pl_cue_text(PL_N_FAULTS), "");
}

static void test_a_fault_that_does_not_last_is_not_said(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    t.progress.rep = 1;
    set_fault(&t, PL_FAULT_WOBBLE, true);
    wait_s(&t, 0.1);
    set_fault(&t, PL_FAULT_WOBBLE, false);
    wait_s(&t, 3);
    assert_int_equal(t.n_fresh, 0);
    pl_cues_close(t.state);
}

static void test_most_important_first_and_readable(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    t.progress.rep = 1;
    set_fault(&t, PL_FAULT_TRUNK_LEAN, true);
    set_fault(&t, PL_FAULT_KNEE_COLLAPSE, true);
    wait_s(&t, 0.3);
    assert_true(t.cue.on);
    assert_int_equal(t.cue.fault, PL_FAULT_KNEE_COLLAPSE);
    assert_int_equal(t.cue.side, PL_SIDE_LEFT);
    set_fault(&t, PL_FAULT_KNEE_COLLAPSE, false);
    wait_s(&t, 1.5);
    assert_true(t.cue.on); /* still to be read */
    assert_int_equal(t.cue.fault, PL_FAULT_KNEE_COLLAPSE);
    wait_s(&t, 1.0);
    assert_false(t.cue.on);
    assert_int_equal(t.n_fresh, 1);
    pl_cues_close(t.state);
}

static void test_one_correction_per_repetition(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    set_fault(&t, PL_FAULT_KNEE_COLLAPSE, true);
    set_fault(&t, PL_FAULT_HIP_DROP, true);
    for (int rep = 1; rep <= 3; rep++) {
        t.progress.rep = rep;
        wait_s(&t, 10);
        t.progress.rep = 0; /* standing after it: still that repetition */
        t.progress.n_reps = rep;
        wait_s(&t, 5);
        assert_int_equal(t.n_fresh, rep);
    }
    pl_cues_close(t.state);
}

/* What did not count leaves the number where it was; the next attempt is another one. */
static void test_one_correction_per_attempt(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    t.progress.rep = 1;
    for (int i = 0; i < 3; i++) {
        set_fault(&t, PL_FAULT_WOBBLE, true);
        wait_s(&t, 1);
        set_fault(&t, PL_FAULT_WOBBLE, false);
        wait_s(&t, 3);
        assert_int_equal(t.n_fresh, i < 2 ? 1 : 2);
        t.progress.partial_done = i == 1;
        wait_s(&t, 0.02);
        t.progress.partial_done = false;
    }
    pl_cues_close(t.state);
}

/* 200 ms at 15 frames a second are three frames, however their times are rounded. */
static void test_persistence_is_not_a_frame_longer(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    t.progress.rep = 1;
    for (int k = 0; k <= 3; k++) {
        t.progress.t_ns = k * PL_NS_PER_S / 15;
        t.progress.fault[PL_FAULT_WOBBLE] = (struct pl_fault_now){ true, PL_SIDE_LEFT, 12, 8, 0 };
        pl_cues_step(t.state, &t.progress, &t.cue);
        assert_int_equal(t.cue.fresh, k == 3);
    }
    pl_cues_close(t.state);
}

static void test_not_nagged_on(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    t.progress.rep = 1;
    set_fault(&t, PL_FAULT_WOBBLE, true);
    wait_s(&t, 4);
    assert_true(t.cue.on); /* as long as the fault, but ... */
    wait_s(&t, 1.5);
    assert_false(t.cue.on); /* ... not for ever */
    pl_cues_close(t.state);
}

static void test_quiet_between_cues(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    t.progress.rep = 1;
    set_fault(&t, PL_FAULT_WOBBLE, true);
    wait_s(&t, 0.5);
    set_fault(&t, PL_FAULT_WOBBLE, false);
    wait_s(&t, 1.72); /* the cue has just gone */
    assert_false(t.cue.on);
    t.progress.rep = 2;
    set_fault(&t, PL_FAULT_HIP_DROP, true);
    wait_s(&t, 0.8);
    assert_false(t.cue.on);
    wait_s(&t, 0.4);
    assert_true(t.cue.on);
    assert_int_equal(t.cue.fault, PL_FAULT_HIP_DROP);
    pl_cues_close(t.state);
}

/* Depth is judged at the end, in one frame, for the time since the bottom. */
static void test_judged_once_is_said(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    t.progress.rep = 1;
    wait_s(&t, 1);
    t.progress.rep = 0;
    t.progress.n_reps = 1;
    set_fault(&t, PL_FAULT_TOO_SHALLOW, true);
    t.progress.fault[PL_FAULT_TOO_SHALLOW].since_ns -= PL_NS_PER_S;
    wait_s(&t, 0.02);
    assert_true(t.cue.on && t.cue.fresh);
    set_fault(&t, PL_FAULT_TOO_SHALLOW, false);
    wait_s(&t, 0.02);
    assert_true(t.cue.on && !t.cue.fresh);
    pl_cues_close(t.state);
}

static void test_reset(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    t.progress.rep = 1;
    set_fault(&t, PL_FAULT_WOBBLE, true);
    wait_s(&t, 0.5);
    assert_true(t.cue.on);
    pl_cues_reset(t.state);
    set_fault(&t, PL_FAULT_WOBBLE, false);
    wait_s(&t, 0.02);
    assert_false(t.cue.on);
    set_fault(&t, PL_FAULT_WOBBLE, true);
    wait_s(&t, 0.3);
    assert_int_equal(t.n_fresh, 2); /* nothing remembered */
    pl_cues_close(t.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_a_fault_that_does_not_last_is_not_said),
        cmocka_unit_test(test_most_important_first_and_readable),
        cmocka_unit_test(test_one_correction_per_repetition),
        cmocka_unit_test(test_one_correction_per_attempt),
        cmocka_unit_test(test_persistence_is_not_a_frame_longer),
        cmocka_unit_test(test_not_nagged_on),
        cmocka_unit_test(test_quiet_between_cues),
        cmocka_unit_test(test_judged_once_is_said),
        cmocka_unit_test(test_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
