/* Standing on one leg: from when the other foot leaves the floor to when it comes back, or the standing foot hops.
 *
 * how:  the higher ankle in the picture is the free one; where the world landmarks are sure of the opposite they win,
 *       because a foot held forwards looks lower. What quiet standing on both feet looks like is taken off first: seen
 *       obliquely, one foot is higher in the picture all the time.
 * src:  measures.md 6: clear of the floor for half a second; ends with a touch or a hop
 */
#include "internal.h"

#include <math.h>
#include "plumbline/geometry.h"

static const float begins = 0.35f;                /* of foot_lift_min: here the foot left the floor */
static const double leaves_s = 0.6;               /* at most, from the floor to there */

/* How much higher the right ankle is than the left one, statures; of that in quiet standing: *usual. */
static float lift_of(const struct pl_pose *pose, const struct pl_limits *limits, float *usual)
{
    const struct pl_leg *l = &pose->leg[PL_SIDE_LEFT], *r = &pose->leg[PL_SIDE_RIGHT];
    const struct pl_baseline *bl = &pose->baseline[PL_SIDE_LEFT], *br = &pose->baseline[PL_SIDE_RIGHT];
    const bool both = bl->two_legs && br->two_legs;
    *usual = both ? (bl->ankle_px.y - br->ankle_px.y) / pose->stature_px : 0.0f;
    const float px = (l->ankle_px.y - r->ankle_px.y) / pose->stature_px - *usual, m = l->ankle_m.y - r->ankle_m.y;
    const bool opposite = fabsf(m) > limits->stance_lift_sure_m && m * px < 0.0f;
    return isnan(px) || opposite ? m : px;
}

/* The foot had left the floor a moment before it was clear of it, and comes back a moment after. */
static int64_t edge_of(const struct recording *r, int64_t t_ns, int step, const struct hold *hold, float least)
{
    int i = pl_recording_find(r, t_ns);
    if (i >= r->n)
        i = r->n - 1;
    const enum pl_side side = hold->side, other = pl_side_other(side);
    const float usual = side == PL_SIDE_LEFT ? hold->usual : -hold->usual;
    for (; i + step >= 0 && i + step < r->n; i += step) {
        const struct record *f = pl_recording_at(r, i);
        const int64_t way_ns = f->t_ns > t_ns ? f->t_ns - t_ns : t_ns - f->t_ns;
        if (!(f->ankle[side].y - f->ankle[other].y - usual > least) || way_ns > pl_ns_from_s(leaves_s))
            break;
        t_ns = f->t_ns;
    }
    return t_ns;
}

static void end(struct hold *hold, const struct recording *r, const struct pl_limits *limits)
{
    hold->ended = hold->on;
    if (hold->on)
        hold->last_ns = edge_of(r, hold->last_ns, 1, hold, begins * limits->foot_lift_min);
    hold->clear = hold->on = false;
}

void pl_hold_step(struct hold *hold, const struct recording *r, const struct pl_pose *pose, enum pl_side side,
                  const struct pl_limits *limits)
{
    float usual;
    const float lift = lift_of(pose, limits, &usual);
    const enum pl_side stands = lift > 0.0f ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
    const bool clear = fabsf(lift) > limits->foot_lift_min && (side == PL_SIDE_UNKNOWN || side == stands);
    const struct pl_vec2 ankle = pose->leg[stands].ankle_px;
    hold->ended = false;
    const bool hops = pl_geometry_distance(ankle, hold->place) > limits->planted_max * pose->stature_px;
    if (hold->clear && clear && (stands != hold->side || hops)) {
        end(hold, r, limits);
        return;
    }
    if (clear && !hold->clear)
        *hold = (struct hold){ .clear = true, .side = stands, .start_ns = pose->t_ns, .usual = usual, .place = ankle };
    if (clear)
        hold->last_ns = pose->t_ns;
    else if (hold->clear && pose->t_ns - hold->last_ns > pl_ns_from_s((double)limits->stance_touch_s))
        end(hold, r, limits);
    if (hold->clear && !hold->on && hold->last_ns - hold->start_ns >= pl_ns_from_s((double)limits->stance_clear_s)) {
        hold->on = true;
        hold->start_ns = edge_of(r, hold->start_ns, -1, hold, begins * limits->foot_lift_min);
    }
}
