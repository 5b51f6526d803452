/* Which operations run hand in hand, and in which order all of them run.
 *
 * in:   the planned operations
 * out:  op->to_next: the result goes to the operation behind it a few rows at a time and is never in memory as a whole
 * why:  an expanded tensor (expand 1x1 -> depthwise -> project 1x1 -> add) is up to 4 MB, written once and read once:
 *       in bands of rows it stays in the second cache, and the arena shrinks. Measured on Zen 4 with 32 MB of third
 *       cache, one thread: lite 3 % faster, full and heavy the same, as that cache hides most of it
 * how:  a value links two operations if nobody else reads it. What hangs together by links is a chain; it runs where its
 *       last operation stands in the file, when all it needs from outside is there. Chains without a large value are
 *       dissolved: those stay in the cache anyway, and whole tensors are shared out to threads more evenly.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* src: measured on Zen 4 with 1 MB of second cache: between 128 kB and 768 kB there is no difference. Fewer rows than
 * these and threads would make a good part of them twice. */
enum { LARGE_FLOATS = 96 << 10, LEAST_ROWS = 28 };

/* All buffers of a chain together: 512 kB. src: measured, 384 kB .. 896 kB are within 1 % (Zen 4, 1 MB of second cache) */
enum { BAND_FLOATS = 128 << 10, MOST_ROWS = 16 };

struct links {
    int *reader, *n_readers; /* per value: the last operation that reads it, and how many do */
    int *next;               /* per operation: the one that it hands its result to, or -1 */
};

static void note_reader(struct links *l, int value, int op)
{
    l->reader[value] = op;
    l->n_readers[value]++;
}

static void find_readers(struct links *l, const struct pl_model *m)
{
    for (int i = 0; i < m->n_ops; i++)
        for (int k = 0; k < m->ops[i].n_in; k++)
            note_reader(l, m->ops[i].in[k], i);
    for (int i = 0; i < m->n_values; i++) /* a second name, an output, a kept tensor: needed as a whole */
        if (m->values[i].used && m->values[i].home != i)
            note_reader(l, m->values[i].home, -1), note_reader(l, i, -1);
    for (int k = 0; k < m->n_outputs; k++)
        if (m->outputs[k] >= 0)
            note_reader(l, m->outputs[k], -1);
    for (int k = 0; k < m->n_keep; k++)
        note_reader(l, m->keep[k], -1);
    for (int i = 0; m->keep_all && i < m->n_values; i++)
        note_reader(l, i, -1);
}

static bool can_give(enum pl_op_kind kind)
{
    return kind == PL_OP_CONV1X1 || kind == PL_OP_SPARSE1X1 || kind == PL_OP_CONV || kind == PL_OP_DWCONV;
}

static bool can_take(enum pl_op_kind kind)
{
    return kind == PL_OP_CONV1X1 || kind == PL_OP_SPARSE1X1 || kind == PL_OP_DWCONV || kind == PL_OP_ADD;
}

/* An addition may be offered both its summands; it takes the later one, as the other must be there before. */
static void find_links(struct links *l, const struct pl_model *m)
{
    for (int i = 0; i < m->n_ops; i++)
        l->next[i] = -1;
    for (int i = m->n_ops - 1; i >= 0; i--) {
        int reader = l->n_readers[m->ops[i].out] == 1 ? l->reader[m->ops[i].out] : -1;
        bool taken = false;
        if (reader < 0 || m->ops[reader].lazy || !can_give(m->ops[i].kind) || !can_take(m->ops[reader].kind))
            continue;
        for (int j = i + 1; j < m->n_ops; j++)
            taken = taken || l->next[j] == reader;
        if (!taken)
            l->next[i] = reader;
    }
}

static bool is_large(const struct pl_value *v)
{
    return v->h * v->w * v->c >= LARGE_FLOATS;
}

/* Looks at the chain that starts at op first: cuts off what is too long, dissolves it if none of its links is large.
 * Returns the start of what it cut off, or -1. */
static int weigh_chain(struct links *l, const struct pl_model *m, int first)
{
    bool large = false;
    int n = 1, rest = -1;

    for (int i = first; l->next[i] >= 0; i = l->next[i]) {
        if (++n > PL_NN_MAX_CHAIN) {
            rest = l->next[i];
            l->next[i] = -1;
            break;
        }
        large = large || is_large(&m->values[m->ops[i].out]);
    }
    for (int i = first; i >= 0; i = l->next[i]) /* few rows: threads would make too many of them twice */
        large = large && m->values[m->ops[i].out].h >= LEAST_ROWS;
    for (int i = first, next; !large && l->next[i] >= 0; i = next) {
        next = l->next[i];
        l->next[i] = -1;
    }
    return rest;
}

static void write_order(struct pl_op *out, const struct links *l, const struct pl_model *m)
{
    int n = 0;

    for (int last = 0; last < m->n_ops; last++) {
        if (l->next[last] >= 0)
            continue;
        /* the chain that ends here: its members stand before it in the file, each after the one that gives to it */
        int start = n;
        out[n++] = m->ops[last];
        for (int i = last - 1, taker = last; i >= 0; i--)
            if (l->next[i] == taker) {
                out[n] = m->ops[i];
                out[n++].to_next = true;
                taker = i;
            }
        for (int a = start, b = n - 1; a < b; a++, b--) {
            struct pl_op swap = out[a];
            out[a] = out[b];
            out[b] = swap;
        }
    }
}

int pl_plan_chain(const struct pl_model *m, int i)
{
    int n = 1;
    while (m->ops[i + n - 1].to_next)
        n++;
    return n;
}

/* Buffers of the chain of n operations when the last one makes `rows` rows at a time. Returns floats in all. */
static size_t size_bands(const struct pl_model *m, struct pl_op *ops, int n, int rows)
{
    size_t total = 0;

    ops[n - 1].band = rows;
    for (int j = n - 1; j > 0; j--) {
        const struct pl_op *taker = &ops[j];
        const struct pl_value *v = &m->values[ops[j - 1].out];
        if (taker->kind == PL_OP_DWCONV)
            rows = (rows - 1) * taker->win.stride_h + taker->win.k_h;
        rows = rows < v->h ? rows : v->h;
        ops[j - 1].band = rows;
        ops[j - 1].band_at = total;
        total += (size_t)rows * (size_t)v->w * (((size_t)v->c + PL_PANEL - 1) / PL_PANEL * PL_PANEL);
    }
    return total;
}

static void plan_bands(struct pl_model *m)
{
    for (int i = 0, n; i < m->n_ops; i += n) {
        n = pl_plan_chain(m, i);
        if (n == 1)
            continue;
        int rows = MOST_ROWS;
        size_t floats = size_bands(m, &m->ops[i], n, rows);
        while (floats > BAND_FLOATS && rows > 1)
            floats = size_bands(m, &m->ops[i], n, --rows);
        m->scratch = floats > m->scratch ? floats : m->scratch;
    }
}

bool pl_plan_chains(struct pl_model *m, struct pl_err *err)
{
    size_t n_ops = (size_t)m->n_ops, n_values = (size_t)m->n_values;
    int *ints = calloc(2 * n_values + n_ops + 1, sizeof *ints);
    bool *has_giver = calloc(n_ops + 1, sizeof *has_giver);
    struct pl_op *ordered = calloc(n_ops + 1, sizeof *ordered);
    struct links l = { ints, ints + n_values, ints + 2 * n_values };
    bool ok = ints && has_giver && ordered;

    if (!ok) {
        pl_fail(err, PL_E_MEMORY, "out of memory for the plan");
        goto done;
    }
    find_readers(&l, m);
    find_links(&l, m);
    for (int i = 0; i < m->n_ops; i++)
        if (l.next[i] >= 0)
            has_giver[l.next[i]] = true;
    for (int i = 0; i < m->n_ops; i++)
        if (!has_giver[i])
            for (int first = i; first >= 0;)
                first = weigh_chain(&l, m, first);
    write_order(ordered, &l, m);
    memcpy(m->ops, ordered, n_ops * sizeof *ordered);
    plan_bands(m);
done:
    free(ordered);
    free(has_giver);
    free(ints);
    return ok;
}
