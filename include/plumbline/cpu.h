/* What the processor can do, and what the user allows. */
#ifndef PLUMBLINE_CPU_H
#define PLUMBLINE_CPU_H

#include <stdbool.h>
#include "plumbline/err.h"

/* Bits; 0 = plain C. AVX2 stands for AVX2+FMA, AVX512 for F+BW+DQ+VL (and implies the AVX2 bit). */
enum pl_cpu { PL_CPU_C = 0, PL_CPU_AVX2 = 1, PL_CPU_AVX512 = 2, PL_CPU_NEON = 4 };

/* Levels that processor and operating system offer, as bits of enum pl_cpu. */
unsigned pl_cpu_detect(void);

/* out: bits for "c", "avx2", "avx512", "neon" or "auto" (= detect).
 * err: ARG for another word, UNSUPPORTED when this machine lacks the level. */
bool pl_cpu_from_name(unsigned *out, const char *name, struct pl_err *err) PL_MUST_CHECK;

/* Name of the highest level in the bits, e.g. "avx2"; static storage. */
const char *pl_cpu_name(unsigned cpu);

#endif
