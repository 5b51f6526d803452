/* What reading video and reading images share. */
#ifndef PLUMBLINE_VIDEO_INTERNAL_H
#define PLUMBLINE_VIDEO_INTERNAL_H

#include <libavutil/frame.h>
#include <libswscale/swscale.h>
#include <stdbool.h>
#include <stdint.h>

#include "plumbline/err.h"

/* A turn by quarter turns and mirrorings: first transposed, then mirrored. */
struct pl_turn { bool transpose, flip_x, flip_y; };

/* Of a display matrix as FFmpeg stores it, 9 numbers; NULL: none. */
struct pl_turn pl_turn_from_matrix(const int32_t *m);
bool pl_turn_any(struct pl_turn t);

/* in: stored [w' x h']; out: [height][stride] of the turned size width x height, 3 bytes a pixel */
void pl_turn_picture(uint8_t *out, size_t stride, int width, int height, const uint8_t *stored, size_t stored_stride,
                     struct pl_turn t);

/* A decoded frame to BGR of this size, with the matrix and range that the frame states. convert: kept from call to call,
 * NULL at first; own: sws_freeContext */
bool pl_video_to_bgr(struct SwsContext **convert, const AVFrame *f, uint8_t *bgr, int stride, int width, int height);

/* Is that a file with something in it? what: "a video", "an image" */
bool pl_video_check_file(const char *path, const char *what, struct pl_err *err);

#endif
