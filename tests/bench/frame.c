/* A whole live frame without a camera: MJPEG decode, the session, the drawn overlay, with the time of each stage.
 *
 *   frame CLIP [MODEL [THREADS]]        from the repository root
 *
 * in:   any clip; each frame is scaled to 1280x720 and encoded as webcams do (JPEG 4:2:2, quality 85) before anything is timed
 * out:  the summary of --trace on standard output
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "../../src/camera/convert.h"
#include "plumbline/camera.h"
#include "plumbline/cpu.h"
#include "plumbline/report.h"
#include "plumbline/screen.h"
#include "plumbline/session.h"

enum { W = 1280, H = 720, MOST = 150 };

struct picture { unsigned char *data; unsigned long size; int64_t t_ns; };

static void die(const char *what)
{
    fprintf(stderr, "frame: %s\n", what);
    exit(1);
}

/* Nearest pixel: what the picture shows matters here only roughly. */
static void encode(struct picture *out, const struct pl_frame *f)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    uint8_t row[3 * W];
    JSAMPROW rows = row;

    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &out->data, &out->size);
    jpeg.image_width = W;
    jpeg.image_height = H;
    jpeg.input_components = 3;
    jpeg.in_color_space = f->pixels == PL_PIXELS_RGB24 ? JCS_EXT_RGB : JCS_EXT_BGR;
    jpeg_set_defaults(&jpeg);
    jpeg.comp_info[0].h_samp_factor = 2;
    jpeg.comp_info[0].v_samp_factor = 1;
    jpeg_set_quality(&jpeg, 85, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    for (int y = 0; y < H; y++) {
        const uint8_t *from = f->data + (size_t)(y * f->height_px / H) * f->stride;
        for (int x = 0; x < W; x++)
            memcpy(row + 3 * x, from + 3 * (x * f->width_px / W), 3);
        jpeg_write_scanlines(&jpeg, &rows, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    out->t_ns = f->t_ns;
}

static int read_clip(struct picture *out, const char *path)
{
    struct pl_camera_options o = { .source = path };
    struct pl_camera *camera;
    struct pl_frame f;
    struct pl_err err;
    int n = 0;

    if (!pl_camera_open(&camera, &o, &err))
        die(err.text);
    while (n < MOST && pl_camera_next(camera, 0, &f, &err) == PL_NEXT_FRAME)
        encode(&out[n++], &f);
    pl_camera_close(camera);
    return n;
}

static enum pl_model_kind model_of(const char *name)
{
    for (int i = 0; i < PL_N_MODELS; i++)
        if (!strcmp(name, pl_model_kind_name((enum pl_model_kind)i)))
            return (enum pl_model_kind)i;
    die("the model is lite, full or heavy");
    return PL_MODEL_FULL;
}

int main(int argc, char **argv)
{
    static struct picture pictures[MOST];
    struct pl_session_options so = { .exercise = { .side = PL_SIDE_UNKNOWN }, .limits = pl_limits_default() };
    struct pl_screen_options wo = { .mirror = true };
    struct pl_screen_status status = { .source = "bench", .mode = "1280x720 MJPEG 30 fps", .measured_fps = 30, .speed = 1 };
    struct pl_session *session;
    struct pl_screen *screen;
    struct pl_moment m = { 0 };
    struct pl_err err;
    double bytes = 0;

    if (argc < 2)
        die("give a clip");
    const char *models = getenv("PL_MODELS");
    so.tracker = (struct pl_tracker_options){ .models_dir = models ? models : "models",
                                              .model = model_of(argc > 2 ? argv[2] : "full"),
                                              .cpu = pl_cpu_detect(), .threads = argc > 3 ? atoi(argv[3]) : 1 };
    int n = read_clip(pictures, argv[1]);
    uint8_t *pixels = malloc((size_t)3 * W * H);
    struct pl_mjpeg *decoder = pl_mjpeg_open();
    FILE *null = fopen("/dev/null", "w");
    struct pl_trace *trace = null ? pl_report_trace_open(null) : NULL;
    if (!n || !pixels || !decoder || !trace)
        die("no frames, or no memory");
    if (!pl_session_open(&session, &so, &err) || !pl_screen_open(&screen, &wo, &err))
        die(err.text);
    for (int i = 0; i < n; i++) { /* as in live, but on one thread and without waiting */
        struct pl_frame f = { .t_ns = pictures[i].t_ns, .index = i, .width_px = W, .height_px = H, .stride = 3 * W,
                              .pixels = PL_PIXELS_BGR24, .data = pixels };
        struct pl_stage_times watch = { 0 };

        bytes += (double)pictures[i].size;
        pl_stage_start(&watch);
        if (!pl_mjpeg_decode(decoder, pixels, f.stride, W, H, pictures[i].data, pictures[i].size))
            die("a picture of our own cannot be decoded");
        pl_stage_lap(&watch, PL_STAGE_DECODE);
        pl_session_step(session, &f, NULL, &m);
        pl_stage_add(&watch, pl_session_times(session));
        pl_stage_start(&watch);
        pl_screen_draw(screen, &f, &m, &status);
        pl_stage_lap(&watch, PL_STAGE_DRAW);
        pl_report_trace_add(trace, f.t_ns, &watch);
    }
    pl_report_trace_finish(trace, stdout);
    printf("%d pictures of %.0f kB; model %s, %s, %d thread(s)\n", n, bytes / n * 1e-3, pl_model_kind_name(so.tracker.model),
           pl_cpu_name(so.tracker.cpu), so.tracker.threads);
    return 0;
}
