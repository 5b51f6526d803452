/* What a plan consists of, in words: the rows of a profile. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

int pl_model_n_steps(const struct pl_model *m)
{
    int n = 0;
    for (int i = 0; i < m->n_ops; i += pl_plan_chain(m, i))
        n++;
    return n;
}

static void add_name(char *name, size_t size, const struct pl_op *op)
{
    static const char *const kinds[] = { "conv1x1", "sparse1x1", "conv", "dwconv", "add", "maxpool", "resize2x", "pad", "concat",
                                         "depth_to_space", "logistic" };
    size_t used = strlen(name);
    const char *gap = used ? " " : "";

    if (op->kind == PL_OP_CONV || op->kind == PL_OP_DWCONV || op->kind == PL_OP_MAXPOOL)
        snprintf(name + used, size - used, "%s%s%d/%d", gap, kinds[op->kind], op->win.k_w, op->win.stride_w);
    else
        snprintf(name + used, size - used, "%s%s", gap, kinds[op->kind]);
}

struct pl_step pl_model_step(const struct pl_model *m, int i)
{
    struct pl_step step = { .name = "" };
    int first = 0;

    for (; i > 0 && first < m->n_ops; i--)
        first += pl_plan_chain(m, first);
    if (first >= m->n_ops)
        return step;
    int n = pl_plan_chain(m, first);
    const struct pl_op *last = &m->ops[first + n - 1];
    const struct pl_value *out = &m->values[last->out];
    step.number = last->number;
    step.h = out->h;
    step.w = out->w;
    step.c = out->c;
    for (int j = first; j < first + n; j++) {
        add_name(step.name, sizeof step.name, &m->ops[j]);
        step.macs += m->ops[j].lazy ? 0 : m->ops[j].macs;
    }
    return step;
}
