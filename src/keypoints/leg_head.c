/* The landmark network's own features -> where the leg's joints are, from where the camera looks, and how far the pelvis is
 * tilted: a small head of our own.
 *
 * in:   the features that the network has halfway (16x16 cells of 88 channels), its refined landmarks
 * out:  tilt of the line between the iliac spines, in the crop; for hips, knees, ankles, heels and second toes, by how much the
 *       joint lies beside the landmark; the yaw, near the front
 * why:  the network levels its hip landmarks, puts bent hips too far in front and ankles too high; halfway it still knows better
 * how:  features sampled on grids around the mid-hip and the leg's landmarks, each sample reduced to 8 numbers; with the landmarks
 *       themselves into a hidden layer.
 *       What its answers for a picture and for its mirror image do not share is taken off: mirror.c
 * src:  weights by models/leg_head (training, data, figures: models/leg_head.md)
 */
#include "internal.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS = 16, CELL_PX = PL_LANDER_SIZE / CELLS, CHANNELS = PL_LEG_CHANNELS };
enum { HIP_GRID = 7, JOINT_GRID = 3, REDUCED = 8, HIDDEN = 48, TILT_HIDDEN = 32 };
enum { TILT_SAMPLES = HIP_GRID * HIP_GRID + 6 * JOINT_GRID * JOINT_GRID }; /* without heels and toes */
/* Networks that differ by where their training started, averaged: half of what one is off by is chance. */
enum { N_STARTS = 4, N_YAW_STARTS = 2, YAW_HIDDEN = 32 };
enum { N_KNOWN = 4 * (2 + PL_N_LEG_POINTS), N_OUT = 2 * PL_N_LEG_POINTS };
static const float hip_step_px = 8.0f, joint_step_px = 12.0f; /* of the crop's 256 */

/* What a joint's place beside its landmark is followed with: it changes with the pose, the head's answers with every frame. */
static const float shift_time_constant_s = 0.1f;

/* From each sample to a few numbers; the two kinds of grids have their own. */
struct reduction { float by[2][CHANNELS][REDUCED], bias[2][REDUCED]; };

struct joint_weights {
    struct reduction reduce;
    float hidden[PL_LEG_SAMPLES * REDUCED + N_KNOWN][HIDDEN], hidden_bias[HIDDEN];
    float out[HIDDEN][N_OUT], out_bias[N_OUT];
    float direct[N_KNOWN][N_OUT];
};

struct yaw_weights {
    struct reduction reduce;
    float hidden[PL_LEG_SAMPLES * REDUCED + N_KNOWN][YAW_HIDDEN], hidden_bias[YAW_HIDDEN];
    float out[YAW_HIDDEN], out_bias;
    float direct[N_KNOWN];
};

/* As in the file, behind its header. */
struct weights {
    struct joint_weights joints[N_STARTS];
    struct yaw_weights yaw[N_YAW_STARTS];

    struct reduction tilt_reduce;
    float tilt_hidden[TILT_SAMPLES * REDUCED][TILT_HIDDEN], tilt_hidden_bias[TILT_HIDDEN];
    float tilt_out[TILT_HIDDEN], tilt_out_bias;
};

struct pl_leg_head {
    struct weights w;
};

/* All numbers little-endian; the CRC-32 of all this comes behind the weights. */
struct header {
    char magic[8];
    uint32_t version, network_crc32, channels, samples, reduced, hidden, starts;
};

_Static_assert((int)YAW_HIDDEN <= (int)HIDDEN, "one array for both");
_Static_assert(sizeof(struct header) == 36 && sizeof(struct weights) % sizeof(float) == 0, "the file has no gaps");

static bool check_file(const char *path, const uint8_t *data, uint32_t network_crc32, struct pl_err *err)
{
    const size_t body = sizeof(struct header) + sizeof(struct weights);
    struct header h;
    uint32_t crc32;

    memcpy(&h, data, sizeof h);
    memcpy(&crc32, data + body, sizeof crc32);
    if (memcmp(h.magic, "plleghd", sizeof h.magic))
        return pl_fail(err, PL_E_FORMAT, "%s: not a leg head; get it anew from plumbline's release, or remove it", path);
    if (h.version != 4 || h.channels != CHANNELS || h.samples != PL_LEG_SAMPLES || h.reduced != REDUCED || h.hidden != HIDDEN
        || h.starts != N_STARTS)
        return pl_fail(err, PL_E_FORMAT, "%s: a leg head of another version of plumbline; get the one that came with this "
                       "version, or remove it", path);
    if (crc32 != pl_crc32(data, body))
        return pl_fail(err, PL_E_FORMAT, "%s: damaged (its CRC-32 is wrong); get it anew from plumbline's release, or remove it",
                       path);
    if (h.network_crc32 != network_crc32)
        return pl_fail(err, PL_E_FORMAT, "%s: made for another release of the pose network; get the one that came with this "
                       "version of plumbline, or remove it", path);
    return true;
}

/* data [size + 1 of memory]; false: not exactly size bytes */
static bool read_whole(FILE *f, uint8_t *data, size_t size)
{
    return fread(data, 1, size + 1, f) == size && !ferror(f);
}

bool pl_leg_head_open(struct pl_leg_head **out, const char *dir, enum pl_model_kind kind, uint32_t network_crc32,
                         struct pl_err *err)
{
    const size_t size = sizeof(struct header) + sizeof(struct weights) + sizeof(uint32_t);
    uint8_t *data = NULL;
    char path[4096];
    bool ok = false;

    *out = NULL;
    if (snprintf(path, sizeof path, "%s/leg_head_%s.bin", dir, pl_model_kind_name(kind)) >= (int)sizeof path)
        return pl_fail(err, PL_E_ARG, "the name of the models folder is longer than %zu characters", sizeof path);
    FILE *f = fopen(path, "rb");
    if (!f)
        return errno == ENOENT || pl_fail(err, PL_E_IO, "%s: cannot be read (%s)", path, strerror(errno));
    struct pl_leg_head *head = calloc(1, sizeof *head);
    data = malloc(size + 1);
    if (!head || !data) {
        pl_fail(err, PL_E_MEMORY, "%s: out of memory", path);
        goto done;
    }
    if (!read_whole(f, data, size)) {
        pl_fail(err, PL_E_FORMAT, "%s: cannot be a leg head, whose files have %zu bytes; get it anew from plumbline's "
                "release, or remove it", path, size);
        goto done;
    }
    ok = check_file(path, data, network_crc32, err);
    memcpy(&head->w, data + sizeof(struct header), sizeof head->w);
done:
    fclose(f);
    free(data);
    if (ok)
        *out = head;
    else
        pl_leg_head_close(head);
    return ok;
}

void pl_leg_head_close(struct pl_leg_head *head)
{
    free(head);
}

static float limit(float x, float hi)
{
    return x > 0.0f ? x < hi ? x : hi : 0.0f; /* NAN becomes 0 */
}

/* out [CHANNELS]: the features at a point of the crop, between the centres of four cells; beyond the edge those of the edge */
static void sample(float *out, const float *map, float x_px, float y_px)
{
    float x = limit(x_px / CELL_PX - 0.5f, CELLS - 1), y = limit(y_px / CELL_PX - 0.5f, CELLS - 1);
    int left = x < CELLS - 2 ? (int)x : CELLS - 2, top = y < CELLS - 2 ? (int)y : CELLS - 2;
    float u = x - (float)left, v = y - (float)top;
    const float *a = map + (top * CELLS + left) * CHANNELS, *b = a + CELLS * CHANNELS;

    for (int c = 0; c < CHANNELS; c++)
        out[c] = (1.0f - v) * ((1.0f - u) * a[c] + u * a[c + CHANNELS]) + v * ((1.0f - u) * b[c] + u * b[c + CHANNELS]);
}

static float *sample_grid(float *out, const float *map, float x_px, float y_px, int n, float step_px)
{
    float first = -0.5f * (float)(n - 1) * step_px;

    for (int row = 0; row < n; row++)
        for (int column = 0; column < n; column++, out += CHANNELS)
            sample(out, map, x_px + first + (float)column * step_px, y_px + first + (float)row * step_px);
    return out;
}

void pl_leg_head_sample(float *out, const float *map, const struct pl_crop_point points[PL_N_NET_POINTS])
{
    const struct pl_crop_point *left = &points[PL_LM_LEFT_HIP], *right = &points[PL_LM_RIGHT_HIP];

    out = sample_grid(out, map, 0.5f * PL_LANDER_SIZE * (left->x + right->x), 0.5f * PL_LANDER_SIZE * (left->y + right->y),
                      HIP_GRID, hip_step_px);
    for (int i = PL_LM_LEFT_HIP; i < PL_LM_LEFT_HIP + PL_N_LEG_POINTS; i++)
        out = sample_grid(out, map, PL_LANDER_SIZE * points[i].x, PL_LANDER_SIZE * points[i].y, JOINT_GRID, joint_step_px);
}

/* Shoulders and leg landmarks against the mid-hip, in numbers about as large as 1. */
static void know(float out[N_KNOWN], const struct pl_crop_point points[PL_N_NET_POINTS])
{
    const float scale = 8.0f, depth_scale = 4.0f; /* of the crop */
    const struct pl_crop_point *left = &points[PL_LM_LEFT_HIP], *right = &points[PL_LM_RIGHT_HIP];
    float x = 0.5f * (left->x + right->x), y = 0.5f * (left->y + right->y);

    for (int i = 0; i < 2 + PL_N_LEG_POINTS; i++) {
        const struct pl_crop_point *p = &points[i < 2 ? PL_LM_LEFT_SHOULDER + i : PL_LM_LEFT_HIP + i - 2];
        *out++ = scale * (p->x - x);
        *out++ = scale * (p->y - y);
        *out++ = depth_scale * p->z;
        *out++ = p->visibility_p - 0.5f;
    }
}

static void add_scaled(float *sum, float by, const float *row, int n)
{
    for (int j = 0; j < n; j++)
        sum[j] += by * row[j];
}

/* Adds what n_samples say to hidden [n_hidden], by weights [n_samples * REDUCED][n_hidden]. */
static void add_samples(float *hidden, int n_hidden, const struct reduction *r, const float *weights, const float *samples,
                        int n_samples)
{
    for (int i = 0; i < n_samples; i++, samples += CHANNELS) {
        int kind = i >= HIP_GRID * HIP_GRID;
        float few[REDUCED];
        memcpy(few, r->bias[kind], sizeof few);
        for (int c = 0; c < CHANNELS; c++)
            add_scaled(few, samples[c], r->by[kind][c], REDUCED);
        for (int k = 0; k < REDUCED; k++, weights += n_hidden)
            if (few[k] > 0.0f)
                add_scaled(hidden, few[k], weights, n_hidden);
    }
}

float pl_leg_head_tilt_deg(const struct pl_leg_head *head, const float *samples)
{
    const struct weights *w = &head->w;
    float hidden[TILT_HIDDEN], deg = w->tilt_out_bias;

    memcpy(hidden, w->tilt_hidden_bias, sizeof hidden);
    add_samples(hidden, TILT_HIDDEN, &w->tilt_reduce, w->tilt_hidden[0], samples, TILT_SAMPLES);
    for (int j = 0; j < TILT_HIDDEN; j++)
        deg += fmaxf(hidden[j], 0.0f) * w->tilt_out[j];
    return deg;
}

/* One network that sees samples and landmarks: hidden [PL_LEG_SAMPLES * REDUCED + N_KNOWN][n_hidden], out [n_hidden][n_out],
 * direct [N_KNOWN][n_out] */
struct net {
    const struct reduction *reduce;
    const float *hidden, *hidden_bias, *out, *out_bias, *direct;
    int n_hidden, n_out;
};

/* Adds to out [n_out] what it says. */
static void add_net(float *out, const struct net *net, const float *samples, const float known[N_KNOWN])
{
    const float *of_known = net->hidden + PL_LEG_SAMPLES * REDUCED * net->n_hidden;
    float hidden[HIDDEN];

    memcpy(hidden, net->hidden_bias, (size_t)net->n_hidden * sizeof *hidden);
    add_samples(hidden, net->n_hidden, net->reduce, net->hidden, samples, PL_LEG_SAMPLES);
    add_scaled(out, 1.0f, net->out_bias, net->n_out);
    for (int i = 0; i < N_KNOWN; i++) {
        add_scaled(hidden, known[i], of_known + i * net->n_hidden, net->n_hidden);
        add_scaled(out, known[i], net->direct + i * net->n_out, net->n_out);
    }
    for (int j = 0; j < net->n_hidden; j++)
        add_scaled(out, fmaxf(hidden[j], 0.0f), net->out + j * net->n_out, net->n_out);
}

void pl_leg_head_joints(struct pl_vec2 shift[PL_N_LEG_POINTS], const struct pl_leg_head *head, const float *samples,
                        const struct pl_crop_point points[PL_N_NET_POINTS])
{
    static const float mean = 1.0f / (float)(N_STARTS * PL_LANDER_SIZE); /* px of the crop's 256 -> the crop's 1 */
    float known[N_KNOWN], out[N_OUT] = { 0.0f };

    know(known, points);
    for (int i = 0; i < N_STARTS; i++) {
        const struct joint_weights *w = &head->w.joints[i];
        add_net(out, &(struct net){ &w->reduce, w->hidden[0], w->hidden_bias, w->out[0], w->out_bias, w->direct[0], HIDDEN, N_OUT },
                samples, known);
    }
    for (int i = 0; i < PL_N_LEG_POINTS; i++)
        shift[i] = (struct pl_vec2){ mean * out[2 * i], mean * out[2 * i + 1] };
}

float pl_leg_head_yaw_deg(const struct pl_leg_head *head, const float *samples,
                          const struct pl_crop_point points[PL_N_NET_POINTS])
{
    float known[N_KNOWN], deg = 0.0f;

    know(known, points);
    for (int i = 0; i < N_YAW_STARTS; i++) {
        const struct yaw_weights *w = &head->w.yaw[i];
        add_net(&deg, &(struct net){ &w->reduce, w->hidden[0], w->hidden_bias, w->out, &w->out_bias, w->direct, YAW_HIDDEN, 1 },
                samples, known);
    }
    return deg / N_YAW_STARTS;
}

void pl_leg_shift_follow(struct pl_leg_shift *shift, int64_t t_ns, const struct pl_vec2 by[PL_N_LEG_POINTS],
                         const struct pl_region *region)
{
    const bool known = shift->known && t_ns > shift->t_ns;
    const float share = known ? -expm1f((float)(t_ns - shift->t_ns) * -1e-9f / shift_time_constant_s) : 1.0f;
    const float c = cosf(region->rotation_rad), s = sinf(region->rotation_rad);

    for (int i = 0; i < PL_N_LEG_POINTS; i++) {
        struct pl_vec2 *px = &shift->px[i];
        const struct pl_vec2 was = known ? *px : (struct pl_vec2){ 0.0f, 0.0f };
        px->x = was.x + share * (region->size_px * (c * by[i].x - s * by[i].y) - was.x);
        px->y = was.y + share * (region->size_px * (s * by[i].x + c * by[i].y) - was.y);
    }
    shift->known = true;
    shift->t_ns = t_ns;
}
