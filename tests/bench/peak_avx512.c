/* 24 chains of fused multiply-adds. The instruction is written out: the compiler would fold the constant factors. */
#if defined(__x86_64__)

#include "peak.h"

#include <immintrin.h>

#define CHAINS \
    X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) \
    X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23)

float peak_avx512(long n)
{
#define X(i) __m512 a##i = _mm512_set1_ps((float)(i) * 0.01f);
    CHAINS
#undef X
    __m512 x = _mm512_set1_ps(0.9999f), y = _mm512_set1_ps(1e-3f);

    for (long k = 0; k < n; k++) {
#define X(i) __asm__ volatile("vfmadd213ps %2, %1, %0" : "+v"(a##i) : "v"(x), "v"(y));
        CHAINS
#undef X
    }
#define X(i) x = _mm512_add_ps(x, a##i);
    CHAINS
#undef X
    return _mm_cvtss_f32(_mm512_castps512_ps128(x));
}

#endif
