/* A camera's own pictures to BGR: YUYV (yuyv.c) and MJPEG (mjpeg.c). What else cameras send goes through libv4l. */
#ifndef PLUMBLINE_CAMERA_CONVERT_H
#define PLUMBLINE_CAMERA_CONVERT_H

#include <linux/videodev2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Weights of luma above black and of the chroma differences, in 8192ths:
 *   r = y*(luma - black) + rv*(v-128),  g = y*(luma - black) + gu*(u-128) + gv*(v-128),  b = y*(luma - black) + bu*(u-128) */
struct pl_yuv { int16_t black, y, rv, gu, gv, bu; };

/* Of what the driver says about its colours; what it leaves open is as V4L2 defines it: BT.601 and video levels
 * (luma 16..235) unless the colour space is a newer or a JPEG one. */
struct pl_yuv pl_camera_yuv(const struct v4l2_pix_format *pix);

/* One row, n pixels (even): yuyv [2n] to bgr [3n]; each value is rounded to the nearest and kept in 0..255. */
typedef void pl_yuyv_fn(uint8_t *bgr, const uint8_t *yuyv, int n, const struct pl_yuv *k);
pl_yuyv_fn pl_yuyv_row_c;
#if defined(__x86_64__)
pl_yuyv_fn pl_yuyv_row_avx2; /* the same bits */
#endif
pl_yuyv_fn *pl_yuyv_row(unsigned cpu); /* bits of enum pl_cpu */

/* A decoder that keeps its memory from picture to picture. NULL: out of memory. own: pl_mjpeg_close */
struct pl_mjpeg;
struct pl_mjpeg *pl_mjpeg_open(void);
void pl_mjpeg_close(struct pl_mjpeg *decoder);

/* bgr [height][stride]. false: not a whole picture of this size (cut off, damaged, or another thing altogether); what was
 * decoded until then may be in bgr. Says nothing on any stream. */
bool pl_mjpeg_decode(struct pl_mjpeg *decoder, uint8_t *bgr, size_t stride, int width_px, int height_px, const uint8_t *data,
                     size_t size);

#endif
