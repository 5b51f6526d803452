/* Looks at a camera through camera.h and prints what came, one "name value" a line:
 *
 *   capture DEVICE WIDTH HEIGHT FPS SECONDS
 *
 * status: 0 frames came for the whole time, 1 the camera could not be opened or failed (the sentence goes to stderr) */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "plumbline/camera.h"
#include "plumbline/clock.h"
#include "plumbline/units.h"

enum { MAX_CAMERAS = 4 };

/* How different the rows and columns of a picture are: a grey or black one gives 0. */
static double contrast(const struct pl_frame *f)
{
    double sum = 0, squares = 0;
    int n = 0;
    for (int y = 0; y < f->height_px; y += 8)
        for (int x = 0; x < f->width_px; x += 8, n++) {
            double v = f->data[(size_t)y * f->stride + (size_t)x * 3 + 1];
            sum += v;
            squares += v * v;
        }
    return squares / n - sum / n * (sum / n);
}

int main(int argc, char **argv)
{
    struct pl_camera_entry list[MAX_CAMERAS];
    struct pl_camera *camera;
    struct pl_frame f;
    struct pl_err err;
    int64_t first_ns = 0, last_ns = 0, longest_ns = 0, n = 0, age_ns = 0;
    double picture = 0;
    if (argc != 6)
        return fputs("usage: capture DEVICE WIDTH HEIGHT FPS SECONDS\n", stderr), 2;
    struct pl_camera_options options = {
        .source = argv[1], .width_px = atoi(argv[2]), .height_px = atoi(argv[3]), .fps = atof(argv[4])};
    int n_list = pl_camera_list(list, MAX_CAMERAS);
    for (int i = 0; i < n_list && i < MAX_CAMERAS; i++)
        printf("camera %s (%s): %s%s\n", list[i].path, list[i].name, list[i].formats, list[i].problem);
    if (!pl_camera_open(&camera, &options, &err))
        return fprintf(stderr, "%s\n", err.text), 1;
    printf("source %s\nmode %s\n", pl_camera_info(camera)->source, pl_camera_info(camera)->mode);
    fflush(stdout);
    int64_t end_ns = pl_clock_now_ns() + pl_ns_from_s(atof(argv[5]));
    enum pl_next next = PL_NEXT_NONE;
    while (next != PL_NEXT_FAILED && pl_clock_now_ns() < end_ns) {
        next = pl_camera_next(camera, PL_NS_PER_S / 2, &f, &err);
        if (next != PL_NEXT_FRAME)
            continue;
        age_ns += pl_clock_now_ns() - f.t_ns;
        if (n++ == 0)
            first_ns = f.t_ns;
        else if (f.t_ns - last_ns > longest_ns)
            longest_ns = f.t_ns - last_ns;
        last_ns = f.t_ns;
        picture = contrast(&f);
    }
    struct pl_camera_counts counts = pl_camera_counts(camera);
    double span_s = pl_s_from_ns(last_ns - first_ns);
    printf("frames %" PRId64 "\ndropped %" PRId64 "\nbad %" PRId64 "\n", counts.delivered, counts.dropped, counts.bad);
    printf("sent_fps %.2f\n", span_s > 0 ? (double)(n + counts.dropped + counts.bad - 1) / span_s : 0);
    printf("longest_gap_ms %.1f\nage_ms %.1f\ncontrast %.0f\n", pl_s_from_ns(longest_ns) * 1e3,
           n ? pl_s_from_ns(age_ns / n) * 1e3 : 0, picture);
    pl_camera_close(camera);
    if (next == PL_NEXT_FAILED)
        return fprintf(stderr, "%s\n", err.text), 1;
    return n < 2;
}
