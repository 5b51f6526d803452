/* YUYV to BGR, sixteen pixels at a time. See yuyv.c: the same whole numbers, so the same bits. */
#if defined(__x86_64__)

#include <immintrin.h>
#include "convert.h"

enum { SHIFT = 13, HALF = 1 << (SHIFT - 1) };

/* Two 16-bit factors for each madd: low half and high half of 32 bits. */
static inline __m256i factors(int16_t low, int16_t high)
{
    return _mm256_set1_epi32((int)((uint16_t)low | (uint32_t)(uint16_t)high << 16));
}

/* Sums of 8 + 8 pixels to 16 values. packs undoes unpacklo and unpackhi. */
static inline __m256i scaled(__m256i low, __m256i high)
{
    return _mm256_packs_epi32(_mm256_srai_epi32(low, SHIFT), _mm256_srai_epi32(high, SHIFT));
}

/* y*ky + c*kc + half for 16 pixels */
static inline __m256i two_terms(__m256i y, __m256i c, __m256i k)
{
    __m256i half = _mm256_set1_epi32(HALF);
    return scaled(_mm256_add_epi32(_mm256_madd_epi16(_mm256_unpacklo_epi16(y, c), k), half),
                  _mm256_add_epi32(_mm256_madd_epi16(_mm256_unpackhi_epi16(y, c), k), half));
}

/* y*ky + u*ku + v*kv + half */
static inline __m256i three_terms(__m256i y, __m256i u, __m256i v, __m256i k_yu, __m256i k_v)
{
    __m256i one = _mm256_set1_epi16(1); /* times HALF, which stands in k_v */
    __m256i low = _mm256_add_epi32(_mm256_madd_epi16(_mm256_unpacklo_epi16(y, u), k_yu),
                                   _mm256_madd_epi16(_mm256_unpacklo_epi16(v, one), k_v));
    __m256i high = _mm256_add_epi32(_mm256_madd_epi16(_mm256_unpackhi_epi16(y, u), k_yu),
                                    _mm256_madd_epi16(_mm256_unpackhi_epi16(v, one), k_v));
    return scaled(low, high);
}

/* Eight pixels: bg = b0..b7 g0..g7, r = r0..r7 and anything; 24 bytes are written. */
static inline void store_eight(uint8_t *bgr, __m128i bg, __m128i r)
{
    const __m128i bg_first = _mm_setr_epi8(0, 8, -1, 1, 9, -1, 2, 10, -1, 3, 11, -1, 4, 12, -1, 5);
    const __m128i r_first = _mm_setr_epi8(-1, -1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1);
    const __m128i bg_last = _mm_setr_epi8(13, -1, 6, 14, -1, 7, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1);
    const __m128i r_last = _mm_setr_epi8(-1, 5, -1, -1, 6, -1, -1, 7, -1, -1, -1, -1, -1, -1, -1, -1);
    _mm_storeu_si128((__m128i *)(void *)bgr, _mm_or_si128(_mm_shuffle_epi8(bg, bg_first), _mm_shuffle_epi8(r, r_first)));
    _mm_storel_epi64((__m128i *)(void *)(bgr + 16), _mm_or_si128(_mm_shuffle_epi8(bg, bg_last), _mm_shuffle_epi8(r, r_last)));
}

void pl_yuyv_row_avx2(uint8_t *bgr, const uint8_t *yuyv, int n, const struct pl_yuv *k)
{
    const __m256i k_b = factors(k->y, k->bu), k_r = factors(k->y, k->rv);
    const __m256i k_yu = factors(k->y, k->gu), k_v = factors(k->gv, HALF);
    const __m256i black = _mm256_set1_epi16(k->black), grey = _mm256_set1_epi16(128), even = _mm256_set1_epi32(0xffff);
    int i = 0;

    for (; i + 16 <= n; i += 16) {
        __m256i in = _mm256_loadu_si256((const __m256i *)(const void *)(yuyv + 2 * i));
        __m256i y = _mm256_sub_epi16(_mm256_and_si256(in, _mm256_set1_epi16(255)), black);
        __m256i uv = _mm256_sub_epi16(_mm256_srli_epi16(in, 8), grey);
        __m256i u = _mm256_or_si256(_mm256_and_si256(uv, even), _mm256_slli_epi32(uv, 16));
        __m256i v = _mm256_or_si256(_mm256_andnot_si256(even, uv), _mm256_srli_epi32(uv, 16));
        __m256i b = two_terms(y, u, k_b), r = two_terms(y, v, k_r), g = three_terms(y, u, v, k_yu, k_v);
        __m256i bg = _mm256_packus_epi16(b, g), rr = _mm256_packus_epi16(r, r);
        store_eight(bgr + 3 * i, _mm256_castsi256_si128(bg), _mm256_castsi256_si128(rr));
        store_eight(bgr + 3 * i + 24, _mm256_extracti128_si256(bg, 1), _mm256_extracti128_si256(rr, 1));
    }
    pl_yuyv_row_c(bgr + 3 * i, yuyv + 2 * i, n - i, k);
}

#endif
