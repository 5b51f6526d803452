/* Pictures: the estimates of a measure over the truth, and a clip's curves over time. */
#include <cairo.h>
#include <math.h>
#include <stdio.h>

#include "accuracy.h"

enum { SIZE = 640, MARGIN = 56, PANEL_W = 1100, PANEL_H = 190 };

struct range { double low, high; };

static void include(struct range *r, double v)
{
    if (isfinite(v)) {
        r->low = fmin(r->low, v);
        r->high = fmax(r->high, v);
    }
}

static double step_of(struct range r)
{
    const double rough = (r.high - r.low) / 6, power = pow(10, floor(log10(rough)));
    return power * (rough < 2 * power ? 2 : rough < 5 * power ? 5 : 10);
}

static cairo_t *begin(cairo_surface_t **surface, int w, int h)
{
    *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, w, h);
    cairo_t *cr = cairo_create(*surface);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_select_font_face(cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, 12);
    return cr;
}

static bool end(cairo_t *cr, cairo_surface_t *surface, const char *path)
{
    const cairo_status_t status = cairo_surface_write_to_png(surface, path);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    if (status != CAIRO_STATUS_SUCCESS)
        fprintf(stderr, "accuracy: %s: %s\n", path, cairo_status_to_string(status));
    return status == CAIRO_STATUS_SUCCESS;
}

static void text(cairo_t *cr, double x, double y, const char *words)
{
    cairo_move_to(cr, x, y);
    cairo_show_text(cr, words);
}

static void line(cairo_t *cr, double x0, double y0, double x1, double y1)
{
    cairo_move_to(cr, x0, y0);
    cairo_line_to(cr, x1, y1);
    cairo_stroke(cr);
}

static double at(struct range r, double v, double from, double to) { return from + (v - r.low) / (r.high - r.low) * (to - from); }

static void colour(cairo_t *cr, int i)
{
    static const double c[8][3] = { { .12, .35, .70 }, { .80, .33, .10 }, { .20, .55, .25 }, { .60, .20, .60 },
                                    { .55, .40, .10 }, { .10, .60, .65 }, { .75, .15, .30 }, { .35, .35, .35 } };
    cairo_set_source_rgb(cr, c[i % 8][0], c[i % 8][1], c[i % 8][2]);
}

bool plot_row(const char *path, enum row row, const struct clip *clip, int n_clips)
{
    struct range r = { INFINITY, -INFINITY };
    cairo_surface_t *surface;
    char words[160];
    for (int c = 0; c < n_clips; c++) {
        const struct points *p = &clip[c].bottom[row];
        for (int i = 0; i < p->n; i++) {
            include(&r, p->p[i].truth);
            include(&r, p->p[i].estimate - p->p[i].err);
            include(&r, p->p[i].estimate + p->p[i].err);
        }
    }
    if (r.high < r.low)
        return true; /* nothing of this measure */
    r.low -= 2;
    r.high += 2;
    cairo_t *cr = begin(&surface, SIZE + 260, SIZE);
    const double a = MARGIN, b = SIZE - MARGIN, step = step_of(r);
    cairo_set_line_width(cr, 0.5);
    for (double v = ceil(r.low / step) * step; v <= r.high; v += step) {
        cairo_set_source_rgb(cr, .8, .8, .8);
        line(cr, a, at(r, v, b, a), b, at(r, v, b, a));
        line(cr, at(r, v, a, b), a, at(r, v, a, b), b);
        cairo_set_source_rgb(cr, 0, 0, 0);
        snprintf(words, sizeof words, "%g", v);
        text(cr, 20, at(r, v, b, a) + 4, words);
        text(cr, at(r, v, a, b) - 8, b + 18, words);
    }
    cairo_set_source_rgb(cr, 0, 0, 0);
    line(cr, a, b, b, a);
    snprintf(words, sizeof words, "%s, %s: estimate with its band over truth, at the bottom", row_info[row].name,
             row_info[row].unit);
    text(cr, a, a - 20, words);
    for (int c = 0, shown = 0; c < n_clips; c++) {
        const struct points *p = &clip[c].bottom[row];
        if (!p->n)
            continue;
        colour(cr, shown);
        text(cr, b + 20, a + 14 * shown++, clip[c].name);
        cairo_set_line_width(cr, 1);
        for (int i = 0; i < p->n; i++) {
            const double x = at(r, p->p[i].truth, a, b), y = at(r, p->p[i].estimate, b, a);
            cairo_arc(cr, x, y, 3.5, 0, 6.2832);
            cairo_fill(cr);
            line(cr, x, at(r, p->p[i].estimate - p->p[i].err, b, a), x, at(r, p->p[i].estimate + p->p[i].err, b, a));
        }
    }
    return end(cr, surface, path);
}

static void panel(cairo_t *cr, double top, const struct clip *clip, enum row row)
{
    const struct points *p = &clip->frame[row], *bottom = &clip->bottom[row];
    struct range r = { INFINITY, -INFINITY }, time = { 0, fmax(clip->t_end_s, 1) };
    const double left = MARGIN, right = PANEL_W - 20, low = top + PANEL_H - 24, high = top + 22;
    char words[120];
    for (int i = 0; i < p->n; i++) {
        include(&r, p->p[i].truth);
        include(&r, p->p[i].estimate);
    }
    r.low -= 1;
    r.high += 1;
    const double step = step_of(r);
    cairo_set_line_width(cr, 0.5);
    for (double v = ceil(r.low / step) * step; v <= r.high; v += step) {
        cairo_set_source_rgb(cr, .8, .8, .8);
        line(cr, left, at(r, v, low, high), right, at(r, v, low, high));
        cairo_set_source_rgb(cr, 0, 0, 0);
        snprintf(words, sizeof words, "%g", v);
        text(cr, 20, at(r, v, low, high) + 4, words);
    }
    snprintf(words, sizeof words, "%s, %s: estimate (colour), truth (black); bars: the repetitions' values and bands",
             row_info[row].name, row_info[row].unit);
    text(cr, left, top + 14, words);
    for (int i = 0; i < p->n; i++) {
        const double x = at(time, p->p[i].t_s, left, right);
        cairo_set_source_rgb(cr, 0, 0, 0);
        cairo_rectangle(cr, x - .7, at(r, p->p[i].truth, low, high) - .7, 1.4, 1.4);
        cairo_fill(cr);
        colour(cr, (int)row);
        cairo_rectangle(cr, x - 1, at(r, p->p[i].estimate, low, high) - 1, 2, 2);
        cairo_fill(cr);
    }
    cairo_set_line_width(cr, 1.5);
    for (int i = 0; i < bottom->n; i++) {
        const struct point *b = &bottom->p[i];
        const double x = at(time, b->t_s, left, right);
        line(cr, x, at(r, b->estimate - b->err, low, high), x, at(r, b->estimate + b->err, low, high));
    }
}

bool plot_clip(const char *path, const struct clip *clip)
{
    cairo_surface_t *surface;
    int n = 0;
    for (int row = 0; row < N_ROWS; row++)
        n += clip->frame[row].n > 0;
    if (!n)
        return true;
    cairo_t *cr = begin(&surface, PANEL_W, PANEL_H * n + 24);
    text(cr, MARGIN, 16, clip->name);
    for (int row = 0, i = 0; row < N_ROWS; row++)
        if (clip->frame[row].n)
            panel(cr, 24 + (double)PANEL_H * i++, clip, (enum row)row);
    return end(cr, surface, path);
}
