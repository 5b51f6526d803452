/* Still images: JPEG, PNG and BMP to upright BGR; BGR or RGB to PNG. On FFmpeg's decoders, which are loaded for video
 * anyway; its demuxers are not needed, because a file holds one picture. */
#include "plumbline/video.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavutil/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

enum { MOST_BYTES = 1 << 28 };

/* The whole file as a packet, with the room behind it that decoders read into. */
static bool read_packet(AVPacket *packet, const char *path, struct pl_err *err)
{
    FILE *f = fopen(path, "rb");
    bool ok = false;
    long size;

    if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET)) {
        pl_fail(err, PL_E_IO, "%s cannot be read: %s", path, strerror(errno));
        goto done;
    }
    if (size > MOST_BYTES) {
        pl_fail(err, PL_E_UNSUPPORTED, "%s is too large for an image", path);
        goto done;
    }
    if (av_new_packet(packet, (int)size) < 0) {
        pl_fail(err, PL_E_MEMORY, "reading %s: out of memory", path);
        goto done;
    }
    ok = fread(packet->data, 1, (size_t)size, f) == (size_t)size || pl_fail(err, PL_E_IO, "%s cannot be read", path);
done:
    if (f)
        fclose(f);
    return ok;
}

/* By the first bytes, whatever the name says. */
static enum AVCodecID kind_of(const AVPacket *p)
{
    static const struct { enum AVCodecID id; int n; const char *magic; } kinds[] = {
        {AV_CODEC_ID_MJPEG, 3, "\xff\xd8\xff"}, {AV_CODEC_ID_PNG, 4, "\x89PNG"}, {AV_CODEC_ID_BMP, 2, "BM"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (p->size >= kinds[i].n && !memcmp(p->data, kinds[i].magic, (size_t)kinds[i].n))
            return kinds[i].id;
    return AV_CODEC_ID_NONE;
}

/* false: nothing came out. */
static bool decode_packet(AVFrame *frame, AVPacket *packet)
{
    const AVCodec *decoder = avcodec_find_decoder(kind_of(packet));
    AVCodecContext *codec = decoder ? avcodec_alloc_context3(decoder) : NULL;
    bool ok = false;

    if (codec)
        codec->thread_count = 1;
    if (codec && avcodec_open2(codec, decoder, NULL) >= 0 && avcodec_send_packet(codec, packet) >= 0) {
        avcodec_send_packet(codec, NULL);
        ok = avcodec_receive_frame(codec, frame) >= 0;
    }
    avcodec_free_context(&codec);
    return ok;
}

static struct pl_turn turn_of(const AVFrame *frame)
{
    const AVFrameSideData *d = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);
    return pl_turn_from_matrix(d && d->size >= 9 * sizeof(int32_t) ? (const int32_t *)(const void *)d->data : NULL);
}

/* The frame, converted and turned, in memory of its own. */
static bool take_picture(struct pl_image *out, const AVFrame *frame)
{
    struct pl_turn turn = turn_of(frame);
    int w = frame->width, h = frame->height, stride = (3 * w + 127) / 64 * 64; /* the converter may write past a row's end */
    struct SwsContext *convert = NULL;
    struct pl_image image = {.width_px = turn.transpose ? h : w, .height_px = turn.transpose ? w : h};
    uint8_t *stored = malloc((size_t)stride * (size_t)h);
    size_t row = 3 * (size_t)image.width_px;

    image.bgr = malloc(row * (size_t)image.height_px);
    bool ok = stored && image.bgr && pl_video_to_bgr(&convert, frame, stored, stride, w, h);
    if (ok) {
        pl_turn_picture(image.bgr, row, image.width_px, image.height_px, stored, (size_t)stride, turn);
        *out = image;
    } else {
        free(image.bgr);
    }
    sws_freeContext(convert);
    free(stored);
    return ok;
}

bool pl_image_read(struct pl_image *out, const char *path, struct pl_err *err)
{
    AVPacket *packet = NULL;
    AVFrame *frame = NULL;
    bool ok = false;

    av_log_set_level(AV_LOG_QUIET); /* users get our one sentence */
    if (!pl_video_check_file(path, "an image", err))
        return false;
    packet = av_packet_alloc();
    frame = av_frame_alloc();
    if (!packet || !frame) {
        pl_fail(err, PL_E_MEMORY, "reading %s: out of memory", path);
        goto done;
    }
    if (!read_packet(packet, path, err))
        goto done;
    if (!decode_packet(frame, packet)) {
        pl_fail(err, PL_E_FORMAT, "%s is not an image that can be read: it is damaged or another kind of file", path);
        goto done;
    }
    ok = take_picture(out, frame) || pl_fail(err, PL_E_MEMORY, "reading %s: out of memory", path);
done:
    av_frame_free(&frame);
    av_packet_free(&packet);
    return ok;
}

void pl_image_free(struct pl_image *image)
{
    free(image->bgr);
    *image = (struct pl_image){0};
}

/* A frame of the encoder's with the picture as RGB. */
static bool fill_rgb(AVFrame *out, const struct pl_frame *f)
{
    bool bgr = f->pixels == PL_PIXELS_BGR24;
    out->format = AV_PIX_FMT_RGB24;
    out->width = f->width_px;
    out->height = f->height_px;
    if (av_frame_get_buffer(out, 0) < 0)
        return false;
    for (int y = 0; y < f->height_px; y++) {
        const uint8_t *from = f->data + (size_t)y * f->stride;
        uint8_t *to = out->data[0] + (ptrdiff_t)y * out->linesize[0];
        for (int x = 0; x < f->width_px; x++, from += 3, to += 3) {
            to[0] = from[bgr ? 2 : 0];
            to[1] = from[1];
            to[2] = from[bgr ? 0 : 2];
        }
    }
    return true;
}

static bool encode_png(AVPacket *out, const struct pl_frame *f)
{
    const AVCodec *encoder = avcodec_find_encoder(AV_CODEC_ID_PNG);
    AVCodecContext *codec = encoder ? avcodec_alloc_context3(encoder) : NULL;
    AVFrame *frame = av_frame_alloc();
    bool ok = codec && frame && fill_rgb(frame, f);

    if (ok) {
        codec->width = f->width_px;
        codec->height = f->height_px;
        codec->pix_fmt = AV_PIX_FMT_RGB24;
        codec->time_base = (AVRational){1, 1};
        codec->thread_count = 1;
        ok = avcodec_open2(codec, encoder, NULL) >= 0 && avcodec_send_frame(codec, frame) >= 0 &&
             avcodec_send_frame(codec, NULL) >= 0 && avcodec_receive_packet(codec, out) >= 0;
    }
    av_frame_free(&frame);
    avcodec_free_context(&codec);
    return ok;
}

bool pl_image_write_png(const char *path, const struct pl_frame *frame, struct pl_err *err)
{
    AVPacket *png = av_packet_alloc();
    bool ok = png && encode_png(png, frame);

    if (!ok) {
        pl_fail(err, PL_E_INTERNAL, "%s: the picture cannot be encoded", path);
        goto done;
    }
    FILE *f = fopen(path, "wb");
    ok = f && fwrite(png->data, 1, (size_t)png->size, f) == (size_t)png->size;
    ok = (f && fclose(f) == 0) && ok;
    if (!ok)
        pl_fail(err, PL_E_IO, "%s cannot be written: %s", path, strerror(errno));
done:
    av_packet_free(&png);
    return ok;
}
