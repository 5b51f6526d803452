/* Is this a person? Networks draw confident skeletons on furniture and on a face at arm's length; geometry tells.
 *
 * src:  segment lengths as shares of stature: Drillis & Contini 1966 via Winter 2009, figure 4.1. The margins are
 *       wide because a picture foreshortens: only what no pose of an upright exerciser can look like is refused.
 */
#include "internal.h"

#include <math.h>
#include "plumbline/geometry.h"

static const float trunk_share = 0.288f, leg_share = 0.491f;

static struct pl_vec2 at(const struct pl_landmarks *now, enum pl_landmark left, enum pl_side side)
{
    const struct pl_point *p = &now->px[pl_landmark_of(left, side)];
    return (struct pl_vec2){ p->x_px, p->y_px };
}

static struct pl_vec2 mid(const struct pl_landmarks *now, enum pl_landmark left)
{
    return pl_geometry_mid(at(now, left, PL_SIDE_LEFT), at(now, left, PL_SIDE_RIGHT));
}

static float leg_px(const struct pl_landmarks *now, enum pl_side side)
{
    const struct pl_vec2 knee = at(now, PL_LM_LEFT_KNEE, side);
    return pl_geometry_distance(at(now, PL_LM_LEFT_HIP, side), knee)
           + pl_geometry_distance(knee, at(now, PL_LM_LEFT_ANKLE, side));
}

static float trunk_px(const struct pl_landmarks *now)
{
    return pl_geometry_distance(mid(now, PL_LM_LEFT_SHOULDER), mid(now, PL_LM_LEFT_HIP));
}

float pl_pose_stature_px(const struct pl_landmarks *now)
{
    const float legs = fmaxf(leg_px(now, PL_SIDE_LEFT), leg_px(now, PL_SIDE_RIGHT)) / leg_share;
    return fmaxf(trunk_px(now) / trunk_share, legs);
}

bool pl_pose_plausible(const struct pl_landmarks *now, float size_px)
{
    const struct pl_vec2 shoulders = mid(now, PL_LM_LEFT_SHOULDER), hips = mid(now, PL_LM_LEFT_HIP),
                         ankles = mid(now, PL_LM_LEFT_ANKLE);
    const float hip_width =
        pl_geometry_distance(at(now, PL_LM_LEFT_HIP, PL_SIDE_LEFT), at(now, PL_LM_LEFT_HIP, PL_SIDE_RIGHT));
    const float shoulder_width =
        pl_geometry_distance(at(now, PL_LM_LEFT_SHOULDER, PL_SIDE_LEFT), at(now, PL_LM_LEFT_SHOULDER, PL_SIDE_RIGHT));
    const float legs = fmaxf(leg_px(now, PL_SIDE_LEFT), leg_px(now, PL_SIDE_RIGHT)), trunk = trunk_px(now);
    if (!(size_px > 0.0f))
        return false;                                  /* NAN too */
    return hips.y - shoulders.y > -0.05f * size_px     /* bent over at most a little past level */
           && ankles.y - hips.y > -0.05f * size_px     /* feet below the seat */
           && ankles.y - shoulders.y > 0.25f * size_px /* upright, not lying */
           && hip_width < 0.35f * size_px && shoulder_width < 0.45f * size_px /* bodies: .19 and .26 */
           && trunk > 0.06f * size_px && legs > 0.15f * size_px;
}

bool pl_pose_inside(struct pl_vec2 p, struct frame_size size)
{
    const float margin = 0.01f; /* a point at the very edge is a guess */
    if (size.width_px <= 0 || size.height_px <= 0)
        return pl_geometry_known(p);
    const float w = (float)size.width_px, h = (float)size.height_px;
    return p.x > margin * w && p.x < (1.0f - margin) * w && p.y > margin * h && p.y < (1.0f - margin) * h;
}
