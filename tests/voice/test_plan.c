/* One thing at a time: what waits, what gives way, what is left out. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../../src/voice/internal.h"

enum { MAX_SAID = 400 };
#define MS INT64_C(1000000)

/* A voice whose every sentence lasts as long as we say. */
struct mouth {
    struct plan plan;
    struct plan_item said[MAX_SAID];
    int64_t start_ns[MAX_SAID], end_ns[MAX_SAID];
    int n;
};

static void run(struct mouth *m, int64_t t_ns, int64_t lasts_ns)
{
    struct plan_item item;
    int64_t start_ns;
    bool breaks_off;
    while (pl_voice_plan_next(&m->plan, t_ns, &item, &start_ns, &breaks_off)) {
        assert_true(m->n < MAX_SAID);
        if (breaks_off) {
            assert_int_equal(item.urgency, PL_URGENCY_STOP);
            assert_true(m->n > 0 && m->end_ns[m->n - 1] > start_ns);
            m->end_ns[m->n - 1] = start_ns;
        }
        m->said[m->n] = item;
        m->start_ns[m->n] = start_ns;
        m->end_ns[m->n] = start_ns + lasts_ns;
        pl_voice_plan_began(&m->plan, &item, m->end_ns[m->n]);
        m->n++;
    }
}

static void say(struct mouth *m, int64_t t_ms, enum pl_sentence s, enum pl_urgency urgency, int count)
{
    const struct pl_utterance u = { .t_ns = t_ms * MS, .sentence = s, .urgency = urgency, .count = count };
    pl_voice_plan_add(&m->plan, &u, PL_VOICE_FULL, NULL);
}

static void check(const struct mouth *m, int i, const char *text, int64_t start_ms)
{
    assert_true(i < m->n);
    if (strcmp(m->said[i].text, text) || m->start_ns[i] != start_ms * MS)
        fail_msg("%d: \"%s\" at %lld ms, not \"%s\" at %lld", i, m->said[i].text, (long long)(m->start_ns[i] / MS), text,
                 (long long)start_ms);
}

static void test_at_once_when_quiet(void **state)
{
    struct mouth m = { 0 };
    (void)state;
    assert_true(pl_voice_plan_due_ns(&m.plan) == INT64_MAX);
    say(&m, 1000, PL_SAY_START, PL_URGENCY_HINT, 0);
    assert_true(pl_voice_plan_due_ns(&m.plan) == 1000 * MS);
    run(&m, 999 * MS, 500 * MS);
    assert_int_equal(m.n, 0);
    run(&m, 1000 * MS, 500 * MS);
    check(&m, 0, "Stop if it hurts.", 1000);
    assert_true(pl_voice_plan_due_ns(&m.plan) == INT64_MAX);
}

static void test_number_then_sentence_with_a_breath(void **state)
{
    struct mouth m = { 0 };
    (void)state;
    say(&m, 1000, PL_SAY_CUE_TOO_SHALLOW, PL_URGENCY_CUE, 3);
    run(&m, 5000 * MS, 400 * MS);
    assert_int_equal(m.n, 2);
    check(&m, 0, "3", 1000);
    check(&m, 1, "Not deep enough.", 1520);
}

static void test_more_urgent_takes_the_place_of_what_waits(void **state)
{
    struct mouth m = { 0 };
    (void)state;
    say(&m, 0, PL_SAY_START, PL_URGENCY_HINT, 0);
    run(&m, 0, 3000 * MS);
    say(&m, 1500, PL_SAY_REASON_HANDS_ON_HIPS, PL_URGENCY_HINT, 0);
    say(&m, 1600, PL_SAY_CUE_WOBBLE, PL_URGENCY_CUE, 0);
    say(&m, 1700, PL_SAY_MENDED, PL_URGENCY_PRAISE, 0);          /* less urgent: not kept */
    say(&m, 1800, PL_SAY_CUE_HIP_DROP, PL_URGENCY_CUE, 0);       /* as urgent and newer */
    run(&m, 2000 * MS, 1000 * MS);
    assert_int_equal(m.n, 1); /* what is being said is finished */
    run(&m, 9000 * MS, 1000 * MS);
    assert_int_equal(m.n, 2);
    check(&m, 1, "Hip dropping.", 3120);
}

static void test_stop_breaks_off_and_has_its_number(void **state)
{
    struct mouth m = { 0 };
    (void)state;
    say(&m, 0, PL_SAY_ADVICE_WOBBLE, PL_URGENCY_CUE, 0);
    run(&m, 0, 3000 * MS);
    say(&m, 400, PL_SAY_STOP_POOR, PL_URGENCY_STOP, 7);
    run(&m, 400 * MS, 2000 * MS);
    assert_int_equal(m.n, 2);
    check(&m, 1, "7: Rest, or make it smaller.", 400);
    assert_true(m.end_ns[0] == 400 * MS);
    say(&m, 800, PL_SAY_STOP_KNEE, PL_URGENCY_STOP, 0); /* a stop does not break off a stop */
    say(&m, 900, PL_SAY_CUE_WOBBLE, PL_URGENCY_CUE, 0); /* and nothing takes its place */
    run(&m, 9000 * MS, 1000 * MS);
    assert_int_equal(m.n, 3);
    assert_true(m.start_ns[2] == 2520 * MS && m.said[2].urgency == PL_URGENCY_STOP);
}

/* The last number of a set, a cue, what comes next, a hint: in that order, whatever order they were asked for in. */
static void test_what_comes_next_has_its_turn(void **state)
{
    struct mouth m = { 0 };
    (void)state;
    say(&m, 0, PL_SAY_START, PL_URGENCY_HINT, 0);
    run(&m, 0, 700 * MS);
    say(&m, 100, PL_SAY_REST, PL_URGENCY_FLOW, 0);
    say(&m, 200, PL_SAY_CUE_WOBBLE, PL_URGENCY_CUE, 10);
    say(&m, 300, PL_SAY_ALL_DONE, PL_URGENCY_FLOW, 0); /* in the place of the rest */
    run(&m, 2500 * MS, 700 * MS);
    assert_int_equal(m.n, 4);
    check(&m, 1, "10", 820);
    check(&m, 2, "Knee wobbling.", 1640);
    check(&m, 3, "All done. Well done.", 2460);
    say(&m, 2600, PL_SAY_REASON_HANDS_ON_HIPS, PL_URGENCY_HINT, 0);
    say(&m, 2700, PL_SAY_GO_ON, PL_URGENCY_FLOW, 0);
    run(&m, 9000 * MS, 700 * MS);
    check(&m, 4, "Go on.", 3280);
    check(&m, 5, "Put your hands on your hips.", 4100);
}

/* A countdown is of the moment: late, it is not said; and it is a number, not the third of something. */
static void test_countdown(void **state)
{
    struct mouth m = { 0 };
    struct pl_utterance u = { .sentence = PL_SAY_COUNT, .urgency = PL_URGENCY_TICK };
    (void)state;
    for (int i = 3; i > 0; i--) {
        u.t_ns = (4 - i) * PL_NS_PER_S;
        u.number = i;
        pl_voice_plan_add(&m.plan, &u, PL_VOICE_FULL, NULL);
        run(&m, u.t_ns + 900 * MS, i == 3 ? 1700 * MS : 300 * MS); /* 2 would begin 0.8 s late */
    }
    run(&m, 9000 * MS, MS);
    assert_int_equal(m.n, 2);
    check(&m, 0, "3", 1000);
    check(&m, 1, "1", 3000);
}

static void test_late_is_left_out(void **state)
{
    struct mouth m = { 0 };
    (void)state;
    say(&m, 0, PL_SAY_START, PL_URGENCY_HINT, 0);
    run(&m, 0, 4000 * MS);
    say(&m, 1000, PL_SAY_NOTHING, PL_URGENCY_PRAISE, 1);  /* a number 3.1 s late */
    say(&m, 1000, PL_SAY_CUE_WOBBLE, PL_URGENCY_CUE, 0);  /* a cue 3.1 s late */
    run(&m, 20000 * MS, 500 * MS);
    assert_int_equal(m.n, 1);
    say(&m, 20000, PL_SAY_START, PL_URGENCY_HINT, 0);
    run(&m, 20000 * MS, 4000 * MS);
    say(&m, 23000, PL_SAY_NOTHING, PL_URGENCY_PRAISE, 2); /* 1.1 s late: said */
    say(&m, 23500, PL_SAY_NOTHING, PL_URGENCY_PRAISE, 3); /* in the place of 2 */
    run(&m, 30000 * MS, 500 * MS);
    assert_int_equal(m.n, 3);
    check(&m, 2, "3", 24120);
}

/* What waits in vain does not keep others out. */
static void test_a_late_sentence_gives_way(void **state)
{
    struct mouth m = { 0 };
    (void)state;
    say(&m, 0, PL_SAY_START, PL_URGENCY_HINT, 0);
    run(&m, 0, 6000 * MS);
    say(&m, 1000, PL_SAY_CUE_WOBBLE, PL_URGENCY_CUE, 0);
    say(&m, 4500, PL_SAY_MENDED, PL_URGENCY_PRAISE, 0);
    run(&m, 9000 * MS, 500 * MS);
    assert_int_equal(m.n, 2);
    check(&m, 1, "Better. Keep it like that.", 6120);
}

static void test_tones(void **state)
{
    static const struct { enum pl_urgency urgency; int count; enum tone want; } table[] = {
        { PL_URGENCY_PRAISE, 0, TONE_NONE }, { PL_URGENCY_HINT, 0, TONE_NONE }, { PL_URGENCY_CUE, 0, TONE_CUE },
        { PL_URGENCY_BLIND, 0, TONE_LOOK }, { PL_URGENCY_STOP, 0, TONE_STOP }, { PL_URGENCY_FLOW, 0, TONE_NEXT },
        { PL_URGENCY_TICK, 0, TONE_REP },
    };
    (void)state;
    for (int i = 0; i < 7; i++) {
        struct mouth m = { 0 };
        const struct pl_utterance u = { .t_ns = 0, .sentence = PL_SAY_START, .urgency = table[i].urgency };
        pl_voice_plan_add(&m.plan, &u, PL_VOICE_TONES, NULL);
        run(&m, MS, MS);
        assert_int_equal(m.n, table[i].want != TONE_NONE);
        if (m.n) {
            assert_int_equal(m.said[0].tone, table[i].want);
            assert_string_equal(m.said[0].text, "");
        }
        pl_voice_plan_add(&m.plan, &u, PL_VOICE_OFF, NULL);
        assert_true(pl_voice_plan_due_ns(&m.plan) == INT64_MAX);
    }
    struct mouth m = { 0 };
    const struct pl_utterance u = { .count = 2 };
    pl_voice_plan_add(&m.plan, &u, PL_VOICE_TONES, NULL);
    run(&m, MS, MS);
    assert_int_equal(m.said[0].tone, TONE_REP);
    for (int words = 0; words < 2; words++) /* of a hold: with words, too */
        for (int end = 0; end < 2; end++) {
            const struct pl_utterance hold = { .sentence = end ? PL_SAY_HOLD_END : PL_SAY_HOLD_HALF,
                                               .urgency = end ? PL_URGENCY_FLOW : PL_URGENCY_TICK };
            m = (struct mouth){ 0 };
            pl_voice_plan_add(&m.plan, &hold, words ? PL_VOICE_FULL : PL_VOICE_TONES, NULL);
            run(&m, MS, MS);
            assert_int_equal(m.n, 1);
            assert_int_equal(m.said[0].tone, end ? TONE_END : TONE_HALF);
            assert_string_equal(m.said[0].text, !words ? "" : end ? "Time. Foot down." : "Half time.");
        }
}

/* Anything at any time: never two at once, never before it was asked for, never much too late, numbers in order. */
static void test_never_over_itself(void **state)
{
    static struct mouth m;
    uint32_t seed = 5;
    int count = 0, asked_stops = 0, stops = 0, numbers = 0;
    (void)state;
    memset(&m, 0, sizeof m);
    for (int64_t t_ms = 0; t_ms < 400000; t_ms += 33) {
        seed = seed * 1664525u + 1013904223u;
        const unsigned r = seed >> 8;
        if (r % 23 == 0) {
            const enum pl_urgency urgency = (enum pl_urgency)(r / 23 % 7);
            const bool counts = r % 3 == 0;
            asked_stops += urgency == PL_URGENCY_STOP;
            say(&m, t_ms, PL_SAY_CUE_WOBBLE, urgency, counts ? ++count : 0);
        }
        run(&m, t_ms * MS, (int64_t)(200 + r % 3000) * MS);
    }
    int last = 0;
    for (int i = 0; i < m.n; i++) {
        int number = 0;
        assert_true(m.start_ns[i] >= m.said[i].t_ns && m.start_ns[i] <= m.said[i].until_ns);
        if (i > 0)
            assert_true(m.start_ns[i] >= m.end_ns[i - 1]);
        stops += m.said[i].urgency == PL_URGENCY_STOP;
        if (sscanf(m.said[i].text, "%d", &number) == 1) {
            assert_true(number > last);
            last = number;
            numbers++;
        }
    }
    assert_true(m.n > 100 && numbers > 20);
    assert_true(stops > 0 && stops <= asked_stops);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_once_when_quiet),
        cmocka_unit_test(test_number_then_sentence_with_a_breath),
        cmocka_unit_test(test_more_urgent_takes_the_place_of_what_waits),
        cmocka_unit_test(test_stop_breaks_off_and_has_its_number),
        cmocka_unit_test(test_what_comes_next_has_its_turn),
        cmocka_unit_test(test_countdown),
        cmocka_unit_test(test_late_is_left_out),
        cmocka_unit_test(test_a_late_sentence_gives_way),
        cmocka_unit_test(test_tones),
        cmocka_unit_test(test_never_over_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
