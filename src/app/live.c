/* live: exercise in front of the camera, with the window or (for scripts) without. */
#include <math.h>
#include <signal.h>
#include <string.h>

#include "internal.h"
#include "plumbline/clock.h"
#include "plumbline/live.h"
#include "plumbline/report.h"
#include "plumbline/screen.h"

static const int64_t WINDOW_WAIT_NS = PL_NS_PER_S / 20;
static const int64_t SCRIPT_WAIT_NS = PL_NS_PER_S / 5;

static volatile sig_atomic_t interrupted; /* set by the handler, read by the loops: the only way to end a script's run early */

static void on_signal(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

struct live_run {
    const struct pl_app_options *o;
    struct pl_app_outputs out;
    struct pl_log *log;
    struct pl_session *session;
    struct pl_screen *screen;   /* NULL with --no-window */
    struct pl_live *live;
    float height_m;             /* of the options, else of body.ini */
    struct pl_room_calibration room; /* width 0: none */
    struct pl_voice *voice;     /* NULL: off, and no window */
    int64_t voice_told_ns;      /* when key V was pressed last; 0: never */
    enum pl_sentence card_told; /* of a lost camera, by voice */
    struct pl_coach *coach;
    struct pl_coach_look look;  /* at the newest picture */
    struct pl_coach_view view;
    struct pl_moment last;
    int64_t n_seen;             /* moments */
    struct pl_stage_times times; /* of the newest frame, its drawing included */
};

/* A camera that cannot tell its rate has promised none. From here on the moment says what the coach lets be said. */
static void coach(struct live_run *r, struct pl_moment *m)
{
    const struct pl_live_status s = pl_live_status(r->live);
    const struct pl_coach_input in = {
        .brightness = r->look.any ? r->look.brightness : NAN, .noise = r->look.any ? r->look.noise : NAN,
        .n_people = m->keypoints.present + m->keypoints.n_others,
        .room = r->room.width_px ? &r->room : NULL,
        .lens = pl_session_lens(r->session),
        .fps = s.measured_fps, .wanted_fps = s.camera.fps > 0 ? (float)s.camera.fps : NAN,
    };

    pl_coach_step(r->coach, m, &in, &r->view);
    m->say = r->view.utterance;
    if (r->view.chosen)
        pl_live_choose(r->live, &r->view.choice);
}

/* Everything that came since the last call, into the log and the table. false: writing failed. */
static bool drain(struct live_run *r, int64_t wait_ns, struct pl_err *err)
{
    struct pl_live_result result;

    while (pl_live_next(r->live, wait_ns, &result)) {
        wait_ns = 0;
        coach(r, &result.moment);
        pl_report_add(r->log, &result.moment, result.pose_ns, result.frame_ns);
        r->last = result.moment;
        r->n_seen++;
        pl_app_voice_follow(r->voice, &r->last, r->log);
        if (r->out.frames && !pl_report_csv_row(r->out.frames, &result.moment, r->o->raw))
            return pl_fail(err, PL_E_IO, "%s: cannot be written: is the disk full?", r->o->frames);
        r->times = result.times;
        if (r->out.times)
            pl_report_trace_add(r->out.times, result.moment.t_ns, &result.times);
    }
    pl_app_voice_card(r->voice, pl_live_status(r->live).card, &r->card_told, r->log);
    return true;
}

static void draw(struct live_run *r, bool *seen, struct pl_frame *frame, struct pl_moment *moment)
{
    struct pl_stage_times watch = { 0 };
    struct pl_live_status s = pl_live_status(r->live);
    bool lost = s.state != PL_LIVE_RUNNING;
    char hint[PL_SENTENCE_BYTES];
    struct pl_screen_status status = {
        .note = pl_app_voice_note(r->voice, &r->o->language, r->voice_told_ns),
        .source = s.camera.name, .mode = pl_app_mode(hint, r->o, &s),
        .card = lost ? pl_app_card(r->o, &s) : NULL, .card_of = s.camera.name,
        .measured_fps = lost ? NAN : s.measured_fps, .dropped = s.dropped, .speed = 1, .height_m = r->height_m,
        .times = &r->times,
        .coach = &r->view, .lens = pl_session_lens(r->session),
    };

    if (pl_live_picture(r->live, frame, moment)) {
        *seen = true;
        pl_coach_look(&r->look, frame);
    }
    pl_stage_start(&watch);
    /* a picture from before the camera was lost is not shown as if it were live */
    pl_screen_draw(r->screen, *seen && !lost ? frame : NULL, *seen && !lost ? moment : NULL, &status);
    pl_stage_lap(&watch, PL_STAGE_DRAW);
    pl_stage_add(&r->times, &watch);
    if (r->out.times)
        pl_report_trace_more(r->out.times, &watch);
}

/* false: the user quits */
static bool act(struct live_run *r, enum pl_screen_action a)
{
    switch (a) {
    case PL_SCREEN_QUIT:   return false;
    case PL_SCREEN_PAUSE:  pl_coach_pause(r->coach); break;
    case PL_SCREEN_CHOOSE: pl_coach_ask(r->coach); break;
    case PL_SCREEN_NEXT:   pl_coach_next(r->coach); break;
    case PL_SCREEN_VOICE:  pl_app_voice_cycle(r->voice, &r->voice_told_ns); break;
    default:
        if (a >= PL_SCREEN_TARGET)
            pl_coach_take(r->coach, (int)a - PL_SCREEN_TARGET);
    }
    return true;
}

static bool run_window(struct live_run *r, struct pl_err *err)
{
    struct pl_frame frame;
    struct pl_moment moment;
    bool seen = false;
    int64_t began_ns = pl_clock_now_ns();

    while (!interrupted && pl_live_status(r->live).state != PL_LIVE_ENDED) {
        if (!drain(r, 0, err))
            return false;
        draw(r, &seen, &frame, &moment);
        for (enum pl_screen_action a; (a = pl_screen_poll(r->screen)) != PL_SCREEN_NOTHING;)
            if (!act(r, a))
                return true;
        if (r->o->seconds > 0 && pl_clock_now_ns() - began_ns > pl_ns_from_s(r->o->seconds))
            return true;
        pl_screen_wait(r->screen, WINDOW_WAIT_NS);
    }
    return true;
}

static bool run_script(struct live_run *r, struct pl_err *err)
{
    char told[sizeof((struct pl_live_status *)NULL)->problem] = "";
    int64_t began_ns = pl_clock_now_ns();

    while (!interrupted && (r->o->seconds <= 0 || pl_clock_now_ns() - began_ns < pl_ns_from_s(r->o->seconds))) {
        if (!drain(r, SCRIPT_WAIT_NS, err))
            return false;
        struct pl_live_status s = pl_live_status(r->live);
        if (s.state == PL_LIVE_ENDED)
            return drain(r, 0, err) && pl_fail(err, PL_E_DEVICE, "%s", s.problem);
        if (strcmp(s.problem, told)) { /* on stderr what the window shows as a card */
            pl_app_say("%s", s.problem[0] ? s.problem : "the camera sends pictures again");
            memcpy(told, s.problem, sizeof told);
        }
    }
    return pl_live_status(r->live).state == PL_LIVE_RUNNING || pl_fail(err, PL_E_DEVICE, "at the end there was no camera");
}

static void wake_screen(void *screen)
{
    pl_screen_wake(screen);
}

static bool open_run(struct live_run *r, struct pl_err *err)
{
    struct pl_session_options so = pl_app_session_options(r->o, false);
    struct pl_screen_options wo = { .title = "plumbline", .mirror = true, .window = true,
                                    .language = &r->o->language };
    /* a script that says how long it runs survives a cable that is pulled and put back */
    struct pl_live_options lo = { .camera = r->o->camera, .keep_trying = !r->o->no_window || r->o->seconds > 0,
                                  .auto_model = r->o->auto_model, .model = r->o->model };

    if (!pl_app_outputs_open(&r->out, r->o, err))
        return false;
    const struct pl_coach_options ko = pl_app_coach_options(r->o, !r->o->no_window);
    if (!(r->log = pl_report_open()) || !(r->coach = pl_coach_open(&ko)))
        return pl_fail(err, PL_E_MEMORY, "out of memory for the analysis");
    r->height_m = r->o->height_m;
    pl_app_use_body(&so.limits, &r->height_m);
    if (!pl_session_open(&r->session, &so, err) || (!r->o->no_window && !pl_screen_open(&r->screen, &wo, err)))
        return false;
    pl_report_language(r->log, &r->o->language);
    if (!pl_app_voice_open(&r->voice, r->o, true, err)) /* after the screen: SDL is started by one thread at a time */
        return false;
    if (r->screen) {
        lo.wake = wake_screen;
        lo.context = r->screen;
    }
    if (!pl_camera_open(&lo.opened, &lo.camera, err)) /* first, for whose lens it is */
        return false;
    if (!pl_app_use_lens(r->session, r->o, pl_camera_info(lo.opened), err)) {
        pl_camera_close(lo.opened);
        return false;
    }
    if (!pl_live_open(&r->live, r->session, &lo, err))
        return false;
    struct pl_live_status s = pl_live_status(r->live);
    r->room.width_px = 0;
    if (r->coach && s.camera.width_px && pl_app_room(&r->room, s.camera.name, s.camera.width_px, s.camera.height_px))
        fprintf(stderr, "room.ini, for the guide: camera %.2f m (+- %.2f) high, looking down by %.0f degrees (+- %.0f)\n",
                (double)r->room.camera_height_m, (double)r->room.camera_height_err_m, (double)r->room.tilt_deg,
                (double)r->room.tilt_err_deg);
    fprintf(stderr, "plumbline %s, %s kernels, model %s%s, %s (%s, %s)\n", PL_VERSION, pl_app_kernels(r->o),
            r->o->auto_model ? "auto: " : "", pl_model_kind_name(r->o->model), s.camera.name, s.camera.source, s.camera.mode);
    if (s.camera.others[0])
        fprintf(stderr, "also there: %s; --camera chooses\n", s.camera.others);
    return true;
}

int pl_app_live(const struct pl_app_options *o)
{
    struct live_run r = { .o = o };
    struct pl_err err = { 0 };
    struct sigaction sa = { .sa_handler = on_signal };

    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    bool ok = open_run(&r, &err) && (r.screen ? run_window(&r, &err) : run_script(&r, &err));
    if (!ok)
        pl_app_say("%s", err.text);
    if (r.live) {
        struct pl_live_status last = pl_live_status(r.live);
        const char *model = last.n_model_changes ? "auto" : pl_model_kind_name(last.model);
        pl_live_close(r.live);
        pl_session_finish(r.session, &r.last);
        pl_report_finish(r.log, &r.last);
        pl_app_voice_follow(r.voice, &r.last, r.log);
        if (!pl_app_voice_finish(r.voice, r.log, &err)) {
            pl_app_say("%s", err.text);
            ok = false;
        }
        fprintf(stderr, "%lld pictures measured, %lld dropped\n", (long long)r.n_seen, (long long)last.dropped);
        if (r.out.json && !pl_report_write_json(r.log, last.camera.source, model, r.out.json, &err)) {
            pl_app_say("%s", err.text);
            ok = false;
        }
    }
    if (!pl_app_outputs_close(&r.out, o, &err)) {
        if (err.text[0])
            pl_app_say("%s", err.text);
        ok = false;
    }
    pl_voice_close(r.voice);
    pl_screen_close(r.screen);
    pl_coach_close(r.coach);
    pl_session_close(r.session);
    pl_report_close(r.log);
    return ok ? PL_EXIT_DONE : PL_EXIT_INPUT;
}
