/* One frame -> the facts that items are decided by, with error bands; and the ring that keeps the last seconds of them.
 *
 * why:  whether a cycle was a repetition, and on which leg, is known only at its end
 * not:  what is compared with the repetition's start (hands, pelvis' turn) is compared in items.c
 */
#include "internal.h"

#include <math.h>
#include "plumbline/geometry.h"

static const float rad_per_deg = (float)(PL_PI / 180.0);
static const double least_step_s = 0.015; /* faster than any knee */

static struct known yes(float value, float err) { return (struct known){ { value, err }, PL_REASON_NONE }; }
static struct known no(enum pl_reason why) { return (struct known){ { NAN, NAN }, why }; }

static struct known measured(const struct pl_measures *m, int side, enum pl_measure measure)
{
    const struct pl_value v = m->v[side][measure];
    if (isnan(v.value) || isnan(v.err))
        return no(m->why[side][measure] == PL_REASON_NONE ? PL_REASON_NOT_CLEAR : m->why[side][measure]);
    return yes(v.value, v.err);
}

/* Angle of the thigh against the vertical, + = knee medial of the hip, as seen from straight in front: what the view adds
 * to the knee's angle is the thigh's and the shank's, by the tangents of their forward tilts (src/measures/frontal.c).
 * err:  28 bottoms of 12 rendered clips, 8 bodies: +.6, standard deviation .8 (as the picture shows it: -1.8, .9); 8 of
 *       others, turned by up to 9 degrees: -6.7 to +3.3 (-11.3 to +2.4). The thigh's share of the knee's band, and the hip's
 *       own place. A leg whose bend is not known (the free one) is taken as the picture has it. */
static struct known thigh_of(const struct pl_pose *pose, const struct pl_measures *m, int side, const struct pl_limits *limits)
{
    static const float network_deg = 0.6f, hip_deg = 2.0f, plain_network_deg = 0.9f, plain_deg = 3.0f;
    static const float thigh_part = 0.58f;
    const struct pl_leg *leg = &pose->leg[side];
    const struct pl_value seen = m->v[side][PL_M_FPPA], straight = m->v[side][PL_M_FPPA_CORRECTED];
    const float angle = -pl_pose_medial(pose, (enum pl_side)side) * pl_geometry_lean_deg(leg->hip_px, leg->knee_px);
    const float bend = fminf(m->v[side][PL_M_KNEE_FLEXION].value, 100.0f) * rad_per_deg;
    if (pose->view != PL_VIEW_FRONT || !(pl_pose_off_front_deg(pose) <= limits->fppa_yaw_max_deg))
        return no(PL_REASON_FACE_CAMERA);
    if (isnan(angle))
        return no(PL_REASON_NOT_CLEAR);
    if (!(leg->knee_px.y - leg->hip_px.y >= limits->thigh_length_min * pose->leg_px))
        return no(PL_REASON_TOO_BENT); /* it points at the camera: its direction means nothing */
    if (isnan(m->v[side][PL_M_KNEE_FLEXION].value) || isnan(straight.value))
        return yes(angle - plain_network_deg, plain_deg);
    const float thigh = tanf(thigh_part * bend), shank = tanf((1.0f - thigh_part) * bend), share = thigh / (thigh + shank);
    return yes(angle - network_deg - share * (seen.value - straight.value), hypotf(hip_deg, share * straight.err));
}

/* How far the knee is on the medial side of the second toe, statures.
 * err:  the same clips: -.0109, standard deviation .0047 between clips and .002 within */
static struct known knee_to_toe(const struct pl_pose *pose, int side, const struct pl_limits *limits)
{
    static const float network = -0.011f, band = 0.0105f;
    const struct pl_leg *leg = &pose->leg[side];
    const float way = pl_pose_medial(pose, (enum pl_side)side) * (leg->knee_px.x - leg->toe_px.x) / pose->stature_px;
    if (pose->view != PL_VIEW_FRONT || !(pl_pose_off_front_deg(pose) <= limits->fppa_yaw_max_deg))
        return no(PL_REASON_FACE_CAMERA);
    if (isnan(way))
        return no(isnan(leg->knee_px.x) ? PL_REASON_NOT_CLEAR : PL_REASON_FEET_HIDDEN);
    return yes(way - network, band);
}

/* Where the pelvis points about the vertical, by the hips' world landmarks; means something only as a difference.
 * err:  the same clips, whose pelvis does not turn: up to 5 degrees away from their own mean, and the whole body's
 *       turn is known to 4-8 (src/pose/view.c) */
static struct known turn_of(const struct pl_pose *pose)
{
    static const float band_deg = 8.0f;
    const struct pl_vec3 l = pose->leg[PL_SIDE_LEFT].hip_m, r = pose->leg[PL_SIDE_RIGHT].hip_m;
    const float turn = atan2f(l.z - r.z, l.x - r.x) / rad_per_deg;
    if (pose->view != PL_VIEW_FRONT)
        return no(PL_REASON_FACE_CAMERA);
    return isnan(turn) ? no(PL_REASON_NOT_CLEAR) : yes(turn, band_deg);
}

static void hand_of(const struct pl_pose *pose, int side, const struct pl_limits *limits, struct frame_facts *out)
{
    const struct pl_vec2 hand = pose->hand_px[side];
    const float size = pose->stature_px;
    const struct pl_vec2 hips = { (hand.x - pose->hips_px.x) / size, (hand.y - pose->hips_px.y) / size };
    const struct pl_vec2 shoulders = { (hand.x - pose->shoulders_px.x) / size, (hand.y - pose->shoulders_px.y) / size };
    const bool seen = pl_geometry_known(hips) && pl_geometry_known(shoulders)
                      && pose->hand_visibility_p[side] >= limits->visibility_min_p;
    const struct pl_vec2 nowhere = { NAN, NAN };
    out->from_hips[side] = seen ? hips : nowhere;
    out->from_shoulders[side] = seen ? shoulders : nowhere;
    out->hand_why[side] = seen ? PL_REASON_NONE : PL_REASON_NOT_CLEAR;
    if (pose->near_side != PL_SIDE_UNKNOWN && pose->near_side != (enum pl_side)side) {
        out->from_hips[side] = out->from_shoulders[side] = nowhere; /* behind the body the network makes it up */
        out->hand_why[side] = PL_REASON_FACE_CAMERA;
    }
}

static void feet_of(const struct pl_pose *pose, int side, struct frame_facts *out)
{
    const struct pl_vec2 ankle = pose->leg[side].ankle_px, other = pose->leg[1 - side].ankle_px;
    const struct pl_baseline *standing = &pose->baseline[side];
    out->lift[side] = (other.y - ankle.y) / pose->stature_px;
    out->from_place[side] =
        standing->two_legs ? pl_geometry_distance(ankle, standing->ankle_px) / pose->stature_px : NAN;
}

static void nothing(struct frame_facts *out, enum pl_reason why)
{
    for (int side = 0; side < PL_N_SIDES; side++) {
        for (int i = 0; i < PL_N_FACTS; i++)
            out->fact[side][i] = no(why);
        out->from_hips[side] = out->from_shoulders[side] = (struct pl_vec2){ NAN, NAN };
        out->hand_why[side] = why;
        out->lift[side] = out->from_place[side] = NAN;
    }
}

void pl_facts_of(const struct pl_pose *pose, const struct pl_measures *m, float depth, const struct pl_limits *limits,
                 struct frame_facts *out)
{
    out->t_ns = pose->t_ns;
    out->depth = depth;
    nothing(out, pose->reason == PL_REASON_NONE ? PL_REASON_NOT_CLEAR : pose->reason);
    if (!pose->person)
        return;
    for (int side = 0; side < PL_N_SIDES; side++) {
        struct known *fact = out->fact[side];
        fact[PL_FACT_TRUNK_SIDE] = measured(m, side, PL_M_TRUNK_LEAN_SIDE);
        fact[PL_FACT_TRUNK_FORWARD] = measured(m, side, PL_M_TRUNK_LEAN_FORWARD);
        fact[PL_FACT_PELVIS_DROP] = measured(m, side, PL_M_PELVIC_DROP_CHANGE);
        /* A rater stands in front of the leg, and the limits are from such views: the camera's own place is no fault of the
         * knee. Turns are counted as the picture has them, because the correction moves with the bend. */
        fact[PL_FACT_FPPA] = measured(m, side, PL_M_FPPA_CORRECTED);
        fact[PL_FACT_REVERSALS] = measured(m, side, PL_M_FPPA);
        fact[PL_FACT_PELVIS_TURN] = turn_of(pose);
        fact[PL_FACT_THIGH_IN] = thigh_of(pose, m, side, limits);
        fact[PL_FACT_KNEE_TO_TOE] = knee_to_toe(pose, side, limits);
        hand_of(pose, side, limits, out);
        feet_of(pose, side, out);
    }
}

void pl_facts_add(struct ring *ring, const struct frame_facts *frame)
{
    if (ring->n && frame->t_ns - pl_facts_at(ring, ring->n - 1)->t_ns < pl_ns_from_s(least_step_s))
        return;
    if (ring->n == FRAMES_MAX) {
        ring->first = (ring->first + 1) % FRAMES_MAX;
        ring->n--;
    }
    ring->frame[(ring->first + ring->n++) % FRAMES_MAX] = *frame;
}

const struct frame_facts *pl_facts_at(const struct ring *ring, int i)
{
    return &ring->frame[(ring->first + i) % FRAMES_MAX];
}

int pl_facts_find(const struct ring *ring, int64_t t_ns)
{
    int low = 0, high = ring->n;
    while (low < high) {
        const int mid = (low + high) / 2;
        if (pl_facts_at(ring, mid)->t_ns < t_ns)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}
