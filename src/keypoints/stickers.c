/* Two stickers, or a strip of tape, on the waistband -> the pelvis' tilt in the picture.
 *
 * in:   the whole frame and the person's raw landmarks
 * out:  degrees, + = the person's left end higher; NAN while nothing is sure
 * how:  colour differences of the region round the hips; twelve hues are tried, a few per frame. In the hue's own strength
 *       what is half-way between the clothes and the strongest spot is marker, joined to blobs, weighed to sub-pixel
 *       centres. A hue that gives the same sensible pair again and again is learnt; from then on only that hue is looked
 *       for, and a pair that is not like the learnt one (gap, size, strength, place) is refused.
 * src:  hip-drop study: gap .28-.62 trunk lengths, varying by 5 % at most; nothing else with 60 % of a sticker's weight
 * not:  no hue is assumed; a colour that the clothes have makes no small blobs and is so never learnt
 */
#include "internal.h"

#include <math.h>
#include <string.h>
#include "plumbline/geometry.h"

enum { N_HUES = 12, HUES_A_FRAME = 2, LARGE = 12000, N_LEVELS = 256, MAX_RUNS = 192, MAX_BLOBS = 256, CONFIRM_FRAMES = 6 };

/* Region, trunk lengths from mid-hip. Hip bones are at +-.2 and .1-.2 above. */
static const float reach_x = 0.44f, reach_up = 0.42f, reach_down = 0.24f;
static const float gap_min = 0.28f, gap_max = 0.62f;          /* of the stickers, or length of the strip but for its maximum */
static const float strip_max = 0.85f, strip_thick = 0.16f;
static const float spot_min = 0.02f, spot_max = 0.16f;        /* across: 30 mm is .06 */
static const float third_max = 0.6f, uneven_max = 3.0f;
static const float tilt_max_deg = 25.0f, off_centre = 0.22f;
static const float contrast_min = 28.0f;                      /* grey levels; noise and JPEG are below 10 */
static const float hue_cone = 0.6f;                           /* tangent of the half angle */
static const float gap_steady = 0.05f, gap_like = 0.15f, weight_like = 2.5f, contrast_like = 0.45f;
static const float jump_max = 0.15f, swing_max_deg = 7.0f;    /* from frame to frame */
static const double confirm_s = 0.4, near_s = 0.2, forget_s = 2.0, adapt_s = 2.0;

struct blob { double w, x, y, xx, xy, yy; int n, x0, x1, y0, y1; };
struct run { int x0, x1, label; };
struct blobs { struct blob blob[MAX_BLOBS]; int parent[MAX_BLOBS], n; };

/* One look at one hue. */
struct sighting {
    bool strip;
    struct pl_vec2 end[2];   /* image left, image right */
    float gap_px, weight[2], contrast, tilt_deg;
};

/* Part of the frame as colour differences: red against the others, green against blue; every step-th pixel. */
static bool take_region(struct pl_stickers *s, const struct pl_frame *f, struct pl_vec2 hips, float trunk_px)
{
    const int left = (int)fmaxf(0.0f, hips.x - reach_x * trunk_px), top = (int)fmaxf(0.0f, hips.y - reach_up * trunk_px);
    const int right = (int)fminf((float)f->width_px, hips.x + reach_x * trunk_px),
              bottom = (int)fminf((float)f->height_px, hips.y + reach_down * trunk_px);
    const int red = f->pixels == PL_PIXELS_RGB24 ? 0 : 2;
    if (right - left < 16 || bottom - top < 12)
        return false;
    s->step = 1;
    while (((right - left) / s->step + 1) * ((bottom - top) / s->step + 1) > PL_STICKER_PIXELS)
        s->step++;
    s->left = left;
    s->top = top;
    s->width = (right - left) / s->step;
    s->height = (bottom - top) / s->step;
    for (int y = 0; y < s->height; y++) {
        const uint8_t *in = f->data + (size_t)(top + y * s->step) * f->stride + 3 * (size_t)left;
        int16_t *a = s->a + y * s->width, *b = s->b + y * s->width;
        for (int x = 0; x < s->width; x++, in += 3 * s->step) {
            const int r = in[red], g = in[1], blue = in[2 - red];
            a[x] = (int16_t)((2 * r - g - blue) / 2);
            b[x] = (int16_t)((222 * (g - blue)) / 256); /* .866: hues at even angles */
        }
    }
    return true;
}

/* A hue in 1/256, and the level above which it is marker; weights end at `most`, so that a strip that is brighter at one
 * end does not lean. */
struct marker { int a, b, level, most; };

/* Strength of the hue; 0 if it does not pass the level or lies outside the hue's cone. */
static inline int strength(int a, int b, const struct marker *m)
{
    const int along = a * m->a + b * m->b, across = b * m->a - a * m->b;
    if (along >> 8 <= m->level)
        return 0;
    return (across < 0 ? -across : across) * 256 < along * (int)(256.0f * hue_cone) ? along >> 8 : 0;
}

/* The level that half of the region is below, and the level that a third of two stickers is above. */
static void levels(const struct pl_stickers *s, const struct marker *m, float trunk_px, float *clothes, float *peak)
{
    const int rows = s->width * s->height > 8000 ? 2 : 1, n = s->width * s->height / rows; /* every second will do */
    const int top = (int)fmaxf(5.0f, 0.0018f * trunk_px * trunk_px / (float)(s->step * s->step * rows));
    int bin[N_LEVELS] = { 0 }, seen = 0, level = N_LEVELS - 1;
    for (int y = 0; y < s->height; y += rows) {
        const int16_t *a = s->a + y * s->width, *b = s->b + y * s->width;
        for (int x = 0; x < s->width; x++) {
            const int v = strength(a[x], b[x], m);
            bin[v < N_LEVELS ? v : N_LEVELS - 1]++;
        }
    }
    for (; level > 0 && (seen += bin[level]) < top; level--) {}
    *peak = (float)level;
    for (seen = 0, level = 0; level < N_LEVELS - 1 && (seen += bin[level]) < n / 2; level++) {}
    *clothes = (float)level;
}

static int root_of(struct blobs *b, int i)
{
    while (b->parent[i] != i)
        i = b->parent[i] = b->parent[b->parent[i]];
    return i;
}

static void join(struct blobs *b, int into, int from)
{
    struct blob *p = &b->blob[into], *q = &b->blob[from];
    b->parent[from] = into;
    p->w += q->w, p->x += q->x, p->y += q->y, p->xx += q->xx, p->xy += q->xy, p->yy += q->yy, p->n += q->n;
    p->x0 = p->x0 < q->x0 ? p->x0 : q->x0;
    p->x1 = p->x1 > q->x1 ? p->x1 : q->x1;
    p->y0 = p->y0 < q->y0 ? p->y0 : q->y0;
    p->y1 = p->y1 > q->y1 ? p->y1 : q->y1;
    q->n = 0;
}

/* The runs of one row that are marker: each becomes a blob, or part of those it touches in the row above. */
static bool take_row(struct blobs *b, const struct pl_stickers *s, int y, const struct marker *m, const struct run *above,
                     int n_above, struct run *now, int *n_now)
{
    const int16_t *row_a = s->a + y * s->width, *row_b = s->b + y * s->width;
    int first = 0;
    *n_now = 0;
    for (int x = 0; x < s->width; x++) {
        int v = strength(row_a[x], row_b[x], m);
        if (!v)
            continue;
        if (*n_now == MAX_RUNS || b->n == MAX_BLOBS)
            return false;
        struct blob *mine = &b->blob[b->n];
        const int x0 = x;
        *mine = (struct blob){ .x0 = x, .y0 = y, .y1 = y };
        for (; x < s->width && (v = strength(row_a[x], row_b[x], m)) > 0; x++) {
            const double w = v - m->level < m->most ? v - m->level : m->most;
            mine->w += w, mine->x += w * x, mine->y += w * y;
            mine->xx += w * x * x, mine->xy += w * x * y, mine->yy += w * y * y;
            mine->n++;
        }
        mine->x1 = x - 1;
        int label = b->n;
        b->parent[b->n] = b->n;
        b->n++;
        while (first < n_above && above[first].x1 < x0 - 1)
            first++;
        for (int i = first; i < n_above && above[i].x0 <= x; i++) {
            const int other = root_of(b, above[i].label);
            if (other != label) {
                join(b, other, label);
                label = other;
            }
        }
        if (label != b->n - 1 && b->parent[b->n - 1] != b->n - 1 && b->n - 1 > label)
            b->n--; /* its numbers are elsewhere now, and nobody names it */
        now[(*n_now)++] = (struct run){ x0, x - 1, label };
    }
    return true;
}

/* False: too many pieces; that is no sticker. */
static bool find_blobs(struct blobs *b, const struct pl_stickers *s, const struct marker *m)
{
    struct run runs[2][MAX_RUNS];
    int n[2] = { 0, 0 };
    b->n = 0;
    for (int y = 0; y < s->height; y++) {
        if (!take_row(b, s, y, m, runs[y % 2], n[y % 2], runs[1 - y % 2], &n[1 - y % 2]))
            return false;
    }
    return true;
}

/* The three heaviest, heaviest first; NULL where there are fewer. */
static void heaviest(const struct blobs *b, const struct blob *best[3])
{
    best[0] = best[1] = best[2] = NULL;
    for (int i = 0; i < b->n; i++) {
        const struct blob *p = &b->blob[i];
        if (b->parent[i] != i || p->n == 0)
            continue;
        for (int k = 0; k < 3; k++) {
            if (best[k] && best[k]->w >= p->w)
                continue;
            for (int j = 2; j > k; j--)
                best[j] = best[j - 1];
            best[k] = p;
            break;
        }
    }
}

static struct pl_vec2 in_frame(const struct pl_stickers *s, double x, double y)
{
    const float step = (float)s->step;
    return (struct pl_vec2){ (float)s->left + step * (float)x + 0.5f, (float)s->top + step * (float)y + 0.5f };
}

static bool is_spot(const struct pl_stickers *s, const struct blob *b, float trunk_px)
{
    const float step = (float)s->step, across = step * 2.0f * sqrtf((float)b->n / (float)PL_PI);
    const float extent = step * (float)(b->x1 - b->x0 > b->y1 - b->y0 ? b->x1 - b->x0 + 1 : b->y1 - b->y0 + 1);
    return across > spot_min * trunk_px && across < spot_max * trunk_px && extent < 2.0f * fmaxf(across, 4.0f);
}

static bool see_pair(const struct pl_stickers *s, const struct blob *best[3], float trunk_px, struct sighting *out)
{
    if (!best[1] || !is_spot(s, best[0], trunk_px) || !is_spot(s, best[1], trunk_px)
        || best[0]->w > (double)uneven_max * best[1]->w || (best[2] && best[2]->w > (double)third_max * best[1]->w))
        return false;
    const bool swap = best[0]->x / best[0]->w > best[1]->x / best[1]->w;
    for (int i = 0; i < 2; i++) {
        const struct blob *b = best[swap ? 1 - i : i];
        out->end[i] = in_frame(s, b->x / b->w, b->y / b->w);
        out->weight[i] = (float)b->w;
    }
    out->strip = false;
    return true;
}

/* Slope of the line through the middles of the blob's columns, each counting alike: a strip sags, and its long axis would
 * lean to the end that is in better light. */
static double slope_of(const struct pl_stickers *s, const struct blob *b, const struct marker *m)
{
    double n = 0, x1 = 0, y1 = 0, xx = 0, xy = 0;
    for (int x = b->x0; x <= b->x1; x++) {
        double weight = 0, sum = 0;
        for (int y = b->y0; y <= b->y1; y++) {
            const int v = strength(s->a[y * s->width + x], s->b[y * s->width + x], m), over = v > m->level ? v - m->level : 0;
            weight += over;
            sum += (double)over * y;
        }
        if (weight <= 0)
            continue;
        const double y = sum / weight;
        n++, x1 += x, y1 += y, xx += (double)x * x, xy += x * y;
    }
    return (n * xy - x1 * y1) / (n * xx - x1 * x1);
}

/* A single long blob. */
static bool see_strip(const struct pl_stickers *s, const struct blob *best[3], const struct marker *m, float trunk_px,
                      struct sighting *out)
{
    const struct blob *b = best[0];
    if (!b || (best[1] && best[1]->w > 0.3 * b->w))
        return false;
    const double x = b->x / b->w, y = b->y / b->w;
    const double xx = b->xx / b->w - x * x, yy = b->yy / b->w - y * y, xy = b->xy / b->w - x * y;
    const double half = 0.5 * (xx - yy), mean = 0.5 * (xx + yy), root = sqrt(half * half + xy * xy);
    const double length = sqrt(12.0 * (mean + root)), thick = sqrt(12.0 * fmax(0.0, mean - root)); /* of an even bar */
    const double trunk = (double)trunk_px / s->step;
    if (length < (double)gap_min * trunk || length > (double)strip_max * trunk || thick > (double)strip_thick * trunk)
        return false;
    const double slope = slope_of(s, b, m), dx = 0.5 * length / sqrt(1.0 + slope * slope), dy = slope * dx;
    out->end[0] = in_frame(s, x - dx, y - dy);
    out->end[1] = in_frame(s, x + dx, y + dy);
    out->weight[0] = out->weight[1] = (float)(0.5 * b->w);
    out->strip = true;
    return true;
}

/* Looks for a marker of this hue in the region. */
static bool look(const struct pl_stickers *s, const float hue[2], struct pl_vec2 hips, float trunk_px, struct sighting *out)
{
    struct marker marker = { (int)lrintf(256.0f * hue[0]), (int)lrintf(256.0f * hue[1]), 0, 0 };
    const struct blob *best[3];
    struct blobs blobs;
    float clothes, peak;
    levels(s, &marker, trunk_px, &clothes, &peak);
    out->contrast = peak - clothes;
    marker.level = (int)(clothes + 0.45f * out->contrast);
    marker.most = (int)(0.3f * out->contrast);
    if (out->contrast < contrast_min || !find_blobs(&blobs, s, &marker))
        return false;
    heaviest(&blobs, best);
    if (!see_pair(s, best, trunk_px, out) && !see_strip(s, best, &marker, trunk_px, out))
        return false;
    out->gap_px = pl_geometry_distance(out->end[0], out->end[1]);
    out->tilt_deg = pl_geometry_tilt_deg(out->end[1], out->end[0]); /* + = image right higher */
    const struct pl_vec2 middle = pl_geometry_mid(out->end[0], out->end[1]);
    return out->gap_px > gap_min * trunk_px && out->gap_px < (out->strip ? strip_max : gap_max) * trunk_px
           && fabsf(out->tilt_deg) < tilt_max_deg && fabsf(middle.x - hips.x) < off_centre * trunk_px;
}

/* The mean hue of what was seen, from the pixels round both ends. */
static void refine_hue(const struct pl_stickers *s, const struct sighting *seen, float hue[2])
{
    float a = 0.0f, b = 0.0f;
    for (int i = 0; i < 2; i++) {
        const float in = seen->strip ? 0.2f : 0.0f; /* the very end of a strip is half cloth */
        const struct pl_vec2 p = { seen->end[i].x + in * (seen->end[1 - i].x - seen->end[i].x),
                                   seen->end[i].y + in * (seen->end[1 - i].y - seen->end[i].y) };
        const int x = (int)((p.x - (float)s->left) / (float)s->step), y = (int)((p.y - (float)s->top) / (float)s->step);
        for (int v = y - 1; v <= y + 1; v++) {
            for (int u = x - 1; u <= x + 1; u++) {
                if (u < 0 || v < 0 || u >= s->width || v >= s->height)
                    continue;
                a += (float)s->a[v * s->width + u];
                b += (float)s->b[v * s->width + u];
            }
        }
    }
    if (hypotf(a, b) > 0.0f) {
        hue[0] = a / hypotf(a, b);
        hue[1] = b / hypotf(a, b);
    }
}

void pl_stickers_reset(struct pl_stickers *s)
{
    s->stage = PL_STICKERS_SEARCH;
    s->next = 0;
    s->contrast = 0.0f;
}

/* A few hues more; after the last the best one is put to the test. */
static void search(struct pl_stickers *s, int64_t t_ns, struct pl_vec2 hips, float trunk_px)
{
    const int n = s->width * s->height > LARGE ? 1 : HUES_A_FRAME; /* no frame may take long */
    for (int i = 0; i < n; i++, s->next++) {
        const float angle = (float)(2.0 * PL_PI) * (float)s->next / (float)N_HUES, hue[2] = { cosf(angle), sinf(angle) };
        struct sighting seen;
        if (!look(s, hue, hips, trunk_px, &seen) || seen.contrast <= s->contrast)
            continue;
        s->contrast = seen.contrast;
        s->hue[0] = hue[0];
        s->hue[1] = hue[1];
        refine_hue(s, &seen, s->hue);
    }
    if (s->next < N_HUES)
        return;
    s->next = 0;
    if (s->contrast > 0.0f) {
        s->stage = PL_STICKERS_CONFIRM;
        s->n_seen = 0;
        s->since_ns = t_ns;
    }
}

static void learn(struct pl_stickers *s, const struct sighting *seen, float share)
{
    s->gap_px += share * (seen->gap_px - s->gap_px);
    s->contrast += share * (seen->contrast - s->contrast);
    for (int i = 0; i < 2; i++)
        s->weight[i] += share * (seen->weight[i] - s->weight[i]);
}

static void confirm(struct pl_stickers *s, int64_t t_ns, struct pl_vec2 hips, float trunk_px)
{
    struct sighting seen;
    if (!look(s, s->hue, hips, trunk_px, &seen)
        || (s->n_seen && (seen.strip != s->strip || fabsf(seen.gap_px - s->gap_px) > gap_steady * s->gap_px))) {
        pl_stickers_reset(s);
        return;
    }
    s->strip = seen.strip;
    s->n_seen++;
    learn(s, &seen, 1.0f / (float)s->n_seen);
    s->last[0] = seen.end[0];
    s->last[1] = seen.end[1];
    s->tilt_deg = seen.tilt_deg;
    s->seen_ns = t_ns;
    if (s->n_seen >= CONFIRM_FRAMES && t_ns - s->since_ns >= pl_ns_from_s(confirm_s))
        s->stage = PL_STICKERS_FOLLOW;
}

/* Is this what was learnt? */
static bool alike(const struct pl_stickers *s, const struct sighting *seen, int64_t t_ns, float trunk_px)
{
    if (seen->strip != s->strip || fabsf(seen->gap_px - s->gap_px) > gap_like * s->gap_px
        || seen->contrast < contrast_like * s->contrast)
        return false;
    for (int i = 0; i < 2; i++) {
        const float ratio = seen->weight[i] / s->weight[i];
        if (ratio > weight_like || ratio < 1.0f / weight_like)
            return false;
    }
    if (t_ns - s->seen_ns > pl_ns_from_s(near_s))
        return true;
    return fabsf(seen->tilt_deg - s->tilt_deg) < swing_max_deg
           && pl_geometry_distance(seen->end[0], s->last[0]) < jump_max * trunk_px
           && pl_geometry_distance(seen->end[1], s->last[1]) < jump_max * trunk_px;
}

static float follow(struct pl_stickers *s, int64_t t_ns, struct pl_vec2 hips, float trunk_px)
{
    struct sighting seen;
    if (t_ns - s->seen_ns > pl_ns_from_s(forget_s)) {
        pl_stickers_reset(s);
        return NAN;
    }
    if (!look(s, s->hue, hips, trunk_px, &seen) || !alike(s, &seen, t_ns, trunk_px))
        return NAN;
    const double dt_s = pl_s_from_ns(t_ns - s->seen_ns);
    learn(s, &seen, (float)fmin(1.0, dt_s / adapt_s));
    s->last[0] = seen.end[0];
    s->last[1] = seen.end[1];
    s->tilt_deg = seen.tilt_deg;
    s->seen_ns = t_ns;
    return seen.tilt_deg;
}

float pl_stickers_step(struct pl_stickers *s, const struct pl_frame *frame, const struct pl_landmarks *body)
{
    const struct pl_point *p = body->px, *left = &p[PL_LM_LEFT_HIP], *right = &p[PL_LM_RIGHT_HIP];
    const struct pl_vec2 hips = { 0.5f * (left->x_px + right->x_px), 0.5f * (left->y_px + right->y_px) };
    const struct pl_vec2 shoulders = { 0.5f * (p[PL_LM_LEFT_SHOULDER].x_px + p[PL_LM_RIGHT_SHOULDER].x_px),
                                       0.5f * (p[PL_LM_LEFT_SHOULDER].y_px + p[PL_LM_RIGHT_SHOULDER].y_px) };
    const float trunk_px = pl_geometry_distance(hips, shoulders);
    float tilt_deg = NAN;
    if (!(trunk_px > 24.0f) || !(trunk_px < 4096.0f) || !(fabsf(hips.x) < 1e5f && fabsf(hips.y) < 1e5f)
        || !take_region(s, frame, hips, trunk_px))
        return NAN;
    switch (s->stage) {
    case PL_STICKERS_SEARCH: search(s, frame->t_ns, hips, trunk_px); break;
    case PL_STICKERS_CONFIRM: confirm(s, frame->t_ns, hips, trunk_px); break;
    case PL_STICKERS_FOLLOW: tilt_deg = follow(s, frame->t_ns, hips, trunk_px); break;
    }
    return left->x_px > right->x_px ? tilt_deg : -tilt_deg;
}
