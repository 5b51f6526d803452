/* Standing: what the measures are compared with.
 *
 * how:  a quiet run is a stretch in which hips and ankles stay where they were when it began. While the legs are as
 *       long as they get (straight, for this person: a knee that cannot be stretched must not spoil it), its medians
 *       are a baseline; the longer the run the better, and standing on both feet is better than standing on one.
 * why:  some clips start in motion; then the short pauses between repetitions are all there is, and `quiet_s` says
 *       so.
 */
#include "internal.h"

#include <math.h>
#include <stddef.h>
#include <string.h>
#include "plumbline/geometry.h"
#include "plumbline/signal.h"

static const double frame_step_s = 0.02;            /* STAND_MAX of these cover the two seconds asked for */
static const double grow_s = 0.1, forget_s = 120.0; /* of the longest leg: not by a stray frame; holds last seconds */
static const double settle_s = 0.5;
static const float least_straight = 0.20f; /* statures from hip to ankle; a body has .49, seen from above less */
static const float longer = 1.04f;         /* longer than a baseline: that one was not straight */
static const double pause_s = 0.2;

void pl_standing_reset(struct standing *standing)
{
    *standing = (struct standing){ 0 };
    pl_standing_forget_place(standing);
}

void pl_standing_forget_place(struct standing *standing)
{
    const struct pl_baseline none = {
        .hip_ankle_px = NAN,
        .knee_flexion_deg = NAN,
        .fppa_deg = NAN,
        .joint_hip_ankle_px = NAN,
        .joint_ankle_px = { NAN, NAN },
        .yaw_deg = NAN,
        .hands = { NAN, NAN, 0.0f },
        .head = { NAN, NAN, 0.0f },
        .stickers = { NAN, NAN, 0.0f },
        .hand_gap_px = NAN,
        .foot_px = NAN,
        .stature_px = NAN,
        .hips_px = { NAN, NAN },
        .ankle_px = { NAN, NAN },
    };
    standing->n = 0;
    standing->age_s = 0.0;
    for (int side = 0; side < PL_N_SIDES; side++) {
        standing->longest[side] = 0.0f;
        standing->baseline[side] = none;
    }
}

static struct stand_frame frame_of(const struct pl_pose *pose)
{
    struct stand_frame f = { .t_ns = pose->t_ns,
                             .hips_px = pose->hips_px,
                             .yaw_deg = pose->yaw_deg,
                             .head_deg = pose->pelvis_head_deg,
                             .stickers_deg = pose->pelvis_stickers_deg };
    const struct pl_vec2 l = pose->hand_px[PL_SIDE_LEFT], r = pose->hand_px[PL_SIDE_RIGHT];
    f.hands_deg = pl_geometry_tilt_deg(l, r);
    f.hand_gap_px = fabsf(l.x - r.x);
    for (int side = 0; side < PL_N_SIDES; side++) {
        const struct pl_leg *leg = &pose->leg[side];
        const float medial = pl_pose_medial(pose, (enum pl_side)side);
        f.leg[side] = (struct stand_leg){
            .ankle_px = leg->ankle_px,
            .hip_ankle_px = pl_geometry_distance(leg->hip_px, leg->ankle_px),
            .joint_ankle_px = leg->joint.ankle_px,
            .joint_hip_ankle_px = pl_geometry_distance(leg->joint.hip_px, leg->joint.ankle_px),
            .knee_flexion_deg = pl_geometry_bend_deg(leg->joint.hip_px, leg->joint.knee_px, leg->joint.ankle_px),
            .fppa_deg = pl_geometry_fppa_deg(leg->joint.hip_px, leg->joint.knee_px, leg->joint.ankle_px, medial),
            .foot_px = pl_geometry_distance(leg->heel_px, leg->toe_px),
        };
    }
    return f;
}

/* The run goes on while hips and known ankles are where they were when it began. */
static bool still(const struct stand_frame *start, const struct stand_frame *now, float limit_px)
{
    if (!(pl_geometry_distance(start->hips_px, now->hips_px) < limit_px))
        return false;
    for (int side = 0; side < PL_N_SIDES; side++) {
        if (pl_geometry_distance(start->leg[side].ankle_px, now->leg[side].ankle_px) > limit_px)
            return false;
    }
    return true;
}

static void extend_run(struct standing *s, const struct stand_frame *now, float limit_px)
{
    if (s->n && !still(&s->frame[0], now, limit_px))
        s->n = 0;
    if (!s->n) {
        s->since_ns = now->t_ns;
    } else if (now->t_ns - s->frame[s->n - 1].t_ns < pl_ns_from_s(frame_step_s)) {
        return;
    }
    if (s->n == STAND_MAX) {
        memmove(&s->frame[0], &s->frame[1], (STAND_MAX - 1) * sizeof s->frame[0]);
        s->n--;
    }
    s->frame[s->n++] = *now;
}

static float median_of(const struct standing *s, size_t offset)
{
    float values[STAND_MAX];
    for (int i = 0; i < s->n; i++)
        memcpy(&values[i], (const char *)&s->frame[i] + offset, sizeof values[i]);
    return pl_signal_median(values, s->n);
}

/* A line across the pelvis over the run. Half of the frames must have it. */
static struct pl_standing_tilt tilt_of(const struct standing *s, size_t offset, double quiet_s)
{
    float off[STAND_MAX], tilt[STAND_MAX];
    int known = 0;
    for (int i = 0; i < s->n; i++) {
        memcpy(&tilt[i], (const char *)&s->frame[i] + offset, sizeof tilt[i]);
        off[i] = tilt[i];
        known += !isnan(tilt[i]);
    }
    if (2 * known < s->n)
        return (struct pl_standing_tilt){ NAN, NAN, 0.0f };
    const float middle = pl_signal_median(off, s->n);
    for (int i = 0; i < s->n; i++)
        off[i] = fabsf(tilt[i] - middle);
    /* 1.483: the standard deviation from the median of the distances, of normally distributed ones */
    return (struct pl_standing_tilt){ middle, 1.483f * pl_signal_median(off, s->n), (float)quiet_s };
}

static struct pl_baseline candidate(const struct standing *s, const struct pl_pose *pose, int side)
{
    const size_t leg = offsetof(struct stand_frame, leg) + (size_t)side * sizeof(struct stand_leg);
#define MEDIAN(field) median_of(s, offsetof(struct stand_frame, field))
#define MEDIAN_LEG(field) median_of(s, leg + offsetof(struct stand_leg, field))
#define TILT(field) tilt_of(s, offsetof(struct stand_frame, field), quiet_s)
    const double quiet_s = pl_s_from_ns(pose->t_ns - s->since_ns);
    const struct pl_baseline c = {
        .quiet_s = (float)quiet_s,
        .t_ns = pose->t_ns,
        .hip_ankle_px = MEDIAN_LEG(hip_ankle_px),
        .knee_flexion_deg = MEDIAN_LEG(knee_flexion_deg),
        .fppa_deg = MEDIAN_LEG(fppa_deg),
        .joint_hip_ankle_px = MEDIAN_LEG(joint_hip_ankle_px),
        .joint_ankle_px = { MEDIAN_LEG(joint_ankle_px.x), MEDIAN_LEG(joint_ankle_px.y) },
        .put_right = pose->leg[side].joint.put_right,
        .foot_px = MEDIAN_LEG(foot_px),
        .yaw_deg = MEDIAN(yaw_deg),
        .hands = TILT(hands_deg),
        .head = TILT(head_deg),
        .stickers = TILT(stickers_deg),
        .hand_gap_px = MEDIAN(hand_gap_px),
        .hips_px = { MEDIAN(hips_px.x), MEDIAN(hips_px.y) },
        .ankle_px = { MEDIAN_LEG(ankle_px.x), MEDIAN_LEG(ankle_px.y) },
        .stature_px = pose->stature_px,
    };
#undef MEDIAN
#undef MEDIAN_LEG
#undef TILT
    return c;
}

static bool better(const struct pl_baseline *now, const struct pl_baseline *old, const struct pl_limits *limits)
{
    const float whole_s = limits->stand_s;
    if (old->quiet_s <= 0.0f || now->hip_ankle_px > longer * old->hip_ankle_px)
        return true;
    if (pl_geometry_distance(now->ankle_px, old->ankle_px) > limits->stand_moved_max * now->stature_px)
        return true;
    if (now->two_legs != old->two_legs)
        return now->two_legs && now->quiet_s >= fminf(old->quiet_s, 0.5f * whole_s);
    return now->quiet_s >= fminf(old->quiet_s, whole_s);
}

/* The head sees the pelvis through noise, so its line is of the longer run: a pause of a few frames says nothing. It
 * knows the hips whichever leg stands. */
static void take_head(struct pl_standing_tilt *old, const struct pl_standing_tilt *now, float whole_s)
{
    if (!isnan(now->deg) && now->quiet_s >= fminf(old->quiet_s, whole_s))
        *old = *now;
}

/* Hands and stickers: what they look like standing on this leg, where that is seen. */
static void take_hands(struct pl_baseline *to, const struct pl_baseline *from)
{
    to->hands = from->hands;
    to->hand_gap_px = from->hand_gap_px;
    to->stickers = from->stickers;
}

/* The pelvis tilts a little with the shift of weight alone; so what hands and stickers look like is taken from standing
 * on this leg, where that is seen, even when standing on both is the better baseline for everything else. */
static void take(struct pl_baseline *old, const struct pl_baseline *now, const struct pl_limits *limits)
{
    const struct pl_baseline before = *old;
    const float whole_s = limits->stand_s;
    const bool had_lines = !isnan(old->hands.deg) || !isnan(old->stickers.deg);
    const bool keep_hands = old->hands_one_leg && now->two_legs && had_lines;
    if (better(now, old, limits)) {
        *old = *now;
        if (keep_hands)
            take_hands(old, &before);
        old->hands_one_leg = keep_hands || !now->two_legs;
        old->head = before.head;
    } else if (!now->two_legs && !(now->hands.sd_deg > limits->hands_sd_max_deg)) { /* not while they are being set */
        take_hands(old, now);
        old->hands_one_leg = true;
    }
    take_head(&old->head, &now->head, whole_s);
}

static float longest_leg(float longest, float length, double age_s, double dt_s)
{
    if (isnan(length))
        return longest;
    if (longest <= 0.0f || age_s < settle_s)
        return length;
    return longest + pl_signal_share(dt_s, length > longest ? grow_s : forget_s) * (length - longest);
}

void pl_standing_step(struct standing *s, struct pl_pose *pose, double dt_s, const struct pl_limits *limits)
{
    const struct stand_frame now = frame_of(pose);
    const float size = pose->stature_px;
    bool is_straight[PL_N_SIDES];
    s->age_s += dt_s;
    for (int side = 0; side < PL_N_SIDES; side++) {
        const float length = now.leg[side].hip_ankle_px / size;
        s->longest[side] = longest_leg(s->longest[side], length, s->age_s, dt_s);
        is_straight[side] = length > least_straight && length >= limits->stand_straight_min * s->longest[side];
    }
    extend_run(s, &now, limits->still_max * size);
    const float ankle_step = fabsf(now.leg[PL_SIDE_LEFT].ankle_px.y - now.leg[PL_SIDE_RIGHT].ankle_px.y);
    const bool both =
        is_straight[PL_SIDE_LEFT] && is_straight[PL_SIDE_RIGHT] && ankle_step < limits->foot_lift_min * size;
    for (int side = 0; side < PL_N_SIDES; side++) {
        struct pl_baseline c;
        if (!is_straight[side] || pose->t_ns - s->since_ns < pl_ns_from_s(pause_s))
            continue;
        c = candidate(s, pose, side);
        c.two_legs = both;
        take(&s->baseline[side], &c, limits);
    }
    pose->leg_px = size * fmaxf(s->longest[PL_SIDE_LEFT], s->longest[PL_SIDE_RIGHT]);
    for (int side = 0; side < PL_N_SIDES; side++) {
        pose->leg[side].straight_px = size * s->longest[side];
        pose->baseline[side] = s->baseline[side];
    }
}
