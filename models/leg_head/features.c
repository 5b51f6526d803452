/* Pictures in, what the head sees out: run by frames.py, not part of plumbline.
 *
 * in:   records on standard input: int32 width, height, flags (1 = as it is, 2 = mirrored, 4 = follow the person instead
 *       of taking the region), float cx, cy, size, rotation of the region, then width * height * 3 bytes RGB
 * out:  for each of the two that a record asks for, on standard output, floats: certainty of a person (-1: nobody was
 *       followed), region[4], region[4] that these landmarks give next, 33 landmarks x y z (0..1 of the crop) and
 *       visibility, PL_LEG_SAMPLES * PL_LEG_CHANNELS features
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/keypoints/internal.h"
#include "plumbline/cpu.h"

enum { AS_IS = 1, MIRRORED = 2, FOLLOW = 4 };

struct record { int32_t width, height, flags; struct pl_region region; };

static float out[9 + 4 * PL_N_LANDMARKS + PL_LEG_SAMPLES * PL_LEG_CHANNELS];

static void look(struct pl_network *net, const struct pl_frame *frame, const struct pl_region *region, unsigned cpu)
{
    struct pl_crop_point points[PL_N_NET_POINTS];
    struct pl_vec2 aux[2];
    float *at = out;

    memset(out, 0, sizeof out);
    out[0] = -1.0f;
    if (pl_region_is_usable(region)) {
        pl_lander_run(net, frame, region, false, cpu, NULL, NULL, points);
        *at++ = pl_runner_output(net->runner, 1).data[0];
        memcpy(at, region, sizeof *region);
        for (int i = 0; i < 2; i++)
            aux[i] = pl_region_to_frame(region, points[PL_N_LANDMARKS + i].x, points[PL_N_LANDMARKS + i].y);
        struct pl_region next = pl_region_from_points(aux[0], aux[1]);
        memcpy(at + 4, &next, sizeof next);
        at += 8;
        for (int i = 0; i < PL_N_LANDMARKS; i++)
            *at++ = points[i].x, *at++ = points[i].y, *at++ = points[i].z, *at++ = points[i].visibility_p;
        pl_leg_head_sample(at, pl_runner_kept(net->runner, 0).data, points);
    }
    fwrite(out, sizeof out, 1, stdout);
}

static void mirror(uint8_t *rgb, int width, int height)
{
    for (int y = 0; y < height; y++, rgb += 3 * width)
        for (int a = 0, b = width - 1; a < b; a++, b--)
            for (int c = 0; c < 3; c++) {
                uint8_t swap = rgb[3 * a + c];
                rgb[3 * a + c] = rgb[3 * b + c];
                rgb[3 * b + c] = swap;
            }
}

int main(int argc, char **argv)
{
    static const struct pl_network_file file = { "pose_landmark_full.tflite", 0xfecd3a27, "t251" };
    static const struct pl_network_shape shape = {
        PL_LANDER_SIZE, 5, { 195, 1, 0, PL_HEAT_SIZE * PL_HEAT_SIZE * PL_N_NET_POINTS, 117 }, 1u << 3
    };
    unsigned cpu = pl_cpu_detect();
    struct pl_network net;
    struct pl_tracker *tracker = NULL;
    struct pl_err err = { 0 };
    struct record r;
    uint8_t *rgb = NULL;
    int64_t t_ns = 0;

    const char *dir = argc > 1 ? argv[1] : "models";
    struct pl_tracker_options options = { .models_dir = dir, .model = PL_MODEL_FULL, .cpu = cpu, .threads = 1 };
    if (!pl_network_open(&net, dir, &file, &shape, cpu, NULL, &err) || !pl_keypoints_open(&tracker, &options, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    while (fread(&r, sizeof r, 1, stdin) == 1) {
        size_t size = 3 * (size_t)r.width * (size_t)r.height;
        rgb = realloc(rgb, size + 64);
        if (!rgb || fread(rgb, 1, size, stdin) != size)
            return 1;
        struct pl_frame frame = { .t_ns = t_ns += 33333333, .width_px = r.width, .height_px = r.height, .data = rgb,
                                  .stride = 3 * (size_t)r.width, .pixels = PL_PIXELS_RGB24 };
        if (r.flags & FOLLOW) {
            static struct pl_keypoints k;
            pl_keypoints_step(tracker, &frame, &k);
            r.region = k.present ? k.region : (struct pl_region){ NAN, NAN, NAN, NAN };
        }
        if (r.flags & AS_IS)
            look(&net, &frame, &r.region, cpu);
        if (r.flags & MIRRORED) {
            mirror(rgb, r.width, r.height);
            r.region.cx_px = (float)r.width - r.region.cx_px;
            r.region.rotation_rad = -r.region.rotation_rad;
            look(&net, &frame, &r.region, cpu);
        }
        fflush(stdout);
    }
    free(rgb);
    pl_keypoints_close(tracker);
    pl_network_close(&net);
    return 0;
}
