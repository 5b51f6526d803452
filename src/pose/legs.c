/* Left and right legs that the network exchanges in profile are put right by continuity.
 *
 * how:  both assignments of the network's two legs to ours are compared by how far knees, ankles and feet would be
 *       from where they were lately: the exchange is undone where it explains the picture clearly better. The
 *       planted foot carries most of that. Lately is a fading mean, because the network often slides through a blend
 *       of both legs into the exchange; the frame before must at least not speak against it, because a foot that
 *       steps past the other looks like an exchange to the mean. A picture that neither assignment explains, because both legs
 *       are drawn between the two, is not remembered.
 *       Continuity tells that the order changed, not which of the two is right. That is a question of how long each
 *       has been seen, and how well: the network errs where the legs are close to one another, not in a long step.
 *       So every second of an order counts by how far apart the legs were, and ours gives way when the network's has
 *       more. While the legs pass one another nothing is certain any more, and the count starts again.
 * why not the network's visibility or z: both follow the exchange. Of a picture's own signs (the far foot is higher,
 * the far thigh shorter) the best, the thighs' lengths, tells an exchange in five cases of six, but one frame in sixty is
 * one: it would spoil more than it mends.
 */
#include "internal.h"

#include <math.h>
#include "plumbline/signal.h"

static const enum pl_landmark moved[] = { PL_LM_LEFT_KNEE, PL_LM_LEFT_ANKLE, PL_LM_LEFT_HEEL, PL_LM_LEFT_FOOT_INDEX };
static const enum pl_landmark leg[] = { PL_LM_LEFT_HIP, PL_LM_LEFT_KNEE, PL_LM_LEFT_ANKLE, PL_LM_LEFT_HEEL,
                                        PL_LM_LEFT_FOOT_INDEX };
enum { N_MOVED = sizeof moved / sizeof moved[0], N_LEG = sizeof leg / sizeof leg[0] };

/* src:  own choice. The exchanges seen in real streams last 1-6 frames of 30 Hz, up to a second where a weight hides
 *       the feet. Side views of 58 rendered clips, three networks: legs .08 to .25 statures apart: 51 of 2950 frames
 *       exchanged, further: 1 of 1953. Any most_s of .5-2 and step of .1-.3 gives the same within 5 frames of 90. */
static const double most_s = 1.0;    /* that an order is trusted */
static const float step = 0.2f;      /* legs apart that count in full, statures, mean of the points */
static const float together = 0.1f;  /* less: they may pass one another */
static const double forget_s = 0.25; /* side by side */
static const double lately_s = 0.25;
static const float better = 0.7f;      /* the exchange must explain this much of the motion away */
static const float against = 1.1f;     /* by the frame before */
static const float least_move = 0.12f; /* of the stature, summed over the points: less is noise */
static const float torn = 0.8f;        /* the same: more at once is no step, whichever leg is which */
static const double torn_s = 0.2;      /* but for so long it may be */

static float step_length(const struct pl_landmarks *from, enum pl_side from_side, const struct pl_landmarks *to,
                         enum pl_side to_side)
{
    float sum = 0.0f;
    for (int i = 0; i < N_MOVED; i++) {
        const struct pl_point *a = &from->px[pl_landmark_of(moved[i], from_side)],
                              *b = &to->px[pl_landmark_of(moved[i], to_side)];
        sum += hypotf(a->x_px - b->x_px, a->y_px - b->y_px);
    }
    return sum;
}

static void exchange(struct pl_landmarks *set)
{
    for (int i = 0; i < N_LEG; i++) {
        const enum pl_landmark l = leg[i], r = pl_landmark_of(leg[i], PL_SIDE_RIGHT);
        const struct pl_point point = set->px[l];
        const struct pl_vec3 world = set->m[l];
        set->px[l] = set->px[r];
        set->m[l] = set->m[r];
        set->px[r] = point;
        set->m[r] = world;
    }
}

static void remember(struct legs *legs, const struct pl_landmarks *now, float share)
{
    for (int i = 0; i < N_MOVED; i++) {
        for (int side = 0; side < PL_N_SIDES; side++) {
            const enum pl_landmark l = pl_landmark_of(moved[i], (enum pl_side)side);
            struct pl_point *p = &legs->lately.px[l];
            if (share == 1.0f) {
                *p = now->px[l];
            } else {
                p->x_px += share * (now->px[l].x_px - p->x_px);
                p->y_px += share * (now->px[l].y_px - p->y_px);
            }
        }
    }
}

/* Both assignments' distances from a set of points: as the network has them, and exchanged. */
struct choice {
    float kept, crossed;
};

static struct choice choose(const struct pl_landmarks *from, const struct pl_landmarks *now)
{
    const struct choice c = {
        step_length(from, PL_SIDE_LEFT, now, PL_SIDE_LEFT) + step_length(from, PL_SIDE_RIGHT, now, PL_SIDE_RIGHT),
        step_length(from, PL_SIDE_LEFT, now, PL_SIDE_RIGHT) + step_length(from, PL_SIDE_RIGHT, now, PL_SIDE_LEFT),
    };
    return c;
}

static float apart(const struct pl_landmarks *now)
{
    float sum = 0.0f;
    for (int i = 0; i < N_MOVED; i++) {
        const struct pl_point *l = &now->px[moved[i]], *r = &now->px[pl_landmark_of(moved[i], PL_SIDE_RIGHT)];
        sum += hypotf(l->x_px - r->x_px, l->y_px - r->y_px);
    }
    return sum / N_MOVED;
}

/* What these dt_s say about our order; false: the network's has more for it. */
static bool still_ours(struct legs *legs, bool swapped, float apart_statures, double dt_s)
{
    const double counts = fmin(1.0, (double)(apart_statures / step)), near = fmax(0.0, (double)(1.0f - apart_statures / together));
    legs->sure_s *= exp(-near * dt_s / forget_s);
    legs->sure_s = fmin(most_s, legs->sure_s + (swapped ? -dt_s : dt_s) * counts * counts);
    return legs->sure_s >= 0.0;
}

bool pl_legs_repair(struct legs *legs, struct pl_landmarks *now, float stature_px, double dt_s)
{
    bool swapped = false;
    if (legs->known) {
        const struct choice lately = choose(&legs->lately, now), last = choose(&legs->last, now);
        legs->torn_s += dt_s;
        if (fminf(last.kept, last.crossed) > torn * stature_px && legs->torn_s < torn_s)
            return false;
        legs->torn_s = 0.0;
        swapped = lately.crossed < better * lately.kept && lately.kept > least_move * stature_px
                  && last.crossed < against * last.kept;
        if (!still_ours(legs, swapped, apart(now) / stature_px, dt_s)) {
            legs->sure_s = 0.0;
            legs->known = swapped = false;
        }
    }
    if (swapped)
        exchange(now);
    remember(legs, now, legs->known ? pl_signal_share(dt_s, lately_s) : 1.0f);
    legs->last = *now;
    legs->known = true;
    return swapped;
}
