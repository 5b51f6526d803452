/* Whole frame -> regions of the people in it, the most certain first.
 *
 * in:   the frame, letterboxed to 224x224
 * how:  2254 anchors, each with a score, a box (of the face) and four keypoints. The best box and all that overlap it
 *       are averaged, weighted by score. Two of the keypoints give the region: mid-hip, and a point on the circle
 *       around the whole body.
 *       What is left gives the next one. MediaPipe uses only the first; who of several is followed: people.c
 * src:  MediaPipe, pose_detection_gpu.pbtxt, ssd_anchors_calculator.cc, tensors_to_detections_calculator.cc,
 *       non_max_suppression_calculator.cc
 */
#include "internal.h"

#include <math.h>

#define MIN_SCORE_P 0.5f    /* src: pose_detection_gpu.pbtxt, min_score_thresh */
#define MIN_OVERLAP 0.3f    /* src: pose_detection_gpu.pbtxt, min_suppression_threshold */
#define MAX_LOGIT 100.0f    /* src: pose_detection_gpu.pbtxt, score_clipping_thresh */

static const struct pl_crop detector_crop = { PL_DETECTOR_SIZE, -1.0f, 1.0f, PL_BORDER_BLACK };

bool pl_detector_open(struct pl_detector *out, const char *models_dir, unsigned cpu, struct pl_pool *pool,
                      struct pl_err *err)
{
    static const struct pl_network_shape shape = {
        PL_DETECTOR_SIZE, 2, { PL_N_ANCHORS * PL_DETECTOR_FLOATS, PL_N_ANCHORS }, 0
    };
    static const struct pl_network_file file = { "pose_detection.tflite", 0x7e578def, NULL };

    pl_anchors_fill(out->anchors);
    return pl_network_open(&out->network, models_dir, &file, &shape, cpu, pool, err);
}

void pl_detector_close(struct pl_detector *detector)
{
    pl_network_close(&detector->network);
}

void pl_anchors_fill(struct pl_vec2 anchors[PL_N_ANCHORS])
{
    /* strides 8, 16 and 32 (three layers merged), two anchors per cell and layer, all with the cell's centre */
    static const struct { int cells, per_cell; } grids[] = { { 28, 2 }, { 14, 2 }, { 7, 6 } };

    for (size_t g = 0; g < sizeof grids / sizeof grids[0]; g++)
        for (int y = 0; y < grids[g].cells; y++)
            for (int x = 0; x < grids[g].cells; x++)
                for (int k = 0; k < grids[g].per_cell; k++)
                    *anchors++ = (struct pl_vec2){ ((float)x + 0.5f) / (float)grids[g].cells,
                                                   ((float)y + 0.5f) / (float)grids[g].cells };
}

static float probability(float logit)
{
    return 1.0f / (1.0f + expf(-fmaxf(-MAX_LOGIT, fminf(MAX_LOGIT, logit))));
}

/* False for a score below the limit and for a box with a negative side. box: centre, size, keypoints, all in 224ths. */
static bool decode(struct pl_detection *out, const float box[PL_DETECTOR_FLOATS], float logit, struct pl_vec2 anchor)
{
    const float n = PL_DETECTOR_SIZE;
    float x = box[0] / n + anchor.x, y = box[1] / n + anchor.y, w = box[2] / n, h = box[3] / n;

    if (isnan(logit) || !(w >= 0.0f) || !(h >= 0.0f))
        return false;
    *out = (struct pl_detection){
        .score_p = probability(logit),
        .left = x - 0.5f * w, .top = y - 0.5f * h, .right = x + 0.5f * w, .bottom = y + 0.5f * h,
        .centre = { box[4] / n + anchor.x, box[5] / n + anchor.y },
        .reach = { box[6] / n + anchor.x, box[7] / n + anchor.y },
    };
    return out->score_p >= MIN_SCORE_P;
}

/* Intersection over union; boxes that only touch do not overlap. */
static float overlap(const struct pl_detection *a, const struct pl_detection *b)
{
    float w = fminf(a->right, b->right) - fmaxf(a->left, b->left);
    float h = fminf(a->bottom, b->bottom) - fmaxf(a->top, b->top);
    if (!(w > 0.0f) || !(h > 0.0f))
        return 0.0f;
    float both = w * h;
    float either = (a->right - a->left) * (a->bottom - a->top) + (b->right - b->left) * (b->bottom - b->top) - both;
    return either > 0.0f ? both / either : 0.0f;
}

static void add_weighted(struct pl_detection *sum, const struct pl_detection *d, float weight)
{
    sum->left += d->left * weight, sum->top += d->top * weight;
    sum->right += d->right * weight, sum->bottom += d->bottom * weight;
    sum->centre.x += d->centre.x * weight, sum->centre.y += d->centre.y * weight;
    sum->reach.x += d->reach.x * weight, sum->reach.y += d->reach.y * weight;
}

/* One person: the top of what is left, and all that overlap it, averaged by their scores. left: which anchors are left */
static bool take_best(struct pl_detection *out, const float *boxes, const float *scores,
                      const struct pl_vec2 anchors[PL_N_ANCHORS], bool left[PL_N_ANCHORS])
{
    struct pl_detection top = { 0 }, d, sum = { 0 };
    float weight = 0.0f;
    int at = 0;

    for (int i = 0; i < PL_N_ANCHORS; i++)
        if (left[i] && (left[i] = decode(&d, boxes + PL_DETECTOR_FLOATS * i, scores[i], anchors[i])) && d.score_p > top.score_p) {
            top = d;
            at = i;
        }
    if (top.score_p < MIN_SCORE_P)
        return false;

    left[at] = false; /* an empty box overlaps nothing, not even itself: then the top stays as it is */
    for (int i = 0; i < PL_N_ANCHORS; i++)
        if ((left[i] || i == at) && decode(&d, boxes + PL_DETECTOR_FLOATS * i, scores[i], anchors[i]) &&
            overlap(&d, &top) > MIN_OVERLAP) {
            add_weighted(&sum, &d, d.score_p);
            weight += d.score_p;
            left[i] = false;
        }
    *out = top;
    if (weight > 0.0f) {
        struct pl_detection mean = { .score_p = top.score_p };
        add_weighted(&mean, &sum, 1.0f / weight);
        *out = mean;
    }
    return true;
}

int pl_detections_take(struct pl_detection *out, int most, const float *boxes, const float *scores,
                       const struct pl_vec2 anchors[PL_N_ANCHORS])
{
    bool left[PL_N_ANCHORS];
    int n = 0;

    for (int i = 0; i < PL_N_ANCHORS; i++)
        left[i] = true;
    while (n < most && take_best(&out[n], boxes, scores, anchors, left))
        n++;
    return n;
}

void pl_detector_run(struct pl_detector *detector, const struct pl_frame *frame, unsigned cpu, struct pl_pool *pool, int part,
                     int parts)
{
    struct pl_region all = pl_region_of_frame(frame);

    if (part == 0)
        pl_network_fill(&detector->network, &detector_crop, frame, &all, cpu, pool);
    pl_runner_run_part(detector->network.runner, part, parts);
}

int pl_detector_found(const struct pl_detector *detector, const struct pl_frame *frame, struct pl_found out[PL_MAX_FOUND])
{
    struct pl_region all = pl_region_of_frame(frame);
    struct pl_detection d[PL_MAX_FOUND];
    int n = pl_detections_take(d, PL_MAX_FOUND, pl_runner_output(detector->network.runner, 0).data,
                               pl_runner_output(detector->network.runner, 1).data, detector->anchors), usable = 0;

    for (int i = 0; i < n; i++) {
        struct pl_region r = pl_region_from_points(pl_region_to_frame(&all, d[i].centre.x, d[i].centre.y),
                                                   pl_region_to_frame(&all, d[i].reach.x, d[i].reach.y));
        if (pl_region_is_usable(&r))
            out[usable++] = (struct pl_found){ r, d[i].score_p };
    }
    return usable;
}
