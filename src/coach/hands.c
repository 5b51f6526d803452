/* Hands that ask for something: one raised above the head, or one held on a target.
 *
 * Targets lie to the left and right of the person, where hands on the hips or hanging down are not; an arm reaches well into
 * them. src: arm .44 of stature from the shoulder, shoulders .13 from the middle: Drillis & Contini 1966
 */
#include "internal.h"

#include <math.h>

static const int64_t raise_ns = PL_NS_PER_S; /* a scratched head is shorter */
static const double dwell_s = 1.2;
static const float visible_p = 0.5f;         /* MediaPipe's default confidence */
static const float free_half = 0.25f;        /* statures left and right of the person without targets */
static const float above = 0.32f;            /* statures above the nose that targets begin */

void pl_hands_reset(struct hands *h)
{
    *h = (struct hands){ .place = { 0.5f, 0.05f, 0.12f, 0.55f } };
}

/* Exactly one, the other seen to hang, and not in a repetition: both arms go up in a stretch, and in some squats, where from the
 * side only one of them is seen. */
static bool one_is_up(const struct pl_moment *m)
{
    const struct pl_point *nose = &m->keypoints.raw.px[PL_LM_NOSE];
    const float line = nose->y_px - 0.04f * m->pose.stature_px;
    int up = 0, down = 0;

    if (!m->pose.person || !(nose->visibility_p >= visible_p) || m->progress.rep > 0)
        return false;
    for (int side = 0; side < PL_N_SIDES; side++) {
        if (!(m->pose.hand_visibility_p[side] >= visible_p))
            return false;
        up += m->pose.hand_px[side].y < line;
        down += m->pose.hand_px[side].y > m->pose.shoulders_px.y;
    }
    return up == 1 && down == 1;
}

/* Time up counts, time down takes away four times as fast: a hand lost for a frame or two starts nothing anew. */
bool pl_hands_raised(struct hands *h, const struct pl_moment *m)
{
    const int64_t dt_ns = h->t_ns && m->t_ns > h->t_ns ? m->t_ns - h->t_ns : 0;

    h->t_ns = m->t_ns;
    if (one_is_up(m)) {
        h->up_ns += dt_ns < raise_ns / 4 ? dt_ns : raise_ns / 4; /* a gap in the pictures is no raised hand */
    } else {
        h->up_ns = h->up_ns > 4 * dt_ns ? h->up_ns - 4 * dt_ns : 0;
        h->used = h->used && h->up_ns > 0;
    }
    if (h->up_ns > raise_ns)
        h->up_ns = raise_ns;
    if (h->used || h->up_ns < raise_ns)
        return false;
    h->used = true;
    return true;
}

void pl_hands_place(struct hands *h, const struct pl_moment *m)
{
    const float w = (float)m->keypoints.width_px, ht = (float)m->keypoints.height_px, size = m->pose.stature_px;
    const float nose_y = m->keypoints.raw.px[PL_LM_NOSE].y_px;

    if (!m->pose.person || w <= 0 || ht <= 0 || isnan(nose_y))
        return;
    h->place.x = fminf(fmaxf(m->pose.hips_px.x / w, 0.25f), 0.75f);
    h->place.w = free_half * size / w;
    h->place.y = fmaxf((nose_y - above * size) / ht, 0.02f);
    h->place.h = fminf(fmaxf(m->pose.hips_px.y / ht, h->place.y + 0.3f), 0.95f) - h->place.y;
}

/* The first half of them on the picture's right, which the person sees on the left, as in a mirror. */
struct pl_coach_box pl_hands_box(const struct hands *h, int i, int n)
{
    const int rows = (n + 1) / 2, row = i % rows;
    const bool right = i < rows;
    const float edge = h->place.x + (right ? h->place.w : -h->place.w), height = h->place.h / (float)rows;
    const float end = right ? 0.99f : 0.01f; /* further than an arm, for larger letters */

    return (struct pl_coach_box){ fminf(edge, end), h->place.y + (float)row * height, fabsf(end - edge), 0.9f * height };
}

static bool holds(struct pl_coach_box b, float x, float y)
{
    return x >= b.x && x < b.x + b.w && y >= b.y && y < b.y + b.h;
}

/* The target under a hand; of two hands the higher one counts. */
static int pointed_at(const struct pl_moment *m, const struct pl_coach_target *target, int n)
{
    const float w = (float)m->keypoints.width_px, h = (float)m->keypoints.height_px;
    float best_y = INFINITY;
    int best = -1;

    for (int side = 0; side < PL_N_SIDES && m->pose.person && w > 0 && h > 0; side++)
        for (int i = 0; i < n; i++) {
            const struct pl_vec2 p = m->pose.hand_px[side];
            if (m->pose.hand_visibility_p[side] >= visible_p && p.y < best_y && holds(target[i].box, p.x / w, p.y / h)) {
                best_y = p.y;
                best = i;
            }
        }
    return best;
}

int pl_hands_dwell(const struct pl_moment *m, struct pl_coach_target *target, int n, double dt_s)
{
    const int at = pointed_at(m, target, n);
    const float step = (float)(fmin(dt_s, 0.25) / dwell_s);
    int taken = -1;

    for (int i = 0; i < n; i++) {
        target[i].dwell = fminf(fmaxf(target[i].dwell + (i == at ? step : -2 * step), 0), 1);
        if (target[i].dwell >= 1)
            taken = i;
    }
    return taken;
}
