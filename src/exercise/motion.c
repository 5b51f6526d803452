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
static const double sag_s = 4.0;          /* standing level follows a slow drift downwards, a rise at once */
static const double settle_s = 0.1;       /* of standing straight before it counts as standing */
static const float straight = 0.93f;      /* of the standing leg length: cos(21 deg), a knee bent by 43 */
static const float very_straight = 0.97f; /* a knee bent by 28 */
static const double stand_still_s = 0.5;
static const float calm = 0.25f; /* legs a second */
static const double rest_s = 0.3;
static const float rest_speed = 0.1f, rest_px_share = 0.04f, seat_rise = 0.15f; /* legs a second, legs, legs */
static const float at_start = 0.15f; /* of the threshold or depth: here a cycle begins and ends */
static const float turn = 0.15f;     /* of the depth: risen this far, the bottom is passed */
static const float came_up = 0.75f, all_the_way = 0.85f; /* of the depth: a pulse comes up to .5-.7 and goes down again */
static const float rising = -0.08f;  /* legs a second: slower than this, the rise is over */

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

static bool is_straight(const struct motion *m, const struct pl_pose *pose)
{
    float length = NAN;
    for (int side = 0; side < PL_N_SIDES; side++)
        length = fmaxf(length, pl_geometry_distance(pose->leg[side].hip_px, pose->leg[side].ankle_px));
    return length > straight * m->leg_px;
}

static bool stands(const struct motion *m, const struct pl_pose *pose)
{
    return is_straight(m, pose) && fabsf(m->speed) < calm;
}

/* Both legs straight and nothing moves: that is standing, wherever the level was thought to be. */
static bool stands_still(struct motion *m, const struct pl_pose *pose)
{
    bool still = fabsf(m->speed) < 0.5f * calm;
    for (int side = 0; side < PL_N_SIDES; side++) {
        if (!(pl_geometry_distance(pose->leg[side].hip_px, pose->leg[side].ankle_px)
              > very_straight * pose->leg[side].straight_px))
            still = false;
    }
    if (!still)
        m->straight_since_ns = pose->t_ns;
    return pose->t_ns - m->straight_since_ns > pl_ns_from_s(stand_still_s);
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
static void look_for_seat(struct motion *m)
{
    if (!(fabsf(m->y_px - m->rest_px) < rest_px_share * m->leg_px)) {
        if (m->rest_px - m->y_px > seat_rise * m->leg_px && m->rested)
            m->seat_px = m->rest_px;
        if (fabsf(m->speed) > rest_speed)
            return; /* on the way */
        m->rest_px = m->y_px;
        m->rest_since_ns = m->t_ns;
        m->rested = false;
    }
    if (m->t_ns - m->rest_since_ns > pl_ns_from_s(rest_s))
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
    const float share = m->y_px < m->level_px ? 1.0f : pl_signal_share(dt_s, sag_s);
    if (!m->rises || is_straight(m, pose)) /* who squats has not gone down to the floor that steps start from */
        m->level_px += share * (m->y_px - m->level_px);
    m->sunk = (m->y_px - m->level_px) / m->leg_px;
    const float down = 0.6f * limits->rep_depth_least;
    if (m->sunk <= at_start * down)
        m->start_ns = m->t_ns;
    if (m->sunk > down) {
        m->phase = MOTION_DOWN;
        m->deepest = m->sunk;
        m->bottom_ns = m->t_ns;
        m->turned_at = 0.0f;
    }
}

static void sink(struct motion *m)
{
    if (m->sunk > m->deepest) {
        m->deepest = m->sunk;
        m->bottom_ns = m->t_ns;
    }
    if (m->phase == MOTION_DOWN && m->turned_at > 0.0f) {
        if (m->sunk > all_the_way * m->deepest) {
            m->again = m->turned_at < came_up * m->deepest;
            m->turned_at = 0.0f;
        } else if (m->sunk < m->turned_at) {
            m->phase = MOTION_UP;
            m->highest = m->sunk;
            m->turned_at = 0.0f;
        }
    } else if (m->phase == MOTION_DOWN && m->sunk < (1.0f - turn) * m->deepest) {
        m->phase = MOTION_UP;
        m->highest = m->sunk;
        m->back_ns = 0;
    } else if (m->phase == MOTION_UP) {
        m->highest = fminf(m->highest, m->sunk);
        if (!m->back_ns && m->sunk < at_start * m->deepest)
            m->back_ns = m->t_ns;
        if (m->sunk - m->highest > turn * m->deepest && !m->back_ns) {
            m->phase = MOTION_DOWN; /* down again without having stood */
            m->turned_at = m->highest;
        }
    }
}

/* Back up, and the rise is over. */
static bool arrived(const struct motion *m, const struct pl_limits *limits)
{
    return m->phase == MOTION_UP && m->highest < limits->rep_return_max * m->deepest && m->speed > rising;
}

/* Who ends well above where he began has climbed something or stood up, and not come back. */
static void finish_cycle(struct motion *m)
{
    m->cycle = -m->sunk < m->deepest;
    if (!m->rises && -m->sunk > seat_rise)
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
        look_for_seat(m);
    if (m->phase == MOTION_LOST) {
        if (!stands(m, pose))
            m->straight_since_ns = pose->t_ns;
        if (pose->t_ns - m->straight_since_ns < pl_ns_from_s(settle_s))
            return;
        stand_here(m);
    }
    if (m->phase == MOTION_STAND) {
        stand(m, pose, dt_s, limits);
        return;
    }
    m->sunk = (m->y_px - m->level_px) / m->leg_px;
    if (!m->rises && stands_still(m, pose)) { /* on a step, too, people stand still */
        stand_here(m);
        return;
    }
    sink(m);
    if (arrived(m, limits))
        finish_cycle(m);
    else if (pose->t_ns - m->start_ns > pl_ns_from_s((double)limits->rep_max_s))
        pl_motion_lose(m);
}

void pl_motion_finish(struct motion *m, const struct pl_limits *limits)
{
    m->cycle = false;
    if (m->phase == MOTION_UP && m->highest < limits->rep_return_max * m->deepest)
        finish_cycle(m);
}
