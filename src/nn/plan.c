/* From the file to the list of operations that run.
 *
 * in:   a checked file (tflite.c), which outputs and inner tensors are wanted
 * out:  the operations that lead to them, in the file's order, with the shapes of their windows and packed weights
 * how:  1. explicit zero padding (PAD of rows and columns) in front of a convolution becomes the convolution's own
 *       2. walking the operations backwards marks what a wanted tensor needs; the rest is dropped, and with it the PADs
 *          that step 1 left without a reader, and DEQUANTIZE and DENSIFY of constants
 *       3. walking forwards, each marked operation is checked against the shapes in the file and written down
 *       4. chains of operations that hand on rows are found (chain.c)
 *       5. activations get their layout (layout.c) and their places in the arena by lifetime (arena.c)
 *       6. weights are expanded and packed one operation after the other (weights.c)
 */
#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct planner {
    const struct pl_tfl *tfl;
    struct pl_model *model;
    struct pl_err *err;
    bool *needed;           /* per tensor of the file */
    bool ok;
};

static bool bad(struct planner *p, int op, enum pl_err_code code, const char *sentence)
{
    p->ok = false;
    return pl_fail(p->err, code, "%s: operation %d: %s", p->tfl->file, op, sentence);
}

/* ---- what is wanted ---- */

static int find_tensor(const struct pl_tfl *tfl, const char *name)
{
    char number[16];

    for (int i = 0; i < tfl->n_tensors; i++)
        if (!strcmp(tfl->tensors[i].name, name))
            return i;
    for (int i = 0; i < tfl->n_tensors && name[0] == 't'; i++) {
        snprintf(number, sizeof number, "t%d", i);
        if (!strcmp(number, name))
            return i;
    }
    return -1;
}

static bool is_activation(const struct pl_tfl *tfl, int t)
{
    return t >= 0 && (t == tfl->input || (tfl->tensors[t].producer >= 0 && pl_tfl_constant(tfl, t) < 0));
}

/* Copies the name and marks the tensor; `what` is how the user calls it. */
static bool want(struct planner *p, int t, int slot, const char *what)
{
    const struct pl_tfl *tfl = p->tfl;

    if (!is_activation(tfl, t))
        return pl_fail(p->err, PL_E_FORMAT, "%s: tensor %d is %s, but is not computed from the input", tfl->file, t, what);
    p->model->names[slot] = strdup(tfl->tensors[t].name);
    if (!p->model->names[slot])
        return pl_fail(p->err, PL_E_MEMORY, "%s: out of memory for names", tfl->file);
    p->needed[t] = true;
    return true;
}

static bool want_all(struct planner *p, const struct pl_model_options *options)
{
    struct pl_model *m = p->model;

    m->input = p->tfl->input;
    if (!want(p, m->input, 0, "the input"))
        return false;
    m->n_outputs = p->tfl->n_outputs;
    for (int k = 0; k < m->n_outputs; k++) {
        m->outputs[k] = options->drop_outputs >> k & 1 ? -1 : p->tfl->outputs[k];
        if (m->outputs[k] >= 0 && !want(p, m->outputs[k], 1 + k, "an output"))
            return false;
    }
    for (; m->n_keep < PL_NN_MAX_KEEP && options->keep[m->n_keep]; m->n_keep++) {
        const char *name = options->keep[m->n_keep];
        int t = find_tensor(p->tfl, name);
        if (t < 0 || !is_activation(p->tfl, t))
            return pl_fail(p->err, PL_E_ARG, "%s: there is no computed tensor named %s to keep", p->tfl->file, name);
        m->keep[m->n_keep] = t;
        if (!want(p, t, 1 + PL_NN_MAX_OUTPUTS + m->n_keep, "to be kept"))
            return false;
    }
    return true;
}

/* ---- padding, pruning ---- */

/* The PAD of rows and columns that a convolution without padding of its own reads, or NULL. */
static const struct pl_tfl_op *foldable_pad(const struct pl_tfl *tfl, const struct pl_tfl_op *op, int pads[8])
{
    if ((op->code != PL_TFL_CONV_2D && op->code != PL_TFL_DEPTHWISE_CONV_2D) || op->padding != PL_TFL_VALID)
        return NULL;
    int producer = tfl->tensors[op->in[0]].producer;
    const struct pl_tfl_op *pad = producer < 0 ? NULL : &tfl->ops[producer];
    if (!pad || pad->code != PL_TFL_PAD || pad->n_in != 2 || !is_activation(tfl, pad->in[0]) ||
        !pl_tfl_int32(pads, 8, tfl, pad->in[1], "", NULL))
        return NULL;
    for (int i = 0; i < 8; i++) {
        bool rows_or_columns = i >= 2 && i < 6;
        if (pads[i] < 0 || pads[i] > (rows_or_columns ? PL_NN_MAX_SIDE : 0))
            return NULL;
    }
    return pad;
}

static void mark_needed(struct planner *p)
{
    const struct pl_tfl *tfl = p->tfl;
    int pads[8];

    for (int i = tfl->n_ops - 1; i >= 0; i--) {
        const struct pl_tfl_op *op = &tfl->ops[i], *pad = foldable_pad(tfl, op, pads);
        if (!p->needed[op->out])
            continue;
        for (int k = 0; k < op->n_in; k++)
            if (is_activation(tfl, op->in[k]))
                p->needed[k == 0 && pad ? pad->in[0] : op->in[k]] = true;
    }
}

/* ---- one operation ---- */

/* Activations are [1][h][w][c]; a tensor with fewer dimensions has the last ones. */
static bool set_value(struct planner *p, int op, int t)
{
    const struct pl_tfl_tensor *tensor = &p->tfl->tensors[t];
    struct pl_value *v = &p->model->values[t];
    int d[4] = { 1, 1, 1, 1 };

    for (int i = 0; i < tensor->rank; i++)
        d[4 - tensor->rank + i] = tensor->dims[i];
    if (d[0] != 1)
        return bad(p, op, PL_E_UNSUPPORTED, "it works on a batch of several pictures; plumbline handles one");
    if (tensor->type != PL_TFL_FLOAT32)
        return bad(p, op, PL_E_UNSUPPORTED, "it computes numbers that are not float32");
    *v = (struct pl_value){ .h = d[1], .w = d[2], .c = d[3], .home = t, .used = true };
    return true;
}

static bool set_clamp(struct planner *p, struct pl_op *op, int activation)
{
    static const struct { float min, max; } ranges[] = { /* NONE, RELU, RELU_N1_TO_1, RELU6 */
        { -INFINITY, INFINITY }, { 0, INFINITY }, { -1, 1 }, { 0, 6 },
    };

    if (activation < 0 || activation > 3)
        return bad(p, op->number, PL_E_UNSUPPORTED, "its activation function is not NONE, RELU, RELU_N1_TO_1 or RELU6");
    op->win.min = ranges[activation].min;
    op->win.max = ranges[activation].max;
    return true;
}

static void set_shapes(struct planner *p, struct pl_op *op)
{
    const struct pl_value *in = &p->model->values[op->in[0]], *out = &p->model->values[op->out];

    op->win.in_h = in->h;
    op->win.in_w = in->w;
    op->win.in_c = in->c;
    op->win.out_h = out->h;
    op->win.out_w = out->w;
    op->win.out_c = out->c;
}

/* One axis of a sliding window: how many output positions, and the padding before. before, after: explicit padding. */
static int window_positions(int in, int k, int stride, int padding, int before, int after, int *pad)
{
    *pad = before;
    if (padding == PL_TFL_SAME) {
        int n = (in + stride - 1) / stride, total = (n - 1) * stride + k - in;
        *pad = total > 0 ? total / 2 : 0; /* an odd one goes behind */
        return n;
    }
    int room = in + before + after - k;
    return room < 0 ? 0 : room / stride + 1;
}

static bool in_bounds(int side)
{
    return side >= 1 && side <= PL_NN_MAX_SIDE;
}

/* Window size is set; adds strides and padding and checks that the output has the shape that follows. */
static bool set_window(struct planner *p, struct pl_op *op, const struct pl_tfl_op *source, const int pads[8])
{
    struct pl_window *win = &op->win;

    if (!in_bounds(win->k_h) || !in_bounds(win->k_w) || !in_bounds(source->stride_h) || !in_bounds(source->stride_w) ||
        (source->padding != PL_TFL_SAME && source->padding != PL_TFL_VALID))
        return bad(p, op->number, PL_E_UNSUPPORTED, "its window, stride or kind of padding is out of range");
    win->stride_h = source->stride_h;
    win->stride_w = source->stride_w;
    int rows = window_positions(win->in_h, win->k_h, win->stride_h, source->padding, pads[2], pads[3], &win->pad_top);
    int columns = window_positions(win->in_w, win->k_w, win->stride_w, source->padding, pads[4], pads[5], &win->pad_left);
    if (rows != win->out_h || columns != win->out_w)
        return bad(p, op->number, PL_E_FORMAT, "its output does not have the shape that its input and window give");
    return true;
}

/* Shape [a][k_h][k_w][b] of a weight tensor. */
static bool weight_shape(struct planner *p, struct pl_op *op, const struct pl_tfl_op *source, int outer, int inner)
{
    const struct pl_tfl *tfl = p->tfl;
    int w = source->n_in >= 2 ? source->in[1] : -1, bias = source->n_in >= 3 ? source->in[2] : -1;

    if (w < 0 || tfl->tensors[w].rank != 4 || tfl->tensors[w].dims[0] != outer || tfl->tensors[w].dims[3] != inner ||
        (bias >= 0 && tfl->tensors[bias].n != (size_t)op->win.out_c))
        return bad(p, op->number, PL_E_FORMAT, "its weights or biases do not have the shape that its input and output need");
    if (source->dilation_h != 1 || source->dilation_w != 1)
        return bad(p, op->number, PL_E_UNSUPPORTED, "its window is dilated");
    op->win.k_h = tfl->tensors[w].dims[1];
    op->win.k_w = tfl->tensors[w].dims[2];
    return true;
}

static bool reserve_weights(struct planner *p, struct pl_op *op, size_t n)
{
    struct pl_model *m = p->model;

    if (n > PL_NN_MAX_FLOATS - m->n_weights)
        return bad(p, op->number, PL_E_UNSUPPORTED, "the weights up to it take more memory than plumbline allows");
    op->weights = m->n_weights;
    m->n_weights += n; /* a multiple of PL_PANEL floats: the next ones are aligned as well */
    return true;
}

/* Stored sparsely, and less than half of it: the point where that is faster lies at about 0.6 (AVX2, AVX-512). */
static bool is_sparse(const struct pl_tfl *tfl, int weights)
{
    int source = pl_tfl_constant(tfl, weights);
    return source >= 0 && tfl->tensors[source].sparse && (size_t)tfl->tensors[source].indices.n < tfl->tensors[source].n / 2;
}

static bool plan_conv(struct planner *p, struct pl_op *op, const struct pl_tfl_op *source, const int pads[8])
{
    struct pl_window *win = &op->win;

    if (!weight_shape(p, op, source, win->out_c, win->in_c) || !set_window(p, op, source, pads))
        return false;
    op->kind = PL_OP_CONV;
    op->macs = (double)win->out_h * win->out_w * win->out_c * win->k_h * win->k_w * win->in_c;
    if (win->k_h == 1 && win->k_w == 1 && win->stride_h == 1 && win->stride_w == 1 && win->in_h == win->out_h &&
        win->in_w == win->out_w) {
        op->kind = PL_OP_CONV1X1; /* pixels have no neighbours: one long column of them */
        win->in_h = win->out_h = win->in_h * win->in_w;
        win->in_w = win->out_w = 1;
        if (is_sparse(p->tfl, source->in[1])) {
            op->kind = PL_OP_SPARSE1X1;
            return true;
        }
    }
    return reserve_weights(p, op, pl_pack_conv_size(win));
}

static bool plan_dwconv(struct planner *p, struct pl_op *op, const struct pl_tfl_op *source, const int pads[8])
{
    struct pl_window *win = &op->win;

    if (source->multiplier > 1 || win->in_c != win->out_c)
        return bad(p, op->number, PL_E_UNSUPPORTED, "it makes several outputs of each channel");
    if (!weight_shape(p, op, source, 1, win->out_c) || !set_window(p, op, source, pads))
        return false;
    op->kind = PL_OP_DWCONV;
    op->macs = (double)win->out_h * win->out_w * win->out_c * win->k_h * win->k_w;
    return reserve_weights(p, op, pl_pack_dwconv_size(win));
}

static bool plan_maxpool(struct planner *p, struct pl_op *op, const struct pl_tfl_op *source)
{
    static const int no_pads[8];

    op->kind = PL_OP_MAXPOOL;
    op->win.k_h = source->filter_h;
    op->win.k_w = source->filter_w;
    if (op->win.in_c != op->win.out_c)
        return bad(p, op->number, PL_E_FORMAT, "its input and output have different numbers of channels");
    return set_window(p, op, source, no_pads);
}

static bool same_shape(const struct pl_value *a, const struct pl_value *b)
{
    return a->h == b->h && a->w == b->w && a->c == b->c;
}

static bool plan_add(struct planner *p, struct pl_op *op)
{
    const struct pl_value *v = p->model->values;

    op->kind = PL_OP_ADD;
    if (op->n_in != 2 || !same_shape(&v[op->in[0]], &v[op->out]) || !same_shape(&v[op->in[1]], &v[op->out]))
        return bad(p, op->number, PL_E_UNSUPPORTED, "it does not add two tensors of the same shape");
    return true;
}

static bool plan_resize(struct planner *p, struct pl_op *op, const struct pl_tfl_op *source)
{
    const struct pl_window *win = &op->win;

    op->kind = PL_OP_RESIZE2X;
    if (win->out_h != 2 * win->in_h || win->out_w != 2 * win->in_w || win->out_c != win->in_c || source->align_corners ||
        !source->half_pixel_centers)
        return bad(p, op->number, PL_E_UNSUPPORTED, "it resizes, but not to twice the size with half-pixel centres");
    return true;
}

static bool plan_pad(struct planner *p, struct pl_op *op, const struct pl_tfl_op *source)
{
    struct pl_window *win = &op->win;
    int pads[8], *out[] = { &win->out_h, &win->out_w, &win->out_c }, in[] = { win->in_h, win->in_w, win->in_c };

    op->kind = PL_OP_PAD;
    if (source->n_in != 2 || p->tfl->tensors[source->in[0]].rank != 4)
        return bad(p, op->number, PL_E_UNSUPPORTED, "it pads something that is not a picture");
    if (!pl_tfl_int32(pads, 8, p->tfl, source->in[1], "the padding", p->err))
        return p->ok = false;
    for (int i = 0; i < 4; i++) {
        int before = pads[2 * i], after = pads[2 * i + 1];
        if (before < 0 || after < 0 || before > PL_NN_MAX_ELEMENTS || after > PL_NN_MAX_ELEMENTS ||
            (i == 0 ? before + after != 0 : *out[i - 1] != in[i - 1] + before + after))
            return bad(p, op->number, PL_E_FORMAT, "its output does not have the shape that its input and padding give");
    }
    win->pad_top = pads[2];
    win->pad_left = pads[4];
    op->extra = pads[6];
    return true;
}

static bool plan_concat(struct planner *p, struct pl_op *op, const struct pl_tfl_op *source)
{
    int rank = p->tfl->tensors[source->out].rank;
    bool has_axis = source->axis >= -rank && source->axis < rank;
    int axis = !has_axis ? 0 : (source->axis < 0 ? source->axis + rank : source->axis) + 4 - rank; /* of [1][h][w][c] */
    const struct pl_value *out = &p->model->values[op->out];
    int total = 0, out_dims[] = { out->h, out->w, out->c };

    op->kind = PL_OP_CONCAT;
    if (axis < 1 || axis > 3 || source->activation)
        return bad(p, op->number, PL_E_UNSUPPORTED, "it concatenates along the batch or applies an activation function");
    op->extra = axis - 1;
    for (int k = 0; k < op->n_in; k++) {
        const struct pl_value *in = &p->model->values[op->in[k]];
        int in_dims[] = { in->h, in->w, in->c };
        for (int d = 0; d < 3; d++)
            if (d != op->extra && in_dims[d] != out_dims[d])
                return bad(p, op->number, PL_E_FORMAT, "the shapes that it concatenates do not fit together");
        total += in_dims[op->extra];
    }
    if (total != out_dims[op->extra])
        return bad(p, op->number, PL_E_FORMAT, "its output does not have the size of its inputs together");
    return true;
}

static bool plan_depth_to_space(struct planner *p, struct pl_op *op, const struct pl_tfl_op *source)
{
    const struct pl_window *win = &op->win;
    int b = source->block;

    op->kind = PL_OP_DEPTH_TO_SPACE;
    op->extra = b;
    if (!in_bounds(b) || win->out_h % b || win->out_h / b != win->in_h || win->out_w % b || win->out_w / b != win->in_w ||
        win->in_c % b || win->in_c / b % b || win->in_c / b / b != win->out_c)
        return bad(p, op->number, PL_E_FORMAT, "its output does not have the shape that its input and block give");
    return true;
}

/* A RESHAPE costs nothing: its output lies where its input lies. */
static bool plan_reshape(struct planner *p, int number, const struct pl_tfl_op *source)
{
    struct pl_value *values = p->model->values, *in = &values[source->in[0]], *out = &values[source->out];

    if (p->tfl->tensors[source->in[0]].n != p->tfl->tensors[source->out].n)
        return bad(p, number, PL_E_FORMAT, "it reshapes to a different number of elements");
    out->home = in->home;
    return true;
}

static bool check_inputs(struct planner *p, int number, const struct pl_tfl_op *source)
{
    int n = source->code == PL_TFL_ADD || source->code == PL_TFL_CONCATENATION ? source->n_in : 1;

    for (int k = 0; k < n; k++)
        if (!is_activation(p->tfl, source->in[k]))
            return bad(p, number, PL_E_UNSUPPORTED, "it works on a constant where plumbline expects a computed tensor");
    return true;
}

static bool plan_op(struct planner *p, int number)
{
    const struct pl_tfl_op *source = &p->tfl->ops[number];
    struct pl_model *m = p->model;
    struct pl_op *op = &m->ops[m->n_ops];
    int pads[8];
    const struct pl_tfl_op *pad = foldable_pad(p->tfl, source, pads);

    if (!check_inputs(p, number, source) || !set_value(p, number, source->out))
        return false;
    if (source->code == PL_TFL_RESHAPE)
        return plan_reshape(p, number, source);

    *op = (struct pl_op){ .number = number, .n_in = source->n_in, .out = source->out };
    memcpy(op->in, source->in, sizeof op->in);
    if (source->code != PL_TFL_ADD && source->code != PL_TFL_CONCATENATION)
        op->n_in = 1; /* what follows are weights and settings */
    if (pad)
        op->in[0] = pad->in[0];
    else
        memset(pads, 0, sizeof pads);
    set_shapes(p, op);
    if (!set_clamp(p, op, source->activation))
        return false;
    m->n_ops++;
    switch (source->code) {
    case PL_TFL_CONV_2D: return plan_conv(p, op, source, pads);
    case PL_TFL_DEPTHWISE_CONV_2D: return plan_dwconv(p, op, source, pads);
    case PL_TFL_MAX_POOL_2D: return plan_maxpool(p, op, source);
    case PL_TFL_ADD: return plan_add(p, op);
    case PL_TFL_RESIZE_BILINEAR: return plan_resize(p, op, source);
    case PL_TFL_PAD: return plan_pad(p, op, source);
    case PL_TFL_CONCATENATION: return plan_concat(p, op, source);
    case PL_TFL_DEPTH_TO_SPACE: return plan_depth_to_space(p, op, source);
    case PL_TFL_LOGISTIC:
        op->kind = PL_OP_LOGISTIC;
        return same_shape(&m->values[op->in[0]], &m->values[op->out]) ||
               bad(p, number, PL_E_FORMAT, "its input and output have different shapes");
    }
    return pl_fail(p->err, PL_E_UNSUPPORTED, "%s: operation %d: plumbline does not have operation code %d of the schema",
                   p->tfl->file, number, source->code);
}

/* ---- the whole ---- */

static void mark_lazy(struct planner *p, unsigned lazy_outputs)
{
    struct pl_model *m = p->model;

    for (int i = 0; i < m->n_ops; i++) {
        struct pl_op *op = &m->ops[i];
        for (int k = 0; k < m->n_outputs; k++)
            if (lazy_outputs >> k & 1 && m->outputs[k] == op->out)
                op->lazy = op->kind == PL_OP_CONV1X1 && !m->keep_all;
        for (int k = 0; k < m->n_keep; k++)
            op->lazy = op->lazy && m->keep[k] != op->out;
        for (int j = 0; op->lazy && j < m->n_ops; j++) /* somebody else reads it */
            for (int k = 0; k < m->ops[j].n_in; k++)
                op->lazy = op->lazy && m->values[m->ops[j].in[k]].home != m->values[op->out].home;
    }
}

static bool plan_ops(struct planner *p, unsigned lazy_outputs)
{
    const struct pl_tfl *tfl = p->tfl;

    if (!set_value(p, 0, tfl->input))
        return false;
    for (int i = 0; i < tfl->n_ops; i++)
        if (p->needed[tfl->ops[i].out] && !plan_op(p, i))
            return false;
    mark_lazy(p, lazy_outputs);
    for (int i = 0; i < p->model->n_ops; i++)
        p->model->macs += p->model->ops[i].lazy ? 0 : p->model->ops[i].macs;
    return true;
}

bool pl_plan_make(struct pl_model *m, const struct pl_tfl *tfl, const struct pl_model_options *options, struct pl_err *err)
{
    struct planner p = { .tfl = tfl, .model = m, .err = err, .ok = true };
    bool ok = false;

    p.needed = calloc((size_t)tfl->n_tensors, sizeof *p.needed);
    m->ops = calloc((size_t)tfl->n_ops + 1, sizeof *m->ops);
    m->values = calloc((size_t)tfl->n_tensors, sizeof *m->values);
    m->n_values = tfl->n_tensors;
    m->keep_all = options->keep_all;
    if (!p.needed || !m->ops || !m->values) {
        pl_fail(err, PL_E_MEMORY, "%s: out of memory for the plan", tfl->file);
        goto done;
    }
    if (!want_all(&p, options))
        goto done;
    mark_needed(&p);
    if (!plan_ops(&p, options->lazy_outputs) || !pl_plan_chains(m, err))
        goto done;
    pl_plan_layouts(m);
    ok = pl_plan_arena(m, err) && pl_plan_weights(m, tfl, err);
done:
    free(p.needed);
    return ok;
}
