/* Stage times as a table of frames and as a summary.
 *
 * in:   each frame's laps (trace.h)
 * out:  CSV: frame, t_s, then per stage <stage>_ms and total_ms (wall time), then <stage>_cpu_ms and total_cpu_ms
 * not:  a judgement of how fast it should be: times say as much about what else the machine does
 */
#include <stdlib.h>

#include "internal.h"
#include "plumbline/clock.h"

struct pl_trace {
    FILE *out;
    bool any;                           /* row holds a frame that is not written yet */
    int64_t n, t_ns, began_cpu_ns;
    struct pl_stage_times row, sum;
    struct pl_time_bins wall[PL_N_STAGES], total;
};

static double ms(int64_t ns)
{
    return (double)ns * 1e-6;
}

struct pl_trace *pl_report_trace_open(FILE *out)
{
    struct pl_trace *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->out = out;
    t->began_cpu_ns = pl_clock_process_cpu_ns();
    fputs("frame,t_s", out);
    for (int i = 0; i < PL_N_STAGES; i++)
        fprintf(out, ",%s_ms", pl_stage_name((enum pl_stage)i));
    fputs(",total_ms", out);
    for (int i = 0; i < PL_N_STAGES; i++)
        fprintf(out, ",%s_cpu_ms", pl_stage_name((enum pl_stage)i));
    fputs(",total_cpu_ms\n", out);
    return t;
}

static void write_times(FILE *out, const int64_t ns[PL_N_STAGES])
{
    int64_t sum_ns = 0;
    for (int i = 0; i < PL_N_STAGES; i++) {
        fprintf(out, ",%.3f", ms(ns[i]));
        sum_ns += ns[i];
    }
    fprintf(out, ",%.3f", ms(sum_ns));
}

static void write_row(struct pl_trace *t)
{
    if (!t->any)
        return;
    fprintf(t->out, "%lld,%.6f", (long long)t->n, pl_s_from_ns(t->t_ns));
    write_times(t->out, t->row.wall_ns);
    write_times(t->out, t->row.cpu_ns);
    fputc('\n', t->out);
    for (int i = 0; i < PL_N_STAGES; i++)
        if (t->row.wall_ns[i]) /* a stage that this frame did not go through is no fast stage */
            pl_report_time_add(&t->wall[i], t->row.wall_ns[i]);
    pl_report_time_add(&t->total, pl_stage_total_ns(&t->row));
    pl_stage_add(&t->sum, &t->row);
    t->n++;
    t->any = false;
}

void pl_report_trace_add(struct pl_trace *t, int64_t t_ns, const struct pl_stage_times *times)
{
    write_row(t);
    t->any = true;
    t->t_ns = t_ns;
    t->row = *times;
}

void pl_report_trace_more(struct pl_trace *t, const struct pl_stage_times *times)
{
    if (t->any)
        pl_stage_add(&t->row, times);
}

static void write_line(FILE *out, const char *name, const struct pl_time_bins *wall, double cpu_ms, double share, int64_t n)
{
    if (wall->n)
        fprintf(out, "%-10s %8lld %8.2f %8.2f %12.2f %7.0f %%\n", name, (long long)wall->n, pl_report_time_ms(wall, 0.5),
                pl_report_time_ms(wall, 0.99), cpu_ms / (double)n, 100 * share);
}

void pl_report_trace_finish(struct pl_trace *t, FILE *out)
{
    int64_t sum_ns = 0;

    if (!t)
        return;
    write_row(t);
    if (!t->n)
        return;
    for (int i = 0; i < PL_N_STAGES; i++)
        sum_ns += t->sum.cpu_ns[i];
    fprintf(out, "%-10s %8s %8s %8s %12s %9s\n", "stage", "frames", "p50 ms", "p99 ms", "CPU ms/frame", "share");
    for (int i = 0; i < PL_N_STAGES; i++)
        write_line(out, pl_stage_name((enum pl_stage)i), &t->wall[i], ms(t->sum.cpu_ns[i]),
                   sum_ns ? (double)t->sum.cpu_ns[i] / (double)sum_ns : 0, t->n);
    write_line(out, "total", &t->total, ms(sum_ns), 1, t->n);
    fprintf(out, "whole process, all threads: %.2f ms of CPU time a frame\n",
            ms(pl_clock_process_cpu_ns() - t->began_cpu_ns) / (double)t->n);
}

void pl_report_trace_close(struct pl_trace *t)
{
    free(t);
}
