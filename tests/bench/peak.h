/* The machine's peak of fused multiply-adds: registers only, enough independent chains to hide the latency. */
#ifndef PLUMBLINE_BENCH_PEAK_H
#define PLUMBLINE_BENCH_PEAK_H

/* Runs n rounds on this thread; the result only keeps the compiler from leaving the work out. */
typedef float peak_fn(long n);
peak_fn peak_avx2, peak_avx512;

enum { PEAK_AVX2_FLOPS = 12 * 8 * 2, PEAK_AVX512_FLOPS = 24 * 16 * 2 }; /* of one round */

/* Billions of operations a second that so many threads reach together, best of a few. cpu: enum pl_cpu; 0 where there is
 * no such measurement. */
double peak_gflops(unsigned cpu, int threads);

#endif
