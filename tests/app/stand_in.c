/* A camera that is not there, for any program: LD_PRELOAD this library, and folders stand for cameras.
 *
 *   $PL_STAND_IN/video0/        plugged in as /dev/video0; renaming or removing the folder pulls the cable
 *     name     the camera's name
 *     modes    a line each: FORMAT WIDTH HEIGHT FPS CLIP (MJPEG: concatenated pictures; YUYV, NV12: raw ones). Without this file
 *              it is a node for metadata, as a webcam's second one
 *     state    words, read with every picture: "busy", "forbidden" (group video), "fps 14" (it sends so many, whatever the mode
 *              says), "stall" (no picture comes), "hang" (none until the stream starts anew), "once" (stays at the clip's end)
 *     fault    "error 3", "short 3", "corrupt 3" or "lose 3": the next 3 pictures; taken away when it is heeded
 *     counts   written here five times a second and at the end of a stream: what the camera made, and what became of it
 *
 * how:  libv4l2 reaches the kernel through syscall(), and that is answered here; so the program runs with libv4l2 and
 *       libv4lconvert as they are. The descriptor is one end of a socket pair with a byte for each waiting picture, so that poll()
 *       is real, and a pulled cable hangs up. A thread fills queued buffers at the rate of the mode, with exact times; where no
 *       buffer is queued the picture is lost, as in a driver, and counted.
 * not:  USB, its bandwidth, the driver's own faults: those are the camera rig's (tests/camera-rig) */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/videodev2.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

enum { N_NODES = 10, MAX_MODES = 16, MAX_PICTURES = 20000, N_BUFFERS = 8, MAX_OPEN = 8, LINE = 512, NS = 1000000000 };

struct mode { uint32_t fourcc; int w, h, fps; char clip[LINE]; };

/* Of a node, for the whole process: a camera that comes back goes on where its clip was. */
static struct { double at_s; } node[N_NODES];

struct camera {
    bool used, gone, streaming, stop;
    int fd, other;               /* the program's end, ours */
    int number;                  /* of the node */
    struct mode mode[MAX_MODES];
    int n_modes, now, fps;
    /* the clip of the mode */
    uint8_t *clip;
    size_t clip_size, at[MAX_PICTURES + 1];
    int n_pictures;
    /* buffers */
    int memory;                  /* a memfd with all of them; -1 none */
    uint8_t *mapped;
    size_t size;                 /* of each */
    int n_buffers;
    bool queued[N_BUFFERS];
    int queue[N_BUFFERS], n_queue, ready[N_BUFFERS], n_ready;
    uint32_t sequence;
    struct v4l2_buffer filled[N_BUFFERS];
    pthread_t thread;
    long made, given, no_buffer, marked, skipped, taken, late_ms;
};

static struct camera all[MAX_OPEN];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The C library's own, in whose place this one stands. Libraries may call before this one has been set up. */
#define kernel(...) real_syscall()(__VA_ARGS__)
typedef long syscall_fn(long n, ...);
static syscall_fn *real_syscall(void)
{
    static syscall_fn *_Atomic found;
    if (!found) {
        union { void *data; syscall_fn *call; } symbol = {dlsym(RTLD_NEXT, "syscall")};
        found = symbol.call;
    }
    return found;
}

static void shut(int fd)
{
    if (fd >= 0)
        kernel(SYS_close, fd);
}

static int fail(int error)
{
    errno = error;
    return -1;
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * NS + t.tv_nsec;
}

/* ---- the folder */

static bool path_of(char out[LINE], int number, const char *file)
{
    const char *root = getenv("PL_STAND_IN");
    return root && snprintf(out, LINE, "%s/video%d%s%s", root, number, file ? "/" : "", file ? file : "") < LINE;
}

static bool is_plugged(int number)
{
    char path[LINE];
    return path_of(path, number, NULL) && access(path, F_OK) == 0;
}

/* The first size - 1 bytes of the file; "" if there is none. */
static void read_file(char *out, size_t size, int number, const char *file)
{
    char path[LINE];
    ssize_t n = -1;
    int fd = path_of(path, number, file) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        n = read(fd, out, size - 1);
        shut(fd);
    }
    out[n > 0 ? n : 0] = 0;
}

/* Is the word in the node's state? number: what stands behind it, or NULL */
static bool state_says(int at, const char *word, int *number)
{
    char text[LINE], *rest = text;
    read_file(text, sizeof text, at, "state");
    for (char *w; (w = strsep(&rest, " \n"));)
        if (!strcmp(w, word)) {
            if (number && rest)
                *number = atoi(rest);
            return true;
        }
    return false;
}

static void read_modes(struct camera *c)
{
    char text[8 * LINE], *rest = text, format[8];
    read_file(text, sizeof text, c->number, "modes");
    for (char *line; (line = strsep(&rest, "\n")) && c->n_modes < MAX_MODES;) {
        struct mode *m = &c->mode[c->n_modes];
        if (sscanf(line, "%7s %d %d %d %511s", format, &m->w, &m->h, &m->fps, m->clip) != 5)
            continue;
        m->fourcc = !strcmp(format, "MJPEG") ? V4L2_PIX_FMT_MJPEG : !strcmp(format, "NV12") ? V4L2_PIX_FMT_NV12
                  : V4L2_PIX_FMT_YUYV;
        c->n_modes++;
    }
}

static void write_counts(const struct camera *c)
{
    char path[LINE], anew[LINE];
    if (c->gone || !path_of(path, c->number, "counts") || !path_of(anew, c->number, "counts.new"))
        return;
    FILE *f = fopen(anew, "w");
    if (!f)
        return;
    fprintf(f, "made %ld\ngiven %ld\nno_buffer %ld\nmarked %ld\nskipped %ld\ntaken %ld\nlate_ms %ld\nat_ms %.0f\n",
            c->made, c->given, c->no_buffer, c->marked, c->skipped, c->taken, c->late_ms, node[c->number].at_s * 1000);
    if (fclose(f) == 0)
        (void)!rename(anew, path);
}

/* ---- the clip */

static size_t raw_size(const struct mode *m)
{
    return (size_t)m->w * (size_t)m->h * (m->fourcc == V4L2_PIX_FMT_NV12 ? 3 : 4) / 2;
}

static void find_pictures(struct camera *c)
{
    const struct mode *m = &c->mode[c->now];
    const size_t raw = raw_size(m);
    c->n_pictures = 0;
    if (m->fourcc != V4L2_PIX_FMT_MJPEG) {
        for (size_t i = 0; i + raw <= c->clip_size && c->n_pictures < MAX_PICTURES; i += raw)
            c->at[c->n_pictures++] = i;
        c->at[c->n_pictures] = (size_t)c->n_pictures * raw;
        return;
    }
    for (size_t i = 0; i + 3 < c->clip_size && c->n_pictures < MAX_PICTURES; i++)
        if (c->clip[i] == 0xff && c->clip[i + 1] == 0xd8 && c->clip[i + 2] == 0xff)
            c->at[c->n_pictures++] = i;
    c->at[c->n_pictures] = c->clip_size;
}

static void close_clip(struct camera *c)
{
    if (c->clip)
        munmap(c->clip, c->clip_size);
    c->clip = NULL;
}

static bool open_clip(struct camera *c)
{
    struct stat st;
    int fd = open(c->mode[c->now].clip, O_RDONLY | O_CLOEXEC);
    close_clip(c);
    if (fd < 0 || fstat(fd, &st)) {
        fprintf(stderr, "stand-in camera: no clip %s\n", c->mode[c->now].clip);
        return false;
    }
    c->clip_size = (size_t)st.st_size;
    void *data = mmap(NULL, c->clip_size, PROT_READ, MAP_SHARED, fd, 0);
    shut(fd);
    c->clip = data == MAP_FAILED ? NULL : data;
    if (c->clip)
        find_pictures(c);
    return c->clip && c->n_pictures > 0;
}

/* ---- pictures come */

/* One fault of those that were ordered, and one less to come. */
static char take_fault(struct camera *c)
{
    char text[64], word[16] = "", path[LINE];
    int n = 0;
    read_file(text, sizeof text, c->number, "fault");
    if (sscanf(text, "%15s %d", word, &n) != 2 || !path_of(path, c->number, "fault"))
        return 0;
    if (n <= 1) {
        unlink(path);
    } else {
        FILE *f = fopen(path, "w");
        if (f) {
            fprintf(f, "%s %d\n", word, n - 1);
            fclose(f);
        }
    }
    return word[0];
}

/* Into a buffer; with a fault: e error, s short, c corrupt. */
static void fill(struct camera *c, int i, int picture, char fault, int64_t t_ns)
{
    struct v4l2_buffer *b = &c->filled[i];
    uint8_t *to = c->mapped + (size_t)i * c->size;
    size_t n = c->at[picture + 1] - c->at[picture];
    n = n > c->size ? c->size : n;
    memcpy(to, c->clip + c->at[picture], n);
    *b = (struct v4l2_buffer){.index = (uint32_t)i, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP,
                              .bytesused = (uint32_t)n, .length = (uint32_t)c->size, .m.offset = (uint32_t)((size_t)i * c->size),
                              .flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC | V4L2_BUF_FLAG_MAPPED, .sequence = c->sequence,
                              .field = V4L2_FIELD_NONE, .timestamp = {t_ns / NS, t_ns % NS / 1000}};
    if (fault == 'e')
        b->flags |= V4L2_BUF_FLAG_ERROR;
    if (fault == 's')
        b->bytesused = (uint32_t)(n / 2);
    if (fault == 'c') /* markers that make no sense, in the middle of the data */
        for (size_t k = n / 3; k < n / 3 + 64 && k < n; k++)
            to[k] = k & 1 ? 0xc4 : 0xff;
    c->marked += fault != 0;
}

/* The picture of this moment, if there is a buffer for it. Locked. */
static void make_one(struct camera *c, int64_t t_ns, double step_s)
{
    const double length_s = (double)c->n_pictures / c->mode[c->now].fps;
    char fault = take_fault(c), byte = 0;
    double *at_s = &node[c->number].at_s;
    int picture = (int)(*at_s * c->mode[c->now].fps + 0.5);

    *at_s += step_s;
    if (*at_s >= length_s)
        *at_s = state_says(c->number, "once", NULL) ? length_s : 0;
    c->made++;
    if (fault == 'l' || c->n_queue == 0) {
        c->skipped += fault == 'l';
        c->no_buffer += c->n_queue == 0;
        c->sequence++;
        return;
    }
    int i = c->queue[0];
    memmove(c->queue, c->queue + 1, (size_t)--c->n_queue * sizeof *c->queue);
    fill(c, i, picture < c->n_pictures ? picture : c->n_pictures - 1, fault, t_ns);
    c->queued[i] = false;
    c->sequence++;
    c->ready[c->n_ready++] = i;
    c->given++;
    (void)!write(c->other, &byte, 1);
}

static void *run(void *arg)
{
    struct camera *c = arg;
    int64_t due_ns = now_ns(), told_ns = 0;
    bool hung = false;

    for (;;) {
        int fps = c->fps;
        state_says(c->number, "fps", &fps);
        int64_t step_ns = NS / (fps > 0 ? fps : 30);
        due_ns += step_ns;
        struct timespec t = {due_ns / NS, due_ns % NS};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
        pthread_mutex_lock(&lock);
        if (c->stop)
            break;
        if (!is_plugged(c->number)) {
            c->gone = true;
            shutdown(c->other, SHUT_RDWR);
            shut(c->other);
            c->other = -1;
            break;
        }
        long late_ms = (long)((now_ns() - due_ns) / 1000000);
        c->late_ms = late_ms > c->late_ms ? late_ms : c->late_ms;
        hung |= state_says(c->number, "hang", NULL);
        if (!hung && !state_says(c->number, "stall", NULL))
            make_one(c, due_ns, (double)step_ns / NS);
        if (due_ns - told_ns > NS / 5) {
            write_counts(c);
            told_ns = due_ns;
        }
        pthread_mutex_unlock(&lock);
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

/* ---- what a driver answers; locked */

static void free_buffers(struct camera *c)
{
    if (c->mapped)
        munmap(c->mapped, c->size * (size_t)c->n_buffers);
    shut(c->memory);
    c->mapped = NULL;
    c->memory = -1;
    c->n_buffers = c->n_queue = c->n_ready = 0;
    memset(c->queued, 0, sizeof c->queued);
}

static void stop_stream(struct camera *c)
{
    char bytes[64];
    if (!c->streaming)
        return;
    c->stop = true;
    pthread_mutex_unlock(&lock);
    pthread_join(c->thread, NULL);
    pthread_mutex_lock(&lock);
    c->streaming = c->stop = false;
    c->n_queue = c->n_ready = 0;
    memset(c->queued, 0, sizeof c->queued);
    while (recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {}
    write_counts(c);
}

static void fill_pix(struct v4l2_format *f, const struct mode *m)
{
    uint32_t w = (uint32_t)m->w, line = m->fourcc == V4L2_PIX_FMT_MJPEG ? 0 : m->fourcc == V4L2_PIX_FMT_NV12 ? w : 2 * w;
    f->fmt.pix = (struct v4l2_pix_format){.width = w, .height = (uint32_t)m->h, .pixelformat = m->fourcc,
        .field = V4L2_FIELD_NONE, .bytesperline = line, .sizeimage = (uint32_t)(w * (uint32_t)m->h * 2),
        .colorspace = m->fourcc == V4L2_PIX_FMT_MJPEG ? V4L2_COLORSPACE_JPEG : V4L2_COLORSPACE_SRGB};
}

static int nearest(const struct camera *c, const struct v4l2_pix_format *pix)
{
    long best = -1, least = 0;
    for (int i = 0; i < c->n_modes; i++) {
        const struct mode *m = &c->mode[i];
        long d = labs((long)m->w - (long)pix->width) + labs((long)m->h - (long)pix->height) +
                 (m->fourcc == pix->pixelformat ? 0 : 1000000);
        if (best < 0 || d < least) {
            best = i;
            least = d;
        }
    }
    return (int)best;
}

static int enumerate(struct camera *c, uint32_t request, void *arg)
{
    struct v4l2_fmtdesc *f = arg;
    struct v4l2_frmsizeenum *s = arg;
    struct v4l2_frmivalenum *r = arg;
    uint32_t n = 0;
    for (int i = 0; i < c->n_modes; i++) {
        const struct mode *m = &c->mode[i];
        bool again = false;
        for (int k = 0; k < i; k++)
            again |= c->mode[k].fourcc == m->fourcc &&
                     (request == VIDIOC_ENUM_FMT || (c->mode[k].w == m->w && c->mode[k].h == m->h));
        if (request == VIDIOC_ENUM_FMT && !again && n++ == f->index) {
            *f = (struct v4l2_fmtdesc){.index = f->index, .type = f->type, .pixelformat = m->fourcc};
            f->flags = m->fourcc == V4L2_PIX_FMT_MJPEG ? V4L2_FMT_FLAG_COMPRESSED : 0;
            snprintf((char *)f->description, sizeof f->description, "%.4s", (const char *)&m->fourcc);
            return 0;
        }
        if (request == VIDIOC_ENUM_FRAMESIZES && m->fourcc == s->pixel_format && !again && n++ == s->index) {
            s->type = V4L2_FRMSIZE_TYPE_DISCRETE;
            s->discrete = (struct v4l2_frmsize_discrete){(uint32_t)m->w, (uint32_t)m->h};
            return 0;
        }
        if (request == VIDIOC_ENUM_FRAMEINTERVALS && m->fourcc == r->pixel_format && (uint32_t)m->w == r->width &&
            (uint32_t)m->h == r->height && n++ == r->index) {
            r->type = V4L2_FRMIVAL_TYPE_DISCRETE;
            r->discrete = (struct v4l2_fract){1, (uint32_t)m->fps};
            return 0;
        }
    }
    return fail(EINVAL);
}

static int request_buffers(struct camera *c, struct v4l2_requestbuffers *r)
{
    if (state_says(c->number, "busy", NULL))
        return fail(EBUSY);
    if (r->memory != V4L2_MEMORY_MMAP)
        return fail(EINVAL);
    free_buffers(c);
    r->count = r->count > N_BUFFERS ? N_BUFFERS : r->count;
    if (!r->count)
        return 0;
    c->size = ((size_t)c->mode[c->now].w * (size_t)c->mode[c->now].h * 2 + 4095) / 4096 * 4096;
    c->n_buffers = (int)r->count;
    c->memory = memfd_create("stand-in camera", MFD_CLOEXEC);
    if (c->memory < 0 || ftruncate(c->memory, (off_t)(c->size * r->count)))
        return fail(ENOMEM);
    c->mapped = mmap(NULL, c->size * r->count, PROT_READ | PROT_WRITE, MAP_SHARED, c->memory, 0);
    return c->mapped == MAP_FAILED ? fail(ENOMEM) : 0;
}

static int buffer(struct camera *c, uint32_t request, struct v4l2_buffer *b)
{
    char byte;
    if (request != VIDIOC_DQBUF && b->index >= (uint32_t)c->n_buffers)
        return fail(EINVAL);
    if (request == VIDIOC_QUERYBUF) {
        b->length = (uint32_t)c->size;
        b->m.offset = (uint32_t)((size_t)b->index * c->size);
        return 0;
    }
    if (request == VIDIOC_QBUF) {
        if (c->queued[b->index])
            return fail(EINVAL);
        c->queued[b->index] = true;
        c->queue[c->n_queue++] = (int)b->index;
        b->flags = V4L2_BUF_FLAG_QUEUED;
        b->timestamp = (struct timeval){0};
        return 0;
    }
    if (!c->streaming)
        return fail(EINVAL);
    if (c->n_ready == 0 || recv(c->fd, &byte, 1, MSG_DONTWAIT) != 1)
        return fail(EAGAIN);
    *b = c->filled[c->ready[0]];
    memmove(c->ready, c->ready + 1, (size_t)--c->n_ready * sizeof *c->ready);
    c->taken++;
    return 0;
}

static int start_stream(struct camera *c)
{
    if (state_says(c->number, "busy", NULL))
        return fail(EBUSY);
    if (c->streaming)
        return 0;
    if (!c->n_buffers || !open_clip(c))
        return fail(EIO);
    c->sequence = 0;
    c->streaming = pthread_create(&c->thread, NULL, run, c) == 0;
    return c->streaming ? 0 : fail(ENOMEM);
}

static int rate(struct camera *c, uint32_t request, struct v4l2_streamparm *p)
{
    struct v4l2_fract *t = &p->parm.capture.timeperframe;
    if (request == VIDIOC_S_PARM && t->numerator)
        for (int i = 0; i < c->n_modes; i++)
            if (c->mode[i].w == c->mode[c->now].w && c->mode[i].fourcc == c->mode[c->now].fourcc &&
                c->mode[i].fps == (int)(t->denominator / t->numerator))
                c->now = i;
    c->fps = c->mode[c->now].fps;
    *t = (struct v4l2_fract){1, (uint32_t)c->fps};
    p->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
    return 0;
}

static int answer(struct camera *c, uint32_t request, void *arg)
{
    struct v4l2_capability *cap = arg;
    struct v4l2_format *format = arg;
    struct v4l2_input *input = arg;

    if (c->gone || !is_plugged(c->number))
        return fail(ENODEV);
    switch (request) {
    case VIDIOC_QUERYCAP:
        *cap = (struct v4l2_capability){.driver = "uvcvideo", .version = 0x060100};
        read_file((char *)cap->card, sizeof cap->card, c->number, "name");
        cap->card[strcspn((char *)cap->card, "\n")] = 0;
        snprintf((char *)cap->bus_info, sizeof cap->bus_info, "usb-stand-in-%d", c->number);
        cap->device_caps = (c->n_modes ? V4L2_CAP_VIDEO_CAPTURE : V4L2_CAP_META_CAPTURE) | V4L2_CAP_STREAMING;
        cap->capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_DEVICE_CAPS;
        return 0;
    case VIDIOC_ENUM_FMT: case VIDIOC_ENUM_FRAMESIZES: case VIDIOC_ENUM_FRAMEINTERVALS:
        return enumerate(c, request, arg);
    case VIDIOC_G_FMT:
        if (!c->n_modes)
            return fail(EINVAL);
        fill_pix(format, &c->mode[c->now]);
        return 0;
    case VIDIOC_S_FMT:
        if (state_says(c->number, "busy", NULL))
            return fail(EBUSY);
        c->now = nearest(c, &format->fmt.pix);
        c->fps = c->mode[c->now].fps;
        fill_pix(format, &c->mode[c->now]);
        return 0;
    case VIDIOC_TRY_FMT:
        fill_pix(format, &c->mode[nearest(c, &format->fmt.pix)]);
        return 0;
    case VIDIOC_G_PARM: case VIDIOC_S_PARM:
        return rate(c, request, arg);
    case VIDIOC_G_INPUT:
        return *(int *)arg = 0;
    case VIDIOC_ENUMINPUT:
        if (input->index)
            return fail(EINVAL);
        *input = (struct v4l2_input){.name = "Camera 1", .type = V4L2_INPUT_TYPE_CAMERA}; /* status 0: not upside down */
        return 0;
    case VIDIOC_REQBUFS:
        return request_buffers(c, arg);
    case VIDIOC_QUERYBUF: case VIDIOC_QBUF: case VIDIOC_DQBUF:
        return buffer(c, request, arg);
    case VIDIOC_STREAMON:
        return start_stream(c);
    case VIDIOC_STREAMOFF:
        stop_stream(c);
        return 0;
    default:
        return fail(request == VIDIOC_QUERYCTRL || request == VIDIOC_G_CTRL ? EINVAL : ENOTTY);
    }
}

/* ---- what programs call */

/* "/dev/video3" -> 3; -1: something else */
static int number_of(const char *path)
{
    int n = -1;
    char end;
    return path && getenv("PL_STAND_IN") && sscanf(path, "/dev/video%d%c", &n, &end) == 1 && n >= 0 ? n : -1;
}

static struct camera *find(int fd)
{
    for (int i = 0; i < MAX_OPEN; i++)
        if (all[i].used && all[i].fd == fd)
            return &all[i];
    return NULL;
}

static int open_camera(int number)
{
    int ends[2], i = 0;
    if (number >= N_NODES || !is_plugged(number))
        return fail(ENOENT);
    if (state_says(number, "forbidden", NULL))
        return fail(EACCES);
    pthread_mutex_lock(&lock);
    while (i < MAX_OPEN && all[i].used)
        i++;
    if (i == MAX_OPEN || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
        pthread_mutex_unlock(&lock);
        return fail(EMFILE);
    }
    struct camera *c = &all[i];
    memset(c, 0, sizeof *c);
    c->used = true;
    c->fd = ends[0];
    c->other = ends[1];
    c->memory = -1;
    c->number = number;
    read_modes(c);
    c->fps = c->n_modes ? c->mode[0].fps : 0;
    pthread_mutex_unlock(&lock);
    return ends[0];
}

int close(int fd)
{
    pthread_mutex_lock(&lock);
    struct camera *c = fd >= 0 ? find(fd) : NULL;
    if (c) {
        stop_stream(c);
        close_clip(c);
        free_buffers(c);
        shut(c->other);
        c->used = false;
    }
    pthread_mutex_unlock(&lock);
    return (int)kernel(SYS_close, fd);
}

long syscall(long n, ...)
{
    va_list ap;
    long a[6];
    va_start(ap, n);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(ap, long);
    va_end(ap);
    int number = n == SYS_openat ? number_of((const char *)a[1]) : -1; // NOLINT
    if (number >= 0)
        return open_camera(number);
    if (n == SYS_close)
        return close((int)a[0]);
    if (n != SYS_ioctl && n != SYS_mmap)
        return kernel(n, a[0], a[1], a[2], a[3], a[4], a[5]);
    pthread_mutex_lock(&lock);
    struct camera *c = find((int)(n == SYS_ioctl ? a[0] : a[4]));
    long rc = 0;
    if (c && n == SYS_ioctl)
        rc = answer(c, (uint32_t)a[1], (void *)a[2]); // NOLINT
    else if (c)
        a[4] = c->memory; /* the buffers' own memory, at the same offset */
    pthread_mutex_unlock(&lock);
    return c && n == SYS_ioctl ? rc : kernel(n, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* Who may use it stands on the device. */
int stat(const char *restrict path, struct stat *restrict st)
{
    int number = number_of(path);
    struct group *group;
    if (number < 0)
        return fstatat(AT_FDCWD, path, st, 0);
    if (!is_plugged(number))
        return fail(ENOENT);
    memset(st, 0, sizeof *st);
    st->st_mode = S_IFCHR | 0660;
    st->st_rdev = makedev(81, (unsigned)number);
    group = getgrnam("video");
    st->st_gid = group ? group->gr_gid : 44;
    return 0;
}
