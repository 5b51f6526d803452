/* Quiet standing on both feet: medians of all landmarks over two seconds, and what of the body they give. */
#include <math.h>
#include <string.h>

#include "plumbline/calibrating.h"
#include "plumbline/geometry.h"
#include "plumbline/signal.h"

static const float least_leg = 0.40f;   /* statures from hip to ankle; a straight leg has .49: sitting and squatting do not count */
static const int64_t gap_ns = PL_NS_PER_S; /* without pictures for so long, who stands there now may have moved meanwhile */
static const double step_s = 0.016;     /* 128 of them cover two seconds of 60 fps */

static bool legs_straight(const struct pl_pose *p, const struct pl_limits *limits)
{
    const struct pl_leg *l = &p->leg[PL_SIDE_LEFT], *r = &p->leg[PL_SIDE_RIGHT];
    float left = pl_geometry_distance(l->hip_px, l->ankle_px), right = pl_geometry_distance(r->hip_px, r->ankle_px);
    if (p->view == PL_VIEW_SIDE) { /* the far leg is hidden behind the other; the near one stands for both */
        const struct pl_leg *near = &p->leg[p->near_side == PL_SIDE_RIGHT];
        return pl_geometry_distance(near->hip_px, near->ankle_px) > least_leg * p->stature_px;
    }
    return fminf(left, right) > least_leg * p->stature_px &&
           fabsf(l->ankle_px.y - r->ankle_px.y) < limits->foot_lift_min * p->stature_px;
}

static enum pl_reason why_not(const struct pl_keypoints *k, const struct pl_pose *p, const struct pl_limits *limits)
{
    if (!k->present || !p->person)
        return p->reason == PL_REASON_NONE ? PL_REASON_NO_PERSON : p->reason;
    if (p->reason == PL_REASON_LEGS_HIDDEN || p->reason == PL_REASON_FEET_HIDDEN || p->reason == PL_REASON_TOO_SMALL)
        return p->reason;
    return legs_straight(p, limits) ? PL_REASON_NONE : PL_REASON_STAND_STILL;
}

static bool stayed(const struct pl_standing *s, const float now[6], float limit_px)
{
    for (int i = 0; i < 6; i++)
        if (fabsf(now[i] - s->ankle_hips[i]) > limit_px) /* an unknown one does not count */
            return false;
    return true;
}

static struct pl_vec2 clear_point(const struct pl_keypoints *k, int i, float visibility_min_p)
{
    const struct pl_point *p = &k->raw.px[i];
    return p->visibility_p >= visibility_min_p ? (struct pl_vec2){ p->x_px, p->y_px } : (struct pl_vec2){ NAN, NAN };
}

float pl_standing_quiet_s(const struct pl_standing *s, int64_t now_ns)
{
    return s->n ? (float)pl_s_from_ns(now_ns - s->since_ns) : 0;
}

bool pl_standing_watch(struct pl_standing *s, const struct pl_keypoints *k, const struct pl_pose *p, const struct pl_limits *limits,
                       struct pl_stance *out)
{
    s->why = why_not(k, p, limits);
    if (s->why != PL_REASON_NONE) {
        s->n = 0;
        return false;
    }
    const struct pl_leg *l = &p->leg[PL_SIDE_LEFT], *r = &p->leg[PL_SIDE_RIGHT];
    const float now[6] = { p->hips_px.x, p->hips_px.y, l->ankle_px.x, l->ankle_px.y, r->ankle_px.x, r->ankle_px.y };
    if (s->n && (p->t_ns - s->last_ns > gap_ns || !stayed(s, now, limits->still_max * p->stature_px)))
        s->n = 0;
    s->last_ns = p->t_ns;
    if (!s->n) {
        s->since_ns = p->t_ns;
        memcpy(s->ankle_hips, now, sizeof now);
    }
    s->why = PL_REASON_STAND_STILL;
    if (s->n < PL_STANCE_FRAMES && (!s->n || p->t_ns - s->since_ns >= pl_ns_from_s(s->n * step_s))) {
        for (int i = 0; i < PL_N_LANDMARKS; i++) {
            struct pl_vec2 at = clear_point(k, i, limits->visibility_min_p);
            s->x[i][s->n] = at.x;
            s->y[i][s->n] = at.y;
        }
        s->n++;
    }
    if (pl_standing_quiet_s(s, p->t_ns) < limits->stand_s || s->n < 10)
        return false;
    *out = (struct pl_stance){ .quiet_s = pl_standing_quiet_s(s, p->t_ns), .view = p->view, .yaw_deg = p->yaw_deg,
                               .near_side = p->near_side, .from_behind = p->from_behind };
    for (int i = 0; i < PL_N_LANDMARKS; i++)
        out->px[i] = (struct pl_vec2){ pl_signal_median(s->x[i], s->n), pl_signal_median(s->y[i], s->n) };
    s->n = 0;
    return true;
}

static struct pl_vec2 at(const struct pl_stance *s, enum pl_landmark left, int side)
{
    return s->px[pl_landmark_of(left, (enum pl_side)side)];
}

/* Of both, or of the one that is known. */
static float mean_y(struct pl_vec2 a, struct pl_vec2 b)
{
    return isnan(a.y) ? b.y : isnan(b.y) ? a.y : 0.5f * (a.y + b.y);
}

static float metres_per_px(const struct pl_stance *s, float stature_m)
{
    static const float eyes_to_ankles = 0.963f - 0.067f; /* statures; src: room.c */
    float ankles = mean_y(at(s, PL_LM_LEFT_ANKLE, 0), at(s, PL_LM_LEFT_ANKLE, 1));
    float px = ankles - mean_y(s->px[PL_LM_LEFT_EYE], s->px[PL_LM_RIGHT_EYE]);
    return px > 20 ? eyes_to_ankles * stature_m / px : NAN;
}

/* Several stances of one kind: their mean. */
struct mean { float sum; int n; };
static void add(struct mean *m, float v)
{
    if (isnan(v))
        return;
    m->sum += v;
    m->n++;
}
static float mean_of(struct mean m)
{
    return m.n ? m.sum / (float)m.n : NAN;
}

struct body_means { struct mean leg[PL_N_SIDES], foot[PL_N_SIDES], fppa[PL_N_SIDES], bend[PL_N_SIDES]; };

static void add_stance(struct body_means *m, const struct pl_stance *s, float scale)
{
    for (int side = 0; side < PL_N_SIDES; side++) {
        struct pl_vec2 hip = at(s, PL_LM_LEFT_HIP, side), knee = at(s, PL_LM_LEFT_KNEE, side);
        struct pl_vec2 ankle = at(s, PL_LM_LEFT_ANKLE, side);
        float medial = (side == PL_SIDE_LEFT) != s->from_behind ? -1.0f : 1.0f;
        if (s->view == PL_VIEW_FRONT) {
            add(&m->leg[side], scale * (pl_geometry_distance(hip, knee) + pl_geometry_distance(knee, ankle)));
            add(&m->fppa[side], pl_geometry_fppa_deg(hip, knee, ankle, medial));
        }
        if (s->view == PL_VIEW_SIDE && side == (int)s->near_side) {
            add(&m->bend[side], pl_geometry_bend_deg(hip, knee, ankle));
            add(&m->foot[side], scale * pl_geometry_distance(at(s, PL_LM_LEFT_HEEL, side), at(s, PL_LM_LEFT_FOOT_INDEX, side)));
        }
    }
}

bool pl_calibrate_body(struct pl_body_calibration *out, const struct pl_stance *stances, int n, float stature_m, struct pl_err *err)
{
    struct body_means m = { 0 };
    float quiet_s = 0;

    for (int i = 0; i < n; i++) {
        float scale = metres_per_px(&stances[i], stature_m);
        if (isnan(scale) || (stances[i].view != PL_VIEW_FRONT && stances[i].view != PL_VIEW_SIDE))
            continue;
        add_stance(&m, &stances[i], scale);
        quiet_s += stances[i].quiet_s;
    }
    *out = (struct pl_body_calibration){
        .stature_m = stature_m, .quiet_s = quiet_s,
        .left_leg_m = mean_of(m.leg[0]), .right_leg_m = mean_of(m.leg[1]), .left_foot_m = mean_of(m.foot[0]),
        .right_foot_m = mean_of(m.foot[1]), .left_standing_fppa_deg = mean_of(m.fppa[0]),
        .right_standing_fppa_deg = mean_of(m.fppa[1]), .left_standing_bend_deg = mean_of(m.bend[0]),
        .right_standing_bend_deg = mean_of(m.bend[1]),
    };
    if (quiet_s <= 0)
        return pl_fail(err, PL_E_FORMAT, "nobody stood still on both feet for two seconds, facing the camera or side-on, with "
                       "head and feet in the picture");
    for (int side = 0; side < PL_N_SIDES; side++) {
        float leg = mean_of(m.leg[side]) / stature_m, foot = mean_of(m.foot[side]) / stature_m; /* bodies: .49 and .123 */
        if (leg < 0.36f || leg > 0.62f || foot < 0.07f || foot > 0.2f)
            return pl_fail(err, PL_E_FORMAT, "a leg of %.2f statures, or a foot of %.2f, is no body's: stand upright, the camera "
                           "level with your hips", (double)leg, (double)foot);
    }
    return true;
}
