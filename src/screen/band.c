/* The one sentence that matters now, in the largest letters. First of these that applies:
 *   1. what the person has asked for: a pause, a choice
 *   2. a cue, black on amber, with a warning sign
 *   3. rest, countdown, end
 *   4. what to change so that the person can be seen at all
 *   5. what the set-up guide asks for, or standing still with a bar of how long yet
 *   6. why what was just done does not count
 *   7. a hold: the seconds that are left
 *   8. what cannot be measured now and why (at most two), if that can be mended where the person stands; in a hold below it
 *   9. the phase of the repetition; below it, small, what this view does not show
 */
#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_REASONS = 2 };

/* A reason must last before it takes the large letters: one unclear frame is no message. src: own choice. */
#define LASTING_NS (PL_NS_PER_S / 2)

struct complaint { enum pl_reason reason; enum pl_measure measure; };

/* Nothing that someone in the middle of an exercise should mend now. */
static bool is_remark(enum pl_reason r)
{
    return pl_screen_wrong_view(r) || r == PL_REASON_TOO_BENT;
}

/* The reasons of needed measures of the shown leg, each once: the remarks, or the others. */
static int find_complaints(const struct pl_moment *m, bool remarks, struct complaint out[MOST_REASONS])
{
    enum pl_measure shown[PL_N_MEASURES];
    enum pl_side side = pl_screen_shown_side(m);
    int n_shown = pl_screen_shown_measures(m, side, shown), n = 0;

    for (int i = 0; i < n_shown && n < MOST_REASONS; i++) {
        enum pl_reason why = m->measures.why[side == PL_SIDE_UNKNOWN ? PL_SIDE_LEFT : side][shown[i]];
        bool said = n > 0 && out[0].reason == why;
        if (why != PL_REASON_NONE && !said && is_remark(why) == remarks && m->progress.needed[shown[i]])
            out[n++] = (struct complaint){ why, shown[i] };
    }
    return n;
}

/* Is anything but the knee's bend measured? Then a wrong view is a remark, otherwise it is the message. */
static bool sees_something(const struct pl_moment *m)
{
    enum pl_side side = pl_screen_shown_side(m);
    for (int i = 0; i < PL_N_MEASURES; i++)
        if (m->progress.needed[i] && i != PL_M_KNEE_FLEXION &&
            m->measures.why[side == PL_SIDE_UNKNOWN ? PL_SIDE_LEFT : side][i] == PL_REASON_NONE)
            return true;
    return false;
}

/* A text with another first letter: capital at the start of a sentence, small inside (but "I" stays). */
struct started { char first; const char *rest; };

static struct started start(const char *text, bool capital)
{
    char c = text[0];
    bool is_i = c == 'I' && (text[1] == '\'' || text[1] == ' ');
    if (capital)
        return (struct started){ (char)SDL_toupper(c), c ? text + 1 : text };
    return (struct started){ is_i ? c : (char)SDL_tolower(c), c ? text + 1 : text };
}

/* Inside a sentence; only of ours is known that none begins with a name or, in German, a noun. */
static struct started start_inside(const struct pl_screen *s, enum pl_reason reason)
{
    const char *text = pl_screen_reason(s, reason), *english = pl_reason_text(reason);
    return text == english || !strcmp(text, english) ? start(text, false) : (struct started){ text[0], text + (text[0] != 0) };
}

/* "Hip drop: put your hands on your hips", or the same for two with a dot before each. Of "hip drop, change" the name is enough:
 * what to do is the same. */
static void write_complaints(const struct pl_screen *s, char *out, size_t size, const struct complaint *c, int n)
{
    size_t used = 0;

    out[0] = '\0';
    for (int i = 0; i < n && used < size; i++) {
        struct started what = start(pl_screen_measure(s, c[i].measure), true);
        struct started why = start_inside(s, c[i].reason);
        int more = snprintf(out + used, size - used, "%s%s%c%.*s: %c%s", i ? "\n" : "", n > 1 ? "\xe2\x80\xa2 " : "",
                            what.first, (int)strcspn(what.rest, ","), what.rest, why.first, why.rest);
        used += (size_t)SDL_max(more, 0);
    }
}

static void write_remark(const struct pl_screen *s, char *out, size_t size, struct complaint c)
{
    struct started why = start_inside(s, c.reason);
    snprintf(out, size, "%s: %s (%c%s)", pl_language_text(s->language, PL_SAY_NOT_MEASURED), pl_screen_measure(s, c.measure),
             why.first, why.rest);
}

static void draw_warning(struct pl_screen *s)
{
    float u = s->layout.u, h = SDL_min(s->layout.band.h - 10 * u, 12 * u);
    SDL_FPoint c = { s->layout.band.x + 9.8f * u, s->layout.band.y + s->layout.band.h / 2 };
    SDL_FPoint p[3] = { { c.x, c.y - h / 2 }, { c.x + 0.56f * h, c.y + h / 2 }, { c.x - 0.56f * h, c.y + h / 2 } };

    for (int i = 0; i < 3; i++)
        pl_screen_line(s, p[i], p[(i + 1) % 3], 1.4f * u, PL_BLACK);
    pl_screen_convex(s, p, 3, PL_BLACK);
    pl_screen_line(s, (SDL_FPoint){ c.x, c.y - 0.14f * h }, (SDL_FPoint){ c.x, c.y + 0.16f * h }, 0.13f * h, PL_AMBER);
    pl_screen_disc(s, (SDL_FPoint){ c.x, c.y + 0.34f * h }, 0.075f * h, PL_AMBER);
}

static void draw_cue(struct pl_screen *s, const struct pl_cue *cue)
{
    const struct pl_screen_layout *l = &s->layout;
    float u = l->u;

    pl_screen_rect(s, l->band, PL_AMBER);
    if (l->mark)
        draw_warning(s);
    /* the layout gives room for 11 u and more, capitals of 8 %; the least size is only there so that no word is ever cut */
    pl_screen_label(s, &(struct pl_screen_label){ .text = pl_language_text(s->language, pl_sentence_of_cue(cue->fault)),
                    .box = l->cue, .em_px = 13.2f * u, .em_good_px = 11.2f * u, .em_least_px = 5 * u, .lines = l->cue_lines,
                    .bold = true, .colour = PL_BLACK });
    pl_screen_label(s, &(struct pl_screen_label){ .text = pl_language_text(s->language, pl_sentence_of_advice(cue->fault)),
                    .box = l->advice, .em_px = 7.6f * u,
                    .em_least_px = 3 * u, .lines = l->advice_lines, .colour = PL_BLACK });
}

/* What to change, on a blue ground with a white bar at the left edge. */
static void draw_notice(struct pl_screen *s, const char *text)
{
    float u = s->layout.u;
    SDL_FRect band = s->layout.band;

    pl_screen_rect(s, band, PL_NOTICE);
    pl_screen_rect(s, (SDL_FRect){ band.x, band.y, 1.6f * u, band.h }, PL_WHITE);
    pl_screen_label(s, &(struct pl_screen_label){ .text = text, .box = pl_screen_inset(band, 5 * u, 2 * u), .em_px = 11.5f * u,
                    .em_good_px = 8 * u, .em_least_px = 4 * u, .lines = 5, .bold = true, .colour = PL_WHITE });
}

static const char *phase_text(const struct pl_screen *s, const struct pl_moment *m)
{
    static const enum pl_sentence sentences[PL_N_PHASES] = {
        [PL_PHASE_NONE] = PL_SAY_PHASE_READY, [PL_PHASE_STAND] = PL_SAY_PHASE_STAND, [PL_PHASE_DOWN] = PL_SAY_PHASE_DOWN,
        [PL_PHASE_BOTTOM] = PL_SAY_PHASE_BOTTOM, [PL_PHASE_UP] = PL_SAY_PHASE_UP,
    };
    if (m->progress.exercise == PL_EXERCISE_AUTO) /* walking in goes up and down too, and counts nothing */
        return pl_language_text(s->language, PL_SAY_PHASE_START);
    bool known = (unsigned)m->progress.phase < PL_N_PHASES;
    return pl_language_text(s->language, known ? sentences[m->progress.phase] : PL_SAY_PHASE_READY);
}

static void draw_phase(struct pl_screen *s, const struct pl_moment *m, const char *remark)
{
    float u = s->layout.u;
    SDL_FRect r = pl_screen_inset(s->layout.band, 5 * u, 2 * u), below = { r.x, r.y + 0.62f * r.h, r.w, 0.38f * r.h };
    bool moves = m->progress.exercise != PL_EXERCISE_AUTO &&
                 (m->progress.phase == PL_PHASE_DOWN || m->progress.phase == PL_PHASE_UP);

    pl_screen_rect(s, s->layout.band, PL_PANEL);
    if (*remark)
        r.h *= 0.60f;
    if (moves) {
        pl_screen_arrow(s, (SDL_FPoint){ r.x + 5 * u, r.y + r.h / 2 }, 9.5f * u, m->progress.phase == PL_PHASE_UP, PL_WHITE);
        r.x += 14 * u;
        r.w -= 14 * u;
    }
    pl_screen_label(s, &(struct pl_screen_label){ .text = phase_text(s, m), .box = r, .em_px = 12 * u,
                    .em_least_px = 5 * u, .bold = true, .colour = PL_WHITE });
    pl_screen_label(s, &(struct pl_screen_label){ .text = remark, .box = below, .em_px = 5 * u, .em_least_px = 3 * u, .lines = 2,
                    .colour = PL_MUTED });
}

/* Has that reason stood long enough to be told? NONE never has. */
static bool lasts(struct pl_screen *s, enum pl_reason missing, int64_t t_ns)
{
    if (missing != s->missing || t_ns < s->missing_ns) {
        s->missing = missing;
        s->missing_ns = t_ns;
    }
    return missing != PL_REASON_NONE && t_ns - s->missing_ns >= LASTING_NS;
}

/* ---- the coach */

/* A large text, a smaller one below it, and at the lower edge a bar of how much is over. */
static void draw_wait(struct pl_screen *s, const char *text, const char *below, float part)
{
    const float u = s->layout.u;
    SDL_FRect band = s->layout.band, r = pl_screen_inset(band, 5 * u, 2 * u);
    const float bar = 2.2f * u;

    pl_screen_rect(s, band, PL_PANEL);
    pl_screen_rect(s, (SDL_FRect){ band.x, band.y + band.h - bar, band.w, bar }, PL_TRACK);
    pl_screen_rect(s, (SDL_FRect){ band.x, band.y + band.h - bar, roundf(part * band.w), bar }, PL_WHITE);
    r.h -= bar;
    SDL_FRect lower = { r.x, r.y + 0.60f * r.h, r.w, 0.40f * r.h };
    r.h *= *below ? 0.60f : 1;
    pl_screen_label(s, &(struct pl_screen_label){ .text = text, .box = r, .em_px = 12 * u, .em_least_px = 5 * u, .bold = true,
                    .colour = PL_WHITE });
    pl_screen_label(s, &(struct pl_screen_label){ .text = below, .box = lower, .em_px = 7 * u, .em_least_px = 3.5f * u, .lines = 2,
                    .colour = PL_WHITE });
}

static void draw_rest(struct pl_screen *s, const struct pl_coach_view *v)
{
    const int left = (int)ceilf(v->left_s);
    char text[PL_TEXT_BYTES], below[PL_SENTENCE_BYTES];

    snprintf(text, sizeof text, "%s %d:%02d", pl_screen_words(s, v->change_leg ? PL_SAY_CHANGE_LEGS : PL_SAY_RESTING), left / 60,
             left % 60);
    pl_screen_write(s, below, sizeof below, !v->change_leg ? PL_SAY_THEN_SET : v->side == PL_SIDE_LEFT ? PL_SAY_NOW_LEFT
                    : PL_SAY_NOW_RIGHT, v->set + 1, SDL_max(v->n_sets, v->set + 1), 0);
    draw_wait(s, text, below, v->whole_s > 0 ? 1 - v->left_s / v->whole_s : 1);
}

/* What is on request stands above a cue. */
static bool draw_asked(struct pl_screen *s)
{
    const struct pl_coach_view *v = s->coach;

    if (!v || (!v->paused && v->question == PL_SAY_NOTHING))
        return false;
    draw_notice(s, pl_screen_words(s, v->paused ? PL_SAY_PAUSED : v->question));
    return true;
}

static bool draw_flow(struct pl_screen *s)
{
    const struct pl_coach_view *v = s->coach;

    if (v && v->state == PL_COACH_REST)
        draw_rest(s, v);
    else if (v && v->state == PL_COACH_COUNTDOWN)
        draw_wait(s, pl_screen_words(s, PL_SAY_GET_READY), "", v->whole_s > 0 ? 1 - v->left_s / v->whole_s : 1);
    else if (v && v->state == PL_COACH_DONE)
        draw_notice(s, pl_screen_words(s, PL_SAY_ALL_DONE));
    else if (v && v->away)
        draw_notice(s, pl_screen_words(s, PL_SAY_GONE));
    else
        return false;
    return true;
}

/* Where the guide and the pose speak of the same thing, in the guide's words: they are what is said aloud. */
static bool draw_guide(struct pl_screen *s)
{
    const struct pl_coach_view *v = s->coach;
    char text[PL_TEXT_BYTES];

    if (v && v->guide) {
        pl_screen_write(s, text, sizeof text, v->check[v->first_bad].what, v->check[v->first_bad].number, 0, 0);
        draw_notice(s, text);
        return true;
    }
    return false;
}

static bool draw_standing(struct pl_screen *s)
{
    const struct pl_coach_view *v = s->coach;

    if (!v || v->state != PL_COACH_BASELINE)
        return false;
    draw_wait(s, pl_screen_words(s, PL_SAY_STAND_STILL), "", v->baseline);
    return true;
}

/* The seconds that are left, until the foot comes down. */
static void draw_hold(struct pl_screen *s, const char *complaint)
{
    const struct pl_coach_view *v = s->coach;
    const int left = pl_screen_hold_left(v);
    char text[PL_TEXT_BYTES], below[PL_SENTENCE_BYTES];

    snprintf(text, sizeof text, "%s %d s", pl_screen_words(s, PL_SAY_HOLDING), left);
    pl_screen_write(s, below, sizeof below, PL_SAY_HOLD_GOAL, (int)v->hold_s, (int)lroundf(v->hold_goal_s), 0);
    draw_wait(s, left > 0 ? text : pl_screen_words(s, PL_SAY_HELD), *complaint ? complaint : below,
              fminf(v->hold_s / v->hold_goal_s, 1));
}

void pl_screen_band(struct pl_screen *s, const struct pl_moment *m)
{
    struct complaint here[MOST_REASONS], view[MOST_REASONS];
    char text[PL_TEXT_BYTES] = "";

    pl_screen_rect(s, s->layout.band, PL_PANEL);
    if (!m || draw_asked(s))
        return;
    if (m->cue.on) {
        draw_cue(s, &m->cue);
        return;
    }
    if (draw_flow(s) || draw_guide(s))
        return;
    if (!m->pose.person) {
        draw_notice(s, pl_screen_reason(s, m->pose.reason == PL_REASON_NONE ? PL_REASON_NO_PERSON : m->pose.reason));
        return;
    }
    if (draw_standing(s))
        return;
    if (pl_screen_not_counted(s)) {
        draw_notice(s, pl_screen_words(s, pl_sentence_of_partial(s->partial)));
        return;
    }
    int n_here = find_complaints(m, false, here), n_view = find_complaints(m, true, view);
    bool missing = n_here > 0 || (n_view > 0 && !sees_something(m));
    if (lasts(s, !missing ? PL_REASON_NONE : n_here > 0 ? here[0].reason : view[0].reason, m->t_ns)) {
        write_complaints(s, text, sizeof text, n_here > 0 ? here : view, n_here > 0 ? n_here : n_view);
        if (!pl_screen_holds(s->coach))
            draw_notice(s, text);
    }
    if (pl_screen_holds(s->coach))
        draw_hold(s, text);
    if (*text || pl_screen_holds(s->coach))
        return;
    if (n_view > 0)
        write_remark(s, text, sizeof text, view[0]);
    draw_phase(s, m, text);
}
