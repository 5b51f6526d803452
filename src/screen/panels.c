/* Beside the picture: repetitions, working leg, depth, and the numbers with their bands. */
#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define HOLD_NS (PL_NS_PER_S / 5)          /* src: own choice; digits are read in about 0.2 s */
#define FLASH_NS (PL_NS_PER_S * 6 / 10)
#define PARTIAL_NS (PL_NS_PER_S * 5 / 2)   /* as long as a cue */

/* The measures in the order in which they get a place. A change against standing is shown only where its base is not wanted. */
static const struct { enum pl_measure m, base; } order[] = {
    { PL_M_KNEE_FLEXION, PL_N_MEASURES }, { PL_M_FPPA_CORRECTED, PL_N_MEASURES }, { PL_M_FPPA, PL_M_FPPA_CORRECTED },
    { PL_M_FPPA_CHANGE, PL_M_FPPA },
    { PL_M_KNEE_OVER_TOE, PL_N_MEASURES }, { PL_M_PELVIC_DROP, PL_N_MEASURES }, { PL_M_PELVIC_DROP_CHANGE, PL_M_PELVIC_DROP },
    { PL_M_TRUNK_LEAN_SIDE, PL_N_MEASURES }, { PL_M_TRUNK_LEAN_FORWARD, PL_N_MEASURES }, { PL_M_WOBBLE, PL_N_MEASURES },
    { PL_M_HIP_ADDUCTION, PL_N_MEASURES },
};

static void hold(struct pl_screen_held *h, struct pl_value now, int64_t t_ns)
{
    bool turned = isfinite(h->v.value) != isfinite(now.value);
    if (turned || t_ns < h->t_ns || t_ns - h->t_ns >= HOLD_NS)
        *h = (struct pl_screen_held){ now, t_ns };
}

void pl_screen_hold(struct pl_screen *s, const struct pl_moment *m)
{
    for (int side = 0; side < PL_N_SIDES; side++)
        for (int i = 0; i < PL_N_MEASURES; i++)
            hold(&s->held[side][i], m->measures.v[side][i], m->t_ns);
    if (m->progress.rep_done)
        s->rep_ns = m->t_ns;
    else if (m->t_ns < s->rep_ns)
        s->rep_ns = -1; /* went back in time */
    if (m->progress.partial_done) {
        s->partial_ns = m->t_ns;
        s->partial = m->progress.last_partial.why;
    } else if (m->t_ns < s->partial_ns || m->progress.rep_done) {
        s->partial_ns = -1;
    }
    s->t_ns = m->t_ns;
}

bool pl_screen_not_counted(const struct pl_screen *s)
{
    return s->partial_ns >= 0 && s->t_ns - s->partial_ns < PARTIAL_NS && (!s->coach || s->coach->state == PL_COACH_WORK);
}

enum pl_side pl_screen_shown_side(const struct pl_moment *m)
{
    if (m->progress.side != PL_SIDE_UNKNOWN)
        return m->progress.side;
    return m->pose.view == PL_VIEW_SIDE ? m->pose.near_side : PL_SIDE_UNKNOWN;
}

/* Not visible from here, however well one stands: those give way to what can be seen. */
bool pl_screen_wrong_view(enum pl_reason r)
{
    return r == PL_REASON_FACE_CAMERA || r == PL_REASON_TURN_SIDE_ON || r == PL_REASON_FAR_LEG || r == PL_REASON_OTHER_LEG;
}

int pl_screen_shown_measures(const struct pl_moment *m, enum pl_side side, enum pl_measure *out)
{
    const bool *needed = m->progress.needed;
    const enum pl_reason *why = m->measures.why[side == PL_SIDE_UNKNOWN ? PL_SIDE_LEFT : side];
    int n = 0;

    for (int later = 0; later < 2; later++)
        for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
            bool doubled = order[i].base != PL_N_MEASURES && needed[order[i].base];
            if (needed[order[i].m] && !doubled && pl_screen_wrong_view(why[order[i].m]) == (later == 1))
                out[n++] = order[i].m;
        }
    if (!n)
        out[n++] = PL_M_KNEE_FLEXION; /* no exercise yet: something that lives shows that the legs are seen */
    return n;
}

/* ---- repetitions */

/* "L 5": light letters; dark on white for the working leg. */
static void draw_side_count(struct pl_screen *s, SDL_FRect box, enum pl_side side, int n, bool works)
{
    char text[16];
    float u = s->layout.u;
    SDL_FRect pill = pl_screen_inset(box, 0, 0.6f * u);

    snprintf(text, sizeof text, "%.8s %d", pl_screen_words(s, side == PL_SIDE_LEFT ? PL_SAY_LEFT_LETTER : PL_SAY_RIGHT_LETTER), n);
    pl_screen_pill(s, pill, works ? PL_WHITE : PL_TRACK);
    pl_screen_label(s, &(struct pl_screen_label){ .text = text, .box = pl_screen_inset(pill, 1.6f * u, 0),
                    .em_px = fminf(7 * u, 1.05f * pill.h), .em_least_px = 3 * u, .bold = true, .align = PL_ALIGN_MIDDLE,
                    .colour = works ? PL_ON_WHITE : PL_WHITE });
}

/* What is counted: the session's repetitions, or with a coach those of the set, on the leg that works. */
struct count { int n, side_n[PL_N_SIDES]; bool sided; };

static struct count count_of(const struct pl_coach_view *v, const struct pl_progress *p)
{
    struct count c = { p->n_reps, { p->n_reps_side[PL_SIDE_LEFT], p->n_reps_side[PL_SIDE_RIGHT] }, true };

    if (v) {
        for (int side = 0; side < PL_N_SIDES; side++)
            c.side_n[side] = v->set_side[side];
        c.sided = v->sided;
        c.n = v->sided && v->side != PL_SIDE_UNKNOWN ? v->set_side[v->side] : v->set_reps;
    }
    return c;
}

/* "Set 1 of 3, 10 each leg", "10 reps" (of the one leg asked for, or of both at once), "30 s each leg"; below, how much is done */
static void draw_set(struct pl_screen *s, SDL_FRect r, const struct pl_coach_view *v, const struct count *c, SDL_Color ink)
{
    const float u = s->layout.u, part = fminf((float)c->n / (float)SDL_max(v->n_set_reps, 1), 1);
    SDL_FRect bar = { r.x, r.y + r.h - 1.2f * u, r.w, 1.2f * u };
    char text[PL_SENTENCE_BYTES];

    const bool hold = v->hold_goal_s > 0 && v->n_set_reps == 1;
    const bool each = v->only == PL_SIDE_UNKNOWN;
    const enum pl_sentence sentence = hold ? (each ? PL_SAY_SET_HOLDS : PL_SAY_SET_HOLD)
                                    : v->sided && each ? PL_SAY_SET_EACH
                                    : v->n_set_reps > 1 ? PL_SAY_SET_REPS : PL_SAY_SET_ALONE;
    pl_screen_write(s, text, sizeof text, sentence, v->set, SDL_max(v->n_sets, v->set),
                    hold ? (int)lroundf(v->hold_goal_s) : v->n_set_reps);
    r.h -= bar.h;
    pl_screen_label(s, &(struct pl_screen_label){ .text = text, .box = r, .em_px = 4.6f * u, .em_least_px = 2 * u, .bold = true,
                    .colour = ink });
    pl_screen_rect(s, bar, PL_TRACK);
    pl_screen_rect(s, (SDL_FRect){ bar.x, bar.y, part * bar.w, bar.h }, PL_WHITE);
}

void pl_screen_counter(struct pl_screen *s, const struct pl_moment *m)
{
    const struct pl_progress *p = m ? &m->progress : NULL;
    float u = s->layout.u;
    SDL_FRect r = pl_screen_inset(s->layout.counter, 2 * u, 1.5f * u);
    SDL_FRect caption = { r.x, r.y, r.w, 5.5f * u }, leg = { r.x, r.y + r.h - 8.5f * u, r.w, 8.5f * u };
    SDL_FRect set = { r.x, r.y + caption.h, r.w, s->coach ? 6.5f * u : 0 };
    SDL_FRect number = { r.x, r.y + caption.h + set.h, r.w - 17 * u, r.h - caption.h - set.h - leg.h };
    const float pill = fminf(10 * u, number.h / 2);
    SDL_FRect sides = { r.x + r.w - 16 * u, number.y + number.h / 2 - pill, 16 * u, pill };
    bool flash = p && s->rep_ns >= 0 && s->t_ns - s->rep_ns < FLASH_NS;
    char text[PL_SENTENCE_BYTES];

    pl_screen_rect(s, s->layout.counter, flash ? PL_GREEN : PL_PANEL);
    pl_screen_label(s, &(struct pl_screen_label){ .text = pl_screen_words(s, pl_sentence_of_exercise(p ? p->exercise
                    : PL_EXERCISE_AUTO)), .box = caption,
                    .em_px = 4.6f * u, .em_least_px = 2 * u, .colour = flash ? PL_BLACK : PL_MUTED });
    if (!p)
        return;
    const struct count count = count_of(s->coach, p);
    if (s->coach)
        draw_set(s, set, s->coach, &count, flash ? PL_BLACK : PL_WHITE);
    const bool holds = pl_screen_holds(s->coach);
    if (holds) /* what is left of it; then what is more */
        snprintf(text, sizeof text, "%s%d", pl_screen_hold_left(s->coach) > 0 ? "" : "+", abs(pl_screen_hold_left(s->coach)));
    else
        snprintf(text, sizeof text, "%d", count.n);
    pl_screen_label(s, &(struct pl_screen_label){ .text = text, .box = number, .em_px = fminf(28 * u, 1.12f * number.h),
                    .em_least_px = 6 * u, .bold = true, .align = PL_ALIGN_MIDDLE, .colour = flash ? PL_BLACK : PL_WHITE });
    for (int side = 0; side < PL_N_SIDES && count.sided; side++, sides.y += sides.h)
        draw_side_count(s, sides, (enum pl_side)side, count.side_n[side], p->side == (enum pl_side)side);
    const char *words = pl_screen_not_counted(s) ? pl_screen_words(s, PL_SAY_NOT_COUNTED)
                      : p->side == PL_SIDE_LEFT ? pl_screen_words(s, PL_SAY_LEFT_LEG)
                      : p->side == PL_SIDE_RIGHT ? pl_screen_words(s, PL_SAY_RIGHT_LEG)
                      : p->exercise == PL_EXERCISE_SQUAT ? pl_screen_words(s, PL_SAY_BOTH_LEGS) : "";
    const bool seconds = p->hold_s > 0 && !holds; /* a stance under way that nobody coaches */
    if (seconds)
        snprintf(text, sizeof text, "%.99s %.0f s", words, (double)p->hold_s);
    pl_screen_label(s, &(struct pl_screen_label){ .text = seconds ? text : words, .box = leg, .em_px = 7 * u,
                    .em_least_px = 4 * u, .bold = true, .align = PL_ALIGN_LEFT, .colour = flash ? PL_BLACK : PL_WHITE });
}

/* ---- depth: fills downwards as the person goes down; the notch is their own usual range */

void pl_screen_depth(struct pl_screen *s, const struct pl_moment *m)
{
    const struct pl_progress *p = m ? &m->progress : NULL;
    float u = s->layout.u;
    SDL_FRect track = pl_screen_inset(s->layout.depth, 1.5f * u, 2 * u);
    float goal = track.y + 0.82f * track.h, depth = p && p->exercise != PL_EXERCISE_AUTO ? p->depth : NAN;
    bool reached = depth >= 1;

    pl_screen_rect(s, s->layout.depth, PL_PANEL);
    pl_screen_rect(s, track, PL_TRACK);
    if (depth > 0) {
        float h = fminf(depth * 0.82f, 1) * track.h;
        pl_screen_rect(s, (SDL_FRect){ track.x, track.y, track.w, h }, reached ? PL_GREEN : PL_SKY);
    }
    /* within a tenth of the person's own range is as deep as usual: a frame from there to there */
    const SDL_FRect usual = { track.x - 0.5f * u, goal - 0.082f * track.h, track.w + u, 0.164f * track.h };
    pl_screen_frame(s, usual, 0.5f * u, PL_WHITE);
    /* the goal is a white bar across: that the fill has passed it is seen without colour */
    pl_screen_rect(s, (SDL_FRect){ s->layout.depth.x, goal - 0.5f * u, s->layout.depth.w, u }, PL_WHITE);
    if (p && (p->phase == PL_PHASE_DOWN || p->phase == PL_PHASE_UP) && depth > 0) {
        float y = track.y + fminf(fmaxf(depth * 0.82f, 0.04f), 0.96f) * track.h;
        pl_screen_arrow(s, (SDL_FPoint){ track.x + track.w / 2, y }, 5.2f * u, p->phase == PL_PHASE_UP, PL_BLACK);
        pl_screen_arrow(s, (SDL_FPoint){ track.x + track.w / 2, y }, 4.2f * u, p->phase == PL_PHASE_UP, PL_WHITE);
    }
}

/* ---- numbers */

/* "52°" and "±6", with a real minus sign and never "-0"; a dash where the value is not known. */
static void write_value(char *value, char *band, size_t size, struct pl_value v, enum pl_measure m)
{
    band[0] = '\0';
    if (!isfinite(v.value)) {
        snprintf(value, size, "\xe2\x80\x93");
        return;
    }
    long whole = lroundf(fminf(fmaxf(v.value, -999), 999));
    snprintf(value, size, "%s%ld%s", whole < 0 ? "\xe2\x88\x92" : "", labs(whole), pl_measure_unit(m));
    if (isfinite(v.err))
        snprintf(band, size, "\xc2\xb1%ld", lroundf(fminf(fmaxf(ceilf(v.err - 0.05f), 1), 999)));
}

static void draw_value(struct pl_screen *s, SDL_FRect cell, enum pl_side side, enum pl_measure m, float em_px)
{
    char value[24], band[24];
    SDL_FRect left = { cell.x, cell.y, 0.64f * cell.w, cell.h };
    SDL_FRect right = { cell.x + 0.66f * cell.w, cell.y, 0.34f * cell.w, cell.h };

    write_value(value, band, sizeof value, s->held[side][m].v, m);
    pl_screen_label(s, &(struct pl_screen_label){ .text = value, .box = left, .em_px = em_px, .em_least_px = 0.4f * em_px,
                    .bold = true, .align = PL_ALIGN_RIGHT, .colour = PL_WHITE });
    pl_screen_label(s, &(struct pl_screen_label){ .text = band, .box = right, .em_px = 0.62f * em_px,
                    .em_least_px = 0.3f * em_px, .align = PL_ALIGN_LEFT, .colour = PL_MUTED });
}

/* The same distance in centimetres, for someone who told their height: "= 6 ±2 cm".
 * src: foot length .152 of the height, Winter's table after Drillis and Contini */
static void write_cm(char *out, size_t size, struct pl_value v, enum pl_measure m, float height_m)
{
    float cm = 0.152f * height_m;
    out[0] = '\0';
    if (m == PL_M_KNEE_OVER_TOE && isfinite(v.value) && isfinite(v.err) && isfinite(cm))
        snprintf(out, size, "= %s%.0f \xc2\xb1%.0f cm", v.value * cm <= -0.5f ? "\xe2\x88\x92" : "",
                 (double)fabsf(v.value * cm), (double)ceilf(v.err * cm - 0.05f));
}

/* Name and one value; below the name, small, a reason to tell or the value in another unit. */
static void draw_row(struct pl_screen *s, SDL_FRect r, enum pl_side side, enum pl_measure m, enum pl_reason why)
{
    char cm[32];
    float u = s->layout.u;
    SDL_FRect name = { r.x, r.y, 0.40f * r.w, r.h }, cell = { r.x + 0.42f * r.w, r.y, 0.58f * r.w, r.h };

    write_cm(cm, sizeof cm, s->held[side][m].v, m, s->height_m);
    if (why != PL_REASON_NONE || *cm) {
        float w = (*cm ? 0.42f : 0.70f) * r.w; /* a dash leaves more room than a number */
        SDL_FRect below = { r.x, r.y + 0.48f * r.h, w, 0.48f * r.h };
        name = (SDL_FRect){ r.x, r.y, w, 0.50f * r.h };
        pl_screen_label(s, &(struct pl_screen_label){ .text = *cm ? cm : pl_screen_reason(s, why), .box = below, .em_px = 2.9f * u,
                        .em_least_px = 1.9f * u, .lines = 2, .colour = PL_MUTED });
    }
    pl_screen_label(s, &(struct pl_screen_label){ .text = pl_screen_measure(s, m), .box = name, .em_px = 3.8f * u,
                    .em_least_px = 2.4f * u, .lines = 2, .colour = PL_WHITE });
    draw_value(s, cell, side, m, fminf(7 * u, 0.9f * r.h));
}

/* Name above, both legs' values below. */
static void draw_row_both(struct pl_screen *s, SDL_FRect r, enum pl_measure m)
{
    float u = s->layout.u;
    SDL_FRect name = { r.x, r.y, r.w, 0.42f * r.h };

    pl_screen_label(s, &(struct pl_screen_label){ .text = pl_screen_measure(s, m), .box = name, .em_px = 3.4f * u,
                    .em_least_px = 2.4f * u, .colour = PL_MUTED });
    for (int side = 0; side < PL_N_SIDES; side++) {
        SDL_FRect half = { r.x + (float)side * 0.52f * r.w, r.y + 0.42f * r.h, 0.48f * r.w, 0.58f * r.h };
        SDL_FRect letter = { half.x, half.y, 4 * u, half.h }, cell = { half.x + 4 * u, half.y, half.w - 4 * u, half.h };
        pl_screen_label(s, &(struct pl_screen_label){ .text = pl_screen_words(s, side == PL_SIDE_LEFT ? PL_SAY_LEFT_LETTER
                        : PL_SAY_RIGHT_LETTER), .box = letter, .em_px = 3.8f * u, .em_least_px = 2 * u, .colour = PL_MUTED });
        draw_value(s, cell, (enum pl_side)side, m, fminf(5.6f * u, 0.95f * half.h));
    }
}

static void draw_numbers(struct pl_screen *s, const struct pl_moment *m)
{
    enum pl_measure shown[PL_N_MEASURES];
    enum pl_side side = pl_screen_shown_side(m), any = side == PL_SIDE_UNKNOWN ? PL_SIDE_LEFT : side;
    const enum pl_reason *why = m->measures.why[any];
    float u = s->layout.u;
    SDL_FRect r = pl_screen_inset(s->layout.numbers, 2 * u, 1 * u);
    float least = (side == PL_SIDE_UNKNOWN ? 9.2f : 7.6f) * u;
    int n = SDL_min(pl_screen_shown_measures(m, side, shown), SDL_max(1, (int)(r.h / least)));
    float h = fminf(r.h / (float)n, 11 * u);

    for (int i = 0; i < n; i++) {
        SDL_FRect row = { r.x, r.y + (float)i * h, r.w, h };
        bool told = !m->pose.person || (i > 0 && why[shown[i]] == why[shown[i - 1]]); /* by the band, or a line above */
        if (i > 0)
            pl_screen_rect(s, (SDL_FRect){ row.x, row.y, row.w, SDL_max(1, 0.2f * u) }, PL_TRACK);
        if (side == PL_SIDE_UNKNOWN && pl_measure_has_side(shown[i]))
            draw_row_both(s, row, shown[i]);
        else
            draw_row(s, row, any, shown[i], told ? PL_REASON_NONE : why[shown[i]]);
    }
}

void pl_screen_numbers(struct pl_screen *s, const struct pl_moment *m)
{
    pl_screen_rect(s, s->layout.numbers, PL_PANEL);
    if (m)
        draw_numbers(s, m);
}
