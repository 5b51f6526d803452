/* Frames with timestamps, the same calls for every source:
 *   a V4L2 device (/dev/videoN)         live, newest frame wins, kernel timestamps
 *   a video file                        every format of ordinary recordings (video.h)
 *   a folder of images                  in name order (numbers by value); 30 fps unless a file times.csv names seconds
 *   per file a landmark table (.csv)             no pictures: rows as `analyze --frames` writes them, or MediaPipe
 *   streams (t, lm0_x ...)
 */
#ifndef PLUMBLINE_CAMERA_H
#define PLUMBLINE_CAMERA_H

#include <stdbool.h>
#include <stdint.h>
#include "plumbline/err.h"
#include "plumbline/frame.h"
#include "plumbline/trace.h"

struct pl_camera;

enum pl_camera_kind { PL_CAMERA_DEVICE, PL_CAMERA_VIDEO, PL_CAMERA_IMAGES, PL_CAMERA_TABLE };

struct pl_camera_options {
    const char *source;        /* device, file or folder; where no such file is: "2" = /dev/video2, else a camera's name
                                * or part of it; NULL = the first camera that works, in the order of /dev/video* */
    int width_px, height_px;   /* wish for a device; 0 = 1280x720, else the nearest it offers */
    double fps;                /* wish for a device; 0 = 30 */
};

struct pl_camera_info {
    enum pl_camera_kind kind;
    char source[256];          /* path */
    char name[128];            /* device: card name; else the file's name */
    char mode[64];             /* e.g. "1280x720 MJPEG 30 fps"; "1280x720 video 29.97 fps"; "landmark table" */
    int width_px, height_px;   /* 0 when not known (a table that does not say) */
    double fps;                /* nominal, NAN unknown */
    char others[256];          /* source NULL: the cameras that were not taken, "Name (/dev/video2), ..." */
    int64_t duration_ns;       /* 0 unknown or live */
    int64_t n_frames;          /* 0 unknown or live */
    bool live, seekable;
};

/* own:  pl_camera_close
 * err:  IO, FORMAT, UNSUPPORTED, DEVICE, BUSY; the sentence says what to do ("/dev/video0 is in use by another
 *       program: close it or pass --camera"; permission denied names the device's group) */
bool pl_camera_open(struct pl_camera **out, const struct pl_camera_options *options, struct pl_err *err) PL_MUST_CHECK;
const struct pl_camera_info *pl_camera_info(const struct pl_camera *camera);

/* The next frame. Recordings: the next in order, without waiting. Devices: the newest frame, waiting up to timeout_ns
 * for it; older ones still in the driver's queue are dropped and counted. Frames the driver marks as bad are dropped
 * and counted. NONE: no frame within the time. The frame is valid until the next call. */
enum pl_next pl_camera_next(struct pl_camera *camera, int64_t timeout_ns, struct pl_frame *out,
                            struct pl_err *err) PL_MUST_CHECK;

/* What the last pl_camera_next cost (DECODE; waiting for a device is not counted). Valid until the next call. */
const struct pl_stage_times *pl_camera_times(const struct pl_camera *camera);

/* Recordings only: the next frame will be the last one at or before t_ns. err: UNSUPPORTED for a device. */
bool pl_camera_seek(struct pl_camera *camera, int64_t t_ns, struct pl_err *err) PL_MUST_CHECK;

struct pl_camera_counts {
    int64_t delivered;         /* frames given out */
    int64_t dropped;           /* newer ones took their place, or the driver's sequence number jumped */
    int64_t bad;               /* marked as bad by the driver, too short, or not decodable */
};
/* A video file that turned out to break off in the middle; known once the last frame was read. */
bool pl_camera_truncated(const struct pl_camera *camera);

struct pl_camera_counts pl_camera_counts(const struct pl_camera *camera);
void pl_camera_close(struct pl_camera *camera);

/* Capture devices present (metadata nodes left out); returns how many were found, at most max are written. */
struct pl_camera_entry {
    char path[64], name[128];
    char problem[256];         /* empty, or why it cannot be opened (busy, permission) */
    char formats[512];         /* "MJPEG 1280x720@30 640x480@30; YUYV 640x480@30" */
};
int pl_camera_list(struct pl_camera_entry *out, int max);

#endif
