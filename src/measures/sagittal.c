/* What a side view sees: knee bend, knee over toe, forward lean; and the knee bend of a planted leg seen from the
 * front. */
#include "internal.h"

#include <math.h>
#include "plumbline/geometry.h"

static const float rad_per_deg = (float)(PL_PI / 180.0);

/* A knee stands bent by a few degrees. src: 7 degrees in the study that found the length formula (head-study). */
static const float standing_flexion_deg = 7.0f;

/* The network sees knees straighter than they are, from the side: the mean is added, what people and figures differ
 * is in the band.
 * src:  19 repetitions of 9 rendered clips, 5 bodies: -4.8, standard deviation 2.1; Cosoli 2026, people: -2.3 +- 6.4 */
static const float side_mean_deg = -3.5f, side_bias_deg = 6.0f;

static void flexion_from_side(const struct pl_pose *pose, enum pl_side side, struct slot slot)
{
    const struct pl_leg *leg = &pose->leg[side];
    const float flexion = pl_geometry_bend_deg(leg->hip_px, leg->knee_px, leg->ankle_px) - side_mean_deg;
    const float noise =
        pl_measure_noise_px(pose, leg->visibility_p) / (0.245f * pose->stature_px) * 2.45f / rad_per_deg;
    float err = sqrtf(side_bias_deg * side_bias_deg + 3.84f * noise * noise);
    if (isnan(flexion)) {
        measure_unknown(slot, PL_M_KNEE_FLEXION, side == pose->near_side ? PL_REASON_NOT_CLEAR : PL_REASON_FAR_LEG);
        return;
    }
    if (side != pose->near_side)
        err *= 2.0f; /* guessed through the other leg for part of the time */
    measure_known(slot, PL_M_KNEE_FLEXION, flexion, err);
}

/* Knee bend from how much nearer the hip is to the planted ankle than in standing.
 *
 * how:  two segments of equal length: d/d0 = cos(theta/2) / cos(theta0/2)
 * err:  a relative error of the length grows by 2 / tan(theta/2): useless below about 15 degrees
 * src:  head-study: bottom errors 0-5 degrees on rendered clips, MAE 7 against motion capture at 45 degrees */
static const float length_bias =
    0.08f; /* of the bend: perspective, unequal thigh and shank, hips that the network shifts */

static void flexion_from_length(const struct pl_pose *pose, const struct pl_limits *limits, enum pl_side side,
                                struct slot slot)
{
    const struct pl_leg *leg = &pose->leg[side];
    const struct pl_baseline *standing = &pose->baseline[side];
    const float d = pl_geometry_distance(leg->hip_px, leg->ankle_px);
    if (isnan(d)) {
        measure_unknown(slot, PL_M_KNEE_FLEXION, PL_REASON_NOT_CLEAR);
    } else if (!(standing->quiet_s > 0.0f)) {
        measure_unknown(slot, PL_M_KNEE_FLEXION, PL_REASON_STAND_STILL);
    } else if (pl_geometry_distance(leg->ankle_px, standing->ankle_px) > limits->planted_max * pose->stature_px) {
        measure_unknown(slot, PL_M_KNEE_FLEXION, PL_REASON_TURN_SIDE_ON); /* stepped nearer or farther: another scale */
    } else {
        const float c = d / standing->hip_ankle_px * cosf(0.5f * standing_flexion_deg * rad_per_deg);
        const float half = c < 1.0f ? acosf(c) : 0.0f, flexion = 2.0f * half / rad_per_deg;
        const float relative = standing->quiet_s >= 1.0f ? 0.03f : 0.04f;
        /* where the slope runs off, the band of the length itself is the band of the angle: from 0 to acos(1 - 2 x) */
        const float err =
            fminf(2.0f * relative * c / fmaxf(sinf(half), 1e-3f), 2.0f * acosf(1.0f - relative)) / rad_per_deg;
        measure_known(slot, PL_M_KNEE_FLEXION, flexion, hypotf(err, length_bias * flexion));
    }
}

void pl_measure_knee_flexion(const struct pl_pose *pose, const struct pl_limits *limits, enum pl_side side,
                             struct slot slot)
{
    if (pose->view == PL_VIEW_SIDE)
        flexion_from_side(pose, side, slot);
    else
        flexion_from_length(pose, limits, side, slot);
}

/* Horizontal distance from the tip of the foot to the knee, percent of the foot's length, + = knee in front.
 *
 * how:  the heel and toe landmarks lie inside the foot: together they span .123 of the stature, a foot .152, a shoe
 *       .16. Both ends are put out by the same share. The foot's length is the standing one: a lifted heel shortens
 *       the picture's.
 * src:  measures.md 4.5; the share from four rendered clips, two bodies (.76-.79 of the shoe between the landmarks)
 * err:  the same clips; Needham 2021 (30-50 mm of the knee) would be 12-20 % without a wall test */
void pl_measure_knee_over_toe(const struct pl_pose *pose, enum pl_side side, struct slot slot)
{
    static const float landmarks_share = 0.123f, tip = 0.14f, bias_pct = 13.0f;
    const struct pl_leg *leg = &pose->leg[side];
    const float standing_px = pose->baseline[side].foot_px, expected_px = landmarks_share * pose->stature_px;
    const float span_px =
        standing_px > 0.75f * expected_px && standing_px < 1.33f * expected_px ? standing_px : expected_px;
    const float foot_px = (1.0f + 2.0f * tip) * span_px;
    const float ahead_px = pose->facing * (leg->knee_px.x - leg->toe_px.x) - tip * span_px;
    if (pose->view != PL_VIEW_SIDE) {
        measure_unknown(slot, PL_M_KNEE_OVER_TOE, PL_REASON_TURN_SIDE_ON);
    } else if (side != pose->near_side) {
        measure_unknown(slot, PL_M_KNEE_OVER_TOE, PL_REASON_FAR_LEG);
    } else if (isnan(ahead_px)) {
        measure_unknown(slot, PL_M_KNEE_OVER_TOE,
                        pose->reason == PL_REASON_FEET_HIDDEN ? PL_REASON_FEET_HIDDEN : PL_REASON_NOT_CLEAR);
    } else {
        const float noise_pct =
            100.0f * 1.41f * pl_measure_noise_px(pose, fminf(leg->visibility_p, leg->foot_visibility_p)) / foot_px;
        measure_known(slot, PL_M_KNEE_OVER_TOE, 100.0f * ahead_px / foot_px,
                      sqrtf(bias_pct * bias_pct + 3.84f * noise_pct * noise_pct));
    }
}

/* Line from mid-hip to mid-shoulder against the vertical of the picture, + = forwards. src: measures.md 4.6.
 * err:  the network's hips lie about 4 cm in front of the joints: 19 repetitions of 9 rendered clips -2.4, standard
 *       deviation 1.1; the mean is added */
void pl_measure_trunk_forward(const struct pl_pose *pose, struct slot slot)
{
    static const float mean_deg = -2.4f, bias_deg = 5.0f;
    if (pose->view != PL_VIEW_SIDE) {
        measure_unknown(slot, PL_M_TRUNK_LEAN_FORWARD, PL_REASON_TURN_SIDE_ON);
        return;
    }
    const float lean = pose->facing * pl_geometry_lean_deg(pose->shoulders_px, pose->hips_px);
    measure_known(slot, PL_M_TRUNK_LEAN_FORWARD, lean - mean_deg, bias_deg);
}
