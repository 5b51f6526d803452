/* calibrate: makes the files that calibration.h describes, from recordings or from the camera.
 *
 * One thread: a frame that comes while the last one is looked at is skipped. In front of the camera a window and the voice lead
 * through it (calibrate_lead.c); what happens is said line by line on standard error, too. The result is written at the end and
 * only if it is good; Ctrl-C, or q in the window, ends it with what was seen so far. */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "plumbline/calibrating.h"
#include "plumbline/clock.h"
#include "plumbline/video.h"

/* src: own choice; long enough for fifteen views */
static const double live_s = 180;
static const int64_t say_again_ns = 3 * PL_NS_PER_S;
/* horizontal field of view of ordinary laptop cameras, degrees, and how far off that may be, of the focal length (95 %) */
static const double usual_fov_deg = 65, usual_focal_err = 0.15;
enum { MAX_STANCES = 8, TOUCHES_WISHED = 3 };
static const double other_s = 20; /* after one knee, or one view of the body, for turning round and doing the other */
static const int64_t wait_ns = PL_NS_PER_S / 10; /* for a frame: the window answers in between */

static volatile sig_atomic_t interrupted; /* set by the handler: the user says that it is enough */

static void on_signal(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

struct calibration_run {
    const struct pl_app_options *o;
    struct pl_camera *camera;
    struct pl_session *session;             /* NULL for the chessboard */
    struct pl_calibrate_camera *board;
    struct pl_standing *standing;
    struct pl_stance stance[MAX_STANCES];
    int n_stances;
    struct pl_toe_test toe;
    int64_t seen_ns;                        /* when the last touch ended, or the last stance */
    struct pl_app_lead lead;
    bool leads;                             /* it is open */
    struct pl_ask step;                    /* what the newest frame asks for */
    struct pl_lens lens;                    /* width 0: not known */
    struct pl_frame picture;                /* --picture: the board's last good view; owns its pixels */
    char device[128];
    int width_px, height_px;
    char said[200];
    int64_t said_ns;
};

/* A line of progress: at once when it is another one, else now and then. */
static void progress(struct calibration_run *r, int64_t t_ns, const char *text)
{
    if (!strcmp(text, r->said) && t_ns - r->said_ns < say_again_ns)
        return;
    snprintf(r->said, sizeof r->said, "%s", text);
    r->said_ns = t_ns;
    fprintf(stderr, "%s\n", text);
}

static bool keep_picture(struct calibration_run *r, const struct pl_frame *f, struct pl_err *err)
{
    size_t row = (size_t)f->width_px * 3;
    uint8_t *pixels = r->picture.data ? (uint8_t *)r->picture.data : malloc(row * (size_t)f->height_px);

    if (!pixels)
        return pl_fail(err, PL_E_MEMORY, "out of memory for a picture");
    for (int y = 0; y < f->height_px; y++)
        memcpy(pixels + row * (size_t)y, f->data + f->stride * (size_t)y, row);
    r->picture = *f;
    r->picture.stride = row;
    r->picture.data = pixels;
    return true;
}

/* Returns whether there is enough. */
static bool step_camera(struct calibration_run *r, const struct pl_frame *f, struct pl_err *err, bool *ok)
{
    enum pl_board_seen seen = PL_BOARD_NOT_SEEN;
    char line[200];

    *ok = pl_calibrate_camera_step(r->board, f, &seen, err) &&
          (seen != PL_BOARD_TAKEN || !r->o->picture || keep_picture(r, f, err));
    if (!*ok)
        return true;
    int n = pl_calibrate_camera_n_views(r->board);
    r->step = pl_ask_board(seen, pl_calibrate_camera_missing(r->board), n);
    if (seen == PL_BOARD_TAKEN)
        snprintf(line, sizeof line, "view %d of %d taken; next: %s", n, PL_VIEWS_WISHED, pl_calibrate_camera_wish(r->board));
    else
        snprintf(line, sizeof line, "view %d of %d: %s", n + 1, PL_VIEWS_WISHED,
                 seen == PL_BOARD_NOT_SEEN ? "the whole board is not seen" : seen == PL_BOARD_MOVES ? "hold the board still"
                                                                           : pl_calibrate_camera_wish(r->board));
    if (seen == PL_BOARD_TAKEN || pl_camera_info(r->camera)->live)
        progress(r, f->t_ns, line);
    return n >= PL_VIEWS_WISHED && pl_camera_info(r->camera)->live;
}

static bool seen_from(const struct calibration_run *r, enum pl_view view)
{
    for (int i = 0; i < r->n_stances; i++)
        if (r->stance[i].view == view)
            return true;
    return false;
}

static struct pl_ask ask_stance(const struct calibration_run *r, const struct pl_moment *m)
{
    return pl_ask_stand(r->o->calibrate, r->standing, seen_from(r, PL_VIEW_FRONT), seen_from(r, PL_VIEW_SIDE), m, &r->o->limits);
}

/* Of a recording what is there; live what is asked for: another view would tell nothing new, and a head out of the picture would
 * be found out when nobody can mend it any more. */
static bool is_wanted(const struct calibration_run *r, const struct pl_stance *s, const struct pl_ask *asked)
{
    if (!pl_camera_info(r->camera)->live)
        return true;
    return !asked->blind && (r->o->calibrate == PL_CALIBRATION_ROOM ||
                             ((s->view == PL_VIEW_FRONT || s->view == PL_VIEW_SIDE) && !seen_from(r, s->view)));
}

/* Returns whether there is enough: a stance of a recording; live, of the body two, or one and a while of waiting for the other. */
static bool step_stance(struct calibration_run *r, const struct pl_moment *m)
{
    const bool live = pl_camera_info(r->camera)->live;
    struct pl_stance *s = &r->stance[r->n_stances];
    char line[200];

    const bool whole = pl_standing_watch(r->standing, &m->keypoints, &m->pose, &r->o->limits, s);
    r->step = ask_stance(r, m);
    if (whole && is_wanted(r, s, &r->step)) {
        snprintf(line, sizeof line, "stood still for %.1f s, %s view", (double)s->quiet_s, pl_view_name(s->view));
        progress(r, m->t_ns, line);
        r->n_stances++;
        r->seen_ns = m->t_ns;
        r->step = ask_stance(r, m);
        return !live || r->o->calibrate == PL_CALIBRATION_ROOM || r->n_stances == 2;
    }
    if (r->standing->why == PL_REASON_STAND_STILL)
        snprintf(line, sizeof line, "stand still on both feet for two seconds");
    else
        snprintf(line, sizeof line, "%s", pl_reason_text(r->standing->why));
    if (live)
        progress(r, m->t_ns, line);
    return live && r->n_stances && m->t_ns - r->seen_ns > pl_ns_from_s(other_s);
}

static void step_toe(struct calibration_run *r, const struct pl_moment *m)
{
    char line[200];

    const bool touched = pl_toe_test_step(&r->toe, &m->measures, &m->pose);
    r->step = pl_ask_toe(&r->toe, m, touched, TOUCHES_WISHED);
    if (!touched) {
        if (m->pose.view != PL_VIEW_SIDE && pl_camera_info(r->camera)->live)
            progress(r, m->t_ns, m->pose.person ? pl_reason_text(PL_REASON_TURN_SIDE_ON) : pl_reason_text(m->pose.reason));
        return;
    }
    r->seen_ns = m->t_ns;
    for (int side = 0; side < PL_N_SIDES; side++)
        if (side == (int)m->pose.near_side) {
            const struct pl_toe_side *t = &r->toe.side[side];
            snprintf(line, sizeof line, "%s knee, touch %d: read %+.1f %% of the foot", pl_side_name((enum pl_side)side),
                     t->n_touches, (double)t->touch[t->n_touches - 1]);
            progress(r, m->t_ns, line);
        }
}

/* Both knees, or one and a while of waiting for the other. */
static bool enough_touches(const struct calibration_run *r, int64_t t_ns)
{
    int left = r->toe.side[PL_SIDE_LEFT].n_touches, right = r->toe.side[PL_SIDE_RIGHT].n_touches;

    if (!pl_camera_info(r->camera)->live)
        return false;
    return (left >= TOUCHES_WISHED && right >= TOUCHES_WISHED) ||
           ((left >= TOUCHES_WISHED || right >= TOUCHES_WISHED) && t_ns - r->seen_ns > pl_ns_from_s(other_s));
}

/* Returns whether there is enough; *ok false: failed. */
static bool step(struct calibration_run *r, const struct pl_frame *f, struct pl_moment *m, struct pl_err *err, bool *ok)
{
    *ok = true;
    if (r->o->calibrate == PL_CALIBRATION_CAMERA)
        return step_camera(r, f, err, ok);
    pl_session_step(r->session, f, NULL, m);
    if (r->o->calibrate == PL_CALIBRATION_TOE) {
        step_toe(r, m);
        return enough_touches(r, m->t_ns);
    }
    return step_stance(r, m);
}

static bool open_input(struct calibration_run *r, const char *input, struct pl_err *err)
{
    struct pl_camera_options co = r->o->camera;

    if (input)
        co = (struct pl_camera_options){ .source = input };
    if (!pl_camera_open(&r->camera, &co, err))
        return false;
    const struct pl_camera_info *info = pl_camera_info(r->camera);
    fprintf(stderr, "%s (%s)\n", info->live ? info->name : input, info->mode);
    if (!r->leads && !(r->leads = pl_app_lead_open(&r->lead, r->o, info, err)))
        return false;
    if (r->width_px && info->width_px && (info->width_px != r->width_px || info->height_px != r->height_px))
        return pl_fail(err, PL_E_ARG, "%s: has pictures of %d x %d pixels, the others %d x %d", input, info->width_px,
                       info->height_px, r->width_px, r->height_px);
    snprintf(r->device, sizeof r->device, "%s", info->live ? info->name : r->o->device ? r->o->device : "recording");
    if (r->o->calibrate == PL_CALIBRATION_CAMERA) {
        if (info->kind == PL_CAMERA_TABLE)
            return pl_fail(err, PL_E_ARG, "%s: has no pictures; a chessboard must be seen", input);
        return r->board || pl_calibrate_camera_open(&r->board, r->o->square_m, info->kind == PL_CAMERA_IMAGES, err);
    }
    struct pl_session_options so = pl_app_session_options(r->o, info->kind == PL_CAMERA_TABLE);
    so.limits.left_knee_over_toe_offset_pct = so.limits.right_knee_over_toe_offset_pct = 0; /* what is to be found out */
    if (!pl_session_open(&r->session, &so, err) ||
        !pl_app_lens(&r->lens, r->o, info->live ? info->name : NULL, info->width_px, info->height_px, err))
        return false;
    pl_session_set_lens(r->session, &r->lens);
    r->lead.lens = &r->lens;
    return true;
}

static void close_input(struct calibration_run *r)
{
    pl_session_close(r->session);
    pl_camera_close(r->camera);
    r->session = NULL;
    r->camera = NULL;
}

static bool watch_input(struct calibration_run *r, const char *input, struct pl_err *err)
{
    struct pl_moment m = { 0 };
    struct pl_frame frame;
    int64_t began_ns = pl_clock_now_ns();
    enum pl_next next = PL_NEXT_NONE;
    bool ok = open_input(r, input, err), enough = false;
    double most_s = r->o->seconds > 0 ? r->o->seconds : live_s;

    while (ok && !enough && !interrupted) {
        bool live = pl_camera_info(r->camera)->live;
        next = pl_camera_next(r->camera, wait_ns, &frame, err);
        if (next == PL_NEXT_END || (live && pl_clock_now_ns() - began_ns > pl_ns_from_s(most_s)))
            break;
        if (next == PL_NEXT_FAILED)
            ok = false;
        if (next == PL_NEXT_FRAME) {
            r->width_px = frame.width_px;
            r->height_px = frame.height_px;
            enough = step(r, &frame, &m, err, &ok);
        }
        const bool new = ok && next == PL_NEXT_FRAME;
        if (!pl_app_lead_step(&r->lead, new ? &r->step : NULL, new ? &frame : NULL, new && r->session ? &m : NULL))
            break;
    }
    close_input(r);
    return ok;
}

/* Left the picture as it was, right without its distortion. */
static bool write_picture(struct calibration_run *r, const struct pl_camera_calibration *c, struct pl_err *err)
{
    struct pl_lens lens = pl_calibration_lens(c);
    struct pl_undistort *u = NULL;
    const size_t row = 3 * (size_t)lens.width_px, h = (size_t)lens.height_px;
    uint8_t *straight = malloc(row * h), *both = malloc(2 * row * h);
    bool ok = straight && both;

    if (!ok)
        pl_fail(err, PL_E_MEMORY, "out of memory for a picture");
    ok = ok && pl_opencv_undistort_open(&u, &lens, err) && pl_opencv_undistort_picture(u, straight, &r->picture, err);
    for (size_t y = 0; ok && y < h; y++) {
        memcpy(both + 2 * row * y, r->picture.data + r->picture.stride * y, row);
        memcpy(both + 2 * row * y + row, straight + row * y, row);
    }
    struct pl_frame f = { .width_px = 2 * lens.width_px, .height_px = lens.height_px, .stride = 2 * row,
                          .pixels = r->picture.pixels, .data = both };
    ok = ok && pl_image_write_png(r->o->picture, &f, err);
    pl_opencv_undistort_close(u);
    free(straight);
    free(both);
    return ok;
}

static bool finish_camera(struct calibration_run *r, struct pl_calibration *out, struct pl_err *err)
{
    struct pl_camera_calibration *c = &out->camera;
    int left_out = 0;

    if (!pl_calibrate_camera_finish(c, &left_out, r->board, err) || (r->o->picture && !write_picture(r, c, err)))
        return false;
    memcpy(c->device.text, r->device, sizeof r->device);
    printf("camera: focal length %.1f px (+- %.1f), field of view %.1f degrees; %d views, %d left out; reprojection error %.2f "
           "px\n", c->fx_px, 1.96 * c->focal_sd_px, 2 * atan(c->width_px / (2 * c->fx_px)) * 180 / PL_PI, c->views, left_out,
           c->reprojection_px);
    return true;
}

static void say_known(const char *what, float v, const char *unit)
{
    if (!isnan(v))
        printf(", %s %.2f%s", what, (double)v, unit);
}

static bool finish_body(struct calibration_run *r, struct pl_calibration *out, struct pl_err *err)
{
    struct pl_body_calibration *b = &out->body;

    if (!pl_calibrate_body(b, r->stance, r->n_stances, r->o->height_m, err))
        return false;
    printf("body: stature %.2f m", (double)b->stature_m);
    say_known("left leg", b->left_leg_m, " m");
    say_known("right leg", b->right_leg_m, " m");
    say_known("left foot", b->left_foot_m, " m");
    say_known("right foot", b->right_foot_m, " m");
    say_known("left knee inward", b->left_standing_fppa_deg, " degrees");
    say_known("right knee inward", b->right_standing_fppa_deg, " degrees");
    putchar('\n');
    return true;
}

static bool finish_room(struct calibration_run *r, struct pl_calibration *out, struct pl_err *err)
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
    printf("room: camera %.2f m (+- %.2f) over the floor, looking down by %.1f degrees (+- %.1f), %.2f m away; focal length %.0f "
           "px%s\n", (double)c->camera_height_m, (double)c->camera_height_err_m, (double)c->tilt_deg, (double)c->tilt_err_deg,
           (double)c->distance_m, (double)c->focal_px, known ? "" : " (guessed: plumbline calibrate camera makes this sharper)");
    return true;
}

static bool finish_toe(struct calibration_run *r, struct pl_calibration *out, struct pl_err *err)
{
    struct pl_toe_calibration *t = &out->toe;

    if (!pl_calibrate_toe(t, &r->toe, err))
        return false;
    printf("toe: in percent of the foot");
    say_known("left offset", t->left_offset_pct, "");
    say_known("+-", t->left_spread_pct, "");
    say_known("right offset", t->right_offset_pct, "");
    say_known("+-", t->right_spread_pct, "");
    putchar('\n');
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

static bool finish(struct calibration_run *r, struct pl_err *err)
{
    static bool (*const finishers[PL_N_CALIBRATIONS])(struct calibration_run *, struct pl_calibration *, struct pl_err *) = {
        [PL_CALIBRATION_CAMERA] = finish_camera, [PL_CALIBRATION_ROOM] = finish_room,
        [PL_CALIBRATION_BODY] = finish_body, [PL_CALIBRATION_TOE] = finish_toe,
    };
    struct pl_calibration c = { .kind = r->o->calibrate };
    char path[4096];

    if (r->o->result)
        snprintf(path, sizeof path, "%s", r->o->result);
    else if (!pl_calibration_path(path, sizeof path, c.kind, err))
        return false;
    if (!finishers[c.kind](r, &c, err))
        return false;
    set_date(&c, pl_calibration_date_of(time(NULL)));
    if (!pl_calibration_write(path, &c, err))
        return false;
    printf("written: %s\n", path);
    return true;
}

int pl_app_calibrate(const struct pl_app_options *o)
{
    struct calibration_run r = { .o = o };
    struct pl_err err = { 0 };
    bool ok = true;

    struct sigaction sa = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND }; /* a second one ends the program at once */

    sigaction(SIGINT, &sa, NULL);
    r.standing = calloc(1, sizeof *r.standing);
    if (!r.standing)
        ok = pl_fail(&err, PL_E_MEMORY, "out of memory");
    for (int i = 0; ok && (i < o->n_inputs || (i == 0 && !o->n_inputs)) && r.n_stances < MAX_STANCES; i++) {
        *r.standing = (struct pl_standing){ 0 };
        ok = watch_input(&r, o->n_inputs ? o->inputs[i] : NULL, &err);
    }
    ok = ok && finish(&r, &err);
    if (!ok)
        pl_app_say("calibrate %s: %s", pl_calibration_name(o->calibrate), err.text);
    if (r.leads && !interrupted)
        pl_app_lead_end(&r.lead, ok ? NULL : err.text);
    if (!pl_app_lead_close(&r.lead, &err)) {
        pl_app_say("%s", err.text);
        ok = false;
    }
    pl_calibrate_camera_close(r.board);
    free((uint8_t *)r.picture.data);
    free(r.standing);
    return ok ? PL_EXIT_DONE : PL_EXIT_INPUT;
}
