/* What the files of nn share: the file as read (tflite.c), its constants (constant.c), and the plan made of it (plan.c,
 * arena.c, weights.c), which the model holds. */
#ifndef PLUMBLINE_NN_INTERNAL_H
#define PLUMBLINE_NN_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "plumbline/err.h"
#include "plumbline/kernels.h"
#include "plumbline/nn.h"

/* Bounds on what a file may ask for: ten times what the largest pose network has, and still harmless. */
enum {
    PL_NN_MAX_FILE = 1 << 28,     /* bytes */
    PL_NN_MAX_TENSORS = 1 << 14,
    PL_NN_MAX_OPS = 1 << 13,
    PL_NN_MAX_ELEMENTS = 1 << 24, /* of one tensor */
    PL_NN_MAX_FLOATS = 1 << 27,   /* all packed weights; all activations */
    PL_NN_MAX_SIDE = 1 << 12,     /* of a window; stride, padding */
    PL_NN_MAX_CHAIN = 8,          /* operations that hand on rows to each other */
    PL_NN_MAX_INPUTS = 8,         /* of one operation */
    PL_NN_MAX_OUTPUTS = 32        /* of the file; as many as options.drop_outputs has bits */
};

/* ---- the file ---- */

/* Numbers of the TensorFlow Lite schema, version 3. */
enum pl_tfl_type { PL_TFL_FLOAT32 = 0, PL_TFL_FLOAT16 = 1, PL_TFL_INT32 = 2 };
enum pl_tfl_code {
    PL_TFL_ADD = 0, PL_TFL_CONCATENATION = 2, PL_TFL_CONV_2D = 3, PL_TFL_DEPTHWISE_CONV_2D = 4,
    PL_TFL_DEPTH_TO_SPACE = 5, PL_TFL_DEQUANTIZE = 6, PL_TFL_LOGISTIC = 14, PL_TFL_MAX_POOL_2D = 17,
    PL_TFL_RESHAPE = 22, PL_TFL_RESIZE_BILINEAR = 23, PL_TFL_PAD = 34, PL_TFL_DENSIFY = 124
};
enum pl_tfl_padding { PL_TFL_SAME = 0, PL_TFL_VALID = 1 };

/* A vector of little-endian integers in the file, each of `bytes` bytes. */
struct pl_tfl_ints {
    const uint8_t *at;
    int n, bytes;
};

struct pl_tfl_tensor {
    const char *name;           /* in the file; never NULL */
    int type;                   /* enum pl_tfl_type or another number of the schema */
    int rank, dims[4];
    size_t n;                   /* elements */
    const uint8_t *data;        /* of a constant, else NULL; checked to hold n elements, or the non-zero ones */
    size_t size;
    bool sparse;                /* rows of the last dimension, of which only some columns are stored */
    struct pl_tfl_ints segments, indices;
    int producer;               /* the operation that computes it, else -1 */
};

struct pl_tfl_op {
    int code;                   /* enum pl_tfl_code or another number of the schema */
    int n_in, in[PL_NN_MAX_INPUTS]; /* tensor numbers, -1 = left out */
    int out;
    /* options; those the operation does not have are 0 */
    int padding, stride_w, stride_h, dilation_w, dilation_h, filter_w, filter_h, multiplier, axis, block, activation;
    bool align_corners, half_pixel_centers;
};

struct pl_tfl {
    const char *file;           /* for error sentences */
    struct pl_tfl_tensor *tensors;
    struct pl_tfl_op *ops;      /* each reads constants, the input, or results of operations before it */
    int n_tensors, n_ops, n_outputs;
    int input, outputs[PL_NN_MAX_OUTPUTS];
};

/* Reads and checks the file in data [size]; tfl points into data afterwards.
 * own: pl_tfl_free; err: FORMAT, UNSUPPORTED, MEMORY */
bool pl_tfl_read(struct pl_tfl *tfl, const uint8_t *data, size_t size, const char *file, struct pl_err *err) PL_MUST_CHECK;
void pl_tfl_free(struct pl_tfl *tfl);

/* ---- constants ---- */

/* Follows DEQUANTIZE and DENSIFY back to the tensor that holds the data; -1 if tensor t is computed from the input. */
int pl_tfl_constant(const struct pl_tfl *tfl, int t);

/* out [n elements of t]: the values of constant t as float32, dense. */
bool pl_tfl_floats(float *out, const struct pl_tfl *tfl, int t, struct pl_err *err) PL_MUST_CHECK;

/* out [n]: the values of constant t, which must be n numbers of type int32. what names it in the error sentence. */
bool pl_tfl_int32(int *out, int n, const struct pl_tfl *tfl, int t, const char *what, struct pl_err *err) PL_MUST_CHECK;

/* ---- the plan ---- */

enum pl_op_kind {
    PL_OP_CONV1X1, PL_OP_SPARSE1X1, PL_OP_CONV, PL_OP_DWCONV, PL_OP_ADD, PL_OP_MAXPOOL, PL_OP_RESIZE2X, PL_OP_PAD, PL_OP_CONCAT,
    PL_OP_DEPTH_TO_SPACE, PL_OP_LOGISTIC
};

struct pl_op {
    enum pl_op_kind kind;
    int number;                  /* in the file */
    int n_in, in[PL_NN_MAX_INPUTS], out; /* values */
    struct pl_window win;        /* shapes of in[0] and out; windows for those that have one; min, max */
    int extra;                   /* PAD: pad_c; DEPTH_TO_SPACE: block; CONCAT: axis as an index into [h][w][c] */
    size_t weights;              /* where its packed weights start in the model's, floats */
    struct pl_sparse sparse;     /* SPARSE1X1: its weights */
    void *sparse_memory;
    double macs;
    bool lazy;                   /* left out of the run: its result is an output, parts of which are asked for later */
    bool to_next;                /* its result goes to the operation behind it in bands of rows, and nowhere else */
    int band;                    /* of the last one of a chain: rows it makes at a time; of the others: rows in its buffer */
    size_t band_at;              /* of the others: where the buffer starts in the scratch memory, floats */
};

/* An activation; its number is the tensor's number in the file. */
struct pl_value {
    int h, w, c;
    int home;                    /* the value in whose memory it lies: itself, or for a RESHAPE what it reshapes */
    int first, last;             /* of a home: the operations between which the memory is in use; -1 = the input */
    size_t at;                   /* of a home: floats from the start of the arena */
    bool used;
    bool banded;                 /* never in the arena: handed on in bands of rows */
    bool interleaved;            /* [h][w][c]; otherwise in panels (struct pl_layout in kernels.h) */
};

struct pl_model {
    struct pl_kernels kernels;
    struct pl_op *ops;
    struct pl_value *values;
    float *weights;
    int n_ops, n_values, n_outputs, n_keep;
    bool keep_all;
    size_t n_weights, arena;     /* floats */
    size_t scratch;              /* floats of band buffers for each thread */
    int input, outputs[PL_NN_MAX_OUTPUTS], keep[PL_NN_MAX_KEEP]; /* values; -1 = dropped output */
    char *names[1 + PL_NN_MAX_OUTPUTS + PL_NN_MAX_KEEP];         /* of the input, the outputs, the kept */
    double macs;
    uint32_t hash;
};

struct pl_layout pl_value_layout(const struct pl_value *value);
size_t pl_value_floats(const struct pl_value *value); /* memory it takes */

/* Fills ops, values, weights and what belongs to them from the file. */
bool pl_plan_make(struct pl_model *model, const struct pl_tfl *tfl, const struct pl_model_options *options,
                  struct pl_err *err) PL_MUST_CHECK;

/* Finds the operations that hand their results on in bands of rows, brings the members of such a chain together, and
 * gives the bands their place in the scratch memory. */
bool pl_plan_chains(struct pl_model *model, struct pl_err *err) PL_MUST_CHECK;

/* Operations from op number i on that run as one: a chain, or 1. */
int pl_plan_chain(const struct pl_model *model, int i);

/* Decides how each value lies in memory and tells the windows. */
void pl_plan_layouts(struct pl_model *model);

/* Gives every home its place so that values in use at the same time do not overlap; sets model->arena. */
bool pl_plan_arena(struct pl_model *model, struct pl_err *err) PL_MUST_CHECK;

/* Fills model->weights for its operations. */
bool pl_plan_weights(struct pl_model *model, const struct pl_tfl *tfl, struct pl_err *err) PL_MUST_CHECK;

#endif
