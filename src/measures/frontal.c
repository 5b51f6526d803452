/* What a front (or back) view sees: knee collapse and sideways lean. */
#include "internal.h"

#include <math.h>
#include "plumbline/geometry.h"

static const float rad_per_deg = (float)(PL_PI / 180.0);

/* False collapse per radian of yaw between camera and leg: tan of the thigh's and of the shank's forward tilt.
 * src:  measures.md section 2, own geometry; thigh and shank share the bend 58 : 42. Unknown bend: as at 45 degrees. */
static float yaw_gain(const struct slot slot)
{
    const float flexion = slot.v[PL_M_KNEE_FLEXION].value, bend = isnan(flexion) ? 45.0f : fminf(flexion, 100.0f);
    return tanf(0.58f * bend * rad_per_deg) + tanf(0.42f * bend * rad_per_deg);
}

/* Angle between the camera's axis and the leg's own plane: the foot shows it in the picture, the body says it
 * roughly. */
static const float leg_yaw_err_deg = 2.0f;

/* The network puts the knee a little towards the midline (or the hip outwards): the mean is taken off, what bodies
 * differ is in the band.
 * src:  20 repetitions of 8 rendered clips, 4 bodies, both legs: +3.0, standard deviation 1.4; loose clothes may do
 *       more */
static const float network_deg = 2.5f, fppa_bias_deg = 2.5f;

/* The thigh points at the camera when its picture is shorter than this, of the straight leg's length (.5 when
 * straight, .25 at a bend of about 100 degrees): its direction, and so the angle, means nothing then. src: own
 * geometry */
static const float least_thigh = 0.30f;

static float fppa_err(const struct pl_pose *pose, const struct pl_leg *leg, const struct slot slot)
{
    const float noise =
        pl_measure_noise_px(pose, leg->visibility_p) / (0.245f * pose->stature_px) * 2.45f / rad_per_deg;
    const float yaw = leg_yaw_err_deg * yaw_gain(slot);
    return sqrtf(fppa_bias_deg * fppa_bias_deg + yaw * yaw + 3.84f * noise * noise);
}

void pl_measure_fppa(const struct pl_pose *pose, const struct pl_limits *limits, enum pl_side side, struct slot slot)
{
    const struct pl_leg *leg = &pose->leg[side];
    const float value = pl_geometry_fppa_deg(leg->hip_px, leg->knee_px, leg->ankle_px, pl_measure_medial(pose, side));
    const float standing = pose->baseline[side].fppa_deg;
    enum pl_reason why = PL_REASON_NONE;
    if (pose->view != PL_VIEW_FRONT || pl_measure_off_front_deg(pose) > limits->fppa_yaw_max_deg)
        why = PL_REASON_FACE_CAMERA;
    else if (isnan(value))
        why = PL_REASON_NOT_CLEAR;
    else if (leg->knee_px.y - leg->hip_px.y < least_thigh * pose->leg_px)
        why = PL_REASON_TOO_BENT;
    if (why != PL_REASON_NONE) {
        measure_unknown(slot, PL_M_FPPA, why);
        measure_unknown(slot, PL_M_FPPA_CHANGE, why);
        return;
    }
    const float err = fppa_err(pose, leg, slot);
    measure_known(slot, PL_M_FPPA, value - network_deg, err);
    if (isnan(standing))
        measure_unknown(slot, PL_M_FPPA_CHANGE, PL_REASON_STAND_STILL);
    else
        measure_known(slot, PL_M_FPPA_CHANGE, value - standing, err);
}

/* Line from mid-hip to mid-shoulder against the vertical of the picture, + = towards this side. src: measures.md 4.6.
 * err:  rendered clips bias -2.7..2, spread 0.2-0.5; DiCesare 2014 about 1 degree; forward lean shows through yaw */
void pl_measure_trunk_side(const struct pl_pose *pose, enum pl_side side, struct slot slot)
{
    static const float bias_deg = 4.0f;
    if (pose->view != PL_VIEW_FRONT)
        measure_unknown(slot, PL_M_TRUNK_LEAN_SIDE, PL_REASON_FACE_CAMERA);
    else
        measure_known(slot, PL_M_TRUNK_LEAN_SIDE,
                      -pl_measure_medial(pose, side) * pl_geometry_lean_deg(pose->shoulders_px, pose->hips_px),
                      bias_deg);
}
