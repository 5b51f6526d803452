/* Who of several people is followed, and who else is there.
 *
 * in:   what the detector finds (about once a second beside the tracking, in small parts, so that no frame gets late), and in
 *       every frame the landmarks that tracking gives
 * out:  whether these landmarks are the exerciser's; where the others are
 * how:  the exerciser is known by continuity: by their place and size (a mean over a second or two), and by the colours of trunk
 *       and thighs, slowly learnt. Other colours: these landmarks are doubted, nothing is measured from them, and the region
 *       stays where it was, so that somebody who passes in front does not take it along. Doubted for long, or nobody in the
 *       region: the detector looks for the one who fits best, and takes nobody else before the exerciser has been gone for some
 *       seconds. Then it is another person, with a new number, which tells everybody after us to begin anew.
 * not:  no faces, nothing that outlives the session. Two people in the same clothes are told apart by their places only.
 * src:  own choice; the limits' figures: comments beside them
 */
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- colours ---- */

enum { MAX_SAMPLES = 32 };

static int byte_order(const void *a, const void *b)
{
    return *(const uint8_t *)a - *(const uint8_t *)b;
}

struct samples { uint8_t c[3][MAX_SAMPLES]; int n; };

static void sample(struct samples *s, const struct pl_frame *f, float x_px, float y_px)
{
    if (!(x_px >= 0 && y_px >= 0 && x_px < (float)f->width_px && y_px < (float)f->height_px) || s->n == MAX_SAMPLES)
        return;
    const uint8_t *p = f->data + (size_t)y_px * f->stride + 3 * (size_t)x_px;
    for (int c = 0; c < 3; c++)
        s->c[c][s->n] = p[f->pixels == PL_PIXELS_BGR24 ? 2 - c : c];
    s->n++;
}

/* The median is not moved by an arm in front. */
static void median(float rgb[3], struct samples *s)
{
    const int middle = s->n / 2;
    for (int c = 0; c < 3; c++) {
        qsort(s->c[c], (size_t)s->n, 1, byte_order);
        rgb[c] = s->n < MAX_SAMPLES / 4 ? NAN : (float)s->c[c][middle] / 255.0f;
    }
}

static struct pl_vec2 between(const struct pl_point *a, const struct pl_point *b, float u)
{
    return (struct pl_vec2){ a->x_px + u * (b->x_px - a->x_px), a->y_px + u * (b->y_px - a->y_px) };
}

void pl_colours_look(struct pl_colours *out, const struct pl_frame *f, const struct pl_landmarks *body)
{
    const struct pl_point *px = body->px;
    struct samples trunk = { .n = 0 }, thighs = { .n = 0 };

    for (int row = 0; row < 5; row++)
        for (int column = 0; column < 5; column++) {
            float u = 0.2f + 0.15f * (float)column, v = 0.15f + 0.15f * (float)row;
            struct pl_vec2 l = between(&px[PL_LM_LEFT_SHOULDER], &px[PL_LM_LEFT_HIP], v);
            struct pl_vec2 r = between(&px[PL_LM_RIGHT_SHOULDER], &px[PL_LM_RIGHT_HIP], v);
            sample(&trunk, f, l.x + u * (r.x - l.x), l.y + u * (r.y - l.y));
        }
    for (int leg = 0; leg < 2; leg++)
        for (int k = 0; k < 8; k++) {
            struct pl_vec2 p = between(&px[PL_LM_LEFT_HIP + leg], &px[PL_LM_LEFT_KNEE + leg], 0.1f + 0.07f * (float)k);
            sample(&thighs, f, p.x, p.y);
        }
    median(out->rgb[0], &trunk);
    median(out->rgb[1], &thighs);
}

float pl_colours_apart(const struct pl_colours *a, const struct pl_colours *b)
{
    float sum = 0;
    for (int part = 0; part < 2; part++) {
        float d2 = 0;
        for (int c = 0; c < 3; c++)
            d2 += (a->rgb[part][c] - b->rgb[part][c]) * (a->rgb[part][c] - b->rgb[part][c]);
        sum += 0.5f * sqrtf(d2);
    }
    return sum;
}

/* ---- the one who is followed ---- */

/* Lengths in sizes of the region, of which a body's height is about three quarters; times in seconds. */
static const float place_s = 1.0f;                 /* of the mean place */
static const float settled_s = 1.0f, settled_off = 0.12f; /* so long no further from it: standing, or exercising on the spot */
static const float away = 0.25f;                   /* a third of the body's height; a lunge's hips stay within it */
static const float larger = 1.3f;                  /* an exercise changes the region's size by 15 % */
/* Trunk and thighs of the same person while they stay in their place: below .1 for most, .3 in a hard light or with weights in
 * front; of two people in other clothes .3 to .9. src: 22 clips of real people */
static const float same_colours = 0.15f, other_colours = 0.25f;
static const float same_place = 0.2f;              /* found so near to each other: the same person */
static const float learn_s = 3.0f;
static const float leap = 0.07f, lately_s = 0.1f;  /* from a moment ago; who walks by at 1 m/s is .045 behind it */
static const int64_t doubt_most_ns = 2 * PL_NS_PER_S, gone_ns = 3 * PL_NS_PER_S;
static const int64_t again_ns = PL_NS_PER_S / 10;  /* between two searches while others are there: each costs two networks */

void pl_people_reset(struct pl_people *p)
{
    *p = (struct pl_people){ .number = 0 };
}

static float share(double dt_s, float time_s)
{
    return (float)(1.0 - exp(-fmin(dt_s, 0.2) / (double)time_s));
}

static float distance(const struct pl_region *a, const struct pl_region *b)
{
    return hypotf(a->cx_px - b->cx_px, a->cy_px - b->cy_px);
}

/* Where the followed one stood, and about as large? */
static bool in_place(const struct pl_people *p, const struct pl_region *r)
{
    float ratio = r->size_px / p->place.size_px;
    return distance(r, &p->place) < away * p->place.size_px && ratio < larger && ratio > 1 / larger;
}

static float apart(const struct pl_people *p, const struct pl_colours *now)
{
    return p->known ? pl_colours_apart(now, &p->colours) : NAN;
}

static void begin(struct pl_people *p, const struct pl_region *r, const struct pl_colours *now, int64_t t_ns)
{
    p->number += p->known || !p->number; /* who was not there for a second was nobody */
    p->known = false;
    p->since_ns = t_ns;
    p->place = *r;
    p->settled = p->elsewhere = false;
    p->settling_ns = t_ns;
    p->colours = *now;
}

static void mix(struct pl_colours *mean, const struct pl_colours *now, float share_of_now)
{
    for (int part = 0; part < 2; part++)
        for (int c = 0; c < 3; c++) {
            float *m = &mean->rgb[part][c], v = now->rgb[part][c];
            if (!isnan(v))
                *m = isnan(*m) ? v : *m + share_of_now * (v - *m);
        }
}

/* fresh: nothing of a moment ago is known. */
static void learn(struct pl_people *p, const struct pl_region *r, const struct pl_colours *now, int64_t t_ns, bool fresh)
{
    double dt_s = pl_s_from_ns(t_ns - p->seen_ns);
    float k = share(dt_s, place_s), off = distance(r, &p->place) / p->place.size_px;

    if (off > settled_off) {
        if (off > away)
            p->settled = false;
        p->settling_ns = t_ns;
    } else if (t_ns - p->settling_ns >= pl_ns_from_s((double)settled_s)) {
        p->settled = true;
    }
    p->place.cx_px += k * (r->cx_px - p->place.cx_px);
    p->place.cy_px += k * (r->cy_px - p->place.cy_px);
    p->place.size_px += k * (r->size_px - p->place.size_px);
    p->place.rotation_rad = r->rotation_rad;
    k = share(dt_s, p->known ? learn_s : 0.3f);
    mix(&p->colours, now, k);
    p->known = p->known || t_ns - p->since_ns >= PL_NS_PER_S;
    k = fresh ? 1 : share(dt_s, lately_s);
    p->lately.cx_px += k * (r->cx_px - p->lately.cx_px);
    mix(&p->colours_lately, now, k);
}

/* Somebody passes in front: from one moment to the next the landmarks move aside and change their colours. An exercise does one or
 * the other, not both at once. Or they went where the followed one never was, in other colours; or the detector sees that one
 * where they were. */
static bool is_stolen(const struct pl_people *p, const struct pl_region *r, const struct pl_colours *now)
{
    bool leaps = fabsf(r->cx_px - p->lately.cx_px) > leap * p->place.size_px;
    return p->known && ((leaps && pl_colours_apart(now, &p->colours_lately) > other_colours && apart(p, now) > other_colours) ||
                        (p->settled && !in_place(p, r) && (apart(p, now) > other_colours || p->elsewhere)));
}

/* Until the followed one is seen again, in their place and colours. */
static bool is_doubted(const struct pl_people *p, const struct pl_region *r, const struct pl_colours *now)
{
    return p->doubt_ns ? !in_place(p, r) || apart(p, now) > other_colours : is_stolen(p, r, now);
}

/* They were among the others while it was not clear who they are. */
static void forget_other(struct pl_people *p, const struct pl_region *r)
{
    int n = 0;
    for (int i = 0; i < p->n_seen; i++)
        if (!(distance(&p->seen[i].region, r) < same_place * r->size_px))
            p->seen[n++] = p->seen[i];
    p->n_seen = n;
}

/* Is this the one who was lost? In their place the light may have changed; elsewhere only the colours speak for it. */
static bool fits(const struct pl_people *p, const struct pl_region *r, const struct pl_colours *now, int64_t t_ns)
{
    if (in_place(p, r))
        return !(apart(p, now) > other_colours) || t_ns - p->seen_ns > PL_NS_PER_S;
    return apart(p, now) < same_colours;
}

enum pl_verdict pl_people_judge(struct pl_people *p, const struct pl_frame *frame, const struct pl_landmarks *body,
                                const struct pl_region *r)
{
    struct pl_colours now;
    int64_t t_ns = frame->t_ns;

    pl_colours_look(&now, frame, body);
    if (!p->number || (p->lost && !p->known))
        begin(p, r, &now, t_ns);
    if (p->lost && !fits(p, r, &now, t_ns)) {
        if (t_ns - p->seen_ns < gone_ns)
            return PL_SOMEBODY_ELSE;
        if (!(apart(p, &now) < other_colours))
            begin(p, r, &now, t_ns);
    }
    if (!p->lost && is_doubted(p, r, &now)) {
        if (!p->doubt_ns)
            p->doubt_ns = t_ns;
        return t_ns - p->doubt_ns < doubt_most_ns ? PL_DOUBTED : PL_SOMEBODY_ELSE;
    }
    bool fresh = p->lost || p->doubt_ns || p->since_ns == t_ns;
    if (p->lost && !in_place(p, r)) /* the same one, elsewhere */
        p->place = *r;
    if (fresh)
        forget_other(p, r);
    learn(p, r, &now, t_ns, fresh);
    p->seen_ns = t_ns;
    p->doubt_ns = 0;
    p->lost = p->elsewhere = false;
    p->tries = 0;
    return PL_THE_SAME;
}

void pl_people_lose(struct pl_people *p, int64_t t_ns, bool refused)
{
    p->lost = true;
    p->doubt_ns = 0;
    p->tries++;
    p->refused_ns = refused ? t_ns : INT64_MIN;
}

bool pl_people_searches(const struct pl_people *p, int64_t t_ns)
{
    return !p->lost || p->refused_ns == INT64_MIN || t_ns - p->refused_ns >= again_ns || t_ns < p->refused_ns;
}

/* ---- everybody else ---- */

static const int64_t period_ns = PL_NS_PER_S, busy_period_ns = PL_NS_PER_S / 4;
static const float moves = 0.6f;                    /* from one look to the next */
static const float least_share = 0.3f;              /* of the followed one's size: smaller ones are far behind */

bool pl_people_wants_look(const struct pl_people *p, int64_t t_ns)
{
    return t_ns - p->looked_ns >= (p->n_seen ? busy_period_ns : period_ns) || t_ns < p->looked_ns;
}

static struct pl_other *nearest(struct pl_people *p, const struct pl_region *r)
{
    struct pl_other *best = NULL;
    for (int i = 0; i < p->n_seen; i++)
        if (!p->seen[i].found && distance(&p->seen[i].region, r) < moves * r->size_px &&
            (!best || distance(&p->seen[i].region, r) < distance(&best->region, r)))
            best = &p->seen[i];
    return best;
}

/* Two looks in a row make somebody, two without them end it: the detector sees people in furniture now and then. */
static void keep(struct pl_people *p)
{
    int n = 0;
    for (int i = 0; i < p->n_seen; i++) {
        struct pl_other o = p->seen[i];
        o.missed = o.found ? 0 : o.missed + 1;
        if (o.missed < 2)
            p->seen[n++] = o;
    }
    p->n_seen = n;
}

void pl_people_found(struct pl_people *p, const struct pl_found *found, int n, const struct pl_region *followed, int64_t t_ns)
{
    p->looked_ns = t_ns;
    for (int i = 0; i < p->n_seen; i++)
        p->seen[i].found = false;
    for (int i = 0; i < n; i++) {
        const struct pl_region *r = &found[i].region;
        if (followed && (distance(r, followed) < same_place * followed->size_px || r->size_px < least_share * followed->size_px))
            continue;
        struct pl_other *o = nearest(p, r);
        if (!o && p->n_seen < PL_MAX_OTHERS) {
            o = &p->seen[p->n_seen++];
            *o = (struct pl_other){ .n = 0 };
        }
        if (o) {
            o->region = *r;
            o->found = true;
            o->n++;
        }
    }
    keep(p);
    /* the followed one walked off, and at the same time somebody stands where they stood: they did not walk off */
    p->elsewhere = false;
    for (int i = 0; i < p->n_seen && followed; i++)
        if (p->settled && p->seen[i].n >= 2 && p->seen[i].found && in_place(p, &p->seen[i].region) && !in_place(p, followed))
            p->elsewhere = true;
}

/* How much speaks for looking there first. A known one: whoever is nearest to their place. Else large and in the middle; the
 * detector's favourite unless another is clearly more so. */
static float weight(const struct pl_people *p, const struct pl_frame *frame, const struct pl_region *r, bool favourite)
{
    if (p->known)
        return -distance(r, &p->place);
    return (favourite ? 1.0f : 0.7f) * r->size_px * (1 - fabsf(r->cx_px / (float)frame->width_px - 0.5f));
}

int pl_people_choose(const struct pl_people *p, const struct pl_frame *frame, const struct pl_found *found, int n)
{
    const int rank = p->known ? p->tries % n : 0; /* one who was refused is not the only one looked at */

    for (int i = 0; i < n; i++) {
        float mine = weight(p, frame, &found[i].region, i == 0);
        int before = 0;
        for (int k = 0; k < n; k++) {
            float theirs = weight(p, frame, &found[k].region, k == 0);
            before += theirs > mine || (!(theirs < mine) && k < i);
        }
        if (before == rank)
            return i;
    }
    return 0;
}

void pl_people_tell(const struct pl_people *p, struct pl_keypoints *out)
{
    out->person = p->number;
    for (int i = 0; i < p->n_seen; i++)
        if (p->seen[i].n >= 2)
            out->other[out->n_others++] = p->seen[i].region;
    out->waiting = !out->present && p->known && p->lost && out->n_others > 0;
}
