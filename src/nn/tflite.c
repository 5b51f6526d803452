/* The .tflite reader: bytes -> struct pl_tfl, believing nothing.
 *
 * in:   a file in memory: a flatbuffer with the TensorFlow Lite schema, version 3, one subgraph
 * out:  its tensors, operations, input and outputs; every number in them is checked, so that plan.c may use them as
 *       indices and sizes
 * how:  all reads go through read_*, which check the position against the file's size. The first problem is written
 *       to err and makes every later read return 0 (`ok` turns false), so callers look at `ok` once per step and not
 *       after each read. Loops are over vectors whose length was compared with the file's size.
 * not:  shapes are not compared between operations; plan.c does that for the operations it keeps
 *
 * A flatbuffer in four lines: a table starts with the distance back to its vtable; the vtable holds its own size, the
 * table's size, and for each field the distance from the table's start, 0 = absent. Strings, vectors and inner tables
 * are fields that hold the distance forward to the thing; a vector starts with its length.
 */
#include "internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    const uint8_t *data;
    size_t size;
    const char *file;
    struct pl_err *err;
    bool ok;
    const char *part;       /* what is being read, for error sentences: "tensor" ... */
    int index;              /* ... and which, -1 = there is only one */
};

struct table {
    size_t at, vtable;
    unsigned vtable_size, size;
};

struct vector {
    size_t at;              /* of the first element */
    uint32_t n;
};

/* Writes "<file>: <part> <index>: <sentence>"; does nothing if there was a problem before. Returns false. */
static bool bad(struct reader *r, enum pl_err_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static bool bad(struct reader *r, enum pl_err_code code, const char *fmt, ...)
{
    char text[256], number[16] = "";
    va_list ap;

    if (!r->ok)
        return false;
    r->ok = false;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (r->index >= 0)
        snprintf(number, sizeof number, " %d", r->index);
    return pl_fail(r->err, code, "%s: %s%s: %s", r->file, r->part, number, text);
}

static void now_reading(struct reader *r, const char *part, int index)
{
    r->part = part;
    r->index = index;
}

static bool inside(struct reader *r, size_t at, size_t n, const char *what)
{
    if (r->ok && at <= r->size && n <= r->size - at)
        return true;
    return bad(r, PL_E_FORMAT, "%s at byte %zu lies beyond the end of the file (%zu bytes); the file is damaged or cut off",
               what, at, r->size);
}

static uint32_t read_u16(struct reader *r, size_t at, const char *what)
{
    return inside(r, at, 2, what) ? (uint32_t)(r->data[at] | r->data[at + 1] << 8) : 0;
}

static uint32_t read_u32(struct reader *r, size_t at, const char *what)
{
    if (!inside(r, at, 4, what))
        return 0;
    return (uint32_t)r->data[at] | (uint32_t)r->data[at + 1] << 8 | (uint32_t)r->data[at + 2] << 16 |
           (uint32_t)r->data[at + 3] << 24;
}

static struct table read_table(struct reader *r, size_t at, const char *what)
{
    struct table t = { .at = at };
    int64_t back = (int32_t)read_u32(r, at, what);

    if (r->ok && ((int64_t)at - back < 0 || (int64_t)at - back > (int64_t)r->size))
        bad(r, PL_E_FORMAT, "%s at byte %zu has its field list outside the file; the file is damaged", what, at);
    if (!r->ok)
        return (struct table){ 0 };
    t.vtable = (size_t)((int64_t)at - back);
    t.vtable_size = read_u16(r, t.vtable, what);
    t.size = read_u16(r, t.vtable + 2, what);
    if (r->ok && t.vtable_size < 4)
        bad(r, PL_E_FORMAT, "%s at byte %zu has an impossible field list; the file is damaged", what, at);
    if (!r->ok || !inside(r, t.vtable, t.vtable_size, what) || !inside(r, t.at, t.size, what))
        return (struct table){ 0 };
    return t;
}

/* Position of a field of n bytes; 0 = absent (no field can be at the start of the file). */
static size_t field(struct reader *r, const struct table *t, unsigned id, unsigned n, const char *what)
{
    unsigned slot = 4 + 2 * id;
    if (!r->ok || slot + 2 > t->vtable_size)
        return 0;
    unsigned distance = read_u16(r, t->vtable + slot, what);
    if (!distance)
        return 0;
    if (distance < 4 || distance + n > t->size) {
        bad(r, PL_E_FORMAT, "%s lies outside its table at byte %zu; the file is damaged", what, t->at);
        return 0;
    }
    return t->at + distance;
}

static int32_t field_int(struct reader *r, const struct table *t, unsigned id, int32_t absent, const char *what)
{
    size_t at = field(r, t, id, 4, what);
    return at ? (int32_t)read_u32(r, at, what) : absent;
}

static int field_byte(struct reader *r, const struct table *t, unsigned id, const char *what)
{
    size_t at = field(r, t, id, 1, what);
    return at && inside(r, at, 1, what) ? r->data[at] : 0;
}

/* Where the field points to; 0 = absent. */
static size_t field_target(struct reader *r, const struct table *t, unsigned id, const char *what)
{
    size_t at = field(r, t, id, 4, what);
    if (!at)
        return 0;
    uint32_t distance = read_u32(r, at, what);
    return inside(r, at, (size_t)distance + 4, what) ? at + distance : 0;
}

static bool field_table(struct table *out, struct reader *r, const struct table *t, unsigned id, const char *what)
{
    size_t at = field_target(r, t, id, what);
    if (!at)
        return false;
    *out = read_table(r, at, what);
    return r->ok;
}

/* A vector of elements of `bytes` bytes; n = 0 if absent. */
static struct vector field_vector(struct reader *r, const struct table *t, unsigned id, unsigned bytes, const char *what)
{
    size_t at = field_target(r, t, id, what);
    if (!at)
        return (struct vector){ 0, 0 };
    struct vector v = { at + 4, read_u32(r, at, what) };
    if (!r->ok || !inside(r, v.at, (size_t)v.n * bytes, what))
        return (struct vector){ 0, 0 };
    return v;
}

static struct table vector_table(struct reader *r, const struct vector *v, uint32_t i, const char *what)
{
    size_t at = v->at + 4 * (size_t)i;
    uint32_t distance = read_u32(r, at, what);
    return r->ok ? read_table(r, at + distance, what) : (struct table){ 0 };
}

static int32_t vector_int(struct reader *r, const struct vector *v, uint32_t i, const char *what)
{
    return (int32_t)read_u32(r, v->at + 4 * (size_t)i, what);
}

/* A string with its terminating zero; "" if absent. */
static const char *field_string(struct reader *r, const struct table *t, unsigned id, const char *what)
{
    struct vector v = field_vector(r, t, id, 1, what);
    if (!v.at || !inside(r, v.at, (size_t)v.n + 1, what))
        return "";
    const char *s = (const char *)r->data + v.at;
    if (s[v.n] || memchr(s, 0, v.n)) {
        bad(r, PL_E_FORMAT, "%s is not a string; the file is damaged", what);
        return "";
    }
    return s;
}

/* ---- tensors ---- */

static unsigned type_bytes(int type)
{
    return type == PL_TFL_FLOAT16 ? 2 : type == PL_TFL_FLOAT32 || type == PL_TFL_INT32 ? 4 : 0;
}

static void read_shape(struct reader *r, const struct table *t, struct pl_tfl_tensor *tensor)
{
    struct vector shape = field_vector(r, t, 0, 4, "its shape");

    if (shape.n > 4) {
        bad(r, PL_E_UNSUPPORTED, "it has %u dimensions; plumbline handles up to 4", shape.n);
        return;
    }
    tensor->rank = (int)shape.n;
    tensor->n = 1;
    for (uint32_t i = 0; r->ok && i < shape.n; i++) {
        int d = vector_int(r, &shape, i, "its shape");
        if (d < 1)
            bad(r, PL_E_FORMAT, "dimension %u of its shape is %d; the file is damaged or its shapes are not fixed", i, d);
        else if ((size_t)d > PL_NN_MAX_ELEMENTS / tensor->n)
            bad(r, PL_E_UNSUPPORTED, "its shape asks for more than %d elements", PL_NN_MAX_ELEMENTS);
        else
            tensor->n *= (size_t)(tensor->dims[i] = d);
    }
}

/* A union of three kinds of integer vector: its type is field id, its value field id + 1. */
static struct pl_tfl_ints read_ints(struct reader *r, const struct table *t, unsigned id, const char *what)
{
    static const unsigned bytes[] = { 0, 4, 2, 1 };
    int kind = field_byte(r, t, id, what);
    struct table inner;

    if (kind < 1 || kind > 3 || !field_table(&inner, r, t, id + 1, what)) {
        bad(r, PL_E_FORMAT, "%s are missing; the file is damaged", what);
        return (struct pl_tfl_ints){ 0 };
    }
    struct vector v = field_vector(r, &inner, 0, bytes[kind], what);
    if (v.n > PL_NN_MAX_ELEMENTS + 1)
        bad(r, PL_E_FORMAT, "%s are more than a tensor can have", what);
    return (struct pl_tfl_ints){ r->data + v.at, (int)v.n, (int)bytes[kind] };
}

/* Sparse storage is accepted in the one form the pose detector has: all dimensions dense in their order, but of the
 * last one only some columns are stored (row r: entries segments[r] .. segments[r+1], whose columns are in indices). */
static void read_sparsity(struct reader *r, const struct table *t, struct pl_tfl_tensor *tensor)
{
    struct table sparsity, dim;

    if (!field_table(&sparsity, r, t, 6, "its sparsity"))
        return;
    struct vector order = field_vector(r, &sparsity, 0, 4, "its sparsity's order of dimensions");
    struct vector blocks = field_vector(r, &sparsity, 1, 4, "its sparsity's blocks");
    struct vector dims = field_vector(r, &sparsity, 2, 4, "its sparsity's dimensions");
    uint32_t rank = (uint32_t)tensor->rank;
    bool simple = rank > 0 && order.n == rank && blocks.n == 0 && dims.n == rank;

    for (uint32_t i = 0; r->ok && simple && i < rank; i++) {
        dim = vector_table(r, &dims, i, "its sparsity's dimensions");
        bool last = i == rank - 1;
        simple = vector_int(r, &order, i, "its sparsity") == (int)i && field_byte(r, &dim, 0, "its sparsity") == last &&
                 (last || field_int(r, &dim, 1, 0, "its sparsity") == tensor->dims[i]);
    }
    if (r->ok && !simple)
        bad(r, PL_E_UNSUPPORTED, "it is stored sparse in a way plumbline does not read (only rows of the last dimension)");
    if (!r->ok)
        return;
    tensor->sparse = true;
    tensor->segments = read_ints(r, &dim, 2, "its sparse rows' ends");
    tensor->indices = read_ints(r, &dim, 4, "its sparse rows' columns");
}

static void read_data(struct reader *r, const struct table *t, const struct vector *buffers, struct pl_tfl_tensor *tensor)
{
    uint32_t number = (uint32_t)field_int(r, t, 2, 0, "its buffer's number");

    if (r->ok && number >= buffers->n)
        bad(r, PL_E_FORMAT, "it names buffer %u, but there are only %u; the file is damaged", number, buffers->n);
    if (!r->ok)
        return;
    struct table buffer = vector_table(r, buffers, number, "its buffer");
    struct vector data = field_vector(r, &buffer, 0, 1, "its buffer's data");
    if (!r->ok || !data.n)
        return; /* computed at run time */
    tensor->data = r->data + data.at;
    tensor->size = data.n;
    unsigned bytes = type_bytes(tensor->type);
    size_t n = tensor->sparse ? (size_t)tensor->indices.n : tensor->n;
    if (bytes && tensor->size != n * bytes)
        bad(r, PL_E_FORMAT, "its buffer has %zu bytes, but its shape and type need %zu; the file is damaged", tensor->size,
            n * bytes);
}

static void read_tensors(struct reader *r, struct pl_tfl *tfl, const struct vector *tensors, const struct vector *buffers)
{
    for (int i = 0; r->ok && i < tfl->n_tensors; i++) {
        struct pl_tfl_tensor *tensor = &tfl->tensors[i];
        now_reading(r, "tensor", i);
        struct table t = vector_table(r, tensors, (uint32_t)i, "its description");
        tensor->name = field_string(r, &t, 3, "its name");
        tensor->type = field_byte(r, &t, 1, "its type");
        tensor->producer = -1;
        read_shape(r, &t, tensor);
        read_sparsity(r, &t, tensor);
        read_data(r, &t, buffers, tensor);
    }
}

/* ---- operations ---- */

/* Which kind of option table belongs to an operation: a number of the schema's union BuiltinOptions; 0 = unused here. */
static int options_kind(int code)
{
    switch (code) {
    case PL_TFL_CONV_2D: return 1;
    case PL_TFL_DEPTHWISE_CONV_2D: return 2;
    case PL_TFL_MAX_POOL_2D: return 5;
    case PL_TFL_CONCATENATION: return 10;
    case PL_TFL_ADD: return 11;
    case PL_TFL_RESIZE_BILINEAR: return 15;
    case PL_TFL_DEPTH_TO_SPACE: return 94;
    default: return 0;
    }
}

static void read_options(struct reader *r, const struct table *t, struct pl_tfl_op *op)
{
    struct table o = { 0 }; /* an absent table means: all fields have their default */
    int kind = options_kind(op->code);
    const char *what = "its options";

    if (!kind)
        return;
    int found = field_byte(r, t, 3, what);
    if (found && found != kind)
        bad(r, PL_E_FORMAT, "it has options of kind %d where %d belongs; the file is damaged", found, kind);
    if (found == kind)
        field_table(&o, r, t, 4, what);

    switch (op->code) {
    case PL_TFL_CONV_2D:
    case PL_TFL_DEPTHWISE_CONV_2D:
    case PL_TFL_MAX_POOL_2D:
        op->padding = field_byte(r, &o, 0, what);
        op->stride_w = field_int(r, &o, 1, 0, what);
        op->stride_h = field_int(r, &o, 2, 0, what);
        break;
    case PL_TFL_ADD:
        op->activation = field_byte(r, &o, 0, what);
        break;
    case PL_TFL_CONCATENATION:
        op->axis = field_int(r, &o, 0, 0, what);
        op->activation = field_byte(r, &o, 1, what);
        break;
    case PL_TFL_RESIZE_BILINEAR:
        op->align_corners = field_byte(r, &o, 2, what);
        op->half_pixel_centers = field_byte(r, &o, 3, what);
        break;
    case PL_TFL_DEPTH_TO_SPACE:
        op->block = field_int(r, &o, 0, 0, what);
        break;
    }
    if (op->code == PL_TFL_CONV_2D) {
        op->activation = field_byte(r, &o, 3, what);
        op->dilation_w = field_int(r, &o, 4, 1, what);
        op->dilation_h = field_int(r, &o, 5, 1, what);
    } else if (op->code == PL_TFL_DEPTHWISE_CONV_2D) {
        op->multiplier = field_int(r, &o, 3, 0, what);
        op->activation = field_byte(r, &o, 4, what);
        op->dilation_w = field_int(r, &o, 5, 1, what);
        op->dilation_h = field_int(r, &o, 6, 1, what);
    } else if (op->code == PL_TFL_MAX_POOL_2D) {
        op->filter_w = field_int(r, &o, 3, 0, what);
        op->filter_h = field_int(r, &o, 4, 0, what);
        op->activation = field_byte(r, &o, 5, what);
    }
}

static int read_code(struct reader *r, const struct table *t, const struct vector *codes)
{
    uint32_t number = (uint32_t)field_int(r, t, 0, 0, "its code");
    if (r->ok && number >= codes->n)
        bad(r, PL_E_FORMAT, "it names operation code %u, but there are only %u; the file is damaged", number, codes->n);
    if (!r->ok)
        return 0;
    struct table c = vector_table(r, codes, number, "its code");
    /* the first field was a byte until the schema ran out of numbers; the larger one counts */
    int old = field_byte(r, &c, 0, "its code"), code = field_int(r, &c, 3, 0, "its code");
    return old > code ? old : code;
}

/* An operation may read the input, constants and what operations before it computed, and writes one fresh tensor. */
static void check_order(struct reader *r, struct pl_tfl *tfl, const struct pl_tfl_op *op, int i)
{
    for (int k = 0; k < op->n_in; k++) {
        int in = op->in[k];
        if (in >= 0 && in != tfl->input && !tfl->tensors[in].data && tfl->tensors[in].producer < 0) {
            bad(r, PL_E_FORMAT, "it reads tensor %d, which nothing before it computes; the file is damaged", in);
            return;
        }
    }
    struct pl_tfl_tensor *out = &tfl->tensors[op->out];
    if (out->data || out->producer >= 0 || op->out == tfl->input)
        bad(r, PL_E_FORMAT, "it writes tensor %d, which already has a value; the file is damaged", op->out);
    out->producer = i;
}

static void read_op(struct reader *r, struct pl_tfl *tfl, const struct table *t, const struct vector *codes, int i)
{
    struct pl_tfl_op *op = &tfl->ops[i];
    struct vector in = field_vector(r, t, 1, 4, "its inputs"), out = field_vector(r, t, 2, 4, "its outputs");

    op->code = read_code(r, t, codes);
    if (r->ok && (in.n < 1 || in.n > PL_NN_MAX_INPUTS || out.n != 1))
        bad(r, PL_E_UNSUPPORTED, "it has %u inputs and %u outputs; plumbline handles 1 to %d and 1", in.n, out.n,
            PL_NN_MAX_INPUTS);
    if (!r->ok)
        return;
    op->n_in = (int)in.n;
    for (int k = 0; r->ok && k <= op->n_in; k++) {
        bool is_out = k == op->n_in;
        int n = is_out ? vector_int(r, &out, 0, "its output") : vector_int(r, &in, (uint32_t)k, "its inputs");
        if (n >= tfl->n_tensors || n < (is_out || k == 0 ? 0 : -1))
            bad(r, PL_E_FORMAT, "it names tensor %d, but they are numbered 0 to %d; the file is damaged", n,
                tfl->n_tensors - 1);
        *(is_out ? &op->out : &op->in[k]) = n;
    }
    if (!r->ok)
        return;
    read_options(r, t, op);
    check_order(r, tfl, op, i);
}

/* ---- the whole ---- */

static void read_input_outputs(struct reader *r, struct pl_tfl *tfl, const struct table *graph)
{
    struct vector in = field_vector(r, graph, 1, 4, "its inputs"), out = field_vector(r, graph, 2, 4, "its outputs");

    if (r->ok && (in.n != 1 || out.n < 1 || out.n > PL_NN_MAX_OUTPUTS))
        bad(r, PL_E_UNSUPPORTED, "it has %u inputs and %u outputs; plumbline handles 1 and 1 to %d", in.n, out.n,
            PL_NN_MAX_OUTPUTS);
    if (!r->ok)
        return;
    tfl->n_outputs = (int)out.n;
    for (int k = -1; k < tfl->n_outputs; k++) {
        int n = k < 0 ? vector_int(r, &in, 0, "its input") : vector_int(r, &out, (uint32_t)k, "its outputs");
        if (n < 0 || n >= tfl->n_tensors)
            bad(r, PL_E_FORMAT, "it names tensor %d, but they are numbered 0 to %d; the file is damaged", n,
                tfl->n_tensors - 1);
        *(k < 0 ? &tfl->input : &tfl->outputs[k]) = n;
    }
}

static bool read_graph(struct reader *r, struct pl_tfl *tfl, const struct table *model, const struct table *graph)
{
    struct vector codes = field_vector(r, model, 1, 4, "its list of operation codes");
    struct vector buffers = field_vector(r, model, 4, 4, "its list of buffers");
    struct vector tensors = field_vector(r, graph, 0, 4, "its list of tensors");
    struct vector ops = field_vector(r, graph, 3, 4, "its list of operations");

    if (!r->ok || tensors.n < 1 || tensors.n > PL_NN_MAX_TENSORS || ops.n > PL_NN_MAX_OPS)
        return bad(r, PL_E_UNSUPPORTED, "it has %u tensors and %u operations; plumbline handles 1 to %d and up to %d",
                   tensors.n, ops.n, PL_NN_MAX_TENSORS, PL_NN_MAX_OPS);
    tfl->n_tensors = (int)tensors.n;
    tfl->n_ops = (int)ops.n;
    tfl->tensors = calloc(tensors.n, sizeof *tfl->tensors);
    tfl->ops = calloc((size_t)ops.n + 1, sizeof *tfl->ops); /* + 1: never ask for 0 bytes */
    if (!tfl->tensors || !tfl->ops)
        return bad(r, PL_E_MEMORY, "out of memory for its description");

    read_input_outputs(r, tfl, graph);
    read_tensors(r, tfl, &tensors, &buffers);
    now_reading(r, "tensor", tfl->input);
    if (r->ok && tfl->tensors[tfl->input].size)
        bad(r, PL_E_FORMAT, "it is the network's input and a constant at once; the file is damaged");
    for (int i = 0; r->ok && i < tfl->n_ops; i++) {
        now_reading(r, "operation", i);
        struct table t = vector_table(r, &ops, (uint32_t)i, "its description");
        if (r->ok)
            read_op(r, tfl, &t, &codes, i);
    }
    return r->ok;
}

bool pl_tfl_read(struct pl_tfl *tfl, const uint8_t *data, size_t size, const char *file, struct pl_err *err)
{
    struct reader r = { .data = data, .size = size, .file = file, .err = err, .ok = true, .part = "file", .index = -1 };

    *tfl = (struct pl_tfl){ .file = file };
    if (!data || !size)
        return bad(&r, PL_E_FORMAT, "it is empty; fetch the models again");
    if (size < 8 || memcmp(data + 4, "TFL3", 4))
        return bad(&r, PL_E_FORMAT, "it is not a .tflite network (the letters TFL3 are missing); fetch the models again");
    if (size > PL_NN_MAX_FILE)
        return bad(&r, PL_E_UNSUPPORTED, "it has %zu bytes; plumbline reads networks of up to %d", size, PL_NN_MAX_FILE);

    struct table model = read_table(&r, read_u32(&r, 0, "the network"), "the network");
    int version = field_int(&r, &model, 0, 0, "the schema version");
    if (r.ok && version != 3)
        bad(&r, PL_E_UNSUPPORTED, "its schema has version %d; plumbline reads version 3", version);
    struct vector graphs = field_vector(&r, &model, 2, 4, "its list of graphs");
    if (r.ok && graphs.n != 1)
        bad(&r, PL_E_UNSUPPORTED, "it has %u graphs; plumbline reads networks with one", graphs.n);
    if (!r.ok)
        return false;
    now_reading(&r, "graph", -1);
    struct table graph = vector_table(&r, &graphs, 0, "its description");
    if (r.ok && read_graph(&r, tfl, &model, &graph))
        return true;
    pl_tfl_free(tfl);
    return false;
}

void pl_tfl_free(struct pl_tfl *tfl)
{
    free(tfl->tensors);
    free(tfl->ops);
    tfl->tensors = NULL;
    tfl->ops = NULL;
}
