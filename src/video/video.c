/* Video files -> upright BGR pictures with the file's own times.
 *
 * in:   any file that FFmpeg's demuxers for ordinary recordings accept (list below)
 * out:  every frame that a player would show, in order, with its presentation time from the first shown frame
 * how:  demux, decode, convert with the file's own colour matrix and range, turn as the file asks. What an edit list
 *       hides is decoded and left out. A seek goes to a key frame before the wished time and decodes on from there.
 * why:  this is written on FFmpeg, the library underneath OpenCV's own reader, because that reader (4.6, measured on
 *       34 clips) converts every clip with the BT.601 matrix (up to 29 levels off on BT.709 ones, which phones write),
 *       returns no time for the last frames of a clip with B frames, seeks by frame number as if the rate were
 *       constant, and hides read errors. And OpenCV's modules for files bring 106 libraries with them (GDAL, GDCM,
 *       GStreamer): 100 ms and 42 MB before main begins.
 * not:  sound, streams from the network, subtitles, changes of the picture's size (later pictures are scaled to the
 * first one's)
 */
#include "plumbline/video.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>
#include <libswscale/swscale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"
#include "plumbline/units.h"

/* Recordings only. Playlists (hls, concat, dash) are left out because they open further files and addresses, and the
 * image and text readers because they would take a photo or a text file for a video. */
#define FORMATS "mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,ivf,h264,hevc,m4v,mjpeg,gif"

enum { SEEK_TRIES = 8 };

struct picture { uint8_t *bgr; int64_t t_ns, index; };

struct pl_video {
    char *path;
    AVFormatContext *demux;
    AVCodecContext *codec;
    AVStream *stream;           /* of demux */
    AVPacket *packet;
    AVFrame *frame;
    struct SwsContext *convert;
    struct pl_turn turn;
    int stored_width_px, stored_height_px; /* as converted, before the turn, square pixels */
    uint8_t *stored;            /* [stored_height][stored_stride], only with a turn */
    int stored_stride;
    size_t stride;              /* of the pictures given out */
    struct picture now,
        next; /* decoded ahead while looking for a seek's target: has_next says whether it counts; memory from the first seek on */
    bool has_next, held;        /* held: `now` was found by open or seek and is still to be given out */
    bool drained, started, time_is_guess, last_was_cut, truncated;
    bool after_seek,
        renumber; /* the next packet is the first one of a seek; the next picture takes its number from its time */
    int64_t first_pts, last_t_ns, n_given, skip_before_pts;
    struct pl_video_info info;
};

/* An MP4 keeps its index in one piece, often at the end: without it nothing can be shown. */
static bool fail_format(struct pl_err *err, const char *path)
{
    unsigned char head[8] = {0};
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(head, 1, sizeof head, f) : 0;
    if (f)
        fclose(f);
    if (n == sizeof head && !memcmp(head + 4, "ftyp", 4))
        return pl_fail(err, PL_E_FORMAT,
                       "%s is a video without its index: the recording was not finished or the copy is not whole",
                       path);
    return pl_fail(err, PL_E_FORMAT, "%s is not a video: it is damaged or another kind of file", path);
}

static bool open_demuxer(struct pl_video *v, struct pl_err *err)
{
    AVDictionary *options = NULL;
    char *url = malloc(strlen(v->path) + 6);
    if (!url)
        return pl_fail(err, PL_E_MEMORY, "out of memory opening %s", v->path);
    sprintf(url, "file:%s", v->path); /* a name like "http:x" stays a file */
    av_dict_set(&options, "format_whitelist", FORMATS, 0);
    av_dict_set(&options, "protocol_whitelist", "file", 0);
    int rc = avformat_open_input(&v->demux, url, NULL, &options);
    av_dict_free(&options);
    free(url);
    if (rc == AVERROR(ENOMEM))
        return pl_fail(err, PL_E_MEMORY, "out of memory opening %s", v->path);
    if (rc < 0 || avformat_find_stream_info(v->demux, NULL) < 0)
        return fail_format(err, v->path);
    return true;
}

static bool open_decoder(struct pl_video *v, struct pl_err *err)
{
    const AVCodec *decoder = NULL;
    int k = av_find_best_stream(v->demux, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
    if (k == AVERROR_DECODER_NOT_FOUND)
        return pl_fail(err, PL_E_UNSUPPORTED, "%s: its video coding is not supported here; convert it to H.264",
                       v->path);
    if (k < 0)
        return pl_fail(err, PL_E_FORMAT, "%s holds no video", v->path);
    v->stream = v->demux->streams[k];
    for (unsigned i = 0; i < v->demux->nb_streams; i++)
        v->demux->streams[i]->discard = (int)i == k ? AVDISCARD_DEFAULT : AVDISCARD_ALL;

    v->codec = avcodec_alloc_context3(decoder);
    if (!v->codec || avcodec_parameters_to_context(v->codec, v->stream->codecpar) < 0)
        return pl_fail(err, PL_E_MEMORY, "out of memory opening %s", v->path);
    v->codec->pkt_timebase = v->stream->time_base;
    /* each thread keeps pictures of its own (4 MB at 720p); one is enough where looking takes longer than decoding. The
     * decoders give the same bits for any number. */
    v->codec->thread_count = (int64_t)v->codec->width * v->codec->height > 1280 * 720 ? 4 : 1;
    if (avcodec_open2(v->codec, decoder, NULL) < 0)
        return pl_fail(err, PL_E_UNSUPPORTED, "%s: its %s video cannot be decoded here; convert it to H.264", v->path,
                       decoder->name);
    return true;
}

/* Feeds the decoder one packet, or tells it that there are no more. A packet that is not whole is left out: when it is
 * the last one, the file breaks off there. */
static void feed(struct pl_video *v)
{
    int rc = av_read_frame(v->demux, v->packet);
    if (rc == AVERROR(EAGAIN))
        return;
    if (rc < 0) {
        v->truncated |= rc != AVERROR_EOF || v->last_was_cut;
        v->drained = true;
        avcodec_send_packet(v->codec, NULL);
        return;
    }
    v->last_was_cut = v->packet->flags & AV_PKT_FLAG_CORRUPT;
    if (v->packet->stream_index == v->stream->index && !v->last_was_cut) {
        if (v->after_seek && v->packet->pts != AV_NOPTS_VALUE)
            v->skip_before_pts = v->packet->pts;
        v->after_seek = false;
        avcodec_send_packet(v->codec, v->packet); /* a damaged picture is the decoder's to skip or to patch up */
    }
    av_packet_unref(v->packet);
}

/* The next decoded frame in v->frame: 1, the end: 0, out of memory: -1. Frames that an edit list hides are not among
 * them. */
static int decode(struct pl_video *v)
{
    for (;;) {
        int rc = avcodec_receive_frame(v->codec, v->frame);
        if (rc == 0 && v->frame->best_effort_timestamp != AV_NOPTS_VALUE &&
            v->frame->best_effort_timestamp < v->skip_before_pts)
            continue; /* shown before the key frame that a seek landed on: it may refer to frames that were not read */
        if (rc == 0)
            return 1;
        if (rc == AVERROR(ENOMEM))
            return -1;
        if (rc == AVERROR_EOF || v->drained)
            return 0;
        feed(v);
    }
}

/* Strictly growing nanoseconds from the first shown frame; a frame without a usable time follows the one before at the
 * nominal rate. */
static int64_t frame_t_ns(struct pl_video *v, int64_t pts)
{
    int64_t t_ns = INT64_MIN;
    if (pts != AV_NOPTS_VALUE) {
        if (!v->started)
            v->first_pts = pts;
        t_ns = av_rescale_q(pts - v->first_pts, v->stream->time_base, (AVRational){1, (int)PL_NS_PER_S});
    }
    v->time_is_guess = v->started ? t_ns <= v->last_t_ns : t_ns == INT64_MIN;
    if (v->started && v->time_is_guess)
        t_ns = v->last_t_ns + (isnan(v->info.fps) ? PL_NS_PER_S / 30 : pl_ns_from_s(1 / v->info.fps));
    else if (v->time_is_guess)
        t_ns = 0;
    v->started = true;
    v->last_t_ns = t_ns;
    return t_ns;
}

/* The file's own turn; phones write quarter turns. */
static struct pl_turn read_turn(const AVStream *stream)
{
    size_t size = 0;
    const uint8_t *m = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    return pl_turn_from_matrix(m && size >= 9 * sizeof(int32_t) ? (const int32_t *)(const void *)m : NULL);
}

/* The decoded frame, converted and turned. */
static bool finish_picture(struct pl_video *v, struct picture *out)
{
    bool direct = !pl_turn_any(v->turn);
    if (!pl_video_to_bgr(&v->convert, v->frame, direct ? out->bgr : v->stored, direct ? (int)v->stride : v->stored_stride,
                         v->stored_width_px, v->stored_height_px))
        return false;
    if (!direct)
        pl_turn_picture(out->bgr, v->stride, v->info.width_px, v->info.height_px, v->stored, (size_t)v->stored_stride, v->turn);
    out->t_ns = frame_t_ns(v, v->frame->best_effort_timestamp);
    if (v->renumber && !isnan(v->info.fps))
        v->n_given = llrint(pl_s_from_ns(out->t_ns) * v->info.fps);
    v->renumber = false;
    out->index = v->n_given++;
    av_frame_unref(v->frame);
    return true;
}

/* The next picture into out: 1, the end: 0, failed: -1 and err is filled. */
static int read_picture(struct pl_video *v, struct picture *out, struct pl_err *err)
{
    int rc = decode(v);
    if (rc == 0 || (rc == 1 && finish_picture(v, out)))
        return rc;
    pl_fail(err, PL_E_MEMORY, "out of memory decoding %s", v->path);
    return -1;
}

static void read_info(struct pl_video *v)
{
    AVRational rate = v->stream->avg_frame_rate.num > 0 ? v->stream->avg_frame_rate : v->stream->r_frame_rate;
    v->info.fps = rate.num > 0 && rate.den > 0 ? av_q2d(rate) : (double)NAN;
    v->info.n_frames = v->stream->nb_frames;
    AVRational ns = {1, (int)PL_NS_PER_S};
    if (v->stream->duration > 0)
        v->info.duration_ns = av_rescale_q(v->stream->duration, v->stream->time_base, ns);
    else if (v->demux->duration > 0)
        v->info.duration_ns = av_rescale_q(v->demux->duration, AV_TIME_BASE_Q, ns);
}

/* Sizes from the first decoded frame; pixels that are not square are made so, because angles are measured in the
 * picture. */
static bool set_geometry(struct pl_video *v, struct pl_err *err)
{
    AVRational sar = av_guess_sample_aspect_ratio(v->demux, v->stream, v->frame);
    double wide = sar.num > 0 && sar.den > 0 ? av_q2d(sar) : 1;
    v->stored_width_px = fabs(wide - 1) < 0.01 ? v->frame->width : (int)lrint(v->frame->width * wide);
    v->stored_height_px = v->frame->height;
    if (v->stored_width_px < 1 || v->stored_width_px > 16384 || v->stored_height_px > 16384)
        return pl_fail(err, PL_E_UNSUPPORTED, "%s: a picture of %d x %d pixels is not handled", v->path,
                       v->stored_width_px, v->stored_height_px);
    v->turn = read_turn(v->stream);
    v->info.width_px = v->turn.transpose ? v->stored_height_px : v->stored_width_px;
    v->info.height_px = v->turn.transpose ? v->stored_width_px : v->stored_height_px;
    /* 64 bytes behind each row: the converter's vector code may write past a row's end */
    v->stride = ((size_t)v->info.width_px * 3 + 127) / 64 * 64;
    v->stored_stride = (v->stored_width_px * 3 + 127) / 64 * 64;
    v->now.bgr = av_mallocz(v->stride * (size_t)v->info.height_px);
    v->stored = pl_turn_any(v->turn) ? av_mallocz((size_t)v->stored_stride * (size_t)v->stored_height_px) : NULL;
    if (!v->now.bgr || (pl_turn_any(v->turn) && !v->stored))
        return pl_fail(err, PL_E_MEMORY, "out of memory opening %s", v->path);
    return true;
}

bool pl_video_open(struct pl_video **out, const char *path, struct pl_err *err)
{
    bool ok = false;
    av_log_set_level(AV_LOG_QUIET); /* users get our one sentence */
    if (!pl_video_check_file(path, "a video", err))
        return false;
    struct pl_video *v = calloc(1, sizeof *v);
    if (!v || !(v->path = strdup(path)) || !(v->packet = av_packet_alloc()) || !(v->frame = av_frame_alloc())) {
        pl_fail(err, PL_E_MEMORY, "out of memory opening %s", path);
        goto done;
    }
    v->skip_before_pts = INT64_MIN;
    if (!open_demuxer(v, err) || !open_decoder(v, err))
        goto done;
    read_info(v);
    if (decode(v) != 1) {
        pl_fail(err, PL_E_FORMAT, "%s: no frame of it can be decoded; it is damaged or incomplete", path);
        goto done;
    }
    if (!set_geometry(v, err))
        goto done;
    if (!finish_picture(v, &v->now)) {
        pl_fail(err, PL_E_UNSUPPORTED, "%s: its pixel format is not supported; convert it to H.264", path);
        goto done;
    }
    v->held = true;
    ok = true;
done:
    if (ok)
        *out = v;
    else
        pl_video_close(v);
    return ok;
}

struct pl_video_info pl_video_info(const struct pl_video *video) { return video->info; }

bool pl_video_truncated(const struct pl_video *video) { return video->truncated; }

static void swap(struct pl_video *v)
{
    struct picture t = v->now;
    v->now = v->next;
    v->next = t;
}

enum pl_next pl_video_next(struct pl_video *v, struct pl_frame *out, struct pl_err *err)
{
    if (!v->codec) { /* a seek failed for good */
        pl_fail(err, PL_E_IO, "%s cannot be read any more", v->path);
        return PL_NEXT_FAILED;
    }
    if (v->held) {
        v->held = false;
    } else if (v->has_next) {
        v->has_next = false;
        swap(v);
    } else {
        int rc = read_picture(v, &v->now, err);
        if (rc <= 0)
            return rc ? PL_NEXT_FAILED : PL_NEXT_END;
    }
    *out = (struct pl_frame){.t_ns = v->now.t_ns, .index = v->now.index, .width_px = v->info.width_px,
                             .height_px = v->info.height_px, .stride = v->stride, .pixels = PL_PIXELS_BGR24,
                             .data = v->now.bgr, .given_person_p = NAN};
    return PL_NEXT_FRAME;
}

/* What is known about the place in the file, after it was moved. */
static void forget_place(struct pl_video *v, bool at_start)
{
    v->drained = v->has_next = v->held = v->last_was_cut = false;
    v->skip_before_pts = INT64_MIN;
    v->after_seek = v->renumber = !at_start;
    v->n_given = 0;
    v->last_t_ns = -1;
}

/* Moves reading to a key frame decoded at or before pts. */
static bool jump(struct pl_video *v, int64_t pts)
{
    if (av_seek_frame(v->demux, v->stream->index, pts, AVSEEK_FLAG_BACKWARD) < 0)
        return false;
    avcodec_flush_buffers(v->codec);
    forget_place(v, false);
    return true;
}

/* Opens the file once more: some kinds of file cannot be wound back to their very first frame, and a broken one not at
 * all. */
static bool start_over(struct pl_video *v, struct pl_err *err)
{
    avcodec_free_context(&v->codec);
    avformat_close_input(&v->demux);
    forget_place(v, true);
    return pl_video_check_file(v->path, "a video", err) && open_demuxer(v, err) && open_decoder(v, err);
}

/* Reads on to the last picture at or before t_ns. 1: it is held, 0: it lies before this place, or the place is not
 * known, -1: err. */
static int advance_to(struct pl_video *v, int64_t t_ns, bool from_start, struct pl_err *err)
{
    if (!v->next.bgr && !(v->next.bgr = av_mallocz(v->stride * (size_t)v->info.height_px))) {
        pl_fail(err, PL_E_MEMORY, "out of memory decoding %s", v->path);
        return -1;
    }
    int rc = read_picture(v, &v->now, err);
    if (rc <= 0 || (!from_start && (v->time_is_guess || v->now.t_ns > t_ns)))
        return rc < 0 ? -1 : 0;
    while ((rc = read_picture(v, &v->next, err)) == 1 && v->next.t_ns <= t_ns)
        swap(v);
    v->held = rc >= 0;
    v->has_next = rc == 1;
    return rc < 0 ? -1 : 1;
}

bool pl_video_seek(struct pl_video *v, int64_t t_ns, struct pl_err *err)
{
    if (!v->codec && !start_over(v, err))
        return false;
    AVRational ns = {1, (int)PL_NS_PER_S};
    int64_t pts = v->first_pts + av_rescale_q(t_ns, ns, v->stream->time_base);
    int64_t back = av_rescale_q(PL_NS_PER_S, ns, v->stream->time_base);
    int rc = 0;
    /* demuxers search by decoding time, so the key frame they find may still be shown after t_ns: then further back */
    for (int i = 0; rc == 0 && i < SEEK_TRIES && t_ns > 0 && pts > v->first_pts; i++, pts -= back, back *= 2)
        if (jump(v, pts))
            rc = advance_to(v, t_ns, false, err);
    if (rc == 0 && !start_over(v, err))
        return false;
    if (rc == 0)
        rc = advance_to(v, t_ns, true, err);
    return rc == 1 || (rc == 0 && pl_fail(err, PL_E_IO, "%s cannot be read any more", v->path));
}

void pl_video_close(struct pl_video *v)
{
    if (!v)
        return;
    sws_freeContext(v->convert);
    av_free(v->stored);
    av_free(v->next.bgr);
    av_free(v->now.bgr);
    av_frame_free(&v->frame);
    av_packet_free(&v->packet);
    avcodec_free_context(&v->codec);
    avformat_close_input(&v->demux);
    free(v->path);
    free(v);
}
