/* What the four sources share inside camera; nobody else includes this. */
#ifndef PLUMBLINE_CAMERA_INTERNAL_H
#define PLUMBLINE_CAMERA_INTERNAL_H

#include "plumbline/camera.h"

/* A source: `open` fills camera->info and camera->source, on failure it leaves nothing behind. `next` need not set the
 * index of dropped frames apart; camera.c counts what was delivered. */
struct pl_camera_ops {
    bool (*open)(struct pl_camera *camera, const char *path, const struct pl_camera_options *options,
                 struct pl_err *err);
    enum pl_next (*next)(struct pl_camera *camera, int64_t timeout_ns, struct pl_frame *out, struct pl_err *err);
    bool (*seek)(struct pl_camera *camera, int64_t t_ns, struct pl_err *err);
    void (*close)(struct pl_camera *camera);
};

struct pl_camera {
    const struct pl_camera_ops *ops;
    struct pl_camera_info info;
    struct pl_camera_counts counts;
    struct pl_stage_times times; /* of the running pl_camera_next; a source that waits starts its lap anew after that */
    void *source; /* the implementation's own */
};

extern const struct pl_camera_ops pl_camera_v4l2_ops, pl_camera_video_ops, pl_camera_images_ops, pl_camera_table_ops;

#endif
