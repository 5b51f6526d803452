/* calibrate: makes the files that calibration.h describes, from recordings or from the camera.
 *
 * calibrate_watch.c looks; in front of the camera a window and the voice lead through it (calibrate_lead.c), and what happens is
 * said line by line on standard error, too. The result is written at the end and only if it is good; Ctrl-C, or q in the window,
 * ends it with what was seen so far. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "plumbline/calibrating.h"
#include "plumbline/video.h"

/* horizontal field of view of ordinary laptop cameras, degrees, and how far off that may be, of the focal length (95 %) */
static const double usual_fov_deg = 65, usual_focal_err = 0.15;

static volatile sig_atomic_t interrupted; /* set by the handler: the user says that it is enough */

static void on_signal(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

/* The last view of the board as it was, and beside it without its distortion. first: which of them is on the left.
 * own: data, free */
static bool before_and_after(struct pl_frame *out, struct pl_app_calibration *r, int first, struct pl_err *err)
{
    const struct pl_frame *before = &r->picture;
    struct pl_undistort *u = NULL;
    const size_t row = 3 * (size_t)before->width_px, h = (size_t)before->height_px;
    uint8_t *after = malloc(row * h), *both = malloc(2 * row * h);
    bool ok = after && both;

    if (!ok)
        pl_fail(err, PL_E_MEMORY, "out of memory for a picture");
    ok = ok && pl_opencv_undistort_open(&u, &r->lens, err) && pl_opencv_undistort_picture(u, after, before, err);
    for (size_t y = 0; ok && y < h; y++) {
        memcpy(both + 2 * row * y + (first ? row : 0), before->data + before->stride * y, row);
        memcpy(both + 2 * row * y + (first ? 0 : row), after + row * y, row);
    }
    pl_opencv_undistort_close(u);
    free(after);
    if (!ok) {
        free(both);
        return false;
    }
    *out = *before;
    out->width_px *= 2;
    out->stride *= 2;
    out->data = both;
    return true;
}

static bool write_picture(struct pl_app_calibration *r, struct pl_err *err)
{
    struct pl_frame f;
    bool ok = before_and_after(&f, r, 0, err);

    if (ok) {
        ok = pl_image_write_png(r->o->picture, &f, err);
        free((uint8_t *)f.data);
    }
    return ok;
}

/* What the picture's left and right edge see; infinitely far out it is 180. */
static double field_of_view_deg(const struct pl_lens *l)
{
    const struct pl_vec2 left = pl_lens_undistort(l, (struct pl_vec2){ 0, (float)l->cy_px });
    const struct pl_vec2 right = pl_lens_undistort(l, (struct pl_vec2){ (float)l->width_px, (float)l->cy_px });
    return (atan((l->cx_px - (double)left.x) / l->fx_px) + atan(((double)right.x - l->cx_px) / l->fx_px)) * 180 / PL_PI;
}

__attribute__((format(printf, 2, 3))) static void tell(struct pl_app_calibration *r, const char *fmt, ...)
{
    const size_t n = strlen(r->result);
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(r->result + n, sizeof r->result - n, fmt, ap);
    va_end(ap);
}

static bool finish_camera(struct pl_app_calibration *r, struct pl_calibration *out, struct pl_err *err)
{
    struct pl_camera_calibration *c = &out->camera;
    int left_out = 0;

    if (!pl_calibrate_camera_finish(c, &left_out, r->board, err))
        return false;
    memcpy(c->device.text, r->device, sizeof r->device);
    r->lens = pl_calibration_lens(c);
    tell(r, "reprojection error %.2f px, field of view %.1f degrees, focal length %.1f px (+- %.1f); %d views, %d left out",
         c->reprojection_px, field_of_view_deg(&r->lens), c->fx_px, 1.96 * c->focal_sd_px, c->views, left_out);
    return true;
}

static void tell_known(struct pl_app_calibration *r, const char *what, float v, const char *unit)
{
    if (!isnan(v))
        tell(r, "%s%s %.2f%s", r->result[0] ? ", " : "", what, (double)v, unit);
}

static bool finish_body(struct pl_app_calibration *r, struct pl_calibration *out, struct pl_err *err)
{
    struct pl_body_calibration *b = &out->body;

    if (!pl_calibrate_body(b, r->stance, r->n_stances, r->o->height_m, err))
        return false;
    tell_known(r, "stature", b->stature_m, " m");
    tell_known(r, "left leg", b->left_leg_m, " m");
    tell_known(r, "right leg", b->right_leg_m, " m");
    tell_known(r, "left foot", b->left_foot_m, " m");
    tell_known(r, "right foot", b->right_foot_m, " m");
    tell_known(r, "left knee inward", b->left_standing_fppa_deg, " degrees");
    tell_known(r, "right knee inward", b->right_standing_fppa_deg, " degrees");
    return true;
}

static bool finish_room(struct pl_app_calibration *r, struct pl_calibration *out, struct pl_err *err)
{
    const struct pl_lens *l = &r->lens;
    bool known = l->width_px > 0;
    struct pl_room_eye eye = {
        .focal_px = (float)(known ? l->fy_px : 0.5 * r->width_px / tan(usual_fov_deg * PL_PI / 360)),
        .focal_err_share = (float)(known ? 0.01 : usual_focal_err),
        .cx_px = (float)(known ? l->cx_px : 0.5 * r->width_px), .cy_px = (float)(known ? l->cy_px : 0.5 * r->height_px),
    };
    struct pl_room_calibration *c = &out->room;

    if (!r->n_stances)
        return pl_fail(err, PL_E_FORMAT, "nobody stood still on both feet for two seconds, with head and feet in the picture");
    if (!r->width_px || !r->height_px)
        return pl_fail(err, PL_E_ARG, "the recording does not say how large its pictures were");
    if (!pl_calibrate_room(c, &r->stance[r->n_stances - 1], r->o->height_m, &eye, err))
        return false;
    c->width_px = r->width_px;
    c->height_px = r->height_px;
    memcpy(c->device.text, r->device, sizeof r->device);
    tell(r, "camera %.2f m (+- %.2f) over the floor, looking %s by %.1f degrees (+- %.1f), %.2f m away; focal length %.0f px%s",
         (double)c->camera_height_m, (double)c->camera_height_err_m, c->tilt_deg < 0 ? "up" : "down", fabs((double)c->tilt_deg),
         (double)c->tilt_err_deg, (double)c->distance_m, (double)c->focal_px,
         known ? "" : " (guessed: plumbline calibrate camera makes this sharper)");
    return true;
}

static bool finish_toe(struct pl_app_calibration *r, struct pl_calibration *out, struct pl_err *err)
{
    struct pl_toe_calibration *t = &out->toe;

    if (!pl_calibrate_toe(t, &r->toe, err))
        return false;
    tell_known(r, "left offset", t->left_offset_pct, "");
    tell_known(r, "+-", t->left_spread_pct, "");
    tell_known(r, "right offset", t->right_offset_pct, "");
    tell_known(r, "+-", t->right_spread_pct, "");
    return true;
}

static void set_date(struct pl_calibration *c, struct pl_calibration_date today)
{
    switch (c->kind) {
    case PL_CALIBRATION_CAMERA: c->camera.date = today; break;
    case PL_CALIBRATION_ROOM:   c->room.date = today; break;
    case PL_CALIBRATION_BODY:   c->body.date = today; break;
    case PL_CALIBRATION_TOE:    c->toe.date = today; break;
    case PL_N_CALIBRATIONS:     break;
    }
}

static bool place(char *out, size_t size, const struct pl_app_options *o, struct pl_err *err)
{
    if (!o->result)
        return pl_calibration_path(out, size, o->calibrate, err);
    return (size_t)snprintf(out, size, "%s", o->result) < size || pl_fail(err, PL_E_IO, "%.60s...: too long a name", o->result);
}

/* Before anybody holds a board for two minutes: can a file be made there? */
static bool check_place(const char *path, struct pl_err *err)
{
    char folder[4096];
    struct stat st;
    int levels = 0;

    if (!*path)
        return pl_fail(err, PL_E_ARG, "the name of the result's file is empty");
    if (!stat(path, &st) && S_ISDIR(st.st_mode))
        return pl_fail(err, PL_E_IO, "%s: cannot be written: it is a folder", path);
    snprintf(folder, sizeof folder, "%s", path);
    do { /* up to the first that exists */
        char *slash = strrchr(folder, '/');
        if (slash)
            slash[slash == folder] = '\0';
        else
            snprintf(folder, sizeof folder, ".");
        levels++;
    } while (stat(folder, &st) && strcmp(folder, ".") && strcmp(folder, "/"));
    errno = S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
    if (!errno && !access(folder, W_OK))
        return true;
    return pl_fail(err, PL_E_IO, "%s: %s: %s", path, levels > 1 ? "the folder cannot be made" : "cannot be written",
                   strerror(errno));
}

static bool finish(struct pl_app_calibration *r, const char *path, struct pl_err *err)
{
    static bool (*const finishers[PL_N_CALIBRATIONS])(struct pl_app_calibration *, struct pl_calibration *, struct pl_err *) = {
        [PL_CALIBRATION_CAMERA] = finish_camera, [PL_CALIBRATION_ROOM] = finish_room,
        [PL_CALIBRATION_BODY] = finish_body, [PL_CALIBRATION_TOE] = finish_toe,
    };
    struct pl_calibration c = { .kind = r->o->calibrate };

    if (!finishers[c.kind](r, &c, err))
        return false;
    set_date(&c, pl_calibration_date_of(time(NULL)));
    if (!pl_calibration_write(path, &c, err))
        return false;
    printf("%s: %s\nwritten: %s\n", pl_calibration_name(c.kind), r->result, path);
    fflush(stdout);
    return true;
}

/* With the window still open: how it ended, and of the camera what the lens does to the board. */
static void show_end(struct pl_app_calibration *r, const char *problem)
{
    struct pl_frame both;
    struct pl_err err;
    const bool pictured = !problem && r->lead.screen && r->picture.data && before_and_after(&both, r, 1, &err);

    pl_app_lead_end(&r->lead, problem ? problem : r->result, !problem, pictured ? &both : NULL);
    if (pictured)
        free((uint8_t *)both.data);
}

int pl_app_calibrate(const struct pl_app_options *o)
{
    struct pl_app_calibration *r = calloc(1, sizeof *r);
    struct pl_err err = { 0 };
    char path[4096];
    /* a second one ends the program at once */
    const struct sigaction sa = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

    if (!r) {
        pl_app_say("out of memory");
        return PL_EXIT_INPUT;
    }
    r->o = o;
    sigaction(SIGINT, &sa, NULL);
    bool ok = place(path, sizeof path, o, &err) && check_place(path, &err) &&
              (o->n_inputs ? pl_app_calibrate_recordings(r, &interrupted, &err) : pl_app_calibrate_live(r, &interrupted, &err)) &&
              finish(r, path, &err);
    if (!ok)
        pl_app_say("calibrate %s: %s", pl_calibration_name(o->calibrate), err.text);
    if (r->leads && !interrupted)
        show_end(r, ok ? NULL : err.text);
    if (ok && o->picture && !write_picture(r, &err)) { /* what was measured is kept */
        pl_app_say("%s", err.text);
        ok = false;
    }
    if (!pl_app_lead_close(&r->lead, &err)) {
        pl_app_say("%s", err.text);
        ok = false;
    }
    pl_calibrate_camera_close(r->board);
    free((uint8_t *)r->picture.data);
    free(r);
    return ok ? PL_EXIT_DONE : PL_EXIT_INPUT;
}
