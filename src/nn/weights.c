/* Weights from the file into the model: expanded to float32 (constant.c), then packed as the kernels read them
 * (kernels.c), one operation after the other so that only one is in memory twice. */
#include "internal.h"

#include <stdlib.h>

static bool pack_op(struct pl_model *m, struct pl_op *op, const struct pl_tfl *tfl, struct pl_err *err)
{
    const struct pl_tfl_op *source = &tfl->ops[op->number];
    int wt = source->in[1], bt = source->n_in >= 3 ? source->in[2] : -1;
    size_t n = tfl->tensors[wt].n, n_bias = bt >= 0 ? tfl->tensors[bt].n : 0;
    bool ok = false;
    float *w = malloc((n + n_bias) * sizeof *w), *bias = bt >= 0 && w ? w + n : NULL;

    if (!w)
        return pl_fail(err, PL_E_MEMORY, "%s: out of memory for weights", tfl->file);
    if (!pl_tfl_floats(w, tfl, wt, err) || (bias && !pl_tfl_floats(bias, tfl, bt, err)))
        goto done;
    if (op->kind == PL_OP_SPARSE1X1) {
        op->sparse_memory = pl_pack_sparse(&op->sparse, w, bias, &op->win);
        ok = op->sparse_memory || pl_fail(err, PL_E_MEMORY, "%s: out of memory for weights", tfl->file);
        goto done;
    }
    if (op->kind == PL_OP_DWCONV)
        pl_pack_dwconv(m->weights + op->weights, w, bias, &op->win);
    else
        pl_pack_conv(m->weights + op->weights, w, bias, &op->win);
    ok = true;
done:
    free(w);
    return ok;
}

bool pl_plan_weights(struct pl_model *m, const struct pl_tfl *tfl, struct pl_err *err)
{
    m->weights = aligned_alloc(64, (m->n_weights + PL_PANEL) * sizeof *m->weights);
    if (!m->weights)
        return pl_fail(err, PL_E_MEMORY, "%s: out of memory for %zu MB of weights", tfl->file,
                       m->n_weights * sizeof *m->weights >> 20);
    for (int i = 0; i < m->n_ops; i++) {
        enum pl_op_kind kind = m->ops[i].kind;
        bool weighted = kind == PL_OP_CONV || kind == PL_OP_CONV1X1 || kind == PL_OP_SPARSE1X1 || kind == PL_OP_DWCONV;
        if (weighted && !pack_op(m, &m->ops[i], tfl, err))
            return false;
    }
    return true;
}
