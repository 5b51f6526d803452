/* measures: pose -> named numbers with error bands, or the reason why not.
 *
 * in:   struct pl_pose of one frame
 * out:  struct pl_measures
 * how:  frontal.c (knee collapse, sideways lean), sagittal.c (knee bend, knee over toe, forward lean), pelvis.c (hip
 *       drop), wobble.c. Every function first asks whether this view can see its measure.
 * err:  half widths of 95 % bands, put together from landmark noise, camera yaw and the network's own bias; sources
 *       there
 * not:  no smoothing but the median of the hand line: the repetition's values are filtered without lag later
 *       (exercise)
 */
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const char *id, *unit, *text;
    bool sided;
};

static const struct row rows[PL_N_MEASURES] = {
#define X(name, id, sided, unit, text) { id, unit, text, sided },
    PL_MEASURES(X)
#undef X
};

const char *pl_measure_id(enum pl_measure m) { return (unsigned)m < PL_N_MEASURES ? rows[m].id : "?"; }
bool pl_measure_has_side(enum pl_measure m) { return (unsigned)m < PL_N_MEASURES && rows[m].sided; }
const char *pl_measure_unit(enum pl_measure m) { return (unsigned)m < PL_N_MEASURES ? rows[m].unit : ""; }
const char *pl_measure_text(enum pl_measure m) { return (unsigned)m < PL_N_MEASURES ? rows[m].text : ""; }

struct pl_measures_state *pl_measures_open(const struct pl_limits *limits)
{
    struct pl_measures_state *state = calloc(1, sizeof *state);
    if (state)
        state->limits = *limits;
    return state;
}

void pl_measures_close(struct pl_measures_state *state) { free(state); }

void pl_measures_reset(struct pl_measures_state *state)
{
    *state = (struct pl_measures_state){ .limits = state->limits };
}

float pl_measure_noise_px(const struct pl_pose *pose, float visibility_p)
{
    /* src:  rendered clips, stance leg, frame to frame: .001-.002 of the stature; a third of a pixel is the grid of
     *       the picture */
    const float body = 0.0015f * pose->stature_px, grid = 0.3f;
    return sqrtf(body * body + grid * grid) / fminf(1.0f, fmaxf(0.3f, visibility_p));
}

float pl_measure_coarse(const struct pl_pose *pose)
{
    /* src:  rendered clips seen from the front (make bands), median error of the bottoms: bodies below 260 pixels FPPA 3.0
     *       degrees, bend 3.5; of 260-310 pixels 1.4 and 1.6; above 0.7 and 1.2, but the largest of them 6.2 and 5.1 */
    static const float well_px = 290.0f, most = 2.5f;
    const float times = fmaxf(1.0f, well_px / pose->stature_px);
    return fminf(most, times * times);
}

static void nothing(struct pl_measures *out, int64_t t_ns, enum pl_reason why)
{
    out->t_ns = t_ns;
    out->hip_drop_by[PL_SIDE_LEFT] = out->hip_drop_by[PL_SIDE_RIGHT] = 0;
    for (int side = 0; side < PL_N_SIDES; side++) {
        for (int m = 0; m < PL_N_MEASURES; m++) {
            out->v[side][m] = (struct pl_value){ NAN, NAN };
            out->why[side][m] = why;
        }
    }
}

static void remember_pelvis(struct pl_measures_state *state, const struct pl_pose *pose)
{
    memmove(&state->hand[1], &state->hand[0], sizeof state->hand - sizeof state->hand[0]);
    state->hand[0][PL_SIDE_LEFT] = pose->hand_px[PL_SIDE_LEFT];
    state->hand[0][PL_SIDE_RIGHT] = pose->hand_px[PL_SIDE_RIGHT];
    memmove(&state->head_deg[1], &state->head_deg[0], sizeof state->head_deg - sizeof state->head_deg[0]);
    memmove(&state->stickers_deg[1], &state->stickers_deg[0], sizeof state->stickers_deg - sizeof state->stickers_deg[0]);
    memmove(&state->pelvis_ns[1], &state->pelvis_ns[0], sizeof state->pelvis_ns - sizeof state->pelvis_ns[0]);
    state->pelvis_ns[0] = pose->t_ns;
    state->head_deg[0] = pose->pelvis_head_deg;
    state->stickers_deg[0] = pose->pelvis_stickers_deg;
    if (state->n_hand < PELVIS_FRAMES)
        state->n_hand++;
}

void pl_measures_step(struct pl_measures_state *state, const struct pl_pose *pose, struct pl_measures *out)
{
    nothing(out, pose->t_ns, pose->reason == PL_REASON_NONE ? PL_REASON_NOT_CLEAR : pose->reason);
    if (!pose->person) {
        state->n_hand = 0;
        return;
    }
    remember_pelvis(state, pose);
    for (int i = 0; i < PL_N_SIDES; i++) {
        const enum pl_side side = (enum pl_side)i;
        const struct slot slot = { out->v[i], out->why[i] };
        const struct stood stood = pl_measure_stood(&state->foot[i], pose, side);
        pl_measure_knee_flexion(pose, &state->limits, side, stood, slot);
        pl_measure_knee_over_toe(pose, &state->limits, side, stood, slot);
        pl_measure_trunk_forward(pose, slot);
        pl_measure_fppa(pose, &state->limits, side, slot);
        pl_measure_trunk_side(pose, side, slot);
        out->hip_drop_by[i] = pl_measure_pelvis(state, pose, side, slot);
        pl_measure_hip_adduction(pose, side, slot);
        pl_measure_wobble(&state->kmd[i], pose, &state->limits, side, slot);
    }
}
