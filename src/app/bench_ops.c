/* bench --ops: where a network's time goes, step by step. A step is one operation, or a chain that hands on its rows. */
#include <stdlib.h>

#include "internal.h"
#include "plumbline/nn.h"

enum { RUNS = 40, WARM_UP = 3 };

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* One line per step, from ns [RUNS][n]; sorted in place by step: what is kept is medians. */
static void print_steps(const struct pl_model *model, const int64_t *ns, int n, const char *title)
{
    int64_t *median_ns = calloc((size_t)n, sizeof *median_ns), column[RUNS], all_ns = 0;

    if (!median_ns)
        return;
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < RUNS; k++)
            column[k] = ns[k * n + i];
        qsort(column, RUNS, sizeof column[0], by_value);
        median_ns[i] = column[RUNS / 2];
        all_ns += median_ns[i];
    }
    printf("%s\n%6s %9s %7s %9s  %-13s %s\n", title, "number", "median ms", "share", "GFLOP/s", "result", "operations");
    for (int i = 0; i < n; i++) {
        struct pl_step s = pl_model_step(model, i);
        double ms = (double)median_ns[i] * 1e-6;
        char shape[40];
        snprintf(shape, sizeof shape, "%dx%dx%d", s.h, s.w, s.c);
        printf("%6d %9.4f %5.1f %% %9.1f  %-13s %s\n", s.number, ms, all_ns ? 100 * (double)median_ns[i] / (double)all_ns : 0,
               ms > 0 ? 2e-6 * s.macs / ms : 0, shape, s.name);
    }
    printf("%6s %9.4f\n\n", "all", (double)all_ns * 1e-6);
    free(median_ns);
}

bool pl_app_bench_ops(const char *network, const char *path, unsigned drop, unsigned cpu, int threads, struct pl_err *err)
{
    struct pl_model_options mo = { .cpu = cpu, .drop_outputs = drop };
    struct pl_model *model = NULL;
    struct pl_runner *runner = NULL;
    struct pl_pool *pool = NULL;
    int64_t *ns = NULL;
    bool ok = false;

    if (!pl_pool_open(&pool, threads, err) || !pl_model_open(&model, path, &mo, err) || !pl_runner_open(&runner, model, pool, err))
        goto done;
    int n = pl_model_n_steps(model);
    ns = calloc((size_t)n * RUNS, sizeof *ns);
    if (!ns) {
        pl_fail(err, PL_E_MEMORY, "out of memory for the profile");
        goto done;
    }
    for (int i = -WARM_UP; i < RUNS; i++) {
        pl_app_bench_input(runner);
        pl_runner_profile(runner, ns + (i < 0 ? 0 : i) * n);
        pl_runner_run(runner);
    }
    print_steps(model, ns, n, network);
    ok = true;
done:
    free(ns);
    pl_runner_close(runner);
    pl_model_close(model);
    pl_pool_close(pool);
    return ok;
}
