/* 12 chains of fused multiply-adds. The instruction is written out: the compiler would fold the constant factors. */
#if defined(__x86_64__)

#include "peak.h"

#include <immintrin.h>

#define CHAINS \
    X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)

float peak_avx2(long n)
{
#define X(i) __m256 a##i = _mm256_set1_ps((float)(i) * 0.01f);
    CHAINS
#undef X
    __m256 x = _mm256_set1_ps(0.9999f), y = _mm256_set1_ps(1e-3f);

    for (long k = 0; k < n; k++) {
#define X(i) __asm__ volatile("vfmadd213ps %2, %1, %0" : "+x"(a##i) : "x"(x), "x"(y));
        CHAINS
#undef X
    }
#define X(i) x = _mm256_add_ps(x, a##i);
    CHAINS
#undef X
    return _mm_cvtss_f32(_mm256_castps256_ps128(x));
}

#endif
