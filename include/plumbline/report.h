/* Moments -> what is kept: the analysis of a clip (JSON), the table of frames (CSV).
 *
 * The log gathers; it judges nothing. It is deterministic: the same moments give the same bytes, `timing` excepted.
 */
#ifndef PLUMBLINE_REPORT_H
#define PLUMBLINE_REPORT_H

#include <stdio.h>
#include "plumbline/err.h"
#include "plumbline/language.h"
#include "plumbline/moment.h"
#include "plumbline/trace.h"

struct pl_log;

/* own: pl_report_close. NULL: out of memory */
struct pl_log *pl_report_open(void);
void pl_report_close(struct pl_log *log);

/* Whose words "voice" has; borrowed until close. Without: English. */
void pl_report_language(struct pl_log *log, const struct pl_language *language);

/* Something that the voice said. Once there is any, the analysis has "spoken". */
void pl_report_spoken(struct pl_log *log, const struct pl_spoken *spoken);

/* One frame. frame_ns: everything done for it, decoding included; pose_ns: inference; both only for `timing`. Allocates nothing
 * as long as fewer than 256 repetitions, partial ones, faults and gaps have come. */
void pl_report_add(struct pl_log *log, const struct pl_moment *moment, int64_t pose_ns, int64_t frame_ns);

/* After the last frame: moment as pl_session_finish left it. Closes what is open. */
void pl_report_finish(struct pl_log *log, const struct pl_moment *moment);

/* Writes the analysis as one line of JSON, schema "plumbline.analysis/1".
 * err: MEMORY, IO */
bool pl_report_write_json(const struct pl_log *log, const char *input, const char *model, FILE *out,
                          struct pl_err *err) PL_MUST_CHECK;

/* Counts for a sentence to the user. */
int pl_report_n_reps(const struct pl_log *log);
int pl_report_n_partials(const struct pl_log *log, enum pl_partial_why why);
int pl_report_n_faults(const struct pl_log *log, enum pl_fault_kind kind);
int64_t pl_report_n_frames(const struct pl_log *log);
double pl_report_person_fraction(const struct pl_log *log); /* frames with a person / frames; NAN without frames */

/* The view, and what was measured of each leg with its bands, what was not seen and why, changes over the repetitions, left
 * against right, and where each fault is, as lines for a person to read. */
void pl_report_say_measures(const struct pl_log *log, FILE *out);

/* The scores of each leg (median over its repetitions) and both legs against each other, as lines for a person to read; nothing
 * where no repetition has scores. */
void pl_report_say_scores(const struct pl_log *log, FILE *out);

/* The table of frames: header line, then one row per moment (an empty cell = not known). raw: landmarks before smoothing. */
bool pl_report_csv_header(FILE *out);
bool pl_report_csv_row(FILE *out, const struct pl_moment *moment, bool raw);

/* Stage times (--trace): a table with a row per frame, and their summary. */
struct pl_trace;

/* The header is written to out (borrowed until close). own: pl_report_trace_close. NULL: out of memory */
struct pl_trace *pl_report_trace_open(FILE *out);

/* One frame's stages. The row is written with the next one, so that what comes later can still be added. Allocates nothing. */
void pl_report_trace_add(struct pl_trace *trace, int64_t t_ns, const struct pl_stage_times *times);

/* On top of the newest frame's: its drawing, when the screen gets to it. */
void pl_report_trace_more(struct pl_trace *trace, const struct pl_stage_times *times);

/* Writes the last row, then per stage median, 99th percentile, CPU time and its share as a table. NULL is ignored. */
void pl_report_trace_finish(struct pl_trace *trace, FILE *summary);
void pl_report_trace_close(struct pl_trace *trace);

#endif
