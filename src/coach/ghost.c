/* The person's best repetition so far, to be shown at the depth they are at.
 *
 * how:  on the way down one figure is kept for each of some depths; a whole repetition with fewer faults than the best, or as
 *       few and deeper, becomes the best. Shown over the standing ankle (both ankles where both legs work), at today's size.
 */
#include "internal.h"

#include <math.h>
#include <string.h>
#include "plumbline/geometry.h"

static const float deepest = 1.2f;         /* of the own range: the last of the steps */
static const float least_depth = 0.15f;    /* standing, it would only lie on the person */
static const float deeper_deg = 2.0f;      /* a bend that is more by less is not another repetition */

static const enum pl_landmark landmark[PL_N_GHOST] = {
    PL_LM_LEFT_SHOULDER, PL_LM_RIGHT_SHOULDER, PL_LM_LEFT_ELBOW, PL_LM_RIGHT_ELBOW, PL_LM_LEFT_WRIST, PL_LM_RIGHT_WRIST,
    PL_LM_LEFT_HIP, PL_LM_RIGHT_HIP, PL_LM_LEFT_KNEE, PL_LM_RIGHT_KNEE, PL_LM_LEFT_ANKLE, PL_LM_RIGHT_ANKLE,
    PL_LM_LEFT_FOOT_INDEX, PL_LM_RIGHT_FOOT_INDEX,
};

void pl_ghost_reset(struct ghost *g)
{
    memset(g, 0, sizeof *g);
}

static int step_of(float depth)
{
    return isnan(depth) ? -1 : (int)(fminf(fmaxf(depth / deepest, 0), 0.999f) * N_GHOST_STEPS);
}

static struct ghost_figure figure_of(const struct pl_moment *m)
{
    struct ghost_figure f = { .known = true, .stature_px = m->pose.stature_px };

    for (int i = 0; i < PL_N_GHOST; i++) {
        enum pl_landmark from = landmark[i];
        if (m->pose.swapped && i >= PL_GHOST_HIP) /* the legs were put right; the raw points were not */
            from = landmark[i ^ 1];
        f.px[i] = (struct pl_vec2){ m->keypoints.raw.px[from].x_px, m->keypoints.raw.px[from].y_px };
        if (m->keypoints.leg.known && from >= PL_LM_LEFT_HIP) {
            f.px[i].x += m->keypoints.leg.px[from - PL_LM_LEFT_HIP].x;
            f.px[i].y += m->keypoints.leg.px[from - PL_LM_LEFT_HIP].y;
        }
    }
    return f;
}

static struct pl_vec2 anchor_of(const struct ghost_figure *f, enum pl_side side)
{
    if (side != PL_SIDE_UNKNOWN)
        return f->px[PL_GHOST_ANKLE + side];
    return pl_geometry_mid(f->px[PL_GHOST_ANKLE], f->px[PL_GHOST_ANKLE + 1]);
}

static void remember(struct ghost *g, const struct pl_moment *m)
{
    const int i = step_of(m->progress.depth);
    if (i >= 0 && m->pose.person && (m->progress.phase == PL_PHASE_DOWN || m->progress.phase == PL_PHASE_BOTTOM))
        g->now[i] = figure_of(m);
}

/* How far the knee bent; NAN where that was not measured, which is never deeper than anything. */
static void judge(struct ghost *g, const struct pl_moment *m)
{
    const struct pl_rep *r = &m->progress.last_rep;
    const float bend_deg = r->m[PL_M_KNEE_FLEXION].value;
    const bool same = g->have && g->exercise == r->exercise && g->side == r->side && g->view == m->pose.view;

    if (!same || m->progress.n_ended < g->faults || (m->progress.n_ended == g->faults && bend_deg > g->bend_deg + deeper_deg)) {
        memcpy(g->best, g->now, sizeof g->best);
        g->have = true;
        g->exercise = r->exercise;
        g->side = r->side;
        g->view = m->pose.view;
        g->faults = m->progress.n_ended;
        g->bend_deg = isnan(bend_deg) ? 0 : bend_deg;
    }
    for (int i = 0; i < N_GHOST_STEPS; i++)
        g->now[i].known = false;
}

/* The known figure nearest to that depth. */
static const struct ghost_figure *nearest(const struct ghost *g, int i)
{
    for (int d = 0; d < N_GHOST_STEPS; d++) {
        if (i - d >= 0 && g->best[i - d].known)
            return &g->best[i - d];
        if (i + d < N_GHOST_STEPS && g->best[i + d].known)
            return &g->best[i + d];
    }
    return NULL;
}

static void show(const struct ghost *g, const struct pl_moment *m, struct pl_coach_view *out)
{
    const int i = step_of(m->progress.depth);
    const struct ghost_figure *f = i >= 0 ? nearest(g, i) : NULL;
    const struct ghost_figure now = figure_of(m);

    if (!f || !(f->stature_px > 0))
        return;
    const struct pl_vec2 from = anchor_of(f, g->side), to = anchor_of(&now, g->side);
    const float k = now.stature_px / f->stature_px;
    for (int j = 0; j < PL_N_GHOST; j++)
        out->ghost_px[j] = (struct pl_vec2){ to.x + k * (f->px[j].x - from.x), to.y + k * (f->px[j].y - from.y) };
    out->ghost = true;
}

void pl_ghost_step(struct ghost *g, const struct pl_moment *m, struct pl_coach_view *out)
{
    remember(g, m);
    if (m->progress.rep_done)
        judge(g, m);
    if (g->have && m->pose.person && m->progress.depth > least_depth && m->progress.exercise == g->exercise &&
        m->progress.side == g->side && m->pose.view == g->view)
        show(g, m, out);
}
