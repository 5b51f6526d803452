/* Running a plan: activations in one arena, each operation cut into parts for the worker pool.
 *
 * An operation is cut by output rows or pixels, or by channels where its weights are larger than its picture; a chain
 * (chain.c) by rows of its result. Parts never share a sum, so the bits do not depend on their number.
 */
#include "internal.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "plumbline/clock.h"

struct pl_runner {
    const struct pl_model *model;
    struct pl_pool *pool;
    float *arena;
    float *scratch;                   /* a chain's bands, once for each thread */
    atomic_flag taken[PL_MAX_THREADS]; /* which of them are in use */
    int64_t *step_ns;                 /* of the caller; NULL = not wanted */
};

/* One operation while it runs. */
struct job {
    const struct pl_runner *runner;
    const struct pl_op *op;
    int n, unit;            /* what is cut: rows, pixels, elements or channels, 0 .. n, in multiples of unit */
    int parts;
    bool channels;          /* it is channels that are cut (convolutions) */
};

bool pl_runner_open(struct pl_runner **out, const struct pl_model *model, struct pl_pool *pool, struct pl_err *err)
{
    struct pl_runner *r = calloc(1, sizeof *r);

    size_t scratch = model->scratch * (size_t)pl_pool_threads(pool);

    if (r) {
        r->arena = aligned_alloc(64, (model->arena + 16) * sizeof *r->arena);
        r->scratch = aligned_alloc(64, (scratch + 16) * sizeof *r->scratch);
    }
    if (!r || !r->arena || !r->scratch) {
        pl_runner_close(r);
        return pl_fail(err, PL_E_MEMORY, "out of memory for %zu MB of activations", model->arena * sizeof(float) >> 20);
    }
    r->model = model;
    r->pool = pool;
    for (size_t i = 0; i < model->arena; i++)
        r->arena[i] = 0; /* outputs are defined before the first run */
    for (size_t i = 0; i < scratch; i++)
        r->scratch[i] = 0;
    for (int i = 0; i < PL_MAX_THREADS; i++)
        atomic_flag_clear(&r->taken[i]);
    *out = r;
    return true;
}

void pl_runner_close(struct pl_runner *r)
{
    if (!r)
        return;
    free(r->scratch);
    free(r->arena);
    free(r);
}

static float *place_of(const struct pl_runner *r, int value)
{
    const struct pl_value *values = r->model->values;
    return r->arena + values[values[value].home].at;
}

static struct pl_tensor tensor_of(const struct pl_runner *r, int value, int name)
{
    if (value < 0)
        return (struct pl_tensor){ .name = "" };
    const struct pl_value *v = &r->model->values[value];
    return (struct pl_tensor){ r->model->names[name], 1, v->h, v->w, v->c, place_of(r, value) };
}

float *pl_runner_input(struct pl_runner *r, struct pl_tensor *shape)
{
    if (shape)
        *shape = tensor_of(r, r->model->input, 0);
    return place_of(r, r->model->input);
}

struct pl_tensor pl_runner_output(const struct pl_runner *r, int k)
{
    bool known = k >= 0 && k < r->model->n_outputs;
    return tensor_of(r, known ? r->model->outputs[k] : -1, 1 + k);
}

struct pl_tensor pl_runner_kept(const struct pl_runner *r, int k)
{
    bool known = k >= 0 && k < r->model->n_keep;
    return tensor_of(r, known ? r->model->keep[k] : -1, 1 + PL_NN_MAX_OUTPUTS + k);
}

bool pl_runner_copy(float *out, struct pl_tensor *shape, const struct pl_runner *r, int t)
{
    if (!r->model->keep_all || t < 0 || t >= r->model->n_values || !r->model->values[t].used)
        return false;
    const struct pl_value *v = &r->model->values[t];
    const struct pl_layout layout = pl_value_layout(v);
    const float *data = place_of(r, t);
    size_t n_pixels = (size_t)v->h * (size_t)v->w;

    *shape = (struct pl_tensor){ "", 1, v->h, v->w, v->c, out };
    for (size_t p = 0; out && p < n_pixels; p++)
        for (size_t c = 0; c < (size_t)v->c; c++)
            *out++ = data[c / PL_PANEL * layout.panel + p * layout.pixel + c % PL_PANEL];
    return true;
}

/* ---- one part of one operation ---- */

static void run_concat(const struct pl_runner *r, const struct pl_op *op)
{
    const struct pl_value *values = r->model->values, *out = &values[op->out];
    const size_t dims[] = { (size_t)out->h, (size_t)out->w, (size_t)out->c };
    size_t rows = 1, inner = 1, at = 0;

    for (int d = 0; d < 3; d++)
        *(d < op->extra ? &rows : &inner) *= dims[d]; /* inner: one row of the output */
    for (int k = 0; k < op->n_in; k++) {
        const struct pl_value *in = &values[op->in[k]];
        size_t n = (size_t)in->h * (size_t)in->w * (size_t)in->c / rows;
        r->model->kernels.concat(place_of(r, op->out) + at, place_of(r, op->in[k]), rows, n, inner);
        at += n;
    }
}

/* Where part number i starts; what is cut is shared out evenly. */
static int part_start(int n, int unit, int parts, int i)
{
    long units = (n + unit - 1) / unit, at = units * i / parts * unit;
    return at < n ? (int)at : n;
}

static void run_part(void *context, int task)
{
    const struct job *job = context;
    const struct pl_op *op = job->op;
    const struct pl_runner *r = job->runner;
    const struct pl_kernels *k = &r->model->kernels;
    const struct pl_window *win = &op->win;
    const float *x = place_of(r, op->in[0]), *w = r->model->weights + op->weights;
    float *y = place_of(r, op->out);
    int from = part_start(job->n, job->unit, job->parts, task);
    int to = part_start(job->n, job->unit, job->parts, task + 1);
    struct pl_part part = { 0, win->out_h, 0, win->out_c };

    *(job->channels ? &part.c : &part.row) = from;
    *(job->channels ? &part.c_end : &part.row_end) = to;

    switch (op->kind) {
    case PL_OP_CONV1X1: k->conv1x1(y, x, w, win, &part); break;
    case PL_OP_SPARSE1X1: k->sparse1x1(y, x, &op->sparse, win, &part); break;
    case PL_OP_CONV: k->conv(y, x, w, win, &part); break;
    case PL_OP_DWCONV: k->dwconv(y, x, w, win, &part); break;
    case PL_OP_ADD:
        k->add(y, x, place_of(r, op->in[1]), win, from, to);
        break;
    case PL_OP_MAXPOOL: k->maxpool(y, x, win, from, to); break;
    case PL_OP_RESIZE2X: k->resize2x(y, x, win, from, to); break;
    case PL_OP_PAD: k->pad(y, x, win, op->extra, from, to); break;
    case PL_OP_CONCAT: run_concat(r, op); break;
    case PL_OP_DEPTH_TO_SPACE:
        k->depth_to_space(y, x, win->in_h, win->in_w, win->out_c, op->extra, from, to);
        break;
    case PL_OP_LOGISTIC: k->logistic(y + from, x + from, (size_t)(to - from)); break;
    }
}

/* ---- chains: some rows of one operation after the other ---- */

/* Rows [first, end) of a value, at data. */
struct rows {
    float *data;
    struct pl_layout layout;
    int first, end;
};

/* A chain of n operations while one thread makes some rows of its result. */
struct chain {
    const struct pl_runner *runner;
    const struct pl_op *ops;
    int n;
    struct rows band[PL_NN_MAX_CHAIN]; /* of all but the last */
};

static struct rows all_rows(const struct pl_runner *r, int value)
{
    const struct pl_value *v = &r->model->values[value];
    return (struct rows){ place_of(r, value), pl_value_layout(v), 0, v->h };
}

static float *row_at(const struct rows *rows, int row, int width)
{
    return rows->data + (size_t)(row - rows->first) * (size_t)width * rows->layout.pixel;
}

/* Rows [from, to) of op's result into y, of its inputs x and other. */
static void run_rows(const struct pl_runner *r, const struct pl_op *op, const struct rows *y, const struct rows *x,
                     const struct rows *other, int from, int to)
{
    const struct pl_kernels *k = &r->model->kernels;
    const float *w = r->model->weights + op->weights;
    int width = r->model->values[op->out].w;
    struct pl_window win = op->win;

    win.in = x->layout;
    win.other = other->layout;
    win.out = y->layout;
    if (op->kind == PL_OP_CONV1X1) {
        k->conv1x1(row_at(y, from, width), row_at(x, from, width), w, &win,
                   &(struct pl_part){ 0, (to - from) * width, 0, win.out_c });
    } else if (op->kind == PL_OP_SPARSE1X1) {
        k->sparse1x1(row_at(y, from, width), row_at(x, from, width), &op->sparse, &win,
                     &(struct pl_part){ 0, (to - from) * width, 0, win.out_c });
    } else if (op->kind == PL_OP_ADD) {
        k->add(row_at(y, from, width), row_at(x, from, width), row_at(other, from, width), &win, 0, (to - from) * width);
    } else { /* a window: the same one, seen from the rows that are there */
        struct pl_part part = { from - y->first, to - y->first, 0, win.out_c };
        win.in_h = x->end - x->first;
        win.pad_top += x->first - y->first * win.stride_h;
        if (op->kind == PL_OP_CONV)
            k->conv(y->data, x->data, w, &win, &part);
        else
            k->dwconv(y->data, x->data, w, &win, &part);
    }
}

/* Forgets the rows before `row`. */
static void drop_rows(struct rows *band, int row, const struct pl_value *v)
{
    size_t line = (size_t)v->w * PL_PANEL, n = (size_t)(band->end - row);

    for (int c = 0; row > band->first && row < band->end && c < v->c; c += PL_PANEL) {
        float *panel = band->data + (size_t)(c / PL_PANEL) * band->layout.panel;
        memmove(panel, panel + (size_t)(row - band->first) * line, n * line * sizeof *panel);
    }
    band->first = row;
    band->end = band->end > row ? band->end : row;
}

/* Makes rows [from, to) of operation j's result, after the rows of the operation before it that they need. */
static void produce(struct chain *chain, int j, int from, int to)
{
    const struct pl_runner *r = chain->runner;
    const struct pl_op *op = &chain->ops[j];
    struct rows y = all_rows(r, op->out), x, other;

    if (op->to_next) {
        drop_rows(&chain->band[j], from, &r->model->values[op->out]);
        y = chain->band[j];
        from = y.end;
    }
    if (from >= to)
        return;
    if (j > 0) {
        const struct pl_window *win = &op->win;
        bool window = op->kind == PL_OP_DWCONV;
        int first = window ? from * win->stride_h - win->pad_top : from;
        int end = window ? (to - 1) * win->stride_h - win->pad_top + win->k_h : to;
        int height = r->model->values[chain->ops[j - 1].out].h;
        produce(chain, j - 1, first < 0 ? 0 : first, end > height ? height : end);
    }
    /* an addition's summands may come in either order; the kernels do not care */
    bool swapped = j > 0 && op->in[0] != chain->ops[j - 1].out;
    x = j > 0 ? chain->band[j - 1] : all_rows(r, op->in[0]);
    other = op->n_in < 2 ? x : all_rows(r, op->in[swapped ? 0 : 1]);
    run_rows(r, op, &y, &x, &other, from, to);
    if (op->to_next)
        chain->band[j].end = to;
}

static int take_scratch(struct pl_runner *r)
{
    for (int i = 0;; i = (i + 1) % pl_pool_threads(r->pool)) /* ends: there are as many as threads */
        if (!atomic_flag_test_and_set_explicit(&r->taken[i], memory_order_acquire))
            return i;
}

struct chain_job {
    struct pl_runner *runner;
    const struct pl_op *ops;
    int n, height, parts;
};

static void run_chain_part(void *context, int task)
{
    const struct chain_job *job = context;
    struct pl_runner *r = job->runner;
    const struct pl_op *last = &job->ops[job->n - 1];
    struct chain chain = { .runner = r, .ops = job->ops, .n = job->n };
    int from = part_start(job->height, 1, job->parts, task), to = part_start(job->height, 1, job->parts, task + 1);
    int slot = take_scratch(r);

    for (int j = 0; j < job->n - 1; j++) {
        const struct pl_op *op = &job->ops[j];
        size_t panel = (size_t)op->band * (size_t)r->model->values[op->out].w * PL_PANEL;
        chain.band[j] = (struct rows){ .data = r->scratch + (size_t)slot * r->model->scratch + op->band_at,
                                       .layout = { .pixel = PL_PANEL, .panel = panel } };
    }
    for (int row = from; row < to; row += last->band)
        produce(&chain, job->n - 1, row, row + last->band < to ? row + last->band : to);
    atomic_flag_clear_explicit(&r->taken[slot], memory_order_release);
}

static void run_chain(struct pl_runner *r, const struct pl_op *ops, int n)
{
    int n_threads = pl_pool_threads(r->pool), height = r->model->values[ops[n - 1].out].h;
    /* each part makes the rows that its first windows share with the part before anew */
    int parts = n_threads == 1 ? 1 : height >= 2 * n_threads * 16 ? 2 * n_threads : n_threads;
    struct chain_job job = { r, ops, n, height, parts < height ? parts : height };

    pl_pool_run(r->pool, job.parts, run_chain_part, &job);
}

/* ---- cutting ---- */

/* In how many parts to cut: none so small that handing it over takes longer. work: multiply-adds of a 1x1 convolution
 * that take as long; most: parts for each thread, more than one so that a thread that starts late does less. */
static void cut(struct job *job, int n, int unit, double work, int most)
{
    const double worth_sharing = 60e3;  /* src: 1 us with AVX2; handing it to a worker that looks out takes 0.3 us (Zen 4) */
    int n_threads = pl_pool_threads(job->runner->pool), units = (n + unit - 1) / unit;
    int parts = n_threads > 1 ? n_threads * most : 1;

    if (parts > units)
        parts = units;
    if (work < parts * worth_sharing)
        parts = (int)(work / worth_sharing);
    job->n = n;
    job->unit = unit;
    job->parts = parts > 1 ? parts : 1;
}

/* By channels where that leaves each thread enough of them and a pixel's neighbours, or more weights than pixels, speak
 * for it: then a thread reads only its share of the weights. */
static void cut_op(struct job *job)
{
    const struct pl_op *op = job->op;
    const struct pl_window *win = &op->win;
    int n_threads = pl_pool_threads(job->runner->pool), pixels = win->out_h * win->out_w;
    double elements = (double)pixels * win->out_c;
    bool many_channels = win->out_c >= 2 * n_threads * PL_PANEL;

    switch (op->kind) {
    case PL_OP_CONV1X1:
        job->channels = win->out_c > win->out_h; /* weights [in_c][out_c] against pixels [out_h][in_c] */
        cut(job, job->channels ? win->out_c : win->out_h, job->channels ? PL_PANEL : 14, op->macs, 2);
        break;
    case PL_OP_SPARSE1X1: /* each part turns all inputs of its pixels */
        job->channels = win->out_h < 2 * n_threads * PL_PANEL;
        cut(job, job->channels ? win->out_c : win->out_h, PL_PANEL, op->macs / 2,
            win->out_h >= 4 * n_threads * PL_SPARSE_PIXELS ? 2 : 1);
        break;
    case PL_OP_CONV:
        job->channels = win->out_h < 2 * n_threads;
        cut(job, job->channels ? win->out_c : win->out_h, job->channels ? PL_PANEL : 1, op->macs, 2);
        break;
    case PL_OP_DWCONV:
        job->channels = many_channels;
        cut(job, job->channels ? win->out_c : win->out_h, job->channels ? PL_PANEL : 1, 2 * op->macs, 2);
        break;
    case PL_OP_ADD:
        cut(job, pixels, 1, 4 * elements, 1);
        break;
    case PL_OP_LOGISTIC:
        cut(job, (int)elements, 16, 4 * elements, 1);
        break;
    case PL_OP_CONCAT: /* a copy of few bytes: not worth cutting */
        cut(job, 1, 1, 0, 1);
        break;
    default:
        cut(job, win->out_h, 1, 4 * elements, 1);
    }
}

static void run_op(struct pl_runner *r, const struct pl_op *op)
{
    struct job job = { .runner = r, .op = op };

    cut_op(&job);
    pl_pool_run(r->pool, job.parts, run_part, &job);
}

void pl_runner_evaluate(struct pl_runner *r, int k, int row, int row_end, int column, int column_end, int c)
{
    const struct pl_model *m = r->model;

    for (int i = 0; k >= 0 && k < m->n_outputs && i < m->n_ops; i++) {
        const struct pl_op *op = &m->ops[i];
        if (!op->lazy || op->out != m->outputs[k])
            continue;
        const struct pl_part part = { 0, column_end - column, c / PL_PANEL * PL_PANEL, c + 1 };
        for (; row < row_end; row++) {
            size_t pixel = (size_t)row * (size_t)m->values[op->out].w + (size_t)column;
            m->kernels.conv1x1(place_of(r, op->out) + pixel * op->win.out.pixel,
                               place_of(r, op->in[0]) + pixel * op->win.in.pixel, m->weights + op->weights, &op->win, &part);
        }
    }
}

void pl_runner_profile(struct pl_runner *r, int64_t *ns)
{
    r->step_ns = ns;
}

void pl_runner_run_part(struct pl_runner *r, int part, int parts)
{
    double all = 0, before = 0;

    for (int i = 0; i < r->model->n_ops; i++)
        all += r->model->ops[i].macs;
    for (int i = 0, n, step = 0; i < r->model->n_ops; i += n, step++) {
        n = pl_plan_chain(r->model, i);
        int its = all > 0 ? (int)(before / all * parts) : 0; /* steps without multiply-adds at the end: the last part's */
        bool mine = (its < parts ? its : parts - 1) == part;
        for (int k = i; k < i + n; k++)
            before += r->model->ops[k].macs;
        if (!mine)
            continue;
        int64_t began_ns = r->step_ns ? pl_clock_now_ns() : 0;
        if (n > 1)
            run_chain(r, &r->model->ops[i], n);
        else if (!r->model->ops[i].lazy)
            run_op(r, &r->model->ops[i]);
        if (r->step_ns)
            r->step_ns[step] = pl_clock_now_ns() - began_ns;
    }
}

void pl_runner_run(struct pl_runner *r)
{
    pl_runner_run_part(r, 0, 1);
}
