/* The head's answers for a picture and for its mirror image -> what is to be added so that both say the same.
 *
 * in:   its answers (leg_head.c) for a picture, and now and then for that picture's mirror image
 * out:  when to look at the mirror image; what to add to tilt, yaw and each joint
 * how:  of the two, tilts and yaws should be x and -x, and the joints the same. On real people tilts are up to 5 degrees off, by
 *       pose; half of what is between the two is error, and is followed
 * src:  models/leg_head.md
 */
#include "internal.h"

#include <math.h>

/* src: measured on clips (models/leg_head.md): rarer looks come too late for quick repetitions. Not in more than one of
 * three frames, so that where frames are slow they do not become much slower. */
enum { BIAS_PERIOD_MS = 250, BIAS_FRAMES = 3 };
static const float bias_time_constant_s = 0.1f;
/* Of the crop, between a joint in the picture and in the mirror image.
 * src:  one of 53 clips, a lunge in a dark room, is .06 to .1 apart, wrongly; .03 to .05 made no difference to the others */
static const float apart_most = 0.05f;

bool pl_mirror_bias_wanted(struct pl_mirror_bias *bias, int64_t t_ns, bool front)
{
    if (bias->known && t_ns < bias->t_ns) /* another recording */
        *bias = (struct pl_mirror_bias){ .known = false };
    bias->n_frames++;
    return !bias->known || (front && isnan(bias->by.tilt_deg))
           || (bias->n_frames >= BIAS_FRAMES && t_ns - bias->t_ns >= BIAS_PERIOD_MS * (int64_t)1000000);
}

/* A quantity of which the mirror image should have the negative. */
static void follow(float *bias_deg, float picture_deg, float mirror_deg, float share)
{
    const float deg = -0.5f * (picture_deg + mirror_deg);
    if (isfinite(deg))
        *bias_deg = isnan(*bias_deg) ? deg : *bias_deg + share * (deg - *bias_deg);
}

/* Half of the way of one leg's joints to where the mirror image has them, left being right there. If it has one of them far off
 * it has seen something else: the far leg for the near one. Then what was known stays. */
static void follow_leg(struct pl_vec2 by[PL_N_LEG_POINTS], const struct pl_vec2 picture[PL_N_LEG_POINTS],
                       const struct pl_vec2 mirror[PL_N_LEG_POINTS], enum pl_side side, float share)
{
    struct pl_vec2 way[PL_N_LEG_POINTS];
    for (int i = (int)side; i < PL_N_LEG_POINTS; i += PL_N_SIDES) {
        const struct pl_vec2 there = { 1.0f - mirror[i ^ 1].x, mirror[i ^ 1].y };
        way[i] = (struct pl_vec2){ 0.5f * (there.x - picture[i].x), 0.5f * (there.y - picture[i].y) };
        if (!(hypotf(way[i].x, way[i].y) < 0.5f * apart_most))
            return;
    }
    for (int i = (int)side; i < PL_N_LEG_POINTS; i += PL_N_SIDES) {
        by[i].x += share * (way[i].x - by[i].x);
        by[i].y += share * (way[i].y - by[i].y);
    }
}

void pl_mirror_bias_update(struct pl_mirror_bias *bias, int64_t t_ns, const struct pl_leg_answer *picture,
                           const struct pl_leg_answer *mirror)
{
    const float share = bias->known ? -expm1f((float)(t_ns - bias->t_ns) * -1e-9f / bias_time_constant_s) : 1.0f;
    struct pl_leg_answer by = { .tilt_deg = NAN, .yaw_deg = NAN };

    if (bias->known)
        by = bias->by;
    if (mirror) {
        follow(&by.tilt_deg, picture->tilt_deg, mirror->tilt_deg, share);
        follow(&by.yaw_deg, picture->yaw_deg, mirror->yaw_deg, share);
        follow_leg(by.joint, picture->joint, mirror->joint, PL_SIDE_LEFT, share);
        follow_leg(by.joint, picture->joint, mirror->joint, PL_SIDE_RIGHT, share);
    } else if (isnan(by.tilt_deg) && !isnan(picture->tilt_deg)) {
        by.tilt_deg = by.yaw_deg = 0.0f;
    }
    *bias = (struct pl_mirror_bias){ .known = true, .t_ns = t_ns, .by = by };
}
