/* What the log gathers and its writers read. */
#ifndef PLUMBLINE_REPORT_INTERNAL_H
#define PLUMBLINE_REPORT_INTERNAL_H

#include "plumbline/report.h"

/* Durations in bins one per cent apart, from 1 us to 100 s: percentiles of any length of clip without memory that grows. */
enum { PL_N_TIME_BINS = 1856 };
struct pl_time_bins { int64_t n; uint32_t bin[PL_N_TIME_BINS]; };

void pl_report_time_add(struct pl_time_bins *t, int64_t ns);
double pl_report_time_ms(const struct pl_time_bins *t, double quantile); /* NAN if empty */

/* A stretch of time in which something could not be measured. measure PL_N_MEASURES stands for all of them. */
struct pl_gap {
    int measure;
    enum pl_reason reason;
    int64_t start_ns, end_ns;
};

struct pl_list { void *data; int n, capacity; size_t size; };

struct pl_log {
    struct pl_list reps, partials, faults, gaps; /* of pl_rep, pl_partial, pl_fault, pl_gap */
    struct pl_list scores;                 /* of pl_scores, one for each of reps; rep 0: it has none */
    struct pl_list said, spoken;           /* of pl_utterance, pl_spoken */
    const struct pl_language *language;    /* NULL: English */
    struct pl_gap open[PL_N_MEASURES + 1]; /* reason NONE: nothing open */
    int64_t n_frames, n_person, first_ns, last_ns;
    int64_t n_view[4];                     /* frames per enum pl_view */
    int64_t n_yaw_deg[361];                /* frames per degree of camera yaw, -180..180: the median without a growing list */
    enum pl_exercise_kind exercise;        /* of the newest frame that knew */
    int64_t n_reps_of[PL_N_EXERCISES];
    struct pl_time_bins pose_time, frame_time;
    bool out_of_memory;
};

const char *pl_report_view_name(const struct pl_log *log); /* of most frames; NULL: never known */
double pl_report_yaw_deg(const struct pl_log *log);        /* median; NAN: never known */

/* The scores of one leg over its repetitions. Of the totals medians, each end of the range for itself (of two middle
 * ones the outer); an item's count of repetitions with each answer, and the commonest reason of those not seen. */
struct pl_score_item { int n[PL_N_ANSWERS]; enum pl_reason why; };
struct pl_score_side {
    int n_reps; /* 0: no repetition on this leg */
    struct pl_sum piva, qasls; /* of: as for the newest repetition; n_decided: least over the repetitions */
    enum pl_grade grade;       /* that more than half of the repetitions have */
    struct pl_score_item piva_item[PL_N_PIVA], qasls_item[PL_N_QASLS];
};
bool pl_report_score_side(struct pl_score_side *out, const struct pl_log *log, enum pl_side side); /* false: out of memory */

#endif
