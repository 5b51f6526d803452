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

static float yaw_gain(const struct slot slot)
{
    const float bend = bend_of(slot);
    return tanf(0.58f * bend * rad_per_deg) + tanf(0.42f * bend * rad_per_deg);
}

/* What the network makes of the angle: it shrinks it a little, and adds to it, + = too much collapse. It puts every bent
 * knee towards the left of the picture, so what it adds to the left leg's angle it takes from the right one's. The mean is
 * taken off, what bodies differ is in the band.
 * src:  40 bottoms of 14 rendered clips, 7 bodies, bends from 43 to 97 degrees, and 500 rendered frames of 39 bodies, front:
 *       left leg +2.6, right leg 0 on single legs, less in squats; standing +1.3. Six clips mirrored: left legs +2.8, the
 *       same as right ones 0.0. Gain .8-.9 in the frames, .96 in the clips. From behind (not measured): the mean of both legs
 */
static const float network_gain = 0.94f, network_deg = 1.3f, network_left_deg = 1.3f;

static float without_network_deg(float seen_deg, const struct pl_pose *pose, enum pl_side side, float bend_deg)
{
    const float left = pose->from_behind ? 0.0f : side == PL_SIDE_LEFT ? 1.0f : -1.0f;
    return (seen_deg - network_deg - left * network_left_deg * fminf(1.0f, bend_deg / 60.0f)) / network_gain;
}

/* src: what is left, 95 %: repetitions of rendered clips */
static const float picture_bias_deg = 3.8f;

/* The line of sight against the leg's own plane: of the standing body's yaw this share is believed, and its band then.
 * src:  spread 2.1 degrees where people stand within 5 of straight ahead */
static const float yaw_share = 0.85f, yaw_err_deg = 3.5f;

/* A leg beside the body's middle is seen from a little to that side: degrees per stature, for a person of 1.70 m 2.75 m
 * away (measures.md section 2: 2.3-3.5 m), and how much of it shows, because knee and ends of the leg are not equally far.
 * src:  the same 320 frames: .67 */
static const float beside_deg = 35.4f * 0.67f;

/* The thigh points at the camera when its picture is shorter than this, of the straight leg's length (.5 when
 * straight, .25 at a bend of about 100 degrees): its direction, and so the angle, means nothing then. src: own
 * geometry */
static const float least_thigh = 0.30f;

static float fppa_err(const struct pl_pose *pose, const struct pl_leg *leg)
{
    const float noise =
        pl_measure_noise_px(pose, leg->visibility_p) / (0.245f * pose->stature_px) * 2.45f / rad_per_deg;
    return sqrtf(picture_bias_deg * picture_bias_deg + 3.84f * noise * noise);
}

/* How the leg turns about the line of sight shows as collapse of a bent knee. Standing tells it best: in a squat on one
 * leg the hips turn with the free leg. + = the camera at the person's left. */
static float leg_yaw_deg(const struct pl_pose *pose, enum pl_side side)
{
    const float standing = pose->baseline[side].yaw_deg, yaw = isnan(standing) ? pose->yaw_deg : standing;
    const float beside = (pose->leg[side].ankle_px.x - 0.5f * (pose->hips_px.x + pose->shoulders_px.x)) / pose->stature_px;
    const float ahead = yaw > 90.0f ? yaw - 180.0f : yaw < -90.0f ? yaw + 180.0f : yaw;
    return yaw_share * ahead - beside_deg * beside;
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
    const float seen = pl_geometry_fppa_deg(leg->hip_px, leg->knee_px, leg->ankle_px, pl_measure_medial(pose, side));
    const float value = without_network_deg(seen, pose, side, bend_of(slot));
    const float standing = without_network_deg(pose->baseline[side].fppa_deg, pose, side, 0.0f);
    enum pl_reason why = PL_REASON_NONE;
    if (pose->view != PL_VIEW_FRONT || pl_measure_off_front_deg(pose) > limits->fppa_yaw_max_deg)
        why = PL_REASON_FACE_CAMERA;
    else if (isnan(value))
        why = PL_REASON_NOT_CLEAR;
    else if (leg->knee_px.y - leg->hip_px.y < least_thigh * pose->leg_px)
        why = PL_REASON_TOO_BENT;
    if (why != PL_REASON_NONE) {
        measure_unknown(slot, PL_M_FPPA, why);
        measure_unknown(slot, PL_M_FPPA_CORRECTED, why);
        measure_unknown(slot, PL_M_FPPA_CHANGE, why);
        return;
    }
    /* a camera at the person's left sees the bent left knee further in, the right one further out */
    const float err = fppa_err(pose, leg), gain = yaw_gain(slot), sign = side == PL_SIDE_LEFT ? 1.0f : -1.0f;
    measure_known(slot, PL_M_FPPA, value, err);
    measure_known(slot, PL_M_FPPA_CORRECTED, value - sign * gain * leg_yaw_deg(pose, side),
                  hypotf(err, gain * yaw_err_deg));
    if (isnan(standing))
        measure_unknown(slot, PL_M_FPPA_CHANGE, PL_REASON_STAND_STILL);
    else
        measure_known(slot, PL_M_FPPA_CHANGE, value - standing, err);
}

/* Line from mid-hip to mid-shoulder against the vertical of the picture, + = towards this side. src: measures.md 4.6.
 * err:  the network leans everybody to the right of the picture: 28 repetitions of rendered clips, left leg +1.2, right leg
 *       -0.5, standard deviation 1.2, the camera's roll among it; DiCesare 2014 about 1 degree */
void pl_measure_trunk_side(const struct pl_pose *pose, enum pl_side side, struct slot slot)
{
    static const float network_right_deg = 0.8f, bias_deg = 3.0f;
    if (pose->view != PL_VIEW_FRONT)
        measure_unknown(slot, PL_M_TRUNK_LEAN_SIDE, PL_REASON_FACE_CAMERA);
    else
        measure_known(slot, PL_M_TRUNK_LEAN_SIDE,
                      -pl_measure_medial(pose, side)
                          * (pl_geometry_lean_deg(pose->shoulders_px, pose->hips_px) - network_right_deg),
                      bias_deg);
}
