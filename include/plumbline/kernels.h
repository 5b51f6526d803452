/* The operations the networks are made of, and the table through which they are called.
 *
 * src/nn/kernels_c.c is written to be read and is the specification; other files replace what an instruction set
 * speeds up. Every call computes a part of one output and touches nothing else, so parts can be computed by different
 * threads; the bits do not depend on how the output was cut into parts.
 *
 * Activations are float32 in one of two layouts. Interleaved: [h][w][c], as the files describe them; input, outputs and
 * what changes its shape. In panels: [c/16][h][w][16], the last panel filled up; everything else. In panels a depthwise
 * window slides over memory that lies together, and a 1x1 convolution finds the inputs of neighbouring pixels at
 * constant distances. Both are one formula (struct pl_layout), which is all that kernels know.
 * No kernel reads or writes a float outside the tensors it was given. The lanes that fill up a last panel hold nothing
 * of meaning: they may be written, and what is computed from them stays in them.
 */
#ifndef PLUMBLINE_KERNELS_H
#define PLUMBLINE_KERNELS_H

#include <stddef.h>

/* Channels of a panel, of activations and of packed weights: two AVX2 registers, one of AVX-512. */
enum { PL_PANEL = 16 };

/* Where a tensor's numbers lie: channel c of pixel p at (c / PL_PANEL) * panel + p * pixel + c % PL_PANEL.
 * Interleaved: { c, PL_PANEL }; in panels: { PL_PANEL, h * w * PL_PANEL }. */
struct pl_layout {
    size_t pixel, panel;
};

/* A window sliding over [in_h][in_w][in_c]. The window of output pixel (r, c) starts at input row
 * r*stride_h - pad_top, column c*stride_w - pad_left; what lies outside the input does not count (zero for a
 * convolution, absent for a maximum). Results are clamped to [min, max]; a NAN stays NAN. */
struct pl_window {
    int in_h, in_w, in_c;
    int out_h, out_w, out_c;
    int k_h, k_w;
    int stride_h, stride_w;
    int pad_top, pad_left;
    float min, max;
    struct pl_layout in, out, other; /* of x, y; of the second summand of an addition */
};

/* Output rows [row, row_end) and channels [c, c_end) to compute; c is a multiple of PL_PANEL. */
struct pl_part {
    int row, row_end;
    int c, c_end;
};

/* w as written by pl_pack_conv; sum over the window and all input channels, plus bias. */
typedef void pl_conv_fn(float *y, const float *x, const float *w, const struct pl_window *win,
                        const struct pl_part *part);

/* The same for a window of one pixel, stride 1, no padding. Pixels have no neighbours here: rows are pixels, widths
 * are 1. */
typedef void pl_conv1x1_fn(float *y, const float *x, const float *w, const struct pl_window *win,
                           const struct pl_part *part);

/* Weights most of which are zero: the others, by blocks of input channels, within a block by output channels. Those of
 * block b, output o: entries [starts[b * out_c + o], starts[b * out_c + o + 1]), inputs ascending. */
enum { PL_SPARSE_BLOCK = 112, PL_SPARSE_PIXELS = 64 }; /* at most; 28 kB of a block's inputs are worked on at a time */

struct pl_sparse_entry {
    float weight;
    int input;                  /* within its block, times PL_SPARSE_PIXELS */
};

struct pl_sparse {
    int block;                  /* input channels of a block, a multiple of PL_PANEL */
    float *bias;                /* [out_c] */
    int *starts;                /* [blocks * out_c + 1] */
    struct pl_sparse_entry *entries;
};

/* conv1x1 with such weights; w as written by pl_pack_sparse */
typedef void pl_sparse1x1_fn(float *y, const float *x, const struct pl_sparse *w, const struct pl_window *win,
                             const struct pl_part *part);

/* Each channel by itself; in_c == out_c; w as written by pl_pack_dwconv. */
typedef void pl_dwconv_fn(float *y, const float *x, const float *w, const struct pl_window *win,
                          const struct pl_part *part);

/* y = clamp(a + b), element by element; pixels [pixel, pixel_end) of out_c channels */
typedef void pl_add_fn(float *y, const float *a, const float *b, const struct pl_window *win, int pixel, int pixel_end);

typedef void pl_maxpool_fn(float *y, const float *x, const struct pl_window *win, int row, int row_end);

/* Bilinear to twice the size, pixel centres at .5; output rows [row, row_end).
 * Output pixel d lies at (d + 0.5)/2 - 0.5 of the input; beyond the outermost centres the edge is repeated. */
typedef void pl_resize2x_fn(float *y, const float *x, const struct pl_window *win, int row, int row_end);

/* Zeros around: x is copied into y at row pad_top, column pad_left and channel pad_c. */
typedef void pl_pad_fn(float *y, const float *x, const struct pl_window *win, int pad_c, int row, int row_end);

/* The rest works on interleaved tensors.
 *
 * Row r of x [n_rows][n] goes to y + r*y_stride: one input's share of a concatenation. */
typedef void pl_concat_fn(float *y, const float *x, size_t n_rows, size_t n, size_t y_stride);

/* x [h][w][block*block*c], y [block*h][block*w][c]: y[block*r + a][block*s + b][k] = x[r][s][(block*a + b)*c + k];
 * output rows [row, row_end) */
typedef void pl_depth_to_space_fn(float *y, const float *x, int h, int w, int c, int block, int row, int row_end);

/* y[i] = 1 / (1 + exp(-x[i])) */
typedef void pl_logistic_fn(float *y, const float *x, size_t n);

/* The one list of kernels: the table, its filling and the tests come from it. */
#define PL_KERNELS(X) \
    X(conv1x1) X(sparse1x1) X(conv) X(dwconv) X(add) X(maxpool) X(resize2x) X(pad) X(concat) X(depth_to_space) X(logistic)

struct pl_kernels {
#define X(name) pl_##name##_fn *name;
    PL_KERNELS(X)
#undef X
};

/* Fills the table for the levels in cpu (bits of enum pl_cpu), plain C first, then upward. */
void pl_kernels_pick(struct pl_kernels *k, unsigned cpu);

/* What pl_kernels_pick is made of; each replaces only what it speeds up. */
void pl_kernels_fill_c(struct pl_kernels *k);
void pl_kernels_fill_avx2(struct pl_kernels *k);
void pl_kernels_fill_avx512(struct pl_kernels *k);
void pl_kernels_fill_neon(struct pl_kernels *k);
void pl_sparse_fill_avx2(struct pl_kernels *k);
void pl_sparse_fill_avx512(struct pl_kernels *k);
void pl_sparse_fill_neon(struct pl_kernels *k);

/* Weights in the order the kernels read them, written once when a model is opened. Per panel of PL_PANEL output
 * channels, the last one filled up with zeros: the biases [PL_PANEL], then for each term of the sum its weights
 * [PL_PANEL]. Terms are k_h, k_w, in_c (the last fastest) for a convolution; k_h, k_w for a depthwise one.
 *
 * w:    [out_c][k_h][k_w][in_c] or depthwise [k_h][k_w][out_c]; bias [out_c], NULL = 0
 * out:  pl_pack_*_size floats, 64-byte aligned */
size_t pl_pack_conv_size(const struct pl_window *win);
void pl_pack_conv(float *packed, const float *w, const float *bias, const struct pl_window *win);
size_t pl_pack_dwconv_size(const struct pl_window *win);
void pl_pack_dwconv(float *packed, const float *w, const float *bias, const struct pl_window *win);

/* Room for the non-zero ones of w [out_c][in_c] is made first: bias, starts and entries in one piece of memory, which is
 * returned to be freed, or NULL if there is none. bias NULL = 0. */
void *pl_pack_sparse(struct pl_sparse *packed, const float *w, const float *bias, const struct pl_window *win);

#endif
