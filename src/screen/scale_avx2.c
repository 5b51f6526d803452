/* Scaling, 32 bytes or 4 pixels at a time. See scale.c: the same whole numbers, so the same bits. */
#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>
#include "scale.h"

enum { ONE = 64, HALF = ONE / 2, SHIFT = 6 };

static inline __m256i rounded(__m256i sums)
{
    return _mm256_srli_epi16(_mm256_add_epi16(sums, _mm256_set1_epi16(HALF)), SHIFT);
}

void pl_scale_mix_avx2(uint8_t *out, const uint8_t *first, const uint8_t *second, size_t n, uint8_t weight)
{
    const __m256i weights = _mm256_set1_epi16((short)(ONE - weight + 256 * weight));
    size_t i = 0;

    for (; i + 32 <= n; i += 32) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(first + i));
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(second + i));
        __m256i low = rounded(_mm256_maddubs_epi16(_mm256_unpacklo_epi8(a, b), weights));
        __m256i high = rounded(_mm256_maddubs_epi16(_mm256_unpackhi_epi8(a, b), weights));
        _mm256_storeu_si256((__m256i *)(void *)(out + i), _mm256_packus_epi16(low, high));
    }
    pl_scale_mix_c(out + i, first + i, second + i, n - i, weight);
}

/* Two neighbours, three bytes each, and two bytes that are not used. */
static inline long long six(const uint8_t *p)
{
    long long v;
    memcpy(&v, p, sizeof v);
    return v;
}

void pl_scale_pick_avx2(uint32_t *out, const uint8_t *row, const struct pl_tap *taps, int n, bool red_first)
{
    /* of each eight bytes: blue and its neighbour's, green, red, and nothing */
    const __m256i from_bgr = _mm256_setr_epi8(0, 3, 1, 4, 2, 5, -1, -1, 8, 11, 9, 12, 10, 13, -1, -1,
                                              0, 3, 1, 4, 2, 5, -1, -1, 8, 11, 9, 12, 10, 13, -1, -1);
    const __m256i from_rgb = _mm256_setr_epi8(2, 5, 1, 4, 0, 3, -1, -1, 10, 13, 9, 12, 8, 11, -1, -1,
                                              2, 5, 1, 4, 0, 3, -1, -1, 10, 13, 9, 12, 8, 11, -1, -1);
    const __m256i order = red_first ? from_rgb : from_bgr;
    int i = 0;

    for (; i + 4 <= n; i += 4) {
        const struct pl_tap *t = taps + i;
        __m256i in = _mm256_setr_epi64x(six(row + t[0].at), six(row + t[1].at), six(row + t[2].at), six(row + t[3].at));
        __m256i w = _mm256_setr_epi64x(t[0].weight, t[1].weight, t[2].weight, t[3].weight);
        w = _mm256_shuffle_epi8(w, _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 8, 8, 8, 8, 8, 8, 8, 8,
                                                    0, 0, 0, 0, 0, 0, 0, 0, 8, 8, 8, 8, 8, 8, 8, 8));
        w = _mm256_blendv_epi8(_mm256_sub_epi8(_mm256_set1_epi8(ONE), w), w, _mm256_set1_epi16((short)0xff00));
        __m256i sums = rounded(_mm256_maddubs_epi16(_mm256_shuffle_epi8(in, order), w));
        __m128i four = _mm_packus_epi16(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
        _mm_storeu_si128((__m128i *)(void *)(out + i), _mm_or_si128(four, _mm_set1_epi32((int)0xff000000u)));
    }
    pl_scale_pick_c(out + i, row, taps + i, n - i, red_first);
}

#endif
