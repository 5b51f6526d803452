/* A video file as a source; everything is done behind video.h. */
#include <math.h>
#include <stdio.h>
#include "internal.h"
#include "plumbline/units.h"
#include "plumbline/video.h"

static bool video_open(struct pl_camera *camera, const char *path, const struct pl_camera_options *options,
                       struct pl_err *err)
{
    struct pl_video *video;
    struct pl_camera_info *info = &camera->info;
    (void)options;
    if (!pl_video_open(&video, path, err))
        return false;
    struct pl_video_info v = pl_video_info(video);
    camera->source = video;
    info->kind = PL_CAMERA_VIDEO;
    info->width_px = v.width_px;
    info->height_px = v.height_px;
    info->fps = v.fps;
    info->duration_ns = v.duration_ns;
    info->n_frames = v.n_frames;
    info->seekable = true;
    if (isnan(v.fps))
        snprintf(info->mode, sizeof info->mode, "%dx%d video", v.width_px, v.height_px);
    else
        snprintf(info->mode, sizeof info->mode, "%dx%d video %.4g fps", v.width_px, v.height_px, v.fps);
    return true;
}

static enum pl_next video_next(struct pl_camera *camera, int64_t timeout_ns, struct pl_frame *out, struct pl_err *err)
{
    (void)timeout_ns;
    return pl_video_next(camera->source, out, err);
}

static bool video_seek(struct pl_camera *camera, int64_t t_ns, struct pl_err *err)
{
    return pl_video_seek(camera->source, t_ns, err);
}

static void video_close(struct pl_camera *camera) { pl_video_close(camera->source); }

const struct pl_camera_ops pl_camera_video_ops = {video_open, video_next, video_seek, video_close};
