/* The inside of a crop, four pixels at a time. See crop.c: same arithmetic in the same order, so the same bits.
 *
 * Of each pair of neighbouring pixels (six bytes) two 32-bit loads read bytes 0..3 and 2..5, never one beyond.
 * 40 instructions a pixel, counted in an emulator; plain C takes 110. */
#if defined(__aarch64__)

#include "internal.h"

#include <arm_neon.h>
#include <string.h>

/* 32.32 fixed point positions p + k*step, k = 0..3: their low or high words are one shuffle away. */
struct positions { uint32x4_t a, b; };

static inline struct positions positions(int64_t p, int64_t step)
{
    int64x2_t a = vsetq_lane_s64(p + step, vdupq_n_s64(p), 1);
    return (struct positions){ vreinterpretq_u32_s64(a), vreinterpretq_u32_s64(vaddq_s64(a, vdupq_n_s64(2 * step))) };
}

static inline uint32x4_t wholes(struct positions p)
{
    return vuzp2q_u32(p.a, p.b);
}

static inline float32x4_t fractions(struct positions p)
{
    return vcvtq_n_f32_u32(vshrq_n_u32(vuzp1q_u32(p.a, p.b), 8), 24); /* 24 bits behind the point: exact */
}

static inline uint32_t load_u32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

struct pair { uint32x4_t head, tail; }; /* bytes 0..3 and 2..5 of two pixels: r g b R, b R G B */

static inline struct pair gather(const uint8_t *data, uint32x4_t at)
{
    const uint8_t *p[4] = { data + vgetq_lane_u32(at, 0), data + vgetq_lane_u32(at, 1), data + vgetq_lane_u32(at, 2),
                            data + vgetq_lane_u32(at, 3) };
    uint32x4_t head = vdupq_n_u32(load_u32(p[0])), tail = vdupq_n_u32(load_u32(p[0] + 2));
    head = vsetq_lane_u32(load_u32(p[1]), head, 1), tail = vsetq_lane_u32(load_u32(p[1] + 2), tail, 1);
    head = vsetq_lane_u32(load_u32(p[2]), head, 2), tail = vsetq_lane_u32(load_u32(p[2] + 2), tail, 2);
    head = vsetq_lane_u32(load_u32(p[3]), head, 3), tail = vsetq_lane_u32(load_u32(p[3] + 2), tail, 3);
    return (struct pair){ head, tail };
}

/* Byte number `byte` of each word; the number is a constant wherever this is used. */
static inline float32x4_t byte_of(uint32x4_t v, int byte)
{
    return vcvtq_f32_u32(vandq_u32(vshlq_u32(v, vdupq_n_s32(-8 * byte)), vdupq_n_u32(255)));
}

static inline float32x4_t mixed(float32x4_t a, float32x4_t b, float32x4_t t)
{
    return vaddq_f32(a, vmulq_f32(vsubq_f32(b, a), t));
}

/* One channel of the pixels between the two of each pair. */
static inline float32x4_t across(struct pair p, int channel, float32x4_t t)
{
    float32x4_t right = channel == 0 ? byte_of(p.head, 3) : byte_of(p.tail, 1 + channel);
    return mixed(byte_of(p.head, channel), right, t);
}

static inline void four(float *out, const struct pl_crop_span *s, int64_t x, int64_t y)
{
    struct positions px = positions(x, s->dx), py = positions(y, s->dy);
    float32x4_t fx = fractions(px), fy = fractions(py);
    float32x4x3_t plane;
    uint32x4_t at = vmlaq_n_u32(vmulq_n_u32(wholes(py), (uint32_t)s->stride), wholes(px), 3);
    struct pair top = gather(s->data, at), bottom = gather(s->data + s->stride, at);

#pragma GCC unroll 3
    for (int c = 0; c < 3; c++) {
        float32x4_t value = mixed(across(top, c, fx), across(bottom, c, fx), fy);
        plane.val[s->bgr ? 2 - c : c] = vaddq_f32(vmulq_n_f32(value, s->scale), vdupq_n_f32(s->offset));
    }
    vst3q_f32(out, plane);
}

void pl_crop_span_neon(float *out, const struct pl_crop_span *span)
{
    int i = 0;
    for (; i + 4 <= span->n; i += 4)
        four(out + 3 * i, span, span->x + i * span->dx, span->y + i * span->dy);

    struct pl_crop_span rest = *span;
    rest.x += i * span->dx;
    rest.y += i * span->dy;
    rest.n -= i;
    pl_crop_span_c(out + 3 * i, &rest);
}

#endif
