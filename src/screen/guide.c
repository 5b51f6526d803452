/* What the coach puts on the picture: where to stand and what is wrong, targets for a hand, the countdown, the summary.
 *
 * in:   struct pl_coach_view; its places are shares of the camera's picture, mirrored here as the picture is
 * how:  large letters and shapes on dark cards, the same in both themes; a state is told by a mark and a word, never by colour
 *       alone. The list of checks stands beside the picture: what it says is to be mended must be seen
 */
#include "internal.h"

#include <math.h>
#include <stdio.h>

#include "plumbline/clock.h"

#define CARD PL_COLOUR(8, 10, 14, 215)

SDL_FRect pl_screen_box(const struct pl_screen *s, struct pl_coach_box b)
{
    const SDL_FRect r = s->layout.picture;
    return (SDL_FRect){ r.x + (s->mirror ? 1 - b.x - b.w : b.x) * r.w, r.y + b.y * r.h, b.w * r.w, b.h * r.h };
}

/* ---- a silhouette to step into */

/* Half an outline, from the top of the neck round to between the legs: across in shares of the box's half width, down in its
 * height. */
static const SDL_FPoint half_front[] = {
    { 0.12f, 0.135f }, { 0.16f, 0.17f }, { 0.55f, 0.19f }, { 0.68f, 0.24f }, { 0.94f, 0.46f }, { 0.80f, 0.48f }, { 0.52f, 0.30f },
    { 0.44f, 0.46f }, { 0.54f, 0.55f }, { 0.46f, 0.75f }, { 0.38f, 0.95f }, { 0.46f, 1.0f }, { 0.12f, 1.0f }, { 0.10f, 0.62f },
};
/* A whole one, walking to the right. */
static const SDL_FPoint whole_side[] = {
    { -0.10f, 0.135f }, { -0.30f, 0.20f }, { -0.34f, 0.32f }, { -0.22f, 0.44f }, { -0.32f, 0.54f }, { -0.22f, 0.72f },
    { -0.24f, 0.84f }, { -0.16f, 0.96f }, { -0.20f, 1.0f }, { 0.40f, 1.0f }, { 0.36f, 0.97f }, { 0.06f, 0.94f }, { 0.10f, 0.76f },
    { 0.24f, 0.56f }, { 0.20f, 0.42f }, { 0.26f, 0.28f }, { 0.14f, 0.18f }, { 0.10f, 0.135f },
};

static void draw_outline(struct pl_screen *s, const SDL_FPoint *p, int n, SDL_FRect box, float side, bool under)
{
    const float w = fmaxf(3, 0.9f * s->layout.u), half = box.w / 2, x = box.x + half;

    for (int i = 0; i + 1 < n; i++)
        pl_screen_line(s, (SDL_FPoint){ x + side * half * p[i].x, box.y + box.h * p[i].y },
                       (SDL_FPoint){ x + side * half * p[i + 1].x, box.y + box.h * p[i + 1].y }, under ? w + 4 : w,
                       under ? PL_COLOUR(0, 0, 0, 255) : PL_WHITE);
}

static void draw_silhouette(struct pl_screen *s, const struct pl_coach_view *v)
{
    const SDL_FRect box = pl_screen_box(s, v->stand_here);
    const SDL_FPoint head = { box.x + box.w / 2, box.y + 0.07f * box.h };
    const float w = fmaxf(3, 0.9f * s->layout.u);

    for (int under = 1; under >= 0; under--) {
        pl_screen_ring(s, head, 0.065f * box.h, under ? w + 4 : w, under ? PL_BLACK : PL_WHITE);
        for (int side = -1; side <= 1 && !v->silhouette_side_on; side += 2)
            draw_outline(s, half_front, sizeof half_front / sizeof half_front[0], box, (float)side, under);
        if (v->silhouette_side_on)
            draw_outline(s, whole_side, sizeof whole_side / sizeof whole_side[0], box, 1, under);
    }
}

void pl_screen_guide_below(struct pl_screen *s)
{
    if (s->coach->silhouette)
        draw_silhouette(s, s->coach);
}

/* ---- the list of checks: a tick or an exclamation mark before each */

static void draw_mark(struct pl_screen *s, SDL_FPoint c, float size, bool ok)
{
    const float w = 0.16f * size;

    if (ok) {
        const SDL_FPoint low = { c.x - 0.1f * size, c.y + 0.28f * size };
        pl_screen_line(s, (SDL_FPoint){ c.x - 0.35f * size, c.y }, low, w, PL_GREEN);
        pl_screen_line(s, low, (SDL_FPoint){ c.x + 0.4f * size, c.y - 0.32f * size }, w, PL_GREEN);
        return;
    }
    SDL_FPoint p[3] = { { c.x, c.y - 0.5f * size }, { c.x + 0.55f * size, c.y + 0.45f * size },
                        { c.x - 0.55f * size, c.y + 0.45f * size } };
    pl_screen_convex(s, p, 3, PL_AMBER);
    pl_screen_line(s, (SDL_FPoint){ c.x, c.y - 0.18f * size }, (SDL_FPoint){ c.x, c.y + 0.12f * size }, w, PL_BLACK);
    pl_screen_disc(s, (SDL_FPoint){ c.x, c.y + 0.32f * size }, 0.6f * w, PL_BLACK);
}

void pl_screen_guide_panel(struct pl_screen *s)
{
    const struct pl_coach_view *v = s->coach;
    SDL_FRect r;
    int n = 0;

    SDL_UnionFRect(&s->layout.counter, &s->layout.numbers, &r);
    for (int i = 0; i < PL_N_CHECKS; i++)
        n += v->check[i].state != PL_CHECK_UNKNOWN;
    const float row = fminf(6.8f * s->layout.u, r.h / ((float)SDL_max(n, 1) + 0.6f));
    SDL_FRect line = { r.x + 0.3f * row, r.y + 0.3f * row, r.w - 0.3f * row, row };
    pl_screen_rect(s, r, PL_PANEL);
    for (int i = 0; i < PL_N_CHECKS; i++) {
        if (v->check[i].state == PL_CHECK_UNKNOWN)
            continue;
        const bool ok = v->check[i].state == PL_CHECK_OK;
        draw_mark(s, (SDL_FPoint){ line.x + 0.8f * row, line.y + row / 2 }, 0.62f * row, ok);
        pl_screen_label(s, &(struct pl_screen_label){ .text = pl_screen_words(s, pl_sentence_of_check((enum pl_check)i)),
                        .box = { line.x + 1.6f * row, line.y, line.w - 1.9f * row, row }, .em_px = 0.78f * row,
                        .em_least_px = 0.4f * row, .bold = !ok, .colour = ok ? PL_MUTED : PL_WHITE });
        line.y += row;
    }
}

/* ---- targets */

/* Where a target stands: one that ends at the picture's edge goes on to the window's, for larger letters. */
static SDL_FRect place_of(const struct pl_screen *s, struct pl_coach_box b)
{
    const SDL_FRect r = s->layout.picture;
    SDL_FRect t = pl_screen_box(s, b);
    const float right = t.x + t.w, gap = 0.6f * s->layout.u;

    if (t.x < r.x + 1)
        t.x = gap;
    t.w = (right > r.x + r.w - 1 ? (float)s->width_px - gap : right) - t.x;
    return (SDL_FRect){ roundf(t.x), roundf(t.y), roundf(t.w), roundf(t.h) };
}

/* It fills from the left as the hand dwells. Its number stands small in the corner: who sees that has a keyboard before them. */
static void draw_target(struct pl_screen *s, const struct pl_coach_target *t, int number, SDL_FRect r)
{
    const float u = s->layout.u, corner = fmaxf(2.4f * u, 9), filled = roundf(t->dwell * r.w);
    const bool on = t->dwell > 0;
    char key[12];

    snprintf(key, sizeof key, "%d", number);
    pl_screen_rect(s, r, PL_COLOUR(8, 10, 14, 225));
    if (on) {
        pl_screen_rect(s, (SDL_FRect){ r.x, r.y, filled, r.h }, PL_COLOUR(0, 84, 134, 255));
        pl_screen_rect(s, (SDL_FRect){ r.x + filled - u, r.y, u, r.h }, PL_YELLOW);
    }
    pl_screen_frame(s, r, on ? 1.0f * u : 0.4f * u, on ? PL_YELLOW : PL_WHITE);
    /* capitals are .73 of an em: 5 % of the window's height from 6.9 u on */
    pl_screen_label(s, &(struct pl_screen_label){ .text = pl_screen_words(s, t->text),
                    .box = pl_screen_inset(r, 1.0f * u, 0.4f * u), .em_px = fminf(9 * u, 0.84f * r.h), .em_good_px = 5 * u,
                    .em_least_px = 1.6f * u, .lines = 2, .bold = true, .colour = PL_WHITE });
    if (number <= 9)
        pl_screen_label(s, &(struct pl_screen_label){ .text = key, .box = { r.x + r.w - 1.5f * corner, r.y + 0.5f * u, corner,
                        corner }, .em_px = corner, .em_least_px = 4, .align = PL_ALIGN_RIGHT, .colour = PL_MUTED });
}

/* Where the person's hands point: a ring with a dot, so that the way to a target is seen. */
static void draw_hands(struct pl_screen *s, const struct pl_coach_view *v)
{
    const float u = s->layout.u;

    for (int side = 0; side < PL_N_SIDES; side++) {
        if (!(v->hand[side].x > 0 && v->hand[side].x < 1 && v->hand[side].y > 0 && v->hand[side].y < 1))
            continue;
        const SDL_FRect at = pl_screen_box(s, (struct pl_coach_box){ v->hand[side].x, v->hand[side].y, 0, 0 });
        const SDL_FPoint c = { at.x, at.y };
        pl_screen_ring(s, c, 2.6f * u, 1.4f * u, PL_BLACK);
        pl_screen_ring(s, c, 2.6f * u, 0.8f * u, PL_YELLOW);
        pl_screen_disc(s, c, 0.9f * u, PL_YELLOW);
    }
}

static void draw_targets(struct pl_screen *s, const struct pl_coach_view *v)
{
    s->n_hits = v->n_targets;
    s->targets_ns = v->n_targets > 0 ? pl_clock_now_ns() : s->targets_ns;
    s->leave_targets = v->paused ? PL_SCREEN_PAUSE : PL_SCREEN_CHOOSE;
    for (int i = 0; i < v->n_targets; i++) {
        s->hit[i] = place_of(s, v->target[i].box);
        draw_target(s, &v->target[i], i + 1, s->hit[i]);
    }
    draw_hands(s, v);
}

/* ---- countdown and summary */

static void draw_countdown(struct pl_screen *s, const struct pl_coach_view *v)
{
    const SDL_FRect r = s->layout.picture;
    const float u = s->layout.u, radius = fminf(0.36f * r.h, 26 * u);
    const SDL_FPoint c = { r.x + r.w / 2, r.y + r.h / 2 };
    char digit[8];

    snprintf(digit, sizeof digit, "%d", (int)ceilf(fminf(v->left_s, 99)));
    pl_screen_disc(s, c, radius, PL_COLOUR(8, 10, 14, 225));
    pl_screen_label(s, &(struct pl_screen_label){ .text = digit, .box = { c.x - radius, c.y - radius, 2 * radius, 2 * radius },
                    .em_px = 1.4f * radius, .em_least_px = 8, .bold = true, .align = PL_ALIGN_MIDDLE, .colour = PL_WHITE });
}

/* The fault that came most often: its cue's words say it best. */
static void write_fault(const struct pl_screen *s, char *out, size_t size, const struct pl_coach_summary *sum)
{
    char times[PL_SENTENCE_BYTES];
    int most = 0;
    for (int i = 1; i < PL_N_FAULTS; i++)
        if (sum->n_faults[i] > sum->n_faults[most])
            most = i;
    pl_screen_write(s, times, sizeof times, sum->n_faults[most] == 1 ? PL_SAY_ONE_TIME : PL_SAY_N_TIMES, sum->n_faults[most], 0, 0);
    if (sum->n_faults[most])
        snprintf(out, size, "%s: %s, %s", pl_screen_words(s, PL_SAY_MOST_OFTEN),
                 pl_screen_words(s, pl_sentence_of_cue((enum pl_fault_kind)most)), times);
    else
        snprintf(out, size, "%s", pl_screen_words(s, PL_SAY_NO_FAULT));
}

static void draw_summary(struct pl_screen *s, const struct pl_coach_summary *sum)
{
    enum { MOST = 5 };
    const SDL_FRect r = s->layout.picture;
    const float u = s->layout.u, row = fminf(9.5f * u, r.h / 7);
    const int seconds = (int)(sum->work_ns / PL_NS_PER_S);
    char line[MOST][PL_TEXT_BYTES];
    int n = 0;

    pl_screen_write(s, line[n++], sizeof line[0], sum->n_reps == 1 ? PL_SAY_ONE_REP : PL_SAY_N_REPS, sum->n_reps, 0, 0);
    if (sum->n_reps_side[PL_SIDE_LEFT] + sum->n_reps_side[PL_SIDE_RIGHT] > 0)
        pl_screen_write(s, line[n++], sizeof line[0], PL_SAY_LEFT_RIGHT, sum->n_reps_side[PL_SIDE_LEFT],
                        sum->n_reps_side[PL_SIDE_RIGHT], 0);
    if (sum->n_short_holds)
        pl_screen_write(s, line[n++], sizeof line[0], PL_SAY_SHORT_HOLDS, sum->n_short_holds, 0, 0);
    if (sum->n_reps) { /* of nothing there is nothing more to say */
        snprintf(line[n++], sizeof line[0], "%d:%02d %s", seconds / 60, seconds % 60, pl_screen_words(s, PL_SAY_MINUTES));
        write_fault(s, line[n++], sizeof line[0], sum);
    }
    SDL_FRect card = { r.x + 0.05f * r.w, 0, 0.9f * r.w, row * ((float)n + (sum->n_reps ? 1.4f : 0.8f)) };
    card.y = r.y + (r.h - card.h) / 2;
    pl_screen_rect(s, card, PL_COLOUR(8, 10, 14, 225));
    SDL_FRect at = { card.x + 3 * u, card.y + 0.4f * row, card.w - 6 * u, row };
    for (int i = 0; i < n; i++, at.y += row) {
        const bool fault = i > 0 && i == n - 1 && sum->n_reps; /* its name may need a second line */
        at.h = fault ? 1.6f * row : row;
        pl_screen_label(s, &(struct pl_screen_label){ .text = line[i], .box = at, .em_px = i == 0 ? 10 * u : 7.2f * u,
                        .em_good_px = fault ? 5.5f * u : 0, .em_least_px = 2.5f * u, .lines = fault ? 2 : 1,
                        .bold = i == 0, .align = PL_ALIGN_MIDDLE, .colour = PL_WHITE });
    }
}

void pl_screen_guide_above(struct pl_screen *s)
{
    const struct pl_coach_view *v = s->coach;

    if (v->state == PL_COACH_COUNTDOWN)
        draw_countdown(s, v);
    if (v->state == PL_COACH_DONE && !v->n_targets)
        draw_summary(s, &v->sum);
    draw_targets(s, v);
}
