/* What the body did in a cycle, for telling one exercise from another and a repetition from anything else. */
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include "plumbline/geometry.h"
#include "plumbline/signal.h"

static const double start_window_s = 0.15; /* after the start: frames that count as standing */

struct mean {
    struct pl_vec2 ankle[PL_N_SIDES], knee[PL_N_SIDES];
    float hip_ankle[PL_N_SIDES], ahead_m[PL_N_SIDES], below_m[PL_N_SIDES], hips_x, shoulders_x, trunk,
        trunk_forward_deg;
};

/* Mean of the known values, one by one. */
struct sum {
    double value;
    int n;
};
static void add(struct sum *s, float value)
{
    if (!isnan(value)) {
        s->value += (double)value;
        s->n++;
    }
}
static float mean(const struct sum *s) { return s->n ? (float)(s->value / s->n) : NAN; }

static struct mean mean_of(const struct recording *r, int from, int to, float least_sunk)
{
    struct sum ax[2] = { { 0 } }, ay[2] = { { 0 } }, kx[2] = { { 0 } }, ky[2] = { { 0 } }, d[2] = { { 0 } },
               m[2] = { { 0 } }, b[2] = { { 0 } };
    struct sum hips = { 0 }, shoulders = { 0 }, trunk = { 0 }, lean = { 0 };
    struct mean out;
    for (int i = from; i < to; i++) {
        const struct record *f = pl_recording_at(r, i);
        if (f->sunk < least_sunk)
            continue;
        for (int side = 0; side < PL_N_SIDES; side++) {
            add(&ax[side], f->ankle[side].x);
            add(&ay[side], f->ankle[side].y);
            add(&kx[side], f->knee[side].x);
            add(&ky[side], f->knee[side].y);
            add(&d[side], f->hip_ankle[side]);
            add(&m[side], f->ahead_m[side]);
            add(&b[side], f->below_m[side]);
        }
        add(&hips, f->hips.x);
        add(&shoulders, f->shoulders.x);
        add(&trunk, f->trunk);
        add(&lean, f->trunk_forward_deg);
    }
    for (int side = 0; side < PL_N_SIDES; side++) {
        out.ankle[side] = (struct pl_vec2){ mean(&ax[side]), mean(&ay[side]) };
        out.knee[side] = (struct pl_vec2){ mean(&kx[side]), mean(&ky[side]) };
        out.hip_ankle[side] = mean(&d[side]);
        out.ahead_m[side] = mean(&m[side]);
        out.below_m[side] = mean(&b[side]);
    }
    out.hips_x = mean(&hips);
    out.shoulders_x = mean(&shoulders);
    out.trunk = mean(&trunk);
    out.trunk_forward_deg = mean(&lean);
    return out;
}

/* How far a foot got from where it mostly was: the 0.9-quantile of the distances from its median place. Whichever
 * ankle is nearer counts: where the network has exchanged the legs, a planted foot has still not moved. */
static float slip_of(const struct recording *r, int from, int to, enum pl_side side)
{
    float x[RECORDING_MAX], y[RECORDING_MAX], away[RECORDING_MAX];
    for (int i = from; i < to; i++) {
        x[i - from] = pl_recording_at(r, i)->ankle_as_seen[side].x;
        y[i - from] = pl_recording_at(r, i)->ankle_as_seen[side].y;
    }
    const struct pl_vec2 place = { pl_signal_median(x, to - from), pl_signal_median(y, to - from) };
    for (int i = from; i < to; i++) {
        const struct pl_vec2 *ankle = pl_recording_at(r, i)->ankle_as_seen;
        away[i - from] =
            fminf(pl_geometry_distance(ankle[PL_SIDE_LEFT], place), pl_geometry_distance(ankle[PL_SIDE_RIGHT], place));
    }
    return pl_signal_quantile(away, to - from, 0.9f);
}

/* Which foot stays where it is? The place that one ankle or the other is always near is looked for among all places
 * of both; then it is counted whose ankle that was, in the network's own left and right: it exchanges the legs in
 * profile for moments, but over a whole cycle it is mostly right. Frames in which the feet are apart count more. It is clear
 * only if that place is better than every one that is not this foot's: a foot held in the air stays, too.
 */
enum { MAX_PLACES = 48, MIN_FRAMES = 4 };
static const float both_seen = 0.7f;  /* of the frames: who looks only at one foot cannot say which one stays */

static struct pl_vec2 raw_ankle(const struct record *f, int side) { return f->ankle[f->swapped ? 1 - side : side]; }

static float distance_to(const struct recording *r, int from, int to, struct pl_vec2 place, const struct pl_limits *limits)
{
    double sum = 0.0;
    for (int i = from; i < to; i++) {
        const struct record *f = pl_recording_at(r, i);
        sum += (double)fminf(limits->planted_far, fminf(pl_geometry_distance(f->ankle[PL_SIDE_LEFT], place),
                                               pl_geometry_distance(f->ankle[PL_SIDE_RIGHT], place)));
    }
    return (float)(sum / (to - from));
}

static void planted_of(const struct recording *r, int from, int to, float depth, const struct pl_limits *limits,
                       struct posture *out)
{
    while (from < to - MIN_FRAMES && !(pl_recording_at(r, from)->sunk > limits->planted_depth_min * depth))
        from++;
    while (to > from + MIN_FRAMES && !(pl_recording_at(r, to - 1)->sunk > limits->planted_depth_min * depth))
        to--; /* before and after, the other foot may stand too */
    const int step = (to - from) / (MAX_PLACES / 2) + 1;
    struct pl_vec2 place = { NAN, NAN }, places[MAX_PLACES + 2];
    float best = INFINITY, other = INFINITY, d[MAX_PLACES + 2], away[RECORDING_MAX];
    int n_places = 0;
    double weight[PL_N_SIDES] = { 1e-6, 1e-6 };
    int n = 0, swapped = 0;
    for (int i = from; i < to; i++)
        swapped += pl_recording_at(r, i)->swapped;
    out->against_network = 2 * swapped > to - from;
    for (int i = from; i < to; i += step) {
        for (int side = 0; side < PL_N_SIDES; side++) {
            const struct pl_vec2 p = pl_recording_at(r, i)->ankle[side];
            if (!pl_geometry_known(p))
                continue;
            places[n_places] = p;
            d[n_places] = distance_to(r, from, to, p, limits);
            if (d[n_places] < best) {
                best = d[n_places];
                place = p;
            }
            n_places++;
        }
    }
    for (int i = 0; i < n_places; i++) /* of the other foot */
        other = pl_geometry_distance(places[i], place) > limits->planted_moves_min ? fminf(other, d[i]) : other;
    for (int i = from; i < to; i++) {
        const struct record *f = pl_recording_at(r, i);
        const float left = pl_geometry_distance(raw_ankle(f, PL_SIDE_LEFT), place),
                    right = pl_geometry_distance(raw_ankle(f, PL_SIDE_RIGHT), place);
        if (isnan(left) || isnan(right))
            continue;
        weight[left < right ? PL_SIDE_LEFT : PL_SIDE_RIGHT] += (double)fabsf(left - right);
        away[n++] = fmaxf(left, right);
    }
    const float least = pl_signal_quantile(away, n, 0.1f), most = pl_signal_quantile(away, n, 0.9f);
    out->planted[PL_SIDE_LEFT] = (float)(weight[PL_SIDE_LEFT] / (weight[PL_SIDE_LEFT] + weight[PL_SIDE_RIGHT]));
    out->planted[PL_SIDE_RIGHT] = 1.0f - out->planted[PL_SIDE_LEFT];
    out->planted_clear = (float)n > both_seen * (float)(to - from) && best < limits->planted_wander_max
                         && other > limits->planted_moves_ratio * best
                         && most - least > fmaxf(limits->planted_moves_min, limits->planted_moves_ratio * best);
}

static float seen_of(const struct recording *r, int from, int to, enum pl_side side)
{
    int n = 0;
    for (int i = from; i < to; i++)
        n += pl_geometry_known(pl_recording_at(r, i)->ankle[side]);
    return (float)n / (float)(to - from);
}

/* While the hips rest at the deepest, how far do the shoulders travel against them, and how long is that? */
static void rest_of(const struct recording *r, int from, int to, float depth, const struct pl_limits *limits, struct posture *out)
{
    struct pl_vec2 least = { INFINITY, INFINITY }, most = { -INFINITY, -INFINITY };
    int64_t first_ns = 0, last_ns = 0;
    for (int i = from; i < to; i++) {
        const struct record *f = pl_recording_at(r, i);
        if (f->sunk < limits->seat_rest_depth_min * depth)
            continue;
        const struct pl_vec2 d = { f->shoulders.x - f->hips.x, f->shoulders.y - f->hips.y };
        least = (struct pl_vec2){ fminf(least.x, d.x), fminf(least.y, d.y) };
        most = (struct pl_vec2){ fmaxf(most.x, d.x), fmaxf(most.y, d.y) };
        first_ns = first_ns ? first_ns : f->t_ns;
        last_ns = f->t_ns;
    }
    out->trunk_swing = hypotf(most.x - least.x, most.y - least.y);
    out->rest_s = (float)pl_s_from_ns(last_ns - first_ns);
}

/* Did the front foot step forwards or the rear one backwards? In profile the network may exchange the feet when one
 * passes the other: so they have no names there, only a place before and two places after. */
static void steps_of(const struct recording *r, int from, int to, const struct mean *deep, enum pl_view view, int rear,
                     struct posture *out)
{
    const int front = out->knee_higher[PL_SIDE_LEFT] > 0.0f ? PL_SIDE_LEFT : PL_SIDE_RIGHT;
    float before = NAN, moved[PL_N_SIDES] = { 0.0f, 0.0f };
    out->apart_before = INFINITY;
    for (int i = from; i < to; i++) { /* the foot leaves before the hips sink: where were they side by side? */
        const struct pl_vec2 *ankle = pl_recording_at(r, i)->ankle;
        for (int side = 0; side < PL_N_SIDES; side++)
            moved[side] = fmaxf(moved[side], pl_geometry_distance(ankle[side], deep->ankle[side]));
        const float apart = fabsf(ankle[PL_SIDE_LEFT].x - ankle[PL_SIDE_RIGHT].x);
        if (apart < out->apart_before) {
            out->apart_before = apart;
            before = 0.5f * (ankle[PL_SIDE_LEFT].x + ankle[PL_SIDE_RIGHT].x);
        }
    }
    out->stepped_ahead = view == PL_VIEW_SIDE ? deep->ankle[1 - rear].x - before : moved[front];
    out->stepped_back = view == PL_VIEW_SIDE ? before - deep->ankle[rear].x : moved[1 - front];
}

bool pl_posture_of(const struct recording *r, int64_t start_ns, int64_t bottom_ns, int64_t end_ns, enum pl_view view,
                   const struct pl_limits *limits, struct posture *out)
{
    const int first = pl_recording_find(r, start_ns), last = pl_recording_find(r, end_ns + 1);
    const int stood = pl_recording_find(r, start_ns + pl_ns_from_s(start_window_s)),
              bottom = pl_recording_find(r, bottom_ns);
    if (last - first < 4 || bottom > last)
        return false;
    const float depth = pl_recording_at(r, bottom < last ? bottom : last - 1)->sunk; /* still sinking: the last frame */
    const struct mean start = mean_of(r, first, stood > first ? stood : first + 1, -INFINITY);
    const struct mean deep = mean_of(r, first, last, limits->posture_deep_min * depth);
    *out = (struct posture){ .view = view,
                             .depth = depth,
                             .trunk_forward_deg = deep.trunk_forward_deg,
                             .trunk_share = deep.trunk / start.trunk };
    for (int i = 0; i < PL_N_SIDES; i++) {
        const int other = 1 - i;
        out->shorter[i] = 1.0f - deep.hip_ankle[i] / start.hip_ankle[i];
        out->foot_moved[i] = pl_geometry_distance(deep.ankle[i], start.ankle[i]);
        out->foot_higher[i] = fmaxf(start.ankle[other].y - start.ankle[i].y, deep.ankle[other].y - deep.ankle[i].y);
        out->knee_higher[i] = deep.knee[other].y - deep.knee[i].y;
        out->foot_ahead[i] =
            deep.ankle[i].x - deep.ankle[other].x; /* the recording's x grows forwards in a side view */
        if (view != PL_VIEW_SIDE)
            out->foot_ahead[i] = NAN;
        out->foot_higher_m[i] = fmaxf(start.below_m[other] - start.below_m[i], deep.below_m[other] - deep.below_m[i]);
        out->foot_lower[i] = deep.ankle[i].y - deep.ankle[other].y;
        out->foot_lower_m[i] = deep.below_m[i] - deep.below_m[other];
        out->beside[i] = fabsf(deep.ankle[i].x - 0.5f * (deep.hips_x + deep.shoulders_x));
        out->seen[i] = seen_of(r, first, last, (enum pl_side)i);
        out->foot_ahead_m[i] = deep.ahead_m[i] - deep.ahead_m[other];
    }
    const int rear = out->foot_ahead[PL_SIDE_LEFT] > 0.0f ? PL_SIDE_RIGHT : PL_SIDE_LEFT;
    out->hips_between = (deep.hips_x - deep.ankle[rear].x) / out->foot_ahead[1 - rear];
    steps_of(r, pl_recording_find(r, start_ns - pl_ns_from_s((double)limits->lunge_step_before_s)), bottom, &deep, view, rear, out);
    planted_of(r, first, last, depth, limits, out);
    rest_of(r, first, last, depth, limits, out);
    out->slip[PL_SIDE_LEFT] = slip_of(r, first, last, PL_SIDE_LEFT);
    out->slip[PL_SIDE_RIGHT] = slip_of(r, first, last, PL_SIDE_RIGHT);
    out->foot_slip = fminf(out->slip[PL_SIDE_LEFT], out->slip[PL_SIDE_RIGHT]);
    return true;
}
