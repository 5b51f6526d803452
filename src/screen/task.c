/* A calibration's step, for someone three metres away: what to do in the largest letters that two lines have room for, a bar of how
 * long yet, and beside the picture how much of the whole is done. */
#include "internal.h"

#include <stdio.h>

/* What must change to be seen at all has the guide's blue ground and white edge. */
void pl_screen_task_band(struct pl_screen *s, const struct pl_task *task)
{
    const SDL_FRect band = s->layout.band;
    const float u = s->layout.u, bar = 3.4f * u;
    SDL_FRect r = pl_screen_inset(band, 5 * u, 1.5f * u);

    pl_screen_rect(s, band, task->blind ? PL_NOTICE : PL_PANEL);
    if (task->blind)
        pl_screen_rect(s, (SDL_FRect){ band.x, band.y, 1.6f * u, band.h }, PL_WHITE);
    pl_screen_rect(s, (SDL_FRect){ band.x, band.y + band.h - bar, band.w, bar }, PL_TRACK);
    pl_screen_rect(s, (SDL_FRect){ band.x, band.y + band.h - bar, SDL_roundf(task->part * band.w), bar }, PL_WHITE);
    r.h -= bar;
    /* capitals are 0.73 em high: 7.2 u are 5 % of the height */
    pl_screen_label(s, &(struct pl_screen_label){ .text = pl_screen_words(s, task->text), .box = r, .em_px = 12 * u,
                    .em_good_px = 9 * u, .em_least_px = 7.2f * u, .lines = band.h > 30 * u ? 4 : 2, .bold = true,
                    .colour = PL_WHITE });
}

void pl_screen_task_counter(struct pl_screen *s, const struct pl_task *task)
{
    const float u = s->layout.u;
    SDL_FRect r = pl_screen_inset(s->layout.counter, 2 * u, 1.5f * u), title = r, number = r;
    char text[32];

    title.h = 9 * u;
    number.y += title.h;
    number.h -= title.h;
    pl_screen_rect(s, s->layout.counter, PL_PANEL);
    pl_screen_label(s, &(struct pl_screen_label){ .text = pl_screen_words(s, task->title), .box = title, .em_px = 7.2f * u,
                    .em_least_px = 3 * u, .bold = true, .colour = PL_MUTED });
    snprintf(text, sizeof text, "%d / %d", task->done, task->of);
    pl_screen_label(s, &(struct pl_screen_label){ .text = task->of > 1 ? text : "", .box = number, .em_px = 22 * u,
                    .em_least_px = 6 * u, .bold = true, .align = PL_ALIGN_MIDDLE, .colour = PL_WHITE });
}
