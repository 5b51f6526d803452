/* Inference: a .tflite file -> a checked plan -> float tensors.
 *
 * in:   MediaPipe's BlazePose networks (fp16 weights, float activations) or any graph of the same operations:
 *       CONV_2D, DEPTHWISE_CONV_2D (multiplier 1), ADD, PAD, MAX_POOL_2D, RESIZE_BILINEAR, RESHAPE, LOGISTIC,
 *       DEPTH_TO_SPACE, CONCATENATION, DEQUANTIZE and DENSIFY of constants
 * out:  float32 tensors, NHWC
 * how:  the file is checked before anything is believed; what does not lead to a wanted output is pruned, constants are
 *       folded, explicit zero padding is folded into the convolution behind it, chains of operations hand on bands of
 *       rows, activations share one arena by lifetime, weights are packed once in the order the kernels read. Model
 *       (read-only, shareable) and runner are two objects.
 * src:  TensorFlow Lite schema version 3; operation semantics as in TensorFlow Lite's reference kernels
 */
#ifndef PLUMBLINE_NN_H
#define PLUMBLINE_NN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "plumbline/err.h"
#include "plumbline/pool.h"

struct pl_model;
struct pl_runner;

#define PL_NN_MAX_KEEP 8

struct pl_model_options {
    unsigned cpu;                       /* bits of enum pl_cpu: the kernels that may be used (weights are packed for them) */
    unsigned drop_outputs;              /* bit k set: output k of the file is not wanted; what only feeds it is pruned */
    unsigned lazy_outputs;              /* bit k: of output k only what pl_runner_evaluate asks for is computed; has an effect
                                           where the output is that of a 1x1 convolution */
    const char *keep[PL_NN_MAX_KEEP];   /* inner tensors to keep readable after a run: the name in the file, or "tN" for
                                           tensor number N of the file; unused entries NULL */
    bool keep_all;                      /* every computed tensor stays readable with pl_runner_copy: for tests and dumps;
                                           takes more memory, and no operation hands on rows to another */
};

/* A tensor's value and shape; data is [n][h][w][c]. A tensor of fewer dimensions has the last ones (1x195: c = 195),
 * the leading ones are 1; n is always 1. */
struct pl_tensor {
    const char *name;
    int n, h, w, c;
    const float *data;
};

/* out:  the plan and packed weights of the file at path
 * own:  pl_model_close; runners borrow the model
 * err:  IO (cannot be read), FORMAT (not a .tflite file, truncated, corrupt: says where), UNSUPPORTED (an operation,
 *       type, shape or size that plumbline does not handle), ARG (keep names no computed tensor), MEMORY */
bool pl_model_open(struct pl_model **out, const char *path, const struct pl_model_options *options,
                   struct pl_err *err) PL_MUST_CHECK;

/* The same from memory; data [size] is only read during the call; name is used in error sentences. */
bool pl_model_open_memory(struct pl_model **out, const void *data, size_t size, const char *name,
                          const struct pl_model_options *options, struct pl_err *err) PL_MUST_CHECK;
void pl_model_close(struct pl_model *model);

int pl_model_n_outputs(const struct pl_model *model);            /* outputs of the file, dropped ones included */
double pl_model_macs(const struct pl_model *model);               /* multiply-adds of one run, after pruning, dense */
uint32_t pl_model_hash(const struct pl_model *model);             /* CRC-32 of the file, for the start-up line */

uint32_t pl_crc32(const void *data, size_t size);                 /* as in zip and PNG files */

/* out:  activations and scratch for one thread of use
 * pool: borrowed until close; NULL = single thread
 * own:  pl_runner_close
 * err:  MEMORY */
bool pl_runner_open(struct pl_runner **out, const struct pl_model *model, struct pl_pool *pool,
                    struct pl_err *err) PL_MUST_CHECK;
void pl_runner_close(struct pl_runner *runner);

/* The input tensor, to be filled by the caller before each run (its memory is reused for other tensors during the run):
 * [h][w][c] float. shape, if not NULL, receives its dimensions. */
float *pl_runner_input(struct pl_runner *runner, struct pl_tensor *shape);

/* Runs the plan on the input. Allocates nothing; same bits for any number of threads. */
void pl_runner_run(struct pl_runner *runner);

/* One of so many parts of about equal work: all of them in order, 0 first, do what pl_runner_run does, bit by bit. For work that
 * is spread over several frames; the input must not be touched in between. */
void pl_runner_run_part(struct pl_runner *runner, int part, int parts);

/* Output k of the file, or kept tensor k (order of options.keep). Valid until the next run.
 * data is NULL for a dropped output. */
struct pl_tensor pl_runner_output(const struct pl_runner *runner, int k);
struct pl_tensor pl_runner_kept(const struct pl_runner *runner, int k);

/* Computes channel c of output k in rows [row, row_end), columns [column, column_end) if it was left out of the run; the
 * bits are those of the whole output. Elements nobody asked for hold anything. */
void pl_runner_evaluate(struct pl_runner *runner, int k, int row, int row_end, int column, int column_end, int c);

/* out:  tensor number t of the file, [h][w][c]; NULL: only its shape is asked for
 * needs options.keep_all; false: it is not computed (a constant, pruned, padding that is folded into a convolution) */
bool pl_runner_copy(float *out, struct pl_tensor *shape, const struct pl_runner *runner, int t);

/* ---- where the time goes ---- */

/* A step of the plan: one operation, or a chain of operations that hand on their rows. */
struct pl_step {
    char name[80];          /* e.g. "conv1x1 dwconv3/2 conv1x1 add" */
    int number;             /* of its last operation in the file */
    int h, w, c;            /* of its result */
    double macs;            /* dense */
};

int pl_model_n_steps(const struct pl_model *model);
struct pl_step pl_model_step(const struct pl_model *model, int i);

/* From now on each run writes how long every step took: ns [n_steps], borrowed; NULL ends it. */
void pl_runner_profile(struct pl_runner *runner, int64_t *ns);

/* Of these bits of enum pl_cpu, those that have kernels of their own: what will really run. */
unsigned pl_nn_levels(unsigned cpu);

#endif
