/* The foot that stands, seen from the side.
 *
 * how:  the network's ankle and heel slide towards the other foot and back as the body bends; a foot that stands does not
 *       move. So: the ankle by itself and by the heel, and the median of where that was about here in the last second and a half.
 *       A heel that is lifted takes the ankle along, by .03 statures and more: that is followed late
 * src:  foot .152 of the stature (Drillis & Contini 1966), ankle .242 of it before the heel. Bends at the bottom by the ankle as
 *       it is seen and as it stands: ours 2.1 and 1.9 degrees off, three sets of other clips 2.5 and 1.9, 3.2 and 2.7, 3.9 and
 *       3.1; eight clips that were not looked at when this was chosen 3.6 and 4.0. Twice as long is worth another .1 */
#include "internal.h"

#include <math.h>
#include <string.h>
#include "plumbline/geometry.h"

static const float ankle_to_heel = 0.242f * 0.152f;
/* statures: of the landmark [0], of the one that is put right: between people (0) and our mannequin, whose feet are longer: with
 * 0 the samples' 16 bottoms, all hers, err by 5.5 instead of 4.9, and 16 later clips of people by 3.5 instead of 3.7 */
static const float heel_ahead[2] = { 0.10f * 0.152f, -0.018f * 0.152f };
static const double foot_s = 1.5;
static const float foot_still = 0.04f; /* statures: further off it was another step, or a heel lifted high; .03-.08 do alike */

float pl_measure_turned_cosine(const struct pl_pose *pose)
{
    return cosf(fminf(30.0f, fabsf(90.0f - fabsf(pose->yaw_deg))) * (float)(PL_PI / 180.0));
}

/* Of one moment: the ankle by itself and by the heel, half each. */
static struct stood stands_now(const struct pl_pose *pose, const struct pl_leg *leg)
{
    struct pl_vec2 ankle = leg->joint.ankle_px;
    const struct pl_vec2 heel = leg->joint.heel_px;
    const float apart_px = (ankle_to_heel - heel_ahead[leg->joint.put_right]) * pl_measure_turned_cosine(pose) * pose->stature_px;
    if (!isnan(heel.x))
        ankle.x = 0.5f * (ankle.x + heel.x + pose->facing * apart_px);
    return (struct stood){ ankle, leg->toe_px.y - heel.y };
}

/* How it stood in the last foot_s, wherever the ankle was about where it is now. */
static struct stood stands(struct foot *foot, int64_t t_ns, struct stood now, float near_px)
{
    float x[FOOT_MAX], y[FOOT_MAX], rise[FOOT_MAX];
    int old = 0, n = 0;
    while (old < foot->n && (foot->n - old >= FOOT_MAX || t_ns - foot->then[old].t_ns > pl_ns_from_s(foot_s)))
        old++;
    foot->n -= old;
    memmove(&foot->then[0], &foot->then[old], (size_t)foot->n * sizeof foot->then[0]);
    foot->then[foot->n++] = (struct foot_then){ t_ns, now };
    for (int i = 0; i < foot->n; i++) {
        const struct stood *then = &foot->then[i].stood;
        if (pl_geometry_distance(then->ankle_px, now.ankle_px) > near_px)
            continue;
        x[n] = then->ankle_px.x;
        y[n] = then->ankle_px.y;
        rise[n++] = then->rise_px;
    }
    return (struct stood){ { pl_signal_median(x, n), pl_signal_median(y, n) }, pl_signal_median(rise, n) };
}

struct stood pl_measure_stood(struct foot *foot, const struct pl_pose *pose, enum pl_side side)
{
    const struct pl_leg *leg = &pose->leg[side];
    if (pose->view != PL_VIEW_SIDE || side != pose->near_side || !pl_geometry_known(leg->ankle_px))
        return (struct stood){ { NAN, NAN }, NAN };
    return stands(foot, pose->t_ns, stands_now(pose, leg), foot_still * pose->stature_px);
}
