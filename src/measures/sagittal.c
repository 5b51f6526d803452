/* What a side view sees: knee bend, knee over toe, forward lean; and the knee bend of a planted leg seen from the
 * front. */
#include "internal.h"

#include <math.h>
#include "plumbline/geometry.h"

static const float rad_per_deg = (float)(PL_PI / 180.0);

/* The network sees knees straighter than they are, from the side: the mean is added, what people and figures differ
 * is in the band.
 * src:  23 repetitions of 10 rendered clips, 7 bodies: -4.6, standard deviation 2.7, the same at every depth; 68 rendered
 *       frames of 6 bodies: -4.9; Cosoli 2026, people: -2.3 +- 6.4. The band: 34 bottoms of 15 clips (make bands), up to 8
 *       degrees off at bends below 80 and 10 at 95
 *       Of joints that the head puts right -2.3 lies between our clips (2.7), 17 clips of other bodies 2.4 (landmarks 4.0) and
 *       16 later ones 4.3 (6.4; without the one in a thick coat 2.8)
 * not:  a person's own standing reading taken off: over 15 clips it says nothing of the bottom's error (-8.6 goes with +1.7,
 *       -1.2 with -13); nor segments as long as in standing: over 32 bottoms the bend that hip-ankle distance and they make
 *       errs by 3.7 degrees, the angle by 2.1, their mean by 2.3: standing has the same landmarks' errors */
static const float side_mean_deg = -4.5f, side_joints_mean_deg = -2.3f, side_bias_deg = 6.5f, side_bias_per_deg = 0.07f;

static void flexion_from_side(const struct pl_pose *pose, enum pl_side side, struct stood stood, struct slot slot)
{
    const struct pl_leg *leg = &pose->leg[side];
    const struct pl_joints *joint = &leg->joint;
    const float mean_deg = joint->put_right ? side_joints_mean_deg : side_mean_deg;
    const struct pl_vec2 ankle = pl_geometry_known(stood.ankle_px) ? stood.ankle_px : joint->ankle_px;
    const float flexion = pl_geometry_bend_deg(joint->hip_px, joint->knee_px, ankle) - mean_deg;
    const float noise =
        pl_measure_noise_px(pose, leg->visibility_p) / (0.245f * pose->stature_px) * 2.45f / rad_per_deg;
    const float bias = hypotf(side_bias_deg, side_bias_per_deg * flexion);
    float err = sqrtf(bias * bias + 3.84f * noise * noise);
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
 * how:  two segments of equal length: d/d0 = cos(theta/2) / cos(theta0/2). The ankle is where it stood: the network draws
 *       the ankle of a straight leg .01-.04 statures higher than that of a bent one, which costs up to 10 degrees. Only
 *       what it has moved beyond that is a step. For the same reason the standing leg ends a little lower than seen.
 * err:  a relative error of the length grows by 2 / tan(theta/2): useless below about 15 degrees, where the middle of
 *       what standing knees do is given
 * src:  head-study: bottom errors 0-5 degrees on rendered clips, MAE 7 against motion capture at 45 degrees. With the true
 *       joints the formula errs by 1.4 degrees at most on 23 clips with cameras .4-1.15 m high, 2.2-3.5 m away, up to .4 m
 *       off the middle, thighs .87-1.04 of the shank: perspective and proportions need no correction, the landmarks do. 48
 *       bottoms: ankle as seen MAE 4.1, gain .82; as it stood 2.6, .89 */
static const float length_bias = 0.12f;       /* of the bend: what the network shifts the hips, and the rest */
/* [0] of landmarks; [1] of joints that were put right: what the head leaves of it. With it 32 bottoms of ours 1.5, 22 of other
 * bodies 3.7 (landmarks 5.1), 19 of later clips 2.7, motion capture 4.3 (4.9) */
static const float ankle_slip[2] = { 0.035f, 0.02f }; /* statures: of a planted ankle's own landmark */
static const float ankle_low[2] = { 0.02f, 0.0f };    /* statures: below the landmark in standing */

/* What is left of the network's slips goes with the bend: too much at 40-60 degrees, too little beyond 75.
 * src:  the same bottoms: +1.6 at 58, -2.9 at 84; motion capture of sitting down: -1.9 beyond 80. Of joints that the head puts
 *       right nothing is left to be put so */
static const float added = 0.10f, unchanged_deg = 70.0f, most_added_deg = 2.0f, most_taken_deg = 1.5f, shallow_deg = 45.0f;

/* Where the planted ankle is: where it stood, but for what it has moved beyond the landmark's own slip. */
static struct pl_vec2 planted_ankle(const struct pl_joints *joint, const struct pl_baseline *standing, float stature_px)
{
    const float moved = pl_geometry_distance(joint->ankle_px, standing->joint_ankle_px);
    const float share = fmaxf(0.0f, 1.0f - ankle_slip[joint->put_right] * stature_px / fmaxf(moved, 1.0f));
    return (struct pl_vec2){ standing->joint_ankle_px.x + share * (joint->ankle_px.x - standing->joint_ankle_px.x),
                             standing->joint_ankle_px.y + share * (joint->ankle_px.y - standing->joint_ankle_px.y)
                                 + ankle_low[joint->put_right] * stature_px };
}

static void flexion_of_length(struct slot slot, const struct pl_limits *limits, float ratio, float relative,
                              float coarse, bool put_right)
{
    const float c = ratio * cosf(0.5f * limits->standing_flexion_deg * rad_per_deg);
    const float half = acosf(fminf(c, cosf(0.5f * limits->flexion_front_min_deg * rad_per_deg)));
    const float length = 2.0f * half / rad_per_deg;
    const float left = put_right ? 0.0f : fminf(most_added_deg, fmaxf(-most_taken_deg, added * (length - unchanged_deg)));
    const float flexion = length + left * fminf(1.0f, length / shallow_deg);
    /* where the slope runs off, the band of the length itself is the band of the angle: from 0 to acos(1 - 2 x) */
    const float err = fminf(2.0f * relative * c / sinf(half), 2.0f * acosf(1.0f - relative)) / rad_per_deg;
    measure_known(slot, PL_M_KNEE_FLEXION, flexion, hypotf(err, length_bias * coarse * flexion));
}

static void flexion_from_length(const struct pl_pose *pose, const struct pl_limits *limits, enum pl_side side,
                                struct slot slot)
{
    const struct pl_leg *leg = &pose->leg[side];
    const struct pl_baseline *standing = &pose->baseline[side];
    const float d0 = standing->joint_hip_ankle_px + ankle_low[leg->joint.put_right] * standing->stature_px;
    const float d = pl_geometry_distance(leg->joint.hip_px, planted_ankle(&leg->joint, standing, standing->stature_px));
    if (isnan(pl_geometry_distance(leg->hip_px, leg->ankle_px)))
        measure_unknown(slot, PL_M_KNEE_FLEXION, PL_REASON_NOT_CLEAR);
    else if (!(standing->quiet_s > 0.0f) || standing->put_right != leg->joint.put_right
             || standing->hip_ankle_px < limits->leg_straight_min * standing->stature_px)
        measure_unknown(slot, PL_M_KNEE_FLEXION, PL_REASON_STAND_STILL);
    else if (pl_geometry_distance(leg->ankle_px, standing->ankle_px) > limits->planted_max * pose->stature_px)
        measure_unknown(slot, PL_M_KNEE_FLEXION, PL_REASON_TURN_SIDE_ON); /* stepped nearer or farther: another scale */
    else
        flexion_of_length(slot, limits, d / d0, standing->quiet_s >= 1.0f ? 0.03f : 0.04f, pl_measure_coarse(pose),
                          leg->joint.put_right);
}

void pl_measure_knee_flexion(const struct pl_pose *pose, const struct pl_limits *limits, enum pl_side side, struct stood stood,
                             struct slot slot)
{
    if (pose->view == PL_VIEW_SIDE)
        flexion_from_side(pose, side, stood, slot);
    else
        flexion_from_length(pose, limits, side, slot);
}

/* Horizontal distance from the tip of the shoe to the knee, percent of the shoe's length, + = knee in front.
 *
 * how:  the shank's tilt carries the knee in front of the ankle, the foot carries the tip: both by the proportions of a
 *       body. The ankle is where the foot stands (foot.c). A shank seen under a yaw looks less tilted: put right by the yaw. A
 *       lifted heel takes the tip back by the cosine of the foot's tilt; but a foot that is turned towards the camera looks so,
 *       too, and so does one whose heel the network takes for the other foot's: half of it counts, and half widens the band.
 * src:  measures.md 4.5; shank .246, foot .152 of the stature (Drillis & Contini 1966), .618 of each other: 137 rendered
 *       bodies in lunges .614, 145 on one leg .625 (mannequins .67); ankle to tip .758 of the foot, standard deviation .018
 *       (the same). Only how far the landmark of the heel lies in front was chosen on clips (21, 19 bodies).
 *       46 bottoms of 21 clips 4.1. How much each part does (42, an earlier head): 6.2 by the landmarks' tilt; with legs as they
 *       truly are and no heel lifted the head's joints 5.9 -> 4.6, the heel 4.5, the median of a second 3.9; a lift that was none
 *       cost two clips 8 and 28
 * err:  the same bottoms (make bands). What makes it: the true tilt and these proportions err by 2.2 in lunges of 137
 *       bodies, the true joints' picture by 3.2 (yaw, perspective), with a camera that rolls by 1.4 degrees 4.5 (a degree: 2.8);
 *       the knee's own place .05 of the foot. In a wide squat seen from ahead the knee comes nearer, not forwards: 8.
 *       {left,right}_knee_over_toe_offset_pct take a person's own shoe and proportions off (a wall test)
 * not:  the toe's landmark (it slides by a tenth of the foot and more with the posture: 4.6 becomes 7); the foot as long as
 *       it looks (r .3 with how long it is: worth .1); the standing reading taken off (r .25 with the bottom's error) */
static const float shank_share = 0.246f, shoe_share = 0.152f, ankle_to_tip = 0.758f * 0.152f;
/* [0] of landmarks, [1] of joints that were put right: need .73 of the same, a fifth more left */
static const float toe_bias_pct[2] = { 8.0f, 7.0f }, toe_tilted_pct[2] = { 26.0f, 23.0f };
static const float toe_zeroed = 0.5f; /* share of both that is left */

/* By how much of the foot's own reach a lifted heel takes the tip back, if it is one. */
static float tip_back(float rise_px, float stature_px, const struct pl_limits *limits)
{
    const float sine = rise_px / (0.123f * stature_px);
    return isnan(sine) || sine < limits->heel_lift_min ? 0.0f : 1.0f - sqrtf(fmaxf(0.1f, 1.0f - sine * sine));
}

static void knee_over_toe(const struct pl_pose *pose, const struct pl_limits *limits, enum pl_side side, struct stood stood,
                          struct slot slot)
{
    const struct pl_leg *leg = &pose->leg[side];
    const struct pl_vec2 knee = leg->joint.knee_px;
    const float tilt = pose->facing * (knee.x - stood.ankle_px.x) / (stood.ankle_px.y - knee.y) / pl_measure_turned_cosine(pose);
    const float sine = tilt / sqrtf(1.0f + tilt * tilt);
    const float lift = 0.5f * ankle_to_tip * tip_back(stood.rise_px, pose->stature_px, limits);
    const float ahead = shank_share * sine - ankle_to_tip + lift;
    const float offset_pct =
        side == PL_SIDE_LEFT ? limits->left_knee_over_toe_offset_pct : limits->right_knee_over_toe_offset_pct;
    const float left = offset_pct != 0.0f ? toe_zeroed : 1.0f;
    const bool put_right = leg->joint.put_right;
    const float bias_pct = left * hypotf(toe_bias_pct[put_right], toe_tilted_pct[put_right] * sine);
    const float noise_pct = 100.0f * 1.41f * pl_measure_noise_px(pose, leg->visibility_p) / (shoe_share * pose->stature_px);
    if (isnan(ahead) || stood.ankle_px.y <= knee.y)
        measure_unknown(slot, PL_M_KNEE_OVER_TOE, PL_REASON_NOT_CLEAR);
    else
        measure_known(slot, PL_M_KNEE_OVER_TOE, 100.0f * ahead / shoe_share + offset_pct,
                      sqrtf(bias_pct * bias_pct + 3.84f * noise_pct * noise_pct) + 100.0f * lift / shoe_share);
}

void pl_measure_knee_over_toe(const struct pl_pose *pose, const struct pl_limits *limits, enum pl_side side, struct stood stood,
                              struct slot slot)
{
    const struct pl_leg *leg = &pose->leg[side];
    if (pose->view != PL_VIEW_SIDE)
        measure_unknown(slot, PL_M_KNEE_OVER_TOE, PL_REASON_TURN_SIDE_ON);
    else if (side != pose->near_side)
        measure_unknown(slot, PL_M_KNEE_OVER_TOE, PL_REASON_FAR_LEG);
    else if (!pl_geometry_known(leg->knee_px) || !pl_geometry_known(leg->ankle_px) || !pl_geometry_known(leg->toe_px))
        measure_unknown(slot, PL_M_KNEE_OVER_TOE,
                        pose->reason == PL_REASON_FEET_HIDDEN ? PL_REASON_FEET_HIDDEN : PL_REASON_NOT_CLEAR);
    else
        knee_over_toe(pose, limits, side, stood, slot);
}

/* Line from mid-hip to mid-shoulder against the vertical of the picture, + = forwards. src: measures.md 4.6.
 * err:  the network's hips lie about 4 cm in front of the joints: 23 repetitions of 10 rendered clips -2.9, standard
 *       deviation 1.8 (the mannequin -1.4, human bodies -4.2); 68 rendered frames of 6 bodies -4.4; the mean is added */
void pl_measure_trunk_forward(const struct pl_pose *pose, struct slot slot)
{
    static const float mean_deg = -3.2f, bias_deg = 4.5f;
    if (pose->view != PL_VIEW_SIDE) {
        measure_unknown(slot, PL_M_TRUNK_LEAN_FORWARD, PL_REASON_TURN_SIDE_ON);
        return;
    }
    const float lean = pose->facing * pl_geometry_lean_deg(pose->shoulders_px, pose->hips_px);
    measure_known(slot, PL_M_TRUNK_LEAN_FORWARD, lean - mean_deg, bias_deg);
}
