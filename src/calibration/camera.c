/* Views of the chessboard -> a lens. A view is worth taking when it differs from all that are there: in where the board is, how
 * large, or how it is tilted (as the sides of its outline differ). */
#include <math.h>
#include <stdlib.h>

#include "plumbline/calibrating.h"

enum { N_CORNERS = PL_BOARD_COLS * PL_BOARD_ROWS, N_LOOKS = 5, N_WISHES = PL_WISH_OTHER };

/* How a view looks: centre and size as shares of the picture's width, and by how much the left side of the outline is longer than
 * the right, the upper longer than the lower. */
struct look { float v[N_LOOKS]; };
static const float new_look[N_LOOKS] = { 0.1f, 0.1f, 0.1f, 0.08f, 0.08f }; /* src: own choice: 15 such views cover a picture */
/* of the picture's width from frame to frame; a shutter of 1/60 s then blurs by half of it */
static const float still_share = 0.004f;
static const int64_t together_ns = PL_NS_PER_S; /* a busy machine looks at few frames; what is where it was has been held */
static const double least_reach = 0.6; /* src: own choice; beyond it the polynomial is a guess */

struct pl_calibrate_camera {
    struct pl_board board;
    bool stills;
    bool moved;                     /* the board was seen, but not held still */
    int width_px, height_px, n;
    int64_t last_ns;                /* of the board in the frame before */
    struct pl_board_view now, last; /* last.n = 0: no board in the frame before */
    struct pl_board_view view[PL_BOARD_VIEWS_MAX];
    struct look look[PL_BOARD_VIEWS_MAX];
    struct pl_lens_fit fit;
};

bool pl_calibrate_camera_open(struct pl_calibrate_camera **out, double square_m, bool stills, struct pl_err *err)
{
    struct pl_calibrate_camera *c = calloc(1, sizeof *c);
    if (!c)
        return pl_fail(err, PL_E_MEMORY, "out of memory for the chessboard's views");
    c->board = (struct pl_board){ PL_BOARD_COLS, PL_BOARD_ROWS, (float)square_m };
    c->stills = stills;
    *out = c;
    return true;
}

void pl_calibrate_camera_close(struct pl_calibrate_camera *c)
{
    free(c);
}

int pl_calibrate_camera_n_views(const struct pl_calibrate_camera *c)
{
    return c->n;
}

static float side(const struct pl_board_view *v, int from, int to)
{
    return hypotf(v->at[from].x - v->at[to].x, v->at[from].y - v->at[to].y);
}

static struct look look_of(const struct pl_board_view *v, float width_px)
{
    enum { A = 0, B = PL_BOARD_COLS - 1, C = N_CORNERS - PL_BOARD_COLS, D = N_CORNERS - 1 };
    float upper = side(v, A, B), lower = side(v, C, D), left = side(v, A, C), right = side(v, B, D), x = 0, y = 0;
    for (int i = 0; i < N_CORNERS; i++) {
        x += v->at[i].x / N_CORNERS;
        y += v->at[i].y / N_CORNERS;
    }
    return (struct look){ { x / width_px, y / width_px, (upper + lower) / (2 * width_px), 2 * (left - right) / (left + right),
                            2 * (upper - lower) / (upper + lower) } };
}

static bool is_new(const struct pl_calibrate_camera *c, const struct look *l)
{
    for (int i = 0; i < c->n; i++) {
        bool differs = false;
        for (int k = 0; k < N_LOOKS; k++)
            differs = differs || fabsf(l->v[k] - c->look[i].v[k]) > new_look[k];
        if (!differs)
            return false;
    }
    return true;
}

/* The finder may begin at either end; from the upper one, looks of views can be compared. */
static void from_above(struct pl_board_view *v)
{
    if (v->n < 2 || v->at[0].y + v->at[PL_BOARD_COLS - 1].y <= v->at[v->n - 1].y + v->at[v->n - PL_BOARD_COLS].y)
        return;
    for (int i = 0, k = v->n - 1; i < k; i++, k--) {
        struct pl_vec2 p = v->at[i];
        v->at[i] = v->at[k];
        v->at[k] = p;
    }
}

static bool held_still(const struct pl_calibrate_camera *c, int64_t t_ns)
{
    float sum = 0;
    if (c->stills)
        return true;
    if (!c->last.n || t_ns - c->last_ns > together_ns)
        return false;
    for (int i = 0; i < N_CORNERS; i++)
        sum += hypotf(c->now.at[i].x - c->last.at[i].x, c->now.at[i].y - c->last.at[i].y);
    return sum / N_CORNERS < still_share * (float)c->width_px;
}

bool pl_calibrate_camera_step(struct pl_calibrate_camera *c, const struct pl_frame *frame, enum pl_board_seen *seen,
                              struct pl_err *err)
{
    if (!c->width_px) {
        c->width_px = frame->width_px;
        c->height_px = frame->height_px;
    }
    if (frame->pixels != PL_PIXELS_NONE && (frame->width_px != c->width_px || frame->height_px != c->height_px))
        return pl_fail(err, PL_E_ARG, "pictures of %d x %d and of %d x %d pixels: a lens is calibrated for one size at a time",
                       c->width_px, c->height_px, frame->width_px, frame->height_px);
    if (!pl_opencv_board_find(&c->now, &c->board, frame, err))
        return false;
    from_above(&c->now);
    *seen = PL_BOARD_NOT_SEEN;
    if (c->now.n) {
        c->moved = true;
        struct look l = look_of(&c->now, (float)c->width_px);
        *seen = !held_still(c, frame->t_ns) ? PL_BOARD_MOVES
                : c->n == PL_BOARD_VIEWS_MAX || !is_new(c, &l) ? PL_BOARD_ALIKE : PL_BOARD_TAKEN;
        if (*seen == PL_BOARD_TAKEN) {
            c->view[c->n] = c->now;
            c->look[c->n++] = l;
        }
    }
    c->last = c->now;
    c->last_ns = frame->t_ns;
    return true;
}

enum pl_board_wish pl_calibrate_camera_missing(const struct pl_calibrate_camera *c)
{
    const float w = (float)c->width_px, h = (float)c->height_px;
    bool have[N_WISHES] = { false };

    for (int i = 0; i < c->n; i++) {
        const struct look *l = &c->look[i];
        for (int k = 0; k < N_CORNERS; k++) {
            struct pl_vec2 p = c->view[i].at[k];
            int corner = (p.x > 0.8f * w ? 1 : p.x < 0.2f * w ? 0 : -9) + (p.y > 0.8f * h ? 2 : p.y < 0.2f * h ? 0 : -9);
            if (corner >= 0)
                have[corner] = true;
        }
        have[4] = have[4] || l->v[3] > 0.06f;
        have[5] = have[5] || l->v[3] < -0.06f;
        have[6] = have[6] || l->v[4] > 0.06f;
        have[7] = have[7] || l->v[4] < -0.06f;
    }
    for (int k = 0; k < N_WISHES; k++) /* corners and tilts by turns */
        if (!have[(k % 2) * 4 + k / 2])
            return (enum pl_board_wish)((k % 2) * 4 + k / 2);
    return PL_WISH_OTHER;
}

const char *pl_calibrate_camera_wish(const struct pl_calibrate_camera *c)
{
    static const char *const wishes[PL_N_BOARD_WISHES] = {
        "hold the board into the picture's upper left corner", "hold the board into the upper right corner",
        "hold the board into the lower left corner",           "hold the board into the lower right corner",
        "turn the board's right edge away from the camera",    "turn the board's left edge away from the camera",
        "tilt the board's lower edge away from the camera",    "tilt the board's upper edge away from the camera",
        "hold the board nearer, farther, and turned in the picture",
    };
    return wishes[pl_calibrate_camera_missing(c)];
}

static double reach_of(const struct pl_calibrate_camera *c)
{
    double most = 0, w = 0.5 * c->width_px, h = 0.5 * c->height_px;
    for (int i = 0; i < c->n; i++)
        for (int k = 0; k < N_CORNERS; k++)
            most = fmax(most, hypot(c->view[i].at[k].x - w, c->view[i].at[k].y - h));
    return most / hypot(w, h);
}

/* Views that do not fit leave the list; returns how many. */
static int leave_out(struct pl_calibrate_camera *c)
{
    int kept = 0, n = c->n;
    for (int i = 0; i < n; i++)
        if (!c->fit.view[i].outlier) {
            c->look[kept] = c->look[i];
            c->view[kept++] = c->view[i];
        }
    c->n = kept;
    return n - kept;
}

static bool check_enough(const struct pl_calibrate_camera *c, int n_left_out, struct pl_err *err)
{
    if (c->n >= PL_VIEWS_LEAST)
        return true;
    if (!c->n && c->moved)
        return pl_fail(err, PL_E_FORMAT, "the chessboard was never held still: hold each view for half a second");
    if (!c->n)
        return pl_fail(err, PL_E_FORMAT, "the chessboard was not seen: print calibration/chessboard.svg, glue it to something "
                       "flat, hold it wholly into the picture, its white margin too, and give it light");
    return pl_fail(err, PL_E_FORMAT, "%d different view%s of the chessboard%s; %d are the least: %s", c->n, c->n == 1 ? "" : "s",
                   n_left_out ? " fit together" : "", PL_VIEWS_LEAST, pl_calibrate_camera_wish(c));
}

bool pl_calibrate_camera_finish(struct pl_camera_calibration *out, int *n_left_out, struct pl_calibrate_camera *c,
                                struct pl_err *err)
{
    struct pl_lens_fit *fit = &c->fit;
    int out_now;

    *n_left_out = 0;
    do {
        if (!check_enough(c, *n_left_out, err) ||
            !pl_opencv_lens_fit(fit, &c->board, c->view, c->n, c->width_px, c->height_px, err))
            return false;
        *n_left_out += out_now = leave_out(c);
    } while (out_now);
    double most = fmax(1, c->width_px / 640.0); /* src: own choice; good boards give a tenth to a third of it */
    if (fit->rms_px > most)
        return pl_fail(err, PL_E_FORMAT, "the board's corners miss the best lens by %.1f px (at most %.1f): is the board flat, "
                       "the light good, the picture sharp?", fit->rms_px, most);
    if (reach_of(c) < least_reach)
        return pl_fail(err, PL_E_FORMAT, "the board was only seen in the picture's middle: %s", pl_calibrate_camera_wish(c));
    const struct pl_lens *l = &fit->lens;
    *out = (struct pl_camera_calibration){
        .width_px = l->width_px, .height_px = l->height_px, .fx_px = l->fx_px, .fy_px = l->fy_px, .cx_px = l->cx_px,
        .cy_px = l->cy_px, .k1 = l->k1, .k2 = l->k2, .p1 = l->p1, .p2 = l->p2, .k3 = l->k3, .reprojection_px = fit->rms_px,
        .focal_sd_px = fit->focal_sd_px, .views = c->n, .reach = fmin(1, reach_of(c)),
    };
    return true;
}
