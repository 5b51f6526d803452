/* Where everything is, from nothing but the window's size and the picture's shape.
 *
 * in:   output size in pixels, width / height of the camera picture
 * out:  rectangles that do not overlap: sentences and numbers never lie on the picture, so they read
 *       the same in a dark and a bright room
 * how:  the unit u is 1 % of the window's height (less in windows narrower than 4:3, where that would not fit across).
 *       Three arrangements:
 *
 *         wide window            wide window, tall picture      tall window
 *         +----------+-+----+    +------+-+-----------+         +------------+
 *         | picture  |d|reps|    |      |d|reps| nos. |         |  picture   |
 *         |          | |nos.|    | pic- | |    |      |         |            |
 *         +----------+-+----+    | ture | +-----------+         +-+----+-----+
 *         |      band       |    |      | |   band    |         |d|reps| nos.|
 *         +-----------------+    +------+-+-----------+         +-+----+-----+
 *         |     status      |    |      status        |         |    band    |
 *         +-----------------+    +--------------------+         +------------+
 *
 *       and one more while targets are shown: the picture as large as the window lets it, below it what is asked. Nobody reads
 *       numbers then, and letters beside the picture reach to the window's edges.
 */
#include "internal.h"

SDL_FRect pl_screen_inset(SDL_FRect r, float dx, float dy)
{
    return (SDL_FRect){ r.x + dx, r.y + dy, r.w - 2 * dx, r.h - 2 * dy };
}

/* Cuts a piece off and leaves the rest. */
static SDL_FRect cut_bottom(SDL_FRect *r, float h)
{
    h = SDL_min(h, r->h);
    r->h -= h;
    return (SDL_FRect){ r->x, r->y + r->h, r->w, h };
}

static SDL_FRect cut_right(SDL_FRect *r, float w)
{
    w = SDL_min(w, r->w);
    r->w -= w;
    return (SDL_FRect){ r->x + r->w, r->y, w, r->h };
}

static SDL_FRect cut_left(SDL_FRect *r, float w)
{
    w = SDL_min(w, r->w);
    SDL_FRect cut = { r->x, r->y, w, r->h };
    r->x += w;
    r->w -= w;
    return cut;
}

/* The largest rectangle of that shape, centred, on whole pixels. */
static SDL_FRect letterbox(SDL_FRect r, float aspect)
{
    float w = SDL_min(r.w, r.h * aspect), h = SDL_min(r.h, r.w / aspect);
    return (SDL_FRect){ SDL_roundf(r.x + (r.w - w) / 2), SDL_roundf(r.y + (r.h - h) / 2), SDL_roundf(w), SDL_roundf(h) };
}

/* Two texts of a cue: one line each where the window is wide enough for "Knee drifting inward" in letters of 8 %, else two. */
static void divide_band(struct pl_screen_layout *l)
{
    float u = l->u;
    SDL_FRect inner = pl_screen_inset(l->band, 3 * u, 1.5f * u);
    bool narrow = l->band.w < 165 * u;

    l->mark = !narrow;
    if (l->mark)
        cut_left(&inner, 15.5f * u);
    l->cue_lines = narrow ? 2 : 1;
    l->advice_lines = narrow ? 2 : 1;
    l->cue = inner;
    l->advice = cut_bottom(&l->cue, narrow ? 11 * u : 9 * u);
}

/* Counter and numbers: one above the other in a column, side by side in a row. */
static void divide_panel(struct pl_screen_layout *l, SDL_FRect panel)
{
    l->numbers = panel;
    if (panel.w > 1.3f * panel.h) {
        l->counter = cut_left(&l->numbers, SDL_min(48 * l->u, panel.w * 0.45f));
    } else {
        l->counter = panel;
        l->numbers = cut_bottom(&l->counter, panel.h - 37 * l->u);
    }
}

void pl_screen_layout(struct pl_screen_layout *out, int width_px, int height_px, float picture_aspect)
{
    float w = (float)width_px, h = (float)height_px, u = SDL_min(h, 0.75f * w) / 100;
    SDL_FRect rest = { 0, 0, w, h }, panel;

    *out = (struct pl_screen_layout){ .u = u };
    out->status = cut_bottom(&rest, SDL_roundf(SDL_max(4.6f * u, 14)));
    if (h > w) {
        out->band = cut_bottom(&rest, SDL_roundf(40 * u));
        panel = cut_bottom(&rest, SDL_roundf(54 * u));
        out->depth = cut_left(&panel, SDL_roundf(6 * u));
    } else if (picture_aspect < 0.9f) {
        panel = cut_right(&rest, SDL_roundf(w - SDL_max(rest.h * picture_aspect, 0.25f * w) - 6 * u));
        out->depth = cut_right(&rest, SDL_roundf(6 * u));
        out->band = cut_bottom(&panel, SDL_roundf(40 * u));
    } else {
        out->band = cut_bottom(&rest, SDL_roundf(w < 165 * u ? 39 * u : 26 * u));
        float spare = w - rest.h * picture_aspect - 6 * u; /* what the picture leaves if it gets the whole height */
        panel = cut_right(&rest, SDL_roundf(SDL_min(SDL_max(spare, 46 * u), 0.46f * w)));
        out->depth = cut_right(&rest, SDL_roundf(6 * u));
    }
    out->picture = letterbox(rest, picture_aspect);
    divide_panel(out, panel);
    divide_band(out);
}

void pl_screen_layout_targets(struct pl_screen_layout *out, int width_px, int height_px, float picture_aspect)
{
    SDL_FRect rest = { 0, 0, (float)width_px, (float)height_px };

    *out = (struct pl_screen_layout){ .u = SDL_min(rest.h, 0.75f * rest.w) / 100 };
    out->status = cut_bottom(&rest, SDL_roundf(SDL_max(4.6f * out->u, 14)));
    out->band = cut_bottom(&rest, SDL_roundf(14 * out->u));
    out->picture = letterbox(rest, picture_aspect);
    divide_band(out);
}
