/* The log and its two writers: what goes in as moments comes out as the data others rely on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plumbline/camera.h"
#include "plumbline/report.h"

static const int64_t FRAME_NS = PL_NS_PER_S / 20; /* 50 ms: exact in decimal */

static struct pl_moment moment_at(int k)
{
    struct pl_moment m = { .t_ns = k * FRAME_NS };

    m.keypoints.present = true;
    m.keypoints.person_p = 0.9f;
    m.keypoints.width_px = 640;
    m.keypoints.height_px = 480;
    for (int i = 0; i < PL_N_LANDMARKS; i++) {
        m.keypoints.raw.px[i] = (struct pl_point){ (float)i + 0.25f, 100.5f, -3.125f, 0.5f };
        m.keypoints.raw.m[i] = (struct pl_vec3){ 0.01f * (float)i, -0.5f, 0.25f };
        m.keypoints.smooth.px[i] = (struct pl_point){ NAN, NAN, NAN, NAN };
        m.keypoints.smooth.m[i] = (struct pl_vec3){ NAN, NAN, NAN };
    }
    m.pose = (struct pl_pose){ .person = true, .person_p = 0.9f, .view = PL_VIEW_FRONT, .yaw_deg = -3.2f };
    for (int s = 0; s < PL_N_SIDES; s++)
        for (int i = 0; i < PL_N_MEASURES; i++) {
            m.measures.v[s][i] = (struct pl_value){ NAN, NAN };
            m.measures.why[s][i] = PL_REASON_HANDS_ON_HIPS;
        }
    m.measures.v[PL_SIDE_LEFT][PL_M_KNEE_FLEXION] = (struct pl_value){ 42.125f, 5 };
    m.measures.why[PL_SIDE_LEFT][PL_M_KNEE_FLEXION] = PL_REASON_NONE;
    m.progress.exercise = PL_EXERCISE_SINGLE_LEG_SQUAT;
    m.progress.side = PL_SIDE_LEFT;
    m.progress.needed[PL_M_KNEE_FLEXION] = m.progress.needed[PL_M_PELVIC_DROP] = true;
    m.cue.text = m.cue.advice = "";
    return m;
}

static void end_rep_and_fault(struct pl_moment *m)
{
    m->progress.rep_done = true;
    m->progress.last_rep = (struct pl_rep){ .n = 1, .exercise = PL_EXERCISE_SINGLE_LEG_SQUAT, .side = PL_SIDE_LEFT,
                                            .start_ns = FRAME_NS, .bottom_ns = 3 * FRAME_NS, .end_ns = 5 * FRAME_NS };
    for (int i = 0; i < PL_N_MEASURES; i++)
        m->progress.last_rep.m[i] = (struct pl_value){ NAN, NAN };
    m->progress.last_rep.m[PL_M_FPPA] = (struct pl_value){ 14.5f, 3.25f };
    m->progress.last_rep.fppa_at_bend[0] = (struct pl_value){ 6.5f, 4 };
    m->progress.last_rep.fppa_at_bend[1] = m->progress.last_rep.fppa_at_bend[2] = (struct pl_value){ NAN, NAN };
    m->progress.last_rep.m[PL_M_WOBBLE] = (struct pl_value){ 0.004f - 0.004f, 0.5f };
    m->progress.last_rep.at[PL_M_WOBBLE] = PL_AT_PEAK;
    m->progress.last_rep.hip_drop_by = 1 << PL_PELVIS_STICKERS | 1 << PL_PELVIS_HEAD;
    m->progress.n_ended = 1;
    m->progress.ended[0] = (struct pl_fault){ .kind = PL_FAULT_KNEE_COLLAPSE, .side = PL_SIDE_LEFT, .start_ns = 2 * FRAME_NS,
                                              .end_ns = 4 * FRAME_NS, .peak = 15, .limit = 10, .rep = 1 };
}

static cJSON *json_of(const struct pl_log *log)
{
    struct pl_err err;
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);

    assert_non_null(f);
    assert_true(pl_report_write_json(log, "a \"clip\".mp4", "full", f, &err));
    fclose(f);
    assert_true(size > 0);
    assert_ptr_equal(strchr(text, '\n'), text + size - 1); /* one line */
    cJSON *o = cJSON_Parse(text);
    assert_non_null(o);
    free(text);
    return o;
}

static double number(const cJSON *o, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);
    assert_true(cJSON_IsNumber(v));
    return v->valuedouble;
}

static const char *text(const cJSON *o, const char *name)
{
    const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));
    assert_non_null(s);
    return s;
}

/* A stance has its time and its sway; what became no repetition has its reason. */
static void holds_and_partials_are_told(void **state)
{
    struct pl_log *log = pl_report_open();
    (void)state;

    for (int k = 0; k <= 20; k++) {
        struct pl_moment m = moment_at(k);
        if (k == 10) {
            end_rep_and_fault(&m);
            m.progress.last_rep.exercise = PL_EXERCISE_STANCE;
            m.progress.last_rep.hold = true;
            m.progress.last_rep.sway_pct = (struct pl_value){ 0.75f, 0.125f };
            m.progress.last_rep.at[PL_M_FPPA] = PL_AT_HOLD;
        }
        if (k == 15) {
            m.progress.partial_done = true;
            m.progress.last_partial = (struct pl_partial){ .why = PL_PARTIAL_TOO_SHORT, .exercise = PL_EXERCISE_STANCE,
                .side = PL_SIDE_RIGHT, .start_ns = 11 * FRAME_NS, .bottom_ns = 12 * FRAME_NS, .end_ns = 14 * FRAME_NS,
                .depth = NAN };
        }
        pl_report_add(log, &m, 2000000, 4000000);
    }
    struct pl_moment last = moment_at(20);
    pl_report_finish(log, &last);
    assert_int_equal(pl_report_n_partials(log, PL_PARTIAL_TOO_SHORT), 1);
    assert_int_equal(pl_report_n_partials(log, PL_PARTIAL_LOST), 0);

    cJSON *o = json_of(log);
    const cJSON *rep = cJSON_GetArrayItem(cJSON_GetObjectItem(o, "reps"), 0);
    assert_string_equal(text(rep, "exercise"), "single-leg-stance");
    assert_true(number(rep, "hold_s") == 0.2);
    assert_true(number(cJSON_GetObjectItem(rep, "sway_pct"), "value") == 0.75);
    assert_string_equal(text(cJSON_GetObjectItem(cJSON_GetObjectItem(rep, "measures"), "fppa_deg"), "at"), "hold");
    const cJSON *partial = cJSON_GetArrayItem(cJSON_GetObjectItem(o, "partial"), 0);
    assert_string_equal(text(partial, "reason"), "too_short");
    assert_string_equal(text(partial, "side"), "right");
    assert_true(strlen(text(partial, "advice")) > 5);
    assert_true(number(partial, "start_s") == 0.55 && number(partial, "end_s") == 0.7);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(partial, "depth")));
    cJSON_Delete(o);
    pl_report_close(log);
}

static void analysis_has_what_went_in(void **state)
{
    struct pl_log *log = pl_report_open();
    (void)state;

    for (int k = 0; k <= 20; k++) {
        struct pl_moment m = moment_at(k);
        if (k == 10)
            end_rep_and_fault(&m);
        pl_report_add(log, &m, 2000000, 4000000);
    }
    struct pl_moment last = moment_at(20);
    pl_report_finish(log, &last);
    assert_int_equal(pl_report_n_reps(log), 1);
    assert_int_equal(pl_report_n_faults(log, PL_FAULT_KNEE_COLLAPSE), 1);
    assert_int_equal(pl_report_n_faults(log, PL_FAULT_HIP_DROP), 0);

    cJSON *o = json_of(log);
    assert_string_equal(text(o, "schema"), "plumbline.analysis/1");
    assert_string_equal(text(o, "input"), "a \"clip\".mp4");
    assert_string_equal(text(o, "exercise"), "single-leg-squat");
    assert_string_equal(text(o, "view"), "front");
    assert_true(number(o, "frames") == 21);
    assert_true(number(o, "duration_s") == 1.0);
    assert_true(number(o, "yaw_deg") == -3);
    assert_true(number(o, "person_fraction") == 1);

    cJSON *reps = cJSON_GetObjectItem(o, "reps"), *rep = cJSON_GetArrayItem(reps, 0), *ms = cJSON_GetObjectItem(rep, "measures");
    assert_int_equal(cJSON_GetArraySize(reps), 1);
    assert_true(number(rep, "start_s") == 0.05 && number(rep, "bottom_s") == 0.15 && number(rep, "end_s") == 0.25);
    assert_string_equal(text(rep, "side"), "left");
    cJSON *by = cJSON_GetObjectItem(rep, "hip_drop_by");
    assert_int_equal(cJSON_GetArraySize(by), 2);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetArrayItem(by, 0)), "stickers");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetArrayItem(by, 1)), "head");
    assert_int_equal(cJSON_GetArraySize(ms), PL_N_MEASURES);
    assert_true(number(cJSON_GetObjectItem(ms, "fppa_deg"), "value") == 14.5);
    assert_true(number(cJSON_GetObjectItem(ms, "fppa_deg"), "err") == 3.25);
    assert_string_equal(text(cJSON_GetObjectItem(ms, "fppa_deg"), "at"), "bottom");
    assert_string_equal(text(cJSON_GetObjectItem(ms, "wobble_pct"), "at"), "peak");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(ms, "pelvic_drop_deg")));

    cJSON *bends = cJSON_GetObjectItem(rep, "fppa_corrected_at_bend_deg");
    assert_true(number(cJSON_GetObjectItem(bends, "30"), "value") == 6.5 && cJSON_IsNull(cJSON_GetObjectItem(bends, "60")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(cJSON_GetObjectItem(o, "left_minus_right"), "fppa_corrected_deg")));

    cJSON *fault = cJSON_GetArrayItem(cJSON_GetObjectItem(o, "faults"), 0);
    assert_string_equal(text(fault, "kind"), "knee_collapse");
    assert_string_equal(text(fault, "cue"), "Knee drifting inward");
    assert_true(number(fault, "peak") == 15 && number(fault, "limit") == 10 && number(fault, "rep") == 1);

    cJSON *gaps = cJSON_GetObjectItem(o, "not_measurable"), *gap = cJSON_GetArrayItem(gaps, 0);
    assert_int_equal(cJSON_GetArraySize(gaps), 1); /* the drop; the flexion was known, the rest is not asked for */
    assert_string_equal(text(gap, "measure"), "pelvic_drop_deg");
    assert_string_equal(text(gap, "reason"), "hands_on_hips");
    assert_true(number(gap, "start_s") == 0 && number(gap, "end_s") == 1);

    cJSON *timing = cJSON_GetObjectItem(o, "timing");
    assert_true(fabs(number(timing, "pose_ms_p50") - 2) < 0.03 && fabs(number(timing, "frame_ms_p99") - 4) < 0.05);
    cJSON_Delete(o);
    pl_report_close(log);
}

static void legs_are_compared(void **state)
{
    static const float value[4] = { 12, 14, 3, 5 }; /* left, left, right, right */
    struct pl_log *log = pl_report_open();
    (void)state;

    for (int k = 0; k < 4; k++) {
        struct pl_moment m = moment_at(k);
        end_rep_and_fault(&m);
        m.progress.last_rep.side = k < 2 ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
        m.progress.last_rep.m[PL_M_FPPA_CORRECTED] = (struct pl_value){ value[k], k < 2 ? 3 : 4 };
        pl_report_add(log, &m, 2000000, 4000000);
    }
    cJSON *o = json_of(log), *d = cJSON_GetObjectItem(cJSON_GetObjectItem(o, "left_minus_right"), "fppa_corrected_deg");
    assert_true(number(d, "value") == 9 && number(d, "err") == 5);
    cJSON_Delete(o);
    pl_report_close(log);
}

static void flicker_is_no_gap_and_a_pause_does_not_split_one(void **state)
{
    struct pl_log *log = pl_report_open();
    (void)state;

    for (int k = 0; k < 60; k++) {
        struct pl_moment m = moment_at(k);
        bool missing = (k >= 2 && k < 6) || (k >= 20 && k < 30) || (k >= 33 && k < 50); /* 0.15 s; 0.45 s + pause 0.15 s + 0.8 s */
        m.measures.why[PL_SIDE_LEFT][PL_M_PELVIC_DROP] = missing ? PL_REASON_TOES_TO_CAMERA : PL_REASON_NONE;
        pl_report_add(log, &m, 1, 1);
    }
    struct pl_moment last = moment_at(60);
    pl_report_finish(log, &last);
    cJSON *o = json_of(log), *gaps = cJSON_GetObjectItem(o, "not_measurable");
    assert_int_equal(cJSON_GetArraySize(gaps), 1);
    assert_true(number(cJSON_GetArrayItem(gaps, 0), "start_s") == 1 && number(cJSON_GetArrayItem(gaps, 0), "end_s") == 2.45);
    cJSON_Delete(o);
    pl_report_close(log);
}

static void an_empty_clip_is_nulls_not_numbers(void **state)
{
    struct pl_log *log = pl_report_open();
    struct pl_moment m = { .progress.exercise = PL_EXERCISE_AUTO };
    (void)state;

    pl_report_finish(log, &m);
    cJSON *o = json_of(log);
    assert_true(number(o, "frames") == 0);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(o, "exercise")) && cJSON_IsNull(cJSON_GetObjectItem(o, "view")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(o, "yaw_deg")) && cJSON_IsNull(cJSON_GetObjectItem(o, "person_fraction")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(cJSON_GetObjectItem(o, "timing"), "pose_ms_p50")));
    cJSON_Delete(o);
    pl_report_close(log);
}

static void many_repetitions_are_all_kept(void **state)
{
    struct pl_log *log = pl_report_open();
    (void)state;

    for (int k = 0; k < 1000; k++) {
        struct pl_moment m = moment_at(k);
        end_rep_and_fault(&m);
        pl_report_add(log, &m, 1, 1);
    }
    assert_int_equal(pl_report_n_reps(log), 1000);
    assert_int_equal(pl_report_n_faults(log, PL_FAULT_KNEE_COLLAPSE), 1000);
    pl_report_close(log);
}

/* The scores of a repetition: all items answered alike but some. */
static struct pl_scores scores_of(int rep, enum pl_side side, int piva_least, int piva_most)
{
    struct pl_scores s = { .rep = rep, .side = side };

    for (int i = 0; i < PL_N_PIVA; i++)
        s.piva[i] = (struct pl_item){ .answer = PL_ANSWER_NO, .fact = PL_FACT_FPPA, .v = { 2.5f, 3 }, .limit = 8.25f };
    for (int i = 0; i < PL_N_QASLS; i++)
        s.qasls[i] = (struct pl_item){ .answer = PL_ANSWER_NO, .v = { NAN, NAN }, .limit = NAN };
    s.piva[PL_PIVA_KNEE].answer = PL_ANSWER_YES;
    s.piva[PL_PIVA_KNEE].least = piva_least;
    s.piva[PL_PIVA_KNEE].most = piva_most;
    s.qasls[PL_QASLS_KNEE_TOE].answer = PL_ANSWER_YES;
    s.qasls[PL_QASLS_THIGH].answer = PL_ANSWER_UNCLEAR;
    s.qasls[PL_QASLS_PELVIS_LEVEL].answer = PL_ANSWER_NOT_SEEN;
    s.qasls[PL_QASLS_PELVIS_LEVEL].why = PL_REASON_HANDS_ON_HIPS;
    s.piva_sum = (struct pl_sum){ .least = piva_least, .most = piva_most, .of = 6, .n_decided = 4, .n_asked = 5 };
    s.qasls_sum = (struct pl_sum){ .least = piva_least ? 4 : 1, .most = piva_least ? 5 : 3, .of = 10, .n_decided = 8,
                                   .n_asked = 10 };
    s.grade = piva_least >= 1 ? PL_GRADE_MEDIUM : PL_GRADE_UNKNOWN;
    return s;
}

/* left 2..3, right 0..1, left 1..2, both legs, left 1..3, left 2..2 */
static struct pl_log *six_repetitions(void)
{
    static const int least[] = { 2, 0, 1, -1, 1, 2 }, most[] = { 3, 1, 2, -1, 3, 2 };
    struct pl_log *log = pl_report_open();

    for (int k = 0; k < 6; k++) {
        const enum pl_side side = k == 1 ? PL_SIDE_RIGHT : k == 3 ? PL_SIDE_UNKNOWN : PL_SIDE_LEFT;
        struct pl_moment m = moment_at(k);
        end_rep_and_fault(&m);
        m.progress.last_rep.n = k + 1;
        m.progress.last_rep.side = side;
        m.scores = scores_of(k + 1, side, least[k], most[k]);
        if (k == 3)
            m.scores = scores_of(3, PL_SIDE_LEFT, 1, 2); /* still those of the one before */
        pl_report_add(log, &m, 1, 1);
    }
    struct pl_moment last = moment_at(6);
    pl_report_finish(log, &last);
    return log;
}

static void scores_belong_to_their_repetitions(void **state)
{
    struct pl_log *log = six_repetitions();
    cJSON *o = json_of(log), *reps = cJSON_GetObjectItem(o, "reps");
    (void)state;

    assert_int_equal(cJSON_GetArraySize(reps), 6);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(cJSON_GetArrayItem(reps, 3), "scores")));
    cJSON *scores = cJSON_GetObjectItem(cJSON_GetArrayItem(reps, 0), "scores");
    cJSON *piva = cJSON_GetObjectItem(scores, "piva"), *qasls = cJSON_GetObjectItem(scores, "qasls");
    assert_true(number(piva, "total_min") == 2 && number(piva, "total_max") == 3 && number(piva, "of") == 6);
    assert_true(number(piva, "items_decided") == 4 && number(piva, "items_asked") == 5);
    assert_string_equal(text(piva, "grade"), "medium");
    cJSON *knee = cJSON_GetObjectItem(cJSON_GetObjectItem(piva, "items"), "knee");
    assert_string_equal(text(knee, "answer"), "yes");
    assert_string_equal(text(knee, "by"), "fppa_corrected_deg");
    assert_true(number(knee, "points_min") == 2 && number(knee, "points_max") == 3);
    assert_true(number(knee, "value") == 2.5 && number(knee, "err") == 3 && number(knee, "limit") == 8.25);
    cJSON *level = cJSON_GetObjectItem(cJSON_GetObjectItem(qasls, "items"), "pelvis_level");
    assert_string_equal(text(level, "answer"), "not_seen");
    assert_string_equal(text(level, "reason"), "hands_on_hips");
    assert_string_equal(text(level, "advice"), "Put your hands on your hips");
    assert_null(cJSON_GetObjectItem(level, "value"));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(qasls, "items")), PL_N_QASLS);

    cJSON *sides = cJSON_GetObjectItem(o, "scores_by_side"), *left = cJSON_GetObjectItem(sides, "left");
    assert_true(number(left, "reps") == 4 && number(cJSON_GetObjectItem(sides, "right"), "reps") == 1);
    piva = cJSON_GetObjectItem(left, "piva"); /* least 1 1 2 2, most 2 2 3 3: the outer ones of the middle */
    assert_true(number(piva, "total_min") == 1 && number(piva, "total_max") == 3);
    assert_string_equal(text(piva, "grade"), "medium");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(cJSON_GetObjectItem(cJSON_GetObjectItem(sides, "right"), "piva"), "grade")));
    cJSON_Delete(o);
    pl_report_close(log);
}

static void scores_as_lines(void **state)
{
    struct pl_log *log = six_repetitions();
    char *said = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&said, &size);
    (void)state;

    pl_report_say_scores(log, f);
    fclose(f);
    assert_string_equal(said,
        "  left leg, 4 repetitions: step-down score (Piva) 1 to 3 of 6, medium (4 of 5 items decided); "
        "QASLS 4 to 5 of 10 (8 of 10 items decided)\n"
        "    error     knee not over the second toe\n"
        "    unclear   standing thigh falls in\n"
        "    not seen  pelvis not level -> Put your hands on your hips\n"
        "  right leg, 1 repetition: step-down score (Piva) 0 to 1 of 6 (4 of 5 items decided); "
        "QASLS 1 to 3 of 10 (8 of 10 items decided)\n"
        "    error     knee not over the second toe\n"
        "    unclear   standing thigh falls in\n"
        "    not seen  pelvis not level -> Put your hands on your hips\n"
        "  left against right: step-down score no sure difference, QASLS left leg worse\n");
    free(said);
    pl_report_close(log);

    log = pl_report_open();
    f = open_memstream(&said, &size);
    pl_report_say_scores(log, f);
    fclose(f);
    assert_string_equal(said, ""); /* nothing to say of nothing */
    free(said);
    pl_report_close(log);
}

/* Six repetitions of the left leg whose hip drop grows and whose knee does not, two of the right. */
static void measures_as_lines(void **state)
{
    static const float drop[] = { 3, 3.5f, 3, 7, 7.5f, 7 }, knee[] = { 12, 16, 14, 15, 13, 14 };
    struct pl_log *log = pl_report_open();
    char *said = NULL;
    size_t size = 0;
    (void)state;

    for (int k = 0; k < 30; k++) { /* in the end nobody is there for a second */
        struct pl_moment m = moment_at(k);
        struct pl_rep *rep = &m.progress.last_rep;
        if (k >= 8) {
            m.pose = (struct pl_pose){ .reason = PL_REASON_NO_PERSON, .yaw_deg = NAN };
            pl_report_add(log, &m, 1, 1);
            continue;
        }
        end_rep_and_fault(&m);
        rep->n = k + 1;
        rep->side = k < 6 ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
        m.progress.n_ended = k == 7;
        m.progress.ended[0].rep = 8;
        m.progress.ended[0].side = PL_SIDE_RIGHT;
        m.progress.ended[0].start_ns = 61 * PL_NS_PER_S;
        m.progress.ended[0].end_ns = 62500 * (PL_NS_PER_S / 1000);
        for (int i = 0; i < PL_N_MEASURES; i++)
            rep->why[i] = PL_REASON_TURN_SIDE_ON;
        rep->m[PL_M_KNEE_FLEXION] = (struct pl_value){ 60.4f, 9 };
        rep->m[PL_M_FPPA_CORRECTED] = (struct pl_value){ k < 6 ? knee[k] : 1, 6 };
        rep->m[PL_M_PELVIC_DROP_CHANGE] = (struct pl_value){ k < 6 ? drop[k] : NAN, 3 };
        rep->why[PL_M_PELVIC_DROP_CHANGE] = PL_REASON_HANDS_ON_HIPS;
        rep->m[PL_M_TRUNK_LEAN_SIDE] = (struct pl_value){ k == 3 ? NAN : k < 6 ? 2 : 5, 3.5f };
        rep->m[PL_M_WOBBLE] = (struct pl_value){ 0.25f, 0.3f };
        rep->m[PL_M_HIP_ADDUCTION] = (struct pl_value){ 7, 6 };
        pl_report_add(log, &m, 1, 1);
    }
    struct pl_moment last = moment_at(30);
    pl_report_finish(log, &last);
    FILE *f = open_memstream(&said, &size);
    pl_report_say_measures(log, f);
    fclose(f);
    char expected[2000];
    snprintf(expected, sizeof expected,
        "  front view: the camera 3° to the person's right of straight ahead\n"
        "  nothing measured for %.1f s -> Step into the picture\n"
        "  left leg, 6 repetitions; at the bottom, 95 %% band, least to most\n"
        "    knee bend          60° ±9    60 to 60\n"
        "    knee in            14° ±6    12 to 16\n"
        "    thigh in            7° ±6    7 to 7\n"
        "    hip drop            5° ±3    3 to 8, grows by 4 from the first half to the second\n"
        "    lean sideways       2° ±4    2 to 2, seen in 5 of 6\n"
        "    wobble            0.2%% ±0.3  0.2 to 0.2\n"
        "    not seen  knee over toe, lean forward -> Turn side-on to the camera\n"
        "  right leg, 2 repetitions; at the bottom, 95 %% band, least to most\n"
        "    knee bend          60° ±9    60 to 60\n"
        "    knee in             1° ±6    1 to 1\n"
        "    thigh in            7° ±6    7 to 7\n"
        "    lean sideways       5° ±4    5 to 5\n"
        "    wobble            0.2%% ±0.3  0.2 to 0.2\n"
        "    not seen  knee over toe, lean forward -> Turn side-on to the camera\n"
        "    not seen  hip drop -> Put your hands on your hips\n"
        "  left minus right\n"
        "    knee bend           0° ±13   no sure difference\n"
        "    knee in            13° ±8    left more\n"
        "    thigh in            0° ±8    no sure difference\n"
        "    lean sideways      -3° ±5    no sure difference\n"
        "    wobble            0.0%% ±0.4  no sure difference\n"
        "  faults, and where to look\n"
        "    1:01.00 to 1:02.50  repetition 8, right: knee in 15°, limit 10\n", 21 * pl_s_from_ns(FRAME_NS));
    assert_string_equal(said, expected);
    free(said);
    pl_report_close(log);
}

static void a_full_disk_is_an_error(void **state)
{
    struct pl_log *log = pl_report_open();
    FILE *f = fopen("/dev/full", "w");
    struct pl_err err;
    (void)state;

    if (!f) {
        pl_report_close(log);
        print_message("skipped: there is no /dev/full\n");
        skip();
    }
    assert_false(pl_report_write_json(log, "clip.mp4", "full", f, &err));
    assert_int_equal(err.code, PL_E_IO);
    assert_non_null(strstr(err.text, "clip.mp4"));
    fclose(f);
    pl_report_close(log);
}

/* The table that --frames --raw writes is an input as good as the clip. */
static void table_of_frames_is_read_back(void **state)
{
    char path[] = "/tmp/plumbline-report-XXXXXX.csv";
    int fd = mkstemps(path, 4);
    FILE *f = fdopen(fd, "w");
    struct pl_camera_options options = { .source = path };
    struct pl_camera *camera;
    struct pl_frame frame;
    struct pl_err err;
    (void)state;

    assert_non_null(f);
    assert_true(pl_report_csv_header(f));
    for (int k = 0; k < 3; k++) {
        struct pl_moment m = moment_at(k);
        m.keypoints.raw.px[PL_LM_NOSE].x_px = k == 1 ? NAN : 7.0625f;
        m.keypoints.pelvis_head_deg = k == 1 ? NAN : 3.125f;
        m.keypoints.pelvis_stickers_deg = -2.5f;
        m.keypoints.yaw_head_deg = k == 2 ? NAN : 7.25f;
        assert_true(pl_report_csv_row(f, &m, true));
    }
    fclose(f);

    assert_true(pl_camera_open(&camera, &options, &err));
    assert_int_equal(pl_camera_info(camera)->kind, PL_CAMERA_TABLE);
    for (int k = 0; k < 3; k++) {
        struct pl_moment m = moment_at(k);
        assert_int_equal(pl_camera_next(camera, 0, &frame, &err), PL_NEXT_FRAME);
        assert_int_equal(frame.t_ns, m.t_ns);
        assert_int_equal(frame.width_px, 640);
        assert_non_null(frame.given);
        for (int i = 1; i < PL_N_LANDMARKS; i++) {
            assert_true(fabsf(frame.given->px[i].x_px - m.keypoints.raw.px[i].x_px) < 1e-4f);
            assert_true(fabsf(frame.given->px[i].visibility_p - 0.5f) < 1e-5f);
            assert_true(fabsf(frame.given->m[i].z - 0.25f) < 1e-6f);
        }
        assert_int_equal(isnan(frame.given->px[PL_LM_NOSE].x_px) != 0, k == 1);
        assert_non_null(frame.given_added);
        assert_int_equal(isnan(frame.given_added->pelvis_head_deg) != 0, k == 1);
        assert_true(k == 1 || frame.given_added->pelvis_head_deg == 3.125f);
        assert_true(frame.given_added->pelvis_stickers_deg == -2.5f);
        assert_true(k == 2 ? isnan(frame.given_added->yaw_head_deg) : frame.given_added->yaw_head_deg == 7.25f);
    }
    assert_int_equal(pl_camera_next(camera, 0, &frame, &err), PL_NEXT_END);
    pl_camera_close(camera);
    remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(analysis_has_what_went_in),
        cmocka_unit_test(legs_are_compared),
        cmocka_unit_test(holds_and_partials_are_told),
        cmocka_unit_test(flicker_is_no_gap_and_a_pause_does_not_split_one),
        cmocka_unit_test(an_empty_clip_is_nulls_not_numbers),
        cmocka_unit_test(many_repetitions_are_all_kept),
        cmocka_unit_test(scores_belong_to_their_repetitions),
        cmocka_unit_test(scores_as_lines),
        cmocka_unit_test(measures_as_lines),
        cmocka_unit_test(a_full_disk_is_an_error),
        cmocka_unit_test(table_of_frames_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
