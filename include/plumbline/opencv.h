/* A plain C face over the OpenCV that plumbline uses: still images, writing video and PNG. The only C++ of the project
 * stands behind it (src/opencv/opencv.cpp) and lets no exception out.
 *
 * why:  OpenCV 4's own C headers no longer compile as C, and its modules export C++ symbols only
 * not:  reading video; see video.h
 */
#ifndef PLUMBLINE_OPENCV_H
#define PLUMBLINE_OPENCV_H

#include <stdbool.h>
#include <stdint.h>
#include "plumbline/err.h"
#include "plumbline/frame.h"

/* A still image as BGR24, EXIF rotation honoured. own: pl_opencv_image_free */
struct pl_image { int width_px, height_px; uint8_t *bgr; /* [height][width][3] */ };
bool pl_opencv_image_read(struct pl_image *out, const char *path, struct pl_err *err) PL_MUST_CHECK;
void pl_opencv_image_free(struct pl_image *image);

/* Writing video (--overlay) and PNG (screenshots). Frames must all have the size given at open. A written video has
 * the constant rate fps and keeps the frames' times: frames are repeated over gaps, and where several fall into one
 * slot the last one stays. */
struct pl_video_writer;
bool pl_opencv_writer_open(struct pl_video_writer **out, const char *path, int width_px, int height_px, double fps,
                           struct pl_err *err) PL_MUST_CHECK;
bool pl_opencv_writer_put(struct pl_video_writer *writer, const struct pl_frame *frame,
                          struct pl_err *err) PL_MUST_CHECK;
bool pl_opencv_writer_close(struct pl_video_writer *writer,
                            struct pl_err *err); /* NULL is fine; false: the file is not whole */
bool pl_opencv_png_write(const char *path, const struct pl_frame *frame, struct pl_err *err) PL_MUST_CHECK;

#endif
