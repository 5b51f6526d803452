/* The analysis of one input as one line of JSON. Numbers are rounded to what they can carry, unknown is null. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* Every add_* gives false when memory ran out; cJSON then leaves the tree as it was. */

static bool add_number(cJSON *to, const char *name, double value, int decimals)
{
    char text[40];

    if (!isfinite(value))
        return cJSON_AddNullToObject(to, name) != NULL;
    double unit = pow(10, -decimals);
    if (fabs(value) < 0.5 * unit)
        value = 0; /* no "-0.00" */
    snprintf(text, sizeof text, "%.*f", decimals, value);
    return cJSON_AddRawToObject(to, name, text) != NULL;
}

static bool add_text(cJSON *to, const char *name, const char *text)
{
    return (text ? cJSON_AddStringToObject(to, name, text) : cJSON_AddNullToObject(to, name)) != NULL;
}

static bool add_time(cJSON *to, const char *name, int64_t t_ns)
{
    return add_number(to, name, pl_s_from_ns(t_ns), 3);
}

static bool add_side(cJSON *to, enum pl_side side)
{
    return add_text(to, "side", side == PL_SIDE_UNKNOWN ? "both" : pl_side_name(side));
}

static bool add_measures(cJSON *to, const struct pl_rep *rep)
{
    static const char *const at[] = { [PL_AT_BOTTOM] = "bottom", [PL_AT_PEAK] = "peak", [PL_AT_HOLD] = "hold" };
    cJSON *all = cJSON_AddObjectToObject(to, "measures");
    bool ok = all != NULL;

    for (int i = 0; ok && i < PL_N_MEASURES; i++) {
        const char *id = pl_measure_id((enum pl_measure)i);
        if (!isfinite(rep->m[i].value)) {
            ok = cJSON_AddNullToObject(all, id) != NULL;
            continue;
        }
        cJSON *one = cJSON_AddObjectToObject(all, id);
        ok = one && add_number(one, "value", rep->m[i].value, 2) && add_number(one, "err", rep->m[i].err, 2) &&
             add_text(one, "at", at[rep->at[i]]);
    }
    return ok;
}

static bool add_value(cJSON *to, const char *name, struct pl_value v)
{
    if (!isfinite(v.value))
        return cJSON_AddNullToObject(to, name) != NULL;
    cJSON *one = cJSON_AddObjectToObject(to, name);
    return one && add_number(one, "value", v.value, 2) && add_number(one, "err", v.err, 2);
}

/* "fppa_corrected_at_bend_deg": {"30": ..., "45": ..., "60": ...} */
static bool add_bends(cJSON *to, const struct pl_rep *rep)
{
    static const int bends_deg[PL_N_BENDS] = PL_BENDS_DEG;
    cJSON *all = cJSON_AddObjectToObject(to, "fppa_corrected_at_bend_deg");
    bool ok = all != NULL;
    char name[12];

    for (int i = 0; ok && i < PL_N_BENDS; i++) {
        snprintf(name, sizeof name, "%d", bends_deg[i]);
        ok = add_value(all, name, rep->fppa_at_bend[i]);
    }
    return ok;
}

/* Who spoke of the hip drop; an empty list where it is not known. */
static bool add_speakers(cJSON *to, const struct pl_rep *rep)
{
    cJSON *array = cJSON_AddArrayToObject(to, "hip_drop_by");
    bool ok = array != NULL;

    for (int i = 0; ok && i < PL_N_PELVIS_SOURCES; i++) {
        if (!(rep->hip_drop_by >> i & 1))
            continue;
        cJSON *name = cJSON_CreateString(pl_pelvis_source_name(i));
        ok = name && cJSON_AddItemToArray(array, name);
    }
    return ok;
}

/* ---- scores ---- */

static bool add_sum(cJSON *to, const struct pl_sum *sum)
{
    return add_number(to, "total_min", sum->least, 0) && add_number(to, "total_max", sum->most, 0) &&
           add_number(to, "of", sum->of, 0) && add_number(to, "items_decided", sum->n_decided, 0) &&
           add_number(to, "items_asked", sum->n_asked, 0);
}

static bool add_item(cJSON *to, const char *id, const struct pl_item *item)
{
    cJSON *o = cJSON_AddObjectToObject(to, id);
    bool ok = o && add_text(o, "answer", pl_answer_id(item->answer)) && add_number(o, "points_min", item->least, 0) &&
              add_number(o, "points_max", item->most, 0);

    if (ok && isfinite(item->v.value))
        ok = add_text(o, "by", pl_fact_id(item->fact)) && add_number(o, "value", item->v.value, 3) &&
             add_number(o, "err", item->v.err, 3) && add_number(o, "limit", item->limit, 3);
    if (ok && item->why != PL_REASON_NONE)
        ok = add_text(o, "reason", pl_reason_id(item->why)) && add_text(o, "advice", pl_reason_text(item->why));
    return ok;
}

static bool add_scores(cJSON *to, const struct pl_scores *s)
{
    if (!s->rep)
        return add_text(to, "scores", NULL);
    cJSON *all = cJSON_AddObjectToObject(to, "scores");
    cJSON *piva = all ? cJSON_AddObjectToObject(all, "piva") : NULL, *qasls = all ? cJSON_AddObjectToObject(all, "qasls") : NULL;
    bool ok = piva && qasls && add_sum(piva, &s->piva_sum) && add_text(piva, "grade", pl_grade_name(s->grade)) &&
              add_sum(qasls, &s->qasls_sum);
    cJSON *piva_items = ok ? cJSON_AddObjectToObject(piva, "items") : NULL;
    cJSON *qasls_items = ok ? cJSON_AddObjectToObject(qasls, "items") : NULL;

    ok = piva_items && qasls_items;
    for (int i = 0; ok && i < PL_N_PIVA; i++)
        ok = add_item(piva_items, pl_piva_id((enum pl_piva)i), &s->piva[i]);
    for (int i = 0; ok && i < PL_N_QASLS; i++)
        ok = add_item(qasls_items, pl_qasls_id((enum pl_qasls)i), &s->qasls[i]);
    return ok;
}

static bool add_score_sides(cJSON *to, const struct pl_log *log)
{
    cJSON *all = cJSON_AddObjectToObject(to, "scores_by_side");
    bool ok = all != NULL;

    for (int side = 0; ok && side < PL_N_SIDES; side++) {
        struct pl_score_side s;
        const char *name = pl_side_name((enum pl_side)side);
        ok = pl_report_score_side(&s, log, (enum pl_side)side);
        if (ok && !s.n_reps) {
            ok = add_text(all, name, NULL);
            continue;
        }
        cJSON *o = ok ? cJSON_AddObjectToObject(all, name) : NULL;
        ok = o && add_number(o, "reps", s.n_reps, 0);
        cJSON *piva = ok ? cJSON_AddObjectToObject(o, "piva") : NULL, *qasls = ok ? cJSON_AddObjectToObject(o, "qasls") : NULL;
        ok = piva && qasls && add_sum(piva, &s.piva) && add_text(piva, "grade", pl_grade_name(s.grade)) && add_sum(qasls, &s.qasls);
    }
    return ok;
}

static cJSON *append_object(cJSON *array)
{
    cJSON *o = cJSON_CreateObject();
    if (o && !cJSON_AddItemToArray(array, o)) {
        cJSON_Delete(o);
        return NULL;
    }
    return o;
}

/* What only a stance has: how long, and how much the hips swayed. */
static bool add_hold(cJSON *to, const struct pl_rep *rep)
{
    if (!rep->hold)
        return true;
    if (!add_number(to, "hold_s", pl_s_from_ns(rep->end_ns - rep->start_ns), 2))
        return false;
    if (!isfinite(rep->sway_pct.value))
        return cJSON_AddNullToObject(to, "sway_pct") != NULL;
    cJSON *sway = cJSON_AddObjectToObject(to, "sway_pct");
    return sway && add_number(sway, "value", rep->sway_pct.value, 2) && add_number(sway, "err", rep->sway_pct.err, 2);
}

static bool add_reps(cJSON *to, const struct pl_log *log)
{
    cJSON *array = cJSON_AddArrayToObject(to, "reps");
    const struct pl_rep *r = log->reps.data;
    const struct pl_scores *scores = log->scores.data;
    bool ok = array != NULL;

    for (int i = 0; ok && i < log->reps.n; i++) {
        cJSON *o = append_object(array);
        ok = o && add_number(o, "n", r[i].n, 0) && add_text(o, "exercise", pl_exercise_name(r[i].exercise)) &&
             add_side(o, r[i].side) &&
             add_time(o, "start_s", r[i].start_ns) && add_time(o, "bottom_s", r[i].bottom_ns) &&
             add_time(o, "end_s", r[i].end_ns) && add_hold(o, &r[i]) && add_measures(o, &r[i]) && add_bends(o, &r[i]) &&
             add_speakers(o, &r[i]) &&
             add_scores(o, &scores[i]);
    }
    return ok;
}

/* Left less right, each the mean over its repetitions. The band is of both legs' bands: what the network does to one body and
 * one side does not average out. */
static bool add_difference(cJSON *to, const struct pl_log *log)
{
    const struct pl_rep *r = log->reps.data;
    const enum pl_measure m = PL_M_FPPA_CORRECTED;
    double sum[PL_N_SIDES] = { 0 }, err[PL_N_SIDES] = { 0 };
    int n[PL_N_SIDES] = { 0 };

    for (int i = 0; i < log->reps.n; i++) {
        if (r[i].side == PL_SIDE_UNKNOWN || !isfinite(r[i].m[m].value))
            continue;
        sum[r[i].side] += r[i].m[m].value;
        err[r[i].side] += r[i].m[m].err;
        n[r[i].side]++;
    }
    const int l = PL_SIDE_LEFT, right = PL_SIDE_RIGHT;
    const bool both = n[l] && n[right];
    cJSON *o = cJSON_AddObjectToObject(to, "left_minus_right");
    const struct pl_value v = { both ? (float)(sum[l] / n[l] - sum[right] / n[right]) : NAN,
                                both ? (float)hypot(err[l] / n[l], err[right] / n[right]) : NAN };
    return o && add_value(o, pl_measure_id(m), v);
}

static bool add_partials(cJSON *to, const struct pl_log *log)
{
    cJSON *array = cJSON_AddArrayToObject(to, "partial");
    const struct pl_partial *p = log->partials.data;
    bool ok = array != NULL;

    for (int i = 0; ok && i < log->partials.n; i++) {
        cJSON *o = append_object(array);
        ok = o && add_text(o, "exercise", pl_exercise_name(p[i].exercise)) && add_side(o, p[i].side) &&
             add_text(o, "reason", pl_partial_id(p[i].why)) &&
             add_text(o, "advice", pl_language_text(log->language, pl_sentence_of_partial(p[i].why))) &&
             add_time(o, "start_s", p[i].start_ns) && add_time(o, "bottom_s", p[i].bottom_ns) &&
             add_time(o, "end_s", p[i].end_ns) && add_number(o, "depth", p[i].depth, 2);
    }
    return ok;
}

static bool add_faults(cJSON *to, const struct pl_log *log)
{
    cJSON *array = cJSON_AddArrayToObject(to, "faults");
    const struct pl_fault *f = log->faults.data;
    bool ok = array != NULL;

    for (int i = 0; ok && i < log->faults.n; i++) {
        cJSON *o = append_object(array);
        ok = o && add_text(o, "kind", pl_fault_name(f[i].kind)) && add_side(o, f[i].side) &&
             add_time(o, "start_s", f[i].start_ns) && add_time(o, "end_s", f[i].end_ns) &&
             add_number(o, "peak", f[i].peak, 2) && add_number(o, "limit", f[i].limit, 2) &&
             (f[i].rep ? add_number(o, "rep", f[i].rep, 0) : add_text(o, "rep", NULL)) &&
             add_text(o, "cue", pl_cue_text(f[i].kind));
    }
    return ok;
}

static bool add_gaps(cJSON *to, const struct pl_log *log)
{
    cJSON *array = cJSON_AddArrayToObject(to, "not_measurable");
    const struct pl_gap *g = log->gaps.data;
    bool ok = array != NULL;

    for (int i = 0; ok && i < log->gaps.n; i++) {
        cJSON *o = append_object(array);
        ok = o && add_text(o, "measure", g[i].measure == PL_N_MEASURES ? "all" : pl_measure_id((enum pl_measure)g[i].measure)) &&
             add_text(o, "reason", pl_reason_id(g[i].reason)) &&
             add_text(o, "advice", pl_language_text(log->language, pl_sentence_of_reason(g[i].reason))) &&
             add_time(o, "start_s", g[i].start_ns) && add_time(o, "end_s", g[i].end_ns);
    }
    return ok;
}

/* What was to be said with each frame, whether there was a voice or not. */
static bool add_said(cJSON *to, const struct pl_log *log)
{
    cJSON *array = cJSON_AddArrayToObject(to, "voice");
    const struct pl_utterance *u = log->said.data;
    bool ok = array != NULL;
    char text[PL_SENTENCE_BYTES];

    for (int i = 0; ok && i < log->said.n; i++) {
        bool words = u[i].sentence != PL_SAY_NOTHING;
        cJSON *o = append_object(array);
        pl_language_write(text, sizeof text, log->language, u[i].sentence, &u[i].number, 1);
        ok = o && add_time(o, "t_s", u[i].t_ns) &&
             (u[i].count ? add_number(o, "count", u[i].count, 0) : add_text(o, "count", NULL)) &&
             add_text(o, "id", words ? pl_sentence_id(u[i].sentence) : NULL) &&
             add_text(o, "text", words ? text : NULL);
    }
    return ok;
}

/* What the voice made of it. Left out where there was none. */
static bool add_spoken(cJSON *to, const struct pl_log *log)
{
    const struct pl_spoken *s = log->spoken.data;
    cJSON *array = log->spoken.n ? cJSON_AddArrayToObject(to, "spoken") : NULL;
    bool ok = array != NULL || !log->spoken.n;

    for (int i = 0; ok && i < log->spoken.n; i++) {
        cJSON *o = append_object(array);
        ok = o && add_time(o, "start_s", s[i].start_ns) && add_time(o, "end_s", s[i].end_ns) &&
             add_text(o, "text", *s[i].text ? s[i].text : NULL);
    }
    return ok;
}

static bool add_timing(cJSON *to, const struct pl_log *log)
{
    cJSON *o = cJSON_AddObjectToObject(to, "timing");

    return o && add_number(o, "pose_ms_p50", pl_report_time_ms(&log->pose_time, 0.5), 2) &&
           add_number(o, "frame_ms_p50", pl_report_time_ms(&log->frame_time, 0.5), 2) &&
           add_number(o, "frame_ms_p99", pl_report_time_ms(&log->frame_time, 0.99), 2);
}

/* The exercise most repetitions were of; without repetitions what was recognised last; NULL if nothing was. */
static const char *exercise_name(const struct pl_log *log)
{
    int best = log->exercise;

    for (int i = 0; i < PL_N_EXERCISES; i++)
        if (log->n_reps_of[i] > log->n_reps_of[best])
            best = i;
    return best == PL_EXERCISE_AUTO ? NULL : pl_exercise_name((enum pl_exercise_kind)best);
}

const char *pl_report_view_name(const struct pl_log *log)
{
    int best = PL_VIEW_UNKNOWN;

    for (int i = PL_VIEW_FRONT; i <= PL_VIEW_SIDE; i++)
        if (log->n_view[i] > (best ? log->n_view[best] : 0))
            best = i;
    return best == PL_VIEW_UNKNOWN ? NULL : pl_view_name((enum pl_view)best);
}

double pl_report_yaw_deg(const struct pl_log *log)
{
    int64_t all = 0, before = 0;

    for (int i = 0; i <= 360; i++)
        all += log->n_yaw_deg[i];
    for (int i = 0; i <= 360; i++) {
        before += log->n_yaw_deg[i];
        if (before * 2 > all)
            return i - 180;
    }
    return NAN;
}

static bool fill(cJSON *o, const struct pl_log *log, const char *input, const char *model)
{
    return add_text(o, "schema", "plumbline.analysis/1") && add_text(o, "input", input) &&
           add_number(o, "frames", (double)log->n_frames, 0) &&
           add_number(o, "duration_s", pl_s_from_ns(log->last_ns - log->first_ns), 3) && add_text(o, "model", model) &&
           add_text(o, "exercise", exercise_name(log)) && add_text(o, "view", pl_report_view_name(log)) &&
           add_number(o, "yaw_deg", pl_report_yaw_deg(log), 0) &&
           add_number(o, "person_fraction", pl_report_person_fraction(log), 4) && add_reps(o, log) && add_score_sides(o, log) &&
           add_difference(o, log) && add_partials(o, log) && add_faults(o, log) && add_gaps(o, log) && add_said(o, log) &&
           add_spoken(o, log) &&
           add_timing(o, log);
}

bool pl_report_write_json(const struct pl_log *log, const char *input, const char *model, FILE *out, struct pl_err *err)
{
    cJSON *o = cJSON_CreateObject();
    char *line = NULL;
    bool ok = false;

    if (!o || log->out_of_memory || !fill(o, log, input, model) || !(line = cJSON_PrintUnformatted(o))) {
        pl_fail(err, PL_E_MEMORY, "%s: out of memory for the analysis", input);
        goto done;
    }
    ok = fprintf(out, "%s\n", line) > 0 && fflush(out) == 0;
    if (!ok)
        pl_fail(err, PL_E_IO, "%s: the analysis could not be written: is the disk full?", input);
done:
    free(line);
    cJSON_Delete(o);
    return ok;
}
