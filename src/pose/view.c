/* From where does the camera see the person? Yaw of the line through both hips plus the line through both shoulders, about
 * the line of sight: who stands aside of the picture's middle and looks straight ahead is seen from one side.
 *
 * how:  world landmarks (x and z in one scale) where there are any: on rendered people in front, at 30 and at 90
 *       degrees they are within 4-8 degrees. Without them the image's own z, which is less good. The two lines are
 *       low-passed as vectors: no wrap-around, and a turn of the body is followed in a second.
 */
#include "internal.h"

#include <math.h>
#include "plumbline/geometry.h"
#include "plumbline/signal.h"

static const double follow_s = 0.5; /* a person turns in about a second */
static const float hysteresis_deg = 4.0f;

/* The network sees people in front of the camera turned to one side: the mean is taken off, beyond 20 degrees less and less
 * up to where it is gone.
 * src:  standing in 14 rendered clips, 8 bodies, as they are and mirrored: -4.9, standard deviation 1.0, bent -2.7; 730
 *       rendered frames of 39 bodies within 10 degrees: -3.3; between 25 and 50 degrees: -1 */
static const float network_deg = -4.5f, whole_deg = 20.0f, gone_deg = 45.0f;

static struct pl_vec3 across(const struct pl_landmarks *now, enum pl_landmark left, bool metric)
{
    const enum pl_landmark right = pl_landmark_of(left, PL_SIDE_RIGHT);
    const struct pl_point *l = &now->px[left], *r = &now->px[right];
    if (metric)
        return (struct pl_vec3){ now->m[left].x - now->m[right].x, now->m[left].y - now->m[right].y,
                                 now->m[left].z - now->m[right].z };
    return (struct pl_vec3){ l->x_px - r->x_px, l->y_px - r->y_px, l->z_px - r->z_px };
}

/* 0 straight in front or behind .. 90 side-on */
static float off_front_deg(float yaw_deg)
{
    const float a = fabsf(yaw_deg);
    return a > 90.0f ? 180.0f - a : a;
}

static enum pl_view classify(enum pl_view before, float off_deg, const struct pl_limits *limits)
{
    const float front = limits->view_front_max_deg + (before == PL_VIEW_FRONT ? hysteresis_deg : 0.0f);
    const float side = limits->view_side_min_deg - (before == PL_VIEW_SIDE ? hysteresis_deg : 0.0f);
    return off_deg <= front ? PL_VIEW_FRONT : off_deg >= side ? PL_VIEW_SIDE : PL_VIEW_OBLIQUE;
}

static float yaw_of(const struct view *view)
{
    const float seen = (float)(atan2((double)-view->z, (double)view->x) * 180.0 / PL_PI);
    const float share = fminf(1.0f, fmaxf(0.0f, (gone_deg - fabsf(seen)) / (gone_deg - whole_deg)));
    return view->metric ? seen - share * network_deg : seen;
}

void pl_view_step(struct view *view, const struct pl_landmarks *now, double dt_s, const struct pl_limits *limits)
{
    const bool metric = !isnan(now->m[PL_LM_LEFT_HIP].x) && !isnan(now->m[PL_LM_LEFT_SHOULDER].x);
    const struct pl_vec3 hips = across(now, PL_LM_LEFT_HIP, metric),
                         shoulders = across(now, PL_LM_LEFT_SHOULDER, metric);
    const float x = hips.x + shoulders.x, z = hips.z + shoulders.z;
    if (isnan(x) || isnan(z))
        return;
    const float share = view->known && view->metric == metric ? pl_signal_share(dt_s, follow_s) : 1.0f;
    view->x += share * (x - view->x);
    view->z += share * (z - view->z);
    view->metric = metric;
    view->view = classify(view->known ? view->view : PL_VIEW_UNKNOWN, off_front_deg(yaw_of(view)), limits);
    view->known = true;
}

void pl_view_result(const struct view *view, struct pl_pose *out)
{
    const float yaw = view->known ? yaw_of(view) : NAN, off = off_front_deg(yaw);
    out->view = view->known ? view->view : PL_VIEW_UNKNOWN;
    out->yaw_deg = yaw;
    out->yaw_err_deg = view->metric ? 6.0f + 0.1f * off : 15.0f;
    out->from_behind = fabsf(yaw) > 90.0f;
    out->near_side = !view->known || off < 20.0f ? PL_SIDE_UNKNOWN : yaw > 0.0f ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
    out->facing = out->view == PL_VIEW_SIDE ? (yaw > 0.0f ? -1.0f : 1.0f) : NAN;
}

float pl_pose_off_front_deg(const struct pl_pose *pose) { return off_front_deg(pose->yaw_deg); }

float pl_pose_medial(const struct pl_pose *pose, enum pl_side side)
{
    return (side == PL_SIDE_LEFT) != pose->from_behind ? -1.0f : 1.0f;
}
