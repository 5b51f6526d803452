/* Reading video files and still images, writing video and PNG: a plain C face over OpenCV, and over FFmpeg, on which OpenCV's own
 * video reader stands. The only C++ of the project stands behind it (src/opencv/opencv.cpp) and lets no exception out.
 *
 * why:  OpenCV 4's own C headers no longer compile as C, and its video modules export C++ symbols only. Its video reader is not used:
 *       it takes no notice of a file's colour matrix, gives no times for the last frames and seeks by a constant rate; src/opencv/
 *       video.c says what was measured.
 */
#ifndef PLUMBLINE_OPENCV_H
#define PLUMBLINE_OPENCV_H

#include <stdbool.h>
#include <stdint.h>
#include "plumbline/err.h"
#include "plumbline/frame.h"

enum pl_next {
    PL_NEXT_FRAME,  /* out was filled */
    PL_NEXT_NONE,   /* nothing new within the time given (live sources only) */
    PL_NEXT_END,    /* the recording is over */
    PL_NEXT_FAILED  /* err says why */
};

struct pl_video;

struct pl_video_info {
    int width_px, height_px;   /* as shown: after the file's rotation */
    double fps;                /* nominal; NAN if the file does not say. Frame times come from the file, not from this */
    int64_t duration_ns;       /* as the file states it, 0 if unknown */
    int64_t n_frames;          /* as the file states it, 0 if unknown */
};

/* err: IO (missing), FORMAT (not a video, no frame in it: names the file), UNSUPPORTED (codec)
 * own: pl_opencv_video_close */
bool pl_opencv_video_open(struct pl_video **out, const char *path, struct pl_err *err) PL_MUST_CHECK;
struct pl_video_info pl_opencv_video_info(const struct pl_video *video);

/* The next frame, BGR24, upright. t_ns is the file's presentation time from the first frame shown (the first is 0) and grows
 * strictly; frames that an edit list hides are not shown. Pixels that are not square in the file are made square. The index counts
 * shown frames; after a seek it is taken from the time and the nominal rate. Valid until the next call. A file that breaks off in
 * the middle ends with PL_NEXT_END after the last whole frame, and pl_opencv_video_truncated() is then true (MP4, MOV and AVI, which
 * say how much there should be). */
enum pl_next pl_opencv_video_next(struct pl_video *video, struct pl_frame *out, struct pl_err *err) PL_MUST_CHECK;
bool pl_opencv_video_truncated(const struct pl_video *video);

/* The next frame will be the last one at or before t_ns (0 = start). */
bool pl_opencv_video_seek(struct pl_video *video, int64_t t_ns, struct pl_err *err) PL_MUST_CHECK;
void pl_opencv_video_close(struct pl_video *video);

/* A still image as BGR24, EXIF rotation honoured. own: pl_opencv_image_free */
struct pl_image { int width_px, height_px; uint8_t *bgr; /* [height][width][3] */ };
bool pl_opencv_image_read(struct pl_image *out, const char *path, struct pl_err *err) PL_MUST_CHECK;
void pl_opencv_image_free(struct pl_image *image);

/* Writing video (--overlay) and PNG (screenshots). Frames must all have the size given at open. A written video has the constant rate
 * fps and keeps the frames' times: frames are repeated over gaps, and where several fall into one slot the last one stays. */
struct pl_video_writer;
bool pl_opencv_writer_open(struct pl_video_writer **out, const char *path, int width_px, int height_px, double fps,
                           struct pl_err *err) PL_MUST_CHECK;
bool pl_opencv_writer_put(struct pl_video_writer *writer, const struct pl_frame *frame, struct pl_err *err) PL_MUST_CHECK;
bool pl_opencv_writer_close(struct pl_video_writer *writer, struct pl_err *err); /* NULL is fine; false: the file is not whole */
bool pl_opencv_png_write(const char *path, const struct pl_frame *frame, struct pl_err *err) PL_MUST_CHECK;

#endif
