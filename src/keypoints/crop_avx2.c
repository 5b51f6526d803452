/* A crop, eight pixels at a time. See crop.c: same arithmetic in the same order, so the same bits.
 *
 * Of each pair of neighbouring pixels (six bytes) two 32-bit gathers read bytes 0..3 and 2..5, never one beyond. At the
 * edge the two may be one and the same pixel or lie anywhere; each is then gathered by itself. */
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

static inline __m256 toned(__m256 value, const struct pl_crop_span *s)
{
    return _mm256_add_ps(_mm256_mul_ps(value, _mm256_set1_ps(s->scale)), _mm256_set1_ps(s->offset));
}

static inline void store_pixels(float *out, const __m256 plane[3], const struct pl_crop_span *s)
{
    if (s->bgr)
        store_interleaved(out, plane[2], plane[1], plane[0]);
    else
        store_interleaved(out, plane[0], plane[1], plane[2]);
}

static inline void eight(float *out, const struct pl_crop_span *s, int64_t x, int64_t y)
{
    __m256i xa = positions(x, s->dx), xb = positions(x + 2 * s->dx, s->dx);
    __m256i ya = positions(y, s->dy), yb = positions(y + 2 * s->dy, s->dy);
    __m256 fx = fractions(xa, xb), fy = fractions(ya, yb), plane[3];
    __m256i at = _mm256_add_epi32(_mm256_mullo_epi32(wholes(ya, yb), _mm256_set1_epi32((int)s->stride)),
                                  _mm256_mullo_epi32(wholes(xa, xb), _mm256_set1_epi32(3)));
    struct pair top = gather(s->data, at), bottom = gather(s->data + s->stride, at);

    for (int c = 0; c < 3; c++)
        plane[c] = toned(mixed(mixed(left(top, c), right(top, c), fx), mixed(left(bottom, c), right(bottom, c), fx), fy), s);
    store_pixels(out, plane, s);
}

static inline __m256i clamped(__m256i i, int n)
{
    return _mm256_max_epi32(_mm256_min_epi32(i, _mm256_set1_epi32(n - 1)), _mm256_setzero_si256());
}

/* Three bytes of each pixel, in the low end. The picture's very last pixel is read from a byte before it. */
static inline __m256i gather_pixels(const struct pl_crop_span *s, __m256i row, __m256i column)
{
    __m256i at = _mm256_add_epi32(row, column);
    int last = (int)((size_t)(s->height_px - 1) * s->stride) + 3 * s->width_px - 4; /* the last place with four bytes */
    __m256i from = _mm256_min_epi32(at, _mm256_set1_epi32(last));
    __m256i v = _mm256_i32gather_epi32((const int *)(const void *)s->data, from, 1);
    return _mm256_srlv_epi32(v, _mm256_slli_epi32(_mm256_sub_epi32(at, from), 3));
}

static inline void eight_at_edge(float *out, const struct pl_crop_span *s, int64_t x, int64_t y)
{
    __m256i xa = positions(x, s->dx), xb = positions(x + 2 * s->dx, s->dx);
    __m256i ya = positions(y, s->dy), yb = positions(y + 2 * s->dy, s->dy);
    __m256i one = _mm256_set1_epi32(1), three = _mm256_set1_epi32(3), stride = _mm256_set1_epi32((int)s->stride);
    __m256i wx = wholes(xa, xb), wy = wholes(ya, yb);
    __m256 fx = fractions(xa, xb), fy = fractions(ya, yb), plane[3];
    __m256i x0 = _mm256_mullo_epi32(clamped(wx, s->width_px), three);
    __m256i x1 = _mm256_mullo_epi32(clamped(_mm256_add_epi32(wx, one), s->width_px), three);
    __m256i y0 = _mm256_mullo_epi32(clamped(wy, s->height_px), stride);
    __m256i y1 = _mm256_mullo_epi32(clamped(_mm256_add_epi32(wy, one), s->height_px), stride);
    __m256i tl = gather_pixels(s, y0, x0), tr = gather_pixels(s, y0, x1);
    __m256i bl = gather_pixels(s, y1, x0), br = gather_pixels(s, y1, x1);

    for (int c = 0; c < 3; c++)
        plane[c] = toned(mixed(mixed(byte_of(tl, 8 * c), byte_of(tr, 8 * c), fx),
                               mixed(byte_of(bl, 8 * c), byte_of(br, 8 * c), fx), fy), s);
    store_pixels(out, plane, s);
}

/* Behind the last eight the plain kernel goes on. */
static struct pl_crop_span rest_of(const struct pl_crop_span *span, int done)
{
    struct pl_crop_span rest = *span;
    rest.x += done * span->dx;
    rest.y += done * span->dy;
    rest.n -= done;
    return rest;
}

void pl_crop_edge_avx2(float *out, const struct pl_crop_span *span)
{
    int i = 0;
    if (span->width_px > 1 || span->height_px > 1) /* a picture of one pixel has no four bytes */
        for (; i + 8 <= span->n; i += 8)
            eight_at_edge(out + 3 * i, span, span->x + i * span->dx, span->y + i * span->dy);
    struct pl_crop_span rest = rest_of(span, i);
    pl_crop_edge_c(out + 3 * i, &rest);
}

void pl_crop_span_avx2(float *out, const struct pl_crop_span *span)
{
    int i = 0;
    for (; i + 8 <= span->n; i += 8)
        eight(out + 3 * i, span, span->x + i * span->dx, span->y + i * span->dy);
    struct pl_crop_span rest = rest_of(span, i);
    pl_crop_span_c(out + 3 * i, &rest);
}

#endif
