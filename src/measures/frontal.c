/* What a front (or back) view sees: knee collapse and sideways lean. */
#include "internal.h"

#include <math.h>
#include "plumbline/geometry.h"

static const float rad_per_deg = (float)(PL_PI / 180.0);

/* False collapse per radian of yaw between line of sight and leg: tan of the thigh's and of the shank's forward tilt.
 * src:  measures.md section 2, own geometry; thigh and shank share the bend 58 : 42. 320 rendered frames, yaw within 15
 *       degrees, bend 40-75: picture against truth, slope 1.03, spread 10.4 before and 2.1 degrees after. Unknown bend: as
 *       at 45 degrees. */
static float bend_of(const struct slot slot)
{
    const float flexion = slot.v[PL_M_KNEE_FLEXION].value;
    return isnan(flexion) ? 45.0f : fminf(flexion, 100.0f);
}

static float yaw_gain(float bend_deg)
{
    return tanf(0.58f * bend_deg * rad_per_deg) + tanf(0.42f * bend_deg * rad_per_deg);
}

/* What the network makes of the angle: it shrinks it a little and adds to it, + = too much collapse. Of a leg that stands
 * alone it puts the bent knee towards the left of the picture, so what it adds to a left leg's angle it takes from a right
 * one's. The mean is taken off, what bodies differ is in the band.
 * src:  rendered clips as they are and mirrored, so that each leg is once a left and once a right one. Single legs, 9 clips,
 *       8 bodies: left +3.7, right -0.5; both legs, 4 clips: +0.5, alike; standing +1.3. Gain .8-.9 in 500 rendered frames
 *       of 39 bodies, .96 in the clips. From behind (not measured): the mean of both legs */
struct network { float gain, standing_deg, both_deg, one_deg, left_deg, beside_line, yaw_err_deg, yaw_err_share; };
static const struct network network = { 0.94f, 1.3f, 0.5f, 1.6f, 2.0f, 0.0088f, 3.5f, 0.6f };

/* The same of joints that the head puts right; left and right are alike, picture and mirror image being asked both. Of what is
 * left, the standing leg tells a part: of its reading, against the mean of standing people, this share is the landmarks' and not
 * the knee's, and is taken off.
 * src:  rendered clips: 30 bottoms of ours, 12 each of other bodies, rooms and cameras. Mean errors .9, 2.0 and 1.3 degrees;
 *       without the share (another head, 391 bodies) .6, 2.5, 1.4 where with it .9, 1.9, 1.2 */
static const struct network joints = { 1.0f, 0.7f, -1.6f, 1.3f, 0.0f, 0.0060f, 2.5f, 0.5f };
static const float standing_share = 0.3f, standing_mean_deg = 0.8f;

static const float alone = 0.10f; /* statures from ankle to ankle upwards: one foot is well off the floor */

static float without_network_deg(float seen_deg, const struct network *n, const struct pl_pose *pose, enum pl_side side,
                                 float bend_deg)
{
    const float left = pose->from_behind ? 0.0f : side == PL_SIDE_LEFT ? 1.0f : -1.0f;
    const float higher = fabsf(pose->leg[PL_SIDE_LEFT].ankle_px.y - pose->leg[PL_SIDE_RIGHT].ankle_px.y);
    const float one = isnan(higher) ? 1.0f : fminf(1.0f, higher / (alone * pose->stature_px));
    const float added = n->both_deg + one * (n->one_deg - n->both_deg)
                        + one * left * n->left_deg * fminf(1.0f, bend_deg / 60.0f);
    return (seen_deg - added) / n->gain;
}

/* What is left, 95 %: struct network's beside_line, how far the knee is put beside the line from hip to ankle, statures, of a
 * body that is well resolved (pl_measure_coarse); a thigh that points at the camera is short and turns more for it.
 * src:  landmarks: 43 bottoms of 20 rendered clips (make bands), bends from 9 to 100 degrees, baggy clothes and pictures of 380
 *       lines among them. Joints put right: 53 bottoms of 25 clips need .57 of that; a fifth more is left for who is not among
 *       them. Standing, for the change against it: what two seconds leave */
static const float standing_bias_deg = 3.0f;

/* The line of sight against the leg's own plane: of the standing body's yaw this share is believed. struct network has its band,
 * and the share of what is told that it grows by: who is told as turned is partly mistaken for it.
 * src:  what is left of the yaw at 53 bottoms of 25 rendered clips, told by landmarks: all within 3.5 where it is told as less
 *       than 3, up to 8 where it is told as 3 to 9. Told by the head, too, collapse of 54 bottoms needs .55 of that band; .7 is
 *       left */
static const float yaw_share = 0.9f;

/* A leg stands beside the body's middle, which the line of sight is told for: half the hips' width, .053 statures, is 1.1
 * degrees for a person of 1.70 m 2.75 m away, and the bent knee comes nearer to the camera than hip and ankle, which moves
 * it outwards as much again. More bend does not add to it, because the leg grows in the picture, too.
 * src:  own geometry; 12 rendered clips: 2-3 degrees */
static const float beside_deg = 2.3f, beside_bend_deg = 60.0f;

static float fppa_err(const struct pl_pose *pose, const struct pl_leg *leg, const struct network *n)
{
    const float per_length = 1.0f / pl_geometry_distance(leg->hip_px, leg->knee_px)
                             + 1.0f / pl_geometry_distance(leg->knee_px, leg->ankle_px);
    const float noise_px = pl_measure_noise_px(pose, leg->visibility_p);
    const float beside_px = n->beside_line * pl_measure_coarse(pose) * pose->stature_px;
    return hypotf(beside_px, 1.96f * noise_px) * per_length / rad_per_deg;
}

/* How the leg turns about the line of sight shows as collapse of a bent knee; where in the picture it stands does not (with
 * joints, bend and yaw as they truly are the mean error is 1.0 degrees by the line of sight, 5.7 by the camera's axis: 13
 * clips). Standing tells it best: in a squat on one leg the hips turn with the free leg. + = the camera at the person's left. */
static float leg_yaw_deg(const struct pl_pose *pose, enum pl_side side)
{
    const float standing = pose->baseline[side].yaw_deg, yaw = isnan(standing) ? pose->yaw_deg : standing;
    return yaw_share * (yaw > 90.0f ? yaw - 180.0f : yaw < -90.0f ? yaw + 180.0f : yaw);
}

/* What the view adds to a leg in its own plane: a camera at the person's left sees the bent left knee further in, the right
 * one further out, and any camera sees both a little further out. */
static float false_collapse_deg(const struct pl_pose *pose, enum pl_side side, float bend_deg)
{
    const float turned = yaw_gain(bend_deg) * leg_yaw_deg(pose, side);
    return (side == PL_SIDE_LEFT ? turned : -turned) - beside_deg * yaw_gain(fminf(bend_deg, beside_bend_deg));
}

/* FPPA: the knee's angle in the picture, and as a camera straight in front of the leg would see it; + = inwards.
 *
 * how:  the picture's angle is what is published (2D FPPA) and what a camera can be held to. A leg that is not seen
 *       straight on, because the body is turned or stands aside of the picture's middle, shows 1.2 degrees too much or too
 *       little per degree at a bend of 60: that is taken off for the corrected one, by which knees are judged.
 * err:  without yaw for the picture's, with it for the corrected one
 * src:  measures.md 4.1 and 2; Munro 2012 */
void pl_measure_fppa(const struct pl_pose *pose, const struct pl_limits *limits, enum pl_side side, struct slot slot)
{
    const struct pl_leg *leg = &pose->leg[side];
    const struct pl_joints *joint = &leg->joint;
    const struct pl_baseline *stood = &pose->baseline[side];
    const struct network *n = joint->put_right ? &joints : &network;
    const float seen = pl_geometry_fppa_deg(joint->hip_px, joint->knee_px, joint->ankle_px, pl_pose_medial(pose, side));
    const float unshared = without_network_deg(seen, n, pose, side, bend_of(slot));
    const float standing = stood->put_right == joint->put_right ? (stood->fppa_deg - n->standing_deg) / n->gain : NAN;
    const float share = joint->put_right && !isnan(standing) ? standing_share : 0.0f;
    const float value = share > 0.0f ? unshared - share * (standing - standing_mean_deg) : unshared;
    enum pl_reason why = PL_REASON_NONE;
    if (pose->view != PL_VIEW_FRONT || pl_pose_off_front_deg(pose) > limits->fppa_yaw_max_deg)
        why = PL_REASON_FACE_CAMERA;
    else if (isnan(value))
        why = PL_REASON_NOT_CLEAR;
    else if (leg->knee_px.y - leg->hip_px.y < limits->thigh_length_min * pose->leg_px)
        why = PL_REASON_TOO_BENT; /* the thigh points at the camera: its direction, and so the angle, means nothing */
    if (why != PL_REASON_NONE) {
        measure_unknown(slot, PL_M_FPPA, why);
        measure_unknown(slot, PL_M_FPPA_CORRECTED, why);
        measure_unknown(slot, PL_M_FPPA_CHANGE, why);
        return;
    }
    const float err = fppa_err(pose, leg, n), bend = bend_of(slot);
    measure_known(slot, PL_M_FPPA, value, err);
    measure_known(slot, PL_M_FPPA_CORRECTED, value - false_collapse_deg(pose, side, bend),
                  hypotf(err, yaw_gain(bend) * hypotf(n->yaw_err_deg, n->yaw_err_share * leg_yaw_deg(pose, side))));
    if (isnan(standing))
        measure_unknown(slot, PL_M_FPPA_CHANGE, PL_REASON_STAND_STILL);
    else
        measure_known(slot, PL_M_FPPA_CHANGE, unshared - standing, hypotf(err, standing_bias_deg));
}

/* Line from mid-hip to mid-shoulder against the vertical of the picture, + = towards this side. src: measures.md 4.6.
 *
 * how:  who squats leans forwards, and seen from aside a part of that looks like leaning away from the camera's side. How
 *       far forwards is not seen from the front, but goes with the bend
 * src:  80 bottoms of 43 rendered clips, yaw up to 15 degrees: per degree of yaw at a bend of 60 .138 (by the true forward lean
 *       .53 of its tangent); further off than the band 4 before and 1 after
 * err:  38 bottoms of 17 rendered clips: spread 1.1, the camera's roll among it, and +0.8 to the left leg's side, which stays
 *       with the person in a mirrored picture and so is the figures'; DiCesare 2014 about 1 degree */
void pl_measure_trunk_side(const struct pl_pose *pose, enum pl_side side, struct slot slot)
{
    static const float bias_deg = 3.5f, of_yaw = 0.14f / 60.0f;
    if (pose->view != PL_VIEW_FRONT) {
        measure_unknown(slot, PL_M_TRUNK_LEAN_SIDE, PL_REASON_FACE_CAMERA);
        return;
    }
    const float seen = -pl_pose_medial(pose, side) * pl_geometry_lean_deg(pose->shoulders_px, pose->hips_px);
    const float away = of_yaw * bend_of(slot) * leg_yaw_deg(pose, side);
    measure_known(slot, PL_M_TRUNK_LEAN_SIDE, seen + (side == PL_SIDE_LEFT ? away : -away), bias_deg);
}
