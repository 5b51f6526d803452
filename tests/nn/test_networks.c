/* The four real networks at every level of this machine.
 *
 * With ../shared: against its reference outputs, within the tolerances of ../shared/reference/README.md, with 1 and 2
 * threads, and the same bits for both. Without: every level against plain C, on a picture made here, outputs and every
 * layer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "plumbline/cpu.h"
#include "plumbline/nn.h"

enum { MAX_OUTPUTS = 5 };

/* The same for every output element, or for a landmark [x y z visibility presence]. */
struct tolerance {
    double by_column[5];
};

static const struct tolerance LANDMARKS = { { 2e-3, 2e-3, 1e-2, 1e-3, 1e-3 } };
static const struct tolerance PIXELS = { { 2e-3, 2e-3, 2e-3, 2e-3, 2e-3 } }; /* the detector's boxes, like x and y */
static const struct tolerance LOGITS = { { 1e-3, 1e-3, 1e-3, 1e-3, 1e-3 } };
static const struct tolerance WORLD = { { 1e-4, 1e-4, 1e-4, 1e-4, 1e-4 } };
static const struct tolerance FLAG = { { 1e-6, 1e-6, 1e-6, 1e-6, 1e-6 } };
static const struct tolerance HEAT = { { 3e-3, 3e-3, 3e-3, 3e-3, 3e-3 } };

struct network {
    const char *file, *name;            /* name: in the names of the reference files */
    const char *inputs[2];
    unsigned drop;
    struct {
        const char *name;               /* NULL: dropped */
        const struct tolerance *tolerance;
        size_t n;
    } outputs[MAX_OUTPUTS];
};

#define LANDMARK_NETWORK(size) { \
    "pose_landmark_" size ".tflite", size, { "crop0", "noise" }, 1u << 2, \
    { { "ld", &LANDMARKS, 195 }, { "flag", &FLAG, 1 }, { NULL, NULL, 0 }, { "heat", &HEAT, 64 * 64 * 39 }, \
      { "world", &WORLD, 117 } } }

static const struct network networks[] = {
    { "pose_detection.tflite", "det", { "det0", "detnoise" }, 0,
      { { "box", &PIXELS, 2254 * 12 }, { "score", &LOGITS, 2254 } } },
    LANDMARK_NETWORK("lite"),
    LANDMARK_NETWORK("full"),
    LANDMARK_NETWORK("heavy"),
};

static const char *folder(const char *variable, const char *otherwise)
{
    const char *path = getenv(variable);
    return path ? path : otherwise;
}

/* The whole file, or NULL when it is not there. */
static void *read_file(const char *path, size_t size)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    char *data = malloc(size + 1);
    assert_non_null(data);
    if (fread(data, 1, size + 1, f) != size)
        fail_msg("%s does not have %zu bytes", path, size);
    fclose(f);
    return data;
}

static struct pl_model *open_model_keeping(const struct network *net, unsigned cpu, bool all)
{
    struct pl_model_options options = { .cpu = cpu, .drop_outputs = net->drop, .keep_all = all };
    struct pl_model *model = NULL;
    struct pl_err err = { 0 };
    char path[512];

    snprintf(path, sizeof path, "%s/%s", folder("PL_MODELS", "models"), net->file);
    if (access(path, R_OK)) {
        print_message("skipped: %s is missing (make models)\n", path);
        skip();
    }
    if (!pl_model_open(&model, path, &options, &err))
        fail_msg("%s", err.text);
    return model;
}

static struct pl_model *open_model(const struct network *net, unsigned cpu)
{
    return open_model_keeping(net, cpu, false);
}

static struct pl_runner *open_runner(const struct pl_model *model, struct pl_pool *pool)
{
    struct pl_runner *runner = NULL;
    struct pl_err err = { 0 };
    if (!pl_runner_open(&runner, model, pool, &err))
        fail_msg("%s", err.text);
    return runner;
}

static struct pl_pool *open_pool(int n_threads)
{
    struct pl_pool *pool = NULL;
    struct pl_err err = { 0 };
    if (!pl_pool_open(&pool, n_threads, &err))
        fail_msg("%s", err.text);
    return pool;
}

/* Calls fn for each level that this machine has; returns how many. */
static int each_level(void (*fn)(const struct network *net, unsigned cpu), const struct network *net)
{
    static const unsigned levels[] = { PL_CPU_C, PL_CPU_AVX2, PL_CPU_AVX2 | PL_CPU_AVX512, PL_CPU_NEON };
    int n = 0;
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if ((levels[i] & pl_cpu_detect()) == levels[i]) {
            fn(net, levels[i]);
            n++;
        }
    return n;
}

static void run_on(struct pl_runner *runner, const float *picture)
{
    struct pl_tensor shape;
    float *input = pl_runner_input(runner, &shape);
    memcpy(input, picture, (size_t)(shape.h * shape.w * shape.c) * sizeof *picture);
    pl_runner_run(runner);
}

static size_t size_of(struct pl_tensor t)
{
    return (size_t)t.n * (size_t)t.h * (size_t)t.w * (size_t)t.c;
}

static void expect_same_bits(const struct network *net, const struct pl_runner *a, const struct pl_runner *b)
{
    for (int k = 0; k < MAX_OUTPUTS; k++) {
        size_t bytes = net->outputs[k].n * sizeof(float);
        if (net->outputs[k].name && memcmp(pl_runner_output(a, k).data, pl_runner_output(b, k).data, bytes))
            fail_msg("%s %s: the same network gives other bits with more threads or kept tensors", net->name,
                     net->outputs[k].name);
    }
}

/* ---- against the reference ---- */

static const char *reference_path(char path[512], const char *first, const char *second, const char *third)
{
    snprintf(path, 512, "%s/reference/%s%s%s", folder("PL_SHARED", "../shared"), first, second, third);
    return path;
}

static void compare_output(const struct network *net, const char *input, int k, struct pl_tensor got, unsigned cpu)
{
    char path[512], file[64];
    size_t n = net->outputs[k].n;

    snprintf(file, sizeof file, "%s.%s.%s.f64", net->name, input, net->outputs[k].name);
    double *want = read_file(reference_path(path, file, "", ""), n * sizeof *want), worst[5] = { 0 };
    if (!want)
        fail_msg("%s is missing", path);
    assert_non_null(got.data);
    assert_int_equal(size_of(got), n);
    for (size_t i = 0; i < n; i++) {
        double off = fabs((double)got.data[i] - want[i]);
        if (!(off <= net->outputs[k].tolerance->by_column[i % 5]))
            fail_msg("%s at level %s: element %zu is %.9g, should be %.9g +- %g", file, pl_cpu_name(cpu), i,
                     (double)got.data[i], want[i], net->outputs[k].tolerance->by_column[i % 5]);
        worst[i % 5] = fmax(worst[i % 5], off);
    }
    print_message("# %-6s %-24s largest error", pl_cpu_name(cpu), file);
    if (net->outputs[k].tolerance == &LANDMARKS)
        print_message(" xy %.1e z %.1e logits %.1e\n", fmax(worst[0], worst[1]), worst[2], fmax(worst[3], worst[4]));
    else
        print_message(" %.1e\n", fmax(fmax(fmax(worst[0], worst[1]), fmax(worst[2], worst[3])), worst[4]));
    free(want);
}

static void compare_with_reference(const struct network *net, unsigned cpu)
{
    struct pl_model *model = open_model(net, cpu);
    struct pl_pool *pool = open_pool(2);
    struct pl_runner *one = open_runner(model, NULL), *two = open_runner(model, pool);
    struct pl_tensor shape;
    char path[512];

    pl_runner_input(one, &shape);
    for (int i = 0; i < 2; i++) {
        reference_path(path, net->inputs[i], ".f32", "");
        float *picture = read_file(path, size_of(shape) * sizeof *picture);
        if (!picture)
            fail_msg("%s is missing", path);
        run_on(one, picture);
        run_on(two, picture);
        for (int k = 0; k < pl_model_n_outputs(model); k++) {
            if (net->outputs[k].name)
                compare_output(net, net->inputs[i], k, pl_runner_output(one, k), cpu);
            else
                assert_null(pl_runner_output(one, k).data);
        }
        expect_same_bits(net, one, two);
        free(picture);
    }
    pl_runner_close(two);
    pl_runner_close(one);
    pl_pool_close(pool);
    pl_model_close(model);
}

/* PL_QUICK=1 (sanitizers, emulators: 10 to 100 times slower) leaves the larger networks out; they have no operations of
 * their own. */
static void skip_when_quick(const struct network *net, const char *const larger[2])
{
    const char *quick = getenv("PL_QUICK");
    for (int i = 0; quick && atoi(quick) && i < 2; i++)
        if (larger[i] && !strcmp(net->name, larger[i])) {
            print_message("skipped: PL_QUICK\n");
            skip();
        }
}

static void test_reference(void **state)
{
    char path[512];
    skip_when_quick(*state, (const char *const[2]){ "heavy" });
    reference_path(path, "README.md", "", "");
    if (access(path, R_OK)) {
        print_message("skipped: %s is missing\n", path);
        skip();
    }
    assert_true(each_level(compare_with_reference, *state) > 0);
}

/* ---- without it ---- */

static float *made_picture(const struct pl_tensor *shape)
{
    float *picture = malloc(size_of(*shape) * sizeof *picture);
    assert_non_null(picture);
    for (int r = 0; r < shape->h; r++)
        for (int s = 0; s < shape->w; s++)
            for (int c = 0; c < shape->c; c++)
                picture[(r * shape->w + s) * shape->c + c] = (float)(0.5 + 0.4 * sin(0.07 * r + c) * cos(0.05 * s - c));
    return picture;
}

static void compare_with_plain_c(const struct network *net, unsigned cpu)
{
    struct pl_model *plain_model = open_model(net, PL_CPU_C), *model = open_model(net, cpu);
    struct pl_pool *pool = open_pool(3);
    struct pl_runner *plain = open_runner(plain_model, NULL);
    struct pl_runner *one = open_runner(model, NULL), *three = open_runner(model, pool);
    struct pl_tensor shape;

    pl_runner_input(plain, &shape);
    float *picture = made_picture(&shape);
    run_on(plain, picture);
    run_on(one, picture);
    run_on(three, picture);
    for (int k = 0; k < pl_model_n_outputs(model); k++) {
        struct pl_tensor want = pl_runner_output(plain, k), got = pl_runner_output(one, k);
        float low = INFINITY, high = -INFINITY;
        if (!net->outputs[k].name)
            continue;
        assert_int_equal(size_of(got), net->outputs[k].n);
        for (size_t i = 0; i < size_of(got); i++) {
            /* both may be off by the tolerance, in opposite directions */
            double allowed = 2 * net->outputs[k].tolerance->by_column[i % 5];
            if (!(fabs((double)got.data[i] - (double)want.data[i]) <= allowed))
                fail_msg("%s %s: element %zu is %.9g at level %s and %.9g in plain C", net->name, net->outputs[k].name, i,
                         (double)got.data[i], pl_cpu_name(cpu), (double)want.data[i]);
            low = fminf(low, got.data[i]);
            high = fmaxf(high, got.data[i]);
        }
        if (size_of(got) > 1 && !(high - low > 0.01f))
            fail_msg("%s %s: all %zu elements are %g", net->name, net->outputs[k].name, size_of(got), (double)low);
    }
    expect_same_bits(net, one, three);
    free(picture);
    pl_runner_close(three);
    pl_runner_close(one);
    pl_runner_close(plain);
    pl_pool_close(pool);
    pl_model_close(model);
    pl_model_close(plain_model);
}

static void test_levels_agree(void **state)
{
    skip_when_quick(*state, (const char *const[2]){ "full", "heavy" });
    assert_true(each_level(compare_with_plain_c, *state) > 0);
}

/* Every tensor that is computed, against the same one in plain C. Rounding errors grow from layer to layer; they are
 * measured against the largest number of the tensor. src: the worst seen is 9e-4 (heavy), of a tensor in
 * which large terms cancel; an element that is simply wrong is off by a good part of the largest. */
static int compare_layers(const struct pl_runner *plain, const struct pl_runner *fast, const char *name, unsigned cpu)
{
    static const double ALLOWED = 2e-3;
    struct pl_tensor shape;
    double worst = 0;
    int n_layers = 0;

    for (int t = 0; t < 4096; t++) {
        if (!pl_runner_copy(NULL, &shape, plain, t))
            continue;
        size_t n = size_of(shape);
        float *want = malloc(n * sizeof *want), *got = malloc(n * sizeof *got);
        double largest = 0, off = 0;
        assert_true(want && got && pl_runner_copy(want, &shape, plain, t) && pl_runner_copy(got, &shape, fast, t));
        for (size_t i = 0; i < n; i++) {
            largest = fmax(largest, fabs((double)want[i]));
            off = fmax(off, fabs((double)got[i] - (double)want[i]));
            if (!isfinite(got[i]))
                fail_msg("%s at level %s: tensor %d is not finite", name, pl_cpu_name(cpu), t);
        }
        if (!(off <= ALLOWED * largest))
            fail_msg("%s at level %s: tensor %d [%d][%d][%d] is off by %g; its largest number is %g", name,
                     pl_cpu_name(cpu), t, shape.h, shape.w, shape.c, off, largest);
        worst = largest > 0 ? fmax(worst, off / largest) : worst;
        n_layers++;
        free(want);
        free(got);
    }
    print_message("# %-6s %-6s %d layers, largest error %.1e of a layer's largest number\n", pl_cpu_name(cpu), name,
                  n_layers, worst);
    return n_layers;
}

/* ... and what is handed on in bands of rows gives the same bits as whole layers do. */
static void compare_with_plain_layers(const struct network *net, unsigned cpu)
{
    struct pl_model *plain_model = open_model_keeping(net, PL_CPU_C, true);
    struct pl_model *layered_model = open_model_keeping(net, cpu, true), *model = open_model(net, cpu);
    struct pl_runner *plain = open_runner(plain_model, NULL), *layered = open_runner(layered_model, NULL);
    struct pl_runner *fast = open_runner(model, NULL);
    struct pl_tensor shape;

    pl_runner_input(plain, &shape);
    float *picture = made_picture(&shape);
    run_on(plain, picture);
    run_on(layered, picture);
    run_on(fast, picture);
    assert_true(compare_layers(plain, layered, net->name, cpu) > 80);
    assert_false(pl_runner_copy(NULL, &shape, fast, 0)); /* it did not ask for that */
    expect_same_bits(net, layered, fast);
    free(picture);
    pl_runner_close(fast);
    pl_runner_close(layered);
    pl_runner_close(plain);
    pl_model_close(model);
    pl_model_close(layered_model);
    pl_model_close(plain_model);
}

static void test_layers(void **state)
{
    skip_when_quick(*state, (const char *const[2]){ "full", "heavy" });
    assert_true(each_level(compare_with_plain_layers, *state) > 0);
}

/* What pl_runner_kept promises, on the tensor that feeds the landmark heads. */
static void test_keep(void **state)
{
    const struct network *net = *state;
    struct pl_model *plain = open_model(net, pl_cpu_detect()), *model = NULL;
    struct pl_model_options options = { .cpu = pl_cpu_detect(), .drop_outputs = net->drop,
                                        .keep = { "t203", "t335", "Identity_3" } };
    struct pl_err err = { 0 };
    char path[512];

    snprintf(path, sizeof path, "%s/%s", folder("PL_MODELS", "models"), net->file);
    if (!pl_model_open(&model, path, &options, &err))
        fail_msg("%s", err.text);
    struct pl_runner *a = open_runner(plain, NULL), *b = open_runner(model, NULL);
    struct pl_tensor shape;
    pl_runner_input(a, &shape);
    float *picture = made_picture(&shape);
    run_on(a, picture);
    run_on(b, picture);

    struct pl_tensor padded = pl_runner_kept(b, 0), features = pl_runner_kept(b, 1), heat = pl_runner_kept(b, 2);
    assert_int_equal(size_of(padded), 258 * 258 * 3);
    assert_true(padded.data[0] == 0 && padded.data[(1 * 258 + 1) * 3] == picture[0]);
    assert_true(features.h == 2 && features.w == 2 && features.c == 288);
    for (size_t i = 0; i < size_of(features); i++)
        assert_true(features.data[i] >= 0 && features.data[i] <= 6);
    assert_ptr_equal(heat.data, pl_runner_output(b, 3).data);
    assert_string_equal(heat.name, "Identity_3");
    assert_null(pl_runner_kept(b, 3).data);
    expect_same_bits(net, a, b);
    free(picture);
    pl_runner_close(b);
    pl_runner_close(a);
    pl_model_close(model);
    pl_model_close(plain);
}

/* Parts of an output that was left out of the run have the bits that the whole output has. */
static void test_lazy(void **state)
{
    const struct network *net = *state;
    struct pl_model *whole_model = open_model(net, pl_cpu_detect()), *model = NULL;
    struct pl_model_options options = { .cpu = pl_cpu_detect(), .drop_outputs = net->drop, .lazy_outputs = ~0u };
    static const struct { int row, row_end, column, column_end, c; } parts[] = {
        { 0, 64, 0, 64, 38 }, { 3, 10, 57, 64, 0 }, { 63, 64, 0, 1, 17 }, { 20, 27, 31, 38, 15 }, { 5, 5, 5, 5, 5 },
    };
    struct pl_err err = { 0 };
    struct pl_tensor shape;
    char path[512];

    snprintf(path, sizeof path, "%s/%s", folder("PL_MODELS", "models"), net->file);
    if (!pl_model_open(&model, path, &options, &err))
        fail_msg("%s", err.text);
    assert_true(pl_model_macs(model) == pl_model_macs(whole_model) - 64 * 64 * 39 * 48);
    struct pl_runner *whole = open_runner(whole_model, NULL), *lazy = open_runner(model, NULL);
    pl_runner_input(whole, &shape);
    float *picture = made_picture(&shape);
    run_on(whole, picture);
    run_on(lazy, picture);
    const float *want = pl_runner_output(whole, 3).data, *got = pl_runner_output(lazy, 3).data;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        pl_runner_evaluate(lazy, 3, parts[i].row, parts[i].row_end, parts[i].column, parts[i].column_end, parts[i].c);
        pl_runner_evaluate(lazy, 0, 0, 1, 0, 1, 0); /* is there anyway */
        pl_runner_evaluate(lazy, 99, 0, 1, 0, 1, 0);
        for (int r = parts[i].row; r < parts[i].row_end; r++)
            for (int s = parts[i].column; s < parts[i].column_end; s++) {
                int at = (r * 64 + s) * 39 + parts[i].c;
                assert_memory_equal(&got[at], &want[at], sizeof *got);
            }
    }
    assert_memory_equal(pl_runner_output(lazy, 0).data, pl_runner_output(whole, 0).data, 195 * sizeof(float));
    free(picture);
    pl_runner_close(lazy);
    pl_runner_close(whole);
    pl_model_close(model);
    pl_model_close(whole_model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "reference_detector", test_reference, NULL, NULL, (void *)&networks[0] },
        { "reference_lite", test_reference, NULL, NULL, (void *)&networks[1] },
        { "reference_full", test_reference, NULL, NULL, (void *)&networks[2] },
        { "reference_heavy", test_reference, NULL, NULL, (void *)&networks[3] },
        { "levels_agree_detector", test_levels_agree, NULL, NULL, (void *)&networks[0] },
        { "levels_agree_lite", test_levels_agree, NULL, NULL, (void *)&networks[1] },
        { "levels_agree_full", test_levels_agree, NULL, NULL, (void *)&networks[2] },
        { "layers_detector", test_layers, NULL, NULL, (void *)&networks[0] },
        { "layers_lite", test_layers, NULL, NULL, (void *)&networks[1] },
        { "layers_full", test_layers, NULL, NULL, (void *)&networks[2] },
        { "layers_heavy", test_layers, NULL, NULL, (void *)&networks[3] },
        { "lazy_full", test_lazy, NULL, NULL, (void *)&networks[2] },
        { "keep_full", test_keep, NULL, NULL, (void *)&networks[2] },
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
