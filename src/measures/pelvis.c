/* Hip drop: the line through the two hands while they rest on the hips.
 *
 * why:  the network levels the hip landmarks: a true drop of 8 degrees reads -3..+1. It does not level the hands.
 * src:  hip-drop study: bottom error 0.4-1.0 degrees on rendered people, 2.3 on the mannequin; gates and limits from
 *       there
 * not:  never the hip landmarks, not even as a fallback
 */
#include "internal.h"

#include <math.h>
#include "plumbline/geometry.h"

static const float least_gap = 0.45f, most_gap = 1.0f; /* between the hands, trunk lengths */
static const float from_hip = 0.45f;                   /* each hand from its hip landmark */
static const float below = -0.10f, above = 0.40f;      /* of mid-hip */
static const float same_gap = 0.12f;                   /* against standing: hands that slide measure nothing */
static const float absolute_err_deg = 4.0f;            /* hands are not placed to the millimetre; the camera may roll */
static const float change_err_deg = 3.4f;              /* rendered people, 10 clips: -3.2..3.7 */

/* Medians of the last five frames; false while there are fewer. */
static bool steady_hands(const struct pl_measures_state *state, struct pl_vec2 out[PL_N_SIDES])
{
    for (int side = 0; side < PL_N_SIDES; side++) {
        float x[5], y[5];
        for (int i = 0; i < state->n_hand; i++) {
            x[i] = state->hand[i][side].x;
            y[i] = state->hand[i][side].y;
        }
        out[side].x = pl_signal_median(x, state->n_hand);
        out[side].y = pl_signal_median(y, state->n_hand);
    }
    return state->n_hand == 5;
}

static bool on_hips(const struct pl_pose *pose, const struct pl_vec2 hand[PL_N_SIDES], float visibility_min_p)
{
    const float trunk = pose->trunk_px, gap = fabsf(hand[0].x - hand[1].x);
    if (!(gap > least_gap * trunk && gap < most_gap * trunk))
        return false;
    for (int side = 0; side < PL_N_SIDES; side++) {
        const float up = pose->hips_px.y - hand[side].y;
        if (!(pl_geometry_distance(hand[side], pose->leg[side].hip_px) < from_hip * trunk) || up < below * trunk
            || up > above * trunk || pose->hand_visibility_p[side] < visibility_min_p)
            return false;
    }
    return true;
}

static void unknown(struct slot slot, enum pl_reason why)
{
    measure_unknown(slot, PL_M_PELVIC_DROP, why);
    measure_unknown(slot, PL_M_PELVIC_DROP_CHANGE, why);
}

void pl_measure_pelvis(const struct pl_measures_state *state, const struct pl_pose *pose, enum pl_side side,
                       struct slot slot)
{
    const struct pl_baseline *standing = &pose->baseline[side];
    const float sign =
        side == PL_SIDE_LEFT ? 1.0f : -1.0f; /* the left leg stands: left hand higher = right side drops */
    struct pl_vec2 hand[PL_N_SIDES];
    if (pose->view != PL_VIEW_FRONT || pl_measure_off_front_deg(pose) > state->limits.pelvis_yaw_max_deg) {
        unknown(slot, PL_REASON_FACE_CAMERA);
        return;
    }
    if (!steady_hands(state, hand) || !on_hips(pose, hand, state->limits.visibility_min_p)) {
        unknown(slot, PL_REASON_HANDS_ON_HIPS);
        return;
    }
    const float tilt = pl_geometry_tilt_deg(hand[PL_SIDE_LEFT], hand[PL_SIDE_RIGHT]),
                gap = fabsf(hand[0].x - hand[1].x);
    measure_known(slot, PL_M_PELVIC_DROP, sign * tilt, absolute_err_deg);
    if (isnan(standing->hand_line_deg))
        measure_unknown(slot, PL_M_PELVIC_DROP_CHANGE, PL_REASON_STAND_STILL);
    else if (fabsf(gap - standing->hand_gap_px) > same_gap * standing->hand_gap_px)
        measure_unknown(slot, PL_M_PELVIC_DROP_CHANGE, PL_REASON_HANDS_ON_HIPS);
    else
        measure_known(slot, PL_M_PELVIC_DROP_CHANGE, sign * (tilt - standing->hand_line_deg), change_err_deg);
}

/* Thigh against the pelvis in the frontal plane, 0 = at right angles to it, + = adduction. The thigh's tilt is the
 * picture's, the pelvis is the hand line; both errors add. src: measures.md 4.3 (Herrington 2017: 2D against 3D r
 * .81 in single-leg squats) */
void pl_measure_hip_adduction(const struct pl_pose *pose, enum pl_side side, struct slot slot)
{
    const struct pl_leg *leg = &pose->leg[side];
    const struct pl_value drop = slot.v[PL_M_PELVIC_DROP], fppa = slot.v[PL_M_FPPA];
    const float thigh = -pl_measure_medial(pose, side) * pl_geometry_lean_deg(leg->hip_px, leg->knee_px);
    if (slot.why[PL_M_PELVIC_DROP] != PL_REASON_NONE)
        measure_unknown(slot, PL_M_HIP_ADDUCTION, slot.why[PL_M_PELVIC_DROP]);
    else if (slot.why[PL_M_FPPA] != PL_REASON_NONE)
        measure_unknown(slot, PL_M_HIP_ADDUCTION, slot.why[PL_M_FPPA]);
    else
        measure_known(slot, PL_M_HIP_ADDUCTION, thigh + drop.value, hypotf(drop.err, fppa.err));
}
