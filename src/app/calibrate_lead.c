/* The window and the voice that lead through a calibration, for someone who stands three metres away and has no hand free.
 *
 * In front of the camera both; with recordings only what --voice-file asks for. The window is mirrored, as the coach's is. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "internal.h"
#include "plumbline/clock.h"

/* src: own choice: said twice over, read once, looked at */
static const int64_t saved_ns = 4 * PL_NS_PER_S, problem_ns = 10 * PL_NS_PER_S, picture_ns = 10 * PL_NS_PER_S;
static const int64_t end_wait_ns = PL_NS_PER_S / 20;

bool pl_app_lead_open(struct pl_app_lead *l, const struct pl_app_options *o, bool live, struct pl_err *err)
{
    const struct pl_screen_options so = { .title = "plumbline", .mirror = true, .window = true, .language = &o->language };

    *l = (struct pl_app_lead){ .o = o, .task.title = pl_calibration_title(o->calibrate) }; /* stands there before a picture comes */
    if (live && !o->no_window && !pl_screen_open(&l->screen, &so, err))
        return false;
    return (!live && !o->voice_file) || pl_app_voice_open(&l->voice, o, live, err); /* SDL: after the screen */
}

static void say(struct pl_app_lead *l)
{
    const struct pl_moment m = { .t_ns = l->t_ns, .say = l->task.utterance };
    pl_app_voice_follow(l->voice, &m, NULL);
}

/* false: the user quit */
static bool poll(struct pl_app_lead *l)
{
    for (enum pl_screen_action a; l->screen && (a = pl_screen_poll(l->screen)) != PL_SCREEN_NOTHING;) {
        l->quit |= a == PL_SCREEN_QUIT;
        if (a == PL_SCREEN_VOICE)
            pl_app_voice_cycle(l->voice, &l->voice_told_ns);
    }
    return !l->quit;
}

void pl_app_lead_step(struct pl_app_lead *l, const struct pl_ask *step, int64_t t_ns)
{
    l->t_ns = t_ns;
    pl_calibration_guide_step(&l->guide, l->o->calibrate, step, t_ns, &l->task);
    say(l);
}

bool pl_app_lead_show(struct pl_app_lead *l, const struct pl_frame *frame, const struct pl_moment *moment,
                      const struct pl_live_status *s)
{
    const bool lost = s->state != PL_LIVE_RUNNING;
    char mode[PL_SENTENCE_BYTES];

    pl_app_voice_card(l->voice, s->card, &l->card_told, NULL);
    if (l->screen) {
        /* without a picture everything stays where it is */
        l->empty = (struct pl_frame){ .width_px = s->camera.width_px, .height_px = s->camera.height_px, .pixels = PL_PIXELS_NONE };
        snprintf(l->source, sizeof l->source, "%s", s->camera.name);
        const struct pl_screen_status status = {
            .note = pl_app_voice_note(l->voice, &l->o->language, l->voice_told_ns),
            .source = l->source, .mode = pl_app_mode(mode, l->o, s), .card = lost ? pl_app_card(l->o, s) : NULL,
            .card_of = l->source,
            .measured_fps = lost ? NAN : s->measured_fps, .dropped = s->dropped, .speed = 1, .task = &l->task, .lens = l->lens,
        };
        pl_screen_draw(l->screen, frame ? frame : &l->empty, moment, &status);
    }
    return poll(l);
}

/* As a sentence of its own; of what was found only the first half, which is what can be read three metres away. */
static void write_card(char *out, size_t size, const char *text, bool ok)
{
    snprintf(out, size, "%s", text);
    out[0] = (char)toupper((unsigned char)out[0]);
    if (ok)
        out[strcspn(out, ";")] = '\0';
}

void pl_app_lead_end(struct pl_app_lead *l, const char *text, bool ok, const struct pl_frame *picture)
{
    char card[sizeof((struct pl_err *)NULL)->text];
    const struct pl_ask end = pl_ask_end(ok, l->task.of);
    const int64_t until_ns = pl_clock_now_ns() + (!ok ? problem_ns : picture ? picture_ns : saved_ns);
    /* where a picture shows it, the words stand small */
    const struct pl_screen_status status = { .source = picture ? card : l->source, .card = picture ? NULL : card,
                                             .measured_fps = NAN, .speed = 1, .task = &l->task };

    write_card(card, sizeof card, text, ok);
    pl_app_lead_step(l, &end, l->t_ns);
    if (l->quit || (!l->screen && !(l->voice && !l->o->n_inputs)))
        return; /* nobody to wait for */
    while (pl_clock_now_ns() < until_ns && poll(l)) {
        if (l->screen) {
            pl_screen_draw(l->screen, picture ? picture : &l->empty, NULL, &status);
            pl_screen_wait(l->screen, end_wait_ns);
        } else {
            pl_clock_sleep_ns(end_wait_ns);
        }
    }
}

bool pl_app_lead_close(struct pl_app_lead *l, struct pl_err *err)
{
    const bool ok = pl_app_voice_finish(l->voice, NULL, err);

    pl_voice_close(l->voice);
    pl_screen_close(l->screen);
    *l = (struct pl_app_lead){ 0 };
    return ok;
}
