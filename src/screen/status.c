/* What the program is doing, for someone who stands at the laptop: source and rates, time bar, pause, card, keys. */
#include "internal.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define DOT " \xc2\xb7 "
#define PACE_NS (PL_NS_PER_S / 5)

static void append(char *out, size_t size, const char *piece)
{
    size_t n = strlen(out);
    if (*piece && n < size)
        snprintf(out + n, size - n, "%s%s", n ? DOT : "", piece);
}

/* "0:12 / 1:05" */
static void write_time(char *out, size_t size, int64_t t_ns, int64_t duration_ns)
{
    int now = (int)(t_ns / PL_NS_PER_S), all = (int)(duration_ns / PL_NS_PER_S);
    snprintf(out, size, "%d:%02d / %d:%02d", now / 60, now % 60, all / 60, all % 60);
}

static void write_right(char *out, size_t size, const struct pl_screen *s, const struct pl_screen_status *status, int64_t t_ns)
{
    char piece[PL_SENTENCE_BYTES] = "";

    out[0] = '\0';
    if (status->mode && s->layout.status.w > 165 * s->layout.u) /* what matters least goes first where it is narrow */
        append(out, size, status->mode);
    if (isfinite(status->measured_fps)) {
        pl_screen_write(s, piece, sizeof piece, PL_SAY_NOW_FPS, (int)lroundf(fminf(status->measured_fps, 9999)), 0, 0);
        append(out, size, piece);
    }
    if (status->dropped > 0) {
        pl_screen_write(s, piece, sizeof piece, PL_SAY_DROPPED, (int)SDL_min(status->dropped, INT_MAX), 0, 0);
        append(out, size, piece);
    }
    if (s->mirror)
        append(out, size, pl_screen_words(s, PL_SAY_MIRRORED));
    if (status->duration_ns > 0) {
        write_time(piece, sizeof piece, t_ns, status->duration_ns);
        append(out, size, piece);
    }
    append(out, size, pl_screen_words(s, PL_SAY_F1_KEYS));
}

/* Two bars and the word; the speed beside it where it is not that of life. */
void pl_screen_badge(struct pl_screen *s, const struct pl_screen_status *status)
{
    float u = s->layout.u;
    SDL_FRect r = { s->layout.picture.x + 2 * u, s->layout.picture.y + 2 * u, 42 * u, 9 * u };
    bool slow = isfinite(status->speed) && status->speed > 0 && fabsf(status->speed - 1) > 0.01f;
    char speed[PL_SENTENCE_BYTES];

    if (status->paused || (status->coach && status->coach->paused && !status->coach->n_targets)) {
        pl_screen_pill(s, r, PL_WHITE);
        pl_screen_rect(s, (SDL_FRect){ r.x + 4 * u, r.y + 2 * u, 1.7f * u, 5 * u }, PL_BLACK);
        pl_screen_rect(s, (SDL_FRect){ r.x + 7 * u, r.y + 2 * u, 1.7f * u, 5 * u }, PL_BLACK);
        pl_screen_label(s, &(struct pl_screen_label){ .text = pl_screen_words(s, PL_SAY_PAUSE_BADGE),
                        .box = { r.x + 10.5f * u, r.y, r.w - 13 * u, r.h }, .em_px = 6.9f * u, .em_least_px = 3 * u,
                        .bold = true, .align = PL_ALIGN_MIDDLE, .colour = PL_BLACK });
        r.y += r.h + u;
    }
    if (slow) {
        snprintf(speed, sizeof speed, "%g\xc3\x97 %.99s", (double)status->speed, pl_screen_words(s, PL_SAY_SPEED));
        r.w = 34 * u;
        pl_screen_pill(s, r, PL_TRACK);
        pl_screen_label(s, &(struct pl_screen_label){ .text = speed, .box = pl_screen_inset(r, 2.5f * u, 0), .em_px = 5 * u,
                        .em_least_px = 2 * u, .bold = true, .align = PL_ALIGN_MIDDLE, .colour = PL_WHITE });
    }
}

void pl_screen_status_line(struct pl_screen *s, const struct pl_frame *frame, const struct pl_screen_status *status)
{
    float u = s->layout.u, em = SDL_max(2.7f * u, 9);
    SDL_FRect r = s->layout.status, text = pl_screen_inset(r, 2 * u, 0), left = text, right = text;
    int64_t t_ns = frame ? frame->t_ns : s->t_ns;
    char words[PL_TEXT_BYTES];

    if (status->duration_ns > 0) {
        float part = fminf(fmaxf((float)((double)t_ns / (double)status->duration_ns), 0), 1), h = fmaxf(2, 0.9f * u);
        pl_screen_rect(s, (SDL_FRect){ r.x, r.y, r.w, h }, PL_TRACK);
        pl_screen_rect(s, (SDL_FRect){ r.x, r.y, part * r.w, h }, PL_WHITE);
        left.y = right.y = r.y + h;
        left.h = right.h = r.h - h;
    }
    left.w = 0.38f * text.w;
    right.x += 0.40f * text.w;
    right.w = 0.60f * text.w;
    pl_screen_label(s, &(struct pl_screen_label){ .text = status->note ? status->note : status->source, .box = left, .em_px = em,
                    .em_least_px = 0.85f * em, .bold = status->note, .colour = status->note ? PL_WHITE : PL_MUTED });
    write_right(words, sizeof words, s, status, t_ns);
    pl_screen_label(s, &(struct pl_screen_label){ .text = words, .box = right, .em_px = em, .em_least_px = 0.7f * em,
                    .align = PL_ALIGN_RIGHT, .colour = PL_MUTED });
}

/* The mean of about the last ten drawings; what is shown of it is renewed when the numbers on the screen are (panels.c). */
static void follow_pace(struct pl_screen_pace *p, const struct pl_stage_times *times, int64_t t_ns)
{
    for (int i = 0; i < PL_N_STAGES; i++) {
        float ms = (float)times->wall_ns[i] * 1e-6f;
        p->mean_ms[i] += (p->any ? 0.1f : 1.0f) * (ms - p->mean_ms[i]);
    }
    if (!p->any || t_ns < p->t_ns || t_ns - p->t_ns > PACE_NS) {
        memcpy(p->shown_ms, p->mean_ms, sizeof p->shown_ms);
        p->t_ns = t_ns;
    }
    p->any = true;
}

/* Name and milliseconds of each stage, on the picture's upper right. */
void pl_screen_pace(struct pl_screen *s, const struct pl_stage_times *times)
{
    float u = s->layout.u, row = 3.4f * u, em = SDL_max(2.6f * u, 9), w = 30 * u, sum = 0;
    SDL_FRect all = { s->layout.picture.x + s->layout.picture.w - w - 2 * u, s->layout.picture.y + 2 * u, w,
                      row * (PL_N_STAGES + 2) };
    SDL_FRect line = pl_screen_inset((SDL_FRect){ all.x, all.y + row / 2, w, row }, 2 * u, 0);
    char text[24];

    follow_pace(&s->pace, times, s->t_ns);
    if (!s->times)
        return;
    pl_screen_rect(s, all, PL_COLOUR(8, 10, 14, 200));
    for (int i = 0; i <= PL_N_STAGES; i++, line.y += row) {
        float ms = i < PL_N_STAGES ? s->pace.shown_ms[i] : sum;
        sum += ms;
        snprintf(text, sizeof text, "%.2f ms", (double)ms);
        pl_screen_label(s, &(struct pl_screen_label){ .text = i < PL_N_STAGES ? pl_stage_name((enum pl_stage)i) : "all",
                                                     .box = line,
                        .em_px = em, .em_least_px = 0.7f * em, .colour = PL_MUTED });
        pl_screen_label(s, &(struct pl_screen_label){ .text = text, .box = line, .em_px = em, .em_least_px = 0.7f * em,
                        .align = PL_ALIGN_RIGHT, .colour = PL_WHITE });
    }
}

/* Whoever is in the middle of a set must not fear for it. */
static void card_count(struct pl_screen *s, SDL_FRect r)
{
    const int n = s->coach->sum.n_reps;
    char text[PL_SENTENCE_BYTES];

    pl_screen_write(s, text, sizeof text, n == 1 ? PL_SAY_ONE_REP_KEPT : PL_SAY_REPS_KEPT, n, 0, 0);
    pl_screen_label(s, &(struct pl_screen_label){ .text = text, .box = r, .em_px = 7 * s->layout.u,
                    .em_least_px = 3.5f * s->layout.u, .align = PL_ALIGN_MIDDLE, .colour = PL_WHITE });
}

void pl_screen_card(struct pl_screen *s, const char *about, const char *sentence)
{
    const bool counted = s->coach && s->coach->sum.n_reps > 0, named = about && *about;
    const float u = s->layout.u, w = (float)s->width_px, line = 11 * u;
    const float h = 40 * u + (counted ? line : 0) + (named ? line : 0);
    SDL_FRect r = { 0, ((float)s->height_px - h) / 2, w, h }, text = { r.x, r.y + (named ? line : 0), r.w, 40 * u };

    pl_screen_rect(s, r, PL_GROUND);
    pl_screen_rect(s, (SDL_FRect){ 0, r.y, w, u }, PL_WHITE);
    pl_screen_rect(s, (SDL_FRect){ 0, r.y + h - u, w, u }, PL_WHITE);
    if (named)
        pl_screen_label(s, &(struct pl_screen_label){ .text = about, .box = { r.x + 5 * u, r.y + 2.5f * u, r.w - 10 * u, line },
                        .em_px = 7 * u, .em_least_px = 3.5f * u, .align = PL_ALIGN_MIDDLE, .colour = PL_MUTED });
    pl_screen_label(s, &(struct pl_screen_label){ .text = sentence, .box = pl_screen_inset(text, 5 * u, 3 * u),
                    .em_px = 9.5f * u, .em_least_px = 3.5f * u, .lines = 5, .bold = true, .align = PL_ALIGN_MIDDLE,
                    .colour = PL_WHITE });
    if (counted)
        card_count(s, (SDL_FRect){ r.x, r.y + r.h - line - u, r.w, line - u });
}

void pl_screen_help(struct pl_screen *s)
{
    static const struct { const char *key; enum pl_sentence word, what; } keys[] = { /* what is written on a key, or a word */
        { NULL, PL_SAY_KEY_SPACE, PL_SAY_HELP_PAUSE }, { "\xe2\x86\x90  \xe2\x86\x92", PL_SAY_NOTHING, PL_SAY_HELP_SEEK },
        { "+  \xe2\x88\x92", PL_SAY_NOTHING, PL_SAY_HELP_SPEED }, { "R", PL_SAY_NOTHING, PL_SAY_HELP_RESTART },
        { "C", PL_SAY_NOTHING, PL_SAY_HELP_CHOOSE }, { NULL, PL_SAY_KEY_CLICK, PL_SAY_HELP_TARGET },
        { "N", PL_SAY_NOTHING, PL_SAY_HELP_NEXT }, { NULL, PL_SAY_KEY_HAND, PL_SAY_HELP_HAND },
        { "V", PL_SAY_NOTHING, PL_SAY_HELP_VOICE }, { "M", PL_SAY_NOTHING, PL_SAY_HELP_MIRROR },
        { "S", PL_SAY_NOTHING, PL_SAY_HELP_SKELETON }, { "G", PL_SAY_NOTHING, PL_SAY_HELP_GHOST },
        { "D", PL_SAY_NOTHING, PL_SAY_HELP_THEME }, { "T", PL_SAY_NOTHING, PL_SAY_HELP_TIMES },
        { "F  F11", PL_SAY_NOTHING, PL_SAY_HELP_FULL }, { "F1", PL_SAY_NOTHING, PL_SAY_HELP_KEYS },
        { "Q  Esc", PL_SAY_NOTHING, PL_SAY_HELP_QUIT },
    };
    enum { N = sizeof keys / sizeof keys[0] };
    float u = s->layout.u, w = SDL_min((float)s->width_px - 6 * u, 130 * u), x = ((float)s->width_px - w) / 2;
    float row = fminf(8.6f * u, 0.97f * (float)s->height_px / (N + 1.4f)), y = ((float)s->height_px - row * (N + 1.4f)) / 2;

    pl_screen_rect(s, (SDL_FRect){ 0, 0, (float)s->width_px, (float)s->height_px }, PL_COLOUR(8, 10, 14, 244));
    pl_screen_label(s, &(struct pl_screen_label){ .text = pl_screen_words(s, PL_SAY_KEYS), .box = { x, y, w, row },
                    .em_px = fminf(7.5f * u, 0.9f * row), .em_least_px = 2 * u, .bold = true, .colour = PL_WHITE });
    y += 1.4f * row;
    for (int i = 0; i < N; i++, y += row) {
        const char *word = keys[i].key ? keys[i].key : pl_screen_words(s, keys[i].word);
        SDL_FRect key = { x, y + 0.4f * u, 28 * u, row - 0.8f * u }, what = { x + 31 * u, y, w - 31 * u, row };
        pl_screen_pill(s, key, PL_TRACK);
        pl_screen_label(s, &(struct pl_screen_label){ .text = word, .box = pl_screen_inset(key, 2 * u, 0),
                        .em_px = fminf(4.8f * u, 0.7f * row), .em_least_px = 2 * u, .bold = true, .align = PL_ALIGN_MIDDLE,
                        .colour = PL_WHITE });
        pl_screen_label(s, &(struct pl_screen_label){ .text = pl_screen_words(s, keys[i].what), .box = what,
                        .em_px = fminf(4.8f * u, 0.7f * row), .em_least_px = 2 * u, .colour = PL_WHITE });
    }
}
