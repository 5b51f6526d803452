/* The inside of a crop, eight pixels at a time. See crop.c: same arithmetic in the same order, so the same bits.
 *
 * Of each pair of neighbouring pixels (six bytes) two 32-bit gathers read bytes 0..3 and 2..5, never one beyond. */
#if defined(__x86_64__)

#include "internal.h"

#include <immintrin.h>

/* Position p + k*step for k = 0 1 4 5: with the other four (2 3 6 7), the halves come out of one shuffle in order. */
static inline __m256i positions(int64_t p, int64_t step)
{
    return _mm256_setr_epi64x(p, p + step, p + 4 * step, p + 5 * step);
}

static inline __m256i wholes(__m256i a, __m256i b)
{
    return _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0xdd));
}

static inline __m256 fractions(__m256i a, __m256i b)
{
    __m256i low = _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b), 0x88));
    return _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_srli_epi32(low, 8)), _mm256_set1_ps(0x1p-24f));
}

static inline __m256 byte_of(__m256i v, int shift)
{
    __m256i byte = _mm256_and_si256(_mm256_srl_epi32(v, _mm_cvtsi32_si128(shift)), _mm256_set1_epi32(255));
    return _mm256_cvtepi32_ps(byte);
}

static inline __m256 mixed(__m256 a, __m256 b, __m256 t)
{
    return _mm256_add_ps(a, _mm256_mul_ps(_mm256_sub_ps(b, a), t));
}

struct pair { __m256i head, tail; }; /* bytes 0..3 and 2..5 of two pixels: r g b R, b R G B */

static inline struct pair gather(const uint8_t *data, __m256i at)
{
    return (struct pair){ _mm256_i32gather_epi32((const int *)(const void *)data, at, 1),
                          _mm256_i32gather_epi32((const int *)(const void *)(data + 2), at, 1) };
}

static inline __m256 left(struct pair p, int channel)
{
    return byte_of(p.head, 8 * channel);
}

static inline __m256 right(struct pair p, int channel)
{
    return channel == 0 ? byte_of(p.head, 24) : byte_of(p.tail, 8 + 8 * channel);
}

/* Three planes of eight to r g b r g b ...: each plane is permuted once so that its values already stand in the lanes
 * they take in the three output vectors; the rest is blending. */
static inline void store_interleaved(float *out, __m256 r, __m256 g, __m256 b)
{
    r = _mm256_permutevar8x32_ps(r, _mm256_setr_epi32(0, 3, 6, 1, 4, 7, 2, 5));
    g = _mm256_permutevar8x32_ps(g, _mm256_setr_epi32(5, 0, 3, 6, 1, 4, 7, 2));
    b = _mm256_permutevar8x32_ps(b, _mm256_setr_epi32(2, 5, 0, 3, 6, 1, 4, 7));
    _mm256_storeu_ps(out, _mm256_blend_ps(_mm256_blend_ps(r, g, 0x92), b, 0x24));
    _mm256_storeu_ps(out + 8, _mm256_blend_ps(_mm256_blend_ps(b, r, 0x92), g, 0x24));
    _mm256_storeu_ps(out + 16, _mm256_blend_ps(_mm256_blend_ps(g, b, 0x92), r, 0x24));
}

static inline void eight(float *out, const struct pl_crop_span *s, int64_t x, int64_t y)
{
    __m256i xa = positions(x, s->dx), xb = positions(x + 2 * s->dx, s->dx);
    __m256i ya = positions(y, s->dy), yb = positions(y + 2 * s->dy, s->dy);
    __m256 fx = fractions(xa, xb), fy = fractions(ya, yb), plane[3];
    __m256i at = _mm256_add_epi32(_mm256_mullo_epi32(wholes(ya, yb), _mm256_set1_epi32((int)s->stride)),
                                  _mm256_mullo_epi32(wholes(xa, xb), _mm256_set1_epi32(3)));
    struct pair top = gather(s->data, at), bottom = gather(s->data + s->stride, at);

    for (int c = 0; c < 3; c++) {
        __m256 value = mixed(mixed(left(top, c), right(top, c), fx), mixed(left(bottom, c), right(bottom, c), fx), fy);
        plane[c] = _mm256_add_ps(_mm256_mul_ps(value, _mm256_set1_ps(s->scale)), _mm256_set1_ps(s->offset));
    }
    if (s->bgr)
        store_interleaved(out, plane[2], plane[1], plane[0]);
    else
        store_interleaved(out, plane[0], plane[1], plane[2]);
}

void pl_crop_span_avx2(float *out, const struct pl_crop_span *span)
{
    int i = 0;
    for (; i + 8 <= span->n; i += 8)
        eight(out + 3 * i, span, span->x + i * span->dx, span->y + i * span->dy);

    struct pl_crop_span rest = *span;
    rest.x += i * span->dx;
    rest.y += i * span->dy;
    rest.n -= i;
    pl_crop_span_c(out + 3 * i, &rest);
}

#endif
