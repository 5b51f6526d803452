/* Hip height over time -> whole cycles from standing to standing. Told for the hips that sink; for a step-up the same
 * upside down.
 *
 * in:   pose
 * how:  the hips sink and rise in every squat and lunge, from any side, whatever the legs' landmarks do. `sunk` is
 *       measured from where they were in standing, in leg lengths. Down when it passes a threshold, deepest at its
 *       maximum, whole when most of it is undone; pulses at the bottom never come back that far. Standing must be
 *       seen first: legs as straight as this person's get, hips at rest. Who is first seen sitting or squatting has
 *       not started a repetition.
 * why not knee angles: they are what hidden legs, loose clothes and profile swaps spoil most.
 */
#include "internal.h"

#include <math.h>
#include "plumbline/geometry.h"
#include "plumbline/signal.h"

static const double smooth_s = 0.06; /* hips jitter */
static const double speed_s = 0.12;

void pl_motion_reset(struct motion *m, bool rises)
{
    *m = (struct motion){ .rises = rises, .y_px = NAN, .level_px = NAN, .leg_px = NAN, .sunk = NAN, .rest_px = NAN,
                          .seat_px = NAN };
}

void pl_motion_lose(struct motion *m)
{
    const float seat_px = m->seat_px; /* the chair does not go away */
    pl_motion_reset(m, m->rises);
    m->seat_px = seat_px;
}

static bool is_straight(const struct motion *m, const struct pl_pose *pose, const struct pl_limits *limits)
{
    float length = NAN;
    for (int side = 0; side < PL_N_SIDES; side++)
        length = fmaxf(length, pl_geometry_distance(pose->leg[side].hip_px, pose->leg[side].ankle_px));
    return length > limits->stand_leg_min * m->leg_px;
}

static bool stands(const struct motion *m, const struct pl_pose *pose, const struct pl_limits *limits)
{
    return is_straight(m, pose, limits) && fabsf(m->speed) < limits->stand_speed_max;
}

/* Both legs straight and nothing moves: that is standing, wherever the level was thought to be. */
static bool stands_still(struct motion *m, const struct pl_pose *pose, const struct pl_limits *limits)
{
    bool still = fabsf(m->speed) < 0.5f * limits->stand_speed_max;
    for (int side = 0; side < PL_N_SIDES; side++) {
        if (!(pl_geometry_distance(pose->leg[side].hip_px, pose->leg[side].ankle_px)
              > limits->leg_straight_still_min * pose->leg[side].straight_px))
            still = false;
    }
    if (!still)
        m->straight_since_ns = pose->t_ns;
    return pose->t_ns - m->straight_since_ns > pl_ns_from_s((double)limits->stand_again_s);
}

static void follow(struct motion *m, const struct pl_pose *pose, double dt_s)
{
    const float before = m->y_px, y_px = m->rises ? -pose->hips_px.y : pose->hips_px.y;
    if (!m->known) {
        m->y_px = y_px;
        m->speed = 0.0f;
    } else {
        m->y_px += pl_signal_share(dt_s, smooth_s) * (y_px - m->y_px);
        if (dt_s > 0.0 && m->leg_px > 0.0f)
            m->speed += pl_signal_share(dt_s, speed_s) * ((m->y_px - before) / (float)dt_s / m->leg_px - m->speed);
    }
    m->known = true;
}

/* Hips that rested, and then rise by a good part of a leg without having sunk before, have got up from a seat.
 * Squats that go down to that height later and rest there are sitting down. */
static void look_for_seat(struct motion *m, const struct pl_limits *limits)
{
    if (!(fabsf(m->y_px - m->rest_px) < limits->seat_still_max * m->leg_px)) {
        if (m->rest_px - m->y_px > limits->seat_rise_min * m->leg_px && m->rested)
            m->seat_px = m->rest_px;
        if (fabsf(m->speed) > limits->seat_speed_max)
            return; /* on the way */
        m->rest_px = m->y_px;
        m->rest_since_ns = m->t_ns;
        m->rested = false;
    }
    if (m->t_ns - m->rest_since_ns > pl_ns_from_s((double)limits->seat_settle_s))
        m->rested = true;
}

static void stand_here(struct motion *m)
{
    m->phase = MOTION_STAND;
    m->level_px = m->y_px;
    m->sunk = 0.0f;
    m->start_ns = m->t_ns;
    m->straight_since_ns = m->t_ns;
}

static void stand(struct motion *m, const struct pl_pose *pose, double dt_s, const struct pl_limits *limits)
{
    const float share = m->y_px < m->level_px ? 1.0f : pl_signal_share(dt_s, (double)limits->stand_sag_s);
    if (!m->rises || is_straight(m, pose, limits)) /* who squats has not gone down to the floor that steps start from */
        m->level_px += share * (m->y_px - m->level_px);
    m->sunk = (m->y_px - m->level_px) / m->leg_px;
    const float down = limits->rep_down_min * limits->rep_depth_least;
    if (m->sunk <= limits->rep_start_max * down)
        m->start_ns = m->t_ns;
    if (m->sunk > down) {
        m->phase = MOTION_DOWN;
        m->deepest = m->sunk;
        m->bottom_ns = m->t_ns;
        m->turned_at = 0.0f;
    }
}

static void sink(struct motion *m, const struct pl_limits *limits)
{
    if (m->sunk > m->deepest) {
        m->deepest = m->sunk;
        m->bottom_ns = m->t_ns;
    }
    if (m->phase == MOTION_DOWN && m->turned_at > 0.0f) {
        if (m->sunk > limits->rep_again_deep_min * m->deepest) {
            m->again = m->turned_at < limits->rep_again_max * m->deepest;
            m->turned_at = 0.0f;
        } else if (m->sunk < m->turned_at) {
            m->phase = MOTION_UP;
            m->highest = m->sunk;
            m->turned_at = 0.0f;
        }
    } else if (m->phase == MOTION_DOWN && m->sunk < (1.0f - limits->rep_turn_min) * m->deepest) {
        m->phase = MOTION_UP;
        m->highest = m->sunk;
        m->back_ns = 0;
    } else if (m->phase == MOTION_UP) {
        m->highest = fminf(m->highest, m->sunk);
        if (!m->back_ns && m->sunk < limits->rep_start_max * m->deepest)
            m->back_ns = m->t_ns;
        if (m->sunk - m->highest > limits->rep_turn_min * m->deepest && !m->back_ns) {
            m->phase = MOTION_DOWN; /* down again without having stood */
            m->turned_at = m->highest;
        }
    }
}

/* Back up, and the rise is over. */
static bool arrived(const struct motion *m, const struct pl_limits *limits)
{
    return m->phase == MOTION_UP && m->highest < limits->rep_return_max * m->deepest && m->speed > -limits->rep_rise_end_max;
}

/* Who ends well above where he began has climbed something or stood up, and not come back. */
static void finish_cycle(struct motion *m, const struct pl_limits *limits)
{
    m->cycle = -m->sunk < m->deepest;
    if (!m->rises && -m->sunk > limits->seat_rise_min)
        m->seat_px = m->level_px; /* what was taken for standing was sitting */
    m->cycle_start_ns = m->start_ns;
    m->cycle_bottom_ns = m->bottom_ns;
    m->cycle_end_ns = m->back_ns ? m->back_ns : m->t_ns;
    m->cycle_depth = m->deepest;
    m->cycle_bottom_px = m->level_px + m->deepest * m->leg_px;
    m->rest_px = NAN;
    stand_here(m);
}

void pl_motion_step(struct motion *m, const struct pl_pose *pose, const struct pl_limits *limits)
{
    const double dt_s = m->known ? pl_s_from_ns(pose->t_ns - m->t_ns) : 0.0;
    m->cycle = m->again = false;
    if (!m->known) /* whatever the clock says by now: nobody has stood here since it began */
        m->straight_since_ns = m->rest_since_ns = pose->t_ns;
    if (m->phase == MOTION_LOST || m->phase == MOTION_STAND)
        m->leg_px = pose->leg_px; /* the unit stays the same within a cycle */
    follow(m, pose, dt_s);
    m->t_ns = pose->t_ns;
    if (!(m->leg_px > 0.0f))
        return;
    if (!m->rises && (m->phase == MOTION_LOST || m->phase == MOTION_STAND))
        look_for_seat(m, limits);
    if (m->phase == MOTION_LOST) {
        if (!stands(m, pose, limits))
            m->straight_since_ns = pose->t_ns;
        if (pose->t_ns - m->straight_since_ns < pl_ns_from_s((double)limits->stand_settle_s))
            return;
        stand_here(m);
    }
    if (m->phase == MOTION_STAND) {
        stand(m, pose, dt_s, limits);
        return;
    }
    m->sunk = (m->y_px - m->level_px) / m->leg_px;
    if (!m->rises && stands_still(m, pose, limits)) { /* on a step, too, people stand still */
        stand_here(m);
        return;
    }
    sink(m, limits);
    if (arrived(m, limits))
        finish_cycle(m, limits);
    else if (pose->t_ns - m->start_ns > pl_ns_from_s((double)limits->rep_max_s))
        pl_motion_lose(m);
}

void pl_motion_finish(struct motion *m, const struct pl_limits *limits)
{
    m->cycle = false;
    if (m->phase == MOTION_UP && m->highest < limits->rep_return_max * m->deepest)
        finish_cycle(m, limits);
}
