/* Video files: frames, times, turns, seeks, and what is said about files that are no videos. The clips are made
 * here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../support/media.h"
#include "plumbline/video.h"
#include "plumbline/units.h"

enum { W = 96, H = 64, N = 40, BOX = 16 };

static char folder[MEDIA_PATH];

static const char *in_folder(const char *name)
{
    static char path[2 * MEDIA_PATH];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* Frame k: its number as brightness, and a white box in the upper left corner, so that a turn shows. */
static void paint(uint8_t *bgr, int w, int h, int k)
{
    memset(bgr, 40 + 4 * k, (size_t)w * (size_t)h * 3);
    for (int y = 0; y < BOX; y++)
        memset(bgr + (size_t)y * (size_t)w * 3, 255, BOX * 3);
}

/* N frames at 25 fps under the given name. */
static void make_clip(const char *name)
{
    static uint8_t bgr[W * H * 3];
    struct pl_video_writer *writer;
    struct pl_err err;
    assert_true(pl_video_writer_open(&writer, in_folder(name), W, H, 25, &err));
    for (int k = 0; k < N; k++) {
        paint(bgr, W, H, k);
        struct pl_frame f = {.t_ns = k * PL_NS_PER_S / 25, .width_px = W, .height_px = H, .stride = W * 3,
                             .pixels = PL_PIXELS_BGR24, .data = bgr};
        assert_true(pl_video_writer_put(writer, &f, &err));
    }
    assert_true(pl_video_writer_close(writer, &err));
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put_be32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint8_t *find(uint8_t *data, size_t size, const char *type)
{
    for (size_t i = 0; i + 4 < size; i++)
        if (!memcmp(data + i, type, 4))
            return data + i;
    fail_msg("no %s in the clip", type);
    return NULL;
}

/* An MP4 whose index (moov) is moved before the pictures (mdat), as files for the web have it: then a cut file can be
 * read. */
static void make_index_first(const char *from, const char *to)
{
    size_t size;
    uint8_t *data = media_read(&size, in_folder(from)), *out = malloc(size);
    uint8_t *moov = find(data, size, "moov") - 4, *mdat = find(data, size, "mdat") - 4;
    size_t n = be32(moov), head = (size_t)(mdat - data), body = (size_t)(moov - mdat);
    assert_true(mdat < moov && moov + n == data + size);
    uint8_t *stco = find(moov, n, "stco");
    for (uint32_t i = 0; i < be32(stco + 8); i++)
        put_be32(stco + 12 + 4 * i, be32(stco + 12 + 4 * i) + (uint32_t)n);
    memcpy(out, data, head);
    memcpy(out + head, moov, n);
    memcpy(out + head + n, mdat, body);
    media_write(in_folder(to), out, size);
    free(out);
    free(data);
}

static int setup(void **state)
{
    (void)state;
    media_folder(folder);
    make_clip("clip.mp4");
    make_index_first("clip.mp4", "first.mp4");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    media_remove(folder);
    return 0;
}

static struct pl_video *open_clip(const char *name)
{
    struct pl_video *video = NULL;
    struct pl_err err = {0};
    if (!pl_video_open(&video, in_folder(name), &err))
        fail_msg("%s", err.text);
    return video;
}

static int brightness(const struct pl_frame *f, int x, int y) { return f->data[(size_t)y * f->stride + (size_t)x * 3]; }

static void frames_and_times(void **state)
{
    (void)state;
    struct pl_video *video = open_clip("clip.mp4");
    struct pl_video_info info = pl_video_info(video);
    struct pl_frame f;
    struct pl_err err;
    int k = 0;
    assert_int_equal(info.width_px, W);
    assert_int_equal(info.height_px, H);
    assert_int_equal(info.n_frames, N);
    assert_true(fabs(info.fps - 25) < 1e-9);
    assert_true(llabs(info.duration_ns - N * PL_NS_PER_S / 25) < 1000000);
    for (; pl_video_next(video, &f, &err) == PL_NEXT_FRAME; k++) {
        assert_int_equal(f.index, k);
        assert_int_equal(f.t_ns, k * PL_NS_PER_S / 25);
        assert_int_equal(f.pixels, PL_PIXELS_BGR24);
        assert_true(abs(brightness(&f, W - 8, H - 8) - (40 + 4 * k)) <= 6);
        assert_true(brightness(&f, 4, 4) > 220);
    }
    assert_int_equal(k, N);
    assert_int_equal(pl_video_next(video, &f, &err), PL_NEXT_END);
    assert_false(pl_video_truncated(video));
    pl_video_close(video);
}

/* Every frame is found by its own time, and by a time just before the next one's. */
static void seek_to_each(void **state)
{
    (void)state;
    struct pl_video *video = open_clip("clip.mp4");
    struct pl_frame f;
    struct pl_err err;
    for (int i = 0; i < 2 * N; i++) {
        int k = i * 17 % N;
        int64_t t_ns = k * PL_NS_PER_S / 25;
        assert_true(pl_video_seek(video, t_ns + (i < N ? 0 : PL_NS_PER_S / 25 - 1), &err));
        for (int j = k; j < N && j < k + 3; j++) {
            assert_int_equal(pl_video_next(video, &f, &err), PL_NEXT_FRAME);
            assert_int_equal(f.t_ns, j * PL_NS_PER_S / 25);
            assert_int_equal(f.index, j);
            assert_true(abs(brightness(&f, W - 8, H - 8) - (40 + 4 * j)) <= 6);
        }
    }
    assert_true(pl_video_seek(video, -1, &err));
    assert_int_equal(pl_video_next(video, &f, &err), PL_NEXT_FRAME);
    assert_int_equal(f.t_ns, 0);
    assert_true(pl_video_seek(video, INT64_MAX / 2, &err));
    assert_int_equal(pl_video_next(video, &f, &err), PL_NEXT_FRAME);
    assert_int_equal(f.index, N - 1);
    assert_int_equal(pl_video_next(video, &f, &err), PL_NEXT_END);
    pl_video_close(video);
}

/* The eight display matrices: (x, y) is shown at (a x + c y, b x + d y). The white box tells where the stored corner
 * went. */
static void turned_clips(void **state)
{
    (void)state;
    static const int matrix[8][4] = {{1, 0, 0, 1}, {-1, 0, 0, 1}, {1, 0, 0, -1}, {-1, 0, 0, -1},
                                     {0, 1, -1, 0}, {0, -1, 1, 0}, {0, 1, 1, 0}, {0, -1, -1, 0}};
    size_t size;
    uint8_t *data = media_read(&size, in_folder("clip.mp4"));
    uint8_t *at = find(data, size, "tkhd") + 44;
    for (int i = 0; i < 8; i++) {
        int a = matrix[i][0], b = matrix[i][1], c = matrix[i][2], d = matrix[i][3];
        put_be32(at, (uint32_t)a * 0x10000);
        put_be32(at + 4, (uint32_t)b * 0x10000);
        put_be32(at + 12, (uint32_t)c * 0x10000);
        put_be32(at + 16, (uint32_t)d * 0x10000);
        media_write(in_folder("turned.mp4"), data, size);
        struct pl_video *video = open_clip("turned.mp4");
        struct pl_frame f;
        struct pl_err err;
        assert_int_equal(pl_video_next(video, &f, &err), PL_NEXT_FRAME);
        assert_int_equal(f.width_px, a ? W : H);
        assert_int_equal(f.height_px, a ? H : W);
        bool right = a + c < 0, bottom = b + d < 0; /* the stored corner (0, 0) lies at the end that mirrors */
        for (int corner = 0; corner < 4; corner++) {
            int x = corner & 1 ? f.width_px - 5 : 4, y = corner & 2 ? f.height_px - 5 : 4;
            bool white = brightness(&f, x, y) > 200;
            assert_int_equal(white, (corner & 1) == right && !!(corner & 2) == bottom);
        }
        pl_video_close(video);
    }
    free(data);
}

static void cut_clip(void **state)
{
    (void)state;
    size_t size;
    uint8_t *data = media_read(&size, in_folder("first.mp4"));
    struct pl_frame f;
    struct pl_err err;
    int whole = 0, n = 0;
    struct pl_video *video = open_clip("first.mp4");
    while (pl_video_next(video, &f, &err) == PL_NEXT_FRAME)
        whole++;
    assert_int_equal(whole, N);
    assert_false(pl_video_truncated(video));
    pl_video_close(video);

    uint8_t *mdat = find(data, size, "mdat");
    size_t head = (size_t)(mdat - data);
    media_write(in_folder("cut.mp4"), data, head + (size - head) * 9 / 10);
    free(data);
    video = open_clip("cut.mp4");
    enum pl_next next;
    while ((next = pl_video_next(video, &f, &err)) == PL_NEXT_FRAME)
        n++;
    assert_int_equal(next, PL_NEXT_END);
    assert_true(n > 0 && n < N);
    assert_true(pl_video_truncated(video));
    assert_true(pl_video_seek(video, 0, &err)); /* what there is can be shown again */
    for (int k = 0; k < n; k++)
        assert_int_equal(pl_video_next(video, &f, &err), PL_NEXT_FRAME);
    assert_int_equal(pl_video_next(video, &f, &err), PL_NEXT_END);
    pl_video_close(video);
}

static void expect_refusal(const char *name, enum pl_err_code code, const char *part)
{
    struct pl_video *video = NULL;
    struct pl_err err = {0};
    assert_false(pl_video_open(&video, in_folder(name), &err));
    assert_null(video);
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.text, name));
    if (!strstr(err.text, part))
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
}

static void no_videos(void **state)
{
    (void)state;
    size_t size;
    uint8_t *data = media_read(&size, in_folder("clip.mp4"));
    media_write(in_folder("half.mp4"), data, size / 2);
    media_text(in_folder("text.mp4"), "This is a letter.\nIt was renamed.\n");
    media_text(in_folder("list.mp4"), "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nclip.mp4\n#EXT-X-ENDLIST\n");
    media_write(in_folder("photo.mp4"), tiny_jpeg, TINY_JPEG_SIZE);
    media_text(in_folder("empty.mp4"), "");
    assert_int_equal(mkdir(in_folder("folder.mp4"), 0700), 0);
    assert_int_equal(mkfifo(in_folder("pipe.mp4"), 0600), 0);
    expect_refusal("half.mp4", PL_E_FORMAT, "without its index");
    expect_refusal("text.mp4", PL_E_FORMAT, "not a video");
    expect_refusal("list.mp4", PL_E_FORMAT, "not a video"); /* a playlist could name files and addresses */
    expect_refusal("empty.mp4", PL_E_FORMAT, "empty");
    expect_refusal("folder.mp4", PL_E_FORMAT, "folder");
    expect_refusal("pipe.mp4", PL_E_UNSUPPORTED, "regular file");
    expect_refusal("missing.mp4", PL_E_IO, "no such file");
    free(data);
}

/* Damaged bytes anywhere end in frames or in a sentence, never in a crash. */
static void damaged_bytes(void **state)
{
    (void)state;
    size_t size;
    uint8_t *data = media_read(&size, in_folder("first.mp4")), *copy = malloc(size);
    unsigned seed = 1;
    int opened = 0;
    for (int round = 0; round < 60; round++) {
        struct pl_video *video;
        struct pl_frame f;
        struct pl_err err = {0};
        memcpy(copy, data, size);
        for (int i = 0; i < 1 + round % 8; i++) {
            seed = seed * 1103515245u + 12345u;
            copy[(seed >> 8) % size] ^= (uint8_t)(1u << (seed >> 28 & 7));
        }
        media_write(in_folder("damaged.mp4"), copy, size);
        if (!pl_video_open(&video, in_folder("damaged.mp4"), &err)) {
            assert_true(err.text[0]);
            continue;
        }
        opened++;
        int64_t last = -1;
        for (int k = 0; k < 2 * N && pl_video_next(video, &f, &err) == PL_NEXT_FRAME; k++) {
            assert_true(f.t_ns > last);
            last = f.t_ns;
        }
        pl_video_close(video);
    }
    assert_true(opened > 0);
    free(copy);
    free(data);
}

/* A constant rate that keeps the source's time: gaps are filled by repetition, frames too many are left out. */
static void writer_keeps_time(void **state)
{
    (void)state;
    static const int t_ms[] = {0, 10, 100, 500};
    static uint8_t bgr[W * H * 3];
    struct pl_video_writer *writer;
    struct pl_frame f;
    struct pl_err err;
    int value[8] = {0}, n = 0;
    assert_true(pl_video_writer_open(&writer, in_folder("slow.mp4"), W, H, 10, &err));
    for (int k = 0; k < 4; k++) {
        memset(bgr, 40 + 50 * k, sizeof bgr);
        f = (struct pl_frame){.t_ns = t_ms[k] * INT64_C(1000000), .width_px = W, .height_px = H, .stride = W * 3,
                              .pixels = PL_PIXELS_RGB24, .data = bgr};
        assert_true(pl_video_writer_put(writer, &f, &err));
    }
    f.width_px = W / 2;
    assert_false(pl_video_writer_put(writer, &f, &err));
    assert_int_equal(err.code, PL_E_INTERNAL);
    assert_true(pl_video_writer_close(writer, &err));
    struct pl_video *video = open_clip("slow.mp4");
    while (n < 8 && pl_video_next(video, &f, &err) == PL_NEXT_FRAME)
        value[n++] = brightness(&f, W / 2, H / 2);
    pl_video_close(video);
    assert_int_equal(n, 6); /* slots at 0, 0.1 ... 0.5 s */
    assert_true(abs(value[0] - 90) <= 6);  /* of the two frames in the first slot the later one */
    for (int k = 1; k < 5; k++)
        assert_true(abs(value[k] - 140) <= 6);
    assert_true(abs(value[5] - 190) <= 6);
}

static void writer_refuses(void **state)
{
    (void)state;
    struct pl_video_writer *writer;
    struct pl_err err;
    assert_false(pl_video_writer_open(&writer, in_folder("none/x.mp4"), W, H, 25, &err));
    assert_int_equal(err.code, PL_E_IO);
    assert_non_null(strstr(err.text, "none/x.mp4"));
    assert_false(pl_video_writer_open(&writer, in_folder("x.mp4"), 0, H, 25, &err));
    assert_int_equal(err.code, PL_E_ARG);
    assert_false(pl_video_writer_open(&writer, in_folder("x.nothing"), W, H, 25, &err));
    assert_int_equal(err.code, PL_E_UNSUPPORTED);
    assert_true(pl_video_writer_close(NULL, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_and_times), cmocka_unit_test(seek_to_each),      cmocka_unit_test(turned_clips),
        cmocka_unit_test(cut_clip),         cmocka_unit_test(no_videos),         cmocka_unit_test(damaged_bytes),
        cmocka_unit_test(writer_keeps_time), cmocka_unit_test(writer_refuses),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
