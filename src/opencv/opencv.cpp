/* Still images and written video through OpenCV; the only C++ of the project. No exception leaves this file.
 *
 * A written video has a constant frame rate, because that is what OpenCV writes: a frame is put into the slot of its
 * time, repeated over a gap and left out where two would share a slot, so that the written clip keeps the source's
 * time. */
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <string>
#include <sys/stat.h>
#include <vector>

extern "C" {
#include "plumbline/opencv.h"
}

namespace {

int keep_quiet(int, const char *, const char *, const char *, int, void *) { return 0; }

/* OpenCV and the FFmpeg below it print warnings on their own; users get our one sentence. Idempotent, before each
 * first use. */
void silence()
{
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    cv::redirectError(keep_quiet);
    setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 0); /* AV_LOG_QUIET; read once by OpenCV */
}

/* A frame's pixels as BGR, without a copy where they are BGR already. */
cv::Mat as_bgr(const struct pl_frame *frame)
{
    cv::Mat view(frame->height_px, frame->width_px, CV_8UC3, const_cast<uint8_t *>(frame->data), frame->stride);
    if (frame->pixels != PL_PIXELS_RGB24)
        return view;
    cv::Mat bgr;
    cv::cvtColor(view, bgr, cv::COLOR_RGB2BGR);
    return bgr;
}

/* Why a file cannot be opened, before OpenCV says only "no". */
bool check_readable(const char *path, struct pl_err *err)
{
    struct stat st;
    if (stat(path, &st))
        return errno == ENOENT ? pl_fail(err, PL_E_IO, "%s: there is no such file", path)
                               : pl_fail(err, PL_E_IO, "%s cannot be read: %s", path, std::strerror(errno));
    if (!S_ISREG(st.st_mode))
        return pl_fail(err, PL_E_FORMAT, "%s is not a file", path);
    if (st.st_size == 0)
        return pl_fail(err, PL_E_FORMAT, "%s is empty", path);
    std::FILE *f = std::fopen(path, "rb");
    if (!f)
        return pl_fail(err, PL_E_IO, "%s cannot be read: %s", path, std::strerror(errno));
    std::fclose(f);
    return true;
}

bool fail_exception(struct pl_err *err, const char *what, const char *path, const std::exception &e)
{
    if (dynamic_cast<const std::bad_alloc *>(&e))
        return pl_fail(err, PL_E_MEMORY, "%s %s: out of memory", what, path);
    return pl_fail(err, PL_E_FORMAT, "%s %s failed in OpenCV: %s", what, path, e.what());
}

} // namespace

extern "C" bool pl_opencv_image_read(struct pl_image *out, const char *path, struct pl_err *err)
try {
    silence();
    if (!check_readable(path, err))
        return false;
    cv::Mat m = cv::imread(path, cv::IMREAD_COLOR); /* honours EXIF rotation */
    if (m.empty())
        return pl_fail(err, PL_E_FORMAT, "%s is not an image that can be read: it is damaged or another kind of file",
                       path);
    size_t row = static_cast<size_t>(m.cols) * 3;
    uint8_t *bgr = static_cast<uint8_t *>(std::malloc(row * static_cast<size_t>(m.rows)));
    if (!bgr)
        return pl_fail(err, PL_E_MEMORY, "reading %s: out of memory", path);
    for (int y = 0; y < m.rows; y++)
        std::memcpy(bgr + row * static_cast<size_t>(y), m.ptr(y), row);
    *out = {m.cols, m.rows, bgr};
    return true;
} catch (const std::exception &e) {
    return fail_exception(err, "reading", path, e);
}

extern "C" void pl_opencv_image_free(struct pl_image *image)
{
    std::free(image->bgr);
    *image = {};
}

extern "C" bool pl_opencv_png_write(const char *path, const struct pl_frame *frame, struct pl_err *err)
try {
    silence();
    std::vector<uchar> png;
    if (!cv::imencode(".png", as_bgr(frame), png))
        return pl_fail(err, PL_E_INTERNAL, "%s: the picture cannot be encoded", path);
    std::FILE *f = std::fopen(path, "wb");
    bool ok = f && std::fwrite(png.data(), 1, png.size(), f) == png.size();
    int why = errno;
    if (f && std::fclose(f) && ok) {
        ok = false;
        why = errno;
    }
    return ok || pl_fail(err, PL_E_IO, "%s cannot be written: %s", path, std::strerror(why));
} catch (const std::exception &e) {
    return fail_exception(err, "writing", path, e);
}

struct pl_video_writer {
    cv::VideoWriter cv;
    std::string path;
    int width_px, height_px;  /* of the frames put in */
    cv::Size written;         /* even numbers, as H.264 wants; an odd last row or column is left out */
    double fps;
    int64_t first_ns, n_slots; /* slots written so far */
    cv::Mat last;             /* the newest frame, not written yet: it fills the slots up to the next one */
};

extern "C" bool pl_opencv_writer_open(struct pl_video_writer **out, const char *path, int width_px, int height_px,
                                      double fps, struct pl_err *err)
try {
    silence();
    if (width_px < 2 || height_px < 2 || !(fps > 0 && fps <= 1000))
        return pl_fail(err, PL_E_ARG, "%s: a video of %d x %d pixels at %g fps cannot be written", path, width_px,
                       height_px, fps);
    std::FILE *f = std::fopen(path, "wb"); /* for the reason, which OpenCV keeps to itself */
    if (!f)
        return pl_fail(err, PL_E_IO, "%s cannot be written: %s", path, std::strerror(errno));
    std::fclose(f);
    auto w = std::make_unique<pl_video_writer>();
    w->path = path;
    w->width_px = width_px;
    w->height_px = height_px;
    w->written = cv::Size(width_px & ~1, height_px & ~1);
    w->fps = fps;
    /* H.264 plays everywhere; MPEG-4 is what every build of FFmpeg can write */
    for (const char *c : {"avc1", "mp4v"})
        if (w->cv.open(path, cv::CAP_FFMPEG, cv::VideoWriter::fourcc(c[0], c[1], c[2], c[3]), fps, w->written)) {
            *out = w.release();
            return true;
        }
    return pl_fail(err, PL_E_UNSUPPORTED, "%s: no video of this kind can be written here; use a name ending in .mp4",
                   path);
} catch (const std::exception &e) {
    return fail_exception(err, "writing", path, e);
}

/* Writes the newest frame into the slots before `end`. */
static void fill_slots(struct pl_video_writer *w, int64_t end)
{
    for (; w->n_slots < end; w->n_slots++)
        w->cv.write(w->last);
}

extern "C" bool pl_opencv_writer_put(struct pl_video_writer *w, const struct pl_frame *frame, struct pl_err *err)
try {
    if (frame->pixels == PL_PIXELS_NONE || frame->width_px != w->width_px || frame->height_px != w->height_px)
        return pl_fail(err, PL_E_INTERNAL, "%s: a frame of %d x %d pixels does not fit the video's %d x %d",
                       w->path.c_str(), frame->width_px, frame->height_px, w->width_px, w->height_px);
    if (w->last.empty())
        w->first_ns = frame->t_ns;
    else
        fill_slots(w, std::llround(static_cast<double>(frame->t_ns - w->first_ns) * 1e-9 * w->fps));
    as_bgr(frame)(cv::Rect(cv::Point(0, 0), w->written)).copyTo(w->last);
    return true;
} catch (const std::exception &e) {
    return fail_exception(err, "writing", w->path.c_str(), e);
}

extern "C" bool pl_opencv_writer_close(struct pl_video_writer *w, struct pl_err *err)
{
    if (!w)
        return true;
    std::unique_ptr<pl_video_writer> owner(w);
    try {
        if (!w->last.empty())
            fill_slots(w, w->n_slots + 1);
        w->cv.release();
        struct stat st;
        /* OpenCV reports no write error; a full disk shows as a file that cannot hold its frames */
        if (stat(w->path.c_str(), &st) || st.st_size == 0)
            return pl_fail(err, PL_E_IO, "%s was not written completely: is the disk full?", w->path.c_str());
        return true;
    } catch (const std::exception &e) {
        return fail_exception(err, "writing", w->path.c_str(), e);
    }
}
