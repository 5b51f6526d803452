/* Gathers what the moments of a clip or a session amount to. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* Shorter stretches of "not measurable" are flicker of a landmark, not something to tell a person. */
static const int64_t GAP_LEAST_NS = PL_NS_PER_S / 2;
/* A gap that pauses for less than this goes on. */
static const int64_t GAP_MERGE_NS = PL_NS_PER_S / 3;

void pl_report_time_add(struct pl_time_bins *t, int64_t ns)
{
    double bin = log((double)(ns < 1000 ? 1000 : ns) / 1000.0) / log(1.01);
    t->bin[bin < PL_N_TIME_BINS - 1 ? (int)bin : PL_N_TIME_BINS - 1]++;
    t->n++;
}

double pl_report_time_ms(const struct pl_time_bins *t, double quantile)
{
    int64_t before = 0, want = (int64_t)((double)t->n * quantile);

    for (int i = 0; i < PL_N_TIME_BINS; i++) {
        before += t->bin[i];
        if (before > want)
            return pow(1.01, i + 0.5) / 1000.0;
    }
    return NAN;
}

static bool list_open(struct pl_list *list, size_t size)
{
    list->capacity = 256;
    list->size = size;
    list->data = calloc((size_t)list->capacity, size);
    return list->data != NULL;
}

static void list_add(struct pl_log *log, struct pl_list *list, const void *element)
{
    if (list->n == list->capacity) {
        void *more = realloc(list->data, (size_t)list->capacity * 2 * list->size);
        if (!more) {
            log->out_of_memory = true;
            return;
        }
        list->data = more;
        list->capacity *= 2;
    }
    memcpy((char *)list->data + (size_t)list->n++ * list->size, element, list->size);
}

struct pl_log *pl_report_open(void)
{
    struct pl_log *log = calloc(1, sizeof *log);
    if (!log)
        return NULL;
    if (!list_open(&log->reps, sizeof(struct pl_rep)) || !list_open(&log->partials, sizeof(struct pl_partial)) ||
        !list_open(&log->faults, sizeof(struct pl_fault)) || !list_open(&log->gaps, sizeof(struct pl_gap)) ||
        !list_open(&log->scores, sizeof(struct pl_scores)) || !list_open(&log->said, sizeof(struct pl_utterance)) ||
        !list_open(&log->spoken, sizeof(struct pl_spoken))) {
        pl_report_close(log);
        return NULL;
    }
    return log;
}

void pl_report_close(struct pl_log *log)
{
    if (!log)
        return;
    free(log->reps.data);
    free(log->partials.data);
    free(log->faults.data);
    free(log->gaps.data);
    free(log->scores.data);
    free(log->said.data);
    free(log->spoken.data);
    free(log);
}

static void close_gap(struct pl_log *log, struct pl_gap *open)
{
    if (open->reason != PL_REASON_NONE && open->end_ns - open->start_ns >= GAP_LEAST_NS)
        list_add(log, &log->gaps, open);
    open->reason = PL_REASON_NONE;
}

static void follow_gap(struct pl_log *log, int measure, enum pl_reason reason, int64_t t_ns)
{
    struct pl_gap *open = &log->open[measure];

    if (reason == PL_REASON_NONE) {
        if (t_ns - open->end_ns > GAP_MERGE_NS)
            close_gap(log, open);
        return;
    }
    if (reason != open->reason) {
        close_gap(log, open);
        *open = (struct pl_gap){ .measure = measure, .reason = reason, .start_ns = t_ns };
    }
    open->end_ns = t_ns;
}

/* The side whose measures count: the working leg; in an exercise of both legs a measure is missing when neither side has it. */
static enum pl_reason missing(const struct pl_moment *m, int measure)
{
    enum pl_side side = m->progress.side;

    if (side != PL_SIDE_UNKNOWN)
        return m->measures.why[side][measure];
    enum pl_reason left = m->measures.why[PL_SIDE_LEFT][measure], right = m->measures.why[PL_SIDE_RIGHT][measure];
    return left == PL_REASON_NONE ? left : right;
}

static void follow_gaps(struct pl_log *log, const struct pl_moment *m)
{
    enum pl_reason all = m->pose.reason;

    follow_gap(log, PL_N_MEASURES, all, m->t_ns);
    for (int i = 0; i < PL_N_MEASURES; i++) {
        bool tell = all == PL_REASON_NONE && m->progress.needed[i];
        follow_gap(log, i, tell ? missing(m, i) : PL_REASON_NONE, m->t_ns);
    }
}

/* A repetition is told a moment before its end. */
static void settle(struct pl_log *log, const struct pl_rep *rep)
{
    struct pl_rep *told = log->reps.data;
    if (log->reps.n && told[log->reps.n - 1].n == rep->n) {
        told[log->reps.n - 1].start_ns = rep->start_ns;
        told[log->reps.n - 1].end_ns = rep->end_ns;
    }
}

static void add_results(struct pl_log *log, const struct pl_progress *progress, const struct pl_scores *scores)
{
    static const struct pl_scores none = { .rep = 0, .side = PL_SIDE_UNKNOWN };

    if (progress->rep_done) {
        list_add(log, &log->reps, &progress->last_rep);
        list_add(log, &log->scores, scores->rep == progress->last_rep.n ? scores : &none);
        log->n_reps_of[progress->last_rep.exercise]++;
    }
    if (progress->bend_done && log->scores.n) { /* a further bend of the last repetition: its scores are told anew */
        struct pl_scores *last = &((struct pl_scores *)log->scores.data)[log->scores.n - 1];
        if (last->rep == scores->rep)
            *last = *scores;
    }
    if (progress->rep_settled)
        settle(log, &progress->last_rep);
    if (progress->partial_done)
        list_add(log, &log->partials, &progress->last_partial);
    for (int i = 0; i < progress->n_ended; i++)
        list_add(log, &log->faults, &progress->ended[i]);
}

static void add_said(struct pl_log *log, const struct pl_utterance *say)
{
    if (say->count || say->sentence != PL_SAY_NOTHING)
        list_add(log, &log->said, say);
}

void pl_report_language(struct pl_log *log, const struct pl_language *language) { log->language = language; }

void pl_report_spoken(struct pl_log *log, const struct pl_spoken *spoken) { list_add(log, &log->spoken, spoken); }

void pl_report_add(struct pl_log *log, const struct pl_moment *m, int64_t pose_ns, int64_t frame_ns)
{
    if (!log->n_frames)
        log->first_ns = m->t_ns;
    log->last_ns = m->t_ns;
    log->n_frames++;
    log->n_person += m->keypoints.present && m->pose.reason != PL_REASON_NO_PERSON;
    log->n_view[m->pose.view]++;
    if (m->pose.person && fabsf(m->pose.yaw_deg) <= 180)
        log->n_yaw_deg[(int)lrintf(m->pose.yaw_deg) + 180]++;
    if (m->progress.exercise != PL_EXERCISE_AUTO)
        log->exercise = m->progress.exercise;
    add_results(log, &m->progress, &m->scores);
    add_said(log, &m->say);
    follow_gaps(log, m);
    pl_report_time_add(&log->pose_time, pose_ns);
    pl_report_time_add(&log->frame_time, frame_ns);
}

void pl_report_finish(struct pl_log *log, const struct pl_moment *m)
{
    add_results(log, &m->progress, &m->scores);
    add_said(log, &m->say);
    for (int i = 0; i <= PL_N_MEASURES; i++)
        close_gap(log, &log->open[i]);
}

int pl_report_n_reps(const struct pl_log *log)
{
    return log->reps.n;
}

int pl_report_n_partials(const struct pl_log *log, enum pl_partial_why why)
{
    const struct pl_partial *p = log->partials.data;
    int n = 0;

    for (int i = 0; i < log->partials.n; i++)
        n += p[i].why == why;
    return n;
}

int pl_report_n_faults(const struct pl_log *log, enum pl_fault_kind kind)
{
    const struct pl_fault *f = log->faults.data;
    int n = 0;

    for (int i = 0; i < log->faults.n; i++)
        n += f[i].kind == kind;
    return n;
}

int64_t pl_report_n_frames(const struct pl_log *log)
{
    return log->n_frames;
}

double pl_report_person_fraction(const struct pl_log *log)
{
    return log->n_frames ? (double)log->n_person / (double)log->n_frames : NAN;
}
