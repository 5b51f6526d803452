/* replay: a recording in the window, at its own speed or another, with seek and step. The sample that is played when there is no
 * camera goes the same way. */
#include <math.h>
#include <string.h>

#include "internal.h"
#include "plumbline/clock.h"
#include "plumbline/screen.h"

static const int64_t SEEK_NS = 2 * PL_NS_PER_S;
static const int64_t IDLE_WAIT_NS = PL_NS_PER_S / 20;
static const float SPEEDS[] = { 0.1f, 0.25f, 0.5f, 1, 2, 4 };
enum { N_SPEEDS = sizeof SPEEDS / sizeof SPEEDS[0], NORMAL_SPEED = 3 };

struct player {
    const struct pl_app_options *o;
    struct pl_camera *camera;
    struct pl_session *session;
    struct pl_screen *screen;
    struct pl_voice *voice;
    int64_t voice_told_ns;      /* when key V was pressed last; 0: never */
    struct pl_coach *coach;     /* watches; nobody in a recording can be asked anything */
    struct pl_coach_look look;
    struct pl_coach_view view;
    const char *title;
    struct pl_app_outputs out;  /* --trace */
    struct pl_frame frame;      /* the newest one; its pixels are the camera's until the next is asked for */
    struct pl_moment moment;
    bool have, ended, paused;
    int speed;                  /* index of SPEEDS */
    struct pl_stage_times times; /* of the newest frame, its drawing included */
    int64_t due_ns;             /* clock time at which the newest frame is to be followed by the next */
};

static void draw(struct player *p)
{
    const struct pl_camera_info *info = pl_camera_info(p->camera);
    struct pl_screen_status status = {
        .note = pl_app_voice_note(p->voice, &p->o->language, p->voice_told_ns),
        .source = p->title, .mode = info->mode, .measured_fps = NAN, .paused = p->paused, .speed = SPEEDS[p->speed],
        .duration_ns = info->duration_ns, .height_m = p->o->height_m, .times = &p->times,
        .coach = p->have ? &p->view : NULL, .lens = pl_session_lens(p->session),
    };
    struct pl_stage_times watch = { 0 };

    pl_stage_start(&watch);
    pl_screen_draw(p->screen, p->have ? &p->frame : NULL, p->have ? &p->moment : NULL, &status);
    pl_stage_lap(&watch, PL_STAGE_DRAW);
    pl_stage_add(&p->times, &watch);
    if (p->out.times)
        pl_report_trace_more(p->out.times, &watch);
}

static bool show_next(struct player *p, struct pl_err *err)
{
    int64_t before_ns = p->have ? p->frame.t_ns : 0;
    enum pl_next next = pl_camera_next(p->camera, PL_NS_PER_S, &p->frame, err);

    if (next == PL_NEXT_FAILED)
        return false;
    if (next != PL_NEXT_FRAME) {
        if (!p->ended && pl_camera_truncated(p->camera))
            pl_app_say("%s: breaks off after %.1f s", p->title, pl_s_from_ns(before_ns));
        p->ended = true;
        return true;
    }
    pl_session_step(p->session, &p->frame, NULL, &p->moment);
    pl_coach_look(&p->look, &p->frame);
    const struct pl_coach_input in = { .brightness = p->look.brightness, .noise = p->look.noise, .fps = NAN, .wanted_fps = NAN,
                                       .n_people = p->moment.keypoints.present + p->moment.keypoints.n_others };
    pl_coach_step(p->coach, &p->moment, &in, &p->view);
    p->moment.say = p->view.utterance;
    pl_app_voice_follow(p->voice, &p->moment, NULL);
    p->times = *pl_camera_times(p->camera);
    pl_stage_add(&p->times, pl_session_times(p->session));
    if (p->out.times)
        pl_report_trace_add(p->out.times, p->frame.t_ns, &p->times);
    int64_t wait_ns = p->have ? (int64_t)((double)(p->frame.t_ns - before_ns) / SPEEDS[p->speed]) : 0;
    int64_t now_ns = pl_clock_now_ns();
    p->due_ns = p->due_ns + wait_ns > now_ns - PL_NS_PER_S ? p->due_ns + wait_ns : now_ns; /* a machine too slow plays slower */
    p->have = true;
    return true;
}

/* To t_ns; what was learnt before is forgotten, because it is not what a person standing there would have shown. */
static bool jump(struct player *p, int64_t t_ns, struct pl_err *err)
{
    if (!pl_camera_seek(p->camera, t_ns > 0 ? t_ns : 0, err))
        return false;
    pl_session_reset(p->session);
    pl_voice_hush(p->voice);
    pl_coach_reset(p->coach);
    p->look = (struct pl_coach_look){ 0 };
    p->ended = p->have = false;
    p->due_ns = pl_clock_now_ns();
    return show_next(p, err);
}

static bool act(struct player *p, enum pl_screen_action action, struct pl_err *err)
{
    switch (action) {
    case PL_SCREEN_PAUSE:
        p->paused = !p->paused;
        p->due_ns = pl_clock_now_ns();
        break;
    case PL_SCREEN_SLOWER: p->speed -= p->speed > 0; break;
    case PL_SCREEN_FASTER: p->speed += p->speed < N_SPEEDS - 1; break;
    case PL_SCREEN_STEP_FORWARD: p->paused = true; return p->ended || show_next(p, err);
    case PL_SCREEN_STEP_BACK:    p->paused = true; return jump(p, p->frame.t_ns - 1, err);
    case PL_SCREEN_SEEK_BACK:    return jump(p, p->frame.t_ns - SEEK_NS, err);
    case PL_SCREEN_SEEK_FORWARD: return jump(p, p->frame.t_ns + SEEK_NS, err);
    case PL_SCREEN_RESTART:      return jump(p, 0, err);
    case PL_SCREEN_VOICE:        pl_app_voice_cycle(p->voice, &p->voice_told_ns); break;
    default: /* nothing that a recording can be asked */
        break;
    }
    return true;
}

static bool play(struct player *p, struct pl_err *err)
{
    int64_t began_ns = pl_clock_now_ns();

    p->due_ns = began_ns;
    for (;;) {
        int64_t now_ns = pl_clock_now_ns();
        if (p->o->seconds > 0 && now_ns - began_ns > pl_ns_from_s(p->o->seconds))
            return true;
        if (p->ended && p->o->loop && !p->paused && !jump(p, 0, err))
            return false;
        if (!p->paused && !p->ended && now_ns >= p->due_ns && !show_next(p, err))
            return false;
        draw(p);
        for (enum pl_screen_action a; (a = pl_screen_poll(p->screen)) != PL_SCREEN_NOTHING;) {
            if (a == PL_SCREEN_QUIT)
                return true;
            if (!act(p, a, err))
                return false;
        }
        if (p->ended && !p->o->loop)
            p->paused = true; /* the last picture stays, with its numbers */
        int64_t left_ns = p->due_ns - pl_clock_now_ns();
        pl_screen_wait(p->screen, p->paused || p->ended || left_ns > IDLE_WAIT_NS ? IDLE_WAIT_NS : left_ns);
    }
}

static int run(const struct pl_app_options *o, const char *input, const char *title)
{
    struct player p = { .o = o, .title = title, .speed = NORMAL_SPEED };
    struct pl_camera_options co = { .source = input };
    struct pl_screen_options so = { .title = "plumbline", .mirror = o->mirror, .window = true, .language = &o->language };
    struct pl_err err = { 0 };
    bool ok = pl_app_outputs_open(&p.out, o, &err) && pl_camera_open(&p.camera, &co, &err);

    if (ok && pl_camera_info(p.camera)->live)
        ok = pl_fail(&err, PL_E_ARG, "%s: is a camera; use plumbline live --camera %s", input, input);
    if (ok) {
        struct pl_session_options ss = pl_app_session_options(o, pl_camera_info(p.camera)->kind == PL_CAMERA_TABLE);
        const struct pl_coach_options ko = pl_app_coach_options(o, false);
        p.coach = pl_coach_open(&ko);
        if (!p.coach)
            ok = pl_fail(&err, PL_E_MEMORY, "%s: out of memory", input);
        ok = ok && pl_session_open(&p.session, &ss, &err) && pl_app_use_lens(p.session, o, pl_camera_info(p.camera), &err) &&
             pl_screen_open(&p.screen, &so, &err) && pl_app_voice_open(&p.voice, o, true, &err) && play(&p, &err);
    }
    if (!ok)
        pl_app_say("%s", err.text);
    if (!pl_app_outputs_close(&p.out, o, &err)) {
        if (err.text[0])
            pl_app_say("%s", err.text);
        ok = false;
    }
    if (!pl_app_voice_finish(p.voice, NULL, &err)) {
        pl_app_say("%s", err.text);
        ok = false;
    }
    pl_voice_close(p.voice);
    pl_screen_close(p.screen);
    pl_coach_close(p.coach);
    pl_session_close(p.session);
    pl_camera_close(p.camera);
    return ok ? PL_EXIT_DONE : PL_EXIT_INPUT;
}

int pl_app_replay(const struct pl_app_options *o)
{
    return run(o, o->inputs[0], pl_app_file_name(o->inputs[0]));
}

int pl_app_sample(const struct pl_app_options *o, const char *reason)
{
    static const char *const name = "sls_front_collapse_L.mp4"; /* shows all there is: repetitions, the fault, the cue */
    struct pl_app_options looped = *o;
    char folder[4096], path[4200], title[256];

    looped.loop = true;
    if (!o->voice_given && !o->settings.voice_given)
        looped.voice = PL_VOICE_OFF; /* nobody exercises */
    if (!pl_app_find_dir(folder, sizeof folder, "samples")) {
        pl_app_say("no camera (%s) and no samples in %s: connect a camera, or name a recording (plumbline replay FILE)", reason,
                   folder);
        return PL_EXIT_INPUT;
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(title, sizeof title, "Sample, no camera: %s", name);
    fprintf(stderr, "plumbline %s, %s kernels, model %s\nno camera (%s): playing the recorded sample %s in a loop\n", PL_VERSION,
            pl_app_kernels(o), pl_model_kind_name(o->model), reason, name);
    return run(&looped, path, title);
}
