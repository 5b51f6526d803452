/* calibrate: looking at recordings and at the camera until there is enough.
 *
 * Recordings are looked at frame by frame. In front of the camera the threads are live's (live.h): a frame that comes while the
 * last one is looked at is skipped, window and voice go on while one is looked at or none comes, and a camera that is gone, silent
 * or taken is waited for. Here, on the caller's thread, it is decided what a frame was good for. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "plumbline/calibrating.h"
#include "plumbline/clock.h"
#include "plumbline/handover.h"

/* src: own choice; long enough for fifteen views */
static const double live_s = 180;
static const int64_t say_again_ns = 3 * PL_NS_PER_S;
enum { TOUCHES_WISHED = 3, N_LOOKS = 64 };
static const double other_s = 20; /* after one knee, or one view of the body, for turning round and doing the other */
static const int64_t window_wait_ns = PL_NS_PER_S / 20, script_wait_ns = PL_NS_PER_S / 5;

/* What a frame showed of the board. */
struct look {
    bool ok;
    struct pl_err err;
    enum pl_board_seen seen;
    enum pl_board_wish missing;
    const char *wish;
    int n_views;
    int64_t t_ns;
};

struct watch {
    struct pl_app_calibration *c;
    bool live;
    struct pl_session *session;             /* NULL for the chessboard */
    struct pl_queue *looks;                 /* of struct look; NULL: no chessboard, or a recording's */
};

/* A line of progress: at once when it is another one, else now and then. */
static void progress(struct pl_app_calibration *c, int64_t t_ns, const char *text)
{
    if (!strcmp(text, c->said) && t_ns - c->said_ns < say_again_ns)
        return;
    snprintf(c->said, sizeof c->said, "%s", text);
    c->said_ns = t_ns;
    fprintf(stderr, "%s\n", text);
}

/* ---- the chessboard */

static bool keep_picture(struct pl_app_calibration *c, const struct pl_frame *f, struct pl_err *err)
{
    size_t row = (size_t)f->width_px * 3;
    uint8_t *pixels = c->picture.data ? (uint8_t *)c->picture.data : malloc(row * (size_t)f->height_px);

    if (!pixels)
        return pl_fail(err, PL_E_MEMORY, "out of memory for a picture");
    for (int y = 0; y < f->height_px; y++)
        memcpy(pixels + row * (size_t)y, f->data + f->stride * (size_t)y, row);
    c->picture = *f;
    c->picture.stride = row;
    c->picture.data = pixels;
    return true;
}

static struct look look_at_board(struct pl_app_calibration *c, const struct pl_frame *f)
{
    struct look l = { .seen = PL_BOARD_NOT_SEEN, .t_ns = f->t_ns };

    l.ok = pl_calibrate_camera_step(c->board, f, &l.seen, &l.err) &&
           (l.seen != PL_BOARD_TAKEN || keep_picture(c, f, &l.err));
    l.n_views = pl_calibrate_camera_n_views(c->board);
    l.missing = pl_calibrate_camera_missing(c->board);
    l.wish = pl_calibrate_camera_wish(c->board);
    return l;
}

/* The vision thread's: until it is joined the board is its own. */
static void look_live(void *context, const struct pl_frame *f)
{
    struct watch *w = context;

    if (pl_calibrate_camera_n_views(w->c->board) >= PL_VIEWS_WISHED)
        return;
    const struct look l = look_at_board(w->c, f);
    pl_queue_put(w->looks, &l);
}

/* Returns whether there is enough. */
static bool heed_look(struct watch *w, const struct look *l)
{
    const struct pl_ask ask = pl_ask_board(l->seen, l->missing, l->n_views);
    char line[200];

    pl_app_lead_step(&w->c->lead, &ask, l->t_ns);
    const bool enough = l->n_views >= PL_VIEWS_WISHED;
    if (l->seen == PL_BOARD_TAKEN)
        snprintf(line, sizeof line, "view %d of %d taken%s%s", l->n_views, PL_VIEWS_WISHED, enough ? "" : "; next: ",
                 enough ? "" : l->wish);
    else
        snprintf(line, sizeof line, "view %d of %d: %s", l->n_views + 1, PL_VIEWS_WISHED,
                 l->seen == PL_BOARD_NOT_SEEN ? "the whole board is not seen" : l->seen == PL_BOARD_MOVES ? "hold the board still"
                                                                              : l->wish);
    if (l->seen == PL_BOARD_TAKEN || w->live)
        progress(w->c, l->t_ns, line);
    return enough && w->live;
}

/* ---- the person */

static bool seen_from(const struct pl_app_calibration *c, enum pl_view view)
{
    for (int i = 0; i < c->n_stances; i++)
        if (c->stance[i].view == view)
            return true;
    return false;
}

static struct pl_ask ask_stance(const struct pl_app_calibration *c, const struct pl_moment *m)
{
    return pl_ask_stand(c->o->calibrate, &c->standing, seen_from(c, PL_VIEW_FRONT), seen_from(c, PL_VIEW_SIDE), m, &c->o->limits);
}

/* Of a recording what is there; live what is asked for: another view would tell nothing new, and a head out of the picture would
 * be found out when nobody can mend it any more. */
static bool is_wanted(const struct watch *w, const struct pl_stance *s, const struct pl_ask *asked)
{
    if (!w->live)
        return true;
    return !asked->blind && (w->c->o->calibrate == PL_CALIBRATION_ROOM ||
                             ((s->view == PL_VIEW_FRONT || s->view == PL_VIEW_SIDE) && !seen_from(w->c, s->view)));
}

/* Returns whether there is enough: a stance of a recording; live, of the body two, or one and a while of waiting for the other. */
static bool heed_stance(struct watch *w, const struct pl_moment *m)
{
    struct pl_app_calibration *c = w->c;
    struct pl_stance *s = &c->stance[c->n_stances];
    char line[200];

    const bool whole = pl_standing_watch(&c->standing, &m->keypoints, &m->pose, &c->o->limits, s);
    struct pl_ask ask = ask_stance(c, m);
    if (whole && is_wanted(w, s, &ask)) {
        snprintf(line, sizeof line, "stood still for %.1f s, %s view", (double)s->quiet_s, pl_view_name(s->view));
        progress(c, m->t_ns, line);
        c->n_stances++;
        c->seen_ns = m->t_ns;
        ask = ask_stance(c, m);
        pl_app_lead_step(&c->lead, &ask, m->t_ns);
        return !w->live || c->o->calibrate == PL_CALIBRATION_ROOM || c->n_stances == 2;
    }
    pl_app_lead_step(&c->lead, &ask, m->t_ns);
    if (c->standing.why == PL_REASON_STAND_STILL)
        snprintf(line, sizeof line, "stand still on both feet for two seconds");
    else
        snprintf(line, sizeof line, "%s", pl_reason_text(c->standing.why));
    if (w->live)
        progress(c, m->t_ns, line);
    return w->live && c->n_stances && m->t_ns - c->seen_ns > pl_ns_from_s(other_s);
}

/* Live, both knees, or one and a while of waiting for the other. */
static bool enough_touches(const struct watch *w, int64_t t_ns)
{
    int left = w->c->toe.side[PL_SIDE_LEFT].n_touches, right = w->c->toe.side[PL_SIDE_RIGHT].n_touches;

    if (!w->live)
        return false;
    return (left >= TOUCHES_WISHED && right >= TOUCHES_WISHED) ||
           ((left >= TOUCHES_WISHED || right >= TOUCHES_WISHED) && t_ns - w->c->seen_ns > pl_ns_from_s(other_s));
}

static bool heed_toe(struct watch *w, const struct pl_moment *m)
{
    struct pl_app_calibration *c = w->c;
    char line[200];

    const bool touched = pl_toe_test_step(&c->toe, &m->measures, &m->pose);
    const struct pl_ask ask = pl_ask_toe(&c->toe, m, touched, TOUCHES_WISHED);
    pl_app_lead_step(&c->lead, &ask, m->t_ns);
    if (!touched) {
        if (m->pose.view != PL_VIEW_SIDE && w->live)
            progress(c, m->t_ns, m->pose.person ? pl_reason_text(PL_REASON_TURN_SIDE_ON) : pl_reason_text(m->pose.reason));
        return enough_touches(w, m->t_ns);
    }
    c->seen_ns = m->t_ns;
    for (int side = 0; side < PL_N_SIDES; side++)
        if (side == (int)m->pose.near_side) {
            const struct pl_toe_side *t = &c->toe.side[side];
            snprintf(line, sizeof line, "%s knee, touch %d: read %+.1f %% of the foot", pl_side_name((enum pl_side)side),
                     t->n_touches, (double)t->touch[t->n_touches - 1]);
            progress(c, m->t_ns, line);
        }
    return enough_touches(w, m->t_ns);
}

static bool heed_moment(struct watch *w, const struct pl_moment *m)
{
    return w->c->o->calibrate == PL_CALIBRATION_TOE ? heed_toe(w, m) : heed_stance(w, m);
}

/* ---- opening */

/* What looks at the frames, and what leads. */
static bool open_watch(struct watch *w, const struct pl_camera_info *info, const char *input, struct pl_err *err)
{
    struct pl_app_calibration *c = w->c;

    w->live = info->live;
    fprintf(stderr, "%s (%s)\n", w->live ? info->name : input, info->mode);
    if (!c->leads && !(c->leads = pl_app_lead_open(&c->lead, c->o, w->live, err)))
        return false;
    if (c->width_px && info->width_px && (info->width_px != c->width_px || info->height_px != c->height_px))
        return pl_fail(err, PL_E_ARG, "%s: has pictures of %d x %d pixels, the others %d x %d", input, info->width_px,
                       info->height_px, c->width_px, c->height_px);
    snprintf(c->device, sizeof c->device, "%s", w->live ? info->name : c->o->device ? c->o->device : "recording");
    if (c->o->calibrate == PL_CALIBRATION_CAMERA) {
        char board[PATH_MAX];
        if (info->kind == PL_CAMERA_TABLE)
            return pl_fail(err, PL_E_ARG, "%s: has no pictures; a chessboard must be seen", input);
        if (w->live) {
            pl_app_chessboard(board);
            fprintf(stderr, "the board to hold into the picture, printed at 100 %%: %s\n", board);
        }
        if (w->live && !(w->looks = pl_queue_open(sizeof(struct look), N_LOOKS)))
            return pl_fail(err, PL_E_MEMORY, "out of memory for the chessboard's views");
        return c->board || pl_calibrate_camera_open(&c->board, c->o->square_m, info->kind == PL_CAMERA_IMAGES, err);
    }
    struct pl_session_options so = pl_app_session_options(c->o, info->kind == PL_CAMERA_TABLE);
    so.limits.left_knee_over_toe_offset_pct = so.limits.right_knee_over_toe_offset_pct = 0; /* what is to be found out */
    if (!pl_session_open(&w->session, &so, err) ||
        !pl_app_lens(&c->lens, c->o, w->live ? info->name : NULL, info->width_px, info->height_px, err))
        return false;
    pl_session_set_lens(w->session, &c->lens);
    c->lead.lens = &c->lens;
    return true;
}

static void close_watch(struct watch *w)
{
    pl_session_close(w->session);
    pl_queue_close(w->looks);
}

/* ---- recordings */

static bool watch_recording(struct watch *w, struct pl_camera *camera, const volatile sig_atomic_t *interrupted, struct pl_err *err)
{
    struct pl_app_calibration *c = w->c;
    struct pl_frame frame;
    struct pl_moment m = { 0 };
    enum pl_next next;

    while (!*interrupted && (next = pl_camera_next(camera, 0, &frame, err)) == PL_NEXT_FRAME) {
        c->width_px = frame.width_px;
        c->height_px = frame.height_px;
        if (c->o->calibrate == PL_CALIBRATION_CAMERA) {
            const struct look l = look_at_board(c, &frame);
            if (!l.ok) {
                *err = l.err;
                return false;
            }
            if (heed_look(w, &l))
                return true;
            continue;
        }
        pl_session_step(w->session, &frame, NULL, &m);
        if (heed_moment(w, &m))
            return true;
    }
    return *interrupted || next != PL_NEXT_FAILED;
}

bool pl_app_calibrate_recordings(struct pl_app_calibration *c, const volatile sig_atomic_t *interrupted, struct pl_err *err)
{
    bool ok = true;

    for (int i = 0; ok && i < c->o->n_inputs && c->n_stances < PL_APP_STANCES && !*interrupted; i++) {
        const struct pl_camera_options co = { .source = c->o->inputs[i] };
        struct watch w = { .c = c };
        struct pl_camera *camera = NULL;

        c->standing = (struct pl_standing){ 0 };
        ok = pl_camera_open(&camera, &co, err) && open_watch(&w, pl_camera_info(camera), c->o->inputs[i], err) &&
             watch_recording(&w, camera, interrupted, err);
        pl_camera_close(camera);
        close_watch(&w);
    }
    return ok;
}

/* ---- the camera */

static void wake_screen(void *screen)
{
    pl_screen_wake(screen);
}

/* Everything that was seen since the last call. */
static bool heed_all(struct watch *w, struct pl_live *live, int64_t wait_ns, bool *enough, struct pl_err *err)
{
    struct pl_live_result result;
    struct look look;

    while (!*enough && pl_live_next(live, wait_ns, &result)) {
        wait_ns = 0;
        *enough = w->session && heed_moment(w, &result.moment);
    }
    while (!*enough && w->looks && pl_queue_take(w->looks, &look, 0)) {
        if (!look.ok) {
            *err = look.err;
            return false;
        }
        *enough = heed_look(w, &look);
    }
    return true;
}

/* On stderr what the window shows as a card. */
static void tell(char *told, size_t size, const struct pl_live_status *s)
{
    if (!strcmp(s->problem, told))
        return;
    pl_app_say("%s", s->problem[0] ? s->problem : "the camera sends pictures again");
    snprintf(told, size, "%s", s->problem);
}

static bool watch_camera(struct watch *w, struct pl_live *live, const volatile sig_atomic_t *interrupted, struct pl_err *err)
{
    struct pl_app_calibration *c = w->c;
    struct pl_frame frame = { 0 };
    struct pl_moment moment;
    char told[sizeof((struct pl_live_status *)NULL)->problem] = "";
    const double most_s = c->o->seconds > 0 ? c->o->seconds : live_s;
    int64_t began_ns = pl_clock_now_ns(), before_ns = began_ns;
    bool seen = false, enough = false;

    while (!enough && !*interrupted) {
        if (!heed_all(w, live, c->lead.screen ? 0 : script_wait_ns, &enough, err))
            return false;
        const struct pl_live_status s = pl_live_status(live);
        const bool lost = s.state != PL_LIVE_RUNNING;
        tell(told, sizeof told, &s);
        seen = pl_live_picture(live, &frame, &moment) || seen;
        if (seen) {
            c->width_px = frame.width_px;
            c->height_px = frame.height_px;
        }
        if (!pl_app_lead_show(&c->lead, seen && !lost ? &frame : NULL, seen && !lost && w->session ? &moment : NULL, &s))
            return true;
        const int64_t now_ns = pl_clock_now_ns();
        if (lost && c->o->seconds <= 0) /* nobody can do anything meanwhile */
            began_ns += now_ns - before_ns;
        before_ns = now_ns;
        if (now_ns - began_ns > pl_ns_from_s(most_s))
            return true;
        if (c->lead.screen)
            pl_screen_wait(c->lead.screen, window_wait_ns);
    }
    return true;
}

bool pl_app_calibrate_live(struct pl_app_calibration *c, const volatile sig_atomic_t *interrupted, struct pl_err *err)
{
    struct watch w = { .c = c };
    struct pl_live *live = NULL;
    struct pl_live_options lo = { .camera = c->o->camera, .keep_trying = true, .wake = NULL };
    bool ok = pl_camera_open(&lo.opened, &lo.camera, err);

    if (!ok)
        return false;
    ok = open_watch(&w, pl_camera_info(lo.opened), lo.camera.source, err);
    if (!ok || !w.live) { /* --camera may name a recording */
        ok = ok && watch_recording(&w, lo.opened, interrupted, err);
        pl_camera_close(lo.opened);
    } else {
        if (c->lead.screen) {
            lo.wake = wake_screen;
            lo.context = c->lead.screen;
        }
        if (w.looks) {
            lo.look = look_live;
            lo.look_context = &w;
        }
        ok = pl_live_open(&live, w.session, &lo, err) && watch_camera(&w, live, interrupted, err);
        pl_live_close(live);
    }
    close_watch(&w);
    return ok;
}
