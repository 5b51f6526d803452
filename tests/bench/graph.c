#include "graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RELU6 = 3 }; /* of the TensorFlow Lite schema */

static void die(const char *path, const char *what)
{
    fprintf(stderr, "%s: %s\n", path, what);
    exit(1);
}

static void *checked(void *p)
{
    if (!p)
        die("bench", "out of memory");
    return p;
}

size_t graph_floats(const struct graph *g, int t)
{
    return g->tfl.tensors[t].n;
}

static float *constant(const struct graph *g, int t)
{
    struct pl_err err;
    float *v = checked(calloc(graph_floats(g, t), sizeof *v));
    if (!pl_tfl_floats(v, &g->tfl, t, &err))
        die(err.text, "");
    return v;
}

static void integers(int *out, int n, const struct graph *g, int t)
{
    struct pl_err err;
    if (!pl_tfl_int32(out, n, &g->tfl, t, "a shape", &err))
        die(err.text, "");
}

static const struct pl_tfl_op *maker(const struct graph *g, int t)
{
    int i = g->tfl.tensors[t].producer;
    return i < 0 ? NULL : &g->tfl.ops[i];
}

/* Rows and columns only: such padding becomes the convolution's own. */
static bool is_spatial(const int pads[4][2])
{
    return !pads[0][0] && !pads[0][1] && !pads[3][0] && !pads[3][1];
}

static void read_pads(int pads[4][2], const struct graph *g, const struct pl_tfl_op *op)
{
    int flat[8];
    integers(flat, 8, g, op->in[1]);
    memcpy(pads, flat, sizeof flat);
}

static void same_padding(int in, int k, int stride, int *before, int *after)
{
    int out = (in + stride - 1) / stride, all = (out - 1) * stride + k - in;
    all = all > 0 ? all : 0;
    *before = all / 2;
    *after = all - all / 2;
}

static void read_window(struct layer *l, const struct graph *g, const struct pl_tfl_op *op)
{
    const struct pl_tfl_tensor *x = &g->tfl.tensors[l->in[0]];
    const struct pl_tfl_op *pad = maker(g, l->in[0]);
    int pads[4][2];

    l->stride_h = op->stride_h;
    l->stride_w = op->stride_w;
    if (op->padding == PL_TFL_SAME) {
        same_padding(x->dims[1], l->k_h, l->stride_h, &l->top, &l->bottom);
        same_padding(x->dims[2], l->k_w, l->stride_w, &l->left, &l->right);
    } else if (pad && pad->code == PL_TFL_PAD) {
        read_pads(pads, g, pad);
        if (!is_spatial((const int(*)[2])pads))
            return;
        l->in[0] = pad->in[0];
        l->top = pads[1][0], l->bottom = pads[1][1], l->left = pads[2][0], l->right = pads[2][1];
    }
}

static struct layer read_conv(const struct graph *g, const struct pl_tfl_op *op, bool depthwise)
{
    const int *w = g->tfl.tensors[op->in[1]].dims;
    struct layer l = { .kind = depthwise ? LAYER_DWCONV : LAYER_CONV, .in = { op->in[0] }, .out = op->out, .k_h = w[1], .k_w = w[2],
                       .relu6 = op->activation == RELU6, .w = constant(g, op->in[1]), .bias = constant(g, op->in[2]) };
    read_window(&l, g, op);
    return l;
}

static struct layer read_layer(const struct graph *g, const struct pl_tfl_op *op)
{
    struct layer l = { .in = { op->in[0] }, .out = op->out, .relu6 = op->activation == RELU6 };

    switch (op->code) {
    case PL_TFL_CONV_2D: return read_conv(g, op, false);
    case PL_TFL_DEPTHWISE_CONV_2D: return read_conv(g, op, true);
    case PL_TFL_ADD: l.kind = LAYER_ADD; l.in[1] = op->in[1]; break;
    case PL_TFL_MAX_POOL_2D: l.kind = LAYER_MAXPOOL; l.k_h = op->filter_h; l.k_w = op->filter_w; read_window(&l, g, op); break;
    case PL_TFL_RESIZE_BILINEAR: l.kind = LAYER_RESIZE; l.half_pixel = op->half_pixel_centers; break;
    case PL_TFL_LOGISTIC: l.kind = LAYER_SIGMOID; break;
    case PL_TFL_RESHAPE: l.kind = LAYER_RESHAPE; break;
    case PL_TFL_DEPTH_TO_SPACE: l.kind = LAYER_DEPTH_TO_SPACE; l.block = op->block; break;
    case PL_TFL_PAD: l.kind = LAYER_PAD; read_pads(l.pads, g, op); break;
    default: die(g->tfl.file, "an operation that the comparison does not know");
    }
    return l;
}

static bool is_output(const struct graph *g, int t)
{
    for (int i = 0; i < g->n_outputs; i++)
        if (g->outputs[i] == t)
            return true;
    return false;
}

static bool is_read(const struct layer *layers, int n, int t)
{
    for (int i = 0; i < n; i++)
        if (layers[i].in[0] == t || (layers[i].kind == LAYER_ADD && layers[i].in[1] == t))
            return true;
    return false;
}

static void add_output(struct graph *g, int t, int of)
{
    const struct pl_tfl_op *op = maker(g, t);
    bool parts = op && op->code == PL_TFL_CONCATENATION;

    for (int i = 0; i < (parts ? op->n_in : 1); i++) {
        if (g->n_outputs == 64)
            die(g->tfl.file, "too many outputs");
        g->output_of[g->n_outputs] = of;
        g->outputs[g->n_outputs++] = parts ? op->in[i] : t;
    }
}

static void *read_file(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    long n = f && !fseek(f, 0, SEEK_END) ? ftell(f) : -1;
    void *data = n > 0 ? malloc((size_t)n) : NULL;

    if (!data || fseek(f, 0, SEEK_SET) || fread(data, 1, (size_t)n, f) != (size_t)n)
        die(path, "cannot be read (make models)");
    fclose(f);
    *size = (size_t)n;
    return data;
}

void graph_open(struct graph *g, const char *path, unsigned drop_outputs)
{
    struct pl_err err;
    size_t size;

    *g = (struct graph){ .data = read_file(path, &size) };
    if (!pl_tfl_read(&g->tfl, g->data, size, path, &err))
        die(err.text, "");
    g->input = g->tfl.input;
    for (int i = 0; i < g->tfl.n_outputs; i++)
        if (!(drop_outputs >> i & 1))
            add_output(g, g->tfl.outputs[i], i);
    g->layers = checked(calloc((size_t)g->tfl.n_ops, sizeof g->layers[0]));
    struct layer *end = g->layers + g->tfl.n_ops, *first = end;
    for (int i = g->tfl.n_ops - 1; i >= 0; i--) { /* backwards: what nobody reads is left out, constants' own operations too */
        const struct pl_tfl_op *op = &g->tfl.ops[i];
        if (is_output(g, op->out) || is_read(first, (int)(end - first), op->out))
            *--first = read_layer(g, op);
    }
    g->n_layers = (int)(end - first);
    memmove(g->layers, first, (size_t)g->n_layers * sizeof g->layers[0]);
}

void graph_close(struct graph *g)
{
    for (int i = 0; i < g->n_layers; i++) {
        free(g->layers[i].w);
        free(g->layers[i].bias);
    }
    free(g->layers);
    pl_tfl_free(&g->tfl);
    free(g->data);
}
