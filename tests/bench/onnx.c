/* The graph as an ONNX file: protocol buffers written by hand, just the messages that are needed.
 * src: onnx.proto3 (field numbers), ONNX operator set 11 */
#include "graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A message being written. */
struct bytes { uint8_t *at; size_t n, room; };

static void put(struct bytes *b, const void *data, size_t n)
{
    if (b->n + n > b->room) {
        b->room = 2 * (b->n + n);
        b->at = realloc(b->at, b->room);
        if (!b->at) {
            fputs("bench: out of memory\n", stderr);
            exit(1);
        }
    }
    memcpy(b->at + b->n, data, n);
    b->n += n;
}

static void put_varint(struct bytes *b, uint64_t v)
{
    do {
        uint8_t byte = (uint8_t)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
        put(b, &byte, 1);
    } while (v >>= 7);
}

static void put_int(struct bytes *b, unsigned field, int64_t v)
{
    put_varint(b, field << 3);
    put_varint(b, (uint64_t)v);
}

static void put_data(struct bytes *b, unsigned field, const void *data, size_t n)
{
    put_varint(b, field << 3 | 2);
    put_varint(b, n);
    put(b, data, n);
}

static void put_text(struct bytes *b, unsigned field, const char *text)
{
    put_data(b, field, text, strlen(text));
}

/* The finished message as a field of the one around it; it is freed. */
static void put_message(struct bytes *b, unsigned field, struct bytes *inner)
{
    put_data(b, field, inner->at, inner->n);
    free(inner->at);
    *inner = (struct bytes){ 0 };
}

/* GraphProto: node 1, name 2, initializer 5, input 11, output 12. Tensors of the file are called tN (NCHW) and, as they
 * were, input and output. */
struct writer { const struct graph *g; struct bytes graph, node; int n_consts; };

static void name_of(char out[16], int t)
{
    snprintf(out, 16, "t%d", t);
}

/* NodeProto: input 1, output 2, op_type 4, attribute 5. Inputs come first, then begin_attributes' pieces, then end_node. */
static void node_in(struct writer *w, const char *name)
{
    put_text(&w->node, 1, name);
}

static void node_in_tensor(struct writer *w, int t)
{
    char name[16];
    name_of(name, t);
    node_in(w, name);
}

static void end_node(struct writer *w, const char *type, const char *out)
{
    put_text(&w->node, 2, out);
    put_text(&w->node, 4, type);
    put_message(&w->graph, 1, &w->node);
}

/* AttributeProto: name 1, i 3, s 4, ints 8, type 20 (INT 2, STRING 3, INTS 7) */
static void attribute_ints(struct writer *w, const char *name, const int *v, int n)
{
    struct bytes a = { 0 };
    put_text(&a, 1, name);
    for (int i = 0; i < n; i++)
        put_int(&a, 8, v[i]);
    put_int(&a, 20, 7);
    put_message(&w->node, 5, &a);
}

static void attribute_int(struct writer *w, const char *name, int v)
{
    struct bytes a = { 0 };
    put_text(&a, 1, name);
    put_int(&a, 3, v);
    put_int(&a, 20, 2);
    put_message(&w->node, 5, &a);
}

static void attribute_text(struct writer *w, const char *name, const char *v)
{
    struct bytes a = { 0 };
    put_text(&a, 1, name);
    put_text(&a, 4, v);
    put_int(&a, 20, 3);
    put_message(&w->node, 5, &a);
}

/* TensorProto: dims 1, data_type 2 (FLOAT 1, INT64 7), name 8, raw_data 9. Adds an initializer and names it as an input. */
static void node_in_constant(struct writer *w, const void *data, int type, const int *dims, int rank)
{
    struct bytes t = { 0 };
    size_t n = type == 1 ? 4 : 8;
    char name[16];

    snprintf(name, sizeof name, "c%d", w->n_consts++);
    for (int i = 0; i < rank; i++) {
        put_int(&t, 1, dims[i]);
        n *= (size_t)dims[i];
    }
    put_int(&t, 2, type);
    put_text(&t, 8, name);
    put_data(&t, 9, data, n);
    put_message(&w->graph, 5, &t);
    node_in(w, name);
}

static void node_in_int64(struct writer *w, const int64_t *v, int n)
{
    node_in_constant(w, v, 7, &n, 1);
}

/* [o][h][w][i] to [o][i][h][w]; of a depthwise one [h][w][o] to [o][1][h][w] */
static void write_conv(struct writer *w, const struct layer *l, const char *out)
{
    bool depthwise = l->kind == LAYER_DWCONV;
    int o = w->g->tfl.tensors[l->out].dims[3], i_c = depthwise ? 1 : w->g->tfl.tensors[l->in[0]].dims[3], k = l->k_h * l->k_w;
    int dims[4] = { o, i_c, l->k_h, l->k_w }, pads[4] = { l->top, l->left, l->bottom, l->right };
    float *turned = calloc((size_t)o * (size_t)i_c * (size_t)k, sizeof *turned);

    if (!turned)
        exit(1);
    for (int a = 0; a < o; a++)
        for (int b = 0; b < i_c; b++)
            for (int p = 0; p < k; p++)
                turned[(a * i_c + b) * k + p] = depthwise ? l->w[p * o + a] : l->w[(a * k + p) * i_c + b];
    node_in_tensor(w, l->in[0]);
    node_in_constant(w, turned, 1, dims, 4);
    node_in_constant(w, l->bias, 1, &o, 1);
    free(turned);
    attribute_ints(w, "kernel_shape", (int[]){ l->k_h, l->k_w }, 2);
    attribute_ints(w, "strides", (int[]){ l->stride_h, l->stride_w }, 2);
    attribute_ints(w, "pads", pads, 4);
    attribute_int(w, "group", depthwise ? o : 1);
    end_node(w, "Conv", out);
}

static void write_transpose(struct writer *w, const char *from, const char *to, const int perm[4])
{
    node_in(w, from);
    attribute_ints(w, "perm", perm, 4);
    end_node(w, "Transpose", to);
}

static const int to_nchw[4] = { 0, 3, 1, 2 }, to_nhwc[4] = { 0, 2, 3, 1 };

static void write_reshape(struct writer *w, const struct layer *l, const char *out)
{
    const struct pl_tfl_tensor *y = &w->g->tfl.tensors[l->out];
    char from[16], between[32];
    int64_t dims[4];

    name_of(from, l->in[0]);
    snprintf(between, sizeof between, "%s_nhwc_%d", from, l->out);
    write_transpose(w, from, between, to_nhwc);
    for (int i = 0; i < y->rank; i++)
        dims[i] = y->dims[i];
    node_in(w, between);
    node_in_int64(w, dims, y->rank);
    end_node(w, "Reshape", out);
}

static void write_resize(struct writer *w, const struct layer *l, const char *out)
{
    const int *x = w->g->tfl.tensors[l->in[0]].dims, *y = w->g->tfl.tensors[l->out].dims, four = 4, none = 0;
    float scales[4] = { 1, 1, (float)y[1] / (float)x[1], (float)y[2] / (float)x[2] };

    node_in_tensor(w, l->in[0]);
    node_in_constant(w, NULL, 1, &none, 1);
    node_in_constant(w, scales, 1, &four, 1);
    attribute_text(w, "mode", "linear");
    attribute_text(w, "coordinate_transformation_mode", l->half_pixel ? "half_pixel" : "asymmetric");
    end_node(w, "Resize", out);
}

static void write_pad(struct writer *w, const struct layer *l, const char *out)
{
    int64_t pads[8];

    for (int i = 0; i < 4; i++) {
        pads[i] = l->pads[to_nchw[i]][0];
        pads[4 + i] = l->pads[to_nchw[i]][1];
    }
    node_in_tensor(w, l->in[0]);
    node_in_int64(w, pads, 8);
    attribute_text(w, "mode", "constant");
    end_node(w, "Pad", out);
}

static void write_plain(struct writer *w, const struct layer *l, const char *type, const char *out)
{
    node_in_tensor(w, l->in[0]);
    if (l->kind == LAYER_ADD)
        node_in_tensor(w, l->in[1]);
    if (l->kind == LAYER_MAXPOOL) {
        attribute_ints(w, "kernel_shape", (int[]){ l->k_h, l->k_w }, 2);
        attribute_ints(w, "strides", (int[]){ l->stride_h, l->stride_w }, 2);
        attribute_ints(w, "pads", (int[]){ l->top, l->left, l->bottom, l->right }, 4);
    }
    if (l->kind == LAYER_DEPTH_TO_SPACE) {
        attribute_int(w, "blocksize", l->block);
        attribute_text(w, "mode", "DCR");
    }
    end_node(w, type, out);
}

static void write_layer(struct writer *w, const struct layer *l)
{
    const float limits[2] = { 0, 6 };
    char name[16], before[32];

    name_of(name, l->out);
    snprintf(before, sizeof before, l->relu6 ? "%s_before" : "%s", name);
    switch (l->kind) {
    case LAYER_CONV:
    case LAYER_DWCONV:         write_conv(w, l, before); break;
    case LAYER_ADD:            write_plain(w, l, "Add", before); break;
    case LAYER_MAXPOOL:        write_plain(w, l, "MaxPool", before); break;
    case LAYER_SIGMOID:        write_plain(w, l, "Sigmoid", before); break;
    case LAYER_DEPTH_TO_SPACE: write_plain(w, l, "DepthToSpace", before); break;
    case LAYER_RESIZE:         write_resize(w, l, before); break;
    case LAYER_RESHAPE:        write_reshape(w, l, before); break;
    case LAYER_PAD:            write_pad(w, l, before); break;
    }
    if (!l->relu6)
        return;
    node_in(w, before);
    node_in_constant(w, &limits[0], 1, NULL, 0);
    node_in_constant(w, &limits[1], 1, NULL, 0);
    end_node(w, "Clip", name);
}

/* ValueInfoProto: name 1, type 2; TypeProto: tensor_type 1; Tensor: elem_type 1, shape 2; shape: dim 1; dim: dim_value 1 */
static void declare(struct writer *w, unsigned field, const char *name, const struct pl_tfl_tensor *t)
{
    struct bytes value = { 0 }, type = { 0 }, tensor = { 0 }, shape = { 0 }, dim = { 0 };

    for (int i = 0; i < t->rank; i++) {
        put_int(&dim, 1, t->dims[i]);
        put_message(&shape, 1, &dim);
    }
    put_int(&tensor, 1, 1);
    put_message(&tensor, 2, &shape);
    put_message(&type, 1, &tensor);
    put_text(&value, 1, name);
    put_message(&value, 2, &type);
    put_message(&w->graph, field, &value);
}

static bool is_reshaped(const struct graph *g, int t)
{
    for (int i = 0; i < g->n_layers; i++)
        if (g->layers[i].out == t)
            return g->layers[i].kind == LAYER_RESHAPE;
    return false;
}

static void write_ends(struct writer *w)
{
    const struct graph *g = w->g;
    char name[16], out[16];

    declare(w, 11, "input", &g->tfl.tensors[g->input]);
    for (int i = 0; i < g->n_outputs; i++) {
        const struct pl_tfl_tensor *t = &g->tfl.tensors[g->outputs[i]];
        name_of(name, g->outputs[i]);
        snprintf(out, sizeof out, "out%d", i);
        if (t->rank == 4 && !is_reshaped(g, g->outputs[i])) {
            write_transpose(w, name, out, to_nhwc);
        } else {
            node_in(w, name);
            end_node(w, "Identity", out);
        }
        declare(w, 12, out, t);
    }
}

void graph_write_onnx(const struct graph *g, const char *path)
{
    struct writer w = { .g = g };
    struct bytes model = { 0 }, opset = { 0 };
    char name[16];

    name_of(name, g->input);
    write_transpose(&w, "input", name, to_nchw);
    for (int i = 0; i < g->n_layers; i++)
        write_layer(&w, &g->layers[i]);
    write_ends(&w);
    put_text(&w.graph, 2, "pose");
    put_int(&model, 1, 6); /* ModelProto: ir_version 1, graph 7, opset_import 8 (OperatorSetId: version 2) */
    put_message(&model, 7, &w.graph);
    put_int(&opset, 2, 11);
    put_message(&model, 8, &opset);
    FILE *f = fopen(path, "wb");
    bool ok = f && fwrite(model.at, 1, model.n, f) == model.n;
    if (!f || fclose(f) || !ok) {
        fprintf(stderr, "%s: cannot be written\n", path);
        exit(1);
    }
    free(model.at);
}
