/* pose: keypoints -> the person as the measures need them.
 *
 * in:   raw landmarks of one frame, and where the leg's joints are against them, if that is known
 * out:  struct pl_pose
 * how:  pl_pose_step, top to bottom: pl_pose_plausible? - legs put right - median of three frames - what is in the
 *       picture - view - size - standing
 * not:  MediaPipe's smoothed landmarks: their filter (0.05 Hz at rest) hides wobble and lags behind a squat
 */
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "plumbline/geometry.h"
#include "plumbline/signal.h"

static const double rise_s = 0.1, fall_s = 10.0; /* body size: limbs only ever look shorter than they are */
static const double visibility_s = 0.15;         /* the network's visibility flickers */
static const double fresh_gap_s = 1.0;           /* out of sight for longer: start afresh */
static const double jump_s = 0.15;

struct pl_pose_state {
    struct pl_limits limits;
    bool known;
    int person;               /* number of the one followed; 0 not known */
    int64_t last_ns, jump_ns; /* of the last person; since when another one is seen, 0 not */
    struct legs legs;
    struct pl_landmarks recent[3]; /* put right, newest first */
    int n_recent;
    float visibility_p[PL_N_LANDMARKS];
    float stature_px;
    struct view view;
    struct standing standing;
};

const char *pl_view_name(enum pl_view view)
{
    static const char *const names[] = { "unknown", "front", "oblique", "side" };
    return (unsigned)view < sizeof names / sizeof names[0] ? names[view] : names[0];
}

const char *pl_reason_id(enum pl_reason reason)
{
    static const char *const ids[PL_N_REASONS] = {
#define X(name, id, text) id,
        PL_REASONS(X)
#undef X
    };
    return (unsigned)reason < PL_N_REASONS ? ids[reason] : "?";
}

const char *pl_reason_text(enum pl_reason reason)
{
    static const char *const texts[PL_N_REASONS] = {
#define X(name, id, text) text,
        PL_REASONS(X)
#undef X
    };
    return (unsigned)reason < PL_N_REASONS ? texts[reason] : "";
}

struct pl_pose_state *pl_pose_open(const struct pl_limits *limits)
{
    struct pl_pose_state *state = calloc(1, sizeof *state);
    if (state) {
        state->limits = *limits;
        pl_pose_reset(state);
    }
    return state;
}

void pl_pose_close(struct pl_pose_state *state) { free(state); }

/* The person may be the same: what standing looked like stays. */
static void start_afresh(struct pl_pose_state *state)
{
    state->known = false;
    state->jump_ns = 0;
    state->legs = (struct legs){ 0 };
    state->n_recent = 0;
    state->view = (struct view){ 0 };
    state->standing.n = 0;
    state->standing.age_s = 0.0;
}

void pl_pose_reset(struct pl_pose_state *state)
{
    start_afresh(state);
    state->person = 0;
    state->stature_px = NAN;
    pl_standing_reset(&state->standing);
}

static const struct pl_vec2 nowhere = { NAN, NAN };
static const struct pl_vec3 nowhere3 = { NAN, NAN, NAN };

static void unknown(const struct pl_pose_state *state, int64_t t_ns, enum pl_reason reason, struct pl_pose *out)
{
    static const struct pl_leg no_leg = {
        .hip_px = { NAN, NAN },
        .knee_px = { NAN, NAN },
        .ankle_px = { NAN, NAN },
        .heel_px = { NAN, NAN },
        .toe_px = { NAN, NAN },
        .hip_m = { NAN, NAN, NAN },
        .knee_m = { NAN, NAN, NAN },
        .ankle_m = { NAN, NAN, NAN },
        .heel_m = { NAN, NAN, NAN },
        .toe_m = { NAN, NAN, NAN },
        .visibility_p = NAN,
        .foot_visibility_p = NAN,
        .straight_px = NAN,
        .joint = { false, { NAN, NAN }, { NAN, NAN }, { NAN, NAN }, { NAN, NAN } },
    };
    *out = (struct pl_pose){
        .t_ns = t_ns,
        .reason = reason,
        .view = PL_VIEW_UNKNOWN,
        .yaw_deg = NAN,
        .yaw_err_deg = NAN,
        .facing = NAN,
        .near_side = PL_SIDE_UNKNOWN,
        .leg = { no_leg, no_leg },
        .hips_px = nowhere,
        .shoulders_px = nowhere,
        .joint_hips_y_px = NAN,
        .hand_px = { nowhere, nowhere },
        .hand_visibility_p = { NAN, NAN },
        .pelvis_head_deg = NAN,
        .pelvis_stickers_deg = NAN,
        .hips_m = nowhere3,
        .shoulders_m = nowhere3,
        .trunk_px = NAN,
        .stature_px = state->stature_px,
        .leg_px = NAN,
        .baseline = { state->standing.baseline[0], state->standing.baseline[1] },
    };
}

/* Median of three frames, coordinate by coordinate: a point that jumps for one frame is gone, motion is a frame
 * late. */
static void median_set(const struct pl_pose_state *state, struct pl_landmarks *out)
{
    const int n = state->n_recent;
    const struct pl_landmarks *a = &state->recent[0], *b = &state->recent[n > 1], *c = &state->recent[n > 2 ? 2 : 0];
    if (n < 3)
        b = c = a; /* the median of two would be their mean: half a frame late for nothing */
    for (int i = 0; i < PL_N_LANDMARKS; i++) {
        out->px[i] =
            (struct pl_point){ pl_signal_median3(a->px[i].x_px, b->px[i].x_px, c->px[i].x_px),
                               pl_signal_median3(a->px[i].y_px, b->px[i].y_px, c->px[i].y_px),
                               pl_signal_median3(a->px[i].z_px, b->px[i].z_px, c->px[i].z_px), state->visibility_p[i] };
        out->m[i] = (struct pl_vec3){ pl_signal_median3(a->m[i].x, b->m[i].x, c->m[i].x),
                                      pl_signal_median3(a->m[i].y, b->m[i].y, c->m[i].y),
                                      pl_signal_median3(a->m[i].z, b->m[i].z, c->m[i].z) };
    }
}

static void remember(struct pl_pose_state *state, const struct pl_landmarks *set, double dt_s)
{
    const float share = state->known ? pl_signal_share(dt_s, visibility_s) : 1.0f;
    state->recent[2] = state->recent[1];
    state->recent[1] = state->recent[0];
    state->recent[0] = *set;
    if (state->n_recent < 3)
        state->n_recent++;
    for (int i = 0; i < PL_N_LANDMARKS; i++)
        state->visibility_p[i] += share * (set->px[i].visibility_p - state->visibility_p[i]);
}

/* A point that can be trusted: visible enough and in the picture. */
static bool seen(const struct pl_pose_state *state, const struct pl_landmarks *set, enum pl_landmark i,
                 struct frame_size size)
{
    const struct pl_point *p = &set->px[i];
    return p->visibility_p >= state->limits.visibility_min_p
           && pl_pose_inside((struct pl_vec2){ p->x_px, p->y_px }, size);
}

static void take_point(const struct pl_pose_state *state, const struct pl_landmarks *set, enum pl_landmark i,
                       struct frame_size size, struct pl_vec2 *px, struct pl_vec3 *m)
{
    const bool ok = seen(state, set, i, size);
    *px = ok ? (struct pl_vec2){ set->px[i].x_px, set->px[i].y_px } : nowhere;
    *m = ok ? set->m[i] : nowhere3;
}

static void take_leg(const struct pl_pose_state *state, const struct pl_landmarks *set, enum pl_side side,
                     struct frame_size size, struct pl_leg *out)
{
    const enum pl_landmark hip = pl_landmark_of(PL_LM_LEFT_HIP, side), knee = pl_landmark_of(PL_LM_LEFT_KNEE, side),
                           ankle = pl_landmark_of(PL_LM_LEFT_ANKLE, side), heel = pl_landmark_of(PL_LM_LEFT_HEEL, side),
                           toe = pl_landmark_of(PL_LM_LEFT_FOOT_INDEX, side);
    take_point(state, set, hip, size, &out->hip_px, &out->hip_m);
    take_point(state, set, knee, size, &out->knee_px, &out->knee_m);
    take_point(state, set, ankle, size, &out->ankle_px, &out->ankle_m);
    take_point(state, set, heel, size, &out->heel_px, &out->heel_m);
    take_point(state, set, toe, size, &out->toe_px, &out->toe_m);
    out->visibility_p =
        fminf(set->px[hip].visibility_p, fminf(set->px[knee].visibility_p, set->px[ankle].visibility_p));
    out->foot_visibility_p = fminf(set->px[heel].visibility_p, set->px[toe].visibility_p);
}

static struct pl_vec2 moved(struct pl_vec2 px, const struct pl_vec2 *by)
{
    return (struct pl_vec2){ px.x + by->x, px.y + by->y };
}

/* The network's legs may have been exchanged: then the shifts are, too. */
static void take_joints(const struct pl_leg_shift *shift, bool swapped, enum pl_side side, struct pl_leg *leg)
{
    const struct pl_vec2 *by = &shift->px[swapped ? pl_side_other(side) : side];
    leg->joint = (struct pl_joints){ shift->known, leg->hip_px, leg->knee_px, leg->ankle_px, leg->heel_px };
    if (shift->known) {
        leg->joint.hip_px = moved(leg->hip_px, &by[0]);
        leg->joint.knee_px = moved(leg->knee_px, &by[PL_LM_LEFT_KNEE - PL_LM_LEFT_HIP]);
        leg->joint.ankle_px = moved(leg->ankle_px, &by[PL_LM_LEFT_ANKLE - PL_LM_LEFT_HIP]);
        leg->joint.heel_px = moved(leg->heel_px, &by[PL_LM_LEFT_HEEL - PL_LM_LEFT_HIP]);
    }
}

/* Both hips together: whichever leg is which, and hidden or not. */
static float joint_hips_y_px(const struct pl_leg_shift *shift, float hips_y_px)
{
    return shift->known ? hips_y_px + 0.5f * (shift->px[PL_SIDE_LEFT].y + shift->px[PL_SIDE_RIGHT].y) : hips_y_px;
}

/* The hand as the hip-drop study weighs it: the wrist alone loses a fifth of the drop. */
static struct pl_vec2 hand_of(const struct pl_landmarks *set, enum pl_side side)
{
    const struct pl_point *wrist = &set->px[pl_landmark_of(PL_LM_LEFT_WRIST, side)],
                          *pinky = &set->px[pl_landmark_of(PL_LM_LEFT_PINKY, side)],
                          *index = &set->px[pl_landmark_of(PL_LM_LEFT_INDEX, side)];
    return (struct pl_vec2){ 0.4f * wrist->x_px + 0.3f * pinky->x_px + 0.3f * index->x_px,
                             0.4f * wrist->y_px + 0.3f * pinky->y_px + 0.3f * index->y_px };
}

static void take_body(const struct pl_pose_state *state, const struct pl_landmarks *set, struct frame_size size,
                      struct pl_pose *out)
{
    const struct pl_point *px = set->px;
    for (int side = 0; side < PL_N_SIDES; side++) {
        take_leg(state, set, (enum pl_side)side, size, &out->leg[side]);
        out->hand_px[side] = hand_of(set, (enum pl_side)side);
        out->hand_visibility_p[side] = px[pl_landmark_of(PL_LM_LEFT_WRIST, (enum pl_side)side)].visibility_p;
    }
    out->hips_px = (struct pl_vec2){ 0.5f * (px[PL_LM_LEFT_HIP].x_px + px[PL_LM_RIGHT_HIP].x_px),
                                     0.5f * (px[PL_LM_LEFT_HIP].y_px + px[PL_LM_RIGHT_HIP].y_px) };
    out->hips_m = pl_geometry_mid3(set->m[PL_LM_LEFT_HIP], set->m[PL_LM_RIGHT_HIP]);
    out->shoulders_px = (struct pl_vec2){ 0.5f * (px[PL_LM_LEFT_SHOULDER].x_px + px[PL_LM_RIGHT_SHOULDER].x_px),
                                          0.5f * (px[PL_LM_LEFT_SHOULDER].y_px + px[PL_LM_RIGHT_SHOULDER].y_px) };
    out->shoulders_m = pl_geometry_mid3(set->m[PL_LM_LEFT_SHOULDER], set->m[PL_LM_RIGHT_SHOULDER]);
    out->trunk_px = pl_geometry_distance(out->hips_px, out->shoulders_px);
}

static bool leg_known(const struct pl_leg *leg)
{
    return pl_geometry_known(leg->hip_px) && pl_geometry_known(leg->knee_px) && pl_geometry_known(leg->ankle_px);
}

static bool foot_known(const struct pl_leg *leg)
{
    return pl_geometry_known(leg->heel_px) && pl_geometry_known(leg->toe_px);
}

/* Were the legs lost because they are out of the picture, or because they are not clear? */
static enum pl_reason why_no_leg(const struct pl_landmarks *set, struct frame_size size)
{
    for (int side = 0; side < PL_N_SIDES; side++) {
        const struct pl_point *ankle = &set->px[pl_landmark_of(PL_LM_LEFT_ANKLE, (enum pl_side)side)];
        if (size.width_px > 0 && pl_pose_inside((struct pl_vec2){ ankle->x_px, ankle->y_px }, size))
            return PL_REASON_NOT_CLEAR;
    }
    return PL_REASON_LEGS_HIDDEN;
}

static void follow_size(struct pl_pose_state *state, float size_px, double dt_s)
{
    if (isnan(state->stature_px) || !state->known)
        state->stature_px = size_px;
    else
        state->stature_px +=
            pl_signal_share(dt_s, size_px > state->stature_px ? rise_s : fall_s) * (size_px - state->stature_px);
}

static bool jumped(const struct pl_pose_state *state, const struct pl_landmarks *set)
{
    const struct pl_point *a = &state->recent[0].px[PL_LM_LEFT_HIP], *b = &set->px[PL_LM_LEFT_HIP];
    return state->known && hypotf(a->x_px - b->x_px, a->y_px - b->y_px) > state->limits.person_jump_max * state->stature_px;
}

/* It stays away: somebody else, or the same person somewhere else. Nothing that was learnt about the place holds. */
static bool elsewhere(struct pl_pose_state *state, int64_t t_ns)
{
    if (!state->jump_ns)
        state->jump_ns = t_ns;
    return t_ns - state->jump_ns > pl_ns_from_s(jump_s);
}

/* The tracker says who it is: nothing that was learnt about another one holds. */
static void meet(struct pl_pose_state *state, int person)
{
    if (person && state->person && person != state->person) {
        start_afresh(state);
        state->stature_px = NAN;
        pl_standing_reset(&state->standing);
    }
    if (person)
        state->person = person;
}

/* Is this frame's skeleton the person we follow? Otherwise out->reason says why there is none. */
static bool admit(struct pl_pose_state *state, const struct pl_keypoints *keypoints, struct pl_pose *out)
{
    const float size_px = keypoints->present ? pl_pose_stature_px(&keypoints->raw) : NAN;
    const float usual_px = state->known ? 0.7f * state->stature_px : 0.0f; /* who bends forwards is not smaller */
    if (!keypoints->present || !pl_pose_plausible(&keypoints->raw, fmaxf(size_px, usual_px)))
        return false;
    if (size_px < state->limits.person_min_px) {
        out->reason = PL_REASON_TOO_SMALL;
        return false;
    }
    if (!jumped(state, &keypoints->raw)) {
        state->jump_ns = 0;
    } else if (elsewhere(state, keypoints->t_ns)) {
        start_afresh(state);
        pl_standing_forget_place(&state->standing);
    } else {
        return false; /* perhaps a slip of the tracker */
    }
    return true;
}

/* What is in the picture of the points that are left. False: no leg. */
static bool take_person(const struct pl_pose_state *state, const struct pl_landmarks *set, struct frame_size size,
                        struct pl_pose *out)
{
    const bool swapped = out->swapped;
    const struct pl_pose before = *out;
    take_body(state, set, size, out);
    out->stature_px = state->stature_px;
    out->person = leg_known(&out->leg[PL_SIDE_LEFT]) || leg_known(&out->leg[PL_SIDE_RIGHT]);
    if (!out->person) {
        unknown(state, out->t_ns, why_no_leg(set, size), out);
        out->person_p = before.person_p;
        out->followed = before.followed;
        out->n_others = before.n_others;
        out->swapped = swapped;
    }
    return out->person;
}

void pl_pose_step(struct pl_pose_state *state, const struct pl_keypoints *keypoints, struct pl_pose *out)
{
    const struct frame_size size = { keypoints->width_px, keypoints->height_px };
    const double dt_s = state->known ? pl_s_from_ns(keypoints->t_ns - state->last_ns) : 0.0;
    struct pl_landmarks set = keypoints->raw;
    meet(state, keypoints->person);
    if (state->known && (dt_s > fresh_gap_s || dt_s < 0.0))
        start_afresh(state);
    unknown(state, keypoints->t_ns, keypoints->waiting ? PL_REASON_OTHER_PERSON : PL_REASON_NO_PERSON, out);
    out->person_p = keypoints->person_p;
    out->followed = keypoints->person;
    out->n_others = keypoints->n_others;
    if (!admit(state, keypoints, out))
        return;
    out->swapped = pl_legs_repair(&state->legs, &set, state->stature_px, dt_s);
    remember(state, &set, dt_s);
    median_set(state, &set);
    follow_size(state, pl_pose_stature_px(&set), dt_s);
    pl_view_step(&state->view, &(struct person){ &set, state->stature_px, keypoints->yaw_head_deg, size, &state->limits }, dt_s);
    state->known = true;
    state->last_ns = keypoints->t_ns;
    if (!take_person(state, &set, size, out))
        return;
    for (int side = 0; side < PL_N_SIDES; side++)
        take_joints(&keypoints->leg, out->swapped, (enum pl_side)side, &out->leg[side]);
    out->joint_hips_y_px = joint_hips_y_px(&keypoints->leg, out->hips_px.y);
    out->pelvis_head_deg = keypoints->pelvis_head_deg;
    out->pelvis_stickers_deg = keypoints->pelvis_stickers_deg;
    pl_view_result(&state->view, out);
    if (!foot_known(&out->leg[PL_SIDE_LEFT]) && !foot_known(&out->leg[PL_SIDE_RIGHT]))
        out->reason = PL_REASON_FEET_HIDDEN;
    else
        out->reason = PL_REASON_NONE;
    pl_standing_step(&state->standing, out, dt_s, &state->limits);
}
