/* Running a plan: activations in one arena, each operation cut into parts for the worker pool.
 *
 * An operation is cut by output rows; a 1x1 convolution by pixels or, when its weights are larger than its picture, by
 * channels. Parts never share a sum, so the bits do not depend on their number.
 */
#include "internal.h"

#include <stdlib.h>

struct pl_runner {
    const struct pl_model *model;
    struct pl_pool *pool;
    float *arena;
};

/* One operation while it runs. */
struct job {
    const struct pl_runner *runner;
    const struct pl_op *op;
    int n;                  /* what is cut: rows, elements or channels, 0 .. n */
    int step;               /* size of a part */
    bool channels;          /* it is channels that are cut (convolutions) */
};

bool pl_runner_open(struct pl_runner **out, const struct pl_model *model, struct pl_pool *pool, struct pl_err *err)
{
    struct pl_runner *r = calloc(1, sizeof *r);

    if (r)
        r->arena = aligned_alloc(64, (model->arena + 16) * sizeof *r->arena);
    if (!r || !r->arena) {
        free(r);
        return pl_fail(err, PL_E_MEMORY, "out of memory for %zu MB of activations", model->arena * sizeof(float) >> 20);
    }
    r->model = model;
    r->pool = pool;
    for (size_t i = 0; i < model->arena; i++)
        r->arena[i] = 0; /* outputs are defined before the first run */
    *out = r;
    return true;
}

void pl_runner_close(struct pl_runner *r)
{
    if (!r)
        return;
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

static void run_part(void *context, int task)
{
    const struct job *job = context;
    const struct pl_op *op = job->op;
    const struct pl_runner *r = job->runner;
    const struct pl_kernels *k = &r->model->kernels;
    const struct pl_window *win = &op->win;
    const float *x = place_of(r, op->in[0]), *w = r->model->weights + op->weights;
    float *y = place_of(r, op->out);
    int from = task * job->step, to = from + job->step < job->n ? from + job->step : job->n;
    struct pl_part part = { 0, win->out_h, 0, win->out_c };

    *(job->channels ? &part.c : &part.row) = from;
    *(job->channels ? &part.c_end : &part.row_end) = to;

    switch (op->kind) {
    case PL_OP_CONV1X1: k->conv1x1(y, x, w, win, &part); break;
    case PL_OP_CONV: k->conv(y, x, w, win, &part); break;
    case PL_OP_DWCONV: k->dwconv(y, x, w, win, from, to); break;
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

/* ---- cutting ---- */

/* Parts must be whole multiples of `unit`; what is done sooner than a worker is awake stays whole. work: multiply-adds of
 * a 1x1 convolution that take as long. */
static void cut(struct job *job, int n, int unit, int n_threads, double work)
{
    enum { PARTS_PER_THREAD = 2 };      /* so that a thread that starts late does less */
    const double worth_waking = 400e3;  /* src: 8 us with AVX2; a run of the pool by itself takes 5 us (Zen 4, Linux 6) */
    int parts = work < worth_waking ? 1 : n_threads > 1 ? n_threads * PARTS_PER_THREAD : 1;

    job->n = n;
    job->step = ((n + parts - 1) / parts + unit - 1) / unit * unit;
}

static void run_op(struct pl_runner *r, const struct pl_op *op)
{
    const struct pl_window *win = &op->win;
    int n_threads = pl_pool_threads(r->pool);
    double elements = (double)win->out_h * win->out_w * win->out_c;
    double work = op->kind == PL_OP_DWCONV ? 2 * op->macs : 4 * elements; /* of what is not a convolution */
    struct job job = { .runner = r, .op = op };

    switch (op->kind) {
    case PL_OP_CONV1X1:
        job.channels = win->out_c > win->out_h; /* weights [in_c][out_c] against pixels [out_h][in_c] */
        cut(&job, job.channels ? win->out_c : win->out_h, job.channels ? PL_PANEL : 12, n_threads, op->macs);
        break;
    case PL_OP_CONV:
        job.channels = win->out_h < 2 * n_threads;
        cut(&job, job.channels ? win->out_c : win->out_h, job.channels ? PL_PANEL : 1, n_threads, op->macs);
        break;
    case PL_OP_ADD:
        cut(&job, win->out_h * win->out_w, 1, n_threads, work);
        break;
    case PL_OP_LOGISTIC:
        cut(&job, (int)elements, 16, n_threads, work);
        break;
    case PL_OP_CONCAT: /* a copy of few bytes: not worth cutting */
        cut(&job, 1, 1, 1, 0);
        break;
    default:
        cut(&job, win->out_h, 1, n_threads, work);
    }
    pl_pool_run(r->pool, (job.n + job.step - 1) / job.step, run_part, &job);
}

void pl_runner_run(struct pl_runner *r)
{
    for (int i = 0; i < r->model->n_ops; i++)
        run_op(r, &r->model->ops[i]);
}
