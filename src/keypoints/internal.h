/* The pieces of the keypoints module, in the order in which a frame meets them (tracker.c puts them together).
 *
 * region   a rotated square of the frame            region.c
 * crop     region -> square tensor                  crop.c, crop_avx2.c, crop_neon.c
 * network  one .tflite file with its runner         network.c
 * detector whole frame -> region of the person      detector.c
 * lander   region -> raw landmarks                  landmarks.c
 * head     features, landmarks -> joints, tilt of the pelvis  leg_head.c
 * smoother raw landmarks -> smooth ones             smooth.c
 * stickers raw landmarks, frame -> pelvis' tilt     stickers.c
 * people   everybody found -> who is followed       people.c
 */
#ifndef PLUMBLINE_KEYPOINTS_INTERNAL_H
#define PLUMBLINE_KEYPOINTS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "plumbline/err.h"
#include "plumbline/frame.h"
#include "plumbline/keypoints.h"
#include "plumbline/nn.h"
#include "plumbline/pool.h"

/* ---- region.c ---- */

/* The smallest square around the whole picture: what the detector sees. */
struct pl_region pl_region_of_frame(const struct pl_frame *frame);

/* MediaPipe's region of a person: centred on the hips, big enough for the circle through `reach`, turned so that
 * the line from centre to reach points up. Degenerate points give a region that pl_region_is_usable refuses. */
struct pl_region pl_region_from_points(struct pl_vec2 centre, struct pl_vec2 reach);

/* Finite and between 1 px and 2^20 px: what the sampler can cut without losing precision. False for NAN. */
bool pl_region_is_usable(const struct pl_region *region);

/* A point of the region, u and v from 0 (left, top) to 1, in pixels of the frame. */
struct pl_vec2 pl_region_to_frame(const struct pl_region *region, float u, float v);

/* ---- crop.c ---- */

/* What lies outside the picture: the detector sees black, the landmark network the nearest edge pixel. */
enum pl_border { PL_BORDER_BLACK, PL_BORDER_REPLICATE };

struct pl_crop {
    int size;                   /* of the output: [size][size][3] */
    float low, high;            /* tensor values of byte 0 and byte 255 */
    enum pl_border border;
};

/* Neighbouring pixels of one output row: positions are 32.32 fixed point, (0, 0) = centre of the first pixel, so that
 * every kernel computes bit-identical coordinates. */
struct pl_crop_span {
    const uint8_t *data;
    size_t stride;
    int width_px, height_px;    /* of the picture */
    int64_t x, y, dx, dy;       /* first position, and the step from one output pixel to the next */
    int n;
    bool bgr;
    float scale, offset;        /* tensor value = byte * scale + offset */
};

/* out [n][3], RGB. All kernels give the same bits.
 * span: every pixel lies inside the picture with all four neighbours; edge: anywhere, the nearest pixels of the edge
 * stand for neighbours outside */
typedef void pl_crop_span_fn(float *out, const struct pl_crop_span *span);
struct pl_crop_kernels { pl_crop_span_fn *span, *edge; };
pl_crop_span_fn pl_crop_span_c, pl_crop_edge_c;
#if defined(__x86_64__)
pl_crop_span_fn pl_crop_span_avx2, pl_crop_edge_avx2; /* offsets are 32 bit: stride * height < 2^31 */
#elif defined(__aarch64__)
pl_crop_span_fn pl_crop_span_neon;   /* the same */
#endif

/* out [size][size][3] RGB: bilinear samples of the region, pixel centres at .5 (OpenGL's convention; no antialiasing,
 * no rounding to bytes). The region must be usable and the frame a picture.
 * pool: rows are split over it; same bits for any number of threads */
void pl_crop_cut(float *out, const struct pl_crop *crop, const struct pl_frame *frame, const struct pl_region *region,
                 unsigned cpu, struct pl_pool *pool);

/* ---- network.c ---- */

struct pl_network { struct pl_model *model; struct pl_runner *runner; };

/* out:  the network of the file dir/name, ready to run
 * shape: input size (square, 3 channels), and how many floats each output of the file must have (0 = dropped)
 * keep: an inner tensor to keep readable ("tN"), or NULL
 * own:  pl_network_close
 * err:  as pl_model_open; IO when the file is missing; FORMAT when its inputs or outputs have another shape */
/* The file a network comes in, of the release that the tests compare with (models/README.md). The sum finds damage that leaves
 * the file readable: wrong weights would give wrong angles without a word. */
struct pl_network_file { const char *name; uint32_t crc32; const char *keep; };
struct pl_network_shape { int input_size; int n_outputs; int output_floats[5]; unsigned lazy_outputs; };
bool pl_network_open(struct pl_network *out, const char *dir, const struct pl_network_file *file,
                     const struct pl_network_shape *shape, unsigned cpu, struct pl_pool *pool, struct pl_err *err) PL_MUST_CHECK;
void pl_network_close(struct pl_network *network);

/* Cuts the region into the network's input. */
void pl_network_fill(struct pl_network *network, const struct pl_crop *crop, const struct pl_frame *frame,
                     const struct pl_region *region, unsigned cpu, struct pl_pool *pool);

/* ---- detector.c ---- */

enum { PL_DETECTOR_SIZE = 224, PL_N_ANCHORS = 2254, PL_DETECTOR_FLOATS = 12 };

struct pl_detector { struct pl_network network; struct pl_vec2 anchors[PL_N_ANCHORS]; };

/* One detection, coordinates 0..1 of the square the detector saw. */
struct pl_detection {
    float score_p;
    float left, top, right, bottom;     /* of the face */
    struct pl_vec2 centre, reach;       /* keypoints 0 (mid-hip) and 1 (size and rotation of the whole body) */
};

bool pl_detector_open(struct pl_detector *out, const char *models_dir, unsigned cpu, struct pl_pool *pool,
                      struct pl_err *err) PL_MUST_CHECK;
void pl_detector_close(struct pl_detector *detector);

/* One of so many parts of looking at the frame, which part 0 takes in; then what was found, the most certain first. */
enum { PL_MAX_FOUND = 5 };
struct pl_found { struct pl_region region; float score_p; };
void pl_detector_run(struct pl_detector *detector, const struct pl_frame *frame, unsigned cpu, struct pl_pool *pool, int part,
                     int parts);
int pl_detector_found(const struct pl_detector *detector, const struct pl_frame *frame, struct pl_found out[PL_MAX_FOUND]);

/* Centres of the anchor boxes, 0..1, in the order of the network's outputs. */
void pl_anchors_fill(struct pl_vec2 anchors[PL_N_ANCHORS]);

/* out [most]: the detections after weighted non-maximum suppression, best first, whose scores reach 0.5; returns how many
 * boxes [2254][12], scores [2254] as the network gives them */
int pl_detections_take(struct pl_detection *out, int most, const float *boxes, const float *scores,
                       const struct pl_vec2 anchors[PL_N_ANCHORS]);

/* ---- landmarks.c ---- */

enum { PL_LANDER_SIZE = 256, PL_N_NET_POINTS = 39, PL_HEAT_SIZE = 64 };

/* Two points that only tracking uses. */
enum pl_aux { PL_AUX_CENTRE, PL_AUX_REACH, PL_N_AUX };

/* A landmark in the crop: x, y, z 0..1 of its size. */
struct pl_crop_point { float x, y, z, visibility_p; };

/* What the landmark network says about a region, in pixels of the frame. */
struct pl_person {
    float person_p;
    float pelvis_deg, yaw_deg;  /* as pl_keypoints.pelvis_head_deg, yaw_head_deg */
    struct pl_leg_shift leg;    /* as pl_keypoints.leg */
    struct pl_landmarks body;
    struct pl_vec2 aux[PL_N_AUX];
};

/* What the head says of one picture: the pelvis' tilt in the crop, the yaw, and the joints, 0..1 of the crop's size. */
struct pl_leg_answer { float tilt_deg, yaw_deg; struct pl_vec2 joint[PL_N_LEG_POINTS]; };

/* By how much its answers for a picture and for its mirror image fail to be the same: half of that, to be added. */
struct pl_mirror_bias { bool known; int64_t t_ns; int n_frames; struct pl_leg_answer by; /* tilt and yaw NAN: not yet seen */ };

/* The landmark network, and the head on it: NULL when there is none for this network. */
struct pl_lander {
    struct pl_network network;
    struct pl_leg_head *head;
    struct pl_mirror_bias bias;
    struct pl_leg_shift leg;
};

bool pl_lander_open(struct pl_lander *out, const char *models_dir, enum pl_model_kind kind, unsigned cpu,
                    struct pl_pool *pool, struct pl_err *err) PL_MUST_CHECK;
void pl_lander_close(struct pl_lander *lander);
void pl_lander_forget(struct pl_lander *lander); /* what it knows of the person so far */

/* Cuts the region, runs the network on it or on its mirror image; points: its landmarks, refined. watch: as below */
void pl_lander_run(struct pl_network *network, const struct pl_frame *frame, const struct pl_region *region, bool mirrored,
                   unsigned cpu, struct pl_pool *pool, struct pl_stage_times *watch, struct pl_crop_point points[PL_N_NET_POINTS]);

/* out: always filled; true when a person is in the region: person_p > 0.5 and every number finite
 * watch: receives the laps of crop and network; may be NULL */
bool pl_lander_look(struct pl_lander *lander, const struct pl_frame *frame, const struct pl_region *region,
                    unsigned cpu, struct pl_pool *pool, struct pl_stage_times *watch, struct pl_person *out);

/* points [39] from the network's first output, values [39][5] */
void pl_crop_points_decode(struct pl_crop_point points[PL_N_NET_POINTS], const float *values);

/* Moves x and y of each point to the centre of mass of its heatmap around it. heat [64][64][39] logits */
void pl_crop_points_refine(struct pl_crop_point points[PL_N_NET_POINTS], const float *heat);

/* From the crop to the frame, world [39][3] metres from the crop's axes to the picture's. */
void pl_person_project(struct pl_person *out, const struct pl_crop_point points[PL_N_NET_POINTS], const float *world,
                       const struct pl_region *region);

/* ---- leg_head.c ---- */

enum { PL_LEG_SAMPLES = 7 * 7 + PL_N_LEG_POINTS * 3 * 3, PL_LEG_CHANNELS = 88 };

/* out:  the head for this network, from dir/leg_head_KIND.bin; NULL when there is no such file, which is no error
 * own:  pl_leg_head_close (NULL is fine)
 * err:  IO (there, but not readable), FORMAT (damaged, or for another network than network_crc32), MEMORY */
struct pl_leg_head;
bool pl_leg_head_open(struct pl_leg_head **out, const char *dir, enum pl_model_kind kind, uint32_t network_crc32,
                      struct pl_err *err) PL_MUST_CHECK;
void pl_leg_head_close(struct pl_leg_head *head);

/* out [PL_LEG_SAMPLES][PL_LEG_CHANNELS]: the features around the refined points, from map [16][16][PL_LEG_CHANNELS] */
void pl_leg_head_sample(float *out, const float *map, const struct pl_crop_point points[PL_N_NET_POINTS]);

/* Tilt of the pelvis in the crop, degrees, + = the person's left side higher. */
float pl_leg_head_tilt_deg(const struct pl_leg_head *head, const float *samples);

/* shift: where the joints lie against the landmarks PL_LM_LEFT_HIP .. PL_LM_RIGHT_FOOT_INDEX, 0..1 of the crop's size */
void pl_leg_head_joints(struct pl_vec2 shift[PL_N_LEG_POINTS], const struct pl_leg_head *head, const float *samples,
                        const struct pl_crop_point points[PL_N_NET_POINTS]);

/* Line of sight about the person, degrees, + = towards the person's left; within about 30 degrees of the front. */
float pl_leg_head_yaw_deg(const struct pl_leg_head *head, const float *samples,
                          const struct pl_crop_point points[PL_N_NET_POINTS]);

/* by, of the crop, becomes pixels of the frame and is followed with a time constant; the first of a person as it is. */
void pl_leg_shift_follow(struct pl_leg_shift *shift, int64_t t_ns, const struct pl_vec2 by[PL_N_LEG_POINTS],
                         const struct pl_region *region);

/* ---- mirror.c ---- */

/* Whether a mirror image should be looked at in this frame, and what comes of it. front: tilt and yaw are of use, and NAN where
 * they are not. mirror: of the mirror image as it is, NULL when nobody was seen there */
bool pl_mirror_bias_wanted(struct pl_mirror_bias *bias, int64_t t_ns, bool front);
void pl_mirror_bias_update(struct pl_mirror_bias *bias, int64_t t_ns, const struct pl_leg_answer *picture,
                           const struct pl_leg_answer *mirror);

/* ---- smooth.c ---- */

enum { PL_EURO_MAX = 3 * PL_N_LANDMARKS };

/* One-Euro filters for n values that share their time and scale. */
struct pl_euro {
    double min_cutoff_hz, beta;
    bool started;
    int64_t last_ns;
    double raw[PL_EURO_MAX], slope[PL_EURO_MAX], smooth[PL_EURO_MAX];
};

void pl_euro_init(struct pl_euro *euro, double min_cutoff_hz, double beta);

/* values [n], n <= PL_EURO_MAX, replaced by their smoothed selves; n is the same in every call.
 * value_scale makes speeds comparable between near and far people (1/size of the person in the values' unit) */
void pl_euro_apply(struct pl_euro *euro, int64_t t_ns, double value_scale, double *values, int n);

struct pl_smoother {
    struct pl_euro image, world, aux;
    bool started;
    float visibility_p[PL_N_LANDMARKS];
};

void pl_smoother_reset(struct pl_smoother *smoother);

/* out, aux: the person's landmarks and auxiliary points after MediaPipe's smoothing; timestamps must rise */
void pl_smoother_apply(struct pl_smoother *smoother, int64_t t_ns, const struct pl_person *person,
                       struct pl_landmarks *out, struct pl_vec2 aux[PL_N_AUX]);

/* ---- stickers.c ---- */

enum { PL_STICKER_PIXELS = 40960 }; /* of the region; larger ones are thinned out */

struct pl_stickers {
    enum { PL_STICKERS_SEARCH, PL_STICKERS_CONFIRM, PL_STICKERS_FOLLOW } stage;
    int next;                   /* SEARCH: hue */
    float hue[2];               /* of the marker, a unit vector in the plane of a and b; from CONFIRM on, as all below */
    bool strip;
    float gap_px, weight[2], contrast;
    int n_seen;
    int64_t since_ns, seen_ns;
    struct pl_vec2 last[2];     /* image left, image right */
    float tilt_deg;
    int left, top, width, height, step;                      /* the region in the frame, every step-th pixel */
    int16_t a[PL_STICKER_PIXELS], b[PL_STICKER_PIXELS];      /* [height][width] colour differences */
};

void pl_stickers_reset(struct pl_stickers *stickers); /* as after all zero bytes */

/* Tilt of the pelvis, degrees, + = left end higher; NAN: not seen, or not sure yet. Frames come with growing t_ns. */
float pl_stickers_step(struct pl_stickers *stickers, const struct pl_frame *frame, const struct pl_landmarks *body);

/* ---- people.c ---- */

/* Medians of trunk and thighs, 0..1; NAN: not in the picture. */
struct pl_colours { float rgb[2][3]; };
void pl_colours_look(struct pl_colours *out, const struct pl_frame *frame, const struct pl_landmarks *body);
float pl_colours_apart(const struct pl_colours *a, const struct pl_colours *b); /* NAN: not known */

struct pl_other { struct pl_region region; int n, missed; bool found; /* in the last look */ };
struct pl_people {
    int number;                 /* of the one followed; 0 nobody yet */
    bool known;                 /* followed for a second: place and colours mean something */
    bool settled;               /* they stay in one place */
    bool lost;                  /* tracking has lost them; the detector looks for them */
    bool elsewhere;             /* the detector sees them where they were, while tracking went elsewhere */
    struct pl_region place;
    struct pl_region lately;    /* of a moment ago */
    struct pl_colours colours, colours_lately;
    int64_t since_ns, seen_ns, settling_ns, doubt_ns, looked_ns, refused_ns;
    int tries;                  /* since they were lost */
    struct pl_other seen[PL_MAX_OTHERS];
    int n_seen;
};
void pl_people_reset(struct pl_people *people); /* as after all zero bytes */

/* Are these landmarks, of a region that they ask for, the followed one's? DOUBTED: not now; look at their place again.
 * SOMEBODY_ELSE: find them anew. */
enum pl_verdict { PL_THE_SAME, PL_DOUBTED, PL_SOMEBODY_ELSE };
enum pl_verdict pl_people_judge(struct pl_people *people, const struct pl_frame *frame, const struct pl_landmarks *body,
                                const struct pl_region *region);
/* Nobody, or (refused) somebody else is where they were looked for. */
void pl_people_lose(struct pl_people *people, int64_t t_ns, bool refused);
bool pl_people_searches(const struct pl_people *people, int64_t t_ns); /* in this frame? */

/* Everybody whom the detector found in a frame; followed: where tracking had them in that frame, NULL nowhere. */
bool pl_people_wants_look(const struct pl_people *people, int64_t t_ns);
void pl_people_found(struct pl_people *people, const struct pl_found *found, int n, const struct pl_region *followed, int64_t t_ns);

/* Which of them (n > 0) to look at first. */
int pl_people_choose(const struct pl_people *people, const struct pl_frame *frame, const struct pl_found *found, int n);
void pl_people_tell(const struct pl_people *people, struct pl_keypoints *out);

#endif
