/* Capture without a camera: this program defines libv4l2's own entry points, which then take the place of the
 * library's, and plays a script of frames and faults through them. The descriptor is a pipe with one byte for each
 * waiting frame, so that poll() is real; closing its other end is the hang-up of an unplugged camera. libv4l's
 * converter is the real one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libv4l2.h>
#include <linux/videodev2.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/camera/v4l2.h"
#include "../support/media.h"
#include "plumbline/camera.h"
#include "plumbline/units.h"

enum { MAX_BUFFERS = 8, BUFFER_SIZE = 1 << 22, TRUE_SIZE = 0 };

struct fake_mode { uint32_t fourcc; int w, h, fps; }; /* a list ends with fourcc 0; a format's modes stand together */
struct fake_frame {
    uint32_t sequence, flags, bytes;
    int t_ms;
    uint8_t luma;
}; /* bytes TRUE_SIZE: as many as the format has */

static struct {
    const struct fake_mode *modes;
    int open_errno, s_fmt_errno, reqbufs_errno, streamon_errno;
    uint32_t caps;
    bool second;                 /* /dev/video2 is there as well, with the same name */
    bool stepwise;               /* sizes are a range, rates too */
    const struct fake_frame *frames;
    int n_frames, at, end_errno; /* what dequeueing says after the last frame; 0: it waits */
    int n_interrupts;            /* calls that a signal interrupts first */
    int pipe[2];
    int n_open, n_buffers, n_queued;
    bool queued[MAX_BUFFERS], streaming;
    uint8_t *buffer[MAX_BUFFERS];
    struct v4l2_pix_format pix;
    struct v4l2_fract interval;
} fake;

static int errno_is(int error)
{
    errno = error;
    return -1;
}

int v4l2_open(const char *file, int oflag, ...)
{
    (void)oflag;
    if (!strcmp(file, "/dev/video2") && fake.second && !fake.open_errno)
        file = "/dev/video0";
    if (strcmp(file, "/dev/video0"))
        return errno_is(ENOENT);
    if (fake.open_errno)
        return errno_is(fake.open_errno);
    if (pipe2(fake.pipe, O_NONBLOCK | O_CLOEXEC))
        return -1;
    fake.n_open++;
    return fake.pipe[0];
}

static void hang_up(void)
{
    if (fake.pipe[1] >= 0)
        close(fake.pipe[1]);
    fake.pipe[1] = -1;
}

int v4l2_close(int fd)
{
    hang_up();
    fake.n_open--;
    fake.streaming = false;
    fake.n_buffers = 0;
    return close(fd);
}

void *v4l2_mmap(void *start, size_t length, int prot, int flags, int fd, int64_t offset)
{
    (void)start;
    (void)prot;
    (void)flags;
    (void)fd;
    assert_true(length <= BUFFER_SIZE);
    uint8_t *data = fake.buffer[offset / BUFFER_SIZE];
    return data ? data : (fake.buffer[offset / BUFFER_SIZE] = malloc(BUFFER_SIZE));
}

int v4l2_munmap(void *start, size_t length)
{
    (void)start;
    (void)length;
    return 0;
}

static int enum_format(struct v4l2_fmtdesc *f)
{
    uint32_t last = 0, n = 0;
    for (const struct fake_mode *m = fake.modes; m->fourcc; last = m->fourcc, m++)
        if (m->fourcc != last && n++ == f->index) {
            f->flags = 0;
            f->pixelformat = m->fourcc;
            return 0;
        }
    return errno_is(EINVAL);
}

static int enum_size(struct v4l2_frmsizeenum *f)
{
    uint32_t n = 0;
    int w = 0, h = 0;
    if (fake.stepwise) {
        if (f->index)
            return errno_is(EINVAL);
        f->type = V4L2_FRMSIZE_TYPE_STEPWISE;
        f->stepwise = (struct v4l2_frmsize_stepwise){160, 800, 16, 120, 600, 8};
        return 0;
    }
    for (const struct fake_mode *m = fake.modes; m->fourcc; m++) {
        if (m->fourcc != f->pixel_format)
            continue;
        if ((m->w != w || m->h != h) && n++ == f->index) {
            f->type = V4L2_FRMSIZE_TYPE_DISCRETE;
            f->discrete = (struct v4l2_frmsize_discrete){(uint32_t)m->w, (uint32_t)m->h};
            return 0;
        }
        w = m->w;
        h = m->h;
    }
    return errno_is(EINVAL);
}

static int enum_rate(struct v4l2_frmivalenum *f)
{
    uint32_t n = 0;
    if (fake.stepwise) {
        if (f->index)
            return errno_is(EINVAL);
        f->type = V4L2_FRMIVAL_TYPE_CONTINUOUS;
        f->stepwise.min = (struct v4l2_fract){1, 25};
        f->stepwise.max = (struct v4l2_fract){1, 5};
        return 0;
    }
    for (const struct fake_mode *m = fake.modes; m->fourcc; m++)
        if (m->fourcc == f->pixel_format && m->w == (int)f->width && m->h == (int)f->height && n++ == f->index) {
            f->type = V4L2_FRMIVAL_TYPE_DISCRETE;
            f->discrete = (struct v4l2_fract){1, (uint32_t)m->fps};
            return 0;
        }
    return errno_is(EINVAL);
}

static bool is_nv12(const struct v4l2_pix_format *pix) { return pix->pixelformat == V4L2_PIX_FMT_NV12; }

static int set_format(struct v4l2_format *f)
{
    struct v4l2_pix_format *pix = &f->fmt.pix;
    if (fake.s_fmt_errno)
        return errno_is(fake.s_fmt_errno);
    pix->bytesperline = pix->pixelformat == V4L2_PIX_FMT_MJPEG ? 0 : is_nv12(pix) ? pix->width : pix->width * 2;
    pix->sizeimage = pix->width * pix->height * 2 + 64; /* more than a frame, as drivers may say */
    fake.pix = *pix;
    return 0;
}

static int dequeue(struct v4l2_buffer *b)
{
    char byte;
    uint32_t i = 0;
    if (!fake.streaming)
        return errno_is(EINVAL);
    if (fake.at == fake.n_frames && fake.end_errno)
        return errno_is(fake.end_errno);
    if (read(fake.pipe[0], &byte, 1) != 1)
        return errno_is(EAGAIN);
    assert_true(fake.at < fake.n_frames && fake.n_queued > 0); /* the camera never gives back too few buffers */
    while (!fake.queued[i])
        i++;
    const struct fake_frame *f = &fake.frames[fake.at++];
    bool jpeg = fake.pix.pixelformat == V4L2_PIX_FMT_MJPEG;
    uint32_t pixels = fake.pix.width * fake.pix.height;
    uint32_t whole = jpeg ? TINY_JPEG_SIZE : is_nv12(&fake.pix) ? pixels * 3 / 2 : pixels * 2;
    if (jpeg)
        memcpy(fake.buffer[i], tiny_jpeg, TINY_JPEG_SIZE);
    if (is_nv12(&fake.pix)) { /* more red (V, the second of each pair) than grey has */
        memset(fake.buffer[i], f->luma, pixels);
        for (uint32_t k = pixels; k < whole; k += 2) {
            fake.buffer[i][k] = 128;
            fake.buffer[i][k + 1] = 180;
        }
    }
    for (uint32_t k = 0; !jpeg && !is_nv12(&fake.pix) && k < whole; k += 2) {
        fake.buffer[i][k] = f->luma;
        fake.buffer[i][k + 1] = 128;
    }
    fake.queued[i] = false;
    fake.n_queued--;
    *b = (struct v4l2_buffer){.index = i, .type = b->type, .memory = b->memory,
                              .sequence = f->sequence, .length = BUFFER_SIZE,
                              .bytesused = f->bytes == TRUE_SIZE ? whole : f->bytes,
                              .flags = f->flags | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
                              .timestamp = {.tv_sec = 100 + f->t_ms / 1000, .tv_usec = f->t_ms % 1000 * 1000}};
    return 0;
}

static int buffers(unsigned long request, void *arg)
{
    struct v4l2_buffer *b = arg;
    struct v4l2_requestbuffers *r = arg;
    switch (request) {
    case VIDIOC_REQBUFS:
        if (fake.reqbufs_errno)
            return errno_is(fake.reqbufs_errno);
        fake.n_buffers = (int)(r->count = r->count > MAX_BUFFERS ? MAX_BUFFERS : r->count);
        fake.n_queued = 0;
        memset(fake.queued, 0, sizeof fake.queued);
        return 0;
    case VIDIOC_QUERYBUF:
        b->length = BUFFER_SIZE;
        b->m.offset = b->index * BUFFER_SIZE;
        return 0;
    case VIDIOC_QBUF:
        assert_true((int)b->index < fake.n_buffers && !fake.queued[b->index]);
        fake.queued[b->index] = true;
        fake.n_queued++;
        b->flags = V4L2_BUF_FLAG_QUEUED; /* the kernel writes back too */
        b->timestamp = (struct timeval){0};
        return 0;
    default:
        return dequeue(b);
    }
}

int v4l2_ioctl(int fd, unsigned long request, ...)
{
    va_list ap;
    va_start(ap, request);
    void *arg = va_arg(ap, void *);
    va_end(ap);
    (void)fd;
    if (fake.n_interrupts > 0 && fake.n_interrupts--)
        return errno_is(EINTR);
    struct v4l2_capability *cap = arg;
    struct v4l2_streamparm *parm = arg;
    switch (request) {
    case VIDIOC_QUERYCAP:
        memset(cap, 0, sizeof *cap);
        strcpy((char *)cap->card, "Fake camera");
        cap->device_caps = fake.caps;
        cap->capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_META_CAPTURE | V4L2_CAP_DEVICE_CAPS;
        return 0;
    case VIDIOC_ENUM_FMT:
        return enum_format(arg);
    case VIDIOC_ENUM_FRAMESIZES:
        return enum_size(arg);
    case VIDIOC_ENUM_FRAMEINTERVALS:
        return enum_rate(arg);
    case VIDIOC_S_FMT:
        return set_format(arg);
    case VIDIOC_S_PARM:
        assert_false(fake.streaming);
        fake.interval = parm->parm.capture.timeperframe;
        return 0;
    case VIDIOC_REQBUFS:
    case VIDIOC_QUERYBUF:
    case VIDIOC_QBUF:
    case VIDIOC_DQBUF:
        return buffers(request, arg);
    case VIDIOC_STREAMON:
        if (fake.streamon_errno)
            return errno_is(fake.streamon_errno);
        fake.streaming = true;
        return 0;
    case VIDIOC_STREAMOFF:
        fake.streaming = false;
        return 0;
    default:
        return errno_is(ENOTTY);
    }
}

/* n frames of the script become ready. */
static void ready(int n)
{
    while (n-- > 0)
        assert_int_equal(write(fake.pipe[1], "x", 1), 1);
}

static const struct fake_mode yuyv_small[] = {{V4L2_PIX_FMT_YUYV, 64, 48, 30}, {0}};
static const struct fake_mode mjpeg_tiny[] = {{V4L2_PIX_FMT_MJPEG, TINY_JPEG_WIDTH, TINY_JPEG_HEIGHT, 30}, {0}};

static int setup(void **state)
{
    (void)state;
    memset(&fake, 0, sizeof fake);
    fake.modes = yuyv_small;
    fake.caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    fake.pipe[0] = fake.pipe[1] = -1;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < MAX_BUFFERS; i++)
        free(fake.buffer[i]);
    return fake.n_open; /* every path closes the device */
}

static struct pl_camera *open_fake(int w, int h, double fps)
{
    struct pl_camera_options options = {.source = "/dev/video0", .width_px = w, .height_px = h, .fps = fps};
    struct pl_camera *camera = NULL;
    struct pl_err err = {0};
    if (!pl_camera_open(&camera, &options, &err))
        fail_msg("%s", err.text);
    return camera;
}

static void play(const struct fake_frame *frames, int n)
{
    fake.frames = frames;
    fake.n_frames = n;
}

static void streaming(void **state)
{
    (void)state;
    static const struct fake_frame frames[] = {
        {0, 0, TRUE_SIZE, 0, 16}, {1, 0, TRUE_SIZE, 33, 126}, {2, 0, TRUE_SIZE, 67, 235}};
    struct pl_frame f;
    struct pl_err err;
    int last = -100;
    play(frames, 3);
    struct pl_camera *camera = open_fake(0, 0, 0);
    const struct pl_camera_info *info = pl_camera_info(camera);
    assert_int_equal(info->kind, PL_CAMERA_DEVICE);
    assert_string_equal(info->name, "Fake camera");
    assert_string_equal(info->mode, "64x48 YUYV 30 fps");
    assert_true(info->live && !info->seekable && fabs(info->fps - 30) < 1e-9);
    assert_true(fake.n_buffers >= 4 && fake.n_queued == fake.n_buffers);
    assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_NONE);
    for (int k = 0; k < 3; k++) {
        ready(1);
        assert_int_equal(pl_camera_next(camera, PL_NS_PER_S, &f, &err), PL_NEXT_FRAME);
        assert_int_equal(f.t_ns, INT64_C(1000000) * (100000 + frames[k].t_ms));
        assert_int_equal(f.index, k);
        assert_int_equal(f.width_px, 64);
        assert_int_equal(f.height_px, 48);
        assert_int_equal(f.pixels, PL_PIXELS_BGR24);
        int value = f.data[f.stride * 47 + 63 * 3 + 1];
        assert_true(value > last + 80);
        last = value;
        assert_int_equal(fake.n_queued, fake.n_buffers); /* every buffer is back with the driver */
    }
    assert_false(pl_camera_seek(camera, 0, &err));
    assert_int_equal(err.code, PL_E_UNSUPPORTED);
    assert_int_equal(pl_camera_counts(camera).dropped, 0);
    assert_int_equal(pl_camera_counts(camera).delivered, 3);
    pl_camera_close(camera);
}

static void newest_wins(void **state)
{
    (void)state;
    static const struct fake_frame frames[] = {{5, 0, TRUE_SIZE, 0, 16},
                                               {6, 0, TRUE_SIZE, 33, 50},
                                               {7, 0, TRUE_SIZE, 67, 235},
                                               {12, 0, TRUE_SIZE, 233, 126},
                                               {12, 0, TRUE_SIZE, 233, 126}};
    struct pl_frame f;
    struct pl_err err;
    play(frames, 5);
    struct pl_camera *camera = open_fake(0, 0, 0);
    ready(3);
    assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME);
    assert_true(f.data[0] > 220);
    assert_int_equal(f.index, 2);
    assert_int_equal(pl_camera_counts(camera).dropped, 2);
    assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_NONE);
    ready(1); /* the driver's numbers jump by five: four frames were lost */
    assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME);
    assert_int_equal(f.index, 7);
    assert_int_equal(pl_camera_counts(camera).dropped, 6);
    int64_t t_ns = f.t_ns;
    ready(1); /* neither number nor time moves on: order is kept all the same */
    assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME);
    assert_int_equal(f.index, 8);
    assert_true(f.t_ns > t_ns && f.t_ns < t_ns + 1000000);
    assert_int_equal(pl_camera_counts(camera).dropped, 6);
    pl_camera_close(camera);
}

static void bad_frames(void **state)
{
    (void)state;
    static const struct fake_frame frames[] = {{0, V4L2_BUF_FLAG_ERROR, TRUE_SIZE, 0, 16},
                                               {1, 0, 100, 33, 50},
                                               {2, 0, TRUE_SIZE, 67, 235},
                                               {3, V4L2_BUF_FLAG_ERROR, TRUE_SIZE, 100, 16}};
    struct pl_frame f;
    struct pl_err err;
    play(frames, 4);
    struct pl_camera *camera = open_fake(0, 0, 0);
    ready(2);
    assert_int_equal(pl_camera_next(camera, 1000000, &f, &err), PL_NEXT_NONE);
    ready(2);
    assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME); /* the good one before a bad one */
    assert_true(f.data[0] > 220);
    assert_int_equal(f.index, 2);
    assert_int_equal(pl_camera_counts(camera).bad, 3);
    assert_int_equal(pl_camera_counts(camera).dropped, 0);
    assert_int_equal(fake.n_queued, fake.n_buffers);
    pl_camera_close(camera);
}

static void mjpeg(void **state)
{
    (void)state;
    static const struct fake_frame frames[] = {{0, 0, TRUE_SIZE, 0, 0}, {1, 0, 0x20, 33, 0}, {2, 0, TRUE_SIZE, 67, 0}};
    struct pl_frame f;
    struct pl_err err;
    fake.modes = mjpeg_tiny;
    play(frames, 3);
    struct pl_camera *camera = open_fake(0, 0, 0);
    assert_string_equal(pl_camera_info(camera)->mode, "32x16 MJPEG 30 fps");
    ready(1);
    assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME);
    assert_true(f.data[3 * 2] < 40 && f.data[3 * 29] > 215);
    ready(1); /* cut off: it cannot be decoded */
    assert_int_equal(pl_camera_next(camera, 1000000, &f, &err), PL_NEXT_NONE);
    assert_int_equal(pl_camera_counts(camera).bad, 1);
    ready(1);
    assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME);
    assert_int_equal(fake.n_queued, fake.n_buffers);
    pl_camera_close(camera);
}

static void nv12(void **state)
{
    (void)state;
    static const struct fake_mode modes[] = {{V4L2_PIX_FMT_NV12, 64, 48, 30}, {0}};
    static const struct fake_frame frames[] = {{0, 0, TRUE_SIZE, 0, 126}, {1, 0, 64 * 48, 33, 50}, {2, 0, TRUE_SIZE, 67, 60}};
    struct pl_frame f;
    struct pl_err err;
    fake.modes = modes;
    play(frames, 3);
    struct pl_camera *camera = open_fake(0, 0, 0);
    assert_string_equal(pl_camera_info(camera)->mode, "64x48 NV12 30 fps");
    ready(1);
    assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME);
    const uint8_t *last = f.data + f.stride * 47 + 63 * 3; /* blue, green, red */
    assert_true(last[2] > 170 && last[1] < 110 && last[0] > 100 && last[0] < 150);
    ready(1); /* only the luma: half a picture */
    assert_int_equal(pl_camera_next(camera, 1000000, &f, &err), PL_NEXT_NONE);
    assert_int_equal(pl_camera_counts(camera).bad, 1);
    ready(1);
    assert_int_equal(pl_camera_next(camera, 0, &f, &err), PL_NEXT_FRAME);
    pl_camera_close(camera);
}

static void expect_mode(const struct fake_mode *modes, int w, int h, double fps, const char *mode)
{
    fake.modes = modes;
    struct pl_camera *camera = open_fake(w, h, fps);
    assert_string_equal(pl_camera_info(camera)->mode, mode);
    pl_camera_close(camera);
}

static void mode_choice(void **state)
{
    (void)state;
    enum { Y = V4L2_PIX_FMT_YUYV, M = V4L2_PIX_FMT_MJPEG };
    static const struct fake_mode laptop[] = {{M, 1280, 720, 30}, {M, 640, 480, 30},  {M, 640, 480, 15},
                                              {Y, 640, 480, 30},  {Y, 1280, 720, 10}, {0}};
    static const struct fake_mode only_yuyv[] = {{Y, 640, 480, 30}, {Y, 640, 480, 15}, {Y, 1280, 720, 10}, {0}};
    static const struct fake_mode nearly[] = {{Y, 640, 480, 30}, {M, 1280, 720, 25}, {0}};
    static const struct fake_mode only_mjpeg[] = {{M, 1920, 1080, 30}, {M, 640, 480, 30}, {M, 320, 240, 30}, {0}};
    expect_mode(laptop, 0, 0, 0, "1280x720 MJPEG 30 fps");
    expect_mode(laptop, 640, 480, 30, "640x480 YUYV 30 fps");
    expect_mode(laptop, 640, 480, 15, "640x480 MJPEG 15 fps");
    expect_mode(laptop, 1280, 720, 10, "1280x720 YUYV 10 fps");
    expect_mode(only_yuyv, 0, 0, 0, "640x480 YUYV 30 fps"); /* rate before size */
    expect_mode(nearly, 0, 0, 0, "1280x720 MJPEG 25 fps");
    expect_mode(only_mjpeg, 0, 0, 0, "1920x1080 MJPEG 30 fps");
    expect_mode(only_mjpeg, 640, 480, 0, "640x480 MJPEG 30 fps");
    fake.stepwise = true;
    expect_mode(yuyv_small, 0, 0, 0, "800x600 YUYV 25 fps");
    expect_mode(yuyv_small, 322, 241, 12, "320x240 YUYV 12 fps");
    assert_int_equal(fake.interval.denominator, 12 * fake.interval.numerator / 1);
}

static void expect_refusal(enum pl_err_code code, const char *part)
{
    struct pl_camera_options options = {.source = "/dev/video0"};
    struct pl_camera *camera = NULL;
    struct pl_err err = {0};
    assert_false(pl_camera_open(&camera, &options, &err));
    assert_null(camera);
    assert_int_equal(err.code, code);
    if (!strstr(err.text, part) || !strstr(err.text, "/dev/video0"))
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
    assert_int_equal(fake.n_open, 0);
}

static void refusals(void **state)
{
    (void)state;
    static const struct fake_mode odd[] = {{v4l2_fourcc('X', 'Y', 'Z', '0'), 640, 480, 30}, {0}};
    int *const where[] = {&fake.open_errno, &fake.s_fmt_errno, &fake.reqbufs_errno, &fake.streamon_errno};
    for (size_t i = 0; i < sizeof where / sizeof *where; i++) {
        *where[i] = EBUSY;
        expect_refusal(PL_E_BUSY, "in use by another program");
        *where[i] = ENODEV;
        expect_refusal(PL_E_GONE, "unplugged");
        *where[i] = EIO;
        expect_refusal(PL_E_DEVICE, "failed");
        *where[i] = 0;
    }
    fake.open_errno = EACCES;
    expect_refusal(PL_E_DENIED, "group \"video\"");
    fake.open_errno = ENOENT;
    expect_refusal(PL_E_DEVICE, "no such camera");
    fake.open_errno = 0;
    fake.streamon_errno = ENOSPC;
    expect_refusal(PL_E_BUSY, "USB bus is full");
    fake.streamon_errno = 0;
    fake.caps = V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING;
    expect_refusal(PL_E_DEVICE, "gives no pictures");
    fake.caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    fake.modes = odd;
    expect_refusal(PL_E_UNSUPPORTED, "no picture format");
}

/* The frame that came before the fault is still given out, then the reason. */
static void faults_while_streaming(void **state)
{
    (void)state;
    static const struct { int error; bool hang; const char *part; } faults[] = {
        {ENODEV, true, "unplugged"}, {ENODEV, false, "unplugged"}, {EIO, true, "reading from the camera failed"},
        {EIO, false, "reading from the camera failed"}, {EAGAIN, true, "reading from the camera failed"}};
    static const struct fake_frame frames[] = {{0, 0, TRUE_SIZE, 0, 16}};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct pl_frame f;
        struct pl_err err = {0};
        fake.at = 0;
        play(frames, 1);
        fake.end_errno = faults[i].error;
        struct pl_camera *camera = open_fake(0, 0, 0);
        ready(faults[i].hang ? 1 : 20); /* without a hang-up, poll says that something is there */
        if (faults[i].hang)
            hang_up();
        assert_int_equal(pl_camera_next(camera, PL_NS_PER_S, &f, &err), PL_NEXT_FRAME);
        assert_int_equal(pl_camera_next(camera, PL_NS_PER_S, &f, &err), PL_NEXT_FAILED);
        assert_int_equal(err.code, faults[i].error == ENODEV ? PL_E_GONE : PL_E_DEVICE);
        if (!strstr(err.text, faults[i].part) || !strstr(err.text, "/dev/video0"))
            fail_msg("%s", err.text);
        pl_camera_close(camera);
    }
}

static void interrupted_calls(void **state)
{
    (void)state;
    static const struct fake_frame frames[] = {{0, 0, TRUE_SIZE, 0, 16}};
    struct pl_frame f;
    struct pl_err err;
    play(frames, 1);
    fake.n_interrupts = 5;
    struct pl_camera *camera = open_fake(0, 0, 0);
    fake.n_interrupts = 5;
    ready(1);
    assert_int_equal(pl_camera_next(camera, PL_NS_PER_S, &f, &err), PL_NEXT_FRAME);
    pl_camera_close(camera);
}

static void listing(void **state)
{
    (void)state;
    enum { Y = V4L2_PIX_FMT_YUYV, M = V4L2_PIX_FMT_MJPEG };
    static const struct fake_mode laptop[] = {
        {M, 1280, 720, 30}, {M, 640, 480, 15}, {M, 640, 480, 30}, {Y, 640, 480, 30}, {0}};
    struct pl_camera_entry entry[2];
    struct pl_camera_options any = {0};
    struct pl_camera *camera = NULL;
    struct pl_err err = {0};
    fake.modes = laptop;
    assert_int_equal(pl_camera_list(entry, 2), 1);
    assert_string_equal(entry[0].path, "/dev/video0");
    assert_string_equal(entry[0].name, "Fake camera");
    assert_string_equal(entry[0].problem, "");
    assert_string_equal(entry[0].formats, "MJPEG 1280x720@30 640x480@30; YUYV 640x480@30");
    assert_int_equal(pl_camera_list(NULL, 0), 1);
    assert_true(pl_camera_open(&camera, &any, &err)); /* no name given: the first that works */
    assert_string_equal(pl_camera_info(camera)->source, "/dev/video0");
    pl_camera_close(camera);

    fake.reqbufs_errno = EBUSY;
    assert_int_equal(pl_camera_list(entry, 2), 1);
    assert_non_null(strstr(entry[0].problem, "in use"));
    assert_false(pl_camera_open(&camera, &any, &err));
    assert_int_equal(err.code, PL_E_BUSY);
    fake.reqbufs_errno = 0;

    fake.open_errno = EACCES;
    assert_int_equal(pl_camera_list(entry, 2), 1);
    assert_non_null(strstr(entry[0].problem, "group \"video\""));
    fake.open_errno = 0;

    fake.caps = V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING; /* the second node of a webcam */
    assert_int_equal(pl_camera_list(entry, 2), 0);
    assert_false(pl_camera_open(&camera, &any, &err));
    assert_int_equal(err.code, PL_E_DEVICE);
    assert_non_null(strstr(err.text, "no camera found"));
}

static void two_cameras(void **state)
{
    (void)state;
    static const struct { const char *wish, *path; } cases[] = {
        {NULL, "/dev/video0"}, {"2", "/dev/video2"}, {"0", "/dev/video0"}, {"/dev/video2", "/dev/video2"},
        {"fake cam", "/dev/video0"}, {"Fake camera", "/dev/video0"}, {"ERA", "/dev/video0"}};
    struct pl_camera *camera = NULL;
    struct pl_err err = {0};
    fake.second = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pl_camera_options options = {.source = cases[i].wish};
        if (!pl_camera_open(&camera, &options, &err))
            fail_msg("%s", err.text);
        assert_string_equal(pl_camera_info(camera)->source, cases[i].path);
        assert_string_equal(pl_camera_info(camera)->others, cases[i].wish ? "" : "Fake camera (/dev/video2)");
        pl_camera_close(camera);
    }
    struct pl_camera_options none = {.source = "Logitech"}, number = {.source = "7"};
    assert_false(pl_camera_open(&camera, &none, &err));
    assert_string_equal(err.text, "Logitech: there is no such file or folder, nor a camera of that name "
                                  "(the cameras: Fake camera (/dev/video0), Fake camera (/dev/video2))");
    assert_false(pl_camera_open(&camera, &number, &err));
    assert_non_null(strstr(err.text, "/dev/video7: there is no such camera"));
}

static void permission(void **state)
{
    (void)state;
    char path[] = "/tmp/plumbline-permission-XXXXXX";
    struct pl_err err = {0};
    const struct group *games = getgrnam("games");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, 0600), 0);
    assert_false(pl_camera_v4l2_fail(&err, path, "opening", EACCES));
    assert_non_null(strstr(err.text, "no group"));
    if (games && fchown(fd, (uid_t)-1, games->gr_gid) == 0) { /* root only */
        assert_int_equal(fchmod(fd, 0660), 0);
        assert_false(pl_camera_v4l2_fail(&err, path, "opening", EACCES));
        assert_non_null(strstr(err.text, "join the group \"games\" (sudo usermod -aG games $USER)"));
    }
    close(fd);
    remove(path);
    assert_false(pl_camera_v4l2_fail(&err, path, "opening", EACCES));
    assert_non_null(strstr(err.text, "join the group \"video\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(streaming, setup, teardown),
        cmocka_unit_test_setup_teardown(newest_wins, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_frames, setup, teardown),
        cmocka_unit_test_setup_teardown(mjpeg, setup, teardown),
        cmocka_unit_test_setup_teardown(nv12, setup, teardown),
        cmocka_unit_test_setup_teardown(two_cameras, setup, teardown),
        cmocka_unit_test_setup_teardown(permission, setup, teardown),
        cmocka_unit_test_setup_teardown(mode_choice, setup, teardown),
        cmocka_unit_test_setup_teardown(refusals, setup, teardown),
        cmocka_unit_test_setup_teardown(faults_while_streaming, setup, teardown),
        cmocka_unit_test_setup_teardown(interrupted_calls, setup, teardown),
        cmocka_unit_test_setup_teardown(listing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
