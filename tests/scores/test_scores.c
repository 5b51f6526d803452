/* Scores of a stick person with known faults: each gives its items, on both sides; what a view cannot see stays open. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "../../src/scores/internal.h"
#include "../support/stick.h"
#include "plumbline/scores.h"

enum { MAX_REPS = 8 };

/* What a stick person does; angles and ways at the bottom. side: of the standing leg. */
struct doing {
    enum pl_side side;
    double knee_in_m, drop_deg, lean_deg;  /* lean towards the standing side */
    double forward_deg;                    /* of the trunk, besides 20 */
    double shake_m, shake_hz;              /* of the knee */
    double hand_m;                         /* both hands rise sideways */
    double turn_deg;                       /* of the pelvis */
    double free_out_m;                     /* the free knee goes out */
    double lift_m;                         /* of the free foot; 0: .20 */
    bool touch;                            /* the free foot comes back to its place at the bottom */
    bool hands_hang;
    bool reach;                            /* two repetitions of two bends: the free foot in front, then behind */
    bool hold;                             /* stands on one leg, and then on both again */
    int bad_bend;                          /* of a reach: the knee goes in (knee_in_m) in this one only, from 1 */
};

struct run {
    struct doing doing;
    struct pl_limits limits;
    double fps, yaw_deg, unseen_from_s, unseen_to_s; /* the standing leg's landmarks are not known */
    bool exchange;                                   /* the picture is mirrored: the same person, left and right exchanged */
    enum pl_exercise_kind kind;
    struct pl_scores scores[MAX_REPS];
    struct pl_rep rep[MAX_REPS];
    int n;
};

static struct run front(struct doing doing)
{
    return (struct run){ .doing = doing, .limits = pl_limits_default(), .fps = 30, .kind = PL_EXERCISE_SINGLE_LEG_SQUAT };
}

/* ---- the motion: 2.5 s on both feet, the free foot is lifted until 3.2, three dips of 3 s from 3.5 on ---- */

static double rise(double u)
{
    const double x = fmin(1.0, fmax(0.0, u));
    return x * x * x * (10 - 15 * x + 6 * x * x);
}

static double bend_at(double t_s)
{
    const double u = t_s - 3.5, v = u - 3.0 * floor(u / 3.0);
    return u < 0 || u >= 12.0 ? 0 : rise(v / 1.35) * (1.0 - rise((v - 1.35) / 1.35));
}

/* The bends of a reach: the free foot hangs beside the other and goes 35 cm there. */
static struct stick reaching_at(const struct doing *d, double t_s)
{
    const double bend = bend_at(t_s);
    const int nth = (int)floor((t_s - 3.5) / 3.0), side = (int)d->side, other = 1 - side;
    struct stick s = stick_standing();
    s.trunk_forward_deg = 20 * bend;
    s.hands_on_hips = true;
    s.knee_in_m[side] = nth + 1 == d->bad_bend ? d->knee_in_m * bend : 0;
    stick_bend(&s, d->side, 7 + 43 * bend);
    s.ankle[other].y = (nth % 2 ? -0.35 : 0.35) * bend;
    s.ankle[other].z += rise((t_s - 2.5) / 0.7) * 0.10 * (1 - bend);
    return s;
}

static struct stick person_at(const struct doing *d, double t_s)
{
    const double bend = d->hold || t_s >= 12.5 ? 0 : bend_at(t_s);
    const double lifted = rise((t_s - 2.5) / 0.7) * (1 - (d->hold ? rise((t_s - 10.0) / 0.7) : 0));
    const double up = lifted * (d->touch ? 1 - rise(4 * (bend - 0.6)) : 1.0);
    const int side = (int)d->side, other = 1 - side;
    struct stick s = stick_standing();
    s.ankle[other].z += (d->lift_m > 0 ? d->lift_m : 0.20) * up;
    s.ankle[other].y -= 0.30 * up;
    s.drop_deg = (side == PL_SIDE_LEFT ? 1 : -1) * d->drop_deg * bend;
    s.trunk_forward_deg = (20 + d->forward_deg) * bend;
    s.trunk_left_deg = (side == PL_SIDE_LEFT ? 1 : -1) * d->lean_deg * bend;
    s.knee_in_m[side] = d->knee_in_m * (d->hold ? lifted : bend) + d->shake_m * sin(2 * PL_PI * d->shake_hz * t_s) * (bend > 0.02);
    s.knee_in_m[other] = -d->free_out_m * bend;
    s.hands_on_hips = !d->hands_hang;
    stick_bend(&s, d->side, 7 + 53 * bend);
    return s;
}

static void shift(struct pl_keypoints *k, enum pl_landmark i, double x_px, double y_px)
{
    k->raw.px[i].x_px += (float)x_px;
    k->raw.px[i].y_px += (float)y_px;
}

/* What the stick itself does not do: hands that rise, a pelvis that turns, a leg that is not seen. */
static void change(struct pl_keypoints *k, const struct run *r, double t_s)
{
    const double px_per_m = 1000.0 / 3.0, bend = bend_at(t_s);
    for (int side = 0; side < PL_N_SIDES; side++) {
        const double way = r->doing.hand_m * bend * px_per_m, angle = r->doing.turn_deg * bend * PL_PI / 180;
        struct pl_vec3 *hip = &k->raw.m[pl_landmark_of(PL_LM_LEFT_HIP, (enum pl_side)side)];
        for (int i = PL_LM_LEFT_WRIST; i <= PL_LM_LEFT_THUMB; i += 2)
            shift(k, pl_landmark_of((enum pl_landmark)i, (enum pl_side)side), side == PL_SIDE_LEFT ? way : -way, -way);
        *hip = (struct pl_vec3){ (float)(cos(angle) * (double)hip->x - sin(angle) * (double)hip->z), hip->y,
                                 (float)(sin(angle) * (double)hip->x + cos(angle) * (double)hip->z) };
    }
    for (int i = PL_LM_LEFT_KNEE; t_s >= r->unseen_from_s && t_s < r->unseen_to_s && i <= PL_LM_LEFT_FOOT_INDEX; i += 2)
        k->raw.px[pl_landmark_of((enum pl_landmark)i, r->doing.side)].visibility_p = 0;
}

/* The picture flipped: what was the left side's landmark is the right side's at the mirrored place. The network turns world
 * landmarks by 4.5 degrees, to the same side in any picture (stick.c). */
static void flip(struct pl_keypoints *k)
{
    const struct pl_landmarks was = k->raw;
    const float turn = -2.0f * 4.5f * (float)(PL_PI / 180);
    for (int i = 0; i < PL_N_LANDMARKS; i++) {
        const int from = i < PL_LM_LEFT_SHOULDER ? i : i % 2 ? i + 1 : i - 1;
        k->raw.px[i] = was.px[from];
        k->raw.px[i].x_px = (float)k->width_px - was.px[from].x_px;
        k->raw.m[i] = (struct pl_vec3){ sinf(turn) * was.m[from].z - cosf(turn) * was.m[from].x, was.m[from].y,
                                        cosf(turn) * was.m[from].z + sinf(turn) * was.m[from].x };
    }
}

static void take(struct run *r, const struct pl_progress *p, const struct pl_scores *s)
{
    if (p->bend_done) {
        assert_int_equal(s->rep, p->bend.n);
        assert_int_equal(p->bend.n, p->last_rep.n);
        assert_true(p->bend.start_ns >= p->last_rep.end_ns - pl_ns_from_s(0.2));
        assert_true(r->n > 0);
        r->scores[r->n - 1] = *s;
    }
    if (!p->rep_done || r->n == MAX_REPS)
        return;
    if (p->last_rep.side != PL_SIDE_UNKNOWN)
        assert_int_equal(s->rep, p->last_rep.n);
    r->rep[r->n] = p->last_rep;
    r->scores[r->n++] = *s;
}

static void play(struct run *r)
{
    const struct pl_exercise_options options = { r->kind, PL_SIDE_UNKNOWN };
    const struct stick_camera camera = stick_camera_at(r->yaw_deg);
    struct pl_pose_state *ps = pl_pose_open(&r->limits);
    struct pl_measures_state *ms = pl_measures_open(&r->limits);
    struct pl_exercise_state *es = pl_exercise_open(&options, &r->limits);
    struct pl_scores_state *ss = pl_scores_open(&r->limits);
    struct pl_progress progress;
    struct pl_scores scores;
    uint64_t seed = 5;
    assert_true(ps && ms && es && ss);
    for (int i = 0; i < (int)((r->doing.reach ? 16 : 13) * r->fps); i++) {
        const double t_s = i / r->fps;
        const struct stick s = r->doing.reach ? reaching_at(&r->doing, t_s) : person_at(&r->doing, t_s);
        struct pl_keypoints k;
        struct pl_pose pose;
        struct pl_measures m;
        stick_keypoints(&s, &camera, pl_ns_from_s(t_s), &k);
        change(&k, r, t_s);
        stick_noise(&k, 0.5, &seed);
        if (r->exchange)
            flip(&k);
        pl_pose_step(ps, &k, &pose);
        pl_measures_step(ms, &pose, &m);
        pl_exercise_step(es, &pose, &m, &progress);
        pl_scores_step(ss, &pose, &m, &progress, &scores);
        take(r, &progress, &scores);
    }
    pl_exercise_finish(es, &progress);
    pl_scores_finish(ss, &progress, &scores);
    take(r, &progress, &scores);
    pl_pose_close(ps);
    pl_measures_close(ms);
    pl_exercise_close(es);
    pl_scores_close(ss);
    const int want = r->doing.hold ? 1 : r->doing.reach ? 2 : 3;
    if (r->n != want)
        fail_msg("%d repetitions, not %d", r->n, want);
}

/* ---- what is expected: one letter per item, n no, y yes, u unclear, - not seen, . not asked, ? any ---- */

static char letter(const struct pl_item *item)
{
    static const char letters[PL_N_ANSWERS] = { '-', '.', 'n', 'u', 'y' };
    return letters[item->answer];
}

static void check_items(const char *score, int rep, const struct pl_item *item, int n, const char *want)
{
    char got[PL_N_QASLS + 1] = "";
    for (int i = 0; i < n; i++) {
        got[i] = letter(&item[i]);
        assert_true(item[i].least >= 0 && item[i].least <= item[i].most);
        assert_true((item[i].answer == PL_ANSWER_NOT_SEEN) == (item[i].why != PL_REASON_NONE));
        assert_true(item[i].answer != PL_ANSWER_NO || (item[i].least == 0 && item[i].most == 0));
        assert_true(item[i].answer != PL_ANSWER_YES || item[i].least >= 1);
    }
    assert_int_equal(strlen(want), n);
    for (int i = 0; i < n; i++)
        if (want[i] != '?' && want[i] != got[i])
            fail_msg("%s of repetition %d: %s, not %s", score, rep, got, want);
}

/* piva: arms trunk pelvis knee steady; qasls: in the order of PL_QASLS */
static void check(const struct run *r, const char *piva, const char *qasls)
{
    for (int i = 0; i < r->n; i++) {
        assert_int_equal(r->scores[i].side, r->rep[i].side);
        check_items("QASLS", i + 1, r->scores[i].qasls, PL_N_QASLS, qasls);
        check_items("Piva", i + 1, r->scores[i].piva, PL_N_PIVA, piva);
    }
}

/* The same on the other leg, and in a mirrored picture. */
static void check_both_sides(struct doing doing, const char *piva, const char *qasls)
{
    for (int side = 0; side < PL_N_SIDES; side++) {
        for (int mirrored = 0; mirrored < 2; mirrored++) {
            doing.side = (enum pl_side)side;
            struct run r = front(doing);
            r.exchange = mirrored;
            play(&r);
            assert_int_equal(r.rep[0].side, mirrored ? 1 - side : side);
            check(&r, piva, qasls);
        }
    }
}

/* ---- tests ---- */

static void test_a_good_one_has_no_points(void **state)
{
    (void)state;
    check_both_sides((struct doing){ .knee_in_m = 0 }, "nnnnn", "nnnnnnnnnn");
    static const double rates[] = { 15, 25, 60 };
    for (int i = 0; i < 3; i++) {
        struct run r = front((struct doing){ .side = PL_SIDE_LEFT });
        r.fps = rates[i];
        play(&r);
        check(&r, "nnnnn", "nnnnnnnnnn");
        assert_int_equal(r.scores[2].grade, PL_GRADE_GOOD);
        assert_int_equal(r.scores[2].piva_sum.most, 0);
        assert_int_equal(r.scores[2].piva_sum.of, 6);
        assert_int_equal(r.scores[2].qasls_sum.of, 10);
        assert_int_equal(r.scores[2].qasls_sum.n_decided, 10);
    }
}

static void test_knee(void **state)
{
    (void)state;
    check_both_sides((struct doing){ .knee_in_m = 0.09 }, "nnnyn", "nnnn?nyynn"); /* 24 degrees: past the border */
    check_both_sides((struct doing){ .knee_in_m = 0.035 }, "nnnyn", "nnnn?nyunn"); /* over the big toe */
    struct run r = front((struct doing){ .side = PL_SIDE_RIGHT, .knee_in_m = 0.09 });
    play(&r);
    assert_int_equal(r.scores[0].piva[PL_PIVA_KNEE].least, 2);
    assert_int_equal(r.scores[0].piva[PL_PIVA_KNEE].most, 2);
    assert_int_equal(r.scores[0].piva_sum.least, 2);
    assert_int_equal(r.scores[0].grade, PL_GRADE_MEDIUM);
    r = front((struct doing){ .side = PL_SIDE_RIGHT, .knee_in_m = 0.035 });
    play(&r);
    assert_int_equal(r.scores[0].piva[PL_PIVA_KNEE].least, 1);
    assert_int_equal(r.scores[0].piva[PL_PIVA_KNEE].most, 2);
    assert_int_equal(r.scores[0].grade, PL_GRADE_UNKNOWN); /* 1 is good, 2 is medium */
    r = front((struct doing){ .side = PL_SIDE_RIGHT, .knee_in_m = 0.030 });
    r.limits.score_fppa_far_limit_deg = 25;
    r.limits.score_knee_border_limit = 0.1f; /* surely not so far: one point and no more */
    play(&r);
    assert_int_equal(r.scores[0].piva[PL_PIVA_KNEE].least, 1);
    assert_int_equal(r.scores[0].piva[PL_PIVA_KNEE].most, 1);
    r = front((struct doing){ .side = PL_SIDE_RIGHT, .knee_in_m = 0.02 });
    play(&r);
    check(&r, "nnnun", "nnnn?nu?nn");
}

static void test_thigh(void **state)
{
    (void)state;
    check_both_sides((struct doing){ .knee_in_m = 0.11 }, "nnnyn", "nnnnynyynn");
    check_both_sides((struct doing){ .free_out_m = 0.16 }, "nnn?n", "nnnnnynnnn");
}

static void test_trunk(void **state)
{
    (void)state;
    check_both_sides((struct doing){ .lean_deg = 18 }, "nynnn", "nynnnnnnnn");
    check_both_sides((struct doing){ .lean_deg = -18 }, "nynnn", "nynnnnnnnn");
    check_both_sides((struct doing){ .lean_deg = 10 }, "nunnn", "nunnnnnnnn");
}

static void test_pelvis(void **state)
{
    (void)state;
    check_both_sides((struct doing){ .drop_deg = 16 }, "??ynn", "?nynnnnnnn");
    check_both_sides((struct doing){ .drop_deg = -16 }, "??ynn", "?nynnn?nnn");
    check_both_sides((struct doing){ .drop_deg = 9 }, "nnunn", "nnunnnnnnn");
    check_both_sides((struct doing){ .turn_deg = 30 }, "nnynn", "nnnynnnnnn");
    check_both_sides((struct doing){ .turn_deg = -30 }, "nnynn", "nnnynnnnnn");
    check_both_sides((struct doing){ .turn_deg = 17 }, "nnunn", "nnnunnnnnn");
    struct run turned = front((struct doing){ .side = PL_SIDE_LEFT }); /* a body that stands turned does not turn */
    turned.yaw_deg = 9;
    play(&turned);
    check(&turned, "?????", "???n??????");
    struct run r = front((struct doing){ .hands_hang = true });
    play(&r);
    check(&r, "nn-nn", "nn-nnnnnnn");
    assert_int_equal(r.scores[0].qasls[PL_QASLS_PELVIS_LEVEL].why, PL_REASON_HANDS_ON_HIPS);
    assert_int_equal(r.scores[0].piva_sum.least, 0);
    assert_int_equal(r.scores[0].piva_sum.most, 1);
    assert_int_equal(r.scores[0].piva_sum.n_decided, 4);
    assert_int_equal(r.scores[0].grade, PL_GRADE_GOOD); /* 0 or 1: good either way */
}

static void test_arms(void **state)
{
    (void)state;
    check_both_sides((struct doing){ .hand_m = 0.35 }, "yn?nn", "yn?nnnnnnn");
    check_both_sides((struct doing){ .hands_hang = true, .lean_deg = 25 }, "ny-nn", "ny-nnnnnnn"); /* they go with the shoulders */
    struct run r = front((struct doing){ .hand_m = 0.13 }); /* .11 statures: the band reaches over the limit */
    play(&r);
    check(&r, "un?nn", "un?nnnnnnn");
    r = front((struct doing){ .hand_m = 0.35 });
    r.limits.score_arms_s = 5.0f; /* no hand is away for so long */
    play(&r);
    check(&r, "-n?nn", "-n?nnnnnnn"); /* 3 s are too short to say more */
}

static void test_steadiness(void **state)
{
    (void)state;
    check_both_sides((struct doing){ .shake_m = 0.03, .shake_hz = 2 }, "nn??y", "nnnn?n??ny");
    for (int only = 0; only < 2; only++) { /* each sign alone is enough */
        struct run shaking = front((struct doing){ .side = PL_SIDE_LEFT, .shake_m = 0.03, .shake_hz = 2 });
        shaking.limits.wobble_limit_pct = only ? 20.0f : 1.5f;
        shaking.limits.score_reversals_limit = only ? 4.0f : 50.0f;
        play(&shaking);
        check(&shaking, "nn??y", "?????????y");
        assert_int_equal(shaking.scores[0].qasls[PL_QASLS_WOBBLE].fact, only ? PL_FACT_REVERSALS : PL_FACT_WOBBLE);
    }
    check_both_sides((struct doing){ .touch = true }, "nnnny", "nnnnnnnnyn");
    struct run r = front((struct doing){ .lift_m = 0.05 }); /* low over the floor, somewhere behind */
    play(&r);
    check(&r, "nnnnu", "nnnnnnnnun");
}

/* From the side nearly nothing can be said, and nothing is. */
static void test_side_view(void **state)
{
    (void)state;
    static const double yaws[] = { 90, -90, 45 };
    for (int i = 0; i < 3; i++) {
        struct run r = front((struct doing){ .side = i == 1 ? PL_SIDE_RIGHT : PL_SIDE_LEFT, .knee_in_m = 0.09, .drop_deg = 12,
                                             .lean_deg = 15 });
        r.yaw_deg = yaws[i];
        play(&r);
        check(&r, "-----", "--------?-");
        assert_int_equal(r.scores[0].qasls[PL_QASLS_KNEE_TOE].why, PL_REASON_FACE_CAMERA);
        assert_int_equal(r.scores[0].piva_sum.least, 0);
        assert_int_equal(r.scores[0].piva_sum.most, 6);
        assert_int_equal(r.scores[0].grade, PL_GRADE_UNKNOWN);
    }
    struct run lean = front((struct doing){ .side = PL_SIDE_LEFT, .forward_deg = 25 });
    lean.yaw_deg = 90;
    play(&lean);
    check(&lean, "-----", "-y------?-"); /* but a bow is a bow */
}

/* What was not seen may have been worse: no "no" from a part of the repetition, but still a "yes". */
static void test_half_seen(void **state)
{
    (void)state;
    for (int fault = 0; fault < 2; fault++) {
        struct run r = front((struct doing){ .side = PL_SIDE_LEFT, .knee_in_m = fault ? 0.11 : 0 });
        r.limits.score_seen_min = 1.0f;
        r.unseen_from_s = 4.0;
        r.unseen_to_s = 4.3;
        play(&r);
        const struct pl_item *first = r.scores[0].qasls, *last = r.scores[2].qasls;
        assert_int_equal(letter(&first[PL_QASLS_KNEE_TOE]), fault ? 'y' : '-');
        assert_int_equal(letter(&last[PL_QASLS_KNEE_TOE]), fault ? 'y' : 'n');
        if (!fault)
            assert_int_equal(first[PL_QASLS_KNEE_TOE].why, PL_REASON_NOT_CLEAR);
    }
}

static void test_both_legs_have_none(void **state)
{
    (void)state;
    struct run r = front((struct doing){ .side = PL_SIDE_LEFT });
    r.kind = PL_EXERCISE_SQUAT;
    play(&r);
    assert_int_equal(r.rep[0].side, PL_SIDE_UNKNOWN);
    assert_int_equal(r.scores[2].rep, 0);
}

/* In a lunge the free foot stands on the floor: its items are not asked. */
static void test_lunge(void **state)
{
    (void)state;
    struct run r = front((struct doing){ .side = PL_SIDE_LEFT });
    r.kind = PL_EXERCISE_LUNGE;
    play(&r);
    check(&r, "nn?nn", "nn?nn.nn.n");
    assert_int_equal(r.scores[0].qasls_sum.of, 8);
    assert_int_equal(r.scores[0].qasls_sum.n_asked, 8);
}

static void test_limits_are_the_users(void **state)
{
    (void)state;
    struct run r = front((struct doing){ .side = PL_SIDE_LEFT, .knee_in_m = 0.09 });
    r.limits.score_fppa_limit_deg = r.limits.score_fppa_far_limit_deg = 40;
    r.limits.score_knee_toe_limit = r.limits.score_knee_border_limit = 0.15f;
    r.limits.score_thigh_limit_deg = 30;
    play(&r);
    check(&r, "nnnnn", "nnnnnnnnnn");
    assert_int_equal(pl_scores_grade(0, 1, &r.limits), PL_GRADE_GOOD);
    assert_int_equal(pl_scores_grade(2, 3, &r.limits), PL_GRADE_MEDIUM);
    assert_int_equal(pl_scores_grade(4, 6, &r.limits), PL_GRADE_POOR);
    assert_int_equal(pl_scores_grade(3, 4, &r.limits), PL_GRADE_UNKNOWN);
    r.limits.piva_poor_from = 3;
    assert_int_equal(pl_scores_grade(3, 4, &r.limits), PL_GRADE_POOR);
}

/* Every float NAN, and a repetition comes all the same: nothing is said. */
static void test_unknown_is_no_answer(void **state)
{
    (void)state;
    const struct pl_limits limits = pl_limits_default();
    struct pl_scores_state *ss = pl_scores_open(&limits);
    struct pl_pose pose;
    struct pl_measures m;
    struct pl_progress p;
    struct pl_scores s;
    for (int person = 0; person < 2; person++) {
        memset(&pose, 0xff, sizeof pose);
        memset(&m, 0xff, sizeof m);
        pose.swapped = pose.from_behind = false;
        memset(&p, 0, sizeof p);
        pose.person = person;
        pose.view = PL_VIEW_FRONT;
        pose.reason = PL_REASON_NO_PERSON;
        pose.near_side = PL_SIDE_UNKNOWN;
        p.depth = NAN;
        for (int side = 0; side < PL_N_SIDES; side++) {
            pose.baseline[side].two_legs = true;
            for (int i = 0; i < PL_N_MEASURES; i++)
                m.why[side][i] = PL_REASON_NOT_CLEAR;
        }
        pl_scores_reset(ss);
        for (int i = 0; i < 200; i++) {
            pose.t_ns = m.t_ns = p.t_ns = i * (PL_NS_PER_S / 30);
            p.rep_done = i == 150;
            p.last_rep = (struct pl_rep){ .n = 1, .exercise = PL_EXERCISE_SINGLE_LEG_SQUAT, .side = PL_SIDE_RIGHT,
                                          .start_ns = PL_NS_PER_S, .bottom_ns = 2 * PL_NS_PER_S, .end_ns = 4 * PL_NS_PER_S };
            for (int k = 0; k < PL_N_MEASURES; k++)
                p.last_rep.m[k] = (struct pl_value){ NAN, NAN };
            pl_scores_step(ss, &pose, &m, &p, &s);
            assert_int_equal(s.rep, i >= 150);
        }
        check_items("QASLS", 1, s.qasls, PL_N_QASLS, "----------");
        check_items("Piva", 1, s.piva, PL_N_PIVA, "-----");
        assert_int_equal(s.piva_sum.least, 0);
        assert_int_equal(s.piva_sum.most, 6);
        assert_int_equal(s.qasls_sum.most, 10);
        assert_int_equal(s.qasls_sum.n_decided, 0);
    }
    pl_scores_reset(ss);
    p.rep_done = true; /* of a time of which no frame was seen */
    pl_scores_finish(ss, &p, &s);
    check_items("QASLS", 1, s.qasls, PL_N_QASLS, "----------");
    pl_scores_close(ss);
}

/* A reach is one repetition of two bends: an error in either counts, told by name or not; a good one has none. */
static void test_both_bends_of_a_reach(void **state)
{
    (void)state;
    static const enum pl_exercise_kind kinds[] = { PL_EXERCISE_MINI_SQUAT_REACH, PL_EXERCISE_AUTO };
    for (int k = 0; k < 2; k++) {
        for (int bad = 0; bad <= 2; bad++) {
            struct run r = front((struct doing){ .side = PL_SIDE_LEFT, .reach = true, .bad_bend = bad, .knee_in_m = 0.08 });
            r.kind = kinds[k];
            play(&r);
            for (int i = 0; i < r.n; i++) {
                const enum pl_answer answer = r.scores[i].qasls[PL_QASLS_KNEE_TOE].answer;
                if (answer != (bad && i == 0 ? PL_ANSWER_YES : PL_ANSWER_NO))
                    fail_msg("kind %d, bad bend %d, repetition %d: knee %s", (int)kinds[k], bad, i + 1, pl_answer_id(answer));
                assert_int_equal(r.scores[i].piva[PL_PIVA_KNEE].least >= 1, bad && i == 0);
                check_items("QASLS", i + 1, r.scores[i].qasls, PL_N_QASLS, bad && i == 0 ? "nnnn?.yy.n" : "nnnnn.nn.n");
            }
        }
    }
}

/* Nothing goes down in a hold; all of it is judged. */
static void test_a_hold(void **state)
{
    (void)state;
    for (int bad = 0; bad < 2; bad++) {
        struct run r = front((struct doing){ .side = PL_SIDE_LEFT, .hold = true, .knee_in_m = bad ? 0.09 : 0 });
        r.kind = PL_EXERCISE_STANCE;
        play(&r);
        assert_true(r.rep[0].hold);
        check(&r, bad ? "nnny?" : "nnn??", bad ? "nnnn?nyy?n" : "nnnnnn?n?n"); /* its foot is low at both ends */
    }
}

/* The camera's own place is no fault of the knee: what stands in front of the leg would see is scored. */
static void test_the_camera_beside_the_leg(void **state)
{
    (void)state;
    for (int side = 0; side < PL_N_SIDES; side++) {
        struct run r = front((struct doing){ .side = (enum pl_side)side });
        r.yaw_deg = side == PL_SIDE_LEFT ? 7 : -7; /* a bent knee looks 8 degrees further in */
        play(&r);
        for (int i = 0; i < r.n; i++) {
            assert_true(r.rep[i].m[PL_M_FPPA].value - r.rep[i].m[PL_M_FPPA_CORRECTED].value > 3.0f);
            assert_int_not_equal(r.scores[i].qasls[PL_QASLS_KNEE_TOE].answer, PL_ANSWER_YES);
            const struct pl_item *border = &r.scores[i].qasls[PL_QASLS_KNEE_BORDER];
            if (border->fact == PL_FACT_FPPA)
                assert_true(fabsf(border->v.value - r.rep[i].m[PL_M_FPPA_CORRECTED].value) < 3.5f);
        }
    }
}

static void test_reversals(void **state)
{
    (void)state;
    static const float once[] = { 0, 1, 5, 9, 8.5f, 9, 4, 0 }, small[] = { 0, 1.5f, 0, 1.5f, 0, 1.5f };
    static const float shaky[] = { 0, 3, 6, NAN, 3, 2, 5, 8, 4, 9, 9, 1 };
    assert_int_equal(pl_series_reversals(once, 8, 2), 1); /* in and out again: what every bend does */
    assert_int_equal(pl_series_reversals(small, 6, 2), 0);
    assert_int_equal(pl_series_reversals(small, 6, 1), 4);
    assert_int_equal(pl_series_reversals(shaky, 12, 2), 5);
    assert_int_equal(pl_series_reversals(shaky, 12, 4.5f), 1);
    assert_int_equal(pl_series_reversals(shaky, 0, 2), 0);
}

/* What is held up is the lowest of the best stretch, and a gap is no stretch. */
static void test_held(void **state)
{
    (void)state;
    static const float values[] = { 1, 9, 2, 4, 5, 6, NAN, 8, 8, 3 };
    static struct series s;
    s.n = 0;
    for (int i = 0; i < 10; i++)
        pl_series_add(&s, i * (PL_NS_PER_S / 10), (struct pl_value){ values[i], 0.1f * (float)i }, PL_REASON_FAR_LEG);
    assert_true(pl_series_held(&s, 0.0f).value == 9.0f);
    assert_true(pl_series_held(&s, 0.2f).value == 4.0f);
    assert_true(fabsf(pl_series_held(&s, 0.2f).err - 0.3f) < 1e-6f); /* of the frame that is lowest */
    assert_true(isnan(pl_series_held(&s, 0.6f).value));
    assert_true(fabsf(pl_series_known(&s) - 0.9f) < 1e-6f);
    assert_int_equal(pl_series_why(&s), PL_REASON_FAR_LEG);
}

static void test_words(void **state)
{
    (void)state;
    char text[32];
    pl_scores_range_text(text, sizeof text, 2, 2);
    assert_string_equal(text, "2");
    pl_scores_range_text(text, sizeof text, 2, 3);
    assert_string_equal(text, "2 to 3");
    assert_string_equal(pl_answer_id(PL_ANSWER_NOT_SEEN), "not_seen");
    assert_string_equal(pl_piva_id(PL_PIVA_STEADY), "steady");
    assert_string_equal(pl_qasls_id(PL_QASLS_KNEE_BORDER), "knee_border");
    assert_string_equal(pl_fact_id(PL_FACT_REVERSALS), "knee_reversals");
    assert_string_equal(pl_grade_name(PL_GRADE_MEDIUM), "medium");
    assert_null(pl_grade_name(PL_GRADE_UNKNOWN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_one_has_no_points),
        cmocka_unit_test(test_knee),
        cmocka_unit_test(test_thigh),
        cmocka_unit_test(test_trunk),
        cmocka_unit_test(test_pelvis),
        cmocka_unit_test(test_arms),
        cmocka_unit_test(test_steadiness),
        cmocka_unit_test(test_side_view),
        cmocka_unit_test(test_half_seen),
        cmocka_unit_test(test_both_legs_have_none),
        cmocka_unit_test(test_lunge),
        cmocka_unit_test(test_limits_are_the_users),
        cmocka_unit_test(test_unknown_is_no_answer),
        cmocka_unit_test(test_both_bends_of_a_reach),
        cmocka_unit_test(test_a_hold),
        cmocka_unit_test(test_the_camera_beside_the_leg),
        cmocka_unit_test(test_reversals),
        cmocka_unit_test(test_held),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
