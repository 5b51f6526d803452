/* A USB webcam in a program, for the kernel's own uvcvideo driver: the device side of USB Video Class 1.1, spoken over
 * the kernel's virtual USB host (vhci-hcd, the USB/IP protocol) through a socket pair. Runs as root in the guest of
 * the camera rig.
 *
 *   uvcsim [-c COMMANDS] [-p PORT] [-t NAME] {-j W,H,CLIP.mjpg | -y W,H,CLIP.yuyv | -n W,H,CLIP.nv12}...
 *
 * Clips are concatenated JPEG pictures or raw YUYV or NV12 pictures, played in a loop at the rate that the host asks for
 * (30 25 20 15 10 5). PORT of the virtual host (0) and NAME are for a second camera. COMMANDS is a FIFO that is made
 * here; one command a line:
 *   unplug, plug, quit      as if the cable was pulled, put back; end
 *   stall 1, stall 0        no picture comes; they come again
 *   hang                    no picture comes until the host starts the camera anew
 *   err N, short N, drop N, corrupt N  the next N pictures carry the error mark; are cut in half; are not sent; have
 *                           bytes changed
 *   slow P                  pictures take P percent of their time, as in a dark room
 *   once                    the next stream begins with the first picture, and stays at the last
 *   gone N MS, pause N MS   at picture N (from 0) the cable is pulled, no picture comes; for MS milliseconds
 *
 * src: USB Video Class 1.1 (requests and descriptors), Linux Documentation/usb/usbip_protocol.rst (the socket) */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_CLIPS = 8, MAX_PICTURES = 4000, MAX_REQUESTS = 64, MAX_PACKETS = 64,
    CLOCK_HZ = 48000000, HEADER = 12, ENDPOINT = 2, PROBE_SIZE = 34,
    MICROFRAMES_HZ = 8000,       /* high speed USB: an isochronous packet every 125 us */
    RESET_GAP_NS = 50000000
};

/* Frame intervals on offer, in 100 ns. */
static const uint32_t intervals[] = {333333, 400000, 500000, 666666, 1000000, 2000000};
enum { N_INTERVALS = sizeof intervals / sizeof *intervals };

/* In the order in which the camera offers them, from 1. */
enum kind { JPEG, YUYV, NV12, N_KINDS };

struct clip { int w, h, n; enum kind kind; uint8_t *data; size_t at[MAX_PICTURES + 1], longest; };

/* A transfer that the host waits for; packets: isochronous lengths, as the protocol has them. */
struct request { uint32_t number; int n_packets; uint32_t packet[MAX_PACKETS][4]; };

static struct {
    struct clip clip[MAX_CLIPS];
    int n_clips, socket;
    uint8_t configuration[2048], probe[PROBE_SIZE], commit[PROBE_SIZE];
    int configuration_size;
    struct request waiting[MAX_REQUESTS];
    int n_waiting;
    const uint8_t *picture;      /* being sent; NULL between pictures */
    size_t picture_size, picture_sent;
    int picture_index;
    uint8_t frame_id;            /* toggles with each picture */
    bool mark_error, stall, hang, once, rewind;
    int n_err, n_short, n_drop, n_corrupt; /* pictures still to be spoilt */
    int slow_percent;
    int gone_at, pause_at;       /* picture; -1 never */
    int64_t gone_ns, pause_ns;   /* for how long */
    int64_t plug_ns, resume_ns;  /* when it ends; 0 not now */
    int port;
    const char *name;
    int64_t bus_ns, frame_ns;    /* when the next packet, the next picture is due */
} sim = {.socket = -1, .slow_percent = 100, .gone_at = -1, .pause_at = -1, .name = "Rig Camera"};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void put16(uint8_t *p, unsigned v) { p[0] = (uint8_t)v; p[1] = (uint8_t)(v >> 8); }
static void put32(uint8_t *p, uint32_t v) { put16(p, v & 0xffff); put16(p + 2, v >> 16); }
static uint32_t get32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void die(const char *what)
{
    perror(what);
    exit(3);
}

/* --- the clips
 * ---------------------------------------------------------------------------------------------------------- */

static size_t picture_bytes(const struct clip *c)
{
    return (size_t)c->w * (size_t)c->h * (c->kind == NV12 ? 3 : 4) / 2;
}

static void find_pictures(struct clip *c, size_t size)
{
    bool jpeg = c->kind == JPEG;
    size_t step = jpeg ? 1 : picture_bytes(c);
    for (size_t i = 0; i + step <= size && c->n < MAX_PICTURES; i += step) {
        if (!jpeg)
            c->at[c->n++] = i;
        else if (i + 2 < size && c->data[i] == 0xff && c->data[i + 1] == 0xd8 && c->data[i + 2] == 0xff)
            c->at[c->n++] = i;
    }
    c->at[c->n] = jpeg ? size : (size_t)c->n * step;
    for (int i = 0; i < c->n; i++)
        if (c->at[i + 1] - c->at[i] > c->longest)
            c->longest = c->at[i + 1] - c->at[i];
}

static void load(const char *argument, enum kind kind)
{
    struct clip *c = &sim.clip[sim.n_clips++];
    char file[512];
    struct stat st;
    if (sim.n_clips > MAX_CLIPS || sscanf(argument, "%d,%d,%511s", &c->w, &c->h, file) != 3)
        exit(2);
    FILE *f = fopen(file, "rb");
    if (!f || fstat(fileno(f), &st) || !(c->data = malloc((size_t)st.st_size)) ||
        fread(c->data, 1, (size_t)st.st_size, f) != (size_t)st.st_size)
        die(file);
    fclose(f);
    c->kind = kind;
    find_pictures(c, (size_t)st.st_size);
    if (!c->n) {
        fprintf(stderr, "%s: no pictures\n", file);
        exit(3);
    }
}

static int count(enum kind kind)
{
    int n = 0;
    for (int i = 0; i < sim.n_clips; i++)
        n += sim.clip[i].kind == kind;
    return n;
}

static int n_formats(void)
{
    return !!count(JPEG) + !!count(YUYV) + !!count(NV12);
}

/* --- descriptors
 * -------------------------------------------------------------------------------------------------------- */

static void add_bytes(const uint8_t *bytes, size_t n)
{
    memcpy(sim.configuration + sim.configuration_size, bytes, n);
    sim.configuration_size += (int)n;
}

#define ADD(...) add_bytes((const uint8_t[]){__VA_ARGS__}, sizeof (const uint8_t[]){__VA_ARGS__})
#define LE16(v) (uint8_t)(v), (uint8_t)((v) >> 8)
#define LE32(v) (uint8_t)(v), (uint8_t)((v) >> 8), (uint8_t)((v) >> 16), (uint8_t)((v) >> 24)

static void add_control_interface(void)
{
    ADD(8, 11, 0, 2, 14, 3, 0, 2);                                         /* the two interfaces are one camera */
    ADD(9, 4, 0, 0, 0, 14, 1, 0, 2);
    int start = sim.configuration_size;
    ADD(13, 0x24, 1, LE16(0x0110), 0, 0, LE32(CLOCK_HZ), 1, 1);            /* header */
    ADD(18, 0x24, 2, 1, LE16(0x0201), 0, 0, LE16(0), LE16(0), LE16(0), 3, 0, 0, 0); /* camera terminal */
    ADD(9, 0x24, 3, 3, LE16(0x0101), 0, 1, 0);                             /* output terminal: the host */
    put16(sim.configuration + start + 5, (unsigned)(sim.configuration_size - start));
}

static void add_size(const struct clip *c, int number)
{
    uint32_t bytes = (uint32_t)picture_bytes(c);
    ADD(26 + 4 * N_INTERVALS, 0x24, c->kind == JPEG ? 7 : 5, (uint8_t)number, 0, LE16(c->w), LE16(c->h), LE32(bytes * 40),
        LE32(bytes * 240), LE32(bytes), LE32(intervals[0]), N_INTERVALS);
    for (int i = 0; i < N_INTERVALS; i++)
        ADD(LE32(intervals[i]));
}

static void add_format(enum kind kind, int number)
{
    int k = 0;
    if (kind == JPEG)
        ADD(11, 0x24, 6, (uint8_t)number, (uint8_t)count(kind), 0, 1, 0, 0, 0, 0);
    else if (kind == YUYV)
        ADD(27, 0x24, 4, (uint8_t)number, (uint8_t)count(kind), 'Y', 'U', 'Y', '2', 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0,
            0x38, 0x9b, 0x71, 16, 1, 0, 0, 0, 0);
    else
        ADD(27, 0x24, 4, (uint8_t)number, (uint8_t)count(kind), 'N', 'V', '1', '2', 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0,
            0x38, 0x9b, 0x71, 12, 1, 0, 0, 0, 0);
    for (int i = 0; i < sim.n_clips; i++)
        if (sim.clip[i].kind == kind)
            add_size(&sim.clip[i], ++k);
    ADD(6, 0x24, 13, 1, 1, 4);
}

static void add_streaming_interface(void)
{
    int n = n_formats(), number = 0;
    ADD(9, 4, 1, 0, 0, 14, 2, 0, 0);
    int start = sim.configuration_size;
    ADD((uint8_t)(13 + n), 0x24, 1, (uint8_t)n, 0, 0, 0x80 | ENDPOINT, 0, 3, 0, 0, 0,
        1); /* of terminal 3 */
    for (int i = 0; i < n; i++)
        ADD(0);
    for (int kind = 0; kind < N_KINDS; kind++)
        if (count((enum kind)kind))
            add_format((enum kind)kind, ++number);
    put16(sim.configuration + start + 4, (unsigned)(sim.configuration_size - start));
    for (uint8_t a = 1; a <= 3; a++) { /* one, two and three packets of 1024 bytes a microframe */
        ADD(9, 4, 1, a, 1, 14, 2, 0, 0);
        ADD(7, 5, 0x80 | ENDPOINT, 5, LE16(1024 | (a - 1) << 11), 1);
    }
}

static void build_configuration(void)
{
    ADD(9, 2, 0, 0, 2, 1, 0, 0x80, 250);
    add_control_interface();
    add_streaming_interface();
    put16(sim.configuration + 2, (unsigned)sim.configuration_size);
}

/* --- what the host asks on the control endpoint
 * -------------------------------------------------------------------------- */

/* The clip of a format and size number, as in probe and commit. */
static const struct clip *chosen(const uint8_t *p)
{
    int kind = -1, k = 0;
    for (int number = p[2]; number > 0 && kind < N_KINDS;)
        number -= ++kind < N_KINDS && count((enum kind)kind);
    for (int i = 0; i < sim.n_clips; i++)
        if ((int)sim.clip[i].kind == kind && ++k == p[3])
            return &sim.clip[i];
    return NULL;
}

/* Brings a wish to what this camera can do. */
static void settle(uint8_t *p)
{
    uint32_t wish = get32(p + 4), best = intervals[0];
    if (p[2] < 1 || p[2] > n_formats())
        p[2] = 1;
    if (!chosen(p))
        p[3] = 1;
    const struct clip *c = chosen(p);
    for (int i = 0; i < N_INTERVALS; i++)
        if (llabs((long long)intervals[i] - wish) < llabs((long long)best - wish))
            best = intervals[i];
    double bytes = (double)c->longest * 1e7 / best / MICROFRAMES_HZ * 1.1 + HEADER; /* a tenth to spare */
    put32(p + 4, best);
    put32(p + 18, (uint32_t)picture_bytes(c));
    put32(p + 22, bytes <= 1024 ? 1024 : bytes <= 2048 ? 2048 : 3072);
    put32(p + 26, CLOCK_HZ);
    p[30] = 3;
    p[31] = p[32] = p[33] = 1;
}

static int describe(int kind, int index, uint8_t *in)
{
    static const uint8_t device[18] = {18, 1, 0, 2, 0xef, 2, 1, 64, 0x6b, 0x1d, 0x07, 0x01, 0, 1, 1, 2, 0, 1};
    static const uint8_t english[4] = {4, 3, 0x09, 4};
    const char *text = index == 1 ? "plumbline" : sim.name;
    switch (kind) {
    case 1:
        memcpy(in, device, sizeof device);
        return sizeof device;
    case 2:
        memcpy(in, sim.configuration, (size_t)sim.configuration_size);
        return sim.configuration_size;
    case 3:
        if (index == 0) {
            memcpy(in, english, sizeof english);
            return sizeof english;
        }
        in[0] = (uint8_t)(2 + 2 * strlen(text));
        in[1] = 3;
        for (int i = 0; text[i]; i++)
            put16(in + 2 + 2 * i, (uint8_t)text[i]);
        return in[0];
    default:
        return -EPIPE;
    }
}

/* Probe and commit of the streaming interface; request codes SET 0x01, GET 0x81, LEN 0x85, INFO 0x86, DEFAULT 0x87. */
static int negotiate(bool commit, int request, const uint8_t *out, int size, uint8_t *in)
{
    uint8_t *p = commit ? sim.commit : sim.probe;
    switch (request) {
    case 0x01:
        memcpy(p, out, (size_t)(size < PROBE_SIZE ? size : PROBE_SIZE));
        settle(p);
        if (commit) {
            sim.picture = NULL;
            sim.frame_ns = now_ns();
            sim.hang = false;
            if (sim.rewind)
                sim.picture_index = -1;
            sim.rewind = false;
        }
        return 0;
    case 0x85:
        put16(in, PROBE_SIZE);
        return 2;
    case 0x86:
        in[0] = 3;
        return 1;
    case 0x87:
        memset(in, 0, PROBE_SIZE);
        in[2] = in[3] = 1;
        settle(in);
        return PROBE_SIZE;
    default:
        memcpy(in, request == 0x81 ? p : sim.probe, PROBE_SIZE);
        return PROBE_SIZE;
    }
}

/* One control transfer: its setup packet, data out, data in. Returns the bytes in, or -EPIPE for what this camera does
 * not know. */
static int control(const uint8_t setup[8], const uint8_t *out, uint8_t *in)
{
    int type = setup[0], request = setup[1], value = setup[2] | setup[3] << 8, index = setup[4] | setup[5] << 8;
    int size = setup[6] | setup[7] << 8, n = -EPIPE, selector = value >> 8;
    if (type == 0x80 && request == 6)
        n = describe(value >> 8, value & 255, in);
    else if (type == 0x80 && request == 0) { /* status */
        put16(in, 0);
        n = 2;
    } else if ((type == 0 && (request == 9 || request == 5)) || (type == 1 && request == 11) || type == 2)
        n = 0; /* configuration, address, alternate setting, clear halt */
    else if ((type & 0x60) == 0x20 && (index & 255) == 1 && (selector == 1 || selector == 2))
        n = negotiate(selector == 2, request, out, size, in);
    return n < size ? n : size;
}

/* --- the socket
 * ---------------------------------------------------------------------------------------------------------- */

static bool send_all(struct iovec *v, int n)
{
    while (n) {
        ssize_t sent = writev(sim.socket, v, n);
        if (sent < 0 && errno != EINTR)
            return false;
        while (n && sent >= (ssize_t)v->iov_len) {
            sent -= (ssize_t)v->iov_len;
            v++;
            n--;
        }
        if (n && sent > 0) {
            v->iov_base = (char *)v->iov_base + sent;
            v->iov_len -= (size_t)sent;
        }
    }
    return true;
}

static bool receive_all(void *data, size_t size)
{
    for (size_t n = 0; n < size;) {
        ssize_t got = read(sim.socket, (char *)data + n, size - n);
        if (got <= 0)
            return false;
        n += (size_t)got;
    }
    return true;
}

/* command 3: a transfer is done, 4: a transfer was taken back. */
static bool reply(uint32_t command, uint32_t number, int status, int size, const void *data,
                  const struct request *packets)
{
    int n = packets ? packets->n_packets : 0;
    uint32_t h[12] = {htonl(command),    htonl(number), 0, 0, 0, htonl((uint32_t)status), htonl((uint32_t)size), 0,
                      htonl((uint32_t)n)};
    struct iovec v[3] = {{h, sizeof h}, {(void *)data, data ? (size_t)size : 0},
                         {packets ? (void *)packets->packet : NULL, (size_t)n * 16}};
    return send_all(v, 3);
}

static bool take_back(uint32_t number, uint32_t wanted)
{
    for (int i = 0; i < sim.n_waiting; i++)
        if (sim.waiting[i].number == wanted) {
            memmove(sim.waiting + i, sim.waiting + i + 1, (size_t)(--sim.n_waiting - i) * sizeof *sim.waiting);
            return reply(4, number, -ECONNRESET, 0, NULL, NULL);
        }
    return reply(4, number, 0, 0, NULL, NULL);
}

/* Reads one message of the host; false: it closed the port. */
static bool serve(void)
{
    static uint8_t in[4096], out[65536];
    uint32_t h[12];
    if (!receive_all(h, sizeof h))
        return false;
    uint32_t command = ntohl(h[0]), number = ntohl(h[1]), to_host = ntohl(h[3]), endpoint = ntohl(h[4]);
    if (command == 2)
        return take_back(number, ntohl(h[5]));
    int size = (int)ntohl(h[6]), n_packets = (int)ntohl(h[8]);
    if (!to_host && size && (size > (int)sizeof out || !receive_all(out, (size_t)size)))
        return false;
    if (endpoint == 0) {
        int n = control((const uint8_t *)&h[10], out, in), status = n < 0 ? n : 0;
        n = n < 0 ? 0 : n;
        return reply(3, number, status, to_host ? n : size, to_host ? in : NULL, NULL);
    }
    if (sim.n_waiting == MAX_REQUESTS || n_packets < 1 || n_packets > MAX_PACKETS)
        return false;
    struct request *r = &sim.waiting[sim.n_waiting++];
    r->number = number;
    r->n_packets = n_packets;
    return receive_all(r->packet, (size_t)n_packets * 16);
}

static bool plug_in(void)
{
    int pair[2], size = 4 << 20;
    char text[64];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
        return false;
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    int attach = open("/sys/devices/platform/vhci_hcd.0/attach", O_WRONLY);
    int n = snprintf(text, sizeof text, "%d %d %d 3", sim.port, pair[1], 65538 + sim.port); /* a device number, high speed */
    bool ok = attach >= 0 && write(attach, text, (size_t)n) == n;
    if (attach >= 0)
        close(attach);
    close(pair[1]); /* the kernel keeps its end */
    if (!ok) {
        close(pair[0]);
        return false;
    }
    sim.socket = pair[0];
    sim.n_waiting = 0;
    sim.picture = NULL;
    sim.bus_ns = sim.frame_ns = 0;
    return true;
}

static void unplug(void)
{
    if (sim.socket >= 0) {
        shutdown(sim.socket, SHUT_RDWR);
        close(sim.socket);
    }
    sim.socket = -1;
}

/* --- the stream
 * ---------------------------------------------------------------------------------------------------------- */

/* Makes the picture that is due at t the one to send. */
static void begin_picture(int64_t t_ns)
{
    int64_t interval_ns = (int64_t)get32(sim.commit + 4) * sim.slow_percent;
    const struct clip *c = chosen(sim.commit);
    if (sim.resume_ns && t_ns >= sim.resume_ns)
        sim.resume_ns = 0;
    if (sim.picture || sim.stall || sim.hang || sim.resume_ns || t_ns < sim.frame_ns || !c)
        return;
    if (t_ns - sim.frame_ns > 10 * interval_ns)
        sim.frame_ns = t_ns; /* after a pause the clock starts afresh */
    sim.frame_ns += interval_ns;
    if (sim.once && sim.picture_index >= c->n - 1)
        sim.picture_index = c->n - 1;
    else
        sim.picture_index = (sim.picture_index + 1) % c->n;
    if (sim.picture_index == sim.pause_at) {
        sim.pause_at = -1;
        sim.resume_ns = t_ns + sim.pause_ns;
        return;
    }
    if (sim.picture_index == sim.gone_at) {
        sim.gone_at = -1;
        sim.plug_ns = t_ns + sim.gone_ns;
        return;
    }
    if (sim.n_drop) {
        sim.n_drop--;
        return;
    }
    sim.picture = c->data + c->at[sim.picture_index];
    sim.picture_size = c->at[sim.picture_index + 1] - c->at[sim.picture_index];
    sim.picture_sent = 0;
    sim.frame_id ^= 1;
    sim.mark_error = sim.n_err > 0;
    sim.n_err -= sim.n_err > 0;
    if (sim.n_corrupt) { /* behind the headers, in a copy: the clip is played again */
        static uint8_t copy[1 << 22];
        sim.n_corrupt--;
        if (sim.picture_size <= sizeof copy) {
            memcpy(copy, sim.picture, sim.picture_size);
            for (size_t i = sim.picture_size / 3; i < sim.picture_size / 2; i++)
                copy[i] = (uint8_t)(copy[i] * 167 + i);
            sim.picture = copy;
        }
    }
    if (sim.n_short) {
        sim.n_short--;
        sim.picture_size /= 2;
    }
}

/* One payload of at most max bytes: header with picture time and bus clock, then a piece of the picture. */
static int payload(uint8_t *to, int max, int64_t t_ns)
{
    uint32_t ticks = (uint32_t)(t_ns * (CLOCK_HZ / 1000000) / 1000);
    begin_picture(t_ns);
    if (!sim.picture || max <= HEADER)
        return 0;
    size_t n = sim.picture_size - sim.picture_sent;
    if (n > (size_t)(max - HEADER))
        n = (size_t)(max - HEADER);
    bool last = sim.picture_sent + n == sim.picture_size;
    to[0] = HEADER;
    to[1] = (uint8_t)(0x8c | sim.frame_id | (last ? 2 : 0) | (sim.mark_error ? 0x40 : 0));
    put32(to + 2, ticks);
    put32(to + 6, ticks);
    put16(to + 10, (unsigned)(t_ns / 1000000) & 0x7ff);
    memcpy(to + HEADER, sim.picture + sim.picture_sent, n);
    sim.picture_sent += n;
    if (last)
        sim.picture = NULL;
    return (int)n + HEADER;
}

/* Answers the transfers whose time on the bus is over; returns when the next one's is, or -1: the host closed the
 * port. */
static int64_t pump(int64_t t_ns)
{
    static uint8_t data[MAX_PACKETS * 3072];
    const int64_t packet_ns = 1000000000 / MICROFRAMES_HZ;
    while (sim.n_waiting) {
        struct request *r = &sim.waiting[0];
        int n = 0;
        if (t_ns - sim.bus_ns > RESET_GAP_NS)
            sim.bus_ns = t_ns - r->n_packets * packet_ns;
        int64_t due_ns = sim.bus_ns + r->n_packets * packet_ns;
        if (due_ns > t_ns)
            return due_ns;
        for (int i = 0; i < r->n_packets; i++) {
            int size = (int)ntohl(r->packet[i][1]);
            int k = payload(data + n, size > 3072 ? 3072 : size, sim.bus_ns + i * packet_ns);
            r->packet[i][2] = htonl((uint32_t)k);
            r->packet[i][3] = 0;
            n += k;
        }
        sim.bus_ns = due_ns;
        if (!reply(3, r->number, 0, n, data, r))
            return -1;
        memmove(sim.waiting, sim.waiting + 1, (size_t)--sim.n_waiting * sizeof *sim.waiting);
    }
    return t_ns + 1000000000;
}

static void obey(const char *line)
{
    const char *space = strchr(line, ' ');
    const char *second = space ? strchr(space + 1, ' ') : NULL;
    int n = space ? atoi(space) : 1;
    int64_t while_ns = second ? atoi(second) * INT64_C(1000000) : 0;
    if (!strcmp(line, "quit"))
        exit(0);
    else if (!strcmp(line, "unplug"))
        unplug();
    else if (!strcmp(line, "plug"))
        for (int i = 0; i < 50 && sim.socket < 0 && !plug_in(); i++)
            usleep(20000); /* the port is free a moment after it was left */
    else if (!strncmp(line, "stall", 5))
        sim.stall = n;
    else if (!strcmp(line, "hang"))
        sim.hang = true;
    else if (!strcmp(line, "once"))
        sim.once = sim.rewind = true;
    else if (!strncmp(line, "slow", 4))
        sim.slow_percent = n;
    else if (!strncmp(line, "gone", 4)) {
        sim.gone_at = n;
        sim.gone_ns = while_ns;
    } else if (!strncmp(line, "pause", 5)) {
        sim.pause_at = n;
        sim.pause_ns = while_ns;
    } else if (!strncmp(line, "corrupt", 7))
        sim.n_corrupt = n;
    else if (!strncmp(line, "err", 3))
        sim.n_err = n;
    else if (!strncmp(line, "short", 5))
        sim.n_short = n;
    else if (!strncmp(line, "drop", 4))
        sim.n_drop = n;
    else
        fprintf(stderr, "uvcsim: unknown command: %s\n", line);
}

static void read_commands(int fd)
{
    char text[256];
    ssize_t n = read(fd, text, sizeof text - 1);
    text[n > 0 ? n : 0] = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        obey(line);
}

static void run(int commands)
{
    int64_t next_ns = now_ns();
    for (;;) {
        int64_t wait_ns = next_ns - now_ns();
        wait_ns = wait_ns < 0 ? 0 : wait_ns > 999999999 ? 999999999 : wait_ns;
        struct timespec wait = {0, (long)wait_ns};
        struct pollfd p[2] = {{.fd = sim.socket, .events = POLLIN}, {.fd = commands, .events = POLLIN}};
        ppoll(p, 2, &wait, NULL);
        if (sim.socket >= 0 && p[0].revents && !serve())
            unplug();
        if (commands >= 0 && p[1].revents & POLLIN)
            read_commands(commands);
        next_ns = sim.socket >= 0 ? pump(now_ns()) : now_ns() + 1000000000;
        if (next_ns < 0 || (sim.plug_ns && now_ns() < sim.plug_ns))
            unplug();
        if (sim.plug_ns && now_ns() >= sim.plug_ns) {
            sim.plug_ns = 0;
            obey("plug");
        }
        if (sim.plug_ns && (next_ns < 0 || next_ns > sim.plug_ns))
            next_ns = sim.plug_ns;
    }
}

int main(int argc, char **argv)
{
    int option, commands = -1;
    signal(SIGPIPE, SIG_IGN);
    while ((option = getopt(argc, argv, "c:p:t:j:y:n:")) != -1)
        switch (option) {
        case 'j':
        case 'y':
        case 'n':
            load(optarg, option == 'j' ? JPEG : option == 'y' ? YUYV : NV12);
            break;
        case 'p':
            sim.port = atoi(optarg);
            break;
        case 't':
            sim.name = optarg;
            break;
        case 'c':
            unlink(optarg);
            if (mkfifo(optarg, 0600) || (commands = open(optarg, O_RDWR | O_NONBLOCK)) < 0)
                die(optarg);
            break;
        default:
            return 2;
        }
    if (!sim.n_clips)
        return fputs("usage: uvcsim [-c COMMANDS] [-p PORT] [-t NAME] {-j|-y|-n W,H,CLIP}...\n", stderr), 2;
    sim.probe[2] = sim.probe[3] = 1;
    settle(sim.probe);
    memcpy(sim.commit, sim.probe, sizeof sim.commit);
    build_configuration();
    if (!plug_in())
        die("attaching to vhci-hcd");
    run(commands);
}
