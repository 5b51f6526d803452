/* Chessboards and lenses through OpenCV; see the header. No exception leaves this file.
 *
 * OpenCV puts pixel centres at whole numbers, plumbline at .5: half a pixel is added where points come out (find) and
 * taken off where a lens goes in (to_opencv). */
#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <memory>
#include <new>
#include <opencv2/calib3d.hpp>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

extern "C" {
#include "plumbline/opencv_calibrate.h"
}

namespace {

/* src: own choice. A lens known to 2 % scales lengths by 2 %, the order of what stature is known to. Boards seen straight
 * on only, or all from one side, are an order of magnitude above (tests/opencv/test_calibrate.c). */
const double FOCAL_SD_LIMIT = 0.02;
/* Straight-on views alone end in any focal length, and the covariance, linear as it is, then calls it certain (14,674 px
 * +- 0.4 px for a lens of 560 px): so the board's directions must differ, too. src: own choice, far above the 1 degree
 * that such a fit makes of noise */
const double DIRECTIONS_DEG = 15;
const double OUTLIER_RATIO = 3, OUTLIER_PX = 0.5;
/* src: own choice; every further coefficient fits noise a little */
const double K3_GAIN = 0.9;
/* The finder's time grows with the picture (30-50 ms at 640x480); corners found in half of it are refined in the whole one. */
const int FIND_WIDTH_PX = 800;

int keep_quiet(int, const char *, const char *, const char *, int, void *) { return 0; }

/* OpenCV prints warnings on its own; users get our one sentence. One thread: there is a worker pool already.
 * Idempotent, before each use. */
void settle()
{
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    cv::redirectError(keep_quiet);
    cv::setNumThreads(1);
}

bool fail_exception(struct pl_err *err, const char *what, const std::exception &e)
{
    if (dynamic_cast<const std::bad_alloc *>(&e))
        return pl_fail(err, PL_E_MEMORY, "%s: out of memory", what);
    return pl_fail(err, PL_E_INTERNAL, "%s failed in OpenCV: %s", what, e.what());
}

bool has_picture(const struct pl_frame *f)
{
    return f->pixels != PL_PIXELS_NONE && f->data && f->width_px > 0 && f->height_px > 0;
}

cv::Mat picture(const struct pl_frame *f)
{
    return cv::Mat(f->height_px, f->width_px, CV_8UC3, const_cast<uint8_t *>(f->data), f->stride);
}

bool check_board(const struct pl_board *b, struct pl_err *err)
{
    if (b->cols < 3 || b->rows < 3 || b->cols > PL_BOARD_CORNERS_MAX || b->rows > PL_BOARD_CORNERS_MAX ||
        b->cols * b->rows > PL_BOARD_CORNERS_MAX)
        return pl_fail(err, PL_E_ARG, "a chessboard of %d x %d inner corners is not possible: 3 x 3 to %d corners", b->cols,
                       b->rows, PL_BOARD_CORNERS_MAX);
    if (!(b->square_m > 0 && b->square_m < 10))
        return pl_fail(err, PL_E_ARG, "a chessboard's squares of %g m are not possible", static_cast<double>(b->square_m));
    return true;
}

/* The shortest distance between neighbouring corners. */
double smallest_square_px(const std::vector<cv::Point2f> &at, int cols)
{
    double least = std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < at.size(); i++) {
        if (i % static_cast<size_t>(cols))
            least = std::min(least, cv::norm(at[i] - at[i - 1]));
        if (i >= static_cast<size_t>(cols))
            least = std::min(least, cv::norm(at[i] - at[i - static_cast<size_t>(cols)]));
    }
    return least;
}

/* The camera matrix in OpenCV's pixels, and the five coefficients in its order. */
void to_opencv(const struct pl_lens &l, cv::Matx33d &k, cv::Vec<double, 5> &d)
{
    k = cv::Matx33d(l.fx_px, 0, l.cx_px - 0.5, 0, l.fy_px, l.cy_px - 0.5, 0, 0, 1);
    d = cv::Vec<double, 5>(l.k1, l.k2, l.p1, l.p2, l.k3);
}

struct solution {
    double rms = 0;
    cv::Mat k, d;
    std::vector<cv::Mat> turn, shift;
    cv::Mat sd, sd_outer, view_rms;
};

solution solve(const std::vector<std::vector<cv::Point3f>> &model, const std::vector<std::vector<cv::Point2f>> &seen,
               cv::Size size, int flags)
{
    solution s;
    s.rms = cv::calibrateCamera(model, seen, size, s.k, s.d, s.turn, s.shift, s.sd, s.sd_outer, s.view_rms, flags,
                                cv::TermCriteria(cv::TermCriteria::COUNT + cv::TermCriteria::EPS, 100, 1e-10));
    return s;
}

/* Where the board stood in one view, and how far its corners are from where the lens puts them. */
struct pl_lens_view judge_view(const solution &s, size_t i, const std::vector<cv::Point3f> &model,
                               const std::vector<cv::Point2f> &seen)
{
    struct pl_lens_view v = {};
    std::vector<cv::Point2f> put;
    cv::projectPoints(model, s.turn[i], s.shift[i], s.k, s.d, put);
    double sum = 0;
    for (size_t c = 0; c < put.size(); c++) {
        double off = cv::norm(put[c] - seen[c]);
        sum += off * off;
        v.max_px = std::max(v.max_px, off);
    }
    v.rms_px = std::sqrt(sum / static_cast<double>(put.size()));
    cv::Mat turn;
    cv::Rodrigues(s.turn[i], turn);
    const cv::Point3f half = model.back() * 0.5f; /* model.front() is the origin */
    cv::Vec3d normal(turn.at<double>(0, 2), turn.at<double>(1, 2), turn.at<double>(2, 2));
    cv::Mat middle = turn * (cv::Mat_<double>(3, 1) << half.x, half.y, half.z) + s.shift[i];
    cv::Vec3d m(middle.at<double>(0), middle.at<double>(1), middle.at<double>(2));
    v.distance_m = cv::norm(m);
    v.tilt_deg = std::acos(std::min(1.0, std::abs(normal.dot(m)) / v.distance_m)) * 180 / PL_PI;
    return v;
}

void mark_outliers(struct pl_lens_fit *fit)
{
    std::vector<double> rms;
    for (int i = 0; i < fit->n_views; i++)
        rms.push_back(fit->view[i].rms_px);
    std::nth_element(rms.begin(), rms.begin() + fit->n_views / 2, rms.end());
    double limit = std::max(OUTLIER_PX, OUTLIER_RATIO * rms[static_cast<size_t>(fit->n_views / 2)]);
    for (int i = 0; i < fit->n_views; i++)
        fit->view[i].outlier = fit->view[i].rms_px > limit;
}

/* The largest angle between the board's normals in two views. */
double directions_deg(const solution &s)
{
    std::vector<cv::Vec3d> normals;
    for (const cv::Mat &rotation : s.turn) {
        cv::Mat turn;
        cv::Rodrigues(rotation, turn);
        normals.emplace_back(turn.at<double>(0, 2), turn.at<double>(1, 2), turn.at<double>(2, 2));
    }
    double least = 1;
    for (const cv::Vec3d &a : normals)
        for (const cv::Vec3d &b : normals)
            least = std::min(least, std::abs(a.dot(b)));
    return std::acos(least) * 180 / PL_PI;
}

bool check_fit(const struct pl_lens_fit &fit, double directions_deg, struct pl_err *err)
{
    const struct pl_lens &l = fit.lens;
    double focal = std::min(l.fx_px, l.fy_px);
    if (!(std::isfinite(fit.rms_px) && focal > 0 && std::isfinite(l.cx_px + l.cy_px + l.k1 + l.k2 + l.p1 + l.p2 + l.k3)))
        return pl_fail(err, PL_E_FORMAT, "no lens fits these views of the board: is it flat, and its size right?");
    if (!(directions_deg >= DIRECTIONS_DEG && fit.focal_sd_px < FOCAL_SD_LIMIT * focal))
        return pl_fail(err, PL_E_FORMAT, "the views of the board are too alike to tell a long lens from a distant board: "
                       "tilt it by 20 to 40 degrees, towards each of the picture's four sides in turn");
    if (!pl_lens_invertible(&l))
        return pl_fail(err, PL_E_FORMAT, "the lens fits the board's views but not the picture's corners: "
                       "hold the board into all four corners, too");
    return true;
}

} // namespace

struct pl_undistort {
    struct pl_lens lens;
    cv::Mat map, fraction;
};

extern "C" bool pl_opencv_board_find(struct pl_board_view *out, const struct pl_board *board, const struct pl_frame *frame,
                                     struct pl_err *err)
try {
    settle();
    if (!check_board(board, err))
        return false;
    if (!has_picture(frame))
        return pl_fail(err, PL_E_ARG, "a chessboard is looked for in pictures, and this recording has none");
    cv::Mat grey, small;
    cv::cvtColor(picture(frame), grey, frame->pixels == PL_PIXELS_RGB24 ? cv::COLOR_RGB2GRAY : cv::COLOR_BGR2GRAY);
    int shrink = (grey.cols + FIND_WIDTH_PX - 1) / FIND_WIDTH_PX;
    small = grey;
    if (shrink > 1)
        cv::resize(grey, small, cv::Size(), 1.0 / shrink, 1.0 / shrink, cv::INTER_AREA);
    std::vector<cv::Point2f> at;
    /* not the classical finder: on a half hidden board it tries for 3 s at 640x480 and for a minute at 1280x960 */
    bool found = cv::findChessboardCornersSB(small, cv::Size(board->cols, board->rows), at, cv::CALIB_CB_NORMALIZE_IMAGE);
    out->n = 0;
    if (!found || at.size() != static_cast<size_t>(board->cols * board->rows))
        return true;
    for (cv::Point2f &p : at)
        p = (p + cv::Point2f(0.5f, 0.5f)) * static_cast<float>(shrink) - cv::Point2f(0.5f, 0.5f);
    int window = std::clamp(static_cast<int>(0.4 * smallest_square_px(at, board->cols)), 2, 11);
    cv::cornerSubPix(grey, at, cv::Size(window, window), cv::Size(-1, -1),
                     cv::TermCriteria(cv::TermCriteria::COUNT + cv::TermCriteria::EPS, 40, 0.001));
    for (size_t i = 0; i < at.size(); i++)
        out->at[i] = {at[i].x + 0.5f, at[i].y + 0.5f};
    out->n = static_cast<int>(at.size());
    return true;
} catch (const std::exception &e) {
    return fail_exception(err, "looking for the chessboard", e);
}

extern "C" bool pl_opencv_lens_fit(struct pl_lens_fit *out, const struct pl_board *board, const struct pl_board_view *views,
                                   int n_views, int width_px, int height_px, struct pl_err *err)
try {
    settle();
    if (!check_board(board, err))
        return false;
    if (n_views < PL_BOARD_VIEWS_MIN || n_views > PL_BOARD_VIEWS_MAX)
        return pl_fail(err, PL_E_ARG, "%d view%s of the board: the lens needs %d to %d of them", n_views,
                       n_views == 1 ? "" : "s", PL_BOARD_VIEWS_MIN, PL_BOARD_VIEWS_MAX);
    std::vector<cv::Point3f> corners;
    for (int y = 0; y < board->rows; y++)
        for (int x = 0; x < board->cols; x++)
            corners.emplace_back(static_cast<float>(x) * board->square_m, static_cast<float>(y) * board->square_m, 0.f);
    std::vector<std::vector<cv::Point2f>> seen(static_cast<size_t>(n_views));
    for (int i = 0; i < n_views; i++) {
        if (views[i].n != board->cols * board->rows)
            return pl_fail(err, PL_E_ARG, "view %d has %d corners, the board %d x %d", i + 1, views[i].n, board->cols, board->rows);
        for (int c = 0; c < views[i].n; c++)
            seen[static_cast<size_t>(i)].emplace_back(views[i].at[c].x - 0.5f, views[i].at[c].y - 0.5f);
    }
    const std::vector<std::vector<cv::Point3f>> model(seen.size(), corners);
    const cv::Size size(width_px, height_px);
    solution s = solve(model, seen, size, cv::CALIB_FIX_K3), with_k3 = solve(model, seen, size, 0);
    if (with_k3.rms < K3_GAIN * s.rms)
        s = with_k3;

    struct pl_lens_fit fit = {};
    const cv::Mat_<double> k = s.k, d = s.d.reshape(1, static_cast<int>(s.d.total())), sd = s.sd;
    fit.lens = {width_px, height_px, k(0, 0), k(1, 1), k(0, 2) + 0.5, k(1, 2) + 0.5, d(0), d(1), d(2), d(3), d(4)};
    fit.rms_px = s.rms;
    fit.focal_sd_px = std::max(sd(0), sd(1)); /* in the order fx, fy, cx, cy, k1 ... */
    fit.centre_sd_px = std::max(sd(2), sd(3));
    fit.n_views = n_views;
    for (int i = 0; i < n_views; i++)
        fit.view[i] = judge_view(s, static_cast<size_t>(i), corners, seen[static_cast<size_t>(i)]);
    mark_outliers(&fit);
    if (!check_fit(fit, directions_deg(s), err))
        return false;
    *out = fit;
    return true;
} catch (const cv::Exception &) { /* what it asserts about its input is not for the user */
    return pl_fail(err, PL_E_FORMAT, "no lens fits these views of the board: is it flat, and its size right?");
} catch (const std::exception &e) {
    return fail_exception(err, "fitting the lens", e);
}

extern "C" bool pl_opencv_undistort_open(struct pl_undistort **out, const struct pl_lens *lens, struct pl_err *err)
try {
    settle();
    if (lens->width_px < 1 || lens->height_px < 1 || !(lens->fx_px > 0 && lens->fy_px > 0))
        return pl_fail(err, PL_E_ARG, "a lens without size or focal length undistorts nothing");
    auto u = std::make_unique<pl_undistort>();
    cv::Matx33d k;
    cv::Vec<double, 5> d;
    to_opencv(*lens, k, d);
    u->lens = *lens;
    cv::initUndistortRectifyMap(k, d, cv::noArray(), k, cv::Size(lens->width_px, lens->height_px), CV_16SC2, u->map, u->fraction);
    *out = u.release();
    return true;
} catch (const std::exception &e) {
    return fail_exception(err, "undistorting", e);
}

extern "C" void pl_opencv_undistort_close(struct pl_undistort *u) { delete u; }

extern "C" bool pl_opencv_undistort_picture(struct pl_undistort *u, uint8_t *pixels, const struct pl_frame *frame,
                                            struct pl_err *err)
try {
    if (!has_picture(frame) || frame->width_px != u->lens.width_px || frame->height_px != u->lens.height_px)
        return pl_fail(err, PL_E_ARG, "a picture of %d x %d pixels does not belong to a lens of %d x %d", frame->width_px,
                       frame->height_px, u->lens.width_px, u->lens.height_px);
    cv::Mat straight(frame->height_px, frame->width_px, CV_8UC3, pixels);
    cv::remap(picture(frame), straight, u->map, u->fraction, cv::INTER_LINEAR, cv::BORDER_CONSTANT);
    return straight.data == pixels || pl_fail(err, PL_E_INTERNAL, "undistorting: the picture moved");
} catch (const std::exception &e) {
    return fail_exception(err, "undistorting", e);
}
