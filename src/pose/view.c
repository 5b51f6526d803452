/* From where does the camera see the person? Yaw of the line through both hips plus the line through both shoulders, about
 * the line of sight: who stands aside of the picture's middle and looks straight ahead is seen from one side.
 *
 * how:  world landmarks (x and z in one scale) where there are any: on rendered people in front, at 30 and at 90
 *       degrees they are within 4-8 degrees. Without them the image's own z, which is less good. The two lines are
 *       low-passed as vectors: no wrap-around, and a turn of the body is followed in a second. In front of the camera the
 *       planted feet are asked, too: which way they point is seen in the picture itself, not guessed from depth.
 *       A head on the network's features, where there is one, counts most.
 * not:  the picture's middle: a leg shows by the line of sight how far it collapses, wherever in the picture it stands (a
 *       camera that turns about its lens changes no angle that matters), and the network sees a crop around the person
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

/* Which way planted feet point: heel to second toe, statures, as the network sees it; how far out feet are turned, which
 * cancels on both; how much this is believed against the two lines, and up to which difference it tells of the body and not
 * of the foot.
 * src:  length and turn: standing frames of the 192 bodies that the leg head was trained on (slope 1.0 with this length; one
 *       leg: 5 to 6 degrees). Share: 22 rendered clips, on which lines and feet err alike (rms 2.2 and 2.4 degrees) but not
 *       together: 1.6 with shares from .3 to .5. 9 others: 4.6 and 3.3, together 3.6. On real people in front they are 1 to 5
 *       apart, with each foot turned out by 30, too */
static const float foot_length = 0.124f, toes_out_deg = 5.0f, feet_share = 0.4f, feet_differ_deg = 12.0f;

/* A head on the network's features knows better than its landmarks, and errs otherwise; beyond 30 degrees it was not trained.
 * src:  standing people in 32 rendered clips (ours, other bodies, later ones): mean errors 1.0, 1.3 and 1.8 degrees; landmarks and
 *       feet 1.2, 1.7 and 2.9. What is left of collapse as seen straight on, with a share of 1: 1.8, 2.1, 1.8; .8: 1.8, 1.8, 2.1;
 *       .6: 1.7, 1.7, 2.4; 0: 1.8, 2.0, 3.8 */
static const float head_gone_deg = 30.0f, head_share = 0.8f;

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
    const float lines = view->metric ? seen - share * network_deg : seen;
    const float differ = fminf(feet_differ_deg, fmaxf(-feet_differ_deg, view->feet_deg - lines));
    const float landmarks = lines + share * view->feet_share * differ;
    const float head = fminf(1.0f, fmaxf(0.0f, (head_gone_deg - fabsf(landmarks)) / (head_gone_deg - whole_deg)));
    return landmarks + head * view->head_share * (view->head_deg - landmarks);
}

/* The yaw by one foot; NAN if it cannot be seen. */
static float foot_yaw_deg(const struct person *person, enum pl_side side)
{
    const struct pl_point *heel = &person->now->px[pl_landmark_of(PL_LM_LEFT_HEEL, side)],
                          *toe = &person->now->px[pl_landmark_of(PL_LM_LEFT_FOOT_INDEX, side)];
    const struct pl_vec2 h = { heel->x_px, heel->y_px }, t = { toe->x_px, toe->y_px };
    if (!(fminf(heel->visibility_p, toe->visibility_p) >= person->limits->visibility_min_p)
        || !pl_pose_inside(h, person->size) || !pl_pose_inside(t, person->size))
        return NAN;
    const float along = (t.x - h.x) / (foot_length * person->stature_px);
    const float points_deg = (float)(asin(fmin(0.9, fmax(-0.9, (double)along))) * 180.0 / PL_PI);
    return (side == PL_SIDE_LEFT ? toes_out_deg : -toes_out_deg) - points_deg;
}

/* Mean over the feet that stand; NAN if none is seen. A lifted one hangs as it likes. */
static float feet_yaw_deg(const struct person *person)
{
    const float y[PL_N_SIDES] = { person->now->px[PL_LM_LEFT_ANKLE].y_px, person->now->px[PL_LM_RIGHT_ANKLE].y_px };
    const float lifted_px = fmaxf(y[0], y[1]) - person->limits->foot_lift_min * person->stature_px;
    float sum = 0.0f;
    int n = 0;
    for (int side = 0; side < PL_N_SIDES; side++) {
        const float yaw = y[side] > lifted_px ? foot_yaw_deg(person, (enum pl_side)side) : NAN;
        if (!isnan(yaw)) {
            sum += yaw;
            n++;
        }
    }
    return n ? sum / (float)n : NAN;
}

/* The low-passed yaw by something, and how much it counts: less and less while it is not known, up to most. */
static void follow(float *deg, float *counts, float now_deg, float most, float share)
{
    if (!isnan(now_deg))
        *deg += (*counts > 0.0f ? share : 1.0f) * (now_deg - *deg);
    *counts += share * ((isnan(now_deg) ? 0.0f : most) - *counts);
}

void pl_view_step(struct view *view, const struct person *person, double dt_s)
{
    const struct pl_landmarks *now = person->now;
    const struct pl_limits *limits = person->limits;
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
    follow(&view->feet_deg, &view->feet_share, feet_yaw_deg(person), feet_share, share);
    follow(&view->head_deg, &view->head_share, person->yaw_head_deg, head_share, share);
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
