/* The window and the voice that lead through a calibration, for someone who stands three metres away and has no hand free.
 *
 * In front of the camera both; with recordings only what --voice-file asks for. The window is mirrored, as the coach's is. */
#include <math.h>
#include <string.h>

#include "internal.h"
#include "plumbline/clock.h"

static const int64_t saved_ns = 4 * PL_NS_PER_S, problem_ns = 10 * PL_NS_PER_S; /* src: own choice: said twice over, read once */
static const int64_t end_wait_ns = PL_NS_PER_S / 20;

bool pl_app_lead_open(struct pl_app_lead *l, const struct pl_app_options *o, const struct pl_camera_info *info, struct pl_err *err)
{
    const struct pl_screen_options so = { .title = "plumbline", .mirror = true, .window = true, .language = &o->language };

    *l = (struct pl_app_lead){ .o = o };
    snprintf(l->source, sizeof l->source, "%s", info->name);
    snprintf(l->mode, sizeof l->mode, "%s", info->mode);
    if (info->live && !o->no_window && !pl_screen_open(&l->screen, &so, err))
        return false;
    return (!info->live && !o->voice_file) || pl_app_voice_open(&l->voice, o, info->live, err); /* SDL: after the screen */
}

static void draw(struct pl_app_lead *l, const struct pl_frame *frame, const struct pl_moment *moment, const char *card)
{
    const struct pl_screen_status status = { .source = l->source, .mode = l->mode, .card = card, .measured_fps = NAN, .speed = 1,
                                             .task = &l->task, .lens = l->lens };
    pl_screen_draw(l->screen, frame, moment, &status);
}

static void say(struct pl_app_lead *l)
{
    const struct pl_moment m = { .t_ns = l->t_ns, .say = l->task.utterance };
    pl_app_voice_follow(l->voice, &m, NULL);
}

/* false: the user quit */
static bool poll(struct pl_app_lead *l)
{
    for (enum pl_screen_action a; l->screen && (a = pl_screen_poll(l->screen)) != PL_SCREEN_NOTHING;)
        l->quit |= a == PL_SCREEN_QUIT;
    return !l->quit;
}

bool pl_app_lead_step(struct pl_app_lead *l, const struct pl_ask *step, const struct pl_frame *frame,
                      const struct pl_moment *moment)
{
    if (step) {
        l->t_ns = frame->t_ns;
        pl_calibration_guide_step(&l->guide, l->o->calibrate, step, l->t_ns, &l->task);
        say(l);
        if (l->screen)
            draw(l, frame, moment, NULL);
    }
    return poll(l);
}

void pl_app_lead_end(struct pl_app_lead *l, const char *problem)
{
    const struct pl_ask end = pl_ask_end(!problem, l->task.of);
    const int64_t until_ns = pl_clock_now_ns() + (problem ? problem_ns : saved_ns);

    pl_calibration_guide_step(&l->guide, l->o->calibrate, &end, l->t_ns, &l->task);
    say(l);
    if (l->quit || (!l->screen && !(l->voice && !l->o->n_inputs)))
        return; /* nobody to wait for */
    while (pl_clock_now_ns() < until_ns && poll(l)) {
        if (l->screen)
            draw(l, NULL, NULL, problem);
        if (l->screen)
            pl_screen_wait(l->screen, end_wait_ns);
        else
            pl_clock_sleep_ns(end_wait_ns);
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
