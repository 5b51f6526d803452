/* How each activation lies in memory.
 *
 * how:  in panels, which is what convolutions read and write fastest, unless somebody needs the order of the file: the
 *       caller (input, outputs, kept tensors) or an operation that takes the memory for another shape (reshape,
 *       concatenation, depth to space). Kernels read one layout and write the other, so nothing is ever converted.
 */
#include "internal.h"

struct pl_layout pl_value_layout(const struct pl_value *v)
{
    if (v->interleaved)
        return (struct pl_layout){ .pixel = (size_t)v->c, .panel = PL_PANEL };
    return (struct pl_layout){ .pixel = PL_PANEL, .panel = (size_t)v->h * (size_t)v->w * PL_PANEL };
}

size_t pl_value_floats(const struct pl_value *v)
{
    size_t channels = v->interleaved ? (size_t)v->c : ((size_t)v->c + PL_PANEL - 1) / PL_PANEL * PL_PANEL;
    return (size_t)v->h * (size_t)v->w * channels;
}

static void interleave(struct pl_model *m, int value)
{
    if (value >= 0)
        m->values[value].interleaved = true;
}

void pl_plan_layouts(struct pl_model *m)
{
    interleave(m, m->input);
    for (int k = 0; k < m->n_outputs; k++)
        interleave(m, m->outputs[k]);
    for (int k = 0; k < m->n_keep; k++)
        interleave(m, m->keep[k]);
    for (int i = 0; i < m->n_ops; i++) {
        const struct pl_op *op = &m->ops[i];
        if (op->kind != PL_OP_CONCAT && op->kind != PL_OP_DEPTH_TO_SPACE && op->kind != PL_OP_LOGISTIC)
            continue;
        interleave(m, op->out);
        for (int k = 0; k < op->n_in; k++)
            interleave(m, op->in[k]);
    }
    for (int i = 0; i < m->n_values; i++) /* what is reshaped is read in the order of the file */
        if (m->values[i].used && m->values[i].home != i) {
            interleave(m, i);
            interleave(m, m->values[i].home);
        }
    for (int i = 0; i < m->n_ops; i++) {
        struct pl_op *op = &m->ops[i];
        op->win.in = pl_value_layout(&m->values[op->in[0]]);
        op->win.out = pl_value_layout(&m->values[op->out]);
        op->win.other = pl_value_layout(&m->values[op->in[op->n_in > 1 ? 1 : 0]]);
    }
}
