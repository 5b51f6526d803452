/* Writing video: H.264 where this FFmpeg has an encoder for it, else MPEG-4, at a constant frame rate.
 *
 * how:  a frame is put into the slot of its time, repeated over a gap and left out where two would share a slot, so that
 *       the written clip keeps the source's time in every player
 */
#include "plumbline/video.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plumbline/units.h"

struct pl_video_writer {
    char *path;
    AVFormatContext *mux;
    AVCodecContext *codec;
    AVStream *stream;           /* of mux */
    AVPacket *packet;
    AVFrame *last;              /* the newest frame, not written yet: it fills the slots up to the next one */
    struct SwsContext *convert;
    int width_px, height_px;    /* of the frames put in; written are even numbers, as H.264 wants */
    double fps;
    int64_t first_ns, n_slots;  /* slots written so far */
    bool any, header, failed;
};

static void release(struct pl_video_writer *w)
{
    if (!w)
        return;
    sws_freeContext(w->convert);
    av_frame_free(&w->last);
    av_packet_free(&w->packet);
    avcodec_free_context(&w->codec);
    if (w->mux && w->mux->pb)
        avio_closep(&w->mux->pb);
    avformat_free_context(w->mux);
    free(w->path);
    free(w);
}

static bool try_encoder(struct pl_video_writer *w, const AVCodec *encoder)
{
    AVRational rate = av_d2q(w->fps, 100000);
    AVCodecContext *c = encoder ? avcodec_alloc_context3(encoder) : NULL;

    if (!c)
        return false;
    c->width = w->width_px & ~1;
    c->height = w->height_px & ~1;
    c->pix_fmt = AV_PIX_FMT_YUV420P;
    c->time_base = av_inv_q(rate);
    c->framerate = rate;
    c->colorspace = AVCOL_SPC_BT470BG; /* what the converter makes of RGB; said, so that players need not guess */
    c->color_range = AVCOL_RANGE_MPEG;
    c->flags |= AV_CODEC_FLAG_QSCALE; /* MPEG-4: a quality, not a rate */
    c->global_quality = 4 * FF_QP2LAMBDA;
    if (w->mux->oformat->flags & AVFMT_GLOBALHEADER)
        c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    av_opt_set(c->priv_data, "preset", "veryfast", 0); /* x264: a tenth of the default's time, 15 % more bytes */
    av_opt_set(c->priv_data, "crf", "21", 0);
    if (avcodec_open2(c, encoder, NULL) < 0) {
        avcodec_free_context(&c);
        return false;
    }
    w->codec = c;
    return true;
}

static bool open_encoder(struct pl_video_writer *w, struct pl_err *err)
{
    return try_encoder(w, avcodec_find_encoder_by_name("libx264")) || try_encoder(w, avcodec_find_encoder(AV_CODEC_ID_H264)) ||
           try_encoder(w, avcodec_find_encoder(AV_CODEC_ID_MPEG4)) ||
           pl_fail(err, PL_E_UNSUPPORTED, "%s: FFmpeg on this machine has no encoder for H.264 or MPEG-4", w->path);
}

static bool open_muxer(struct pl_video_writer *w, struct pl_err *err)
{
    w->stream = avformat_new_stream(w->mux, NULL);
    if (!w->stream || avcodec_parameters_from_context(w->stream->codecpar, w->codec) < 0)
        return pl_fail(err, PL_E_MEMORY, "writing %s: out of memory", w->path);
    w->stream->time_base = w->codec->time_base;
    w->stream->avg_frame_rate = w->codec->framerate;
    int rc = avformat_write_header(w->mux, NULL);
    if (rc == AVERROR(ENOSPC) || rc == AVERROR(EIO) || (rc < 0 && w->mux->pb && w->mux->pb->error))
        return pl_fail(err, PL_E_IO, "%s: not everything could be written: is the disk full?", w->path);
    if (rc < 0)
        return pl_fail(err, PL_E_UNSUPPORTED, "%s: no video of this kind can be written here; use a name ending in .mp4", w->path);
    w->header = true;
    return true;
}

static bool open_frame(struct pl_video_writer *w, struct pl_err *err)
{
    w->last->format = w->codec->pix_fmt;
    w->last->width = w->codec->width;
    w->last->height = w->codec->height;
    return av_frame_get_buffer(w->last, 0) >= 0 || pl_fail(err, PL_E_MEMORY, "writing %s: out of memory", w->path);
}

bool pl_video_writer_open(struct pl_video_writer **out, const char *path, int width_px, int height_px, double fps,
                          struct pl_err *err)
{
    bool ok = false;

    av_log_set_level(AV_LOG_QUIET); /* users get our one sentence */
    if (width_px < 2 || height_px < 2 || !(fps > 0 && fps <= 1000))
        return pl_fail(err, PL_E_ARG, "%s: a video of %d x %d pixels at %g fps cannot be written", path, width_px, height_px, fps);
    struct pl_video_writer *w = calloc(1, sizeof *w);
    if (!w || !(w->path = strdup(path)) || !(w->packet = av_packet_alloc()) || !(w->last = av_frame_alloc())) {
        pl_fail(err, PL_E_MEMORY, "writing %s: out of memory", path);
        goto done;
    }
    w->width_px = width_px;
    w->height_px = height_px;
    w->fps = fps;
    if (avformat_alloc_output_context2(&w->mux, NULL, NULL, path) < 0 || w->mux->oformat->video_codec == AV_CODEC_ID_NONE) {
        pl_fail(err, PL_E_UNSUPPORTED, "%s: no video of this kind can be written here; use a name ending in .mp4", path);
        goto done;
    }
    int rc = avio_open(&w->mux->pb, path, AVIO_FLAG_WRITE);
    if (rc < 0) {
        pl_fail(err, PL_E_IO, "%s cannot be written: %s", path, strerror(AVUNERROR(rc)));
        goto done;
    }
    ok = open_encoder(w, err) && open_muxer(w, err) && open_frame(w, err);
done:
    if (ok)
        *out = w;
    else
        release(w);
    return ok;
}

/* frame NULL: no more. What the encoder has ready goes to the file. */
static void encode(struct pl_video_writer *w, AVFrame *frame)
{
    w->failed |= avcodec_send_frame(w->codec, frame) < 0;
    while (avcodec_receive_packet(w->codec, w->packet) == 0) {
        if (!w->packet->duration)
            w->packet->duration = 1;
        av_packet_rescale_ts(w->packet, w->codec->time_base, w->stream->time_base);
        w->packet->stream_index = w->stream->index;
        w->failed |= av_interleaved_write_frame(w->mux, w->packet) < 0;
    }
}

/* Writes the newest frame into the slots before `end`. */
static void fill_slots(struct pl_video_writer *w, int64_t end)
{
    for (; w->n_slots < end; w->n_slots++) {
        w->last->pts = w->n_slots;
        encode(w, w->last);
    }
}

static bool take(struct pl_video_writer *w, const struct pl_frame *f)
{
    const uint8_t *planes[4] = {f->data};
    int strides[4] = {(int)f->stride}, width = w->codec->width, height = w->codec->height;
    enum AVPixelFormat from = f->pixels == PL_PIXELS_RGB24 ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_BGR24;

    w->convert = sws_getCachedContext(w->convert, width, height, from, width, height, w->codec->pix_fmt, SWS_BICUBIC, NULL, NULL,
                                      NULL);
    return w->convert && av_frame_make_writable(w->last) >= 0 &&
           sws_scale(w->convert, planes, strides, 0, height, w->last->data, w->last->linesize) > 0;
}

bool pl_video_writer_put(struct pl_video_writer *w, const struct pl_frame *frame, struct pl_err *err)
{
    if (frame->pixels == PL_PIXELS_NONE || frame->width_px != w->width_px || frame->height_px != w->height_px)
        return pl_fail(err, PL_E_INTERNAL, "%s: a frame of %d x %d pixels does not fit the video's %d x %d", w->path,
                       frame->width_px, frame->height_px, w->width_px, w->height_px);
    if (!w->any)
        w->first_ns = frame->t_ns;
    else
        fill_slots(w, llrint(pl_s_from_ns(frame->t_ns - w->first_ns) * w->fps));
    if (!take(w, frame))
        return pl_fail(err, PL_E_MEMORY, "writing %s: out of memory", w->path);
    w->any = true;
    return !w->failed || pl_fail(err, PL_E_IO, "%s cannot be written any further: is the disk full?", w->path);
}

bool pl_video_writer_close(struct pl_video_writer *w, struct pl_err *err)
{
    if (!w)
        return true;
    if (w->any)
        fill_slots(w, w->n_slots + 1);
    encode(w, NULL);
    w->failed |= av_write_trailer(w->mux) < 0;
    w->failed |= avio_closep(&w->mux->pb) < 0;
    bool ok = !w->failed || pl_fail(err, PL_E_IO, "%s was not written completely: is the disk full?", w->path);
    release(w);
    return ok;
}
