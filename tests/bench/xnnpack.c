#include "xnnpack.h"

#include <math.h>
#include <pthreadpool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xnnpack.h>

struct xnn_peer {
    xnn_subgraph_t subgraph;
    xnn_runtime_t runtime;
    pthreadpool_t pool;
    uint32_t *ids;                          /* per tensor of the file */
    struct xnn_external_value external[65]; /* the input, then the outputs */
    int n_external;
};

static void check(enum xnn_status status, const char *what)
{
    if (status == xnn_status_success)
        return;
    fprintf(stderr, "XNNPACK: %s failed (%d)\n", what, (int)status);
    exit(1);
}

static void shape_of(size_t out[4], const struct pl_tfl_tensor *t)
{
    for (int i = 0; i < t->rank; i++)
        out[i] = (size_t)t->dims[i];
}

/* slot: the tensor's place among the external ones, -1: an inner one */
static void define_value(struct xnn_peer *p, const struct graph *g, int t, int slot)
{
    const struct pl_tfl_tensor *tensor = &g->tfl.tensors[t];
    size_t dims[4], bytes = (tensor->n * sizeof(float) + 127) / 64 * 64; /* XNNPACK reads up to 16 bytes too many */
    uint32_t flags = slot < 0 ? 0 : slot == 0 ? XNN_VALUE_FLAG_EXTERNAL_INPUT : XNN_VALUE_FLAG_EXTERNAL_OUTPUT;

    shape_of(dims, tensor);
    check(xnn_define_tensor_value(p->subgraph, xnn_datatype_fp32, (size_t)tensor->rank, dims, NULL,
                                  slot < 0 ? XNN_INVALID_VALUE_ID : (uint32_t)slot, flags, &p->ids[t]), "defining a tensor");
    if (slot >= 0) {
        float *data = aligned_alloc(64, bytes);
        if (!data)
            check(xnn_status_out_of_memory, "memory");
        memset(data, 0, bytes);
        p->external[p->n_external++] = (struct xnn_external_value){ p->ids[t], data };
    }
}

static uint32_t define_constant(struct xnn_peer *p, size_t rank, const size_t *dims, const float *data)
{
    uint32_t id;
    check(xnn_define_tensor_value(p->subgraph, xnn_datatype_fp32, rank, dims, data, XNN_INVALID_VALUE_ID, 0, &id),
          "defining weights");
    return id;
}

static enum xnn_status define_conv(struct xnn_peer *p, const struct graph *g, const struct layer *l)
{
    bool depthwise = l->kind == LAYER_DWCONV;
    size_t in_c = (size_t)g->tfl.tensors[l->in[0]].dims[3], out_c = (size_t)g->tfl.tensors[l->out].dims[3];
    size_t k_h = (size_t)l->k_h, k_w = (size_t)l->k_w;
    size_t dims[4] = { depthwise ? 1 : out_c, k_h, k_w, depthwise ? out_c : in_c };
    uint32_t w = define_constant(p, 4, dims, l->w), b = define_constant(p, 1, &out_c, l->bias);
    uint32_t top = (uint32_t)l->top, right = (uint32_t)l->right, bottom = (uint32_t)l->bottom, left = (uint32_t)l->left;
    uint32_t kh = (uint32_t)k_h, kw = (uint32_t)k_w, sh = (uint32_t)l->stride_h, sw = (uint32_t)l->stride_w;
    float low = l->relu6 ? 0 : -INFINITY, high = l->relu6 ? 6 : INFINITY;

    if (depthwise)
        return xnn_define_depthwise_convolution_2d(p->subgraph, top, right, bottom, left, kh, kw, sh, sw, 1, 1, 1, in_c, low, high,
                                                   p->ids[l->in[0]], w, b, p->ids[l->out], 0);
    return xnn_define_convolution_2d(p->subgraph, top, right, bottom, left, kh, kw, sh, sw, 1, 1, 1, in_c, out_c, low, high,
                                     p->ids[l->in[0]], w, b, p->ids[l->out], 0);
}

static enum xnn_status define_layer(struct xnn_peer *p, const struct graph *g, const struct layer *l)
{
    const struct pl_tfl_tensor *y = &g->tfl.tensors[l->out];
    uint32_t in = p->ids[l->in[0]], out = p->ids[l->out];
    float low = l->relu6 ? 0 : -INFINITY, high = l->relu6 ? 6 : INFINITY;
    size_t dims[4], before[4], after[4];

    shape_of(dims, y);
    for (int i = 0; i < 4; i++) {
        before[i] = (size_t)l->pads[i][0];
        after[i] = (size_t)l->pads[i][1];
    }
    switch (l->kind) {
    case LAYER_CONV:
    case LAYER_DWCONV: return define_conv(p, g, l);
    case LAYER_ADD: return xnn_define_add2(p->subgraph, low, high, in, p->ids[l->in[1]], out, 0);
    case LAYER_MAXPOOL:
        return xnn_define_max_pooling_2d(p->subgraph, (uint32_t)l->top, (uint32_t)l->right, (uint32_t)l->bottom, (uint32_t)l->left,
                                         (uint32_t)l->k_h, (uint32_t)l->k_w, (uint32_t)l->stride_h, (uint32_t)l->stride_w, 1, 1,
                                         -INFINITY, INFINITY, in, out, 0);
    case LAYER_RESIZE:
        return xnn_define_static_resize_bilinear_2d(p->subgraph, dims[1], dims[2], in, out,
                                                    l->half_pixel ? 0 : XNN_FLAG_TENSORFLOW_LEGACY_MODE);
    case LAYER_SIGMOID: return xnn_define_sigmoid(p->subgraph, in, out, 0);
    case LAYER_RESHAPE: return xnn_define_static_reshape(p->subgraph, (size_t)y->rank, dims, in, out, 0);
    case LAYER_DEPTH_TO_SPACE: return xnn_define_depth_to_space(p->subgraph, in, out, (uint32_t)l->block, 0);
    case LAYER_PAD: return xnn_define_static_constant_pad(p->subgraph, before, after, 0, in, out, 0);
    }
    return xnn_status_unsupported_parameter;
}

static int external_slot(const struct graph *g, int t)
{
    for (int i = 0; i < g->n_outputs; i++)
        if (g->outputs[i] == t)
            return 1 + i;
    return -1;
}

struct xnn_peer *xnn_peer_open(const struct graph *g, int threads, bool sparse)
{
    struct xnn_peer *p = calloc(1, sizeof *p);

    if (!p || !(p->ids = calloc((size_t)g->tfl.n_tensors, sizeof p->ids[0])))
        check(xnn_status_out_of_memory, "memory");
    check(xnn_initialize(NULL), "starting");
    check(xnn_create_subgraph((uint32_t)(1 + g->n_outputs), 0, &p->subgraph), "making a graph");
    define_value(p, g, g->input, 0);
    for (int i = 0; i < g->n_outputs; i++)
        define_value(p, g, g->outputs[i], 1 + i);
    for (int i = 0; i < g->n_layers; i++) {
        if (external_slot(g, g->layers[i].out) < 0)
            define_value(p, g, g->layers[i].out, -1);
        check(define_layer(p, g, &g->layers[i]), "defining a layer");
    }
    p->pool = threads > 1 ? pthreadpool_create((size_t)threads) : NULL;
    check(xnn_create_runtime_v2(p->subgraph, p->pool, sparse ? XNN_FLAG_HINT_SPARSE_INFERENCE : 0, &p->runtime),
          "making a runtime");
    check(xnn_setup_runtime(p->runtime, (size_t)p->n_external, p->external), "setting the runtime up");
    return p;
}

float *xnn_peer_input(struct xnn_peer *p)
{
    return p->external[0].data;
}

void xnn_peer_run(struct xnn_peer *p)
{
    check(xnn_invoke_runtime(p->runtime), "running");
}

const float *xnn_peer_output(const struct xnn_peer *p, int k)
{
    return p->external[1 + k].data;
}

void xnn_peer_close(struct xnn_peer *p)
{
    xnn_delete_runtime(p->runtime);
    xnn_delete_subgraph(p->subgraph);
    if (p->pool)
        pthreadpool_destroy(p->pool);
    for (int i = 0; i < p->n_external; i++)
        free(p->external[i].data);
    free(p->ids);
    free(p);
}
