/* A camera through libv4l2: memory-mapped streaming, the newest frame wins.
 *
 * how:  the mode nearest to the wish (v4l2_modes.c) is set in the camera's own format; of each batch of waiting
 *       buffers only the newest good one is converted to BGR (YUYV and MJPEG by our own converters, convert.h; the rest
 *       by libv4l's), and every buffer goes straight back to the driver. Converting late instead of asking libv4l2 for
 *       BGR buffers saves decoding pictures that nobody will see, and shows the driver's marks for bad frames, which
 *       libv4l2 retries silently.
 * time: the kernel's, when it is of the monotonic clock (all current drivers); else the clock when the buffer is taken.
 * not:  exposure, focus and other controls, which stay as the user's desktop has set them.
 */
#include <errno.h>
#include <libv4l-plugin.h>
#include <libv4l2.h>
#include <libv4lconvert.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "convert.h"
#include "internal.h"
#include "plumbline/clock.h"
#include "plumbline/cpu.h"
#include "plumbline/units.h"
#include "v4l2.h"

enum {
    N_BUFFERS = 4,      /* one being filled, one waiting, two for a reader that is late */
    MAX_FAULTS = 8      /* dequeue errors in a row that are passed over: the V4L2 API calls EIO possibly temporary */
};

struct device {
    int fd;
    struct v4l2_format format, bgr; /* as the camera sends; as it is given out */
    /* what turns the one into the other: one of these, none when the camera sends BGR24 already */
    pl_yuyv_fn *yuyv_row;
    struct pl_yuv yuv;
    struct pl_mjpeg *mjpeg;
    struct v4lconvert_data *convert;
    struct { uint8_t *data; size_t size; } map[VIDEO_MAX_FRAME];
    int n_maps;
    bool streaming;
    uint8_t *pixels;                /* bgr.fmt.pix.sizeimage */
    bool any;                       /* a buffer has arrived: last_sequence counts */
    uint32_t last_sequence;
    int64_t index, last_t_ns;
    int n_faults;
};

/* libv4l's converter asks the device for its controls; through libv4l2, like everything else here. */
static int convert_ioctl(void *unused, int fd, unsigned long request, void *arg)
{
    (void)unused;
    return v4l2_ioctl(fd, request, arg);
}

static const struct libv4l_dev_ops convert_ops = {.ioctl = convert_ioctl};

/* What a row takes in the formats that we read row by row; a driver that says less (or nothing) is not believed. */
static uint32_t least_bytesperline(const struct v4l2_pix_format *pix)
{
    return pix->pixelformat == V4L2_PIX_FMT_YUYV ? (pix->width + 1) / 2 * 4
         : pix->pixelformat == V4L2_PIX_FMT_BGR24 ? pix->width * 3 : 0;
}

static bool set_format(struct device *d, const struct pl_camera_mode *mode, const char *path, struct pl_err *err)
{
    struct v4l2_pix_format *pix = &d->format.fmt.pix;
    d->format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    pix->width = (uint32_t)mode->width_px;
    pix->height = (uint32_t)mode->height_px;
    pix->pixelformat = mode->fourcc;
    pix->field = V4L2_FIELD_NONE;
    if (pl_camera_v4l2_ioctl(d->fd, VIDIOC_S_FMT, &d->format))
        return pl_camera_v4l2_fail(err, path, "setting the picture size", errno);
    if (pix->pixelformat != mode->fourcc)
        return pl_fail(err, PL_E_DEVICE, "%s did not accept the format that it offers itself", path);
    if (pix->width < 16 || pix->height < 16 || pix->width > 16384 || pix->height > 16384)
        return pl_fail(err, PL_E_UNSUPPORTED, "%s: pictures of %u x %u pixels are not handled", path, pix->width,
                       pix->height);
    if (pix->bytesperline < least_bytesperline(pix))
        pix->bytesperline = least_bytesperline(pix);
    return true;
}

/* Before streaming starts. out: the rate that was really set, NAN if the driver does not say. */
static double set_rate(struct device *d, const struct pl_camera_mode *mode)
{
    struct v4l2_streamparm parm = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    struct v4l2_fract *t = &parm.parm.capture.timeperframe;
    *t = mode->interval;
    if (t->numerator == 0 || pl_camera_v4l2_ioctl(d->fd, VIDIOC_S_PARM, &parm)) {
        memset(&parm.parm, 0, sizeof parm.parm);
        if (pl_camera_v4l2_ioctl(d->fd, VIDIOC_G_PARM, &parm))
            return NAN;
    }
    return t->numerator && t->denominator ? (double)t->denominator / t->numerator : (double)NAN;
}

static bool map_buffers(struct device *d, const char *path, struct pl_err *err)
{
    struct v4l2_requestbuffers request = {
        .count = N_BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    if (pl_camera_v4l2_ioctl(d->fd, VIDIOC_REQBUFS, &request))
        return pl_camera_v4l2_fail(err, path, "asking for buffers", errno);
    if (request.count < 2)
        return pl_fail(err, PL_E_DEVICE, "%s: the camera gives only %u buffer", path, request.count);
    for (uint32_t i = 0; i < request.count && i < VIDEO_MAX_FRAME; i++) {
        struct v4l2_buffer b = {.type = request.type, .memory = request.memory, .index = i};
        if (pl_camera_v4l2_ioctl(d->fd, VIDIOC_QUERYBUF, &b))
            return pl_camera_v4l2_fail(err, path, "asking for buffers", errno);
        void *data = v4l2_mmap(NULL, b.length, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, b.m.offset);
        if (data == MAP_FAILED)
            return pl_camera_v4l2_fail(err, path, "mapping buffers", errno);
        d->map[i].data = data;
        d->map[i].size = b.length;
        d->n_maps++;
        if (pl_camera_v4l2_ioctl(d->fd, VIDIOC_QBUF, &b))
            return pl_camera_v4l2_fail(err, path, "queueing buffers", errno);
    }
    return true;
}

static bool open_converter(struct device *d, const char *path, struct pl_err *err)
{
    struct v4l2_pix_format *pix = &d->bgr.fmt.pix;
    d->bgr = d->format;
    pix->pixelformat = V4L2_PIX_FMT_BGR24;
    pix->bytesperline = pix->width * 3;
    pix->sizeimage = pix->bytesperline * pix->height;
    d->pixels = malloc(pix->sizeimage);
    if (!d->pixels)
        return pl_fail(err, PL_E_MEMORY, "out of memory opening %s", path);
    switch (d->format.fmt.pix.pixelformat) {
    case V4L2_PIX_FMT_BGR24:
        return true;
    case V4L2_PIX_FMT_YUYV:
        d->yuyv_row = pl_yuyv_row(pl_cpu_detect());
        d->yuv = pl_camera_yuv(&d->format.fmt.pix);
        return true;
    case V4L2_PIX_FMT_MJPEG:
    case V4L2_PIX_FMT_JPEG:
        d->mjpeg = pl_mjpeg_open();
        return d->mjpeg || pl_fail(err, PL_E_MEMORY, "out of memory opening %s", path);
    default:
        d->convert = v4lconvert_create_with_dev_ops(d->fd, NULL, &convert_ops);
        return d->convert || pl_fail(err, PL_E_DEVICE, "%s: libv4l cannot convert this camera's pictures", path);
    }
}

static void release(struct device *d)
{
    enum v4l2_buf_type type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (!d)
        return;
    if (d->streaming)
        pl_camera_v4l2_ioctl(d->fd, VIDIOC_STREAMOFF, &type);
    for (int i = 0; i < d->n_maps; i++)
        v4l2_munmap(d->map[i].data, d->map[i].size);
    if (d->convert)
        v4lconvert_destroy(d->convert);
    pl_mjpeg_close(d->mjpeg);
    if (d->fd >= 0)
        v4l2_close(d->fd);
    free(d->pixels);
    free(d);
}

static void fill_info(struct pl_camera_info *info, const struct device *d, double fps)
{
    char letters[5];
    const struct v4l2_pix_format *pix = &d->format.fmt.pix;
    const char *format = pl_camera_v4l2_format_name(pix->pixelformat, letters);
    info->kind = PL_CAMERA_DEVICE;
    info->width_px = (int)pix->width;
    info->height_px = (int)pix->height;
    info->fps = fps;
    info->live = true;
    if (isnan(fps))
        snprintf(info->mode, sizeof info->mode, "%ux%u %s", pix->width, pix->height, format);
    else
        snprintf(info->mode, sizeof info->mode, "%ux%u %s %.4g fps", pix->width, pix->height, format, fps);
}

static bool v4l2_source_open(struct pl_camera *camera, const char *path, const struct pl_camera_options *options,
                             struct pl_err *err)
{
    enum v4l2_buf_type type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    bool ok = false;
    bool sized = options->width_px > 0 && options->height_px > 0;
    struct pl_camera_mode mode;
    struct device *d = calloc(1, sizeof *d);
    if (!d)
        return pl_fail(err, PL_E_MEMORY, "out of memory opening %s", path);
    d->index = -1;
    d->last_t_ns = INT64_MIN;
    d->fd = pl_camera_v4l2_open_fd(path, camera->info.name, err);
    if (d->fd < 0)
        goto done;
    if (!pl_camera_v4l2_choose(&mode, d->fd, sized ? options->width_px : 1280, sized ? options->height_px : 720,
                               options->fps > 0 ? options->fps : 30)) {
        pl_fail(err, PL_E_UNSUPPORTED, "%s offers no picture format that can be converted", path);
        goto done;
    }
    if (!set_format(d, &mode, path, err))
        goto done;
    double fps = set_rate(d, &mode);
    if (!open_converter(d, path, err) || !map_buffers(d, path, err))
        goto done;
    if (pl_camera_v4l2_ioctl(d->fd, VIDIOC_STREAMON, &type)) {
        /* ENOSPC: the USB bus has no bandwidth left, an expected thing with two cameras on one hub */
        if (errno == ENOSPC)
            pl_fail(err, PL_E_BUSY, "%s: the USB bus is full: unplug another camera or use another port", path);
        else
            pl_camera_v4l2_fail(err, path, "starting the camera", errno);
        goto done;
    }
    d->streaming = true;
    fill_info(&camera->info, d, fps);
    camera->source = d;
    ok = true;
done:
    if (!ok)
        release(d);
    return ok;
}

/* 1: something to take, 0: nothing within the time, -1: poll itself failed; hung: the driver reports an error state. */
static int wait_until(const struct device *d, int64_t deadline_ns, bool *hung)
{
    for (;;) {
        struct pollfd p = {.fd = d->fd, .events = POLLIN};
        int64_t left_ns = deadline_ns - pl_clock_now_ns();
        int64_t left_ms = left_ns <= 0 ? 0 : (left_ns + 999999) / 1000000;
        int rc = poll(&p, 1, left_ms > 60000 ? 60000 : (int)left_ms);
        *hung = rc > 0 && p.revents & (POLLERR | POLLHUP | POLLNVAL);
        if (rc > 0 || (rc < 0 && errno != EINTR))
            return rc;
        if (left_ns <= 0)
            return 0;
    }
}

/* Bytes of a whole frame: exact for uncompressed formats (sizeimage may be more), at least one for compressed ones. */
static uint32_t whole_bytes(const struct v4l2_pix_format *pix)
{
    switch (pix->pixelformat) {
    case V4L2_PIX_FMT_MJPEG:
    case V4L2_PIX_FMT_JPEG:
        return 1;
    case V4L2_PIX_FMT_NV12:
    case V4L2_PIX_FMT_YUV420:
    case V4L2_PIX_FMT_YVU420:
        return pix->bytesperline ? pix->bytesperline * (pix->height + pix->height / 2) : pix->sizeimage;
    default:
        return pix->bytesperline ? pix->bytesperline * pix->height : pix->sizeimage;
    }
}

static bool is_whole(const struct device *d, const struct v4l2_buffer *b)
{
    return b->index < (uint32_t)d->n_maps && b->bytesused <= d->map[b->index].size &&
           b->bytesused >= whole_bytes(&d->format.fmt.pix);
}

/* Follows the driver's sequence numbers; a driver that does not count leaves the difference at 0. */
static void note_sequence(struct pl_camera *camera, struct device *d, uint32_t sequence)
{
    uint32_t step = d->any ? sequence - d->last_sequence : 1;
    if (step == 0 || step > UINT32_MAX / 2)
        step = 1;
    camera->counts.dropped += step - 1;
    d->index += step;
    d->last_sequence = sequence;
    d->any = true;
}

static int64_t buffer_t_ns(struct device *d, const struct v4l2_buffer *b)
{
    int64_t t_ns = (int64_t)b->timestamp.tv_sec * PL_NS_PER_S + (int64_t)b->timestamp.tv_usec * 1000;
    if ((b->flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) != V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC || t_ns == 0)
        t_ns = pl_clock_now_ns();
    if (t_ns <= d->last_t_ns)
        t_ns = d->last_t_ns + 1000; /* two frames of one microsecond: order is kept */
    d->last_t_ns = t_ns;
    return t_ns;
}

static bool convert(struct device *d, const struct v4l2_buffer *b)
{
    uint8_t *raw = d->map[b->index].data;
    const struct v4l2_pix_format *pix = &d->bgr.fmt.pix;
    int size = (int)pix->sizeimage;
    size_t row = pix->bytesperline, from = d->format.fmt.pix.bytesperline;

    if (d->mjpeg)
        return pl_mjpeg_decode(d->mjpeg, d->pixels, row, (int)pix->width, (int)pix->height, raw, b->bytesused);
    if (d->convert)
        return v4lconvert_convert(d->convert, &d->format, &d->bgr, raw, (int)b->bytesused, d->pixels, size) == size;
    for (uint32_t y = 0; y < pix->height; y++)
        if (d->yuyv_row)
            d->yuyv_row(d->pixels + y * row, raw + y * from, (int)pix->width, &d->yuv);
        else
            memcpy(d->pixels + y * row, raw + y * from, row);
    return true;
}

/* Takes all waiting buffers; the newest good one stays in *out with its index, the others go back.
 * 1: there is one, 0: none, -1: errno. */
static int take_newest(struct pl_camera *camera, struct device *d, struct v4l2_buffer *out, int64_t *index)
{
    int found = 0;
    for (;;) {
        struct v4l2_buffer b = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
        /* an error after a good frame is passed over: one that lasts comes back at the next call */
        if (pl_camera_v4l2_ioctl(d->fd, VIDIOC_DQBUF, &b))
            return found || errno == EAGAIN ? found : -1;
        note_sequence(camera, d, b.sequence);
        struct v4l2_buffer back = b;
        if (b.flags & V4L2_BUF_FLAG_ERROR || !is_whole(d, &b)) {
            camera->counts.bad++;
        } else {
            d->n_faults = 0;
            back = *out;
            *out = b;
            *index = d->index;
            if (!found) {
                found = 1;
                continue;
            }
            camera->counts.dropped++;
        }
        if (pl_camera_v4l2_ioctl(d->fd, VIDIOC_QBUF, &back))
            return -1;
    }
}

static bool is_passing_fault(struct device *d, bool hung, int error)
{
    return error == EIO && !hung && ++d->n_faults < MAX_FAULTS;
}

static enum pl_next v4l2_source_next(struct pl_camera *camera, int64_t timeout_ns, struct pl_frame *out,
                                     struct pl_err *err)
{
    struct device *d = camera->source;
    const struct v4l2_pix_format *pix = &d->bgr.fmt.pix;
    int64_t now_ns = pl_clock_now_ns();
    int64_t deadline_ns = timeout_ns > INT64_MAX - now_ns ? INT64_MAX : now_ns + timeout_ns;
    for (;;) {
        struct v4l2_buffer b = {0};
        int64_t index = 0;
        bool hung;
        int rc = wait_until(d, deadline_ns, &hung);
        pl_stage_start(&camera->times);
        if (rc == 0)
            return PL_NEXT_NONE;
        rc = rc < 0 ? -1 : take_newest(camera, d, &b, &index);
        if (rc < 0 && is_passing_fault(d, hung, errno)) {
            camera->counts.bad++;
            continue;
        }
        if (rc < 0 || (rc == 0 && hung)) {
            pl_camera_v4l2_fail(err, camera->info.source, "reading from the camera", rc < 0 ? errno : EIO);
            return PL_NEXT_FAILED;
        }
        if (rc == 0)
            continue;
        int64_t t_ns = buffer_t_ns(d, &b); /* now: giving the buffer back clears its time */
        bool good = convert(d, &b);
        if (pl_camera_v4l2_ioctl(d->fd, VIDIOC_QBUF, &b) && !good) {
            pl_camera_v4l2_fail(err, camera->info.source, "reading from the camera", errno);
            return PL_NEXT_FAILED;
        }
        if (!good) {
            camera->counts.bad++;
            continue;
        }
        *out = (struct pl_frame){.t_ns = t_ns, .index = index, .width_px = (int)pix->width,
                                 .height_px = (int)pix->height, .stride = pix->bytesperline, .pixels = PL_PIXELS_BGR24,
                                 .data = d->pixels, .given_person_p = NAN};
        return PL_NEXT_FRAME;
    }
}

static void v4l2_source_close(struct pl_camera *camera) { release(camera->source); }

const struct pl_camera_ops pl_camera_v4l2_ops = {v4l2_source_open, v4l2_source_next, NULL, v4l2_source_close};
