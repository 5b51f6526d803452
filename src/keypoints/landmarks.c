/* Region -> the raw landmarks of the person in it.
 *
 * in:   the region, cut to 256x256
 * out:  33 landmarks in pixels of the frame and in metres, two auxiliary points for tracking, how certain the network is
 *       that there is a person at all, the tilt of the pelvis, the yaw and where the leg's joints lie beside their landmarks
 *       (leg_head.c)
 * src:  MediaPipe, tensors_to_landmarks_calculator.cc, refine_landmarks_from_heatmap_calculator.cc,
 *       landmark_projection_calculator.cc, world_landmark_projection_calculator.cc, pose_landmark_cpu.pbtxt
 */
#include "internal.h"

#include <math.h>

#define MIN_PERSON_P 0.5f       /* src: pose_landmark_by_roi_gpu.pbtxt, ThresholdingCalculator; the test is > */
#define MIN_REFINE_P 0.5f       /* src: RefineLandmarksFromHeatmapCalculatorOptions, min_confidence_to_refine */
enum { REFINE_REACH = 3 };      /* src: pose_landmark_by_roi_gpu.pbtxt, kernel_size 7 */

enum { OUT_POINTS, OUT_PERSON, OUT_SEGMENTATION, OUT_HEAT, OUT_WORLD, N_OUT };
static const char LEG_MAP[] = "t251"; /* of full: 16x16x88, the last features before its paths to landmarks and heat maps part */
enum { VALUES_PER_POINT = 5 };  /* x, y, z, visibility, presence; presence is not used */

static const struct pl_crop lander_crop = { PL_LANDER_SIZE, 0.0f, 1.0f, PL_BORDER_REPLICATE };

void pl_landmarks_unknown(struct pl_landmarks *out)
{
    for (int i = 0; i < PL_N_LANDMARKS; i++) {
        out->px[i] = (struct pl_point){ NAN, NAN, NAN, NAN };
        out->m[i] = (struct pl_vec3){ NAN, NAN, NAN };
    }
}

bool pl_lander_open(struct pl_lander *out, const char *models_dir, enum pl_model_kind kind, unsigned cpu,
                    struct pl_pool *pool, struct pl_err *err)
{
    static const struct pl_network_file files[PL_N_MODELS] = {
        { "pose_landmark_lite.tflite", 0x273c4f8a, NULL },
        { "pose_landmark_full.tflite", 0xfecd3a27, LEG_MAP },
        { "pose_landmark_heavy.tflite", 0x2d145610, NULL },
    };
    static const struct pl_network_shape shape = {
        PL_LANDER_SIZE, N_OUT,
        { [OUT_POINTS] = PL_N_NET_POINTS * VALUES_PER_POINT, [OUT_PERSON] = 1, [OUT_SEGMENTATION] = 0,
          [OUT_HEAT] = PL_HEAT_SIZE * PL_HEAT_SIZE * PL_N_NET_POINTS, [OUT_WORLD] = PL_N_NET_POINTS * 3 },
        1u << OUT_HEAT /* of which only the cells around the points are looked at */
    };
    struct pl_network_file file = files[kind];
    struct pl_lander lander = { .head = NULL };

    if (file.keep && !pl_leg_head_open(&lander.head, models_dir, kind, file.crc32, err))
        return false;
    if (!lander.head)
        file.keep = NULL;
    if (!pl_network_open(&lander.network, models_dir, &file, &shape, cpu, pool, err)) {
        pl_lander_close(&lander);
        return false;
    }
    *out = lander;
    return true;
}

void pl_lander_forget(struct pl_lander *lander)
{
    lander->bias = (struct pl_mirror_bias){ .known = false };
    lander->leg = (struct pl_leg_shift){ .known = false };
}

void pl_lander_close(struct pl_lander *lander)
{
    pl_network_close(&lander->network);
    pl_leg_head_close(lander->head);
    lander->head = NULL;
}

static float probability(float logit)
{
    return 1.0f / (1.0f + expf(-logit));
}

void pl_crop_points_decode(struct pl_crop_point points[PL_N_NET_POINTS], const float *values)
{
    for (int i = 0; i < PL_N_NET_POINTS; i++, values += VALUES_PER_POINT)
        points[i] = (struct pl_crop_point){ values[0] / PL_LANDER_SIZE, values[1] / PL_LANDER_SIZE,
                                            values[2] / PL_LANDER_SIZE, probability(values[3]) };
}

static int at_least(int a, int b) { return a > b ? a : b; }
static int at_most(int a, int b) { return a < b ? a : b; }

/* Cells of the heat map that belong to a point: rows [top, bottom), columns [left, right). */
struct cells {
    int top, bottom, left, right;
};

/* false: the point lies outside of the map */
static bool cells_around(struct cells *out, const struct pl_crop_point *p)
{
    float x = p->x * PL_HEAT_SIZE, y = p->y * PL_HEAT_SIZE;

    /* MediaPipe truncates towards zero, so -0.9 is cell 0. Its web build 0.5.1675469404 also lets in points just below
     * the map (fixed upstream in July 2023); as our references come from that build, so do we. NAN is refused. */
    if (!(x > -1.0f && x < PL_HEAT_SIZE && y > -1.0f && y < PL_HEAT_SIZE + REFINE_REACH))
        return false;
    out->left = at_least(0, (int)x - REFINE_REACH);
    out->right = at_most(PL_HEAT_SIZE, (int)x + REFINE_REACH + 1);
    out->top = at_least(0, (int)y - REFINE_REACH);
    out->bottom = at_most(PL_HEAT_SIZE, (int)y + REFINE_REACH + 1);
    return true;
}

/* heat: of this point, [64][64] with a stride of 39 */
static void refine(struct pl_crop_point *p, const float *heat)
{
    float sum = 0.0f, sum_x = 0.0f, sum_y = 0.0f, peak = 0.0f;
    struct cells cells;

    if (!cells_around(&cells, p))
        return;
    for (int row = cells.top; row < cells.bottom; row++)
        for (int col = cells.left; col < cells.right; col++) {
            float w = probability(heat[(row * PL_HEAT_SIZE + col) * PL_N_NET_POINTS]);
            sum += w;
            sum_x += w * (float)col; /* the cell's index, not its centre: as in MediaPipe */
            sum_y += w * (float)row;
            peak = fmaxf(peak, w);
        }
    if (peak >= MIN_REFINE_P && sum > 0.0f) {
        p->x = sum_x / PL_HEAT_SIZE / sum;
        p->y = sum_y / PL_HEAT_SIZE / sum;
    }
}

void pl_crop_points_refine(struct pl_crop_point points[PL_N_NET_POINTS], const float *heat)
{
    for (int i = 0; i < PL_N_NET_POINTS; i++)
        refine(&points[i], heat + i);
}

void pl_person_project(struct pl_person *out, const struct pl_crop_point points[PL_N_NET_POINTS], const float *world,
                       const struct pl_region *region)
{
    float c = cosf(region->rotation_rad), s = sinf(region->rotation_rad);

    for (int i = 0; i < PL_N_LANDMARKS; i++, world += 3) {
        struct pl_vec2 at = pl_region_to_frame(region, points[i].x, points[i].y);
        out->body.px[i] = (struct pl_point){ at.x, at.y, points[i].z * region->size_px, points[i].visibility_p };
        out->body.m[i] = (struct pl_vec3){ c * world[0] - s * world[1], s * world[0] + c * world[1], world[2] };
    }
    for (int i = 0; i < PL_N_AUX; i++) /* behind the 33 of the body; four more are of no use */
        out->aux[i] = pl_region_to_frame(region, points[PL_N_LANDMARKS + i].x, points[PL_N_LANDMARKS + i].y);
}

static bool all_finite(const struct pl_person *p)
{
    float sum = 0.0f; /* 0 * x is 0 for a number, NAN for infinity and NAN */
    for (int i = 0; i < PL_N_LANDMARKS; i++) {
        const struct pl_point *px = &p->body.px[i];
        const struct pl_vec3 *m = &p->body.m[i];
        sum += 0.0f * px->x_px + 0.0f * px->y_px + 0.0f * px->z_px + 0.0f * px->visibility_p;
        sum += 0.0f * m->x + 0.0f * m->y + 0.0f * m->z;
    }
    for (int i = 0; i < PL_N_AUX; i++)
        sum += 0.0f * p->aux[i].x + 0.0f * p->aux[i].y;
    return sum == 0.0f;
}

/* The heat map where the points will look at it. */
static void evaluate_heat(struct pl_runner *runner, const struct pl_crop_point points[PL_N_NET_POINTS])
{
    struct cells c;

    for (int i = 0; i < PL_N_NET_POINTS; i++)
        if (cells_around(&c, &points[i]))
            pl_runner_evaluate(runner, OUT_HEAT, c.top, c.bottom, c.left, c.right, i);
}

static void mirror_rows(float *rgb)
{
    for (int y = 0; y < PL_LANDER_SIZE; y++, rgb += 3 * PL_LANDER_SIZE)
        for (float *a = rgb, *b = rgb + 3 * (PL_LANDER_SIZE - 1); a < b; a += 3, b -= 3)
            for (int c = 0; c < 3; c++) {
                float swap = a[c];
                a[c] = b[c];
                b[c] = swap;
            }
}

void pl_lander_run(struct pl_network *network, const struct pl_frame *frame, const struct pl_region *region, bool mirrored,
                   unsigned cpu, struct pl_pool *pool, struct pl_stage_times *watch, struct pl_crop_point points[PL_N_NET_POINTS])
{
    pl_network_fill(network, &lander_crop, frame, region, cpu, pool);
    if (mirrored)
        mirror_rows(pl_runner_input(network->runner, NULL));
    pl_stage_lap(watch, PL_STAGE_CROP);
    pl_runner_run(network->runner);
    pl_stage_lap(watch, PL_STAGE_NETWORK);
    pl_crop_points_decode(points, pl_runner_output(network->runner, OUT_POINTS).data);
    evaluate_heat(network->runner, points);
    pl_crop_points_refine(points, pl_runner_output(network->runner, OUT_HEAT).data);
}

/* What the head says of the network's last run. */
static void ask_head(struct pl_leg_answer *out, const struct pl_lander *lander, const struct pl_crop_point points[PL_N_NET_POINTS],
                     bool front)
{
    float samples[PL_LEG_SAMPLES * PL_LEG_CHANNELS];

    pl_leg_head_sample(samples, pl_runner_kept(lander->network.runner, 0).data, points);
    out->tilt_deg = front ? pl_leg_head_tilt_deg(lander->head, samples) : NAN;
    out->yaw_deg = front ? pl_leg_head_yaw_deg(lander->head, samples, points) : NAN;
    pl_leg_head_joints(out->joint, lander->head, samples, points);
    for (int i = 0; i < PL_N_LEG_POINTS; i++) {
        out->joint[i].x += points[PL_LM_LEFT_HIP + i].x;
        out->joint[i].y += points[PL_LM_LEFT_HIP + i].y;
    }
}

/* Only from the front are the pelvis' tilt and the exact yaw of use. */
static bool is_frontal(const struct pl_person *p)
{
    static const float most = 0.7f; /* tan 35 degrees */
    const struct pl_vec3 *m = p->body.m;
    float x = m[PL_LM_LEFT_HIP].x - m[PL_LM_RIGHT_HIP].x + m[PL_LM_LEFT_SHOULDER].x - m[PL_LM_RIGHT_SHOULDER].x;
    float z = m[PL_LM_LEFT_HIP].z - m[PL_LM_RIGHT_HIP].z + m[PL_LM_LEFT_SHOULDER].z - m[PL_LM_RIGHT_SHOULDER].z;
    return fabsf(z) < most * fabsf(x);
}

/* Where the joints lie beside the landmarks, the yaw and the pelvis' tilt, as picture and mirror image together have them. */
static void apply_head(struct pl_lander *lander, const struct pl_frame *frame, const struct pl_region *region, unsigned cpu,
                       struct pl_pool *pool, struct pl_stage_times *watch, const struct pl_crop_point points[PL_N_NET_POINTS],
                       struct pl_person *out)
{
    const bool front = is_frontal(out);
    struct pl_crop_point mirrored[PL_N_NET_POINTS];
    struct pl_leg_answer picture, mirror;
    struct pl_vec2 shift[PL_N_LEG_POINTS];

    ask_head(&picture, lander, points, front);
    if (pl_mirror_bias_wanted(&lander->bias, frame->t_ns, front)) {
        pl_lander_run(&lander->network, frame, region, true, cpu, pool, watch, mirrored);
        const bool seen = pl_runner_output(lander->network.runner, OUT_PERSON).data[0] > MIN_PERSON_P;
        ask_head(&mirror, lander, mirrored, front);
        pl_mirror_bias_update(&lander->bias, frame->t_ns, &picture, seen ? &mirror : NULL);
    }
    for (int i = 0; i < PL_N_LEG_POINTS; i++) {
        shift[i].x = picture.joint[i].x + lander->bias.by.joint[i].x - points[PL_LM_LEFT_HIP + i].x;
        shift[i].y = picture.joint[i].y + lander->bias.by.joint[i].y - points[PL_LM_LEFT_HIP + i].y;
    }
    pl_leg_shift_follow(&lander->leg, frame->t_ns, shift, region);
    out->leg = lander->leg;
    out->yaw_deg = picture.yaw_deg + lander->bias.by.yaw_deg;
    if (front) /* the crop is turned against the picture */
        out->pelvis_deg = picture.tilt_deg + lander->bias.by.tilt_deg - region->rotation_rad * (float)(180.0 / M_PI);
}

bool pl_lander_look(struct pl_lander *lander, const struct pl_frame *frame, const struct pl_region *region,
                    unsigned cpu, struct pl_pool *pool, struct pl_stage_times *watch, struct pl_person *out)
{
    struct pl_crop_point points[PL_N_NET_POINTS];
    struct pl_runner *runner = lander->network.runner;

    pl_lander_run(&lander->network, frame, region, false, cpu, pool, watch, points);
    pl_person_project(out, points, pl_runner_output(runner, OUT_WORLD).data, region);
    out->person_p = pl_runner_output(runner, OUT_PERSON).data[0];
    out->pelvis_deg = out->yaw_deg = NAN;
    out->leg = (struct pl_leg_shift){ .known = false };
    if (!(out->person_p > MIN_PERSON_P && all_finite(out)))
        return false;
    if (lander->head)
        apply_head(lander, frame, region, cpu, pool, watch, points, out);
    return true;
}
