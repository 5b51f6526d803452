/* A picture's brightness and noise, from a grid of its pixels. */
#include "internal.h"

#include <math.h>
#include <stdlib.h>

enum { N_LOOK = PL_LOOK_X * PL_LOOK_Y };

/* src: ITU-R BT.601 weights, in 256ths */
static unsigned char luma_of(const uint8_t *p, bool bgr)
{
    return (unsigned char)((77 * p[bgr ? 2 : 0] + 150 * p[1] + 29 * p[bgr ? 0 : 2]) >> 8);
}

/* Median of small whole numbers: by counting them. */
static float median(const int count[256])
{
    int n = 0, i = 0;
    while (i < 255 && (n += count[i]) <= N_LOOK / 2)
        i++;
    return (float)i;
}

void pl_coach_look(struct pl_coach_look *look, const struct pl_frame *f)
{
    int count[256] = { 0 }, sum = 0;

    if (!f || !f->data || f->pixels == PL_PIXELS_NONE || f->width_px < PL_LOOK_X || f->height_px < PL_LOOK_Y) {
        *look = (struct pl_coach_look){ .brightness = NAN, .noise = NAN };
        return;
    }
    for (int i = 0; i < N_LOOK; i++) {
        int x = (2 * (i % PL_LOOK_X) + 1) * f->width_px / (2 * PL_LOOK_X);
        int y = (2 * (i / PL_LOOK_X) + 1) * f->height_px / (2 * PL_LOOK_Y);
        unsigned char l = luma_of(f->data + (size_t)y * f->stride + (size_t)x * 3, f->pixels == PL_PIXELS_BGR24);
        sum += l;
        count[abs(l - look->luma[i])]++;
        look->luma[i] = l;
    }
    look->brightness = (float)sum / N_LOOK;
    look->noise = look->any ? median(count) : NAN;
    look->any = true;
}
