/* Constants of a .tflite file as dense float32: weights are stored as float16 behind DEQUANTIZE, the detector's also
 * sparse behind DENSIFY. Widening float16 is exact, so doing it once at load changes no bit of the result.
 */
#include "internal.h"

#include <string.h>

static bool fail(const struct pl_tfl *tfl, int t, enum pl_err_code code, const char *sentence, struct pl_err *err)
{
    return pl_fail(err, code, "%s: tensor %d: %s", tfl->file, t, sentence);
}

int pl_tfl_constant(const struct pl_tfl *tfl, int t)
{
    /* ends: an operation reads only what operations before it computed */
    while (t >= 0 && !tfl->tensors[t].data) {
        int op = tfl->tensors[t].producer;
        if (op < 0 || (tfl->ops[op].code != PL_TFL_DEQUANTIZE && tfl->ops[op].code != PL_TFL_DENSIFY))
            return -1;
        t = tfl->ops[op].in[0];
    }
    return t;
}

static uint32_t load(const uint8_t *p, int bytes)
{
    uint32_t v = 0;
    for (int i = 0; i < bytes; i++)
        v |= (uint32_t)p[i] << 8 * i;
    return v;
}

static float float_from_bits(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* IEEE 754 binary16 -> binary32 */
static float float_from_half(uint32_t h)
{
    uint32_t sign = (h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 1023;

    if (exponent == 31)
        return float_from_bits(sign | 0x7f800000 | fraction << 13);
    if (exponent)
        return float_from_bits(sign | (exponent + 127 - 15) << 23 | fraction << 13);
    float tiny = (float)fraction * 0x1p-24f; /* subnormal or zero */
    return sign ? -tiny : tiny;
}

static float element(const struct pl_tfl_tensor *tensor, size_t i)
{
    if (tensor->type == PL_TFL_FLOAT16)
        return float_from_half(load(tensor->data + 2 * i, 2));
    return float_from_bits(load(tensor->data + 4 * i, 4));
}

static bool fill_sparse(float *out, const struct pl_tfl *tfl, int t, struct pl_err *err)
{
    const struct pl_tfl_tensor *tensor = &tfl->tensors[t];
    const struct pl_tfl_ints *segments = &tensor->segments, *indices = &tensor->indices;
    size_t columns = (size_t)tensor->dims[tensor->rank - 1], rows = tensor->n / columns;
    uint32_t end = 0;

    if ((size_t)segments->n != rows + 1 || load(segments->at, segments->bytes) != 0)
        return fail(tfl, t, PL_E_FORMAT, "its sparse rows do not fit its shape; the file is damaged", err);
    memset(out, 0, tensor->n * sizeof *out);
    for (size_t row = 0; row < rows; row++) {
        uint32_t i = end;
        end = load(segments->at + (row + 1) * (size_t)segments->bytes, segments->bytes);
        if (end < i || end > (uint32_t)indices->n)
            return fail(tfl, t, PL_E_FORMAT, "its sparse rows overlap or end outside; the file is damaged", err);
        for (; i < end; i++) {
            uint32_t column = load(indices->at + i * (size_t)indices->bytes, indices->bytes);
            if (column >= columns)
                return fail(tfl, t, PL_E_FORMAT, "a sparse column lies outside its shape; the file is damaged", err);
            out[row * columns + column] = element(tensor, i);
        }
    }
    if (end != (uint32_t)indices->n)
        return fail(tfl, t, PL_E_FORMAT, "it has more sparse values than its rows use; the file is damaged", err);
    return true;
}

bool pl_tfl_floats(float *out, const struct pl_tfl *tfl, int t, struct pl_err *err)
{
    int source = pl_tfl_constant(tfl, t);

    if (source < 0)
        return fail(tfl, t, PL_E_UNSUPPORTED, "it is used as a weight but is not a constant", err);
    const struct pl_tfl_tensor *tensor = &tfl->tensors[source];
    if (tensor->type != PL_TFL_FLOAT32 && tensor->type != PL_TFL_FLOAT16)
        return fail(tfl, source, PL_E_UNSUPPORTED, "its type is neither float32 nor float16", err);
    if (tensor->n != tfl->tensors[t].n)
        return fail(tfl, source, PL_E_FORMAT, "it has another size where it is used; the file is damaged", err);
    if (tensor->sparse)
        return fill_sparse(out, tfl, source, err);
    for (size_t i = 0; i < tensor->n; i++)
        out[i] = element(tensor, i);
    return true;
}

bool pl_tfl_int32(int *out, int n, const struct pl_tfl *tfl, int t, const char *what, struct pl_err *err)
{
    const struct pl_tfl_tensor *tensor = t < 0 ? NULL : &tfl->tensors[t];

    if (!tensor || !tensor->data || tensor->type != PL_TFL_INT32 || tensor->sparse || tensor->n != (size_t)n)
        return pl_fail(err, PL_E_UNSUPPORTED, "%s: tensor %d: %s must be a constant of %d numbers of type int32", tfl->file,
                       t, what, n);
    for (int i = 0; i < n; i++)
        out[i] = (int32_t)load(tensor->data + 4 * i, 4);
    return true;
}
