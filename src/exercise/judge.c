/* Measures against limits -> faults and their episodes.
 *
 * how:  a limit counts as passed only by what the error band does not cover. An episode begins with the first such
 *       frame, is raised when it has lasted, and ends when the limit has not been passed for a moment. Unknown is
 *       never a fault: every comparison with NAN is false.
 */
#include "internal.h"

#include <math.h>

/* What is left of the value beyond the limit after the band is taken off; positive = fault. */
static float excess_of(const struct fault_row *row, struct pl_value v, float limit)
{
    switch (row->beyond) {
    case ABOVE: return v.value - v.err - limit;
    case BELOW: return limit - v.value - v.err;
    case EITHER: return fabsf(v.value) - v.err - limit;
    }
    return NAN;
}

static float limit_of(const struct fault_row *row, const struct pl_limits *limits)
{
    return *(const float *)((const char *)limits + row->limit);
}

struct finding {
    float excess, value, limit;
    enum pl_side side;
    bool known;
};

static void look(struct finding *f, const struct fault_row *row, struct pl_value v, enum pl_side side, float limit)
{
    const float excess = excess_of(row, v, limit);
    if (isnan(excess) || (f->known && excess <= f->excess))
        return;
    *f = (struct finding){ excess, v.value, limit, side, true };
}

static void look_at_sides(struct finding *f, const struct fault_row *row, const struct judged_frame *frame,
                          const struct pl_limits *limits)
{
    for (int i = 0; i < PL_N_SIDES; i++) {
        if (frame->exercise->sided && frame->leg != (enum pl_side)i)
            continue;
        look(f, row, frame->v[i][row->measure], frame->exercise->sided ? frame->side : (enum pl_side)i,
             limit_of(row, limits));
    }
}

static void end_episode(struct judge *judge, struct episode *e)
{
    e->fault.end_ns = e->last_ns;
    if (e->on && judge->n_ended < PL_MAX_ENDED)
        judge->ended[judge->n_ended++] = e->fault;
    *e = (struct episode){ 0 };
}

static void take(struct episode *e, const struct finding *f, enum pl_fault_kind kind, int rep, int64_t t_ns)
{
    if (!e->over) {
        e->over = true;
        e->since_ns = t_ns;
        e->fault = (struct pl_fault){
            .kind = kind, .side = f->side, .start_ns = t_ns, .peak = f->value, .limit = f->limit, .rep = rep
        };
    }
    if (fabsf(f->value) > fabsf(e->fault.peak)) {
        e->fault.peak = f->value;
        e->fault.side = f->side;
    }
    e->last_ns = t_ns;
}

void pl_judge_frame(struct judge *judge, const struct judged_frame *frame, const struct pl_limits *limits,
                    struct pl_progress *out)
{
    struct finding found[PL_N_FAULTS] = { { 0 } };
    for (int i = 0; frame->working && frame->exercise && i < frame->exercise->n_faults; i++) {
        const struct fault_row *row = &frame->exercise->fault[i];
        if (row->when == DURING)
            look_at_sides(&found[row->kind], row, frame, limits);
    }
    for (int kind = 0; kind < PL_N_FAULTS; kind++) {
        struct episode *e = &judge->episode[kind];
        if (found[kind].known && found[kind].excess > 0.0f)
            take(e, &found[kind], (enum pl_fault_kind)kind, frame->rep, frame->t_ns);
        else if (e->over
                 && (!frame->working || frame->t_ns - e->last_ns >= pl_ns_from_s((double)limits->fault_release_s)))
            end_episode(judge, e);
        if (e->over && pl_has_lasted(e->since_ns, e->last_ns, (double)limits->fault_persist_s))
            e->on = true;
        if (e->on)
            out->fault[kind] = (struct pl_fault_now){ true, e->fault.side, found[kind].known ? found[kind].value : NAN,
                                                      e->fault.limit, e->since_ns };
    }
}

/* Judged once: the value at the bottom of the whole repetition. */
static void judge_at_end(struct judge *judge, const struct fault_row *row, const struct pl_rep *rep, float limit,
                         struct pl_progress *out)
{
    const struct pl_value v = rep->m[row->measure];
    if (!(excess_of(row, v, limit) > 0.0f) || judge->n_ended == PL_MAX_ENDED)
        return;
    out->fault[row->kind] = (struct pl_fault_now){ true, rep->side, v.value, limit, rep->bottom_ns };
    judge->ended[judge->n_ended++] =
        (struct pl_fault){ row->kind, rep->side, rep->bottom_ns, rep->end_ns, v.value, limit, rep->n };
}

/* What was seen by hands or stickers that slipped was not seen. */
static void forget(struct judge *judge, enum pl_fault_kind kind)
{
    int n = 0;
    for (int i = 0; i < judge->n_ended; i++) {
        if (judge->ended[i].kind != kind)
            judge->ended[n++] = judge->ended[i];
    }
    judge->n_ended = n;
}

void pl_judge_rep(struct judge *judge, const struct pl_exercise *exercise, const struct pl_rep *rep,
                  const struct pl_limits *limits, struct pl_progress *out)
{
    for (int kind = 0; kind < PL_N_FAULTS; kind++) {
        if (judge->episode[kind].over)
            end_episode(judge, &judge->episode[kind]);
    }
    if (rep->why[PL_M_PELVIC_DROP_CHANGE] == PL_REASON_HIPS_SLIPPED)
        forget(judge, PL_FAULT_HIP_DROP);
    for (int i = 0; exercise && i < exercise->n_faults; i++) {
        if (exercise->fault[i].when == AT_END)
            judge_at_end(judge, &exercise->fault[i], rep, limit_of(&exercise->fault[i], limits), out);
    }
    for (int i = 0; i < judge->n_ended; i++) {
        out->ended[i] = judge->ended[i];
        out->ended[i].rep = rep->n;
    }
    out->n_ended = judge->n_ended;
    judge->n_ended = 0;
}

void pl_judge_anew(struct judge *judge)
{
    for (int kind = 0; kind < PL_N_FAULTS; kind++)
        judge->episode[kind] = (struct episode){ 0 };
}

void pl_judge_drop(struct judge *judge) { *judge = (struct judge){ 0 }; }
