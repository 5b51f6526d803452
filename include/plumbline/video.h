/* Video files and still images. Reading video: every frame a player would show, upright, with the file's own times.
 *
 * why:  on FFmpeg and not on OpenCV's video reader, which itself stands on FFmpeg: that one takes no notice of a file's
 *       colour matrix, gives no times for the last frames and seeks by a constant rate; src/video/video.c says what was measured
 */
#ifndef PLUMBLINE_VIDEO_H
#define PLUMBLINE_VIDEO_H

#include <stdbool.h>
#include <stdint.h>
#include "plumbline/err.h"
#include "plumbline/frame.h"

struct pl_video;

struct pl_video_info {
    int width_px, height_px;   /* as shown: after the file's rotation */
    double fps; /* nominal; NAN if the file does not say. Frame times come from the file, not from this */
    int64_t duration_ns;       /* as the file states it, 0 if unknown */
    int64_t n_frames;          /* as the file states it, 0 if unknown */
};

/* err: IO (missing), FORMAT (not a video, no frame in it: names the file), UNSUPPORTED (codec)
 * own: pl_video_close */
bool pl_video_open(struct pl_video **out, const char *path, struct pl_err *err) PL_MUST_CHECK;
struct pl_video_info pl_video_info(const struct pl_video *video);

/* The next frame, BGR24, upright. t_ns is the file's presentation time from the first frame shown (the first is 0) and
 * grows strictly; frames that an edit list hides are not shown. Pixels that are not square in the file are made
 * square. The index counts shown frames; after a seek it is taken from the time and the nominal rate. Valid until the
 * next call. A file that breaks off in the middle ends with PL_NEXT_END after the last whole frame, and
 * pl_video_truncated() is then true (MP4, MOV and AVI, which say how much there should be). */
enum pl_next pl_video_next(struct pl_video *video, struct pl_frame *out, struct pl_err *err) PL_MUST_CHECK;
bool pl_video_truncated(const struct pl_video *video);

/* The next frame will be the last one at or before t_ns (0 = start). */
bool pl_video_seek(struct pl_video *video, int64_t t_ns, struct pl_err *err) PL_MUST_CHECK;
void pl_video_close(struct pl_video *video);

/* Writing video (--overlay). Frames must all have the size given at open; RGB24 or BGR24. A written video has the constant
 * rate fps and keeps the frames' times: frames are repeated over gaps, and where several fall into one slot the last one
 * stays. err: ARG, IO, UNSUPPORTED (the name's ending), MEMORY; put: INTERNAL for another size. own: pl_video_writer_close */
struct pl_video_writer;
bool pl_video_writer_open(struct pl_video_writer **out, const char *path, int width_px, int height_px, double fps,
                          struct pl_err *err) PL_MUST_CHECK;
bool pl_video_writer_put(struct pl_video_writer *writer, const struct pl_frame *frame, struct pl_err *err) PL_MUST_CHECK;
bool pl_video_writer_close(struct pl_video_writer *writer, struct pl_err *err); /* NULL is fine; false: the file is not whole */

/* A still image (JPEG, PNG, BMP) as BGR24, EXIF rotation honoured. own: pl_image_free
 * err: IO, FORMAT, UNSUPPORTED, MEMORY */
struct pl_image { int width_px, height_px; uint8_t *bgr; /* [height][width][3] */ };
bool pl_image_read(struct pl_image *out, const char *path, struct pl_err *err) PL_MUST_CHECK;
void pl_image_free(struct pl_image *image);
bool pl_image_write_png(const char *path, const struct pl_frame *frame, struct pl_err *err) PL_MUST_CHECK;

#endif
