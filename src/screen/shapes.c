/* Filled shapes with edges softened over one pixel: SDL's own lines are one pixel wide and jagged, which vanishes at three
 * metres. Every shape but rectangle and ring is a convex polygon with a rim that fades out.
 *
 * SDL's software renderer pays for each triangle's bounding box, and a multiple of that where it blends, and leaves out pixels
 * where two triangles meet in a level edge (2.26). Hence the inside is filled by rows there, triangles are kept short, and what
 * is opaque is not blended. */
#include "internal.h"

#include <math.h>

enum { MAX_POINTS = 48 };

/* src: FNV-1a, 64 bits */
static uint64_t mixed(uint64_t hash, const void *data, size_t size)
{
    const uint8_t *byte = data;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ byte[i]) * UINT64_C(1099511628211);
    return hash;
}

bool pl_screen_list(struct pl_screen *screen, const void *shape, size_t size, SDL_Color colour)
{
    if (!screen->listing)
        return false;
    screen->list = mixed(mixed(screen->list, &colour, sizeof colour), shape, size);
    return true;
}

SDL_Color pl_screen_ink(const struct pl_screen *screen, SDL_Color c)
{
    const struct { SDL_Color dark, light; } pairs[] = { /* no light one is a dark one: twice is once */
        { PL_GROUND, PL_COLOUR(214, 219, 226, 255) }, { PL_PANEL, PL_COLOUR(244, 246, 249, 255) },
        { PL_TRACK, PL_COLOUR(192, 200, 211, 255) }, { PL_WHITE, PL_COLOUR(6, 8, 12, 255) },
        { PL_MUTED, PL_COLOUR(62, 72, 86, 255) }, { PL_NOTICE, PL_COLOUR(198, 224, 246, 255) },
        { PL_ON_WHITE, PL_COLOUR(252, 252, 252, 255) },
    };

    for (size_t i = 0; screen->light && screen->themed && i < sizeof pairs / sizeof pairs[0]; i++)
        if (c.r == pairs[i].dark.r && c.g == pairs[i].dark.g && c.b == pairs[i].dark.b)
            return PL_COLOUR(pairs[i].light.r, pairs[i].light.g, pairs[i].light.b, c.a);
    return c;
}

static void set_blending(struct pl_screen *screen, SDL_Color colour)
{
    SDL_SetRenderDrawBlendMode(screen->renderer, colour.a == 255 ? SDL_BLENDMODE_NONE : SDL_BLENDMODE_BLEND);
}

void pl_screen_rect(struct pl_screen *screen, SDL_FRect r, SDL_Color colour)
{
    colour = pl_screen_ink(screen, colour);
    if (pl_screen_list(screen, &r, sizeof r, colour))
        return;
    set_blending(screen, colour);
    SDL_SetRenderDrawColor(screen->renderer, colour.r, colour.g, colour.b, colour.a);
    SDL_RenderFillRectF(screen->renderer, &r);
}

void pl_screen_frame(struct pl_screen *screen, SDL_FRect r, float width_px, SDL_Color colour)
{
    float d = SDL_max(1, SDL_roundf(width_px));
    pl_screen_rect(screen, (SDL_FRect){ r.x, r.y, r.w, d }, colour);
    pl_screen_rect(screen, (SDL_FRect){ r.x, r.y + r.h - d, r.w, d }, colour);
    pl_screen_rect(screen, (SDL_FRect){ r.x, r.y + d, d, r.h - 2 * d }, colour);
    pl_screen_rect(screen, (SDL_FRect){ r.x + r.w - d, r.y + d, d, r.h - 2 * d }, colour);
}

/* Two corners that rounding alone sets apart have no direction. */
static SDL_FPoint unit(SDL_FPoint a, SDL_FPoint b)
{
    float dx = b.x - a.x, dy = b.y - a.y, d = hypotf(dx, dy);
    return d > 0.01f ? (SDL_FPoint){ dx / d, dy / d } : (SDL_FPoint){ 0, 0 };
}

/* Direction in which corner i moves when all edges move outwards by one; sign says which way the polygon runs. */
static SDL_FPoint outwards(const SDL_FPoint *p, int n, int i, float sign)
{
    SDL_FPoint e = unit(p[(i + n - 1) % n], p[i]), f = unit(p[i], p[(i + 1) % n]);
    float nx = e.y + f.y, ny = -e.x - f.x, dot = 1 + e.x * f.x + e.y * f.y;
    float k = sign / SDL_max(dot, 0.3f); /* a very sharp corner would shoot out far */
    return (SDL_FPoint){ k * nx, k * ny };
}

/* Where the row through y meets the polygon: from the left to the right edge. false: nowhere. */
static bool row_of(const SDL_Vertex *v, int n, float y, float *left, float *right)
{
    *left = INFINITY;
    *right = -INFINITY;
    for (int i = 0; i < n; i++) {
        SDL_FPoint a = v[i].position, b = v[(i + 1) % n].position;
        if ((a.y <= y) == (b.y <= y))
            continue;
        float x = a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x);
        *left = fminf(*left, x);
        *right = fmaxf(*right, x);
    }
    return *left < *right;
}

/* The inside in software: the pixels whose centres lie in it, row by row. */
static void fill_rows(struct pl_screen *screen, const SDL_Vertex *v, int n, SDL_Color colour)
{
    enum { MOST = 64 };
    SDL_Rect rows[MOST];
    float top = INFINITY, bottom = -INFINITY, left, right, most = (float)screen->width_px;
    int k = 0;

    for (int i = 0; i < n; i++) {
        top = fminf(top, v[i].position.y);
        bottom = fmaxf(bottom, v[i].position.y);
    }
    SDL_SetRenderDrawColor(screen->renderer, colour.r, colour.g, colour.b, colour.a);
    for (int y = (int)fmaxf(top, 0), end = (int)fminf(bottom + 1, (float)screen->height_px); y < end; y++) {
        if (!row_of(v, n, (float)y + 0.5f, &left, &right))
            continue;
        int x = (int)ceilf(fminf(fmaxf(left, 0), most) - 0.5f), to = (int)ceilf(fminf(fmaxf(right, 0), most) - 0.5f);
        if (to > x)
            rows[k++] = (SDL_Rect){ x, y, to - x, 1 };
        if (k == MOST) {
            SDL_RenderFillRects(screen->renderer, rows, k);
            k = 0;
        }
    }
    if (k)
        SDL_RenderFillRects(screen->renderer, rows, k);
}

static void fill_fan(struct pl_screen *screen, const SDL_Vertex *v, int n)
{
    int index[3 * MAX_POINTS], k = 0;

    for (int i = 1; i < n - 1; i++)
        index[k++] = 0, index[k++] = i, index[k++] = i + 1;
    SDL_RenderGeometry(screen->renderer, NULL, v, n, index, k);
}

void pl_screen_convex(struct pl_screen *screen, const SDL_FPoint *p, int n, SDL_Color colour)
{
    SDL_Vertex v[2 * MAX_POINTS];
    int index[6 * MAX_POINTS], k = 0;
    SDL_Color clear = colour = pl_screen_ink(screen, colour);
    float area = 0;

    if (n < 3 || n > MAX_POINTS || pl_screen_list(screen, p, (size_t)n * sizeof p[0], colour))
        return;
    for (int i = 0; i < n; i++)
        area += p[i].x * p[(i + 1) % n].y - p[(i + 1) % n].x * p[i].y;
    if (!(fabsf(area) > 0.01f)) /* nothing to fill; also a NAN */
        return;
    clear.a = 0;
    for (int i = 0; i < n; i++) {
        SDL_FPoint o = outwards(p, n, i, area > 0 ? 1.0f : -1.0f);
        v[i] = (SDL_Vertex){ { p[i].x - 0.5f * o.x, p[i].y - 0.5f * o.y }, colour, { 0, 0 } };
        v[n + i] = (SDL_Vertex){ { p[i].x + 0.5f * o.x, p[i].y + 0.5f * o.y }, clear, { 0, 0 } };
    }
    set_blending(screen, colour);
    if (screen->software)
        fill_rows(screen, v, n, colour);
    else
        fill_fan(screen, v, n);
    for (int i = 0; i < n; i++) {
        int j = (i + 1) % n;
        index[k++] = i, index[k++] = j, index[k++] = n + i;
        index[k++] = n + i, index[k++] = j, index[k++] = n + j;
    }
    set_blending(screen, clear);
    SDL_RenderGeometry(screen->renderer, NULL, v, 2 * n, index, k);
}

/* Points on a circle: enough that corners do not show, no more, since every point costs three triangles. */
static int points_round(float radius_px, int most)
{
    return SDL_min(most, 8 + (int)radius_px);
}

/* A line with round ends is a convex polygon too: two half circles, and points along the sides, so that no triangle
 * of the rim is much longer than the line is wide. */
void pl_screen_line(struct pl_screen *screen, SDL_FPoint a, SDL_FPoint b, float width_px, SDL_Color colour)
{
    SDL_FPoint p[MAX_POINTS];
    float angle = atan2f(b.y - a.y, b.x - a.x), r = width_px / 2;
    float length = fminf(hypotf(b.x - a.x, b.y - a.y), 1e5f);
    int round = points_round(r, MAX_POINTS / 2) / 2, steps = SDL_min(MAX_POINTS / 2 - round, (int)(length / (3 * width_px)));
    int half = round + steps, n = 0;

    for (; n < round; n++) {
        float t = angle + (float)PL_PI * ((float)n / (float)(round - 1) - 0.5f);
        p[n] = (SDL_FPoint){ b.x + r * cosf(t), b.y + r * sinf(t) };
    }
    for (int i = 1; i <= steps; i++, n++) { /* from b back to a */
        float t = (float)i / (float)(steps + 1);
        p[n] = (SDL_FPoint){ p[round - 1].x + t * (a.x - b.x), p[round - 1].y + t * (a.y - b.y) };
    }
    for (int i = 0; i < half; i++) /* the other half is the same, turned round */
        p[half + i] = (SDL_FPoint){ a.x + b.x - p[i].x, a.y + b.y - p[i].y };
    pl_screen_convex(screen, p, 2 * half, colour);
}

void pl_screen_dashes(struct pl_screen *screen, SDL_FPoint a, SDL_FPoint b, float width_px, float dash_px, SDL_Color colour)
{
    float length = hypotf(b.x - a.x, b.y - a.y);
    SDL_FPoint d = unit(a, b);

    if (!(length < 1e5f) || !(dash_px >= 1)) /* a wild point must not cost a second; also a NAN */
        return;
    for (float s = 0; s < length; s += 2 * dash_px) {
        float e = SDL_min(s + dash_px, length);
        pl_screen_line(screen, (SDL_FPoint){ a.x + s * d.x, a.y + s * d.y }, (SDL_FPoint){ a.x + e * d.x, a.y + e * d.y },
                       width_px, colour);
    }
}

void pl_screen_disc(struct pl_screen *screen, SDL_FPoint c, float radius_px, SDL_Color colour)
{
    SDL_FPoint p[MAX_POINTS];
    int n = points_round(radius_px, MAX_POINTS);

    for (int i = 0; i < n; i++) {
        float t = (float)(2 * PL_PI) * (float)i / (float)n;
        p[i] = (SDL_FPoint){ c.x + radius_px * cosf(t), c.y + radius_px * sinf(t) };
    }
    pl_screen_convex(screen, p, n, colour);
}

/* Four circles, from the outer edge that fades to the inner one, and the three bands between them. */
void pl_screen_ring(struct pl_screen *screen, SDL_FPoint c, float radius_px, float width_px, SDL_Color colour)
{
    const float radius[4] = { radius_px + width_px / 2 + 0.5f, radius_px + width_px / 2 - 0.5f, radius_px - width_px / 2 + 0.5f,
                              radius_px - width_px / 2 - 0.5f };
    SDL_Vertex v[4 * MAX_POINTS];
    int index[18 * MAX_POINTS], n = points_round(radius_px, MAX_POINTS), k = 0;
    SDL_Color clear = colour = pl_screen_ink(screen, colour);

    if (pl_screen_list(screen, (float[]){ c.x, c.y, radius_px, width_px }, 4 * sizeof(float), colour))
        return;
    clear.a = 0;
    for (int i = 0; i < n; i++) {
        float t = (float)(2 * PL_PI) * (float)i / (float)n;
        for (int j = 0; j < 4; j++) {
            v[4 * i + j] = (SDL_Vertex){ { c.x + radius[j] * cosf(t), c.y + radius[j] * sinf(t) },
                                         j == 0 || j == 3 ? clear : colour, { 0, 0 } };
            int here = 4 * i + j, next = (4 * (i + 1) + j) % (4 * n);
            if (j == 3)
                continue;
            index[k++] = here, index[k++] = next, index[k++] = here + 1;
            index[k++] = here + 1, index[k++] = next, index[k++] = next + 1;
        }
    }
    set_blending(screen, clear);
    SDL_RenderGeometry(screen->renderer, NULL, v, 4 * n, index, k);
}

void pl_screen_pill(struct pl_screen *screen, SDL_FRect r, SDL_Color colour)
{
    float radius = SDL_min(r.w, r.h) / 2;
    SDL_FPoint p[MAX_POINTS];
    int n = 0;

    for (int corner = 0; corner < 4; corner++) {
        float cx = corner == 0 || corner == 3 ? r.x + r.w - radius : r.x + radius;
        float cy = corner < 2 ? r.y + r.h - radius : r.y + radius;
        for (int i = 0; i < 10; i++) {
            float t = (float)(PL_PI / 2) * ((float)corner + (float)i / 9);
            p[n++] = (SDL_FPoint){ cx + radius * cosf(t), cy + radius * sinf(t) };
        }
    }
    pl_screen_convex(screen, p, n, colour);
}

void pl_screen_arrow(struct pl_screen *screen, SDL_FPoint c, float size_px, bool up, SDL_Color colour)
{
    float h = size_px / 2, tip = up ? -0.8f * h : 0.8f * h;
    SDL_FPoint p[3] = { { c.x - h, c.y - tip }, { c.x + h, c.y - tip }, { c.x, c.y + tip } };
    pl_screen_convex(screen, p, 3, colour);
}
