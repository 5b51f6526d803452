/* --model auto on simulated machines: what each network costs, how fast the camera is, when somebody is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "plumbline/pace.h"
#include "plumbline/units.h"

struct machine {
    double ms[PL_N_MODELS];              /* of a frame */
    double fps;
    double slow_from_s, slow_to_s, slow; /* takes so many times as long then */
    double rep_s, rest_s;                /* a repetition takes so long, and between two of them there is so much rest; 0: no rest */
    double nobody_from_s, nobody_to_s;
    struct pl_pace pace;
    int n_changes, n_over, n, n_inside;  /* frames that took longer than the interval; changes inside a repetition */
    double last_change_s;
};

static struct machine start(double lite_ms, double fps)
{
    return (struct machine){ .ms = { lite_ms, 1.8 * lite_ms, 8.5 * lite_ms }, .fps = fps, .slow = 1, .rep_s = 2.5, .rest_s = 0.5,
                             .pace = pl_pace_start(PL_MODEL_FULL), .last_change_s = -1 };
}

/* Up to this time; work varies by a third, as on a real machine. */
static void go(struct machine *m, double from_s, double to_s)
{
    for (double t_s = from_s; t_s < to_s; t_s += 1 / m->fps) {
        enum pl_model_kind before = m->pace.model;
        double ms = m->ms[before] * (0.85 + 0.3 * (rand() / (double)RAND_MAX));
        bool between = fmod(t_s, m->rep_s + m->rest_s) > m->rep_s;

        if (t_s >= m->slow_from_s && t_s < m->slow_to_s)
            ms *= m->slow;
        if (t_s >= m->nobody_from_s && t_s < m->nobody_to_s)
            continue;
        m->n++;
        m->n_over += ms > 1e3 / m->fps;
        if (pl_pace_step(&m->pace, pl_ns_from_s(t_s), (int64_t)(ms * 1e6), pl_ns_from_s(1 / m->fps), between) != before) {
            m->n_changes++;
            m->n_inside += !between;
            m->last_change_s = t_s;
        }
    }
}

static void the_best_that_keeps_up(void **state)
{
    static const struct { double lite_ms, fps; enum pl_model_kind best; } cases[] = {
        { 2, 30, PL_MODEL_HEAVY }, { 2, 60, PL_MODEL_FULL },   { 2, 15, PL_MODEL_HEAVY }, { 5, 30, PL_MODEL_FULL },
        { 5, 10, PL_MODEL_HEAVY }, { 15, 30, PL_MODEL_FULL },  { 25, 30, PL_MODEL_LITE }, { 25, 14, PL_MODEL_FULL },
        { 60, 30, PL_MODEL_LITE }, { 60, 5, PL_MODEL_FULL } };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct machine m = start(cases[i].lite_ms, cases[i].fps);
        go(&m, 0, 600);
        if (m.pace.model != cases[i].best)
            fail_msg("%g ms at %g fps: %s", cases[i].lite_ms, cases[i].fps, pl_model_kind_name(m.pace.model));
        assert_true(m.n_changes <= 1 && m.last_change_s < 20);
        assert_int_equal(m.n_inside, 0);
        assert_true(cases[i].lite_ms == 60 || m.n_over < 0.02 * m.n);
    }
}

static void it_follows_a_machine_that_slows_down(void **state)
{
    struct machine m = start(8, 30);
    (void)state;

    m.slow_from_s = 60;
    m.slow_to_s = 120;
    m.slow = 3; /* full takes 43 ms, lite 24: of 33 */
    go(&m, 0, 60);
    assert_int_equal(m.pace.model, PL_MODEL_FULL);
    assert_int_equal(m.n_changes, 0);
    go(&m, 60, 120);
    assert_int_equal(m.pace.model, PL_MODEL_LITE);
    assert_true(m.n_changes == 1 && m.last_change_s < 65);
    go(&m, 120, 180);
    assert_int_equal(m.pace.model, PL_MODEL_FULL);
    assert_true(m.n_changes == 2 && m.last_change_s < 135);
    assert_int_equal(m.n_inside, 0);
}

/* What does not fit is tried again, but ever more rarely: it must not swing to and fro. */
static void a_mistake_is_repeated_ever_more_rarely(void **state)
{
    struct machine m = start(2, 30);
    int first;
    (void)state;

    m.ms[PL_MODEL_HEAVY] = 40; /* more than the table says */
    go(&m, 0, 600);
    first = m.n_changes;
    assert_true(first >= 4 && first <= 14);
    go(&m, 600, 1200);
    assert_true(m.n_changes - first <= 6);
    assert_true(m.n_over < 0.03 * m.n);
}

static void a_repetition_is_waited_for(void **state)
{
    struct machine endless = start(2, 30), slow = start(30, 30);
    (void)state;

    endless.rest_s = 0; /* never between repetitions: a larger one is never taken */
    go(&endless, 0, 300);
    assert_int_equal(endless.n_changes, 0);
    slow.rest_s = 0;    /* a smaller one is, after 3 s */
    go(&slow, 0, 300);
    assert_int_equal(slow.pace.model, PL_MODEL_LITE);
    assert_true(slow.last_change_s > 2.9 && slow.last_change_s < 3.2);
}

static void a_hopeless_machine_jumps_to_the_smallest(void **state)
{
    struct machine m = start(30, 30);
    (void)state;

    m.pace = pl_pace_start(PL_MODEL_HEAVY);
    go(&m, 0, 10);
    assert_int_equal(m.pace.model, PL_MODEL_LITE);
    assert_int_equal(m.n_changes, 1);
}

static void nobody_changes_nothing(void **state)
{
    struct machine m = start(2, 30);
    (void)state;

    m.nobody_from_s = 3;
    m.nobody_to_s = 100;
    go(&m, 0, 103); /* 3 s of room, then nobody, then 3 s: not 5 in a row */
    assert_int_equal(m.n_changes, 0);
    go(&m, 103, 115);
    assert_int_equal(m.pace.model, PL_MODEL_HEAVY);
}

static void what_cannot_be_loaded_is_not_asked_for(void **state)
{
    struct machine m = start(2, 30);
    (void)state;

    m.pace.largest = PL_MODEL_FULL;
    go(&m, 0, 300);
    assert_int_equal(m.n_changes, 0);
}

static void odd_numbers_change_nothing(void **state)
{
    struct pl_pace p = pl_pace_start(PL_MODEL_FULL);
    (void)state;

    for (int i = 0; i < 1000; i++) {
        assert_int_equal(pl_pace_step(&p, i, 0, 33000000, true), PL_MODEL_FULL);
        assert_int_equal(pl_pace_step(&p, i, 1000, 0, true), PL_MODEL_FULL);
        assert_int_equal(pl_pace_step(&p, -i, INT64_MAX, 1, false), PL_MODEL_FULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_that_keeps_up),
        cmocka_unit_test(it_follows_a_machine_that_slows_down),
        cmocka_unit_test(a_mistake_is_repeated_ever_more_rarely),
        cmocka_unit_test(a_repetition_is_waited_for),
        cmocka_unit_test(a_hopeless_machine_jumps_to_the_smallest),
        cmocka_unit_test(nobody_changes_nothing),
        cmocka_unit_test(what_cannot_be_loaded_is_not_asked_for),
        cmocka_unit_test(odd_numbers_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
