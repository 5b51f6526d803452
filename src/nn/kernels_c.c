/* The operations in plain C: written to be read, and the specification of every other version.
 * Shapes and semantics: include/plumbline/kernels.h. Source: TensorFlow Lite's reference kernels.
 */
#include "plumbline/kernels.h"

#include <math.h>
#include <string.h>

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

/* written so that a NAN stays NAN */
static float clamp(float v, float min, float max)
{
    return v < min ? min : v > max ? max : v;
}

/* The part of a window that lies inside the input: taps [first, end) of k, the first of which is at `at`. */
struct span {
    int first, end, at;
};

static struct span clip(int out, int stride, int pad, int k, int in)
{
    int start = out * stride - pad;
    int first = max_int(0, -start);
    return (struct span){ first, min_int(k, in - start), start + first };
}

/* Where channel c of pixel p is, or the panel that holds it starts (see struct pl_layout). */
static size_t at(const struct pl_layout *layout, size_t p, int c)
{
    return (size_t)(c / PL_PANEL) * layout->panel + p * layout->pixel;
}

static void store(float *y, const float *sum, int n, const struct pl_window *win)
{
    for (int j = 0; j < n; j++)
        y[j] = clamp(sum[j], win->min, win->max);
}

/* Four floats that are added and multiplied element by element: an extension that gcc and clang have on every machine.
 * With plain floats gcc 12 vectorises the loop over i in place of the one over j and is four times slower. */
typedef float lanes __attribute__((vector_size(4 * sizeof(float))));

/* sum[j] += x[i] * w[i][j] */
static void multiply_add(float sum[PL_PANEL], const float *x, int n, const float *w)
{
    lanes s[PL_PANEL / 4], wi[PL_PANEL / 4];

    memcpy(s, sum, sizeof s);
    for (int i = 0; i < n; i++) {
        memcpy(wi, w + (size_t)i * PL_PANEL, sizeof wi);
        for (int j = 0; j < PL_PANEL / 4; j++)
            s[j] += x[i] * wi[j];
    }
    memcpy(sum, s, sizeof s);
}

/* sum[j] += x[p][c] * w[c][j] over all input channels c of one pixel; w [in_c][PL_PANEL] */
static void add_pixel(float sum[PL_PANEL], const float *x, size_t p, const float *w, const struct pl_window *win)
{
    for (int c = 0; c < win->in_c; c += PL_PANEL)
        multiply_add(sum, x + at(&win->in, p, c), min_int(PL_PANEL, win->in_c - c), w + (size_t)c * PL_PANEL);
}

static void conv1x1(float *y, const float *x, const float *w, const struct pl_window *win, const struct pl_part *part)
{
    size_t panel = PL_PANEL * (1 + (size_t)win->in_c);

    for (size_t pixel = (size_t)part->row; pixel < (size_t)part->row_end; pixel++) {
        for (int c = part->c; c < part->c_end; c += PL_PANEL) {
            const float *bias = w + (size_t)(c / PL_PANEL) * panel;
            float sum[PL_PANEL];
            memcpy(sum, bias, sizeof sum);
            add_pixel(sum, x, pixel, bias + PL_PANEL, win);
            store(y + at(&win->out, pixel, c), sum, min_int(PL_PANEL, part->c_end - c), win);
        }
    }
}

static void sparse1x1(float *y, const float *x, const struct pl_sparse *w, const struct pl_window *win,
                      const struct pl_part *part)
{
    for (size_t pixel = (size_t)part->row; pixel < (size_t)part->row_end; pixel++)
        for (int o = part->c; o < part->c_end; o++) {
            float sum = w->bias[o];
            for (int k = 0, list = o; k < win->in_c; k += w->block, list += win->out_c)
                for (int i = w->starts[list]; i < w->starts[list + 1]; i++) {
                    int c = k + w->entries[i].input / PL_SPARSE_PIXELS;
                    sum += x[at(&win->in, pixel, c) + (size_t)(c % PL_PANEL)] * w->entries[i].weight;
                }
            y[at(&win->out, pixel, o) + (size_t)(o % PL_PANEL)] = clamp(sum, win->min, win->max);
        }
}

static void conv(float *y, const float *x, const float *w, const struct pl_window *win, const struct pl_part *part)
{
    size_t in_c = (size_t)win->in_c, panel = PL_PANEL * (1 + (size_t)win->k_h * (size_t)win->k_w * in_c);

    for (int r = part->row; r < part->row_end; r++) {
        struct span v = clip(r, win->stride_h, win->pad_top, win->k_h, win->in_h);
        for (int s = 0; s < win->out_w; s++) {
            struct span h = clip(s, win->stride_w, win->pad_left, win->k_w, win->in_w);
            for (int c = part->c; c < part->c_end; c += PL_PANEL) {
                const float *bias = w + (size_t)(c / PL_PANEL) * panel;
                float sum[PL_PANEL];
                memcpy(sum, bias, sizeof sum);
                for (int i = v.first; i < v.end; i++) {
                    for (int j = h.first; j < h.end; j++) {
                        size_t pixel = (size_t)(v.at + i - v.first) * (size_t)win->in_w + (size_t)(h.at + j - h.first);
                        size_t term = ((size_t)i * (size_t)win->k_w + (size_t)j) * in_c;
                        add_pixel(sum, x, pixel, bias + PL_PANEL * (1 + term), win);
                    }
                }
                store(y + at(&win->out, (size_t)r * (size_t)win->out_w + (size_t)s, c), sum,
                      min_int(PL_PANEL, part->c_end - c), win);
            }
        }
    }
}

static void dwconv(float *y, const float *x, const float *w, const struct pl_window *win, const struct pl_part *part)
{
    size_t panel = PL_PANEL * (1 + (size_t)win->k_h * (size_t)win->k_w);

    for (int r = part->row; r < part->row_end; r++) {
        struct span v = clip(r, win->stride_h, win->pad_top, win->k_h, win->in_h);
        for (int s = 0; s < win->out_w; s++) {
            struct span h = clip(s, win->stride_w, win->pad_left, win->k_w, win->in_w);
            for (int c = part->c; c < part->c_end; c += PL_PANEL) {
                const float *bias = w + (size_t)(c / PL_PANEL) * panel;
                int n = min_int(PL_PANEL, part->c_end - c);
                float sum[PL_PANEL];
                memcpy(sum, bias, sizeof sum);
                for (int i = v.first; i < v.end; i++) {
                    for (int j = h.first; j < h.end; j++) {
                        size_t pixel = (size_t)(v.at + i - v.first) * (size_t)win->in_w + (size_t)(h.at + j - h.first);
                        const float *in = x + at(&win->in, pixel, c);
                        const float *tap = bias + PL_PANEL * (1 + (size_t)i * (size_t)win->k_w + (size_t)j);
                        for (int k = 0; k < n; k++)
                            sum[k] += in[k] * tap[k];
                    }
                }
                store(y + at(&win->out, (size_t)r * (size_t)win->out_w + (size_t)s, c), sum, n, win);
            }
        }
    }
}

static void add(float *y, const float *a, const float *b, const struct pl_window *win, int pixel, int pixel_end)
{
    for (int c = 0; c < win->out_c; c += PL_PANEL) {
        int n = min_int(PL_PANEL, win->out_c - c);
        for (size_t p = (size_t)pixel; p < (size_t)pixel_end; p++) {
            const float *pa = a + at(&win->in, p, c), *pb = b + at(&win->other, p, c);
            float *out = y + at(&win->out, p, c);
            for (int k = 0; k < n; k++)
                out[k] = clamp(pa[k] + pb[k], win->min, win->max);
        }
    }
}

static void maxpool(float *y, const float *x, const struct pl_window *win, int row, int row_end)
{
    for (int r = row; r < row_end; r++) {
        struct span v = clip(r, win->stride_h, win->pad_top, win->k_h, win->in_h);
        for (int s = 0; s < win->out_w; s++) {
            struct span h = clip(s, win->stride_w, win->pad_left, win->k_w, win->in_w);
            for (int c = 0; c < win->in_c; c += PL_PANEL) {
                int n = min_int(PL_PANEL, win->in_c - c);
                float best[PL_PANEL];
                for (int k = 0; k < n; k++)
                    best[k] = -INFINITY;
                for (int i = 0; i < v.end - v.first; i++)
                    for (int j = 0; j < h.end - h.first; j++) {
                        const float *in = x + at(&win->in, (size_t)(v.at + i) * (size_t)win->in_w + (size_t)(h.at + j), c);
                        for (int k = 0; k < n; k++)
                            best[k] = best[k] > in[k] ? best[k] : in[k]; /* a NAN is taken; a number after it replaces it */
                    }
                store(y + at(&win->out, (size_t)r * (size_t)win->out_w + (size_t)s, c), best, n, win);
            }
        }
    }
}

/* The two input positions and the weight of the second for output position d of 2n. */
struct lerp {
    size_t a, b;
    float t;
};

static struct lerp resize2x_at(int d, int n)
{
    float at = ((float)d + 0.5f) * 0.5f - 0.5f; /* exact */
    int below = (int)floorf(at);
    return (struct lerp){ (size_t)max_int(below, 0), (size_t)min_int(below + 1, n - 1), at - (float)below };
}

static float mix(float a, float b, float t)
{
    return a * (1 - t) + b * t;
}

static void resize2x(float *y, const float *x, const struct pl_window *win, int row, int row_end)
{
    size_t width = (size_t)win->in_w;

    for (int r = row; r < row_end; r++) {
        struct lerp v = resize2x_at(r, win->in_h);
        for (int s = 0; s < 2 * win->in_w; s++) {
            struct lerp u = resize2x_at(s, win->in_w);
            for (int c = 0; c < win->in_c; c += PL_PANEL) {
                const float *top_a = x + at(&win->in, v.a * width + u.a, c), *top_b = x + at(&win->in, v.a * width + u.b, c);
                const float *low_a = x + at(&win->in, v.b * width + u.a, c), *low_b = x + at(&win->in, v.b * width + u.b, c);
                float *out = y + at(&win->out, (size_t)r * 2 * width + (size_t)s, c);
                for (int k = 0; k < min_int(PL_PANEL, win->in_c - c); k++)
                    out[k] = mix(mix(top_a[k], low_a[k], v.t), mix(top_b[k], low_b[k], v.t), u.t);
            }
        }
    }
}

/* Copies in_c channels of pixel `from` to channel pad_c of pixel `to`, in runs that stay within a panel of both. */
static void copy_pixel(float *y, size_t to, int pad_c, const float *x, size_t from, const struct pl_window *win)
{
    for (int k = 0, n; k < win->in_c; k += n) {
        int lane = k % PL_PANEL, out_lane = (k + pad_c) % PL_PANEL;
        n = min_int(win->in_c - k, PL_PANEL - max_int(lane, out_lane));
        memcpy(y + at(&win->out, to, k + pad_c) + out_lane, x + at(&win->in, from, k) + lane, (size_t)n * sizeof *y);
    }
}

static void pad(float *y, const float *x, const struct pl_window *win, int pad_c, int row, int row_end)
{
    for (int r = row; r < row_end; r++)
        for (int s = 0; s < win->out_w; s++) {
            int from_r = r - win->pad_top, from_s = s - win->pad_left;
            size_t to = (size_t)r * (size_t)win->out_w + (size_t)s;
            for (int c = 0; c < win->out_c; c += PL_PANEL)
                memset(y + at(&win->out, to, c), 0, (size_t)min_int(PL_PANEL, win->out_c - c) * sizeof *y);
            if (from_r >= 0 && from_r < win->in_h && from_s >= 0 && from_s < win->in_w)
                copy_pixel(y, to, pad_c, x, (size_t)from_r * (size_t)win->in_w + (size_t)from_s, win);
        }
}

static void concat(float *y, const float *x, size_t n_rows, size_t n, size_t y_stride)
{
    for (size_t r = 0; r < n_rows; r++)
        memcpy(y + r * y_stride, x + r * n, n * sizeof *y);
}

static void depth_to_space(float *y, const float *x, int h, int w, int c, int block, int row, int row_end)
{
    size_t n = (size_t)block * (size_t)c; /* one input pixel gives this many floats of each of `block` output rows */

    (void)h;
    for (int r = row; r < row_end; r++)
        for (int s = 0; s < w; s++)
            memcpy(y + ((size_t)r * (size_t)w + (size_t)s) * n,
                   x + (((size_t)(r / block) * (size_t)w + (size_t)s) * (size_t)block + (size_t)(r % block)) * n,
                   n * sizeof *y);
}

static void logistic(float *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = 1 / (1 + expf(-x[i]));
}

void pl_kernels_fill_c(struct pl_kernels *k)
{
#define X(name) k->name = name;
    PL_KERNELS(X)
#undef X
}
