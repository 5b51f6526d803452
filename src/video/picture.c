/* From a decoded frame to upright BGR; and what can be said about a file before anything is decoded. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool pl_video_check_file(const char *path, const char *what, struct pl_err *err)
{
    struct stat st;
    if (stat(path, &st))
        return pl_fail(err, PL_E_IO, errno == ENOENT ? "%s: there is no such file" : "%s cannot be read: %s", path,
                       strerror(errno));
    if (S_ISDIR(st.st_mode))
        return pl_fail(err, PL_E_FORMAT, "%s is a folder, not %s file", path, what);
    if (!S_ISREG(st.st_mode))
        return pl_fail(err, PL_E_UNSUPPORTED, "%s is not a regular file, as %s must be", path, what);
    if (st.st_size == 0)
        return pl_fail(err, PL_E_FORMAT, "%s is empty", path);
    FILE *f = fopen(path, "rb");
    if (!f)
        return pl_fail(err, PL_E_IO, "%s cannot be read: %s", path, strerror(errno));
    fclose(f);
    return true;
}

/* A matrix sends a stored point (x, y) to (m0 x + m3 y, m1 x + m4 y); cameras write quarter turns and mirrorings. */
struct pl_turn pl_turn_from_matrix(const int32_t *m)
{
    if (!m)
        return (struct pl_turn){0};
    if (llabs(m[0]) >= llabs(m[3]))
        return (struct pl_turn){.flip_x = m[0] < 0, .flip_y = m[4] < 0};
    return (struct pl_turn){.transpose = true, .flip_x = m[3] < 0, .flip_y = m[1] < 0};
}

bool pl_turn_any(struct pl_turn t) { return t.transpose || t.flip_x || t.flip_y; }

void pl_turn_picture(uint8_t *out, size_t stride, int width, int height, const uint8_t *stored, size_t stored_stride,
                     struct pl_turn t)
{
    for (int y = 0; y < height; y++, out += stride) {
        uint8_t *to = out;
        int sy = t.flip_y ? height - 1 - y : y;
        for (int x = 0; x < width; x++, to += 3) {
            int sx = t.flip_x ? width - 1 - x : x;
            int column = t.transpose ? sy : sx, row = t.transpose ? sx : sy;
            memcpy(to, stored + (size_t)row * stored_stride + 3 * (size_t)column, 3);
        }
    }
}

/* Same conversion as the ffmpeg program: bicubic chroma where it is not the fast path. */
bool pl_video_to_bgr(struct SwsContext **convert, const AVFrame *f, uint8_t *bgr, int stride, int width, int height)
{
    struct SwsContext *old = *convert;
    *convert = sws_getCachedContext(old, f->width, f->height, (enum AVPixelFormat)f->format, width, height,
                                    AV_PIX_FMT_BGR24, SWS_BICUBIC, NULL, NULL, NULL);
    if (!*convert)
        return false;
    if (*convert != old) {
        int *from, *to, from_full, to_full, brightness, contrast, saturation;
        if (sws_getColorspaceDetails(*convert, &from, &from_full, &to, &to_full, &brightness, &contrast, &saturation) >= 0) {
            if (f->color_range != AVCOL_RANGE_UNSPECIFIED)
                from_full = f->color_range == AVCOL_RANGE_JPEG;
            sws_setColorspaceDetails(*convert, sws_getCoefficients(f->colorspace), from_full, to, to_full, brightness,
                                     contrast, saturation);
        }
    }
    uint8_t *planes[4] = {bgr};
    int strides[4] = {stride};
    return sws_scale(*convert, (const uint8_t *const *)f->data, f->linesize, 0, f->height, planes, strides) > 0;
}
