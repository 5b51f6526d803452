/* What is said with which frame: nothing twice, the most urgent first, stop rules, encouragement. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "plumbline/speech.h"

enum { FPS = 25, MAX_HEARD = 200 };

/* A made-up course of events, frame by frame. */
struct talk {
    struct pl_limits limits;
    struct pl_speech_state *state;
    struct pl_pose pose;
    struct pl_measures measures;
    struct pl_progress progress;
    struct pl_cue cue;
    struct pl_utterance heard[MAX_HEARD]; /* all that were not empty */
    int n;
};

static void open_talk(struct talk *t)
{
    *t = (struct talk){ .limits = pl_limits_default() };
    t->state = pl_speech_open(&t->limits);
    assert_non_null(t->state);
    t->pose.person = true;
    t->progress.phase = PL_PHASE_STAND;
    t->progress.exercise = PL_EXERCISE_SINGLE_LEG_SQUAT;
    t->progress.side = PL_SIDE_LEFT;
    t->cue = (struct pl_cue){ .side = PL_SIDE_UNKNOWN, .text = "", .advice = "" };
}

static void frame(struct talk *t)
{
    struct pl_utterance u;
    pl_speech_step(t->state, &t->pose, &t->measures, &t->progress, &t->cue, &u);
    assert_int_equal(u.t_ns, t->pose.t_ns);
    if ((u.count || u.sentence != PL_SAY_NOTHING) && t->n < MAX_HEARD)
        t->heard[t->n++] = u;
    t->pose.t_ns += PL_NS_PER_S / FPS;
    t->progress.t_ns = t->pose.t_ns;
    t->progress.rep_done = t->progress.partial_done = false;
    t->progress.n_ended = 0;
}

static void wait_s(struct talk *t, double seconds)
{
    for (int i = 0; i < (int)(seconds * FPS + 0.5); i++)
        frame(t);
}

static int count_said(const struct talk *t, enum pl_sentence s)
{
    int n = 0;
    for (int i = 0; i < t->n; i++)
        n += t->heard[i].sentence == s;
    return n;
}

static void set_cue(struct talk *t, enum pl_fault_kind fault)
{
    t->cue = (struct pl_cue){ .on = true, .fresh = true, .fault = fault, .side = PL_SIDE_LEFT, .since_ns = t->pose.t_ns,
                              .text = "x", .advice = "y" };
}

static void no_cue(struct talk *t) { t->cue.on = t->cue.fresh = false; }

struct deed { /* a repetition: its faults, ended by -1, and what was measured */
    int fault[3];
    float fppa, wobble, drop;
};
static const struct deed good = { { -1 }, 2, 0.5f, 0 };

/* Three seconds of it, and the frame that completes it. */
static void rep(struct talk *t, struct deed d)
{
    struct pl_rep *r = &t->progress.last_rep;
    int64_t start_ns = t->pose.t_ns;
    t->progress.phase = PL_PHASE_DOWN;
    t->progress.rep = t->progress.n_reps + 1;
    wait_s(t, 3);
    t->progress.phase = PL_PHASE_STAND;
    t->progress.rep = 0;
    t->progress.n_reps++;
    *r = (struct pl_rep){ .n = t->progress.n_reps, .exercise = t->progress.exercise, .side = t->progress.side,
                          .start_ns = start_ns, .end_ns = t->pose.t_ns };
    for (int i = 0; i < PL_N_MEASURES; i++)
        r->m[i] = (struct pl_value){ NAN, NAN };
    r->m[PL_M_FPPA_CORRECTED] = (struct pl_value){ d.fppa, 2 };
    r->m[PL_M_WOBBLE] = (struct pl_value){ d.wobble, 0.2f };
    r->m[PL_M_PELVIC_DROP_CHANGE] = (struct pl_value){ d.drop, 2 };
    r->m[PL_M_KNEE_FLEXION] = (struct pl_value){ 50, 5 };
    for (int i = 0; i < 3 && d.fault[i] >= 0; i++)
        t->progress.ended[t->progress.n_ended++] =
            (struct pl_fault){ .kind = (enum pl_fault_kind)d.fault[i], .rep = t->progress.n_reps };
    t->progress.rep_done = true;
    frame(t);
}

static void faulty(struct talk *t, enum pl_fault_kind fault)
{
    rep(t, (struct deed){ { (int)fault, -1 }, 12, 0.5f, 6 });
}

/* Three seconds of what does not become a repetition; what is said with the frame that shows it. */
static enum pl_sentence attempt(struct talk *t, enum pl_partial_why why)
{
    const int64_t start_ns = t->pose.t_ns;
    const int before = t->n;
    t->progress.phase = PL_PHASE_DOWN;
    wait_s(t, 3);
    t->progress.phase = PL_PHASE_STAND;
    t->progress.last_partial = (struct pl_partial){ .why = why, .exercise = t->progress.exercise, .side = t->progress.side,
                                                    .start_ns = start_ns, .end_ns = t->pose.t_ns };
    t->progress.partial_done = true;
    t->progress.n_partials++;
    frame(t);
    return t->n > before ? t->heard[t->n - 1].sentence : PL_SAY_NOTHING;
}

static void close_talk(struct talk *t) { pl_speech_close(t->state); }

static void test_stop_if_it_hurts_once_when_somebody_is_there(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    t.pose.person = false;
    t.pose.reason = PL_REASON_NO_PERSON;
    wait_s(&t, 0.4);
    assert_int_equal(t.n, 0);
    t.pose.person = true;
    t.pose.reason = PL_REASON_NONE;
    wait_s(&t, 20);
    pl_speech_reset(t.state); /* a seek */
    wait_s(&t, 20);
    assert_int_equal(t.n, 1);
    assert_int_equal(t.heard[0].sentence, PL_SAY_START);
    assert_int_equal(t.heard[0].t_ns, 10 * PL_NS_PER_S / FPS);
    close_talk(&t);
}

static void test_every_repetition_is_counted_once(void **state)
{
    struct talk t;
    int n = 0;
    (void)state;
    open_talk(&t);
    for (int i = 0; i < 12; i++)
        rep(&t, good);
    for (int i = 0; i < t.n; i++)
        if (t.heard[i].count)
            assert_int_equal(t.heard[i].count, ++n);
    assert_int_equal(n, 12);
    assert_int_equal(t.n, 13); /* and nothing else but the beginning: good repetitions are not praised */
    close_talk(&t);
}

static void test_cue_by_turns(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    wait_s(&t, 1);
    static const enum pl_sentence want[] = { PL_SAY_ADVICE_KNEE_COLLAPSE, PL_SAY_CUE_KNEE_COLLAPSE, PL_SAY_ADVICE_KNEE_COLLAPSE };
    for (int i = 0; i < 3; i++) {
        int64_t t_ns = t.pose.t_ns;
        set_cue(&t, PL_FAULT_KNEE_COLLAPSE);
        wait_s(&t, 2.5); /* stands on the screen: said once, in its first frame */
        no_cue(&t);
        wait_s(&t, 1);
        assert_int_equal(t.n, 2 + i);
        assert_int_equal(t.heard[1 + i].sentence, want[i]);
        assert_int_equal(t.heard[1 + i].urgency, PL_URGENCY_CUE);
        assert_int_equal(t.heard[1 + i].t_ns, t_ns);
    }
    set_cue(&t, PL_FAULT_WOBBLE);
    frame(&t);
    assert_int_equal(t.heard[4].sentence, PL_SAY_ADVICE_WOBBLE); /* each fault has its own turns */
    close_talk(&t);
}

static void test_cannot_see_is_said_at_once_and_not_nagged(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    wait_s(&t, 8);
    const int64_t lost_ns = t.pose.t_ns;
    t.pose.person = false;
    t.pose.reason = PL_REASON_LEGS_HIDDEN;
    wait_s(&t, 11);
    assert_int_equal(t.n, 2);
    assert_int_equal(t.heard[1].sentence, PL_SAY_REASON_LEGS_HIDDEN);
    assert_int_equal(t.heard[1].urgency, PL_URGENCY_BLIND);
    assert_true(t.heard[1].t_ns - lost_ns >= pl_ns_from_s((double)t.limits.say_blind_s));
    assert_true(t.heard[1].t_ns - lost_ns <= pl_ns_from_s((double)t.limits.say_blind_s + 0.1));
    wait_s(&t, 3);
    assert_int_equal(count_said(&t, PL_SAY_REASON_LEGS_HIDDEN), 2); /* again after 12 s */
    t.pose.reason = PL_REASON_NO_PERSON; /* went away: twice, then nobody is there to hear it */
    wait_s(&t, 120);
    assert_int_equal(count_said(&t, PL_SAY_REASON_NO_PERSON), 2);
    t.pose.person = true;
    t.pose.reason = PL_REASON_NONE;
    wait_s(&t, 10);
    t.pose.person = false;
    t.pose.reason = PL_REASON_NO_PERSON;
    wait_s(&t, 2);
    assert_int_equal(count_said(&t, PL_SAY_REASON_NO_PERSON), 3);
    close_talk(&t);
}

static void test_a_flicker_is_not_said(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    wait_s(&t, 5);
    for (int i = 0; i < 40; i++) {
        t.pose.reason = i % 2 ? PL_REASON_NONE : PL_REASON_FEET_HIDDEN;
        wait_s(&t, 0.5);
    }
    assert_int_equal(t.n, 1);
    close_talk(&t);
}

static void need(struct talk *t, enum pl_measure m, enum pl_reason why)
{
    t->progress.needed[m] = true;
    t->measures.why[PL_SIDE_LEFT][m] = why;
}

static void test_hints_while_standing(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    wait_s(&t, 5);
    need(&t, PL_M_FPPA_CORRECTED, PL_REASON_NONE);
    need(&t, PL_M_PELVIC_DROP_CHANGE, PL_REASON_HANDS_ON_HIPS);
    wait_s(&t, 1.8);
    assert_int_equal(t.n, 1);
    wait_s(&t, 0.4);
    assert_int_equal(t.n, 2);
    assert_int_equal(t.heard[1].sentence, PL_SAY_REASON_HANDS_ON_HIPS);
    assert_int_equal(t.heard[1].urgency, PL_URGENCY_HINT);
    wait_s(&t, 60);
    assert_int_equal(t.n, 3); /* and once more, then the person has decided */
    need(&t, PL_M_FPPA_CORRECTED, PL_REASON_TOES_TO_CAMERA);
    t.progress.phase = PL_PHASE_DOWN;
    wait_s(&t, 10);
    assert_int_equal(t.n, 3); /* not in the middle of a movement */
    t.progress.phase = PL_PHASE_STAND;
    wait_s(&t, 2.2);
    assert_int_equal(t.heard[3].sentence, PL_SAY_REASON_TOES_TO_CAMERA);
    close_talk(&t);
}

/* The hands were put there for a whole repetition: that they are gone is worth telling again. */
static void test_a_hint_that_was_heeded_can_come_again(void **state)
{
    (void)state;
    for (int heeded = 0; heeded < 2; heeded++) {
        struct talk t;
        open_talk(&t);
        need(&t, PL_M_PELVIC_DROP_CHANGE, PL_REASON_HANDS_ON_HIPS);
        wait_s(&t, 60);
        assert_int_equal(count_said(&t, PL_SAY_REASON_HANDS_ON_HIPS), 2);
        t.progress.last_rep = (struct pl_rep){ .n = ++t.progress.n_reps, .start_ns = t.pose.t_ns, .end_ns = t.pose.t_ns };
        t.progress.last_rep.why[PL_M_PELVIC_DROP_CHANGE] = heeded ? PL_REASON_NONE : PL_REASON_HANDS_ON_HIPS;
        t.progress.rep_done = true;
        wait_s(&t, 60);
        assert_int_equal(count_said(&t, PL_SAY_REASON_HANDS_ON_HIPS), heeded ? 4 : 2);
        close_talk(&t);
    }
}

/* From the side the knee's collapse cannot be seen, and that is no reason to turn: the rest can. */
static void test_a_view_is_a_hint_only_where_nothing_is_seen(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    need(&t, PL_M_KNEE_FLEXION, PL_REASON_NONE);
    need(&t, PL_M_KNEE_OVER_TOE, PL_REASON_NONE);
    need(&t, PL_M_FPPA_CORRECTED, PL_REASON_FACE_CAMERA);
    need(&t, PL_M_WOBBLE, PL_REASON_OTHER_LEG);
    wait_s(&t, 20);
    assert_int_equal(t.n, 1);
    need(&t, PL_M_KNEE_OVER_TOE, PL_REASON_FAR_LEG);
    wait_s(&t, 3);
    assert_int_equal(t.n, 2);
    assert_int_equal(t.heard[1].sentence, PL_SAY_REASON_FACE_CAMERA);
    close_talk(&t);
}

static void test_encouraged_when_mended(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    rep(&t, good);
    set_cue(&t, PL_FAULT_KNEE_COLLAPSE);
    faulty(&t, PL_FAULT_KNEE_COLLAPSE);
    no_cue(&t);
    assert_int_equal(count_said(&t, PL_SAY_MENDED), 0);
    struct deed unseen = good;
    unseen.fppa = NAN;
    rep(&t, unseen); /* not seen is not mended */
    assert_int_equal(count_said(&t, PL_SAY_MENDED), 0);
    faulty(&t, PL_FAULT_HIP_DROP); /* another fault instead is no reason for praise */
    assert_int_equal(count_said(&t, PL_SAY_MENDED), 0);
    rep(&t, good);
    assert_int_equal(count_said(&t, PL_SAY_MENDED), 1);
    assert_int_equal(t.heard[t.n - 1].sentence, PL_SAY_MENDED); /* with the number */
    assert_int_equal(t.heard[t.n - 1].count, 5);
    assert_int_equal(t.heard[t.n - 1].urgency, PL_URGENCY_PRAISE);
    rep(&t, good);
    assert_int_equal(count_said(&t, PL_SAY_MENDED), 1); /* once */
    close_talk(&t);
}

static void test_praise_is_rare(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    for (int i = 0; i < 20; i++) { /* cue and better by turns */
        set_cue(&t, PL_FAULT_WOBBLE);
        faulty(&t, PL_FAULT_WOBBLE);
        no_cue(&t);
        rep(&t, good);
    }
    int last = -100, n = 0;
    for (int i = 0; i < t.n; i++)
        if (t.heard[i].sentence == PL_SAY_MENDED) {
            assert_true(t.heard[i].count - last >= 5);
            last = t.heard[i].count;
            n++;
        }
    assert_in_range(n, 5, 8);
    close_talk(&t);
}

static void test_three_poor_repetitions_in_a_row(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    faulty(&t, PL_FAULT_KNEE_COLLAPSE);
    faulty(&t, PL_FAULT_TRUNK_LEAN);
    rep(&t, good); /* not in a row */
    faulty(&t, PL_FAULT_HIP_DROP);
    faulty(&t, PL_FAULT_KNEE_COLLAPSE);
    assert_int_equal(count_said(&t, PL_SAY_STOP_POOR), 0);
    faulty(&t, PL_FAULT_TOO_DEEP);
    assert_int_equal(count_said(&t, PL_SAY_STOP_POOR), 1);
    assert_int_equal(t.heard[t.n - 1].urgency, PL_URGENCY_STOP);
    assert_int_equal(t.heard[t.n - 1].count, 6);
    faulty(&t, PL_FAULT_KNEE_COLLAPSE);
    faulty(&t, PL_FAULT_KNEE_COLLAPSE);
    assert_int_equal(count_said(&t, PL_SAY_STOP_POOR), 1); /* not with every further one */
    faulty(&t, PL_FAULT_KNEE_COLLAPSE);
    assert_int_equal(count_said(&t, PL_SAY_STOP_POOR), 2);
    close_talk(&t);
}

static void test_shallow_is_not_poor_and_a_rest_ends_the_row(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    for (int i = 0; i < 6; i++)
        faulty(&t, PL_FAULT_TOO_SHALLOW);
    assert_int_equal(count_said(&t, PL_SAY_STOP_POOR), 0);
    faulty(&t, PL_FAULT_KNEE_COLLAPSE);
    faulty(&t, PL_FAULT_KNEE_COLLAPSE);
    wait_s(&t, 16);
    faulty(&t, PL_FAULT_KNEE_COLLAPSE);
    assert_int_equal(count_said(&t, PL_SAY_STOP_POOR), 0);
    t.progress.side = PL_SIDE_RIGHT; /* the other leg begins afresh */
    faulty(&t, PL_FAULT_KNEE_COLLAPSE);
    faulty(&t, PL_FAULT_KNEE_COLLAPSE);
    assert_int_equal(count_said(&t, PL_SAY_STOP_POOR), 0);
    faulty(&t, PL_FAULT_KNEE_COLLAPSE);
    assert_int_equal(count_said(&t, PL_SAY_STOP_POOR), 1);
    close_talk(&t);
}

/* A reach to the front and one to the back are one repetition; the faults of the second are told after it was counted. */
static void test_second_half_makes_it_poor(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    for (int i = 0; i < 3; i++) {
        rep(&t, good);
        wait_s(&t, 1);
        t.progress.ended[t.progress.n_ended++] = (struct pl_fault){ .kind = PL_FAULT_WOBBLE, .rep = t.progress.n_reps };
        frame(&t);
        assert_int_equal(count_said(&t, PL_SAY_STOP_POOR), i == 2);
    }
    close_talk(&t);
}

struct growth { const char *name; enum pl_sentence want; int n; struct deed rep[6]; };

static void test_worse_from_repetition_to_repetition(void **state)
{
#define D(fppa, wobble, drop) { { -1 }, fppa, wobble, drop }
    static const struct growth table[] = {
        { "wobble grows", PL_SAY_STOP_WOBBLE, 4, { D(2, 0.4f, 0), D(2, 0.6f, 0), D(2, 0.8f, 0), D(2, 1.1f, 0) } },
        { "knee", PL_SAY_STOP_KNEE, 4, { D(2, 0.4f, 0), D(4, 0.4f, 0), D(6, 0.4f, 0), D(8, 0.4f, 0) } },
        { "hip", PL_SAY_STOP_HIP, 4, { D(2, 0.4f, 0), D(2, 0.4f, 1), D(2, 0.4f, 3), D(2, 0.4f, 4) } },
        { "three are too few", PL_SAY_NOTHING, 3, { D(2, 0.4f, 0), D(2, 0.9f, 0), D(2, 1.4f, 0) } },
        { "not above the floor", PL_SAY_NOTHING, 4, { D(2, 0.1f, 0), D(2, 0.2f, 0), D(2, 0.4f, 0), D(2, 0.55f, 0) } },
        { "within the bands", PL_SAY_NOTHING, 4, { D(2, 0.9f, 0), D(2, 0.95f, 0), D(2, 1.0f, 0), D(2, 1.1f, 0) } },
        { "down in between", PL_SAY_NOTHING, 4, { D(2, 0.4f, 0), D(2, 0.9f, 0), D(2, 0.8f, 0), D(2, 1.4f, 0) } },
        { "unknown in between", PL_SAY_NOTHING, 4, { D(2, 0.4f, 0), D(2, NAN, 0), D(2, 0.8f, 0), D(2, 1.4f, 0) } },
        { "the last four count", PL_SAY_STOP_WOBBLE, 6,
          { D(2, 1.4f, 0), D(2, 0.4f, 0), D(2, 0.3f, 0), D(2, 0.5f, 0), D(2, 0.8f, 0), D(2, 1.2f, 0) } },
    };
#undef D
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct talk t;
        int stops = 0;
        open_talk(&t);
        for (int k = 0; k < table[i].n; k++)
            rep(&t, table[i].rep[k]);
        for (int k = 0; k < t.n; k++)
            stops += t.heard[k].urgency == PL_URGENCY_STOP;
        if (stops != (table[i].want != PL_SAY_NOTHING) || (stops && t.heard[t.n - 1].sentence != table[i].want))
            fail_msg("%s: %d stops, last \"%s\"", table[i].name, stops, pl_sentence_id(t.heard[t.n - 1].sentence));
        close_talk(&t);
    }
}

/* All at once: the most urgent is said, the others come up by themselves. */
static void test_order_of_urgency(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    faulty(&t, PL_FAULT_KNEE_COLLAPSE);
    faulty(&t, PL_FAULT_KNEE_COLLAPSE);
    t.progress.phase = PL_PHASE_DOWN;
    wait_s(&t, 3);
    set_cue(&t, PL_FAULT_KNEE_COLLAPSE);
    const int before = t.n;
    t.pose.reason = PL_REASON_FEET_HIDDEN;
    t.progress.n_ended = 1;
    t.progress.ended[0] = (struct pl_fault){ .kind = PL_FAULT_KNEE_COLLAPSE, .rep = 3 };
    t.progress.rep_done = true;
    t.progress.last_rep.n = 3;
    t.progress.last_rep.start_ns = t.pose.t_ns - PL_NS_PER_S;
    wait_s(&t, 8);
    assert_int_equal(t.n, before + 3);
    assert_int_equal(t.heard[before].sentence, PL_SAY_STOP_POOR);
    assert_int_equal(t.heard[before + 1].sentence, PL_SAY_ADVICE_KNEE_COLLAPSE);
    assert_int_equal(t.heard[before + 2].sentence, PL_SAY_REASON_FEET_HIDDEN);
    close_talk(&t);
}

static int64_t random_frames(struct pl_utterance *out, int n, unsigned seed)
{
    struct talk t;
    open_talk(&t);
    int64_t sum = 0;
    for (int i = 0; i < n; i++) {
        seed = seed * 1103515245u + 12345u;
        const unsigned r = seed >> 16;
        t.pose.person = r % 50 != 0;
        t.pose.reason = r % 70 < 3 ? PL_REASON_FEET_HIDDEN : PL_REASON_NONE;
        if (r % 90 == 1)
            set_cue(&t, (enum pl_fault_kind)(r % PL_N_FAULTS));
        if (r % 80 == 2)
            no_cue(&t);
        pl_speech_step(t.state, &t.pose, &t.measures, &t.progress, &t.cue, &out[i]);
        sum += (int)out[i].sentence * (i + 1);
        t.pose.t_ns += PL_NS_PER_S / FPS;
    }
    close_talk(&t);
    return sum;
}

/* Why one does not count: the first time, then with every third; again after a rest; another reason is news. */
static void test_what_does_not_count_is_told_and_not_nagged(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    wait_s(&t, 1);
    for (int i = 0; i < 7; i++)
        assert_int_equal(attempt(&t, PL_PARTIAL_TOO_SHALLOW), i % 3 == 0 ? PL_SAY_PARTIAL_TOO_SHALLOW : PL_SAY_NOTHING);
    assert_int_equal(t.heard[t.n - 1].urgency, PL_URGENCY_CUE);
    assert_int_equal(t.heard[t.n - 1].count, 0);
    assert_int_equal(attempt(&t, PL_PARTIAL_NOT_BACK_UP), PL_SAY_PARTIAL_NOT_BACK_UP);
    rep(&t, good);
    assert_int_equal(attempt(&t, PL_PARTIAL_TOO_SHALLOW), PL_SAY_NOTHING); /* a good one between does not make it news */
    wait_s(&t, 12);
    assert_int_equal(attempt(&t, PL_PARTIAL_TOO_SHALLOW), PL_SAY_PARTIAL_TOO_SHALLOW);
    close_talk(&t);
}

/* One thing for each attempt; and who was out of sight has been told so by then. */
static void test_what_does_not_count_waits_for_an_attempt_without_a_word(void **state)
{
    struct talk t;
    (void)state;
    open_talk(&t);
    wait_s(&t, 1);
    t.progress.phase = PL_PHASE_DOWN;
    const int64_t start_ns = t.pose.t_ns;
    wait_s(&t, 1);
    set_cue(&t, PL_FAULT_KNEE_COLLAPSE);
    wait_s(&t, 1);
    no_cue(&t);
    t.progress.partial_done = true;
    t.progress.last_partial = (struct pl_partial){ .why = PL_PARTIAL_TOO_SHALLOW, .start_ns = start_ns, .end_ns = t.pose.t_ns };
    frame(&t);
    assert_int_equal(t.heard[t.n - 1].sentence, PL_SAY_ADVICE_KNEE_COLLAPSE);
    assert_int_equal(attempt(&t, PL_PARTIAL_LOST), PL_SAY_NOTHING);
    assert_int_equal(attempt(&t, PL_PARTIAL_TOO_SHALLOW), PL_SAY_PARTIAL_TOO_SHALLOW);
    close_talk(&t);
}

static void test_the_same_frames_give_the_same_words(void **state)
{
    enum { N = 3000 };
    struct pl_utterance *a = calloc(N, sizeof *a), *b = calloc(N, sizeof *b);
    (void)state;
    assert_true(a && b);
    assert_true(random_frames(a, N, 7) == random_frames(b, N, 7));
    assert_memory_equal(a, b, N * sizeof *a);
    assert_true(random_frames(a, N, 7) > 0);
    free(a);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stop_if_it_hurts_once_when_somebody_is_there),
        cmocka_unit_test(test_every_repetition_is_counted_once),
        cmocka_unit_test(test_cue_by_turns),
        cmocka_unit_test(test_cannot_see_is_said_at_once_and_not_nagged),
        cmocka_unit_test(test_a_flicker_is_not_said),
        cmocka_unit_test(test_hints_while_standing),
        cmocka_unit_test(test_a_hint_that_was_heeded_can_come_again),
        cmocka_unit_test(test_a_view_is_a_hint_only_where_nothing_is_seen),
        cmocka_unit_test(test_encouraged_when_mended),
        cmocka_unit_test(test_praise_is_rare),
        cmocka_unit_test(test_three_poor_repetitions_in_a_row),
        cmocka_unit_test(test_shallow_is_not_poor_and_a_rest_ends_the_row),
        cmocka_unit_test(test_second_half_makes_it_poor),
        cmocka_unit_test(test_worse_from_repetition_to_repetition),
        cmocka_unit_test(test_order_of_urgency),
        cmocka_unit_test(test_what_does_not_count_is_told_and_not_nagged),
        cmocka_unit_test(test_what_does_not_count_waits_for_an_attempt_without_a_word),
        cmocka_unit_test(test_the_same_frames_give_the_same_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
