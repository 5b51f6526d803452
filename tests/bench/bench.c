/* Our kernels and other engines on the same weights and the same input, in one run, by turns.
 *
 *   bench [--models-dir DIR] [--threads 1,2] [--networks detector,lite,full,heavy] [--rounds N] [--ort FOLDER]
 *
 * how:  in each round every engine runs a few times; medians over all rounds. Whatever else the machine does then hits all
 *       of them alike; on a busy machine the least times tell more. The outputs are compared before anything is timed.
 * FOLDER holds node_modules/onnxruntime-node; without --ort that engine is left out.
 */
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "graph.h"
#include "peak.h"
#include "plumbline/clock.h"
#include "plumbline/cpu.h"
#include "xnnpack.h"

enum { MAX_ENGINES = 8, MAX_SAMPLES = 4096, MOST_THREADS = 2 };

struct engine {
    const char *name;
    unsigned cpu;                   /* the peak that it is measured against */
    /* one of these */
    struct pl_model *model;
    struct pl_runner *runner;
    struct pl_pool *pool;
    struct xnn_peer *xnn;
    FILE *ort;
    pid_t ort_process;
    int n;
    double ms[MAX_SAMPLES], peak[MAX_SAMPLES];
    int n_peak;
};

struct network { const char *name, *file; unsigned drop; int size; };
static const struct network networks[] = {
    { "detector", "pose_detection", 0, 224 }, { "lite", "pose_landmark_lite", 4, 256 },
    { "full", "pose_landmark_full", 4, 256 }, { "heavy", "pose_landmark_heavy", 4, 256 },
};
enum { N_NETWORKS = sizeof networks / sizeof networks[0] };

struct run {
    const char *models_dir, *ort_folder, *build;
    int rounds;
    struct graph graph;
    float *input;
    size_t n_input;
    double gflop;
    struct engine engines[MAX_ENGINES];
    int n_engines;
};

static void die(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

static struct engine *add(struct run *r, const char *name, unsigned cpu)
{
    struct engine *e = &r->engines[r->n_engines++];
    memset(e, 0, sizeof *e);
    e->name = name;
    e->cpu = cpu;
    return e;
}

static void add_ours(struct run *r, const char *name, const char *path, const struct network *net, unsigned cpu, int threads)
{
    struct pl_model_options o = { .cpu = cpu, .drop_outputs = net->drop };
    struct engine *e = add(r, name, cpu);
    struct pl_err err = { 0 };

    if (!pl_pool_open(&e->pool, threads, &err) || !pl_model_open(&e->model, path, &o, &err) ||
        !pl_runner_open(&e->runner, e->model, e->pool, &err))
        die(err.text);
    r->gflop = 2e-9 * pl_model_macs(e->model);
}

static void add_xnn(struct run *r, const char *name, unsigned cpu, int threads, bool sparse)
{
    struct engine *e = add(r, name, cpu);
    e->xnn = xnn_peer_open(&r->graph, threads, sparse);
    memcpy(xnn_peer_input(e->xnn), r->input, r->n_input * sizeof(float));
}

static void write_input(const struct run *r, const char *path)
{
    FILE *f = fopen(path, "wb");
    bool ok = f && fwrite(r->input, sizeof(float), r->n_input, f) == r->n_input;
    if (!f || fclose(f) || !ok)
        die("the input cannot be written");
}

/* A child that runs ONNX Runtime, with one socket as its input and output. */
static void add_ort(struct run *r, const struct network *net, unsigned cpu, int threads)
{
    struct engine *e = add(r, "ONNX Runtime", cpu);
    char model[512], input[512], count[16], script[] = "tests/bench/ort.cjs";
    int ends[2];

    snprintf(model, sizeof model, "%s/%s.onnx", r->build, net->name);
    snprintf(input, sizeof input, "%s/%s.f32", r->build, net->name);
    snprintf(count, sizeof count, "%d", threads);
    graph_write_onnx(&r->graph, model);
    write_input(r, input);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
        die("no socket");
    e->ort_process = fork();
    if (e->ort_process == 0) {
        dup2(ends[1], 0);
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        execlp("node", "node", script, r->ort_folder, model, input, count, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    e->ort = fdopen(ends[0], "r+");
    if (e->ort_process < 0 || !e->ort)
        die("node cannot be started");
}

static void ask(struct engine *e, const char *what)
{
    fseek(e->ort, 0, SEEK_CUR);
    if (fputs(what, e->ort) < 0 || fflush(e->ort))
        die("ONNX Runtime does not answer");
}

static void keep(struct engine *e, double ms)
{
    if (e->n < MAX_SAMPLES)
        e->ms[e->n++] = ms;
}

static void run_once(const struct run *r, struct engine *e)
{
    int64_t began_ns;

    if (e->runner) {
        memcpy(pl_runner_input(e->runner, NULL), r->input, r->n_input * sizeof(float)); /* a run overwrites it; not timed */
        began_ns = pl_clock_now_ns();
        pl_runner_run(e->runner);
    } else {
        began_ns = pl_clock_now_ns();
        xnn_peer_run(e->xnn);
    }
    keep(e, (double)(pl_clock_now_ns() - began_ns) * 1e-6);
}

static void run_some(const struct run *r, struct engine *e, int n)
{
    char line[16];

    if (!e->ort) {
        for (int i = 0; i < n; i++)
            run_once(r, e);
        return;
    }
    snprintf(line, sizeof line, "%d\n", n);
    ask(e, line);
    for (int i = 0; i < n; i++) {
        double ms;
        if (fscanf(e->ort, "%lf", &ms) != 1)
            die("ONNX Runtime does not answer");
        keep(e, ms);
    }
    fgetc(e->ort); /* the line's end */
}

/* ---- do they compute the same? */

/* Largest difference from the first engine's output, as a part of that output's largest value (or of 1 where that is less: what
 * is left of a probability of 1e-25 means nothing). */
static double worst_of(const float *got, const float *want, size_t n, double most, double worst)
{
    for (size_t i = 0; i < n; i++) {
        double d = fabs((double)got[i] - (double)want[i]) / most;
        worst = d > worst || isnan(d) ? d : worst;
    }
    return worst;
}

static double largest(const float *v, size_t n)
{
    double most = 1;
    for (size_t i = 0; i < n; i++)
        most = fabs((double)v[i]) > most ? fabs((double)v[i]) : most;
    return most;
}

static float *read_floats(const char *path, size_t n)
{
    FILE *f = fopen(path, "rb");
    float *v = malloc(n * sizeof *v);
    if (!f || !v || fread(v, sizeof *v, n, f) != n)
        die("ONNX Runtime's outputs cannot be read");
    fclose(f);
    return v;
}

static double difference(const struct run *r, struct engine *e)
{
    const struct graph *g = &r->graph;
    struct pl_runner *ours = r->engines[0].runner;
    double worst = 0;
    size_t at = 0;

    if (e->ort)
        ask(e, "out\n");
    for (int i = 0; i < g->n_outputs; i++) {
        struct pl_tensor want = pl_runner_output(ours, g->output_of[i]);
        size_t all = (size_t)want.n * (size_t)want.h * (size_t)want.w * (size_t)want.c, n = graph_floats(g, g->outputs[i]);
        at = i > 0 && g->output_of[i] == g->output_of[i - 1] ? at : 0;
        const float *part = want.data + at;
        float *file = NULL;
        if (e->ort) {
            char path[512];
            if (fscanf(e->ort, "%511s", path) != 1)
                die("ONNX Runtime does not answer");
            file = read_floats(path, n);
        }
        const float *got = e->xnn ? xnn_peer_output(e->xnn, i) : file;
        if (e->runner)
            got = pl_runner_output(e->runner, g->output_of[i]).data + at;
        worst = worst_of(got, part, n, largest(want.data, all), worst);
        free(file);
        at += n;
    }
    if (e->ort)
        fgetc(e->ort);
    return worst;
}

static void compare(struct run *r, const char *name)
{
    for (int i = 0; i < r->n_engines; i++) {
        run_some(r, &r->engines[i], 3); /* warm, too */
        r->engines[i].n = 0;
    }
    for (int i = 1; i < r->n_engines; i++) {
        double d = difference(r, &r->engines[i]);
        fprintf(stderr, "%s: %s differs from %s by at most %.1e of an output's largest value\n", name, r->engines[i].name,
                r->engines[0].name, d);
        if (!(d < 1e-3))
            die("the engines do not compute the same");
    }
}

/* ---- the table */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof *v, by_value);
    return n ? v[n / 2] : (double)NAN;
}

static void print_table(struct run *r, const char *name, int threads)
{
    double mid[MAX_ENGINES];

    for (int i = 0; i < r->n_engines; i++)
        mid[i] = median(r->engines[i].ms, r->engines[i].n);
    for (int i = 0; i < r->n_engines; i++) {
        struct engine *e = &r->engines[i];
        double gflops = r->gflop / (mid[i] * 1e-3), peak = median(e->peak, e->n_peak);
        printf("| %s | %d | %s | %.2f | %.2f | %.0f | ", name, threads, e->name, mid[i], e->ms[0], gflops);
        if (peak > 0)
            printf("%.0f %%", 100 * gflops / peak);
        printf(" |");
        for (int k = 0; k < r->n_engines; k++)
            if (!r->engines[k].runner && e->runner)
                printf(" %.2f (%.2f) of %s%s", mid[i] / mid[k], e->ms[0] / r->engines[k].ms[0], r->engines[k].name,
                       k + 1 < r->n_engines ? "," : "");
        printf(" |\n");
    }
    fflush(stdout);
}

static void measure_peaks(struct run *r, int threads)
{
    double by_cpu[8] = { 0 };
    for (int i = 0; i < r->n_engines; i++) {
        struct engine *e = &r->engines[i];
        double *g = &by_cpu[e->cpu & 7];
        *g = *g > 0 ? *g : peak_gflops(e->cpu, threads);
        if (e->n_peak < MAX_SAMPLES)
            e->peak[e->n_peak++] = *g;
    }
}

/* A seventh of a second for each engine and round, at least one run. */
static int runs_a_round(const struct engine *e)
{
    double n = 140 / (e->n ? e->ms[0] : 140);
    return n < 1 ? 1 : n > 20 ? 20 : (int)n;
}

static void close_engines(struct run *r)
{
    for (int i = 0; i < r->n_engines; i++) {
        struct engine *e = &r->engines[i];
        pl_runner_close(e->runner);
        pl_model_close(e->model);
        pl_pool_close(e->pool);
        if (e->xnn)
            xnn_peer_close(e->xnn);
        if (e->ort) {
            fclose(e->ort);
            waitpid(e->ort_process, NULL, 0);
        }
    }
    r->n_engines = 0;
}

static void bench_network(struct run *r, const struct network *net, int threads)
{
    unsigned cpu = pl_nn_levels(pl_cpu_detect());
    char path[4200];

    snprintf(path, sizeof path, "%s/%s.tflite", r->models_dir, net->file);
    graph_open(&r->graph, path, net->drop);
    r->n_input = graph_floats(&r->graph, r->graph.input);
    r->input = malloc(r->n_input * sizeof(float));
    if (!r->input)
        die("out of memory");
    uint32_t seed = 1;
    for (size_t i = 0; i < r->n_input; i++) { /* noise in the networks' own range */
        seed = seed * 1664525u + 1013904223u;
        r->input[i] = (float)(seed >> 8) / 16777216.0f;
    }
    if (cpu & PL_CPU_AVX512)
        add_ours(r, "plumbline avx512", path, net, cpu, threads);
    if (cpu & PL_CPU_AVX2)
        add_ours(r, "plumbline avx2", path, net, cpu & ~(unsigned)PL_CPU_AVX512, threads);
    if (!cpu || cpu & PL_CPU_NEON)
        add_ours(r, cpu ? "plumbline neon" : "plumbline c", path, net, cpu, threads);
    add_xnn(r, "XNNPACK", cpu, threads, false);
    if (!strcmp(net->name, "detector"))
        add_xnn(r, "XNNPACK, sparse hint", cpu, threads, true);
    if (r->ort_folder)
        add_ort(r, net, cpu, threads);
    compare(r, net->name);
    for (int round = 0; round < r->rounds; round++) {
        measure_peaks(r, threads);
        for (int i = 0; i < r->n_engines; i++)
            run_some(r, &r->engines[i], runs_a_round(&r->engines[i]));
    }
    print_table(r, net->name, threads);
    close_engines(r);
    graph_close(&r->graph);
    free(r->input);
}

static bool named(const char *list, const char *name)
{
    return !list || strstr(list, name);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "models-dir", required_argument, NULL, 'm' }, { "threads", required_argument, NULL, 't' },
        { "networks", required_argument, NULL, 'n' },   { "rounds", required_argument, NULL, 'r' },
        { "ort", required_argument, NULL, 'o' },        { "build", required_argument, NULL, 'b' }, { 0 },
    };
    static struct run r = { .models_dir = "models", .build = "build", .rounds = 15 };
    const char *threads = "1,2", *nets = NULL;

    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;)
        switch (c) {
        case 'm': r.models_dir = optarg; break;
        case 't': threads = optarg; break;
        case 'n': nets = optarg; break;
        case 'r': r.rounds = atoi(optarg); break;
        case 'o': r.ort_folder = optarg; break;
        case 'b': r.build = optarg; break;
        default: return 2;
        }
    signal(SIGPIPE, SIG_IGN);
    for (int i = 1; i <= MOST_THREADS; i++)
        if (strchr(threads, '0' + i))
            printf("FMA peak, %d thread%s: AVX2 %.0f, AVX-512 %.0f GFLOP/s\n", i, i > 1 ? "s" : "",
                   pl_cpu_detect() & PL_CPU_AVX2 ? peak_gflops(PL_CPU_AVX2, i) : 0.0,
                   pl_cpu_detect() & PL_CPU_AVX512 ? peak_gflops(PL_CPU_AVX512, i) : 0.0);
    puts("\n| network | threads | engine | median ms | min ms | GFLOP/s | of FMA peak "
         "| time as a part of a peer's: medians (least times) |");
    puts("|---|---|---|---|---|---|---|---|");
    for (int i = 1; i <= MOST_THREADS; i++)
        for (int k = 0; k < N_NETWORKS; k++)
            if (strchr(threads, '0' + i) && named(nets, networks[k].name))
                bench_network(&r, &networks[k], i);
    return 0;
}
