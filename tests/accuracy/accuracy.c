/* What plumbline measured against the truth of rendered clips (and of motion capture).
 *
 *   accuracy [--plots | --bands] [--mocap TRUTH.csv NAME]... RESULTS TRUTH.json...
 *
 * in:   RESULTS/NAME.json and RESULTS/NAME.csv (analyze --json, --frames) and, beside each TRUTH.json, its TRUTH.csv
 *       (samples/README.md says what the columns are)
 * out:  per measure and clip and in all: bias, spread, gain, mean absolute error, share of truths inside the stated band;
 *       repetitions, their ends, faults; pictures (PNG). Status 1 if a bar is missed, 2 if something cannot be read.
 * how:  a measure is compared with what it says it is: fppa_deg with the angle of the projected joints (img_fppa), everything
 *       else with the body. A fault must be raised where the truth at the bottom is at least 1.5
 *       stated bands beyond the limit, and must not be where the truth never passes the limit in that repetition.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accuracy.h"

static const double pi = 3.14159265358979;

const struct row_info row_info[N_ROWS] = {
    { "knee_flexion_deg, side", "deg", PL_M_KNEE_FLEXION, 's', 3.0, NAN, NAN },
    { "knee_flexion_deg, front", "deg", PL_M_KNEE_FLEXION, 'f', 6.0, NAN, NAN },
    { "fppa_deg", "deg", PL_M_FPPA, 0, 1.5, 0.9, 1.1 },
    { "fppa_corrected_deg", "deg", PL_M_FPPA_CORRECTED, 0, NAN, NAN, NAN },
    { "fppa_change_deg", "deg", PL_M_FPPA_CHANGE, 0, NAN, NAN, NAN },
    { "pelvic_drop_deg", "deg", PL_M_PELVIC_DROP, 0, NAN, NAN, NAN },
    { "pelvic_drop_change_deg", "deg", PL_M_PELVIC_DROP_CHANGE, 0, 2.0, 0.8, 1.2 },
    { "hip_adduction_deg", "deg", PL_M_HIP_ADDUCTION, 0, NAN, NAN, NAN },
    { "knee_over_toe_pct", "% of the foot", PL_M_KNEE_OVER_TOE, 0, 5.0, NAN, NAN },
    { "trunk_lean_side_deg", "deg", PL_M_TRUNK_LEAN_SIDE, 0, 2.0, NAN, NAN },
    { "trunk_lean_forward_deg", "deg", PL_M_TRUNK_LEAN_FORWARD, 0, 3.0, NAN, NAN },
};
static const double inside_min = 0.90, inside_max = 0.99, boundary_s = 0.15, mocap_mae_max = 5.0, beyond_bands = 1.5,
                    raised_min = 0.95;
enum { MANY = 100 }; /* so few that all are inside say nothing about a band that is too wide */

/* --- truth ------------------------------------------------------------------------------------------------------- */

struct truth {
    cJSON *json;
    struct table t;
    char kind[16];              /* sls, squat, lunge */
    double standing[PL_N_SIDES][N_ROWS]; /* before the first repetition: what changes are from */
};

static double of_side(const struct table *t, int i, int side, const char *what)
{
    char name[64];
    snprintf(name, sizeof name, "%s_%s", side == PL_SIDE_LEFT ? "left" : "right", what);
    return table_get(t, i, name);
}

static double thigh_in(const struct table *t, int i, int side)
{
    const double across = of_side(t, i, side, "hip_u") - of_side(t, i, side, "knee_u"),
                 up = of_side(t, i, side, "knee_v") - of_side(t, i, side, "hip_v");
    return (side == PL_SIDE_LEFT ? 1 : -1) * atan2(across, up) * 180 / pi;
}

/* The true value of a measure for one leg; changes are against `standing`. */
static double truth_of(const struct truth *truth, int i, int side, enum row row)
{
    const struct table *t = &truth->t;
    const double own = table_letter(t, i, "working_side") == (side == PL_SIDE_LEFT ? 'l' : 'r') ? 1 : -1;
    switch (row) {
    case ROW_FLEXION_SIDE:
    case ROW_FLEXION_FRONT: return of_side(t, i, side, "knee_flex");
    case ROW_FPPA: return of_side(t, i, side, "img_fppa");
    case ROW_FPPA_CORRECTED: return of_side(t, i, side, "fppa");
    case ROW_FPPA_CHANGE: return of_side(t, i, side, "img_fppa") - truth->standing[side][ROW_FPPA];
    case ROW_DROP: return own * table_get(t, i, "pelvic_drop");
    case ROW_DROP_CHANGE: return own * table_get(t, i, "pelvic_drop") - truth->standing[side][ROW_DROP];
    case ROW_ADDUCTION: return thigh_in(t, i, side) + own * table_get(t, i, "pelvic_drop");
    case ROW_TOE: return 100 * of_side(t, i, side, "knee_over_toe");
    case ROW_LEAN_SIDE: return own * table_get(t, i, "trunk_lean_lat_ipsi");
    case ROW_LEAN_FORWARD: return table_get(t, i, "trunk_lean_fwd");
    case N_ROWS: break;
    }
    return NAN;
}

/* Standing: on both feet where the clip has that, for the pelvis on one leg, before the first repetition. */
static double standing_of(const struct truth *truth, int side, enum row row)
{
    double sum[2] = { 0, 0 };
    int n[2] = { 0, 0 };
    for (int i = 0; i < truth->t.n && !(table_get(&truth->t, i, "rep") >= 0); i++) {
        const char phase = table_letter(&truth->t, i, "phase");
        const bool still = phase == 's' && table_get(&truth->t, i, "depth") < 0.01;
        if (!still)
            continue;
        sum[1] += truth_of(truth, i, side, row);
        n[1]++;
        if (row == ROW_DROP) { /* "stand" follows "stand_both": the last half second */
            const double age = table_get(&truth->t, i, "t");
            int last = i;
            while (last + 1 < truth->t.n && table_get(&truth->t, last + 1, "t") - age < 0.5)
                last++;
            if (table_get(&truth->t, last, "rep") >= 0) {
                sum[0] += truth_of(truth, i, side, row);
                n[0]++;
            }
        }
    }
    return n[0] ? sum[0] / n[0] : n[1] ? sum[1] / n[1] : NAN;
}

static char *read_text(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *text = NULL;
    long size;
    if (f && !fseek(f, 0, SEEK_END) && (size = ftell(f)) >= 0 && !fseek(f, 0, SEEK_SET) && (text = calloc(1, (size_t)size + 1))
        && fread(text, 1, (size_t)size, f) != (size_t)size) {
        free(text);
        text = NULL;
    }
    if (f)
        fclose(f);
    return text;
}

static cJSON *read_json(const char *path)
{
    char *text = read_text(path);
    cJSON *json = text ? cJSON_Parse(text) : NULL;
    if (!json)
        fprintf(stderr, "accuracy: %s: cannot be read as JSON\n", path);
    free(text);
    return json;
}

static const cJSON *item(const cJSON *o, const char *name) { return cJSON_GetObjectItemCaseSensitive(o, name); }

static double number(const cJSON *o, const char *name)
{
    const cJSON *v = item(o, name);
    return cJSON_IsNumber(v) ? v->valuedouble : NAN;
}

static const char *words(const cJSON *o, const char *name)
{
    const char *text = cJSON_GetStringValue(item(o, name));
    return text ? text : "";
}

static bool read_truth(struct truth *truth, const char *json_path)
{
    char path[512];
    *truth = (struct truth){ .json = read_json(json_path) };
    snprintf(path, sizeof path, "%.*scsv", (int)strlen(json_path) - 4, json_path);
    if (!truth->json || !table_read(&truth->t, path))
        return false;
    snprintf(truth->kind, sizeof truth->kind, "%s", words(item(item(truth->json, "spec"), "motion"), "kind"));
    if (!strcmp(truth->kind, "walk_in") || !strcmp(truth->kind, "walk"))
        strcpy(truth->kind, "sls");
    for (int side = 0; side < PL_N_SIDES; side++)
        for (int row = 0; row < N_ROWS; row++)
            truth->standing[side][row] = standing_of(truth, side, (enum row)row);
    return true;
}

/* --- one clip ---------------------------------------------------------------------------------------------------- */

struct result {
    cJSON *json;
    struct table t;
};

static bool row_fits(enum row row, char view)
{
    const bool side_view = view == 's';
    return row_info[row].view == 0 || (row_info[row].view == 's') == side_view;
}

static int near_side(const struct result *r, int i) { return table_get(&r->t, i, "yaw_deg") > 0 ? PL_SIDE_LEFT : PL_SIDE_RIGHT; }

static struct point plain(double t_s, double estimate, double err, double truth)
{
    return (struct point){ .t_s = t_s, .estimate = estimate, .err = err, .truth = truth };
}

/* Every frame in which the exercise is under way or waited for. */
static void compare_frames(struct clip *clip, const struct truth *truth, const struct result *r)
{
    const bool both = !strcmp(truth->kind, "squat");
    for (int i = 0; i < r->t.n; i++) {
        const double t_s = table_get(&r->t, i, "t_s");
        const int j = table_nearest(&truth->t, "t", t_s);
        const char view = table_letter(&r->t, i, "view"), phase = table_letter(&truth->t, j, "phase");
        if ((phase != 'm' && phase != 's') || !view)
            continue;
        for (int side = 0; side < PL_N_SIDES; side++) {
            const bool works = table_letter(&truth->t, j, "working_side") == (side == PL_SIDE_LEFT ? 'l' : 'r');
            if (both ? view == 's' && side != near_side(r, i) : !works)
                continue;
            for (int row = 0; row < N_ROWS; row++) {
                const char *id = pl_measure_id(row_info[row].measure);
                const double v = pl_measure_has_side(row_info[row].measure) ? of_side(&r->t, i, side, id) : table_get(&r->t, i, id);
                if (row_fits((enum row)row, view))
                    points_add(&clip->frame[row], plain(t_s, v, NAN, truth_of(truth, j, side, (enum row)row)));
            }
        }
    }
}

/* The truth that a repetition's value speaks of; a squat on both legs gives the larger of the two legs' numbers. */
static double truth_at(const struct truth *truth, const struct result *r, int j, int i, int side, enum row row)
{
    if (side >= 0)
        return truth_of(truth, j, side, row);
    if (row == ROW_DROP || row == ROW_DROP_CHANGE || row == ROW_ADDUCTION)
        return NAN;
    if (table_letter(&r->t, i, "view") == 's')
        return truth_of(truth, j, near_side(r, i), row);
    return fmax(truth_of(truth, j, PL_SIDE_LEFT, row), truth_of(truth, j, PL_SIDE_RIGHT, row));
}

static void append(char *to, size_t size, const char *word, int rep)
{
    const size_t n = strlen(to);
    snprintf(to + n, size - n, " %s:%d", word, rep);
}

static bool raised(const cJSON *json, const char *kind, int rep)
{
    const cJSON *f;
    cJSON_ArrayForEach(f, item(json, "faults"))
        if (!strcmp(words(f, "kind"), kind) && (int)number(f, "rep") == rep)
            return true;
    return false;
}

/* What the exercises judge (src/exercise). */
struct judged {
    enum pl_fault_kind kind;
    const char *exercises;
    enum row row, row_too; /* in side view, and in others */
    char beyond;
    size_t limit, limit_squat, limit_lunge; /* in struct pl_limits */
};
#define L(name) offsetof(struct pl_limits, name)
static const struct judged judged[] = {
    { PL_FAULT_KNEE_COLLAPSE, "sls lunge squat", ROW_FPPA_CORRECTED, ROW_FPPA_CORRECTED, '>', L(fppa_limit_deg), L(fppa_limit_deg),
      L(fppa_limit_deg) },
    { PL_FAULT_HIP_DROP, "sls", ROW_DROP_CHANGE, ROW_DROP_CHANGE, '>', L(pelvic_drop_limit_deg), 0, 0 },
    { PL_FAULT_KNEE_OVER_TOE, "lunge", ROW_TOE, ROW_TOE, '>', 0, 0, L(knee_over_toe_limit_pct) },
    { PL_FAULT_TRUNK_LEAN, "sls squat", ROW_LEAN_SIDE, ROW_LEAN_SIDE, '|', L(trunk_side_limit_deg), L(trunk_side_limit_deg), 0 },
    { PL_FAULT_TRUNK_LEAN, "lunge", ROW_LEAN_FORWARD, ROW_LEAN_FORWARD, '>', 0, 0, L(trunk_forward_limit_deg) },
    { PL_FAULT_TOO_DEEP, "sls lunge squat", ROW_FLEXION_SIDE, ROW_FLEXION_FRONT, '>', L(single_leg_squat_depth_max_deg),
      L(squat_depth_max_deg), L(lunge_depth_max_deg) },
    { PL_FAULT_TOO_SHALLOW, "sls lunge squat", ROW_FLEXION_SIDE, ROW_FLEXION_FRONT, '<', L(single_leg_squat_depth_min_deg),
      L(squat_depth_min_deg), L(lunge_depth_min_deg) },
};

static double beyond(char how, double value, double limit)
{
    return how == '>' ? value - limit : how == '<' ? limit - value : fabs(value) - limit;
}

/* Of one repetition: start_s and end_s are the truth's. */
struct rep { const cJSON *json; int n, side, row, frame; double start_s, end_s; };

static double worst(const struct truth *truth, const struct result *r, const struct rep *rep, const struct judged *g, double limit)
{
    double most = -INFINITY;
    if (g->kind == PL_FAULT_TOO_SHALLOW) /* of the deepest point */
        return beyond(g->beyond, truth_at(truth, r, rep->row, rep->frame, rep->side, g->row), limit);
    for (int j = 0; j < truth->t.n; j++) {
        const double t = table_get(&truth->t, j, "t");
        if (t >= rep->start_s && t <= rep->end_s)
            most = fmax(most, beyond(g->beyond, truth_at(truth, r, j, rep->frame, rep->side, g->row), limit));
    }
    return most;
}

static void compare_faults(struct clip *clip, const struct truth *truth, const struct result *r, const struct rep *rep)
{
    const struct pl_limits limits = pl_limits_default();
    const bool side_view = table_letter(&r->t, rep->frame, "view") == 's';
    for (size_t k = 0; k < sizeof judged / sizeof judged[0]; k++) {
        const struct judged *g = &judged[k];
        const size_t at = truth->kind[1] == 'q' ? g->limit_squat : truth->kind[0] == 'l' ? g->limit_lunge : g->limit;
        const enum row row = side_view ? g->row : g->row_too;
        const cJSON *m = item(item(rep->json, "measures"), pl_measure_id(row_info[row].measure));
        float limit;
        if (!strstr(g->exercises, truth->kind))
            continue;
        memcpy(&limit, (const char *)&limits + at, sizeof limit);
        const bool there = raised(r->json, pl_fault_name(g->kind), rep->n);
        const double true_value = truth_at(truth, r, rep->row, rep->frame, rep->side, row), err = number(m, "err");
        if (beyond(g->beyond, true_value, (double)limit) >= beyond_bands * err) {
            clip->n_expected++;
            clip->n_raised += there;
            if (!there)
                append(clip->missed, sizeof clip->missed, pl_fault_name(g->kind), rep->n);
        } else if (worst(truth, r, rep, g, (double)limit) <= 0) {
            const bool other = g->kind == PL_FAULT_TRUNK_LEAN && there && isnan(err);
            clip->n_good += !other;
            clip->n_false += there && !other;
            if (there && !other)
                append(clip->false_ones, sizeof clip->false_ones, pl_fault_name(g->kind), rep->n);
        }
    }
}

static int side_of(const char *word) { return word[0] == 'l' ? PL_SIDE_LEFT : word[0] == 'r' ? PL_SIDE_RIGHT : -1; }

/* The body's height in the picture: focal length times stature by the way from the camera to the left hip. */
static double body_px(const struct truth *truth, int row)
{
    const cJSON *camera = item(truth->json, "camera"), *at = item(camera, "pos");
    double square = 0;
    for (int k = 0; k < 3; k++) {
        const char name[] = { 'h', 'i', 'p', '_', "xyz"[k], '\0' };
        const cJSON *from = cJSON_GetArrayItem(at, k);
        const double way = of_side(&truth->t, row, PL_SIDE_LEFT, name) - (from ? from->valuedouble : (double)NAN);
        square += way * way;
    }
    return number(camera, "f_px") * number(truth->json, "body_height") / sqrt(square);
}

static void compare_rep(struct clip *clip, const struct truth *truth, const struct result *r, const cJSON *found, const cJSON *is)
{
    const double bottom_s = number(is, "t_bottom");
    struct rep rep = { found, (int)number(found, "n"), side_of(words(found, "side")), table_nearest(&truth->t, "t", bottom_s),
                       table_nearest(&r->t, "t_s", number(found, "bottom_s")), number(is, "t_start"), number(is, "t_end") };
    const char works = table_letter(&truth->t, rep.row, "working_side");
    const int should = !strcmp(truth->kind, "squat") ? -1 : works == 'l' ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
    clip->n_matched++;
    clip->n_wrong_side += rep.side != should;
    points_add(&clip->start, plain(bottom_s, number(found, "start_s"), boundary_s, rep.start_s));
    points_add(&clip->end, plain(bottom_s, number(found, "end_s"), boundary_s, rep.end_s));
    if (rep.side != should)
        return; /* the other leg's values say nothing of a measure: that is a miss of its own */
    for (int row = 0; row < N_ROWS; row++) {
        const cJSON *m = item(item(found, "measures"), pl_measure_id(row_info[row].measure));
        if (row_fits((enum row)row, table_letter(&r->t, rep.frame, "view")))
            points_add(&clip->bottom[row], (struct point){ bottom_s, number(m, "value"), number(m, "err"),
                                                           truth_at(truth, r, rep.row, rep.frame, rep.side, (enum row)row),
                                                           truth_at(truth, r, rep.row, rep.frame, rep.side, ROW_FLEXION_SIDE),
                                                           body_px(truth, rep.row), table_get(&r->t, rep.frame, "yaw_deg") });
    }
    compare_faults(clip, truth, r, &rep);
}

static void compare_reps(struct clip *clip, const struct truth *truth, const struct result *r)
{
    const cJSON *found, *is;
    clip->n_truth = cJSON_GetArraySize(item(truth->json, "reps"));
    clip->n_found = cJSON_GetArraySize(item(r->json, "reps"));
    cJSON_ArrayForEach(is, item(truth->json, "reps")) {
        const cJSON *best = NULL;
        cJSON_ArrayForEach(found, item(r->json, "reps")) {
            const double off = fabs(number(found, "bottom_s") - number(is, "t_bottom"));
            if (off < 1.0 && (!best || off < fabs(number(best, "bottom_s") - number(is, "t_bottom"))))
                best = found;
        }
        if (best)
            compare_rep(clip, truth, r, best, is);
    }
}

static bool read_result(struct result *r, const char *folder, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s.json", folder, name);
    *r = (struct result){ .json = read_json(path) };
    snprintf(path, sizeof path, "%s/%s.csv", folder, name);
    return r->json && table_read(&r->t, path);
}

static void name_of(char *out, size_t size, const char *path)
{
    const char *base = strrchr(path, '/');
    snprintf(out, size, "%s", base ? base + 1 : path);
    out[strcspn(out, ".")] = '\0';
}

static bool compare(struct clip *clip, const char *folder, const char *truth_path)
{
    struct truth truth;
    struct result r = { 0 };
    name_of(clip->name, sizeof clip->name, truth_path);
    const bool ok = read_truth(&truth, truth_path) && read_result(&r, folder, clip->name);
    if (ok) {
        clip->t_end_s = table_get(&r.t, r.t.n - 1, "t_s");
        compare_frames(clip, &truth, &r);
        compare_reps(clip, &truth, &r);
    }
    cJSON_Delete(truth.json);
    cJSON_Delete(r.json);
    table_free(&truth.t);
    table_free(&r.t);
    return ok;
}

/* --- motion capture ---------------------------------------------------------------------------------------------- */

static double joint_bend(const struct table *t, int i, char side)
{
    static const char *const joints[3] = { "hip", "knee", "ankle" };
    double p[3][3], a[3], b[3], ab = 0, aa = 0, bb = 0;
    for (int j = 0; j < 3; j++)
        for (int k = 0; k < 3; k++) {
            char name[32];
            snprintf(name, sizeof name, "%s_%c_%c_m", joints[j], side, "xyz"[k]);
            p[j][k] = table_get(t, i, name);
        }
    for (int k = 0; k < 3; k++) {
        a[k] = p[0][k] - p[1][k];
        b[k] = p[1][k] - p[2][k];
        ab += a[k] * b[k];
        aa += a[k] * a[k];
        bb += b[k] * b[k];
    }
    return acos(fmax(-1, fmin(1, ab / sqrt(aa * bb)))) * 180 / pi;
}

static bool compare_mocap(struct clip *clip, const char *folder, const char *truth_path, const char *name)
{
    struct table truth;
    struct result r;
    snprintf(clip->name, sizeof clip->name, "%s", name);
    if (!table_read(&truth, truth_path) || !read_result(&r, folder, name))
        return false;
    clip->t_end_s = table_get(&r.t, r.t.n - 1, "t_s");
    const double last_s = table_get(&truth, truth.n - 1, "time_s");
    for (int i = 0; i < r.t.n; i++) {
        const double t_s = table_get(&r.t, i, "t_s");
        const int j = table_nearest(&truth, "time_s", t_s);
        for (int side = 0; side < PL_N_SIDES && t_s <= last_s; side++) {
            const enum row row = table_letter(&r.t, i, "view") == 's' ? ROW_FLEXION_SIDE : ROW_FLEXION_FRONT;
            points_add(&clip->frame[row], plain(t_s, of_side(&r.t, i, side, "knee_flexion_deg"), NAN,
                                                joint_bend(&truth, j, side == PL_SIDE_LEFT ? 'l' : 'r')));
        }
    }
    cJSON_Delete(r.json);
    table_free(&truth);
    table_free(&r.t);
    return true;
}

/* --- what is said ------------------------------------------------------------------------------------------------ */

static void put(double v, int width, int decimals)
{
    if (isfinite(v))
        printf(" %*.*f", width, decimals, v);
    else
        printf(" %*s", width, "-");
}

static void put_line(const char *name, const struct points *bottom, const struct points *frame)
{
    const struct stats b = stats_of(bottom), f = stats_of(frame);
    printf("  %-36.36s %4d", name, b.n);
    put(b.bias, 7, 2);
    put(b.spread, 6, 2);
    put(b.gain, 6, 2);
    put(b.mae, 6, 2);
    put(b.band, 6, 1);
    put(100 * b.inside, 5, 0);
    printf("  %6d", f.n);
    put(f.bias, 7, 2);
    put(f.spread, 6, 2);
    put(f.gain, 6, 2);
    put(f.mae, 6, 2);
    printf("\n");
}

static struct points pooled(const struct clip *clip, int n, size_t offset)
{
    struct points all = { 0 };
    for (int c = 0; c < n; c++) {
        struct points one;
        memcpy(&one, (const char *)&clip[c] + offset, sizeof one);
        for (int i = 0; i < one.n; i++)
            points_add(&all, one.p[i]);
    }
    return all;
}

static bool bar(bool ok, const char *name, const char *what, double value, const char *want)
{
    printf("  %-8s %-28s %-36s %8.2f   %s\n", ok ? "ok" : "MISSED", name, what, value, want);
    return ok;
}

static bool row_bars(enum row row, const struct points *all)
{
    const struct row_info *info = &row_info[row];
    const struct stats s = stats_of(all);
    char want[40];
    bool ok = true;
    if (!s.n)
        return true;
    if (isfinite(info->mae_max)) {
        snprintf(want, sizeof want, "<= %g", info->mae_max);
        ok = bar(s.mae <= info->mae_max, info->name, "mean absolute error at the bottom", s.mae, want) && ok;
    }
    if (isfinite(info->gain_min) && isfinite(s.gain)) {
        snprintf(want, sizeof want, "%g-%g", info->gain_min, info->gain_max);
        ok = bar(s.gain >= info->gain_min && s.gain <= info->gain_max, info->name, "gain at the bottom", s.gain, want) && ok;
    }
    return bar(s.inside >= inside_min && (s.inside <= inside_max || s.n < MANY), info->name, "truths inside the band, %",
               100 * s.inside, "90-99") && ok;
}

static bool say_rows(const struct clip *clip, int n, bool per_clip)
{
    bool ok = true;
    printf("%-38s %4s %7s %6s %6s %6s %6s %5s  %6s %7s %6s %6s %6s\n", "at the bottom of each repetition | frames", "n", "bias",
           "spread", "gain", "MAE", "band", "in%", "n", "bias", "spread", "gain", "MAE");
    for (int row = 0; row < N_ROWS; row++) {
        struct points bottom = pooled(clip, n, offsetof(struct clip, bottom) + (size_t)row * sizeof(struct points)),
                      frame = pooled(clip, n, offsetof(struct clip, frame) + (size_t)row * sizeof(struct points));
        if (!bottom.n && !frame.n)
            continue;
        printf("%s\n", row_info[row].name);
        for (int c = 0; per_clip && c < n; c++)
            if (clip[c].bottom[row].n || clip[c].frame[row].n)
                put_line(clip[c].name, &clip[c].bottom[row], &clip[c].frame[row]);
        put_line("all", &bottom, &frame);
        free(bottom.p);
        free(frame.p);
    }
    printf("\nbars\n");
    for (int row = 0; row < N_ROWS; row++) {
        struct points bottom = pooled(clip, n, offsetof(struct clip, bottom) + (size_t)row * sizeof(struct points));
        ok = row_bars((enum row)row, &bottom) && ok;
        free(bottom.p);
    }
    return ok;
}

static bool say_reps(const struct clip *clip, int n)
{
    int truth = 0, found = 0, matched = 0, side = 0, expected = 0, raised_ones = 0, good = 0, false_ones = 0;
    struct points start = pooled(clip, n, offsetof(struct clip, start)), last = pooled(clip, n, offsetof(struct clip, end));
    const struct stats s = stats_of(&start), e = stats_of(&last);
    bool ok = true;
    for (int c = 0; c < n; c++) {
        truth += clip[c].n_truth;
        found += clip[c].n_found;
        matched += clip[c].n_matched;
        side += clip[c].n_wrong_side;
        expected += clip[c].n_expected;
        raised_ones += clip[c].n_raised;
        good += clip[c].n_good;
        false_ones += clip[c].n_false;
        if (clip[c].n_found != clip[c].n_truth || clip[c].n_matched != clip[c].n_truth || clip[c].n_wrong_side)
            printf("  repetitions: %s: %d of %d, %d more, %d on the wrong leg\n", clip[c].name, clip[c].n_matched, clip[c].n_truth,
                   clip[c].n_found - clip[c].n_matched, clip[c].n_wrong_side);
        if (clip[c].missed[0] || clip[c].false_ones[0])
            printf("  faults: %s: missed%s; false%s\n", clip[c].name, clip[c].missed[0] ? clip[c].missed : " none",
                   clip[c].false_ones[0] ? clip[c].false_ones : " none");
    }
    ok = bar(found == truth && matched == truth && truth > 0, "repetitions", "found, of them right", found, "all") && ok;
    ok = bar(side == 0, "repetitions", "on the wrong leg", side, "0") && ok;
    ok = bar(s.inside >= inside_min, "start", "within 0.15 s, %", 100 * s.inside, ">= 90") && ok;
    ok = bar(e.inside >= inside_min, "end", "within 0.15 s, %", 100 * e.inside, ">= 90") && ok;
    printf("           start: bias %+.3f s, mean absolute %.3f s; end: bias %+.3f s, mean absolute %.3f s\n", s.bias, s.mae, e.bias,
           e.mae);
    if (expected)
        ok = bar(raised_ones >= raised_min * expected, "faults 1.5 bands beyond", "raised, %", 100.0 * raised_ones / expected,
                 ">= 95") && ok;
    ok = bar(false_ones == 0, "good repetitions", "false faults", false_ones, "0") && ok;
    printf("           %d faults expected, %d judgements of good repetitions\n", expected, good);
    free(start.p);
    free(last.p);
    return ok;
}

static bool say_mocap(const struct clip *clip)
{
    struct points all = { 0 };
    for (int row = ROW_FLEXION_SIDE; row <= ROW_FLEXION_FRONT; row++)
        for (int i = 0; i < clip->frame[row].n; i++)
            points_add(&all, clip->frame[row].p[i]);
    const struct stats s = stats_of(&all);
    printf("  motion capture: %s: %d values, bias %+.1f, spread %.1f, gain %.2f\n", clip->name, s.n, s.bias, s.spread, s.gain);
    free(all.p);
    return bar(s.mae <= mocap_mae_max, clip->name, "knee bend, mean absolute error", s.mae, "<= 5");
}

/* --- */

static void draw(const char *folder, const struct clip *clip, int n)
{
    char path[512];
    for (int row = 0; row < N_ROWS; row++) {
        snprintf(path, sizeof path, "%s/plot_%.*s%s.png", folder, (int)strcspn(row_info[row].name, ","), row_info[row].name,
                 row == ROW_FLEXION_SIDE ? "_side" : row == ROW_FLEXION_FRONT ? "_front" : "");
        plot_row(path, (enum row)row, clip, n);
    }
    for (int c = 0; c < n; c++) {
        snprintf(path, sizeof path, "%s/curve_%s.png", folder, clip[c].name);
        plot_clip(path, &clip[c]);
    }
}

static void close_clip(struct clip *clip)
{
    for (int row = 0; row < N_ROWS; row++) {
        free(clip->bottom[row].p);
        free(clip->frame[row].p);
    }
    free(clip->start.p);
    free(clip->end.p);
}

int main(int argc, char **argv)
{
    bool plots = false, bands = false, ok = true, read = true;
    const char *mocap_truth = NULL, *mocap_name = NULL;
    int at = 1, n = 0;
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (!strcmp(argv[at], "--plots")) {
            plots = true;
        } else if (!strcmp(argv[at], "--bands")) {
            bands = true;
        } else if (!strcmp(argv[at], "--mocap") && at + 2 < argc) {
            mocap_truth = argv[++at];
            mocap_name = argv[++at];
        } else {
            break;
        }
    }
    if (argc - at < 2 || argv[at][0] == '-') {
        fprintf(stderr, "usage: accuracy [--plots | --bands] [--mocap TRUTH.csv NAME] RESULTS TRUTH.json...\n");
        return 2;
    }
    const char *folder = argv[at++];
    struct clip *clip = calloc((size_t)(argc - at + 1), sizeof *clip);
    for (; clip && at < argc; at++)
        read = compare(&clip[n], folder, argv[at]) ? n++, read : false;
    if (!clip || !n)
        return 2;
    if (bands) {
        bands_say(clip, n);
    } else {
        ok = say_rows(clip, n, true);
        ok = say_reps(clip, n) && ok;
    }
    if (!bands && mocap_truth && compare_mocap(&clip[n], folder, mocap_truth, mocap_name))
        ok = say_mocap(&clip[n++]) && ok;
    if (plots)
        draw(folder, clip, n);
    for (int i = 0; i < n; i++)
        close_clip(&clip[i]);
    free(clip);
    return !read ? 2 : ok ? 0 : 1;
}
