/* Which modes a camera offers, which of them fits the wish best, and the list of cameras.
 *
 * how: every native format, size and rate that the driver enumerates is a mode; the nearest one on a logarithmic scale
 *      wins, where a rate below the wish costs more than a size off the wish, because movements are lost between
 *      frames. At equal distance the uncompressed format wins. Webcams cannot send 1280x720 uncompressed at 30 fps
 *      over USB 2: MJPEG then.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libv4l2.h>
#include <math.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "v4l2.h"

enum { MAX_MODES = 512, MAX_NODES = 256, MAX_LISTED = 16 };

/* What libv4l converts, best first. BGR24 is also the format that libv4l offers in place of a camera's own odd ones. */
static const struct { uint32_t fourcc; const char *name; } formats[] = {
    {V4L2_PIX_FMT_YUYV, "YUYV"},   {V4L2_PIX_FMT_UYVY, "UYVY"},   {V4L2_PIX_FMT_YVYU, "YVYU"},
    {V4L2_PIX_FMT_NV12, "NV12"},   {V4L2_PIX_FMT_YUV420, "YU12"}, {V4L2_PIX_FMT_YVU420, "YV12"},
    {V4L2_PIX_FMT_RGB24, "RGB24"}, {V4L2_PIX_FMT_MJPEG, "MJPEG"}, {V4L2_PIX_FMT_JPEG, "JPEG"},
    {V4L2_PIX_FMT_GREY, "grey"},   {V4L2_PIX_FMT_BGR24, "BGR24"}};

enum { N_FORMATS = sizeof formats / sizeof *formats };

struct modes { struct pl_camera_mode mode[MAX_MODES]; int n; };

int pl_camera_v4l2_ioctl(int fd, unsigned long request, void *arg)
{
    int rc;
    do
        rc = v4l2_ioctl(fd, request, arg);
    while (rc < 0 && errno == EINTR);
    return rc;
}

static bool is_member(const struct group *group)
{
    struct passwd me, *found = NULL;
    char text[4096];
    if (getpwuid_r(getuid(), &me, text, sizeof text, &found) || !found)
        return false;
    for (char **name = group->gr_mem; name && *name; name++)
        if (!strcmp(*name, me.pw_name))
            return true;
    return false;
}

/* Which group opens the device is written on the device; it is "video" on every usual system. */
static bool fail_permission(struct pl_err *err, const char *path)
{
    struct group group, *found = NULL;
    struct stat st;
    char text[16384];
    bool there = stat(path, &st) == 0;
    if (there && ((st.st_mode & (S_IRGRP | S_IWGRP)) != (S_IRGRP | S_IWGRP) || st.st_gid == 0))
        return pl_fail(err, PL_E_DENIED, "%s may be used by no group of users: ask who looks after this computer to "
                       "give it to the group \"video\" (sudo chgrp video %s; sudo chmod 660 %s)", path, path, path);
    if (there && (getgrgid_r(st.st_gid, &group, text, sizeof text, &found) || !found))
        return pl_fail(err, PL_E_DENIED, "%s may not be used by you: join the group number %u, log in again", path,
                       (unsigned)st.st_gid);
    const char *name = found ? group.gr_name : "video";
    if (found && is_member(&group))
        return pl_fail(err, PL_E_DENIED,
                       "%s may not be used by you yet: you are in the group \"%s\" from your next login on: log in again",
                       path, name);
    return pl_fail(err, PL_E_DENIED,
                   "%s may not be used by you: join the group \"%s\" (sudo usermod -aG %s $USER), log in again", path,
                   name, name);
}

bool pl_camera_v4l2_fail(struct pl_err *err, const char *path, const char *doing, int error)
{
    switch (error) {
    case EBUSY:
        return pl_fail(err, PL_E_BUSY,
                       "%s is in use by another program: close it or choose another camera with --camera", path);
    case EACCES:
    case EPERM:
        return fail_permission(err, path);
    case ENOENT:
        return pl_fail(err, PL_E_DEVICE,
                       "%s: there is no such camera; connect it, or see the list in \"plumbline doctor\"", path);
    case ENODEV:
    case ENXIO:
        return pl_fail(err, PL_E_GONE, "%s was unplugged: plug it in again", path);
    case ENOTTY:
        return pl_fail(err, PL_E_DEVICE, "%s is not a camera", path);
    default:
        return pl_fail(err, PL_E_DEVICE, "%s: %s failed (%s): unplug the camera and plug it in again", path,
                       doing, strerror(error));
    }
}

int pl_camera_v4l2_open_fd(const char *path, char *name, struct pl_err *err)
{
    struct v4l2_capability cap = {0};
    if (!v4l2_log_file)
        v4l2_log_file = fopen("/dev/null", "w"); /* libv4l2 would print its own errors; users get our one sentence */
    int fd = v4l2_open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC), why = 0;
    if (fd < 0 || pl_camera_v4l2_ioctl(fd, VIDIOC_QUERYCAP, &cap)) {
        why = errno;
        pl_camera_v4l2_fail(err, path, "opening", why);
        goto failed;
    }
    uint32_t caps = cap.capabilities & V4L2_CAP_DEVICE_CAPS ? cap.device_caps : cap.capabilities;
    if (!(caps & V4L2_CAP_VIDEO_CAPTURE) || !(caps & V4L2_CAP_STREAMING)) {
        pl_fail(err, PL_E_DEVICE,
                "%s gives no pictures: it only belongs to a camera; the camera itself is another /dev/video", path);
        goto failed;
    }
    snprintf(name, 128, "%.*s", (int)sizeof cap.card, (const char *)cap.card);
    return fd;
failed:
    if (fd >= 0)
        v4l2_close(fd);
    errno = why;
    return -1;
}

static int rank(uint32_t fourcc)
{
    int i = 0;
    while (i < N_FORMATS && formats[i].fourcc != fourcc)
        i++;
    return i;
}

const char *pl_camera_v4l2_format_name(uint32_t fourcc, char *buffer)
{
    int i = rank(fourcc);
    if (i < N_FORMATS)
        return formats[i].name;
    for (i = 0; i < 4; i++)
        buffer[i] = (char)(fourcc >> (8 * i) & 0x7f);
    buffer[4] = 0;
    return buffer;
}

static double mode_fps(const struct pl_camera_mode *mode)
{
    return mode->interval.numerator ? (double)mode->interval.denominator / mode->interval.numerator : (double)NAN;
}

static void add(struct modes *modes, struct pl_camera_mode mode, struct v4l2_fract interval)
{
    mode.interval = interval;
    if (modes->n < MAX_MODES)
        modes->mode[modes->n++] = mode;
}

/* The rates of one format and size; of a range of rates the wished one, or the end next to it. */
static void add_rates(struct modes *modes, int fd, struct pl_camera_mode mode, double fps)
{
    struct v4l2_frmivalenum e = {
        .pixel_format = mode.fourcc, .width = (uint32_t)mode.width_px, .height = (uint32_t)mode.height_px};
    for (; pl_camera_v4l2_ioctl(fd, VIDIOC_ENUM_FRAMEINTERVALS, &e) == 0; e.index++) {
        if (e.type == V4L2_FRMIVAL_TYPE_DISCRETE) {
            add(modes, mode, e.discrete);
            continue;
        }
        struct v4l2_fract fastest = e.stepwise.min, slowest = e.stepwise.max;
        if (fps * fastest.numerator >= fastest.denominator)
            add(modes, mode, fastest);
        else if (fps * slowest.numerator <= slowest.denominator)
            add(modes, mode, slowest);
        else
            add(modes, mode, (struct v4l2_fract){1000, (uint32_t)lrint(1000 * fps)});
        return;
    }
    if (e.index == 0)
        add(modes, mode, (struct v4l2_fract){0, 0});
}

/* The wish, brought into a range [min, max] with steps. */
static int into_range(int wish, uint32_t min, uint32_t max, uint32_t step)
{
    uint32_t w = wish < 0 ? 0 : (uint32_t)wish;
    if (w <= min)
        return (int)min;
    if (w >= max)
        return (int)max;
    return (int)(step > 1 ? min + (w - min + step / 2) / step * step : w);
}

static void add_sizes(struct modes *modes, int fd, uint32_t fourcc, int width_px, int height_px, double fps)
{
    struct v4l2_frmsizeenum e = {.pixel_format = fourcc};
    for (; pl_camera_v4l2_ioctl(fd, VIDIOC_ENUM_FRAMESIZES, &e) == 0; e.index++) {
        struct pl_camera_mode mode = {.fourcc = fourcc};
        const struct v4l2_frmsize_stepwise *range = &e.stepwise;
        bool discrete = e.type == V4L2_FRMSIZE_TYPE_DISCRETE;
        if (discrete) {
            mode.width_px = (int)e.discrete.width;
            mode.height_px = (int)e.discrete.height;
        } else {
            mode.width_px = into_range(width_px, range->min_width, range->max_width, range->step_width);
            mode.height_px = into_range(height_px, range->min_height, range->max_height, range->step_height);
        }
        add_rates(modes, fd, mode, fps);
        if (!discrete)
            return;
    }
    if (e.index == 0) /* an old driver: S_FMT will bring the wish to what it can do */
        add(modes, (struct pl_camera_mode){.fourcc = fourcc, .width_px = width_px, .height_px = height_px},
            (struct v4l2_fract){0, 0});
}

static void add_formats(struct modes *modes, int fd, bool emulated, int width_px, int height_px, double fps)
{
    struct v4l2_fmtdesc f = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    for (; pl_camera_v4l2_ioctl(fd, VIDIOC_ENUM_FMT, &f) == 0; f.index++) {
        bool wanted = emulated ? f.pixelformat == V4L2_PIX_FMT_BGR24 : !(f.flags & V4L2_FMT_FLAG_EMULATED);
        if (wanted && rank(f.pixelformat) < N_FORMATS)
            add_sizes(modes, fd, f.pixelformat, width_px, height_px, fps);
    }
}

/* Every mode that can be converted; of a camera with none, the BGR24 that libv4l makes of its own odd format. */
static void enumerate(struct modes *modes, int fd, int width_px, int height_px, double fps)
{
    modes->n = 0;
    add_formats(modes, fd, false, width_px, height_px, fps);
    if (modes->n == 0)
        add_formats(modes, fd, true, width_px, height_px, fps);
}

/* How far a mode is from the wish, in octaves. src: own choice; 4 octaves of size for one of rate puts 640x480 at 30
 * fps before 1280x720 at 10, and 1280x720 at 25 before 640x480 at 30 */
static double distance(const struct pl_camera_mode *mode, int width_px, int height_px, double fps)
{
    double f = mode_fps(mode), cost = 0.001 * rank(mode->fourcc);
    cost += fabs(log2((double)mode->width_px / width_px)) + fabs(log2((double)mode->height_px / height_px));
    if (isnan(f))
        return cost + 0.1;
    return cost + (f < fps * 0.98 ? 4 * log2(fps / f) : 0.1 * fabs(log2(f / fps)));
}

bool pl_camera_v4l2_choose(struct pl_camera_mode *out, int fd, int width_px, int height_px, double fps)
{
    struct modes modes;
    double best = INFINITY;
    enumerate(&modes, fd, width_px, height_px, fps);
    for (int i = 0; i < modes.n; i++) {
        double d = distance(&modes.mode[i], width_px, height_px, fps);
        if (d < best) {
            best = d;
            *out = modes.mode[i];
        }
    }
    return best < INFINITY;
}

static bool same_size(const struct pl_camera_mode *a, const struct pl_camera_mode *b)
{
    return a->fourcc == b->fourcc && a->width_px == b->width_px && a->height_px == b->height_px;
}

static void append(char *text, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void append(char *text, size_t size, const char *fmt, ...)
{
    size_t n = strlen(text);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text + n, size - n, fmt, ap);
    va_end(ap);
}

/* "MJPEG 1280x720@30 640x480@30; YUYV 640x480@30": each size once, with its fastest rate. */
static void describe(char *text, size_t size, int fd)
{
    struct modes modes;
    uint32_t fourcc = 0;
    char letters[5];
    text[0] = 0;
    enumerate(&modes, fd, 1280, 720, 30);
    for (int i = 0; i < modes.n; i++) {
        const struct pl_camera_mode *m = &modes.mode[i];
        double fps = mode_fps(m);
        for (; i + 1 < modes.n && same_size(m, m + 1); i++, m++)
            fps = fmax(fps, mode_fps(m + 1));
        if (m->fourcc != fourcc)
            append(text, size, "%s%s", fourcc ? "; " : "", pl_camera_v4l2_format_name(m->fourcc, letters));
        fourcc = m->fourcc;
        append(text, size, isnan(fps) ? " %dx%d" : " %dx%d@%.4g", m->width_px, m->height_px, fps);
    }
}

/* Another program that streams keeps the buffers: asking for none then fails, and does nothing otherwise. */
static bool check_free(int fd, const char *path, struct pl_err *err)
{
    struct v4l2_requestbuffers none = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    return pl_camera_v4l2_ioctl(fd, VIDIOC_REQBUFS, &none) == 0 || errno != EBUSY ||
           pl_camera_v4l2_fail(err, path, "", EBUSY);
}

int pl_camera_list(struct pl_camera_entry *out, int max)
{
    int n = 0;
    for (int i = 0; i < MAX_NODES; i++) {
        struct pl_camera_entry e = {0};
        struct pl_err err = {0};
        snprintf(e.path, sizeof e.path, "/dev/video%d", i);
        int fd = pl_camera_v4l2_open_fd(e.path, e.name, &err);
        if (fd < 0 && (errno == ENOENT || errno == ENXIO || errno == ENODEV || errno == ENOTTY || errno == 0))
            continue; /* not there, or not a camera: metadata nodes, codecs, outputs */
        if (fd >= 0) {
            describe(e.formats, sizeof e.formats, fd);
            check_free(fd, e.path, &err);
            v4l2_close(fd);
        }
        snprintf(e.problem, sizeof e.problem, "%.*s", (int)sizeof e.problem - 1, err.text);
        if (n < max)
            out[n] = e;
        n++;
    }
    return n;
}

static bool contains(const char *text, const char *part)
{
    size_t n = strlen(part);
    for (; *text; text++)
        if (!strncasecmp(text, part, n))
            return true;
    return false;
}

bool pl_camera_v4l2_find(char path[PL_CAMERA_PATH], const char *wish, struct pl_err *err)
{
    struct pl_camera_entry entry[MAX_LISTED];
    char there[PL_CAMERA_OTHERS];
    const char *p = wish;
    while (isdigit((unsigned char)*p))
        p++;
    if (!*p && p - wish <= 3) {
        snprintf(path, PL_CAMERA_PATH, "/dev/video%s", wish);
        return true;
    }
    int n = pl_camera_list(entry, MAX_LISTED);
    n = n > MAX_LISTED ? MAX_LISTED : n;
    for (int exact = 1; exact >= 0; exact--)
        for (int i = 0; i < n; i++)
            if (entry[i].name[0] && (exact ? !strcmp(entry[i].name, wish) : contains(entry[i].name, wish))) {
                snprintf(path, PL_CAMERA_PATH, "%s", entry[i].path);
                return true;
            }
    pl_camera_v4l2_name_others(there, entry, n, NULL);
    return pl_fail(err, PL_E_IO, "%s: there is no such file or folder, nor a camera of that name (%s%s)", wish,
                   n ? "the cameras: " : "there is no camera", there);
}

void pl_camera_v4l2_name_others(char text[PL_CAMERA_OTHERS], const struct pl_camera_entry *entry, int n, const char *path)
{
    text[0] = 0;
    for (int i = 0; i < n; i++)
        if (!path || strcmp(entry[i].path, path))
            append(text, PL_CAMERA_OTHERS, "%s%s%s%s%s", text[0] ? ", " : "", entry[i].name, entry[i].name[0] ? " (" : "",
                   entry[i].path, entry[i].name[0] ? ")" : "");
}
