/* A network as a plain list of layers, for the engines that we compare with: read by our own reader, pruned and with its
 * padding folded into the convolutions, as those engines' own converters would do it. What cannot be read ends the
 * program: there is nothing to compare then. */
#ifndef PLUMBLINE_BENCH_GRAPH_H
#define PLUMBLINE_BENCH_GRAPH_H

#include "../../src/nn/internal.h"

enum layer_kind {
    LAYER_CONV, LAYER_DWCONV, LAYER_ADD, LAYER_MAXPOOL, LAYER_RESIZE, LAYER_SIGMOID, LAYER_RESHAPE, LAYER_DEPTH_TO_SPACE, LAYER_PAD
};

struct layer {
    enum layer_kind kind;
    int in[2], out;                        /* tensors of the file */
    int k_h, k_w, stride_h, stride_w;
    int top, left, bottom, right;          /* padding */
    bool relu6, half_pixel;
    int block;
    int pads[4][2];                        /* LAYER_PAD: before and after, [n][h][w][c] */
    float *w, *bias;                       /* w [out_c][k_h][k_w][in_c], depthwise [k_h][k_w][out_c] */
};

struct graph {
    struct pl_tfl tfl;                     /* shapes: tfl.tensors[t].dims */
    void *data;
    struct layer *layers;
    int n_layers, input, n_outputs, outputs[64]; /* a concatenation at the end is left out: its parts, in order */
    int output_of[64];                     /* to which output of the file each belongs */
};

void graph_open(struct graph *out, const char *path, unsigned drop_outputs);
void graph_close(struct graph *g);
size_t graph_floats(const struct graph *g, int t);

/* The same as an ONNX file (opset 11, NCHW inside, input and outputs as in the original). */
void graph_write_onnx(const struct graph *g, const char *path);

#endif
