/* bench: milliseconds per inference of the detector and the landmark network, and what plain C needs for the same. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "plumbline/clock.h"
#include "plumbline/cpu.h"
#include "plumbline/nn.h"

enum { RUNS = 50, RUNS_C = 9, WARM_UP = 3, SEGMENTATION = 1u << 2 };

struct figure {
    const char *network, *cpu;
    int threads, runs;
    double median_ms, min_ms, gflops;
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Noise in the network's own range: denormals and zeros would flatter or slow the kernels. */
void pl_app_bench_input(struct pl_runner *r)
{
    struct pl_tensor shape;
    float *x = pl_runner_input(r, &shape);
    uint32_t seed = 1;

    for (int i = 0; i < shape.h * shape.w * shape.c; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = (float)(seed >> 8) / 16777216.0f;
    }
}

static bool measure(struct figure *out, const char *path, unsigned drop, unsigned cpu, int threads, int runs, struct pl_err *err)
{
    struct pl_model_options mo = { .cpu = cpu, .drop_outputs = drop };
    struct pl_model *model = NULL;
    struct pl_runner *runner = NULL;
    struct pl_pool *pool = NULL;
    double ms[RUNS];
    bool ok = pl_pool_open(&pool, threads, err) && pl_model_open(&model, path, &mo, err) &&
              pl_runner_open(&runner, model, pool, err);

    if (ok) {
        pl_app_bench_input(runner);
        for (int i = -WARM_UP; i < runs; i++) {
            int64_t began_ns = pl_clock_now_ns();
            pl_runner_run(runner);
            if (i >= 0)
                ms[i] = (double)(pl_clock_now_ns() - began_ns) * 1e-6;
        }
        qsort(ms, (size_t)runs, sizeof ms[0], by_value);
        out->cpu = pl_cpu_name(pl_nn_levels(cpu));
        out->threads = threads;
        out->runs = runs;
        out->median_ms = ms[runs / 2];
        out->min_ms = ms[0];
        out->gflops = 2 * pl_model_macs(model) / (out->median_ms * 1e6);
    }
    pl_runner_close(runner);
    pl_model_close(model);
    pl_pool_close(pool);
    return ok;
}

static void print_text(const struct figure *f, const struct figure *c)
{
    printf("%-10s %-7s %d thread%s  median %8.2f ms  min %8.2f ms  %7.1f GFLOP/s", f->network, f->cpu, f->threads,
           f->threads == 1 ? " " : "s", f->median_ms, f->min_ms, f->gflops);
    if (c)
        printf("  %5.1f times plain C", c->median_ms / f->median_ms);
    printf("\n");
}

static bool print_json(const struct figure *f, int n)
{
    cJSON *array = cJSON_CreateArray();
    bool ok = array != NULL;

    for (int i = 0; ok && i < n; i++) {
        cJSON *o = cJSON_CreateObject();
        ok = o && cJSON_AddItemToArray(array, o) && cJSON_AddStringToObject(o, "network", f[i].network) &&
             cJSON_AddStringToObject(o, "cpu", f[i].cpu) && cJSON_AddNumberToObject(o, "threads", f[i].threads) &&
             cJSON_AddNumberToObject(o, "runs", f[i].runs) &&
             cJSON_AddNumberToObject(o, "median_ms", round(f[i].median_ms * 1000) / 1000) &&
             cJSON_AddNumberToObject(o, "min_ms", round(f[i].min_ms * 1000) / 1000) &&
             cJSON_AddNumberToObject(o, "gflops", round(f[i].gflops * 10) / 10);
    }
    char *text = ok ? cJSON_PrintUnformatted(array) : NULL;
    ok = text && puts(text) >= 0 && fflush(stdout) == 0;
    free(text);
    cJSON_Delete(array);
    return ok;
}

int pl_app_bench(const struct pl_app_options *o)
{
    char landmark_file[4200], detector_file[4200];
    const struct { const char *network, *path; unsigned drop; } nets[] = {
        { "detector", detector_file, 0 }, { pl_model_kind_name(o->model), landmark_file, SEGMENTATION },
    };
    struct figure f[4];
    struct pl_err err = { 0 };
    int n = 0;

    snprintf(detector_file, sizeof detector_file, "%s/pose_detection.tflite", o->models_dir);
    snprintf(landmark_file, sizeof landmark_file, "%s/pose_landmark_%s.tflite", o->models_dir, pl_model_kind_name(o->model));
    for (int i = 0; i < 2 && o->ops; i++)
        if (!pl_app_bench_ops(nets[i].network, nets[i].path, nets[i].drop, o->cpu, o->threads, &err)) {
            pl_app_say("%s", err.text);
            return PL_EXIT_INPUT;
        }
    for (int i = 0; i < 2 && !o->ops; i++) {
        struct figure *fast = &f[n], *plain = &f[n + 1];
        fast->network = plain->network = nets[i].network;
        if (!measure(fast, nets[i].path, nets[i].drop, o->cpu, o->threads, RUNS, &err) ||
            (o->cpu != PL_CPU_C && !measure(plain, nets[i].path, nets[i].drop, PL_CPU_C, o->threads, RUNS_C, &err))) {
            pl_app_say("%s", err.text);
            return PL_EXIT_INPUT;
        }
        n += o->cpu != PL_CPU_C ? 2 : 1;
        if (!o->json_flag) {
            print_text(fast, o->cpu != PL_CPU_C ? plain : NULL);
            if (o->cpu != PL_CPU_C)
                print_text(plain, NULL);
        }
    }
    return !o->json_flag || o->ops || print_json(f, n) ? PL_EXIT_DONE : PL_EXIT_INPUT;
}
