/* What several commands share: folders, session options, output files. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "plumbline/cpu.h"
#include "plumbline/nn.h"
#include "plumbline/report.h"

static bool is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool pl_app_find_dir(char *out, size_t size, const char *name)
{
    static const char *const beside[] = { "..", "../..", "../share/plumbline" }; /* of the executable: build/, build/san-x/, bin/ */
    char exe[PATH_MAX - 64];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);

    if (n > 0) {
        exe[n] = 0;
        char *slash = strrchr(exe, '/');
        if (slash)
            *slash = 0;
        for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
            snprintf(out, size, "%s/%s/%s", exe, beside[i], name);
            if (is_dir(out))
                return true;
        }
    }
    snprintf(out, size, "%s/%s", PL_DATADIR, name);
    return is_dir(out);
}

void pl_app_chessboard(char out[PATH_MAX])
{
    char folder[PATH_MAX - 32], path[PATH_MAX];

    (void)!pl_app_find_dir(folder, sizeof folder, "calibration");
    snprintf(path, sizeof path, "%s/chessboard.svg", folder);
    if (!realpath(path, out))
        memcpy(out, path, sizeof path);
}

const char *pl_app_file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

const char *pl_app_kernels(const struct pl_app_options *o)
{
    return pl_cpu_name(pl_nn_levels(o->cpu));
}

/* A calibration of the user's folder; false: there is none, or it does not fit, which is said. */
static bool read_users(struct pl_calibration *out, enum pl_calibration_kind kind, const char *device, int width_px, int height_px)
{
    struct pl_calibration_need need = { device, width_px, height_px, pl_calibration_date_of(time(NULL)),
                                        pl_calibration_max_age_days(kind) };
    struct pl_err err = { 0 };
    char path[4096];

    if (!pl_calibration_path(path, sizeof path, kind, &err) || access(path, F_OK))
        return false;
    if (pl_calibration_read(out, kind, path, &need, &err))
        return true;
    pl_app_say("not used: %s", err.text);
    return false;
}

bool pl_app_lens(struct pl_lens *out, const struct pl_app_options *o, const char *device, int width_px, int height_px,
                 struct pl_err *err)
{
    struct pl_calibration_need need = { device, width_px, height_px, pl_calibration_date_of(time(NULL)), 0 };
    struct pl_calibration c;

    *out = (struct pl_lens){ 0 };
    if (o->camera_calibration) {
        if (!device && !width_px)
            return pl_fail(err, PL_E_ARG, "--camera-calibration: the recording does not say how large its pictures were");
        if (!pl_calibration_read(&c, PL_CALIBRATION_CAMERA, o->camera_calibration, &need, err))
            return false;
        *out = pl_calibration_lens(&c.camera);
    } else if (device && read_users(&c, PL_CALIBRATION_CAMERA, device, width_px, height_px)) {
        *out = pl_calibration_lens(&c.camera);
    }
    return true;
}

bool pl_app_room(struct pl_room_calibration *out, const char *device, int width_px, int height_px)
{
    struct pl_calibration c;

    if (!read_users(&c, PL_CALIBRATION_ROOM, device, width_px, height_px))
        return false;
    *out = c.room;
    return true;
}

bool pl_app_use_lens(struct pl_session *session, const struct pl_app_options *o, const struct pl_camera_info *info,
                     struct pl_err *err)
{
    struct pl_lens lens;

    if (!pl_app_lens(&lens, o, info->live ? info->name : NULL, info->width_px, info->height_px, err))
        return false;
    pl_session_set_lens(session, &lens);
    return true;
}

void pl_app_use_body(struct pl_limits *limits, float *height_m)
{
    struct pl_calibration c;

    if (isnan(*height_m) && read_users(&c, PL_CALIBRATION_BODY, NULL, 0, 0))
        *height_m = c.body.stature_m;
    float *left = &limits->left_knee_over_toe_offset_pct, *right = &limits->right_knee_over_toe_offset_pct;
    if (*left == 0 && *right == 0 && read_users(&c, PL_CALIBRATION_TOE, NULL, 0, 0)) {
        float l = c.toe.left_offset_pct, r = c.toe.right_offset_pct;
        /* a knee that was not tested: shoes and network are the same */
        *left = isnan(l) ? isnan(r) ? 0 : r : l;
        *right = isnan(r) ? isnan(l) ? 0 : l : r;
    }
}

const char *pl_app_card(const struct pl_app_options *o, const struct pl_live_status *s)
{
    return pl_language_text(&o->language, s->card);
}

const char *pl_app_mode(char out[PL_SENTENCE_BYTES], const struct pl_app_options *o, const struct pl_live_status *s)
{
    if (!s->hint[0])
        return s->camera.mode;
    pl_language_write(out, PL_SENTENCE_BYTES, &o->language, PL_SAY_SLOW_DARK, &(int){ (int)lroundf(s->measured_fps) }, 1);
    return out;
}

struct pl_session_options pl_app_session_options(const struct pl_app_options *o, bool no_model)
{
    return (struct pl_session_options){
        .tracker = { .models_dir = o->models_dir, .model = o->model, .cpu = o->cpu, .threads = o->threads,
                     .roi_only = o->roi_from != NULL, .stickers = o->stickers || o->limits.stickers > 0 },
        .no_model = no_model,
        .exercise = o->exercise,
        .limits = o->limits,
    };
}

struct pl_coach_options pl_app_coach_options(const struct pl_app_options *o, bool hands)
{
    return (struct pl_coach_options){ .exercise = o->exercise, .limits = o->limits, .plan = o->plan, .hands = hands };
}

static bool open_output(FILE **out, const char *path, struct pl_err *err)
{
    if (!path)
        return true;
    *out = strcmp(path, "-") ? fopen(path, "w") : stdout;
    if (*out)
        return true;
    return pl_fail(err, PL_E_IO, "%s: cannot be written (%s); choose another place", path, strerror(errno));
}

static bool close_output(FILE *f, const char *path, struct pl_err *err)
{
    if (!f)
        return true;
    bool ok = fflush(f) == 0 && !ferror(f);
    if (f != stdout)
        ok = fclose(f) == 0 && ok;
    return ok || pl_fail(err, PL_E_IO, "%s: not everything could be written: is the disk full?", path);
}

bool pl_app_outputs_open(struct pl_app_outputs *out, const struct pl_app_options *o, struct pl_err *err)
{
    *out = (struct pl_app_outputs){ 0 };
    if (open_output(&out->json, o->json, err) && open_output(&out->frames, o->frames, err) &&
        open_output(&out->trace, o->trace, err) &&
        (!out->frames || pl_report_csv_header(out->frames) ||
         pl_fail(err, PL_E_IO, "%s: cannot be written: is the disk full?", o->frames)) &&
        (!out->trace || (out->times = pl_report_trace_open(out->trace)) ||
         pl_fail(err, PL_E_MEMORY, "out of memory for %s", o->trace)))
        return true;
    pl_app_outputs_close(out, o, NULL);
    return false;
}

bool pl_app_outputs_close(struct pl_app_outputs *out, const struct pl_app_options *o, struct pl_err *err)
{
    pl_report_trace_finish(out->times, stderr);
    pl_report_trace_close(out->times);
    /* whoever wrote has said it */
    const bool told = (out->json && ferror(out->json)) || (out->frames && ferror(out->frames));
    bool json = close_output(out->json, o->json, err), frames = close_output(out->frames, o->frames, err);
    bool trace = close_output(out->trace, o->trace, err);
    *out = (struct pl_app_outputs){ 0 };
    if (told && trace && err)
        err->text[0] = '\0';
    return json && frames && trace;
}
