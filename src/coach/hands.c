/* Hands that ask for something: one raised above the head, or one held on a target.
 *
 * where:  targets lie to the left and right of the person, where hands on the hips or hanging down are not; an arm reaches well
 *         into them. src: arm .44 of stature from the shoulder, shoulders .13 from the middle: Drillis & Contini 1966
 * dwell:  a hand that is held up sways, and its landmarks jitter: the target that it is on is larger than it looks, and what a
 *         moment beside it takes away is no more than what a moment on it gives. A hand that is on a target when a page opens has
 *         to leave it first: it was there for the page before
 * lens:   with one, landmarks are straightened and the picture is not: hands are compared where the picture shows them
 */
#include "internal.h"

#include <math.h>

static const int64_t raise_ns = PL_NS_PER_S; /* a scratched head is shorter */
static const double dwell_s = 1.2;
static const float visible_p = 0.5f;         /* MediaPipe's default confidence */
static const float free_half = 0.22f;        /* statures left and right of the person without targets */
static const float above = 0.32f;            /* statures above the nose that targets begin */
static const float row_least = 0.14f;        /* of the picture's height: large letters, whoever stands far away */
static const float slack = 0.05f;            /* statures around a target that hold the hand: 8 cm. src: own choice; see tests */

void pl_hands_reset(struct hands *h)
{
    *h = (struct hands){ .place = { 0.5f, 0.05f, 0.12f, 0.55f }, .stale = -1 };
}

static struct pl_vec2 shown_at(struct pl_vec2 px, const struct pl_keypoints *k, const struct pl_lens *lens)
{
    if (lens && lens->width_px == k->width_px && lens->height_px == k->height_px)
        px = pl_lens_distort(lens, px);
    return (struct pl_vec2){ px.x / (float)k->width_px, px.y / (float)k->height_px };
}

void pl_hands_at(struct pl_vec2 out[PL_N_SIDES], const struct pl_moment *m, const struct pl_lens *lens)
{
    for (int side = 0; side < PL_N_SIDES; side++) {
        out[side] = (struct pl_vec2){ NAN, NAN };
        if (m->pose.person && m->keypoints.width_px > 0 && m->keypoints.height_px > 0 &&
            m->pose.hand_visibility_p[side] >= visible_p)
            out[side] = shown_at(m->pose.hand_px[side], &m->keypoints, lens);
    }
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

void pl_hands_place(struct hands *h, const struct pl_moment *m, const struct pl_lens *lens)
{
    const struct pl_point *nose = &m->keypoints.raw.px[PL_LM_NOSE];
    const float w = (float)m->keypoints.width_px, ht = (float)m->keypoints.height_px, size = m->pose.stature_px;

    h->stale = STALE_UNKNOWN;
    if (!m->pose.person || w <= 0 || ht <= 0 || isnan(nose->y_px))
        return;
    const struct pl_vec2 head = shown_at((struct pl_vec2){ nose->x_px, nose->y_px }, &m->keypoints, lens);
    const struct pl_vec2 hips = shown_at(m->pose.hips_px, &m->keypoints, lens);
    h->place.x = fminf(fmaxf(hips.x, 0.25f), 0.75f);
    h->place.w = free_half * size / w;
    h->place.y = fmaxf(head.y - above * size / ht, 0.02f);
    h->place.h = fminf(fmaxf(hips.y, h->place.y + 0.3f), 0.95f) - h->place.y;
}

/* The first half of them on the picture's right, which the person sees on the left, as in a mirror. */
struct pl_coach_box pl_hands_box(const struct hands *h, int i, int n)
{
    const int rows = (n + 1) / 2, row = i % rows;
    const bool right = i < rows;
    const float edge = h->place.x + (right ? h->place.w : -h->place.w);
    const float end = right ? 1.0f : 0.0f; /* further than an arm, for larger letters */
    const float height = fminf(fmaxf(h->place.h / (float)rows, row_least), 0.96f / (float)rows), all = height * (float)rows;
    const float top = fminf(fmaxf(h->place.y + (h->place.h - all) / 2, 0.02f), 0.98f - all);

    return (struct pl_coach_box){ fminf(edge, end), top + (float)row * height, fabsf(end - edge), 0.92f * height };
}

static bool holds(struct pl_coach_box b, struct pl_vec2 p, float slack_x, float slack_y)
{
    return p.x >= b.x - slack_x && p.x < b.x + b.w + slack_x && p.y >= b.y - slack_y && p.y < b.y + b.h + slack_y;
}

static int longest(const struct pl_coach_target *target, int n)
{
    int best = -1;
    for (int i = 0; i < n; i++)
        if (target[i].dwell > 0 && (best < 0 || target[i].dwell > target[best].dwell))
            best = i;
    return best;
}

/* The target under a hand, the one that has been dwelt on before any other; of two hands the higher one counts. -1: none */
static int pointed_at(const struct hands *h, const struct pl_vec2 hand[PL_N_SIDES], const struct pl_moment *m,
                      const struct pl_coach_target *target, int n)
{
    const float slack_x = slack * m->pose.stature_px / (float)m->keypoints.width_px;
    const float slack_y = slack * m->pose.stature_px / (float)m->keypoints.height_px;
    const int before = h->stale >= 0 && h->stale < n ? h->stale : longest(target, n);
    float best_y = INFINITY;
    int best = -1;

    for (int side = 0; side < PL_N_SIDES; side++) {
        if (isnan(hand[side].x) || !(hand[side].y < best_y))
            continue;
        int at = before >= 0 && holds(target[before].box, hand[side], slack_x, slack_y) ? before : -1;
        for (int i = 0; i < n && at < 0; i++)
            if (holds(target[i].box, hand[side], 0, 0))
                at = i;
        if (at >= 0) {
            best_y = hand[side].y;
            best = at;
        }
    }
    return best;
}

int pl_hands_dwell(struct hands *h, const struct pl_vec2 hand[PL_N_SIDES], const struct pl_moment *m,
                   struct pl_coach_target *target, int n, double dt_s)
{
    int at = pointed_at(h, hand, m, target, n), taken = -1;
    const float step = (float)(fmin(dt_s, 0.25) / dwell_s);

    if (h->stale == STALE_UNKNOWN || at != h->stale)
        h->stale = h->stale == STALE_UNKNOWN ? at : -1;
    if (at == h->stale)
        at = -1;
    for (int i = 0; i < n; i++) {
        target[i].dwell = fminf(fmaxf(target[i].dwell + (i == at ? step : -step), 0), 1);
        if (target[i].dwell >= 1)
            taken = i;
    }
    return taken;
}
