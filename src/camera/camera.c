/* Frames with timestamps from whatever the user names: one table of operations, four sources.
 *
 *   v4l2.c     a camera: the newest frame wins, kernel timestamps
 *   video.c    a video file
 *   images.c   a folder of images
 *   table.c    a landmark table
 *
 * Which one it is follows from what lies at the path, not from the caller's wish; only a table is known
 * by its name (.csv). */
#include "plumbline/camera.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "internal.h"
#include "plumbline/video.h"
#include "v4l2.h"

enum { MAX_DEVICES = 64, V4L2_MAJOR = 81 };

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), k = strlen(end);
    return n >= k && !strcasecmp(s + n - k, end);
}

/* The operations for a path; NULL and err when nothing can be read there. */
static const struct pl_camera_ops *pick(const char *path, struct pl_err *err)
{
    struct stat st;
    /* a missing /dev/videoN is a camera that is not there, not a missing file: v4l2.c says so */
    if (!strncmp(path, "/dev/video", 10))
        return &pl_camera_v4l2_ops;
    if (stat(path, &st)) {
        if (errno == ENOENT)
            pl_fail(err, PL_E_IO, "%s: there is no such file or folder", path);
        else
            pl_fail(err, PL_E_IO, "%s cannot be read: %s", path, strerror(errno));
        return NULL;
    }
    if (S_ISCHR(st.st_mode) && major(st.st_rdev) == V4L2_MAJOR)
        return &pl_camera_v4l2_ops;
    if (S_ISCHR(st.st_mode)) { /* not opened to find out: opening alone starts some devices */
        pl_fail(err, PL_E_DEVICE, "%s is a device, but not a camera", path);
        return NULL;
    }
    if (S_ISDIR(st.st_mode))
        return &pl_camera_images_ops;
    if (S_ISREG(st.st_mode))
        return ends_with(path, ".csv") ? &pl_camera_table_ops : &pl_camera_video_ops;
    pl_fail(err, PL_E_UNSUPPORTED, "%s is neither a file, nor a folder, nor a camera", path);
    return NULL;
}

static bool open_path(struct pl_camera *camera, const char *path, const struct pl_camera_options *options,
                      struct pl_err *err)
{
    const char *slash = strrchr(path, '/');
    camera->ops = pick(path, err);
    if (!camera->ops)
        return false;
    memset(&camera->info, 0, sizeof camera->info);
    snprintf(camera->info.source, sizeof camera->info.source, "%s", path);
    snprintf(camera->info.name, sizeof camera->info.name, "%s", slash && slash[1] ? slash + 1 : path);
    return camera->ops->open(camera, path, options, err);
}

/* The first camera that works; if none does, why the first of them does not. */
static bool open_any(struct pl_camera *camera, const struct pl_camera_options *options, struct pl_err *err)
{
    static const char none[] =
        "no camera found: connect one (plumbline doctor lists what is seen), or give a recording instead";
    struct pl_camera_entry *entry = calloc(MAX_DEVICES, sizeof *entry);
    struct pl_err first = {0};
    bool ok = false;
    if (!entry)
        return pl_fail(err, PL_E_MEMORY, "out of memory looking for cameras");
    int n = pl_camera_list(entry, MAX_DEVICES);
    for (int i = 0; i < n && i < MAX_DEVICES && !ok; i++) {
        struct pl_err why = {0};
        ok = open_path(camera, entry[i].path, options, &why);
        if (!ok && !first.code)
            first = why;
    }
    if (ok)
        pl_camera_v4l2_name_others(camera->info.others, entry, n > MAX_DEVICES ? MAX_DEVICES : n, camera->info.source);
    free(entry);
    if (ok)
        return true;
    return first.code ? pl_fail(err, first.code, "%s", first.text) : pl_fail(err, PL_E_DEVICE, "%s", none);
}

bool pl_camera_open(struct pl_camera **out, const struct pl_camera_options *options, struct pl_err *err)
{
    const char *path = options->source;
    if (path && !*path)
        return pl_fail(err, PL_E_ARG, "the name of the camera or recording is empty");
    struct pl_camera *camera = calloc(1, sizeof *camera);
    if (!camera)
        return pl_fail(err, PL_E_MEMORY, "out of memory opening %s", path ? path : "a camera");
    char device[PL_CAMERA_PATH];
    bool named = path && !strchr(path, '/') && access(path, F_OK);
    bool ok = named ? pl_camera_v4l2_find(device, path, err) && open_path(camera, device, options, err)
            : path ? open_path(camera, path, options, err) : open_any(camera, options, err);
    if (ok)
        *out = camera;
    else
        free(camera);
    return ok;
}

const struct pl_camera_info *pl_camera_info(const struct pl_camera *camera) { return &camera->info; }

struct pl_camera_counts pl_camera_counts(const struct pl_camera *camera) { return camera->counts; }

enum pl_next pl_camera_next(struct pl_camera *camera, int64_t timeout_ns, struct pl_frame *out, struct pl_err *err)
{
    camera->times = (struct pl_stage_times){0};
    pl_stage_start(&camera->times);
    enum pl_next next = camera->ops->next(camera, timeout_ns, out, err);
    pl_stage_lap(&camera->times, PL_STAGE_DECODE);
    if (next == PL_NEXT_FRAME)
        camera->counts.delivered++;
    return next;
}

const struct pl_stage_times *pl_camera_times(const struct pl_camera *camera) { return &camera->times; }

bool pl_camera_seek(struct pl_camera *camera, int64_t t_ns, struct pl_err *err)
{
    if (!camera->info.seekable)
        return pl_fail(err, PL_E_UNSUPPORTED, "%s is live: there is nothing to go back to", camera->info.source);
    return camera->ops->seek(camera, t_ns, err);
}

bool pl_camera_truncated(const struct pl_camera *camera)
{
    return camera->info.kind == PL_CAMERA_VIDEO && pl_video_truncated(camera->source);
}

void pl_camera_close(struct pl_camera *camera)
{
    if (!camera)
        return;
    camera->ops->close(camera);
    free(camera);
}
