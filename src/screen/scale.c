/* Bilinear scaling of a 3-byte picture to 4-byte pixels, mirrored if asked.
 *
 * how:  for each output row the two source rows around it are mixed, then each output pixel picks its two neighbours from
 *       the mix: both are a few instructions per pixel
 * why:  SDL's software renderer needs a copy in its own format first, and mirrors by further copies
 */
#include "scale.h"

#include <math.h>
#include <stdlib.h>

#include "plumbline/cpu.h"

enum { ONE = 64, HALF = ONE / 2 };

static uint8_t mixed(uint8_t a, uint8_t b, uint8_t weight)
{
    return (uint8_t)((a * (ONE - weight) + b * weight + HALF) / ONE);
}

void pl_scale_mix_c(uint8_t *out, const uint8_t *first, const uint8_t *second, size_t n, uint8_t weight)
{
    for (size_t i = 0; i < n; i++)
        out[i] = mixed(first[i], second[i], weight);
}

void pl_scale_pick_c(uint32_t *out, const uint8_t *row, const struct pl_tap *taps, int n, bool red_first)
{
    int red = red_first ? 0 : 2;
    for (int i = 0; i < n; i++) {
        const uint8_t *a = row + taps[i].at, *b = a + 3;
        uint32_t r = mixed(a[red], b[red], taps[i].weight), g = mixed(a[1], b[1], taps[i].weight);
        out[i] = 0xff000000u | r << 16 | g << 8 | mixed(a[2 - red], b[2 - red], taps[i].weight);
    }
}

static struct pl_scale_kernels pick_kernels(unsigned cpu)
{
#if defined(__x86_64__)
    if (cpu & PL_CPU_AVX2)
        return (struct pl_scale_kernels){ pl_scale_mix_avx2, pl_scale_pick_avx2 };
#endif
    (void)cpu;
    return (struct pl_scale_kernels){ pl_scale_mix_c, pl_scale_pick_c };
}

/* unit: bytes from one source element to the next. The last tap's second neighbour exists: at <= (from - 2) * unit. */
static void fill_taps(struct pl_tap *taps, int to, int from, int unit, bool backwards)
{
    for (int i = 0; i < to; i++) {
        double at = (i + 0.5) * from / to - 0.5;
        at = fmin(fmax(at, 0), from - 1);
        int whole = (int)at < from - 2 ? (int)at : from > 1 ? from - 2 : 0;
        taps[backwards ? to - 1 - i : i] = (struct pl_tap){ whole * unit, (uint8_t)lrint((at - whole) * ONE) };
    }
}

static bool prepare(struct pl_scaler *s, int w, int h, const struct pl_frame *f, bool mirror)
{
    if (s->row && s->from_w == f->width_px && s->from_h == f->height_px && s->to_w == w && s->to_h == h && s->mirror == mirror)
        return true;
    pl_scaler_free(s);
    s->columns = calloc((size_t)w, sizeof s->columns[0]);
    s->rows = calloc((size_t)h, sizeof s->rows[0]);
    s->row = calloc(3 * (size_t)f->width_px + 64, 1); /* behind the row: the neighbour that a picture one pixel wide lacks */
    if (!s->columns || !s->rows || !s->row) {
        pl_scaler_free(s);
        return false;
    }
    fill_taps(s->columns, w, f->width_px, 3, mirror);
    fill_taps(s->rows, h, f->height_px, 1, false);
    s->from_w = f->width_px;
    s->from_h = f->height_px;
    s->to_w = w;
    s->to_h = h;
    s->mirror = mirror;
    s->kernels = pick_kernels(pl_cpu_detect());
    return true;
}

bool pl_scaler_run(struct pl_scaler *s, uint32_t *out, size_t pitch, int width, int height, const struct pl_frame *f, bool mirror)
{
    if (!prepare(s, width, height, f, mirror))
        return false;
    for (int y = 0; y < height; y++, out = (uint32_t *)(void *)((uint8_t *)out + pitch)) {
        const uint8_t *first = f->data + (size_t)s->rows[y].at * f->stride;
        const uint8_t *second = f->height_px > 1 ? first + f->stride : first;
        s->kernels.mix(s->row, first, second, 3 * (size_t)f->width_px, s->rows[y].weight);
        s->kernels.pick(out, s->row, s->columns, width, f->pixels == PL_PIXELS_RGB24);
    }
    return true;
}

void pl_scaler_free(struct pl_scaler *s)
{
    free(s->columns);
    free(s->rows);
    free(s->row);
    *s = (struct pl_scaler){ 0 };
}
