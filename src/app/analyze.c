/* analyze: recordings to data, without a screen. One input after the other; one that fails does not stop the rest. */
#include <math.h>
#include <string.h>

#include "internal.h"
#include "plumbline/clock.h"
#include "plumbline/report.h"
#include "plumbline/screen.h"
#include "plumbline/video.h"

/* What one input needs while it is worked on. */
struct job {
    const struct pl_app_options *o;
    struct pl_app_outputs *out;
    struct pl_camera *camera;
    struct pl_session *session;
    struct pl_log *log;
    struct pl_regions *regions;     /* --roi-from */
    struct pl_screen *screen;       /* --overlay */
    struct pl_coach *coach;         /* --overlay: as replay shows it */
    struct pl_coach_look look;
    struct pl_coach_view view;
    struct pl_video_writer *writer; /* --overlay */
    struct pl_voice *voice;         /* --voice, --voice-file */
};

static bool open_overlay(struct job *j, const struct pl_camera_info *info, struct pl_err *err)
{
    struct pl_screen_options so = { .title = "plumbline", .width_px = 1280, .height_px = 720, .mirror = j->o->mirror,
                                    .language = &j->o->language };

    const struct pl_coach_options ko = pl_app_coach_options(j->o, false);
    double fps = isfinite(info->fps) && info->fps > 0 ? info->fps : 30;
    if (!(j->coach = pl_coach_open(&ko)))
        return pl_fail(err, PL_E_MEMORY, "%s: out of memory", j->o->overlay);
    return pl_screen_open(&j->screen, &so, err) &&
           pl_video_writer_open(&j->writer, j->o->overlay, so.width_px, so.height_px, fps, err);
}

static bool open_job(struct job *j, const char *input, struct pl_err *err)
{
    struct pl_camera_options co = { .source = input };

    if (!pl_camera_open(&j->camera, &co, err))
        return false;
    const struct pl_camera_info *info = pl_camera_info(j->camera);
    if (info->live)
        return pl_fail(err, PL_E_ARG, "%s: is a camera; analyze takes recordings (plumbline live --camera %s)", input, input);
    struct pl_session_options so = pl_app_session_options(j->o, info->kind == PL_CAMERA_TABLE);
    if (!pl_session_open(&j->session, &so, err) || !pl_app_use_lens(j->session, j->o, info, err))
        return false;
    if (!(j->log = pl_report_open()))
        return pl_fail(err, PL_E_MEMORY, "%s: out of memory for the analysis", input);
    pl_report_language(j->log, &j->o->language);
    if (!pl_app_voice_open(&j->voice, j->o, false, err))
        return false;
    if (j->o->roi_from && !pl_regions_open(&j->regions, j->o->roi_from, err))
        return false;
    return !j->o->overlay || open_overlay(j, info, err);
}

static bool put_overlay(struct job *j, const struct pl_frame *frame, const struct pl_moment *m, const char *input,
                        struct pl_stage_times *watch, struct pl_err *err)
{
    const struct pl_camera_info *info = pl_camera_info(j->camera);
    struct pl_screen_status status = { .source = pl_app_file_name(input), .mode = info->mode, .measured_fps = NAN, .speed = 1,
                                       .duration_ns = info->duration_ns, .height_m = j->o->height_m, .coach = &j->view,
                                       .lens = pl_session_lens(j->session) };
    struct pl_frame picture;

    pl_coach_look(&j->look, frame);
    const struct pl_coach_input in = { .brightness = j->look.brightness, .noise = j->look.noise, .fps = NAN, .wanted_fps = NAN,
                                       .n_people = m->keypoints.present + m->keypoints.n_others };
    pl_coach_step(j->coach, m, &in, &j->view);
    pl_screen_draw(j->screen, frame, m, &status);
    pl_stage_lap(watch, PL_STAGE_DRAW);
    return pl_screen_picture(j->screen, &picture, err) && pl_video_writer_put(j->writer, &picture, err);
}

/* --roi-from: the frame's region; false: the reference knows of none, the frame is left out of inference */
static bool step(struct job *j, const struct pl_frame *frame, struct pl_moment *m)
{
    struct pl_region region = { NAN, NAN, NAN, NAN };

    if (!j->regions) {
        pl_session_step(j->session, frame, NULL, m);
        return true;
    }
    bool known = pl_regions_get(j->regions, frame->index, frame->width_px, frame->height_px, &region);
    pl_session_step(j->session, frame, &region, m); /* an unknown region is NAN: nobody in this frame */
    return known;
}

/* Everything that is wanted of one frame, written. */
static bool put_frame(struct job *j, const struct pl_frame *frame, const struct pl_moment *m, const char *input, struct pl_err *err)
{
    struct pl_stage_times watch = *pl_camera_times(j->camera);

    pl_stage_start(&watch);
    if (j->writer && !put_overlay(j, frame, m, input, &watch, err))
        return false;
    if (j->out->frames && !pl_report_csv_row(j->out->frames, m, j->o->raw))
        return pl_fail(err, PL_E_IO, "%s: cannot be written: is the disk full?", j->o->frames);
    pl_stage_lap(&watch, PL_STAGE_WRITE);
    pl_stage_add(&watch, pl_session_times(j->session));
    if (j->out->times)
        pl_report_trace_add(j->out->times, frame->t_ns, &watch);
    return true;
}

static bool run_job(struct job *j, const char *input, struct pl_err *err)
{
    struct pl_moment m = { 0 };
    struct pl_frame frame;
    enum pl_next next;

    for (;;) {
        int64_t began_ns = pl_clock_now_ns();
        next = pl_camera_next(j->camera, PL_NS_PER_S, &frame, err);
        if (next != PL_NEXT_FRAME)
            break;
        step(j, &frame, &m);
        pl_app_voice_follow(j->voice, &m, j->log);
        pl_report_add(j->log, &m, pl_session_pose_ns(j->session), pl_clock_now_ns() - began_ns);
        if (!put_frame(j, &frame, &m, input, err))
            return false;
    }
    pl_session_finish(j->session, &m);
    pl_report_finish(j->log, &m);
    pl_app_voice_follow(j->voice, &m, j->log);
    if (!pl_app_voice_finish(j->voice, j->log, err))
        return false;
    if (next == PL_NEXT_END && pl_camera_truncated(j->camera))
        return pl_fail(err, PL_E_FORMAT, "%s: breaks off after %.1f s; what came before was measured", input, pl_s_from_ns(m.t_ns));
    return next == PL_NEXT_END;
}

static void close_job(struct job *j)
{
    pl_video_writer_close(j->writer, NULL);
    pl_voice_close(j->voice);
    pl_screen_close(j->screen);
    pl_coach_close(j->coach);
    pl_regions_close(j->regions);
    pl_report_close(j->log);
    pl_session_close(j->session);
    pl_camera_close(j->camera);
}

static void say_summary(const struct pl_log *log, const char *input)
{
    printf("%s: %lld frames, person in %.0f %%, %d repetition%s", input, (long long)pl_report_n_frames(log),
           100 * pl_report_person_fraction(log), pl_report_n_reps(log), pl_report_n_reps(log) == 1 ? "" : "s");
    for (int i = 0; i < PL_N_PARTIALS; i++)
        if (pl_report_n_partials(log, (enum pl_partial_why)i))
            printf(", %d partial (%s)", pl_report_n_partials(log, (enum pl_partial_why)i), pl_partial_id((enum pl_partial_why)i));
    for (int i = 0; i < PL_N_FAULTS; i++)
        if (pl_report_n_faults(log, (enum pl_fault_kind)i))
            printf(", %d x %s", pl_report_n_faults(log, (enum pl_fault_kind)i), pl_fault_name((enum pl_fault_kind)i));
    printf("\n");
    pl_report_say_measures(log, stdout);
    pl_report_say_scores(log, stdout);
}

/* What was measured before an input failed is written all the same: nothing is lost. */
static bool analyze_one(const struct pl_app_options *o, struct pl_app_outputs *out, const char *input)
{
    struct job j = { .o = o, .out = out };
    struct pl_err err = { 0 };
    bool opened = open_job(&j, input, &err);
    bool ok = opened && run_job(&j, input, &err);

    if (!ok)
        pl_app_say("%s", err.text);
    if (opened && pl_report_n_frames(j.log)) {
        bool wrote = !out->json || pl_report_write_json(j.log, input, pl_model_kind_name(o->model), out->json, &err);
        if (wrote && j.writer) {
            wrote = pl_video_writer_close(j.writer, &err);
            j.writer = NULL;
        }
        if (!wrote)
            pl_app_say("%s", err.text);
        if (!o->json && !(o->frames && !strcmp(o->frames, "-")))
            say_summary(j.log, input);
        ok = ok && wrote;
    }
    close_job(&j);
    return ok;
}

int pl_app_analyze(const struct pl_app_options *o)
{
    struct pl_app_outputs out;
    struct pl_err err;
    bool ok = true;

    if (!pl_app_outputs_open(&out, o, &err)) {
        pl_app_say("%s", err.text);
        return PL_EXIT_INPUT;
    }
    for (int i = 0; i < o->n_inputs; i++)
        ok = analyze_one(o, &out, o->inputs[i]) && ok;
    if (!pl_app_outputs_close(&out, o, &err)) {
        if (err.text[0])
            pl_app_say("%s", err.text);
        ok = false;
    }
    return ok ? PL_EXIT_DONE : PL_EXIT_INPUT;
}
