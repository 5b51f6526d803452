/* Where each activation lies: one block of memory for all, shared by values that are not in use at the same time.
 *
 * how:  largest first, each at the lowest place where it meets no value whose time overlaps with its own. The four
 *       networks get within 8 % of the least possible (what is in use at once at the worst moment).
 */
#include "internal.h"

#include <stdlib.h>

static size_t footprint(const struct pl_value *v)
{
    return (pl_value_floats(v) + 15) / 16 * 16; /* whole cache lines: every value starts at a multiple of 64 bytes */
}

static void in_use(struct pl_model *m, int value, int op)
{
    struct pl_value *home = &m->values[m->values[value].home];
    home->last = op > home->last ? op : home->last;
}

static void find_lifetimes(struct pl_model *m)
{
    m->values[m->input].first = m->values[m->input].last = -1;
    for (int i = 0, end; i < m->n_ops; i = end) { /* a chain is one moment: it reads and writes all through it */
        end = i + pl_plan_chain(m, i);
        for (int j = i; j < end; j++) {
            const struct pl_op *op = &m->ops[j];
            m->values[op->out].first = i;
            m->values[op->out].banded = op->to_next;
            in_use(m, op->out, i);
            for (int k = 0; k < op->n_in; k++)
                in_use(m, op->in[k], op->lazy ? m->n_ops : i);
        }
    }
    for (int k = 0; k < m->n_outputs; k++)
        if (m->outputs[k] >= 0)
            in_use(m, m->outputs[k], m->n_ops);
    for (int k = 0; k < m->n_keep; k++)
        in_use(m, m->keep[k], m->n_ops);
    for (int i = 0; m->keep_all && i < m->n_values; i++)
        if (m->values[i].used)
            in_use(m, i, m->n_ops);
}

static int by_size(const void *a, const void *b)
{
    const struct pl_value *va = *(const struct pl_value *const *)a, *vb = *(const struct pl_value *const *)b;
    size_t na = footprint(va), nb = footprint(vb);
    if (na != nb)
        return na > nb ? -1 : 1;
    return va->first != vb->first ? va->first - vb->first : va->home - vb->home; /* the same order everywhere */
}

static bool overlap(const struct pl_value *a, const struct pl_value *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* placed [n] is sorted by place; v is put at its place and into the list. */
static void place(struct pl_value *v, struct pl_value **placed, int n)
{
    size_t at = 0;
    int i;

    for (i = 0; i < n; i++) {
        const struct pl_value *p = placed[i];
        if (!overlap(v, p))
            continue;
        if (p->at >= at + footprint(v))
            break;
        if (p->at + footprint(p) > at)
            at = p->at + footprint(p);
    }
    v->at = at;
    for (i = n; i > 0 && placed[i - 1]->at > at; i--)
        placed[i] = placed[i - 1];
    placed[i] = v;
}

bool pl_plan_arena(struct pl_model *m, struct pl_err *err)
{
    struct pl_value **homes = calloc((size_t)m->n_values, sizeof(struct pl_value *));
    struct pl_value **placed = calloc((size_t)m->n_values, sizeof(struct pl_value *));
    int n = 0;
    bool ok = false;

    if (!homes || !placed) {
        pl_fail(err, PL_E_MEMORY, "out of memory for the plan");
        goto done;
    }
    find_lifetimes(m);
    for (int i = 0; i < m->n_values; i++)
        if (m->values[i].used && m->values[i].home == i && !m->values[i].banded)
            homes[n++] = &m->values[i];
    qsort(homes, (size_t)n, sizeof(struct pl_value *), by_size);
    for (int i = 0; i < n; i++) {
        place(homes[i], placed, i);
        size_t end = homes[i]->at + footprint(homes[i]);
        m->arena = end > m->arena ? end : m->arena;
    }
    ok = m->arena <= PL_NN_MAX_FLOATS ||
         pl_fail(err, PL_E_UNSUPPORTED, "the network's activations take more memory than plumbline allows");
done:
    free(homes);
    free(placed);
    return ok;
}
