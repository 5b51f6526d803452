/* A camera's modes; shared by v4l2.c (streaming) and v4l2_modes.c (choice, list). */
#ifndef PLUMBLINE_CAMERA_V4L2_H
#define PLUMBLINE_CAMERA_V4L2_H

#include <linux/videodev2.h>
#include "plumbline/camera.h"

struct pl_camera_mode {
    uint32_t fourcc;
    int width_px, height_px;
    struct v4l2_fract interval; /* seconds a frame; 0/0 when the driver does not say */
};

/* ioctl that is not disturbed by signals; errno as usual. */
int pl_camera_v4l2_ioctl(int fd, unsigned long request, void *arg);

/* An open device that captures; name [128] receives the card's name. -1 with err, and errno: 0 when it is there and
 * does not capture. */
int pl_camera_v4l2_open_fd(const char *path, char *name, struct pl_err *err);

/* The sentence for an errno value; returns false. */
bool pl_camera_v4l2_fail(struct pl_err *err, const char *path, const char *doing, int error);

/* "MJPEG"; the four letters themselves for a format without a usual name; static storage or buffer [5]. */
const char *pl_camera_v4l2_format_name(uint32_t fourcc, char *buffer);

/* The mode nearest to the wish; false when the device offers none that can be converted. */
bool pl_camera_v4l2_choose(struct pl_camera_mode *out, int fd, int width_px, int height_px, double fps);

/* The device that the user means: "2" is /dev/video2, anything else a camera's name or part of it, in either case; the
 * first of several. false: none, and err says which there are. */
enum { PL_CAMERA_PATH = 64, PL_CAMERA_OTHERS = 256 };
bool pl_camera_v4l2_find(char path[PL_CAMERA_PATH], const char *wish, struct pl_err *err);

/* "Name (/dev/video2), ...": all of the list but path. */
void pl_camera_v4l2_name_others(char text[PL_CAMERA_OTHERS], const struct pl_camera_entry *entry, int n, const char *path);

#endif
