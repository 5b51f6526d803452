/* Region -> tensor: a rotated square of the picture, sampled bilinearly.
 *
 * in:   a picture and a region of it
 * out:  [size][size][3] RGB floats
 * how:  along an output row the position in the picture moves by a constant step. Positions are 32.32 fixed point, so
 *       that 256 steps do not drift, taking the whole part costs a shift, and each kernel computes the same bits. In
 *       each row the pixels whose four neighbours all lie in the picture are one span (the picture is convex); what is
 *       left and right of it takes the edge's pixels. A person who fills the picture's height has a region that is larger
 *       than the picture, so both matter.
 * src:  MediaPipe, image_to_tensor_converter_gl_texture.cc. Its Python graph uses OpenCV's convention instead (no half
 *       pixel, bytes between): landmarks then differ by up to 3 px.
 */
#include "internal.h"

#include <math.h>

#include "plumbline/cpu.h"

#define ONE (INT64_C(1) << 32)
#define HALF (INT64_C(1) << 31)

enum { ROWS_PER_TASK = 16 };

struct cutting {                /* one call of pl_crop_cut, shared by its tasks */
    float *out;
    const struct pl_crop *crop;
    const struct pl_frame *frame;
    const struct pl_region *region;
    struct pl_crop_kernels kernels;
};

static int64_t fixed(double px)
{
    return (int64_t)llrint(px * (double)ONE);
}

/* 24 bits: exact in a float */
static float fraction(int64_t position)
{
    return (float)((uint32_t)position >> 8) * 0x1p-24f;
}

static int whole(int64_t position)
{
    return (int)(position >> 32);
}

static float mixed(float a, float b, float t)
{
    return a + (b - a) * t;
}

/* One pixel from its four neighbours: top left and right, bottom left and right. */
static void blend(float *out, const struct pl_crop_span *s, const uint8_t *tl, const uint8_t *tr, const uint8_t *bl,
                  const uint8_t *br, float fx, float fy)
{
    for (int c = 0; c < 3; c++) {
        int from = s->bgr ? 2 - c : c;
        float top = mixed((float)tl[from], (float)tr[from], fx);
        float bottom = mixed((float)bl[from], (float)br[from], fx);
        out[c] = mixed(top, bottom, fy) * s->scale + s->offset;
    }
}

void pl_crop_span_c(float *out, const struct pl_crop_span *s)
{
    int64_t x = s->x, y = s->y;
    for (int i = 0; i < s->n; i++, x += s->dx, y += s->dy, out += 3) {
        const uint8_t *top = s->data + (size_t)whole(y) * s->stride + 3 * (size_t)whole(x);
        const uint8_t *bottom = top + s->stride;
        blend(out, s, top, top + 3, bottom, bottom + 3, fraction(x), fraction(y));
    }
}

static int clamped(int i, int n)
{
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

void pl_crop_edge_c(float *out, const struct pl_crop_span *s)
{
    int64_t x = s->x, y = s->y;
    for (int i = 0; i < s->n; i++, x += s->dx, y += s->dy, out += 3) {
        size_t x0 = 3 * (size_t)clamped(whole(x), s->width_px), x1 = 3 * (size_t)clamped(whole(x) + 1, s->width_px);
        const uint8_t *top = s->data + (size_t)clamped(whole(y), s->height_px) * s->stride;
        const uint8_t *bottom = s->data + (size_t)clamped(whole(y) + 1, s->height_px) * s->stride;
        blend(out, s, top + x0, top + x1, bottom + x0, bottom + x1, fraction(x), fraction(y));
    }
}

/* Pixels first .. end-1 of a row, on or outside of the picture's edge. */
static void cut_edge(float *out, const struct cutting *job, struct pl_crop_span s, int first, int end)
{
    const struct pl_frame *f = job->frame;

    s.x += first * s.dx;
    s.y += first * s.dy;
    s.n = end - first;
    out += 3 * first;
    job->kernels.edge(out, &s);
    if (job->crop->border != PL_BORDER_BLACK)
        return;
    for (int i = 0; i < s.n; i++, s.x += s.dx, s.y += s.dy, out += 3)
        /* the picture's edges are half a pixel outside of the first and last pixel centres */
        if (s.x < -HALF || s.y < -HALF || s.x > f->width_px * ONE - HALF || s.y > f->height_px * ONE - HALF)
            out[0] = out[1] = out[2] = s.offset;
}

/* All four neighbours exist. */
static bool inside(const struct pl_frame *f, int64_t x, int64_t y)
{
    return x >= 0 && y >= 0 && whole(x) + 1 < f->width_px && whole(y) + 1 < f->height_px;
}

static void cut_row(float *out, const struct cutting *job, struct pl_crop_span s)
{
    const struct pl_frame *f = job->frame;
    int first = 0, last = s.n; /* the span is [first, last) */

    while (first < last && !inside(f, s.x + first * s.dx, s.y + first * s.dy))
        first++;
    while (last > first && !inside(f, s.x + (last - 1) * s.dx, s.y + (last - 1) * s.dy))
        last--;
    cut_edge(out, job, s, 0, first);
    cut_edge(out, job, s, last, s.n);
    s.x += first * s.dx;
    s.y += first * s.dy;
    s.n = last - first;
    job->kernels.span(out + 3 * first, &s);
}

static void cut_rows(void *context, int task)
{
    const struct cutting *job = context;
    const struct pl_region *r = job->region;
    int size = job->crop->size;
    double c = cos(r->rotation_rad), s = sin(r->rotation_rad), step = (double)r->size_px / size;
    int end = (task + 1) * ROWS_PER_TASK < size ? (task + 1) * ROWS_PER_TASK : size;

    for (int row = task * ROWS_PER_TASK; row < end; row++) {
        double u = 0.5 * step - 0.5 * r->size_px, v = (row + 0.5) * step - 0.5 * r->size_px;
        struct pl_crop_span span = {
            .data = job->frame->data, .stride = job->frame->stride, .n = size,
            .width_px = job->frame->width_px, .height_px = job->frame->height_px,
            /* pixel centres lie at .5 in the picture and at 0 in a span */
            .x = fixed(c * u - s * v + r->cx_px - 0.5), .y = fixed(s * u + c * v + r->cy_px - 0.5),
            .dx = fixed(c * step), .dy = fixed(s * step),
            .bgr = job->frame->pixels == PL_PIXELS_BGR24,
            .scale = (job->crop->high - job->crop->low) / 255.0f, .offset = job->crop->low,
        };
        cut_row(job->out + 3 * (size_t)row * (size_t)size, job, span);
    }
}

static struct pl_crop_kernels best_kernels(unsigned cpu, const struct pl_frame *frame)
{
#if defined(__x86_64__)
    if ((cpu & PL_CPU_AVX2) && frame->stride * (size_t)frame->height_px <= INT32_MAX)
        return (struct pl_crop_kernels){ pl_crop_span_avx2, pl_crop_edge_avx2 };
#elif defined(__aarch64__)
    if ((cpu & PL_CPU_NEON) && frame->stride * (size_t)frame->height_px <= INT32_MAX)
        return (struct pl_crop_kernels){ pl_crop_span_neon, pl_crop_edge_c };
#endif
    (void)cpu, (void)frame;
    return (struct pl_crop_kernels){ pl_crop_span_c, pl_crop_edge_c };
}

void pl_crop_cut(float *out, const struct pl_crop *crop, const struct pl_frame *frame, const struct pl_region *region,
                 unsigned cpu, struct pl_pool *pool)
{
    struct cutting job = { out, crop, frame, region, best_kernels(cpu, frame) };
    pl_pool_run(pool, (crop->size + ROWS_PER_TASK - 1) / ROWS_PER_TASK, cut_rows, &job);
}
