/* The functions of opencv_calibrate.h, each of which loads plumbline-opencv.so (calibrate.cpp and OpenCV) when it is first called.
 *
 * why:  only calibrating a camera needs OpenCV; linked, its libraries cost every start of every command 6 MB and time
 * how:  the file lies beside the program (build folder) or in ../lib/plumbline (installed). dlopen counts its users, so asking
 *       again is cheap, and nothing has to be kept here. Tests link calibrate.cpp itself.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "plumbline/opencv_calibrate.h"

enum { PATH_SIZE = 4096 };

static void *open_beside_program(struct pl_err *err)
{
    static const char *const places[] = { "plumbline-opencv.so", "../lib/plumbline/plumbline-opencv.so" };
    char program[PATH_SIZE], path[PATH_SIZE + 64];
    char why[sizeof err->text] = ""; /* dlerror's own text is gone with the next call */
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    while (n > 0 && program[n - 1] != '/')
        n--;
    for (size_t i = 0; n > 0 && i < sizeof places / sizeof places[0]; i++) {
        snprintf(path, sizeof path, "%.*s%s", (int)n, program, places[i]);
        void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (library)
            return library;
        const char *reason = dlerror();
        if (reason && (access(path, F_OK) == 0 || !why[0])) /* a file that is there says more than one that is not */
            snprintf(why, sizeof why, "%s", reason);
    }
    pl_fail(err, PL_E_UNSUPPORTED, "the part that calibrates cameras cannot be loaded (%s); build it with: make",
            why[0] ? why : "the program's own folder is not known");
    return NULL;
}

/* A function of the library; function pointers and void pointers differ only in the standard's eyes. */
static bool find(void *function, size_t size, const char *name, struct pl_err *err)
{
    void *library = open_beside_program(err);
    void *symbol = library ? dlsym(library, name) : NULL;
    if (!symbol)
        return library ? pl_fail(err, PL_E_INTERNAL, "plumbline-opencv.so has no %s; build it anew with: make", name) : false;
    memcpy(function, &symbol, size);
    return true;
}

bool pl_opencv_board_find(struct pl_board_view *out, const struct pl_board *board, const struct pl_frame *frame, struct pl_err *err)
{
    bool (*fn)(struct pl_board_view *, const struct pl_board *, const struct pl_frame *, struct pl_err *);
    return find(&fn, sizeof fn, __func__, err) && fn(out, board, frame, err);
}

bool pl_opencv_lens_fit(struct pl_lens_fit *out, const struct pl_board *board, const struct pl_board_view *views, int n_views,
                        int width_px, int height_px, struct pl_err *err)
{
    bool (*fn)(struct pl_lens_fit *, const struct pl_board *, const struct pl_board_view *, int, int, int, struct pl_err *);
    return find(&fn, sizeof fn, __func__, err) && fn(out, board, views, n_views, width_px, height_px, err);
}

bool pl_opencv_undistort_open(struct pl_undistort **out, const struct pl_lens *lens, struct pl_err *err)
{
    bool (*fn)(struct pl_undistort **, const struct pl_lens *, struct pl_err *);
    return find(&fn, sizeof fn, __func__, err) && fn(out, lens, err);
}

void pl_opencv_undistort_close(struct pl_undistort *undistort)
{
    void (*fn)(struct pl_undistort *);
    if (undistort && find(&fn, sizeof fn, __func__, NULL))
        fn(undistort);
}

bool pl_opencv_undistort_picture(struct pl_undistort *undistort, uint8_t *pixels, const struct pl_frame *frame, struct pl_err *err)
{
    bool (*fn)(struct pl_undistort *, uint8_t *, const struct pl_frame *, struct pl_err *);
    return find(&fn, sizeof fn, __func__, err) && fn(undistort, pixels, frame, err);
}
