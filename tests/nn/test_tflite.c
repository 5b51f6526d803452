/* The reader and the plan on a .tflite file of a few kB that is written here: every operation once, weights as float16
 * behind DEQUANTIZE, sparse behind DENSIFY and as plain float32, padding to fold, an output to drop. The result is
 * compared with loops in double. Then the same file cut off at every byte and with every byte changed, and files that
 * are something else: an error sentence each, no crash (AddressSanitizer sees reads outside: the copies have the exact
 * size).
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
#include "plumbline/cpu.h"
#include "plumbline/nn.h"

/* ---- a small flatbuffer writer: front to back, a thing is written after what refers to it ---- */

struct writer {
    uint8_t data[16384];
    size_t n;
};

static void put(struct writer *w, size_t at, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        w->data[at + (size_t)i] = (uint8_t)(v >> 8 * i);
}

static size_t append(struct writer *w, uint32_t v, int bytes)
{
    size_t at = w->n;
    assert_true(at + (size_t)bytes <= sizeof w->data);
    put(w, at, v, bytes);
    w->n += (size_t)bytes;
    return at;
}

static void align(struct writer *w)
{
    while (w->n % 4)
        append(w, 0, 1);
}

/* A table of n fields of 4 bytes, all absent until set. Returns where it is. */
static size_t table(struct writer *w, int n)
{
    align(w);
    size_t vtable = w->n;
    append(w, (uint32_t)(4 + 2 * n), 2);
    append(w, (uint32_t)(4 + 4 * n), 2);
    for (int i = 0; i < n; i++)
        append(w, 0, 2);
    align(w);
    size_t at = w->n;
    append(w, (uint32_t)(at - vtable), 4);
    for (int i = 0; i < n; i++)
        append(w, 0, 4);
    return at;
}

static size_t set(struct writer *w, size_t t, int id, uint32_t v)
{
    size_t vtable = t - (size_t)w->data[t] - 256 * (size_t)w->data[t + 1], at = t + 4 + 4 * (size_t)id;
    put(w, vtable + 4 + 2 * (size_t)id, (uint32_t)(4 + 4 * id), 2);
    put(w, at, v, 4);
    return at;
}

static void point(struct writer *w, size_t from, size_t to)
{
    put(w, from, (uint32_t)(to - from), 4);
}

/* Field id refers to what is appended next. */
static void set_next(struct writer *w, size_t t, int id)
{
    align(w);
    point(w, set(w, t, id, 0), w->n);
}

static void set_ints(struct writer *w, size_t t, int id, int n, const int *v)
{
    set_next(w, t, id);
    append(w, (uint32_t)n, 4);
    for (int i = 0; i < n; i++)
        append(w, (uint32_t)v[i], 4);
}

static void set_bytes(struct writer *w, size_t t, int id, size_t n, const void *bytes)
{
    set_next(w, t, id);
    append(w, (uint32_t)n, 4);
    for (size_t i = 0; i < n; i++)
        append(w, ((const uint8_t *)bytes)[i], 1);
    append(w, 0, 1); /* terminates a string */
}

/* A vector of n tables as field id; returns where its first slot is. */
static size_t set_tables(struct writer *w, size_t t, int id, int n)
{
    set_next(w, t, id);
    append(w, (uint32_t)n, 4);
    size_t first = w->n;
    for (int i = 0; i < n; i++)
        append(w, 0, 4);
    return first;
}

static size_t table_in(struct writer *w, size_t slot, int n_fields)
{
    size_t t = table(w, n_fields);
    point(w, slot, t);
    return t;
}

static size_t table_at(struct writer *w, size_t parent, int id, int n_fields)
{
    size_t slot = set(w, parent, id, 0);
    return table_in(w, slot, n_fields);
}

/* ---- the network ---- */

enum { F32 = 0, F16 = 1, I32 = 2 };
enum { ADD = 0, CONCAT = 2, CONV = 3, DWCONV = 4, D2S = 5, DEQUANTIZE = 6, LOGISTIC = 14, MAX_POOL = 17, RESHAPE = 22,
       RESIZE = 23, TANH = 28, PAD = 34, DENSIFY = 124 };
enum { SAME = 0, VALID = 1, NONE = 0, RELU6 = 3 };

/* Tensors by number. */
enum { IN, PADS, PADDED, W3_16, W3, B3, C3, W1_SPARSE, W1_16, W1, B1, C1, WD, BD, D3, SUM, SPACE, POOL, SIZE, RESIZED, BOTH,
       P, SHAPE, FLAT, CHANNEL_PADS, WIDER, TANHED, N_TENSORS };

/* Values of constants are multiples of 1/64 below 2: exact as float16. */
static float w3[4][3][3][3], b3[4], w1[8][4], b1[8], wd[3][3][8], bd[8];
static const int pads[8] = { 0, 0, 1, 1, 1, 1, 0, 0 }, channel_pads[8] = { 0, 0, 0, 0, 0, 0, 1, 2 }, size2[2] = { 6, 6 },
                 flat_shape[2] = { 1, 144 };
static int w1_segments[9], w1_indices[32], n_w1;

static float constant(int i)
{
    return (float)((i * 37 + 11) % 101 - 50) / 64;
}

static void fill_constants(void)
{
    int k = 0;
    for (int i = 0; i < 4 * 3 * 3 * 3; i++)
        ((float *)w3)[i] = constant(k++);
    for (int i = 0; i < 4; i++)
        b3[i] = constant(k++);
    for (int i = 0; i < 8; i++)
        b1[i] = bd[i] = constant(k++);
    for (int i = 0; i < 3 * 3 * 8; i++)
        ((float *)wd)[i] = constant(k++);
    n_w1 = 0;
    for (int o = 0; o < 8; o++) {
        w1_segments[o] = n_w1;
        for (int c = 0; c < 4; c++) {
            bool stored = (o + c) % 3 == 0 && o != 5; /* row 5 is empty */
            w1[o][c] = stored ? constant(k++) : 0;
            if (stored)
                w1_indices[n_w1++] = c;
        }
    }
    w1_segments[8] = n_w1;
}

static uint32_t half_of(float f) /* for the constants above: normal or zero */
{
    int e;
    float m = frexpf(fabsf(f), &e); /* m in [0.5, 1) */
    if (f == 0)
        return 0;
    return (f < 0 ? 0x8000u : 0) | (uint32_t)(e + 14) << 10 | ((uint32_t)(m * 2048) & 1023);
}

struct constant {
    const void *values;
    int n, type;        /* floats are written in this type */
};

static void put_buffer(struct writer *w, size_t slot, const struct constant *c)
{
    uint8_t bytes[1024];
    size_t size = 0;
    for (int i = 0; i < c->n; i++) {
        uint32_t v;
        memcpy(&v, (const uint8_t *)c->values + 4 * i, 4);
        if (c->type == F16)
            v = half_of(((const float *)c->values)[i]);
        for (int b = 0; b < (c->type == F16 ? 2 : 4); b++)
            bytes[size++] = (uint8_t)(v >> 8 * b);
    }
    size_t t = table_in(w, slot, 1);
    if (size)
        set_bytes(w, t, 0, size, bytes);
}

static void put_sparsity(struct writer *w, size_t tensor)
{
    static const int order[4] = { 0, 1, 2, 3 }, dense[3] = { 8, 1, 1 };
    size_t t = table_at(w, tensor, 6, 3);

    set_ints(w, t, 0, 4, order);
    size_t dims = set_tables(w, t, 2, 4);
    for (int i = 0; i < 4; i++) {
        size_t d = table_in(w, dims + 4 * (size_t)i, 6);
        set(w, d, 0, i == 3);
        if (i < 3) {
            set(w, d, 1, (uint32_t)dense[i]);
            continue;
        }
        set(w, d, 2, 1); /* Int32Vector */
        set_ints(w, table_at(w, d, 3, 1), 0, 9, w1_segments);
        uint8_t columns[32];
        for (int k = 0; k < n_w1; k++)
            columns[k] = (uint8_t)w1_indices[k];
        set(w, d, 4, 3); /* Uint8Vector */
        set_bytes(w, table_at(w, d, 5, 1), 0, (size_t)n_w1, columns);
    }
}

struct tensor {
    int number, type;
    const char *name;
    int rank, shape[4];
    struct constant constant;
};

static float sparse_values[32];

static void put_tensors(struct writer *w, size_t graph, size_t buffers)
{
    const struct tensor tensors[N_TENSORS] = {
        { IN, F32, "picture", 4, { 1, 6, 6, 3 }, { 0 } },
        { PADS, I32, "pads", 2, { 4, 2 }, { pads, 8, I32 } },
        { PADDED, F32, "padded", 4, { 1, 8, 8, 3 }, { 0 } },
        { W3_16, F16, "w3_16", 4, { 4, 3, 3, 3 }, { w3, 108, F16 } },
        { W3, F32, "w3", 4, { 4, 3, 3, 3 }, { 0 } },
        { B3, F32, "b3", 1, { 4 }, { b3, 4, F32 } },
        { C3, F32, "conv", 4, { 1, 3, 3, 4 }, { 0 } },
        { W1_SPARSE, F16, "w1_sparse", 4, { 8, 1, 1, 4 }, { sparse_values, n_w1, F16 } },
        { W1_16, F16, "w1_16", 4, { 8, 1, 1, 4 }, { 0 } },
        { W1, F32, "w1", 4, { 8, 1, 1, 4 }, { 0 } },
        { B1, F32, "b1", 1, { 8 }, { b1, 8, F32 } },
        { C1, F32, "pointwise", 4, { 1, 3, 3, 8 }, { 0 } },
        { WD, F32, "wd", 4, { 1, 3, 3, 8 }, { wd, 72, F32 } },
        { BD, F32, "bd", 1, { 8 }, { bd, 8, F32 } },
        { D3, F32, "depthwise", 4, { 1, 3, 3, 8 }, { 0 } },
        { SUM, F32, "sum", 4, { 1, 3, 3, 8 }, { 0 } },
        { SPACE, F32, "space", 4, { 1, 6, 6, 2 }, { 0 } },
        { POOL, F32, "pool", 4, { 1, 3, 3, 2 }, { 0 } },
        { SIZE, I32, "size", 1, { 2 }, { size2, 2, I32 } },
        { RESIZED, F32, "resized", 4, { 1, 6, 6, 2 }, { 0 } },
        { BOTH, F32, "both", 4, { 1, 6, 6, 4 }, { 0 } },
        { P, F32, "p", 4, { 1, 6, 6, 4 }, { 0 } },
        { SHAPE, I32, "shape", 1, { 2 }, { flat_shape, 2, I32 } },
        { FLAT, F32, "flat", 2, { 1, 144 }, { 0 } },
        { CHANNEL_PADS, I32, "channel_pads", 2, { 4, 2 }, { channel_pads, 8, I32 } },
        { WIDER, F32, "wider", 4, { 1, 3, 3, 11 }, { 0 } },
        { TANHED, F32, "tanhed", 4, { 1, 3, 3, 11 }, { 0 } },
    };
    for (int o = 0, k = 0; o < 8; o++)
        for (int c = 0; c < 4; c++)
            if (w1[o][c] != 0)
                sparse_values[k++] = w1[o][c];

    size_t slots = set_tables(w, graph, 0, N_TENSORS);
    for (int i = 0; i < N_TENSORS; i++) {
        assert_int_equal(tensors[i].number, i);
        size_t t = table_in(w, slots + 4 * (size_t)i, 8);
        set(w, t, 1, (uint32_t)tensors[i].type);
        set(w, t, 2, (uint32_t)i); /* buffer i belongs to tensor i */
        set_ints(w, t, 0, tensors[i].rank, tensors[i].shape);
        set_bytes(w, t, 3, strlen(tensors[i].name), tensors[i].name);
        if (i == W1_SPARSE)
            put_sparsity(w, t);
        put_buffer(w, buffers + 4 * (size_t)i, &tensors[i].constant);
    }
}

struct op {
    int code, n_in, in[3], out, options_kind, options[7];
};

static void put_ops(struct writer *w, size_t model, size_t graph)
{
    static const struct op ops[] = {
        { DEQUANTIZE, 1, { W3_16 }, W3, 0, { 0 } },
        { DENSIFY, 1, { W1_SPARSE }, W1_16, 0, { 0 } },
        { DEQUANTIZE, 1, { W1_16 }, W1, 0, { 0 } },
        { PAD, 2, { IN, PADS }, PADDED, 22, { 0 } },
        { CONV, 3, { PADDED, W3, B3 }, C3, 1, { VALID, 2, 2, NONE, 1, 1 } },
        { CONV, 3, { C3, W1, B1 }, C1, 1, { SAME, 1, 1, RELU6, 1, 1 } },
        { DWCONV, 3, { C1, WD, BD }, D3, 2, { SAME, 1, 1, 1, NONE, 1, 1 } },
        { ADD, 2, { C1, D3 }, SUM, 11, { NONE } },
        { D2S, 1, { SUM }, SPACE, 94, { 2 } },
        { MAX_POOL, 1, { SPACE }, POOL, 5, { VALID, 2, 2, 2, 2, NONE } },
        { RESIZE, 2, { POOL, SIZE }, RESIZED, 15, { 0, 0, 0, 1 } },
        { CONCAT, 2, { SPACE, RESIZED }, BOTH, 10, { 3, NONE } },
        { LOGISTIC, 1, { BOTH }, P, 0, { 0 } },
        { RESHAPE, 2, { P, SHAPE }, FLAT, 0, { 0 } },
        { PAD, 2, { SUM, CHANNEL_PADS }, WIDER, 22, { 0 } },
        { TANH, 1, { WIDER }, TANHED, 0, { 0 } },
    };
    enum { N_OPS = sizeof ops / sizeof ops[0] };
    size_t codes = set_tables(w, model, 1, N_OPS), slots = set_tables(w, graph, 3, N_OPS);

    for (int i = 0; i < N_OPS; i++) {
        size_t c = table_in(w, codes + 4 * (size_t)i, 4);
        set(w, c, 0, (uint32_t)ops[i].code);
        set(w, c, 3, (uint32_t)ops[i].code);
        size_t t = table_in(w, slots + 4 * (size_t)i, 5);
        set(w, t, 0, (uint32_t)i);
        set_ints(w, t, 1, ops[i].n_in, ops[i].in);
        set_ints(w, t, 2, 1, &ops[i].out);
        if (ops[i].options_kind) {
            set(w, t, 3, (uint32_t)ops[i].options_kind);
            size_t o = table_at(w, t, 4, 7);
            for (int k = 0; k < 7; k++)
                set(w, o, k, (uint32_t)ops[i].options[k]);
        }
    }
}

static void write_network(struct writer *w)
{
    static const int in = IN, outputs[3] = { FLAT, WIDER, TANHED };

    fill_constants();
    memset(w, 0, sizeof *w);
    append(w, 0, 4);
    memcpy(w->data + append(w, 0, 4), "TFL3", 4);
    size_t model = table(w, 5);
    point(w, 0, model);
    set(w, model, 0, 3);
    size_t buffers = set_tables(w, model, 4, N_TENSORS), graphs = set_tables(w, model, 2, 1);
    size_t graph = table_in(w, graphs, 4);
    set_ints(w, graph, 1, 1, &in);
    set_ints(w, graph, 2, 3, outputs);
    put_ops(w, model, graph);
    put_tensors(w, graph, buffers);
}

/* ---- what it should compute ---- */

struct results {
    double padded[8][8][3], conv[3][3][4], pointwise[3][3][8], sum[3][3][8], p[6][6][4], wider[3][3][11];
};

static double clamp6(double v)
{
    return v < 0 ? 0 : v > 6 ? 6 : v;
}

static double sum_at(const struct results *e, int r, int s, int c)
{
    double sum = (double)bd[c];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            if (r + i >= 1 && r + i <= 3 && s + j >= 1 && s + j <= 3)
                sum += e->pointwise[r + i - 1][s + j - 1][c] * (double)wd[i][j][c];
    return sum + e->pointwise[r][s][c];
}

static double resized_at(double pool[3][3], int r, int s)
{
    double v = (r + 0.5) / 2 - 0.5, u = (s + 0.5) / 2 - 0.5, sum = 0;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) {
            int row = (int)fmin(2, fmax(0, floor(v) + i)), column = (int)fmin(2, fmax(0, floor(u) + j));
            sum += (i ? v - floor(v) : 1 - v + floor(v)) * (j ? u - floor(u) : 1 - u + floor(u)) * pool[row][column];
        }
    return sum;
}

static void compute(struct results *e, float x[6][6][3])
{
    memset(e, 0, sizeof *e);
    for (int i = 0; i < 6 * 6 * 3; i++)
        e->padded[i / 18 + 1][i / 3 % 6 + 1][i % 3] = (double)((float *)x)[i];
    for (int r = 0; r < 3; r++)
        for (int s = 0; s < 3; s++) {
            for (int o = 0; o < 4; o++) {
                e->conv[r][s][o] = (double)b3[o];
                for (int t = 0; t < 27; t++)
                    e->conv[r][s][o] += e->padded[2 * r + t / 9][2 * s + t / 3 % 3][t % 3] *
                                        (double)w3[o][t / 9][t / 3 % 3][t % 3];
            }
            for (int o = 0; o < 8; o++) {
                double sum = (double)b1[o];
                for (int c = 0; c < 4; c++)
                    sum += e->conv[r][s][c] * (double)w1[o][c];
                e->pointwise[r][s][o] = clamp6(sum);
            }
        }
    for (int i = 0; i < 9 * 8; i++)
        e->wider[i / 24][i / 8 % 3][i % 8 + 1] = e->sum[i / 24][i / 8 % 3][i % 8] = sum_at(e, i / 24, i / 8 % 3, i % 8);
    for (int c = 0; c < 2; c++) {
        double pool[3][3];
        for (int i = 0; i < 9; i++)
            pool[i / 3][i % 3] = -INFINITY;
        for (int r = 0; r < 6; r++)
            for (int s = 0; s < 6; s++) {
                double v = e->sum[r / 2][s / 2][(r % 2 * 2 + s % 2) * 2 + c];
                e->p[r][s][c] = 1 / (1 + exp(-v));
                pool[r / 2][s / 2] = fmax(pool[r / 2][s / 2], v);
            }
        for (int r = 0; r < 6; r++)
            for (int s = 0; s < 6; s++)
                e->p[r][s][2 + c] = 1 / (1 + exp(-resized_at(pool, r, s)));
    }
}

/* ---- tests ---- */

static void expect_near(struct pl_tensor got, const double *want, size_t n, const char *what)
{
    assert_non_null(got.data);
    assert_int_equal((size_t)got.n * (size_t)got.h * (size_t)got.w * (size_t)got.c, n);
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)got.data[i] - want[i]) <= 2e-5))
            fail_msg("%s: element %zu is %.9g, should be %.9g", what, i, (double)got.data[i], want[i]);
}

static struct pl_model *open_or_fail(const struct writer *w, const struct pl_model_options *options)
{
    struct pl_model *model = NULL;
    struct pl_err err = { 0 };
    if (!pl_model_open_memory(&model, w->data, w->n, "made", options, &err))
        fail_msg("%s", err.text);
    return model;
}

static void fill_input(struct pl_runner *runner, float x[6][6][3])
{
    struct pl_tensor shape;
    float *input = pl_runner_input(runner, &shape);
    assert_true(shape.n == 1 && shape.h == 6 && shape.w == 6 && shape.c == 3);
    assert_string_equal(shape.name, "picture");
    for (int i = 0; i < 6 * 6 * 3; i++)
        input[i] = ((float *)x)[i];
}

static void check_run(const struct writer *w, unsigned cpu, bool keep, int n_threads)
{
    struct pl_model_options options = { .cpu = cpu, .drop_outputs = 4 };
    struct pl_pool *pool = NULL;
    struct pl_runner *runner = NULL;
    struct pl_err err = { 0 };
    struct results e;
    float x[6][6][3];

    for (int i = 0; i < 6 * 6 * 3; i++)
        ((float *)x)[i] = (float)((i * 29) % 17 - 8) / 8;
    compute(&e, x);
    if (keep) {
        options.keep[0] = "padded"; /* no longer folded away */
        options.keep[1] = "t6";
    }
    struct pl_model *model = open_or_fail(w, &options);
    assert_true(pl_pool_open(&pool, n_threads, &err));
    assert_true(pl_runner_open(&runner, model, pool, &err));
    assert_int_equal(pl_model_n_outputs(model), 3);
    assert_true(pl_model_macs(model) == 9 * 4 * 27 + 9 * 8 * 4 + 9 * 8 * 9);
    for (int run = 0; run < 2; run++) { /* the second must not depend on what the first left behind */
        fill_input(runner, x);
        pl_runner_run(runner);
        expect_near(pl_runner_output(runner, 0), &e.p[0][0][0], 144, "output 0");
        expect_near(pl_runner_output(runner, 1), &e.wider[0][0][0], 99, "output 1");
        assert_null(pl_runner_output(runner, 2).data);
        if (keep) {
            expect_near(pl_runner_kept(runner, 0), &e.padded[0][0][0], 192, "padded");
            expect_near(pl_runner_kept(runner, 1), &e.conv[0][0][0], 36, "conv");
            assert_string_equal(pl_runner_kept(runner, 1).name, "conv");
        }
    }
    assert_string_equal(pl_runner_output(runner, 0).name, "flat");
    pl_runner_close(runner);
    pl_model_close(model);
    pl_pool_close(pool);
}

static void test_whole_path(void **state)
{
    static const unsigned levels[] = { PL_CPU_C, PL_CPU_AVX2, PL_CPU_AVX2 | PL_CPU_AVX512, PL_CPU_NEON };
    const struct writer *w = *state;
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if ((levels[i] & pl_cpu_detect()) == levels[i])
            for (int n_threads = 1; n_threads <= 2; n_threads++) {
                check_run(w, levels[i], false, n_threads);
                check_run(w, levels[i], true, n_threads);
            }
}

/* Opens a copy of exactly `size` bytes; if that works, runs it. Returns the error's code. */
static enum pl_err_code try_file(const uint8_t *data, size_t size, const struct pl_model_options *options)
{
    struct pl_err err = { 0 };
    struct pl_model *model = NULL;
    struct pl_runner *runner = NULL;
    uint8_t *copy = malloc(size + (size == 0));

    assert_non_null(copy);
    memcpy(copy, data, size);
    bool ok = pl_model_open_memory(&model, copy, size, "made", options, &err);
    free(copy);
    if (ok) {
        assert_int_equal(err.code, PL_E_NONE);
        if (pl_runner_open(&runner, model, NULL, &err))
            pl_runner_run(runner);
        pl_runner_close(runner);
    } else {
        assert_null(model);
        assert_true(err.code == PL_E_FORMAT || err.code == PL_E_UNSUPPORTED || err.code == PL_E_ARG);
        assert_true(!strncmp(err.text, "made: ", 6) && strlen(err.text) > 20); /* names the file, says something */
        assert_null(strchr(err.text, '\n'));
    }
    pl_model_close(model);
    return err.code;
}

static void test_cut_off(void **state)
{
    const struct writer *w = *state;
    struct pl_model_options options = { .drop_outputs = 4 };

    assert_true(w->n > 1000);
    assert_int_equal(try_file(w->data, w->n, &options), PL_E_NONE);
    for (size_t size = 0; size + 4 < w->n; size++) /* the last bytes are filling */
        assert_int_equal(try_file(w->data, size, &options), PL_E_FORMAT);
}

static void test_changed_bytes(void **state)
{
    const struct writer *w = *state;
    struct pl_model_options options = { .drop_outputs = 4 };
    struct writer *changed = malloc(sizeof *changed);
    int refused = 0;

    assert_non_null(changed);
    *changed = *w;
    for (size_t i = 0; i < w->n; i++) {
        const uint8_t others[] = { 0, 0xff, 0x7f, w->data[i] ^ 1, w->data[i] ^ 0x80, (uint8_t)(w->data[i] + 4) };
        for (size_t k = 0; k < sizeof others; k++) {
            changed->data[i] = others[k];
            refused += try_file(changed->data, w->n, &options) != PL_E_NONE;
        }
        changed->data[i] = w->data[i];
    }
    assert_true(refused > 1000);
    free(changed);
}

static void expect_error(const void *data, size_t size, const struct pl_model_options *options, enum pl_err_code code,
                         const char *part)
{
    struct pl_err err = { 0 };
    struct pl_model *model = NULL;
    assert_false(pl_model_open_memory(&model, data, size, "made", options, &err));
    assert_int_equal(err.code, code);
    if (!strstr(err.text, part))
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
}

static void test_wrong_files(void **state)
{
    const struct writer *w = *state;
    static const char text[] = "This is a text file that somebody named pose.tflite.\n";
    static uint8_t zeros[4096];
    struct pl_model_options all = { 0 }, most = { .drop_outputs = 4 }, unknown = { .drop_outputs = 4, .keep = { "nose" } },
                            constant_kept = { .drop_outputs = 4, .keep = { "w3" } };

    expect_error("", 0, &most, PL_E_FORMAT, "empty");
    expect_error(text, sizeof text, &most, PL_E_FORMAT, "not a .tflite");
    expect_error(zeros, sizeof zeros, &most, PL_E_FORMAT, "not a .tflite");
    memcpy(zeros + 4, "TFL3", 4);
    expect_error(zeros, sizeof zeros, &most, PL_E_FORMAT, "made");
    memset(zeros + 8, 0xff, sizeof zeros - 8);
    memset(zeros, 0xff, 4);
    expect_error(zeros, sizeof zeros, &most, PL_E_FORMAT, "beyond the end");
    expect_error(w->data, w->n, &all, PL_E_UNSUPPORTED, "operation 15"); /* TANH, this time wanted */
    expect_error(w->data, w->n, &unknown, PL_E_ARG, "nose");
    expect_error(w->data, w->n, &constant_kept, PL_E_ARG, "w3");
}

static void test_no_file(void **state)
{
    struct pl_model_options options = { 0 };
    struct pl_model *model = NULL;
    struct pl_err err = { 0 };

    (void)state;
    assert_false(pl_model_open(&model, "no/such/file.tflite", &options, &err));
    assert_int_equal(err.code, PL_E_IO);
    assert_non_null(strstr(err.text, "no/such/file.tflite"));
    assert_false(pl_model_open(&model, ".", &options, &err));
    assert_int_equal(err.code, PL_E_IO);
    pl_model_close(NULL);
    pl_runner_close(NULL);
}

/* PL_TFLITE=file keeps the network that the tests use; tests/fuzz/seeds/tflite/made.tflite was made so. */
static void save_if_asked(const struct writer *w)
{
    const char *path = getenv("PL_TFLITE");
    FILE *f = path ? fopen(path, "wb") : NULL;
    if (f) {
        fwrite(w->data, 1, w->n, f);
        fclose(f);
    }
}

int main(void)
{
    static struct writer w;
    const struct CMUnitTest tests[] = {
        { "whole_path", test_whole_path, NULL, NULL, &w },
        { "cut_off", test_cut_off, NULL, NULL, &w },
        { "changed_bytes", test_changed_bytes, NULL, NULL, &w },
        { "wrong_files", test_wrong_files, NULL, NULL, &w },
        { "no_file", test_no_file, NULL, NULL, NULL },
    };
    write_network(&w);
    save_if_asked(&w);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
